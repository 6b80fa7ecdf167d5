"""When do ranks pay? The time of a step, measured in its parts, and what follows for networks.

Run it on two ranks of one machine, with nothing else at work:

    mpiexec -n 2 --bind-to none python tests/benchmarks/mpi_cost.py

A step on R ranks takes products + engine + sharing + allreduce. The first three are fitted to
steps measured here, the last to Allreduces of 1 KB to 100 MB between the two ranks; the sum is
held against the steps that the two ranks take, and these against one rank and against one process
of two BLAS threads, which is what a user has without MPI. For machines joined by a network,
latency and bandwidth of the allreduce are those of `NETWORKS`, which are assumed, not measured.

This file knows the public names of nn, mpi4py and clocks.
"""

import argparse
import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from timing import limit_threads, print_table

limit_threads(1)

import numpy as np  # noqa: E402
from threadpoolctl import threadpool_limits  # noqa: E402

import nn  # noqa: E402

WIDTHS = (16, 128, 512, 1024)  # of both hidden layers; 16 is the lesson's
BATCHES = (100, 1024)
ASKED_WIDTHS = (16, 128, 512, 1024, 2048, 4096)
ASKED_RANKS = (2, 8, 64, 1024)
IN_CACHES = 4 * 2**20  # bytes of a buffer below which both ranks' buffers stay in the caches
SIZES = [2**k for k in range(10, 27)] + [100 * 10**6]  # bytes
BLOCK = 0.3  # seconds of one measurement, about
WINDOW = 0.01  # seconds of steps that are timed at a time, of which the quickest count


class Network(NamedTuple):
    """What joins the machines: seconds for a message of no length, and for each byte."""

    name: str
    latency: float
    per_byte: float


NETWORKS = [
    Network("1 Gbit/s, 50 µs", 50e-6, 8e-9),
    Network("10 Gbit/s, 20 µs", 20e-6, 8e-10),
    Network("100 Gbit/s, 2 µs", 2e-6, 8e-11),
]


# -- the sizes of a network 784-w-w-10 in float32


def sizes(width: int) -> list[int]:
    return [784, width, width, 10]


def parameters(width: int) -> int:
    return sum((n + 1) * m for n, m in layers(width))


def layers(width: int) -> list[tuple[int, int]]:
    return list(zip(sizes(width), sizes(width)[1:], strict=False))


def multiply_adds(width: int) -> int:
    """Of one example: each layer's product thrice, but for the gradient of the images."""
    return sum(3 * n * m for n, m in layers(width)) - 784 * width


def numbers(width: int) -> int:
    """The image and all activations of one example."""
    return sum(sizes(width))


# -- measurements


class Timed(nn.SGD):
    """Notes when each step ends."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        self.ends: list[float] = []
        super().__init__(*args, **keywords)

    def step(self) -> None:
        """Move every parameter, and look at the clock."""
        super().step()
        self.ends.append(time.perf_counter())

    def least(self) -> float:
        """Seconds of a step in the quickest `WINDOW`."""
        ends = np.array(self.ends)
        few = max(1, round(WINDOW / float(np.median(np.diff(ends)))))
        few = min(few, len(ends) - 1)
        return float((ends[few:] - ends[:-few]).min()) / few


def trained(width: int, batch: int, comm: Any) -> float:
    """Seconds of a step in nn.fit."""
    guess = 1e-4 + batch * multiply_adds(width) / 2e10
    steps = max(8, round(BLOCK / guess))
    per_epoch = min(steps, 20_000 // batch)
    rng = np.random.default_rng(0)
    images = rng.random((per_epoch * batch, 784), np.float32)
    targets = nn.one_hot(rng.integers(0, 10, len(images)), 10)
    model = nn.MLP(sizes(width), seed=0)
    optimizer = Timed(model.parameters(), lr=0.1)
    epochs = -(-steps // per_epoch)
    settings: Any = {"epochs": epochs, "batch_size": batch, "progress": False, "comm": comm}
    nn.fit(model, nn.quadratic_cost, images, targets, optimizer=optimizer, **settings)
    return optimizer.least()


def trained_on_two_threads(width: int, batch: int) -> float:
    """The same in one process that lets BLAS have both cores, unless nn.fit knows better."""
    with threadpool_limits(2, user_api="blas"):
        return trained(width, batch, None)


def multiplied(width: int, batch: int) -> float:
    """Seconds of the matrix products of a step."""
    rng = np.random.default_rng(0)
    arrays = [
        [rng.random(shape, np.float32) for shape in ((batch, n), (m, n), (batch, m))]
        for n, m in layers(width)
    ]
    best, end = math.inf, time.perf_counter() + BLOCK / 3
    while time.perf_counter() < end:
        start = time.perf_counter()
        for i, (x, W, g) in enumerate(arrays):
            x @ W.T
            g.T @ x
            if i:
                g @ W
        best = min(best, time.perf_counter() - start)
    return best


def reduced(comm: Any, size: int) -> float:
    """Seconds of an Allreduce of float32 numbers, `size` bytes of them."""
    own, total = np.ones(size // 4, np.float32), np.empty(size // 4, np.float32)
    best = math.inf
    for _ in range(max(5, min(300, 4 * 10**7 // size))):
        comm.Barrier()
        start = time.perf_counter()
        comm.Allreduce(own, total)
        best = min(best, time.perf_counter() - start)
    return float(max(comm.allgather(best)))


def added(size: int = 16 * 2**20) -> float:
    """Seconds to add a byte of a float32 array to another."""
    total, other = np.ones(size // 4, np.float32), np.ones(size // 4, np.float32)
    best = math.inf
    for _ in range(20):
        start = time.perf_counter()
        np.add(total, other, out=total)
        best = min(best, time.perf_counter() - start)
    return best / size


def only_on_rank_0(comm: Any, job: Callable[[], float]) -> float:
    """Do a job while the other ranks sleep; a rank that waits in a Barrier keeps its core busy."""
    seconds = job() if comm.rank == 0 else 0.0
    request = comm.Ibarrier()
    while not request.Test():
        time.sleep(1e-3)
    return float(comm.bcast(seconds))


Cell = tuple[int, int]


def measure(comm: Any, lone: Any, rounds: int) -> dict[str, dict[Cell, float]]:
    """Least seconds of a step, of several rounds, by kind, width and batch."""
    cells = [(width, batch) for width in WIDTHS for batch in BATCHES]
    times: dict[str, dict[Cell, float]] = {}
    for _ in range(rounds):
        for kind, cell, seconds in one_round(comm, lone, cells):
            row = times.setdefault(kind, {})
            row[cell] = min(row.get(cell, math.inf), seconds)
    return times


def one_round(comm: Any, lone: Any, cells: Sequence[Cell]) -> Iterator[tuple[str, Cell, float]]:
    for width, batch in cells:
        cell = width, batch
        yield "alone", cell, only_on_rank_0(comm, lambda c=cell: trained(*c, None))
        yield "threads", cell, only_on_rank_0(comm, lambda c=cell: trained_on_two_threads(*c))
        yield "shared", cell, only_on_rank_0(comm, lambda c=cell: trained(*c, lone))
        yield "products", cell, only_on_rank_0(comm, lambda c=cell: multiplied(*c))
        yield "two", cell, trained(width, batch, comm)


# -- the model


def fitted(columns: Sequence[Any], seconds: Any, wholes: Any) -> list[float]:
    """Coefficients of the columns, none below 0, with the least errors relative to `wholes`."""
    kept, target = list(range(len(columns))), np.array(seconds) / np.array(wholes)
    while kept:
        weighed = np.array([columns[i] for i in kept]) / np.array(wholes)
        found = np.linalg.lstsq(weighed.T, target, rcond=None)[0]
        if found.min() >= 0:
            break
        kept.pop(int(found.argmin()))
    by_column = dict(zip(kept, found, strict=True)) if kept else {}
    return [float(by_column.get(i, 0.0)) for i in range(len(columns))]


class Lines(NamedTuple):
    """An allreduce as latency + bytes · per_byte, for buffers in the caches and larger ones."""

    small: tuple[float, float]
    large: tuple[float, float]

    def seconds(self, size: int) -> float:
        latency, per_byte = self.small if size <= IN_CACHES else self.large
        return latency + per_byte * size

    def __str__(self) -> str:
        return "\n".join(
            f"{name} {IN_CACHES:,} bytes: latency {1e6 * line[0]:.1f} µs, bandwidth"
            f" {1e-9 / line[1]:.2f} GB/s"
            for name, line in zip(("up to", "above"), self, strict=True)
        )


def lines_of(reductions: dict[int, float]) -> Lines:
    """Both lines, each fitted to the sizes that it is for."""
    both = []
    for small in (True, False):
        part = {size: t for size, t in reductions.items() if (size <= IN_CACHES) is small}
        seconds = list(part.values())
        latency, per_byte = fitted([[1.0] * len(part), list(part)], seconds, seconds)
        both.append((latency, per_byte))
    return Lines(*both)


class Model(NamedTuple):
    """Seconds: of a step, of a parameter, of a number of an example, of a multiply-add."""

    step: float
    parameter: float
    number: float
    multiply_add: float
    share_step: float
    share_parameter: float

    def fixed(self, width: int) -> float:
        """Seconds of a step that a larger batch does not change."""
        return self.step + self.parameter * parameters(width)

    def example(self, width: int) -> float:
        """Seconds that each example of a rank's share takes."""
        return self.number * numbers(width) + self.multiply_add * multiply_adds(width)

    def sharing(self, width: int) -> float:
        """Seconds to pack the gradients into the buffer and take their sums out of it."""
        return self.share_step + self.share_parameter * parameters(width)


def model_of(times: dict[str, dict[Cell, float]]) -> Model:
    cells = list(times["alone"])
    alone, shared, products = (
        np.array([times[kind][cell] for cell in cells]) for kind in ("alone", "shared", "products")
    )
    ones, params = np.ones(len(cells)), np.array([parameters(width) for width, _ in cells])
    seen = np.array([batch * numbers(width) for width, batch in cells])
    multiplied = np.array([batch * multiply_adds(width) for width, batch in cells])
    call, multiply_add = fitted([ones, multiplied], products, products)
    engine = alone - call - multiply_add * multiplied
    step, parameter, number = fitted([ones, params, seen], engine, alone)
    sharing = fitted([ones, params], shared - alone, alone)
    return Model(step + call, parameter, number, multiply_add, *sharing)


def allreduce(network: Network, local_byte: float, ranks: int, size: int) -> float:
    """Seconds of a reduce-scatter and an allgather, each of log2(ranks) rounds.

    The algorithm is that of Rabenseifner (2004). `local_byte` is what a machine takes to add one
    byte of an array to another.
    """
    rounds, part = 2 * math.ceil(math.log2(ranks)), (ranks - 1) / ranks
    return rounds * network.latency + part * size * (2 * network.per_byte + local_byte)


def paying_batch(model: Model, width: int, ranks: int, reduction: float) -> int:
    """The smallest batch from which `ranks` are at least half as many times as fast as one.

    From alone = fixed + b·e and together = fixed + sharing + reduction + b·e / ranks; two ranks
    are then no slower than one.
    """
    together = model.fixed(width) + model.sharing(width) + reduction
    least = (ranks * together - 2 * model.fixed(width)) / model.example(width)
    return max(ranks, math.ceil(least))


def rounded(n: int) -> str:
    """Two figures are more than the model knows."""
    unit = 10 ** max(0, len(str(n)) - 2)
    return f"{math.ceil(n / unit) * unit:,}"


# -- what is printed


def print_steps(model: Model, times: dict[str, dict[Cell, float]], lines: Lines) -> None:
    rows = []
    for width, batch in times["alone"]:
        alone, two, threads = (times[k][width, batch] for k in ("alone", "two", "threads"))
        share = batch / 2
        reduction = lines.seconds(4 * parameters(width))
        engine = model.step + model.parameter * parameters(width)
        engine += model.number * numbers(width) * share
        products = model.multiply_add * multiply_adds(width) * share
        told = products + engine + model.sharing(width) + reduction
        parts = (products, engine, model.sharing(width), reduction, told, two, alone, threads)
        figures = [f"{1e3 * seconds:.3g}" for seconds in parts]
        ratios = [f"{seconds / two:.2f}" for seconds in (told, alone, threads)]
        rows.append([str(width), str(batch), *figures, *ratios])
    head = ["width", "batch", "products", "engine", "sharing", "allreduce", "sum", "measured"]
    print("\nA step on two ranks, ms: the parts by the model, their sum, and what was measured.\n")
    head += ["one rank", "two threads", "model / measured"]
    print_table([*head, "against one rank", "against two threads"], rows)


def print_networks(model: Model, local_byte: float) -> None:
    for network in NETWORKS:
        print(f"\nBatch from which R ranks are R / 2 times as fast as one, {network.name}:\n")
        rows = [
            [f"784-{width}-{width}-10", f"{parameters(width):,}"]
            + [
                rounded(paying_batch(model, width, ranks, allreduce(
                    network, local_byte, ranks, 4 * parameters(width)
                )))
                for ranks in ASKED_RANKS
            ]
            for width in ASKED_WIDTHS
        ]  # fmt: skip
        print_table(["network", "parameters", *(f"R = {r:,}" for r in ASKED_RANKS)], rows)


def main(rounds: int) -> None:
    """Measure, fit, hold the model against two ranks, and print what follows."""
    with nn.mpi_world() as comm:
        if comm.size != 2:
            raise SystemExit("mpi_cost.py measures two ranks: mpiexec -n 2 python ...")
        lone = comm.Split(comm.rank)
        times = measure(comm, lone, rounds)
        reductions = {size: min(reduced(comm, size) for _ in range(rounds)) for size in SIZES}
        if comm.rank:
            return
        lines = lines_of(reductions)
        print("Allreduce on two ranks of this machine, by bytes:\n")
        rows = [
            [f"{size:,}", f"{1e6 * t:.1f}", f"{1e6 * lines.seconds(size):.1f}"]
            for size, t in reductions.items()
        ]
        print_table(["bytes", "measured, µs", "fitted, µs"], rows)
        model, local_byte = model_of(times), added()
        print(f"\n{lines}\nadding a byte to another: {local_byte:.3g} s")
        for name, seconds in model._asdict().items():
            print(f"{name}: {seconds:.3g} s")
        print_steps(model, times, lines)
        print_networks(model, local_byte)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    main(parser.parse_args().rounds)
