"""What is refused names who asked for it and what to do instead; what is copied stays whole."""

import copy
import pickle
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from autograd_mini import (
    CannotCompileError,
    Op,
    Value,
    compile,
    explain,
    flatten,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    ops,
    per_example,
    value_and_grad,
    vjp,
)
from autograd_mini.ops import TABLE
from autograd_mini.show.graph import Graph
from autograd_mini.show.graph.health import idle
from autograd_mini.show.page.facts import facts_of

V, N = Value([1.0, 2.0, 3.0]), Value(0.5)
A = Value(np.eye(3) * 2)


# ------------------------------------------------------------------- functions of other libraries
OTHERS: dict[str, list[tuple[Callable[[Any], Any], str]]] = {
    "scipy.special": [
        (lambda sp: sp.expit(V), "scipy.special.expit cannot take a Value; use ops.sigmoid(x)"),
        (lambda sp: sp.log_expit(V), "log_expit cannot take a Value; use -ops.softplus(-x)"),
        (lambda sp: sp.logit(N), "use np.log(x) - np.log1p(-x)"),
        (lambda sp: sp.cbrt(V), "scipy.special.cbrt cannot take a Value; use np.cbrt"),
        (lambda sp: sp.gammaln(V), "scipy.special.gammaln cannot take a Value; declare an Op"),
        (
            lambda sp: sp.digamma(V),
            "scipy.special.psi (digamma) cannot take a Value; declare an Op",
        ),
        (lambda sp: sp.xlogy(V, V), "scipy.special.xlogy cannot take a Value; declare an Op"),
        (lambda sp: sp.logsumexp(V), "scipy.special.logsumexp turns a Value into an array"),
        (lambda sp: sp.logsumexp(V), "use ops.logsumexp(x)"),
        (lambda sp: sp.softmax(V), "use ops.softmax(x)"),
        (lambda sp: sp.log_softmax(V), "use ops.log_softmax(x)"),
        (lambda sp: sp.polygamma(1, V), "scipy.special.polygamma turns a Value into an array"),
    ],
    "scipy.linalg": [
        (lambda linalg: linalg.inv(A), "scipy.linalg.inv turns a Value into an array"),
        (lambda linalg: linalg.solve(A, V), "use np.linalg.solve"),
        (lambda linalg: linalg.cholesky(A), "scipy.linalg.cholesky turns a Value"),
        (lambda linalg: linalg.expm(A), "scipy.linalg.expm turns a Value into an array"),
    ],
    "scipy.stats": [
        (lambda stats: stats.norm.logpdf(V), "logpdf turns a Value into an array"),
        (lambda stats: stats.zscore(V), "scipy.stats.zscore turns a Value into an array"),
    ],
    "scipy.fft": [
        (lambda fft: fft.fft(V), "scipy.fft.fft turns a Value into an array"),
    ],
    "scipy.signal": [
        (lambda signal: signal.convolve(V, V), "use np.convolve"),
    ],
    "scipy.sparse": [
        (lambda sparse: sparse.eye(3) @ V, "scipy.sparse"),
    ],
    "pandas": [
        (lambda pd: pd.Series(V), "Series turns a Value into an array"),
    ],
    "numpy": [
        (
            lambda np: np.frompyfunc(abs, 1, 1)(V),
            "abs (vectorized) cannot take a Value; for a plain",
        ),
        (lambda np: np.float_power(V, 2), "np.float_power cannot take a Value (nearest supported"),
        (lambda np: np.add.reduceat(V, [0]), "np.add.reduceat cannot take a Value"),
    ],
}


@pytest.mark.parametrize(
    ("name", "call", "says"),
    [pytest.param(name, *row, id=row[1]) for name, rows in OTHERS.items() for row in rows],
)
def test_functions_of_others_are_named_with_what_to_do_instead(
    needed: Any, name: str, call: Any, says: str
) -> None:
    library = needed(name)
    with pytest.raises(TypeError, match=re.escape(says)):
        call(library)


# --------------------------------------------------------------------------- filling, and writing
def fill(z: Any, index: Any, v: Any) -> Any:
    z[index] = v
    return z


FILLING = "z = Value(z).at[index].set(v)"


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: fill(np.zeros(3), 0, N), FILLING),
        (lambda: fill(np.zeros(3), 0, V), FILLING),
        (lambda: fill(np.zeros((2, 3)), 1, V), FILLING),
        (lambda: fill(np.zeros(3), slice(None), V), FILLING),
        (lambda: fill(V, 0, 1.0), "y = x.at[index].set(value)"),
        (lambda: np.ones((3, 3)).dot(V), "A @ v in place of A.dot(v)"),
        (lambda: np.array([N, N]), "np.stack"),
        (lambda: fill(V.data, 0, 1.0), "new = v.data.copy(); new[index] = x; v.data = new"),
        (lambda: fill(V.data[1:], 0, 1.0), "v.data = new"),
        (lambda: compile(lambda x: fill(np.zeros(3), 0, x.sum()))(np.ones(3)), "np.stack of a"),
        (lambda: compile(lambda x: fill(np.zeros(3), 0, x))(np.ones(3)), "np.stack of a list"),
        (lambda: compile(lambda x: np.ones((3, 3)).dot(x))(np.ones(3)), "A @ v for A.dot(v)"),
    ],
)
def test_what_would_fill_or_write_an_array_names_the_cure(call: Any, says: str) -> None:
    with pytest.raises((TypeError, ValueError, CannotCompileError)) as caught:
        call()
    told = [str(caught.value), str(caught.value.__cause__)]  # NumPy hides ours behind its own
    assert any(says in text for text in told), told


def test_what_is_made_like_data_can_be_written() -> None:
    assert fill(np.zeros_like(V.data), 1, 2.0).tolist() == [0, 2, 0]


# ------------------------------------------------------------------------------ kinds of errors
FAR = 2**1024


@pytest.mark.parametrize(
    "call",
    [
        lambda: Value(FAR),
        lambda: N + FAR,
        lambda: V + FAR,
        lambda: FAR * V,
        lambda: np.maximum(V, FAR),
        lambda: np.clip(V, 0, FAR),
        lambda: V.at[0].set(FAR),
        lambda: ops.affine(A, np.eye(3), FAR),
    ],
)
def test_a_number_beyond_all_floats_overflows_everywhere(call: Callable[[], Any]) -> None:
    with pytest.raises(OverflowError, match="too large"):
        call()


OUT = [
    *(np.array([1e3, -1e3, 0.0]), np.array([[800.0, -800.0, 3.0], [0.0, -1e4, 1e4]])),
    *(np.array([-745.0, -740.0, 745.0]), np.array([1e3, -1e3, 0.0], np.float32)),
]
SILENT: dict[str, Callable[[Any], Any]] = {
    **{name: TABLE[name] for name in ("sigmoid", "softplus", "softmax", "log_softmax")},
    **{name: TABLE[name] for name in ("logsumexp", "relu", "tanh")},
    "binary_cross_entropy": lambda x: ops.binary_cross_entropy(x, np.ones(x.shape, x.dtype)),
    "cross_entropy": lambda x: ops.cross_entropy(x, labels=np.zeros(x.shape[:-1], int)),
}


@pytest.mark.parametrize("x", OUT, ids=repr)
@pytest.mark.parametrize("name", SILENT)
def test_costs_and_activations_are_silent_at_underflow(name: str, x: Any) -> None:
    f = SILENT[name]
    wanted = f(x)
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(f(x), wanted)
        v = Value(x)
        np.testing.assert_array_equal(f(v).data, wanted)
        np.sum(f(v)).backward()
    assert np.all(np.isfinite(v.grad))


@pytest.mark.parametrize(
    "call", [lambda: np.exp(Value([1e3])), lambda: Value([1e200]) * 1e200, lambda: np.log(V - V)]
)
def test_what_numpy_raises_stays_of_its_kind(call: Callable[[], Any]) -> None:
    with np.errstate(all="raise"), pytest.raises(FloatingPointError, match="of shape"):
        call()


# ------------------------------------------------------------------------ arguments of derivatives
@dataclass
class Layer:
    W: Any
    b: float
    size: int = 3
    kind: str = "tanh"
    on: "bool" = True
    inner: "Layer | None" = None


def cost(p: Layer, x: Any = 2.0) -> Any:
    rest = p.inner.b if p.inner else 0.0
    return (np.sum(p.W * p.W) * p.b * x + rest) * p.size * (2 if p.kind == "tanh" else 1)


P = Layer(np.ones(2), 2.0, inner=Layer(np.ones(1), 1.0, kind="relu"))


def test_text_and_whole_numbers_of_dataclasses_stay_as_they_are() -> None:
    for found in (
        grad(cost)(P),
        vjp(cost, P)[1](1.0)[0],
        hessian(cost)(P),
        hvp(cost, (P,), P, argnums=0),
    ):
        assert (found.size, found.kind, found.on, found.inner.kind) == (3, "tanh", True, "relu")
    slope = grad(cost)(P)
    assert (slope.W.tolist(), slope.b, slope.inner.b) == ([48, 48], 24, 6)
    assert value_and_grad(cost, argnums=1)(P, 3.0)[1] == 24
    assert jvp(cost, (P,), P, argnums=0)[1] == 24 * 6 + 6
    assert hessian(cost)(P).W.W.tolist() == [[48, 0], [0, 48]]
    vector, unflatten = flatten(P)
    assert vector.tolist() == [1, 1, 2, 1, 1]
    assert unflatten(2 * vector).inner.kind == "relu"
    each = per_example(cost)(P, np.array([1.0, 2.0]))
    assert (each.b.tolist(), each.size) == ([12, 24], 3)
    compiled = compile(grad(cost))
    for size in (3, 4, 3):
        p = Layer(np.ones(2), 2.0, size=size)
        assert compiled(p).W.tolist() == grad(cost)(p).W.tolist() == [16 * size, 16 * size]


NEST: list[Any] = [1.0]
NEST.append(NEST)
DEEP: Any = 1.0
for _ in range(5000):
    DEEP = [DEEP]


@pytest.mark.parametrize("tree", [NEST, DEEP, {"a": NEST}], ids=["holds itself", "deep", "both"])
@pytest.mark.parametrize(
    "call",
    [
        lambda tree: grad(lambda x: 1.0)(tree),
        lambda tree: vjp(lambda x: tree, 1.0),
        lambda tree: jvp(lambda x: 1.0, (tree,), (tree,)),
        lambda tree: jacobian(lambda x: tree)(1.0),
        lambda tree: per_example(lambda p, x: 1.0)(tree, np.ones(2)),
        lambda tree: per_example(lambda p, x: 1.0)(1.0, tree),
        flatten,
        lambda tree: compile(lambda x: 1.0)(tree),
    ],
)
def test_containers_without_end_are_told(call: Callable[[Any], Any], tree: Any) -> None:
    with pytest.raises(ValueError, match="nested too deep, or one of them holds itself"):
        call(tree)


@pytest.mark.parametrize(
    ("f", "x", "says"),
    [
        (lambda x: x * x, np.ones(2), r"hessian: f must return a number.*\(2,\)"),
        (lambda x: "a", 1.0, "hessian: f must return a number, not a str"),
        (lambda x: x, 1, "hessian: argument 0 is of type int"),
        (lambda p: p.b, Layer(np.ones(2), 1), r"hessian: argument 0\.b is of type int"),
    ],
)
def test_hessian_speaks_of_itself(f: Any, x: Any, says: str) -> None:
    with pytest.raises((ValueError, TypeError), match=says):
        hessian(f)(x)


# ----------------------------------------------------------------------- copies, pickles, identity
def test_copies_of_values_keep_graph_and_gradient() -> None:
    x = Value([1.0, 2.0], name="x")
    results = [np.sum(x * x), x.exp(), x + 1, np.where([True, False], x, 0.0), np.stack([x, x])]
    results[0].backward()
    for v in (x, *results):
        twin = copy.copy(v)
        assert (twin.op, twin.args, twin.name, len(twin.raw)) == (v.op, v.args, v.name, len(v.raw))
        assert twin.keywords == v.keywords
        np.testing.assert_array_equal(twin.data, v.data)
    twin = copy.copy(x)
    x.grad[0] = 9
    assert twin.grad.tolist() == [2, 4]
    assert copy.copy(results[0]).grad == 1
    assert pickle.loads(pickle.dumps(x)).grad is None


def test_ops_are_pickled_by_name_and_never_copied() -> None:
    for op in TABLE.values():
        assert pickle.loads(pickle.dumps(op)) is copy.deepcopy(op) is copy.copy(op) is op
    own = Op(lambda x: x * 2.0, lambda g, out, x: 2 * g, name="relu")
    assert copy.deepcopy([own])[0] is own
    with pytest.raises(TypeError, match="relu is an op of your own"):
        pickle.dumps(own)


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh", "constructor", "__proto__"])
def test_an_own_op_is_not_taken_for_one_of_the_table(name: str) -> None:
    own = Op(lambda x: 0.0 * x, lambda g, out, x: 0 * g, name=name)
    graph = Graph(own(Value(2.0)) + 1)
    assert facts_of(graph, [])["opaque"] == [1]
    assert idle(graph, range(len(graph))) == []
    assert facts_of(Graph(Value(2.0).relu() + np.tanh(Value(1.0))), [])["opaque"] == []


def test_an_own_product_and_an_own_sum_are_explained_by_their_rules() -> None:
    x = Value([1.0, 2.0, 4.0], name="x")
    share = Op(
        lambda x: x / np.sum(x),
        lambda g, out, x: (g - np.sum(g * out)) / np.sum(x),
        name="share",
    )
    found = explain(share(x)[0] * 5.0, x, index=0)
    assert found.total == pytest.approx(found.gradient) == pytest.approx(30 / 49)
    twice = Op(
        lambda x, y: 2 * x @ y,
        lambda g, out, x, y: 2 * g @ y.T,
        lambda g, out, x, y: 2 * x.T @ g,
        name="matmul",
        signature="(m,n),(n,p)->(m,p)",
    )
    W = Value(np.ones((2, 2)), name="W")
    found = explain(twice(W, np.ones((2, 2))).sum(), W, index=(0, 0))
    assert found.total == found.gradient == 4


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (Value(1.0), "no path leads from a Value from elsewhere to C"),
        (Value(1.0, name="w"), "no path leads from another w to C"),
        (Value(1.0, name="z"), "no path leads from z to C"),
    ],
)
def test_an_explanation_of_what_is_not_in_the_graph_says_so(other: Value, says: str) -> None:
    given = [other]
    del other  # which would name it
    assert str(explain(Value(2.0, name="w") * 3, given[0])).endswith(says)
    u = Value(1.0)
    assert str(explain(Value(2.0) * 3, u)).startswith("∂C/∂u = 0: no path leads from u to C")


def test_a_leaf_called_c_is_not_the_result() -> None:
    C = Value(2.0, name="C")
    assert str(explain(C * 3.0, C)).startswith("∂#1/∂C = 3")
