"""Ops that choose, round or flip each element: straight pieces, and kinks where they meet.

It must not know how a result is recorded, nor that arrays are broadcast.
"""

import math
import operator
from typing import Any

import numpy as np

from autograd_mini.engine.arrays import Array
from autograd_mini.engine.declaration import REAL, Domain, case
from autograd_mini.engine.op import Op, by_element
from autograd_mini.ops.elementwise import AWAY_FROM_ZERO, chosen

# ------------------------------------------------------------------------- signs and choices
absolute = by_element(
    np.abs,
    lambda g, out, x: g * np.sign(x),
    symbol="|·|",
    numpy=(np.abs, np.fabs),
    method=("__abs__", "abs"),
    scalar=math.fabs,
    domain=AWAY_FROM_ZERO,
    kinks=(((0.0,), (0.0,)),),
)
"""The absolute value of each element."""
sign = by_element(
    np.sign,
    lambda g, out, x: np.zeros_like(x),
    passes="chooses",
    domain=AWAY_FROM_ZERO,
    kinks=(((0.0,), (0.0,)),),
)
"""−1, 0 or 1, the sign of each element."""
heaviside = by_element(
    np.heaviside,
    lambda g, out, x, at_zero: np.zeros_like(x),
    lambda g, out, x, at_zero: chosen(x == 0, g),
    passes="chooses",
    domain=(AWAY_FROM_ZERO, REAL),
    kinks=(((0.0, 0.5), (0.0, 1.0)),),
)
"""0 for x below 0, 1 above, and `y` at 0."""
copysign = by_element(
    np.copysign,
    lambda g, out, x, y: g * np.sign(x) * np.sign(out),
    lambda g, out, x, y: np.zeros_like(y),
    scalar=math.copysign,
    domain=AWAY_FROM_ZERO,
    kinks=(((0.0, 1.0), (0.0, 0.0)),),
)
"""The size of `x` with the sign of `y`."""
_NEVER_EQUAL = (Domain(spacing=0.4), Domain(spacing=0.4, offset=0.2))


def _larger(g: Array, x: Array, y: Array) -> Array:
    """Give x all of g where it is the larger (or nan), and half of it at a tie."""
    return chosen((x >= y) | (x != x), np.where(x == y, g * 0.5, g))


maximum = by_element(
    np.maximum,
    lambda g, out, x, y: _larger(g, x, y),
    lambda g, out, x, y: _larger(g, y, x),
    passes="chooses",
    symbol="max",
    domain=_NEVER_EQUAL,
    kinks=(((1.0, 1.0), (0.5, 0.5)),),
)
"""The larger of two, element by element; nan if either is."""
minimum = by_element(
    np.minimum,
    lambda g, out, x, y: _larger(g, -x, -y),
    lambda g, out, x, y: _larger(g, -y, -x),
    passes="chooses",
    symbol="min",
    domain=_NEVER_EQUAL,
    kinks=(((1.0, 1.0), (0.5, 0.5)),),
)
"""The smaller of two, element by element; nan if either is."""


def _larger_number(g: Array, x: Array, y: Array) -> Array:
    """As `_larger`, but a nan beside a number gets nothing."""
    return chosen((x >= y) | (y != y), np.where(x == y, g * 0.5, g))


fmax = by_element(
    np.fmax,
    lambda g, out, x, y: _larger_number(g, x, y),
    lambda g, out, x, y: _larger_number(g, y, x),
    passes="chooses",
    domain=_NEVER_EQUAL,
    kinks=(((1.0, 1.0), (0.5, 0.5)), ((math.nan, 1.0), (0.0, 1.0))),
)
"""The larger of two, element by element; of nan and a number, the number."""
fmin = by_element(
    np.fmin,
    lambda g, out, x, y: _larger_number(g, -x, -y),
    lambda g, out, x, y: _larger_number(g, -y, -x),
    passes="chooses",
    domain=_NEVER_EQUAL,
    kinks=(((1.0, 1.0), (0.5, 0.5)), ((math.nan, 1.0), (0.0, 1.0))),
)
"""The smaller of two, element by element; of nan and a number, the number."""


def _clip(x: Array, low: Array, high: Array) -> Array:
    return np.minimum(np.maximum(x, low), high)


_BOUNDS = (Domain(-9.8, -0.6, spacing=0.4, offset=0.2), Domain(0.6, 9.8, spacing=0.4, offset=0.2))
clip_between = by_element(
    _clip,
    lambda g, out, x, low, high: chosen((x >= low) & (x <= high) | (x != x), g),
    lambda g, out, x, low, high: chosen((x < low) & (low < high), g),
    lambda g, out, x, low, high: chosen((x > high) | (low >= high) & (x < low), g),
    name="clip",
    passes="chooses",
    domain=(Domain(spacing=0.4), *_BOUNDS),
    kinks=(((1.0, -1.0, 1.0), (1.0, 0.0, 0.0)), ((-1.0, -1.0, 1.0), (1.0, 0.0, 0.0))),
)
"""Each element, moved to the nearest end where it lies outside `low` to `high`."""


def _clip_like_numpy(
    x: Array, a_min: Any = None, a_max: Any = None, min: Any = None, max: Any = None
) -> Array:
    low = a_min if min is None else min
    high = a_max if max is None else max
    low = -math.inf if low is None else low
    return clip_between(x, low, math.inf if high is None else high)


clip = Op(
    _clip_like_numpy,
    numpy=np.clip,
    method="clip",
    arity=1,
    domain=Domain(away_from=(-1.0, 2.0)),
    cases=(
        case(a_min=-1.0, a_max=2.0),
        case(a_min=None, a_max=2.0),
        case(a_min=-1.0, a_max=None),
        case(min=-1.0, max=2.0),
    ),
)
"""Each element, moved to the nearest end where it lies outside `min` to `max`."""
where = by_element(
    np.where,
    None,
    lambda g, out, condition, x, y: chosen(condition, g),
    lambda g, out, condition, x, y: chosen(np.logical_not(condition), g),
    passes="chooses",
)
"""Elements of `x` where the condition holds, and of `y` elsewhere."""


def _nan_to_num(x: Array, *, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Array:
    return np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


nan_to_num = by_element(
    _nan_to_num,
    lambda g, out, x, **keywords: chosen(np.isfinite(x), g),
    passes="chooses",
    numpy=np.nan_to_num,
    cases=(case(), case((2, 3), nan=1.0, posinf=2.0, neginf=-2.0)),
    kinks=(((math.nan,), (0.0,)), ((math.inf,), (0.0,))),
)
"""nan and infinities replaced by numbers."""


# ------------------------------------------------------------------ rounding: flat, with jumps
_BETWEEN_INTEGERS = Domain(-5.0, 5.0, spacing=1.0, offset=0.3)


def _flat(g: Array, out: Array, *arrays: Array, **keywords: Any) -> Array:
    return np.zeros_like(out)


floor = by_element(np.floor, _flat, passes="chooses", domain=_BETWEEN_INTEGERS)
"""The largest whole number not above each element."""
ceil = by_element(np.ceil, _flat, passes="chooses", domain=_BETWEEN_INTEGERS)
"""The smallest whole number not below each element."""
trunc = by_element(
    np.trunc, _flat, passes="chooses", numpy=(np.trunc, np.fix), domain=_BETWEEN_INTEGERS
)
"""Each element without its fraction."""
rint = by_element(np.rint, _flat, passes="chooses", domain=_BETWEEN_INTEGERS)
"""The nearest whole number, the even one of two."""
round_ = by_element(
    lambda x, decimals=0: np.round(x, 0 if decimals is None else decimals),
    _flat,
    passes="chooses",
    numpy=(np.round, np.around),
    method=("round", "__round__"),
    domain=_BETWEEN_INTEGERS,
    cases=(case(), case((2, 3), decimals=-1)),
)
"""Each element rounded to `decimals` digits after the point."""

# -------------------------------------------------- quotients and remainders: straight, with jumps
_HALVES, _WHOLES = Domain(-6.0, 6.0, spacing=1.0, offset=0.5), Domain(1.0, 3.0, spacing=1.0)
floor_divide = by_element(
    operator.floordiv,
    _flat,
    _flat,
    passes="chooses",
    symbol="//",
    numpy=np.floor_divide,
    method=("__floordiv__", "__rfloordiv__"),
    scalar=np.floor_divide,
    domain=(_HALVES, _WHOLES),
)
"""The quotient of two, rounded down."""
mod = by_element(
    operator.mod,
    lambda g, out, x, y: g,
    lambda g, out, x, y: -g * np.floor_divide(x, y),
    symbol="%",
    numpy=np.mod,
    method=("__mod__", "__rmod__"),
    scalar=np.mod,
    domain=(_HALVES, _WHOLES),
)
"""The remainder of x / y, with the sign of `y`."""
fmod = by_element(
    np.fmod,
    lambda g, out, x, y: g,
    lambda g, out, x, y: -g * np.trunc(x / y),
    domain=(_HALVES, _WHOLES),
)
"""The remainder of x / y, with the sign of `x`."""
