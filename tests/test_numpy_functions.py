"""NumPy's own functions, given Values: those whose form no Op has, what is refused, conventions.

Everything that is one Op is tested from its declaration; this is the rest.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from autograd_mini import Value, gradients
from autograd_mini.engine.numpy_calls import functions
from autograd_mini.ops.plain import PLAIN

L = np.linalg


def some(*shape: int) -> Any:
    """Return different numbers between -2 and 2, the same for the same shape."""
    return np.random.default_rng(sum(shape)).uniform(-2, 2, shape)


A, ROWS, STACK, SYMMETRIC = some(3, 3), some(4, 3), some(2, 3, 3), some(3, 3) + 6 * np.eye(3)
SYMMETRIC = SYMMETRIC @ SYMMETRIC.T
KNOTS = np.array([-1.5, 0.1, 1.0])


def parts(result: Any) -> list[Any]:
    """Return the single results in a tuple or list, nested or not."""
    return [p for r in result for p in parts(r)] if isinstance(result, tuple | list) else [result]


# ----------------------------------------------------- functions of several results and odd forms
CALLS: dict[str, tuple[Any, ...]] = {
    "eigh": (L.eigh, SYMMETRIC),
    "eigh of the upper triangle": (lambda a: L.eigh(a, "U"), SYMMETRIC),
    "svd, tall": (lambda a: L.svd(a, full_matrices=False), ROWS),
    "svd, wide": (lambda a: L.svd(a, False), ROWS.T),
    "svd, square and full": (L.svd, A),
    "svd of a stack": (L.svd, STACK),
    "svd, values only": (lambda a: L.svd(a, compute_uv=False), ROWS),
    "qr, tall": (L.qr, ROWS),
    "qr, wide": (L.qr, ROWS.T),
    "qr of a stack": (L.qr, STACK),
    "qr, R only": (lambda a: L.qr(a, mode="r"), ROWS),
    "qr, square and complete": (lambda a: L.qr(a, "complete"), A),
    "slogdet": (L.slogdet, STACK),
    "split in equal parts": (lambda a: np.split(a, 2), ROWS),
    "split at indices": (lambda a: np.split(a, [1, 3, 9]), ROWS),
    "array_split": (lambda a: np.array_split(a, 2, axis=1), ROWS),
    "hsplit": (lambda a: np.hsplit(a, 3), ROWS),
    "hsplit of a vector": (lambda a: np.hsplit(a, 3), KNOTS),
    "vsplit": (lambda a: np.vsplit(a, 2), ROWS),
    "dsplit": (lambda a: np.dsplit(a, [2]), STACK),
    "atleast_1d": (lambda a: np.atleast_1d(a, a[0, 0]), ROWS),
    "atleast_2d": (lambda a: np.atleast_2d(a[0], a[0, 0]), ROWS),
    "atleast_3d": (lambda a: np.atleast_3d(a, a[0], a[0, 0]), ROWS),
    "broadcast_arrays": (np.broadcast_arrays, ROWS, ROWS[0]),
    "meshgrid": (np.meshgrid, ROWS[0], ROWS[:, 0], ROWS[:2, 1]),
    "meshgrid by rows": (lambda a, b: np.meshgrid(a, b, indexing="ij"), ROWS[0], ROWS[:, 0]),
    "meshgrid, sparse": (lambda a, b: np.meshgrid(a, b, sparse=True), ROWS[0], ROWS[:, 0]),
    "block of two levels": (lambda a, b: np.block([[a, b], [b, a]]), A, SYMMETRIC),
    "block of one level": (lambda a, b: np.block([a, b]), ROWS[0], ROWS[1]),
    "block with a row": (lambda a, b: np.block([[a], [b]]), A, ROWS[1]),
    "select": (lambda a, b: np.select([a > 0, a < -1], [a, b], default=0.5), A, SYMMETRIC),
    "divmod": (lambda a: np.divmod(a, 0.7), ROWS),
    "modf": (np.modf, ROWS),
    "bincount": (lambda w: np.bincount([0, 2, 2], w, minlength=4), KNOTS),
    "copy": (np.copy, ROWS),
    "einsum, the result implied": (lambda a, b: np.einsum("ij,jk", a, b), ROWS, A),
    "einsum, lists of axes": (lambda a, b: np.einsum(a, [0, 1], b, [1, 2], [2, 0]), ROWS, A),
    "einsum, lists, implied": (lambda a, b: np.einsum(a, [..., 1], b, [1, 2]), ROWS, A),
    "einsum of diagonals": (lambda a: np.einsum("...ii", a), STACK),
    "einsum, optimized": (lambda a, b: np.einsum("ij,jk", a, b, optimize=True), ROWS, A),
    "interp": (lambda x, y: np.interp(x, [-1.5, 0.1, 1.0], y), ROWS, A[0]),
    "interp, xp too": (lambda x, xp, y: np.interp(x, xp, y, left=0.0), ROWS, KNOTS, A[0]),
    "interp, periodic": (lambda x, xp, y: np.interp(x, xp, y, period=3.1), ROWS, KNOTS, A[0]),
    "average, weights too": (
        lambda x, w: np.average(x, axis=1, weights=np.abs(w)),
        ROWS,
        KNOTS,
    ),
    "clip between Values": (lambda x, low: np.clip(x, low, 0.9), ROWS, -np.abs(KNOTS)),
    "pad given by axis": (
        lambda x: np.pad(x, {-1: (1, 2)} if type(x) is Value else ((0, 0), (1, 2))),
        ROWS,
    ),
    "trapezoid over Values": (lambda y, x: np.trapezoid(y, x), ROWS, KNOTS),
    "x % 0.7": (lambda x: x % 0.7, ROWS),
    "2 % x": (lambda x: 2.0 % x, ROWS),
    "x // 0.7, 2 // x": (lambda x: (x // 0.7, 2.0 // x), ROWS),
    "methods": (
        lambda x: (x.trace(), x.diagonal(1), x.take([1, 1]), x.repeat(2), x.cumprod(), x.round(1)),
        A,
    ),
}
if hasattr(np, "unstack"):
    CALLS["unstack"] = (lambda a: np.unstack(a, axis=1), STACK)


@pytest.mark.parametrize("name", CALLS)
def test_agrees_with_numpy_and_with_finite_differences(name: str) -> None:
    function, *arrays = CALLS[name]
    values = [Value(x) for x in arrays]
    ours, theirs = function(*values), function(*arrays)
    if hasattr(theirs, "_fields"):
        assert type(ours) is type(theirs)
    assert len(parts(ours)) == len(parts(theirs))
    for mine, expected in zip(parts(ours), parts(theirs), strict=True):
        assert type(mine) is Value
        assert mine.shape == np.shape(expected)
        np.testing.assert_allclose(mine.data, expected, 1e-12, 1e-13)
    weights = [some(*np.shape(r), 1)[..., 0] for r in parts(theirs)]

    def total(xs: list[Any]) -> Any:
        return sum(np.sum(w * r) for w, r in zip(weights, parts(function(*xs)), strict=True))

    total(values).backward()
    for i, value in enumerate(values):
        direction = some(*value.shape, 2)[..., 0]
        steps = [
            total([x + h * direction if k == i else x for k, x in enumerate(arrays)])
            for h in (-2e-5, -1e-5, 1e-5, 2e-5)
        ]
        slope = np.dot(steps, [1, -8, 8, -1]) / 12e-5
        assert np.sum(value.grad * direction) == pytest.approx(slope, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("name", CALLS)
def test_float32_stays_float32(name: str) -> None:
    function, *arrays = CALLS[name]
    values = [Value(x.astype(np.float32)) for x in arrays]
    results = parts(function(*values))
    assert {r.dtype for r in results} == {np.dtype(np.float32)}
    sum(np.sum(r) for r in results).backward()
    assert {v.grad.dtype for v in values} == {np.dtype(np.float32)}


# --------------------------------------------------- nothing detaches, nothing becomes objects
PATTERNS: dict[str, Callable[[Any], Any]] = {
    "f(vector)": lambda f: f(Value(some(4))),
    "f(matrix)": lambda f: f(Value(some(3, 3))),
    "f(number)": lambda f: f(Value(0.7)),
    "f(vector, vector)": lambda f: f(Value(some(4)), Value(some(4))),
    "f(matrix, matrix)": lambda f: f(Value(some(3, 3)), Value(some(3, 3))),
    "f(vector, 2)": lambda f: f(Value(some(4)), 2),
    "f(matrix, axis)": lambda f: f(Value(some(3, 3)), axis=0),
    "f([vector, vector])": lambda f: f([Value(some(4)), Value(some(4))]),
    "f((number, number))": lambda f: f((Value(0.5), Value(0.7))),
    "f(vector, indices)": lambda f: f(Value(some(4)), [1, 2]),
    "f(three vectors)": lambda f: f(Value(some(4)), Value(some(4)), Value(some(4))),
    "f(weights=)": lambda f: f(np.arange(4), weights=Value(some(4))),
    "f(out=)": lambda f: f(Value(some(4)), out=np.zeros(4)),
    "f(where=)": lambda f: f(Value(some(3)), where=np.array([True, False, True])),
}


def public(module: Any) -> Iterator[Any]:
    """Yield the functions of `module` that NumPy lets others answer."""
    for name in dir(module):
        function = getattr(module, name)
        if isinstance(function, np.ufunc) or hasattr(function, "_implementation"):
            yield function


EVERY = list(dict.fromkeys(f for module in (np, L, np.fft) for f in public(module)))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_numpy_function_gives_values_or_says_that_it_cannot(pattern: str) -> None:
    plain = {function for function, _ in PLAIN} | {np.full_like}  # filled with a plain number
    assert len(EVERY) > 300
    for function in EVERY:
        try:
            result = PATTERNS[pattern](function)
        except Exception as error:
            if isinstance(error, RecursionError | AssertionError):
                pytest.fail(f"{function}: {error}")
            continue
        found = parts(result)
        if (
            function not in functions
        ):  # NumPy hands on the Values of a list without looking at them
            assert all(type(r) is Value for r in found), f"{function} answered without being asked"
        assert not any(getattr(r, "dtype", None) == np.dtype(object) for r in found), function
        assert function in plain or any(type(r) is Value for r in found), f"{function} detaches"


def test_what_is_not_supported_is_named_with_its_nearest_relative() -> None:
    for function in EVERY:
        if function not in functions and not isinstance(function, np.ufunc):
            with pytest.raises(TypeError):
                function(Value(some(3, 3)))
    with pytest.raises(TypeError, match=r"np\.linalg\.eig cannot.*np\.linalg\.eigh.*v\.data"):
        L.eig(Value(A))
    with pytest.raises(TypeError, match=r"np\.nancumsum cannot.*np\.nansum"):
        np.nancumsum(Value(A))


REFUSED: dict[str, tuple[Callable[[Value], Any], str]] = {
    "full svd of a rectangle": (L.svd, "full_matrices=False"),
    "complete qr of a tall matrix": (lambda v: L.qr(v, "complete"), "mode='reduced'"),
    "quantile at a Value": (lambda v: np.quantile(v, Value(0.3)), "'q'"),
    "percentile at a Value": (lambda v: np.percentile(v, Value(30.0)), "'q'"),
    "axis as a Value": (lambda v: np.median(v, Value(1.0)), "lose its graph"),
    "padding by the mean": (lambda v: np.pad(v, 1, mode="mean"), "has no mode 'mean'"),
    "delete at a Value": (lambda v: np.delete(v, v), "lose its graph"),
    "counting Values": (lambda v: np.bincount(v, v), "whole numbers"),
    "sum into another dtype": (lambda v: np.sum(v, dtype=np.float32), "'dtype'"),
    "an array of Values": (lambda v: np.array([v, v]), "np.stack"),
    "a list of Values to a reduction": (lambda v: np.sum([v, v]), "np.stack"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_a_reason(name: str) -> None:
    call, reason = REFUSED[name]
    with pytest.raises(TypeError, match=reason):
        call(Value(ROWS))


FAULTY: dict[str, tuple[Callable[[Value], Any], str]] = {
    "unequal parts": (lambda v: np.split(v, 3), "4 does not divide into 3"),
    "no parts": (lambda v: np.array_split(v, 0), "not 0"),
    "einsum of the wrong rank": (
        lambda v: np.einsum("ijk->i", v),
        r"einsum of shape \(4, 3\): .*too many subscripts",
    ),
    "einsum of too many": (
        lambda v: np.einsum("i,j->i", v),
        "einsum of shape .*: more operands|einsum of shape .*: fewer",
    ),
    "tensordot of other lengths": (lambda v: np.tensordot(v, v, 1), r"\(4, 3\).*must be equal"),
    "interp of other lengths": (lambda v: np.interp(0.0, [0.0, 1.0], v[:, 0]), "one length"),
    "quantile beyond 1": (lambda v: np.quantile(v, 1.5), "between 0 and 1"),
    "an unknown quantile": (lambda v: np.quantile(v, 0.5, method="best"), "no method 'best'"),
    "an unknown norm": (lambda v: L.norm(v, "max"), "no norm of order 'max'"),
    "weights of another shape": (lambda v: np.average(v, 1, [1.0, 2.0]), r"shape \(2,\)"),
    "cross of planes": (lambda v: np.cross(v[:, :2], v[:, :2]), "three components"),
}


@pytest.mark.parametrize("name", FAULTY)
def test_bad_arguments_get_one_clear_sentence(name: str) -> None:
    call, reason = FAULTY[name]
    with pytest.raises((ValueError, L.LinAlgError), match=reason):
        call(Value(ROWS))


# --------------------------------------------------------------------------------- conventions
def gradient(function: Callable[[Value], Any], x: Any) -> Any:
    value = Value(x)
    np.sum(function(value)).backward()
    return value.grad


def test_norms_are_scaled() -> None:
    for order in (None, 2, 3, 1.5, 0.5, -1, "fro"):
        axis = None if order != "fro" else (0, 1)
        for size in (1e200, 1e-200):
            x = np.array([[3.0, 4.0]]) if order == "fro" else np.array([3.0, 4.0])
            far, near = Value(x * size), Value(x)
            norms = L.norm(far, order, axis), L.norm(near, order, axis)
            np.testing.assert_allclose(norms[0].data, norms[1].data * size, 1e-14)
            for norm in norms:
                norm.backward()
            np.testing.assert_allclose(far.grad, near.grad, 1e-14)


@pytest.mark.parametrize("order", [None, 1, 2, 3, 0.5, 0, math.inf, -math.inf, -2])
def test_a_vector_norm_has_derivative_0_at_0(order: Any) -> None:
    assert gradient(lambda x: L.norm(x, order), np.zeros(3)).tolist() == [0, 0, 0]


@pytest.mark.parametrize("order", [None, "fro", "nuc", 1, 2, -2, math.inf])
def test_a_matrix_norm_has_derivative_0_at_0(order: Any) -> None:
    assert not gradient(lambda x: L.norm(x, order), np.zeros((2, 2))).any()


def test_the_derivative_of_a_determinant_is_exact_for_singular_matrices() -> None:
    x = Value([[1.0, 2.0], [2.0, 4.0]])
    (first,) = gradients(L.det(x), [x])
    np.testing.assert_allclose(first.data, [[4, -2], [-2, 1]], 1e-14, 1e-14)
    (second,) = gradients(first[0, 1], [x])
    np.testing.assert_allclose(second.data, [[0, 0], [-1, 0]], 1e-14, 1e-14)
    rank_one = Value(np.outer([1.0, 2.0, 3.0], [1.0, -1.0, 2.0]))
    (first,) = gradients(L.det(rank_one), [rank_one])
    np.testing.assert_allclose(first.data, 0, atol=1e-14)
    (second,) = gradients(first[0, 0], [rank_one])  # x11 x22 - x12 x21
    expected = np.zeros((3, 3))
    expected[1:, 1:] = [[6.0, 3.0], [-4.0, -2.0]]
    np.testing.assert_allclose(second.data, expected, 1e-13, 1e-13)


def test_products_with_zeros_are_exact() -> None:
    assert gradient(np.cumprod, [2.0, 0.0, 3.0, 0.0]).tolist() == [1, 8, 0, 0]


def test_equal_eigenvalues_keep_the_derivatives_of_values_right() -> None:
    identity = np.eye(3)
    weights = np.array([1.0, 2.0, 3.0])
    assert np.array_equal(gradient(lambda x: L.eigh(x).eigenvalues, identity), identity)
    assert np.array_equal(gradient(L.eigvalsh, identity), identity)
    rebuilt = gradient(lambda x: (lambda u, s, v: u @ (s[:, None] * v))(*L.svd(x)), identity)
    assert np.all(np.isnan(rebuilt))  # 1, but that cannot be known from one choice of vectors
    of_values = gradient(lambda x: L.svdvals(x) * weights, identity)
    assert np.trace(of_values) == pytest.approx(6)


@pytest.mark.parametrize("function", [L.cholesky, L.eigvalsh])
def test_only_the_triangle_that_is_read_gets_a_gradient(function: Any) -> None:
    share = gradient(function, SYMMETRIC)
    assert not np.triu(share, 1).any()
    assert np.tril(share).any()


def test_a_nan_stays_in_its_own_entry() -> None:
    assert gradient(np.median, [1.0, math.nan, 3.0]).tolist() == [0, 1, 0]
    assert gradient(np.nansum, [1.0, math.nan, 3.0]).tolist() == [1, 0, 1]
    assert gradient(np.nanmax, [1.0, math.nan, 3.0]).tolist() == [0, 0, 1]
    assert math.isnan(np.nanmax(Value([math.nan, math.nan])).item())


def test_infinite_exponents_pass_no_nan() -> None:
    for function in (np.logaddexp, np.logaddexp2):
        x, y = Value(-math.inf), Value(-math.inf)
        function(x, y).backward()
        assert (x.grad, y.grad) == (0, 0)
        x, y = Value(math.inf), Value(1.0)
        function(x, y).backward()
        assert (x.grad, y.grad) == (1, 0)


def test_sinc_has_all_its_derivatives_at_0() -> None:
    x = Value(0.0)
    derivatives = [np.sinc(x)]
    for _ in range(4):
        derivatives += gradients(derivatives[-1], [x])
    expected = [1, 0, -(math.pi**2) / 3, 0, math.pi**4 / 5]
    assert [d.item() for d in derivatives] == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("x", [0.01, 0.5, 1.3, 7.0, 40.0])
def test_sinc_is_accurate_where_its_formula_cancels(x: float) -> None:
    def integrand(t: Any) -> Any:  # sinc(x) is the mean of cos(πxt) for t from 0 to 1
        return -math.pi * t * np.sin(math.pi * x * t)

    nodes, weights = np.polynomial.legendre.leggauss(200)
    exact = float(np.sum(weights / 2 * integrand((nodes + 1) / 2)))
    assert gradient(np.sinc, x) == pytest.approx(exact, rel=1e-13)
