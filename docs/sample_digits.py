"""Make the digits that come with the project: `python docs/sample_digits.py FOLDER_WITH_MNIST`.

The first 500 of every class of MNIST's training files; each fifth of them is to test, the others
are to train, and the classes take turns.
"""

import gzip
import sys
from pathlib import Path

import numpy as np

import nn

SAMPLE = Path(nn.__file__).parent / "data" / "sample"


def idx(array: np.ndarray) -> bytes:
    """The bytes of an IDX file, packed; the same for the same array."""
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return gzip.compress(header + array.tobytes(), 9, mtime=0)


if __name__ == "__main__":
    source = Path(sys.argv[1])
    images = nn.read_idx(source / "train-images-idx3-ubyte.gz")
    labels = nn.read_idx(source / "train-labels-idx1-ubyte.gz")
    by_class = np.stack([np.flatnonzero(labels == digit)[:500] for digit in range(10)])
    to_test = np.arange(500) % 5 == 4
    for name, chosen in (("train", by_class[:, ~to_test]), ("t10k", by_class[:, to_test])):
        those = chosen.T.ravel()
        (SAMPLE / f"{name}-images-idx3-ubyte.gz").write_bytes(idx(images[those]))
        (SAMPLE / f"{name}-labels-idx1-ubyte.gz").write_bytes(idx(labels[those]))
