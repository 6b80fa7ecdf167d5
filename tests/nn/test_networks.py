"""Whole networks: every parameter's gradient against finite differences, and laws of gradients."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from autograd_mini import Value
from autograd_mini.testing import check_layer
from nn import (
    MLP,
    Linear,
    Module,
    Sequential,
    binary_cross_entropy,
    cross_entropy,
    mse_loss,
    one_hot,
    quadratic_cost,
)

# any network meets any cost here, costs of logits among them
pytestmark = pytest.mark.filterwarnings("ignore:.*cross_entropy takes logits")
unhurried = hypothesis.settings(deadline=None, max_examples=200)
LABELLED = "cross_entropy of labels"
COSTS: dict[str, Callable[[Any, Any], Any]] = {
    "quadratic_cost": quadratic_cost,
    "mse_loss": mse_loss,
    "binary_cross_entropy": binary_cross_entropy,
    "cross_entropy of probabilities": cross_entropy,
    LABELLED: cross_entropy,
}
ACTIVATIONS = ["sigmoid", "relu", "tanh", "softmax", np.sin]


@dataclass
class Problem:
    """A network, examples, targets and a cost."""

    model: MLP
    x: Any
    y: Any
    cost: Callable[[Any, Any], Any]

    def run(self) -> Value:
        """The cost of the network as it is now."""
        return self.cost(self.model(self.x), self.y)

    def gradients(self) -> list[Any]:
        self.model.zero_grad()
        self.run().backward()
        return [p.grad for p in self.model.parameters()]


@st.composite
def problems(draw: Any, dtype: Any = np.float64, one_example: bool = True) -> Problem:
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    activation = draw(st.sampled_from(ACTIVATIONS))
    output = draw(st.sampled_from([None, "same", *ACTIVATIONS]))
    init = draw(st.sampled_from(["glorot", "he", "standard_normal"]))
    name = draw(st.sampled_from(list(COSTS)))
    n = draw(st.sampled_from([None] * one_example + [1, 2, 5]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    lead = () if n is None else (n,)
    model = MLP(sizes, activation, output=output, init=init, seed=rng, dtype=dtype)
    x = rng.standard_normal((*lead, sizes[0])).astype(dtype)
    if name == LABELLED:
        y = rng.integers(0, sizes[-1], lead)
    else:
        y = rng.random((*lead, sizes[-1])).astype(dtype)
    return Problem(model, x, y, COSTS[name])


def sides_of_kinks(C: Value) -> list[Any]:
    """On which side of 0 the argument of each relu behind `C` lies."""
    sides, seen, stack = [], {C}, [C]
    while stack:
        node = stack.pop()
        if node.op is not None and node.op.name == "relu":
            sides.append((node.raw[0] > 0).tolist())
        new = [arg for arg in node.args if arg is not None and arg not in seen]
        seen.update(new)
        stack.extend(new)
    return sides


@dataclass
class Costing:
    """A cost as a layer without inputs, so that its parameters can be checked."""

    run: Callable[[], Value]
    own: Sequence[Value]

    def parameters(self) -> Sequence[Value]:
        return self.own

    def __call__(self) -> Value:
        return self.run()


def check_parameters(f: Callable[[], Value], parameters: Sequence[Value]) -> None:
    check_layer(Costing(f, parameters), order=1, directions=None)


# ------------------------------------------------------------------------------- true gradients
@unhurried
@hypothesis.given(problems())
def test_the_gradient_of_every_parameter_is_a_slope(problem):
    check_parameters(problem.run, problem.model.parameters())


@unhurried
@hypothesis.given(problems())
def test_the_gradient_of_the_input_is_a_slope(problem):
    problem.x = Value(problem.x, name="x")
    check_parameters(problem.run, [*problem.model.parameters(), problem.x])


def test_a_layer_used_twice_has_the_sum_of_both_gradients():
    layer = Linear(3, 3, seed=0, dtype=np.float64)
    model = Sequential(layer, np.tanh, layer)
    x, y = np.random.default_rng(0).standard_normal((2, 4, 3))
    assert len(model.parameters()) == 2
    check_parameters(lambda: quadratic_cost(model(x), y), model.parameters())


def test_a_model_of_ones_own():
    class Residual(Module):
        def __init__(self) -> None:
            self.inner = Linear(3, 3, seed=1, dtype=np.float64)
            self.gates = {"in": Value(0.5 * np.ones(3)), "out": Value(-1.5 * np.ones(3))}

        def forward(self, x: Any) -> Any:
            return x * self.gates["in"] + self.gates["out"] * np.tanh(self.inner(x))

    model = Sequential(Residual(), Residual(), Linear(3, 2, seed=2, dtype=np.float64))
    x = np.random.default_rng(0).standard_normal((4, 3))
    assert len(model.parameters()) == 10
    check_parameters(lambda: cross_entropy(model(x), [0, 1, 1, 0]), model.parameters())


# ----------------------------------------------------------------------------------------- laws
@hypothesis.given(problems(one_example=False))
def test_the_gradient_of_a_batch_is_the_mean_over_its_examples(problem):
    whole = problem.gradients()
    x, y = problem.x, problem.y
    singles = []
    for i in range(len(x)):
        problem.x, problem.y = x[i], y[i]
        singles.append(problem.gradients())
    for g, shares in zip(whole, zip(*singles, strict=True), strict=True):
        np.testing.assert_allclose(g, np.mean(shares, axis=0), rtol=1e-9, atol=1e-13)


@hypothesis.given(problems(np.float32))
def test_float32_stays_and_agrees_with_float64(problem):
    narrow, cost = problem.gradients(), problem.run()
    assert cost.dtype == np.float32
    for p in problem.model.parameters():
        assert (p.dtype, p.grad.dtype) == (np.float32, np.float32)
    for layer in problem.model.layers:
        layer.W, layer.b = (Value(p.data.astype(np.float64)) for p in (layer.W, layer.b))
    problem.x = problem.x.astype(np.float64)
    C = problem.run()
    hypothesis.assume(sides_of_kinks(C) == sides_of_kinks(cost))
    assert cost.item() == pytest.approx(C.item(), rel=1e-4, abs=1e-5)
    C.backward()
    for p, g in zip(problem.model.parameters(), narrow, strict=True):
        np.testing.assert_allclose(g, p.grad, rtol=1e-3, atol=1e-5)


@hypothesis.given(problems(np.float32))
def test_the_same_pass_gives_the_same_bits(problem):
    first, second = problem.gradients(), problem.gradients()
    for a, b in zip(first, second, strict=True):
        assert a.tobytes() == b.tobytes()


def test_the_lessons_network_learns_one_batch():
    rng = np.random.default_rng(0)
    model = MLP([784, 16, 16, 10], seed=0)
    x = rng.random((20, 784), dtype=np.float32)
    y = one_hot(rng.integers(0, 10, 20), 10)
    costs = []
    for _ in range(200):
        model.zero_grad()
        C = quadratic_cost(model(x), y)
        C.backward()
        for p in model.parameters():
            p.data -= 0.5 * p.grad
        costs.append(C.item())
    assert costs[0] > 1
    assert costs[-1] < 0.9
    assert all(p.dtype == np.float32 for p in model.parameters())
