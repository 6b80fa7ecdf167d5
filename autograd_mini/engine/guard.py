"""Where 0 meets infinity in a backward pass: a 0 that was chosen stays 0.

This file knows which ops choose, move and scale, from what they declare. It must not know any
particular op.
"""

import functools
import math
from collections.abc import Collection
from typing import Any

import numpy as np

from autograd_mini.engine.arrays import Array, StandIn
from autograd_mini.engine.backprop import add_shares, results_first
from autograd_mini.engine.pull import fitted, shares, shares_recorded

REACHED = object()
"""Key in a table of gradients: of each node, where a path reaches it, if not everywhere."""


def pull_guarded(
    node: Any, g: Array, gradients: dict[Any, Any], wanted: Collection[Any] | None = None
) -> list[tuple[Any, Any]]:
    """As `pull`, but exactly 0 where no path from the result reaches; gives the shares too.

    A 0 is chosen where a path ends for good: a branch not taken, a place not indexed, a product
    with a constant 0. It stays 0 through everything elementwise, whatever the slope there. A 0
    that was computed and meets infinity is nan, as their product is. Ops that mix entries reach
    everywhere. For the `wanted` args only, the shares are recorded.
    """
    if node.op is None:
        return []
    reach = gradients.get(REACHED)
    if reach is None:
        reach = gradients[REACHED] = _Reach(node)
    taken, behind = _paths(node, reach.get(node), reach)
    if wanted is None:
        pairs = shares(node, g, taken)
    else:
        pairs = shares_recorded(node, g, taken, wanted)
    known = [
        r
        for arg, r in zip(node.args, behind, strict=True)
        if arg is not None and (wanted is None or arg in wanted)
    ]
    for (arg, share), r in zip(pairs, known, strict=True):
        if gradients.get(arg) is None:
            reach[arg] = r
        elif reach.get(arg) is not None:
            reach[arg] = None if r is None else reach[arg] | r
        add_shares([(arg, share)], gradients)
    return pairs


class _Reach(dict[Any, Any]):
    """Of each node of one pass, where a path reaches it; None for everywhere."""

    def __init__(self, root: Any) -> None:
        self.root = root

    @functools.cached_property
    def singular(self) -> bool:
        """Whether a slope can be infinite where all numbers are finite: in ops of some domain."""
        ops = {node.op for node in results_first(self.root)} - {None}
        slopes = [op for op in ops if op.elementwise and not op.passes]
        return any(op.has_bounds or not op.trusted for op in slopes)


def _paths(node: Any, reached: Array, reach: _Reach) -> tuple[list[Any], list[Any]]:
    """For each arg, where its share is more than 0, and where a path reaches it; or None: all."""
    op, args, raw, shape = node.op, node.args, node.raw, getattr(node._out, "shape", ())
    taken: list[Any] = [None] * len(args)
    behind: list[Any] = [None] * len(args)
    if op.passes in ("moves", "chooses"):
        if reached is not None or op.passes == "chooses":
            ones: Any = np.ones(shape) if reached is None else np.where(reached, 1.0, 0.0)
            found = iter(shares(node, ones if shape else ones[()]))
            behind = [None if arg is None else _all_or(next(found)[1] != 0) for arg in args]
    elif op.elementwise:
        for i in range(len(args)):
            r = reached
            factor = raw[1 - i] if op.passes == "scales" and args[1 - i] is None else None
            if factor is not None and (not isinstance(factor, StandIn) or reach.singular):
                scales = _all_or(factor != 0)
                r = scales if r is None else r if scales is None else r & scales
            taken[i] = r
            if r is not None and np.shape(raw[i]) == shape == np.shape(r):
                behind[i] = r
            elif r is not None and not np.shape(raw[i]):
                behind[i] = np.any(r)
            elif r is not None:
                spread = np.where(np.broadcast_to(r, shape), 1.0, 0.0)
                behind[i] = _all_or(fitted(op, i, spread, raw[i], node._out) != 0)
    return taken, behind


def _all_or(mask: Array) -> Any:
    """None for a mask that is true everywhere; one that is only recorded is kept."""
    return None if not isinstance(mask, StandIn) and np.all(mask) else mask


def has_nan(g: Array) -> bool:
    """Whether a number or array holds a nan."""
    if type(g) is float:
        return g != g
    if np.size(g) < 1000:
        return math.isnan(np.vdot(g, g))
    return math.isnan(np.minimum.reduce(g, axis=None))  # vdot would wait for threads of BLAS
