"""Diagonals and triangles of matrices: compositions that take, place or mask elements."""

import numpy as np

from autograd_mini.engine.arrays import Array
from autograd_mini.engine.declaration import case
from autograd_mini.engine.op import Op
from autograd_mini.ops.shape import scatter

_SHAPES = (case((2, 2)), case((2, 3)), case((3, 2), k=1), case((2, 3, 2), k=-1), case((2, 2), k=5))


def _below(x: Array, k: int) -> Array:
    """Mark what lies on the k-th diagonal of each matrix of x, or below it.

    A vector is taken for each row of a square, as NumPy does.
    """
    if not np.ndim(x):
        raise TypeError("tril and triu take matrices, or a vector for each of their rows")
    m, n = (np.shape(x) * 2)[-2:]
    return np.tri(m, n, k, dtype=bool)


def _tril(x: Array, k: int = 0) -> Array:
    return np.where(_below(x, k), x, 0.0)


def _triu(x: Array, k: int = 0) -> Array:
    return np.where(_below(x, k - 1), 0.0, x)


tril = Op(_tril, numpy=np.tril, arity=1, cases=_SHAPES)
"""A matrix with zeros above a diagonal."""
triu = Op(_triu, numpy=np.triu, arity=1, cases=_SHAPES)
"""A matrix with zeros below a diagonal."""


def _places(m: int, n: int, offset: int) -> slice:
    """Find a diagonal of an m × n matrix among its elements, counted row by row."""
    start = offset if offset >= 0 else -offset * n
    length = max(0, min(m, n - offset) if offset >= 0 else min(m + offset, n))
    return slice(start, start + (length - 1) * (n + 1) + 1 if length else start, n + 1)


def _last_diagonal(x: Array, *, offset: int = 0) -> Array:
    *lead, m, n = np.shape(x)
    return np.reshape(x, (*lead, m * n))[..., _places(m, n, offset)]


def _diagonal(x: Array, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    return _last_diagonal(np.moveaxis(x, (axis1, axis2), (-2, -1)), offset=offset)


def _trace(x: Array, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    return np.sum(_diagonal(x, offset, axis1, axis2), axis=-1)


_DIAGONALS = (
    case((2, 2)),
    case((2, 3), offset=1),
    case((3, 2), offset=-2),
    case((2, 3, 2), axis1=-1, axis2=1),
    case((2, 2), offset=5),
)
diagonal = Op(_diagonal, numpy=np.diagonal, method="diagonal", arity=1, cases=_DIAGONALS)
"""The diagonal of each matrix."""
trace = Op(_trace, numpy=np.trace, method="trace", arity=1, cases=_DIAGONALS)
"""The sum of the diagonal of each matrix."""
_LAST = (case((2, 3)), case((2, 3, 2), offset=-1), case((3, 3), offset=1))
matrix_diagonal = Op(
    _last_diagonal, name="linalg.diagonal", numpy=np.linalg.diagonal, arity=1, cases=_LAST
)
"""The diagonal of each matrix, of the last two axes."""
matrix_trace = Op(
    lambda x, *, offset=0: np.sum(_last_diagonal(x, offset=offset), axis=-1),
    name="linalg.trace",
    numpy=np.linalg.trace,
    arity=1,
    cases=_LAST,
)
"""The sum of the diagonal of each matrix, of the last two axes."""


def _diagflat(x: Array, k: int = 0) -> Array:
    n = int(np.size(x)) + abs(k)
    line = np.reshape(x, (-1,))
    return np.reshape(scatter(line, _places(n, n, k), (n * n,)), (n, n))


def _diag(x: Array, k: int = 0) -> Array:
    if np.ndim(x) not in (1, 2):
        raise ValueError(f"diag takes a vector or a matrix, not shape {np.shape(x)}")
    return _diagflat(x, k) if np.ndim(x) == 1 else _diagonal(x, k)


diag = Op(
    _diag,
    numpy=np.diag,
    arity=1,
    cases=(case((3,)), case((2,), k=-1), case((2, 3), k=1), case((3, 2))),
)
"""The diagonal of a matrix, or the matrix of a diagonal."""
diagflat = Op(
    _diagflat, numpy=np.diagflat, arity=1, cases=(case((3,)), case((2, 2), k=1), case((0,)))
)
"""The matrix whose diagonal is given."""
