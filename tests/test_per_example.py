"""per_example: the same bits as one example at a time, whatever the function does."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_mini import NotFiniteError, Value, debug, no_grad, ops
from autograd_mini.functional import grad, value_and_grad
from autograd_mini.functional.opaque import DiffersError, Hidden
from autograd_mini.functional.per_example import per_example
from autograd_mini.trees import leaves

affine, quadratic_cost, log_softmax = (
    ops.TABLE[name] for name in ("affine", "quadratic_cost", "log_softmax")
)
_ELEMENTWISE = [op for op in ops.TABLE.values() if op.elementwise and not op.wide]
seeds = st.integers(0, 2**32 - 1)
dtypes = st.sampled_from([np.float32, np.float64])


def one_at_a_time(f: Any, params: Any, *batch: Any) -> list[Any]:
    """The leaves of the gradients of all examples, computed one by one."""
    each = [leaves(grad(f)(params, *(x[i] for x in batch))) for i in range(len(batch[0]))]
    return [np.stack(column) for column in zip(*each, strict=True)]


def bits(x: Any) -> bytes:
    """The bits of an array, signs of zeros included; every nan is the same nan."""
    return np.where(np.isnan(x), np.asarray(np.nan, x.dtype), x).tobytes()


def assert_same_bits(f: Any, params: Any, *batch: Any) -> int:
    """Compare with one example at a time; tell how often `f` was called for the batch."""
    calls = []

    def counted(*args: Any) -> Any:
        calls.append(args)
        return f(*args)

    found = leaves(per_example(counted)(params, *batch))
    for g, wanted in zip(found, one_at_a_time(f, params, *batch), strict=True):
        assert g.dtype == wanted.dtype
        assert g.shape == wanted.shape
        assert bits(g) == bits(wanted), np.max(np.abs(g - wanted))
        assert g.flags.writeable
    return len(calls)


# ------------------------------------------------------------------------------ random networks
LAYERS: list[Callable[[Any, Any, Any], Any]] = [
    lambda x, W, b: affine(x, W, b),
    lambda x, W, b: W @ x + b,
    lambda x, W, b: x @ W.T + b,
    lambda x, W, b: np.dot(W, x) - b * b,
    lambda x, W, b: (2 * W) @ x + np.exp(-b),
]
ACTIVATIONS: list[Callable[[Any], Any]] = [
    lambda z: z.sigmoid(),
    lambda z: z.relu(),
    np.tanh,
    lambda z: z.softplus(),
    lambda z: np.sin(z) * z + np.sqrt(1 + z * z),
    lambda z: np.maximum(z, 0.1 * z) / (1 + np.exp(-np.abs(z))),
    lambda z: z**3 - np.log1p(z**2),
    lambda z: z,
    lambda z: z,
]
COSTS: list[Callable[[Any, Any], Any]] = [
    lambda a, y: ((a - y) ** 2).sum(),
    lambda a, y: np.mean((y - a) ** 2, axis=-1),
    lambda a, y: quadratic_cost(a, y),
    lambda a, y: a.sum(),
    lambda a, y: (a + y).mean(),
    lambda a, y: (a * y).sum() / np.sqrt(1 + (a * a).sum()),
    lambda a, y: -(log_softmax(a) * y).sum(),
    lambda a, y: np.abs(a - y).max(),
    lambda a, y: (a[::-1] * y).sum() + np.logaddexp(a, y).mean(),
    lambda a, y: a @ y + (a.reshape(-1, 1) * y).sum(),
]


@settings(max_examples=150)
@given(seeds, dtypes, st.data())
def test_random_networks_give_the_same_bits(seed: int, dtype: Any, data: Any) -> None:
    rng = np.random.default_rng(seed)
    sizes = data.draw(st.lists(st.integers(1, 40), min_size=2, max_size=4))
    layer, activation = st.sampled_from(LAYERS), st.sampled_from(ACTIVATIONS)
    layers = [data.draw(st.tuples(layer, activation)) for _ in sizes[1:]]
    cost = data.draw(st.sampled_from(COSTS))
    n = data.draw(st.integers(1, 5))

    def f(params: Any, x: Any, y: Any) -> Any:
        for (apply, activate), (W, b) in zip(layers, params["net"], strict=True):
            x = activate(apply(x, W, b))
        return cost(x, y) * params["scale"]

    def draw(*shape: int) -> Any:
        return rng.normal(size=shape).astype(dtype) * rng.integers(0, 2, size=shape).astype(dtype)

    net = [(draw(m, k), draw(m)) for k, m in pairwise(sizes)]
    with np.errstate(all="ignore"):
        assert_same_bits(f, {"net": net, "scale": 1.5}, draw(n, sizes[0]), draw(n, sizes[-1]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("layer", LAYERS[:3])
@pytest.mark.parametrize("cost", COSTS[:3])
def test_the_network_of_the_lesson_is_computed_at_once(dtype: Any, layer: Any, cost: Any) -> None:
    rng = np.random.default_rng(0)

    def f(params: Any, x: Any, y: Any) -> Any:
        for W, b in params:
            x = layer(x, W, b).sigmoid()
        return cost(x, y)

    sizes = [784, 16, 16, 10]
    net = [
        (rng.normal(size=(m, k)).astype(dtype), rng.normal(size=m).astype(dtype))
        for k, m in pairwise(sizes)
    ]
    x, y = rng.random((20, 784)).astype(dtype), rng.random((20, 10)).astype(dtype)
    assert assert_same_bits(f, net, x, y) == 1


@pytest.mark.parametrize("layer", LAYERS[:3])
def test_a_sum_of_outputs_gives_the_same_bits(layer: Any) -> None:
    """The gradient of the outputs is then one number, repeated without being written out."""
    rng = np.random.default_rng(0)
    net = [(rng.normal(size=(m, k)), rng.normal(size=m)) for k, m in pairwise([8, 33, 7])]

    def f(params: Any, x: Any) -> Any:
        for W, b in params:
            x = layer(x, W, b)
        return x.sum()

    assert assert_same_bits(f, net, rng.normal(size=(20, 8))) == 1


@pytest.mark.parametrize("op", _ELEMENTWISE, ids=repr)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_each_elementwise_op_rounds_alike_in_rows_of_any_length(op: Any, dtype: Any) -> None:
    rng = np.random.default_rng(0)

    def f(params: Any, x: Any) -> Any:
        return (op(*[p + x for p in params]) * x).sum()

    for n in (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65):
        params = [
            rng.uniform(max(domain.low, -9), min(domain.high, 9), size=n).astype(dtype)
            for domain in op.domain
        ]
        with np.errstate(all="ignore"):
            assert_same_bits(f, params, (1e-3 * rng.normal(size=(3, n))).astype(dtype))


# --------------------------------------------------------------------- functions of other kinds
def looks(w: Any, x: Any) -> Any:
    return w * 2 if x[0] > 0 else w


def indexes(w: Any, x: Any) -> Any:
    return (w * np.arange(3.0))[np.argmax(x)]


def reads(w: Any, x: Any) -> Any:
    return w * float(getattr(x, "data", x)[0])


def counts(w: Any, x: Any) -> Any:
    return w * np.count_nonzero(x)


def compares(w: Any, x: Any) -> Any:
    return w * np.array_equal(x, abs(x))


def finds(w: Any, x: Any) -> Any:
    return w * len(np.nonzero(x > 0)[0])


def masks(w: Any, x: Any) -> Any:
    return (w * np.where(x > 0, 1.0, 3.0)).sum()


def cuts(w: Any, x: Any) -> Any:
    return (Value(w.detach().data) * w * x.max()).sum()


def averages(w: Any, x: Any) -> Any:
    return (w * (x - np.mean(x)) / np.std(x)).sum()


def holds(w: Any, x: Any) -> Any:
    held = w * x
    return (held * held.detach()).sum()


def mixes(w: Any, x: Any) -> Any:
    return np.where(x > 0, w * x, -x).sum()


def gates(w: Any, x: Any) -> Any:
    return (w * x * (x > 0)).sum()


def powers(w: Any, x: Any) -> Any:
    return (w * np.power(np.abs(x), 1.5)).sum()


def normalises(w: Any, x: Any) -> Any:
    return (w * np.prod(x) + w * np.cumsum(x)).sum()


@pytest.mark.parametrize(
    "f",
    [
        looks,
        indexes,
        reads,
        counts,
        compares,
        finds,
        masks,
        cuts,
        averages,
        holds,
        mixes,
        gates,
        powers,
        normalises,
    ],
)
def test_what_depends_on_the_numbers_is_done_for_each_example(f: Any) -> None:
    x = np.array([[1.0, -2.0, 0.5], [-1.0, 2.0, 3.0], [0.0, 0.0, 1.0], [4.0, 5.0, 6.0]])
    assert assert_same_bits(f, 2.0, x) > 1


def test_derivatives_inside_the_function_and_odd_axes() -> None:
    x = np.array([[1.0, -2.0, 0.5], [-1.0, 2.0, 3.0]])
    for f in (
        lambda w, x: grad(lambda z: (np.sin(w * z) * z).sum())(x).sum(),
        lambda w, x: (w * x).sum(axis=()).sum(axis=0, keepdims=True)[0],
        lambda w, x: (w * x).mean(axis=(-1,)),
        lambda w, x: np.sum(w * x * x[:2].sum(), axis=None, keepdims=True).reshape(()),
    ):
        assert_same_bits(f, 0.7, x)
        assert_same_bits(f, np.array([0.7, -0.3, 2.0]), x)
        assert_same_bits(f, np.array([0.7]), x[:, :1])


def test_debug_mode_looks_at_each_example() -> None:
    with debug(), np.errstate(all="ignore"), pytest.raises(NotFiniteError, match="log"):
        per_example(lambda w, x: np.log(w * x))(1.0, np.array([1.0, 0.0]))


def test_whole_numbers_as_labels() -> None:
    W = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 0.5]])
    x, labels = np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([2, 0])

    def f(W: Any, x: Any, label: Any) -> Any:
        return -log_softmax(W @ x)[label]

    assert assert_same_bits(f, W, x, labels) > 1


def test_numbers_for_examples() -> None:
    x, y = np.linspace(-2, 2, 300), np.linspace(0, 3, 300)
    for f in (
        lambda p, x, y: (p[0] * x + p[1] - y) ** 2,
        lambda p, x, y: np.exp(p[0] * x) / (1 + p[1] * p[1]) * y,
        lambda p, x, y: np.exp(np.sum(p[0] * x)) + p[1],
        lambda p, x, y: p[0] ** 2 * p[1],
    ):
        assert_same_bits(f, [0.3, -0.7], x, y)
        assert_same_bits(f, [0.3, -0.7], x.astype(np.float32), y)
        assert_same_bits(f, [np.float32(0.3), np.ones(())], x, y)


def test_containers_keywords_and_several_arguments() -> None:
    def f(x: Any, W: Any, b: Any, *, power: int) -> Any:
        return ((W @ x["in"] + b - x["out"]) ** power).sum()

    rng = np.random.default_rng(0)
    x = {"in": rng.normal(size=(4, 3)), "out": rng.normal(size=(4, 2))}
    W, b = rng.normal(size=(2, 3)), rng.normal(size=2)
    gb, gW = per_example(f, argnums=(2, 1))(x, W, b, power=3)
    for i in range(4):
        one = {key: column[i] for key, column in x.items()}
        wanted = grad(f, argnums=(2, 1))(one, W, b, power=3)
        assert bits(gb[i]) == bits(wanted[0])
        assert bits(gW[i]) == bits(wanted[1])


def test_gradients_share_nothing() -> None:
    a, b = per_example(lambda p, x: ((p[0] + p[1]) * x).sum())([np.ones(2)] * 2, np.ones((3, 2)))
    assert not np.shares_memory(a, b)
    views = per_example(lambda p, x: ((p[0].T.T + p[1]) @ x).sum())
    a, b = views([np.ones((2, 2))] * 2, np.ones((3, 2)))
    assert not np.shares_memory(a, b)
    x = np.ones((3, 2))
    g = per_example(lambda p, x: (p * x).sum())(np.ones(2), x)
    assert not np.shares_memory(g, x)
    g += 1
    assert x.tolist() == [[1, 1]] * 3


def test_batches_of_none_and_a_cost_without_parameters() -> None:
    empty = per_example(lambda w, x: (w * x).sum())(np.ones(2, np.float32), np.ones((0, 2)))
    assert empty.shape == (0, 2)
    assert empty.dtype == np.float32
    assert per_example(lambda w, x: x.sum())(np.ones(2), np.ones((3, 2))).tolist() == [[0, 0]] * 3
    assert per_example(lambda w, x: x.sum())([], np.ones((3, 2))) == []


def test_inside_other_derivatives_and_no_grad() -> None:
    x = np.array([1.0, 2.0])
    v = Value(3.0)
    f = lambda w, x: w**2 * x
    outer = grad(lambda w: per_example(f)(w, x).sum())(5.0)
    assert outer == 2 * x.sum()
    closed = per_example(lambda w, x: w * v * x)(5.0, x)
    assert type(closed) is Value
    assert closed.data.tolist() == [3, 6]
    with no_grad():
        assert per_example(f)(v, x).tolist() == [6, 12]
        assert per_example(lambda w, x: w * v * x)(5.0, x).tolist() == [3, 6]
    assert v.grad is None
    value, g = value_and_grad(lambda w: (per_example(f)(w, x) ** 2).sum())(5.0)
    assert (value, g) == (500.0, 200.0)


def test_rows_in_other_memory_orders() -> None:
    rng = np.random.default_rng(0)
    W, x = np.asfortranarray(rng.normal(size=(4, 6))), np.asfortranarray(rng.normal(size=(5, 6)))
    f = lambda W, x: (affine(x, W, np.ones(4)) ** 2).sum()
    for batch in (x, x[::-1], np.ascontiguousarray(x)[:, ::-1]):
        found = per_example(f)(W, batch)
        np.testing.assert_allclose(found, one_at_a_time(f, W, batch)[0], rtol=1e-14)


# -------------------------------------------------------------------------- one clear sentence
@pytest.mark.parametrize(
    ("call", "kind", "pattern"),
    [
        (lambda f: f(1.0, np.ones(2), np.ones(3)), ValueError, "2 in argument 1, 3 in argument 2"),
        (lambda f: f(1.0, np.ones(2), 3.0), ValueError, "argument 2 has no axis of examples"),
        (lambda f: f(1.0), ValueError, "must agree .* none"),
        (lambda f: f(1, np.ones(2)), TypeError, "argument 0 is of type int"),
        (lambda f: f(1.0, np.ones((2, 3))), ValueError, r"a number, not an array of shape \(3,\)"),
        (lambda f: f(), ValueError, "argnums 0 is out of range"),
    ],
)
def test_errors_say_what_and_where(call: Any, kind: type[Exception], pattern: str) -> None:
    with pytest.raises(kind, match=pattern):
        call(per_example(lambda w, *batch: w * batch[0]))


def test_an_error_in_f_comes_through() -> None:
    def f(w: Any, x: Any) -> Any:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        per_example(f)(1.0, np.ones(2))


def test_nothing_gets_a_number_out_of_a_hidden_array() -> None:
    secret = Hidden(np.array([1.0, 2.0]))
    asks: list[Any] = [
        bool,
        float,
        int,
        np.asarray,
        np.nonzero,
        np.float64,
        list("ab").__getitem__,
    ]
    for ask in (
        *asks,
        np.zeros(2).__iadd__,
        np.arange(3).__getitem__,
        math.exp,
        [3.0].__contains__,
    ):
        with pytest.raises(DiffersError):
            ask(secret)
    asks = [np.sum, np.argmax, np.ptp, np.isnan, abs, np.add.reduce, next]
    for ask in asks:
        assert type(ask(iter(secret) if ask is next else secret)) is Hidden
    assert np.shape(secret) == (2,)
    assert "1." not in repr(secret)
