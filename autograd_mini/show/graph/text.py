"""Numbers, arrays and names as short text.

This file knows how much of a number a reader wants to see. It must not know graphs.
"""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_mini.words import Say

MINUS = "−"
_BLOCKS = "▁▂▃▄▅▆▇█"
_MOST_BLOCKS = 20


def number(x: Any) -> str:
    """Three significant digits, with a true minus sign.

    >>> number(-0.06154), number(13002.0), number(1.5e-7), number(float("nan"))
    ('−0.0615', '13002', '1.5e−7', 'nan')
    """
    x = float(x)
    text = f"{x:.0f}" if 1e3 <= abs(x) < 1e6 else f"{x:.3g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", MINUS) if x else "0"


def signed(x: Any) -> str:
    """As `number`, with a sign in front even of what is positive."""
    text = number(x)
    return text if text[0] in f"{MINUS}n" else f"+{text}"


def count(n: int, what: str, plural: str = "") -> str:
    """A number of things.

    >>> count(1, "node"), count(1234, "node")
    ('1 node', '1,234 nodes')
    """
    return f"{n:,} {what if n == 1 else plural or what + 's'}"


def shape(data: Any) -> str:
    """`16×784 float32` for an array, "" for a number."""
    dims = np.shape(data)
    return f"{'×'.join(map(str, dims))} {data.dtype}" if dims else ""


def histogram(array: Any, bins: int = 10) -> str:
    """How the finite elements spread from the least to the largest, as a row of blocks.

    >>> histogram(np.array([0.0, 0.1, 0.1, 0.9]), bins=3)
    '█▁▄'
    """
    flat = np.asarray(array, float).ravel()
    flat = flat[np.isfinite(flat)]
    with np.errstate(over="ignore"):
        width = np.ptp(flat) if flat.size else 0.0
    if not width or not np.isfinite(width):
        return ""
    if not np.diff(np.linspace(flat.min(), flat.max(), bins + 1)).all():
        return ""  # so narrow that the edges of the bins are not apart
    counts, _ = np.histogram(flat, bins)
    heights = np.ceil(counts / counts.max() * (len(_BLOCKS) - 1)).astype(int)
    return "".join(_BLOCKS[h] for h in heights)


def natural(name: str) -> list[tuple[int, str]]:
    """A key to sort names as people do, numbers by their size.

    >>> sorted(["a[10]", "a[9]", "W"], key=natural)
    ['W', 'a[9]', 'a[10]']
    """
    parts = re.split(r"(\d+)", name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def sparkline(numbers: Sequence[float]) -> str:
    """Numbers in a row as blocks, from the least to the largest; of many, some evenly spaced.

    >>> sparkline([1.0, 2.0, 8.0]), sparkline([3.0, 3.0])
    ('▁▂█', '▄▄')
    """
    chosen = np.linspace(0, len(numbers) - 1, min(len(numbers), _MOST_BLOCKS)).astype(int)
    numbers = [numbers[k] for k in chosen]
    finite = [x for x in numbers if np.isfinite(x)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    step = (high - low) / (len(_BLOCKS) - 1)
    if not step or not np.isfinite(step):
        return _BLOCKS[3] * len(numbers)
    return "".join(_BLOCKS[round((x - low) / step)] if np.isfinite(x) else "!" for x in numbers)


def summary(data: Any, say: Say = str) -> list[str]:
    """A number as it is; an array as its mean, histogram and range, and what is not finite.

    >>> summary(0.25), summary(np.array([1.0, 2.0, 6.0])), summary(np.full(4, 0.5))
    (['0.25'], ['mean 3 █▁█▁▁▁▁▁▁█', 'from 1 to 6'], ['all 0.5'])
    """
    if not np.ndim(data):
        return [number(data)]
    if not np.size(data):
        return [say("empty")]
    flat = np.asarray(data).ravel()
    finite = flat[np.isfinite(flat)]
    strange = flat.size - finite.size
    note = say("{n} not finite").format(n=f"{strange:,}") if strange else ""
    if not finite.size:
        return [say("all {x}").format(x="nan") if np.isnan(flat).all() else note]
    low, high = finite.min(), finite.max()
    if low == high:
        return [f"{number(low)}, {note}" if strange else say("all {x}").format(x=number(low))]
    with np.errstate(over="ignore"):
        mean = finite.mean(dtype=float)
    middle, ends = say("mean {x}"), say("from {low} to {high}")
    lines = [
        f"{middle.format(x=number(mean))} {histogram(finite)}",
        ends.format(low=number(low), high=number(high)),
    ]
    return [*lines, note] if note else lines


def plain(name: Any, limit: int = 32) -> str:
    r"""`name` on one line and not longer than `limit`; what cannot be printed becomes a dot.

    >>> plain("two\nlines"), plain("a" * 50, limit=5)
    ('two·lines', 'aaaa…')
    """
    text = str(name)
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return "".join(c if c.isprintable() else "·" for c in text)
