"""Tests of nn.sensitivity: ranking, multiples, noise, zeros, and nudges that are tried."""

import math
import re

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from autograd_mini import Value
from nn import MLP
from nn.lesson.nudges import nudges
from nn.lesson.sensitivity import Sensitivities, sensitivities
from nn.model.losses import quadratic_cost


def some(n=20, seed=0, sizes=(4, 5, 3), dtype=np.float64, x=None) -> Sensitivities:
    rng = np.random.default_rng(seed)
    model = MLP(sizes, "tanh", seed=rng, init="standard_normal", dtype=dtype)
    inputs = rng.random((n, sizes[0])).astype(dtype) if x is None else x
    return sensitivities(model, quadratic_cost, inputs, rng.random((len(inputs), sizes[-1])))


# ---------------------------------------------------------------------------- gradients, ranking
@hypothesis.settings(deadline=None, max_examples=30)
@hypothesis.given(st.integers(2, 50), st.integers(0, 2**32))
def test_entries_are_the_gradient_and_the_standard_error_of_the_examples(n, seed):
    s = some(n, seed)
    wishes = nudges(s.model, s.cost, s.wishes.x, s.wishes.y)
    for layer in wishes.layers:
        for letter, examples in (("W", layer.W), ("b", layer.b)):
            name = f"{letter}{layer.number}"
            error = examples.std(0, ddof=1) / math.sqrt(n)
            assert s.gradients[name] == pytest.approx(-examples.mean(0), rel=1e-9, abs=1e-12)
            assert s.errors[name] == pytest.approx(error, rel=1e-5, abs=1e-7)


@hypothesis.settings(deadline=None, max_examples=30)
@hypothesis.given(st.integers(0, 2**32))
def test_the_ranking_is_of_all_entries_by_size(seed):
    s = some(5, seed)
    ranking = s.ranking()
    sizes = [abs(entry.gradient) for entry in ranking]
    assert sizes == sorted(sizes, reverse=True)
    assert len({entry.name for entry in ranking}) == len(ranking) == len(s) - s.zeros
    assert all(s[entry.name] == entry for entry in ranking)
    assert s.ranking(3) == ranking[:3]
    everything = np.concatenate([np.abs(g).ravel() for g in s.gradients.values()])
    assert sizes == pytest.approx(sorted(everything[everything > 0], reverse=True))


def test_zero_entries_are_counted_and_never_divided_by():
    x = np.random.default_rng(0).random((10, 4))
    x[:, 2] = 0  # a pixel that is never inked
    s = some(x=x)
    assert s.zeros == 5
    assert not any(
        entry.name.startswith("W1") and entry.name.endswith(", 2]") for entry in s.ranking()
    )
    comparison = s.compare("W1[0, 0]", "W1[0, 2]")
    assert math.isnan(comparison.times)
    assert not comparison.told_apart
    assert "nothing to divide by" in str(comparison)
    assert s.compare("W1[0, 2]", "W1[0, 0]").times == 0
    assert "5 have gradient exactly 0" in str(s)
    with pytest.raises(ValueError, match="gradient 0"):
        s.table(against="W1[0, 2]")


def test_where_all_gradients_are_zero_the_table_says_so():
    model = MLP([2, 1], output=None, seed=0)
    x = np.ones((3, 2), np.float32)
    s = sensitivities(model, quadratic_cost, x, model(x).data)
    assert s.ranking() == []
    assert str(s) == "All 3 entries have gradient 0: no small nudge changes the cost."


# ---------------------------------------------------------------------------- multiples and noise
def test_the_lessons_words_are_told():
    """A cost with slopes 3.2 and 0.1: the first is 32 times as sensitive."""
    model = MLP([2, 1], output=None, dtype=np.float64, seed=0)
    x = np.array([[3.2, 0.1]])
    s = sensitivities(model, lambda a, y: (a * y).sum(), x, np.ones((1, 1)))
    comparison = s.compare("W1[0, 0]", "W1[0, 1]")
    assert comparison.times == pytest.approx(32)
    assert str(comparison) == (
        "W1[0, 0] against W1[0, 1]: 3.2 against 0.1: 32 times, for this one example"
    )
    assert "no standard error" in str(s)


def two_slopes(first, second) -> Sensitivities:
    """A cost whose gradients of W1[0, 0] and W1[0, 1] are these numbers for each example."""
    model = MLP([2, 1], output=None, dtype=np.float64, seed=0)
    x = np.stack([first, second], axis=1)
    return sensitivities(model, lambda a, y: (a * y).sum() / len(y), x, np.ones((len(x), 1)))


def test_noise_is_rarely_announced_as_a_difference():
    announced = 0
    for seed in range(300):
        columns = np.random.default_rng(seed).normal(1.0, 0.5, (2, 40))
        announced += two_slopes(*columns).compare("W1[0, 0]", "W1[0, 1]").told_apart
    assert 3 <= announced <= 30  # about one in twenty, as two standard errors promise


def test_a_difference_is_announced_with_an_error_that_holds_the_truth():
    hits, told = 0, 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        s = two_slopes(rng.normal(-3.0, 0.5, 50), rng.normal(1.0, 0.2, 50))
        comparison = s.compare("W1[0, 0]", "W1[0, 1]")
        told += comparison.told_apart
        hits += abs(comparison.times - 3) < 2 * comparison.error
    assert told == 200
    assert hits >= 180


def test_examples_that_agree_let_a_small_difference_be_told():
    common = np.random.default_rng(0).normal(5.0, 3.0, 30)  # each alone is uncertain
    comparison = two_slopes(common * 1.01, common).compare("W1[0, 0]", "W1[0, 1]")
    assert comparison.told_apart
    assert comparison.times == pytest.approx(1.01)


def test_what_the_batch_cannot_tell_is_said():
    rng = np.random.default_rng(1)
    s = two_slopes(rng.normal(1.0, 0.3, 30), rng.normal(0.0, 1.0, 30))
    assert "cannot tell the second from 0" in str(s.compare("W1[0, 0]", "W1[0, 1]"))
    assert "Of 1 more, this batch cannot tell" in str(s)
    same = rng.normal(1.0, 0.3, (2, 30))
    assert "may be chance" in str(two_slopes(*same).compare("W1[0, 0]", "W1[0, 1]"))
    assert "may be chance" in two_slopes(*same).table(against="W1[0, 1]")


def test_the_table_ranks_and_names_its_reference():
    s = some()
    lines = s.table(rows=3, against="b1[2]").splitlines()
    head = next(i for i, line in enumerate(lines) if line.startswith("rank"))
    assert "times b1[2]" in lines[head]
    for line, entry in zip(lines[head + 1 :], s.ranking(3), strict=False):
        assert entry.name in line
        assert f"{abs(entry.gradient / s['b1[2]'].gradient):.3g}" in line
    assert "b1[2]" in lines[-1]


# ---------------------------------------------------------------------------------------- trials
@hypothesis.settings(deadline=None, max_examples=30)
@hypothesis.given(st.integers(0, 2**32), st.data())
def test_a_small_nudge_changes_the_cost_as_predicted(seed, data):
    s = some(10, seed)
    entry = data.draw(st.sampled_from(s.ranking()))
    before = [p.peek()[0] for p in s.model.parameters()]
    trial = s.nudge(entry.name, 1e-4)
    assert trial.predicted == pytest.approx(entry.gradient * 1e-4)
    assert trial.actual == pytest.approx(trial.predicted, rel=0.01, abs=1e-6)
    assert all(p.peek()[0] is b for p, b in zip(s.model.parameters(), before, strict=True))


def test_a_nudge_in_float32_says_when_rounding_is_what_one_sees():
    s = some(dtype=np.float32)
    name = s.ranking(1)[0].name
    assert "rounding" in str(s.nudge(name, 1e-7))
    assert "rounding" not in str(s.nudge(name, 0.1))


def test_a_nudge_that_fails_leaves_the_weights():
    s = some()

    def failing(a, y):
        raise KeyboardInterrupt

    broken = Sensitivities(s.model, failing, s.wishes, s.gradients, s.errors)
    before = [np.array(p.data) for p in s.model.parameters()]
    with pytest.raises(KeyboardInterrupt):
        broken.nudge("W1[0, 0]", 1.0)
    assert all(map(np.array_equal, before, [p.data for p in s.model.parameters()]))


# ---------------------------------------------------------------------------------------- errors
@pytest.mark.parametrize("name", ["W3[0, 0]", "a1[0]", "W1[5, 0]", "b1", "W1[0 0]"])
def test_an_entry_that_does_not_exist_is_told(name):
    s = some()
    for ask in (s.__getitem__, lambda n: s.nudge(n, 0.1), lambda n: s.table(against=n)):
        with pytest.raises(ValueError, match="there is no entry"):
            ask(name)
    with pytest.raises(ValueError, match="there is no entry"):
        s.compare("W1[0, 0]", name)


def test_weights_that_have_moved_or_are_no_parameters_cannot_be_nudged():
    s = some()
    s.model.layers[0].W.data += 1
    with pytest.raises(ValueError, match="compute the sensitivities anew"):
        s.nudge("W1[0, 0]", 0.1)
    W, x = np.ones((2, 2)), np.eye(2)
    frozen = sensitivities(lambda a: a @ W.T, quadratic_cost, x, x)
    with pytest.raises(ValueError, match="computed or constant"):
        frozen.nudge("W1[0, 0]", 0.1)
    half = Value(W)
    computed = sensitivities(lambda a: a @ (half * 2).T, quadratic_cost, x, x)
    with pytest.raises(ValueError, match="computed or constant"):
        computed.nudge("W1[0, 0]", 0.1)


# --------------------------------------------------------------------------------------- Russian
def test_every_sentence_has_its_words_in_russian():
    x = np.random.default_rng(1).random((20, 4))
    x[:, 0] = 0.0  # a pixel that is never inked
    for s in (some(x=x), some(1), some(x=x[:1])):
        names = [entry.name for entry in s.ranking()]
        said = [s.table(language="ru"), s.wishes.table(language="ru")]
        for name in (names[0], names[1], names[-1], "W1[0, 0]"):
            said += [str(s.compare(names[0], name, language="ru"))]
            said += [str(s.nudge(name, by, language="ru")) for by in (1e-12, 0.1)]
        for text in said:
            assert not re.search(r"[a-z]{3,}", text), text
    flat = sensitivities(
        lambda a: a @ Value(np.zeros((2, 2))).T * 0, quadratic_cost, x[:, :2], x[:, :2]
    )
    assert flat.table(language="ru").startswith("Все производные")
