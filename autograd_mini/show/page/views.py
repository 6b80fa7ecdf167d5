"""The pictures of a page: the whole graph, and one more for each folded box that can be opened.

This file knows that a picture is a way of folding. It must not know how a picture looks.
"""

import sys
import time
from typing import Any, NamedTuple

from autograd_mini.show.draw import draw
from autograd_mini.show.draw.folding import Folding
from autograd_mini.show.draw.labels import box_title
from autograd_mini.show.draw.legend import Sign
from autograd_mini.show.graph import Graph
from autograd_mini.show.graph.text import plain
from autograd_mini.show.page.svg import AMOUNTS, for_page
from autograd_mini.words import in_language

MOST_VIEWS, MOST_WORK = 40, 60_000
"""Pictures in a page; and the squares of their arrows together, since a layout takes so long."""


class View(NamedTuple):
    """One picture: the box that it opens, "" for none, its SVG, where each node is, its signs."""

    opens: str
    svg: str
    folding: Folding
    signs: list[Sign]


def views_of(graph: Graph, **options: Any) -> list[View]:
    """The picture of the whole graph, then that with each of its folded boxes opened in turn.

    Of more boxes than there is time for, the largest are opened: as many as `MOST_VIEWS` and
    `MOST_WORK` allow. `options` are those of `draw`. Where it takes long, standard error tells.
    """
    start = time.perf_counter()
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
    arrows = max(base.svg.count('class="edge'), 1)
    count = min(MOST_VIEWS, MOST_WORK // arrows**2)
    largest = sorted(folded, key=lambda box: -len(box.members))[:count]
    opened_label = say("Graph of {C}, with {box} opened")
    found = [base]
    for k, box in enumerate(sorted(largest, key=lambda box: box.top), 1):
        label = opened_label.format(C=name, box=plain(box_title(graph, box, say)))
        found.append(view(box.top, label))
        if time.perf_counter() - start > 2:
            print(
                f"\rto_html: picture {k} of {len(largest)} ", end="", file=sys.stderr, flush=True
            )
    if time.perf_counter() - start > 2:
        print(file=sys.stderr)
    return found
