"""`check_op`: an op is tried on every kind of input that its declaration allows.

This file knows in which order, how often, and what to say of it. It must not know what is right.
"""

import random
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import numpy as np
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis.errors import HypothesisException, Unsatisfiable

from autograd_mini.engine.op import Op
from autograd_mini.testing import kinds
from autograd_mini.testing.compare import hidden
from autograd_mini.testing.derivatives import (
    check_first,
    check_kinks,
    check_narrow,
    check_second,
    check_ties,
)
from autograd_mini.testing.domains import FAR
from autograd_mini.testing.laws import (
    check_claims,
    check_engine,
    check_forward,
    check_layout,
    check_rules,
)
from autograd_mini.testing.points import Point, weights
from autograd_mini.testing.strategies import EXTREMES, points_at_ties, strata


@dataclass
class Ledger:
    """What a check of an op has seen; its text is one line for a log.

    `kinds` are those of its inputs, `bars` the error bars of the comparisons that were sharp,
    relative to the derivative, and `narrow` is the farthest that float32 was from float64.
    """

    name: str
    kinds: set[str] = field(default_factory=set)
    points: int = 0
    ties: int = 0
    declared_kinks: int = 0
    bars: list[float] = field(default_factory=list)
    narrow: float = 0.0
    seconds: float = 0.0

    def __repr__(self) -> str:
        bars = f"{min(self.bars):.0e}, dullest {max(self.bars):.0e}" if self.bars else "none"
        met = self.declared_kinks + self.ties
        kinks = (
            f"{self.declared_kinks} declared, {self.ties} points at ties" if met else "none met"
        )
        return (
            f"{self.name}: {len(self.kinds)} kinds, {self.points} points, {self.seconds:.1f} s;"
            f" sharpest {bars}; kinks: {kinks}; float32 as float64 to {self.narrow:.0e}"
        )


@hidden
def check_op(
    op: Op,
    *,
    order: int = 2,
    max_examples: int | None = None,
    shrink: bool = True,
    seed: int | None = None,
) -> Ledger:
    """Property-test one declaration, as the project tests its own.

    Its forward must agree with the NumPy functions it names. Its rules must agree with finite
    differences at first and second order, be linear in `g`, keep shape and float32, give in
    float32 what they give in float64, repeat the same bits, also once the forward has seen other
    arrays, change nothing that they are given and keep nothing. Kinks and declared derivatives
    must be as declared. The cases of an op with an `axis` must have the last of several axes, and
    one before it. All of this is tried on inputs of every kind that `op` can be given
    (`kinds.required`), near 0 and far out too, `max_examples` of each, or half as many of each
    case of fixed shapes; the default is a 25th of Hypothesis's own setting. With `order=1`, rules
    are run on plain arrays alone and may be any NumPy code.

    Returns a `Ledger`, which prints what was seen. Raises TypeError for what is no Op, and
    AssertionError with the smallest input that fails (or, to be quick, without `shrink`, the
    first), both numbers with their error bars, the likely slip, and the `seed` that draws the same
    again where examples are not the same each time.

    >>> from autograd_mini import Op
    >>> ledger = check_op(Op(lambda x: x**3, lambda g, out, x: g * 3 * x**2, name="cube"))
    >>> check_op(Op(lambda x: x**3, lambda g, out, x: g * 6 * x**2, name="cube"), seed=0)
    Traceback (most recent call last):
    AssertionError: cube: the gradient of argument 0 is wrong
      as computed         6 ± 2e-13
      finite differences  3 ± 1e-12
      likely slip         a factor 2 too many
      x = 1.0
      (a case of: a Python number; the same again: seed=0)
    """
    if not isinstance(op, Op):
        raise TypeError(f"check_op checks an Op, not {type(op).__name__}: declare it with Op(...)")
    if op.rules and set(op.rules) == {None}:
        raise TypeError(f"{op.name} has no rule for any argument, so there is nothing to check")
    if order not in (1, 2):
        raise ValueError(f"check_op checks derivatives of order 1 or 2, not {order!r}")
    if hypothesis.currently_in_test_context():  # Hypothesis does not nest in one thread
        with ThreadPoolExecutor(1) as alone:
            how: Any = {"max_examples": max_examples, "shrink": shrink, "seed": seed}
            return alone.submit(lambda: check_op(op, order=order, **how)).result()
    if seed is None and not settings().derandomize and hypothesis.core.global_force_seed is None:
        seed = random.SystemRandom().getrandbits(32)
    start = time.process_time()
    ledger = Ledger(op.name)
    examples = max_examples or max(2, settings().max_examples // 25)
    check_kinks(op)
    ledger.declared_kinks = len(op.kinks)
    for number, name, strategy in strata(op):

        def check(point: Point, number: int = number) -> None:
            sharp = check_point(point, order, ledger)
            ledger.kinds |= {*sharp, *kinds.kinds_of(point, number)}

        often = (examples + 1) // 2 if op.cases[number].shapes else examples
        often *= 4 if name == "a Python number" else 1  # one number each, and quick
        _try(op, name, strategy, check, often, shrink, seed)
    for name, strategy in points_at_ties(op):

        def check_tie(point: Point) -> None:
            check_ties(point)
            ledger.ties += 1

        _try(op, name, strategy, check_tie, examples, shrink, seed)
    ledger.seconds = time.process_time() - start
    missing = {
        kind
        for kind in kinds.required(op) - ledger.kinds
        if order > 1 or not kind.startswith("second order")
    }
    if missing:
        raise AssertionError(
            f"{op.name}: never tested with {', '.join(sorted(missing))};"
            " give it cases (and a domain) for which it can be"
        )
    return ledger


def check_point(point: Point, order: int, ledger: Ledger) -> set[str]:
    """Check everything that must hold at one point of an op; tell which comparisons were sharp."""
    leaves = list(point.leaves)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        finite = bool(np.all(np.isfinite(point.forward(leaves))))
    assume(finite)
    ledger.points += 1
    with np.errstate(over="ignore", under="ignore"):
        out = point.forward(leaves)
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
    with np.errstate(all="ignore"):
        if narrow and not zero_strides:
            ledger.narrow = max(ledger.narrow, check_narrow(point, g))
        if narrow or zero_strides:  # too coarse for differences; equal elements may be a kink
            return set()
        sharp, bars = check_first(point, g)
        ledger.bars += bars
        far = max((np.max(np.abs(x), initial=0.0) for x in leaves), default=0.0) > FAR
        return sharp | (set() if order == 1 or far else check_second(point, g))


def _try(
    op: Op,
    kind: str,
    strategy: Any,
    check: Callable[[Point], None],
    examples: int,
    shrink: bool,
    seed: int | None,
) -> None:
    """Run `check` on points that Hypothesis draws, and tell of the smallest that fails."""
    drawn = [0]

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
        drawn[0] += 1
        try:
            check(point)
        except (AssertionError, HypothesisException):
            raise
        except Exception as error:
            text = f"{type(error).__name__}: {error}\n{point}"
            if None in op.rules:
                text += "\n  (without a rule, an argument is truth values; whole numbers with"
                text += " Domain(0, n, spacing=1))"
            raise AssertionError(text) from error

    try:
        (run if seed is None else hypothesis.seed(seed)(run))()
    except Unsatisfiable:
        if any(extreme in kind for extreme in EXTREMES):
            return  # nothing is asked of what overflows
        ends = min(d.low for d in op.domain), max(d.high for d in op.domain)
        raise AssertionError(
            f"{op.name}: its result is finite at none of {drawn[0]} points from {ends[0]:g} to"
            f" {ends[1]:g} ({kind}); give it a domain=Domain(low, high)"
        ) from None
    except AssertionError as failure:
        again = "" if seed is None else f"; the same again: seed={seed}"
        text = f"{op.name}: {failure}\n  (a case of: {kind}{again})"
        raise AssertionError(text) from failure.__cause__
