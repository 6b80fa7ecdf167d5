"""The derivatives of the lesson one by one: from its formulas, and from backward().

python examples/formulas.py
"""

import numpy as np

import nn
from autograd_mini import Value
from autograd_mini.console import run


def main() -> None:
    """Print both nets' derivatives, and by how much formula and backward() differ at most."""
    rows = [*one_neuron_a_layer(), *branching()]
    print(f"\nlargest difference of {len(rows)} pairs: {max(abs(f - b) for f, b in rows):.1e}")


def one_neuron_a_layer() -> list[tuple[float, float]]:
    """A chain of neurons: C depends on each weight through everything after it."""
    print("ONE NEURON A LAYER: z = w a_prev + b, a = σ(z), σ'(z) = a(1 − a), C = (a3 − y)²")
    y = 1.0
    w = [Value(0.8, name="w1"), Value(-1.1, name="w2"), Value(0.6, name="w3")]
    b = [Value(0.1, name="b1"), Value(0.4, name="b2"), Value(-0.2, name="b3")]
    a = [Value(0.9, name="a0")]
    for w_i, b_i in zip(w, b, strict=True):
        a.append((w_i * a[-1] + b_i).sigmoid())
    ((a[-1] - y) ** 2).backward()

    rows = []
    dC_da = 2 * (a[3].item() - y)
    for i in (2, 1, 0):  # back from the last layer
        da_dz = a[i + 1].item() * (1 - a[i + 1].item())
        factors = f"∂C/∂a{i + 1} · σ'(z{i + 1})"
        dC_dz = dC_da * da_dz
        dC_da = dC_dz * w[i].item()  # for the layer before
        rows += [
            show(f"∂C/∂w{i + 1} = {factors} · a{i}", dC_dz * a[i].item(), w[i].grad),
            show(f"∂C/∂b{i + 1} = {factors} · 1", dC_dz, b[i].grad),
            show(f"∂C/∂a{i} = {factors} · w{i + 1}", dC_da, a[i].grad),
        ]
    return rows


def branching() -> list[tuple[float, float]]:
    """Several neurons a layer: an activation acts on C through every neuron that it feeds."""
    print("\nTHE BRANCHING NET 2-3-2: z_j = Σ_k w_jk a_k + b_j, C = Σ_j (a_j − y_j)²")
    model = nn.MLP([2, 3, 2], init="standard_normal", seed=0, dtype=np.float64)
    (W1, b1), (W2, b2) = [(layer.W, layer.b) for layer in model.layers]
    a0, y = Value([0.5, -0.3], name="a0"), np.array([1.0, 0.0])
    a1 = model.activations[0](model.layers[0](a0))
    a2 = model.activations[1](model.layers[1](a1))
    nn.quadratic_cost(a2, y).backward()

    rows = []
    dC_da = 2 * (a2.data - y)
    for i, W, b, a_prev, a in ((2, W2, b2, a1, a2), (1, W1, b1, a0, a1)):
        dC_dz = [dC_da[j] * a.data[j] * (1 - a.data[j]) for j in range(len(b))]
        for j, k in np.ndindex(W.shape):
            name = f"∂C/∂w{i}[{j},{k}] = ∂C/∂a{i}[{j}] · σ'(z{i}[{j}]) · a{i - 1}[{k}]"
            rows.append(show(name, dC_dz[j] * a_prev.data[k], W.grad[j, k]))
        rows += [show(f"∂C/∂b{i}[{j}]", dC_dz[j], b.grad[j]) for j in range(len(b))]
        dC_da = [sum(W.data[j, k] * dC_dz[j] for j in range(len(b))) for k in range(len(a_prev))]
        for k, total in enumerate(dC_da):
            shares = " ".join(f"{W.data[j, k] * dC_dz[j]:+.4f}" for j in range(len(b)))
            rows.append(show(f"∂C/∂a{i - 1}[{k}], sum over j: {shares}", total, a_prev.grad[k]))
    return rows


def show(name: str, formula: float, backward: float) -> tuple[float, float]:
    """Print a derivative from both sides."""
    print(f"  {name:48} formula {formula:+.12f}   backward {backward:+.12f}")
    return formula, backward


if __name__ == "__main__":
    run(main)
