"""Derivatives by finite differences, each with an error bar.

This file knows functions of lists of arrays. It must not know Value or Op.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

Function = Callable[[list[Any]], Any]
"""Arrays and numbers in; a flat array out, whose sum is what is differentiated."""

EPS = float(np.finfo(float).eps)
ROUNDING = 64 * EPS
"""How far a computed value may be from the true one, relative to its size."""

_ENOUGH = 1e-9  # no more steps are taken once every bar is this small, relative to its derivative


class Estimate(NamedTuple):
    """Derivatives, and how far each may be from the true one; both have the argument's shape."""

    value: Any
    bar: Any


def central(f: Function, at: Sequence[Any], k: int, step: float) -> Estimate:
    """Derivative of `f(at).sum()` with respect to each element of `at[k]`.

    Central differences over `step`, `step/2`, `step/4`, … extrapolated to a step of 0: the
    tableau of C. Ridders, Advances in Engineering Software 4 (1982), and for each element the
    entry of the tableau that differs least from its neighbours.
    """
    shape, n = np.shape(at[k]), int(np.size(at[k]))
    if not n:
        return Estimate(np.zeros(shape), np.zeros(shape))

    def slopes(h: float) -> tuple[Any, Any]:
        up = np.array([f(_moved(at, k, e, h)) for e in range(n)])
        down = np.array([f(_moved(at, k, e, -h)) for e in range(n)])
        return _summed_slopes(up, down, 2 * h)

    return Estimate(*(x.reshape(shape) for x in _extrapolated(slopes, step, ratio=4.0)))


def central_along(
    f: Function, at: Sequence[Any], direction: Sequence[Any], step: float
) -> Estimate:
    """Derivative of each element of `f(at)` along `direction`."""

    def slopes(h: float) -> tuple[Any, Any]:
        up, down = (f(_moved_along(at, direction, t)) for t in (h, -h))
        size = np.maximum(np.abs(up), np.abs(down))
        noise = EPS * (1 + np.max(size, initial=0.0)) + ROUNDING * size
        return (up - down) / (2 * h), noise / (2 * h)

    return Estimate(*_extrapolated(slopes, step, ratio=4.0))


def one_sided(
    f: Function, at: Sequence[Any], direction: Sequence[Any], step: float
) -> tuple[Estimate, Estimate]:
    """Left and right derivatives of `f(at).sum()` along `direction`: numbers, with their bars."""
    here = f(list(at))

    def side(sign: float) -> Estimate:
        def slopes(h: float) -> tuple[Any, Any]:
            there = f(_moved_along(at, direction, sign * h))
            return _summed_slopes(there[None], here[None], sign * h)

        value, bar = _extrapolated(slopes, step, ratio=2.0)
        return Estimate(float(value[0]), float(bar[0]))

    return side(-1.0), side(1.0)


def _moved(at: Sequence[Any], k: int, element: int, h: float) -> list[Any]:
    x = at[k]
    if isinstance(x, float):
        moved: Any = x + h
    else:
        moved = np.array(x, order="C")
        moved.reshape(-1)[element] += h
    return [moved if i == k else y for i, y in enumerate(at)]


def _moved_along(at: Sequence[Any], direction: Sequence[Any], t: float) -> list[Any]:
    return [x + t * d for x, d in zip(at, direction, strict=True)]


def _summed_slopes(there: Any, here: Any, distance: float) -> tuple[Any, Any]:
    """Difference quotients of the sums of the rows, each with the rounding error in it.

    To that error, what does not move adds little.
    """
    size = np.maximum(np.abs(there), np.abs(here))
    moves = there != here
    noise = EPS * (1 + size.sum(axis=1)) + ROUNDING * (size * moves).sum(axis=1)
    gaps = np.subtract(there, here, where=moves, out=np.zeros_like(size))
    return gaps.sum(axis=1) / distance, noise / abs(distance)


def _extrapolated(
    slopes: Callable[[float], tuple[Any, Any]], step: float, ratio: float
) -> tuple[Any, Any]:
    """The limit of `slopes(h)` for h towards 0, where halving h divides its error by `ratio`.

    Each further column of the tableau removes one more term of the error's series, in powers of h
    (ratio 2) or h² (ratio 4).
    """
    above: list[Any] = []
    value = bar = np.zeros(0)
    for level in range(10):
        first, noise = slopes(step / 2**level)
        row = [first]
        for j, upper in enumerate(above):
            row.append(row[j] + (row[j] - upper) / (ratio ** (j + 1) - 1))
            error = np.maximum(np.abs(row[j + 1] - row[j]), np.abs(row[j + 1] - upper))
            new = 2 * error + 2 * noise
            if level == 1:
                value, bar = row[j + 1], np.where(np.isnan(new), np.inf, new)
            better = new < bar
            value, bar = np.where(better, row[j + 1], value), np.where(better, new, bar)
        above = row
        if level and np.all(bar <= _ENOUGH * np.maximum(np.abs(value), 1e-3)):
            break
    lost = ~(np.isfinite(value) & np.isfinite(bar))
    return np.where(lost, 0.0, value), np.where(lost, np.inf, bar)
