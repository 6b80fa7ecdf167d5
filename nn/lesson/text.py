"""Names of entries such as `W1[7, 402]`, and numbers as text.

This file must not know Values, layers or gradients.
"""

import math
import re
from collections.abc import Mapping, Sequence


def locate(name: str, shapes: Mapping[str, tuple[int, ...]]) -> tuple[str, tuple[int, ...]]:
    """The array and the index that a name such as `W1[7, 402]` means.

    Raises ValueError if no array in `shapes` has that name, or it has no such entry.

    >>> locate("W1[7, 402]", {"W1": (16, 784)})
    ('W1', (7, 402))
    """
    match = re.fullmatch(r"\s*(\w+)\s*\[\s*(\d+(?:\s*,\s*\d+)*)\s*\]\s*", name)
    if match is None or match[1] not in shapes:
        known = ", ".join(sorted(shapes))
        such = " or ".join(
            f"{array}[{', '.join('0' * len(shapes[array]))}]" for array in sorted(shapes)[:2]
        )
        raise ValueError(f"there is no entry {name!r}: write {such}, of {known}")
    index = tuple(int(i) for i in match[2].split(","))
    shape = shapes[match[1]]
    if len(index) != len(shape) or any(i >= m for i, m in zip(index, shape, strict=True)):
        raise ValueError(
            f"there is no entry {name!r}: {match[1]} has shape {shape}, and indices start at 0"
        )
    return match[1], index


def entry_name(array: str, index: Sequence[int]) -> str:
    """The name of an entry: the inverse of `locate`.

    >>> entry_name("W1", (7, 402))
    'W1[7, 402]'
    """
    return f"{array}[{', '.join(str(int(i)) for i in index)}]"


def figures(numbers: Sequence[float], sign: str = "+") -> list[str]:
    """Numbers of one row, all with as many decimals as give the largest three digits.

    >>> figures([0.0123, -0.5, 0.0]), figures([12.3, 4.0], sign="")
    (['+0.012', '−0.500', '0'], ['12.3', '4.0'])
    """
    sizes = [abs(x) for x in numbers if math.isfinite(x) and x]
    decimals = 2 - math.floor(math.log10(max(sizes, default=1.0)))
    style = "2e" if decimals > 8 else f"{max(decimals, 0)}f"
    return [f"{x:{sign}.{style}}".replace("-", "−") if x else "0" for x in numbers]
