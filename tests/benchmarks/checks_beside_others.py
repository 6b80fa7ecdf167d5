"""Checkers of gradients beside each other: what each tells, misses and wrongly calls wrong.

    python tests/benchmarks/checks_beside_others.py [--cases]

Each gets the same NumPy forward and backward (as a `torch.autograd.Function`, a `jax.custom_vjp`,
a primitive of HIPS autograd), with its own defaults, at first order. Peers are optional. With
`--cases` it prints the verdict on each case.
"""

import argparse
import collections
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from hand_written import Case, cases

from autograd_mini.testing import GradientCheckError, InconclusiveCheckError, check_backward

Checker = Callable[[Case], None]


def ours(case: Case) -> None:
    check_backward(case.forward, lambda g, *xs: case.backward(np.asarray(g), *xs), *case.args)


def torch_gradcheck() -> Checker:
    import torch

    def check(case: Case) -> None:
        class Function(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, *xs: Any) -> Any:
                ctx.save_for_backward(*xs)
                return torch.as_tensor(np.array(case.forward(*(x.detach().numpy() for x in xs))))

            @staticmethod
            def backward(ctx: Any, g: Any) -> Any:
                xs = [x.detach().numpy() for x in ctx.saved_tensors]
                found = case.backward(g.numpy(), *xs)
                return tuple(torch.as_tensor(np.array(share)) for share in found)

        xs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in case.args]
        torch.autograd.gradcheck(Function.apply, xs)

    return check


def jax_check_grads() -> Checker:
    import jax

    jax.config.update("jax_enable_x64", True)
    from jax.test_util import check_grads

    def check(case: Case) -> None:
        out = np.asarray(case.forward(*case.args))
        shape = jax.ShapeDtypeStruct(out.shape, np.float64)
        like = [jax.ShapeDtypeStruct(x.shape, np.float64) for x in case.args]
        to_numpy = lambda xs: [np.array(x) for x in xs]

        @jax.custom_vjp
        def f(*xs: Any) -> Any:
            run = lambda *xs: np.asarray(case.forward(*to_numpy(xs)), float)
            return jax.pure_callback(run, shape, *xs)

        def back(xs: Any, g: Any) -> Any:
            run = lambda g, *xs: [np.asarray(x) for x in case.backward(np.array(g), *to_numpy(xs))]
            return tuple(jax.pure_callback(run, like, g, *xs))

        f.defvjp(lambda *xs: (f(*xs), xs), back)
        check_grads(f, case.args, order=1, modes=["rev"])

    return check


def hips_check_grads() -> Checker:
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    def check(case: Case) -> None:
        f = primitive(case.forward)
        rule = lambda i: lambda out, *xs: lambda g: case.backward(np.array(g), *xs)[i]
        defvjp(f, *(rule(i) for i in range(len(case.args))))
        check_grads(f, modes=["rev"], order=1)(*case.args)

    return check


CHECKERS: dict[str, Callable[[], Checker]] = {
    "check_backward": lambda: ours,
    "torch gradcheck": torch_gradcheck,
    "JAX check_grads": jax_check_grads,
    "HIPS check_grads": hips_check_grads,
}


def verdict(check: Checker, case: Case) -> tuple[str, float]:
    np.random.seed(0)  # noqa: NPY002 - HIPS autograd and JAX draw directions from it
    start = time.process_time()
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            check(case)
        told = "passes"
    except InconclusiveCheckError:
        told = "cannot tell"
    except (GradientCheckError, AssertionError, RuntimeError, ValueError):
        told = "wrong"
    return told, time.process_time() - start


def table(chosen: list[str], show_cases: bool = False) -> Iterator[str]:
    """The lines of a table in Markdown."""
    tried = cases()
    wrong, right = ([c for c in tried if c.right == r] for r in (False, True))
    yield (
        f"| | told of {len(wrong)} wrong | missed | cannot tell | right, of {len(right)} |"
        " false alarms | cannot tell | median ms |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for name in chosen:
        try:
            check = CHECKERS[name]()
        except ImportError:
            yield f"| {name} | not installed | | | | | | |"
            continue
        found = [(case, *verdict(check, case)) for case in tried]
        if show_cases:
            for case, told, _ in found:
                if (told == "passes") != case.right:
                    print(f"{name}: {case.name}, {'right' if case.right else 'wrong'}: {told}")
        counts = collections.Counter((c.right, told) for c, told, _ in found)
        missed = [f"{counts[False, told]}" for told in ("wrong", "passes", "cannot tell")]
        alarms = [f"{counts[True, told]}" for told in ("passes", "wrong", "cannot tell")]
        ms = 1e3 * statistics.median(seconds for c, t, seconds in found if c.right)
        yield f"| {name} | {' | '.join(missed)} | {' | '.join(alarms)} | {ms:.1f} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", action="store_true", help="tell each wrong verdict")
    for line in table(list(CHECKERS), parser.parse_args().cases):
        print(line, file=sys.stdout, flush=True)
