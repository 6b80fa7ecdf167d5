"""One node's step of the backward pass: its rules, and their shares fitted to its arguments.

This file knows what a node records (`op`, `args`, `raw`) and what an op declares (`rules`). It
must not know how a node is made, nor any particular op.
"""

import functools
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from autograd_mini.backprop import add_shares
from autograd_mini.data import ndarray


def pull(node: Any, g: Any, gradients: dict[Any, Any]) -> None:
    """Add what the node passes back, given its gradient `g`, to the gradients of its args.

    This is the short path of ops with one or two arrays and no keywords; in all it does what
    `add_shares(shares(node, g), gradients)` does.
    """
    op = node.op
    if op is None:
        return
    out, x = node._data, node._x
    try:
        if op.binary:
            a, b, y = node._a, node._b, node._y
            rule, rule_b = op.rules
            if b is not None:
                share_b = rule_b(g, out, x, y)
                if type(share_b) is not float or type(y) is not float:
                    share_b = _fit(op, 1, share_b, y, out)
            if a is not None:
                share = rule(g, out, x, y)
                if type(share) is not float or type(x) is not float:
                    share = _fit(op, 0, share, x, out)
                gradients[a] = gradients[a] + share if a in gradients else share
            if b is not None:
                gradients[b] = gradients[b] + share_b if b in gradients else share_b
        elif op.wide:
            add_shares(_shares(op, node._a, g, out, x, node._b), gradients)
        else:
            a = node._a
            share = op.rules[0](g, out, x)
            if type(share) is not float or type(x) is not float:
                share = _fit(op, 0, share, x, out)
            gradients[a] = gradients[a] + share if a in gradients else share
    except (ArithmeticError, ValueError):
        add_shares(shares(node, g), gradients)


def shares(node: Any, g: Any) -> list[tuple[Any, Any]]:
    """The node's args, each with its share of `g`, a plain number or array.

    Where Python's numbers raise, NumPy's take their place and have inf or nan.
    """
    op, out = node.op, node._data
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
    rules = op.rules_for(len(raw)) if op.sequence else op.rules
    pairs: list[tuple[Any, Any]] = []
    for i, arg in enumerate(args):
        if arg is not None:
            rule, x = rules[i], raw[i]
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
        if arg is not None and arg._data is not x:
            raise RuntimeError(
                f"{op.name}: an argument{f' ({arg.name})' if arg.name else ''} was given new data"
                " after its use, so derivatives of higher order are lost; compute the result again"
            )
    inputs = [x if arg is None else arg for arg, x in zip(node.args, raw, strict=True)]
    pairs: list[tuple[Any, Any]] = []
    for i, (rule, arg) in enumerate(zip(op.rules_for(len(raw)), node.args, strict=True)):
        if arg is not None and arg in wanted:
            share = rule(g, node, *inputs, **node.keywords)
            pairs.append((arg, _fit(op, i, share, raw[i], node._data)))
    return pairs


def _fit(op: Any, i: int, share: Any, x: Any, out: Any) -> Any:
    """`share` in the shape and dtype of the argument `x`: broadcasting is undone here only."""
    if type(share) is ndarray and type(x) is ndarray and share.dtype is x.dtype:
        given, shape = share.shape, x.shape
        if given == shape:
            return share
        if shape == given[1:] and len(given) == 2 and given == out.shape and given[0] < 10_000:
            return _ones(given[0], share.dtype.char).dot(share)  # 4 times faster than a sum
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
