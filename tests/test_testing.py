"""What `autograd_mini.testing` gives to others: checks at a point, strategies, programs."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_mini import Domain, Op, Value, case
from autograd_mini.testing import (
    GradientCheckError,
    Program,
    arrays_in,
    broadcastable,
    check_gradients,
    check_layer,
    check_op,
    indices,
    numbers,
    parameters,
    programs,
    values,
)

POSITIVE = Domain(0.5, 2.0)


# ---------------------------------------------------------------------------- check_gradients
@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda x, y: x @ y, ([[1.0, 2.0], [0.5, -1.0]], [0.25, 3.0])),
        (lambda x: np.exp(np.sin(x)), (0.75,)),
        (lambda x: np.log(x) / x, ([1e-3, 1.0, 50.0],)),
        (lambda x: np.zeros(3) @ np.ones(3), ([1.0],)),
        (lambda x: x * 0 + 1, (np.ones((2, 0)),)),
        (lambda x: np.maximum(x, 0), ([-1.0, 0.0, 1e-9, -1e-13, 1e-3],)),
        (lambda x: np.max(x), ([2.0, 2.0, 2.0, 1.0],)),
        (lambda x: np.abs(x) * np.abs(x - 1), ([0.0, 1.0, 1e-7],)),
        (lambda x: np.sum(np.maximum(x, 0) * [1.0, -1.0, 1.0]), ([0.0, 1e-9, 0.0],)),
        (lambda x: np.sqrt(x), ([0.0, 4.0],)),
        (lambda x, y: np.hypot(x, y), (0.0, 0.0)),
    ],
)
def test_right_gradients_pass_on_and_off_kinks(f: Any, args: Any) -> None:
    check_gradients(f, *args)


def op(forward: Any, rule: Any) -> Op:
    return Op(forward, rule, name="wrong")


@pytest.mark.parametrize(
    ("wrong", "x", "says"),
    [
        (op(np.sin, lambda g, out, x: g * np.cos(x) * (1 + 1e-6)), [1.0, 2.0], "1.000001"),
        (op(np.sin, lambda g, out, x: -g * np.cos(x)), 0.5, "the sign"),
        (op(lambda x: np.maximum(x, 0), lambda g, out, x: g * 1.5 * (x >= 0)), 0.0, "at a kink"),
        (op(lambda x: np.maximum(x, 0), lambda g, out, x: g * 1.5 * (x >= 0)), 1e-13, "wrong"),
        (op(np.max, lambda g, out, x: g * (x == out)), [1.0, 1.0, 0.0], "at a kink"),
        (
            op(np.exp, lambda g, out, x: g * np.exp(x.data if isinstance(x, Value) else x)),
            [1.0],
            "second derivative",
        ),
    ],
)
def test_wrong_gradients_are_told(wrong: Op, x: Any, says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        check_gradients(wrong.__call__, x)


def test_order_1_looks_at_the_gradient_alone() -> None:
    detached = op(np.exp, lambda g, out, x: g * np.exp(x.data if isinstance(x, Value) else x))
    check_gradients(detached.__call__, 1.0, order=1)


def test_float32_is_checked_as_float64_and_then_against_it() -> None:
    check_gradients(np.exp, np.ones(2, np.float32))
    half = op(np.exp, lambda g, out, x: g * out * (0 if np.asarray(x).dtype == np.float32 else 1))
    with pytest.raises(
        GradientCheckError, match="in float32, the gradient of argument 0 is wrong"
    ):
        check_gradients(half.__call__, np.ones(2, np.float32), order=1)
    with pytest.raises(TypeError, match="argument 0 is float16: too coarse"):
        check_gradients(np.exp, np.ones(2, np.float16))


# ------------------------------------------------------------------------- check_op's demands
def test_an_untested_keyword_fails_the_ledger() -> None:
    scaled = Op(lambda x, by=2.0: x * by, lambda g, out, x, by=2.0: g * by, name="scaled")
    with pytest.raises(AssertionError, match="scaled: never tested with keyword by"):
        check_op(scaled)


def test_a_domain_without_a_conclusive_point_fails_the_ledger() -> None:
    rough = Op(lambda x: np.floor(x * 1e6), lambda g, out, x: 0 * g, name="rough")
    with pytest.raises(AssertionError, match="rough: "):
        check_op(rough)


def test_a_kink_is_as_declared() -> None:
    def relu(share: float) -> Op:
        return Op(
            lambda x: np.maximum(x, 0),
            lambda g, out, x: g * (x > 0),
            name="relu",
            domain=Domain(away_from=(0.0,)),
            kinks=(((0.0,), (share,)),),
        )

    check_op(relu(0.0))
    with pytest.raises(AssertionError, match="at a kink, argument 0 has the share 0"):
        check_op(relu(1.0))


def test_a_declared_derivative_is_as_declared() -> None:
    def straight_through(factor: float) -> Op:
        return Op(
            lambda x: np.where(x > 0, np.ones_like(x), np.zeros_like(x)),
            lambda g, out, x: g * factor,
            name="step",
            domain=Domain(away_from=(0.0,)),
            declared=np.ones_like,
        )

    check_op(straight_through(1.0))
    with pytest.raises(AssertionError, match=r"declared.* is wrong"):
        check_op(straight_through(2.0))


def test_a_forward_that_is_not_numpys_is_rejected() -> None:
    with pytest.raises(AssertionError, match=r"the forward differs from np\.expm1"):
        check_op(Op(np.exp, lambda g, out, x: g * out, name="exp", numpy=np.expm1))


def test_cases_with_shapes_are_tried_at_other_sizes() -> None:
    halves = Op(  # wrong only where the axis is longer than 3
        lambda x, axis: np.add.reduce(x, axis=axis),
        lambda g, out, x, axis: np.broadcast_to(
            np.expand_dims(g, axis) * (1.0 if np.shape(x)[axis] < 4 else 0.5), np.shape(x)
        ),
        name="halves",
        cases=(case((2, 3), axis=1), case((2, 3), axis=0)),
    )
    with pytest.raises(AssertionError, match=r"a case of: more than 8 elements \(\(3, 4\),\)"):
        check_op(halves)


# --------------------------------------------------------------------------------- strategies
@given(x=numbers(POSITIVE), a=arrays_in(POSITIVE, (2, 3)), v=values(POSITIVE))
def test_what_is_drawn_is_in_the_domain(x: float, a: Any, v: Value) -> None:
    assert 0.5 <= x <= 2.0
    assert a.shape == (2, 3)
    assert a.dtype == float
    for array in (a, v.data):
        assert np.all((array >= 0.5) & (array <= 2.0))


@given(x=arrays_in(Domain(away_from=(0.0, 1.0), margin=0.25), (9,)))
def test_kinks_are_kept_away_from(x: Any) -> None:
    assert np.all(np.abs(x) >= 0.25)
    assert np.all(np.abs(x - 1) >= 0.25)


@given(x=arrays_in(Domain(spacing=0.2, distinct=True), (3, 4)))
def test_distinct_elements_are_distinct(x: Any) -> None:
    assert len(np.unique(np.round(x / 0.2))) == 12


@given(group=broadcastable(3, POSITIVE))
def test_groups_broadcast(group: tuple[Any, ...]) -> None:
    assert len(group) == 3
    np.broadcast_shapes(*(x.shape for x in group))


@given(data=st.data())
@settings(max_examples=10)
def test_layouts(data: st.DataObject) -> None:
    draw = lambda layout: data.draw(arrays_in(POSITIVE, (2, 3), layouts=(layout,)))
    assert draw("Fortran").flags.f_contiguous
    assert all(stride < 0 for stride in draw("negative").strides)
    assert draw("zero").strides[-1] == 0


@given(data=st.data())
@settings(max_examples=20)
def test_other_dtypes_large_arrays_and_numbers_near_kinks(data: st.DataObject) -> None:
    narrow = data.draw(arrays_in(shape=[2, 3], dtype=np.float32))
    assert narrow.dtype == np.float32
    assert narrow.shape == (2, 3)
    assert data.draw(arrays_in(shape=(100, 100))).shape == (100, 100)
    x = data.draw(arrays_in(shape=9, near=(1.0,), start=0))
    assert x.shape == (9,)
    assert np.sum(np.abs(x - 1) < 1e-2) >= 1 or np.max(np.abs(x)) <= 3
    small = data.draw(arrays_in(shape=3, beyond=0))
    assert small.shape == (3,)


def test_some_numbers_are_near_a_kink_and_near_0() -> None:
    seen: set[str] = set()

    @settings(max_examples=100, database=None)
    @given(x=arrays_in(shape=9, near=(1.0,)), y=arrays_in(shape=9, beyond=0))
    def look(x: Any, y: Any) -> None:
        off = np.abs(x - 1)
        seen.update(["on"] * bool(np.any(off == 0)))
        seen.update(["close"] * bool(np.any((off > 0) & (off < 1e-10))))
        seen.update(["small"] * bool(np.any((y != 0) & (np.abs(y) < 1e-6))))

    look()
    assert seen == {"on", "close", "small"}


@given(tree=parameters({"W": (3, 4), "b": 4, "rest": [(2,), ()]}), i=indices(3, (2, 4)))
def test_containers_of_parameters_and_indices(tree: Any, i: Any) -> None:
    assert tree["W"].shape == (3, 4)
    assert tree["b"].shape == (4,)
    assert [x.shape for x in tree["rest"]] == [(2,), ()]
    assert i.shape == (2, 4)
    assert i.dtype.kind == "i"
    assert np.all((i >= 0) & (i < 3))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: arrays_in(Domain(distinct=True), (12, 12)), "needs 144 distinct ones"),
        (lambda: arrays_in(beyond=1000), "beyond is 3, 50, 200, or 0 for near 0, not 1000"),
        (lambda: arrays_in(layouts=("F",)), "layouts are some of C, Fortran, negative, zero"),
        (lambda: arrays_in(Domain(3, 1)), "is empty: low must be less than high"),
        (lambda: arrays_in(Domain(1, 1)), "is empty: low must be less than high"),
        (lambda: arrays_in(Domain(-1, 1, away_from=(0,), margin=2)), "nothing is 2 away"),
        (lambda: arrays_in(dtype=int), "dtype is a floating-point type"),
        (lambda: programs(ops=["exq"]), "no op is called 'exq'; 'exp' is"),
        (lambda: indices(0, 3), "at least 1, not 0"),
        (lambda: programs("exp"), "several names or Ops, at least one, not 'exp'"),
        (lambda: programs([]), "several names or Ops, at least one"),
    ],
)
def test_wrong_use_of_a_strategy_is_a_sentence(make: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make()
    for other, text in (
        (lambda: parameters({"W": "3"}), "a shape is a whole number or a tuple"),
        (lambda: arrays_in((0, 1)), r"domain is a Domain\(low, high\), not \(0, 1\)"),
        (lambda: arrays_in(near="0"), "near is a number or several, not '0'"),
        (lambda: check_layer(np.sin, 3), r"checks what has parameters\(\), not a ufunc"),
        (lambda: check_gradients(lambda x: None, 1.0), "numbers or arrays, not None"),
    ):
        with pytest.raises(TypeError, match=text):
            other()


# ----------------------------------------------------------------------------------- programs
CUBE = Op(lambda x: x * x * x, lambda g, out, x: 3 * g * x * x, name="cube")


@given(program=programs(ops=[CUBE, "exp", "add"], max_steps=4))
@settings(max_examples=20)
def test_programs_have_ops_of_ones_own(program: Program) -> None:
    assert {step.op for step in program.steps} <= {"cube", "exp", "add", "sum", "tanh", "multiply"}
    check_gradients(program, *program.inputs, inconclusive="pass")


@given(program=programs(ops=["exp", "multiply", "sum"], max_steps=5))
def test_programs_of_given_ops_run_on_any_library(program: Program) -> None:
    ours = {"exp": np.exp, "multiply": np.multiply, "sum": np.sum, "add": np.add}
    ours["tanh"] = np.tanh  # what keeps a program inside the domains
    result = program(*program.inputs, ops=ours)
    np.testing.assert_allclose(result, program(*program.inputs), rtol=1e-14)


def test_programs_share_nodes_and_print_themselves() -> None:
    seen: set[str] = set()

    @settings(max_examples=200, database=None)
    @given(program=programs())
    def look(program: Program) -> None:
        uses = [x for step in program.steps for x in step.args]
        nodes = [x for x in uses if not isinstance(x, float)]
        if len(set(nodes)) < len(nodes):
            seen.add("shared")
        if any(len(set(step.args)) < len(step.args) for step in program.steps):
            seen.add("one node twice in a step")
        if len({np.shape(x) for x in program.inputs}) > 1:
            seen.add("broadcasting")
        if len({step.op for step in program.steps} - {"add", "sum", "tanh", "multiply"}) > 4:
            seen.add("many ops")
        text = repr(program).splitlines()
        assert len(text) == len(program.inputs) + len(program.steps) + 1
        assert text[-1] == f"return v{len(program.steps) - 1}"

    look()
    assert seen == {"shared", "one node twice in a step", "broadcasting", "many ops"}


# ----------------------------------------------------------------------------------- profiles
def test_examples_are_the_same_each_time_but_in_the_thorough_profile() -> None:
    assert settings.get_profile("default").derandomize
    thorough = settings.get_profile("thorough")
    assert not thorough.derandomize
    assert thorough.print_blob


# ------------------------------------------------------------------------------ without extras
def test_without_hypothesis_one_sentence_says_what_to_install() -> None:
    code = """
import sys
sys.modules["hypothesis"] = None
from autograd_mini.testing import check_gradients
check_gradients(lambda x: x * x, 3.0)
from autograd_mini import testing
try:
    testing.check_op
except ModuleNotFoundError as error:
    print(error)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "check_op needs Hypothesis: pip install 'autograd-mini[testing]'\n"
