"""What a failed check says: the place, both numbers with their error bars, the likely slip.

This file knows how a gradient is usually got wrong. It must not know how one is checked.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_mini.testing.numeric import Estimate

WIDE = 1e-4
"""Error bars wider than this, relative to the derivative, tell nothing about it."""


def disagreement(ours: Any, found: Estimate) -> tuple[int, ...] | None:
    """Where `ours` is farthest outside the error bars of what was `found`; None if nowhere."""
    wrong = outside(ours, found)
    if not wrong.any():
        return None
    with np.errstate(all="ignore"):
        off = np.abs(ours - found.value)
    worst = np.argmax(np.where(wrong, np.where(np.isfinite(off), off, np.inf), -1.0))
    return tuple(int(i) for i in np.unravel_index(worst, np.shape(ours)))


def outside(ours: Any, found: Estimate) -> NDArray[np.bool_]:
    """Which elements of `ours` are outside the error bars of what was `found`.

    `WIDE` bars tell nothing: the function jumps, or has a kink, within the steps.
    """
    slack = found.bar + 1e-10 * np.abs(found.value) + rounding(found)
    with np.errstate(all="ignore"):
        beyond = ~(np.abs(ours - found.value) <= slack)
    return np.asarray(beyond & (found.bar <= WIDE * np.maximum(np.abs(found.value), 1.0)))


def is_sharp(found: Estimate) -> bool:
    """Whether some bar is so small that an error of one in a million would lie outside it."""
    size = np.abs(found.value)
    if not np.size(size):
        return False  # no elements are no comparison
    flat = bool(np.all(size <= found.bar)) and bool(np.all(found.bar <= 1e-9))
    return flat or bool(np.any(found.bar <= 2e-7 * size))


def is_sharp_everywhere(found: Estimate) -> bool:
    """Whether all bars are that small, but those of derivatives near 0."""
    return bool(np.all(found.bar <= 2e-7 * np.maximum(np.abs(found.value), 1e-2)))


def rounding(found: Estimate) -> float:
    """What sums and differences of numbers of this size may lose."""
    return 1e-13 * float(np.max(np.abs(found.value), initial=0.0))


def comparison(what: str, ours: Any, found: Estimate, place: tuple[int, ...]) -> str:
    """Both numbers at `place`, with their error bars."""
    at = f" at element {place[0] if len(place) == 1 else place}" if place else ""
    bar = rounding(found) + 4e-16 * abs(float(ours[place]))
    return (
        f"{what} is wrong{at}\n"
        f"  as computed         {float(ours[place]):.15g} ± {bar:.1g}\n"
        f"  finite differences  {float(found.value[place]):.15g} ± {float(found.bar[place]):.1g}"
    )


def is_between(ours: float, sides: Sequence[Estimate]) -> bool:
    """Whether a directional derivative lies between others, such as those on its two sides."""
    room = 1e-9 * (1 + abs(ours))
    low = min(side.value - side.bar for side in sides)
    high = max(side.value + side.bar for side in sides)
    return bool(low - room <= ours <= high + room)


def not_between(ours: float, sides: tuple[Estimate, Estimate]) -> str:
    """What `is_between` found missing, with the error bars."""
    left, right = (f"{side.value:.15g} ± {side.bar:.1g}" for side in sides)
    return (
        f"a directional derivative is not between its one-sided ones\n"
        f"  as computed         {ours:.15g}\n  on the left         {left}\n"
        f"  on the right        {right}"
    )


def likely_slip(ours: Any, right: Any, candidates: Iterable[tuple[str, Any]]) -> str:
    """The first of `candidates`, slips with the gradients that they give, that gives `ours`.

    If none does: a constant factor, or one wrong element, if that is all; else "".
    """
    if not np.isfinite(ours).all():
        return "a nan or infinity where the derivative is finite"
    for slip, wrong in candidates:
        scale = np.max(np.abs(wrong), initial=0.0)
        if np.shape(wrong) == np.shape(right) and np.allclose(wrong, right, 1e-6, 1e-6 * scale):
            continue  # that is hardly another gradient, and anything near would be like it
        if np.shape(wrong) == np.shape(ours) and np.allclose(ours, wrong, 1e-7, 1e-7 * scale):
            return slip
    large = np.abs(right) > 1e-6 * np.max(np.abs(right), initial=0.0)
    ratios = ours[large] / right[large]
    if ratios.size and np.allclose(ratios, ratios[0], 1e-8, 0):
        return f"a constant factor of {ratios[0]:.10g}"
    if ours.size > 1 and np.sum(~np.isclose(ours, right, 1e-7, 1e-12)) == 1:
        return "one element alone is wrong"
    return ""


def slips(right: Any, counts: dict[str, int]) -> Iterator[tuple[str, Any]]:
    """Slips that turn the `right` gradient into another.

    `counts` are numbers of elements that a rule may divide by, each with its name.
    """
    yield "the sign", -right
    yield "nothing reaches this argument", 0 * right
    yield "a factor 2 too many", 2 * right
    yield "a factor 2 missing", right / 2
    for name, n in counts.items():
        if n > 1:
            yield f"1/{n} missing: a sum in place of a mean over {name}", right * n
            yield f"1/{n} too many: a mean in place of a sum over {name}", right / n
    if np.ndim(right) >= 2:
        yield "a transpose", np.swapaxes(right, -1, -2)
    if np.size(right) > 1:
        yield "the order of elements reversed", np.flip(right)
        columns = np.reshape(np.ravel(right, order="F"), np.shape(right))
        yield "memory order taken for element order", columns
