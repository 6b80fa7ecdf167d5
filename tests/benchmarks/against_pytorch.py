"""Runs random programs here and in PyTorch, and compares results and gradients.

Knows which PyTorch function stands for which op. `--programs` says how many are drawn; every
number is in float64, and the largest relative deviation must stay below 1e-10.
"""

import argparse
import collections
import sys
from collections.abc import Callable, Mapping
from typing import Any

import hypothesis
import numpy as np

from autograd_mini import Value
from autograd_mini.testing import Program, programs

try:
    import torch
except ImportError:
    sys.exit("this comparison needs PyTorch: pip install torch")

TOLERANCE = 1e-10


def over(function: Callable[..., Any]) -> Callable[..., Any]:
    """A fold with NumPy's keywords, of a PyTorch function with PyTorch's."""

    def fold(x: Any, axis: Any = None, keepdims: bool = False, **others: Any) -> Any:
        dims = tuple(range(x.ndim)) if axis is None else axis
        if not x.ndim:  # PyTorch folds a number along axis 0, NumPy along none
            return function(x, dim=0)
        return function(x, dim=dims, keepdim=keepdims, **others)

    return fold


def along(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function along one axis, by default the last."""
    return lambda x, axis=-1: function(x, dim=axis)


def std_or_var(function: Callable[..., Any]) -> Callable[..., Any]:
    def fold(x: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
        dims = tuple(range(x.ndim)) if axis is None and x.ndim else axis or 0
        return function(x, dim=dims, correction=ddof, keepdim=keepdims)

    return fold


def cumsum(x: Any, axis: int | None = None) -> Any:
    return torch.cumsum(x.reshape(-1) if axis is None else x, 0 if axis is None else axis)


SAME_NAME = (
    "add subtract multiply divide negative positive square sqrt exp expm1 exp2 log log1p"
    " log2 log10 logaddexp logaddexp2 sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh"
    " arccosh arctanh hypot reciprocal arctan2 deg2rad rad2deg sinc sigmoid relu matmul kron inner"
)
PEER: Mapping[str, Callable[..., Any]] = {
    **{name: getattr(torch, name) for name in SAME_NAME.split()},
    "absolute": torch.abs,
    "power": torch.pow,
    "softplus": lambda x: torch.logaddexp(x, torch.zeros_like(x)),
    "softmax": along(torch.softmax),
    "log_softmax": along(torch.log_softmax),
    "sum": over(torch.sum),
    "mean": over(torch.mean),
    "logsumexp": over(torch.logsumexp),
    "var": std_or_var(torch.var),
    "cumsum": cumsum,
    "ravel": lambda x: x.reshape(-1),
    "reshape": lambda x, shape: x.reshape(shape),
    "transpose": lambda x, axes=None: x.permute(axes or tuple(range(x.ndim))[::-1]),
    "swapaxes": lambda x, axis1, axis2: torch.swapaxes(x, axis1, axis2),
    "moveaxis": lambda x, source, destination: torch.moveaxis(x, source, destination),
    "broadcast_to": lambda x, shape: torch.broadcast_to(x, shape),
    "affine": lambda x, W, b: torch.nn.functional.linear(x, W, b) if b.ndim else x @ W.T + b,
    "stack": lambda arrays, axis=0: torch.stack(arrays, dim=axis),
    "concatenate": lambda arrays, axis=0: (
        torch.cat([a.reshape(-1) for a in arrays]) if axis is None else torch.cat(arrays, axis)
    ),
}


class Tensors(Mapping[str, Callable[..., Any]]):
    """The peer's functions by op name; they take numbers too, as ours do."""

    def __init__(self) -> None:
        self.used: collections.Counter[str] = collections.Counter()

    def __getitem__(self, name: str) -> Callable[..., Any]:
        self.used[name] += 1
        return lambda *args, **keywords: PEER[name](*map(tensor, args), **keywords)

    def __iter__(self) -> Any:
        return iter(PEER)

    def __len__(self) -> int:
        return len(PEER)


def tensor(x: Any) -> Any:
    if isinstance(x, list):
        return [tensor(item) for item in x]
    return x if isinstance(x, torch.Tensor) else torch.tensor(x, dtype=torch.float64)


def deviation(ours: Any, theirs: Any) -> float:
    """The largest difference, in units of the largest number."""
    a, b = np.asarray(ours), np.asarray(theirs)
    if a.shape != b.shape:
        raise AssertionError(f"shapes {a.shape} and {b.shape}")
    return float(np.max(np.abs(a - b), initial=0) / max(np.max(np.abs(b), initial=0), 1))


def compare(program: Program, peer: Tensors) -> float:
    """The largest deviation of the result, and of the gradient by any input."""
    values = [Value(x) for x in program.inputs]
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in program.inputs]
    ours, theirs = program(*values), program(*tensors, ops=peer)
    ours.backward()
    theirs.backward()
    found = [deviation(ours.data, theirs.detach())]
    for v, t in zip(values, tensors, strict=True):
        zero = np.zeros(v.shape)
        found.append(
            deviation(zero if v.grad is None else v.grad, zero if t.grad is None else t.grad)
        )
    return max(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=int, default=10_000, help="default: %(default)s")
    n = parser.parse_args().programs
    peer, worst, steps = Tensors(), [0.0], [0, 0]

    @hypothesis.settings(max_examples=n, deadline=None, database=None, derandomize=True,
                         suppress_health_check=list(hypothesis.HealthCheck))  # fmt: skip
    @hypothesis.given(programs(ops=sorted(PEER)))
    def agree(program: Program) -> None:
        found = compare(program, peer)
        assert found < TOLERANCE, f"deviation {found:.1e} in\n{program}"
        worst[0] = max(worst[0], found)
        steps[0] += 1
        steps[1] += len(program.steps)

    agree()
    print(f"{steps[0]:,} programs of {steps[1] / steps[0]:.1f} ops on average, float64")
    print(f"{len(peer.used)} of {len(PEER)} ops drawn; the rarest {peer.used.most_common()[-1]}")
    print(f"largest relative deviation of a result or gradient: {worst[0]:.1e}")


if __name__ == "__main__":
    main()
