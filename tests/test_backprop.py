"""The engine on toy nodes that know no NumPy: a gradient is anything that can be added."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from autograd_mini.engine.backprop import add_shares, pull_back, results_first


@dataclass(eq=False)
class Toy:
    """A sum of `weight * arg`; its gradients are fractions, so equality is exact."""

    args: tuple[Toy | None, ...] = ()
    weights: tuple[Fraction, ...] = field(default=())

    def pull(self, g: Fraction, gradients: dict[Toy, Fraction]) -> None:
        pairs = zip(self.args, self.weights, strict=True)
        add_shares([(arg, g * w) for arg, w in pairs if arg is not None], gradients)


def backward(root: Toy) -> dict[Toy, Fraction]:
    return pull_back(results_first(root), Fraction(1), Toy.pull)


@st.composite
def graphs(draw: st.DrawFn) -> list[Toy]:
    """Nodes of which each may use any earlier one, more than once, or a constant."""
    nodes = [Toy()]
    for _ in range(draw(st.integers(1, 12))):
        picks = draw(st.lists(st.none() | st.sampled_from(nodes), max_size=3))
        weights = draw(
            st.lists(st.integers(-3, 3).map(Fraction), min_size=len(picks), max_size=len(picks))
        )
        nodes.append(Toy(tuple(picks), tuple(weights)))
    return nodes


def sum_over_paths(root: Toy, leaf: Toy) -> Fraction:
    """The definition: over every path from root to leaf, the product of its weights."""
    if root is leaf:
        return Fraction(1)
    pairs = zip(root.args, root.weights, strict=True)
    return sum((w * sum_over_paths(a, leaf) for a, w in pairs if a is not None), Fraction(0))


@given(graphs())
def test_gradient_is_the_sum_over_paths(nodes: list[Toy]) -> None:
    gradients = backward(nodes[-1])
    for node in nodes:
        assert gradients.get(node, 0) == sum_over_paths(nodes[-1], node)


@given(graphs())
def test_every_node_comes_once_and_after_all_that_use_it(nodes: list[Toy]) -> None:
    order = results_first(nodes[-1])
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order)
    assert order[0] is nodes[-1]
    for node in order:
        assert all(place[arg] > place[node] for arg in node.args if arg is not None)


def test_diamond_is_not_entered_before_both_sides_are_done() -> None:
    a = Toy()
    b = Toy((a,), (Fraction(2),))
    root = Toy((b, a), (Fraction(3), Fraction(5)))
    assert backward(root)[a] == 11
    assert backward(Toy((a, b), (Fraction(5), Fraction(3))))[a] == 11


def test_stop_hides_what_is_behind_a_node() -> None:
    a = Toy()
    b = Toy((a,), (Fraction(2),))
    c = Toy((b,), (Fraction(2),))
    assert results_first(c, stop={b}) == [c, b]


def test_sixty_doublings_are_sixty_steps() -> None:
    node = leaf = Toy()
    for _ in range(60):
        node = Toy((node, node), (Fraction(1), Fraction(1)))
    assert backward(node)[leaf] == 2**60


def test_a_long_chain_needs_no_recursion() -> None:
    node = leaf = Toy()
    for _ in range(20_000):
        node = Toy((node,), (Fraction(1),))
    assert backward(node)[leaf] == 1
    while node.args:  # dataclass instances have dicts, which Python frees recursively
        (node,) = node.args  # type: ignore[assignment]
