"""The lesson's tree: named nodes alone, with the factors of the chain rule on the arrows."""

import itertools
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_mini import Value, draw, gradients
from autograd_mini.show.draw.names import factors
from autograd_mini.show.graph import Graph


def named(name: str, value: Value) -> Value:
    value.name = name
    return value


def neuron() -> tuple[Value, ...]:
    w, a0, b, y = (Value(x, n) for x, n in ((0.9, "w"), (0.5, "a0"), (-0.6, "b"), (1.0, "y")))
    z = named("z", w * a0 + b)
    a = named("a", z.sigmoid())
    return w, a0, b, y, z, a, named("C", (a - y) ** 2)


def arrows(source: str) -> dict[tuple[str, str], str]:
    """What stands on each arrow, by the names at its ends."""
    names = dict(re.findall(r"\t(n\d+) \[label=<<TABLE.*?<B>(.*?)</B>", source))
    found = re.findall(r"\t(n\d+) -> (n\d+) \[label=<<FONT[^>]*>(?:&#160;)+(.*?) </FONT>", source)
    return {(names[start], names[end]): text for start, end, text in found}


def test_the_tree_of_a_neuron_is_the_lessons() -> None:
    C = neuron()[-1]
    assert arrows(draw(C, detail="names").source) == {
        ("w", "z"): "∂z/∂w = 0.5",
        ("a0", "z"): "∂z/∂a0 = 0.9",
        ("b", "z"): "∂z/∂b = 1",
        ("z", "a"): "∂a/∂z = 0.249",
        ("a", "C"): "∂C/∂a = −1.07",
        ("y", "C"): "∂C/∂y = 1.07",
    }
    order = list(arrows(draw(C, detail="names").source))
    assert order[:3] == [("w", "z"), ("a0", "z"), ("b", "z")]  # as they were made


def test_a_path_is_thick_and_the_rest_is_there() -> None:
    w, *_, C = neuron()
    source = draw(C, detail="names", path=(w, C)).source
    widths = dict(re.findall(r"= ?(\S+) </FONT>> color=\S+ penwidth=(\d)", source))
    assert len(arrows(source)) == 6
    assert sorted(widths.values()) == ["1", "1", "1", "4", "4", "4"]


def test_words_are_there_in_russian() -> None:
    source = draw(neuron()[-1], detail="names", language="ru").source
    assert "градиент" in source
    assert "gradient" not in source


@given(st.lists(st.floats(-2, 2), min_size=4, max_size=4))
def test_factors_multiply_and_add_up_to_the_gradient(numbers: list[float]) -> None:
    x, y, u, v = (Value(n, name) for n, name in zip(numbers, "xyuv", strict=True))
    p = named("p", x * y + np.sin(x) * u)
    q = named("q", (p * v + p * p).tanh())
    C = named("C", q * p - y)
    graph = Graph(C)
    number = {str(node.name): i for i, node in enumerate(graph.nodes) if node.name}
    slopes = {"C": 1.0}
    for name in ("q", "p"):
        users = [k for k in ("C", "q") if number[name] in factors(graph, number[k])]
        slopes[name] = sum(slopes[k] * factors(graph, number[k])[number[name]] for k in users)
    for leaf in (x, y, u, v):
        users = [k for k in ("C", "q", "p") if number[leaf.name] in factors(graph, number[k])]
        total = sum(slopes[k] * factors(graph, number[k])[number[leaf.name]] for k in users)
        (wanted,) = gradients(C, [leaf])
        assert math.isclose(total, wanted.item(), rel_tol=1e-9, abs_tol=1e-12)


def test_an_array_has_an_arrow_without_a_number() -> None:
    W, x = Value(np.ones((2, 2)), "W"), Value(np.ones(2), "x")
    C = named("C", named("z", W @ x).sum())
    assert arrows(draw(C, detail="names").source)["W", "z"] == "∂z/∂W"


def test_neurons_stand_in_their_order() -> None:
    x = Value(0.5, "x")
    layer = [named(f"a1[{j}]", (x * w).tanh()) for j, w in enumerate((3.0, 1.0, 2.0))]
    C = named("C", layer[2] + layer[0] * layer[1])
    source = draw(C, detail="names").source
    number = {
        name: n for n, name in re.findall(r"\t(n\d+) \[label=<<TABLE.*?<B>(.*?)</B>", source)
    }
    beside = re.findall(r"(n\d+) -> (n\d+) \[style=invis\]", source)
    names = [f"a1[{j}]" for j in range(3)]
    assert beside == [(number[p], number[q]) for p, q in itertools.pairwise(names)]
    chained = [named("h[0]", Value(1.0))]
    for t in range(1, 4):
        chained.append(named(f"h[{t}]", chained[-1].tanh()))
    assert "invis" not in draw(chained[-1], detail="names").source  # one after the other


def test_another_detail_is_refused() -> None:
    with pytest.raises(ValueError, match="detail is full, brief or names, not 'much'"):
        draw(Value(1.0), detail="much")
