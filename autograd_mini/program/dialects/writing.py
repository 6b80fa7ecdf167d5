"""What dialects of NumPy have in common: names for results, constants, calls, foreign functions.

This file knows how one line is written. It must not know which lines are written, nor in what
order, nor how a program came about.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_mini.program.foreign import Foreign, Thing
from autograd_mini.program.identifiers import Namespace
from autograd_mini.program.lines import Kind, Line, Program, Ref, with_added, with_item
from autograd_mini.program.spelling import ATOM, Text, constant, index_text, spelled


class Written(NamedTuple):
    """The source of a module, and what is found beside it."""

    source: str
    found: dict[str, Any]


class Writer:
    """Writes the lines of one program."""

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

    def written(self, source: str, **found: Any) -> Written:
        """The module, with somebody else's functions and what else is `found` beside it."""
        return Written(source, {**found, **{text: x for x, text in self.foreign.items()}})

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
        return [*statements, self.commented(statement, line)]

    def commented(self, statement: str, line: Line) -> str:
        """The statement, with what else is to be told."""
        return statement


def _short(given: Any, plain: Any) -> Any:
    """A number of NumPy's in as few digits as its own type needs."""
    return plain if plain is given else float(str(given))
