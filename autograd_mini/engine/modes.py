"""Blocks such as `no_grad()`: other settings for one thread, or one asyncio task, while they last.

This file knows threads, tasks and interrupts. It must not know Values or ops.
"""

import functools
import inspect
import threading
import weakref
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

_Lock: Any = type(threading.RLock())
_entered: ContextVar[tuple[Any, ...]] = ContextVar("blocks", default=())

F = TypeVar("F", bound=Callable[..., Any])
generation = 0


def recompile() -> None:
    """Let every compiled function record its program anew at the next call.

    For what changes a number or a mode that programs may have taken as a constant.
    """
    global generation
    generation += 1


blocks: set[Any] = set()
"""Blocks that may be open, in any thread: while there are none, nobody need ask for theirs."""


class Block(_Lock):  # type: ignore[misc]
    """Other settings for the length of a `with` block.

    A block is open as long as its thread holds it as a lock. A lock is entered and left by C in
    one step, so no Ctrl-C can come between and leave a block open for ever; and whoever asks
    asks the lock, so there is nothing to restore.
    """

    __slots__ = ("settings",)

    def __init__(self, **settings: Any) -> None:
        self.settings = settings
        blocks.add(weakref.ref(self, blocks.discard))
        alive = tuple(other for other in _entered.get() if other() is not None)
        _entered.set((weakref.ref(self), *alive))

    def is_open(self) -> bool:
        """Whether this thread is inside."""
        return bool(self._is_owned())

    def __call__(self, function: F) -> F:
        """Decorate a function: each call of it runs in a block of its own.

        Raises TypeError for generators and coroutines, which would leave it at their first pause.
        """
        kinds = (inspect.isgeneratorfunction, inspect.iscoroutinefunction)
        if any(is_kind(function) for is_kind in (*kinds, inspect.isasyncgenfunction)):
            raise TypeError(
                f"{function.__qualname__} runs in pieces, so a decorator cannot enclose it;"
                " write the with block inside it"
            )

        settings = self.settings  # this block itself is never entered

        @functools.wraps(function)
        def enclosed(*args: Any, **keywords: Any) -> Any:
            with Block(**settings):
                return function(*args, **keywords)

        return enclosed  # type: ignore[return-value]


def setting(key: str) -> Any:
    """What the innermost open block of this thread or task says about `key`; None if nothing."""
    for reference in _entered.get():
        block = reference()
        if block is not None and key in block.settings and block.is_open():
            return block.settings[key]
    return None
