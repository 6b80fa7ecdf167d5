"""Value: a number or an array that remembers how it was computed, and its backward pass.

This file knows what a node holds, hands out and refuses. Of an op it asks for `name`, `symbol`,
`arity` and the like; it must not know how an op runs, nor any particular one.
"""

import itertools
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, final

import numpy as np

from autograd_mini.engine.arrays import ndarray, own, read_only, shares_memory
from autograd_mini.engine.backprop import results_first
from autograd_mini.engine.backward import pulled
from autograd_mini.engine.modes import Block, blocks, setting
from autograd_mini.engine.numpy_calls import dispatch, dispatch_ufunc, instead_of
from autograd_mini.engine.users_line import library_call

_write_lock = threading.RLock()
_births = itertools.count()


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

    def pull(self, node: "Value", g: Any, gradients: "dict[Value, Any]") -> None:
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
    """What holds `_out`, `_grad` and `_handed` of `v` for this thread: see `Watch.of`."""
    watch = setting("watch") if blocks else None
    return v if watch is None else watch.of(v)


# ---------------------------------------------------------------------------------------- Value
@final
class Value:
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
    # args, raw, keywords and born read them; beside this file only `unrolled` does, for speed.
    # In `_raw2` of what a running derivative is taken by stands ARGUMENT. What stands for a Value
    # while a function is recorded has the first three of the slots, see `Watch.of`:
    __slots__ = (
        "_out",  # the number or array
        "_grad",  # the gradient so far, which nobody may write into
        "_handed",  # the same where the user has been given it and may write
        *("_arg", "_arg2", "_raw", "_raw2", "op", "name"),
        "_trace",  # set in debug mode only
        "__weakref__",
    )
    _out: Any
    _grad: Any
    _handed: Any
    _arg: Any
    _arg2: Any
    _raw: Any
    _raw2: Any
    _trace: Any
    op: Any
    name: str

    def __init__(self, data: Any, name: str = "") -> None:
        self._out = data if type(data) is float else own(data)
        self._grad = self._handed = None
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
        if held._grad is not held._handed:
            with _write_lock:
                kept = held._grad
                held._grad = held._handed = (
                    np.array(kept) if isinstance(held._out, ndarray) else kept
                )
        return held._grad

    @grad.setter
    def grad(self, new: Any) -> None:
        held = here(self) if blocks else self
        if new is not None and new is not held._handed:
            new = own(new)
            if np.shape(new) != self.shape:
                raise ValueError(
                    f"a gradient of shape {np.shape(new)} does not fit data of shape {self.shape}"
                )
            if isinstance(new, ndarray):
                new = np.asarray(new, self.dtype)
        held._grad = held._handed = new

    def item(self) -> float:
        """The number in a Value of one element, as a Python float."""
        if np.size(self._out) != 1:
            raise ValueError(
                f"item() needs exactly one element, not shape {self.shape}; use .data"
            )
        out = here(self)._out
        return float(out if type(out) is float else out.item())

    def tolist(self) -> Any:
        """The number, or the numbers of the array in nested lists."""
        return self._out if type(self._out) is float else self._out.tolist()

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
        leaf._grad = leaf._handed = None
        leaf._make_leaf()
        return leaf

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

    def seen_elsewhere(self, out: Any) -> bool:
        """Whether the memory of `out`, its data, has other names: a leaf's, or that of a view."""
        if self.op is None:
            return self._raw2 is not True and shares_memory(out, (out,))
        if self._raw2 is ARGUMENT:
            return True
        watch: Any = setting("watch") if blocks else None
        mine = getattr(watch, "mine", ())  # a recording holds each of its Values once more
        args, raw = self.args, self.raw
        for i in range(len(args)):
            if shares_memory(out, (raw[i],)):
                ours = _holders((_Nobody(),), 0) + (not self.op.wide) + (args[i] in mine)
                arg = args[i]
                if arg is None or _holders(args, i) > ours + 1:
                    return True
                if arg.seen_elsewhere(here(arg)._out):
                    return True
        return False

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes; () for a number."""
        data = self._out
        return () if type(data) is float else data.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return np.ndim(self._out)

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.size(self._out))

    @property
    def nbytes(self) -> int:
        """How many bytes the elements take."""
        return self.size * self.dtype.itemsize

    @property
    def dtype(self) -> "np.dtype[Any]":
        """NumPy dtype of the data; float64 for a Python number."""
        return np.dtype(float) if type(self._out) is float else self._out.dtype

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a Value of no axes has no len()")
        return self.shape[0]

    def __iter__(self) -> "Iterator[Value]":
        return (self[i] for i in range(len(self)))

    # -- backward
    def backward(self, seed: Any = None) -> None:
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

    # -- NumPy's protocols
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        return dispatch_ufunc(ufunc, method, inputs, keywords)

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        return dispatch(function, args, keywords)

    def __array__(self, *args: Any, **keywords: Any) -> Any:
        name = library_call()
        if name:
            raise TypeError(
                f"{name} turns a Value into an array, which would lose its graph{instead_of(name)}"
            )
        raise TypeError(
            "turning a Value into an array would lose its graph; use v.data for the numbers,"
            " np.stack([...]) to join Values, A @ v in place of A.dot(v), or, to fill an array,"
            " z = Value(z).at[index].set(v)"
        )

    def __float__(self) -> float:
        raise TypeError(
            "turning a Value into a number would lose its graph; use v.item() for the number,"
            " the NumPy function (np.exp(v), not math.exp(v)), or, to fill an array,"
            " z = Value(z).at[index].set(v) or np.stack of a list"
        )

    __int__ = __index__ = __complex__ = __float__

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError("what is recorded cannot change; use y = x.at[index].set(value)")

    def __bool__(self) -> bool:
        if self.size != 1:
            raise TypeError(
                f"the truth of a Value of shape {self.shape} is ambiguous; compare it, or use"
                " np.where(condition, x, y)"
            )
        return bool(here(self)._out)

    __hash__ = object.__hash__

    # -- copies and text
    def _twin(self) -> "Value":
        """A leaf with the same data and name, and a gradient of its own that is equal."""
        if self._raw2 is ARGUMENT:
            raise TypeError(
                "a copy of an argument, inside the function that is differentiated by it, would be"
                " a constant; use np.copy(x)"
            )
        twin = self.detach()
        twin._grad = np.array(self._grad) if isinstance(self._grad, ndarray) else self._grad
        return twin

    def __copy__(self) -> "Value":
        twin = self._twin()
        if self.op is not None:
            twin.op, twin._arg, twin._arg2 = self.op, self._arg, self._arg2
            twin._raw, twin._raw2 = self._raw, self._raw2
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> "Value":
        for node in reversed(results_first(self)):  # data never change, so copies may share them
            if id(node) not in memo:
                twin = node._twin()
                twin.op, twin._raw, twin._raw2 = node.op, node._raw, node._raw2
                copies = [arg if arg is None else memo[id(arg)] for arg in node.args]
                if node.op is not None:
                    wide = node.op.wide
                    twin._arg, twin._arg2 = (
                        (tuple(copies), node._arg2) if wide else (*copies, None)[:2]
                    )

                memo[id(node)] = twin
        return memo[id(self)]  # type: ignore[no-any-return]

    def __reduce__(self) -> Any:
        """Pickle data and name: neither a graph, whose ops may be anybody's, nor `.grad`."""
        if self.op is not None:
            raise TypeError("a computed Value cannot be pickled with its graph; use v.detach()")
        return (Value, (self._out, str(self.name or "")))

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else repr(self)

    def __repr__(self) -> str:
        data = self._out
        text = (
            repr(data)
            if type(data) is float
            else np.array2string(np.asarray(data), threshold=20, separator=", ", prefix="Value(")
        )
        parts = [text]
        if type(data) is not float and data.dtype != np.float64:
            parts.append(f"dtype={data.dtype}")
        if self.name:
            parts.append(f"name={self.name!r}")
        if self.op is not None:
            parts.append(
                f"op={self.op.symbol!r}{' (declared derivative)' * bool(self.op.declared)}"
            )
        return f"Value({', '.join(parts)})"

    if TYPE_CHECKING:  # operators and methods are attached by the ops that declare them

        def __add__(self, other: Any) -> "Value": ...
        def __neg__(self) -> "Value": ...
        def __lt__(self, other: Any) -> Any: ...

        __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __add__
        __pow__ = __rpow__ = __matmul__ = __rmatmul__ = __mod__ = __rmod__ = __add__
        __floordiv__ = __rfloordiv__ = __getitem__ = __add__
        __abs__ = __neg__
        __le__ = __gt__ = __ge__ = __lt__

        def __getattr__(self, name: str) -> Any: ...


_new = Value.__new__


class _Nobody:
    """Held by a tuple alone."""


def _holders(args: Any, i: int) -> int:
    """How many hold one of the args of a node."""
    return sys.getrefcount(args[i])


def record(op: Any, out: Any, a: Any, b: Any, x: Any, y: Any) -> Value:
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
    node._grad = node._handed = None
    node.name = ""
    node.op = op
    node._arg = a
    node._arg2 = b
    node._raw = x
    node._raw2 = y
    return node


def _check_result(op: Any, out: Any) -> None:
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


SIGNS = {
    **{"__add__": "+", "__sub__": "-", "__mul__": "*", "__truediv__": "/", "__pow__": "**"},
    **{"__floordiv__": "//", "__mod__": "%", "__matmul__": "@"},
}


def in_place(call: Callable[..., Any], sign: str) -> Callable[[Any, Any], Any]:
    """An operator such as `+=`: a new Value, where NumPy's way of writing would show nowhere else.

    NumPy writes into the array, so whoever sees its memory sees the change; a Value cannot do
    that, and must not compute something else.
    """

    def change(self: Value, other: Any) -> Any:
        out = here(self)._out if blocks else self._out
        if type(out) is not float and self.seen_elsewhere(out):
            raise TypeError(
                f"y {sign}= x changes y under all its names in NumPy, and here y of shape"
                f" {self.shape} is a leaf, an argument or a view, which cannot change;"
                f" write y = y {sign} x"
            )
        return call(self, other)

    return change
