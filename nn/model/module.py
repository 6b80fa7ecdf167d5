"""Knows how a model's parameters and state are found in its fields, named, taken out and put back.

It must not know any layer, loss or file.
"""

import collections
import contextlib
import dataclasses
import inspect
import operator
import reprlib
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from autograd_mini import Value, recompile

P = ParamSpec("P")
R = TypeVar("R", covariant=True)
Array = NDArray[Any]
State = dict[str, Array]
Model = Callable[[Any], Any]
"""A Module, or any other function from inputs to outputs."""
Cost = Callable[[Any, Any], Any]
"""A function of outputs and targets: the mean over the examples, as one number."""

_modes: ContextVar[dict[int, bool]] = ContextVar("modes")
"""Which Modules, by id, this thread has in training or not for the time of `in_mode`."""


class _Signature:
    """What `inspect.signature` shows of a model: its forward's."""

    def __get__(self, module: Any, owner: type) -> inspect.Signature:
        if module is None:
            raise AttributeError("classes have the signature of __init__")
        return inspect.signature(module.forward)


class _Forward(Protocol[P, R]):
    def forward(self, *inputs: P.args, **keywords: P.kwargs) -> R: ...


class Module:
    """A model that is its fields: subclass it, keep Values in fields, and write `forward`.

    The parameters are the Values among the fields, and those in Modules, lists, tuples, dicts and
    dataclasses among the fields, in the order in which the fields were set. A Value that was
    computed from others is not a parameter. One that stands in several places is yielded once,
    under its first name. A name is the path to the Value: `layers.0.W` is `model.layers[0].W`.

    NumPy arrays in the same places, such as running means, are no parameters, but belong to the
    state: they are saved and loaded with it. Plain numbers are not.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = Value(2.0), Value(1.0)
    ...
    ...     def forward(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line()
    >>> line(3.0).item()
    7.0
    >>> [name for name, _ in line.named_parameters()]
    ['slope', 'offset']
    """

    # calling looks forward up anew, in C: another frame between them costs twice the time
    if TYPE_CHECKING:

        def __call__(self: "_Forward[P, R]", *inputs: P.args, **keywords: P.kwargs) -> R:
            """Forward itself, with its parameters and result."""
    else:
        __call__ = property(operator.attrgetter("forward"))
    __signature__ = _Signature()

    def forward(self, *inputs: Any, **keywords: Any) -> Any:
        """Compute the result of the model; every subclass has its own."""
        inherited = getattr(super(), "forward", None)  # of a class that stands behind Module
        if inherited is None:
            raise NotImplementedError(f"{type(self).__name__} needs a method forward")
        return inherited(*inputs, **keywords)

    # -- training or not
    @property
    def training(self) -> bool:
        """Whether the model is being trained, which `forward` may ask: dropout is off if not.

        True until `eval()` is called. `fit` and `evaluate` set it as they need it for the time
        of the call, in their own thread.
        """
        mode = _modes.get({}).get(id(self))
        return bool(vars(self).get("training", True)) if mode is None else mode

    @training.setter
    def training(self, mode: bool) -> None:
        if not isinstance(mode, bool | np.bool):
            raise TypeError(
                "training says whether a model is in training, True or False, and is not"
                f" {type(mode).__name__}; give the field another name"
            )
        if bool(mode) != self.training:
            recompile()
        modes = _modes.get({})
        if id(self) in modes:
            modes[id(self)] = bool(mode)
        else:
            vars(self)["training"] = bool(mode)

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, np.ndarray) and not issubclass(type(value), np.ndarray):
            from autograd_mini import CannotCompileError

            raise CannotCompileError(
                f"compile: {type(self).__name__}.{name} is assigned inside the function, and would"
                " stay what it was when the program was recorded; return the array instead"
            )
        super().__setattr__(name, value)

    def train(self, mode: bool = True) -> Self:
        """Say to the model, and all Modules in it, that it is being trained."""
        for _, part, _ in parts(self):
            if isinstance(part, Module):
                part.training = mode
        return self

    def eval(self) -> Self:
        """Say to the model, and all Modules in it, that it is not being trained, but used.

        >>> from nn import Linear, Sequential
        >>> Sequential(Linear(3, 2)).eval()[0].training
        False
        """
        return self.train(False)

    # -- parameters and state
    def named_parameters(self) -> list[tuple[str, Value]]:
        """The parameters, each with the path to it.

        Raises TypeError for Values where none are looked for, as in a set or in an object that is
        no Module.
        """
        found = parts(self)
        named = [(path, p) for path, p, _ in found if isinstance(p, Value) and p.op is None]
        for path, closed, opens in found:
            if not opens and set(_hidden(closed)) - {p for _, p in named}:
                raise TypeError(
                    f"{type(self).__name__}: the field {path} is a {type(closed).__name__} with"
                    " Values in it, where no parameters are looked for; keep them in a Module,"
                    " list, tuple, dict or dataclass"
                )
        return named

    def parameters(self) -> list[Value]:
        """The parameters, in the order of the fields.

        To leave some out, compare what they are, not their numbers as `in` would:
        `set(model.parameters()) - set(frozen)`.
        """
        return [p for _, p in self.named_parameters()]

    def zero_grad(self) -> None:
        """Forget the gradient of every parameter: it becomes None."""
        for p in self.parameters():
            p.grad = None

    def _named_state(self) -> list[tuple[str, Any]]:
        """The parameters and, behind them, the arrays, each with the path to it."""
        arrays = []
        for path, part, _ in parts(self):
            if isinstance(part, np.ma.MaskedArray):
                raise TypeError(
                    f"{type(self).__name__}: the field {path} is a masked array, and a state has"
                    " no masks; fill it, or keep the mask as an array of its own"
                )
            if isinstance(part, np.ndarray) and not part.dtype.hasobject:
                arrays.append((path, part))
        return [*self.named_parameters(), *arrays]

    def state_dict(self) -> State:
        """Copies of the parameters' data, and of arrays, by name; they are the caller's to write.

        Raises ValueError if two have one name, as the dict `{1: v, "1": w}` gives.

        >>> from nn import Linear
        >>> {name: array.shape for name, array in Linear(3, 2, seed=0).state_dict().items()}
        {'W': (2, 3), 'b': (2,)}
        """
        named = self._named_state()
        state: State = {
            name: np.array(x.data if isinstance(x, Value) else x, subok=False) for name, x in named
        }
        if len(state) < len(named):
            names = [name for name, _ in named]
            twice = next(name for name in names if names.count(name) > 1)
            raise ValueError(f"two parameters have the name {twice!r}; rename a field or a key")
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Give every parameter the array of its name, in the parameter's own dtype.

        Arrays among the fields are written into. Raises ValueError that names every difference,
        and changes nothing, if a name is missing or unexpected, a shape or a kind of dtype
        differs, or a number is too large for the dtype that it should get.

        >>> from nn import Linear
        >>> Linear(3, 2, seed=0).load_state_dict({"W": np.zeros((3, 2)), "bias": np.zeros(2)})
        Traceback (most recent call last):
        ValueError: the state does not fit Linear(3 -> 2): W has shape (3, 2) in place of (2, 3); \
b is missing; bias is unexpected
        """
        ours = dict(self._named_state())
        fitted: dict[str, Any] = {}
        faults = []
        for name, own in ours.items():
            if name not in state:
                faults.append(f"{_text(name)} is missing")
                continue
            array = np.asarray(state[name])
            fault = _misfit(array, own)
            if fault:
                faults.append(f"{_text(name)} {fault}")
            else:
                fitted[name] = array.astype(own.dtype)
        faults += [f"{_text(name)} is unexpected" for name in state if name not in ours]
        if faults:
            raise ValueError(f"the state does not fit {_heading(self)}: {'; '.join(faults)}")
        for name, array in fitted.items():
            own = ours[name]
            if isinstance(own, Value):
                own.data = array
            else:
                own[...] = array
                recompile()  # programs may hold it as a constant

    @reprlib.recursive_repr("...")
    def __repr__(self) -> str:
        shown = {name: field for name, field in vars(self).items() if name != "training"}
        fields = {name: _describe(field) for name, field in shown.items()}
        body = "".join(_line(name, text) for name, text in fields.items() if text)
        return f"{type(self).__name__}({_indent(body)}\n)" if body else f"{type(self).__name__}()"


def parts(model: Any) -> list[tuple[str, Any, bool]]:
    """A model and all that stands in it but plain numbers and text, once.

    Each with its path, and whether it is known what stands in it, as of a list or a Module.
    """
    found: dict[int, tuple[str, Any, bool]] = {}
    _gather(model, "", found)
    return list(found.values())


def _gather(field: Any, path: str, found: dict[int, tuple[str, Any, bool]]) -> None:
    if type(field) is Value:
        found[id(field)] = found.get(id(field), (path, field, True))
    elif id(field) not in found:
        inside = _inside(field)
        found[id(field)] = path, field, inside is not None
        for name, item in inside or ():
            if type(item) not in _PLAIN:
                _gather(item, f"{path}.{name}" if path else str(name), found)


_PLAIN = {int, float, str, bool, type(None), types.FunctionType, np.ufunc}  # said for speed
_CONTAINERS = (
    *(set, frozenset, collections.deque, collections.UserList),
    *(collections.UserDict, collections.ChainMap, types.MappingProxyType),
)
_CLOSED = (type, types.ModuleType, types.FunctionType, types.MethodType)


def _inside(field: Any) -> Iterable[tuple[Any, Any]] | None:
    """Names and things in what parameters are looked for in; None for anything else."""
    if isinstance(field, Module):
        return vars(field).items()
    if isinstance(field, dict):
        return field.items()
    if isinstance(field, (list, tuple)):
        return enumerate(field)
    if dataclasses.is_dataclass(field) and not isinstance(field, type):
        names = [f.name for f in dataclasses.fields(field)]
        return [(name, getattr(field, name)) for name in names if hasattr(field, name)]
    return None


def _hidden(field: Any, depth: int = 2) -> Iterator[Value]:
    """Leaf Values in what is not looked into: sets and their like, and objects of any class."""
    things: Iterable[Any] = ()
    if isinstance(field, Value) or _inside(field) is not None:
        values = [part for _, part, _ in parts(field) if isinstance(part, Value)]
        yield from (v for v in values if v.op is None)
    elif isinstance(field, np.ndarray):
        things = field.ravel().tolist() if field.dtype.hasobject else ()
    elif isinstance(field, _CONTAINERS):
        things = list(field.values() if hasattr(field, "values") else field)
    elif not isinstance(field, _CLOSED):
        things = list(getattr(field, "__dict__", {}).values())
    for thing in things if depth else ():
        yield from _hidden(thing, depth - 1)


@contextlib.contextmanager
def in_mode(model: Any, training: bool) -> Iterator[None]:
    """Have the Modules of a model in training, or not, until the context ends; in this thread."""
    model = getattr(model, "__self__", model)  # of a bound method such as model.forward
    modules = [part for _, part, _ in parts(model) if isinstance(part, Module)]
    token = _modes.set({**_modes.get({}), **dict.fromkeys(map(id, modules), training)})
    try:
        yield
    finally:
        _modes.reset(token)


def _misfit(array: Array, own: Any) -> str:
    """What keeps `array` from being the data of a parameter or array; empty if nothing does."""
    if array.shape != own.shape:
        return f"has shape {array.shape} in place of {own.shape}"
    if array.dtype.kind != own.dtype.kind:
        return f"is of {array.dtype} in place of {own.dtype}"
    if isinstance(own, np.ndarray) and not own.flags.writeable:
        return "cannot be written, because the model's array is read-only"
    with np.errstate(over="ignore"):
        fitted = array.astype(own.dtype)
    if array.dtype.kind in "fc":
        lost = np.isfinite(array) & ~np.isfinite(fitted)
    else:
        lost = fitted != array
    return f"has numbers too large for {own.dtype}" if np.any(lost) else ""


def _heading(module: Module) -> str:
    text = repr(module)
    return text if "\n" not in text else type(module).__name__


@reprlib.recursive_repr("...")
def _describe(field: Any) -> str:
    """A field of a model in a few words: parameters by shape, and what holds some item by item."""
    if isinstance(field, Value):
        return f"shape {field.shape}, {field.dtype}" if field.op is None else ""
    holds = any(isinstance(part, Value) for _, part, _ in parts(field))
    if isinstance(field, list | tuple | dict) and holds:
        items = field.items() if isinstance(field, dict) else enumerate(field)
        return _indent("".join(_line(key, _describe(item)) for key, item in items))
    return repr(field)


def _line(name: Any, text: str) -> str:
    return f"\n{_text(name)}:{text}" if text.startswith("\n") else f"\n{_text(name)}: {text}"


def _text(name: Any) -> str:
    """A name on one line; what a terminal would act upon is escaped."""
    return repr(str(name))[1:-1]


def _indent(text: str) -> str:
    return text.replace("\n", "\n  ")
