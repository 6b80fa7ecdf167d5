"""The table of ops: every `Op` declared in the families, by name, with its NumPy function.

Adding an op is one entry in one of the families; this file finds it there.
"""

import builtins
import copyreg
import inspect
import os.path
from types import ModuleType
from typing import Any

import numpy as np

from autograd_mini.engine.install import install, install_plain
from autograd_mini.engine.numpy_calls import functions
from autograd_mini.engine.op import Op
from autograd_mini.engine.value import Value
from autograd_mini.ops import (
    arrangement,
    choices,
    decompositions,
    diagonals,
    elementwise,
    linear_algebra,
    neural,
    norms,
    ordering,
    products,
    reduction,
    running,
    several,
    shape,
    signals,
    spectra,
    trigonometry,
)
from autograd_mini.ops import plain as plain

FAMILIES: tuple[ModuleType, ...] = (
    elementwise,
    trigonometry,
    choices,
    reduction,
    running,
    ordering,
    shape,
    arrangement,
    diagonals,
    linear_algebra,
    products,
    signals,
    decompositions,
    spectra,
    norms,
    neural,
)
TABLE: dict[str, Op] = {
    name.rstrip("_"): op
    for family in FAMILIES
    for name, op in vars(family).items()
    if isinstance(op, Op)
}


def _enter(name: str, op: Op) -> None:
    """Install `op` under `name`, and for the NumPy function that its forward may be.

    What the declaration says goes before.
    """
    if not op.named:
        op.symbol = name if op.symbol == op.name else op.symbol
        op.name = name
    if not op.numpy and (
        isinstance(op.forward, np.ufunc) or op.forward.__module__.startswith("numpy")
    ):
        op.numpy = (op.forward,)
    install(op)


for _name, _op in TABLE.items():
    _enter(_name, _op)
globals().update(TABLE)
__all__ = [name for name in TABLE if not hasattr(builtins, name)]  # as of NumPy's, for import *


# --------------------------------------------------------------------------- what help() says
def signature_of(op: Op) -> inspect.Signature:
    """Arrays, then keywords, as one calls the op."""
    try:
        found = list(inspect.signature(op.forward).parameters.values())
    except ValueError:  # a ufunc
        found = []
    n = 1 if op.sequence else op.arity
    named = [p for p in found if p.name in op.keywords]
    operand = "Value | ArrayLike"
    kind = inspect.Parameter.POSITIONAL_ONLY
    arrays = [inspect.Parameter(name, kind, annotation=operand) for name in "xyz"[:n]]
    if op.sequence:
        arrays = [arrays[0].replace(name="arrays", annotation=f"Sequence[{operand}]")]
        named = [p.replace(kind=p.POSITIONAL_OR_KEYWORD) for p in named]
    elif found and type(op.forward).__name__ == "function":
        arrays = [p.replace(annotation=operand, default=p.empty) for p in found[:n]]
    return inspect.Signature([*arrays, *named], return_annotation="Value")


class _Signature:
    """The signature of an op, made when it is asked for; the class has its own."""

    def __get__(self, op: Op | None, owner: Any) -> inspect.Signature:
        if op is None:
            raise AttributeError
        return signature_of(op)


Op.__signature__ = _Signature()  # type: ignore[attr-defined]
_file = os.path.join(os.path.dirname(__file__), "docstrings.txt")
_text = __loader__.get_data(_file).decode().replace("\r", "")  # also from a zip
_TEXTS = dict(entry.split("\n", 1) for entry in _text.split("\n@ ")[1:])
for _name, _op in TABLE.items():
    _op.__doc__, _op.__name__ = _TEXTS.get(_name, "").strip(), _name  # type: ignore[attr-defined]
    for _method in _op.method:
        _function = vars(Value)[_method]
        _function.__doc__, _function.__wrapped__ = _op.__doc__, _op  # with its signature
        _function.__annotations__ = {"return": Value}
for _function, _method in plain.PLAIN:
    install_plain(_function, _method)
functions.update(several.FUNCTIONS)


def _of_table(name: str) -> Op:
    return TABLE[name]


def _pickled(op: Op) -> Any:
    for name, ours in TABLE.items():
        if ours is op:
            return _of_table, (name,)
    raise TypeError(
        f"{op.name} is an op of your own, whose rules cannot be pickled; pickle a function of a"
        " module that calls it"
    )


copyreg.pickle(Op, _pickled)


def __dir__() -> list[str]:
    return ["TABLE", *TABLE]


def __getattr__(name: str) -> Op:
    raise AttributeError(f"there is no op {name!r}; ops.TABLE lists all")
