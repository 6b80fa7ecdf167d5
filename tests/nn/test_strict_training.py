"""What fit and evaluate refuse, and what changes, ends or interrupts a run: nothing silently."""

import contextlib
import gc
import itertools
import linecache
import math
import signal
import sys
import threading
import types
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd_mini import Value, no_grad
from nn.training.blas import optional

HOME = Path(nn.__file__).parent
RNG = np.random.default_rng(0)
X = RNG.random((40, 6)).astype(np.float32)
Y = np.arange(40) % 3
ONE_HOT = nn.one_hot(Y, 3)


def network(seed: int = 0, dtype: Any = np.float32) -> nn.MLP:
    return nn.MLP([6, 5, 3], "tanh", output=None, seed=seed, dtype=dtype)


def run(model: Any = None, cost: Any = nn.cross_entropy, **changes: Any) -> nn.History:
    model = network() if model is None else model
    x, y = changes.pop("x", X), changes.pop("y", Y)
    if "optimizer" not in changes:
        changes["optimizer"] = nn.SGD(model.parameters(), 0.1)
    return nn.fit(
        model, cost, x, y, **{"epochs": 1, "batch_size": 10, "progress": False} | changes
    )


def weights(model: nn.Module) -> list[Any]:
    return [np.array(p.data) for p in model.parameters()]


# ----------------------------------------------------------------------- data that are refused
def masked(array: Any) -> Any:
    return np.ma.masked_array(array, np.arange(array.size).reshape(array.shape) % 7 == 0)


BAD_DATA: dict[str, tuple[Any, Any, type[Exception], str]] = {
    "labels in a column": (X, Y[:, None], ValueError, r"shape \(\w*, 1\)"),
    "labels in a row": (X, Y[None], ValueError, "40 inputs and 1 targets"),
    "labels of axes": (X, Y[:, None, None], ValueError, r"shape \(\w*, 1, 1\)"),
    "labels out of range": (X, Y + 9, ValueError, "labels.* 0 to 2.* from 9 to 11"),
    "labels below 0": (X, Y - 1, ValueError, "labels.* 0 to 2.* from -1 to 1"),
    "halves": (X, Y + 0.5, ValueError, "labels.*whole numbers.*float64"),
    "whole floats": (X, Y + 0.0, ValueError, "labels.*whole numbers.*float64"),
    "truth values": (X, Y > 1, ValueError, "labels.*whole numbers.*bool"),
    "text": (X, Y.astype(str), TypeError, r"targets are numbers, and not <U21; np.unique"),
    "objects": (X, Y.astype(object), TypeError, "targets are numbers, and not object"),
    "too wide": (X, nn.one_hot(Y, 5), ValueError, r"shape \(\w*, 5\)"),
    "too narrow": (X, nn.one_hot(Y % 2, 2), ValueError, r"shape \(\w*, 2\)"),
    "no targets": (X, None, ValueError, "40 inputs and no targets"),
    "masked targets": (X, masked(Y), TypeError, "targets are a masked array"),
    "masked inputs": (masked(X), Y, TypeError, "inputs are a masked array"),
    "inputs of text": (X.astype(str), Y, TypeError, "inputs are numbers, and not <U"),
    "complex inputs": (X + 0j, Y, TypeError, "inputs are numbers, and not complex"),
    "no inputs": (None, Y, ValueError, "no examples in inputs of shape"),
}
bad_data = pytest.mark.parametrize(("x", "y", "error", "message"), BAD_DATA.values(), ids=BAD_DATA)


@bad_data
@pytest.mark.parametrize(
    "measure",
    [
        lambda x, y: run(x=x, y=y),
        lambda x, y: run(x=x, y=y, compiled=False),
        lambda x, y: run(validation=(x, y)),
        lambda x, y: nn.evaluate(network(), x, y),
        lambda x, y: nn.evaluate(network(), x, y, nn.cross_entropy),
    ],
    ids=["fit", "eager fit", "validation", "evaluate", "evaluate with cost"],
)
def test_evaluate_refuses_what_fit_refuses(
    measure: Callable[[Any, Any], Any], x: Any, y: Any, error: Any, message: str
) -> None:
    with pytest.raises(error, match=message):
        measure(x, y)


def test_targets_that_only_an_own_cost_knows_have_no_accuracy() -> None:
    def cost(a: Any, y: Any) -> Any:
        return ((a[:, :2] - y) ** 2).mean()

    y = X[:, :2]
    model = network()
    assert math.isnan(run(model, cost, y=y, validation=(X, y)).epochs[0].accuracy)
    share, mean = nn.evaluate(model, X, y, cost)
    assert math.isnan(share)
    assert math.isfinite(mean)


def bad_row(array: Any, number: float = math.nan) -> Any:
    changed = np.array(array, np.float32)
    changed[17] = number
    return changed


NOT_FINITE = {
    "inputs": (lambda: run(x=bad_row(X)), "the inputs of this step hold nan or infinite"),
    "infinite": (lambda: run(x=bad_row(X, math.inf)), "the inputs of this step hold nan or inf"),
    "targets": (
        lambda: run(cost=nn.quadratic_cost, y=bad_row(ONE_HOT)),
        "the targets of this step hold nan or infinite",
    ),
    "augment": (lambda: run(augment=lambda x, rng: x * math.nan), "the inputs of this step hold"),
    "validation": (
        lambda: run(validation=(bad_row(X), Y)),
        "output for validation example 17 is nan; its inputs hold nan",
    ),
    "evaluate": (
        lambda: nn.evaluate(network(), bad_row(X), Y),
        "the output for example 17 is nan; its inputs hold nan",
    ),
    "evaluate with cost": (
        lambda: nn.evaluate(network(), bad_row(X), Y, nn.cross_entropy),
        "the output for example 17 is nan; its inputs hold nan",
    ),
}


@pytest.mark.parametrize(("act", "message"), NOT_FINITE.values(), ids=NOT_FINITE)
def test_nan_among_the_data_is_told_and_no_learning_rate_blamed(act: Any, message: str) -> None:
    with np.errstate(invalid="ignore"), pytest.raises(FloatingPointError, match=message) as told:
        act()
    assert "learning rate" not in str(told.value)


def test_a_state_that_is_nan_is_told_by_the_output() -> None:
    model = network()
    model.layers[1].b.data = np.full(3, math.nan)
    with pytest.raises(FloatingPointError, match=r"the output for example 0 is nan$"):
        nn.evaluate(model, X, Y)


UNCLEAR: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "a class": (lambda: run(optimizer=nn.SGD), TypeError, "such as nn.SGD.* not <class"),
    "no optimizer": (lambda: run(optimizer=None), TypeError, "such as nn.SGD.* not None"),
    "a part": (lambda: run(validation=0.2), TypeError, "validation is a pair.* not float"),
    "three": (lambda: run(validation=(X, Y, Y)), TypeError, "is a pair.* not 3 things"),
    "float": (
        lambda: run(cost=lambda a, y: 1.0),
        TypeError,
        "a cost gives one number, as a Value",
    ),
    "None": (lambda: run(cost=lambda a, y: None), TypeError, "a cost gives one number.* not None"),
    "many": (lambda: run(cost=lambda a, y: (a * a).sum(1)), ValueError, "reduce it to a number"),
    "none": (
        lambda: nn.evaluate(network(), X, Y, lambda a, y: None),
        TypeError,
        "a cost gives one number.* not None",
    ),
    "all": (
        lambda: nn.evaluate(network(), X, Y, lambda a, y: a),
        TypeError,
        r"a cost gives one number.* not a Value of shape \(40, 3\)",
    ),
    "-1": (lambda: run(seed=-1), ValueError, "a seed is a whole number .* not -1"),
    "1.5": (lambda: run(seed=1.5), ValueError, "a seed is a whole number .* not 1.5"),
    "a": (lambda: run(seed="a"), ValueError, "a seed is a whole number .* not 'a'"),
    "MLP": (lambda: nn.MLP([2, 3], seed=-1), ValueError, "a seed is a whole number .* not -1"),
    "Linear": (lambda: nn.Linear(2, 3, seed=1.5), ValueError, "a seed is a whole number"),
    "start": (lambda: run(start_epoch=-1), ValueError, "start_epoch is a whole number .* not -1"),
    "start 1.5": (lambda: run(start_epoch=1.5), ValueError, "start_epoch is a whole number"),
    "nothing": (
        lambda: run(augment=lambda x, rng: None),
        ValueError,
        "gives the 10 inputs",
    ),
    "fewer": (lambda: run(augment=lambda x, rng: x[:3]), ValueError, r"of shape \(3, 6\)"),
}


@pytest.mark.parametrize(("act", "error", "message"), UNCLEAR.values(), ids=UNCLEAR)
def test_errors_name_the_cause(act: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        act()


# ------------------------------------------------------------------------- nothing to be trained
def detached(a: Any, y: Any) -> Any:
    return nn.cross_entropy(a.detach(), y)


UNTRAINED: dict[str, Any] = {
    "another model's": lambda how: run(optimizer=nn.SGD(network(1).parameters(), 0.1), **how),
    "detached": lambda how: run(cost=detached, **how),
    "layers exchanged": lambda how: exchanged(how),
}


def exchanged(how: Any) -> Any:
    model = network()

    def callback(history: nn.History) -> None:
        model.layers[:] = network(1).layers

    return run(model, callback=callback, epochs=2, **how)


@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.parametrize("compiled", [None, False, True])
@pytest.mark.parametrize("act", UNTRAINED.values(), ids=UNTRAINED)
def test_training_nothing_is_an_error(act: Any, compiled: Any, recorded: bool) -> None:
    message = "no parameter of the optimizer got a gradient.* outside of no_grad"
    around = contextlib.nullcontext() if recorded else no_grad()
    with pytest.raises(ValueError, match=message), around:
        act({"compiled": compiled})


def test_parameters_that_play_no_part_stay_as_they_are() -> None:
    model, idle = network(), Value([1.0])
    run(model, optimizer=nn.Adam([idle, *model.parameters()], 0.1))
    assert idle.data.tolist() == [1]
    assert not np.array_equal(model.layers[0].W.data, network().layers[0].W.data)


# ------------------------------------------------------------------- a model that becomes another
def stack() -> nn.Sequential:
    parts = nn.Linear(6, 5, seed=0), nn.Tanh(), nn.Linear(5, 3, seed=1), nn.Softmax()
    return nn.Sequential(*parts)


def other_forward(self: Any, x: Any) -> Any:
    return nn.ReLU()(x @ self.W.T)


CHANGES: dict[str, Callable[[Any, pytest.MonkeyPatch], object]] = {
    "a layer more": lambda m, patch: m.layers.insert(1, nn.Linear(5, 5, seed=5)),
    "a layer less": lambda m, patch: m.layers.pop(),
    "layers turned": lambda m, patch: m.layers.insert(1, m.layers.pop()),
    "another list": lambda m, patch: setattr(m, "layers", [*m.layers[:3], nn.Tanh()]),
    "another activation": lambda m, patch: m.layers.__setitem__(1, nn.ReLU()),
    "a function": lambda m, patch: m.layers.__setitem__(1, np.sin),
    "a parameter": lambda m, patch: setattr(m[0], "W", Value(np.eye(5, 6, dtype=np.float32))),
    "an equal parameter": lambda m, patch: setattr(m[0], "b", Value(m[0].b.data)),
    "a parameter's numbers": lambda m, patch: setattr(m[0].W, "data", m[0].W.data * 2),
    "no bias": lambda m, patch: setattr(m[2], "b", None),
    "a number": lambda m, patch: setattr(m[3], "axis", 0),
    "fields of another": lambda m, patch: m[2].__dict__.update(vars(nn.Linear(5, 3, seed=9))),
    "another class": lambda m, patch: setattr(m[1], "__class__", nn.ReLU),
    "a forward": lambda m, patch: setattr(m[1], "forward", np.sin),
    "a forward of all": lambda m, patch: patch.setattr(nn.Linear, "forward", other_forward),
}


@pytest.mark.parametrize("when", ["callback", "augment"])
@pytest.mark.parametrize("compiled", [None, True])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_model_trains_as_it_is_then(
    change: Any, compiled: bool | None, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trained(compiled: bool | None) -> tuple[Any, Any]:
        model, calls = stack(), itertools.count(1)

        def callback(history: nn.History) -> None:
            if when == "callback" and len(history.epochs) == 1:
                change(model, monkeypatch)

        def augment(x: Any, rng: Any) -> Any:
            if when == "augment" and next(calls) == 2:
                change(model, monkeypatch)
            return x

        with monkeypatch.context() as patch:
            patch.setattr(nn.Linear, "forward", nn.Linear.forward)
            history = run(
                model, nn.quadratic_cost, y=ONE_HOT, epochs=3, augment=augment, callback=callback,
                compiled=compiled,
            )  # fmt: skip
            return history, nn.evaluate(model, X, Y, lambda a, y: nn.quadratic_cost(a, ONE_HOT))

    eager, ahead = trained(False)
    monkeypatch.undo()
    history, compiled_ahead = trained(compiled)
    assert history.column("cost") == pytest.approx(eager.column("cost"), rel=1e-6)
    assert compiled_ahead == pytest.approx(ahead, rel=1e-6)


# ------------------------------------------------------------------------------ runs that go on
def noisy(x: Any, rng: np.random.Generator) -> Any:
    return x + rng.normal(size=x.shape).astype(x.dtype)


def in_parts(*epochs: int, reload: bool = False, **changes: Any) -> Any:
    """A run of several fits, perhaps each with a new model and optimizer that are loaded."""
    model, done, seen = network(), 0, []
    optimizer = nn.AdamW(model.parameters(), 0.05)
    for count in epochs:
        if reload:
            before, memory = model.state_dict(), optimizer.state_dict()
            model = network(seed=7)
            optimizer = nn.AdamW(model.parameters(), 1.0)
            model.load_state_dict(before)
            optimizer.load_state_dict(memory)
        settings = {"optimizer": optimizer, "schedule": nn.cosine(6, 1), "validation": (X, Y)}
        history = run(model, epochs=count, start_epoch=done, **settings, **changes)
        done += count
        seen += [epoch[:4] for epoch in history.epochs]
    return seen, weights(model), optimizer.state_dict()


@pytest.mark.parametrize("compiled", [None, False, True])
@pytest.mark.parametrize("augment", [None, noisy])
@pytest.mark.parametrize("batch_size", [10, 15, 40, 7])
@pytest.mark.parametrize("parts", [(2, 4), (1, 0, 5), (3, 3), (1,) * 6])
def test_a_run_goes_on_to_the_last_bit(
    parts: Any, batch_size: int, augment: Any, compiled: bool | None
) -> None:
    settings = {"batch_size": batch_size, "augment": augment, "compiled": compiled, "seed": 3}
    whole, together = in_parts(6, **settings), in_parts(*parts, reload=True, **settings)
    assert together[0] == whole[0]
    for p, q in zip(together[1], whole[1], strict=True):
        np.testing.assert_array_equal(p, q)
    assert list(together[2]) == list(whole[2])
    for name, memory in whole[2].items():
        np.testing.assert_array_equal(together[2][name], memory)


def test_a_run_that_goes_on_counts_from_where_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[float] = []

    def schedule(epoch: float) -> float:
        seen.append(epoch)
        return 1.0

    run(epochs=2, start_epoch=3, batch_size=20, schedule=schedule, progress=True)
    assert seen == [3, 3.5, 4, 4.5]
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in lines] == ["epoch 4/5", "epoch 5/5"]
    with pytest.raises(FloatingPointError, match="in epoch 4, step 1"):
        run(epochs=2, start_epoch=3, cost=lambda a, y: nn.cross_entropy(a, y) * math.nan)


def test_in_a_callback_the_optimizer_has_its_own_rate() -> None:
    model = network()
    optimizer, rates = nn.SGD(model.parameters(), 0.4), []

    def callback(history: nn.History) -> None:
        rates.append(optimizer.lr)
        optimizer.lr /= 2

    def schedule(epoch: float) -> float:
        rates.append(optimizer.lr)
        return 0.5

    run(model, optimizer=optimizer, epochs=2, batch_size=40, schedule=schedule, callback=callback)
    assert rates == [0.4, 0.4, 0.2, 0.2]
    assert optimizer.lr == 0.1


# ---------------------------------------------------------------------------------------- Ctrl-C
class Presses:
    """Presses Ctrl-C at the given lines of `nn`, counted from the start."""

    def __init__(self, *lines: int) -> None:
        self.lines, self.count, self.outside = list(lines), 0, False

    def __call__(self, frame: types.FrameType, event: str, arg: Any) -> Any:
        file = Path(frame.f_code.co_filename)
        if HOME not in file.parents or file.stem == "interrupts":
            return None
        if event == "line":
            self.count += 1
            while self.lines and self.count >= self.lines[0]:
                del self.lines[0]
                self.outside |= signal.getsignal(signal.SIGINT) is signal.default_int_handler
                signal.raise_signal(signal.SIGINT)
        return self


def steps_of(**changes: Any) -> list[Any]:
    """The weights before the first step and after each."""
    model, seen = network(), []
    seen.append(weights(model))

    class Watched(nn.Adam):
        def step(self) -> None:
            super().step()
            seen.append(weights(model))

    run(model, optimizer=Watched(model.parameters(), 0.1), **changes)
    return seen


SETTINGS: Any = {
    "epochs": 2,
    "batch_size": 20,
    "schedule": nn.exponential(0.5),
    "validation": (X, Y),
    "compiled": False,
}


def pressed(*lines: int) -> tuple[Any, Any, Any, Presses]:
    model = network()
    optimizer, press, history = nn.Adam(model.parameters(), 0.1), Presses(*lines), None
    before = sys.gettrace()
    sys.settrace(press)
    try:
        history = run(model, optimizer=optimizer, **SETTINGS)
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)
    return model, optimizer, history, press


def threads_of_blas() -> list[int]:
    pool = optional("threadpoolctl")
    return [each["num_threads"] for each in pool.threadpool_info()] if pool else []


def test_ctrl_c_at_any_line_leaves_everything_whole() -> None:
    possible = steps_of(**SETTINGS)
    lines, open_lines = pressed()[3].count, 0
    assert lines > 200
    threads = threads_of_blas()
    for first in range(1, lines, 23):
        for second in ((), (first + 3,), (first + 40,)):
            model, optimizer, history, press = pressed(first, *second)
            now = weights(model)
            assert any(all(map(np.array_equal, now, then)) for then in possible)
            assert optimizer.lr == 0.1
            assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
            assert threads_of_blas() == threads
            assert history is None or history.interrupted
            assert history is not None or press.outside
            open_lines += history is None
    assert open_lines < 6  # before fit listens, and after its last word


@pytest.mark.parametrize("compiled", [None, False])
def test_a_press_that_got_lost_is_obeyed_after_the_step(compiled: bool | None) -> None:
    model = network()

    def augment(x: Any, rng: Any) -> Any:
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        return x

    history = run(model, epochs=3, augment=augment, compiled=compiled)
    assert history.interrupted
    assert not history.epochs
    assert not np.array_equal(weights(model)[0], weights(network())[0])


def test_a_handler_of_ones_own_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        history = run(callback=lambda history: signal.raise_signal(signal.SIGINT), epochs=2)
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [signal.SIGINT] * 2
    assert not history.interrupted


@pytest.mark.parametrize("make", [lambda p: nn.SGD(p, 0.1, 0.9), nn.Adam, lambda p: nn.SGD(p, 1)])
def test_an_interrupted_step_leaves_each_parameter_whole(make: Any) -> None:
    def made() -> Any:
        model = network()
        optimizer = make(model.parameters())
        for _ in range(2):
            model.zero_grad()
            nn.cross_entropy(model(X), Y).backward()
            old = weights(model)
            if _ == 0:
                optimizer.step()
        return model, optimizer, old

    model, optimizer, old = made()
    optimizer.step()
    new = weights(model)
    for line in itertools.count(1):
        model, optimizer, _ = made()
        press = Presses(line)
        sys.settrace(press)
        try:
            optimizer.step()
            done = True
        except KeyboardInterrupt:
            done = False
        finally:
            sys.settrace(None)
        for now, a, b in zip(weights(model), old, new, strict=True):
            assert np.array_equal(now, a) or np.array_equal(now, b)
        if done and press.lines:
            break
    assert line > 20


# ------------------------------------------------------------------------- training or measuring
class Dropout(nn.Module):
    """Half of the inputs, doubled, while in training; what it was is noted."""

    def __init__(self) -> None:
        self.seen: list[bool] = []

    def forward(self, x: Any) -> Any:
        self.seen.append(self.training)
        return x * (2.0 * (np.arange(x.shape[-1]) % 2)).astype(np.float32) if self.training else x


def dropping() -> tuple[nn.Sequential, Dropout]:
    dropout = Dropout()
    return nn.Sequential(
        nn.Linear(6, 6, seed=0), {"d": [dropout]}["d"][0], nn.Linear(6, 3)
    ), dropout


def test_fit_trains_and_validates_as_it_should() -> None:
    model, dropout = dropping()
    modes: list[bool] = []
    last: list[Any] = []

    def callback(history: nn.History) -> None:
        modes.append(model.training)
        last.append(nn.evaluate(model, X, Y, nn.cross_entropy))

    model.eval()
    history = run(model, batch_size=20, epochs=2, validation=(X, Y), callback=callback)
    assert dropout.seen == [True, True, False, False] * 2
    assert modes == [False, False]  # as it was set
    assert not dropout.training
    assert [(e.validation_accuracy, e.validation_cost) for e in history.epochs] == last


@pytest.mark.parametrize("compiled", [False, True])
def test_compiled_steps_are_in_training_too(compiled: bool) -> None:
    (model, _), (other, _) = dropping(), dropping()
    other.load_state_dict(model.state_dict())
    other.layers[1] = lambda x: x * np.array([0, 2, 0, 2, 0, 2], np.float32)
    a, b = (run(m.eval(), epochs=2, validation=(X, Y), compiled=compiled) for m in (model, other))
    assert a.column("cost") == pytest.approx(b.column("cost"), rel=1e-6)
    assert a.column("validation_cost") != pytest.approx(b.column("validation_cost"), rel=1e-3)


@pytest.mark.parametrize(
    "act",
    [
        lambda m: run(m, y=Y + 9),
        lambda m: run(m, validation=(X, Y + 9)),
        lambda m: nn.evaluate(m, X, Y + 9),
        lambda m: run(m, augment=lambda x, rng: signal.raise_signal(signal.SIGINT)),
        lambda m: nn.evaluate(m.forward, X, Y),
    ],
)
@pytest.mark.parametrize("mode", [True, False])
def test_the_mode_is_restored_whatever_happens(act: Any, mode: bool) -> None:
    model, dropout = dropping()
    model.train(mode)
    with contextlib.suppress(ValueError):
        act(model)
    assert model.training is dropout.training is mode
    assert len(set(dropout.seen)) < 2 or dropout.seen[0]


def test_threads_do_not_share_the_mode() -> None:
    model, _ = dropping()
    inside, over = threading.Event(), threading.Event()

    def slow(x: Any) -> Any:
        inside.set()
        over.wait(60)
        return model(x)

    slow.__self__ = model  # type: ignore[attr-defined]  # as of a method of the model
    thread = threading.Thread(target=lambda: nn.evaluate(slow, X, Y))
    thread.start()
    inside.wait(60)
    assert model.training
    assert nn.evaluate(model, X, Y) == nn.evaluate(model, X, Y)
    over.set()
    thread.join()
    assert model.training


def test_a_forward_may_set_a_mode_of_its_own() -> None:
    model, dropout = dropping()

    def uncertain(x: Any) -> Any:
        dropout.train()
        return nn.Sequential.forward(model, x)

    model.forward = uncertain  # type: ignore[method-assign]
    dropout.eval()
    nn.evaluate(model, X, Y)
    assert dropout.seen == [True]
    assert not dropout.training


# ------------------------------------------------------------------------------ what is left over
def test_no_fit_keeps_its_model() -> None:
    model = network()
    alive = weakref.ref(model.layers[0])
    run(model, epochs=2, validation=(X, Y), augment=noisy, schedule=nn.cosine(2))
    nn.evaluate(model, X, Y)
    del model
    gc.collect()
    assert alive() is None


def test_many_fits_keep_nothing() -> None:
    def objects() -> int:
        linecache.clearcache()
        gc.collect()
        return len(gc.get_objects())

    counts = []
    for _ in range(4):
        for compiled in (True, False):
            for _ in range(5):
                run(compiled=compiled)
        counts.append(objects())
    assert counts[-1] - counts[1] < 20


class Closed:
    """A stderr to which nothing can be said."""

    def isatty(self) -> bool:
        return False

    def write(self, text: str) -> int:
        raise BrokenPipeError

    flush = write


@pytest.mark.parametrize("stderr", [None, Closed()])
def test_training_needs_no_stderr(
    stderr: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stderr", stderr)
    assert len(run(progress=True, epochs=2).epochs) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("cost", [nn.cross_entropy, nn.quadratic_cost, nn.binary_cross_entropy])
@pytest.mark.parametrize("optimizer", [lambda p: nn.SGD(p, 0.2, 0.9), lambda p: nn.AdamW(p, 0.02)])
@pytest.mark.parametrize("compiled", [None, False])
def test_halves_are_trained(cost: Any, optimizer: Any, compiled: bool | None) -> None:
    model, y = network(dtype=np.float16), ONE_HOT.astype(np.float16)
    x = np.tile(ONE_HOT, 2).astype(np.float16)
    history = run(
        model, cost, x=x, y=y, optimizer=optimizer(model.parameters()), epochs=30,
        validation=(x, y), compiled=compiled,
    )  # fmt: skip
    assert history.epochs[-1].cost < history.epochs[0].cost / 2
    assert history.epochs[-1].validation_accuracy == 1
    assert all(p.dtype == np.float16 for p in model.parameters())
