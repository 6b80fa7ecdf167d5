"""What a Value is beside its graph: an array to whoever asks, and to Python copies and text.

This file knows data, and which questions would lose a graph. It must not know how one is made or
pulled back through.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from autograd_mini.engine.backprop import results_first
from autograd_mini.engine.methods import Methods
from autograd_mini.engine.numpy_calls import dispatch, dispatch_ufunc, instead_of
from autograd_mini.users_line import library_call


class Surface(Methods):
    """The methods of a Value that neither record nor pull back."""

    __slots__ = ()
    _out: Any
    op: Any
    name: str

    # -- what it answers as an array
    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes; () for a number."""
        data = self._out
        return () if type(data) is float else data.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return np.ndim(self._out)

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.size(self._out))

    @property
    def nbytes(self) -> int:
        """How many bytes the elements take."""
        return self.size * self.dtype.itemsize

    @property
    def dtype(self) -> "np.dtype[Any]":
        """NumPy dtype of the data; float64 for a Python number."""
        return np.dtype(float) if type(self._out) is float else self._out.dtype

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a Value of no axes has no len()")
        return self.shape[0]

    def __iter__(self) -> Iterator[Self]:
        return (self[i] for i in range(len(self)))  # type: ignore[misc]

    def item(self) -> float:
        """The number in a Value of one element, as a Python float."""
        if np.size(self._out) != 1:
            raise ValueError(
                f"item() needs exactly one element, not shape {self.shape}; use .data"
            )
        out = self.peek()[0]
        return float(out if type(out) is float else out.item())

    def tolist(self) -> Any:
        """The number, or the numbers of the array in nested lists."""
        return self._out if type(self._out) is float else self._out.tolist()

    # -- NumPy's protocols
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        return dispatch_ufunc(ufunc, method, inputs, keywords)

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        return dispatch(function, args, keywords)

    def __array__(self, *args: Any, **keywords: Any) -> Any:
        name = library_call()
        if name:
            raise TypeError(
                f"{name} turns a Value into an array, which would lose its graph{instead_of(name)}"
            )
        raise TypeError(
            "turning a Value into an array would lose its graph; use v.data for the numbers,"
            " np.stack([...]) to join Values, A @ v in place of A.dot(v), or, to fill an array,"
            " z = Value(z).at[index].set(v)"
        )

    def __float__(self) -> float:
        raise TypeError(
            "turning a Value into a number would lose its graph; use v.item() for the number,"
            " the NumPy function (np.exp(v), not math.exp(v)), or, to fill an array,"
            " z = Value(z).at[index].set(v) or np.stack of a list"
        )

    __int__ = __index__ = __complex__ = __float__

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError("what is recorded cannot change; use y = x.at[index].set(value)")

    def __bool__(self) -> bool:
        if self.size != 1:
            raise TypeError(
                f"the truth of a Value of shape {self.shape} is ambiguous; compare it, or use"
                " np.where(condition, x, y)"
            )
        return bool(self.peek()[0])

    __hash__ = object.__hash__

    # -- copies and text
    def __copy__(self) -> Self:
        return self.twin(self.args)  # type: ignore[no-any-return]

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        for node in reversed(results_first(self)):  # data never change, so copies may share them
            if id(node) not in memo:
                args = [arg if arg is None else memo[id(arg)] for arg in node.args]
                memo[id(node)] = node.twin(args)
        return memo[id(self)]  # type: ignore[no-any-return]

    def __reduce__(self) -> Any:
        """Pickle data and name: neither a graph, whose ops may be anybody's, nor `.grad`."""
        if self.op is not None:
            raise TypeError("a computed Value cannot be pickled with its graph; use v.detach()")
        return (type(self), (self._out, str(self.name or "")))

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else repr(self)

    def __repr__(self) -> str:
        data = self._out
        text = (
            repr(data)
            if type(data) is float
            else np.array2string(np.asarray(data), threshold=20, separator=", ", prefix="Value(")
        )
        parts = [text]
        if type(data) is not float and data.dtype != np.float64:
            parts.append(f"dtype={data.dtype}")
        if self.name:
            parts.append(f"name={self.name!r}")
        if self.op is not None:
            parts.append(
                f"op={self.op.symbol!r}{' (declared derivative)' * bool(self.op.declared)}"
            )
        return f"Value({', '.join(parts)})"

    if TYPE_CHECKING:

        def peek(self) -> tuple[Any, Any]:
            """What a Value has."""

        def twin(self, args: Any) -> Any:
            """What a Value has."""

        @property
        def args(self) -> tuple[Any, ...]:
            """What a Value has."""
