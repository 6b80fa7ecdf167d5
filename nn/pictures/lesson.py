"""Pictures of nudges, descents and activations, each a Matplotlib Figure.

This file knows what to read from the results of the other files. It must not know how any of
those numbers are computed.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_mini import Value, gradient_table, ops
from autograd_mini.words import Say, in_language
from nn.lesson.descents import Descents
from nn.lesson.nudges import Nudges
from nn.pictures.figure import (
    BLUE,
    DARK,
    GREY,
    ORANGE,
    matplotlib,
    new_figure,
    show_ink,
    show_signed,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


# ------------------------------------------------------------------------------------- nudges
def draw_nudges(
    nudges: Nudges, k: int = 0, neuron: int | None = None, *, language: str = "en"
) -> "Figure":
    """A picture of example k: itself, its outputs with arrows, its wishes for weights.

    The weights are those of one neuron of layer 1, by default the one with the largest wish. Words
    are in English, "en", or Russian, "ru".

    Raises ValueError for an example or a neuron that does not exist, and ImportError without
    Matplotlib.
    """
    first = nudges.layers[0]
    if not 0 <= k < len(nudges):
        raise ValueError(f"there is no example {k} among {len(nudges)}, counted from 0")
    j = int(np.abs(first.z[k]).argmax()) if neuron is None else neuron
    if not 0 <= j < len(first.weights):
        raise ValueError(f"there is no neuron {j} among {len(first.weights)} of layer 1")
    say = in_language(language)
    figure = new_figure(8.6, 3.5)
    parts: Any = figure.subplots(1, 3, width_ratios=[1, 1.7, 1.15])
    left, middle, right = parts
    words = "example {k}\ncost {C}" if nudges.labels is None else "example {k}, a {y}\ncost {C}"
    label = None if nudges.labels is None else nudges.labels[k]
    title = say(words).format(k=k, y=label, C=f"{nudges.costs[k]:.3g}")
    show_ink(left, nudges.x[k].ravel(), title)
    _draw_outputs(middle, nudges, k, label, say)

    wishes = first.z[k, j] * first.activations[k]
    limit = float(np.abs(wishes).max()) or 1.0
    way = say("up" if first.z[k, j] > 0 else "down")
    title = say("its wishes for the weights into neuron {j}\nof layer 1: all {way}")
    shown = show_signed(right, wishes, limit, title.format(j=j, way=way))
    bar = figure.colorbar(shown, ax=right, shrink=0.75, ticks=[-limit, 0, limit])
    bar.ax.set_yticklabels([f"{-limit:.1g}", "0", f"{limit:.1g}"], fontsize=8)
    right.set_xlabel(
        say("strongest where the stroke is:\nwish = neuron's wish × pixel"), fontsize=8
    )
    return figure


def _draw_outputs(axes: "Axes", nudges: Nudges, k: int, label: int | None, say: Say) -> None:
    """A bar for each output, on it an arrow as long as the wish, and a line where it should be."""
    outputs, wishes = nudges.outputs[k], nudges.output_wishes[k]
    places = np.arange(len(outputs))
    axes.bar(places, outputs, color="#D8D8D8", edgecolor=GREY, width=0.7)
    span = max(1.0, float(np.ptp([0, *outputs])))
    scale = 0.45 * span / (float(np.abs(wishes).max()) or 1.0)
    for place, output, wish in zip(places, outputs, wishes, strict=True):
        colour = BLUE if wish > 0 else ORANGE
        style = {"arrowstyle": "-|>", "color": colour, "lw": 2.0, "shrinkA": 0, "shrinkB": 0}
        tip = output + scale * wish
        axes.annotate("", (place, tip), (place, output), arrowprops=style)
    if label is not None:
        wanted = (places == label).astype(float)
        axes.hlines(wanted, places - 0.42, places + 0.42, color=DARK, lw=1.6)
    ends = [0, *outputs, *(outputs + scale * wishes)]
    margin = 0.08 * span
    axes.set_ylim(min(ends) - margin, max(ends) + margin)
    axes.axhline(0, color=GREY, lw=0.8)
    axes.set_xticks(places)
    axes.set_xlabel(say("output"), fontsize=9)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    title = say("its outputs (bars), where they should be (lines),\nand its wishes (arrows)")
    axes.set_title(title, fontsize=9)


# ----------------------------------------------------------------------------------- descents
def draw_descents(descents: Descents, *, language: str = "en") -> "Figure":
    """A picture of both paths on the cost surface of their plane, cosine, and cost by time.

    Darker is higher. Words are in English, "en", or Russian, "ru".

    Raises ImportError without Matplotlib.
    """
    say = in_language(language)
    figure = new_figure(8.8, 6.4)
    parts: Any = figure.subfigures(2, 1, height_ratios=[1.35, 1])
    above, below = parts
    _draw_plane(above.subplots(), above, descents, say)
    left, right = below.subplots(1, 2)
    _draw_cosines(left, descents, say)
    _draw_costs(right, descents, say)
    for axes in (left, right):
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _draw_plane(axes: "Axes", figure: Any, descents: Descents, say: Say) -> None:
    surface = descents.surface()
    ticker = matplotlib("ticker")
    highest = 1.05 * max(d.costs.max() for d in (descents.mini, descents.full))
    levels = ticker.MaxNLocator(16).tick_values(surface.costs.min(), highest)
    shades = axes.contourf(
        surface.u, surface.v, surface.costs, levels, cmap="Greys", alpha=0.75, extend="max"
    )
    bar = figure.colorbar(shades, ax=axes, shrink=0.9, aspect=25)
    bar.ax.tick_params(labelsize=8)
    few = surface.examples < len(descents.x)
    words = say("cost on the plane\n(of {n} examples)" if few else "cost on the plane")
    bar.set_label(words.format(n=f"{surface.examples:,}"), fontsize=9)
    paths = (
        (descents.full, BLUE, "all examples: {n} steps", 3.0),
        (descents.mini, ORANGE, "mini-batches: {n} steps", 1.2),
    )
    for descent, colour, words, width in paths:
        name = say(words).format(n=descent.steps[-1])
        points = descents.on_plane(descent)
        axes.plot(*points.T, color=colour, lw=width, label=name)
        axes.plot(*points[-1], "o", color=colour, mec="white", ms=8)
    axes.plot(0, 0, "s", color="black", mec="white", ms=8, label=say("start"))
    axes.set_aspect("equal")
    axes.tick_params(labelsize=8)
    axes.legend(fontsize=8, framealpha=0.9)
    far = max(descents.off_plane(d).max() for d in (descents.mini, descents.full))
    title = say(
        "Two descents from one start, on the plane through the start and both ends\n"
        "(axes are distances between weights; on the way the paths leave it by up to {far})"
    )
    axes.set_title(title.format(far=f"{far:.2g}"), fontsize=9)


def _draw_cosines(axes: "Axes", descents: Descents, say: Say) -> None:
    steps, cosines = descents.mini.steps[:-1], descents.cosines
    axes.plot(steps, cosines, ".", color=ORANGE, ms=3, label=say("one mini-batch"))
    window = min(max(len(cosines) // 20, 5), len(cosines))
    smooth = np.convolve(cosines, np.full(window, 1 / window), "valid")
    start = (window - 1) // 2
    axes.plot(steps[start : start + len(smooth)], smooth, color=DARK, lw=1.5, label=say("mean"))
    axes.axhline(0, color=GREY, lw=0.8)
    axes.set_ylim(min(-0.1, cosines.min()) - 0.25, 1.05)
    axes.set_xlabel(say("mini-batch steps taken"), fontsize=9)
    title = say(
        "Cosine between a mini-batch's step and that of all examples\n"
        "(1: the same direction, 0: a right angle)"
    )
    axes.set_title(title, fontsize=9)
    axes.legend(fontsize=8, frameon=False, ncols=2, loc="lower left")


def _draw_costs(axes: "Axes", descents: Descents, say: Say) -> None:
    names = (
        say("mini-batches of {n}").format(n=descents.batch_size),
        say("all {n} examples").format(n=f"{len(descents.x):,}"),
    )
    paths = (descents.mini, descents.full)
    for descent, colour, name in zip(paths, (ORANGE, BLUE), names, strict=True):
        axes.plot(descent.seconds[1:], descent.costs[1:], color=colour, lw=1.8, label=name)
    axes.set_xscale("log")
    axes.set_ylim(0, 1.05 * max(d.costs[1:].max() for d in paths))
    axes.set_xlabel(say("seconds spent on steps"), fontsize=9)
    title = say(
        "Cost after each step, by time (it was {C} at the start)\n"
        "(from one long tick to the next, ten times as long)"
    )
    axes.set_title(title.format(C=f"{descents.mini.costs[0]:.3g}"), fontsize=9)
    axes.legend(fontsize=8, frameon=False)


# -------------------------------------------------------------------------------- activations
def draw_activations(
    names: tuple[str, ...] = ("step", "sigmoid", "tanh", "relu", "softplus"),
    *,
    language: str = "en",
) -> "Figure":
    """Each activation of those names with its derivative, as the ops of the table have them.

    A declared derivative, such as that of step, is dashed and says so. Words are in English, "en",
    or Russian, "ru".

    Raises ValueError for a name that is no op of the table, and ImportError without Matplotlib.

    >>> figure = draw_activations(("sigmoid", "tanh"))
    >>> [axes.get_title() for axes in figure.axes]
    ['sigmoid', 'tanh']
    """
    for name in names:
        if name not in ops.TABLE:
            raise ValueError(f"there is no op {name!r}; ops.TABLE lists all")
    say = in_language(language)
    figure = new_figure(1.9 * len(names), 2.7)
    z = Value(np.linspace(-4, 4, 801))
    grid = figure.subplots(1, len(names), sharey=True, squeeze=False)
    for axes, name in zip(grid[0], names, strict=True):
        a = ops.TABLE[name](z)
        slope = gradient_table(a, np.ones(z.shape))[z]
        declared = a.op.declared is not None
        axes.axhline(0, color=GREY, lw=0.6)
        axes.axvline(0, color=GREY, lw=0.6)
        axes.plot(z.data, a.data, color=BLUE, lw=2, label="a = f(z)")
        style, note = ("--", say("taken as 1")) if declared else ("-", "f′(z)")
        axes.plot(z.data, slope, style, color=ORANGE, lw=2, label=note)
        axes.set_title(name, fontsize=10)
        axes.set_ylim(-1.2, 2.2)
        axes.set_xlabel("z", fontsize=9)
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(fontsize=8, frameon=False, loc="upper left")
    return figure
