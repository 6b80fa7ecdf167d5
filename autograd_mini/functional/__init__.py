"""Derivatives as functions: grad, value_and_grad, vjp, jvp, jacobian, hessian, hvp.

This file knows which backward passes make up each derivative, and how its result is arranged. It
must not know any op, nor how a call keeps its nodes apart from those of others.
"""

from collections.abc import Callable, Sequence
from typing import Any, ParamSpec

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.functional.call import (
    Argnums,
    Call,
    alone,
    is_number_like,
    kind_of,
    pull_recorded,
    recording,
)
from autograd_mini.trees import flatten, matched, owned, places, rebuild

P = ParamSpec("P")
__all__ = ["grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]


def __dir__() -> list[str]:
    return __all__


# ------------------------------------------------------------------------- gradients
def grad(
    f: Callable[P, Any], argnums: int | Sequence[int] = 0, *, has_aux: bool = False
) -> Callable[P, Any]:
    """Make the function that gives the gradient of `f`, whose result is one number.

    The gradient has the containers, shapes and dtypes of the argument `argnums`: a float, a float
    array, or nested lists, tuples, dicts, namedtuples and dataclasses of them; a field of text,
    or one declared `int` or `bool`, stays as it is. For several `argnums` it is a tuple. With
    `has_aux`, `f` returns `(result, aux)`, and the new function `(gradient, aux)`. A result that
    does not depend on the argument has gradient zero.

    The gradient's numbers and arrays are the caller's own. Only where it depends on outer
    Values, in the arguments or among those that `f` closes over, it is made of Values, so that it
    can be differentiated in turn. No `.grad` is touched, and inside `no_grad` everything is
    plain.

    Raises ValueError if the result has axes or `argnums` is out of range; TypeError if an
    argument is not of floating point, or the result is no number.

    >>> def f(x, y):
    ...     return np.sin(x) * y
    >>> grad(f)(0.0, 3.0), grad(f, argnums=(0, 1))(0.0, 3.0)
    (3.0, (3.0, 0.0))
    >>> grad(grad(lambda x: x**4))(2.0)
    48.0
    >>> grad(lambda p: (p["W"] * p["W"]).sum() * p["b"])({"W": np.ones(2), "b": 3.0})
    {'W': array([6., 6.]), 'b': 2.0}
    """
    return _gradient("grad", f, argnums, has_aux)


def _gradient(
    name: str, f: Callable[..., Any], argnums: int | Sequence[int], has_aux: bool
) -> Callable[..., Any]:
    def gradient(*args: Any, **keywords: Any) -> Any:
        call = Call(name, f, args, keywords, argnums, has_aux)
        found = call.like_arguments(call.pull(call.scalar()))
        return (found, call.aux) if has_aux else found

    return gradient


def value_and_grad(
    f: Callable[P, Any], argnums: int | Sequence[int] = 0, *, has_aux: bool = False
) -> Callable[P, tuple[Any, Any]]:
    """Make the function that gives `(result, gradient)` of `f`; see `grad`.

    With `has_aux` it gives `((result, aux), gradient)`.

    >>> value_and_grad(lambda x: x * x)(3.0)
    (9.0, 6.0)
    """

    def result_and_gradient(*args: Any, **keywords: Any) -> Any:
        call = Call("value_and_grad", f, args, keywords, argnums, has_aux)
        found = call.like_arguments(call.pull(call.scalar()))
        result = call.outward(call.result, free=not call.nested)
        return ((result, call.aux) if has_aux else result), found

    return result_and_gradient


# ------------------------------------------------------------------------- products
def vjp(
    f: Callable[..., Any], *args: Any, argnums: Argnums = None, has_aux: bool = False
) -> tuple[Any, ...]:
    """Run `f(*args)`; give its result and the function `pull` of vector-Jacobian products.

    `pull(seed)`, with a seed like the result (containers and shapes), gives the gradient of
    <seed, result>: for each of the arguments `argnums` one, in a tuple; alone for one number, for
    all arguments if not given. The result may be a number, an array, or containers of them. With
    `has_aux`, `f` returns `(result, aux)`, and so does this: `result, pull, aux`.

    `pull` raises ValueError for a seed unlike the result.

    >>> y, pull = vjp(lambda x: x * x, np.array([1.0, 2.0]))
    >>> y, pull(np.array([1.0, 10.0]))
    (array([1., 4.]), (array([ 2., 40.]),))
    """
    call = Call("vjp", f, args, {}, argnums, has_aux)
    with recording():
        root, _ = call.vector()
    call.end()  # `pull` may be called inside a younger call
    shapes = [np.shape(x) for x in call.results()]
    like = rebuild(call.result, [call.outward(x) for x in call.results()])

    def pull(seed: Any) -> Any:
        given = _directions(like, shapes, seed, "vjp: seed", "result")
        with recording():
            joined = given[0] if alone(seed, given) else flatten(rebuild(like, given))[0]
        return call.like_arguments(call.pull(root, joined))

    return (like, pull, call.aux) if has_aux else (like, pull)


def jvp(
    f: Callable[..., Any],
    args: Sequence[Any],
    tangents: Any,
    *,
    argnums: Argnums = None,
    has_aux: bool = False,
) -> tuple[Any, ...]:
    """Run `f(*args)`; give its result and its derivative in the direction of `tangents`.

    `tangents` has one direction, with containers and shapes as the argument, for each of the
    arguments `argnums`; alone for one number, for all arguments if not given. The derivative has
    the containers and shapes of the result. With `has_aux` this gives `(result, derivative,
    aux)`.

    The ops know only how to pull gradients back. Pulling a vector v back gives Jᵀv, which is
    linear in v; pulling the tangent t back through that gives Jt. It is exact at every order,
    and costs about four runs of `f`.

    Raises ValueError for tangents unlike the arguments.

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 10.0))
    (6.0, 23.0)
    """
    call = Call("jvp", f, _sequence("jvp", args), {}, argnums, has_aux)
    ts = _tangents(call, tangents, "jvp: tangents")
    with recording():
        root, unflatten = call.vector()
        like = root.data if type(root) is Value else root
        v = Value(owned(np.ones_like(like), like))  # what is linear in it asks for no other
        pulled = pull_recorded(root, call.nodes, call.plain, v)
        product = _inner(pulled, ts)
        call.nodes, call.plain = [v], [like]
        derivative = unflatten(call.pull(product)[0])
    result = rebuild(call.result, [call.outward(x) for x in call.results()])
    return (result, derivative, call.aux) if has_aux else (result, derivative)


def hvp(
    f: Callable[..., Any], args: Sequence[Any], vectors: Any, *, argnums: Argnums = None
) -> Any:
    """Give the product of the Hessian of `f`, at `args`, with `vectors`, without the Hessian.

    `vectors` has one vector, with containers and shapes as the argument, for each of the
    arguments `argnums`; alone for one number, for all arguments if not given. The products have
    the same form. It is the gradient of <grad f, vectors>, and costs about four runs of `f`.

    Raises what `grad` raises, and ValueError for vectors unlike the arguments.

    >>> hvp(lambda x: (x**3).sum(), (np.array([1.0, 2.0]),), (np.array([1.0, 10.0]),))
    (array([  6., 120.]),)
    """
    call = Call("hvp", f, _sequence("hvp", args), {}, argnums, False)
    vs = _tangents(call, vectors, "hvp: vectors")
    with recording():
        first = pull_recorded(call.scalar(), call.nodes, call.plain, None)
        return call.like_arguments(call.pull(_inner(first, vs)))


def _sequence(name: str, args: Any) -> Sequence[Any]:
    if not isinstance(args, tuple | list):
        raise TypeError(f"{name}: args is a tuple of all arguments of f, not {kind_of(args)}")
    return args


def _tangents(call: Call, tangents: Any, name: str) -> list[Any]:
    shapes = [np.shape(x) for x in call.plain]
    if call.one:
        return _directions(call.arguments[0], shapes, tangents, name, "argument")
    given = tuple(tangents) if isinstance(tangents, list) else tangents
    return _directions(tuple(call.arguments), shapes, given, name, "args")


def _directions(
    tree: Any, shapes: Sequence[tuple[int, ...]], given: Any, name: str, like: str
) -> list[Any]:
    """The leaves of `given`, which has the containers of `tree` and leaves of these shapes."""
    found = matched(tree, given, name, like)
    for (place, _), x, shape in zip(places(tree, name), found, shapes, strict=True):
        if not is_number_like(x):
            raise TypeError(f"{place} must be real numbers, not {kind_of(x)}")
        if np.shape(x) != shape:
            raise ValueError(f"{place} must have shape {shape}, as in {like}, not {np.shape(x)}")
    return found


def _inner(xs: Sequence[Any], ys: Sequence[Any]) -> Any:
    """The sum of the products of the elements of `xs` and `ys`, leaf by leaf."""
    total: Any = 0.0
    for x, y in zip(xs, ys, strict=True):
        product = x * y
        total = total + (np.sum(product) if np.ndim(product) else product)
    return total


# ------------------------------------------------------------------------- matrices
def jacobian(
    f: Callable[P, Any], argnums: int | Sequence[int] = 0, *, has_aux: bool = False
) -> Callable[P, Any]:
    """Make the function that gives the derivative of each element of the result of `f`.

    For a result and an argument that are arrays it has shape `result.shape + argument.shape` and
    the dtype of the argument. Where the result is made of containers, so is the Jacobian, with
    the containers of the argument in the place of each leaf; for several `argnums` each holds a
    tuple. One run of `f`, and one backward pass for each element of the result.

    Raises what `grad` raises, but for results with axes.

    >>> jacobian(lambda x: x * x.sum())(np.array([1.0, 2.0]))
    array([[4., 1.],
           [2., 5.]])
    """
    return _jacobian("jacobian", f, argnums, has_aux)


def _jacobian(
    name: str, f: Callable[..., Any], argnums: int | Sequence[int], has_aux: bool
) -> Callable[..., Any]:
    def matrix(*args: Any, **keywords: Any) -> Any:
        call = Call(name, f, args, keywords, argnums, has_aux)
        blocks = [call.like_arguments(_block(call, y)) for y in call.results()]
        found = rebuild(call.result, blocks)
        return (found, call.aux) if has_aux else found

    return matrix


def _block(call: Call, y: Any) -> list[Any]:
    """The Jacobian of one leaf of the result, by each of the nodes."""
    shape = np.shape(y)
    if not shape:
        return call.pull(y)
    if type(y) is not Value or not y.size:
        return [np.zeros(shape + np.shape(x), getattr(x, "dtype", float)) for x in call.plain]
    rows = []
    for i in range(y.size):
        seed = np.zeros(y.size, y.dtype)
        seed[i] = 1
        rows.append(call.pull(y, seed.reshape(shape)))
    with recording():
        columns = [np.stack(list(column)) for column in zip(*rows, strict=True)]
        return [
            np.reshape(column, shape + np.shape(x))
            for column, x in zip(columns, call.plain, strict=True)
        ]


def hessian(
    f: Callable[P, Any], argnums: int | Sequence[int] = 0, *, has_aux: bool = False
) -> Callable[P, Any]:
    """Make the function that gives the second derivatives of `f`, whose result is one number.

    It is the Jacobian of the gradient: for an array of shape s it has shape s + s. For an
    argument made of containers, each leaf of the gradient holds the containers once more:
    `H["W"]["b"]` is the derivative by `b` of the gradient by `W`.

    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]))
    array([[10.,  6.],
           [ 6.,  0.]])
    """
    first = _gradient("hessian", f, argnums, has_aux)
    return _jacobian("hessian", first, argnums, has_aux)
