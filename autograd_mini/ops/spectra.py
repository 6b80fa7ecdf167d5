"""Eigenvalues and singular values, and their vectors, where they lie apart and where they meet.

Matrices are the last two axes. Where two values are equal, or no further apart than rounding makes
equal ones, their vectors are not determined. A function of the values alone has its derivatives
there all the same, right to the second order, if it has them at all. A function of the vectors is
differentiable if it does not depend on the choice, such as V diag(h(w)) Vᵀ, but its derivative
(here h'(w)) cannot be known from one choice: it is nan, and not a number that may be wrong. It
stays known where neither of the two vectors gets a gradient, if no value is used beside them.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_mini.engine.arrays import Array
from autograd_mini.engine.backward import pulled
from autograd_mini.engine.declaration import Domain, case
from autograd_mini.engine.install import install
from autograd_mini.engine.op import Op
from autograd_mini.engine.value import Value
from autograd_mini.ops.arrays import like, plain
from autograd_mini.ops.decompositions import MATRIX, as_read
from autograd_mini.ops.linear_algebra import transposed as _t
from autograd_mini.ops.shape import index_set, scatter


def _sandwich(left: Array, middle: Array, right: Array) -> Array:
    return np.matmul(np.matmul(left, middle), _t(right))


# ------------------------------------------------------------------------ a stack of the factors
_VALUES, _VECTORS = -2, -1  # rows of 0, whose gradient is 1 if the values, or vectors, were used


def _stacked(values: Array, *vectors: Array) -> Array:
    """One array of all factors: the values, the vectors by rows, and the two rows of 0."""
    values = np.expand_dims(values, -2)
    return np.concatenate([values, *vectors, values * 0, values * 0], axis=-2)


def _cut_x(g: Array, out: Array, both: Array, rows: slice, uses: Sequence[int]) -> Array:
    share = scatter(g, (..., rows, slice(None)), np.shape(both))
    return index_set(share, 1.0, (..., list(uses), slice(None)))


# No entries of the table: their shares are more than derivatives, for they say what was used.
cut = install(Op(lambda both, rows, uses: both[..., rows, :], _cut_x, name="rows")).apply


def vectors_of(both: Array, first: int, n: int) -> Array:
    """The `n` rows of vectors in a stack that come after the `first` ones."""
    return cut(both, rows=slice(1 + first, 1 + first + n), uses=(_VECTORS,))


def _parts(both: Array, *counts: int) -> list[Any]:
    """The values and the vectors of a stack, for a rule: it is taken to use them all."""
    starts = np.cumsum([0, 1, *counts]).tolist()
    rows = map(slice, starts[:-1], starts[1:])
    return [cut(both, rows=part, uses=(_VALUES, _VECTORS)) for part in rows]


# ---------------------------------------------------------------------------- where values meet
def _diagonal(values: Array) -> Array:
    return np.eye(np.shape(values)[-1], dtype=bool)


def _small(gap: Array, values: Array) -> Array:
    """Mark what is 0, or so small beside the largest of the `values` that rounding can make it."""
    gap, values = plain(gap), plain(values)
    size = np.max(np.abs(values), axis=-1, keepdims=True, initial=0.0)
    eps = float(np.finfo(values.dtype).eps)
    return np.abs(gap) <= size * (10 * eps * math.sqrt(np.shape(values)[-1]))


def _nothing(g: Array) -> bool:
    """Whether g says no more than that the values were used, and their own op has their share."""
    g = plain(g)
    return type(g) is np.ndarray and not (g[..., :-2, :].any() or (g[..., _VECTORS, :] > 0).any())


def _over(x: Array, gap: Array, values: Array, g: Array, idle: Any, own: Any = False) -> Array:
    """`x / gap`, and nan where the gap is small: but 0 if the vectors there have no part in g.

    They have none where a value meets its `own` self; if no vector was used; or if the two are
    `idle`. But with a gap of 0 they may be so because a function of the values weighs them with 0.
    """
    small, g = _small(gap, values), plain(g)
    values_used, vectors_used = (
        np.any(g[..., row, :] > 0, axis=-1)[..., None, None] for row in (_VALUES, _VECTORS)
    )
    unseen = own | ~vectors_used | (idle & ((plain(gap) != 0) | ~values_used))
    part = np.where(small, np.nan, 1.0 / np.where(small, 1.0, gap))
    return x * np.where(small & unseen, 0.0, part)


def _quotient(top: Array, gap: Array, g: Array, w: Array, limit: Array) -> Array:
    """Divide sums or differences of g by those of w, or give the limit where that is 0 / 0.

    It is nan where g is none although the gap is one.
    """
    small = _small(gap, w)
    even = np.abs(plain(top)) <= 1e-6 * np.max(np.abs(plain(g)), axis=-1, keepdims=True, initial=0)
    quotient = np.where(small, np.nan, top / np.where(small, 1.0, gap))
    return np.where(small & even, limit, quotient)


def _limits(slopes: Array, g: Array) -> tuple[Any, Any, Any]:
    """What (g[j] - g[i]) / (w[j] - w[i]), the same with sums, and g / w tend to by their slopes.

    The slopes are dg[i] / dw[j]; without them it is nan.
    """
    if slopes is None:
        return np.nan, np.nan, np.nan
    slopes = like(slopes, g)
    own = np.expand_dims(np.diagonal(slopes, axis1=-2, axis2=-1), -2)
    each, cross = own + _t(own), slopes + _t(slopes)
    return 0.5 * (each - cross), 0.5 * (each + cross), own


def _slopes(g: Array, w: Array) -> Array:
    """dg[i] / dw[j] where values meet or vanish; None where none do, and in a compiled program.

    In the backward pass that is recorded, g is a function of w, or a constant.
    """
    data = plain(w)
    n = np.shape(data)[-1]
    if type(g) is not Value:
        return np.zeros((n, n))
    if type(data) is not np.ndarray:
        return None
    column, row = data[..., :, None], data[..., None, :]
    meets = _small(column - row, row) & ~np.eye(n, dtype=bool)
    wanted = np.any(meets | _small(column + row, row), axis=-1)
    slopes = np.full((*data.shape, n), np.nan)
    for place in map(tuple, np.argwhere(wanted).tolist()):
        found = pulled(g[place]).get(w)
        slopes[place] = 0.0 if found is None else found[place[:-1]]
    return slopes if np.any(wanted) else None


# ---------------------------------------------------------------------------- symmetric matrices
def _eigh(x: Array, UPLO: Any = "L") -> Array:
    return _stacked(*np.linalg.eigh(x, UPLO))


def _eigh_x(g: Array, out: Array, x: Array, UPLO: str = "L") -> Array:
    """V (K ∘ Vᵀ h + diag g) Vᵀ, for g of the values, h of V, and Kᵢⱼ = 1 / (wⱼ − wᵢ)."""
    if _nothing(g):
        return np.zeros_like(plain(x))
    n = np.shape(x)[-1]
    w, v = _parts(out, n)
    turn = np.matmul(_t(v), g[..., 1 : n + 1, :])
    idle = np.all(plain(g)[..., 1 : n + 1, :] == 0, axis=-2)[..., None, :]
    pairs = idle & _t(idle)
    apart = _over(0.5 * (turn - _t(turn)), w - _t(w), w, g, pairs, _diagonal(w))
    middle = apart + like(_diagonal(w), g) * g[..., :1, :]
    return as_read(_sandwich(v, middle, v), UPLO)


eigh_stacked = Op(
    _eigh,
    _eigh_x,
    name="eigh",
    domain=MATRIX,
    signature="(n,n)->(m,n)",
    cases=(case((1, 1)), case((2, 2)), case((3, 3), UPLO="U"), case((2, 3, 3), UPLO="L")),
)
"""Eigenvalues and eigenvectors of symmetric matrices, in one array."""


def _weighted_eigh(x: Array, g: Array, UPLO: Any = "L", *, slopes: Array = None) -> Array:
    """V diag(g) Vᵀ, the gradient of a function of the eigenvalues, whose own gradient is g."""
    v = np.linalg.eigh(x, UPLO).eigenvectors
    return np.matmul(v * np.expand_dims(g, -2), _t(v))


def _weighted_eigh_x(
    G: Array, out: Array, x: Array, g: Array, UPLO: Any = "L", *, slopes: Array = None
) -> Array:
    """Follow A. Lewis and H. Sendov, Twice differentiable spectral functions (2001)."""
    w, v = _parts(eigh_stacked(x, UPLO), np.shape(x)[-1])
    g = np.expand_dims(g, -2)
    inner = np.matmul(np.matmul(_t(v), G), v)
    limit, _, _ = _limits(slopes, g)
    turns = _quotient(g - _t(g), w - _t(w), g, w, limit)
    apart = 0.5 * (inner + _t(inner)) * np.where(_diagonal(w), 0.0, turns)
    return as_read(_sandwich(v, apart, v), UPLO)


def _weighted_eigh_g(
    G: Array, out: Array, x: Array, g: Array, UPLO: Any = "L", *, slopes: Array = None
) -> Array:
    """The diagonal of Vᵀ G V."""
    _, v = _parts(eigh_stacked(x, UPLO), np.shape(x)[-1])
    return np.sum(v * np.matmul(G, v), axis=-2)


weighted_eigh = Op(
    _weighted_eigh,
    _weighted_eigh_x,
    _weighted_eigh_g,
    symbol="V diag(g) Vᵀ",
    domain=(MATRIX, Domain()),
    signature="(n,n),(n)->(n,n)",
    cases=(
        case((2, 2), (2,)),
        case((3, 3), (3,), UPLO="U"),
        case((2, 3, 3), (2, 3), slopes=np.zeros((3, 3))),
    ),
)
"""V diag(g) Vᵀ of the eigenvectors V."""


def _eigvalsh_x(g: Array, out: Array, x: Array, UPLO: Any = "L") -> Array:
    return as_read(weighted_eigh(x, g, UPLO, slopes=_slopes(g, out)), UPLO)


eigvalsh = Op(
    lambda x, UPLO="L": np.linalg.eigvalsh(x, UPLO),
    _eigvalsh_x,
    numpy=np.linalg.eigvalsh,
    domain=MATRIX,
    signature="(n,n)->(n)",
    cases=(case((2, 2)), case((3, 3), UPLO="U"), case((2, 3, 3), UPLO="L")),
)
"""The eigenvalues of symmetric matrices, the smallest first."""


def _values(both: Array) -> Array:
    return both[..., 0, :]


def _only_used(g: Array, out: Array, x: Array, both: Array, **keywords: Any) -> Array:
    return index_set(np.zeros_like(plain(both)), 1.0, (..., _VALUES, slice(None)))


def _values_of_eigh_x(g: Array, out: Array, x: Array, both: Array, UPLO: Any) -> Array:
    if type(x) is Value:
        return _eigvalsh_x(g, out, x, UPLO)
    v = both[..., 1:-2, :]  # computed already
    return as_read(np.matmul(v * np.expand_dims(g, -2), _t(v)), UPLO)


values_of_eigh = install(
    Op(
        lambda x, both, UPLO: _values(both),
        _values_of_eigh_x,
        _only_used,
        name="eigenvalues",
        symbol="λ",
    )
).apply


# -------------------------------------------------------------------------------- any matrices
def _svd(x: Array) -> Array:
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    return _stacked(s, u, _t(vt))


def _outside(left: Array, u: Array) -> Array:
    """What of the vectors in `left` lies outside the space of those in u."""
    return left - np.matmul(u, np.matmul(_t(u), left))


def _svd_x(g: Array, out: Array, x: Array) -> Array:
    """Follow J. Townsend, Differentiating the singular value decomposition (2016).

    His fraction over s[j]² - s[i]² is split into one over s[j] - s[i] and one over s[j] + s[i].
    """
    if _nothing(g):
        return np.zeros_like(plain(x))
    m, n = np.shape(x)[-2:]
    s, u, v = _parts(out, m, n)
    gu, gv = g[..., 1 : m + 1, :], g[..., m + 1 : m + n + 1, :]
    idle = np.all(plain(g)[..., 1 : m + n + 1, :] == 0, axis=-2)[..., None, :]
    turn_u, turn_v = np.matmul(_t(u), gu), np.matmul(_t(v), gv)
    skew_u, skew_v = turn_u - _t(turn_u), turn_v - _t(turn_v)
    pairs = idle & _t(idle)
    middle = _over(0.5 * (skew_u + skew_v), s - _t(s), s, g, pairs, _diagonal(s))
    middle = middle + _over(0.5 * (skew_u - skew_v), s + _t(s), s, g, pairs, _diagonal(s))
    share = _sandwich(u, middle + like(_diagonal(s), g) * g[..., :1, :], v)
    if m > n:
        share = share + np.matmul(_over(_outside(gu, u), s, s, g, idle), _t(v))
    if n > m:
        share = share + np.matmul(u, _t(_over(_outside(gv, v), s, s, g, idle)))
    return share


svd_stacked = Op(
    _svd,
    _svd_x,
    name="svd",
    domain=MATRIX,
    signature="(m,n)->(p,k)",
    cases=(case((1, 1)), case((2, 2)), case((3, 2)), case((2, 3)), case((2, 3, 3))),
)
"""The three parts of the singular value decomposition, in one array."""


def _weighted_svd(x: Array, g: Array, *, slopes: Array = None) -> Array:
    """U diag(g) Vᵀ, the gradient of a function of the singular values, whose gradient is g."""
    u, _, vt = np.linalg.svd(x, full_matrices=False)
    return np.matmul(u * np.expand_dims(g, -2), vt)


def _weighted_svd_x(G: Array, out: Array, x: Array, g: Array, *, slopes: Array = None) -> Array:
    """As `_weighted_eigh_x`; the skew part of what G turns meets the sums of values."""
    m, n = np.shape(x)[-2:]
    s, u, v = _parts(svd_stacked(x), m, n)
    g = np.expand_dims(g, -2)
    inner = np.matmul(np.matmul(_t(u), G), v)
    by_gap, by_sum, alone = _limits(slopes, g)
    gaps = _quotient(g - _t(g), s - _t(s), g, s, by_gap)
    sums = _quotient(g + _t(g), s + _t(s), g, s, by_sum)
    even = 0.5 * (inner + _t(inner)) * np.where(_diagonal(s), 0.0, gaps)
    odd = 0.5 * (inner - _t(inner)) * np.where(_diagonal(s), 0.0, sums)
    share = _sandwich(u, even + odd, v)
    single = _quotient(g, s, g, s, alone)
    if m > n:
        share = share + np.matmul(_outside(np.matmul(G, v), u) * single, _t(v))
    if n > m:
        share = share + np.matmul(u, _t(_outside(np.matmul(_t(G), u), v) * single))
    return share


def _weighted_svd_g(G: Array, out: Array, x: Array, g: Array, *, slopes: Array = None) -> Array:
    """The diagonal of Uᵀ G V."""
    _, u, v = _parts(svd_stacked(x), *np.shape(x)[-2:])
    return np.sum(u * np.matmul(G, v), axis=-2)


weighted_svd = Op(
    _weighted_svd,
    _weighted_svd_x,
    _weighted_svd_g,
    symbol="U diag(g) Vᵀ",
    domain=(MATRIX, Domain()),
    signature="(m,n),(k)->(m,n)",
    cases=(
        case((2, 2), (2,)),
        case((3, 2), (2,)),
        case((2, 3), (2,)),
        case((2, 3, 3), (2, 3), slopes=np.zeros((3, 3))),
    ),
)
"""U diag(g) Vᵀ of the singular vectors."""


def _svdvals_x(g: Array, out: Array, x: Array) -> Array:
    return weighted_svd(x, g, slopes=_slopes(g, out))


svdvals = Op(
    lambda x: np.linalg.svd(x, compute_uv=False),
    _svdvals_x,
    numpy=np.linalg.svdvals,
    domain=MATRIX,
    signature="(m,n)->(k)",
    cases=(case((2, 2)), case((3, 2)), case((2, 3)), case((2, 3, 3))),
)
"""The singular values of each matrix, the largest first."""


def _values_of_svd_x(g: Array, out: Array, x: Array, both: Array) -> Array:
    if type(x) is Value:
        return _svdvals_x(g, out, x)
    m = np.shape(x)[-2]
    u, v = both[..., 1 : m + 1, :], both[..., m + 1 : -2, :]  # computed already
    return np.matmul(u * np.expand_dims(g, -2), _t(v))


values_of_svd = install(
    Op(
        lambda x, both: _values(both),
        _values_of_svd_x,
        _only_used,
        name="singular values",
        symbol="σ",
    )
).apply
