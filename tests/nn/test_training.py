"""Tests of nn.training and nn.augment on small made-up data."""

import math
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from autograd_mini import Value
from nn import MLP, batches, cross_entropy, mse_loss, one_hot, quadratic_cost
from nn.data.augment import shift_images
from nn.training.blas import ONE_THREAD_BELOW
from nn.training.evaluation import CHUNK, evaluate
from nn.training.history import Epoch, History
from nn.training.loop import fit
from nn.training.optim import SGD, AdamW
from nn.training.schedules import exponential


def blobs(n: int, seed: int = 0) -> tuple[Any, Any]:
    """Three clouds of points in the plane that a straight line can tell apart, with labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, n)
    centres = np.array([[0, 2], [2, -1], [-2, -1]])
    return (centres[labels] + rng.normal(0, 0.4, (n, 2))).astype(np.float32), labels


X, LABELS = blobs(300)


def network(seed: int = 0, output: Any = None) -> MLP:
    return MLP([2, 4, 3], activation="tanh", output=output, seed=seed)


def short_run(model: Any = None, **changes: Any) -> History:
    model = model or network()
    changes.setdefault("optimizer", SGD(model.parameters(), lr=0.1))
    return fit(model, cross_entropy, X, LABELS, **{"epochs": 2, "progress": False} | changes)


def weights(model: MLP) -> list[Any]:
    return [np.array(p.data) for p in model.parameters()]


def same(a: MLP, b: MLP) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(weights(a), weights(b), strict=True))


# --- fit --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cost", "targets", "output"),
    [
        (cross_entropy, LABELS, None),
        (cross_entropy, one_hot(LABELS, 3), None),
        (quadratic_cost, one_hot(LABELS, 3), "sigmoid"),
    ],
)
def test_clouds_are_told_apart(cost: Any, targets: Any, output: Any) -> None:
    model, (x, labels) = network(output=output), blobs(200, seed=1)
    wanted = one_hot(labels, 3) if targets.ndim == 2 else labels
    history = fit(
        model,
        cost,
        X,
        targets,
        optimizer=AdamW(model.parameters(), lr=0.05),
        epochs=10,
        batch_size=50,
        validation=(x, wanted),
        progress=False,
    )
    assert evaluate(model, x, labels) > 0.98
    assert len(history.epochs) == 10
    assert not history.interrupted
    last = history.epochs[-1]
    assert last.cost < history.epochs[0].cost
    assert last.accuracy > 0.98
    assert last.seconds > 0
    assert (last.validation_accuracy, last.validation_cost) == evaluate(model, x, wanted, cost)


def test_fit_is_the_loop_that_one_would_write() -> None:
    model, by_hand = network(), network()
    short_run(model, seed=7, batch_size=70, epochs=3, compiled=False)
    orders = np.random.default_rng(7).spawn(2)[0]
    for _ in range(3):
        for x, y in batches(X, LABELS, size=70, seed=orders):
            by_hand.zero_grad()
            cross_entropy(by_hand(x), y).backward()
            for p in by_hand.parameters():
                p.data -= 0.1 * p.grad
    assert same(model, by_hand)
    assert all(p.dtype == np.float32 for p in model.parameters())


def test_the_seed_decides_the_run() -> None:
    a, b, c = network(), network(), network()
    first, second = short_run(a, seed=1), short_run(b, seed=1)
    short_run(c, seed=2)
    assert first.column("cost") == second.column("cost")
    assert same(a, b)
    assert not same(a, c)


def test_what_is_told_is_the_mean_over_the_examples() -> None:
    model = network()
    still = SGD(model.parameters(), lr=0)  # 300 examples in batches of 80: the last has 60
    history = short_run(model, optimizer=still, batch_size=80, validation=(X, LABELS))
    accuracy, cost = evaluate(model, X, LABELS, cross_entropy)
    for epoch in history.epochs:
        assert epoch[:4] == pytest.approx((cost, accuracy, cost, accuracy), rel=1e-5)


def test_without_classes_there_is_no_accuracy() -> None:
    slope = Value([[0.0]])
    x = np.linspace(-1, 1, 20).reshape(-1, 1)
    history = fit(
        lambda x: x @ slope,
        mse_loss,
        x,
        3 * x,
        optimizer=SGD([slope], lr=0.5),
        epochs=30,
        batch_size=5,
        progress=False,
    )
    assert slope.item() == pytest.approx(3)
    last = history.epochs[-1]
    assert math.isnan(last.accuracy)
    assert math.isnan(last.validation_cost)
    assert math.isnan(last.validation_accuracy)
    assert "accuracy" not in str(last)


def test_no_epochs_change_nothing() -> None:
    model = network()
    assert short_run(model, epochs=0) == History()
    assert same(model, network())


class Noting(SGD):
    """Notes the learning rate of each step."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        self.rates: list[float] = []
        super().__init__(*args, **keywords)

    def step(self) -> None:
        self.rates.append(self.lr)
        super().step()


def test_a_schedule_sets_every_step_and_leaves_the_rate_as_it_was() -> None:
    model = network()
    optimizer = Noting(model.parameters(), lr=0.2)
    short_run(model, optimizer=optimizer, schedule=exponential(0.25), batch_size=150)
    assert optimizer.rates == pytest.approx([0.2, 0.1, 0.05, 0.025])
    assert optimizer.lr == 0.2


def test_a_callback_may_set_the_rate_itself() -> None:
    model = network()
    optimizer = Noting(model.parameters(), lr=0.2)

    def halve(history: History) -> None:
        optimizer.lr /= 2

    short_run(model, optimizer=optimizer, callback=halve, batch_size=300)
    assert optimizer.rates == [0.2, 0.1]


def test_a_true_callback_ends_the_training() -> None:
    history = short_run(epochs=9, callback=lambda history: len(history.epochs) == 3)
    assert len(history.epochs) == 3
    assert not history.interrupted


def test_augmentation_changes_inputs_and_not_their_order() -> None:
    plain, same_inputs, mirrored, by_hand = (network() for _ in range(4))
    shapes = []

    def idle(x: Any, rng: np.random.Generator) -> Any:
        shapes.append(x.shape)
        rng.random()
        return x

    short_run(plain)
    short_run(same_inputs, augment=idle)
    assert same(plain, same_inputs)
    assert shapes == [(100, 2)] * 6
    short_run(mirrored, augment=lambda x, rng: -x)
    fit(
        by_hand,
        cross_entropy,
        -X,
        LABELS,
        optimizer=SGD(by_hand.parameters(), lr=0.1),
        epochs=2,
        progress=False,
    )
    assert same(mirrored, by_hand)


def test_chance_in_augmentation_comes_from_the_seed() -> None:
    def noisy(x: Any, rng: np.random.Generator) -> Any:
        return x + rng.normal(size=x.shape).astype(np.float32)

    a, b = network(), network()
    short_run(a, augment=noisy, seed=3)
    short_run(b, augment=noisy, seed=3)
    assert same(a, b)


# --- interruption -----------------------------------------------------------------------------


def test_ctrl_c_keeps_what_there_is() -> None:
    model = network()
    optimizer = SGD(model.parameters(), lr=0.1)
    calls = 0

    def press(x: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 8:  # three batches to an epoch: in the middle of the third
            signal.raise_signal(signal.SIGINT)
        return model(x)

    history = fit(
        press,
        cross_entropy,
        X,
        LABELS,
        optimizer=optimizer,
        epochs=50,
        schedule=exponential(0.5),
        progress=False,
    )
    assert history.interrupted
    assert len(history.epochs) == 2
    assert optimizer.lr == 0.1
    assert not same(model, network())
    assert all(np.isfinite(w).all() for w in weights(model))


# --- divergence -------------------------------------------------------------------------------


def test_a_cost_that_is_no_number_stops_with_the_place() -> None:
    model, seen = network(), 0

    def cost(a: Any, y: Any) -> Any:
        nonlocal seen
        seen += 1
        return cross_entropy(a, y) * (math.nan if seen == 5 else 1)

    message = "the cost became nan in epoch 2, step 2, at the learning rate 0.1; a smaller"
    with pytest.raises(FloatingPointError, match=message):
        fit(
            model,
            cost,
            X,
            LABELS,
            optimizer=SGD(model.parameters(), lr=0.1),
            epochs=9,
            progress=False,
        )
    assert all(np.isfinite(w).all() for w in weights(model))


def test_a_learning_rate_that_is_too_large_is_told() -> None:
    slope = Value(np.zeros((1, 1), np.float32))
    x = np.ones((8, 1), np.float32)
    with pytest.raises(FloatingPointError, match=r"the cost became inf in epoch 1, step \d+, at"):
        fit(
            lambda x: x @ slope,
            mse_loss,
            x,
            x,
            optimizer=SGD([slope], lr=1e12),
            epochs=3,
            batch_size=1,
            progress=False,
        )


def test_a_parameter_that_is_no_number_at_the_end_is_told() -> None:
    slope = Value(np.ones((1, 1), np.float32), name="slope")
    x = np.ones((1, 1), np.float32)
    with pytest.raises(FloatingPointError, match=r"parameter slope became .* epoch 1, step 1"):
        fit(
            lambda x: x @ slope,
            mse_loss,
            x,
            0 * x,
            optimizer=SGD([slope], lr=1e39),
            epochs=1,
            progress=False,
        )


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": -1}, "epochs is a whole number of at least 0, not -1"),
        ({"epochs": 1.5}, "epochs is a whole number of at least 0, not 1.5"),
        ({"batch_size": 0}, "batch_size is a whole number of at least 1, not 0"),
        ({"batch_size": True}, "batch_size is a whole number"),
        ({"validation": (X, LABELS[:5])}, "there are 300 inputs and 5 targets"),
        ({"validation": (X[:0], LABELS[:0])}, r"no examples in inputs of shape \(0, 2\)"),
    ],
)
def test_bad_arguments_get_one_clear_sentence(changes: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        short_run(**changes)


def train_on(x: Any, y: Any) -> object:
    model = network()
    return fit(model, cross_entropy, x, y, optimizer=SGD(model.parameters(), lr=1), epochs=1)


def evaluate_on(x: Any, y: Any) -> object:
    return evaluate(network(), x, y)


@pytest.mark.parametrize("measure", [train_on, evaluate_on])
@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (X[:0], LABELS[:0], r"no examples in inputs of shape \(0, 2\)"),
        (X, LABELS[:299], "there are 300 inputs and 299 targets"),
        (np.float32(1), LABELS, r"no examples in inputs of shape \(\)"),
    ],
)
def test_bad_data_get_one_clear_sentence(
    measure: Callable[[Any, Any], object], x: Any, y: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        measure(x, y)


# --- progress ---------------------------------------------------------------------------------

Captured = pytest.CaptureFixture[str]


def test_a_line_tells_of_each_epoch(capsys: Captured) -> None:
    history = short_run(epochs=10, validation=(X, LABELS), progress=True)
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert len(lines) == 10
    assert lines[2] == f"epoch  3/10: {history.epochs[2]}"
    assert str(Epoch(0.5, 0.25, 0.75, 1.0, 1.0)) == (
        "cost 0.5000, accuracy 25.00%; validation cost 0.7500, accuracy 100.00%"
    )


@pytest.mark.parametrize("validation", [(X, LABELS), None])
def test_a_terminal_gets_a_bar(
    needed: Any, validation: Any, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    tqdm = needed("tqdm")
    tqdm.tqdm._instances.clear()  # the bars of fits that other tests have interrupted
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    last = short_run(progress=True, validation=validation).epochs[-1]
    err = capsys.readouterr().err
    seen = f"validation accuracy {last.validation_accuracy:.2%}"
    if validation is None:
        seen = f"accuracy {last.accuracy:.2%}"
    assert f"\repoch 2/2: cost {last.cost:.4f}, {seen}: 100%|" in err
    assert err.count("\n") == 1


def test_without_tqdm_a_terminal_gets_lines(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    short_run(progress=True)
    assert capsys.readouterr().err.startswith("epoch 1/2: cost ")


def test_silence(capsys: Captured) -> None:
    short_run()
    assert capsys.readouterr() == ("", "")


# --- threads ----------------------------------------------------------------------------------


@pytest.fixture
def blas_threads(needed: Any) -> Iterator[Callable[[], list[int]]]:
    """The threads that BLAS has now, of two that a test begins with."""
    threadpoolctl = needed("threadpoolctl")

    def now() -> list[int]:
        info = threadpoolctl.threadpool_info()
        return [pool["num_threads"] for pool in info if pool["user_api"] == "blas"]

    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        yield now


@pytest.mark.parametrize("small", [True, False])
def test_small_layers_get_one_thread_and_the_others_theirs(blas_threads: Any, small: bool) -> None:
    n = 2 if small else ONE_THREAD_BELOW // (100 * 2) + 1
    model = MLP([2, n, 3], output=None, seed=0)
    seen: list[list[int]] = []
    before = blas_threads()
    short_run(model, epochs=1, callback=lambda history: seen.append(blas_threads()))
    assert blas_threads() == before
    assert seen == [[1] * len(before) if small else before]


@pytest.mark.parametrize(("cores", "setting", "slow"), [(2, "", 1), (2, "1", 0), (1, "", 0)])
def test_threadpoolctl_is_optional(
    cores: int, setting: str, slow: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.setattr("nn.training.blas._limit.said", False)
    for variable in os.environ:
        if variable.endswith("_THREADS"):
            monkeypatch.delenv(variable)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", setting)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        assert len(short_run().epochs) == len(short_run().epochs) == 2
    assert (
        sum("pip install 'autograd-mini[threads]'" in str(each.message) for each in told) == slow
    )


@pytest.mark.parametrize("first_out", [0, 1])
def test_the_last_of_several_fits_gives_the_threads_back(
    blas_threads: Any, first_out: int
) -> None:
    inside, may_leave = threading.Barrier(3, timeout=60), [threading.Event(), threading.Event()]

    def run(me: int) -> None:
        def wait(history: History) -> None:
            inside.wait()
            may_leave[me].wait(60)

        short_run(epochs=1, callback=wait)

    before = blas_threads()
    fits = [threading.Thread(target=run, args=(i,)) for i in (0, 1)]
    for each in fits:
        each.start()
    inside.wait()
    seen = [blas_threads()]
    for me in (first_out, 1 - first_out):
        may_leave[me].set()
        fits[me].join()
        seen.append(blas_threads())
    ones = [1] * len(before)
    assert seen == [ones, ones, before]


# --- evaluate ---------------------------------------------------------------------------------


@hypothesis.given(n=st.sampled_from([1, 7, CHUNK, CHUNK + 1, 2 * CHUNK + 3]))
@hypothesis.settings(deadline=None, max_examples=10)
def test_chunks_make_no_difference(n: int) -> None:
    x, labels = blobs(n, seed=n)
    model = network(seed=n)
    logits = model(x)
    wanted = (np.asarray(logits.data).argmax(1) == labels).mean()
    accuracy, cost = evaluate(model, x, labels, cross_entropy)
    assert accuracy == pytest.approx(wanted)
    assert cost == pytest.approx(cross_entropy(logits, labels).item(), rel=1e-5)
    assert evaluate(model, x, one_hot(labels, 3)) == evaluate(model, x, labels) == accuracy


def test_evaluation_records_nothing() -> None:
    model, outputs = network(), []

    def watched(x: Any) -> Any:
        outputs.append(model(x))
        return outputs[-1]

    evaluate(watched, X, LABELS)
    assert [a.args for a in outputs] == [()]


def test_plain_functions_are_models_too() -> None:
    def cost(a: Any, y: Any) -> Any:
        return ((a - y) ** 2).mean()

    targets = one_hot(LABELS, 3)
    assert evaluate(lambda x: np.zeros((len(x), 3)), X, targets, cost) == pytest.approx(
        ((LABELS == 0).mean(), 1 / 3)
    )


# --- shift_images -----------------------------------------------------------------------------

shifts: Callable[..., Any] = hypothesis.given(
    n=st.integers(0, 5), side=st.integers(1, 6), pixels=st.integers(0, 7), seed=st.integers(0, 9)
)


@shifts
@hypothesis.settings(deadline=None)
def test_shifts_move_each_image_and_bring_in_paper(
    n: int, side: int, pixels: int, seed: int
) -> None:
    images = np.random.default_rng(seed).random((n, side * side), np.float32)
    before = images.copy()
    shifted = shift_images(images, np.random.default_rng(seed), pixels=pixels)
    again = shift_images(images, np.random.default_rng(seed), pixels=pixels)
    np.testing.assert_array_equal(images, before)
    np.testing.assert_array_equal(shifted, again)
    assert (shifted.shape, shifted.dtype) == (images.shape, images.dtype)
    assert not np.shares_memory(shifted, images)
    for image, moved in zip(images, shifted, strict=True):
        wide = np.pad(image.reshape(side, side), pixels)
        possible = [
            np.roll(wide, (down, right), (0, 1))[pixels : pixels + side, pixels : pixels + side]
            for down in range(-pixels, pixels + 1)
            for right in range(-pixels, pixels + 1)
        ]
        assert any(np.array_equal(moved.reshape(side, side), p) for p in possible)


def test_all_nine_shifts_by_a_pixel_are_as_likely() -> None:
    images = np.zeros((9000, 25), np.float32)
    images[:, 12] = 1
    counts = shift_images(images, np.random.default_rng(0)).sum(0).reshape(5, 5)
    assert counts[1:4, 1:4].sum() == 9000
    assert np.abs(counts[1:4, 1:4] - 1000).max() < 150  # five standard deviations


@pytest.mark.parametrize("shape", [(2, 10), (16,), (2, 4, 4), (2, 0)])
def test_images_that_are_not_square_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"shape \(n, side \* side\), not "):
        shift_images(np.zeros(shape), np.random.default_rng(0))


def test_negative_shifts_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 0 pixels, not -1"):
        shift_images(np.zeros((1, 4)), np.random.default_rng(0), pixels=-1)
