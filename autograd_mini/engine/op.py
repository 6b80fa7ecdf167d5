"""Op: one way of computing, everything that is known about it, and how it is called.

This file runs forwards, on plain numbers and arrays. It must not know any particular op;
those stand in `ops`.
"""

import functools
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_mini.engine.arrays import PLAIN, StandIn, View, constant, ndarray, unwritable
from autograd_mini.engine.declaration import REAL, Case, Domain
from autograd_mini.engine.modes import blocks
from autograd_mini.engine.numpy_calls import functions, numpy_call, parameters
from autograd_mini.engine.unrolled import CHOOSES, QUICK, SCALES, SLOPES, forward_for, pull_for
from autograd_mini.engine.value import SIGNS, Value, here, in_place, marked, record

_INSTEAD = {
    "where": "choose with np.where(mask, x, y) and compute with that",
    "initial": "compute with the result, as in np.maximum(np.max(x), initial)",
    "dtype": "convert with x.astype(dtype) before or after",
    "out": "take the result instead",
}
Rule = Callable[..., Any]


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
      decide is which places get none; `"scales"` for the product;
    - `quick`: `"sum"`, `"difference"`, `"product"` or `"relu"`, if it is that of plain numbers.

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
        quick: str = "",
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
        self.quick = quick
        zeros = {"": SLOPES * elementwise, "moves": 0, "chooses": CHOOSES, "scales": SCALES}
        if passes not in zeros:
            raise ValueError(f"{name}: passes is 'moves', 'chooses' or '', not {passes!r}")
        self.zeros = zeros[passes]
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
        self.kind = QUICK[self.quick] if trusted else 0
        ours = trusted or not self.rules
        self.run = self.forward if ours else _careful(self.name, self.forward)
        self.run_numbers = self.scalar if ours else _careful(self.name, self.scalar)
        self.apply = forward_for(self, Value, record) if self.rules else self._compose
        self.pull = pull_for(self)

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

    def call(self, *args: Any, **keywords: Any) -> Any:
        """One step forward: run the forward and, if a Value is among the args, record it."""
        arrays: Sequence[Any] = args
        if keywords or self.sequence or len(args) != self.arity:
            arrays = self.bind(args, keywords)
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
            return self.run(*arrays, **keywords)
        if plain or keywords or self.has_constants:
            self._check(values, raw, keywords)
        numbers = all(type(x) is float for x in raw)
        try:
            out = (self.run_numbers if numbers else self.run)(*raw, **keywords)
        except (ArithmeticError, ValueError, TypeError, IndexError) as error:
            out = self.retried(error, raw, keywords)
        if type(out) is not float and not getattr(out, "shape", ()):
            numbers = numbers or all(type(x) in (float, int) for x in raw)
            out = float(out) if numbers else out[()] if type(out) is ndarray else out
        if self.wide:
            node = record(self, out, tuple(values), keywords, tuple(raw), None)
        else:
            node = record(self, out, *(*values, None)[:2], *(*raw, None)[:2])
        return marked(node) if blocks else node

    def _compose(self, *args: Any, **keywords: Any) -> Any:
        return self.forward(*self.bind(args, keywords), **keywords)

    def _check(self, values: Sequence[Any], raw: list[Any], keywords: Mapping[str, Any]) -> None:
        """See to it that Values stand where a rule is, and that constants are real numbers."""
        for i, value in enumerate(values):
            if not self.sequence and self.rules[i] is None:
                if value is not None:
                    raise TypeError(
                        f"{self.name} has no derivative for its argument {i}; give it v.data"
                    )
            elif type(raw[i]) not in PLAIN:
                raw[i] = constant(self.name, raw[i])
        for key, x in keywords.items():
            if type(x) is Value:
                raise TypeError(
                    f"{self.name} has no derivative for its {key!r}; give it v.data, or, where it"
                    " counts or indexes, v.astype(int)"
                )

    def retried(
        self, error: Exception, raw: Sequence[Any], keywords: Mapping[str, Any] | None = None
    ) -> float:
        """The forward in doubles, where Python raised and IEEE 754 has an answer; else raise."""
        out = _of_stand_ins(self, error, raw, keywords or {})
        if out is not NotImplemented:
            return out  # type: ignore[no-any-return]
        numbers = all(isinstance(x, float | int) for x in raw)
        if numbers and not isinstance(error, TypeError | IndexError):
            return float(self.forward(*map(np.float64, raw), **(keywords or {})))
        shapes = " and ".join(str(np.shape(x)) for x in raw)
        text = f"{self.name} of shape{'s' * (len(raw) > 1)} {shapes}: {error}"
        raise next((k for k in _KINDS if isinstance(error, k)), ValueError)(text) from error

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
            found = parameters(self.forward)
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


def _careful(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A forward that we do not know: it is shown read-only arrays, and gives exactly an array."""

    def careful(*arrays: Any, **keywords: Any) -> Any:
        given = {key: unwritable(x) for key, x in keywords.items()}
        out = function(*map(unwritable, arrays), **given)
        return out if type(out) in PLAIN else constant(name, out)

    return careful


_KINDS = (
    *(np.linalg.LinAlgError, np.exceptions.AxisError, IndexError, ValueError, TypeError),
    *(FloatingPointError, OverflowError, ZeroDivisionError),
)


def _of_stand_ins(
    op: Op, error: Exception, raw: Sequence[Any], keywords: Mapping[str, Any]
) -> Any:
    """What a stand-in among the arrays, or in an index, makes of a forward that has failed."""
    for given in (*raw, *keywords.values()):
        for x in given if type(given) is tuple else (given,):
            if isinstance(x, StandIn):
                return x.retried(op, error, raw, keywords)
    return NotImplemented


# ------------------------------------------------------------------- what NumPy's functions find
def install(op: Op) -> Op:
    """Make `op` what its NumPy functions, and its methods and operators on Value, do."""
    op._prepare(trusted=True)
    call = op.apply
    if not isinstance(call, types.FunctionType):  # only functions become methods
        call = functools.wraps(call)(lambda *args, **keywords: op.apply(*args, **keywords))
    for function in op.numpy:
        functions[function] = numpy_call(op, function)
        if not op.packs and not isinstance(function, np.ufunc):
            call = functions[function]  # a method takes what the function takes
    for method in op.method:
        reflected = method.startswith("__r") and f"__{method[3:]}" in op.method
        setattr(Value, method, (lambda self, other: call(other, self)) if reflected else call)
        if method in SIGNS:
            setattr(Value, f"__i{method[2:]}", in_place(call, SIGNS[method]))
    return op


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
