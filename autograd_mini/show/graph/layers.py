"""Which nodes of a graph make up one layer, from the names that they and the parameters have.

This file knows the notation of the lesson (W1, b1, z1, a1) and names with dots (layers.0.W). It
must not know how a layer is drawn, nor any class of layers.
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_mini.engine.backprop import results_first
from autograd_mini.engine.value import Value
from autograd_mini.functional.recorded import gradient_of
from autograd_mini.show.graph.reading import Graph
from autograd_mini.show.graph.text import plain
from autograd_mini.words import Say

_LESSON = re.compile(r"([WwbzaBZA])_?(\d+)(?:\[[\d, ]*\])?")


def layers(graph: Graph, groups: Any = None) -> dict[str, list[int]]:
    """Numbers of the nodes of each layer, in order, under its name.

    `groups` maps names to Values (or to several, or to their names), or is a list of such pairs,
    as `model.named_parameters()`: of a name with dots and a single Value, what stands before the
    last dot is the layer. Without it, names such as W1, b1, z1 and a1 make a "layer 1", if a
    weight is among them.
    """
    owner = _by_notation(graph) if groups is None else _given(graph, groups)
    _spread(graph, owner, named=groups is not None)
    found: dict[str, list[int]] = {}
    for i in sorted(owner):
        found.setdefault(owner[i], []).append(i)
    return found


def _by_notation(graph: Graph) -> dict[int, str]:
    letters: dict[str, set[str]] = {}
    numbered: dict[int, str] = {}
    for i in range(len(graph)):
        match = _LESSON.fullmatch(graph.name(i))
        if match:
            letters.setdefault(match[2], set()).add(match[1].lower())
            numbered[i] = match[2]
    layered = {k for k, found in letters.items() if "w" in found and len(found) > 1}
    return {i: f"layer {k}" for i, k in numbered.items() if k in layered}


def _given(graph: Graph, groups: Any) -> dict[int, str]:
    owner: dict[int, str] = {}
    for name, members in _pairs(groups):
        single = isinstance(members, Value | str)
        layer = str(name).rpartition(".")[0] if single else str(name)
        for member in [members] if single else members:
            if isinstance(member, Value):
                found = [graph.number[member]] if member in graph.number else []
            else:
                found = graph.find(member)
            owner.update(dict.fromkeys(found, layer or str(name)))
    return owner


def _pairs(groups: Any) -> list[tuple[Any, Any]]:
    try:
        pairs = [(k, v) for k, v in (groups.items() if isinstance(groups, Mapping) else groups)]
        return [(k, v if isinstance(v, Value | str) else list(v)) for k, v in pairs]
    except (TypeError, ValueError):
        raise TypeError(
            "groups maps names to Values, to names of Values or to lists of these, or is a list of"
            f" such pairs, as model.named_parameters(); not {plain(repr(groups), 40)}"
        ) from None


def _spread(graph: Graph, owner: dict[int, str], *, named: bool) -> None:
    """Give layers what reads their parameters, adds that up, follows it, or leads nowhere else.

    What has a name of its own is left out, unless `named` tells that no name made a layer.
    """
    parameters = {i for i in owner if not graph.args[i]}
    sums: set[int] = set()  # weighted sums and their terms: what an activation is applied to
    followed: set[int] = set()
    for i, args in enumerate(graph.args):
        node = graph.nodes[i]
        values = [arg for arg in args if arg >= 0]
        read = [arg for arg in values if arg in parameters]
        adds = node.op is not None and node.op.quick == "sum" and sums.issuperset(values)
        if not args or (i not in owner and node.name and not named):
            continue
        if read:
            owner.setdefault(i, owner[max(read)])
            (parameters if len(args) == 1 else sums).add(i)  # W.T stands for W
        elif adds and len({owner[arg] for arg in values}) == 1:
            owner.setdefault(i, owner[values[0]])
            sums.add(i)
        elif len(args) == 1 and args[0] in sums and args[0] not in followed:
            alike = np.shape(graph.seen[i]) == np.shape(graph.seen[args[0]])
            owner.update({i: owner[args[0]]} if alike and i not in owner else {})
            followed.update(args if alike else ())
    for i in reversed(range(len(graph))):
        if graph.args[i] and i not in owner and not graph.nodes[i].name:
            above = {owner.get(user) for user, _ in graph.uses[i]}
            layer = above.pop() if len(above) == 1 else None
            if layer is not None:
                owner[i] = layer


def spoken(name: str, say: Say = str) -> str:
    """The name of a layer as it is shown: those made from the notation in the reader's language.

    >>> spoken("layer 2"), spoken("layers.0")
    ('layer 2', 'layers.0')
    """
    kind, _, k = name.partition(" ")
    if name == "forward" or name.startswith("backward"):
        return say(name)
    if kind == "step" and k.startswith("× "):
        return f"{say('step of a loop')} {k}" if say("step") != "step" else name
    numbered = kind == "layer" and k.isdecimal()
    return say("layer {k}").format(k=k) if numbered else plain(name)


def passes(graph: Graph) -> dict[str, list[int]]:
    """The nodes of the forward and of the backward pass, if the root is a gradient; else nothing.

    The root is then called after what it is. Of a gradient of a gradient there are two backward
    passes.
    """
    found: list[list[int]] = []
    root, left = graph.root, set(range(len(graph)))
    while pair := gradient_of(root):
        before = {graph.number[node] for node in results_first(pair[0]) if node in graph.number}
        found.append(sorted(left - before))
        left &= before
        root = pair[0]
    if name := _slope_name(graph, graph.root):
        graph.alias[len(graph) - 1] = name
    names_of = ["backward", "backward, again", "backward, once more"]
    named = zip(names_of, reversed(found), strict=False)
    computed = [i for i in left if graph.args[i]]
    return {"forward": sorted(left), **dict(named)} if found and computed else {}


def _slope_name(graph: Graph, v: Value) -> str:
    """What a gradient is of and by, such as ∂C/∂w; "" if one of them has no name."""
    pair = gradient_of(v)
    if v.name or pair is None:
        return graph.name(graph.number[v]) if v in graph.number else str(v.name)
    of, by = (_slope_name(graph, of_or_by) for of_or_by in pair)
    return f"∂{f'({of})' if of.startswith('∂') else of}/∂{by}" if of and by else ""
