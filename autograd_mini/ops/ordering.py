"""Ops that put elements in order, or pick them by their rank. Knows where ties and nans go.

Equal elements keep their order in `sort`, and each takes the gradient of its own place; `median`
and `quantile` read one place or the two around it, and of equal elements it counts who stands
there. As in NumPy, a nan is larger than any number, and the quantile of data with a nan is that.
"""

import math
from typing import Any

import numpy as np

from autograd_mini.engine.arrays import Array, Axis
from autograd_mini.engine.declaration import case
from autograd_mini.engine.op import Op
from autograd_mini.ops.arrays import as_array, axes_of, like, plain
from autograd_mini.ops.reduction import DISTINCT

permute: Op = Op(
    lambda x, order, axis: np.take_along_axis(x, order, axis),
    lambda g, out, x, order, axis: permute(g, np.argsort(order, axis), axis),
    passes="moves",
    cases=(
        case((3,), order=np.array([2, 0, 1]), axis=0),
        case((2, 3), order=np.array([[2, 0, 1], [1, 0, 2]]), axis=1),
        case((2, 2, 1), order=np.array([[[1], [0]], [[0], [1]]]), axis=-2),
    ),
)
"""Elements in another order along an axis."""


def _sort(x: Array, axis: int | None = -1, kind: Any = None, *, stable: Any = None) -> Array:
    """Sort, always stably: `kind` and `stable` change no result, and are there to be accepted."""
    if axis is None:
        x, axis = np.reshape(x, (-1,)), 0
    axes_of(np.ndim(x), axis)  # of a number there is none
    return permute(x, np.argsort(plain(x), axis=axis, kind="stable"), axis)


sort = Op(
    _sort,
    numpy=np.sort,
    arity=1,
    domain=DISTINCT,
    cases=(
        case((5,)),
        case((3, 2)),
        case((3, 2), axis=0),
        case((2, 3), axis=None, kind="stable"),
        case((0,), stable=True),
    ),
)
"""The elements along an axis, the smallest first."""


def _partition(x: Array, kth: Any, axis: int | None = -1) -> Array:
    if axis is None:
        x, axis = np.reshape(x, (-1,)), 0
    axes_of(np.ndim(x), axis)
    return permute(x, np.argpartition(plain(x), kth, axis=axis), axis)


partition = Op(
    _partition,
    numpy=np.partition,
    arity=1,
    domain=DISTINCT,
    cases=(case((5,), kth=2), case((4, 2), kth=(0, -1), axis=0), case((2, 3), kth=3, axis=None)),
)
"""The elements along an axis, with the `kth` smallest in place and the smaller ones before."""


def _between(method: str, place: Any) -> Array:
    """How far the quantile lies from the element below its `place` to the one above: 0 to 1."""
    beyond = place - np.floor(place)
    ways = {
        "linear": beyond,
        "lower": np.zeros_like(beyond),
        "higher": np.ceil(beyond),
        "midpoint": np.ceil(beyond) / 2,
        "nearest": np.rint(place) - np.floor(place),
    }
    if method not in ways:
        raise ValueError(f"quantile: there is no method {method!r}; use one of {', '.join(ways)}")
    return ways[method]


def _folded_last(x: Array, axis: Axis) -> tuple[Any, list[int]]:
    """`x` with the axes to fold joined at its end, and its shape with 1s in their place."""
    n = np.ndim(x)
    axes = sorted(axes_of(n, axis))
    kept = [i for i in range(n) if i not in axes]
    shape = np.shape(x)
    length = math.prod(shape[i] for i in axes)
    x = np.reshape(np.transpose(x, kept + axes), [*(shape[i] for i in kept), length])
    return x, [1 if i in axes else shape[i] for i in range(n)]


def _quantile(
    x: Array, q: Any, axis: Axis = None, *, method: str = "linear", keepdims: Any = False
) -> Array:
    if type(q) is not type(plain(q)):
        raise TypeError("quantile has no derivative for its 'q'; give it v.data")
    q = np.asarray(q, float)
    if not np.all((q >= 0) & (q <= 1)):
        raise ValueError(f"quantile: q must lie between 0 and 1, not {q}")
    x, ones = _folded_last(as_array(x), axis)
    n = np.shape(x)[-1]
    place = np.ravel(q) * (n - 1)
    below, above = np.floor(place).astype(int), np.ceil(place).astype(int)
    data = plain(x)
    order = np.argpartition(data, np.unique([*below, *above, n - 1]), axis=-1)
    last = order[..., -1:]
    order = np.where(np.isnan(np.take_along_axis(data, last, -1)), last, order)
    low = np.take_along_axis(x, order[..., below], -1)
    high = np.take_along_axis(x, order[..., above], -1)
    t = _between(method, place)
    inner = like(np.where((t == 0) | (t == 1), 0.5, t), x)  # 0 times inf would be nan
    result = np.where(t == 0, low, np.where(t == 1, high, low * (1 - inner) + high * inner))
    result = np.moveaxis(result, -1, 0)
    rest = tuple(ones) if keepdims else np.shape(result)[1:]
    return np.reshape(result, (*np.shape(q), *rest))


_CASES = (
    case((3,), q=0.25),
    case((2, 3), q=0.4, axis=0),
    case((2, 3), q=[0.0, 0.3, 1.0], axis=1),
    case((2, 3, 2), q=0.6, axis=(0, -1), keepdims=True),
    *(case((4,), q=[[0.2, 0.9]], method=m) for m in ("lower", "higher", "midpoint", "nearest")),
)
quantile = Op(_quantile, numpy=np.quantile, arity=1, domain=DISTINCT, cases=_CASES)
"""The numbers below which the shares `q` of the elements lie."""


def _percentile(
    x: Array, q: Any, axis: Axis = None, *, method: str = "linear", keepdims: Any = False
) -> Array:
    if type(q) is not type(plain(q)):
        raise TypeError("percentile has no derivative for its 'q'; give it v.data")
    return _quantile(x, np.asarray(q, float) / 100, axis, method=method, keepdims=keepdims)


percentile = Op(
    _percentile,
    numpy=np.percentile,
    arity=1,
    domain=DISTINCT,
    cases=[
        case(*c.shapes, **{**c.keywords, "q": np.multiply(c.keywords["q"], 100)}) for c in _CASES
    ],
)
"""The numbers below which `q` percent of the elements lie."""


def _median(x: Array, axis: Axis = None, *, keepdims: Any = False) -> Array:
    if not np.size(x):
        return np.mean(x, axis, keepdims=keepdims)  # of nothing it is nan too
    return _quantile(x, 0.5, axis, keepdims=keepdims)


median = Op(
    _median,
    numpy=np.median,
    arity=1,
    domain=DISTINCT,
    cases=(case((4,)), case((3,)), case((2, 3), axis=0), case((2, 2), axis=(1, 0), keepdims=True)),
)
"""The number in the middle of all elements, or of those along axes."""
