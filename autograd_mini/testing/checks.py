"""`check_op`: an op is tried on every kind of input that its declaration allows.

This file knows in which order, and how often. It must not know what is right.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis.errors import HypothesisException

from autograd_mini.engine.op import Op
from autograd_mini.testing import kinds
from autograd_mini.testing.derivatives import check_first, check_kinks, check_second, check_ties
from autograd_mini.testing.laws import (
    check_claims,
    check_engine,
    check_forward,
    check_layout,
    check_rules,
)
from autograd_mini.testing.points import Point, weights
from autograd_mini.testing.strategies import points_at_ties, strata


def check_op(op: Op, *, max_examples: int | None = None, shrink: bool = True) -> None:
    """Property-test one declaration, as the project tests its own.

    Its forward must agree with the NumPy functions it names. Its rules must agree with finite
    differences at first and second order, be linear in `g`, keep shape and float32, repeat the
    same bits, also once the forward has seen other arrays, change nothing that they are given and
    keep nothing. Kinks and declared derivatives must be as declared. The cases of an op with an
    `axis` must have the last of several axes, and one before it. All of this is tried on inputs
    of every kind that `op` can be given (`kinds.required`), `max_examples` of each, or half as
    many of each case of fixed shapes; the default is a 25th of Hypothesis's own setting.

    Raises AssertionError with the smallest input that fails (or, to be quick, without `shrink`,
    the first), both numbers with their error bars, and the likely slip.

    >>> from autograd_mini import Op
    >>> check_op(Op(lambda x: x**3, lambda g, out, x: g * 3 * x**2, name="cube"))
    >>> check_op(Op(lambda x: x**3, lambda g, out, x: g * 6 * x**2, name="cube"))
    Traceback (most recent call last):
    AssertionError: cube: the gradient of argument 0 is wrong
      as computed         10.8 ± 5e-13
      finite differences  5.4 ± 2e-12
      likely slip         a factor 2 too many
      g = 1.8
      x = 1.0
      (a case of: a Python number)
    """
    examples = max_examples or max(2, settings().max_examples // 25)
    ledger: set[str] = set()
    check_kinks(op)
    for number, name, strategy in strata(op):

        def check(point: Point, number: int = number) -> None:
            ledger.update(check_point(point), kinds.kinds_of(point, number))

        often = (examples + 1) // 2 if op.cases[number].shapes else examples
        often *= 4 if name == "a Python number" else 1  # one number each, and quick
        _try(op, name, strategy, check, often, shrink)
    for name, strategy in points_at_ties(op):
        _try(op, name, strategy, check_ties, examples, shrink)
    missing = kinds.required(op) - ledger
    if missing:
        raise AssertionError(
            f"{op.name}: never tested with {', '.join(sorted(missing))};"
            " give it cases (and a domain) for which it can be"
        )


def check_point(point: Point) -> set[str]:
    """Check everything that must hold at one point of an op; tell which comparisons were sharp."""
    leaves = list(point.leaves)
    with np.errstate(over="ignore", under="ignore"):
        out = point.forward(leaves)
        assume(bool(np.all(np.isfinite(out))))
        check_forward(point, leaves, out)
        g = weights(np.shape(out))
        if np.asarray(out).dtype != float:
            g = np.asarray(out).dtype.type(g)
        if point.op.rules:
            with np.errstate(all="ignore"):  # as in every backward pass
                check_rules(point, leaves, out, g)
                check_claims(point, leaves, out, g)
        check_engine(point, leaves, out, g)
        with np.errstate(all="ignore"):
            check_layout(point, leaves, g)
    zero_strides = any(0 in x.strides for x in leaves if isinstance(x, np.ndarray) and x.size > 1)
    narrow = any(np.asarray(leaves[i]).dtype != float for i in point.varying)
    if narrow or zero_strides:  # too coarse for finite differences; equal elements may be a kink
        return set()
    with np.errstate(all="ignore"):
        return check_first(point, leaves, g) | check_second(point, leaves, g)


def _try(
    op: Op,
    kind: str,
    strategy: Any,
    check: Callable[[Point], None],
    examples: int,
    shrink: bool,
) -> None:
    """Run `check` on points that Hypothesis draws, and tell of the smallest that fails."""

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def run(point: Point) -> None:
        try:
            check(point)
        except (AssertionError, HypothesisException):
            raise
        except Exception as error:
            raise AssertionError(f"{type(error).__name__}: {error}\n{point}") from error

    try:
        run()
    except AssertionError as failure:
        text = f"{op.name}: {failure}\n  (a case of: {kind})"
        raise AssertionError(text) from failure.__cause__
