"""A zero that was chosen stays one through all that is elementwise; a computed one may not."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_mini import (
    Op,
    Value,
    compile,
    debug,
    grad,
    gradient_table,
    hessian,
    ops,
    per_example,
)
from autograd_mini.ops.elementwise import chosen

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
INF = math.inf
GOOD = 0.5
"""Where every op below has a finite value and slope."""

# Each elementwise function of the table, at a point where its slope is infinite or nan.
SINGULAR: dict[str, tuple[Callable[[Any], Any], float]] = {
    "divide": (lambda x: 1.0 / x, 0.0),
    "divide by a constant": (lambda x: x / np.array([2.0, 0.0, 0.0]), 0.0),
    "multiply by a constant": (lambda x: x * np.array([2.0, INF, INF]), 1.0),
    "multiply": (lambda x: x * np.log(x), 0.0),
    "power": (lambda x: x**0.3, 0.0),
    "power of a constant": (lambda x: np.array([2.0, 0.0, 0.0]) ** x, -1.0),
    "power of two": (lambda x: x**x, 0.0),
    "square": (np.square, INF),
    "sqrt": (np.sqrt, 0.0),
    "cbrt": (np.cbrt, 0.0),
    "reciprocal": (np.reciprocal, 0.0),
    "exp": (np.exp, 1000.0),
    "expm1": (np.expm1, 1000.0),
    "exp2": (np.exp2, 2000.0),
    "log": (np.log, 0.0),
    "log1p": (np.log1p, -1.0),
    "log2": (np.log2, 0.0),
    "log10": (np.log10, 0.0),
    "logaddexp": (lambda x: np.logaddexp(x, np.array(0.0)), math.nan),
    "logaddexp2": (lambda x: np.logaddexp2(x, np.array(0.0)), math.nan),
    "sin": (np.sin, INF),
    "cos": (np.cos, INF),
    "tan": (np.tan, INF),
    "arcsin": (np.arcsin, 1.0),
    "arccos": (np.arccos, 1.0),
    "arctan": (np.arctan, math.nan),
    "sinh": (np.sinh, 1000.0),
    "cosh": (np.cosh, 1000.0),
    "tanh": (np.tanh, math.nan),
    "arcsinh": (np.arcsinh, math.nan),
    "arccosh": (lambda x: np.arccosh(x + 1.0), 0.0),
    "arctanh": (np.arctanh, 1.0),
    "hypot": (lambda x: np.hypot(x, np.array(1.0)), math.nan),
    "arctan2": (lambda x: np.arctan2(x, np.array(1.0)), math.nan),
    "sinc": (np.sinc, math.nan),
    "absolute": (np.abs, math.nan),
    "copysign": (lambda x: np.copysign(x, np.array(1.0)), math.nan),
    "mod": (lambda x: np.mod(np.array(1.2), x), 0.0),
    "fmod": (lambda x: np.fmod(np.array(1.2), x), 0.0),
    "sigmoid": (ops.sigmoid, math.nan),
    "softplus": (ops.softplus, math.nan),
}
# How the values at all places but the first are given up, where `bad` says which.
CHOOSERS: dict[str, Callable[[Any, Any], Any]] = {
    "where": lambda y, bad: np.where(bad, 0.25, y),
    "where, other side": lambda y, bad: np.where(~bad, y, 0.25),
    "index": lambda y, bad: y[:1],
    "indices": lambda y, bad: y[np.array([0, 0])],
    "mask": lambda y, bad: y[~bad],
    "maximum": lambda y, bad: np.maximum(np.where(bad, -9.0, y), -5.0),
    "clip": lambda y, bad: np.clip(np.where(bad, 1e9, y), -1e3, 1e3),
    "take": lambda y, bad: np.take(y, [0]),
    "split": lambda y, bad: np.array_split(y, [1])[0],
    "at.set": lambda y, bad: y.at[1:].set(0.25),
    "constant 0": lambda y, bad: np.where(bad, 0.0, 1.0) * y,
    "reshaped": lambda y, bad: np.where(bad, 0.25, y).reshape(-1, 1).T + np.ones((2, 1)),
    "shifted": lambda y, bad: -np.roll(np.where(bad, 0.25, y), 1) - 1.0,
}


def case(name: str, chooser: str) -> tuple[Callable[[Any], Any], Any]:
    function, point = SINGULAR[name]
    x = np.array([GOOD, point, point])
    bad = np.array([False, True, True])
    choose = CHOOSERS[chooser]

    def f(x: Any) -> Any:
        x = x if isinstance(x, Value) or type(x).__name__ == "Traced" else Value(x)
        return np.sum(choose(function(x), bad))

    return f, x


ALL = list(itertools.product(SINGULAR, CHOOSERS))


def test_every_elementwise_op_that_has_slopes_is_in_the_table() -> None:
    slopes = {
        name for name, op in ops.TABLE.items() if op.elementwise and op.passes in ("", "scales")
    }
    parts = {"sinc_derivative"}  # of the rule of sinc
    assert slopes - parts <= {name.partition(" ")[0] for name in SINGULAR}


@pytest.mark.parametrize(("name", "chooser"), ALL)
def test_a_chosen_zero_stays_one(name: str, chooser: str) -> None:
    f, x = case(name, chooser)
    found = grad(f)(x)
    assert np.isfinite(found[0])
    assert found[0] != 0
    assert found[1:].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("name", SINGULAR)
def test_compiled_programs_keep_chosen_zeros(name: str) -> None:
    for chooser in ("where", "index", "constant 0", "reshaped"):
        f, x = case(name, chooser)
        expected = grad(f)(x)
        for mode in ("fast", "readable"):
            compiled = compile(grad(f), mode=mode)
            compiled(x)
            np.testing.assert_allclose(compiled(x), expected, rtol=1e-12)


def test_second_derivatives_behind_a_chosen_zero_are_0() -> None:
    for name, chooser in itertools.product(SINGULAR, ("where", "index", "constant 0")):
        f, x = case(name, chooser)
        found = hessian(f)(x)
        assert np.isfinite(found[0, 0])
        assert np.all(found[1:] == 0), (name, chooser)


@pytest.mark.parametrize("mode", ["fast", "readable"])
def test_numbers_choose_too(mode: str) -> None:
    def f(x: Any) -> Any:
        return np.where(x > 0, x * np.log(x), 0.0)

    compiled = compile(grad(f), mode=mode)
    for _ in range(2):
        assert compiled(0.0) == grad(f)(0.0) == 0.0
        assert compiled(2.0) == grad(f)(2.0) == pytest.approx(math.log(2) + 1)


RIGHT: list[tuple[Callable[..., Any], Any, Any]] = [
    (lambda x: np.sqrt(x.relu()), -1.0, 0.0),
    (lambda x: np.sqrt(0.0 * x), 3.0, 0.0),
    (lambda x: 0.0 * np.sqrt(x), 0.0, 0.0),
    (lambda x: np.floor(np.sqrt(x)), 0.0, 0.0),
    (lambda x: np.sum((1 - np.eye(2)) * np.sqrt(x)), np.eye(2)[::-1], [[0, 0.5], [0.5, 0]]),
    (lambda x: np.max(np.sqrt(x)), np.array([0.0, 4.0]), [0.0, 0.25]),
    (lambda x: np.sqrt(np.cumsum(x)[1]), np.zeros(2), [INF, INF]),  # mixes: both are reached
    (lambda x: np.sqrt(np.sum(x)), np.zeros(2), [INF, INF]),
    (lambda x: np.where(True, np.sqrt(x), 0.0), 0.0, INF),
    (lambda x: np.sqrt(x) + np.where(x > 0, np.log(x), 0.0), 0.0, INF),
    (lambda x: np.sqrt(x[0]) + x[1], np.array([0.0, 1.0]), [INF, 1.0]),
]


@pytest.mark.parametrize(("f", "x", "slope"), RIGHT)
def test_what_is_right_stays_right(f: Callable[..., Any], x: Any, slope: Any) -> None:
    assert np.asarray(grad(f)(x)).tolist() == slope


COMPUTED: list[tuple[Callable[..., Any], float, float]] = [
    (lambda x: np.sqrt(x) ** 2, 0.0, 1.0),
    (lambda x: np.exp(np.log(x)), 0.0, 1.0),
    (lambda x: 1 / (1 / x), 0.0, 1.0),
    (lambda x: np.cosh(np.arccosh(x)), 1.0, 1.0),
    (lambda x: np.abs(np.sqrt(x)) ** 3, 0.0, 0.0),
    (lambda x: np.sin(np.sqrt(x)) ** 2, 0.0, 1.0),
    (lambda x: x * np.sqrt(x), 0.0, 0.0),
]


@pytest.mark.parametrize(("f", "x", "true"), COMPUTED)
def test_a_computed_zero_that_meets_infinity_gives_the_true_value_or_nan(
    f: Callable[..., Any], x: float, true: float
) -> None:
    for at in (x, np.array([x])):
        found = np.ravel(grad(lambda x: np.sum(f(x)))(at))[0]
        assert math.isnan(found) or found == true


LENGTHS: list[tuple[Callable[..., Any], Any]] = [
    (lambda d: np.linalg.norm(d) ** 2, 2 * np.eye(2)),
    (lambda d: np.exp(-(np.linalg.norm(d) ** 2)), -2 * np.eye(2)),
    (lambda d: np.std(d) ** 2, np.eye(2) - 0.5),
    (lambda d: np.hypot(d[0], d[1]) ** 2, 2 * np.eye(2)),
    (lambda d: np.sqrt(np.sum(d * d)) ** 2, 2 * np.eye(2)),
    (lambda d: np.linalg.norm(d, 3) ** 3, np.zeros((2, 2))),
    (lambda d: np.linalg.norm(d), None),
    (lambda d: np.std(d), None),
]


@pytest.mark.parametrize(("f", "true"), LENGTHS)
def test_second_derivatives_at_a_corner_are_not_made_up(f: Callable[..., Any], true: Any) -> None:
    found = hessian(f)(np.zeros(2))
    assert np.all(np.isnan(found) | (found == (np.nan if true is None else true)))


def test_the_hessian_of_a_power_that_was_not_taken() -> None:
    assert hessian(lambda x: 2.5 * np.where(x > 0, x**1.5, 0.0))(0.0) == 0.0
    found = hessian(lambda a, x: a * np.where(x > 0, x**1.5, 0.0), (0, 1))(2.0, 0.0)
    assert found == ((0.0, 0.0), (0.0, 0.0))


def test_intermediate_gradients_are_guarded_too() -> None:
    x = Value(np.array([0.0, 4.0]))
    y = np.log(x)
    z = np.where(np.array([True, True]), np.sqrt(x) * y, 0.0)
    root = np.where(x > 0, z, 0.0).sum()
    table = gradient_table(root)
    assert table[y].tolist() == [0.0, 2.0]
    assert table[x].tolist() == [0.0, pytest.approx(0.25 * math.log(4) + 0.5)]


def test_debug_judges_the_guarded_pass() -> None:
    x = Value([0.0, 1.0])
    with np.errstate(all="ignore"):
        root = np.where(x > 0, np.sqrt(x), 0.0).sum()
    with debug():
        root.backward()
    assert x.grad.tolist() == [0.0, 0.5]


def test_an_op_of_ones_own_is_guarded_where_it_says_that_it_is_elementwise() -> None:
    def slope(**facts: Any) -> list[float]:
        root = Op(np.sqrt, lambda g, out, x: g * 0.5 / out, name="root", **facts)
        return grad(lambda x: np.where(x > 0, root(x), 0.0).sum())(np.array([0.0, 4.0])).tolist()

    assert slope(elementwise=True) == [0.0, 0.25]
    assert math.isnan(slope()[0])
    assert slope()[1] == 0.25


def test_gradients_of_each_example_are_guarded_too() -> None:
    def cost(w: Any, x: Any) -> Any:
        return np.where(x > 0, np.sqrt(w * x), 0.0).sum()

    w, xs = np.ones(2), np.array([[0.0, 4.0], [1.0, 0.0]])
    assert per_example(cost)(w, xs).tolist() == [grad(cost)(w, x).tolist() for x in xs]
    assert per_example(cost)(w, xs).tolist() == [[0.0, 1.0], [0.5, 0.0]]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_chosen_is_where(dtype: Any) -> None:
    g = np.array([[1.5, -0.0, np.nan], [np.inf, -2.0, 3.0]], dtype)
    for taken in (
        g > 0,
        np.array([True, False, True]),
        g[:1] > 0,
        np.True_,
        False,
        np.array([2, 0, 1]),
    ):
        for given in (g, g[:, ::-1], g.T.copy().T):
            found = chosen(taken, given)
            assert found.dtype == dtype
            np.testing.assert_array_equal(found, np.where(taken, given, dtype(0)))


@pytest.mark.parametrize("mode", ["fast", "readable"])
def test_an_own_elementwise_op_behind_a_zero_that_is_an_argument(mode: str) -> None:
    root = Op(np.sqrt, lambda g, out, x: g / (2 * out), name="root", elementwise=True)

    def f(x: Any, mask: Any) -> Any:
        return np.sum(root(x) * mask)

    compiled = compile(grad(f), mode=mode)
    for mask in ([0.0, 1.0], [0.0, 0.0]):
        found = compiled(np.array([0.0, 4.0]), np.array(mask))
        assert found.tolist() == grad(f)(np.array([0.0, 4.0]), np.array(mask)).tolist()
        assert found.tolist() == [0.0, 0.25 * mask[1]]
