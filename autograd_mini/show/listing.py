"""`listing`: a graph as plain text, a line for each node.

This file knows columns. It must not know pictures; in a terminal, a test or a diff it is all
there is, so it needs no letters that a terminal may lack, beyond those in the user's own names.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.notebook import Lines
from autograd_mini.show.graph import Graph, read
from autograd_mini.show.graph.diagnosis import report
from autograd_mini.show.graph.expression import expression
from autograd_mini.show.graph.text import plain

if TYPE_CHECKING:
    from autograd_mini.testing import GradientCheckError


def listing(root: Value, limit: int = 100, check: "GradientCheckError | None" = None) -> Lines:
    """The graph behind `root` as text: number, name, how it was computed, value, gradient.

    Arguments stand before what is computed from them. What has no name is called as your variables
    call it. Of more than `limit` nodes the first and the last are listed, and a line says how many
    are left out. Gradients start from `root.grad` if `backward()` has run, else from 1; `.grad` is
    not changed. A notebook shows the lines below each other; `str` makes a plain text of it.

    Below stands what is wrong, if anything is: the first value and the first gradient that is not
    finite, dead ReLUs and saturated sigmoids, and the leaves that `check`, the error of a failed
    `check_gradients`, is about.

    Raises TypeError if `root` is no Value.

    >>> w, a = Value(0.5, name="w"), Value(2.0, name="a")
    >>> listing((w * a + 1) ** 2)
    #  name  computed as     value  gradient
    0  a     leaf                2         2
    1  w     leaf              0.5         8
    2        multiply(w, a)      1         4
    3        add(#2, 1)          2         4
    4        power(#3, 2)        4         1
    """
    return Lines(listing_of(read(root), limit, check))


def listing_of(graph: Graph, limit: int = 100, check: "GradientCheckError | None" = None) -> str:
    """As `listing`, of a graph that has been read."""
    n, limit = len(graph), max(limit, 2)
    tail = limit // 2 if n > limit else 0
    head = limit - tail if n > limit else n
    chosen = [*range(head), *range(n - tail, n)]
    rows = [("#", "name", "computed as", "value", "gradient")]
    rows += [_row(graph, i) for i in chosen]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        f"{number:>{widths[0]}}  {name:<{widths[1]}}  {formula:<{widths[2]}}"
        f"  {value:>{widths[3]}}  {gradient:>{widths[4]}}".rstrip()
        for number, name, formula, value, gradient in rows
    ]
    if tail:
        lines.insert(head + 1, f"... {n - limit:,} more ...")
    for headline, below in report(graph, check):
        lines += [f"! {_ascii(headline)}", *(f"    {_ascii(line)}" for line in below)]
    return "\n".join(lines)


def _row(graph: Graph, i: int) -> tuple[str, str, str, str, str]:
    node, gradient = graph.nodes[i], graph.gradients[i]
    formula = _ascii(expression(graph, i, by_name=True)) or "leaf"
    if node.op is not None and node.op.declared:
        formula += " (declared derivative)"
    given = "none" if gradient is None else _amount(gradient)
    return str(i), plain(graph.name(i), 20), formula, _amount(graph.seen[i]), given


def _amount(data: Any) -> str:
    """A number, or shape, mean and range of an array."""
    if not np.ndim(data):
        return f"{float(data):.4g}"
    dims = "x".join(map(str, np.shape(data)))
    if not np.size(data):
        return f"{dims} empty"
    with np.errstate(all="ignore"):
        return f"{dims} mean {np.mean(data):.3g} in [{np.min(data):.3g}, {np.max(data):.3g}]"


def _ascii(text: str) -> str:
    return text.replace("−", "-").replace("×", "x").replace("…", "...")
