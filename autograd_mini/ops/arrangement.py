"""Ops that join arrays, repeat, turn, shift, pad or take their elements: compositions of indexing.

It must not know any derivative: `getitem`, `concatenate`, `reshape` and the like have those.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_mini.engine.arrays import Array
from autograd_mini.engine.declaration import case
from autograd_mini.engine.op import Op
from autograd_mini.ops.arrays import along, as_array, axes_of, plain, whole_numbers
from autograd_mini.ops.shape import index_set


# ------------------------------------------------------------------------------------- joining
def at_least(x: Array, ndim: int) -> Array:
    """Give `x` at least `ndim` axes, where `np.atleast_1d`, `_2d` and `_3d` put them."""
    x = as_array(x)
    shape = np.shape(x)
    if len(shape) >= ndim:
        return x
    if ndim == 3 and shape:
        return np.reshape(x, (1, *shape, 1) if len(shape) == 1 else (*shape, 1))
    return np.reshape(x, (1,) * (ndim - len(shape)) + shape)


def _vstack(*arrays: Array) -> Array:
    return np.concatenate([at_least(x, 2) for x in arrays], axis=0)


def _hstack(*arrays: Array) -> Array:
    parts = [at_least(x, 1) for x in arrays]
    return np.concatenate(parts, axis=0 if np.ndim(parts[0]) == 1 else 1)


def _dstack(*arrays: Array) -> Array:
    return np.concatenate([at_least(x, 3) for x in arrays], axis=2)


def _column_stack(*arrays: Array) -> Array:
    return np.concatenate([x if np.ndim(x) > 1 else at_least(x, 2).T for x in arrays], axis=1)


def _joins(forward: Callable[..., Any], function: Any, *shapes: tuple[int, ...]) -> Op:
    cases = (case((3,), (3,)), case((2, 2), (2, 2)), case(*shapes))
    name = function.__name__
    return Op(forward, name=name, numpy=function, sequence=True, arity=1, cases=cases)


vstack = _joins(_vstack, np.vstack, (2, 3), (3,), (1, 3))
"""Arrays joined one below the other."""
hstack = _joins(_hstack, np.hstack, (2, 3), (2, 1))
"""Arrays joined side by side."""
dstack = _joins(_dstack, np.dstack, (2, 3), (2, 3, 2))
"""Arrays joined one behind the other."""
column_stack = _joins(_column_stack, np.column_stack, (2, 3), (2,))
"""Vectors as the columns of a matrix."""


# ------------------------------------------------------------------------------------ repeating
def _tile(x: Array, reps: Any) -> Array:
    times = tuple(whole_numbers(reps))
    shape = np.shape(x)
    shape = (1,) * (len(times) - len(shape)) + shape
    times = (1,) * (len(shape) - len(times)) + times
    pairs = list(zip(times, shape, strict=True))
    apart = np.reshape(x, [k for _, n in pairs for k in (1, n)])
    copies = np.broadcast_to(apart, [k for pair in pairs for k in pair])
    return np.reshape(copies, [r * n for r, n in pairs])


tile = Op(
    _tile,
    numpy=np.tile,
    arity=1,
    cases=(case((3,), reps=2), case((2, 3), reps=(2, 1, 2)), case((2, 1), reps=3)),
)
"""The array laid side by side `reps` times."""


def _repeat(x: Array, repeats: Any, axis: int | None = None) -> Array:
    x, axis = along(x, axis)
    shape = np.shape(x)
    if np.size(repeats) == 1:
        times = int(np.reshape(repeats, ()))
        copies = np.broadcast_to(
            np.expand_dims(x, axis + 1), (*shape[: axis + 1], times, *shape[axis + 1 :])
        )
        return np.reshape(copies, (*shape[:axis], times * shape[axis], *shape[axis + 1 :]))
    return _taken(x, np.repeat(np.arange(shape[axis]), repeats), axis)


repeat = Op(
    _repeat,
    numpy=np.repeat,
    method="repeat",
    arity=1,
    cases=(
        case((2, 3), repeats=2),
        case((2, 3), repeats=3, axis=-1),
        case((2, 3), repeats=[2, 0, 1], axis=1),
        case((2, 3), repeats=[2, 1], axis=0),
        case((), repeats=2),
    ),
)
"""Each element `repeats` times in a row."""


# --------------------------------------------------------------------------- turning, shifting
def _flip(x: Array, axis: Any = None) -> Array:
    backwards = axes_of(np.ndim(x), axis)
    return x[tuple(slice(None, None, -1 if i in backwards else 1) for i in range(np.ndim(x)))]


flip = Op(
    _flip,
    numpy=np.flip,
    arity=1,
    cases=(case((3,)), case((2, 3)), case((2, 3), axis=0), case((2, 3, 2), axis=(0, -1))),
)
"""The elements along axes in reverse order."""
fliplr = Op(lambda x: _flip(x, 1), numpy=np.fliplr, arity=1, cases=(case((2, 3)),))
"""Each row in reverse order."""
flipud = Op(lambda x: _flip(x, 0), numpy=np.flipud, arity=1, cases=(case((2, 3)),))
"""The rows in reverse order."""


def _rot90(x: Array, k: int = 1, axes: Sequence[int] = (0, 1)) -> Array:
    if len(axes) != 2:
        raise ValueError(f"rot90 turns in a plane of two axes, not {len(axes)}")
    first, second = axes_of(np.ndim(x), axes)
    if k % 2 == 0:
        return _flip(x, axes) if k % 4 else _flip(x, ())
    return _flip(np.swapaxes(x, first, second), first if k % 4 == 1 else second)


rot90 = Op(
    _rot90,
    numpy=np.rot90,
    arity=1,
    cases=(
        *(case((2, 3), k=k) for k in (-1, 0, 1, 2)),
        case((2, 3, 2), axes=(1, 2)),
        case((2, 3, 2), k=3, axes=(2, 0)),
    ),
)
"""The first two axes turned by `k` right angles."""


def _roll(x: Array, shift: Any, axis: Any = None) -> Array:
    if np.ndim(shift) > 1 or np.ndim(axis) > 1:
        raise ValueError("roll: shift and axis are numbers, or sequences of them")
    if axis is None:
        return np.reshape(_roll(np.reshape(x, (-1,)), np.sum(shift), 0), np.shape(x))
    given = axes_of(np.ndim(x), axis, repeated=True)
    moves = [int(n) for n in np.ravel(shift)]  # of 1.5 places, NumPy takes 1
    shifts, axes = np.broadcast_arrays(moves, given)
    for places, k in zip(shifts.tolist(), axes.tolist(), strict=True):
        n = np.shape(x)[k]
        if n and places % n:
            before = (slice(None),) * k
            cut = n - places % n
            parts = [x[(*before, slice(cut, None))], x[(*before, slice(None, cut))]]
            x = np.concatenate(parts, axis=k)
    return x[...]


roll = Op(
    _roll,
    numpy=np.roll,
    arity=1,
    cases=(
        case((4,), shift=1),
        case((2, 3), shift=-2),
        case((2, 3), shift=4, axis=1),
        case((2, 3), shift=(1, 2), axis=(0, -1)),
        case((3, 3), shift=1, axis=(0, 1)),
        case((0,), shift=1),
    ),
)
"""The elements moved along axes; what leaves at one end comes in at the other."""


# -------------------------------------------------------------------------------------- padding
def _pad(
    x: Array,
    pad_width: Any,
    mode: str = "constant",
    *,
    constant_values: Any = 0,
    reflect_type: str = "even",
) -> Array:
    """Pad by indexing: NumPy pads the indices of each axis, and those are taken."""
    if not np.ndim(x):
        return x  # no axes, nothing around them
    if isinstance(pad_width, dict):
        pad_width = [pad_width.get(i, pad_width.get(i - np.ndim(x), 0)) for i in range(np.ndim(x))]
        pad_width = [(n, n) if np.ndim(n) == 0 else n for n in pad_width]
    widths = np.broadcast_to(pad_width, (np.ndim(x), 2)).tolist()
    if mode == "constant":
        around = np.pad(np.zeros_like(plain(x)), widths, constant_values=constant_values)
        inside = tuple(slice(a, a + n) for (a, _), n in zip(widths, np.shape(x), strict=True))
        return index_set(around, x, inside)
    if mode not in ("edge", "reflect", "wrap", "symmetric") or reflect_type != "even":
        raise TypeError(
            f"pad of a Value has no mode {mode!r} with reflect_type {reflect_type!r};"
            " it has constant, edge, wrap, and even reflect and symmetric"
        )
    for axis, (width, n) in enumerate(zip(widths, np.shape(x), strict=True)):
        if width != [0, 0]:
            x = _taken(x, np.pad(np.arange(n), width, mode=mode), axis)  # type: ignore[call-overload]
    return x[...]


pad = Op(
    _pad,
    numpy=np.pad,
    arity=1,
    cases=(
        case((3,), pad_width=2),
        case((), pad_width=(2, 1)),
        case((2, 3), pad_width=((1, 0), (0, 2)), constant_values=1.5),
        *(case((3,), pad_width=(2, 1), mode=m) for m in ("edge", "reflect", "wrap", "symmetric")),
        case((2, 3), pad_width=1, mode="reflect", reflect_type="even"),
        case((2, 3), pad_width=((0, 0), (7, 4)), mode="wrap"),
    ),
)
"""The array with elements added around it."""


# --------------------------------------------------------------------------------------- taking
def _taken(x: Array, indices: Array, axis: int) -> Array:
    return x[(slice(None),) * axis + (indices,)]


def _take(x: Array, indices: Array, axis: int | None = None, *, mode: str = "raise") -> Array:
    x, axis = along(x, axis)
    indices, n = as_array(indices), np.shape(x)[axis]
    if indices.dtype.kind == "b" or not indices.size:
        indices = indices.astype(int)  # NumPy takes truth values for numbers here
    if mode not in ("raise", "wrap", "clip"):
        raise ValueError(f"take: there is no mode {mode!r}; use raise, wrap or clip")
    if mode != "raise":
        indices = indices % n if mode == "wrap" else np.clip(indices, 0, n - 1)
    return _taken(x, indices, axis)


take = Op(
    _take,
    numpy=np.take,
    method="take",
    arity=1,
    cases=(
        case((4,), indices=[0, 2, 2, -1]),
        case((2, 3), indices=[[1, 0], [5, 1]]),
        case((2, 3), indices=[2, 0, 2], axis=1),
        case((2, 3), indices=1, axis=-1),
        case((3, 2), indices=[2, 0, 2], axis=0),
        case((4,), indices=[-5, 2, 9], mode="wrap"),
        case((4,), indices=[-5, 2, 9], axis=0, mode="clip"),
    ),
)
"""The elements or rows of given numbers."""


def _take_along_axis(x: Array, indices: Array, axis: int | None = -1) -> Array:
    if axis is None:
        x, axis = np.reshape(x, (-1,)), 0
    (axis,) = axes_of(np.ndim(x), axis)
    indices = as_array(indices)
    if np.ndim(indices) != np.ndim(x):
        raise ValueError(
            f"take_along_axis: indices of shape {np.shape(indices)} need as many axes as the data"
            f" of shape {np.shape(x)}"
        )
    n = np.ndim(x)
    places: list[Any] = [
        np.reshape(np.arange(np.shape(x)[i]), [-1 if k == i else 1 for k in range(n)])
        for i in range(n)
    ]
    places[axis] = indices
    return x[tuple(places)]


take_along_axis = Op(
    _take_along_axis,
    numpy=np.take_along_axis,
    arity=1,
    cases=(
        case((2, 3), indices=np.array([[2, 0], [1, 1]]), axis=1),
        case((3, 2), indices=np.array([[2, 0]]), axis=0),
        case((2, 3), indices=np.array([5, 0, 0]), axis=None),
    ),
)
"""For each place along an axis, the element of a given number."""


def _delete(x: Array, obj: Any, axis: int | None = None) -> Array:
    x, axis = along(x, axis)
    if not isinstance(obj, slice):
        obj = np.asarray(obj) if np.size(obj) else []
    return _taken(x, np.delete(np.arange(np.shape(x)[axis]), obj), axis)


delete = Op(
    _delete,
    numpy=np.delete,
    arity=1,
    cases=(
        case((4,), obj=1),
        case((2, 3), obj=[0, -1], axis=1),
        case((2, 3), obj=1, axis=0),
        case((2, 3), obj=slice(0, 3)),
    ),
)
"""The array without some rows or elements."""


def _append(x: Array, values: Array, axis: int | None = None) -> Array:
    return np.concatenate([as_array(x), as_array(values)], axis=axis)


append = Op(
    _append,
    numpy=np.append,
    arity=2,
    signature="(n),(m)->(p)",
    cases=(
        case((3,), (2, 2)),
        case((2, 3), (2, 1), axis=1),
        case((2, 3), (1, 3), axis=0),
        case((), (2,)),
    ),
)
"""`values` joined to the end of `x`."""
