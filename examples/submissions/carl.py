"""Adds eps outside of the root."""

import numpy as np


def layer_norm_backward(g, x):
    s = np.sqrt(x.var(-1, keepdims=True)) + 1e-5
    h = (x - x.mean(-1, keepdims=True)) / s
    return (g - g.mean(-1, keepdims=True) - h * (g * h).mean(-1, keepdims=True)) / s
