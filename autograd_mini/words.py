"""The words of pictures, tables and pages in other languages than English: one dictionary.

This file knows phrases. It must not know what is drawn or printed with them.
"""

from collections.abc import Callable

_RUSSIAN = {
    # graphs
    "value": "значение",
    "values": "значения",
    "gradient": "градиент",
    "gradients": "градиенты",
    # the network
    "{n} pixels": "{n} пикселей",
    "{n} inputs": "входов: {n}",
    "{n} neurons": "нейронов: {n}",
    "{n} outputs": "выходов: {n}",
    "cost {C}": "стоимость {C}",
    "The network: the fuller a circle, the higher its activation": (
        "Сеть: чем гуще закрашен кружок, тем выше активация"
    ),
    "Its weights: blue excites, orange inhibits; the wider, the more": (
        "Её веса: синие возбуждают, оранжевые тормозят; чем толще, тем сильнее"
    ),
    "What output {j} asks of each neuron before it, in proportion to weights": (
        "О чём выход {j} просит каждый нейрон перед ним, пропорционально весам"
    ),
    "What neuron {j} of layer {i} asks of each before it, in proportion to weights": (
        "О чём нейрон {j} слоя {i} просит каждый перед ним, пропорционально весам"
    ),
    "What all {n} of layer {i} ask of each neuron before them, and the sum": (
        "О чём все {n} слоя {i} просят каждый нейрон перед ними, и сумма"
    ),
    "What all {n} of layer {i} ask of each neuron before them": (
        "О чём все {n} слоя {i} просят каждый нейрон перед ними"
    ),
    "to the right, blue: more, please; to the left, orange: less": (
        "вправо, синим: больше; влево, оранжевым: меньше"
    ),
    "one by one": "по одному",
    "their sum": "их сумма",
    "neuron": "нейрон",
    "activation": "активация",
    "wish for weight": "пожелание весу",
    "weight": "вес",
    "wish for activation": "пожелание активации",
    "sum": "сумма",
    "… and {n} less bright": "… и ещё {n}, менее ярких",
    "Example {k} wishes the bias b{i}[{j}] by {wish}, and the neurons before it:": (
        "Пример {k} желает изменить смещение b{i}[{j}] на {wish}, а перед ним:"
    ),
    "What each neuron of layer {i} asks of each before it, for example {k}:": (
        "О чём каждый нейрон слоя {i} просит каждый перед ним, пример {k}:"
    ),
}
_LANGUAGES = {"en": {}, "ru": _RUSSIAN}


def in_language(language: str) -> Callable[[str], str]:
    """The function that says a phrase in "en", English, or "ru", Russian.

    Raises ValueError for another language; what it gives raises LookupError for another phrase.

    >>> in_language("ru")("their sum")
    'их сумма'
    """
    if language not in _LANGUAGES:
        known = " or ".join(map(repr, _LANGUAGES))
        raise ValueError(f"language is {known}, not {language!r}")
    phrases = _LANGUAGES[language]

    def say(phrase: str) -> str:
        if phrases and phrase not in phrases:
            raise LookupError(f"nobody has said in {language!r}: {phrase}")
        return phrases.get(phrase, phrase)

    return say
