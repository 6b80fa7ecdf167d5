"""Functions that are neither NumPy's nor ours: called as a whole, and imported where that can be.

This file knows where a function can be imported from, and what is expected of its result. It must
not know lines or programs.
"""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_mini.program.errors import CannotCompileError


class Foreign:
    """A function that is called as it stands, at each call of a program.

    It gets arrays that it cannot write, and its result must be of the shape, dtype and type that
    it had when the program was recorded.
    """

    __slots__ = ("function", "name", "wanted")

    def __init__(self, function: Callable[..., Any], like: Any, name: str = "") -> None:
        own = str(getattr(function, "__name__", type(function).__name__))
        self.name = own if own.isidentifier() or not name else name
        self.function, self.wanted = function, _look(like)

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """The result, after a look at what it is."""
        result = self.function(*map(locked, args), **{k: locked(x) for k, x in keywords.items()})
        found = _look(result)
        if found != self.wanted:
            raise CannotCompileError(
                f"compile: {self.name} gives {found}, and gave {self.wanted} when the program"
                " was recorded; call the function without compile"
            )
        return result

    def __eq__(self, other: object) -> bool:
        return (
            type(other) is Foreign
            and other.function == self.function
            and other.wanted == self.wanted
        )

    def __hash__(self) -> int:
        return hash((Foreign, self.function))


class Thing:
    """An argument of a foreign function that is neither numbers nor text: equal to itself only."""

    __slots__ = ("thing",)

    name = "thing"

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return type(other) is Thing and other.thing is self.thing

    def __hash__(self) -> int:
        return id(self.thing)


def locked(x: Any) -> Any:
    """A look at an array that cannot be written; anything else as it is."""
    if type(x) is Thing:
        return x.thing
    if type(x) is np.ndarray:
        x = x.view()
        x.flags.writeable = False
    return x


def _look(x: Any) -> str:
    if isinstance(x, tuple | list):
        return f"{type(x).__name__} of ({', '.join(map(_look, x))})"
    kind = type(x).__name__
    return f"{kind} of {x.dtype} and shape {x.shape}" if isinstance(x, np.ndarray) else kind


def home(function: Any) -> str:
    """The module that `function` can be imported from by its name; "" if there is none."""
    name = getattr(function, "__name__", "")
    if not (isinstance(name, str) and name.isidentifier()):
        return ""
    places = [
        place
        for place, module in tuple(sys.modules.items())
        if place != "__main__" and getattr(module, "__dict__", {}).get(name) is function
    ]
    return min(places, key=lambda place: ("._" in f".{place}", len(place), place), default="")
