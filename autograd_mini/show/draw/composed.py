"""Several steps that are one function of NumPy's: `np.diagonal` is made of three ops.

This file knows how to see what a composition is made of: by running it. It must not know any of
them by name.
"""

import functools
from collections.abc import Container
from typing import Any

import numpy as np

from autograd_mini import ops
from autograd_mini.engine.op import Op
from autograd_mini.engine.value import Value
from autograd_mini.show.graph import Graph

_MOST_STEPS, _MOST_NODES, _MOST_ENTRIES = 6, 300, 10_000


def compositions(graph: Graph, free: Container[int]) -> dict[int, tuple[str, list[int]]]:
    """By the last of several steps: the name of the function that takes all of them, and the rest.

    Each step but the last is in `free`, and the function is called with an argument alone. Of a
    large graph, or of large arrays, nothing is found.
    """
    found: dict[int, tuple[str, list[int]]] = {}
    for i in range(len(graph) if len(graph) <= _MOST_NODES else 0):
        chain = [i]
        while len(chain) < _MOST_STEPS:
            args = [arg for arg in graph.args[chain[-1]] if arg >= 0]
            if len(args) != 1 or not 0 < np.size(graph.seen[args[0]]) <= _MOST_ENTRIES:
                break
            data, steps = graph.seen[args[0]], [_step(graph, k) for k in chain[::-1]]
            for op in _composed() if len(chain) > 1 else ():
                if _made_of(op, data) == steps:
                    found[i] = op.name, chain[1:]
            if args[0] not in free:
                break
            chain.append(args[0])
    return found


@functools.cache
def _composed() -> tuple[Op, ...]:
    """The compositions of one array; of those that do the same the last is the best to know."""
    several = [op for op in ops.TABLE.values() if not op.rules and op.arity == 1]
    return tuple(sorted(several, key=lambda op: ("." not in op.name, len(op.name))))


def _made_of(op: Op, data: Any) -> list[Any]:
    """The steps of `op` on an array like that, if they are a chain; none if it takes none."""
    try:
        with np.errstate(all="ignore"):
            graph = Graph(op(Value(np.ones_like(data))))
    except (TypeError, ValueError, ArithmeticError, IndexError):
        return []
    alone = all(sum(arg >= 0 for arg in args) == 1 for args in graph.args[1:])
    return [_step(graph, i) for i in range(1, len(graph))] if alone else []


def _step(graph: Graph, i: int) -> tuple[Any, ...]:
    node = graph.nodes[i]
    given = [repr(raw) for arg, raw in zip(graph.args[i], node.raw, strict=True) if arg < 0]
    return node.op, repr(node.keywords), given
