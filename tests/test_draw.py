"""Pictures of graphs: what they say, how they fold, and that no name can break them."""

import itertools
import os
import re
import stat
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import graphviz
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_mini import Value, ops, to_html
from autograd_mini.draw import draw, path
from autograd_mini.draw.folding import Folding, fold
from autograd_mini.draw.formula import rule_text
from autograd_mini.draw.labels import BLUE, ORANGE, Flow, paths_sum
from autograd_mini.graph import Graph
from autograd_mini.graph.layers import layers
from autograd_mini.graph.words import number, plain, summary

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
    assert max(widths) > 3 * min(widths)


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
    shown = " ".join(texts(draw(network())))
    for words in ("16×784 float32", "mean", "from", "▁", "(1 − a1)", "g @ W2"):
        assert words in shown


def test_heat_maps_on_request() -> None:
    C = network()
    assert draw(C).source.count("BGCOLOR") == 0
    assert draw(C, heat="W2").source.count("BGCOLOR") == 2 * 16 * 16
    assert draw(C, heat=["W1"]).source.count("BGCOLOR") == 2 * 16 * 28


def test_a_heat_map_shows_what_is_not_finite() -> None:
    x = named([[1.0, -2.0, 0.0], [np.nan, np.inf, -np.inf]], "x")
    shades = re.findall(r'BGCOLOR="(#\w+)"', draw(x + 0.0, heat="x").source)[:6]
    assert shades == ["#80B8D8", "#E69F00", "#FFFFFF", "#000000", "#000000", "#000000"]
    many = named(np.where(np.arange(3_600) % 7 == 0, np.inf, -np.inf).reshape(60, 60), "many")
    assert draw(many * 1.0, heat="many").source.count("#000000") == 28 * 28


def test_layers_are_frames_with_their_names() -> None:
    source = draw(network()).source
    assert [f"layer {i}" in source for i in (1, 2, 3, 4)] == [True, True, True, False]
    assert source.count("subgraph") == 3
    assert "subgraph" not in draw(named(1.0, "x1") + named(2.0, "x2") * named(1.0, "y1")).source


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
    folding = fold(graph, range(len(graph)), {}, budget)
    members = sorted(i for box in folding.boxes for i in box.members)
    assert members == list(range(len(graph)))
    assert is_acyclic(graph, folding)
    assert len(boxes(draw(root, budget=budget))) <= max(budget, 3)


def test_what_is_folded_is_said() -> None:
    source = draw(scalar_mlp()).source
    assert "nodes folded" in source
    assert "repeated things" in source
    assert "neuron × 24" in source
    assert not re.search(r"(n\d+) -> \1 ", source), "an arrow inside a box is not drawn"
    assert len(boxes(draw(scalar_mlp()))) <= 60


def test_layers_are_folded_first() -> None:
    C = scalar_mlp(examples=1)
    graph = Graph(C)
    half = {"half": list(range(len(graph) // 2))}
    folding = fold(graph, range(len(graph)), half, budget=150)
    assert [box.title for box in folding.boxes if box.kind == "layer"] == ["half"]
    assert folding.words[0].endswith("into 1 layer")


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
    folding = fold(graph, range(len(graph)), {}, budget=300)
    assert [len(box.members) for box in folding.boxes if box.kind == "leaves"] == [300]
    assert "300 leaves of tiny gradient" in draw(graph.root).source


def test_what_two_parts_use_stays_by_itself() -> None:
    x = named(0.5, "x")
    left: Any = x
    right: Any = x
    for k in range(20):
        left = left.sin() * named(1.0, f"l{k}")
        right = right.cos() - named(1.0, f"r{k}")
    C = left + right + x
    folding = fold(Graph(C), range(len(Graph(C))), {}, budget=40)
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
    picture = draw(chain(length))
    assert len(boxes(picture)) < 5
    assert f"{length:,} nodes into 1 chain" in picture.source


def test_sixty_doublings_are_walked_at_once() -> None:
    v = named(1.0, "x")
    for _ in range(60):
        v = v + v
    assert Graph(v).gradients[0] == 2.0**60
    assert draw(v).source.count("->") == 120


def test_expand_opens_a_box() -> None:
    C = scalar_mlp()
    folding = fold(Graph(C), range(len(Graph(C))), {}, 300)
    box = next(b for b in folding.boxes if b.kind == "repeat" and 2 < b.times < 12)
    opened = boxes(draw(C, expand=f"#{box.top}"))
    assert {f"n{i}" for i in box.members} <= set(opened)
    assert {f"n{i}" for i in box.members} <= set(boxes(draw(C, expand=Graph(C).nodes[box.top])))


def test_expand_of_a_large_box_opens_what_is_near_and_says_so() -> None:
    picture = draw(chain(2000), expand="#700")
    assert {"n698", "n700", "n702"} <= set(boxes(picture))
    assert "around #700 only 12 of 2,000 are open" in picture.source


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


@given(st.text(min_size=1))
def test_any_name_can_be_drawn(name: str) -> None:
    shown = "".join(texts(draw(named(1.0, name) + 1)))
    assert plain(name).strip() in shown


# ------------------------------------------------------------------------- with and without dot
@pytest.fixture
def no_dot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def no_graphviz(monkeypatch: pytest.MonkeyPatch, no_dot: None) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.mark.usefixtures("no_dot")
def test_pygraphviz_takes_the_place_of_dot(tmp_path: Path) -> None:
    picture = draw(neuron())
    assert picture.pipe("png").startswith(b"\x89PNG")
    assert picture.pipe("svg", encoding="utf-8").startswith("<?xml")
    assert picture.pipe(format="svg", engine="neato").startswith(b"<?xml")
    written = picture.render(tmp_path / "lesson", format="svg")
    assert Path(written).read_bytes().startswith(b"<?xml")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["lesson", "lesson.svg"]
    assert picture.render(outfile=tmp_path / "other.png", cleanup=True).endswith("other.png")
    assert not (tmp_path / "other.gv").exists()
    assert picture._repr_mimebundle_()["image/svg+xml"].startswith("<?xml")


@pytest.mark.usefixtures("no_graphviz")
def test_without_any_graphviz_the_error_is_its_own_and_says_how_to_get_it(tmp_path: Path) -> None:
    picture = draw(neuron())
    with pytest.raises(graphviz.ExecutableNotFound, match=r"pip install 'autograd-mini\[dot\]'"):
        picture.pipe("svg")
    with pytest.raises(graphviz.ExecutableNotFound):
        picture.render(tmp_path / "lesson")
    assert list(tmp_path.iterdir()) == []
    shown = picture._repr_mimebundle_()
    assert "sigmoid(z)" in shown["text/plain"]
    assert "image/svg+xml" not in shown


@pytest.mark.usefixtures("no_graphviz")
def test_no_page_is_written_without_any_graphviz(tmp_path: Path) -> None:
    with pytest.raises(graphviz.ExecutableNotFound, match="install Graphviz"):
        to_html(neuron(), tmp_path / "new" / "page.html")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("make", [neuron, network, scalar_mlp])
def test_a_picture_says_the_same_however_it_is_laid_out(
    make: Callable[[], Value], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    picture = draw(make())
    laid_out = sorted(texts(picture))  # by the dot program, if there is one
    monkeypatch.setenv("PATH", str(tmp_path))
    assert sorted(texts(picture)) == laid_out


def test_a_layout_that_fails_leaves_no_file_and_a_notebook_shows_text(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "dot"
    program.write_text(
        f"#!{sys.executable}\nprint('half of a pic', flush=True)\nraise SystemExit(1)\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    picture = draw(neuron())
    with pytest.raises(subprocess.CalledProcessError):
        picture.render(tmp_path / "lesson", format="svg")
    assert [p.name for p in tmp_path.iterdir()] == ["dot"]
    assert "sigmoid(z)" in picture._repr_mimebundle_()["text/plain"]


def test_an_interrupted_write_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    picture = draw(neuron())
    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        picture.save(tmp_path / "lesson.gv")
    assert list(tmp_path.iterdir()) == []


def test_a_dot_program_is_used_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "dot"
    program.write_text(
        f"#!{sys.executable}\nimport sys\n"
        "text = sys.stdin.buffer.read()\n"
        "words = ['laid out', *sys.argv[1:]]\n"
        "sys.stdout.buffer.write(' '.join(words).encode() + text)\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    picture = draw(neuron())
    data = picture.pipe("svg")
    assert data.startswith(b"laid out -Kdot -Tsvg")
    assert data.endswith(picture.source.encode())


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_what_cannot_be_written_is_said_in_one_sentence(tmp_path: Path) -> None:
    picture = draw(neuron())
    (tmp_path / "file").write_text("old")
    with pytest.raises(OSError, match=r"cannot write .*file/lesson\.svg: ") as caught:
        picture.render(tmp_path / "file" / "lesson", format="svg")
    assert "\n" not in str(caught.value)
    with pytest.raises(OSError, match="cannot write"):
        picture.save(tmp_path / "file" / "lesson")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match=r"cannot write .*folder: "):
        picture.render(outfile=tmp_path / "folder", format="svg")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]
    assert (tmp_path / "file").read_text() == "old"


# ---------------------------------------------------------------------------- words and formulas
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (np.zeros((0, 3)), ["empty"]),
        (np.array([np.nan, np.nan]), ["all nan"]),
        (np.array([1.0, np.inf]), ["1, 1 not finite"]),
        (
            np.array([0.0, 1.0, np.nan])[:, None],
            ["mean 0.5 █▁▁▁▁▁▁▁▁█", "from 0 to 1", "1 not finite"],
        ),
        (np.array([-1e308, 1e308]), ["mean 0 ", "from −1e308 to 1e308"]),
    ],
)
def test_summaries_of_unusual_arrays(data: Any, words: list[str]) -> None:
    assert summary(data) == words


@given(st.floats())
def test_a_number_is_short_and_near(x: float) -> None:
    text = number(x)
    assert len(text) <= 10
    if abs(x) < 1.79e308:
        assert float(text.replace("−", "-")) == pytest.approx(x, rel=6e-3)


FORMULAS = [op for op in ops.TABLE.values() if op.rules and not op.keywords and not op.signature]
PYTHON = {
    "−": "-",
    "×": "*",
    "÷": "/",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    " = ": " == ",
    "inf": "9e999",
}


@pytest.mark.parametrize("op", FORMULAS, ids=lambda op: op.name)
def test_a_formula_says_what_the_rule_computes(op: Any) -> None:
    rng = np.random.default_rng(0)
    names = ["x", "y", "u"][: op.arity]
    constant = [rule is None for rule in op.rules]
    raw = [rng.uniform(0.4, 0.8, (2, 3)) + (d.low > 1) for d in op.domain]
    args = [x if c else Value(x) for x, c in zip(raw, constant, strict=True)]
    node = op(*args)
    g = rng.uniform(0.5, 1, (2, 3))
    for i, rule in enumerate(op.rules):
        text = rule_text(node, i, names, "out") if rule is not None else ""
        if not text or " and " in text or " or " in text:
            continue
        for sign, python in PYTHON.items():
            text = text.replace(sign, python)
        scope = {**vars(np), **dict(zip(names, raw, strict=True)), "g": g, "out": node.data}
        expected = np.broadcast_to(rule(g, node.data, *raw), g.shape)
        found = np.broadcast_to(eval(text, {}, scope), g.shape)
        np.testing.assert_allclose(found, expected, rtol=6e-3, err_msg=text)


def test_most_rules_have_a_formula() -> None:
    found = 0
    for op in FORMULAS:
        args = [
            np.full((2, 2), 0.5) if rule is None else Value(np.full((2, 2), 0.5 + (d.low > 1)))
            for rule, d in zip(op.rules, op.domain, strict=True)
        ]
        names = ["x", "y", "u"][: op.arity]
        position = next(i for i, rule in enumerate(op.rules) if rule is not None)
        found += bool(rule_text(op(*args), position, names, "out"))
    assert found >= 0.7 * len(FORMULAS)


# --------------------------------------------------------------------------------------- legend
def test_a_legend_explains_what_is_there_and_nothing_else() -> None:
    plain_picture = draw(neuron()).source
    assert "a negative gradient flows back" in plain_picture
    assert "heat map" not in plain_picture
    assert "how many elements" not in plain_picture
    assert "a heat map: blue above 0" in draw(network(), heat="W2").source
