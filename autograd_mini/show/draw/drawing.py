"""Boxes, constants, frames and arrows, put into a picture in the order of the graph.

This file knows where everything stands and how arrows look. It must not know what was chosen to be
shown, nor how a layout is computed.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_mini.colours import ALARM, BLUE, DARK, FOLD_FILL, GREY, LEAF_FILL, ORANGE
from autograd_mini.show.draw.folding import Folding
from autograd_mini.show.draw.labels import (
    Flow,
    arrow,
    arrow_labels,
    box_label,
    brief_label,
    escape,
    node_label,
    step_label,
    table,
    tooltip,
)
from autograd_mini.show.draw.names import factors
from autograd_mini.show.draw.size import Sketch, label_size
from autograd_mini.show.graph import Graph
from autograd_mini.show.graph.diagnosis import spoiled
from autograd_mini.show.graph.expression import constant
from autograd_mini.show.graph.health import Note, fading, idle, layer_sizes, strips
from autograd_mini.show.graph.layers import spoken
from autograd_mini.show.graph.text import natural, number, summary
from autograd_mini.words import Say

COPIES = 4
"""Arrows that may leave a leaf before it stands as a small copy at the end of each."""
_LEAST_STRIPS = 3
_BESIDE = 4
_LOOPS = 2  # arrows back to the next step before names take their place


class Style(NamedTuple):
    """How boxes look: two lines each (`brief`), values without gradients (`values`)."""

    brief: bool = False
    values: bool = False


class Drawing:
    """A picture while it is made; `found` are the signs that its legend explains."""

    def __init__(
        self,
        graph: Graph,
        folding: Folding,
        heated: set[int],
        notes: Mapping[int, list[Note]],
        picture: Any,
        say: Say,
        style: Style,
    ) -> None:
        self.graph, self.folding, self.heated, self.picture = graph, folding, heated, picture
        self.notes, self.say, self.style = notes, say, style
        self.spoiled = spoiled(graph)
        self.arrays: dict[int, str] = {}
        self.constants: dict[tuple[int, int], str] = {}
        self.found: set[str] = set()
        self.frame_of: dict[int, str] = {}
        self.owner: dict[int, str] = {}
        self.sketch = Sketch()
        self.copied: set[int] = set()
        self.in_frame: set[int] = set()

    def run(self, framed: Mapping[str, Sequence[int]]) -> None:
        graph, boxes = self.graph, self.folding.boxes
        self.owner = owner = {i: name for name, numbers in framed.items() for i in numbers}
        frames: dict[str, list[int]] = {}
        for k, box in enumerate(boxes):
            names = {owner.get(i, "") for i in box.members}
            name = names.pop() if len(names) == 1 and box.kind != "layer" else ""
            frames.setdefault(name, []).append(k)
            self.frame_of[box.top] = name
        self._stand_beside()
        sizes = layer_sizes(graph, framed)
        faded = fading(sizes, self.say)
        bars = strips(sizes) if len(sizes) >= _LEAST_STRIPS else {}
        self.told = told = dict[str, list[str]]()
        for name, size in sizes.items():
            told[name] = [spoken(name, self.say)]
            if name in bars and name not in self.folding.loop:
                value, gradient = map(number, size)
                told[name][0] += f" {value} {bars[name][0]} ∂ {gradient} {bars[name][1]}"
                self.found |= {"strip", "gradient"}
            told[name] += [note.title for note in self.idle(framed[name])]
            told[name] += [faded[name][1].title] if name in faded else []
        for n, (name, places) in enumerate(frames.items()):
            single = sum(boxes[k].top not in self.row_of for k in places) == 1
            if not name or (self.style.brief and single):
                for k in places:
                    self.box(
                        self.picture, k, [spoken(name, self.say), *told[name]] if name else []
                    )
                continue
            self.sketch.frames += 1 + len(told[name]) / 4
            self.in_frame.update(boxes[k].top for k in places)
            with self.picture.subgraph(name=f"cluster_{n}") as frame:
                label = '<BR ALIGN="LEFT"/>'.join(map(escape, told[name]))
                frame.attr(
                    label=f'<{label}<BR ALIGN="LEFT"/>>',
                    style="rounded",
                    color="#999999",
                    fontcolor=DARK,
                    labeljust="l",
                )
                for k in places:
                    self.box(frame, k, [])
                self._ranks(frame, places)
        self._ranks(self.picture, frames.get("", []))
        self.arrows()

    # -- boxes
    def box(self, into: Any, k: int, lines: Sequence[str]) -> None:
        """Put a box where it belongs, unless it is a row of another; `lines` stand above."""
        box = self.folding.boxes[k]
        if box.top in self.row_of:
            return
        if box.kind in ("node", "formula"):
            self.single(into, box.top, box.title, lines)
        elif box.kind == "step":
            self.found |= {"step", "gradient", "sparkline"}
            look = {"style": "rounded,filled", "fillcolor": FOLD_FILL, "peripheries": "2"}
            label = step_label(self.graph, box, self.say, values=self.style.values)
            self._node(into, f"n{box.top}", label, **look)
        else:
            self.folded(into, k, self.told.get(box.title, []) if box.kind == "layer" else [])

    def _node(self, into: Any, name: str, label: str, **look: str) -> None:
        self.sketch.boxes[name] = label_size(label)
        into.node(name, label, **look)

    def folded(self, into: Any, k: int, lines: Sequence[str]) -> None:
        graph, box, place = self.graph, self.folding.boxes[k], self.folding.place
        inner = {
            i
            for i in box.members
            if graph.uses[i] and all(place.get(user) == k for user, _ in graph.uses[i])
        }
        self.found |= {"fold", "array"}
        self.idle(box.members)
        attributes = {"style": "rounded,filled", "fillcolor": FOLD_FILL, "peripheries": "2"}
        label = box_label(graph, box, inner, self.say, lines)
        self._node(into, f"n{box.top}", label, **attributes)

    def single(self, into: Any, i: int, formula: str, lines: Sequence[str]) -> None:
        """A node by itself, with what only it uses in rows, and the steps in its formula."""
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
        array, brief = np.ndim(graph.seen[i]) > 0, self.style.brief
        signs = {
            "leaf": node.op is None,
            "op": node.op is not None and not brief,
            "declared": node.op is not None and node.op.declared is not None,
            "unnamed": not node.name,
            "array": array and not brief,
            "length": array and brief,
            "gradient": brief and not self.style.values,
            "heat": array and i in self.heated,
            "alarm": wrong,
            "spoiled": not wrong and i in self.spoiled,
            "replaced": graph.replaced(i),
        }
        if any(np.size(note.errors) > 1 for note in notes):
            signs["heat"] = True
        self.found |= {sign for sign, shown in signs.items() if shown}
        how: dict[str, Any] = {"heat": i in self.heated, "hidden": hidden, "notes": notes}
        how["values"] = self.style.values
        if brief:
            leaves = [leaf for leaf, end in self.row_of.items() if end == i]
            leaves.sort(key=lambda leaf: natural(graph.label(leaf)))
            label = brief_label(graph, i, formula, self.say, lines=lines, leaves=leaves, **how)
        else:
            label = node_label(graph, i, self.say, **how)
        self._node(into, f"n{i}", label, **attributes)
        if not brief:
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
        self._node(into, name, table(rows), shape="box", style="dotted", color=GREY)

    # -- where leaves stand
    def _stand_beside(self) -> None:
        """Find the leaves to stand beside their only user, and those to be copied to each."""
        graph, place, boxes = self.graph, self.folding.place, self.folding.boxes
        users: dict[int, dict[int, None]] = {}
        for i in sorted(place):
            for arg in graph.args[i]:
                if arg >= 0 and place.get(arg, place[i]) != place[i]:
                    users.setdefault(place[arg], {})[place[i]] = None
        self.row_of: dict[int, int] = {}  # leaves that are rows of the box that uses them
        self.beside: dict[int, list[int]] = {}
        for k, box in enumerate(boxes):
            leaf = box.kind == "node" and not graph.args[box.top]
            if leaf and self.style.brief and len(users.get(k, {})) > COPIES:
                self.copied.add(box.top)
        for k, ends in users.items():
            top = boxes[k].top
            if boxes[k].kind != "node" or graph.args[top] or len(ends) != 1:
                continue
            (end,) = ends
            user = boxes[end]
            single = user.kind in ("node", "formula") and top not in self.heated
            once = len(graph.uses[top]) == 1 and not self.notes.get(top)
            if self.style.brief and single and once:
                self.row_of[top] = user.top
                continue
            spine = any(
                arg < 0 or (place.get(arg, end) != end and graph.args[arg])
                for i in user.members
                for arg in graph.args[i]
            )
            framed = self.frame_of[top] == self.frame_of[user.top]
            if (
                spine
                and framed
                and self.frame_of[top]
                and user.kind in ("node", "formula", "step")
            ):
                self.beside.setdefault(user.top, []).append(top)
        self.beside = {
            end: leaves for end, leaves in self.beside.items() if len(leaves) <= _BESIDE
        }
        for end, leaves in self.beside.items():
            for leaf in leaves:
                self.sketch.beside[f"n{leaf}"] = f"n{end}"

    def _ranks(self, into: Any, places: Sequence[int]) -> None:
        """Let what stands beside a box have its rank; the last argument, which enters last, first.

        The arrows of the others go above it, so that all enter in the order of the arguments.
        """
        for k in places:
            end = self.folding.boxes[k].top
            leaves = self.beside.get(end, [])
            if leaves:
                with into.subgraph() as rank:
                    rank.attr(rank="same")
                    ordered = sorted(leaves, key=self._position, reverse=True)
                    rank.node(f"n{end}")
                    rank.node(f"n{ordered[0]}")
                    for left, right in itertools.pairwise(ordered):
                        rank.edge(f"n{left}", f"n{right}", style="invis")

    def _position(self, leaf: int) -> tuple[int, int]:
        return min(self.graph.uses[leaf])

    # -- arrows
    def arrows(self) -> None:
        graph, place, boxes = self.graph, self.folding.place, self.folding.boxes
        single: dict[tuple[int, int], list[tuple[int, Any]]] = {}
        several: dict[tuple[int, int], tuple[Flow, int]] = {}
        for i in sorted(place):
            args = graph.args[i]
            if not any(arg >= 0 and place.get(arg, place[i]) != place[i] for arg in args):
                continue
            for position, share in enumerate(graph.flows(i)):
                arg = args[position]
                if arg < 0 or arg not in place or place[arg] == place[i] or arg in self.row_of:
                    continue
                start, end = boxes[place[arg]], boxes[place[i]]
                if {start.kind, end.kind} <= {"node", "formula"}:
                    key = (end.top, arg) if self.style.brief else (i, -1 - position)
                    single.setdefault(key, []).append((i, share))
                else:
                    ends = (start.top, end.top)
                    before, n = several.get(ends, (Flow(0.0, 0), 0))
                    several[ends] = (before + Flow.of(share), n + 1)
        flows = {key: Flow.of(_total([s for _, s in found])) for key, found in single.items()}
        everything = [*flows.values(), *(flow for flow, _ in several.values())]
        largest = max((f.size for f in everything if np.isfinite(f.size)), default=0.0)
        labels = {} if self.style.brief else {i: arrow_labels(graph, i) for i, _ in single}
        local = {
            box.top: factors(graph, box.top, set(box.members) - {box.top})
            for box in (boxes if self.style.brief else [])
            if box.kind in ("node", "formula")
        }
        order = sorted({*single, *((i, -1 - at) for i, at in self.constants)}, key=self._order)
        for end, which in order:  # arguments from left to right
            if which < 0 and (end, -1 - which) in self.constants:
                self._line(self.constants[end, -1 - which], end)
                continue
            label: float | str | None
            if self.style.brief:
                start, label = which, local[end].get(which)
                label = "" if label is None else label
            else:
                start, label = graph.args[end][-1 - which], labels[end][-1 - which]
            text = label if isinstance(label, str) else number(label)
            if self.style.brief and (text in ("0", "1") or self.style.values):
                text = ""
            if text:
                self.found.add("rule" if isinstance(label, str) else "number")
            self._arrow(start, end, text, flows[end, which], largest)
        steps = {box.top: box.times for box in boxes if box.kind == "step"}
        returns = [
            (start, end) for start, end in several if {start, end} <= set(steps) and start > end
        ]
        for (start, end), (flow, n) in several.items():
            if (start, end) in returns and len(returns) > _LOOPS:
                self._copy(
                    start,
                    end,
                    self.say("{name} before").format(name=self._name(start)),
                    flow,
                    largest,
                )
                continue
            first = end in steps and start not in steps and n < steps[end]
            if first and any(other == end for _, other in returns):
                continue  # where the loop starts: what comes back later stands there
            back = (start, end) in returns
            words = "" if n == 1 or {start, end} & set(steps) else f"{n:,} arrows"
            self._arrow(
                start, end, self.say("next step") if back else words, flow, largest, back=back
            )

    def _name(self, top: int) -> str:
        """What a box of a loop is called where it is used in the next step."""
        box = self.folding.boxes[self.folding.place[top]]
        name, given, _ = box.title.partition(" = ")
        return name if given else box.title

    def _order(self, key: tuple[int, int]) -> tuple[int, int]:
        end, which = key
        return end, which if which >= 0 else -1 - which

    def _line(self, constant: str, i: int) -> None:
        self.sketch.arrows.append((constant, f"n{i}"))
        self.picture.edge(constant, f"n{i}", color="#AAAAAA", style="dotted", arrowhead="none")

    def _arrow(
        self, start: int, end: int, label: str, flow: Flow, largest: float, *, back: bool = False
    ) -> None:
        style = {"color": "#AAAAAA"} if self.style.values else arrow(flow, largest)
        if not self.style.values:
            kinds = {BLUE: "positive", ORANGE: "negative", GREY: "mixed"}
            self.found.add(kinds.get(style["color"], "zero"))
        text = f"<&#160;&#160;{escape(label)}&#160;>" if label else None
        words = tooltip(self.graph.label(start), self.graph.label(end))
        if start in self.copied:
            self._copy(start, end, self.graph.label(start), flow, largest)
            return
        if back or f"n{start}" not in self.sketch.boxes:
            style["constraint"] = "false"
        else:
            self.sketch.arrows.append((f"n{start}", f"n{end}"))
        if start in self.beside.get(end, []):
            style |= {"dir": "back", "class": "back"}
            self.picture.edge(f"n{end}", f"n{start}", text, **style, tooltip=words)
            return
        if self.frame_of.get(start) != self.frame_of.get(end) and end in self.in_frame:
            style["minlen"] = "2"  # room for the leaves of the next frame, so that frames stack
        if self.graph.args[start]:
            style["weight"] = "4"  # the spine is straight
        self.picture.edge(f"n{start}", f"n{end}", text, **style, tooltip=words)

    def _copy(self, start: int, end: int, name: str, flow: Flow, largest: float) -> None:
        """The name alone of what goes into a box, above it."""
        self.found.add("copy")
        style = {"color": "#AAAAAA"} if self.style.values else arrow(flow, largest)
        node, label = f"n{start}_{end}", table([f"<TR><TD>{escape(name)}</TD></TR>"])
        self._node(self.picture, node, label, shape="plain", fontcolor=DARK)
        self.sketch.arrows.append((node, f"n{end}"))
        self.picture.edge(node, f"n{end}", **style)


def _total(shares: Sequence[Any]) -> Any:
    """Several shares of one argument, added up; None if there are none."""
    known = [share for share in shares if share is not None]
    with np.errstate(all="ignore"):
        return sum(known[1:], known[0]) if known else None
