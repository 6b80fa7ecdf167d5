"""The chain rule written out: paths counted, added up, and one weight of a network zoomed into."""

import itertools
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_mini import Value, listing, ops, to_html
from autograd_mini.show.draw import draw
from autograd_mini.show.explain import explain
from autograd_mini.show.explain.paths import Paths
from autograd_mini.show.explain.zoom import zoom
from autograd_mini.show.graph import Graph


def named(data: Any, name: str) -> Value:
    return Value(data, name=name)


def lesson() -> tuple[Value, dict[str, Value]]:
    """The lesson's chain with one neuron in each layer, extended by one layer."""
    v = {n: named(x, n) for n, x in (("w1", 0.7), ("b1", 0.1), ("w2", -1.2), ("b2", 0.3))}
    v["a0"], v["y"] = named(0.6, "a0"), named(1.0, "y")
    for k in ("1", "2"):
        v[f"z{k}"] = v[f"w{k}"] * v["a0" if k == "1" else "a1"] + v[f"b{k}"]
        v[f"a{k}"] = v[f"z{k}"].sigmoid()
    C = (v["a2"] - v["y"]) ** 2
    v["C"] = C
    for name, value in v.items():
        value.name = name
    return C, v


@st.composite
def graphs(draw_: Any, most: int = 12) -> Value:
    nodes = [
        named(x, f"x{i}") for i, x in enumerate(draw_(st.lists(st.floats(-2, 2), min_size=1)))
    ]
    for _ in range(draw_(st.integers(1, most))):
        x, y = (draw_(st.sampled_from(nodes)) for _ in range(2))
        op = ops.TABLE[draw_(st.sampled_from(["add", "multiply", "sin", "tanh", "subtract"]))]
        node = op(x, y) if op.arity == 2 else op(x)
        node.name = draw_(st.sampled_from(["", "h"]))
        nodes.append(node)
    return nodes[-1]


def every_path(graph: Graph, start: int) -> list[float]:
    """Products along all paths, walked one by one."""
    found: list[float] = []

    def walk(i: int, product: float) -> None:
        if i == start:
            found.append(product)
        for arg, local in zip(graph.args[i], graph.local(i), strict=True):
            if local is not None:
                walk(arg, product * local)

    walk(len(graph) - 1, 1.0)
    return found


# ----------------------------------------------------------------------------------- the lesson
def test_the_chain_of_the_lesson() -> None:
    C, v = lesson()
    C.backward()
    explanation = explain(C, v["w2"])
    text = str(explanation)
    assert "∂C/∂a2 · ∂a2/∂z2 · ∂z2/∂w2" in text
    assert "= −1.22 × 0.238 × 0.627" in text
    assert [f"∂{f.of}/∂{f.by}" for f in explanation.paths[0].factors] == [
        "∂C/∂a2",
        "∂a2/∂z2",
        "∂z2/∂w2",
    ]
    numbers = [f.number for f in explanation.paths[0].factors]
    a1, a2, y = v["a1"].item(), v["a2"].item(), v["y"].item()
    assert numbers == pytest.approx([2 * (a2 - y), a2 * (1 - a2), a1])
    assert explanation.total == pytest.approx(v["w2"].grad)
    assert explanation.gradient == v["w2"].grad
    deeper = explain(C, "w1")
    assert "∂C/∂a2 · ∂a2/∂z2 · ∂z2/∂a1 · ∂a1/∂z1 · ∂z1/∂w1" in str(deeper)


def test_latex_is_what_the_lesson_writes() -> None:
    C, v = lesson()
    latex = explain(C, v["w2"])._repr_latex_()
    assert latex.startswith("$$\\begin{aligned}")
    assert r"\frac{\partial C}{\partial w_{2}}" in latex
    parts = re.findall(r"\\frac{\\partial (\w+(?:_{\d})?)}{\\partial (\w+(?:_{\d})?)}", latex)
    assert parts[1:4] == [("C", "a_{2}"), ("a_{2}", "z_{2}"), ("z_{2}", "w_{2}")]
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\begin{aligned}") == latex.count(r"\end{aligned}") == 1


@pytest.mark.parametrize(
    "name", ["a_b", "<b>", "x$y", "\\frac{", "50%", "two words", "α", "}^~&#"]
)
def test_names_are_words_in_latex(name: str) -> None:
    latex = explain(named(2.0, name) * 3, name)._repr_latex_()
    inside = latex.removeprefix("$$").removesuffix("$$")
    unescaped = re.sub(r"\\[{}$%&#_]", "", inside)
    assert unescaped.count("{") == unescaped.count("}")
    assert not re.search(r"[$%#<>]", unescaped)


def test_powers_of_ten_in_latex() -> None:
    x = named(1e-9, "x")
    assert r"\cdot 10^{-9}" in explain(x * x, x)._repr_latex_()


# --------------------------------------------------------------------------------- many paths
@given(graphs(), st.integers(1, 4))
def test_paths_are_counted_summed_and_ranked_as_if_walked(root: Value, top: int) -> None:
    graph = Graph(root)
    for leaf in (i for i, args in enumerate(graph.args) if not args):
        products = every_path(graph, leaf)
        found = explain(root, graph.nodes[leaf], top=top)
        assert found.count == len(products)
        assert found.total == pytest.approx(math.fsum(products), abs=1e-9)
        assert found.total == pytest.approx(graph.gradients[leaf], abs=1e-9)
        largest = sorted(map(abs, products), reverse=True)[:top]
        assert [abs(p.product) for p in found.paths] == pytest.approx(largest)
        for p in found.paths:
            assert math.prod(f.number for f in p.factors) == pytest.approx(p.product)
        assert len(str(found)) > 0


def test_millions_of_millions_of_paths_are_counted_without_walking() -> None:
    x = named(1.0, "x")
    v = x
    for _ in range(60):
        v = v + v
    explanation = explain(v, x, top=3)
    assert explanation.count == 2**60
    assert explanation.total == explanation.gradient == 2.0**60
    assert [p.product for p in explanation.paths] == [1.0, 1.0, 1.0]
    text = str(explanation)
    assert "1,152,921,504,606,846,976 paths" in text
    assert "52 more" in text
    assert "1,152,921,504,606,846,973 more paths, together 1.15e18" in text


def test_more_paths_than_can_be_written_out() -> None:
    x = named(1.0, "x")
    v = x
    for _ in range(20_000):
        v = v * 0.5 + v * 0.5
    explanation = explain(v, x, top=1)
    assert explanation.count == 2**20_000
    assert explanation.total == 1.0
    assert "about 10^6020.6 paths" in str(explanation)


def test_a_long_chain() -> None:
    x = named(0.5, "x")
    v = x
    for _ in range(50_000):
        v = (v + 1e-3).sin()
    explanation = explain(v, x)
    assert explanation.count == 1
    assert len(explanation.paths[0].factors) == 1
    assert len(str(explanation)) < 200


def test_nodes_without_names_are_one_factor_only_where_that_is_clear() -> None:
    x = named(3.0, "x")
    once = (x * 2 + 1) ** 2 * 3
    once.name = "z"
    in_steps = ["z/#3", "#3/#2", "#2/#1", "#1/x"]  # where nothing between has a name
    assert [f"{f.of}/{f.by}" for f in explain(once, x).paths[0].factors] == in_steps
    square = once.args[0]
    assert square is not None
    square.name = "s"
    assert [f"{f.of}/{f.by}" for f in explain(once, x).paths[0].factors] == ["z/s", "s/x"]
    twice = x * x + x.sin()
    twice.name = "z"
    found = explain(twice, x)
    assert found.count == 3
    assert all(len(path.factors) == 2 for path in found.paths)


def test_what_does_not_depend_has_no_path() -> None:
    C, v = lesson()
    assert explain(C, Value(1.0, name="q")).count == 0
    assert "no path leads from q to C" in str(explain(C, Value(1.0, name="q")))
    assert explain(C, Value(1.0, name="q"))._repr_latex_().endswith("= 0$$")
    assert explain(v["z1"], v["w2"]).total == 0.0


def test_the_result_itself() -> None:
    C, _ = lesson()
    found = explain(C, C)
    assert (found.count, found.total, found.paths[0].factors) == (1, 1.0, ())
    assert str(found)


def test_paths_that_are_not_a_number_come_first() -> None:
    x, y = named(0.0, "x"), named(1.0, "y")
    with np.errstate(all="ignore"):
        C = x.log() * 0.0 * y + x * 5
    found = explain(C, x, top=1)
    assert not np.isfinite(found.paths[0].product)


def test_inner_nodes_can_be_asked_about() -> None:
    C, v = lesson()
    graph = Graph(C)
    assert explain(C, "z1").total == pytest.approx(graph.gradients[graph.number[v["z1"]]])


# -------------------------------------------------------------------------------------- zooming
def replayed(root: Value, changed: dict[Value, float]) -> float:
    """The result computed again, op by op, with other numbers in some leaves."""
    graph = Graph(root)
    data: dict[int, Any] = {}
    for i, node in enumerate(graph.nodes):
        if node.op is None:
            data[i] = changed.get(node, node.data)
            continue
        raw = [
            data[arg] if arg >= 0 else x for arg, x in zip(graph.args[i], node.raw, strict=True)
        ]
        data[i] = node.op.forward(*raw, **node.keywords)
    return float(data[len(graph) - 1])


def network(
    sizes: list[int], examples: int, activation: str, *, fused: bool, seed: int
) -> tuple[Callable[..., Value], list[tuple[Any, Any]]]:
    """A function of the layers' weights that gives the cost of an array network."""
    rng = np.random.default_rng(seed)
    shape = (examples, sizes[0]) if examples else (sizes[0],)
    x, y = rng.uniform(0, 1, shape), rng.uniform(0, 1, (*shape[:-1], sizes[-1]))
    start = [
        (rng.normal(0, 0.8, (n_out, n_in)), rng.normal(0, 0.8, n_out))
        for n_in, n_out in itertools.pairwise(sizes)
    ]

    def cost(layers: list[tuple[Any, Any]]) -> Value:
        a: Any = x
        for i, (W, b) in enumerate(layers, 1):
            z = ops.TABLE["affine"](a, W, b) if fused else a @ W.T + b
            z.name = f"z{i}"
            a = ops.TABLE[activation](z)
            a.name = f"a{i}"
        C: Value = ((a - y) ** 2).sum() / max(examples, 1)
        C.name = "C"
        return C

    return cost, start


@given(
    sizes=st.lists(st.integers(1, 4), min_size=2, max_size=4),
    examples=st.integers(0, 3),
    activation=st.sampled_from(["sigmoid", "tanh", "relu", "sin", "softmax"]),
    fused=st.booleans(),
    seed=st.integers(0, 10**6),
    data=st.data(),
)
def test_the_zoomed_graph_is_the_array_graph(
    sizes: list[int], examples: int, activation: str, fused: bool, seed: int, data: st.DataObject
) -> None:
    cost, start = network(sizes, examples, activation, fused=fused, seed=seed)
    layers = [(named(W, f"W{i}"), named(b, f"b{i}")) for i, (W, b) in enumerate(start, 1)]
    C = cost(layers)
    C.backward()
    which = data.draw(st.integers(0, len(layers) - 1))
    part = data.draw(st.integers(0, 1))
    target = layers[which][part]
    index = tuple(data.draw(st.integers(0, n - 1)) for n in target.shape)

    explanation = explain(C, target, index=index, top=3)
    assert explanation.gradient == target.grad[index]
    assert explanation.total == pytest.approx(target.grad[index], rel=1e-9, abs=1e-12)
    if not explanation.count:  # a softmax of one number does not depend on it
        return
    root = explanation.scalars
    assert root.data == pytest.approx(C.item(), rel=1e-9)
    graph = Graph(root)
    assert all(isinstance(node.data, float) for node in graph.nodes)
    leaf = next(n for n in graph.nodes if n.op is None and n.name == explanation.by)
    assert leaf.data == target.data[index]
    root.backward()
    assert leaf.grad == pytest.approx(target.grad[index], rel=1e-9, abs=1e-12)

    nudged = [(W.data.copy(), b.data.copy()) for W, b in layers]
    nudged[which][part][index] += 0.25
    again = cost([(Value(W), Value(b)) for W, b in nudged])
    assert replayed(root, {leaf: leaf.data + 0.25}) == pytest.approx(again.item(), rel=1e-9)


@given(
    op=st.sampled_from(
        [
            lambda x: x.sum(),
            lambda x: x.mean(axis=0).sum(),
            lambda x: (x.reshape(-1)[::2] ** 2).sum(),
            lambda x: (x.T @ np.ones(x.shape[0])).max(),
            lambda x: np.concatenate([x, x * 2], axis=1).std(),
            lambda x: x.logsumexp(axis=1).sum(),
            lambda x: np.where(x.data > 0, x, x.exp()).mean(),
            lambda x: (x @ x.T).sum(),
            lambda x: np.cumsum(x, axis=1).prod(),
            lambda x: (x[:, None] - x[None]).var(),
            lambda x: x.log_softmax()[0, 0] * x[0, 0],
            lambda x: np.linalg.norm(x),
        ]
    ),
    index=st.tuples(st.integers(0, 2), st.integers(0, 1)),
    seed=st.integers(0, 10**6),
)
def test_any_op_can_be_zoomed(op: Any, index: tuple[int, int], seed: int) -> None:
    x = named(np.random.default_rng(seed).uniform(0.5, 1.5, (3, 2)), "x")
    C = op(x)
    C.backward()
    found = explain(C, x, index)
    assert found.total == pytest.approx(x.grad[index], rel=1e-7, abs=1e-9)
    if found.count:
        assert found.scalars.item() == pytest.approx(C.item(), rel=1e-9)


def test_the_neuron_as_single_numbers() -> None:
    cost, start = network([784, 16, 16, 10], 1, "sigmoid", fused=True, seed=0)
    layers = [(named(W, f"W{i}"), named(b, f"b{i}")) for i, (W, b) in enumerate(start, 1)]
    C = cost(layers)
    found = explain(C, layers[0][0][3, 40])
    assert found.by == "W1[3, 40]"
    assert found.count == 160
    assert "∂a1[0, 3]/∂z1[0, 3] · ∂z1[0, 3]/∂W1[3, 40]" in str(found)
    assert "and 155 more paths" in str(found)
    assert str(found) == str(explain(C, "W1", index=(3, 40)))
    source = draw(found.scalars).source
    assert "layer 1" in source
    assert "783 other inputs" in source


def test_a_number_that_reaches_arrays() -> None:
    t = named(2.0, "t")
    C = (t * np.arange(4.0)).sum()
    found = explain(C, t)
    assert (found.total, found.count, found.gradient) == (6.0, 4, 6.0)


def test_float32_networks_are_zoomed_to_their_rounding() -> None:
    W = named(np.full((2, 3), 0.1, np.float32), "W")
    C = ((np.ones((5, 3), np.float32) @ W.T).sigmoid() ** 2).sum()
    C.backward()
    assert explain(C, W, index=(1, 2)).total == pytest.approx(W.grad[1, 2], rel=1e-6)


def test_zoom_says_if_nothing_depends() -> None:
    x = named([1.0, 2.0], "x")
    graph = Graph(x[0] * 3)
    assert zoom(graph, 0, 1) is None
    assert explain(graph.root, x, index=1).count == 0


def test_explaining_leaves_grad_alone() -> None:
    C, v = lesson()
    explain(C, v["w1"])
    assert all(value.grad is None for value in v.values())
    assert Paths(Graph(C), 0).count >= 1


# --------------------------------------------------------------------------------------- errors
W = named(np.ones((2, 3)), "W")
COST = (W * 2).sum()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: explain(3.0, W), TypeError, "Value as its root"),  # type: ignore[arg-type]
        (lambda: explain(W * 2, W), ValueError, "for a single number, not for shape (2, 3)"),
        (lambda: explain(COST, W), ValueError, "explain(C, W, index=(0, 0))"),
        (lambda: explain(COST, W, index=0), ValueError, "for one entry"),
        (lambda: explain(COST, W, index=(5, 5)), ValueError, "does not fit shape (2, 3)"),
        (lambda: explain(COST, "V"), ValueError, "'V' is no name or number"),
        (lambda: explain(COST, W, index=(0, 0), top=0), ValueError, "at least 1, not 0"),
        (lambda: explain(named(1.0, "u") * named(2.0, "u"), "u"), ValueError, "2 nodes have"),
    ],
)
def test_errors_say_what_to_do(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=re.escape(words)) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_what_has_no_name_is_called_as_the_users_variables_are() -> None:
    w, x, b = Value(0.8), Value(1.5), Value(-0.4)
    z = w * x + b
    a = z.sigmoid()
    cost = (a - 1) ** 2
    words = "∂cost/∂w = −0.199, along 1 path\n\n∂cost/∂a · ∂a/∂z · ∂z/∂w\n= −0.62 × 0.214 × 1.5"
    assert str(explain(cost, w)).startswith(words)
    assert str(explain(cost, "w")).startswith(words)
    assert r"\frac{\partial a}{\partial z}" in explain(cost, w)._repr_latex_()
    named = {row.split()[1] for row in listing(cost).splitlines()[1:]}
    assert {"w", "x", "b", "z", "a", "cost"} <= named
    for source in (draw(cost).source, str(to_html(cost))):
        assert all(f">{name}<" in source for name in ("w", "x", "b", "z", "a", "cost"))
    assert [v.name for v in (w, x, b, z, a, cost)] == [""] * 6  # they themselves are left alone


def test_names_of_ones_own_come_before_variables() -> None:
    first, _hidden, other = Value(2.0, name="W1"), Value(3.0), Value(5.0, name="product")
    product = first * _hidden + other  # another node has this name already
    rows = [line.split()[1] for line in listing(product).splitlines()[1:]]
    assert sorted(rows) == ["W1", "add(#3,", "leaf", "multiply(W1,", "product"]
    also = product
    assert explain(also, first).of == "also"


def test_variables_of_the_users_code_are_taken_not_of_ours() -> None:
    """`nn` and NumPy may stand between: what they call it is none of the user's business."""
    weight = Value(2.0)
    y = weight * weight
    assert [listing(y).count(name) for name in ("weight", "root")] == [3, 0]

    def helper(of_helper: Value) -> str:
        return listing(of_helper)

    assert "of_helper" in helper(y)
    assert "weight" not in helper(y)
