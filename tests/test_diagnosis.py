"""What pictures, listings and pages say where numbers go wrong, units stop or a check fails."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_graphs import scalar_graphs

from autograd_mini import NotFiniteError, Op, Value, debug, gradients, listing, ops
from autograd_mini.colours import ALARM
from autograd_mini.show.draw import draw
from autograd_mini.show.graph import Graph
from autograd_mini.show.graph.diagnosis import diagnosis, idle, report
from autograd_mini.show.page import page_of
from autograd_mini.testing import GradientCheckError, check_gradients


def alarmed(picture: Any) -> set[str]:
    """The nodes with the border of an alarm."""
    return set(re.findall(rf'^\s*(n\d+) \[.*color="{ALARM}"', picture.source, re.M))


def failure(f: Any, *args: Any) -> GradientCheckError:
    with pytest.raises(GradientCheckError) as caught:
        check_gradients(f, *args)
    return caught.value


def wrong_in_y(low: float) -> Op:
    """A product whose rule for y is right only where x is at least `low`."""
    return Op(
        lambda x, y: x * y,
        lambda g, out, x, y: g * y,
        lambda g, out, x, y: g * x * np.where(np.greater_equal(x, low), 1.0, 2.0),
        name="slip",
    )


# ---------------------------------------------------------------------------------- not finite
def test_a_graph_of_sound_numbers_has_no_notes() -> None:
    root = (Value(0.5, name="w") * 2).tanh()
    assert diagnosis(Graph(root)) == {}
    assert report(Graph(root)) == []
    assert alarmed(draw(root)) == set()
    assert "!" not in listing(root)
    assert 'id="wrong"' not in page_of(Graph(root))


@given(scalar_graphs(), st.sampled_from([np.nan, np.inf]), st.data())
def test_the_first_values_and_gradients_that_are_not_finite(
    root: Value, poison: float, data: st.DataObject
) -> None:
    with np.errstate(all="ignore"):
        root = root * data.draw(st.sampled_from([1.0, poison])) + 1.0
    graph = Graph(root)
    values = [i for i in range(len(graph)) if not np.isfinite(graph.seen[i])]
    backward = [i for i, g in enumerate(graph.gradients) if g is not None and not np.isfinite(g)]
    expected = set(values[:1] + backward[-1:])
    assert set(diagnosis(graph)) == expected
    assert alarmed(draw(root)) == {f"n{i}" for i in expected}


def test_a_value_is_told_with_op_arguments_and_line() -> None:
    x = Value([1.0, 0.0], name="x")
    with np.errstate(all="ignore"), pytest.raises(NotFiniteError) as caught, debug():
        np.log(x)
    node = caught.value.node
    assert node is not None
    (note,) = diagnosis(Graph(node))[1]
    assert note.title == "first value that is not finite"
    assert note.lines[:2] == ("log(x) gave -inf at entry (1,)", "x = 2 float64, from 0 to 1")
    assert re.fullmatch(r"#1 was made at test_diagnosis\.py, line \d+", note.lines[2])
    assert len(note.lines) == 3


def test_without_debug_mode_there_is_no_line() -> None:
    with np.errstate(all="ignore"):
        root = np.log(Value(0.0, name="x"))
    (note,) = diagnosis(Graph(root))[1]
    assert note.lines == ("log(x) gave -inf", "x = 0")


def test_a_gradient_is_told_with_the_op_that_passed_it_back() -> None:
    x = Value(0.0, name="x")
    with debug():
        root = x.sqrt() * 2.0
    found = diagnosis(Graph(root))
    assert list(found) == [0]
    (note,) = found[0]
    assert note.lines[:2] == ("#1 = sqrt(x) passes back inf", "x = 0")
    assert "#1 was made at test_diagnosis.py" in note.lines[2]


def test_sums_and_seeds_that_are_not_finite() -> None:
    x = Value(1.0, name="x")
    root = x * 1e308 + x * 1e308
    (note,) = diagnosis(Graph(root - 1e308 * 2.0))[0]
    assert note.lines == ("the sum over its uses is inf",)
    y = x * 2.0
    y.backward(float("inf"))
    (note,) = diagnosis(Graph(y))[1]
    assert note.lines == ("the backward pass starts from inf",)


def test_what_is_wrong_is_drawn_by_itself_in_a_folded_graph() -> None:
    root = Value(-0.5, name="x")
    for k in range(2_000):
        root = np.sqrt(root + 0.5) if k == 700 else root * 1.0
    picture = draw(root)
    assert len(alarmed(picture)) == 1
    assert "sqrt(#" in picture.source
    assert len(re.findall(r"^\s*n\d+ \[", picture.source, re.M)) < 12


# ------------------------------------------------------------------------------ units that stop
def layer(kind: str) -> Value:
    z = Value([[-1.0, -9.0, 9.0], [1.0, -9.0, 9.0]], name="z1") * Value(np.ones(3), name="W1")
    a: Value = getattr(z, kind)()
    a.name = "a1"
    return a.sum()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("relu", "1 of 3 ReLUs dead"),
        ("sigmoid", "4 of 6 sigmoids saturated"),
        ("tanh", "4 of 6 tanhs saturated"),
    ],
)
def test_layers_tell_what_is_dead_or_saturated(kind: str, words: str) -> None:
    root = layer(kind)
    assert report(Graph(root)) == [(f"layer 1: {words}", ())]
    source = draw(root).source
    assert f'layer 1<BR ALIGN="LEFT"/>{words}' in source
    assert {"dead", "saturated"} & set(re.findall(r">(\w+)</FONT> </TD>", source)) == {
        words.split()[-1]
    }
    assert source.count(words) == 1
    assert draw(root, budget=3).source.count(words) == 1
    assert f"! layer 1: {words}" in listing(root)
    assert f"<li>layer 1: {words}</li>" in page_of(Graph(root))


@pytest.mark.parametrize("kind", ["sigmoid", "tanh"])
def test_saturated_is_where_the_slope_is_below_a_25th_of_its_greatest(kind: str) -> None:
    z = Value(np.linspace(-8.0, 8.0, 4_001))
    (slope,) = gradients(ops.TABLE[kind](z).sum(), [z])
    flat = int(np.sum(slope.data < slope.data.max() * 4 * 0.01 * 0.99))
    assert idle(Graph(ops.TABLE[kind](z)), [1]) == [f"{flat:,} of 4,001 {kind}s saturated"]


def test_outside_layers_the_node_tells() -> None:
    root = Value(np.array([-1.0, 2.0])).relu().sum()
    assert "1 of 2 ReLUs dead" in draw(root).source
    assert "! outside layers: 1 of 2 ReLUs dead" in listing(root)


# -------------------------------------------------------------------------------- failed checks
def test_a_failed_check_is_painted_on_its_own_result() -> None:
    error = failure(lambda x, y: wrong_in_y(0.5)(x, y), [0.25, 0.75], [2.0, 3.0])
    graph = Graph(error.result)
    wrong = [argument.wrong.tolist() for argument in error.arguments]
    assert wrong == [[False, False], [True, False]]
    for argument in error.arguments:
        np.testing.assert_array_equal(
            graph.gradients[graph.number[argument.leaf]], argument.computed
        )
    picture = draw(graph, check=error)
    y = graph.number[error.arguments[1].leaf]
    assert alarmed(picture) == {f"n{y}"}
    for words in (
        "check_gradients fails here",
        "finds nothing wrong here",
        "BGCOLOR",
        "argument 1",
    ):
        assert words in picture.source
    assert "1 of 2 elements are wrong" in listing(error.result, check=error)
    assert "1 of 2 elements are wrong" in page_of(graph, check=error)


def test_a_failed_check_is_painted_on_the_graph_of_its_arguments() -> None:
    x, y = Value(1.0, name="x"), Value(3.0, name="y")
    error = failure(wrong_in_y(2.0).__call__, x, y)
    C = wrong_in_y(2.0)(x, y) ** 2
    assert alarmed(draw(C, check=error)) == {f"n{Graph(C).number[y]}"}
    (note,) = diagnosis(Graph(C), error)[Graph(C).number[y]]
    assert note.lines == ("computed 2, finite differences 1",)


def test_a_kink_and_a_lost_argument() -> None:
    steep = Op(lambda x: np.abs(x), lambda g, out, x: 3.0 * g, name="steep")
    error = failure(lambda x: steep(x).sum(), [0.0, 0.0])
    (note,) = diagnosis(Graph(error.result), error)[0]
    assert note.lines[-1] == "at a kink, not between the slopes on its two sides"
    lost = failure(lambda x, y: Value(x.data) * y, 2.0, 3.0)
    graph = Graph(lost.result)
    assert (
        str(diagnosis(graph, lost)[len(graph) - 1][0])
        == "check_gradients fails at argument 0, which is not in this graph"
    )


def test_a_check_of_something_else_is_refused() -> None:
    error = failure(wrong_in_y(2.0).__call__, 1.0, 3.0)
    with pytest.raises(ValueError, match="no argument of the failed check is in this graph"):
        draw(Value(1.0) * 2, check=error)
    with pytest.raises(TypeError, match="the GradientCheckError of a failed check_gradients, not"):
        draw(Value(1.0) * 2, check=AssertionError("no"))  # type: ignore[arg-type]


# -------------------------------------------------------------------------------- hostile names
@pytest.mark.parametrize("name", ["<b>", "</TABLE>>]", "\\N", "a\nb", "<script>alert(1)</script>"])
def test_names_in_notes_stay_text(name: str) -> None:
    with np.errstate(all="ignore"):
        root = np.log(Value(0.0, name=name)) * 1.0
    assert len(alarmed(draw(root))) == 2
    draw(root).pipe("svg")
    assert name not in re.sub(
        r"<style>.*|<script.*?</script>", "", page_of(Graph(root)), flags=re.S
    )
    assert all("\n" not in line for line in listing(root).split("\n"))


def test_the_line_of_code_has_no_folder_in_a_picture() -> None:
    with debug():
        root = Value(0.0, name="x").sqrt() + 1.0
    assert str(Path(__file__).parent) not in draw(root).source
