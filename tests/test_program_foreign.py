"""What compiled functions take that no NumPy call says: somebody else's functions, and tables."""

import importlib.util
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_mini import CannotCompileError, Op, Value, compile, grad, hessian, value_and_grad
from autograd_mini.program.compiled import MODES

X = [np.array([1.0, 0.5, 2.0]), np.array([0.25, 0.75, -0.5]), np.array([1.0, 0.5, 2.0])]


# ---------------------------------------------------------------------- somebody else's functions
def doubled(x: Any) -> Any:
    """A function that turns what it gets into a plain array, as those of SciPy do."""
    return np.asarray(x) * 2.0


def doubled_rule(g: Any, out: Any, x: Any) -> Any:
    return np.asarray(g) * 2.0


def looped(x: Any) -> Any:
    return np.array([math.erf(number) for number in np.asarray(x)])


def solved(A: Any, b: Any) -> Any:
    return np.linalg.solve(np.asarray(A), np.asarray(b))


class Counts:
    """An object that is no number, and keeps the arrays that it has seen."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def forward(self, x: Any) -> Any:
        self.seen.append(np.asarray(x))
        return self.seen[-1] + 1.0

    def rule(self, g: Any, out: Any, x: Any) -> Any:
        return np.asarray(g) * (self.seen[-1] + 2.0 - out)


theirs: Any = np._core.umath.clip  # type: ignore[attr-defined]  # a ufunc without a public name
counts = Counts()
OPS = {
    "plain arrays": Op(doubled, doubled_rule, name="doubled"),
    "an importable forward": Op(doubled, lambda g, out, x: g * 2.0, name="doubled"),
    "a loop of math": Op(
        looped, lambda g, out, x: g * 2 / np.sqrt(np.pi) * np.exp(-x * x), name="erf"
    ),
    "a branch": Op(
        lambda x: x * 2.0 if x[0] > 0.5 else x * 3.0,
        lambda g, out, x: g * (2.0 if x[0] > 0.5 else 3.0),
        name="branch",
    ),
    "the array itself": Op(lambda x: np.asarray(x), lambda g, out, x: np.asarray(g), name="same"),
    "what it has kept": Op(counts.forward, counts.rule, name="counts"),
    "a keyword": Op(
        lambda x, n: np.asarray(x) ** n, lambda g, out, x, n: g * n * x ** (n - 1), name="power"
    ),
    "an object": Op(
        lambda x, n: np.asarray(x) * len(n.seen[:0]) + np.asarray(x),
        lambda g, out, x, n: g * 1.0,
        name="odd",
    ),
    "a number of an array": Op(
        lambda x: float(np.asarray(x).sum()),
        lambda g, out, x: np.full(np.shape(x), float(g)),
        name="total",
        signature="(n)->()",
    ),
}
KEYWORDS: dict[str, Any] = {"a keyword": {"n": 3}, "an object": {"n": counts}}


def inside(name: str) -> Callable[[Any], Any]:
    """A function that calls the op twice, amid results that live in buffers."""
    op, keywords = OPS[name], KEYWORDS.get(name, {})

    def f(x: Any) -> Any:
        y = op(np.sin(x) * 1.5, **keywords)
        z = op(y * x + x, **keywords)
        return np.sum(np.cos(z) * y + z)

    return f


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", OPS)
def test_an_op_that_nobody_can_trace_is_one_call(name: str, mode: str) -> None:
    f = value_and_grad(inside(name))
    compiled = compile(f, mode=mode)
    given = [compiled(x) for x in X]
    for x, (value, slope) in zip(X, given, strict=True):
        assert value == pytest.approx(f(x)[0], rel=1e-12)
        np.testing.assert_allclose(slope, f(x)[1], rtol=1e-12)
        slope[:] = 7.0


def test_ops_of_several_arrays_of_numbers_and_of_a_sequence() -> None:
    solve = Op(
        solved,
        lambda g, out, A, b: -np.outer(solved(A.T, g), out),
        lambda g, out, A, b: solved(A.T, g),
        name="solve",
        signature="(n,n),(n)->(n)",
    )
    mixed = Op(
        lambda *xs: sum((k + 1) * np.asarray(x) for k, x in enumerate(xs)),
        lambda places, g, out, *xs: [np.asarray(g) * (i + 1) for i in places],
        name="mixed",
        sequence=True,
    )
    number = Op(
        lambda x: math.erf(x), lambda g, out, x: g * 2 / math.sqrt(math.pi) * math.exp(-x * x),
        name="erf",
    )  # fmt: skip

    def f(x: Any) -> Any:
        return np.sum(solve(np.eye(3) * 2.0 + np.outer(x, x), x) * mixed([x, x * x]))

    pairs = [(value_and_grad(f), X), (value_and_grad(lambda x: number(x) * x), [0.5, 0.25, 0.5])]
    pairs.append((hessian(lambda x: np.sum(OPS["a loop of math"](x))), X))
    for wanted, arguments in pairs:
        compiled = compile(wanted)
        for x in arguments:
            for a, b in zip(np.atleast_1d(*map(np.asarray, compiled(x))), wanted(x), strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-12)


def test_a_ufunc_of_somebody_elses_is_called_by_its_name() -> None:
    compiled = compile(lambda x: theirs(x, 0.0, 0.6) * 2.0)
    for x in X:
        np.testing.assert_array_equal(compiled(x), np.clip(x, 0.0, 0.6) * 2.0)
    assert "import clip" in compiled.source


def test_saved_programs_import_what_has_a_name(tmp_path: Path) -> None:
    f = value_and_grad(inside("plain arrays"))
    compiled = compile(f)
    compiled(X[0])
    compiled.save(tmp_path / "saved.py")
    spec = importlib.util.spec_from_file_location("saved", tmp_path / "saved.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for x in X:
        value, slope = module.result_and_gradient(x)
        assert value == pytest.approx(f(x)[0])
        np.testing.assert_allclose(slope, f(x)[1], rtol=1e-12)
    lambdas = compile(inside("a branch"))
    lambdas(X[0])
    with pytest.raises(CannotCompileError, match="branch cannot be imported by its name"):
        lambdas.save(tmp_path / "never.py")
    assert not (tmp_path / "never.py").exists()


def test_a_function_whose_result_changes_its_kind_is_refused_at_the_call() -> None:
    grows = Op(lambda x: np.asarray(x)[x > 0], lambda g, out, x: g, name="grows")
    for f in (grows, lambda x: grows(Value(x))):
        compiled = compile(f)
        _grows(compiled)
    with pytest.raises(ValueError, match="bad numbers"):
        compile(Op(_complains, None, name="complains"))(X[0])


def _grows(compiled: Any) -> None:
    assert compiled(np.ones(2)).tolist() == [1.0, 1.0]
    with pytest.raises(CannotCompileError, match=r"grows gives .*\(1,\), and gave .*\(2,\)"):
        compiled(np.array([1.0, -1.0]))


def _complains(x: Any) -> Any:
    if np.asarray(x).size:
        raise ValueError("bad numbers")


# ------------------------------------------------------------------------------------------ tables
TABLE = np.arange(12.0).reshape(4, 3)
PARAMETER = Value(TABLE, name="table")
LOOKUPS: dict[str, Callable[[Any], Any]] = {
    "np.take of an array": lambda x: np.take(TABLE, np.argmax(x)) * x.sum(),
    "np.take of rows": lambda x: np.take(TABLE, np.argsort(x), axis=0) * x,
    "np.take of a list": lambda x: np.take([1.0, 2.0, 4.0], np.argsort(x)) * x,
    "np.take of an argument": lambda x: np.take(x, np.argsort(x)),
    "x.take": lambda x: x.take(np.argsort(x)),
    "np.take_along_axis": lambda x: np.take_along_axis(TABLE[0], np.argsort(x), 0) * x,
    "np.choose": lambda x: np.choose(np.argsort(x), [1.0, 2.0, 4.0]) * x,
    "np.interp": lambda x: np.interp(x, [-1.0, 0.0, 1.0], [0.0, 3.0, 4.0]),
    "a parameter": lambda x: np.sum(PARAMETER[np.argsort(x)] * x),
    "rows and columns of a parameter": lambda x: PARAMETER[np.argsort(x), 1] * x,
    "np.take of a parameter": lambda x: np.take(PARAMETER, np.argsort(x), axis=0) * x,
    "a Value made on the spot": lambda x: Value(TABLE)[np.argsort(x)] * x,
}


def plain(x: Any) -> Any:
    return x.data if isinstance(x, Value) else x


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", LOOKUPS)
def test_tables_are_indexed_by_what_is_recorded(name: str, mode: str) -> None:
    f = LOOKUPS[name]
    compiled = compile(f, mode=mode)
    for x in X:
        np.testing.assert_allclose(compiled(x), plain(f(x)), rtol=1e-12)
    slope = grad(lambda x: np.sum(f(x) * x))
    compiled = compile(slope, mode=mode)
    for x in X:
        np.testing.assert_allclose(compiled(x), plain(slope(x)), rtol=1e-12)


def test_an_embedding_learns() -> None:
    eager, quick = Value(TABLE, name="E"), Value(TABLE, name="E")
    compiled = compile(lambda ids, y: _step(quick, ids, y))
    for ids in ([0, 1, 1], [3, 0, 2], [2, 2, 2]):
        wanted = _step(eager, np.array(ids), np.ones(3))
        assert compiled(np.array(ids), np.ones(3)) == pytest.approx(wanted.item())
        np.testing.assert_allclose(quick.data, eager.data, rtol=1e-12)


def _step(table: Value, ids: Any, y: Any) -> Any:
    table.grad = None
    cost = np.sum((table[ids].sum(axis=1) - y) ** 2)
    cost.backward()
    table.data -= 0.1 * table.grad
    return cost


def test_np_take_is_numpys_own_again() -> None:
    before = np.take
    compile(LOOKUPS["np.take of an array"])(X[0])
    with pytest.raises(CannotCompileError):
        compile(lambda x: TABLE[np.argmax(x)])(X[0])
    assert np.take is before


# ------------------------------------------------------------------------------- odds and ends
@pytest.mark.parametrize("x", [1.0, np.ones(2)])
def test_nothing_can_be_returned(x: Any) -> None:
    for f in (lambda x: None, lambda x: {"a": None}, lambda x: (None, x * 2.0)):
        compiled = compile(f)
        for _ in range(3):
            assert repr(compiled(x)) == repr(f(x))


def test_a_look_at_a_number_is_that_number() -> None:
    for f in (lambda x: np.sum(np.tanh(x + x)[...]), lambda x: np.sum(np.tanh(x * x)[None] * x)):
        for g in (f, value_and_grad(f)):
            for mode in MODES:
                compiled = compile(g, mode=mode)
                for x in (0.5, 0.25, 0.5):
                    found, wanted = np.asarray(compiled(x)), np.asarray(g(x))
                    assert found.shape == wanted.shape
                    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    with pytest.raises(TypeError, match="not subscriptable"):
        compile(lambda x: x[0])(0.5)
