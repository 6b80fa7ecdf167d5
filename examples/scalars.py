"""One neuron learns one example by gradient descent, with numbers alone."""

from autograd_mini import Value

w, b = Value(-0.5, name="w"), Value(1.5, name="b")
for step in range(6):
    a = (w * 2.0 + b).relu()
    C = (a - 3.0) ** 2
    C.backward()
    print(
        f"{step}: a = {a.data:.4f}, C = {C.data:.4f}, dC/dw = {w.grad:.4f}, dC/db = {b.grad:.4f}"
    )
    for v in (w, b):
        v.data -= 0.07 * v.grad
        v.grad = None
