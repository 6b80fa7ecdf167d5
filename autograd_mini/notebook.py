"""How text, tables and pictures show themselves at a prompt and in a notebook.

This file knows HTML and columns. It must not know what they say.
"""

import html
import math
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from autograd_mini.colours import BLUE, ORANGE

WIDE = 900  # px, about the width of a notebook's cell

__all__ = ["Lines", "Table", "Tabled"]


def __dir__() -> list[str]:
    return __all__


class Lines(str):
    r"""A text that shows itself line by line, where any other str shows backslashes and n.

    >>> Lines("one\ntwo")
    one
    two
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Table(Lines):
    r"""Rows of cells below a headline: as text in columns, and in a notebook as a table.

    Rows have equally many cells, the first of them to the left, the others to the right; a row of
    one cell is a heading, or a remark.

    >>> Table("Two rows:\n", [["", "a", "b"], ["first"], ["C", "0.1", "12"]])
    Two rows:
         a   b
    first
    C  0.1  12
    """

    rows: Sequence[Sequence[str]]
    head: str
    foot: str

    def __new__(cls, head: str, rows: Sequence[Sequence[str]], foot: str = "") -> "Table":
        """The table with `head` right above its first row and `foot` right below its last."""
        self = super().__new__(cls, f"{head}{aligned(rows)}{foot}")
        self.head, self.rows, self.foot = head, rows, foot
        return self

    def __getnewargs__(self) -> tuple[Any, ...]:  # for copies and pickles
        return self.head, self.rows, self.foot

    def _repr_html_(self) -> str:
        return f"{_paragraphs(self.head)}{table(self.rows)}{_paragraphs(self.foot)}"


class Tabled:
    """What shows itself as its `table()`."""

    def table(self) -> Table:
        """The numbers as a table."""
        raise NotImplementedError

    def __str__(self) -> str:
        return str(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells as text in columns.

    >>> print(aligned([["", "a", "b"], ["C", "0.1", "12"]]))
         a   b
    C  0.1  12
    """
    widths = [max(map(len, column)) for column in zip(*_whole(rows), strict=True)]
    text = [
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=False))
        )
        for row in rows
    ]
    return "\n".join(row.rstrip() for row in text)


def table(rows: Sequence[Sequence[str]]) -> str:
    """The same rows as an HTML table, which scrolls where it is wider than its place.

    >>> "&lt;0.1</td></tr>" in table([["C", "<0.1"]])
    True
    """
    width = max(map(len, _whole(rows)), default=1)
    lines = []
    for row in rows:
        first, *others = map(html.escape, row)
        span = "" if others else f' colspan="{width}"'
        cells = "".join(f'<td style="text-align: right">{cell}</td>' for cell in others)
        lines.append(f'<tr><th{span} style="text-align: left">{first}</th>{cells}</tr>')
    return scrolling(f"<table>{''.join(lines)}</table>")


def scrolling(content: str) -> str:
    """HTML that is not cut, nor shrunk, where it is wider than its place.

    Notebooks shrink what they find in an <svg> of no style of its own.
    """
    content = content.replace("<svg ", '<svg style="max-width: none" ', 1)
    return f'<div style="overflow-x: auto">{content}</div>'


def source(text: str) -> str:
    """Python as HTML."""
    return f"<pre><code>{html.escape(text)}</code></pre>"


def curves(series: Mapping[str, Sequence[float]]) -> str:
    """A small picture of numbers that follow each other, as SVG; "" for fewer than two.

    >>> curves({"cost": [0.9, 0.4, 0.3]}).count("<polyline"), curves({"cost": [0.9]})
    (1, '')
    """
    found = {name: [*map(float, ys)] for name, ys in series.items()}
    heights = [y for ys in found.values() for y in ys if math.isfinite(y)]
    steps = max(map(len, found.values()), default=0) - 1
    if steps < 1 or not heights:
        return ""
    low, high = min(heights), max(heights)
    parts = []
    for place, (name, ys) in enumerate(found.items()):
        colour = (BLUE, ORANGE)[place % 2]
        points = [
            f"{60 + 220 * i / steps:.1f},{90 - 70 * (y - low) / ((high - low) or 1):.1f}"
            for i, y in enumerate(ys)
            if math.isfinite(y)
        ]
        if len(points) > 1:
            line = f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}"'
            parts.append(f'{line} stroke-width="2"/>')
            at = f'x="290" y="{40 + 22 * place}" fill="{colour}"'
            parts.append(f"<text {at}>{html.escape(name)}</text>")
    for y, height in ((90, low), (20, high)):
        parts.append(f'<text x="52" y="{y + 4}" text-anchor="end">{height:.3g}</text>')
    text = f"{' and '.join(found)}, from {high:.3g} to {low:.3g}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="420" height="110" role="img"'
        f' aria-label="{html.escape(text)}" font-size="12" font-family="sans-serif"'
        f' fill="currentColor">{"".join(parts)}</svg>'
    )


def width(svg: str) -> float:
    """The width of an SVG in px, of which an inch has 96; 0 where it does not tell.

    >>> width('<svg width="72pt" height="36pt">'), width('<svg width="50">')
    (96.0, 50.0)
    """
    found = re.search(r'<svg[^>]*\bwidth="([\d.]+)(pt|px|)"', svg)
    return float(found[1]) * (96 / 72 if found[2] == "pt" else 1) if found else 0.0


def is_notebook() -> bool:
    """Whether what is printed goes into a notebook."""
    return type(sys.stderr).__module__.startswith(("ipykernel", "pyodide_kernel", "pyolite"))


def _whole(rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    return [row for row in rows if len(row) > 1]


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{html.escape(part)}</p>" for part in text.strip().split("\n") if part)
