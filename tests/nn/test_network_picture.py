"""The network in columns: what stands on the picture is what the numbers say."""

from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import nn

SVG = "{http://www.w3.org/2000/svg}"
RNG = np.random.default_rng(0)
MODEL = nn.MLP([784, 16, 16, 10], init="standard_normal", seed=23, dtype=np.float64)
X, LABEL = RNG.random(784) * (RNG.random(784) < 0.2), 2
WISHES = nn.nudges(MODEL, nn.quadratic_cost, X[None], nn.one_hot([LABEL], 10, np.float64))


def parts(picture: Any, tag: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(str(picture)).iter(f"{SVG}{tag}"))


def texts(picture: Any) -> list[str]:
    return [part.text or "" for part in parts(picture, "text")]


def bars(picture: Any) -> list[float]:
    """Lengths of the bars, in order, below 0 for those to the left."""
    found = [bar for bar in parts(picture, "rect") if bar.get("class") in ("up", "down")]
    return [(1 if bar.get("class") == "up" else -1) * float(bar.get("width", 0)) for bar in found]


@pytest.mark.parametrize("show", ["activations", "weights", "wishes"])
def test_long_columns_are_folded_and_the_others_whole(show: str) -> None:
    picture = nn.draw_network(MODEL, X, LABEL, show)
    columns = Counter(circle.get("cx") for circle in parts(picture, "circle"))
    assert list(columns.values()) == [16, 16, 16, 10]
    assert texts(picture).count("⋮") == 1
    assert "784 pixels" in texts(picture)


def test_a_circle_is_as_full_as_its_activation_is_high() -> None:
    picture = nn.draw_network(MODEL, X, LABEL)
    full = [float(circle.get("fill-opacity", 0)) for circle in parts(picture, "circle")][-10:]
    np.testing.assert_allclose(full, WISHES.outputs[0], atol=0.006)
    for k, output in enumerate(WISHES.outputs[0]):
        assert f"{k}: {output:.2f}" in texts(picture)
    outputs = parts(picture, "circle")[-10:]
    assert [k for k, c in enumerate(outputs) if "wanted" in str(c.get("class"))] == [LABEL]


@pytest.mark.parametrize("neuron", [0, 2, 9])
def test_bars_are_what_one_output_asks_of_those_before_it(neuron: int) -> None:
    lengths = bars(nn.draw_network(MODEL, X, LABEL, "wishes", neuron=neuron))
    asked = WISHES.layers[2].shares[0, neuron]
    np.testing.assert_allclose(lengths[:16], 48 * asked / np.abs(asked).max(), atol=0.06)
    own = WISHES.output_wishes[0]
    np.testing.assert_allclose(lengths[16:], 48 * own / np.abs(own).max(), atol=0.06)


def test_thin_bars_are_those_of_all_and_thick_ones_their_sum() -> None:
    lengths = bars(nn.draw_network(MODEL, X, LABEL, "wishes"))
    shares, summed = WISHES.layers[2].shares[0].T.ravel(), WISHES.layers[2].a_prev[0]
    np.testing.assert_allclose(lengths[:160], 48 * shares / np.abs(shares).max(), atol=0.06)
    np.testing.assert_allclose(lengths[160:176], 48 * summed / np.abs(summed).max(), atol=0.06)
    alone = nn.draw_network(MODEL, X, LABEL, "wishes", sum=False)
    assert bars(alone) == lengths[:160] + lengths[176:]


def test_a_layer_within_is_asked_by_the_one_behind_it() -> None:
    lengths = bars(nn.draw_network(MODEL, X, LABEL, "wishes", layer=2, neuron=5))
    asked, here = WISHES.layers[1].shares[0, 5], WISHES.layers[2].a_prev[0]
    np.testing.assert_allclose(lengths[:16], 48 * asked / np.abs(asked).max(), atol=0.06)
    np.testing.assert_allclose(lengths[16:], 48 * here / np.abs(here).max(), atol=0.06)


def test_lines_are_blue_for_weights_that_excite() -> None:
    model = nn.MLP([2, 1], seed=0, dtype=np.float64)
    model.layers[0].W.data = np.array([[2.0, -0.1]])
    looks = {
        str(path.get("class")): path.get("stroke-width")
        for path in parts(nn.draw_network(model, [1.0, 1.0], show="weights"), "path")
    }
    assert looks == {"up": "3.6", "down": "0.5"}


def test_the_image_stands_beside_the_first_column() -> None:
    ink = [rect for rect in parts(nn.draw_network(MODEL, X), "rect") if rect.get("class") == "ink"]
    assert len(ink) == np.count_nonzero(X.max() * 0.02 < X)
    small = nn.draw_network(nn.MLP([4, 2], seed=0), np.ones(4))
    assert not parts(small, "rect")


def test_it_can_be_read_in_the_dark_and_by_a_machine(tmp_path: Path) -> None:
    picture = nn.draw_network(MODEL, X.reshape(28, 28), LABEL, "wishes", neuron=2)
    root = ElementTree.fromstring(picture._repr_svg_())
    assert "prefers-color-scheme: dark" in str(picture)
    assert root.get("role") == "img"
    assert root.get("aria-label") in texts(picture)
    picture.save(tmp_path / "network.svg")
    assert (tmp_path / "network.svg").read_text(encoding="utf-8") == str(picture)
    assert str(nn.draw_network(MODEL, X, LABEL, "wishes", neuron=2)) == str(picture)
    assert "picture of a network" in repr(picture)


@pytest.mark.parametrize(
    "how",
    [
        {"show": "activations"},
        {"show": "weights"},
        {"show": "wishes"},
        {"show": "wishes", "sum": False},
        {"show": "wishes", "neuron": 1},
        {"show": "wishes", "layer": 2, "neuron": 1},
    ],
)
def test_all_its_words_are_there_in_russian(how: dict[str, Any]) -> None:
    words = " ".join(texts(nn.draw_network(MODEL, X, LABEL, language="ru", **how)))
    assert "пикселей" in words
    assert not any(c.isascii() and c.isalpha() for c in words)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"show": "thoughts"}, "show is one of activations, weights, wishes, not 'thoughts'"),
        ({"show": "wishes", "y": None}, "wishes need y"),
        ({"show": "wishes", "layer": 4}, "there is no layer 4: they are counted 1 to 3"),
        ({"show": "wishes", "neuron": 10}, "there is no neuron 10 among 10 of layer 3"),
        ({"language": "la"}, "language is 'en' or 'ru', not 'la'"),
    ],
)
def test_what_cannot_be_drawn_is_said(how: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        nn.draw_network(MODEL, X, **{"y": LABEL, **how})


# -------------------------------------------------------------------------------------- tables
def rows(table: str) -> list[list[str]]:
    return [line.replace("−", "-").split() for line in table.splitlines()[2:]]


def test_the_table_of_a_neuron_has_the_brightest_first() -> None:
    table = rows(WISHES.neuron(0, "a3[2]"))
    layer = WISHES.layers[2]
    order = np.argsort(-layer.activations[0], kind="stable")
    assert [row[0] for row in table] == [f"a2[{i}]" for i in order]
    numbers = np.array([[float(x) for x in row[1:]] for row in table])
    wanted = [layer.activations[0], layer.W[0, 2], layer.weights[2], layer.shares[0, 2]]
    np.testing.assert_allclose(numbers.T, np.array(wanted)[:, order], atol=0.006)
    assert WISHES.neuron(0, "a1[3]", rows=4).splitlines()[-1] == "… and 780 less bright"


@pytest.mark.parametrize(("layer", "asking"), [(None, 10), (3, 10), (2, 16)])
def test_the_table_of_adding_up_adds_up(layer: int | None, asking: int) -> None:
    table = rows(WISHES.adding_up(0, layer))
    numbers = np.array([[float(x) for x in row[1:]] for row in table])
    assert numbers.shape == (16, asking + 1)
    np.testing.assert_allclose(numbers[:, :-1].sum(1), numbers[:, -1], atol=0.02)
    summed = WISHES.layers[(layer or 3) - 1].a_prev[0]
    np.testing.assert_allclose(numbers[:, -1], summed, atol=0.01)


def test_tables_speak_russian_and_say_what_is_not_there() -> None:
    assert WISHES.neuron(0, "a3[2]", language="ru").startswith("Пример 0 ")
    assert "сумма" in WISHES.adding_up(0, language="ru")
    for call, says in (
        (lambda: WISHES.neuron(0, "a4[0]"), "there is no entry 'a4"),
        (lambda: WISHES.neuron(1, "a3[0]"), "there is no example 1 among 1"),
        (lambda: WISHES.adding_up(0, 0), "there is no layer 0 among 3"),
    ):
        with pytest.raises(ValueError, match=says):
            call()


def test_a_batch_is_told_that_one_example_is_drawn() -> None:
    with pytest.raises(ValueError, match=r"draw_network takes one example, such as x\[0\]"):
        nn.draw_network(nn.MLP([4, 3, 2], seed=0), np.ones((3, 4)), 1)
