"""Tests of nn.losses: costs and gradients against formulas and PyTorch, extremes, faults."""

import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import strategies as st

import nn
from autograd_mini import Value
from autograd_mini.testing import check_gradients
from nn import binary_cross_entropy, cross_entropy, mse_loss, one_hot, quadratic_cost

INF = math.inf
X = [[0.5, -1.25, 2.0], [3.0, 0.25, -0.75]]
Y = [[1.0, 0.0, 0.25], [0.0, 1.0, 0.5]]
P = [[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]]

# What torch.nn.functional 2.13 gives in float64: cost, then gradient of the first argument.
PYTORCH: list[tuple[Any, Any, Any, float, Any]] = [
    (
        mse_loss,  # mse_loss
        X,
        Y,
        2.6666666666666665,
        [
            [-0.16666666666666666, -0.41666666666666663, 0.5833333333333333],
            [1.0, -0.25, -0.41666666666666663],
        ],
    ),
    (
        cross_entropy,  # cross_entropy of labels
        X,
        [2, 1],
        1.5332267246689073,
        [
            [0.08841009105372215, 0.015363370163218216, -0.10377346121694037],
            [0.45979311218199004, -0.4706064097406296, 0.010813297558639528],
        ],
    ),
    (
        cross_entropy,  # cross_entropy of probabilities
        X,
        P,
        2.1707267246689077,
        [
            [-0.011589908946277858, -0.1346366298367818, 0.14622653878305963],
            [0.45979311218199004, -0.4706064097406296, 0.010813297558639528],
        ],
    ),
    (
        cross_entropy,  # cross_entropy of one label
        X[0],
        2,
        0.23262198310203266,
        [0.1768201821074443, 0.030726740326436432, -0.20754692243388073],
    ),
    (
        cross_entropy,  # cross_entropy of the probabilities of one example
        X[0],
        P[0],
        1.5076219831020325,
        [-0.023179817892555715, -0.2692732596735636, 0.29245307756611927],
    ),
    (
        binary_cross_entropy,  # binary_cross_entropy_with_logits
        X,
        Y,
        1.123221975689323,
        [
            [-0.0629234447996909, 0.03711668980421814, 0.10513284632964705],
            [0.15876235447040557, -0.07297058318570032, -0.029863116529232164],
        ],
    ),
]


def cost_and_gradient(loss: Any, x: Any, y: Any) -> tuple[Any, Any]:
    x = Value(x)
    C = loss(x, y)
    C.backward()
    return C.data, x.grad


@pytest.mark.parametrize(("loss", "x", "y", "cost", "gradient"), PYTORCH)
def test_costs_are_pytorchs(loss, x, y, cost, gradient):
    ours, grad = cost_and_gradient(loss, x, y)
    assert ours == pytest.approx(cost, rel=1e-14)
    np.testing.assert_allclose(grad, gradient, rtol=1e-13, atol=1e-16)


# --------------------------------------------------------------------------------------- formulas
shapes = hnp.array_shapes(min_dims=1, max_dims=2, max_side=5)
numbers = st.floats(-20, 20).map(lambda x: round(x, 3))


def arrays(shape: tuple[int, ...], elements: Any = numbers) -> st.SearchStrategy[np.ndarray]:
    return hnp.arrays(np.float64, shape, elements=elements)


@st.composite
def pairs(draw: Any, elements: Any = numbers) -> tuple[np.ndarray, np.ndarray]:
    shape = draw(shapes)
    return draw(arrays(shape)), draw(arrays(shape, elements))


@hypothesis.given(pairs())
def test_the_quadratic_cost_sums_outputs_and_averages_examples(pair):
    a, y = pair
    by_example = ((a - y) ** 2).sum(-1)
    cost, grad = cost_and_gradient(quadratic_cost, a, y)
    assert cost == pytest.approx(by_example.mean(), rel=1e-12)
    np.testing.assert_allclose(grad, 2 * (a - y) / by_example.size, rtol=1e-12)
    assert mse_loss(a, y) == pytest.approx(cost / a.shape[-1], rel=1e-12)


@hypothesis.given(st.data(), st.integers(1, 5), st.integers(1, 5))
def test_labels_cost_what_their_one_hot_rows_cost(data, n, k):
    x = data.draw(arrays((n, k)))
    labels = data.draw(hnp.arrays(np.int64, n, elements=st.integers(0, k - 1)))
    p = np.exp(x) / np.exp(x).sum(1, keepdims=True)
    cost, grad = cost_and_gradient(cross_entropy, x, labels)
    assert cost == pytest.approx(-np.log(p[np.arange(n), labels]).mean(), rel=1e-9, abs=1e-12)
    np.testing.assert_allclose(grad, (p - np.eye(k)[labels]) / n, rtol=1e-9, atol=1e-12)
    other, other_grad = cost_and_gradient(cross_entropy, x, one_hot(labels, k))
    assert other == pytest.approx(cost, rel=1e-9, abs=1e-12)
    np.testing.assert_allclose(other_grad, grad, rtol=1e-9, atol=1e-12)


@hypothesis.given(pairs(st.floats(0, 1).map(lambda x: round(x, 3))))
def test_binary_cross_entropy_is_its_formula(pair):
    x, y = pair
    p = 1 / (1 + np.exp(-x))
    costs = -y * np.log(p) - (1 - y) * np.log1p(-p)
    cost, grad = cost_and_gradient(binary_cross_entropy, x, y)
    assert cost == pytest.approx(costs.mean(), rel=1e-6, abs=1e-9)  # the naive formula is rough
    np.testing.assert_allclose(grad, (p - y) / x.size, rtol=1e-9, atol=1e-12)


def test_two_classes_are_one_logit():
    x, y = np.array([-2.0, 0.5, 3.0]), np.array([0, 1, 0])
    two = np.stack([np.zeros(3), x], axis=1)
    expected = cross_entropy(two, y)
    assert binary_cross_entropy(x, y) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("loss", [quadratic_cost, mse_loss, cross_entropy, binary_cross_entropy])
def test_the_target_may_be_computed_too(loss):
    check_gradients(loss, X, P)


@pytest.mark.parametrize("loss", [quadratic_cost, mse_loss, cross_entropy, binary_cross_entropy])
def test_second_derivatives(loss):
    check_gradients(loss, X, np.array([2, 1]) if loss is cross_entropy else Y)


# ----------------------------------------------------------------------------------------- dtypes
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("target_type", [list, np.int64, np.uint8, bool, None])
@pytest.mark.parametrize("loss", [quadratic_cost, mse_loss, cross_entropy, binary_cross_entropy])
def test_a_cost_keeps_the_dtype_of_the_output(loss, target_type, dtype):
    target = [[1, 0, 0], [0, 0, 1]]
    y = target if target_type is list else np.array(target, target_type or dtype)
    x = Value(np.array(X, dtype))
    C = loss(x, y)
    C.backward()
    assert C.shape == ()
    assert C.dtype == dtype
    assert x.grad.dtype == dtype
    assert C.item() == pytest.approx(loss(Value(X), np.array(target, float)).item(), rel=1e-6)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int32, np.int64, np.uint64])
def test_labels_of_every_whole_type(dtype):
    x = Value(np.array(X, np.float32))
    C = cross_entropy(x, np.array([2, 1], dtype))
    assert C.dtype == np.float32
    assert C.item() == pytest.approx(1.5332267246689073, rel=1e-6)


def test_numbers_are_costs_too():
    a = Value(3.0)
    C = quadratic_cost(a, 1.0)
    C.backward()
    assert (C.data, a.grad, type(C.data)) == (4.0, 4.0, float)
    assert quadratic_cost(3.0, 1.0) == 4.0
    assert mse_loss(Value(3.0), 1).item() == 4
    assert binary_cross_entropy(Value(0.0), 1).item() == pytest.approx(math.log(2))


def test_plain_arrays_give_plain_costs():
    x = np.array(X, np.float32)
    for loss, y in ((quadratic_cost, Y), (cross_entropy, [2, 1]), (binary_cross_entropy, Y)):
        cost = loss(x, np.array(y, np.float32) if y is Y else y)
        assert type(cost) is np.float32


def test_lists_give_plain_costs():
    assert quadratic_cost([[1, 2]], [[1, 4]]) == 4
    assert mse_loss([[1, 2]], [[1, 4]]) == 2
    assert cross_entropy([[0, 0]], [1]) == pytest.approx(math.log(2))
    assert binary_cross_entropy([0, 0], [1, 0]) == pytest.approx(math.log(2))


def test_a_cost_changes_no_argument():
    x, y, labels = np.array(X), np.array(Y), np.array([2, 1])
    for loss, target in ((quadratic_cost, y), (cross_entropy, labels), (binary_cross_entropy, y)):
        cost_and_gradient(loss, x, target)
    assert (x.tolist(), y.tolist(), labels.tolist()) == (X, Y, [2, 1])


# --------------------------------------------------------------------------------------- extremes
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_logits_of_a_thousand_are_finite_and_silent(dtype):
    x = np.array([[1000, -1000, 0], [-1000, -1000, -1000], [1000, 1000, 1000]], dtype)
    cost, grad = cost_and_gradient(cross_entropy, x, [1, 0, 0])
    assert cost == pytest.approx((2000 + 2 * math.log(3)) / 3, rel=1e-6)
    expected = np.array([[1, -1, 0], [-2 / 3, 1 / 3, 1 / 3], [-2 / 3, 1 / 3, 1 / 3]]) / 3
    np.testing.assert_allclose(grad, expected, rtol=1e-6)
    probable, _ = cost_and_gradient(cross_entropy, x, one_hot([1, 0, 0], 3))
    assert probable == pytest.approx(cost, rel=1e-6)
    cost, grad = cost_and_gradient(binary_cross_entropy, x[0], [0, 1, 1])
    assert cost == pytest.approx((2000 + math.log(2)) / 3, rel=1e-6)
    np.testing.assert_allclose(grad, [1 / 3, -1 / 3, -1 / 6], rtol=1e-6)


def test_small_costs_keep_their_digits():
    cost = binary_cross_entropy(np.float32([15.0]), [1])
    assert cost == pytest.approx(math.log1p(math.exp(-15)), rel=1e-6)
    assert binary_cross_entropy(np.array([30.0]), [1]) == pytest.approx(9.357622968839e-14)


@pytest.mark.parametrize("target", [[1, 0], [[0, 1, 0], [1, 0, 0]]])
def test_impossible_classes_cost_nothing_unless_they_are_the_label(target):
    x = [[-INF, 0.0, 0.0], [1.0, -INF, -INF]]
    cost, grad = cost_and_gradient(cross_entropy, x, target)
    assert cost == pytest.approx(math.log(2) / 2)
    np.testing.assert_allclose(grad, [[0, -0.25, 0.25], [0, 0, 0]])


def test_an_impossible_label_costs_inf():
    cost, grad = cost_and_gradient(cross_entropy, [[0.0, -INF, 0.0], [1.0, 1.0, 1.0]], [1, 0])
    assert cost == INF
    np.testing.assert_allclose(grad, [[0.25, -0.5, 0.25], [-1 / 3, 1 / 6, 1 / 6]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_row_without_possible_classes(dtype):
    x = np.array([[-INF, -INF], [0.0, 0.0]], dtype)
    cost, grad = cost_and_gradient(cross_entropy, x, [1, 0])
    assert cost == INF
    np.testing.assert_array_equal(grad, np.array([[0, -0.5], [-0.25, 0.25]], dtype))
    cost, grad = cost_and_gradient(cross_entropy, x[0], 1)
    assert cost == INF
    assert grad.tolist() == [0, -1]


def test_a_nan_stays_in_its_row():
    cost, grad = cost_and_gradient(cross_entropy, [[math.nan, 0.0], [0.0, 0.0]], [0, 0])
    assert math.isnan(cost)
    assert np.isnan(grad).tolist() == [[True, True], [False, False]]
    assert math.isnan(quadratic_cost([math.nan], [0.0]))


# ----------------------------------------------------------------------------------------- faults
x23 = np.array(X, np.float32)
SHAPES: list[tuple[Any, Any, tuple[int, ...], tuple[int, ...]]] = [
    (x23, np.ones(3), (2, 3), (3,)),
    (x23, np.ones((1, 3)), (2, 3), (1, 3)),
    (x23, np.ones((2, 1)), (2, 3), (2, 1)),
    (x23, [1, 2], (2, 3), (2,)),
    (x23, 1.0, (2, 3), ()),
    (x23[0], np.ones((1, 3)), (3,), (1, 3)),
    (Value(1.0), [1.0], (), (1,)),
]


@pytest.mark.parametrize("loss", [quadratic_cost, mse_loss, binary_cross_entropy])
@pytest.mark.parametrize(("a", "y", "shape", "given"), SHAPES)
@pytest.mark.parametrize("kind", [Value, lambda x: x])
def test_shapes_that_differ_are_both_named_and_never_broadcast(loss, a, y, shape, given, kind):
    with pytest.raises(ValueError, match="needs a target of the shape") as caught:
        loss(a, kind(y))
    told = str(caught.value)
    assert told.startswith(loss.__name__)
    assert f"has shape {shape}, the target {given}" in told
    assert told.endswith("one_hot(labels, 3) makes one from labels") == (given == (2,))


@pytest.mark.parametrize("loss", [quadratic_cost, mse_loss, binary_cross_entropy])
@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (0,)])
def test_a_cost_of_nothing(loss, shape):
    with pytest.raises(ValueError, match="needs at least one example"):
        loss(Value(np.ones(shape)), np.ones(shape))


BAD_LABELS: list[tuple[Any, Any, str]] = [
    (x23, [0, 3], r"whole numbers from 0 to 2, not from 0 to 3"),
    (x23, [-1, 2], r"whole numbers from 0 to 2, not from -1 to 2"),
    (x23, np.array([255, 0], np.uint8), r"from 0 to 2, not from 0 to 255"),
    (x23, [0.5, 1], r"whole numbers, not float64; use labels\.astype\(int\)"),
    (x23, [math.nan, 1], r"whole numbers, not float64"),
    (x23, [True, False], r"whole numbers, not bool"),
    (x23, [0, 1, 2], r"shape \(2, 3\) needs labels of shape \(2,\).*shape \(3,\)"),
    (x23, [[0], [1]], r"shape \(2, 3\) needs labels of shape \(2,\).*shape \(2, 1\)"),
    (x23, 1, r"shape \(2, 3\) needs labels of shape \(2,\).*shape \(\)"),
    (x23[0], [1], r"shape \(3,\) needs labels of shape \(\).*shape \(1,\)"),
    (x23[0], 3, r"from 0 to 2, not from 3 to 3"),
    (x23[:0], [], r"needs logits of shape \(n, k\) or \(k,\), not \(0, 3\)"),
    (x23[:, :0], [0, 0], r"needs logits of shape \(n, k\) or \(k,\), not \(2, 0\)"),
    (x23[None], [[0, 1]], r"needs logits of shape \(n, k\) or \(k,\), not \(1, 2, 3\)"),
    (1.0, 0, r"needs logits of shape \(n, k\) or \(k,\), not \(\)"),
]


@pytest.mark.parametrize(("x", "labels", "sentence"), BAD_LABELS)
def test_bad_labels_get_one_sentence(x, labels, sentence):
    for logits in (x, Value(x)):
        with pytest.raises(ValueError, match=sentence) as caught:
            cross_entropy(logits, labels)
        assert "\n" not in str(caught.value)


# ---------------------------------------------------------------------------------------- one_hot
@hypothesis.given(
    st.integers(1, 6).flatmap(
        lambda n: st.tuples(
            hnp.arrays(np.int16, hnp.array_shapes(min_dims=0), elements=st.integers(0, n - 1)),
            st.just(n),
        )
    )
)
def test_one_hot_rows(case):
    labels, n = case
    rows = one_hot(labels, n)
    assert rows.shape == (*labels.shape, n)
    assert rows.dtype == np.float32
    assert np.all(rows.sum(-1) == 1)
    np.testing.assert_array_equal(rows.argmax(-1), labels)


def test_one_hot_of_another_dtype_and_of_nothing():
    assert one_hot([1], 2, np.float64).dtype == np.float64
    assert one_hot(np.array([], int), 3).shape == (0, 3)


@pytest.mark.parametrize(
    ("labels", "told"),
    [([0, 3], "from 0 to 3"), ([-1], "from -1 to -1"), ([1.5], "float64"), ([True], "bool")],
)
def test_one_hot_refuses_what_is_no_label(labels, told):
    with pytest.raises(ValueError, match=f"whole numbers from 0 to 2; these .*{told}"):
        one_hot(labels, 3)


# ---------------------------------------------------------------- what is a probability already
A = Value(np.array([[0.2, 1.0], [0.5, -1.0], [1.0, 2.0]]))
ONES = np.ones((3, 2))
WARNED: dict[str, Callable[[Value], Any]] = {
    "sigmoid": lambda a: a.sigmoid(),
    "softmax": lambda a: a.softmax(axis=-1),
    "reshaped": lambda a: a.sigmoid().reshape(3, 2),
    "turned": lambda a: a.T.sigmoid().T,
    "indexed": lambda a: a.sigmoid()[:, ::-1],
    "wider": lambda a: np.squeeze(np.expand_dims(a.sigmoid(), 0)),
    "narrower": lambda a: a.softmax(axis=-1).astype(np.float32),
    "a network": lambda a: nn.MLP([2, 2], dtype=float)(a.data),
}
QUIET: dict[str, Callable[[Value], Any]] = {
    "logits": lambda a: a * 2,
    "tanh": lambda a: np.tanh(a),
    "a leaf": lambda a: a,
    "scaled": lambda a: a.sigmoid() * 10,
    "numbers": lambda a: a.sigmoid().data,
    "logarithms": lambda a: a.log_softmax(axis=-1),
    "a network": lambda a: nn.MLP([2, 2], output=None, dtype=float)(a.data),
}
LOGIT_COSTS = {
    "cross_entropy": lambda a: nn.cross_entropy(a, [1, 0, 1]),
    "probabilities": lambda a: nn.cross_entropy(a, ONES / 2),
    "binary_cross_entropy": lambda a: nn.binary_cross_entropy(a, ONES),
}


@pytest.mark.parametrize("cost", LOGIT_COSTS.values(), ids=LOGIT_COSTS)
@pytest.mark.parametrize("outputs", WARNED.values(), ids=WARNED)
def test_costs_of_logits_warn_of_probabilities(outputs: Any, cost: Any) -> None:
    with pytest.warns(UserWarning, match="takes logits, .* result of a .*output=None") as told:
        cost(outputs(A))
    assert [Path(each.filename).name for each in told] == [Path(__file__).name]


@pytest.mark.parametrize("cost", LOGIT_COSTS.values(), ids=LOGIT_COSTS)
@pytest.mark.parametrize("outputs", QUIET.values(), ids=QUIET)
def test_other_outputs_are_quiet(outputs: Any, cost: Any) -> None:
    cost(outputs(A))  # warnings are errors here


def test_a_fit_does_not_warn_at_each_step() -> None:
    x, y = np.random.default_rng(0).random((30, 2), np.float32), np.arange(30) % 2
    for compiled in (None, False):
        model = nn.MLP([2, 2], seed=0)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("default")
            nn.fit(
                model, nn.cross_entropy, x, y, optimizer=nn.SGD(model.parameters(), 0.1),
                epochs=3, batch_size=10, progress=False, compiled=compiled,
            )  # fmt: skip
        ours = [each for each in told if "cross_entropy takes logits" in str(each.message)]
        assert 1 <= len(ours) <= 2  # recording a step resets Python's memory of warnings


@pytest.mark.parametrize(
    ("labels", "cure"),
    [
        (np.array(["a", "b"]), "np.unique.* numbers them"),
        (np.array([0.0, 1.0]), "use labels.astype"),
        (np.array([True, False]), "use labels.astype"),
    ],
)
def test_labels_get_a_cure_that_works(labels: Any, cure: str) -> None:
    with pytest.raises(ValueError, match=f"labels must be whole numbers.*{cure}"):
        nn.cross_entropy(np.ones((2, 2)), labels)


def test_one_logit_for_each_label() -> None:
    for cost in (nn.binary_cross_entropy, nn.quadratic_cost, nn.mse_loss):
        with pytest.raises(ValueError, match=r"the target \(3,\); y\[:, None\] has it"):
            cost(np.ones((3, 1)), np.ones(3))


def test_probabilities_of_many_examples_in_halves() -> None:
    n = 70_000
    logits = Value(np.zeros((n, 2), np.float16))
    assert nn.cross_entropy(logits, np.full((n, 2), 0.5, np.float16)).item() == pytest.approx(
        np.log(2), rel=1e-3
    )
