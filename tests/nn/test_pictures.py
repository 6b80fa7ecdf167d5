"""Tests of nn.pictures: what is on the picture is read from its SVG; how it looks is for eyes."""

import math
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nn.pictures import draw_training
from nn.training import Epoch, History

pytest.importorskip("matplotlib")


def run_of(*accuracies: float, validation: float = 0.5) -> History:
    return History([Epoch(1.0, accuracy, 1.0, validation, 0.1) for accuracy in accuracies])


def drawn(path: Path, history: History, neurons: int = 5, title: str = "") -> str:
    """The words of the picture, one after another."""
    weights = np.random.default_rng(0).normal(size=(neurons, 9)).astype(np.float32)
    draw_training(path / "run.svg", history, weights, title=title)
    return " ".join(re.findall(r"<!-- (.*?) -->", (path / "run.svg").read_text()))


@pytest.mark.parametrize("neurons", [1, 5, 16])
def test_the_picture_names_what_it_shows(neurons: int, tmp_path: Path) -> None:
    words = drawn(tmp_path, run_of(0.2, 0.6, 0.9, validation=0.75), neurons, title="A run")
    for text in ("A run", "epochs", "training digits", "10.0%", "test digits", "25.0%"):
        assert text in words
    assert f"neuron {neurons}" in words
    assert f"neuron {neurons + 1}" not in words


@pytest.mark.parametrize(
    "history", [History(), run_of(0.5), run_of(1.0, 1.0, validation=1.0), run_of(0.9, 1.0)]
)
def test_every_run_can_be_drawn(history: History, tmp_path: Path) -> None:
    assert "neuron 5" in drawn(tmp_path, history)


def test_a_run_without_validation_shows_one_line(tmp_path: Path) -> None:
    words = drawn(tmp_path, run_of(0.2, 0.6, validation=math.nan))
    assert "training digits" in words
    assert "test digits" not in words


def test_weights_of_zero_can_be_drawn(tmp_path: Path) -> None:
    draw_training(tmp_path / "run.png", run_of(0.5), np.zeros((2, 4)))
    assert (tmp_path / "run.png").stat().st_size > 1000


@pytest.mark.parametrize("weights", [np.zeros((2, 3)), np.zeros(4), np.zeros((0, 4))])
def test_weights_that_are_no_images_are_refused(weights: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"shape \(n, side \* side\), not \("):
        draw_training(tmp_path / "run.png", run_of(0.5), weights)


def test_a_missing_matplotlib_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"Matplotlib: pip install 'autograd-mini\[mnist\]'"):
        draw_training(tmp_path / "run.png", run_of(0.5), np.zeros((1, 4)))
