"""The numbers that a Value takes in, what it hands out of them, and what a constant may be.

This file knows NumPy arrays. It must not know Value, Op or graphs.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

ndarray = np.ndarray
PLAIN = frozenset((float, int, ndarray, np.float64, np.float32))
"""Types that an op takes as a constant without a further look."""


class View(ndarray):
    """A read-only look at recorded data: `p.data -= step` makes a new array, as with a float."""

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        return array[()] if return_scalar else np.asarray(array)

    def copy(self, order: Any = "C") -> Any:
        """A plain array that is the caller's to write."""
        return np.array(self, order=order, subok=False)


def _out_of_place(name: str) -> Callable[[Any, Any], Any]:
    compute = getattr(operator, name)
    return lambda self, other: compute(self.view(ndarray), other)


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    setattr(View, f"__i{_name}__", _out_of_place(_name))


class StandIn:
    """What stands for numbers while a program is written down: it has their `shape` and `dtype`.

    It implements NumPy's protocols, and nobody can write into what it stands for.
    """

    def constant(self, data: Any) -> Any:
        """Plain `data` as a number or array of the type that this stands for."""
        raise NotImplementedError

    def retried(self, op: Any, error: Exception, raw: Any, keywords: Any) -> Any:
        """The result of an op whose forward has failed; NotImplemented if it has to fail."""
        return NotImplemented


def read_only(data: Any) -> Any:
    """What `.data` hands out: a `View` of an array, a number as it is."""
    if type(data) is ndarray:
        data = data.view(View)
        data.flags.writeable = False
    return data


_CURES = {
    "c": "split complex numbers into real and imaginary parts",
    "b": "turn truth values into numbers with .astype(float), or use np.where(mask, x, y)",
    "O": "give numbers, or an array of them with rows of equal length",
    "M": "subtract a date and divide by a unit of time",
    "m": "divide by a unit of time",
}


def own(data: Any) -> Any:
    """`data` as a float or a floating-point array that nobody else holds.

    Raises TypeError for what is not made of real numbers.
    """
    if isinstance(data, np.float64 | int | float) and not isinstance(data, bool):
        return float(data)
    if type(data) is View and not data.flags.writeable:
        return data.view(ndarray)  # recorded data never change, so they can be shared
    if isinstance(data, StandIn):
        stand_in: Any = data
        return data if stand_in.dtype.kind == "f" else stand_in.astype(np.float64)
    if isinstance(data, np.ma.MaskedArray):
        raise TypeError("a Value cannot hold a masked array; fill it first with .filled(...)")
    try:
        array = np.array(data, order="K", subok=False)
    except ValueError:
        array = np.empty(0, object)
    kind = array.dtype.kind
    if kind not in "fiu":
        cure = _CURES.get(kind, "give real numbers")
        raise TypeError(
            f"a Value holds real numbers, not {type(data).__name__} of dtype {array.dtype}; {cure}"
        )
    return array if kind == "f" else array.astype(np.float64)


def constant(name: str, x: Any) -> Any:
    """`x`, where the op `name` may take it as a constant; for types outside `PLAIN`.

    Raises TypeError for what is not made of real numbers.
    """
    if isinstance(x, View):
        return x.view(ndarray)
    if isinstance(x, list | tuple):
        x = np.asarray(x)
    dtype = getattr(x, "dtype", None)
    masked = isinstance(x, np.ma.MaskedArray)
    if isinstance(x, int | float) or (dtype is not None and dtype.kind in "fiub" and not masked):
        return x
    given = "a masked array" if masked else f"{type(x).__name__}{f' of {dtype}' if dtype else ''}"
    raise TypeError(f"{name} cannot compute with {given}; give real numbers, arrays or Values")
