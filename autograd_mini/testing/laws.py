"""What holds for any op at any point, derivatives apart: shapes, dtypes, cleanness, linearity.

This file knows what a forward and a rule owe their callers. It must not know any op.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from autograd_mini.engine.declaration import Domain
from autograd_mini.engine.numpy_calls import functions
from autograd_mini.engine.value import Value
from autograd_mini.testing.domains import domains_of, extremes
from autograd_mini.testing.points import Point, call_numpy, fail, plain, require, show, weights

_WIDENED = (
    ": a NumPy number such as 2 / np.sqrt(np.pi) widens float32 arrays, and some functions of"
    " SciPy answer in float64; use math.sqrt, float(...) or .astype(x.dtype)"
)


def check_forward(point: Point, leaves: list[Any], out: Any) -> None:
    """On plain arrays it is plain, keeps the dtype, and gives what NumPy gives."""
    op, args = point.op, point.args(leaves)
    passed = op(*([args] if op.sequence else args), **point.keywords)
    require(not isinstance(passed, Value), point, "plain arrays give a Value, not a plain array")
    require(_same_bits(passed, out), point, "op(...) of plain arrays differs from its forward")
    kind = np.asarray(out).dtype
    own = np.result_type(*[args[i] for i, slot in enumerate(point.slots) if slot in point.varying])
    for function in op.numpy:
        theirs = call_numpy(function, [args] if op.sequence else args, point.keywords)
        close = np.shape(out) == np.shape(theirs) and np.allclose(out, theirs, 1e-5, 1e-6)
        if kind is np.dtype(float):
            scale = np.max(np.abs(theirs), initial=0.0)
            close = close and np.allclose(out, theirs, 1e-13, 1e-14 * scale)
        name = function.__name__
        if not close:
            both = f"{show(out)}\n  np.{name}: {show(theirs)}"
            fail(point, f"the forward differs from np.{name}:\n  {both}")
        wide = np.asarray(theirs).dtype
        right = kind in (wide, own)
        require(right, point, f"the forward gives {kind}, np.{name} gives {wide}")
    text = f"the forward makes {kind} of {own}{_WIDENED}"
    require(bool(op.numpy) or kind == own, point, text)


def check_rules(point: Point, leaves: list[Any], out: Any, g: Any) -> None:
    """Shape, dtype, linearity, repeatability and cleanness of what the rules themselves give."""
    given = [*leaves, out, g]
    before = [_fingerprint(x) for x in given]
    shares = point.shares(leaves, out, g)
    kept = [np.array(s) for s in shares]
    for i, share in enumerate(shares):
        if share is not None:
            _check_share(point, i, share, np.shape(out), leaves)
    double = point.shares(leaves, out, 1024 * g)
    other = weights(np.shape(out), phase=1)
    other = np.asarray(g).dtype.type(other) if np.asarray(g).dtype != float else other
    both = point.shares(leaves, out, g + other)
    extra = point.shares(leaves, out, other)
    zero = point.shares(leaves, out, 0 * g)
    again = point.shares(leaves, out, g)
    single = any(np.asarray(x).dtype == np.float32 for x in [*leaves, g])
    rel = 1e-4 if single else 1e-11
    for i, share in enumerate(shares):
        if share is None:
            continue
        what = f"the rule of argument {i}"
        require(_same_bits(again[i], kept[i]), point, f"{what} does not repeat its result")
        same = _same_bits(share, kept[i])
        require(same, point, f"{what} writes into a result that it gave before")
        text = f"{what} gives nan or infinity where the result is finite"
        require(np.all(np.isfinite(kept[i])), point, text)
        size = np.max(np.abs(kept[i]) + np.abs(extra[i]), initial=0.0)
        of_g = (1e-3 if single else 1e-9) * np.max(np.abs(g), initial=0.0)  # terms may cancel
        room = max(rel * size, of_g)
        linear = np.allclose(double[i], 1024 * kept[i], rel, 1024 * room)
        linear = linear and np.allclose(both[i], kept[i] + extra[i], rel, room)
        require(linear, point, f"{what} is not linear in g")
        require(not np.any(zero[i]), point, f"{what} is not 0 for a g of 0")
    for i, (x, old) in enumerate(zip(given, before, strict=True)):
        name = ("g", "the result", f"argument {i}")[min(len(given) - 1 - i, 2)]
        require(_fingerprint(x) == old, point, f"a rule changes {name} in place")
    _check_memory(point, leaves, out, g, kept)


def check_claims(point: Point, leaves: list[Any], out: Any, g: Any) -> None:
    """What the declaration says of the op as a whole: `elementwise`, `passes`."""
    op, args, shape = point.op, point.args(leaves), np.shape(out)
    places = [i for i in range(len(args)) if op.sequence or op.rules[i] is not None]
    if op.elementwise and np.size(out):
        rel = 1e-4 if np.asarray(out).dtype == np.float32 else 1e-11
        for k in {0, np.size(out) // 2, np.size(out) - 1}:
            at = [np.broadcast_to(x, shape).reshape(-1)[k : k + 1] for x in (g, out, *args)]
            try:
                alone = op.forward(*at[2:], **point.keywords)
            except (ArithmeticError, IndexError, TypeError, ValueError):
                fail(point, "it is declared elementwise and is not")
            require(np.allclose(alone, at[1], rel), point, "it is declared elementwise and is not")
            text = "it is declared elementwise, and a rule is not"
            for whole, share in zip(
                op.shares(places, g, out, args, point.keywords),
                op.shares(places, at[0], at[1], at[2:], point.keywords),
                strict=True,
            ):
                same = np.allclose(share, np.broadcast_to(whole, shape).reshape(-1)[k], rel)
                require(same, point, text)
    if op.passes == "moves":
        others, keywords = next(_others(point))
        other = op.forward(*others, **keywords)
        for share, again in zip(
            op.shares(places, g, out, args, keywords),
            op.shares(places, g, other, others, keywords),
            strict=True,
        ):
            same = _same_bits(share, again)
            require(same, point, 'it is declared as passes="moves", and its numbers decide')


def _check_memory(point: Point, leaves: list[Any], out: Any, g: Any, kept: list[Any]) -> None:
    """A rule gives what it gave, whatever the forward has seen in between."""
    for args, keywords in _others(point):
        with suppress(ArithmeticError, ValueError), np.errstate(all="ignore"):
            point.op.forward(*args, **keywords)
    try:
        now = point.shares(leaves, out, g)
    except Exception:
        now = [None] * len(kept)
    for i, (share, before) in enumerate(zip(now, kept, strict=True)):
        if point.op.sequence or point.op.rules[i] is not None:
            text = (
                f"the rule of argument {i} gives something else once the forward has seen other"
                " arrays: the forward keeps state for it; let the rule compute all it needs from"
                " its arguments and `out`"
            )
            require(share is not None and _same_bits(share, before), point, text)


def _others(point: Point) -> Iterator[tuple[list[Any], Mapping[str, Any]]]:
    """Other arguments of the op: of the same shapes, and of those of its cases."""
    op, args = point.op, point.args(point.leaves)
    domains = domains_of(op, len(args))
    for end in (0, 1):
        yield [_other(x, d, end) for x, d in zip(args, domains, strict=True)], point.keywords
    for case in op.cases if None not in op.rules else ():
        shapes = case.shapes or ((5,),) * len(args)
        domains = domains_of(op, len(shapes))
        yield [extremes(*pair)[1] for pair in zip(domains, shapes, strict=True)], case.keywords


def _other(x: Any, domain: Domain, end: int) -> Any:
    kind = np.asarray(x).dtype.kind
    if kind != "f":
        return np.logical_not(x) if kind == "b" else np.flip(x)
    other = extremes(domain, np.shape(x))[end]
    return other.astype(x.dtype) if isinstance(x, np.ndarray) else float(other)


def _check_share(
    point: Point, i: int, share: Any, result: tuple[int, ...], leaves: list[Any]
) -> None:
    x = leaves[point.slots[i]]
    given, wanted = np.shape(share), np.shape(x)
    right = given in (wanted, result)
    if point.op.signature and not right and len(given) >= len(wanted):
        tail = given[len(given) - len(wanted) :]
        right = all(n in (m, 1) for n, m in zip(wanted, tail, strict=True))
    if not right:
        hint = ": the likely slip is a sum" if np.size(share) != np.size(x) else ""
        fail(
            point,
            f"the rule of argument {i} gives shape {given} for an argument of shape {wanted}"
            f" and a result of shape {result}{hint}",
        )
    dtype = getattr(share, "dtype", None)
    if isinstance(x, np.ndarray) and dtype is not None:
        text = f"the rule of argument {i} gives {dtype} for an argument of {x.dtype}{_WIDENED}"
        mixed = any(isinstance(y, np.ndarray) and y.dtype != x.dtype for y in leaves)
        require(dtype == x.dtype or mixed, point, text)


def check_engine(point: Point, leaves: list[Any], out: Any, g: Any) -> None:
    """What `backward` hands out: the rules' gradient, owned and writable, in shape and dtype."""
    values, result = point.record(leaves)
    require(isinstance(result, Value), point, f"Values give {type(result).__name__}, not a Value")
    scale = np.max(np.abs(out), initial=0.0)
    agree = np.shape(plain(result)) == np.shape(out) and np.allclose(
        plain(result), out, 1e-14, 1e-14 * scale
    )
    require(agree, point, "the forward gives Values another result than plain arrays")
    for function in point.op.numpy:
        if functions.get(function) is point.op.apply:
            args = point.args(values)
            theirs = call_numpy(function, [args] if point.op.sequence else args, point.keywords)
            require(
                isinstance(theirs, Value) and _same_bits(plain(theirs), plain(result)),
                point,
                f"np.{function.__name__} of Values is not this op",
            )
    seed = np.array(g) if isinstance(g, np.ndarray) else g
    result.backward(seed)
    require(_same_bits(seed, g), point, "backward() changes its seed")
    handed = [values[i].grad for i in point.varying]
    with np.errstate(all="ignore"):
        expected = point.gradient(leaves, g)
    held = [x for x in (*leaves, plain(result), seed) if isinstance(x, np.ndarray)]
    for k, (i, grad) in enumerate(zip(point.varying, handed, strict=True)):
        x = leaves[i]
        what = f"the gradient of leaf {i}"
        right = np.shape(grad) == np.shape(x) and np.asarray(grad).dtype == np.asarray(x).dtype
        require(right, point, f"{what} has another shape or dtype than its argument")
        rel = 1e-4 if np.asarray(x).dtype == np.float32 else 1e-12
        size = np.max(np.abs(expected[k]), initial=0.0)
        close = np.allclose(grad, expected[k], rel, rel * (size + np.max(np.abs(g), initial=0.0)))
        require(close, point, f"{what} is another by backward() than by its rules")
        if isinstance(grad, np.ndarray):
            others = held + [
                y for j, y in enumerate(handed) if j != k and isinstance(y, np.ndarray)
            ]
            owned = not any(np.shares_memory(grad, y) for y in others)
            require(owned and grad.flags.writeable, point, f"{what} is not the caller's to write")


def check_layout(point: Point, leaves: list[Any], g: Any) -> None:
    """A gradient is the same wherever in memory its arguments and its `g` lie."""
    scattered = [isinstance(x, np.ndarray) and not x.flags.c_contiguous for x in leaves]
    if not any(scattered):
        return
    copies = [np.array(x, order="C") if s else x for x, s in zip(leaves, scattered, strict=True)]
    wanted = point.gradient(copies, g)
    column_wise = np.array(g, order="F") if isinstance(g, np.ndarray) else g
    for ours, right in zip(point.gradient(leaves, column_wise), wanted, strict=True):
        size = max(np.max(np.abs(x), initial=0.0) for x in (right, g))
        same = np.allclose(ours, right, 1e-9, 1e-9 * size, equal_nan=True)
        if not same:
            both = f"{show(ours)}\n  {show(right)}"
            fail(point, f"the gradient depends on how arrays lie in memory\n  {both}")


def _same_bits(x: Any, y: Any) -> bool:
    x, y = np.asarray(x), np.asarray(y)
    return bool(x.shape == y.shape and x.dtype == y.dtype and x.tobytes() == y.tobytes())


def _fingerprint(x: Any) -> Any:
    if not isinstance(x, np.ndarray):
        return repr(x)
    return x.tobytes(), x.shape, x.strides, x.flags.writeable
