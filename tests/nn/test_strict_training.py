"""What fit and evaluate refuse, and what changes, ends or interrupts a run: nothing silently."""

import contextlib
import gc
import itertools
import math
import signal
import sys
import threading
import types
import warnings
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd_mini import CannotCompileError, Value, no_grad
from nn.compiled_step import Makeup

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
