"""The languages that a program can be written in, a file and a row each.

This file knows their names. It must not know when each is chosen.
"""

from collections.abc import Callable

from autograd_mini.program.dialects import fast, readable, scalars
from autograd_mini.program.dialects.writing import Written

DIALECTS: dict[str, Callable[..., Written]] = {
    "fast": fast.fast,
    "readable": readable.readable,
    "scalars": scalars.scalars,
}
"""`write(program, name, outside)` gives the source of a module, and what is found beside it."""
