"""Knows how a model's parameters are found in its fields, named, taken out and put back.

It must not know any layer, loss or file.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_mini import Value

State = dict[str, NDArray[Any]]


class Module:
    """A model that is its fields: subclass it, keep Values in fields, and write `forward`.

    The parameters are the Values among the fields, and those in Modules, lists, tuples and dicts
    among the fields, in the order in which the fields were set. A Value that was computed from
    others is not a parameter. One that stands in several places is yielded once, under its first
    name. A name is the path to the Value: `layers.0.W` is `model.layers[0].W`.

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

    def __init_subclass__(cls) -> None:
        if "forward" in vars(cls):  # calling is forward itself: a frame between them costs time
            cls.__call__ = cls.forward  # type: ignore[method-assign]

    def forward(self, *inputs: Any) -> Any:
        """Compute the result of the model; every subclass has its own."""
        raise NotImplementedError(f"{type(self).__name__} needs a method forward")

    __call__ = forward

    def named_parameters(self) -> list[tuple[str, Value]]:
        """The parameters, each with the path to it."""
        return [(name, p) for name, p in _walk(self, "", set()) if p.op is None]

    def parameters(self) -> list[Value]:
        """The parameters, in the order of the fields."""
        return [p for _, p in self.named_parameters()]

    def zero_grad(self) -> None:
        """Forget the gradient of every parameter: it becomes None."""
        for p in self.parameters():
            p.grad = None

    def state_dict(self) -> State:
        """Copies of the parameters' data under their names; they are the caller's to write.

        Raises ValueError if two parameters have one name, as the dict `{1: v, "1": w}` gives.

        >>> from nn import Linear
        >>> {name: array.shape for name, array in Linear(3, 2, seed=0).state_dict().items()}
        {'W': (2, 3), 'b': (2,)}
        """
        named = self.named_parameters()
        state: State = {name: np.array(p.data, subok=False) for name, p in named}
        if len(state) < len(named):
            names = [name for name, _ in named]
            twice = next(name for name in names if names.count(name) > 1)
            raise ValueError(f"two parameters have the name {twice!r}; rename a field or a key")
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Give every parameter the array of its name, in the parameter's own dtype.

        Raises ValueError that names every difference, and changes nothing, if a name is missing
        or unexpected, a shape differs, an array is not of floating-point numbers, or a finite
        number is too large for the dtype of its parameter.

        >>> from nn import Linear
        >>> Linear(3, 2, seed=0).load_state_dict({"W": np.zeros((3, 2)), "bias": np.zeros(2)})
        Traceback (most recent call last):
        ValueError: the state does not fit Linear(3 → 2): W has shape (3, 2) in place of (2, 3); \
b is missing; bias is unexpected
        """
        ours = dict(self.named_parameters())
        fitted: dict[str, Any] = {}
        faults = []
        for name, p in ours.items():
            if name not in state:
                faults.append(f"{_told(name)} is missing")
                continue
            array = np.asarray(state[name])
            fault = _misfit(array, p)
            if fault:
                faults.append(f"{_told(name)} {fault}")
            else:
                fitted[name] = array.astype(p.dtype)
        faults += [f"{_told(name)} is unexpected" for name in state if name not in ours]
        if faults:
            raise ValueError(f"the state does not fit {_heading(self)}: {'; '.join(faults)}")
        for name, array in fitted.items():
            ours[name].data = array

    def __repr__(self) -> str:
        fields = {name: _describe(field) for name, field in vars(self).items()}
        body = "".join(_line(name, text) for name, text in fields.items() if text)
        return f"{type(self).__name__}({_indent(body)}\n)" if body else f"{type(self).__name__}()"


def _walk(field: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Value]]:
    """Every Value in `field` and below it, once, with the path to it."""
    if isinstance(field, Value):
        inside: Any = ()
    elif isinstance(field, Module):
        inside = vars(field).items()
    elif isinstance(field, dict):
        inside = field.items()
    elif isinstance(field, list | tuple):
        inside = enumerate(field)
    else:
        return
    if id(field) in seen:
        return
    seen.add(id(field))
    if isinstance(field, Value):
        yield path, field
    for name, item in inside:
        yield from _walk(item, f"{path}.{name}" if path else str(name), seen)


def _misfit(array: NDArray[Any], p: Value) -> str:
    """What keeps `array` from being the data of `p`; empty if nothing does."""
    if array.shape != p.shape:
        return f"has shape {array.shape} in place of {p.shape}"
    if array.dtype.kind != "f":
        return f"is of {array.dtype} in place of {p.dtype}"
    with np.errstate(over="ignore"):
        if np.any(np.isfinite(array) & ~np.isfinite(array.astype(p.dtype))):
            return f"has numbers too large for {p.dtype}"
    return ""


def _heading(module: Module) -> str:
    text = repr(module)
    return text if "\n" not in text else type(module).__name__


def _describe(field: Any) -> str:
    """A field of a model in a few words: parameters by shape, and what holds some item by item."""
    if isinstance(field, Value):
        return f"shape {field.shape}, {field.dtype}" if field.op is None else ""
    if isinstance(field, list | tuple | dict) and any(_walk(field, "", set())):
        items = field.items() if isinstance(field, dict) else enumerate(field)
        return _indent("".join(_line(key, _describe(item)) for key, item in items))
    return repr(field)


def _line(name: Any, text: str) -> str:
    return f"\n{_told(name)}:{text}" if text.startswith("\n") else f"\n{_told(name)}: {text}"


def _told(name: Any) -> str:
    """A name on one line; what a terminal would act upon is escaped."""
    return repr(str(name))[1:-1]


def _indent(text: str) -> str:
    return text.replace("\n", "\n  ")
