"""Every op of the table, by one test body: a new op is tested without anyone writing a test."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_mini import Op, Value
from autograd_mini.ops import TABLE
from autograd_mini.testing import Program, check_gradients, check_op, programs
from autograd_mini.testing.strategies import strata

ORDER = int(os.environ.get("ORDER_OF_DERIVATIVES", "2"))  # see versions.py
WITH_METHODS = [name for name, op in TABLE.items() if op.method]


@pytest.mark.parametrize("name", TABLE)
def test_declaration(name: str) -> None:
    check_op(TABLE[name], order=ORDER)


@pytest.mark.parametrize("name", WITH_METHODS)
@settings(max_examples=10)
@given(data=st.data())
def test_methods_do_what_the_op_does(name: str, data: st.DataObject) -> None:
    op = TABLE[name]
    _number, kind, points = data.draw(st.sampled_from(list(strata(op))))
    point = data.draw(points)
    values, result = point.record(list(point.leaves))
    args = point.args(values)
    for method in op.method:
        reflected = method.startswith("__r") and f"__{method[3:]}" in op.method
        first, *rest = reversed(args) if reflected else args
        if isinstance(first, Value):
            ours = getattr(first, method)(*rest, **point.keywords)
            np.testing.assert_array_equal(ours.data, result.data, err_msg=f"{method} {kind}")


def test_a_new_op_is_tested_from_its_declaration_alone() -> None:
    cube = Op(lambda x: x**3, lambda g, out, x: g * 3 * x**2, name="cube")
    check_op(cube)


@settings(max_examples=100)
@given(program=programs())
def test_random_programs_agree_with_finite_differences(program: Program) -> None:
    plain = program(*program.inputs)
    recorded = program(*map(Value, program.inputs))
    np.testing.assert_allclose(recorded.data, plain, rtol=1e-12, atol=1e-12)
    check_gradients(program, *program.inputs, order=2)
