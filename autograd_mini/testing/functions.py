"""`check_gradients`: the derivatives of any function of Values, at one point.

This file knows functions and points, and what may be asked at a kink. It must not know any op,
nor Hypothesis.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd_mini.engine.value import Value
from autograd_mini.functional.recorded import gradients
from autograd_mini.testing import report
from autograd_mini.testing.numeric import Estimate, along, central, one_sided
from autograd_mini.testing.points import plain, show, weights

_STEP = 1 / 16
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


def check_gradients(f: Callable[..., Any], *args: Any, order: int = 2) -> None:
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
    at 0), nothing is asked.

    Raises GradientCheckError, an AssertionError, with the element, both numbers with their error
    bars, and the likely slip; TypeError for arguments that are no real numbers or too coarse for
    finite differences.

    >>> check_gradients(lambda x, y: np.sin(x) * y, [0.5, 2.0], 3.0)
    >>> check_gradients(lambda x: np.maximum(x, 0), [-1.0, 0.0, 1e-12])
    """
    leaves = [_leaf(i, x) for i, x in enumerate(args)]
    with np.errstate(all="ignore"):
        _check_plain(f, leaves)
        _check(f, leaves, args, 1)
        for n in range(2, order + 1):
            f = _contracted_gradient(f)
            _check(f, leaves, args, n)


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
    """A function with its result there: `f`, of plain arrays, is the result times weights `g`."""

    f: Callable[[list[Any]], Any]
    leaves: list[Any]
    values: list[Value]
    given: Sequence[Any]
    out: Any
    g: Any
    found: list[Any]


def _check(f: Callable[..., Any], leaves: list[Any], given: Sequence[Any], order: int) -> None:
    names = [getattr(x, "name", "") or f"argument {i}" for i, x in enumerate(given)]
    values = [Value(x, name=name) for x, name in zip(leaves, names, strict=True)]
    out = f(*values)
    g = weights(np.shape(plain(out)))

    def pull() -> list[Any]:
        if not isinstance(out, Value):
            return [np.zeros(np.shape(x)) for x in leaves]
        return [np.asarray(plain(x)) for x in gradients(out, values, seed=g)]

    found = pull()
    contracted = lambda at: np.ravel(g * plain(f(*map(Value, at))))
    point = _Checked(contracted, leaves, values, given, out, g, found)
    _check_memory(point, pull, order)
    for i, ours in enumerate(found):
        estimate = _estimate(contracted, leaves, i)
        place = report.disagreement(ours, estimate)
        unclear = estimate.bar > report.WIDE * np.maximum(np.abs(estimate.value), 1.0)
        if place is None and not np.any(unclear):
            continue
        if place is not None and not _is_kink(contracted, leaves, i, place):
            what = f"the {_ORDERS[min(order, 3) - 1]} of argument {i}"
            text = report.comparison(what, ours, estimate, place)
            counts = {"the result": int(np.size(g)), "the argument": ours.size}
            candidates = report.slips(estimate.value, counts)
            slip = report.likely_slip(ours, estimate.value, candidates)
            text += f"\n  likely slip         {slip}" * bool(slip)
            estimates = [_estimate(contracted, leaves, k) for k in range(len(leaves))]
            wrong = [_wrong(point, k, x) for k, x in enumerate(estimates)]
            raise _failure(point, text, wrong, [x.value for x in estimates])
        _check_between(point, order)
        return


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
            estimates = [_estimate(point.f, point.leaves, k).value for k in range(len(wrong))]
            raise _failure(point._replace(found=later), text, wrong, estimates)


def _wrong(point: _Checked, i: int, estimate: Estimate) -> NDArray[np.bool_]:
    """The elements of argument i whose derivative is wrong, and not on a kink."""
    wrong = report.outside(point.found[i], estimate)
    for place in zip(*np.nonzero(np.atleast_1d(wrong)), strict=True):
        at = place[: wrong.ndim]
        wrong[at] = not _is_kink(point.f, point.leaves, i, at)
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
    shown = "\n".join(f"  argument {i} = {show(x)}" for i, x in enumerate(point.leaves))
    root = result if isinstance(result, Value) else Value(result)
    return GradientCheckError(f"{text}\n{shown}", root, arguments)


def _estimate(f: Callable[[list[Any]], Any], leaves: list[Any], i: int) -> Estimate:
    """With steps fit for most functions; where these tell little, with steps fit for a small x."""
    usual = central(f, leaves, i, _STEP)
    size = np.abs(leaves[i])
    if report.is_sharp_everywhere(usual) or not np.any(size):
        return usual
    fine = central(f, leaves, i, np.where(size > 0, np.minimum(size, 1.0) / 8, _STEP))
    better = fine.bar < usual.bar
    return Estimate(
        np.where(better, fine.value, usual.value), np.where(better, fine.bar, usual.bar)
    )


def _is_kink(
    f: Callable[[list[Any]], Any], leaves: list[Any], i: int, place: tuple[int, ...]
) -> bool:
    """Whether the derivatives from the left and from the right differ, or have no limit."""
    direction = [np.zeros(np.shape(x)) for x in leaves]
    direction[i][place] = 1.0
    left, right = one_sided(f, leaves, direction, _STEP)
    gap = abs(left.value - right.value)
    size = max(abs(left.value), abs(right.value), 1.0)
    return bool(gap > left.bar + right.bar) or max(left.bar, right.bar) > report.WIDE * size


def _check_between(point: _Checked, order: int) -> None:
    f, leaves, found = point.f, point.leaves, point.found
    for direction in _directions(leaves):
        ours = sum(
            float(np.sum(x[d != 0] * d[d != 0])) for x, d in zip(found, direction, strict=True)
        )
        if order > 1 and np.isnan(ours):
            continue  # where the first derivative is a convention, there is no second
        sides = one_sided(f, leaves, direction, _STEP)
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
