"""What a Value takes, keeps, hands out and refuses."""

import copy
import gc
import math
import pickle
import subprocess
import sys
import threading
import weakref
from typing import Any

import numpy as np
import pytest

from autograd_mini import Op, Value, gradient_table, gradients, no_grad, ops
from autograd_mini.engine.modes import setting


# ------------------------------------------------------------------------------ what it accepts
@pytest.mark.parametrize(
    ("data", "dtype", "shape"),
    [
        (2, "f8", ()),
        (2.5, "f8", ()),
        (np.float64(2), "f8", ()),
        (np.float32(2), "f4", ()),
        (np.int8(2), "f8", ()),
        ([1, 2], "f8", (2,)),
        (np.arange(6).reshape(2, 3), "f8", (2, 3)),
        (np.ones((0, 3), "f4"), "f4", (0, 3)),
        (np.ones(2, "f2"), "f2", (2,)),
        (np.array(3.0), "f8", ()),
    ],
)
def test_numbers_and_arrays_are_kept_as_floats(
    data: Any, dtype: str, shape: tuple[int, ...]
) -> None:
    v = Value(data)
    assert v.dtype == np.dtype(dtype)
    assert v.shape == shape
    assert v.ndim == len(shape)
    np.testing.assert_array_equal(v.data, data)


@pytest.mark.parametrize("data", [2, 2.5])
def test_a_number_stays_a_python_number(data: Any) -> None:
    assert type(Value(data).data) is float
    assert type((Value(data) * 2 + 1).data) is float
    assert type(np.exp(Value(data)).data) is float
    assert type(np.maximum(Value(data), 1.0).data) is float


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (1 + 2j, "complex"),
        (np.ones(2, complex), "real and imaginary"),
        (True, "truth"),
        (np.array([True]), "truth"),
        ("text", "str"),
        (None, "NoneType"),
        ([[1, 2], [3]], "equal length"),
        (np.array([1, "a"], object), "real numbers"),
        (np.ma.masked_array([1.0], [True]), "masked"),
        (np.array(["2020-01-01"], "M8[D]"), "date"),
        (Value(1.0), "lose its graph"),
    ],
)
def test_what_is_not_made_of_real_numbers_is_refused(data: Any, says: str) -> None:
    with pytest.raises(TypeError, match=says):
        Value(data)


@pytest.mark.parametrize("other", [1j, np.ones(2, complex), "a", None, np.array([None]), object()])
def test_constants_that_are_no_real_numbers_are_refused(other: Any) -> None:
    for v in (Value(1.0), Value([1.0, 2.0])):
        with pytest.raises(TypeError):
            v + other
        with pytest.raises(TypeError):
            np.where([True, False], v, other)


def test_a_value_cannot_be_subclassed() -> None:
    with pytest.raises(TypeError, match="field"):
        type("Sub", (Value,), {})


# --------------------------------------------------------------------- what is recorded is safe
def test_a_leaf_copies_what_it_is_given() -> None:
    given = np.ones(3)
    v = Value(given)
    given[0] = 7
    assert v.data.tolist() == [1, 1, 1]


def test_data_are_read_only_and_rebinding_is_out_of_place() -> None:
    v = Value([1.0, 2.0])
    before = v.data
    with pytest.raises(ValueError, match="read-only"):
        v.data[0] = 5
    v.data -= 0.5
    assert v.data.tolist() == [0.5, 1.5]
    assert before.tolist() == [1, 2]
    assert type(v.data + 1) is np.ndarray
    assert type(v.data.sum()) is np.float64
    writable = v.data.copy()
    writable[0] = 3
    assert type(writable) is np.ndarray


def test_every_in_place_operator_rebinds() -> None:
    for statement in ("+= 1", "-= 1", "*= 2", "/= 2", "//= 2", "%= 2", "**= 2"):
        v = Value([3.0, 4.0])
        old = v.data
        exec(f"v.data {statement}")
        expected = {"x": np.array([3.0, 4.0])}
        exec(f"x {statement}", expected)
        assert v.data.tolist() == expected["x"].tolist()
        assert old.tolist() == [3, 4]


def test_rebinding_after_use_does_not_change_what_was_recorded() -> None:
    x, y = Value([2.0, 3.0]), Value(4.0)
    z = (x * y).sum()
    x.data = [100.0, 100.0]
    y.data = 100.0
    z.backward()
    assert x.grad.tolist() == [4, 4]
    assert y.grad == 5
    with pytest.raises(RuntimeError, match=r"multiply.*compute the result again"):
        gradients(z, [x])


def test_rebinding_keeps_shape_and_dtype() -> None:
    v = Value(np.ones(2, "f4"))
    v.data = np.zeros(2)
    assert v.dtype == np.float32
    with pytest.raises(ValueError, match=r"\(3,\).*\(2,\)"):
        v.data = np.zeros(3)
    w = Value(1.0)
    w.data = np.float64(2.0)
    assert type(w.data) is float
    with pytest.raises(TypeError, match="computed"):
        (v * 2).data = v.data


# --------------------------------------------------------------------- what is handed out is owned
def test_gradients_are_owned_and_writable() -> None:
    x, y = Value(np.ones((2, 2))), Value(np.ones((2, 2)))
    z = x + y
    seed = np.ones((2, 2))
    z.backward(seed)
    arrays = [x.grad, y.grad, z.grad]
    for i, a in enumerate(arrays):
        assert a.flags.writeable
        assert not np.shares_memory(a, seed)
        assert all(not np.shares_memory(a, b) for b in arrays[:i])
    x.grad[0, 0] = 9
    assert y.grad[0, 0] == 1
    assert seed[0, 0] == 1


def test_a_handed_out_gradient_keeps_its_values_and_takes_edits() -> None:
    x = Value([1.0, 2.0])
    z = (x * x).sum()
    z.backward()
    first = x.grad
    first *= 0.5
    z.backward()
    assert first.tolist() == [1, 2]
    assert x.grad.tolist() == [3, 6]
    x.grad *= 2
    assert x.grad.tolist() == [6, 12]


def test_grad_is_none_until_there_is_one_and_can_be_set() -> None:
    x = Value([1.0, 2.0])
    assert x.grad is None
    mine = np.ones(2)
    x.grad = mine
    mine[0] = 5
    assert x.grad.tolist() == [1, 1]
    x.grad = None
    assert x.grad is None
    with pytest.raises(ValueError, match=r"\(3,\)"):
        x.grad = np.ones(3)
    half = Value(np.ones(2, "f4"))
    half.grad = np.ones(2)
    assert half.grad.dtype == np.float32
    s = Value(2.0)
    s.grad = 0  # the micrograd way of zeroing
    (s * 3).backward()
    assert s.grad == 3


def test_a_seed_is_neither_kept_nor_written() -> None:
    x = Value([1.0, 2.0])
    y = x * 1.0
    seed = np.array([3.0, 4.0])
    y.backward(seed)
    seed[:] = 0
    assert y.grad.tolist() == [3, 4]


# ------------------------------------------------------------------------------------ backward
def test_backward_twice_adds_the_same_again() -> None:
    x = Value(3.0)
    y = x * x * x
    y.backward()
    y.backward()
    assert x.grad == 54
    assert y.grad == 2


def test_every_value_on_the_way_has_a_gradient() -> None:
    x = Value(3.0)
    y = x * 2
    z = y * y
    z.backward()
    assert (z.grad, y.grad, x.grad) == (1, 12, 24)


def test_a_leaf_is_its_own_root() -> None:
    x = Value(3.0)
    x.backward()
    assert x.grad == 1


@pytest.mark.parametrize("seed", [1.0, np.ones(3), np.ones((1, 2)), np.ones((2, 1))])
def test_a_seed_has_exactly_the_shape_of_the_result(seed: Any) -> None:
    y = Value([1.0, 2.0]) * 2
    with pytest.raises(ValueError, match=r"\(2,\)"):
        y.backward(seed)
    with pytest.raises(ValueError, match="needs a seed"):
        y.backward()
    assert y.grad is None


def test_a_pass_that_fails_changes_nothing() -> None:
    def fails(g: Any, out: Any, x: Any) -> Any:
        raise RuntimeError("no rule")

    x, w = Value(2.0), Value(3.0)
    y = Op(lambda x: x, fails, name="broken")(x * w) * w
    with pytest.raises(RuntimeError, match="no rule"):
        y.backward()
    assert x.grad is w.grad is y.grad is None


def test_a_failing_rule_is_named() -> None:
    def fails(g: Any, out: Any, x: Any) -> Any:
        raise ValueError("bad")

    y = Op(lambda x: x, fails, name="crooked")(Value([1.0])).sum()
    with pytest.raises(ValueError, match="bad") as caught:
        y.backward()
    assert "crooked" in "".join(caught.value.__notes__)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (lambda g, out, x: g[:2], r"lopsided.*argument 0.*\(2,\).*\(3,\)"),
        (lambda g, out, x: 1.0, r"lopsided.*argument 0.*\(\).*\(3,\)"),
        (lambda g, out, x: g + 0j, "lopsided.*complex"),
        (lambda g, out, x: g.astype(object), "lopsided.*object"),
        (lambda g, out, x: np.ones((4, 3)), r"lopsided.*\(4, 3\)"),
    ],
)
def test_a_share_that_does_not_fit_is_refused(rule: Any, says: str) -> None:
    y = Op(lambda x: x * 2, rule, name="lopsided")(Value(np.ones(3))).sum()
    with pytest.raises((ValueError, TypeError), match=says):
        y.backward()


def test_threads_lose_no_update() -> None:
    w = Value(np.ones(50))

    def work() -> None:
        for _ in range(50):
            (w * 2.0).sum().backward()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert w.grad.tolist() == [400.0] * 50


def test_float32_stays_float32_all_the_way_back() -> None:
    x = Value(np.ones((4, 3), "f4"))
    w = Value(np.ones((2, 3), "f4"))
    loss = ((x @ w.T).tanh() * 2.0 / 3).mean()
    for v, g in gradient_table(loss).items():
        assert v.dtype == np.float32
        assert g.dtype == np.float32
    assert loss.dtype == np.float32


def test_a_zero_on_the_way_does_not_cut_derivatives_of_higher_order() -> None:
    x, y = Value(2.0), Value(0.0)
    for f, mixed in ((y * np.log(x), 0.5), (y / x, -0.25), (y * x**1.5, 1.5 * 2**0.5)):
        (slope,) = gradients(f, [x])
        (found,) = gradients(slope, [y])
        assert math.isclose(found.item(), mixed)
    x, y = Value([2.0, 0.0]), Value([0.0, 0.0])
    with np.errstate(all="ignore"):
        f = (y * np.log(x))[:1].sum()
    (slope,) = gradients(f, [x])
    (found,) = gradients(slope.sum(), [y])
    assert found.data.tolist() == [0.5, 0.0]


# ---------------------------------------------------------------------------------- long graphs
def test_a_million_operations_need_no_recursion() -> None:
    x = Value(1.0)
    y = x
    for _ in range(1_000_000):
        y = y + x
    y.backward()
    assert x.grad == 1_000_001
    assert len(repr(y)) < 100
    del y


def test_a_deep_graph_can_be_copied() -> None:
    x = Value([1.0, 2.0], name="x")
    y = x
    for _ in range(20_000):
        y = y * 1.0
    z = (y * x).sum()
    twin, twin_x = copy.deepcopy([z, x])
    twin.backward()
    assert x.grad is None
    assert twin_x.grad.tolist() == [2, 4]
    assert twin_x.name == "x"
    z.backward()
    assert x.grad.tolist() == [2, 4]


def test_dropping_the_root_frees_the_graph_by_reference_count() -> None:
    gc.disable()
    try:
        x = Value([1.0])
        y = np.exp(x) * x
        watched = [weakref.ref(y), weakref.ref(y.args[0])]
        y.sum().backward()
        del y
        assert [w() for w in watched] == [None, None]
    finally:
        gc.enable()


def test_leaves_pickle_and_computed_values_refuse() -> None:
    x = Value(np.ones(2, "f4"), name="w")
    again = pickle.loads(pickle.dumps(x))
    assert again.dtype == np.float32
    assert again.name == "w"
    with pytest.raises(TypeError, match="detach"):
        pickle.dumps(x * 2)
    assert pickle.loads(pickle.dumps((x * 2).detach())).data.tolist() == [2, 2]


def test_the_same_program_gives_the_same_bits_in_every_process() -> None:
    program = (
        "import numpy as np; from autograd_mini import Value;"
        "x = Value(np.linspace(0.1, 1, 7)); y = (np.sin(x) * x + np.exp(x) / x + x[2]).sum();"
        "y.backward(); print(x.grad.tobytes().hex())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(runs) == 1


# --------------------------------------------------------------------------------------- no_grad
def test_no_grad_records_nothing_nests_and_survives_exceptions() -> None:
    x = Value(2.0)
    with no_grad():
        with no_grad():
            pass
        assert (x * x).args == ()
    with pytest.raises(KeyError), no_grad():
        raise KeyError
    assert not setting("silenced")
    assert len((x * x).args) == 2
    (x * x).backward()
    assert x.grad == 4


def test_no_grad_is_per_thread() -> None:
    x = Value(2.0)
    inside, done = threading.Event(), threading.Event()

    def quiet() -> None:
        with no_grad():
            inside.set()
            done.wait(5)

    thread = threading.Thread(target=quiet)
    thread.start()
    inside.wait(5)
    assert len((x * x).args) == 2
    done.set()
    thread.join()


def test_plain_arrays_stay_plain() -> None:
    out = ops.sigmoid(np.zeros(3))
    assert type(out) is np.ndarray
    assert ops.relu(-1.0) == 0


# -------------------------------------------------------------------------- leaving the graph
@pytest.mark.parametrize(
    ("leave", "cure"),
    [
        (lambda v: float(v), "item"),
        (lambda v: int(v), "item"),
        (lambda v: math.exp(v), r"np.exp\(v\)"),
        (lambda v: np.asarray(v), r"v\.data"),
        (lambda v: np.array([v, v]), r"np\.stack"),
        (lambda v: v.__setitem__(0, 1.0), r"x\.at\[index\]"),
        (lambda v: np.add(1.0, v, out=np.ones(2)), "x = x [+] v"),
        (lambda v: np.ones(2).__iadd__(v), "x = x [+] v"),
        (lambda v: np.add.reduce(v), r"np\.sum"),
        (lambda v: np.fft.fft(v), "np.fft"),
        (lambda v: bool(v), "np.where"),
        (lambda v: np.sum(v, where=[True, False]), "'where'"),
        (lambda v: np.sum(v, 0, np.float32), "'dtype'"),
        (lambda v: v.mean(0, np.float32), "'dtype'"),
        (lambda v: np.add(v, 1, where=[True, False]), "add.*'where'"),
        (lambda v: np.exp(v, dtype=np.float32), "exp.*'dtype'"),
        (lambda v: np.sum(v, axis=v), "'axis'"),
        (lambda v: np.reshape(v, (2, 1), order="A"), "no order 'A'"),
    ],
)
def test_ways_out_of_the_graph_are_refused_with_the_cure(leave: Any, cure: str) -> None:
    with pytest.raises(TypeError, match=cure):
        leave(Value([1.0, 2.0]))


def test_numpy_functions_take_their_own_positional_arguments() -> None:
    x = np.arange(6.0).reshape(2, 3)
    v = Value(x)
    for out, plain in (
        (np.sum(v, 0, None, None, True), np.sum(x, 0, None, None, True)),
        (np.var(v, 0, None, None, 1), np.var(x, 0, None, None, 1)),
        (v.var(1), x.var(1)),
        (np.sum(a=v, axis=1), np.sum(a=x, axis=1)),
        (np.moveaxis(v, 0, 1), np.moveaxis(x, 0, 1)),
        (np.clip(v, 1, 3), np.clip(x, 1, 3)),
        (v.clip(max=3), x.clip(max=3)),
        (v.reshape(3, 2), x.reshape(3, 2)),
        (v.transpose(1, 0), x.transpose(1, 0)),
        (np.concatenate((v, x), 1), np.concatenate((x, x), 1)),
    ):
        np.testing.assert_array_equal(out.data, plain)


def test_plain_functions_cannot_write_into_what_is_recorded() -> None:
    v = Value([1.0, -np.inf])
    for write in (lambda: np.isneginf(v, v), lambda: np.all(v, 0, v), lambda: np.argmax(v, 0, v)):
        with pytest.raises((ValueError, TypeError)):
            write()
    assert v.data.tolist() == [1.0, -np.inf]


def test_item_of_several_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(2,\)"):
        Value([1.0, 2.0]).item()
    assert Value([[3.0]]).item() == 3


def test_comparisons_and_shape_questions_are_plain() -> None:
    v = Value([1.0, 3.0])
    assert (v > 2).tolist() == [False, True]
    assert (v < 2).tolist() == [True, False]
    assert (v == v).tolist() == [True, True]
    assert (np.ones(2) < v).tolist() == [False, True]
    assert np.argmax(v) == 1
    assert v.argmax() == 1
    assert np.shape(v) == (2,)
    assert len(v) == 2
    assert {v: 1}[v] == 1
    assert bool(Value(0.0)) is False
    assert Value(2.0) > 1


def test_constants_on_the_left_meet_our_ops() -> None:
    v = Value([1.0, 2.0])
    for left in (2.0, 2, np.float64(2), np.float32(2), np.array([2.0, 2.0]), [2.0, 2.0]):
        for out in (left + v, left - v, left * v, left / v, left**v):
            assert type(out) is Value
    assert type(np.eye(2) @ v) is Value
    assert (np.eye(2) @ v).data.tolist() == [1, 2]


def test_in_place_operators_make_a_new_value() -> None:
    x = y = Value(1.0)
    y += 2
    assert x.data == 1
    assert y.data == 3


def test_where_python_raises_a_scalar_takes_what_an_array_would() -> None:
    with np.errstate(all="ignore"):
        assert (Value(1.0) / 0.0).data == math.inf
        assert math.isnan((Value(0.0) / 0.0).data)
        assert np.exp(Value(1000.0)).data == math.inf
        assert (Value(1e200) ** 2).data == math.inf
        assert math.isnan((Value(-8.0) ** (1 / 3)).data)
        assert np.log(Value(0.0)).data == -math.inf
        x = Value(0.0)
        np.sqrt(x).backward()
        assert x.grad == math.inf
        v = Value([1.0, 1.0])
        ((v.sum() / Value(0.0)) * 2.0).backward()  # NumPy's doubles and Python's, mixed
        assert v.grad.tolist() == [math.inf, math.inf]


def test_errors_name_the_op_and_both_shapes() -> None:
    with pytest.raises(ValueError, match=r"matmul.*\(2, 3\) and \(2, 3\)"):
        Value(np.ones((2, 3))) @ np.ones((2, 3))
    with pytest.raises(ValueError, match=r"add.*\(2,\) and \(3,\)"):
        Value(np.ones(2)) + np.ones(3)
    with pytest.raises(IndexError, match="index"):
        Value(np.ones(2))[5]


def test_repr_tells_name_op_and_dtype() -> None:
    x = Value(2.0, name="x")
    assert repr(x) == "Value(2.0, name='x')"
    assert repr(x * 2) == "Value(4.0, op='×')"
    assert "dtype=float32" in repr(Value(np.ones(2, "f4")))
    assert len(repr(Value(np.ones(10_000)))) < 400
    assert f"{x:.2f}" == "2.00"
    assert "declared" in repr(x.step())
