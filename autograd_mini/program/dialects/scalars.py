"""A program of numbers alone, as plain Python arithmetic.

Python's numbers raise where IEEE 754 has inf or nan. The functions are therefore written for the
usual case, and run again on NumPy's numbers, which have them, when Python has raised.

This file knows Python's arithmetic and the names in `math`. It must not know how a program came
about.
"""

from typing import Any

import numpy as np

from autograd_mini.program.dialects.writing import Written
from autograd_mini.program.identifiers import Namespace
from autograd_mini.program.lines import Line, Program, Ref, refs_in
from autograd_mini.program.spelling import (
    ATOM,
    COMPARISON,
    OPERATORS,
    Text,
    constant,
    exact,
    number,
    spelled,
)

_MATH: dict[Any, str] = {
    **{f: f.__name__ for f in (np.exp, np.log, np.sqrt, np.sin, np.cos, np.tan, np.sinh)},
    **{f: f.__name__ for f in (np.cosh, np.tanh, np.expm1, np.log1p, np.log2, np.log10)},
    **{f: f.__name__ for f in (np.cbrt, np.exp2, np.hypot, np.copysign, np.fmod, np.isfinite)},
    **{np.arcsin: "asin", np.arccos: "acos", np.arctan: "atan", np.arctan2: "atan2"},
    **{np.arcsinh: "asinh", np.arccosh: "acosh", np.arctanh: "atanh", np.absolute: "fabs"},
    **{np.power: "pow", np.isnan: "isnan", np.isinf: "isinf"},
}
_SIGNS: dict[Any, tuple[str, int]] = {
    f: OPERATORS[f] for f in (np.add, np.subtract, np.multiply, np.divide)
}
_COMPARED = {f: sign for f, (sign, binds) in OPERATORS.items() if binds == COMPARISON}
_LONGEST = 300  # characters of one expression
_NEAR = 400  # lines between an expression and the one in which it is written
_STATEMENTS = 1000  # of one function: the time that Python takes grows faster than their number

_AGAIN = """
def {name}({names}):
    try:
        return {name}_in_python({names})
    except (ArithmeticError, ValueError):  # where Python raises, NumPy has inf or nan
        _space = dict(globals(), math=np)
        for _part in PARTS:
            _space[_part.__name__] = type(_part)(_part.__code__, _space)
        with np.errstate(all="ignore"):
            _found = _space["{name}_in_python"](*map(np.float64, ({names},)))
        return {results}
"""


def scalars(program: Program, name: str, outside: object = ()) -> Written:
    """A module whose function `name` computes the program."""
    return Written(_Scalars(program, name).source(), {})


class _Scalars:
    def __init__(self, program: Program, name: str) -> None:
        self.program, self.name = program, name
        self.uses, self.kinds = program.uses(), program.kinds()
        self.whole = f"{name}_in_python"
        self.space = Namespace(name, self.whole)
        self.texts = {n: Text(self._named(n, "x")) for n, _ in program.inputs}
        self.reads: dict[int, set[int]] = {n: {n} for n, _ in program.inputs}
        self.simple = set(self.texts)
        self.outputs = {ref.number for x in program.outputs for ref in refs_in(x)}
        self.user: dict[int, int] = {}  # by place of the line: who reads a result
        for place, line in enumerate(program.lines):
            for n in line.refs():
                self.user[n] = place

    def source(self) -> str:
        """The module: a function for each part, one that runs them in order, one that is safe."""
        statements = self._statements()
        chunks = [statements[i : i + _STATEMENTS] for i in range(0, len(statements), _STATEMENTS)]
        functions = [self.space.unique(f"{self.name}_{k + 1}") for k in range(len(chunks))]
        functions = functions if len(chunks) > 1 else []
        parts, calls = self._functions(chunks, functions)
        names = ", ".join(self.texts[n].text for n, _ in self.program.inputs)
        kinds = [self._of_numpy(x) for x in self.program.outputs]
        results = ", ".join(
            f"{kind}({self._text(x)})" if kind else self._text(x)
            for kind, x in zip(kinds, self.program.outputs, strict=True)
        )
        listed = f"\nPARTS = ({', '.join([*functions, self.whole])},)\n"
        body = "\n".join([*calls, f"    return {results or '()'}\n"])
        parts.append(f"def {self.whole}({names}):\n{body}")
        if len(kinds) == 1 and kinds[0]:
            again = f"{kinds[0]}(_found)"
        elif any(kinds):
            again = ", ".join(
                f"{kind}(_found[{k}])" if kind else f"np.asarray(_found[{k}]).item()"
                for k, kind in enumerate(kinds)
            )
        elif len(self.program.outputs) != 1:
            again = "[_x.item() if isinstance(_x, np.generic) else _x for _x in _found]"
        else:
            again = "_found.item() if isinstance(_found, np.generic) else _found"
        tail = _AGAIN.format(name=self.name, names=names, results=again)
        return "import math\n\nimport numpy as np\n\n\n" + "\n\n".join(parts) + listed + tail

    def _functions(
        self, chunks: list[list[tuple[int, str]]], functions: list[str]
    ) -> tuple[list[str], list[str]]:
        """Each part as a function of what it reads, giving what later parts read; their calls."""
        if len(chunks) == 1:
            return [], [f"    {text}" for _, text in chunks[0]]
        needed = set(self.outputs)
        sources: list[str] = []
        calls: list[str] = []
        for k in reversed(range(len(chunks))):
            made = {n for n, _ in chunks[k]}
            read = set().union(*(self.reads[n] for n in made)) - made
            given = sorted(made & needed)
            needed = (needed - made) | read
            body = "\n".join(f"    {text}" for _, text in chunks[k])
            names = ", ".join(self.texts[n].text for n in sorted(read))
            results = "".join(f"{self.texts[n].text}, " for n in given)
            sources.append(f"def {functions[k]}({names}):\n{body}\n    return ({results})\n")
            calls.append(f"    ({results}) = {functions[k]}({names})")
        return sources[::-1], calls[::-1]

    def _of_numpy(self, x: Any) -> str:
        """The type of a result that is a number of NumPy's; "" for one of Python's."""
        kind = self.kinds[x.number] if type(x) is Ref else None
        return "" if kind is None or kind.number else f"np.{kind.dtype.name}"

    def _named(self, n: int, letter: str) -> str:
        return self.space.unique(self.program.names.get(n, f"{letter}{n}"))

    def _statements(self) -> list[tuple[int, str]]:
        found: list[tuple[int, str]] = []
        for place, line in enumerate(self.program.lines):
            n = line.number
            text = self._spelled(line)
            reads: set[int] = set()
            for ref in line.refs():
                if ref in self.simple:
                    reads.add(ref)
                else:
                    reads |= self.reads[ref]
            self.reads[n] = reads
            once = self.uses.get(n, 0) == 1 and n not in self.outputs
            named = n in self.program.names
            if once and not named and len(text) <= _LONGEST and self.user[n] - place <= _NEAR:
                self.texts[n] = Text(text, _SIGNS.get(line.function, ("", 0))[1])
            else:
                self.simple.add(n)
                self.texts[n] = Text(self._named(n, "v"))
                found.append((n, f"{self.texts[n].text} = {text}"))
        return found

    def _text(self, x: Any, binds: int = ATOM) -> str:
        """An argument, in parentheses where Python would group it otherwise."""
        if type(x) is Ref:
            return self.texts[x.number].within(binds)
        text = constant(exact(x))
        return f"({text})" if text.startswith("-") else text

    def _spelled(self, line: Line) -> str:
        f = line.function
        if f in _SIGNS:
            (x, y), (sign, binds) = line.args, _SIGNS[f]
            return f"{self._text(x, binds)} {sign} {self._text(y, binds + 1)}"
        args = [self._text(x) for x in line.args]
        if f in _COMPARED:
            return f"{args[0]} {_COMPARED[f]} {args[1]}"
        if f in (np.maximum, np.minimum):
            return self._extreme(line, "<" if f is np.maximum else ">")
        if f is np.negative:
            return f"-{args[0]}"
        if f is np.where:
            return f"{args[1]} if {args[0]} else {args[2]}"
        if f is np.reciprocal:
            return f"1.0 / {args[0]}"
        if f is np.square and self._is_simple(line.args[0]):
            return f"{args[0]} * {args[0]}"
        if f in _MATH:
            return f"math.{_MATH[f]}({', '.join(args)})"
        return spelled(line, lambda x: Text(self._text(x)), self._kind).text

    def _is_simple(self, x: Any) -> bool:
        return type(x) is not Ref or x.number in self.simple

    def _extreme(self, line: Line, sign: str) -> str:
        """The larger, or with ">" the smaller, of two; nan if one of them is that."""
        x, y = line.args
        if type(x) is not Ref:
            x, y = y, x
        a, b = self._text(x), self._text(y)
        if type(y) is not Ref and y == y and self._is_simple(x):
            return f"{number(float(y))} if {a} {sign} {number(float(y))} else {a}"
        name = "maximum" if sign == "<" else "minimum"
        return f"float(np.{name}({a}, {b}))"

    def _kind(self, x: Any) -> Any:
        return self.kinds[x.number] if type(x) is Ref else None
