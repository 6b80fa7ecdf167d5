"""What stands in a box and on an arrow: HTML-like labels of DOT, with every name made harmless.

This file knows the words and the colours. It must not know how boxes are chosen or joined.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_mini.colours import BLUE, DARK, GREY, LEAF_FILL, ORANGE
from autograd_mini.show.draw.folding import Box, magnitude
from autograd_mini.show.draw.formula import rule_texts
from autograd_mini.show.graph import Graph
from autograd_mini.show.graph.expression import expression
from autograd_mini.show.graph.health import Note, idle
from autograd_mini.show.graph.layers import spoken
from autograd_mini.show.graph.text import count, number, plain, shape, signed, sparkline, summary
from autograd_mini.words import Say

_MOST_TERMS = 4
_MOST_LEAVES = 6
_HEAT_SIDE = 28


def escape(text: Any) -> str:
    r"""`text` for an HTML-like label: no markup, and no escape such as `\N` either.

    >>> escape('<b>\\N "&')
    '&lt;b&gt;&#92;&#92;N &quot;&amp;'
    """
    return _entities(str(text)).replace("\\", "&#92;&#92;")


def written(text: str) -> str:
    """`text` as `escape` has it, with bars and histograms small and grey."""
    bars = f'<FONT POINT-SIZE="7" COLOR="{GREY}">\\g<0></FONT>'
    return re.sub("[▁-█]{2,}", bars, escape(text))


def _entities(text: str) -> str:
    import html  # loads a long table, and nobody needs it before something is drawn

    return html.escape(text)


def tooltip(*names: str) -> str:
    """Names for an attribute that is no label, and so begins with no bracket."""
    text = " to ".join(plain(name) for name in names).replace("\\", "\\\\")
    return f"{'from' if len(names) > 1 else 'node'} {_entities(text)}"


def _row(*cells: str, small: bool = False) -> str:
    if small:
        cells = tuple(
            f'<FONT POINT-SIZE="9" COLOR="{DARK}">{cell or " "}</FONT>' for cell in cells
        )
    if len(cells) == 1:
        return f'<TR><TD COLSPAN="2">{cells[0]}</TD></TR>'
    return f'<TR><TD ALIGN="RIGHT">{cells[0]} </TD><TD ALIGN="LEFT">{cells[1]}</TD></TR>'


def table(rows: Iterable[str]) -> str:
    """Rows as one HTML-like label."""
    head = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">'
    return f"<{head}{''.join(rows)}</TABLE>>"


# ------------------------------------------------------------------------------- sum over paths
def paths_sum(graph: Graph, i: int) -> str:
    """The gradient of node i as a sum over its uses: `+0.018 + (−0.161 × 0.5) = −0.0625`.

    "" where there are not several uses, or where they are not all single numbers.
    """
    uses = graph.uses[i]
    total = graph.gradients[i]
    if len(uses) < 2 or total is None or np.ndim(total):
        return ""
    terms: list[str] = []
    for user, position in uses[:_MOST_TERMS]:
        local = graph.local(user)[position]
        flow = graph.gradients[user]
        if flow is None or local is None:
            return ""
        if local == 1:
            terms.append(signed(flow))
        else:
            terms.append(f"({number(flow)} × {number(local)})")
    text = terms[0]
    for term in terms[1:]:
        text += f" {term[0]} {term[1:]}" if term[0] in "+−" else f" + {term}"
    more = len(uses) - len(terms)
    return f"{text}{f' + {more:,} more' * bool(more)} = {number(total)}"


# --------------------------------------------------------------------------------------- boxes
def node_label(
    graph: Graph,
    i: int,
    say: Say,
    *,
    heat: bool,
    hidden: int,
    notes: Sequence[Note],
    values: bool = False,
    before: Graph | None = None,
) -> str:
    """The label of node i drawn by itself; `hidden` of its neighbours are not drawn.

    Without gradients if `values` alone are wanted. `before` is the same graph in another run.
    """
    node = graph.nodes[i]
    data = graph.seen[i]
    title = f"<B>{escape(plain(graph.label(i)))}</B>"
    formula = expression(graph, i)
    rows = [_row(f"{title}&#160;= {escape(formula)}" if formula else title)]
    if np.ndim(data):
        rows.append(_row(escape(shape(data)), small=True))
    if node.op is not None and node.op.declared:
        rows.append(_row(f"<I>{say('declared derivative, not the true one')}</I>", small=True))
    for note in notes:
        rows += _of_note(note, say)
    gradient = graph.gradients[i]
    if before is not None:
        rows.append(_row(say("value"), _change(before.seen[i], data)))
        slopes = [] if values else [_row(say("gradient"), _change(before.gradients[i], gradient))]
        return table(rows + slopes)
    rows += _amounts("value", data, heat, say)
    if graph.replaced(i):
        rows.append(_row(say("now"), _line(node.peek()[0], say), small=True))
    if values:
        pass
    elif gradient is None:
        rows.append(_row(say("gradient"), say("none arrives")))
    else:
        rows += _amounts("gradient", gradient, heat, say)
        written_sum = paths_sum(graph, i)
        if written_sum:
            rows.append(_row(escape(written_sum), small=True))
        rows += _other_grad(node, gradient, say)
    if hidden:
        words = say("{n} not drawn").format(n=counted(hidden, "neighbour", say))
        rows.append(_row(f"<I>{words}</I>", small=True))
    return table(rows)


def counted(n: int, what: str, say: Say) -> str:
    """A number of things; where their word has many endings, it stands before the number."""
    return count(n, what) if say(what) == what else f"{say(what)}: {n:,}"


def named_label(graph: Graph, i: int, say: Say) -> str:
    """The label of a node in the lesson's tree: its name, its value and its gradient."""
    rows = [_row(f"<B>{escape(plain(graph.label(i)))}</B>")]
    rows += _amounts("value", graph.seen[i], heat=False, say=say)
    gradient = graph.gradients[i]
    if gradient is not None:
        rows += _amounts("gradient", gradient, heat=False, say=say)
    return table(rows)


def brief_label(
    graph: Graph,
    i: int,
    formula: str,
    say: Say,
    *,
    lines: Sequence[str],
    leaves: Sequence[int],
    heat: bool,
    hidden: int,
    notes: Sequence[Note],
    values: bool,
    before: Graph | None,
) -> str:
    """The label of a node in few lines: `lines`, its formula, its value and gradient, `leaves`.

    Of an array it tells the shape and its length as one vector. Without gradients if `values`
    alone are wanted. `before` is the same graph in another run.
    """
    node, data, gradient = graph.nodes[i], graph.seen[i], graph.gradients[i]
    array = np.ndim(data) > 0
    title = f"<B>{escape(plain(graph.label(i)))}</B>"
    rows = [_row(written(line), small=True) for line in lines]
    rows.append(_row(f"{title}&#160;= {escape(formula)}" if formula else title))
    for note in notes:
        rows += _of_note(note, say)
    if before is not None:
        rows.append(_row(_change(before.seen[i], data)))
        rows += [] if values else [_row(f"∂ {_change(before.gradients[i], gradient)}")]
    elif heat and array:
        rows += _amounts("value", data, heat, say)
        rows += [] if gradient is None or values else _amounts("gradient", gradient, heat, say)
    else:
        lines_have = array and any("∂" in line for line in lines)
        rows += [] if lines_have else [_row(amounts(data, None if values else gradient))]
    if node.op is not None and node.op.declared:
        rows.append(_row(f"<I>{say('declared derivative, not the true one')}</I>", small=True))
    if graph.replaced(i):
        rows.append(_row(f"{say('now')} {_line(node.peek()[0], say)}", small=True))
    if hidden:
        words = say("{n} not drawn").format(n=counted(hidden, "neighbour", say))
        rows.append(_row(f"<I>{words}</I>", small=True))
    told = []
    for leaf in leaves[:_MOST_LEAVES]:
        slope = None if values else graph.gradients[leaf]
        name = escape(plain(graph.label(leaf), 16))
        text = amounts(graph.seen[leaf], slope)
        if before is not None:
            text = _change(before.seen[leaf], graph.seen[leaf])
            if slope is not None:
                text += f"&#160; ∂ {_change(before.gradients[leaf], slope)}"
        told.append(f"<B>{name}</B>&#160;{text}")
    pairs = zip(told[::2], [*told[1::2], ""], strict=False)
    for text in ["&#160; ".join(filter(None, pair)) for pair in pairs] if array else told:
        rows.append(_row(text, small=True).replace("<TD ", f'<TD BGCOLOR="{LEAF_FILL}" '))
    if len(leaves) > _MOST_LEAVES:
        rows.append(_row(say("{n} more").format(n=f"{len(leaves) - _MOST_LEAVES:,}"), small=True))
    return table(rows)


def amounts(data: Any, gradient: Any) -> str:
    """A value and its gradient in one line, of arrays their lengths as one vector."""
    dims = "×".join(map(str, np.shape(data)))
    text = f"{dims}&#160; " * bool(dims) + _length(data)
    return text if gradient is None else f"{text}&#160;&#160; ∂ {_length(gradient)}"


def _length(data: Any) -> str:
    return f"‖{number(magnitude(data))}‖" if np.ndim(data) else number(data)


def _change(old: Any, new: Any) -> str:
    """One number, or length of an array, and then another."""
    if old is None or new is None:
        return "–"
    one, other = _length(old), _length(new)
    return one if one == other else f"{one} → {other}"


def change_colour(old: Any, new: Any) -> str:
    """The colour of a box whose value has changed: blue for more, orange for less.

    >>> change_colour(1.0, 2.0), change_colour(1.0, 1.0), change_colour(2.0, 1.0)
    ('#BFDCEC', '#FFFFFF', '#F9E7BF')
    """
    one, other = (magnitude(x) if np.ndim(x) else float(x) for x in (old, new))
    size = max(abs(one), abs(other))
    if not np.isfinite(other - one) or not size:
        return "#FFFFFF"
    share = (other - one) / size
    return _shade(0.25 * np.sign(share) * min(1.0, 2 * abs(share)))


def step_label(graph: Graph, box: Box, say: Say, *, values: bool) -> str:
    """The label of what stands in one place of each step of a loop."""
    tops = box.tops
    rows = [_row(f"<B>{escape(box.title)}</B>")]
    for what, of in (("", graph.seen), ("∂ ", [] if values else graph.gradients)):
        if of:
            sizes = [magnitude(of[i]) for i in tops]
            ends = f"{number(sizes[0])} → {number(sizes[-1])}"
            ends = f"‖{ends}‖" if np.ndim(of[tops[-1]]) else ends
            rows.append(_row(f"{what}{ends}&#160; {written(sparkline(sizes))}", small=True))
    return table(rows)


def _of_note(note: Note, say: Say) -> list[str]:
    title = f"<B>! {escape(note.title)}</B>" if note.wrong else f"<I>{escape(note.title)}</I>"
    rows = [_row(title)]
    rows += [_row(escape(plain(line, 64)), small=True) for line in note.lines]
    if np.size(note.errors) > 1:
        rows.append(_row(say("wrong by"), heat_map(note.errors)))
    return rows


def _other_grad(node: Any, gradient: Any, say: Say) -> list[str]:
    """A row for `.grad` where it is not what this graph gives: added up over several passes."""
    kept = node.peek()[1]
    if kept is None or np.allclose(kept, gradient, rtol=1e-4, atol=0, equal_nan=True):
        return []
    return [_row(say(".grad holds"), _line(kept, say), small=True)]


def _amounts(what: str, data: Any, heat: bool, say: Say) -> list[str]:
    first, *rest = summary(data, say)
    if heat and np.size(data) > 1:
        first, rest = heat_map(data), [first, *rest]
    else:
        first = written(first)
    return [_row(say(what), first), *(_row("", escape(line), small=True) for line in rest)]


def _line(data: Any, say: Say) -> str:
    return escape(", ".join(summary(data, say)))


def box_label(
    graph: Graph,
    box: Box,
    inner: set[int],
    say: Say,
    lines: Sequence[str] = (),
    *,
    values: bool = False,
) -> str:
    """The label of a folded box; `inner` are members that only members use.

    `lines` are what is told of a layer; of others the units that do not learn are.
    """
    results = [i for i in box.members if i not in inner] or box.members[-1:]
    title = written(lines[0]) if lines else f"<B>{escape(plain(box_title(graph, box, say)))}</B>"
    rows = [
        _row(title),
        _row(f"{counted(len(box.members), 'node', say)}, #{box.top}", small=True),
    ]
    ops = _tally(graph, box.members, say)
    if ", " in ops:
        rows.append(_row(escape(ops), small=True))
    if box.kind == "layer":
        rows += [_row(written(line), small=True) for line in lines[1:]]
    else:
        rows += [_row(f"<B>{escape(note.title)}</B>") for note in idle(graph, box.members, say)]
    seen = [graph.seen[i] for i in results]
    gradients = [g for g in (graph.gradients[i] for i in results) if g is not None]
    rows += _amounts("values", _joined(seen), heat=False, say=say)
    if values:
        return table(rows)
    if gradients:
        rows += _amounts("gradients", _joined(gradients), heat=False, say=say)
    else:
        rows.append(_row(say("gradients"), say("none arrives")))
    return table(rows)


def box_title(graph: Graph, box: Box, say: Say = str) -> str:
    """What a folded box is: `layer 1`, `relu × 16`, `neuron × 16`, `add 99 times in a row`."""
    op = graph.nodes[box.top].op
    symbol = op.name if op is not None else say("leaf")
    side_by_side = f" × {box.times}" if box.times > 1 else ""
    ops = Counter(graph.nodes[i].op for i in box.members if graph.args[i])
    n = len(box.members)
    match box.kind:
        case "layer":
            return spoken(box.title, say)
        case "leaves":
            return say("{n} leaves of tiny gradient").format(n=f"{n:,}")
        case "rest":
            return say("further back")
        case "repeat":
            return f"{say(box.title) if box.title else symbol}{side_by_side}"
    if len(ops) == 1:
        text = say("{op} {n} times in a row").format(op=symbol, n=n // box.times)
    else:
        text = "chain that ends in {op}" if box.kind == "chain" else "part that ends in {op}"
        text = say(text).format(op=symbol)
    return f"{text}{side_by_side}"


def _tally(graph: Graph, members: Sequence[int], say: Say) -> str:
    tally = Counter(
        op.symbol if (op := graph.nodes[i].op) is not None else say("leaf") for i in members
    )
    common = [f"{plain(symbol, 20)} {n:,}" for symbol, n in tally.most_common(4)]
    return ", ".join(common + ["…"] * (len(tally) > 4))


def _joined(data: Sequence[Any]) -> Any:
    if len(data) == 1:
        return data[0]
    return np.concatenate([np.ravel(np.asarray(x, float)) for x in data])


def heat_map(data: Any) -> str:
    """An array as a table of coloured cells: blue above zero, orange below, white at zero.

    Cells that are not finite are black.
    """
    with np.errstate(all="ignore"):
        image = as_image(np.asarray(data, float))
        depth = image / (np.max(np.abs(image), where=np.isfinite(image), initial=0.0) or 1.0)
    side = max(2, 84 // max(image.shape))
    rows = []
    for line in depth:
        cells = "".join(
            f'<TD FIXEDSIZE="TRUE" WIDTH="{side}" HEIGHT="{side}" BGCOLOR="{_shade(x)}"></TD>'
            for x in line
        )
        rows.append(f"<TR>{cells}</TR>")
    return (
        '<TABLE BORDER="1" COLOR="#BBBBBB" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"'
        f' FIXEDSIZE="TRUE" WIDTH="{side * depth.shape[1] + 2}"'
        f' HEIGHT="{side * depth.shape[0] + 2}">'
        f"{''.join(rows)}</TABLE>"
    )


def _shade(x: float) -> str:
    if not np.isfinite(x):
        return "#000000"
    full = (0x00, 0x72, 0xB2) if x > 0 else (0xE6, 0x9F, 0x00)
    return "#" + "".join(f"{round(255 + (c - 255) * abs(x)):02X}" for c in full)


def as_image(array: Any) -> Any:
    """Two axes, at most 28 × 28: a vector of square length becomes a square, as a digit is."""
    if array.ndim == 1 or (array.ndim == 2 and 1 in array.shape):
        side = int(array.size**0.5)
        array = array.reshape(side, side) if side * side == array.size else array.reshape(1, -1)
    array = array.reshape(-1, array.shape[-1])
    for axis in (0, 1):
        n = array.shape[axis]
        if n > _HEAT_SIDE:
            parts = np.array_split(array, _HEAT_SIDE, axis)
            array = np.stack([part.mean(axis) for part in parts], axis)
    return array


# -------------------------------------------------------------------------------------- arrows
class Flow(NamedTuple):
    """The gradient that goes back along an arrow: its size, and its sign, 0 if mixed or none."""

    size: float
    sign: int

    @classmethod
    def of(cls, share: Any) -> "Flow":
        """Size and sign of a share, which is None if nothing arrives."""
        if share is None:
            return cls(0.0, 0)
        positive, negative = (
            bool(np.any(np.asarray(share) > 0)),
            bool(np.any(np.asarray(share) < 0)),
        )
        return cls(magnitude(share), positive - negative)

    def __add__(self, other: Any) -> "Flow":
        """Both together: as two parts of one vector."""
        if not self.size or not other.size:
            return self if self.size else other
        sign = self.sign if self.sign == other.sign else 0
        return Flow(float(np.hypot(self.size, other.size)), sign)


def arrow(flow: Flow, largest: float) -> dict[str, str]:
    """Colour, dashes and width of an arrow, as attributes of DOT: thinner by the power of ten."""
    if not flow.size:
        return {"color": "#AAAAAA", "style": "dotted", "penwidth": "1"}
    share = flow.size / largest if np.isfinite(flow.size) and largest else 1.0
    width = f"{max(4.0 + 1.1 * float(np.log10(share)), 0.8):.2f}"
    if flow.sign == 0:
        return {"color": GREY, "style": "solid", "penwidth": width}
    if flow.sign > 0:
        return {"color": BLUE, "style": "solid", "penwidth": width}
    return {"color": ORANGE, "style": "dashed", "penwidth": width}


def arrow_labels(graph: Graph, user: int) -> list[float | str]:
    """The local derivative along each arrow to a node: a number, or the rule as a formula."""
    local = graph.local(user)
    texts = [""] * len(local)
    if None in local:
        names = [plain(graph.label(arg), 12) if arg >= 0 else "const" for arg in graph.args[user]]
        texts = rule_texts(graph.nodes[user], names, plain(graph.label(user), 12))
    return [text if found is None else found for found, text in zip(local, texts, strict=True)]
