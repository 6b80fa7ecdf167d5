"""What Hypothesis draws: numbers and arrays of a domain, Values, groups that broadcast, points.

This file knows which shapes, layouts and numbers are worth drawing. It must not know what is
checked with them.
"""

import warnings
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd_mini.engine.declaration import REAL, Case, Domain
from autograd_mini.engine.op import Op
from autograd_mini.engine.value import Value
from autograd_mini.testing import kinds
from autograd_mini.testing.domains import (
    FAR,
    LAYOUTS,
    NEAR,
    add_diagonal,
    common,
    distant,
    domains_of,
    grid,
    laid_out,
)
from autograd_mini.testing.points import Point, call_numpy

Shape: TypeAlias = tuple[int, ...]
Stratum: TypeAlias = tuple[str, st.SearchStrategy[Point]]
"""What a kind of input is called, and points of it."""

EXTREMES = "near 0", "far out"
"""Kinds of numbers that an op may have no result for."""

SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=3)


# ------------------------------------------------------------------------------------- public
def numbers(domain: Domain = REAL) -> st.SearchStrategy[float]:
    """Python floats of `domain`, simple ones first."""
    return st.sampled_from(grid(domain))


def arrays_in(
    domain: Domain = REAL,
    shape: int | Sequence[int] | st.SearchStrategy[Shape] = SHAPES,
    layouts: Sequence[str] = ("C",),
    beyond: int | None = None,
    start: int = 0,
    dtype: Any = float,
    near: float | Sequence[float] = (),
) -> st.SearchStrategy[Any]:
    """Arrays with elements of `domain`, of a given or drawn shape, and of float64 or `dtype`.

    `layouts` are some of "C", "Fortran", "negative" and "zero" (one number behind the last axis).
    With `beyond`, 3, 50 or 200, some elements are larger than that, if the domain is open there;
    with 0, some lie between 0 and 1/16. Some lie on or very close to each number in `near`, such
    as a kink. The simplest array holds different simple numbers; another `start` begins elsewhere
    among them.

    Raises ValueError for what there is no number, layout or bound for.

    >>> from autograd_mini import Domain
    >>> x = arrays_in(Domain(0.5, 2.0), (2, 3)).example()  # doctest: +SKIP
    """
    layouts = (layouts,) if isinstance(layouts, str) else tuple(layouts)
    if not layouts or not set(layouts) <= set(LAYOUTS):
        raise ValueError(f"layouts are some of {', '.join(LAYOUTS)}, not {layouts!r}")
    if beyond not in (None, NEAR, 3, 50, FAR):
        raise ValueError(f"beyond is 3, 50, {FAR}, or {NEAR} for near 0, not {beyond!r}")
    if not isinstance(domain, Domain):
        raise TypeError(f"domain is a Domain(low, high), not {domain!r}")
    if np.asarray(near).dtype.kind not in "fiu" or not np.all(np.isfinite(near)):
        raise TypeError(f"near is a number or several, not {near!r}")
    if np.dtype(dtype).kind != "f":
        raise ValueError(f"dtype is a floating-point type, not {dtype!r}; see indices")
    grid(domain)
    shape = _shape(shape)
    if domain.distinct and isinstance(shape, tuple):
        _check_enough(domain, shape)
    return _arrays(domain, shape, layouts, beyond, start, np.dtype(dtype), tuple(np.ravel(near)))


def _shape(shape: Any) -> Any:
    """A shape as a tuple, or a strategy of shapes as it is."""
    if isinstance(shape, st.SearchStrategy):
        return shape
    sides = (shape,) if isinstance(shape, int) else shape
    if not isinstance(sides, tuple | list) or not all(
        isinstance(n, int) and n >= 0 for n in sides
    ):
        raise TypeError(f"a shape is a whole number or a tuple of them, not {shape!r}")
    return tuple(sides)


def _check_enough(domain: Domain, shape: Shape) -> None:
    n = int(np.prod(shape, dtype=int))
    if n > len(grid(domain, at_least=n)):
        raise ValueError(
            f"{domain} has {len(grid(domain))} numbers to draw, and an array of shape {shape}"
            f" needs {n} distinct ones; give it a spacing"
        )


@st.composite
def _arrays(
    draw: st.DrawFn,
    domain: Domain,
    shape: Any,
    layouts: Sequence[str],
    beyond: int | None,
    start: int,
    dtype: Any,
    near: Sequence[float],
) -> Any:
    if not isinstance(shape, tuple):
        shape = draw(shape)
    n = int(np.prod(shape, dtype=int))
    choices = grid(domain, at_least=n)
    if beyond is not None:
        choices = (*distant(domain, beyond), *choices)
    close = [0.0, *(sign * 2.0**-k for k in (40, 20, 10) for sign in (1, -1))]
    choices = (*(x + off for x in near for off in close), *choices)
    turns = draw(st.binary(min_size=min(n, 256), max_size=min(n, 256)))
    turns *= n // 256 + 1
    x = np.array(_elements(choices, turns[:n], start, domain.distinct), float).reshape(shape)
    if domain.diagonal and x.ndim > 1:
        add_diagonal(domain, x)
    layout = draw(st.sampled_from(layouts)) if len(layouts) > 1 else layouts[0]
    return laid_out(x.astype(dtype), layout) if n else x.astype(dtype)


def _elements(choices: tuple[float, ...], turns: bytes, start: int, distinct: bool) -> list[float]:
    """As many of `choices` as there are turns. Turns of 0 give different ones, the simplest first.

    One draw of bytes is many times faster for Hypothesis than a draw for each element.
    """
    if distinct:
        left = list(choices)
        return [left.pop(turn % len(left)) for turn in turns]
    return [choices[(turn + 7 * start + k) % len(choices)] for k, turn in enumerate(turns)]


def indices(
    n: int, shape: int | Sequence[int] | st.SearchStrategy[Shape]
) -> st.SearchStrategy[Any]:
    """Arrays of whole numbers from 0 to `n` - 1, some of them repeated: labels, rows of a table.

    Raises ValueError if `n` is less than 1.
    """
    if not isinstance(n, int) or n < 1:
        raise ValueError(f"indices are of n things, at least 1, not {n}")
    return hnp.arrays(int, _shape(shape), elements=st.integers(0, n - 1))


def parameters(shapes: Any, domain: Domain = REAL, dtype: Any = float) -> st.SearchStrategy[Any]:
    """Containers of arrays: a dict or list of shapes, nested as one likes; whole numbers are 1-d.

    >>> tree = parameters({"W": (3, 4), "b": 4}).example()  # doctest: +SKIP
    """
    if isinstance(shapes, dict):
        each = {key: parameters(x, domain, dtype) for key, x in shapes.items()}
        return st.fixed_dictionaries(each)
    if isinstance(shapes, list):
        return st.tuples(*(parameters(x, domain, dtype) for x in shapes)).map(list)
    return arrays_in(domain, shapes, dtype=dtype)


@st.composite
def values(
    draw: st.DrawFn, domain: Domain = REAL, shape: Shape | st.SearchStrategy[Shape] = SHAPES
) -> Value:
    """Leaf Values of `domain`: Python numbers where the drawn shape is (), or else arrays."""
    x = draw(arrays_in(domain, shape))
    return Value(x if x.ndim else float(x))


@st.composite
def broadcastable(
    draw: st.DrawFn, n: int = 2, domain: Domain | Sequence[Domain] = REAL
) -> tuple[Any, ...]:
    """Tuples of `n` arrays whose shapes broadcast together, each of its domain or all of one."""
    domains = (domain,) * n if isinstance(domain, Domain) else tuple(domain)
    shapes = draw(hnp.mutually_broadcastable_shapes(num_shapes=n, max_dims=3, max_side=3))
    return tuple(
        draw(arrays_in(d, shape)) for d, shape in zip(domains, shapes.input_shapes, strict=True)
    )


# ------------------------------------------------------------------------------------- points
@st.composite
def points(
    draw: st.DrawFn,
    op: Op,
    case: Case,
    shapes: st.SearchStrategy[tuple[Shape | None, ...]],
    layouts: Sequence[str] = ("C",),
    beyond: tuple[int, int | None] = (0, None),
    same: tuple[int, int] | None = None,
    single: bool = False,
) -> Point:
    """Points of one case of an op. A shape of None stands for a Python number.

    `beyond` is an argument and a bound that some of its elements exceed, as `distant` takes it;
    `same` are two
    arguments that one node is both of; `single` asks for float32.
    """
    drawn = draw(shapes)
    domains = domains_of(op, len(drawn))
    slots = list(range(len(drawn)))
    if same:
        i, j = same
        shared = common([domains[i], domains[j]])
        assert shared is not None
        domains[i] = shared
        slots = [i if s == j else s for s in slots]
    used = sorted(set(slots))
    bounds = [beyond[1] if i == beyond[0] else None for i in slots]
    leaves = [draw(_leaf(op, i, domains[i], drawn[i], layouts, bounds[i])) for i in used]
    if single:
        leaves = [
            x.astype(np.float32) if isinstance(x, np.ndarray) and x.dtype == float else x
            for x in leaves
        ]
    return Point(op, tuple(leaves), tuple(used.index(s) for s in slots), case.keywords)


def _leaf(
    op: Op, i: int, domain: Domain, shape: Shape | None, layouts: Sequence[str], beyond: int | None
) -> st.SearchStrategy[Any]:
    """Argument `i`; one without a derivative is whole numbers, or truth values by default."""
    if op.rules and not op.sequence and op.rules[i] is None:
        whole = domain.spacing and domain.spacing == int(domain.spacing)
        choices = st.sampled_from([int(x) for x in grid(domain)]) if whole else st.booleans()
        return hnp.arrays(int if whole else bool, shape or (), elements=choices)
    if shape is None:
        far = () if beyond is None else distant(domain, beyond)
        return st.sampled_from(far or grid(domain))
    return arrays_in(domain, shape, layouts, beyond, start=i)


def strata(op: Op) -> Iterator[tuple[int, str, st.SearchStrategy[Point]]]:
    """Case number, name and points of every kind of input that `op` is tested with."""
    seen: set[str] = set()
    for number, case in enumerate(op.cases):
        found = _fixed(op, case) if case.shapes else _free(op, case)
        for name, strategy in found:
            key = name if name.startswith("defaults") else f"{name} {dict(case.keywords)}"
            if key not in seen:
                seen.add(key)
                yield number, name, strategy


def _all_alike(n: int, *shapes: Shape | None) -> st.SearchStrategy[tuple[Shape | None, ...]]:
    return st.sampled_from([(shape,) * n for shape in shapes])


def _free(op: Op, case: Case) -> Iterator[Stratum]:
    """Kinds of input for a case in which any shapes, or any that broadcast, will do."""
    n = op.arity

    def of(*shapes: Shape | None, **how: Any) -> st.SearchStrategy[Point]:
        return points(op, case, _all_alike(n, *shapes), **how)

    yield "a Python number", of(None)
    yield "no axes", of(())
    yield "one element", of((1,), (1, 1), (1, 1, 1))
    yield "two axes", of((2, 3), (3, 3), (2, 2))
    yield "more than 8 elements", of((9,), (3, 4))
    yield "three or more axes", of((2, 2, 2), (1, 2, 1, 3))
    yield "every simple number", of((max(len(grid(d)) for d in op.domain),))
    yield "no elements", of((0,), (2, 0), (0, 1, 3))
    yield "Fortran order", of((2, 3), (3, 3), (2, 3, 2), layouts=("Fortran",))
    yield "negative strides", of((3,), (2, 3), layouts=("negative",))
    if not any(d.distinct or d.diagonal for d in op.domain):
        yield "zero strides", of((3,), (2, 3), layouts=("zero",))
    yield "float32", of((2, 3), (1,), (), (0,), (3, 1, 2), single=True)
    for i, domain in enumerate(op.domain):
        for bound in (3, 50):
            if distant(domain, bound):
                yield f"argument {i} beyond {bound}", of(None, beyond=(i, bound))
                yield f"argument {i} beyond {bound}, arrays", of((3,), (2, 3), beyond=(i, bound))
        yield from _extremes(op, i, domain, of, ((3,), (2, 3)))
    for pair in kinds.pairs(op, case):
        name = f"one node as arguments {pair[0]} and {pair[1]}"
        yield name, of((3,), (2, 2), None, (), same=pair)
    if n > 1:
        yield from _broadcast(op, case, n)


def _extremes(
    op: Op, i: int, domain: Domain, of: Any, shapes: tuple[Any, ...]
) -> Iterator[Stratum]:
    """Argument `i` near 0 and far out, where its domain is open, and beyond 50 in float32."""
    for bound, name in zip((NEAR, FAR), EXTREMES, strict=True):
        if distant(domain, bound):
            yield f"argument {i} {name}", of(*shapes, beyond=(i, bound))
            yield f"argument {i} {name}, float32", of(*shapes, beyond=(i, bound), single=True)
    if distant(domain, 50):
        yield f"argument {i} beyond 50, float32", of(*shapes, beyond=(i, 50), single=True)


def _broadcast(op: Op, case: Case, n: int) -> Iterator[Stratum]:
    def group(*choices: tuple[Shape | None, ...], **how: Any) -> st.SearchStrategy[Point]:
        return points(op, case, st.sampled_from(choices), **how)

    small: tuple[tuple[Shape | None, Shape], ...] = (
        *((None, (2,)), ((), (3,)), ((1,), (3,)), ((3,), (2, 3)), ((1, 3), (2, 3))),
        *(((2, 1), (2, 3)), ((), (1,)), ((1,), (0,))),
    )
    for i in range(n):
        name = f"argument {i} broadcast"
        choices = [tuple(s if j == i else full for j in range(n)) for s, full in small]
        yield name, group(*choices)
        yield f"{name}, float32", group(*choices[:4], single=True)
        double: tuple[tuple[Shape, Shape], ...] = (
            *(((1, 1), (2, 3)), ((), (2, 3)), ((1, 2, 1), (2, 2, 3)), ((2, 1, 1), (1, 2, 3))),
            *(((1, 3), (2, 1, 3)), ((3,), (2, 2, 3))),
        )
        yield (
            f"{name} along two axes",
            group(*[tuple(s if j == i else full for j in range(n)) for s, full in double]),
        )
    both: tuple[tuple[Shape, Shape], ...] = (((2, 1), (1, 3)), ((2, 1), (3,)), ((1, 3), (2, 1)))
    yield "two arguments broadcast", group(*[(a, *(b,) * (n - 1)) for a, b in both])


def _fixed(op: Op, case: Case) -> Iterator[Stratum]:
    """Kinds of input for a case of given shapes, and for those near them that will do too."""
    n = len(case.shapes)

    def of(shapes: tuple[Shape | None, ...], **how: Any) -> st.SearchStrategy[Point]:
        return points(op, case, st.just(shapes), **how)

    text = " and ".join(map(str, case.shapes))
    yield f"shapes {text}", of(case.shapes)
    yield f"float32 of {text}", of(case.shapes, single=True)
    if any(len(s) > 1 and min(s) > 1 for s in case.shapes):
        yield f"Fortran order {text}", of(case.shapes, layouts=("Fortran",))
        yield f"negative strides {text}", of(case.shapes, layouts=("negative",))
        if not any(d.distinct or d.diagonal for d in op.domain):
            yield f"zero strides {text}", of(case.shapes, layouts=("zero",))
    if case is next(c for c in op.cases if c.shapes):
        for i, domain in enumerate(domains_of(op, n)):
            if distant(domain, 50):
                yield f"argument {i} beyond 50, {text}", of(case.shapes, beyond=(i, 50))
            yield from _extremes(op, i, domain, of, (case.shapes,))
    if not any(case.shapes) and n:
        yield "Python numbers", of((None,) * n)
    for pair in kinds.pairs(op, case):
        yield f"one node as arguments {pair} {text}", of(case.shapes, same=pair)
    for name, shapes in _variants(op, case):
        yield f"{name} {shapes}", of(shapes)
    plain = Case(case.shapes, {k: case.keywords[k] for k in kinds.without_default(op)})
    if plain.keywords != case.keywords and _accepts(op, plain, case.shapes):
        yield f"defaults, {text}", points(op, plain, st.just(case.shapes))


def _variants(op: Op, case: Case) -> Iterator[tuple[str, tuple[Shape, ...]]]:
    """The shapes of a case emptied, of one element, square, beyond 8 elements, and stacked.

    None where keywords are arrays or slices: then the shapes are not free to change.
    """
    sides = sorted({n for shape in case.shapes for n in shape if n > 1})
    if not sides or not all(is_simple(x) for c in op.cases for x in c.keywords.values()):
        return

    def with_sides(new: dict[int, int]) -> tuple[Shape, ...]:
        return tuple(tuple(new.get(n, n) for n in shape) for shape in case.shapes)

    candidates = [(f"no elements, {n} as 0", with_sides({n: 0})) for n in sides]
    candidates.append(("one element", with_sides(dict.fromkeys(sides, 1))))
    candidates.append(("square", with_sides(dict.fromkeys(sides, 3))))
    grown = ((with_sides({n: n + more for n in sides})) for more in range(1, 9))
    for shapes in grown:
        if max(int(np.prod(s)) for s in shapes) > 8:
            candidates.append(("more than 8 elements", shapes))
            break
    if op.signature:
        candidates.append(("stacked", tuple((2, 1, *shape) for shape in case.shapes)))
    for name, shapes in candidates:
        if shapes != case.shapes and _accepts(op, case, shapes):
            yield name, shapes


def is_simple(x: Any) -> bool:
    """Whether a keyword says nothing about shapes, as arrays and slices do."""
    if isinstance(x, tuple):
        return all(map(is_simple, x))
    return x is None or isinstance(x, bool | int | float | str | type)


def _accepts(op: Op, case: Case, shapes: tuple[Shape, ...]) -> bool:
    """Whether forward and NumPy take arrays of these shapes: silently, with a finite result."""
    domains = domains_of(op, len(shapes))
    arrays = []
    for i, (domain, shape) in enumerate(zip(domains, shapes, strict=True)):
        n = int(np.prod(shape))
        numbers = (grid(domain, at_least=n) * (n + 1))[:n]
        if not op.sequence and op.rules and op.rules[i] is None:
            numbers = tuple(map(int, numbers)) if domain.spacing else (True,) * n
        arrays.append(np.array(numbers, None if n else float).reshape(shape))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", DeprecationWarning)  # of a later NumPy
        warnings.simplefilter("ignore", FutureWarning)
        try:
            out = op.forward(*arrays, **case.keywords)
            for function in op.numpy:
                call_numpy(function, [arrays] if op.sequence else arrays, case.keywords)
        except (ArithmeticError, ValueError, IndexError, TypeError, Warning):
            return False
    return bool(np.all(np.isfinite(out)))


def points_at_ties(op: Op) -> Iterator[tuple[str, st.SearchStrategy[Point]]]:
    """Points of an op whose arguments must not be equal, with one pair of equal elements."""
    if any(domain.spacing for domain in op.domain):
        for case in op.cases:
            shapes = case.shapes or ((3,),) * op.arity
            if max((int(np.prod(s)) for s in shapes), default=0) > 1:
                yield f"a tie {case}", _tied(op, case, shapes)


@st.composite
def _tied(draw: st.DrawFn, op: Op, case: Case, shapes: tuple[Shape, ...]) -> Point:
    point = draw(points(op, case, st.just(shapes)))
    leaves = [np.array(x) for x in point.leaves]
    places = [(i, e) for i in point.varying for e in range(leaves[i].size)]
    if len(places) > 1:
        (i, e), (j, k) = draw(
            st.lists(st.sampled_from(places), min_size=2, max_size=2, unique=True)
        )
        leaves[j].reshape(-1)[k] = leaves[i].reshape(-1)[e]
    return Point(op, tuple(leaves), point.slots, point.keywords)
