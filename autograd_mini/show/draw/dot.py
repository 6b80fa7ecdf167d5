"""`draw`: the graph behind a Value as a picture, in the language of Graphviz.

This file knows which boxes, arrows, frames and words a picture has. It must not know what stands
in a box, nor how a layout is computed.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_mini.colours import ALARM, BLUE, DARK, FOLD_FILL, GREY, LEAF_FILL, ORANGE
from autograd_mini.engine.value import Value
from autograd_mini.show.draw.folding import Folding, fold
from autograd_mini.show.draw.labels import (
    Flow,
    arrow,
    arrow_labels,
    box_label,
    counted,
    escape,
    node_label,
    table,
    tooltip,
)
from autograd_mini.show.draw.legend import legend, row
from autograd_mini.show.draw.names import draw_names
from autograd_mini.show.graph import Graph
from autograd_mini.show.graph.diagnosis import diagnosis, spoiled
from autograd_mini.show.graph.expression import constant
from autograd_mini.show.graph.health import Note, fading, idle, layer_sizes
from autograd_mini.show.graph.layers import layers, spoken
from autograd_mini.show.graph.text import number, plain, summary
from autograd_mini.show.listing import listing_of
from autograd_mini.words import Say, in_language

if TYPE_CHECKING:
    from autograd_mini.show.draw.picture import Picture
    from autograd_mini.testing import GradientCheckError

_FONT = "DejaVu Sans,Verdana,sans-serif"  # two fonts of the same widths: no label is clipped


def draw(
    root: Value | Graph,
    *,
    budget: int = 300,
    expand: Any = (),
    depth: int | None = None,
    focus: Any = None,
    hops: int = 2,
    path: tuple[Any, Any] | None = None,
    heat: Any = (),
    groups: Any = None,
    direction: str = "TB",
    with_legend: bool = True,
    check: "GradientCheckError | None" = None,
    detail: str = "full",
    language: str = "en",
) -> "Picture":
    """Draw the graph behind `root`: values forward, gradients back, and how they come about.

    Returns a `graphviz.Digraph`, so `.source`, `.pipe()`, `.render()` and `.view()` work, and a
    notebook shows it. Gradients start from `root.grad` if `backward()` has run, else from 1; no
    `.grad` is changed. The same graph gives the same bytes in every process.

    A graph of more than `budget` nodes and constants is folded, and the picture says what was
    folded. To see more of a part, or only a part:

    - `expand`: one or several layers, names, numbers (`"#12"`) or Values whose boxes to open, for
      a 25th of the budget each;
    - `depth`: only what is at most so many steps behind the root;
    - `focus`: only what is within `hops` steps of a name, number or Value, in both directions;
    - `path`: only what lies on a way from the first to the second of two names, numbers, Values.

    `detail="names"` shows the named nodes alone, as the lesson's tree does: on each arrow stands
    the derivative of its end by its start, through all between that has no name, and a `path` is
    drawn thick in it. Words are in English, `language="en"`, or Russian, "ru".

    `heat` names one or several arrays, such as images and weights, to be shown as heat maps.
    `groups` names layers, and takes `model.named_parameters()`; without it, names such as W1, z1
    and a1 make them. `direction` is "TB" for downwards, "LR" for rightwards. `with_legend` tells
    whether the picture says how to read it. A root whose graph has been read may be given as that
    Graph.

    The first value and the first gradient that is not finite have a double border, and say which
    arguments the op had and, if it was made in debug mode, where. Layers tell which share of their
    ReLUs is dead and of their sigmoids saturated. `check`, the error of a failed
    `check_gradients`, marks the leaves whose derivatives are wrong.

    Raises TypeError if `root` is no Value, and ValueError for names that are not in its graph.

    >>> w, x = Value(0.5, name="w"), Value(2.0, name="x")
    >>> picture = draw((w * x).tanh())
    >>> picture.source.startswith("digraph")
    True
    """
    from autograd_mini.show.draw.picture import Picture  # only pictures need graphviz

    if direction not in ("TB", "LR", "BT", "RL"):
        raise ValueError(f"direction is TB, LR, BT or RL, not {direction!r}")
    if detail not in ("full", "names"):
        raise ValueError(f"detail is 'full' or 'names', not {detail!r}")
    say = in_language(language)
    graph = root if isinstance(root, Graph) else Graph(root)
    picture = _empty(Picture, direction)
    picture.as_text = listing_of(graph, check=check)
    if detail == "names":
        draw_names(graph, picture, path, say)
        return picture
    shown = _selected(graph, depth, focus, hops, path)
    framed = layers(graph, groups)
    notes = diagnosis(graph, check, say)
    folding = fold(graph, shown, framed, budget, notes)
    words: list[str] = []
    if wanted := _listed("expand", expand):
        opened, words = _opened(graph, folding, framed, wanted, max(budget // 25, 1))
        folding = fold(graph, shown, framed, budget, opened.union(notes))
    heated = {i for item in _listed("heat", heat) for i in graph.find(item)}

    drawing = _Drawing(graph, folding, heated, notes, picture, say)
    drawing.run(framed)
    caption = _caption(graph, folding, len(shown), words, say)
    picture.signs = legend(drawing.found, say)
    if with_legend:
        caption += [*map(row, picture.signs), '<TR><TD HEIGHT="8"></TD></TR>']
    picture.attr("graph", label=table(caption))
    if not folding.words:
        picture.attr("graph", ordering="in")
    picture.folding = folding
    return picture


def _empty(kind: "type[Picture]", direction: str) -> "Picture":
    graph = {"rankdir": direction, "fontname": _FONT, "fontsize": "11", "labelloc": "t"}
    node = {"fontname": _FONT, "fontsize": "11", "shape": "box", "margin": "0.08,0.08"}
    edge = {"fontname": _FONT, "fontsize": "10", "arrowsize": "0.7"}
    room = {"nodesep": "0.35", "ranksep": "0.5", "bgcolor": "white"}
    return kind("graph", graph_attr=graph | room, node_attr=node, edge_attr=edge)


def path(start: Value, end: Value, **options: Any) -> "Picture":
    """Draw what lies on a way from `start` to `end`, and the gradient of `end` on it.

    Takes the options of `draw`; `draw(C, path=(start, end))` shows the gradient of C there.
    """
    return draw(end, path=(start, end), **options)


# ------------------------------------------------------------------------------------ choosing
def _selected(
    graph: Graph, depth: int | None, focus: Any, hops: int, path: tuple[Any, Any] | None
) -> set[int]:
    shown = set(range(len(graph)))
    if depth is not None:
        shown &= graph.near([len(graph) - 1], depth, both_ways=False)
    if focus is not None:
        shown &= graph.near(graph.find(focus), hops, both_ways=True)
    if path is not None:
        if not isinstance(path, tuple | list) or len(path) != 2:
            raise ValueError(
                f"path is a pair of names, numbers or Values, not {plain(repr(path), 40)}"
            )
        start, end = map(graph.find, path)
        shown &= graph.beyond(start) & graph.behind(end)
    if not shown:
        raise ValueError(
            "nothing is left to draw: no node lies on such a path, or within focus and depth;"
            " swap the ends of the path, or take more hops"
        )
    return shown


def _listed(what: str, wanted: Any) -> list[Any]:
    if isinstance(wanted, str | int | Value):
        return [wanted]
    if not isinstance(wanted, Iterable):
        raise TypeError(
            f"{what} is a name, a number, a Value or a list of these, not {type(wanted).__name__}"
        )
    return list(wanted)


def _opened(
    graph: Graph, folding: Folding, framed: Any, wanted: list[Any], most: int
) -> tuple[set[int], list[str]]:
    """Members of the boxes wanted, at most so many of each, and words where there are more."""
    opened: set[int] = set()
    words: list[str] = []
    for item in wanted:
        members = framed.get(item, []) if isinstance(item, str) else []
        middle = len(graph)
        if not members:
            try:
                places = {folding.place[i] for i in graph.find(item) if i in folding.place}
            except ValueError as error:
                known = [*framed, *(f"#{b.top}" for b in folding.boxes if b.kind != "node")]
                can = f"; what can be opened: {', '.join(known[:12])}" if known else ""
                raise ValueError(f"expand: {error}{can}") from None
            members = [i for place in sorted(places) for i in folding.boxes[place].members]
            middle = graph.find(item)[0]
        if len(members) > most:
            name = item.name if isinstance(item, Value) else item
            words.append(f"around {plain(name)} only {most} of {len(members):,} are open")
        opened.update(sorted(members, key=lambda i: abs(i - middle))[:most])
    return opened, words


# ------------------------------------------------------------------------------------- drawing
class _Drawing:
    """Boxes, constants, frames and arrows, put into a picture in the order of the graph."""

    def __init__(
        self,
        graph: Graph,
        folding: Folding,
        heated: set[int],
        notes: dict[int, list[Note]],
        picture: Any,
        say: Say,
    ) -> None:
        self.say = say
        self.graph, self.folding, self.heated, self.picture = graph, folding, heated, picture
        self.notes = notes
        self.spoiled = spoiled(graph)
        self.arrays: dict[int, str] = {}
        self.constants: dict[tuple[int, int], str] = {}
        self.found: set[str] = set()
        self.frame_of: dict[int, str] = {}
        self.owner: dict[int, str] = {}

    def run(self, framed: Any) -> None:
        self.owner = owner = {i: name for name, numbers in framed.items() for i in numbers}
        faded = fading(layer_sizes(self.graph, framed), self.say)
        frames: dict[str, list[int]] = {}
        for k, box in enumerate(self.folding.boxes):
            names = {owner.get(i, "") for i in box.members}
            name = names.pop() if len(names) == 1 and box.kind != "layer" else ""
            frames.setdefault(name, []).append(k)
            self.frame_of[box.top] = name
        for n, (name, places) in enumerate(frames.items()):
            if not name:
                for k in places:
                    self.box(self.picture, k)
                continue
            with self.picture.subgraph(name=f"cluster_{n}") as frame:
                told = [note.title for note in self.idle(framed[name])]
                if name in faded:
                    told.append(faded[name][1].title)
                    self.found.add("faded")
                label = '<BR ALIGN="LEFT"/>'.join(map(escape, [spoken(name, self.say), *told]))
                frame.attr(
                    label=f'<{label}<BR ALIGN="LEFT"/>>',
                    style="rounded",
                    color="#999999",
                    fontcolor=DARK,
                    labeljust="l",
                )
                for k in places:
                    self.box(frame, k)
        self.arrows()

    def box(self, into: Any, k: int) -> None:
        if self.folding.boxes[k].kind == "node":
            self.single(into, self.folding.boxes[k].top)
        else:
            self.folded(into, k)

    def folded(self, into: Any, k: int) -> None:
        graph, box, place = self.graph, self.folding.boxes[k], self.folding.place
        inner = {
            i
            for i in box.members
            if graph.uses[i] and all(place.get(user) == k for user, _ in graph.uses[i])
        }
        self.found |= {"fold", "array"}
        self.idle(box.members)
        attributes = {"style": "rounded,filled", "fillcolor": FOLD_FILL, "peripheries": "2"}
        into.node(f"n{box.top}", box_label(graph, box, inner, self.say), **attributes)

    def single(self, into: Any, i: int) -> None:
        graph, place = self.graph, self.folding.place
        node = graph.nodes[i]
        hidden = sum(user not in place for user, _ in graph.uses[i])
        hidden += sum(arg >= 0 and arg not in place for arg in graph.args[i])
        attributes = {"style": "rounded", "tooltip": tooltip(graph.label(i))}
        if node.op is None:
            attributes |= {"style": "filled", "fillcolor": LEAF_FILL}
        elif node.op.declared:
            attributes["style"] = "rounded,dashed"
        if i == len(graph) - 1:
            attributes["penwidth"] = "2.2"
        notes = self.notes.get(i, [])
        if i not in self.owner and np.ndim(graph.seen[i]):
            notes = [*notes, *(note._replace(wrong=False) for note in self.idle([i]))]
        wrong = any(note.wrong for note in notes)
        if wrong:
            attributes |= {"peripheries": "2", "color": ALARM, "penwidth": "2.2"}
        elif i in self.spoiled:
            attributes |= {"color": ALARM}
        signs = {
            "leaf": node.op is None,
            "op": node.op is not None,
            "declared": node.op is not None and node.op.declared is not None,
            "unnamed": not node.name,
            "array": np.ndim(graph.seen[i]) > 0,
            "heat": np.ndim(graph.seen[i]) > 0 and i in self.heated,
            "alarm": wrong,
            "spoiled": not wrong and i in self.spoiled,
        }
        if any(np.size(note.errors) > 1 for note in notes):
            signs["heat"] = True
        self.found |= {sign for sign, shown in signs.items() if shown}
        label = node_label(graph, i, self.say, heat=i in self.heated, hidden=hidden, notes=notes)
        into.node(f"n{i}", label, **attributes)
        for position, arg in enumerate(graph.args[i]):
            if arg < 0:
                self.constant(into, i, position, node.raw[position])

    def idle(self, members: Iterable[int]) -> list[Note]:
        """What `members` have of dead and saturated units; the legend explains the words."""
        notes = idle(self.graph, members, self.say)
        self.found.update(note.sign for note in notes)
        return notes

    def constant(self, into: Any, i: int, position: int, raw: Any) -> None:
        name = f"c{i}_{position}"
        if isinstance(raw, np.ndarray):
            known = self.arrays.get(id(raw))
            name = self.arrays.setdefault(id(raw), name)
            into = self.picture
            if known is None:
                text = summary(raw, self.say) if raw.dtype.kind in "fiu" else []
                self._constant_box(into, name, [constant(raw), *text])
        else:
            self._constant_box(into, name, [constant(raw)])
        self.constants[i, position] = name

    def _constant_box(self, into: Any, name: str, lines: list[str]) -> None:
        self.found.add("constant")
        rows = [f'<TR><TD><FONT COLOR="{DARK}">{escape(line)}</FONT></TD></TR>' for line in lines]
        into.node(name, table(rows), shape="box", style="dotted", color=GREY)

    def arrows(self) -> None:
        graph, place, boxes = self.graph, self.folding.place, self.folding.boxes
        single: dict[tuple[int, int], Flow] = {}
        several: dict[tuple[int, int], tuple[Flow, int]] = {}
        for i in sorted(place):
            args = graph.args[i]
            if not any(arg >= 0 and place.get(arg, place[i]) != place[i] for arg in args):
                continue
            for position, share in enumerate(graph.flows(i)):
                arg = args[position]
                if arg < 0 or arg not in place or place[arg] == place[i]:
                    continue
                flow = Flow.of(share)
                if boxes[place[arg]].kind == boxes[place[i]].kind == "node":
                    single[i, position] = flow
                else:
                    ends = (boxes[place[arg]].top, boxes[place[i]].top)
                    before, n = several.get(ends, (Flow(0.0, 0), 0))
                    several[ends] = (before + flow, n + 1)
        flows = [*single.values(), *(flow for flow, _ in several.values())]
        largest = max((f.size for f in flows if np.isfinite(f.size)), default=0.0)
        labels = {i: arrow_labels(graph, i) for i in {i for i, _ in single}}
        for i, position in sorted({*single, *self.constants}):  # arguments from left to right
            if (i, position) in self.constants:
                self._line(self.constants[i, position], i)
                continue
            label = labels[i][position]
            self.found.add("rule" if isinstance(label, str) else "number")
            text = label if isinstance(label, str) else number(label)
            self._arrow(graph.args[i][position], i, text, single[i, position], largest)
        for (start, end), (flow, n) in several.items():
            self._arrow(start, end, f"{n:,} arrows" if n > 1 else "", flow, largest)

    def _line(self, constant: str, i: int) -> None:
        self.picture.edge(constant, f"n{i}", color="#AAAAAA", style="dotted", arrowhead="none")

    def _arrow(self, start: int, end: int, label: str, flow: Flow, largest: float) -> None:
        style = arrow(flow, largest)
        self.found.add(
            {BLUE: "positive", ORANGE: "negative", GREY: "mixed"}.get(style["color"], "zero")
        )
        text = f"<&#160;&#160;{escape(label)}&#160;>" if label else None
        words = tooltip(self.graph.label(start), self.graph.label(end))
        if self.frame_of.get(start) != self.frame_of.get(end) and self.frame_of.get(end):
            style["minlen"] = "2"  # room for the leaves of the next frame, so that frames stack
        self.picture.edge(f"n{start}", f"n{end}", text, **style, tooltip=words)


def _caption(graph: Graph, folding: Folding, shown: int, words: list[str], say: Say) -> list[str]:
    """What the picture shows, as rows of a table."""
    name = plain(graph.label(len(graph) - 1))
    start = "" if np.ndim(graph.seed) else number(graph.seed)
    head = "{C}, its graph, and gradients ∂{name}/∂(each node)"
    if start != "1":
        head = "{C}, its graph, and gradients that start from {given}"
    given, name = escape(start or say("an array")), escape(name)
    lines = [say(head).format(C=f"<B>{name}</B>", name=name, given=given)]
    if shown < len(graph):
        of = counted(len(graph), "node", say)
        lines.append(say("{n} of {of} chosen").format(n=f"{shown:,}", of=of))
    if folding.words:
        text = say("{n} folded: {how}")
        lines.append(
            text.format(n=counted(shown, "node", say), how=escape("; ".join(folding.words)))
        )
    lines += map(escape, words)
    return [f'<TR><TD COLSPAN="2">{line}</TD></TR>' for line in lines]
