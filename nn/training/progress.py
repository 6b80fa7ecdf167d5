"""How far a run is, shown while it goes: as a bar, or as lines.

This file knows tqdm, if it is installed. It must not know models or how a run goes.
"""

import contextlib
import sys
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from autograd_mini.notebook import is_notebook
from nn.training.blas import optional
from nn.training.history import Epoch


class Progress:
    """Tells how far the training is: in a bar, in lines, or, if not `wanted`, not at all."""

    def __init__(self, wanted: bool, done: int, epochs: int, steps: int) -> None:
        self.wanted, self.epochs, self.done = wanted and sys.stderr is not None, epochs, done
        self.bar = None
        if self.wanted and (is_notebook() or sys.stderr.isatty()):
            with warnings.catch_warnings():  # without ipywidgets a notebook has the bar as text
                warnings.simplefilter("ignore")
                tqdm = optional("tqdm.auto")
            look = "{desc}: {percentage:3.0f}%|{bar}| {remaining} left"
            self.bar = tqdm and tqdm.tqdm(
                **{"initial": done * steps, "total": epochs * steps, "file": _stream()},
                **{"bar_format": look, "dynamic_ncols": True},
            )

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def each(self, dealt: Iterable[Any]) -> Iterable[Any]:
        """The same batches, each counted when it is done."""
        return dealt if self.bar is None else _counted(dealt, self.bar)

    def tell(self, epoch: Epoch) -> None:
        """Say what the epoch that is over gave."""
        self.done += 1
        text = f"epoch {self.done:>{len(str(self.epochs))}}/{self.epochs}"
        if self.bar is not None:
            self.bar.set_description_str(f"{text}: {epoch.brief()}")
        elif self.wanted:
            with contextlib.suppress(OSError, ValueError):  # closed: no reason to end a training
                print(f"{text}: {epoch}", file=_stream(), flush=True)


def _stream() -> Any:
    return sys.stdout if is_notebook() else sys.stderr  # which is red there


def _counted(dealt: Iterable[Any], bar: Any) -> Iterator[Any]:
    for batch in dealt:
        yield batch
        bar.update()
