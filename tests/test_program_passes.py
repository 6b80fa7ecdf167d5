"""What each pass does to a program, and that none of them changes a result."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from autograd_mini import value_and_grad
from autograd_mini.program import passes
from autograd_mini.program.lines import Program as Lines
from autograd_mini.program.lines import run
from autograd_mini.program.recording import recorded
from autograd_mini.testing import Program, programs

ALL = (*passes.PASSES, passes.with_sums_as_products)
SMOOTH = ("add", "subtract", "multiply", "divide", "exp", "log", "sqrt", "tanh", "matmul")
MOVES = ("sum", "mean", "max", "reshape", "transpose", "stack", "getitem", "power", "sigmoid")


@settings(max_examples=30)
@given(programs(ops=SMOOTH + MOVES))
def test_every_pass_keeps_every_result(program: Program) -> None:
    f = value_and_grad(program, argnums=tuple(range(len(program.inputs))))
    lines = recorded(f, program.inputs, {}).program
    wanted = run(lines, program.inputs)
    for improve in (*dict.fromkeys(ALL), passes.simplified):
        found = run(improve(lines), program.inputs)
        for a, b in zip(found, wanted, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-9, err_msg=str(improve))


def improved(f: Callable[..., Any], *improve: Any, x: Any = None) -> tuple[Lines, list[str]]:
    """The program of `f` after some passes, and what its lines call."""
    x = np.array([[1.0, -2.0, 3.0], [4.0, 5.0, 6.0]]) if x is None else x
    program = recorded(f, [x], {}).program
    wanted = run(program, [x])
    for step in improve:
        program = step(program)
    for a, b in zip(run(program, [x]), wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
    return program, [line.function.__name__ for line in program.lines]


def test_lines_that_nobody_reads_are_left_out() -> None:
    def f(x: Any) -> Any:
        np.exp(x)
        return np.sin(x)

    assert improved(f)[1] == ["exp", "sin"]
    assert improved(f, passes.without_dead_lines)[1] == ["sin"]


def test_what_two_lines_compute_alike_is_computed_once() -> None:
    def f(x: Any) -> Any:
        return np.exp(x) + np.exp(x) * 1.0 + (x * 1)

    program, calls = improved(f, passes.without_repetition)
    assert calls == ["exp", "multiply", "add", "multiply", "add"]
    assert program.lines[1].args[1] is not program.lines[3].args[1]  # 1.0 and 1 differ in dtype


def test_numbers_that_depend_on_nothing_are_computed_now() -> None:
    def f(x: Any) -> Any:
        return x * np.sqrt(x.sum() * 0 + 4) + np.ones_like(x[0, 0]) * 3

    calls = improved(f, passes.with_constants_folded)[1]
    assert calls.count("ones") == 0
    assert calls.count("multiply") == 2


def test_products_with_one_and_moves_of_nothing_are_left_out() -> None:
    def f(x: Any) -> Any:
        opposite = -((1 * x).T.T.reshape(2, 3) ** 1)
        return -opposite

    assert improved(f, passes.without_idle_lines, passes.without_dead_lines)[1] == []


def test_a_product_with_one_that_widens_the_dtype_stays() -> None:
    x = np.ones((2, 2), np.float32)
    calls = improved(lambda x: x * np.float64(1), passes.without_idle_lines, x=x)[1]
    assert calls == ["multiply"]


def test_elementwise_calls_spread_what_is_smaller_themselves() -> None:
    def f(x: Any) -> Any:
        return np.broadcast_to(x[0], (2, 3)) * x

    calls = improved(f, passes.without_spreading, passes.without_dead_lines)[1]
    assert calls == ["getitem", "multiply"]


def test_what_gives_the_result_its_shape_stays_spread() -> None:
    def f(x: Any) -> Any:
        return np.broadcast_to(x[0], (2, 3)) * 2

    assert "broadcast_to" in improved(f, passes.without_spreading, passes.without_dead_lines)[1]


def test_squares_are_no_powers() -> None:
    calls = improved(lambda x: x**2 + x**3, passes.with_plain_powers)[1]
    assert calls == ["square", "power", "add"]


def test_a_mask_that_became_numbers_is_the_mask_again() -> None:
    x = np.array([0.0, 2.0])
    f = value_and_grad(lambda x: np.where(x > 0, np.log(x), 0.0).sum())
    program, calls = improved(f, passes.with_plain_masks, passes.without_dead_lines, x=x)
    assert "not_equal" not in calls
    assert calls.count("greater") == 1
    assert run(program, [x])[1].tolist() == [0.0, 0.5]


def test_sums_over_rows_are_products_with_ones() -> None:
    program, calls = improved(lambda x: np.sum(x, axis=0), passes.with_sums_as_products)
    assert calls == ["dot"]
    assert program.lines[0].args[0].tolist() == [1.0, 1.0]
    assert improved(lambda x: np.sum(x, axis=1), passes.with_sums_as_products)[1] == ["sum"]


@pytest.mark.parametrize("f", [lambda x: x, lambda x: x.T, lambda x: (np.exp(x).T,) * 2])
def test_results_share_no_memory(f: Any) -> None:
    calls = improved(f, passes.with_owned_results)[1]
    assert calls[-1] == "array"


def test_programs_of_numbers_take_one_sweep() -> None:
    def f(x: float) -> Any:
        return 1 * x + np.sqrt(4.0) * (x > 0) * 1.0, 1.0 * (x > 0)

    program, calls = improved(f, *passes.PASSES_FOR_NUMBERS, x=0.5)
    assert program.is_scalar()
    assert calls == ["greater", "multiply", "add", "greater", "multiply"]
    assert type(run(program, [0.5])[1]) is float
