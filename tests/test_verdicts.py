"""check_gradients tells right from wrong where it can, and says so where it cannot."""

from typing import Any

import numpy as np
import pytest

from autograd_mini import Op, Value, ops
from autograd_mini.testing import GradientCheckError, InconclusiveCheckError, check_gradients


def with_slope(forward: Any, factor: float, slope: Any) -> Any:
    return Op(forward, lambda g, out, x: g * factor * slope(x), name="own").__call__


SLOPES: dict[str, tuple[Any, Any]] = {
    "log": (np.log, lambda x: 1 / x),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "1/x": (lambda x: 1 / x, lambda x: -1 / x**2),
    "square": (lambda x: x * x, lambda x: 2 * x),
    "cube": (lambda x: x * x * x, lambda x: 3 * x * x),
    "fast sine": (lambda x: np.sin(1e3 * x), lambda x: 1e3 * np.cos(1e3 * x)),
}


@pytest.mark.parametrize("factor", [1.0, 2.0, 0.5, 1.001])
@pytest.mark.parametrize("x", [1e-8, 1e-5, 1e-3, 1.0, 1e3, 1e6, 1e10])
@pytest.mark.parametrize("name", SLOPES)
def test_a_factor_is_told_at_any_size(name: str, x: float, factor: float) -> None:
    if name == "fast sine" and not 1e-5 <= x <= 1e3:
        pytest.skip("a sine of a thousand million has no digits left")
    f = with_slope(SLOPES[name][0], factor, SLOPES[name][1])
    for at in ([x], [x, x * 0.7], *([[x, 0.7]] if 1e-3 <= x <= 1e3 else [])):
        if factor == 1.0:
            check_gradients(f, at)
        else:
            with pytest.raises(GradientCheckError, match="argument 0 is wrong"):
                check_gradients(f, at)


@pytest.mark.parametrize("mean", [1e3, 1e5])
@pytest.mark.parametrize("seed", range(12))
def test_right_gradients_of_rough_functions_are_not_called_wrong(mean: float, seed: int) -> None:
    x = mean + np.random.default_rng(10_000 + seed).normal(size=6)
    check_gradients(lambda x: (x * x).mean() - x.mean() ** 2, x, inconclusive="pass")


@pytest.mark.parametrize("seed", range(12))
def test_nor_those_of_a_nearly_singular_kernel(seed: int) -> None:
    t = np.linspace(0, 1, 5)
    at = np.random.default_rng(seed).uniform(0.2, 1.0, 2)

    def likelihood(p: Any) -> Any:
        K = np.exp((t[:, None] - t) ** 2 * -0.5 / p[0] ** 2) * p[1] + 1e-6 * np.eye(5)
        return np.linalg.slogdet(K)[1]

    check_gradients(likelihood, at, inconclusive="pass")


def test_what_is_random_or_not_finite_cannot_be_told() -> None:
    rng = np.random.default_rng(0)
    for wrong in (with_slope(lambda x: 2 * x, 3.5, lambda x: 2.0), lambda x: x * 2.0):
        with pytest.raises(InconclusiveCheckError, match="two calls of the function"):
            check_gradients(lambda x, f=wrong: f(x) + rng.normal(size=2), [0.3, 1.0])
        with pytest.raises(InconclusiveCheckError, match="the result is nan at element 0"):
            check_gradients(lambda x, f=wrong: f(x) + np.array([np.nan, 0.0]), [0.3, 1.0])
        check_gradients(lambda x: x * np.inf, [1.0], inconclusive="pass")
    with pytest.raises(ValueError, match="inconclusive is 'raise' or 'pass', not 'fail'"):
        check_gradients(np.sin, 1.0, inconclusive="fail")


def test_a_kink_elsewhere_hides_nothing() -> None:
    off = with_slope(lambda y: y * y, 1.0005, lambda y: 2 * y)
    with pytest.raises(GradientCheckError, match="the gradient of argument 1 is wrong"):
        check_gradients(lambda x, y: ops.relu(x).sum() + off(y).sum(), [0.0], [1.0])
    one_of_fifty = Op(
        lambda x: np.abs(x),
        lambda g, out, x: g * np.sign(x) + 0.001 * (np.arange(len(x)) == 7),
        name="own",
    )
    x = np.linspace(0.0, 5.0, 50)
    with pytest.raises(GradientCheckError, match="wrong at element 7"):
        check_gradients(lambda x: one_of_fifty(x).sum(), x)


def test_order_1_takes_rules_of_any_numpy_code() -> None:
    def loop(g: Any, out: Any, x: Any) -> Any:
        share = np.zeros_like(x)
        for i in range(len(x)):
            share[i] += g[i] * np.exp(x[i])
        return share

    check_gradients(Op(np.exp, loop, name="loop").__call__, [0.5, 1.0], order=1)


def test_no_elements_are_no_comparison() -> None:
    from autograd_mini.testing.numeric import Estimate
    from autograd_mini.testing.report import is_sharp

    assert not is_sharp(Estimate(np.zeros(0), np.zeros(0)), 1.0)
    assert is_sharp(Estimate(np.ones(1), np.zeros(1)), 1.0)


def test_a_small_factor_is_no_reversed_order() -> None:
    slip = Op(np.sin, lambda g, out, x: g * np.cos(x) * (1 + 5e-8), name="s")
    with pytest.raises(GradientCheckError) as caught:
        check_gradients(lambda x: slip(x), 1.0)
    assert "reversed" not in str(caught.value)
    assert "a constant factor of 1.00000005" in str(caught.value)


def test_a_value_from_outside_is_no_obstacle() -> None:
    w = Value([1.0, 2.0], "w")
    check_gradients(lambda x: x * w, [3.0, 4.0])
