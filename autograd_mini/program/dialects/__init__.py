"""The languages that a program can be written in, a file and a row each.

This file knows their names. It must not know when each is chosen.
"""

from collections.abc import Callable

from autograd_mini.program.dialects.fast import fast
from autograd_mini.program.dialects.readable import readable
from autograd_mini.program.dialects.scalars import scalars
from autograd_mini.program.dialects.writing import Written

DIALECTS: dict[str, Callable[..., Written]] = {
    "fast": fast,
    "readable": readable,
    "scalars": scalars,
}
"""`write(program, name, outside)` gives the source of a module, and what is found beside it."""
