"""The numbers that a Value takes in, what it hands out of them, and what a constant may be.

This file knows NumPy arrays. It must not know Value, Op or graphs.
"""

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = Any  # a number, an array, a Value, or what else NumPy's protocols take for one
Axis: TypeAlias = int | tuple[int, ...] | None
Shape: TypeAlias = tuple[int, ...]

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

    def __setitem__(self, index: Any, value: Any) -> None:
        if not self.flags.writeable:
            raise ValueError(
                "the array in v.data is read-only, for graphs may hold it; change a copy and give"
                " it back: new = v.data.copy(); new[index] = x; v.data = new"
            )
        super().__setitem__(index, value)


def _out_of_place(name: str) -> Callable[[Any, Any], Any]:
    compute = getattr(operator, name)
    return lambda self, other: compute(self.view(ndarray), other)


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    setattr(View, f"__i{_name}__", _out_of_place(_name))


class StandIn:
    """What stands for numbers while a function is looked at: it has their `shape` and `dtype`.

    It implements NumPy's protocols, and nobody can write into what it stands for.
    """

    sample: Any
    """Numbers that it may stand for."""

    def constant(self, data: Array) -> Any:
        """Plain `data` as a number or array of the type that this stands for."""
        raise NotImplementedError

    def picked(self, mask: Array) -> Any:
        """The elements where `mask` is true, for one that picks as many whatever the numbers."""
        raise NotImplementedError

    def retried(self, op: Any, error: Exception, raw: Any, keywords: Any) -> Any:
        """The result of an op whose forward has failed; NotImplemented if it has to fail."""
        return NotImplemented


def decided(condition: Any, unknown: bool = False) -> bool:
    """Whether `condition` holds; `unknown` where numbers are only recorded.

    So an op that asks about numbers says which of its formulas holds for all of them.
    """
    return unknown if isinstance(condition, StandIn) else bool(condition)


def picked(x: Array, mask: Array) -> Array:
    """`x[mask]`, for a mask that picks as many elements whatever the numbers are."""
    return x.picked(mask) if isinstance(x, StandIn) else x[mask]


def read_only(data: Array) -> Any:
    """What `.data` hands out: a `View` of an array, a number as it is."""
    return unwritable(data).view(View) if type(data) is ndarray else data


def unwritable(x: Array) -> Any:
    """An array as a read-only view, for functions that we do not know; all else as it is."""
    if type(x) is ndarray:
        x = x.view()
        x.flags.writeable = False
    return x


_CURES = {
    "c": "split complex numbers into real and imaginary parts",
    "b": "turn truth values into numbers with .astype(float), or use np.where(mask, x, y)",
    "O": "give numbers, or an array of them with rows of equal length",
    "M": "subtract a date and divide by a unit of time",
    "m": "divide by a unit of time",
}


def own(data: Array) -> Any:
    """`data` as a float or a floating-point array that nobody else holds.

    A number of NumPy's stays one: beside float32 it counts, where Python's do not. Raises
    TypeError for what is not made of real numbers.
    """
    if type(data) in (float, int):
        return float(data)
    if type(data) is View and not data.flags.writeable:
        return data.view(ndarray)  # recorded data never change, so they can be shared
    if isinstance(data, StandIn):
        stand_in: Any = data
        return data if stand_in.dtype.kind == "f" else stand_in.astype(np.float64)
    if type(data) is np.float64:
        return data
    fault = _fault(data)
    if fault:
        raise TypeError(f"a Value cannot hold {fault}")
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
    array = array if kind == "f" else array.astype(np.float64)
    return float(array) if isinstance(data, int | float) else array


def constant(name: str, x: Array) -> Any:
    """`x`, which the op `name` is given or gives, as exactly a number or an array.

    Subclasses of arrays become arrays, and a column of a table its numbers, by place. For types
    outside `PLAIN`. Raises TypeError for what is not made of real numbers.
    """
    if isinstance(x, StandIn):
        return x
    fault = _fault(x)
    if not fault:
        if isinstance(x, ndarray | list | tuple) or type(x).__module__.split(".")[0] == "pandas":
            x = np.asarray(x)
        if isinstance(x, ndarray | np.generic) and x.dtype.kind in "fiub":
            return x
        if isinstance(x, int | float):
            return x if type(x) is bool else int(x) if isinstance(x, int) else float(x)
        dtype = getattr(x, "dtype", None)
        fault = f"{type(x).__name__}{f' of {dtype}' if dtype is not None else ''}; "
        fault += (
            "give np.asarray(...) of it"
            if hasattr(x, "__array__")
            else "give real numbers, arrays or Values"
        )
    raise TypeError(f"{name} cannot compute with {fault}")


def _fault(x: Array) -> str:
    """Why an array of a kind of its own cannot be taken for its numbers; "" if it can."""
    if isinstance(x, np.ma.MaskedArray):
        return "a masked array; fill it first with .filled(...)"
    if isinstance(x, np.matrix):
        return "an np.matrix, whose * and ** are other operations; give np.asarray(...) of it"
    return ""


def shares_memory(x: Array, others: Any) -> bool:
    """Whether `x` shows memory of one of `others`: numbers show none."""
    x = x.sample if isinstance(x, StandIn) else x
    return type(x) is ndarray and any(
        np.may_share_memory(x, other.sample if isinstance(other, StandIn) else other)
        for other in others
        if isinstance(other, StandIn | ndarray)
    )
