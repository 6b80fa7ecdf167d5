"""Tests of nn.layers and nn.init: what layers compute, how they are named, where they start."""

import math
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import nn
from autograd_mini import Value, no_grad, ops
from nn import MLP, Linear, ReLU, Sequential, Sigmoid, Softmax, Tanh

NUMPY: dict[str, Any] = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "relu": lambda z: np.maximum(z, 0),
    "tanh": np.tanh,
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(-1, keepdims=True),
}
LAYERS = {"sigmoid": Sigmoid, "relu": ReLU, "tanh": Tanh, "softmax": Softmax}
sizes = st.lists(st.integers(1, 6), min_size=2, max_size=4)
dtypes = st.sampled_from([np.float32, np.float64])


def inputs(*shape: int, dtype: Any = np.float32, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def graph(root: Value) -> list[Value]:
    """All that `root` was computed from, and itself last; a path."""
    found: list[Value] = [root]
    while found[-1].args and found[-1].args[0] is not None:
        found.append(found[-1].args[0])
    return found[::-1]


# --------------------------------------------------------------------------------------- Linear
@pytest.mark.parametrize("lead", [(), (1,), (5,), (0,), (2, 3)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_linear_is_x_times_the_transposed_weights_plus_the_biases(lead, dtype):
    layer = Linear(4, 3, init="standard_normal", seed=0, dtype=dtype)
    x = inputs(*lead, 4, dtype=dtype)
    z = layer(x)
    assert z.shape == (*lead, 3)
    assert z.dtype == dtype
    np.testing.assert_allclose(z.data, x @ layer.W.data.T + layer.b.data, rtol=1e-5, atol=1e-6)


def test_weight_j_k_leads_from_neuron_k_to_neuron_j():
    layer = Linear(3, 2, seed=0)
    W = np.zeros((2, 3))
    W[1, 2] = 5
    layer.load_state_dict({"W": W, "b": np.zeros(2)})
    assert layer(np.array([0, 0, 1], np.float32)).data.tolist() == [0, 5]


def test_linear_without_bias():
    layer = Linear(3, 2, bias=False, seed=0)
    x = inputs(4, 3)
    assert layer.b is None
    assert [name for name, _ in layer.named_parameters()] == ["W"]
    assert repr(layer) == "Linear(3 -> 2, no bias)"
    np.testing.assert_allclose(layer(x).data, x @ layer.W.data.T, rtol=1e-6)


def test_an_input_that_does_not_fit_is_told_with_all_shapes():
    with pytest.raises(ValueError, match=r"affine.*\(5, 3\).*\(2, 4\).*\(2,\)"):
        Linear(4, 2, seed=0)(inputs(5, 3))


@pytest.mark.parametrize("shape", [(28, 28), (5, 28, 28)])
@pytest.mark.parametrize("bias", [True, False])
def test_an_image_with_rows_is_told_how_to_go_in(shape, bias):
    layer, image = Linear(784, 2, seed=0, bias=bias), inputs(*shape)
    with pytest.raises(ValueError, match=r"28 × 28 goes in as 784 numbers: x.reshape\(-1, 784\)"):
        layer(image)
    assert layer(image.reshape(-1, 784)).shape[-1] == 2


@pytest.mark.parametrize("n", [0, -1, 2.0, "3", True])
def test_sizes_of_a_layer_are_whole_and_positive(n):
    with pytest.raises(ValueError, match="whole number of neurons, at least 1"):
        Linear(n, 2)
    with pytest.raises(ValueError, match="whole number of neurons, at least 1"):
        MLP([2, n])


# ------------------------------------------------------------------------- activations, sequences
@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_activations_agree_with_numpy(name, dtype):
    z = inputs(4, 3, dtype=dtype)
    a = LAYERS[name]()(Value(z))
    assert a.dtype == dtype
    np.testing.assert_allclose(a.data, NUMPY[name](z), rtol=1e-5)
    assert type(LAYERS[name]()(z)) is np.ndarray


def test_softmax_along_another_axis():
    a = Softmax(axis=0)(inputs(4, 3))
    np.testing.assert_allclose(a.sum(0), 1, rtol=1e-6)
    assert (repr(Softmax(0)), repr(Softmax())) == ("Softmax(axis=0)", "Softmax()")


def test_a_sequence_takes_modules_and_functions():
    first, last = Linear(3, 4, seed=0), Linear(4, 2, seed=1)
    x = inputs(5, 3)
    model = Sequential(first, np.sin, last)
    np.testing.assert_array_equal(model(x).data, last(np.sin(first(x))).data)
    assert (len(model), model[0], list(model)) == (3, first, [first, np.sin, last])
    assert Sequential()(x) is x
    with pytest.raises(TypeError, match="not 'relu'"):
        Sequential("relu")


# ------------------------------------------------------------------------------------------ MLP
def test_the_lessons_network_has_13002_weights_and_biases():
    model = MLP([784, 16, 16, 10], seed=0)
    shapes = {name: p.shape for name, p in model.named_parameters()}
    assert shapes == {
        "layers.0.W": (16, 784),
        "layers.0.b": (16,),
        "layers.1.W": (16, 16),
        "layers.1.b": (16,),
        "layers.2.W": (10, 16),
        "layers.2.b": (10,),
    }
    assert sum(p.size for p in model.parameters()) == 13_002
    assert all(p.dtype == np.float32 for p in model.parameters())
    assert [p.name for p in model.parameters()] == ["W1", "b1", "W2", "b2", "W3", "b3"]


@hypothesis.given(
    sizes, dtypes, st.sampled_from(list(NUMPY)), st.sampled_from(["same", None, *NUMPY])
)
def test_an_mlp_is_its_formula(sizes, dtype, activation, output):
    model = MLP(sizes, activation, output=output, init="standard_normal", seed=1, dtype=dtype)
    x = a = inputs(3, sizes[0], dtype=dtype)
    functions = [activation] * (len(sizes) - 2) + [activation if output == "same" else output]
    for layer, function in zip(model.layers, functions, strict=True):
        a = a @ layer.W.data.T + layer.b.data
        a = a if function is None else NUMPY[function](a)
    result = model(x)
    assert result.dtype == dtype
    np.testing.assert_allclose(result.data, a, rtol=1e-4, atol=1e-6)


def test_the_graph_speaks_the_lessons_language():
    names = ["z1", "a1", "z2", "a2"]
    assert [v.name for v in graph(MLP([3, 2, 1])(inputs(1, 3)))] == names
    assert [v.name for v in graph(MLP([3, 2, 1], output=None)(inputs(1, 3)))] == names[:-1]
    C = nn.quadratic_cost(MLP([3, 2, 1])(inputs(1, 3)), [[1]])
    assert [v.name for v in graph(C)] == [*names, "C"]


def test_activations_may_be_modules_and_functions():
    x = inputs(4, 3)
    named = MLP([3, 2, 1], "tanh", seed=0)(x).data
    np.testing.assert_array_equal(MLP([3, 2, 1], Tanh(), seed=0)(x).data, named)
    np.testing.assert_array_equal(MLP([3, 2, 1], np.tanh, seed=0)(x).data, named)


def test_parameters_of_an_activation_are_parameters_of_the_network():
    class Swish(nn.Module):
        def __init__(self) -> None:
            self.beta = Value(1.0)

        def forward(self, z: Any) -> Any:
            return z * (self.beta * z).sigmoid()

    model = MLP([3, 2, 2, 1], Swish(), seed=0)
    assert [name for name, _ in model.named_parameters()][-1] == "activations.0.beta"
    model(inputs(4, 3)).sum().backward()
    assert model.activations[0].beta.grad != 0


def test_without_a_graph_the_result_is_the_same():
    model, x = MLP([3, 2, 1], seed=0), inputs(4, 3)
    with no_grad():
        silent = model(x)
    assert silent.args == ()
    np.testing.assert_array_equal(silent.data, model(x).data)


def test_a_pass_leaves_the_input_as_it_was():
    model, x = MLP([3, 4, 1], "relu", output=None, seed=0), inputs(5, 3)
    before = x.copy()
    model(x).sum().backward()
    np.testing.assert_array_equal(x, before)


def test_repr_of_an_mlp():
    assert repr(MLP([2, 3, 1], "relu")) == "MLP(2 -> 3 -> 1, ReLU(), 13 parameters)"
    text = "MLP(2 -> 3 -> 1, Tanh(), output=None, 13 parameters)"
    assert repr(MLP([2, 3, 1], "tanh", output=None)) == text


@pytest.mark.parametrize("sizes", [[], [3]])
def test_an_mlp_of_less_than_two_sizes(sizes):
    with pytest.raises(ValueError, match="at least two layers"):
        MLP(sizes)


@pytest.mark.parametrize("name", ["step", "softplus", "sin"])
def test_any_elementwise_op_is_an_activation_by_its_name(name):
    x = np.array([0.5, -1.5], np.float32)
    for model, other in [(MLP([2, 3, 1], name, seed=0), MLP([2, 3, 1], ops.TABLE[name], seed=0))]:
        np.testing.assert_array_equal(model(x).data, other(x).data)
        assert name in repr(model)


def test_names_that_do_not_exist():
    with pytest.raises(ValueError, match=r"one of sigmoid, relu, tanh, softmax.*not 'sigmoidal'"):
        MLP([2, 1], "sigmoidal")
    with pytest.raises(ValueError, match="not 'logits'"):
        MLP([2, 1], output="logits")
    for no_activation in ("sum", "multiply", "matmul"):
        with pytest.raises(ValueError, match="another op that works element by element"):
            MLP([2, 1], no_activation)
    with pytest.raises(ValueError, match=r"one of glorot, he, standard_normal.*not 'xavier'"):
        MLP([2, 1], init="xavier")


# --------------------------------------------------------------------------------------- starts
@pytest.mark.parametrize("init", ["glorot", "he", "standard_normal"])
def test_a_start_depends_on_the_seed_alone(init):
    states = [
        MLP([5, 4, 3], init=init, seed=seed).state_dict()
        for seed in (3, 3, np.random.default_rng(3), 4)
    ]
    for name, array in states[0].items():
        np.testing.assert_array_equal(array, states[1][name])
        np.testing.assert_array_equal(array, states[2][name])
    assert np.all(states[0]["layers.0.W"] != states[3]["layers.0.W"])


def test_without_a_seed_every_layer_starts_elsewhere():
    assert np.all(Linear(3, 3).W.data != Linear(3, 3).W.data)


@pytest.mark.parametrize("init", [nn.glorot, nn.he, nn.standard_normal])
def test_the_dtype_of_a_start_only_rounds_it(init):
    narrow = init(30, 20, np.random.default_rng(0), np.float32)
    wide = init(30, 20, np.random.default_rng(0), np.float64)
    for a, b in zip(narrow, wide, strict=True):
        assert (a.dtype, b.dtype) == (np.float32, np.float64)
        np.testing.assert_array_equal(a, b.astype(np.float32))


SPREADS = [
    (nn.glorot, math.sqrt(2 / (400 + 300)), 0.0),
    (nn.he, math.sqrt(2 / 400), 0.0),
    (nn.standard_normal, 1.0, 1.0),
]


@pytest.mark.parametrize(("init", "weights", "biases"), SPREADS)
def test_the_spread_of_a_start(init, weights, biases):
    W, b = init(400, 300, np.random.default_rng(0))
    assert (W.shape, b.shape) == ((300, 400), (300,))
    assert abs(W.std() / weights - 1) < 0.01  # the standard error of 120,000 draws is 0.002
    assert abs(W.mean()) < 0.02 * weights
    assert abs(b.std() - biases) < 0.15


def test_glorot_is_uniform():
    W, _ = nn.glorot(400, 300, np.random.default_rng(0))
    share = np.histogram(W / math.sqrt(6 / 700), bins=10, range=(-1, 1))[0] / W.size
    assert np.all(abs(share - 0.1) < 0.005)


def test_an_initialiser_may_be_a_function():
    def ones(fan_in: int, fan_out: int, rng: Any, dtype: Any) -> Any:
        return np.ones((fan_out, fan_in), dtype), np.full(fan_out, 2, dtype)

    layer = Linear(3, 2, init=ones)
    assert layer.W.data.tolist() == [[1, 1, 1], [1, 1, 1]]
    assert layer.b.data.tolist() == [2, 2]


@pytest.mark.parametrize("dtype", [int, bool, np.uint8, complex, str, object, "int32"])
@pytest.mark.parametrize("make", [lambda **k: Linear(2, 3, **k), lambda **k: MLP([2, 3], **k)])
def test_weights_are_floating_point_numbers(make: Any, dtype: Any) -> None:
    with pytest.raises(ValueError, match=r"weights are floating-point numbers, .* not of dtype"):
        make(dtype=dtype)


STARTS: list[tuple[Any, str]] = [
    (lambda i, o, rng, dtype: None, "weights and biases of shapes .* not NoneType"),
    (lambda i, o, rng, dtype: (np.ones((i, o)), np.ones(o)), r"not \(\(2, 3\), \(3,\)\)"),
    (lambda i, o, rng, dtype: (np.ones((o, i)), None), r"not \(\(3, 2\), \(\)\)"),
    (lambda i, o, rng, dtype: (np.ones((o, i), int), np.ones(o)), "not int64 and float64"),
    (lambda i, o, rng, dtype: (np.ones((o, i)), np.ones(o, bool)), "not float64 and bool"),
]


@pytest.mark.parametrize(("init", "message"), STARTS)
def test_what_an_initialiser_of_ones_own_gives_is_looked_at(init: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MLP([2, 3], init=init)
