"""`explain`: a gradient as the chain rule gives it, path by path and factor by factor.

This file knows how products of derivatives are written, as text and as LaTeX. It must not know
how paths are found, nor how an array is taken apart.
"""

import itertools
import math
import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.functional.recorded import gradient_table
from autograd_mini.ops import TABLE
from autograd_mini.show.explain.paths import Paths, Route
from autograd_mini.show.explain.zoom import zoom
from autograd_mini.show.graph import Graph, read
from autograd_mini.show.graph.text import count as counted
from autograd_mini.show.graph.text import number, plain
from autograd_mini.users_line import users_variables
from autograd_mini.words import Say, in_language

_MOST_FACTORS = 9


class Factor(NamedTuple):
    """∂`of`/∂`by`, and its number here."""

    of: str
    by: str
    number: float


class Path(NamedTuple):
    """One path of the chain rule: its factors from the result down to the leaf, multiplied."""

    factors: tuple[Factor, ...]
    product: float


@dataclass(frozen=True, repr=False)
class Explanation:
    """Why a gradient is what it is. Its text is `str(explanation)`; a notebook shows LaTeX.

    `paths` are those of the largest product, of `count` in all; `total` is the sum over all of
    them, and `gradient` what backpropagation gives. `scalars` is the result as a graph of single
    numbers, to be drawn; for a graph of arrays that is the part that one entry reaches.
    """

    of: str
    by: str
    paths: tuple[Path, ...]
    count: int
    total: float
    gradient: float
    scalars: Value = field(compare=False)
    language: str = "en"

    def __str__(self) -> str:
        head, say = f"∂{self.of}/∂{self.by} = {number(self.gradient)}", in_language(self.language)
        if not self.count:
            text = say("no path leads from {by} to {of}")
            return f"{head}: {text.format(by=self.by, of=self.of)}"
        several = self.count > 1
        words = say("the sum over {n}" if several else "along {n}")
        lines = [f"{head}, {words.format(n=_how_many(self.count, say))}"]
        for place, path in enumerate(self.paths, 1):
            mark = f"{place}. " if several else ""
            indent = " " * len(mark)
            symbols = _shortened([f"∂{f.of}/∂{f.by}" for f in path.factors], " · ")
            lines += ["", f"{mark}{symbols}"]
            if len(path.factors) > 1:
                lines.append(f"{indent}= {_shortened(_numbers(path), ' × ')}")
            lines.append(f"{indent}= {number(path.product)}")
        if several:
            text = say("sum over all paths: {x}").format(x=number(self.total))
            lines += ["", *self._rest(say), text]
        return "\n".join(lines)

    __repr__ = __str__

    def _rest(self, say: Say) -> list[str]:
        more = self.count - len(self.paths)
        if not more:
            return []
        listed = math.fsum(path.product for path in self.paths)
        text = say("and {n}, together {x}")
        left = number(self.total - listed)
        return [text.format(n=_how_many(more, say, say("more path")), x=left)]

    def _repr_latex_(self) -> str:
        whole = _fraction(self.of, self.by)
        if not self.count:
            return f"$${whole} = 0$$"
        lines = []
        for place, path in enumerate(self.paths):
            start = f"{whole} &=" if place == 0 else "&\\quad +"
            symbols = _shortened(
                [_fraction(f.of, f.by) for f in path.factors], r" \cdot ", r"\cdots"
            )
            lines.append(f"{start} {symbols}")
        if self.count > len(self.paths):
            lines.append(r"&\quad + \cdots")
        start = "&="
        for path in self.paths:
            lines.append(f"{start} {_latex(_shortened(_numbers(path), ' × ', '…'))}")
            start = "&\\quad +"
        if self.count > len(self.paths):
            lines.append(r"&\quad + \cdots")
        lines.append(f"&= {_latex(number(self.gradient))}")
        body = " \\\\\n".join(lines)
        return f"$$\\begin{{aligned}}\n{body}\n\\end{{aligned}}$$"


def explain(
    C: Value, w: Any, index: Any = None, *, top: int = 5, language: str = "en"
) -> Explanation:
    """Write ∂C/∂w out by the chain rule: for each path from w to C, its factors and product.

    `C` is a single number and `w` a Value behind it, or its name. If `w` is an array, `index`
    takes one entry, as in `explain(C, W1, index=(3, 40))` or `explain(C, W1[3, 40])`: then the
    part of the graph that this entry reaches is rebuilt of single numbers. What has no name is
    called as your variables call it. Between two nodes with names, what has no name is one factor,
    unless several ways lead through it; if nothing has one, each of a few steps is. The `top`
    paths of the largest product are listed; all are counted. Words are in English, "en", or
    Russian, "ru".

    Raises TypeError if C is no Value, and ValueError if C or the entry is not a single number, or
    if C has no node of that name.

    >>> w, a, b = (Value(v, name=n) for v, n in ((0.5, "w"), (2.0, "a"), (-1.5, "b")))
    >>> z = w * a + b
    >>> z.name = "z"
    >>> C = z**2
    >>> C.name = "C"
    >>> print(explain(C, w))
    ∂C/∂w = −2, along 1 path
    <BLANKLINE>
    ∂C/∂z · ∂z/∂w
    = −1 × 2
    = −2
    """
    graph = read(C)
    if C.size != 1:
        raise ValueError(
            f"a derivative is explained for a single number, not for shape {C.shape}; take one"
            " entry, or .sum() or .mean()"
        )
    if top < 1:
        raise ValueError(f"top, the number of paths to list, is at least 1, not {top}")
    start, flat = _entry(graph, w, index)
    last = len(graph) - 1
    of = graph.name(last) or ("C" if not graph.named("C") else f"#{last}")
    graph.alias[last], of = of, plain(of)
    if start < 0:
        name = w.name or next((n for n, x in users_variables().items() if x is w), "")
        name = f"{'another ' * graph.named(name)}{plain(name)}" or "a Value from elsewhere"
        return Explanation(of, name, (), 0, 0.0, 0.0, C, language)
    gradient = gradient_table(C).get(graph.nodes[start], 0.0)
    entry = float(np.ravel(gradient)[flat]) if np.ndim(gradient) else float(gradient)
    root, leaf = C, graph.nodes[start]
    if any(np.ndim(graph.seen[i]) for i in graph.beyond([start])):
        zoomed = zoom(graph, start, flat)
        if zoomed is None:
            return Explanation(of, plain(graph.label(start)), (), 0, 0.0, entry, C, language)
        root, leaf = zoomed
        graph = Graph(root)
        graph.alias[len(graph) - 1] = of
    paths = Paths(graph, graph.number[leaf])
    written = tuple(_written(paths, route) for route in paths.largest(top))
    by = plain(graph.label(graph.number[leaf]))
    return Explanation(of, by, written, paths.count, paths.total, entry, root, language)


def _entry(graph: Graph, w: Any, index: Any) -> tuple[int, int]:
    """Number of the node that `w` means, -1 if it is not in the graph, and place of its entry."""
    if isinstance(w, Value) and w not in graph.number:
        source = w.args[0] if w.op is TABLE["getitem"] else None
        if source not in graph.number or index is not None:
            return -1, 0
        w, index = source, w.keywords["index"]
    found = graph.find(w)
    if len(found) > 1:
        raise ValueError(f"{len(found)} nodes have the name {w!r}; give the Value itself")
    shape = np.shape(graph.seen[found[0]])
    places = np.arange(int(np.prod(shape))).reshape(shape)
    try:
        place = places if index is None else places[index]
    except IndexError as error:
        raise ValueError(f"index {index!r} does not fit shape {shape}: {error}") from None
    if np.size(place) != 1:
        name = graph.label(found[0])
        raise ValueError(
            f"{name} has shape {shape}, and a derivative is explained for one entry;"
            f" give its index, as in explain(C, {name}, index={(0,) * len(shape)})"
        )
    return found[0], int(np.ravel(place)[0])


def _written(paths: Paths, route: Route) -> Path:
    """The factors of a route, steps through nodes without a name joined where that is clear."""
    graph = paths.graph
    nodes, steps = route.nodes, route.steps
    named = [k for k, i in enumerate(nodes) if graph.name(i)]
    stops = sorted({0, *named, len(nodes) - 1})
    if len(stops) == 2 and len(steps) <= _MOST_FACTORS:  # no name between them: each step is one
        stops = list(range(len(nodes)))
    factors: list[Factor] = []
    for low, high in itertools.pairwise(stops):
        inner = [low, high]
        if high - low > 1 and not paths.only_way(nodes[low], nodes[high]):
            inner = list(range(low, high + 1))
        for a, b in itertools.pairwise(inner):
            names = (plain(graph.label(nodes[b])), plain(graph.label(nodes[a])))
            factors.append(Factor(*names, math.prod(steps[a:b])))
    return Path(tuple(factors[::-1]), route.product)


# ------------------------------------------------------------------------------------- writing
def _how_many(n: int, say: Say, what: str = "path") -> str:
    if say("path") != "path":  # where a word has many endings, it stands before the number
        return f"{say('path')}: {n:,}" if n < 10**24 else f"≈ 10^{math.log10(n):.1f}"
    return counted(n, what) if n < 10**24 else f"about 10^{math.log10(n):.1f} {what}s"


def _numbers(path: Path) -> list[str]:
    texts = [number(factor.number) for factor in path.factors]
    return [f"({t})" if place and t[0] == "−" else t for place, t in enumerate(texts)]


def _shortened(parts: list[str], sign: str, gap: str = "") -> str:
    if len(parts) > _MOST_FACTORS:
        parts = [*parts[:4], gap or f"… {len(parts) - 8:,} more …", *parts[-4:]]
    return sign.join(parts)


def _fraction(of: str, by: str) -> str:
    return rf"\frac{{\partial {_symbol(of)}}}{{\partial {_symbol(by)}}}"


def _symbol(name: str) -> str:
    """A name in LaTeX: `W1[3, 40]` as a letter with a subscript, anything unusual as words."""
    head, bracket, tail = name.partition("[")
    letters = head.rstrip("0123456789")
    digits = head[len(letters) :]
    plain_index = all(c.isdigit() or c in ", ]" for c in tail)
    if len(letters) == 1 and letters.isalpha() and letters.isascii() and plain_index:
        subscript = f"_{{{digits}}}" if digits else ""
        return f"{letters}{subscript}{bracket}{tail}"
    return rf"\text{{{''.join(_HARMLESS.get(c, c) for c in name)}}}"


_HARMLESS = {
    **{c: f"\\{c}" for c in "#%&_{}$"},
    "\\": r"}\backslash\text{",
    "^": r"}\hat{\ }\text{",
    "~": r"}\sim\text{",
    "<": r"}\lt\text{",
    ">": r"}\gt\text{",
}


def _latex(numbers: str) -> str:
    text = numbers.replace("−", "-").replace("×", r"\cdot").replace("…", r"\cdots")
    text = text.replace("inf", r"\infty").replace("nan", r"\text{nan}")
    return re.sub(r"e(-?\d+)", r" \\cdot 10^{\1}", text)
