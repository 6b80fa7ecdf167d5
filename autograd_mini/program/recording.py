"""Tracing a whole call: its arguments, the Values it reaches beside them, and what it changes.

This file knows Values, containers of arguments, and the names that people gave to things. It must
not know how a program is made better or spelled.
"""

import copy
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_mini.engine.arrays import ndarray
from autograd_mini.engine.guard import REACHED
from autograd_mini.engine.modes import Block
from autograd_mini.engine.value import Value
from autograd_mini.program.errors import CannotCompileError, refuse
from autograd_mini.program.lines import Program, same
from autograd_mini.program.names import READ
from autograd_mini.program.stand_in import DATA, Traced
from autograd_mini.program.tables import tables
from autograd_mini.program.tracer import Tracer
from autograd_mini.trees import leaves, places, rebuild
from autograd_mini.users_line import is_engine


class Held(NamedTuple):
    """A Value whose data, and gradient if it has one, are inputs; and what becomes of them."""

    value: Value
    place: int
    """Which of the leaves of the arguments it is; -1 for one that the function found elsewhere."""
    has_grad: bool
    shape: tuple[int, ...]
    data: int
    """Which of the outputs is its new data; -1 if they stay."""
    grad: int
    """Which of the outputs is its new gradient; -1 if it stays."""
    clears_grad: bool
    """Whether its gradient becomes None."""


class Recording(NamedTuple):
    """What tracing a call gave: a program, where its inputs come from, where its outputs go."""

    program: Program
    held: tuple[Held, ...]
    result: Any
    """The containers of the result, around leaves of any kind."""
    width: int
    """How many of the outputs are leaves of the result; the others are of held Values."""
    places: tuple[int, ...]
    """Which of the leaves of the arguments are inputs: arrays, numbers and Values."""
    pinned: dict[int, Value]
    """Which of them are Values that the function finds elsewhere too: no others fit there."""


def is_dynamic(leaf: Any) -> bool:
    """Whether an argument is an input; other leaves are constants of a program."""
    return (
        isinstance(leaf, float | np.generic | np.ndarray) and np.asarray(leaf).dtype.kind in "fiub"
    )


def recorded(f: Callable[..., Any], args: Sequence[Any], keywords: dict[str, Any]) -> Recording:
    """Trace `f`, and once more to see that it stays the same.

    Raises CannotCompileError for what no program can be. No Value is touched: stand-ins are kept
    beside them, for this thread alone.
    """
    tracer = Tracer()
    first = _attempt(f, args, keywords, tracer)
    tree = [*args, *keywords.values()]
    given = leaves(tree)
    others: dict[Any, Value] = {}  # Values that are one stay one
    twins = rebuild(tree, [_twin(x, others) for x in given])
    keys = dict(zip(keywords, twins[len(args) :], strict=True))
    second = _attempt(f, twins[: len(args)], keys, Tracer(tracer))
    elsewhere = {h.value for h in second.held if h.place < 0}
    pinned = {i: x for i, x in enumerate(given) if type(x) is Value and x in elsewhere}
    if pinned:
        second = _attempt(f, args, keywords, Tracer(tracer))
    _compare(first.program, second.program)
    if _found(first) != _found(second):
        raise CannotCompileError(_DIFFERS)
    return first._replace(pinned=pinned)


def _twin(x: Any, others: dict[Any, Value]) -> Any:
    """Another Value like an argument: what f then finds of the first, it finds elsewhere."""
    if type(x) is not Value or x.op is not None:
        return x
    if x not in others:
        others[x] = copy.copy(x)
    return others[x]


def _found(recording: Recording) -> list[Value]:
    return [h.value for h in recording.held if h.place < 0]


def _attempt(
    f: Callable[..., Any], args: Sequence[Any], keywords: dict[str, Any], tracer: Tracer
) -> Recording:
    watch = _Watcher(tracer)
    arguments = leaves([*args, *keywords.values()])
    names = argument_names(f, args, keywords)
    inputs: list[Any] = []
    places: dict[Value, int] = {}
    dynamic = []
    for i, (name, x) in enumerate(zip(names, arguments, strict=True)):
        if type(x) is Value:
            if x.op is not None:
                raise CannotCompileError(
                    f"compile: the argument {name} is a computed Value ({x.op.name});"
                    " give its v.detach(), or its numbers"
                )
            if x not in places:
                dynamic.append(i)
                places[x] = i
                watch.hold(x, x.name or name)
        elif isinstance(x, np.ma.MaskedArray | np.matrix):
            raise CannotCompileError(
                f"compile: the argument {name} is a {type(x).__name__}, whose operators are its"
                " own; give a plain array, np.asarray(...) or .filled(...)"
            )
        elif is_dynamic(x):
            dynamic.append(i)
            x = tracer.input(x.view(ndarray) if isinstance(x, ndarray) else x, name)
        elif isinstance(x, np.ndarray):
            raise CannotCompileError(
                f"compile: the argument {name} is an array of {x.dtype}; give real numbers, or an"
                " object that holds the array"
            )
        inputs.append(x)
    rebuilt = rebuild([*args, *keywords.values()], inputs)
    block = Block(watch=watch)
    try:
        with block, np.errstate(all="ignore"), _Names(tracer, block, watch.held), tables():
            result = f(
                *rebuilt[: len(args)], **dict(zip(keywords, rebuilt[len(args) :], strict=True))
            )
        return _gathered(watch, result, places, dynamic)
    except Exception as error:
        raise tracer.cause(error) from None


def _gathered(
    watch: "_Watcher", result: Any, places: dict[Value, int], dynamic: Sequence[int]
) -> Recording:
    outputs: list[Any] = []
    for x in leaves(result):
        plain = watch.of(x)._out if type(x) is Value else x
        if isinstance(plain, np.ndarray):
            plain = np.array(plain, subok=False)
        elif not (type(plain) is Traced or isinstance(plain, float | int | np.generic | str)):
            raise refuse(
                f"the result holds a {type(x).__name__}; a compiled function gives numbers, arrays"
                " and containers of them"
            )
        outputs.append(plain)
    width = len(outputs)
    kept = []
    for v, state in watch.held.items():
        data, grad = state.inputs
        new_data = new_grad = -1
        if state._out is not data:
            new_data = len(outputs)
            outputs.append(state._out)
        if state._grad is not grad and state._grad is not None:
            new_grad = len(outputs)
            outputs.append(state._grad)
        clears_grad = state._grad is None and grad is not None
        place = places.get(v, -1)
        kept.append(Held(v, place, grad is not None, data.shape, new_data, new_grad, clears_grad))
    program = watch.tracer.program(outputs)
    return Recording(program, tuple(kept), result, width, tuple(dynamic), {})


# ---------------------------------------------------------------------- Values of somebody else
class _State:
    """What stands, while a call is recorded, for the data and gradient of a Value from outside."""

    __slots__ = ("_given", "_grad", "_out", "inputs")

    def __init__(self, data: Any, grad: Any) -> None:
        self._out, self._grad, self._given = data, grad, grad
        self.inputs = (data, grad)


class _Watcher:
    """Looks at every Value: which come from outside, and which result is whose gradient."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer
        self.held: dict[Value, _State] = {}
        self.mine: set[Value] = set()
        self.root = 0

    def hold(self, v: Value, name: str) -> _State:
        """Make the data of a leaf, and its gradient if it has one, inputs of the program."""
        data = self.tracer.input(v._out, name, DATA)
        grad = v._grad
        if grad is not None:
            grad = self.tracer.input(grad, f"dC_d{name}_before", DATA)
        state = self.held[v] = _State(data, grad)
        return state

    def of(self, v: Value) -> Any:
        """The Value itself, if it was made here; a leaf from outside becomes an input."""
        if v in self.mine or v.op is not None:
            return v
        return self.held.get(v) or self.hold(v, v.name or f"v{len(self.held) + 1}")

    def made(self, node: Value) -> None:
        """Take note of a Value of this recording."""
        self.mine.add(node)

    def pull(self, node: Value, g: Any, gradients: dict[Value, Any]) -> None:
        """Pull back as always; name the gradients, and say that these lines are backward."""
        if node.op is not None and node not in self.mine:
            raise refuse(
                f"a gradient flows into a Value that was computed outside ({node.op.name});"
                " compute it inside, or use its v.detach()"
            )
        tracer = self.tracer
        before, tracer.part = tracer.part, "backward"
        if REACHED not in gradients and type(node._out) is Traced:
            self.root = node._out.number
        if node.name and type(node._out) is Traced:
            tracer.names[node._out.number] = node.name
        if type(g) is Traced and type(node._out) is Traced:
            tracer.gradients.setdefault(g.number, (self.root, node._out.number))
        tracer.pull(node, g, gradients)
        tracer.part = before if before == "backward" else "update"


_NAMELESS = ("<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>")


class _Names:
    """Learns the names of results from the local variables of the user's functions."""

    def __init__(self, tracer: Tracer, block: Block, held: dict[Value, Any]) -> None:
        self.tracer, self.block, self.held = tracer, block, held

    def __enter__(self) -> None:
        # a profiler is installed and keeps its place; or the first recording has all names
        self.busy = sys.getprofile() is not None or bool(self.tracer.first)
        if not self.busy:
            sys.setprofile(self._look)

    def __exit__(self, *_: object) -> None:
        if not self.busy:
            sys.setprofile(None)

    def _look(self, frame: Any, event: str, arg: Any) -> None:
        if event == "call":
            frame = frame.f_back
        elif event != "return":
            return
        if len(self.tracer.lines) > READ or not self.block.is_open():
            sys.setprofile(None)
        if (
            frame is None
            or frame.f_code.co_name in _NAMELESS
            or is_engine(frame.f_code.co_filename, frame.f_globals)
        ):
            return
        names = self.tracer.names
        for name, x in frame.f_locals.items():
            if type(x) is Value:
                state: Any = self.held.get(x, x)
                x, name = state._out, x.name or name
            if type(x) is Traced and x.tracer is self.tracer and x.number not in names:
                names[x.number] = name


def argument_names(f: Callable[..., Any], args: Sequence[Any], keywords: Any) -> list[str]:
    """A name for every leaf of the arguments: of the parameter, and where in it it stands."""
    import inspect

    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    names = []
    for i, x in enumerate(args):
        known = i < len(parameters) and parameters[i].kind in (
            inspect.Parameter.POSITIONAL_ONLY,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
        )
        names += [place for place, _ in places(x, parameters[i].name if known else f"x{i}")]
    for key, x in keywords.items():
        names += [place for place, _ in places(x, key)]
    return names


# ------------------------------------------------------------------------- the same every time
_DIFFERS = (
    "compile: traced twice, the function gave two different programs: it draws random numbers,"
    " counts or reads a clock; give what changes from call to call as arguments"
)


def _compare(first: Program, second: Program) -> None:
    alike = len(first.lines) == len(second.lines) and all(
        a is b or a.is_call(b.function, b.args, b.keywords)
        for a, b in zip(first.lines, second.lines, strict=True)
    )
    if not (alike and same(first.outputs, second.outputs)):
        raise CannotCompileError(_DIFFERS)
