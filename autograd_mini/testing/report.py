"""When two numbers agree, and what a failed check says: the place, both, and their error bars.

This file knows estimates and texts. It must not know how a gradient is checked.
"""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_mini.testing.numeric import Estimate

WIDE = 1e-4
"""Error bars wider than this, relative to the derivative, tell nothing about it."""


def is_wide(found: Estimate, least: Any = 0.0, wide: float = WIDE) -> NDArray[np.bool_]:
    """Which bars tell nothing of a derivative: `least` is what is small beside any."""
    return np.asarray(~(found.bar <= wide * np.maximum(np.abs(found.value), least)))


def outside(ours: Any, found: Estimate, slack: Any = 0.0) -> NDArray[np.bool_]:
    """Which elements of `ours` are outside the error bars, and what they may have lost."""
    room = found.bar + 1e-10 * np.abs(found.value) + slack
    with np.errstate(all="ignore"):
        return np.asarray(~(np.abs(ours - found.value) <= room))


def farthest(ours: Any, found: Estimate, wrong: Any) -> tuple[int, ...] | None:
    """The place among the `wrong` ones where the two differ most; None if there is none."""
    if not np.any(wrong):
        return None
    with np.errstate(all="ignore"):
        off = np.abs(ours - found.value)
    worst = np.argmax(np.where(wrong, np.where(np.isfinite(off), off, np.inf), -1.0))
    return tuple(int(i) for i in np.unravel_index(worst, np.shape(ours)))


def is_sharp(found: Estimate, scale: float) -> bool:
    """Whether some bar is so small that an error of one in a million would lie outside it.

    Where all derivatives are 0, the bars are to be small beside `scale`, the size of the function.
    """
    size = np.abs(found.value)
    if not np.size(size):
        return False  # no elements are no comparison
    flat = bool(np.all(size <= found.bar)) and bool(np.all(found.bar <= 1e-9 * scale))
    return flat or bool(np.any((found.bar <= 2e-7 * size) & (size > 0)))


def element(place: tuple[int, ...]) -> str:
    """How the element at `place` is called; "" for a number."""
    return f" at element {place[0] if len(place) == 1 else place}" if place else ""


def comparison(ours: Any, lost: Any, value: Any, bar: Any) -> str:
    """Both numbers, with their error bars."""
    own = float(lost) + 4e-16 * abs(float(ours))
    return (
        f"  as computed         {float(ours):.15g} ± {own:.1g}\n"
        f"  finite differences  {float(value):.15g} ± {float(bar):.1g}"
    )


def is_between(ours: Any, sides: Sequence[Estimate], slack: float = 0.0) -> Any:
    """Whether directional derivatives lie between others, such as those on their two sides."""
    low = np.min([side.value - side.bar for side in sides], axis=0)
    high = np.max([side.value + side.bar for side in sides], axis=0)
    room = slack + 1e-9 * np.maximum(np.abs(ours), np.maximum(np.abs(low), np.abs(high)))
    return (low - room <= ours) & (ours <= high + room)


def not_between(ours: float, sides: Sequence[Estimate]) -> str:
    """What `is_between` found missing, with the error bars."""
    left, right = (f"{side.value:.15g} ± {side.bar:.1g}" for side in sides)
    return (
        f"a directional derivative is not between its one-sided ones\n"
        f"  as computed         {ours:.15g}\n  on the left         {left}\n"
        f"  on the right        {right}"
    )


def listed(x: Any) -> str:
    """Numbers as one would type them, all of them."""
    return f"array({np.array2string(np.asarray(x), separator=', ', threshold=sys.maxsize)})"
