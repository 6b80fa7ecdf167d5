"""The error for what cannot be written down.

This file knows how it tells where it was asked for. It must not know programs.
"""

from autograd_mini.users_line import users_line


class CannotCompileError(TypeError):
    """The function does what cannot be written down as a straight line of NumPy calls."""


def refuse(what: str) -> CannotCompileError:
    """The error that says `what`, and at which line of the user's code."""
    line, function = users_line()
    return CannotCompileError(f"compile: {what} ({line}, in {function})")
