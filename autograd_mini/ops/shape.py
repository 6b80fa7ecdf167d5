"""Ops that move elements and change none. Knows shapes and indices of every NumPy kind."""

import itertools
import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_mini.engine.arrays import Array, Axis, Shape
from autograd_mini.engine.declaration import case
from autograd_mini.engine.install import attach_property
from autograd_mini.engine.op import Op
from autograd_mini.engine.value import Value
from autograd_mini.ops.arrays import as_array, plain


# ------------------------------------------------------------------------------- other shapes
def _reshape(x: Array, shape: Any, order: str = "C") -> Array:
    return np.reshape(x, shape) if order == "C" else np.reshape(x, shape, order=_known(order))


def _reshape_x(g: Array, out: Array, x: Array, shape: Any, order: str = "C") -> Array:
    return _reshape(g, np.shape(x), order)


def _known(order: str) -> Any:
    if order not in ("C", "F"):
        raise TypeError(f"reshape of a Value has no order {order!r}; use 'C' or 'F'")
    return order


reshape = Op(
    _reshape,
    _reshape_x,
    passes="moves",
    numpy=np.reshape,
    method="reshape",
    packs=True,
    cases=(
        case((2, 3), shape=(3, 2)),
        case((2, 3), shape=(-1,)),
        case((), shape=(1, 1)),
        case((2, 3), shape=(3, 2), order="F"),
    ),
)
"""The same elements in another shape."""
ravel = Op(
    lambda x, order="C": _reshape(x, (-1,), order),
    numpy=np.ravel,
    method="ravel",
    arity=1,
    cases=(case(), case((2, 3), order="F")),
)
"""All elements along one axis."""


def _transpose(x: Array, axes: Any = None) -> Array:
    return np.transpose(x, axes)


def _transpose_x(g: Array, out: Array, x: Array, axes: Any = None) -> Array:
    """g, its axes put back."""
    if axes is None:
        return np.transpose(g)
    return np.transpose(g, tuple(np.argsort([i % len(axes) for i in axes]).tolist()))


transpose = Op(
    _transpose,
    _transpose_x,
    passes="moves",
    symbol="T",
    numpy=np.transpose,
    method="transpose",
    packs=True,
    cases=(case(), case((2, 3, 4), axes=(1, 2, 0)), case((2, 3, 4), axes=(-1, 0, 1))),
)
"""The axes in reverse, or in the given order."""
swapaxes = Op(
    lambda x, axis1, axis2: np.swapaxes(x, axis1, axis2),
    lambda g, out, x, axis1, axis2: np.swapaxes(g, axis1, axis2),
    passes="moves",
    numpy=np.swapaxes,
    method="swapaxes",
    cases=(case((2, 3, 4), axis1=0, axis2=-1), case((2, 2), axis1=0, axis2=1)),
)
"""Two axes exchanged."""
moveaxis = Op(
    lambda x, source, destination: np.moveaxis(x, source, destination),
    lambda g, out, x, source, destination: np.moveaxis(g, destination, source),
    passes="moves",
    numpy=np.moveaxis,
    cases=(
        case((2, 3, 4), source=0, destination=-1),
        case((2, 3, 4), source=(0, 1), destination=(2, 0)),
    ),
)
"""Axes moved to other places."""
expand_dims = Op(
    lambda x, axis: np.expand_dims(x, axis),
    lambda g, out, x, axis: np.reshape(g, np.shape(x)),
    passes="moves",
    numpy=np.expand_dims,
    cases=(case((2, 3), axis=1), case((2, 3), axis=0), case((), axis=0), case((3,), axis=(0, -1))),
)
"""An axis of length 1 put in."""
real = Op(  # of real numbers a view, where +x is a copy
    lambda x: x[...] if isinstance(x, np.ndarray) else x,
    lambda g, out, x: g,
    passes="moves",
    numpy=np.real,
    elementwise=True,
)
"""The real part, which is all that a Value has."""
matrix_transpose = Op(
    lambda x: np.swapaxes(x, -1, -2),
    lambda g, out, x: np.swapaxes(g, -1, -2),
    passes="moves",
    symbol="T",
    numpy=(np.matrix_transpose, np.linalg.matrix_transpose),
    signature="(m,n)->(n,m)",
    cases=(case((2, 3)), case((2, 3, 2))),
)
"""The last two axes exchanged."""


def _squeeze(x: Array, axis: Axis = None) -> Array:
    return np.squeeze(x, axis)


squeeze = Op(
    _squeeze,
    lambda g, out, x, axis=None: np.reshape(g, np.shape(x)),
    passes="moves",
    numpy=np.squeeze,
    method="squeeze",
    cases=(case((1, 3, 1)), case((2, 1, 3), axis=1), case((2, 3, 1), axis=-1), case((3,))),
)
"""Axes of length 1 left out."""


def _broadcast_to_x(g: Array, out: Array, x: Array, shape: Any) -> Array:
    """g, summed over the axes that were added or stretched."""
    own = np.shape(x)
    lead = np.ndim(g) - len(own)
    grown = [i for i, n in enumerate(np.shape(g)) if i < lead or n != own[i - lead]]
    return np.reshape(np.sum(g, axis=tuple(grown)), own)


broadcast_to = Op(
    lambda x, shape: np.broadcast_to(x, shape),
    _broadcast_to_x,
    passes="moves",
    numpy=np.broadcast_to,
    cases=(
        case((3,), shape=(2, 3)),
        case((2, 1), shape=(2, 3)),
        case((), shape=(2, 2)),
        case((1,), shape=(0,)),
    ),
)
"""The array repeated along axes up to a shape."""


def _astype(x: Array, dtype: Any, copy: bool = True) -> Array:
    if np.dtype(dtype).kind != "f":
        raise TypeError(f"a Value holds real numbers, not {np.dtype(dtype)}")
    x = x if hasattr(x, "astype") else np.asarray(x)
    return x if not copy and x.dtype == dtype else x.astype(dtype)


astype: Op = Op(
    _astype,
    lambda g, out, x, dtype, copy=True: astype(g, getattr(x, "dtype", np.float64)),
    passes="moves",
    numpy=[np.astype] if hasattr(np, "astype") else (),  # new in NumPy 2.1
    cases=(case((3,), dtype=np.float64), case((2, 3), dtype=float, copy=False)),
)
"""The same numbers in another floating-point dtype."""


def astype_or_plain(x: Array, dtype: Any, copy: bool = True) -> Array:
    """`x` in another floating dtype; of whole numbers or truth values, a plain array: an index."""
    if np.dtype(dtype).kind not in "iub":
        return astype(x, dtype, copy=copy)
    data = plain(x)
    return np.asarray(data).astype(dtype)[()] if isinstance(data, float) else data.astype(dtype)


# ----------------------------------------------------------------------------- joining, splitting
def _concatenate(*arrays: Array, axis: int | None = 0) -> Array:
    return np.concatenate(arrays, axis=axis)


def _concatenate_shares(
    places: Sequence[int], g: Array, out: Array, *arrays: Array, axis: int | None = 0
) -> list[Any]:
    """The part of g where each array stands."""
    shapes = [np.shape(x) for x in arrays]
    if axis is None:
        lengths, before = [math.prod(shape) for shape in shapes], 0
    else:
        lengths, before = [shape[axis] for shape in shapes], axis % np.ndim(g)
    ends = list(itertools.accumulate(lengths))
    whole = (slice(None),) * before
    parts = [g[(*whole, slice(ends[i] - lengths[i], ends[i]))] for i in places]
    if axis is None:
        parts = [np.reshape(part, shapes[i]) for i, part in zip(places, parts, strict=True)]
    return parts


concatenate = Op(
    _concatenate,
    _concatenate_shares,
    passes="moves",
    numpy=np.concatenate,
    sequence=True,
    cases=(
        case((2,), (3,), (1,)),
        case((2, 3), (2, 1), axis=1),
        case((2, 2), (2, 2), (2, 2), axis=-1),
        case((2, 2), (3,), axis=None),
        case((0, 2), (1, 2)),
    ),
)
"""Arrays joined along an axis that they have."""


def _stack(*arrays: Array, axis: int = 0) -> Array:
    return np.stack(arrays, axis=axis)


def _stack_shares(
    places: Sequence[int], g: Array, out: Array, *arrays: Array, axis: int = 0
) -> list[Any]:
    """The part of g where each array stands."""
    before = (slice(None),) * (axis % np.ndim(g))
    return [g[(*before, i)] for i in places]


stack = Op(
    _stack,
    _stack_shares,
    passes="moves",
    numpy=np.stack,
    sequence=True,
    cases=(
        case((2,), (2,), (2,)),
        case((), ()),
        case((2, 3), (2, 3), axis=1),
        case((2, 2), (2, 2), axis=-1),
    ),
)
"""Arrays of one shape joined along a new axis."""


# --------------------------------------------------------------------------------------- indexing
_ONCE = (slice, int, bool, type(None), type(...))  # such a part of an index names a place once
_SETTLED = frozenset((*_ONCE, np.ndarray))


def _settled(index: Any) -> Any:
    """`index` with an array in the place of all that NumPy would make one of, such as a range.

    Raises TypeError for a Value, which holds no whole numbers.
    """
    if type(index) in _SETTLED:
        return index
    if isinstance(index, tuple):
        return index if _SETTLED.issuperset(map(type, index)) else tuple(map(_part, index))
    return _part(index)


def _part(x: Any) -> Any:
    if type(x) in _SETTLED:
        return x
    if type(x) is Value:
        raise TypeError("an index holds whole numbers, and a Value none; use v.astype(int)")
    named = hasattr(x, "__index__") and not hasattr(x, "__array__")
    if named or isinstance(x, int | np.integer):
        return operator.index(x)
    if hasattr(x, "__array_function__") and not isinstance(x, np.ndarray):
        return x  # a stand-in for an array
    array = np.asarray(x)
    if not array.size and not hasattr(x, "dtype"):
        return array.astype(int)  # of nothing, as NumPy takes it
    return array if array.dtype.kind in "biu" else x


def _repeats(index: Any) -> bool:
    """Whether a settled `index` may name one element twice: an array of whole numbers can."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(np.ndim(p) and p.dtype.kind != "b" for p in parts if type(p) not in _ONCE)


def add_at(x: Array, index: Any, y: Array) -> None:
    """Add `y` to `x[index]`, once for each time that the index names a place.

    Numbers that lie one after the other take `np.add.at` a quarter of the time of rows.
    """
    if type(x) is type(y) is np.ndarray and x.ndim > 1 and 4 * y.size > x.size > 200:
        places = np.arange(x.size).reshape(x.shape)[index]
        y = np.broadcast_to(y, places.shape).reshape(-1)
        x, index = x.reshape(-1), places.reshape(-1)
    np.add.at(x, index, y)


def _zeros(shape: Shape, dtype: Any, *beside: Array) -> Array:
    """Zeros to write the arrays `beside` into, made by the one that NumPy would ask."""
    for x in beside:
        if not isinstance(x, np.ndarray) and hasattr(x, "__array_function__"):
            return np.zeros_like(x, dtype=dtype, shape=shape)
    return np.zeros(shape, dtype)


def _scatter(g: Array, index: Any, shape: Shape) -> Array:
    """Zeros of `shape`, with `g`, broadcast to what the index takes, added there."""
    index = _settled(index)
    parts = index if type(index) is tuple else (index,)
    if shape == () and all(part is None or part is ... for part in parts):
        return np.reshape(as_array(g), ())
    x = _zeros(shape, getattr(g, "dtype", float), g, *parts)
    if _repeats(index):
        add_at(x, index, g)
    else:
        x[index] = g
    return x


def _getitem(x: Array, index: Any) -> Array:
    return as_array(x)[_settled(index)]


_INDICES: tuple[tuple[tuple[int, ...], Any], ...] = (
    ((4,), 1),
    ((4,), slice(None, None, -1)),
    ((3, 4), (slice(1, None), -1)),
    ((3, 4), (..., None, 2)),
    ((3, 4), ([0, 2, 0], [1, 1, 1])),
    ((3, 4), np.array([[0, 1], [1, 1]])),
    ((3, 4), (slice(None), (0, 0, 1))),
    ((12, 20), ([0, 3, 3, 1, 11, 0, 0], slice(None))),
    ((2, 2), np.array([[True, False], [True, True]])),
    ((3, 2, 2), (slice(None), np.array([0, 0]), 1)),
    ((2, 3), ()),
    ((1,), 0),
    ((0, 2), slice(None, None, 2)),
    ((), ...),
    ((), None),
)


def _scatter_rule(g: Array, out: Array, x: Array, index: Any, shape: Shape) -> Array:
    """g[index]."""
    share, wanted = _getitem(g, index), np.shape(x)
    lead = np.ndim(share) - len(wanted)
    axes = [k for k, n in enumerate(np.shape(share)) if k < lead or n != wanted[k - lead]]
    return share if np.shape(share) == wanted else np.sum(share, axis=tuple(axes)).reshape(wanted)


scatter = Op(
    _scatter,
    _scatter_rule,
    passes="moves",
    cases=[case(np.zeros(s)[i].shape, index=i, shape=s) for s, i in _INDICES],
)
"""Zeros of `shape`, with the elements of `g` added at an index."""
getitem = Op(
    _getitem,
    lambda g, out, x, index: scatter(g, index, np.shape(x)),
    name="index",
    passes="chooses",
    symbol="[·]",
    method="__getitem__",
    cases=[case(s, index=i) for s, i in _INDICES],
)
"""The elements at an index, a slice or a mask."""


def _copy(x: Array, *beside: Array) -> Array:
    """A new array of the numbers of x, to write the arrays `beside` into."""
    if type(x) is not np.ndarray:
        return np.copy(x)
    result = _zeros(x.shape, x.dtype, *beside)
    result[...] = x
    return result


def _index_set(x: Array, y: Array, index: Any) -> Array:
    index = _settled(index)
    result = _copy(x, y, index)
    result[index] = y
    return result


def _index_set_y(g: Array, out: Array, x: Array, y: Array, index: Any) -> Array:
    """Take from g what was written, in the shape of y: NumPy lets it have more axes of length 1.

    Of several elements of y that were written to one place, it is the last.
    """
    index = _settled(index)
    share = as_array(g)[index]
    if _repeats(index):
        place = np.arange(int(np.size(x))).reshape(np.shape(x))[index]
        turn = np.arange(np.size(place)).reshape(np.shape(place))
        last = np.zeros(int(np.size(x)), int)
        np.maximum.at(last, place, turn)
        share = np.where(last[place] == turn, share, 0.0)
    more = np.ndim(y) - np.ndim(share)
    return np.reshape(share, (1,) * more + np.shape(share)) if more > 0 else share


index_set: Op = Op(
    _index_set,
    lambda g, out, x, y, index: index_set(g, 0.0, index),
    _index_set_y,
    name="at.set",
    passes="chooses",
    signature="(x),(y)->(x)",
    cases=[case(s, np.zeros(s)[i].shape, index=i) for s, i in _INDICES]
    + [case((3, 4), (), index=slice(1, 3)), case((3, 4), (4,), index=[0, 0, 1])]
    + [case((3, 4), (1, 1, 4), index=0)],
)
"""`x` with `y` written at an index."""


def _index_add(x: Array, y: Array, index: Any) -> Array:
    index = _settled(index)
    result = _copy(x, y, index)
    add_at(result, index, y)
    return result


index_add = Op(
    _index_add,
    lambda g, out, x, y, index: g,
    lambda g, out, x, y, index: _getitem(g, index),
    name="at.add",
    passes="moves",
    signature="(x),(y)->(x)",
    cases=[case(s, np.zeros(s)[i].shape, index=i) for s, i in _INDICES]
    + [case((3, 4), (), index=slice(1, 3)), case((3, 4), (4,), index=[0, 0, 1])],
)
"""`x` with `y` added at an index."""


class At:
    """`x.at[index].set(y)` and `.add(y)`: a new Value, with `y` written or added at `index`.

    >>> x = Value([1.0, 2.0, 3.0])
    >>> x.at[0].set(9.0).data.tolist(), x.at[1:].add(0.5).data.tolist()
    ([9.0, 2.0, 3.0], [1.0, 2.5, 3.5])
    """

    def __init__(self, x: Value, index: Any = ()) -> None:
        self._x, self._index = x, index

    def __getitem__(self, index: Any) -> "At":
        return At(self._x, index)

    def set(self, y: Array) -> Value:
        """`x` with `x[index] = y`; where an index repeats, the last element of `y` counts."""
        return index_set(self._x, y, self._index)  # type: ignore[no-any-return]

    def add(self, y: Array) -> Value:
        """`x` with `y` added at `index`; where an index repeats, all its elements count."""
        return index_add(self._x, y, self._index)  # type: ignore[no-any-return]


attach_property("at", lambda x: At(x), At, str(At.__doc__))
for _name, _call, _says in (
    ("T", transpose.apply, "The axes in reverse order: the transpose of a matrix."),
    ("mT", matrix_transpose.apply, "The last two axes exchanged, for each matrix."),
):
    attach_property(_name, _call, Value, _says)
