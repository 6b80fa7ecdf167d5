"""The pictures of a page: the whole graph, and one more for each folded box that can be opened.

This file knows that a picture is a way of folding. It must not know how a picture looks.
"""

from typing import Any, NamedTuple

from autograd_mini.draw import draw
from autograd_mini.draw.folding import Box, Folding, fold
from autograd_mini.draw.labels import box_title
from autograd_mini.draw.layers import layers
from autograd_mini.graph import Graph
from autograd_mini.graph.words import plain
from autograd_mini.page.svg import for_page

MOST_VIEWS = 40


class View(NamedTuple):
    """One picture: the box that it opens, "" for none, its SVG, and where each node is in it."""

    opens: str
    svg: str
    folding: Folding


def views(graph: Graph, budget: int, groups: Any, **options: Any) -> list[View]:
    """The picture of the whole graph, then that with each of its folded boxes opened in turn.

    Of more than `MOST_VIEWS` boxes, the largest are opened. `options` are those of `draw`.
    """
    framed = layers(graph, groups)
    everything = range(len(graph))
    base = fold(graph, everything, framed, budget)
    name = plain(graph.label(len(graph) - 1))

    def view(opens: str, folding: Folding, label: str) -> View:
        picture = draw(graph.root, budget=budget, groups=groups, expand=opens or (), **options)
        return View(opens, for_page(picture.pipe("svg", encoding="utf-8"), label), folding)

    found = [view("", base, f"Graph of {name}; the table below says the same in words")]
    folded = [box for box in base.boxes if box.kind != "node"]
    largest = sorted(folded, key=lambda box: -len(box.members))[:MOST_VIEWS]
    for box in sorted(largest, key=lambda box: box.top):
        opened = fold(graph, everything, framed, budget, _opened(box, budget))
        title = plain(box_title(graph, box))
        found.append(view(f"#{box.top}", opened, f"Graph of {name}, with {title} opened"))
    return found


def _opened(box: Box, budget: int) -> list[int]:
    """The members of a box that `draw(expand=...)` draws by themselves."""
    return box.members[-max(budget // 25, 1) :]
