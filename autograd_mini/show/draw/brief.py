"""Unnamed steps of a computation, written into the formula of what they lead to.

This file knows which steps a reader can do without a box for. It must not know how a box looks.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from autograd_mini.program.spelling import SUM, Text
from autograd_mini.show.draw.composed import compositions
from autograd_mini.show.graph import Graph
from autograd_mini.show.graph.expression import formula
from autograd_mini.show.graph.text import plain

LONGEST = 30
"""Characters of a formula beyond which a step keeps a box of its own."""
MOST_OPS = 4
"""Ops in a formula, sums and products apart, beyond which it is cut in two."""
_TOKEN = re.compile(r"#?[\w.−]+|\s+|.")
_NUMBERED = re.compile(r"#\d+|array [\d×]+")


def formulas(
    graph: Graph,
    shown: Iterable[int],
    kept: Iterable[int],
    owner: Mapping[int, str],
    used_once: Callable[[int], bool],
) -> tuple[dict[int, int], dict[int, str]]:
    """Which node each unnamed step is written into, and the formula of all others.

    That is done with a step that is `used_once`, by a node of the same layer, as long as the
    formula stays short; sums and the products in them become `Σ of 3 terms`. Nodes in `kept` keep
    their box.
    """
    nodes, into, texts = graph.nodes, dict[int, int](), dict[int, Text]()
    terms: dict[int, int] = {}
    ops: dict[int, int] = {}
    shown = sorted(shown)
    free = {
        i
        for i in set(shown).difference(kept)
        if graph.args[i] and not graph.name(i) and used_once(i)
        if (op := nodes[i].op) is not None and not op.declared
    }
    whole = compositions(graph, free)
    for i in shown:
        op = nodes[i].op
        if op is None:
            continue
        if i in whole:
            name, steps = whole[i]
            start = graph.args[steps[-1]][0]
            inner = {start: texts[start]} if start in free and start in texts else {}
            texts[i] = Text(
                f"{name}({inner[start].text if inner else plain(graph.label(start), 20)})"
            )
            ops[i] = 1 + sum(ops[arg] for arg in inner)
            into.update(dict.fromkeys([*steps, *inner], i))
            continue
        steps = [arg for arg in graph.args[i] if arg in free and owner.get(arg) == owner.get(i)]
        inner = {arg: texts[arg] for arg in steps}
        text = formula(graph, i, inner)
        if op.quick == "sum":
            terms[i] = sum(terms.get(arg, 1) if arg in inner else 1 for arg in graph.args[i])
            more = any(texts[arg].text.startswith("Σ of ") for arg in inner if arg in terms)
            if more or _length(text) > LONGEST:
                inner = {arg: texts[arg] for arg in steps if _is_linear(graph, arg)}
                terms[i] = sum(terms.get(arg, 1) if arg in inner else 1 for arg in graph.args[i])
                text = (
                    Text(f"Σ of {terms[i]} terms", SUM)
                    if terms[i] > 2
                    else formula(graph, i, inner)
                )
        own = op.quick not in ("sum", "product")
        while inner and (
            _length(text) > LONGEST or own + sum(ops[arg] for arg in inner) > MOST_OPS
        ):
            inner.pop(max(inner, key=lambda arg: (ops[arg], _length(texts[arg]))))
            text = formula(graph, i, inner)
        ops[i] = own + sum(ops[arg] for arg in inner)
        texts[i] = text
        into.update(dict.fromkeys(inner, i))
    return into, {i: text.text for i, text in texts.items() if i not in into}


def _length(text: Text) -> int:
    """Letters of a formula; numbers of nodes and shapes of arrays count the same, however long."""
    return len(_NUMBERED.sub("#00", text.text))


def _is_linear(graph: Graph, i: int) -> bool:
    op = graph.nodes[i].op
    return op is not None and op.quick in ("sum", "product")


def common(formulas: Sequence[str]) -> str:
    """What formulas share, with … in the places where they differ; the last if it is not much.

    >>> common(["sin(v × 1)", "sin(v × 2)"]), common(["Whh @ #3", "Whh @ #12"])
    ('sin(v × …)', 'Whh @ …')
    """
    split = [_TOKEN.findall(text) for text in formulas]
    if len({len(tokens) for tokens in split}) > 1:
        return formulas[-1]
    return "".join(same[0] if len(set(same)) == 1 else "…" for same in zip(*split, strict=True))


def shared_name(names: Sequence[str]) -> str:
    """What names begin with, and … for the rest.

    >>> shared_name(["x1", "x2"])
    'x…'
    """
    return f"{os.path.commonprefix(list(names))}…"  # noqa: RUF071
