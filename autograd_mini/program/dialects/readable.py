"""A program as a person would write the formulas: names, operators, forward and backward.

This file knows which results deserve a line of their own. It must not know NumPy's functions one
by one (those are spelled elsewhere), nor how a program came about.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_mini.program.foreign import Foreign, Thing, home
from autograd_mini.program.identifiers import Namespace
from autograd_mini.program.lines import (
    Kind,
    Line,
    Program,
    Ref,
    with_added,
    with_item,
)
from autograd_mini.program.spelling import ATOM, Text, array, constant, index_text, spelled

_LAYER = re.compile(r"(?:d[A-Za-z]+_d)?[WwbzaBZA]_?(\d+)")
_LONGEST = 56  # characters of an expression that is written inside another
_WIDTH = 88
UNKNOWN = "cannot be imported by its name: a saved program would not find it"


class Readable:
    """Writes one program; `source()` gives the text of its module."""

    def __init__(
        self, program: Program, name: str, outside: Sequence[tuple[str, Any]] = ()
    ) -> None:
        self.program, self.name, self.outside = program, name, outside
        self.uses, self.kinds = program.uses(), program.kinds()
        self.by_number = {line.number: line for line in program.lines}
        self.names: dict[int, str] = {}
        self.inside: dict[int, Text] = {}
        self.constants: list[tuple[str, Any]] = []
        self.known: dict[Any, str] = {}  # of constant arrays, by id and by content
        self.counts: dict[str, int] = {}  # how many results have a letter and a number as name
        self.foreign: dict[Any, str] = {}  # functions of somebody else's, and odd arguments
        space = Namespace(name)
        self.taken, self._unique = space.taken, space.unique
        self.given = {ref.number for x in program.outputs for ref in _refs(x)}

    # -- names
    def _name(self, line: Line) -> str:
        wanted = self.program.names.get(line.number)
        if wanted is None:
            letter = {"backward": "g", "update": "u"}.get(line.part, "t")
            k = self.counts.get(letter, 0) + 1
            while f"{letter}{k}" in self.taken:
                k += 1
            self.counts[letter] = k
            wanted = f"{letter}{k}"
        return self._unique(wanted)

    def kind_of(self, x: Any) -> Kind | None:
        """What an argument is."""
        if type(x) is Ref:
            return self.kinds[x.number]
        if isinstance(x, (np.ndarray, np.generic)):
            return Kind(x.shape, x.dtype)
        return None

    def spell(self, x: Any) -> Text:
        """An argument: its name, or what is written in its place."""
        if type(x) is Ref:
            if x.number in self.inside:
                return self.inside[x.number]
            return Text(self.names[x.number])
        if isinstance(x, np.ndarray):
            return Text(self._constant(x))
        text = constant(x)
        return Text(text, ATOM - 25) if text.startswith("-") else Text(text)

    def _constant(self, x: Any) -> str:
        """The name of a constant array, the same for all that are equal to the bit."""
        if id(x) not in self.known:
            key = (x.dtype, x.shape, x.tobytes())
            if key not in self.known:
                alike = [
                    n
                    for n, y in self.outside
                    if y.dtype == x.dtype and y.shape == x.shape and y.tobytes() == key[2]
                ]
                usual = "ones" if x.size and (x == 1).all() else "K1"
                self.known[key] = self._unique(alike[0] if alike else usual)
                self.constants.append((self.known[key], x))
            self.known[id(x)] = self.known[key]
        return self.known[id(x)]

    # -- lines
    def source(self) -> str:
        """The module: constants, the function, and nothing else."""
        for n, _ in self.program.inputs:
            self.names[n] = self._unique(self.program.names.get(n, "x1"))
        body: list[str] = []
        part = ""
        parts = {line.part for line in self.program.lines}
        for line in self.program.lines:
            written = self._written(line)
            if written and line.part != part and len(parts) > 1:
                part = line.part
                body += ["", f"# {part}"] if body else [f"# {part}"]
            body += written
        results = ", ".join(constant(x, self.spell) for x in self.program.outputs)
        body += ["", f"return {results or '()'}"]
        names = ", ".join(self.names[n] for n, _ in self.program.inputs)
        head = ["import numpy as np", *self.imports(), ""]
        if self.constants:
            head += ["", *(f"{name} = {array(x)}" for name, x in self.constants)]
        text = "\n".join(head)
        indented = "\n".join(f"    {line}" if line else "" for line in body)
        return f'{text}\n\n@np.errstate(all="ignore")\ndef {self.name}({names}):\n{indented}\n'

    def _written(self, line: Line) -> list[str]:
        """The statements of a line: none, if it is written where it is read."""
        if line.function in (with_item, with_added):
            return self._writes(line)
        text = self._text(line)
        if self._is_inside(line, text):
            self.inside[line.number] = text
            return []
        name = self.names[line.number] = self._name(line)
        return [self._commented(f"{name} = {text.text}", line, name)]

    def _text(self, line: Line) -> Text:
        """The call of a line."""
        if type(line.function) is not Foreign:
            return spelled(self._plain(line), self.spell, self.kind_of)
        given = [self._known(x) for x in line.args]
        given += [f"{key}={self._known(x)}" for key, x in line.keywords]
        text = f"{self._known(line.function)}({', '.join(given)})"
        return Text(f"float({text})" if line.kind and line.kind.number else text)

    def _known(self, x: Any) -> str:
        """The name of somebody else's function, or of an odd argument of it; others as ever."""
        if not isinstance(x, Foreign | Thing):
            return constant(x, self.spell)
        if x not in self.foreign:
            self.foreign[x] = self._unique(x.name)
        return self.foreign[x]

    def imports(self) -> list[str]:
        """Where somebody else's functions come from, for those who read or save the program."""
        found = []
        for x, name in self.foreign.items():
            place = home(x.function) if isinstance(x, Foreign) else ""
            if place:
                same = name == x.name
                found.append(f"from {place} import {x.name}{'' if same else f' as {name}'}")
            else:
                found.append(f"# {name} {UNKNOWN}")
        return found

    def _commented(self, statement: str, line: Line, name: str) -> str:
        kind = line.kind
        notes = [] if kind is None or not kind.shape else [str(kind.shape)]
        layer = _LAYER.fullmatch(name)
        if layer:
            notes.append(f"layer {layer[1]}")
        return f"{statement:<52}  # {', '.join(notes)}" if notes else statement

    def _is_inside(self, line: Line, text: Text) -> bool:
        if line.number in self.program.names or line.number in self.given or line.kind is None:
            return False
        if text.text.endswith(".T") and text.text[:-2].isidentifier():
            return True
        return self.uses.get(line.number, 0) == 1 and len(text.text) <= _LONGEST

    def _plain(self, line: Line) -> Line:
        """With NumPy's numbers as Python's, where an array beside them decides the dtype."""
        numbers = any(isinstance(x, np.floating) for x in line.args)
        if not numbers or line.kind is None or not isinstance(line.function, np.ufunc):
            return line
        decided = [k for x in line.args if type(x) is Ref and (k := self.kinds[x.number])]
        args = [
            x.item()
            if isinstance(x, np.floating)
            and any(k.dtype == x.dtype and not k.number for k in decided)
            and type(x)(float(repr(x.item()))) == x
            else x
            for x in line.args
        ]
        short = [_short(x, y) for x, y in zip(line.args, args, strict=True)]
        return line._replace(args=tuple(short))

    def _writes(self, line: Line) -> list[str]:
        x, index, y = line.args
        before = self.by_number.get(x.number) if type(x) is Ref else None
        fresh = before is not None and before.function in (
            np.zeros,
            np.ones,
            with_item,
            with_added,
        )
        statements = []
        if fresh and self.uses[x.number] == 1 and x.number in self.names:
            name = self.names[line.number] = self.names[x.number]
        else:
            name = self.names[line.number] = self._name(line)
            statements.append(f"{name} = np.array({self.spell(x).text})")
        where = index_text(index, self.spell)
        value = constant(y, self.spell)
        if line.function is with_item:
            statement = f"{name}[{where}] = {value}"
        else:
            statement = f"np.add.at({name}, {constant(index, self.spell)}, {value})"
        return [*statements, self._commented(statement, line, name)]


def _short(given: Any, plain: Any) -> Any:
    """A number of NumPy's in as few digits as its own type needs."""
    return plain if plain is given else float(str(given))


def _refs(x: Any) -> list[Ref]:
    from autograd_mini.program.lines import refs_in

    return list(refs_in(x))


class Written(NamedTuple):
    """The source of a module, and what is found beside it."""

    source: str
    found: dict[str, Any]


def readable(program: Program, name: str, outside: Sequence[tuple[str, Any]] = ()) -> Written:
    """A module with one function, `name`, that computes the program's outputs.

    Constant arrays have the names of those `outside` that are equal to them.
    """
    writer = Readable(program, name, outside)
    return Written(writer.source(), {text: x for x, text in writer.foreign.items()})
