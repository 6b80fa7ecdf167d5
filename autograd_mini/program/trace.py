"""Running a function on stand-ins that write every NumPy call down as a line.

A stand-in has the numbers of the arguments that it stands for, so shapes, dtypes and the rules by
which NumPy promotes them are NumPy's own; nothing but these is taken from the numbers.

This file knows NumPy's protocols, and where the ops ask about their numbers. It must not know how
a program is made better or spelled.
"""

import math
import operator
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_mini.data import StandIn, View
from autograd_mini.program.lines import (
    VIEWS,
    Kind,
    Line,
    Program,
    Ref,
    astype,
    getitem,
    item,
    with_added,
    with_item,
)
from autograd_mini.program.names import named
from autograd_mini.program.refusal import refuse
from autograd_mini.value import Value


# --------------------------------------------------------------------- what ops ask about numbers
def _always_ieee(line: Line) -> bool:
    return bool(line.args[0] == line.args[1])  # `total != total`: take the branch that allows nan


_ANSWERS: dict[tuple[str, str], Callable[[Line], bool]] = {
    # The answer that leads to the formula which holds for all numbers. Checks of numbers (labels
    # out of range, weights that add up to 0) are not made in a compiled program.
    ("autograd_mini.ops.elementwise", "guard"): lambda line: True,
    ("autograd_mini.ops.reduction", "_average"): lambda line: False,
    ("autograd_mini.ops.decompositions", "_cofactors_x"): lambda line: False,
    ("autograd_mini.ops.neural", "_cross_entropy"): _always_ieee,
    ("autograd_mini.ops.neural", "_binary_cross_entropy"): _always_ieee,
    ("autograd_mini.ops.neural", "_cross_entropy_x"): lambda line: False,
}
_MASKS = {("autograd_mini.ops.neural", "_cross_entropy")}
"""Where a mask of truth values picks as many elements whatever the numbers are."""


def _asker(depth: int) -> tuple[str, str]:
    frame = sys._getframe(depth)
    return frame.f_globals.get("__name__", ""), frame.f_code.co_name


# ------------------------------------------------------------------------------------ the tracer
_LOGICAL = {
    np.bitwise_and: np.logical_and,
    np.bitwise_or: np.logical_or,
    np.bitwise_xor: np.logical_xor,
    np.invert: np.logical_not,
}
_SHAPED_BY_NUMBERS = (
    *(np.nonzero, np.flatnonzero, np.argwhere, np.unique, np.compress, np.extract, np.union1d),
    *(np.intersect1d, np.setdiff1d, np.setxor1d, np.trim_zeros, np.bincount),
)
_QUESTIONS = (np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.iscomplexobj)
_CONSTANTS = {np.zeros_like: np.zeros, np.ones_like: np.ones, np.empty_like: np.zeros}
_REDUCTIONS = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min}


NUMBER = Kind((), np.dtype(float), True)


DATA = "the data of a Value"


def _picks(index: Any) -> bool:
    """Whether an index holds arrays or lists, so that what it gives is no view."""
    if isinstance(index, tuple):
        return any(map(_picks, index))
    return isinstance(index, list | np.ndarray | Traced)


class Tracer:
    """The lines written so far. `part` is written beside those that come next."""

    def __init__(self) -> None:
        self.inputs: list[tuple[int, Kind]] = []
        self.lines: list[Line] = []
        self.names: dict[int, str] = {}
        self.places: dict[int, str] = {}  # of inputs without a name: where they stand
        self.gradients: dict[int, tuple[int, int]] = {}  # of which result, by which
        self.part = "forward"
        self.count = 0

    def input(self, sample: Any, name: str, frozen: str = "its argument") -> "Traced":
        """A stand-in for an argument, or for the data of a Value."""
        kind = _kind(sample, type(sample) is float)
        self.count += 1
        self.inputs.append((self.count, kind))
        (self.names if name.isidentifier() else self.places)[self.count] = name
        return Traced(self, self.count, sample, kind, frozen)

    def call(
        self, function: Callable[..., Any], args: tuple[Any, ...], keywords: dict[str, Any]
    ) -> Any:
        """Run one call on the numbers, and write it down."""
        for x in args:
            if type(x) is Value:
                return NotImplemented
        number = self._are_numbers(args)
        samples = _unwrapped(args)
        others = {key: _unwrapped(x) for key, x in keywords.items()}
        result = function(*samples, **others)
        if number and isinstance(result, np.generic | np.ndarray):
            number = not result.ndim
            result = result.item() if number else result
        new = self.record(function, args, keywords, result, number)
        if function in VIEWS and type(new) is Traced and not _picks(args[1:]):
            new.frozen = "a view of another array"
        return new

    def record(
        self, function: Any, args: Any, keywords: dict[str, Any], result: Any, number: bool
    ) -> Any:
        """Write one line down, whose result is `result`."""
        self.count += 1
        refs = self._refs(args)
        others = tuple((key, self._refs(x)) for key, x in keywords.items())
        if isinstance(result, tuple | list):
            self.lines.append(Line(self.count, function, refs, others, None, self.part))
            whole = Traced(self, self.count, result, Kind((), np.dtype(object)), "")
            parts = [self.record(getitem, (whole, i), {}, x, False) for i, x in enumerate(result)]
            return type(result)(*parts) if hasattr(result, "_fields") else type(result)(parts)
        kind = _kind(result, number)
        self.lines.append(Line(self.count, function, refs, others, kind, self.part))
        return Traced(self, self.count, result, kind, "")

    def number(self, function: Any, python: Any, x: Any, y: Any, refs: tuple[Any, Any]) -> Any:
        """Write down a call on two of Python's numbers."""
        try:
            result = python(x, y)
        except (ArithmeticError, ValueError):
            result = function(x, y).item()
        kind = NUMBER if type(result) is float else _kind(result, True)
        self.count += 1
        self.lines.append(Line(self.count, function, refs, (), kind, self.part))
        return Traced(self, self.count, result, kind, "")

    def _are_numbers(self, args: Any) -> bool:
        for x in args:
            if type(x) is Traced:
                if not x.kind.number:
                    return False
            elif not isinstance(x, float | int | np.bool):
                return False
        return True

    def _refs(self, x: Any) -> Any:
        if type(x) is Traced:
            if x.tracer is not self:
                raise refuse("an array of another compiled function has been kept and used here")
            return x.ref
        kind = type(x)
        if kind is float or kind is int or x is None:
            return x
        if isinstance(x, tuple | list):
            return (list if kind is list else tuple)([self._refs(part) for part in x])
        if kind is slice:
            return slice(self._refs(x.start), self._refs(x.stop), self._refs(x.step))
        if isinstance(x, View):
            raise refuse(
                "`.data` of a Value would be frozen at what it is now; use the Value itself,"
                " or give the array as an argument"
            )
        if kind is np.ndarray:
            return x.copy() if x.ndim else x[()]
        return x

    def program(self, outputs: Sequence[Any]) -> Program:
        """What has been written, and what of it comes out."""
        found = tuple(self._refs(x) for x in outputs)
        return Program(tuple(self.inputs), tuple(self.lines), found, named(self, found))


def _kind(sample: Any, number: bool) -> Kind:
    if number:
        return NUMBER if type(sample) is float else Kind((), np.dtype(type(sample)), True)
    return Kind(
        np.shape(sample), sample.dtype if hasattr(sample, "dtype") else np.dtype(type(sample))
    )


def _unwrapped(x: Any) -> Any:
    kind = type(x)
    if kind is Traced:
        return x.sample
    if isinstance(x, tuple | list):
        return (list if kind is list else tuple)([_unwrapped(part) for part in x])
    if kind is slice:
        return slice(_unwrapped(x.start), _unwrapped(x.stop), _unwrapped(x.step))
    return x


# ---------------------------------------------------------------------------------- the stand-in
def _binary(ufunc: Any, python: Callable[[Any, Any], Any]) -> tuple[Any, Any]:
    """An operator and its reflection; on two of Python's numbers, `python` is much quicker."""

    def forward(self: "Traced", other: Any) -> Any:
        if self.kind is NUMBER:
            if type(other) is Traced:
                if other.kind is NUMBER:
                    return self.tracer.number(
                        ufunc, python, self.sample, other.sample, (self.ref, other.ref)
                    )
            elif type(other) is float or type(other) is int:
                return self.tracer.number(ufunc, python, self.sample, other, (self.ref, other))
        return self.tracer.call(ufunc, (self, other), {})

    def reflected(self: "Traced", other: Any) -> Any:
        if self.kind is NUMBER and (type(other) is float or type(other) is int):
            return self.tracer.number(ufunc, python, other, self.sample, (other, self.ref))
        return self.tracer.call(ufunc, (other, self), {})

    return forward, reflected


def _in_place(ufunc: Any) -> Callable[[Any, Any], Any]:
    """An operator such as +=, which changes an array, also under its other names."""

    def change(self: "Traced", other: Any) -> Any:
        new = self.tracer.call(ufunc, (self, other), {})
        immutable = not isinstance(self.sample, np.ndarray) or self.frozen == DATA
        if new is NotImplemented or immutable:
            return new
        self._become(new.astype(self.dtype))
        return self

    return change


class Traced(StandIn):
    """Stands for one result: its kind and line, and the numbers it has at these arguments."""

    __slots__ = ("frozen", "kind", "ref", "sample", "tracer")

    def __init__(self, tracer: Tracer, number: int, sample: Any, kind: Kind, frozen: str) -> None:
        self.tracer, self.ref, self.sample = tracer, Ref(number), sample
        self.kind, self.frozen = kind, frozen

    @property
    def number(self) -> int:
        """The number of the line, or of the input, that gives this result."""
        return self.ref.number

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        return self.kind.shape

    @property
    def dtype(self) -> "np.dtype[Any]":
        """NumPy's dtype; float64 for a Python number."""
        return self.kind.dtype

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.kind.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.size(self.sample))

    def constant(self, data: Any) -> Any:
        """Plain `data` as a number or array of this type and dtype."""
        if self.kind.number:
            return float(data)
        array = np.array(data, self.dtype)
        return array if isinstance(self.sample, np.ndarray) else array[()]

    @property
    def T(self) -> Any:  # noqa: N802
        """With the axes in reverse order."""
        return self.tracer.call(np.transpose, (self,), {})

    @property
    def mT(self) -> Any:  # noqa: N802
        """With the last two axes exchanged."""
        return self.tracer.call(np.matrix_transpose, (self,), {})

    # -- NumPy's protocols
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        if any(type(x) is Value for x in inputs):
            return NotImplemented
        out = keywords.pop("out", None)
        if out is not None:
            raise refuse(f"np.{ufunc.__name__} writes into an array with out=; take its result")
        if method == "__call__":
            if ufunc in _LOGICAL and all(_is_truth(x) for x in inputs):
                ufunc = _LOGICAL[ufunc]
            return self.tracer.call(ufunc, inputs, keywords)
        if method == "reduce" and ufunc in _REDUCTIONS:
            keywords.setdefault("axis", 0)
            return _ask(_REDUCTIONS[ufunc], inputs, keywords)
        if method == "at" and ufunc is np.add and type(inputs[0]) is Traced:
            x, index, y = inputs
            return x._become(self.tracer.call(with_added, (x, index, y), {}))
        if method in ("outer", "accumulate", "reduce"):
            return self.tracer.call(getattr(ufunc, method), inputs, keywords)
        raise refuse(f"np.{ufunc.__name__}.{method} cannot be written down")

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        if any(issubclass(kind, Value) for kind in types):
            return NotImplemented
        return _ask(function, args, keywords)

    def __array__(self, *args: Any, **keywords: Any) -> Any:
        raise refuse("turning a traced array into a plain one would freeze its numbers")

    # -- what Python asks
    def __bool__(self) -> bool:
        asker = _asker(2)
        if asker in _ANSWERS:
            line = self.tracer.lines[-1]
            return _ANSWERS[asker](line)
        raise refuse(
            "a branch depends on the numbers, and only one way would be written down;"
            " use np.where(condition, x, y)"
        )

    def __float__(self) -> float:
        raise refuse("float(), int() and the functions of math would freeze a number; use NumPy's")

    __int__ = __index__ = __complex__ = __float__

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of an array of no axes")
        return self.shape[0]

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: Any) -> Any:
        if type(index) is tuple and not index:
            return self
        parts = index if type(index) is tuple else (index,)
        if (
            any(type(p) is Traced and p.dtype.kind == "b" for p in parts)
            and _asker(2) not in _MASKS
        ):
            raise refuse(
                "how many elements a mask picks depends on the numbers; use np.where(mask, x, 0)"
            )
        return self.tracer.call(getitem, (self, index), {})

    def __setitem__(self, index: Any, value: Any) -> None:
        self._become(self.tracer.call(with_item, (self, index, value), {}))

    def _become(self, new: "Traced") -> None:
        if self.frozen:
            raise refuse(f"the function writes into {self.frozen}; make a new array instead")
        self.ref, self.sample, self.kind = new.ref, new.sample, new.kind

    __hash__ = object.__hash__

    def __invert__(self) -> Any:
        truth = self.dtype.kind == "b"
        return self.tracer.call(np.logical_not if truth else np.invert, (self,), {})

    def __neg__(self) -> Any:
        return self.tracer.call(np.negative, (self,), {})

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return self.tracer.call(np.absolute, (self,), {})

    # -- methods of arrays
    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """In another dtype."""
        if np.dtype(dtype) == self.dtype:
            return self
        new = astype(self.sample, np.dtype(dtype))
        number = self.kind.number
        new = new.item() if number else new
        return self.tracer.record(astype, (self, np.dtype(dtype)), {}, new, number)

    def item(self) -> Any:
        """The Python number in an array of one element."""
        if self.kind.number:
            return self
        number = self.sample.item()
        return self.tracer.record(item, (self,), {}, number, True)

    def reshape(self, *shape: Any) -> Any:
        """With the same elements in another shape."""
        new = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape
        return _ask(np.reshape, (self, tuple(new)), {})

    def transpose(self, *axes: Any) -> Any:
        """With the axes in another order."""
        new = axes[0] if len(axes) == 1 and isinstance(axes[0], tuple | list | None) else axes
        return _ask(np.transpose, (self, new or None), {})

    def flatten(self) -> Any:
        """With one axis."""
        return _ask(np.reshape, (self, (-1,)), {})

    def __getattr__(self, name: str) -> Any:
        function = getattr(np, name, None) if hasattr(np.ndarray, name) else None
        if function is None:
            raise AttributeError(f"a traced array has no {name!r}")
        return lambda *args, **keywords: _ask(function, (self, *args), keywords)


for _name, _ufunc in {
    **{"add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide},
    **{"pow": np.power, "matmul": np.matmul, "mod": np.mod, "floordiv": np.floor_divide},
}.items():
    _python = math.pow if _name == "pow" else getattr(operator, _name)
    _methods = (*_binary(_ufunc, _python), _in_place(_ufunc))
    for _prefix, _method in zip(("", "r", "i"), _methods, strict=True):
        setattr(Traced, f"__{_prefix}{_name}__", _method)
for _name, _ufunc in {
    **{"lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal},
    **{"eq": np.equal, "ne": np.not_equal},
}.items():
    setattr(Traced, f"__{_name}__", _binary(_ufunc, getattr(operator, _name))[0])
for _name, _ufunc in {"and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor}.items():

    def _logical(self: Any, other: Any, ufunc: Any = _ufunc) -> Any:
        if _is_truth(self) and _is_truth(other):
            ufunc = _LOGICAL[ufunc]
        return self.tracer.call(ufunc, (self, other), {})

    setattr(Traced, f"__{_name}__", _logical)
    setattr(Traced, f"__r{_name}__", _logical)


def _is_truth(x: Any) -> bool:
    return isinstance(x, bool) or getattr(getattr(x, "dtype", None), "kind", "") == "b"


def _ask(function: Any, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """Write down a call of one of NumPy's functions, if that can be done."""
    if function in _QUESTIONS:
        return function(*_unwrapped(args), **keywords)
    name = getattr(function, "__name__", str(function))
    if function in _SHAPED_BY_NUMBERS or (function is np.where and len(args) == 1):
        raise refuse(f"the shape of the result of np.{name} depends on the numbers")
    tracer: Tracer = next(_traced((args, tuple(keywords.values())))).tracer
    if function in _CONSTANTS:
        like = function(*_unwrapped(args), **keywords)
        if type(args[0]) is Traced and args[0].kind.number and not like.ndim:
            return float(like)
        shape = like.shape
        return tracer.call(_CONSTANTS[function], (shape, like.dtype), {})
    if function is np.copyto or keywords.get("out") is not None:
        raise refuse(f"np.{name} writes into an array; take its result instead")
    if function is np.copy:
        return Traced(tracer, *_same(args[0]))
    keywords = {key: x for key, x in keywords.items() if key != "out"}
    return tracer.call(function, tuple(args), keywords)


def _same(x: Traced) -> tuple[int, Any, Kind, str]:
    return x.number, x.sample, x.kind, ""


def _traced(x: Any) -> Any:
    if type(x) is Traced:
        yield x
    elif isinstance(x, tuple | list):
        for part in x:
            yield from _traced(part)
