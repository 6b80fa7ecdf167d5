"""Stand-ins for numbers and arrays: what is done with one, its tracer is asked to write down.

A stand-in has the numbers of the arguments that it stands for, so shapes, dtypes and the rules by
which NumPy promotes them are NumPy's own; nothing but these is taken from the numbers.

This file knows what Python and NumPy ask of an array. It must not know what is written down.
"""

import math
import operator
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_mini.engine.arrays import StandIn
from autograd_mini.engine.value import Value
from autograd_mini.program.lines import (
    LISTS,
    Kind,
    Ref,
    astype,
    getitem,
    item,
    with_added,
    with_item,
)

_LOGICAL = {
    np.bitwise_and: np.logical_and,
    np.bitwise_or: np.logical_or,
    np.bitwise_xor: np.logical_xor,
    np.invert: np.logical_not,
}
_SHAPED_BY_NUMBERS = {
    *(np.nonzero, np.flatnonzero, np.argwhere, np.unique, np.compress, np.extract, np.union1d),
    *(np.intersect1d, np.setdiff1d, np.setxor1d, np.trim_zeros, np.bincount),
}
_QUESTIONS = {
    *(np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.iscomplexobj),
    *(np.common_type, np.min_scalar_type),
}
_CONSTANTS = {np.zeros_like: np.zeros, np.ones_like: np.ones, np.empty_like: np.zeros}
_REDUCTIONS = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min}


take = np.take  # its own, also while a recording has put another in its place: `tables`
NUMBER = Kind((), np.dtype(float), True)
KINDS = "biufc"
TOLD = "<traced "
DATA = "the data of a Value"


def _weask(depth: int) -> bool:
    """Whether the caller that many calls up is code of ours."""
    return str(sys._getframe(depth).f_globals.get("__name__")).startswith("autograd_mini.")


def unwrapped(x: Any, change: Callable[[Any], Any] | None = None) -> Any:
    """The same tuples, lists and slices of samples, each perhaps changed."""
    kind = type(x)
    if kind is Traced:
        return x.sample if change is None or type(x.ref) is not Ref else change(x.sample)
    if isinstance(x, LISTS):
        return (list if kind is list else tuple)([unwrapped(part, change) for part in x])
    if kind is slice:
        return slice(*(unwrapped(part, change) for part in (x.start, x.stop, x.step)))
    return x[()] if kind is np.ndarray and not x.ndim else x  # as it is written down


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
        if ufunc is np.multiply:
            self._check_repeats(other)
        return self.tracer.call(ufunc, (self, other), {})

    def reflected(self: "Traced", other: Any) -> Any:
        if self.kind is NUMBER and (type(other) is float or type(other) is int):
            return self.tracer.number(ufunc, python, other, self.sample, (other, self.ref))
        if ufunc is np.multiply:
            self._check_repeats(other)
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

    def __init__(self, tracer: Any, ref: Any, sample: Any, kind: Kind, frozen: str) -> None:
        self.tracer, self.ref, self.sample = tracer, ref, sample
        self.kind, self.frozen = kind, frozen

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """What `isinstance` is told outside this package: the type of the numbers."""
        return Traced if _weask(2) else type(self.sample)

    def copied(self) -> Any:
        """A result of its own: what happens to the one leaves the other as it is."""
        if not self.kind.has_memory():
            return self
        return self.tracer.record(np.array, (self.tracer.refs(self),), (), self.sample, False)

    @property
    def number(self) -> int:
        """The number of the line, or of the input, that gives this result."""
        return int(self.ref.number)

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

    def retried(
        self, op: Any, error: Exception, raw: Sequence[Any], keywords: Mapping[str, Any]
    ) -> Any:
        """The result of an op whose forward has failed on stand-ins; NotImplemented if it fails.

        One of ours may want its other arrays as stand-ins too; somebody else's is called whole.
        """
        tracer = self.tracer
        if tracer.forgives(op, error):
            return tracer.call_whole(op.forward, raw, dict(keywords), op.name)
        plain = [isinstance(x, np.ndarray) for x in raw]
        if not any(plain) or tracer.refused is None:
            return NotImplemented
        tracer.refused = None
        arrays = [
            tracer.constant(x) if is_plain else x for x, is_plain in zip(raw, plain, strict=True)
        ]
        return op.forward(*arrays, **keywords)

    # -- NumPy's protocols
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        if Value in map(type, inputs):
            return NotImplemented
        out = keywords.pop("out", None)
        if out is not None:
            raise self.tracer.refuse(
                f"np.{ufunc.__name__} writes into an array with out=; take its result"
            )
        if method == "__call__":
            if ufunc in _LOGICAL and all(_is_truth(x) for x in inputs):
                ufunc = _LOGICAL[ufunc]
            return self.tracer.call(ufunc, inputs, keywords)
        if method == "reduce" and ufunc in _REDUCTIONS:
            keywords.setdefault("axis", 0)
            return ask(self.tracer, _REDUCTIONS[ufunc], inputs, keywords)
        if method == "at" and ufunc is np.add and type(inputs[0]) is Traced:
            x, index, y = inputs
            return x._become(self.tracer.call(with_added, (x, index, y), {}))
        if method in ("outer", "accumulate", "reduce"):
            return self.tracer.call(getattr(ufunc, method), inputs, keywords)
        raise self.tracer.refuse(f"np.{ufunc.__name__}.{method} cannot be written down")

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        if Value in types:
            return NotImplemented
        return ask(self.tracer, function, args, keywords)

    def __array__(self, *args: Any, **keywords: Any) -> Any:
        raise self.tracer.refuse(
            "turning a traced array into a plain one would freeze its numbers; use NumPy's"
            " functions, np.take(table, i, axis=0) for table[i], np.stack of a list to fill an"
            " array, A @ v for A.dot(v), and an Op for a function of somebody else's"
        )

    # -- what Python asks
    def __bool__(self) -> bool:
        raise self.tracer.refuse(
            "a branch depends on the numbers, and only one way would be written down;"
            " use np.where(condition, x, y)"
        )

    def __float__(self) -> float:
        raise self.tracer.refuse(
            "float(), int(), the functions of math and z[i] = v would freeze a number; use NumPy's"
            " functions, np.stack of a list, and np.take(table, i, axis=0) for table[i]"
        )

    __int__ = __complex__ = __round__ = __trunc__ = __floor__ = __ceil__ = __float__

    def __index__(self) -> int:
        if self.dtype.kind not in "biu" or self.ndim:  # NumPy may ask, and go on without
            raise TypeError("only integer scalar arrays can be converted to a scalar index")
        return int(self)

    def __hash__(self) -> int:
        raise self.tracer.refuse("a number or an array as a key would be frozen")

    def __format__(self, spec: str) -> str:
        if spec:
            raise self.tracer.refuse("a number in a text would be frozen")
        return repr(self)

    def __repr__(self) -> str:
        return f"{TOLD}{self.dtype} of shape {self.shape}>"

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of an array of no axes")
        return self.shape[0]

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: Any) -> Any:
        if not self.kind.has_memory():
            return self._of_no_axes(index)
        if type(index) is tuple and not index and self.shape:
            return self
        parts = index if type(index) is tuple else (index,)
        if any(type(p) is Traced and p.dtype.kind == "b" for p in parts):
            raise self.tracer.refuse(
                "how many elements a mask picks depends on the numbers; use np.where(mask, x, 0)"
            )
        return self.tracer.call(getitem, (self, index), {})

    def picked(self, mask: Any) -> Any:
        """As `self[mask]`, which would be refused."""
        return self.tracer.call(getitem, (self, mask), {})

    def _of_no_axes(self, index: Any) -> Any:
        """A number stays one; new axes make an array. NumPy's functions may have given it."""
        try:
            new = np.zeros(())[index]
        except IndexError:
            if not self.kind.number:
                raise
            kind = type(self.sample).__name__
            raise TypeError(f"{kind!r} object is not subscriptable") from None
        return np.reshape(self, new.shape) if new.ndim else self

    def __setitem__(self, index: Any, value: Any) -> None:
        if not self.kind.has_memory():
            kind = type(self.sample).__name__
            raise TypeError(f"{kind!r} object does not support item assignment")
        self._become(self.tracer.call(with_item, (self, index, value), {}))

    def __delitem__(self, index: Any) -> None:
        raise ValueError("cannot delete array elements")

    def _check_repeats(self, other: Any) -> None:
        whole = self.kind.dtype.kind in "iu" and not self.kind.has_memory()
        if whole and isinstance(other, LISTS):
            raise self.tracer.refuse("how often a list is repeated depends on the numbers")

    def _become(self, new: "Traced") -> None:
        if self.frozen:
            raise self.tracer.refuse(
                f"the function writes into {self.frozen}; make a new array instead"
            )
        self.tracer.overwritten.add(self.number)
        self.ref, self.sample, self.kind = new.ref, new.sample, new.kind

    def __reduce__(self) -> Any:
        raise self.tracer.refuse("a pickle would freeze the numbers of an array")

    def __copy__(self) -> Any:
        return self.copied()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self.copied()

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    def __invert__(self) -> Any:
        truth = self.dtype.kind == "b"
        if truth and self.kind.number and not _weask(2):
            raise self.tracer.refuse("~True is -2 for Python; use np.logical_not")
        return self.tracer.call(np.logical_not if truth else np.invert, (self,), {})

    # -- methods of arrays
    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """In another dtype."""
        if np.dtype(dtype) == self.dtype:
            return self.copied() if copy else self
        if np.dtype(dtype).kind not in KINDS:
            raise self.tracer.refuse(f"an array of {np.dtype(dtype)} is no result of a program")
        new = astype(self.sample, np.dtype(dtype))
        number = self.kind.number
        new = new.item() if number else new
        return self.tracer.record(
            astype, (self.tracer.refs(self), np.dtype(dtype)), (), new, number
        )

    def item(self) -> Any:
        """The Python number in an array of one element."""
        if self.kind.number:
            return self
        number = self.sample.item()
        return self.tracer.record(item, (self.tracer.refs(self),), (), number, True)

    def reshape(self, *shape: Any, **keywords: Any) -> Any:
        """With the same elements in another shape."""
        new = shape[0] if len(shape) == 1 and isinstance(shape[0], LISTS) else shape
        return ask(self.tracer, np.reshape, (self, tuple(new)), keywords)

    def transpose(self, *axes: Any) -> Any:
        """With the axes in another order."""
        new = axes[0] if len(axes) == 1 and isinstance(axes[0], tuple | list | None) else axes
        return ask(self.tracer, np.transpose, (self, new or None), {})

    def flatten(self, order: str = "C") -> Any:
        """With one axis."""
        how = {} if order == "C" else {"order": order}
        return ask(self.tracer, np.reshape, (self, (-1,)), how).copied()

    def __getattr__(self, name: str) -> Any:
        kind = type(self.sample)
        known = hasattr(kind, name)
        if name.startswith("__") or not (known or hasattr(np.ndarray, name)):
            owner = "Traced" if known else kind.__name__  # a name for `Tracer.cause`
            raise AttributeError(f"{owner!r} object has no attribute {name!r}")
        function = take if name == "take" else getattr(np, name, None)
        if name in ("real", "imag"):
            return ask(self.tracer, getattr(np, name), (self,), {})
        if name in ("sort", "partition"):  # in place
            return lambda *args, **keywords: self._become(
                ask(self.tracer, function, (self, *args), keywords)
            )
        if function is None or name == "resize" or not callable(getattr(np.ndarray, name)):
            raise self.tracer.refuse(f"{name} of an array cannot be written down")
        return lambda *args, **keywords: ask(self.tracer, function, (self, *args), keywords)


for _name, _ufunc in {
    **{"add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide},
    **{"pow": np.power, "matmul": np.matmul, "mod": np.mod, "floordiv": np.floor_divide},
    **{"lshift": np.left_shift, "rshift": np.right_shift},
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


def _unary(function: Any) -> Callable[[Any], Any]:
    return lambda self: self.tracer.call(function, (self,), {})


for _name, _ufunc in {"neg": np.negative, "pos": np.positive, "abs": np.absolute}.items():
    setattr(Traced, f"__{_name}__", _unary(_ufunc))
for _name, _function in {"T": np.transpose, "mT": np.matrix_transpose}.items():
    setattr(Traced, _name, property(_unary(_function)))
for _name, _ufunc in {"and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor}.items():

    def _logical(self: Any, other: Any, ufunc: Any = _ufunc) -> Any:
        if _is_truth(self) and _is_truth(other):
            ufunc = _LOGICAL[ufunc]
        return self.tracer.call(ufunc, (self, other), {})

    setattr(Traced, f"__{_name}__", _logical)
    setattr(Traced, f"__r{_name}__", _logical)


def _is_truth(x: Any) -> bool:
    return isinstance(x, bool) or getattr(getattr(x, "dtype", None), "kind", "") == "b"


def ask(tracer: Any, function: Any, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """Write down a call of one of NumPy's functions, if that can be done."""
    if function in _QUESTIONS:
        return function(*unwrapped(args), **keywords)
    name = getattr(function, "__name__", "")
    if function in _SHAPED_BY_NUMBERS or (function is np.where and len(args) == 1):
        raise tracer.refuse(f"the shape of the result of np.{name} depends on the numbers")
    if function in _CONSTANTS:
        like = function(*unwrapped(args), **keywords)
        if type(args[0]) is Traced and args[0].kind.number and not like.ndim:
            return float(like)
        shape = like.shape
        return tracer.call(_CONSTANTS[function], (shape, like.dtype), {})
    if function is np.copyto or keywords.get("out") is not None:
        raise tracer.refuse(f"np.{name} writes into an array; take its result instead")
    if function is np.copy and isinstance(args[0].sample, np.ndarray):
        return args[0].copied()
    keywords.pop("out", None)
    return tracer.call(function, args, keywords)
