"""Right functions at fresh random points: how often a check calls one wrong, or cannot tell.

    python tests/benchmarks/false_alarms.py [SEEDS] [FIRST]

SEEDS (2,000) points in all, dealt over the functions, of second order; and, of each 100, one run
of `check_op` on right ops that are hard to check. Prints every alarm with its seed; fails on one.
"""

import collections
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_mini import Domain, Op, case, ops
from autograd_mini.testing import GradientCheckError, InconclusiveCheckError, check_gradients
from autograd_mini.testing import check_op as check

Rng = np.random.Generator
TIMES = np.linspace(0, 1, 5)


def norm(x: Any) -> Any:
    off = x - np.mean(x, axis=-1, keepdims=True)
    return off / np.sqrt(np.mean(off * off, axis=-1, keepdims=True) + 1e-5)


def kernel(p: Any) -> Any:
    K = np.exp((TIMES[:, None] - TIMES) ** 2 * -0.5 / p[0] ** 2) * p[1] + 1e-6 * np.eye(5)
    return np.linalg.slogdet(K)[1]


def attention(q: Any, k: Any, v: Any) -> Any:
    return ops.softmax(q @ k.T) @ v


def net(act: Any, depth: int) -> Any:
    def f(x: Any, W: Any, b: Any) -> Any:
        for _ in range(depth):
            x = act(x @ W + b)
        return x.sum()

    return f


relu = lambda x: np.maximum(x, 0)
positive = lambda x: x @ x.T + 0.1 * np.eye(len(x))
variance = lambda x: (x * x).mean() - x.mean() ** 2

FUNCTIONS: dict[str, tuple[Callable[..., Any], Callable[[Rng], tuple[Any, ...]]]] = {
    "variance, mean 1e3": (variance, lambda r: (1e3 + r.normal(size=6),)),
    "variance, mean 1e5": (variance, lambda r: (1e5 + r.normal(size=6),)),
    "Gaussian process": (kernel, lambda r: (r.uniform(0.2, 1, 2),)),
    "inverse of a Vandermonde matrix": (
        np.linalg.inv,
        lambda r: (np.vander(np.linspace(1, 2, 5) + 1e-3 * r.normal(size=5)),),
    ),
    "layer norm over 2": (norm, lambda r: (r.normal(size=(3, 2)),)),
    "layer norm over 4": (norm, lambda r: (r.normal(size=(3, 4)),)),
    "batch norm": (lambda x: norm(x.T), lambda r: (r.normal(size=(5, 3)),)),
    "relu net": (net(relu, 2), lambda r: tuple(r.normal(size=s) for s in ((3, 4), (4, 4), 4))),
    "relu net, zero biases": (
        net(relu, 2),
        lambda r: (r.integers(-2, 3, (3, 4)) * 1.0, r.normal(size=(4, 4)), np.zeros(4)),
    ),
    "deep relu net": (
        net(relu, 6),
        lambda r: (r.normal(size=(3, 4)), r.normal(size=(4, 4)) / 2, r.normal(size=4)),
    ),
    "tanh net": (
        net(np.tanh, 3),
        lambda r: tuple(r.normal(size=s) for s in ((3, 4), (4, 4), 4)),
    ),
    "max pool with ties": (
        lambda x: x.reshape(2, 2, -1).max(axis=1),
        lambda r: (r.integers(0, 3, (4, 3)) * 1.0,),
    ),
    "sort": (np.sort, lambda r: (r.normal(size=6),)),
    "sort with ties": (lambda x: np.sort(x)[:2], lambda r: (r.integers(0, 3, 5) * 1.0,)),
    "attention": (attention, lambda r: tuple(r.normal(size=(3, 2)) for _ in range(3))),
    "attention at 30": (attention, lambda r: tuple(30 * r.normal(size=(2, 2)) for _ in range(3))),
    "eigenvalues": (lambda x: np.linalg.eigvalsh(x + x.T), lambda r: (r.normal(size=(3, 3)),)),
    "singular values": (
        lambda x: np.linalg.svd(x, compute_uv=False),
        lambda r: (r.normal(size=(3, 2)),),
    ),
    "inverse": (np.linalg.inv, lambda r: (r.normal(size=(3, 3)),)),
    "solve": (np.linalg.solve, lambda r: (r.normal(size=(3, 3)), r.normal(size=3))),
    "determinant": (np.linalg.det, lambda r: (r.normal(size=(3, 3)),)),
    "log determinant, small": (
        lambda x: np.linalg.slogdet(x * 1e-8)[1],
        lambda r: (positive(r.normal(size=(3, 3))),),
    ),
    "log determinant at 1e-8": (
        lambda x: np.linalg.slogdet(x)[1],
        lambda r: (1e-8 * positive(r.normal(size=(3, 3))),),
    ),
    "exp at 100": (np.exp, lambda r: (100 + r.normal(size=3),)),
    "cube at 1e6": (lambda x: x**3, lambda r: (1e6 * r.normal(size=3),)),
    "cube at 1e-6": (lambda x: x**3, lambda r: (1e-6 * r.normal(size=3),)),
    "length at 1e-6": (np.linalg.norm, lambda r: (1e-6 * r.normal(size=3),)),
    "arccos near 1": (np.arccos, lambda r: (1 - 10.0 ** r.uniform(-6, -2, 3),)),
    "divergence": (
        lambda p, q: np.sum(p * np.log(p / q)),
        lambda r: (r.dirichlet(np.ones(4)) + 1e-3, r.dirichlet(np.ones(4)) + 1e-3),
    ),
    "narrow bell": (
        lambda x: np.exp(-0.5 * (x / 1e-3) ** 2),
        lambda r: (1e-3 * r.normal(size=2),),
    ),
    "fast wave": (lambda x: np.sin(1e4 * x), lambda r: (r.normal(size=2),)),
    "1/x near 0": (lambda x: 1 / x, lambda r: (10.0 ** r.uniform(-9, -2, 2),)),
    "log, any size": (np.log, lambda r: (10.0 ** r.uniform(-12, 12, 3),)),
    "ratio near a pole": (
        lambda x: x[0] / x[1],
        lambda r: (np.array([1.0, 10 ** r.uniform(-8, 0)]),),
    ),
}


def norm_rule(g: Any, out: Any, x: Any) -> Any:
    off = x - np.mean(x, axis=-1, keepdims=True)
    sd = np.sqrt(np.mean(off * off, axis=-1, keepdims=True) + 1e-5)
    h = off / sd
    return (
        g - np.mean(g, axis=-1, keepdims=True) - h * np.mean(g * h, axis=-1, keepdims=True)
    ) / sd


def share_rule(g: Any, out: Any, x: Any, axis: int) -> Any:
    whole = np.sum(x, axis=axis, keepdims=True)
    return g / whole - np.sum(g * x, axis=axis, keepdims=True) / whole**2


OPS = [
    Op(norm, norm_rule, name="norm over 2", cases=(case((3, 2)),)),
    Op(norm, norm_rule, name="norm over 4", cases=(case((3, 4)),)),
    Op(
        lambda x, axis: x / np.sum(x, axis=axis, keepdims=True),
        share_rule,
        name="shares",
        domain=Domain(0.5, 3),
        cases=(case((2, 3), axis=1), case((2, 3), axis=0)),
    ),
    Op(lambda x: np.sin(1e4 * x), lambda g, out, x: 1e4 * g * np.cos(1e4 * x), name="wave"),
    ops.TABLE["softmax"],
    ops.TABLE["log1p"],
    ops.TABLE["multiply"],
]


def main(seeds: int = 2_000, first: int = 0) -> int:
    """Try them all, and count."""
    told: collections.Counter[str] = collections.Counter()
    start = time.process_time()
    names = list(FUNCTIONS)
    for seed in range(first, first + seeds):
        name = names[seed % len(names)]
        f, draw = FUNCTIONS[name]
        try:
            check_gradients(f, *draw(np.random.default_rng(seed)))
            told["pass"] += 1
        except InconclusiveCheckError as error:
            told["cannot tell"] += 1
            print(f"seed {seed}, {name}: cannot tell\n{error}\n")
        except GradientCheckError as error:
            told["false alarms"] += 1
            print(f"seed {seed}, {name}: A FALSE ALARM\n{error}\n")
        if seed % 100 == 0:
            op = OPS[seed // 100 % len(OPS)]
            try:
                check(op, seed=seed)
                told["ops pass"] += 1
            except AssertionError as error:
                told["false alarms of ops"] += 1
                print(f"seed {seed}, {op.name}: A FALSE ALARM\n{error}\n")
    counts = ", ".join(f"{n:,} {what}" for what, n in told.items())
    print(f"{seeds:,} seeds from {first}: {counts}; {time.process_time() - start:.0f} s")
    return int(told["false alarms"] + told["false alarms of ops"] > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
