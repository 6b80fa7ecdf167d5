"""Changes to images that leave their labels true, so that a network sees more than it was given.

This file knows arrays of images; it must not know Values, models or training.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def shift_images(
    images: NDArray[Any], rng: np.random.Generator, *, pixels: int = 1
) -> NDArray[Any]:
    """Shift each square image by whole pixels, up to `pixels` each way; blank paper comes in.

    `images` has shape (n, side * side), row by row, with 0 for the paper. The result is a new
    array of the same shape and dtype. Both shifts of an image, down and to the right, are drawn
    from `rng`, uniformly from -pixels to pixels.

    Raises ValueError for images that are not square, or a negative number of pixels.

    >>> image = np.array([[0, 0, 0, 0, 7, 0, 0, 0, 0]])
    >>> shift_images(image, np.random.default_rng(3)).reshape(3, 3)
    array([[0, 0, 7],
           [0, 0, 0],
           [0, 0, 0]])
    """
    side = math.isqrt(images.shape[-1]) if images.ndim == 2 else 0
    if not side or images.shape[1] != side * side:
        raise ValueError(f"square images have shape (n, side * side), not {images.shape}")
    if pixels < 0:
        raise ValueError(f"images are shifted by at least 0 pixels, not {pixels}")
    n, inside = len(images), slice(pixels, pixels + side)
    padded = np.zeros((n, side + 2 * pixels, side + 2 * pixels), images.dtype)
    padded[:, inside, inside] = images.reshape(n, side, side)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (side, side), axis=(1, 2))
    top, left = rng.integers(0, 2 * pixels + 1, (2, n))
    shifted: NDArray[Any] = windows[np.arange(n), top, left].reshape(n, side * side)
    return shifted
