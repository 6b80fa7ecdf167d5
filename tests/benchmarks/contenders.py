"""The lesson's training step, written in each library as its own users write it.

This file knows the libraries and one network: sigmoid layers, the quadratic cost (squared errors
summed over the outputs, averaged over the examples), plain gradient descent. It must not know
clocks. Each function below takes the starting weights `[W1, b1, W2, b2, W3, b3]`, the batches and
the learning rate, brings them into the library's own form, and returns a `Contender`; one whose
library is missing raises ImportError. A further way of computing the step is one more function,
and one more line in `CONTENDERS`.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

Weights = list[Any]
Batches = Sequence[tuple[Any, Any]]


class Contender(NamedTuple):
    """One library's training step: `run(n)` makes n steps, `weights()` tells where they led."""

    run: Callable[[int], None]
    weights: Callable[[], Weights] | None


def _steps(step: Callable[[Any, Any], None], batches: Batches) -> Callable[[int], None]:
    """`run(n)`: the next n steps, each on the next of the batches, over and over."""
    at = 0

    def run(count: int) -> None:
        nonlocal at
        for _ in range(count):
            step(*batches[at])
            at = (at + 1) % len(batches)

    return run


# --------------------------------------------------------------------------------------- by hand
def by_hand(start: Weights, batches: Batches, lr: float, *, with_cost: bool = False) -> Contender:
    """The lesson's formulas in NumPy, with no library.

    The step needs no cost; with `with_cost` it computes that too, as every library does.
    """
    weights = [w.copy() for w in start]
    W1, b1, W2, b2, W3, b3 = weights

    def step(x: Any, y: Any) -> None:
        a1 = 1 / (1 + np.exp(-(x @ W1.T + b1)))
        a2 = 1 / (1 + np.exp(-(a1 @ W2.T + b2)))
        a3 = 1 / (1 + np.exp(-(a2 @ W3.T + b3)))
        if with_cost:
            ((a3 - y) ** 2).sum() / len(x)
        dz3 = 2 / len(x) * (a3 - y) * a3 * (1 - a3)
        dz2 = dz3 @ W3 * a2 * (1 - a2)
        dz1 = dz2 @ W2 * a1 * (1 - a1)
        gradient = (
            *(dz1.T @ x, dz1.sum(axis=0)),
            *(dz2.T @ a1, dz2.sum(axis=0)),
            *(dz3.T @ a2, dz3.sum(axis=0)),
        )
        for w, g in zip(weights, gradient, strict=True):
            w -= lr * g

    return Contender(_steps(step, batches), lambda: weights)


def products(start: Weights, batches: Batches, lr: float) -> Contender:
    """The eight matrix products of the step and nothing else."""
    W1, _, W2, _, W3, _ = start
    a1, a2, a3 = (np.full((len(batches[0][0]), len(W)), 0.5, W.dtype) for W in (W1, W2, W3))

    def step(x: Any, y: Any) -> None:
        x @ W1.T
        a1 @ W2.T
        a2 @ W3.T
        a3.T @ a2
        a3 @ W3
        a2.T @ a1
        a2 @ W2
        a1.T @ x

    return Contender(_steps(step, batches), None)


# ------------------------------------------------------------------------------------------ ours
def ours(start: Weights, batches: Batches, lr: float) -> Contender:
    """autograd_mini through `nn`, as in its README."""
    import nn

    sizes = [start[0].shape[1], *(len(b) for b in start[1::2])]
    model = nn.MLP(sizes, activation="sigmoid", output="sigmoid", seed=0, dtype=np.float32)
    parameters = list(model.parameters())
    for p, w in zip(parameters, start, strict=True):
        p.data = w
    optimizer = nn.SGD(parameters, lr=lr)

    def step(x: Any, y: Any) -> None:
        loss = nn.quadratic_cost(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return Contender(_steps(step, batches), lambda: [p.data for p in parameters])


def ours_bare(start: Weights, batches: Batches, lr: float) -> Contender:
    """autograd_mini with Values and ops alone: what the engine costs without `nn`."""
    from autograd_mini import Value, ops

    parameters = [Value(w) for w in start]
    W1, b1, W2, b2, W3, b3 = parameters

    def step(x: Any, y: Any) -> None:
        a1 = ops.sigmoid(ops.affine(x, W1, b1))
        a2 = ops.sigmoid(ops.affine(a1, W2, b2))
        a3 = ops.sigmoid(ops.affine(a2, W3, b3))
        cost = np.sum((a3 - y) ** 2) / len(x)
        cost.backward()
        for p in parameters:
            p.data -= lr * p.grad
            p.grad = None

    return Contender(_steps(step, batches), lambda: [p.data for p in parameters])


def compiled(start: Weights, batches: Batches, lr: float) -> Contender:
    """The whole step, from weights to new weights, compiled by autograd_mini.

    It computes no cost, as the step by hand does not; every result is an array of its own.
    """
    import autograd_mini
    from autograd_mini import grad, ops

    weights = [w.copy() for w in start]

    def cost(weights: Any, x: Any, y: Any) -> Any:
        W1, b1, W2, b2, W3, b3 = weights
        a1 = ops.sigmoid(ops.affine(x, W1, b1))
        a2 = ops.sigmoid(ops.affine(a1, W2, b2))
        a3 = ops.sigmoid(ops.affine(a2, W3, b3))
        return ops.quadratic_cost(a3, y)

    @autograd_mini.compile
    def descend(weights: Any, x: Any, y: Any) -> Any:
        slopes = grad(cost)(weights, x, y)
        return [w - lr * g for w, g in zip(weights, slopes, strict=True)]

    def step(x: Any, y: Any) -> None:
        nonlocal weights
        weights = descend(weights, x, y)

    return Contender(_steps(step, batches), lambda: weights)


# ----------------------------------------------------------------------------------------- peers
def pytorch(start: Weights, batches: Batches, lr: float) -> Contender:
    """PyTorch, eager, with its own layers and optimizer."""
    import torch

    torch.set_num_threads(_threads())
    layers: list[torch.nn.Module] = []
    for W, b in zip(start[::2], start[1::2], strict=True):
        layer = torch.nn.Linear(W.shape[1], W.shape[0])
        layer.weight.data, layer.bias.data = torch.tensor(W), torch.tensor(b)
        layers += [layer, torch.nn.Sigmoid()]
    model = torch.nn.Sequential(*layers)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)

    def step(x: Any, y: Any) -> None:
        loss = ((model(x) - y) ** 2).sum() / len(x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    tensors = [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in batches]
    return Contender(
        _steps(step, tensors), lambda: [p.detach().numpy() for p in model.parameters()]
    )


def jax_jit(start: Weights, batches: Batches, lr: float) -> Contender:
    """JAX, the whole step compiled, its old weights given up (the faster way, also on a CPU).

    It is waited for once after each run, not after each step, as in a training loop.
    """
    import jax
    import jax.numpy as jnp

    def cost(weights: Any, x: Any, y: Any) -> Any:
        a = x
        for W, b in zip(weights[::2], weights[1::2], strict=True):
            a = jax.nn.sigmoid(a @ W.T + b)
        return jnp.sum((a - y) ** 2) / len(x)

    def descend(weights: Any, x: Any, y: Any) -> Any:
        slopes = jax.grad(cost)(weights, x, y)
        return [w - lr * g for w, g in zip(weights, slopes, strict=True)]

    compiled = jax.jit(descend, donate_argnums=0)
    weights = [jnp.array(w) for w in start]

    def step(x: Any, y: Any) -> None:
        nonlocal weights
        weights = compiled(weights, x, y)

    steps = _steps(step, [(jnp.array(x), jnp.array(y)) for x, y in batches])

    def run(count: int) -> None:
        steps(count)
        jax.block_until_ready(weights)

    return Contender(run, lambda: [np.asarray(w) for w in weights])


def pytensor(start: Weights, batches: Batches, lr: float) -> Contender:
    """PyTensor, the whole step compiled; its weights are shared, and updated in place."""
    import pytensor as pt
    import pytensor.tensor as tensor

    weights = [pt.shared(w.copy()) for w in start]
    x, y = a, _ = tensor.fmatrices("x", "y")
    for W, b in zip(weights[::2], weights[1::2], strict=True):
        a = tensor.sigmoid(a @ W.T + b)
    cost = ((a - y) ** 2).sum() / x.shape[0].astype("float32")
    slopes = tensor.grad(cost, weights)
    updates = [(w, w - np.float32(lr) * g) for w, g in zip(weights, slopes, strict=True)]
    descend = pt.function([x, y], [], updates=updates)
    descend.trust_input = True
    return Contender(_steps(descend, batches), lambda: [w.get_value() for w in weights])


def mygrad(start: Weights, batches: Batches, lr: float) -> Contender:
    """MyGrad, with its guard against writes into recorded arrays off, as it advises for speed."""
    import mygrad as mg
    from mygrad.nnet.activations import sigmoid

    mg.turn_memory_guarding_off()
    weights = [mg.tensor(w) for w in start]
    W1, b1, W2, b2, W3, b3 = weights

    def step(x: Any, y: Any) -> None:
        a1 = sigmoid(x @ W1.T + b1)
        a2 = sigmoid(a1 @ W2.T + b2)
        a3 = sigmoid(a2 @ W3.T + b3)
        cost = ((a3 - y) ** 2).sum() / len(x)
        cost.backward()
        for w in weights:
            w.data -= lr * w.grad
            w.null_grad()

    return Contender(_steps(step, batches), lambda: [w.data for w in weights])


def hips_autograd(start: Weights, batches: Batches, lr: float) -> Contender:
    """HIPS autograd: the gradient of a cost written in its NumPy."""
    import autograd.numpy as anp
    from autograd import grad

    weights = [w.copy() for w in start]

    def cost(weights: Any, x: Any, y: Any) -> Any:
        W1, b1, W2, b2, W3, b3 = weights
        a1 = 1 / (1 + anp.exp(-(anp.dot(x, W1.T) + b1)))
        a2 = 1 / (1 + anp.exp(-(anp.dot(a1, W2.T) + b2)))
        a3 = 1 / (1 + anp.exp(-(anp.dot(a2, W3.T) + b3)))
        return anp.sum((a3 - y) ** 2) / len(x)

    gradient = grad(cost)

    def step(x: Any, y: Any) -> None:
        for w, g in zip(weights, gradient(weights, x, y), strict=True):
            w -= lr * g

    return Contender(_steps(step, batches), lambda: weights)


def _threads() -> int:
    import os

    return int(os.environ["OMP_NUM_THREADS"])


Factory = Callable[[Weights, Batches, float], Contender]
CONTENDERS: dict[str, Factory] = {
    "NumPy by hand": by_hand,
    "NumPy by hand, with the cost": functools.partial(by_hand, with_cost=True),
    "its matrix products alone": products,
    "autograd_mini": ours,
    "autograd_mini without nn": ours_bare,
    "autograd_mini, compiled": compiled,
    "PyTorch eager": pytorch,
    "JAX jit": jax_jit,
    "PyTensor": pytensor,
    "MyGrad": mygrad,
    "HIPS autograd": hips_autograd,
}
