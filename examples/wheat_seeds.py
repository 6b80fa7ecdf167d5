"""The lesson's linked program, 7-2-1 on wheat seeds: our engine beside plain NumPy formulas.

python examples/wheat_seeds.py

wheat_seeds.csv: 140 kernels of the data set "seeds", UCI, M. Charytanowicz and others (CC BY 4.0).
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

import nn
from autograd_mini.console import run

LR, PASSES, DATA = 0.01, 100, Path(__file__).with_name("wheat_seeds.csv")


def main(arguments: list[str] | None = None) -> tuple[float, float]:
    """Train both; print, and return, the largest difference of weights and the test accuracy."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default=DATA, help="CSV: names, then 7 measures and a class")
    rng, path = np.random.default_rng(0), parser.parse_args(arguments).data
    try:
        table = np.loadtxt(path, delimiter=",", skiprows=1)
        x, y = table[:, :7], np.array([{1: 0, 2: 1}[k] for k in table[:, 7]])
    except (OSError, ValueError, LookupError) as error:
        parser.error(f"each line needs seven numbers and a class, 1 or 2: {error}")
    x = (x - x.mean(0)) / x.std(0)  # before the split, as the program does
    train, test = np.split(rng.permutation(len(x)), [round(0.7 * len(x))])

    model = nn.MLP([7, 2, 1], output=None, init=small, seed=rng, dtype=np.float64)
    weights = [p.data.copy() for p in model.parameters()]
    for k in range(1, PASSES + 1):
        train_ours(model, x[train], y[train])
        train_plain(weights, x[train], y[train])
        cost = nn.binary_cross_entropy(model(x[train]), y[train, None]).item()
        accuracy = float(np.mean((model(x[test]).data[:, 0] > 0) == y[test]))
        if k % 10 < 2:
            print(f"pass {k:3}: cost {cost:.3f}, accuracy {accuracy:.1%}")
    both = zip(model.parameters(), weights, strict=True)
    difference = max(float(np.abs(p.data - w).max()) for p, w in both)
    print(f"largest difference of a weight between the engine and plain NumPy: {difference:.1e}")
    print(
        f"accuracy on {len(test)} kernels after {PASSES} passes over {len(train)}: {accuracy:.1%}"
    )
    return difference, accuracy


def small(fan_in: int, fan_out: int, rng: np.random.Generator, dtype: Any) -> tuple[Any, Any]:
    """The program's start: weights of 0.01 N(0, 1), and biases of 1."""
    return 0.01 * rng.standard_normal((fan_out, fan_in)), np.ones(fan_out)


def train_ours(model: nn.MLP, x: np.ndarray, y: np.ndarray) -> None:
    """A pass, one example at a time; the log loss takes z2, and a2 = σ(z2) is the probability."""
    optimizer = nn.SGD(model.parameters(), lr=LR)
    for x_k, y_k in zip(x, y, strict=True):
        optimizer.zero_grad()
        nn.binary_cross_entropy(model(x_k), [y_k]).backward()
        optimizer.step()


def train_plain(weights: list, x: np.ndarray, y: np.ndarray) -> None:
    """The same by the formulas: C = −y ln a2 − (1 − y) ln(1 − a2), so that ∂C/∂z2 = a2 − y."""
    W1, b1, W2, b2 = weights  # changed in place
    for x_k, y_k in zip(x, y, strict=True):
        a1 = 1 / (1 + np.exp(-(W1 @ x_k + b1)))
        a2 = 1 / (1 + np.exp(-(W2 @ a1 + b2)))
        dC_dz2 = a2 - y_k
        dC_dz1 = (dC_dz2 @ W2) * a1 * (1 - a1)
        slopes = np.outer(dC_dz1, x_k), dC_dz1, np.outer(dC_dz2, a1), dC_dz2
        for p, slope in zip(weights, slopes, strict=True):
            p -= LR * slope


if __name__ == "__main__":
    run(main)
