"""Sequences of samples: convolution, correlation and linear interpolation.

It must not know how a result is recorded.
"""

from typing import Any

import numpy as np

from autograd_mini.engine.arrays import Array
from autograd_mini.engine.declaration import REAL, Domain, case
from autograd_mini.engine.op import Op
from autograd_mini.ops.arrays import as_array, plain

convolve_all: Op = Op(
    lambda x, y: np.convolve(x, y),
    lambda g, out, x, y: np.convolve(g, y[::-1], "valid"),
    lambda g, out, x, y: np.convolve(g, x[::-1], "valid"),
    symbol="∗",
    arity=2,
    signature="(n),(m)->(p)",
    cases=(case((4,), (2,)), case((2,), (3,)), case((1,), (1,))),
)
"""The convolution of two vectors, as far as either reaches."""


def _middle(full: Array, n: int, m: int, mode: str, start: int) -> Array:
    """Cut the part that `mode` names out of the whole convolution of n with m samples."""
    shorter, longer = min(n, m), max(n, m)
    if mode == "full":
        return full
    if mode == "same":
        return full[start : start + longer]
    if mode == "valid":
        return full[shorter - 1 : longer]
    raise ValueError(f"convolve: there is no mode {mode!r}; use full, same or valid")


def _sequences(x: Array, y: Array) -> tuple[Any, Any]:
    if np.ndim(x) > 1 or np.ndim(y) > 1:
        raise ValueError(f"convolve takes vectors, not shapes {np.shape(x)} and {np.shape(y)}")
    return np.reshape(x, (-1,)), np.reshape(y, (-1,))


def _convolve(x: Array, y: Array, mode: str = "full") -> Array:
    x, y = _sequences(x, y)
    n, m = np.shape(x)[0], np.shape(y)[0]
    return _middle(convolve_all(x, y), n, m, mode, (min(n, m) - 1) // 2)


def _correlate(x: Array, y: Array, mode: str = "valid") -> Array:
    x, y = _sequences(x, y)
    n, m = np.shape(x)[0], np.shape(y)[0]
    start = (m - 1) // 2 if n >= m else n // 2
    return _middle(convolve_all(x, y[::-1]), n, m, mode, start)


_MODES = (
    case((3,), (2,)),
    *(case((5,), (2,), mode=mode) for mode in ("full", "same", "valid")),
    *(case((4,), (6,), mode=mode) for mode in ("full", "same", "valid")),
)
convolve = Op(
    _convolve, symbol="∗", numpy=np.convolve, arity=2, signature="(n),(m)->(p)", cases=_MODES
)
"""The convolution of two vectors."""
correlate = Op(
    _correlate, symbol="⋆", numpy=np.correlate, arity=2, signature="(n),(m)->(p)", cases=_MODES
)
"""The sums of products of one vector moved along another."""


def _interp(
    x: Array, fp: Array, *, xp: Array, left: Any = None, right: Any = None, period: Any = None
) -> Array:
    """Read the polygon through the points (xp, fp) at x; at a corner, the piece to its right."""
    x, fp, xp = as_array(x), as_array(fp), as_array(xp, fp)
    if period is not None:
        x, xp, period = np.mod(x, abs(period)), np.mod(xp, abs(period)), abs(period)
        order = np.argsort(plain(xp), kind="stable")
        xp, fp, left, right = xp[order], fp[order], None, None
        xp = np.concatenate([xp[-1:] - period, xp, xp[:1] + period])
        fp = np.concatenate([fp[-1:], fp, fp[:1]])
    if np.ndim(xp) != 1 or np.shape(xp) != np.shape(fp) or not np.size(xp):
        raise ValueError(
            f"interp: xp of shape {np.shape(xp)} and fp of shape {np.shape(fp)} must be vectors"
            " of one length, with at least one point"
        )
    n = np.shape(xp)[0]
    i = np.clip(np.searchsorted(plain(xp), plain(x), side="right") - 1, 0, max(n - 2, 0))
    j = np.minimum(i + 1, n - 1)
    start, first = np.take(xp, i), np.take(fp, i)
    width = np.take(xp, j) - start
    slope = (np.take(fp, j) - first) / np.where(width == 0, 1.0, width)
    inside = first + slope * (x - start)
    beyond = np.where(x > xp[n - 1], fp[n - 1] if right is None else right, inside)
    return np.where(x < xp[0], fp[0] if left is None else left, beyond)


interp = Op(
    _interp,
    arity=2,
    domain=(Domain(away_from=(-2.0, 0.0, 1.5), margin=0.2), REAL),
    signature="(m),(n)->(m)",
    cases=(
        case((4,), (3,), xp=[-2.0, 0.0, 1.5]),
        case((2, 3), (3,), xp=[-2.0, 0.0, 1.5], left=0.5, right=-0.5),
        case((4,), (3,), xp=[0.0, 1.5, -2.0], period=-10.0),
        case((), (1,), xp=[0.0]),
    ),
)
"""The polygon through the points (xp, fp), read at `x`."""


def interp_like_numpy(x: Array, xp: Array, fp: Array, *args: Any, **keywords: Any) -> Array:
    """`np.interp`, with the places `xp` between x and fp; they may be a Value too."""
    names = ("left", "right", "period")
    return interp(x, fp, xp=xp, **dict(zip(names, args, strict=False)), **keywords)
