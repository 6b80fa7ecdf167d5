"""The kinds of input that matter for an op: which it needs, and which a point is of.

This file reads declarations and points. It must not know how points are drawn; that keeps the
ledger honest.
"""

import inspect
from typing import Any

import numpy as np

from autograd_mini.engine.declaration import Case
from autograd_mini.engine.op import Op
from autograd_mini.testing.domains import common, distant, domains_of
from autograd_mini.testing.points import Point

FREE = (
    "a Python number",
    "no axes",
    "no elements",
    "one element",
    "more than 8 elements",
    "three or more axes",
)
LAID_OUT = ("Fortran order", "negative strides")


def n_args(op: Op, case: Case) -> int:
    """How many arrays the op has in this case."""
    return len(case.shapes) if op.sequence else op.arity


def pairs(op: Op, case: Case) -> list[tuple[int, int]]:
    """Pairs of arguments of the case that one node may be both of."""
    n = n_args(op, case)
    rules = op.rules if op.rules and not op.sequence else (True,) * n
    domains = domains_of(op, n)
    return [
        (i, j)
        for i in range(n)
        for j in range(i + 1, n)
        if rules[i] is not None
        and rules[j] is not None
        and (not case.shapes or case.shapes[i] == case.shapes[j])
        and common([domains[i], domains[j]])
    ]


def defaults(op: Op) -> dict[str, Any]:
    """The keywords with their defaults, `inspect.Parameter.empty` where there is none."""
    parameters = inspect.signature(op.forward).parameters if op.keywords else {}
    return {name: parameters[name].default for name in op.keywords}


def without_default(op: Op) -> list[str]:
    """The keywords that must be given."""
    return [name for name, x in defaults(op).items() if x is inspect.Parameter.empty]


def required(op: Op) -> set[str]:
    """The kinds of which a test of `op` must have seen at least one each."""
    kinds = {f"case {i}" for i in range(len(op.cases))} | {"float32"}
    for case in op.cases:
        free, n = not case.shapes, n_args(op, case)
        if free:
            kinds.update(FREE)
        if free or any(len(s) > 1 and min(s) > 1 for s in case.shapes):
            kinds.update(LAID_OUT)
            if not any(d.distinct or d.diagonal for d in op.domain):
                kinds.add("zero strides")
        if free and n > 1:
            kinds.update(f"argument {i} broadcast" for i in range(n))
            kinds |= {"two axes broadcast at once", "two arguments broadcast"}
        kinds.update(f"one node as arguments {i} and {j}" for i, j in pairs(op, case))
    if not all(case.shapes for case in op.cases):
        for i, domain in enumerate(op.domain):
            if not op.rules or op.rules[i] is not None:
                kinds |= {f"argument {i} beyond {b}" for b in (3, 50) if distant(domain, b)}
    for i in range(1 if op.sequence else op.arity):
        if not op.rules or op.rules[i] is not None:
            kinds.add(f"argument {i}, sharply")
            kinds |= {f"second order, argument {i}, sharply"} if op.declared is None else set()
    if "axis" in op.keywords:
        kinds |= {"the last of several as axis", "one before the last as axis"}
    return kinds | {f"keyword {name}" for name in op.keywords} | _truths(op)


def _truths(op: Op) -> set[str]:
    """Both values of keywords that are True or False."""
    return {
        f"{name}={value}"
        for name, default in defaults(op).items()
        if isinstance(default, bool)
        for value in (True, False)
    }


def kinds_of(point: Point, index: int) -> set[str]:
    """The kinds that `point`, drawn for the case number `index`, is of."""
    op, leaves = point.op, point.leaves
    kinds = {f"case {index}"} | {f"keyword {name}" for name in point.keywords}
    for name, default in defaults(op).items():
        value = point.keywords.get(name, default)
        if isinstance(value, bool):
            kinds.add(f"{name}={value}")
    for leaf in leaves:
        kinds |= _kinds_of_array(leaf)
    args = point.args(leaves)
    kinds |= _axes(point.keywords.get("axis", defaults(op).get("axis")), np.ndim(args[0]))
    for i, x in enumerate(args):
        largest = float(np.max(np.abs(x), initial=0.0))
        kinds |= {f"argument {i} beyond {bound}" for bound in (3, 50) if largest > bound}
        kinds |= {
            f"one node as arguments {j} and {i}"
            for j in range(i)
            if point.slots[i] == point.slots[j]
        }
    return kinds | _broadcasting([np.shape(x) for x in args])


def _axes(axis: Any, ndim: int) -> set[str]:
    chosen = axis if isinstance(axis, tuple) else (axis,)
    if ndim < 2 or None in chosen:
        return set()
    last = {"the last of several as axis" for i in chosen if i in (-1, ndim - 1)}
    return last | {"one before the last as axis" for i in chosen if i not in (-1, ndim - 1)}


def _kinds_of_array(x: Any) -> set[str]:
    if isinstance(x, float):
        return {"a Python number"}
    several = x.size > 1
    strides = [s for s, n in zip(x.strides, x.shape, strict=True) if n > 1]
    facts = {
        "no axes": x.ndim == 0,
        "no elements": x.size == 0,
        "one element": x.size == 1,
        "more than 8 elements": x.size > 8,
        "three or more axes": x.ndim >= 3,
        "Fortran order": several and x.flags.f_contiguous and not x.flags.c_contiguous,
        "negative strides": several and any(s < 0 for s in strides),
        "zero strides": several and any(s == 0 for s in strides),
        "float32": x.dtype == np.float32,
    }
    return {kind for kind, holds in facts.items() if holds}


def _broadcasting(shapes: list[tuple[int, ...]]) -> set[str]:
    try:
        full = np.broadcast_shapes(*shapes)
    except ValueError:
        return set()
    grown = [
        sum(n != m for n, m in zip((0,) * (len(full) - len(s)) + s, full, strict=True))
        for s in shapes
    ]
    kinds = {f"argument {i} broadcast" for i, axes in enumerate(grown) if axes}
    if max(grown, default=0) > 1:
        kinds.add("two axes broadcast at once")
    if sum(axes > 0 for axes in grown) > 1:
        kinds.add("two arguments broadcast")
    return kinds
