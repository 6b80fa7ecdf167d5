"""Products that sum over axes: einsum, and those that are matrix products in another shape.

It must not know how a result is recorded.
"""

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_mini.engine.arrays import Array
from autograd_mini.engine.declaration import case
from autograd_mini.engine.op import Op
from autograd_mini.ops.arrays import as_array, axes_of, like
from autograd_mini.ops.linear_algebra import transposed

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # in the order of sorting


# -------------------------------------------------------------------------------------- einsum
def _spelled(subscripts: str, ndims: Sequence[int]) -> tuple[list[str], str]:
    """Spell out the ellipses and the result: one letter for each axis of each array.

    `subscripts` have passed NumPy's own checks.
    """
    left, arrow, result = subscripts.replace(" ", "").partition("->")
    terms = left.split(",")
    counts = [n - len(t.replace("...", "")) for t, n in zip(terms, ndims, strict=True)]
    free = [c for c in _LETTERS if c not in subscripts]
    width = max((n for t, n in zip(terms, counts, strict=True) if "." in t), default=0)
    dots = "".join(free[:width])
    if not arrow:
        letters = left.replace(",", "").replace(".", "")
        result = "..." + "".join(c for c in sorted(set(letters)) if letters.count(c) == 1)
    terms = [t.replace("...", dots[width - n :]) for t, n in zip(terms, counts, strict=True)]
    return terms, result.replace("...", dots)


@functools.cache
def _as_matmul(subscripts: str) -> tuple[int, bool, bool, bool] | None:
    """Say how `subscripts` are a product of matrices, perhaps of stacks of them; None if not.

    That is: how many axes all have, and whether those of the first array, of the second and of
    the result must be swapped at the end.
    """
    left, _, out = subscripts.replace(" ", "").partition("->")
    x, _, y = left.partition(",")
    terms = (x, y, out)
    n = len(x)
    letters = all(t.isascii() and t.isalpha() and len(set(t)) == len(t) == n for t in terms)
    if n < 2 or not letters or len({t[:-2] for t in terms}) > 1:
        return None
    summed = set(x[-2:]) & set(y[-2:])
    if len(summed) != 1 or set(x[-2:]) ^ set(y[-2:]) != set(out[-2:]):
        return None
    return n, x[-2] in summed, y[-1] in summed, out[-1] in x


def _einsum(*arrays: Array, subscripts: str, optimize: Any = False) -> Array:
    matmul = _as_matmul(subscripts) if len(arrays) == 2 else None
    if matmul and matmul[0] == np.ndim(arrays[0]) == np.ndim(arrays[1]):
        _, *swaps = matmul
        x, y = (transposed(a) if swap else a for a, swap in zip(arrays, swaps, strict=False))
        if np.shape(x)[-1] == np.shape(y)[-2]:  # einsum spreads an axis of length 1 too
            return transposed(np.matmul(x, y)) if swaps[2] else np.matmul(x, y)
    if optimize is False and len(arrays) > 2 and sum(map(np.size, arrays)) > 256:
        optimize = True  # in pairs, and not all at once; of small arrays it costs more
    return np.einsum(subscripts, *arrays, optimize=optimize)


def _einsum_shares(
    places: Sequence[int],
    g: Array,
    out: Array,
    *arrays: Array,
    subscripts: str,
    optimize: Any = False,
) -> list[Any]:
    return [_einsum_share(i, g, arrays, subscripts) for i in places]


def _einsum_share(i: int, g: Array, arrays: Sequence[Any], subscripts: str) -> Array:
    """Exchange the i-th array and the result.

    A letter that the i-th array has twice becomes two letters, tied by an identity matrix; one
    that nothing else has, or only at length 1, is spread by an array of ones.
    """
    terms, result = _spelled(subscripts, [np.ndim(x) for x in arrays])
    lengths = dict(zip(terms[i], np.shape(arrays[i]), strict=True))
    factors = [g, *arrays[:i], *arrays[i + 1 :]]
    names = [result, *terms[:i], *terms[i + 1 :]]
    free = iter(c for c in _LETTERS if c not in "".join([result, *terms]))
    wanted = ""
    for letter in terms[i]:
        twin = next(free) if letter in wanted else letter
        wanted += twin
        if twin != letter:
            names.append(letter + twin)
            factors.append(like(np.eye(lengths[letter]), g))
    for letter, n in lengths.items():
        others = [
            np.shape(f)[t.index(letter)]
            for t, f in zip(names, factors, strict=True)
            if letter in t
        ]
        if not others or (n != 1 and n not in others):
            names.append(letter)
            factors.append(like(np.ones(n), g))
    return einsum(factors, subscripts=",".join(names) + "->" + wanted, optimize=True)


einsum: Op = Op(
    _einsum,
    _einsum_shares,
    symbol="Σ",
    sequence=True,
    signature="…->…",
    cases=(
        case((2, 3), (3, 2), subscripts="ij,jk->ik"),
        case((2, 3), (3, 2), subscripts="ij , jk", optimize=True),
        case((3, 3), subscripts="ii"),
        case((3, 3), subscripts="ii->i"),
        case((2, 3), subscripts="ij->"),
        case((2, 3), subscripts="ji"),
        case((2, 2, 2), (2,), subscripts="iij,j->ij"),
        case((3, 2, 2), (2, 4), subscripts="...ij,jk->...ik"),
        case((3, 2, 2), (2, 2, 2, 1), subscripts="a...b,...bc->c..."),
        case((2,), (3,), (2, 3), subscripts="i,j,ij->j", optimize="greedy"),
        case((2,), (3,), subscripts="i,j"),
        case((1, 3), (2, 3), subscripts="ij,ij->i"),
        case((2, 1), (3, 2), subscripts="ij,jk->ki"),
        case((2, 3, 2), (2, 4, 3), subscripts="bji,bkj->bki"),
        case((20, 15), (15, 2), (2,), subscripts="ij,jk,k->i"),
        case((2, 2), (), subscripts="ij,->ji"),
        case((2, 0), (0, 3), subscripts="ij,jk"),
    ),
)
"""Sums of products by Einstein's convention."""


def einsum_like_numpy(*args: Any, optimize: Any = False) -> Array:
    """`np.einsum`, with subscripts before the arrays, or a list of numbers behind each of them."""
    if isinstance(args[0], str):
        return einsum(list(args[1:]), subscripts=args[0], optimize=optimize)

    def spelled(numbers: Any) -> str:
        return "".join("..." if n is Ellipsis else _LETTERS[n] for n in numbers)

    subscripts = ",".join(spelled(numbers) for numbers in args[1::2])
    arrays = list(args[: 2 * (len(args) // 2) : 2])
    if len(args) % 2:
        subscripts += "->" + spelled(args[-1])
    return einsum(arrays, subscripts=subscripts, optimize=optimize)


# ----------------------------------------------------------------- products of two, by reshaping
def _axes_to_fold(axes: Any, n: int, m: int) -> tuple[list[int], list[int]]:
    if not np.iterable(axes):
        return list(range(n - axes, n)), list(range(axes))
    first, second = axes
    return [*axes_of(n, first)], [*axes_of(m, second)]


def _tensordot(x: Array, y: Array, axes: Any = 2) -> Array:
    x, y = as_array(x), as_array(y)
    rows, columns = np.shape(x), np.shape(y)
    first, second = _axes_to_fold(axes, len(rows), len(columns))
    folded = [rows[i] for i in first]
    if folded != [columns[i] for i in second]:
        raise ValueError(
            f"tensordot of shapes {rows} and {columns} over the axes {first} and {second}:"
            " their lengths must be equal"
        )
    left = [i for i in range(len(rows)) if i not in first]
    right = [i for i in range(len(columns)) if i not in second]
    n = math.prod(folded)
    kept = [rows[i] for i in left], [columns[i] for i in right]
    x = np.reshape(np.transpose(x, left + first), (math.prod(kept[0]), n))
    y = np.reshape(np.transpose(y, second + right), (n, math.prod(kept[1])))
    return np.reshape(np.matmul(x, y), kept[0] + kept[1])


tensordot = Op(
    _tensordot,
    numpy=(np.tensordot, np.linalg.tensordot),
    arity=2,
    signature="…,…->…",
    cases=(
        case((2, 3, 2), (3, 2, 2)),
        case((2, 3), (3,), axes=1),
        case((2,), (3,), axes=0),
        case((2, 3, 4), (4, 2), axes=([0, -1], [1, 0])),
        case((2, 3), (2, 2), axes=(0, 1)),
    ),
)
"""Sums of products over pairs of axes."""


def _inner(x: Array, y: Array) -> Array:
    return x * y if np.ndim(x) == 0 or np.ndim(y) == 0 else _tensordot(x, y, (-1, -1))


inner = Op(
    _inner,
    numpy=np.inner,
    arity=2,
    signature="(m?,n),(p?,n)->(m?,p?)",
    cases=(case((3,), (3,)), case((2, 3), (4, 3)), case((2, 2, 3), (3,)), case((), (2, 3))),
)
"""The sums of products along the last axes."""


def _outer(x: Array, y: Array) -> Array:
    return np.reshape(x, (-1, 1)) * np.reshape(y, (-1,))


outer = Op(
    _outer,
    numpy=np.outer,
    arity=2,
    signature="(m),(n)->(m,n)",
    cases=(case((2,), (3,)), case((2, 2), (3,)), case((), (2,)), case((0,), (2,))),
)
"""All products of an element of one and an element of the other."""


def _outer_of_vectors(x: Array, y: Array) -> Array:
    if np.ndim(x) != 1 or np.ndim(y) != 1:
        raise ValueError(
            f"linalg.outer takes two vectors, not shapes {np.shape(x)} and {np.shape(y)};"
            " np.outer ravels its arguments"
        )
    return _outer(x, y)


outer_of_vectors = Op(
    _outer_of_vectors,
    name="linalg.outer",
    numpy=np.linalg.outer,
    arity=2,
    signature="(m),(n)->(m,n)",
    cases=(case((2,), (3,)),),
)
"""All products of an element of one vector and an element of the other."""
vdot = Op(
    lambda x, y: np.dot(np.reshape(x, (-1,)), np.reshape(y, (-1,))),
    numpy=np.vdot,
    arity=2,
    signature="(n),(n)->()",
    cases=(case((3,), (3,)), case((2, 3), (2, 3)), case((2, 3), (6,)), case((), ())),
)
"""The sum of products of all elements."""


def _vecdot(x: Array, y: Array, *, axis: int = -1) -> Array:
    return np.sum(x * as_array(y), axis=axis)


vecdot = Op(
    _vecdot,
    numpy=(np.vecdot, np.linalg.vecdot),
    arity=2,
    signature="(n),(n)->()",
    cases=(case((3,), (3,)), case((2, 3), (3,)), case((2, 3), (2, 3), axis=0)),
)
"""The sums of products along an axis."""


def _kron(x: Array, y: Array) -> Array:
    n = max(np.ndim(x), np.ndim(y))
    a = (1,) * (n - np.ndim(x)) + np.shape(x)
    b = (1,) * (n - np.ndim(y)) + np.shape(y)
    blocks = np.reshape(x, [k for m in a for k in (m, 1)])
    inside = np.reshape(y, [k for m in b for k in (1, m)])
    return np.reshape(blocks * inside, [m * k for m, k in zip(a, b, strict=True)])


kron = Op(
    _kron,
    symbol="⊗",
    numpy=np.kron,
    arity=2,
    signature="(m,n),(p,q)->(r,s)",
    cases=(case((2, 2), (2, 3)), case((2,), (2, 3)), case((2, 1, 2), (3,)), case((), (2,))),
)
"""Each element of `x` times the whole of `y`, as blocks."""


def _cross(
    x: Array, y: Array, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Array:
    if axis is not None:
        axisa = axisb = axisc = axis
    x, y = np.moveaxis(as_array(x), axisa, 0), np.moveaxis(as_array(y), axisb, 0)
    if np.shape(x)[0] != 3 or np.shape(y)[0] != 3:
        raise ValueError(
            f"cross: vectors have three components, not {np.shape(x)[0]} and {np.shape(y)[0]}"
        )
    parts = [x[i - 2] * y[i - 1] - x[i - 1] * y[i - 2] for i in range(3)]
    return np.stack(parts, axis=axisc)


cross = Op(
    _cross,
    symbol="×",
    numpy=np.cross,
    arity=2,
    signature="(3),(3)->(3)",
    cases=(
        case((3,), (3,)),
        case((2, 3), (3,)),
        case((3, 2), (2, 3), axisa=0, axisb=1, axisc=0),
        case((3, 2), (3, 2), axis=0),
        case((2, 3), (2, 3), axis=1),
    ),
)
"""The vector at right angles to two."""


def _cross_of_vectors(x: Array, y: Array, *, axis: int = -1) -> Array:
    return _cross(x, y, axis=axis)


cross_of_vectors = Op(
    _cross_of_vectors,
    name="linalg.cross",
    symbol="×",
    numpy=np.linalg.cross,
    arity=2,
    signature="(3),(3)->(3)",
    cases=(case((2, 3), (2, 3)), case((3, 2), (3, 2), axis=0)),
)
"""The vector at right angles to two of three elements."""
