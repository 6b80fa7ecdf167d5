"""Draw the graphs of the backpropagation lesson, and write its chain rule out with numbers.

Run: python examples/draw_lesson.py [FOLDER [svg] [png]], and in the project's own folder, for the
pages of the docs: python examples/draw_lesson.py docs/pictures svg
SVG needs nothing more; PNG needs Graphviz, or pip install 'autograd-mini[dot]'
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

import nn
from autograd_mini import Value
from autograd_mini.console import run
from autograd_mini.show.draw import draw
from autograd_mini.show.explain import explain


def named(name: str, value: Any) -> Value:
    """`value` as a Value of that name, or itself with that name."""
    v = value if isinstance(value, Value) else Value(value)
    v.name = name
    return v


def one_neuron() -> Value:
    """The neuron of the tutorial: w, a0, b → z → a → C, with the desired output y."""
    z = named("z", named("w", 0.9) * named("a0", 0.5) + named("b", -0.6))
    a = named("a", z.sigmoid())
    return named("C", (a - named("y", 1.0)) ** 2)


def one_layer_more() -> Value:
    """The same chain with a neuron before it: how C depends on a weight further back."""
    z1 = named("z1", named("w1", 0.7) * named("a0", 0.6) + named("b1", -0.42))
    a1 = named("a1", z1.sigmoid())
    z2 = named("z2", named("w2", 0.9) * a1 + named("b2", -0.6))
    a2 = named("a2", z2.sigmoid())
    return named("C", (a2 - named("y", 1.0)) ** 2)


def branching() -> Value:
    """One activation that moves C along two paths, through both outputs that it feeds."""
    a = named("a", 0.6)
    p = named("p", (named("wp", 1.5) * a).sigmoid())
    q = named("q", (named("wq", -2.0) * a).sigmoid())
    return named("C", (p - 1.0) ** 2 + (q - 0.0) ** 2)


def network() -> Value:
    """The whole network, 784-16-16-10, and its cost on a batch of random images."""
    rng = np.random.default_rng(0)
    images = rng.random((100, 784), np.float32)
    targets = np.eye(10, dtype=np.float32)[rng.integers(0, 10, 100)]
    C: Value = nn.quadratic_cost(nn.MLP([784, 16, 16, 10], seed=0)(images), targets)
    return C


def main(folder: str = "lesson_pictures", *kinds: str) -> None:
    """Write each picture into `folder`, as SVG and PNG, and print what the chain rule says."""
    pictures = {
        "one_neuron": draw(one_neuron()),
        "one_layer_more": draw(one_layer_more(), with_legend=False),
        "branching": draw(branching(), with_legend=False),
        "network": draw(network(), heat="W3", with_legend=False),
    }
    for name, picture in pictures.items():
        for kind in kinds or ("svg", "png"):
            print(picture.render(outfile=Path(folder, f"{name}.{kind}"), cleanup=True))
    print(f"\n{explain(one_neuron(), 'w')}")
    print(f"\n{explain(one_layer_more(), 'w1')}")
    print(f"\n{explain(branching(), 'a')}")
    print(f"\n{explain(network(), 'W1', index=(3, 400), top=2)}")


if __name__ == "__main__":
    run(lambda: main(*sys.argv[1:]))
