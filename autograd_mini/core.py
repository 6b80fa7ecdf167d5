"""Value and Op: a number or array that remembers how it was computed, and one way of computing.

This file knows how a result is recorded and how a rule's share is fitted to the argument that it
belongs to. It must not know any particular op; those stand in `ops`.
"""

import functools
import inspect
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, final

import numpy as np

from autograd_mini.backprop import pull_back, results_first
from autograd_mini.data import PLAIN, constant, ndarray, own, read_only
from autograd_mini.dispatch import dispatch, dispatch_ufunc, functions

_F32, _F64 = np.dtype(np.float32), np.dtype(np.float64)
_write_lock = threading.RLock()


# ---------------------------------------------------------------------------------- recording
class Watch(Protocol):
    """What debug mode looks at, in the thread that asked for it."""

    def made(self, node: "Value") -> None:
        """Look at a new node."""

    def pull(self, node: "Value", g: Any) -> "Sequence[tuple[Value, Any]]":
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


# ------------------------------------------------------------------------------------------ Op
class Domain(NamedTuple):
    """Where an argument of an op is drawn when its declaration is tested.

    Numbers from `low` to `high` that keep `margin` away from each point in `away_from`, so that a
    finite difference never steps over a kink or out of the domain. With a `spacing`, they are
    `offset` plus whole multiples of it, so that arguments of different offsets never meet; with
    `distinct`, no two elements of one array are equal either, as the maximum of an array needs.
    """

    low: float = -3.0
    high: float = 3.0
    away_from: tuple[float, ...] = ()
    margin: float = 0.1
    spacing: float = 0.0
    offset: float = 0.0
    distinct: bool = False


REAL = Domain()
Rule = Callable[..., Any]


class Case(NamedTuple):
    """Keywords to test an op with, and the shapes of its arrays; () where any shapes will do."""

    shapes: tuple[tuple[int, ...], ...]
    keywords: Mapping[str, Any]


def case(*shapes: tuple[int, ...], **keywords: Any) -> Case:
    """A `Case`, written as a call.

    >>> case((2, 3), axis=1)
    Case(shapes=((2, 3),), keywords={'axis': 1})
    """
    return Case(shapes, keywords)


class Op:
    """One way of computing, and everything that is known about it.

    `forward(*arrays, **keywords)` is plain NumPy. `rules` has one function for each array:
    `rule(g, out, *arrays, **keywords)` gives that array's share of the gradient `g` of the result
    `out`, in the shape of the array or, where the forward broadcasts it, in the shape of the
    result. None stands for an array that has no derivative. Rules are written in NumPy and
    operators; run on Values, the same text records the graph of the gradient.

    What else an entry may say:

    - `name`, and `symbol` for pictures;
    - `numpy`: the NumPy function or functions that it stands for;
    - `method`: what it is called on Value, operators included;
    - `scalar`: the forward for Python numbers, where `math` is quicker than NumPy;
    - `domain`: one `Domain` for each array, or one for all;
    - `signature`: core dimensions, `"(m,n),(n,p)->(m,p)"`; without one the op is elementwise or,
      where it has keywords, works on one array of any shape;
    - `cases`: keywords, and shapes where only some fit, to test it with;
    - `kinks`: pairs of arguments and shares, where the derivative is a convention;
    - `declared`: the derivative that the rule states although it is not the true one;
    - `sequence`: it takes one sequence of any number of arrays; its only rule gets their index
      first;
    - `packs`: several numbers behind the array mean one tuple: `x.reshape(2, 3)`.

    An op without rules is a composition: its forward runs on Values as it stands.

    >>> cube = Op(lambda x: x**3, lambda g, out, x: g * 3 * x**2, name="cube")
    >>> x = Value(2.0)
    >>> cube(x).backward()
    >>> x.grad
    12.0
    """

    def __init__(
        self,
        forward: Callable[..., Any],
        *rules: Rule | None,
        name: str,
        symbol: str = "",
        numpy: Callable[..., Any] | Sequence[Callable[..., Any]] = (),
        method: str | Sequence[str] = (),
        scalar: Callable[..., Any] | None = None,
        domain: Domain | Sequence[Domain] = REAL,
        signature: str = "",
        cases: Sequence[Case] = (Case((), {}),),
        kinks: Sequence[tuple[tuple[float, ...], tuple[float, ...]]] = (),
        declared: Callable[..., Any] | None = None,
        sequence: bool = False,
        packs: bool = False,
        arity: int = 0,
    ) -> None:
        self.forward = forward
        self.rules: tuple[Any, ...] = rules
        self.name = name
        self.symbol = symbol or name
        self.numpy = (numpy,) if callable(numpy) else tuple(numpy)
        self.method = (method,) if isinstance(method, str) else tuple(method)
        self.scalar = scalar or forward
        self.arity = arity or len(rules)
        self.domain = (domain,) * self.arity if isinstance(domain, Domain) else tuple(domain)
        self.signature = signature
        self.cases = tuple(cases)
        self.kinks = tuple(kinks)
        self.declared = declared
        self.sequence = sequence
        self.packs = packs
        self.has_constants = None in rules
        self.wide = self.arity > 2 or sequence or None in rules or bool(self.keywords)
        self.apply = _applier(self)

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """Apply the op to Values, numbers and arrays; a Value if any of them is one."""
        return self.apply(*args, **keywords)

    def __repr__(self) -> str:
        return f"<op {self.name}>"

    @functools.cached_property
    def keywords(self) -> tuple[str, ...]:
        """Names of the parameters of `forward` that are no arrays, such as axis."""
        parameters = list(inspect.signature(self.forward).parameters.values())
        if self.sequence:
            return tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)
        return tuple(p.name for p in parameters[self.arity :])

    def rules_for(self, n: int) -> Sequence[Any]:
        """The rules of `n` arrays."""
        if self.sequence:
            return [functools.partial(self.rules[0], i) for i in range(n)]
        return self.rules

    def bind(self, args: Sequence[Any], keywords: dict[str, Any]) -> Sequence[Any]:
        """Split off the arrays of `args`; what stands behind them moves into `keywords`, by name.

        Raises TypeError for keywords that this op does not have.
        """
        arity = 1 if self.sequence else self.arity
        arrays, surplus = args[:arity], args[arity:]
        if surplus or keywords:
            if self.packs and not (
                len(surplus) == 1 and isinstance(surplus[0], tuple | list | None)
            ):
                surplus = (surplus,) if surplus else ()
            names = self.keywords
            unknown = [key for key in keywords if key not in names[len(surplus) :]]
            if unknown or len(surplus) > len(names):
                what = f"{unknown[0]!r}" if unknown else f"{len(args)} positional arguments"
                raise TypeError(
                    f"{self.name} of a Value does not take {what}; beside {arity} array(s)"
                    f" it takes {', '.join(names) or 'nothing'}"
                )
            keywords.update(zip(names, surplus, strict=False))
        if len(arrays) < arity:
            raise TypeError(f"{self.name} takes {arity} array(s), not {len(arrays)}")
        return tuple(arrays[0]) if self.sequence else arrays


def _applier(op: Op) -> Callable[..., Any]:
    """The function behind `op(...)`: run the forward and, if a Value is among the args, record it.

    Ops of one or two arrays without keywords have a short path: the last function, unrolled.
    """
    forward, scalar, rules = op.forward, op.scalar, op.rules

    def one(x: Any) -> Any:
        if type(x) is not Value:
            return forward(x)
        raw = x._data
        try:
            out = scalar(raw) if type(raw) is float else forward(raw)
        except (ArithmeticError, ValueError, TypeError) as error:
            out = _retry(op, error, (raw,))
        return _record(op, out, x, None, raw, None)

    def two(x: Any, y: Any) -> Any:
        a = b = None
        if type(x) is Value:
            a = x
            x = x._data
            if type(y) is Value:
                b = y
                y = y._data
            elif type(y) not in PLAIN:
                y = constant(op.name, y)
        elif type(y) is Value:
            b = y
            y = y._data
            if type(x) not in PLAIN:
                x = constant(op.name, x)
        else:
            return forward(x, y)
        try:
            if type(x) is float and type(y) is float:
                out = scalar(x, y)
            else:
                out = forward(x, y)
        except (ArithmeticError, ValueError, TypeError) as error:
            out = _retry(op, error, (x, y))
        return _record(op, out, a, b, x, y)

    def many(*args: Any, **keywords: Any) -> Any:
        arrays: Sequence[Any] = args
        if keywords or op.sequence or len(args) != op.arity:
            arrays = op.bind(args, keywords)
        values: list[Value | None] = []
        raw: list[Any] = []
        recorded = False
        for x in arrays:
            if type(x) is Value:
                recorded = True
                values.append(x)
                raw.append(x._data)
            else:
                values.append(None)
                raw.append(x)
        if not recorded:
            return forward(*arrays, **keywords)
        for i, x in enumerate(raw):
            if type(x) not in PLAIN and (op.sequence or rules[i] is not None):
                raw[i] = constant(op.name, x)
        try:
            out = forward(*raw, **keywords)
        except (ArithmeticError, ValueError, TypeError, IndexError) as error:
            out = _retry(op, error, raw, keywords)
        if type(out) is ndarray and not out.ndim:
            out = out[()]
        if type(out) is np.float64 and all(isinstance(x, float | int) for x in raw):
            out = float(out)
        if op.has_constants:
            _check_constants(op, values)
        return _record(op, out, tuple(values), keywords, tuple(raw), None)

    def composed(*args: Any, **keywords: Any) -> Any:
        return forward(*op.bind(args, keywords), **keywords)

    if not rules:
        return composed
    if op.wide:
        return many
    return one if op.arity == 1 else two


def _check_constants(op: Op, values: Sequence[Any]) -> None:
    for i, (value, rule) in enumerate(zip(values, op.rules, strict=True)):
        if value is not None and rule is None:
            raise TypeError(f"{op.name} has no derivative for its argument {i}; give it v.data")


def _retry(
    op: Op, error: Exception, raw: Sequence[Any], keywords: Mapping[str, Any] | None = None
) -> float:
    """The forward in doubles, where Python raised and IEEE 754 has an answer; else raise."""
    if all(isinstance(x, float | int) for x in raw) and not isinstance(error, TypeError):
        return _in_doubles(op.forward, raw, keywords)
    shapes = " and ".join(str(np.shape(x)) for x in raw)
    text = f"{op.name} of shape{'s' * (len(raw) > 1)} {shapes}: {error}"
    kinds = (np.linalg.LinAlgError, IndexError, ValueError, TypeError)
    raise next((k for k in kinds if isinstance(error, k)), ValueError)(text) from error


def _in_doubles(
    function: Callable[..., Any], args: Sequence[Any], keywords: Mapping[str, Any] | None = None
) -> float:
    doubles = [np.float64(x) if isinstance(x, float | int) else x for x in args]
    return float(function(*doubles, **(keywords or {})))


def _record(op: Op, out: Any, a: Any, b: Any, x: Any, y: Any) -> "Value":
    """The Value of `out`, from the args `a` and `b` and their plain data `x` and `y`.

    Of a wide op, `a` and `x` are tuples of all of them, and `b` is its keywords.
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
    node._data = out
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


# ------------------------------------------------------------------------------------ pull-back
def _pull(node: "Value", g: Any) -> Sequence[tuple["Value", Any]]:
    """The node's args, each with its share of `g`, a plain number or array.

    The first lines are the short path of ops with one or two arrays and no keywords; it does what
    `_pull_wide` does.
    """
    op = node.op
    if op is None:
        return ()
    out, x, y = node._data, node._x, node._y
    try:
        if op.wide:
            return _pull_wide(op, node, g, out, x)
        if op.arity == 1:
            share = op.rules[0](g, out, x)
            if type(share) is not float or type(x) is not float:
                share = _fit(op, 0, share, x, out)
            return ((node._a, share),)
        a, b = node._a, node._b
        rule, rule_b = op.rules
        if a is not None:
            share = rule(g, out, x, y)
            if type(share) is not float or type(x) is not float:
                share = _fit(op, 0, share, x, out)
            if b is None:
                return ((a, share),)
        share_b = rule_b(g, out, x, y)
        if type(share_b) is not float or type(y) is not float:
            share_b = _fit(op, 1, share_b, y, out)
        return ((a, share), (b, share_b)) if a is not None else ((b, share_b),)
    except (ArithmeticError, ValueError) as error:
        if type(out) is not float or type(g) is not float:
            error.add_note(f"in the backward pass, in a rule of the op {op.name}")
            raise
        doubles = [np.float64(x) if isinstance(x, float | int) else x for x in (g, out, *node.raw)]
        return _pull_wide(op, node, doubles[0], doubles[1], doubles[2:])


def _pull_wide(
    op: Op, node: "Value", g: Any, out: Any, raw: Sequence[Any]
) -> list[tuple["Value", Any]]:
    rules = op.rules_for(len(raw)) if op.sequence else op.rules
    keywords = node.keywords
    pairs: list[tuple[Value, Any]] = []
    for i, arg in enumerate(node.args):
        if arg is not None:
            rule = rules[i]
            share = rule(g, out, *raw, **keywords) if keywords else rule(g, out, *raw)
            pairs.append((arg, _fit(op, i, share, raw[i], out)))
    return pairs


def _pull_recorded(
    node: "Value", g: Any, wanted: Collection["Value"]
) -> list[tuple["Value", Any]]:
    """As `_pull`, on Values: the shares of the `wanted` args remember how they were computed."""
    op = node.op
    if op is None:
        return []
    raw = node.raw
    for arg, x in zip(node.args, raw, strict=True):
        if arg is not None and arg._data is not x:
            raise RuntimeError(
                f"{op.name}: an argument{f' ({arg.name})' if arg.name else ''} was given new data"
                " after its use, so derivatives of higher order are lost; compute the result again"
            )
    inputs = [x if arg is None else arg for arg, x in zip(node.args, raw, strict=True)]
    pairs: list[tuple[Value, Any]] = []
    for i, (rule, arg) in enumerate(zip(op.rules_for(len(raw)), node.args, strict=True)):
        if arg is not None and arg in wanted:
            share = rule(g, node, *inputs, **node.keywords)
            pairs.append((arg, _fit(op, i, share, raw[i], node._data)))
    return pairs


def _fit(op: Op, i: int, share: Any, x: Any, out: Any) -> Any:
    """`share` in the shape and dtype of the argument `x`: broadcasting is undone here only."""
    if type(share) is ndarray and type(x) is ndarray and share.dtype is x.dtype:
        given, shape = share.shape, x.shape
        if given == shape:
            return share
        if len(given) == 2 and shape == given[1:] and given == out.shape:
            return _ones(given[0], share.dtype.char).dot(share)  # 4 times faster than a sum
    shape = getattr(x, "shape", ())
    given = getattr(share, "shape", ())
    if given != shape:
        lead = len(given) - len(shape)
        if (
            lead < 0
            or not (op.signature or given == np.shape(out))
            or any(n != m and n != 1 for n, m in zip(shape, given[lead:], strict=True))
        ):
            raise ValueError(
                f"{op.name}: the rule of argument {i} returned shape {given} for an argument of"
                f" shape {shape} and a result of shape {np.shape(out)}"
            )
        axes = [k for k, m in enumerate(given) if k < lead or m != shape[k - lead]]
        share = np.sum(share, axis=tuple(axes)).reshape(shape)
    dtype = getattr(share, "dtype", None)
    if not isinstance(share, float | int) if dtype is None else dtype.kind not in "fiub":
        raise TypeError(
            f"{op.name}: the rule of argument {i} returned {type(share).__name__}"
            f"{f' of {dtype}' if dtype else ''}, not real numbers"
        )
    if isinstance(x, float | int):
        return share if type(share) is Value else float(share)
    if dtype is None:
        return x.dtype.type(share)
    return share if dtype is x.dtype or dtype == x.dtype else share.astype(x.dtype)


@functools.lru_cache(maxsize=64)
def _ones(n: int, dtype: Any) -> Any:
    return np.ones(n, dtype)


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
        *("_data", "_grad", "_handed", "_a", "_b", "_x", "_y", "name", "op"),
        "_trace",  # set in debug mode only
        "__weakref__",
    )
    _data: Any
    _grad: Any
    _handed: Any
    _a: Any
    _b: Any
    _x: Any
    _y: Any
    _trace: Any
    op: Op | None
    name: str

    def __init__(self, data: Any, name: str = "") -> None:
        self._data = data if type(data) is float else own(data)
        self._grad = self._handed = None
        self.name = name
        self._make_leaf()

    def _make_leaf(self) -> None:
        self.op = self._x = self._y = self._a = self._b = None

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
        return read_only(self._data)

    @data.setter
    def data(self, new: Any) -> None:
        if self.op is not None:
            raise TypeError(
                f"the data of a computed Value ({self.op.name}) cannot be replaced;"
                " v.detach() gives a leaf"
            )
        old = self._data
        if type(new) is not float or type(old) is not float:
            new = own(new)
            if np.shape(new) != np.shape(old):
                raise ValueError(
                    f"data of shape {np.shape(new)} cannot replace data of shape {np.shape(old)};"
                    " make a new Value"
                )
            if type(old) is float:
                new = float(new)
            elif not isinstance(new, ndarray) or new.dtype != old.dtype:
                new = np.asarray(new, old.dtype)
        self._data = new

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
                    np.array(kept) if isinstance(self._data, ndarray) else kept
                )
        return self._grad

    @grad.setter
    def grad(self, new: Any) -> None:
        if new is not None and new is not self._handed:
            new = own(new)
            if np.shape(new) != np.shape(self._data):
                raise ValueError(
                    f"a gradient of shape {np.shape(new)} does not fit data of"
                    f" shape {np.shape(self._data)}"
                )
        self._grad = self._handed = new

    def item(self) -> float:
        """The number in a Value of one element, as a Python float."""
        if np.size(self._data) != 1:
            raise ValueError(
                f"item() needs exactly one element, not shape {self.shape}; use .data"
            )
        return float(self._data if type(self._data) is float else self._data.item())

    @property
    def args(self) -> "tuple[Value | None, ...]":
        """The Values that went into the op, in order, with None for a constant; () for a leaf."""
        op = self.op
        if op is None:
            return ()
        if op.wide:
            return tuple(self._a)
        return (self._a,) if op.arity == 1 else (self._a, self._b)

    @property
    def raw(self) -> tuple[Any, ...]:
        """The plain numbers and arrays that the op saw, constants included; () for a leaf."""
        op = self.op
        if op is None:
            return ()
        if op.wide:
            return tuple(self._x)
        return (self._x,) if op.arity == 1 else (self._x, self._y)

    @property
    def keywords(self) -> dict[str, Any]:
        """The keywords that the op was called with, such as axis."""
        return self._b if self.op is not None and self.op.wide else {}

    def detach(self) -> "Value":
        """A leaf with the same data and name, and no graph behind it."""
        leaf = _new(Value)
        leaf._data, leaf.name = self._data, self.name
        leaf._grad = leaf._handed = None
        leaf._make_leaf()
        return leaf

    def peek(self) -> tuple[Any, Any]:
        """Data and gradient themselves, without copies: for optimizers. Do not write them."""
        return self._data, self._grad

    def replace(self, new: Any) -> None:
        """As `v.data = new`, without its checks and copy: for optimizers, which make new arrays.

        `new` has the shape and dtype of the data, and nobody else keeps it.
        """
        self._data = new

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes; () for a number."""
        return np.shape(self._data)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return np.ndim(self._data)

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.size(self._data))

    @property
    def dtype(self) -> "np.dtype[Any]":
        """NumPy dtype of the data; float64 for a Python number."""
        return np.dtype(float) if type(self._data) is float else self._data.dtype

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
            sums = [(v, v._grad + g) for v, g in gradients.items() if v._grad is not None]
            for v, g in gradients.items():
                v._grad = g
            for v, g in sums:
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
        return bool(self._data)

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
        return (Value, (self._data, self.name))

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else repr(self)

    def __repr__(self) -> str:
        data = self._data
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
        def __neg__(self) -> "Value": ...
        def __abs__(self) -> "Value": ...
        def __getitem__(self, index: Any) -> "Value": ...
        def __lt__(self, other: Any) -> Any: ...
        def __le__(self, other: Any) -> Any: ...
        def __gt__(self, other: Any) -> Any: ...
        def __ge__(self, other: Any) -> Any: ...
        def __getattr__(self, name: str) -> Any: ...


_new = Value.__new__


def _seed(root: Value, seed: Any) -> Any:
    data = root._data
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
    pull = this_thread.watch.pull if _unusual and this_thread.watch is not None else _pull
    return pull_back(results_first(root), _seed(root, seed), pull)


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
    table = pull_back(order, seed, lambda node, g: _pull_recorded(node, g, wanted))
    return [table.get(v, np.zeros_like(v._data)) for v in wrt]


# ------------------------------------------------------------------- what NumPy's functions find
def install(op: Op) -> Op:
    """Make `op` what its NumPy functions, and its methods and operators on Value, do."""
    call = op.apply
    for function in op.numpy:
        functions[function] = call if isinstance(function, np.ufunc) else _numpy_call(op, function)
        call = functions[function] if not op.packs else call
    for method in op.method:
        reflected = method.startswith("__r")
        setattr(Value, method, (lambda self, other: call(other, self)) if reflected else call)
    return op


def _numpy_call(op: Op, function: Callable[..., Any]) -> Callable[..., Any]:
    """`op.apply`, called as `function` is: what stands behind the arrays has NumPy's names."""
    arity = 1 if op.sequence else op.arity

    def call(*args: Any, **keywords: Any) -> Any:
        if len(args) == arity:
            return op.apply(*args, **keywords)
        parameters = _parameters(function)
        arrays = list(args[:arity])
        arrays += [
            keywords.pop(p.name) for p in parameters[len(args) : arity] if p.name in keywords
        ]
        for p, x in zip(parameters[arity:], args[arity:], strict=False):
            if x is not p.default:
                if p.name in keywords:
                    raise TypeError(f"np.{op.name}: {p.name!r} is given twice")
                keywords[p.name] = x
        return op.apply(*arrays, **keywords)

    return call


@functools.cache
def _parameters(function: Callable[..., Any]) -> tuple[inspect.Parameter, ...]:
    return tuple(inspect.signature(function).parameters.values())


def install_plain(function: Callable[..., Any], method: str = "") -> None:
    """Let `function`, whose result has no derivative, read the data of Values."""

    def plain(*args: Any, **keywords: Any) -> Any:
        return function(*map(_strip, args), **{key: _strip(x) for key, x in keywords.items()})

    functions[function] = plain
    if method:
        setattr(Value, method, plain)


def _strip(x: Any) -> Any:
    if type(x) is Value:
        return x._data
    return type(x)(map(_strip, x)) if type(x) in (list, tuple) else x
