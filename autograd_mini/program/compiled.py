"""`compile(f)`: trace at the first call, run the written program at the next ones.

This file knows calls: which program fits the arguments, and where results go. It must not know
how a program is traced, made better or spelled.
"""

import builtins
import functools
import gc
import itertools
import linecache
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from autograd_mini.data import ndarray
from autograd_mini.modes import setting
from autograd_mini.program.capture import Traces, is_dynamic, traced
from autograd_mini.program.doors import MISS, door
from autograd_mini.program.fast import fast
from autograd_mini.program.passes import simplified
from autograd_mini.program.readable import UNKNOWN, Written, readable
from autograd_mini.program.refusal import CannotCompileError, refuse
from autograd_mini.program.scalars import scalars
from autograd_mini.trees import leaves, owned, rebuild
from autograd_mini.value import Value

_count = itertools.count(1)
MODES = ("fast", "readable")


class Entry:
    """One program, and how a call becomes its inputs and its outputs the result."""

    def __init__(self, traces: Traces, name: str, mode: str) -> None:
        self.program = simplified(traces.program)
        self.traces, self.name = traces._replace(program=self.program), name
        plain = self.program.is_scalar()
        self.alone = threading.Lock()  # of the one who has the buffers
        if mode == "fast" and not plain:
            written = fast(self.program, name)
            self.quick = loaded(written.source, name, written.found)
        else:
            self.quick = self.run
        self._door: Callable[..., Any] | None = None
        self._single = len(self.program.outputs) == 1
        self._held = {held.place: held for held in traces.held if held.place >= 0}
        self._found = [held for held in traces.held if held.place < 0]

    @functools.cached_property
    def _written(self) -> Written:
        plain = self.program.is_scalar()  # to be written down when somebody asks
        return (scalars if plain else readable)(self.program, self.name)

    @property
    def source(self) -> str:
        """The program as a person would write it."""
        return self._written.source

    @functools.cached_property
    def run(self) -> Callable[..., Any]:
        """The same program without buffers, for any number of threads."""
        return loaded(self.source, self.name, self._written.found)

    def __call__(self, arguments: list[Any]) -> Any:
        """The result for the leaves of the arguments; held Values get their new data."""
        traces = self.traces
        inputs: list[Any] = []
        for i in traces.places:
            x = arguments[i]
            if type(x) is Value:
                _give(x, self._held[i].has_grad, inputs)
            else:
                inputs.append(x)
        for held in self._found:
            _give(held.value, held.has_grad, inputs)
        if self.alone.acquire(blocking=False):
            try:
                found = self.quick(*inputs)
            finally:
                self.alone.release()
        else:
            found = self.run(*inputs)
        if self._single:
            found = (found,)
        for held in traces.held:
            v = held.value if held.place < 0 else arguments[held.place]
            if held.data >= 0:
                v.replace(found[held.data])
            if held.grad >= 0:
                v._grad, v._handed = found[held.grad], None
            elif held.forgets:
                v._grad = v._handed = None
        return rebuild(traces.result, found[: traces.width])

    def door(self, args: tuple[Any, ...]) -> Callable[..., Any]:
        """A quicker way in, for arguments like these."""
        if self._door is None:
            self._door = door(args, self.traces, self.quick, len(self.program.outputs), self.alone)
        return self._door

    def fits(self) -> bool:
        """Whether the Values found elsewhere still are as they were when traced."""
        return all(
            (held.value._grad is not None) == held.has_grad
            and np.shape(held.value._out) == held.shape
            for held in self._found
        )


def _give(v: Value, has_grad: bool, inputs: list[Any]) -> None:
    inputs.append(v._out)
    if has_grad:
        inputs.append(v._grad)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Let the collector wait: a program is many small objects, and none of them is garbage."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def loaded(source: str, name: str, found: Mapping[str, Any] | None = None) -> Callable[..., Any]:
    """The function `name` of a module with that source and, beside it, what is `found` there.

    Tracebacks show its lines.
    """
    file = f"<compiled {name} {next(_count)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    space: dict[str, Any] = {"__name__": f"compiled_{name}"}
    exec(builtins.compile(source, file, "exec"), space)
    space.update(found or {})
    function: Callable[..., Any] = space[name]
    return function


class Compiled:
    """A function that runs as straight-line NumPy; see `compile`."""

    __name__: str

    def __init__(self, f: Callable[..., Any], mode: str, strict: bool, cache: int) -> None:
        functools.update_wrapper(self, f, updated=())
        name = getattr(f, "__name__", "program")
        self.__name__ = name if name.isidentifier() else "program"
        self._f, self._mode, self._strict, self._limit = f, mode, strict, cache
        self._entries: OrderedDict[Any, Entry] = OrderedDict()
        self._last: Entry | None = None
        self._door: Callable[..., Any] | None = None
        self._positional = 0
        self._lock = threading.RLock()

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """The result of the function, in plain numbers and arrays."""
        if setting("watch") is not None:  # debug mode looks at nodes, and a program has none
            result = self._f(*args, **keywords)
            return rebuild(result, [_plain(x) for x in leaves(result)])
        if self._door is not None and not keywords and len(args) == self._positional:
            result = self._door(*args)
            if result is not MISS:
                return result
        tree = [*args, *keywords.values()]
        arguments = leaves(tree)
        key = (len(args), *keywords, _structure(tree), *map(_kind, arguments))
        entry = self._entries.get(key)
        if entry is None or not entry.fits():
            with self._lock:
                entry = self._traced(key, args, keywords)
        self._last = entry
        result = entry(arguments)
        if not keywords:
            self._positional = len(args)
            self._door = entry.door(args)
        return result

    def _traced(self, key: Any, args: tuple[Any, ...], keywords: dict[str, Any]) -> Entry:
        if self._strict and self._entries and key not in self._entries:
            raise refuse(
                f"{self.__name__} was traced for arguments of another structure, shape"
                " or dtype, and strict=True allows no second program"
            )
        with _no_collection():
            traces = traced(self._f, args, keywords)
            try:
                entry = Entry(traces, self.__name__, self._mode)
            except Exception as error:  # the function itself has run: what fails is the spelling
                raise refuse(f"the program cannot be spelled ({error})") from error
        self._entries[key] = entry
        while len(self._entries) > self._limit:
            self._entries.popitem(last=False)
        return entry

    @property
    def source(self) -> str:
        """The program of the last call, as a person would write it.

        Raises RuntimeError before the first call.
        """
        return self._entry().source

    def _entry(self) -> Entry:
        if self._last is None:
            raise RuntimeError("compile: there is no program before the first call")
        return self._last

    def save(self, path: str | Path) -> None:
        """Write the program of the last call as a module that needs NumPy alone.

        Somebody else's functions are imported from where they are at home; CannotCompileError if
        one of them cannot be imported by its name.
        """
        entry = self._entry()
        if UNKNOWN in entry.source:
            line = next(x for x in entry.source.splitlines() if UNKNOWN in x)
            raise CannotCompileError(f"compile: {line.strip('# ')}")
        names = ", ".join(entry.program.names.get(n, "x") for n, _ in entry.program.inputs)
        docstring = f'"""{entry.name}({names}), traced and written down line by line."""\n\n'
        Path(path).write_text(docstring + entry.source, encoding="utf-8")

    def __repr__(self) -> str:
        return f"<compiled {self.__name__}: {len(self._entries)} program(s)>"


def _plain(x: Any) -> Any:
    return owned(x.data, x.data) if type(x) is Value else x


def _structure(tree: Any) -> Any:
    """The containers of the arguments, to be compared."""
    kind = type(tree)
    if isinstance(tree, dict):
        return (kind, tuple(tree), tuple(map(_structure, tree.values())))
    if isinstance(tree, list | tuple):
        return (kind, *map(_structure, tree))
    if hasattr(tree, "__dataclass_fields__") and not isinstance(tree, type):
        return (kind, *(_structure(getattr(tree, name)) for name in tree.__dataclass_fields__))
    return tree is None


def _kind(x: Any) -> Any:
    """What a program is made for, of one leaf of the arguments: a constant as it is."""
    if type(x) is ndarray:
        return (x.dtype, x.shape)
    if type(x) is float:
        return float
    if type(x) is Value:
        return (Value, x.dtype, x.shape, type(x._out) is float, x._grad is None)
    if is_dynamic(x):
        return (type(x) if isinstance(x, np.generic) else x.dtype, np.shape(x))
    return (type(x), x)


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
