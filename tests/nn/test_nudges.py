"""Tests of nn.nudges: laws of the wishes over random networks, the table, the picture, errors."""

import sys
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from autograd_mini import Op, Value, no_grad
from nn import MLP, Linear, Sequential
from nn.lesson.nudges import Nudges, nudges
from nn.model.losses import binary_cross_entropy, cross_entropy, mse_loss, one_hot, quadratic_cost
from nn.pictures.lesson import draw_nudges

# any network meets any cost here, costs of logits among them
pytestmark = pytest.mark.filterwarnings("ignore:.*cross_entropy takes logits")
ACTIVATIONS = ["sigmoid", "relu", "tanh", "softmax", np.sin, lambda z: np.where(z > 0, z, z / 10)]
COSTS = [quadratic_cost, mse_loss, cross_entropy, binary_cross_entropy]


class Case:
    """A random network, cost and batch."""

    def __init__(self, sizes, activation, output, cost, n, dtype, seed) -> None:
        rng = np.random.default_rng(seed)
        self.model = MLP(
            sizes, activation, output=output, seed=rng, init="standard_normal", dtype=dtype
        )
        self.cost, self.sizes = cost, sizes
        self.x = rng.standard_normal((n, sizes[0])).astype(dtype)
        self.y: Any = rng.random((n, sizes[-1])).astype(dtype)
        if cost is cross_entropy:
            self.y = rng.integers(sizes[-1], size=n)
        self.tolerance = 1e-12 if dtype is np.float64 else 2e-4
        self.wishes = nudges(self.model, cost, self.x, self.y)

    def gradients(self, rows: slice = slice(None)) -> list[tuple[Any, Any]]:
        """By backward(): the gradients of W and b of each layer, of some of the examples."""
        self.model.zero_grad()
        self.cost(self.model(self.x[rows]), self.y[rows]).backward()
        return [(layer.W.grad, layer.b.grad) for layer in self.model.layers]


@st.composite
def cases(draw, activations=ACTIVATIONS):
    return Case(
        draw(st.lists(st.integers(1, 6), min_size=2, max_size=5)),
        draw(st.sampled_from(activations)),
        draw(st.sampled_from([*activations, None])),
        draw(st.sampled_from(COSTS)),
        draw(st.integers(1, 50)),
        draw(st.sampled_from([np.float64, np.float32])),
        draw(st.integers(0, 2**32)),
    )


def close(one: Any, other: Any, tolerance: float, size: Any = None) -> None:
    """Equal but for `tolerance` times the largest entry of `size`, by default of `other`."""
    assert one.shape == other.shape
    scale = np.abs(other if size is None else size).max(initial=0)
    assert np.abs(one - other).max(initial=0) <= tolerance * scale


# ----------------------------------------------------------------------------------------- laws
@hypothesis.settings(deadline=None)
@hypothesis.given(cases())
def test_the_average_is_the_negative_gradient_of_the_batch(case):
    for layer, (dW, db) in zip(case.wishes.layers, case.gradients(), strict=True):
        assert layer.W.shape == (len(case.x), *dW.shape)
        assert layer.b.shape == (len(case.x), *db.shape)
        close(layer.average.W, -dW, case.tolerance, np.abs(layer.W).mean(0))
        close(layer.average.b, -db, case.tolerance, np.abs(layer.b).mean(0))
        close(layer.W.mean(0), -dW, case.tolerance, np.abs(layer.W).mean(0))
        close(layer.b.mean(0), -db, case.tolerance, np.abs(layer.b).mean(0))
        assert layer.W.dtype == layer.b.dtype == dW.dtype


@hypothesis.settings(deadline=None, max_examples=50)
@hypothesis.given(cases(), st.data())
def test_each_wish_is_the_negative_gradient_of_that_example_alone(case, data):
    k = data.draw(st.integers(0, len(case.x) - 1))
    for layer, (dW, db) in zip(case.wishes.layers, case.gradients(slice(k, k + 1)), strict=True):
        close(layer.W[k], -dW, case.tolerance, layer.W)
        close(layer.b[k], -db, case.tolerance, layer.b)
    alone = case.cost(case.model(case.x[k : k + 1]), case.y[k : k + 1])
    assert case.wishes.costs[k] == pytest.approx(alone.item(), rel=1e-4)


@hypothesis.settings(deadline=None, max_examples=50)
@hypothesis.given(cases())
def test_wishes_for_weights_are_proportional_to_the_activations_they_hang_on(case):
    a = case.x
    for layer, values in zip(case.wishes.layers, case.model.layers, strict=True):
        # W[j, i] : W[j, m] = a[i] : a[m], written without a division
        one = np.einsum("kji,km->kjim", layer.W, a)
        close(one, np.swapaxes(one, 2, 3), case.tolerance)
        z = a @ values.W.data.T + values.b.data
        last = layer.number == len(case.wishes.layers)
        activation = case.model.activations[layer.number - 1]
        a = z if activation is None else activation(Value(z)).data
        if last:
            close(case.wishes.outputs, a, case.tolerance)


@hypothesis.settings(deadline=None, max_examples=50)
@hypothesis.given(cases())
def test_wishes_for_activations_are_shares_proportional_to_the_weights(case):
    for layer, values in zip(case.wishes.layers, case.model.layers, strict=True):
        W = np.asarray(values.W.data)
        one = np.einsum("kji,jm->kjim", layer.shares, W)
        close(one, np.swapaxes(one, 2, 3), case.tolerance)
        assert layer.shares.shape == (len(case.x), *W.shape)
        close(layer.shares.sum(1), layer.a_prev, case.tolerance, np.abs(layer.shares).sum(1))


@hypothesis.settings(deadline=None, max_examples=50)
@hypothesis.given(cases())
def test_wishes_for_activations_are_negative_gradients(case):
    n = len(case.x)
    X = Value(case.x)
    case.cost(case.model(X), case.y).backward()
    first = case.wishes.layers[0]
    close(first.a_prev, -n * X.grad, case.tolerance, np.abs(first.shares).sum(1))
    close(first.average.a_prev, first.a_prev.mean(0), case.tolerance, np.abs(first.a_prev))


@hypothesis.settings(deadline=None, max_examples=50)
@hypothesis.given(cases(), st.data())
def test_a_row_is_one_entry_of_all_examples_and_their_average(case, data):
    layer = data.draw(st.sampled_from(case.wishes.layers))
    j = data.draw(st.integers(0, layer.W.shape[1] - 1))
    i = data.draw(st.integers(0, layer.W.shape[2] - 1))
    expected = {
        f"W{layer.number}[{j}, {i}]": layer.W[:, j, i],
        f"b{layer.number}[{j}]": layer.b[:, j],
        f"a{layer.number - 1}[{i}]": layer.a_prev[:, i],
    }
    for name, wishes in expected.items():
        row = case.wishes.row(name)
        assert row.shape == (len(case.x) + 1,)
        close(row[:-1], wishes, case.tolerance, np.abs(layer.shares).sum(1))
        assert row[-1] == row[:-1].mean()


def test_a_step_along_the_average_lowers_the_cost():
    case = Case([4, 5, 3], "tanh", "sigmoid", quadratic_cost, 20, np.float64, 3)
    before = case.wishes.cost
    for layer, values in zip(case.wishes.layers, case.model.layers, strict=True):
        values.W.data += 0.01 * layer.average.W
        values.b.data += 0.01 * layer.average.b
    after = quadratic_cost(case.model(case.x), case.y).item()
    slope = sum((a**2).sum() for layer in case.wishes.layers for a in layer.average[:2])
    assert after - before == pytest.approx(-0.01 * slope, rel=0.05)


# ---------------------------------------------------------------------------- other models, uses
def test_layers_without_biases_frozen_layers_reshapes_and_other_inputs():
    rng = np.random.default_rng(0)
    first, last = Linear(6, 4, bias=False, seed=rng), Linear(4, 2, seed=rng)
    frozen = rng.standard_normal((4, 4)).astype(np.float32)
    model = Sequential(
        lambda x: x.reshape(len(x), -1), first, np.tanh, lambda a: a @ frozen.T, np.exp, last
    )
    x, y = rng.random((5, 2, 3), np.float32), rng.random((5, 2), np.float32)
    wishes = nudges(model, quadratic_cost, x, y)
    quadratic_cost(model(x), y).backward()
    one, two, three = wishes.layers
    close(one.average.W, -first.W.grad, 1e-5)
    close(three.average.W, -last.W.grad, 1e-5)
    assert one.b is None
    assert one.average.b is None
    assert two.parameters == {"W": None, "b": None}
    assert np.array_equal(two.weights, frozen)
    assert "b1" not in str(wishes)
    assert "b3[" in str(wishes)


def test_the_model_is_left_as_it_was():
    model = MLP([3, 2, 1], seed=0)
    data = [p.peek()[0] for p in model.parameters()]
    x, y = np.ones((4, 3), np.float32), np.ones((4, 1), np.float32)
    draw_nudges(nudges(model, quadratic_cost, x, y))
    assert all(p.grad is None for p in model.parameters())
    assert all(p.peek()[0] is before for p, before in zip(model.parameters(), data, strict=True))


def test_a_residual_net_keeps_its_layers_in_order():
    a, b, c = (Linear(3, 3, seed=i, dtype=np.float64) for i in range(3))

    def model(x):
        h = a(x)
        return c(h + np.tanh(b(np.tanh(h))))

    x, y = np.random.default_rng(0).random((2, 7, 3))
    wishes = nudges(model, quadratic_cost, x, y)
    quadratic_cost(model(x), y).backward()
    for layer, values in zip(wishes.layers, (a, b, c), strict=True):
        assert layer.parameters["W"] is values.W
        close(layer.average.W, -values.W.grad, 1e-12)


# ------------------------------------------------------------------------------ table and picture
def lesson(n: int = 8) -> Nudges:
    rng = np.random.default_rng(0)
    x, labels = rng.random((n, 784), np.float32), rng.integers(10, size=n)
    return nudges(MLP([784, 16, 16, 10], seed=0), quadratic_cost, x, one_hot(labels, 10))


def test_the_table_has_a_column_for_each_example_and_the_average_last():
    wishes = lesson()
    lines = str(wishes).splitlines()
    head = next(line for line in lines if "average" in line and "#0" in line)
    assert head.split() == ["#0", "#1", "#2", "#3", "#4", "#5", "…", "average"]
    classes = next(line for line in lines if line.startswith("class"))
    assert classes.split()[1:7] == [str(label) for label in wishes.labels[:6]]
    assert [line for line in lines if line.startswith("layer")] == [
        "layer 3: 16 → 10",
        "layer 2: 16 → 16",
        "layer 1: 784 → 16",
    ]
    rows = [line for line in lines if line.startswith("  ")][1:]
    for line in rows:
        name, cells = line[2:].split("]")
        shown = [float(cell.replace("−", "-")) for cell in cells.split() if cell != "…"]
        row = wishes.row(name + "]")
        assert shown == pytest.approx([*row[:6], row[-1]], abs=0.006 * float(np.abs(row).max()))
    assert len(rows) == 3 * 3 + 3 * 3 + 2 * 3
    assert max(map(len, lines)) < 100


def test_the_table_shows_what_has_the_largest_average():
    wishes = lesson()
    shown = wishes.table(rows=1)
    average = wishes.layers[2].average.W
    j, k = np.unravel_index(np.abs(average).argmax(), average.shape)
    assert f"W3[{j}, {k}]" in shown


@pytest.mark.parametrize(
    ("y", "labels"),
    [
        (np.array([1, 0]), [1, 0]),
        (np.array([[0.0, 1.0], [1.0, 0.0]]), [1, 0]),
        (np.array([[0.2, 0.3], [1.0, 0.0]]), None),
    ],
)
def test_labels_are_read_where_there_are_any(y, labels):
    cost = cross_entropy if y.ndim == 1 else quadratic_cost
    found = nudges(MLP([2, 2], seed=0, output=None), cost, np.eye(2), y).labels
    assert (None if found is None else found.tolist()) == labels


def test_the_picture_shows_the_example_its_outputs_and_the_wishes_for_weights():
    wishes = lesson()
    image, outputs, weights = draw_nudges(wishes, 2, neuron=5).axes[:3]
    assert np.array_equal(image.images[0].get_array().ravel(), wishes.x[2])
    bars = [bar.get_height() for bar in outputs.patches if hasattr(bar, "get_height")]
    assert bars == pytest.approx(wishes.outputs[2])
    ways = [np.sign(arrow.xy[1] - arrow.xyann[1]) for arrow in outputs.texts]
    assert ways == np.sign(wishes.output_wishes[2]).tolist()
    shown = np.asarray(weights.images[0].get_array())
    assert shown.shape == (28, 28)
    close(shown.ravel(), wishes.layers[0].W[2, 5], 1e-6)
    assert "neuron 5" in weights.get_title()


def test_inputs_that_fill_no_square_are_drawn_as_a_row():
    wishes = nudges(MLP([3, 2], seed=0), quadratic_cost, np.eye(3), np.eye(3)[:, :2])
    assert draw_nudges(wishes, 1).axes[0].images[0].get_array().shape == (1, 3)


# ---------------------------------------------------------------------------------------- errors
def mixing(x):
    return Linear(3, 2, seed=0)(x - x.mean(axis=0))


share_of_largest = Op(
    lambda x: x / np.max(x), lambda g, out, x: g / np.max(x), name="share of the largest"
)


def scaled(x):
    return Linear(3, 2, seed=0)(share_of_largest(Linear(3, 3, seed=0)(x)))


def shared(layer=Linear(3, 3, seed=0)):  # noqa: B008
    return Sequential(layer, np.tanh, layer)


def decayed(layer=Linear(3, 2, seed=0)):  # noqa: B008
    return layer, lambda a, y: quadratic_cost(a, y) + (layer.W**2).sum()


def without_graph(x):
    with no_grad():
        return MLP([3, 2], seed=0)(x)


MODEL = MLP([3, 2], seed=0)
X, Y = np.ones((4, 3), np.float32), np.ones((4, 2), np.float32)


@pytest.mark.parametrize(
    ("model", "cost", "x", "y", "words"),
    [
        (MODEL, quadratic_cost, X[:0], Y[:0], "at least one example"),
        (MODEL, quadratic_cost, X[0], Y[0], r"batch of shape \(n, inputs\), not \(3,\)"),
        (MODEL, quadratic_cost, X, Y[:3], r"x has 4 examples, and y of shape \(3, 2\)"),
        (MODEL, quadratic_cost, X, 1.0, r"y of shape \(\)"),
        (MODEL, quadratic_cost, X, np.arange(4), r"output has shape \(4, 2\), the target \(4,\)"),
        (MODEL, cross_entropy, X, np.arange(4), "labels must be whole numbers from 0 to 1"),
        (np.tanh, quadratic_cost, X, X, "no layer z = a Wᵀ"),
        (without_graph, quadratic_cost, X, Y, "no layer z = a Wᵀ"),
        (lambda x: x.data, quadratic_cost, X, X, "the model should give a Value"),
        (lambda x: MODEL(x)[:2], quadratic_cost, X, Y, r"not \(2, 2\)"),
        (lambda x: MODEL(x)[::-1], quadratic_cost, X, Y, "cannot tell the examples apart"),
        (mixing, quadratic_cost, X, Y, "cannot tell the examples apart behind mean"),
        (scaled, quadratic_cost, X, Y, r"behind share of the largest .*elementwise=True"),
        (shared(), quadratic_cost, X, X, "W is used in more than one place"),
        (*decayed(), X, Y, "W is used in more than one place"),
        (MODEL, lambda a, y: ((a - y) ** 2).sum(), X, Y, "mean of the examples' own costs"),
        (MODEL, lambda a, y: (a - y) ** 2, X, Y, "Value of one number"),
        (MODEL, lambda a, y: 1.0, X, Y, "Value of one number"),
    ],
)
def test_bad_input_is_told_in_one_sentence(model, cost, x, y, words):
    with pytest.raises(ValueError, match=words) as told:
        nudges(model, cost, x, y)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "name", ["W3[0, 0]", "W1[16, 0]", "W1[0]", "b1[0, 0]", "W1[-1, 0]", "a1[0]", "W1", "", "c1[0]"]
)
def test_an_entry_that_does_not_exist_is_told(name):
    wishes = nudges(MODEL, quadratic_cost, X, Y)
    with pytest.raises(ValueError, match="there is no entry"):
        wishes.row(name)


@pytest.mark.parametrize("arguments", [(4,), (-1,), (0, 2), (0, -1)])
def test_an_example_or_neuron_that_does_not_exist_is_told(arguments):
    wishes = nudges(MODEL, quadratic_cost, X, Y)
    with pytest.raises(ValueError, match=r"there is no (example|neuron)"):
        draw_nudges(wishes, *arguments)


def test_without_matplotlib_a_picture_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install 'autograd-mini\[plot\]'"):
        draw_nudges(nudges(MODEL, quadratic_cost, X, Y))
