"""How a node was computed, as a line of text.

This file knows symbols and names of ops. It must not know where the text will stand.
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_mini.program.spelling import ATOM, POWER, PRODUCT, SUM, UNARY, Text
from autograd_mini.show.graph.reading import Graph
from autograd_mini.show.graph.text import number, plain, shape

_BINDS = {
    **{"+": SUM, "−": SUM, "**": POWER},
    **dict.fromkeys("×÷@%", PRODUCT),
}
_NEUTRAL = {
    **{"×": (1, (0, 1)), "+": (0, (0, 1))},
    **{"÷": (1, (1,)), "**": (1, (1,)), "−": (0, (1,))},
}
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def constant(raw: Any) -> str:
    """A constant argument: a number, or the shape of an array."""
    if not isinstance(raw, int | float | np.number | np.ndarray):
        return _short(raw)
    return f"array {shape(raw)}" if np.ndim(raw) else number(raw)


def _constant(raw: Any) -> str:
    """As `constant`, without the dtype."""
    return constant(raw).partition(f" {raw.dtype}")[0] if np.ndim(raw) else constant(raw)


def _short(value: Any) -> str:
    """The start of a repr, without an address, which would differ from process to process."""
    return plain(re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(value)), 16)


def expression(graph: Graph, i: int, *, by_name: bool = False) -> str:
    """How node i was computed: `w × a`, `σ(z)`, `sum(#3, axis=0)`; "" for a leaf.

    Written with the symbol of the op, or `by_name`, in letters that every terminal has.
    """
    return _spelled(graph, i, {}, by_name=by_name, whole=True).text


def formula(graph: Graph, i: int, inner: Mapping[int, Text]) -> Text:
    """How node i was computed, with the formulas of `inner` in the places of their names.

    What a keyword says, such as an axis, is left out.
    """
    return _spelled(graph, i, inner, by_name=False, whole=False)


def neutral(graph: Graph, i: int) -> tuple[int, ...]:
    """Where node i has a constant that changes nothing: times 1, to the power of 1, plus 0."""
    node = graph.nodes[i]
    if node.op is None or len(node.raw) != 2 or node.op.symbol not in _NEUTRAL:
        return ()
    number, sides = _NEUTRAL[node.op.symbol]
    for k in sides:
        if graph.args[i][k] < 0 and not np.ndim(node.raw[k]) and node.raw[k] == number:
            return (k,)
    return ()


def _spelled(
    graph: Graph, i: int, inner: Mapping[int, Text], *, by_name: bool, whole: bool
) -> Text:
    node = graph.nodes[i]
    if node.op is None:
        return Text("")
    idle = () if by_name else neutral(graph, i)
    pairs = [
        pair for k, pair in enumerate(zip(graph.args[i], node.raw, strict=True)) if k not in idle
    ]
    given = constant if by_name else _constant
    args = [
        inner.get(a) or Text(plain(graph.label(a), 20) if a >= 0 else given(x))
        for a, x in pairs[:5]
    ]
    args += [Text("…")] * (len(pairs) > 5)
    short = not by_name and len(node.op.symbol) <= 3
    raw = str(node.op.symbol if short else node.op.name)
    symbol, holds = plain(raw, 20), "·" in raw
    if idle:
        return args[0]
    words = [f"{key}={_short(value)}" for key, value in node.keywords.items()] if whole else []
    letters = symbol[:1].isalpha()
    if not by_name and not words and not letters:
        if symbol == "**" and graph.args[i][1] < 0 and args[1].text.isdecimal():
            return Text(args[0].within(ATOM) + args[1].text.translate(_RAISED), POWER)
        if len(args) >= 2:
            binds = _BINDS.get(symbol, ATOM)
            first, *rest = args
            others = [x.within(binds + (symbol not in "+×")) for x in rest]
            return Text(f" {symbol} ".join([first.within(binds), *others]), binds)
        if len(args) == 1:
            if raw == "[·]":
                return Text(f"{args[0].within(ATOM)}[…]")
            if holds:
                return Text(symbol.replace("·", args[0].text))
            only = args[0].within(ATOM)
            return Text(f"{only}{symbol}" if symbol.isnumeric() else f"{symbol}{only}", UNARY)
    if short and holds and len(args) == 1:
        return Text(f"{args[0].text}[{', '.join(w.partition('=')[2] for w in words)}]")
    return Text(f"{symbol}({', '.join([*(x.text for x in args), *words])})")
