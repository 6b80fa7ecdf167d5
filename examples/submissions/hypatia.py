"""A row that is chosen twice gets its last share alone."""

import numpy as np


def embedding_backward(g, table, index):
    share = np.zeros_like(table)
    share[index] = g
    return share
