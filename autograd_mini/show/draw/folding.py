"""Graphs too large to draw, folded into boxes: layers, repeats, chains, leaves that hardly matter.

This file knows which nodes may share a box, and in what order that is tried. It must not know
how a box looks. Every step takes time in proportion to the graph (or n log n, where it sorts).
"""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from autograd_mini.show.draw.brief import common, formulas, shared_name
from autograd_mini.show.draw.steps import LEAST_STEPS, repeated
from autograd_mini.show.graph import Graph
from autograd_mini.show.graph.text import count
from autograd_mini.words import Say

TINY = 0.01
"""Leaves with less than this share of the largest gradient of a leaf may be folded."""


class How(NamedTuple):
    """What may share a box: steps written into formulas, layers, the steps of a loop.

    Then, if there are more than `budget` boxes, whatever brings them down to `goal`.
    """

    budget: int
    goal: int
    formulas: bool = False
    layers: bool = False
    steps: bool = False


@dataclass
class Box:
    """Nodes that are drawn as one; `times` says how often the same thing stands side by side.

    `tops` are, for what is rolled up, the results of each step in order.
    """

    members: list[int]
    kind: str = "node"  # or formula, step, layer, repeat, chain, part, leaves, rest
    title: str = ""
    times: int = 1
    tops: Sequence[int] = ()

    @property
    def top(self) -> int:
        """The last of the members, by whose number the box is known."""
        return self.members[-1]


@dataclass
class Folding:
    """Boxes in order, the place of each node's box among them, and the frame of a loop."""

    boxes: list[Box]
    place: dict[int, int]
    loop: dict[str, list[int]] = field(default_factory=dict)  # frames of steps, as of layers


def fold(
    graph: Graph,
    shown: Iterable[int],
    layers: Mapping[str, Sequence[int]],
    how: How,
    opened: Iterable[int] = (),
) -> Folding:
    """The `shown` nodes in boxes: one each if they are at most the budget, constants included.

    Else layers are folded, then repeats, then chains, then leaves of tiny gradient, then parts
    that nothing else uses, until the goal is reached, which a person can read. Nodes in `opened`
    keep a box each, unless that is more than the budget.
    """
    state = _State(graph, sorted(shown), frozenset(opened))
    budget, goal, loop = how.budget, how.goal, dict[str, list[int]]()
    if how.layers:
        _fold_layers(state, layers, 0)
    if how.steps:
        loop = _fold_steps(state)
    if how.formulas:
        _fold_formulas(state, {i: name for name, members in layers.items() for i in members})
    if state.size() > budget:
        steps: tuple[tuple[Callable[[], None], ...], ...] = (
            (lambda: _fold_layers(state, layers, goal),),
            (lambda: _fold_repeats(state), lambda: _fold_neurons(state)),
            (lambda: _fold_chains(state, one_op=True),),
            (lambda: _fold_chains(state, one_op=False),),
            (lambda: _fold_leaves(state),),
            (lambda: _fold_parts(state, goal),),
        )
        for step in steps:
            for part in step:
                part()
            if state.size() <= goal + len(state.opened):
                break
        if state.size() > budget:
            _fold_rest(state, goal)
    found = state.result()
    found.loop = loop
    return found


class _State:
    """Which box every node is in: `of[i]` is the number of the last node of its box."""

    def __init__(self, graph: Graph, shown: list[int], opened: frozenset[int]) -> None:
        self.graph = graph
        self.shown = shown
        self.opened = opened
        self.of = [-1] * len(graph)
        for i in shown:
            self.of[i] = i
        self.kind: dict[int, tuple[str, str, int]] = {}
        self.texts: dict[int, str] = {}
        self.steps: list[list[int]] = []  # of a loop: the nodes of each
        self.alike: dict[int, Sequence[int]] = {}  # by box: what is the same in all steps

    def layer(self, *boxes: int) -> bool:
        """Whether one of them is a layer, which nothing swallows."""
        return any(self.kind.get(box, ("",))[0] == "layer" for box in boxes)

    def times(self, box: int) -> int:
        return self.kind[box][2] if box in self.kind else 1

    def size(self) -> int:
        """How many boxes there are, and constants of nodes that are drawn by themselves."""
        of, kind, args = self.of, self.kind, self.graph.args
        constants = sum(args[i].count(-1) for i in self.shown if of[i] not in kind)
        constants *= not self.texts  # they stand in the formulas
        return len({of[i] for i in self.shown}) + constants

    def neighbours(self) -> tuple[dict[int, dict[int, None]], dict[int, dict[int, None]]]:
        """Boxes before and behind each box, in order."""
        before: dict[int, dict[int, None]] = {self.of[i]: {} for i in self.shown}
        after: dict[int, dict[int, None]] = {box: {} for box in before}
        for i in self.shown:
            box = self.of[i]
            for arg in self.graph.args[i]:
                other = self.of[arg] if arg >= 0 else -1
                if other >= 0 and other != box:
                    before[box][other] = None
                    after[other][box] = None
        return before, after

    def merge(self, into: Mapping[int, int], kind: str, title: str = "") -> None:
        """Put each box of `into` in the same box as its image; images that move are followed."""
        found: dict[int, int] = {}
        for box in into:
            trail: dict[int, None] = {}
            while box in into and box not in found and box not in trail:
                trail[box] = None
                box = into[box]
            end = found.get(box, box)
            found.update(dict.fromkeys(trail, end))
        last: dict[int, int] = {}
        times: dict[int, int] = {}
        ends = set(found.values())
        for i in self.shown:
            end = found.get(self.of[i], self.of[i])
            if end in ends:
                times[end] = self.times(end)
                self.of[i] = end
                last[end] = i
        for i in self.shown:
            if self.of[i] in last:
                self.of[i] = last[self.of[i]]
        for box in found:  # also those that are swallowed
            self.kind.pop(box, None)
        for end, new in last.items():
            self.kind.pop(end, None)
            self.kind[new] = (kind, title, times[end])

    def result(self) -> Folding:
        members: dict[int, list[int]] = {}
        for i in self.shown:
            members.setdefault(self.of[i], []).append(i)
        plain = {box: ("node", text, 1) for box, text in self.texts.items()}
        found = plain | self.kind
        boxes = [
            Box(members[box], *found.get(box, ("node", "", 1)), sorted(self.alike.get(box, ())))
            for box in sorted(members)
        ]
        place = {i: k for k, box in enumerate(boxes) for i in box.members}
        return Folding(boxes, place)


_PLURALS = {
    "step": ("step of a loop", "steps of a loop"),
    "layer": ("layer", "layers"),
    "repeat": ("repeated thing", "repeated things"),
    "chain": ("chain", "chains"),
    "leaves": ("handful of leaves of tiny gradient", "handfuls of leaves of tiny gradient"),
    "part": ("part that feeds one place only", "parts that feed one place only"),
    "rest": ("box for all that lies further back", "boxes for all that lies further back"),
}


def folded_words(boxes: Sequence[Box], say: Say) -> list[str]:
    """What was folded into what, in words."""
    words = []
    for kind, (one, many) in _PLURALS.items():
        sizes = [len(box.members) for box in boxes if box.kind == kind]
        if sizes and say(many) == many:
            words.append(f"{count(sum(sizes), 'node')} into {count(len(sizes), one, many)}")
        elif sizes:  # in a language whose words have many endings
            words.append(f"{say(many)}: {len(sizes):,} ({say('node')}: {sum(sizes):,})")
    return words


# --------------------------------------------------------------------------------------- steps
def _fold_formulas(state: _State, owner: Mapping[int, str]) -> None:
    """Write unnamed steps into formulas; in a loop, those of its second step stand for all."""
    graph, of = state.graph, state.of
    loop = {i: k for k in (1, 2) for i in state.steps[k]} if state.steps else {}
    loop = {i: k for i, k in loop.items() if i >= 0 and i not in state.opened}
    alone = [i for i in state.shown if of[i] == i and i not in state.kind]

    def used_once(i: int) -> bool:
        if i not in loop:
            return len(graph.uses[i]) == 1
        users = {of[user] for same in state.alike[of[i]] for user, _ in graph.uses[same]}
        here = [user for user, _ in graph.uses[i] if loop.get(user) == loop[i]]
        return len(users) == len(here) == 1 and of[here[0]] in users

    into, texts = formulas(graph, [*alone, *loop], state.opened, owner, used_once)
    found = {of[i]: of[end] for i, end in into.items() if loop.get(i, 1) == 1}
    kinds = {box: state.kind[box] for box in state.alike if box in state.kind}
    state.merge({box: end for box, end in found.items() if end not in kinds}, "formula")
    state.merge({box: end for box, end in found.items() if end in kinds}, "step")
    state.texts = {i: text for i, text in texts.items() if i not in loop}
    for box, (kind, _, times) in state.kind.items():
        if kind == "formula":
            state.kind[box] = (kind, texts[box], times)
    for k, i in enumerate(state.steps[1] if state.steps else ()):
        same = [texts[step[k]] for step in state.steps[1:3] if step[k] in texts]
        if same and i in loop and i not in into:
            names = [graph.name(step[k]) for step in state.steps[1:3]]
            title = f"{shared_name(names)} = {common(same)}" if all(names) else common(same)
            state.kind[of[i]] = ("step", title, len(state.steps))


def _fold_steps(state: _State) -> dict[str, list[int]]:
    """Join what stands in the same place of each step of a loop; the frame of a step, by name."""
    graph = state.graph
    free = {i for i in state.shown if graph.args[i] and state.of[i] == i and i not in state.kind}
    free.discard(len(graph) - 1)
    computed = [i for i in _as_written(graph) if i in free]
    place = {i: k for k, i in enumerate(computed)}
    shared: set[int] = set()  # parameters of the loop: leaves that are used all along
    for i in state.shown:
        used = sorted(place[user] for user, _ in graph.uses[i] if user in place)
        if (
            not graph.args[i]
            and len(used) >= LEAST_STEPS
            and used[-1] - used[0] >= len(place) // 2
        ):
            shared.add(i)

    def mark(i: int) -> Any:
        args = [arg if arg in shared else "other" for arg in graph.args[i]]
        return graph.nodes[i].op, repr(graph.nodes[i].keywords), np.shape(graph.seen[i]), *args

    start, length, times = repeated([mark(i) for i in computed])
    steps = [computed[start + k * length : start + (k + 1) * length] for k in range(times)]
    found = set(itertools.chain(*steps))
    steps += _further(state, steps, [i for i in computed if i not in found], mark)
    _with_what_feeds_them(state, steps, free.difference(*steps), mark)
    for row in zip(*steps, strict=True):
        same = [i for i in row if i >= 0 and i not in state.opened]
        if not same:
            continue
        last = max(same)
        state.merge({i: last for i in same if i != last}, "step")
        state.kind[last] = ("step", "", len(steps))
        state.alike[last] = same
    state.steps = steps
    inside = sorted(set(itertools.chain(*steps)) - state.opened - {-1})
    return {f"step × {len(steps)}": inside} if length > 1 else {}


def _with_what_feeds_them(
    state: _State, steps: list[list[int]], left: set[int], mark: Callable[[int], Any]
) -> None:
    """Add to each step what only it uses, where that is alike in all: `W @ x` of every input."""
    graph, k = state.graph, 0
    while steps and k < len(steps[0]):
        members = [step[k] for step in steps if step[k] >= 0]
        for position in range(len(graph.args[members[0]])):
            feed = [graph.args[i][position] for i in members]
            own = all(arg in left and len(graph.uses[arg]) == 1 for arg in feed)
            if own and len({mark(arg) for arg in feed}) == 1:
                given = iter(feed)
                for step in steps:
                    step.append(next(given) if step[k] >= 0 else -1)
                left.difference_update(feed)
        k += 1


def _further(
    state: _State, steps: list[list[int]], left: Iterable[int], mark: Callable[[int], Any]
) -> list[list[int]]:
    """One more step, of nodes that stand apart and are made as their like; -1 where none is."""
    if not steps:
        return []
    args = state.graph.args
    row = {i: k for step in steps for k, i in enumerate(step)}
    made: dict[Any, list[int]] = {}
    for i in reversed(steps[-1]):
        made.setdefault((mark(i), *(row.get(arg, -1) for arg in args[i])), []).append(row[i])
    more = [-1] * len(steps[0])
    for i in left:
        places = made.get((mark(i), *(row.get(arg, -1) for arg in args[i])))
        if places:
            row[i] = places.pop()
            more[row[i]] = i
    return [more] if 2 * sum(i >= 0 for i in more) >= len(more) else []


def _as_written(graph: Graph) -> list[int]:
    """All nodes, each after its arguments, and these from left to right, as a program has them."""
    order: dict[int, None] = {}
    stack = [len(graph) - 1]
    while stack:
        i = stack[-1]
        missing = [arg for arg in reversed(graph.args[i]) if arg >= 0 and arg not in order]
        if missing and i not in order:
            stack += missing
        else:
            order[stack.pop()] = None
    return list(order)


def _fold_layers(state: _State, layers: Mapping[str, Sequence[int]], goal: int) -> None:
    for title, numbers in sorted(layers.items(), key=lambda item: -len(item[1])):
        if state.size() <= goal:
            break
        members = [i for i in numbers if state.of[i] >= 0]
        if len(members) > 1 and state.opened.isdisjoint(members):
            state.merge(dict.fromkeys(members[:-1], members[-1]), "layer", title)


def _fold_repeats(state: _State) -> None:
    """Join nodes that are computed in the same way all the way down, and leaves used alike.

    Two ops are alike if they are the same op on alike arguments; then they have the same height
    in the graph, so that no arrow between the joined boxes can turn back.
    """
    graph, of = state.graph, state.of
    numbers: dict[Any, int] = {}
    alike = [0] * len(graph)

    def number(key: Any) -> int:
        return numbers.setdefault(key, len(numbers))

    for i in state.shown:
        node, args = graph.nodes[i], graph.args[i]
        if of[i] in state.kind:
            alike[i] = number(("by itself", of[i]))
        elif args and node.op is not None:
            before = tuple([-1 if arg < 0 or of[arg] < 0 else alike[arg] for arg in args])
            alike[i] = number((node.op.name, repr(node.keywords), before))
        else:
            alike[i] = number(("leaf", node.shape))
    for i in state.shown:
        if not graph.args[i] and of[i] not in state.kind:
            uses = frozenset((alike[user], position) for user, position in graph.uses[i])
            alike[i] = number(("leaf", graph.nodes[i].shape, uses))
    classes: dict[int, list[int]] = {}
    for i in state.shown:
        if of[i] not in state.kind and i not in state.opened:
            classes.setdefault(alike[i], []).append(i)
    repeated = [members for members in classes.values() if len(members) > 1]
    state.merge({i: members[-1] for members in repeated for i in members[:-1]}, "repeat")
    for members in repeated:
        state.kind[members[-1]] = ("repeat", "", len(members))


def _fold_neurons(state: _State) -> None:
    """Join repeated sums of products with the function of one number that they lead to.

    All users of what joins a neuron are in the neuron, so that only its result leads out of it.
    """
    nodes, args = state.graph.nodes, state.graph.args
    before, after = state.neighbours()
    neuron: dict[int, int] = {}
    products: set[int] = set()
    for box in reversed(_topological(before, after)):
        op = nodes[box].op
        if op is None or box in state.opened or state.kind.get(box, ("",))[0] == "layer":
            continue
        product = op.quick == "product" and -1 not in args[box]
        if len(args[box]) == 1 and state.times(box) > 1:
            neuron[box] = box
        elif product or op.quick == "sum":
            users = {neuron.get(user, -1) for user in after[box]}
            if len(users) == 1 and -1 not in users:
                neuron[box] = users.pop()
                products.update([neuron[box]] if product else [])
    joined = {box: end for box, end in neuron.items() if end in products and box != end}
    state.merge(joined, "repeat", "neuron")


def _fold_chains(state: _State, *, one_op: bool) -> None:
    """Join each box with the one behind it that uses it, if nothing else does.

    What forks and joins again inside a chain leads out of it nowhere, so arrows keep their way.
    """
    before, after = state.neighbours()
    length: dict[int, int] = {}
    follows: dict[int, int] = {}
    for box in _topological(before, after):
        length[box] = 1
        chosen = -1
        for other in before[box]:
            alone = len(after[other]) == 1 and before[other]
            longer = length.get(other, 0) >= length[box]
            if alone and longer and _may_chain(state, other, box, one_op):
                length[box], chosen = length[other] + 1, other
        if chosen >= 0:
            follows[chosen] = box
    state.merge(follows, "chain")


def _may_chain(state: _State, box: int, into: int, one_op: bool) -> bool:
    kinds = [state.kind[b] for b in (box, into) if b in state.kind]
    if state.layer(box, into) or state.times(box) != state.times(into):
        return False
    if box in state.opened or into in state.opened:
        return False
    nodes = state.graph.nodes
    whole = any(k[1] == "neuron" for k in kinds)
    return not one_op or (nodes[box].op is nodes[into].op and not whole)


def _fold_leaves(state: _State) -> None:
    """Join the leaves of tiny gradient that the same boxes use."""
    _, after = state.neighbours()
    sizes = {
        i: magnitude(state.graph.gradients[i])
        for i in state.shown
        if state.of[i] == i and not state.graph.args[i] and i not in state.kind
    }
    largest = max(sizes.values(), default=0.0)
    alike: dict[tuple[int, ...], list[int]] = {}
    for i, size in sizes.items():
        if size <= TINY * largest and i not in state.opened:
            alike.setdefault(tuple(after[i]), []).append(i)
    for members in alike.values():
        if len(members) > 1:
            state.merge(dict.fromkeys(members[:-1], members[-1]), "leaves")


def _fold_parts(state: _State, goal: int) -> None:
    """Join a box with everything that only it uses, the smallest such parts first."""
    before, after = state.neighbours()
    weight: dict[int, int] = {}
    private: dict[int, list[int]] = {}
    for box in _topological(before, after):
        private[box] = [
            b
            for b in before[box]
            if len(after[b]) == 1 and not {b, box} & state.opened and not state.layer(b, box)
        ]
        weight[box] = 1 + sum(weight.get(b, 0) for b in private[box])
    left = state.size()
    into: dict[int, int] = {}
    for box in sorted(private, key=lambda b: weight[b]):
        if left <= goal:
            break
        into.update(dict.fromkeys(private[box], box))
        left -= len(private[box])
    state.merge(into, "part")


def _fold_rest(state: _State, budget: int) -> None:
    """Keep the boxes next to the result, as many as may be drawn, and join all the others."""
    before, after = state.neighbours()
    kept = 1
    rest: list[int] = []
    for box in reversed(_topological(before, after)):
        kept += 1 + (0 if box in state.kind else state.graph.args[box].count(-1))
        if kept > budget and not state.layer(box):
            rest.append(box)
    state.merge(dict.fromkeys(rest[1:], rest[0]) if len(rest) > 1 else {}, "rest")


def _topological(
    before: Mapping[int, Mapping[int, None]], after: Mapping[int, Mapping[int, None]]
) -> list[int]:
    """Boxes, each after those before it; any that turn in a circle come last."""
    waiting = {box: len(others) for box, others in before.items()}
    order = [box for box, n in waiting.items() if n == 0]
    for box in order:
        for other in after[box]:
            waiting[other] -= 1
            if waiting[other] == 0:
                order.append(other)
    ordered = set(order)
    return order + [box for box in before if box not in ordered]


def magnitude(gradient: Any) -> float:
    """The length of a gradient as a vector; 0 for none."""
    if gradient is None:
        return 0.0
    with np.errstate(all="ignore"):
        return float(abs(gradient) if not np.ndim(gradient) else np.linalg.norm(gradient))
