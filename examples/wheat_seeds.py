"""The lesson's linked program, 7-2-1 on wheat seeds: our engine beside plain NumPy formulas.

python examples/wheat_seeds.py --data wheat-seeds-binary.csv

After a line of names, each line of the file has seven measurements of a kernel and its class, 1 or
2. Without a file, made-up kernels of the same form are used.
"""

import argparse

import numpy as np

import nn

LR = 0.01


def main(arguments: list[str] | None = None) -> tuple[float, float]:
    """Train both; print, and return, the largest difference of weights and the test accuracy."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="CSV file of the kernels (default: made-up ones)")
    parser.add_argument("--passes", type=int, default=100, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="of split and weights, %(default)s")
    options = parser.parse_args(arguments)
    rng = np.random.default_rng(options.seed)
    table = np.loadtxt(options.data, delimiter=",", skiprows=1) if options.data else made_up(rng)
    if table.ndim != 2 or table.shape[1] != 8 or not np.isin(table[:, 7], (1, 2)).all():
        parser.error("the data are seven numbers and a class, 1 or 2, in each line")
    table = rng.permutation(table)
    cut = round(0.7 * len(table))
    x = (table[:, :7] - table[:cut, :7].mean(0)) / table[:cut, :7].std(0)
    y = table[:, 7] - 1

    model = nn.MLP([7, 2, 1], output=None, seed=rng, dtype=np.float64)
    weights = [p.data.copy() for p in model.parameters()]
    train_ours(model, x[:cut], y[:cut], options.passes)
    train_plain(weights, x[:cut], y[:cut], options.passes)

    ours = [p.data for p in model.parameters()]
    difference = max(float(np.abs(p - w).max()) for p, w in zip(ours, weights, strict=True))
    accuracy = float(np.mean((model(x[cut:]).data[:, 0] > 0) == y[cut:]))
    print(f"{cut} kernels to train, {len(table) - cut} to test, {options.passes} passes")
    print(f"largest difference of a weight between the engine and plain NumPy: {difference:.1e}")
    print(f"test accuracy: {accuracy:.1%}")
    return difference, accuracy


def train_ours(model: nn.MLP, x: np.ndarray, y: np.ndarray, passes: int) -> None:
    """One example at a time; the log loss takes z2, and a2 = σ(z2) is the probability."""
    optimizer = nn.SGD(model.parameters(), lr=LR)
    for _ in range(passes):
        for x_k, y_k in zip(x, y, strict=True):
            optimizer.zero_grad()
            nn.binary_cross_entropy(model(x_k), [y_k]).backward()
            optimizer.step()


def train_plain(weights: list, x: np.ndarray, y: np.ndarray, passes: int) -> None:
    """The same by the formulas: C = −y ln a2 − (1 − y) ln(1 − a2), so that ∂C/∂z2 = a2 − y."""
    W1, b1, W2, b2 = weights
    for _ in range(passes):
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
    """140 kernels of two kinds, of which most can be told apart."""
    kind = np.repeat([1.0, 2.0], 70)
    sizes = np.array([15.0, 14.5, 0.88, 5.5, 3.2, 2.7, 5.1])
    noise = 0.1 * rng.standard_normal((140, 7))
    return np.column_stack([sizes * (1 + 0.1 * (kind[:, None] - 1.5) + noise), kind])


if __name__ == "__main__":
    main()
