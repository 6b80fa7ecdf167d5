"""Draw three graphs in which something is wrong, so that the pictures say what and where.

Run: python examples/draw_diagnosis.py [FOLDER [svg] [png]], and in the project's own folder, for
the pages of the docs: python examples/draw_diagnosis.py docs/pictures svg
SVG needs nothing more; PNG needs Graphviz, or pip install 'autograd-mini[dot]'
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from autograd_mini import Op, Value, debug, draw, listing
from autograd_mini.console import run
from autograd_mini.testing import GradientCheckError, check_gradients


def not_finite() -> Value:
    """The length of a - y, at a point where a is y: the square root has no finite slope at 0."""
    a, y = Value([0.2, 0.8], name="a"), Value([0.2, 0.8], name="y")
    with debug():  # so that the picture can tell the line
        C: Value = np.sqrt(((a - y) ** 2).sum())
    C.name = "C"
    return C


def dead() -> Value:
    """A layer of ReLUs whose biases are so low that most of them pass nothing on."""
    rng = np.random.default_rng(0)
    W1, b1 = Value(rng.normal(size=(16, 4)), name="W1"), Value(np.full(16, -1.5), name="b1")
    z1 = rng.random((8, 4)) @ W1.T + b1
    z1.name = "z1"
    a1 = z1.relu()
    a1.name = "a1"
    C: Value = (a1**2).mean()
    C.name = "C"
    return C


def wrong_rule() -> GradientCheckError:
    """What a check says of a product whose rule for its second argument has a slip."""
    times = Op(
        lambda x, y: x * y,
        lambda g, out, x, y: g * y,
        lambda g, out, x, y: g * np.abs(x),  # the slip: right only for a positive x
        name="times",
    )
    try:
        check_gradients(
            lambda x, y: times(x, y).sum(), [[-1.0, 2.0], [3.0, -4.0]], np.ones((2, 2))
        )
    except GradientCheckError as error:
        return error
    raise AssertionError("the check did not find the slip")


def main(folder: str = "diagnosis_pictures", *kinds: str) -> None:
    """Write each picture into `folder`, as SVG and PNG, and print the same as text."""
    error = wrong_rule()
    graphs: dict[str, tuple[Value, Any]] = {
        "not_finite": (not_finite(), None),
        "dead": (dead(), None),
        "wrong_rule": (error.result, error),
    }
    for name, (root, check) in graphs.items():
        for kind in kinds or ("svg", "png"):
            picture = draw(root, check=check, with_legend=False)
            print(picture.render(outfile=Path(folder, f"{name}.{kind}"), cleanup=True))
        print(f"{listing(root, check=check)}\n")


if __name__ == "__main__":
    run(lambda: main(*sys.argv[1:]))
