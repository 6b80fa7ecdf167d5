"""The cost is a mean, and its gradient is not divided by n."""

import numpy as np


def cross_entropy_backward(g, logits, labels):
    e = np.exp(logits - logits.max(-1, keepdims=True))
    p = e / e.sum(-1, keepdims=True)
    p[np.arange(len(labels)), labels] -= 1
    return g * p
