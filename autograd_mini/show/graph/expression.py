"""How a node was computed, as a line of text.

This file knows symbols and names of ops. It must not know where the text will stand.
"""

import re
from typing import Any

import numpy as np

from autograd_mini.show.graph.reading import Graph
from autograd_mini.show.graph.text import number, plain, shape

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
    node = graph.nodes[i]
    if node.op is None:
        return ""
    pairs = list(zip(graph.args[i], node.raw, strict=True))
    given = constant if by_name else _constant
    args = [plain(graph.label(a), 20) if a >= 0 else given(x) for a, x in pairs[:5]]
    args += ["…"] * (len(pairs) > 5)
    short = not by_name and len(node.op.symbol) <= 3
    raw = str(node.op.symbol if short else node.op.name)
    symbol, holds = plain(raw, 20), "·" in raw
    words = [f"{key}={_short(value)}" for key, value in node.keywords.items()]
    letters = symbol[:1].isalpha()
    if not by_name and not words and not letters:
        if symbol == "**" and graph.args[i][1] < 0 and args[1].isdecimal():
            return args[0] + args[1].translate(_RAISED)
        if len(args) >= 2:
            return f" {symbol} ".join(args)
        if len(args) == 1:
            if holds:
                return symbol.replace("·", args[0])
            return f"{args[0]}{symbol}" if symbol.isnumeric() else f"{symbol}{args[0]}"
    if short and holds and len(args) == 1:
        return f"{args[0]}[{', '.join(w.partition('=')[2] for w in words)}]"
    return f"{symbol}({', '.join(args + words)})"
