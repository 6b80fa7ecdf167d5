"""Tests of nn.optim and nn.schedules against textbook updates written out in plain NumPy."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from autograd_mini import Value
from nn.training.optim import SGD, Adam, AdamW, Optimizer
from nn.training.schedules import cosine, exponential, step_decay

Make = Callable[[list[Value]], Optimizer]
SHAPES = [(3, 2), (4,), (), (0,)]
EVERY: dict[str, Make] = {
    "sgd": lambda p: SGD(p, lr=0.1),
    "decaying": lambda p: SGD(p, lr=0.1, weight_decay=0.1),
    "momentum": lambda p: SGD(p, lr=0.1, momentum=0.9, weight_decay=0.1),
    "nesterov": lambda p: SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
    "adam": lambda p: Adam(p, lr=0.1, weight_decay=0.1),
    "adamw": lambda p: AdamW(p, lr=0.1, betas=(0.8, 0.99), eps=1e-3, weight_decay=0.1),
}
every = pytest.mark.parametrize("make", EVERY.values(), ids=EVERY.keys())


def reference(name: str, w: Any, gradients: list[Any]) -> Any:
    """Where each of EVERY takes float64 `w` along given gradients: the papers' formulas."""
    velocity = m = v = 0.0
    for t, g in enumerate(gradients, 1):
        if name in ("sgd", "decaying"):
            w = w - 0.1 * (g + (0.1 * w if name == "decaying" else 0))
        elif name in ("momentum", "nesterov"):
            g = g + 0.1 * w
            velocity = 0.9 * velocity + g
            w = w - 0.1 * (g + 0.9 * velocity if name == "nesterov" else velocity)
        elif name == "adam":
            g = g + 0.1 * w
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            w = w - 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        else:
            m, v = 0.8 * m + 0.2 * g, 0.99 * v + 0.01 * g**2
            w = w - 0.1 * 0.1 * w
            w = w - 0.1 * (m / (1 - 0.8**t)) / (np.sqrt(v / (1 - 0.99**t)) + 1e-3)
    return w


def drawn(seed: int, dtype: Any, steps: int = 5) -> tuple[list[Any], list[list[Any]]]:
    rng = np.random.default_rng(seed)
    starts = [rng.normal(size=shape).astype(dtype) for shape in SHAPES]
    return starts, [[rng.normal(size=s).astype(dtype) for s in SHAPES] for _ in range(steps)]


def walk(optimizer: Optimizer, gradients: list[list[Any]]) -> None:
    for of_step in gradients:
        for p, g in zip(optimizer.params, of_step, strict=True):
            p.grad = g
        optimizer.step()


# --- trajectories -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
@hypothesis.given(seed=st.integers(0, 99), steps=st.integers(1, 6))
@hypothesis.settings(deadline=None, max_examples=15)
def test_trajectories_follow_the_textbook(name: str, seed: int, steps: int) -> None:
    starts, gradients = drawn(seed, np.float64, steps)
    params = [Value(start) for start in starts]
    walk(EVERY[name](params), gradients)
    for i, (p, start) in enumerate(zip(params, starts, strict=True)):
        wanted = reference(name, start, [of_step[i] for of_step in gradients])
        np.testing.assert_allclose(p.data, wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", EVERY)
def test_python_numbers_stay_python_numbers(name: str) -> None:
    p = Value(1.5)
    optimizer = EVERY[name]([p])
    for g in (0.5, -2.0, 0.0):
        p.grad = g
        optimizer.step()
    assert type(p.data) is float
    assert p.data == pytest.approx(reference(name, 1.5, [0.5, -2.0, 0.0]), rel=1e-12)


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shape_and_dtype_stay(make: Make, dtype: Any) -> None:
    starts, gradients = drawn(0, dtype)
    params = [Value(start) for start in starts]
    walk(make(params), gradients)
    for p, start in zip(params, starts, strict=True):
        assert p.shape == np.shape(start)
        assert p.dtype == dtype
        assert p.data.dtype == dtype


@every
def test_a_gradient_of_another_dtype_does_not_widen_the_parameter(make: Make) -> None:
    p = Value(np.ones(3, np.float32))
    optimizer = make([p])
    for _ in range(2):
        p.grad = np.ones(3, np.float64)
        optimizer.step()
    assert p.dtype == np.float32


@every
def test_old_data_and_gradients_are_never_written(make: Make) -> None:
    starts, gradients = drawn(1, np.float64)
    params = [Value(start) for start in starts]
    optimizer = make(params)
    seen: list[tuple[Any, Any]] = []
    for of_step in gradients:
        for p, g in zip(params, of_step, strict=True):
            p.grad = g
            seen += [(array, np.array(array)) for array in (p.data, p.grad)]
        optimizer.step()
    for array, copy in seen:
        np.testing.assert_array_equal(array, copy)


@every
def test_a_graph_keeps_the_numbers_that_it_was_computed_with(make: Make) -> None:
    p = Value(np.array([1.0, 2.0]))
    optimizer = make([p])
    C = (p * p).sum()
    C.backward()
    first = p.grad
    optimizer.step()
    optimizer.zero_grad()
    C.backward()
    np.testing.assert_array_equal(p.grad, first)


@every
def test_a_gradient_changed_later_does_not_reach_what_is_remembered(make: Make) -> None:
    ends = []
    for meddle in (False, True):
        p = Value(np.ones(3))
        optimizer = make([p])
        for _ in range(3):
            p.grad = np.array([1.0, -1.0, 0.5])
            handed = p.grad
            optimizer.step()
            if meddle:
                handed[...] = 1e6
        ends.append(np.array(p.data))
    np.testing.assert_array_equal(*ends)


@every
def test_parameters_without_gradients_stay_and_remember_nothing(make: Make) -> None:
    late, alone, idle = Value(np.ones(2)), Value(np.ones(2)), Value(np.ones(2))
    optimizer, lonely = make([idle, late]), make([alone])
    optimizer.step()
    for _ in range(3):  # the first gradient comes in the second step, and counts as the first
        late.grad, alone.grad = np.ones(2), np.ones(2)
        optimizer.step()
        lonely.step()
    np.testing.assert_array_equal(idle.data, np.ones(2))
    np.testing.assert_array_equal(late.data, alone.data)
    assert not [key for key in optimizer.state_dict() if key.startswith("0.")]


@every
def test_zero_grad_forgets(make: Make) -> None:
    params = [Value(1.0), Value([1.0, 2.0])]
    optimizer = make(params)
    (params[0] * params[1]).sum().backward()
    assert all(p.grad is not None for p in params)
    optimizer.zero_grad()
    assert all(p.grad is None for p in params)


@every
def test_a_bowl_is_descended(make: Make) -> None:
    p = Value(np.array([3.0, -2.0]))
    optimizer = make([p])
    for _ in range(300):
        optimizer.zero_grad()
        ((p - 1) * (p - 1)).sum().backward()
        optimizer.step()
    assert np.abs(p.data - 1).max() < 0.11  # weight decay pulls a little towards 0


@every
def test_the_learning_rate_can_be_set(make: Make) -> None:
    p, q = Value(1.0), Value(1.0)
    optimizer = make([p, q])
    optimizer.lr = 0
    p.grad = q.grad = 1.0
    optimizer.step()
    assert p.item() == 1.0
    optimizer.lr = np.float32(0.5)
    optimizer.step()
    assert type(optimizer.lr) is float
    assert p.item() != 1.0


def test_defaults_are_pytorch_s() -> None:
    p = [Value(1.0)]
    assert repr(SGD(p, 1)) == (
        "SGD(1 parameters, lr=1.0, momentum=0.0, nesterov=False, weight_decay=0.0)"
    )
    adam = "(1 parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-08, weight_decay="
    assert repr(Adam(p)) == f"Adam{adam}0.0)"
    assert repr(AdamW(p)) == f"AdamW{adam}0.01)"


# --- resuming ---------------------------------------------------------------------------------


@every
def test_a_resumed_run_is_the_same_run(make: Make, tmp_path: Path) -> None:
    starts, gradients = drawn(2, np.float32, steps=6)
    whole = [Value(start) for start in starts]
    walk(make(whole), gradients)

    params = [Value(start) for start in starts]
    first = make(params)
    walk(first, gradients[:3])
    np.savez(tmp_path / "state.npz", **first.state_dict())
    with np.load(tmp_path / "state.npz") as state:
        second = make(params)
        second.lr = 99
        second.load_state_dict(state)
    assert second.lr == first.lr
    walk(second, gradients[3:])
    for p, q in zip(params, whole, strict=True):
        np.testing.assert_array_equal(p.data, q.data, strict=True)


@every
def test_a_state_is_a_copy(make: Make) -> None:
    params = [Value(np.ones(2))]
    optimizer = make(params)
    walk(optimizer, [[np.ones(2)]])
    state = optimizer.state_dict()
    for value in state.values():
        if isinstance(value, np.ndarray):
            value[...] = 7
    assert all(np.all(value != 7) for value in optimizer.state_dict().values())


def test_a_state_that_does_not_fit_is_told_in_one_error_and_changes_nothing() -> None:
    optimizer = Adam([Value(np.ones(2)), Value(1.0)])
    walk(optimizer, [[np.ones(2), 1.0]])
    state = optimizer.state_dict()
    before = repr(optimizer), {key: np.array(value) for key, value in state.items()}
    broken = state | {"0.m": np.ones(3), "9.m": 1.0, "0.velocity": 1.0, "x": 0, "lr": 5.0}
    del broken["eps"], broken["1.v"]
    with pytest.raises(ValueError, match="not the state of Adam") as caught:
        optimizer.load_state_dict(broken)
    for fault in (
        "eps is missing",
        "0.m has shape (3,) in place of (2,)",
        "9.m is unknown",
        "0.velocity is unknown",
        "x is unknown",
        "1.v is missing",
    ):
        assert fault in str(caught.value)
    with pytest.raises(ValueError, match="lr is a finite number of at least 0, not nan"):
        optimizer.load_state_dict(state | {"lr": math.nan, "beta1": 0.5})
    assert repr(optimizer) == before[0]
    for key, value in optimizer.state_dict().items():
        np.testing.assert_array_equal(value, before[1][key])


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [SGD, Adam, AdamW])
@pytest.mark.parametrize("lr", [math.nan, -0.1, math.inf, -math.inf, np.float32("nan")])
def test_impossible_learning_rates_are_refused(kind: Any, lr: float) -> None:
    p = Value(1.0)
    message = "lr is a finite number of at least 0, not "
    with pytest.raises(ValueError, match=message):
        kind([p], lr=lr)
    optimizer = kind([p], lr=0.5)
    with pytest.raises(ValueError, match=message):
        optimizer.lr = lr
    assert optimizer.lr == 0.5


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda p: SGD(p, lr="fast"), TypeError, "lr is a number, not str"),
        (lambda p: SGD(p, lr=None), TypeError, "lr is a number, not NoneType"),
        (lambda p: SGD(p, 1, momentum=-1), ValueError, "momentum is a finite number of at least"),
        (lambda p: SGD(p, 1, weight_decay=-1), ValueError, "weight_decay is a finite number"),
        (lambda p: SGD(p, 1, nesterov=True), ValueError, "nesterov .* give momentum"),
        (lambda p: Adam(p, betas=(1, 0.9)), ValueError, "beta1 .* at least 0 and below 1, not 1"),
        (lambda p: Adam(p, betas=(0, -0.1)), ValueError, "beta2 .* and below 1, not -0.1"),
        (lambda p: AdamW(p, eps=math.nan), ValueError, "eps is a finite number"),
        (lambda p: SGD([], 1), ValueError, "at least one parameter, and got none"),
        (lambda p: SGD(p * 2, 1), ValueError, "parameters 0 and 1 are the same Value"),
        (lambda p: SGD([*p, 1.0], 1), TypeError, "parameter 1 is not a Value but float"),
        (lambda p: SGD([("W", p[0])], 1), TypeError, r"not a Value but tuple; .*parameters\(\)"),
        (lambda p: SGD(p[0], 1), TypeError, r"give \[p\] for a single one"),
        (lambda p: SGD(object(), 1), TypeError, r"not object; give model.parameters\(\)"),
        (lambda p: SGD([p[0] * 2], 1), ValueError, r"parameter 0 is computed \(multiply\)"),
    ],
)
def test_bad_arguments_get_one_clear_sentence(
    make: Callable[[Any], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make([Value(1.0)])


# --- schedules --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "factors"),
    [
        (step_decay(2), {0: 1, 1.99: 1, 2: 0.1, 5: 0.01}),
        (exponential(0.5), {0: 1, 1: 0.5, 3: 0.125, 0.5: 0.5**0.5}),
        (cosine(10), {0: 1, 5: 0.5, 10: 0, 11: 0, 2.5: (1 + 0.5**0.5) / 2}),
        (cosine(10, warm_up=2, floor=0.2), {0: 0, 1: 0.5, 2: 1, 6: 0.6, 10: 0.2, 99: 0.2}),
    ],
)
def test_schedules(schedule: Callable[[float], float], factors: dict[float, float]) -> None:
    for epoch, factor in factors.items():
        assert schedule(epoch) == pytest.approx(factor, abs=1e-12)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: step_decay(0), "every is a finite number above 0, not 0"),
        (lambda: step_decay(1, factor=math.nan), "factor is a finite number above 0, not nan"),
        (lambda: exponential(-1), "factor is a finite number above 0"),
        (lambda: cosine(0), "epochs is a finite number above 0"),
        (lambda: cosine(5, warm_up=5), "warm_up is from 0 to below 5 epochs, not 5"),
        (lambda: cosine(5, floor=2), "floor is a factor from 0 to 1, not 2"),
    ],
)
def test_bad_schedules_are_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


# --- states that no training left, halves, schedules within an epoch ---------------------------

BAD_STATES: list[tuple[str, Any, str]] = [
    ("0.step", -1, "0.step is -1, and not a whole number of at least 1"),
    ("0.step", 0, "0.step is 0, and not a whole number of at least 1"),
    ("0.step", 2.5, "0.step is 2.5, and not a whole number of at least 1"),
    ("0.step", np.inf, "0.step holds nan or infinite numbers"),
    ("0.step", "2", "0.step is of <U1, and not a count"),
    ("0.step", [1], r"0.step has shape \(1,\) in place of \(\)"),
    ("0.m", [1, 2, 3], "0.m is of int64, and not a float"),
    ("0.m", list("abc"), "0.m is of <U1, and not a float"),
    ("0.m", [1.0, None, 2.0], "0.m is of object, and not a float"),
    ("0.m", [1.0, np.nan, 2.0], "0.m holds nan or infinite numbers"),
    ("0.m", [1j, 0, 0], "0.m is of complex128, and not a float"),
    ("0.v", [1.0, -1.0, 0.0], "0.v holds numbers below 0"),
    ("0.v", [1.0, np.inf, 0.0], "0.v holds nan or infinite numbers"),
]


@pytest.mark.parametrize(("name", "value", "message"), BAD_STATES)
@pytest.mark.parametrize("make", [Adam, AdamW])
def test_a_state_that_no_training_left_is_refused(
    make: Any, name: str, value: Any, message: str
) -> None:
    p = Value(np.ones(3))
    optimizer = make([p])
    walk(optimizer, [[np.ones(3)]])
    state = optimizer.state_dict()
    with pytest.raises(ValueError, match=message):
        optimizer.load_state_dict(state | {"lr": 0.5, name: value})
    assert repr(optimizer.state_dict()) == repr(state)
    optimizer.load_state_dict(state | {"0.step": 3.0})
    walk(optimizer, [[np.ones(3)]])


@pytest.mark.parametrize("value", [[1, 2, 3], [np.nan, 1.0, 1.0], list("abc")])
def test_a_velocity_that_no_training_left_is_refused(value: Any) -> None:
    optimizer = SGD([Value(np.ones(3))], lr=0.1, momentum=0.9)
    with pytest.raises(ValueError, match=r"0\.velocity"):
        optimizer.load_state_dict(optimizer.state_dict() | {"0.velocity": value})


@pytest.mark.parametrize("betas", [0.9, (0.9,), (0.9, 0.9, 0.9), None, "ab"])
@pytest.mark.parametrize("make", [Adam, AdamW])
def test_betas_are_a_pair(make: Any, betas: Any) -> None:
    with pytest.raises(ValueError, match="betas is a pair of numbers such as"):
        make([Value(1.0)], betas=betas)


@pytest.mark.parametrize("make", [Adam, AdamW, lambda p: Adam(p, weight_decay=0.1)])
def test_halves_remember_in_singles(make: Any) -> None:
    gradient = np.array([0, 1e-7, 1e-4, 1, 300], np.float16)
    half, single = Value(np.ones(5, np.float16)), Value(np.ones(5, np.float32))
    halves, singles = make([half]), make([single])
    for _ in range(20):
        walk(halves, [[gradient]])
        walk(singles, [[gradient.astype(np.float32)]])
    state = halves.state_dict()
    assert state["0.m"].dtype == state["0.v"].dtype == np.float32
    assert half.dtype == np.float16
    np.testing.assert_allclose(half.data, single.data, atol=20 * 2**-11)
    halves.load_state_dict(state)
    walk(halves, [[gradient]])
    assert np.isfinite(half.data).all()


@pytest.mark.parametrize("steps", [1, 3, 7, 10, 600])
@pytest.mark.parametrize("over", [1, 3, 10, 30])
def test_a_step_decay_within_an_epoch_comes_in_time(over: int, steps: int) -> None:
    every = 1 / over
    schedule = step_decay(every, 0.5)
    for epoch in (0, 1, 2, 17):
        for step in range(steps):
            whole = (epoch * steps + step) * over // steps
            assert schedule(epoch + step / steps) == 0.5**whole
    assert [schedule(k * every) for k in range(50)] == [0.5**k for k in range(50)]
    assert schedule(np.nextafter(5 * every, 0) - 1e-9) == 0.5**4
