"""Op: one way of computing, everything that is known about it, and how it is called.

This file runs forwards, on plain numbers and arrays. It must not know any particular op;
those stand in `ops`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd_mini.engine.arguments import (
    bound,
    careful,
    keywords_of,
    retried,
    retried_by_stand_in,
)
from autograd_mini.engine.arrays import PLAIN, Array, constant, ndarray
from autograd_mini.engine.declaration import REAL, Case, Domain
from autograd_mini.engine.modes import blocks
from autograd_mini.engine.unrolled import CHOOSES, QUICK, SCALES, SLOPES, forward_for, pull_for
from autograd_mini.engine.value import Value, here, marked, record

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
    - `quick`: `"sum"`, `"difference"`, `"product"` or `"relu"`, if it is that of plain numbers;
    - `flat`: results, such as the ends of a sigmoid, near which its slope is 0;
    - `weights`: `"in,out"` or `"out,in"`, as they lie in the second array, if the result is sums
      along the last axis of the first one with these weights; a third array is added.

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
        flat: tuple[float, ...] = (),
        weights: str = "",
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
        self.flat = flat
        self.weights = weights
        self.keywords = keywords_of(forward, 0 if sequence else self.arity)
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
        self.prepare(trusted=False)

    def prepare(self, trusted: bool) -> None:
        """Choose how it is called and pulled; `trusted`, for one of ours, writes into nothing."""
        self.trusted = trusted
        self.kind = QUICK[self.quick] if trusted else 0
        ours = trusted or not self.rules
        self.run = self.forward if ours else careful(self.name, self.forward)
        self.run_numbers = self.scalar if ours else careful(self.name, self.scalar)
        self.apply: Callable[..., Any] = (
            forward_for(self, Value, record) if self.rules else self._compose
        )
        self.pull = pull_for(self)

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """Apply the op to Values, numbers and arrays; a Value if any of them is one."""
        try:
            return self.apply(*args, **keywords)
        except TypeError as error:
            arrays = args[0] if self.sequence and args else args
            if any(type(x) is Value for x in arrays):
                raise
            out = retried_by_stand_in(self, error, arrays, keywords)
            if out is NotImplemented:
                raise
            return out

    def call(self, *args: Any, **keywords: Any) -> Any:
        """One step forward: run the forward and, if a Value is among the args, record it."""
        arrays: Sequence[Any] = args
        if keywords or self.sequence or len(args) != self.arity:
            arrays = bound(self, args, keywords)
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
            out = retried(self, error, raw, keywords)
        if type(out) is not float and not getattr(out, "shape", ()):
            numbers = numbers or all(type(x) in (float, int) for x in raw)
            out = float(out) if numbers else out[()] if type(out) is ndarray else out
        if self.wide:
            node = record(self, out, tuple(values), keywords, tuple(raw), None)
        else:
            node = record(self, out, *(*values, None)[:2], *(*raw, None)[:2])
        return marked(node) if blocks else node

    def _compose(self, *args: Any, **keywords: Any) -> Any:
        return self.forward(*bound(self, args, keywords), **keywords)

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

    def __repr__(self) -> str:
        return f"<op {self.name}>"

    def __copy__(self) -> "Op":
        return self  # an op is known by its identity

    def __deepcopy__(self, memo: Any) -> "Op":
        return self

    def shares(
        self, places: Sequence[int], g: Array, out: Array, arrays: Sequence[Any], keywords: Any
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


def by_element(*functions: Any, **facts: Any) -> Op:
    """An op each entry of whose result depends on the entries at its place alone."""
    return Op(*functions, elementwise=True, **facts)
