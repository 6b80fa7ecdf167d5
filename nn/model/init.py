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


def generator(seed: Any) -> np.random.Generator:
    """The generator of that seed, or `seed` itself if it is one.

    Raises ValueError that says what a seed is.
    """
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError) as fault:
        raise ValueError(
            f"a seed is a whole number of at least 0 or a np.random.Generator, not {seed!r}"
        ) from fault


def start(
    init: str | Initialiser, fan_in: int, fan_out: int, seed: Any, dtype: DTypeLike
) -> Start:
    """Weights and biases to begin with, as `init` draws them.

    Raises ValueError for a dtype that is not of floating-point numbers, an unknown `init`, and
    for arrays of another shape or kind than a layer needs.
    """
    kind = np.dtype(dtype)
    if kind.kind != "f":
        raise ValueError(
            f"weights are floating-point numbers, such as np.float32, and not of dtype {kind}"
        )
    drawn = initialiser(init)(fan_in, fan_out, generator(seed), kind)
    shapes = (fan_out, fan_in), (fan_out,)
    if not isinstance(drawn, tuple) or tuple(map(np.shape, drawn)) != shapes:
        told = tuple(map(np.shape, drawn)) if isinstance(drawn, tuple) else type(drawn).__name__
        raise ValueError(f"init gives weights and biases of shapes {shapes}, not {told}")
    W, b = (np.asarray(array) for array in drawn)
    if W.dtype.kind != "f" or b.dtype.kind != "f":
        raise ValueError(f"init gives floating-point numbers, not {W.dtype} and {b.dtype}")
    return W, b


def initialiser(init: str | Initialiser) -> Initialiser:
    """The initialiser of that name, or `init` itself if it is a function.

    Raises ValueError for an unknown name.
    """
    if not isinstance(init, str):
        return init
    if init not in INITIALISERS:
        raise ValueError(f"init is one of {', '.join(INITIALISERS)} or a function, not {init!r}")
    return INITIALISERS[init]
