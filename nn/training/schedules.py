"""Learning-rate schedules: functions from the epoch to a factor of the learning rate.

This file knows numbers; it must not know optimizers, models or data.

An epoch is a float: 2.5 is the middle of the third one, so a schedule can move at every step.
`fit(..., schedule=cosine(30))` multiplies the optimizer's learning rate by the factor. In a loop
of one's own: `optimizer.lr = 0.1 * schedule(epoch)`. Any function of this kind will do; this is
what PyTorch's LambdaLR takes, and the first three are its StepLR, ExponentialLR and
CosineAnnealingLR.
"""

import math
from collections.abc import Callable

Schedule = Callable[[float], float]


def step_decay(every: float, factor: float = 0.1) -> Schedule:
    """Multiply by `factor` at the end of each `every` epochs.

    >>> schedule = step_decay(10, factor=0.5)
    >>> [schedule(epoch) for epoch in (0, 9.9, 10, 25)]
    [1.0, 1.0, 0.5, 0.25]
    """
    _check(every=every, factor=factor)
    return lambda epoch: float(factor ** math.floor(epoch / every * (1 + 1e-12)))  # .3 is 3 * .1


def exponential(factor: float) -> Schedule:
    """Multiply by `factor` over each epoch, a little at every step.

    >>> schedule = exponential(0.81)
    >>> [round(schedule(epoch), 6) for epoch in (0, 0.5, 1, 2)]
    [1.0, 0.9, 0.81, 0.6561]
    """
    _check(factor=factor)
    return lambda epoch: float(factor**epoch)


def cosine(epochs: float, warm_up: float = 0.0, floor: float = 0.0) -> Schedule:
    """Rise in a line over the first `warm_up` epochs, then fall to `floor` on half a cosine.

    After `epochs` it stays at `floor` (Loshchilov and Hutter 2017, without restarts).

    >>> schedule = cosine(30, warm_up=10)
    >>> [round(schedule(epoch), 6) for epoch in (0, 5, 10, 20, 30, 40)]
    [0.0, 0.5, 1.0, 0.5, 0.0, 0.0]
    """
    _check(epochs=epochs)
    if not 0 <= warm_up < epochs:
        raise ValueError(f"warm_up is from 0 to below {epochs} epochs, not {warm_up}")
    if not 0 <= floor <= 1:
        raise ValueError(f"floor is a factor from 0 to 1, not {floor}")

    def factor(epoch: float) -> float:
        if epoch < warm_up:
            return epoch / warm_up
        fallen = min((epoch - warm_up) / (epochs - warm_up), 1.0)
        return floor + (1 - floor) * (1 + math.cos(math.pi * fallen)) / 2

    return factor


def _check(**positive: float) -> None:
    for name, value in positive.items():
        if not 0 < value < math.inf:
            raise ValueError(f"{name} is a finite number above 0, not {value}")
