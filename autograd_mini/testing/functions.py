"""`check_gradients`: the derivatives of any function of Values, at one point.

This file knows functions and points, and what may be asked at a kink. It must not know any op,
nor Hypothesis.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd_mini.engine.value import Value
from autograd_mini.functional.recorded import gradient_table, gradients
from autograd_mini.testing import report
from autograd_mini.testing.numeric import Estimate, along, central, measured_noise, one_sided
from autograd_mini.testing.points import plain, show, weights

_STEP = 1 / 16
_PARTS = 2.0**-3, 2.0**-10, 2.0**-17  # of an element's size
_NEAR = 1 / 1024
_ORDERS = ("gradient", "second derivative", "third derivative")


class Argument(NamedTuple):
    """What a failed check found for one argument, element by element.

    `leaf` stands for it in the graph of the result, `given` is what the caller gave. `wrong` tells
    which elements disagree; `differences` is None where slopes at a kink were compared instead.
    """

    leaf: Value
    given: Any
    wrong: NDArray[np.bool_]
    computed: NDArray[Any]
    differences: NDArray[Any] | None


class GradientCheckError(AssertionError):
    """What `check_gradients` raises: `draw(error.result, check=error)` shows where it fails.

    `result` is a scalar Value, the result of the function or a weighted sum of its elements, and
    `arguments` says for each argument what was found. Where arguments were given as Values, the
    error can be painted on any graph that has them. A pickle has the message alone.
    """

    def __init__(self, message: str, result: Any = None, arguments: Any = ()) -> None:
        super().__init__(message)
        self.result: Value = result
        self.arguments: list[Argument] = list(arguments)

    def __reduce__(self) -> Any:
        return type(self), self.args


class InconclusiveCheckError(AssertionError):
    """What `check_gradients` raises where it cannot tell; the message says where, and why."""


def check_gradients(
    f: Callable[..., Any], *args: Any, order: int = 2, inconclusive: str = "raise"
) -> None:
    """Check the derivatives of `f` at `args`, element by element, against finite differences.

    `f` takes Values, one for each of `args` (numbers, or arrays of float64), and gives a Value of
    any shape. With an order of 2, the gradients of its gradients are checked as well, and so on.

    `f` is also run on plain arrays, if it can be, and must compute the same: an operator such as
    `+=` writes into a plain array, also under its other names, where of a Value it makes a new
    one. And each gradient must stay as it is when `f` has seen other numbers: no forward may keep
    something for its rule.

    On a kink, or so near to it that finite differences step over it, there is no one derivative to
    compare with: there, the analytic derivative along each axis, along all ones and along random
    directions must lie between the one from the left and the one from the right (or, where several
    kinks meet, those at points nearby). Where these have no limit either (a jump, the square root
    at 0), nothing is asked. With `order=1` gradients are computed as `backward()` does, so rules
    may be any NumPy code.

    Raises GradientCheckError, an AssertionError, with the element, both numbers with their error
    bars, and the likely slip; InconclusiveCheckError, another, where it cannot tell: if two calls
    of `f` differ, if its result is not finite, or if the differences do not settle at any step
    (`inconclusive="pass"` lets that pass); TypeError for arguments that are no real numbers or too
    coarse for finite differences.

    >>> check_gradients(lambda x, y: np.sin(x) * y, [0.5, 2.0], 3.0)
    >>> check_gradients(lambda x: np.maximum(x, 0), [-1.0, 0.0, 1e-12])
    """
    if inconclusive not in ("raise", "pass"):
        raise ValueError(f"inconclusive is 'raise' or 'pass', not {inconclusive!r}")
    leaves = [_leaf(i, x) for i, x in enumerate(args)]
    with np.errstate(all="ignore"):
        _check_plain(f, leaves)
        try:
            _check(f, leaves, args, 1, recorded=order > 1)
            for n in range(2, order + 1):
                f = _contracted_gradient(f)
                _check(f, leaves, args, n)
        except InconclusiveCheckError:
            if inconclusive == "raise":
                raise


def _leaf(i: int, x: Any) -> Any:
    data = plain(Value(x)) if not isinstance(x, Value) else plain(x)
    if np.asarray(data).dtype != float:
        raise TypeError(
            f"argument {i} is {np.asarray(data).dtype}: too coarse for finite differences; give"
            " float64"
        )
    return data if isinstance(data, float) else np.array(data)


def _check_plain(f: Callable[..., Any], leaves: list[Any]) -> None:
    """Compare `f` of plain arrays, where it takes them, with `f` of Values."""
    try:
        theirs = np.asarray(plain(f(*(x.copy() if np.ndim(x) else np.float64(x) for x in leaves))))
    except Exception:
        return
    out = f(*map(Value, leaves))
    if theirs.dtype.kind not in "fiub" or _alike(plain(out), theirs):
        return
    nudged = [np.nextafter(x, np.inf) for x in leaves]
    for args in (leaves, nudged):  # what is random, or chaotic, is no proof
        if not _alike(plain(out), plain(f(*map(Value, args)))):
            return
    told = [show(np.asarray(plain(x))[()]) for x in (out, theirs)]
    text = (
        f"the function gives {told[0]} for Values, and {told[1]} for plain arrays:"
        " the likely cause is an operator such as y += 1 or y *= 3, which writes into a plain"
        " array under all its names, and of a Value makes a new one; write y = y + 1"
    )
    raise GradientCheckError(text, np.sum(out) if isinstance(out, Value) else Value(0.0))


def _alike(x: Any, y: Any) -> bool:
    size = np.max(np.abs(x), initial=0.0, where=np.isfinite(x))
    return np.shape(x) == np.shape(y) and np.allclose(x, y, 1e-6, 1e-6 * size, equal_nan=True)


def _contracted_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """The gradient of `f`, times fixed weights and summed: a function one order up."""

    def contracted(*values: Value) -> Any:
        out = f(*values)
        if not isinstance(out, Value):
            return Value(0.0)
        total: Any = Value(0.0)
        found = gradients(out, list(values), seed=weights(out.shape))
        for i, (value, gradient) in enumerate(zip(values, found, strict=True)):
            total = total + np.sum(weights(value.shape, phase=1 + i) * gradient)
        return total

    return contracted


class _Checked(NamedTuple):
    """A function with its result there: `f`, of plain arrays, is the result times weights `g`.

    `rough` is the measured noise of each element.
    """

    f: Callable[[list[Any]], Any]
    leaves: list[Any]
    values: list[Value]
    given: Sequence[Any]
    out: Any
    g: Any
    found: list[Any]
    rough: Any


def _check(
    f: Callable[..., Any],
    leaves: list[Any],
    given: Sequence[Any],
    order: int,
    recorded: bool = True,
) -> None:
    names = [getattr(x, "name", "") or f"argument {i}" for i, x in enumerate(given)]
    values = [Value(x, name=name) for x, name in zip(leaves, names, strict=True)]
    out = f(*values)
    g = weights(np.shape(plain(out)))

    def pull() -> list[Any]:
        if not isinstance(out, Value):
            return [np.zeros(np.shape(x)) for x in leaves]
        if recorded:
            return [np.asarray(plain(x)) for x in gradients(out, values, seed=g)]
        table = gradient_table(out, g)
        return [np.asarray(table.get(v, np.zeros(v.shape))) for v in values]

    found = pull()

    def contracted(at: list[Any]) -> Any:
        return np.ravel(g * plain(f(*map(Value, at))))

    point = _Checked(contracted, leaves, values, given, out, g, found, 0.0)
    _check_memory(point, pull, order)
    if order == 1:
        _check_repeats(point)
    elif not np.all(np.isfinite(contracted(leaves))):
        return  # where the first derivative has no limit, there is no second
    point = point._replace(rough=measured_noise(contracted, leaves))
    kinks, unclear = False, ""
    for i, ours in enumerate(found):
        estimate = _estimate(point, i)
        place = report.disagreement(ours, estimate)
        wide = estimate.bar > report.WIDE * np.maximum(np.abs(estimate.value), 1.0)
        wrong = report.outside(ours, estimate)
        places = _places(wrong | wide)
        for at in [*([place] if place in places else []), *places]:
            kind = _kind(point, i, at)
            if kind == "smooth" and wrong[at]:
                raise _disagreement(point, i, at, estimate, order)
            kinks = kinks or kind == "kink"
            if kind == "unclear" and wide[at]:
                unclear = unclear or _not_settled(point, i, at, estimate, order)
    if kinks:
        _check_between(point, order)
    elif unclear:
        raise InconclusiveCheckError(unclear)


def _check_repeats(point: _Checked) -> None:
    """Two calls must give the same, and what is finite."""
    one, other = (point.f(point.leaves) for _ in range(2))
    if not np.array_equal(one, other, equal_nan=True):
        raise InconclusiveCheckError(
            "two calls of the function at the same numbers differ, so differences tell nothing: a"
            " dropout without a seed? Draw what is random once, outside of it"
        )
    if not np.all(np.isfinite(one)):
        k = int(np.argmin(np.isfinite(one)))
        raise InconclusiveCheckError(
            f"the result is {np.ravel(plain(point.out))[k]} at element {k}, so differences tell"
            f" nothing\n{_shown(point)}"
        )


def _places(mask: Any) -> list[tuple[int, ...]]:
    if not np.ndim(mask):
        return [()] if mask else []
    return [tuple(int(k) for k in at) for at in np.argwhere(mask)]


def _disagreement(
    point: _Checked, i: int, place: tuple[int, ...], estimate: Estimate, order: int
) -> GradientCheckError:
    ours = point.found[i]
    what = f"the {_ORDERS[min(order, 3) - 1]} of argument {i}"
    text = report.comparison(what, ours, estimate, place)
    counts = {"the result": int(np.size(point.g)), "the argument": ours.size}
    slip = report.likely_slip(ours, estimate.value, report.slips(estimate.value, counts))
    text += f"\n  likely slip         {slip}" * bool(slip)
    estimates = [_estimate(point, k) for k in range(len(point.leaves))]
    wrong = [_wrong(point, k, x) for k, x in enumerate(estimates)]
    return _failure(point, text, wrong, [x.value for x in estimates])


def _not_settled(
    point: _Checked, i: int, place: tuple[int, ...], estimate: Estimate, order: int
) -> str:
    at = f" at element {place[0] if len(place) == 1 else place}" if place else ""
    ours, value, bar = point.found[i][place], estimate.value[place], estimate.bar[place]
    return (
        f"it cannot be told whether the {_ORDERS[min(order, 3) - 1]} of argument {i} is right{at}:"
        f" the differences do not settle at any step\n"
        f"  as computed         {float(ours):.15g}\n"
        f"  finite differences  {float(value):.15g} ± {float(bar):.1g}\n"
        f"  noise of the function {np.max(point.rough, initial=0.0):.1g}\n{_shown(point)}"
    )


def _shown(point: _Checked) -> str:
    return "\n".join(f"  argument {i} = {show(x)}" for i, x in enumerate(point.leaves))


def _check_memory(point: _Checked, pull: Callable[[], list[Any]], order: int) -> None:
    """Pull again, after the function has seen other numbers: no gradient may be another then."""
    for other in ([-x for x in point.leaves], [x + 1 for x in point.leaves]):
        with suppress(Exception):
            point.f(other)
        later = pull()
        pairs = zip(later, point.found, strict=True)
        wrong = [np.asarray(~np.isclose(x, y, 1e-12, 0, True)) for x, y in pairs]
        i = next((i for i, x in enumerate(wrong) if np.any(x)), None)
        if i is not None:
            text = (
                f"the {_ORDERS[min(order, 3) - 1]} of argument {i} is another once the function"
                " has seen other numbers: the forward of an op keeps state for its rule; let the"
                " rule compute all it needs from its arguments and `out`"
            )
            estimates = [_estimate(point, k).value for k in range(len(wrong))]
            raise _failure(point._replace(found=later), text, wrong, estimates)


def _wrong(point: _Checked, i: int, estimate: Estimate) -> NDArray[np.bool_]:
    """The elements of argument i whose derivative is wrong, and not on a kink."""
    wrong = report.outside(point.found[i], estimate)
    for place in zip(*np.nonzero(np.atleast_1d(wrong)), strict=True):
        at = place[: wrong.ndim]
        wrong[at] = _kind(point, i, at) == "smooth"
    return wrong


def _failure(
    point: _Checked, text: str, wrong: Sequence[Any], differences: Sequence[Any]
) -> GradientCheckError:
    """The error, with a scalar result, whose derivatives are those that are told apart."""
    scale, result = point.g, point.out
    if np.ndim(point.g):
        scale, result = 1.0, np.sum(point.g * point.out)
    arguments = [
        Argument(leaf, given, np.asarray(bad), ours / scale, None if d is None else d / scale)
        for leaf, given, bad, ours, d in zip(
            point.values, point.given, wrong, point.found, differences, strict=True
        )
    ]
    root = result if isinstance(result, Value) else Value(result)
    return GradientCheckError(f"{text}\n{_shown(point)}", root, arguments)


def _steps(x: Any) -> list[Any]:
    """The ladder of first steps: a usual one, and for large and small x parts of its size."""
    size = np.abs(x)
    if not np.any(size):
        return [_STEP]
    return [_STEP, *(np.where(size > 0, size * part, _STEP) for part in _PARTS)]


def _estimate(point: _Checked, i: int) -> Estimate:
    """With steps fit for most functions; where these tell little, down the ladder."""
    best: Estimate | None = None
    for step in _steps(point.leaves[i]):
        new = central(point.f, point.leaves, i, step, point.rough)
        if best is not None:
            better = new.bar < best.bar
            value = np.where(better, new.value, best.value)
            new = Estimate(value, np.where(better, new.bar, best.bar))
        best = new
        if report.is_sharp_everywhere(best):
            break
    assert best is not None
    return best


def _kind(point: _Checked, i: int, place: tuple[int, ...]) -> str:
    """What the function is there along one element: "smooth", "kink", "endless" or "unclear".

    At a kink the derivatives from both sides settle and differ; endless are those that have no
    limit, but grow as the step falls.
    """
    direction = [np.zeros(np.shape(x)) for x in point.leaves]
    direction[i][place] = 1.0
    sides: list[Estimate] = []
    for step in _steps(float(np.asarray(point.leaves[i])[place])):
        new = one_sided(point.f, point.leaves, direction, float(step), point.rough)
        sides = [min(pair, key=lambda x: x.bar) for pair in zip(sides or new, new, strict=True)]
        left, right = sides
        size = max(abs(left.value), abs(right.value), 1.0)
        if max(left.bar, right.bar) <= report.WIDE * size:
            return "kink" if abs(left.value - right.value) > left.bar + right.bar else "smooth"
    return "endless" if _grows(point, direction) else "unclear"


def _grows(point: _Checked, direction: list[Any]) -> bool:
    """Whether difference quotients of a side grow without end: a jump, or a root at 0."""
    here = float(np.sum(point.f(point.leaves)))
    for side in (-1, 1):
        quotients = []
        for k in range(8, 29, 4):
            h = side * 2.0**-k
            moved = [x + h * d for x, d in zip(point.leaves, direction, strict=True)]
            quotients.append(abs(float(np.sum(point.f(moved))) - here) / abs(h))
        if all(b >= 1.5 * a > 0 for a, b in itertools.pairwise(quotients)):
            return True
    return False


def _check_between(point: _Checked, order: int) -> None:
    f, leaves, found = point.f, point.leaves, point.found
    for direction in _directions(leaves):
        ours = sum(
            float(np.sum(x[d != 0] * d[d != 0])) for x, d in zip(found, direction, strict=True)
        )
        if order > 1 and np.isnan(ours):
            continue  # where the first derivative is a convention, there is no second
        sides = one_sided(f, leaves, direction, _STEP, point.rough)
        if not report.is_between(ours, (*sides, *_nearby(f, leaves, direction, ours, sides))):
            text = f"at a kink, {report.not_between(ours, sides)}"
            text += f"\n  along {', '.join(map(show, direction))}"
            raise _failure(point, text, [d != 0 for d in direction], [None] * len(leaves))


def _nearby(
    f: Callable[[list[Any]], Any],
    leaves: list[Any],
    direction: list[Any],
    ours: float,
    sides: tuple[Estimate, Estimate],
) -> Iterator[Estimate]:
    """Directional derivatives around the point, if `ours` is not between those on its sides.

    Where several kinks meet, each may rightly be taken from another side, and their sum be neither
    between the left and the right nor wrong; around the point, all combinations are met.
    """
    if report.is_between(ours, sides):
        return
    rng = np.random.default_rng(0)
    for _ in range(64):
        at = [x + _NEAR * rng.uniform(-1.0, 1.0, np.shape(x)) for x in leaves]
        slopes = along(f, at, direction, _NEAR / 64)
        yield Estimate(float(slopes.value.sum()), float(slopes.bar.sum()))


def _directions(leaves: list[Any]) -> Iterator[list[Any]]:
    """Each axis, all ones, and eight random ones."""
    shapes = [np.shape(x) for x in leaves]
    yield [np.ones(shape) for shape in shapes]
    for i, shape in enumerate(shapes):
        for e in np.ndindex(shape):
            direction = [np.asarray(np.zeros(s)) for s in shapes]
            direction[i][e] = 1.0
            yield direction
    rng = np.random.default_rng(0)
    for _ in range(8):
        yield [np.asarray(rng.uniform(-1.0, 1.0, shape)) for shape in shapes]
