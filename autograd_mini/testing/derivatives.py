"""Derivatives of an op against finite differences, at its ties, and at its declared kinks.

This file knows how a gradient is compared with an estimate of it. It must not know any op.
"""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd_mini.engine.op import Op
from autograd_mini.engine.value import Value
from autograd_mini.functional.recorded import gradients
from autograd_mini.testing import report, slips
from autograd_mini.testing.compare import Subject, judged, least
from autograd_mini.testing.domains import domains_of, step_within
from autograd_mini.testing.numeric import EPS, ROUNDING, Estimate, measured_noise, steepness, total
from autograd_mini.testing.points import Point, fail, plain, show, summed_to, weights


# ---------------------------------------------------------------------------------- first order
def check_first(point: Point, leaves: list[Any], g: Any) -> tuple[set[str], list[float]]:
    """Compare the gradient of sum(g * result), element by element; tell what was sharp."""
    sharp: set[str] = set()
    bars: list[float] = []
    s = _subject(point, leaves, g)
    gradient = [np.asarray(x) for x in s.pull(leaves, s.g)]
    scale = float(np.max(np.abs(s.weighted(leaves)), initial=0.0))
    for i in point.varying:
        ours, slack = gradient[i], 0.0
        if point.op.declared is None:
            s.limit = _step(point, i)
            found, wrong, slack = judged(s, gradient, i)
            wrong = wrong & ~report.is_wide(found, least(s, i))
        else:
            found = _declared(point, leaves, i, g)
            wrong = report.outside(ours, found)
        place = report.farthest(ours, found, wrong)
        if place is not None:
            what = f"the gradient of {_names(point, i)}" + " (declared)" * bool(point.op.declared)
            loss = np.broadcast_to(slack, ours.shape)[place]
            text = f"{what} is wrong{report.element(place)}\n"
            text += report.comparison(ours[place], loss, found.value[place], found.bar[place])
            slip = slips.likely(s.f, leaves, i, ours, found.value, g)
            text += f"\n  likely slip         {slip}" * bool(slip)
            fail(point, f"{text}\n  g = {show(g)}")
        if report.is_sharp(found, scale):
            sharp |= {f"argument {k}, sharply" for k in _slots(point, i)}
            size, bar = np.max(np.abs(found.value)), np.min(found.bar)
            bars += [float(bar / size)] if size and bar else []
    return sharp, bars


def check_narrow(point: Point, leaves: list[Any], g: Any) -> float:
    """Compare the gradient in float32 with that in float64, at the same numbers; tell how near.

    What the gradient changes where the numbers change in their last digits is allowed.
    """
    wide = [x.astype(float) if _is_narrow(x) else x for x in leaves]
    exact = [np.asarray(x) for x in point.gradient(wide, np.asarray(g, float)[()])]
    shaken = [np.zeros(x.shape) for x in exact]
    rng, eps = np.random.default_rng(0), float(np.finfo(np.float32).eps)
    for _ in range(3):
        at = [
            x * (1 + eps * rng.choice([-1.0, 1.0], np.shape(x))) if _is_narrow(leaves[i]) else x
            for i, x in enumerate(wide)
        ]
        moved = point.gradient(at, np.asarray(g, float)[()])
        shaken = [np.fmax(a, np.abs(y - x)) for a, x, y in zip(shaken, exact, moved, strict=True)]
    worst, of_g = 0.0, float(np.max(np.abs(g), initial=0.0))  # terms of g may cancel
    for ours, right, change, i in zip(
        point.gradient(leaves, g), exact, shaken, point.varying, strict=True
    ):
        size = float(np.max(np.abs(right), initial=0.0))
        if not size < 1e38:
            continue
        off = np.abs(ours - right)
        room = 1e-4 * size + 16 * np.max(change, initial=0.0) + 1e-5 * of_g + 1e-37
        wrong = ~(off <= room)
        place = report.farthest(ours, Estimate(right, 0.0 * right), wrong)
        if place is not None:
            text = f"in float32, the gradient of {_names(point, i)} is wrong"
            text += f"{report.element(place)}\n  in float32          {float(ours[place]):.8g}"
            fail(
                point, f"{text}\n  in float64          {float(right[place]):.15g}\n  g = {show(g)}"
            )
        worst = max(worst, float(np.max(off, initial=0.0)) / size if size else 0.0)
    return worst


def _is_narrow(x: Any) -> bool:
    return np.asarray(x).dtype == np.float32


def _subject(point: Point, leaves: list[Any], g: Any) -> Subject:
    def pull(at: list[Any], weights: Any) -> list[Any]:
        found = dict(
            zip(
                point.varying,
                point.gradient(at, np.reshape(weights, np.shape(g))[()]),
                strict=True,
            )
        )
        return [np.asarray(found.get(i, 0.0)) for i in range(len(leaves))]

    return Subject(lambda at: np.ravel(point.forward(at)), pull, leaves, [], "", np.ravel(g))


def _declared(point: Point, leaves: list[Any], i: int, g: Any) -> Estimate:
    """The gradient that the op declares, which is exact."""
    assert point.op.declared is not None
    declared = point.op.declared(*point.args(leaves))
    declared = declared if isinstance(declared, tuple) else (declared,)
    shares = [g * d for slot, d in zip(point.slots, declared, strict=True) if slot == i]
    total = np.asarray(sum(summed_to(np.shape(leaves[i]), share) for share in shares))
    return Estimate(total, 1e-14 * np.abs(total))


# --------------------------------------------------------------------------------- second order
def check_second(point: Point, leaves: list[Any], g: Any) -> set[str]:
    """Compare the gradient of sum(h * gradient), through recorded gradients; tell what was sharp.

    It is the Hessian of sum(g * result) times h, and so the change of the gradient along h; with
    respect to g it is the gradient's own value for each unit of g, since a gradient is linear.
    """
    hs = [weights(np.shape(leaves[i]), phase=2 + i) / 2 for i in point.varying]
    *seconds, by_g = _seconds(point, leaves, g, hs)
    sharp: set[str] = set()
    sizes = (g * point.forward(leaves), *point.gradient(leaves, g))
    scale = float(max(np.max(np.abs(x), initial=0.0) for x in sizes))
    compared = [("the derivative of the gradient by g", by_g, _along_g(point, leaves, g, hs))]
    if point.op.declared is None:  # what is no true gradient has no symmetric Hessian
        changes = _change_along(point, leaves, g, hs, seconds, scale)
        for ours, found, i in zip(seconds, changes, point.varying, strict=True):
            compared.append((f"the second derivative by {_names(point, i)}", ours, found))
            if report.is_sharp(found, scale):
                sharp |= {f"second order, argument {k}, sharply" for k in _slots(point, i)}
    for what, ours, found in compared:
        size = np.max(np.abs(found.value), initial=0.0)
        slack = 1e-13 * size + ROUNDING * scale
        wrong = report.outside(ours, found, slack) & ~report.is_wide(found, 1e-5 * scale)
        if np.any(wrong):
            slack = slack + _second_noise(point, leaves, g, hs)
            wrong = wrong & report.outside(ours, found, slack)
        place = report.farthest(ours, found, wrong)
        if place is not None:
            text = f"{what} is wrong{report.element(place)}\n"
            ours = np.asarray(ours)
            text += report.comparison(ours[place], slack, found.value[place], found.bar[place])
            fail(point, f"{text}\n  g = {show(g)}\n  h = {', '.join(map(show, hs))}")
    return sharp


def _seconds(point: Point, leaves: list[Any], g: Any, hs: list[Any]) -> list[Any]:
    """The gradient of sum(h * gradient) by each leaf that varies, and by g."""
    values, out = point.record(leaves)
    seed, wanted = Value(g), [values[i] for i in point.varying]
    summed: Any = Value(0.0)
    for h, first in zip(hs, gradients(out, wanted, seed=seed), strict=True):
        summed = summed + np.sum(h * first)
    return [plain(x) for x in gradients(summed, [*wanted, seed])]


def _second_noise(point: Point, leaves: list[Any], g: Any, hs: list[Any]) -> float:
    """What the largest second derivative changes where numbers change in their last digits."""
    rng, most = np.random.default_rng(0), 0.0
    here = _seconds(point, leaves, g, hs)
    for _ in range(3):
        at = [
            x * (1 + 4 * EPS * rng.choice([-1.0, 1.0], np.shape(x))) if i in point.varying else x
            for i, x in enumerate(leaves)
        ]
        for x, y in zip(_seconds(point, at, g, hs), here, strict=True):
            most = max(most, float(np.max(np.abs(x - y), initial=0.0)))
    return 32 * most


def _change_along(
    point: Point, leaves: list[Any], g: Any, hs: list[Any], ours: list[Any], scale: float
) -> list[Estimate]:
    direction = [np.zeros(np.shape(x)) for x in leaves]
    for h, i in zip(hs, point.varying, strict=True):
        direction[i] = h
    gradient = lambda at: np.concatenate([np.ravel(p) for p in point.gradient(at, g)])
    step = min(_step(point, i) for i in point.varying)
    (flat,) = steepness(gradient, leaves, direction, (0,), 0.0, step)
    if np.any(report.outside(np.concatenate([np.ravel(x) for x in ours]), flat)):
        rough = measured_noise(gradient, leaves) + 8 * EPS * scale
        (flat,) = steepness(gradient, leaves, direction, (0,), rough, step)
    ends = np.cumsum([np.size(h) for h in hs])
    parts = [np.split(x, ends[:-1]) for x in flat]
    shapes = [np.shape(h) for h in hs]
    return [
        Estimate(value.reshape(shape), bar.reshape(shape))
        for value, bar, shape in zip(*parts, shapes, strict=True)
    ]


def _along_g(point: Point, leaves: list[Any], g: Any, hs: list[Any]) -> Estimate:
    found = np.zeros(np.shape(g))
    for e in np.ndindex(found.shape):
        unit = np.zeros(found.shape)
        unit[e] = 1.0
        parts = point.gradient(leaves, unit if found.shape else 1.0)
        found[e] = sum(np.sum(h * p) for h, p in zip(hs, parts, strict=True))
    bar = 1e-12 * (1 + np.max(np.abs(found), initial=0.0))
    return Estimate(found, np.full(found.shape, bar))


# ------------------------------------------------------------------------------- ties and kinks
def check_ties(point: Point) -> None:
    """Require, at a tie, that a derivative lies between the left and the right one.

    Along each axis, and along all ones, where the two are the same.
    """
    leaves = list(point.leaves)
    step = min(_step(point, i) for i in range(len(leaves)))
    with np.errstate(all="ignore"):
        g = weights(np.shape(point.forward(leaves)))
        gradient = point.gradient(leaves, g)
        contracted: Any = lambda at: np.ravel(g * np.asarray(point.forward(at)))
        for direction in _directions(leaves, point.varying):
            ours = sum(
                float(np.sum(x * direction[i]))
                for x, i in zip(gradient, point.varying, strict=True)
            )
            each = steepness(contracted, leaves, direction, (-1, 1), 0.0, step)
            sides = [total(x) for x in each]
            slack = ROUNDING * float(np.max(np.abs(contracted(leaves)), initial=0.0))
            if not report.is_between(ours, sides, slack):
                text = report.not_between(ours, sides)
                fail(point, f"at a tie, {text}\n  along {', '.join(map(show, direction))}")


def _directions(leaves: list[Any], varying: list[int]) -> Iterator[list[Any]]:
    yield [np.ones(np.shape(x)) * (i in varying) for i, x in enumerate(leaves)]
    for i in varying:
        for e in np.ndindex(np.shape(leaves[i])):
            direction = [np.zeros(np.shape(x)) for x in leaves]
            direction[i][e] = 1.0
            yield direction


def check_kinks(op: Op) -> None:
    """Require the declared shares at the declared kinks, and shares of 0 where `g` is 0."""
    for numbers, shares in op.kinks:
        shapes: tuple[tuple[int, ...] | None, ...] = (None, (), (2,))
        for shape in shapes if not any(map(np.ndim, numbers)) else (None,):
            leaves = [_filled(x, shape) for x in numbers]
            point = Point(op, tuple(leaves), tuple(range(len(leaves))), {})
            found, nothing = _shares(point, 1.0), _shares(point, 0.0)
            for i, (ours, share) in enumerate(zip(found, shares, strict=True)):
                wanted = np.broadcast_to(share, np.shape(ours))
                what = f"{op.name}: at a kink, argument {i} has the share"
                if not np.array_equal(ours, wanted, equal_nan=True):
                    raise AssertionError(f"{what} {ours}, declared as {share}\n{point}")
                if np.any(nothing[i]) and np.all(np.isfinite(share)):
                    raise AssertionError(f"{what} {nothing[i]} of a g of 0, not 0\n{point}")


def _shares(point: Point, g: float) -> list[Any]:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        values, out = point.record(point.leaves)
        shape = np.shape(plain(out))
        out.backward(np.full(shape, g) if shape else g)
    return [value.grad for value in values]


def _filled(x: Any, shape: tuple[int, ...] | None) -> Any:
    if np.ndim(x):
        return np.array(x, float)
    return float(x) if shape is None else np.full(shape, float(x))


# -------------------------------------------------------------------------------------- helpers
def _slots(point: Point, leaf: int) -> list[int]:
    return [k for k, slot in enumerate(point.slots) if slot == leaf]


def _step(point: Point, leaf: int) -> float:
    domains = domains_of(point.op, len(point.slots))
    return min(step_within(domains[k]) for k in _slots(point, leaf))


def _names(point: Point, leaf: int) -> str:
    which = _slots(point, leaf)
    return f"argument{'s' * (len(which) > 1)} {' and '.join(map(str, which))}"
