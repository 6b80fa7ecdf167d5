"""check_op: what it draws, what it must find there, and what it must not call wrong."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_mini import Domain, Op, case
from autograd_mini.testing import check_op


def own(forward: Any, *rules: Any, **how: Any) -> Op:
    return Op(forward, *rules, name="own", **how)


def is_narrow(x: Any) -> bool:
    return bool(getattr(x, "dtype", None) == np.float32)


def far(bound: float) -> Any:
    """1 where an array is beyond a bound, in the array's own dtype."""
    return lambda x: np.heaviside(np.abs(x) - bound, 0.0)


WRONG = {
    "a fast wave, three times": (
        own(lambda x: np.sin(1e4 * x), lambda g, out, x: 3e4 * g * np.cos(1e4 * x)),
        "a constant factor of 3",
    ),
    "a narrow domain, twice": (
        own(np.log, lambda g, out, x: 2 * g / x, domain=Domain(1e-5, 1e-4)),
        "a factor 2 too many",
    ),
    "a tiny function, three times": (
        own(lambda x: 1e-20 * np.sin(x), lambda g, out, x: 3e-20 * g * np.cos(x)),
        "a constant factor of 3",
    ),
    "0 in float32": (
        own(lambda x: x * x, lambda g, out, x: (0 if is_narrow(x) else 2) * g * x),
        "in float32, the gradient of argument 0 is wrong",
    ),
    "nan far out": (
        own(
            lambda x: 1 / (1 + np.exp(-x)),
            lambda g, out, x: g * np.exp(-x) / (1 + np.exp(-x)) ** 2,
        ),
        "gives nan or infinity where the result is finite",
    ),
    "no domain": (
        own(np.log, lambda g, out, x: g / x),
        "own: its result is finite at none of .* points from -3 to 3 .* give it a domain=Domain",
    ),
    "wrong beyond 200 alone": (
        own(lambda x: x * x, lambda g, out, x: g * x * (2 - far(200)(x))),
        "far out",
    ),
    "wrong between 0 and 1/16 alone": (
        own(np.sin, lambda g, out, x: g * np.cos(x) * (1.01 - 0.01 * far(0.06)(x))),
        "near 0|second derivative|gradient of argument 0 is wrong",
    ),
}


@pytest.mark.parametrize(("op", "says"), WRONG.values(), ids=WRONG)
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_wrong_ops_are_told(op: Op, says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        check_op(op)


def norm(x: Any) -> Any:
    off = x - np.mean(x, axis=-1, keepdims=True)
    return off / np.sqrt(np.mean(off * off, axis=-1, keepdims=True) + 1e-5)


def norm_rule(g: Any, out: Any, x: Any) -> Any:
    off = x - np.mean(x, axis=-1, keepdims=True)
    sd = np.sqrt(np.mean(off * off, axis=-1, keepdims=True) + 1e-5)
    h = off / sd
    return (
        g - np.mean(g, axis=-1, keepdims=True) - h * np.mean(g * h, axis=-1, keepdims=True)
    ) / sd


def share_rule(g: Any, out: Any, x: Any, axis: int) -> Any:
    whole = np.sum(x, axis=axis, keepdims=True)
    return g / whole - np.sum(g * x, axis=axis, keepdims=True) / whole**2


RIGHT = {
    "a fast wave": own(lambda x: np.sin(1e4 * x), lambda g, out, x: 1e4 * g * np.cos(1e4 * x)),
    "a narrow domain": own(np.log, lambda g, out, x: g / x, domain=Domain(1e-5, 1e-4)),
    "a tiny function": own(lambda x: 1e-20 * np.sin(x), lambda g, out, x: 1e-20 * g * np.cos(x)),
    "shares": own(
        lambda x, axis: x / np.sum(x, axis=axis, keepdims=True),
        share_rule,
        domain=Domain(0.5, 3),
        cases=(case((2, 3), axis=1), case((2, 3), axis=0)),
    ),
    "x / x": own(lambda x: x / x, lambda g, out, x: g / x - g * x / x**2, domain=Domain(0.5, 2)),
    "a norm over 2": own(norm, norm_rule, cases=(case((3, 2)),)),
    "a norm over 4": own(norm, norm_rule, cases=(case((3, 4)),)),
    "a mask": own(lambda x, m: x * m, lambda g, out, x, m: g * m, None),
}


@pytest.mark.parametrize("op", RIGHT.values(), ids=RIGHT)
@pytest.mark.parametrize("seed", range(3))
def test_right_ops_are_not_called_wrong(op: Op, seed: int) -> None:
    check_op(op, seed=seed)


def test_order_1_takes_rules_of_any_numpy_code() -> None:
    def loop(g: Any, out: Any, x: Any) -> Any:
        share = np.zeros_like(x)
        for i in range(len(x)):
            share[i] += g[i] * np.exp(x[i])
        return share

    check_op(own(np.exp, loop, cases=(case((3,)),)), order=1)


@settings(max_examples=3, deadline=None)
@given(factor=st.sampled_from([1.0, 2.0, 3.0]))
def test_it_works_inside_given(factor: float) -> None:
    check_op(own(lambda x: factor * x * x, lambda g, out, x: 2 * factor * g * x), max_examples=2)


def test_the_ledger_is_a_line_for_a_log() -> None:
    ledger = check_op(
        own(
            lambda x: np.maximum(x, 0),
            lambda g, out, x: g * (x > 0),
            domain=Domain(away_from=(0.0,)),
            kinks=(((0.0,), (0.0,)),),
        )
    )
    assert "kinks: 1 declared, 0 points at ties" in repr(ledger)
    assert repr(ledger).startswith(f"own: {len(ledger.kinds)} kinds, {ledger.points} points, ")
    assert 0 < min(ledger.bars) < max(ledger.bars) < 1e-6
    assert "argument 0 far out" not in ledger.kinds


def test_the_seed_draws_the_same_again() -> None:
    op = own(lambda x: x * x, lambda g, out, x: g * 2.5 * x)
    texts = []
    for _ in range(2):
        with pytest.raises(AssertionError, match="the same again: seed=7") as caught:
            check_op(op, seed=7, shrink=False)
        texts.append(str(caught.value))
    assert texts[0] == texts[1]


def test_what_is_no_op_is_refused() -> None:
    with pytest.raises(TypeError, match="check_op checks an Op, not ufunc"):
        check_op(np.sin)  # type: ignore[arg-type]
