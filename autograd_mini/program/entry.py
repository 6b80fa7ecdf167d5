"""The way into a program: a function, written for one structure of arguments, that checks them.

It gives `NO_MATCH` for arguments of another structure, shape or dtype, so that somebody else looks
for the program that fits.

This file knows containers and what a program is made for. It must not know how a program is
traced or spelled.
"""

import itertools
import operator
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.program.recording import Held, Recording
from autograd_mini.trees import contents, fields, leaves, rebuild

NO_MATCH = object()
COMPUTED = object()
"""Stands in the containers of a result for what is computed anew; else a constant stands there."""
_DEEPEST = 50  # brackets in brackets; Python takes no more than 200


class Permit:
    """The right to use the buffers of a program: whoever takes it out of its place has them.

    It is put back with `append`. Where an interrupt came between, it does so itself, as soon as
    nobody has it any more.
    """

    __slots__ = ("_place",)

    def __init__(self, place: "weakref.ref[deque[Permit]]") -> None:
        self._place = place

    def __del__(self) -> None:
        place = self._place()
        if place is not None:
            place.append(Permit(self._place))

    @staticmethod
    def place() -> "deque[Permit]":
        """A place with its permit."""
        place: deque[Permit] = deque()
        place.append(Permit(weakref.ref(place)))
        return place


def door(
    args: Sequence[Any],
    recording: Recording,
    run: Callable[..., Any],
    outputs: int,
    permits: "deque[Permit] | None",
) -> Any:
    """Write the function that takes these arguments, or others like them, to `run`.

    Only one thread at a time has a permit: another one that comes meanwhile gets `NO_MATCH` too.
    """
    return _EntryWriter(args, recording).built(run, outputs, permits)


class _EntryWriter:
    """Writes with names that it numbers itself: none of the user's stands in its text."""

    def __init__(self, args: Sequence[Any], recording: Recording) -> None:
        self.args, self.recording = args, recording
        self.space: dict[str, Any] = {
            **{"ndarray": np.ndarray, "Value": Value, "NO_MATCH": NO_MATCH, "rebuild": rebuild},
            "is_": operator.is_,
        }
        self.count = itertools.count()
        self.lines: list[str] = []
        self.leaf_names: list[str] = []

    def _name(self) -> str:
        return f"x{next(self.count)}"

    def _known(self, x: Any) -> str:
        name = f"known{len(self.space)}"
        self.space[name] = x
        return name

    def _check(self, condition: str) -> None:
        self.lines.append(f"if {condition}: return NO_MATCH")

    def _unpack(self, name: str, x: Any) -> None:
        """Check the containers of one argument, and give each of its leaves a name."""
        inside = contents(x)
        if x is None:
            self._check(f"{name} is not None")
            return
        if inside is None:
            self.leaf_names.append(name)
            return
        self._check(f"type({name}) is not {self._known(type(x))}")
        whole = name
        if isinstance(x, dict):
            keys, kinds = self._known(tuple(x)), self._known([*map(type, x)])
            other = f"tuple({name}) != {keys} or [*map(type, {name})] != {kinds}"
            self._check(
                f"len({name}) != {len(x)} or not all(map(is_, {name}, {keys})) and ({other})"
            )
            whole = f"{name}.values()"
        elif isinstance(x, list | tuple):
            self._check(f"len({name}) != {len(x)}")
        else:
            whole = ""
        names = [self._name() for _ in inside]
        if not whole:
            for part, field in zip(names, fields(x), strict=True):
                self.lines.append(f"{part} = getattr({name}, {self._known(field.name)})")
        elif names:
            self.lines.append(f"[{', '.join(names)}] = {whole}")
        for part, one in zip(names, inside, strict=True):
            self._unpack(part, one)

    def _check_number(self, name: str, x: Any) -> None:
        if isinstance(x, np.ndarray):
            kind = "ndarray" if type(x) is np.ndarray else self._known(type(x))
            dtype = self._known(x.dtype)
            self._check(
                f"type({name}) is not {kind} or {name}.shape != {x.shape}"
                f" or {name}.dtype is not {dtype} and {name}.dtype != {dtype}"
            )
            if kind != "ndarray":  # such as v.data, or numpy.memmap
                self.lines.append(f"{name} = {name}.view(ndarray)")
        else:
            self._check(f"type({name}) is not {self._known(type(x))}")

    def _check_same(self, values: dict[str, Value]) -> None:
        """Values that are one must be one again, and no others."""
        first: dict[int, str] = {}
        for name, x in values.items():
            if first.setdefault(id(x), name) != name:
                self._check(f"{name} is not {first[id(x)]}")
        if len(first) > 1:
            self._check(f"len({{{', '.join(first.values())}}}) != {len(first)}")

    def built(self, run: Callable[..., Any], outputs: int, permits: Any) -> Any:
        """The function itself."""
        recording = self.recording
        names = [self._name() for _ in self.args]
        for name, x in zip(names, self.args, strict=True):
            self._unpack(name, x)
        held = {h.place: h for h in recording.held if h.place >= 0}
        inputs: list[str] = []
        values: dict[str, Value] = {}
        places = set(recording.places)
        for i, (name, x) in enumerate(zip(self.leaf_names, leaves(list(self.args)), strict=True)):
            if type(x) is Value:
                values[name] = x
                self._check(f"type({name}) is not Value")
                inputs += self._of(name, held[i], x) if i in held else []
            elif i in places:
                self._check_number(name, x)
                inputs.append(name)
            else:
                known = self._known(x)
                other = f" and {name} != {known}" * (not isinstance(x, bool))
                self._check(f"type({name}) is not type({known}) or {name} is not {known}{other}")
            if i in recording.pinned:
                self._check(f"{name} is not {self._known(x)}")
            elif i in held:
                for h in recording.held:
                    if h.place < 0:
                        self._check(f"{name} is {self._known(h.value)}")
        self._check_same(values)
        owners = {id(h): self.leaf_names[h.place] for h in held.values()}
        for h in recording.held:
            if h.place < 0:
                owners[id(h)] = self._known(h.value)
                inputs += self._of(owners[id(h)], h, h.value)
        results = [f"r{k}" for k in range(outputs)]
        self.space.update(run=run)
        call = f"{', '.join(results)}{' = ' * bool(results)}run({', '.join(inputs)})"
        if permits is None:
            self.lines.append(call)
        else:
            self.space.update(take=permits.pop, put_back=permits.append)
            self.lines += ["try: permit = take()", "except IndexError: return NO_MATCH"]
            self.lines += [f"try: {call}", "finally: put_back(permit)"]
        for h in recording.held:
            if h.data >= 0:
                self.lines.append(f"{owners[id(h)]}._out = r{h.data}")
            if h.grad >= 0:
                self.lines.append(f"{owners[id(h)]}._grad = r{h.grad}")
            if h.grad >= 0 or h.clears_grad:
                gone = f"{owners[id(h)]}._grad = " * h.clears_grad
                self.lines.append(f"{gone}{owners[id(h)]}._given = None")
        self.lines.append(f"return {self._result(recording.result, iter(results), 0)}")
        body = "\n".join(f"    {line}" for line in self.lines)
        exec(f"def enter({', '.join(names)}):\n{body}\n", self.space)
        return self.space.pop("enter")

    def _of(self, name: str, h: Held, v: Value) -> list[str]:
        data = self._name()
        self.lines.append(f"{data} = {name}._out")
        self._check_number(data, v._out)
        self._check(f"{name}._grad is {'' if h.has_grad else 'not '}None")
        return [data, f"{name}._grad"] if h.has_grad else [data]

    def _result(self, tree: Any, results: Iterator[str], depth: int) -> str:
        """An expression that builds the containers of the result."""
        inside = contents(tree)
        if inside is None:
            name = next(results)
            return name if tree is COMPUTED else self._known(tree)
        if depth < _DEEPEST and type(tree) in (list, tuple, dict):
            texts = [self._result(part, results, depth + 1) for part in inside]
            if type(tree) is list:
                return f"[{', '.join(texts)}]"
            if type(tree) is tuple:
                return f"({''.join(text + ', ' for text in texts)})"
            pairs = zip(map(self._known, tree), texts, strict=True)
            return f"{{{', '.join(f'{key}: {text}' for key, text in pairs)}}}"
        found = ", ".join(self._result(leaf, results, depth) for leaf in leaves(tree))
        return f"rebuild({self._known(tree)}, [{found}])"
