"""Derivatives of an op against finite differences, at its ties, and at its declared kinks.

This file knows what of an op is compared with what. It must not know any op, nor how two numbers
are compared.
"""

import warnings
from typing import Any

import numpy as np

from autograd_mini.engine.op import Op
from autograd_mini.engine.value import Value
from autograd_mini.functional.recorded import gradients
from autograd_mini.testing import report, slips
from autograd_mini.testing.compare import (
    Subject,
    axes,
    check_between,
    check_change,
    check_elements,
    split,
)
from autograd_mini.testing.compare import check_narrow as compare_narrow
from autograd_mini.testing.domains import domains_of, step_within
from autograd_mini.testing.numeric import Estimate
from autograd_mini.testing.points import Point, fail, plain, show, summed_to, weights


def subject(point: Point, g: Any, wide: bool = False) -> Subject:
    """The op at the point, as a function of what varies; `wide` makes float64 of float32."""
    kept = [np.asarray(x, float) if wide and _is_narrow(x) else x for x in point.leaves]
    varying, shape = point.varying, np.shape(g)

    def full(at: list[Any]) -> list[Any]:
        table = dict(zip(varying, at, strict=True))
        return [table.get(i, x) for i, x in enumerate(kept)]

    def f(at: list[Any]) -> Any:
        return np.ravel(point.forward(full(at)))

    def pull(at: list[Any], weights: Any) -> list[Any]:
        seed = np.reshape(weights, shape) if shape else float(weights[0])
        return [np.asarray(x) for x in point.gradient(full(at), seed)]

    def slip(i: int, ours: Any, right: Any) -> str:
        return slips.likely(f, leaves, i, ours, right, np.asarray(g, float))

    def element(k: int) -> str:
        place = tuple(map(int, np.unravel_index(k, shape)))
        return report.element(place)[4:] or "the result"

    leaves = [kept[i] for i in varying]
    domains = domains_of(point.op, len(point.slots))
    slots = [[k for k, slot in enumerate(point.slots) if slot == i] for i in varying]
    names = [f"argument{'s' * (len(k) > 1)} {' and '.join(map(str, k))}" for k in slots]
    limit = min((step_within(domains[k]) for each in slots for k in each), default=np.inf)
    weights = np.ravel(np.asarray(g, float))
    return Subject(
        f, pull, leaves, names, repr(point), weights, element, slip=slip, limit=limit, strict=True
    )


def check_first(point: Point, g: Any) -> tuple[set[str], list[float]]:
    """Compare the gradient of sum(g * result), element by element; tell what was sharp."""
    sharp: set[str] = set()
    bars: list[float] = []
    s = subject(point, g)
    found = s.pull(s.leaves, s.g)
    if point.op.declared is None:
        near = check_elements(s, found)
    else:
        near = [_declared(point, i, g) for i in point.varying]
        for name, ours, right in zip(s.names, found, near, strict=True):
            wrong = report.outside(ours, right)
            place = report.farthest(ours, right, wrong)
            if place is not None:
                text = f"the gradient of {name} (declared) is wrong{report.element(place)}\n"
                text += report.comparison(ours[place], 0.0, right.value[place], 0.0)
                s.fail(text, found, [], [])
    scale = float(np.max(np.abs(s.weighted(s.leaves)), initial=0.0))
    for i, each in zip(point.varying, near, strict=True):
        if report.is_sharp(each, scale):
            sharp |= {f"argument {k}, sharply" for k, slot in enumerate(point.slots) if slot == i}
            size, bar = np.max(np.abs(each.value)), np.min(each.bar)
            bars += [float(bar / size)] if size and bar else []
    return sharp, bars


def _declared(point: Point, i: int, g: Any) -> Estimate:
    """The gradient that the op declares, which is exact."""
    assert point.op.declared is not None
    declared = point.op.declared(*point.args(point.leaves))
    declared = declared if isinstance(declared, tuple) else (declared,)
    shares = [g * d for slot, d in zip(point.slots, declared, strict=True) if slot == i]
    total = np.asarray(sum(summed_to(np.shape(point.leaves[i]), share) for share in shares))
    return Estimate(total, 1e-14 * np.abs(total))


def check_narrow(point: Point, g: Any) -> float:
    """Compare the gradient in float32 with that in float64, at the same numbers; tell how near."""
    found = [np.asarray(x) for x in point.gradient(list(point.leaves), g)]
    return compare_narrow(subject(point, g, wide=True), found)


def _is_narrow(x: Any) -> bool:
    return np.asarray(x).dtype == np.float32


def check_second(point: Point, g: Any) -> set[str]:
    """Compare the gradient of sum(h * gradient), through recorded gradients; tell what was sharp.

    It is the Hessian of sum(g * result) times h, and so the change of the gradient along h; with
    respect to g it is the gradient's own value for each unit of g, since a gradient is linear.
    """
    first = subject(point, g)
    hs = [weights(np.shape(x), phase=2 + i) / 2 for i, x in enumerate(first.leaves)]
    sharp: set[str] = set()

    def seconds(at: list[Any], h: Any) -> list[Any]:
        table = dict(zip(point.varying, at, strict=True))
        values, out = point.record([table.get(i, x) for i, x in enumerate(point.leaves)])
        seed, wanted = Value(g), [values[i] for i in point.varying]
        summed: Any = Value(0.0)
        parts = split(h, first.leaves)
        for part, each in zip(parts, gradients(out, wanted, seed=seed), strict=True):
            summed = summed + np.sum(part * each)
        return [np.asarray(plain(x)) for x in gradients(summed, [*wanted, seed])]

    flat = np.concatenate([np.ravel(h) for h in hs] or [np.zeros(0)])
    _compare_by_g(point, first, g, hs, seconds(first.leaves, flat)[-1])
    if point.op.declared is None:  # what is no true gradient has no symmetric Hessian
        field = lambda at: np.concatenate([np.ravel(x) for x in first.pull(at, first.g)])
        s = Subject(
            field,
            lambda at, h: seconds(at, h)[:-1],
            first.leaves,
            first.names,
            f"  g = {show(g)}\n  h = {', '.join(map(show, hs))}\n{point}",
            flat,
            limit=first.limit,
            strict=True,
            order=2,
        )
        sizes = (first.weighted(first.leaves), *first.pull(first.leaves, first.g))
        scale = float(max(np.max(np.abs(x), initial=0.0) for x in sizes))
        s.rounding = float(np.finfo(float).eps) * scale
        near = check_change(s)
        for i, each in zip(point.varying, near, strict=True):
            if report.is_sharp(each, scale):
                which = [k for k, slot in enumerate(point.slots) if slot == i]
                sharp |= {f"second order, argument {k}, sharply" for k in which}
    return sharp


def _compare_by_g(point: Point, s: Subject, g: Any, hs: list[Any], ours: Any) -> None:
    """What the gradient, times h, is for each unit of g: also its derivative by g."""
    right = np.zeros(np.shape(g))
    for k, e in enumerate(np.ndindex(right.shape)):
        unit = np.zeros(s.g.shape)
        unit[k] = 1.0
        parts = zip(hs, s.pull(s.leaves, unit), strict=True)
        right[e] = sum(float(np.sum(h * part)) for h, part in parts)
    size = np.max(np.abs([*np.ravel(right), *np.ravel(s.g)]), initial=0.0)
    near = Estimate(right, np.full(right.shape, 1e-12 * (1 + size)))
    place = report.farthest(ours, near, report.outside(ours, near))
    if place is not None:
        text = f"the derivative of the gradient by g is wrong{report.element(place)}\n"
        text += report.comparison(ours[place], 0.0, right[place], near.bar[place])
        fail(point, f"{text}\n  g = {show(g)}\n  h = {', '.join(map(show, hs))}")


# ------------------------------------------------------------------------------- ties and kinks
def check_ties(point: Point) -> None:
    """Require, at a tie, that a derivative lies between the left and the right one.

    Along each axis, and along all ones, where the two are the same.
    """
    with np.errstate(all="ignore"):
        s = subject(point, weights(np.shape(point.forward(list(point.leaves)))))
        check_between(s, s.pull(s.leaves, s.g), [(d, None) for d in axes(s.leaves)], "at a tie")


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
