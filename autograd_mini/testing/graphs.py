"""Random programs of the table's ops: fan-out, sharing, broadcasting and reductions.

This file knows how ops are put together so that all stay inside their domains. It must not know
any op by its formula.
"""

import difflib
import functools
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from autograd_mini.engine.declaration import REAL, Case, Domain
from autograd_mini.engine.op import Op
from autograd_mini.ops import TABLE
from autograd_mini.testing.domains import domains_of, grid
from autograd_mini.testing.strategies import arrays_in, is_simple

_SHAPES = ((), (3,), (2, 3), (3, 2), (2, 1), (1, 3), (1,), (2, 2, 3))
_LARGEST = 24  # elements of any array in a program
_BOUND = 1e3  # of any number in it


class Earlier(NamedTuple):
    """What an argument of a step refers to: an input or an earlier step, by number."""

    number: int


class Step(NamedTuple):
    """One call: an op by name, its arguments, which are nodes or numbers, and its keywords."""

    op: str
    args: tuple[Earlier | float, ...]
    keywords: Mapping[str, Any]


@dataclass(frozen=True)
class Program:
    """A computation of one number, and inputs on which every op in it is inside its domain.

    `program(*inputs)` runs it: on Values, on plain numbers and arrays, or with `ops` of another
    library, by name, on whatever these take. Its text is the program.
    """

    inputs: tuple[Any, ...]
    steps: tuple[Step, ...]
    table: Mapping[str, Op] = field(default_factory=lambda: TABLE, repr=False, compare=False)

    def __call__(self, *inputs: Any, ops: Mapping[str, Callable[..., Any]] | None = None) -> Any:
        """The last step's result."""
        ops = self.table if ops is None else ops
        nodes = list(inputs)
        for step in self.steps:
            args = [nodes[x.number] if isinstance(x, Earlier) else x for x in step.args]
            sequence = self.table[step.op].sequence
            nodes.append(ops[step.op](*([args] if sequence else args), **step.keywords))
        return nodes[-1]

    def __repr__(self) -> str:
        n = len(self.inputs)
        names = [f"x{k}" for k in range(n)] + [f"v{k}" for k in range(len(self.steps))]
        lines = [f"x{k} = {' '.join(repr(x).split())}" for k, x in enumerate(self.inputs)]
        for k, step in enumerate(self.steps):
            args = [names[x.number] if isinstance(x, Earlier) else repr(x) for x in step.args]
            if self.table[step.op].sequence:
                args = [f"[{', '.join(args)}]"]
            args += [f"{key}={' '.join(repr(x).split())}" for key, x in step.keywords.items()]
            lines.append(f"v{k} = {step.op}({', '.join(args)})")
        return "\n".join([*lines, f"return v{len(self.steps) - 1}"])


@functools.cache
def smooth_ops() -> tuple[str, ...]:
    """Names of the ops that programs are made of: differentiable wherever their domain reaches."""
    return tuple(
        name
        for name, op in TABLE.items()
        if op.declared is None
        and None not in op.rules
        and not any(domain.spacing or domain.diagonal for domain in op.domain)
    )


def programs(
    ops: Sequence[str | Op] | None = None, max_steps: int = 12
) -> st.SearchStrategy[Program]:
    """Programs of up to `max_steps` ops (of those given, or of all smooth ones) and their inputs.

    `ops` are names of the table, or Ops of one's own. Any node may be used any number of times;
    those that are not used are summed in the end. Raises ValueError for a name that nobody has.
    """
    if ops is not None and (isinstance(ops, str) or not ops):
        raise ValueError(f"ops are several names or Ops, at least one, not {ops!r}")
    own = {op.name: op for op in ops or () if isinstance(op, Op)}
    names = tuple(op.name if isinstance(op, Op) else op for op in ops or smooth_ops())
    table = {**TABLE, **own}
    for name in names:
        if name not in table:
            close = difflib.get_close_matches(name, table, 1)
            raise ValueError(f"no op is called {name!r}" + f"; {close[0]!r} is" * bool(close))
    return _programs(names, table if own else TABLE, max_steps)


@st.composite
def _programs(draw: st.DrawFn, names: tuple[str, ...], table: Any, max_steps: int) -> Program:
    sizes = draw(st.lists(st.sampled_from(_SHAPES), min_size=1, max_size=3))
    inputs = [draw(arrays_in(REAL, shape, start=i)) for i, shape in enumerate(sizes)]
    builder = _Builder([x if x.ndim else float(x) for x in inputs], table)
    for _ in range(draw(st.integers(min(3, max_steps), max_steps))):
        op = table[draw(st.sampled_from(names))]
        case = draw(st.sampled_from(op.cases))
        n = len(case.shapes) if op.sequence else op.arity
        exact = n > 1 or not all(map(is_simple, case.keywords.values()))
        shapes: tuple[Any, ...] = case.shapes if exact and case.shapes else (None,) * n
        choices = [builder.nodes_of(shape) for shape in shapes]
        if all(choices):
            picks = [draw(st.sampled_from(nodes)) for nodes in choices]
            number = draw(st.none() | st.integers(0, n - 1)) if None in shapes[1:] else None
            builder.add(op, case, picks, number)
    return builder.finished()


class _Builder:
    """A program that grows by those ops that work on the values at hand."""

    def __init__(self, inputs: list[Any], table: Mapping[str, Op]) -> None:
        self.inputs = tuple(inputs)
        self.table = table
        self.values: list[Any] = list(inputs)
        self.steps: list[Step] = []

    def nodes_of(self, shape: tuple[int, ...] | None) -> list[int]:
        """The nodes of that shape, or of any, the latest first."""
        nodes = reversed(range(len(self.values)))
        return [k for k in nodes if shape in (None, np.shape(self.values[k]))]

    def add(self, op: Op, case: Case, picks: list[int], number: int | None) -> None:
        """Apply `op` to the picked nodes, one of them replaced by a number; or else do nothing."""
        saved = len(self.values), len(self.steps)
        args: list[Earlier | float] = []
        for i, (pick, domain) in enumerate(zip(picks, domains_of(op, len(picks)), strict=True)):
            args.append(grid(domain)[0] if i == number else self._inside(pick, domain))
        if not self._step(op, args, case.keywords):
            del self.values[saved[0] :], self.steps[saved[1] :]

    def finished(self) -> Program:
        """The program, its loose ends summed to one number."""
        used = {arg.number for step in self.steps for arg in step.args if isinstance(arg, Earlier)}
        ends = [Earlier(k) for k in range(len(self.values)) if k not in used]
        total: Earlier | None = None
        for end in ends:
            self._step(TABLE["sum"], [end], {})
            last = Earlier(len(self.values) - 1)
            if total is not None:
                self._step(TABLE["add"], [total, last], {})
            total = Earlier(len(self.values) - 1)
        return Program(self.inputs, tuple(self.steps), self.table)

    def _inside(self, pick: int, domain: Domain) -> Earlier:
        """The node, or a smooth function of it whose values `domain` holds."""
        low, high = _widest(domain)
        x = np.asarray(self.values[pick])
        if np.all((low <= x) & (x <= high)):
            return Earlier(pick)
        half, middle = (high - low) / 2, (high + low) / 2
        self._step(TABLE["tanh"], [Earlier(pick)], {})
        self._step(TABLE["multiply"], [Earlier(len(self.values) - 1), half], {})
        if middle:
            self._step(TABLE["add"], [Earlier(len(self.values) - 1), middle], {})
        return Earlier(len(self.values) - 1)

    def _step(self, op: Op, args: list[Earlier | float], keywords: Mapping[str, Any]) -> bool:
        raw = [self.values[x.number] if isinstance(x, Earlier) else x for x in args]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", DeprecationWarning)  # of a later NumPy
            warnings.simplefilter("ignore", FutureWarning)
            try:
                out = op(*([raw] if op.sequence else raw), **keywords)
            except (ArithmeticError, LookupError, ValueError, TypeError, AttributeError, Warning):
                return False
        if not 0 < np.size(out) <= _LARGEST or not np.all(np.abs(out) < _BOUND):
            return False
        name = next(name for name, entry in self.table.items() if entry is op)
        self.values.append(out)
        self.steps.append(Step(name, tuple(args), keywords))
        return True


def _widest(domain: Domain) -> tuple[float, float]:
    """The longest interval of `domain` without a kink."""
    points = sorted(p for p in domain.away_from if domain.low <= p <= domain.high)
    ends = [(p - domain.margin, p + domain.margin) for p in points]
    lows = [domain.low, *(right for _, right in ends)]
    highs = [*(left for left, _ in ends), domain.high]
    return max(zip(lows, highs, strict=True), key=lambda pair: pair[1] - pair[0])
