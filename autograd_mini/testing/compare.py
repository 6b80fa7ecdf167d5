"""Whether a gradient is the derivative of a function at a point: right, wrong, or not to be told.

This file knows functions of plain arrays, and the way back through them. It must not know Value
or Op, nor Hypothesis.
"""

import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import numpy as np

from autograd_mini.testing import report
from autograd_mini.testing.numeric import (
    EPS,
    STEP,
    Estimate,
    Function,
    along,
    estimate,
    ladder,
    measured_noise,
    reach,
    rungs,
    steepness,
    total,
)

F = TypeVar("F", bound=Callable[..., Any])
_NEAR = 1 / 1024
MANY = 300
"""Numbers; more are checked along directions."""
_ORDERS = ("gradient", "second derivative", "third derivative")


class GradientCheckError(AssertionError):
    """What a check of gradients raises: `draw(error.result, check=error)` shows where it fails.

    `result` is a scalar Value, the result of the function or a weighted sum of its elements, and
    `arguments` says for each argument what was found; both are empty where no Values were checked.
    Where arguments were given as Values, the error can be painted on any graph that has them. A
    pickle has the message alone.
    """

    def __init__(self, message: str, result: Any = None, arguments: Any = ()) -> None:
        super().__init__(message)
        self.result = result
        self.arguments: list[Any] = list(arguments)

    def __reduce__(self) -> Any:
        return type(self), self.args


def hidden(check: F) -> F:
    """The check, without its own lines in a traceback, which pytest would print above the text."""

    @functools.wraps(check)
    def run(*args: Any, **keywords: Any) -> Any:
        __tracebackhide__ = True
        try:
            return check(*args, **keywords)
        except AssertionError as error:
            raise error.with_traceback(None) from error.__cause__

    return run  # type: ignore[return-value]


class InconclusiveCheckError(AssertionError):
    """What a check of gradients raises where it cannot tell; the message says where, and why."""


@dataclass
class Subject:
    """A function at a point, and its gradient.

    `f` gives all elements of the result as one flat array; `pull`, at a point and with as many
    weights, the gradient of their sum for each of the `leaves`, of which `names` and `shown` tell.
    `element` names an element of the result, and `painted` makes the picture of a failure.
    """

    f: Function
    pull: Callable[[list[Any], Any], list[Any]]
    leaves: list[Any]
    names: Sequence[str]
    shown: str
    g: Any
    element: Callable[[int], str] = str
    painted: Callable[[list[Any], Any, list[Any], list[Any]], tuple[Any, Any]] | None = None
    slip: Callable[[int, Any, Any], str] | None = None
    limit: float = np.inf
    rough: Any = None
    rounding: float = 0.0
    wide: float = report.WIDE
    kinks: Sequence[Any] = ()  # by leaf, which elements are at one
    order: int = 1
    strict: bool = False

    def weighted(self, at: list[Any]) -> Any:
        """The result times the weights; the sum of it is what is differentiated."""
        return self.g * self.f(at)

    def noise(self) -> Any:
        """How rough each element of `weighted` is, measured when it is first asked for."""
        if self.rough is None:
            self.rough = measured_noise(self.weighted, self.leaves) + 8 * self.rounding
        return self.rough

    def floor(self, near: Estimate) -> float:
        """What is small beside the largest derivative by the elements of a leaf."""
        part = 1e-5 if self.wide == report.WIDE else 0.1
        return part * float(np.max(np.abs(near.value), initial=0.0))

    def fail(
        self, text: str, found: list[Any], wrong: Sequence[Any], differences: Sequence[Any]
    ) -> NoReturn:
        """Raise GradientCheckError, with the arguments in its text."""
        painted = self.painted and self.painted(found, self.g, list(wrong), list(differences))
        raise GradientCheckError(f"{text}\n{self.shown}", *(painted or ()))

    def unclear(self, why: str) -> NoReturn:
        """Raise InconclusiveCheckError, with the arguments in its text."""
        raise InconclusiveCheckError(f"{why}\n{self.shown}")


# ------------------------------------------------------------------------------- first order
def check_first(s: Subject, directions: int | None) -> None:
    """Check the gradient of the weighted result, element by element or along directions."""
    found = s.pull(s.leaves, s.g)
    _check_memory(s, found)
    _check_repeats(s)
    if directions:
        _check_directions(s, found, directions)
    else:
        check_elements(s, found)
    _check_proportion(s, found)


def _check_repeats(s: Subject) -> None:
    """Two calls must give the same, and what is finite."""
    one, other = (s.f(s.leaves) for _ in range(2))
    if not np.array_equal(one, other, equal_nan=True):
        s.unclear(
            "two calls of the function at the same numbers differ, so differences tell nothing: a"
            " dropout without a seed? Draw what is random once, outside of it"
        )
    if not np.all(np.isfinite(one)):
        k = int(np.argmin(np.isfinite(one)))
        s.unclear(f"the result is {one[k]} at {s.element(k)}, so differences tell nothing")


def _check_proportion(s: Subject, found: list[Any]) -> None:
    """Twice the weights must give twice the gradient."""
    twice = s.pull(s.leaves, 2.0 * s.g)
    wrong = [
        np.asarray(~_close(x, 2.0 * y) & ~(np.abs(x - 2.0 * y) <= 8e5 * EPS * least(s, i)))
        for i, (x, y) in enumerate(zip(twice, found, strict=True))
    ]
    i = next((i for i, x in enumerate(wrong) if np.any(x)), None)
    if i is not None:
        text = (
            f"the gradient of {s.names[i]} is wrong: for twice g, that of the result, it is not"
            " twice as much\n  likely slip         g is left out, or clipped"
        )
        s.fail(text, found, wrong, [None] * len(found))


def _check_memory(s: Subject, found: list[Any]) -> None:
    """Pull again, after the function has seen other numbers: no gradient may be another then."""
    for other in ([-x for x in s.leaves], [x + 1 for x in s.leaves]):
        with suppress(Exception):
            s.f(other)
        later = s.pull(s.leaves, s.g)
        wrong = [np.asarray(~_close(x, y)) for x, y in zip(later, found, strict=True)]
        i = next((i for i, x in enumerate(wrong) if np.any(x)), None)
        if i is not None:
            text = (
                f"the gradient of {s.names[i]} is another once the function has seen other"
                " numbers: the forward of an op keeps state for its rule; let the rule compute all"
                " it needs from its arguments and `out`"
            )
            s.fail(text, later, wrong, [np.asarray(x) for x in found])


def _close(x: Any, y: Any) -> Any:
    rel = 1e-4 if np.asarray(y).dtype.itemsize < 8 else 1e-11
    with np.errstate(all="ignore"):
        return np.isclose(x, y, rel, rel * np.max(np.abs(y), initial=0.0), equal_nan=True)


def lost(s: Subject, found: list[Any], i: int) -> Any:
    """What rounding may have cost each element of gradient `i`: how it changes close by.

    A float32 has lost what it has no digits for.
    """
    rng = np.random.default_rng(0)
    most = np.zeros(np.shape(found[i]))
    for _ in range(3):
        at = [x * (1 + 4 * EPS * rng.choice([-1.0, 1.0], np.shape(x))) for x in s.leaves]
        with suppress(Exception), np.errstate(all="ignore"):
            off = np.abs(np.asarray(s.pull(at, s.g)[i], float) - found[i])
            most = np.maximum(most, np.where(np.isfinite(off), off, 0.0))
    way = [rng.choice([-1.0, 1.0], np.shape(x)) * np.abs(x) for x in s.leaves]
    with suppress(Exception), np.errstate(all="ignore"):
        rough = measured_noise(lambda at: np.ravel(s.pull(at, s.g)[i]), s.leaves, way, 2.0**-24)
        most = np.maximum(most, rough.reshape(most.shape))
    narrow = np.finfo(found[i].dtype).eps if found[i].dtype.itemsize < 8 else 0.0
    return 8 * most + 64 * narrow * np.max(np.abs(found[i]), initial=0.0)


def judged(s: Subject, found: list[Any], i: int, where: Any = True) -> tuple[Estimate, Any, Any]:
    """An estimate of gradient `i`, which elements are outside of it, and what they may have lost.

    Where some are outside, the noise of the function, and of the gradient, is measured.
    """
    rough = s.noise() if s.wide > report.WIDE else 0.0
    near = estimate(s.weighted, s.leaves, i, rough, s.limit, where)
    slack = 8e5 * EPS * least(s, i) + 64 * s.rounding
    wrong = np.array(report.outside(found[i], near, slack) & where)
    if not wrong.any():
        return near, wrong, 0.0
    off = np.abs(found[i] - near.value)
    gross = off > 100 * (near.bar + 64 / STEP * np.sum(s.noise() + 0 * s.g))
    redo = wrong & ~(gross & (near.bar <= 2e-7 * np.abs(near.value)))
    again = estimate(s.weighted, s.leaves, i, s.noise(), s.limit, redo)
    doubtful = again.bar > 2e-7 * np.abs(again.value)  # their bars are guesses, not bounds
    again = again._replace(bar=np.where(doubtful, 8 * again.bar, again.bar))
    near = Estimate(*(np.where(redo, new, old) for new, old in zip(again, near, strict=True)))
    slack = np.maximum(lost(s, found, i), slack)
    wrong &= report.outside(found[i], near, slack)
    return near, wrong, slack


def _fits_elsewhere(
    s: Subject, ours: Any, i: int, place: tuple[int, ...], near: Estimate, slack: Any
) -> bool:
    """Whether steps of another size give what was computed, sharply: the first were too large."""
    where = np.zeros(np.shape(ours), bool)
    where[place] = True
    same = 0
    for new in rungs(s.weighted, s.leaves, i, s.noise(), s.limit, where):
        other = np.abs(new.value - near.value) > new.bar + near.bar
        fits = ~report.outside(ours, new, slack) & ~report.is_wide(new, least(s, i), s.wide)
        if (other & fits)[place]:
            near.value[place], near.bar[place] = new.value[place], new.bar[place]
            return True
        same += bool((~other & ~report.is_wide(new, least(s, i), s.wide))[place])
        if same == 2:
            break
    return False


def least(s: Subject, i: int) -> Any:
    """What is small beside any derivative by leaf `i`, of numbers and results of these sizes."""
    size = np.max(np.abs(s.weighted(s.leaves)), initial=0.0)
    return (1e-5 if s.order == 1 else 1e-3) * size / np.maximum(np.abs(s.leaves[i]), 1.0)


def check_elements(
    s: Subject, found: list[Any], where: Sequence[Any] | None = None
) -> list[Estimate]:
    """Compare every element, or those `where`; give the estimates."""
    asked = where or [True] * len(found)
    known = [judged(s, found, i, asked[i]) for i in range(len(found))]
    kinks: list[tuple[int, tuple[int, ...], list[Estimate]]] = []
    unclear = ""
    for i, (near, wrong, slack) in enumerate(known):
        narrow = near.bar <= s.wide * least(s, i) + 1e-300  # beside the result over the argument
        zero = np.abs(found[i]) <= np.minimum(near.bar, 16e5 * EPS * least(s, i))
        rough = report.is_wide(near, 0.0, 1e-2)
        wide = report.is_wide(near, s.floor(near), s.wide) & asked[i]
        wide &= ~(narrow & (zero | wrong | ~rough))
        wrong = np.array(wrong & ~wide)
        first = report.farthest(found[i], near, wrong)
        asked_of = wrong if s.strict else wrong | wide
        places = [tuple(map(int, at)) for at in np.argwhere(asked_of)]
        for place in [*([first] if first in places else []), *places]:
            if wrong[place] and _fits_elsewhere(s, found[i], i, place, near, slack):
                wrong[place] = False
                continue
            kind, sides = _kind(s, i, place, s.floor(near)) if not s.strict else ("smooth", [])
            if kind == "kink" and wrong[place] and not _is_midway(near, place, sides):
                kind = "smooth"  # smaller steps see one slope
            elif kind == "unclear" and wrong[place] and _tell_the_same(near, place, sides):
                kind = "smooth" if not report.is_between(found[i][place], sides) else kind
            elif sides and kind == "smooth" and (wide[place] or _contradict(near, place, sides)):
                wrong[place] = not report.is_between(found[i][place], sides)
                near.value[place], near.bar[place] = sides[0]
            if kind == "smooth" and wrong[place] and _is_staircase(s, found[i], i, place, near):
                kind, near.bar[place] = "unclear", np.inf
            if kind == "smooth" and wrong[place]:
                masks = [wrong if k == i else x[1] for k, x in enumerate(known)]
                _fail_at(s, found, i, place, near, slack, masks, [x[0].value for x in known])
            if kind == "kink":
                kinks.append((i, place, sides))
            if kind == "unclear" and (wide | wrong)[place] and not unclear:
                loss = np.broadcast_to(slack, near.value.shape)[place]
                both = report.comparison(found[i][place], loss, near.value[place], near.bar[place])
                unclear = (
                    f"it cannot be told whether the {_ORDERS[min(s.order, 3) - 1]} of"
                    f" {s.names[i]} is right{report.element(place)}: {_why(s, i, place)}\n{both}\n"
                    f"  noise of the function {np.max(s.noise(), initial=0.0):.1g}"
                )
    if kinks:
        s.kinks = [np.zeros(np.shape(x), bool) for x in s.leaves]
        for i, place, _ in kinks:
            s.kinks[i][place] = True
        on_kinks = [(_unit(s, i, place), sides) for i, place, sides in kinks]
        spread = [(d, None) for d in (next(axes(s.leaves)), *_random(s.leaves, 8))]
        check_between(s, found, [*on_kinks, *spread], "at a kink")
    if unclear:
        s.unclear(unclear)
    return [x[0] for x in known]


def _is_staircase(s: Subject, ours: Any, i: int, place: tuple[int, ...], near: Estimate) -> bool:
    """Whether the function has so few digits at the size of the steps that `ours` may be right.

    Equal steps of one last digit look like a slope that is known exactly, and so does what is
    left on one of these steps.
    """
    direction, mine = _unit(s, i, place), float(ours[place])
    summed: Function = lambda at: np.sum(s.weighted(at), keepdims=True)
    size = abs(float(summed(s.leaves)[0]))
    known: list[tuple[float, float]] = []  # difference quotients, and their steps
    for step in map(float, ladder(np.asarray(np.abs(s.leaves[i]))[place], s.limit)):
        up, down = (
            float(summed([x + h * d for x, d in zip(s.leaves, direction, strict=True)])[0])
            for h in (step, -step)
        )
        known.append(((up - down) / (2 * step), step))
    least_step = min(known, key=lambda x: abs(x[0] - near.value[place]))[1]  # told what was found
    for slope, step in known:
        rough = max(
            float(measured_noise(summed, s.leaves, direction, step / part)[0]) for part in (16, 23)
        )
        fits = step >= least_step and abs(mine - slope) <= rough / step
        if fits and 0 < rough < 32 * 0.05 * size:  # more of it would be a fast wave
            return True
    return False


def _why(s: Subject, i: int, place: tuple[int, ...]) -> str:
    """Why differences tell nothing there."""
    for side, name in ((-1, "left"), (1, "right")):
        h = side * 2.0**-24 * (abs(float(s.leaves[i][place] if place else s.leaves[i])) or 1.0)
        pairs = zip(s.leaves, _unit(s, i, place), strict=True)
        if not np.all(np.isfinite(s.f([x + h * d for x, d in pairs]))):
            return f"the function has no value to the {name}; is it the end of its domain?"
    return "the differences do not settle at any step"


def _is_midway(near: Estimate, place: tuple[int, ...], sides: list[Estimate]) -> bool:
    """Whether central differences are the mean of the slopes on both sides, as at a kink."""
    middle, room = (sum(x[k] for x in sides) / 2 for k in (0, 1))
    off = abs(near.value[place] - middle)
    return bool(off <= room + near.bar[place] + 1e-6 * abs(middle))


def _tell_the_same(near: Estimate, place: tuple[int, ...], sides: list[Estimate]) -> bool:
    """Whether the slopes on both sides, whose bars are wide, are what both together gave."""
    value, bar = near.value[place], near.bar[place]
    return all(abs(x.value - value) <= x.bar + bar for x in sides)


def _contradict(near: Estimate, place: tuple[int, ...], sides: list[Estimate]) -> bool:
    """Whether the slopes from both sides, at smaller steps, are not what both together gave."""
    return not report.is_between(
        near.value[place], [*sides, Estimate(sides[0].value, near.bar[place])]
    )


def _fail_at(
    s: Subject,
    found: list[Any],
    i: int,
    place: tuple[int, ...],
    near: Estimate,
    slack: Any,
    wrong: list[Any],
    differences: list[Any],
) -> NoReturn:
    """Tell of an element of gradient `i`, for one element of the result if that shows it."""
    ours, value, bar = found[i][place], near.value[place], near.bar[place]
    loss = np.broadcast_to(slack, np.shape(found[i]))[place]
    single = _of_one_result(s, i, place, near) if np.any(s.g != 1) else None
    of = f"\n  g = {report.listed(s.g)}" * bool(np.any(s.g != 1))
    if single is not None:
        k, ours, value, bar = single
        of = f"\n  of the result       {s.element(k)}" * (s.g.size > 1)
    text = f"the {_ORDERS[min(s.order, 3) - 1]} of {s.names[i]} is wrong{report.element(place)}\n"
    text += report.comparison(ours, loss, value, bar) + of
    slip = s.slip(i, found[i], near.value) if s.slip else ""
    if s.strict and s.order == 1 and _kind(s, i, place, s.floor(near))[0] == "kink":
        slip = "a kink is there: keep the domain away, Domain(away_from=(point,), margin=0.3)"
    text += f"\n  likely slip         {slip}" * bool(slip)
    s.fail(text, found, wrong, differences)


def _unit(s: Subject, i: int, place: tuple[int, ...]) -> list[Any]:
    direction = [np.zeros(np.shape(x)) for x in s.leaves]
    direction[i][place] = 1.0
    return direction


def _of_one_result(
    s: Subject, i: int, place: tuple[int, ...], total_near: Estimate
) -> tuple[int, float, float, float] | None:
    """An element of the result with a wrong derivative there: both numbers, and the bar."""
    (near,) = steepness(s.f, s.leaves, _unit(s, i, place), (0,), 0.0, s.limit)
    whole = float(np.sum(s.g * near.value))
    if not abs(whole - total_near.value[place]) <= 1e-6 * abs(whole) + total_near.bar[place]:
        return None  # it has another slope at smaller steps

    def pulled(ks: Any) -> float:
        weights = np.zeros(s.g.shape)
        weights[ks] = s.g[ks]
        return float(s.pull(s.leaves, weights)[i][place])

    ks = np.arange(s.g.size)
    while ks.size > 1:
        half = ks[: ks.size // 2]
        off = abs(pulled(half) - np.sum(s.g[half] * near.value[half]))
        room = np.sum(np.abs(s.g[half]) * (near.bar[half] + 1e-10 * np.abs(near.value[half])))
        ks = half if off > 2 * room else ks[ks.size // 2 :]
    k = int(ks[0])
    ours, value, bar = pulled(ks) / float(s.g[k]), float(near.value[k]), float(near.bar[k])
    return (k, ours, value, bar) if abs(ours - value) > bar + 1e-10 * abs(value) else None


# ------------------------------------------------------------------------------------- kinks
def _kind(s: Subject, i: int, place: tuple[int, ...], floor: float) -> tuple[str, list[Estimate]]:
    """What the function is there along one element, and its slopes on both sides.

    It is "smooth", a "kink", where both slopes settle and differ, "endless", where one has no
    limit but grows as the step falls, or "unclear".
    """
    return _kind_along(s, _unit(s, i, place), floor)


def _kind_along(s: Subject, direction: list[Any], floor: float) -> tuple[str, list[Estimate]]:
    each = steepness(s.weighted, s.leaves, direction, (-1, 1), s.noise(), s.limit)
    left, right = sides = [total(x) for x in each]
    most = max(abs(left.value), abs(right.value), floor)
    if max(left.bar, right.bar) <= s.wide * most:
        apart = abs(left.value - right.value) > left.bar + right.bar
        return ("kink" if apart else "smooth"), sides
    return ("endless" if _endless(s, direction) else "unclear"), sides


def _endless(s: Subject, direction: list[Any]) -> bool:
    """Whether difference quotients of a side grow without end: at a jump, or a root at 0.

    Of a gradient they do so close to a kink too, and nothing is asked of its change there.
    """
    here, size = float(np.sum(s.weighted(s.leaves))), reach(s.leaves, direction) or 1.0
    noise = float(np.sum(s.noise()))
    fine, coarse = [size * 2.0**-k for k in range(24, 45, 4)], [2.0**-k for k in range(8, 29, 4)]
    narrow = [size * 2.0**-k for k in range(4, 21, 4)]
    ladders = [fine, coarse] if s.order > 1 else [fine] if s.wide == report.WIDE else [narrow]
    for side, steps in itertools.product((-1, 1), ladders):
        gaps = []
        for h in steps:
            moved = [x + side * h * d for x, d in zip(s.leaves, direction, strict=True)]
            gaps.append(abs(float(np.sum(s.weighted(moved))) - here))
        if all(16 * b >= 1.5 * a for a, b in itertools.pairwise(gaps)) and gaps[-1] > noise:
            return True
    return False


def check_between(
    s: Subject,
    found: list[Any],
    directions: Sequence[tuple[list[Any], list[Estimate] | None]],
    where: str,
) -> None:
    """Along each direction, be between the slopes on the two sides, or those of points around."""
    unclear = ""
    for direction, known in directions:
        ours = _product(found, direction)
        if s.order > 1 and np.isnan(ours):
            continue  # where the first derivative is a convention, there is no second
        kind, sides = ("kink", known) if known else _kind_along(s, direction, 0.0)
        if kind in ("endless", "unclear") and not s.strict:
            continue
        verdict = _place_of(s, direction, ours, sides)
        text = f"{where}, {report.not_between(ours, sides)}"
        text += f"\n  along {', '.join(map(report.listed, direction))}"
        if verdict == "outside":
            s.fail(text, found, [d != 0 for d in direction], [None] * len(found))
        if verdict == "many kinks":
            unclear = (
                unclear or f"{text}\n  but many kinks meet, and nothing follows; move the point"
            )
    if unclear:
        s.unclear(unclear)


def axes(leaves: list[Any]) -> Iterator[list[Any]]:
    """All ones, then each axis."""
    yield [np.ones(np.shape(x)) for x in leaves]
    for i, x in enumerate(leaves):
        for place in np.ndindex(np.shape(x)):
            direction = [np.asarray(np.zeros(np.shape(y))) for y in leaves]
            direction[i][place] = 1.0
            yield direction


def _place_of(s: Subject, direction: list[Any], ours: float, sides: list[Estimate]) -> str:
    """Where a directional derivative is: "between" those on both sides and around, or "outside".

    Or outside, where "many kinks" meet: each may rightly be taken from its own side then, and not
    all of these meet around the point.
    """
    slack = 64 * EPS * float(np.max(np.abs(s.weighted(s.leaves)), initial=0.0))
    if report.is_between(ours, sides, slack):
        return "between"
    nearby = [*sides, *map(total, _nearby(s.weighted, s.leaves, direction))]
    if report.is_between(ours, nearby):
        return "between"
    slopes = np.sort([x.value for x in nearby])
    apart = max(0.01 * (slopes[-1] - slopes[0]), 1e-6 * np.max(np.abs(slopes)), slack)
    one_kink = np.sum(np.diff(slopes) > apart) < 2
    return "outside" if one_kink or not np.isfinite(ours) else "many kinks"


def _product(found: list[Any], direction: list[Any]) -> float:
    pairs = zip(found, direction, strict=True)
    return sum(float(np.sum(np.asarray(x)[d != 0] * d[d != 0])) for x, d in pairs)


def _nearby(f: Function, leaves: list[Any], direction: list[Any]) -> Iterator[Estimate]:
    """Derivatives along a direction around the point.

    Where several kinks meet, each may rightly be taken from another side, and their sum be neither
    between the left and the right nor wrong; around the point, all combinations are met.
    """
    rng = np.random.default_rng(0)
    for _ in range(64):
        at = [x + _NEAR * rng.uniform(-1.0, 1.0, np.shape(x)) for x in leaves]
        yield along(f, at, direction, _NEAR / 64)


def _random(leaves: list[Any], n: int, norm: float = 0.0) -> Iterator[list[Any]]:
    rng = np.random.default_rng(0)
    for _ in range(n):
        drawn = [np.asarray(rng.uniform(-1.0, 1.0, np.shape(x))) for x in leaves]
        size = sum(float(np.sum(d * d)) for d in drawn) ** 0.5
        yield [d * (norm / size if norm and size else 1.0) for d in drawn]


# -------------------------------------------------------------------------------- directions
def _check_directions(s: Subject, found: list[Any], n: int) -> None:
    """Check the derivative along `n` random directions; where one is wrong, find the element.

    Where one is on kinks, the elements without are checked in groups, and the others alone.
    """
    apart = False
    for direction in (*_random(s.leaves, n, norm=4.0), next(axes(s.leaves))):
        if _check_along(s, found, direction) != "right" and not apart:
            apart, groups = True, [direction]
            for _ in range(MANY):
                parts = [part for each in groups[-1:] for part in _halves(each)]
                groups = groups[:-1] + [x for x in parts if _check_along(s, found, x) != "right"]


def _check_along(s: Subject, found: list[Any], direction: list[Any]) -> str:
    """Check the derivative along a direction: it is "right", or at a "kink" or "endless"."""
    verdict, near, sides = _along_wrong(s, found, direction)
    ours = _product(found, direction)
    if verdict == "wrong":
        _bisect(s, found, direction)
    alone = sum(map(np.count_nonzero, direction)) == 1
    if verdict == "kink" and alone and _place_of(s, direction, ours, sides) == "outside":
        text = f"at a kink, {report.not_between(ours, sides)}"
        s.fail(text, found, [d != 0 for d in direction], [None] * len(found))
    if verdict == "unclear":
        both = report.comparison(ours, 0.0, near.value, near.bar)
        s.unclear(f"along a random direction, the differences do not settle at any step\n{both}")
    return verdict


def _halves(direction: list[Any]) -> list[list[Any]]:
    """A direction in two parts, each of half of the elements that move; none if one moves."""
    flat = np.concatenate([np.ravel(d) for d in direction])
    moves = np.flatnonzero(flat)
    parts = []
    for some in (moves[: moves.size // 2], moves[moves.size // 2 :]) if moves.size > 1 else ():
        part = np.zeros(flat.shape)
        part[some] = flat[some]
        parts.append(split(part, direction))
    return parts


def _along_wrong(
    s: Subject, found: list[Any], direction: list[Any]
) -> tuple[str, Estimate, list[Estimate]]:
    """Whether the derivative along a direction is "right", "wrong", at a "kink" or "unclear"."""
    ours = _product(found, direction)
    size = _product([np.abs(x) for x in found], [np.abs(d) for d in direction])
    most = float(np.max(np.abs(s.weighted(s.leaves)), initial=0.0))
    least = 1e-5 * most / max(reach(s.leaves, direction), 1.0)
    floor = 1e-3 * size if ours else least
    for rough in (0.0, None):
        (each,) = steepness(
            s.weighted, s.leaves, direction, (0,), s.noise() if rough is None else rough, s.limit
        )
        near = total(each)
        off = report.outside(ours, near, 1e-12 * size)
        wide = near.bar > s.wide * max(abs(near.value), floor)
        if not off and not wide:
            return "right", near, []
    kind, sides = _kind_along(s, direction, floor)
    if kind == "smooth":
        return ("right" if report.is_between(ours, sides) else "wrong"), near, sides
    return kind, near, sides


def _bisect(s: Subject, found: list[Any], direction: list[Any]) -> None:
    """Halve a wrong direction until one element is left, and tell of it."""
    while halves := _halves(direction):
        wrong = [x for x in halves if _along_wrong(s, found, x)[0] == "wrong"]
        if not wrong:  # each half is on kinks, and both together are not
            near = _along_wrong(s, found, direction)[1]
            both = report.comparison(_product(found, direction), 0.0, near.value, near.bar)
            text = f"the gradients along a direction are wrong together\n{both}"
            s.fail(text, found, [d != 0 for d in direction], [None] * len(found))
        direction = wrong[0]
    ((i, place),) = (
        (i, tuple(map(int, x))) for i, d in enumerate(direction) for x in np.argwhere(d)
    )
    (each,) = steepness(s.weighted, s.leaves, _unit(s, i, place), (0,), s.noise(), s.limit)
    value, bar = np.zeros(np.shape(found[i])), np.zeros(np.shape(found[i]))
    value[place], bar[place] = total(each)
    masks = [np.zeros(np.shape(x), bool) for x in found]
    masks[i][place] = True
    slack = lost(s, found, i)
    s.slip = None  # it needs all elements
    _fail_at(s, found, i, place, Estimate(value, bar), slack, masks, [value] * len(found))


# ------------------------------------------------------------------------------ higher orders
def check_change(s: Subject) -> list[Estimate]:
    """Check the derivatives of a gradient: `s.f` gives it as one flat array, `s.g` is a direction.

    As the Hessian is symmetric, they are the change of the gradient along that direction, all at
    once. Those that differ from it are checked element by element.
    """
    if not np.all(np.isfinite(s.f(s.leaves))):  # where the first has no limit, there is no second
        return [Estimate(0.0 * x, np.inf + 0.0 * x) for x in s.leaves]
    found = s.pull(s.leaves, s.g)
    (near,) = steepness(s.f, s.leaves, split(s.g, s.leaves), (0,), 0.0, s.limit)
    flat = np.concatenate([np.ravel(x) for x in found] or [np.zeros(0)])
    wide = np.zeros(flat.shape, bool)
    if not s.strict and flat.size:
        floor = np.concatenate([np.ravel(least(s, i) + 0 * x) for i, x in enumerate(s.leaves)])
        wide = report.is_wide(near, floor)
    asked = report.outside(flat, near, 64 * s.rounding) | wide
    if asked.sum() > MANY:
        asked[np.random.default_rng(0).permutation(np.flatnonzero(asked))[64:]] = False
    if not s.strict:  # where a gradient jumps, nothing is asked
        for e in np.flatnonzero(asked):
            unit = np.zeros(flat.shape)
            unit[e] = 1.0
            asked[e] = not _endless(s, split(unit, s.leaves))
    if np.any(asked):
        check_elements(s, found, split(asked, s.leaves))
    values, bars = (split(x, s.leaves) for x in near)
    return [Estimate(*pair) for pair in zip(values, bars, strict=True)]


def split(flat: Any, like: list[Any]) -> list[Any]:
    """The flat array cut into arrays of the shapes of others."""
    ends = np.cumsum([np.size(x) for x in like])[:-1]
    pairs = zip(np.split(flat, ends), like, strict=True)
    return [part.reshape(np.shape(x)) for part, x in pairs]


def check_narrow(s: Subject, narrow: list[Any]) -> float:
    """Compare gradients in float32 with those in float64, at the same numbers; tell how near.

    What the gradient changes where the numbers change in their last digits is allowed.
    """
    exact = s.pull(s.leaves, s.g)
    shaken = [np.zeros(x.shape) for x in exact]
    rng, eps = np.random.default_rng(0), float(np.finfo(np.float32).eps)
    for _ in range(3):
        at = [x * (1 + eps * rng.choice([-1.0, 1.0], np.shape(x))) for x in s.leaves]
        moved = zip(shaken, exact, s.pull(at, s.g), strict=True)
        shaken = [np.fmax(most, np.abs(y - x)) for most, x, y in moved]
    worst, of_g = 0.0, float(np.max(np.abs(s.g), initial=0.0))  # terms of g may cancel
    kinks = s.kinks or [np.zeros(np.shape(x), bool) for x in exact]
    each = zip(s.names, narrow, exact, shaken, kinks, strict=True)
    for name, ours, right, change, kink in each:
        size = float(np.max(np.abs(right), initial=0.0))
        if not size < 1e38:
            continue
        off = np.where(kink, 0.0, np.abs(ours - right))
        usual = np.sort(np.ravel(change))[(change.size - 1) // 2] if change.size else 0.0
        room = 1e-4 * size + 16 * np.maximum(change, usual) + 1e-5 * of_g + 1e-37
        place = report.farthest(ours, Estimate(right, 0.0 * right), ~(off <= room))
        if place is not None:
            text = f"in float32, the gradient of {name} is wrong{report.element(place)}\n"
            text += f"  in float32          {float(ours[place]):.8g}\n"
            text += f"  in float64          {float(right[place]):.15g}"
            wrong = [np.asarray(~(off <= room)) if x is ours else 0 * x > 1 for x in narrow]
            s.fail(text, narrow, wrong, exact)
        worst = max(worst, float(np.max(off, initial=0.0)) / size if size else 0.0)
    return worst
