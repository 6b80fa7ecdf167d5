"""Training with compiled steps: the same weights, to the last bits that reordering permits."""

from typing import Any

import numpy as np
import pytest

import nn
from autograd_mini import CannotCompileError
from nn.training.compiled_step import is_pure


def trained(compiled: bool, cost: Any, y: Any, optimizer: Any, dtype: Any) -> Any:
    rng = np.random.default_rng(1)
    output = None if cost is nn.cross_entropy else "sigmoid"
    model = nn.MLP([6, 5, 3], activation="sigmoid", output=output, seed=0, dtype=dtype)
    history = nn.fit(
        model,
        cost,
        rng.random((25, 6)).astype(dtype),
        y,
        optimizer=optimizer(model.parameters()),
        epochs=3,
        batch_size=10,
        progress=False,
        compiled=compiled,
        schedule=lambda epoch: 1 / (1 + epoch),
    )
    return [p.data for p in model.parameters()], history


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "optimizer", [lambda ps: nn.SGD(ps, lr=0.5, momentum=0.9), lambda ps: nn.Adam(ps, lr=0.01)]
)
@pytest.mark.parametrize("cost", [nn.quadratic_cost, nn.cross_entropy])
def test_compiled_training_reaches_the_same_weights(cost: Any, optimizer: Any, dtype: Any) -> None:
    labels = np.arange(25) % 3
    y = labels if cost is nn.cross_entropy else np.eye(3, dtype=dtype)[labels]
    eager, eager_history = trained(False, cost, y, optimizer, dtype)
    compiled, history = trained(True, cost, y, optimizer, dtype)
    tolerance = 1e-12 if dtype is np.float64 else 1e-5
    for p, q in zip(compiled, eager, strict=True):
        assert p.dtype == dtype
        np.testing.assert_allclose(p, q, rtol=tolerance, atol=tolerance)
    for name in ("cost", "accuracy"):
        assert history.column(name) == pytest.approx(eager_history.column(name), rel=tolerance)


def test_a_model_that_branches_on_numbers_is_refused() -> None:
    layer = nn.Linear(2, 1, seed=0)

    def model(x: Any) -> Any:
        return layer(x) if x.sum() > 0 else -layer(x)

    with pytest.raises(CannotCompileError, match=r"use np.where.*test_compiled_step.py, line"):
        nn.fit(
            model,
            nn.quadratic_cost,
            np.ones((4, 2)),
            np.ones((4, 1)),
            optimizer=nn.SGD(layer.parameters(), lr=0.1),
            epochs=1,
            progress=False,
            compiled=True,
        )


def test_models_and_costs_of_our_own_are_compiled_without_asking() -> None:
    model = nn.MLP([2, 3, 1], activation="relu", output=None, seed=0)
    assert is_pure(model, nn.quadratic_cost)
    assert is_pure(nn.Sequential(nn.Linear(2, 1), nn.Tanh()), nn.cross_entropy)
    assert not is_pure(nn.Sequential(nn.Linear(2, 1), np.sin), nn.quadratic_cost)
    assert not is_pure(model, lambda a, y: ((a - y) ** 2).sum())
    assert not is_pure(lambda x: model(x), nn.quadratic_cost)


@pytest.mark.parametrize("wrong", [3, -1])
def test_wrong_labels_are_told_as_in_an_eager_step(wrong: int) -> None:
    y = np.arange(26) % 3  # the last two make a batch of their own, or the first is wrong
    for place in (0, 25):
        labels = np.where(np.arange(26) == place, wrong, y)
        model = nn.MLP([6, 5, 3], output=None, seed=0)
        with pytest.raises(ValueError, match="labels must be whole numbers from 0 to 2, not from"):
            nn.fit(
                model,
                nn.cross_entropy,
                np.random.default_rng(0).random((26, 6), np.float32),
                labels,
                optimizer=nn.SGD(model.parameters(), lr=0.1),
                epochs=1,
                batch_size=8,
                progress=False,
                compiled=True,
            )
