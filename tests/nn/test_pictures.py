"""Tests of nn.pictures: what is on a picture is read from it; how it looks is for eyes."""

import math
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_mini import Value
from nn import MLP, Sequential, quadratic_cost
from nn.pictures.figure import save_figure
from nn.pictures.training import draw_gradients, draw_neurons, draw_training
from nn.training.history import Epoch, History

pytest.importorskip("matplotlib", reason="pip install 'autograd-mini[plot]'")
RNG = np.random.default_rng(0)
IMAGES, LABELS = RNG.random((60, 16), np.float32), RNG.integers(4, size=60)


def network() -> MLP:
    return MLP([16, 5, 4], seed=0, init="standard_normal")


def run_of(*accuracies: float, validation: float = 0.5) -> History:
    return History([Epoch(1.0, accuracy, 1.0, validation, 0.1) for accuracy in accuracies])


def drawn(path: Path, history: History, neurons: int = 5, title: str = "") -> str:
    """The words of the picture, one after another."""
    weights = np.random.default_rng(0).normal(size=(neurons, 9)).astype(np.float32)
    save_figure(draw_training(history, weights, title=title), path / "run.svg")
    return " ".join(re.findall(r"<!-- (.*?) -->", (path / "run.svg").read_text()))


@pytest.mark.parametrize("neurons", [1, 5, 16])
def test_the_picture_names_what_it_shows(neurons: int, tmp_path: Path) -> None:
    words = drawn(tmp_path, run_of(0.2, 0.6, 0.9, validation=0.75), neurons, title="A run")
    for text in ("A run", "epochs", "training digits", "10.0%", "test digits", "25.0%"):
        assert text in words
    assert f"neuron {neurons - 1}" in words
    assert f"neuron {neurons}" not in words


@pytest.mark.parametrize(
    "history", [History(), run_of(0.5), run_of(1.0, 1.0, validation=1.0), run_of(0.9, 1.0)]
)
def test_every_run_can_be_drawn(history: History, tmp_path: Path) -> None:
    assert "neuron 4" in drawn(tmp_path, history)


def test_a_run_without_validation_shows_one_line(tmp_path: Path) -> None:
    words = drawn(tmp_path, run_of(0.2, 0.6, validation=math.nan))
    assert "training digits" in words
    assert "test digits" not in words


def test_weights_of_zero_can_be_drawn(tmp_path: Path) -> None:
    save_figure(draw_training(run_of(0.5), np.zeros((2, 4))), tmp_path / "run.png")
    assert (tmp_path / "run.png").stat().st_size > 1000


@pytest.mark.parametrize("weights", [np.zeros((2, 3)), np.zeros(4), np.zeros((0, 4))])
def test_weights_that_are_no_images_are_refused(weights: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"shape \(n, side \* side\), not \("):
        draw_training(run_of(0.5), weights)


def test_a_missing_matplotlib_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"Matplotlib: pip install 'autograd-mini\[plot\]'"):
        draw_training(run_of(0.5), np.zeros((1, 4)))
    with pytest.raises(ImportError, match=r"Matplotlib: pip install 'autograd-mini\[plot\]'"):
        draw_neurons(network(), IMAGES, LABELS)


def test_neurons_confusion_and_the_surest_and_worst_are_those_of_the_model():
    net = network()
    outputs = net(IMAGES).data
    said = outputs.argmax(1)
    figure = draw_neurons(net, IMAGES, LABELS)
    pictures = [np.asarray(a.images[0].get_array()) for a in figure.axes if a.images]
    weights, table = pictures[:5], pictures[-1]
    assert np.array_equal([w.ravel() for w in weights], net.layers[0].W.data)

    (cells,) = [axes for axes in figure.axes if "right" in axes.get_title()]
    assert f"60 images, {np.mean(said == LABELS):.1%} right" in cells.get_title()
    counted = np.zeros((4, 4), int)
    for text in cells.texts:
        j, i = text.get_position()
        counted[i, j] = int(text.get_text())
    expected = np.array(
        [[np.sum((i == LABELS) & (said == j)) for j in range(4)] for i in range(4)]
    )
    assert np.array_equal(counted, expected)
    assert np.array_equal(table, expected * ~np.eye(4, dtype=bool))

    shown = {axes.get_title(): axes.images[0].get_array() for axes in figure.axes if axes.images}
    others = outputs.copy()
    others[np.arange(60), LABELS] = -np.inf
    lead = outputs[np.arange(60), LABELS] - others.max(1)
    worst = lead.argmin()
    title = f"said {said[worst]}, is {LABELS[worst]}"
    assert title in shown
    surest = max((k for k in range(60) if LABELS[k] == 2), key=lambda k: lead[k])
    if said[surest] == 2:
        assert any(np.array_equal(np.ravel(image), IMAGES[surest]) for image in shown.values())


def test_a_network_that_is_never_wrong_has_no_worst():
    net = network()
    figure = draw_neurons(net, IMAGES, net(IMAGES).data.argmax(1))
    titles = [part.get_suptitle() for part in figure.subfigs[1].subfigs]
    assert titles == ["Surest of, class by class", "Wrong about none"]


@pytest.mark.parametrize(
    ("model", "images", "labels", "words"),
    [
        (network(), IMAGES[:0], LABELS[:0], "images have shape"),
        (network(), IMAGES[0], LABELS[:1], "images have shape"),
        (network(), IMAGES, LABELS[:5], "labels of 60 images"),
        (network(), IMAGES, LABELS + 1, "whole numbers from 0 to 3"),
        (network(), IMAGES, LABELS + 0.0, "whole numbers from 0 to 3"),
        (Sequential(np.tanh), IMAGES, LABELS, "no layer of weights for 16 pixels"),
    ],
)
def test_bad_input_is_told(model, images, labels, words):
    with pytest.raises(ValueError, match=words):
        draw_neurons(model, images, labels)


# ------------------------------------------------------------------------------------ gradients
def test_gradients_are_drawn_layer_by_layer():
    model = MLP([6, 5, 5, 2], seed=0, dtype=np.float64)
    x, y = np.random.default_rng(0).random((8, 6)), np.zeros((8, 2))
    C = quadratic_cost(model(x), y)
    figure = draw_gradients(model, C)
    C.backward()
    values, gradients = figure.axes
    assert [text.get_text() for text in values.get_yticklabels()] == [
        f"layers.{k}" for k in range(3)
    ]
    sizes = [
        math.sqrt(sum(float((p.grad**2).sum()) for p in layer.parameters()))
        for layer in model.layers
    ]
    assert [bar.get_width() for bar in gradients.patches] == pytest.approx(sizes)
    told = [text.get_text().strip() for text in gradients.texts]
    assert told == [f"{size:.2g}" for size in sizes]
    assert gradients.get_xscale() == "log"
    assert "градиент" in draw_gradients(model, C, language="ru").axes[1].get_title()


def test_a_cost_without_the_model_has_no_gradients_to_draw():
    with pytest.raises(ValueError, match="no parameter of the model is in the graph"):
        draw_gradients(MLP([2, 1]), Value(2.0) * 3.0)
