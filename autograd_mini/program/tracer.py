"""The tracer: it runs every call on the numbers that stand-ins have, and writes it down as a line.

This file knows which calls a program can hold, and whose memory their results show. It must not
know how a program is made better or spelled.
"""

import functools
import types
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_mini.engine.arrays import View
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
    getitem,
    with_added,
    with_item,
)
from autograd_mini.program.memory import VariesError, parts, shown, tried
from autograd_mini.program.names import named
from autograd_mini.program.spelling import name_of
from autograd_mini.program.stand_in import KINDS, NUMBER, TOLD, Traced, unwrapped

_NUMPYS = (np.ndarray, np.generic)
_HOLDING = (np.ndarray, *LISTS)
_SMALL = 1000  # numbers in a result that the second recording takes over
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
                refs.append(self.refs(x))
                samples.append(x.sample)
                number = number and x.kind.number
            elif kind is Value:
                return NotImplemented
            else:
                refs.append(x if kind is float or kind is int else self.refs(x))
                samples.append(unwrapped(x))
                number = number and _is_number(x)
        named = tuple([(key, self.refs(x)) for key, x in keywords.items()])
        if self.first and (again := self._again(function, tuple(refs), named)) is not None:
            return again
        others = {key: unwrapped(x) for key, x in keywords.items()}
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
        others = {key: unwrapped(x) for key, x in keywords.items()}
        try:
            result = function(*unwrapped(tuple(args)), **others)
        except Exception as error:
            error.__suppress_context__ = True  # what was refused before it is forgiven
            raise
        foreign = Foreign(function, result, name)
        numbers = [n for n, _ in _arrays((*args, *keywords.values()))]
        kept = (
            [] if isinstance(function, np.ufunc) else [(*numbers, ELSEWHERE)] * len(parts(result))
        )
        given = tuple(self.refs(_thing(x)) for x in args)
        named = tuple((key, self.refs(_thing(x))) for key, x in keywords.items())
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
            others = {key: unwrapped(x, change) for key, x in keywords.items()}
            return function(*unwrapped(args, change), **others)

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
        return Traced(self, self.refs(x), locked(x), _kind(x, False), "a constant")

    def _are_numbers(self, args: Any) -> bool:
        for x in args:
            if type(x) is Traced:
                if not x.kind.number:
                    return False
            elif not _is_number(x):
                return False
        return True

    def refs(self, x: Any) -> Any:
        """An argument as a line holds it: results by number, constants as they are."""
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
            return (list if kind is list else tuple)([self.refs(part) for part in x])
        if kind is slice:
            return slice(self.refs(x.start), self.refs(x.stop), self.refs(x.step))
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
            if not isinstance(x, str) and getattr(x, "dtype", NUMBER.dtype).kind not in KINDS:
                raise self.refuse(f"the result holds {type(x).__name__} of {x.dtype}")
            if isinstance(x, str) and TOLD in x:
                raise self.refuse("a number in a text would be frozen")
        found = tuple(x if isinstance(x, np.ndarray) else self.refs(x) for x in outputs)
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
        return x.dtype.kind in KINDS
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
