"""Tests of nn.views: the picture of activations; those of nudges and descents stand with them."""

import sys

import numpy as np
import pytest

from autograd_mini import grad, ops
from nn.pictures.lesson import draw_activations


def test_each_activation_is_drawn_with_its_derivative():
    names = ("step", "sigmoid", "tanh", "relu", "softplus")
    figure = draw_activations()
    assert [axes.get_title() for axes in figure.axes] == list(names)
    for axes, name in zip(figure.axes, names, strict=True):
        curves = [line for line in axes.get_lines() if len(line.get_xdata()) > 2]
        (z, a), (_, slope) = (curve.get_data() for curve in curves)
        assert np.array_equal(a, ops.TABLE[name](z))
        smooth = np.abs(z) > 0.1
        declared = np.ones_like(z)
        derived = grad(lambda z, name=name: ops.TABLE[name](z).sum())(z)
        expected = declared if name == "step" else derived
        assert slope[smooth] == pytest.approx(expected[smooth], abs=1e-12)
        assert (curves[1].get_linestyle() == "--") == (name == "step")
        legend = [text.get_text() for text in axes.get_legend().get_texts()]
        assert ("taken as 1" in legend) == (name == "step")


def test_an_activation_that_is_no_op_is_told():
    with pytest.raises(ValueError, match="there is no op 'swoosh'"):
        draw_activations(("swoosh",))


def test_without_matplotlib_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install 'autograd-mini\[plot\]'"):
        draw_activations()
