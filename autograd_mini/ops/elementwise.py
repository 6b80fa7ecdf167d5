"""Arithmetic, powers, roots, exponentials and logarithms of each element. Knows where they hold.

It must not know how a result is recorded, nor that arrays are broadcast: a rule gives its share
in the shape of the result.
"""

import math
import operator
from typing import Any

import numpy as np

from autograd_mini.core import REAL, Domain, Op

POSITIVE = Domain(0.3, 3.0)
AWAY_FROM_ZERO = Domain(away_from=(0.0,), margin=0.3)


def guard(g: Any, share: Any) -> Any:
    """Give `share`, but 0 where `g` is 0 and `share` is not finite, as 0 times infinity is not.

    So an untaken branch passes nothing on at a singular point. Elsewhere `share` stays as it is,
    and so does its own dependence on `g`, which derivatives of higher order need.
    """
    if type(g) is float:
        return share if g else 0.0
    untaken = (g == 0) & ~np.isfinite(share)
    return np.where(untaken, 0.0, share) if np.any(untaken) else share


# ---------------------------------------------------------------------------------- arithmetic
add = Op(
    operator.add,
    lambda g, out, x, y: g,
    lambda g, out, x, y: g,
    name="add",
    symbol="+",
    numpy=np.add,
    method=("__add__", "__radd__"),
)
subtract = Op(
    operator.sub,
    lambda g, out, x, y: g,
    lambda g, out, x, y: -g,
    name="subtract",
    symbol="−",
    numpy=np.subtract,
    method=("__sub__", "__rsub__"),
)
multiply = Op(
    operator.mul,
    lambda g, out, x, y: g * y,
    lambda g, out, x, y: g * x,
    name="multiply",
    symbol="×",
    numpy=np.multiply,
    method=("__mul__", "__rmul__"),
)


def _divide_x(g: Any, out: Any, x: Any, y: Any) -> Any:
    return g / y if isinstance(y, float | int) and y else guard(g, g / y)


divide = Op(
    operator.truediv,
    _divide_x,
    lambda g, out, x, y: guard(g, -g * out / y),
    name="divide",
    symbol="÷",
    numpy=np.divide,
    method=("__truediv__", "__rtruediv__"),
    domain=(REAL, AWAY_FROM_ZERO),
)
negative = Op(
    operator.neg,
    lambda g, out, x: -g,
    name="negative",
    symbol="−",
    numpy=np.negative,
    method="__neg__",
)
positive = Op(
    operator.pos,
    lambda g, out, x: g,
    name="positive",
    symbol="+",
    numpy=(np.positive, np.conjugate, np.real),
    method="__pos__",
)


# ---------------------------------------------------------------------- powers, roots, exp, log
def _power_x(g: Any, out: Any, x: Any, y: Any) -> Any:
    if isinstance(y, float | int):
        if type(x) is float and x < 0 and y % 1:
            return math.nan  # where Python would go on to complex numbers
        if y >= 1:
            return g * (y * x ** (y - 1))
        return guard(g, g * (y * x ** (y - 1))) if y else np.zeros_like(out)
    corner = (x == 0) & (y == 0)  # x**0 is constant, at x = 0 too
    return guard(g, g * (y * x ** np.where(corner, 1.0, y - 1.0)))


def _power_y(g: Any, out: Any, x: Any, y: Any) -> Any:
    if isinstance(x, float | int):
        return guard(g, g * out * (float(np.log(x)) if x else 0.0))
    return guard(g, g * out * np.log(np.where(x == 0, 1.0, x)))  # 0**y is flat for y > 0


power = Op(
    operator.pow,
    _power_x,
    _power_y,
    name="power",
    symbol="**",
    numpy=np.power,
    method=("__pow__", "__rpow__"),
    scalar=math.pow,
    domain=(POSITIVE, REAL),
    kinks=(((0.0, 0.0), (0.0, 0.0)), ((0.0, 2.0), (0.0, 0.0))),
)
square = Op(
    lambda x: x * x,
    lambda g, out, x: g * (2 * x),
    name="square",
    symbol="²",
    numpy=np.square,
)
sqrt = Op(
    np.sqrt,
    lambda g, out, x: guard(g, g * 0.5 / out),
    name="sqrt",
    symbol="√",
    numpy=np.sqrt,
    method="sqrt",
    scalar=math.sqrt,
    domain=POSITIVE,
    kinks=(((0.0,), (math.inf,)),),
)
cbrt = Op(
    np.cbrt,
    lambda g, out, x: guard(g, g / (3 * out * out)),
    name="cbrt",
    symbol="∛",
    numpy=np.cbrt,
    domain=AWAY_FROM_ZERO,
    kinks=(((0.0,), (math.inf,)),),
)
reciprocal = Op(
    np.reciprocal,
    lambda g, out, x: guard(g, -(g * out) * out),
    name="reciprocal",
    numpy=np.reciprocal,
    scalar=lambda x: 1 / x,
    domain=AWAY_FROM_ZERO,
)
exp = Op(
    np.exp,
    lambda g, out, x: g * out,
    name="exp",
    numpy=np.exp,
    method="exp",
    scalar=math.exp,
)
expm1 = Op(
    np.expm1,
    lambda g, out, x: g * np.exp(x),
    name="expm1",
    numpy=np.expm1,
    scalar=math.expm1,
)
exp2 = Op(
    np.exp2,
    lambda g, out, x: g * (out * math.log(2)),
    name="exp2",
    numpy=np.exp2,
)
log = Op(
    np.log,
    lambda g, out, x: guard(g, g / x),
    name="log",
    numpy=np.log,
    method="log",
    scalar=math.log,
    domain=POSITIVE,
)
log1p = Op(
    np.log1p,
    lambda g, out, x: guard(g, g / (1 + x)),
    name="log1p",
    numpy=np.log1p,
    scalar=math.log1p,
    domain=Domain(-0.7, 3.0),
)
log2 = Op(
    np.log2,
    lambda g, out, x: guard(g, g / (x * math.log(2))),
    name="log2",
    numpy=np.log2,
    scalar=math.log2,
    domain=POSITIVE,
)
log10 = Op(
    np.log10,
    lambda g, out, x: guard(g, g / (x * math.log(10))),
    name="log10",
    numpy=np.log10,
    scalar=math.log10,
    domain=POSITIVE,
)


def part_of_sum(exponential: Any, x: Any, out: Any) -> Any:
    """Find the part of x in a sum of exponentials: 1 of an infinite one, 0 of nothing at all."""
    infinite = np.isinf(out)
    part = exponential(x - np.where(infinite, 0.0, out))
    return np.where(infinite, (x == out) & (out > 0), part)


logaddexp = Op(
    np.logaddexp,
    lambda g, out, x, y: guard(g, g * part_of_sum(np.exp, x, out)),
    lambda g, out, x, y: guard(g, g * part_of_sum(np.exp, y, out)),
    name="logaddexp",
    numpy=np.logaddexp,
)
logaddexp2 = Op(
    np.logaddexp2,
    lambda g, out, x, y: guard(g, g * part_of_sum(np.exp2, x, out)),
    lambda g, out, x, y: guard(g, g * part_of_sum(np.exp2, y, out)),
    name="logaddexp2",
    numpy=np.logaddexp2,
)
