"""The lesson's linked program, 7-2-1 on wheat seeds: our engine beside plain NumPy formulas.

python examples/wheat_seeds.py --data wheat-seeds-binary.csv
"""

import argparse

import numpy as np

import nn
from autograd_mini.console import run

LR, PASSES = 0.01, 100


def main(arguments: list[str] | None = None) -> tuple[float, float]:
    """Train both; print, and return, the largest difference of weights and the test accuracy."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="CSV: names, then 7 measures and class 1 or 2 a line")
    parser.add_argument("--seed", type=int, default=0, help="of split and weights, %(default)s")
    options = parser.parse_args(arguments)
    rng = np.random.default_rng(options.seed)
    try:
        data = options.data
        table = np.loadtxt(data, delimiter=",", skiprows=1) if data else made_up(rng)
        features, y = table[:, :7], table[:, 7] - 1
        if not np.isin(y, (0, 1)).all():
            raise ValueError("a class is neither 1 nor 2")
    except (OSError, ValueError, IndexError) as error:
        parser.error(f"each line needs seven numbers and a class, 1 or 2: {error}")
    train, test = np.split(rng.permutation(len(table)), [round(0.7 * len(table))])
    x = (features - features[train].mean(0)) / features[train].std(0)

    model = nn.MLP([7, 2, 1], output=None, seed=rng, dtype=np.float64)
    weights = [p.data.copy() for p in model.parameters()]
    train_ours(model, x[train], y[train])
    train_plain(weights, x[train], y[train])
    pairs = zip(model.parameters(), weights, strict=True)
    difference = max(float(np.abs(p.data - w).max()) for p, w in pairs)
    accuracy = float(np.mean((model(x[test]).data[:, 0] > 0) == y[test]))
    print(f"largest difference of a weight between the engine and plain NumPy: {difference:.1e}")
    kernels = f"{len(test)} {'' if data else 'made-up '}kernels"
    print(f"accuracy on {kernels} after {PASSES} passes over {len(train)}: {accuracy:.1%}")
    return difference, accuracy


def train_ours(model: nn.MLP, x: np.ndarray, y: np.ndarray) -> None:
    """One example at a time; the log loss takes z2, and a2 = σ(z2) is the probability."""
    optimizer = nn.SGD(model.parameters(), lr=LR)
    for _ in range(PASSES):
        for x_k, y_k in zip(x, y, strict=True):
            optimizer.zero_grad()
            nn.binary_cross_entropy(model(x_k), [y_k]).backward()
            optimizer.step()


def train_plain(weights: list, x: np.ndarray, y: np.ndarray) -> None:
    """The same by the formulas: C = −y ln a2 − (1 − y) ln(1 − a2), so that ∂C/∂z2 = a2 − y."""
    W1, b1, W2, b2 = weights
    for _ in range(PASSES):
        for x_k, y_k in zip(x, y, strict=True):
            a1 = 1 / (1 + np.exp(-(W1 @ x_k + b1)))
            a2 = 1 / (1 + np.exp(-(W2 @ a1 + b2)))
            dC_dz2 = a2 - y_k
            dC_dz1 = (dC_dz2 @ W2) * a1 * (1 - a1)
            W1 -= LR * np.outer(dC_dz1, x_k)
            b1 -= LR * dC_dz1
            W2 -= LR * np.outer(dC_dz2, a1)
            b2 -= LR * dC_dz2


def made_up(rng: np.random.Generator) -> np.ndarray:
    """140 kernels of two kinds, most of which can be told apart."""
    kind = np.repeat([1.0, 2.0], 70)[:, None]
    return np.hstack([5 + 0.5 * kind + 0.5 * rng.standard_normal((140, 7)), kind])


if __name__ == "__main__":
    run(main)
