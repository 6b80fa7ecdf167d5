"""Times micrograd's demo on micrograd and, the same program, on our Value.

Knows the demo: two moons, a network 2-16-16-1 of micrograd's own neurons, 100 examples, the hinge
loss and a penalty on the squares of the weights. Each side runs in a process of its own, where
ours takes the place of the name `Value` in `micrograd.nn`; they take turns, step by step. Once
with Python's garbage collector on, as it is by default, and once with it off: micrograd's nodes
refer to each other in cycles, and the collector, which looks for such, takes most of the time.
"""

import argparse
import gc
import importlib.util
import itertools
import json
import math
import random
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import timing

SIDES = ("micrograd", "autograd_mini")
WARM_UP = 2
TOLERANCE = 1e-9  # largest difference between the losses of the two sides, relative
PENALTY = 1e-4


def moons(count: int, noise: float) -> tuple[Any, Any]:
    """Points on two interlocking half circles, blurred, and their classes -1 and 1."""
    rng = random.Random(1337)
    points, classes = [], []
    for i in range(count):
        lower = i % 2
        angle = math.pi * (i // 2) / (count // 2 - 1)
        x, y = math.cos(angle), math.sin(angle)
        if lower:
            x, y = 1 - x, 0.5 - y
        points.append([x + rng.gauss(0, noise), y + rng.gauss(0, noise)])
        classes.append(2.0 * lower - 1)
    return points, classes


def demo(side: str, scalars: str) -> Callable[[], float]:
    """A function that makes the next step of the demo and returns the loss before it."""
    import micrograd.nn

    if side == "autograd_mini":
        import autograd_mini

        micrograd.nn.Value = autograd_mini.Value
    value = micrograd.nn.Value
    random.seed(1337)
    model = micrograd.nn.MLP(2, [16, 16, 1])
    points, classes = moons(100, 0.1)
    if scalars == "numpy":  # as in micrograd's notebook: elements of arrays, the classes integers
        import numpy as np

        points, classes = np.array(points), np.array(classes, int)
    done = 0

    def step() -> float:
        nonlocal done
        scores = [model([value(x) for x in row]) for row in points]
        margins = [(1 + -y * score).relu() for y, score in zip(classes, scores, strict=True)]
        data_loss = sum(margins) * (1.0 / len(margins))
        total = data_loss + PENALTY * sum(p * p for p in model.parameters())
        model.zero_grad()
        total.backward()
        rate = 1.0 - 0.9 * done / 100
        for p in model.parameters():
            p.data -= rate * p.grad
        done += 1
        return float(total.data)

    return step


def serve(side: str, scalars: str, collector: str) -> None:
    """In the side's own process: make as many steps as each line of input says."""
    step = demo(side, scalars)
    gc.collect()
    gc.freeze()
    if collector == "off":
        gc.disable()
    for line in sys.stdin:
        if collector == "off":
            gc.collect()  # before the clock starts
        start = time.process_time()  # one thread: other programs' turns do not count
        losses = [step() for _ in range(int(line))]
        seconds = time.process_time() - start
        print(json.dumps({"seconds": seconds, "losses": losses}), flush=True)


class Worker:
    """The process of one side, and the losses that it has reported so far."""

    def __init__(self, side: str, scalars: str, collector: str) -> None:
        command = [sys.executable, __file__, "--serve", side, "--scalars", scalars]
        command += ["--collector", collector]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.losses: list[float] = []

    def run(self, count: int) -> float:
        """Make `count` steps; processor seconds per step."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(count, file=self.process.stdin, flush=True)
        answer = json.loads(self.process.stdout.readline())
        self.losses += answer["losses"]
        return float(answer["seconds"]) / count

    def close(self) -> None:
        """Let the process end."""
        self.process.communicate()


def compare(scalars: str, collector: str, rounds: int) -> tuple[timing.Ratio, float, float]:
    """How many times the step of micrograd takes that of ours, as a median over the rounds and by
    the least times; and the largest difference of a loss.
    """
    workers = [Worker(side, scalars, collector) for side in SIDES]
    for worker in workers:
        worker.run(WARM_UP)
    times = [[worker.run(1) for worker in workers] for _ in range(rounds)]
    for worker in workers:
        worker.close()
    least = [min(seconds) for seconds in zip(*times, strict=True)]
    theirs, ours = (worker.losses for worker in workers)
    difference = max(abs(a - b) / abs(a) for a, b in zip(theirs, ours, strict=True))
    if not difference <= TOLERANCE:
        raise SystemExit(f"the losses differ by {difference:.1e}, and {TOLERANCE:.0e} is allowed")
    print(f"{scalars} numbers: loss {theirs[0]:.6f} to {theirs[-1]:.6f}, on both", flush=True)
    return timing.spread([a / b for a, b in times]), least[0] / least[1], difference


def main() -> None:
    """Print how many times faster our Value makes a step of the demo."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--rounds", type=int, default=40, help="steps on each side")
    parser.add_argument("--serve", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--scalars", default="python", help=argparse.SUPPRESS)
    parser.add_argument("--collector", default="on", help=argparse.SUPPRESS)
    options = parser.parse_args()
    timing.limit_threads(1)
    if options.serve:
        serve(options.serve, options.scalars, options.collector)
    elif importlib.util.find_spec("micrograd") is None:
        print("micrograd: not installed")
    else:
        rows = []
        for scalars, collector in itertools.product(("python", "numpy"), ("on", "off")):
            ratio, least, difference = compare(scalars, collector, options.rounds)
            rows.append([scalars, collector, str(ratio), f"{least:.2f}", f"{difference:.0e}"])
        print("\nA step of micrograd's demo: its time on micrograd, as a multiple of ours.\n")
        head = ["inputs as floats of", "collector", "micrograd / ours", "of the least times"]
        timing.print_table([*head, "losses differ by"], rows)


if __name__ == "__main__":
    main()
