"""Factors of matrices and what follows from them: inverses and determinants.

Matrices are the last two axes; of a stack of them each is taken by itself. The formulas stand in
M. Giles, Collected Matrix Derivative Results for Forward and Reverse Mode Algorithmic
Differentiation (2008), where no other source is named. It must not know how a result is recorded.

An op has one result. Those with several factors stack them as rows of one array, and functions in
`several` cut it up again. Where NumPy gives a value to a singular matrix, its gradient is right or
nan, and no error.
"""

from typing import Any

import numpy as np

from autograd_mini.engine.arrays import Array, decided
from autograd_mini.engine.declaration import Domain, case
from autograd_mini.engine.op import Op
from autograd_mini.ops.arrays import like, plain
from autograd_mini.ops.linear_algebra import transposed as _t
from autograd_mini.ops.shape import index_add

MATRIX = Domain(-1.0, 1.0, away_from=(0.0,), diagonal=6.0)  # at 0, LAPACK's signs may jump
SQUARE = (case((1, 1)), case((2, 2)), case((3, 3)), case((2, 3, 3)), case((0, 2, 2)))


def rows_and_columns(x: Array) -> tuple[int, int]:
    """How many rows and columns a matrix has, or each of a stack."""
    if np.ndim(x) < 2:
        raise np.linalg.LinAlgError(f"shape {np.shape(x)} is no matrix: it takes two axes or more")
    m, n = np.shape(x)[-2:]
    return m, n


def _regular(x: Array, singular: Array) -> Array:
    """Give x with an identity in the place of each matrix that is `singular`."""
    return np.where(singular, like(np.eye(np.shape(x)[-1]), x), x)


# ------------------------------------------------------------------------- equations, inverses
inv = Op(
    np.linalg.inv,
    lambda g, out, x: -np.matmul(np.matmul(_t(out), g), _t(out)),
    symbol="x⁻¹",
    domain=MATRIX,
    signature="(n,n)->(n,n)",
    cases=SQUARE,
)
"""The inverse of each matrix."""


def _solve_a(g: Array, out: Array, a: Array, b: Array) -> Array:
    """−x⁻ᵀ g outᵀ."""
    share = _solve_b(g, out, a, b)
    if np.ndim(b) == 1:
        return -np.expand_dims(share, -1) * np.expand_dims(out, -2)
    return -np.matmul(share, _t(out))


def _solve_b(g: Array, out: Array, a: Array, b: Array) -> Array:
    """x⁻ᵀ g."""
    if np.ndim(b) == 1:
        return np.linalg.solve(_t(a), np.expand_dims(g, -1))[..., 0]
    return np.linalg.solve(_t(a), g)


solve = Op(
    np.linalg.solve,
    _solve_a,
    _solve_b,
    domain=(MATRIX, Domain()),
    signature="(n,n),(n,p?)->(n,p?)",
    cases=(
        case((2, 2), (2,)),
        case((3, 3), (3, 2)),
        case((2, 3, 3), (3,)),
        case((2, 2, 2), (2, 1)),
        case((2, 2), (3, 2, 2)),
        case((2, 1, 2, 2), (3, 2, 1)),
        case((2, 2), (2, 0)),
    ),
)
"""The solution x of A x = b."""


def _pinv(x: Array, rcond: Any = None, *, rtol: Any = None) -> Array:
    return np.linalg.pinv(x, rcond) if rtol is None else np.linalg.pinv(x, rtol=rtol)


def _pinv_x(g: Array, out: Array, x: Array, **keywords: Any) -> Array:
    """Follow G. Golub and V. Pereyra, SIAM Journal on Numerical Analysis 10 (1973), eq. 4.12.

    It holds as long as the rank stays the same.
    """
    p, pt, gt = out, _t(out), _t(g)
    missed_rows = gt - np.matmul(x, np.matmul(p, gt))
    missed_columns = gt - np.matmul(np.matmul(gt, p), x)
    return (
        np.matmul(missed_rows, np.matmul(p, pt))
        + np.matmul(np.matmul(pt, p), missed_columns)
        - np.matmul(np.matmul(pt, g), pt)
    )


pinv = Op(
    _pinv,
    _pinv_x,
    symbol="x⁺",
    numpy=np.linalg.pinv,
    domain=MATRIX,
    signature="(m,n)->(n,m)",
    cases=(
        case((2, 2)),
        case((3, 2)),
        case((2, 3)),
        case((2, 3, 2)),
        case((3, 2), rcond=1e-12),
        case((2, 3), rtol=1e-12),
    ),
)
"""The pseudo-inverse of each matrix."""


# --------------------------------------------------------------------------------- determinants
def _cofactors(x: Array) -> Array:
    """The derivative of the determinant, exact for singular matrices too.

    With x = U diag(s) Vᵀ it is det(U) det(V) U diag(p) Vᵀ, where p[i] is the product of all the
    others in s: G. W. Stewart, On the adjugate matrix, Linear Algebra and its Applications 283
    (1998).
    """
    finite = np.all(np.isfinite(x), axis=(-1, -2), keepdims=True)
    u, s, vt = np.linalg.svd(_regular(x, ~finite))
    others = np.ones_like(s)
    for i in range(s.shape[-1]):
        others[..., i] = np.prod(np.delete(s, i, -1), axis=-1)
    sign = np.sign(np.linalg.det(u) * np.linalg.det(vt))
    adjugate = sign[..., None, None] * np.matmul(u * others[..., None, :], vt)
    return np.where(finite, adjugate, np.nan)


def _cofactors_x(g: Array, out: Array, x: Array) -> Array:
    """With c for `out` and d for det x: (⟨g, c⟩ c - c gᵀ c) / d; else minor by minor.

    The first follows from c = d x⁻ᵀ, and loses what the matrix lacks to being regular.
    """
    if not np.size(x) or decided(np.all(np.linalg.cond(plain(x)) < 1e6)):
        determinant = np.linalg.det(x)[..., None, None]
        dot = np.sum(g * out, axis=(-1, -2), keepdims=True)
        return (dot * out - np.matmul(np.matmul(out, _t(g)), out)) / determinant
    n = np.shape(x)[-1]
    rest = [[k for k in range(n) if k != i] for i in range(n)]
    share = np.zeros_like(plain(x))
    for i in range(n if n > 1 else 0):
        for j in range(n):
            places = (..., np.array(rest[i])[:, None], np.array(rest[j]))
            weight = (-1) ** (i + j) * g[..., i, j][..., None, None]
            share = index_add(share, weight * cofactors(x[places]), places)
    return share


cofactors: Op = Op(
    _cofactors,
    _cofactors_x,
    domain=MATRIX,
    signature="(n,n)->(n,n)",
    cases=(case((1, 1)), case((2, 2)), case((3, 3)), case((2, 3, 3))),
)
"""The matrix of cofactors, which is the derivative of the determinant."""
det = Op(
    np.linalg.det,
    lambda g, out, x: np.expand_dims(g, (-1, -2)) * cofactors(x),
    domain=MATRIX,
    signature="(n,n)->()",
    cases=SQUARE[:-1],
)
"""The determinant of each matrix."""


def _slogdet(x: Array) -> Array:
    return np.stack(np.linalg.slogdet(x), axis=-1)


def _slogdet_x(g: Array, out: Array, x: Array) -> Array:
    """h x⁻ᵀ, for the gradient h of the logarithm."""
    singular = plain(out)[..., :1, None] == 0
    inverse = np.where(singular, np.nan, np.linalg.inv(_regular(x, singular)))
    return np.expand_dims(g[..., 1], (-1, -2)) * _t(inverse)


slogdet_stacked = Op(
    _slogdet, _slogdet_x, name="slogdet", domain=MATRIX, signature="(n,n)->(2)", cases=SQUARE[:-1]
)
"""The sign and the logarithm of the determinant, in one array."""


# ------------------------------------------------------------------- factors of symmetric matrices
def _half(x: Array) -> Array:
    """Give the lower triangle with its diagonal halved."""
    n = np.shape(x)[-1]
    return x * like(np.tri(n) - 0.5 * np.eye(n), x)


def _cholesky_x(g: Array, out: Array, x: Array) -> Array:
    """Follow I. Murray, Differentiation of the Cholesky decomposition, arXiv:1602.07527.

    NumPy reads the lower triangle only, so the upper one gets 0 and the lower one its share.
    """
    inner = _half(np.matmul(_t(out), g))
    outer = _t(np.linalg.solve(_t(out), _t(np.linalg.solve(_t(out), inner))))
    return _half(outer + _t(outer))


cholesky_lower = Op(
    lambda x: np.linalg.cholesky(x),
    _cholesky_x,
    domain=MATRIX,
    signature="(n,n)->(n,n)",
    cases=SQUARE,
    arity=1,
)
"""The lower triangular L with L Lᵀ = A, from the lower half of A."""


def _cholesky(x: Array, *, upper: bool = False) -> Array:
    return _t(cholesky_lower(_t(x))) if upper else cholesky_lower(x)


cholesky = Op(
    _cholesky,
    numpy=np.linalg.cholesky,
    arity=1,
    domain=MATRIX,
    signature="(n,n)->(n,n)",
    cases=(case((2, 2)), case((3, 3), upper=True), case((2, 3, 3), upper=False)),
)
"""The triangular L with L Lᵀ = A."""


def as_read(share: Array, triangle: str) -> Array:
    """Move the share of a symmetric matrix to the triangle that NumPy reads."""
    both = share + _t(share)
    return _half(both) if triangle.upper() == "L" else _t(_half(both))


def _qr(x: Array) -> Array:
    q, r = np.linalg.qr(x)
    return np.concatenate([q, _t(r)], axis=-2)


def _qr_x(g: Array, out: Array, x: Array) -> Array:
    """Follow S. Walter and L. Lehmann, Algorithmic differentiation of linear algebra functions.

    arXiv:1001.1654. Of more columns than rows, the first ones make Q, and Q turns the others.
    """
    m, n = np.shape(x)[-2:]
    k = min(m, n)
    q, r, gq, gr = out[..., :m, :], _t(out[..., m:, :]), g[..., :m, :], np.triu(_t(g[..., m:, :]))
    if n > m:
        gq = gq + np.matmul(x[..., k:], _t(gr[..., k:]))
    turn = np.matmul(r[..., :k], _t(gr[..., :k])) - np.matmul(_t(gq), q)
    symmetric = np.tril(turn) + _t(np.tril(turn, -1))
    singular = np.any(np.diagonal(plain(r), axis1=-2, axis2=-1) == 0, axis=-1)[..., None, None]
    square = _regular(r[..., :k], singular)
    share = _t(np.linalg.solve(square, _t(gq + np.matmul(q, symmetric))))
    share = np.where(singular, np.nan, share)
    return np.concatenate([share, np.matmul(q, gr[..., k:])], axis=-1) if n > m else share


qr_stacked = Op(
    _qr,
    _qr_x,
    name="qr",
    domain=MATRIX,
    signature="(m,n)->(p,k)",
    cases=(case((1, 1)), case((2, 2)), case((3, 2)), case((2, 4)), case((2, 3, 3))),
)
"""Q and R with Q R = A, in one array."""
