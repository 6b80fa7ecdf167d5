"""Value: a number or an array that remembers how it was computed, and its backward pass.

This file knows what a node holds, hands out and refuses. Of an op it asks for `name`, `symbol`,
`arity` and the like; it must not know how an op runs, nor any particular one.
"""

import itertools
import os
import sys
import threading
from collections.abc import Sequence
from typing import Any, Protocol, final

import numpy as np

from autograd_mini.engine.arrays import Array, ndarray, own, read_only
from autograd_mini.engine.backward import pulled
from autograd_mini.engine.modes import Block, blocks, setting
from autograd_mini.engine.surface import Surface

_write_lock = threading.RLock()
_births = itertools.count()


_OF_THE_ENGINE = frozenset(
    ("as_argument", "born", "forget_birth", "is_alone", "is_argument", "peek", "replace", "twin")
)
"""What no user of a Value needs, so that editors do not offer it."""
ARGUMENT = object()
"""In the slot `_raw2` of what a running derivative is taken by."""


def _new_lock() -> None:
    global _write_lock
    _write_lock = threading.RLock()


if hasattr(os, "register_at_fork"):  # whoever held the lock is not there in a forked process
    os.register_at_fork(after_in_child=_new_lock)


# ---------------------------------------------------------------------------------- recording
class Watch(Protocol):
    """What looks at all that this thread records: debug mode, or `compile` while it records."""

    def of(self, v: "Value") -> Any:
        """What holds the data and gradient of `v` for this thread: `v` itself, or a stand-in."""

    def made(self, node: "Value") -> None:
        """Look at a new node or leaf."""

    def pull(self, node: "Value", g: Array, gradients: "dict[Value, Any]") -> None:
        """Pull `g` back through the node, and look at it and at the shares."""


def no_grad() -> Block:
    """Compute without recording: results inside the block are leaves. Nestable.

    It holds for this thread and this asyncio task alone. A generator that pauses inside the block
    leaves it open for whoever runs meanwhile. As a decorator, `@no_grad()`, it encloses each call
    of a function.

    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.args
    ()
    """
    return Block(silenced=True)


def here(v: "Value") -> Any:
    """What holds `_out`, `_grad` and `_given` of `v` for this thread: see `Watch.of`."""
    watch = setting("watch") if blocks else None
    return v if watch is None else watch.of(v)


# ---------------------------------------------------------------------------------------- Value
@final
class Value(Surface):
    """A number or an array that remembers how it was computed.

    `data` is a number or an array of real numbers; integers become float64, other floating
    dtypes are kept. An array is copied, so later changes to the caller's do not reach the graph.
    Operators, methods and NumPy functions of Values give Values; `backward()` on a result adds
    d(result)/d(value) to `.grad` of every Value behind it.

    Raises TypeError for complex, boolean, masked, ragged, text and object data.

    >>> a, b = Value(-4.0, name="a"), Value(2.0, name="b")
    >>> c = (a * b + b**3).relu() + a / b
    >>> c.backward()
    >>> c.data, a.grad, b.grad
    (-2.0, 0.5, 1.0)
    """

    __pandas_priority__ = 5000  # more than a table's: `series * v` is then ours

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if name not in _OF_THE_ENGINE]

    # What a node keeps, in few objects, for the collector walks each of them. Two args have slots
    # of their own; of a wide op (more arrays, keywords, a rule missing) all stand in one tuple.
    #
    #            a leaf                 one array    two arrays     a wide op
    #   _arg     None                   its arg      the first      a tuple of all
    #   _arg2    its serial number      None         the second     the keywords
    #   _raw     None                   plain data   of the first   a tuple of all
    #   _raw2    whether its memory is  None         of the second  None
    #            nobody else's
    #
    # args, raw, keywords, born, is_argument and is_alone read them; beside this file only
    # `unrolled` does, for speed.
    # In `_raw2` of what a running derivative is taken by stands ARGUMENT. What stands for a Value
    # while a function is recorded has the first three of the slots, see `Watch.of`:
    __slots__ = (
        "_out",  # the number or array
        "_grad",  # the gradient so far, which nobody may write into
        "_given",  # the same where the user has been given it and may write
        *("_arg", "_arg2", "_raw", "_raw2", "op", "name"),
        "_trace",  # set in debug mode only
        "__weakref__",
    )
    _out: Any
    _grad: Any
    _given: Any
    _arg: Any
    _arg2: Any
    _raw: Any
    _raw2: Any
    _trace: Any
    op: Any
    """The `Op` that computed it; None for a leaf."""
    name: str
    """What pictures and texts call it; "" for no name."""

    def __init__(self, data: Array, name: str = "") -> None:
        self._out = data if type(data) is float else own(data)
        self._grad = self._given = None
        if not isinstance(name, str):
            raise TypeError(f"the name of a Value is text, not {type(name).__name__}")
        self.name = name
        self._make_leaf()

    def _make_leaf(self, fresh: bool = False) -> None:
        self.op = self._raw = self._arg = None
        self._raw2 = fresh  # a result of no_grad in memory of its own, which nobody else can see
        self._arg2 = next(_births)
        if blocks and (watch := setting("watch")) is not None:
            watch.made(self)

    def __init_subclass__(cls) -> None:
        raise TypeError("Value cannot be subclassed: keep one as a field instead")

    # -- what it holds
    @property
    def data(self) -> Any:
        """The number, or a read-only view of the array. Rebinding keeps shape and dtype.

        >>> w = Value([1.0, 2.0])
        >>> w.data -= 0.5
        >>> w.data.tolist()
        [0.5, 1.5]
        """
        return read_only(here(self)._out if blocks else self._out)

    @data.setter
    def data(self, new: Any) -> None:
        if self.op is not None:
            raise TypeError(
                f"the data of a computed Value ({self.op.name}) cannot be replaced;"
                " v.detach() gives a leaf"
            )
        held = here(self) if blocks else self
        old = held._out
        if type(new) is not float or type(old) is not float:
            new = own(new)
            if np.shape(new) != np.shape(old):
                raise ValueError(
                    f"data of shape {np.shape(new)} cannot replace data of shape {np.shape(old)};"
                    " make a new Value"
                )
            if type(old) is float:
                new = float(new)
            elif not hasattr(new, "dtype") or new.dtype != old.dtype:
                new = np.asarray(new, old.dtype)
        held._out = new

    @property
    def grad(self) -> Any:
        """The gradient so far: None before the first `backward()`, else a number or array.

        The array is the caller's to write: no other gradient, result or argument shares it, and
        a later `backward()` leaves it as it is and puts the sum in a new one.
        """
        held = here(self) if blocks else self
        if held._grad is not held._given:
            with _write_lock:
                kept = held._grad
                held._grad = held._given = (
                    np.array(kept) if isinstance(held._out, ndarray) else kept
                )
        return held._grad

    @grad.setter
    def grad(self, new: Any) -> None:
        held = here(self) if blocks else self
        if new is not None and new is not held._given:
            new = own(new)
            if np.shape(new) != self.shape:
                raise ValueError(
                    f"a gradient of shape {np.shape(new)} does not fit data of shape {self.shape}"
                )
            if isinstance(new, ndarray):
                new = np.asarray(new, self.dtype)
        held._grad = held._given = new

    @property
    def args(self) -> "tuple[Value | None, ...]":
        """The Values that went into the op, in order, with None for a constant; () for a leaf."""
        op = self.op
        if op is None:
            return ()
        if op.binary:
            return (self._arg, self._arg2)
        return self._arg if op.wide else (self._arg,)

    @property
    def raw(self) -> tuple[Any, ...]:
        """The plain numbers and arrays that the op saw, constants included; () for a leaf."""
        op = self.op
        if op is None:
            return ()
        if op.binary:
            return (self._raw, self._raw2)
        return self._raw if op.wide else (self._raw,)

    @property
    def born(self) -> int:
        """A leaf's serial number: leaves that are made later have larger ones; -1 if computed."""
        return self._arg2 if self.op is None else -1

    @property
    def is_argument(self) -> bool:
        """Whether a running derivative is taken by this node."""
        return self._raw2 is ARGUMENT

    @property
    def is_alone(self) -> bool:
        """Whether this is a leaf whose memory nobody else can see."""
        return self.op is None and self._raw2 is True

    def as_argument(self) -> "Value":
        """The Value itself, marked as what a running derivative is taken by."""
        self._raw2 = ARGUMENT
        return self

    def forget_birth(self) -> None:
        """Make a leaf younger than all others: a constant for every derivative."""
        if self.op is None:
            self._arg2 = sys.maxsize

    @property
    def keywords(self) -> dict[str, Any]:
        """The keywords that the op was called with, such as axis."""
        return (self._arg2 or {}) if self.op is not None and self.op.wide else {}

    def detach(self) -> "Value":
        """A leaf with the same data and name, and no graph behind it."""
        leaf = _new(Value)
        leaf._out, leaf.name = here(self)._out, self.name
        leaf._grad = leaf._given = None
        leaf._make_leaf()
        return leaf

    def twin(self, args: "Sequence[Value | None]") -> "Value":
        """The same data, name, gradient and way of computing, from `args` like its own."""
        if self.is_argument:
            raise TypeError(
                "a copy of an argument, inside the function that is differentiated by it, would be"
                " a constant; use np.copy(x)"
            )
        twin, op = self.detach(), self.op
        twin._grad = np.array(self._grad) if isinstance(self._grad, ndarray) else self._grad
        twin._raw2 = self._raw2
        if op is not None:
            twin.op, twin._raw = op, self._raw
            twin._arg, twin._arg2 = (tuple(args), self._arg2) if op.wide else (*args, None)[:2]
        return twin

    def peek(self) -> tuple[Any, Any]:
        """Data and gradient themselves, without copies: for optimizers. Do not write them."""
        held = here(self) if blocks else self
        return held._out, held._grad

    def replace(self, new: Any) -> None:
        """As `v.data = new`, without its checks and copy: for optimizers, which make new arrays.

        `new` has the shape and dtype of the data, and nobody else keeps it.
        """
        held = here(self) if blocks else self
        held._out = new

    # -- backward
    def backward(self, seed: Array = None) -> None:
        """Add the gradient of this Value to `.grad` of every Value it was computed from.

        A result of no axes needs no seed. Any other needs one of exactly its shape: the gradient
        of whatever comes after it (the `vector` of a vector-Jacobian product). Nothing changes if
        a rule raises on the way. Calling it again adds the same gradient again.

        Raises ValueError for a seed that is missing or of another shape.

        >>> x = Value([1.0, 2.0, 3.0])
        >>> (x * x).sum().backward()
        >>> x.grad.tolist()
        [2.0, 4.0, 6.0]
        """
        gradients: dict[Any, Any] = pulled(self, seed)
        if blocks:
            gradients = {here(v): g for v, g in gradients.items()}
        before: list[tuple[Any, Any]] = []
        with _write_lock:
            try:
                for v, g in gradients.items():
                    old = v._grad
                    if old is not None:
                        g = old + g
                        before.append((v, old))
                    v._grad = g
            except BaseException:  # one that fails, or is interrupted, changes nothing
                for v, g in gradients.items():
                    if v._grad is g:
                        v._grad = None
                for v, old in before:
                    v._grad = old
                raise


_new = Value.__new__


def record(op: Any, out: Array, a: Any, b: Any, x: Array, y: Array) -> Value:
    """The Value of `out`, from the args `a` and `b` and their plain data `x` and `y`.

    Of a wide op, `a` and `x` are tuples of all of them, and `b` is its keywords. Raises TypeError
    for a result that is not of floating point.
    """
    kind = type(out)
    if kind is not float:
        if (kind is not ndarray and kind is not np.float64) or out.dtype.char not in "df":
            _check_result(op, out)
        if type(x) is float and (y is None or type(y) in (float, int)):
            out = float(out)  # numbers stay Python numbers: graphs of scalars are quick
    node = _new(Value)
    node._out = out
    node._grad = node._given = None
    node.name = ""
    node.op = op
    node._arg = a
    node._arg2 = b
    node._raw = x
    node._raw2 = y
    return node


def _check_result(op: Any, out: Array) -> None:
    dtype = getattr(out, "dtype", None)
    if getattr(dtype, "kind", "") != "f":
        what = f"{type(out).__name__}{f' of {dtype}' if dtype else ''}"
        raise TypeError(
            f"{op.name}: the result is {what}, which has no derivative;"
            " give real numbers, and use v.data outside the graph"
        )


def marked(node: Value) -> Value:
    """A new node, as the open blocks of this thread want it: looked at, or without its graph."""
    watch = setting("watch")
    if watch is not None:
        watch.made(node)
    if setting("silenced"):
        out = node._out
        node._make_leaf(
            type(out) is ndarray and out.base is None and all(out is not x for x in node.raw)
        )
    return node
