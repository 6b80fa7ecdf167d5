"""Times a chain of a million operations on numbers: built, differentiated, freed.

Knows one chain whose derivative has a closed form, to check it by.
"""

import argparse
import gc
import math
import resource
import sys
import time

from autograd_mini import Value

FACTOR = 1.000001
PARTS = ("built", "differentiated", "freed")


def peak_memory() -> float:
    """The most memory this process has had so far, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main() -> None:
    """Print the seconds of each part and the memory that they took together."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--length", type=int, default=1_000_000, help="operations in the chain")
    length = parser.parse_args().length
    before = peak_memory()
    collected = gc.get_stats()[2]["collections"]
    times = [time.perf_counter()]
    start = x = Value(1.0)
    for _ in range(length // 2):
        x = x * FACTOR + 1.0
    times.append(time.perf_counter())
    x.backward()
    times.append(time.perf_counter())
    del x
    times.append(time.perf_counter())
    expected = FACTOR ** (length // 2)
    if not math.isclose(start.grad, expected, rel_tol=1e-9):
        raise SystemExit(f"the derivative is {start.grad}, and should be {expected}")
    for part, begun, ended in zip(PARTS, times, times[1:], strict=False):
        print(f"{part:15}{ended - begun:6.2f} s")
    print(
        f"{'together':15}{times[-1] - times[0]:6.2f} s, {peak_memory() - before:,.0f} MB at most"
    )
    print(f"full collections of garbage: {gc.get_stats()[2]['collections'] - collected}")


if __name__ == "__main__":
    main()
