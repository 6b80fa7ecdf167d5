"""The network as the lesson draws it: columns of neurons, and wishes as bars beside them.

This file knows SVG. It must not know how a wish is computed.
"""

import html
import math
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_mini.colours import BLUE, DARK, GREY, ORANGE
from autograd_mini.files import write_whole
from autograd_mini.words import in_language
from nn.lesson.nudges import Nudges, nudges
from nn.lesson.text import figures
from nn.model.losses import one_hot, quadratic_cost

Array = NDArray[Any]
SHOWS = ("activations", "weights", "wishes")
LONGEST, ENDS = 20, 8  # neurons of a column that is drawn whole, and at each end of a longer one
_TOP, _HEIGHT, _RADIUS, _BAR, _IMAGE = 92, 560, 13, 48, 112
_WIDTHS = (0.5, 1.2, 2.2, 3.6)
_STYLE = f"""
.net {{ font: 17px "DejaVu Sans", Verdana, sans-serif; }} .net text {{ fill: {DARK}; }}
.net .ink {{ fill: #111; }} .net circle, .net .frame {{ stroke: {GREY}; stroke-width: 1.5; }}
.net path, .net .line {{ fill: none; stroke: {GREY}; }} .net .faint {{ stroke-opacity: 0.18; }}
.net .up {{ fill: {BLUE}; }} .net .down {{ fill: {ORANGE}; }}
.net .wanted {{ stroke: {BLUE}; stroke-width: 4; }}
.net path.up {{ fill: none; stroke: {BLUE}; }} .net path.down {{ fill: none; stroke: {ORANGE}; }}
@media (prefers-color-scheme: dark) {{
.net text {{ fill: #DDD; }} .net .ink {{ fill: #F4F4F4; }} .net .up {{ fill: #56ADE3; }}
.net .down {{ fill: #F2B63C; }} .net path.up, .net .wanted {{ stroke: #56ADE3; }}
.net path.down {{ stroke: #F2B63C; }}
}}
"""


class NetworkPicture:
    """A picture as SVG: a notebook shows it, `str` gives its text, and `save` writes it."""

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def __str__(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<picture of a network, {len(self.svg):,} characters of SVG>"

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the SVG, whole or not at all."""
        write_whole(path, self.svg.encode())


def draw_network(
    model: Callable[[Any], Any],
    x: Any,
    y: Any = None,
    show: str = "activations",
    *,
    neuron: int | None = None,
    layer: int | None = None,
    sum: bool = True,
    language: str = "en",
) -> NetworkPicture:
    """The network as columns of neurons, for one example: a picture in SVG, light or dark.

    `x` are the inputs of one example, in any shape; an image of square shape stands beside the
    first column. `y` is its label, or what the outputs should be. Columns of more than 20
    neurons are folded in the middle. `show` is one of

    - "activations": how full a circle is says how high;
    - "weights": a line for each, blue if it excites, orange if it inhibits;
    - "wishes": beside the neurons before `layer` (by default the last) stand as bars what the
      neurons of that layer ask of them, −∂C/∂a for the lesson's cost: those of one `neuron`, or
      of all, one thin bar each, and with `sum` their sum. Beside the layer stands what is asked
      of it. `nudges` has the numbers.

    Words are in English, "en", or Russian, "ru".

    Raises ValueError for another `show` or language, for wishes without a `y`, for layers and
    neurons that do not exist, and as `nudges` does.

    >>> from nn import MLP
    >>> picture = draw_network(MLP([4, 3, 2], seed=0), [1.0, 0.5, 0.0, 1.0], 1, "wishes", neuron=1)
    >>> picture.svg[:4], picture.svg.count("<circle")
    ('<svg', 9)
    """
    if show not in SHOWS:
        raise ValueError(f"show is one of {', '.join(SHOWS)}, not {show!r}")
    wishes = _of_one(model, np.asarray(x).reshape(1, -1), y, show)
    number = len(wishes.layers) if layer is None else layer
    if not 1 <= number <= len(wishes.layers):
        raise ValueError(f"there is no layer {number}: they are counted 1 to {len(wishes.layers)}")
    size = len(wishes.layers[number - 1].weights)
    if neuron is not None and not 0 <= neuron < size:
        raise ValueError(f"there is no neuron {neuron} among {size} of layer {number}")
    return NetworkPicture(_Drawing(wishes, show, number, neuron, sum, language).svg())


def _of_one(model: Callable[[Any], Any], x: Array, y: Any, show: str) -> Nudges:
    """The wishes of one example; none where it has no `y`."""
    try:
        outputs = model(x)
    except ValueError as error:
        error.args = (f"{error}; draw_network takes one example, such as x[0] of a batch",)
        raise
    outputs = np.asarray(getattr(outputs, "data", outputs))
    if y is None:
        if show == "wishes":
            raise ValueError("wishes need y, the label or what the outputs should be")
        y = outputs
    target = np.asarray(y)
    target = one_hot(target[None], outputs.shape[-1]) if not target.ndim else target[None]
    return nudges(model, quadratic_cost, x, target.reshape(1, -1))


class _Drawing:
    """The parts of one picture, from left to right."""

    def __init__(
        self, wishes: Nudges, show: str, number: int, neuron: int | None, total: bool, words: str
    ) -> None:
        self.wishes, self.show, self.number, self.neuron = wishes, show, number, neuron
        self.total, self.say = total, in_language(words)
        self.columns = [layer.activations[0] for layer in wishes.layers] + [wishes.outputs[0]]
        self.slots = [_slots(len(column)) for column in self.columns]
        self.side = math.isqrt(len(self.columns[0]))
        self.is_image = self.side**2 == len(self.columns[0]) > LONGEST
        self.parts: list[str] = []
        self.x: list[float] = []
        at = 46.0 + (_IMAGE + 40) * self.is_image
        for c in range(len(self.columns)):
            self.x.append(at)
            at += (96 if show == "wishes" else 148) + self.beside(c)
        self.width = self.x[-1] + self.beside(len(self.x) - 1) + 106

    def beside(self, c: int) -> int:
        """How wide the bars beside column c are."""
        if self.show != "wishes" or c not in (self.number - 1, self.number):
            return 0
        both = c == self.number - 1 and self.neuron is None and self.total
        return 2 * _BAR + 84 + both * (2 * _BAR + 26)

    def y(self, c: int, place: int) -> float:
        """The height of the place-th slot of a column."""
        n = len(self.slots[c])
        pitch = min(46, _HEIGHT / n)
        return _TOP + _HEIGHT / 2 + (place - (n - 1) / 2) * pitch

    # -- the whole
    def svg(self) -> str:
        for c in range(1, len(self.columns)):
            self.edges(c)
        for c in range(len(self.columns)):
            self.column(c)
        if self.is_image:
            self.image()
        if self.show == "wishes":
            asked = self.wishes.layers[self.number - 1].shares[0]
            mine = asked if self.neuron is None else asked[self.neuron : self.neuron + 1]
            self.bars(self.number - 1, mine)
            last = self.number == len(self.wishes.layers)
            here = self.wishes.output_wishes if last else self.wishes.layers[self.number].a_prev
            self.bars(self.number, here)
            legend = "to the right, blue: more, please; to the left, orange: less"
            self.text(20, _TOP + _HEIGHT + 26, self.say(legend))
        title = self.title()
        self.text(20, 28, title)
        size = f'viewBox="0 0 {self.width:.0f} {_TOP + _HEIGHT + 40}" width="{self.width:.0f}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="net" {size} role="img"'
            f' aria-label="{html.escape(title)}"><style>{_STYLE}</style>'
            f"{''.join(self.parts)}</svg>\n"
        )

    def title(self) -> str:
        say, n = self.say, len(self.wishes.layers[self.number - 1].weights)
        if self.show == "activations":
            return say("The network: the fuller a circle, the higher its activation")
        if self.show == "weights":
            return say("Its weights: blue excites, orange inhibits; the wider, the more")
        if self.neuron is None:
            text = "What all {n} of layer {i} ask of each neuron before them"
            text += ", and the sum" * self.total
        elif self.number == len(self.wishes.layers):
            text = "What output {j} asks of each neuron before it, in proportion to weights"
        else:
            text = "What neuron {j} of layer {i} asks of each before it, in proportion to weights"
        return say(text).format(n=n, i=self.number, j=self.neuron)

    # -- parts
    def text(self, x: float, y: float, text: str, anchor: str = "start") -> None:
        anchored = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self.parts.append(f'<text x="{x:.0f}" y="{y:.0f}"{anchored}>{html.escape(text)}</text>')

    def image(self) -> None:
        """The inputs as an image, in ink."""
        pixel, left = _IMAGE / self.side, 20
        top = _TOP + (_HEIGHT - _IMAGE) / 2
        highest = float(np.abs(self.columns[0]).max()) or 1.0
        for k in np.flatnonzero(self.columns[0] > 0.02 * highest).tolist():
            row, column = divmod(k, self.side)
            self.parts.append(
                f'<rect class="ink" x="{left + column * pixel:.4g}" y="{top + row * pixel:.4g}"'
                f' width="{pixel:.4g}" height="{pixel:.4g}"'
                f' fill-opacity="{self.columns[0][k] / highest:.2g}"/>'
            )
        self.parts.append(
            f'<rect class="frame" fill="none" x="{left}" y="{top}" width="{_IMAGE}"'
            f' height="{_IMAGE}"/>'
        )

    def column(self, c: int) -> None:
        values, last = self.columns[c], c == len(self.columns) - 1
        kind = "{n} outputs" if last else "{n} neurons"
        if c == 0:
            kind = "{n} pixels" if self.is_image else "{n} inputs"
        narrow = self.show == "wishes" and 0 < c < len(self.columns) - 1
        head = str(len(values)) if narrow else self.say(kind).format(n=len(values))
        self.text(self.x[c], _TOP - 34, head, "middle")
        highest = max(1.0, float(np.abs(values).max()))
        wanted = self.wishes.labels[0] if last and self.wishes.labels is not None else None
        for place, k in enumerate(self.slots[c]):
            y = self.y(c, place)
            if k is None:
                self.text(self.x[c], y + 6, "⋮", "middle")
                continue
            full = min(1.0, abs(float(values[k])) / highest)
            mark = " wanted" if k == wanted else ""
            self.parts.append(
                f'<circle class="ink{mark}" cx="{self.x[c]:.0f}" cy="{y:.1f}" r="{_RADIUS}"'
                f' fill-opacity="{full:.2f}"/>'
            )
            if last:
                at = self.x[c] + _RADIUS + 8 + self.beside(c)
                self.text(at, y + 6, f"{k}: {values[k]:.2f}")

    def edges(self, c: int) -> None:
        """Lines from column c - 1 to column c: one path for all of one look."""
        weights = self.wishes.layers[c - 1].weights
        wishing = self.show == "wishes" and c == self.number
        strength = np.zeros(weights.shape)
        if self.show == "weights":
            strength = weights / (float(np.abs(weights).max()) or 1.0)
        elif wishing:
            strength = self.wishes.layers[c - 1].shares[0].copy()
            if self.neuron is not None:
                strength[np.arange(len(strength)) != self.neuron] = 0
            strength /= float(np.abs(strength).max()) or 1.0
        looks: dict[str, list[str]] = {}
        start, end = self.x[c - 1] + _RADIUS + self.beside(c - 1), self.x[c] - _RADIUS
        for a, k in enumerate(self.slots[c - 1]):
            for b, j in enumerate(self.slots[c]):
                if k is None or j is None:
                    continue
                size = float(strength[j, k])
                look = 'class="faint"'
                if size:
                    width = _WIDTHS[min(3, int(4 * abs(size)))]
                    look = f'class="{_way(size)}" stroke-width="{width}"'
                line = f"M{start:.0f} {self.y(c - 1, a):.0f}L{end:.0f} {self.y(c, b):.0f}"
                looks.setdefault(look, []).append(line)
        self.parts += [f'<path {look} d="{"".join(lines)}"/>' for look, lines in looks.items()]

    def bars(self, c: int, asked: Array) -> None:
        """Beside each neuron of column c what each row asks of it, and their sum."""
        shown = [k for k in self.slots[c] if k is not None]
        zero = self.x[c] + _RADIUS + 10 + _BAR
        if len(asked) > 1:
            self.rows(c, zero, asked, float(np.abs(asked[:, shown]).max()))
            self.text(zero, _TOP - 10, self.say("one by one"), "middle")
            zero += 2 * _BAR + 26
        if len(asked) == 1 or self.total:
            summed = asked.sum(0, keepdims=True)
            self.rows(c, zero, summed, float(np.abs(summed[:, shown]).max()))
            if len(asked) > 1:
                self.text(zero, _TOP - 10, self.say("their sum"), "middle")
            numbers = figures([float(summed[0, k]) for k in shown])
            places = [p for p, k in enumerate(self.slots[c]) if k is not None]
            for place, number in zip(places, numbers, strict=True):
                self.text(zero + _BAR + 6, self.y(c, place) + 6, number)

    def rows(self, c: int, zero: float, asked: Array, limit: float) -> None:
        """Bars to the right of `zero` and to its left, one under the other for each row."""
        ends = self.y(c, 0) - 14, self.y(c, len(self.slots[c]) - 1) + 14
        height = 14 if len(asked) == 1 else 26 / len(asked)
        for place, k in enumerate(self.slots[c]):
            if k is None:
                continue
            top = self.y(c, place) - height * len(asked) / 2
            for row, wish in enumerate(asked[:, k].tolist()):
                length = _BAR * wish / (limit or 1.0)
                self.parts.append(
                    f'<rect class="{_way(wish)}" x="{min(zero, zero + length):.1f}"'
                    f' y="{top + row * height:.1f}" width="{abs(length):.1f}"'
                    f' height="{height - 0.4 * (len(asked) > 1):.1f}"/>'
                )
        self.parts.append(
            f'<line class="line" x1="{zero:.0f}" y1="{ends[0]:.0f}" x2="{zero:.0f}"'
            f' y2="{ends[1]:.0f}"/>'
        )


def _slots(n: int) -> Sequence[int | None]:
    """The neurons of a column from top to bottom, and None for those that are folded."""
    return [*range(n)] if n <= LONGEST else [*range(ENDS), None, *range(n - ENDS, n)]


def _way(wish: float) -> str:
    return "up" if wish > 0 else "down"
