"""Activations and costs of neural networks, where a formula of its own is safer or faster."""

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_mini.engine.arrays import Array, decided, picked
from autograd_mini.engine.declaration import case
from autograd_mini.engine.op import Op, by_element
from autograd_mini.ops.arrays import narrow, wide
from autograd_mini.ops.elementwise import AWAY_FROM_ZERO, chosen


def _silent(forward: Callable[..., Any]) -> Callable[..., Any]:
    """`forward`, for which a number that is too small may be 0, also where the user lets it raise.

    Without an error it costs a third of what np.errstate does.
    """

    @functools.wraps(forward)
    def silent(*args: Any, **keywords: Any) -> Any:
        try:
            return forward(*args, **keywords)
        except FloatingPointError:
            with np.errstate(under="ignore"):
                return forward(*args, **keywords)

    return silent


# ---------------------------------------------------------------------------------- activations
@np.errstate(over="ignore", under="ignore")  # exp(1000) is inf, and 1/inf the right 0
def _sigmoid(x: Array) -> Array:
    e = np.exp(-x)
    e += 1
    return np.reciprocal(e)


def _scalar_sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else math.exp(x)


sigmoid = by_element(
    _sigmoid,
    lambda g, out, x: g * out * (1 - out),
    symbol="σ",
    flat=(0, 1),
    method="sigmoid",
    scalar=_scalar_sigmoid,
)
"""1 / (1 + exp(−x)), a number from 0 to 1."""
relu = by_element(
    lambda x: np.maximum(x, 0),
    lambda g, out, x: chosen(x > 0, g),
    passes="chooses",
    quick="relu",
    flat=(0,),
    method="relu",
    scalar=lambda x: 0.0 if x < 0 else x,
    domain=AWAY_FROM_ZERO,
    kinks=(((0.0,), (0.0,)),),
)
"""Each element, or 0 where it is negative."""
softplus = by_element(
    _silent(lambda x: np.logaddexp(x, np.zeros_like(x))),
    lambda g, out, x: g * sigmoid(x),
    method="softplus",
)
"""log(1 + exp(x)), a smooth relu."""
step = by_element(
    lambda x: np.where(x > 0, np.ones_like(x), np.zeros_like(x)),
    lambda g, out, x: g,
    passes="moves",
    method="step",
    domain=AWAY_FROM_ZERO,
    declared=lambda x: np.ones_like(x),
)
"""1 where x is above 0, and 0 elsewhere: a neuron that fires or does not."""


@_silent
def _softmax(x: Array, axis: int = -1) -> Array:
    if not np.size(x):
        return +x
    e = wide(np.exp(x - np.maximum.reduce(x, axis=axis, keepdims=True)))
    return narrow(e / np.add.reduce(e, axis=axis, keepdims=True), x)


def _softmax_x(g: Array, out: Array, x: Array, axis: int = -1) -> Array:
    return out * (g - np.sum(g * out, axis=axis, keepdims=True))


_ALONG = (case((3,)), case((2, 3)), case((2, 3), axis=0), case((2, 2, 3), axis=1), case((1,)))
softmax = Op(_softmax, _softmax_x, method="softmax", cases=_ALONG)
"""exp(x) over its sum along an axis: shares that add up to 1."""


@_silent
def _log_softmax(x: Array, axis: int = -1) -> Array:
    if not np.size(x):
        return +x
    low = x - np.maximum.reduce(x, axis=axis, keepdims=True)
    total = np.add.reduce(wide(np.exp(low)), axis=axis, keepdims=True)
    return low - narrow(np.log(total), x)


log_softmax = Op(  # fused: log of a softmax that underflows would be -inf
    _log_softmax,
    lambda g, out, x, axis=-1: g - np.exp(out) * np.sum(g, axis=axis, keepdims=True),
    method="log_softmax",
    cases=_ALONG,
)
"""The logarithm of softmax, without overflow."""


# --------------------------------------------------------------------------------------- costs
def _examples(x: Array) -> int:
    """How many examples the rows of `x` are: 1 for a number or a vector."""
    return math.prod(getattr(x, "shape", ())[:-1])


def _check_shapes(a: Array, y: Array) -> None:
    if np.shape(a) != np.shape(y):
        raise ValueError("outputs and targets must have the same shape")


def _quadratic_cost(a: Array, y: Array) -> Array:
    _check_shapes(a, y)
    away = wide(a - y)
    return narrow(np.vdot(away, away) / _examples(away), a)


quadratic_cost = Op(  # fused: a quarter of the time of subtract, square, sum and divide
    _quadratic_cost,
    lambda g, out, a, y: wide(g) * (2 / _examples(a)) * (a - y),
    lambda g, out, a, y: wide(g) * (2 / _examples(a)) * (y - a),
    symbol="Σ(a−y)²/n",
    scalar=lambda a, y: (a - y) * (a - y),
    signature="(n?,k),(n?,k)->()",
    cases=(
        case((4, 3), (4, 3)),
        case((3,), (3,)),
        case((1, 1), (1, 1)),
        case((2, 3, 2), (2, 3, 2)),
    ),
)
"""The mean over examples of the squared distances between `a` and `y`."""


@np.errstate(divide="ignore", invalid="ignore", under="ignore")
def _cross_entropy(x: Array, labels: Array) -> Array:
    x = x.T.copy()  # classes by examples: whole rows are folded at once, up to 3 times faster
    hits = np.equal.outer(np.arange(len(x)), labels)
    if hits.shape != x.shape or x.ndim > 2 or decided(np.count_nonzero(hits) * len(x) != x.size):
        raise ValueError(_wrong_labels(x.T, labels))
    low = wide(x - np.maximum.reduce(x, axis=0))
    costs = np.log(np.add.reduce(np.exp(low), axis=0)) - picked(low.T, hits.T)
    total = np.add.reduce(costs)
    if decided(
        total != total, unknown=True
    ):  # an impossible label costs inf, also where no class is possible
        total = np.add.reduce(np.where(picked(x.T, hits.T) == -np.inf, np.inf, costs))
    return narrow(total / len(costs), x)


def _wrong_labels(x: Array, labels: Array) -> str:
    if x.ndim not in (1, 2) or np.shape(labels) != x.shape[:-1]:
        return f"logits of shape (n, k) need labels of shape (n,), not {np.shape(labels)}"
    low, high = np.min(labels), np.max(labels)
    return f"labels must be whole numbers from 0 to {x.shape[-1] - 1}, not from {low} to {high}"


def _cross_entropy_x(g: Array, out: Array, x: Array, labels: Array) -> Array:
    """g (softmax(x) − 1 at the label) / n, of n examples."""
    q = softmax(x) if decided(out < np.inf) else _softmax_or_zero(x)
    hits = np.equal.outer(labels, np.arange(x.shape[-1]))
    return wide(g) * (1 / _examples(x)) * (q - hits)


def _softmax_or_zero(x: Array) -> Array:
    """Softmax along the last axis, and 0 in a row of nothing but -inf, as logsumexp has it."""
    with np.errstate(invalid="ignore"):
        return np.where(np.max(x, axis=-1, keepdims=True) == -np.inf, 0.0, softmax(x))


cross_entropy = Op(  # fused: log of a softmax that underflows would be -inf; 2 nodes fewer
    _cross_entropy,
    _cross_entropy_x,
    symbol="−ln softmax",
    signature="(n?,k)->()",
    cases=(
        case((3, 4), labels=np.array([0, 3, 1])),
        case((4,), labels=2),
        case((1, 1), labels=np.array([0], np.uint8)),
    ),
)
"""The mean over examples of −log of the share that softmax gives the right label."""


@np.errstate(invalid="ignore", under="ignore")
def _binary_cross_entropy(x: Array, y: Array) -> Array:
    _check_shapes(x, y)
    costs = np.maximum(x, 0) - x * y + np.log1p(np.exp(-np.abs(x)))
    total = np.add.reduce(wide(costs), axis=None)
    if decided(
        total != total, unknown=True
    ):  # an infinite logit costs nothing where it is right, and else inf
        missed = np.where(x > 0, 1 - y, y)
        costs = np.where(np.isinf(x), np.where(missed == 0, 0.0, np.abs(x)), costs)
        total = np.add.reduce(wide(costs), axis=None)
    return narrow(total / np.size(costs), x)


binary_cross_entropy = Op(  # fused: softplus(x) - x * y would lose what is left of the cost
    _binary_cross_entropy,
    lambda g, out, x, y: wide(g) * (1 / np.size(x)) * (sigmoid(x) - y),
    lambda g, out, x, y: wide(g) * (1 / np.size(x)) * -x,
    symbol="−ln σ",
    signature="(n?,k),(n?,k)->()",
    cases=(case((4, 3), (4, 3)), case((3,), (3,)), case((1, 1), (1, 1))),
)
"""The mean of −y log σ(x) − (1 − y) log(1 − σ(x)): `x` before the sigmoid."""
