"""The pictures of a page: the whole graph, and one more for each folded box that can be opened.

This file knows that a picture is a way of folding. It must not know how a picture looks.
"""

from typing import Any, NamedTuple

from autograd_mini.show.draw import draw
from autograd_mini.show.draw.folding import Folding
from autograd_mini.show.draw.labels import box_title
from autograd_mini.show.draw.legend import Sign
from autograd_mini.show.graph import Graph
from autograd_mini.show.graph.text import plain
from autograd_mini.show.page.svg import AMOUNTS, for_page
from autograd_mini.words import in_language

MOST_VIEWS = 40


class View(NamedTuple):
    """One picture: the box that it opens, "" for none, its SVG, where each node is, its signs."""

    opens: str
    svg: str
    folding: Folding
    signs: list[Sign]


def views(graph: Graph, **options: Any) -> list[View]:
    """The picture of the whole graph, then that with each of its folded boxes opened in turn.

    Of more than `MOST_VIEWS` boxes, the largest are opened. `options` are those of `draw`.
    """
    name = plain(graph.label(len(graph) - 1))
    say = in_language(options.get("language", "en"))
    parts = {say(key): part for key, part in AMOUNTS.items()}

    def view(opens: int | None, label: str) -> View:
        expand = () if opens is None else [graph.nodes[opens]]
        picture = draw(graph, expand=expand, with_legend=False, **options)
        svg = for_page(picture.pipe("svg", encoding="utf-8"), label, parts)
        return View("" if opens is None else f"#{opens}", svg, picture.folding, picture.signs)

    base = view(None, say("Graph of {C}; the table below says the same in words").format(C=name))
    folded = [box for box in base.folding.boxes if box.kind != "node"]
    largest = sorted(folded, key=lambda box: -len(box.members))[:MOST_VIEWS]
    opened_label = say("Graph of {C}, with {box} opened")
    opened = [
        view(box.top, opened_label.format(C=name, box=plain(box_title(graph, box))))
        for box in sorted(largest, key=lambda box: box.top)
    ]
    return [base, *opened]
