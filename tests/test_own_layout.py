"""Pictures without any Graphviz: all is there, nothing lies on anything else, and pages work."""

import itertools
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from draw_graphs import SVG, boxes, graphs, lines, neuron, scalar_layers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from page_graphs import HOSTILE, hostile, layered, wrong
from page_graphs import network as folded
from twelve_graphs import GRAPHS

from autograd_mini import Value, to_html
from autograd_mini.show.draw import draw
from autograd_mini.show.layout import layered as layered_module
from autograd_mini.show.layout import svg_of
from autograd_mini.show.layout.layered import Layered
from autograd_mini.show.layout.ranks import Link
from autograd_mini.show.layout.source import Source

Point = tuple[float, float]
NUMBER = re.compile(r"-?\d+\.?\d*")
WAYS: list[dict[str, Any]] = [
    {},
    {"detail": "full"},
    {"detail": "brief", "direction": "LR"},
    {"detail": "names"},
    {"fold": "layers", "direction": "BT"},
    {"fold": "steps", "direction": "RL", "with_legend": False},
]
OTHERS: dict[str, Callable[[], Value]] = {
    "hostile": hostile,
    "wrong": wrong,
    "two layers": layered,
    "folded": folded,
    "wide": lambda: scalar_layers((3, 9, 2, 1), 2)[0],
}
LARGE = ("11 tangle, 45,313", "11 chain, 50,001")


class Box(NamedTuple):
    """What something takes up: its left, upper, right and lower border."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, points: list[Point]) -> "Box":
        xs, ys = zip(*points, strict=True)
        return cls(min(xs), min(ys), max(xs), max(ys))

    def meets(self, other: "Box", by: float = 0.0) -> bool:
        """Whether both overlap by more than so much."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > by and down > by

    def holds(self, other: "Box") -> bool:
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )


class Seen:
    """What can be read from a picture: boxes and frames by their titles, arrows by their ends."""

    def __init__(self, svg: str) -> None:
        root = ET.fromstring(svg)
        self.page = Box(-4.0, -4.0, *(float(x) - 4.0 for x in root.attrib["viewBox"].split()[2:]))
        self.nodes: dict[str, Box] = {}
        self.frames: dict[str, Box] = {}
        self.lines: list[tuple[str, list[Point]]] = []
        self.words: list[tuple[str, Box]] = []
        self.feet = [(float(t.attrib["x"]), float(t.attrib["y"])) for t in root.iter(f"{SVG}text")]
        for group in root.iter(f"{SVG}g"):
            title = group.findtext(f"{SVG}title") or ""
            kind = group.attrib.get("class", "").split()
            points = [p for shape in group.iter() for p in corners(shape)]
            if "node" in kind:
                self.nodes[title] = Box.around(points)
            elif "cluster" in kind:
                self.frames[title] = Box.around(points)
            elif "edge" in kind:
                path = next(group.iter(f"{SVG}path"))
                self.lines.append((title, curve(pairs(path.attrib["d"]))))
                for text in group.iter(f"{SVG}text"):
                    x, y, size = (float(text.attrib[k]) for k in ("x", "y", "font-size"))
                    wide = size * 0.35 * len((text.text or "").strip())
                    self.words.append((title, Box(x + 6, y - 0.6 * size, x + 6 + wide, y)))


def pairs(text: str) -> list[Point]:
    numbers = [float(x) for x in NUMBER.findall(text)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def corners(shape: ET.Element) -> Iterator[Point]:
    """What a shape takes up, of a text only where it begins."""
    if shape.tag == f"{SVG}text":
        yield float(shape.attrib["x"]), float(shape.attrib["y"])
    yield from pairs(shape.attrib.get("points", shape.attrib.get("d", "")))


def curve(points: list[Point]) -> list[Point]:
    """Points on cubic curves, ten on each."""
    found = []
    for k in range(0, len(points) - 3, 3):
        for step in range(11):
            t = step / 10
            weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            four = points[k : k + 4]
            found.append(
                (
                    sum(w * x for w, (x, _) in zip(weights, four, strict=True)),
                    sum(w * y for w, (_, y) in zip(weights, four, strict=True)),
                )
            )
    return found


def check(source: str) -> Seen:
    """See that a picture has all that its source has, and nothing on anything else."""
    seen = Seen(svg_of(source).decode())
    data = Source(source)
    shown = [e for e in data.edges if "invis" not in e.attributes.get("style", "")]
    assert seen.nodes.keys() == data.nodes.keys()
    assert [title for title, _ in seen.lines] == [f"{e.tail}->{e.head}" for e in shown]
    for (one, box), (other, beside) in itertools.combinations(seen.nodes.items(), 2):
        assert not box.meets(beside), (one, other)
    for title, line in seen.lines:
        around = Box.around(line)
        for name, box in seen.nodes.items():
            if name not in title.split("->") and around.meets(box, -1.0):
                inside = box.left + 1, box.top + 1, box.right - 1, box.bottom - 1
                met = [
                    p
                    for p in line
                    if inside[0] < p[0] < inside[2] and inside[1] < p[1] < inside[3]
                ]
                assert not met, f"{title} runs through {name}"
    for title, words in seen.words:
        for name, box in seen.nodes.items():
            assert not words.meets(box, 1.0), f"the words of {title} lie on {name}"
    for (one, box), (other, beside) in itertools.combinations(seen.frames.items(), 2):
        assert not box.meets(beside), (one, other)
    for name, frame in data.frames.items():
        for node, box in seen.nodes.items():
            border = seen.frames[name]
            assert border.holds(box) if node in frame.members else not border.meets(box), node
    everything = [*seen.nodes.values(), *seen.frames.values()]
    everything += [Box.around(line) for _, line in seen.lines] + [Box(*p, *p) for p in seen.feet]
    assert all(seen.page.holds(box) for box in everything)
    return seen


@cache
def graph(name: str) -> Value:
    return (GRAPHS | OTHERS)[name]()


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("name", [name for name in (*GRAPHS, *OTHERS) if name not in LARGE])
def test_all_is_there_and_nothing_lies_on_anything_else(name: str, way: dict[str, Any]) -> None:
    if way.get("detail") == "names" and name.startswith("11"):
        pytest.skip("a graph without names")
    picture = draw(graph(name), **way)
    seen = check(picture.source)
    assert sorted(seen.nodes) == sorted(set(boxes(picture)))
    arrows = [line for line in picture.source.splitlines() if " -> " in line]
    assert len(seen.lines) == sum("invis" not in line for line in arrows) > 0


@given(graphs(), st.sampled_from(["TB", "LR"]), st.booleans())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_any_graph_of_numbers(root: Value, direction: str, brief: bool) -> None:
    check(draw(root, direction=direction, detail="brief" if brief else "full").source)


def test_a_wrong_layout_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = [draw(graph(name)).source for name in ("1 neuron", "4 attention", "3 RNN, 8 steps")]
    faults: list[tuple[str, Any, str]] = [
        ("MOST_BENDS", 0, "runs through"),
        ("nearest", lambda wanted, *_: list(wanted), r"n\d"),
        ("_MARGIN", -30.0, r"n\d"),
    ]
    for name, wrong_one, message in faults:
        with monkeypatch.context() as patch:
            patch.setattr(layered_module, name, wrong_one)
            with pytest.raises(AssertionError, match=message):
                list(map(check, sources))
    for source in sources:
        assert svg_of(source) == svg_of(source)
        check(source)


def test_arguments_enter_in_their_order_and_the_spine_is_straight() -> None:
    nodes = check(draw(neuron()).source).nodes
    middle = {name: (box.left + box.right) / 2 for name, box in nodes.items()}
    assert middle["n3"] < middle["n2"]  # w × a0
    assert middle["n6"] < middle["n0"]  # a − y
    spine = [middle[name] for name in ("n4", "n5", "n6", "n7")]
    assert max(spine) - min(spine) < 6.0


@pytest.mark.parametrize("direction", ["TB", "BT", "LR", "RL"])
def test_arrows_go_the_way_that_was_chosen(direction: str) -> None:
    nodes = check(draw(neuron(), direction=direction).source).nodes
    start, end = nodes["n3"], nodes["n8"]
    ahead = {
        "TB": start.bottom < end.top,
        "BT": start.top > end.bottom,
        "LR": start.right < end.left,
        "RL": start.left > end.right,
    }
    assert [way for way, found in ahead.items() if found] == [direction]


def test_heads_stand_where_a_graphviz_picture_has_them() -> None:
    for way in ("TB", "LR"):
        arrows = "a -> b b -> c [dir=back] c -> c d -> a [arrowhead=none]"
        source = f"digraph {{ rankdir={way} node [shape=box] {arrows} }}"
        svg = svg_of(source).decode()
        heads = {
            group.findtext(f"{SVG}title"): [
                pairs(p.attrib["points"])[1] for p in group.iter(f"{SVG}polygon")
            ]
            for group in ET.fromstring(svg).iter(f"{SVG}g")
            if "edge" in group.attrib.get("class", "")
        }
        seen = Seen(svg).nodes
        assert [len(heads[k]) for k in ("a->b", "b->c", "c->c", "d->a")] == [1, 1, 1, 0]
        for title, node in (("a->b", "b"), ("b->c", "b"), ("c->c", "c")):
            ((x, y),) = heads[title]
            box = seen[node]
            near = Box(box.left - 3, box.top - 3, box.right + 3, box.bottom + 3)
            assert near.holds(Box(x, y, x, y)), title


def test_dot_source_is_read_as_graphviz_reads_it() -> None:
    found = Source(
        """strict digraph "a name" { // a comment
        graph [rankdir=LR]; node [shape=box, style="rounded,filled"]
        a [label="one\\ntwo \\"quoted\\""] ; a -> {b c} -> "d e":n [color=red weight=2]
        /* another */ subgraph cluster_1 { label=<<B>x &gt; 1</B>> node [shape=plain] f -> g }
        { rank=same; b c } }"""
    )
    assert found.name == "a name"
    assert found.whole.graph == {"rankdir": "LR"}
    assert list(found.nodes) == ["a", "b", "c", "d e", "f", "g"]
    assert found.nodes["a"]["label"] == 'one\\ntwo "quoted"'
    assert found.nodes["f"]["shape"] == "plain"
    pairs_of = [(edge.tail, edge.head) for edge in found.edges]
    assert pairs_of == [("a", "b"), ("a", "c"), ("b", "d e"), ("c", "d e"), ("f", "g")]
    assert found.edges[0].attributes == {"color": "red", "weight": "2"}
    assert found.frames["cluster_1"].graph["label"] == "<<B>x &gt; 1</B>>"
    assert list(found.frames["cluster_1"].members) == ["f", "g"]
    assert found.same == [["b", "c"]]
    for wrong_source in ("graph { a -- b }", "", "digraph { a [label=<<B>] }", "digraph { \x01 }"):
        with pytest.raises(ValueError, match=r"DOT source|bracket"):
            Source(wrong_source)


def test_large_graphs_are_bounded() -> None:
    n = 3_000
    links = [Link(k, k + 1) for k in range(n - 1)] + [Link(0, k) for k in range(2, n, 2)]
    found = Layered([(40.0, 20.0)] * n, links)
    assert len(found.routes) == len(links)
    assert sum(map(len, found.rows)) < 30_000
    for name in LARGE:
        check(draw(graph(name)).source)


def test_pages_work_without_graphviz(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_dot = str(to_html(hostile()))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    page = str(to_html(hostile()))
    for pattern in (r'data-node="(\d+)"', r'data-from="(\w+)" data-to="(\w+)"', r"data-row"):
        assert sorted(re.findall(pattern, page)) == sorted(re.findall(pattern, with_dot))
    assert page.count('class="gradient"') == with_dot.count('class="gradient"') > 3
    assert page.count('class="sign"') == with_dot.count('class="sign"')
    assert not any(name in page for name in HOSTILE[:2])
    assert lines(draw(hostile()), "n0")
