"""Backpropagation itself: the order of a graph, and gradients summed over its paths.

This file knows that a node has `args`, and that a pull-back turns the gradient of a node into one
share for each of them. It must not know any op, any number or any array: `+` is all that it asks
of a gradient.
"""

from collections.abc import Callable, Container, Iterable, Sequence
from typing import Any, Protocol, TypeVar


class Node(Protocol):
    """What the engine asks of a node: those it was computed from, with None for a constant."""

    @property
    def args(self) -> Sequence[Any]:
        """The nodes that went into this one, in order."""


N = TypeVar("N", bound=Node)


_RESULT = object()  # in a stack: what stands below has all its args before it in the order


def results_first(root: N, stop: Container[N] = ()) -> list[N]:
    """Order the graph behind `root`: every node once, each after all the nodes that use it.

    What lies behind the nodes in `stop` is not visited. Depth first and without recursion: the
    stack holds the nodes still to be entered, and a mark above each that waits for its args.
    """
    entered: set[N | None] = {None}
    order: list[N] = []
    stack: list[Any] = [root]
    enter, push, pop, leave = entered.add, stack.append, stack.pop, order.append
    while stack:
        node = pop()
        if node is _RESULT:
            leave(pop())
        elif node not in entered:
            enter(node)
            args = node.args
            if args and not (stop and node in stop):
                push(node)
                push(_RESULT)
                for arg in args:
                    if arg not in entered:
                        push(arg)
            else:
                leave(node)
    order.reverse()
    return order


def pull_back(
    order: Sequence[N], seed: Any, pull: Callable[[N, Any, dict[N, Any]], Any]
) -> dict[N, Any]:
    """Gradient of the result `order[0]` with respect to every node in `order` that it reaches.

    `pull(node, gradient, gradients)` adds to the gradients of the node's args what the node passes
    to each: its share. So the gradient of a node is the sum of its shares from all the nodes that
    use it, and `order` has those before it.
    """
    gradients = {order[0]: seed}
    for node in order:
        if node in gradients:
            pull(node, gradients[node], gradients)
    return gradients


def add_shares(shares: Iterable[tuple[N, Any]], gradients: dict[N, Any]) -> None:
    """Add to the gradient of each arg its share."""
    for arg, share in shares:
        before = gradients.get(arg)
        gradients[arg] = share if before is None else before + share
