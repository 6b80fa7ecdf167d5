"""Ops that fold an array, or run along it. Knows axes and what their rules must put back.

`axis` is None, a number or a tuple, as in NumPy; `keepdims` keeps the folded axes as 1s.
"""

from typing import Any

import numpy as np

from autograd_mini.core import Domain, Op, case

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
_DISTINCT = Domain(spacing=0.2, distinct=True)


def folded(g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """`g`, the size of a fold of `x`, with the folded axes back as 1s."""
    if keepdims or np.ndim(x) == 0:
        return g
    if axis is None:
        return np.reshape(g, (1,) * np.ndim(x))
    return np.expand_dims(g, axis)


def _count(x: Any, axis: Any) -> int:
    """How many elements of `x` one result of a fold over `axis` is made of."""
    if axis is None:
        return int(np.size(x))
    shape = np.shape(x)
    axes = axis if isinstance(axis, tuple) else (axis,)
    return int(np.prod([shape[i] for i in axes], dtype=int))


def _like(mask: Any, g: Any) -> Any:
    """Turn counts or truth values into numbers of the dtype of `g`: they must not widen it."""
    return np.asarray(mask).astype(getattr(g, "dtype", float))


# --------------------------------------------------------------------------- sums and averages
def _sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _add.reduce(x, axis=axis, keepdims=keepdims)


def _sum_x(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.broadcast_to(folded(g, x, axis, keepdims), np.shape(x))


sum_ = Op(_sum, _sum_x, name="sum", symbol="Σ", numpy=np.sum, method="sum", cases=_AXES)


def _mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.mean(x, axis=axis, keepdims=keepdims)


def _mean_x(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _sum_x(g / max(_count(x, axis), 1), out, x, axis, keepdims)


mean = Op(_mean, _mean_x, name="mean", numpy=np.mean, method="mean", cases=_NOT_EMPTY)


def _var(x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    return np.var(x, axis=axis, ddof=ddof, keepdims=keepdims)


def _var_x(
    g: Any, out: Any, x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False
) -> Any:
    away = x - np.mean(x, axis=axis, keepdims=True)
    return folded(g, x, axis, keepdims) * away * (2 / (_count(x, axis) - ddof))


var = Op(
    _var,
    _var_x,
    name="var",
    numpy=np.var,
    method="var",
    cases=(*_NOT_EMPTY, case((3, 2), axis=0, ddof=1)),
)


def _std(x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    return np.std(x, axis=axis, ddof=ddof, keepdims=keepdims)


def _std_x(
    g: Any, out: Any, x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False
) -> Any:
    flat = np.where(out == 0, 0.0, g / np.where(out == 0, 1.0, out))  # a constant has gradient 0
    away = x - np.mean(x, axis=axis, keepdims=True)
    return folded(flat, x, axis, keepdims) * away * (1 / (_count(x, axis) - ddof))


std = Op(
    _std,
    _std_x,
    name="std",
    numpy=np.std,
    method="std",
    domain=_DISTINCT,
    cases=(*_NOT_EMPTY, case((3, 2), axis=0, ddof=1)),
)


# -------------------------------------------------------------------------- products, extremes
def _prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Halve the folded axis by multiplying pairs, until one is left.

    Every derivative is then that of a product of two, and exact where some factors are zero.
    """
    shape = np.shape(x)
    axes = tuple(range(len(shape))) if axis is None else axis
    axes = tuple(i % max(len(shape), 1) for i in (axes if isinstance(axes, tuple) else (axes,)))
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


prod = Op(_prod, name="prod", symbol="Π", numpy=np.prod, method="prod", arity=1, cases=_AXES)


def _extreme_x(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    top = folded(out, x, axis, keepdims)
    hits = (x == top) | ((x != x) & (top != top))  # a nan is its own extreme
    ties = np.sum(hits, axis=axis, keepdims=True)
    return np.where(hits, folded(g, x, axis, keepdims) / _like(ties, g), 0.0)


def _max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _maximum.reduce(x, axis=axis, keepdims=keepdims)


def _min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _minimum.reduce(x, axis=axis, keepdims=keepdims)


max_ = Op(
    _max,
    _extreme_x,
    name="max",
    numpy=(np.max, np.amax),
    method="max",
    domain=_DISTINCT,
    cases=_NOT_EMPTY,
)
min_ = Op(
    _min,
    _extreme_x,
    name="min",
    numpy=(np.min, np.amin),
    method="min",
    domain=_DISTINCT,
    cases=_NOT_EMPTY,
)


# ----------------------------------------------------------------------------------- logsumexp
@np.errstate(divide="ignore")
def _logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    top = _maximum.reduce(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, np.zeros_like(top))
    total = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return total if keepdims else np.squeeze(total, axis)


def _logsumexp_x(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    finite = np.where(out == -np.inf, 0.0, out)  # of nothing but -inf, every share is 0
    weights = np.exp(x - folded(finite, x, axis, keepdims))
    return folded(g, x, axis, keepdims) * weights


logsumexp = Op(  # fused: exp of large numbers overflows before the log can undo it
    _logsumexp,
    _logsumexp_x,
    name="logsumexp",
    method="logsumexp",
    cases=_NOT_EMPTY,
)


# --------------------------------------------------------------------------------- running sums
def _backwards(x: Any, axis: int) -> Any:
    index = [slice(None)] * np.ndim(x)
    index[axis] = slice(None, None, -1)
    return x[tuple(index)]


def _cumsum(x: Any, axis: int | None = None) -> Any:
    return np.cumsum(x, axis=axis)


def _cumsum_x(g: Any, out: Any, x: Any, axis: int | None = None) -> Any:
    k = 0 if axis is None else axis
    share = _backwards(np.cumsum(_backwards(g, k), axis=k), k)
    return np.reshape(share, np.shape(x)) if axis is None else share


cumsum = Op(
    _cumsum,
    _cumsum_x,
    name="cumsum",
    numpy=np.cumsum,
    method="cumsum",
    cases=(case((4,)), case((2, 3)), case((2, 3), axis=0), case((3, 3), axis=-1)),
)
