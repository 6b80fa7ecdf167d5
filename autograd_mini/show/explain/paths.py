"""The paths from a node to the result: how many, what they add up to, and the largest of them.

This file knows that a product of local derivatives belongs to each path. It must not know how a
path is written. Nothing here walks the paths one by one: every answer about a node follows from
those about its arguments.
"""

import heapq
from collections.abc import Callable
from typing import Any, NamedTuple

from autograd_mini.show.graph import Graph


class Route(NamedTuple):
    """A path: numbers of its nodes from the start on, and a derivative for each step."""

    nodes: list[int]
    steps: list[float]
    product: float


class Paths:
    """What there is between node `start` and the result of a graph of single numbers.

    >>> from autograd_mini import Value
    >>> x = Value(3.0)
    >>> y = x * x + x
    >>> paths = Paths(Graph(y), 0)
    >>> paths.count, paths.total, [route.product for route in paths.largest(2)]
    (3, 7.0, [3.0, 3.0])
    """

    def __init__(self, graph: Graph, start: int) -> None:
        self.graph = graph
        self.start = start
        self.reached = graph.beyond([start])
        self.order = sorted(self.reached)[1:]
        self.local = {i: graph.local(i) for i in self.order}

    def _edges(self, i: int) -> list[tuple[int, int]]:
        """Position and number of the arguments of node i through which paths come."""
        return [(k, arg) for k, arg in enumerate(self.graph.args[i]) if arg in self.reached]

    def _summed(self, first: Any, step: Callable[[int, int, Any], Any]) -> Any:
        """Sum over all paths, with `step(node, position, sum so far)` for every edge.

        What no later node asks for is dropped on the way, for numbers of paths can be long.
        """
        last = len(self.graph) - 1
        found = {self.start: first}
        left = {i: len(self.graph.uses[i]) for i in self.reached}
        for i in self.order:
            edges = self._edges(i)
            found[i] = sum((step(i, k, found[arg]) for k, arg in edges), start=0)
            for _, arg in edges:
                left[arg] -= 1
                if not left[arg]:
                    del found[arg]
        return found[last]

    @property
    def count(self) -> int:
        """How many paths there are, exactly."""
        return int(self._summed(1, lambda i, k, n: n))

    @property
    def total(self) -> float:
        """The sum of the products over all paths."""
        return float(self._summed(1.0, lambda i, k, x: x * (self.local[i][k] or 0.0)))

    def largest(self, top: int) -> list[Route]:
        """The `top` paths whose products are largest, those that are not a number first."""
        best: dict[int, list[tuple[float, float, int, int]]] = {
            self.start: [(1.0, 1.0, -1, -1)]  # size, product, position and rank of what led here
        }
        for i in self.order:
            ways = []
            for k, arg in self._edges(i):
                step = self.local[i][k] or 0.0
                for rank, way in enumerate(best[arg]):
                    product = way[1] * step
                    size = abs(product) if product == product else float("inf")
                    ways.append((size, product, k, rank))
            best[i] = heapq.nlargest(top, ways, key=lambda way: way[0])
        last = len(self.graph) - 1
        return [self._route(best, last, rank) for rank in range(len(best[last]))]

    def _route(self, best: Any, i: int, rank: int) -> Route:
        product = best[i][rank][1]
        nodes, steps = [i], []
        while i != self.start:
            _, _, k, rank = best[i][rank]
            steps.append(self.local[i][k] or 0.0)
            i = self.graph.args[i][k]
            nodes.append(i)
        return Route(nodes[::-1], steps[::-1], product)

    def only_way(self, low: int, high: int) -> bool:
        """Whether one way alone leads from `low` to `high` through nodes without names."""
        ways = {high: 1}
        waiting = [-high]
        while waiting:
            i = -heapq.heappop(waiting)
            for _, arg in self._edges(i):
                if arg in ways:
                    ways[arg] = min(2, ways[arg] + ways[i])
                else:
                    ways[arg] = ways[i]
                    if arg > low and not self.graph.name(arg):
                        heapq.heappush(waiting, -arg)
        return ways.get(low) == 1
