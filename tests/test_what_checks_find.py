"""Faults that no single comparison of numbers shows: state, aliases, one axis, one dtype."""

import copy
import functools
import math
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from autograd_mini import Domain, NotFiniteError, Op, Value, case, debug, ops
from autograd_mini.testing import GradientCheckError, check_gradients, check_op

KEPT: dict[str, Any] = {}


def keeping(what: Callable[..., Any], forward: Callable[..., Any]) -> Callable[..., Any]:
    """`forward`, which also keeps something of its arguments for a rule."""

    def both(*args: Any, **keywords: Any) -> Any:
        KEPT["it"] = what(*args, **keywords)
        return forward(*args, **keywords)

    return functools.wraps(forward)(both)


AWAY = Domain(away_from=(0.0,))
RELU = Op(
    keeping(lambda x: np.asarray(x) > 0, lambda x: np.maximum(x, 0)),
    lambda g, out, x: g * KEPT["it"],
    name="stale relu",
    domain=AWAY,
)
EXP = Op(keeping(np.exp, lambda x: np.exp(x)), lambda g, out, x: g * KEPT["it"], name="exp")
STATEFUL = {
    "a mask": RELU,
    "a number": EXP,
    "a shape": Op(
        keeping(np.shape, lambda x: x * 2.0),
        lambda g, out, x: g * 2.0 * (KEPT["it"] == np.shape(x)),
        name="double",
    ),
    "an axis": Op(
        keeping(lambda x, axis: axis, lambda x, axis: np.sum(x, axis=axis)),
        lambda g, out, x, axis: np.broadcast_to(np.expand_dims(g, KEPT["it"]), np.shape(x)),
        name="sum",
        cases=(case((2, 3), axis=0), case((2, 3), axis=1)),
    ),
    "how many arrays": Op(
        keeping(lambda *xs: len(xs), lambda *xs: sum(xs) * (1 / len(xs))),
        lambda places, g, out, *xs: [g * (1 / KEPT["it"]) for _ in places],
        name="mean of several",
        sequence=True,
        cases=(case((2,), (2,)), case((3,), (3,), (3,))),
    ),
    "the other argument": Op(
        keeping(lambda x, y: y, lambda x, y: x * y),
        lambda g, out, x, y: g * KEPT["it"],
        lambda g, out, x, y: g * x,
        name="times",
    ),
}


@pytest.mark.parametrize("op", STATEFUL.values(), ids=STATEFUL)
def test_a_forward_that_keeps_state_for_its_rule_is_found(op: Op) -> None:
    with pytest.raises(AssertionError, match=r"argument 0 gives something else once .* keeps"):
        check_op(op)


@pytest.mark.parametrize(
    ("op", "x", "order"), [(RELU, [1.0, -1.0], 1), (RELU, 0.5, 2), (EXP, [1.0], 1), (EXP, -1.0, 2)]
)
def test_check_gradients_finds_state_too(op: Op, x: Any, order: int) -> None:
    with pytest.raises(GradientCheckError, match="another once the function has seen") as caught:
        check_gradients(lambda x: op(x) * 2.0, x, order=order)
    assert caught.value.arguments[0].wrong.all()


# ------------------------------------------------------------------------------- one axis alone
def cumulated(*axes: int) -> Op:
    """A cumulative sum whose rule is right for the last axis only, tested on some."""
    return Op(
        lambda x, axis: np.cumsum(x, axis=axis),
        lambda g, out, x, axis: np.cumsum(g[..., ::-1], axis=-1)[..., ::-1],
        name="cumulated",
        cases=tuple(case((2, 3), axis=axis) for axis in axes),
    )


@pytest.mark.parametrize(
    ("axes", "says"),
    [
        ((1,), "never tested with one before the last as axis"),
        ((1, -1), "never tested with one before the last as axis"),
        ((0, 1), "gradient of argument 0 is wrong"),
        ((-2, 1), "gradient of argument 0 is wrong"),
    ],
)
def test_an_op_is_tested_on_more_than_one_axis(axes: tuple[int, ...], says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        check_op(cumulated(*axes))


# ------------------------------------------------------------------- float32 that becomes float64
ERF = np.vectorize(math.erf, otypes=[float])
WIDENING = {
    "a rule": Op(
        lambda x: x * x, lambda g, out, x: g * x * (2 / np.sqrt(np.pi) * np.sqrt(np.pi)), name="a"
    ),
    "a forward": Op(lambda x: x * np.float64(2.5), lambda g, out, x: g * 2.5, name="b"),
    "a function that answers in float64": Op(
        lambda x: ERF(x) if np.size(x) else x * 0.0,
        lambda g, out, x: g * 2 / math.sqrt(math.pi) * np.exp(-x * x),
        name="erf",
    ),
}


@pytest.mark.parametrize("op", WIDENING.values(), ids=WIDENING)
def test_a_wider_dtype_is_told_with_its_cure(op: Op) -> None:
    with pytest.raises(AssertionError, match=r"float64 .*math\.sqrt.*\.astype\(x\.dtype\)"):
        check_op(op)


# ---------------------------------------------------------------- what else a forward can be
@dataclass
class Grower:  # not hashable, as dataclasses are
    rate: float

    def __call__(self, x: Any) -> Any:
        return np.exp(self.rate * x)

    def grown(self, x: Any) -> Any:
        return np.exp(self.rate * x)

    def faster(self, x: Any, by: float = 2.0) -> Any:
        return np.exp(by * self.rate * x)

    @staticmethod
    def plain(x: Any) -> Any:
        return np.exp(x)

    @classmethod
    def of_class(cls, x: Any) -> Any:
        return np.exp(x)


def wrapped(f: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(f)
    def inner(*args: Any, **keywords: Any) -> Any:
        return f(*args, **keywords)

    return inner


def scaled(x: Any, by: float = 3.0) -> Any:
    return np.exp(by * x)


FORWARDS: dict[str, Callable[..., Any]] = {
    "a bound method": Grower(1.0).grown,
    "an object": Grower(1.0),
    "a static method": Grower(1.0).plain,
    "a class method": Grower.of_class,
    "a wrapped function": wrapped(lambda x: np.exp(x)),
    "a partial function": functools.partial(scaled, by=1.0),
    "a partial method": functools.partial(Grower(1.0).faster, by=1.0),
    "a partial function of a number": functools.partial(lambda rate, x: np.exp(rate * x), 1.0),
    "any number of arguments": lambda *xs: np.exp(xs[0]),
    "a ufunc": np.exp,
}


@pytest.mark.parametrize("forward", FORWARDS.values(), ids=FORWARDS)
def test_every_kind_of_callable_is_a_forward(forward: Callable[..., Any]) -> None:
    op = Op(forward, lambda g, out, x: g * out, name="grow")
    assert op.keywords == ()
    check_op(op, max_examples=2)


def test_keywords_of_methods_and_behind_any_number_of_arrays() -> None:
    faster = Op(
        Grower(1.0).faster,
        lambda g, out, x, by=2.0: g * by * out,
        name="faster",
        cases=(case(), case(by=0.5)),
    )
    assert faster.keywords == ("by",)
    check_op(faster, max_examples=2)
    product = Op(
        lambda *xs, by=1.0: xs[0] * xs[1] * by,
        lambda g, out, x, y, by=1.0: g * y * by,
        lambda g, out, x, y, by=1.0: g * x * by,
        name="product",
    )
    assert product.keywords == ("by",)
    assert product(Value(2.0), 3.0, by=4.0).item() == 24


# ------------------------------------------------------- arrays that have more than one name
def alias(x: Any) -> Any:
    h = x * 2
    y = h
    y += 1
    return (h * x).sum()


def view(x: Any) -> Any:
    h = np.sin(x)
    y = h[1:]
    y -= 3
    return (h * h).sum()


def accumulated(x: Any) -> Any:
    h = x * 2
    for _ in range(3):
        total = h
        total += x
    return (h**2).sum()


def transposed(x: Any) -> Any:
    h = x * 1
    y = h.T
    y /= 2
    return (h * h).sum()


@pytest.mark.parametrize("f", [alias, view, accumulated, transposed])
def test_an_operator_that_writes_into_an_alias_is_found(f: Callable[[Any], Any]) -> None:
    with pytest.raises((GradientCheckError, TypeError), match="write y = y"):
        check_gradients(f, [0.1, 0.2, 0.3])


def test_an_alias_is_told_with_both_results() -> None:
    with pytest.raises(GradientCheckError, match=r"gives np.float64\(0.28\) for Values.*0\.8"):
        check_gradients(alias, [0.1, 0.2, 0.3])


def in_place_of_its_own(x: Any) -> Any:
    y = x * 1
    y += 1
    return (y * y).sum()


RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (in_place_of_its_own, [0.1, 0.2]),
        (lambda x: x.relu().sum(), [0.1, -0.2]),  # arrays have no such method
        (lambda x: (Value([2.0, 3.0]) * x).sum(), [0.1, 0.2]),
        (lambda x: np.sqrt(x).sum() + np.inf, [0.0, 1.0]),
        (lambda x: x * 2.0 + np.nan, -2.0),
        (lambda x: 1 / x, 0.0),
        (lambda x: np.exp(x * 300.0) * 1e-200, [1.0, 2.0]),
        (lambda x: x * 1.0, np.zeros((0, 2))),
        (lambda x: (x * RANDOM.normal(size=2) * 0.0).sum(), [1.0, 2.0]),
        (lambda x: ops.softmax(x), [1.0, 2.0]),
        (lambda x: None if isinstance(x, np.ndarray) else x.sum(), [1.0, 2.0]),
    ],
)
def test_no_alarm_where_plain_arrays_give_the_same_or_nothing(f: Any, x: Any) -> None:
    check_gradients(f, x, order=1, inconclusive="pass")


# ------------------------------------------------------------------------- errors that travel
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_errors_are_pickled_without_their_graphs() -> None:
    errors: list[Any] = []
    with debug(), pytest.raises(NotFiniteError) as not_finite:
        np.log(Value([0.0, 1.0]) * 2)
    errors.append(not_finite.value)
    with pytest.raises(GradientCheckError) as wrong:
        check_gradients(Op(lambda x: x * x, lambda g, out, x: g * x, name="square"), [1.0])
    errors.append(wrong.value)
    for error in errors:
        for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
            assert type(twin) is type(error)
            assert str(twin) == str(error)


@pytest.mark.parametrize(
    ("op", "told"),
    [
        (
            Op(
                lambda x: x - np.mean(x),
                lambda g, out, x: g - np.mean(g),
                name="centred",
                elementwise=True,
            ),
            "declared elementwise and is not",
        ),
        (
            Op(
                lambda x: 2 * x,
                lambda g, out, x: g[::-1] * 2 if np.ndim(g) == 1 else 2 * g,
                name="turned",
                elementwise=True,
            ),
            "a rule",
        ),
        (
            Op(np.sin, lambda g, out, x: g * np.cos(x), name="wave", passes="moves"),
            "its numbers decide",
        ),
    ],
)
def test_what_a_declaration_says_of_the_op_is_tested(op: Op, told: str) -> None:
    with pytest.raises(AssertionError, match=told):
        check_op(op)
