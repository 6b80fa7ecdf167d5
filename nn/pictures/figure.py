"""What all pictures share: a figure, two colours, an input as an image, weights as images.

This file knows Matplotlib, which it imports when a picture is asked for. It must not know what
any picture is about.
"""

import functools
import importlib
import io
import math
import os
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograd_mini.colours import BLUE as BLUE
from autograd_mini.colours import ORANGE as ORANGE
from autograd_mini.files import expanded, write_whole
from autograd_mini.words import Say
from nn.training.interrupts import Interrupts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[Any]
GREY, DARK = "#9A9A9A", "#333333"
_SILENCES, _NOTHING, _EXCITES = (
    "ink here\nsilences it",
    "makes no\ndifference",
    "ink here\nexcites it",
)


def matplotlib(name: str) -> Any:
    """A module of Matplotlib. Ctrl-C waits for it: half of one can crash Python when it ends."""
    with Interrupts() as interrupts:
        found = importlib.import_module(f"matplotlib.{name}")
    if interrupts.happened:
        raise KeyboardInterrupt
    return found


def new_figure(width: float, height: float) -> "Figure":
    """An empty figure, in inches, that shows itself in a notebook whatever the backend is.

    ImportError says what to install without Matplotlib.
    """
    try:
        figures = matplotlib("figure")
        matplotlib("backends.backend_agg")  # which `savefig` would import
    except ImportError as missing:
        raise ImportError(
            "pictures need Matplotlib: pip install 'autograd-mini[plot]'"
        ) from missing
    figure = figures.Figure(figsize=(width, height), layout="constrained")
    figure._repr_png_ = functools.partial(_as_png, figure)
    return figure  # type: ignore[no-any-return]


def _as_png(figure: "Figure") -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    return buffer.getvalue()


def save_figure(figure: "Figure", path: str | os.PathLike[str]) -> None:
    """Write a figure, whole or not at all, as what the ending of the path names, or as PNG."""
    buffer, ending = io.BytesIO(), expanded(path).suffix
    figure.savefig(buffer, dpi=120, format=ending.lstrip(".") or "png")
    write_whole(path if ending else f"{os.fspath(path)}.png", buffer.getvalue())


def colours(*names: str) -> Any:
    """A colour map from the first of the colours to the last."""
    return matplotlib("colors").LinearSegmentedColormap.from_list("", names)


def show_ink(axes: "Axes", vector: Array, title: str, size: float = 9) -> None:
    """An input in black on white, as ink."""
    _show(axes, vector, title, size, cmap="Greys")


def show_signed(axes: "Axes", vector: Array, limit: float, title: str, size: float = 9) -> Any:
    """Numbers from -limit to limit, from orange over white at zero to blue."""
    signed = colours(ORANGE, "white", BLUE)
    return _show(axes, vector, title, size, cmap=signed, vmin=-limit, vmax=limit)


def _show(axes: "Axes", vector: Array, title: str, size: float, **options: Any) -> Any:
    """A vector as a square image where it fills one, such as 784 pixels, else as one row."""
    side = math.isqrt(len(vector))
    image = vector.reshape((side, side) if side * side == len(vector) else (1, -1))
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_title(title, fontsize=size)
    return axes.imshow(image, aspect="equal" if len(image) > 1 else "auto", **options)


def show_weights(figure: Any, weights: Array, title: str, size: float = 8, say: Say = str) -> None:
    """Each row of `weights`, shape (neurons, inputs), as an image in one scale of colours."""
    limit = float(np.quantile(np.abs(weights), 0.99)) or 1.0
    columns = math.ceil(math.sqrt(len(weights)))
    grid = figure.subplots(-(-len(weights) // columns), columns, squeeze=False).ravel()
    for axes in grid[len(weights) :]:
        axes.set_axis_off()
    for j, (axes, row) in enumerate(zip(grid, weights, strict=False)):
        image = show_signed(axes, row, limit, say("neuron {j}").format(j=j), size)
    meanings = {
        -limit: f"{-limit:.2g}: {say(_SILENCES)}",
        0: f"0: {say(_NOTHING)}",
        limit: f"{limit:.2g}: {say(_EXCITES)}",
    }
    bar = figure.colorbar(
        image, ax=grid.tolist(), location="bottom", shrink=0.75, aspect=40, ticks=list(meanings)
    )
    bar.ax.set_xticklabels(meanings.values(), fontsize=size)
    figure.suptitle(title, fontsize=size + 3)
