"""Running a function on stand-ins that write every NumPy call down as a line.

A stand-in has the numbers of the arguments that it stands for, so shapes, dtypes and the rules by
which NumPy promotes them are NumPy's own; nothing but these is taken from the numbers.

This file knows NumPy's protocols, and where the ops ask about their numbers. It must not know how
a program is made better or spelled.
"""

import functools
import math
import operator
import os
import sys
import threading
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd_mini.engine.arrays import StandIn, View
from autograd_mini.engine.backprop import add_shares
from autograd_mini.engine.guard import REACHED, pull_guarded
from autograd_mini.engine.pull import shares
from autograd_mini.engine.value import Value
from autograd_mini.program.errors import CannotCompileError, refuse
from autograd_mini.program.foreign import Foreign, Thing, locked
from autograd_mini.program.lines import (
    ELSEWHERE,
    LISTS,
    Kind,
    Line,
    Program,
    Ref,
    astype,
    getitem,
    item,
    with_added,
    with_item,
)
from autograd_mini.program.memory import VariesError, parts, shown, tried
from autograd_mini.program.names import named
from autograd_mini.program.spelling import name_of


def _we_ask(depth: int) -> bool:
    """Whether the caller that many calls up is code of ours."""
    return str(sys._getframe(depth).f_globals.get("__name__")).startswith("autograd_mini.")


# ------------------------------------------------------------------------------------ the tracer
_LOGICAL = {
    np.bitwise_and: np.logical_and,
    np.bitwise_or: np.logical_or,
    np.bitwise_xor: np.logical_xor,
    np.invert: np.logical_not,
}
_SHAPED_BY_NUMBERS = {
    *(np.nonzero, np.flatnonzero, np.argwhere, np.unique, np.compress, np.extract, np.union1d),
    *(np.intersect1d, np.setdiff1d, np.setxor1d, np.trim_zeros, np.bincount),
}
_QUESTIONS = {
    *(np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.iscomplexobj),
    *(np.common_type, np.min_scalar_type),
}
_CONSTANTS = {np.zeros_like: np.zeros, np.ones_like: np.ones, np.empty_like: np.zeros}
_REDUCTIONS = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min}


NUMBER = Kind((), np.dtype(float), True)


_KINDS = "biufc"
_NUMPYS = (np.ndarray, np.generic)
_HOLDING = (np.ndarray, *LISTS)
_SMALL = 1000  # numbers in a result that the second recording takes over
_TOLD = "<traced "
DATA = "the data of a Value"
VIEW = "a view of another array"


class Tracer:
    """The lines written so far. `part` is written beside those that come next.

    A second recording takes over what the `first` has, as long as the calls are the same.
    """

    def __init__(self, first: "Tracer | None" = None) -> None:
        self.inputs: list[tuple[int, Kind]] = []
        self.lines: list[Line] = []
        self.names: dict[int, str] = {}
        self.places: dict[int, str] = {}  # of inputs without a name: where they stand
        self.gradients: dict[int, tuple[int, int]] = {}  # of which result, by which
        self.part = "forward"
        self.count = 0
        self.refused: CannotCompileError | None = None
        self.overwritten: set[int] = set()  # results that the function has changed in place
        self.first: Sequence[Line] = first.lines if first else ()
        # small results, to be taken over; and of what may be a view: whose memory it shows
        self.small: dict[int, tuple[Ref, Any, Kind, str]] = dict(first.small) if first else {}
        self.roots: dict[int, frozenset[int]] = dict(first.roots) if first else {}
        self.tries: dict[Any, list[frozenset[int]]] = first.tries if first else {}
        self.constants: dict[int, tuple[Any, Any]] = {}  # by id: an array, and our copy of it

    def input(self, sample: Any, name: str, frozen: str = "its argument") -> "Traced":
        """A stand-in for an argument, or for the data of a Value."""
        kind = _kind(sample, type(sample) is float)
        self.count += 1
        self.inputs.append((self.count, kind))
        (self.names if str(name).isidentifier() else self.places)[self.count] = name
        return Traced(self, Ref(self.count), locked(sample), kind, frozen)

    def refuse(self, what: str) -> CannotCompileError:
        """The error that says what cannot be written down: whoever catches it, it stays."""
        error = refuse(what)
        self.refused = self.refused or error
        return error

    def call(
        self, function: Callable[..., Any], args: tuple[Any, ...], keywords: dict[str, Any]
    ) -> Any:
        """Run one call on the numbers, and write it down."""
        if not _is_known(function):
            return self.call_whole(function, args, keywords)
        number = True
        refs: list[Any] = []
        samples: list[Any] = []
        for x in args:
            kind = type(x)
            if kind is Traced:
                refs.append(self._refs(x))
                samples.append(x.sample)
                number = number and x.kind.number
            elif kind is Value:
                return NotImplemented
            else:
                refs.append(x if kind is float or kind is int else self._refs(x))
                samples.append(_unwrapped(x))
                number = number and _is_number(x)
        named = tuple([(key, self._refs(x)) for key, x in keywords.items()])
        if self.first and (again := self._again(function, tuple(refs), named)) is not None:
            return again
        others = {key: _unwrapped(x) for key, x in keywords.items()}
        try:
            result = function(*samples, **others)
        except ValueError as error:
            if "read-only" in str(error):
                raise self.refuse(f"{name_of(function)} writes into an array") from None
            raise
        if number and isinstance(result, _NUMPYS):
            number = not result.ndim
            result = result.item() if number else result
        shares: Sequence[tuple[int, ...]] = ()
        if not isinstance(function, np.ufunc) and isinstance(result, _HOLDING):
            shares = self._shares(function, args, keywords, result)
        return self.record(function, tuple(refs), named, result, number, shares)

    def _again(self, function: Any, refs: Any, others: Any) -> "Traced | None":
        """What the first recording has here, if it is the same call and its result is small."""
        k, n = len(self.lines), self.count + 1
        line = self.first[k] if k < len(self.first) else None
        if line is None or line.number != n or not line.is_call(function, refs, others):
            self.first = ()  # what comes after another call may be of another shape
        elif n in self.small:
            self.count = n
            self.lines.append(line)
            return Traced(self, *self.small[n])
        return None

    def call_whole(
        self,
        function: Callable[..., Any],
        args: Sequence[Any],
        keywords: dict[str, Any],
        name: str = "",
    ) -> Any:
        """Run and write down a call of a function that is neither NumPy's nor ours.

        Who knows what it keeps: its result may show all that it is given, and more.
        """
        others = {key: _unwrapped(x) for key, x in keywords.items()}
        try:
            result = function(*_unwrapped(tuple(args)), **others)
        except Exception as error:
            error.__suppress_context__ = True  # what was refused before it is forgiven
            raise
        foreign = Foreign(function, result, name)
        numbers = [n for n, _ in _arrays((*args, *keywords.values()))]
        kept = (
            [] if isinstance(function, np.ufunc) else [(*numbers, ELSEWHERE)] * len(parts(result))
        )
        given = tuple(self._refs(_thing(x)) for x in args)
        named = tuple((key, self._refs(_thing(x))) for key, x in keywords.items())
        new = self.record(foreign, given, named, result, type(result) is float, kept)
        return new.item() if type(new) is Traced and self._are_numbers(args) else new

    def record(
        self,
        function: Any,
        refs: tuple[Any, ...],
        others: tuple[tuple[str, Any], ...],
        result: Any,
        number: bool,
        shares: Sequence[tuple[int, ...]] = (),
    ) -> Any:
        """Write one line down, whose result is `result`; of its parts, what each shares."""
        if self.first and (again := self._again(function, refs, others)) is not None:
            return again
        self.count += 1
        if isinstance(result, LISTS):
            shown = tuple({n for part in shares for n in part})
            self.lines.append(Line(self.count, function, refs, others, None, self.part, shown))
            whole = Ref(self.count)
            found = [
                self.record(getitem, (whole, i), (), x, False, shares[i : i + 1])
                for i, x in enumerate(result)
            ]
            return type(result)(*found) if hasattr(result, "_fields") else type(result)(found)
        if not _is_result(result):
            who = getattr(function, "name", "") or name_of(function)
            told = f"{type(result).__name__} {getattr(result, 'dtype', '')}".strip()
            raise self.refuse(f"{who} gives {told}, which is no result of a program")
        kind, shown = _kind(result, number), (shares or ((),))[0]
        if shown:
            self.roots[self.count] = frozenset().union(*(self.roots.get(n, (n,)) for n in shown))
        self.lines.append(Line(self.count, function, refs, others, kind, self.part, shown))
        if type(result) is np.ndarray:
            result = locked(result)
        new = (Ref(self.count), result, kind, VIEW if shown else "")
        if type(result) is not np.ndarray or result.size <= _SMALL:
            self.small[self.count] = new
        return Traced(self, *new)

    def _shares(
        self, function: Any, args: Any, keywords: dict[str, Any], result: Any
    ) -> list[tuple[int, ...]]:
        """Of each part of the result, the numbers of those whose memory it may show."""
        given = list(_arrays((args, tuple(keywords.values()))))
        arrays = [x for _, x in given]
        found = shown(arrays, result)
        if given and function not in _OWN:
            moving = [x for n, x in given if n is not ELSEWHERE]
            key = (function, _looks(args), _looks(tuple(keywords.items())))
            if key not in self.tries:
                self.tries[key] = self._tried(function, args, keywords, moving, result)
            found = [a | b for a, b in zip(found, self.tries[key], strict=True)]
        numbers = [*(n for n, _ in given), ELSEWHERE]  # that of position -1 is the last
        return [tuple({numbers[i] for i in places}) for places in found]

    def _tried(
        self, function: Any, args: Any, keywords: dict[str, Any], given: Any, result: Any
    ) -> list[frozenset[int]]:
        def call(change: Callable[[Any], Any]) -> Any:
            others = {key: _unwrapped(x, change) for key, x in keywords.items()}
            return function(*_unwrapped(args, change), **others)

        try:
            return tried(call, given, result)
        except VariesError:
            raise self.refuse(
                f"the shape or dtype of the result of {name_of(function)} depends on the numbers"
            ) from None

    def cause(self, error: Exception) -> Exception:
        """What made a function fail: what has been refused, or else its own error."""
        found: BaseException | None = error
        while found is not None and not isinstance(found, CannotCompileError):
            found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
        if found is None and self.refused is None and "Traced" in str(error):
            return self.refuse(f"a function could not take a traced array ({error})")
        return self.refused or found or error

    def pull(self, node: Any, g: Any, gradients: dict[Any, Any]) -> None:
        """One node's step backward; a rule that cannot be written down becomes one call."""
        try:
            pull_guarded(node, g, gradients)
        except Exception as error:
            if not self.forgives(node.op, error):
                raise
            keywords = {"op": _Whole(self, node.op), "_out": node._out, "args": node.args}
            twin = types.SimpleNamespace(**keywords, raw=node.raw, keywords=node.keywords)
            pairs = shares(twin, g)
            add_shares(pairs, gradients)
            gradients[REACHED].update((arg, None) for arg, _ in pairs)

    def forgives(self, op: Any, error: Exception) -> bool:
        """Whether an own op failed only because what it does cannot be written down."""
        refused = type(self.cause(error)) is CannotCompileError
        if not refused or op.trusted:
            return False
        self.refused = None
        return True

    def number(self, function: Any, python: Any, x: Any, y: Any, refs: tuple[Any, Any]) -> Any:
        """Write down a call on two of Python's numbers."""
        if self.first and (again := self._again(function, refs, ())) is not None:
            return again
        try:
            result = python(x, y)
        except (ArithmeticError, ValueError):
            result = function(x, y).item()
        kind = NUMBER if type(result) is float else _kind(result, True)
        self.count += 1
        self.lines.append(Line(self.count, function, refs, (), kind, self.part))
        new = self.small[self.count] = (Ref(self.count), result, kind, "")
        return Traced(self, *new)

    def constant(self, x: Any) -> "Traced":
        """A stand-in for an array that stays as it is."""
        return Traced(self, self._refs(x), locked(x), _kind(x, False), "a constant")

    def _are_numbers(self, args: Any) -> bool:
        for x in args:
            if type(x) is Traced:
                if not x.kind.number:
                    return False
            elif not _is_number(x):
                return False
        return True

    def _refs(self, x: Any) -> Any:
        kind = type(x)
        if kind is Traced:
            if x.tracer is not self:
                raise self.refuse(
                    "an array of another compiled function has been kept and used here"
                )
            if x.frozen == VIEW and self.overwritten & self.roots[x.number]:
                raise self.refuse(
                    "a view is used after the array that it shows has been changed in place;"
                    " make a new array instead"
                )
            return x.ref
        if kind is float or kind is int or x is None:
            return x
        if isinstance(x, LISTS):
            return (list if kind is list else tuple)([self._refs(part) for part in x])
        if kind is slice:
            return slice(self._refs(x.start), self._refs(x.stop), self._refs(x.step))
        if isinstance(x, View):
            raise self.refuse(
                "`.data` of a Value would be frozen at what it is now; use the Value itself,"
                " or give the array as an argument"
            )
        if kind is np.ndarray:
            return self._kept(x) if x.ndim else x[()]
        if isinstance(x, _SPELLED) and not isinstance(x, np.ndarray):
            return x
        raise self.refuse(f"an argument of type {kind.__name__} cannot be written down")

    def _kept(self, x: Any) -> Any:
        """A copy of an array, the same one as long as the array stays as it is."""
        known = self.constants.get(id(x))
        if known is None or not _same_bits(known[1], x):
            self.constants[id(x)] = known = (x, x.copy())
        return known[1]

    def program(self, outputs: Sequence[Any]) -> Program:
        """What has been written, and what of it comes out."""
        if self.refused is not None:
            raise self.refused
        for x in outputs:
            if not isinstance(x, str) and getattr(x, "dtype", NUMBER.dtype).kind not in _KINDS:
                raise self.refuse(f"the result holds {type(x).__name__} of {x.dtype}")
            if isinstance(x, str) and _TOLD in x:
                raise self.refuse("a number in a text would be frozen")
        found = tuple(x if isinstance(x, np.ndarray) else self._refs(x) for x in outputs)
        return Program(tuple(self.inputs), tuple(self.lines), found, named(self, found))


class _Whole:
    """An op, each rule of which is one call in the program."""

    trusted = True

    def __init__(self, tracer: Tracer, op: Any) -> None:
        self.name, self.signature = op.name, op.signature
        self.tracer, self.op = tracer, op

    def shares(
        self, places: Sequence[int], g: Any, out: Any, arrays: Sequence[Any], keywords: Any
    ) -> Sequence[Any]:
        """As `Op.shares`."""

        def call(rule: Any, *first: Any) -> Any:
            args = (*first, g, out, *arrays)
            return self.tracer.call_whole(rule, args, keywords, f"{self.name}_rule")

        rules = self.op.rules
        if self.op.sequence:
            return call(rules[0], list(places))  # type: ignore[no-any-return]
        return [call(rules[i]) for i in places]


def _is_number(x: Any) -> bool:
    """Whether a constant is one of Python's numbers: they give way to float32, NumPy's do not."""
    return isinstance(x, (float, int, np.bool)) and not isinstance(x, np.floating)


def _is_result(x: Any) -> bool:
    if isinstance(x, _NUMPYS):
        return x.dtype.kind in _KINDS
    return isinstance(x, (int, float, str))


_OWN = (getitem, with_item, with_added)
_SPELLED = (
    *(bool, int, float, complex, str, bytes, range, type, type(Ellipsis)),
    *(np.generic, np.dtype, Thing),
)


@functools.cache
def _is_known(function: Any) -> bool:
    """Whether a program can spell a function: one of NumPy's, or of those in `lines`."""
    try:
        return function in _OWN or bool(name_of(function))
    except TypeError:
        return False


def _thing(x: Any) -> Any:
    simple = isinstance(x, (Traced, np.ndarray, tuple, list, slice, type(None), *_SPELLED))
    return x if simple else Thing(x)


def _same_bits(x: Any, y: Any) -> bool:
    if x.shape != y.shape or x.dtype != y.dtype:
        return False
    return np.array_equal(_bits(x), _bits(y))


def _bits(x: Any) -> Any:
    return np.ascontiguousarray(x).reshape(-1).view(np.uint8)


def _arrays(x: Any) -> Any:
    """The arrays among arguments, each with the number of its result or with `ELSEWHERE`."""
    if type(x) is Traced:
        if isinstance(x.sample, np.ndarray):
            yield (x.number if type(x.ref) is Ref else ELSEWHERE), x.sample
    elif isinstance(x, np.ndarray):
        yield ELSEWHERE, x
    elif isinstance(x, LISTS):
        for part in x:
            yield from _arrays(part)


def _looks(x: Any) -> Any:
    """What a call depends on beside the numbers of its arrays, to be compared."""
    if type(x) is Traced:
        return (x.kind, getattr(x.sample, "strides", None))
    if isinstance(x, LISTS):
        return (type(x), *map(_looks, x))
    if type(x) is slice:
        return (slice, x.start, x.stop, x.step)
    if isinstance(x, np.ndarray):
        return (x.shape, x.dtype)
    return (type(x), None if isinstance(x, float | np.floating) else str(x))


def _kind(sample: Any, number: bool) -> Kind:
    if type(sample) is np.ndarray:
        return Kind(sample.shape, sample.dtype, False, not sample.shape)
    if number:
        return NUMBER if type(sample) is float else Kind((), np.dtype(type(sample)), True)
    dtype = sample.dtype if hasattr(sample, "dtype") else np.dtype(type(sample))
    return Kind(np.shape(sample), dtype, False, isinstance(sample, np.ndarray) and not sample.ndim)


def _unwrapped(x: Any, change: Callable[[Any], Any] | None = None) -> Any:
    """The same tuples, lists and slices of samples, each perhaps changed."""
    kind = type(x)
    if kind is Traced:
        return x.sample if change is None or type(x.ref) is not Ref else change(x.sample)
    if isinstance(x, LISTS):
        return (list if kind is list else tuple)([_unwrapped(part, change) for part in x])
    if kind is slice:
        return slice(*(_unwrapped(part, change) for part in (x.start, x.stop, x.step)))
    return x[()] if kind is np.ndarray and not x.ndim else x  # as it is written down


# ---------------------------------------------------------------------------------- the stand-in
def _binary(ufunc: Any, python: Callable[[Any, Any], Any]) -> tuple[Any, Any]:
    """An operator and its reflection; on two of Python's numbers, `python` is much quicker."""

    def forward(self: "Traced", other: Any) -> Any:
        if self.kind is NUMBER:
            if type(other) is Traced:
                if other.kind is NUMBER:
                    return self.tracer.number(
                        ufunc, python, self.sample, other.sample, (self.ref, other.ref)
                    )
            elif type(other) is float or type(other) is int:
                return self.tracer.number(ufunc, python, self.sample, other, (self.ref, other))
        if ufunc is np.multiply:
            self._check_repeats(other)
        return self.tracer.call(ufunc, (self, other), {})

    def reflected(self: "Traced", other: Any) -> Any:
        if self.kind is NUMBER and (type(other) is float or type(other) is int):
            return self.tracer.number(ufunc, python, other, self.sample, (other, self.ref))
        if ufunc is np.multiply:
            self._check_repeats(other)
        return self.tracer.call(ufunc, (other, self), {})

    return forward, reflected


def _in_place(ufunc: Any) -> Callable[[Any, Any], Any]:
    """An operator such as +=, which changes an array, also under its other names."""

    def change(self: "Traced", other: Any) -> Any:
        new = self.tracer.call(ufunc, (self, other), {})
        immutable = not isinstance(self.sample, np.ndarray) or self.frozen == DATA
        if new is NotImplemented or immutable:
            return new
        self._become(new.astype(self.dtype))
        return self

    return change


class Traced(StandIn):
    """Stands for one result: its kind and line, and the numbers it has at these arguments."""

    __slots__ = ("frozen", "kind", "ref", "sample", "tracer")

    def __init__(self, tracer: Tracer, ref: Any, sample: Any, kind: Kind, frozen: str) -> None:
        self.tracer, self.ref, self.sample = tracer, ref, sample
        self.kind, self.frozen = kind, frozen

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """What `isinstance` is told outside this package: the type of the numbers."""
        return Traced if _we_ask(2) else type(self.sample)

    def copied(self) -> Any:
        """A result of its own: what happens to the one leaves the other as it is."""
        if not self.kind.has_memory():
            return self
        return self.tracer.record(np.array, (self.tracer._refs(self),), (), self.sample, False)

    @property
    def number(self) -> int:
        """The number of the line, or of the input, that gives this result."""
        return int(self.ref.number)

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        return self.kind.shape

    @property
    def dtype(self) -> "np.dtype[Any]":
        """NumPy's dtype; float64 for a Python number."""
        return self.kind.dtype

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.kind.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.size(self.sample))

    def constant(self, data: Any) -> Any:
        """Plain `data` as a number or array of this type and dtype."""
        if self.kind.number:
            return float(data)
        array = np.array(data, self.dtype)
        return array if isinstance(self.sample, np.ndarray) else array[()]

    def retried(
        self, op: Any, error: Exception, raw: Sequence[Any], keywords: Mapping[str, Any]
    ) -> Any:
        """The result of an op whose forward has failed on stand-ins; NotImplemented if it fails.

        One of ours may want its other arrays as stand-ins too; somebody else's is called whole.
        """
        tracer = self.tracer
        if tracer.forgives(op, error):
            return tracer.call_whole(op.forward, raw, dict(keywords), op.name)
        plain = [isinstance(x, np.ndarray) for x in raw]
        if not any(plain) or tracer.refused is None:
            return NotImplemented
        tracer.refused = None
        arrays = [
            tracer.constant(x) if is_plain else x for x, is_plain in zip(raw, plain, strict=True)
        ]
        return op.forward(*arrays, **keywords)

    @property
    def T(self) -> Any:  # noqa: N802
        """With the axes in reverse order."""
        return self.tracer.call(np.transpose, (self,), {})

    @property
    def mT(self) -> Any:  # noqa: N802
        """With the last two axes exchanged."""
        return self.tracer.call(np.matrix_transpose, (self,), {})

    # -- NumPy's protocols
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        if Value in map(type, inputs):
            return NotImplemented
        out = keywords.pop("out", None)
        if out is not None:
            raise self.tracer.refuse(
                f"np.{ufunc.__name__} writes into an array with out=; take its result"
            )
        if method == "__call__":
            if ufunc in _LOGICAL and all(_is_truth(x) for x in inputs):
                ufunc = _LOGICAL[ufunc]
            return self.tracer.call(ufunc, inputs, keywords)
        if method == "reduce" and ufunc in _REDUCTIONS:
            keywords.setdefault("axis", 0)
            return _ask(self.tracer, _REDUCTIONS[ufunc], inputs, keywords)
        if method == "at" and ufunc is np.add and type(inputs[0]) is Traced:
            x, index, y = inputs
            return x._become(self.tracer.call(with_added, (x, index, y), {}))
        if method in ("outer", "accumulate", "reduce"):
            return self.tracer.call(getattr(ufunc, method), inputs, keywords)
        raise self.tracer.refuse(f"np.{ufunc.__name__}.{method} cannot be written down")

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        if Value in types:
            return NotImplemented
        return _ask(self.tracer, function, args, keywords)

    def __array__(self, *args: Any, **keywords: Any) -> Any:
        raise self.tracer.refuse(
            "turning a traced array into a plain one would freeze its numbers; use NumPy's"
            " functions, np.take(table, i, axis=0) for table[i], np.stack of a list to fill an"
            " array, A @ v for A.dot(v), and an Op for a function of somebody else's"
        )

    # -- what Python asks
    def __bool__(self) -> bool:
        raise self.tracer.refuse(
            "a branch depends on the numbers, and only one way would be written down;"
            " use np.where(condition, x, y)"
        )

    def __float__(self) -> float:
        raise self.tracer.refuse(
            "float(), int(), the functions of math and z[i] = v would freeze a number; use NumPy's"
            " functions, np.stack of a list, and np.take(table, i, axis=0) for table[i]"
        )

    __int__ = __complex__ = __round__ = __trunc__ = __floor__ = __ceil__ = __float__

    def __index__(self) -> int:
        if self.dtype.kind not in "biu" or self.ndim:  # NumPy may ask, and go on without
            raise TypeError("only integer scalar arrays can be converted to a scalar index")
        return int(self)

    def __hash__(self) -> int:
        raise self.tracer.refuse("a number or an array as a key would be frozen")

    def __format__(self, spec: str) -> str:
        if spec:
            raise self.tracer.refuse("a number in a text would be frozen")
        return repr(self)

    def __repr__(self) -> str:
        return f"{_TOLD}{self.dtype} of shape {self.shape}>"

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of an array of no axes")
        return self.shape[0]

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: Any) -> Any:
        if not self.kind.has_memory():
            return self._of_no_axes(index)
        if type(index) is tuple and not index and self.shape:
            return self
        parts = index if type(index) is tuple else (index,)
        if any(type(p) is Traced and p.dtype.kind == "b" for p in parts):
            raise self.tracer.refuse(
                "how many elements a mask picks depends on the numbers; use np.where(mask, x, 0)"
            )
        return self.tracer.call(getitem, (self, index), {})

    def picked(self, mask: Any) -> Any:
        """As `self[mask]`, which would be refused."""
        return self.tracer.call(getitem, (self, mask), {})

    def _of_no_axes(self, index: Any) -> Any:
        """A number stays one; new axes make an array. NumPy's functions may have given it."""
        try:
            new = np.zeros(())[index]
        except IndexError:
            if not self.kind.number:
                raise
            kind = type(self.sample).__name__
            raise TypeError(f"{kind!r} object is not subscriptable") from None
        return np.reshape(self, new.shape) if new.ndim else self

    def __setitem__(self, index: Any, value: Any) -> None:
        if not self.kind.has_memory():
            kind = type(self.sample).__name__
            raise TypeError(f"{kind!r} object does not support item assignment")
        self._become(self.tracer.call(with_item, (self, index, value), {}))

    def __delitem__(self, index: Any) -> None:
        raise ValueError("cannot delete array elements")

    def _check_repeats(self, other: Any) -> None:
        whole = self.kind.dtype.kind in "iu" and not self.kind.has_memory()
        if whole and isinstance(other, LISTS):
            raise self.tracer.refuse("how often a list is repeated depends on the numbers")

    def _become(self, new: "Traced") -> None:
        if self.frozen:
            raise self.tracer.refuse(
                f"the function writes into {self.frozen}; make a new array instead"
            )
        self.tracer.overwritten.add(self.number)
        self.ref, self.sample, self.kind = new.ref, new.sample, new.kind

    def __reduce__(self) -> Any:
        raise self.tracer.refuse("a pickle would freeze the numbers of an array")

    def __copy__(self) -> Any:
        return self.copied()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self.copied()

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    def __invert__(self) -> Any:
        truth = self.dtype.kind == "b"
        if truth and self.kind.number and not _we_ask(2):
            raise self.tracer.refuse("~True is -2 for Python; use np.logical_not")
        return self.tracer.call(np.logical_not if truth else np.invert, (self,), {})

    def __neg__(self) -> Any:
        return self.tracer.call(np.negative, (self,), {})

    def __pos__(self) -> Any:
        return self.tracer.call(np.positive, (self,), {})

    def __abs__(self) -> Any:
        return self.tracer.call(np.absolute, (self,), {})

    # -- methods of arrays
    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """In another dtype."""
        if np.dtype(dtype) == self.dtype:
            return self.copied() if copy else self
        if np.dtype(dtype).kind not in _KINDS:
            raise self.tracer.refuse(f"an array of {np.dtype(dtype)} is no result of a program")
        new = astype(self.sample, np.dtype(dtype))
        number = self.kind.number
        new = new.item() if number else new
        return self.tracer.record(
            astype, (self.tracer._refs(self), np.dtype(dtype)), (), new, number
        )

    def item(self) -> Any:
        """The Python number in an array of one element."""
        if self.kind.number:
            return self
        number = self.sample.item()
        return self.tracer.record(item, (self.tracer._refs(self),), (), number, True)

    def reshape(self, *shape: Any, **keywords: Any) -> Any:
        """With the same elements in another shape."""
        new = shape[0] if len(shape) == 1 and isinstance(shape[0], LISTS) else shape
        return _ask(self.tracer, np.reshape, (self, tuple(new)), keywords)

    def transpose(self, *axes: Any) -> Any:
        """With the axes in another order."""
        new = axes[0] if len(axes) == 1 and isinstance(axes[0], tuple | list | None) else axes
        return _ask(self.tracer, np.transpose, (self, new or None), {})

    def flatten(self, order: str = "C") -> Any:
        """With one axis."""
        how = {} if order == "C" else {"order": order}
        return _ask(self.tracer, np.reshape, (self, (-1,)), how).copied()

    def __getattr__(self, name: str) -> Any:
        kind = type(self.sample)
        known = hasattr(kind, name)
        if name.startswith("__") or not (known or hasattr(np.ndarray, name)):
            owner = "Traced" if known else kind.__name__  # a name for `Tracer.cause`
            raise AttributeError(f"{owner!r} object has no attribute {name!r}")
        function = _take if name == "take" else getattr(np, name, None)
        if name in ("real", "imag"):
            return _ask(self.tracer, getattr(np, name), (self,), {})
        if name in ("sort", "partition"):  # in place
            return lambda *args, **keywords: self._become(
                _ask(self.tracer, function, (self, *args), keywords)
            )
        if function is None or name == "resize" or not callable(getattr(np.ndarray, name)):
            raise self.tracer.refuse(f"{name} of an array cannot be written down")
        return lambda *args, **keywords: _ask(self.tracer, function, (self, *args), keywords)


for _name, _ufunc in {
    **{"add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide},
    **{"pow": np.power, "matmul": np.matmul, "mod": np.mod, "floordiv": np.floor_divide},
    **{"lshift": np.left_shift, "rshift": np.right_shift},
}.items():
    _python = math.pow if _name == "pow" else getattr(operator, _name)
    _methods = (*_binary(_ufunc, _python), _in_place(_ufunc))
    for _prefix, _method in zip(("", "r", "i"), _methods, strict=True):
        setattr(Traced, f"__{_prefix}{_name}__", _method)
for _name, _ufunc in {
    **{"lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal},
    **{"eq": np.equal, "ne": np.not_equal},
}.items():
    setattr(Traced, f"__{_name}__", _binary(_ufunc, getattr(operator, _name))[0])
for _name, _ufunc in {"and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor}.items():

    def _logical(self: Any, other: Any, ufunc: Any = _ufunc) -> Any:
        if _is_truth(self) and _is_truth(other):
            ufunc = _LOGICAL[ufunc]
        return self.tracer.call(ufunc, (self, other), {})

    setattr(Traced, f"__{_name}__", _logical)
    setattr(Traced, f"__r{_name}__", _logical)


def _is_truth(x: Any) -> bool:
    return isinstance(x, bool) or getattr(getattr(x, "dtype", None), "kind", "") == "b"


def _ask(tracer: Tracer, function: Any, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """Write down a call of one of NumPy's functions, if that can be done."""
    if function in _QUESTIONS:
        return function(*_unwrapped(args), **keywords)
    name = getattr(function, "__name__", "")
    if function in _SHAPED_BY_NUMBERS or (function is np.where and len(args) == 1):
        raise tracer.refuse(f"the shape of the result of np.{name} depends on the numbers")
    if function in _CONSTANTS:
        like = function(*_unwrapped(args), **keywords)
        if type(args[0]) is Traced and args[0].kind.number and not like.ndim:
            return float(like)
        shape = like.shape
        return tracer.call(_CONSTANTS[function], (shape, like.dtype), {})
    if function is np.copyto or keywords.get("out") is not None:
        raise tracer.refuse(f"np.{name} writes into an array; take its result instead")
    if function is np.copy and isinstance(args[0].sample, np.ndarray):
        return args[0].copied()
    keywords.pop("out", None)
    return tracer.call(function, args, keywords)


# ------------------------------------------------------------------------------ constant tables
_take = np.take
_lock = threading.Lock()
_recordings = 0  # in all threads


@functools.wraps(_take)
def _take_traced(a: Any, indices: Any, *args: Any, **keywords: Any) -> Any:
    if type(indices) is Traced and not hasattr(a, "tracer") and type(a) is not Value:
        a = indices.tracer.constant(a if isinstance(a, np.ndarray) else np.array(a))
    return _take(a, indices, *args, **keywords)


def _after_fork() -> None:
    global _lock, _recordings
    _lock, _recordings = threading.Lock(), 0
    np.take = _take


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


@contextmanager
def tables() -> Iterator[None]:
    """Let np.take of a plain array be written down too: NumPy asks the array, not the index."""
    global _recordings
    with _lock:
        _recordings += 1
        np.take = _take_traced
    try:
        yield
    finally:
        with _lock:
            _recordings -= 1
            if not _recordings:
                np.take = _take
