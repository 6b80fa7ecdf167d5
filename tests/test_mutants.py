"""The table of mutants that are right all the same is about mutants that there are.

Whether tests reject the others takes an hour to see: `make mutants`.
"""

import ast

import pytest
from equivalent_mutants import REASONS
from mutants import change, changes, explained, mutants, stale_reasons, survives, users

from autograd_mini import ops


def test_every_explained_mutant_exists() -> None:
    assert stale_reasons() == []


def test_explanations_do_not_depend_on_how_source_is_spelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(REASONS, "f", {'("a"   in  x) → "a" not in (x)': "", "1e1 → 11.": ""})
    assert {("f", "'a' in x → 'a' not in x"), ("f", "10.0 → 11.0")} <= set(explained())


def test_an_explanation_of_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(REASONS, "_nobody", {"x > 1 → x >= 1": "no reason"})
    assert stale_reasons() == ["_nobody: x > 1 → x >= 1"]


def test_each_place_of_a_definition_is_changed_once() -> None:
    text = "lambda g, out, x: -g * (x + 1 if x > 0 else None)"
    after = set()
    for k in range(len(list(changes(ast.parse(text))))):
        definition = ast.parse(text)
        change(definition, k)
        after.add(ast.unparse(definition))
    assert after == {
        "lambda g, out, x: -g / (x + 1 if x > 0 else None)",
        "lambda g, out, x: g * (x + 1 if x > 0 else None)",
        "lambda g, out, x: -g * (x - 1 if x > 0 else None)",
        "lambda g, out, x: -g * (x + 2 if x > 0 else None)",
        "lambda g, out, x: -g * (x + 1 if x >= 0 else None)",
        "lambda g, out, x: -g * (x + 1 if x > 1 else None)",
        "lambda g, out, x: -g * (x + 1 if x > 0 else 0)",
    }


def test_a_wrong_mutant_is_rejected_and_taken_back() -> None:
    (function,) = (f for f, names in users().items() if names == ["square"])
    code = function.__code__
    first = next(mutants(function, ["square"]))
    assert not survives(first)
    assert function.__code__ is code
    ops.TABLE["square"](3.0)
