"""A derivative rule as the formula that it is: recorded on stand-ins, and spelled.

This file knows the signs of mathematics. It must not know any op: rules are ordinary NumPy code,
and what they do to a stand-in is what they say.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_mini.program.lines import Line, Ref, astype, getitem, with_added, with_item
from autograd_mini.program.spelling import ATOM, COMPARISON, POWER, PRODUCT, SUM, Text
from autograd_mini.program.stand_in import Traced
from autograd_mini.program.tracer import Tracer

_LOGIC = COMPARISON - 1
_SIGNS: dict[Any, tuple[str, int]] = {
    **{np.add: ("+", SUM), np.subtract: ("−", SUM)},
    **{np.multiply: ("×", PRODUCT), np.divide: ("÷", PRODUCT), np.power: ("**", POWER)},
    **dict.fromkeys((np.dot, np.matmul), ("@", PRODUCT)),
    **{np.greater: (">", COMPARISON), np.greater_equal: ("≥", COMPARISON)},
    **{np.less: ("<", COMPARISON), np.less_equal: ("≤", COMPARISON)},
    **{np.equal: ("=", COMPARISON), np.not_equal: ("≠", COMPARISON)},
    **dict.fromkeys((np.bitwise_and, np.logical_and), ("and", _LOGIC)),
    **dict.fromkeys((np.bitwise_or, np.logical_or), ("or", _LOGIC)),
}
_SHAPING = (np.reshape, np.expand_dims, np.squeeze, np.broadcast_to, np.ravel, np.array, astype)


def rule_texts(node: Any, names: Sequence[str], result: str, limit: int = 44) -> list[str]:
    """What the rule of each argument of `node` does with the gradient `g`, as a formula.

    `names` are those of the arguments, `result` that of the node. "" where a rule does what
    cannot be recorded, or says it at more than `limit` characters.
    """
    raw, out = node.raw, np.asarray(node.peek()[0])
    texts: list[str] = []
    for places in [range(len(raw))] if node.op.sequence else [[i] for i in range(len(raw))]:
        tracer = Tracer()
        formulas: dict[int, Text] = {}
        stand_ins: list[Any] = []
        for name, x in [("g", out), (result, out), *zip(names, raw, strict=True)]:
            number = isinstance(x, float | int)
            stand_ins.append(x if number else tracer.input(np.asarray(x), name))
            formulas.update({} if number else {stand_ins[-1].number: Text(name)})
        g, r, *arrays = stand_ins
        try:
            with np.errstate(all="ignore"):
                shares = node.op.shares(places, g, r, arrays, node.keywords)
            for line in tracer.lines:
                text, binds = _spelled(line, [_formula(x, formulas) for x in line.args])
                formulas[line.number] = Text(text[: limit + 1], binds)
            found = ["" if x is None else _formula(x, formulas).text for x in shares]
        except Exception:  # a rule may be any code; a picture does without its formula
            found = [""] * len(places)
        texts += [text if len(text) <= limit else "" for text in found]
    return texts


def _formula(x: Any, formulas: dict[int, Text]) -> Text:
    x = x.ref if type(x) is Traced else x
    if type(x) is Ref:
        return formulas[x.number]
    number = isinstance(x, float | int | np.number)
    return Text(f"{x:.3g}".replace("-", "−") if number else "" if x is None else "…")


def _spelled(line: Line, args: list[Text]) -> Text:
    f, first = line.function, args[0]
    if f is np.where and args[2].text == "0" and args[0].binds <= COMPARISON:
        f, args = np.multiply, [args[1], args[0]]
    if f in _SIGNS:
        sign, binds = _SIGNS[f]
        if sign in ("×", "**") and args[1].text == "1":
            return args[0]
        right = args[1].within(binds + (sign not in "+×"))
        return Text(f"{args[0].within(binds)} {sign} {right}", binds)
    if f is np.negative:
        return Text(f"−{first.within(PRODUCT)}", PRODUCT)
    if f is np.reciprocal:
        return Text(f"1 ÷ {first.within(PRODUCT + 1)}", PRODUCT)
    if f is np.where and args[1].text == "0":
        return args[2]  # a convention at a corner, no part of the formula
    if f in (np.zeros, np.ones):
        return Text("0" if f is np.zeros else "1")
    if f in (np.swapaxes, np.transpose):
        return Text(f"{first.within(ATOM)}ᵀ")
    if f is getitem:
        return Text(f"{first.within(ATOM)}[·]")
    if f in (with_item, with_added):
        raise ValueError("no formula has a word for a copy with other entries")
    given = ", ".join(arg.text for arg in args if arg.text)
    return first if f in _SHAPING else Text(f"{f.__name__}({given})")
