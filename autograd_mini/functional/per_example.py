"""per_example: the gradient for each example of a batch, bit for bit as for one example at a time.

The function is called once, on an example whose numbers are `hidden`. What it records is then run
again, forward and backward, for all examples together: `replay`. A function that asks for a
hidden number, and so might treat examples differently, is called for each example.

This file knows when that may be done. It must not know how an op runs on a batch.
"""

from collections.abc import Callable, Sequence
from typing import Any, ParamSpec

import numpy as np

from autograd_mini.engine.backprop import results_first
from autograd_mini.engine.modes import setting
from autograd_mini.engine.value import Value
from autograd_mini.functional import grad
from autograd_mini.functional.call import positions, recording
from autograd_mini.functional.opaque import DiffersError, Hidden
from autograd_mini.functional.replay import FLOATS, Replay
from autograd_mini.trees import differentiable, leaves, places, rebuild, variables

P = ParamSpec("P")


def per_example(f: Callable[P, Any], argnums: int | Sequence[int] = 0) -> Callable[P, Any]:
    """Make the function that gives the gradient of `f` for each example of a batch.

    `f` gives the cost of one example, a number. The arguments `argnums` are the parameters, the
    same for all examples. Every other positional argument is an array, or containers of arrays,
    with the examples along the first axis; `f` gets it without that axis. Keywords are passed on
    as they are. The result has the containers, shapes and dtypes of the parameters, with the axis
    of the examples in front.

    `per_example(f)(params, x, y)` holds, for each i, exactly `grad(f)(params, x[i], y[i])`: equal
    to the last bit, signs of zeros included (any nan is a nan), for C-ordered float32 and float64
    arrays and the same number of BLAS threads. `f` must be a function of its arguments alone:
    where it can, it is called once for all examples, given as Values, so a random number would be
    the same for all of them.

    The whole batch is computed together if `f` is made of elementwise ops, `affine`, products of
    matrix and vector, sums and means of vectors, and `quadratic_cost`; other ops cost a call for
    each example. `f` itself is called for each example where it looks at their numbers (branches
    on them, indexes with them), where they are not of floating point, where it does with them
    alone what NumPy might round in another way, and in an outer derivative.

    Raises what `grad` raises, and ValueError if the arguments disagree on the number of examples.

    >>> def cost(w, x, y):
    ...     return (w @ x - y) ** 2
    >>> per_example(cost)(np.array([1.0, 2.0]), np.array([[1.0, 0.0], [1.0, 1.0]]), np.ones(2))
    array([[0., 0.],
           [4., 4.]])
    """

    def gradients_of_each(*args: Any, **keywords: Any) -> Any:
        shared = positions("per_example", argnums, len(args))
        args = tuple(variables(x) if i in shared else x for i, x in enumerate(args))
        params = [args[i] for i in shared]
        given = [
            x
            for i, param in zip(shared, params, strict=True)
            for x in differentiable(param, f"per_example: argument {i}")
        ]
        batch = {i: leaves(args[i]) for i in range(len(args)) if i not in shared}
        n = _count(args, batch)
        if n == 0:
            found = [np.zeros((0, *np.shape(x)), getattr(x, "dtype", float)) for x in given]
        else:
            found = _all_at_once(f, args, keywords, shared, given, batch)
            if not found:
                one = grad(f, tuple(shared))
                each = [one(*_example(args, batch, i), **keywords) for i in range(n)]
                rows = [leaves(variables(row)) for row in each]
                found = [np.stack(column) for column in zip(*rows, strict=True)]
        trees = rebuild(params, found)
        return trees[0] if isinstance(argnums, int) else tuple(trees)

    return gradients_of_each


def _count(args: Sequence[Any], batch: dict[int, list[Any]]) -> int:
    counts = {}
    for i in batch:
        for place, x in places(args[i], f"argument {i}"):
            if not np.ndim(x):
                raise ValueError(f"per_example: {place} has no axis of examples; give an array")
            counts[place] = len(x)
    if len(set(counts.values())) != 1:
        told = ", ".join(f"{n} in {place}" for place, n in counts.items()) or "none"
        raise ValueError(
            f"per_example: the arguments must agree on the number of examples, not have {told}"
        )
    return next(iter(counts.values()))


def _example(args: Sequence[Any], batch: dict[int, list[Any]], i: int) -> list[Any]:
    return [
        rebuild(arg, [x[i] for x in batch[k]]) if k in batch else arg for k, arg in enumerate(args)
    ]


def _all_at_once(
    f: Callable[..., Any],
    args: Sequence[Any],
    keywords: dict[str, Any],
    shared: Sequence[int],
    given: Sequence[Any],
    batch: dict[int, list[Any]],
) -> list[Any]:
    """The gradients of all examples, by each leaf of the parameters; [] if that is not known."""
    columns = [x for xs in batch.values() for x in xs]
    known = all(type(x) is np.ndarray and x.dtype in FLOATS for x in columns)
    outer = any(type(x) is Value for x in given)
    if not known or not given or outer or setting("watch") is not None:
        return []
    params = [Value(x) for x in given]
    data = [Value(0.0) for _ in columns]
    for node, x in zip(data, columns, strict=True):
        node.replace(Hidden(x[0]))
    new, spare, hidden = list(args), iter(params), iter(data)
    for i in (*shared, *batch):
        new[i] = rebuild(args[i], hidden if i in batch else spare)
    try:
        with recording(), np.errstate(all="ignore"):
            root = f(*new, **keywords)
    except Exception:  # whatever it is, it comes again where f is called for each example
        return []
    if (
        type(root) is not Value
        or root.shape
        or any(node.op is None and node.born < params[0].born for node in results_first(root))
    ):
        return []
    try:
        replay = Replay(root, params, dict(zip(data, columns, strict=True)), len(columns[0]))
    except DiffersError:
        return []
    return replay.gradients(params)
