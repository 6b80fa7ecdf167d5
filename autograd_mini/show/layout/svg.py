"""A picture as SVG, from DOT source, in the words that Graphviz has for it.

This file knows what attributes of DOT mean and what Graphviz writes. It must not know how places
are found. What `draw` uses is there: boxes, ellipses and bare labels, frames, arrows with words on
them, `rankdir`, `rank=same`, tooltips. Of ports, of frames in frames, of other shapes and of
splines it knows nothing.
"""

import html
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from autograd_mini.show.layout.layered import Frame, Layered
from autograd_mini.show.layout.places import Point
from autograd_mini.show.layout.ranks import Link
from autograd_mini.show.layout.source import Attributes, Edge, Source
from autograd_mini.show.layout.type import Mark, Run, Table, Text, label

_INCH, _PAD = 72.0, 4.0
_DASHES = {"dashed": "5,2", "dotted": "1,5"}
_BARE = ("plain", "plaintext", "none")


def svg_of(source: str) -> bytes:
    """The picture that DOT source describes.

    Raises ValueError if it is no DOT source of a directed graph.

    >>> b'<title>a-&gt;b</title>' in svg_of("digraph { a -> b }")
    True
    """
    return _Picture(Source(source)).text().encode()


class _Box:
    """A node: its label set in type, and its size."""

    def __init__(self, name: str, given: Attributes) -> None:
        self.name, self.given = name, given
        self.shape = given.get("shape", "ellipse")
        text = given.get("label", "\\N").replace("\\N", name.replace("\\", "\\\\"))
        self.label = label(text, float(given.get("fontsize", 14)), given.get("fontcolor", ""))
        self.hidden = "invis" in given.get("style", "")
        across, down = _numbers(given.get("margin", "0.11,0.055"))
        bare = self.shape in _BARE
        least = (0.0, 0.0) if bare else (given.get("width", 0.75), given.get("height", 0.5))
        grown = math.sqrt(2) if self.shape in ("ellipse", "oval", "circle") else 1.0
        self.around = 0.0 if bare else 4.0 * (float(given.get("peripheries", 1)) - 1)
        wide = self.label.width + (0 if bare else 2 * across * _INCH)
        high = self.label.height + (0 if bare else 2 * down * _INCH)
        self.width = max(wide * grown, float(least[0]) * _INCH) + 2 * self.around
        self.height = max(high * grown, float(least[1]) * _INCH) + 2 * self.around


class _Picture:
    def __init__(self, source: Source) -> None:
        self.source = source
        given = source.whole.graph
        self.way = given.get("rankdir", "TB").upper()
        self.flat = self.way in ("LR", "RL")
        self.title = label(given.get("label", ""), float(given.get("fontsize", 14)))
        self.font = given.get("fontname", "DejaVu Sans,Verdana,sans-serif")
        self.boxes = [_Box(name, found) for name, found in source.nodes.items()]
        number = {box.name: i for i, box in enumerate(self.boxes)}
        self.words = [_words(edge) for edge in source.edges]
        self.tags = {
            name: label(
                frame.graph.get("label", ""),
                float(frame.graph.get("fontsize", 14)),
                frame.graph.get("fontcolor", ""),
            )
            for name, frame in source.frames.items()
        }
        links = [
            Link(
                number[edge.tail],
                number[edge.head],
                self._turned((text.width, text.height)) if text else (0.0, 0.0),
                float(edge.attributes.get("weight", 1)),
                int(edge.attributes.get("minlen", 1)),
                edge.attributes.get("constraint", "true") != "false",
            )
            for edge, text in zip(source.edges, self.words, strict=True)
        ]
        beyond = [0.0] * len(self.boxes)
        for link in links:
            if link.tail == link.head:
                beyond[link.tail] = max(beyond[link.tail], 24.0 + link.label[0])
        frames = []
        for name, frame in source.frames.items():
            members = [number[member] for member in frame.members]
            high, wide = self.tags[name].height + 2.0, self.tags[name].width + 16.0
            if self.flat:
                frames.append(Frame(members, beside=high, depth=wide))
            else:
                frames.append(Frame(members, above=high, width=wide))
        self.layout = Layered(
            [self._turned((box.width, box.height)) for box in self.boxes],
            links,
            frames,
            [[number[name] for name in group] for group in source.same],
            side=float(given.get("nodesep", 0.25)) * _INCH,
            room=float(given.get("ranksep", "0.5").split()[0]) * _INCH,
            beyond=beyond,
        )
        wide, high = self._turned(self.layout.size)
        self.down = self.title.height + 8.0 if given.get("label") else 0.0
        self.width, self.height = max(wide, self.title.width + 8.0), high + self.down
        self.across = (self.width - wide) / 2

    def _turned(self, point: Point) -> Point:
        return point[::-1] if self.flat else point

    def _at(self, point: Point) -> Point:
        """Where a point of the layout, which goes downwards, is in the picture."""
        x, y = point
        if self.way in ("BT", "RL"):
            y = self.layout.size[1] - y
        x, y = self._turned((x, y))
        return x + self.across, y + self.down

    # -- all of it
    def text(self) -> str:
        """The SVG."""
        w, h = self.width + 2 * _PAD, self.height + 2 * _PAD
        name = html.escape(self.source.name)
        corners = _points(
            [(-_PAD, -_PAD), (w - _PAD, -_PAD), (w - _PAD, h - _PAD), (-_PAD, h - _PAD)]
        )
        paper = html.escape(self.source.whole.graph.get("bgcolor", "white").lower())
        parts = [
            '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n',
            f'<svg width="{math.ceil(w)}pt" height="{math.ceil(h)}pt"',
            f' viewBox="0.00 0.00 {w:.2f} {h:.2f}" xmlns="http://www.w3.org/2000/svg"',
            ' xmlns:xlink="http://www.w3.org/1999/xlink">\n',
            f'<g id="graph0" class="graph" transform="translate({_PAD:g} {_PAD:g})">\n',
            f"<title>{name}</title>\n",
            f'<polygon fill="{paper}" stroke="transparent" points="{corners}"/>\n',
            *self._marks(self.title.marks(0.0, 0.0, self.width)),
            *self._frames(),
            *self._nodes(),
            *self._edges(),
            "</g>\n</svg>\n",
        ]
        return "".join(parts)

    def _marks(self, marks: Iterable[Mark]) -> Iterator[str]:
        for x, y, run, wide, high, fill, stroke in marks:
            if run is not None:
                yield self._run(run, x, y)
                continue
            corners = _points([(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)])
            look = f'fill="{fill.lower()}" stroke="{stroke.lower()}"'
            yield f'<polygon {look} points="{corners}"/>\n'

    def _run(self, run: Run, x: float, y: float) -> str:
        look = ' font-weight="bold"' * run.bold + ' font-style="italic"' * run.italic
        look += f' font-size="{run.size:.2f}"'
        if run.colour not in ("", "black"):
            look += f' fill="{html.escape(run.colour.lower())}"'
        place = f'x="{x:.2f}" y="{y:.2f}" font-family="{html.escape(self.font)}"'
        text = html.escape(run.text, quote=False)
        return f'<text text-anchor="start" {place}{look}>{text}</text>\n'

    def _frames(self) -> Iterator[str]:
        for k, (name, frame) in enumerate(self.source.frames.items()):
            if not frame.members:
                continue
            left, top, right, bottom = self.layout.borders[k]
            (x0, y0), (x1, y1) = self._at((left, top)), self._at((right, bottom))
            x0, x1, y0, y1 = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
            look = _look(frame.graph, "none")
            words = self.tags[name].marks(x0 + 8.0, y0 + 4.0, x1 - x0 - 16.0)
            yield f'<g id="clust{k + 1}" class="cluster">\n<title>{html.escape(name)}</title>\n'
            yield from (_shape("box", frame.graph, x0, y0, x1, y1, look), *self._marks(words))
            yield "</g>\n"

    def _nodes(self) -> Iterator[str]:
        for k, (box, spot) in enumerate(zip(self.boxes, self.layout.spots, strict=True), 1):
            if box.hidden:
                continue
            x, y = self._at((spot.x, spot.y))
            w, h = box.width / 2 - box.around, box.height / 2 - box.around
            shapes = []
            for n in range(int(box.given.get("peripheries", 1)) if box.shape not in _BARE else 0):
                look, far = _look(box.given, "none" if n else ""), 4.0 * n
                corners = x - w - far, y - h - far, x + w + far, y + h + far
                shapes.append(_shape(box.shape, box.given, *corners, look))
            inner = box.label.marks(x - w, y - box.label.height / 2, 2 * w)
            if isinstance(box.label, Text):
                margin = _numbers(box.given.get("margin", "0.11"))[0] * _INCH
                inner = box.label.marks(x - w + margin, y - box.label.height / 2, 2 * (w - margin))
            inside = "".join([*shapes, *self._marks(inner)])
            yield _group("node", k, box.name, box.given, inside, "")

    def _edges(self) -> Iterator[str]:
        layout = self.layout
        for k, edge in enumerate(self.source.edges):
            given, text = edge.attributes, self.words[k]
            if "invis" in given.get("style", ""):
                continue
            line = self._line(given, [self._at(point) for point in layout.routes[k]])
            words = ""
            if text:
                x, y = self._at(layout.labels[k])
                marks = text.marks(x - text.width / 2, y - text.height / 2, text.width)
                words = "".join(self._marks(marks))
            yield _group("edge", k + 1, f"{edge.tail}->{edge.head}", given, line, words)

    def _line(self, given: Attributes, points: list[Point]) -> str:
        """A line with its heads: at the end, or where `dir` says."""
        colour = html.escape(given.get("color", "black").lower())
        width = float(given.get("penwidth", 1))
        look = f' stroke-width="{width:g}"' if width != 1 else ""
        towards = given.get("dir", "forward")
        heads = []
        for end in ("forward", "back"):
            which = "arrowhead" if end == "forward" else "arrowtail"
            if towards in (end, "both") and given.get(which, "normal") != "none":
                points = points if end == "forward" else points[::-1]
                size = float(given.get("arrowsize", 1))
                head, points = _head(points, 10.0 * size, width)
                corners = f'points="{_points(head)}"'
                heads.append(f'<polygon fill="{colour}" stroke="{colour}"{look} {corners}/>\n')
                points = points if end == "forward" else points[::-1]
        dashes = "".join(
            f' stroke-dasharray="{d}"' for s, d in _DASHES.items() if s in given.get("style", "")
        )
        first, *rest = (f"{x:.2f},{y:.2f}" for x, y in points)
        way = f"M{first}C{' '.join(rest)}"
        return f'<path fill="none" stroke="{colour}"{look}{dashes} d="{way}"/>\n' + "".join(heads)


# -------------------------------------------------------------------------------------- parts
def _words(edge: Edge) -> Text | Table | None:
    given = edge.attributes
    text = given.get("label", "")
    if not text or "invis" in given.get("style", ""):
        return None
    return label(text, float(given.get("fontsize", 14)), given.get("fontcolor", ""))


def _numbers(text: str) -> tuple[float, float]:
    one, _, other = text.partition(",")
    return float(one), float(other or one)


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in (*points, points[0]))


def _look(given: Mapping[str, str], fill: str = "") -> str:
    """The attributes of a border, and of what it holds: `fill`, or as `given` says."""
    style = given.get("style", "").split(",")
    inside = (
        given.get("fillcolor", given.get("color", "lightgrey")) if "filled" in style else "none"
    )
    width = float(given.get("penwidth", 1))
    look = f'fill="{fill or html.escape(inside.lower())}"'
    look += f' stroke="{html.escape(given.get("color", "black").lower())}"'
    look += f' stroke-width="{width:g}"' if width != 1 else ""
    return look + "".join(f' stroke-dasharray="{d}"' for s, d in _DASHES.items() if s in style)


def _shape(
    shape: str, given: Mapping[str, str], x0: float, y0: float, x1: float, y1: float, look: str
) -> str:
    """A border between two corners."""
    if shape in ("ellipse", "oval", "circle"):
        middle = f'cx="{(x0 + x1) / 2:.2f}" cy="{(y0 + y1) / 2:.2f}"'
        return f'<ellipse {look} {middle} rx="{(x1 - x0) / 2:.2f}" ry="{(y1 - y0) / 2:.2f}"/>\n'
    if "rounded" not in given.get("style", ""):
        corners = _points([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
        return f'<polygon {look} points="{corners}"/>\n'
    r, q = 12.0, 6.0
    steps = [
        (x0 + r, y0),
        (x0 + r, y0),
        (x1 - r, y0),
        (x1 - r, y0),
        (x1 - q, y0),
        (x1, y0 + q),
        (x1, y0 + r),
        (x1, y0 + r),
        (x1, y1 - r),
        (x1, y1 - r),
        (x1, y1 - q),
        (x1 - q, y1),
        (x1 - r, y1),
        (x1 - r, y1),
        (x0 + r, y1),
        (x0 + r, y1),
        (x0 + q, y1),
        (x0, y1 - q),
        (x0, y1 - r),
        (x0, y1 - r),
        (x0, y0 + r),
        (x0, y0 + r),
        (x0, y0 + q),
        (x0 + q, y0),
        (x0 + r, y0),
    ]
    first, *rest = (f"{x:.2f},{y:.2f}" for x, y in steps)
    return f'<path {look} d="M{first}C{" ".join(rest)}"/>\n'


def _head(points: list[Point], length: float, width: float) -> tuple[list[Point], list[Point]]:
    """The corners of an arrow's head at the end of a line, and the line that ends at its base."""
    (x0, y0), (x, y) = points[-2:]
    far = math.hypot(x - x0, y - y0) or 1.0
    dx, dy = (x - x0) / far, (y - y0) / far
    x, y = x - dx * width / 2, y - dy * width / 2  # its outline is as thick as the line
    bx, by = x - dx * length, y - dy * length
    side = 0.35 * length
    head = [(bx - dy * side, by + dx * side), (x, y), (bx + dy * side, by - dx * side)]
    back = max(far - width / 2 - length, 1.0)
    cx, cy = bx - dx * back, by - dy * back
    return head, [*points[:-2], (cx, cy), (bx, by)]


def _group(
    kind: str, number: int, title: str, given: Mapping[str, str], inside: str, words: str
) -> str:
    """A node or an edge as Graphviz groups it, with its tooltip around what is drawn."""
    tip = given.get("tooltip", "")
    if tip:
        tip = html.escape(html.unescape(tip.replace("\\\\", "\\")))
        inside = f'<g id="a_{kind}{number}"><a xlink:title="{tip}">\n{inside}</a>\n</g>\n'
    more = f" {html.escape(given['class'])}" if given.get("class") else ""
    named = html.escape(given.get("id", f"{kind}{number}"))
    title = html.escape(title)
    return f'<g id="{named}" class="{kind}{more}">\n<title>{title}</title>\n{inside}{words}</g>\n'
