"""Activations and costs of neural networks, where a formula of its own is safer or faster."""

import math
from typing import Any

import numpy as np

from autograd_mini.core import Domain, Op, case
from autograd_mini.ops.elementwise import AWAY_FROM_ZERO
from autograd_mini.ops.reduction import folded


# ---------------------------------------------------------------------------------- activations
@np.errstate(over="ignore")  # exp(1000) is inf, and 1/inf the right 0
def _sigmoid(x: Any) -> Any:
    return np.reciprocal(1 + np.exp(-x))


def _scalar_sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else math.exp(x)


sigmoid = Op(
    _sigmoid,
    lambda g, out, x: g * out * (1 - out),
    name="sigmoid",
    symbol="σ",
    method="sigmoid",
    scalar=_scalar_sigmoid,
)
relu = Op(
    lambda x: np.maximum(x, 0),
    lambda g, out, x: g * (x > 0),
    name="relu",
    method="relu",
    scalar=lambda x: 0.0 if x < 0 else x,
    domain=AWAY_FROM_ZERO,
    kinks=(((0.0,), (0.0,)),),
)
softplus = Op(
    lambda x: np.logaddexp(x, np.zeros_like(x)),
    lambda g, out, x: g * sigmoid(x),
    name="softplus",
    method="softplus",
)
step = Op(
    lambda x: np.where(x > 0, np.ones_like(x), np.zeros_like(x)),
    lambda g, out, x: g,
    name="step",
    method="step",
    domain=AWAY_FROM_ZERO,
    declared=lambda x: np.ones_like(x),
)


def _softmax(x: Any, axis: int = -1) -> Any:
    e = np.exp(x - np.maximum.reduce(x, axis=axis, keepdims=True))
    return e / np.add.reduce(e, axis=axis, keepdims=True)


def _softmax_x(g: Any, out: Any, x: Any, axis: int = -1) -> Any:
    return out * (g - np.sum(g * out, axis=axis, keepdims=True))


_ALONG = (case((3,)), case((2, 3)), case((2, 3), axis=0), case((2, 2, 3), axis=1), case((1,)))
softmax = Op(
    _softmax,
    _softmax_x,
    name="softmax",
    method="softmax",
    cases=_ALONG,
)


def _log_softmax(x: Any, axis: int = -1) -> Any:
    low = x - np.maximum.reduce(x, axis=axis, keepdims=True)
    return low - np.log(np.add.reduce(np.exp(low), axis=axis, keepdims=True))


log_softmax = Op(  # fused: log of a softmax that underflows would be -inf
    _log_softmax,
    lambda g, out, x, axis=-1: g - np.exp(out) * np.sum(g, axis=axis, keepdims=True),
    name="log_softmax",
    method="log_softmax",
    cases=_ALONG,
)
