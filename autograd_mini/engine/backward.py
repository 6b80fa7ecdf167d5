"""One backward pass, from a root to everything behind it: the seed, the order, all the steps.

This file knows that a root has data and a graph. It must not know how a Value is made.
"""

from typing import Any

import numpy as np

from autograd_mini.engine import unrolled
from autograd_mini.engine.arrays import Array, StandIn, own
from autograd_mini.engine.backprop import pull_back, results_first
from autograd_mini.engine.guard import REACHED, pull_guarded
from autograd_mini.engine.modes import blocks, setting

silent = np.errstate(all="ignore")  # at a singular point


def seed_of(root: Any, seed: Array) -> Any:
    """The gradient of `root` by itself: `seed` as a number or array that fits, or 1."""
    data = root._out
    if seed is None:
        if type(data) is float:
            return 1.0
        if data.ndim:
            raise ValueError(
                f"backward() of a result of shape {root.shape} needs a seed of that shape;"
                " or reduce it to a number first, with .sum() or .mean()"
            )
        return data.constant(1) if isinstance(data, StandIn) else data.dtype.type(1)
    seed = own(seed)
    if np.shape(seed) != root.shape:
        raise ValueError(
            f"the seed has shape {np.shape(seed)}, the result has shape {root.shape};"
            " they must be equal"
        )
    if isinstance(data, StandIn) and not isinstance(seed, StandIn):
        return data.constant(seed)
    return float(seed) if type(data) is float else np.asarray(seed, data.dtype)[()]


@silent
def pulled(root: Any, seed: Array = None) -> dict[Any, Any]:
    """Gradients of `root` by every node behind it, in no particular order."""
    watch = setting("watch") if blocks else None
    seed = seed_of(root, seed)
    if watch is not None:
        table: dict[Any, Any] = pull_back(results_first(root), seed, watch.pull)
    else:
        table, spoiled = unrolled.pull_back(root, seed)
        if spoiled:
            table = pull_back(results_first(root), seed, pull_guarded)
    table.pop(REACHED, None)
    return table
