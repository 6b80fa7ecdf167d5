"""How to read a picture: a line for each sign in it, and for no other.

This file knows what the signs mean. It must not know where they stand.
"""

from collections.abc import Container
from typing import NamedTuple

from autograd_mini.colours import ALARM, BLUE, DARK, GREY, ORANGE
from autograd_mini.show.draw.labels import escape
from autograd_mini.words import Say


class Sign(NamedTuple):
    """A sign of a picture, its colour, and what it means."""

    colour: str
    sign: str
    meaning: str


_LEGEND = {
    "positive": (BLUE, "━━━", "a positive gradient flows back; width: its power of ten"),
    "negative": (ORANGE, "╍╍╍", "a negative gradient flows back"),
    "mixed": (GREY, "━━━", "gradients of both signs, in an array or a folded box, or nan"),
    "zero": ("#AAAAAA", "┄┄┄", "no gradient flows, or it is 0"),
    "leaf": ("#C9A400", "■", "a leaf: given, not computed"),
    "op": ("black", "▢", "computed; the result has a thick border"),
    "constant": (GREY, "⬚", "a constant: a number or array without gradient"),
    "declared": ("black", "⬚", "dashed border: its derivative is declared, not the true one"),
    "alarm": (ALARM, "▣", "double border and !: something is wrong here"),
    "spoiled": (ALARM, "▢", "orange border: nan or infinite, as what it was computed from"),
    "faded": ("black", "gradient", "of all parameters of a layer, as the length of one vector"),
    "dead": ("black", "dead", "a ReLU that is 0 for every example: it passes no gradient"),
    "off": ("black", "off", "a ReLU that is 0 for the few examples here: it passes no gradient"),
    "saturated": ("black", "saturated", "so near to an end of its range that it is flat"),
    "fold": (DARK, "◫", 'folded (× 16: sixteen alike); expand="#n" opens it'),
    "unnamed": ("black", "#4", "a node without a name, by its number"),
    "array": ("black", "▁▄█", "how many elements are small, middling and large"),
    "heat": (BLUE, "▚", "a heat map: blue above 0, orange below, white at 0, black if not finite"),
    "gradient": ("black", "∂", "before a number: the gradient, ∂(the result)/∂(this)"),
    "length": ("black", "‖2.1‖", "the length of an array as one vector"),
    "step": (DARK, "◫", "of each step of a loop: the first → the last"),
    "sparkline": ("black", "▁▃█", "the same, step by step"),
    "strip": ("black", "██", "sizes of a layer beside the others, in powers of ten"),
    "copy": ("black", "v", "without a box: a leaf that is drawn once with its numbers"),
    "replaced": ("black", "now", "a leaf that was given another number since"),
    "change": (BLUE, "■", "what it was → what it is; blue: more than before, orange: less"),
    "number": ("black", "0.5", "on an arrow: the local derivative, ∂(its end)/∂(its start)"),
    "rule": ("black", "g × a", "on an arrow: what goes back along it; g: the gradient at its end"),
}


def legend(found: Container[str], say: Say = str) -> list[Sign]:
    """The signs that were `found`, in the order in which a reader needs them."""
    signs = [Sign(*entry) for key, entry in _LEGEND.items() if key in found]
    spoken = {"dead", "off", "saturated", "gradient"}
    return [
        Sign(colour, say(sign) if sign in spoken else sign, say(meaning))
        for colour, sign, meaning in signs
    ]


def row(sign: Sign) -> str:
    """A sign and its meaning as a row of an HTML-like label."""
    return (
        f'<TR><TD ALIGN="RIGHT">{_small(sign.sign, sign.colour)} </TD>'
        f'<TD ALIGN="LEFT">{_small(sign.meaning)}</TD></TR>'
    )


def _small(text: str, colour: str = DARK) -> str:
    return f'<FONT POINT-SIZE="9" COLOR="{colour}">{escape(text)}</FONT>'
