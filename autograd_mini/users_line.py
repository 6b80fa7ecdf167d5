"""Which line of the user's code is running, for errors and for debug mode.

This file knows the folders of this package, of `nn` and of NumPy. It must not know who asks.
"""

import os
import sys
from types import FrameType

import numpy as np

_HERE = os.path.dirname(__file__)
_ENGINE = tuple(os.path.join(folder, "") for folder in (_HERE, os.path.dirname(np.__file__)))
_OURS = (*_ENGINE, os.path.join(os.path.dirname(_HERE), "nn", ""))
_NO_FILES = ("<frozen", "<compiled")  # Python's importing, and our compiled programs


def is_engine(path: str) -> bool:
    """Whether a frame's file belongs to this package or to NumPy."""
    return path.startswith((*_ENGINE, *_NO_FILES))


def users_line() -> tuple[str, str]:
    """File and line of the innermost code that is neither ours nor NumPy's, and its function."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        path = frame.f_code.co_filename
        if not path.startswith((*_OURS, *_NO_FILES)):
            return f"{path}, line {frame.f_lineno}", frame.f_code.co_name
        frame = frame.f_back
    return "code without a file", ""
