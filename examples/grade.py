"""Students' backward passes, graded: a table of verdicts, likely slips and smallest examples.

Each file has functions such as `softmax_backward(g, x)`, in plain NumPy, for the forwards below.
They are run, so take care. Needs `pip install 'autograd-mini[testing]'`.

    python examples/grade.py examples/submissions/*.py
"""

import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_mini.console import run
from autograd_mini.testing import InconclusiveCheckError, arrays_in, check_backward, indices


def softmax(x: Any) -> Any:
    """Probabilities, row by row."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


FORWARDS: dict[str, Any] = {
    "dense": (lambda x, W, b: x @ W + b, *(arrays_in(shape=s) for s in ((3, 3), (3, 2), 2))),
    "softmax": (softmax, arrays_in(shape=(2, 3))),
    "cross_entropy": (
        lambda logits, labels: -np.log(softmax(logits)[np.arange(len(labels)), labels]).mean(),
        *(arrays_in(shape=(3, 4)), indices(4, 3)),
    ),
    "layer_norm": (
        lambda x: (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5),
        arrays_in(shape=(2, 4)),
    ),
    "embedding": (lambda table, i: table[i], arrays_in(shape=(3, 2)), indices(3, 3)),
}


def graded(name: str, backward: Any) -> tuple[str, str]:
    """The verdict on one backward pass, and what there is to say about it."""
    forward, *strategies = FORWARDS[name]

    @settings(deadline=None, database=None, derandomize=True, max_examples=20)
    @given(st.tuples(*strategies))
    def check(args: tuple[Any, ...]) -> None:
        check_backward(forward, backward, *args)

    try:
        check()
    except InconclusiveCheckError as error:
        return "cannot tell", str(error)
    except AssertionError as error:
        return "wrong", str(error)
    except Exception as error:
        return "crashes", f"{type(error).__name__}: {error}"
    return "right", ""


def main(*paths: str) -> None:
    """Print a line for each function, and below it what is wrong."""
    for path in map(Path, paths):
        written = runpy.run_path(str(path))
        for name in FORWARDS:
            if backward := written.get(f"{name}_backward"):
                verdict, told = graded(name, backward)
                slip = told.partition("likely slip")[2].partition("\n")[0].strip()
                first, *rest = told.splitlines() or [""]
                print(f"{path.stem:10} {name:14} {verdict:12} {slip or first}".rstrip())
                rest = [line for line in rest if "likely slip" not in line]
                print(*(f"{'':25}{line}" for line in rest), sep="\n", end="\n" * bool(rest))


if __name__ == "__main__":
    run(lambda: main(*sys.argv[1:]))
