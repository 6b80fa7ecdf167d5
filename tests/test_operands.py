"""What an op is given and what it gives: exactly numbers and arrays; ops of every shape."""

import array
import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from autograd_mini import Op, Value, compile, grad, gradient_table, ops, value_and_grad
from autograd_mini.testing import check_gradients


class Sub(np.ndarray):
    pass


# ----------------------------------------------------------------------------- constants
def test_columns_of_a_table_are_taken_by_place(needed: Any) -> None:
    pd = needed("pandas")
    a, b = pd.Series([1.0, 2.0, 3.0]), pd.Series([10.0, 20.0, 30.0], index=[2, 1, 0])

    def f(w: Any) -> Any:
        return np.dot(w * a, np.ones(3)) + np.dot(b * w, np.ones(3))

    assert grad(f)(np.array([1.0, 2.0, 3.0])).tolist() == [11.0, 22.0, 33.0]
    assert grad(lambda p: np.mean((p[0] * a + p[1] - b) ** 2))((1.0, 0.0)) == pytest.approx(
        (np.mean(2 * (a.values - b.values) * a.values), np.mean(2 * (a.values - b.values)))
    )
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": [3.0, 4.0]})
    assert grad(lambda w: np.sum(w * frame))(np.ones((2, 2))).tolist() == [[1, 3], [2, 4]]


@pytest.mark.parametrize("kind", [Sub, np.memmap])
def test_subclasses_are_recorded_as_arrays(kind: Any) -> None:
    constant = np.ones(3).view(kind)
    y = Value(np.ones(3)) * constant
    z = (y * y).sum()
    assert type(y.peek()[0]) is np.ndarray
    with pytest.raises(ValueError, match="read-only"):
        y.data[...] = 99.0
    z.backward()
    assert y.grad.tolist() == [2.0, 2.0, 2.0]


class Tensor:
    """As torch's: numbers behind __array__, and a dtype of its own."""

    dtype = "torch.float32"
    shape = (2,)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.ones(2, np.float32)


@pytest.mark.parametrize(
    ("other", "cure"),
    [
        (np.array([[1.0, 2.0], [3.0, 4.0]]).view(np.matrix), r"np\.matrix.*np\.asarray"),
        (np.ma.array([1.0, 2.0], mask=[0, 1]), r"masked array.*filled"),
        (Tensor(), r"Tensor of torch\.float32; give np\.asarray"),
        (Fraction(1, 3), "Fraction; give real numbers"),
        (np.array([1j, 2.0]), "complex128"),
        (np.array([None, 2.0]), "unsupported operand"),
        ("ab", "str"),
    ],
)
def test_what_is_no_array_of_real_numbers_is_refused_with_the_cure(other: Any, cure: str) -> None:
    w = Value(np.ones((2, 2)))
    for call in (lambda: np.multiply(w, other), lambda: ops.multiply(other, w)):
        with pytest.raises(TypeError, match=cure):
            call()


def test_a_matrix_is_no_argument_either() -> None:
    matrix = np.array([[1.0, 2.0], [3.0, 4.0]]).view(np.matrix)
    for call in (lambda: Value(matrix), lambda: value_and_grad(lambda x: (x * x).sum())(matrix)):
        with pytest.raises(TypeError, match=r"np\.matrix"):
            call()


@pytest.mark.parametrize(
    ("out", "told"),
    [
        (np.ma.array([1.0, 2.0], mask=[0, 1]), "mine cannot compute with a masked array"),
        (np.array([[1.0, 2.0]]).view(np.matrix), r"mine cannot compute with an np\.matrix"),
        (Value([1.0, 2.0]), "mine cannot compute with Value"),
        (None, "mine cannot compute with NoneType"),
        ({}, "mine cannot compute with dict"),
        (np.array([1, 2]), "mine: the result is ndarray of int64"),
    ],
)
def test_what_an_own_forward_returns_is_looked_at(out: Any, told: str) -> None:
    op = Op(lambda x: out, lambda g, out, x: g, name="mine")
    with pytest.raises(TypeError, match=told):
        op(Value([1.0, 2.0]))


@pytest.mark.parametrize("kind", [lambda x: x.view(Sub), list])
def test_what_becomes_an_array_is_one(kind: Any) -> None:
    op = Op(lambda x: kind(np.exp(x)), lambda g, out, x: g * out, name="mine")
    out = op(Value([0.0, 1.0]))
    assert type(out.peek()[0]) is np.ndarray
    out.sum().backward()


def test_a_column_of_a_table_becomes_an_array(needed: Any) -> None:
    test_what_becomes_an_array_is_one(needed("pandas").Series)


# ---------------------------------------------------------------------- what is recorded is whole
ALTERING: list[tuple[Any, Any]] = [
    (lambda x: x.__imul__(2), lambda g, out, x: 2 * g),
    (lambda x: np.multiply(x, 2, out=x), lambda g, out, x: 2 * g),
    (lambda x: 2 * x, lambda g, out, x: g.__imul__(2)),
    (lambda x: 2 * x, lambda g, out, x: np.add(g, g, out=g)),
    (lambda x: 2 * x, lambda g, out, x: 2 * g + 0 * x.__iadd__(1)),
    (lambda x: 2 * x, lambda g, out, x: 2 * g + 0 * out.__iadd__(1)),
]


@pytest.mark.parametrize(("forward", "rule"), ALTERING)
def test_an_own_op_cannot_write_into_what_is_recorded(forward: Any, rule: Any) -> None:
    op = Op(forward, rule, name="writes")
    with pytest.raises(ValueError, match="read-only"):
        grad(lambda x: (op(x) * x).sum())(np.arange(4.0))


AUGMENTED: dict[str, Any] = {
    "+=": lambda y: y.__iadd__(1.0),
    "-=": lambda y: y.__isub__(1.0),
    "*=": lambda y: y.__imul__(3.0),
    "/=": lambda y: y.__itruediv__(3.0),
    "**=": lambda y: y.__ipow__(2),
    "//=": lambda y: y.__ifloordiv__(2.0),
    "%=": lambda y: y.__imod__(2.0),
    "@=": lambda y: y.__imatmul__(np.eye(4)),
}
SEEN: dict[str, Any] = {
    "an argument": lambda x: x,
    "a slice": lambda x: x[:],
    "a reshaped one": lambda x: x.reshape(4),
    "a slice of a transposed one": lambda x: x.T[:],
    "an axis more": lambda x: x[None][0],
    "broadcast": lambda x: np.broadcast_to(x, (4,)),
    "a leaf": lambda x: Value(np.ones(4)),
    "a part": lambda x: np.split(x, 1)[0],
    "the real part": lambda x: np.real(x),
    "the real part, as an attribute": lambda x: x.real,
    "the conjugate": lambda x: x.conj(),
    "no difference": lambda x: np.diff(x, n=0),
    "the same dtype": lambda x: x.astype(float, copy=False),
    "squeezed": lambda x: np.squeeze(x),
    "moved": lambda x: np.moveaxis(x, 0, -1),
}
FRESH: dict[str, Any] = {
    "a slice of nobody's": lambda x: (x * 2.0)[1:],
    "differences": lambda x: np.diff(x * 1.0),
    "products": lambda x: np.cumprod(x),
    "rolled": lambda x: np.roll(x, 1),
    "repeated": lambda x: np.repeat(x, 2),
    "flat": lambda x: x.flatten(),
    "a diagonal": lambda x: np.diag(x),
    "tiled": lambda x: np.tile(x, 2),
    "a product of many": lambda x: np.linalg.multi_dot([np.eye(4), np.eye(4), x]),
    "quantiles": lambda x: np.quantile(x, [0.25, 0.75]),
    "a copy": lambda x: x.copy(),
    "the sign": lambda x: +x,
}


ALIASES = ("an argument", "no difference")  # of a result: the very Value, as in NumPy


@pytest.mark.parametrize(
    ("sign", "seen", "behind"),
    [
        (sign, seen, behind)
        for sign, seen, behind in itertools.product(AUGMENTED, SEEN, [False, True])
        if not (behind and seen in ALIASES)
    ],
)
def test_an_augmented_assignment_that_someone_else_would_see_is_refused(
    sign: str, seen: str, behind: bool
) -> None:
    def f(x: Any) -> Any:
        h = x * 1.5 if behind else x
        y = SEEN[seen](h)
        AUGMENTED[sign](y)
        return h.sum()

    with pytest.raises(TypeError, match="write"):
        grad(f)(np.arange(4.0))
    with pytest.raises(TypeError, match="write"):
        grad(lambda x: grad(f)(x).sum())(np.arange(4.0))
    with pytest.raises(TypeError, match="write"):
        compile(grad(f))(np.arange(4.0))


@pytest.mark.parametrize("fresh", FRESH)
def test_one_of_memory_that_nobody_else_sees_is_not_refused(fresh: str) -> None:
    def f(x: Any) -> Any:
        y = FRESH[fresh](x)
        y *= 3.0
        return y.sum() * x.sum()

    x = np.arange(1.0, 5.0)
    value, slope = value_and_grad(f)(x)
    assert value == pytest.approx(f(x.copy()))
    for _ in range(2):
        np.testing.assert_allclose(compile(grad(f))(x), slope)


@pytest.mark.parametrize("sign", AUGMENTED)
def test_one_that_nobody_sees_is_computed_anew(sign: str) -> None:
    def f(x: Any) -> Any:
        y = x * 2.0 + 1.0
        return (AUGMENTED[sign](y) * x).sum()

    found = value_and_grad(f)(np.arange(1.0, 5.0))
    assert found[0] == pytest.approx(f(np.arange(1.0, 5.0)))
    compiled = compile(value_and_grad(f))
    for _ in range(2):
        np.testing.assert_allclose(compiled(np.arange(1.0, 5.0))[1], found[1])


def test_numbers_are_never_written_into() -> None:
    total, x = Value(0.0), Value(2.0)
    for _ in range(3):
        total += x * x
    total.backward()
    assert x.grad == 12.0


# --------------------------------------------------------------------------- ops of every shape
def _declared(arity: int, missing: int, keywords: bool, sequence: bool) -> Op:
    """The product of `arity` arrays, of which one has no rule."""

    def forward(*xs: Any, scale: float = 1.0) -> Any:
        out = xs[0] * scale if keywords else xs[0]
        for x in xs[1:]:
            out = out * x
        return out

    def rule(i: int) -> Any:
        def share(g: Any, out: Any, *xs: Any, **given: float) -> Any:
            for k, x in enumerate(xs):
                g = g * x if k != i else g
            return g * given.get("scale", 1.0)

        return share

    names = ", ".join(f"x{k}" for k in range(arity))
    if sequence:
        return Op(
            forward,
            lambda places, g, out, *xs, **k: [rule(i)(g, out, *xs, **k) for i in places],
            name="mine",
            sequence=True,
            elementwise=True,
        )
    tail = ", scale=1.0" if keywords else ""
    call = f"({names},), **dict(scale=scale)" if keywords else f"({names},)"
    space: dict[str, Any] = {"run": lambda xs, **k: forward(*xs, **k)}
    made = eval(f"lambda {names}{tail}: run({call})", space)
    rules = [None if i == missing else rule(i) for i in range(arity)]
    return Op(made, *rules, name="mine", elementwise=True)


SHAPES = [
    (arity, missing, keywords, False)
    for arity in (1, 2, 3, 4)
    for missing in range(-1, arity)
    for keywords in (False, True)
    if not (arity == 1 and missing == 0)
] + [(arity, -1, keywords, True) for arity in (1, 2, 4) for keywords in (False, True)]


@pytest.mark.parametrize(("arity", "missing", "keywords", "sequence"), SHAPES)
def test_own_ops_of_every_shape(arity: int, missing: int, keywords: bool, sequence: bool) -> None:
    op = _declared(arity, missing, keywords, sequence)
    given = {"scale": 2.5} if keywords else {}
    data = [np.arange(1.0, 4.0) + k for k in range(arity)]

    def f(*xs: Any) -> Any:
        args = list(data)
        for place, x in zip(places, xs, strict=True):
            args[place] = x
        return np.sum(op(args, **given) if sequence else op(*args, **given))

    places = [k for k in range(arity) if k != missing]
    xs = [data[k] for k in places]
    expected = [np.prod([x for j, x in enumerate(data) if j != k], axis=0) for k in places]
    expected = [np.ones(3) * x * given.get("scale", 1.0) for x in expected]
    argnums = tuple(range(len(xs)))
    leaves = [Value(x) for x in xs]
    f(*leaves).backward()
    compiled = compile(grad(f, argnums))
    for found in (
        [v.grad for v in leaves],
        grad(f, argnums)(*xs),
        compiled(*xs),
        compiled(*xs),
    ):
        for g, e in zip(found, expected, strict=True):
            np.testing.assert_allclose(g, e)
    check_gradients(f, *xs)
    if missing >= 0:
        with pytest.raises(TypeError, match=f"mine has no derivative for its argument {missing}"):
            op(*(Value(x) for x in data), **given)


def test_rules_for_another_number_of_arrays_are_refused() -> None:
    with pytest.raises(TypeError, match=r"mine has 2 rule\(s\) for 3 array\(s\)"):
        Op(lambda x, y, z: x, lambda *a: 0, lambda *a: 0, name="mine", arity=3)


# ------------------------------------------------------------------------------------ dtypes
NUMBERS: dict[str, Any] = {
    "float": 1.5,
    "float64": np.float64(1.5),
    "0-d": np.array(1.5),
    "float32": np.float32(1.5),
    "0-d float32": np.array(1.5, np.float32),
    "array": np.full(2, 1.5),
    "array32": np.full(2, 1.5, np.float32),
}
BINARY = [
    name
    for name, op in ops.TABLE.items()
    if op.rules and op.arity == 2 and op.elementwise and None not in op.rules and op.numpy
]


@pytest.mark.parametrize("name", BINARY)
def test_pairs_of_numbers_give_the_dtype_of_numpy(name: str) -> None:
    op = ops.TABLE[name]
    function = op.numpy[0]
    for a, b in itertools.product(NUMBERS.values(), repeat=2):
        expected = function(a, b)
        for x, y in ((Value(a), Value(b)), (Value(a), b), (a, Value(b))):
            out = function(x, y)
            assert out.dtype == expected.dtype, (a, b)
            np.testing.assert_allclose(out.data, expected, rtol=1e-6)
            with np.errstate(all="ignore"):
                table = gradient_table(out, np.ones(out.shape) if out.shape else None)
            for v in (x, y):
                if type(v) is Value and v in table:
                    g = table[v]
                    assert np.shape(g) == v.shape
                    assert getattr(g, "dtype", np.dtype(float)) == v.dtype


UNARY = [
    name
    for name, op in ops.TABLE.items()
    if op.rules and op.arity == 1 and op.elementwise and op.numpy and not op.keywords
]


@pytest.mark.parametrize("name", UNARY)
def test_numbers_give_the_dtype_of_numpy(name: str) -> None:
    function = ops.TABLE[name].numpy[0]
    for x in NUMBERS.values():
        with np.errstate(all="ignore"):
            assert function(Value(x)).dtype == np.asarray(function(x)).dtype


def test_a_number_in_double_precision_keeps_it_beside_float32() -> None:
    a = np.array([1e10, 1.0])

    def f(x: Any) -> Any:
        return np.max(np.sum(x * x)) * np.float32(1e30)

    assert value_and_grad(f)(a)[0] == f(a)
    slope = grad(lambda x: np.sum(x) / np.float32(4) * 1e-50)(a)
    assert slope.tolist() == [2.5e-51, 2.5e-51]
    found = value_and_grad(lambda s: np.exp(s) * np.float32(1))(np.float64(100))
    assert found[0] == found[1] == pytest.approx(2.6881171418161356e43)


def test_a_memoryview_or_an_array_array_is_copied() -> None:
    data = array.array("d", [1.0, 2.0])
    v = Value(memoryview(data))
    data[0] = 9.0
    assert v.data.tolist() == [1.0, 2.0]
