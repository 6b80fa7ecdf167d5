"""Forgets that the variance depends on x."""

import numpy as np


def layer_norm_backward(g, x):
    s = np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    return (g - g.mean(-1, keepdims=True)) / s
