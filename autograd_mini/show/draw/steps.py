"""The steps of a loop, found in the order in which their nodes were made.

This file knows what makes two stretches of a computation alike. It must not know boxes.
"""

from collections.abc import Hashable, Sequence

import numpy as np

LONGEST_STEP = 200
LEAST_STEPS = 3


def repeated(marks: Sequence[Hashable]) -> tuple[int, int, int]:
    """Where the longest repetition begins, how long one step is, and how many there are.

    Of repetitions of the same length the one of the shortest step counts; (0, 0, 0) if nothing is
    there three times in a row.

    >>> repeated("xabcabcabcy"), repeated("abcd")
    ((1, 3, 3), (0, 0, 0))
    """
    numbers: dict[Hashable, int] = {}
    row = np.array([numbers.setdefault(mark, len(numbers)) for mark in marks], int)
    best = (0, 0, 0)
    for step in range(1, min(len(row) // LEAST_STEPS, LONGEST_STEP) + 1):
        same = np.flatnonzero(np.concatenate([[1], row[step:] != row[:-step], [1]]))
        runs = np.diff(same) - 1  # how long the row is the same as itself, moved by a step
        longest = int(np.argmax(runs))
        times = int(runs[longest]) // step + 1
        if times >= LEAST_STEPS and times * step > best[1] * best[2]:
            best = (int(same[longest]), step, times)
    return best
