"""`compile(f)`: trace at the first call, run the written program at the next ones.

This file knows calls: which program fits the arguments, and where results go. It must not know
how a program is traced, made better or spelled.
"""

import builtins
import functools
import gc
import itertools
import linecache
import os
import sys
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, ParamSpec, overload

import numpy as np

from autograd_mini.engine import modes
from autograd_mini.engine.arrays import ndarray
from autograd_mini.engine.modes import setting
from autograd_mini.engine.value import Value
from autograd_mini.files import write_whole
from autograd_mini.notebook import source
from autograd_mini.program.dialects import DIALECTS
from autograd_mini.program.dialects.readable import UNKNOWN
from autograd_mini.program.dialects.writing import Written
from autograd_mini.program.entry import COMPUTED, NO_MATCH, Permit, door
from autograd_mini.program.errors import CannotCompileError, refuse
from autograd_mini.program.identifiers import Namespace
from autograd_mini.program.lines import Ref
from autograd_mini.program.names import outside
from autograd_mini.program.passes import simplified
from autograd_mini.program.recording import Recording, is_dynamic, recorded
from autograd_mini.trees import leaves, owned, rebuild, structure

P = ParamSpec("P")
_count = itertools.count(1)
_alive: "weakref.WeakSet[Compiled[...]]" = weakref.WeakSet()


def _after_fork() -> None:
    """In a forked process nobody is left who could give a lock back."""
    for compiled in list(_alive):
        compiled._lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
_again: list[int] = []  # numbers of programs that are gone: Python keeps the names of all files
MODES = ("fast", "readable")


class Entry:
    """One program, and how a call becomes its inputs and its outputs the result."""

    def __init__(self, recording: Recording, f: Callable[..., Any], name: str, mode: str) -> None:
        self.program = simplified(recording.program)
        name = self.name = Namespace().unique(name)
        self._leaves = [
            COMPUTED if isinstance(x, Ref | ndarray) else x
            for x in self.program.outputs[: recording.width]
        ]
        result = rebuild(recording.result, self._leaves)  # containers that nobody else can change
        self.recording = recording._replace(program=self.program, result=result)
        self._f = f
        if mode == "fast" and not self.program.is_scalar():
            written = DIALECTS["fast"](self.program, name)
            self.quick = loaded(written.source, name, written.found)
        else:
            self.quick = self.run
        self._doors: dict[bool, Callable[..., Any]] = {}
        self._permits = Permit.place()
        self._found = [held for held in recording.held if held.place < 0]

    @functools.cached_property
    def _written(self) -> Written:
        dialect = "scalars" if self.program.is_scalar() else "readable"
        return DIALECTS[dialect](self.program, self.name, [*outside(self._f)])

    @property
    def source(self) -> str:
        """The program as a person would write it."""
        return self._written.source

    @functools.cached_property
    def run(self) -> Callable[..., Any]:
        """The same program without buffers, for any number of threads."""
        return loaded(self.source, self.name, self._written.found)

    def __call__(self, tree: Sequence[Any]) -> Any:
        """The result for arguments that fit; held Values get their new data."""
        result = self.door(tree)(*tree)
        if result is NO_MATCH:  # another thread has the buffers
            result = self.door(tree, shared=True)(*tree)
        if result is NO_MATCH:
            raise refuse("these arguments do not fit the program that was recorded with them")
        return result

    def door(self, tree: Sequence[Any], *, shared: bool = False) -> Callable[..., Any]:
        """The way in for arguments like these: with the buffers, or for any number of threads."""
        if shared not in self._doors:
            run, permits = (self.run, None) if shared else (self.quick, self._permits)
            outputs = len(self.program.outputs)
            self._doors[shared] = door(tree, self.recording, run, outputs, permits)
        return self._doors[shared]

    def fits(self, arguments: list[Any]) -> bool:
        """Whether the Values found elsewhere, and no others, are still what they were."""
        pinned = self.recording.pinned
        elsewhere = {*pinned.values(), *(held.value for held in self._found)}
        return all(
            (held.value._grad is not None) == held.has_grad
            and np.shape(held.value._out) == held.shape
            for held in self._found
        ) and all(
            pinned.get(i) is (x if x in elsewhere else None)
            for i, x in enumerate(arguments)
            if type(x) is Value
        )


def loaded(source: str, name: str, found: Mapping[str, Any] | None = None) -> Callable[..., Any]:
    """The function `name` of a module with that source and, beside it, what is `found` there.

    Tracebacks show its lines, as long as somebody has the function.
    """
    try:
        number = _again.pop()
    except IndexError:
        number = next(_count)
    file = f"<compiled {name} {number}>"
    space: dict[str, Any] = {"__name__": f"compiled_{name}"}
    exec(builtins.compile(source, file, "exec"), space)
    space.update(found or {})
    function: Callable[..., Any] = space.pop(name)  # a function in its own module is a cycle
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    weakref.finalize(function, _forget, file, number).atexit = False
    return function


def _forget(file: str, number: int) -> None:
    linecache.cache.pop(file, None)
    _again.append(number)


class Compiled(Generic[P]):
    """A function that runs as straight-line NumPy; see `compile`."""

    __name__: str

    def __init__(self, f: Callable[..., Any], mode: str, strict: bool, cache: int) -> None:
        functools.update_wrapper(self, f, updated=())
        name = str(getattr(f, "__name__", ""))
        self.__name__ = name if name.isidentifier() else "program"
        self._f, self._mode, self._strict, self._limit = f, mode, strict, cache
        self._entries: OrderedDict[Any, Entry] = OrderedDict()
        self._last: Any = (None, lambda *_: NO_MATCH, -1, -1)  # entry, its door, width, generation
        self._lock = threading.RLock()
        _alive.add(self)

    def __call__(self, *args: P.args, **keywords: P.kwargs) -> Any:
        """The result of the function, in plain numbers and arrays."""
        if setting("watch") is not None:  # debug mode looks at nodes, and a program has none
            result = self._f(*args, **keywords)
            return rebuild(result, [_plain(x) for x in leaves(result)])
        _, door, width, made = self._last  # read and written at once: other threads write it too
        if len(args) == width and made == modes.generation and not keywords:
            result = door(*args)
            if result is not NO_MATCH:
                return result
        tree = [*args, *keywords.values()]
        arguments = leaves(tree)
        made = modes.generation
        try:
            key = (
                made,
                len(args),
                *keywords,
                structure(tree),
                _sames(arguments),
                *map(_kind, arguments),
            )
            entry = self._entries.get(key)
        except ValueError as error:  # such as a memoryview that can be written
            raise refuse(f"an argument can be no constant of a program ({error})") from None
        if entry is None or not entry.fits(arguments):
            with self._lock:
                entry = self._recorded(key, args, keywords)
        result = entry(tree)
        width = -1 if keywords else len(args)
        self._last = (entry, entry.door(tree), width, made)
        return result

    def _recorded(self, key: Any, args: tuple[Any, ...], keywords: dict[str, Any]) -> Entry:
        entry = self._entries.get(key)
        if entry is not None and entry.fits(leaves([*args, *keywords.values()])):
            return entry  # another thread was quicker
        if self._strict and self._entries and key not in self._entries:
            raise refuse(
                f"{self.__name__} was traced for arguments of another structure, shape"
                " or dtype, and strict=True allows no second program"
            )
        collects = gc.isenabled()
        try:
            try:
                gc.disable()  # a recording makes many objects and frees none
                entry = self._spelled(recorded(self._f, args, keywords))
            finally:
                if collects:
                    gc.enable()
        finally:  # once more, if an interrupt came between
            if collects:
                gc.enable()
        self._entries[key] = entry
        while len(self._entries) > self._limit:
            self._entries.popitem(last=False)
        return entry

    def _spelled(self, recording: Recording) -> Entry:
        try:
            return Entry(recording, self._f, self.__name__, self._mode)
        except Exception as error:  # the function itself has run: what fails is the spelling
            raise refuse(f"the program cannot be spelled ({error})") from error

    def __reduce__(self) -> Any:
        name = str(getattr(self._f, "__qualname__", ""))
        place: Any = sys.modules.get(getattr(self._f, "__module__", ""))
        for part in name.split("."):
            place = getattr(place, part, None)
        by_value = "cloudpickle" in str(sys._getframe(1).f_globals.get("__name__"))
        if place is self and not by_value:  # decorated: found by its name, as any function
            return name
        return Compiled, (self._f, self._mode, self._strict, self._limit)

    @property
    def source(self) -> str:
        """The program of the last call, as a person would write it.

        Raises RuntimeError before the first call.
        """
        return self._entry().source

    def _entry(self) -> Entry:
        if self._last[0] is None:
            raise RuntimeError("compile: there is no program before the first call")
        return self._last[0]  # type: ignore[no-any-return]

    def save(self, path: str | Path) -> None:
        """Write the program of the last call as a module that needs NumPy alone.

        Somebody else's functions are imported from where they are at home; CannotCompileError if
        one of them cannot be imported by its name.
        """
        import inspect  # needed here only, and slow to load

        entry = self._entry()
        if UNKNOWN in entry.source:
            line = next(x for x in entry.source.splitlines() if UNKNOWN in x)
            raise CannotCompileError(f"compile: {line.strip('# ')}")
        head = f"{entry.name}{inspect.signature(entry.run)}, traced and written down line by line."
        write_whole(path, f'"""{head}"""\n\n{entry.source}'.encode())

    def __repr__(self) -> str:
        return f"<compiled {self.__name__}: {len(self._entries)} program(s)>"

    def _repr_html_(self) -> str:
        called = self._last[0] is not None
        return source(self.source if called else f"{self!r}, not yet called")


def _plain(x: Any) -> Any:
    return owned(x.data, x.data) if type(x) is Value else x


def _sames(arguments: Sequence[Any]) -> tuple[int, ...]:
    """Which of the Values among the arguments are one and the same."""
    first: dict[int, int] = {}
    return tuple([first.setdefault(id(x), len(first)) for x in arguments if type(x) is Value])


def _kind(x: Any) -> Any:
    """What a program is made for, of one leaf of the arguments: a constant as it is."""
    if type(x) is ndarray:
        return (x.dtype, x.shape)
    if type(x) is float:
        return float
    if type(x) is Value:
        return (Value, x.dtype, x.shape, type(x._out) is float, x._grad is None)
    if is_dynamic(x):
        return (type(x), np.result_type(x), np.shape(x))
    try:
        hash(x)
    except TypeError:
        raise refuse(
            f"an argument of type {type(x).__name__} can be no constant, because it can change;"
            " give arrays, numbers, text and containers of them"
        ) from None
    return (type(x), x)


@overload
def compile(
    f: Callable[P, Any], *, mode: str = ..., strict: bool = ..., cache: int = ...
) -> Compiled[P]: ...


@overload
def compile(
    f: None = None, *, mode: str = ..., strict: bool = ..., cache: int = ...
) -> Callable[[Callable[P, Any]], Compiled[P]]: ...


def compile(
    f: Callable[..., Any] | None = None,
    *,
    mode: str = "fast",
    strict: bool = False,
    cache: int = 16,
) -> Any:
    """Make the function that runs `f` as straight-line NumPy, without the engine.

    The first call with arguments of given structure, shapes and dtypes runs `f` twice on
    stand-ins, which write every NumPy call down, forward and backward; later calls run what was
    written. Floats and arrays in the arguments are inputs, at any depth of lists, tuples, dicts,
    namedtuples and dataclasses; whole numbers, truth values, text and None are constants, and
    other ones make another program. `cache` is how many programs are kept.

    Values that `f` finds outside its arguments, such as the parameters of a model, are read anew
    at each call, and get the new data and gradients that `f` gives them. Results are plain
    numbers and arrays, and the caller's own.

    Inside `debug()` the function runs as it stands, so that its nodes can be looked at.

    The `source` of the compiled function is its last program, in NumPy; `save(path)` writes it as
    a module. With `strict`, arguments of another structure, shape or dtype raise instead of
    making a second program.

    Raises CannotCompileError, a TypeError that names the line of your code, for what no
    straight-line program can say: branches on numbers, random numbers drawn inside, arrays whose
    shape depends on numbers, and writing into an argument.

    >>> @compile
    ... def area(width, height):
    ...     return width * height
    >>> area(3.0, 4.0)
    12.0
    >>> _ = area(np.ones(2), 3.0)
    >>> for line in area.source.splitlines()[4:]:
    ...     print(line)
    def area(width, height):
        t1 = width * height                                   # (2,)
    <BLANKLINE>
        return t1
    """
    if mode not in MODES:
        raise ValueError(f"compile: mode is {' or '.join(map(repr, MODES))}, not {mode!r}")
    if f is None:
        return functools.partial(compile, mode=mode, strict=strict, cache=cache)
    return Compiled(f, mode, strict, cache)
