"""Two descents from one start: by mini-batches, and by all examples at each step.

This file knows a model's parameters as one long vector, and where it went. It must not know any
layer or cost, nor how pictures are drawn.
"""

import functools
import itertools
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd_mini import Value, no_grad
from autograd_mini.notebook import Table, Tabled
from nn.data.batches import batches
from nn.model.module import Module
from nn.training.blas import one_thread_if_small
from nn.training.optim import SGD

Array = NDArray[Any]
Cost = Callable[[Any, Any], Any]
CHUNK = 1000  # examples that are computed at a time, so that they stay in the cache


@dataclass(frozen=True, eq=False)
class Descent:
    """The records of one descent, r of them, the last at its end.

    `steps` (r,) counts the steps before each record, `weights` (r, p) are all parameters end to
    end, `costs` (r,) are of all examples, and `seconds` (r,) the time that the steps took.
    """

    steps: Array
    weights: Array
    costs: Array
    seconds: Array

    @property
    def seconds_a_step(self) -> float:
        """Mean time of a step."""
        return float(self.seconds[-1] / self.steps[-1])


class Plane(NamedTuple):
    """A plane through `origin` along the directions `u` and `v`, of length 1 and orthogonal."""

    origin: Array
    u: Array
    v: Array


class Surface(NamedTuple):
    """Costs (rows, columns) on the plane, at coordinates along `u` (columns,) and `v` (rows,).

    They are of `examples` of the examples, evenly spaced.
    """

    u: Array
    v: Array
    costs: Array
    examples: int


@dataclass(frozen=True, eq=False)
class Descents(Tabled):
    """A mini-batch and a full-batch descent from one start: what `two_descents` returns.

    `cosines` (r - 1,) are between the step of the mini-batch and the one that all examples would
    take from the same weights, at every record of `mini` but the last.
    """

    mini: Descent
    full: Descent
    cosines: Array
    batch_size: int
    lr: float
    model: Module
    cost: Cost
    x: Array
    y: Array

    @functools.cached_property
    def plane(self) -> Plane:
        """The plane through the start and both ends.

        Where these lie on one line, its second direction is drawn at random.
        """
        start = self.mini.weights[0].astype(np.float64)
        u = _unit(self.mini.weights[-1] - start)
        for away in (self.full.weights[-1] - start, np.random.default_rng(0).normal(size=u.shape)):
            v = away - (away @ u) * u
            if np.linalg.norm(v) > 1e-6 * np.linalg.norm(away):
                break
        return Plane(start, u, _unit(v - (v @ u) * u))

    def on_plane(self, descent: Descent) -> Array:
        """The point of the plane nearest to each record, as coordinates along u and v: (r, 2)."""
        away = descent.weights - self.plane.origin
        return np.asarray(away @ np.stack([self.plane.u, self.plane.v], axis=1))

    def off_plane(self, descent: Descent) -> Array:
        """How far from the plane each record lies, shape (r,)."""
        away = descent.weights - self.plane.origin
        return np.asarray(
            np.linalg.norm(away - self.on_plane(descent) @ np.stack(self.plane[1:]), axis=1)
        )

    def surface(self, points: int = 31, examples: int = 2000) -> Surface:
        """The cost on the plane, around both paths: `points` along its longer side.

        The model is given other weights for the time of the call.
        """
        both = np.concatenate([self.on_plane(self.mini), self.on_plane(self.full)])
        low, high = both.min(0), both.max(0)
        room = np.maximum(0.4 * (high - low).max(), 1.25 * (high - low)) - (high - low)
        low, high = low - room / 2, high + room / 2
        spacing = (high - low).max() / (points - 1)
        us, vs = (np.arange(a, b + spacing / 2, spacing) for a, b in zip(low, high, strict=True))
        chosen = np.linspace(0, len(self.x) - 1, min(examples, len(self.x))).astype(int)
        x, y, params = self.x[chosen], self.y[chosen], self.model.parameters()
        kept = _weights(params)
        try:
            costs = np.empty((len(vs), len(us)))
            with one_thread_if_small(params, self.batch_size):
                for i, j in np.ndindex(costs.shape):
                    _put(params, self.plane.origin + us[j] * self.plane.u + vs[i] * self.plane.v)
                    costs[i, j] = _cost_of(self.model, self.cost, x, y)
        finally:
            _put(params, kept)
        return Surface(us, vs, costs, len(chosen))

    def __repr__(self) -> str:
        return f"Descents(mini-batches of {self.batch_size} and all {len(self.x):,} examples)"

    def table(self) -> Table:
        """Both ways to descend: steps, costs and seconds, and what they mean."""
        named = {f"mini-batches of {self.batch_size}": self.mini, "all examples": self.full}
        lines = [["a step uses", "steps", "cost before", "cost after", "seconds", "ms a step"]]
        for name, d in named.items():
            cells = [f"{d.costs[0]:.4f}", f"{d.costs[-1]:.4f}", f"{d.seconds[-1]:.3f}"]
            lines.append([name, f"{d.steps[-1]}", *cells, f"{1e3 * d.seconds_a_step:.3f}"])
        ratio = self.full.seconds_a_step / self.mini.seconds_a_step
        room = self.mini.seconds[-1] / self.full.seconds_a_step
        last = self.cosines[-max(len(self.cosines) // 10, 1) :]
        examples = f"{len(self.x):,} examples"
        head = f"Two descents from one start, on {examples}, learning rate {self.lr:g}\n\n"
        foot = (
            f"\n\nA step on all examples takes as long as {ratio:.0f} mini-batch steps; a pass has"
            f" {-(-len(self.x) // self.batch_size):,}.\n"
            f"In the time of all {self.mini.steps[-1]} mini-batch steps there is room for"
            f" {room:.1f} steps on all examples.\n"
            f"Cosine between the two steps: {self.cosines[0]:.3f} at the start,"
            f" {last.mean():.2f} over the last {len(last)} of {len(self.cosines)} records."
        )
        return Table(head, lines, foot)


def two_descents(
    model: Module,
    cost: Cost,
    x: Any,
    y: Any,
    *,
    lr: float,
    batch_size: int = 100,
    epochs: int = 1,
    full_steps: int | None = None,
    every: int = 1,
    seed: int = 0,
) -> Descents:
    """Descend twice from the model's weights: by shuffled mini-batches, and by all examples.

    Both take plain gradient steps of the same `lr`, the second one `full_steps` of them, by
    default as many as the first one takes in `epochs` passes. `cost` is a mean over examples.
    Every `every` steps the weights, the cost of all examples and, on the mini-batch path, the
    cosine between the two gradients are recorded; the time for that is not counted. Records take
    4 bytes for each parameter in float32. In the end the model has the weights and the gradients
    that it came with.

    Raises ValueError for no examples, data of different lengths, a model without parameters, and
    counts below 1; FloatingPointError when a cost becomes nan or infinite.

    >>> from nn import MLP, quadratic_cost
    >>> x = np.random.default_rng(0).random((20, 2), np.float32)
    >>> both = two_descents(MLP([2, 1], seed=0), quadratic_cost, x, x[:, :1], lr=0.5, batch_size=5)
    >>> both.mini.steps.tolist(), both.full.weights.shape, both.cosines.shape
    ([0, 1, 2, 3, 4], (5, 3), (4,))
    """
    x, y = np.asarray(x), np.asarray(y)
    if not x.ndim or not len(x) or not y.ndim or len(y) != len(x):
        raise ValueError(
            f"two_descents needs examples, and a target for each: x has shape {x.shape}, y has"
            f" shape {y.shape}"
        )
    counts = {"batch_size": batch_size, "epochs": epochs, "every": every}
    for name, number in (counts | {"full_steps": full_steps}).items():
        if number is not None and (not isinstance(number, int | np.integer) or number < 1):
            raise ValueError(f"{name} is a whole number of at least 1, not {number!r}")
    optimizer = SGD(model.parameters(), lr=lr)
    run = _Run(model, cost, x, y, optimizer, every)
    kept, slopes = _weights(optimizer.params), [p.grad for p in optimizer.params]
    try:
        with one_thread_if_small(optimizer.params, batch_size), np.errstate(all="ignore"):
            mini = run.by_batches(batch_size, epochs, seed)
            _put(optimizer.params, kept)
            cosines, run.cosines = run.cosines, []
            full = run.by_all(full_steps or int(mini.steps[-1]))
    finally:
        _put(optimizer.params, kept)
        for p, slope in zip(optimizer.params, slopes, strict=True):
            p.grad = slope
    return Descents(mini, full, np.array(cosines), batch_size, lr, model, cost, x, y)


class _Run:
    """One descent while it is under way: the clock, and the records so far."""

    def __init__(
        self, model: Module, cost: Cost, x: Array, y: Array, optimizer: SGD, every: int
    ) -> None:
        self.model, self.cost, self.x, self.y = model, cost, x, y
        self.optimizer, self.every = optimizer, every
        self.records: list[tuple[int, Array, float, float]] = []
        self.cosines: list[float] = []

    def by_batches(self, size: int, epochs: int, seed: int) -> Descent:
        """Steps on shuffled mini-batches, with the cosine to the full gradient."""
        rng = np.random.default_rng(seed)
        dealt = itertools.chain.from_iterable(
            batches(self.x, self.y, size=size, seed=rng) for _ in range(epochs)
        )
        clock, total = 0.0, epochs * -(-len(self.x) // size)
        for step in range(total):
            due = step % self.every == 0
            if due:
                self._record(step, self._all_examples(), clock)
                full = _gradient(self.optimizer.params)
            start = time.perf_counter()
            xs, ys = next(dealt)
            self.optimizer.zero_grad()
            self.cost(self.model(xs), ys).backward()
            self.optimizer.step()
            clock += time.perf_counter() - start
            if due:
                self.cosines.append(_cosine(_gradient(self.optimizer.params), full))
        return self._done(total, clock)

    def by_all(self, steps: int) -> Descent:
        """Steps on all examples."""
        clock = 0.0
        for step in range(steps):
            start = time.perf_counter()
            cost = self._all_examples()
            taken = time.perf_counter() - start
            if step % self.every == 0:
                self._record(step, cost, clock)
            start = time.perf_counter()
            self.optimizer.step()
            clock += taken + time.perf_counter() - start
        return self._done(steps, clock)

    def _all_examples(self) -> float:
        """The cost of all examples; its gradient is left in `.grad`."""
        total = 0.0
        self.optimizer.zero_grad()
        for xs, ys in batches(self.x, self.y, size=CHUNK, shuffle=False):
            C = self.cost(self.model(xs), ys)
            C.backward(len(xs) / len(self.x))
            total += C.item() * len(xs) / len(self.x)
        return total

    def _record(self, step: int, cost: float, clock: float) -> None:
        if not math.isfinite(cost):
            raise FloatingPointError(
                f"the cost became {cost} after step {step}, at the learning rate"
                f" {self.optimizer.lr:g}; a smaller one may cure it"
            )
        self.records.append((step, _weights(self.optimizer.params), cost, clock))

    def _done(self, step: int, clock: float) -> Descent:
        self._record(step, _cost_of(self.model, self.cost, self.x, self.y), clock)
        steps, weights, costs, seconds = map(np.array, zip(*self.records, strict=True))
        self.records = []
        return Descent(steps, weights, costs, seconds)


def _cost_of(model: Module, cost: Cost, x: Array, y: Array) -> float:
    total = 0.0
    with no_grad():
        for xs, ys in batches(x, y, size=CHUNK, shuffle=False):
            total += cost(model(xs), ys).item() * len(xs) / len(x)
    return total


def _weights(params: Sequence[Value]) -> Array:
    """All parameters, end to end."""
    return np.concatenate([np.ravel(p.peek()[0]) for p in params])


def _gradient(params: Sequence[Value]) -> Array:
    """The gradients of all parameters, end to end, in float64; 0 where there is none."""
    parts = [np.zeros(p.shape) if p.grad is None else p.grad for p in params]
    return np.concatenate([np.ravel(part) for part in parts]).astype(np.float64)


def _put(params: Sequence[Value], weights: Array) -> None:
    """Give the parameters their parts of `weights`."""
    ends = np.cumsum([p.size for p in params])
    for p, part in zip(params, np.split(weights, ends[:-1]), strict=True):
        p.data = part.reshape(p.shape)


def _unit(vector: Array) -> Array:
    length = np.linalg.norm(vector)
    return np.asarray(vector / length if length else vector)


def _cosine(one: Array, other: Array) -> float:
    return float(_unit(one) @ _unit(other))
