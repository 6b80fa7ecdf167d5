"""The way into a program: a function, written for one structure of arguments, that checks them.

It gives `MISS` for arguments of another structure, shape or dtype, so that somebody else looks
for the program that fits.

This file knows containers and what a program is made for. It must not know how a program is
traced or spelled.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_mini.program.capture import Held, Traces
from autograd_mini.trees import leaves, rebuild
from autograd_mini.value import Value

MISS = object()


def door(
    args: Sequence[Any], traces: Traces, run: Callable[..., Any], outputs: int, alone: Any
) -> Any:
    """Write the function that takes these arguments, or others like them, to `run`.

    Only one thread at a time can pass, with the lock `alone`: another one that comes meanwhile
    gets `MISS` too.
    """
    return _Carpenter(args, traces).built(run, outputs, alone)


class _Carpenter:
    def __init__(self, args: Sequence[Any], traces: Traces) -> None:
        self.args, self.traces = args, traces
        self.space: dict[str, Any] = {
            **{"ndarray": np.ndarray, "Value": Value, "MISS": MISS, "rebuild": rebuild},
        }
        self.lines: list[str] = []
        self.leaf_names: list[str] = []

    def _known(self, x: Any) -> str:
        name = f"known{len(self.space)}"
        self.space[name] = x
        return name

    def _check(self, condition: str) -> None:
        self.lines.append(f"if {condition}: return MISS")

    def _unpack(self, name: str, x: Any) -> None:
        """Check the containers of one argument, and give each of its leaves a name."""
        if isinstance(x, dict):
            self._check(f"type({name}) is not {self._known(type(x))}")
            self._check(f"tuple({name}) != {self._known(tuple(x))}")
            parts = [f"{name}_{i}" for i in range(len(x))]
            if parts:
                self.lines.append(f"[{', '.join(parts)}] = {name}.values()")
            for part, inner in zip(parts, x.values(), strict=True):
                self._unpack(part, inner)
        elif isinstance(x, list | tuple):
            self._check(f"type({name}) is not {self._known(type(x))} or len({name}) != {len(x)}")
            parts = [f"{name}_{i}" for i in range(len(x))]
            if parts:
                self.lines.append(f"[{', '.join(parts)}] = {name}")
            for part, inner in zip(parts, x, strict=True):
                self._unpack(part, inner)
        elif hasattr(x, "__dataclass_fields__") and not isinstance(x, type):
            self._check(f"type({name}) is not {self._known(type(x))}")
            for field in x.__dataclass_fields__:
                self.lines.append(f"{name}_{field} = {name}.{field}")
                self._unpack(f"{name}_{field}", getattr(x, field))
        elif x is None:
            self._check(f"{name} is not None")
        else:
            self.leaf_names.append(name)

    def _check_number(self, name: str, x: Any) -> None:
        if isinstance(x, np.ndarray):
            self._check(
                f"type({name}) is not ndarray or {name}.shape != {x.shape}"
                f" or {name}.dtype is not {self._known(x.dtype)}"
            )
        else:
            self._check(f"type({name}) is not {self._known(type(x))}")

    def built(self, run: Callable[..., Any], outputs: int, alone: Any) -> Any:
        """The function itself."""
        traces = self.traces
        names = [f"a{i}" for i in range(len(self.args))]
        for name, x in zip(names, self.args, strict=True):
            self._unpack(name, x)
        held = {h.place: h for h in traces.held if h.place >= 0}
        inputs: list[str] = []
        for i, (name, x) in enumerate(zip(self.leaf_names, leaves(list(self.args)), strict=True)):
            if i in held:
                self._check(f"type({name}) is not Value")
                inputs += self._of(name, held[i], x)
            elif i in traces.places:
                self._check_number(name, x)
                inputs.append(name)
            else:
                same = "is not" if isinstance(x, bool) else "!="
                known = self._known(x)
                self._check(f"type({name}) is not type({known}) or {name} {same} {known}")
        owners = {id(h): self.leaf_names[h.place] for h in held.values()}
        for h in traces.held:
            if h.place < 0:
                owners[id(h)] = self._known(h.value)
                inputs += self._of(owners[id(h)], h, h.value)
        self._run(run, inputs, outputs, alone)
        for h in traces.held:
            if h.data >= 0:
                self.lines.append(f"{owners[id(h)]}._out = r{h.data}")
            if h.grad >= 0:
                self.lines.append(f"{owners[id(h)]}._grad = r{h.grad}")
            if h.grad >= 0 or h.forgets:
                gone = f"{owners[id(h)]}._grad = " * h.forgets
                self.lines.append(f"{gone}{owners[id(h)]}._handed = None")
        self.lines.append(f"return {self._result(traces.result, iter(range(traces.width)))}")
        body = "\n".join(f"    {line}" for line in self.lines)
        exec(f"def enter({', '.join(names)}):\n{body}\n", self.space)
        return self.space["enter"]

    def _of(self, name: str, h: Held, v: Value) -> list[str]:
        data = f"{name}_data"
        self.lines.append(f"{data} = {name}._out")
        self._check_number(data, v._out)
        self._check(f"{name}._grad is {'' if h.has_grad else 'not '}None")
        return [data, f"{name}._grad"] if h.has_grad else [data]

    def _run(self, run: Callable[..., Any], inputs: list[str], outputs: int, alone: Any) -> None:
        self.space.update(run=run, enter_alone=alone.acquire, leave=alone.release)
        self._check("not enter_alone(False)")
        results = ", ".join(f"r{k}" for k in range(outputs))
        self.lines += [
            "try:",
            f"    {results + ' = ' if results else ''}run({', '.join(inputs)})",
            "finally:",
            "    leave()",
        ]

    def _result(self, tree: Any, numbers: Any) -> str:
        """An expression that builds the containers of the result."""
        if type(tree) is list:
            return f"[{', '.join(self._result(part, numbers) for part in tree)}]"
        if type(tree) is tuple:
            return f"({''.join(self._result(part, numbers) + ', ' for part in tree)})"
        if type(tree) is dict:
            parts = [f"{key!r}: {self._result(x, numbers)}" for key, x in tree.items()]
            if all(isinstance(key, str | int) for key in tree):
                return f"{{{', '.join(parts)}}}"
        count = len(leaves(tree))
        if count == 1 and leaves(tree)[0] is tree:
            return f"r{next(numbers)}"
        found = ", ".join(f"r{next(numbers)}" for _ in range(count))
        return f"rebuild({self._known(tree)}, [{found}])"
