"""Gradients of any Values of any graph, and the unrolled pass beside the general one."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_mini import Value, backprop, gradient_table, gradients, ops, unrolled
from autograd_mini.pull import REACHED, pull_guarded, shares
from autograd_mini.testing import Program, programs


def graph(program: Program) -> tuple[Value, list[Value]]:
    root = program(*(Value(x) for x in program.inputs))
    return root, [v for v in backprop.results_first(root) if v.shape == v.shape]


@given(programs(), st.randoms(use_true_random=False))
def test_gradients_of_every_node_of_every_program(program: Program, rng: random.Random) -> None:
    root, nodes = graph(program)
    table = gradient_table(root)
    chosen = rng.sample(nodes, rng.randint(1, len(nodes)))
    for wanted in (nodes, nodes[::-1], chosen, [*chosen, *chosen], [root]):
        found = gradients(root, wanted)
        assert all(type(g) is Value for g in found)
        for v, g in zip(wanted, found, strict=True):
            expected = table.get(v, np.zeros(v.shape))
            np.testing.assert_allclose(g.data, expected, rtol=1e-12, atol=1e-12)


def test_a_chain_and_a_diamond() -> None:
    x = Value(2.0)
    y = x * x
    z = y * y
    root = z * z
    assert [g.item() for g in gradients(root, [z, y, x])] == [32.0, 256.0, 1024.0]
    s = x * 3.0
    root = np.sin(s) * s
    one, by_s, by_x = (g.item() for g in gradients(root, (v for v in (root, s, x))))
    assert one == 1.0
    assert by_x == 3 * by_s == pytest.approx(16.4448187)


def test_layers_asked_with_their_weights() -> None:
    rng = np.random.default_rng(0)
    W1, W2 = Value(rng.standard_normal((4, 3))), Value(rng.standard_normal((2, 4)))
    a1 = np.tanh(W1 @ rng.standard_normal(3))
    a2 = np.tanh(W2 @ a1)
    root = (a2 * a2).sum()
    wanted = [a2, W1, a1, root, W2]
    table = gradient_table(root)
    for v, g in zip(wanted, gradients(root, wanted), strict=True):
        np.testing.assert_allclose(g.data, table[v], rtol=1e-14)


@pytest.mark.parametrize(
    ("wrt", "told"),
    [
        (np.ones(2), "a list with float64"),
        (3.0, "float;"),
        ("ab", "str;"),
        ({"x": 1}, "dict;"),
        (Value(1.0), "Value;"),
        ([Value(1.0), 2.0], "a list with float;"),
        (None, "NoneType;"),
    ],
)
def test_a_wrong_wrt_is_a_sentence(wrt: Any, told: str) -> None:
    with pytest.raises(TypeError, match=rf"gradients: wrt is a list of Values, not {told}"):
        gradients(Value(2.0) * 3.0, wrt)
    with pytest.raises(TypeError, match="gradients: the root is a Value, not float"):
        gradients(2.0, [Value(1.0)])  # type: ignore[arg-type]


def test_a_value_that_is_not_reached_is_told() -> None:
    x, other = Value(2.0), Value(3.0, "w")
    with pytest.raises(KeyError, match="does not depend on"):
        gradient_table(x * x)[other]
    assert gradient_table(x * x).get(other) is None


def test_gradients_are_values_always() -> None:
    x, w = Value(2.0), Value(np.ones((2, 3), np.float32))
    for root in (x * 3.0, x + 1.0, x.relu(), (w + 1).sum() * x, x):
        for v, g in zip((x, w), gradients(root, [x, w]), strict=True):
            assert type(g) is Value
            assert g.shape == v.shape
            (again,) = gradients(g.sum() if g.shape else g, [v])
            assert not np.any(again.data)


# ---------------------------------------------------- the unrolled pass beside the general one
def general(root: Value, seed: Any) -> dict[Any, Any]:
    def pull(node: Value, g: Any, table: dict[Any, Any]) -> None:
        backprop.add_shares(shares(node, g), table)

    return backprop.pull_back(backprop.results_first(root), seed, pull)


def assert_same_bits(root: Value) -> None:
    order = reversed(unrolled.arguments_first(root))
    assert all(a is b for a, b in zip(order, backprop.results_first(root), strict=True))
    seed = 1.0 if type(root.peek()[0]) is float else np.ones_like(root.data)[()]
    with np.errstate(all="ignore"):
        found, _ = unrolled.pull_back(root, seed)
        expected = general(root, seed)
    assert found.keys() == expected.keys()
    for v, g in expected.items():
        assert np.shape(found[v]) == np.shape(g)
        assert np.asarray(found[v]).tobytes() == np.asarray(g).tobytes(), v


@given(programs())
def test_the_unrolled_pass_gives_the_same_bits(program: Program) -> None:
    assert_same_bits(graph(program)[0])


@given(st.lists(st.tuples(st.sampled_from("+-*r^ce"), st.integers(0, 99), st.integers(0, 99))))
def test_and_of_numbers_of_both_kinds(steps: list[tuple[str, int, int]]) -> None:
    nodes = [Value(0.5), Value(-1.5), Value(np.float64(0.75)), Value(0.0)]
    for sign, i, j in steps:
        x, y = nodes[i % len(nodes)], nodes[j % len(nodes)]
        nodes.append(
            {
                "+": lambda x, y: x + y,
                "-": lambda x, y: x - y,
                "*": lambda x, y: x * y,
                "r": lambda x, y: x.relu(),
                "^": lambda x, y: x**2,
                "c": lambda x, y: 0.5 * x + np.float64(2.0) - y * 0.0,
                "e": lambda x, y: np.tanh(x),
            }[sign](x, y)
        )
    total = sum(nodes, Value(0.0))
    assert_same_bits(total)


@pytest.mark.parametrize("name", [name for name, op in ops.TABLE.items() if op.rules])
def test_every_op_is_pulled_alike_by_its_short_path(name: str) -> None:
    op = ops.TABLE[name]
    rng = np.random.default_rng(1)
    for case in op.cases[:4]:
        shapes = case.shapes or ((2, 3),) * op.arity
        domains = op.domain * (len(shapes) if op.sequence else 1)
        arrays = [
            d.low + (d.high - d.low) * (0.1 + 0.8 * rng.random(s)) + d.diagonal * np.eye(*s[-2:])
            if d.diagonal
            else d.low + (d.high - d.low) * (0.1 + 0.8 * rng.random(s))
            for d, s in zip(domains, shapes, strict=False)
        ]
        given = [
            Value(x) if op.sequence or op.rules[i] is not None else x > 0
            for i, x in enumerate(arrays)
        ]
        out = op(*([given] if op.sequence else given), **case.keywords)
        assert_same_bits((out * 1.25).sum() if out.shape else out * 1.25)


@given(programs())
def test_the_guarded_pass_is_the_plain_one_where_nothing_is_singular(program: Program) -> None:
    root = graph(program)[0]
    expected = gradient_table(root)
    with np.errstate(all="ignore"):
        seed = 1.0 if type(root.peek()[0]) is float else np.ones_like(root.data)[()]
        found = backprop.pull_back(backprop.results_first(root), seed, pull_guarded)
    found.pop(REACHED, None)
    for v, g in expected.items():
        np.testing.assert_allclose(found[v], g, rtol=1e-12, atol=1e-300)
