"""The likely slip: how a gradient is usually got wrong, and which of these gives what was found.

This file knows formulas that people forget a part of. It must not know how a gradient is checked.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd_mini.testing.numeric import Function


def likely(
    f: Function,
    at: Sequence[Any],
    i: int,
    ours: Any,
    right: Any,
    g: Any,
    indices: Sequence[Any] = (),
) -> str:
    """The slip that makes `ours` of the `right` gradient of `sum(g * f(at))` by `at[i]`; or "".

    `g` has the shape of the result, and `indices` are arguments of whole numbers.
    """
    out = np.reshape(f(list(at)), np.shape(g))
    here = _jacobian(f, at, i)

    def slope(leaves: Sequence[Any], g: Any) -> Any:
        table = here if leaves is at else _jacobian(f, leaves, i)
        return np.reshape(np.ravel(g) @ table, np.shape(leaves[i]))

    counts = {"the result": int(np.size(g)), "the argument": ours.size}
    counts["what it sums"] = ours.size // max(int(np.size(g)), 1)
    counts |= {f"axis {axis}": n for axis, n in enumerate(ours.shape)}
    counts |= {f"axis {axis} of the result": n for axis, n in enumerate(np.shape(g))}
    candidates = itertools.chain(
        _unsummed(slope, at, i, g, out, f),
        _usual(right, counts),
        _overwritten(right, g, indices),
        _other_gradients(slope, at, i, g),
    )
    return _first_of(ours, right, candidates) or _of_layers(ours, right, at[i], out)


def _jacobian(f: Function, at: Sequence[Any], i: int) -> Any:
    """The derivatives of all elements of `f(at)` by those of `at[i]`, to nine digits or so."""
    columns = []
    for e in range(np.size(at[i])):
        direction = np.zeros(np.size(at[i]))
        direction[e] = max(1.0, abs(float(np.ravel(at[i])[e])))
        way = np.reshape(direction, np.shape(at[i]))
        slopes = []
        for h in (2.0**-7, 2.0**-8):
            up, down = (
                f([x + t * way if k == i else x for k, x in enumerate(at)]) for t in (h, -h)
            )
            slopes.append((up - down) / (2 * h))
        wide, close = slopes
        columns.append((close + (close - wide) / 3) / direction[e])
    return np.stack(columns, axis=1)


def _unsummed(
    slope: Any, at: Sequence[Any], i: int, g: Any, out: Any, f: Function
) -> Iterator[tuple[str, Any]]:
    """The ends of the gradient of argument `i`, if it is broadcast, before its axes are summed."""
    shape, full = np.shape(at[i]), np.shape(g)
    own = (1,) * (len(full) - len(shape)) + shape
    if own == full or len(own) != len(full):
        return
    if not all(n in (1, m) for n, m in zip(own, full, strict=True)):
        return
    wide = [*at[:i], np.broadcast_to(at[i], full), *at[i + 1 :]]
    try:
        same = np.array_equal(np.reshape(f(wide), full), out)
    except (ValueError, TypeError, IndexError):
        same = False
    if same:
        share = slope(wide, g)
        for end in (0, -1):
            part = share
            for axis, n in enumerate(own):
                part = np.take(part, [end], axis) if n == 1 else part
            yield "the sum over a broadcast axis is missing", np.reshape(part, shape)


def _other_gradients(slope: Any, at: Sequence[Any], i: int, g: Any) -> Iterator[tuple[str, Any]]:
    """What the gradient would be with another `g`, or of another argument."""
    for slip, other in (
        ("the order of g reversed", np.flip(g)),
        ("the mean of g in place of g", np.full(np.shape(g), np.mean(g))),
        ("g is left out", np.ones(np.shape(g))),
    ):
        if np.size(g) > 1 or slip == "g is left out":
            yield slip, slope(at, other)
    for k, x in enumerate(at):
        if k != i and np.ndim(x) > 1 and np.shape(x)[-1] == np.shape(x)[-2]:
            turned = [*at[:k], np.swapaxes(x, -1, -2), *at[k + 1 :]]
            yield f"a transpose of argument {k}", slope(turned, g)


def _first_of(ours: Any, right: Any, candidates: Iterable[tuple[str, Any]]) -> str:
    """The first of `candidates`, slips with the gradients that they give, that gives `ours`.

    If none does: a constant factor, or one wrong element, if that is all; else "".
    """
    if not np.isfinite(ours).all():
        return "a nan or infinity where the derivative is finite"
    for slip, wrong in candidates:
        scale = np.max(np.abs(wrong), initial=0.0)
        if np.shape(wrong) == np.shape(right) and np.allclose(wrong, right, 1e-6, 1e-6 * scale):
            continue  # that is hardly another gradient, and anything near would be like it
        if np.shape(wrong) == np.shape(ours) and np.allclose(ours, wrong, 1e-7, 1e-7 * scale):
            return slip
    large = np.abs(right) > 1e-6 * np.max(np.abs(right), initial=0.0)
    ratios = ours[large] / right[large]
    if ratios.size and np.allclose(ratios, ratios[0], 1e-8, 0):
        return f"a constant factor of {ratios[0]:.10g}"
    if ours.size > 1 and np.sum(~np.isclose(ours, right, 1e-7, 1e-12)) == 1:
        return "one element alone is wrong"
    return ""


def _usual(right: Any, counts: dict[str, int]) -> Iterator[tuple[str, Any]]:
    """Slips that turn the `right` gradient into another.

    `counts` are numbers of elements that a rule may divide by, each with its name.
    """
    yield "the sign", -right
    yield "nothing reaches this argument", 0 * right
    yield "a factor 2 too many", 2 * right
    yield "a factor 2 missing", right / 2
    for name, n in counts.items():
        if n > 1:
            yield f"1/{n} missing: a sum in place of a mean over {name}", right * n
            yield f"1/{n} too many: a mean in place of a sum over {name}", right / n
    if np.ndim(right) >= 2:
        yield "a transpose", np.swapaxes(right, -1, -2)
    if np.size(right) > 1:
        yield "the order of elements reversed", np.flip(right)
        columns = np.reshape(np.ravel(right, order="F"), np.shape(right))
        yield "memory order taken for element order", columns


def _overwritten(right: Any, g: Any, indices: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """What rows that were chosen more than once get, if their shares are set and not added."""
    for index in indices:
        if np.shape(g) == (*np.shape(index), *np.shape(right)[1:]):
            share = np.zeros(np.shape(right))
            try:
                share[index] = g
            except IndexError:
                continue
            yield "a repeated index overwrites: np.add.at(share, index, g)", share


def _of_layers(ours: Any, right: Any, x: Any, out: Any) -> str:
    """The term that is missing in the gradient of a norm or a softmax along some axes; or "".

    What is off is then, in each group, a multiple of something: of 1 (the term through the mean),
    of x - mean (that through the variance), of the softmax (its sum), or of the gradient itself.
    """
    if not np.isfinite(ours).all():
        return ""
    axes: list[tuple[int, ...]] = [(i,) for i in reversed(range(np.ndim(right)))]
    axes += [tuple(k for k in range(np.ndim(right)) if k != i) for i in range(np.ndim(right))]
    small = np.max(np.abs(ours - right)) <= 0.1 * np.max(np.abs(right))
    for group in dict.fromkeys(axes):
        centred = x - np.mean(x, axis=group, keepdims=True)
        ones = np.ones(np.shape(right))
        terms = [
            ("the term through the mean is missing", [ones]),
            ("the term through the variance is missing", [centred]),
            ("the sum over the axis in softmax is missing", [out]),
            ("the terms through the mean and the variance are missing", [ones, centred]),
            ("is eps where the forward has it, inside the root?", [right]),
            ("is eps where the forward has it, inside the root?", [right, centred]),
        ]
        for told, parts in terms:
            fits = all(np.shape(part) == np.shape(right) for part in parts)
            enough = np.prod([np.shape(right)[i] for i in group]) > len(parts) + 1
            likely = fits and enough and (small or "eps" not in told)
            if likely and _explains(ours - right, parts, group):
                axis = group[0] if len(group) == 1 else group
                return f"{told} (axis {axis})"
    return ""


def _explains(off: Any, parts: Sequence[Any], axes: tuple[int, ...]) -> bool:
    """Whether `off` is in each group along `axes` a combination of `parts`."""
    rows = [
        np.moveaxis(np.asarray(x), axes, range(len(axes))).reshape(
            int(np.prod([np.shape(x)[i] for i in axes])), -1
        )
        for x in (off, *parts)
    ]
    target, basis = rows[0].T, np.stack([x.T for x in rows[1:]], axis=-1)
    try:
        size = np.linalg.norm(basis, axis=1, keepdims=True)
        basis = basis / np.where(size > 0, size, 1.0)
        found = np.linalg.pinv(basis) @ target[..., None]
    except np.linalg.LinAlgError:
        return False
    rest = target - (basis @ found)[..., 0]
    return bool(np.max(np.abs(rest)) <= 1e-6 * np.max(np.abs(target)))
