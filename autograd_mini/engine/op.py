"""Op: one way of computing, everything that is known about it, and how it is called.

This file runs forwards, on plain numbers and arrays. It must not know any particular op;
those stand in `ops`.
"""

import functools
import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_mini.engine.arrays import PLAIN, StandIn, View, constant, ndarray, unwritable
from autograd_mini.engine.modes import blocks
from autograd_mini.engine.numpy_calls import functions
from autograd_mini.engine.pull import puller
from autograd_mini.engine.unrolled import KINDS
from autograd_mini.engine.value import Value, here, marked, record


class Domain(NamedTuple):
    """Where an argument of an op is drawn when its declaration is tested.

    Numbers from `low` to `high` that keep `margin` away from each point in `away_from`, so that a
    finite difference never steps over a kink or out of the domain. With a `spacing`, they are
    `offset` plus whole multiples of it, so that arguments of different offsets never meet; with
    `distinct`, no two elements of one array are equal either, as the maximum of an array needs.
    With a `diagonal`, that times i + 1 is added to element i of the diagonal of each matrix: it is
    then positive definite, well conditioned, and its eigenvalues lie apart.
    """

    low: float = -3.0
    high: float = 3.0
    away_from: tuple[float, ...] = ()
    margin: float = 0.1
    spacing: float = 0.0
    offset: float = 0.0
    distinct: bool = False
    diagonal: float = 0.0


REAL = Domain()
_INSTEAD = {
    "where": "choose with np.where(mask, x, y) and compute with that",
    "initial": "compute with the result, as in np.maximum(np.max(x), initial)",
    "dtype": "convert with x.astype(dtype) before or after",
    "out": "take the result instead",
}
Rule = Callable[..., Any]


class Case(NamedTuple):
    """Keywords to test an op with, and the shapes of its arrays; () where any shapes will do."""

    shapes: tuple[tuple[int, ...], ...]
    keywords: Mapping[str, Any]


def case(*shapes: tuple[int, ...], **keywords: Any) -> Case:
    """A `Case`, written as a call.

    >>> case((2, 3), axis=1)
    Case(shapes=((2, 3),), keywords={'axis': 1})
    """
    return Case(shapes, keywords)


class Op:
    """One way of computing, and everything that is known about it.

    `forward(*arrays, **keywords)` is plain NumPy. `rules` has one function for each array:
    `rule(g, out, *arrays, **keywords)` gives that array's share of the gradient `g` of the result
    `out`, in the shape of the array or, where the forward broadcasts it, in the shape of the
    result. None stands for an array that has no derivative. Rules are written in NumPy and
    operators; run on Values, the same text records the graph of the gradient.

    What else an entry may say:

    - `name`, else that of the forward, and `symbol` for pictures, else the name;
    - `numpy`: the NumPy function or functions that it stands for;
    - `method`: what it is called on Value, operators included;
    - `scalar`: the forward for Python numbers, where `math` is quicker than NumPy;
    - `domain`: one `Domain` for each array, or one for all;
    - `signature`: core dimensions, `"(m,n),(n,p)->(m,p)"`; without one the op is elementwise or,
      where it has keywords, works on one array of any shape;
    - `cases`: keywords, and shapes where only some fit, to test it with;
    - `kinks`: pairs of arguments and shares, where the derivative is a convention;
    - `declared`: the derivative that the rule states although it is not the true one;
    - `sequence`: it takes one sequence of any number of arrays; its only rule gets a list of
      their places first, and gives a list of the shares of the arrays there;
    - `packs`: several numbers behind the array mean one tuple: `x.reshape(2, 3)`;
    - `elementwise`: each entry of the result depends on the entries at its place alone;
    - `passes`: `"moves"` if the rules only move, spread or add up entries of `g`, perhaps times
      factors other than 0 that no number decides; `"chooses"` if they do so, and what numbers
      decide is which places get none; `"scales"` for the product.

    Forwards and rules are given read-only arrays: what is recorded cannot change.

    An op without rules is a composition: its forward runs on Values as it stands.

    >>> cube = Op(lambda x: x**3, lambda g, out, x: g * 3 * x**2, name="cube")
    >>> x = Value(2.0)
    >>> cube(x).backward()
    >>> x.grad
    12.0
    """

    def __init__(
        self,
        forward: Callable[..., Any],
        *rules: Rule | None,
        name: str = "",
        symbol: str = "",
        numpy: Callable[..., Any] | Sequence[Callable[..., Any]] = (),
        method: str | Sequence[str] = (),
        scalar: Callable[..., Any] | None = None,
        domain: Domain | Sequence[Domain] = REAL,
        signature: str = "",
        cases: Sequence[Case] = (Case((), {}),),
        kinks: Sequence[tuple[tuple[float, ...], tuple[float, ...]]] = (),
        declared: Callable[..., Any] | None = None,
        sequence: bool = False,
        packs: bool = False,
        arity: int = 0,
        elementwise: bool = False,
        passes: str = "",
    ) -> None:
        self.forward = forward
        self.rules: tuple[Any, ...] = rules
        self.named = bool(name)
        self.name = name = name or getattr(forward, "__name__", "op").strip("<>")
        self.symbol = symbol or name
        self.numpy = (numpy,) if callable(numpy) else tuple(numpy)
        self.method = (method,) if isinstance(method, str) else tuple(method)
        self.scalar = scalar or forward
        self.arity = arity or len(rules)
        self.domain = (domain,) * self.arity if isinstance(domain, Domain) else tuple(domain)
        self.signature = signature
        self.cases = tuple(cases)
        self.kinks = tuple(kinks)
        self.declared = declared
        self.sequence = sequence
        self.packs = packs
        self.elementwise = elementwise
        self.passes = passes
        if passes not in ("", "moves", "chooses", "scales"):
            raise ValueError(f"{name}: passes is 'moves', 'chooses' or '', not {passes!r}")
        self.has_constants = None in rules
        self.has_bounds = any(d != REAL for d in self.domain)
        if rules and not sequence and len(rules) != self.arity:
            raise TypeError(f"{name} has {len(rules)} rule(s) for {self.arity} array(s)")
        self.wide = self.arity > 2 or sequence or None in rules or bool(self.keywords)
        self.binary = self.arity == 2 and not self.wide
        if passes == "scales" and not self.binary:
            raise ValueError(f"{name}: passes='scales' is for a product of two arrays")
        self.three = self.arity == 3 and not (sequence or self.keywords)
        self._prepare(trusted=False)

    def _prepare(self, trusted: bool) -> None:
        """Choose how it is called and pulled; `trusted`, for one of ours, writes into nothing."""
        self.trusted = trusted
        self.kind = KINDS.get(self.name, 0) if trusted else 0
        self.apply = _applier(self)
        self.pull = puller(self)

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """Apply the op to Values, numbers and arrays; a Value if any of them is one."""
        try:
            return self.apply(*args, **keywords)
        except TypeError as error:
            arrays = args[0] if self.sequence and args else args
            if any(type(x) is Value for x in arrays):
                raise
            out = _of_stand_ins(self, error, arrays, keywords)
            if out is NotImplemented:
                raise
            return out

    def __repr__(self) -> str:
        return f"<op {self.name}>"

    def __copy__(self) -> "Op":
        return self  # an op is known by its identity

    def __deepcopy__(self, memo: Any) -> "Op":
        return self

    @functools.cached_property
    def keywords(self) -> tuple[str, ...]:
        """Names of the parameters of `forward` that are no arrays, such as axis."""
        if isinstance(self.forward, np.ufunc | types.BuiltinFunctionType):
            return ()  # a ufunc's own, such as out and where, are not for recorded calls
        if type(self.forward) is not types.FunctionType or hasattr(self.forward, "__wrapped__"):
            found = _signature(self.forward)
            given = self.forward.keywords if isinstance(self.forward, functools.partial) else ()
            only = [p.name for p in found if p.kind is p.KEYWORD_ONLY and p.name not in given]
            names = [p.name for p in found if p.kind <= p.POSITIONAL_OR_KEYWORD]
        else:  # what the signature says, at a tenth of the time: it is asked of every op at import
            code = self.forward.__code__
            names = [*code.co_varnames[: code.co_argcount]]
            only = [*code.co_varnames[len(names) : len(names) + code.co_kwonlyargcount]]
        return (*(names if self.sequence else names[self.arity :]), *only)

    def shares(
        self, places: Sequence[int], g: Any, out: Any, arrays: Sequence[Any], keywords: Any
    ) -> Sequence[Any]:
        """What the rules give for the arrays at `places`, as it stands; None without a rule."""
        if self.sequence:
            found: Sequence[Any] = self.rules[0](places, g, out, *arrays, **keywords)
            if len(found) != len(places):
                raise ValueError(
                    f"{self.name}: the rule gave {len(found)} shares for {len(places)} arrays"
                )
            return found
        rules = [self.rules[i] for i in places]
        return [rule and rule(g, out, *arrays, **keywords) for rule in rules]

    def bind(self, args: Sequence[Any], keywords: dict[str, Any]) -> Sequence[Any]:
        """Split off the arrays of `args`; what stands behind them moves into `keywords`, by name.

        Raises TypeError for keywords that this op does not have.
        """
        arity = 1 if self.sequence else self.arity
        arrays, surplus = args[:arity], args[arity:]
        if self.sequence and args and isinstance(args[0], str):
            raise TypeError(
                f"{self.name} takes a list of arrays first, and {' and '.join(self.keywords)} by"
                f" name; np.{self.name} takes its arguments as NumPy does"
            )
        if surplus or keywords:
            if self.packs and not (
                len(surplus) == 1 and isinstance(surplus[0], tuple | list | None)
            ):
                surplus = (surplus,) if surplus else ()
            names = self.keywords
            unknown = [key for key in keywords if key not in names[len(surplus) :]]
            if unknown or len(surplus) > len(names):
                what = f"{unknown[0]!r}" if unknown else f"{len(args)} positional arguments"
                cure = f"; {_INSTEAD[unknown[0]]}" if unknown and unknown[0] in _INSTEAD else ""
                raise TypeError(
                    f"{self.name} of a Value does not take {what}{cure}; beside {arity} array(s)"
                    f" it takes {', '.join(names) or 'nothing'}"
                )
            keywords.update(zip(names, surplus, strict=False))
        if len(arrays) < arity:
            raise TypeError(f"{self.name} takes {arity} array(s), not {len(arrays)}")
        return tuple(arrays[0]) if self.sequence else arrays


def by_element(*functions: Any, **facts: Any) -> Op:
    """An op each entry of whose result depends on the entries at its place alone."""
    return Op(*functions, elementwise=True, **facts)


def _applier(op: Op) -> Callable[..., Any]:
    """The function behind `op(...)`: run the forward and, if a Value is among the args, record it.

    `many` says what happens. Ops without keywords have a short path where no block is open:
    `one`, `two` and `three` do what `many` does.
    """
    forward, scalar, rules = op.forward, op.scalar, op.rules
    if rules and not op.trusted:
        forward, scalar = (_careful(op.name, f) for f in (forward, scalar))

    def one(x: Any) -> Any:
        if type(x) is not Value:
            return forward(x)
        if blocks:
            return many(x)
        raw = x._out
        try:
            out = scalar(raw) if type(raw) is float else forward(raw)
        except (ArithmeticError, ValueError, TypeError) as error:
            out = _retry(op, error, (raw,))
        return record(op, out, x, None, raw, None)

    def two(x: Any, y: Any) -> Any:
        if blocks:
            return many(x, y)
        a = b = None
        if type(x) is Value:
            a = x
            x = x._out
            if type(y) is Value:
                b = y
                y = y._out
            elif type(y) not in PLAIN:
                y = constant(op.name, y)
        elif type(y) is Value:
            b = y
            y = y._out
            if type(x) not in PLAIN:
                x = constant(op.name, x)
        else:
            return forward(x, y)
        try:
            if type(x) is float and type(y) is float:
                out = scalar(x, y)
            else:
                out = forward(x, y)
        except (ArithmeticError, ValueError, TypeError) as error:
            out = _retry(op, error, (x, y))
        return record(op, out, a, b, x, y)

    def three(x: Any, y: Any, z: Any) -> Any:
        if blocks:
            return many(x, y, z)
        a = b = c = None
        if type(x) is Value:
            a, x = x, x._out
        if type(y) is Value:
            b, y = y, y._out
        if type(z) is Value:
            c, z = z, z._out
        if type(x) is type(y) is type(z) is ndarray and not (a is b is c is None):
            try:
                out = forward(x, y, z)
            except (ArithmeticError, ValueError, TypeError, IndexError) as error:
                out = _retry(op, error, (x, y, z))
            if type(out) is ndarray and out.ndim:
                return record(op, out, (a, b, c), None, (x, y, z), None)
        return many(*(x if v is None else v for v, x in ((a, x), (b, y), (c, z))))

    def many(*args: Any, **keywords: Any) -> Any:
        arrays: Sequence[Any] = args
        if keywords or op.sequence or len(args) != op.arity:
            arrays = op.bind(args, keywords)
        values: list[Value | None] = []
        raw: list[Any] = []
        recorded = plain = False
        for x in arrays:
            if type(x) is Value:
                recorded = True
                values.append(x)
                raw.append(here(x)._out if blocks else x._out)
            else:
                plain = True
                values.append(None)
                raw.append(x)
        if not recorded:
            return forward(*arrays, **keywords)
        if plain or keywords or op.has_constants:
            _check(op, values, raw, keywords)
        numbers = all(type(x) is float for x in raw)
        try:
            out = (scalar if numbers else forward)(*raw, **keywords)
        except (ArithmeticError, ValueError, TypeError, IndexError) as error:
            out = _retry(op, error, raw, keywords)
        if type(out) is not float and not getattr(out, "shape", ()):
            numbers = numbers or all(type(x) in (float, int) for x in raw)
            out = float(out) if numbers else out[()] if type(out) is ndarray else out
        if op.wide:
            node = record(op, out, tuple(values), keywords, tuple(raw), None)
        else:
            node = record(op, out, *(*values, None)[:2], *(*raw, None)[:2])
        return marked(node) if blocks else node

    def composed(*args: Any, **keywords: Any) -> Any:
        return forward(*op.bind(args, keywords), **keywords)

    if not rules:
        return composed
    if op.wide:
        return three if op.three and not op.has_constants else many
    return one if op.arity == 1 else two


def _careful(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A forward that we do not know: it is shown read-only arrays, and gives exactly an array."""

    def careful(*arrays: Any, **keywords: Any) -> Any:
        given = {key: unwritable(x) for key, x in keywords.items()}
        out = function(*map(unwritable, arrays), **given)
        return out if type(out) in PLAIN else constant(name, out)

    return careful


def _check(op: Op, values: Sequence[Any], raw: list[Any], keywords: Mapping[str, Any]) -> None:
    """See to it that Values stand where a rule is, and that constants are real numbers."""
    for i, value in enumerate(values):
        if not op.sequence and op.rules[i] is None:
            if value is not None:
                raise TypeError(
                    f"{op.name} has no derivative for its argument {i}; give it v.data"
                )
        elif type(raw[i]) not in PLAIN:
            raw[i] = constant(op.name, raw[i])
    for key, x in keywords.items():
        if type(x) is Value:
            raise TypeError(
                f"{op.name} has no derivative for its {key!r}; give it v.data, or, where it counts"
                " or indexes, v.astype(int)"
            )


_KINDS = (
    *(np.linalg.LinAlgError, np.exceptions.AxisError, IndexError, ValueError, TypeError),
    *(FloatingPointError, OverflowError, ZeroDivisionError),
)


def _retry(
    op: Op, error: Exception, raw: Sequence[Any], keywords: Mapping[str, Any] | None = None
) -> float:
    """The forward in doubles, where Python raised and IEEE 754 has an answer; else raise."""
    out = _of_stand_ins(op, error, raw, keywords or {})
    if out is not NotImplemented:
        return out  # type: ignore[no-any-return]
    if all(isinstance(x, float | int) for x in raw) and not isinstance(
        error, TypeError | IndexError
    ):
        return _in_doubles(op.forward, raw, keywords)
    shapes = " and ".join(str(np.shape(x)) for x in raw)
    text = f"{op.name} of shape{'s' * (len(raw) > 1)} {shapes}: {error}"
    raise next((k for k in _KINDS if isinstance(error, k)), ValueError)(text) from error


def _of_stand_ins(
    op: Op, error: Exception, raw: Sequence[Any], keywords: Mapping[str, Any]
) -> Any:
    """What a stand-in among the arrays, or in an index, makes of a forward that has failed."""
    for given in (*raw, *keywords.values()):
        for x in given if type(given) is tuple else (given,):
            if isinstance(x, StandIn):
                return x.retried(op, error, raw, keywords)
    return NotImplemented


def _in_doubles(
    function: Callable[..., Any], args: Sequence[Any], keywords: Mapping[str, Any] | None = None
) -> float:
    doubles = [np.float64(x) if isinstance(x, float | int) else x for x in args]
    return float(function(*doubles, **(keywords or {})))


# ------------------------------------------------------------------- what NumPy's functions find
def install(op: Op) -> Op:
    """Make `op` what its NumPy functions, and its methods and operators on Value, do."""
    op._prepare(trusted=True)
    call = op.apply
    for function in op.numpy:
        functions[function] = _numpy_call(op, function)
        if not op.packs and not isinstance(function, np.ufunc):
            call = functions[function]  # a method takes what the function takes
    for method in op.method:
        reflected = method.startswith("__r") and f"__{method[3:]}" in op.method
        setattr(Value, method, (lambda self, other: call(other, self)) if reflected else call)
        if method in _SIGNS:
            setattr(Value, f"__i{method[2:]}", _in_place(call, _SIGNS[method]))
    return op


_SIGNS = {
    **{"__add__": "+", "__sub__": "-", "__mul__": "*", "__truediv__": "/", "__pow__": "**"},
    **{"__floordiv__": "//", "__mod__": "%", "__matmul__": "@"},
}


def _in_place(call: Callable[..., Any], sign: str) -> Callable[[Any, Any], Any]:
    """An operator such as `+=`: a new Value, where NumPy's way of writing would show nowhere else.

    NumPy writes into the array, so whoever sees its memory sees the change; a Value cannot do
    that, and must not compute something else.
    """

    def change(self: Value, other: Any) -> Any:
        out = here(self)._out if blocks else self._out
        if type(out) is not float and self.seen_elsewhere(out):
            raise TypeError(
                f"y {sign}= x changes y under all its names in NumPy, and here y of shape"
                f" {self.shape} is a leaf, an argument or a view, which cannot change;"
                f" write y = y {sign} x"
            )
        return call(self, other)

    return change


def _numpy_call(op: Op, function: Callable[..., Any]) -> Callable[..., Any]:
    """`op.apply`, called as `function` is: what stands behind the arrays has NumPy's names."""
    arity, known = 1 if op.sequence else op.arity, frozenset(op.keywords)

    def ufunc_call(*args: Any, **keywords: Any) -> Any:
        if keywords:
            keywords = {k: x for k, x in keywords.items() if not _is_default(k, x, ())}
            op.bind(args, keywords)
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


def _is_default(name: str, x: Any, parameters: Sequence[inspect.Parameter]) -> bool:
    """Whether a keyword says what NumPy's function does without it."""
    usual = [p.default for p in parameters if p.name == name] + [_DEFAULTS.get(name, _DEFAULTS)]
    return any(x is y or (isinstance(x, str) and x == y) for y in usual)


def _signature(function: Callable[..., Any]) -> tuple[inspect.Parameter, ...]:
    try:
        return tuple(inspect.signature(function).parameters.values())
    except ValueError:
        return ()


_parameters = functools.cache(_signature)


def install_plain(function: Callable[..., Any], method: str = "") -> None:
    """Let `function`, whose result has no derivative, read the data of Values."""

    def plain(*args: Any, **keywords: Any) -> Any:
        result = function(*map(_strip, args), **{key: _strip(x) for key, x in keywords.items()})
        return np.asarray(result) if type(result) is View else result

    functions[function] = plain
    if method:
        setattr(Value, method, plain)


def _strip(x: Any) -> Any:
    """The data of a Value, read-only, for what would write into it is refused by NumPy then."""
    if type(x) is Value:
        return x.data
    return type(x)(map(_strip, x)) if type(x) in (list, tuple) else x
