"""Tests of nn.views: the pictures of activations and of what a network looks for."""

import sys

import numpy as np
import pytest

from autograd_mini import ops
from nn import MLP, Sequential
from nn.views import draw_activations, draw_neurons

RNG = np.random.default_rng(0)
IMAGES, LABELS = RNG.random((60, 16), np.float32), RNG.integers(4, size=60)


def network() -> MLP:
    return MLP([16, 5, 4], seed=0, init="standard_normal")


def test_each_activation_is_drawn_with_its_derivative():
    names = ("step", "sigmoid", "tanh", "relu", "softplus")
    figure = draw_activations()
    assert [axes.get_title() for axes in figure.axes] == list(names)
    for axes, name in zip(figure.axes, names, strict=True):
        curves = [line for line in axes.get_lines() if len(line.get_xdata()) > 2]
        (z, a), (_, slope) = (curve.get_data() for curve in curves)
        assert np.array_equal(a, ops.TABLE[name](z))
        smooth = np.abs(z) > 0.1
        true = (ops.TABLE[name](z + 1e-6) - ops.TABLE[name](z - 1e-6)) / 2e-6
        expected = np.ones_like(z) if name == "step" else true
        assert slope[smooth] == pytest.approx(expected[smooth], abs=1e-6)
        assert (curves[1].get_linestyle() == "--") == (name == "step")
        legend = [text.get_text() for text in axes.get_legend().get_texts()]
        assert ("taken as 1" in legend) == (name == "step")


def test_an_activation_that_is_no_op_is_told():
    with pytest.raises(ValueError, match="there is no op 'swoosh'"):
        draw_activations(("swoosh",))


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


def test_without_matplotlib_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    for draw in (draw_activations, lambda: draw_neurons(network(), IMAGES, LABELS)):
        with pytest.raises(ImportError, match=r"pip install 'autograd-mini\[mnist\]'"):
            draw()
