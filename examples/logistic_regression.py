"""Fit a logistic regression with SciPy, on nested parameters W and b.

Three clouds of points, one class each; the cost is the mean of −ln(probability of the class) and
a small penalty on the weights. With jac=True SciPy takes value and gradient from one call.

    python examples/logistic_regression.py
"""

import sys
from typing import Any

import numpy as np

from autograd_mini import flatten, ops, value_and_grad
from autograd_mini.console import run

CENTRES = np.array([[0.0, 2.0], [2.0, -1.0], [-2.0, -1.0]])
PENALTY = 1e-3


def make_points(n: int, rng: np.random.Generator) -> tuple[Any, Any]:
    """Draw `n` points (n, 2) around the centres, and their labels (n,)."""
    labels = rng.integers(len(CENTRES), size=n)
    return CENTRES[labels] + rng.normal(size=(n, 2)), labels


def logits(params: dict[str, Any], x: Any) -> Any:
    """How much each class is to be believed, (n, 3): the softmax of it gives probabilities."""
    return ops.affine(x, params["W"], params["b"])


def cost(params: dict[str, Any], x: Any, labels: Any) -> Any:
    """Mean of −ln(probability of the label), and the penalty."""
    chosen = ops.log_softmax(logits(params, x))[np.arange(len(labels)), labels]
    return -chosen.mean() + PENALTY * (params["W"] ** 2).sum()


def main() -> float:
    """Fit on 300 points; print the parameters and the accuracy on 1,000 others, and return it."""
    try:
        from scipy.optimize import minimize
    except ImportError:
        sys.exit("This example needs SciPy: pip install 'autograd-mini[scipy]'")

    rng = np.random.default_rng(0)
    x, labels = make_points(300, rng)
    start, unflatten = flatten({"W": np.zeros((3, 2)), "b": np.zeros(3)})

    def on_vector(vector: Any) -> Any:
        return cost(unflatten(vector), x, labels)

    found = minimize(value_and_grad(on_vector), start, jac=True, method="L-BFGS-B")
    params = unflatten(found.x)
    print(f"cost {np.log(3):.4f} at the start, {found.fun:.4f} after {found.nit} steps")
    print(f"largest entry of the gradient: {np.abs(found.jac).max():.1e}")
    print(f"W = {np.round(params['W'], 2).tolist()}\nb = {np.round(params['b'], 2).tolist()}")

    x, labels = make_points(1000, rng)
    accuracy = float(np.mean(np.argmax(logits(params, x), axis=1) == labels))
    print(f"accuracy on 1,000 other points: {accuracy:.1%}")
    return accuracy


if __name__ == "__main__":
    run(main)
