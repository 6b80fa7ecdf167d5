"""Value: a number or an array that remembers how it was computed, and its backward pass.

This file knows what a node holds, hands out and refuses. Of an op it asks for `name`, `symbol`,
`arity` and the like; it must not know how an op runs, nor any particular one.
"""

import itertools
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, final

import numpy as np

from autograd_mini.backprop import add_shares, pull_back, results_first
from autograd_mini.data import ndarray, own, read_only
from autograd_mini.dispatch import dispatch, dispatch_ufunc
from autograd_mini.pull import pull, shares_recorded

_F32, _F64 = np.dtype(np.float32), np.dtype(np.float64)
_write_lock = threading.RLock()
_births = itertools.count()


# ---------------------------------------------------------------------------------- recording
class Watch(Protocol):
    """What debug mode looks at, in the thread that asked for it."""

    def made(self, node: "Value") -> None:
        """Look at a new node."""

    def pull(self, node: "Value", g: Any, gradients: "dict[Value, Any]") -> None:
        """Pull `g` back through the node, and look at it and at the shares."""


class _ThisThread(threading.local):
    silenced = False
    watch: Watch | None = None


this_thread = _ThisThread()
_unusual = 0  # open no_grad and debug blocks in all threads: while it is 0, nobody need ask theirs


@contextmanager
def unusual(**settings: Any) -> Iterator[None]:
    """Give this thread other settings for the length of a block."""
    global _unusual
    before = {key: getattr(this_thread, key) for key in settings}
    with _write_lock:
        _unusual += 1
    try:
        for key, setting in settings.items():
            setattr(this_thread, key, setting)
        yield
    finally:
        for key, setting in before.items():
            setattr(this_thread, key, setting)
        with _write_lock:
            _unusual -= 1


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute without recording: results inside the block are leaves. Per thread, nestable.

    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.args
    ()
    """
    with unusual(silenced=True):
        yield


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

    __slots__ = (  # few objects a node: the collector walks each of them
        *("_out", "_grad", "_handed", "_a", "_b", "_x", "_y", "name", "op"),
        "_trace",  # set in debug mode only
        "__weakref__",
    )
    _out: Any
    _grad: Any
    _handed: Any
    _a: Any
    _b: Any
    _x: Any
    _y: Any
    _trace: Any
    op: Any
    name: str

    def __init__(self, data: Any, name: str = "") -> None:
        self._out = data if type(data) is float else own(data)
        self._grad = self._handed = None
        self.name = name
        self._make_leaf()

    def _make_leaf(self) -> None:
        self.op = self._x = self._y = self._a = None
        self._b = next(_births)

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
        return read_only(self._out)

    @data.setter
    def data(self, new: Any) -> None:
        if self.op is not None:
            raise TypeError(
                f"the data of a computed Value ({self.op.name}) cannot be replaced;"
                " v.detach() gives a leaf"
            )
        old = self._out
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
        self._out = new

    @property
    def grad(self) -> Any:
        """The gradient so far: None before the first `backward()`, else a number or array.

        The array is the caller's to write: no other gradient, result or argument shares it, and
        a later `backward()` leaves it as it is and puts the sum in a new one.
        """
        if self._grad is not self._handed:
            with _write_lock:
                kept = self._grad
                self._grad = self._handed = (
                    np.array(kept) if isinstance(self._out, ndarray) else kept
                )
        return self._grad

    @grad.setter
    def grad(self, new: Any) -> None:
        if new is not None and new is not self._handed:
            new = own(new)
            if np.shape(new) != np.shape(self._out):
                raise ValueError(
                    f"a gradient of shape {np.shape(new)} does not fit data of"
                    f" shape {np.shape(self._out)}"
                )
            if isinstance(new, ndarray):
                new = np.asarray(new, self.dtype)
        self._grad = self._handed = new

    def item(self) -> float:
        """The number in a Value of one element, as a Python float."""
        if np.size(self._out) != 1:
            raise ValueError(
                f"item() needs exactly one element, not shape {self.shape}; use .data"
            )
        return float(self._out if type(self._out) is float else self._out.item())

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
            return (self._a, self._b)
        return self._a if op.wide else (self._a,)

    @property
    def raw(self) -> tuple[Any, ...]:
        """The plain numbers and arrays that the op saw, constants included; () for a leaf."""
        op = self.op
        if op is None:
            return ()
        if op.binary:
            return (self._x, self._y)
        return self._x if op.wide else (self._x,)

    @property
    def born(self) -> int:
        """A leaf's serial number: leaves that are made later have larger ones; -1 if computed."""
        return self._b if self.op is None else -1

    @property
    def keywords(self) -> dict[str, Any]:
        """The keywords that the op was called with, such as axis."""
        return (self._b or {}) if self.op is not None and self.op.wide else {}

    def detach(self) -> "Value":
        """A leaf with the same data and name, and no graph behind it."""
        leaf = _new(Value)
        leaf._out, leaf.name = self._out, self.name
        leaf._grad = leaf._handed = None
        leaf._make_leaf()
        return leaf

    def peek(self) -> tuple[Any, Any]:
        """Data and gradient themselves, without copies: for optimizers. Do not write them."""
        return self._out, self._grad

    def replace(self, new: Any) -> None:
        """As `v.data = new`, without its checks and copy: for optimizers, which make new arrays.

        `new` has the shape and dtype of the data, and nobody else keeps it.
        """
        self._out = new

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
        gradients = gradient_table(self, seed)
        with _write_lock:
            for v, g in gradients.items():  # all sums first: one that fails changes nothing
                if v._grad is not None:
                    gradients[v] = v._grad + g
            for v, g in gradients.items():
                v._grad = g

    # -- NumPy's protocols
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        return dispatch_ufunc(ufunc, method, inputs, keywords)

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        return dispatch(function, args, keywords)

    def __array__(self, *args: Any, **keywords: Any) -> Any:
        raise TypeError(
            "turning a Value into an array would lose its graph; use v.data for the numbers,"
            " or np.stack([...]) to join Values"
        )

    def __float__(self) -> float:
        raise TypeError(
            "turning a Value into a number would lose its graph; use v.item() for the number,"
            " or the NumPy function (np.exp(v), not math.exp(v))"
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
        return bool(self._out)

    __hash__ = object.__hash__

    # -- copies and text
    def __deepcopy__(self, memo: dict[int, Any]) -> "Value":
        for node in reversed(results_first(self)):  # data never change, so copies may share them
            if id(node) not in memo:
                twin = node.detach()
                twin._grad = (
                    np.array(node._grad) if isinstance(node._grad, ndarray) else node._grad
                )
                twin.op, twin._x, twin._y = node.op, node._x, node._y
                copies = [arg if arg is None else memo[id(arg)] for arg in node.args]
                if node.op is not None:
                    wide = node.op.wide
                    twin._a, twin._b = (tuple(copies), node._b) if wide else (*copies, None)[:2]

                memo[id(node)] = twin
        return memo[id(self)]  # type: ignore[no-any-return]

    def __reduce__(self) -> Any:
        if self.op is not None:
            raise TypeError("a computed Value cannot be pickled with its graph; use v.detach()")
        return (Value, (self._out, self.name))

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
        def __radd__(self, other: Any) -> "Value": ...
        def __sub__(self, other: Any) -> "Value": ...
        def __rsub__(self, other: Any) -> "Value": ...
        def __mul__(self, other: Any) -> "Value": ...
        def __rmul__(self, other: Any) -> "Value": ...
        def __truediv__(self, other: Any) -> "Value": ...
        def __rtruediv__(self, other: Any) -> "Value": ...
        def __pow__(self, other: Any) -> "Value": ...
        def __rpow__(self, other: Any) -> "Value": ...
        def __matmul__(self, other: Any) -> "Value": ...
        def __rmatmul__(self, other: Any) -> "Value": ...
        def __mod__(self, other: Any) -> "Value": ...
        def __rmod__(self, other: Any) -> "Value": ...
        def __floordiv__(self, other: Any) -> "Value": ...
        def __rfloordiv__(self, other: Any) -> "Value": ...
        def __neg__(self) -> "Value": ...
        def __abs__(self) -> "Value": ...
        def __getitem__(self, index: Any) -> "Value": ...
        def __lt__(self, other: Any) -> Any: ...
        def __le__(self, other: Any) -> Any: ...
        def __gt__(self, other: Any) -> Any: ...
        def __ge__(self, other: Any) -> Any: ...
        def __getattr__(self, name: str) -> Any: ...


_new = Value.__new__


def record(op: Any, out: Any, a: Any, b: Any, x: Any, y: Any) -> Value:
    """The Value of `out`, from the args `a` and `b` and their plain data `x` and `y`.

    Of a wide op, `a` and `x` are tuples of all of them, and `b` is its keywords. Raises TypeError
    for a result that is not of floating point.
    """
    if type(out) is not float:
        dtype = getattr(out, "dtype", None)
        if dtype is not _F32 and dtype is not _F64:
            if getattr(dtype, "kind", "") != "f":
                what = f"{type(out).__name__}{f' of {dtype}' if dtype else ''}"
                raise TypeError(
                    f"{op.name}: the result is {what}, which has no derivative;"
                    " give real numbers, and use v.data outside the graph"
                )
        elif type(x) is float and (y is None or type(y) in (float, int)):
            out = float(out)  # numbers stay Python numbers: graphs of scalars are quick
    node = _new(Value)
    node._out = out
    node._grad = node._handed = None
    node.name = ""
    node.op = op
    node._a = a
    node._b = b
    node._x = x
    node._y = y
    if _unusual:
        if this_thread.watch is not None:
            this_thread.watch.made(node)
        if this_thread.silenced:
            node._make_leaf()
    return node


def _seed(root: Value, seed: Any) -> Any:
    data = root._out
    if seed is None:
        if type(data) is float:
            return 1.0
        if data.ndim:
            raise ValueError(
                f"backward() of a result of shape {root.shape} needs a seed of that shape;"
                " or reduce it to a number first, with .sum() or .mean()"
            )
        return data.dtype.type(1)
    seed = own(seed)
    if np.shape(seed) != root.shape:
        raise ValueError(
            f"the seed has shape {np.shape(seed)}, the result has shape {root.shape};"
            " they must be equal"
        )
    return float(seed) if type(data) is float else np.asarray(seed, data.dtype)[()]


_silent = np.errstate(all="ignore")  # at a singular point, or where 0 times inf is then set to 0


@_silent
def gradient_table(root: Value, seed: Any = None) -> dict[Value, Any]:
    """Gradients of `root` with respect to every Value behind it, as plain numbers and arrays.

    `.grad` is neither read nor written. The arrays may share memory: read them only.

    >>> x = Value(3.0)
    >>> gradient_table(x * x)[x]
    6.0
    """
    step = this_thread.watch.pull if _unusual and this_thread.watch is not None else pull
    return pull_back(results_first(root), _seed(root, seed), step)


@_silent
def gradients(root: Value, wrt: Sequence[Value], seed: Any = None) -> list[Any]:
    """Gradients of `root` with respect to each of `wrt`, to be differentiated again.

    They are Values; `.grad` is neither read nor written. Where `root` does not depend on one of
    `wrt`, its gradient is a zero of its shape. `seed` may be a Value.

    >>> x = Value(3.0)
    >>> (dy,) = gradients(x**3, [x])
    >>> (ddy,) = gradients(dy, [x])
    >>> dy.item(), ddy.item()
    (27.0, 18.0)
    """
    if type(seed) is not Value:
        seed = _seed(root, seed)
    wanted = set(wrt)
    order = results_first(root, stop=frozenset(wrt))
    for node in reversed(order):
        if any(arg in wanted for arg in node.args):
            wanted.add(node)

    def pull_wanted(node: Value, g: Any, gradients: dict[Value, Any]) -> None:
        add_shares(shares_recorded(node, g, wanted), gradients)

    table = pull_back(order, seed, pull_wanted)
    return [table.get(v, np.zeros_like(v._out)) for v in wrt]
