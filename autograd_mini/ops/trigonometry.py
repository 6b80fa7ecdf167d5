"""Angles, their functions and inverses, circular and hyperbolic, of each element.

It must not know how a result is recorded, nor that arrays are broadcast.
"""

import math

import numpy as np

from autograd_mini.engine.arrays import Array
from autograd_mini.engine.declaration import Domain, case
from autograd_mini.engine.op import Op, by_element
from autograd_mini.ops.elementwise import AWAY_FROM_ZERO, kinked

INSIDE_UNIT = Domain(-0.85, 0.85)
ABOVE_ONE = Domain(1.2, 4.0)

sin = by_element(np.sin, lambda g, out, x: g * np.cos(x), method="sin")
"""The sine of each element, in radians."""
cos = by_element(np.cos, lambda g, out, x: -g * np.sin(x), method="cos")
"""The cosine of each element, in radians."""
tan = by_element(np.tan, lambda g, out, x: g * (1 + out * out), domain=Domain(-1.2, 1.2))
"""The tangent of each element, in radians."""
arcsin = by_element(
    np.arcsin, lambda g, out, x: g / np.sqrt((1 - x) * (1 + x)), domain=INSIDE_UNIT
)
"""The angle, in radians, whose sine each element is."""
arccos = by_element(
    np.arccos, lambda g, out, x: -g / np.sqrt((1 - x) * (1 + x)), domain=INSIDE_UNIT
)
"""The angle, in radians, whose cosine each element is."""
arctan = by_element(np.arctan, lambda g, out, x: g / (1 + x * x))
"""The angle, in radians, whose tangent each element is."""
sinh = by_element(np.sinh, lambda g, out, x: g * np.cosh(x))
"""The hyperbolic sine of each element."""
cosh = by_element(np.cosh, lambda g, out, x: g * np.sinh(x))
"""The hyperbolic cosine of each element."""
tanh = by_element(
    np.tanh,
    lambda g, out, x: g * (1 - out * out),
    method="tanh",
    scalar=math.tanh,
    flat=(-1, 1),
)
"""The hyperbolic tangent of each element, a number from −1 to 1."""
arcsinh = by_element(np.arcsinh, lambda g, out, x: g / np.hypot(1.0, x))
"""The number whose hyperbolic sine each element is."""
arccosh = by_element(
    np.arccosh, lambda g, out, x: g / np.sqrt((x - 1) * (x + 1)), domain=ABOVE_ONE
)
"""The number, at least 0, whose hyperbolic cosine each element is."""
arctanh = by_element(np.arctanh, lambda g, out, x: g / ((1 - x) * (1 + x)), domain=INSIDE_UNIT)
"""The number whose hyperbolic tangent each element is."""
hypot = by_element(
    np.hypot,
    lambda g, out, x, y: g * kinked(out, x / out),
    lambda g, out, x, y: g * kinked(out, y / out),
    domain=AWAY_FROM_ZERO,
    kinks=(((0.0, 0.0), (0.0, 0.0)),),
)
"""√(x² + y²), without overflow."""


def _over_square(t: Array, x: Array, y: Array) -> Array:
    """Divide t by x² + y², where the square may overflow; 0 at the origin."""
    radius = np.hypot(x, y)
    return kinked(radius, t / radius / radius)


arctan2 = by_element(  # the origin has no angle: there the derivative is taken as 0, like hypot's
    np.arctan2,
    lambda g, out, y, x: g * _over_square(x, x, y),
    lambda g, out, y, x: -g * _over_square(y, x, y),
    scalar=math.atan2,
    domain=AWAY_FROM_ZERO,
    kinks=(((0.0, 0.0), (0.0, 0.0)),),
)
"""The angle, in radians, of the point (y over x)."""
deg2rad = by_element(
    np.deg2rad,
    lambda g, out, x: g * (math.pi / 180),
    passes="moves",
    numpy=(np.deg2rad, np.radians),
)
"""Degrees as radians."""
rad2deg = by_element(
    np.rad2deg,
    lambda g, out, x: g * (180 / math.pi),
    passes="moves",
    numpy=(np.rad2deg, np.degrees),
)
"""Radians as degrees."""


# ---------------------------------------------------------------------------- sin(πx) / (πx)
def _sinc_derivative(x: Array, n: int) -> Array:
    """Find the n-th derivative of sinc, where quotients of its formula would cancel near 0.

    With z = πx, z f = sin z gives f⁽ⁿ⁾ = (sin⁽ⁿ⁾ z - n f⁽ⁿ⁻¹⁾) / z, which is stable for |z| > n;
    closer to 0 the power series of sin z / z converges quickly.
    """
    z = np.multiply(x, math.pi)
    near = np.abs(z) < n + 1
    far = np.where(near, n + 1.0, z)
    f = np.sin(far) / far
    for k in range(1, n + 1):
        f = (np.sin(far + k * math.pi / 2) - k * f) / far
    z = np.where(near, z, 0.0)
    series = np.zeros_like(z)
    for k in reversed(range((n + 1) // 2, 2 * n + 16)):
        coefficient = (-1) ** k * math.perm(2 * k, n) / math.factorial(2 * k + 1)
        series = series + coefficient * z ** (2 * k - n)
    return math.pi**n * np.where(near, series, f)


sinc_derivative: Op = by_element(
    _sinc_derivative,
    lambda g, out, x, n: g * sinc_derivative(x, n=n + 1),
    cases=(case(n=1), case(n=2), case((2, 3), n=3)),
)
"""The n-th derivative of sinc."""
sinc = by_element(np.sinc, lambda g, out, x: g * sinc_derivative(x, n=1))
"""sin(πx) / (πx), and 1 at 0."""
