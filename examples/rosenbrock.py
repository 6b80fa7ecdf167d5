"""Find the lowest point of Rosenbrock's valley with SciPy, on nested parameters.

The function is written for a dict; SciPy wants a vector and, with jac=True, value and gradient in
one call. `flatten` turns the one into the other and back.

    python examples/rosenbrock.py
"""

import sys
from typing import Any

import numpy as np

from autograd_mini import flatten, hvp, value_and_grad
from autograd_mini.console import run

START = {"head": 1.3, "tail": np.array([0.7, 0.8, 1.9, 1.2])}


def rosenbrock(point: dict[str, Any]) -> Any:
    """Rosenbrock's function: a curved valley whose lowest point, 0, is where all numbers are 1."""
    x = np.concatenate([np.reshape(point["head"], (1,)), point["tail"]])
    low, high = x[:-1], x[1:]
    return (100 * (high - low**2) ** 2 + (1 - low) ** 2).sum()


def main() -> Any:
    """Descend with BFGS, then with Newton's method on Hessian-vector products."""
    try:
        from scipy.optimize import minimize
    except ImportError:
        sys.exit("This example needs SciPy: pip install 'autograd-mini[scipy]'")

    start, unflatten = flatten(START)

    def on_vector(vector: Any) -> Any:
        return rosenbrock(unflatten(vector))

    def curvature(vector: Any, direction: Any) -> Any:
        return hvp(on_vector, (vector,), (direction,))[0]

    for method, more in (("BFGS", {}), ("Newton-CG", {"hessp": curvature})):
        found = minimize(
            value_and_grad(on_vector), start, jac=True, method=method, tol=1e-10, **more
        )
        point = unflatten(found.x)
        distance = np.abs(found.x - 1).max()
        print(f"{method}: {found.nit} steps, {found.nfev} calls, {distance:.1e} from the minimum")
    print(f"head {point['head']:.6f}, tail {np.round(point['tail'], 6).tolist()}")
    return point


if __name__ == "__main__":
    run(main)
