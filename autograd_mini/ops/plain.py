"""NumPy functions whose results have no derivative: they read the data and give plain arrays."""

from typing import Any

import numpy as np

_FUNCTIONS: tuple[Any, ...] = (
    *(np.isnan, np.isinf, np.isfinite, np.isneginf, np.isposinf, np.signbit),
    *(np.isclose, np.allclose, np.array_equal, np.array_equiv),
    *(np.logical_and, np.logical_or, np.logical_not, np.logical_xor),
    *(np.shape, np.ndim, np.size, np.nonzero, np.flatnonzero, np.argwhere),
    *(np.count_nonzero, np.searchsorted, np.digitize, np.nanargmax, np.isin),
    *(np.nanargmin, np.argpartition, np.lexsort, np.linalg.matrix_rank),
    *(np.zeros_like, np.ones_like, np.empty_like),
    *(np.result_type, np.can_cast, np.iscomplexobj, np.isrealobj, np.isreal, np.iscomplex),
    *(np.array_repr, np.array_str, np.array2string),
)
PLAIN: tuple[tuple[Any, str], ...] = (
    (np.less, "__lt__"),
    (np.less_equal, "__le__"),
    (np.greater, "__gt__"),
    (np.greater_equal, "__ge__"),
    (np.equal, "__eq__"),
    (np.not_equal, "__ne__"),
    (np.argmax, "argmax"),
    (np.argmin, "argmin"),
    (np.argsort, "argsort"),
    (np.all, "all"),
    (np.any, "any"),
    *((function, "") for function in _FUNCTIONS),
)
