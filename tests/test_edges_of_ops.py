"""Ops at the edges of what they take: indices, empty axes, ties, infinities, dtypes."""

import array
import collections
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_mini import Op, Value, compile, grad, gradients, ops, to_html
from autograd_mini.testing import check_gradients

M = np.arange(12.0).reshape(3, 4)


# --------------------------------------------------------------------------------------- indices
class Tensor:
    """What another library may give as an index: NumPy makes an array of it."""

    def __init__(self, numbers: Any) -> None:
        self.numbers = np.array(numbers)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self.numbers

    def __index__(self) -> int:
        return int(self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, i: int) -> Any:
        return self.numbers[i]


class Whole:
    """A whole number of another make."""

    def __index__(self) -> int:
        return 1


_ALL = slice(None)
INDICES: tuple[Any, ...] = (
    *(1, -1, True, ..., None, (), slice(None, None, -2), (None, ..., 0), (_ALL, slice(3, 0, -2))),
    *(Whole(), (Whole(), 0), Tensor(1), np.int64(1), (np.int32(1), _ALL), np.array(2), np.True_),
    *(
        (_ALL, (0, 0, 1)),
        (..., (0, 0)),
        ((0, 1, 0), (0, 1, 0)),
        ([0, 0, 1], 2),
        [0, 0],
        [[0], [0]],
    ),
    *(range(2), (_ALL, range(3)), (_ALL, [*range(3), 0]), (slice(None, None, -2), [-1, 3, -1])),
    *(array.array("l", [0, 0, 1]), (array.array("l", [0, 0]),), (1, array.array("i", [2, 2]))),
    *(memoryview(array.array("l", [0, 0, 2])), (_ALL, memoryview(array.array("l", [1, 1])))),
    *(
        collections.UserList([0, 0]),
        (_ALL, collections.UserList([3, 3])),
        collections.deque([1, 1]),
    ),
    *(Tensor([0, 0, 1]), (Tensor([0, 0]), Tensor([1, 1])), ([0, 2], Tensor([1, 1]))),
    *([], ([],), (0, []), np.array([], int), np.array([0, 0], np.uint8)),
    *(
        ([[0], [0]], [[1, 1]]),
        ([(0, 1), (0, 1)],),
        ((0, 0), 1),
        (0, (1, 1)),
        (np.array([0, 0]), 1),
    ),
    *([True, False, True], (_ALL, [True, False, True, True]), (True, False), (None, True, [1, 1])),
    *(M > 3, (M[:, 0] > 3, [1, 1]), (M[:, 0] > 3, 1), (np.array([True, True, False]), slice(1))),
)


@pytest.mark.parametrize("index", INDICES, ids=repr)
def test_every_index_that_numpy_takes(index: Any) -> None:
    weights = np.cos(np.arange(np.size(M[index]))).reshape(np.shape(M[index]))
    taken, added, written = np.zeros_like(M), M.copy(), M.copy()
    np.add.at(taken, index, weights)
    np.add.at(added, index, weights)
    written[index] = weights

    def f(x: Any) -> Any:
        return np.sum(weights * x[index])

    compiled = compile(grad(f))
    for found in (
        grad(f)(M),
        compiled(M),
        compiled(M),
        ops.TABLE["scatter"](weights, index, M.shape),
    ):
        np.testing.assert_array_equal(found, taken)
    np.testing.assert_array_equal(Value(M).at[index].add(weights).data, added)
    np.testing.assert_array_equal(Value(M).at[index].set(weights).data, written)
    untouched = np.ones_like(M)
    untouched[index] = 0
    for kept, numbers in (("add", 1.0), ("set", untouched)):
        x, y = Value(np.sin(M) + 20), Value(weights)
        (M * getattr(x.at[index], kept)(y)).sum().backward()
        np.testing.assert_array_equal(
            np.broadcast_to(y.grad, np.shape(M[index])), _of_y(index, kept)
        )
        np.testing.assert_array_equal(x.grad, M * numbers)


def _of_y(index: Any, kept: str) -> Any:
    """What `sum(M * x.at[index].set(y))` changes by when one element of y does, by trying each."""
    flat = np.zeros(np.size(M[index]))
    shares = []
    for i in range(flat.size):
        y = (flat + (np.arange(flat.size) == i)).reshape(np.shape(M[index]))
        x = np.zeros_like(M)
        if kept == "add":
            np.add.at(x, index, y)
        else:
            x[index] = y
        shares.append(np.sum(M * x))
    return np.reshape(shares, np.shape(M[index]))


@pytest.mark.parametrize(
    "index",
    [7, [7], 1.0, "a", [0.5], ((0, 1), (0, 1, 2)), (0, 0, 1), np.ones(3), Tensor([0.5])],
    ids=repr,
)
def test_an_index_that_numpy_refuses(index: Any) -> None:
    with pytest.raises((IndexError, ValueError)) as expected:
        M[index]
    with pytest.raises(expected.type, match="index of shape"):
        Value(M)[index]


@pytest.mark.parametrize("wrap", [lambda v: v, lambda v: (_ALL, v), lambda v: (v[0], 1)])
def test_a_value_is_no_index(wrap: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match=r"v\.astype\(int\)"):
        Value(M)[wrap(Value([0.0, 1.0]))]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("index", [np.arange(60) % 7, (_ALL, np.arange(40) % 3)])
def test_many_rows_by_repeated_indices_have_the_bits_of_add_at(index: Any, dtype: Any) -> None:
    x = np.sin(np.arange(300.0)).reshape(20, 15).astype(dtype)
    g = np.cos(np.arange(x[index].size)).reshape(x[index].shape).astype(dtype)
    expected = x.copy()
    np.add.at(expected, index, g)
    found = Value(x).at[index].add(g)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found.data, expected)
    expected = np.zeros_like(x)
    np.add.at(expected, index, g)
    np.testing.assert_array_equal(grad(lambda v: np.sum(v[index] * g))(x), expected)


@pytest.mark.parametrize("shape", [(4,), (1, 4), (1, 1, 4), (1, 1, 1)])
@pytest.mark.parametrize("index", [0, [0, 0], slice(0, 2)])
def test_what_is_written_may_have_more_axes_of_length_1(
    index: Any, shape: tuple[int, ...]
) -> None:
    y = np.ones(shape)
    share = grad(lambda v: (M * Value(M).at[index].set(v)).sum())(y)
    assert share.shape == shape
    written = M[slice(0, 2)] if isinstance(index, slice) else M[:1]
    expected = written.sum(axis=0) if shape[-1] == 4 else written.sum()
    np.testing.assert_array_equal(share, np.reshape(expected, shape))


# ----------------------------------------------------------------------- any number of arrays
def _counted(calls: list[int]) -> Op:
    def shares(places: Any, g: Any, out: Any, *arrays: Any, scale: float) -> list[Any]:
        calls.append(len(places))
        return [g * scale for _ in places]

    return Op(lambda *arrays, scale: scale * sum(arrays), shares, name="total", sequence=True)


def test_one_call_of_a_rule_gives_the_shares_of_all_arrays(tmp_path: Path) -> None:
    calls: list[int] = []
    total = _counted(calls)
    leaves = [Value(float(i)) for i in range(50)]
    C = total([*leaves, 1.0], scale=2.0)
    C.backward()
    assert calls == [50]
    assert [leaf.grad for leaf in leaves] == [2.0] * 50
    gradients(C, leaves[10:13])
    assert calls == [50, 3]
    to_html(C, tmp_path / "page.html")
    assert len(calls) < 12  # a few times for the node, not once for each arrow


def test_a_rule_gives_a_share_for_each_array() -> None:
    op = Op(lambda *xs: sum(xs), lambda places, g, out, *xs: [g], name="few", sequence=True)
    with pytest.raises(ValueError, match="few: the rule gave 1 shares for 2 arrays"):
        op([Value(1.0), Value(2.0)]).backward()


@pytest.mark.parametrize("axis", [0, 1, -1, None])
@pytest.mark.parametrize("join", [np.concatenate, np.stack])
def test_constants_and_values_are_joined(join: Any, axis: int | None) -> None:
    if join is np.stack and axis is None:
        axis = 2
    parts = [np.sin(M + i) for i in range(4)]
    g = np.cos(np.arange(48.0))

    def f(*given: Any) -> Any:
        joined = join([given[0], parts[1], given[1], given[0]], axis=axis)
        return np.sum(np.reshape(joined, (-1,)) ** 2 * g)

    check_gradients(f, parts[0], parts[2], order=2)
