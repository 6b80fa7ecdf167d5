"""Train a network on handwritten digits with several ranks, and resume with any number of them.

mpiexec -n 2 python examples/mnist_mpi.py --hidden 512 512 --batch-size 1024

Every rank runs this program. Rank 0 tells, shows the progress and saves.
"""

import argparse
from pathlib import Path
from typing import Any

import nn


def read_options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="folder of MNIST's four files (else: cache, download)")
    parser.add_argument("--hidden", type=int, nargs="*", default=[16, 16], help="layer sizes")
    parser.add_argument("--epochs", type=int, default=30, help="in all; default: %(default)s")
    parser.add_argument("--batch-size", type=int, default=100, help="of all ranks together")
    parser.add_argument("--lr", type=float, default=0.01, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--checkpoint", type=Path, default="mnist-mpi.npz", help="resumed from")
    return parser.parse_args()


def main(options: argparse.Namespace, comm: Any) -> None:
    """Load, resume, train, measure."""
    first = comm.Get_rank() == 0
    tell = print if first else lambda text: None
    digits = nn.load_mnist(options.data, report=tell)
    test = digits.test_images, digits.test_labels
    sizes = [784, *options.hidden, 10]
    model = nn.MLP(sizes, activation="relu", output=None, init="he", seed=options.seed)
    optimizer = nn.AdamW(model.parameters(), options.lr)
    done = resume(options.checkpoint, model, optimizer)
    tell(f"Training {sizes} on {comm.Get_size()} ranks, {done} of {options.epochs} epochs done")
    pace = nn.cosine(max(options.epochs, 1))

    def save(history: nn.History) -> None:
        if first:
            state = {f"model/{name}": x for name, x in model.state_dict().items()}
            memory = optimizer.state_dict() | {"lr": options.lr}  # not the rate of the last step
            state |= {f"optimizer/{name}": x for name, x in memory.items()}
            nn.save(options.checkpoint, state, epochs=done + len(history.epochs))

    history = nn.fit(
        model, nn.cross_entropy, digits.train_images, digits.train_labels,
        optimizer=optimizer, epochs=max(0, options.epochs - done), batch_size=options.batch_size,
        schedule=lambda epoch: pace(done + epoch), validation=test, augment=nn.shift_images,
        callback=save, seed=options.seed + done, comm=comm,
    )  # fmt: skip
    accuracy = nn.evaluate(model, *test, comm=comm)
    tell(f"{accuracy:.2%} of the {len(test[0]):,} test digits read correctly")
    if history.interrupted:
        tell(f"interrupted; {options.checkpoint} has the last whole epoch")


def resume(path: Path, model: nn.Module, optimizer: nn.Optimizer) -> int:
    """Take over what a checkpoint has, if there is one, and give the number of its epochs."""
    if not path.exists():
        return 0
    state, notes = nn.load(path)
    for part, owner in (("model/", model), ("optimizer/", optimizer)):
        own = {name.removeprefix(part): x for name, x in state.items() if name.startswith(part)}
        owner.load_state_dict(own)
    return int(notes["epochs"])


if __name__ == "__main__":
    with nn.mpi_world() as world:
        main(read_options(), world)
