"""Which arrays show the memory of which others: asked of the memory, not of a list of functions.

A call may give a view of an array that lies row by row and a copy of one that does not, or the
other way round; so it is tried on arrays of both layouts, and once on zeros, to see that the shape
of its result does not depend on the numbers.

This file knows arrays and calls of functions on them. It must not know stand-ins or programs.
"""

import functools
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Call = Callable[[Callable[[Any], Any]], Any]
"""A call of a function on its arrays, each of which goes through another function before."""


class VariesError(ValueError):
    """The shape or the dtype of a result depends on the numbers of the arguments."""


def shown(given: Sequence[Any], result: Any) -> list[frozenset[int]]:
    """For each array of a result: which of the `given` arrays it shows, by position.

    -1 among them stands for memory that is not the result's alone, or is not to be written.
    """
    return [frozenset(_shown(given, part)) for part in parts(result)]


def parts(result: Any) -> Sequence[Any]:
    """The results of a call that gives several."""
    return result if isinstance(result, tuple | list) else (result,)


def _shown(given: Sequence[Any], part: Any) -> list[int]:
    if not isinstance(part, np.ndarray):
        return []
    whole = _root(part)
    found = [
        i
        for i, x in enumerate(given)
        if isinstance(x, np.ndarray) and (_root(x) is whole or np.may_share_memory(x, part))
    ]
    if not part.flags.writeable or whole.size != part.size:
        found.append(-1)
    return found


def _root(x: Any) -> Any:
    while isinstance(x.base, np.ndarray):
        x = x.base
    return x


def tried(call: Call, given: Sequence[Any], result: Any) -> list[frozenset[int]]:
    """As `shown`, if the arrays lay in memory in other ways.

    Raises VariesError if other numbers give a result of another shape or dtype.
    """
    found = [frozenset[int]() for _ in parts(result)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for order in ("C", "F"):
            if all(x.flags[order] for x in given):
                continue
            moved: list[Any] = []
            again = _attempt(call, functools.partial(_moved, order, moved))
            if again is not None:
                found = [a | b for a, b in zip(found, shown(moved, again), strict=True)]
        for numbers in (_zeros, _counted):
            other = _attempt(call, numbers)
            if other is not None and _looks(other) != _looks(result):
                raise VariesError
    return found


def _moved(order: Any, moved: list[Any], x: Any) -> Any:
    if isinstance(x, np.ndarray):
        x = np.array(x, order=order)
        moved.append(x)
    return x


def _zeros(x: Any) -> Any:
    return np.zeros_like(x) if isinstance(x, np.ndarray) else type(x)(0)


def _counted(x: Any) -> Any:
    if not isinstance(x, np.ndarray):
        return type(x)(1)
    return np.arange(1, x.size + 1).reshape(x.shape).astype(x.dtype)


def _attempt(call: Call, change: Callable[[Any], Any]) -> Any:
    try:
        return call(change)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return None  # a matrix of zeros has no inverse


def _looks(result: Any) -> list[Any]:
    return [(getattr(x, "shape", ()), getattr(x, "dtype", type(x))) for x in parts(result)]
