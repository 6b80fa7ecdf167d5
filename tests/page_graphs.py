"""Graphs to make pages of: of plain numbers as Hypothesis draws them, and some by hand."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_mini import Value

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "<!--<script>",
    "'\"&\u2028\u202e\ud800 @rows@ \\N",
)


@st.composite
def scalar_graphs(draw: st.DrawFn, most: int = 10) -> Value:
    """The result of some ops on up to four leaves; nodes are used any number of times."""
    numbers = st.floats(-2.0, 2.0).map(lambda x: round(x, 3))
    nodes = [Value(draw(numbers), name=f"x{k}") for k in range(draw(st.integers(1, 4)))]
    pick = st.integers(0, 99)
    for _ in range(draw(st.integers(1, most))):
        x, y = nodes[draw(pick) % len(nodes)], nodes[draw(pick) % len(nodes)]
        match draw(st.integers(0, 7)):
            case 0:
                nodes.append(x + y)
            case 1:
                nodes.append(x * y)
            case 2:
                nodes.append(x - y)
            case 3:
                nodes.append(x.tanh())
            case 4:
                nodes.append(x.relu())
            case 5:
                nodes.append(x * draw(numbers))
            case 6:
                nodes.append(x / (1 + y**2))
            case 7:
                nodes.append(np.maximum(x, y))
    return nodes[-1]


def chain() -> Value:
    """The lesson's w, a, b → z → a → C, with a second way from w to C."""
    w, x, b = Value(0.5, name="w"), Value(2.0, name="x"), Value(-1.2, name="b")
    z = w * x + b
    z.name = "z"
    a = z.sigmoid()
    a.name = "a"
    C = (a - 1) ** 2 + w * w
    C.name = "C"
    return C


def layered() -> Value:
    """Two layers of arrays with the lesson's names, which makes frames."""
    rng = np.random.default_rng(0)
    a = Value(rng.random((4, 3)), name="x")
    for k, (n_in, n_out) in enumerate([(3, 4), (4, 2)], 1):
        W = Value(rng.normal(size=(n_in, n_out)), name=f"W{k}")
        b = Value(np.zeros(n_out), name=f"b{k}")
        z = a @ W + b
        z.name = f"z{k}"
        a = z.sigmoid()
        a.name = f"a{k}"
    C = ((a - 1) ** 2).sum()
    C.name = "C"
    return C


def network() -> Value:
    """A network of single numbers, 3-6-6-1: so many nodes that a picture folds them."""
    rng = np.random.default_rng(1)
    a: list[Any] = [Value(float(x), name=f"x{k}") for k, x in enumerate(rng.normal(size=3))]
    for width in (6, 6, 1):
        a = [
            sum((Value(float(rng.normal())) * x for x in a), Value(0.1)).tanh()
            for _ in range(width)
        ]
    a[0].name = "C"
    return a[0]


def hostile() -> Value:
    """Names that would be markup, script or a place in the template, if anyone let them."""
    w, x, b = (Value(0.5 + k, name=name) for k, name in enumerate(HOSTILE[:3]))
    C = (w * x + b).tanh()
    C.name = HOSTILE[3]
    return C


def wrong() -> Value:
    """A layer with a dead ReLU, a value and a gradient that are not finite."""
    z = Value([[1.0, -2.0], [3.0, -4.0]], name="z1") @ Value(np.eye(2), name="W1")
    a = z.relu()
    a.name = "a1"
    with np.errstate(all="ignore"):
        return np.log(a.sum(axis=0)).sum() + np.sqrt(Value(0.0, name="x"))
