"""Pictures can be read: on a slide, in a column, without being told how."""

import gc
import itertools
import re
import weakref
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest
from draw_graphs import SVG, boxes, graphs, named, network, texts
from hypothesis import given
from hypothesis import strategies as st
from twelve_graphs import (
    GRAPHS,
    attention,
    deep,
    fifty,
    in_column,
    lesson,
    on_slide,
    rnn,
    runge_kutta,
    tangle,
)

from autograd_mini import Value, gradients
from autograd_mini.functional.recorded import gradient_of
from autograd_mini.show.draw import draw
from autograd_mini.show.draw.folding import How, fold
from autograd_mini.show.draw.sketch import Sketch, label_size
from autograd_mini.show.draw.steps import repeated
from autograd_mini.show.graph import Graph
from autograd_mini.show.graph.layers import layers, passes


def svg_of(picture: Any) -> str:
    return picture.pipe("svg", encoding="utf-8")  # type: ignore[no-any-return]


# ---------------------------------------------------------------------------- the twelve graphs
SLIDE = {  # px of type that a whole picture has on a slide, at least
    "1 neuron": 11.0,
    "2 2-4-4-1": 6.0,
    "3 RNN, 8 steps": 10.0,
    "4 attention": 6.0,
    "6 RK4, 5 steps": 6.0,
    "9 784-16-16-10": 12.0,
    "10 ten layers": 8.0,
}


@pytest.mark.parametrize("name", GRAPHS)
def test_a_picture_can_be_read_on_a_slide(name: str) -> None:
    assert on_slide(svg_of(draw(GRAPHS[name]()))) >= SLIDE.get(name, 6.0)


def test_an_attention_block_can_be_read_in_a_column() -> None:
    assert in_column(svg_of(draw(attention()))) >= 12


@pytest.mark.parametrize("name", [name for name in GRAPHS if "45,313" not in name])
def test_the_size_is_known_without_a_layout(name: str) -> None:
    picture = draw(GRAPHS[name]())
    assert picture.type_size == pytest.approx(on_slide(svg_of(picture)), rel=0.35)


def test_a_picture_says_what_it_left_out_and_how_to_see_it() -> None:
    source = draw(attention()).source
    inside = re.search(r"(\d+) steps inside formulas; detail=&quot;full&quot; shows each", source)
    assert inside
    shown = set(boxes(draw(attention(), detail="full")))
    assert len(shown) >= len(Graph(attention()))
    assert "inside formulas" not in draw(attention(), detail="full").source


# --------------------------------------------------------------------------------------- brief
def test_a_brief_box_has_its_formula_its_numbers_and_the_leaves_that_only_it_uses() -> None:
    w, x, b = named(0.5, "w"), named(2.0, "x"), named(-1.0, "b")
    C = ((w * x + b).tanh() - 0.25) ** 2
    C.name = "C"
    text = " ".join(texts(draw(C, detail="brief"))).replace("\xa0", " ")
    text = re.sub(" +", " ", text)
    z = np.tanh(0.0)
    assert "C = (tanh(w × x + b) − 0.25)²" in text
    assert f"{(z - 0.25) ** 2:.3g}" in text
    for name, slope in (("w", -0.5 * 2.0), ("x", -0.5 * 0.5), ("b", -0.5)):
        assert f"∂ {slope:.3g}".replace("-", "−") in text
        assert re.search(rf"\b{name}\b", text)
    assert boxes(draw(C, detail="brief")) == [f"n{len(Graph(C)) - 1}"]


def test_an_arrow_into_a_formula_has_the_derivative_through_all_of_it() -> None:
    a, b = named(0.3, "a"), named(0.7, "b")
    p = (a * b).exp()
    p.name = "p"
    C = (p * 2.0 + a) ** 2 + b * a
    C.name = "C"
    picture = draw(C, detail="brief")
    graph = Graph(C)
    numbers = {node: graph.number[node] for node in (a, b, p, C)}
    labels = {
        (int(one), int(other)): text
        for one, other, text in re.findall(
            r"n(\d+) -> n(\d+) \[label=<&#160;&#160;(\S+?)&#160;>", picture.source
        )
    }
    p0 = float(np.exp(0.21))
    expected = {
        (numbers[a], numbers[p]): 0.7 * p0,
        (numbers[b], numbers[p]): 0.3 * p0,
        (numbers[p], numbers[C]): 2 * (p0 * 2 + 0.3) * 2.0,
        (numbers[a], numbers[C]): 2 * (p0 * 2 + 0.3) + 0.7,
        (numbers[b], numbers[C]): 0.3,
    }
    assert labels.keys() == expected.keys()
    for ends, number in expected.items():
        assert float(labels[ends]) == pytest.approx(number, rel=0.01)


def test_a_running_sum_is_one_box_and_a_leaf_of_many_uses_stands_at_each() -> None:
    v, total = named(0.3, "v"), named(0.0, "start") * 1.0
    for k in range(6):
        part = (v * (k + 1.0)).sin()
        part.name = f"part{k}"
        total = total + part
    picture = draw(total, detail="brief")
    assert "Σ of 7 terms" in picture.source
    leaf = Graph(total).number[v]
    copies = re.findall(rf"^\s*n{leaf}_\d+ \[label=<<TABLE.*?<TD>v</TD>", picture.source, re.M)
    assert len(copies) == 6
    assert not re.search(rf"n{leaf} -> ", picture.source)


def test_constants_and_unnamed_steps_have_no_box() -> None:
    picture = draw(deep(), detail="brief")
    assert len(boxes(picture)) == 11
    assert "style=dotted" not in picture.source


# ------------------------------------------------------------------------------- loops, layers
@pytest.mark.parametrize(("make", "times"), [(rnn, 8), (runge_kutta, 5), (fifty, 50)])
def test_alike_steps_are_rolled_into_one(make: Any, times: int) -> None:
    root = make()
    graph = Graph(root)
    folding = fold(graph, range(len(graph)), {}, How(300, 300, formulas=True, steps=True))
    steps = [box for box in folding.boxes if box.kind == "step"]
    assert {box.times for box in steps} == {times}
    for box in steps:  # each is one place of the step: the same ops, as often as there are steps
        ops = [graph.nodes[i].op for i in box.members]
        assert all(ops.count(op) >= times - 1 for op in set(ops))
    members = sorted(i for box in folding.boxes for i in box.members)
    assert members == list(range(len(graph)))
    source = draw(root).source
    assert f"step × {times}" in source
    if make is rnn:
        assert "next step" in source
        assert source.count("-> n") < 20


def test_the_first_and_last_number_of_a_step_are_those_of_the_graph() -> None:
    w, h = named(0.9, "w"), named(1.0, "h0")
    v: Value = h
    for _ in range(6):
        v = (v * w + 0.1).tanh()
    C = v * 1.0
    graph = Graph(C)
    tanh = [
        i for i, node in enumerate(graph.nodes) if node.op is not None and node.op.name == "tanh"
    ]
    text = " ".join(texts(draw(C, fold="steps")))
    ends = [f"{graph.seen[i]:.3g}" for i in (tanh[0], tanh[-1])]
    slopes = [f"{graph.gradients[i]:.3g}" for i in (tanh[0], tanh[-1])]
    assert f"{ends[0]} → {ends[1]}" in text
    assert f"∂ {slopes[0]} → {slopes[1]}" in text


def test_what_each_step_is_fed_with_is_part_of_it() -> None:
    rng = np.random.default_rng(0)
    W, U, h = (
        named(rng.normal(size=(4, 3)), "W"),
        named(rng.normal(size=(4, 4)), "U"),
        named(np.ones(4), "h0"),
    )
    out: Any = h
    for x in rng.normal(size=(9, 3)):
        out = np.tanh(W @ x + U @ out)  # all W @ x come first in the order of arguments
    picture = draw((out**2).sum(), fold="steps")
    assert "tanh(W @ array 3 + U @ …)" in picture.source
    assert len(boxes(picture)) == 5


@pytest.mark.parametrize("marks", ["abcabcab", "aabb", "abcd", ""])
def test_twice_is_no_loop(marks: str) -> None:
    assert repeated(marks)[2] < 3


def test_each_layer_is_a_box_if_wanted_and_nothing_swallows_it() -> None:
    graph = Graph(deep())
    framed = layers(graph)
    for budget in range(3, 60):
        folding = fold(graph, range(len(graph)), framed, How(budget, budget))
        for name, members in framed.items():
            places = {folding.place[i] for i in members}
            inside = {i for place in places for i in folding.boxes[place].members}
            assert inside == set(members), (budget, name)
    picture = draw(deep(), fold="layers")
    assert [f"layer {k} " in picture.source for k in range(1, 12)] == [True] * 10 + [False]
    assert len(boxes(picture)) == 11


def test_named_groups_stay_whole_whatever_the_budget() -> None:
    C = runge_kutta()
    groups = {f"part {k}": [f"x{k}", f"y{k}"] for k in range(1, 6)}
    for budget in (8, 20, 40, 100):
        source = draw(C, groups=groups, budget=budget).source
        assert all(name in source for name in groups)


def test_there_is_no_cliff_between_two_budgets() -> None:
    C = deep()
    counts = [len(boxes(draw(C, budget=budget))) for budget in range(12, 60)]
    assert all(n <= budget for n, budget in zip(counts, range(12, 60), strict=True))
    assert counts == sorted(counts)


def test_what_lies_further_back_is_brought_down_to_the_goal() -> None:
    for goal in (15, 30):
        graph = Graph(GRAPHS["11 tangle, 4,650"]())
        assert len(fold(graph, range(len(graph)), {}, How(goal, goal)).boxes) <= goal


# ------------------------------------------------------------------------- order of arguments
@pytest.mark.parametrize("make", [lesson, deep])
def test_arrows_enter_a_framed_box_in_the_order_of_its_arguments(make: Any) -> None:
    root = make()
    graph = Graph(root)
    svg = ET.fromstring(draw(root, detail="full", with_legend=False).pipe("svg"))
    ends: dict[str, dict[str, float]] = {}
    for edge in svg.iter(f"{SVG}g"):
        kind = edge.get("class", "").split()
        title = edge.find(f"{SVG}title")
        if "edge" in kind and title is not None:
            one, _, other = str(title.text).partition("->")
            head = next(edge.iter(f"{SVG}polygon"), None)
            path = next(edge.iter(f"{SVG}path"))
            if head is not None:
                x = [float(pair.split(",")[0]) for pair in str(head.get("points")).split()]
                at = sum(x[:-1]) / len(x[:-1])
            else:
                at = float(str(path.get("d")).split()[-1].split(",")[0])
            start, end = (other, one) if "back" in kind else (one, other)
            ends.setdefault(end, {})[start] = at
    owner = {i for members in layers(graph).values() for i in members}
    checked = 0
    for i in owner:
        entered = [
            ends[f"n{i}"][f"n{arg}"] if arg >= 0 else ends[f"n{i}"].get(f"c{i}_{k}")
            for k, arg in enumerate(graph.args[i])
        ]
        known = [x for x in entered if x is not None]
        assert known == sorted(known), graph.label(i)
        checked += len(known) > 1
    assert checked >= 3


def test_the_spine_is_straight() -> None:
    svg = ET.fromstring(draw(lesson(), detail="full", with_legend=False).pipe("svg"))
    graph = Graph(lesson())
    centre: dict[str, float] = {}
    for node in svg.iter(f"{SVG}g"):
        title = node.find(f"{SVG}title")
        path = next(node.iter(f"{SVG}path"), None)
        if node.get("class") == "node" and title is not None:
            xs = (
                [float(x) for x in re.findall(r"(-?[\d.]+),", str(path.get("d")))]
                if path is not None
                else []
            )
            if xs:
                centre[str(title.text)] = (min(xs) + max(xs)) / 2
    spine = [centre[f"n{i}"] for i in range(len(graph)) if graph.label(i)[0] in "za"]
    assert len(spine) == 6
    assert max(spine) - min(spine) < 30


# -------------------------------------------------------------------------------------- legend
def test_a_wide_picture_has_its_legend_in_two_columns() -> None:
    wide, narrow = draw(attention(), detail="full"), draw(deep())
    assert 'VALIGN="TOP"' in wide.source
    assert 'VALIGN="TOP"' not in narrow.source


def test_a_leaf_with_another_number_is_explained() -> None:
    x = named(1.0, "x")
    y = x * 2
    x.data = 5.0
    assert "was given another number since" in draw(y).source


def test_values_alone_leave_gradients_out() -> None:
    for detail in ("full", "brief"):
        source = draw(network(), detail=detail, show="values").source
        assert "gradient" not in source.replace("without gradient", "")
        assert "∂" not in source


# ----------------------------------------------------------------------------------- the sketch
def test_a_sketch_grows_with_what_is_in_it() -> None:
    def type_size(n: int, *, across: bool) -> float:
        sketch = Sketch()
        for k in range(n):
            sketch.boxes[f"n{k}"] = (100.0, 50.0)
        sketch.arrows = (
            [] if across else [(f"n{a}", f"n{b}") for a, b in itertools.pairwise(range(n))]
        )
        return sketch.type_size("TB", "")

    for across in (True, False):
        sizes = [type_size(n, across=across) for n in (20, 40, 80)]
        assert sizes == sorted(sizes, reverse=True)
        assert sizes[0] > 3 * sizes[-1]


def test_a_label_is_as_wide_as_its_longest_row() -> None:
    short, long = (f"<<TABLE><TR><TD>{'x' * n}</TD></TR></TABLE>>" for n in (3, 30))
    assert label_size(long)[0] > 3 * label_size(short)[0]
    assert label_size(long)[1] == label_size(short)[1]


# ----------------------------------------------------------------------------- the backward pass
def slope(detail: str | None = None) -> tuple[Value, Value, Value, Any]:
    w = named(0.7, "w")
    a = (w * 0.3 - 0.4).sigmoid()
    C = (a - 1.0) ** 2
    C.name = "C"
    (g,) = gradients(C, [w])
    return C, w, g, draw(g, detail=detail)


@pytest.mark.parametrize("detail", [None, "full"])
def test_a_gradient_has_its_name_and_a_frame_for_each_pass(detail: str | None) -> None:
    C, _, g, picture = slope(detail)
    assert "<B>∂C/∂w</B>" in picture.source
    assert "<forward<" in picture.source
    assert "backward" in picture.source
    graph = Graph(g)
    behind = {graph.number[node] for node in Graph(C).nodes if node in graph.number}
    found = passes(graph)
    assert set(found["forward"]) == behind
    assert set(found["backward"]) == set(range(len(graph))) - behind


def test_what_changes_nothing_is_not_written() -> None:
    source = slope("full")[3].source
    assert "× 1<" not in source
    assert "1 × " not in source
    assert "¹" not in source
    x = named(2.0, "x")
    for y, formula in ((x * 1.0, "x"), (x**1.0, "x"), (0.0 + x, "x"), (x / 1.0, "x")):
        assert re.search(rf"y</B>&#160;= {formula}<", draw(y).source)
    assert "= x − 1" in draw(x - 1.0).source
    assert "= 1 − x" in draw(1.0 - x).source


def test_a_second_gradient_has_three_frames() -> None:
    w, v = named(0.5, "w"), named(2.0, "v")
    y = (w * v).sin() * v
    y.name = "y"
    (g,) = gradients(y, [w])
    (h,) = gradients(g, [v])
    found = passes(Graph(h))
    assert list(found) == ["forward", "backward", "backward, again"]
    assert sorted(i for members in found.values() for i in members) == list(range(len(Graph(h))))
    assert "<B>∂(∂y/∂w)/∂v</B>" in draw(h).source
    assert "обратный проход, второй" in draw(h, language="ru").source


def test_origins_keep_nothing_alive() -> None:
    x = named(3.0, "x")
    y = x * x
    y.name = "y"
    (g,) = gradients(y, [x])
    assert gradient_of(g) == (y, x)
    alive = weakref.ref(y)
    del y
    gc.collect()
    assert alive() is None or gradient_of(g) is not None
    kept = weakref.ref(g)
    del g
    gc.collect()
    assert kept() is None
    assert passes(Graph(x * 2.0)) == {}


# -------------------------------------------------------------------------------------- two runs
def step(w0: float) -> Value:
    w, a0, b = named(w0, "w"), named(0.5, "a0"), named(-0.6, "b")
    C = ((w * a0 + b).sigmoid() - 1.0) ** 2
    C.name = "C"
    return C


@pytest.mark.parametrize("detail", ["full", "brief"])
def test_two_runs_in_one_picture(detail: str) -> None:
    old, new = step(0.9), step(1.2)
    text = " ".join(texts(draw(new, before=old, detail=detail))).replace("\xa0", " ")
    graphs = Graph(old), Graph(new)
    i = len(graphs[0]) - 1
    assert "0.9 → 1.2" in text
    assert f"{graphs[0].seen[i]:.3g} → {graphs[1].seen[i]:.3g}" in text
    w = graphs[0].find("w")[0]
    slopes = [f"{graph.gradients[w]:.3g}".replace("-", "−") for graph in graphs]
    assert f"{slopes[0]} → {slopes[1]}" in text
    assert "what it was → what it is" in text
    source = draw(new, before=old, detail="full").source
    colours = dict(re.findall(r'n(\d+) \[label=.*? fillcolor="(#\w+)"', source))
    for k, (one, other) in enumerate(zip(graphs[0].seen, graphs[1].seen, strict=True)):
        red, blue = int(colours[str(k)][1:3], 16), int(colours[str(k)][5:7], 16)
        assert np.sign(blue - red) == np.sign(other - one)


def test_a_run_of_another_program_is_refused() -> None:
    with pytest.raises(ValueError, match="before is no run of the same program: it has 18 nodes"):
        draw(step(1.0) * 2.0, before=step(1.0) + 2.0 * step(2.0))


def test_arrays_of_two_runs_are_told_by_their_lengths() -> None:
    first, then = (np.sum(named(k * np.ones(4), "x") ** 2) for k in (1.0, 3.0))
    text = " ".join(texts(draw(then, before=first, detail="full"))).replace("\xa0", " ")
    assert "‖2‖ → ‖6‖" in text


# ------------------------------------------------------------------------------------- Russian
@pytest.mark.parametrize("name", GRAPHS)
def test_every_word_of_a_picture_is_there_in_russian(name: str) -> None:
    root = GRAPHS[name]()
    for how in ({}, {"budget": 25}, {"detail": "brief", "budget": 60}):
        for text in texts(draw(root, language="ru", **how)):
            said = re.sub(r"\w+\(|[=×·@].*|#\d+|expand=.*|detail=.*", " ", text)
            english = re.findall(
                r"\b(?:the|of|and|into|nodes?|that|ends|with|folded|leaf|steps?)\b", said
            )
            assert not english, text


# ------------------------------------------------------------------------- all options together
@given(
    graphs(),
    st.fixed_dictionaries(
        {},
        optional={
            "detail": st.sampled_from(["full", "brief"]),
            "fold": st.sampled_from(["layers", "steps"]),
            "budget": st.integers(1, 40),
            "show": st.sampled_from(["all", "values"]),
            "direction": st.sampled_from(["TB", "LR"]),
            "language": st.sampled_from(["en", "ru"]),
            "with_legend": st.booleans(),
            "depth": st.integers(0, 5),
            "expand": st.just("#0"),
        },
    ),
)
def test_every_option_goes_with_every_other(root: Value, options: dict[str, Any]) -> None:
    picture = draw(root, **options)
    ends = re.findall(r"^\t+(n\d+(?:_\d+)?) -> (n\d+(?:_\d+)?) ", picture.source, re.M)
    drawn = set(re.findall(r"^\t+([nc]\d+(?:_\d+)?) \[label", picture.source, re.M))
    assert {end for pair in ends for end in pair} <= drawn
    assert picture.type_size > 0
    members = sorted(i for box in picture.folding.boxes for i in box.members)
    assert len(set(members)) == len(members)
    same = draw(root, **options)
    assert same.source == picture.source


@pytest.mark.parametrize("data", [1.0, np.zeros((0, 3)), np.ones(1), np.nan, [[1.0]]])
@pytest.mark.parametrize("detail", [None, "full", "brief", "names"])
def test_small_and_odd_graphs_are_drawn(data: Any, detail: str | None) -> None:
    for root in (Value(data, "x"), Value(data) * 2.0, (Value(data, "x") * 2.0).sum()):
        assert draw(root, detail=detail).source.startswith("digraph")


def test_what_a_box_hands_to_its_own_next_step_is_a_loop() -> None:
    y, k = named(np.array([1.0, 0.0]), "y0"), named(1.5, "k")
    for _ in range(30):
        y = y + 0.1 * (y @ np.array([[0.0, 1.0], [-1.0, 0.0]])) * k
    source = draw((y**2).sum()).source
    assert len(re.findall(r"(n\d+) -> \1 \[label=<&#160;&#160;next step", source)) == 1


@pytest.mark.parametrize(
    ("function", "name"),
    [(np.diagonal, "diagonal"), (np.trace, "trace"), (np.fliplr, "fliplr"), (np.ptp, "ptp")],
)
def test_what_is_made_of_other_ops_has_the_name_of_its_function(function: Any, name: str) -> None:
    K = named(np.arange(9.0).reshape(3, 3) + 1.0, "K")
    C = np.log(function(K) + 20.0).sum()
    shown = " ".join(texts(draw(C, detail="brief")))
    made = Graph(function(K))
    if all(len([a for a in args if a >= 0]) == 1 for args in made.args[1:]) and len(made) > 2:
        assert f"{name}(K)" in shown


def test_arrows_of_a_leaf_leave_downwards() -> None:
    source = draw(branching(), detail="full").source
    a = Graph(branching()).find("a")[0]
    arrows = re.findall(rf"n{a} -> n\d+ \[(.*)\]", source)
    assert len(arrows) == 2
    assert all("tailport=s" in arrow for arrow in arrows)


def branching() -> Value:
    a = named(0.6, "a")
    p, q = (named(1.5, "wp") * a).sigmoid(), (named(-2.0, "wq") * a).sigmoid()
    return (p - 1.0) ** 2 + q**2


@pytest.mark.parametrize("nodes", [3_000, 12_000])
def test_a_formula_inside_a_step_is_no_box_of_its_own(nodes: int) -> None:
    folding = draw(tangle(nodes), fold="steps").folding
    assert all(box.members for box in folding.boxes)
