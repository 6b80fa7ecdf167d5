"""Trainings that the tests of nn.parallel run twice: alone, and on several ranks.

Under mpiexec, the first argument says which: `python parallel_program.py trained FOLDER`.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import nn

RNG = np.random.default_rng(0)
X = RNG.normal(size=(203, 9))
LABELS = (X[:, :3] + 0.3 * RNG.normal(size=(203, 3))).argmax(1)
VALIDATION = X[:41] + 0.1, LABELS[:41]

Optimizers = dict[str, Callable[[Any], nn.Optimizer]]
OPTIMIZERS: Optimizers = {
    "SGD": lambda params: nn.SGD(params, lr=0.3),
    "momentum": lambda params: nn.SGD(params, lr=0.05, momentum=0.9, weight_decay=1e-3),
    "nesterov": lambda params: nn.SGD(params, lr=0.05, momentum=0.9, nesterov=True),
    "Adam": lambda params: nn.Adam(params, lr=0.01),
    "AdamW": lambda params: nn.AdamW(params, lr=0.01),
}
SCHEDULES = {
    "none": None,
    "cosine": nn.cosine(2, 0.5),
    "exponential": nn.exponential(0.5),
    "steps": nn.step_decay(1, 0.3),
}
# 203 = 4 * 50 + 3 = 6 * 29 + 29 = 2 * 101 + 1: with 101 most ranks have nothing of the last batch
CASES = [
    *((name, "none", 50, "f8", False) for name in OPTIMIZERS),
    *(("AdamW", name, 29, "f8", False) for name in SCHEDULES),
    ("momentum", "cosine", 101, "f8", True),
    ("SGD", "none", 203, "f8", False),
    ("SGD", "none", 50, "f4", True),
    ("nesterov", "steps", 101, "f4", False),
]


def network(dtype: str = "f8", seed: int = 1, activation: Any = "tanh") -> nn.MLP:
    return nn.MLP([9, 7, 3], activation=activation, output=None, seed=seed, dtype=dtype)


def with_a_frozen_layer(seed: int) -> dict[str, Any]:
    """A model and an optimizer that moves its second layer only; the first depends on the seed."""
    layers = nn.Linear(9, 7, seed=seed), nn.Linear(7, 3, seed=0)
    model = nn.Sequential(*layers)
    return {"model": model, "optimizer": nn.SGD(layers[1].parameters(), lr=0.1)}


def squares(a: Any, y: Any) -> Any:
    return ((a - nn.one_hot(y, 3)) ** 2).mean()


def noisy(x: Any, rng: np.random.Generator, scale: float = 0.1) -> Any:
    return x + scale * rng.normal(size=x.shape).astype(x.dtype)


def train(case: Any, comm: Any = None) -> tuple[list[Any], list[Any]]:
    """Weights after two epochs, and what the history says but for the seconds."""
    optimizer, schedule, batch_size, dtype, augmented = case
    model = network(dtype)
    history = nn.fit(
        model,
        nn.cross_entropy,
        X.astype(dtype),
        LABELS,
        optimizer=OPTIMIZERS[optimizer](model.parameters()),
        schedule=SCHEDULES[schedule],
        augment=noisy if augmented else None,
        epochs=2,
        batch_size=batch_size,
        validation=VALIDATION,
        seed=5,
        progress=False,
        comm=comm,
    )
    return [np.array(p.data) for p in model.parameters()], [e[:4] for e in history.epochs]


# ------------------------------------------------------------------------- what mpiexec runs


def trained(comm: Any, folder: Path) -> None:
    """Train every case, and keep the results of each rank."""
    results = {}
    for i, case in enumerate(CASES):
        weights, told = train(case, comm)
        results |= {f"{i}.{j}": w for j, w in enumerate(weights)} | {f"{i}.told": told}
    np.savez(folder / f"{comm.Get_size()}-{comm.Get_rank()}.npz", **results)


def endless(comm: Any, folder: Path, each: Callable[[int], None] = lambda epoch: None) -> Any:
    """Train for longer than any test waits, from the checkpoint if there is one, saving epochs."""
    model = network()
    optimizer = nn.AdamW(model.parameters(), lr=0.01)
    path, done = folder / "checkpoint.npz", 0
    if path.exists():
        state, notes = nn.load(path)
        model.load_state_dict({k[2:]: v for k, v in state.items() if k.startswith("m/")})
        optimizer.load_state_dict({k[2:]: v for k, v in state.items() if k.startswith("o/")})
        done = notes["epochs"]
        print(f"resumed after {done} epochs on {comm.Get_size()} ranks", flush=True)

    def save(history: nn.History) -> None:
        epoch = done + len(history.epochs)
        if comm.Get_rank() == 0:
            state = {f"m/{k}": v for k, v in model.state_dict().items()}
            state |= {f"o/{k}": v for k, v in optimizer.state_dict().items()}
            nn.save(path, state, epochs=epoch)
        each(epoch)

    epochs = 10**6 if not done else 3
    settings: Any = {"epochs": epochs, "callback": save, "progress": False, "comm": comm}
    return nn.fit(model, nn.cross_entropy, X, LABELS, optimizer=optimizer, **settings)


def failing(comm: Any, folder: Path) -> None:
    """Raise in the middle of the training on the last rank."""

    def fail(epoch: int) -> None:
        if epoch == 3 and comm.Get_rank() == comm.Get_size() - 1:
            raise OSError("the disk of this rank is gone")

    endless(comm, folder, fail)


def failing_outside(comm: Any, folder: Path) -> None:
    """Leave before the training on one rank, as a program does that finds no data."""
    if comm.Get_rank() == 1:
        sys.exit("no data here")
    endless(comm, folder)


def killed(comm: Any, folder: Path) -> None:
    """Let the kernel kill one rank."""

    def kill(epoch: int) -> None:
        if epoch == 3 and comm.Get_rank() == 1:
            os.kill(os.getpid(), signal.SIGKILL)

    endless(comm, folder, kill)


def told_to_stop(comm: Any, folder: Path) -> None:
    """Press Ctrl-C on one rank."""

    def press(epoch: int) -> None:
        if epoch == 3 and comm.Get_rank() == comm.Get_size() - 1:
            signal.raise_signal(signal.SIGINT)

    history = endless(comm, folder, press)
    print(f"interrupted {history.interrupted} after {len(history.epochs)} epochs", flush=True)


def stopped(comm: Any, folder: Path) -> None:
    """Train until a signal comes."""

    def tell(epoch: int) -> None:
        if epoch == 1 and comm.Get_rank() == 0:
            print("training", flush=True)

    print(f"interrupted {endless(comm, folder, tell).interrupted}", flush=True)


def differing(comm: Any, folder: Path) -> None:
    """Start each rank with another seed."""
    model = network(seed=comm.Get_rank())
    settings: Any = {"optimizer": nn.SGD(model.parameters(), lr=1), "epochs": 1, "comm": comm}
    nn.fit(model, nn.cross_entropy, X, LABELS, **settings)


def leaving_by_exit(comm: Any, folder: Path) -> None:
    """Leave on one rank as a program does that has nothing to do."""
    if comm.Get_rank() == 1:
        sys.exit()
    endless(comm, folder)


def leaving_by_zero(comm: Any, folder: Path) -> None:
    """Leave on all ranks but one, with a status."""
    if comm.Get_rank() > 0:
        sys.exit(0)
    endless(comm, folder)


def leaving_by_return(comm: Any, folder: Path) -> None:
    """Skip the training on one rank."""
    if comm.Get_rank() != 1:
        endless(comm, folder)


def the_first_leaving(comm: Any, folder: Path) -> None:
    """Skip the training on rank 0, after one that all have had."""
    nn.evaluate(network(), X, LABELS, comm=comm)
    if comm.Get_rank() > 0:
        endless(comm, folder)


def leaving_before_evaluate(comm: Any, folder: Path) -> None:
    """Stop after the training on one rank."""
    model = network()
    settings: Any = {"optimizer": nn.SGD(model.parameters(), lr=0.1), "epochs": 1, "comm": comm}
    nn.fit(model, nn.cross_entropy, X, LABELS, **settings)
    if comm.Get_rank() != 1:
        nn.evaluate(model, X, LABELS, comm=comm)


def evaluating(comm: Any, folder: Path) -> None:
    """Evaluate on one rank, and train on the others."""
    if comm.Get_rank() == 1:
        nn.evaluate(network(), X, LABELS, comm=comm)
    endless(comm, folder)


def leaving_together(comm: Any, folder: Path) -> None:
    """Leave each in its own way, one of them later than the others."""
    if comm.Get_rank() == 0:
        time.sleep(1)
        print("the last has drawn its picture", flush=True)
    if comm.Get_rank() == 1:
        sys.exit(0)


if __name__ == "__main__":
    with nn.mpi_world() as world:
        globals()[sys.argv[1]](world, Path(sys.argv[2]))
