"""check_gradients tells right from wrong where it can, and says so where it cannot."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd_mini import Op, Value, jvp, ops
from autograd_mini.testing import (
    GradientCheckError,
    InconclusiveCheckError,
    check_backward,
    check_gradients,
    check_jvp,
    check_layer,
)


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


SIZES = [1e-8, 1e-5, 1e-3, 1.0, 1e3, 1e6, 1e10]
PLACES = [
    (name, x)
    for name in SLOPES
    for x in (SIZES if name != "fast sine" else SIZES[1:5])  # beyond, its argument has no digits
]


@pytest.mark.parametrize("factor", [1.0, 2.0, 0.5, 1.001])
@pytest.mark.parametrize(("name", "x"), PLACES)
def test_a_factor_is_told_at_any_size(name: str, x: float, factor: float) -> None:
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


# ------------------------------------------------------------------- backward passes by hand
def layer_norm(x: Any, gamma: Any, beta: Any) -> Any:
    sd = np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    return gamma * (x - x.mean(-1, keepdims=True)) / sd + beta


def layer_norm_backward(slip: str = "") -> Any:
    def backward(g: Any, x: Any, gamma: Any, beta: Any) -> Any:
        var = x.var(-1, keepdims=True)
        sd = np.sqrt(var) + 1e-5 if slip == "eps" else np.sqrt(var + 1e-5)
        h, share = (x - x.mean(-1, keepdims=True)) / sd, g * gamma
        dx = share.copy()
        if slip != "the mean":
            dx -= share.mean(-1, keepdims=True)
        if slip != "the variance":
            dx -= h * (share * h).mean(-1, keepdims=True)
        return dx / sd, (g * h).sum(0), g.mean(0) if slip == "a mean" else g.sum(0)

    return backward


def softmax(x: Any) -> Any:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def cross_entropy(logits: Any, labels: Any) -> Any:
    return -np.log(softmax(logits)[np.arange(len(labels)), labels]).mean()


def cross_entropy_backward(divisor: bool = True, with_g: bool = True) -> Any:
    def backward(g: Any, logits: Any, labels: Any) -> Any:
        p = softmax(logits)
        p[np.arange(len(labels)), labels] -= 1
        return (g if with_g else 1.0) * p / (len(labels) if divisor else 1), None

    return backward


def embedding_backward(added: bool) -> Any:
    def backward(g: Any, table: Any, index: Any) -> Any:
        share = np.zeros_like(table)
        if added:
            np.add.at(share, index, g)
        else:
            share[index] = g
        return share

    return backward


DRAWN = np.random.default_rng(0)
X, GAMMA, BETA = DRAWN.normal(size=(3, 5)), DRAWN.normal(size=5), DRAWN.normal(size=5)
LABELS = np.array([1, 0, 4])
HAND_WRITTEN: list[tuple[Any, Any, tuple[Any, ...], str]] = [
    (layer_norm, layer_norm_backward(), (X, GAMMA, BETA), ""),
    (layer_norm, layer_norm_backward("eps"), (X, GAMMA, BETA), "is eps where the forward has it"),
    (layer_norm, layer_norm_backward("the mean"), (X, GAMMA, BETA), "through the mean is missing"),
    (layer_norm, layer_norm_backward("the variance"), (X, GAMMA, BETA), "through the variance"),
    (layer_norm, layer_norm_backward("a mean"), (X, GAMMA, BETA), "1/3 too many: a mean in place"),
    (softmax, lambda g, x: softmax(x) * (g - (g * softmax(x)).sum(-1, keepdims=True)), (X,), ""),
    (softmax, lambda g, x: softmax(x) * g, (X,), "the sum over the axis in softmax is missing"),
    (cross_entropy, cross_entropy_backward(), (X, LABELS), ""),
    (cross_entropy, cross_entropy_backward(divisor=False), (X, LABELS), "1/3 missing: a sum in"),
    (cross_entropy, cross_entropy_backward(with_g=False), (X, LABELS), "g is left out"),
    (lambda table, i: table[i], embedding_backward(True), (X, np.array([1, 2, 1])), ""),
    (
        lambda table, i: table[i],
        embedding_backward(False),
        (X, np.array([1, 2, 1])),
        "a repeated index overwrites",
    ),
    (
        lambda x, W: x @ W,
        lambda g, x, W: (g @ W.T, (x.T @ g).T),
        (np.ones((2, 3)), np.ones((3, 4))),
        r"shape \(4, 3\), and the argument has shape \(3, 4\): a transpose",
    ),
]


@pytest.mark.parametrize(("forward", "backward", "args", "slip"), HAND_WRITTEN)
def test_a_backward_in_plain_numpy(forward: Any, backward: Any, args: Any, slip: str) -> None:
    copies = [np.array(x) for x in args]
    if not slip:
        check_backward(forward, backward, *args)
    else:
        with pytest.raises(GradientCheckError, match=slip):
            check_backward(forward, backward, *args)
    for x, copy in zip(args, copies, strict=True):
        np.testing.assert_array_equal(x, copy)


def test_a_backward_of_two_results_and_of_float32() -> None:
    def forward(x: Any, h: Any) -> Any:
        return np.tanh(x * h), x + h

    def backward(g: Any, x: Any, h: Any, lost: bool = False) -> Any:
        share = g[0] * (1 - np.tanh(x * h) ** 2)
        return share * h + (0 if lost else g[1]), share * x + g[1]

    check_backward(forward, backward, X, X + 1)
    with pytest.raises(GradientCheckError, match=r"result 1 at element \(.*\)"):
        check_backward(forward, lambda g, x, h: backward(g, x, h, lost=True), X, X + 1)

    def narrow(x: Any) -> Any:
        return np.sin(x.astype(np.float32))

    check_backward(narrow, lambda g, x: g * np.cos(x.astype(np.float32)), X, inconclusive="pass")
    with pytest.raises(GradientCheckError, match="is wrong"):
        check_backward(narrow, lambda g, x: g * 1.1 * np.cos(x.astype(np.float32)), X)
    with pytest.raises(ValueError, match="backward gives 3 gradients for 2 arguments"):
        check_backward(forward, lambda g, x, h: (x, x, x), X, X)


# ------------------------------------------------------------------ what grad takes, checks take
def test_containers_keywords_and_whole_numbers() -> None:
    def f(p: Any, n: Any, *, axis: int) -> Any:
        return {"a": (p["W"] @ p["b"]).sum(axis=axis), "c": p["b"] ** n}

    p = {"W": X.T[:3], "b": [1.0, 2.0, 3.0]}
    check_gradients(f, p, 3, axis=0)
    check_gradients(lambda x, i, mask: (x[i] * mask).sum(), X, LABELS[:2], X[:2] > 0)
    doubled = with_slope(lambda x: x * x, 2.0, lambda x: 2 * x)
    with pytest.raises(GradientCheckError, match=r"the gradient of argument 0\['b'\] is wrong"):
        check_gradients(lambda p: p["W"].sum() + doubled(p["b"]).sum(), p)
    check_gradients(lambda x, y: doubled(x) * y, 1.0, 2.0, argnums=1)
    with pytest.raises(TypeError, match="no argument varies, and what was given is an array of"):
        check_gradients(lambda i: i * 2.0, np.array([1, 2]))


def test_a_function_of_values_from_outside_alone_is_refused() -> None:
    w = Value([1.0, 2.0], "w")
    with pytest.raises(ValueError, match=r"none of its arguments, but Values from outside \(w\)"):
        check_gradients(lambda x: (w * w).sum(), [1.0, 2.0])


def test_layers_are_checked_in_batches_and_left_as_they_were() -> None:
    layer = nn.MLP([6, 5, 3], seed=0)
    before = layer.state_dict()
    check_layer(layer, (6,))
    for name, x in layer.state_dict().items():
        assert x.dtype == before[name].dtype
        np.testing.assert_array_equal(x, before[name])

    class Detached(nn.Module):
        def __init__(self) -> None:
            self.W = Value(np.ones((2, 3)), "W")

        def forward(self, x: Any) -> Any:
            return x @ self.W.data.T * self.W.mean()

    with pytest.raises(GradientCheckError, match=r"the gradient of W is wrong"):
        check_layer(Detached(), (3,))


def test_forwards_and_backwards_are_of_one_matrix() -> None:
    check_jvp(lambda p: np.tanh(p["a"] * p["b"]), {"a": X, "b": 2.0})

    def halved(f: Any, args: Any, tangents: Any) -> Any:
        out, slope = jvp(f, args, tangents)
        return out, slope * 0.5

    with pytest.raises(GradientCheckError, match="are not of one matrix"):
        check_jvp(np.sin, X, jvp=halved)


# ----------------------------------------------------------------------------- many parameters
def test_many_numbers_are_checked_along_directions() -> None:
    sizes = (100, 80), (80,), (80, 20), (20,)
    p = [DRAWN.normal(size=s) * 0.1 for s in sizes]
    x = DRAWN.normal(size=(10, 100))

    def cost(tanh: Any) -> Any:
        return lambda p: (np.tanh(tanh(x @ p[0] + p[1]) @ p[2] + p[3]) ** 2).mean()

    check_gradients(cost(np.tanh), p)
    check_gradients(lambda p: (np.maximum(x @ p[0] + p[1], 0) @ p[2]).mean(), p)

    def rule(g: Any, out: Any, x: Any) -> Any:
        return g * (1 - out * out) * np.where(np.arange(x.size) == 37, 1.01, 1.0).reshape(x.shape)

    off = Op(np.tanh, rule, name="tanh")
    with pytest.raises(
        GradientCheckError, match=r"argument 0\[0\] is wrong at element \(\d+, 37\)"
    ):
        check_gradients(cost(off), p, order=1)
    with pytest.raises(ValueError, match="directions is 'auto', None or a number above 0"):
        check_gradients(np.sin, X, directions=0)


def test_a_traceback_has_none_of_the_checks_own_lines(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "from autograd_mini import Op\n"
        "from autograd_mini.testing import check_gradients, check_op\n"
        "twice = Op(lambda x: 2 * x, lambda g, out, x: 7 * g, name='twice')\n"
        "def test_op(): check_op(twice)\n"
        "def test_function(): check_gradients(twice.__call__, [0.3, 1.0])\n"
    )
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert "2 failed" in ran.stdout
    assert "as computed         7" in ran.stdout
    assert "autograd_mini/testing" not in ran.stdout


def test_a_kink_does_not_hide_what_cannot_be_told() -> None:
    wild = with_slope(lambda x: np.sin(1e13 * x), 3.0, lambda x: 1e13 * np.cos(1e13 * x))
    with pytest.raises(InconclusiveCheckError, match="the differences do not settle"):
        check_gradients(lambda x, y: ops.relu(x) + wild(y), 0.0, 0.3)


def test_the_end_of_a_domain_is_named() -> None:
    with pytest.raises(InconclusiveCheckError, match="no value to the left; is it the end of its"):
        check_gradients(lambda x: x**1.5, 0.0)
    with pytest.raises(InconclusiveCheckError, match="element 1: the function has no value to"):
        check_gradients(lambda x: (1 - x) ** 1.5, [0.5, 1.0], order=1)


# --------------------------------------------------------------------- close to what is not smooth
ARCSIN = np.arcsin, lambda x: 1 / np.sqrt(1 - x * x)
NEAR_AN_END: list[tuple[str, Any, Any, Any]] = [
    ("arcsin near 1", *ARCSIN, 1 - 1e-9),
    ("arcsin nearer", *ARCSIN, 1 - 1e-10),
    ("sqrt", np.sqrt, lambda x: 0.5 / np.sqrt(x), 1e-300),
    ("cube root", np.cbrt, lambda x: 1 / (3 * np.cbrt(x) ** 2), 1e-15),
    ("abs", np.abs, np.sign, 1e-13),
    ("relu", lambda x: np.maximum(x - 1, 0), lambda x: 1.0 * (x > 1), 1 + 1e-9),
    ("square, large", np.square, lambda x: 2 * x, 1e150),
    ("x log x", lambda x: x * np.log(x), lambda x: 1 + np.log(x), 1e-30),
    (
        "oscillation",
        lambda x: x * np.sin(1 / x),
        lambda x: np.sin(1 / x) - np.cos(1 / x) / x,
        1e-3,
    ),
]


@pytest.mark.parametrize("factor", [1.0, 1.1, -1.0])
@pytest.mark.parametrize(
    ("f", "slope", "x"), [x[1:] for x in NEAR_AN_END], ids=[x[0] for x in NEAR_AN_END]
)
def test_slopes_close_to_an_end_or_a_kink(f: Any, slope: Any, x: float, factor: float) -> None:
    backward = lambda g, x: g * factor * slope(x)
    if factor == 1.0:
        check_backward(f, backward, x)
    else:
        with pytest.raises(GradientCheckError, match="is wrong"):
            check_backward(f, backward, x)


def test_a_pole_close_by_is_no_kink() -> None:
    def backward(g: Any, X: Any) -> Any:
        return -np.linalg.inv(X).T @ g @ np.linalg.inv(X).T

    for gap in (1e-3, 1e-6, 1e-8):
        check_backward(np.linalg.inv, backward, np.array([[1.0, 2.0], [3.0, 6.0 + gap]]))


RELU = lambda x: np.maximum(x, 0)


@pytest.mark.parametrize("n", [10, 200, 1000])
def test_many_kinks_are_no_false_alarm_and_hide_nothing(n: int) -> None:
    x = np.round(np.random.default_rng(n).normal(size=n), 1)
    check_backward(RELU, lambda g, x: g * (x > 0), x)
    check_backward(RELU, lambda g, x: g * (x > 0), 0 * x)
    x[[0, n // 2]] = 0.0, 1.3
    for off in (2.0, 1.01):
        wrong = np.where(np.arange(n) == n // 2, off, 1.0)
        with pytest.raises(GradientCheckError, match=f"wrong at element {n // 2}\n"):
            check_backward(RELU, lambda g, x, wrong=wrong: g * (x > 0) * wrong, x)
    with pytest.raises(GradientCheckError, match="not between its one-sided ones"):
        check_backward(RELU, lambda g, x: g * (x > 0) + 2 * g * (x == 0), x)


@pytest.mark.parametrize("n", [3, 30, 400])
def test_both_of_two_equal_ones_cannot_have_the_whole_gradient(n: int) -> None:
    x = np.arange(float(n))
    shares = lambda g, x, y: (g * (x > y) + g * (x == y) / 2, g * (x < y) + g * (x == y) / 2)
    check_backward(np.maximum, shares, x, x)
    with pytest.raises(GradientCheckError):
        check_backward(np.maximum, lambda g, x, y: (g * (x >= y), g * (y >= x)), x, x)


def test_where_many_kinks_meet_a_convention_is_not_called_wrong() -> None:
    told = set()
    for seed in range(20):
        rng = np.random.default_rng(seed)
        V, w = rng.normal(size=(2, 50)), rng.normal(size=50)
        f = lambda x, V=V, w=w: np.maximum(x @ V, 0) @ w
        try:
            check_backward(f, lambda g, x, V=V, w=w: g * (V @ (w * (x @ V > 0))), np.zeros(2))
        except InconclusiveCheckError as error:
            told.add("many kinks meet" in str(error))
    assert told == {True}


def test_an_order_is_a_whole_number_above_0() -> None:
    for order in (0, 1.5, -1, "2"):
        with pytest.raises(ValueError, match="order"):
            check_gradients(np.sin, 1.0, order=order)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="order"):
            check_layer(nn.Linear(2, 2, seed=0), (2,), order=order)  # type: ignore[arg-type]


# ----------------------------------------------------------- what stands beside something else
def test_kinks_and_roots_do_not_hide_errors_along_directions() -> None:
    z, y = np.zeros(400), np.linspace(0.5, 1, 400)
    root = np.concatenate([np.full(399, 0.7), [0.0]])
    with np.errstate(divide="ignore", invalid="ignore"):
        for f, back, args in (
            (
                lambda x, y: RELU(x).sum() + (y * y).sum(),
                lambda g, x, y: (g * (x > 0), 3 * g * y),
                (z, y),
            ),
            (lambda x: RELU(x).sum(), lambda g, x: g * np.where(x == 0, 1.5, x > 0), (z,)),
            (
                lambda x: np.sqrt(np.abs(x)).sum(),
                lambda g, x: g * np.sign(x) / np.sqrt(np.abs(x) + (x == 0)),
                (root,),
            ),
        ):
            with pytest.raises(GradientCheckError, match=r"wrong|not between"):
                check_backward(f, back, *args)


def test_what_is_small_beside_the_result_is_no_pass() -> None:
    wrong = Op(np.sin, lambda g, out, x: 3 * g * np.cos(x), name="own").__call__
    for f in (lambda x: 1e6 + 1e-6 * wrong(x), lambda x: 1e12 + wrong(x)):
        with pytest.raises(AssertionError):
            check_gradients(f, [0.3])
    factors = np.array([1.0, 2.0])
    for large in (1e6, 1e7):
        with pytest.raises(AssertionError):
            check_backward(lambda x: (x * x).sum(), lambda g, x: 2 * g * x * factors, [large, 1.0])


def test_functions_with_few_digits_are_not_called_wrong() -> None:
    for f, back, x in (
        (lambda x: np.log(np.cosh(x)), lambda g, x: g * np.tanh(x), 1.0295207397749992e-07),
        (lambda x: x * x, lambda g, x: g * 2 * x, 1e-160),
        (lambda x: (np.exp(x) - 1) / x, lambda g, x: g / 2, 1e-9),
    ):
        check_backward(f, back, [x], inconclusive="pass")
    for seed in range(20):
        x = np.exp(np.random.default_rng(seed).uniform(np.log(1e-6), np.log(10), 4))
        check_gradients(lambda x: (np.exp(x) - 1) / x, x, order=1, inconclusive="pass")


def test_float32_beside_others() -> None:
    narrow = lambda x: getattr(x, "dtype", None) == np.float32
    rule = lambda g, out, x: (0 if narrow(x) else 2) * g * x
    zero = Op(lambda x: x * x, rule, name="zero").__call__
    with pytest.raises(GradientCheckError, match="in float32"):
        check_gradients(lambda x: zero(x) + ops.relu(x - 1.0), np.array([1, 2], np.float32))
    both = lambda x: (np.float32(x.sum()), np.sin(x))
    for factor in (1.0, 1.001):
        back = lambda g, x, k=factor: g[0] * np.ones(2) + k * g[1] * np.cos(x)
        if factor == 1.0:
            check_backward(both, back, [0.3, 0.4])
        else:
            with pytest.raises(GradientCheckError):
                check_backward(both, back, [0.3, 0.4])


def test_products_forwards_and_backwards_may_cancel() -> None:
    for seed in range(20):
        x = 1e3 + np.random.default_rng(seed).normal(size=6)
        check_jvp(lambda x: (x * x).mean() - x.mean() ** 2, x)
    check_jvp(lambda x, n: x**n, np.ones(3), 2)


def test_a_class_that_keeps_its_input_and_keywords() -> None:
    class Exp:
        def forward(self, x: Any) -> Any:
            self.x = x
            return np.exp(x)

        def backward(self, g: Any) -> Any:
            return g * np.exp(self.x)

    layer = Exp()
    check_backward(layer.forward, lambda g, x: layer.backward(g), [0.3, -1.0])
    check_backward(
        lambda x, axis: x.sum(axis),
        lambda g, x, axis: np.expand_dims(g, axis) * np.ones_like(x),
        np.ones((2, 3)),
        axis=1,
    )


@pytest.mark.parametrize(
    ("forward", "backward", "error", "says"),
    [
        (lambda x: None, lambda g, x: g, TypeError, "not None"),
        (lambda x: "hello", lambda g, x: g, TypeError, "not a str"),
        (lambda x: np.exp(1j * x), lambda g, x: g, TypeError, "complex"),
        (np.exp, lambda g, x: 1j * g, GradientCheckError, "is an array of complex128, not real"),
        (np.exp, lambda g, x: None, GradientCheckError, "is None, not real numbers"),
    ],
)
def test_what_is_no_number_is_named(forward: Any, backward: Any, error: Any, says: str) -> None:
    with pytest.raises(error, match=says):
        check_backward(forward, backward, [1.0])


def test_a_layer_uses_its_parameters_alone() -> None:
    scale = Value(2.0, name="scale")

    class Forgets(nn.Linear):
        def __call__(self, x: Any) -> Any:
            return super().__call__(x) * scale

    with pytest.raises(ValueError, match=r"not among its parameters\(\): scale"):
        check_layer(Forgets(3, 2, seed=0), (3,))
