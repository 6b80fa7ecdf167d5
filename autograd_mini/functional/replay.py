"""What one hidden example recorded, run again for all examples of a batch together.

This file knows which ops keep examples apart when they run on a whole batch, and give the same
bits there: elementwise ops as they are; products of a matrix and a vector, as stacks of the very
products (matrix times vector, not matrix times matrix) that one example would need. Any other op
it runs for each example, through the engine.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd_mini import ops
from autograd_mini.engine.backprop import add_shares, pull_back, results_first
from autograd_mini.engine.guard import has_nan
from autograd_mini.engine.pull import shares
from autograd_mini.engine.value import Value
from autograd_mini.functional.opaque import DiffersError, Hidden, hides

_EXACT = {ops.TABLE[name] for name in ("add", "subtract", "multiply", "negative", "positive")}
_SAME_IN_NUMPY = {*_EXACT, ops.TABLE["divide"], ops.TABLE["square"]}
_ALONG_ROWS = {ops.TABLE[name] for name in ("sum", "mean")}
_TRANSPOSE, _QUADRATIC = ops.TABLE["transpose"], ops.TABLE["quadratic_cost"]
FLOATS = (np.dtype(np.float32), np.dtype(np.float64))

Shares = list[tuple[Any, Any]]


class Replay:
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
                out = self.batch[node] = self._forward(node)
                if out.shape != (n, *node.shape) or out.dtype != node.dtype:
                    raise DiffersError
            elif node in self.wanted and node.op is not None:
                self.pulls[node] = self._way_back(node)
            if type(node.peek()[0]) is Hidden and node not in self.batch:
                raise DiffersError  # its numbers came from an example, and not as recorded

    def gradients(self, params: Sequence[Value]) -> list[Any]:
        """The gradients of all examples by each parameter, in arrays that share nothing.

        None at all, if a nan among them may be a 0 that was chosen and has met infinity.
        """
        seed = np.ones(self.n, self.root.dtype)
        with np.errstate(all="ignore"):
            table = pull_back(self.order, seed, self._pull) if self.root in self.wanted else {}
        found: list[Any] = []
        for node in params:
            g = table.get(node)
            if g is None:
                g = np.zeros((self.n, *node.shape), node.dtype)
            elif not _owns(g) or any(_memory(g) is _memory(other) for other in found):
                g = np.array(g, order="C")
            found.append(g)
        chooses = any(node.op is not None and node.op.passes for node in self.order)
        return [] if chooses and any(map(has_nan, found)) else found

    def _pull(self, node: Value, g: Any, gradients: dict[Value, Any]) -> None:
        if node in self.pulls:
            add_shares(self.pulls[node](g), gradients)

    # -- which way
    def _forward(self, node: Value) -> Any:
        """Run the op of `node` on the batch, and note the way back."""
        op, wanted = node.op, node in self.wanted
        raw = [
            x if arg is None or arg not in self.batch else self.batch[arg]
            for arg, x in zip(node.args, node.raw, strict=True)
        ]
        if any(map(hides, (*raw, *node.keywords.values()))):
            raise DiffersError
        if self._stays_elementwise(node):
            if not wanted and op not in _SAME_IN_NUMPY and op.forward not in op.numpy:
                raise DiffersError  # one example would meet NumPy, which may round otherwise
            raw = [self._aligned(arg, x, node.ndim) for arg, x in zip(node.args, raw, strict=True)]
            out = op.forward(*raw)
            self.pulls[node] = lambda g: self._pull_elementwise(node, g, out, raw)
            return out
        if not wanted:
            raise DiffersError
        if op in _ALONG_ROWS and raw[0].ndim == 2:
            along = {**node.keywords, "axis": -1}
            out = op.forward(raw[0], **along)
            rule, arg, x = op.rules[0], node.args[0], raw[0]
            self.pulls[node] = lambda g: [
                (arg, rule(g, out, x, **along).astype(x.dtype, copy=False))
            ]
            return out
        if op is _QUADRATIC and all(arg in self.batch and arg.ndim == 1 for arg in node.args):
            return _quadratic(self, node, raw)
        if self._is_product(node, raw):
            return (_affine if op.weights == "out,in" else _matmul)(self, node, raw)
        return self._forward_each(node, raw)

    def _way_back(self, node: Value) -> Callable[[Any], Shares]:
        """The way back through a node that depends on parameters alone, and has its data."""
        if node.ndim and self._stays_elementwise(node):
            return lambda g: self._pull_elementwise(node, g, node.peek()[0], node.raw)
        if node.op is _TRANSPOSE and node.ndim == 2 and node.keywords.get("axes") is None:
            return lambda g: [(node.args[0], np.swapaxes(g, 1, 2))]
        return lambda g: self._stacked([shares(node, self._of(node, g, k)) for k in range(self.n)])

    def _stays_elementwise(self, node: Value) -> bool:
        """Whether one call of an elementwise op gives what one call for each example would."""
        if not node.op.elementwise or node.op.wide:
            return False
        kept = all(arg.shape == node.shape for arg in node.args if arg in self.wanted)
        numbers = any(arg in self.batch and not arg.ndim for arg in node.args)
        return kept and (node.op in _EXACT or not numbers)

    def _is_product(self, node: Value, raw: Sequence[Any]) -> bool:
        """Whether a node is a product of one vector an example with one matrix for them all."""
        if not (node.op.trusted and node.op.weights):
            return False
        vectors = [arg in self.batch and arg.ndim == 1 for arg in node.args]
        matrix = raw[0] if vectors[1] else raw[1]
        alike = len({getattr(x, "dtype", None) for x in raw}) == 1 and raw[0].dtype in FLOATS
        shapes = matrix.ndim == 2 and matrix.size > 1 and sum(vectors) == 1
        if node.op.weights == "out,in":
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
            raise DiffersError  # whether such a number is Python's or NumPy's is not recorded
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
                zip(wanted, [share for _, share in shares(one, self._of(node, g, k))], strict=True)
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


def _memory(x: Any) -> Any:
    """The array that holds the numbers of `x`, perhaps as a view."""
    return x if x.base is None else x.base


def _owns(x: Any) -> bool:
    """Whether `x` is all that its memory holds, in order."""
    return bool(x.flags.writeable and x.flags.c_contiguous and _memory(x).size == x.size)


# ------------------------------------------------------------------------- products of a layer
def _affine(replay: Replay, node: Value, raw: Sequence[Any]) -> Any:
    x, W, b = raw
    arg_x, arg_W, arg_b = node.args
    out = np.matmul(x[:, None, :], W.T)[:, 0, :]
    out += b

    def back(g: Any) -> Shares:
        pairs: Shares = []
        if arg_x in replay.wanted:
            rows = np.ascontiguousarray(g)[:, None, :]  # as `dot` has it, and `matmul` has not
            pairs.append((arg_x, np.matmul(rows, W)[:, 0, :]))
        if arg_W in replay.wanted:  # twice as fast as a product with axes put in
            pairs.append((arg_W, np.einsum("ni,nj->nij", g, x)))
        if arg_b in replay.wanted:
            pairs.append((arg_b, g))
        return pairs

    replay.pulls[node] = back
    return out


def _matmul(replay: Replay, node: Value, raw: Sequence[Any]) -> Any:
    left, right = node.args
    vectors_first = left in replay.batch
    x, matrix = raw if vectors_first else raw[::-1]
    vector_arg, matrix_arg = (left, right) if vectors_first else (right, left)
    W = matrix.T if vectors_first else matrix  # out = W x, for each vector x

    def back(g: Any) -> Shares:
        pairs: Shares = []
        if vector_arg in replay.wanted:
            pairs.append((vector_arg, np.matmul(W.T, g[:, :, None])[:, :, 0]))
        if matrix_arg in replay.wanted:
            outer = g[:, :, None] * x[:, None, :]
            pairs.append((matrix_arg, np.swapaxes(outer, 1, 2) if vectors_first else outer))
        return pairs

    replay.pulls[node] = back
    if vectors_first:
        return np.matmul(x[:, None, :], matrix)[:, 0, :]
    return np.matmul(matrix, x[:, :, None])[:, :, 0]


def _quadratic(replay: Replay, node: Value, raw: Sequence[Any]) -> Any:
    a, y = raw
    away = a - y

    def back(g: Any) -> Shares:
        scale = g[:, None] * 2.0
        shares = zip(node.args, raw, (scale * away, scale * (y - a)), strict=True)
        return [
            (arg, share.astype(x.dtype, copy=False))
            for arg, x, share in shares
            if arg in replay.wanted
        ]

    replay.pulls[node] = back
    return np.matmul(away[:, None, :], away[:, :, None])[:, 0, 0]
