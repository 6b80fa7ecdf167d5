"""A graph read once, for those who look at it: nodes by number, uses, gradients, derivatives.

This file knows what nodes record and how a gradient is pulled through one of them. It must not
know how anything is drawn or written, and it changes no node.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_mini.engine.backprop import pull_back, results_first
from autograd_mini.engine.guard import has_nan, pull_guarded
from autograd_mini.engine.pull import shares
from autograd_mini.engine.value import Value
from autograd_mini.functional.recorded import gradient_table
from autograd_mini.users_line import users_variables


def read(root: Value) -> "Graph":
    """The graph behind `root`, what has no name called as the variables of the user's code are."""
    return Graph(root, users_variables())


class Graph:
    """Everything behind `root`, each node after its arguments, numbered in that order.

    `args[i]` has the numbers of the arguments of node i, -1 for a constant; `uses[i]` has a pair
    (number of the user, position among its arguments) for each use. Both are in order. Reading
    takes time and memory in proportion to the number of uses, and no recursion. What has no name
    is called as the `variables` call it; only `read` looks for the user's.

    Raises TypeError if `root` is no Value.

    >>> x = Value(3.0, name="x")
    >>> graph = Graph(x * x)
    >>> graph.args, graph.uses, graph.gradients
    ([(), (0, 0)], [[(1, 0), (1, 1)], []], [6.0, 1.0])
    """

    def __init__(self, root: Value, variables: Mapping[str, Any] | None = None) -> None:
        if not isinstance(root, Value):
            raise TypeError(
                f"a graph has a Value as its root, not {type(root).__name__}; give the result of"
                " a computation with Values"
            )
        self.root = root
        self.nodes = results_first(root)[::-1]
        self.number = {node: i for i, node in enumerate(self.nodes)}
        number = self.number
        self.args = [
            tuple([-1 if a is None else number[a] for a in node.args]) for node in self.nodes
        ]
        self.uses: list[list[tuple[int, int]]] = [[] for _ in self.nodes]
        for i, args in enumerate(self.args):
            for position, arg in enumerate(args):
                if arg >= 0:
                    self.uses[arg].append((i, position))

        self.alias: dict[int, str] = {}  # names that nodes have in pictures only
        taken = {str(node.name) for node in self.nodes}
        for name, x in (variables or {}).items():
            if name not in taken and isinstance(x, Value) and x in number and not x.name:
                self.alias.setdefault(number[x], name)

    def __len__(self) -> int:
        return len(self.nodes)

    # -- names
    def name(self, i: int) -> str:
        """The name of node i, its own or in pictures only; "" where it has none."""
        return str(self.nodes[i].name) or self.alias.get(i, "")

    def label(self, i: int) -> str:
        """The name of node i, or its number where it has none: `#7`."""
        return self.name(i) or f"#{i}"

    def find(self, wanted: Any) -> list[int]:
        """Numbers of the nodes that `wanted` means: a Value, a name, or a number as `7` or `#7`.

        Raises ValueError for what is not in this graph, with the names that come near.
        """
        if isinstance(wanted, Value):
            if wanted in self.number:
                return [self.number[wanted]]
            raise ValueError(
                f"{wanted!r} is not in the graph of {self.label(len(self) - 1)}; give one of the"
                " Values it was computed from"
            )
        names = self._names
        if str(wanted) in names:
            return names[str(wanted)]
        text = str(wanted).removeprefix("#")
        if text.isdecimal() and int(text) < len(self):
            return [int(text)]
        import difflib  # not needed unless something is wrong

        near = difflib.get_close_matches(str(wanted), names, n=3, cutoff=0.3)
        hint = f"; names that come near: {', '.join(near)}" if near else ""
        raise ValueError(
            f"{str(wanted)[:60]!r} is no name or number (#0 to #{len(self) - 1}) in this"
            f" graph{hint}"
        )

    def named(self, name: str) -> bool:
        """Whether some node has that name."""
        return name in self._names

    @functools.cached_property
    def _names(self) -> dict[str, list[int]]:
        names: dict[str, list[int]] = {}
        for i in range(len(self)):
            if self.name(i):
                names.setdefault(self.name(i), []).append(i)
        return names

    # -- values
    @functools.cached_property
    def seen(self) -> list[Any]:
        """The data of every node as its users saw it, which a leaf may have replaced since."""
        data = [node.peek()[0] for node in self.nodes]
        for i, node in enumerate(self.nodes):
            raw: Sequence[Any] = ()
            for position, arg in enumerate(self.args[i]):
                if arg >= 0 and not self.args[arg]:
                    raw = raw or node.raw
                    data[arg] = raw[position]
        return data

    def replaced(self, i: int) -> bool:
        """Whether node i is a leaf that was given new data after it was used."""
        return self.seen[i] is not self.nodes[i].peek()[0]

    # -- gradients
    @functools.cached_property
    def seed(self) -> Any:
        """What the gradients start from: the root's own gradient if it has one, else 1."""
        data, grad = self.root.peek()
        if grad is not None:
            return grad
        return 1.0 if isinstance(data, float) else np.ones_like(data)

    @functools.cached_property
    def gradients(self) -> list[Any]:
        """The gradient of every node, None where none arrives; `.grad` is left as it is."""
        table = gradient_table(self.root, self.seed)
        return [table.get(node) for node in self.nodes]

    def flows(self, i: int) -> list[Any]:
        """What node i passes to each argument: None to a constant, or if it has nothing."""
        if self.gradients[i] is None:
            return [None] * len(self.args[i])
        shares = self._shares(i, self.gradients[i])
        spoiled = any(share is not None and has_nan(share) for share in shares)
        return self._guarded[i] if spoiled else shares

    @functools.cached_property
    def _guarded(self) -> list[list[Any]]:
        """What each node passes on where chosen zeros meet infinite slopes."""
        found: list[list[Any]] = [[] for _ in self.nodes]

        def pull(node: Value, g: Any, gradients: dict[Any, Any]) -> None:
            pairs = iter(pull_guarded(node, g, gradients))
            shares = [None if arg is None else next(pairs)[1] for arg in node.args]
            found[self.number[node]] = shares

        with np.errstate(all="ignore"):
            pull_back(self.nodes[::-1], self.seed, pull)
        return found

    def local(self, i: int) -> list[float | None]:
        """Derivative of node i by each of its arguments, where both are single numbers."""
        if np.ndim(self.seen[i]):
            return [None] * len(self.args[i])
        one = 1.0 if isinstance(self.seen[i], float) else np.ones_like(self.seen[i])
        shares = self._shares(i, one)
        return [None if share is None or np.ndim(share) else float(share) for share in shares]

    def _shares(self, i: int, gradient: Any) -> list[Any]:
        with np.errstate(all="ignore"):
            found = iter(shares(self.nodes[i], gradient))
        return [None if arg < 0 else next(found)[1] for arg in self.args[i]]

    # -- parts
    def behind(self, start: Iterable[int]) -> set[int]:
        """The nodes that any of `start` was computed from, and those themselves."""
        found = set(start)
        stack = list(found)
        while stack:
            for arg in self.args[stack.pop()]:
                if arg >= 0 and arg not in found:
                    found.add(arg)
                    stack.append(arg)
        return found

    def beyond(self, start: Iterable[int]) -> set[int]:
        """The nodes that were computed from any of `start`, and those themselves."""
        found = set(start)
        first = min(found, default=len(self))
        for i in range(first, len(self)):
            if any(arg in found for arg in self.args[i]):
                found.add(i)
        return found

    def near(self, start: Iterable[int], hops: int, *, both_ways: bool) -> set[int]:
        """The nodes within `hops` steps of `start`: back along arguments, or `both_ways`."""
        found = set(start)
        ring = list(found)
        for _ in range(hops):
            ring = [j for i in ring for j in self._neighbours(i, both_ways)]
            ring = [j for j in dict.fromkeys(ring) if j not in found]
            if not ring:
                break
            found.update(ring)
        return found

    def _neighbours(self, i: int, both_ways: bool) -> list[int]:
        users = [user for user, _ in self.uses[i]] if both_ways else []
        return [arg for arg in self.args[i] if arg >= 0] + users
