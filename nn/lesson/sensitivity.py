"""How sensitive the cost is to each weight and bias, compared, and tried.

This file knows gradients by entry (`W1[7, 402]`) and how surely a batch tells them. It must not
know layers or activations; those are read in `nudges`.
"""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from autograd_mini import Value, no_grad
from autograd_mini.notebook import Table, Tabled
from autograd_mini.words import Say, in_language
from nn.lesson.nudges import Array, LayerNudges, Nudges, nudges
from nn.lesson.text import entry_name, figures, locate

SURELY = 2.0
"""Standard errors by which two entries must differ for the difference to be announced."""


class Entry(NamedTuple):
    """One weight or bias: ∂C/∂(entry), and the standard error of that average over the batch."""

    name: str
    gradient: float
    error: float

    @property
    def told_from_zero(self) -> bool:
        """Whether the gradient is further from 0 than the examples' disagreement explains."""
        return abs(self.gradient) > SURELY * self.error


class Comparison(NamedTuple):
    """How many times as sensitive the cost is to `entry` as to `against`.

    `times` is |gradient of entry| / |gradient of against|, and nan where the latter is 0; `error`
    is its standard error (delta method, on the same examples). `told_apart` says whether the two
    sizes differ by more than `SURELY` standard errors of their difference.
    """

    entry: Entry
    against: Entry
    times: float
    error: float
    told_apart: bool
    language: str = "en"

    def __str__(self) -> str:
        say = in_language(self.language)
        big, small = abs(self.entry.gradient), abs(self.against.gradient)
        names = {"one": self.entry.name, "other": self.against.name}
        text = say("{one} against {other}: {big} against {small}")
        text = text.format(**names, big=f"{big:.3g}", small=f"{small:.3g}")
        if not small:
            why = "the second has no slope here, so there is nothing to divide by"
            return f"{text}; {say(why)}"
        times = say("{n} times")
        if math.isnan(self.error):
            return f"{text}: {times.format(n=f'{self.times:.3g}')}, {say('for this one example')}"
        if not self.against.told_from_zero:
            why = "this batch cannot tell the second from 0, so no multiple is given"
            return f"{text}; {say(why)}"
        text += f": {times.format(n=f'{self.times:.3g} ± {self.error:.2g}')}"
        return text if self.told_apart else f"{text}, {say('a difference that may be chance')}"


class Trial(NamedTuple):
    """What adding `by` to an entry does to the cost: by the gradient, and when tried.

    `predicted` is gradient × by. `resolution` is about the smallest change that the cost can show
    in its dtype; where `actual` is not well above it, rounding is what one sees.
    """

    name: str
    by: float
    predicted: float
    actual: float
    resolution: float
    language: str = "en"

    def __str__(self) -> str:
        say = in_language(self.language)
        predicted, actual = figures([self.predicted, self.actual])
        text = say("C changes by {actual} (predicted {predicted})")
        text = f"{self.name} {self.by:+g}: {text.format(actual=actual, predicted=predicted)}"
        if abs(self.predicted) < 10 * self.resolution:
            near = say("near the {size} that rounding alone may change")
            text += f", {near.format(size=f'{self.resolution:.1g}')}"
        return text


@dataclass(frozen=True, eq=False)
class Sensitivities(Tabled):
    """The gradient of a cost entry by entry: what `sensitivities` returns.

    `gradients` and `errors` have, under the names W1, b1, W2, …, arrays of the shape of each
    parameter: ∂C/∂(entry) for the batch, and the standard error of that average of n examples
    (float64; nan for a single example). The errors tell how far the batch may lie from all the
    examples it was drawn from. `zeros` counts the entries whose gradient is exactly 0.
    """

    model: Callable[[Any], Any]
    cost: Callable[[Any, Any], Any]
    wishes: Nudges
    gradients: dict[str, Array]
    errors: dict[str, Array]

    def __len__(self) -> int:
        return sum(g.size for g in self.gradients.values())

    def __repr__(self) -> str:
        return f"Sensitivities({len(self):,} entries, {len(self.wishes)} examples)"

    @property
    def zeros(self) -> int:
        """How many entries have a gradient of exactly 0, such as those of pixels never inked."""
        return len(self) - len(self._order)

    def __getitem__(self, name: str) -> Entry:
        array, index = self._locate(name)
        gradient, error = self.gradients[array][index], self.errors[array][index]
        return Entry(entry_name(array, index), float(gradient), float(error))

    def _locate(self, name: str) -> tuple[str, tuple[int, ...]]:
        return locate(name, {array: g.shape for array, g in self.gradients.items()})

    def ranking(self, count: int | None = None) -> list[Entry]:
        """The `count` entries of largest gradient in size, the largest first; all, without one.

        Entries of gradient 0 are left out.
        """
        return [self._at(flat) for flat in self._order[:count]]

    @functools.cached_property
    def _order(self) -> Array:
        """Places of the entries that are not 0, the largest first, in all of them end to end."""
        sizes = self._sizes
        return np.argsort(-sizes, kind="stable")[: np.count_nonzero(sizes)]

    @functools.cached_property
    def _sizes(self) -> Array:
        return np.concatenate([np.abs(g).ravel() for g in self.gradients.values()])

    def _at(self, flat: int) -> Entry:
        ends = np.cumsum([g.size for g in self.gradients.values()])
        i = int(np.searchsorted(ends, flat, "right"))
        name, g = list(self.gradients.items())[i]
        index = np.unravel_index(flat - (ends[i] - g.size), g.shape)
        return self[entry_name(name, [int(i) for i in index])]

    @functools.cached_property
    def _significant(self) -> Array:
        """The part of `_order` that this batch tells from 0: all of it, if it cannot judge."""
        errors = np.concatenate([e.ravel() for e in self.errors.values()])
        noise = np.nan_to_num(SURELY * errors[self._order], nan=0.0)
        return self._order[self._sizes[self._order] > noise]

    def compare(self, name: str, against: str, *, language: str = "en") -> Comparison:
        """One entry as a multiple of another.

        Raises ValueError for an entry that does not exist.

        >>> from nn import MLP, quadratic_cost
        >>> x = np.array([[0.1, 0.8], [0.2, 0.7], [0.1, 0.9]], np.float32)
        >>> model = MLP([2, 1], seed=0)
        >>> s = sensitivities(model, quadratic_cost, x, np.ones((3, 1)))
        >>> print(s.compare("W1[0, 1]", "W1[0, 0]"))
        W1[0, 1] against W1[0, 0]: 0.233 against 0.0386: 6.03 ± 1.9 times
        """
        entry, other = self[name], self[against]
        if not other.gradient:
            return Comparison(entry, other, math.nan, math.nan, False, language)
        times = abs(entry.gradient / other.gradient)
        ours = self._column(entry.name) * np.sign(entry.gradient)
        theirs = self._column(other.name) * np.sign(other.gradient)
        error = _standard_error(ours - times * theirs) / abs(other.gradient)
        gap = abs(entry.gradient) - abs(other.gradient)
        apart = abs(gap) > SURELY * _standard_error(ours - theirs)
        return Comparison(entry, other, times, error, bool(apart), language)

    def _column(self, name: str) -> Array:
        """∂C_k/∂(entry) for every example k, in float64."""
        return -np.asarray(self.wishes.row(name)[:-1], np.float64)

    def nudge(self, name: str, by: float, *, language: str = "en") -> Trial:
        """Add `by` to one entry, see how the cost of the batch changes, and take it back.

        Raises ValueError for an entry that does not exist, or if the model has been given other
        weights since.
        """
        array, index = self._locate(name)
        layer = self.wishes.layers[int(array[1:]) - 1]
        p, used = _parameter(layer, array)
        before, _ = p.peek()
        if not np.array_equal(before, used):
            raise ValueError(f"{array} has other numbers since; compute the sensitivities anew")
        old = self._cost_now()
        changed = np.array(before)
        changed[index] += by
        try:
            p.data = changed
            new = self._cost_now()
        finally:
            p.replace(before)
        entry = self[name]
        resolution = float(np.finfo(p.dtype).eps) * abs(old)
        return Trial(entry.name, by, entry.gradient * by, new - old, resolution, language)

    def _cost_now(self) -> float:
        with no_grad():
            return float(self.cost(self.model(self.wishes.x), self.wishes.y).item())

    def table(self, rows: int = 10, against: str | None = None, *, language: str = "en") -> Table:
        """The ranking as text: the `rows` largest entries as multiples of one entry.

        That is `against`, or else the middle one of those whose gradient is told from 0.

        Raises ValueError if `against` does not exist or has gradient 0.
        """
        say = in_language(language)
        if not len(self._order):
            text = say("All {n} entries have gradient 0: no small nudge changes the cost.")
            return Table(text.format(n=f"{len(self):,}"), [])
        sure = self._significant if len(self._significant) else self._order
        reference = self._at(sure[len(sure) // 2]) if against is None else self[against]
        if not reference.gradient:
            raise ValueError(f"{reference.name} has gradient 0: nothing can be a multiple of it")
        heads = say("rank"), say("entry"), say("∂C/∂entry"), "", say("times {name}")
        lines = [[*heads[:4], heads[4].format(name=reference.name), "", ""]]
        lines += [self._line(i, e, reference, say) for i, e in enumerate(self.ranking(rows), 1)]
        rank = 1 + int(np.count_nonzero(self._sizes > abs(reference.gradient)))
        if rank > rows:
            lines += [["…"], self._line(rank, reference, reference, say)]
        return Table(f"{self._heading(say)}\n\n", lines)

    def _line(self, rank: int, entry: Entry, reference: Entry, say: Say) -> list[str]:
        gradient, error = figures([entry.gradient, entry.error])
        line = [str(rank), entry.name, gradient, error.replace("+", "± ")]
        comparison = self.compare(entry.name, reference.name)
        if len(self.wishes) == 1:
            return [*line[:3], "", f"{comparison.times:.3g}", "", ""]
        if entry.name == reference.name:
            return [*line, "1", "", ""]
        note = "" if comparison.told_apart else say("may be chance")
        return [*line, f"{comparison.times:.3g}", f"± {comparison.error:.2g}", note]

    def _heading(self, say: Say) -> str:
        n, zeros, unsure = len(self.wishes), self.zeros, len(self._order) - len(self._significant)
        of = say("{n} examples" if n > 1 else "{n} example").format(n=n)
        text = say("How steeply the cost of {of} changes with each of {all} weights and biases.")
        lines = [text.format(of=of, all=f"{len(self):,}")]
        if zeros:
            text = say("{n} have gradient exactly 0 and stand in no ranking.")
            lines.append(text.format(n=f"{zeros:,}"))
        if unsure:
            text = say("Of {n} more, this batch cannot tell the gradient from 0.")
            lines.append(text.format(n=f"{unsure:,}"))
        if n == 1:
            lines.append(
                say("One example gives no standard error: other examples may say otherwise.")
            )
        return "\n".join(lines)


def sensitivities(
    model: Callable[[Any], Any], cost: Callable[[Any, Any], Any], x: Any, y: Any
) -> Sensitivities:
    """How sensitive `cost(model(x), y)` is to each weight and bias of the model's layers.

    Arguments and errors are those of `nudges`.

    >>> from nn import MLP, quadratic_cost
    >>> model = MLP([2, 1], seed=0, dtype=np.float64)
    >>> s = sensitivities(model, quadratic_cost, np.array([[1.0, 0.0]]), [[0.0]])
    >>> s.zeros, [entry.name for entry in s.ranking()]
    (1, ['W1[0, 0]', 'b1[0]'])
    >>> print(s.nudge("b1[0]", 0.01))
    b1[0] +0.01: C changes by +0.00287 (predicted +0.00287)
    """
    wishes = nudges(model, cost, x, y)
    gradients: dict[str, Array] = {}
    errors: dict[str, Array] = {}
    for layer in wishes.layers:
        for array in sorted(layer.shapes):
            gradients[array], errors[array] = _moments(layer, array[0])
    return Sensitivities(model, cost, wishes, gradients, errors)


def _moments(layer: LayerNudges, letter: str) -> tuple[Array, Array]:
    """Mean and standard error over the examples, in float64, without an array for each."""
    z, a = np.asarray(layer.z, np.float64), np.asarray(layer.activations, np.float64)
    n = len(z)
    if letter == "b":
        mean, square = z.mean(0), (z * z).mean(0)
    else:  # an example's wish for W is the product of two vectors, and so is its square
        mean, square = z.T @ a / n, (z * z).T @ (a * a) / n
    if n == 1:
        return -mean, np.full_like(mean, np.nan)
    return -mean, np.sqrt(np.maximum(square - mean * mean, 0) / (n - 1))


def _standard_error(numbers: Array) -> float:
    if len(numbers) == 1:
        return math.nan
    return float(numbers.std(ddof=1)) / math.sqrt(len(numbers))


def _parameter(layer: LayerNudges, array: str) -> tuple[Value, Array]:
    p = layer.parameters[array[0]]
    used = layer.weights if array[0] == "W" else layer.biases
    if p is None or p.op is not None or used is None:
        raise ValueError(f"{array} is computed or constant, so it cannot be nudged by itself")
    return p, used
