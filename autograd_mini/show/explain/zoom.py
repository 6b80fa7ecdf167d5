"""One entry of an array graph, and all that depends on it, as a graph of single numbers.

This file knows of an op only what it declares. Those of the table that are elementwise work on the
numbers as they stand, those with weights are sums of products, and the derivatives of the rest
come from their rules.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd_mini.engine.op import Op
from autograd_mini.engine.value import Value
from autograd_mini.functional.recorded import gradients
from autograd_mini.show.graph import Graph

_plus = Op(
    lambda *terms: sum(terms),
    lambda places, g, out, *terms: [g] * len(places),
    name="add",
    symbol="+",
    sequence=True,
)


def zoom(graph: Graph, start: int, flat: int = 0) -> tuple[Value, Value] | None:
    """The result of `graph`, a single number, rebuilt from one entry of node `start`.

    `flat` is the entry's place in row order. Returns the result and the entry as Values of a new
    graph that has a node for every entry that depends on this one, `z1[0, 3]` for an entry of
    `z1`, and leaves for what they are computed with; what does not depend on the entry is added
    up in one leaf for each sum. None if nothing of the result depends on the entry.

    >>> W, a = Value([[1.0, 2.0], [3.0, 4.0]], name="W"), np.array([0.5, -0.5])
    >>> C = (W @ a).sum()
    >>> graph = Graph(C)
    >>> root, leaf = zoom(graph, graph.number[W], flat=2)
    >>> leaf.name, leaf.data, root.data, C.item()
    ('W[1, 0]', 3.0, -1.0, -1.0)
    """
    work = _Zoom(graph)
    leaf = work.leaf(start, flat)
    work.moving[start] = {flat: leaf}
    for i in sorted(graph.beyond([start]))[1:]:
        work.moving[i] = work.rebuilt(i)
    root = work.moving[len(graph) - 1].get(0)
    return None if root is None else (root, leaf)


class _Zoom:
    """The entries that depend on the one, by node and place: `moving[i][flat]`."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.moving: dict[int, dict[int, Value]] = {}
        self.fixed: dict[tuple[int, int], Value] = {}

    def name(self, i: int, flat: int) -> str:
        name, dims = self.graph.name(i), np.shape(self.graph.seen[i])
        if not (name and dims):
            return name
        index = ", ".join(str(int(k)) for k in np.unravel_index(flat, dims))
        return f"{name}[{index}]"

    def leaf(self, i: int, flat: int) -> Value:
        data = float(np.ravel(self.graph.seen[i])[flat])
        name = self.name(i, flat) or f"#{i}"
        return Value(data, name=name)

    def entry(self, i: int, position: int, flat: int) -> Any:
        """An entry of an argument of node i: one that moves, a leaf, or a constant."""
        arg = self.graph.args[i][position]
        if arg < 0:
            return np.ravel(self.graph.nodes[i].raw[position])[flat].item()
        if flat in self.moving.get(arg, ()):
            return self.moving[arg][flat]
        if (arg, flat) not in self.fixed:
            self.fixed[arg, flat] = self.leaf(arg, flat)
        return self.fixed[arg, flat]

    def moved(self, i: int, position: int) -> dict[int, Value]:
        return self.moving.get(self.graph.args[i][position], {})

    def rebuilt(self, i: int) -> dict[int, Value]:
        """The entries of node i that depend on entries that move."""
        node = self.graph.nodes[i]
        shapes = [np.shape(x) for x in node.raw]
        op: Any = node.op
        if op.trusted and op.elementwise and not op.keywords:
            entries = self.elementwise(i, shapes)
        elif op.weights and self.is_plain_product(shapes):
            entries = self.products(i, shapes)
        else:
            entries = self.by_rules(i)
        found: dict[int, Value] = {}
        for flat, value in entries:
            if not value.name:
                value.name = self.name(i, flat)
            found[flat] = value
        return found

    # -- one entry from one entry of each argument
    def elementwise(self, i: int, shapes: list[Any]) -> Iterator[tuple[int, Value]]:
        node = self.graph.nodes[i]
        places = [
            np.broadcast_to(np.arange(int(np.prod(s))).reshape(s), node.shape).ravel()
            for s in shapes
        ]
        moves = np.zeros(node.size, bool)
        for position, place in enumerate(places):
            moves |= np.isin(place, list(self.moved(i, position)))
        op: Any = node.op
        for flat in np.flatnonzero(moves):
            args = [self.entry(i, p, int(place[flat])) for p, place in enumerate(places)]
            yield int(flat), op(*args)

    # -- sums of products
    @staticmethod
    def is_plain_product(shapes: list[Any]) -> bool:
        if len(shapes) == 3:
            return len(shapes[2]) <= 1
        return 1 <= len(shapes[0]) <= 2 and 1 <= len(shapes[1]) <= 2

    def products(self, i: int, shapes: list[Any]) -> Iterator[tuple[int, Value]]:
        """z[r, p] = Σ_k w[p, k] x[r, k] (+ b[p]), with those k only whose product moves."""
        node, op = self.graph.nodes[i], self.graph.nodes[i].op
        n = shapes[0][-1]
        biased = len(shapes) == 3
        w_places = np.arange(int(np.prod(shapes[1]))).reshape(shapes[1])
        w_places = w_places if op.weights == "out,in" else w_places.reshape(n, -1).T
        outputs = len(w_places)
        b_places = np.broadcast_to(np.arange(outputs) if shapes[-1] else 0, outputs)
        rows = range(node.size // max(outputs, 1))

        terms: dict[tuple[int, int], dict[int, None]] = {}
        for flat in self.moved(i, 0):
            r, k = divmod(flat, n)
            for p in range(outputs):
                terms.setdefault((r, p), {})[k] = None
        for flat in self.moved(i, 1):
            p, k = np.argwhere(w_places == flat)[0].tolist()
            for r in rows:
                terms.setdefault((r, p), {})[k] = None
        for flat in self.moved(i, 2) if biased else ():
            for p in np.flatnonzero(b_places == flat).tolist():
                for r in rows:
                    terms.setdefault((r, p), {})

        results = np.ravel(node.peek()[0])
        for (r, p), inputs in terms.items():
            parts = [
                self.entry(i, 1, int(w_places[p, k])) * self.entry(i, 0, r * n + k) for k in inputs
            ]
            if biased:
                parts.append(self.entry(i, 2, int(b_places[p])))
            place = r * outputs + p
            if others := n - len(inputs):
                known = sum(part.data if isinstance(part, Value) else part for part in parts)
                rest = float(results[place]) - known
                parts.append(Value(rest, name=f"{others} other input{'s' * (others > 1)}"))
            yield place, _plus(parts) if len(parts) > 1 else parts[0]

    # -- whatever the rules say
    def by_rules(self, i: int) -> Iterator[tuple[int, Value]]:
        """Each entry from all those that move it; what only hands a number on adds no node."""
        node = self.graph.nodes[i]
        data = np.ravel(node.peek()[0])
        inputs: dict[int, list[tuple[int, int, float]]] = {}
        for position, arg in enumerate(self.graph.args[i]):
            if arg in self.moving:
                for flat in self.moving[arg]:
                    for place, slope in self.column(i, position, flat):
                        inputs.setdefault(place, []).append((position, flat, slope))
        for place, parts in sorted(inputs.items()):
            args = [self.entry(i, position, flat) for position, flat, _ in parts]
            if len(parts) == 1 and parts[0][2] == 1 and args[0].data == float(data[place]):
                yield place, args[0]
            else:
                yield place, _entry_op(node, place, parts)(args)

    def column(self, i: int, position: int, flat: int) -> list[tuple[int, float]]:
        """Derivatives of the entries of node i by one entry of an argument, where not 0.

        A rule is linear in the gradient `g`, so its own derivative by `g` has them all.
        """
        node = self.graph.nodes[i]
        op: Any = node.op
        raw, out = node.raw, node.peek()[0]
        g = Value(np.ones_like(out) if np.ndim(out) else 1.0)
        with np.errstate(all="ignore"):
            (share,) = op.shares([position], g, out, raw, node.keywords)
            if not isinstance(share, Value):
                return []
            one = np.zeros(np.shape(raw[position]), share.dtype)
            one.flat[flat] = 1
            seed = np.broadcast_to(one, share.shape).copy()
            (slopes,) = gradients(share, [g], seed if share.ndim else float(seed))
        found = np.ravel(slopes.data)
        return [(int(place), float(found[place])) for place in np.flatnonzero(found)]


def _entry_op(node: Value, place: int, parts: list[tuple[int, int, float]]) -> Op:
    """The op of `node` as a function of a few entries of its arguments, and to one of its own."""
    op: Any = node.op
    raw, keywords = node.raw, node.keywords

    def forward(*numbers: float) -> float:
        arrays = [np.array(x) if np.ndim(x) else x for x in raw]
        for (position, flat, _), x in zip(parts, numbers, strict=True):
            if np.ndim(arrays[position]):
                arrays[position].flat[flat] = x
            else:
                arrays[position] = x
        return float(np.ravel(op.forward(*arrays, **keywords))[place])

    return Op(
        forward,
        lambda places, g, out, *numbers: [g * parts[i][2] for i in places],
        name=op.name,
        symbol=op.symbol,
        sequence=True,
    )
