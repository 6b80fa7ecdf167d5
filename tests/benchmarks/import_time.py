"""Times how much `import autograd_mini` adds to `import numpy`.

Knows processes and Python's own import timer.
"""

import argparse
import os
import subprocess
import sys

import timing

STATEMENTS = {"numpy": "import numpy", "both": "import numpy, autograd_mini"}


def run(statement: str, *options: str) -> str:
    """Run `statement` in a process of its own; what it writes to its standard error."""
    command = [sys.executable, *options, "-c", statement]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr


def costliest(report: str, count: int) -> list[list[str]]:
    """The modules of a `-X importtime` report that took longest without what they import."""
    rows = []
    for line in report.splitlines():
        own, total, module = line.removeprefix("import time:").split("|")
        if own.strip().isdecimal():
            rows.append((int(own), int(total), module.strip()))
    rows.sort(reverse=True)
    return [
        [module, f"{own / 1e3:.1f}", f"{total / 1e3:.1f}"] for own, total, module in rows[:count]
    ]


def main() -> None:
    """Print the difference of the medians in ms, and the modules that take the most of it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--rounds", type=int, default=25, help="processes of each kind")
    timing.add_clock_option(parser)
    options = parser.parse_args()
    os.environ["PYTHONDONTWRITEBYTECODE"] = ""  # measure with compiled files, as installed
    jobs = {
        name: lambda count, statement=statement: run(statement)
        for name, statement in STATEMENTS.items()
    }
    for job in jobs.values():
        job(1)
    times = timing.in_turn(jobs, options.rounds, clock=options.clock)
    added = timing.spread(
        [1e3 * (both - numpy) for both, numpy in zip(times["both"], times["numpy"], strict=True)]
    )
    print(f"import autograd_mini after numpy: {added} ms\n")
    before = {row[0] for row in costliest(run(STATEMENTS["numpy"], "-X", "importtime"), 10_000)}
    report = costliest(run(STATEMENTS["both"], "-X", "importtime"), 10_000)
    timing.print_table(
        ["module that NumPy had not imported", "itself, ms", "with its own imports, ms"],
        [row for row in report if row[0] not in before][:12],
    )


if __name__ == "__main__":
    main()
