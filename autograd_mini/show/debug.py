"""Debug mode: which line of the user's code made a node, and where numbers first go wrong.

This file looks at nodes when they are made and when they are pulled through. It must not change a
number.
"""

from typing import Any, NamedTuple

import numpy as np

from autograd_mini.engine.guard import pull_guarded
from autograd_mini.engine.modes import Block
from autograd_mini.engine.value import Value
from autograd_mini.users_line import users_line


class NotFiniteError(ArithmeticError):
    """A value or a gradient stopped being finite; the message names op, line and entry.

    `node` is the Value whose op did it: `draw(error.node)` shows what it was computed from. A
    pickle has the message alone.
    """

    def __init__(self, message: str, node: Value | None = None) -> None:
        super().__init__(message)
        self.node = node

    def __reduce__(self) -> Any:
        return type(self), self.args


class ChangedConstantError(RuntimeError):
    """A constant array was written to between its use and the backward pass."""


class Origin(NamedTuple):
    """What debug mode keeps for a node: a line of code, and a fingerprint of each constant."""

    made_at: str
    constants: tuple[int | None, ...]


def debug() -> Block:
    """Watch every op in this thread: where it was called, and where numbers stop being finite.

    Inside the block, the first op whose result is not finite although its arguments were raises
    NotFiniteError, and so does the first rule whose share is not finite although the gradient that
    it was given was. A constant array that was written to after its use raises
    ChangedConstantError in the backward pass. `made_at(v)` tells the line that made a Value.
    What a function does otherwise on plain arrays, as `y = h; y += 1` does, no single op can show:
    `testing.check_gradients` finds that.

    >>> x = Value([1.0, 0.0])
    >>> with debug(), np.errstate(all="ignore"):
    ...     y = np.log(x)
    Traceback (most recent call last):
        ...
    autograd_mini.show.debug.NotFiniteError: log gave -inf at entry (1,), from finite arguments \
of shape (2,); called at <doctest autograd_mini.show.debug.debug[1]>, line 2
    """
    return Block(watch=_Watch())


def made_at(v: Value) -> str:
    """File and line of the user's code that made `v`, or "" if debug mode was off then."""
    trace = getattr(v, "_trace", None)
    return trace.made_at if trace else ""


class _Watch:
    """Looks at each node; core calls it while debug mode is on in the thread."""

    def of(self, v: Value) -> Value:
        return v

    def made(self, node: Value) -> None:
        if node.op is None:
            return
        node._trace = Origin(users_line()[0], tuple(_fingerprint(x) for x in _constants(node)))
        bad = not_finite(node._out)
        if bad and not any(not_finite(x) for x in node.raw):
            shapes = " and ".join(str(np.shape(x)) for x in node.raw)
            raise NotFiniteError(
                f"{_text(node)} gave {bad}, from finite arguments of shape {shapes};"
                f" called at {made_at(node)}",
                node,
            )

    def pull(self, node: Value, g: Any, gradients: dict[Value, Any]) -> None:
        trace = getattr(node, "_trace", None)
        if trace and trace.constants != tuple(_fingerprint(x) for x in _constants(node)):
            raise ChangedConstantError(
                f"a constant of {_text(node)} was written to after its use at {trace.made_at};"
                " give the op a copy of the array"
            )
        pairs = pull_guarded(node, g, gradients)
        if not not_finite(g):
            for i, (_, share) in enumerate(pairs):
                bad = not_finite(share)
                if bad:
                    raise NotFiniteError(
                        f"the gradient that {_text(node)} passes to its argument {i} has {bad},"
                        f" from a finite gradient of shape {np.shape(g)};"
                        f" called at {made_at(node) or 'a line outside debug mode'}",
                        node,
                    )


def _text(node: Value) -> str:
    op = node.op.name if node.op is not None else "a leaf"
    return f"{op} ({node.name})" if node.name else op


def _constants(node: Value) -> list[Any]:
    plain = [x for arg, x in zip(node.args, node.raw, strict=True) if arg is None]
    for x in node.keywords.values():
        plain += x if isinstance(x, tuple) else (x,)
    return plain


def _fingerprint(x: Any) -> int | None:
    import zlib  # here, since it is wanted in debug mode only

    return zlib.crc32(np.ascontiguousarray(x).tobytes()) if isinstance(x, np.ndarray) else None


def not_finite(x: Any) -> str:
    """The first entry of `x` that is nan or infinite, in words; "" if there is none.

    >>> not_finite(np.array([0.0, -np.inf])), not_finite(1.5)
    ('-inf at entry (1,)', '')
    """
    entry = entry_not_finite(x)
    if entry is None:
        return ""
    return f"{x[entry]} at entry {entry}" if entry else str(x)


def entry_not_finite(x: Any) -> tuple[int, ...] | None:
    """Where the first entry of `x` stands that is nan or infinite; None if there is none.

    >>> entry_not_finite(np.array([0.0, -np.inf])), entry_not_finite(np.inf)
    ((1,), ())
    """
    if isinstance(x, np.ndarray) and x.dtype.kind != "f":
        return None
    finite = np.isfinite(x)
    if np.all(finite):
        return None
    return tuple(int(i) for i in np.argwhere(~finite)[0]) if np.ndim(x) else ()
