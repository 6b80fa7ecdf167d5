"""What the page knows about a graph: its numbers, formulas and shares, as JSON.

This file knows which facts the player, the details and the nudge need. It must not know how a
page shows them.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.show.draw.labels import arrow_labels, as_image, paths_sum
from autograd_mini.show.graph import Graph
from autograd_mini.show.graph.diagnosis import diagnosis
from autograd_mini.show.graph.expression import constant, expression
from autograd_mini.show.graph.text import number, plain, shape, summary
from autograd_mini.show.page.views import View
from autograd_mini.words import Say

MOST_EXACT = 5_000
"""Nodes up to which a page has every number to its last digit."""
MOST_ARRAYS, MOST_BARS = 60, 32
"""Arrays that a page has room for, and numbers that are shown as bars."""


def facts_of(
    graph: Graph, views: Sequence[View], check: Any = None, words: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Everything the page is told, by name; each list has an entry for each node, in order.

    A single number is a number, an array its summary as text, what is not there None. `args` has
    the number of a node, or for a constant a list of what it is: `[2.0]`. `views` has for each
    picture the box it opens and its folded boxes, as the number each is known by and runs of
    members: first, how many, first, how many. `check` is a failed `check_gradients`, as in `draw`.
    `words` are phrases of the page in another language than English. Of more than `MOST_EXACT`
    nodes some facts are shorter.

    >>> from autograd_mini import Value
    >>> x = Value(3.0, name="x")
    >>> found = facts_of(Graph(x * 2), [])
    >>> found["formula"], found["args"], found["share"], found["gradient"]
    (['', 'x × 2'], [[], [0, [2.0]]], [[], [2.0, None]], [2.0, 1.0])
    """
    n, compact = range(len(graph)), len(graph) > MOST_EXACT
    in_numbers = _InNumbers(graph)
    words = words or {}
    say = lambda text: words.get(text, text)
    notes = diagnosis(graph, check, say)
    names = sorted({node.op.name for node in graph.nodes if node.op is not None})
    index = {name: k for k, name in enumerate(names)}
    found: dict[str, Any] = {
        "words": words,
        "seed": _amount(graph.seed, say),
        "name": [plain(graph.label(i), 24) for i in n],
        "ops": names,
        "op": [-1 if node.op is None else index[node.op.name] for node in graph.nodes],
        "formula": [expression(graph, i) for i in n],
        "numbers": [_unwrapped(expression(in_numbers, i)) for i in n],
        "shape": [shape(graph.seen[i]) for i in n],
        "value": [_amount(graph.seen[i], say) for i in n],
        "gradient": [_amount(graph.gradients[i], say) for i in n],
        "args": [_args(graph, i) for i in n],
        "local": [_local(graph, i) for i in n],
        "share": [[_amount(share, say) for share in graph.flows(i)] for i in n],
        "sum": {i: text for i in n if (text := paths_sum(graph, i))},
        "opaque": [i for i in n if not _has_formula(graph.nodes[i])],
        "declared": [i for i in n if graph.nodes[i].op is not None and graph.nodes[i].op.declared],
        "notes": {i: list(map(str, found)) for i, found in notes.items()},
        "wrong": [i for i, found in notes.items() if any(note.wrong for note in found)],
        "arrays": _arrays(graph),
        "plain": all(isinstance(data, float) for data in graph.seen),
        "views": [
            [
                view.opens.removeprefix("#"),
                [[b.top, *_runs(b.members)] for b in view.folding.boxes if b.kind != "node"],
            ]
            for view in views
        ],
    }
    return _compacted(found) if compact else found


def _arrays(graph: Graph) -> dict[int, list[Any]]:
    """What a page shows of arrays: for each node that is one its value, and its gradient or None.

    Vectors have their numbers, larger arrays those of an image of at most 28 × 28; there are none
    where they would make the page too large.
    """
    nodes = [i for i, data in enumerate(graph.seen) if np.ndim(data) and np.size(data)]
    if len(nodes) > MOST_ARRAYS:
        return {}
    pairs = {i: (graph.seen[i], graph.gradients[i]) for i in nodes}
    return {i: [None if x is None else _rows(x) for x in pair] for i, pair in pairs.items()}


def _rows(data: Any) -> list[list[float]]:
    if np.ndim(data) == 1 and len(data) <= MOST_BARS:
        return [_short([float(x) for x in data])]
    return [_short([float(x) for x in row]) for row in as_image(np.asarray(data, float))]


def _compacted(found: dict[str, Any]) -> dict[str, Any]:
    """The same in a third of the room, which the page takes apart again.

    Numbers have five digits, arguments are told by how far back they stand, and what the page can
    compute is left out: names that are numbers, formulas in numbers, shares of single numbers, and
    how they add up. Formulas have @0 for their first argument, and stand once.
    """
    pairs = list(zip(found["gradient"], found["local"], found["share"], strict=True))
    shares = {
        i: _short(shares)
        for i, (g, local, shares) in enumerate(pairs)
        if not all((isinstance(x, float) and isinstance(g, float)) or x is None for x in local)
    }
    templates: dict[str, int] = {}
    of: list[int] = []
    for formula, args in zip(found["formula"], found["args"], strict=True):
        place = {str(arg): k for k, arg in enumerate(args)}
        text = "".join(
            f"@{place.get(part[1:], 9)}" if part[:1] == "#" else part
            for part in re.split(r"(#\d+)", formula)
        )
        of.append(templates.setdefault(text, len(templates)))
    return found | {
        "compact": True,
        "templates": list(templates),
        "formula": of,
        "name": {i: name for i, name in enumerate(found["name"]) if name != f"#{i}"},
        "numbers": [],
        "sum": {},
        "shape": {i: text for i, text in enumerate(found["shape"]) if text},
        "value": _short(found["value"]),
        "gradient": _short(found["gradient"]),
        "local": _short(found["local"]),
        "share": shares,
        "args": [
            [i - arg if isinstance(arg, int) else arg for arg in args]
            for i, args in enumerate(found["args"])
        ],
    }


def _short(found: Any) -> Any:
    """Numbers with five digits, also in lists."""
    if isinstance(found, list):
        return [_short(x) for x in found]
    return float(f"{found:.5g}") if isinstance(found, float) else found


def _has_formula(node: Value) -> bool:
    """Whether a page may compute the node anew by its op's name: an op of the table, alone."""
    plainly = all(x is None for x in node.keywords.values())
    return node.op is None or (node.op.trusted and plainly)


def as_json(found: Any) -> str:
    r"""`found` as JSON that may stand in a script element: no markup and no line separator in it.

    Numbers that JSON does not have are `{"x": "NaN"}`, `{"x": "Infinity"}`, `{"x": "-Infinity"}`.

    >>> as_json({"name": "</script>", "value": float("inf")})
    '{"name":"\\u003c/script\\u003e","value":{"x":"Infinity"}}'
    """
    text = json.dumps(_finite(found), separators=(",", ":"), allow_nan=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text  # json.dumps has written all that is not ASCII, U+2028 too, as escapes


def _finite(found: Any) -> Any:
    match found:
        case float() if not np.isfinite(found):
            return {"x": "NaN" if found != found else "Infinity" if found > 0 else "-Infinity"}
        case dict():
            return {key: _finite(x) for key, x in found.items()}
        case list():
            return [_finite(x) for x in found]
    return found


class _InNumbers(Graph):
    """The same graph, with each node's number in the place of its name."""

    def __init__(self, graph: Graph) -> None:
        vars(self).update(vars(graph), seen=graph.seen)

    def label(self, i: int) -> str:
        data = self.seen[i]
        text = shape(data) or number(data)
        return text if text[0].isalnum() and "e" not in text else f"({text})"


def _unwrapped(formula: str) -> str:
    """Without the brackets of a number that is an argument by itself: σ(−0.2), not σ((−0.2))."""
    return re.sub(r"(?:(?<=\()|(?<=, ))\((−?[\w.−]+)\)(?=[,)])", r"\1", formula)


def _amount(data: Any, say: Say) -> float | str | None:
    if data is None:
        return None
    return ", ".join(summary(data, say)) if np.ndim(data) else float(data)


def _args(graph: Graph, i: int) -> list[Any]:
    raw = graph.nodes[i].raw
    return [
        arg if arg >= 0 else [_constant(raw[position])]
        for position, arg in enumerate(graph.args[i])
    ]


def _constant(raw: Any) -> float | str:
    return float(raw) if isinstance(raw, int | float | np.number) else constant(raw)


def _local(graph: Graph, i: int) -> list[Any]:
    labels = arrow_labels(graph, i)
    return [label if arg >= 0 else None for arg, label in zip(graph.args[i], labels, strict=True)]


def _runs(members: Sequence[int]) -> list[int]:
    """Numbers in order as runs: first, how many, first, how many, ...

    >>> _runs([3, 4, 5, 9])
    [3, 3, 9, 1]
    """
    runs: list[int] = []
    for i in members:
        if runs and i == runs[-2] + runs[-1]:
            runs[-1] += 1
        else:
            runs += [i, 1]
    return runs
