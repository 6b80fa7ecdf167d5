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

from autograd_mini.data import PLAIN, View, constant, ndarray
from autograd_mini.dispatch import functions
from autograd_mini.pull import puller
from autograd_mini.value import Value, record


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

    - `name`, and `symbol` for pictures;
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
    - `packs`: several numbers behind the array mean one tuple: `x.reshape(2, 3)`.

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
        name: str,
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
    ) -> None:
        self.forward = forward
        self.rules: tuple[Any, ...] = rules
        self.name = name
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
        self.has_constants = None in rules
        self.wide = self.arity > 2 or sequence or None in rules or bool(self.keywords)
        self.binary = self.arity == 2 and not self.wide
        self.apply = _applier(self)
        self.pull = puller(self)

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """Apply the op to Values, numbers and arrays; a Value if any of them is one."""
        return self.apply(*args, **keywords)

    def __repr__(self) -> str:
        return f"<op {self.name}>"

    @functools.cached_property
    def keywords(self) -> tuple[str, ...]:
        """Names of the parameters of `forward` that are no arrays, such as axis."""
        if isinstance(self.forward, np.ufunc | types.BuiltinFunctionType):
            return ()  # a ufunc's own, such as out and where, are not for recorded calls
        code = getattr(self.forward, "__code__", None)
        if code is None or hasattr(self.forward, "__wrapped__"):
            names = [p.name for p in _parameters(self.forward)]
        else:  # what the signature says, at a tenth of the time: it is asked of every op at import
            names = [*code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]]
        return tuple(names if self.sequence else names[self.arity :])

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


def _applier(op: Op) -> Callable[..., Any]:
    """The function behind `op(...)`: run the forward and, if a Value is among the args, record it.

    Ops without keywords have a short path: `one`, `two` and `three` do what `many` does.
    """
    forward, scalar, rules = op.forward, op.scalar, op.rules

    def one(x: Any) -> Any:
        if type(x) is not Value:
            return forward(x)
        raw = x._out
        try:
            out = scalar(raw) if type(raw) is float else forward(raw)
        except (ArithmeticError, ValueError, TypeError) as error:
            out = _retry(op, error, (raw,))
        return record(op, out, x, None, raw, None)

    def two(x: Any, y: Any) -> Any:
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
                raw.append(x._out)
            else:
                plain = True
                values.append(None)
                raw.append(x)
        if not recorded:
            return forward(*arrays, **keywords)
        if plain or keywords or op.has_constants:
            _check(op, values, raw, keywords)
        try:
            out = forward(*raw, **keywords)
        except (ArithmeticError, ValueError, TypeError, IndexError) as error:
            out = _retry(op, error, raw, keywords)
        if type(out) is not ndarray or not out.ndim:
            numbers = all(isinstance(x, float | int) for x in raw)
            out = float(out) if numbers else out[()]
        return record(op, out, tuple(values), keywords, tuple(raw), None)

    def composed(*args: Any, **keywords: Any) -> Any:
        return forward(*op.bind(args, keywords), **keywords)

    if not rules:
        return composed
    if op.wide:
        return three if op.arity == 3 and not (op.has_constants or op.keywords) else many
    return one if op.arity == 1 else two


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


def _retry(
    op: Op, error: Exception, raw: Sequence[Any], keywords: Mapping[str, Any] | None = None
) -> float:
    """The forward in doubles, where Python raised and IEEE 754 has an answer; else raise."""
    if all(isinstance(x, float | int) for x in raw) and not isinstance(
        error, TypeError | IndexError
    ):
        return _in_doubles(op.forward, raw, keywords)
    shapes = " and ".join(str(np.shape(x)) for x in raw)
    text = f"{op.name} of shape{'s' * (len(raw) > 1)} {shapes}: {error}"
    kinds = (np.linalg.LinAlgError, np.exceptions.AxisError, IndexError, ValueError, TypeError)
    raise next((k for k in kinds if isinstance(error, k)), ValueError)(text) from error


def _in_doubles(
    function: Callable[..., Any], args: Sequence[Any], keywords: Mapping[str, Any] | None = None
) -> float:
    doubles = [np.float64(x) if isinstance(x, float | int) else x for x in args]
    return float(function(*doubles, **(keywords or {})))


# ------------------------------------------------------------------- what NumPy's functions find
def install(op: Op) -> Op:
    """Make `op` what its NumPy functions, and its methods and operators on Value, do."""
    call = op.apply
    for function in op.numpy:
        functions[function] = _numpy_call(op, function)
        if not op.packs and not isinstance(function, np.ufunc):
            call = functions[function]  # a method takes what the function takes
    for method in op.method:
        reflected = method.startswith("__r") and f"__{method[3:]}" in op.method
        setattr(Value, method, (lambda self, other: call(other, self)) if reflected else call)
    return op


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


@functools.cache
def _parameters(function: Callable[..., Any]) -> tuple[inspect.Parameter, ...]:
    try:
        return tuple(inspect.signature(function).parameters.values())
    except ValueError:
        return ()


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
