"""Times the lesson's training step in every library that is installed, all in one run.

Knows sizes, starting weights and the check that all libraries arrive at the same weights.
"""

import argparse
import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

import timing

if TYPE_CHECKING:
    from contenders import Contender

BASE = "NumPy by hand"
LEARNING_RATE = 0.5
BATCHES = 20  # drawn beforehand, and taken in turn
BLOCK = 0.02  # seconds of steps on end: training comes in long runs, with caches that are warm
CHECKED_STEPS = 40
TOLERANCE = 1e-5  # largest deviation of a weight, in units of the largest weight of its array


class Size(NamedTuple):
    """A network 784-width-width-10, and the examples in a batch."""

    width: int
    batch: int

    def __str__(self) -> str:
        return f"784-{self.width}-{self.width}-10, batch {self.batch:,}"


SIZES = (Size(16, 100), Size(16, 1), Size(16, 1000), Size(128, 100), Size(512, 100))


def draw(size: Size) -> tuple[list[Any], list[tuple[Any, Any]]]:
    """Starting weights, of a spread that lets all layers learn, and batches: all in float32."""
    import numpy as np

    rng = np.random.default_rng(0)
    widths = [784, size.width, size.width, 10]
    start: list[Any] = []
    for fan_in, fan_out in itertools.pairwise(widths):
        start.append(rng.normal(size=(fan_out, fan_in), scale=fan_in**-0.5).astype(np.float32))
        start.append(rng.normal(size=fan_out, scale=0.1).astype(np.float32))
    batches = [
        (
            rng.random((size.batch, 784), np.float32),
            np.eye(10, dtype=np.float32)[rng.integers(10, size=size.batch)],
        )
        for _ in range(BATCHES)
    ]
    return start, batches


def contenders(size: Size) -> tuple[dict[str, "Contender"], float]:
    """Those that can be imported, after `CHECKED_STEPS` steps; and their largest deviation.

    Raises SystemExit if the weights of one of them deviate by more than `TOLERANCE` from those
    that the steps by hand arrive at.
    """
    import numpy as np
    from contenders import CONTENDERS

    start, batches = draw(size)
    found: dict[str, Contender] = {}
    for name, factory in CONTENDERS.items():
        try:
            found[name] = factory(start, batches, LEARNING_RATE)
        except ImportError:
            continue
        found[name].run(CHECKED_STEPS)
    reference = _weights(found[BASE])
    if not all(
        np.abs(w - s).max() > 100 * TOLERANCE for w, s in zip(reference, start, strict=True)
    ):
        raise SystemExit(f"{size}: the weights have hardly moved, so comparing them shows nothing")
    deviations = {
        name: max(
            float(np.abs(w - r).max() / np.abs(r).max())
            for w, r in zip(_weights(contender), reference, strict=True)
        )
        for name, contender in found.items()
        if contender.weights is not None
    }
    worst = max(deviations, key=deviations.__getitem__)
    if not deviations[worst] <= TOLERANCE:
        raise SystemExit(
            f"{size}: after {CHECKED_STEPS} steps the weights of {worst} are off by"
            f" {deviations[worst]:.1e} of the largest, and {TOLERANCE:.0e} is allowed"
        )
    return found, deviations[worst]


def _weights(contender: "Contender") -> list[Any]:
    assert contender.weights is not None
    return contender.weights()


def main() -> None:
    """Print one table: a row for each library, a column for each size."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--threads", type=int, default=1, help="threads of BLAS and its like")
    parser.add_argument("--one-core", action="store_true", help="bind everything to one core")
    parser.add_argument("--rounds", type=int, default=60, help="blocks of each, in turn")
    parser.add_argument("--least", action="store_true", help="ratios of the least times alone")
    timing.add_clock_option(parser)
    options = parser.parse_args()
    timing.limit_threads(options.threads)
    if options.one_core:
        timing.keep_to_one_core()
    from contenders import CONTENDERS

    columns: list[dict[str, str]] = []
    cores: dict[str, str] = {}
    for size in SIZES:
        found, deviation = contenders(size)
        jobs = {name: contender.run for name, contender in found.items()}
        print(f"{size}: equal weights after {CHECKED_STEPS} steps, to {deviation:.0e}", flush=True)
        if not columns:
            cores = {name: f"{timing.cores_used(run):.1f}" for name, run in jobs.items()}
        times = timing.in_turn(jobs, options.rounds, BLOCK, options.clock)
        if options.least:
            least = {name: min(seconds) for name, seconds in times.items()}
            columns.append({k: f"{t / least[BASE]:.2f}" for k, t in least.items()})
        else:
            columns.append({k: str(ratio) for k, ratio in timing.ratios(times, BASE).items()})
    rows = [
        [name, *(column.get(name, "not installed") for column in columns), cores.get(name, "")]
        for name in CONTENDERS
    ]
    where = "one core" if options.one_core else "any core"
    which = "Least times" if options.least else "Times"
    print(f"\n{which} as multiples of {BASE}; float32, threads: {options.threads}, {where}.\n")
    timing.print_table(["training step", *map(str, SIZES), "cores used"], rows)


if __name__ == "__main__":
    main()
