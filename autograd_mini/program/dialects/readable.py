"""A program as a person would write the formulas: names, operators, forward and backward.

This file knows which results deserve a line of their own. It must not know NumPy's functions one
by one (those are spelled elsewhere), nor how a program came about.
"""

import re
from collections.abc import Sequence
from typing import Any

from autograd_mini.program.dialects.writing import Writer, Written
from autograd_mini.program.foreign import Foreign, home
from autograd_mini.program.lines import Line, Program, refs_in, with_added, with_item
from autograd_mini.program.spelling import Text, array, constant

_LAYER = re.compile(r"(?:d[A-Za-z]+_d)?[WwbzaBZA]_?(\d+)")
_LONGEST = 56  # characters of an expression that is written inside another
UNKNOWN = "cannot be imported by its name: a saved program would not find it"


def readable(program: Program, name: str, outside: Sequence[tuple[str, Any]] = ()) -> Written:
    """A module with one function, `name`, that computes the program's outputs.

    Constant arrays have the names of those `outside` that are equal to them.
    """
    writer = _Readable(program, name, outside)
    return writer.written(writer.source())


class _Readable(Writer):
    def source(self) -> str:
        """The module: constants, the function, and nothing else."""
        self.given = {ref.number for x in self.program.outputs for ref in refs_in(x)}
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
        head = ["import numpy as np", *self._imports(), ""]
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
        return [self.commented(f"{name} = {text.text}", line)]

    def _imports(self) -> list[str]:
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

    def commented(self, statement: str, line: Line) -> str:
        """With the shape of the result, and the layer that its name tells."""
        kind = line.kind
        notes = [] if kind is None or not kind.shape else [str(kind.shape)]
        layer = _LAYER.fullmatch(self.names[line.number])
        if layer:
            notes.append(f"layer {layer[1]}")
        return f"{statement:<52}  # {', '.join(notes)}" if notes else statement

    def _is_inside(self, line: Line, text: Text) -> bool:
        if line.number in self.program.names or line.number in self.given or line.kind is None:
            return False
        if text.text.endswith(".T") and text.text[:-2].isidentifier():
            return True
        return self.uses.get(line.number, 0) == 1 and len(text.text) <= _LONGEST
