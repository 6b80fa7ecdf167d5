"""Lengths of vectors and matrices, of every order. Knows how to scale them past overflow.

It must not know how a result is recorded.
"""

import math
from typing import Any

import numpy as np

from autograd_mini.engine.arrays import Array, Axis
from autograd_mini.engine.declaration import Domain, case
from autograd_mini.engine.op import Op
from autograd_mini.ops.arrays import whole_numbers
from autograd_mini.ops.decompositions import MATRIX
from autograd_mini.ops.elementwise import AWAY_FROM_ZERO, kinked
from autograd_mini.ops.reduction import folded
from autograd_mini.ops.spectra import svdvals


# ------------------------------------------------------------------------------------- vectors
@np.errstate(divide="ignore")
def _power_norm(x: Array, p: float = 2, axis: Axis = None, *, keepdims: Any = False) -> Array:
    """(Σ |x|ᵖ)^(1/p), scaled by a power of two: exactly, and so that no power overflows."""
    sizes = np.abs(x)
    fold = np.max if p > 0 else np.min
    top = fold(sizes, axis=axis, keepdims=True, initial=0.0 if p > 0 else np.inf)
    exponent = np.where(np.isfinite(top), np.frexp(top)[1] - 1, 0)
    scaled = np.ldexp(sizes, -exponent)
    total = np.sum(scaled * scaled if p == 2 else scaled**p, axis=axis, keepdims=True)
    norm = np.ldexp(np.sqrt(total) if p == 2 else total ** (1 / p), exponent)
    return norm if keepdims else np.squeeze(norm, axis)


def _power_norm_x(
    g: Array, out: Array, x: Array, p: float = 2, axis: Axis = None, *, keepdims: Any = False
) -> Array:
    """g sign(x) (|x| / out)ᵖ⁻¹."""
    g, out = folded(g, x, axis, keepdims), folded(out, x, axis, keepdims)
    part = kinked(out, x / out)
    if p != 2:
        size = np.where(x == 0, 1.0, np.abs(part))
        part = np.where(x == 0, 0.0, np.sign(x) * size ** (p - 1))
    return g * part


_AXES = (
    case((3,)),
    case((2, 3), axis=0),
    case((2, 3), axis=(0, 1), keepdims=True),
    case((2, 3, 2), axis=-2, keepdims=False),
)
power_norm = Op(  # fused: a square overflows where its root does not
    _power_norm,
    _power_norm_x,
    symbol="‖·‖",
    domain=AWAY_FROM_ZERO,
    cases=(*_AXES, *(case((2, 3), axis=-1, p=p) for p in (2, 3, 1.5, 0.5, -1))),
    kinks=(((0.0,), (0.0,)),),
)
"""(Σ |x|ᵖ)^(1/p), of all elements or along axes."""


def _vector_norm(x: Array, *, axis: Axis = None, keepdims: Any = False, ord: Any = 2) -> Array:
    if ord == 1 or (ord == math.inf and not np.size(x)):
        return np.sum(np.abs(x), axis=axis, keepdims=keepdims)  # of nothing, both are 0
    if ord in (math.inf, -math.inf):
        fold = np.max if ord > 0 else np.min
        return fold(np.abs(x), axis=axis, keepdims=keepdims)
    if ord == 0:
        return np.sum(np.abs(np.sign(x)), axis=axis, keepdims=keepdims)
    if not isinstance(ord, int | float):
        raise ValueError(f"norm: vectors have no norm of order {ord!r}; give a number")
    return power_norm(x, ord, axis, keepdims=keepdims)


_ORDERS = (2, 1, 0, 3, 0.5, -2, math.inf, -math.inf)
vector_norm = Op(
    _vector_norm,
    symbol="‖·‖",
    numpy=np.linalg.vector_norm,
    arity=1,
    domain=Domain(0.1, 6.1, spacing=0.2, distinct=True),
    cases=(*(case((2, 3), axis=1, ord=p) for p in _ORDERS), *_AXES),
)
"""The norm of all elements, or of those along axes."""


# ------------------------------------------------------------------------------------ matrices
def _matrix_norm(x: Array, *, keepdims: Any = False, ord: Any = "fro") -> Array:
    """Find the norm of each matrix of a stack; at a matrix of zeros it has derivative 0."""
    if ord in (None, "fro", "f"):
        return power_norm(x, 2, (-2, -1), keepdims=keepdims)
    if not np.size(x) and ord in (1, 2, math.inf):
        return np.sum(np.abs(x), axis=(-2, -1), keepdims=keepdims)  # the largest of nothing is 0
    if ord in ("nuc", 2, -2):
        reduce: Any = {"nuc": np.sum, 2: np.max, -2: np.min}[ord]
        norm = reduce(np.abs(svdvals(x)), axis=-1)
    elif ord in (1, -1, math.inf, -math.inf):
        lines = np.sum(np.abs(x), axis=-2 if abs(ord) == 1 else -1)
        norm = (np.max if ord > 0 else np.min)(lines, axis=-1)
    else:
        raise ValueError(
            f"norm: matrices have no norm of order {ord!r}; use 'fro', 'nuc', ±1, ±2 or ±inf"
        )
    return np.expand_dims(norm, (-2, -1)) if keepdims else norm


_MATRIX_ORDERS = ("fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf)
matrix_norm = Op(
    _matrix_norm,
    symbol="‖·‖",
    numpy=np.linalg.matrix_norm,
    arity=1,
    domain=MATRIX,
    cases=(
        *(case((2, 3), ord=p) for p in _MATRIX_ORDERS),
        case((2, 3, 2), ord="nuc", keepdims=True),
        case((2, 2, 2), ord="fro", keepdims=False),
    ),
)
"""The norm of each matrix."""


def _norm(x: Array, ord: Any = None, axis: Axis = None, keepdims: Any = False) -> Array:
    n = np.ndim(x)
    axes = tuple(range(n)) if axis is None else tuple(whole_numbers(axis))
    if ord is None:
        return power_norm(x, 2, axes, keepdims=keepdims)
    if len(axes) == 1:
        return _vector_norm(x, axis=axes[0], keepdims=keepdims, ord=ord)
    if len(axes) != 2:
        raise ValueError(f"norm of order {ord!r} takes one or two axes, not {len(axes)}")
    norm = _matrix_norm(np.moveaxis(x, axes, (-2, -1)), ord=ord)
    return np.expand_dims(norm, tuple(i % n for i in axes)) if keepdims else norm


norm = Op(
    _norm,
    symbol="‖·‖",
    numpy=np.linalg.norm,
    arity=1,
    domain=MATRIX,
    cases=(
        *_AXES,
        case((3,), ord=1),
        case((2, 3), ord=1, axis=1),
        case((2, 3), ord="nuc", keepdims=True),
        case((2, 3, 2), ord=math.inf, axis=(2, 0), keepdims=True),
        case((2, 3, 2), ord=2, axis=(0, 1), keepdims=False),
    ),
)
"""The norm of a vector or a matrix."""
