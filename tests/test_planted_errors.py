"""Wrong rules, planted into good ops, that `check_op` must reject, and controls."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_mini import Op, Value
from autograd_mini.ops import TABLE
from autograd_mini.testing import check_op

Rule = Callable[..., Any]
Plant = Callable[[Rule], Rule]

ELEMENTWISE = ("exp", "tanh", "multiply", "logaddexp")
SUMS = ("sum", "mean", "softmax")
PRODUCTS = ("matmul", "affine")
SUMMED = ("add", "multiply", "hypot")
ALL = (*ELEMENTWISE, *SUMS, *PRODUCTS, "getitem", "transpose")


def planted(host: str, *plants: Plant, argument: int = 0) -> Op:
    """The op with the rule of one argument made wrong; without plants, a control."""
    op = TABLE[host]
    rules = list(op.rules)
    for plant in plants:
        rules[argument] = plant(rules[argument])
    return Op(
        op.forward,
        *rules,
        name=op.name,
        numpy=op.numpy,
        scalar=op.scalar,
        domain=op.domain,
        signature=op.signature,
        cases=op.cases,
        kinks=op.kinks,
        declared=op.declared,
        sequence=op.sequence,
        arity=op.arity,
    )


def of_share(change: Callable[[Any], Any]) -> Plant:
    """Something done to what the good rule gives."""
    return lambda rule: lambda g, out, *args, **kw: change(rule(g, out, *args, **kw))


def of_g(change: Callable[[Any], Any]) -> Plant:
    """Something done to `g` before the good rule gets it."""
    return lambda rule: lambda g, out, *args, **kw: rule(change(g), out, *args, **kw)


def of_all(change: Callable[..., Any]) -> Plant:
    """Something done to the share, knowing everything: `change(share, g, out, *args, **kw)`."""
    return lambda rule: (
        lambda g, out, *args, **kw: change(rule(g, out, *args, **kw), g, out, *args, **kw)
    )


def where(condition: Callable[[Any], bool], plant: Plant) -> Plant:
    """`plant`, only where the argument (the first array) is so."""

    def both(rule: Rule) -> Rule:
        wrong = plant(rule)
        return lambda g, out, x, *rest, **kw: (wrong if condition(x) else rule)(
            g, out, x, *rest, **kw
        )

    return both


def is_array(x: Any) -> bool:
    return isinstance(x, np.ndarray)


def without_last(share: Any) -> Any:
    keep = np.ones(np.size(share))
    keep[-1:] = 0
    return share * np.reshape(keep, np.shape(share)).astype(share.dtype)


def in_memory_order(share: Any, g: Any, out: Any, x: Any, *rest: Any, **kw: Any) -> Any:
    if is_array(x) and x.flags.f_contiguous and np.shape(x) == np.shape(share):
        return np.reshape(np.ravel(share, order="C"), share.shape, order="F")
    return share


def averaged_over_broadcast(axes: int, average: bool) -> Callable[..., Any]:
    """The sum over broadcast axes replaced, where at least `axes` of them are broadcast."""

    def change(share: Any, g: Any, out: Any, x: Any, *rest: Any) -> Any:
        own, full = np.shape(x), np.shape(share)
        own = (1,) * (len(full) - len(own)) + own
        grown = tuple(i for i, (n, m) in enumerate(zip(own, full, strict=True)) if n != m)
        if len(grown) < axes or not np.size(share):
            return share
        if average:
            return np.reshape(np.mean(share, axis=grown), np.shape(x))
        first = tuple(slice(0, 1) if i in grown else slice(None) for i in range(len(full)))
        return np.reshape(share[first], np.shape(x))

    return change


def shared_buffer(rule: Rule) -> Rule:
    buffers: dict[Any, Any] = {}

    def wrong(g: Any, out: Any, *args: Any, **kw: Any) -> Any:
        share = rule(g, out, *args, **kw)
        if not is_array(share):
            return share
        buffer = buffers.setdefault((share.shape, share.dtype), np.empty_like(share))
        buffer[...] = share
        return buffer

    return wrong


def stale(rule: Rule) -> Rule:
    first: dict[Any, Any] = {}
    return lambda g, out, *args, **kw: first.setdefault(
        (np.shape(out), isinstance(g, Value)), rule(g, out, *args, **kw)
    )


def stale_factor(rule: Rule) -> Rule:
    """Keeps what it should compute from its arguments, and no more: it stays linear in g."""
    kept: dict[Any, Any] = {}

    def wrong(g: Any, out: Any, *args: Any, **kw: Any) -> Any:
        if not is_array(g):
            return rule(g, out, *args, **kw)
        key = (*map(np.shape, args), str(kw), g.dtype)
        return g * kept.setdefault(key, rule(np.ones_like(g), out, *args, **kw))

    return wrong


def unrepeatable(rule: Rule) -> Rule:
    calls = [0]

    def wrong(g: Any, out: Any, *args: Any, **kw: Any) -> Any:
        calls[0] += 1
        return rule(g, out, *args, **kw) * (1 + 1e-15 * (calls[0] % 7))

    return wrong


def writes(target: str) -> Callable[..., Any]:
    def change(share: Any, g: Any, out: Any, x: Any, *rest: Any, **kw: Any) -> Any:
        written = {"g": g, "the result": out, "an argument": x}[target]
        share = np.array(share) if is_array(share) else share
        if is_array(written) and written.flags.writeable:
            written *= 1.5
        return share

    return change


def frozen(share: Any) -> Any:
    if is_array(share):
        share = np.array(share)
        share.flags.writeable = False
    return share


def freezes(share: Any, g: Any, *rest: Any, **kw: Any) -> Any:
    if is_array(g):
        g.flags.writeable = False
    return share


def raises_if_empty(share: Any, *rest: Any, **kw: Any) -> Any:
    if not np.size(share):
        raise ValueError("zero-size array to reduction operation")
    return share


def as_constants(rule: Rule) -> Rule:
    """Right at first order; at second order, the arguments are taken for constants."""
    stripped = lambda x: x.data if isinstance(x, Value) else x
    return lambda g, out, *args, **kw: rule(g, stripped(out), *map(stripped, args), **kw)


def axis_0_if_square(rule: Rule) -> Rule:
    def wrong(g: Any, out: Any, x: Any, axis: Any = -1) -> Any:
        square = np.ndim(x) == 2 and np.shape(x)[0] == np.shape(x)[1]
        return rule(g, out, x, axis=0 if square and axis == -1 else axis)

    return wrong


def first_of_several_axes(
    share: Any, g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False
) -> Any:
    return (
        share * np.prod([np.shape(x)[i] for i in axis[1:]]) if isinstance(axis, tuple) else share
    )


def doubled_if_kept(
    share: Any, g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False
) -> Any:
    return 2 * share if keepdims else share


def half_if_same(share: Any, g: Any, out: Any, x: Any, y: Any) -> Any:
    return share * 0.5 if x is y else share


def overwritten(rule: Rule) -> Rule:
    def wrong(g: Any, out: Any, x: Any, index: Any) -> Any:
        if isinstance(g, Value):
            return rule(g, out, x, index=index)
        share = np.zeros(np.shape(x), np.asarray(g).dtype)
        share[index] = g
        return share

    return wrong


def untransposed_if_square(rule: Rule) -> Rule:
    def wrong(g: Any, out: Any, x: Any, y: Any) -> Any:
        shape = np.shape(y)
        square = len(shape) == 2 and shape[0] == shape[1]
        return np.matmul(g, y) if square and np.ndim(x) > 1 else rule(g, out, x, y)

    return wrong


def every_tie_in_full(rule: Rule) -> Rule:
    def wrong(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        top, full = out, g
        if axis is not None and not keepdims:
            top, full = np.expand_dims(out, axis), np.expand_dims(g, axis)
        return np.where(x == top, full, 0.0)

    return wrong


def beyond(bound: float) -> Callable[..., Any]:
    return lambda share, g, out, x, *rest, **kw: np.where(np.abs(x) > bound, 1.5 * share, share)


EVERYWHERE: dict[str, Plant] = {
    "wrong sign": of_share(lambda s: -s),
    "factor 2": of_share(lambda s: 2 * s),
    "factor 1.001": of_share(lambda s: 1.001 * s),
    "factor 1 + 1e-6": of_share(lambda s: (1 + 1e-6) * s),
    "small offset": of_share(lambda s: s + 1e-6),
    "g ignored": of_g(lambda g: np.ones_like(g) + 0 * g),
    "g averaged": of_g(lambda g: g * 0 + np.mean(g) if np.size(g) else g),
    "g clipped": of_g(lambda g: np.clip(g, -1.0, 1.0)),
    "g clipped far out": of_g(lambda g: np.clip(g, -100.0, 100.0)),
    "|g|": of_g(np.abs),
    "last element dropped": where(lambda x: np.ndim(x) > 0, of_share(without_last)),
    "last dropped above size 8": where(lambda x: np.size(x) > 8, of_share(without_last)),
    "last dropped for 3 axes": where(lambda x: np.ndim(x) >= 3, of_share(without_last)),
    "failure on size 0": of_all(raises_if_empty),
    "memory order": of_all(in_memory_order),
    "shared result": shared_buffer,
    "g made read-only": of_all(freezes),
    "g written": of_all(writes("g")),
    "result written": of_all(writes("the result")),
    "argument written": of_all(writes("an argument")),
    "stale state": stale,
    "not repeatable": unrepeatable,
    "float32 for float64": of_share(lambda s: s.astype(np.float32) if is_array(s) else s),
    "rounded to float32": of_share(
        lambda s: s.astype(np.float32).astype(s.dtype) if is_array(s) else s
    ),
    "float64 for float32": of_share(lambda s: np.float64(1.0) * s),
}
SOMEWHERE: list[tuple[str, Plant, tuple[str, ...]]] = [
    ("offset with g", of_all(lambda s, g, *rest, **kw: s + 1e-6 * g), ELEMENTWISE),
    ("g reversed", of_g(lambda g: np.flip(g) if np.ndim(g) else g), (*ELEMENTWISE, *SUMS)),
    ("g reversed", of_g(lambda g: np.flip(g) if np.ndim(g) else g), PRODUCTS),
    ("wrong beyond 3", of_all(beyond(3)), (*ELEMENTWISE, "sum", "mean", "sin", "square")),
    ("wrong beyond 50", of_all(beyond(50)), ("exp", "multiply", "sum", "mean", "sin", "matmul")),
    (
        "nan at one point",
        of_all(lambda s, g, out, x, *rest: np.where(x == 0.4375, np.nan, s)),
        ELEMENTWISE,
    ),
    (
        "() for (1,)",
        where(lambda x: np.shape(x) == (1,), of_share(lambda s: np.reshape(s, ()))),
        (*ELEMENTWISE, "sum", "softmax", "getitem"),
    ),
    (
        "(1,) for ()",
        where(lambda x: np.shape(x) == () and is_array(x), of_share(lambda s: s.reshape(1))),
        (*ELEMENTWISE, "sum", "transpose"),
    ),
    ("sum over broadcast axes forgotten", of_all(averaged_over_broadcast(1, False)), SUMMED),
    ("averaged over broadcast axes", of_all(averaged_over_broadcast(1, True)), SUMMED),
    ("forgotten for two axes at once", of_all(averaged_over_broadcast(2, False)), SUMMED),
    ("averaged for two axes at once", of_all(averaged_over_broadcast(2, True)), SUMMED),
    ("half when both are one object", of_all(half_if_same), ("multiply", "logaddexp", "matmul")),
    ("axis −1 taken as 0 on squares", axis_0_if_square, ("softmax", "log_softmax", "cumsum")),
    ("keepdims", of_all(doubled_if_kept), ("sum", "mean", "max", "var")),
    ("tuple axes", of_all(first_of_several_axes), ("mean", "var")),
    ("ties counted twice", every_tie_in_full, ("max", "min")),
    (
        "ties counted twice",
        lambda rule: lambda g, out, x, y: np.where(x >= y, g, 0.0),
        ("maximum",),
    ),
    ("transpose forgotten when square", untransposed_if_square, ("matmul",)),
    ("repeated indices overwritten", overwritten, ("getitem",)),
    ("factor kept from an earlier call", stale_factor, ("exp", "tanh", "multiply")),
    ("constant at second order", as_constants, ("exp", "multiply", "softmax", "matmul", "var")),
]
RIGHT_ALL_THE_SAME = {  # no case of the host has such an argument, or its share there is 0
    ("last dropped for 3 axes", "getitem"),
    ("failure on size 0", "getitem"),
    ("() for (1,)", "getitem"),
}
PLANTED = [
    (name, plant, host)
    for name, plant, hosts in [*((n, p, ALL) for n, p in EVERYWHERE.items()), *SOMEWHERE]
    for host in hosts
    if (name, host) not in RIGHT_ALL_THE_SAME
]


@pytest.mark.parametrize(
    ("plant", "host"), [pytest.param(p, h, id=f"{name}-{h}") for name, p, h in PLANTED]
)
def test_planted_error_is_rejected(plant: Plant, host: str) -> None:
    op = planted(host, plant)
    with pytest.raises(AssertionError, match=op.name):
        check_op(op, shrink=False)


def test_a_share_may_be_read_only() -> None:  # the engine copies what it hands out
    check_op(planted("exp", of_share(frozen)))


SLIPS = [
    ("multiply", of_share(lambda s: -s), "the sign"),
    ("tanh", of_share(lambda s: 2 * s), "a factor 2 too many"),
    ("multiply", of_share(lambda s: s / 2), "a factor 2 missing"),
    ("tanh", of_share(lambda s: 1.001 * s), "a constant factor of 1.001"),
    ("multiply", of_share(lambda s: 0 * s), "nothing reaches this argument"),
    ("sum", of_all(lambda s, g, out, x, **kw: s * np.size(out) / np.size(x)), "a mean in place"),
    ("mean", of_all(lambda s, g, out, x, **kw: s * np.size(x) / np.size(out)), "a sum in place"),
    ("multiply", of_all(averaged_over_broadcast(1, False)), "the sum over a broadcast axis"),
    ("matmul", untransposed_if_square, "a transpose of argument 1"),
    ("exp", of_g(lambda g: np.flip(g) if np.ndim(g) else g), "the order of g reversed"),
    ("exp", where(lambda x: np.size(x) > 1, of_share(without_last)), "one element alone"),
]


@pytest.mark.parametrize(("host", "plant", "slip"), SLIPS)
def test_the_likely_slip_is_named(host: str, plant: Plant, slip: str) -> None:
    with pytest.raises(AssertionError) as caught:
        check_op(planted(host, plant))
    text = str(caught.value)
    assert slip in text
    assert text.startswith(f"{host}: the gradient of argument 0 is wrong")
    assert text.count("±") == 2


@pytest.mark.parametrize("host", sorted({host for _, _, host in PLANTED}))
def test_control_is_accepted(host: str) -> None:
    check_op(planted(host))
