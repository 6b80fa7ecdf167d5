"""Tables that stay as they are, indexed by numbers that change: np.take of a plain array.

NumPy asks the array, and not the index, so it is asked here. This file knows np.take. It must not
know what is written down.
"""

import functools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.program.stand_in import Traced, take

_lock = threading.Lock()
_recordings = 0  # in all threads


@functools.wraps(take)
def _take_traced(a: Any, indices: Any, *args: Any, **keywords: Any) -> Any:
    if type(indices) is Traced and not hasattr(a, "tracer") and type(a) is not Value:
        a = indices.tracer.constant(a if isinstance(a, np.ndarray) else np.array(a))
    return take(a, indices, *args, **keywords)


def _after_fork() -> None:
    global _lock, _recordings
    _lock, _recordings = threading.Lock(), 0
    np.take = take


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


@contextmanager
def tables() -> Iterator[None]:
    """Let np.take of a plain array be written down too: NumPy asks the array, not the index."""
    global _recordings
    with _lock:
        _recordings += 1
        np.take = _take_traced
    try:
        yield
    finally:
        with _lock:
            _recordings -= 1
            if not _recordings:
                np.take = take
