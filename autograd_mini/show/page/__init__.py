"""`to_html`: the graph behind a Value as one file that steps through its gradients.

This file knows the parts of the page and what makes it safe: every name is escaped where it
enters, and the page's own policy lets nothing run or load that does not stand in it by its hash.
It must not know what the parts say.
"""

import base64
import hashlib
import html
import re
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from autograd_mini.colours import BLUE, ORANGE
from autograd_mini.engine.value import Value
from autograd_mini.files import expanded, write_whole
from autograd_mini.show.draw.legend import Sign
from autograd_mini.show.graph import Graph, read
from autograd_mini.show.graph.diagnosis import report
from autograd_mini.show.graph.expression import expression
from autograd_mini.show.graph.text import number, plain, shape, summary
from autograd_mini.show.page.facts import as_json, facts_of
from autograd_mini.show.page.views import views_of
from autograd_mini.words import Say, in_language, phrases

if TYPE_CHECKING:
    from autograd_mini.testing import GradientCheckError

SCRIPTS = ("formulas.js", "sentences.js", "arrays.js", "picture.js", "player.js", "nudge.js")
MOST_ROWS, FEWER_ROWS = 5_000, 2_000  # of a larger graph


class Page:
    """The page of a graph: a notebook shows it, `str` gives its text, and `save` writes it."""

    def __init__(self, html: str) -> None:
        self.html = html

    def __str__(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return f"Page({len(self.html):,} letters; save(path) writes it)"

    def save(self, path: str | Path) -> Path:
        """Write the page as a file, whole or not at all, and return its path."""
        write_whole(path, self.html.encode(), folders=True)
        return expanded(path)

    def _repr_html_(self) -> str:
        look = 'style="width: 100%; height: 46rem; border: 0"'
        title = self.html.partition("<title>")[2].partition("</title>")[0]
        return f'<iframe srcdoc="{html.escape(self.html)}" {look} title="{title}"></iframe>'


@overload
def to_html(
    root: Value,
    path: None = None,
    *,
    budget: int = ...,
    groups: Any = ...,
    heat: Any = ...,
    direction: str = ...,
    check: "GradientCheckError | None" = ...,
    language: str = ...,
) -> Page: ...


@overload
def to_html(
    root: Value,
    path: str | Path,
    *,
    budget: int = ...,
    groups: Any = ...,
    heat: Any = ...,
    direction: str = ...,
    check: "GradientCheckError | None" = ...,
    language: str = ...,
) -> Path: ...


def to_html(
    root: Value,
    path: str | Path | None = None,
    *,
    budget: int = 100,
    groups: Any = None,
    heat: Any = (),
    direction: str = "TB",
    check: "GradientCheckError | None" = None,
    language: str = "en",
) -> Path | Page:
    """Write the graph behind `root` as one HTML file, and return its path.

    Without a `path` it returns the page, which a notebook shows and which saves itself.

    The page needs no server and no network: a picture, a player that steps through the forward
    and the backward pass, details of each node, a table of every value and gradient, and, for
    graphs of plain numbers with up to 2,000 ops, a slider for each leaf that shows the predicted
    beside the actual change of the result. Without JavaScript, picture and table remain. Of more
    than 5,000 nodes the table has the first and the last thousand, and numbers five digits. Of
    many folded boxes, those that can be opened are the largest, so that a page takes seconds. The
    same graph gives the same bytes.

    `budget`, `groups`, `heat`, `direction`, `check` and `language` are those of `draw`. Gradients
    start from `root.grad` if `backward()` has run, else from 1; no `.grad` is changed.

    Raises TypeError if `root` is no Value, and OSError, with the path, if the file cannot be
    written.

    >>> w, x = Value(0.5, name="w"), Value(2.0, name="x")
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     to_html((w * x).tanh(), f"{folder}/neuron.html").name
    'neuron.html'
    >>> "<iframe" in to_html((w * x).tanh())._repr_html_()
    True
    """
    how = {"budget": budget, "heat": heat, "direction": direction, "language": language}
    page = Page(page_of(read(root), groups=groups, check=check, **how))
    return page if path is None else page.save(path)


def page_of(graph: Graph, groups: Any = None, check: Any = None, **options: Any) -> str:
    """The text of the page; its arguments are those of `to_html`."""
    if isinstance(groups, Iterator):
        groups = list(groups)  # each picture goes through them
    language = options.get("language", "en")
    say = in_language(language)
    pictures = views_of(graph, groups=groups, check=check, **options)
    style = _part("page.css")
    scripts = [_part(name) for name in SCRIPTS]
    parts = {
        "policy": "default-src 'none'; base-uri 'none'; form-action 'none';"
        f" style-src {_hash(style)}; script-src {' '.join(map(_hash, scripts))}",
        "name": html.escape(plain(graph.label(len(graph) - 1))),
        "style": style,
        "picture": pictures[0].svg,
        "signs": "".join(map(_sign, dict.fromkeys(s for view in pictures for s in view.signs))),
        "others": "".join(
            f'<template data-opens="{view.opens.removeprefix("#")}">{view.svg}</template>'
            for view in pictures[1:]
        ),
        "language": language,
        "counts": _counts(graph, say),
        "wrong": _wrong(report(graph, check, groups, say), say),
        "rows": _rows(graph, say),
        "facts": as_json(facts_of(graph, pictures, check, phrases(language))),
        "scripts": "".join(f"<script>{script}</script>\n" for script in scripts),
    }
    page = re.sub(r"\[\[(.*?)\]\]", lambda match: say(match[1]), _part("template.html"))
    return re.sub(r"@(\w+)@", lambda match: parts[match[1]], page)


def _counts(graph: Graph, say: Say) -> str:
    """How many nodes there are, and how many numbers stand in the leaves: what can be learnt."""
    leaves = [i for i, args in enumerate(graph.args) if not args]
    numbers = sum(np.size(graph.seen[i]) for i in leaves)
    text = say("{nodes} nodes; {leaves} leaves, which hold {numbers} numbers")
    return text.format(nodes=f"{len(graph):,}", leaves=f"{len(leaves):,}", numbers=f"{numbers:,}")


def _part(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _sign(sign: Sign) -> str:
    colour = {BLUE: "plus", ORANGE: "minus"}.get(sign.colour, "ink")
    return (
        f'<li><span class="t-{colour}" aria-hidden="true">{html.escape(sign.sign)}</span> '
        f"{html.escape(sign.meaning)}</li>"
    )


def _wrong(found: Sequence[tuple[str, Sequence[str]]], say: Say) -> str:
    """A list of all that is wrong in the graph, or nothing if nothing is."""
    if not found:
        return ""
    items = [html.escape("; ".join([headline, *lines])) for headline, lines in found]
    return (
        '<section id="wrong" aria-labelledby="wrong-title"><h2 id="wrong-title">'
        f"{say('What is wrong here')}</h2><ul><li>{'</li><li>'.join(items)}</li></ul></section>"
    )


# --------------------------------------------------------------------------------------- table
def _rows(graph: Graph, say: Say) -> str:
    n = len(graph)
    if n <= MOST_ROWS:
        return "\n".join(_row(graph, i, say) for i in range(n))
    half = FEWER_ROWS // 2
    rows = [_row(graph, i, say) for i in (*range(half), *range(n - half, n))]
    left_out = (
        f'<tr><td colspan="5">… {say("{n} more").format(n=f"{n - FEWER_ROWS:,}")} …</td></tr>'
    )
    return "\n".join([*rows[:half], left_out, *rows[half:]])


def _row(graph: Graph, i: int, say: Say) -> str:
    name, formula = plain(graph.label(i)), expression(graph, i) or say("leaf")
    dims = shape(graph.seen[i])
    computed = f"{formula}{f', {dims}' * bool(dims)}"
    return (
        f'<tr data-row="{i}"><td>{i}</td><th scope="row">{html.escape(name)}</th>'
        f"<td>{html.escape(computed)}</td><td>{_cell(graph.seen[i], say)}</td>"
        f"<td>{_cell(graph.gradients[i], say)}</td></tr>"
    )


def _cell(amount: Any, say: Say) -> str:
    if amount is None:
        return say("none arrives")
    if np.ndim(amount):
        return html.escape(", ".join(summary(amount, say)))
    return f'<data value="{float(amount)!r}">{number(amount)}</data>'
