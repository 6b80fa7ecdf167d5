"""What a call of an op is given: arrays and keywords told apart, or refused by name.

This file knows what an op declares of its arguments. It must not know how a node is made.
"""

import functools
import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter
from typing import Any

import numpy as np

from autograd_mini.engine.arrays import PLAIN, StandIn, constant, unwritable

_INSTEAD = {
    "where": "choose with np.where(mask, x, y) and compute with that",
    "initial": "compute with the result, as in np.maximum(np.max(x), initial)",
    "dtype": "convert with x.astype(dtype) before or after",
    "out": "take the result instead",
}


def parameters(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """Those of its signature; none where NumPy has given none."""
    try:
        return tuple(inspect.signature(function).parameters.values())
    except ValueError:
        return ()


def keywords_of(forward: Any, arrays: int) -> tuple[str, ...]:
    """Names of the parameters of a forward that come after its `arrays`, such as axis."""
    if isinstance(forward, np.ufunc | types.BuiltinFunctionType):
        return ()  # a ufunc's own, such as out and where, are not for recorded calls
    if type(forward) is not types.FunctionType or hasattr(forward, "__wrapped__"):
        found = parameters(forward)
        given = forward.keywords if isinstance(forward, functools.partial) else ()
        only = [p.name for p in found if p.kind is p.KEYWORD_ONLY and p.name not in given]
        names = [p.name for p in found if p.kind <= p.POSITIONAL_OR_KEYWORD]
    else:  # what the signature says, at a tenth of the time: it is asked of every op at import
        code = forward.__code__
        names = [*code.co_varnames[: code.co_argcount]]
        only = [*code.co_varnames[len(names) : len(names) + code.co_kwonlyargcount]]
    return (*names[arrays:], *only)


def bound(op: Any, args: Sequence[Any], keywords: dict[str, Any]) -> Sequence[Any]:
    """Split off the arrays of `args`; what stands behind them moves into `keywords`, by name.

    Raises TypeError for keywords that the op does not have.
    """
    arity, names = 1 if op.sequence else op.arity, op.keywords
    arrays, surplus = args[:arity], args[arity:]
    if op.sequence and args and isinstance(args[0], str):
        raise TypeError(
            f"{op.name} takes a list of arrays first, and {' and '.join(names)} by name;"
            f" np.{op.name} takes its arguments as NumPy does"
        )
    if surplus or keywords:
        if op.packs and not (len(surplus) == 1 and isinstance(surplus[0], tuple | list | None)):
            surplus = (surplus,) if surplus else ()
        unknown = [key for key in keywords if key not in names[len(surplus) :]]
        if unknown or len(surplus) > len(names):
            what = f"{unknown[0]!r}" if unknown else f"{len(args)} positional arguments"
            cure = f"; {_INSTEAD[unknown[0]]}" if unknown and unknown[0] in _INSTEAD else ""
            raise TypeError(
                f"{op.name} of a Value does not take {what}{cure}; beside {arity} array(s)"
                f" it takes {', '.join(names) or 'nothing'}"
            )
        keywords.update(zip(names, surplus, strict=False))
    if len(arrays) < arity:
        raise TypeError(f"{op.name} takes {arity} array(s), not {len(arrays)}")
    return tuple(arrays[0]) if op.sequence else arrays


# ------------------------------------------------------------------------ forwards of any kind
def careful(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A forward that we do not know: it is shown read-only arrays, and gives exactly an array."""

    def run(*arrays: Any, **keywords: Any) -> Any:
        given = {key: unwritable(x) for key, x in keywords.items()}
        out = function(*map(unwritable, arrays), **given)
        return out if type(out) in PLAIN else constant(name, out)

    return run


_KINDS = (
    *(np.linalg.LinAlgError, np.exceptions.AxisError, IndexError, ValueError, TypeError),
    *(FloatingPointError, OverflowError, ZeroDivisionError),
)


def retried(
    op: Any, error: Exception, raw: Sequence[Any], keywords: Mapping[str, Any] | None = None
) -> Any:
    """The forward in doubles, where Python raised and IEEE 754 has an answer; else raise."""
    keywords = keywords or {}
    out = retried_by_stand_in(op, error, raw, keywords)
    if out is not NotImplemented:
        return out
    numbers = all(isinstance(x, float | int) for x in raw)
    if numbers and not isinstance(error, TypeError | IndexError):
        return float(op.forward(*map(np.float64, raw), **keywords))
    shapes = " and ".join(str(np.shape(x)) for x in raw)
    text = f"{op.name} of shape{'s' * (len(raw) > 1)} {shapes}: {error}"
    raise next((k for k in _KINDS if isinstance(error, k)), ValueError)(text) from error


def retried_by_stand_in(
    op: Any, error: Exception, raw: Sequence[Any], keywords: Mapping[str, Any]
) -> Any:
    """What a stand-in among the arrays, or in an index, makes of a forward that has failed."""
    for given in (*raw, *keywords.values()):
        for x in given if type(given) is tuple else (given,):
            if isinstance(x, StandIn):
                return x.retried(op, error, raw, keywords)
    return NotImplemented
