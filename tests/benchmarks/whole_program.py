"""Times the whole training run of the lesson, imports and loading included, against PyTorch's.

Knows the two programs as commands. They take turns, each in a process of its own, and must reach
the same accuracy, up to what other random numbers change.
"""

import argparse
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import timing

HERE = Path(__file__).parent
ALLOWED = 0.02  # difference between the accuracies


class Program:
    """One of the programs as a job; `accuracy` is what its last run reached, from 0 to 1."""

    def __init__(self, script: str, threads: int | None, arguments: list[str]) -> None:
        self.command = [sys.executable, str(HERE / script), *arguments]
        self.environment = dict(os.environ)
        if threads is not None:
            for variable in timing.THREAD_VARIABLES:
                self.environment[variable] = str(threads)
        self.accuracy = 0.0

    def __call__(self, count: int) -> None:
        for _ in range(count):
            done = subprocess.run(
                self.command, check=True, env=self.environment, stdout=subprocess.PIPE, text=True
            )
            self.accuracy = float(done.stdout)


def main() -> None:
    """Print how many times longer PyTorch takes, with one thread and with its own choice."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument(
        "--data",
        default=os.environ.get("MNIST_DIR"),
        help="the folder of MNIST's IDX files; by default that of MNIST_DIR",
    )
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each program")
    timing.add_clock_option(parser)
    options = parser.parse_args()
    if not options.data:
        parser.error("name the folder of MNIST's IDX files with --data, or in MNIST_DIR")
    arguments = ["--data", options.data, "--epochs", str(options.epochs)]
    programs = {"autograd_mini": Program("program_ours.py", None, arguments)}
    if importlib.util.find_spec("torch") is not None:
        one = Program("program_pytorch.py", 1, arguments)
        own = Program("program_pytorch.py", None, arguments)
        programs |= {"PyTorch, one thread": one, "PyTorch, threads of its choice": own}
    times = timing.in_turn(programs, options.rounds, clock=options.clock)
    base = "autograd_mini"
    accuracy = programs[base].accuracy
    for name, program in programs.items():
        if abs(program.accuracy - accuracy) > ALLOWED:
            raise SystemExit(f"{name} reached {program.accuracy:.2%}, {base} {accuracy:.2%}")
    rows = [
        [name, str(ratio), f"{programs[name].accuracy:.2%}"]
        for name, ratio in timing.ratios(times, base).items()
    ]
    if len(programs) == 1:
        rows.append(["PyTorch", "not installed", ""])
    print(f"The whole program, {options.epochs} epochs: time as a multiple of {base}.\n")
    timing.print_table(["program", "time", "test accuracy"], rows)


if __name__ == "__main__":
    main()
