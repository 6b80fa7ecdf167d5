"""Which line of the user's code is running, and which function of another library, for errors.

This file knows the folders of this package, of `nn`, of NumPy and of what is installed beside it.
It must not know who asks.
"""

import os
import sys
from types import FrameType, FunctionType
from typing import Any

import numpy as np

_HERE = os.path.dirname(__file__)
_ENGINE = tuple(os.path.join(folder, "") for folder in (_HERE, os.path.dirname(np.__file__)))
_OURS = (*_ENGINE, os.path.join(os.path.dirname(_HERE), "nn", ""))
_NO_FILES = ("<frozen", "<compiled")  # Python's importing, and our compiled programs
_INSTALLED = os.path.join(os.path.dirname(os.path.dirname(np.__file__)), "")


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


def users_variables() -> dict[str, Any]:
    """The local variables of the innermost code that is neither ours nor NumPy's.

    Those around a comprehension belong to it, as they do from Python 3.12 on.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith((*_OURS, *_NO_FILES)):
        frame = frame.f_back
    found: dict[str, Any] = {}
    while frame is not None and frame.f_code.co_name.endswith("comp>"):
        found |= frame.f_locals
        frame = frame.f_back
    return found if frame is None else frame.f_locals | found


def library_call() -> str:
    """The function of another library that the user has called and that calls us now, or ""."""
    frame: FrameType | None = sys._getframe(1)
    library, found = "", ""
    while frame is not None:
        path, module = frame.f_code.co_filename, frame.f_globals.get("__name__", "")
        if not path.startswith((*_OURS, *_NO_FILES)):
            library = library or module.partition(".")[0]
            if module.partition(".")[0] != library or not path.startswith(_INSTALLED):
                break
            name = frame.f_code.co_qualname
            if "wrap" in name:  # a decorator's; the function is one of its variables
                inner = [x for x in frame.f_locals.values() if type(x) is FunctionType]
                module, name = (inner[0].__module__, inner[0].__qualname__) if inner else ("", "")
            name = name.removesuffix(".__init__")
            parts = [part for part in f"{module}.{name}".split(".") if not part.startswith("_")]
            last = name.rpartition(".")[2]
            if last in parts and "<" not in name:
                found = ".".join(parts)
            elif last.endswith("__"):  # an operator, where no function has a name
                found = found or ".".join([*parts, last])
        frame = frame.f_back
    return found
