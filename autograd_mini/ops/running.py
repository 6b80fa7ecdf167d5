"""Ops that run along an axis: sums and products so far, differences, areas.

It must not know how a result is recorded.
"""

from typing import Any

import numpy as np

from autograd_mini.engine.arrays import Array
from autograd_mini.engine.declaration import case
from autograd_mini.engine.op import Op
from autograd_mini.ops.arrays import along, as_array, axes_of


def _backwards(x: Array, axis: int) -> Array:
    index = [slice(None)] * np.ndim(x)
    index[axis] = slice(None, None, -1)
    return x[tuple(index)]


def _cumsum(x: Array, axis: int | None = None) -> Array:
    return np.cumsum(x, axis=axis)


def _cumsum_x(g: Array, out: Array, x: Array, axis: int | None = None) -> Array:
    """The sums of g from its end back."""
    k = 0 if axis is None else axis
    share = _backwards(np.cumsum(_backwards(g, k), axis=k), k)
    return np.reshape(share, np.shape(x)) if axis is None else share


cumsum = Op(
    _cumsum,
    _cumsum_x,
    passes="moves",
    numpy=np.cumsum,
    method="cumsum",
    cases=(case((4,)), case((2, 3)), case((2, 3), axis=0), case((3, 3), axis=-1)),
)
"""The running sum along an axis, or of all elements in a row."""


def _cumprod(x: Array, axis: int | None = None) -> Array:
    """Multiply each element by the one 1, 2, 4, … places before it: products of pairs only.

    So every derivative is that of a product of two, and exact where some factors are zero.
    """
    x, axis = along(x, axis)
    x = np.moveaxis(x, axis, 0)
    distance = 1
    while distance < np.shape(x)[0]:
        x = np.concatenate([x[:distance], x[distance:] * x[:-distance]])
        distance *= 2
    return np.moveaxis(x, 0, axis)


cumprod = Op(
    _cumprod,
    numpy=np.cumprod,
    method="cumprod",
    arity=1,
    cases=(case((4,)), case((2, 3)), case((5, 2), axis=0), case((3, 3), axis=-1), case((0,))),
)
"""The running product along an axis, or of all elements in a row."""


def _trapezoid(y: Array, x: Array = None, dx: Any = 1.0, axis: int = -1) -> Array:
    """Sum up (y[i] + y[i+1]) / 2 times the step, which is `dx` or comes from the places `x`."""
    ends = np.moveaxis(y, axis, -1)
    step = dx
    if x is not None:
        x = as_array(x, y)
        x = np.moveaxis(x, axis, -1) if np.ndim(x) > 1 else x
        step = x[..., 1:] - x[..., :-1]
    return np.sum((ends[..., 1:] + ends[..., :-1]) * step, axis=-1) * 0.5


trapezoid = Op(
    _trapezoid,
    numpy=np.trapezoid,
    arity=1,
    cases=(case((4,)), case((3, 2), axis=0, dx=0.5), case((2, 3), x=[0.0, 1.0, 3.0])),
)
"""The area under the polygon through the points (x, y)."""


def _end(values: Array, x: Array, axis: int) -> Array:
    """Give what `diff` puts at an end of x: of a number, one on the whole width of the axis."""
    if values is None or np.ndim(values):
        return values if values is None else as_array(values, x)
    shape = list(np.shape(x))
    shape[axis] = 1
    return np.broadcast_to(as_array(values, x), shape)


def _diff(x: Array, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Array:
    if n <= 0:
        if n:
            raise ValueError(f"diff: the order must be 0 or more, not {n}")
        return x
    if not np.ndim(x):
        raise ValueError("diff takes an array of one axis or more, not a number")
    axes_of(np.ndim(x), axis)
    parts = [end if end is x else _end(end, x, axis) for end in (prepend, x, append)]
    parts = [part for part in parts if part is not None]
    x = np.moveaxis(np.concatenate(parts, axis=axis) if len(parts) > 1 else x, axis, 0)
    for _ in range(n):
        x = x[1:] - x[:-1]
    return np.moveaxis(x, 0, axis)


diff = Op(
    _diff,
    numpy=np.diff,
    arity=1,
    cases=(
        case((4,)),
        case((3, 2), axis=0),
        case((2, 4), n=2),
        case((2, 3), prepend=0.5, append=[[1, 2], [0, 1]]),
    ),
)
"""The differences between neighbours along an axis, `n` times."""
