"""How times are taken and compared: in turn, block by block, as ratios to one of them.

This file knows clocks and medians. It must not know what is timed, nor import NumPy, because the
number of threads must be set before NumPy is loaded.
"""

import argparse
import gc
import os
import resource
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

Job = Callable[[int], object]
"""Does a piece of work that many times."""
Clock = Callable[[], float]

THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")


def limit_threads(count: int) -> None:
    """Let NumPy, PyTorch and JAX, imported after this call, compute on `count` threads."""
    for variable in THREAD_VARIABLES:
        os.environ[variable] = str(count)
    if count == 1:
        os.environ["XLA_FLAGS"] = (
            "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
        )


def add_clock_option(parser: argparse.ArgumentParser) -> None:
    """Let the user choose the clock: `options.clock`."""
    parser.add_argument(
        "--processor-time",
        dest="clock",
        action="store_const",
        const=processor_seconds,
        default=time.perf_counter,
        help="for a busy machine: do not count the turns of other programs",
    )


def keep_to_one_core() -> None:
    """Bind this process, and what it starts, to one core; Linux only."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def processor_seconds() -> float:
    """A clock for busy machines: processor time of this process and of those that it waited for.

    Turns of other programs do not count; what several threads do at once counts severally.
    """
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def in_turn(
    jobs: Mapping[str, Job],
    rounds: int,
    seconds: float = 0.0,
    clock: Clock = time.perf_counter,
) -> dict[str, list[float]]:
    """Seconds per piece of work of each job, once a round.

    In every round each job does one block of work, of about `seconds` (at least one piece), so
    that whatever slows the machine down slows all of them. The round starts with another job
    each time, and where a block has several pieces, one more goes before it, untimed, that finds
    the caches as the job before it left them.
    """
    gc.collect()
    gc.freeze()  # what the libraries themselves keep is nobody's garbage
    wall = time.perf_counter
    repeats = {name: max(1, round(seconds / _timed(job, 1, wall))) for name, job in jobs.items()}
    names = list(jobs)
    times: dict[str, list[float]] = {name: [] for name in names}
    for i in range(rounds):
        first = i % len(names)
        for name in names[first:] + names[:first]:
            job, count = jobs[name], repeats[name]
            if count > 1:
                job(1)
            times[name].append(_timed(job, count, clock) / count)
    gc.unfreeze()
    return times


def _timed(job: Job, count: int, clock: Clock) -> float:
    start = clock()
    job(count)
    return clock() - start


def cores_used(job: Job, seconds: float = 0.1) -> float:
    """Processor seconds per second while `job` runs in this process: above 1, it has threads."""
    count = max(1, round(seconds / _timed(job, 1, time.perf_counter)))
    processor, wall = time.process_time(), time.perf_counter()
    job(count)
    return (time.process_time() - processor) / (time.perf_counter() - wall)


class Ratio(NamedTuple):
    """The median over the rounds, and the tenth and ninetieth percentile."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def spread(numbers: Sequence[float]) -> Ratio:
    """Median and percentiles of at least two numbers."""
    tenths = statistics.quantiles(numbers, n=10, method="inclusive")
    return Ratio(statistics.median(numbers), tenths[0], tenths[-1])


def ratios(times: Mapping[str, Sequence[float]], base: str) -> dict[str, Ratio]:
    """Of each job, its time divided by that of `base` in the same round."""
    return {
        name: spread([t / b for t, b in zip(own, times[base], strict=True)])
        for name, own in times.items()
    }


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table in Markdown whose columns also line up as plain text."""
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    lines.insert(1, ["-" * width for width in widths])
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("| " + " | ".join(cells) + " |")
