"""Twelve kinds of graphs that people draw, from one neuron to 50,000 numbers."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from draw_graphs import chain, named, neuron, scalar_layers

import nn
from autograd_mini import Value, gradients, ops


def layer_norm(x: Any, k: int) -> Any:
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = ((centred**2).mean(axis=-1, keepdims=True) + 1e-5) ** 0.5
    return centred / spread * named(np.ones(16), f"gamma{k}") + named(np.zeros(16), f"beta{k}")


def weight(*shape: int, name: str, seed: int = 0) -> Value:
    return named(np.random.default_rng(seed).normal(size=shape) / shape[-1] ** 0.5, name)


def loss_of(value: Any) -> Value:
    value.name = "loss"
    return value  # type: ignore[no-any-return]


def rnn() -> Value:
    """Eight steps of one cell, and a cost at each."""
    rng = np.random.default_rng(0)
    Wxh, Whh, Why = (
        weight(*s, name=n) for s, n in (((4, 3), "Wxh"), ((4, 4), "Whh"), ((2, 4), "Why"))
    )
    bh, by = named(np.zeros(4), "bh"), named(np.zeros(2), "by")
    h: Any = np.zeros(4)
    loss: Any = 0.0
    for x, y in zip(rng.normal(size=(8, 3)), rng.normal(size=(8, 2)), strict=True):
        h = np.tanh(Wxh @ x + Whh @ h + bh)
        loss = loss + ((Why @ h + by - y) ** 2).sum()
    return loss_of(loss)


def residual() -> Value:
    x = named(np.random.default_rng(1).normal(size=(8, 16)), "x")
    hidden = (x @ weight(16, 16, name="W1")).relu()
    return loss_of(((x + hidden @ weight(16, 16, name="W2", seed=1)) ** 2).mean())


def attention() -> Value:
    """A block as in a transformer: layer norm, attention, layer norm, two layers; and a cost."""
    x = named(np.random.default_rng(2).normal(size=(6, 16)), "x")
    y = layer_norm(x, 1)
    q, k, v = (y @ weight(16, 16, name=f"W{n}", seed=s) for s, n in enumerate("qkv"))
    for value, name in ((q, "q"), (k, "k"), (v, "v")):
        value.name = name
    weights = ops.softmax(q @ k.T / 4.0, axis=-1)
    weights.name = "weights"
    x = x + weights @ v @ weight(16, 16, name="Wo", seed=3)
    hidden = (
        layer_norm(x, 2) @ weight(16, 32, name="W1", seed=4) + named(np.zeros(32), "b1")
    ).relu()
    x = x + hidden @ weight(32, 16, name="W2", seed=5) + named(np.zeros(16), "b2")
    return loss_of((x**2).mean())


def fifty() -> Value:
    """One value used fifty times."""
    v, total = named(0.3, "v"), Value(0.0)
    for k in range(50):
        total = total + (v * (k + 1.0)).sin()
    return total


def runge_kutta() -> Value:
    """Five steps of two species, by numbers alone."""
    a, b, x, y = named(1.1, "a"), named(0.4, "b"), named(1.0, "x0"), named(0.5, "y0")
    h = 0.1
    for step in range(1, 6):
        slopes: list[tuple[Any, Any]] = []
        for part in (0.0, 0.5, 0.5, 1.0):
            dx, dy = slopes[-1] if slopes else (0.0, 0.0)
            u, w = (x + dx * (part * h), y + dy * (part * h)) if slopes else (x, y)
            slopes.append((u * a - u * w * b, u * w * b - w * a))
        (p, q), (r, s), (t, u), (v, w) = slopes
        x = x + (p + r * 2.0 + t * 2.0 + v) * (h / 6)
        y = y + (q + s * 2.0 + u * 2.0 + w) * (h / 6)
        x.name, y.name = f"x{step}", f"y{step}"
    return (x - 1.0) ** 2 + (y - 1.0) ** 2


def second_order() -> Value:
    """The graph of a gradient."""
    w = named(0.7, "w")
    a = (w * 0.3 - 0.4).sigmoid()
    C = (a - 1.0) ** 2
    C.name = "C"
    return gradients(C, [w])[0]  # type: ignore[no-any-return]


def gaussian_process() -> Value:
    """The likelihood of 20 points."""
    rng = np.random.default_rng(3)
    t, y = np.sort(rng.random(20)), rng.normal(size=20)
    scale, size, noise = named(0.3, "scale"), named(1.0, "size"), named(0.1, "noise")
    K = size * np.exp((t[:, None] - t) ** 2 / (scale**2 * -2.0)) + noise * np.eye(20)
    K.name = "K"
    chol = np.linalg.cholesky(K)
    chol.name = "chol"
    fit = y @ np.linalg.solve(K, y)
    return loss_of(fit * 0.5 + np.log(np.diagonal(chol)).sum())


def lesson() -> Value:
    """784-16-16-10 on a batch of 100."""
    rng = np.random.default_rng(0)
    images = rng.random((100, 784), np.float32)
    targets = np.eye(10, dtype=np.float32)[rng.integers(0, 10, 100)]
    C: Value = nn.quadratic_cost(nn.MLP([784, 16, 16, 10], seed=0)(images), targets)
    return C


def deep() -> Value:
    """Ten layers of ten sigmoids: the gradient vanishes."""
    a: Any = np.random.default_rng(0).normal(size=(32, 10))
    for k in range(1, 11):
        z = a @ weight(10, 10, name=f"W{k}", seed=k) + named(np.zeros(10), f"b{k}")
        a = z.sigmoid()
    return loss_of(((a - 0.5) ** 2).mean())


def dead() -> Value:
    """Two layers of ReLUs, most of them dead."""
    a: Any = np.random.default_rng(0).normal(size=(32, 10))
    for k, b in enumerate((-2.0, -2.0, 0.0), 1):
        a = a @ weight(10, 10, name=f"W{k}", seed=k) + named(np.full(10, b), f"b{k}")
        a = a.relu() if k < 3 else a
    return loss_of((a**2).mean())


def exploding() -> Value:
    """A linear RNN whose numbers grow."""
    Whh, h = weight(4, 4, name="Whh") * 4.0, named(np.ones(4), "h0")
    W = named(Whh.data, "Whh")
    out: Any = h
    for _ in range(20):
        out = W @ out
    return loss_of((out**2).sum())


def not_a_number() -> Value:
    """A logarithm of negative numbers in the middle."""
    s, V = named(np.array([[-1.2, 2.0], [3.0, 4.0]]), "s"), named(np.eye(2), "V")
    with np.errstate(all="ignore"):
        q = np.log(s)
        q.name = "q"
        return loss_of(((q @ V) * 2.0).sum())


def not_a_number_deep() -> Value:
    """The same, in a chain of 3,000."""
    v: Any = named(0.5, "x")
    with np.errstate(all="ignore"):
        for k in range(1500):
            v = (v - 2.0).log() if k == 700 else (v * 1.001).sin() + 0.5
    return v  # type: ignore[no-any-return]


def tangle(n: int) -> Value:
    """Single numbers, each made of any two before it."""
    rng = np.random.default_rng(0)
    nodes: list[Any] = [Value(float(x)) for x in rng.normal(size=20)]
    for _ in range(n):
        i, j = rng.integers(max(0, len(nodes) - 200), len(nodes), 2)
        nodes.append(nodes[i].tanh() if rng.random() < 0.3 else nodes[i] * 0.5 + nodes[j] * 0.5)
    total = nodes[-1]
    for node in nodes[-60:-1]:
        total = total + node
    return total  # type: ignore[no-any-return]


GRAPHS: dict[str, Callable[[], Value]] = {
    "1 neuron": neuron,
    "2 2-4-4-1": lambda: scalar_layers((2, 4, 4, 1), 1)[0],
    "2 five examples": lambda: scalar_layers((2, 4, 4, 1), 5)[0],
    "3 RNN, 8 steps": rnn,
    "4 residual block": residual,
    "4 attention": attention,
    "5 used 50 times": fifty,
    "6 RK4, 5 steps": runge_kutta,
    "7 gradient of C": second_order,
    "8 Gaussian process": gaussian_process,
    "9 784-16-16-10": lesson,
    "10 ten layers": deep,
    "10 dead ReLUs": dead,
    "10 exploding": exploding,
    "10 nan": not_a_number,
    "10 nan of 3,000": not_a_number_deep,
    "11 tangle, 4,650": lambda: tangle(1700),
    "11 tangle, 45,313": lambda: tangle(16_800),
    "11 40 x 40": lambda: scalar_layers((2, 40, 40, 1), 1)[0],
    "11 chain, 50,001": lambda: chain(50_000),
}

TYPE = 11 * 4 / 3  # px of the type of a picture at full size


def size_of(svg: str) -> tuple[float, float]:
    """Width and height of a picture in px."""
    found = re.search(r'<svg width="(\d+)pt" height="(\d+)pt"', svg)
    assert found
    return int(found[1]) * 4 / 3, int(found[2]) * 4 / 3


def on_slide(svg: str) -> float:
    """The height of type, in px, when the whole picture is fitted into 1280 x 720."""
    width, height = size_of(svg)
    return TYPE * min(1280 / width, 720 / height)


def in_column(svg: str) -> float:
    """The height of type in a column of 700 px; nothing is enlarged."""
    return TYPE * min(700 / size_of(svg)[0], 1)
