"""Mini-batches against all examples: two descents from one start, measured and drawn.

python examples/two_descents.py --data FOLDER --examples 60000 --every 20
"""

import argparse

import nn
from autograd_mini.console import run
from nn.lesson.descents import two_descents
from nn.pictures.figure import save_figure


def main(arguments: list[str] | None = None) -> None:
    """Record both descents of the lesson's network, print the measures, draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="folder of MNIST's four files (default: cache or download)")
    parser.add_argument("--examples", type=int, default=4000, help="default: %(default)s")
    parser.add_argument("--epochs", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--batch-size", type=int, default=100, help="default: %(default)s")
    parser.add_argument("--lr", type=float, default=3.0, help="default: %(default)s")
    parser.add_argument("--full-steps", type=int, help="default: as many as of mini-batches")
    parser.add_argument("--every", type=int, default=1, help="steps between records, %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--picture", default="two-descents.png", help="default: %(default)s")
    options = parser.parse_args(arguments)

    digits = nn.load_mnist(options.data)
    both = two_descents(
        nn.MLP([784, 16, 16, 10], seed=options.seed),
        nn.quadratic_cost,
        digits.train_images[: options.examples],
        nn.one_hot(digits.train_labels[: options.examples], 10),
        lr=options.lr,
        batch_size=options.batch_size,
        epochs=options.epochs,
        full_steps=options.full_steps,
        every=options.every,
        seed=options.seed,
    )
    print(f"\n{both}")
    try:
        save_figure(nn.draw_descents(both), options.picture)
        print(f"picture: {options.picture}")
    except ImportError as lacking:
        print(lacking)


if __name__ == "__main__":
    run(main)
