"""The engine played against a naive one, which differentiates forwards and keeps no graph.

The naive engine carries with each number its derivative with respect to every leaf. Every rule of
the game (a new leaf, an op, rebinding, clearing, a backward pass, a dropped result) is done to
both, and after each the gradients that have been added up must agree.
"""

import math

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from autograd_mini import Value, gradients, no_grad

NUMBERS = st.floats(-2, 2).map(lambda x: round(x, 3))


class Naive:
    """A number with its derivatives with respect to the leaves, by dual-number arithmetic."""

    def __init__(self, x: float, d: dict[int, float]) -> None:
        self.x, self.d = x, d

    def of(self, x: float, *parts: "tuple[Naive, float]") -> "Naive":
        d: dict[int, float] = {}
        for part, factor in parts:
            for key, slope in part.d.items():
                d[key] = d.get(key, 0.0) + factor * slope
        return Naive(x, d)


class EngineAgainstNaive(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[Value, Naive]] = []
        self.leaves: list[Value] = []
        self.expected: list[float | None] = []

    @rule(x=NUMBERS)
    def new_leaf(self, x: float) -> None:
        v = Value(x)
        self.pairs.append((v, Naive(x, {len(self.leaves): 1.0})))
        self.leaves.append(v)
        self.expected.append(None)

    def pick(self, i: int) -> tuple[Value, Naive]:
        return self.pairs[i % len(self.pairs)]

    @precondition(lambda self: self.pairs)
    @rule(i=st.integers(0, 99), j=st.integers(0, 99), kind=st.sampled_from("+-*m"))
    def combine(self, i: int, j: int, kind: str) -> None:
        (v, a), (w, b) = self.pick(i), self.pick(j)
        if kind == "+":
            pair = v + w, a.of(a.x + b.x, (a, 1.0), (b, 1.0))
        elif kind == "-":
            pair = v - w, a.of(a.x - b.x, (a, 1.0), (b, -1.0))
        elif kind == "*":
            pair = v * w, a.of(a.x * b.x, (a, b.x), (b, a.x))
        else:
            left = 0.5 if a.x == b.x else float(a.x > b.x)
            pair = np.maximum(v, w), a.of(max(a.x, b.x), (a, left), (b, 1 - left))
        self.keep(*pair)

    @precondition(lambda self: self.pairs)
    @rule(i=st.integers(0, 99), c=NUMBERS, kind=st.sampled_from(["tanh", "scale", "relu", "sin"]))
    def transform(self, i: int, c: float, kind: str) -> None:
        v, a = self.pick(i)
        if kind == "tanh":
            pair = v.tanh(), a.of(math.tanh(a.x), (a, 1 - math.tanh(a.x) ** 2))
        elif kind == "scale":
            pair = c * v + 1, a.of(c * a.x + 1, (a, c))
        elif kind == "sin":
            pair = np.sin(v), a.of(math.sin(a.x), (a, math.cos(a.x)))
        else:
            pair = v.relu(), a.of(max(a.x, 0.0), (a, float(a.x > 0)))
        self.keep(*pair)

    def keep(self, v: Value, a: Naive) -> None:
        if abs(a.x) < 1e6 and all(abs(slope) < 1e6 for slope in a.d.values()):
            self.pairs.append((v, a))

    @precondition(lambda self: self.pairs)
    @rule(i=st.integers(0, 99), seed=NUMBERS)
    def backward(self, i: int, seed: float) -> None:
        v, a = self.pick(i)
        v.backward(seed)
        for key, slope in a.d.items():
            self.expected[key] = (self.expected[key] or 0.0) + seed * slope

    @precondition(lambda self: self.pairs)
    @rule(i=st.integers(0, 99))
    def ask_without_adding(self, i: int) -> None:
        v, a = self.pick(i)
        for key, (leaf, g) in enumerate(zip(self.leaves, gradients(v, self.leaves), strict=True)):
            assert leaf.shape == np.shape(g)
            found = g.item() if isinstance(g, Value) else float(g)
            assert math.isclose(found, a.d.get(key, 0.0), rel_tol=1e-9, abs_tol=1e-9)

    @precondition(lambda self: self.leaves)
    @rule(i=st.integers(0, 99))
    def clear(self, i: int) -> None:
        k = i % len(self.leaves)
        self.leaves[k].grad = None
        self.expected[k] = None

    @precondition(lambda self: self.leaves)
    @rule(i=st.integers(0, 99), x=NUMBERS)
    def rebind(self, i: int, x: float) -> None:
        """Results made before keep their derivatives; the leaf goes on with the new number."""
        k = i % len(self.leaves)
        leaf = self.leaves[k]
        leaf.data = x
        kept = [(v, a) for v, a in self.pairs if v is not leaf]
        computed = [(v, a) for v, a in kept if v.op is not None]
        self.pairs = [(v, a) for v, a in kept if v.op is None] + [(leaf, Naive(x, {k: 1.0}))]
        for v, a in computed[:3]:
            v.backward()
            for key, slope in a.d.items():
                self.expected[key] = (self.expected[key] or 0.0) + slope

    @precondition(lambda self: self.pairs)
    @rule(i=st.integers(0, 99))
    def look_without_recording(self, i: int) -> None:
        v, a = self.pick(i)
        with no_grad():
            assert (v * 2).args == ()
            assert math.isclose((v * 2).item(), 2 * a.x, abs_tol=1e-12)

    @precondition(lambda self: len(self.pairs) > 3)
    @rule(i=st.integers(0, 99))
    def drop(self, i: int) -> None:
        del self.pairs[i % len(self.pairs)]

    @invariant()
    def values_and_gradients_agree(self) -> None:
        for v, a in self.pairs:
            assert math.isclose(v.data, a.x, rel_tol=1e-12, abs_tol=1e-12)
        for leaf, wanted in zip(self.leaves, self.expected, strict=True):
            if wanted is None:
                assert leaf.grad is None
            else:
                assert math.isclose(leaf.grad, wanted, rel_tol=1e-9, abs_tol=1e-9)


TestEngineAgainstNaive = EngineAgainstNaive.TestCase
TestEngineAgainstNaive.settings = settings(deadline=None, max_examples=100, stateful_step_count=30)
