"""The lesson's tree: the nodes that have names, and between them the factors of the chain rule.

This file knows which node a named one was computed from, with what has no name between them. It
must not know how a picture is put together elsewhere.
"""

import heapq
import itertools
import re
from collections.abc import Container, Iterable, Iterator
from typing import Any

import numpy as np

from autograd_mini.colours import DARK, LEAF_FILL
from autograd_mini.show.draw.labels import Flow, arrow, escape, named_label, tooltip
from autograd_mini.show.graph import Graph
from autograd_mini.show.graph.text import number, plain

_NEURON = re.compile(r"(.+)\[(\d+)\]")


def draw_names(graph: Graph, into: Any, path: tuple[Any, Any] | None, say: Any) -> None:
    """Put the named nodes of `graph` into a picture, with a factor on each arrow.

    With a `path` of two names, numbers or Values, what lies between them is thick.
    """
    root = len(graph) - 1
    shown = [i for i in range(root + 1) if graph.name(i) or i == root]
    thick: set[int] = set()
    if path is not None:
        start, end = (graph.find(end) for end in path)
        thick = graph.beyond(start) & graph.behind(end)
    for i in shown:
        look = {"style": "rounded", "tooltip": tooltip(graph.label(i))}
        if not graph.args[i]:
            look |= {"style": "rounded,filled", "fillcolor": LEAF_FILL}
        if i in thick or (i == root and path is None):
            look["penwidth"] = "2.6"
        into.node(f"n{i}", named_label(graph, i, say), **look)
    found = {i: factors(graph, i) for i in shown}
    flows = {(k, i): _flow(graph, i, factor) for i in shown for k, factor in found[i].items()}
    largest = max((f.size for f in flows.values() if np.isfinite(f.size)), default=0.0)
    for i in shown:
        for before in sorted(found[i], key=lambda k: graph.nodes[k].born):  # as they were made
            factor = found[i][before]
            symbol = f"∂{plain(graph.label(i), 12)}/∂{plain(graph.label(before), 12)}"
            text = symbol if factor is None else f"{symbol} = {number(factor)}"
            look = arrow(flows[before, i], largest)
            if path is not None:
                look["penwidth"] = "4" if {i, before} <= thick else "1"
            label = f'<<FONT COLOR="{DARK}">&#160;&#160;{escape(text)} </FONT>>'
            into.edge(f"n{before}", f"n{i}", label=label, **look)
    used = [before for factors_of in found.values() for before in factors_of]
    if len(set(used)) == len(used):  # a tree: its arrows may keep their order without detours
        into.attr("graph", ordering="in")
    in_order(graph, shown, into)


def factors(
    graph: Graph, i: int, through: Container[int] | None = None
) -> dict[int, float | None]:
    """The named nodes, or leaves with names, that node i comes from, each with its derivative.

    It is the sum over all ways through what has no name, None where one of them is no number.
    With `through`, those are what is passed over, whatever has a name.
    """
    ways: dict[int, float | None] = {i: 1.0}
    found: dict[int, float | None] = {}
    waiting = [-i]
    while waiting:
        k = -heapq.heappop(waiting)
        for arg, local in zip(graph.args[k], graph.local(k), strict=True):
            if arg < 0 or not (through is not None or graph.args[arg] or graph.name(arg)):
                continue
            over = arg in through if through is not None else not graph.name(arg)
            here = ways if over else found
            if arg not in here and here is ways:
                heapq.heappush(waiting, -arg)
            way = ways[k]
            step = None if way is None or local is None else way * local
            known = here.get(arg, 0.0)
            here[arg] = None if step is None or known is None else known + step
    return found


def _flow(graph: Graph, i: int, factor: float | None) -> Flow:
    """What flows back from node i along an arrow; of arrays, that there is something."""
    gradient = graph.gradients[i]
    if factor is None or gradient is None or np.ndim(gradient):
        return Flow(0.0 if gradient is None else 1.0, 0)
    return Flow.of(float(gradient) * factor)


# ----------------------------------------------------------------------------------- neurons
def in_order(graph: Graph, shown: Iterable[int], into: Any) -> None:
    """Let neurons, such as a1[0], a1[1], …, stand beside each other in their order."""
    for row in _rows(graph, shown):
        with into.subgraph() as rank:
            rank.attr(rank="same")
            for left, right in itertools.pairwise(row):
                rank.edge(f"n{left}", f"n{right}", style="invis")


def _rows(graph: Graph, shown: Iterable[int]) -> Iterator[list[int]]:
    rows: dict[str, dict[int, int]] = {}
    for i in shown:
        match = _NEURON.fullmatch(graph.name(i))
        if match:
            rows.setdefault(match[1], {})[int(match[2])] = i
    for row in rows.values():
        members = [row[k] for k in sorted(row)]
        if len(members) > 1 and not any(set(members) & graph.behind([i]) - {i} for i in members):
            yield members
