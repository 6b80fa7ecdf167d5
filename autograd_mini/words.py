"""The words of pictures, tables and pages in other languages than English.

This file knows where a phrase is looked up: `russian.json` has them by what they are part of, the
English phrase before the Russian one. It must not know what is drawn or printed with them.
"""

import functools
import json
from collections.abc import Callable, Mapping
from pathlib import Path

Say = Callable[[str], str]
"""A phrase in the language of a picture: what `in_language` gives."""
_FILES = {"en": None, "ru": Path(__file__).with_name("russian.json")}


def in_language(language: str) -> Say:
    """The function that says a phrase in "en", English, or "ru", Russian.

    Raises ValueError for another language; what it gives raises LookupError for another phrase.

    >>> in_language("ru")("their sum")
    'их сумма'
    """
    known = phrases(language)

    def say(phrase: str) -> str:
        if known and phrase not in known:
            raise LookupError(f"nobody has said in {language!r}: {phrase}")
        return known.get(phrase, phrase)

    return say


@functools.cache
def phrases(language: str) -> Mapping[str, str]:
    """All phrases that have other words in that language; none have in English.

    >>> phrases("ru")["their sum"], dict(phrases("en"))
    ('их сумма', {})
    """
    if language not in _FILES:
        raise ValueError(f"language is {' or '.join(map(repr, _FILES))}, not {language!r}")
    file = _FILES[language]
    parts = json.loads(file.read_text(encoding="utf-8")) if file else {}
    return {phrase: words for part in parts.values() for phrase, words in part.items()}
