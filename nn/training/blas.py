"""How many threads BLAS has while small networks train.

This file knows threadpoolctl, if it is installed. It must not know models or training.
"""

import contextlib
import importlib
import os
import threading
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from autograd_mini import Value

ONE_THREAD_BELOW = 5_000_000
"""Multiply-adds in the largest product of a step below which a second BLAS thread gains at most a
tenth on an idle machine, and costs several times the step on a busy one."""
_VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
SLOW = (
    "without threadpoolctl BLAS computes small layers with all its threads: on two busy cores an"
    " epoch of the lesson then took 4 to 60 times as long. pip install 'autograd-mini[threads]',"
    " or set OPENBLAS_NUM_THREADS=1 before Python starts"
)


class _Limit:
    """One thread for as long as anybody wants it: the last one out restores what was before.

    Libraries on OpenMP have a number for each thread of ours, all others one for the process.
    """

    def __init__(self) -> None:
        self.lock, self.users = threading.Lock(), 0
        self.shared: list[tuple[Any, int]] = []
        self.said = False

    def enter(self, pool: Any) -> list[tuple[Any, int]]:
        """Limit what is not limited yet, and give what `leave` must restore for this thread."""
        libraries = pool.ThreadpoolController().select(user_api="blas").lib_controllers
        before = [(library, library.num_threads) for library in libraries]
        own = [pair for pair in before if getattr(pair[0], "threading_layer", "") == "openmp"]
        with self.lock:
            if not self.users:
                self.shared = [pair for pair in before if pair not in own]
            self.users += 1
            _set((library, 1) for library in libraries)
        return own

    def say_that_there_is_none(self) -> None:
        """Warn, once in a process, if BLAS has several threads and nothing can limit them."""
        several = (os.cpu_count() or 1) > 1
        if several and not self.said and not any(os.environ.get(v) == "1" for v in _VARIABLES):
            self.said = True
            warnings.warn(SLOW, stacklevel=2)

    def leave(self, own: list[tuple[Any, int]]) -> None:
        with self.lock:
            self.users -= 1
            _set(own if self.users else own + self.shared)


def _set(numbers: Iterable[tuple[Any, int]]) -> None:
    for library, number in numbers:
        # threadpoolctl of today listens to one thread alone, the first that set a number
        release = getattr(library, "clear_controlling_thread", None)
        if release is not None:
            release(force=True)
        library.set_num_threads(number)
        if release is not None:
            release(force=True)


_limit = _Limit()


@contextlib.contextmanager
def one_thread_if_small(params: Iterable[Value], batch_size: int) -> Iterator[None]:
    """One BLAS thread for the time of the context, if the products are small.

    All threads of a process share this number, so it is one while any of them is inside.
    """
    pool = optional("threadpoolctl")
    if max(p.size for p in params) * batch_size >= ONE_THREAD_BELOW:
        yield
    elif pool is None:
        _limit.say_that_there_is_none()
        yield
    else:
        own = _limit.enter(pool)
        try:
            yield
        finally:
            _limit.leave(own)


def optional(name: str) -> Any:
    """The module of that name, or None if it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
