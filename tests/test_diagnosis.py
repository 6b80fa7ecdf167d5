"""What pictures, listings and pages say where numbers go wrong, units stop or a check fails."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from draw_graphs import scalar_layers
from hypothesis import given
from hypothesis import strategies as st
from page_graphs import scalar_graphs

import nn
from autograd_mini import NotFiniteError, Op, Value, debug, gradients, listing, ops
from autograd_mini.colours import ALARM
from autograd_mini.show.draw import draw
from autograd_mini.show.graph import Graph
from autograd_mini.show.graph.diagnosis import diagnosis, report
from autograd_mini.show.graph.health import idle
from autograd_mini.show.graph.layers import layers
from autograd_mini.show.graph.text import number
from autograd_mini.show.page import page_of
from autograd_mini.testing import GradientCheckError, check_gradients
from autograd_mini.words import in_language


def alarmed(picture: Any) -> set[str]:
    """The nodes with the border of an alarm, which is double."""
    lines = re.findall(rf'^\s*(n\d+) \[(.*color="{ALARM}".*)', picture.source, re.M)
    return {name for name, look in lines if "peripheries=2" in look}


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
    notes = diagnosis(graph)
    wrong = {i for i, found in notes.items() if any(note.wrong for note in found)}
    assert set(values[:1] + backward[-1:]) <= set(notes)
    assert alarmed(draw(root)) == {f"n{i}" for i in wrong}
    if values:  # then a gradient that is not finite may follow from the value, and it is said
        assert values[0] in wrong
    elif backward:
        assert backward[-1] in wrong


def test_a_value_is_told_with_op_arguments_and_line() -> None:
    x = Value([1.0, 0.0], name="x")
    with np.errstate(all="ignore"), pytest.raises(NotFiniteError) as caught, debug():
        np.log(x)
    node = caught.value.node
    assert node is not None
    (note,) = diagnosis(Graph(node))[1]
    assert note.title == "first value that is not finite"
    assert note.lines[:2] == ("log(x) gave -inf at entry (1,)", "x[1] = 0")
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
    rows = [[-1.0, -9.0, 9.0], [1.0, -9.0, 9.0]] * 4
    z = Value(rows, name="z1") * Value(np.ones(3), name="W1")
    a: Value = getattr(z, kind)()
    a.name = "a1"
    return a.sum()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("relu", "1 of 3 ReLUs dead"),
        ("sigmoid", "16 of 24 sigmoids saturated"),
        ("tanh", "16 of 24 tanhs saturated"),
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
    (note,) = idle(Graph(ops.TABLE[kind](z)), [1])
    assert note == (
        f"{flat:,} of 4,001 {kind}s saturated",
        (),
        2 * flat > 4_001,
        None,
        "saturated",
    )


def test_outside_layers_the_node_tells() -> None:
    root = Value(np.array([[-1.0, 2.0]] * 8)).relu().sum()
    assert "1 of 2 ReLUs dead" in draw(root).source
    assert "! outside layers: 1 of 2 ReLUs dead" in listing(root)


@pytest.mark.parametrize("names", [True, False])
@pytest.mark.parametrize("examples", [1, 5])
def test_layers_of_single_numbers_hold_their_sums_and_activations(
    names: bool, examples: int
) -> None:
    C, groups = scalar_layers((2, 4, 4, 1), examples, names)
    graph = Graph(C)
    found = {
        name: Counter(op.name for i in members if (op := graph.nodes[i].op))
        for name, members in layers(graph, None if names else groups).items()
    }
    assert found == {
        "layer 1": {"multiply": 8 * examples, "add": 8 * examples, "relu": 4 * examples},
        "layer 2": {"multiply": 16 * examples, "add": 16 * examples, "relu": 4 * examples},
        "layer 3": {"multiply": 4 * examples, "add": 4 * examples},
    }


@pytest.mark.parametrize("examples", [1, 7, 8, 20])
@pytest.mark.parametrize("arrays", [True, False])
def test_a_unit_is_dead_only_if_it_is_off_for_each_of_enough_examples(
    arrays: bool, examples: int
) -> None:
    rng = np.random.default_rng(0)
    x, W, b = rng.normal(size=(examples, 2)), rng.normal(size=(6, 2)), rng.normal(size=6) - 1
    off = int((x @ W.T + b <= 0).all(axis=0).sum())
    assert off
    if arrays:
        z = ops.affine(x, Value(W, "W1"), Value(b, "b1"))
        C = (z.relu() ** 2).sum()
    else:
        w = [[Value(float(W[j, k]), f"w1[{j},{k}]") for k in range(2)] for j in range(6)]
        bias = [Value(float(b[j]), f"b1[{j}]") for j in range(6)]
        C = sum(
            (bias[j] + w[j][0] * float(row[0]) + w[j][1] * float(row[1])).relu() ** 2
            for row in x
            for j in range(6)
        )
    words = {1: "off for this example", 7: "off for these 7 examples"}.get(examples, "dead")
    source = draw(C, budget=3000).source
    assert f"{off} of 6 ReLUs {words}" in source
    alarms = [line for line in listing(C, limit=2).splitlines() if line.startswith("!")]
    expected = [f"! layer 1: {off} of 6 ReLUs dead"] if examples >= 8 else []
    assert alarms == expected


def test_a_few_saturated_sigmoids_are_told_and_no_alarm() -> None:
    z = Value(np.array([-9.0, *np.linspace(-1, 1, 9)]), "z1") * Value(1.0, "W1")
    C = z.sigmoid().sum()
    assert "1 of 10 sigmoids saturated" in draw(C).source
    assert report(Graph(C)) == []


# -------------------------------------------------------------------- from layer to layer
def deep(layers: int, gain: float, seed: int = 0, activation: str = "sigmoid") -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    a, weights = rng.normal(size=(8, 10)), []
    for k in range(1, layers + 1):
        weights.append(Value(gain * rng.normal(size=(10, 10)) / 10**0.5, f"W{k}"))
        a = ops.affine(a, weights[-1], Value(np.zeros(10), f"b{k}"))
        a = getattr(np, activation, getattr(Value, activation, None))(a)
    C = ((a - 0.5) ** 2).mean()
    return C, weights


@pytest.mark.parametrize(
    ("gain", "activation", "way"), [(1.0, "sigmoid", "less"), (8.0, "sin", "more")]
)
def test_a_gradient_that_fades_or_grows_is_told_with_both_layers(
    gain: float, activation: str, way: str
) -> None:
    C, _ = deep(10, gain, activation=activation)
    graph = Graph(C)
    sizes = []
    for k in range(1, 11):
        parts = [graph.gradients[i] for p in "Wb" for i in graph.find(f"{p}{k}")]
        sizes.append(float(np.sqrt(sum((g**2).sum() for g in parts))))
    ratios = [max(sizes) / size if way == "less" else size / min(sizes) for size in sizes]
    assert max(ratios) > 1000
    (told,) = [line for line, _ in report(graph) if "gradient " in line]
    end = sizes.index(max(sizes) if way == "less" else min(sizes)) + 1
    k = ratios.index(max(ratios)) + 1
    match = re.fullmatch(
        rf"layer {k}: gradient (\S+): (\S+) times {way} than (\S+) in layer {end}", told
    )
    assert match
    own, times, theirs = (float(x.replace("−", "-").replace(",", "")) for x in match.groups())
    assert own == pytest.approx(sizes[k - 1], rel=0.01)
    assert theirs == pytest.approx(sizes[end - 1], rel=0.01)
    assert times == pytest.approx(max(ratios), rel=0.5)
    told_of = re.findall(
        r"label=<(layer \d+) (.*?)>\n|<TR>.*?>(layer \d+) (.*?)</TABLE>", draw(C).source
    )
    frames = [a or c for a, b, c, d in told_of if f"times {way}" in b + d]
    expected = [f"layer {i}" for i, ratio in enumerate(ratios, 1) if ratio >= 1000]
    assert sorted(frames) == sorted(expected)
    assert "times" in listing(C)
    assert told.partition(": ")[2] in page_of(graph)


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
@pytest.mark.parametrize("seed", range(5))
def test_nets_in_which_nothing_is_wrong_are_not_accused(activation: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    model = nn.MLP([20, 16, 16, 10], activation, seed=seed, output=None)
    C = nn.quadratic_cost(
        model(rng.normal(size=(100, 20)).astype(np.float32)), np.zeros((100, 10))
    )
    told = report(Graph(C))
    assert [line for line, _ in told if "dead" not in line] == []
    assert all(f"{line.split()[2]} of 16" in line for line, _ in told)


def test_a_weight_used_at_every_step_tells_that_its_gradient_fades_or_grows() -> None:
    for gain, way in ((0.3, "fades"), (3.0, "grows")):
        W, h = Value(gain * np.eye(4), "Whh"), Value(np.ones(4))
        for _ in range(9):
            h = h @ W
        graph = Graph((h**2).sum())
        (note,) = diagnosis(graph)[graph.number[W]]
        assert note.title.startswith(f"its gradient {way} along 9 uses: ")
        users = [user for user, _ in graph.uses[graph.number[W]]]
        sizes = [np.linalg.norm(graph.gradients[user]) for user in users]
        low, high = float(min(sizes)), float(max(sizes))
        one, other = re.findall(r"(\S+) at", note.title)
        assert float(one.replace("−", "-")) == pytest.approx(low, rel=0.01)
        assert float(other.replace("−", "-")) == pytest.approx(high, rel=0.01)
    w, data = Value(0.5, "w"), [1e-3, 1.0, 1e3]
    fit = sum((w * x - x) ** 2 for x in data)
    assert diagnosis(Graph(fit)) == {}


def test_numbers_far_beyond_all_that_was_given_are_told_where_they_begin() -> None:
    x = Value(10.0, "x")
    y = x
    for _ in range(20):
        y = y * 10.0
    graph = Graph(y)
    (first, (value,)), *rest = [
        (i, n) for i, n in diagnosis(graph).items() if "values" in n[0].title
    ]
    assert not rest
    assert abs(graph.seen[first]) > 1e11 >= abs(graph.seen[first - 1])
    assert value.title == f"values grow: up to {number(graph.seen[first])} here"
    backward = [
        i for i, n in diagnosis(graph).items() if any("gradients grow" in m.title for m in n)
    ]
    assert backward == [max(i for i in range(len(graph)) if abs(graph.gradients[i]) > 1e11)]
    assert diagnosis(Graph(Value(1e300, "big") * 0.5)) == {}


# ----------------------------------------------------------------------- cause and consequence
def test_what_follows_from_a_value_is_no_alarm_of_its_own() -> None:
    s, V = Value([[-1.2, 2.0], [3.0, 4.0]], "s"), Value(np.eye(2), "V")
    with np.errstate(all="ignore"):
        q = np.log(s)
        q.name = "q"
        C = (q @ V).sum()
    graph = Graph(C)
    notes = diagnosis(graph)
    (cause,), (follows,) = notes[graph.number[q]], notes[graph.number[V]]
    assert cause.lines[:2] == ("log(s) gave nan at entry (0, 0)", "s[0, 0] = −1.2")
    assert follows == ("not finite: follows from q", (), False, None, "")
    picture = draw(C)
    assert alarmed(picture) == {f"n{graph.number[q]}"}
    orange = set(re.findall(rf'^\s*n(\d+) \[.*color="{ALARM}"', picture.source, re.M))
    bad = [
        not np.isfinite(graph.seen[i]).all() or not np.isfinite(graph.gradients[i]).all()
        for i in range(len(graph))
    ]
    assert orange == {str(i) for i in range(len(graph)) if bad[i]}
    assert "orange border" in picture.source


def test_a_gradient_with_a_cause_of_its_own_is_found_behind_one_that_follows() -> None:
    x, y = Value(0.0, "x"), Value(-1.0, "y")
    with np.errstate(all="ignore"):
        C = x.sqrt() + y.log() * 1.0
    graph = Graph(C)
    wrong = {graph.label(i) for i, found in diagnosis(graph).items() if found[0].wrong}
    assert wrong == {"x", graph.label(next(i for i, v in enumerate(graph.seen) if np.isnan(v)))}


# ------------------------------------------------------------------------------------- Russian
def test_every_note_has_its_words_in_russian() -> None:
    say, said = in_language("ru"), []
    x, y = Value([0.0, -1.0], "x"), Value(0.0, "y")
    with np.errstate(all="ignore"):
        roots = [np.log(x).sum(), y.sqrt() + 1.0, y * 2.0, Value(np.inf, "z") * 2.0]
        roots += [layer(kind) for kind in ("relu", "tanh")]
        roots += [Value([[-1.0, 2.0]] * n).relu().sum() for n in (1, 2)]
        roots += [deep(10, 1.0)[0], deep(10, 8.0, activation="sin")[0]]
        h, W = Value(np.ones(4), "h"), Value(0.3 * np.eye(4), "W")
        for _ in range(9):
            h = h @ W
        roots.append(h.sum())
        big = Value(10.0, "x")
        for _ in range(20):
            big = big * 10.0
        roots.append(big)
        for root in roots:
            said += [line for told in report(Graph(root), None, None, say) for line in told]
    error = failure(lambda x, y: wrong_in_y(0.5)(x, y), [0.25, 0.75], [2.0, 3.0])
    said += report(Graph(error.result), error, None, say)[0]
    for line in map(str, said):
        assert not re.search(r"\b(the|of|at|than|times|dead|first|here|from|to)\b", line), line
    assert len(said) > 20


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
    assert len(alarmed(draw(root))) == 1
    draw(root).pipe("svg")
    assert name not in re.sub(
        r"<style>.*|<script.*?</script>", "", page_of(Graph(root)), flags=re.S
    )
    assert all("\n" not in line for line in listing(root).split("\n"))


def test_the_line_of_code_has_no_folder_in_a_picture() -> None:
    with debug():
        root = Value(0.0, name="x").sqrt() + 1.0
    assert str(Path(__file__).parent) not in draw(root).source
