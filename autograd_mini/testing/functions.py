"""Checks of anybody's gradients at one point: of functions, of backward passes, of layers.

This file knows arguments and results, Values and containers. It must not know any op, nor how a
gradient is judged, nor Hypothesis.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd_mini.engine.backprop import results_first
from autograd_mini.engine.value import Value
from autograd_mini.functional import jvp as our_jvp
from autograd_mini.functional import vjp as our_vjp
from autograd_mini.functional.call import Argnums, is_number_like, kind_of, positions
from autograd_mini.functional.recorded import gradient_table, gradients
from autograd_mini.testing import report, slips
from autograd_mini.testing.compare import (
    MANY,
    GradientCheckError,
    InconclusiveCheckError,
    Subject,
    check_change,
    check_first,
    check_narrow,
    hidden,
    split,
)
from autograd_mini.testing.numeric import EPS
from autograd_mini.testing.points import plain, show, weights
from autograd_mini.trees import (
    contents,
    differentiable,
    leaves,
    matched,
    places,
    rebuild,
    variables,
)


class Argument(NamedTuple):
    """What a failed check found for one argument, element by element.

    `leaf` stands for it in the graph of the result, `given` is what the caller gave. `wrong` tells
    which elements disagree; `differences` is None where slopes at a kink were compared instead.
    """

    leaf: Value
    given: Any
    wrong: NDArray[np.bool_]
    computed: NDArray[Any]
    differences: NDArray[Any] | None


@hidden
def check_gradients(
    f: Callable[..., Any],
    *args: Any,
    order: int = 2,
    argnums: Argnums = None,
    directions: int | str | None = "auto",
    inconclusive: str = "raise",
    **keywords: Any,
) -> None:
    """Check the derivatives of `f` at `args`, element by element, against finite differences.

    `f` takes Values, one for each number and array in `args` and in containers among them, as with
    `grad`: dicts, tuples, dataclasses, and lists that hold arrays (a list of numbers is an array).
    Whole numbers and truth values are given as they are; `argnums` says which arguments vary, and
    `keywords` go to `f`. The result may have any shape, or be containers of Values.

    With an order of 2, the gradients of its gradients are checked as well, and so on. With
    `order=1` gradients are computed as `backward()` does, so rules may be any NumPy code.
    Arguments of float32 are checked as float64, and their own gradients against those.

    `f` is also run on plain arrays, if it can be, and must compute the same: an operator such as
    `+=` writes into a plain array, also under its other names, where of a Value it makes a new
    one. And each gradient must stay as it is when `f` has seen other numbers: no forward may keep
    something for its rule.

    On a kink, or so near to it that finite differences step over it, there is no one derivative to
    compare with: there, the analytic derivative along each axis, along all ones and along random
    directions must lie between the one from the left and the one from the right (or, where several
    kinks meet, those at points nearby). Where these have no limit either (a jump, the square root
    at 0), nothing is asked. With more than 300 numbers, "auto" compares along 8 random
    `directions`, and looks for the element where one is wrong; None compares every element.

    Raises GradientCheckError, an AssertionError, with the element, both numbers with their error
    bars, and the likely slip; InconclusiveCheckError, another, where it cannot tell: if two calls
    of `f` differ, if its result is not finite, or if the differences do not settle at any step
    (`inconclusive="pass"` lets that pass); ValueError if `f` uses Values from outside in place of
    its arguments; TypeError where nothing can be differentiated by.

    >>> check_gradients(lambda x, y: np.sin(x) * y, [0.5, 2.0], 3.0)
    >>> check_gradients(lambda x: np.maximum(x, 0), [-1.0, 0.0, 1e-12])
    >>> check_gradients(lambda p: p["W"] @ p["x"], {"W": np.ones((2, 2)), "x": [0.5, 2.0]})
    """
    given = _Arguments("check_gradients", args, argnums)

    def run(at: Sequence[Any]) -> tuple[Any, list[Value]]:
        nodes = [Value(x, name=name) for x, name in zip(at, given.labels, strict=True)]
        return f(*given.filled(nodes), **keywords), nodes

    with np.errstate(all="ignore"):
        _check_plain(lambda at: f(*given.filled(at), **keywords), run, given.data)
        _check(run, given, order, directions, inconclusive)


@hidden
def check_backward(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    *args: Any,
    argnums: Argnums = None,
    directions: int | str | None = "auto",
    inconclusive: str = "raise",
    **keywords: Any,
) -> None:
    """Check a backward pass written by hand, or by any library, against its forward.

    `backward(g, *args)` gives, for `g` like the result of `forward(*args)`, the gradient of each
    argument (a tuple; None or anything for whole numbers), or the gradient alone if one varies.
    `forward` is run at the same numbers before each, and `keywords` go to both.
    Both get copies of plain NumPy arrays, and may use loops and write into them; containers,
    whole numbers, truth values, `argnums` and the rest are as in `check_gradients`, and so are the
    verdicts and the likely slip. Where the result is float32, the bars are as wide as it needs.

    Raises GradientCheckError and InconclusiveCheckError as `check_gradients` does, and ValueError
    if `backward` does not give as many gradients as there are arguments.

    >>> check_backward(lambda x, W: x @ W, lambda g, x, W: (g @ W.T, x.T @ g),
    ...                np.ones((2, 3)), np.ones((3, 4)))
    >>> try:
    ...     check_backward(np.mean, lambda g, x: g * np.ones_like(x), [1.0, 2.0, 4.0])
    ... except GradientCheckError as error:
    ...     print(str(error).splitlines()[3].strip())
    likely slip         1/3 missing: a sum in place of a mean over the argument
    """
    given = _Arguments("check_backward", args, argnums)

    def copies(at: list[Any]) -> list[Any]:
        return given.filled([np.array(x) if np.ndim(x) else x for x in at])

    with np.errstate(all="ignore"):
        out = forward(*copies(given.data), **keywords)
    results = [np.asarray(x) for x in leaves(out)]
    if not results:
        raise TypeError(f"forward must give real numbers or arrays of them, not {kind_of(out)}")
    for y, x in zip(leaves(out), results, strict=True):
        if x.dtype.kind not in "fiu":
            raise TypeError(f"forward must give real numbers or arrays of them, not {kind_of(y)}")

    def pull(at: list[Any], g: Any) -> list[Any]:
        parts = [x.astype(y.dtype) for x, y in zip(split(g, results), results, strict=True)]
        forward(*copies(at), **keywords)
        found = backward(rebuild(out, [x[()] for x in parts]), *copies(at), **keywords)
        return given.gradients_of(found)

    def f(at: list[Any]) -> Any:
        return _joined([np.asarray(x) for x in leaves(forward(*copies(at), **keywords))])

    with np.errstate(all="ignore"):
        narrow = [x.dtype.kind == "f" and x.dtype.itemsize < 8 for x in results]
        for kind in sorted(set(narrow)):
            s = _subject(f, pull, given, results)
            weighed = [
                x.astype(y.dtype) * (n == kind)
                for x, y, n in zip(split(s.g, results), results, narrow, strict=True)
            ]
            s.g = _joined(weighed)
            if kind:
                eps = np.finfo(results[narrow.index(True)].dtype).eps
                s.wide = 0.05
                s.rounding = float(eps) * float(
                    np.max(np.abs(s.weighted(given.data)), initial=0.0)
                )
            asked = _directions(directions, given)
            _judge(functools.partial(check_first, s, asked), inconclusive)


@hidden
def check_layer(
    layer: Any,
    *shapes: int | tuple[int, ...] | NDArray[Any],
    order: int = 2,
    directions: int | str | None = "auto",
    inconclusive: str = "raise",
) -> None:
    """Check a layer by all its parameters and inputs, in batches of 1, 2 and 5 examples.

    `layer` is an `nn.Module`, or anything that is called and has `parameters()`; `shapes` are
    those of one example of each input, such as `(784,)`, or arrays of whole numbers with the
    examples along their first axis. The numbers are random, and the same each time. Parameters
    and running statistics are put back.

    Raises what `check_gradients` raises, and ValueError for Values that are no parameters.

    >>> import nn
    >>> check_layer(nn.Linear(3, 2, seed=0), (3,))
    """
    if not callable(getattr(layer, "parameters", None)):
        raise TypeError(f"check_layer checks what has parameters(), not {kind_of(layer)}")
    parameters = list(layer.parameters())
    names = {p: n for n, p in getattr(layer, "named_parameters", list)()}
    state = layer.state_dict() if hasattr(layer, "state_dict") else None
    kept = [plain(p) for p in parameters]
    rng = np.random.default_rng(0)
    for n in (1, 2, 5) if shapes else (1,):
        inputs = [
            np.resize(x, (n, *np.shape(x)[1:]))
            if isinstance(x, np.ndarray)
            else rng.normal(size=(n, x) if isinstance(x, int) else (n, *x))
            for x in shapes
        ]
        given = _Arguments("check_layer", [*parameters, *inputs], None)
        given.names[: len(parameters)] = [
            names.get(p, f"parameter {i}") for i, p in enumerate(parameters)
        ]

        def run(at: Sequence[Any], given: Any = given) -> tuple[Any, list[Value]]:
            for p, x in zip(parameters, at, strict=False):
                p.replace(x)  # in float64 too
            new = given.filled([*parameters, *map(Value, at[len(parameters) :])])
            nodes = [x for x in new if isinstance(x, Value)]
            return layer(*new[len(parameters) :]), nodes

        try:
            with np.errstate(all="ignore"):
                _check(run, given, order, directions, inconclusive, keep=False, closed=True)
        finally:
            for p, x in zip(parameters, kept, strict=True):
                p.replace(x)
            if state is not None:
                layer.load_state_dict(state)


@hidden
def check_jvp(
    f: Callable[..., Any],
    *args: Any,
    jvp: Callable[..., Any] = our_jvp,
    vjp: Callable[..., Any] = our_vjp,
) -> None:
    """Check that derivatives forwards and backwards are of one matrix: <g, Jt> = <Jᵀg, t>.

    No differences are needed, so it is exact but for rounding. `jvp(f, args, tangents)` and
    `vjp(f, *args)` give pairs, as they do here and in JAX, of the result and the derivative along
    `tangents`, or the function that pulls `g` back.

    Raises GradientCheckError with both numbers.

    >>> check_jvp(lambda x, y: np.sin(x) * y, np.ones(3), 2.0)
    """
    given = _Arguments("check_jvp", args, None)
    own = [np.asarray(x)[()] for x in given.own]
    free = lambda *new: f(*given.filled(new))
    tangents = [_like(weights(np.shape(x), phase=1 + i), x) for i, x in enumerate(own)]

    def both(at: list[Any]) -> tuple[Any, Any, Any, Any]:
        out, forwards = jvp(free, tuple(at), tuple(tangents))
        g = [_like(weights(np.shape(plain(x))), plain(x)) for x in leaves(out)]
        backwards = vjp(free, *at)[1](rebuild(out, g))
        pairs = [
            [np.asarray(plain(x), float) * y for x, y in zip(leaves(each), others, strict=True)]
            for each, others in ((forwards, g), (backwards, tangents))
        ]
        left, right = (sum(float(np.sum(x)) for x in each) for each in pairs)
        eps = max(np.finfo(np.asarray(plain(x)).dtype).eps for x in (*leaves(forwards), 0.0))
        return left, right, sum(float(np.sum(np.abs(x))) for each in pairs for x in each), eps

    left, right, size, eps = both(own)
    room, rng = 64 * eps * size, np.random.default_rng(0)
    for _ in range(0 if abs(left - right) <= room else 3):  # terms may cancel
        near = [_like(x * (1 + eps * rng.choice([-1.0, 1.0], np.shape(x))), x) for x in own]
        room += 16 * max(abs(x - y) for x, y in zip(both(near), (left, right), strict=False))
    if not abs(left - right) <= room:
        raise GradientCheckError(
            f"the derivatives forwards and backwards are not of one matrix\n"
            f"  <g, jvp(t)>         {left:.15g}\n  <vjp(g), t>         {right:.15g}"
        )


def _like(x: Any, other: Any) -> Any:
    """The numbers in the dtype of another."""
    return np.asarray(x, np.asarray(other).dtype)[()]


# --------------------------------------------------------------------------------- arguments
class _Arguments:
    """The arguments of a check: the numbers and arrays in them that vary, and the rest."""

    def __init__(self, name: str, args: Sequence[Any], argnums: Argnums) -> None:
        self.trees = [variables(_as_arrays(x)) for x in args]
        chosen = positions(name, argnums, len(args))
        self.spots: list[tuple[int, int]] = []  # which argument, which of its leaves
        self.own: list[Any] = []  # as they were given, without names
        self.given: list[Any] = []
        self.names: list[str] = []
        for i in chosen:
            for k, (place, x) in enumerate(places(self.trees[i], f"argument {i}")):
                if _varies(x) or (argnums is not None and not _is_left_alone(x)):
                    differentiable(x, f"{name}: {place}")
                    self.spots.append((i, k))
                    self.given.append(x)
                    self.own.append(plain(x))
                    self.names.append(place)
        if not self.spots:
            kinds = ", ".join(kind_of(plain(x)) for x in args) or "nothing"
            raise TypeError(
                f"{name}: no argument varies, and what was given is {kinds}; derivatives need"
                " floats, or arrays of them"
            )
        for place, x in zip(self.names, self.own, strict=True):
            if np.asarray(x).dtype.itemsize < 4:
                raise TypeError(
                    f"{name}: {place} is {np.asarray(x).dtype}: too coarse for finite differences;"
                    " give float64"
                )
        self.data = [float(x) if not np.ndim(x) else np.array(x, float) for x in self.own]

    @property
    def labels(self) -> list[str]:
        """Names for nodes: a Value's own, or else the place."""
        pairs = zip(self.given, self.names, strict=True)
        return [getattr(x, "name", "") or name for x, name in pairs]

    def filled(self, new: Sequence[Any]) -> list[Any]:
        """The arguments, with others in the place of what varies."""
        table = dict(zip(self.spots, new, strict=True))
        return [
            rebuild(tree, [table.get((i, k), x) for k, x in enumerate(leaves(tree))])
            for i, tree in enumerate(self.trees)
        ]

    def gradients_of(self, found: Any) -> list[Any]:
        """The gradients of what varies, from those of the arguments, or of those that vary."""
        varied = list(dict.fromkeys(i for i, _ in self.spots))
        if not isinstance(found, tuple | list) or (
            len(varied) == 1 and len(found) != len(self.trees)
        ):
            found = (found,)
        if len(found) not in (len(self.trees), len(varied)):
            raise ValueError(
                f"backward gives {len(found)} gradients for {len(self.trees)} arguments, of which"
                f" {len(varied)} vary: give one for each, and None for what has none"
            )
        whose = range(len(found)) if len(found) == len(self.trees) else varied
        of = dict(zip(whose, found, strict=True))
        gradients = []
        for (i, k), name, x in zip(self.spots, self.names, self.data, strict=True):
            tree = self.trees[i]
            parts = (
                matched(tree, of[i], "its gradient", "the argument")
                if contents(tree) is not None
                else [of[i]]
            )
            share = np.asarray(parts[k])
            if share.dtype.kind not in "fiu" or share.shape != np.shape(x):
                if share.dtype.kind not in "fiu":
                    raise GradientCheckError(
                        f"the gradient of {name} is {kind_of(parts[k])}, not real numbers"
                    )
                raise GradientCheckError(
                    f"the gradient of {name} has shape {share.shape}, and the argument has shape"
                    f" {np.shape(x)}"
                    + ": is a sum over broadcast axes missing?" * (share.size > np.size(x))
                    + ": a transpose?" * (share.shape == np.shape(x)[::-1])
                )
            gradients.append(share if share.dtype.kind == "f" else share.astype(float))
        return gradients


def _as_arrays(x: Any) -> Any:
    """Lists of numbers, however deep, as arrays."""
    if isinstance(x, dict):
        return {key: _as_arrays(y) for key, y in x.items()} if type(x) is dict else x
    if isinstance(x, list):
        flat = leaves(x)
        if x and all(isinstance(y, int | float | np.number | np.bool) for y in flat):
            return np.array(x)
    return x


def _varies(x: Any) -> bool:
    kind = np.asarray(plain(x)).dtype.kind if not isinstance(x, Value) else "f"
    return kind in "fc" or isinstance(x, np.ma.MaskedArray)


def _is_left_alone(x: Any) -> bool:
    return not isinstance(x, int | float | np.number | np.ndarray)


# ------------------------------------------------------------------------------------ checking
Run = Callable[[Sequence[Any]], tuple[Any, list[Value]]]


def _check(
    run: Run,
    given: _Arguments,
    order: int,
    directions: int | str | None,
    inconclusive: str,
    keep: bool = True,
    closed: bool = False,
) -> None:
    if not isinstance(order, int) or order < 1:
        raise ValueError(f"order is a whole number, at least 1, not {order!r}")
    out, nodes = run(given.data)
    results = [np.asarray(plain(x)) for x in _results(out)]
    _check_used(out, nodes, closed)

    def f(at: Sequence[Any]) -> Any:
        return _joined([np.asarray(plain(x)) for x in _results(run(at)[0])])

    def pull(at: list[Any], g: Any) -> list[Any]:
        result, nodes = (out, known) if keep and at is given.data else run(at)
        found = _pulled(result, nodes, split(g, results), recorded=order > 1)
        return [np.asarray(plain(x)) for x in found]

    known = nodes
    s = _subject(f, pull, given, results)
    s.painted = lambda *found: _picture(out, nodes, given, results, *found)

    def check() -> None:
        check_first(s, _directions(directions, given))
        _check_narrow(run, given, s, results)
        for n in range(2, order + 1):
            _check_order(run, given, s, results, n)

    _judge(check, inconclusive)


def _judge(check: Callable[[], None], inconclusive: str) -> None:
    if inconclusive not in ("raise", "pass"):
        raise ValueError(f"inconclusive is 'raise' or 'pass', not {inconclusive!r}")
    try:
        check()
    except InconclusiveCheckError:
        if inconclusive == "raise":
            raise


def _directions(directions: int | str | None, given: _Arguments) -> int | None:
    if directions == "auto":
        return 8 if sum(map(np.size, given.data)) > MANY else None
    if directions is None or (isinstance(directions, int) and directions > 0):
        return directions
    raise ValueError(f"directions is 'auto', None or a number above 0, not {directions!r}")


def _subject(f: Any, pull: Any, given: _Arguments, results: list[Any]) -> Subject:
    shape = results[0].shape if len(results) == 1 else (sum(x.size for x in results),)
    g = np.ravel(weights(shape)) if np.prod(shape) != 1 else np.ones(1)
    values = dict(zip(given.spots, given.data, strict=True))
    lines = []
    for i, tree in enumerate(given.trees):
        for k, (place, x) in enumerate(places(tree, f"argument {i}")):
            name = given.names[given.spots.index((i, k))] if (i, k) in values else place
            lines.append(f"  {name} = {show(values.get((i, k), x))}")
    indices = [
        x for tree in given.trees for x in leaves(tree) if np.asarray(plain(x)).dtype.kind in "iub"
    ]

    def slip(i: int, ours: Any, right: Any) -> str:
        return slips.likely(f, given.data, i, ours, right, np.reshape(g, shape), indices)

    one = len(results) == 1
    whole = [""] if one else [f"result {n}" for n in range(len(results))]
    element = lambda k: _named(k, whole, results).removeprefix(" at ") or "the result"
    return Subject(f, pull, given.data, given.names, "\n".join(lines), g, element, slip=slip)


def _joined(parts: Sequence[Any]) -> Any:
    return np.concatenate([np.ravel(x) for x in parts]) if parts else np.zeros(0)


def _results(out: Any) -> list[Any]:
    found = [None] if out is None else leaves(variables(out))
    for x in found:
        if not is_number_like(x):
            raise TypeError(f"the function must give numbers or arrays, not {kind_of(x)}")
    return found


def _check_used(out: Any, nodes: list[Value], closed: bool) -> None:
    """The result depends on an argument, or on no Value; if `closed`, on arguments alone."""
    behind: dict[Value, None] = {}
    for x in _results(out):
        if isinstance(x, Value):
            behind.update(dict.fromkeys(results_first(x)))
    mine = frozenset(nodes)
    outside = [v for v in behind if v.op is None and v not in mine]
    names = ", ".join(v.name or f"one of shape {v.shape}" for v in outside)
    if outside and closed:
        raise ValueError(f"the layer uses Values that are not among its parameters(): {names}")
    if outside and not any(v in behind for v in mine):
        raise ValueError(
            f"the function uses none of its arguments, but Values from outside ({names}): let it"
            " take them as arguments, or nothing can be checked"
        )


def _pulled(out: Any, nodes: list[Value], g: list[Any], recorded: bool) -> list[Any]:
    """The gradient of the sum of all results times `g`, for each node."""
    totals: list[Any] = [None] * len(nodes)
    for x, weight in zip(_results(out), g, strict=True):
        if not isinstance(x, Value) or not x.size:
            continue
        seed = weight if weight.shape else float(weight)
        seed = np.asarray(seed, x.dtype)[()] if x.shape else seed
        if recorded:
            shares: list[Any] = list(gradients(x, nodes, seed=seed))
        else:
            table = gradient_table(x, seed)
            shares = [table.get(v) for v in nodes]
        pairs = zip(totals, shares, strict=True)
        totals = [a if b is None else b if a is None else a + b for a, b in pairs]
    found = [
        np.zeros(v.shape, v.dtype) if x is None else x for x, v in zip(totals, nodes, strict=True)
    ]
    return found if recorded else [np.asarray(x) for x in found]


def _field(run: Run, at: Sequence[Any], g: Any, results: list[Any], *hs: list[Any]) -> list[Any]:
    """The gradient of the results times `g`, or of its sum times the first of `hs`, and so on."""
    out, nodes = run(at)
    found = _pulled(out, nodes, split(g, results), recorded=True)
    for h in hs:
        total: Any = Value(0.0)
        for weight, x in zip(h, found, strict=True):
            total = total + np.sum(weight * x)
        found = list(gradients(total, nodes))
    return found


def _check_order(run: Run, given: _Arguments, s: Subject, results: list[Any], n: int) -> None:
    """Check the derivatives of order `n`: the change of those of one order less."""
    hs = [
        [weights(np.shape(x), phase=1 + i + 10 * k) for i, x in enumerate(given.data)]
        for k in range(n - 1)
    ]

    def field(at: Sequence[Any]) -> Any:
        if n == 2:
            out, nodes = run(at)
            return _joined(_pulled(out, nodes, split(s.g, results), recorded=False))
        return _joined([np.asarray(plain(x)) for x in _field(run, at, s.g, results, *hs[:-1])])

    def pull(at: list[Any], h: Any) -> list[Any]:
        parts = split(h, [np.asarray(x) for x in given.data])
        found = _field(run, at, s.g, results, *hs[:-1], parts)
        return [np.asarray(plain(x)) for x in found]

    lines = f"  g = {show(s.g)}\n{s.shown}" if s.g.size > 1 else s.shown
    element = lambda k: _named(k, given.names, given.data)
    h = _joined([np.asarray(x) for x in hs[-1]])
    higher = Subject(field, pull, given.data, given.names, lines, h, element, order=n)
    if painted := s.painted:
        higher.painted = lambda found, _, *rest: painted(found, s.g, *rest)
    higher.rounding = EPS * float(np.max(np.abs(s.weighted(s.leaves)), initial=0.0))
    check_change(higher)


def _named(k: int, names: Sequence[str], arrays: Sequence[Any]) -> str:
    """What element `k` of all arrays in a row is called."""
    for name, x in zip(names, arrays, strict=True):
        if k < np.size(x):
            place = tuple(map(int, np.unravel_index(k, np.shape(x)))) if np.ndim(x) else ()
            return name + report.element(place)
        k -= np.size(x)
    raise IndexError(k)


def _check_narrow(run: Run, given: _Arguments, s: Subject, results: list[Any]) -> None:
    """The gradients in float32, where such was given, against those in float64."""
    if any(np.asarray(x).dtype.itemsize < 8 for x in given.own):
        out, nodes = run([x if np.ndim(x) else np.asarray(x)[()] for x in given.own])
        check_narrow(s, _pulled(out, nodes, split(s.g, results), recorded=False))


def _picture(
    out: Any,
    nodes: list[Value],
    given: _Arguments,
    results: list[Any],
    found: list[Any],
    g: Any,
    wrong: list[Any],
    differences: list[Any],
) -> tuple[Any, Any]:
    """A scalar result, whose derivatives are those that are told apart, and the arguments."""
    root: Any = Value(0.0)
    parts = [x for x in _results(out) if isinstance(x, Value)]
    if g.size == 1 and len(parts) == 1:
        root = parts[0] if not parts[0].shape else np.sum(parts[0])
    else:
        pairs = zip(_results(out), split(g, results), strict=True)
        for k, (x, weight) in enumerate(pairs):
            root = np.sum(weight * x) if not k else root + np.sum(weight * x)
    arguments = [
        Argument(leaf, x, np.asarray(bad), np.asarray(ours), None if d is None else np.asarray(d))
        for leaf, x, bad, ours, d in zip(
            nodes, given.given, wrong, found, differences, strict=True
        )
    ]
    return (root if isinstance(root, Value) else Value(root)), arguments


def _check_plain(f: Callable[[list[Any]], Any], run: Run, data: list[Any]) -> None:
    """Compare `f` of plain arrays, where it takes them, with `f` of Values."""
    copies = [x.copy() if np.ndim(x) else np.float64(x) for x in data]
    try:
        theirs = [np.asarray(plain(x)) for x in leaves(f(copies))]
    except Exception:
        return
    out = run(data)[0]
    ours = [np.asarray(plain(x)) for x in _results(out)]
    kinds = {x.dtype.kind for x in theirs}
    if len(ours) != len(theirs) or not kinds <= set("fiub") or _all_alike(ours, theirs):
        return
    for at in (data, [np.nextafter(x, np.inf) for x in data]):
        if not _all_alike(ours, [np.asarray(plain(x)) for x in _results(run(at)[0])]):
            return  # what is random, or chaotic, is no proof
    told = [", ".join(show(x[()]) for x in each) for each in (ours, theirs)]
    text = (
        f"the function gives {told[0]} for Values, and {told[1]} for plain arrays:"
        " the likely cause is an operator such as y += 1 or y *= 3, which writes into a plain"
        " array under all its names, and of a Value makes a new one; write y = y + 1"
    )
    first = next((x for x in _results(out) if isinstance(x, Value)), Value(0.0))
    raise GradientCheckError(text, np.sum(first))


def _all_alike(xs: list[Any], ys: list[Any]) -> bool:
    return all(map(_alike, xs, ys))


def _alike(x: Any, y: Any) -> bool:
    size = np.max(np.abs(x), initial=0.0, where=np.isfinite(x))
    return np.shape(x) == np.shape(y) and np.allclose(x, y, 1e-6, 1e-6 * size, equal_nan=True)
