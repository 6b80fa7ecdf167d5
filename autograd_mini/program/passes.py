"""Making a program shorter: each pass maps a program to one that gives the same results.

`simplified` runs them all. What may differ is the last bits of a result, by the order of sums
and products, and the sign of a zero.

This file knows lines and NumPy's functions. It must not know how a program is spelled.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_mini.program.foreign import Foreign
from autograd_mini.program.lines import (
    ELSEWHERE,
    Kind,
    Line,
    Program,
    Ref,
    apply,
    astype,
    refs_in,
    replace,
)

Find = Callable[[Any], Line | None]
"""The line that computes an argument; None for constants and inputs."""
Kinds = dict[int, Kind | None]
Rule = Callable[[Line, Find, Kinds], Any]
"""What takes the place of a line: None for itself, another line, a `Ref`, or a constant."""


def rewritten(program: Program, rules: Sequence[Rule]) -> Program:
    """Put what the rules say, one after another, in the place of each line, from the first on."""
    kinds = program.kinds()
    lines: list[Line] = []
    by_number: dict[int, Line] = {}
    instead: dict[int, Any] = {}

    def current(ref: Ref) -> Any:
        return instead.get(ref.number, ref)

    def moved(number: int) -> int:
        ref = instead.get(number, number)
        return ref.number if type(ref) is Ref else ref if ref is number else ELSEWHERE

    def find(x: Any) -> Line | None:
        return by_number.get(x.number) if type(x) is Ref else None

    for line in program.lines:
        if instead and not instead.keys().isdisjoint((*line.refs(), *line.shares)):
            args = replace(line.args, current)
            keywords = tuple((key, replace(x, current)) for key, x in line.keywords)
            shares = tuple(map(moved, line.shares))
            line = line._replace(args=args, keywords=keywords, shares=shares)
        new: Any = line
        for rule in rules:
            better = rule(new, find, kinds)
            new = new if better is None else better
            if type(new) is not Line:
                break
        if type(new) is Line:
            lines.append(new)
            by_number[new.number] = new
        else:
            instead[line.number] = new
    names = dict(program.names)
    for number, new in instead.items():
        if type(new) is Ref and number in names:
            names.setdefault(new.number, names[number])
    outputs = tuple(replace(x, current) for x in program.outputs)
    return Program(program.inputs, tuple(lines), outputs, names)


def sweep(*rules: Rule) -> "functools.partial[Program]":
    """The pass that follows these rules."""
    return functools.partial(rewritten, rules=rules)


# ------------------------------------------------------------------------------------ dead code
def without_dead_lines(program: Program) -> Program:
    """Leave out lines whose results nobody reads."""
    wanted = {ref.number for x in program.outputs for ref in refs_in(x)}
    kept = []
    for line in reversed(program.lines):
        if line.number in wanted:
            kept.append(line)
            wanted.update(line.refs())
    return program._replace(lines=tuple(reversed(kept)))


# ----------------------------------------------------------------------- common subexpressions
def without_repetition(program: Program) -> Program:
    """Compute once what two lines compute alike."""
    seen: dict[Any, int] = {}

    def rule(line: Line, find: Find, kinds: Kinds) -> Any:
        if type(line.function) is Foreign:
            return None  # it may count, or draw random numbers
        try:
            key = (line.function, _key(line.args), _key(line.keywords))
            first = seen.setdefault(key, line.number)
        except TypeError:
            return None  # an argument that cannot be compared, such as an array
        return None if first == line.number else Ref(first)

    return rewritten(program, (rule,))


def _key(x: Any) -> Any:
    """`x`, so that 1, 1.0 and True are three constants, and nan is equal to itself."""
    if type(x) is Ref:
        return x
    if isinstance(x, (tuple, list)):
        return (type(x), *map(_key, x))
    if type(x) is slice:
        return (slice, _key(x.start), _key(x.stop), _key(x.step))
    if isinstance(x, np.ndarray):
        return id(x)
    return (type(x), repr(x) if isinstance(x, (float, np.floating)) else x)


# ---------------------------------------------------------------------------- constant folding
@sweep
def with_constants_folded(line: Line, find: Find, kinds: Kinds) -> Any:
    """Compute now what depends on constants only, if it is one number."""
    if line.kind is None or line.kind.shape or line.refs():
        return None
    with np.errstate(all="ignore"):
        return apply(line.function, line.args, dict(line.keywords), line.kind)


# ------------------------------------------------------------------------ what changes nothing
@sweep
def without_idle_lines(line: Line, find: Find, kinds: Kinds) -> Any:
    """Leave out products with 1, powers of 1, and moves of axes that move nothing."""
    f, args = line.function, line.args
    x = _beside_one(line)
    if f in _IDLE:
        x = args[0]
    elif f in _INVOLUTIONS and len(args) == 1:
        inner = find(args[0])
        if inner is not None and inner.function is f and len(inner.args) == 1:
            x = inner.args[0]
    return x if type(x) is Ref and kinds[x.number] == line.kind else None


def _beside_one(line: Line) -> Any:
    """What is multiplied or divided by 1, or raised to that power; else None."""
    f, args = line.function, line.args
    if f is np.multiply and _is_one(args[0]):
        return args[1]
    return args[0] if f in _IDLE_AT_ONE and _is_one(args[1]) else None


_IDLE = {np.positive, np.array, np.reshape, np.broadcast_to, astype}
_INVOLUTIONS = {np.negative, np.transpose}
_IDLE_AT_ONE = {np.multiply, np.divide, np.power}


def _is_zero(x: Any) -> bool:
    return type(x) is not Ref and _is_number(x) and x == 0


def _is_one(x: Any) -> bool:
    return type(x) is not Ref and _is_number(x) and x == 1


def _is_number(x: Any) -> bool:
    return isinstance(x, (float, int, np.floating)) and not isinstance(x, bool)


# ----------------------------------------------------------------------------- spreading undone
@sweep
def without_spreading(line: Line, find: Find, kinds: Kinds) -> Any:
    """Let elementwise calls spread a smaller array themselves, as they do."""
    if not (isinstance(line.function, np.ufunc) and line.function.signature is None):
        return None
    args = line.args
    for i, x in enumerate(args):
        inner = find(x)
        if inner is None or inner.function is not np.broadcast_to:
            continue
        tried = (*args[:i], inner.args[0], *args[i + 1 :])
        shapes = [_shape(arg, kinds) for arg in tried]
        if line.kind is not None and np.broadcast_shapes(*shapes) == line.kind.shape:
            args = tried
    return None if args is line.args else line._replace(args=args)


def _shape(x: Any, kinds: Kinds) -> tuple[int, ...]:
    if type(x) is Ref:
        kind = kinds[x.number]
        return () if kind is None else kind.shape
    return np.shape(x)


# ----------------------------------------------------------------------------- powers as products
@sweep
def with_plain_powers(line: Line, find: Find, kinds: Kinds) -> Any:
    """Write the second power as a square, which is many times quicker than a power."""
    if line.function is not np.power or type(line.args[1]) not in (int, float):
        return None
    if line.kind is None or line.kind.number or line.args[1] != 2:
        return None
    return line._replace(function=np.square, args=line.args[:1])


# ---------------------------------------------------------------------------------------- masks
@sweep
def with_plain_masks(line: Line, find: Find, kinds: Kinds) -> Any:
    """Leave out the numbers between a mask and the same mask: `where(mask, 1, 0) != 0`."""
    if line.function is not np.not_equal or not _is_zero(line.args[1]):
        return None
    numbers = find(line.args[0])
    if numbers is None or numbers.function is not np.where:
        return None
    mask, one, zero = numbers.args
    kind = kinds[mask.number] if type(mask) is Ref else None
    if kind is None or kind != line.kind or type(one) is Ref or not np.all(one != 0):
        return None
    return mask if _is_zero(zero) else None


# --------------------------------------------------------------------------------- sums by BLAS
@sweep
def with_sums_as_products(line: Line, find: Find, kinds: Kinds) -> Any:
    """Sum over the rows of a matrix by a product with ones: a quarter of the time."""
    if line.function is not np.sum or dict(line.keywords).get("axis") not in (0, (0,)):
        return None
    x = line.args[0]
    kind = kinds[x.number] if type(x) is Ref else None
    if kind is None or len(kind.shape) != 2 or kind.dtype.kind != "f":
        return None
    if line.kind is None or len(line.kind.shape) != 1 or not 0 < kind.shape[0] < 10_000:
        return None
    ones = np.ones(kind.shape[0], kind.dtype)
    return line._replace(function=np.dot, args=(ones, x), keywords=())


# ------------------------------------------------------------------------------- results owned
def with_owned_results(program: Program) -> Program:
    """Copy what comes out, where it may show memory that is not its own alone."""
    own = {line.number for line in program.lines if not line.shares}
    views = {line.number for line in program.lines if line.shares}
    lines, outputs, names = list(program.lines), [], dict(program.names)
    next_number = max([n for n, _ in program.inputs] + [line.number for line in lines], default=0)
    kinds = program.kinds()
    for x in program.outputs:
        kind = kinds[x.number] if type(x) is Ref else None
        if isinstance(x, np.ndarray):
            kind = Kind(x.shape, x.dtype, boxed=not x.shape)
        if kind is not None and kind.has_memory():
            if type(x) is Ref and x.number in own:
                own.discard(x.number)
            else:
                next_number += 1
                part = lines[-1].part if lines else ""
                lines.append(Line(next_number, np.array, (x,), (), kind, part))
                if type(x) is Ref and x.number in views and x.number in names:
                    names[next_number] = names.pop(x.number)
                x = Ref(next_number)
        outputs.append(x)
    return Program(program.inputs, tuple(lines), tuple(outputs), names)


# -------------------------------------------------------------------------------- all of them
def _together(*passes: "functools.partial[Program]") -> "functools.partial[Program]":
    return sweep(*(rule for one in passes for rule in one.keywords["rules"]))


PASSES: tuple[Callable[[Program], Program], ...] = (
    without_dead_lines,
    _together(
        with_constants_folded,
        with_plain_masks,
        without_spreading,
        without_idle_lines,
        with_plain_powers,
    ),
    without_repetition,
    without_dead_lines,
    with_owned_results,
)


@sweep
def _without_ones(line: Line, find: Find, kinds: Kinds) -> Any:
    x = _beside_one(line)
    if type(x) is not Ref or (find(x) and kinds[x.number] != line.kind):
        return None  # no truth value for a number
    return x


PASSES_FOR_NUMBERS = (
    _together(with_plain_masks, with_constants_folded, _without_ones),
    without_dead_lines,
)


def simplified(program: Program) -> Program:
    """All passes that make a program shorter to read and to run."""
    for improve in PASSES_FOR_NUMBERS if program.is_scalar() else PASSES:
        program = improve(program)
    return program
