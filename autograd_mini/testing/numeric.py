"""Derivatives by finite differences, each with an error bar.

This file knows functions of lists of arrays. It must not know Value or Op.
"""

import math
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


def central(f: Function, at: Sequence[Any], k: int, step: Any, rough: Any = 0.0) -> Estimate:
    """Derivative of `f(at).sum()` with respect to each element of `at[k]`.

    Central differences over `step`, `step/2`, `step/4`, … extrapolated to a step of 0: the
    tableau of C. Ridders, Advances in Engineering Software 4 (1982), and for each element the
    entry of the tableau that differs least from its neighbours. `step` is a number, or an array
    with one for each element. `rough` is the noise of each element of `f(at)`, where it
    was measured.
    """
    shape, n = np.shape(at[k]), int(np.size(at[k]))
    if not n:
        return Estimate(np.zeros(shape), np.zeros(shape))
    steps = np.broadcast_to(step, shape).reshape(-1)

    def slopes(scale: float) -> tuple[Any, Any]:
        up = np.array([f(_moved(at, k, e, scale * steps[e])) for e in range(n)])
        down = np.array([f(_moved(at, k, e, -scale * steps[e])) for e in range(n)])
        return _summed_slopes(up, down, 2 * scale * steps, rough)

    return Estimate(*(x.reshape(shape) for x in _extrapolated(slopes, ratio=4.0)))


def along(
    f: Function,
    at: Sequence[Any],
    direction: Sequence[Any],
    step: float,
    side: int = 0,
    rough: Any = 0.0,
) -> Estimate:
    """Derivative of each element of `f(at)` along `direction`: on both sides, or on one (±1)."""

    def moved(t: float) -> Any:
        return f([x + t * d for x, d in zip(at, direction, strict=True)])

    here = moved(0.0)

    def slopes(scale: float) -> tuple[Any, Any]:
        h = scale * step
        there, back = moved(side * h or h), (here if side else moved(-h))
        distance = side * h or 2 * h
        size = np.maximum(np.abs(there), np.abs(back))
        noise = EPS * (1 + np.max(size, initial=0.0)) + ROUNDING * size
        return (there - back) / distance, (noise + rough) / abs(distance)

    return Estimate(*_extrapolated(slopes, ratio=2.0 if side else 4.0))


def one_sided(
    f: Function, at: Sequence[Any], direction: Sequence[Any], step: float, rough: Any = 0.0
) -> tuple[Estimate, Estimate]:
    """Left and right derivatives of `f(at).sum()` along `direction`: numbers, with their bars."""
    left, right = (along(f, at, direction, step, side, rough) for side in (-1, 1))
    return (
        Estimate(float(left.value.sum()), float(left.bar.sum())),
        Estimate(float(right.value.sum()), float(right.bar.sum())),
    )


def measured_noise(f: Function, at: Sequence[Any]) -> Any:
    """How rough each element of `f(at)` is: what changes from one close point to the next.

    J. J. More and S. M. Wild, Estimating Computational Noise, SIAM J. Sci. Comput. 33 (2011): in a
    table of differences of values on a line, so close that what is smooth vanishes in it, the
    columns of higher order have the noise alone. 0 where the columns do not agree about it.
    """
    rng = np.random.default_rng(0)
    found = np.full(np.shape(f(list(at))), np.inf)
    for spacing in (2.0**-34, 2.0**-30):
        direction = [rng.choice([-1.0, 1.0], np.shape(x)) * np.abs(x) for x in at]
        values = []
        for k in range(1, 10):  # to one side, or a kink at the point would be noise
            moved = [x + k * spacing * d for x, d in zip(at, direction, strict=True)]
            values.append(np.ravel(f(moved)))
        column, levels = np.array(values), []
        for order in range(1, 7):
            column = np.diff(column, axis=0)
            size = np.sqrt(np.mean(column**2, axis=0) / math.comb(2 * order, order))
            levels.append(size)
        last = np.array(levels[3:])  # of orders 4 to 6
        agree = last.max(axis=0) <= 4 * last.min(axis=0)
        found = np.where(agree, np.minimum(found, last[-1]), found)
    return 8.0 * np.where(np.isfinite(found), found, 0.0)


def _moved(at: Sequence[Any], k: int, element: int, h: float) -> list[Any]:
    x = at[k]
    if isinstance(x, float):
        moved: Any = x + h
    else:
        moved = np.array(x, order="C")
        moved.reshape(-1)[element] += h
    return [moved if i == k else y for i, y in enumerate(at)]


def _summed_slopes(there: Any, here: Any, distance: Any, rough: Any) -> tuple[Any, Any]:
    """Difference quotients of the sums of the rows, each with the rounding error in it.

    To that error, what does not move adds little.
    """
    size = np.maximum(np.abs(there), np.abs(here))
    moves = there != here
    noise = EPS * (1 + size.sum(axis=1)) + ROUNDING * (size * moves).sum(axis=1)
    noise = noise + (rough * moves).sum(axis=1)
    gaps = np.subtract(there, here, where=moves, out=np.zeros_like(size))
    return gaps.sum(axis=1) / distance, noise / distance


def _extrapolated(slopes: Callable[[float], tuple[Any, Any]], ratio: float) -> tuple[Any, Any]:
    """Limit and bar of `slopes(1)`, `slopes(1/2)`, …, where halving divides the error by `ratio`.

    Each further column of the tableau removes one more term of the error's series, in powers of
    the step (ratio 2) or of its square (ratio 4).
    """
    above: list[Any] = []
    value = bar = np.zeros(0)
    for level in range(10):
        first, noise = slopes(1 / 2**level)
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
