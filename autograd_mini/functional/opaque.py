"""An opaque array, with a shape and no numbers: a function treats it as it treats any other.

This file knows NumPy's protocols. It must not know Value or Op.
"""

from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from autograd_mini.engine.arrays import StandIn


class Hidden(NDArrayOperatorsMixin, StandIn):
    """An array that shows shape and dtype and computes, but tells nobody its numbers."""

    def __init__(self, numbers: Any) -> None:
        self._numbers = numbers
        self.shape, self.dtype = numbers.shape, numbers.dtype
        self.ndim, self.size = numbers.ndim, numbers.size

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        if any(type(x) is not Hidden for x in keywords.pop("out", ())):
            raise DiffersError  # while `z += b` of a hidden z makes a new z, as of a number
        return _hide(getattr(ufunc, method)(*map(_shown, inputs), **keywords))

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        shown = {key: _shown(x) for key, x in keywords.items()}
        result = function(*map(_shown, args), **shown)
        return result if function in _OF_SHAPE else _hide(result)

    def dot(self, other: Any) -> Any:
        """Multiply, as `np.dot`."""
        return _hide(self._numbers.dot(_shown(other)))

    def astype(self, dtype: Any) -> Any:
        """Convert to another dtype."""
        return _hide(self._numbers.astype(dtype))

    @property
    def T(self) -> Any:  # noqa: N802
        """The axes in reverse."""
        return _hide(self._numbers.T)

    def __getitem__(self, index: Any) -> Any:
        return _hide(self._numbers[index])

    def __len__(self) -> int:
        return len(self._numbers)

    def __array__(self, *args: Any, **keywords: Any) -> Any:
        raise DiffersError

    __bool__ = __float__ = __int__ = __index__ = __complex__ = __array__


class DiffersError(TypeError):
    """The function may treat one example differently from another."""


_OF_SHAPE = (np.shape, np.ndim, np.size)


def _hide(x: Any) -> Hidden:
    """Hide a result; what is no array could tell something that its shape does not."""
    if not isinstance(x, np.ndarray | np.generic):
        raise DiffersError
    return Hidden(x)


def _shown(x: Any) -> Any:
    if type(x) is Hidden:
        return x._numbers
    return type(x)(map(_shown, x)) if type(x) in (list, tuple) else x


def hides(x: Any) -> bool:
    """Whether `x` is a hidden array, or a list or tuple that holds one."""
    return type(x) is Hidden or (type(x) in (list, tuple) and any(map(hides, x)))
