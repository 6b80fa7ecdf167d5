"""What compositions ask of an argument that may be a list, a number, an array or a Value."""

import operator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd_mini.engine.arrays import Array
from autograd_mini.engine.value import Value

_FLOAT16 = np.dtype(np.float16)


def as_array(x: Array, beside: Array = None) -> Array:
    """Make an array of a list or a number; a Value, or what else has a shape, stays as it is.

    The numbers have no dtype of their own: they take that of `beside`, if it is given.
    """
    if hasattr(x, "shape"):
        return x
    return np.asarray(x) if beside is None else like(x, beside)


def axes_of(ndim: int, axis: Any, *, repeated: bool = False) -> tuple[int, ...]:
    """List the axes from 0 that `axis` means among `ndim`: all for None, or one or several.

    Raises AxisError for one that does not exist, and ValueError for one that is `repeated`
    although it must not be.
    """
    if axis is None:
        return tuple(range(ndim))
    return normalize_axis_tuple(whole_numbers(axis), ndim, allow_duplicate=repeated)


def along(x: Array, axis: int | None) -> tuple[Array, int]:
    """`x` and the axis from 0 that `axis` means: of a number, or for None, those of a vector."""
    if axis is None or not np.ndim(x):
        x = np.reshape(x, (-1,))
    (axis,) = axes_of(np.ndim(x), 0 if axis is None else operator.index(axis))
    return x, axis


def wide(x: Array) -> Array:
    """`x`, but in float32 what is float16, which ends at 65,504: too soon for counts and sums."""
    return x.astype(np.float32) if getattr(x, "dtype", None) is _FLOAT16 else x


def narrow(x: Array, beside: Array) -> Array:
    """`x`, in float16 where `beside` is: the other way of `wide`."""
    return x.astype(np.float16) if getattr(beside, "dtype", None) is _FLOAT16 else x


def like(x: Array, beside: Array) -> Array:
    """Make an array of numbers, counts or truth values in the dtype of `beside`, to keep that."""
    x = x if hasattr(x, "astype") else np.asarray(x)
    return x.astype(getattr(beside, "dtype", float))


def plain(x: Array) -> Array:
    """Give the data of a Value, for what is a constant to the derivative, such as an index."""
    return x.peek()[0] if type(x) is Value else x


def whole_numbers(x: Array) -> list[int]:
    """List the number, or the several, that an argument such as `axis` holds.

    Raises TypeError for what are no whole numbers, Values included.
    """
    return [operator.index(i) for i in (x if np.iterable(x) else (x,))]
