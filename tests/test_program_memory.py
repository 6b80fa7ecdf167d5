"""Compiled functions are right at every call, and what they give is the caller's own.

Every op of the table in all its cases, programs of ops, and programs of calls that may give views
are compiled in both modes and called with other numbers and other layouts. Each result is compared
with the eager one, checked for ownership, and compared again when the later calls are over.
"""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from autograd_mini import Op, Value, compile, grad, value_and_grad
from autograd_mini.engine.declaration import Case
from autograd_mini.ops import TABLE
from autograd_mini.program.compiled import MODES
from autograd_mini.testing import Program, programs
from autograd_mini.testing.domains import domains_of, grid, laid_out
from autograd_mini.trees import leaves

Counter = Callable[[str, object], None]


# ------------------------------------------------------------------------------------ the proof
def compare(f: Callable[..., Any], calls: Sequence[Sequence[Any]]) -> int:
    """Compile `f` in every mode, make these calls in turn, and check all that comes out."""
    wanted = [[np.array(x) for x in leaves(f(*args))] for args in calls]
    before = [np.array(x) for args in calls for x in leaves(list(args))]
    for mode in MODES:
        compiled = compile(f, mode=mode)
        given: list[list[Any]] = []
        for args in calls:
            found = leaves(compiled(*args))
            _check_owned(found, [x for kept in given for x in kept] + leaves(list(args)))
            given.append(found)
        for found, right in zip(given, wanted, strict=True):
            _check_equal(found, right, compiled)
        for x in (x for found in given for x in found if isinstance(x, np.ndarray)):
            x[...] = 7  # what the caller does to it reaches nobody
        _check_equal(leaves(compiled(*calls[0])), wanted[0], compiled)
    after = [x for args in calls for x in leaves(list(args))]
    assert all(map(_is_equal, after, before))
    return len(MODES) * (len(calls) + 1)


def _check_equal(found: list[Any], wanted: list[Any], compiled: Any) -> None:
    assert len(found) == len(wanted)
    for a, b in zip(map(np.asarray, found), wanted, strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype), compiled.source
        assert _is_equal(a, b), f"{a}\n{b}\n{compiled.source}"


def _is_equal(a: Any, b: Any) -> bool:
    """Equal to 1e-10, relative to the largest number of the array."""
    if np.array_equal(a, b):
        return True
    scale = max(1.0, float(np.abs(b[np.isfinite(b)]).max(initial=0.0)))
    return bool(np.allclose(a, b, rtol=1e-10, atol=1e-10 * scale, equal_nan=True))


def _check_owned(found: list[Any], others: list[Any]) -> None:
    """Writable, without gaps, and in nobody else's memory."""
    arrays = [x for x in found if isinstance(x, np.ndarray)]
    for i, x in enumerate(arrays):
        assert x.flags.writeable
        if x.size:
            low, high = np.lib.array_utils.byte_bounds(x)
            assert high - low == x.nbytes
            assert all(step > 0 for step, n in zip(x.strides, x.shape, strict=True) if n > 1)
        for other in (*arrays[:i], *others):
            assert x is not other
            assert not np.may_share_memory(x, other)


# ---------------------------------------------------------------------------- every op, every case
LAYOUTS = ("C", "negative", "Fortran", "gaps", "zero")


def arranged(x: Any, layout: str) -> Any:
    if layout != "gaps" or not x.ndim:
        return laid_out(x, layout)
    return np.repeat(x, 2, axis=-1)[..., ::2]


def arguments(op: Op, case: Case, shapes: Sequence[Any], turn: int) -> list[Any]:
    """Arrays in the domains of the op; other numbers for another `turn`."""
    found: list[Any] = []
    for i, (domain, shape) in enumerate(zip(domains_of(op, len(shapes)), shapes, strict=True)):
        n = int(np.prod(shape))
        numbers = np.resize(np.roll(grid(domain, at_least=n), -5 * turn - 3 * i), n)
        if op.rules and not op.sequence and op.rules[i] is None:
            whole = domain.spacing and domain.spacing == int(domain.spacing)
            numbers = numbers.astype(int) if whole else np.arange(turn, n + turn) % 2 == 0
        x = numbers.reshape(shape)
        if domain.diagonal and x.ndim > 1:
            k = min(x.shape[-2:])
            x[..., range(k), range(k)] += domain.diagonal * np.arange(1, k + 1)
        layout = LAYOUTS[(turn + i) % len(LAYOUTS)]
        plain = layout != "zero" or not (domain.distinct or domain.diagonal)
        found.append(arranged(x, layout if plain else "Fortran"))
    return found


def functions(op: Op, keywords: Any, args: list[Any]) -> list[Callable[..., Any]]:
    """The op alone, on what is computed before it, and the gradients of both."""

    def call(*xs: Any) -> Any:
        return op(*([list(xs)] if op.sequence else xs), **keywords)

    def inside(*xs: Any) -> Any:
        y = call(*(x * 1.0 if x.dtype.kind == "f" else x for x in xs))
        return np.sum(np.cos(y) * 2.0) + np.sum(y * y), y

    fixed = [i for i, rule in enumerate(op.rules) if rule is None and not op.sequence]
    moving = tuple(i for i in range(len(args)) if i not in fixed)
    whole = value_and_grad(inside, argnums=moving, has_aux=True)
    summed = grad(lambda *xs: np.sum(call(*xs)), argnums=moving)
    return [call, lambda *xs: (whole(*xs), summed(*xs))]


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.filterwarnings("ignore")
def test_op_at_every_call(name: str, record_property: Counter) -> None:
    op, count = TABLE[name], 0
    for case in op.cases:
        shapes = case.shapes or ((2, 3),) * op.arity
        calls = [arguments(op, case, shapes, turn) for turn in (0, 1, 0)]
        calls[2] = [arranged(x, "Fortran") for x in calls[2]]
        for f in functions(op, case.keywords, calls[0]):
            count += compare(f, calls)
    record_property("compiled calls", count)


# ------------------------------------------------------------------------------- programs of ops
@settings(max_examples=25)
@given(programs())
def test_programs_of_ops_at_every_call(program: Program) -> None:
    f = value_and_grad(program, argnums=tuple(range(len(program.inputs))))
    others = [np.flip(x * 0.5) if np.ndim(x) else x * 0.5 for x in program.inputs]
    moved = [arranged(x, "negative") if np.ndim(x) else x for x in program.inputs]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        COUNTED["programs"] = COUNTED.get("programs", 0) + compare(
            f, [program.inputs, others, moved]
        )


COUNTED: dict[str, int] = {}


def test_programs_of_ops_are_counted(record_property: Counter) -> None:
    record_property("compiled calls", COUNTED.get("programs", 0))


# -------------------------------------------------------------------------- calls that give views
VIEWS: dict[str, Callable[[Any], Any]] = {
    "x.T": lambda x: x.T,
    "x[::-1]": lambda x: x[::-1],
    "x[...]": lambda x: x[...],
    "x[1]": lambda x: x[1],
    "x[:, 1:]": lambda x: x[:, 1:][:, :1],
    "x[None]": lambda x: x[None][0],
    "einsum transposes": lambda x: np.einsum("ij->ji", x),
    "einsum of a diagonal": lambda x: np.einsum("ii->i", x),
    "einsum ...": lambda x: np.einsum("...ij->...ji", x),
    "flip": np.flip,
    "flip of an axis": lambda x: np.flip(x, 0),
    "rot90": np.rot90,
    "rot90 twice": lambda x: np.rot90(x, 2),
    "rot90 not at all": lambda x: np.rot90(x, 0),
    "fliplr": np.fliplr,
    "flipud": np.flipud,
    "atleast_1d": np.atleast_1d,
    "atleast_2d": np.atleast_2d,
    "atleast_3d": lambda x: np.atleast_3d(x)[:, :, 0],
    "matrix_transpose": np.matrix_transpose,
    "linalg.matrix_transpose": np.linalg.matrix_transpose,
    "linalg.diagonal": np.linalg.diagonal,
    "moveaxis": lambda x: np.moveaxis(x, 0, 1),
    "swapaxes": lambda x: np.swapaxes(x, 0, 1),
    "transpose": lambda x: np.transpose(x, (0, 1)),
    "ravel": lambda x: np.ravel(x)[3:6],
    "reshape": lambda x: np.reshape(x, (9, 1))[2:5],
    "diagonal": np.diagonal,
    "split": lambda x: np.split(x, 3)[1],
    "array_split": lambda x: np.array_split(x, 2)[1],
    "hsplit": lambda x: np.hsplit(x, 3)[2],
    "vsplit": lambda x: np.vsplit(x, 3)[0],
    "broadcast_arrays": lambda x: np.broadcast_arrays(x, x[0])[1],
    "broadcast_to": lambda x: np.broadcast_to(x[0], (3, 3)),
    "diff of order 0": lambda x: np.diff(x, n=0),
    "the first power": lambda x: np.linalg.matrix_power(x, 1),
    "squeeze": lambda x: np.squeeze(np.expand_dims(x, 0)),
    "expand_dims": lambda x: np.expand_dims(x[0], 1),
    "real": np.real,
    "tile": lambda x: np.tile(x, 1),
    "copy": np.copy,
    "positive": np.positive,
}
if hasattr(np, "unstack"):
    VIEWS["unstack"] = lambda x: np.unstack(x)[2]
PLAIN: dict[str, Callable[[Any], Any]] = {  # of plain arrays only
    "rollaxis": lambda x: np.rollaxis(x, 1),
    "reshape in columns": lambda x: np.reshape(x, (9,), order="F")[2:5],
    "ravel in columns": lambda x: np.ravel(x, order="F")[:3],
    "ravel as it lies": lambda x: np.sort(np.ravel(x, order="K"))[:3],
    **{"ascontiguous": lambda x: np.resize(x, (3, 3)), "roll": lambda x: np.roll(x, 0)},
    **{"meshgrid": lambda x: np.meshgrid(x[0], x[1], copy=False)[0]},
    **{"nan_to_num": np.nan_to_num, "around": lambda x: np.round(x, 2), "trunc": np.trunc},
    **{"real_if_close": np.real_if_close, "flatten": lambda x: x.flatten()[:3]},
    **{"windows": lambda x: np.lib.stride_tricks.sliding_window_view(x, (3, 1))[0, :, :, 0]},
    **{"astype": lambda x: x.astype(float, copy=False), "block": lambda x: np.block([[x]])},
    **{"unwrap": np.unwrap, "trim": lambda x: np.pad(x, 0), "sort": np.sort},
}
SMOOTH = (np.tanh, np.sin, lambda x: x * 1.3, lambda x: x * x, lambda x: x + 1.0)


def drawn(seed: int) -> Callable[..., list[Any]]:
    """A program on arrays of 3x3: half of its calls may give views, and each is used later."""
    rng = np.random.default_rng(seed)
    steps = rng.integers(2, 8)
    plan = [(rng.random() < 0.5, *rng.integers(0, 1 << 30, 3)) for _ in range(steps)]

    def f(*given: Any) -> list[Any]:
        square, all_of_them = list(given), []
        for is_view, which, i, j in plan:
            x, y = square[i % len(square)], square[j % len(square)]
            if is_view:
                calls = [*VIEWS.values(), *(() if type(x) is Value else PLAIN.values())]
                new = calls[which % len(calls)](x)
                all_of_them.append(new)
                new = new + y * 0.5 if np.shape(new) != (3, 3) else new
            else:
                new = SMOOTH[which % len(SMOOTH)](x) + y * 0.25
            square.append(new)
        return [*all_of_them, *square[2:]]

    return f


def costs(f: Callable[..., list[Any]]) -> Callable[..., Any]:
    def cost(w: Any, x: Any) -> Any:
        return sum(np.sum(np.cos(y)) + np.sum(y * y) for y in f(w, x))

    return cost


def squares(seed: int, *layouts: str) -> list[list[Any]]:
    rng = np.random.default_rng(seed)
    return [[arranged(rng.normal(size=(3, 3)), how) for _ in range(2)] for how in layouts]


@pytest.mark.parametrize("seed", range(10))
def test_programs_of_views_at_every_call(seed: int, record_property: Counter) -> None:
    count = 0
    for k in range(6 * seed, 6 * seed + 6):
        calls = squares(k, *np.roll(LAYOUTS, k)[:3])
        count += compare(drawn(k), calls)
        count += compare(value_and_grad(costs(drawn(k)), argnums=k % 2), calls)
    record_property("compiled calls", count)


@pytest.mark.parametrize("name", [*VIEWS, *PLAIN])
def test_a_view_at_every_layout(name: str, record_property: Counter) -> None:
    call, count = {**VIEWS, **PLAIN}[name], 0
    for first in ("C", "Fortran", "gaps"):
        calls = squares(0, first, *(how for how in LAYOUTS if how != first))[:4]
        count += compare(lambda w, x: call(x), calls)
        count += compare(lambda w, x: [call(w * 1.3), call(call(w * x) + w), w - x], calls)
        if name in VIEWS:
            count += compare(
                grad(costs(lambda w, x: [call(w * 1.3), np.tanh(call(w)) * w, x])), calls
            )
    record_property("compiled calls", count)


ODD: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "a copy of no axes": (np.copy, np.array(2.0)),
    "a look at no axes": (lambda x: x[...], np.array(2.0)),
    "squeezed to no axes": (np.squeeze, np.array([[2.0]])),
    "reshaped to no axes": (lambda x: x.reshape(()), np.array([2.0])),
    "no axes itself": (lambda x: (x, x), np.array(2.0)),
    "a constant of no axes": (lambda x: (x, np.array(3.0)), np.array(2.0)),
    "a constant": (lambda x: np.broadcast_arrays(x, np.arange(3.0)), np.ones(3)),
    "itself twice": (lambda x: [x, x, x.T], np.ones((2, 2))),
    "one result twice": (lambda x: (lambda y: [y, y, y.T])(np.exp(x)), np.ones((2, 2))),
    "nothing": (lambda x: [x, x.T, x[:0], x.reshape(3, 0)], np.ones((0, 3))),
    "nothing, spread": (lambda x: np.broadcast_to(x, (2, 0)), np.ones(0)),
    "parts of one": (lambda x: np.unravel_index(np.argmax(x), (2, 2)), np.arange(4.0)),
    "decomposed": (lambda x: [*np.linalg.eigh(x)], np.diag([1.0, 2.0])),
    "changed in place": (lambda x: _changed(x), np.ones((2, 2))),
}


def _changed(x: Any) -> Any:
    y = x.copy()
    z = +y
    y += 1.0
    y[0] = 5.0
    w = y.flatten()
    w[0] = 9.0
    w.sort()
    return [y, z, w, y.T]


@pytest.mark.parametrize("name", ODD)
def test_odd_results_are_owned(name: str, record_property: Counter) -> None:
    f, x = ODD[name]
    record_property("compiled calls", compare(f, [[x], [x * 2.0], [arranged(x, "negative")]]))
