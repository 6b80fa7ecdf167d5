"""Make the pictures of the tutorial: `python docs/tutorial/make_pictures.py`, in a few seconds.

It needs Graphviz (`dot`) and the extra `mnist`, and writes into `docs/tutorial/pictures`.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import nn
from autograd_mini import Value, draw, ops
from autograd_mini.colours import BLUE

HERE = Path(__file__).parent / "pictures"
X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
AND, XOR = np.array([[0.0], [0.0], [0.0], [1.0]]), np.array([[0.0], [1.0], [1.0], [0.0]])


def main() -> None:
    """Write all pictures, graphs first."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    graphs = {"1-gradient": two_knobs(), "2-chain": one_neuron(), "3-branching": branching()}
    for name, C in graphs.items():
        C.backward()
        draw(C).render(outfile=HERE / f"{name}.svg", cleanup=True)

    digits = nn.load_mnist(download=False)
    images, targets = digits.train_images, nn.one_hot(digits.train_labels, 10)
    model = nn.MLP([784, 16, 16, 10], seed=0)
    wishes = nn.nudges(model, nn.quadratic_cost, images[:100], targets[:100])
    save(nn.draw_nudges(wishes, 2), "4-wishes")
    both = nn.two_descents(model, nn.quadratic_cost, images, targets, lr=3.0, epochs=5, every=2)
    print(both)  # page 5 tells how long the steps took
    save(nn.draw_descents(both), "5-descents")
    save(nn.draw_activations(), "6-activations")
    save(arrows(), "6-arrows")
    optimizer = nn.SGD(model.parameters(), lr=3.0)
    nn.fit(
        model, nn.quadratic_cost, images, targets, optimizer=optimizer, epochs=30, progress=False
    )
    save(nn.draw_neurons(model, digits.test_images, digits.test_labels), "7-neurons")


def save(figure: Figure, name: str) -> None:
    """Write a figure as a PNG that fills the width of a page."""
    figure.savefig(HERE / f"{name}.png", dpi=110)


# --------------------------------------------------------------------------------------- graphs
def two_knobs() -> Value:
    """The machine of page 1."""
    u, v = Value(1.0, "u"), Value(2.0, "v")
    return named("C", (u * u + 0.1 * v) ** 2)


def one_neuron() -> Value:
    """The neuron of page 2."""
    w, a0, b = Value(0.9, "w"), Value(0.5, "a0"), Value(-0.6, "b")
    z = named("z", w * a0 + b)
    return named("C", (named("a", z.sigmoid()) - 1.0) ** 2)


def branching() -> Value:
    """The activation of page 3 that feeds two neurons."""
    a = Value(0.6, "a")
    p = named("p", (Value(1.5, "wp") * a).sigmoid())
    q = named("q", (Value(-2.0, "wq") * a).sigmoid())
    return named("C", (p - 1.0) ** 2 + (q - 0.0) ** 2)


def named(name: str, value: Any) -> Value:
    """The same value under a name."""
    value.name = name
    return value  # type: ignore[no-any-return]


# --------------------------------------------------------------------------------------- arrows
def arrows() -> Figure:
    """The cost over two weights, and the way that gradient descent takes from many places."""
    figure = Figure(figsize=(9.6, 3.7), layout="constrained")
    parts: Any = figure.subplots(1, 3)
    neuron = nn.MLP([2, 1], ops.step, seed=0, dtype=np.float64)
    neuron.layers[0].b.data = np.array([-1.0])
    field(parts[0], neuron, AND, (0, 1), "one neuron, step, AND:\nthe arrows end on cost 0")
    for axes, activation, says in (
        (parts[1], ops.step, "two layers, step, XOR: no arrow\nwhere the cost is highest"),
        (parts[2], "sigmoid", "two layers, sigmoid, XOR:\nthe arrows follow the slope"),
    ):
        field(axes, solved(activation), XOR, (0, 2), says)
    return figure


def solved(activation: Any) -> nn.MLP:
    """Two layers that compute XOR: "one of both" but not "both"."""
    model = nn.MLP([2, 2, 1], activation, seed=0, dtype=np.float64)
    sharp = 1.0 if activation is ops.step else 6.0
    first, last = model.layers
    first.W.data = sharp * np.ones((2, 2))
    first.b.data = sharp * np.array([-0.5, -1.5])
    last.W.data = sharp * np.array([[1.0, -1.0]])
    last.b.data = sharp * np.array([-0.5])
    return model


def field(axes: Axes, model: nn.MLP, y: Any, moved: tuple[int, int], title: str) -> None:
    """Shades for the cost as two numbers of layer 1 move, arrows for its negative gradient."""
    layer = model.layers[0]
    flat = np.concatenate([layer.W.data.ravel(), layer.b.data])
    names = [f"w{k + 1}" for k in range(layer.W.size)]
    scale = np.abs(flat[list(moved)]).max() if len(model.layers) > 1 else 1.0
    side = np.linspace(-0.5, 2.5, 61) * scale
    costs = np.array([[cost_at(model, flat, moved, (u, v), y)[0] for u in side] for v in side])
    axes.pcolormesh(side, side, costs, cmap="Greys", vmin=0, vmax=1, rasterized=True)
    coarse = side[3::6]
    ways = np.array([[cost_at(model, flat, moved, (u, v), y)[1] for u in coarse] for v in coarse])
    lengths = np.hypot(ways[..., 0], ways[..., 1])
    axes.quiver(
        coarse, coarse, *np.moveaxis(ways / (lengths.max() or 1), -1, 0), color=BLUE,
        pivot="tail", scale=12, width=0.008,
    )  # fmt: skip
    axes.plot(
        coarse.repeat(len(coarse))[lengths.T.ravel() == 0],
        np.tile(coarse, len(coarse))[lengths.T.ravel() == 0],
        ".",
        color=BLUE,
        ms=3,
    )
    axes.set_title(title, fontsize=10)
    axes.set_aspect("equal")
    axes.set_xlabel(names[moved[0]], fontsize=9)
    axes.set_ylabel(names[moved[1]], fontsize=9)
    axes.tick_params(labelsize=8)


def cost_at(
    model: nn.MLP, flat: Any, moved: tuple[int, int], to: tuple[float, float], y: Any
) -> tuple[float, list[float]]:
    """The cost with two numbers of layer 1 moved, and minus its slope for each of them."""
    layer = model.layers[0]
    numbers = flat.copy()
    numbers[list(moved)] = to
    layer.W.data, layer.b.data = (
        numbers[: layer.W.size].reshape(layer.W.shape),
        numbers[layer.W.size :],
    )
    model.zero_grad()
    C = nn.quadratic_cost(model(X), y)
    C.backward()
    slopes = np.concatenate([layer.W.grad.ravel(), layer.b.grad])
    return C.item(), [-slopes[i] for i in moved]


if __name__ == "__main__":
    main()
