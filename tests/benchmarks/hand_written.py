"""Backward passes by hand, right ones and wrong ones: what checkers of gradients are tried on."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

RNG = np.random.default_rng(0)


class Case(NamedTuple):
    """A forward, a backward (`backward(g, *args)` gives a tuple), and a point."""

    name: str
    right: bool
    forward: Callable[..., Any]
    backward: Callable[..., Any]
    args: tuple[Any, ...]


def cases() -> list[Case]:
    """All of them, the ten right layers first."""
    return [*layers(), *elementwise()]


# ------------------------------------------------------------------------------------- layers
def softmax(x: Any) -> Any:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def dense_back(slip: str = "") -> Any:
    def backward(g: Any, x: Any, W: Any, b: Any) -> Any:
        return g @ W.T, x.T @ g, g.mean(0) if slip == "b" else g.sum(0)

    return backward


def norm(x: Any, gamma: Any, beta: Any, axis: int = -1) -> Any:
    sd = np.sqrt(x.var(axis, keepdims=True) + 1e-5)
    return gamma * (x - x.mean(axis, keepdims=True)) / sd + beta


def norm_back(slip: str = "", axis: int = -1) -> Any:
    def backward(g: Any, x: Any, gamma: Any, beta: Any) -> Any:
        var = x.var(axis, keepdims=True)
        sd = np.sqrt(var) + 1e-5 if slip == "eps outside" else np.sqrt(var + 1e-5)
        sd = np.sqrt(var) if slip == "no eps" else sd
        h, share = (x - x.mean(axis, keepdims=True)) / sd, g * gamma
        dx = share - (0 if slip == "mean" else share.mean(axis, keepdims=True))
        dx = dx - (0 if slip == "variance" else h * (share * h).mean(axis, keepdims=True))
        return dx / sd, (g * h).sum(0), g.sum(0)

    return backward


def pooled(x: Any) -> Any:
    return x.reshape(len(x) // 2, 2, -1).max(axis=1)


def pooled_back(slip: str = "") -> Any:
    def backward(g: Any, x: Any) -> Any:
        pairs = x.reshape(len(x) // 2, 2, -1)
        top = pairs == pairs.max(axis=1, keepdims=True)
        share = top if slip == "ties" else top / top.sum(axis=1, keepdims=True)
        return ((share * g[:, None]).reshape(x.shape),)

    return backward


def conv(x: Any, W: Any) -> Any:
    n, k = len(x) - len(W) + 1, len(W)
    return np.array([[np.sum(x[i : i + k, j : j + k] * W) for j in range(n)] for i in range(n)])


def conv_back(slip: str = "") -> Any:
    def backward(g: Any, x: Any, W: Any) -> Any:
        dx, dW, k = np.zeros_like(x), np.zeros_like(W), len(W)
        kernel = W[::-1, ::-1] if slip == "flipped" else W
        for i, j in np.ndindex(g.shape):
            dx[i : i + k, j : j + k] += g[i, j] * kernel
            dW += g[i, j] * x[i : i + k, j : j + k]
        return dx, dW / (2 if slip == "half" else 1)

    return backward


def entropy(x: Any) -> Any:
    return -np.log(softmax(x)[np.arange(len(x)), np.arange(len(x))]).mean()


def entropy_back(slip: str = "") -> Any:
    def backward(g: Any, x: Any) -> Any:
        p = softmax(x) - np.eye(*x.shape)
        return (g * p / (1 if slip == "n" else len(x)),)

    return backward


def attention(q: Any, k: Any, v: Any) -> Any:
    return softmax(q @ k.T / 2.0) @ v


def attention_back(slip: str = "") -> Any:
    def backward(g: Any, q: Any, k: Any, v: Any) -> Any:
        p = softmax(q @ k.T / 2.0)
        dp = g @ v.T
        ds = p * (dp - (0 if slip == "sum" else (dp * p).sum(-1, keepdims=True)))
        ds = ds / (1.0 if slip == "scale" else 2.0)
        return ds @ k, ds.T @ q, p.T @ g

    return backward


ROWS = np.array([0, 2, 0, 1])


def embedding_back(slip: str = "") -> Any:
    def backward(g: Any, table: Any) -> Any:
        share = np.zeros_like(table)
        if slip == "overwritten":
            share[ROWS] = g
        else:
            np.add.at(share, ROWS, g)
        return (share,)

    return backward


def gate(x: Any, c: Any) -> Any:
    s = 1 / (1 + np.exp(-x))
    return np.stack([s * np.tanh(c), s * c])


def gate_back(slip: str = "") -> Any:
    def backward(g: Any, x: Any, c: Any) -> Any:
        s, t = 1 / (1 + np.exp(-x)), np.tanh(c)
        dc = g[0] * s * (1 - t * t) + (0 if slip == "lost" else g[1] * s)
        return (g[0] * t + g[1] * c) * (s if slip == "s" else s * (1 - s)), dc

    return backward


def layers() -> list[Case]:
    draw = RNG.normal
    x, square = draw(size=(3, 4)), draw(size=(4, 4))
    ln = (x, draw(size=4), draw(size=4))
    tied = np.array([[1.0, 2.0], [1.0, 3.0], [0.0, 1.0], [2.0, 1.0]])
    seq = (draw(size=(3, 4)), draw(size=(5, 4)), draw(size=(5, 2)))
    batch = lambda *args: norm(*args, axis=0)
    table: list[tuple[str, Any, Any, tuple[Any, ...], list[str]]] = [
        ("dense", lambda x, W, b: x @ W + b, dense_back, (x, square, ln[1]), ["b"]),
        ("layer norm", norm, norm_back, ln, ["mean", "variance", "eps outside", "no eps"]),
        (
            "batch norm",
            batch,
            lambda slip="": norm_back(slip, axis=0),
            (draw(size=(6, 4)), *ln[1:]),
            ["variance"],
        ),
        ("max pool", pooled, pooled_back, (tied,), ["ties"]),
        ("conv2d", conv, conv_back, (square, draw(size=(2, 2))), ["flipped", "half"]),
        ("cross entropy", entropy, entropy_back, (x,), ["n"]),
        ("attention", attention, attention_back, seq, ["sum", "scale"]),
        ("embedding", lambda t: t[ROWS], embedding_back, (x,), ["overwritten"]),
        ("lstm gate", gate, gate_back, (x, x + 1), ["lost", "s"]),
        (
            "softmax",
            softmax,
            lambda slip="": (
                lambda g, x: (softmax(x) * (g - (g * softmax(x)).sum(-1, keepdims=True)),)
            ),
            (x,),
            [],
        ),
    ]
    found = [Case(name, True, f, back(), args) for name, f, back, args, _ in table]
    for name, f, back, args, slips in table:
        found += [Case(f"{name}: {slip}", False, f, back(slip), args) for slip in slips]
    return found


# -------------------------------------------------------------------------------- elementwise
Pair = tuple[Callable[[Any], Any], Callable[[Any], Any]]
FUNCTIONS: dict[str, Pair] = {
    "log": (np.log, lambda x: 1 / x),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "1/x": (lambda x: 1 / x, lambda x: -1 / x**2),
    "x²": (lambda x: x * x, lambda x: 2 * x),
    "x³": (lambda x: x * x * x, lambda x: 3 * x * x),
    "exp": (np.exp, np.exp),
    "sin": (np.sin, np.cos),
    "sin 1e3 x": (lambda x: np.sin(1e3 * x), lambda x: 1e3 * np.cos(1e3 * x)),
    "sin 1e4 x": (lambda x: np.sin(1e4 * x), lambda x: 1e4 * np.cos(1e4 * x)),
    "1e-16 sin": (lambda x: 1e-16 * np.sin(x), lambda x: 1e-16 * np.cos(x)),
    "relu": (lambda x: np.maximum(x, 0), lambda x: np.where(x > 0, 1.0, 0.0)),
    "abs": (np.abs, np.sign),
    "pinball": (
        lambda x: np.where(x > 0, 0.9 * x, -0.1 * x),
        lambda x: np.where(x > 0, 0.9, -0.1),
    ),
}
RIGHT: list[tuple[str, list[float]]] = [
    *(("log", [x]) for x in (1e-8, 1e-5, 1.0, 1e10)),
    *(("sqrt", [x]) for x in (1e-5, 1.0, 1e10)),
    *(("1/x", [x]) for x in (1e-8, 1e-3, 1e6)),
    *(("x²", [x]) for x in (1e6, 1e10)),
    *(("x³", [x]) for x in (1e-6, 1e6)),
    *(("exp", [100.0]), ("sin 1e3 x", [0.3]), ("sin 1e4 x", [0.3]), ("1e-16 sin", [0.3])),
    *(("relu", [0.0, 1.0]), ("relu", [1e-7, -1e-7]), ("abs", [0.0, 2.0])),
    *(("pinball", [0.0, 1.0]), ("sin", [0.3, 1.0]), ("exp", [0.0, -5.0])),
]
WRONG: list[tuple[str, list[float], float]] = [
    *(("log", [x], 2.0) for x in (1e-8, 1e-5, 1e-3, 1.0, 1e10)),
    *(("sqrt", [x], 2.0) for x in (1e-5, 1e10)),
    *(("1/x", [x], 2.0) for x in (1e-8, 1e-3, 1e6)),
    *(("x²", [x], 0.5) for x in (1e9, 1e10)),
    *(("x³", [1e-6], 2.0), ("exp", [100.0], 1.001), ("1e-16 sin", [0.3], 3.0)),
    *(("sin 1e3 x", [0.3], 3.0), ("sin 1e4 x", [0.3], 3.0), ("sin", [0.3], -1.0)),
    *(("sin", [0.3, 1.0], 1.001), ("sin", [0.3], 1 + 1e-5), ("sin", [0.3], 1 + 1e-6)),
    *(("relu", [1.0, -1.0], 2.0), ("abs", [1e-7, 2.0], 3.0), ("exp", [0.0, 1.0], 0.0)),
]


def of_slope(slope: Any, factor: Any = 1.0) -> Any:
    return lambda g, x: (g * factor * slope(x),)


def elementwise() -> list[Case]:
    found = []
    for name, x in RIGHT:
        f, slope = FUNCTIONS[name]
        found.append(Case(f"{name} at {x}", True, f, of_slope(slope), (np.array(x),)))
    for name, x, factor in WRONG:
        f, slope = FUNCTIONS[name]
        text = f"{name} at {x}, {factor:g} times"
        found.append(Case(text, False, f, of_slope(slope, factor), (np.array(x),)))
    noise = np.random.default_rng(0)
    two = np.array([0.3, 1.0])
    fifty = np.linspace(0.0, 5.0, 50)
    more: list[tuple[str, Any, Any, Any]] = [
        ("noise, 7 for 2", lambda x: 2 * x + noise.normal(size=2), of_slope(lambda x: 7.0), two),
        (
            "a nan beside it, 7 for 2",
            lambda x: 2 * x + np.array([np.nan, 0.0]),
            of_slope(lambda x: 7.0),
            two,
        ),
        ("relu at 0, 1.5", FUNCTIONS["relu"][0], of_slope(lambda x: 1.5 * (x >= 0)), np.zeros(1)),
        ("abs at 0, 3", np.abs, of_slope(lambda x: np.where(x >= 0, 3.0, -1.0)), np.zeros(1)),
        (
            "one of fifty, 1e-3",
            np.abs,
            of_slope(lambda x: np.sign(x) + 1e-3 * (np.arange(50) == 7)),
            fifty,
        ),
        ("relu and a wrong sin", _relu_and_sin, _relu_and_sin_back, np.array([0.0, 1.0])),
    ]
    return found + [Case(name, False, f, back, (x,)) for name, f, back, x in more]


def _relu_and_sin(x: Any) -> Any:
    return np.stack([np.maximum(x[0], 0), np.sin(x[1])])


def _relu_and_sin_back(g: Any, x: Any) -> Any:
    return (g * np.stack([np.where(x[0] > 0, 1.0, 0.0), 1.0005 * np.cos(x[1])]),)
