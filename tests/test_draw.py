"""Pictures of graphs: what they say, how they fold, and that no name can break them."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import graphviz
import numpy as np
import pytest
from draw_graphs import SVG, boxes, chain, graphs, lines, named, network, neuron, scalar_mlp, texts
from hypothesis import given
from hypothesis import strategies as st

from autograd_mini import Op, Value, explain, listing, to_html
from autograd_mini.colours import BLUE, ORANGE
from autograd_mini.show.draw import draw, path
from autograd_mini.show.draw.folding import Folding, How, fold, folded_words
from autograd_mini.show.draw.labels import Flow, arrow, paths_sum
from autograd_mini.show.graph import Graph
from autograd_mini.show.graph.layers import layers
from autograd_mini.show.graph.text import plain


# ------------------------------------------------------------------------------ what it says
def test_a_picture_is_a_digraph_with_every_node_and_arrow() -> None:
    picture = draw(neuron())
    assert isinstance(picture, graphviz.Digraph)
    shown = " ".join(texts(picture))
    for words in ("= σ(z)", "= a − y", "value", "−0.271", "0.248", "on an arrow"):
        assert words in shown
    assert picture.source.count("->") == 9  # eight between Values, one from the constant 2


def test_gradients_are_those_of_backward_and_grad_stays_as_it_was() -> None:
    C = neuron()
    graph = Graph(C)
    draw(C)
    assert all(node.grad is None for node in graph.nodes)
    C.backward()
    assert [node.grad for node in graph.nodes] == graph.gradients
    draw(C)
    assert [node.grad for node in graph.nodes] == graph.gradients


def test_after_backward_gradients_start_from_what_the_root_holds() -> None:
    x = named(3.0, "x")
    y = x * x
    y.backward()
    y.backward()
    assert Graph(y).gradients == [12.0, 2.0]
    assert "gradients that start from 2" in draw(y).source


def test_a_gradient_added_up_over_passes_is_told_apart() -> None:
    x = named(3.0, "x")
    (x * 2).backward()
    y = x * x
    y.backward()
    assert ".grad holds" in draw(y).source
    z = named(3.0, "z") ** 2
    z.backward()
    assert ".grad holds" not in draw(z).source


def test_values_are_those_that_the_ops_saw() -> None:
    x = named(3.0, "x")
    y = x * x
    x.data = 5.0
    source = draw(y).source
    assert ">3<" in source
    assert ">now" in source
    assert ">9<" in source


def test_an_argument_used_twice_has_two_arrows() -> None:
    x = named(3.0, "x")
    assert len(lines(draw(x * x), "n0 -> n1")) == 2


def test_the_sum_over_paths_is_written_out() -> None:
    x = named(2.0, "x")
    y = x * 0.5
    z = x + y * -0.161
    graph = Graph(z)
    assert paths_sum(graph, 0) in (
        "(−0.161 × 0.5) + 1 = 0.919",
        "+1 + (−0.161 × 0.5) = 0.919",
    )
    assert paths_sum(graph, graph.number[y]) == ""


@given(graphs())
def test_the_sum_over_paths_is_the_gradient(root: Value) -> None:
    graph = Graph(root)
    for i in range(len(graph)):
        terms = [
            local * graph.gradients[user]
            for user, position in graph.uses[i]
            if (local := graph.local(user)[position]) is not None
        ]
        if terms:
            np.testing.assert_allclose(sum(terms), graph.gradients[i], rtol=1e-9, atol=1e-9)


def test_sign_is_told_by_colour_and_by_dashes() -> None:
    x, y = named(1.0, "x"), named(1.0, "y")
    picture = draw(x - y)
    by_tail = {line.split()[0]: line for line in lines(picture, "n") if "->" in line}
    graph = Graph(x - y)
    plus, minus = by_tail[f"n{graph.number[x]}"], by_tail[f"n{graph.number[y]}"]
    assert BLUE in plus
    assert "style=solid" in plus
    assert ORANGE in minus
    assert "style=dashed" in minus


def test_width_follows_the_size_of_the_gradient() -> None:
    x, y = named(1.0, "x"), named(1.0, "y")
    picture = draw(x * 100 + y)
    widths = [float(w) for w in re.findall(r"penwidth=([\d.]+) style", picture.source)]
    assert max(widths) > 2 * min(widths)
    looks = [float(arrow(Flow(10.0**-k, 1), 1.0)["penwidth"]) for k in range(6)]
    assert looks == pytest.approx([4.0, 2.9, 1.8, 0.8, 0.8, 0.8])


@pytest.mark.parametrize(
    ("share", "sign"),
    [
        (np.array([1.0, 2.0]), 1),
        (np.array([-1.0, 0.0]), -1),
        (np.array([1.0, -1.0]), 0),
        (None, 0),
    ],
)
def test_an_array_has_a_sign_if_its_elements_agree(share: Any, sign: int) -> None:
    assert Flow.of(share).sign == sign


def test_flows_of_both_signs_together_have_none() -> None:
    assert Flow(3.0, 1) + Flow(4.0, 1) == Flow(5.0, 1)
    assert Flow(3.0, 1) + Flow(4.0, -1) == Flow(5.0, 0)
    assert Flow(0.0, 0) + Flow(4.0, -1) == Flow(4.0, -1)


def test_constants_are_told_from_leaves() -> None:
    x, c = named(1.0, "x"), np.array([1.0, 2.0])
    source = draw((x * c * c + 2).sum()).source
    assert source.count("style=dotted]") >= 2
    assert source.count("array 2 float64</FONT>") == 1, "one constant array, drawn once"


def test_a_declared_derivative_is_marked() -> None:
    assert "declared derivative" in draw(named(1.0, "x").step()).source
    assert "declared" not in draw(named(1.0, "x").relu()).source


def test_arrays_have_mean_range_histogram_and_rules() -> None:
    shown = " ".join(texts(draw(network(), detail="full")))
    for words in ("16×784 float32", "mean", "from", "▁", "(1 − a1)", "g @ W2"):
        assert words in shown


def test_heat_maps_on_request() -> None:
    C = network()
    assert draw(C, detail="full").source.count("BGCOLOR") == 0
    assert draw(C, detail="full", heat="W2").source.count("BGCOLOR") == 2 * 16 * 16
    assert draw(C, detail="full", heat=["W1"]).source.count("BGCOLOR") == 2 * 16 * 28


def test_a_heat_map_shows_what_is_not_finite() -> None:
    x = named([[1.0, -2.0, 0.0], [np.nan, np.inf, -np.inf]], "x")
    shades = re.findall(r'BGCOLOR="(#\w+)"', draw(x + 0.0, heat="x").source)[:6]
    assert shades == ["#80B8D8", "#E69F00", "#FFFFFF", "#000000", "#000000", "#000000"]
    many = named(np.where(np.arange(3_600) % 7 == 0, np.inf, -np.inf).reshape(60, 60), "many")
    assert draw(many * 1.0, heat="many").source.count("#000000") == 28 * 28


def test_layers_are_frames_with_their_names() -> None:
    source = draw(network(), detail="full").source
    assert [f"layer {i}" in source for i in (1, 2, 3, 4)] == [True, True, True, False]
    assert source.count("subgraph cluster") == 3
    assert (
        "subgraph cluster"
        not in draw(named(1.0, "x1") + named(2.0, "x2") * named(1.0, "y1")).source
    )


def test_layers_from_names_of_parameters() -> None:
    rng = np.random.default_rng(0)
    W, V = Value(rng.random((3, 4))), Value(rng.random((2, 3)))
    C = (np.tanh(rng.random((5, 4)) @ W.T) @ V.T).sum()
    graph = Graph(C)
    found = layers(graph, [("layers.0.W", W), ("layers.1.W", V)])
    assert sorted(found) == ["layers.0", "layers.1"]
    words = {name: [graph.label(i) for i in numbers] for name, numbers in found.items()}
    tanh = next(i for i, n in enumerate(graph.nodes) if n.op and n.op.name == "tanh")
    assert f"#{tanh}" in words["layers.0"]
    assert len(graph) - 1 not in [i for numbers in found.values() for i in numbers]


def test_layers_from_parameters_hold_values_with_names_too() -> None:
    C = network()
    graph = Graph(C)
    parameters = {
        f"layers.{k - 1}.{p}": graph.nodes[graph.find(f"{p}{k}")[0]] for k in (1, 2) for p in "Wb"
    }
    found = layers(graph, parameters)
    words = {name: {graph.label(i) for i in numbers} for name, numbers in found.items()}
    assert words == {
        "layers.0": {"W1", "b1", "z1", "a1"},
        "layers.1": {"W2", "b2", "z2", "a2"},
    }


def test_a_result_that_is_an_array_is_drawn() -> None:
    assert "from an array" in draw(named([1.0, 2.0], "x") * 2).source


def test_not_a_number_does_not_break_a_picture() -> None:
    x = named([1.0, 0.0], "x")
    with np.errstate(all="ignore"):
        y = (x / x).sum() * float("inf")
    assert "not finite" in draw(y).source


# ------------------------------------------------------------------------------- the same bytes
def test_same_bytes_in_every_process() -> None:
    program = (
        "import sys; sys.path.insert(0, 'tests'); import test_draw as t, hashlib;"
        "s = [t.draw(make()).source for make in (t.network, t.scalar_mlp, t.neuron)];"
        "print(hashlib.sha256(''.join(s).encode()).hexdigest())"
    )
    root = Path(__file__).parent.parent
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            cwd=root,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


# -------------------------------------------------------------------------------------- folding
def is_acyclic(graph: Graph, folding: Folding) -> bool:
    arrows = {
        (folding.place[arg], folding.place[i])
        for i in folding.place
        for arg in graph.args[i]
        if arg in folding.place and folding.place[arg] != folding.place[i]
    }
    left = set(range(len(folding.boxes)))
    while left:
        free = left - {head for tail, head in arrows if tail in left}
        if not free:
            return False
        left -= free
    return True


@given(graphs(), st.integers(3, 40))
def test_folding_keeps_every_node_once_and_no_arrow_turns_back(root: Value, budget: int) -> None:
    graph = Graph(root)
    folding = fold(graph, range(len(graph)), {}, How(budget, max(budget // 10, 1)))
    members = sorted(i for box in folding.boxes for i in box.members)
    assert members == list(range(len(graph)))
    assert is_acyclic(graph, folding)
    assert len(boxes(draw(root, budget=budget))) <= max(budget, 3)


def test_what_is_folded_is_said() -> None:
    source = draw(scalar_mlp(), budget=60).source
    assert "nodes folded" in source
    assert "repeated things" in source
    assert "neuron × 24" in source
    assert not re.search(r"(n\d+) -> \1 ", source), "an arrow inside a box is not drawn"
    assert len(boxes(draw(scalar_mlp(), budget=60))) <= 60


def test_layers_are_folded_first() -> None:
    C = scalar_mlp(examples=1)
    graph = Graph(C)
    half = {"half": list(range(len(graph) // 2))}
    folding = fold(graph, range(len(graph)), half, How(150, 15))
    assert [box.title for box in folding.boxes if box.kind == "layer"] == ["half"]
    assert folded_words(folding.boxes, str)[0].endswith("into 1 layer")


def test_neurons_are_called_so() -> None:
    x = [named(float(i), f"x{i}") for i in range(3)]
    total: Any = 0.0
    for k in range(40):
        s: Any = Value(0.1)
        for xi in x:
            s = s + Value(0.1 * k) * xi.sin()
        total = total + s.tanh()
    assert "neuron × 40" in draw(total, budget=100).source


def test_leaves_of_tiny_gradient_are_folded() -> None:
    leaves = [Value(np.ones(i + 1), name=f"x{i}") for i in range(320)]  # no two alike
    joined = np.concatenate(leaves) * 1.0
    weights = np.where(np.arange(joined.size) < 300 * 301 // 2, 1e-9, 1.0)
    graph = Graph((joined * weights).sum())
    folding = fold(graph, range(len(graph)), {}, How(300, 30))
    assert [len(box.members) for box in folding.boxes if box.kind == "leaves"] == [300]
    assert "300 leaves of tiny gradient" in draw(graph.root, budget=300).source


def test_what_two_parts_use_stays_by_itself() -> None:
    x = named(0.5, "x")
    left: Any = x
    right: Any = x
    for k in range(20):
        left = left.sin() * named(1.0, f"l{k}")
        right = right.cos() - named(1.0, f"r{k}")
    C = left + right + x
    folding = fold(Graph(C), range(len(Graph(C))), {}, How(40, 4))
    assert [0] in [box.members for box in folding.boxes]
    assert Graph(C).nodes[0] is x
    assert {box.kind for box in folding.boxes} == {"node", "part"}


def test_what_nothing_else_folds_is_left_further_back() -> None:
    leaves = [Value(np.ones(i + 1), name=f"x{i}") for i in range(50)]  # no two alike
    C = np.concatenate(leaves).sum() * np.concatenate(leaves[::-1]).mean()
    picture = draw(C, budget=20)
    assert len(boxes(picture)) <= 20
    assert "further back" in picture.source
    assert "into 1 box for all that lies further back" in picture.source


@pytest.mark.parametrize("length", [1000, 100_000])
def test_long_chains_become_one_box(length: int) -> None:
    picture = draw(chain(length), budget=300)
    assert len(boxes(picture)) < 5
    assert f"{length:,} nodes into 1 chain" in picture.source


def test_sixty_doublings_are_walked_at_once() -> None:
    v = named(1.0, "x")
    for _ in range(60):
        v = v + v
    assert Graph(v).gradients[0] == 2.0**60
    assert draw(v, detail="full").source.count("->") == 120
    assert len(boxes(draw(v))) < 8


def test_expand_opens_a_box() -> None:
    C = scalar_mlp()
    folding = fold(Graph(C), range(len(Graph(C))), {}, How(60, 60))
    box = next(b for b in folding.boxes if b.kind == "repeat" and 2 < b.times < 12)
    for wanted in (f"#{box.top}", Graph(C).nodes[box.top]):
        assert {f"n{i}" for i in box.members} <= set(boxes(draw(C, budget=60, expand=wanted)))


def test_expand_of_a_large_box_opens_what_is_near_and_says_so() -> None:
    picture = draw(chain(2000), expand="#700")
    assert {"n698", "n700", "n702"} <= set(boxes(picture))
    assert re.search(r"around #700 only 12 of [\d,]+ are open", picture.source)


def test_depth_focus_and_path_choose() -> None:
    C = neuron()
    graph = Graph(C)
    by_name = {graph.label(i): f"n{i}" for i in range(len(graph))}
    shallow = boxes(draw(C, depth=1))
    assert by_name["C"] in shallow
    assert by_name["a"] not in shallow
    near = boxes(draw(C, focus="z", hops=1))
    assert {by_name["z"], by_name["a"], by_name["b"]} <= set(near)
    assert by_name["w"] not in near
    way = boxes(draw(C, path=("w", "a")))
    assert by_name["b"] not in way
    assert {by_name["w"], by_name["z"], by_name["a"]} <= set(way)
    assert "chosen" in draw(C, path=("w", "a")).source
    alone = path(graph.nodes[graph.find("w")[0]], graph.nodes[graph.find("a")[0]])
    assert "∂a/∂(each node)" in alone.source
    assert "neighbour not drawn" in alone.source


# --------------------------------------------------------------------------------------- errors
@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda C: draw(3.0), TypeError, "Value as its root, not float"),  # type: ignore[arg-type]
        (lambda C: draw(C, expand="layer 9"), ValueError, "expand: 'layer 9' is no name"),
        (lambda C: draw(C, focus="zz"), ValueError, "names that come near: z"),
        (lambda C: draw(C, heat="nothing"), ValueError, "'nothing' is no name or number"),
        (lambda C: draw(C, focus=Value(1.0)), ValueError, "is not in the graph of C"),
        (lambda C: draw(C, path=("C", "w")), ValueError, "nothing is left to draw"),
        (lambda C: draw(C, direction="up"), ValueError, "direction is TB, LR, BT or RL"),
        (lambda C: draw(C, heat=3.5), TypeError, "heat is a name, a number, a Value or a list"),
        (lambda C: draw(C, expand=None), TypeError, "or a list of these, not NoneType"),
        (lambda C: draw(C, path="wa"), ValueError, "path is a pair of names"),  # type: ignore[arg-type]
        (lambda C: draw(C, groups=3), TypeError, "groups maps names to Values"),
        (lambda C: draw(C, groups=[("x", 3)]), TypeError, "groups maps names to Values"),
    ],
)
def test_errors_say_what_to_do(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=re.escape(words)) as caught:
        call(neuron())
    assert "\n" not in str(caught.value)


# -------------------------------------------------------------------------------- hostile names
HOSTILE = [
    '"',
    "<b>",
    "</TABLE>>]",
    "\\N \\G \\",
    "a\nb\r\x00",
    "&amp;",
    "]; n9 [label=x",
    "x" * 5000,
    "\u202eevil",
    "<script>alert(1)</script>",
    "-->",
    "}",
    "\ud800",
    "a:b",
    "<TABLE>",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text(name: str) -> None:
    w = named(1.0, name)
    z = w * 2
    z.name = name
    picture = draw(z, groups={name: [w]})
    found = texts(picture)
    assert plain(name).strip() in [t.strip() for t in found]
    root = ET.fromstring(picture.pipe("svg"))
    assert len([g for g in root.iter(f"{SVG}g") if g.get("class") == "node"]) == 3
    assert not list(root.iter(f"{SVG}script"))


@pytest.mark.parametrize("sign", [*HOSTILE, "\x1b[31m", "\ufffe", "<" * 5000, "·", "\u2028"])
@pytest.mark.parametrize("where", ["name", "symbol"])
def test_hostile_names_and_symbols_of_ops_stay_text(sign: str, where: str, tmp_path: Path) -> None:
    own = {"name": "own", where: sign}
    ops = (
        Op(lambda x: 3 * x, lambda g, out, x: 3 * g, **own),
        Op(np.multiply, lambda g, out, x, y: g * y, lambda g, out, x, y: g * x, **own),
    )
    w = Value(np.ones(3), name="w")
    C = w
    for _ in range(20):  # so many that boxes are folded
        C = ops[1](ops[0](C), w)
    C = C.sum()
    root = ET.fromstring(draw(C).pipe("svg"))
    assert not list(root.iter(f"{SVG}script"))
    shown = "".join(texts(draw(C)))
    page = to_html(C, tmp_path / "page.html").read_text(encoding="utf-8")
    for text in (listing(C), str(explain(C, w, index=0)), shown):
        assert all(c.isprintable() or c in "\n\xa0" for c in text)
        assert "<" * 100 not in text
    assert "\x1b" not in page


@given(st.text(min_size=1))
def test_any_name_can_be_drawn(name: str) -> None:
    shown = "".join(texts(draw(named(1.0, name) + 1)))
    assert plain(name).strip() in shown


# --------------------------------------------------------------------------------------- legend
def test_a_legend_explains_what_is_there_and_nothing_else() -> None:
    plain_picture = draw(neuron()).source
    assert "a negative gradient flows back" in plain_picture
    assert "heat map" not in plain_picture
    assert "how many elements" not in plain_picture
    assert "a heat map: blue above 0" in draw(network(), heat="W2").source
