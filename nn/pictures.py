"""Pictures of a training run: how it went, and what the first layer's neurons look for.

This file knows Matplotlib (of the extra `mnist`), histories and arrays of weights; it must not
know models or how they are trained.
"""

import importlib
import math
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.training import History

BLUE, ORANGE = "#0072B2", "#E69F00"  # of Okabe and Ito's palette, which colour-blind eyes can read
LEAST = 1e-4  # none at all is drawn as one in 10,000, as a logarithmic scale has no zero


def draw_training(
    path: str | os.PathLike[str], history: History, weights: NDArray[Any], *, title: str = ""
) -> None:
    """Write a picture (PNG, SVG or PDF, by the ending of `path`) of a run on square images.

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
    try:
        figures = importlib.import_module("matplotlib.figure")
    except ImportError as missing:
        cure = "pip install 'autograd-mini[mnist]'"
        raise ImportError(f"pictures need Matplotlib: {cure}") from missing
    figure = figures.Figure(figsize=(12, 6), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.1, h_pad=0.1)
    figure.suptitle(title, fontsize=16)
    left, right = figure.subfigures(1, 2, width_ratios=(1, 1.15))
    _draw_mistakes(left.subplots(), history)
    _draw_neurons(right, weights.reshape(-1, side, side))
    figure.savefig(path, dpi=120)


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
    ticks = importlib.import_module("matplotlib.ticker")
    axes.xaxis.set_major_locator(ticks.MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    axes.grid(alpha=0.3)
    if axes.lines:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(ticks.LogLocator(subs=(1, 2, 3, 5)))
        axes.yaxis.set_major_formatter(ticks.PercentFormatter(1, decimals=None))
        axes.yaxis.set_minor_locator(ticks.NullLocator())
        axes.legend()


def _draw_neurons(figure: Any, images: NDArray[Any]) -> None:
    columns = math.ceil(math.sqrt(len(images)))
    grid = figure.subplots(math.ceil(len(images) / columns), columns, squeeze=False)
    colours = importlib.import_module("matplotlib.colors").LinearSegmentedColormap
    signed = colours.from_list("signed", [ORANGE, "white", BLUE])
    bound = float(np.quantile(np.abs(images), 0.99)) or 1.0
    for axes in grid.flat:
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_frame_on(False)
    for i, (axes, image) in enumerate(zip(grid.flat, images, strict=False), 1):
        shown = axes.imshow(image, cmap=signed, vmin=-bound, vmax=bound)
        axes.set_frame_on(True)
        axes.set_xlabel(f"neuron {i}", fontsize=8, labelpad=2)
    figure.suptitle("What each neuron of the first layer looks for: its weights", fontsize=12)
    bar = figure.colorbar(shown, ax=grid, shrink=0.6, ticks=[-bound, 0, bound])
    bar.ax.set_yticklabels(
        ["ink here\nsilences it", "makes no\ndifference", "ink here\nexcites it"]
    )
