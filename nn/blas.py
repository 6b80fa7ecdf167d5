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
    " epoch of the lesson then took 4 to 60 times as long. pip install 'autograd-mini[mnist]', or"
    " set OPENBLAS_NUM_THREADS=1 before Python starts"
)


class _Limit:
    """One thread for as long as anybody wants it: the last one out restores what was before."""

    def __init__(self) -> None:
        self.lock, self.users = threading.Lock(), 0
        self.limits: Any = None

    def enter(self, pool: Any) -> None:
        with self.lock:
            self.users += 1
            if self.limits is None:
                self.limits = pool.threadpool_limits(1, user_api="blas")

    def leave(self) -> None:
        with self.lock:
            self.users -= 1
            if not self.users:
                limits, self.limits = self.limits, None
                limits.restore_original_limits()


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
        if (os.cpu_count() or 1) > 1 and not any(os.environ.get(v) == "1" for v in _VARIABLES):
            warnings.warn(SLOW, stacklevel=1)  # here, so that it is said once
        yield
    else:
        _limit.enter(pool)
        try:
            yield
        finally:
            _limit.leave()


def optional(name: str) -> Any:
    """The module of that name, or None if it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
