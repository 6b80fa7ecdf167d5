"""What digits wish of the network 784-16-16-10: the lesson's table, sensitivities, a picture.

python examples/nudges.py --data FOLDER --example 7
"""

import argparse

import numpy as np

import nn
from autograd_mini.console import run
from nn.lesson.nudges import nudges
from nn.lesson.sensitivity import sensitivities
from nn.pictures.figure import save_figure


def main(arguments: list[str] | None = None) -> None:
    """Print the table and the ranking for a batch, and draw one of its examples."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="folder of MNIST's four files (default: cache or download)")
    parser.add_argument("--examples", type=int, default=100, help="default: %(default)s")
    parser.add_argument("--example", type=int, default=0, help="to draw, default: %(default)s")
    parser.add_argument("--epochs", type=int, default=0, help="of training first, %(default)s")
    parser.add_argument("--picture", default="nudges.png", help="default: %(default)s")
    options = parser.parse_args(arguments)

    digits = nn.load_mnist(options.data)
    model = nn.MLP([784, 16, 16, 10], seed=0)
    images, targets = digits.train_images, nn.one_hot(digits.train_labels, 10)
    optimizer = nn.SGD(model.parameters(), lr=3.0)
    nn.fit(model, nn.quadratic_cost, images, targets, optimizer=optimizer, epochs=options.epochs)
    x, y = images[: options.examples], targets[: options.examples]

    wishes = nudges(model, nn.quadratic_cost, x, y)
    print(f"\n{wishes}\n")
    model.zero_grad()
    nn.quadratic_cost(model(x), y).backward()
    gradient = model.layers[0].W.grad
    gap = np.abs(wishes.layers[0].W.mean(0) + gradient).max() / np.abs(gradient).max()
    print(f"The average of all wishes for W1 is −∂C/∂W1, to {gap:.0e} of its largest entry.\n")

    slopes = sensitivities(model, nn.quadratic_cost, x, y)
    print(f"{slopes}\n")
    top = slopes.ranking()
    print(slopes.compare(top[0].name, top[len(top) // 4].name))
    print(slopes.compare(top[0].name, top[1].name))
    for by in (0.01, -0.1, 1.0):
        print(slopes.nudge(top[0].name, by))

    try:
        save_figure(nn.draw_nudges(wishes, options.example), options.picture)
        print(f"\nexample {options.example} and its wishes: {options.picture}")
    except ImportError as lacking:
        print(f"\n{lacking}")


if __name__ == "__main__":
    run(main)
