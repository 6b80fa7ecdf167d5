"""The words of pictures, tables and pages in other languages than English: one dictionary.

This file knows phrases. It must not know what is drawn or printed with them.
"""

from collections.abc import Callable, Mapping

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
    # the page
    "Step by step": "Шаг за шагом",
    "Start": "Начало",
    "Back": "Назад",
    "Play": "Пуск",
    "Pause": "Пауза",
    "Next": "Дальше",
    "End": "Конец",
    "Step": "Шаг",
    "Picture": "Рисунок",
    "Picture of the graph": "Рисунок графа",
    "Smaller": "Мельче",
    "Fit": "Целиком",
    "Larger": "Крупнее",
    "Fold and open groups": "Свернуть и раскрыть группы",
    "How to read the picture": "Как читать рисунок",
    "Details": "Подробности",
    "Nudge a leaf": "Подвигайте лист",
    "All values and gradients": "Все значения и градиенты",
    "name": "имя",
    "computed as": "вычислено как",
    "Dark": "Тёмная",
    "Light": "Светлая",
    "its graph, forward and backward": "граф, вперёд и назад",
    "How": "Как",
    "was computed, and how its gradient flows back": "вычислено и как назад идёт градиент",
    "The player, the details and the nudge need JavaScript. The picture and the table show every"
    " value and every gradient without it.": (
        "Для показа по шагам, подробностей и ползунков нужен JavaScript. Рисунок и таблица"
        " показывают все значения и градиенты и без него."
    ),
    "On an arrow, + or − in a circle is the sign of the gradient that flows back along it, from"
    " its end to its start.": (
        "Знак + или − в кружке на стрелке — знак градиента, который идёт по ней назад, от конца к"
        " началу."
    ),
    "Point at a box, or Tab to it, for details. Arrow keys move along the arrows: up to an"
    " argument, down to what uses it, left and right among arguments. Outside the picture, left"
    " and right step.": (
        "Наведите на узел или перейдите к нему клавишей Tab — появятся подробности. Клавиши со"
        " стрелками ведут по стрелкам графа: вверх к аргументу, вниз к тому, что его использует,"
        " влево и вправо между аргументами. Вне рисунка влево и вправо — шаги."
    ),
    "Point at a box of the picture, or move to it with Tab.": (
        "Наведите на узел рисунка или перейдите к нему клавишей Tab."
    ),
    "What is wrong here": "Что здесь не так",
    "{n} more": "ещё {n}",
    "leaf": "лист",
    "leaves": "листьев",
    "nodes": "узлов",
    "op": "операция",
    "ops": "операций",
    "none": "нет",
    "Graph of {C}; the table below says the same in words": (
        "Граф {C}; таблица ниже говорит то же словами"
    ),
    "Graph of {C}, with {box} opened": "Граф {C}, где раскрыто: {box}",
    "That was the last step: every gradient is complete.": (
        "Это был последний шаг: все градиенты готовы."
    ),
    ", and {} more": " и ещё {}",
    "Start: one leaf is given.": "Начало: задан один лист.",
    "Start: {} leaves are given.": "Начало: заданы листья, всего {}.",
    "Forward computes {} from them; backward finds how much each one matters.": (
        "Вперёд — вычислить из них {}; назад — найти, насколько важен каждый."
    ),
    "Forward, {} of {}: compute {} ({}).": "Вперёд, {} из {}: вычислить {} ({}).",
    "In symbols: {} = {}": "Знаками: {} = {}",
    "In numbers: {} = {}": "Числами: {} = {}",
    "The gradient of the result starts at {} = {}: it changes exactly as much as itself.": (
        "Градиент результата начинается с {} = {}: он меняется ровно так же, как он сам."
    ),
    "The gradient of the result starts at {} = {}, as it was given.": (
        "Градиент результата начинается с {} = {}: так он задан."
    ),
    "{} = {} is computed. Now backward.": "{} = {}: вычислено. Теперь назад.",
    "Backward, {} of {}: through {} = {}, whose gradient is {}.": (
        "Назад, {} из {}: через {} = {}, чей градиент {}."
    ),
    "This derivative is declared, not the true one.": "Эта производная объявлена и не истинна.",
    "{} gets {} = {}": "{} получает {} = {}",
    "{} gets {}, with g = {}: {}": "{} получает {}, где g = {}: {}",
    "{} gets {}": "{} получает {}",
    "So far {} of {} paths into {}": "Пока путей {} из {} в {}",
    "So far, after {} of {} paths into {}: {}": "Пока, после путей {} из {} в {}: {}",
    "All {} paths into {} add up: {} = {}": "Все пути ({}) в {} складываются: {} = {}",
    "Here is the whole graph, with every value and every gradient.": (
        "Вот весь граф, со всеми значениями и градиентами."
    ),
    "Press Start, then Next (or the right arrow key), to see how each of them comes about:"
    " first forward to the result, then backward from it.": (
        "Нажмите «Начало», потом «Дальше» (или стрелку вправо), чтобы увидеть, откуда берётся"
        " каждый: сначала вперёд, к результату, потом назад от него."
    ),
    "Forward {} of {}": "Вперёд {} из {}",
    "Turning back": "Поворот назад",
    "Backward {} of {}": "Назад {} из {}",
    "not yet": "ещё нет",
    "{} so far, {} of {}": "пока {}, {} из {}",
    "The nudge is for graphs of plain numbers; this one has arrays.": (
        "Ползунки — для графов из чисел, а в этом есть массивы."
    ),
    "The nudge is for graphs of at most {}; this one has {}.": (
        "Ползунки — для графов, где самое большее {}; здесь {}."
    ),
    "There is nothing to nudge: the result is a leaf itself.": (
        "Двигать нечего: результат сам — лист."
    ),
    "The nudge cannot compute {} in the page, so it is not offered here.": (
        "Вычислить {} страница не умеет, поэтому ползунков здесь нет."
    ),
    "The gradient of the result was set to something that predicts no change.": (
        "Градиент результата задан так, что предсказывать по нему нечего."
    ),
    "Drag a leaf. Predicted: gradient × nudge, a straight line. Actual: {} computed anew. They"
    " agree while the nudge is small.": (
        "Двигайте лист. Предсказано: градиент × сдвиг, по прямой. На деле: {} вычислено заново."
        " Пока сдвиг мал, они совпадают."
    ),
    "predicted": "предсказано",
    "actual": "на деле",
    "predicted change of {}": "предсказанное изменение {}",
    "actual change of {}": "изменение {} на деле",
    "Undo all nudges": "Вернуть всё",
    "Show the {} that matter less": "Показать менее важные ({})",
    "{} was {}, is now {}": "{}: было {}, стало {}",
    "nudged by {}": "сдвинут на {}",
    "opens": "раскрывается",
    "a leaf": "лист",
    "not yet computed": "ещё не вычислено",
    "not yet known": "ещё неизвестен",
    "click, or press Enter": "щёлкните или нажмите Enter",
    "a leaf: what the gradient is wanted for": "лист: для него и нужен градиент",
    "none arrives here": "сюда не доходит",
    "{} of {} paths so far": "пока путей {} из {}",
    "share of {}": "доля для {}",
    "{}, with g = {}": "{}, где g = {}",
    "Fold again: the whole graph": "Свернуть: весь граф",
    "Open {} (#{})": "Раскрыть {} (#{})",
    "Fold {}": "Свернуть {}",
    "box": "узел",
    "holds": "внутри",
    "inside": "содержит",
    "open it": "раскрыть",
    "note": "заметка",
    "in numbers": "числами",
    "shape": "форма",
    "after the nudge": "после сдвига",
    "over all paths": "по всем путям",
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
    "What each of {n} examples{some} wishes: −∂C/∂(entry) of its own cost; + is up, − is down.\n"
    "Their average is the negative gradient. Of each layer, those {rows} of the biases, the"
    " weights\nand the activations before it whose average is largest in size.": (
        "Чего желает каждый пример ({n}{some}): −∂C/∂(число) его собственной стоимости;\n"
        "+ увеличить, − уменьшить. Среднее пожеланий — градиент с обратным знаком.\nВ каждом"
        " слое показаны те смещения, веса и активации перед ним (по {rows}), у которых\n"
        "среднее больше всего по величине."
    ),
    " ({n} shown)": ", показано {n}",
    "average": "среднее",
    "class": "цифра",
    "cost": "стоимость",
    "layer": "слой",
    # sensitivities
    "{one} against {other}: {big} against {small}": "{one} и {other}: {big} против {small}",
    "{n} times": "в {n} раза",
    "for this one example": "на этом одном примере",
    "the second has no slope here, so there is nothing to divide by": (
        "у второго производная здесь 0, и делить не на что"
    ),
    "this batch cannot tell the second from 0, so no multiple is given": (
        "по этим примерам второе не отличить от 0, поэтому отношение не названо"
    ),
    "a difference that may be chance": "но разница может быть случайной",
    "C changes by {actual} (predicted {predicted})": (
        "C меняется на {actual} (обещано {predicted})"
    ),
    "near the {size} that rounding alone may change": (
        "почти столько же, {size}, даёт и округление"
    ),
    "All {n} entries have gradient 0: no small nudge changes the cost.": (
        "Все производные ({n}) равны 0: стоимость не меняется от малых сдвигов."
    ),
    "rank": "место",
    "entry": "число",
    "∂C/∂entry": "∂C/∂число",
    "times {name}": "в сравнении с {name}",
    "may be chance": "возможно, случайно",
    "{n} example": "{n} примеру",
    "{n} examples": "{n} примерам",
    "How steeply the cost of {of} changes with each of {all} weights and biases.": (
        "Насколько быстро стоимость по {of} меняется с каждым из весов и смещений, всего {all}."
    ),
    "{n} have gradient exactly 0 and stand in no ranking.": (
        "Производных, равных ровно 0, — {n}; их в списке нет."
    ),
    "Of {n} more, this batch cannot tell the gradient from 0.": (
        "Ещё столько не отличить от 0 по этим примерам: {n}."
    ),
    "One example gives no standard error: other examples may say otherwise.": (
        "По одному примеру погрешность неизвестна: другие могут дать другое."
    ),
}
_LANGUAGES: dict[str, Mapping[str, str]] = {"en": {}, "ru": _RUSSIAN}


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


def phrases(language: str) -> Mapping[str, str]:
    """All phrases that have other words in that language; none have in English.

    >>> phrases("ru")["their sum"], dict(phrases("en"))
    ('их сумма', {})
    """
    in_language(language)
    return _LANGUAGES[language]
