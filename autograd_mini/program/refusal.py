"""The error for what cannot be written down, and the line of the user's code that asked for it.

This file knows which code is ours. It must not know programs.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

HOME = str(Path(__file__).parent.parent)
NUMPY = str(Path(np.__file__).parent)


class CannotCompileError(TypeError):
    """The function does what cannot be written down as a straight line of NumPy calls."""


def users_line() -> str:
    """File and line of the innermost code that is neither ours nor NumPy's."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        inside = code.co_filename.startswith((HOME, NUMPY, "<"))
        if not inside:
            return f"{code.co_filename}, line {frame.f_lineno}, in {code.co_name}"
        frame = frame.f_back
    return "code without a file"


def refuse(what: str) -> CannotCompileError:
    """The error that says `what`, and at which line of the user's code."""
    return CannotCompileError(f"compile: {what} ({users_line()})")
