"""Compiled functions give what eager ones give, and their saved source runs on its own."""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given, settings

from autograd_mini import grad, value_and_grad
from autograd_mini.program import compile
from autograd_mini.testing import Program, programs


def close(a: Any, b: Any) -> bool:
    """Equal to 1e-12, relative to the largest number of the array."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    scale = max(1.0, float(np.abs(b).max(initial=0.0)))
    return bool(np.allclose(a, b, rtol=1e-12, atol=1e-12 * scale, equal_nan=True))


def second_order(program: Program) -> Callable[..., Any]:
    """The gradient of the sum of the gradient's elements, weighted."""
    n = len(program.inputs)

    def slope(*inputs: Any) -> Any:
        found = grad(program, argnums=tuple(range(n)))(*inputs)
        return sum(((k + 1) * g * g).sum() if np.ndim(g) else g * g for k, g in enumerate(found))

    return grad(slope, argnums=tuple(range(n)))


@settings(max_examples=60)
@given(programs())
def test_random_programs_have_the_same_values_and_gradients(program: Program) -> None:
    f = value_and_grad(program, argnums=tuple(range(len(program.inputs))))
    value, gradient = f(*program.inputs)
    compiled = compile(f)
    for _ in range(2):
        again, found = compiled(*program.inputs)
        assert close(again, value), compiled.source
        assert all(map(close, found, gradient)), compiled.source


@settings(max_examples=25)
@given(programs(max_steps=6))
def test_random_programs_have_the_same_second_derivatives(program: Program) -> None:
    f = second_order(program)
    compiled = compile(f)
    compiled(*program.inputs)
    assert all(map(close, compiled(*program.inputs), f(*program.inputs))), compiled.source
