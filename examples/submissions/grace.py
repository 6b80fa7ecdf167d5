"""Leaves out g, so the cost cannot be a part of another."""

import numpy as np


def cross_entropy_backward(g, logits, labels):
    e = np.exp(logits - logits.max(-1, keepdims=True))
    p = e / e.sum(-1, keepdims=True)
    p[np.arange(len(labels)), labels] -= 1
    return p / len(labels)
