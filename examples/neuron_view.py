"""What a trained network looks for, is surest of, is most wrong about, and confuses.

python examples/neuron_view.py --data FOLDER
"""

import argparse

import nn
from autograd_mini.console import run
from nn.pictures.figure import save_figure
from nn.pictures.training import draw_neurons


def main(arguments: list[str] | None = None) -> None:
    """Train the lesson's network, then draw what it does with the test digits."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="folder of MNIST's four files (default: cache or download)")
    parser.add_argument("--epochs", type=int, default=10, help="default: %(default)s")
    parser.add_argument("--lr", type=float, default=3.0, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--picture", default="neurons.png", help="default: %(default)s")
    options = parser.parse_args(arguments)

    digits = nn.load_mnist(options.data)
    model = nn.MLP([784, 16, 16, 10], seed=options.seed)
    nn.fit(
        model,
        nn.quadratic_cost,
        digits.train_images,
        nn.one_hot(digits.train_labels, 10),
        optimizer=nn.SGD(model.parameters(), lr=options.lr),
        epochs=options.epochs,
        seed=options.seed,
    )
    accuracy = nn.evaluate(model, digits.test_images, digits.test_labels)
    print(f"{accuracy:.1%} of {len(digits.test_labels):,} test digits read correctly")
    save_figure(draw_neurons(model, digits.test_images, digits.test_labels), options.picture)
    print(f"picture: {options.picture}")


if __name__ == "__main__":
    run(main)
