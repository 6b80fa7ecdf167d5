"""An op at a point: its arguments and keywords, and what it and its rules give there.

This file knows how an op is run on plain arrays and on Values. It must not know what is right.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from autograd_mini.engine.op import Op
from autograd_mini.engine.value import Value
from autograd_mini.functional.recorded import gradients


@dataclass(frozen=True, eq=False)
class Point:
    """Arguments of an op. `slots` says which leaf each is: (0, 0) for one leaf as both."""

    op: Op
    leaves: tuple[Any, ...]
    slots: tuple[int, ...]
    keywords: Mapping[str, Any]

    def __repr__(self) -> str:
        names = "xyzuvw"
        lines = [
            f"  {names[i] if i < 6 else f'x{i}'} = {show(x)}" for i, x in enumerate(self.leaves)
        ]
        if self.slots != tuple(range(len(self.leaves))):
            lines.append(f"  arguments: {', '.join(names[s] for s in self.slots)}")
        lines += [f"  {key}={value!r}" for key, value in self.keywords.items()]
        return "\n".join(lines)

    @property
    def varying(self) -> list[int]:
        """The leaves that have a derivative."""
        rules = self.op.rules if not self.op.sequence else ()
        fixed = {slot for slot, rule in zip(self.slots, rules, strict=False) if rule is None}
        return [i for i in range(len(self.leaves)) if i not in fixed]

    def args(self, leaves: Sequence[Any]) -> list[Any]:
        """The argument list, from the leaves."""
        return [leaves[slot] for slot in self.slots]

    def forward(self, leaves: Sequence[Any]) -> Any:
        """The result on plain numbers and arrays."""
        return self.op.forward(*self.args(leaves), **self.keywords)

    def shares(self, leaves: Sequence[Any], out: Any, g: Any) -> list[Any]:
        """What each rule gives, as it stands; None for an argument without one."""
        args = self.args(leaves)
        return [*self.op.shares(range(len(args)), g, out, args, self.keywords)]

    def record(self, leaves: Sequence[Any]) -> tuple[list[Any], Any]:
        """The leaves as Values (not those without a derivative), and the Value of the result."""
        varying = set(self.varying)
        values = [_value(x) if i in varying else x for i, x in enumerate(leaves)]
        args = self.args(values)
        return values, self.op(*([args] if self.op.sequence else args), **self.keywords)

    def gradient(self, leaves: Sequence[Any], g: Any) -> list[Any]:
        """The gradient of `sum(g * result)` for each leaf, in plain numbers and arrays.

        Of an op with rules by the rules alone, each share summed to the shape of its argument; of
        a composition by the engine.
        """
        if not self.op.rules:
            values, out = self.record(leaves)
            found = gradients(out, [values[i] for i in self.varying], seed=g)
            return [plain(x) for x in found]
        totals: list[Any] = [0.0] * len(leaves)
        for slot, share in zip(
            self.slots, self.shares(leaves, self.forward(leaves), g), strict=True
        ):
            if share is not None:
                totals[slot] = totals[slot] + summed_to(np.shape(leaves[slot]), share)
        return [totals[i] for i in self.varying]


def _value(x: Any) -> Value:
    value = Value(x)
    if isinstance(x, np.ndarray):
        value.replace(x)  # in its own layout, which a Value's copy may not keep
    return value


def plain(x: Any) -> Any:
    """The number or array in a Value, or `x` itself."""
    return x.peek()[0] if isinstance(x, Value) else x


def call_numpy(function: Callable[..., Any], args: Sequence[Any], keywords: Any) -> Any:
    """What NumPy's `function` gives for the arguments and keywords of an op."""
    names, first = list(keywords), None
    for n in range(len(names) + 1):  # some of its parameters may have other names, or none
        named = {name: keywords[name] for name in names[n:]}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore", DeprecationWarning
                )  # it may go, and is there still
                return function(*args, *(keywords[name] for name in names[:n]), **named)
        except TypeError as error:
            first = first or error
    assert first is not None
    raise first


def summed_to(shape: tuple[int, ...], share: Any) -> Any:
    """`share` summed over the axes along which an argument of `shape` was broadcast."""
    lead = np.ndim(share) - len(shape)
    share = np.sum(share, axis=tuple(range(lead)))
    grown = tuple(i for i, (n, m) in enumerate(zip(shape, np.shape(share), strict=True)) if n != m)
    return np.sum(share, axis=grown, keepdims=True)


def weights(shape: tuple[int, ...], phase: int = 0) -> Any:
    """Irregular numbers of both signs, as the gradient of a result: `g`.

    None is 0, and none is a float32, so that what is rounded to float32 shows.
    """
    numbers = (2 * np.random.default_rng(phase).integers(-6, 6, size=shape) + 1) / 5
    return np.asarray(numbers) if shape else float(numbers)


def show(x: Any) -> str:
    """A number or array as one would type it, with what its text does not tell."""
    if not isinstance(x, np.ndarray):
        return repr(x) if isinstance(x, float | int) else repr(np.asarray(x)[()])
    notes = [f"shape {x.shape}"] * (x.ndim == 0 or x.size == 0)
    notes += [str(x.dtype)] * (x.dtype != float)
    notes += [f"strides {x.strides}"] * (not x.flags.c_contiguous and x.size > 1)
    how: Any = {"threshold": 1000, "floatmode": "unique"}  # what is printed can be pasted
    text = np.array2string(x, separator=", ", prefix="      array(", **how)
    return f"array({text})" + f"  # {', '.join(notes)}" * bool(notes)


def fail(point: Point, text: str) -> NoReturn:
    """AssertionError with `text` and the point."""
    raise AssertionError(f"{text}\n{point}")


def require(holds: Any, point: Point, text: str) -> None:
    """`fail`, unless it `holds`."""
    if not holds:
        fail(point, text)
