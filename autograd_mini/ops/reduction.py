"""Ops that fold an array, or run along it. Knows axes and what their rules must put back.

`axis` is None, a number or a tuple, as in NumPy; `keepdims` keeps the folded axes as 1s.
"""

from typing import Any

import numpy as np

from autograd_mini.engine.arrays import Array, Axis, decided
from autograd_mini.engine.declaration import Domain, case
from autograd_mini.engine.op import Op
from autograd_mini.ops.arrays import as_array, axes_of, like, narrow, wide
from autograd_mini.ops.elementwise import chosen, kinked, part_of_sum

_add: Any = np.add  # the stubs of reduce know no keepdims that is a variable
_maximum: Any = np.maximum
_minimum: Any = np.minimum
_AXES = (
    case(),
    case((3,), axis=0),
    case((2, 3), axis=-1),
    case((3, 3), axis=1, keepdims=True),
    case((2, 3, 2), axis=(0, 2)),
    case((2, 3, 2), axis=(-1, 0), keepdims=True),
    case((2, 2, 2), axis=1),
    case((0, 3), axis=0),
)
_NOT_EMPTY = _AXES[1:-1]  # for what has no value on an empty array
DISTINCT = Domain(spacing=0.2, distinct=True)


def folded(g: Array, x: Array, axis: Axis, keepdims: Any) -> Array:
    """`g`, the size of a fold of `x`, with the folded axes back as 1s."""
    if keepdims or np.ndim(x) == 0:
        return g
    if axis is None:
        return np.reshape(g, (1,) * np.ndim(x))
    return np.expand_dims(g, axis)


def _count(x: Array, axis: Axis) -> int:
    """How many elements of `x` one result of a fold over `axis` is made of."""
    if axis is None:
        return int(np.size(x))
    shape = np.shape(x)
    axes = axis if isinstance(axis, tuple) else (axis,)
    return int(np.prod([shape[i] for i in axes], dtype=int))


# --------------------------------------------------------------------------- sums and averages
def _sum(x: Array, axis: Axis = None, *, keepdims: Any = False) -> Array:
    return _add.reduce(x, axis=axis, keepdims=keepdims)


def _sum_x(g: Array, out: Array, x: Array, axis: Axis = None, *, keepdims: Any = False) -> Array:
    return np.broadcast_to(folded(g, x, axis, keepdims), np.shape(x))


sum_ = Op(_sum, _sum_x, symbol="Σ", numpy=np.sum, method="sum", cases=_AXES, passes="moves")
"""The sum of all elements, or of those along axes."""


def _mean(x: Array, axis: Axis = None, *, keepdims: Any = False) -> Array:
    return np.mean(x, axis=axis, keepdims=keepdims)


def _mean_x(g: Array, out: Array, x: Array, axis: Axis = None, *, keepdims: Any = False) -> Array:
    return _sum_x(wide(g) / max(_count(x, axis), 1), out, x, axis, keepdims=keepdims)


mean = Op(_mean, _mean_x, numpy=np.mean, method="mean", cases=_NOT_EMPTY, passes="moves")
"""The mean of all elements, or of those along axes."""


def _part(x: Any, axis: Any, ddof: float) -> float:
    """1 / (how many - ddof), and infinite where NumPy divides by 0: so 0 times it is nan."""
    free = max(_count(x, axis) - ddof, 0)
    return 1 / free if free else np.inf


def _var(x: Array, axis: Axis = None, *, ddof: float = 0, keepdims: Any = False) -> Array:
    return np.var(x, axis=axis, ddof=ddof, keepdims=keepdims)


def _var_x(
    g: Array, out: Array, x: Array, axis: Axis = None, *, ddof: float = 0, keepdims: Any = False
) -> Array:
    """2 g (x − mean) / (n − ddof), of n numbers."""
    away = x - np.mean(x, axis=axis, keepdims=True)
    return wide(folded(g, x, axis, keepdims)) * away * (2 * _part(x, axis, ddof))


var = Op(
    _var, _var_x, numpy=np.var, method="var", cases=(*_NOT_EMPTY, case((3, 2), axis=0, ddof=1))
)
"""The variance of all elements, or of those along axes."""


def _std(x: Array, axis: Axis = None, *, ddof: float = 0, keepdims: Any = False) -> Array:
    return np.std(x, axis=axis, ddof=ddof, keepdims=keepdims)


def _std_x(
    g: Array, out: Array, x: Array, axis: Axis = None, *, ddof: float = 0, keepdims: Any = False
) -> Array:
    """g (x − mean) / ((n − ddof) out), of n numbers."""
    away = x - np.mean(x, axis=axis, keepdims=True)
    if _count(x, axis) == 1:  # one number does not deviate
        return folded(g, x, axis, keepdims) * away * _part(x, axis, ddof)
    out = folded(out, x, axis, keepdims)
    slope = kinked(out, away / out)  # a constant has gradient 0
    return wide(folded(g, x, axis, keepdims)) * slope * _part(x, axis, ddof)


std = Op(
    _std,
    _std_x,
    numpy=np.std,
    method="std",
    domain=DISTINCT,
    cases=(*_NOT_EMPTY, case((3, 2), axis=0, ddof=1)),
)
"""The standard deviation of all elements, or of those along axes."""


# -------------------------------------------------------------------------- products, extremes
def _prod(x: Array, axis: Axis = None, *, keepdims: Any = False) -> Array:
    """Halve the folded axis by multiplying pairs, until one is left.

    Every derivative is then that of a product of two, and exact where some factors are zero.
    """
    shape = np.shape(x)
    axes = axes_of(max(len(shape), 1), axis) if shape or axis is not None else ()
    x = x if shape else np.reshape(x, (1,) * len(axes))
    kept = tuple(n for i, n in enumerate(shape) if i not in axes)
    x = np.reshape(np.moveaxis(x, axes, tuple(range(len(axes)))), (_count(x, axes), *kept))
    while (n := np.shape(x)[0]) > 1:
        half = n // 2
        pairs = x[:half] * x[half : 2 * half]
        x = pairs if n % 2 == 0 else np.concatenate([pairs, x[-1:]])
    product = x[0] if n else np.sum(x, axis=0) + 1  # of nothing the product is 1
    if keepdims:
        product = np.reshape(product, [1 if i in axes else n for i, n in enumerate(shape)])
    return product


prod = Op(_prod, symbol="Π", numpy=np.prod, method="prod", arity=1, cases=_AXES)
"""The product of all elements, or of those along axes."""


def _extreme_x(
    g: Array, out: Array, x: Array, axis: Axis = None, *, keepdims: Any = False
) -> Array:
    """g where x is `out`, in equal parts where several are; 0 elsewhere."""
    top = folded(out, x, axis, keepdims)
    hits = (x == top) | ((x != x) & (top != top))  # a nan is its own extreme
    ties, g = np.sum(hits, axis=axis, keepdims=True), wide(folded(g, x, axis, keepdims))
    return chosen(hits, g / like(ties, g))


def _max(x: Array, axis: Axis = None, *, keepdims: Any = False) -> Array:
    return _maximum.reduce(x, axis=axis, keepdims=keepdims)


def _min(x: Array, axis: Axis = None, *, keepdims: Any = False) -> Array:
    return _minimum.reduce(x, axis=axis, keepdims=keepdims)


max_ = Op(
    _max,
    _extreme_x,
    passes="chooses",
    numpy=(np.max, np.amax),
    method="max",
    domain=DISTINCT,
    cases=_NOT_EMPTY,
)
"""The largest element, of all or along axes."""
min_ = Op(
    _min,
    _extreme_x,
    passes="chooses",
    numpy=(np.min, np.amin),
    method="min",
    domain=DISTINCT,
    cases=_NOT_EMPTY,
)
"""The smallest element, of all or along axes."""


def _ptp(x: Array, axis: Axis = None, *, keepdims: Any = False) -> Array:
    return max_(x, axis, keepdims=keepdims) - min_(x, axis, keepdims=keepdims)


ptp = Op(_ptp, numpy=np.ptp, arity=1, domain=DISTINCT, cases=_NOT_EMPTY[1:4])
"""The largest element minus the smallest, of all or along axes."""


# ----------------------------------------------------------------------------------- logsumexp
@np.errstate(divide="ignore", under="ignore")
def _logsumexp(x: Array, axis: Axis = None, *, keepdims: Any = False) -> Array:
    start = {} if np.size(x) else {"initial": -np.inf}  # of nothing
    top = _maximum.reduce(x, axis=axis, keepdims=True, **start)
    top = np.where(np.isfinite(top), top, np.zeros_like(top))
    total = np.log(np.sum(wide(np.exp(x - top)), axis=axis, keepdims=True))
    total = narrow(total, x) + top
    return total if keepdims else np.squeeze(total, axis)


def _logsumexp_x(
    g: Array, out: Array, x: Array, axis: Axis = None, *, keepdims: Any = False
) -> Array:
    """g softmax(x)."""
    weights = part_of_sum(np.exp, x, folded(out, x, axis, keepdims))
    return folded(g, x, axis, keepdims) * weights


logsumexp = Op(  # fused: exp of large numbers overflows before the log can undo it
    _logsumexp, _logsumexp_x, method="logsumexp", cases=_NOT_EMPTY
)
"""log Σ exp(x), of all elements or along axes, without overflow."""


# ------------------------------------------------------------- averages with weights, and past nan
def _average(
    x: Array, axis: Axis = None, weights: Array = None, *, keepdims: Any = False
) -> Array:
    """Divide the weighted sum by the sum of the weights, which may be Values too."""
    if weights is None:
        return np.mean(x, axis=axis, keepdims=keepdims)
    weights = as_array(weights, x)
    if np.shape(weights) != np.shape(x):
        weights = _along(weights, x, axis)
    scale = np.sum(weights, axis=axis, keepdims=keepdims)
    if decided(np.any(scale == 0)):
        raise ZeroDivisionError("average: the weights add up to 0")
    return np.sum(x * weights, axis=axis, keepdims=keepdims) / scale


def _along(weights: Array, x: Array, axis: Axis) -> Array:
    """Shape weights that are given for `axis` only so that they broadcast against x."""
    axes = () if axis is None else axes_of(np.ndim(x), axis)
    if np.shape(weights) != tuple(np.shape(x)[i] for i in axes) or not axes:
        raise ValueError(
            f"average: weights of shape {np.shape(weights)} fit neither data of shape"
            f" {np.shape(x)} nor their axis {axis}"
        )
    weights = np.transpose(weights, np.argsort(axes).tolist())
    return np.reshape(weights, [n if i in axes else 1 for i, n in enumerate(np.shape(x))])


average = Op(
    _average,
    numpy=np.average,
    arity=1,
    cases=(
        case((4,)),
        case((3,), weights=[1.0, 2.0, 3.0]),
        case((2, 3), axis=1, weights=[1.0, 2.0, 3.0]),
        case((2, 3), axis=0, weights=[[1, 2, 3], [4, 5, 6]], keepdims=True),
        case((2, 3, 2), axis=(2, 0), weights=[[1.0, 2.0], [3.0, 4.0]]),
    ),
)
"""The mean with weights, of all elements or along axes."""


def _nansum(x: Array, axis: Axis = None, *, keepdims: Any = False) -> Array:
    return np.sum(np.where(np.isnan(x), 0.0, x), axis=axis, keepdims=keepdims)


def _nanprod(x: Array, axis: Axis = None, *, keepdims: Any = False) -> Array:
    return np.prod(np.where(np.isnan(x), 1.0, x), axis=axis, keepdims=keepdims)


def _nanmean(x: Array, axis: Axis = None, *, keepdims: Any = False) -> Array:
    count = np.sum(~np.isnan(x), axis=axis, keepdims=keepdims)
    return _nansum(x, axis, keepdims=keepdims) / like(count, x)


def _nanmax(x: Array, axis: Axis = None, *, keepdims: Any = False) -> Array:
    top = np.max(np.where(np.isnan(x), -np.inf, x), axis=axis, keepdims=keepdims)
    return np.where(np.all(np.isnan(x), axis=axis, keepdims=keepdims), np.nan, top)


def _nanmin(x: Array, axis: Axis = None, *, keepdims: Any = False) -> Array:
    return -_nanmax(-x, axis, keepdims=keepdims)


_FEW = (case((3,)), case((2, 3), axis=0), case((2, 3, 2), axis=(0, 2), keepdims=True))
nansum = Op(_nansum, numpy=np.nansum, arity=1, cases=_FEW)
"""The sum of what is not nan."""
nanprod = Op(_nanprod, numpy=np.nanprod, arity=1, cases=_FEW)
"""The product of what is not nan."""
nanmean = Op(_nanmean, numpy=np.nanmean, arity=1, cases=_FEW)
"""The mean of what is not nan."""
nanmax = Op(_nanmax, numpy=np.nanmax, arity=1, domain=DISTINCT, cases=_FEW)
"""The largest of what is not nan."""
nanmin = Op(_nanmin, numpy=np.nanmin, arity=1, domain=DISTINCT, cases=_FEW)
"""The smallest of what is not nan."""
