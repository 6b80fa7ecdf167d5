"""Graphs to draw, and what can be read from the picture of one."""

import itertools
import re
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_mini import Value, ops

SVG = "{http://www.w3.org/2000/svg}"


def named(data: Any, name: str) -> Value:
    return Value(data, name=name)


def neuron() -> Value:
    """The chain of the lesson: w, a, b → z → a → C, with y."""
    z = named(0.7, "w") * named(0.3, "a0") + named(-0.4, "b")
    z.name = "z"
    a = z.sigmoid()
    a.name = "a"
    C = (a - named(1.0, "y")) ** 2
    C.name = "C"
    return C


def network(examples: int = 4) -> Value:
    """784-16-16-10 with arrays, in the notation of the lesson."""
    rng = np.random.default_rng(0)
    sizes = [784, 16, 16, 10]
    a: Any = rng.random((examples, 784), np.float32)
    for i, (n_in, n_out) in enumerate(itertools.pairwise(sizes), 1):
        W = named(rng.standard_normal((n_out, n_in)).astype(np.float32) / n_in**0.5, f"W{i}")
        z = ops.TABLE["affine"](a, W, named(np.zeros(n_out, np.float32), f"b{i}"))
        z.name = f"z{i}"
        a = z.sigmoid()
        a.name = f"a{i}"
    C: Value = ((a - np.eye(10, dtype=np.float32)[:examples]) ** 2).sum() / examples
    C.name = "C"
    return C


def scalar_mlp(examples: int = 3, width: int = 8) -> Value:
    """2-width-width-1 of single numbers without names, as one would write it by hand."""
    rng = np.random.default_rng(1)
    sizes = [2, width, width, 1]
    weights = [
        [[Value(float(w)) for w in rng.uniform(-1, 1, n_in + 1)] for _ in range(n_out)]
        for n_in, n_out in itertools.pairwise(sizes)
    ]
    total: Any = 0.0
    for _ in range(examples):
        x: list[Any] = [Value(float(v)) for v in rng.uniform(-1, 1, 2)]
        for neurons in weights:
            sums = []
            for *ws, b in neurons:
                s = b
                for w, xi in zip(ws, x, strict=True):
                    s = s + w * xi
                sums.append(s.tanh())
            x = sums
        total = total + x[0]
    assert isinstance(total, Value)
    return total


def scalar_layers(
    sizes: tuple[int, ...], examples: int, names: bool = True
) -> tuple[Value, dict[str, list[Value]]]:
    """A network of single numbers, ReLU but for its last layer, and the parameters by layer."""
    rng = np.random.default_rng(0)
    groups: dict[str, list[Value]] = {}
    weights = []
    for k, (n_in, n_out) in enumerate(itertools.pairwise(sizes), 1):
        name = (lambda letter, *at, k=k: f"{letter}{k}{[*at]}") if names else lambda *_: ""
        W = [[named(rng.normal(), name("w", j, i)) for i in range(n_in)] for j in range(n_out)]
        b = [named(0.1, name("b", j)) for j in range(n_out)]
        groups[f"layer {k}"] = [*itertools.chain(*W), *b]
        weights.append((W, b))
    total: Any = 0.0
    for _ in range(examples):
        x: list[Any] = [float(v) for v in rng.normal(size=sizes[0])]
        for k, (W, b) in enumerate(weights, 1):
            sums = []
            for ws, s in zip(W, b, strict=True):
                for w, xi in zip(ws, x, strict=True):
                    s = s + w * xi
                sums.append(s.relu() if k < len(weights) else s)
            x = sums
        total = total + (x[0] - 1.0) ** 2
    return total, groups


def chain(length: int) -> Value:
    v = named(0.5, "x")
    for _ in range(length // 2):
        v = (v + 0.001).sin()
    return v


@st.composite
def graphs(draw_: Any, most: int = 60) -> Value:
    """Scalar graphs of any shape: every new node may use any earlier ones, twice too."""
    nodes = [
        named(x, f"x{i}") for i, x in enumerate(draw_(st.lists(st.floats(-2, 2), min_size=1)))
    ]
    for _ in range(draw_(st.integers(1, most))):
        x, y = (draw_(st.sampled_from(nodes)) for _ in range(2))
        step = draw_(st.sampled_from(["add", "multiply", "sin", "tanh", "subtract"]))
        op = ops.TABLE[step]
        nodes.append(op(x, y) if op.arity == 2 else op(x))
    return nodes[-1]


def lines(picture: Any, start: str) -> list[str]:
    return [line.strip() for line in picture.body if line.strip().startswith(start)]


def boxes(picture: Any) -> list[str]:
    return re.findall(r"^\s*([nc]\d+(?:_\d+)?) \[", picture.source, re.M)


def texts(picture: Any) -> list[str]:
    root = ET.fromstring(picture.pipe("svg"))
    return ["".join(t.itertext()) for t in root.iter(f"{SVG}text")]
