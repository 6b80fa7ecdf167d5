"""The forward and backward pass of a training step as one compiled function.

This file knows models and costs as functions, and what a model is made of. It must not know data,
optimizers or the training loop.
"""

import itertools
import operator
import types
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd_mini  # compile from there, because it is imported when first asked for
from autograd_mini import Value
from nn.model import layers, losses
from nn.model.module import Module, parts


def is_pure(model: Any, cost: Any) -> bool:
    """Whether model and cost are made of our own parts, which compute the same at each call.

    Others may read attributes that change between steps: a program would freeze them.
    """
    return getattr(cost, "__module__", "") == losses.__name__ and _is_pure(model)


def _is_pure(part: Any) -> bool:
    if isinstance(part, list):
        return all(map(_is_pure, part))
    if isinstance(part, Module) and _is_ours(type(part)) and _is_ours(type(part).forward):
        return all(map(_is_pure, vars(part).values()))
    return part is None or isinstance(part, Value | int | tuple)


def _is_ours(thing: Any) -> bool:
    return getattr(thing, "__module__", "") == layers.__name__


class Makeup:
    """What a model is made of at one moment: layers, their classes, activations, parameters."""

    def __init__(self, model: Any) -> None:
        found = [part for _, part, _ in parts(getattr(model, "__self__", model))]
        self._modules = [part for part in found if isinstance(part, Module)]
        self._arrays = [part for part in found if isinstance(part, np.ndarray)]
        closed = (type, types.ModuleType, types.FunctionType)
        objects = [part for part in found if not isinstance(part, closed)]
        self._dicts = [part for part in found if isinstance(part, dict)]
        self._dicts += [vars(part) for part in objects if hasattr(part, "__dict__")]
        self._contents: list[Any] = [part for part in found if isinstance(part, list)]
        self._contents += [each.values() for each in self._dicts]
        self._contents.append([END])  # so that one list is not taken for a longer one
        self._then = list(itertools.chain.from_iterable(self._contents))
        self._forwards = self._looked_up()
        self._rest = self._slow()

    def _looked_up(self) -> list[Any]:
        return [*map(_forward, map(type, self._modules))]

    def _slow(self) -> list[Any]:
        """What takes too long for each step, and hardly ever changes in the middle of an epoch."""
        numbers = [hash(array.tobytes()) for array in self._arrays]
        return [numbers, [list(each) for each in self._dicts]]

    def holds(self, deeply: bool = False) -> bool:
        """Whether the model still is made of the very same things; quick enough for each step.

        `deeply` also looks at the names of fields and the numbers of arrays.
        """
        now = itertools.chain.from_iterable(self._contents)
        try:
            return (
                all(map(operator.is_, now, self._then))
                and self._looked_up() == self._forwards
                and (not deeply or self._slow() == self._rest)
            )
        except RuntimeError:  # another thread is changing it
            return False


END = object()
_forward = operator.attrgetter("forward")
SHAPES = 16  # of batches, for which programs are kept


class Program:
    """A forward and backward pass as a program, and, where the model has become another, anew.

    `forget` makes all gradients None. Parts of a model that are not ours end the program, unless
    there is to be one `always`.
    """

    run: Callable[[Any, Any], tuple[Any, Any]] | None
    """`compiled_gradients` of the model as it was when looked at; None if none is to be had."""

    def __init__(self, model: Any, cost: Any, forget: Callable[[], None], always: bool) -> None:
        self._model, self._cost, self._forget, self._always = model, cost, forget, always
        self.watching = False
        self._renew()

    def _renew(self) -> None:
        self._makeup, self.run = Makeup(self._model), None
        if self._always or is_pure(self._model, self._cost):
            self.run = compiled_gradients(self._model, self._cost, self._forget)

    def begin(self, watch: bool) -> None:
        """Look closely at the model, and say whether it is to be watched at each step as well."""
        self.watching = watch
        if not self._makeup.holds(deeply=True):
            self._renew()

    def look(self) -> Callable[[Any, Any], tuple[Any, Any]] | None:
        """As `run`, of the model as it is now."""
        if not self._makeup.holds():
            self._renew()
        return self.run


def compiled_gradients(
    model: Callable[[Any], Any], cost: Callable[[Any, Any], Any], forget: Callable[[], None]
) -> Callable[[Any, Any], tuple[Any, Any]]:
    """Make the function that gives `cost(model(x), y)` and `model(x)`, and sets all gradients.

    It is compiled for each shape of batch that it meets. `forget` makes the gradients None. Raises
    CannotCompileError for models and costs that no straight-line program can compute.
    """
    programs: dict[Any, Callable[[Any, Any], tuple[Any, Any]]] = {}

    def gradients(x: Any, y: Any) -> tuple[Any, Any]:
        outputs = model(x)
        C = cost(outputs, y)
        C.backward()
        return C, outputs

    def run(x: Any, y: Any) -> tuple[Any, Any]:
        kind = x.shape, x.dtype, y.shape
        program = programs.get(kind)
        forget()  # before each call: so it finds the same state each time
        if program is None:
            program = autograd_mini.compile(gradients)
            program(x, y)  # a first call can differ in the last bits from those that come after it
            forget()
            if len(programs) == SHAPES:
                programs.clear()
            programs[kind] = program
        return program(x, y)

    return run
