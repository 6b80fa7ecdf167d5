"""Students' backward passes, graded: a table of verdicts, likely slips and smallest examples.

Each file has functions such as `softmax_backward(g, x)`, in plain NumPy, for the forwards below.
They are run, so take care. Needs `pip install 'autograd-mini[testing]'`.

    python examples/grade.py examples/submissions/*.py
"""

import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from autograd_mini.console import run
from autograd_mini.testing import InconclusiveCheckError, arrays_in, check_backward, indices

try:
    from hypothesis import given, settings
    from hypothesis import strategies as st
except ImportError:
    sys.exit("This example needs Hypothesis: pip install 'autograd-mini[testing]'")

UTF_8 = {**os.environ, "PYTHONIOENCODING": "utf-8"}


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


def report(path: Path) -> None:
    """Print a line for each function of a file, and below it what is wrong."""
    written = runpy.run_path(str(path))
    names = [name for name in FORWARDS if f"{name}_backward" in written]
    if not names:
        print(f"{path.stem:10} nothing to grade: no {'_backward, '.join(FORWARDS)}_backward")
    for name in names:
        verdict, told = graded(name, written[f"{name}_backward"])
        slip = told.partition("likely slip")[2].partition("\n")[0].strip()
        first, *rest = told.splitlines() or [""]
        print(f"{path.stem:10} {name:14} {verdict:12} {slip or first}".rstrip())
        rest = [line for line in rest if "likely slip" not in line]
        print(*(f"{'':25}{line}" for line in rest), sep="\n", end="\n" * bool(rest))


def main(*paths: str, seconds: float = 60) -> None:
    """Grade each file in a process of its own, so that none can stop the others."""
    for path in map(Path, paths):
        alone = [sys.executable, "-W", "ignore", __file__, "--alone", str(path)]
        try:
            done = subprocess.run(
                alone, capture_output=True, encoding="utf-8", timeout=seconds, env=UTF_8
            )
            told, last = done.stdout, (done.stderr.strip().splitlines() or [""])[-1]
            failed = last or f"the file ends Python with {done.returncode}"
        except subprocess.TimeoutExpired:
            told, failed = "", f"still running after {seconds:g} s"
        print(told or f"{path.stem:10} {'':14} {'crashes':12} {failed}", end="\n" * (not told))


if __name__ == "__main__":
    alone = sys.argv[1:2] == ["--alone"]
    run(lambda: report(Path(sys.argv[2])) if alone else main(*sys.argv[1:]))
