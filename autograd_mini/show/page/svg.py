"""Graphviz's SVG as a part of a page: classes in place of colours, and nothing that is not needed.

This file knows what Graphviz writes and which colours pictures have. It must not know values,
gradients or steps; the page finds nodes and arrows here by their attributes.
"""

import html
import re
from collections.abc import Mapping
from xml.etree import ElementTree

from autograd_mini.colours import ALARM, BLUE, DARK, FOLD_FILL, GREY, LEAF_FILL, ORANGE

_CLASSES = {
    "black": "ink",
    "white": "paper",
    BLUE.lower(): "plus",
    ORANGE.lower(): "minus",
    ALARM.lower(): "alarm",
    GREY.lower(): "grey",
    DARK.lower(): "soft",
    LEAF_FILL.lower(): "leaf",
    FOLD_FILL.lower(): "fold",
    "#aaaaaa": "faint",
    "#bbbbbb": "faint",
    "#999999": "frame",
    "#c9a400": "gold",
}
"""What the style sheet calls the colours of a picture, so that it can choose others."""

_KEPT = (
    *("points", "d", "cx", "cy", "rx", "ry", "x", "y", "text-anchor", "font-size"),
    *("font-weight", "font-style", "stroke-width", "stroke-dasharray"),
)
AMOUNTS = {"value": "value", "values": "value", "gradient": "gradient", "gradients": "gradient"}
_NUMBER = re.compile(r"-?[0-9.]+(?:e-?[0-9]+)?")


def for_page(svg: str, label: str, amounts: Mapping[str, str] = AMOUNTS) -> str:
    """The `svg` that Graphviz wrote, as an element of HTML that a screen reader calls `label`.

    Nodes keep their number in `data-node`, and arrows those of their ends in `data-from` and
    `data-to`. What is written behind a word of `amounts` has the class of that amount, and an
    arrow along which a gradient of one sign flows has that sign on it.
    """
    picture = ElementTree.fromstring(svg.encode())
    width, height = (picture.get(side, "0pt").removesuffix("pt") for side in ("width", "height"))
    inside = "".join(_element(child, "", amounts) for child in picture)
    return (
        f'<svg viewBox="{picture.get("viewBox")}" width="{width}pt" height="{height}pt" role="img"'
        f' aria-label="{html.escape(label)}" xml:space="preserve">{inside}</svg>'
    )


def _element(element: ElementTree.Element, role: str, amounts: Mapping[str, str]) -> str:
    tag = element.tag.rpartition("}")[2]
    if tag in ("title", "style"):
        return ""
    if tag == "a":
        return "".join(_element(child, role, amounts) for child in element)
    if tag == "g":
        return _group(element, role, amounts)
    if role == "graph" and element.get("fill") == "white":
        return ""  # the page has a background of its own
    return _shape(tag, element)


def _group(element: ElementTree.Element, role: str, amounts: Mapping[str, str]) -> str:
    kind, *more = element.get("class", "").split() or [""]
    if not kind:
        return "".join(_element(child, role, amounts) for child in element)
    title = next((child.text or "" for child in element if child.tag.endswith("title")), "")
    named, inside = kind, ""
    if kind == "node":
        named = "node value-node" if title.startswith("n") else "node constant"
        named += f'" data-node="{html.escape(title.removeprefix("n"))}'
        inside = _rows(element, amounts)
    elif kind == "edge":
        start, _, end = title.partition("->")
        if "back" in more:  # drawn from its end, so that a layout puts that first
            start, end = end, start
        sign = _sign(element)
        named = f"edge {sign}".strip()
        named += f'" data-from="{start.removeprefix("n")}" data-to="{end.removeprefix("n")}'
        inside = "".join(_element(child, kind, amounts) for child in element)
        inside += _sign_mark(element, sign)
    else:
        inside = "".join(_element(child, kind, amounts) for child in element)
    moved = element.get("transform")
    transform = f' transform="{moved}"' if moved else ""
    return f'<g class="{named}"{transform}>{inside}</g>'


def _rows(node: ElementTree.Element, amounts: Mapping[str, str]) -> str:
    """A node's shapes and texts, those on its gradient in a group of their own."""
    parts: dict[str, list[str]] = {"": [], "value": [], "gradient": []}
    part = ""
    for shape in node.iter():
        tag = shape.tag.rpartition("}")[2]
        if tag in ("g", "a", "title"):
            continue
        if tag == "text" and shape.get("font-weight") != "bold":
            part = amounts.get((shape.text or "").strip(), part)
        parts[part].append(_shape(tag, shape))
    return "".join(
        f'<g class="{name}">{"".join(shapes)}</g>' if name else "".join(shapes)
        for name, shapes in parts.items()
        if shapes
    )


def _shape(tag: str, element: ElementTree.Element) -> str:
    classes: list[str] = []
    attributes = ""
    for key, of in (("fill", "f"), ("stroke", "s")):
        colour = element.get(key, "")
        if colour.lower() in _CLASSES:
            classes.append(f"{of}-{_CLASSES[colour.lower()]}")
        elif colour:
            attributes += f' {key}="{html.escape(colour)}"'
    for key in _KEPT:
        given = element.get(key)
        if given is not None:
            attributes += f' {key}="{html.escape(given)}"'
    named = f' class="{" ".join(classes)}"' if classes else ""
    return f"<{tag}{named}{attributes}>{html.escape(element.text or '', quote=False)}</{tag}>"


# --------------------------------------------------------------------------------------- signs
def _sign(edge: ElementTree.Element) -> str:
    colour = next((p.get("stroke", "") for p in edge.iter() if p.tag.endswith("path")), "")
    return {BLUE.lower(): "plus", ORANGE.lower(): "minus"}.get(colour.lower(), "")


def _sign_mark(edge: ElementTree.Element, sign: str) -> str:
    """The sign of the gradient that flows back, in a circle near the tail, where it arrives."""
    if not sign:
        return ""
    line = next(p.get("d", "") for p in edge.iter() if p.tag.endswith("path"))
    x, y = _point_on(line, 0.3)
    mark = "+" if sign == "plus" else "−"
    return (
        f'<g class="sign"><circle class="s-{sign}" cx="{x:.1f}" cy="{y:.1f}" r="4.5"></circle>'
        f'<text x="{x:.1f}" y="{y + 3.2:.1f}" text-anchor="middle" font-size="9">{mark}</text></g>'
    )


def _point_on(line: str, share: float) -> tuple[float, float]:
    """The point at `share` of the way, by parameter, along a line of cubic curves."""
    numbers = [float(text) for text in _NUMBER.findall(line)]
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    curve, t = divmod(share * (len(points) // 3), 1)
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = points[3 * int(curve) : 3 * int(curve) + 4]
    a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
    return a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy
