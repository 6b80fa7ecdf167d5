"""Which line of the user's code is running, and which function of another library, for errors.

This file knows the folders of this package, of `nn`, of NumPy and of what is installed beside it.
It must not know who asks.
"""

import os
import sys
from collections.abc import Mapping
from types import FrameType, FunctionType
from typing import Any

import numpy as np

_HERE = os.path.dirname(__file__)
_ENGINE = tuple(os.path.join(folder, "") for folder in (_HERE, os.path.dirname(np.__file__)))
_OURS = (*_ENGINE, os.path.join(os.path.dirname(_HERE), "nn", ""))
_NO_FILES = ("<frozen", "<compiled")  # Python's importing, and our compiled programs
_INSTALLED = os.path.join(os.path.dirname(os.path.dirname(np.__file__)), "")


def is_engine(code_file: str, space: Mapping[str, Any]) -> bool:
    """Whether code belongs to this package or to NumPy: its file, and the variables around it."""
    return _is_in(_ENGINE, code_file, space)


def _is_in(folders: tuple[str, ...], code_file: str, space: Mapping[str, Any]) -> bool:
    """Whether code stands in folders, or is nobody's.

    Where only compiled files are installed, code still has the name that its file bore elsewhere;
    then `__file__` among its variables tells. What was typed in has the variables of others.
    """
    if code_file.startswith("<"):
        return code_file.startswith(_NO_FILES)
    return code_file.startswith(folders) or str(space.get("__file__")).startswith(folders)


def users_line() -> tuple[str, str]:
    """File and line of the innermost code that is neither ours nor NumPy's, and its function."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        path = frame.f_code.co_filename
        if not _is_in(_OURS, path, frame.f_globals):
            return f"{path}, line {frame.f_lineno}", frame.f_code.co_name
        frame = frame.f_back
    return "code without a file", ""


def users_variables() -> dict[str, Any]:
    """The local variables of the innermost code that is neither ours nor NumPy's.

    Those around a comprehension belong to it, as they do from Python 3.12 on.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_in(_OURS, frame.f_code.co_filename, frame.f_globals):
        frame = frame.f_back
    found: dict[str, Any] = {}
    while frame is not None and frame.f_code.co_name.endswith("comp>"):
        found |= frame.f_locals
        frame = frame.f_back
    found = found if frame is None else frame.f_locals | found
    own = str.isidentifier  # not @py_assert of pytest, nor _7 of IPython
    return {name: x for name, x in found.items() if own(name) and not name.startswith("_")}


def library_call() -> str:
    """The function of another library that the user has called and that calls us now, or ""."""
    frame: FrameType | None = sys._getframe(1)
    library, found = "", ""
    while frame is not None:
        path, module = frame.f_code.co_filename, frame.f_globals.get("__name__", "")
        if not _is_in(_OURS, path, frame.f_globals):
            library = library or module.partition(".")[0]
            installed = _is_in((_INSTALLED,), path, frame.f_globals)
            if module.partition(".")[0] != library or not installed:
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
