"""What a training run leaves behind: the numbers of each epoch.

This file knows numbers and how they are printed. It must not know how a run goes.
"""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from autograd_mini.notebook import curves, table


class Epoch(NamedTuple):
    """What one pass over the training data gave.

    `cost` and `accuracy` are means over the batches as they came, so of weights on the move;
    `validation_cost` and `validation_accuracy` are of the weights at the end of the pass.
    Accuracies are fractions from 0 to 1. Where there is nothing to measure, a number is nan.
    """

    cost: float
    accuracy: float
    validation_cost: float
    validation_accuracy: float
    seconds: float

    def brief(self) -> str:
        """The cost and one accuracy, of the validation set if there is one: room for a bar."""
        kind, accuracy = "validation accuracy", self.validation_accuracy
        if math.isnan(accuracy):
            kind, accuracy = "accuracy", self.accuracy
        return f"cost {self.cost:.4f}" + f", {kind} {accuracy:.2%}" * (not math.isnan(accuracy))

    def __repr__(self) -> str:
        return f"<Epoch: {self}>"

    def __str__(self) -> str:
        text = f"cost {self.cost:.4f}"
        if not math.isnan(self.accuracy):
            text += f", accuracy {self.accuracy:.2%}"
        if not math.isnan(self.validation_cost):
            text += f"; validation cost {self.validation_cost:.4f}"
        if not math.isnan(self.validation_accuracy):
            text += f", accuracy {self.validation_accuracy:.2%}"
        return text


@dataclass
class History:
    """The completed epochs of a training run, and whether Ctrl-C ended it.

    >>> history = History([Epoch(0.9, 0.5, 0.8, 0.6, 1.2), Epoch(0.4, 0.8, 0.5, 0.7, 1.1)])
    >>> history.column("cost"), str(history.epochs[-1])
    ([0.9, 0.4], 'cost 0.4000, accuracy 80.00%; validation cost 0.5000, accuracy 70.00%')
    >>> print(history)
    epoch   1: cost 0.9000, accuracy 50.00%; validation cost 0.8000, accuracy 60.00%
    epoch   2: cost 0.4000, accuracy 80.00%; validation cost 0.5000, accuracy 70.00%
    """

    epochs: list[Epoch] = field(default_factory=list)
    interrupted: bool = False

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        columns = [["epoch", *map(str, range(1, len(self.epochs) + 1))]]
        for name in Epoch.__annotations__:
            numbers = self.column(name)
            if not all(map(math.isnan, numbers)):
                form = ".2%" if "accuracy" in name else ".4f"
                columns.append([name.replace("_", " "), *(f"{x:{form}}" for x in numbers)])
        rows = [*zip(*columns, strict=True)]
        below = "<p>interrupted</p>" * self.interrupted
        names = ("cost", "validation_cost")
        picture = curves({name.replace("_", " "): self.column(name) for name in names})
        return f"{table(rows)}{below}{picture}"

    def __str__(self) -> str:
        lines = [f"epoch {i:3}: {epoch}" for i, epoch in enumerate(self.epochs, 1)]
        return "\n".join(lines + ["interrupted"] * self.interrupted) or "no epoch yet"

    def column(self, name: str) -> list[float]:
        """One number of all epochs, such as "cost" or "validation_accuracy"."""
        return [getattr(epoch, name) for epoch in self.epochs]
