"""Make the pictures of the tutorial: `python docs/tutorial/make_pictures.py`, in a few seconds.

It needs Graphviz (`dot`) and the extra `mnist`, and writes into `docs/tutorial/pictures`, those of
the Russian pages into `pictures/ru`. All are SVG, and have colours for dark pages too.
"""

import argparse
import io
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

import nn
from autograd_mini import Value, draw
from autograd_mini.files import write_whole

HERE = Path(__file__).parent / "pictures"
LESSON = runpy.run_path(str(Path(__file__).parents[2] / "examples" / "draw_lesson.py"))
DARK = """<style>@media (prefers-color-scheme: dark) {
text { fill: #DDDDDD; }
[style*="stroke: #000000"] { stroke: #BBBBBB !important; }
[style*="stroke: #333333"] { stroke: #BBBBBB !important; }
[style*="fill: #ffffff"] { fill: #222222 !important; }
}</style>"""


def main() -> None:
    """Write all pictures, in both languages."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    for language, name, svg in pictures():
        folder = HERE if language == "en" else HERE / language
        write_whole(folder / f"{name}.svg", svg.encode(), folders=True)


def pictures() -> Iterator[tuple[str, str, str]]:
    """Language, name and SVG of each picture."""
    digits = nn.load_mnist(download=False, report=lambda line: None)
    images, targets = digits.train_images, nn.one_hot(digits.train_labels, 10)
    lesson = nn.MLP([784, 16, 16, 10], init="standard_normal", seed=23)
    wishes = nn.nudges(lesson, nn.quadratic_cost, images[:100], targets[:100])
    model = nn.MLP([784, 16, 16, 10], seed=0)
    both = nn.two_descents(model, nn.quadratic_cost, images, targets, lr=3.0, epochs=5, every=2)
    optimizer = nn.SGD(model.parameters(), lr=3.0)
    nn.fit(
        model, nn.quadratic_cost, images, targets, optimizer=optimizer, epochs=30, progress=False
    )
    for language in ("en", "ru"):
        words: dict[str, Any] = {"language": language}
        for name, how in {
            "network": {},
            "wishes": {"show": "wishes", "neuron": 2},
            "adding_up": {"show": "wishes"},
        }.items():
            picture = nn.draw_network(lesson, images[2], targets[2], **how, **words)
            yield language, name, str(picture)
        for name, graph in graphs(words).items():
            yield language, name, graph.pipe("svg", encoding="utf-8")
        shown = digits.test_images, digits.test_labels
        for name, figure in {
            "nudges": nn.draw_nudges(wishes, 2, 6, **words),
            "descents": nn.draw_descents(both, **words),
            "activations": nn.draw_activations(("step", "sigmoid", "tanh", "relu"), **words),
            "neurons": nn.draw_neurons(model, *shown, **words),
        }.items():
            yield language, name, dark(as_svg(figure))


def as_svg(figure: Figure) -> str:
    """A figure as SVG with its words as text, the same bytes each time."""
    buffer = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "autograd_mini"}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return buffer.getvalue()


def dark(svg: str) -> str:
    """The same, with other colours where the page around it is dark."""
    start = svg.index(">", svg.index("<svg")) + 1
    return f"{svg[:start]}{DARK}{svg[start:]}"


# --------------------------------------------------------------------------------------- graphs
def graphs(words: dict[str, Any]) -> dict[str, Any]:
    """The pictures of graphs, by name."""
    names = words | {"detail": "names"}
    return {
        "knobs": draw(two_knobs(), **words),
        "tree": draw(LESSON["one_neuron"](), path=("w", "C"), **names),
        "tree_longer": draw(LESSON["one_layer_more"](), path=("w1", "C"), **names),
        "branching": draw(LESSON["branching"](), **names),
    }


def two_knobs() -> Value:
    """The machine of page 2."""
    u, v = Value(1.0, "u"), Value(-3.2, "v")
    C: Value = (u * u + v / 16) ** 2
    C.name = "C"
    return C


if __name__ == "__main__":
    main()
