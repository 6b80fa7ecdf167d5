"""What is wrong in a graph: numbers that are not finite, units that do not learn, failed checks.

This file knows how trouble shows in values and gradients. It must not know where it is told.
"""

import math
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_mini.engine.op import Op
from autograd_mini.engine.value import Value
from autograd_mini.show.debug import made_at, not_finite
from autograd_mini.show.graph.expression import constant, expression
from autograd_mini.show.graph.layers import layers
from autograd_mini.show.graph.reading import Graph
from autograd_mini.show.graph.text import count, number, plain, shape, summary

if TYPE_CHECKING:
    from autograd_mini.testing import GradientCheckError

SATURATED = 0.01
"""A sigmoid this near to 0 or 1 has less than a 25th of its greatest slope, and so has tanh
twice as near to -1 or 1."""

_MOST_ARGUMENTS = 4


class Note(NamedTuple):
    """What is to be said about a node: what it is, how it came about, and whether it is wrong.

    `errors` has for each element of an array by how much its gradient is wrong, if a check told.
    """

    title: str
    lines: tuple[str, ...] = ()
    wrong: bool = True
    errors: Any = None

    def __str__(self) -> str:
        return "; ".join([self.title, *self.lines])


def diagnosis(graph: Graph, check: "GradientCheckError | None" = None) -> dict[int, list[Note]]:
    """Notes on the nodes of `graph` that deserve one, by number.

    These are the first value that is not finite, in the order of computing; the first gradient
    that is not, in the order of the backward pass; and the leaves that `check`, a failed
    `check_gradients`, was about.

    Raises TypeError if `check` is no such failure, ValueError if none of its leaves is here.

    >>> from autograd_mini import Value
    >>> x = Value(0.0, name="x")
    >>> for i, notes in diagnosis(Graph(x.sqrt() + 1)).items():
    ...     print(i, notes[0])
    0 first gradient that is not finite; #1 = sqrt(x) passes back inf; x = 0
    """
    notes: dict[int, list[Note]] = {}
    if check is not None:
        for i, note in _checked(graph, check):
            notes.setdefault(i, []).append(note)
    for found in (_first_value(graph), _first_gradient(graph)):
        if found is not None:
            notes.setdefault(found[0], []).append(found[1])
    return notes


def report(
    graph: Graph, check: "GradientCheckError | None" = None, groups: Any = None
) -> list[tuple[str, tuple[str, ...]]]:
    """All that is wrong, for those who read it: a headline for each thing, and lines under it.

    `groups` are those of `draw`; dead and saturated units are told layer by layer.
    """
    found = [
        (f"{_called(graph, i)}: {note.title}", note.lines)
        for i, notes in sorted(diagnosis(graph, check).items())
        for note in notes
        if note.wrong
    ]
    framed = layers(graph, groups)
    inside = {i for members in framed.values() for i in members}
    framed["outside layers"] = [i for i in range(len(graph)) if i not in inside]
    for name, members in framed.items():
        found += [(f"{plain(name)}: {words}", ()) for words in idle(graph, members)]
    return found


def _called(graph: Graph, i: int) -> str:
    name = graph.nodes[i].name
    return f"#{i} ({plain(name, 20)})" if name else f"#{i}"


# ---------------------------------------------------------------------------------- not finite
def _first_value(graph: Graph) -> tuple[int, Note] | None:
    i = next((i for i, data in enumerate(graph.seen) if not _finite(data)), None)
    if i is None:
        return None
    bad = not_finite(graph.seen[i])
    how = expression(graph, i, by_name=True)
    what = f"{how} gave {bad}" if how else f"a leaf with {bad}"
    return i, Note("first value that is not finite", (what, *_origin(graph, i)))


def _first_gradient(graph: Graph) -> tuple[int, Note] | None:
    for i in reversed(range(len(graph))):
        gradient = graph.gradients[i]
        if gradient is None or _finite(gradient):
            continue
        lines = [f"the sum over its uses is {not_finite(gradient)}"]
        if i == len(graph) - 1:
            lines = [f"the backward pass starts from {not_finite(gradient)}"]
        for user, position in graph.uses[i]:
            bad = not_finite(graph.flows(user)[position])
            if bad:
                how = f"{plain(graph.label(user), 20)} = {expression(graph, user, by_name=True)}"
                lines = [f"{how} passes back {bad}", *_origin(graph, user)]
                break
        return i, Note("first gradient that is not finite", tuple(lines))
    return None


def _origin(graph: Graph, i: int) -> list[str]:
    """The arguments of node i, a line each, and the line of code that made it, if known."""
    pairs = list(zip(graph.args[i], graph.nodes[i].raw, strict=True))
    lines = []
    for arg, raw in pairs[:_MOST_ARGUMENTS]:
        if arg >= 0:
            lines.append(f"{plain(graph.label(arg), 20)} = {_range(raw)}")
        elif np.ndim(raw):
            lines.append(f"constant: {constant(raw)}")
    if len(pairs) > _MOST_ARGUMENTS:
        lines.append(f"and {count(len(pairs) - _MOST_ARGUMENTS, 'argument')} more")
    made = made_at(graph.nodes[i])
    name = plain(graph.label(i), 20)
    return [*lines, f"{name} was made at {os.path.basename(made)}"] if made else lines


def _range(data: Any) -> str:
    if not np.ndim(data):
        return number(data)
    lines = summary(data)
    return f"{shape(data)}, {', '.join(lines[len(lines) > 1 :])}"


def _finite(data: Any) -> bool:
    return math.isfinite(data) if isinstance(data, float) else bool(np.all(np.isfinite(data)))


# ------------------------------------------------------------------------------ failed checks
def _checked(graph: Graph, check: Any) -> list[tuple[int, Note]]:
    from autograd_mini.testing import GradientCheckError  # few pictures are about a check

    if not isinstance(check, GradientCheckError):
        raise TypeError(
            f"check is the GradientCheckError of a failed check_gradients, not"
            f" {type(check).__name__}"
        )
    notes: list[tuple[int, Note]] = []
    lost: list[Note] = []
    for k, argument in enumerate(check.arguments):
        values = [v for v in (argument.leaf, argument.given) if isinstance(v, Value)]
        here = next((v for v in values if v in graph.number), None)
        if here is not None:
            notes.append((graph.number[here], _of_argument(argument)))
        elif argument.wrong.any():
            lost.append(Note(f"check_gradients fails at argument {k}, which is not in this graph"))
    if not notes and graph.root is not check.result:
        raise ValueError(
            "no argument of the failed check is in this graph; draw the error's own `result`, or"
            " give check_gradients the leaves of this graph"
        )
    return notes + [(len(graph) - 1, note) for note in lost]


def _of_argument(argument: Any) -> Note:
    wrong = argument.wrong
    if not wrong.any():
        return Note("check_gradients finds nothing wrong here", (), wrong=False)
    title = "check_gradients fails here"
    lines = []
    if wrong.size > 1:
        lines.append(f"{np.sum(wrong):,} of {wrong.size:,} elements are wrong")
    if argument.differences is None:
        return Note(title, (*lines, "at a kink, not between the slopes on its two sides"))
    errors = np.where(wrong, argument.computed - argument.differences, 0.0)
    worst = np.unravel_index(np.argmax(np.nan_to_num(np.abs(errors), nan=np.inf)), wrong.shape)
    at = f"at {tuple(int(k) for k in worst)}: " if wrong.size > 1 else ""
    ours, theirs = number(argument.computed[worst]), number(argument.differences[worst])
    lines.append(f"{at}computed {ours}, finite differences {theirs}")
    return Note(title, tuple(lines), errors=errors)


# ---------------------------------------------------------------- units that do not learn
def idle(graph: Graph, members: Iterable[int]) -> list[str]:
    """Shares of dead ReLUs and of saturated sigmoids among `members`; none if all are well.

    What they are called follows from the results at which an op says that it is flat. A ReLU, with
    one, is dead if it is there for every example: in an array of two or more axes, along the
    first. A sigmoid or tanh, with two, is saturated within `SATURATED` of its range of them.

    >>> from autograd_mini import Value
    >>> z = Value([[-1.0, -2.0, 3.0], [5.0, -5.0, 6.0]])
    >>> graph = Graph(z.relu().sigmoid().sum())
    >>> idle(graph, range(len(graph)))
    ['1 of 3 ReLUs dead', '2 of 6 sigmoids saturated']
    """
    bad: dict[Op, int] = {}
    total: dict[Op, int] = {}
    for i in members:
        op = graph.nodes[i].op
        if op is not None and op.flat:
            flags = _is_idle(np.asarray(graph.seen[i]), op.flat)
            bad[op] = bad.get(op, 0) + int(np.sum(flags))
            total[op] = total.get(op, 0) + flags.size
    ops = sorted(filter(bad.get, bad), key=lambda op: (len(op.flat), op.name))
    return [f"{bad[op]:,} of {total[op]:,} {_units(op)}" for op in ops]


def _is_idle(out: Any, flat: tuple[float, ...]) -> Any:
    if len(flat) == 1:
        off = np.asarray(out == flat[0])
        return np.all(off, axis=0) if out.ndim > 1 else off
    low, high = flat
    near = SATURATED * (high - low)
    return np.asarray((out < low + near) | (out > high - near))


def _units(op: Op) -> str:
    name = "ReLU" if op.name == "relu" else op.name
    return f"{name}s {'dead' if len(op.flat) == 1 else 'saturated'}"
