"""Ops that work on each element by itself. Knows their formulas and where those hold.

It must not know how a result is recorded, nor that arrays are broadcast: a rule gives its share
in the shape of the result.
"""

import math
import operator
from typing import Any

import numpy as np

from autograd_mini.core import REAL, Domain, Op, case

POSITIVE = Domain(0.3, 3.0)
AWAY_FROM_ZERO = Domain(away_from=(0.0,), margin=0.3)
INSIDE_UNIT = Domain(-0.85, 0.85)
ABOVE_ONE = Domain(1.2, 4.0)


def guard(g: Any, share: Any) -> Any:
    """`share`, but 0 where `g` is 0: an untaken branch passes nothing, even at a singular point."""
    if type(g) is float:
        return share if g else 0.0
    return np.where(g == 0, 0.0, share)


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
    numpy=np.positive,
    method="__pos__",
)


# ---------------------------------------------------------------------- powers, roots, exp, log
def _power_x(g: Any, out: Any, x: Any, y: Any) -> Any:
    if isinstance(y, float | int) and y >= 1:
        return g * (y * x ** (y - 1))
    lower = np.where(y == 0, 1.0, y - 1.0)  # x**0 is constant, at x = 0 too
    return guard(g, np.where(y == 0, 0.0, g * (y * x**lower)))


def _power_y(g: Any, out: Any, x: Any, y: Any) -> Any:
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
logaddexp = Op(
    np.logaddexp,
    lambda g, out, x, y: guard(g, g * np.exp(x - out)),
    lambda g, out, x, y: guard(g, g * np.exp(y - out)),
    name="logaddexp",
    numpy=np.logaddexp,
)


# -------------------------------------------------------------- trigonometric and hyperbolic
sin = Op(
    np.sin,
    lambda g, out, x: g * np.cos(x),
    name="sin",
    numpy=np.sin,
    method="sin",
)
cos = Op(
    np.cos,
    lambda g, out, x: -g * np.sin(x),
    name="cos",
    numpy=np.cos,
    method="cos",
)
tan = Op(
    np.tan,
    lambda g, out, x: g * (1 + out * out),
    name="tan",
    numpy=np.tan,
    domain=Domain(-1.2, 1.2),
)
arcsin = Op(
    np.arcsin,
    lambda g, out, x: guard(g, g / np.sqrt((1 - x) * (1 + x))),
    name="arcsin",
    numpy=np.arcsin,
    domain=INSIDE_UNIT,
)
arccos = Op(
    np.arccos,
    lambda g, out, x: guard(g, -g / np.sqrt((1 - x) * (1 + x))),
    name="arccos",
    numpy=np.arccos,
    domain=INSIDE_UNIT,
)
arctan = Op(
    np.arctan,
    lambda g, out, x: g / (1 + x * x),
    name="arctan",
    numpy=np.arctan,
)
sinh = Op(
    np.sinh,
    lambda g, out, x: g * np.cosh(x),
    name="sinh",
    numpy=np.sinh,
)
cosh = Op(
    np.cosh,
    lambda g, out, x: g * np.sinh(x),
    name="cosh",
    numpy=np.cosh,
)
tanh = Op(
    np.tanh,
    lambda g, out, x: g * (1 - out * out),
    name="tanh",
    numpy=np.tanh,
    method="tanh",
    scalar=math.tanh,
)
arcsinh = Op(
    np.arcsinh,
    lambda g, out, x: g / np.hypot(1.0, x),
    name="arcsinh",
    numpy=np.arcsinh,
)
arccosh = Op(
    np.arccosh,
    lambda g, out, x: guard(g, g / np.sqrt((x - 1) * (x + 1))),
    name="arccosh",
    numpy=np.arccosh,
    domain=ABOVE_ONE,
)
arctanh = Op(
    np.arctanh,
    lambda g, out, x: guard(g, g / ((1 - x) * (1 + x))),
    name="arctanh",
    numpy=np.arctanh,
    domain=INSIDE_UNIT,
)
hypot = Op(
    np.hypot,
    lambda g, out, x, y: np.where(out == 0, 0.0, g * (x / np.where(out == 0, 1.0, out))),
    lambda g, out, x, y: np.where(out == 0, 0.0, g * (y / np.where(out == 0, 1.0, out))),
    name="hypot",
    numpy=np.hypot,
    domain=AWAY_FROM_ZERO,
    kinks=(((0.0, 0.0), (0.0, 0.0)),),
)


# ------------------------------------------------------------------------- signs and choices
absolute = Op(
    np.abs,
    lambda g, out, x: g * np.sign(x),
    name="absolute",
    symbol="|·|",
    numpy=(np.abs, np.fabs),
    method=("__abs__", "abs"),
    scalar=math.fabs,
    domain=AWAY_FROM_ZERO,
    kinks=(((0.0,), (0.0,)),),
)
sign = Op(
    np.sign,
    lambda g, out, x: np.zeros_like(x),
    name="sign",
    numpy=np.sign,
    domain=AWAY_FROM_ZERO,
    kinks=(((0.0,), (0.0,)),),
)
_NEVER_EQUAL = (Domain(spacing=0.4), Domain(spacing=0.4, offset=0.2))


def _larger(g: Any, x: Any, y: Any) -> Any:
    """The share of x: all of g where x is the larger (or nan), half of it at a tie."""
    return np.where(x == y, g * 0.5, np.where((x > y) | (x != x), g, 0.0))


maximum = Op(
    np.maximum,
    lambda g, out, x, y: _larger(g, x, y),
    lambda g, out, x, y: _larger(g, y, x),
    name="maximum",
    symbol="max",
    numpy=np.maximum,
    domain=_NEVER_EQUAL,
    kinks=(((1.0, 1.0), (0.5, 0.5)),),
)
minimum = Op(
    np.minimum,
    lambda g, out, x, y: _larger(g, -x, -y),
    lambda g, out, x, y: _larger(g, -y, -x),
    name="minimum",
    symbol="min",
    numpy=np.minimum,
    domain=_NEVER_EQUAL,
    kinks=(((1.0, 1.0), (0.5, 0.5)),),
)


def _clip(x: Any, low: Any, high: Any) -> Any:
    return np.minimum(np.maximum(x, low), high)


clip_between = Op(
    _clip,
    lambda g, out, x, low, high: np.where((x >= low) & (x <= high) | (x != x), g, 0.0),
    lambda g, out, x, low, high: np.where((x < low) & (low < high), g, 0.0),
    lambda g, out, x, low, high: np.where((x > high) | (low >= high) & (x < high), g, 0.0),
    name="clip",
    domain=(Domain(), Domain(-1.5, -0.5), Domain(0.5, 1.5)),
    kinks=(((1.0, -1.0, 1.0), (1.0, 0.0, 0.0)), ((-1.0, -1.0, 1.0), (1.0, 0.0, 0.0))),
)


def _clip_like_numpy(
    x: Any,
    a_min: Any = None,
    a_max: Any = None,
    min: Any = None,
    max: Any = None,  # noqa: A002
) -> Any:
    low = a_min if min is None else min
    high = a_max if max is None else max
    low = -math.inf if low is None else low
    return clip_between(x, low, math.inf if high is None else high)


clip = Op(
    _clip_like_numpy,
    name="clip",
    numpy=np.clip,
    method="clip",
    arity=1,
    domain=Domain(away_from=(-1.0, 2.0)),
    cases=(case(a_min=-1.0, a_max=2.0), case(a_min=None, a_max=2.0), case(a_min=-1.0)),
)
where = Op(
    np.where,
    None,
    lambda g, out, condition, x, y: np.where(condition, g, 0.0),
    lambda g, out, condition, x, y: np.where(condition, 0.0, g),
    name="where",
    numpy=np.where,
)
