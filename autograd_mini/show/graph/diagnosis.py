"""What is wrong in a graph: numbers that are not finite or out of hand, units, layers, checks.

This file knows how trouble shows in values and gradients. It must not know where it is told.
"""

import math
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.show.debug import entry_not_finite, made_at
from autograd_mini.show.graph.expression import constant, expression
from autograd_mini.show.graph.health import APART, Note, fading, idle, norm, sizes_of
from autograd_mini.show.graph.layers import layers, spoken
from autograd_mini.show.graph.reading import Graph
from autograd_mini.show.graph.text import number, plain, shape, summary
from autograd_mini.words import Say

if TYPE_CHECKING:
    from autograd_mini.testing import GradientCheckError

GROWN = 1e10
"""How many times the largest leaf or constant, and 1, a number is before it is told."""

_MOST_ARGUMENTS = 4


def diagnosis(
    graph: Graph, check: "GradientCheckError | None" = None, say: Say = str
) -> dict[int, list[Note]]:
    """Notes on the nodes of `graph` that deserve one, by number.

    These are the first value that is not finite, in the order of computing; the first gradient
    that is not, in the order of the backward pass, and whether it follows from that value; the
    first value and gradient that are out of hand; leaves of a long chain whose gradient fades or
    grows along it; and the leaves that `check`, a failed `check_gradients`, was about. `say` puts
    them into a language.

    Raises TypeError if `check` is no such failure, ValueError if none of its leaves is here.

    >>> from autograd_mini import Value
    >>> x = Value(0.0, name="x")
    >>> for i, notes in diagnosis(Graph(x.sqrt() + 1)).items():
    ...     print(i, notes[0])
    0 first gradient that is not finite; #1 = sqrt(x) passes back inf; x = 0
    """
    notes: dict[int, list[Note]] = {}
    found = [] if check is None else _checked(graph, check, say)
    for i, note in (*found, *_not_finite(graph, say), *_grown(graph, say), *_along(graph, say)):
        notes.setdefault(i, []).append(note)
    return notes


def report(
    graph: Graph,
    check: "GradientCheckError | None" = None,
    groups: Any = None,
    say: Say = str,
) -> list[tuple[str, tuple[str, ...]]]:
    """All that is wrong, for those who read it: a headline for each thing, and lines under it.

    `groups` are those of `draw`; units that do not learn, and the layer whose gradient has faded
    or grown most, are told layer by layer.
    """
    found = [
        (f"{_called(graph, i)}: {note.title}", note.lines)
        for i, notes in sorted(diagnosis(graph, check, say).items())
        for note in notes
        if note.wrong
    ]
    framed = layers(graph, groups)
    inside = {i for members in framed.values() for i in members}
    outside = [i for i in range(len(graph)) if i not in inside]
    for name, members in [*framed.items(), (say("outside layers"), outside)]:
        lines = [note.title for note in idle(graph, members, say) if note.wrong]
        found += [(f"{spoken(name, say)}: {line}", ()) for line in lines]
    faded = fading(sizes_of(graph, framed), say)
    if faded:
        name, (_, note) = max(faded.items(), key=lambda item: item[1][0])
        found.append((f"{spoken(name, say)}: {note.title}", ()))
    return found


def _called(graph: Graph, i: int) -> str:
    name = graph.name(i)
    return f"#{i} ({plain(name, 20)})" if name else f"#{i}"


# ---------------------------------------------------------------------------------- not finite
def spoiled(graph: Graph) -> set[int]:
    """The nodes whose value or gradient has an entry that is not finite."""
    pairs = enumerate(zip(graph.seen, graph.gradients, strict=True))
    return {i for i, (x, g) in pairs if not (_finite(x) and (g is None or _finite(g)))}


def _not_finite(graph: Graph, say: Say) -> Iterable[tuple[int, Note]]:
    """The first value, and the first gradient that does not follow from another."""
    cause = next((i for i, data in enumerate(graph.seen) if not _finite(data)), None)
    if cause is not None:
        data = graph.seen[cause]
        how, bad = expression(graph, cause, by_name=True), _bad(data, say)
        what = say("{how} gave {bad}" if how else "a leaf with {bad}").format(how=how, bad=bad)
        lines = (what, *_origin(graph, cause, say, entry_not_finite(data) or ()))
        yield cause, Note(say("first value that is not finite"), lines)
    follows = False
    for i in reversed(range(len(graph))):
        gradient = graph.gradients[i]
        if gradient is None or _finite(gradient):
            continue
        title, start = say("first gradient that is not finite"), i == len(graph) - 1
        what = "the backward pass starts from {bad}" if start else "the sum over its uses is {bad}"
        note = Note(title, (say(what).format(bad=_bad(gradient, say)),))
        for user, position in graph.uses[i]:
            bad = _bad(graph.flows(user)[position], say)
            if not bad:
                continue
            label = plain(graph.label(user), 20)
            numbers = *filter(_is_number, graph.nodes[user].raw), graph.seen[user]
            if not all(map(_finite, (*numbers, graph.gradients[user]))):
                label = label if cause is None else plain(graph.label(cause), 20)
                text = say("not finite: follows from {name}").format(name=label)
                note = Note(text, wrong=False)
                break
            how = f"{label} = {expression(graph, user, by_name=True)}"
            what = say("{how} passes back {bad}").format(how=how, bad=bad)
            note = Note(title, (what, *_origin(graph, user, say)))
        if note.wrong:
            yield i, note
            return
        if not follows:
            follows = True
            yield i, note


def _bad(data: Any, say: Say) -> str:
    """The first entry that is not finite, in words; "" if there is none."""
    entry = None if data is None else entry_not_finite(data)
    if not entry:
        return "" if entry is None else str(data)
    return say("{x} at entry {entry}").format(x=data[entry], entry=entry)


def _is_number(x: Any) -> bool:
    return isinstance(x, float | int | np.number) or (
        isinstance(x, np.ndarray) and x.dtype.kind in "fiu"
    )


def _origin(graph: Graph, i: int, say: Say, entry: tuple[int, ...] = ()) -> list[str]:
    """The arguments of node i, a line each, and the line of code that made it, if known.

    Of an argument in which an `entry` of the result has one of its own, that one is told.
    """
    node = graph.nodes[i]
    pairs = list(zip(graph.args[i], node.raw, strict=True))
    lines = []
    for arg, raw in pairs[:_MOST_ARGUMENTS]:
        name = plain(graph.label(arg), 20)
        if arg >= 0 and entry and node.op is not None and node.op.elementwise and np.ndim(raw):
            pairs_of = zip(entry[-np.ndim(raw) :], np.shape(raw), strict=True)
            own = tuple([k if n > 1 else 0 for k, n in pairs_of])
            lines.append(f"{name}[{', '.join(map(str, own))}] = {number(raw[own])}")
        elif arg >= 0:
            lines.append(f"{name} = {_range(raw, say)}")
        elif np.ndim(raw):
            lines.append(say("constant: {what}").format(what=constant(raw)))
    if len(pairs) > _MOST_ARGUMENTS:
        more = say("and {n} more arguments").format(n=len(pairs) - _MOST_ARGUMENTS)
        lines.append(more)
    made, name = made_at(node), plain(graph.label(i), 20)
    if made:
        place = os.path.basename(made)
        lines.append(say("{name} was made at {place}").format(name=name, place=place))
    return lines


def _range(data: Any, say: Say) -> str:
    if not np.ndim(data):
        return number(data)
    lines = summary(data, say)
    return f"{shape(data)}, {', '.join(lines[len(lines) > 1 :])}"


def _finite(data: Any) -> bool:
    return math.isfinite(data) if isinstance(data, float) else bool(np.all(np.isfinite(data)))


# ------------------------------------------------------------------------------- out of hand
def _size(data: Any) -> float:
    """The largest finite entry in size; 0 for none."""
    if isinstance(data, float):
        return abs(data) if math.isfinite(data) else 0.0
    sizes = np.abs(np.asarray(data, float))
    return float(np.max(sizes, where=np.isfinite(sizes), initial=0.0))


def _grown(graph: Graph, say: Say) -> Iterable[tuple[int, Note]]:
    """The first value, and the first gradient, that is far beyond all that was given."""
    given = [1.0, _size(graph.seed)]
    for i, args in enumerate(graph.args):
        given += [] if args else [_size(graph.seen[i])]
        if -1 in args:
            pairs = zip(args, graph.nodes[i].raw, strict=True)
            given += [_size(x) for arg, x in pairs if arg < 0 and _is_number(x)]
    bound = GROWN * max(given)
    value = next((i for i, x in enumerate(graph.seen) if _size(x) > bound), None)
    if value is not None:
        size = number(_size(graph.seen[value]))
        yield value, Note(say("values grow: up to {size} here").format(size=size))
    for i in reversed(range(len(graph))):
        gradient = graph.gradients[i]
        if gradient is not None and _size(gradient) > bound:
            text = say("gradients grow on the way back: up to {size} here")
            yield i, Note(text.format(size=number(_size(gradient))))
            return


def _along(graph: Graph, say: Say) -> Iterable[tuple[int, Note]]:
    """Leaves used again and again along a chain, where the gradient fades or grows along it."""
    for i, uses in enumerate(graph.uses):
        if graph.args[i] or len(uses) < 3:
            continue
        users = [user for user, _ in uses if graph.gradients[user] is not None]
        sizes = [norm([graph.gradients[user]]) for user in users]
        known = [k for k, size in enumerate(sizes) if 0 < size < math.inf]
        if not known:
            continue
        low, high = min(known, key=sizes.__getitem__), max(known, key=sizes.__getitem__)
        first, last = sorted((users[low], users[high]))
        if sizes[high] < APART * sizes[low] or first not in graph.behind([last]):
            continue
        way = "fades" if low < high else "grows"
        title = say(f"its gradient {way} along {{n}} uses: {{one}} at {{k}}, {{other}} at {{m}}")
        names = [plain(graph.label(users[k]), 20) for k in (low, high)]
        sized = [number(sizes[k]) for k in (low, high)]
        yield (
            i,
            Note(title.format(n=len(uses), one=sized[0], k=names[0], other=sized[1], m=names[1])),
        )


# ------------------------------------------------------------------------------ failed checks
def _checked(graph: Graph, check: Any, say: Say) -> list[tuple[int, Note]]:
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
            notes.append((graph.number[here], _of_argument(argument, say)))
        elif argument.wrong.any():
            text = say("check_gradients fails at argument {k}, which is not in this graph")
            lost.append(Note(text.format(k=k)))
    if not notes and graph.root is not check.result:
        raise ValueError(
            "no argument of the failed check is in this graph; draw the error's own `result`, or"
            " give check_gradients the leaves of this graph"
        )
    return notes + [(len(graph) - 1, note) for note in lost]


def _of_argument(argument: Any, say: Say) -> Note:
    wrong = argument.wrong
    if not wrong.any():
        return Note(say("check_gradients finds nothing wrong here"), (), wrong=False)
    title = say("check_gradients fails here")
    lines = []
    if wrong.size > 1:
        n, all_ = f"{np.sum(wrong):,}", f"{wrong.size:,}"
        lines.append(say("{n} of {all} elements are wrong").format(n=n, all=all_))
    if argument.differences is None:
        return Note(title, (*lines, say("at a kink, not between the slopes on its two sides")))
    errors = np.where(wrong, argument.computed - argument.differences, 0.0)
    worst = np.unravel_index(np.argmax(np.nan_to_num(np.abs(errors), nan=np.inf)), wrong.shape)
    at = f"{tuple(int(k) for k in worst)}: " if wrong.size > 1 else ""
    ours, theirs = number(argument.computed[worst]), number(argument.differences[worst])
    text = say("computed {ours}, finite differences {theirs}")
    lines.append(at + text.format(ours=ours, theirs=theirs))
    return Note(title, tuple(lines), errors=errors)
