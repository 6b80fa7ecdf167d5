"""Operators such as `+=`: on a Value they make a new one, where NumPy writes into the array.

This file knows who else sees the memory of a node. It must not know ops.
"""

import sys
from collections.abc import Callable
from typing import Any

from autograd_mini.engine.arrays import Array, shares_memory
from autograd_mini.engine.modes import blocks, setting
from autograd_mini.engine.value import Value

SIGNS = {
    **{"__add__": "+", "__sub__": "-", "__mul__": "*", "__truediv__": "/", "__pow__": "**"},
    **{"__floordiv__": "//", "__mod__": "%", "__matmul__": "@"},
}


def in_place(call: Callable[..., Any], sign: str) -> Callable[[Any, Any], Any]:
    """An operator such as `+=`: a new Value, where NumPy's way of writing would show nowhere else.

    NumPy writes into the array, so whoever sees its memory sees the change; a Value cannot do
    that, and must not compute something else.
    """

    def change(self: Value, other: Any) -> Any:
        """A new Value, where NumPy would write into the array: TypeError where that would show."""
        out, _ = self.peek()
        if type(out) is not float and seen_elsewhere(self, out):
            raise TypeError(
                f"y {sign}= x changes y under all its names in NumPy, and here y of shape"
                f" {self.shape} is a leaf, an argument or a view, which cannot change;"
                f" write y = y {sign} x"
            )
        return call(self, other)

    return change


def seen_elsewhere(v: Value, out: Array) -> bool:
    """Whether the memory of `out`, the data of `v`, has other names: a leaf's, or of a view."""
    if v.op is None:
        return not v.is_alone and shares_memory(out, (out,))
    if v.is_argument:
        return True
    watch: Any = setting("watch") if blocks else None
    mine = getattr(watch, "mine", ())  # a recording holds each of its Values once more
    args, raw = v.args, v.raw
    for i in range(len(args)):
        if shares_memory(out, (raw[i],)):
            ours = _holders((_Nobody(),), 0) + (not v.op.wide) + (args[i] in mine)
            arg = args[i]
            if arg is None or _holders(args, i) > ours + 1:
                return True
            if seen_elsewhere(arg, arg.peek()[0]):
                return True
    return False


class _Nobody:
    """Held by a tuple alone."""


def _holders(args: Any, i: int) -> int:
    """How many hold one of the args of a node."""
    return sys.getrefcount(args[i])
