"""The words of pictures, tables and pages in other languages than English: one dictionary.

This file knows phrases. It must not know what is drawn or printed with them.
"""

from collections.abc import Callable

Say = Callable[[str], str]
"""A phrase in the language of a picture: what `in_language` gives."""
_RUSSIAN = {
    # graphs
    "value": "значение",
    "values": "значения",
    "gradient": "градиент",
    "gradients": "градиенты",
    "now": "сейчас",
    "none arrives": "не доходит",
    "node": "узлов",
    "neighbour": "соседей",
    "{n} not drawn": "не показано, {n}",
    ".grad holds": "в .grad",
    "declared derivative, not the true one": "производная объявлена и не истинна",
    "{C}, its graph, and gradients ∂{name}/∂(each node)": (
        "{C}: граф и градиенты ∂{name}/∂(каждый узел)"
    ),
    "{C}, its graph, and gradients that start from {given}": (
        "{C}: граф и градиенты, которые начинаются с {given}"
    ),
    "an array": "массива",
    "{n} of {of} chosen": "выбрано {n}, всего {of}",
    "{n} folded: {how}": "свёрнуто, {n}: {how}",
    "a positive gradient flows back; width: its size": (
        "назад идёт положительный градиент; толщина — его величина"
    ),
    "a negative gradient flows back": "назад идёт отрицательный градиент",
    "gradients of both signs, in an array or a folded box, or nan": (
        "градиенты обоих знаков, в массиве или свёрнутом узле, или nan"
    ),
    "no gradient flows, or it is 0": "градиента нет, или он равен 0",
    "a leaf: given, not computed": "лист: задан, а не вычислен",
    "computed; the result has a thick border": "вычислено; у результата рамка толще",
    "a constant: a number or array without gradient": (
        "постоянная: число или массив без градиента"
    ),
    "dashed border: its derivative is declared, not the true one": (
        "рамка штрихом: производная объявлена и не истинна"
    ),
    "double border and !: something is wrong here": "двойная рамка и !: здесь что-то не так",
    "a ReLU that is 0 for every example: it passes no gradient": (
        "ReLU, равная 0 на каждом примере: градиент не проходит"
    ),
    "so near to an end of its range that it is flat": (
        "так близко к краю своей области, что кривая почти плоская"
    ),
    'folded (× 16: sixteen alike); expand="#n" opens it': (
        'свёрнуто (× 16: шестнадцать одинаковых); expand="#n" раскрывает'
    ),
    "a node without a name, by its number": "узел без имени, под своим номером",
    "how many elements are small, middling and large": (
        "сколько элементов малых, средних и больших"
    ),
    "a heat map: blue above 0, orange below, white at 0, black if not finite": (
        "карта: синее выше 0, оранжевое ниже, белое — 0, чёрное — не число"
    ),
    "on an arrow: the local derivative, ∂(its end)/∂(its start)": (
        "на стрелке: производная ∂(её конец)/∂(её начало)"
    ),
    "on an arrow: what goes back along it; g: the gradient at its end": (
        "на стрелке: что идёт по ней назад; g — градиент у её конца"
    ),
    # explanations
    "no path leads from {by} to {of}": "пути от {by} к {of} нет",
    "along {n}": "по одному пути",
    "the sum over {n}": "сумма ({n})",
    "path": "путей",
    "more path": "путей",
    "and {n}, together {x}": "и ещё ({n}), вместе {x}",
    "sum over all paths: {x}": "сумма по всем путям: {x}",
    # nn's pictures
    "example {k}\ncost {C}": "пример {k}\nстоимость {C}",
    "example {k}, a {y}\ncost {C}": "пример {k}: {y}\nстоимость {C}",
    "up": "увеличить",
    "down": "уменьшить",
    "output": "выход",
    "its wishes for the weights into neuron {j}\nof layer 1: all {way}": (
        "его пожелания весам нейрона {j}\nслоя 1: все — {way}"
    ),
    "strongest where the stroke is:\nwish = neuron's wish × pixel": (
        "сильнее всего там, где штрих:\nпожелание нейрону × пиксель"
    ),
    "its outputs (bars), where they should be (lines),\nand its wishes (arrows)": (
        "его выходы (столбцы), какими они должны быть (черты),\nи его пожелания (стрелки)"
    ),
    "cost on the plane": "стоимость на плоскости",
    "cost on the plane\n(of {n} examples)": "стоимость на плоскости\n(по {n} примерам)",
    "all examples: {n} steps": "все примеры, шагов: {n}",
    "mini-batches: {n} steps": "мини-пакеты, шагов: {n}",
    "start": "начало",
    "Two descents from one start, on the plane through the start and both ends\n"
    "(axes are distances between weights; on the way the paths leave it by up to {far})": (
        "Два спуска из одной точки, на плоскости через неё и оба конца\n"
        "(по осям — расстояния между весами; пути отходят от плоскости не далее чем на {far})"
    ),
    "one mini-batch": "один мини-пакет",
    "mean": "среднее",
    "mini-batch steps taken": "сделано шагов по мини-пакетам",
    "Cosine between a mini-batch's step and that of all examples\n"
    "(1: the same direction, 0: a right angle)": (
        "Косинус угла между шагом мини-пакета и шагом по всем примерам\n"
        "(1 — направления совпадают, 0 — прямой угол)"
    ),
    "mini-batches of {n}": "мини-пакеты по {n}",
    "all {n} examples": "все примеры, {n}",
    "seconds spent on steps": "секунд потрачено на шаги",
    "Cost after each step, by time (it was {C} at the start)\n"
    "(from one long tick to the next, ten times as long)": (
        "Стоимость после каждого шага, по времени (вначале {C})\n"
        "(от одной длинной метки до другой — в десять раз больше)"
    ),
    "taken as 1": "принята за 1",
    "What the first neurons look for": "Что ищут первые нейроны",
    "neuron {j}": "нейрон {j}",
    "ink here\nsilences it": "штрих здесь\nтормозит",
    "makes no\ndifference": "ничего не\nменяет",
    "ink here\nexcites it": "штрих здесь\nвозбуждает",
    "Surest of, class by class": "В чём уверена больше всего",
    "said {j}, is {k}": "это {k}, сеть: {j}",
    "Most wrong about": "Худшие ошибки",
    "Wrong about none": "Ошибок нет",
    "what the network said": "что сказала сеть",
    "what it was": "что это было",
    "{n} images, {share} right (bold)": "{n} изображений, верно {share} (жирным)",
    # the network
    "{n} pixels": "пикселей: {n}",
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


def in_language(language: str) -> Say:
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
