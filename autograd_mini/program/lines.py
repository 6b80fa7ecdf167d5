"""Straight-line programs: one line a NumPy call, each result named once and never changed.

This file knows what a line and a program hold, and how to run them. It must not know how a
program comes about, how it is made better, or how it is spelled.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_mini.program.foreign import Foreign

ELSEWHERE = 0
"""In the place of a number: the memory of a constant, or of somebody else's function."""


class Ref:
    """The result of a line, or an input, by number."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number

    def __eq__(self, other: object) -> bool:
        return type(other) is Ref and other.number == self.number

    def __hash__(self) -> int:
        return hash((Ref, self.number))

    def __repr__(self) -> str:
        return f"%{self.number}"


class Kind(NamedTuple):
    """What a result is: its shape and dtype, and whether it is one of Python's own numbers."""

    shape: tuple[int, ...]
    dtype: "np.dtype[Any]"
    number: bool = False
    boxed: bool = False
    """Whether it is an array although it has no axes."""

    def has_memory(self) -> bool:
        """Whether it is an array, into which somebody could write."""
        return bool(self.shape) or self.boxed


class Line(NamedTuple):
    """One call. `args` and `keywords` hold constants and `Ref`s, perhaps in tuples and lists."""

    number: int
    function: Callable[..., Any]
    args: tuple[Any, ...]
    keywords: tuple[tuple[str, Any], ...]
    kind: Kind | None
    part: str = ""
    shares: tuple[int, ...] = ()
    """The inputs and earlier results whose memory the result may show, for arrays of any layout;
    `ELSEWHERE` among them says that it may show some that is nobody's result."""

    def is_call(self, function: Any, args: Any, keywords: Any) -> bool:
        """Whether it calls the same with the same."""
        return (
            bool(self.function == function)
            and same(self.args, args)
            and same(self.keywords, keywords)
        )

    def refs(self) -> list[int]:
        """Numbers of the results that this line reads."""
        found: list[int] = []
        for x in self.args:
            if type(x) is Ref:
                found.append(x.number)
            elif type(x) in _HOLDERS:
                found += [ref.number for ref in refs_in(x)]
        for _, x in self.keywords:
            if type(x) in _READ:
                found += [ref.number for ref in refs_in(x)]
        return found


def _has_narrow(line: Line) -> bool:
    """Whether a constant has another precision, which Python's numbers would give way to."""
    return any(isinstance(x, np.floating) and type(x) is not np.float64 for x in line.args)


def _is_double(kind: Kind | None) -> bool:
    """Whether a result is a number of Python's, or one of NumPy's in its precision."""
    if kind is None or kind.number or kind.shape or kind.boxed:
        return kind is not None and kind.number
    return kind.dtype in (np.dtype(np.float64), np.dtype(bool))


class Program(NamedTuple):
    """Inputs by number and kind, the lines in order, and what comes out, leaf by leaf."""

    inputs: tuple[tuple[int, Kind], ...]
    lines: tuple[Line, ...]
    outputs: tuple[Any, ...]
    names: Mapping[int, str]

    def uses(self) -> dict[int, int]:
        """How often each result is read, by later lines and by those who called."""
        counts: dict[int, int] = {}
        for line in self.lines:
            for number in line.refs():
                counts[number] = counts.get(number, 0) + 1
        for ref in refs_in(self.outputs):
            counts[ref.number] = counts.get(ref.number, 0) + 1
        return counts

    def memory(self) -> dict[int, frozenset[int]]:
        """Whose memory each input and result may show: its own number, if it has its own."""
        found = {n: frozenset((n,)) for n in (ELSEWHERE, *(n for n, _ in self.inputs))}
        for line in self.lines:
            shown = [found[n] for n in line.shares] or [frozenset((line.number,))]
            found[line.number] = frozenset().union(*shown)
        return found

    def is_scalar(self) -> bool:
        """Whether all inputs are Python's own numbers, and all results numbers such as these."""
        kinds = [kind for _, kind in self.inputs] + [line.kind for line in self.lines]
        if any(type(line.function) is Foreign or _has_narrow(line) for line in self.lines):
            return False
        inputs = all(kind.number for _, kind in self.inputs)
        return bool(self.inputs) and inputs and all(map(_is_double, kinds))

    def kinds(self) -> dict[int, Kind | None]:
        """The kind of every input and result."""
        return {**dict(self.inputs), **{line.number: line.kind for line in self.lines}}


_HOLDERS = (tuple, list, slice)
_READ = (Ref, *_HOLDERS)
LISTS = (tuple, list)  # an isinstance of these costs a third of one of `tuple | list`


def same(a: Any, b: Any) -> bool:
    """Whether two arguments are one, or of one type and equal."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if type(a) is Ref:
        return bool(a.number == b.number)
    if isinstance(a, LISTS):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, slice):
        return same((a.start, a.stop, a.step), (b.start, b.stop, b.step))
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
    return bool(a == b) or a != a


def refs_in(x: Any) -> Iterator[Ref]:
    """Every `Ref` in constants, tuples, lists and slices."""
    if type(x) is Ref:
        yield x
    elif isinstance(x, LISTS):
        for part in x:
            yield from refs_in(part)
    elif type(x) is slice:
        yield from refs_in((x.start, x.stop, x.step))


def replace(x: Any, new: Callable[[Ref], Any]) -> Any:
    """The same tuples, lists and slices, with `new(ref)` in the place of each `Ref`."""
    kind = type(x)
    if kind is Ref:
        return new(x)
    if kind in LISTS:
        return kind([replace(part, new) for part in x])
    if kind is slice:
        return slice(*(replace(part, new) for part in (x.start, x.stop, x.step)))
    return x


def run(program: Program, inputs: Sequence[Any]) -> list[Any]:
    """The outputs of a program, line by line: what every way of spelling it must give too."""
    found: dict[int, Any] = {n: x for (n, _), x in zip(program.inputs, inputs, strict=True)}
    with np.errstate(all="ignore"):
        for line in program.lines:
            args = replace(line.args, lambda ref: found[ref.number])
            keywords = {k: replace(x, lambda ref: found[ref.number]) for k, x in line.keywords}
            found[line.number] = apply(line.function, args, keywords, line.kind)
    return [replace(x, lambda ref: found[ref.number]) for x in program.outputs]


def apply(
    function: Callable[..., Any], args: Any, keywords: dict[str, Any], kind: Kind | None
) -> Any:
    """The result of one call; a Python number where `kind` says so."""
    result = function(*args, **keywords)
    if kind is not None and kind.number:
        return result.item() if isinstance(result, np.generic | np.ndarray) else result
    return result


# ----------------------------------------------- what a line may call beside NumPy's functions
getitem = operator.getitem


def with_item(x: Any, index: Any, y: Any) -> Any:
    """A copy of `x` with `y` at `index`."""
    x = np.array(x)
    x[index] = y
    return x


def with_added(x: Any, index: Any, y: Any) -> Any:
    """A copy of `x` with `y` added at `index`, once for each time that the index names a place."""
    x = np.array(x)
    np.add.at(x, index, y)
    return x


def astype(x: Any, dtype: Any) -> Any:
    """`x` in another dtype."""
    return x.astype(dtype) if hasattr(x, "astype") else np.dtype(dtype).type(x)


def item(x: Any) -> Any:
    """The Python number in an array of one element."""
    return x.item() if hasattr(x, "item") else x
