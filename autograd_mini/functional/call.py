"""One call of a function on nodes of its own, and the way back from its result to them.

Every call puts a node of its own in the place of each number and array that it differentiates by:
a leaf, or, where the caller gave a Value of an outer computation, an identity behind that Value.
The backward pass stops at these nodes, so no two calls can take each other's variables for their
own, and what they return is connected to the outer Values.

This file knows arguments, results and nodes. It must not know which derivative is wanted.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from autograd_mini.engine.arrays import StandIn
from autograd_mini.engine.backprop import results_first
from autograd_mini.engine.backward import pulled
from autograd_mini.engine.modes import Block, setting
from autograd_mini.engine.value import Value
from autograd_mini.functional.recorded import recorded_gradients
from autograd_mini.ops.elementwise import positive
from autograd_mini.trees import differentiable, flatten, leaves, owned, rebuild, variables

Argnums = int | Sequence[int] | None


class Call:
    """A call of `f` on nodes of its own: the nodes, and what `f` made of them."""

    def __init__(
        self,
        name: str,
        f: Callable[..., Any],
        args: Sequence[Any],
        keywords: dict[str, Any],
        argnums: Argnums,
        has_aux: bool,
    ) -> None:
        self.name = name
        self.one = isinstance(argnums, int)
        self.silent = setting("silenced")
        self.born = Value(0.0).born
        self.nodes: list[Value] = []
        self.plain: list[Any] = []  # the data of each node
        self.nested = False
        new = list(args)
        chosen = positions(name, argnums, len(args))
        self.arguments = [variables(args[i]) for i in chosen]
        for i, argument in zip(chosen, self.arguments, strict=True):
            given = differentiable(argument, f"{name}: argument {i}")
            mine = [self._node(x) for x in given]
            new[i] = mine[0] if alone(argument, given) else rebuild(argument, mine)
            self.nodes += mine
        with recording():
            result = f(*new, **keywords)
        self.aux: Any = None
        if has_aux:
            result, self.aux = self._unpacked(result)
        self.result: Any = variables(result)

    def _node(self, x: Any) -> Value:
        if type(x) is Value:
            self.plain.append(x.data)
            if not self.silent:
                self.nested = True
                mine: Value = positive(x)
                mine.replace(x.peek()[0])  # the very array: nobody may write into an argument
                return mine.as_argument()
            return x.detach().as_argument()
        self.plain.append(x)
        return Value(x).as_argument()

    def _is_outer(self, node: Value) -> bool:
        """Whether a node is a leaf older than this call, a variable of someone outside."""
        return 0 <= node.born < self.born

    def _unpacked(self, result: Any) -> tuple[Any, Any]:
        if not isinstance(result, tuple) or len(result) != 2:
            raise TypeError(
                f"{self.name}: with has_aux=True, f must return a pair (result, auxiliary data),"
                f" not {kind_of(result)}"
            )
        return result[0], rebuild(result[1], [self.outward(x) for x in leaves(result[1])])

    def scalar(self) -> Any:
        """The result; ValueError or TypeError if it is not one number."""
        result = self.result
        if not is_number_like(result):
            hint = "; for auxiliary data beside it, say has_aux=True" * isinstance(result, tuple)
            raise TypeError(f"{self.name}: f must return a number, not {kind_of(result)}{hint}")
        if np.shape(result):
            raise ValueError(
                f"{self.name}: f must return a number, not an array of shape {np.shape(result)};"
                " reduce it with .sum() or .mean(), or use jacobian"
            )
        return result

    def results(self) -> list[Any]:
        """The leaves of the result; TypeError if one of them is no number or array."""
        found = leaves(self.result)
        for x in found:
            if not is_number_like(x):
                raise TypeError(f"{self.name}: f must return numbers or arrays, not {kind_of(x)}")
        return found

    def vector(self) -> tuple[Any, Callable[[Any], Any]]:
        """The result as one node, and the function that gives its like the containers again."""
        found = [_as_float(x) for x in self.results()]
        joined = rebuild(self.result, found)
        return (joined, lambda vector: vector) if alone(joined, found) else flatten(joined)

    def outward(self, x: Any, *, free: bool = False) -> Any:
        """`x` for the caller: a Value only where it depends on outer ones, else its plain data.

        `free` says that it is known to depend on none.
        """
        if type(x) is not Value:
            return x
        free = free or self.silent or not any(map(self._is_outer, results_first(x)))
        return owned(x.data, x.data) if free else x

    def end(self) -> None:
        """Make the leaves constants for all other calls; theirs may be younger or older."""
        for node in self.nodes:
            node.forget_birth()

    def pull(self, root: Any, seed: Any = None) -> list[Any]:
        """The gradient of `root` with respect to each node."""
        silent = self.silent or setting("silenced")
        if silent and type(seed) is Value:
            seed = seed.data
        if type(root) is Value and (silent or not (self.nested or type(seed) is Value)):
            table = pulled(root, seed)
            if silent or not any(map(self._is_outer, table)):
                zipped = zip(self.nodes, self.plain, strict=True)
                return [owned(table[v] if v in table else np.zeros_like(x), x) for v, x in zipped]
            self.nested = True
        return pull_recorded(root, self.nodes, self.plain, seed)

    def like_arguments(self, found: Sequence[Any]) -> Any:
        """One of `found` in the place of each node, in the containers of the arguments."""
        trees = rebuild(self.arguments, found)
        return trees[0] if self.one else tuple(trees)


def pull_recorded(root: Any, nodes: Sequence[Value], plain: Sequence[Any], seed: Any) -> list[Any]:
    """Gradients that can be differentiated again; those that depend on nothing are plain."""
    if type(root) is not Value:
        return [owned(np.zeros_like(x), x) for x in plain]
    order = results_first(root, stop=frozenset(nodes))  # none of them lies behind another
    found = recorded_gradients(root, nodes, seed, order)
    return [g if type(g) is Value else owned(g, x) for g, x in zip(found, plain, strict=True)]


def alone(tree: Any, found: Sequence[Any]) -> bool:
    """Whether the tree is its only leaf."""
    return len(found) == 1 and found[0] is tree


def recording() -> AbstractContextManager[None]:
    """Derivatives are recorded inside no_grad too; only what they give is plain there."""
    return Block(silenced=False) if setting("silenced") else nullcontext()


def is_number_like(x: Any) -> bool:
    """Whether `x` is a Value, or a plain number or array of real numbers."""
    if type(x) is Value or isinstance(x, StandIn):
        return True
    return (
        not isinstance(x, bool)
        and isinstance(x, int | float | np.floating | np.integer | np.ndarray)
        and np.asarray(x).dtype.kind in "fiu"
    )


def _as_float(x: Any) -> Any:
    """A result as it is, but integers as floats: so is its derivative."""
    return x if getattr(x, "dtype", np.dtype(type(x))).kind == "f" else np.asarray(x, float)[()]


def kind_of(x: Any) -> str:
    """What `x` is, for an error."""
    if isinstance(x, np.ndarray):
        return f"an array of {x.dtype}"
    return "None" if x is None else f"a {type(x).__name__}"


def positions(name: str, argnums: Argnums, n: int) -> list[int]:
    """The arguments to differentiate by, counted from 0; all `n` of them for None."""
    if argnums is None:
        return list(range(n))
    given: list[Any] = list(argnums) if isinstance(argnums, list | tuple) else [argnums]
    for i in given:
        if not isinstance(i, int) or isinstance(i, bool):
            raise TypeError(f"{name}: argnums is a whole number or a tuple of them, not {i!r}")
        if not -n <= i < n:
            raise ValueError(
                f"{name}: argnums {i} is out of range for a call with {n} positional argument(s)"
            )
    chosen = [i % n for i in given]
    if len(set(chosen)) < len(chosen):
        raise ValueError(f"{name}: argnums {tuple(given)} names an argument twice")
    return chosen
