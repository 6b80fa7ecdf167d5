"""Derivatives by finite differences, each with an error bar.

This file knows functions of lists of arrays. It must not know Value or Op.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

Function = Callable[[list[Any]], Any]
"""Arrays and numbers in; a flat array out."""

EPS = float(np.finfo(float).eps)
ROUNDING = 64 * EPS
"""How far a computed value may be from the true one, relative to its size."""
LEAST = 2.0**-1068
"""How far one near 0 may be: where numbers end, they lose their digits."""
STEP = 1 / 16
"""The first step that is tried: right for most functions of numbers around 1."""

_PARTS = (
    2.0**-3,
    2.0**-10,
    2.0**-17,
    2.0**-24,
    2.0**-34,
)  # of an element's size: the first steps tried after it
_ENOUGH = 1e-9  # no more steps are taken once every bar is this small, relative to its derivative
_SHARP = 2e-7
_SPACINGS = 2.0**-34, 2.0**-27, 2.0**-20  # the last is a float32's


class Estimate(NamedTuple):
    """Derivatives, and how far each may be from the true one; both have the argument's shape."""

    value: Any
    bar: Any


def estimate(
    f: Function,
    at: Sequence[Any],
    k: int,
    rough: Any = 0.0,
    limit: float = np.inf,
    where: Any = True,
) -> Estimate:
    """Derivative of `f(at).sum()` with respect to each element of `at[k]`, or to those `where`.

    Central differences over a step, its half, its quarter, … extrapolated to a step of 0: the
    tableau of C. Ridders, Advances in Engineering Software 4 (1982), and for each element the
    entry of the tableau that differs least from its neighbours. Elements of which this tells
    little are tried again with other first steps, parts of their size; `limit` is the largest
    step. `rough` is the noise of each element of `f(at)`, where it was measured.
    """
    best: Estimate | None = None
    left = np.array(np.broadcast_to(where, np.shape(at[k])))
    for new in rungs(f, at, k, rough, limit, left):
        best = new if best is None else sharper(best, new)
        left &= ~_is_sharp(*best)
    return best or Estimate(np.zeros(left.shape), np.zeros(left.shape))


def rungs(
    f: Function, at: Sequence[Any], k: int, rough: Any, limit: float, where: Any
) -> Iterator[Estimate]:
    """Estimates with one first step after the other, as long as there are elements `where`.

    What is not asked for, or not any more, has an infinite bar.
    """
    moved: dict[int, Any] = {}  # by element, which elements of the result depend on it
    for steps in ladder(np.abs(np.ravel(at[k])), limit):
        left = np.flatnonzero(where)
        if left.size:
            value, bar = np.zeros(steps.shape), np.full(steps.shape, np.inf)
            value[left], bar[left] = _central(f, at, k, left, steps[left], rough, moved)
            yield Estimate(value.reshape(np.shape(at[k])), bar.reshape(np.shape(at[k])))


def ladder(size: Any, limit: float = np.inf) -> Iterator[Any]:
    """First steps for numbers of that size, powers of 2: a usual one, then parts of the size."""
    yield np.full(np.shape(size), min(STEP, limit))
    for part in _PARTS:
        step = 2.0 ** np.floor(np.log2(np.where(size > 0, size, 8 * STEP) * part))
        yield np.minimum(step, limit)


def _is_sharp(value: Any, bar: Any) -> Any:
    """Which bars are small enough, beside their derivatives or a hundredth of the largest."""
    largest = np.max(np.abs(value), initial=0.0)
    return bar <= _SHARP * np.maximum(np.abs(value), 1e-2 * largest)


def _central(
    f: Function,
    at: Sequence[Any],
    k: int,
    elements: Any,
    steps: Any,
    rough: Any,
    moved: dict[int, Any],
) -> Any:
    def slopes(scale: float) -> tuple[Any, Any]:
        up, right = _all_moved(f, at, k, elements, scale * steps)
        down, left = _all_moved(f, at, k, elements, -scale * steps)
        moves = up != down
        for e, row in zip(elements, moves, strict=True):
            moved[e] = moved.get(e, False) | row
        touched = np.array([moved[e] for e in elements])
        return _summed_slopes(up, down, moves, touched, right - left, rough)

    return _extrapolated(slopes, ratio=4.0)


def _all_moved(f: Function, at: Sequence[Any], k: int, elements: Any, steps: Any) -> Any:
    """What `f` gives where one element after the other is moved, and where each then is."""
    results, places = [], []
    for e, h in zip(elements, steps, strict=True):
        x = np.array(at[k], order="C")
        x.reshape(-1)[e] += h
        places.append(float(x.reshape(-1)[e]))
        moved = float(x) if isinstance(at[k], float) else x
        results.append(f([moved if i == k else y for i, y in enumerate(at)]))
    return np.array(results), np.array(places)


def along(
    f: Function,
    at: Sequence[Any],
    direction: Sequence[Any],
    step: float,
    side: int = 0,
    rough: Any = 0.0,
    touched: Any = True,
) -> Estimate:
    """Derivative of each element of `f(at)` along `direction`: on both sides, or on one (±1).

    Of elements that are not `touched`, it is known that they do not depend on what moves.
    """
    far = reach(at, direction)
    way = max((np.max(np.abs(d), initial=0.0) for d in direction), default=0.0)

    def moved(t: float) -> Any:
        return f([x + t * d for x, d in zip(at, direction, strict=True)])

    here = moved(0.0)

    def slopes(scale: float) -> tuple[Any, Any]:
        h = scale * step
        there, back = moved(side * h or h), (here if side else moved(-h))
        distance = side * h or 2 * h
        size = np.maximum(np.abs(there), np.abs(back))
        gap = np.subtract(there, back, where=there != back, out=np.zeros(np.shape(here)))
        noise = EPS * size + (ROUNDING * size + LEAST + rough) * (touched | (gap != 0))
        noise = noise + np.abs(gap) * (EPS * far / max(h * way, 1e-300))
        return gap / distance, noise / abs(distance)

    return Estimate(*_extrapolated(slopes, ratio=2.0 if side else 4.0))


def reach(at: Sequence[Any], direction: Sequence[Any]) -> float:
    """The size of the largest number that moves along `direction`."""
    pairs = zip(at, direction, strict=True)
    return max((float(np.max(np.abs(x) * (d != 0), initial=0.0)) for x, d in pairs), default=0.0)


def steepness(
    f: Function,
    at: Sequence[Any],
    direction: Sequence[Any],
    sides: Sequence[int] = (-1, 1),
    rough: Any = 0.0,
    limit: float = np.inf,
) -> list[Estimate]:
    """Derivatives of each element of `f(at)` along `direction`, for each of `sides` (as `along`).

    First steps are tried down the ladder of the largest number that moves, until all are sharp.
    """
    best: list[Estimate] = []
    here = f(list(at))
    touched: Any = False
    for step in (-STEP, STEP):
        there = f([x + min(step, limit) * d for x, d in zip(at, direction, strict=True)])
        touched = touched | (there != here)
    for step in ladder(reach(at, direction), limit):
        new = [along(f, at, direction, float(step), side, rough, touched) for side in sides]
        best = [sharper(*pair) for pair in zip(best or new, new, strict=True)]
        if all(np.all(_is_sharp(x.value, x.bar)) for x in best):
            break
    return best


def sharper(one: Estimate, other: Estimate) -> Estimate:
    """Element by element, the estimate that is sharp, or else the one that has the smaller bar.

    Where the two contradict each other, the larger steps of the first have left what is close by.
    """
    first, second = (x.bar <= _SHARP * np.abs(x.value) for x in (one, other))
    apart = np.abs(one.value - other.value) > one.bar + other.bar
    better = np.where(first == second, other.bar < one.bar, second)
    better = better | (apart & ~first & (other.bar <= 1e-3 * np.abs(other.value)))
    return Estimate(np.where(better, other.value, one.value), np.where(better, other.bar, one.bar))


def total(found: Estimate) -> Estimate:
    """Of all elements together."""
    return Estimate(float(np.sum(found.value)), float(np.sum(found.bar)))


def measured_noise(
    f: Function, at: Sequence[Any], way: Sequence[Any] | None = None, step: float = 1.0
) -> Any:
    """How rough each element of `f(at)` is: what changes from one close point to the next.

    J. J. More and S. M. Wild, Estimating Computational Noise, SIAM J. Sci. Comput. 33 (2011): in a
    table of differences of values on a line, so close that what is smooth vanishes in it, the
    columns of higher order have the noise alone. 0 where the columns do not agree about it. Where
    most values on the line are the same, as of a float32, the next have more space between them.
    Along a `way`, they have `step` between them.
    """
    rng = np.random.default_rng(0)
    found = np.zeros(np.shape(f(list(at))))
    told = np.zeros(found.shape, bool)
    for spacing in _SPACINGS if way is None else (step,):
        direction = way or [rng.choice([-1.0, 1.0], np.shape(x)) * np.abs(x) for x in at]
        values = []
        for k in range(1, 10):  # to one side, or a kink at the point would be noise
            moved = [x + k * spacing * d for x, d in zip(at, direction, strict=True)]
            values.append(np.ravel(f(moved)))
        column, levels = np.array(values), []
        size = np.max(np.abs(column), axis=0, initial=1e-300)
        column = column / size
        fine = np.sum(np.diff(np.sort(column, axis=0), axis=0) != 0, axis=0) >= 4
        for order in range(1, 7):
            column = np.diff(column, axis=0)
            mean = np.mean(column**2, axis=0) / math.comb(2 * order, order)
            levels.append(size * np.sqrt(mean))
        last = np.array(levels[3:])  # of orders 4 to 6
        agree = (last.max(axis=0) <= 4 * last.min(axis=0)) & ~told
        found = np.where(agree, np.maximum(found, last[-1]), found)
        told = told | fine
        if np.all(told):
            break
    return 32.0 * found


def _summed_slopes(
    there: Any, here: Any, moves: Any, touched: Any, distance: Any, rough: Any
) -> tuple[Any, Any]:
    """Difference quotients of the sums of the rows, each with the rounding error in it.

    To that error, what is not touched by any step adds little.
    """
    size = np.maximum(np.abs(there), np.abs(here))
    noise = EPS * size.sum(axis=1) + ((ROUNDING * size + LEAST + rough) * touched).sum(axis=1)
    gaps = np.subtract(there, here, where=moves, out=np.zeros_like(size))
    return gaps.sum(axis=1) / distance, noise / np.abs(distance)


def _extrapolated(slopes: Callable[[float], tuple[Any, Any]], ratio: float) -> tuple[Any, Any]:
    """Limit and bar of `slopes(1)`, `slopes(1/2)`, …, where halving divides the error by `ratio`.

    Each further column of the tableau removes one more term of the error's series, in powers of
    the step (ratio 2) or of its square (ratio 4). No more rows are needed where the bar is small,
    or where the values agree better than their rounding lets them.
    """
    above: list[Any] = []
    value = bar = np.zeros(0)
    settled: Any = False
    for level in range(10):
        first, noise = slopes(1 / 2**level)
        row = [first]
        for j, upper in enumerate(above):
            row.append(row[j] + (row[j] - upper) / (ratio ** (j + 1) - 1))
            error = np.maximum(np.abs(row[j + 1] - row[j]), np.abs(row[j + 1] - upper))
            new = 2 * error + 2 * noise
            if level == 1:
                value, bar = row[j + 1], np.where(np.isnan(new), np.inf, new)
                settled = error <= noise
            better = new < bar
            value, bar = np.where(better, row[j + 1], value), np.where(better, new, bar)
            settled = settled | (better & (error <= noise))
        above = row
        if level and np.all((bar <= _ENOUGH * np.abs(value)) | settled):
            break
    lost = ~(np.isfinite(value) & np.isfinite(bar))
    return np.where(lost, 0.0, value), np.where(lost, np.inf, bar)
