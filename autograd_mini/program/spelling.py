"""How calls are spelled: operators, methods and constants as a person writes them in NumPy.

This file knows Python's grammar and NumPy's names. It must not know the order of lines, nor how a
program came about.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd_mini.program.errors import refuse
from autograd_mini.program.lines import (
    Kind,
    Line,
    Ref,
    astype,
    getitem,
    item,
    with_added,
    with_item,
)


class Text(NamedTuple):
    """An expression, and how tightly its outermost operator binds."""

    text: str
    binds: int = 90

    def within(self, binds: int) -> str:
        """The expression as an operand of something that binds that tightly."""
        return self.text if self.binds >= binds else f"({self.text})"


ATOM, POWER, UNARY, PRODUCT, SUM, AND, OR, COMPARISON, CHOICE = range(90, 0, -10)
OPERATORS: dict[Any, tuple[str, int]] = {
    np.power: ("**", POWER),
    **dict.fromkeys((np.matmul,), ("@", PRODUCT)),
    np.multiply: ("*", PRODUCT),
    np.divide: ("/", PRODUCT),
    np.floor_divide: ("//", PRODUCT),
    np.remainder: ("%", PRODUCT),
    np.add: ("+", SUM),
    np.subtract: ("-", SUM),
    np.less: ("<", COMPARISON),
    np.less_equal: ("<=", COMPARISON),
    np.greater: (">", COMPARISON),
    np.greater_equal: (">=", COMPARISON),
    np.equal: ("==", COMPARISON),
    np.not_equal: ("!=", COMPARISON),
}
_MASKS: dict[Any, tuple[str, int]] = {
    np.logical_and: ("&", AND),
    np.logical_or: ("|", OR),
    np.logical_xor: ("!=", COMPARISON),
}
_WORDS = {"b": "bool", "i": "int", "u": "int"}
_RAISING = (np.divide, np.floor_divide, np.remainder, np.power)
_METHODS = {np.sum: "sum", np.mean: "mean", np.max: "max", np.min: "min"}
_FOLDS = (*_METHODS, np.prod, np.var, np.std, np.any, np.all, np.count_nonzero)
Spell = Callable[[Any], Text]
"""How an argument is written: a name, a constant, or an expression that is read only here."""


def spelled(line: Line, spell: Spell, kind_of: Callable[[Any], Kind | None]) -> Text:
    """The call of one line."""
    if line.kind is not None and line.kind.number:
        return _number(line._replace(args=tuple(map(exact, line.args))), spell)
    f, args = line.function, line.args
    if f is np.dot and all(_axes(kind_of(x)) in (1, 2) for x in args):
        f = np.matmul
    listed = any(isinstance(x, list | tuple) for x in args)  # Python adds them in its own way
    if f in OPERATORS and not line.keywords and not listed:
        return _infix(*OPERATORS[f], f, args, spell)
    truths = all(_is_truth(kind_of(x)) for x in args)
    if f in _MASKS and truths:
        return _infix(*_MASKS[f], f, args, spell)
    if f is np.logical_not and truths:
        return Text(f"~{spell(args[0]).within(UNARY)}", UNARY)
    if f is np.negative:
        return Text(f"-{spell(args[0]).within(UNARY)}", UNARY)
    if f is np.square:
        return Text(f"{spell(args[0]).within(POWER + 1)} ** 2", POWER)
    if f is np.reciprocal:
        return Text(f"1 / {spell(args[0]).within(PRODUCT + 1)}", PRODUCT)
    if f is getitem:
        return Text(f"{spell(args[0]).within(ATOM)}[{index_text(args[1], spell)}]")
    if f is astype:
        return Text(f"{spell(args[0]).within(ATOM)}.astype({constant(args[1])})")
    first = spell(args[0]) if args and type(args[0]) is Ref else Text("", 0)
    name_like = first.binds == ATOM and not first.text.endswith(")")
    if f is np.transpose and len(args) == 1 and name_like:
        return Text(f"{first.text}.T")
    others = [constant(x, spell) for x in args[1:]]
    others += [_keyword(key, x, spell) for key, x in line.keywords if _tells(f, key, x)]
    if f is np.reshape and name_like and not _is_number(kind_of(args[0])):
        return Text(f"{first.text}.reshape({', '.join(others)})")
    if f in _METHODS and name_like and _axes(kind_of(args[0])):
        return Text(f"{first.text}.{_METHODS[f]}({', '.join(others)})")
    if args:
        others.insert(0, constant(args[0], spell))
    return Text(f"{name_of(f)}({', '.join(others)})")


def _keyword(key: str, x: Any, spell: Spell) -> str:
    if key == "axis" and type(x) is tuple and len(x) == 1:
        x = x[0]
    return f"{key}={constant(x, spell)}"


def _tells(f: Any, key: str, x: Any) -> bool:
    """Whether a keyword says anything: in folds, None is the axis and False keepdims anyway."""
    return not (f in _FOLDS and ((key == "axis" and x is None) or x is False))


def _is_number(kind: Kind | None) -> bool:
    return kind is not None and kind.number


def _axes(kind: Kind | None) -> int:
    return 0 if kind is None else len(kind.shape)


def _is_truth(kind: Kind | None) -> bool:
    return kind is not None and kind.dtype.kind == "b" and not kind.number


def _infix(sign: str, binds: int, f: Any, args: Any, spell: Spell) -> Text:
    left, right = args
    if f in (np.add, np.multiply) and type(right) is not Ref and type(left) is Ref:
        left, right = right, left  # 1 + x, 2 * x
    a, b = spell(left), spell(right)
    if sign == "**":
        return Text(f"{a.within(binds + 1)} ** {b.within(UNARY)}", binds)
    return Text(f"{a.within(binds + (binds == COMPARISON))} {sign} {b.within(binds + 1)}", binds)


def _number(line: Line, spell: Spell) -> Text:
    """A call that gives a Python number, which must stay one: NumPy's would widen arrays."""
    f, args = line.function, line.args
    kind = line.kind
    word = _WORDS.get(kind.dtype.kind, "float") if kind is not None else "float"
    if f is astype:
        inside = spell(args[0]).text
        narrow = args[1] != np.float64 and args[1].kind == "f"
        return Text(f"{word}({constant(args[1])}({inside}))" if narrow else f"{word}({inside})")
    if f in OPERATORS and f not in _RAISING:
        return _infix(*OPERATORS[f], f, args, spell)
    if f is np.divide and type(args[1]) is not Ref and args[1]:
        return _infix("/", PRODUCT, f, args, spell)
    if f is np.negative:
        return Text(f"-{spell(args[0]).within(UNARY)}", UNARY)
    if f is np.logical_not:
        return Text(f"not {spell(args[0]).within(COMPARISON)}", CHOICE + 2)
    if f in (np.logical_and, np.logical_or):
        word = "and" if f is np.logical_and else "or"
        return Text(f" {word} ".join(spell(x).within(COMPARISON) for x in args), CHOICE + 1)
    if f is np.where:
        condition, x, y = (spell(x).within(CHOICE + 1) for x in args)
        return Text(f"{x} if {condition} else {y}", CHOICE)
    if f is item:
        return Text(f"{spell(args[0]).within(ATOM)}.item()")
    inside = ", ".join(
        [constant(x, spell) for x in args]
        + [f"{key}={constant(x, spell)}" for key, x in line.keywords if _tells(f, key, x)]
    )
    return Text(f"{word}({name_of(f)}({inside}))")


# ------------------------------------------------------------------------------------- constants
_SUBCLASSES_COUNT = np.lib.NumpyVersion(np.__version__) >= "2.1.0"
"""Whether a number of a subclass decides dtypes, as NumPy's do and Python's do not."""


def constant(x: Any, spell: Spell | None = None) -> str:
    """An argument as it stands between commas.

    Numbers and text are written as what Python or NumPy made of them at the bottom, whatever a
    subclass calls itself. Raises CannotCompileError for what is neither.
    """
    if type(x) is Ref:
        assert spell is not None
        return spell(x).text
    if x is None or x is Ellipsis or isinstance(x, bool):
        return "..." if x is Ellipsis else repr(x)
    if isinstance(x, str):
        return repr(str.__str__(x))
    if isinstance(x, np.bool):
        return repr(bool(x))
    if isinstance(x, float | int) and type(x) not in (float, int) and _SUBCLASSES_COUNT:
        x = np.asarray(x)[()]
    if isinstance(x, np.number) and x.dtype.kind in "fiuc":
        return f"{constant(type(x))}({number(x.item())})"
    if isinstance(x, float | int | complex):
        return number(x)
    if isinstance(x, tuple):
        inside = ", ".join(constant(part, spell) for part in x)
        return f"({inside},)" if len(x) == 1 else f"({inside})"
    if isinstance(x, list):
        return f"[{', '.join(constant(part, spell) for part in x)}]"
    if isinstance(x, np.ndarray):
        return array(x) if spell is None else spell(x).text
    if isinstance(x, slice):
        return f"slice({', '.join(constant(p, spell) for p in (x.start, x.stop, x.step))})"
    if isinstance(x, np.dtype) and x.kind in "fiubcMmSU":
        known = np.dtype(x.type) == x and getattr(np, x.name, None) is x.type
        return constant(x.type) if known else f"np.dtype({x.str!r})"
    if isinstance(x, type):
        name = "bool" if x is np.bool else str(x.__name__)
        if x in (np.bool, bool, int, float, complex):
            return name
        if getattr(np, name, None) is x:
            return f"np.{name}"
    raise refuse(f"a constant of type {type(x).__name__} cannot be written down; give numbers")


def exact(x: Any) -> Any:
    """Python's own number for one of a subclass; anything else as it is."""
    if isinstance(x, float):
        return float.__float__(x)
    return int.__int__(x) if isinstance(x, int) and not isinstance(x, bool) else x


def number(x: Any) -> str:
    """A number in full precision."""
    x = exact(x)
    if isinstance(x, float):
        if x != x or x in (float("inf"), float("-inf")):
            return "np.nan" if x != x else "np.inf" if x > 0 else "-np.inf"
    elif isinstance(x, complex):
        x = complex.__complex__(x)
        return f"complex({number(x.real)}, {number(x.imag)})"
    elif isinstance(x, int) and x.bit_length() > 1024:
        return hex(x)  # Python refuses to write very long ones in decimal digits
    return repr(x)


def array(x: Any) -> str:
    """An array, exactly: its numbers where they are few, else its bytes."""
    if x.dtype.kind not in "fiubcSU":
        raise refuse(f"a constant array of {x.dtype} cannot be written down; give numbers")
    data = np.ascontiguousarray(x).tobytes()
    if x.size and data == data[: x.itemsize] * x.size:
        fill = constant(x.flat[0].item())
        name = {"1.0": "ones", "0.0": "zeros"}.get(fill)
        if name:
            return f"np.{name}({x.shape}, {constant(x.dtype)})"
        return f"np.full({x.shape}, {fill}, {constant(x.dtype)})"
    if x.size <= 1000:
        text = ", ".join(constant(value) for value in x.ravel().tolist())
        shaped = "" if x.ndim == 1 else f".reshape({x.shape})"
        return f"np.array([{text}], {constant(x.dtype)}){shaped}"
    return f"np.frombuffer(bytes.fromhex({data.hex()!r}), {constant(x.dtype)}).reshape({x.shape})"


def index_text(index: Any, spell: Spell) -> str:
    """What stands between brackets."""
    parts = index if type(index) is tuple else (index,)
    if not parts:
        return "()"
    text = ", ".join(_one_index(part, spell) for part in parts)
    return f"{text}," if type(index) is tuple and len(parts) == 1 else text


def _one_index(part: Any, spell: Spell) -> str:
    if type(part) is slice:
        ends = ["" if p is None else constant(p, spell) for p in (part.start, part.stop)]
        step = "" if part.step is None else f":{constant(part.step, spell)}"
        return f"{ends[0]}:{ends[1]}{step}"
    return constant(part, spell)


_OWN = {with_item: "with_item", with_added: "with_added", item: "item"}


def name_of(function: Any) -> str:
    """What NumPy's users call a function.

    Raises CannotCompileError for one that NumPy does not have under its own name.
    """
    if function in _OWN:
        return _OWN[function]
    owner, name = getattr(function, "__self__", None), str(getattr(function, "__name__", ""))
    if isinstance(owner, np.ufunc):
        return f"{name_of(owner)}.{name}"
    for place in ("", "linalg.", "fft."):
        found = getattr(getattr(np, place[:-1]) if place else np, name, None)
        if function in (found, getattr(found, "__wrapped__", None)):
            return f"np.{place}{name}"
    raise refuse(f"NumPy has no public function {name!r} that is the one called here")
