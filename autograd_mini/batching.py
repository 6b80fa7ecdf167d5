"""per_example: the gradient for each example of a batch, bit for bit as for one example at a time.

This file knows which ops keep examples apart when they run on a whole batch, and that they give
the same bits there. Where it does not know, it runs the op, or the function, for each example.

The function is called once, on an example whose numbers are hidden. What it records is then run
again, forward and backward, for all examples together: elementwise ops as they are, products of a
matrix and a vector as stacks of the very products (matrix times vector, not matrix times matrix)
that one example would need, any other op for each example through the engine. A function that
asks for a hidden number, and so might treat examples differently, is called for each example.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from autograd_mini import ops
from autograd_mini.backprop import pull_back, results_first
from autograd_mini.core import Op, this_thread, unusual
from autograd_mini.functional import grad, positions
from autograd_mini.ops import choices, elementwise, neural, trigonometry
from autograd_mini.pull import pull
from autograd_mini.trees import differentiable, leaves, places, rebuild
from autograd_mini.value import Value

_ELEMENTWISE = {
    op
    for family in (elementwise, trigonometry, choices, neural)
    for op in vars(family).values()
    if isinstance(op, Op) and op.rules and not op.wide and not op.signature
}
_EXACT = {ops.TABLE[name] for name in ("add", "subtract", "multiply", "negative", "positive")}
_SAME_IN_NUMPY = {*_EXACT, ops.TABLE["divide"]}
_ALONG_ROWS = {ops.TABLE[name] for name in ("sum", "mean")}
_AFFINE, _MATMUL, _TRANSPOSE = (ops.TABLE[name] for name in ("affine", "matmul", "transpose"))
_FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def per_example(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """Make the function that gives the gradient of `f` for each example of a batch.

    `f` gives the cost of one example, a number. The arguments `argnums` are the parameters, the
    same for all examples. Every other positional argument is an array, or containers of arrays,
    with the examples along the first axis; `f` gets it without that axis. Keywords are passed on
    as they are. The result has the containers, shapes and dtypes of the parameters, with the axis
    of the examples in front.

    `per_example(f)(params, x, y)` holds, for each i, exactly `grad(f)(params, x[i], y[i])`: equal
    to the last bit, for C-ordered float32 and float64 arrays and the same number of BLAS threads.
    `f` must be a function of its arguments alone: where it can, it is called once for all
    examples, given as Values, so a random number would be the same for all of them. The
    whole batch is computed together if `f` is made of elementwise ops, `affine` and products of
    matrix and vector, sums and means of vectors; other ops cost a call for each example. Where
    `f` looks at the numbers of an example (branches on them, indexes with them), where the
    examples are not of floating point, and in an outer derivative, it is called for each example.

    Raises what `grad` raises, and ValueError if the arguments disagree on the number of examples.

    >>> def cost(w, x, y):
    ...     return (w @ x - y) ** 2
    >>> per_example(cost)(np.array([1.0, 2.0]), np.array([[1.0, 0.0], [1.0, 1.0]]), np.ones(2))
    array([[0., 0.],
           [4., 4.]])
    """

    def gradients_of_each(*args: Any, **keywords: Any) -> Any:
        shared = positions("per_example", argnums, len(args))
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
                found = [np.stack(column) for column in zip(*map(leaves, each), strict=True)]
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


# --------------------------------------------------------------------------- one hidden example
class _Hidden(NDArrayOperatorsMixin):
    """An array that shows shape and dtype and computes, but tells nobody its numbers."""

    def __init__(self, numbers: Any) -> None:
        self._numbers = numbers
        self.shape, self.dtype = numbers.shape, numbers.dtype
        self.ndim, self.size = numbers.ndim, numbers.size

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        keywords.pop("out", None)  # `z += b`: makes a new array, as it does for a number
        return _hide(getattr(ufunc, method)(*map(_shown, inputs), **keywords))

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        shown = {key: _shown(x) for key, x in keywords.items()}
        result = function(*map(_shown, args), **shown)
        return result if function in _OF_SHAPE else _hide(result)

    def dot(self, other: Any) -> Any:
        return _hide(self._numbers.dot(_shown(other)))

    def astype(self, dtype: Any) -> Any:
        return _hide(self._numbers.astype(dtype))

    @property
    def T(self) -> Any:  # noqa: N802
        return _hide(self._numbers.T)

    def __getitem__(self, index: Any) -> Any:
        return _hide(self._numbers[index])

    def __len__(self) -> int:
        return len(self._numbers)

    def __array__(self, *args: Any, **keywords: Any) -> Any:
        raise _DiffersError

    __bool__ = __float__ = __int__ = __index__ = __complex__ = __array__


class _DiffersError(TypeError):
    """The function may treat one example differently from another."""


_OF_SHAPE = (np.shape, np.ndim, np.size)


def _hide(x: Any) -> _Hidden:
    if not isinstance(x, np.ndarray | np.generic):
        raise _DiffersError
    return _Hidden(x)


def _shown(x: Any) -> Any:
    if type(x) is _Hidden:
        return x._numbers
    return type(x)(map(_shown, x)) if type(x) in (list, tuple) else x


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
    known = all(type(x) is np.ndarray and x.dtype in _FLOATS for x in columns)
    outer = any(type(x) is Value for x in given)
    if not known or not given or outer or this_thread.watch is not None:
        return []
    params = [Value(x) for x in given]
    data = [Value(0.0) for _ in columns]
    for node, x in zip(data, columns, strict=True):
        node.replace(_Hidden(x[0]))
    new, spare, hidden = list(args), iter(params), iter(data)
    for i in (*shared, *batch):
        new[i] = rebuild(args[i], hidden if i in batch else spare)
    try:
        with unusual(silenced=False), np.errstate(all="ignore"):
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
        replay = _Replay(root, params, dict(zip(data, columns, strict=True)), len(columns[0]))
    except _DiffersError:
        return []
    return replay.gradients(params)


# ---------------------------------------------------------------------------- all the examples
Shares = list[tuple[Any, Any]]


class _Replay:
    """What one hidden example recorded, run again for all `n` of them.

    `batch` has the data of the nodes that depend on the examples, with these along the first
    axis; all other nodes have theirs already. `pulls` has the way back through each node, towards
    the `wanted` ones: the parameters and what depends on them.
    """

    def __init__(
        self, root: Value, params: Sequence[Value], data: dict[Value, Any], n: int
    ) -> None:
        self.root, self.n = root, n
        self.batch = data
        self.wanted = set(params)
        self.pulls: dict[Value, Callable[[Any], Shares]] = {}
        self.order = results_first(root)
        for node in reversed(self.order):
            if any(arg in self.wanted for arg in node.args):
                self.wanted.add(node)
            if any(arg in self.batch for arg in node.args):
                self.batch[node] = self._forward(node)
            elif node in self.wanted and node.op is not None:
                self.pulls[node] = self._way_back(node)
            if type(node.peek()[0]) is _Hidden and node not in self.batch:
                raise _DiffersError  # its numbers came from an example, and not as recorded

    def gradients(self, params: Sequence[Value]) -> list[Any]:
        """The gradients of all examples by each parameter, in arrays that share nothing."""
        seed = np.ones(self.n, self.root.dtype)
        with np.errstate(all="ignore"):
            table = pull_back(self.order, seed, self._pull) if self.root in self.wanted else {}
        found: list[Any] = []
        for node in params:
            g = table.get(node)
            if g is None:
                g = np.zeros((self.n, *node.shape), node.dtype)
            elif g.base is not None or any(g is other for other in found):
                g = np.array(g, order="C")
            found.append(g)
        return found

    def _pull(self, node: Value, g: Any) -> Shares:
        return self.pulls[node](g) if node in self.pulls else []

    # -- which way
    def _forward(self, node: Value) -> Any:
        """Run the op of `node` on the batch, and note the way back."""
        op, wanted = node.op, node in self.wanted
        raw = [
            x if arg is None or arg not in self.batch else self.batch[arg]
            for arg, x in zip(node.args, node.raw, strict=True)
        ]
        if any(map(_hides, (*raw, *node.keywords.values()))):
            raise _DiffersError
        if self._stays_elementwise(node):
            if not wanted and op not in _SAME_IN_NUMPY and op.forward not in op.numpy:
                raise _DiffersError  # one example would meet NumPy, which may round otherwise
            raw = [self._aligned(arg, x, node.ndim) for arg, x in zip(node.args, raw, strict=True)]
            out = op.forward(*raw)
            self.pulls[node] = lambda g: self._pull_elementwise(node, g, out, raw)
            return out
        if not wanted:
            raise _DiffersError
        if op in _ALONG_ROWS and raw[0].ndim == 2 and raw[0].flags.c_contiguous:
            along = {**node.keywords, "axis": -1}
            out = op.forward(raw[0], **along)
            rule, arg, x = op.rules[0], node.args[0], raw[0]
            self.pulls[node] = lambda g: [
                (arg, rule(g, out, x, **along).astype(x.dtype, copy=False))
            ]
            return out
        if self._is_product(node, raw):
            return (_affine if op is _AFFINE else _matmul)(self, node, raw)
        return self._forward_each(node, raw)

    def _way_back(self, node: Value) -> Callable[[Any], Shares]:
        """The way back through a node that depends on parameters alone, and has its data."""
        if node.ndim and self._stays_elementwise(node):
            return lambda g: self._pull_elementwise(node, g, node.peek()[0], node.raw)
        if node.op is _TRANSPOSE and node.ndim == 2 and node.keywords.get("axes") is None:
            return lambda g: [(node.args[0], np.swapaxes(g, 1, 2))]
        return lambda g: self._stacked([pull(node, self._of(node, g, k)) for k in range(self.n)])

    def _stays_elementwise(self, node: Value) -> bool:
        """Whether one call of an elementwise op gives what one call for each example would."""
        if node.op not in _ELEMENTWISE:
            return False
        kept = all(arg.shape == node.shape for arg in node.args if arg in self.wanted)
        numbers = any(arg in self.batch and not arg.ndim for arg in node.args)
        return kept and (node.op in _EXACT or not numbers)

    def _is_product(self, node: Value, raw: Sequence[Any]) -> bool:
        """Whether a node is a product of one vector an example with one matrix for them all."""
        if node.op not in (_AFFINE, _MATMUL):
            return False
        vectors = [arg in self.batch and arg.ndim == 1 for arg in node.args]
        matrix = raw[0] if vectors[1] else raw[1]
        alike = len({getattr(x, "dtype", None) for x in raw}) == 1 and raw[0].dtype in _FLOATS
        shapes = matrix.ndim == 2 and matrix.size > 1 and sum(vectors) == 1
        if node.op is _AFFINE:
            plain = vectors[0] and node.args[2] not in self.batch and np.ndim(raw[2]) == 1
            return alike and shapes and plain and matrix.flags.c_contiguous
        return alike and shapes

    # -- elementwise
    def _aligned(self, arg: Value | None, x: Any, ndim: int) -> Any:
        """`x` with axes of length 1 behind the axis of examples, where the result has more."""
        if arg not in self.batch or arg.ndim == ndim:
            return x
        return x.reshape(self.n, *(1,) * (ndim - arg.ndim), *arg.shape)

    def _pull_elementwise(self, node: Value, g: Any, out: Any, raw: Sequence[Any]) -> Shares:
        pairs = []
        for rule, arg in zip(node.op.rules, node.args, strict=True):
            if arg in self.wanted:
                share = rule(g, out, *raw)
                if np.shape(share) != g.shape:
                    share = np.broadcast_to(share, g.shape)
                pairs.append((arg, share.astype(arg.dtype, copy=False)))
        return pairs

    # -- any other op: through the engine, for each example
    def _forward_each(self, node: Value, raw: Sequence[Any]) -> Any:
        if node.op.wide and any(arg in self.batch and not arg.ndim for arg in node.args):
            raise _DiffersError  # whether such a number is Python's or NumPy's is not recorded
        nodes = []
        for k in range(self.n):
            inputs = []
            for arg, x in zip(node.args, raw, strict=True):
                own = x[k] if arg in self.batch else x
                if arg in self.wanted:
                    leaf = Value(0.0)
                    leaf.replace(own)
                    own = leaf
                inputs.append(own)
            call = (inputs,) if node.op.sequence else inputs
            nodes.append(node.op(*call, **node.keywords))
        wanted = [arg for arg in node.args if arg in self.wanted]
        self.pulls[node] = lambda g: self._stacked(
            [
                zip(wanted, [share for _, share in pull(one, self._of(node, g, k))], strict=True)
                for k, one in enumerate(nodes)
            ]
        )
        return np.stack([one.peek()[0] for one in nodes])

    def _of(self, node: Value, g: Any, k: int) -> Any:
        """The gradient of example `k`: of a number, of the type that the engine would give it."""
        number = not node.ndim and node.dtype == float
        made_by_numpy = node is self.root and type(node.peek()[0]) is not float
        return float(g[k]) if number and not made_by_numpy else g[k]

    def _stacked(self, each: Sequence[Iterable[tuple[Any, Any]]]) -> Shares:
        """One pair of node and shares for what `each` example has in the same place."""
        return [
            (column[0][0], np.stack([share for _, share in column]))
            for column in zip(*each, strict=True)
        ]


def _hides(x: Any) -> bool:
    return type(x) is _Hidden or (type(x) in (list, tuple) and any(map(_hides, x)))


# ------------------------------------------------------------------------- products of a layer
def _affine(replay: _Replay, node: Value, raw: Sequence[Any]) -> Any:
    x, W, b = raw
    arg_x, arg_W, arg_b = node.args
    out = np.matmul(x[:, None, :], W.T)[:, 0, :]
    out += b

    def back(g: Any) -> Shares:
        pairs: Shares = []
        if arg_x in replay.wanted:
            rows = np.ascontiguousarray(g)[:, None, :]
            pairs.append((arg_x, np.matmul(rows, W)[:, 0, :]))
        if arg_W in replay.wanted:  # twice as fast as a product with axes put in
            pairs.append((arg_W, np.einsum("ni,nj->nij", g, x)))
        if arg_b in replay.wanted:
            pairs.append((arg_b, g))
        return pairs

    replay.pulls[node] = back
    return out


def _matmul(replay: _Replay, node: Value, raw: Sequence[Any]) -> Any:
    left, right = node.args
    vectors_first = left in replay.batch
    x, matrix = raw if vectors_first else raw[::-1]
    vector_arg, matrix_arg = (left, right) if vectors_first else (right, left)
    W = matrix.T if vectors_first else matrix  # out = W x, for each vector x

    def back(g: Any) -> Shares:
        pairs: Shares = []
        if vector_arg in replay.wanted:
            columns = np.ascontiguousarray(g)[:, :, None]
            pairs.append((vector_arg, np.matmul(W.T, columns)[:, :, 0]))
        if matrix_arg in replay.wanted:
            outer = g[:, :, None] * x[:, None, :]
            pairs.append((matrix_arg, np.swapaxes(outer, 1, 2) if vectors_first else outer))
        return pairs

    replay.pulls[node] = back
    if vectors_first:
        return np.matmul(x[:, None, :], matrix)[:, 0, :]
    return np.matmul(matrix, x[:, :, None])[:, :, 0]
