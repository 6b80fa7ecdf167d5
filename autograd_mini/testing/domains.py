"""The numbers of a `Domain`, and the ways in which an array may lie in memory.

This file knows where an argument may be drawn. It must not know how one draws.
"""

import functools
import math
from typing import Any

import numpy as np

from autograd_mini.engine.declaration import REAL, Domain
from autograd_mini.engine.op import Op

LAYOUTS = ("C", "Fortran", "negative", "zero")
"""Row by row; column by column; every axis backwards; one number behind a whole axis."""


@functools.lru_cache(maxsize=1024)
def grid(domain: Domain, at_least: int = 0) -> tuple[float, ...]:
    """Numbers of `domain`, the simplest first: few binary digits, so that steps are exact.

    A domain with a spacing is carried on beyond its ends where it has fewer than `at_least`.
    Raises ValueError for a domain without numbers.
    """
    if not domain.low < domain.high:
        raise ValueError(f"{domain} is empty: low must be less than high")
    if domain.spacing:
        first = math.ceil((domain.low - domain.offset) / domain.spacing - 1e-9)
        last = math.floor((domain.high - domain.offset) / domain.spacing + 1e-9)
        last = max(last, first + at_least - 1)
        numbers = [domain.offset + domain.spacing * k for k in range(first, last + 1)]
    else:
        unit = 2.0 ** math.floor(math.log2((domain.high - domain.low) / 64))
        numbers = [
            k * unit
            for k in range(math.ceil(domain.low / unit), math.floor(domain.high / unit) + 1)
        ]
    inside = [x for x in numbers if _is_away(domain, x)]
    if not inside:
        raise ValueError(f"{domain} is empty: nothing is {domain.margin} away from these points")
    return tuple(sorted(inside, key=_complexity))


def extremes(domain: Domain, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """Two arrays of `domain` that have few numbers in common: its lowest, and its highest.

    >>> extremes(Domain(0, 4, spacing=1), (2,))
    (array([0., 1.]), array([4., 3.]))
    """
    n = math.prod(shape)
    numbers = sorted(grid(domain, at_least=n))
    ends = [np.resize(order, shape) for order in (numbers, numbers[::-1])]
    if domain.diagonal and len(shape) > 1:
        for x in ends:
            add_diagonal(domain, x)
    return ends[0], ends[1]


def add_diagonal(domain: Domain, x: Any) -> None:
    """Add to the diagonal of each matrix what `domain` asks for."""
    k = min(x.shape[-2:])
    x[..., range(k), range(k)] += domain.diagonal * np.arange(1, k + 1)


def _is_away(domain: Domain, x: float) -> bool:
    return all(abs(x - point) >= domain.margin for point in domain.away_from)


def _complexity(x: float) -> tuple[Any, ...]:
    return (x.as_integer_ratio()[1], abs(x - 1), x < 0)


NEAR, FAR = 0, 200
"""Bounds of what `distant` gives: where series take over; up to where float32 ends squares."""


@functools.lru_cache(maxsize=1024)
def distant(domain: Domain, bound: int) -> tuple[float, ...]:
    """Numbers of a size over `bound`, 3, 50 or FAR, where the domain is open: ±3 is no end.

    Each is a number of the domain moved by a whole number (or by many spacings), so that it keeps
    its distance from kinks that repeat. FAR has powers of 2, and NEAR numbers between 0 and 1/16,
    both only where there are no kinks, and
    FAR where no end is declared.
    """
    signs = [1.0] * (domain.high == REAL.high) + [-1.0] * (domain.low == REAL.low)
    if bound in (NEAR, FAR):
        if domain.spacing or domain.away_from or domain.distinct or domain.diagonal:
            return ()
        if bound == FAR:
            powers = (8, 10, 14, 20, 40, 62) if len(signs) == 2 else ()
            return tuple(sign * 1.25 * 2.0**k for k in powers for sign in signs)
        small = [sign * 2.0**-k for k in (5, 8, 12, 17, 26) for sign in (1, -1)]
        return tuple(x for x in small if domain.low <= x <= domain.high)
    unit = 40 * domain.spacing or 8.0
    moves = [unit * k for k in ((1, 2, 3) if bound < 50 else (8, 16))]
    near = grid(domain)[:: max(1, len(grid(domain)) // 12)]
    found = [x + sign * move for move in moves for x in near for sign in signs]
    return tuple(x for x in found if abs(x) > bound and _is_away(domain, x))


def domains_of(op: Op, n: int) -> list[Domain]:
    """The domain of each of `n` arguments."""
    domains = op.domain or (REAL,)
    return [domains[i % len(domains)] for i in range(n)]


def common(domains: list[Domain]) -> Domain | None:
    """Where all of `domains` agree, for one node as several arguments; None where nowhere."""
    low, high = max(d.low for d in domains), min(d.high for d in domains)
    if low >= high:
        return None
    away = tuple(dict.fromkeys(p for d in domains for p in d.away_from))
    return domains[0]._replace(
        low=low, high=high, away_from=away, margin=max(d.margin for d in domains)
    )


def step_within(domain: Domain) -> float:
    """The largest step of a finite difference that stays clear of the kinks of `domain`.

    In a narrow domain, steps are a part of its width.
    """
    apart = domain.spacing or domain.away_from or domain.distinct or domain.diagonal
    if not apart and (domain.low, domain.high) == (REAL.low, REAL.high):
        return np.inf
    room = min(domain.margin or 1.0, domain.spacing / 2.5 or 1.0, 0.07)
    room = min(room, (domain.high - domain.low) / 16)
    return float(2.0 ** math.floor(math.log2(room)))


def laid_out(x: Any, layout: str) -> Any:
    """`x` with the same numbers in another layout; "zero" repeats the first of the last axis."""
    if layout == "Fortran":
        return np.array(x, order="F")
    backwards = (slice(None, None, -1),) * x.ndim
    if layout == "negative":
        return np.array(x[backwards], order="C")[backwards]
    if layout == "zero" and x.ndim:
        return np.broadcast_to(np.array(x[..., :1]), x.shape)
    return np.array(x, order="C")
