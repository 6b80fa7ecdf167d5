"""Train a network on handwritten digits with several ranks, and resume with any number of them.

mpiexec -n 2 python examples/mnist_mpi.py --hidden 512 512 --batch-size 1024

Every rank runs this program. Rank 0 tells, shows the progress and saves.
"""

import argparse
from typing import Any

import nn
from autograd_mini.console import run
from autograd_mini.files import expanded


def read_options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="folder of MNIST's four files (else: cache, download)")
    parser.add_argument("--hidden", type=int, nargs="*", default=[16, 16], help="layer sizes")
    parser.add_argument("--epochs", type=int, default=30, help="in all; default: %(default)s")
    parser.add_argument("--batch-size", type=int, default=100, help="of all ranks together")
    parser.add_argument("--lr", type=float, help="default: the checkpoint's, or 0.01")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument(
        "--checkpoint", type=expanded, default="mnist-mpi.npz", help="to go on from"
    )
    return parser.parse_args()


def main(options: argparse.Namespace, comm: Any) -> None:
    """Load, resume, train, measure."""
    first = comm.Get_rank() == 0
    tell = print if first else lambda text: None
    digits = nn.load_mnist(options.data, report=tell)
    test = digits.test_images, digits.test_labels
    sizes, epochs = [784, *options.hidden, 10], options.epochs
    model = nn.MLP(sizes, activation="relu", output=None, init="he", seed=options.seed)
    optimizer, done = nn.AdamW(model.parameters(), lr=0.01), 0
    if options.checkpoint.exists():
        done = nn.resume(options.checkpoint, model, optimizer)["epochs"]
    if options.lr is not None:
        optimizer.lr = options.lr
    ranks = "1 rank" if comm.Get_size() == 1 else f"{comm.Get_size()} ranks"
    tell(f"Training {sizes} on {ranks}, {done} of {epochs} epochs done")

    def save(history: nn.History) -> None:
        if first:
            nn.save_run(options.checkpoint, model, optimizer, epochs=done + len(history.epochs))

    history = nn.fit(
        model, nn.cross_entropy, digits.train_images, digits.train_labels,
        optimizer=optimizer, epochs=max(epochs - done, min(epochs, 0)), start_epoch=done,
        batch_size=options.batch_size, schedule=nn.cosine(max(epochs, 1)),
        validation=test, augment=nn.shift_images, callback=save, seed=options.seed, comm=comm,
    )  # fmt: skip
    accuracy = nn.evaluate(model, *test, comm=comm)
    tell(f"{accuracy:.2%} of the {len(test[0]):,} test digits read correctly")
    if history.interrupted:
        tell(f"interrupted; {options.checkpoint} has the last whole epoch")


def on_all_ranks() -> None:
    """Every rank does the same, on its share of each batch."""
    options = read_options()
    with nn.mpi_world() as world:
        main(options, world)


if __name__ == "__main__":
    run(on_all_ranks)
