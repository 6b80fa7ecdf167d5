"""Products of matrices. Knows which axes are rows and columns.

It must not know of broadcasting: of stacks of matrices a rule gives the product for each.
"""

import math
import operator
from collections.abc import Sequence

import numpy as np

from autograd_mini.engine.arrays import Array
from autograd_mini.engine.declaration import Domain, case
from autograd_mini.engine.op import Op
from autograd_mini.ops.arrays import as_array


def transposed(x: Array) -> Array:
    """Each matrix of the stack `x` transposed."""
    return np.swapaxes(x, -1, -2) if np.ndim(x) > 1 else x


def _matmul_x(g: Array, out: Array, x: Array, y: Array) -> Array:
    """g yᵀ."""
    if np.ndim(y) == 1:
        return np.expand_dims(g, -1) * y
    if np.ndim(x) == 1:
        return np.matmul(y, np.expand_dims(g, -1))[..., 0]
    return np.matmul(g, transposed(y))


def _matmul_y(g: Array, out: Array, x: Array, y: Array) -> Array:
    """xᵀ g."""
    if np.ndim(x) == 1:
        return (
            np.expand_dims(g, -1) * x
            if np.ndim(y) == 1
            else np.expand_dims(x, -1) * np.expand_dims(g, -2)
        )
    if np.ndim(y) == 1:
        return np.matmul(transposed(x), np.expand_dims(g, -1))[..., 0]
    return np.matmul(transposed(x), g)


_SHAPES = (
    case((3,), (3,)),
    case((2, 3), (3,)),
    case((3,), (3, 2)),
    case((2, 3), (3, 2)),
    case((2, 2), (2, 2)),
    case((2, 2, 3), (3,)),
    case((3,), (2, 3, 2)),
    case((2, 2, 3), (2, 3, 2)),
    case((2, 0), (0, 3)),
)
matmul = Op(
    operator.matmul,
    _matmul_x,
    _matmul_y,
    symbol="@",
    numpy=(np.matmul, np.linalg.matmul),
    method=("__matmul__", "__rmatmul__"),
    signature="(m?,n),(n,p?)->(m?,p?)",
    weights="in,out",
    cases=(*_SHAPES, case((1, 2, 3), (2, 1, 3, 2)), case((2, 3), (4, 3, 1))),
)
"""The matrix product, of stacks of matrices too."""


def _dot(x: Array, y: Array) -> Array:
    if np.ndim(x) == 0 or np.ndim(y) == 0:
        return x * y
    if np.ndim(y) <= 2:
        return np.matmul(x, y)
    columns = np.moveaxis(y, -2, 0)
    product = np.matmul(x, np.reshape(columns, (np.shape(columns)[0], -1)))
    return np.reshape(product, (*np.shape(x)[:-1], *np.shape(columns)[1:]))


dot = Op(
    _dot,
    symbol="·",
    numpy=np.dot,
    method="dot",
    signature="(m?,n),(n,p?)->(m?,p?)",
    arity=2,
    cases=(*_SHAPES, case((2, 3), (2, 3, 2)), case((), (2, 3)), case((2,), ())),
)
"""The sum of products along the last axis of `x` and the last but one of `y`."""


# ------------------------------------------------------------------------- products of many
def _matrix_power(x: Array, n: int) -> Array:
    """Square and multiply; of negative n, the inverse. The 0th power is constant."""
    n, shape = operator.index(n), np.shape(x)
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise np.linalg.LinAlgError(f"matrix_power takes square matrices, not shape {shape}")
    if n < 0:
        x, n = np.linalg.inv(x), -n
    if n == 0:
        return np.where(True, np.eye(np.shape(x)[-1]).astype(x.dtype), x)
    result = None
    while n:
        if n % 2:
            result = x if result is None else np.matmul(result, x)
        n //= 2
        x = np.matmul(x, x) if n else x
    return result


matrix_power = Op(
    _matrix_power,
    numpy=np.linalg.matrix_power,
    arity=1,
    domain=Domain(-1.0, 1.0, diagonal=6.0),
    signature="(m,m)->(m,m)",
    cases=[case((2, 2), n=n) for n in (-2, -1, 0, 1, 2, 5)] + [case((2, 3, 3), n=3)],
)
"""A square matrix times itself, `n` times in all."""


def _cheapest_cuts(sizes: Sequence[int]) -> dict[tuple[int, int], int]:
    """Find where to split each run of matrices, of which the i-th is sizes[i] by sizes[i + 1].

    Dynamic programming: T. Cormen et al., Introduction to Algorithms, section 15.2.
    """
    n = len(sizes) - 1
    costs = {(i, i): 0 for i in range(n)}
    cuts = {}
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            costs[i, j], cuts[i, j] = min(
                (costs[i, k] + costs[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
                for k in range(i, j)
            )
    return cuts


def _multi_dot(*arrays: Array) -> Array:
    """Multiply in the order of the fewest multiplications; vectors may stand at the ends."""
    if len(arrays) < 2:
        raise ValueError("multi_dot takes two or more arrays")
    parts = [as_array(x) for x in arrays]
    first, last = np.ndim(parts[0]) == 1, np.ndim(parts[-1]) == 1
    parts[0] = np.expand_dims(parts[0], 0) if first else parts[0]
    parts[-1] = np.expand_dims(parts[-1], 1) if last else parts[-1]
    if any(np.ndim(x) != 2 for x in parts):
        raise ValueError(f"multi_dot takes matrices, not shapes {[np.shape(x) for x in arrays]}")
    cuts = _cheapest_cuts([np.shape(parts[0])[0], *(np.shape(x)[1] for x in parts)])

    def product(i: int, j: int) -> Array:
        if i == j:
            return parts[i]
        k = cuts[i, j]
        return np.matmul(product(i, k), product(k + 1, j))

    return product(0, len(parts) - 1)[0 if first else slice(None), ..., 0 if last else slice(None)]


multi_dot = Op(
    _multi_dot,
    numpy=np.linalg.multi_dot,
    sequence=True,
    arity=1,
    signature="(m,n),(n,p)->(m,p)",
    cases=(
        case((2, 3), (3, 4), (4, 2)),
        case((3,), (3, 4), (4, 2), (2,)),
        case((2, 3), (3,)),
        case((2, 4), (4, 1), (1, 4), (4, 3)),
    ),
)
"""The product of several matrices, in the order of the fewest multiplications."""


# ----------------------------------------------------------------------------------------- affine
def _product(x: Array, y: Array) -> Array:
    """As np.dot, without its dispatcher where both are arrays: a fifth of a small product."""
    return x.dot(y) if type(y) is np.ndarray else np.dot(x, y)


def _affine(x: Array, W: Array, b: Array) -> Array:
    z = x.dot(W.T)
    if z.ndim and z.dtype is getattr(b, "dtype", None):
        z += b
        return z
    return z + b


def _affine_weights(g: Array, out: Array, x: Array, W: Array, b: Array) -> Array:
    """gᵀ x, summed over the examples."""
    if x.ndim == 2:
        return _product(g.T, x)
    (m, n), examples = np.shape(W), math.prod(np.shape(x)[:-1])
    return _product(np.reshape(g, (examples, m)).T, np.reshape(x, (examples, n)))


affine = Op(  # fused: one node for a layer, and the bias is added in place; 1.2 times faster
    _affine,
    lambda g, out, x, W, b: _product(g, W),
    _affine_weights,
    lambda g, out, x, W, b: g,
    symbol="xWᵀ+b",
    weights="out,in",
    signature="(n),(m,n),(m)->(m)",
    cases=(
        case((4, 3), (2, 3), (2,)),
        case((3,), (2, 3), (2,)),
        case((2, 4, 3), (2, 3), (2,)),
        case((0, 3), (2, 3), (2,)),
        case((1, 1), (1, 1), (1,)),
        case((4, 3), (2, 3), ()),
    ),
)
"""x Wᵀ + b: weighted sums and biases of a layer, `W` with a row for each neuron."""
