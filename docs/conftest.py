"""The pages show the digits that come along, on one thread, whatever else a machine has."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

try:
    from threadpoolctl import threadpool_limits
except ImportError:  # then a page may take longer
    threadpool_limits = contextlib.nullcontext

collect_ignore = ["beside_peers.py", "tutorial/make_pictures.py"]  # PyTorch, Matplotlib


@pytest.fixture(autouse=True)
def _the_same_everywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", os.fspath(tmp_path))
    with threadpool_limits(1):
        yield
