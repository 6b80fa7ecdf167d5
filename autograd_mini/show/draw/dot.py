"""`draw`: the graph behind a Value as a picture, in the language of Graphviz.

This file knows what a picture shows, in how much detail, and what its caption says. It must not
know what stands in a box, nor how a layout is computed.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.show.draw.drawing import Drawing, Style
from autograd_mini.show.draw.folding import Folding, How, folded_words
from autograd_mini.show.draw.folding import fold as fold_graph
from autograd_mini.show.draw.labels import counted, escape, table
from autograd_mini.show.draw.legend import Sign, legend, row
from autograd_mini.show.draw.names import draw_names
from autograd_mini.show.graph import Graph, read
from autograd_mini.show.graph.diagnosis import diagnosis
from autograd_mini.show.graph.layers import layers, passes
from autograd_mini.show.graph.text import number, plain
from autograd_mini.show.listing import listing_of
from autograd_mini.words import Say, in_language

if TYPE_CHECKING:
    from autograd_mini.show.draw.picture import Picture
    from autograd_mini.testing import GradientCheckError

READABLE, WELL = 6.0, 9.0
"""Px that the type of a whole picture has on a slide where it can be read, and read well."""
_FULL, _BRIEF, _LOOPS = 60, 1_000, 5_000  # nodes up to which these are tried
_FEW = 10  # nodes up to which nothing need be left out to be read well
_GOALS = 30, 15
_FONT = "DejaVu Sans,Verdana,sans-serif"  # two fonts of the same widths: no label is clipped


def draw(
    root: Value | Graph,
    *,
    budget: int | None = None,
    expand: Any = (),
    depth: int | None = None,
    focus: Any = None,
    hops: int = 2,
    path: tuple[Any, Any] | None = None,
    heat: Any = (),
    groups: Any = None,
    direction: str = "TB",
    with_legend: bool = True,
    check: "GradientCheckError | None" = None,
    before: Value | None = None,
    detail: str | None = None,
    fold: str | None = None,
    show: str = "all",
    language: str = "en",
) -> "Picture":
    """Draw the graph behind `root`: values forward, gradients back, and how they come about.

    Returns a `graphviz.Digraph`, so `.source`, `.pipe()`, `.render()` and `.view()` work, and a
    notebook shows it. What has no name is called as your variables call it. Gradients start from
    `root.grad` if `backward()` has run, else from 1; no `.grad` is changed. The same graph gives
    the same bytes in every process.

    How much a picture shows is chosen so that it can be read when the whole of it is on a slide,
    and it says what was left out. `detail` chooses instead:

    - "full": each node with what is known of it;
    - "brief": a name or a formula, the value and the gradient, of arrays their lengths; unnamed
      steps and constants stand in the formulas, and a leaf of many uses as a small copy at each;
    - "names": the named nodes alone, as the lesson's tree has them: on each arrow stands the
      derivative of its end by its start, through all between, and a `path` is drawn thick.

    `fold="layers"` draws each layer as a box, `fold="steps"` the steps of a loop as one, and
    `budget` is the most boxes that a picture may have; layers are not swallowed by others. To see
    more of a part, or only a part:

    - `expand`: one or several layers, names, numbers (`"#12"`) or Values whose boxes to open, up
      to a dozen nodes each;
    - `depth`: only what is at most so many steps behind the root;
    - `focus`: only what is within `hops` steps of a name, number or Value, in both directions;
    - `path`: only what lies on a way from the first to the second of two names, numbers, Values.

    With `before`, the result of another run of the same program, each box says what its value and
    gradient were and are, and its colour says which way the value went. `show="values"` leaves
    the gradients out. The graph of a gradient has frames for its forward and backward pass.

    `heat` names one or several arrays, such as images and weights, to be shown as heat maps.
    `groups` names layers, and takes `model.named_parameters()`; without it, names such as W1, z1
    and a1 make them. `direction` is "TB" for downwards, "LR" for rightwards. `with_legend` tells
    whether the picture says how to read it. Words are in English, `language="en"`, or Russian,
    "ru". A root whose graph has been read may be given as that Graph.

    The first value and the first gradient that is not finite have a double border, and say which
    arguments the op had and, if it was made in debug mode, where. Layers tell which share of their
    ReLUs is dead and of their sigmoids saturated, and whether their gradient has faded or grown.
    `check`, the error of a failed `check_gradients`, marks the leaves whose derivatives are wrong.

    Raises TypeError if `root` is no Value, and ValueError for names that are not in its graph.

    >>> w, x = Value(0.5, name="w"), Value(2.0, name="x")
    >>> picture = draw((w * x).tanh())
    >>> picture.source.startswith("digraph")
    True
    """
    from autograd_mini.show.draw.picture import Picture  # only pictures need graphviz

    _check_one_of("direction", direction, ("TB", "LR", "BT", "RL"))
    _check_one_of("detail", detail, (None, "full", "brief", "names"))
    _check_one_of("fold", fold, (None, "layers", "steps"))
    _check_one_of("show", show, ("all", "values"))
    say = in_language(language)
    graph = root if isinstance(root, Graph) else read(root)
    text = listing_of(graph, check=check)
    if detail == "names":
        picture = _empty(Picture, direction)
        draw_names(graph, picture, path, say)
        picture.as_text = text
        return picture
    shown = _selected(graph, depth, focus, hops, path)
    two_ways = {} if groups is not None else passes(graph)
    framed = two_ways or layers(graph, groups)
    notes = diagnosis(graph, check, say)
    earlier = None if before is None else _alike(graph, before)
    heated = {i for item in _listed("heat", heat) for i in graph.find(item)}

    def drawn(
        how: How, style: Style, opened: Iterable[int] = (), words: Iterable[str] = ()
    ) -> Any:
        folding = fold_graph(graph, shown, framed, how, {*notes, *heated, *opened})
        picture = _empty(Picture, direction)
        if style.brief:
            picture.attr("graph", nodesep="0.25", ranksep="0.25")
            picture.attr("node", margin="0.08,0.04")
        drawing = Drawing(graph, folding, heated, notes, picture, say, style, earlier)
        drawing.sketch.room = 18.0 if style.brief else drawing.sketch.room
        drawing.run(framed | folding.loop)
        picture.signs = legend(drawing.found, say)
        caption = _caption(graph, folding, len(shown), style, say)
        caption += [f'<TR><TD COLSPAN="2">{escape(line)}</TD></TR>' for line in words]
        if with_legend:
            wide = drawing.sketch.width(direction) > 700
            caption += [*_rows(picture.signs, wide=wide), '<TR><TD HEIGHT="8"></TD></TR>']
        picture.attr("graph", label=table(caption))
        if not folded_words(folding.boxes, str) and not style.brief:
            picture.attr("graph", ordering="in")
        picture.folding, picture.as_text = folding, text
        picture.type_size = drawing.sketch.type_size(direction, table(caption))
        return picture

    tried: list[tuple[Any, tuple[How, Style]]] = []
    for how, style in _ways(
        detail, fold, budget, len(shown), 0 if two_ways else len(framed), show == "values"
    ):
        last_resort = style.brief and not how.formulas
        if last_resort and any(picture.type_size >= READABLE for picture, _ in tried):
            break
        tried.append((drawn(how, style), (how, style)))
        if tried[-1][0].type_size >= (READABLE if last_resort or len(shown) <= _FEW else WELL):
            break
    fitting = [found for found in tried if found[0].type_size >= READABLE]
    well = [found for found in fitting if found[0].type_size >= WELL or len(shown) <= _FEW]
    largest = max(tried, key=lambda found: found[0].type_size)
    picture, chosen = (well or fitting or [largest])[0]
    if wanted := _listed("expand", expand):
        opened, words = _opened(graph, picture.folding, framed, wanted, 12)
        picture = drawn(*chosen, opened, words)
    return picture  # type: ignore[no-any-return]


def _check_one_of(what: str, given: Any, known: tuple[Any, ...]) -> None:
    if given not in known:
        choices = [str(x) for x in known if x is not None]
        raise ValueError(f"{what} is {', '.join(choices[:-1])} or {choices[-1]}, not {given!r}")


def _alike(graph: Graph, other: Value) -> Graph:
    """The graph of another run, which must be of the same program."""
    found = read(other)
    made = [
        [(n.op.name if n.op else "leaf", a) for n, a in zip(g.nodes, g.args, strict=True)]
        for g in (found, graph)
    ]
    if made[0] != made[1]:
        pairs = enumerate(zip(*made, strict=False))
        at = next((i for i, (one, two) in pairs if one != two), min(map(len, made)))
        names = [plain(g.label(at)) if at < len(g) else "missing" for g in (found, graph)]
        raise ValueError(
            f"before is no run of the same program: it has {len(found):,} nodes and this graph"
            f" {len(graph):,}, and the first that differ are {names[0]} and {names[1]}"
        )
    return found


def _ways(
    detail: str | None, fold: str | None, budget: int | None, n: int, layered: int, values: bool
) -> Iterator[tuple[How, Style]]:
    """Ways to draw a graph of n nodes, those first that show more."""
    most = 300 if budget is None else budget
    full, brief = How(most, most), How(most, most, formulas=True)
    two_lines = Style(brief=True, values=values)
    if fold is not None:
        whole = detail == "full"
        how = full._replace(formulas=not whole, **{fold: True})
        yield how, Style(values=values) if whole else two_lines
    elif detail == "full" or (budget is not None and detail is None):
        yield full, Style(values=values)
    elif detail == "brief":
        yield brief, two_lines
    else:
        if n <= _FULL:
            yield full, Style(values=values)
        if n <= _BRIEF:
            yield brief, two_lines
        if layered > 1:
            yield brief._replace(layers=True), two_lines
        elif n <= _LOOPS:
            yield brief._replace(steps=True), two_lines
        for goal in _GOALS:
            yield How(min(goal, most), min(goal, most)), two_lines


def _rows(signs: Sequence[Sign], *, wide: bool) -> list[str]:
    """The legend, in two columns where the picture is wide."""
    rows = [row(sign) for sign in signs]
    half = -(-len(rows) // 2)
    if not wide or len(rows) < 4:
        return rows
    columns = ["".join(part) for part in (rows[:half], rows[half:])]
    cells = "".join(f'<TD VALIGN="TOP">{table([column])[1:-1]}</TD>' for column in columns)
    return [f'<TR><TD COLSPAN="2">{table([f"<TR>{cells}</TR>"])[1:-1]}</TD></TR>']


def _empty(kind: "type[Picture]", direction: str) -> "Picture":
    graph = {"rankdir": direction, "fontname": _FONT, "fontsize": "11", "labelloc": "t"}
    node = {"fontname": _FONT, "fontsize": "11", "shape": "box", "margin": "0.08,0.08"}
    edge = {"fontname": _FONT, "fontsize": "10", "arrowsize": "0.7"}
    room = {"nodesep": "0.35", "ranksep": "0.5", "bgcolor": "white"}
    return kind("graph", graph_attr=graph | room, node_attr=node, edge_attr=edge)


def path(start: Value, end: Value, **options: Any) -> "Picture":
    """Draw what lies on a way from `start` to `end`, and the gradient of `end` on it.

    Takes the options of `draw`; `draw(C, path=(start, end))` shows the gradient of C there.
    """
    return draw(end, path=(start, end), **options)


# ------------------------------------------------------------------------------------ choosing
def _selected(
    graph: Graph, depth: int | None, focus: Any, hops: int, path: tuple[Any, Any] | None
) -> set[int]:
    shown = set(range(len(graph)))
    if depth is not None:
        shown &= graph.near([len(graph) - 1], depth, both_ways=False)
    if focus is not None:
        shown &= graph.near(graph.find(focus), hops, both_ways=True)
    if path is not None:
        if not isinstance(path, tuple | list) or len(path) != 2:
            raise ValueError(
                f"path is a pair of names, numbers or Values, not {plain(repr(path), 40)}"
            )
        start, end = map(graph.find, path)
        shown &= graph.beyond(start) & graph.behind(end)
    if not shown:
        raise ValueError(
            "nothing is left to draw: no node lies on such a path, or within focus and depth;"
            " swap the ends of the path, or take more hops"
        )
    return shown


def _listed(what: str, wanted: Any) -> list[Any]:
    if isinstance(wanted, str | int | Value):
        return [wanted]
    if not isinstance(wanted, Iterable):
        raise TypeError(
            f"{what} is a name, a number, a Value or a list of these, not {type(wanted).__name__}"
        )
    return list(wanted)


def _opened(
    graph: Graph, folding: Folding, framed: Any, wanted: list[Any], most: int
) -> tuple[set[int], list[str]]:
    """Members of the boxes wanted, at most so many of each, and words where there are more."""
    opened: set[int] = set()
    words: list[str] = []
    for item in wanted:
        members = framed.get(item, []) if isinstance(item, str) else []
        middle = len(graph)
        if not members:
            try:
                places = {folding.place[i] for i in graph.find(item) if i in folding.place}
            except ValueError as error:
                known = [*framed, *(f"#{b.top}" for b in folding.boxes if b.kind != "node")]
                can = f"; what can be opened: {', '.join(known[:12])}" if known else ""
                raise ValueError(f"expand: {error}{can}") from None
            members = [i for place in sorted(places) for i in folding.boxes[place].members]
            middle = graph.find(item)[0]
        if len(members) > most:
            name = item.name if isinstance(item, Value) else item
            words.append(f"around {plain(name)} only {most} of {len(members):,} are open")
        opened.update(sorted(members, key=lambda i: abs(i - middle))[:most])
    return opened, words


def _caption(graph: Graph, folding: Folding, shown: int, style: Style, say: Say) -> list[str]:
    """What the picture shows, as rows of a table."""
    name = plain(graph.label(len(graph) - 1))
    start = "" if np.ndim(graph.seed) else number(graph.seed)
    head = "{C}, its graph, and gradients ∂{name}/∂(each node)"
    if style.values:
        head = "{C}, its graph"
    elif start != "1":
        head = "{C}, its graph, and gradients that start from {given}"
    given, name = escape(start or say("an array")), escape(name)
    of = f"({name})" if name.startswith("∂") else name
    lines = [say(head).format(C=f"<B>{name}</B>", name=of, given=given)]
    if shown < len(graph):
        of = counted(len(graph), "node", say)
        lines.append(say("{n} of {of} chosen").format(n=f"{shown:,}", of=of))
    if words := folded_words(folding.boxes, say):
        text = say("{n} folded: {how}")
        lines.append(text.format(n=counted(shown, "node", say), how=escape("; ".join(words))))
    inside = sum(len(box.members) - 1 for box in folding.boxes if box.kind == "formula")
    if inside:
        text = say('{n} inside formulas; detail="full" shows each')
        lines.append(escape(text.format(n=counted(inside, "step", say))))
    return [f'<TR><TD COLSPAN="2">{line}</TD></TR>' for line in lines]
