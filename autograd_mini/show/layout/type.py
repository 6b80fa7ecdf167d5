"""Labels set in type: how wide a text is, and where each line and each cell of a table stands.

This file knows the letters of one font family, and the labels of DOT, HTML-like ones too, but for
cells of several rows. It must not know nodes and edges.
"""

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from xml.etree import ElementTree

# Widths of letters of DejaVu Sans, two digits each, in hundredths of the size, from a letter on.
_WIDTHS = {
    " ": "3240468464957827393950843236323464646464646464646464343484848453996869707763587775292966"
    "568675796079696361736899696169393439845050616355636235636328285828976361636341523963598259595264"
    "346484",
    "α": "66645961545463613459596456566160635963605866586684",
    "А": "6869696178639964757571758675797560706161866978699999838869709969616259536962905365656064"
    "7565616563555859855968599294717959558460",
}
_BOLDER = 0.07
_LINE, _ABOVE = 1.17, 0.93  # of the size: the height of a line, and of what is above its foot
_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)\w+;")
_BREAKS = re.compile(r"\\([nlr])")


class Run(NamedTuple):
    """Letters that look alike."""

    text: str
    size: float
    bold: bool = False
    italic: bool = False
    colour: str = ""

    @property
    def width(self) -> float:
        """About how wide it is, in points."""
        return sum(_letter(c) + (_BOLDER if self.bold else 0.0) for c in self.text) * self.size


class Mark(NamedTuple):
    """A text that begins at x with its foot at y, or a rectangle from x, y on."""

    x: float
    y: float
    run: Run | None = None
    width: float = 0.0
    height: float = 0.0
    fill: str = "none"
    stroke: str = "transparent"


@lru_cache(2048)
def _letter(c: str) -> float:
    """The width of a letter as a share of the size of the type."""
    for first, widths in _WIDTHS.items():
        at = 2 * (ord(c) - ord(first))
        if 0 <= at < len(widths):
            return int(widths[at : at + 2]) / 100
    if unicodedata.decomposition(c).startswith(("<super>", "<sub>")):
        return 0.45
    first = unicodedata.normalize("NFD", c)[0]
    if first != c:  # with an accent
        return _letter(first)
    if unicodedata.combining(c) or unicodedata.category(c) == "Cf":
        return 0.0
    if unicodedata.east_asian_width(c) in "WF":
        return 1.05
    if c in "\u00a0·":
        return 0.32
    if c in "∂‖–°":
        return 0.52
    if "\u2500" <= c <= "\u259f":  # lines and blocks
        return 0.6 if c < "\u2580" else 0.77
    return 1.0 if c in "…—" else 0.94


class Text:
    """Lines of runs that follow each other; "l", "r" or "n" says where each line stands."""

    width: float
    height: float

    def __init__(self, lines: Sequence[tuple[str, Sequence[Run]]], size: float) -> None:
        self.lines = [(where, [run for run in runs if run.text]) for where, runs in lines]
        self._heights = [
            _LINE * max((r.size for r in runs), default=size) for _, runs in self.lines
        ]
        self.width = max((sum(r.width for r in runs) for _, runs in self.lines), default=0.0)
        self.height = sum(self._heights)

    def marks(self, x: float, y: float, width: float, align: str = "n") -> Iterator[Mark]:
        """Its letters in a column that is `width` wide, from its upper left corner on."""
        for (where, runs), height in zip(self.lines, self._heights, strict=True):
            room = width - sum(run.width for run in runs)
            at = x + room * {"l": 0.0, "n": 0.5, "r": 1.0}[align if where == "n" else where]
            for run in runs:
                yield Mark(at, y + height * _ABOVE / _LINE, run)
                at += run.width
            y += height


class Cell:
    """A cell of a table: what stands in it, and how much room it wants."""

    def __init__(
        self, element: ElementTree.Element, run: Run, padding: float, border: float
    ) -> None:
        given = {key.upper(): value for key, value in element.attrib.items()}
        self.inside: Text | Table = _content(element, run)
        self.around = float(given.get("CELLPADDING", padding)) + float(given.get("BORDER", border))
        self.span = int(given.get("COLSPAN", 1))
        self.fill = given.get("BGCOLOR", "none")
        self.stroke = given.get("COLOR", "black") if float(given.get("BORDER", border)) else ""
        self.align = given.get("ALIGN", "n").lower()[0].replace("c", "n")
        self.top = given.get("VALIGN", "").upper() == "TOP"
        least = float(given.get("WIDTH", 0)), float(given.get("HEIGHT", 0))
        wanted = self.inside.width + 2 * self.around, self.inside.height + 2 * self.around
        fixed = given.get("FIXEDSIZE", "").upper() == "TRUE"
        self.width = least[0] if fixed else max(least[0], wanted[0])
        self.height = least[1] if fixed else max(least[1], wanted[1])


class Table:
    """Rows of cells in columns, each as wide as its widest cell."""

    width: float
    height: float

    def __init__(self, element: ElementTree.Element, run: Run) -> None:
        given = {key.upper(): value for key, value in element.attrib.items()}
        self.border = float(given.get("BORDER", 1))
        padding = float(given.get("CELLPADDING", 2))
        line = float(given.get("CELLBORDER", self.border))
        self.space = float(given.get("CELLSPACING", 2))
        self.look = given.get("BGCOLOR", "none"), given.get("COLOR", "black")
        self.rows = [
            [Cell(cell, run, padding, line) for cell in row if cell.tag.upper() == "TD"]
            for row in element
            if row.tag.upper() == "TR"
        ]
        self.columns = [0.0] * max((sum(c.span for c in row) for row in self.rows), default=0)
        for only in (True, False):  # cells of one column first
            for row in self.rows:
                at = 0
                for cell in row:
                    if (cell.span == 1) == only:
                        more = cell.width - self._wide(at, cell.span)
                        for k in range(at, at + cell.span):
                            self.columns[k] += max(more, 0.0) / cell.span
                    at += cell.span
        self.heights = [max((cell.height for cell in row), default=0.0) for row in self.rows]
        edges = 2 * self.border + self.space
        self.width = sum(w + self.space for w in self.columns) + edges
        self.height = sum(h + self.space for h in self.heights) + edges

    def _wide(self, at: int, span: int) -> float:
        return sum(self.columns[at : at + span]) + self.space * (span - 1)

    def marks(self, x: float, y: float, width: float, align: str = "n") -> Iterator[Mark]:
        """All that is seen of it, in a column that is `width` wide."""
        x += (width - self.width) * {"l": 0.0, "n": 0.5, "r": 1.0}[align]
        fill, stroke = self.look
        if self.border or fill != "none":
            line = stroke if self.border else "transparent"
            yield Mark(x, y, None, self.width, self.height, fill, line)
        y += self.border + self.space
        for row, height in zip(self.rows, self.heights, strict=True):
            left, at = x + self.border + self.space, 0
            for cell in row:
                wide = self._wide(at, cell.span)
                if cell.fill != "none" or cell.stroke:
                    line = cell.stroke or "transparent"
                    yield Mark(left, y, None, wide, height, cell.fill, line)
                free = 0.0 if cell.top else (height - cell.inside.height) / 2 - cell.around
                inner = left + cell.around, y + cell.around + free, wide - 2 * cell.around
                yield from cell.inside.marks(*inner, cell.align)
                left, at = left + wide + self.space, at + cell.span
            y += height + self.space


def label(text: str, size: float, colour: str = "") -> Text | Table:
    r"""A label of DOT, set in type of that size.

    >>> found = label("<<B>z</B> = 1<BR/>two>", 10.0)
    >>> [(mark.run.text, round(mark.x, 1), mark.y) for mark in found.marks(0, 0, 40) if mark.run]
    [('z', 6.4, 9.3), (' = 1', 12.3, 9.3), ('two', 10.9, 21.0)]
    >>> [where for where, _ in label(r"one\ltwo\l", 10.0).lines]
    ['l', 'l']
    """
    run = Run("", size, colour=colour)
    if text.startswith("<"):
        markup = _NAMED.sub(lambda found: html.unescape(found[0]), text[1:-1])
        return _content(ElementTree.fromstring(f"<X>{markup}</X>"), run)
    parts = _BREAKS.split(html.unescape(text).replace("\n", "\\n").replace("\\\\", "\0"))
    lines = list(zip([*parts[1::2], "n"], parts[::2], strict=True))
    if len(lines) > 1 and not lines[-1][1]:
        lines.pop()
    return Text([(where, [run._replace(text=_unescaped(line))]) for where, line in lines], size)


def _unescaped(text: str) -> str:
    return text.replace("\\\\", "\0").replace("\0", "\\")


def _content(element: ElementTree.Element, run: Run) -> Text | Table:
    """What stands in an element: a table, or lines of text."""
    lines: list[tuple[str, list[Run]]] = [("n", [])]
    tables: list[Table] = []

    def read(element: ElementTree.Element, run: Run) -> None:
        lines[-1][1].append(run._replace(text=_unescaped(element.text or "")))
        for child in element:
            given = {key.upper(): value for key, value in child.attrib.items()}
            tag = child.tag.upper()
            if tag == "TABLE":
                tables.append(Table(child, run))
            elif tag == "BR":
                lines[-1] = (given.get("ALIGN", "n").lower()[0].replace("c", "n"), lines[-1][1])
                lines.append(("n", []))
            else:
                read(child, _styled(run, tag, given))
            lines[-1][1].append(run._replace(text=_unescaped(child.tail or "")))

    read(element, run)
    if tables:
        return tables[0]
    if len(lines) > 1 and not any(r.text for r in lines[-1][1]):
        lines.pop()
    return Text(lines, run.size)


def _styled(run: Run, tag: str, given: Mapping[str, str]) -> Run:
    match tag:
        case "B":
            return run._replace(bold=True)
        case "I":
            return run._replace(italic=True)
        case "SUB" | "SUP":
            return run._replace(size=run.size * 0.7)
        case "FONT":
            size = float(given.get("POINT-SIZE", run.size))
            return run._replace(size=size, colour=given.get("COLOR", run.colour))
    return run
