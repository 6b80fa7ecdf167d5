"""Ops at the edges of what they take: indices, empty axes, ties, infinities, dtypes."""

import array
import collections
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_mini import (
    Op,
    Value,
    compile,
    grad,
    gradient_table,
    gradients,
    hessian,
    jvp,
    ops,
    to_html,
    value_and_grad,
)
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


@pytest.mark.parametrize("index", INDICES)
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


# ------------------------------------------------- NumPy's result, or NumPy's kind of refusal
SHAPES = (2.5, np.arange(4.0) + 0.5, M + 0.25, np.ones(0), np.ones((0, 3)))
CALLS: dict[str, Callable[[Any], Any]] = {
    "sort": np.sort,
    "sort, axis 5": lambda x: np.sort(x, 5),
    "partition": lambda x: np.partition(x, 0) if np.size(x) else x,
    "tril": np.tril,
    "triu, k=-1": lambda x: np.triu(x, -1),
    "take, axis 0": lambda x: np.take(x, [0], axis=0),
    "take, axis 1": lambda x: np.take(x, [0], axis=1),
    "take nothing": lambda x: np.take(x, []),
    "take truths": lambda x: np.take(x, [True, False]),
    "take, clipped": lambda x: np.take(x, (-5, 5), mode="clip"),
    "take, wrapped": lambda x: np.take(x, range(2), mode="wrap"),
    "hsplit": lambda x: np.hsplit(x, 2),
    "hsplit at abc": lambda x: np.hsplit(x, "abc"),
    "hsplit, numbers": lambda x: np.hsplit(x, [1.5]),
    "vsplit": lambda x: np.vsplit(x, 1),
    "cut at an array": lambda x: np.split(np.reshape(x, (-1,)), np.array([1, 9])),
    "array_split, axis 5": lambda x: np.array_split(np.reshape(x, (-1,)), 2, 5),
    "cumprod, axis 0": lambda x: np.cumprod(x, axis=0),
    "cumprod, axis 5": lambda x: np.cumprod(x, axis=5),
    "cumsum, axis -1": lambda x: np.cumsum(x, axis=-1),
    "cumsum, axis 5": lambda x: np.cumsum(x, axis=5),
    "rot90": np.rot90,
    "rot90, one axis": lambda x: np.rot90(x, axes=(0,)),
    "rot90, three axes": lambda x: np.rot90(x, axes=(0, 1, 2)),
    "rot90, axes twice": lambda x: np.rot90(x, axes=(0, 0)),
    "diff": np.diff,
    "diff, n=0": lambda x: np.diff(x, n=0, prepend=9.0, append=[1.0]),
    "diff, n=-1": lambda x: np.diff(x, n=-1),
    "diff, n=9": lambda x: np.diff(x, n=9),
    "repeat": lambda x: np.repeat(x, 2, axis=0),
    "repeat, axis 1": lambda x: np.repeat(x, 2, axis=1),
    "roll ()": lambda x: np.roll(x, ()),
    "roll () along": lambda x: np.roll(x, (), 0),
    "roll 1.0": lambda x: np.roll(x, 1.0),
    "roll 1.5 along": lambda x: np.roll(x, 1.5, 0),
    "roll [[1]]": lambda x: np.roll(x, [[1]]),
    "roll, axis 5": lambda x: np.roll(x, 1, 5),
    "tile ()": lambda x: np.tile(x, ()),
    "tile 1.5": lambda x: np.tile(x, 1.5),
    "delete nothing": lambda x: np.delete(x, []),
    "delete in the row": lambda x: np.delete(x, (0, 0)) if np.size(x) else x,
    "take_along_axis": lambda x: np.take_along_axis(x, np.zeros((1, 4), int), 1),
    "convolve": lambda x: np.convolve(x, [1.0, 2.0]),
    "median": np.median,
    "median, axis 0": lambda x: np.median(x, 0),
    "average": np.average,
    "sum, axis 5": lambda x: np.sum(x, 5),
    "max": np.max,
    "norm inf": lambda x: np.linalg.norm(x, np.inf),
    "norm -inf": lambda x: np.linalg.norm(x, -np.inf),
    "norm 1": lambda x: np.linalg.norm(x, 1),
    "norm 2": lambda x: np.linalg.norm(x, 2),
    "qr": np.linalg.qr,
    "matrix_power": lambda x: np.linalg.matrix_power(x, 2),
    "full_like": lambda x: np.full_like(x, 3.0),
    "reshape, C": lambda x: np.reshape(x, -1, order="C"),
    "reshape, F": lambda x: np.reshape(x, (2, -1), order="F"),
    "ravel, C": lambda x: np.ravel(x, order="C"),
    "ravel, F": lambda x: np.ravel(x, "F"),
    "sum, as it is": lambda x: np.sum(x, dtype=None, where=True),
    "mean, as it is": lambda x: np.mean(x, dtype=None, out=None, where=True),
    "add, as it is": lambda x: np.add(x, 1.0, where=True, casting="same_kind", dtype=None),
    "exp, as it is": lambda x: np.exp(x, order="K", subok=True),
    "sort, as it is": lambda x: np.sort(x, axis=-1, kind=None, order=None),
    "cumsum, as it is": lambda x: np.cumsum(x, dtype=None),
    "divmod": lambda x: divmod(x, 2.0),
    "divmod of": lambda x: divmod(9.0, x),
    "real": lambda x: np.asarray(x).real if isinstance(x, float) else x.real,
}


NUMPY = np.lib.NumpyVersion(np.__version__)
SINCE = {"roll 1.0": "2.1.0", "roll 1.5 along": "2.1.0", "norm inf": "2.3.0", "norm 2": "2.3.0"}
"""Calls of which older NumPys refuse more: ours do what newer ones do."""


def _result(function: Callable[[Any], Any], x: Any) -> Any:
    try:
        result = function(x)
    except Exception as error:
        return error
    results = result if isinstance(result, tuple | list) else [result]
    return [np.asarray(r.data if isinstance(r, Value) else r) for r in results]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CALLS)
def test_the_result_is_numpys_or_the_kind_of_error(name: str) -> None:
    for x in SHAPES:
        theirs, ours = _result(CALLS[name], x), _result(CALLS[name], Value(x))
        if isinstance(theirs, AttributeError) or (np.shape(x) == () and "split" in name):
            assert isinstance(ours, ValueError | IndexError | TypeError), ours
        elif isinstance(theirs, Exception):
            kind = Exception if SINCE.get(name, "2.0.0") > NUMPY else theirs.__class__
            newer = kind is Exception and not isinstance(ours, Exception)
            assert newer or isinstance(ours, kind), f"{np.shape(x)}: {ours!r}, not {theirs!r}"
        else:
            assert not isinstance(ours, Exception), ours
            for mine, expected in zip(ours, theirs, strict=True):
                assert mine.shape == expected.shape
                np.testing.assert_allclose(mine, expected, 1e-12)


@pytest.mark.parametrize(
    ("call", "cure"),
    [
        (lambda v: np.sum(v, where=v.data > 1), r"np\.where"),
        (lambda v: np.max(v, initial=0.0), r"np\.maximum"),
        (lambda v: np.mean(v, dtype=np.float32), r"x\.astype"),
        (lambda v: np.add(v, 1.0, where=v.data > 1), r"np\.where"),
        (lambda v: np.exp(v, dtype=np.float32), r"x\.astype"),
        (lambda v: np.mean([v, v]), r"np\.stack"),
        (lambda v: np.dot([v, v], np.ones(2)), r"np\.stack"),
        (lambda v: ops.einsum("i,i", v, v), "list of arrays first"),
        (lambda v: v.astype(complex), "real numbers"),
        (lambda v: np.linalg.matrix_power(v, 1.5), "integer|square"),
    ],
)
def test_what_is_refused_names_the_cure(call: Callable[[Value], Any], cure: str) -> None:
    with pytest.raises((TypeError, np.linalg.LinAlgError), match=cure):
        call(Value([1.0, 2.0]))


@pytest.mark.parametrize("dtype", [int, np.uint8, bool])
def test_astype_of_whole_numbers_is_a_plain_array(dtype: Any) -> None:
    x = np.array([0.5, 9.5, 20.0])
    for found in (Value(x).astype(dtype), np.astype(Value(x), dtype)):
        assert type(found) is np.ndarray
        assert found.dtype == dtype
        np.testing.assert_array_equal(found, x.astype(dtype))
    assert Value(2.5).astype(int) == 2

    def f(x: Any) -> Any:
        return (x[np.floor(x / 9).astype(int)] ** 2).sum()

    for gradient in (grad(f), compile(grad(f))):
        np.testing.assert_array_equal(gradient(x), [1.0, 19.0, 40.0])


def test_methods_of_arrays_that_change_nothing() -> None:
    v = Value(M)
    for same in (v.copy(), v.conj(), v.conjugate(), v.real):
        assert type(same) is Value
        assert same.args == (v,)
        np.testing.assert_array_equal(same.data, M)
    assert v.tolist() == M.tolist()
    assert (Value(2.0).tolist(), v.nbytes, Value(1.0).nbytes) == (2.0, 96, 8)
    quotient, rest = divmod(v, 5.0)
    (rest * M + quotient).sum().backward()
    np.testing.assert_array_equal(v.grad, M)


# --------------------------------------------------------------------------------------- einsum
EINSUMS: tuple[tuple[str, tuple[tuple[int, ...], ...]], ...] = (
    ("ij,jk->ki", ((2, 1), (3, 2))),
    ("ij,jk->ik", ((2, 3), (1, 2))),
    ("ij,kj,j->ki", ((2, 1), (3, 4), (1,))),
    ("...i,...i->...", ((3, 1), (2, 1, 4))),
    ("ii,i->i", ((1, 1), (4,))),
    ("ij,j->", ((2, 1), (3,))),
    *(
        (f"b{x},b{y}->b{z}", ((2, 3, 3), (2, 3, 3)))
        for x in ("ij", "ji")
        for y in ("jk", "kj")
        for z in ("ik", "ki")
    ),
    ("bij,bjk->bik", ((1, 3, 4), (2, 4, 2))),
    ("abij,abjk->abki", ((2, 1, 3, 4), (2, 3, 4, 2))),
    ("ij,ji->ij", ((3, 3), (3, 3))),
    ("ij,jk->jk", ((2, 3), (3, 2))),
    ("ij,jk,kl->il", ((9, 11), (11, 9), (9, 2))),
)


@pytest.mark.parametrize(("subscripts", "shapes"), EINSUMS)
def test_einsum(subscripts: str, shapes: tuple[tuple[int, ...], ...]) -> None:
    arrays = [np.cos(np.arange(np.prod(s)) + i).reshape(s) for i, s in enumerate(shapes)]
    expected = np.einsum(subscripts, *arrays)
    found = np.einsum(subscripts, *map(Value, arrays))
    np.testing.assert_allclose(found.data, expected, 1e-12, 1e-13)
    check_gradients(lambda *xs: np.sum(np.einsum(subscripts, *xs) ** 2), *arrays, order=2)


# ------------------------------------------------------- eigenvalues and singular values that meet
L = np.linalg
I2, I3 = np.eye(2), np.eye(3)
SLOPE = np.array([[1.0, -2.0, 0.5], [3.0, 4.0, 1.0], [0.3, 5.0, -1.0]])
TURN = np.array([[2.0, 2.0, -1.0], [-1.0, 2.0, 2.0], [2.0, -1.0, 2.0]]) / 3


def turned(*values: float) -> Any:
    """A symmetric matrix with these eigenvalues, which rounding parts if they are equal."""
    return (TURN * values) @ TURN.T


def eigen(f: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    return lambda x: f(*L.eigh((x + x.T) / 2))


def singular(f: Callable[..., Any]) -> Callable[[Any], Any]:
    return lambda x: f(*L.svd(x, full_matrices=False))


OF_VALUES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {  # and the same without
    "eigvalsh, squares": (
        lambda x: np.sum(L.eigvalsh((x + x.T) / 2) ** 2),
        lambda x: np.sum(((x + x.T) / 2) ** 2),
    ),
    "eigvalsh, cubes": (
        lambda x: np.sum(L.eigvalsh(x + x.T) ** 3),
        lambda x: np.trace(L.matrix_power(x + x.T, 3)),
    ),
    "eigh, cubes": (eigen(lambda w, v: np.sum(w**3)), lambda x: np.trace(
        L.matrix_power((x + x.T) / 2, 3))),
    "a function of two sums": (
        eigen(lambda w, v: np.exp(np.sum(w) * np.sum(w**2) / 20)),
        lambda x: np.exp(np.trace(x) * np.sum(((x + x.T) / 2) ** 2) / 20),
    ),
    "svdvals, squares": (lambda x: np.sum(L.svdvals(x) ** 2), lambda x: np.sum(x * x)),
    "svd, fourth powers": (
        singular(lambda u, s, v: np.sum(s**4)),
        lambda x: np.sum((x.T @ x) ** 2),
    ),
    "a stack": (
        lambda x: np.sum(L.svdvals(np.stack([x, 2 * x, np.ones((3, 3)) * x])) ** 4),
        lambda x: 17 * np.sum((x.T @ x) ** 2) + np.sum((x.T @ x) ** 2),
    ),
}  # fmt: skip
MEETING = {
    "I": I3,
    "0": 0 * I3,
    "a pair": np.diag([1.0, 1.0, 2.0]),
    "a pair, turned": turned(1.0, 1.0, 2.0),
    "all, turned": turned(2.0, 2.0, 2.0),
    "a pair of zeros": turned(0.0, 0.0, 2.0),
    "both signs": turned(1.0, -1.0, -1.0),
}


@pytest.mark.parametrize("point", MEETING)
@pytest.mark.parametrize("name", OF_VALUES)
def test_functions_of_values_that_meet_are_right_to_the_second_order(
    name: str, point: str
) -> None:
    (f, same), x = OF_VALUES[name], MEETING[point]
    for derivative in (grad, hessian):
        expected = derivative(same)(x)
        np.testing.assert_allclose(derivative(f)(x), expected, 1e-9, 1e-11)
    np.testing.assert_allclose(compile(grad(f))(x), grad(same)(x), 1e-9, 1e-11)
    along = np.broadcast_to(SLOPE[: x.shape[-2], : x.shape[-1]], x.shape)
    third = jvp(hessian(f), (x,), (along,))[1]  # nan, if it is not right
    expected = jvp(hessian(same), (x,), (along,))[1]
    assert np.all(np.isnan(third) | np.isclose(third, expected, 1e-6, 1e-8))


OF_VECTORS: dict[
    str, Callable[[Any], Any]
] = {  # that are differentiable, and have h(w) = 0 or not
    "h = w": eigen(lambda w, v: np.sum(((v * w) @ v.T) * SLOPE)),
    "h = w, one entry": eigen(lambda w, v: ((v * w) @ v.T)[0, 1]),
    "h = w²": eigen(lambda w, v: np.sum(((v * w**2) @ v.T) * SLOPE)),
    "h = w - 1, one entry": eigen(lambda w, v: ((v * (w - 1)) @ v.T)[0, 1]),
    "U V": singular(lambda u, s, v: np.sum((u @ v) * SLOPE)),
    "U s² V": singular(lambda u, s, v: np.sum(((u * s**2) @ v) * SLOPE)),
    "U (s - 1) V, one entry": singular(lambda u, s, v: ((u * (s - 1)) @ v)[0, 2]),
}


@pytest.mark.parametrize("point", ["I", "0", "a pair", "a pair, turned", "all, turned"])
@pytest.mark.parametrize("name", OF_VECTORS)
def test_functions_of_vectors_of_values_that_meet_are_nan(name: str, point: str) -> None:
    f, x = OF_VECTORS[name], MEETING[point]
    assert np.all(np.isnan(grad(f)(x)))
    assert np.all(np.isnan(compile(grad(f))(x)))
    assert np.all(np.isnan(jvp(f, (x,), (SLOPE,))[1]))


@pytest.mark.parametrize("exactly", [True, False])
def test_vectors_of_other_values_that_meet_change_nothing(exactly: bool) -> None:
    x = np.diag([1.0, 1.0, 5.0]) if exactly else turned(1.0, 1.0, 5.0)
    top = eigen(lambda w, v: np.sum(SLOPE[0] * v[:, -1]) ** 2)
    first = singular(lambda u, s, v: np.sum(SLOPE * np.outer(u[:, 0], v[0])))
    for f in (top, first):
        check_gradients(f, x, order=1)
    if not exactly:  # then it shows that no value that is 0 has weighted them
        check_gradients(eigen(lambda w, v: np.sum(SLOPE[0] * v[:, -1] * w[-1]) ** 2), x, order=1)
    check_gradients(lambda x: np.log(np.max(L.eigvalsh((x + x.T) / 2))), x, order=2)
    check_gradients(lambda x: L.norm(x, 2), x, order=2)


def test_norms_where_values_meet() -> None:
    np.testing.assert_allclose(grad(lambda x: L.norm(x, "nuc"))(I2), I2, 1e-12, 1e-14)
    nuclear = hessian(lambda x: L.norm(x, "nuc"))(I2).reshape(4, 4)
    np.testing.assert_allclose(nuclear, np.outer(t := [0, 1, -1, 0], t) / 2, 1e-12, 1e-14)
    np.testing.assert_allclose(grad(lambda x: L.norm(x, 2))(I2), I2 / 2, 1e-12, 1e-14)


# -------------------------------------------------- infinities, empty axes, what is not regular
def _bits(x: Any) -> list[Any]:
    return np.asarray(x).tolist()


@pytest.mark.parametrize(
    ("function", "x", "value", "slope"),
    [
        (ops.logsumexp, [np.inf, 0.0], np.inf, [1.0, 0.0]),
        (ops.logsumexp, [-np.inf, 0.0], 0.0, [0.0, 1.0]),
        (ops.logsumexp, [-np.inf, -np.inf], -np.inf, [0.0, 0.0]),
        (ops.logsumexp, [np.inf, np.inf, 1.0], np.inf, [1.0, 1.0, 0.0]),
        (ops.logsumexp, [], -np.inf, []),
        (ops.softmax, [], [], []),
        (ops.log_softmax, [], [], []),
        (lambda x: ops.norm(x, ord=np.inf), [], 0.0, []),
        (lambda x: np.var(x, ddof=1), [2.0], np.nan, [np.nan]),
        (lambda x: np.std(x, ddof=1), [2.0], np.nan, [np.nan]),
        (lambda x: np.var(x, ddof=5), [2.0, 2.0], np.nan, [np.nan, np.nan]),
        (L.det, [[np.nan, 1.0], [1.0, 2.0]], np.nan, [[np.nan] * 2] * 2),
        (lambda x: L.slogdet(x)[1], [[1.0, 1.0], [1.0, 1.0]], -np.inf, [[np.nan] * 2] * 2),
        (lambda x: L.qr(x)[1][0, 0], [[0.0, 1.0], [0.0, 1.0]], 0.0, [[np.nan] * 2] * 2),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_values_and_slopes_at_the_edge(function: Any, x: Any, value: Any, slope: Any) -> None:
    x = np.array(x, float)
    np.testing.assert_array_equal(_bits(function(x)), value)
    np.testing.assert_array_equal(function(Value(x)).data, value)
    np.testing.assert_array_equal(grad(lambda x: np.sum(function(x)))(x), slope)
    np.testing.assert_array_equal(compile(grad(lambda x: np.sum(function(x))))(x), slope)


def test_only_the_singular_matrix_of_a_stack_has_no_slope() -> None:
    x = np.stack([np.ones((2, 2)), I2])
    slopes = grad(lambda x: np.sum(L.slogdet(x)[1]))(x)
    assert np.all(np.isnan(slopes[0]))
    np.testing.assert_array_equal(slopes[1], I2)


@pytest.mark.parametrize("shape", [(0,), (2, 0), (0, 2)])
@pytest.mark.parametrize("op", ["softmax", "log_softmax", "logsumexp"])
def test_empty_axes(op: str, shape: tuple[int, ...]) -> None:
    for axis in (0, -1):
        x = np.ones(shape)
        out = ops.TABLE[op](Value(x), axis=axis)
        kept = [n for i, n in enumerate(shape) if i != axis % len(shape)]
        assert out.shape == (tuple(kept) if op == "logsumexp" else shape)
        assert np.all(out.data == -np.inf)
        assert grad(lambda x: np.sum(ops.TABLE[op](x, axis=axis)))(x).shape == shape  # noqa: B023


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("logit", "label", "cost"),
    [
        (np.inf, 1.0, 0.0),
        (np.inf, 0.0, np.inf),
        (np.inf, 0.5, np.inf),
        (-np.inf, 0.0, 0.0),
        (-np.inf, 1.0, np.inf),
        (np.nan, 1.0, np.nan),
    ],
)
def test_binary_cross_entropy_of_infinite_logits(
    logit: float, label: float, cost: float, dtype: Any
) -> None:
    x, y = np.array([logit, 0.0], dtype), np.array([label, 1.0], dtype)
    expected = dtype((cost + np.log(2)) / 2)
    f = ops.binary_cross_entropy
    for found in (f(x, y), f(Value(x), y).data, compile(f)(x, y)):
        np.testing.assert_allclose(found, expected, 1e-6)
        assert found.dtype == dtype
    slopes = grad(f)(x, y)
    sigmoid = 1.0 if logit > 0 else 0.0 if logit < 0 else np.nan
    np.testing.assert_allclose(slopes, [(sigmoid - label) / 2, -0.25], 1e-6)


# --------------------------------------------------------------------------------- small dtypes
N = 70_000  # more than the largest float16, 65,504


@pytest.mark.parametrize(
    ("function", "value", "slope"),
    [
        (np.mean, 1.0, 1 / N),
        (np.average, 1.0, 1 / N),
        (np.max, 1.0, 1 / N),
        (np.min, 1.0, 1 / N),
        (ops.logsumexp, 1 + np.log(N), 1 / N),
        (lambda x: ops.softmax(x)[0] * 30_000, 30_000 / N, None),
        (lambda x: ops.log_softmax(x)[0], -np.log(N), None),
        (lambda x: ops.quadratic_cost(np.reshape(x, (-1, 1)), np.zeros((N, 1), np.float16)),
         1.0, 2 / N),
        (lambda x: ops.binary_cross_entropy(0 * x, 0 * x.astype(np.float16)), np.log(2), 0.0),
        (lambda x: ops.cross_entropy(x, labels=3), np.log(N), None),
        (lambda x: ops.cross_entropy(np.reshape(x, (-1, 2)), labels=np.zeros(N // 2, int)),
         np.log(2), None),
    ],
)  # fmt: skip
def test_counts_and_sums_of_float16(function: Any, value: float, slope: float | None) -> None:
    x = np.ones(N, np.float16)
    results = function(Value(x)), value_and_grad(function)(x)[0], compile(function)(x)
    for found in results:
        assert found.dtype == np.float16
        assert float(np.asarray(getattr(found, "data", found))) == pytest.approx(value, rel=2e-3)
    gradient = grad(function)(x)
    assert gradient.dtype == np.float16
    assert np.all(np.isfinite(gradient))
    if slope is not None:
        np.testing.assert_allclose(gradient, np.float16(slope), rtol=2e-2)


def _kinds(number: float) -> dict[str, Any]:
    return {
        "Python": number,
        "no axes": np.array(number),
        "float32": np.float32(number),
        "float32, no axes": np.array(number, np.float32),
        "array": np.array([number, number]),
        "float32 array": np.array([number, number], np.float32),
        "float64": np.float64(number),  # as a constant: see the tests of Value for the others
    }


ELEMENTWISE = [
    op for op in ops.TABLE.values()
    if op.arity > 1 and op.numpy and not (op.signature or op.sequence or op.keywords)
]  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
def test_every_pair_of_types_has_numpys_dtype(op: Op) -> None:
    points = [_kinds(number) for number in (1.6, 0.7, 0.4)[: op.arity]]
    for args in itertools.product(*(kinds.values() for kinds in points)):
        expected = np.asarray(op.numpy[0](*args)).dtype
        for recorded in itertools.product((False, True), repeat=op.arity):
            values = [
                Value(x) if r and rule and type(x) is not np.float64 else x
                for x, r, rule in zip(args, recorded, op.rules, strict=True)
            ]
            leaves = [v for v in values if type(v) is Value]
            if leaves:
                out = op.numpy[0](*values)
                assert out.dtype == expected, (args, recorded)
                table = gradient_table(out, np.ones(out.shape))
                assert all(np.asarray(table[v]).dtype == v.dtype for v in leaves)


@pytest.mark.parametrize(
    ("x", "index", "shape"),
    [
        (1.5, None, ()),
        (1.5, ..., ()),
        (1.5, slice(1, 3), (4,)),
        (1.5, [0, 0, 1], (4,)),
        (np.array([3.0]), [2, 1], (4,)),
        (np.array([[1.0, 2.0]]), slice(0, 2), (4,)),
        (np.array([1.0, 2.0]), slice(0, 3), (4, 2)),
    ],
)
def test_what_is_broadcast_into_zeros_gets_the_sum_of_its_places(x, index, shape):
    def total(x):
        return (ops.scatter(x, index=index, shape=shape) ** 2).sum()

    one = Value(x)
    total(one).backward()
    step = 1e-6 * np.ones_like(x)
    slope = (total(x + step) - total(x - step)) / 2e-6
    assert np.shape(one.grad) == np.shape(x)
    np.testing.assert_allclose(np.sum(one.grad), slope, rtol=1e-6)
    compiled = compile(value_and_grad(total))
    for found, wanted in zip(compiled(x), (total(x), one.grad), strict=True):
        np.testing.assert_allclose(found, wanted)
