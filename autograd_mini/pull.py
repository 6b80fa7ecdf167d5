"""One node's step of the backward pass: its rules, and their shares fitted to its arguments.

This file knows what a node records (`op`, `args`, `raw`) and what an op declares (`rules`). It
must not know how a node is made, nor any particular op.
"""

import functools
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from autograd_mini.backprop import add_shares
from autograd_mini.data import ndarray


def pull(node: Any, g: Any, gradients: dict[Any, Any]) -> None:
    """Add the share of each of the node's args, given its gradient `g`, to the arg's gradient."""
    op = node.op
    if op is not None:
        op.pull(node, g, gradients)


def puller(op: Any) -> Callable[[Any, Any, dict[Any, Any]], None]:
    """What `pull` does with the nodes of `op`: `add_shares(shares(node, g), gradients)`.

    Ops of up to three arrays and no keywords have short paths.
    """

    def any_number(node: Any, g: Any, gradients: dict[Any, Any]) -> None:
        add_shares(shares(node, g), gradients)

    def one(node: Any, g: Any, gradients: dict[Any, Any]) -> None:
        a, x, out = node._a, node._x, node._out
        try:
            share = rule(g, out, x)
        except (ArithmeticError, ValueError):
            any_number(node, g, gradients)
            return
        if type(share) is not float or type(x) is not float:
            share = _fit(op, 0, share, x, out)
        gradients[a] = gradients[a] + share if a in gradients else share

    def two(node: Any, g: Any, gradients: dict[Any, Any]) -> None:
        a, b, x, y, out = node._a, node._b, node._x, node._y, node._out
        try:
            share_a = None if a is None else rule(g, out, x, y)
            share_b = None if b is None else rule_b(g, out, x, y)
        except (ArithmeticError, ValueError):
            any_number(node, g, gradients)
            return
        if a is not None:
            if type(share_a) is not float or type(x) is not float:
                share_a = _fit(op, 0, share_a, x, out)
            gradients[a] = gradients[a] + share_a if a in gradients else share_a
        if b is not None:
            if type(share_b) is not float or type(y) is not float:
                share_b = _fit(op, 1, share_b, y, out)
            gradients[b] = gradients[b] + share_b if b in gradients else share_b

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
            gradients[a] = gradients[a] + share_a if a in gradients else share_a
        if b is not None:
            share_b = _fit(op, 1, share_b, y, out)
            gradients[b] = gradients[b] + share_b if b in gradients else share_b
        if c is not None:
            share_c = _fit(op, 2, share_c, z, out)
            gradients[c] = gradients[c] + share_c if c in gradients else share_c

    rule, rule_b, rule_c = (*op.rules, None, None, None)[:3]
    if op.wide:
        return any_number if op.sequence or op.keywords or op.arity > 3 else three
    return two if op.binary else one


def shares(node: Any, g: Any) -> list[tuple[Any, Any]]:
    """The node's args, each with its share of `g`, a plain number or array.

    Where Python's numbers raise, NumPy's take their place and have inf or nan.
    """
    op, out = node.op, node._out
    if op is None:
        return []
    try:
        return _shares(op, node.args, g, out, node.raw, node.keywords)
    except (ArithmeticError, ValueError) as error:
        if not (isinstance(out, float) and isinstance(g, float)):
            if op.name not in str(error):
                error.add_note(f"in the backward pass, in a rule of the op {op.name}")
            raise
        doubles = [np.float64(x) if isinstance(x, float | int) else x for x in (g, out, *node.raw)]
        return _shares(op, node.args, doubles[0], doubles[1], doubles[2:], node.keywords)


def _shares(
    op: Any, args: Sequence[Any], g: Any, out: Any, raw: Sequence[Any], keywords: dict[str, Any]
) -> list[tuple[Any, Any]]:
    if op.sequence:
        places = [i for i, arg in enumerate(args) if arg is not None]
        found = op.shares(places, g, out, raw, keywords)
        return [(args[i], _fit(op, i, x, raw[i], out)) for i, x in zip(places, found, strict=True)]
    pairs: list[tuple[Any, Any]] = []
    for i, arg in enumerate(args):
        if arg is not None:
            rule, x = op.rules[i], raw[i]
            share = rule(g, out, *raw, **keywords) if keywords else rule(g, out, *raw)
            pairs.append((arg, _fit(op, i, share, x, out)))
    return pairs


def shares_recorded(node: Any, g: Any, wanted: Collection[Any]) -> list[tuple[Any, Any]]:
    """As `shares`, on Values: those of the `wanted` args remember how they were computed."""
    op = node.op
    if op is None:
        return []
    raw = node.raw
    for arg, x in zip(node.args, raw, strict=True):
        if arg is not None and arg._out is not x:
            raise RuntimeError(
                f"{op.name}: an argument{f' ({arg.name})' if arg.name else ''} was given new data"
                " after its use, so derivatives of higher order are lost; compute the result again"
            )
    inputs = [x if arg is None else arg for arg, x in zip(node.args, raw, strict=True)]
    args, out = node.args, node._out
    places = [i for i, arg in enumerate(args) if arg is not None and arg in wanted]
    found = op.shares(places, g, node, inputs, node.keywords)
    return [(args[i], _fit(op, i, x, raw[i], out)) for i, x in zip(places, found, strict=True)]


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
    if isinstance(x, float | int):
        return share if hasattr(share, "args") else float(share)
    if dtype is None:
        return x.dtype.type(share)
    return share if dtype is x.dtype or dtype == x.dtype else share.astype(x.dtype)


@functools.lru_cache(maxsize=64)
def _ones(n: int, dtype: Any) -> Any:
    return np.ones(n, dtype)
