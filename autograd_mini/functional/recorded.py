"""Gradients as tables and as Values, which can be differentiated again.

This file knows Values and the backward pass. It must not know `.grad`.
"""

import weakref
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd_mini.engine.backprop import pull_back, results_first
from autograd_mini.engine.backward import pulled, seed_of, silent
from autograd_mini.engine.guard import pull_guarded
from autograd_mini.engine.value import Value


class _Origins:
    """What gradients are of and by, while all of them live; by identity, since == compares."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[weakref.ref[Value], ...]] = {}

    def __contains__(self, slope: Value) -> bool:
        return bool(self.known) and self.of(slope) is not None

    def add(self, slope: Value, root: Value, v: Value) -> None:
        key = id(slope)
        own = weakref.ref(slope, lambda _: self.known.pop(key, None))
        self.known[key] = own, weakref.ref(root), weakref.ref(v)

    def of(self, slope: Value) -> tuple[Value, Value] | None:
        refs = self.known.get(id(slope), ())
        found = [ref() for ref in refs]
        if not found or found[0] is not slope or found[1] is None or found[2] is None:
            return None
        return found[1], found[2]


_ORIGINS = _Origins()


class Gradients(dict[Value, Any]):
    """Gradients by Value; of one that the root does not depend on there is none."""

    def __missing__(self, v: Any) -> Any:
        raise KeyError(f"the root does not depend on {v!r}, so it has no gradient here, or 0")


def gradient_table(root: Value, seed: Any = None) -> dict[Value, Any]:
    """Gradients of `root` with respect to every Value behind it, as plain numbers and arrays.

    `.grad` is neither read nor written. The arrays may share memory: read them only. Raises
    KeyError, with a sentence, for a Value that `root` does not depend on.

    >>> x = Value(3.0)
    >>> gradient_table(x * x)[x]
    6.0
    """
    return Gradients(pulled(root, seed))


def gradients(root: Value, wrt: Iterable[Value], seed: Any = None) -> list[Value]:
    """Gradients of `root` with respect to each of `wrt`, to be differentiated again.

    `wrt` are any Values, in any order, the root and intermediate results among them. `.grad` is
    neither read nor written. Where `root` does not depend on one of `wrt`, its gradient is a zero
    of its shape. `seed` may be a Value.

    Raises TypeError for what is no Value among `wrt`, and ValueError for a wrong seed.

    >>> x = Value(3.0)
    >>> y = x * x
    >>> dy, dx = gradients(y**2, [y, x])
    >>> (ddx,) = gradients(dx, [x])
    >>> dy.item(), dx.item(), ddx.item()
    (18.0, 108.0, 108.0)
    """
    wanted = _values(root, wrt)
    found = recorded_gradients(root, wanted, seed, results_first(root))
    slopes = [g if type(g) is Value else Value(g) for g in found]
    if root.name or root in _ORIGINS:  # pictures call gradients after what they are of
        for v, slope in zip(wanted, slopes, strict=True):
            _ORIGINS.add(slope, root, v)
    return slopes


def gradient_of(slope: Value) -> tuple[Value, Value] | None:
    """What `slope` is a gradient of, and by what, if it is known and both still live.

    It is known of what `gradients` made of a root with a name, and of gradients of such gradients.

    >>> x = Value(3.0)
    >>> y = x * x
    >>> y.name = "y"
    >>> (slope,) = gradients(y, [x])
    >>> gradient_of(slope) == (y, x), gradient_of(y)
    (True, None)
    """
    return _ORIGINS.of(slope)


@silent
def recorded_gradients(
    root: Value, wanted: Sequence[Value], seed: Any, order: Sequence[Value]
) -> list[Any]:
    """As `gradients`; those that depend on nothing are plain numbers or arrays.

    `order` are the nodes to visit: those behind `root`, or fewer.
    """
    if type(seed) is not Value:
        seed = seed_of(root, seed)
    reached, passing = set(wanted), set()
    for node in reversed(order):
        if any(arg in reached for arg in node.args):
            reached.add(node)
            passing.add(node)

    def pull_wanted(node: Value, g: Any, gradients: dict[Value, Any]) -> None:
        if node in passing:
            pull_guarded(node, g, gradients, reached)

    table = pull_back(order, seed, pull_wanted)
    return [table[v] if v in table else _zero(v._out) for v in wanted]


def _zero(like: Any) -> Any:
    return 0.0 if type(like) is float else np.zeros_like(like)


def _values(root: Any, wrt: Any) -> list[Value]:
    """List `wrt`; TypeError if it or the root is not what `gradients` takes."""
    if type(root) is not Value:
        raise TypeError(f"gradients: the root is a Value, not {type(root).__name__}")
    several = isinstance(wrt, Iterable) and not isinstance(wrt, Value | str | dict)
    wanted = list(wrt) if several else [wrt]
    for v in wanted:
        if type(v) is not Value or not several:
            raise TypeError(
                f"gradients: wrt is a list of Values, not {'a list with ' * several}"
                f"{type(v).__name__}; give [x], or use grad for a function of numbers and arrays"
            )
    return wanted
