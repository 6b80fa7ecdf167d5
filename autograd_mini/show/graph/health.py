"""How layers fare: units that do not learn, and gradients that fade or grow from layer to layer.

This file knows how that shows in the numbers of a layer. It must not know where it is told.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_mini.engine.op import Op
from autograd_mini.engine.value import Value
from autograd_mini.show.graph.layers import layers, spoken
from autograd_mini.show.graph.reading import Graph, read
from autograd_mini.show.graph.text import number
from autograd_mini.words import Say

SATURATED = 0.01
"""A sigmoid this near to 0 or 1 has less than a 25th of its greatest slope, and so has tanh
twice as near to -1 or 1."""
ENOUGH = 8
"""Examples below which a ReLU that is off for all of them is not called dead."""
APART = 1000.0
"""How many times the gradient of one layer, or of one use of a leaf, is that of another before
it is told."""


class Note(NamedTuple):
    """What is to be said about a node: what it is, how it came about, and whether it is wrong.

    `errors` has for each element of an array by how much its gradient is wrong, if a check told;
    `sign` is the word that a legend explains.
    """

    title: str
    lines: tuple[str, ...] = ()
    wrong: bool = True
    errors: Any = None
    sign: str = ""

    def __str__(self) -> str:
        return "; ".join([self.title, *self.lines])


# ---------------------------------------------------------------- units that do not learn
def idle(graph: Graph, members: Iterable[int], say: Say = str) -> list[Note]:
    """Shares of ReLUs that are off and of sigmoids that are saturated; none if all are well.

    What they are called follows from the results at which an op says that it is flat. A ReLU, with
    one, is dead if it is there for every one of at least `ENOUGH` examples: of an array along all
    axes but the last, of single numbers all that have the same weights. A sigmoid or tanh, with
    two, is saturated within `SATURATED` of its range of them, which is wrong for more than half.

    >>> from autograd_mini import Value
    >>> z = Value([[-1.0, -2.0, 3.0], [5.0, -5.0, 6.0]])
    >>> graph = Graph(z.relu().sigmoid().sum())
    >>> [str(note) for note in idle(graph, range(len(graph)))]
    ['1 of 3 ReLUs off for these 2 examples', '2 of 6 sigmoids saturated']
    """
    members = list(members)
    units: dict[Op, list[int]] = {}
    for i in members:
        op = graph.nodes[i].op
        if op is not None and op.flat:
            units.setdefault(op, []).append(i)
    inside, notes = set(members), []
    for op in sorted(units, key=lambda op: (len(op.flat), op.name)):
        if len(op.flat) == 1:
            bad, total, n = _off(graph, units[op], inside, op.flat[0])
            sign, what = "dead", "{bad} of {total} {op}s dead"
            if n < ENOUGH:
                whom = "this example" if n == 1 else "these {n} examples"
                sign, what = "off", f"{{bad}} of {{total}} {{op}}s off for {whom}"
            wrong = n >= ENOUGH
        else:
            low, high = op.flat
            near = SATURATED * (high - low)
            outs = [np.asarray(graph.seen[i]) for i in units[op]]
            bad = sum(int(np.sum((out < low + near) | (out > high - near))) for out in outs)
            total, n, sign = sum(out.size for out in outs), 0, "saturated"
            what = "{bad} of {total} {op}s saturated"
            wrong = 2 * bad > total
        name = "ReLU" if op.name == "relu" else op.name
        if bad:
            text = say(what).format(bad=f"{bad:,}", total=f"{total:,}", op=name, n=n)
            notes.append(Note(text, wrong=wrong, sign=sign))
    return notes


def _off(
    graph: Graph, units: Iterable[int], inside: set[int], flat: float
) -> tuple[int, int, int]:
    """How many units are always at `flat`, how many there are, and the fewest examples of one."""
    neurons: dict[Any, list[bool]] = {}
    bad, total, fewest = 0, 0, math.inf
    for i in units:
        off = np.asarray(graph.seen[i] == flat)
        if off.ndim:
            flags = off.reshape(-1, off.shape[-1] if off.ndim > 1 else off.size)
            bad, total = bad + int(np.sum(flags.all(axis=0))), total + flags.shape[1]
            fewest = min(fewest, len(flags))
        else:
            neurons.setdefault(_weights(graph, i, inside) or i, []).append(bool(off))
    bad += sum(map(all, neurons.values()))
    return bad, total + len(neurons), int(min([fewest, *map(len, neurons.values())]))


def _weights(graph: Graph, i: int, inside: set[int]) -> frozenset[int]:
    """The leaves of the same layer in the weighted sum that unit i is applied to."""
    found, waiting = set(), list(graph.args[i])
    while waiting:
        k = waiting.pop()
        op = graph.nodes[k].op if k in inside else None
        if op is None and k in inside:
            found.add(k)
        elif op is not None and op.quick in ("sum", "product"):
            waiting += [arg for arg in graph.args[k] if arg >= 0]
    return frozenset(found)


# ------------------------------------------------------------------- from layer to layer
class LayerSize(NamedTuple):
    """How large the results of a layer are, and the gradient of its parameters.

    `value` is a root mean square, `gradient` the length of one vector of all parameters, or, where
    there are none, of the results.
    """

    value: float
    gradient: float


def layer_sizes(root: Value, groups: Any = None) -> dict[str, LayerSize]:
    """How large the values and the gradients are, layer by layer: whether they fade or grow.

    `groups` names the layers, and takes `model.named_parameters()`; without it, names such as W1
    and b1 make them. Those come first that are computed first. Gradients start from `root.grad` if
    `backward()` has run, else from 1; no `.grad` is changed.

    Raises TypeError if `root` is no Value.

    >>> x, W1, W2 = Value([1.0, 2.0]), Value([[3.0, 0.0]], "W1"), Value([[0.5]], "W2")
    >>> z1 = W1 @ x
    >>> z2 = W2 @ z1
    >>> z1.name, z2.name = "z1", "z2"
    >>> for name, (value, gradient) in layer_sizes(z2.sum()).items():
    ...     print(f"{name}: {value:.3g}, {gradient:.3g}")
    layer 1: 3, 1.12
    layer 2: 1.5, 3
    """
    graph = read(root)
    return sizes_of(graph, layers(graph, groups))


def sizes_of(graph: Graph, framed: Mapping[str, Sequence[int]]) -> dict[str, LayerSize]:
    """The sizes of each layer, those first that are computed first."""
    sizes: dict[str, LayerSize] = {}
    for name, members in sorted(framed.items(), key=lambda item: max(item[1])):
        inside = set(members)
        results = [
            i
            for i in members
            if graph.args[i] and not inside.issuperset([user for user, _ in graph.uses[i]])
        ]
        results = results or [members[-1]]
        leaves = [i for i in members if not graph.args[i] and graph.gradients[i] is not None]
        values = [graph.seen[i] for i in results]
        entries = sum(np.size(x) for x in values)
        sizes[name] = LayerSize(
            norm(values) / max(entries, 1) ** 0.5,
            norm([graph.gradients[i] for i in leaves or results]),
        )
    return sizes


def fading(sizes: Mapping[str, LayerSize], say: Say) -> dict[str, tuple[float, Note]]:
    """How many times, and a note, for each layer far from a later one: `APART` times or more."""
    found: dict[str, tuple[float, Note]] = {}
    names = [name for name, size in sizes.items() if math.isfinite(size.gradient)]
    for k, name in enumerate(names):
        own, later = sizes[name].gradient, [n for n in names[k + 1 :] if sizes[n].gradient]
        for way, pick in (("less", max), ("more", min)):
            other = pick(later, key=lambda n: sizes[n].gradient, default="")
            theirs = sizes[other].gradient if other else 0.0
            big, small = (theirs, own) if way == "less" else (own, theirs)
            if small and big >= APART * small:
                text = say(f"gradient {{own}}: {{times}} times {way} than {{theirs}} in {{other}}")
                parts = {"own": number(own), "theirs": number(theirs), "other": spoken(other, say)}
                found[name] = (big / small, Note(text.format(**parts, times=_times(big / small))))
    return found


def strips(sizes: Mapping[str, LayerSize]) -> dict[str, tuple[str, str]]:
    """A bar for the value and one for the gradient of each layer, in a scale of powers of ten.

    >>> strips({"a": LayerSize(0.5, 1e-6), "b": LayerSize(0.5, 1.0)})
    {'a': ('██████████', '█'), 'b': ('██████████', '██████████')}
    """
    columns = []
    for numbers in zip(*sizes.values(), strict=True):
        logs = [math.log10(x) if 0 < x < math.inf else None for x in numbers]
        known = [x for x in logs if x is not None]
        high = max(known, default=0.0)
        span = max(high - min(known, default=0.0), 1.0)
        share = ["" if x is None else "█" * (1 + round(9 + 9 * (x - high) / span)) for x in logs]
        columns.append(share)
    return dict(zip(sizes, zip(*columns, strict=True), strict=True))


def _times(ratio: float) -> str:
    """One digit of a ratio, which is all that it can tell: `200,000`."""
    return f"{float(f'{ratio:.1g}'):,.0f}" if ratio < 1e9 else number(ratio)


def norm(arrays: Iterable[Any]) -> float:
    """The length of all of them as one vector."""
    with np.errstate(all="ignore"):
        return math.hypot(*(abs(x) if isinstance(x, float) else np.linalg.norm(x) for x in arrays))
