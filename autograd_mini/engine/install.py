"""Installing an op: as NumPy's functions, and as methods and operators of Value.

This file knows where each of them is looked up. It must not know how an op runs.
"""

import functools
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_mini.engine.arrays import View
from autograd_mini.engine.in_place import SIGNS, in_place
from autograd_mini.engine.numpy_calls import functions, numpy_call
from autograd_mini.engine.op import Op
from autograd_mini.engine.value import Value


def install(op: Op) -> Op:
    """Make `op` what its NumPy functions, and its methods and operators on Value, do."""
    op.prepare(trusted=True)
    call = _as_function(op.apply)
    for function in op.numpy:
        functions[function] = numpy_call(op, function)
        if not op.packs and not isinstance(function, np.ufunc):
            call = functions[function]  # a method takes what the function takes
    for method in op.method:
        reflected = method.startswith("__r") and f"__{method[3:]}" in op.method
        attach(method, (lambda self, other: call(other, self)) if reflected else call)
        if method in SIGNS:
            attach(f"__i{method[2:]}", in_place(call, SIGNS[method]))
    return op


def _as_function(call: Any) -> Any:
    """Only functions become methods."""
    if isinstance(call, types.FunctionType):
        return call
    return functools.wraps(call)(lambda *args, **keywords: call(*args, **keywords))


def attach(method: str, call: types.FunctionType | Any) -> None:
    """Give Value a function of that name that does what `call` does."""
    new = types.FunctionType(
        call.__code__, call.__globals__, method, call.__defaults__, call.__closure__
    )
    new.__kwdefaults__, new.__qualname__ = call.__kwdefaults__, f"Value.{method}"
    new.__module__, new.__doc__ = Value.__module__, call.__doc__
    new.__annotations__ = call.__annotations__
    setattr(Value, method, new)


def attach_property(name: str, call: Any, kind: type, says: str) -> None:
    """Give Value a property of that name and type whose getter is `call`."""
    attach(name, _as_function(call))
    getter = getattr(Value, name)
    getter.__annotations__ = {"return": kind}
    setattr(Value, name, property(getter, doc=says))


def install_plain(function: Callable[..., Any], method: str = "") -> None:
    """Let `function`, whose result has no derivative, read the data of Values."""

    def plain(*args: Any, **keywords: Any) -> Any:
        result = function(*map(_strip, args), **{key: _strip(x) for key, x in keywords.items()})
        return np.asarray(result) if type(result) is View else result

    functions[function] = plain
    if method:
        plain.__doc__ = f"`np.{function.__name__}` of the data: no Value, as it has no derivative."
        attach(method, plain)
        ufunc = isinstance(function, np.ufunc)  # whose signature is not always to be had
        getattr(Value, method).__wrapped__ = (lambda x, y, /: None) if ufunc else function


def _strip(x: Any) -> Any:
    """The data of a Value, read-only, for what would write into it is refused by NumPy then."""
    if type(x) is Value:
        return x.data
    return type(x)(map(_strip, x)) if type(x) in (list, tuple) else x
