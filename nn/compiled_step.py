"""The forward and backward pass of a training step as one compiled function.

This file knows models and costs as functions, and parameters as Values. It must not know data,
optimizers' rules or the training loop.
"""

from collections.abc import Callable, Iterable
from typing import Any

import autograd_mini
from autograd_mini import Value
from nn import layers, losses
from nn.module import Module


def is_pure(model: Any, cost: Any) -> bool:
    """Whether model and cost are made of our own parts, which compute the same at each call.

    Of others nobody knows: an attribute that changes between the calls would be frozen.
    """
    return getattr(cost, "__module__", "") == losses.__name__ and _is_pure(model)


def _is_pure(part: Any) -> bool:
    if isinstance(part, list):
        return all(map(_is_pure, part))
    if isinstance(part, Module) and type(part).__module__ == layers.__name__:
        return all(map(_is_pure, vars(part).values()))
    return part is None or isinstance(part, Value | int | tuple)


def compiled_gradients(
    model: Callable[[Any], Any], cost: Callable[[Any, Any], Any], params: Iterable[Value]
) -> Callable[[Any, Any], tuple[Any, Any]]:
    """Make the function that gives `cost(model(x), y)` and `model(x)`, and sets all gradients.

    It is compiled for each shape of batch that it meets. Raises CannotCompileError for models
    and costs that no straight-line program can compute.
    """
    parameters = list(params)

    @autograd_mini.compile  # from there, because it is imported when first asked for
    def gradients(x: Any, y: Any) -> tuple[Any, Any]:
        outputs = model(x)
        C = cost(outputs, y)
        C.backward()
        return C, outputs

    def run(x: Any, y: Any) -> tuple[Any, Any]:
        for p in parameters:  # before the call: so it finds the same state each time
            p.grad = None
        C, outputs = gradients(x, y)
        return C, outputs

    return run
