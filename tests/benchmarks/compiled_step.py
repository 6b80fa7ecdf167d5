"""Times compiled steps: the lesson's at seven sizes, and micrograd's demo; and compiling them.

Knows which of the contenders are compared, and the bars that are printed beside the ratios.
Ratios are of the least times of interleaved blocks, so that a busy machine disturbs them little.
"""

import argparse
import gc
import importlib.util
import itertools
import random
import time
from typing import Any

import timing
from lesson_step import BASE, LEARNING_RATE, Size, contenders, draw
from micrograd_demo import PENALTY, demo, moons

OURS = "autograd_mini, compiled"
COMPARED = (BASE, "its matrix products alone", OURS, "PyTorch eager", "JAX jit")
SIZES = (
    *(Size(16, 100), Size(16, 1), Size(16, 1000)),
    *(Size(128, 100), Size(128, 1000), Size(512, 100), Size(512, 1000)),
)


def lesson(rounds: int) -> None:
    """Print the least time of each contender, as a multiple of the step by hand."""
    rows = []
    for size in SIZES:
        found, _ = contenders(size)
        jobs = {name: found[name].run for name in COMPARED if name in found}
        times = {
            name: min(seconds) for name, seconds in timing.in_turn(jobs, rounds, 0.004).items()
        }
        cells = [f"{times[n] / times[BASE]:.2f}" if n in times else "-" for n in COMPARED]
        rows.append([str(size), *cells])
    timing.print_table(["training step", *COMPARED], rows)


def compiling() -> None:
    """Print how long the first call of the lesson's step takes."""
    import contenders as steps

    size = SIZES[0]
    start, batches = draw(size)
    seconds = []
    for _ in range(5):
        contender = steps.compiled(start, batches, LEARNING_RATE)
        begin = time.perf_counter()
        contender.run(1)
        seconds.append(time.perf_counter() - begin)
    print(f"\nCompiling the lesson's step: {min(seconds) * 1e3:.0f} ms\n")


def demo_on_numbers() -> tuple[Any, list[Any]]:
    """Micrograd's demo as a function of numbers, and its arguments."""
    from autograd_mini import Value, compile, value_and_grad

    random.seed(1337)
    widths = [2, 16, 16, 1]
    layers = [
        [[[random.uniform(-1, 1) for _ in range(n)], 0.0] for _ in range(m)]
        for n, m in itertools.pairwise(widths)
    ]
    points, classes = moons(100, 0.1)

    def cost(layers: Any, points: Any, classes: Any) -> Any:
        total, penalty = Value(0.0), Value(0.0)
        for a, y in zip(points, classes, strict=True):
            for layer in layers:
                z = [sum((w * x for w, x in zip(ws, a, strict=True)), b) for ws, b in layer]
                a = [v.relu() for v in z] if layer is not layers[-1] else z
            total = total + (1 + -y * a[0]).relu()
        for layer in layers:
            for ws, b in layer:
                for p in (*ws, b):
                    penalty = penalty + p * p
        return total * (1 / len(points)) + PENALTY * penalty

    @compile
    def step(layers: Any, points: Any, classes: Any, rate: float) -> Any:
        C, slopes = value_and_grad(cost)(layers, points, classes)
        moved = [
            [
                [[w - rate * d for w, d in zip(ws, ds, strict=True)], b - rate * e]
                for (ws, b), (ds, e) in zip(layer, slope, strict=True)
            ]
            for layer, slope in zip(layers, slopes, strict=True)
        ]
        return C, moved

    return step, [layers, points, classes]


def scalars(rounds: int) -> None:
    """Print how many times faster the compiled demo is than micrograd's own."""
    step, arguments = demo_on_numbers()
    begin = time.perf_counter()
    first, _ = step(*arguments, 1.0)
    print(f"Compiling micrograd's demo: {time.perf_counter() - begin:.1f} s")

    def ours(count: int) -> None:
        for _ in range(count):
            step(*arguments, 1.0)

    jobs: dict[str, Any] = {"compiled": ours}
    if importlib.util.find_spec("micrograd") is not None:
        theirs = demo("micrograd", "python")
        loss = theirs()
        print(f"The loss of its first step: {first:.12f}; on micrograd {loss:.12f}")
        jobs["micrograd"] = lambda count: [theirs() for _ in range(count)] and None
    for collector in ("on", "off"):  # micrograd's cycles keep it busy: see micrograd_demo.py
        if collector == "off":
            gc.disable()
        times = timing.in_turn(jobs, rounds, 0.02)
        least = {name: min(seconds) for name, seconds in times.items()}
        print(f"Collector {collector}. A compiled step: {least['compiled'] * 1e3:.1f} ms")
        if "micrograd" in least:
            print(f"micrograd / compiled: {least['micrograd'] / least['compiled']:.0f}")
    gc.enable()


def main() -> None:
    """Print what compiled steps take, beside hand-written NumPy, PyTorch, JAX and micrograd."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--threads", type=int, default=1, help="threads of BLAS and its like")
    parser.add_argument("--rounds", type=int, default=60, help="blocks of each, in turn")
    options = parser.parse_args()
    timing.limit_threads(options.threads)
    print(f"Least times as multiples of {BASE}; float32, threads: {options.threads}.\n")
    lesson(options.rounds)
    if options.threads == 1:
        compiling()
        scalars(max(3, options.rounds // 10))


if __name__ == "__main__":
    main()
