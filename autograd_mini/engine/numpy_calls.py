"""Which of our functions answers when a NumPy function is given a Value, and how it is called.

This file knows NumPy functions by name, their parameters, and a table from them to ours. It must
not know Value or any op; those are put into the table from above.
"""

import functools
import sys
from collections.abc import Callable, Sequence
from inspect import Parameter
from typing import Any

import numpy as np

from autograd_mini.engine.arguments import bound, parameters

functions: dict[Any, Callable[..., Any]] = {}

_CURES = {
    ("add", "reduce"): "use np.sum",
    ("add", "accumulate"): "use np.cumsum",
    ("multiply", "reduce"): "use np.prod",
    ("maximum", "reduce"): "use np.max",
    ("minimum", "reduce"): "use np.min",
    ("multiply", "outer"): "use x[:, None] * y",
    ("add", "at"): "use x.at[index].add(y)",
}
_ELSEWHERE = {  # functions of other libraries that have an op, by the last part of their names
    "expit": "ops.sigmoid(x)",
    "log_expit": "-ops.softplus(-x)",
    "logit": "np.log(x) - np.log1p(-x)",
    **{name: f"ops.{name}(x)" for name in ("logsumexp", "softmax", "log_softmax")},
}


def dispatch(function: Any, args: Sequence[Any], keywords: dict[str, Any]) -> Any:
    """Call what the table has for `function`; TypeError, with the nearest names, if nothing."""
    ours = functions.get(function)
    if ours is not None:
        return ours(*args, **keywords)
    raise TypeError(f"{_name(function)} cannot take a Value{instead_of(_name(function))}")


def instead_of(name: str) -> str:
    """What to do instead of giving a Value to the function that is called `name`.

    >>> instead_of("scipy.special.expit")
    '; use ops.sigmoid(x), or for a plain result give it v.data'
    """
    import difflib  # not needed unless something is wrong

    supported = sorted(set(map(_name, functions)))
    last = name.partition(" ")[0].rpartition(".")[2]
    alike = [ours for ours in supported if ours.rpartition(".")[2] == last]
    if name.startswith("np."):
        near = difflib.get_close_matches(name, supported, n=3, cutoff=0.6)
        hint = f" (nearest supported: {', '.join(near)})" if near else ""
        return f"{hint}; for a plain result, give it v.data"
    if last in _ELSEWHERE or alike:
        hint = _ELSEWHERE.get(last) or alike[0]
        return f"; use {hint}, or for a plain result give it v.data"
    own = " declare an Op with it and its derivative, or" * name.startswith("scipy.")
    return f";{own} for a plain result give it v.data"


def _name(function: Any) -> str:
    name = getattr(function, "__name__", str(function))
    module = getattr(function, "__module__", None) or _home(function, name)
    other = ""
    if isinstance(function, np.ufunc) and module in sys.modules:
        shown = vars(sys.modules[module]).items()
        names = [key for key, x in shown if x is function and key != name]
        other = f" ({', '.join(names)})" if names else ""
    return f"{module}.".replace("numpy", "np", 1).lstrip(".") + name + other


def _home(ufunc: Any, name: str) -> str:
    """The module that shows a ufunc to its users; ufuncs do not tell."""
    loaded = [(key, module) for key, module in sys.modules.items() if hasattr(module, "__dict__")]
    homes = [key for key, module in loaded if vars(module).get(name) is ufunc]
    return min(homes, key=lambda key: ("._" in f".{key}", len(key)), default="")


def dispatch_ufunc(
    ufunc: Any, method: str, inputs: Sequence[Any], keywords: dict[str, Any]
) -> Any:
    """As `dispatch`, for a ufunc; its methods and `out=` are refused with the way to do it."""
    if method != "__call__":
        cure = _CURES.get((ufunc.__name__, method), "write it with NumPy functions")
        raise TypeError(f"np.{ufunc.__name__}.{method} cannot take a Value; {cure}")
    if keywords.pop("out", None) is not None:
        raise TypeError(
            f"np.{ufunc.__name__} cannot write its result into an array (out= or an operator such"
            " as +=), because the graph would not know; write x = x + v instead of x += v"
        )
    return dispatch(ufunc, inputs, keywords)


# ---------------------------------------------------------- what the functions of the table do
def numpy_call(op: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """`op.apply`, called as `function` is: what stands behind the arrays has NumPy's names."""
    arity, known = 1 if op.sequence else op.arity, frozenset(op.keywords)

    def ufunc_call(*args: Any, **keywords: Any) -> Any:
        if keywords:
            keywords = {k: x for k, x in keywords.items() if not _is_default(k, x, ())}
            bound(op, args, keywords)
        return op.apply(*args, **keywords)

    def call(*args: Any, **keywords: Any) -> Any:
        if keywords and not known.issuperset(keywords):
            defaults = _parameters(function)
            keywords = {
                k: x for k, x in keywords.items() if k in known or not _is_default(k, x, defaults)
            }
        if len(args) == arity:
            return op.apply(*args, **keywords)
        parameters = _parameters(function)
        arrays = list(args[:arity])
        arrays += [
            keywords.pop(p.name) for p in parameters[len(args) : arity] if p.name in keywords
        ]
        if not parameters:  # a builtin that NumPy has given no signature
            return op.apply(*args, **keywords)
        for p, x in zip(parameters[arity:], args[arity:], strict=False):
            if x is not p.default:
                name = "shape" if p.name == "newshape" else p.name  # NumPy 2.0's name for it
                if name in keywords:
                    raise TypeError(f"np.{op.name}: {name!r} is given twice")
                keywords[name] = x
        return op.apply(*arrays, **keywords)

    return ufunc_call if isinstance(function, np.ufunc) else call


_DEFAULTS = {"where": True, "dtype": None, "order": "K", "casting": "same_kind", "subok": True}
"""What NumPy's ufuncs and reductions do if they are not told otherwise."""


def _is_default(name: str, x: Any, parameters: Sequence[Parameter]) -> bool:
    """Whether a keyword says what NumPy's function does without it."""
    usual = [p.default for p in parameters if p.name == name] + [_DEFAULTS.get(name, _DEFAULTS)]
    return any(x is y or (isinstance(x, str) and x == y) for y in usual)


_parameters = functools.cache(parameters)
