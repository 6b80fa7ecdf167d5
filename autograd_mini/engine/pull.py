"""One node's step of the backward pass: its rules, and their shares fitted to its arguments.

This file knows what a node records (`op`, `args`, `raw`) and what an op declares (`rules`). It
must not know how a node is made, nor any particular op.
"""

import functools
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from autograd_mini.engine.arrays import Array, StandIn, ndarray, unwritable


def shares(node: Any, g: Array, taken: Sequence[Any] = ()) -> list[tuple[Any, Any]]:
    """The node's args, each with its share of `g`, a plain number or array.

    Where Python's numbers raise, NumPy's take their place and have inf or nan. `taken` are masks,
    one for each arg or None: where false, the share is exactly 0.
    """
    op, given = node.op, [g, node._out, *node.raw]
    if op is None:
        return []
    try:
        return _shares(node, given, taken)
    except (ArithmeticError, ValueError) as error:
        if not (isinstance(node._out, float) and isinstance(g, float)):
            if op.name not in str(error):
                error.add_note(f"in the backward pass, in a rule of the op {op.name}")
            raise
        doubles = [np.float64(x) if isinstance(x, float | int) else x for x in given]
        return _shares(node, doubles, taken)


def _shares(node: Any, given: Sequence[Any], taken: Sequence[Any]) -> list[tuple[Any, Any]]:
    g, out, *raw = given if node.op.trusted else map(unwritable, given)
    if type(g) is float and type(out) is np.float64:
        g = np.float64(g)
    places = [i for i, arg in enumerate(node.args) if arg is not None]
    return _pairs(node, places, node.op.shares(places, g, out, raw, node.keywords), taken)


def shares_recorded(
    node: Any, g: Array, taken: Sequence[Any], wanted: Collection[Any]
) -> list[tuple[Any, Any]]:
    """As `shares`, on Values: those of the `wanted` args remember how they were computed."""
    op, args, raw = node.op, node.args, node.raw
    for arg, x in zip(args, raw, strict=True):
        if arg is not None and arg.peek()[0] is not x:
            raise RuntimeError(
                f"{op.name}: an argument{f' ({arg.name})' if arg.name else ''} was given new data"
                " after its use, so derivatives of higher order are lost; compute the result again"
            )
    inputs = [x if arg is None else arg for arg, x in zip(args, raw, strict=True)]
    places = [i for i, arg in enumerate(args) if arg is not None and arg in wanted]
    return _pairs(node, places, op.shares(places, g, node, inputs, node.keywords), taken)


def _pairs(
    node: Any, places: Sequence[int], found: Sequence[Any], taken: Sequence[Any]
) -> list[tuple[Any, Any]]:
    """The args at `places`, each with what the rules have found, in its shape and dtype."""
    pairs: list[tuple[Any, Any]] = []
    args, raw = node.args, node.raw
    for i, share in zip(places, found, strict=True):
        if taken and taken[i] is not None:
            share = np.where(taken[i], share, 0.0)
        pairs.append((args[i], fitted(node.op, i, share, raw[i], node._out)))
    return pairs


def fitted(op: Any, i: int, share: Array, x: Array, out: Array) -> Any:
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
