"""Numbers, summaries and rules as the words and formulas of a picture."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_mini import Value, ops
from autograd_mini.show.draw.formula import rule_texts
from autograd_mini.show.graph.text import number, summary


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (np.zeros((0, 3)), ["empty"]),
        (np.array([np.nan, np.nan]), ["all nan"]),
        (np.array([1.0, np.inf]), ["1, 1 not finite"]),
        (
            np.array([0.0, 1.0, np.nan])[:, None],
            ["mean 0.5 █▁▁▁▁▁▁▁▁█", "from 0 to 1", "1 not finite"],
        ),
        (np.array([-1e308, 1e308]), ["mean 0 ", "from −1e308 to 1e308"]),
        (np.array([1.0, np.nextafter(1.0, 2.0)]), ["mean 1 ", "from 1 to 1"]),
    ],
)
def test_summaries_of_unusual_arrays(data: Any, words: list[str]) -> None:
    assert summary(data) == words


@given(st.floats())
def test_a_number_is_short_and_near(x: float) -> None:
    text = number(x)
    assert len(text) <= 10
    if abs(x) < 1.79e308:
        assert float(text.replace("−", "-")) == pytest.approx(x, rel=6e-3)


FORMULAS = [op for op in ops.TABLE.values() if op.rules and not op.keywords and not op.signature]
PYTHON = {
    "−": "-",
    "×": "*",
    "÷": "/",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    " = ": " == ",
    "inf": "9e999",
}


@pytest.mark.parametrize("op", FORMULAS, ids=lambda op: op.name)
def test_a_formula_says_what_the_rule_computes(op: Any) -> None:
    rng = np.random.default_rng(0)
    names = ["x", "y", "u"][: op.arity]
    constant = [rule is None for rule in op.rules]
    raw = [rng.uniform(0.4, 0.8, (2, 3)) + (d.low > 1) for d in op.domain]
    args = [x if c else Value(x) for x, c in zip(raw, constant, strict=True)]
    node = op(*args)
    g = rng.uniform(0.5, 1, (2, 3))
    for rule, text in zip(op.rules, rule_texts(node, names, "out"), strict=True):
        if not text or " and " in text or " or " in text:
            continue
        for sign, python in PYTHON.items():
            text = text.replace(sign, python)
        scope = {**vars(np), **dict(zip(names, raw, strict=True)), "g": g, "out": node.data}
        expected = np.broadcast_to(rule(g, node.data, *raw), g.shape)
        found = np.broadcast_to(eval(text, {}, scope), g.shape)
        np.testing.assert_allclose(found, expected, rtol=6e-3, err_msg=text)


def test_a_rule_with_a_loop_over_its_array_has_no_formula() -> None:
    op = ops.TABLE["weighted_eigh"]
    node = op(Value([[2.0, 0.0], [0.0, 1.0]]), np.ones(2))
    assert rule_texts(node, "xg", "out")[0] == ""


def test_most_rules_have_a_formula() -> None:
    found = 0
    for op in FORMULAS:
        args = [
            np.full((2, 2), 0.5) if rule is None else Value(np.full((2, 2), 0.5 + (d.low > 1)))
            for rule, d in zip(op.rules, op.domain, strict=True)
        ]
        names = ["x", "y", "u"][: op.arity]
        found += any(rule_texts(op(*args), names, "out"))
    assert found >= 0.7 * len(FORMULAS)
