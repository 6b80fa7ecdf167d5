"""Names of people turned into names that Python takes, each handed out once.

This file knows Python's rules for names, and the words that our texts use themselves. It must not
know programs.
"""

import builtins
import keyword
import re
import unicodedata

_LONGEST = 100
_OURS = ("np", "math", "guarded", "PARTS")
_TAKEN = frozenset((*keyword.kwlist, *dir(builtins), *_OURS))


def identifier(wanted: str) -> str:
    """An identifier like `wanted`, in the form in which Python compares names.

    It does not begin with an underscore: such names are left to our texts.

    >>> identifier("p['W'][0]"), identifier("σ²"), identifier("2x"), identifier("°")
    ('p_W_0', 'σ2', 'x2x', 'x')
    """
    text = unicodedata.normalize("NFKC", wanted[:_LONGEST])
    text = "".join(c if f"_{c}".isidentifier() else " " for c in text)
    text = re.sub(r"[ _]* [ _]*", "_", text).strip("_")
    text = text if text.isidentifier() else f"x{text}"
    return unicodedata.normalize("NFKC", text)  # the x may have joined an accent behind it


class Namespace:
    """Hands out identifiers: no two that Python takes for one, and none that is taken already.

    >>> names = Namespace("f")
    >>> [names.unique(wanted) for wanted in ("W", "W", "f", "lambda", "µ", "μ")]
    ['W', 'W_2', 'f_2', 'lambda_2', 'μ', 'μ_2']
    """

    def __init__(self, *taken: str) -> None:
        self.taken = {*_TAKEN, *taken}
        self._counts: dict[str, int] = {}

    def unique(self, wanted: str) -> str:
        """An identifier like `wanted` that nobody has."""
        text = name = identifier(wanted)
        k = self._counts.get(text, 1)
        while name in self.taken:
            k += 1
            name = f"{text}_{k}"
        self._counts[text] = k
        self.taken.add(name)
        return name
