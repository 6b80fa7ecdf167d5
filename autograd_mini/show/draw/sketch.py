"""About how large a picture will be, before anything has laid it out.

This file knows how many letters a row of a label has room for, and that Graphviz stacks boxes in
ranks. It must not know graphs of Values, nor ask a layout: the same picture has the same size here
on every machine.
"""

import re

SLIDE = 1280.0, 720.0
"""A slide, in px: width and height."""
_TYPE, _PX = 11.0, 4 / 3  # the type of pictures in points, and px in a point
_LETTER, _SMALL, _ROW, _SMALL_ROW = 7.0, 5.7, 16.0, 13.0  # of that type, and of that of 9 points
_SIDE_BY_SIDE, _ROOM = 25.0, 36.0  # points between boxes, and between ranks
_MARKUP, _SPACES = re.compile(r"<[^>]*>"), re.compile(r"&#?\w+;")
_TABLE = re.compile(r'<TABLE BORDER="1".*?WIDTH="(\d+)" HEIGHT="(\d+)">.*?</TABLE>', re.DOTALL)


class Sketch:
    """Boxes and arrows of a picture: what the size is reckoned from."""

    def __init__(self) -> None:
        self.boxes: dict[str, tuple[float, float]] = {}
        self.arrows: list[tuple[str, str]] = []
        self.beside: dict[str, str] = {}  # boxes in the rank of another, beside it
        self.frames = 0.0  # with the height of what is told in them
        self.room = _ROOM

    def type_size(self, direction: str, head: str) -> float:
        """The height of the type, in px, when all is fitted into a slide, with a `head` above."""
        width, height = self._size(flat=direction in ("LR", "RL"))
        wide, tall = label_size(head)
        across, down = max(width, wide), height + tall
        return _TYPE * _PX * min(SLIDE[0] / (across * _PX), SLIDE[1] / (down * _PX), 2.0)

    def width(self, direction: str) -> float:
        """The width in points, without what stands above."""
        return self._size(flat=direction in ("LR", "RL"))[0]

    def _size(self, *, flat: bool) -> tuple[float, float]:
        """Width and height in points; `flat` if ranks stand side by side."""
        ranks = self._ranks()
        rows: dict[int, list[tuple[float, float]]] = {}
        for box, size in self.boxes.items():
            rows.setdefault(ranks[box], []).append(size[::-1] if flat else size)
        through: dict[int, int] = {}
        for start, end in set(self.arrows):
            for rank in range(ranks[start] + 1, ranks[end]):
                through[rank] = through.get(rank, 0) + 1
        width = max(
            sum(w + _SIDE_BY_SIDE for w, _ in row) + _SIDE_BY_SIDE / 2 * through.get(rank, 0)
            for rank, row in rows.items()
        )
        height = sum(max(h for _, h in row) + self.room for row in rows.values())
        height += 60.0 * self.frames
        return (height, width) if flat else (width, height)

    def _ranks(self) -> dict[str, int]:
        before: dict[str, list[str]] = {box: [] for box in self.boxes}
        first: dict[str, int] = {}
        for start, end in self.arrows:
            if self.beside.get(start) != end:
                before[end].append(start)
        ranks: dict[str, int] = {}
        for box in sorted(
            self.boxes, key=lambda name: int(name[1:].partition("_")[0])
        ):  # each after what it is made of
            ranks[box] = 1 + max((ranks.get(other, -1) for other in before[box]), default=-1)
        for start, end in self.arrows:
            first[start] = min(first.get(start, ranks[end]), ranks[end])
        for box, others in before.items():
            if not others and box in first:  # a leaf stands just above what uses it first
                ranks[box] = max(first[box] - 1, 0)
        for box, other in self.beside.items():
            ranks[box] = ranks[other]
        return ranks


def label_size(label: str) -> tuple[float, float]:
    """Width and height in points of a box with that HTML-like label.

    >>> label_size("<<TABLE><TR><TD>z</TD></TR></TABLE>>")
    (23.0, 22.0)
    """
    height, columns = 6.0, [0.0, 0.0]
    whole = 0.0
    pictures = _TABLE.findall(label)
    label = _TABLE.sub("", label)
    if (two := label.find('<TD VALIGN="TOP">')) >= 0:  # two columns: as high as the first
        start, column, after = label[:two], *label[two + 17 :].split('</TD><TD VALIGN="TOP">')
        wide, tall = label_size(column)
        wider, taller = label_size(after)
        return wide + wider, max(tall, taller) + label_size(start)[1]
    for row in label.split("</TR>")[:-1]:
        small = 'POINT-SIZE="9"' in row
        height += _SMALL_ROW if small else _ROW
        letters = [
            len(_MARKUP.sub("", f"<TD{cell}")) for cell in _SPACES.sub(".", row).split("<TD")[1:]
        ]
        sizes = [n * (_SMALL if small else _LETTER) for n in letters]
        if len(sizes) == 1:
            whole = max(whole, sizes[0])
        else:
            columns = [max(pair) for pair in zip(columns, sizes, strict=False)]
    for width, tall in pictures:
        columns[1], height = max(columns[1], float(width)), height + float(tall)
    return max(whole, sum(columns)) + 16.0, height
