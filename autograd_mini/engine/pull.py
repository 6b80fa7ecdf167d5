"""One node's step of the backward pass: its rules, and their shares fitted to its arguments.

This file knows what a node records (`op`, `args`, `raw`) and what an op declares (`rules`). It
must not know how a node is made, nor any particular op.
"""

import functools
import math
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from autograd_mini.engine.arrays import StandIn, ndarray, unwritable
from autograd_mini.engine.backprop import add_shares, results_first


def puller(op: Any) -> Callable[[Any, Any, dict[Any, Any]], None]:
    """How a node of `op` is pulled through, into a table that has None for what is not reached.

    It is `add_shares(shares(node, g), gradients)`; ops of up to three arrays and no keywords have
    short paths.
    """

    def any_number(node: Any, g: Any, gradients: dict[Any, Any]) -> None:
        add_shares(shares(node, g), gradients)

    def one(node: Any, g: Any, gradients: dict[Any, Any]) -> None:
        a, x, out = node._a, node._x, node._out
        if type(g) is float and type(out) is np.float64:
            g = np.float64(g)
        try:
            share = rule(g, out, x)
        except (ArithmeticError, ValueError):
            any_number(node, g, gradients)
            return
        if type(share) is not float or type(x) is not float:
            share = _fit(op, 0, share, x, out)
        old = gradients[a]
        gradients[a] = share if old is None else old + share

    def two(node: Any, g: Any, gradients: dict[Any, Any]) -> None:
        a, b, x, y, out = node._a, node._b, node._x, node._y, node._out
        if type(g) is float and type(out) is np.float64:
            g = np.float64(g)  # beside float32 it counts
        try:
            share_a = None if a is None else rule(g, out, x, y)
            share_b = None if b is None else rule_b(g, out, x, y)
        except (ArithmeticError, ValueError):
            any_number(node, g, gradients)
            return
        if a is not None:
            if type(share_a) is not float or type(x) is not float:
                share_a = _fit(op, 0, share_a, x, out)
            old = gradients[a]
            gradients[a] = share_a if old is None else old + share_a
        if b is not None:
            if type(share_b) is not float or type(y) is not float:
                share_b = _fit(op, 1, share_b, y, out)
            old = gradients[b]
            gradients[b] = share_b if old is None else old + share_b

    def worded(node: Any, g: Any, gradients: dict[Any, Any]) -> None:
        (a,), (x,), out = node._a, node._x, node._out
        if type(g) is float and type(out) is np.float64:
            g = np.float64(g)
        try:
            share = _fit(op, 0, rule(g, out, x, **(node._b or {})), x, out)
        except (ArithmeticError, ValueError):
            any_number(node, g, gradients)
            return
        old = gradients[a]
        gradients[a] = share if old is None else old + share

    def three(node: Any, g: Any, gradients: dict[Any, Any]) -> None:
        (a, b, c), (x, y, z), out = node._a, node._x, node._out
        try:
            share_a = None if a is None else rule(g, out, x, y, z)
            share_b = None if b is None else rule_b(g, out, x, y, z)
            share_c = None if c is None else rule_c(g, out, x, y, z)
        except (ArithmeticError, ValueError):
            any_number(node, g, gradients)
            return
        if a is not None:
            share_a = _fit(op, 0, share_a, x, out)
            old = gradients[a]
            gradients[a] = share_a if old is None else old + share_a
        if b is not None:
            share_b = _fit(op, 1, share_b, y, out)
            old = gradients[b]
            gradients[b] = share_b if old is None else old + share_b
        if c is not None:
            share_c = _fit(op, 2, share_c, z, out)
            old = gradients[c]
            gradients[c] = share_c if old is None else old + share_c

    rule, rule_b, rule_c = (*op.rules, None, None, None)[:3]
    if not op.trusted or op.sequence or op.arity > 3:
        return any_number
    if op.wide:
        return three if op.three else worded if op.arity == 1 else any_number
    return two if op.binary else one


def shares(node: Any, g: Any, taken: Sequence[Any] = ()) -> list[tuple[Any, Any]]:
    """The node's args, each with its share of `g`, a plain number or array.

    Where Python's numbers raise, NumPy's take their place and have inf or nan. `taken` are masks,
    one for each arg or None: where false, the share is exactly 0.
    """
    op, out = node.op, node._out
    if op is None:
        return []
    try:
        return _shares(op, node.args, g, out, node.raw, node.keywords, taken)
    except (ArithmeticError, ValueError) as error:
        if not (isinstance(out, float) and isinstance(g, float)):
            if op.name not in str(error):
                error.add_note(f"in the backward pass, in a rule of the op {op.name}")
            raise
        doubles = [np.float64(x) if isinstance(x, float | int) else x for x in (g, out, *node.raw)]
        given = (node.args, doubles[0], doubles[1], doubles[2:], node.keywords, taken)
        return _shares(op, *given)


def _shares(
    op: Any,
    args: Sequence[Any],
    g: Any,
    out: Any,
    raw: Sequence[Any],
    keywords: dict[str, Any],
    taken: Sequence[Any],
) -> list[tuple[Any, Any]]:
    if type(g) is float and type(out) is np.float64:
        g = np.float64(g)
    if not op.trusted:
        g, out, *raw = [unwritable(x) for x in (g, out, *raw)]
    places = [i for i, arg in enumerate(args) if arg is not None]
    found = op.shares(places, g, out, raw, keywords)
    return _fitted(op, args, places, found, raw, out, taken)


def _fitted(
    op: Any,
    args: Sequence[Any],
    places: Sequence[int],
    found: Sequence[Any],
    raw: Sequence[Any],
    out: Any,
    taken: Sequence[Any],
) -> list[tuple[Any, Any]]:
    pairs: list[tuple[Any, Any]] = []
    for i, share in zip(places, found, strict=True):
        if taken and taken[i] is not None:
            share = np.where(taken[i], share, 0.0)
        pairs.append((args[i], _fit(op, i, share, raw[i], out)))
    return pairs


def shares_recorded(
    node: Any, g: Any, taken: Sequence[Any], wanted: Collection[Any]
) -> list[tuple[Any, Any]]:
    """As `shares`, on Values: those of the `wanted` args remember how they were computed."""
    op = node.op
    if op is None:
        return []
    raw = node.raw
    for arg, x in zip(node.args, raw, strict=True):
        if arg is not None and arg.peek()[0] is not x:
            raise RuntimeError(
                f"{op.name}: an argument{f' ({arg.name})' if arg.name else ''} was given new data"
                " after its use, so derivatives of higher order are lost; compute the result again"
            )
    inputs = [x if arg is None else arg for arg, x in zip(node.args, raw, strict=True)]
    args, out = node.args, node._out
    places = [i for i, arg in enumerate(args) if arg is not None and arg in wanted]
    found = op.shares(places, g, node, inputs, node.keywords)
    return _fitted(op, args, places, found, raw, out, taken)


# --------------------------------------------------------------------- where 0 meets infinity
REACHED = object()
"""Key in a table of gradients: of each node, where a path reaches it, if not everywhere."""


def pull_guarded(
    node: Any, g: Any, gradients: dict[Any, Any], wanted: Collection[Any] | None = None
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


def _paths(node: Any, reached: Any, reach: _Reach) -> tuple[list[Any], list[Any]]:
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
                behind[i] = _all_or(_fit(op, i, spread, raw[i], node._out) != 0)
    return taken, behind


def _all_or(mask: Any) -> Any:
    """None for a mask that is true everywhere; one that is only recorded is kept."""
    return None if not isinstance(mask, StandIn) and np.all(mask) else mask


def has_nan(g: Any) -> bool:
    """Whether a number or array holds a nan."""
    if type(g) is float:
        return g != g
    if np.size(g) < 1000:
        return math.isnan(np.vdot(g, g))
    return math.isnan(np.minimum.reduce(g, axis=None))  # vdot would wait for threads of BLAS


def _fit(op: Any, i: int, share: Any, x: Any, out: Any) -> Any:
    """`share` in the shape and dtype of the argument `x`: broadcasting is undone here only."""
    if type(share) is ndarray and type(x) is ndarray and share.dtype is x.dtype:
        given, shape = share.shape, x.shape
        if given == shape:
            return share
        if given[1:] == shape and len(given) == 2 and given == out.shape and given[0] < 10_000:
            return _ones(given[0], share.dtype).dot(share)  # 4 times faster than a sum
    shape = getattr(x, "shape", ())
    given = getattr(share, "shape", ())
    if given != shape:
        lead = len(given) - len(shape)
        if (
            lead < 0
            or not (op.signature or given == np.shape(out))
            or any(n != m and n != 1 for n, m in zip(shape, given[lead:], strict=True))
        ):
            raise ValueError(
                f"{op.name}: the rule of argument {i} returned shape {given} for an argument of"
                f" shape {shape} and a result of shape {np.shape(out)}"
            )
        axes = [k for k, m in enumerate(given) if k < lead or m != shape[k - lead]]
        share = np.sum(share, axis=tuple(axes)).reshape(shape)
    dtype = getattr(share, "dtype", None)
    if not isinstance(share, float | int) if dtype is None else dtype.kind not in "fiub":
        raise TypeError(
            f"{op.name}: the rule of argument {i} returned {type(share).__name__}"
            f"{f' of {dtype}' if dtype else ''}, not real numbers"
        )
    stands = isinstance(x, StandIn)
    if not stands and isinstance(x, float | int):  # NumPy's too: their gradients are Python's
        return share if hasattr(share, "args") else float(share)
    if dtype is None:
        return x.constant(share) if stands else x.dtype.type(share)
    return share if dtype is x.dtype or dtype == x.dtype else share.astype(x.dtype)


@functools.lru_cache(maxsize=64)
def _ones(n: int, dtype: Any) -> Any:
    return np.ones(n, dtype)
