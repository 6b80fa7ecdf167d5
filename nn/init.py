"""Knows what numbers a layer starts from. It must not know layers or Values."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Start = tuple[NDArray[Any], NDArray[Any]]
Initialiser = Callable[[int, int, np.random.Generator, DTypeLike], Start]
"""Of (fan_in, fan_out, generator, dtype): weights of shape (fan_out, fan_in) and the biases."""


def glorot(
    fan_in: int, fan_out: int, rng: np.random.Generator, dtype: DTypeLike = np.float32
) -> Start:
    """Weights uniform within ±√(6/(fan_in + fan_out)), biases 0: for sigmoid and tanh.

    Formula 16 of Glorot and Bengio, "Understanding the difficulty of training deep feedforward
    neural networks" (2010); PyTorch calls it xavier_uniform_.

    >>> W, b = glorot(784, 16, np.random.default_rng(0))
    >>> W.shape, b.shape, bool(abs(W).max() <= (6 / 800) ** 0.5)
    ((16, 784), (16,), True)
    """
    bound = math.sqrt(6 / (fan_in + fan_out))
    W = rng.uniform(-bound, bound, (fan_out, fan_in))
    return W.astype(dtype), np.zeros(fan_out, dtype)


def he(
    fan_in: int, fan_out: int, rng: np.random.Generator, dtype: DTypeLike = np.float32
) -> Start:
    """Weights normal with standard deviation √(2/fan_in), biases 0: for ReLU.

    Formula 10 of He and others, "Delving deep into rectifiers" (2015); PyTorch calls it
    kaiming_normal_.

    >>> W, b = he(800, 500, np.random.default_rng(0))
    >>> round(float(W.std()), 3)
    0.05
    """
    W = rng.standard_normal((fan_out, fan_in)) * math.sqrt(2 / fan_in)
    return W.astype(dtype), np.zeros(fan_out, dtype)


def standard_normal(
    fan_in: int, fan_out: int, rng: np.random.Generator, dtype: DTypeLike = np.float32
) -> Start:
    """All weights and biases drawn from the standard normal distribution, as in the lesson.

    >>> W, b = standard_normal(3, 2, np.random.default_rng(0), np.float64)
    >>> W.shape, b.round(3).tolist()
    ((2, 3), [1.304, 0.947])
    """
    W = rng.standard_normal((fan_out, fan_in))
    return W.astype(dtype), rng.standard_normal(fan_out).astype(dtype)


INITIALISERS: dict[str, Initialiser] = {
    "glorot": glorot,
    "he": he,
    "standard_normal": standard_normal,
}


def initialiser(init: str | Initialiser) -> Initialiser:
    """The initialiser of that name, or `init` itself if it is a function.

    Raises ValueError for an unknown name.
    """
    if not isinstance(init, str):
        return init
    if init not in INITIALISERS:
        raise ValueError(f"init is one of {', '.join(INITIALISERS)} or a function, not {init!r}")
    return INITIALISERS[init]
