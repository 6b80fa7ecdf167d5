"""NumPy functions of a form that no Op has: several results, or arrays in unusual places.

All are compositions of ops: this file must not know any derivative.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_mini.engine.arrays import Array, Shape
from autograd_mini.engine.install import attach, attach_property
from autograd_mini.engine.value import Value
from autograd_mini.ops.arrangement import at_least
from autograd_mini.ops.arrays import as_array, axes_of, plain, whole_numbers
from autograd_mini.ops.decompositions import qr_stacked, rows_and_columns, slogdet_stacked
from autograd_mini.ops.products import einsum_like_numpy
from autograd_mini.ops.shape import astype, astype_or_plain, scatter
from autograd_mini.ops.signals import interp_like_numpy
from autograd_mini.ops.spectra import (
    eigh_stacked,
    svd_stacked,
    svdvals,
    values_of_eigh,
    values_of_svd,
    vectors_of,
)


# --------------------------------------------------------------------- factors of matrices
def _named(function: Any, *parts: Any) -> Any:
    """Give the parts as the named tuple that `function` returns."""
    return type(function(np.eye(1)))(*parts)


def eigh(x: Array, UPLO: str = "L") -> Any:
    """`np.linalg.eigh`; only the triangle that it reads gets a gradient."""
    both = eigh_stacked(x, UPLO)
    vectors = vectors_of(both, 0, np.shape(x)[-1])
    return _named(np.linalg.eigh, values_of_eigh(x, both, UPLO), vectors)


def slogdet(x: Array) -> Any:
    """`np.linalg.slogdet`; the sign passes no gradient on."""
    both = slogdet_stacked(x)
    return _named(np.linalg.slogdet, both[..., 0], both[..., 1])


def svd(x: Array, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """`np.linalg.svd`, where every vector in it has a derivative.

    Raises TypeError for the full matrices of one that is not square: vectors that belong to no
    singular value are only determined up to a rotation.
    """
    if not compute_uv:
        return svdvals(x)
    m, n = rows_and_columns(x)
    if full_matrices and m != n:
        raise TypeError(
            f"svd of a Value of shape {np.shape(x)} has a derivative with full_matrices=False only"
        )
    both = svd_stacked(x)
    u, v = vectors_of(both, 0, m), vectors_of(both, m, n)
    return _named(np.linalg.svd, u, values_of_svd(x, both), np.swapaxes(v, -1, -2))


def qr(x: Array, mode: str = "reduced") -> Any:
    """`np.linalg.qr`, reduced, or complete where that is the same.

    Raises TypeError for other modes: further columns of Q are only determined up to a rotation.
    """
    m, n = rows_and_columns(x)
    if mode not in ("reduced", "r") and (mode != "complete" or m > n):
        raise TypeError(
            f"qr of a Value of shape {np.shape(x)} has a derivative with mode='reduced' or 'r',"
            f" not {mode!r}"
        )
    rows = qr_stacked(x)
    r = np.swapaxes(rows[..., m:, :], -1, -2)
    return r if mode == "r" else _named(np.linalg.qr, rows[..., :m, :], r)


# ----------------------------------------------------------------------------------- splitting
def array_split(x: Array, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """`np.array_split`: the first parts are one longer where the length does not divide."""
    (axis,) = axes_of(np.ndim(x), axis)
    n = np.shape(x)[axis]
    if np.iterable(indices_or_sections):
        cuts = [0, *whole_numbers(indices_or_sections), n]
    else:
        k = int(indices_or_sections)
        if k <= 0:
            raise ValueError(f"split: there must be 1 part or more, not {k}")
        cuts = [0, *np.cumsum([n // k + (i < n % k) for i in range(k)]).tolist()]
    before = (slice(None),) * axis
    return [x[(*before, slice(a, b))] for a, b in itertools.pairwise(cuts)]


def split(x: Array, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """`np.split`; ValueError where the length does not divide into equal parts."""
    (axis,) = axes_of(np.ndim(x), axis)
    n = np.shape(x)[axis]
    if not np.iterable(indices_or_sections) and n % (int(indices_or_sections) or n + 1):
        raise ValueError(
            f"split: an axis of length {n} does not divide into {indices_or_sections} equal"
            " parts; np.array_split makes nearly equal ones"
        )
    return array_split(x, indices_or_sections, axis)


def _split_along(name: str, axis: int, ndim: int) -> Callable[..., list[Any]]:
    """`np.vsplit` and the like: along one axis, or of a vector along its own."""

    def split_along(x: Array, indices_or_sections: Any) -> list[Any]:
        if np.ndim(x) < ndim:
            raise ValueError(
                f"{name} takes arrays of {ndim} axes or more, not shape {np.shape(x)}"
            )
        return split(x, indices_or_sections, min(axis, np.ndim(x) - 1))

    return split_along


def unstack(x: Array, /, *, axis: int = 0) -> tuple[Any, ...]:
    """`np.unstack`: the slices along one axis."""
    return tuple(np.moveaxis(x, axis, 0))


# ----------------------------------------------------------------------- any number of arrays
def _each_at_least(ndim: int) -> Callable[..., Any]:
    def of_all(*arrays: Array) -> Any:
        grown = tuple(at_least(x, ndim) for x in arrays)
        return grown[0] if len(grown) == 1 else grown

    return of_all


def broadcast_arrays(*arrays: Array) -> tuple[Any, ...]:
    """`np.broadcast_arrays`."""
    shape = np.broadcast_shapes(*map(np.shape, arrays))
    return tuple(np.broadcast_to(as_array(x), shape) for x in arrays)


def meshgrid(*vectors: Array, indexing: str = "xy", sparse: bool = False) -> tuple[Any, ...]:
    """`np.meshgrid`."""
    n = len(vectors)
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: there is no indexing {indexing!r}; use 'xy' or 'ij'")
    order = [1, 0, *range(2, n)] if indexing == "xy" and n > 1 else range(n)
    lines = [
        np.reshape(x, [-1 if k == i else 1 for k in range(n)])
        for x, i in zip(vectors, order, strict=True)
    ]
    return tuple(lines) if sparse else broadcast_arrays(*lines)


def block(arrays: Any) -> Array:
    """`np.block`: the innermost lists are joined along the last axis, the next ones before it."""

    def depth(part: Any) -> int:
        return 1 + max(map(depth, part)) if isinstance(part, list) else 0

    def leaves(part: Any) -> Sequence[Any]:
        return [x for p in part for x in leaves(p)] if isinstance(part, list) else [part]

    deepest = depth(arrays)
    ndim = max(deepest, *(np.ndim(x) for x in leaves(arrays)))

    def joined(part: Any, level: int) -> Any:
        if isinstance(part, list):
            return np.concatenate([joined(p, level - 1) for p in part], axis=-level)
        return np.reshape(part, (1,) * (ndim - np.ndim(part)) + np.shape(part))

    return joined(arrays, deepest)


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Array:
    """`np.select`: of each element, the choice of the first condition that holds."""
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        default = np.where(condition, choice, default)
    return default


# ------------------------------------------------------------------------------------- the rest
def bincount(x: Array, /, weights: Array = None, minlength: int = 0) -> Array:
    """`np.bincount` of whole numbers, whose weights may be Values."""
    if x is not plain(x):
        raise TypeError("bincount counts whole numbers, which are no Values; give it v.data")
    counts = np.bincount(x, minlength=minlength)
    return scatter(as_array(weights), np.asarray(x), np.shape(counts))


def full_like(
    a: Array, fill_value: Any, dtype: Any = None, *, shape: Shape | None = None
) -> Array:
    """`np.full_like` of a Value, filled with a number or with a Value."""
    filled = np.broadcast_to(as_array(fill_value), np.shape(a) if shape is None else shape)
    return astype(filled, dtype or as_array(a).dtype)


def divmod_(x: Array, y: Array) -> tuple[Any, Any]:
    """`np.divmod`, and `divmod(x, y)`."""
    return np.floor_divide(x, y), np.mod(x, y)


def _rdivmod(y: Array, x: Array) -> tuple[Any, Any]:
    """`divmod(x, y)`."""
    return divmod_(x, y)


def _real(x: Value) -> Value:
    """The real part, which is all that a Value has."""
    return np.real(x)


def _copy(x: Value) -> Value:
    """The same numbers in a new Value that passes its gradient on."""
    return +x


def _flatten(x: Value) -> Value:
    """All elements along one axis, in a new Value."""
    return (+x).reshape(-1)


_METHODS: dict[str, Any] = {
    **{"__divmod__": divmod_, "__rdivmod__": _rdivmod},
    **{"copy": _copy, "flatten": _flatten, "conj": _real, "conjugate": _real},
    "astype": astype_or_plain,
}
for _name, _method in _METHODS.items():
    attach(_name, _method)
attach_property("real", _real, Value, str(_real.__doc__))
FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.linalg.eigh: eigh,
    np.linalg.slogdet: slogdet,
    np.linalg.svd: svd,
    np.linalg.qr: qr,
    np.split: split,
    np.array_split: array_split,
    np.hsplit: _split_along("hsplit", 1, 1),
    np.vsplit: _split_along("vsplit", 0, 2),
    np.dsplit: _split_along("dsplit", 2, 3),
    np.atleast_1d: _each_at_least(1),
    np.atleast_2d: _each_at_least(2),
    np.atleast_3d: _each_at_least(3),
    np.broadcast_arrays: broadcast_arrays,
    np.meshgrid: meshgrid,
    np.block: block,
    np.select: select,
    np.divmod: divmod_,
    np.modf: lambda x: (np.fmod(x, 1.0), np.trunc(x)),
    np.einsum: einsum_like_numpy,
    np.interp: interp_like_numpy,
    np.bincount: bincount,
    np.full_like: full_like,
    np.copy: lambda x: +x,
}
if hasattr(np, "astype"):  # new in NumPy 2.1
    FUNCTIONS[np.astype] = astype_or_plain
if hasattr(np, "unstack"):  # new in NumPy 2.1
    FUNCTIONS[np.unstack] = unstack
