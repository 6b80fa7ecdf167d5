"""The same program on buffers: results in place, arrays shared, nothing allocated in a call.

A buffer holds one result after another: it is free again after the last line that reads what it
holds, or a view of it. Results that come out get arrays of their own.

This file knows how long results live, and which calls write into an array that they are given. It
must not know how a program came about.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_mini.ops.elementwise import BITS
from autograd_mini.program.dialects.writing import Writer, Written
from autograd_mini.program.foreign import Foreign
from autograd_mini.program.lines import (
    Kind,
    Line,
    Program,
    Ref,
    refs_in,
    with_added,
    with_item,
)
from autograd_mini.program.passes import with_sums_as_products
from autograd_mini.program.spelling import Text, constant, name_of

_BY_KEYWORD = (np.maximum, np.minimum)  # NumPy deprecates an output as their third argument
_FOLDS = {np.sum: np.add, np.max: np.maximum, np.min: np.minimum, np.prod: np.multiply}
_WRONG_INTO = (np.max, np.min) if np.lib.NumpyVersion(np.__version__) < "2.2.0" else ()
"""Folds that older NumPys get wrong where they are given an `out` and read from the end."""


def fast(program: Program, name: str, outside: object = ()) -> Written:
    """Write a program for speed; its buffers and functions are found beside it."""
    writer = _Fast(with_sums_as_products(program), name)
    return writer.written(writer.source(), **writer.buffers, **writer.globals)


class _Fast(Writer):
    """Writes one program on buffers, a line a statement, without names to read."""

    def __init__(self, program: Program, name: str) -> None:
        super().__init__(program, name)
        self.buffers: dict[str, Any] = {}
        self.globals: dict[str, Any] = {}
        self.functions: dict[Any, str] = {}
        self.numbers: dict[tuple[str, Any], str] = {}
        self.free: dict[tuple[Any, Any], list[str]] = {}
        self.held: dict[int, str] = {}  # the buffer that a result lies in
        self.memory = program.memory()
        self.kept = set(self._shown(ref.number for x in program.outputs for ref in refs_in(x)))
        last: dict[int, int] = {}
        for place, line in enumerate(program.lines):
            shown = self._shown(line.refs())
            last.update(dict.fromkeys(shown, place))
            if type(line.function) is Foreign:
                self.kept |= shown  # who knows what it keeps
        self.dying: list[list[int]] = [[] for _ in program.lines]
        for n in sorted(last):  # whose last reader is which line
            self.dying[last[n]].append(n)

    def _shown(self, numbers: Iterable[int]) -> set[int]:
        """Whose memory is read by those who read these results."""
        return {root for number in numbers for root in self.memory[number]}

    def source(self) -> str:
        """The module."""
        for n, _ in self.program.inputs:
            self.names[n] = self._unique(self.program.names.get(n, "x1"))
        body = []
        for place, line in enumerate(self.program.lines):
            body += self._statement(place, line)
        outputs = ", ".join(self.spell(x).text for x in self.program.outputs)
        body.append(f"return {outputs or '()'}")
        names = ", ".join(self.names[n] for n, _ in self.program.inputs)
        for name, x in self.constants:
            self.globals[name] = x
        text = "\n".join(f"    {line}" for line in body)
        head = 'import numpy as np\n\n\n@np.errstate(all="ignore")\n'
        return f"{head}def {self.name}({names}):\n{text}\n"

    # -- one line
    def _statement(self, place: int, line: Line) -> list[str]:
        if line.function in (with_item, with_added):
            return self._writes(line)
        dying = [n for n in self.dying[place] if n in self.held]
        if line.function is np.transpose and len(line.args) == 1 and type(line.args[0]) is Ref:
            self.inside[line.number] = Text(f"{self.spell(line.args[0]).within(100)}.T")
            return []
        out = self._writes_into(line)
        own = out and line.number not in self.kept and not line.shares
        target = ""
        if own:
            assert line.kind is not None
            reused = [n for n in dying if self.kinds[n] == line.kind and isinstance(out, str)]
            if reused and (_elementwise(line) or self._chooses(line)):
                target = self.held.pop(reused[0])
                dying.remove(reused[0])
            else:
                target = self._buffer(line.kind)
            self.held[line.number] = target
        self._release(dying)
        if out:
            self.names[line.number] = target or self._name(line)
            call = self._call(line, target)
            return [call if target else f"{self.names[line.number]} = {call}"]
        text = self._text(line)
        name = self.names[line.number] = self._name(line)
        return [f"{name} = {text.text}"]

    def _release(self, dying: list[int]) -> None:
        for number in dying:
            name = self.held.pop(number)
            x = self.buffers[name]
            self.free.setdefault((x.shape, x.dtype), []).append(name)

    def _buffer(self, kind: Kind) -> str:
        waiting = self.free.get((kind.shape, kind.dtype))
        if waiting:
            return waiting.pop()
        name = self._unique(f"buffer{len(self.buffers) + 1}")
        self.buffers[name] = np.empty(kind.shape, kind.dtype)
        return name

    def _writes_into(self, line: Line) -> str:
        """How a call is told where to write; "" if it cannot be."""
        kind = line.kind
        if kind is None or kind.number or not kind.shape or 0 in kind.shape:
            return ""
        if _elementwise(line) or line.function is np.matmul or self._chooses(line):
            return "last"
        if line.function is np.dot:
            kinds = [self.kind_of(x) for x in line.args]
            flat = all(k and k.dtype == kind.dtype and len(k.shape) in (1, 2) for k in kinds)
            return "dot" if flat else ""
        folds = line.function in _FOLDS and line.function not in _WRONG_INTO
        if folds and kind.dtype.kind == "f":
            return "keyword"
        return ""

    def _chooses(self, line: Line) -> bool:
        """Whether it gives an array where a mask says so, and 0 elsewhere."""
        if line.function is not np.where or line.kind is None or line.kind.dtype not in BITS:
            return False
        mask, x, zero = (self.kind_of(arg) for arg in line.args)
        if zero is not None or type(line.args[2]) not in (float, int) or line.args[2] != 0:
            return False
        if mask is None or x is None or mask.number or x.number:
            return False
        return mask.dtype == bool and x.dtype == line.kind.dtype

    def _choice(self, line: Line, target: str) -> str:
        """The bits of the numbers times 0 or 1, as in `ops.elementwise.chosen`."""
        mask, x = (self.spell(arg).within(100) for arg in line.args[:2])
        assert line.kind is not None
        bits, kind = (self._function(t) for t in (BITS[line.kind.dtype], line.kind.dtype.type))
        if target:
            return (
                f"{self._function(np.multiply)}({x}.view({bits}), {mask}, {target}.view({bits}))"
            )
        return f"{self._function(np.multiply)}({x}.view({bits}), {mask}).view({kind})"

    def _call(self, line: Line, target: str) -> str:
        if self._chooses(line):
            return self._choice(line, target)
        f, plain = line.function, self._plain(line)
        args = [self._ready(x, line) or self.spell(x).text for x in plain.args]
        if f is np.dot:
            first = self.spell(plain.args[0]).within(100)
            return f"{first}.dot({', '.join([*args[1:], *([target] if target else [])])})"
        if f in _FOLDS:
            keywords = [f"{key}={constant(x)}" for key, x in line.keywords]
            keywords += [f"out={target}"] if target else []
            return f"{self._function(_FOLDS[f])}.reduce({', '.join([*args, *keywords])})"
        if target:
            args.append(f"out={target}" if f in _BY_KEYWORD else target)
        return f"{self._function(f)}({', '.join(args)})"

    def _ready(self, x: Any, line: Line) -> str:
        """A number as an array, which a call need not convert: 5 % of the lesson's step."""
        if type(x) not in (float, int) or not _elementwise(line):
            return ""
        kinds = [self.kind_of(other) for other in line.args if other is not x]
        dtypes = {kind.dtype for kind in kinds if kind and not kind.number}
        if len(dtypes) != 1 or (dtype := dtypes.pop()).kind != "f":
            return ""
        if not _takes(line.function, dtype):
            return ""
        key = (repr(x), dtype)
        if key not in self.numbers:
            self.numbers[key] = self._unique("number")
            self.globals[self.numbers[key]] = np.array(x, dtype)
        return self.numbers[key]

    def _function(self, f: Any) -> str:
        if f not in self.functions:
            name = f.__name__ if isinstance(f, type) else name_of(f).rpartition(".")[2]
            self.functions[f] = self._unique(name)
            self.globals[self.functions[f]] = f
        return self.functions[f]


def _elementwise(line: Line) -> bool:
    f = line.function
    return isinstance(f, np.ufunc) and f.signature is None and f.nout == 1 and not line.keywords


def _takes(ufunc: Any, dtype: Any) -> bool:
    """Whether all its arrays may be of this dtype; ldexp's second one may not."""
    try:
        ufunc.resolve_dtypes((dtype,) * ufunc.nin + (None,))
    except TypeError:
        return False
    return True
