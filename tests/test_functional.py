"""Derivatives as functions: laws, nesting, containers, ownership and errors."""

import math
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_mini import NotFiniteError, Value, debug, no_grad
from autograd_mini.functional import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd_mini.testing import check_backward, check_jvp
from autograd_mini.trees import flatten, leaves

points = st.floats(-2.0, 2.0).map(lambda x: round(x, 3))
seeds = st.integers(0, 2**32 - 1)


def smooth(seed: int, n: int, m: int) -> Any:
    """A random smooth function from n numbers to m, with sharing, products and a matrix."""
    rng = np.random.default_rng(seed)
    A, B, c = rng.normal(size=(m, n)), rng.normal(size=(m, n)), rng.normal(size=m)
    kind = int(rng.integers(4))

    def f(x: Any) -> Any:
        u, v = np.tanh(A @ x), np.sin(B @ x)
        return [
            lambda: u * v + c * u,
            lambda: np.exp(u) * v - u,
            lambda: u / (2 + v) + u.sum() * v,
            lambda: np.sqrt(2 + u) * (v * v) + c,
        ][kind]()

    return f


# --------------------------------------------------------------------------------------- laws
@given(seeds, st.integers(1, 4), st.integers(1, 4))
def test_the_jacobian_is_what_differences_find_and_the_products_agree(
    seed: int, n: int, m: int
) -> None:
    f, rng = smooth(seed, n, m), np.random.default_rng(seed)
    x, t, u = rng.normal(size=n), rng.normal(size=n), rng.normal(size=m)
    J = jacobian(f)(x)
    check_backward(f, lambda g, x: g @ jacobian(f)(x), x)
    y, pull = vjp(f, x)
    np.testing.assert_array_equal(y, f(x))
    np.testing.assert_allclose(pull(u)[0], u @ J, rtol=1e-12, atol=1e-12)
    y, derivative = jvp(f, (x,), (t,))
    np.testing.assert_array_equal(y, f(x))
    np.testing.assert_allclose(derivative, J @ t, rtol=1e-12, atol=1e-12)
    check_jvp(f, x)


@given(seeds, st.integers(1, 4))
def test_the_hessian_is_symmetric_and_its_products_agree(seed: int, n: int) -> None:
    f, rng = smooth(seed, n, 3), np.random.default_rng(seed)
    x, v, w = rng.normal(size=n), rng.normal(size=n), rng.normal(size=3)

    def scalar(x: Any) -> Any:
        return (w * f(x)).sum()

    H = hessian(scalar)(x)
    check_backward(grad(scalar), lambda g, x: hessian(scalar)(x) @ g, x)
    np.testing.assert_allclose(H, H.T, rtol=1e-11, atol=1e-12)
    (product,) = hvp(scalar, (x,), (v,))
    np.testing.assert_allclose(product, H @ v, rtol=1e-11, atol=1e-11)
    forward = jvp(grad(scalar), (x,), (v,))[1]
    np.testing.assert_allclose(forward, H @ v, rtol=1e-11, atol=1e-11)


@given(points, st.integers(0, 5))
def test_every_order_of_the_textbook_functions(x: float, order: int) -> None:
    cube: Any = lambda x: x**3
    exponential: Any = lambda x: np.exp(2 * x)
    sine: Any = np.sin
    for _ in range(order):
        cube, exponential, sine = grad(cube), grad(exponential), grad(sine)
    polynomial = [x**3, 3 * x**2, 6 * x, 6.0, 0.0, 0.0][order]
    assert cube(x) == pytest.approx(polynomial, abs=1e-9)
    assert exponential(x) == pytest.approx(2**order * math.exp(2 * x))
    assert sine(x) == pytest.approx(math.sin(x + order * math.pi / 2), abs=1e-12)


@given(points, points)
def test_gradients_by_several_arguments(x: float, y: float) -> None:
    def f(x: Any, y: Any) -> Any:
        return np.sin(x) * y + np.exp(x * y)

    wanted = math.cos(x) * y + y * math.exp(x * y), math.sin(x) + x * math.exp(x * y)
    assert grad(f, argnums=(0, 1))(x, y) == pytest.approx(wanted)
    assert grad(f, argnums=(1, 0))(x, y) == pytest.approx(wanted[::-1])
    assert grad(f, argnums=-1)(x, y) == pytest.approx(wanted[1])
    assert grad(f, argnums=[1])(x, y) == pytest.approx(wanted[1:])
    assert grad(f, argnums=())(x, y) == ()
    assert value_and_grad(f)(x, y=y) == pytest.approx((f(x, y), wanted[0]))


# --------------------------------------------------------------------- no variable is confused
@given(points, points)
def test_no_call_takes_the_variable_of_another_for_its_own(a: float, b: float) -> None:
    assert grad(lambda x: x * grad(lambda y: x + y)(b))(a) == 1
    assert grad(lambda x: x * grad(lambda y: x * y)(b))(a) == pytest.approx(2 * a)
    assert grad(lambda x: grad(lambda y: x * y * y)(x))(a) == pytest.approx(4 * a)
    assert grad(lambda x: grad(lambda x: x * x)(x) * x)(a) == pytest.approx(4 * a)
    inner = value_and_grad(lambda y: x_times_square(a, y))(b)
    assert inner == pytest.approx((a * b * b, 2 * a * b))
    for i, wanted in enumerate((b * b, 2 * b)):
        outer = grad(lambda x, i=i: value_and_grad(lambda y: x_times_square(x, y))(b)[i])(a)
        assert outer == pytest.approx(wanted)


def x_times_square(x: Any, y: Any) -> Any:
    return x * y * y


@given(points, points)
def test_derivatives_of_products_with_jacobians(a: float, t: float) -> None:
    def tangent(x: Any, t: Any) -> Any:
        return jvp(np.sin, (x,), (t,))[1]

    assert tangent(a, t) == pytest.approx(t * math.cos(a))
    assert grad(tangent, argnums=(0, 1))(a, t) == pytest.approx((-t * math.sin(a), math.cos(a)))
    assert grad(lambda x: vjp(np.sin, x)[1](t)[0])(a) == pytest.approx(-t * math.sin(a))
    _, pull = vjp(np.sin, a)
    assert grad(lambda t: pull(t)[0])(t) == pytest.approx(math.cos(a))
    assert grad(lambda v: jvp(lambda x: np.sin(x) * v, (v,), (1.0,))[1])(a) == pytest.approx(
        math.cos(a) - a * math.sin(a)
    )
    assert jvp(lambda x: jvp(lambda y: x * y**3, (x,), (1.0,))[1], (a,), (1.0,))[1] == (
        pytest.approx(9 * a**2)
    )
    inside = jacobian(lambda x: jacobian(lambda y: y * y * x)(x))(np.array([a, t]))
    assert np.shape(inside) == (2, 2, 2)
    for i, x in enumerate((a, t)):
        assert inside[i, i, i] == pytest.approx(4 * x)
    assert np.count_nonzero(inside) <= 2
    assert hvp(lambda x: grad(lambda y: x * y**3)(x), (a,), (1.0,))[0] == pytest.approx(18 * a)


def test_a_hessian_sees_through_a_factor_that_is_zero() -> None:
    f = lambda p: p[1] * np.log(p[0]) + p[1] / p[0]
    H = hessian(f)(np.array([2.0, 0.0]))
    np.testing.assert_allclose(H, [[0, 0.5 - 0.25], [0.5 - 0.25, 0]])


def test_paths_that_cancel_for_one_vector_do_not_hide_a_tangent() -> None:
    def f(x: Any) -> Any:
        y = np.sqrt(x)
        return np.concatenate([y, -y])

    for x, slope in ((4.0, 0.25), (0.0, math.inf)):
        derivative = jvp(f, (np.array([x]),), (np.ones(1),))[1]
        assert derivative.tolist() == [slope, -slope]


# --------------------------------------------------------------- outer Values, and plain results
def test_a_gradient_is_a_value_only_where_it_depends_on_an_outer_one() -> None:
    w, x = Value(2.0), Value(3.0)
    assert type(grad(lambda x: x * x)(3.0)) is float
    assert type(grad(lambda x: x * x.detach())(3.0)) is float
    assert type(grad(lambda x: x * Value(2.0))(3.0)) is float
    assert type(grad(lambda x: x + w)(3.0)) is float
    for g in (grad(lambda x: w * x * x)(3.0), grad(lambda x: w * x * x)(x)):
        assert type(g) is Value
        g.backward()
    assert w.grad == 12
    assert x.grad == 4
    value, g = value_and_grad(lambda x: w * x)(3.0)
    assert type(value) is Value
    assert g.item() == 2
    assert type(jacobian(lambda x: w * x)(np.ones(2))) is Value
    assert type(hvp(lambda x: w * x * x, (3.0,), (1.0,))[0]) is Value


def test_no_call_touches_the_gradients_of_values() -> None:
    w, x = Value(2.0), Value(np.ones(2))
    f = lambda x: (w * x * x).sum()
    for call in (grad(f), value_and_grad(f), jacobian(f), hessian(f)):
        call(x)
        call(np.ones(2))
    vjp(f, x)[1](1.0)
    jvp(f, (x,), (np.ones(2),))
    hvp(f, (x,), (np.ones(2),))
    assert w.grad is None
    assert x.grad is None


def test_a_penalty_on_a_gradient_reaches_the_weights() -> None:
    W = Value(np.array([[1.0, 2.0], [3.0, 4.0]]))
    x = np.array([0.5, -0.5])
    slope = grad(lambda x: np.tanh(W @ x).sum())(x)
    (slope * slope).sum().backward()

    def penalty(w: Any) -> Any:
        s = (1 - np.tanh(w.reshape(2, 2) @ x) ** 2) @ w.reshape(2, 2)
        return (s * s).sum()

    check_backward(penalty, lambda g, w: g * W.grad.ravel(), W.data.ravel())


def test_inside_no_grad_derivatives_are_there_and_plain() -> None:
    w = Value(2.0)
    with no_grad():
        assert grad(lambda x: w * x * x)(3.0) == 12.0
        assert grad(lambda x: x * x)(w) == 4.0
        assert grad(grad(lambda x: x**3))(2.0) == 12.0
        assert jvp(lambda x: w * x, (w,), (w,)) == (4.0, 4.0)
        assert hvp(lambda x: x**3, (w,), (1.0,)) == (12.0,)
        assert jacobian(lambda x: w * x)(np.ones(2)).tolist() == [[2, 0], [0, 2]]
        assert not (w * w).args
    assert (w * w).args == (w, w)


def test_a_pull_is_plain_inside_no_grad_wherever_it_was_made() -> None:
    w, seed = Value(2.0), Value(5.0)
    pulls = [vjp(lambda x: w * x, x)[1] for x in (3.0, w)]
    with no_grad():
        pulls += [vjp(lambda x: w * x, x)[1] for x in (3.0, w)]
        assert [pull(5.0) for pull in pulls] == [(10.0,)] * 4
        assert [pull(seed) for pull in pulls] == [(10.0,)] * 4
    assert [type(pull(5.0)[0]) for pull in pulls] == [Value, Value, float, float]
    assert w.grad is None


def test_debug_mode_looks_on() -> None:
    with debug():
        assert grad(grad(lambda x: x**3))(2.0) == 12.0
        assert jvp(np.sin, (0.0,), (1.0,)) == (0.0, 1.0)
        with np.errstate(all="ignore"), pytest.raises(NotFiniteError, match="log"):
            grad(lambda x: np.log(x - x))(2.0)


def test_what_f_computes_inside_no_grad_is_constant() -> None:
    def f(x: Any) -> Any:
        with no_grad():
            scale = x * x
        return scale * x

    assert grad(f)(3.0) == 9.0


# -------------------------------------------------------------------------------- containers
class Pair(NamedTuple):
    left: Any
    right: Any


@dataclass(frozen=True)
class Layer:
    W: Any
    b: Any


@dataclass(slots=True)
class Net:
    first: Layer
    scale: Any
    area: Any = field(init=False, default=2.0)


def total(tree: Any) -> Any:
    return sum((i + 1) * (x * x).sum() for i, x in enumerate(leaves(tree)))


def make_tree() -> Any:
    return {
        "net": Net(Layer(np.ones((2, 3), np.float32), [np.zeros(0), np.ones(())]), 3.0),
        "more": OrderedDict(z=Pair((1.0,), None), a=np.float32(2.0)),
        "scalar": np.float64(4.0),
    }


def test_a_gradient_has_the_containers_shapes_and_dtypes_of_its_argument() -> None:
    tree = make_tree()

    def f(tree: Any) -> Any:
        assert type(tree["net"]) is Net
        assert type(tree["net"].first) is Layer
        result = total(tree)
        tree["more"].pop("z")  # from the containers that f was given, not from the caller's
        return result

    g = grad(f)(tree)
    assert list(tree["more"]) == ["z", "a"]
    assert type(g["more"]) is OrderedDict
    assert type(g["more"]["z"]) is Pair
    assert g["more"]["z"].right is None
    assert type(g["net"].first.b[1]) is np.ndarray
    for i, (x, dx) in enumerate(zip(leaves(tree), leaves(g), strict=True)):
        assert type(dx) is type(x)
        assert getattr(dx, "dtype", None) == getattr(x, "dtype", None)
        np.testing.assert_array_equal(dx, 2 * (i + 1) * x)


def test_gradients_are_owned_and_writable_and_arguments_unchanged() -> None:
    x, y = np.ones(3), np.ones(3)
    x.flags.writeable = False
    gx, gy = grad(lambda x, y: (x + y).sum(), argnums=(0, 1))(x, y)
    assert not np.shares_memory(gx, gy)
    gx += 5
    assert gy.tolist() == [1, 1, 1]
    value, pull = vjp(lambda x: x, y)
    assert type(value) is np.ndarray
    assert value.flags.writeable
    value += 1
    seed = np.zeros(3)
    (share,) = pull(seed)
    share += 1
    assert seed.tolist() == [0, 0, 0]
    assert y.tolist() == [1, 1, 1]
    rows = jacobian(lambda x: x)(y)
    rows += 1
    assert y.tolist() == [1, 1, 1]


def test_results_may_be_containers() -> None:
    def f(x: Any) -> Any:
        return {"s": np.sin(x), "rest": (x.sum(), 7)}

    x, t = np.array([0.0, 1.0]), np.array([1.0, 10.0])
    y, derivative = jvp(f, (x,), (t,))
    assert y["rest"][1] == 7
    np.testing.assert_allclose(derivative["s"], np.cos(x) * t)
    assert derivative["rest"] == (11.0, 0.0)
    _, pull = vjp(f, x)
    np.testing.assert_allclose(pull({"rest": (1.0, 5.0), "s": t})[0], np.cos(x) * t + 1)
    J = jacobian(f)(x)
    np.testing.assert_allclose(J["s"], np.diag(np.cos(x)))
    assert J["rest"][0].tolist() == [1, 1]
    assert J["rest"][1].tolist() == [0, 0]


def test_hessians_of_containers_hold_them_twice() -> None:
    p = {"W": np.array([1.0, 2.0]), "b": 3.0}
    H = hessian(lambda p: (p["W"] ** 2).sum() * p["b"])(p)
    assert H["W"]["W"].tolist() == [[6, 0], [0, 6]]
    assert H["W"]["b"].tolist() == [2, 4]
    assert H["b"]["W"].tolist() == [2, 4]
    assert H["b"]["b"] == 0
    both = hessian(lambda x, y: x * x * y, argnums=(0, 1))(2.0, 3.0)
    assert both == ((6.0, 4.0), (4.0, 0.0))


SHAPES: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    ((), ()), ((), (3,)), ((2,), ()), ((2, 3), (4,)), ((0,), (2,)), ((2,), (0,)), ((0,), (0, 3)),
]  # fmt: skip


@pytest.mark.parametrize(("out", "shape"), SHAPES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shapes_and_dtypes_of_jacobians(out: Any, shape: Any, dtype: Any) -> None:
    x = np.ones(shape, dtype)
    J = jacobian(lambda x: np.sum(x) * np.ones(out, dtype))(x)
    assert J.shape == out + shape
    assert J.dtype == dtype
    assert (J == 1).all()
    assert jacobian(lambda x: np.ones(out, dtype))(x).shape == out + shape
    _, derivative = jvp(lambda x: np.sum(x) * np.ones(out, dtype), (x,), (x,))
    assert np.shape(derivative) == out
    assert derivative.dtype == dtype


def test_a_result_that_does_not_depend_on_the_argument_has_derivative_zero() -> None:
    x = np.ones(2, np.float32)
    for f in (lambda x: 3, lambda x: Value(3.0), lambda x: np.float32(3)):
        g = grad(f)(x)
        assert g.tolist() == [0, 0]
        assert g.dtype == np.float32
        assert grad(f)(1.0) == 0.0
        assert hvp(f, (x,), (x,))[0].tolist() == [0, 0]
        assert jvp(f, (x,), (x,))[1] == 0
    assert value_and_grad(lambda x: 3)(1.0) == (3, 0.0)
    assert grad(grad(lambda x: 2 * x))(1.0) == 0.0


def test_auxiliary_data_come_out_plain() -> None:
    def f(x: Any) -> Any:
        return x * x, {"twice": 2 * x, "name": "square", "x": [x, None]}

    wanted = {"twice": 6.0, "name": "square", "x": [3.0, None]}
    assert grad(f, has_aux=True)(3.0) == (6.0, wanted)
    assert value_and_grad(f, has_aux=True)(3.0) == ((9.0, wanted), 6.0)
    assert jacobian(f, has_aux=True)(3.0) == (6.0, wanted)
    assert hessian(f, has_aux=True)(3.0) == (2.0, wanted)
    value, pull, aux = vjp(f, 3.0, has_aux=True)
    assert (value, pull(1.0), aux) == (9.0, (6.0,), wanted)
    assert jvp(f, (3.0,), (1.0,), has_aux=True) == (9.0, 6.0, wanted)
    outer = grad(lambda w: grad(lambda x: (w * x, w * x), has_aux=True)(3.0)[1])(2.0)
    assert outer == 3.0


# -------------------------------------------------------------------------- one clear sentence
def ident(x: Any) -> Any:
    return x


ERRORS: list[tuple[Any, type[Exception], str]] = [
    (
        lambda: grad(ident)(np.ones((2, 3))),
        ValueError,
        r"a number, not an array of shape \(2, 3\)",
    ),
    (lambda: grad(ident)(3), TypeError, "argument 0 is of type int.*floating point"),
    (lambda: grad(ident)(True), TypeError, "argument 0 is of type bool.*floating point"),
    (lambda: grad(ident)(np.arange(3)), TypeError, r"array of int64.*\.astype\(float\)"),
    (lambda: grad(ident)(1j), TypeError, "complex.*real and imaginary"),
    (lambda: grad(ident)(np.ma.array([1.0], mask=[True])), TypeError, r"masked.*\.filled"),
    (lambda: grad(ident)({"a": [1.0, "b"]}), TypeError, r"argument 0\['a'\]\[1\] is of type str"),
    (
        lambda: grad(ident)(Net(Layer(1, 2), 3.0)),
        TypeError,
        r"argument 0\.first\.W is of type int",
    ),
    (lambda: grad(ident, 2)(1.0, 2.0), ValueError, "argnums 2 is out of range.* 2 positional"),
    (lambda: grad(ident, -2)(1.0), ValueError, "argnums -2 is out of range"),
    (lambda: grad(ident, (0, 0))(1.0), ValueError, "twice"),
    (lambda: grad(ident, 0.0)(1.0), TypeError, "argnums"),  # type: ignore[arg-type]
    (lambda: grad(lambda x: "a")(1.0), TypeError, "must return a number, not a str"),
    (lambda: grad(lambda x: None)(1.0), TypeError, "must return a number, not None"),
    (lambda: grad(lambda x: x > 0)(1.0), TypeError, "must return a number, not a bool"),
    (lambda: grad(lambda x: 1j)(1.0), TypeError, "must return a number, not a complex"),
    (lambda: grad(lambda x: (x, x))(1.0), TypeError, "say has_aux=True"),
    (lambda: grad(ident, has_aux=True)(1.0), TypeError, "pair"),
    (lambda: jacobian(lambda x: [x, "a"])(1.0), TypeError, "numbers or arrays, not a str"),
    (lambda: hessian(ident)(np.ones(2)), ValueError, "must return a number"),
    (lambda: vjp(ident, np.ones(2))[1](np.ones(3)), ValueError, r"seed must have shape \(2,\)"),
    (lambda: vjp(lambda x: (x, x), 1.0)[1]((1.0,)), ValueError, "a tuple of 2, not a tuple of 1"),
    (lambda: vjp(ident, 1.0)[1]("a"), TypeError, "seed must be real numbers"),
    (lambda: jvp(ident, (1.0,), (1.0, 2.0)), ValueError, "a tuple of 1, not a tuple of 2"),
    (lambda: jvp(ident, (np.ones(2),), (1.0,)), ValueError, r"tangents\[0\] .*\(2,\).*not \(\)"),
    (lambda: jvp(ident, 1.0, 1.0), TypeError, "tuple of all arguments"),  # type: ignore[arg-type]
    (
        lambda: hvp(lambda p: p["a"], ({"a": 1.0},), ({"b": 1.0},)),
        ValueError,
        r"vectors\[0\] must be like args\[0\]: a dict of 'a', not a dict of 'b'",
    ),
    (lambda: hvp(ident, (np.ones(2),), (np.ones(2),)), ValueError, "must return a number"),
    (lambda: flatten({"a": 1}), TypeError, r"\['a'\] is of type int"),
    (lambda: flatten([1.0])[1](np.ones(3)), ValueError, r"shape \(3,\).*1 element.*shape \(1,\)"),
]


@pytest.mark.parametrize(("call", "kind", "pattern"), ERRORS)
def test_errors_say_what_and_where(call: Any, kind: type[Exception], pattern: str) -> None:
    with pytest.raises(kind, match=pattern) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_an_error_in_f_comes_through_and_leaves_nothing_behind() -> None:
    def f(x: Any) -> Any:
        raise KeyError("mine")

    with no_grad(), pytest.raises(KeyError, match="mine"):
        grad(f)(1.0)
    assert (Value(1.0) * 2).args


# ------------------------------------------------------------------------------- flat vectors
kinds = st.one_of(
    st.floats(allow_nan=False),
    st.builds(np.float32, st.floats(width=32, allow_nan=False)),
    st.tuples(
        st.sampled_from([(), (0,), (2,), (2, 3), (1, 0, 2)]),
        st.sampled_from([np.float16, np.float32, np.float64]),
        seeds,
    ).map(lambda t: np.random.default_rng(t[2]).normal(size=t[0]).astype(t[1])),
)
trees = st.recursive(
    kinds | st.none(),
    lambda parts: (
        st.lists(parts, max_size=3)
        | st.dictionaries(st.text(max_size=2), parts, max_size=3)
        | st.tuples(parts, parts)
        | st.builds(Pair, parts, parts)
        | st.builds(Layer, parts, parts)
    ),
    max_leaves=8,
)


@given(trees)
def test_a_tree_comes_back_from_its_vector_exactly(tree: Any) -> None:
    vector, unflatten = flatten(tree)
    assert vector.ndim == 1
    back = unflatten(vector)
    for x, y in zip(leaves(tree), leaves(back), strict=True):
        assert type(x) is type(y)
        assert np.shape(x) == np.shape(y)
        assert np.asarray(x).dtype == np.asarray(y).dtype
        assert np.asarray(x).tobytes() == np.asarray(y).tobytes()
        assert not isinstance(y, np.ndarray) or not np.shares_memory(y, vector)
    assert flatten(back)[0].tobytes() == vector.tobytes()
    assert repr(tree).replace("\n", "") == repr(back).replace("\n", "")


def test_derivatives_pass_through_flatten_and_unflatten() -> None:
    tree = {"W": np.ones((2, 2), np.float32), "b": [0.5, np.ones(1)]}
    vector, unflatten = flatten(tree)
    g = grad(lambda v: total(unflatten(v)))(vector)
    np.testing.assert_array_equal(g, flatten(grad(total)(tree))[0])
    weights = np.arange(6.0)
    g = grad(lambda t: (flatten(t)[0] * weights).sum())(tree)
    assert g["W"].tolist() == [[0, 1], [2, 3]]
    assert g["W"].dtype == np.float32
    assert g["b"][0] == 4.0
    assert flatten(g)[0].tolist() == weights.tolist()
    assert unflatten(Value(vector))["W"].dtype == np.float32
