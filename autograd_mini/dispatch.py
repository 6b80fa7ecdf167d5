"""Which of our functions answers when a NumPy function is given a Value.

This file knows NumPy functions by name and a table from them to ours. It must not know Value, Op,
or any rule; those are put into the table from above.
"""

from collections.abc import Callable, Sequence
from typing import Any

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


def dispatch(function: Any, args: Sequence[Any], keywords: dict[str, Any]) -> Any:
    """Call what the table has for `function`; TypeError, with the nearest names, if nothing."""
    ours = functions.get(function)
    if ours is not None:
        return ours(*args, **keywords)
    import difflib  # not needed unless something is wrong

    name = _name(function)
    near = difflib.get_close_matches(name, sorted(set(map(_name, functions))), n=3, cutoff=0.6)
    hint = f" (nearest supported: {', '.join(near)})" if near else ""
    raise TypeError(f"{name} cannot take a Value{hint}; for a plain result, give it v.data")


def _name(function: Any) -> str:
    module = getattr(function, "__module__", None) or "numpy"
    return f"{module}.{getattr(function, '__name__', function)}".replace("numpy", "np", 1)


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
