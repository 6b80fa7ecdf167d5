"""Pictures of a training run and of what the trained network looks for, gets right and confuses.

This file knows histories, weights, and what a model says of images; it must not know how models
are trained.
"""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_mini import Value, no_grad
from autograd_mini.words import Say, in_language
from nn.model.module import Module
from nn.pictures.figure import (
    BLUE,
    ORANGE,
    Array,
    colours,
    matplotlib,
    new_figure,
    show_ink,
    show_weights,
)
from nn.training.history import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEAST = 1e-4  # none at all is drawn as one in 10,000, as a logarithmic scale has no zero


def draw_training(history: History, weights: Array, *, title: str = "") -> "Figure":
    """How a run on square images went, and what the first layer looks for.

    On the left, the share of training and validation images that are read wrongly, by epoch; on
    the right, each row of `weights`, shape (neurons, side * side), as an image: where ink excites
    the neuron, where it silences it, and where it makes no difference.

    Raises ImportError if Matplotlib is missing, and ValueError for weights of another shape.
    """
    side = math.isqrt(weights.shape[-1]) if weights.ndim == 2 else 0
    if not weights.size or weights.shape != (len(weights), side * side):
        raise ValueError(
            f"weights from square images have shape (n, side * side), not {weights.shape}"
        )
    figure = new_figure(12, 6.8)
    engine: Any = figure.get_layout_engine()
    engine.set(w_pad=0.1, h_pad=0.1)
    figure.suptitle(title, fontsize=16)
    parts: Any = figure.subfigures(1, 2, width_ratios=(1, 1.15))
    left, right = parts
    _draw_mistakes(left.subplots(), history)
    show_weights(right, weights, "What each neuron of the first layer looks for: its weights")
    return figure


def _draw_mistakes(axes: Any, history: History) -> None:
    epochs = np.arange(1, len(history.epochs) + 1)
    lines = (
        ("accuracy", "training digits, while it learns from them", ORANGE, "--"),
        ("validation_accuracy", "test digits, which it never learns from", BLUE, "-"),
    )
    for name, label, colour, style in lines:
        wrong = np.maximum(1 - np.array(history.column(name)), LEAST)
        if np.isfinite(wrong).any():
            axes.plot(epochs, wrong, style, color=colour, label=label, lw=2, marker=".")
            axes.annotate(f" {wrong[-1]:.1%}", (epochs[-1], wrong[-1]), color=colour, va="center")
    axes.set_title("How many digits it reads wrongly")
    axes.set_xlabel("epochs: passes over all the training digits")
    axes.set_xlim(right=max(len(epochs), 1) * 1.1)
    ticks = matplotlib("ticker")
    axes.xaxis.set_major_locator(ticks.MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    axes.grid(alpha=0.3)
    if axes.lines:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(ticks.LogLocator(subs=(1, 2, 3, 5)))
        axes.yaxis.set_major_formatter(ticks.PercentFormatter(1, decimals=None))
        axes.yaxis.set_minor_locator(ticks.NullLocator())
        axes.legend()


def draw_neurons(model: Module, images: Array, labels: Array, *, language: str = "en") -> "Figure":
    """What a trained network looks for and where it errs, on images it is shown.

    Three parts: the weights of up to 16 first neurons as images; of each class the image that it
    is surest of, and those that it is most wrong about, by how far the output of the right class
    lies above or below the largest other; and the confusion table. `images` has shape (n, pixels),
    `labels` whole numbers of shape (n,). Words are in English, "en", or Russian, "ru".

    Raises ValueError for no images, labels that do not fit, and a model without a layer of weights
    for the pixels; ImportError without Matplotlib.
    """
    weights, outputs = _looked_at(model, images, labels)
    say = in_language(language)
    figure = new_figure(9.8, 4.8)
    parts: Any = figure.subfigures(1, 3, width_ratios=[1, 1.05, 1.1])
    left, middle, right = parts
    show_weights(left, weights[:16], say("What the first neurons look for"), 7, say)
    _draw_surest_and_worst(middle, outputs, images, labels, say)
    _draw_confusion(right.subplots(), outputs, labels, say)
    return figure


def draw_gradients(model: Module, C: Value, *, language: str = "en") -> "Figure":
    """The sizes of values and gradients, layer by layer, on a scale of powers of ten.

    A gradient that fades on its way back gives bars that shrink towards the first layer, one that
    explodes bars that grow. The value of a layer is the root mean square of its results, the
    gradient the length of that of all its parameters. `C` is a cost that `model` was part of, of
    which `backward` need not have been called. Words are in English, "en", or Russian, "ru".

    Raises ValueError if no layer of the model is in the graph of `C`; ImportError without
    Matplotlib.
    """
    from autograd_mini import layer_sizes  # few ask for it, and it loads what pictures need

    sizes, say = layer_sizes(C, model.named_parameters()), in_language(language)
    if not sizes:
        raise ValueError("no parameter of the model is in the graph of the cost")
    figure = new_figure(8.0, 1.1 + 0.32 * len(sizes))
    both: Any = figure.subplots(1, 2, sharey=True)
    titles = say("value, root mean square"), say("gradient of its parameters, length")
    for axes, title, numbers, colour in zip(
        both, titles, zip(*sizes.values(), strict=True), (BLUE, ORANGE), strict=True
    ):
        known = [x for x in numbers if 0 < x < math.inf]
        least = min(known, default=1.0) / 3
        axes.barh(range(len(numbers)), [max(x, least) for x in numbers], color=colour, left=0)
        axes.set_xscale("log")
        axes.set_xlim(least, max(known, default=1.0) * 30)
        for k, x in enumerate(numbers):
            axes.annotate(f" {x:.2g}", (max(x, least), k), va="center", fontsize=8)
        axes.set_title(title, fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
    both[0].set_yticks(range(len(sizes)), list(sizes), fontsize=9)
    both[0].invert_yaxis()
    return figure


def _looked_at(model: Module, images: Array, labels: Array) -> tuple[Array, Array]:
    """The first layer's weights, and the outputs; ValueError for what cannot be shown."""
    if np.ndim(images) != 2 or not len(images):
        raise ValueError(f"images have shape (n, pixels), n at least 1, not {np.shape(images)}")
    with no_grad():
        outputs = np.asarray(model(images).data)
    n, classes = outputs.shape
    whole = np.asarray(labels).dtype.kind in "iu"
    if (
        np.shape(labels) != (n,)
        or not whole
        or not 0 <= np.min(labels) <= np.max(labels) < classes
    ):
        raise ValueError(
            f"the labels of {n} images are whole numbers from 0 to {classes - 1}, of shape ({n},)"
        )
    for p in model.parameters():
        if p.ndim == 2 and p.shape[1] == images.shape[1]:
            return np.asarray(p.data), outputs
    raise ValueError(f"the model has no layer of weights for {images.shape[1]} pixels")


def _draw_surest_and_worst(
    figure: Any, outputs: Array, images: Array, labels: Array, say: Say
) -> None:
    rows = np.arange(len(labels))
    said = outputs.argmax(1)
    right = outputs[rows, labels]
    others = outputs.copy()
    others[rows, labels] = -np.inf
    lead = right - others.max(1)
    best = [int(np.where(labels == c, lead, -np.inf).argmax()) for c in np.unique(labels)[:10]]
    surest = [k for k in best if said[k] == labels[k]]
    wrong = [k for k in np.argsort(lead, kind="stable")[:10] if said[k] != labels[k]]
    above, below = figure.subfigures(2, 1)
    head = say("Surest of, class by class")
    _show_several(above, head, images[surest], [f"{said[k]}" for k in surest])
    titles = [say("said {j}, is {k}").format(j=said[k], k=labels[k]) for k in wrong]
    head = say("Most wrong about" if wrong else "Wrong about none")
    _show_several(below, head, images[wrong], titles)


def _show_several(figure: Any, title: str, images: Array, titles: list[str]) -> None:
    figure.suptitle(title, fontsize=10)
    for i, axes in enumerate(figure.subplots(2, 5).ravel()):
        axes.set_axis_off()
        if i < len(titles):
            show_ink(axes, images[i], titles[i], 7)


def _draw_confusion(axes: "Axes", outputs: Array, labels: Array, say: Say) -> None:
    classes = outputs.shape[1]
    table = np.zeros((classes, classes), int)
    np.add.at(table, (labels, outputs.argmax(1)), 1)
    errors = table * ~np.eye(classes, dtype=bool)
    axes.imshow(errors, cmap=colours("white", ORANGE), vmax=max(errors.max(), 1) * 1.3)
    for i, j in np.ndindex(table.shape):
        if table[i, j]:
            weight = "bold" if i == j else "normal"
            text = axes.text(j, i, f"{table[i, j]}", ha="center", va="center", size=7)
            text.set(weight=weight, color="#222222")
    axes.set_xticks(range(classes))
    axes.set_yticks(range(classes))
    axes.tick_params(labelsize=8, length=0)
    axes.set_xlabel(say("what the network said"), fontsize=9)
    axes.set_ylabel(say("what it was"), fontsize=9)
    share = np.mean(outputs.argmax(1) == labels)
    title = say("{n} images, {share} right (bold)")
    axes.set_title(title.format(n=f"{len(labels):,}", share=f"{share:.1%}"), fontsize=10)
