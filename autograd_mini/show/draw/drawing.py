"""Boxes, constants, frames and arrows, put into a picture in the order of the graph.

This file knows where everything stands and how arrows look. It must not know what was chosen to be
shown, nor how a layout is computed.
"""

import functools
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
    change_colour,
    escape,
    node_label,
    step_label,
    table,
    tooltip,
    written,
)
from autograd_mini.show.draw.names import factors
from autograd_mini.show.draw.sketch import Sketch, label_size
from autograd_mini.show.graph import Graph
from autograd_mini.show.graph.diagnosis import spoiled
from autograd_mini.show.graph.expression import constant, neutral
from autograd_mini.show.graph.health import Note, fading, idle, sizes_of, strips
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
        before: Graph | None = None,
    ) -> None:
        self.before = before
        self.graph, self.folding, self.heated, self.picture = graph, folding, heated, picture
        self.notes, self.say, self.style = notes, say, style
        self.spoiled = spoiled(graph)
        self.arrays: dict[int, str] = {}
        self.constants: dict[tuple[int, int], str] = {}
        self.found: set[str] = set()
        self.frame_of: dict[int, str] = {}
        self.owner: dict[int, str] = {}
        self.sketch = Sketch()
        self.largest = 0.0
        self.copied: set[int] = set()
        self.in_frame: set[int] = set()

    def run(self, framed: Mapping[str, Sequence[int]]) -> None:
        """Put everything into the picture, `framed` nodes in frames with what is told of them."""
        graph, boxes = self.graph, self.folding.boxes
        self.owner = owner = {i: name for name, numbers in framed.items() for i in numbers}
        frames: dict[str, list[int]] = {}
        for k, box in enumerate(boxes):
            names = {owner.get(i, "") for i in box.members}
            name = names.pop() if len(names) == 1 and box.kind != "layer" else ""
            frames.setdefault(name, []).append(k)
            self.frame_of[box.top] = name
        self._stand_beside()
        both_ways = "forward" in framed and "backward" in framed
        sizes = {} if both_ways else sizes_of(graph, framed)
        faded = fading(sizes, self.say)
        bars = strips(sizes) if len(sizes) >= _LEAST_STRIPS else {}
        self.told = told = dict[str, list[str]]()
        for name in framed:
            told[name] = [spoken(name, self.say)]
        for name, size in sizes.items():
            if name in bars and name not in self.folding.loop:
                value, gradient = map(number, size)
                told[name][0] += f" {value} {bars[name][0]}"
                told[name][0] += f"\u00a0 ∂ {gradient} {bars[name][1]}" * (not self.style.values)
                self.found |= {"strip"} if self.style.values else {"strip", "gradient"}
            told[name] += [note.title for note in self.idle(framed[name])]
            told[name] += [faded[name][1].title] * (not self.style.values) if name in faded else []
        for n, (name, places) in enumerate(frames.items()):
            single = sum(boxes[k].top not in self.row_of for k in places) == 1
            if not name or (self.style.brief and single):
                for k in places:
                    self.box(self.picture, k, told[name] if name else [])
                continue
            self.sketch.frames += 1 + len(told[name]) / 4
            self.in_frame.update(boxes[k].top for k in places)
            with self.picture.subgraph(name=f"cluster_{n}") as frame:
                label = '<BR ALIGN="LEFT"/>'.join(map(written, told[name]))
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
        """Several nodes as one box; `lines` are what is told of a layer."""
        graph, box, place = self.graph, self.folding.boxes[k], self.folding.place
        inner = {
            i
            for i in box.members
            if graph.uses[i] and all(place.get(user) == k for user, _ in graph.uses[i])
        }
        self.found |= {"fold", "array"}
        self.idle(box.members)
        attributes = {"style": "rounded,filled", "fillcolor": FOLD_FILL, "peripheries": "2"}
        label = box_label(graph, box, inner, self.say, lines, values=self.style.values)
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
        if self.before is not None:
            attributes |= {"style": "filled" if node.op is None else "rounded,filled"}
            attributes["fillcolor"] = change_colour(self.before.seen[i], graph.seen[i])
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
            "unnamed": not graph.name(i),
            "array": array and not brief,
            "length": array and brief,
            "gradient": brief and not self.style.values,
            "heat": array and i in self.heated,
            "alarm": wrong,
            "spoiled": not wrong and i in self.spoiled,
            "replaced": graph.replaced(i) and self.before is None,
            "change": self.before is not None,
        }
        if any(np.size(note.errors) > 1 for note in notes):
            signs["heat"] = True
        self.found |= {sign for sign, shown in signs.items() if shown}
        how: dict[str, Any] = {"heat": i in self.heated, "hidden": hidden, "notes": notes}
        how |= {"values": self.style.values, "before": self.before}
        if brief:
            leaves = [leaf for leaf, end in self.row_of.items() if end == i]
            leaves.sort(key=lambda leaf: natural(graph.label(leaf)))
            label = brief_label(graph, i, formula, self.say, lines=lines, leaves=leaves, **how)
        else:
            label = node_label(graph, i, self.say, **how)
        self._node(into, f"n{i}", label, **attributes)
        if not brief:
            idle = neutral(graph, i)
            for position, arg in enumerate(graph.args[i]):
                if arg < 0 and position not in idle:
                    self.constant(into, i, position, node.raw[position])

    def idle(self, members: Iterable[int]) -> list[Note]:
        """What `members` have of dead and saturated units; the legend explains the words."""
        notes = idle(self.graph, members, self.say)
        self.found.update(note.sign for note in notes)
        return notes

    def constant(self, into: Any, i: int, position: int, raw: Any) -> None:
        """A constant argument, an array once however often it is used."""
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
        for box_of, near in self.beside.items():
            self.sketch.beside.update({f"n{leaf}": f"n{box_of}" for leaf in near})

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
        """All arrows, those into one box from its first argument to its last."""
        graph, place, boxes = self.graph, self.folding.place, self.folding.boxes
        single: dict[tuple[int, int], list[Any]] = {}
        several: dict[tuple[int, int], list[Flow]] = {}
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
                    key = (end.top, arg) if self.style.brief else (i, position)
                    single.setdefault(key, []).append(share)
                else:
                    several.setdefault((start.top, end.top), []).append(Flow.of(share))
        flows = {key: Flow.of(_total(shares)) for key, shares in single.items()}
        joined = {ends: functools.reduce(Flow.__add__, found) for ends, found in several.items()}
        sizes = [flow.size for flow in (*flows.values(), *joined.values())]
        self.largest = max(filter(np.isfinite, sizes), default=0.0)
        (self._between_formulas if self.style.brief else self._between_nodes)(flows)
        self._between_boxes(joined, {ends: len(found) for ends, found in several.items()})

    def _between_nodes(self, flows: Mapping[tuple[int, int], Flow]) -> None:
        """An arrow for each argument, with its local derivative or its rule."""
        labels = {i: arrow_labels(self.graph, i) for i in {i for i, _ in flows}}
        for i, position in sorted({*flows, *self.constants}):
            if (i, position) in self.constants:
                self._line(self.constants[i, position], i)
                continue
            label = "" if self.style.values else labels[i][position]
            text = label if isinstance(label, str) else number(label)
            self.found.update(["rule" if isinstance(label, str) else "number"] if text else [])
            self._arrow(self.graph.args[i][position], i, text, flows[i, position])

    def _between_formulas(self, flows: Mapping[tuple[int, int], Flow]) -> None:
        """An arrow for each node that a formula is made of, with the derivative by it."""
        boxes, place = self.folding.boxes, self.folding.place
        for end, of in itertools.groupby(sorted(flows), key=lambda key: key[0]):
            members = boxes[place[end]].members
            local = factors(self.graph, end, set(members) - {end})
            for _, start in of:
                factor = local.get(start)
                text = "" if factor is None or self.style.values else number(factor)
                text = "" if text in ("0", "1") else text
                self.found.update(["number"] if text else [])
                self._arrow(start, end, text, flows[end, start])

    def _between_boxes(
        self, flows: Mapping[tuple[int, int], Flow], counts: Mapping[tuple[int, int], int]
    ) -> None:
        """An arrow from box to box; what a loop hands to its next step goes back, or by name."""
        for box in self.folding.boxes:  # what a box hands to itself
            args = {arg for i in box.members for arg in self.graph.args[i]}
            if not args.isdisjoint(box.tops):
                flow = functools.reduce(
                    Flow.__add__, (Flow.of(self.graph.gradients[i]) for i in box.tops)
                )
                self._arrow(box.top, box.top, self.say("next step"), flow, back=True)
        steps = {box.top: box.times for box in self.folding.boxes if box.kind == "step"}
        back = [
            (one, other) for one, other in flows if {one, other} <= steps.keys() and one > other
        ]
        again = {end for _, end in back}
        for (start, end), flow in flows.items():
            n = counts[start, end]
            if (start, end) in back and len(back) > _LOOPS:
                self._copy(
                    start, end, self.say("{name} before").format(name=self._name(start)), flow
                )
            elif (start, end) in back:
                self._arrow(start, end, self.say("next step"), flow, back=True)
            elif start in steps or end not in again or n >= steps[end]:  # else the loop begins so
                in_loop = start in steps or end in steps
                words = self.say("{n} arrows").format(n=f"{n:,}")
                self._arrow(start, end, "" if n == 1 or in_loop else words, flow)

    def _name(self, top: int) -> str:
        """What a box of a loop is called where it is used in the next step."""
        box = self.folding.boxes[self.folding.place[top]]
        name, given, _ = box.title.partition(" = ")
        return name if given else box.title

    def _line(self, constant: str, i: int) -> None:
        self.sketch.arrows.append((constant, f"n{i}"))
        self.picture.edge(constant, f"n{i}", color="#AAAAAA", style="dotted", arrowhead="none")

    def _arrow(self, start: int, end: int, label: str, flow: Flow, *, back: bool = False) -> None:
        style = {"color": "#AAAAAA"} if self.style.values else arrow(flow, self.largest)
        if not self.style.values:
            kinds = {BLUE: "positive", ORANGE: "negative", GREY: "mixed"}
            self.found.add(kinds.get(style["color"], "zero"))
        text = f"<&#160;&#160;{escape(label)}&#160;>" if label else None
        words = tooltip(self.graph.label(start), self.graph.label(end))
        if start in self.copied:
            self._copy(start, end, self.graph.label(start), flow)
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
        if self.graph.args[start] and start != end:
            style["weight"] = "4"  # the spine is straight
        if not self.graph.args[start] and len(self.graph.uses[start]) > 1:
            style["tailport"] = "s"  # or arrows run sideways across others
        if start == end:
            style["penwidth"] = "1.5"
        self.picture.edge(f"n{start}", f"n{end}", text, **style, tooltip=words)

    def _copy(self, start: int, end: int, name: str, flow: Flow) -> None:
        """The name alone of what goes into a box, above it."""
        self.found.add("copy")
        style = {"color": "#AAAAAA"} if self.style.values else arrow(flow, self.largest)
        node, label = f"n{start}_{end}", table([f"<TR><TD>{escape(name)}</TD></TR>"])
        self._node(self.picture, node, label, shape="plain", fontcolor=DARK)
        self.sketch.arrows.append((node, f"n{end}"))
        self.picture.edge(node, f"n{end}", **style)


def _total(shares: Sequence[Any]) -> Any:
    """Several shares of one argument, added up; None if there are none."""
    known = [share for share in shares if share is not None]
    with np.errstate(all="ignore"):
        return sum(known[1:], known[0]) if known else None
