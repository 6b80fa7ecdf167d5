"""What a model costs and gets right on examples, and what is wrong with those it cannot take.

This file knows models and costs as functions, and examples as arrays. It must not know optimizers
or how a run goes.
"""

import math
from collections.abc import Mapping
from typing import Any, overload

import numpy as np

from autograd_mini import Value, no_grad
from nn.model.module import Array, Cost, Model, in_mode
from nn.training.ranks import Alone, Ranks, ranks_of

CHUNK = 1000  # examples that evaluate computes at a time


@overload
def evaluate(model: Model, x: Array, y: Array, *, comm: Any = None) -> float: ...
@overload
def evaluate(
    model: Model, x: Array, y: Array, cost: Cost, *, comm: Any = None
) -> tuple[float, float]: ...
def evaluate(
    model: Model, x: Array, y: Array, cost: Cost | None = None, *, comm: Any = None
) -> float | tuple[float, float]:
    """Share of the examples whose largest output is that of their class, from 0 to 1.

    With `cost`, a pair of that share and the mean cost. `y` holds labels, shape (n,), or target
    outputs, shape (n, outputs), of which the largest marks the class. Nothing is recorded, and
    `CHUNK` examples are computed at a time. Outputs of one column name no class: the share is nan.
    With `comm`, every rank calls `evaluate` with the same arguments, computes its share of the
    examples, and has the result of all.

    Raises TypeError or ValueError for data, and for targets, that `fit` would not train on, and
    what `fit` raises for `comm`; FloatingPointError for outputs that are nan.

    >>> x = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.6, 0.4]])
    >>> evaluate(lambda x: x, x, np.array([0, 1, 1, 0]))
    0.75
    """
    ranks = ranks_of(comm)
    with ranks.guard():
        x, y = examples(x, y)
        ranks.agree("at the start of evaluate", {"inputs": x, "targets": y})
        check_functions(ranks, "at the start of evaluate", model, {"costs": cost})
        mean_cost, accuracy = measure(model, cost, x, y, ranks)
    return accuracy if cost is None else (accuracy, mean_cost)


def check_functions(
    ranks: Alone | Ranks, when: str, model: Model, functions: Mapping[str, object]
) -> None:
    """Raise RanksError if the ranks have different models or functions."""
    if ranks.size > 1:  # a state is copied to be compared
        state: dict[str, Array] = getattr(model, "state_dict", dict)()
        ranks.agree(when, {"models": model, **functions, "states of the model": state})


def measure(
    model: Model, cost: Cost | None, x: Array, y: Array, ranks: Alone | Ranks, kind: str = ""
) -> tuple[float, float]:
    """The mean cost and the share of examples read rightly, of all ranks; nan for what is none.

    `kind` is what errors call the examples, such as "validation ".
    """
    total, right, own, columns = 0.0, 0.0, ranks.share(len(x)), columns_needed(y)
    with no_grad(), in_mode(model, False):
        for start in range(own.start, own.stop, CHUNK):
            rows = slice(start, min(start + CHUNK, own.stop))
            xs, ys = x[rows], y[rows]
            outputs = model(xs)
            number = math.nan if cost is None else _number(cost(outputs, ys))
            if math.isnan(number):
                _check_outputs(outputs, xs, start, kind)
            hits = count_right(outputs, ys, columns)
            unclassed = cost is None and math.isnan(hits) and np.ndim(outputs) == 2
            if unclassed and outputs.shape[1] > 1:
                raise ValueError(_unclassed(outputs.shape[1], y))
            total += number * len(xs)
            right += hits
    total, right = ranks.sum([total, right])
    return total / len(x), right / len(x)


# ---------------------------------------------------------------------- examples and their classes
def examples(x: Any, y: Any) -> tuple[Array, Array]:
    """Inputs and targets as arrays; TypeError or ValueError for what nobody can train on."""
    for name, data in (("inputs", x), ("targets", y)):
        if isinstance(data, np.ma.MaskedArray):
            raise TypeError(
                f"the {name} are a masked array, and its mask would be lost; fill it, or take"
                " those examples that have no gaps"
            )
    x, y = np.asarray(x), np.asarray(y)
    if not (x.ndim and len(x)):
        raise ValueError(f"there are no examples in inputs of shape {x.shape}")
    if not y.ndim or len(x) != len(y):
        count = len(y) if y.ndim else "no"
        raise ValueError(f"there are {len(x)} inputs and {count} targets; give one for each")
    for name, array in (("inputs", x), ("targets", y)):
        if array.dtype.kind not in "fiub":
            raise TypeError(
                f"the {name} are numbers, and not {array.dtype};"
                " np.unique(names, return_inverse=True)[1] makes numbers of names"
            )
    return x, y


def columns_needed(y: Array) -> float:
    """How many columns it takes for all targets to name a class; inf if they name none."""
    if y.ndim == 2:
        return float(y.shape[1])
    labels = y.ndim == 1 and y.dtype.kind in "iu" and y.min() >= 0
    return float(y.max()) + 1 if labels else math.inf


def count_right(outputs: Any, y: Array, needed: float) -> float:
    """How many rows of `outputs` are largest at their class; nan where there are no classes."""
    if isinstance(outputs, Value):
        outputs = outputs.peek()[0]
    if np.ndim(outputs) != 2 or len(outputs) != len(y):
        return math.nan
    columns = outputs.shape[1]
    if columns < 2 or columns < needed or (y.ndim == 2 and columns > needed):
        return math.nan
    labels = y if y.ndim == 1 else y.argmax(1)
    return int(np.count_nonzero(outputs.argmax(1) == labels))


def _unclassed(columns: int, y: Array) -> str:
    """Why the targets name no classes of outputs of so many columns."""
    described = f"of shape {y.shape} and dtype {y.dtype}"
    if y.ndim == 1 and y.dtype.kind in "iu":
        described = f"labels from {y.min()} to {y.max()}"
    return (
        f"{columns} outputs take labels, whole numbers from 0 to {columns - 1} of shape"
        f" ({len(y)},), or targets of shape ({len(y)}, {columns}); these are {described}"
    )


def _check_outputs(outputs: Any, xs: Array, start: int, kind: str) -> None:
    numbers = np.asarray(outputs.peek()[0] if isinstance(outputs, Value) else outputs)
    if numbers.ndim and len(numbers) == len(xs) and np.isnan(numbers).any():
        row = int(np.argwhere(np.isnan(numbers))[0][0])
        cause = "; its inputs hold nan or infinite numbers" * (not is_finite(xs[row]))
        raise FloatingPointError(f"the output for {kind}example {start + row} is nan{cause}")


def _number(C: Any) -> float:
    if C is None or np.ndim(C):
        raise TypeError(no_cost(C))
    return C.item() if isinstance(C, Value) else float(C)


def no_cost(C: Any) -> str:
    """Why `C` is not what a cost gives."""
    given = "None" if C is None else f"a {type(C).__name__} of shape {np.shape(C)}"
    return (
        f"a cost gives one number, as a Value computed from the model's outputs, and not {given};"
        " nn.cross_entropy is one"
    )


def is_finite(array: Any) -> bool:
    """Whether all numbers are finite; whole ones are."""
    array = np.asarray(array)
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())
