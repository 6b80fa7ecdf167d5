"""Where boxes stand and which way arrows go: ranks, an order in each, places, and bends.

This file knows sizes and arrows, as if all pictures went downwards. It must not know what stands
in a box, nor how anything is drawn. It follows Sugiyama, Tagawa and Toda (1981): ranks by longest
paths, orders by barycentres, places by least squares, an arrow through many ranks as a row of
bends, each with room of its own, so that it meets no box.
"""

import bisect
import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from autograd_mini.show.layout.places import (
    Point,
    Station,
    across,
    corners,
    median,
    nearest,
    rounded,
)
from autograd_mini.show.layout.ranks import Link, ranks

SWEEPS, FEWER_SWEEPS, MANY = 12, 4, 4_000
"""How often the order is improved, and how often where there are many boxes and bends."""
MOST_BENDS = 20_000
"""Of all arrows together; the longest of those beyond it go straight, whatever is in their way."""
_BEND, _ARCH = 2.0, 20.0  # half the room of a bend, and the height of an arrow over others
_MARGIN = 8.0  # between a frame and what is in it
_PORT = 13.0  # between the heads of arrows that enter one box


class Frame(NamedTuple):
    """Boxes with a border around them, and the room that words take up above and beside them."""

    members: Sequence[int]
    above: float = 0.0
    beside: float = 0.0
    width: float = 0.0
    """How wide it is, at least."""
    depth: float = 0.0


class Spot:
    """A box or a bend: what it takes up on both sides of its x, and who is above and below."""

    __slots__ = ("above", "below", "depth", "frame", "left", "rank", "right", "x", "y")

    def __init__(self, left: float, right: float, depth: float, frame: int = -1) -> None:
        self.left, self.right, self.depth, self.frame = left, right, depth, frame
        self.x = self.y = 0.0
        self.rank = 0
        self.above: list[tuple[Spot, float]] = []
        self.below: list[tuple[Spot, float]] = []


class Layered:
    """Boxes of the given sizes in ranks; `same` are boxes that share one.

    Afterwards `spots` say where the middle of each box is, `routes` which way each link goes, as
    points of cubic curves from its start to its end, `labels` where the middle of its label is,
    `borders` the corners of each frame, `size` how large all is.

    >>> found = Layered([(40, 20), (40, 20), (60, 20)], [Link(0, 2), Link(1, 2)])
    >>> [(spot.x, spot.y) for spot in found.spots]
    [(20.0, 10.0), (85.0, 10.0), (52.5, 66.0)]
    """

    def __init__(
        self,
        sizes: Sequence[Point],
        links: Sequence[Link],
        frames: Sequence[Frame] = (),
        same: Iterable[Sequence[int]] = (),
        *,
        side: float = 25.0,
        room: float = 36.0,
        beyond: Sequence[float] = (),
    ) -> None:
        self.side, self.room, self.links, self.frames = side, room, links, frames
        extra = beyond or [0.0] * len(sizes)
        self.spots = [
            Spot(w / 2, w / 2 + more, d) for (w, d), more in zip(sizes, extra, strict=True)
        ]
        self.half = [w / 2 for w, _ in sizes]
        for k, frame in enumerate(frames):
            for i in frame.members:
                self.spots[i].frame = k
        for spot, rank in zip(self.spots, ranks(len(sizes), links, same), strict=True):
            spot.rank = rank
        flat = [link for link in links if self._is_flat(link)]
        if any(any(link.label) and not self._is_flat(link) for link in links):
            self.room /= 2  # every other rank is for labels
            for spot in self.spots:
                spot.rank *= 2
        self.gap = {
            (self.spots[k.tail], self.spots[k.head]): k.label[0] for k in flat if k.tail != k.head
        }
        self._follow(flat)
        self.chains = self._chains()
        self.rows = self._rows()
        self._order()
        self._place()
        self._stack()
        self._finish()

    def _follow(self, flat: Iterable[Link]) -> None:
        """Find the boxes that stand beside others: each right of those whose arrows it gets."""
        self.follow: dict[Spot, list[Spot]] = {}
        self.leader: dict[Spot, Spot] = {}
        missing = {self.spots[link.tail]: 0 for link in flat}
        after: dict[Spot, list[Spot]] = {}
        for tail, head in self.gap:
            missing[head] = missing.get(head, 0) + 1
            after.setdefault(tail, []).append(head)
        for first in [spot for spot, count in missing.items() if not count]:
            row = [first]
            for spot in row:
                for head in after.get(spot, ()):
                    missing[head] -= 1
                    if not missing[head]:
                        row.append(head)
                        self.leader[head] = first
            self.follow[first] = row[1:]

    def _is_flat(self, link: Link) -> bool:
        return self.spots[link.tail].rank == self.spots[link.head].rank

    # -- bends
    def _chains(self) -> list[list[Spot]]:
        """The boxes and bends of each link from its start to its end; none between for few."""
        spans = [
            (first, last) if first <= last else (last, first)
            for first, last in (
                (self.spots[k.tail].rank, self.spots[k.head].rank) for k in self.links
            )
        ]
        left = MOST_BENDS
        inside = [(1 << 60, -1)] * len(self.frames)
        for spot in self.spots:
            if spot.frame >= 0:
                low, high = inside[spot.frame]
                inside[spot.frame] = min(low, spot.rank), max(high, spot.rank)
        chains: list[list[Spot]] = [[] for _ in self.links]
        for n in sorted(range(len(spans)), key=lambda n: spans[n][1] - spans[n][0]):
            link, (first, last) = self.links[n], spans[n]
            chain = [self.spots[link.tail], self.spots[link.head]]
            if chain[0].rank > chain[1].rank:
                chain.reverse()
            left -= max(last - first - 1, 0)
            if last > first and left >= 0:
                bends = []
                middle = (first + last) // 2 | 1  # a rank for labels
                for rank in range(first + 1, last):
                    wide, deep = link.label if rank == middle else (0.0, 0.0)
                    bend = Spot(_BEND, _BEND + wide, deep)
                    bend.rank = rank
                    for end, other in (chain, chain[::-1]):
                        low, high = inside[end.frame] if end.frame >= 0 else (0, -1)
                        through = low <= rank <= high and not low <= other.rank <= high
                        if bend.frame < 0 and (through or end.frame == other.frame):
                            bend.frame = end.frame  # out below, or in from above
                    bends.append(bend)
                chain[1:1] = bends
                for upper, lower in itertools.pairwise(chain):
                    straight = 8.0 if upper in bends and lower in bends else 2.0
                    weight = link.weight * (straight if bends else 1.0)
                    upper.below.append((lower, weight))
                    lower.above.append((upper, weight))
            chains[n] = chain
        return chains

    def _rows(self) -> list[list[Spot]]:
        """All by rank, in the order in which a walk up from the results meets them."""
        everything = [*self.spots]
        for chain in self.chains:
            everything += chain[1:-1]
        rows: list[list[Spot]] = [
            [] for _ in range(1 + max((s.rank for s in everything), default=0))
        ]
        seen: set[Spot] = set()
        waiting = [s for s in everything if not s.below and s not in self.leader]
        for start in itertools.chain(waiting, everything):
            stack = [start]
            while stack:
                spot = stack.pop()
                if spot not in seen:
                    seen.add(spot)
                    rows[spot.rank].append(spot)
                    stack += [other for other, _ in reversed(spot.above)]
                    stack += reversed(self.follow.get(spot, []))
        held = {(spot.frame, spot.rank) for row in rows for spot in row}
        for k in range(len(self.frames)):  # a frame has something in each rank that it spans
            filled = [rank for frame, rank in held if frame == k]
            for rank in range(min(filled, default=0), max(filled, default=-1)):
                if (k, rank) not in held:
                    spot = Spot(0.0, 0.0, 0.0, k)
                    spot.rank = rank
                    rows[rank].append(spot)
        return rows

    # -- order
    def _order(self) -> None:
        """Sort each row by where the neighbours stand, above and below in turn."""
        for row in self.rows:
            self._spread(row)
        frames = self._frame_keys()
        for row in self.rows:
            self._sort(row, {}, frames)
        best, fewest = [list(row) for row in self.rows], self._crossings()
        many = sum(map(len, self.rows)) > MANY
        for sweep in range(FEWER_SWEEPS if many else SWEEPS):
            if not fewest:
                break
            down = sweep % 2 == 0
            frames = self._frame_keys()
            for row in self.rows if down else reversed(self.rows):
                keys = {}
                for spot in row:
                    near = spot.above if down else spot.below
                    total = sum(w for _, w in near)
                    if total:
                        keys[spot] = sum(other.x * w for other, w in near) / total
                self._sort(row, keys, frames)
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [list(row) for row in self.rows], crossings
        self.rows = best
        for row in self.rows:
            self._spread(row)

    def _frame_keys(self) -> dict[int, float]:
        """One place for each frame, so that frames beside each other are so in every row."""
        found: dict[int, list[float]] = {}
        for row in self.rows:
            for spot in row:
                if spot.frame >= 0:
                    near = [o.x for o, _ in spot.above + spot.below if o.frame != spot.frame]
                    found.setdefault(spot.frame, []).extend(near or [spot.x])
        return {k: sum(xs) / len(xs) for k, xs in found.items()}

    def _sort(self, row: list[Spot], keys: dict[Spot, float], frames: dict[int, float]) -> None:
        """Sort a row by keys; frames stay together, and so do boxes with those beside them."""
        units = [spot for spot in row if spot not in self.leader]
        own = {}
        for unit in units:
            known = [keys[s] for s in (unit, *self.follow.get(unit, ())) if s in keys]
            own[unit] = sum(known) / len(known) if known else unit.x
        units.sort(key=lambda u: (frames.get(u.frame, own[u]), u.frame, own[u]))
        row[:] = [s for unit in units for s in (unit, *self.follow.get(unit, ()))]
        self._spread(row)

    def _spread(self, row: list[Spot]) -> None:
        """Put all of a row side by side, its middle at 0."""
        gaps = [self._apart(left, right) for left, right in itertools.pairwise(row)]
        for spot, x in zip(row, itertools.accumulate(gaps, initial=-sum(gaps) / 2), strict=False):
            spot.x = x

    def _crossings(self) -> int:
        total = 0
        for row in self.rows[1:]:
            places = {spot: k for k, spot in enumerate(self.rows[row[0].rank - 1])} if row else {}
            seen: list[int] = []
            for spot in row:
                ends = [places[other] for other, _ in spot.above]
                total += sum(len(seen) - bisect.bisect_right(seen, end) for end in ends)
                for end in ends:
                    bisect.insort(seen, end)
        return total

    # -- places in a row
    def _apart(self, left: Spot, right: Spot) -> float:
        """How far two neighbours of a row stand apart, at least."""
        bends = (left.depth == 0) + (right.depth == 0)
        room = self.side / (1 + bends)
        if left.frame != right.frame:
            room += _MARGIN * ((left.frame >= 0) + (right.frame >= 0))
            room += self.frames[right.frame].beside if right.frame >= 0 else 0.0
        if (left, right) in self.gap:
            room = max(room, self.gap[left, right] + 14.0)
        return left.right + room + right.left

    def _place(self) -> None:
        """Let each stand below and above its neighbours, as near as its row lets it."""
        framed = _Frames(self) if self.frames else None
        rounds = 4 if sum(map(len, self.rows)) > MANY else 8
        known = set(self.spots)
        for k in range(2 * rounds):
            for row in self.rows if k % 2 == 0 else reversed(self.rows):
                wanted, weights = [], []
                for at, spot in enumerate(row):
                    here, there = (spot.above, spot.below)[:: 1 if k % 2 == 0 else -1]
                    near = here if k < rounds and here else [(o, 1.1 * w) for o, w in here] + there
                    beside = row[at - 1] if at else row[min(at + 1, len(row) - 1)]
                    near = near or [(self.leader.get(spot, beside), 0.1)]
                    wanted.append(median((o.x, w) for o, w in near))
                    if spot.right > _BEND and spot.depth and spot not in known and k >= rounds:
                        wanted[-1] = sum(o.x for o, _ in near) / 2  # a label, midway
                    weights.append(sum(w for _, w in near) ** 3)  # what is light gives way
                gaps = [self._apart(a, b) for a, b in itertools.pairwise(row)]
                for spot, x in zip(row, nearest(wanted, weights, gaps), strict=True):
                    spot.x = x
            if framed:
                framed.settle()

    # -- ranks below each other
    def _stack(self) -> None:
        """Give each rank its height, with room for frames, for arches and for slanting arrows."""
        above = [0.0] * (len(self.rows) + 1)
        below = [0.0] * (len(self.rows) + 1)
        self.spans: list[tuple[int, int]] = [(0, -1)] * len(self.frames)
        for k, frame in enumerate(self.frames):
            held = [row[0].rank for row in self.rows if any(s.frame == k for s in row)]
            if held:
                self.spans[k] = held[0], held[-1]
                above[held[0]] = max(above[held[0]], frame.above + _MARGIN)
                below[held[-1]] = max(below[held[-1]], _MARGIN)
        self.arches: dict[int, float] = {}
        level: dict[int, float] = {}
        for n, link in enumerate(self.links):
            tail, head = self.spots[link.tail], self.spots[link.head]
            row = self.rows[tail.rank]
            if tail.rank == head.rank and abs(row.index(tail) - row.index(head)) > 1:
                level[tail.rank] = level.get(tail.rank, 0.0) + _ARCH + link.label[1]
                self.arches[n] = level[tail.rank]
        self.tops, self.bottoms = [], []
        y = 0.0
        for k, row in enumerate(self.rows):
            slant = max((abs(s.x - o.x) for s in row for o, _ in s.above), default=0.0)
            y += (self.room + min(max(0.0, slant / 8 - self.room), 40.0)) if k else 0.0
            y += above[k] + level.get(k, 0.0)
            deep = max((spot.depth for spot in row), default=0.0)
            self.tops.append(y)
            for spot in row:
                spot.y = y + deep / 2
            y += deep
            for frame, (first, last) in zip(self.frames, self.spans, strict=True):
                if last == k:
                    y = max(y, self.tops[first] + frame.depth - 2 * _MARGIN)
            self.bottoms.append(y)
            y += below[k]
        self.high = y

    # -- routes
    def _finish(self) -> None:
        ports = self._ports()
        shift = -min((s.x - s.left for row in self.rows for s in row), default=0.0)
        self.borders = []
        for k, (frame, (first, last)) in enumerate(zip(self.frames, self.spans, strict=True)):
            inside = [s for row in self.rows[first : last + 1] for s in row if s.frame == k]
            left = min((s.x - s.left for s in inside), default=0.0) - _MARGIN - frame.beside
            right = max((s.x + s.right for s in inside), default=0.0) + _MARGIN
            right = max(right, left + frame.width)
            top = self.tops[first] - _MARGIN - frame.above if inside else 0.0
            bottom = self.bottoms[last] + _MARGIN if inside else 0.0
            self.borders.append((left, top, right, bottom))
            shift = max(shift, -left)
        for row in self.rows:
            for spot in row:
                spot.x += shift
        self.borders = [(a + shift, b, c + shift, d) for a, b, c, d in self.borders]
        self._corridors()
        self.routes: list[list[Point]] = []
        self.labels: list[Point] = []
        for n, link in enumerate(self.links):
            route, label = self._route(n, link, ports)
            self.routes.append(route)
            self.labels.append(label)
        wide = [s.x + s.right for row in self.rows for s in row] + [b[2] for b in self.borders]
        self.size = max(wide, default=0.0), self.high

    def _corridors(self) -> None:
        """From where to where in its row an arrow may pass a bend: half the way to other bends."""
        self.free = {spot: (-math.inf, math.inf) for row in self.rows for spot in row}
        boxes = set(self.spots)
        for row in self.rows:
            for left, right in itertools.pairwise(row):
                start, end = left.x + left.right, right.x - right.left
                low = start + 6.0 if left in boxes else (start + end) / 2 + 1.0
                high = end - 6.0 if right in boxes else (start + end) / 2 - 1.0
                self.free[left] = self.free[left][0], max(high - left.right, left.x)
                self.free[right] = min(low + right.left, right.x), math.inf

    def _ports(self) -> dict[tuple[int, Spot], float]:
        """Where on its border a link meets a box, from the middle, so that heads do not meet."""
        meeting: dict[tuple[Spot, bool], list[tuple[float, int]]] = {}
        for n, chain in enumerate(self.chains):
            if chain[0].rank != chain[-1].rank:
                for end, near in ((chain[0], chain[1]), (chain[-1], chain[-2])):
                    meeting.setdefault((end, near.rank > end.rank), []).append((near.x, n))
        half = dict(zip(self.spots, self.half, strict=True))
        ports: dict[tuple[int, Spot], float] = {}
        for (spot, _), ends in meeting.items():
            ends.sort()
            most = max(half[spot] - 8.0, 0.0)
            gap = min(_PORT, 2 * most / len(ends))
            wanted = [min(max(0.25 * (x - spot.x), -most), most) for x, _ in ends]
            weights = [self.links[n].weight ** 4 for _, n in ends]
            for (_, n), at in zip(
                ends, nearest(wanted, weights, [gap] * (len(ends) - 1)), strict=True
            ):
                ports[n, spot] = min(max(at, -most), most)
        return ports

    def _route(
        self, n: int, link: Link, ports: dict[tuple[int, Spot], float]
    ) -> tuple[list[Point], Point]:
        chain = self.chains[n]
        tail, head = self.spots[link.tail], self.spots[link.head]
        wide, deep = link.label
        if tail is head:
            x, y, out = tail.x + self.half[link.tail], tail.y, 22.0
            dy = min(tail.depth / 4, 14.0)
            route = [(x, y - dy), (x + out, y - 2 * dy), (x + out, y + 2 * dy), (x, y + dy)]
            return route, (x + out + wide / 2, y)
        if tail.rank == head.rank:
            return self._flat(n, link, tail, head)
        last = len(chain) - 1
        stations = []
        for k, spot in enumerate(chain):
            top, bottom = self.tops[spot.rank], self.bottoms[spot.rank]
            if 0 < k < last:
                if spot.right > _BEND:
                    top = bottom = spot.y  # its label goes with the line
                stations.append(Station(spot.x, top, bottom, *self.free[spot]))
                continue
            x = spot.x + ports[n, spot]
            half = spot.left - 4.0
            top, bottom = (
                (spot.y + spot.depth / 2, bottom) if k == 0 else (top, spot.y - spot.depth / 2)
            )
            stations.append(Station(x, top, bottom, spot.x - half, spot.x + half))
        route = rounded(corners(stations))
        labelled = next((s for s in chain[1:-1] if s.right > _BEND), None)
        if labelled is None:
            (x0, y0), (x1, y1) = route[0], route[-1]
            label = ((x0 + x1 + wide) / 2, (y0 + y1) / 2)
        else:
            x = max(across(route, labelled.y + side * deep / 2) for side in (-1, 1))
            label = (min(x, self.free[labelled][1]) + _BEND + wide / 2, labelled.y)
        return (route if chain[0] is tail else route[::-1]), label

    def _flat(self, n: int, link: Link, tail: Spot, head: Spot) -> tuple[list[Point], Point]:
        """Between boxes of one rank: straight to the next, and over those between."""
        deep = link.label[1]
        way = 1.0 if head.x > tail.x else -1.0
        high = self.arches.get(n)
        if high is None:
            start = tail.x + way * self.half[link.tail]
            end = head.x - way * self.half[link.head]
            third = (end - start) / 3
            y = (tail.y + head.y) / 2
            line = [(start, y), (start + third, y), (end - third, y), (end, y)]
            return line, ((start + end) / 2, y - deep / 2 - 2.0)
        x0 = tail.x + way * max(self.half[link.tail] - 8.0 - high / 4, 0.0)
        y0, y1 = tail.y - tail.depth / 2, head.y - head.depth / 2
        apex = self.tops[tail.rank] - high + deep
        over = (y0 + (apex - y0) * 4 / 3, y1 + (apex - y1) * 4 / 3)  # its middle is at the apex
        route = [(x0, y0), (x0, over[0]), (head.x, over[1]), (head.x, y1)]
        return route, ((x0 + head.x) / 2, apex - deep / 2 - 3.0)


class _Frames:
    """Holds what is no member of a frame beside it, in every rank that the frame spans.

    Each place is at least so far to the right of others. Pushing all that are too near to the
    right keeps this, and pushing to the left does, and so does the mean of both.
    """

    def __init__(self, layout: Layered) -> None:
        self.layout = layout
        self.after: dict[object, list[tuple[object, float]]] = {
            spot: [] for row in layout.rows for spot in row
        }
        for row in layout.rows:
            for left, right in itertools.pairwise(row):
                self._keep(left, right, layout._apart(left, right))
            for k, group in itertools.groupby(row, key=lambda spot: spot.frame):
                inside = list(group)
                if k >= 0:
                    beside = layout.frames[k].beside
                    self._keep((k, 0), inside[0], inside[0].left + _MARGIN + beside)
                    self._keep(inside[-1], (k, 1), inside[-1].right + _MARGIN)
            for left, right in itertools.pairwise(row):
                if left.frame != right.frame:
                    start: object = left if left.frame < 0 else (left.frame, 1)
                    end: object = right if right.frame < 0 else (right.frame, 0)
                    room = (left.right if left.frame < 0 else 0.0) + layout.side / 2
                    self._keep(start, end, room + (right.left if right.frame < 0 else 0.0))
        for k, frame in enumerate(layout.frames):
            if (k, 0) in self.after:
                self._keep((k, 0), (k, 1), frame.width)
        self.order = list(self._ordered())
        self.before: dict[object, list[tuple[object, float]]] = {item: [] for item in self.order}
        for item, others in self.after.items():
            for other, room in others:
                self.before[other].append((item, room))

    def _keep(self, left: object, right: object, room: float) -> None:
        self.after.setdefault(left, []).append((right, room))
        self.after.setdefault(right, [])

    def _ordered(self) -> Iterator[object]:
        missing = dict.fromkeys(self.after, 0)
        for others in self.after.values():
            for other, _ in others:
                missing[other] += 1
        ready = [item for item, count in missing.items() if not count]
        while ready:
            item = ready.pop()
            yield item
            for other, _ in self.after[item]:
                missing[other] -= 1
                if not missing[other]:
                    ready.append(other)

    def settle(self) -> None:
        """Move all as little as that takes."""
        at: dict[object, float] = {}
        for row in self.layout.rows:
            for spot in row:
                at[spot] = spot.x
                if spot.frame >= 0:
                    k = spot.frame
                    start = spot.x - spot.left - _MARGIN - self.layout.frames[k].beside
                    at[k, 0] = min(at.get((k, 0), start), start)
                    end = spot.x + spot.right + _MARGIN
                    at[k, 1] = max(at.get((k, 1), end), end)
        for row in self.layout.rows:  # what is beside all frames makes room for them first
            self._aside(row, at, 1)
            self._aside(row[::-1], at, -1)
        right = _pushed(self.order, at, self.before, 1.0)
        left = _pushed(self.order[::-1], at, self.after, -1.0)
        for row in self.layout.rows:
            for spot in row:
                spot.x = (right[spot] + left[spot]) / 2

    def _aside(self, row: Sequence[Spot], at: dict[object, float], way: int) -> None:
        border = None
        for spot in row:
            near, far = (spot.left, spot.right)[::way]
            if spot.frame >= 0:
                border = at[spot.frame, (1 + way) // 2]
            elif border is not None:
                room = near + self.layout.side / 2
                at[spot] = way * max(way * at[spot], way * border + room)
                border = at[spot] + way * far


def _pushed(
    order: Sequence[object],
    at: dict[object, float],
    by: dict[object, list[tuple[object, float]]],
    way: float,
) -> dict[object, float]:
    found: dict[object, float] = {}
    for item in order:
        places = [way * found[other] + room for other, room in by[item]]
        found[item] = way * max([way * at[item], *places])
    return found
