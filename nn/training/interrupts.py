"""Ctrl-C during a run: it ends the run, and never in the middle of what must be whole.

This file knows signals and threads. It must not know models or training.
"""

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any, Self

_OFTEN = 10  # presses after which nothing is whole any more that does not end


class Interrupts:
    """A context that Ctrl-C ends, without an exception, and never in one of its `held` parts.

    It is held from the start, and again as soon as Ctrl-C has ended it, so that a second press
    cannot break into what clears up after the first one. An exception that gets lost on its way,
    as in a `__del__`, is raised again by the next `release()`. Where Ctrl-C is not Python's own,
    or the thread is not the main one, nothing is held.
    """

    def __init__(self) -> None:
        self.held, self.presses, self.happened, self._installed = True, 0, False, False

    def __enter__(self) -> Self:
        here = threading.current_thread() is threading.main_thread()
        if here and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._note)
            self._installed = True
        return self

    def __exit__(self, kind: Any, *_: object) -> bool:
        self.held = True
        ended = kind is not None and issubclass(kind, KeyboardInterrupt)
        self.happened = ended or self.presses > 0
        if self._installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        return ended

    def release(self) -> None:
        """End a held part, and raise what was noted in it."""
        self.held = False
        if self.presses:
            self._stop()

    @contextlib.contextmanager
    def released(self) -> Iterator[None]:
        """A part of the run that is not held."""
        self.release()
        try:
            yield
        finally:
            self.held = True

    def _note(self, number: int, frame: Any) -> None:
        self.presses += 1
        if not self.held or self.presses >= _OFTEN:
            self._stop()

    def _stop(self) -> None:
        self.held = True
        raise KeyboardInterrupt
