"""Ranks: which boxes stand below which, so that arrows go downwards and are short.

This file knows arrows between numbers. It must not know sizes and places.
"""

import heapq
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Link(NamedTuple):
    """An arrow from a box to a box, by their numbers; `label` is its size, (0, 0) for none."""

    tail: int
    head: int
    label: tuple[float, float] = (0.0, 0.0)
    weight: float = 1.0
    least: int = 1
    """How many ranks its end stands below its start, at least."""
    ranks: bool = True
    """Whether it has a say in that."""


def ranks(n: int, links: Sequence[Link], same: Iterable[Sequence[int]] = ()) -> list[int]:
    """A rank for each of n boxes, below those that it comes from, and near to who uses it.

    Of arrows in a circle, the one that closes it has no say.

    >>> ranks(4, [Link(0, 1), Link(1, 2), Link(3, 2), Link(2, 0)])
    [0, 1, 2, 1]
    """
    one = list(range(n))
    for group in same:
        low = min(one[i] for i in group) if group else 0
        merged = {one[i] for i in group}
        one = [low if k in merged else k for k in one]
    arcs = [
        (one[k.tail], one[k.head], k.least, k.weight)
        for k in links
        if k.ranks and one[k.tail] != one[k.head]
    ]
    place = _sequence(set(one), [(tail, head) for tail, head, *_ in arcs])
    before: dict[int, list[tuple[int, int, float]]] = {i: [] for i in place}
    after: dict[int, list[tuple[int, int, float]]] = {i: [] for i in place}
    for tail, head, least, weight in arcs:
        upper, lower = sorted((tail, head), key=place.__getitem__)
        before[lower].append((upper, least, weight))
        after[upper].append((lower, least, weight))
    found: dict[int, int] = {}
    for i in place:
        found[i] = max((found[j] + least for j, least, _ in before[i]), default=0)
    for _ in range(4):
        for i in reversed(place):
            if after[i] and sum(w for *_, w in after[i]) > sum(w for *_, w in before[i]):
                found[i] = min(found[j] - least for j, least, _ in after[i])
        for i in place:
            if before[i] and sum(w for *_, w in before[i]) > sum(w for *_, w in after[i]):
                found[i] = max(found[j] + least for j, least, _ in before[i])
    top = min(found.values(), default=0)
    return [found[k] - top for k in one]


def _sequence(members: set[int], arcs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """An order in which arrows go forward, all but those that close a circle."""
    after: dict[int, list[int]] = {i: [] for i in members}
    missing = dict.fromkeys(members, 0)
    for tail, head in arcs:
        after[tail].append(head)
        missing[head] += 1
    ready = [i for i, count in missing.items() if not count]
    heapq.heapify(ready)
    place: dict[int, int] = {}
    rest = iter(sorted(members))
    while len(place) < len(members):
        i = heapq.heappop(ready) if ready else next(k for k in rest if k not in place)
        if i in place:
            continue
        place[i] = len(place)
        for head in after[i]:
            missing[head] -= 1
            if not missing[head] and head not in place:
                heapq.heappush(ready, head)
    return place
