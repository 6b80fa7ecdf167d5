"""A derivative rule as the formula that it is, by running it on symbols in place of arrays.

This file knows how NumPy's operators and functions are written. It must not know any op: rules
are ordinary NumPy code, and what they do to a symbol is what they say.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

_SUM, _PRODUCT, _POWER, _ATOM = range(4)
_BINARY = {
    "add": ("+", _SUM),
    "subtract": ("−", _SUM),
    "multiply": ("×", _PRODUCT),
    "divide": ("÷", _PRODUCT),
    "matmul": ("@", _PRODUCT),
    "power": ("**", _POWER),
    "greater": (">", -1),
    "greater_equal": ("≥", -1),
    "less": ("<", -1),
    "less_equal": ("≤", -1),
    "equal": ("=", -1),
    "not_equal": ("≠", -1),
    "bitwise_and": ("and", -2),
    "bitwise_or": ("or", -2),
    "logical_and": ("and", -2),
    "logical_or": ("or", -2),
}
_SHAPING = ("reshape", "expand_dims", "squeeze", "broadcast_to", "ravel", "astype")


class Symbol(np.lib.mixins.NDArrayOperatorsMixin):
    """A name in place of an array: what is computed with it is written down instead.

    `like` is the array that it stands for, where that is known; its shape may be asked.
    """

    def __init__(self, text: str, rank: int = _ATOM, like: Any = None) -> None:
        self.text = text
        self.rank = rank
        self.like = like

    __iter__ = None  # `x[0]`, `x[1]`, ... is a formula of any length: a loop would not end

    def __getattr__(self, name: str) -> Any:
        if name in ("shape", "ndim", "size", "dtype") and self.like is not None:
            return getattr(self.like, name)
        raise AttributeError(name)

    @property
    def T(self) -> "Symbol":  # noqa: N802
        """The formula, transposed."""
        return Symbol(f"{_wrapped(self, _ATOM)}ᵀ")

    def dot(self, other: Any) -> "Symbol":
        """A product of matrices."""
        return _binary("matmul", self, other)

    def astype(self, dtype: Any) -> "Symbol":
        """The same: a dtype is no part of a formula."""
        return self

    def __getitem__(self, index: Any) -> "Symbol":
        return Symbol(f"{_wrapped(self, _ATOM)}[·]")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **_: Any) -> Any:
        if method != "__call__":
            return NotImplemented
        name = ufunc.__name__
        if name in _BINARY:
            return _binary(name, *inputs)
        if name == "negative":
            return Symbol(f"−{_wrapped(inputs[0], _PRODUCT)}", _PRODUCT)
        if name == "reciprocal":
            return _binary("divide", 1, inputs[0])
        return _call(name, inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        name = function.__name__
        if name in ("shape", "ndim", "size"):
            if args[0].like is None:
                raise TypeError("the shape of a formula is not known")
            return function(args[0].like)
        if name in _SHAPING:
            return args[0]
        if name == "where" and _text(args[1]) == "0":
            return args[2]  # a convention at a corner, no part of the formula
        if name == "where" and _text(args[2]) == "0" and set(_text(args[0])) & set("<>=≤≥≠"):
            return _binary("multiply", args[1], args[0])
        if name in ("swapaxes", "transpose"):
            return args[0].T
        if name in ("dot", "matmul"):
            return _binary("matmul", *args)
        if name in ("zeros_like", "ones_like"):
            return Symbol("0" if name == "zeros_like" else "1")
        return _call(name, [a for a in args if a is not None])


def _text(x: Any) -> str:
    if isinstance(x, Symbol):
        return x.text
    if isinstance(x, float | int | np.number):
        return f"{x:.3g}".replace("-", "−")
    return "…"


def _wrapped(x: Any, rank: int) -> str:
    return f"({_text(x)})" if isinstance(x, Symbol) and x.rank < rank else _text(x)


def _binary(name: str, x: Any, y: Any) -> Symbol:
    sign, rank = _BINARY[name]
    if name in ("multiply", "power") and isinstance(y, float | int) and y == 1:
        return x  # type: ignore[no-any-return]
    right = rank + (name not in ("add", "multiply"))
    return Symbol(f"{_wrapped(x, rank)} {sign} {_wrapped(y, right)}", rank)


def _call(name: str, args: Sequence[Any]) -> Symbol:
    return Symbol(f"{name}({', '.join(map(_text, args))})")


def rule_texts(node: Any, names: Sequence[str], result: str, limit: int = 44) -> list[str]:
    """What the rule of each argument of `node` does with the gradient `g`, as a formula.

    `names` are those of the arguments, `result` that of the node. "" where a rule computes with
    more than symbols can follow, or says it at more than `limit` characters.
    """
    raw = node.raw
    symbols = [
        x if isinstance(x, float | int) else Symbol(name, like=np.asarray(x))
        for name, x in zip(names, raw, strict=True)
    ]
    g, out = (Symbol(name, like=np.asarray(node.peek()[0])) for name in ("g", result))
    texts: list[str] = []
    for places in [range(len(raw))] if node.op.sequence else [[i] for i in range(len(raw))]:
        try:
            shares = node.op.shares(places, g, out, symbols, node.keywords)
            texts += ["" if share is None else _text(share) for share in shares]
        except Exception:  # a rule may be any code; a picture does without its formula
            texts += [""] * len(places)
    return [text if len(text) <= limit else "" for text in texts]
