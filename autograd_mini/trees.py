"""Nested lists, tuples, dicts, namedtuples and dataclasses of numbers: their leaves in order.

This file knows containers, and which leaves have derivatives. It must not know any derivative.
"""

import functools
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias, TypeVar

import numpy as np

from autograd_mini.engine.arrays import Array, StandIn
from autograd_mini.engine.value import Value

F = TypeVar("F", bound=Callable[..., Any])
Tree: TypeAlias = Any  # a leaf, or containers of any depth around leaves


# --------------------------------------------------------------------------------- containers
def fields(tree: Tree) -> tuple[Any, ...]:
    """The fields of a dataclass instance; () for anything else."""
    if not hasattr(tree, "__dataclass_fields__") or isinstance(tree, type):
        return ()
    import dataclasses  # costs nothing: an instance of a dataclass means that it is loaded

    return dataclasses.fields(tree)


def contents(tree: Tree) -> list[Any] | None:
    """What a container holds, in order; None for a leaf. None itself is an empty container."""
    if isinstance(tree, dict):
        return list(tree.values())
    if isinstance(tree, list | tuple):
        return list(tree)
    if type(tree) is _Kept:
        return []
    if hasattr(tree, "__dataclass_fields__") and not isinstance(tree, type):
        return [getattr(tree, field.name) for field in fields(tree)]
    return [] if tree is None else None


def structure(tree: Tree) -> Any:
    """The containers of a tree, to be compared: 1, 1.0 and True as keys are three."""
    inside = contents(tree)
    if inside is None:
        return None
    keys = (*tree, *map(type, tree)) if isinstance(tree, dict) else ()
    return (type(tree), *keys, *map(structure, inside))


def _labels(tree: Tree) -> list[str]:
    """How each part of a container is written behind its name."""
    if isinstance(tree, dict):
        return [f"[{key!r}]" for key in tree]
    if fields(tree):
        return [f".{field.name}" for field in fields(tree)]
    names = getattr(tree, "_fields", None)
    if names is not None:
        return [f".{name}" for name in names]
    return [f"[{i}]" for i in range(len(tree or ()))]


def _holding(tree: Tree, parts: list[Any]) -> Any:
    """A container like `tree`, with other parts. Of a dataclass only the fields are set."""
    if isinstance(tree, dict):
        import copy  # needed for dicts only

        twin = copy.copy(tree)
        twin.update(zip(tree, parts, strict=True))
        return twin
    if isinstance(tree, list | tuple):
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    if tree is None:
        return None
    if type(tree) is _Kept:
        return tree.data
    twin = object.__new__(type(tree))
    for field, part in zip(fields(tree), parts, strict=True):
        object.__setattr__(twin, field.name, part)
    return twin


def _walk(function: F) -> F:
    """A function that calls itself for the parts of a tree, and says so where there is no end."""

    @functools.wraps(function)
    def walk(*args: Any) -> Any:
        try:
            return function(*args)
        except RecursionError:
            raise ValueError(
                "containers are nested too deep, or one of them holds itself; give flatter ones"
            ) from None

    return walk  # type: ignore[return-value]


@_walk
def leaves(tree: Tree) -> list[Any]:
    """List what a tree holds that is no container, from left to right.

    >>> leaves({"W": [1.0, 2.0], "b": (3.0, None)})
    [1.0, 2.0, 3.0]
    """
    parts = contents(tree)
    return [tree] if parts is None else [leaf for part in parts for leaf in leaves(part)]


@_walk
def rebuild(tree: Tree, new: Iterable[Any]) -> Any:
    """Make the same containers around `new` leaves.

    >>> rebuild({"W": [1.0, 2.0], "b": (3.0, None)}, "xyz")
    {'W': ['x', 'y'], 'b': ('z', None)}
    """
    new = iter(new)
    parts = contents(tree)
    return next(new) if parts is None else _holding(tree, [rebuild(part, new) for part in parts])


@_walk
def matched(tree: Tree, other: Tree, name: str, like: str) -> list[Any]:
    """List the leaves of `other`, in the order of `tree`, whose containers it must have.

    Raises ValueError, with the place where they differ, calling `other` by its `name` and `tree`
    `like`.
    """
    parts, others = contents(tree), contents(other)
    if type(tree) is _Kept:
        return []
    if parts is None and others is None:
        return [other]
    if isinstance(tree, dict) and isinstance(other, dict):
        alike = tree.keys() == other.keys()
        others = [other[key] for key in tree] if alike else None
    else:
        alike = type(tree) is type(other) and len(parts or ()) == len(others or ())
    if not alike:
        raise ValueError(f"{name} must be like {like}: {_text(tree)}, not {_text(other)}")
    return [
        leaf
        for label, part, twin in zip(_labels(tree), parts or (), others or (), strict=True)
        for leaf in matched(part, twin, name + label, like + label)
    ]


def _text(tree: Tree) -> str:
    if tree is None:
        return "None"
    if isinstance(tree, dict):
        return f"a dict of {', '.join(map(repr, tree)) or 'nothing'}"
    if isinstance(tree, list | tuple):
        return f"a {type(tree).__name__} of {len(tree)}"
    return f"a {type(tree).__name__}{f' of shape {np.shape(tree)}' * hasattr(tree, 'shape')}"


# ------------------------------------------------------------------------------------- leaves
class _Kept:
    """A container without leaves, from which `rebuild` makes `data` again."""

    def __init__(self, data: Array) -> None:
        self.data = data

    def __len__(self) -> int:
        return 0


@_walk
def variables(tree: Tree) -> Any:
    """The same containers, where fields of dataclasses that are no variables have no leaves.

    These hold text, or are declared `int` or `bool`.

    >>> from dataclasses import make_dataclass
    >>> Layer = make_dataclass("Layer", [("W", float), ("size", int), ("kind", str)])
    >>> tree = variables([Layer(0.5, 3, "tanh")])
    >>> leaves(tree), rebuild(tree, [2.0])
    ([0.5], [Layer(W=2.0, size=3, kind='tanh')])
    """
    if type(tree) in (float, Value, np.ndarray):
        return tree
    parts = contents(tree)
    if not parts:
        return tree
    new = [variables(part) for part in parts]
    for i, field in enumerate(fields(tree)):
        whole = isinstance(parts[i], int) and field.type in (int, bool, "int", "bool")
        if whole or isinstance(parts[i], str):
            new[i] = _Kept(parts[i])
    changed = any(x is not y for x, y in zip(parts, new, strict=True))
    return _holding(tree, new) if changed else tree


def differentiable(tree: Tree, name: str) -> list[Any]:
    """List the leaves of a tree that are to be differentiated by: Values, floats, float arrays.

    Raises TypeError for any other leaf, with its place behind `name` and a cure.
    """
    if type(tree) is float:
        return [tree]
    found = leaves(tree)
    if all(_is_real(x) for x in found):
        return found
    place, bad = next((p, x) for p, x in places(tree, name) if not _is_real(x))
    raise TypeError(f"{place} {_fault(bad)}")


def _is_real(x: Array) -> bool:
    if type(x) is Value or isinstance(x, float):
        return True
    dtype = getattr(x, "dtype", None)
    plain = isinstance(x, np.ndarray | np.floating | StandIn) and not isinstance(
        x, np.ma.MaskedArray
    )
    return plain and dtype is not None and dtype.kind == "f"


@_walk
def places(tree: Tree, name: str) -> list[tuple[str, Any]]:
    """Each leaf of a tree called `name`, behind what one would write for it.

    >>> places({"W": [1.0, 2.0]}, "p")
    [("p['W'][0]", 1.0), ("p['W'][1]", 2.0)]
    """
    parts = contents(tree)
    if parts is None:
        return [(name, tree)]
    labelled = zip(_labels(tree), parts, strict=True)
    return [found for label, part in labelled for found in places(part, name + label)]


def _fault(x: Array) -> str:
    if isinstance(x, np.ma.MaskedArray):
        return "is a masked array; fill it first with .filled(...)"
    kind = (
        np.asarray(x).dtype.kind if isinstance(x, int | complex | np.generic | np.ndarray) else ""
    )
    what = f"an array of {x.dtype}" if isinstance(x, np.ndarray) else f"of type {type(x).__name__}"
    if kind and kind in "iub":
        cure = "convert it with .astype(float)" if isinstance(x, np.ndarray) else "use float(...)"
        return f"is {what}, and derivatives need floating point; {cure}"
    if kind == "c":
        return f"is {what}; split complex numbers into real and imaginary parts"
    return (
        f"is {what}, and only floats, float arrays and nested lists, tuples, dicts, namedtuples"
        " and dataclasses of them have derivatives"
    )


# ------------------------------------------------------------------------------------ vectors
def flatten(tree: Tree) -> tuple[Any, Callable[[Any], Any]]:
    """Put all numbers of a tree into one vector; and the function that puts such a vector back.

    `vector, unflatten = flatten(tree)`: `vector` has one axis, all elements of the leaves in
    order, and the widest dtype among them. `unflatten(vector)` makes the same containers with
    leaves of the same shapes and dtypes, numbers as numbers. The round trip is exact, and what it
    gives shares memory with nothing. If the tree or the vector holds Values, so does the result,
    and derivatives pass through.

    Raises TypeError for a leaf that is no floating-point number or array; `unflatten` raises
    ValueError for a vector of another length.

    >>> vector, unflatten = flatten({"W": np.ones((2, 2), np.float32), "b": [0.5, 2.5]})
    >>> vector
    array([1. , 1. , 1. , 1. , 0.5, 2.5])
    >>> unflatten(2 * vector)["b"], unflatten(vector)["W"].dtype
    ([1.0, 5.0], dtype('float32'))
    """
    tree = variables(tree)
    found = differentiable(tree, "flatten: the tree")
    pieces = [np.reshape(x, (-1,)) for x in found]
    vector = np.concatenate(pieces) if pieces else np.zeros(0)
    kept = variables(rebuild(tree, found))
    makers = [_maker(x) for x in found]
    ends = np.cumsum([0, *(np.size(x) for x in found)]).tolist()

    def unflatten(vector: Any) -> Any:
        if not hasattr(vector, "shape"):
            vector = np.asarray(vector)
        if vector.shape != (ends[-1],):
            raise ValueError(
                f"unflatten: the vector has shape {vector.shape}, and the tree has {ends[-1]}"
                f" element(s), so give shape ({ends[-1]},)"
            )
        cuts = zip(makers, ends, ends[1:], strict=False)
        return rebuild(kept, [make(vector[start:stop]) for make, start, stop in cuts])

    return vector, unflatten


def _maker(like: Tree) -> Callable[[Any], Any]:
    """Make a function from a piece of a vector to a leaf like `like`."""
    shape, dtype = np.shape(like), np.dtype(getattr(like, "dtype", float))
    data = like.data if type(like) is Value else like

    def make(piece: Any) -> Any:
        if type(piece) is Value:
            leaf = np.reshape(piece, shape)
            return leaf if leaf.dtype == dtype else leaf.astype(dtype)
        return owned(piece.reshape(shape), data)

    return make


def owned(data: Array, like: Tree) -> Any:
    """Copy plain `data` into a number or array of the type and dtype of the plain `like`."""
    if isinstance(data, StandIn):
        return data  # nobody can write into it
    if isinstance(like, StandIn):
        return like.constant(data)
    if type(like) is float:
        return float(data)
    if isinstance(like, np.ndarray):
        return np.array(data, like.dtype)
    return type(like)(data)
