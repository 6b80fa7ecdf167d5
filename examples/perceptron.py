"""One neuron with a step learns AND and OR, not XOR; two layers with sigmoid learn that too.

python examples/perceptron.py --picture activations.png
"""

import argparse

import numpy as np

import nn
from autograd_mini import no_grad, ops
from autograd_mini.console import run
from nn.lesson.nudges import nudges
from nn.pictures.figure import save_figure
from nn.pictures.lesson import draw_activations

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
TARGETS = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}


def main(arguments: list[str] | None = None) -> None:
    """Train the neuron, the two layers, and two layers with a step; draw the activations."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--picture", help="draw each activation with its derivative to this file")
    options = parser.parse_args(arguments)

    print("One neuron, a = step(z), whose derivative is 0 and is taken as 1 instead:")
    for name in TARGETS:
        learn(name, nn.MLP([2, 1], ops.step, seed=0, dtype=np.float64), lr=0.1, passes=100)
    print("\nTwo layers, 2-3-1, with sigmoid and its true derivative:")
    learn("XOR", two_layers("sigmoid", seed=1), lr=2.0, passes=400)

    print("\nTwo layers, 2-3-1, with step: how the gradient judges the hidden neurons at (1, 1):")
    hidden, last = nudges(two_layers(ops.step, 1), nn.quadratic_cost, X[3:], [[0.0]]).layers
    z = X[3] @ hidden.weights.T + hidden.biases
    for j, w in enumerate(last.weights[0]):
        print(f"  z = {z[j]:+.2f}: ∂C/∂z = {-hidden.z[0, j]:+.2f} = 2(a − y) w, with w = {w:+.2f}")
    print("z has no part in it: far from tipping or near, each is moved as in a linear network.")
    for name, activation, lr in (("step", ops.step, 0.1), ("sigmoid", "sigmoid", 2.0)):
        learnt = [learn("", two_layers(activation, seed), lr, passes=250) for seed in range(12)]
        print(f"  XOR learnt with {name:7} from {sum(learnt):2} of 12 random starts")
    print(
        "With one layer no harm is done: the step is then 'add the inputs, times the error', the\n"
        "perceptron's rule, which gets there wherever one line parts the classes. With a layer\n"
        "behind it nothing vouches for it; a smooth activation tells how much a neuron matters."
    )
    if options.picture:
        save_figure(draw_activations(), options.picture)
        print(f"each activation with its derivative: {options.picture}")


def two_layers(activation: object, seed: int) -> nn.MLP:
    """Three hidden neurons and one output."""
    return nn.MLP([2, 3, 1], activation, init="standard_normal", seed=seed, dtype=np.float64)


def learn(name: str, model: nn.MLP, lr: float, passes: int) -> bool:
    """Take the four rows in turn until all outputs are within 0.2; report it under a name."""
    y = TARGETS[name or "XOR"]
    optimizer = nn.SGD(model.parameters(), lr=lr)
    for done in range(passes + 1):
        with no_grad():
            outputs = model(X).data.ravel()
        if np.abs(outputs - y).max() < 0.2 or done == passes:
            break
        for x_k, y_k in zip(X, y, strict=True):
            optimizer.zero_grad()
            nn.quadratic_cost(model(x_k), [y_k]).backward()
            optimizer.step()
    if name:
        said = ", ".join(f"{a:.2g}" for a in outputs)
        right = np.sum((outputs > 0.5) == np.array(y))
        print(f"  {name:3}  {right} of 4 right after {done} passes; outputs {said} for {y}")
    return done < passes


if __name__ == "__main__":
    run(main)
