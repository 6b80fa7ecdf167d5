"""What a declaration says for its tests: where arguments are drawn, and with which keywords.

This file knows numbers and shapes. It must not know ops.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Domain(NamedTuple):
    """Where an argument of an op is drawn when its declaration is tested.

    Numbers from `low` to `high` that keep `margin` away from each point in `away_from`, so that a
    finite difference never steps over a kink or out of the domain. With a `spacing`, they are
    `offset` plus whole multiples of it, so that arguments of different offsets never meet; with
    `distinct`, no two elements of one array are equal either, as the maximum of an array needs.
    With a `diagonal`, that times i + 1 is added to element i of the diagonal of each matrix: it is
    then positive definite, well conditioned, and its eigenvalues lie apart.
    """

    low: float = -3.0
    high: float = 3.0
    away_from: tuple[float, ...] = ()
    margin: float = 0.1
    spacing: float = 0.0
    offset: float = 0.0
    distinct: bool = False
    diagonal: float = 0.0


REAL = Domain()


class Case(NamedTuple):
    """Keywords to test an op with, and the shapes of its arrays; () where any shapes will do."""

    shapes: tuple[tuple[int, ...], ...]
    keywords: Mapping[str, Any]


def case(*shapes: tuple[int, ...], **keywords: Any) -> Case:
    """A `Case`, written as a call.

    >>> case((2, 3), axis=1)
    Case(shapes=((2, 3),), keywords={'axis': 1})
    """
    return Case(shapes, keywords)
