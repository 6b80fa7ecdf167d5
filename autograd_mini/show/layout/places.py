"""Places in one dimension, and lines in two: as near as may be, with as few corners as may be.

This file knows numbers and points. It must not know boxes, ranks and frames.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

Point = tuple[float, float]


def nearest(
    wanted: Sequence[float], weights: Sequence[float], gaps: Sequence[float]
) -> list[float]:
    """The places nearest to those wanted, by weighted squares, that keep the gaps between them.

    It pools neighbours that want to be nearer than they may: exact, and in one pass.

    >>> nearest([0.0, 0.0, 10.0], [1.0, 1.0, 1.0], [2.0, 2.0])
    [-1.0, 1.0, 10.0]
    """
    offsets = [0.0, *itertools.accumulate(gaps)]
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for at, weight, offset in zip(wanted, weights, offsets, strict=False):
        pool = at - offset, weight, 1
        while pools and pools[-1][0] > pool[0]:
            mean, heavy, count = pools.pop()
            total = heavy + pool[1]
            pool = (mean * heavy + pool[0] * pool[1]) / total, total, count + pool[2]
        pools.append(pool)
    means = [mean for mean, _, count in pools for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=False)]


def median(places: Iterable[tuple[float, float]]) -> float:
    """The middle one of places with weights; between two, if they are as heavy as each other.

    >>> median([(0.0, 1.0), (10.0, 4.0)]), median([(0.0, 2.0), (10.0, 2.0)])
    (10.0, 5.0)
    """
    ordered = sorted(places)
    half = sum(w for _, w in ordered) / 2
    for k, (at, weight) in enumerate(ordered):
        half -= weight
        if half == 0:
            return (at + ordered[k + 1][0]) / 2
        if half < 0:
            return at
    return ordered[-1][0]


class Station(NamedTuple):
    """A place on the way of an arrow, from top to bottom, and how far left and right it may be."""

    x: float
    top: float
    bottom: float
    low: float
    high: float


def corners(stations: Sequence[Station]) -> list[Point]:
    """The corners of a line from the first station to the last, with as few as the others let it.

    >>> ends = Station(0, 0, 0, 0, 0), Station(8, 80, 80, 8, 8)
    >>> corners([ends[0], Station(0, 30, 50, -5, 9), ends[1]])
    [(0, 0), (8, 80)]
    >>> corners([ends[0], Station(0, 30, 50, -5, 2), ends[1]])
    [(0, 0), (0, 30), (0, 50), (8, 80)]
    """
    points: list[Point] = [(stations[0].x, stations[0].top)]
    at = 0
    while at < len(stations) - 1:
        x, y = points[-1]
        least, most, reached = -math.inf, math.inf, 0
        for k in range(at, len(stations)):
            x1, top, bottom, low, high = stations[k]
            if k > at and top > y and least <= (x1 - x) / (top - y) <= most:
                reached = k
            for level in (top, bottom):
                if level > y:
                    least = max(least, (low - x) / (level - y))
                    most = min(most, (high - x) / (level - y))
            if least > most:
                break
        if not reached:  # straight down here, and then over to the next
            here = stations[at]
            points += [(here.x, here.bottom)] * (here.bottom > y)
            reached = at + 1
        at = reached
        points.append((stations[at].x, stations[at].top))
    if stations[-1].bottom > points[-1][1]:
        points.append((stations[-1].x, stations[-1].bottom))
    return points


def rounded(points: Sequence[Point]) -> list[Point]:
    """The points of cubic curves along straight lines, with their corners cut a little."""
    kept = [points[0]]
    for a, b, c in zip(points, points[1:], points[2:], strict=False):
        if abs((b[0] - a[0]) * (c[1] - b[1]) - (c[0] - b[0]) * (b[1] - a[1])) > 1.0:
            kept.append(b)
    kept.append(points[-1])
    found = [kept[0]]
    for k, end in enumerate(kept[1:], 1):
        start, to = found[-1], end
        if k < len(kept) - 1:
            to = _cut(end, kept[k - 1])
        found += [_between(start, to, 1 / 3), _between(start, to, 2 / 3), to]
        if k < len(kept) - 1:
            away = _cut(end, kept[k + 1])
            found += [_between(to, end, 0.6), _between(away, end, 0.6), away]
    return found


def _cut(corner: Point, other: Point) -> Point:
    """Where a line to a corner leaves it: near, where it goes straight down between boxes."""
    far = math.dist(corner, other)
    most = 6.0 if corner[0] == other[0] else 24.0
    return _between(corner, other, min(0.45, most / (far or 1.0)))


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def across(points: Sequence[Point], y: float) -> float:
    """About where curves that go down are at a height."""
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if y0 <= y <= y1:
            return x0 + (x1 - x0) * (y - y0) / (y1 - y0 or 1.0)
    return points[-1][0]
