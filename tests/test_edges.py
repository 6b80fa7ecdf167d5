"""Rules at the edges of their domains, where no finite difference reaches."""

import math
from typing import Any

import numpy as np
import pytest

from autograd_mini import Value, ops


def slopes(f: Any, *args: Any) -> list[Any]:
    leaves = [Value(x) for x in args]
    f(*leaves).backward()
    return [np.asarray(x.grad).tolist() for x in leaves]


@pytest.mark.parametrize(
    ("x", "y", "slope"),
    [(-2.0, 3.0, 12.0), (-2.0, 2.0, -4.0), (0.0, 1.5, 0.0), (0.5, 1.5, 1.5 * math.sqrt(0.5))],
)
def test_powers_of_negative_numbers_and_of_0(x: float, y: float, slope: float) -> None:
    assert slopes(lambda v: v**y, x) == [pytest.approx(slope)]


def test_fractional_powers_of_negative_numbers_have_no_slope() -> None:
    with np.errstate(invalid="ignore"):
        assert math.isnan(slopes(lambda v: v**0.5, -2.0)[0])


@pytest.mark.parametrize("extreme", [np.max, np.min])
def test_a_nan_is_its_own_extreme(extreme: Any) -> None:
    assert slopes(extreme, [math.nan, 1.0]) == [[1.0, 0.0]]
    rows = slopes(lambda x: extreme(x, axis=1).sum(), [[math.nan, 1.0], [2.0, 2.0]])
    assert rows == [[[1.0, 0.0], [0.5, 0.5]]]


def test_clip_between_equal_bounds_follows_the_upper() -> None:
    assert slopes(np.clip, -2.0, 1.0, 1.0) == [0.0, 0.0, 1.0]
    assert slopes(np.clip, 2.0, 1.0, 1.0) == [0.0, 0.0, 1.0]
    assert slopes(np.clip, 1.0, 1.0, 1.0) == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("x", [0.0, 1.0, 1.5, 2.0, 3.0])
def test_clip_between_crossed_bounds_is_the_upper(x: float) -> None:
    assert slopes(np.clip, x, 2.0, 1.0) == [0.0, 0.0, 1.0]


def test_hypot_of_exactly_1() -> None:
    assert slopes(np.hypot, 0.6, 0.8) == [0.6, 0.8]


def test_cross_entropy_of_impossible_classes() -> None:
    nothing, usual = [-math.inf] * 3, [0.0, 0.0, -math.inf]
    with np.errstate(invalid="ignore"):
        many = slopes(lambda x: ops.cross_entropy(x, labels=np.array([0, 1])), [nothing, usual])
        one = slopes(lambda x: ops.cross_entropy(x, labels=2), nothing)
    assert many == [[[-0.5, 0.0, 0.0], [0.25, -0.25, 0.0]]]
    assert one == [[0.0, 0.0, -1.0]]


def test_the_cube_root_of_cubes_at_a_0() -> None:
    norm = lambda x: np.linalg.norm(x, ord=3)
    assert slopes(norm, [0.0, 2.0])[0] == [0.0, pytest.approx(1.0)]


def test_svd_of_a_unit_column_and_of_no_column() -> None:
    def first(x: Value) -> Any:
        u, _, vt = np.linalg.svd(x, full_matrices=False)
        return u[1, 0] * vt[0, 0]  # x[1] / |x|

    assert slopes(first, [[1.0], [0.0], [0.0]]) == [[[0.0], [1.0], [0.0]]]
    assert np.all(np.isnan(slopes(first, [[0.0], [0.0], [0.0]])[0]))  # it jumps there


@pytest.mark.parametrize("axis", [2, -3])
@pytest.mark.parametrize(
    "f",
    [
        *(np.sum, np.mean, np.prod, np.nanprod, np.max, np.var, np.median, np.cumsum, np.cumprod),
        *(np.sort, np.flip, lambda x, axis: np.roll(x, 1, axis), np.linalg.norm, np.diff),
        lambda x, axis: np.quantile(x, 0.5, axis),
        lambda x, axis: np.repeat(x, 2, axis),
        lambda x, axis: np.take(x, [0], axis),
        lambda x, axis: np.tensordot(x, x, ([axis], [0])),
        lambda x, axis: np.average(x, axis=axis, weights=[1.0, 2.0]),
        lambda x, axis: np.split(x, 1, axis),
    ],
)
def test_an_axis_that_is_not_there(f: Any, axis: int) -> None:
    with pytest.raises(IndexError):
        f(Value([[1.0, 2.0], [3.0, 4.0]]), axis=axis)


def test_a_number_folds_along_its_only_axis_and_is_padded_with_nothing() -> None:
    for f in (np.prod, np.nanprod):
        assert slopes(lambda x, f=f: f(x, axis=0), 2.0) == [1.0]
    assert slopes(lambda x: np.pad(x, (2, 1), mode="edge") * 3, 2.0) == [3.0]
