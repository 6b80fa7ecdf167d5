"""Knows what a network's output costs, and says in one sentence what is wrong with a target.

Formulas with a rule of their own stand in `autograd_mini.ops`. This file must not know models.
"""

import warnings
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from autograd_mini import Value, ops

_quadratic_cost = ops.TABLE["quadratic_cost"].apply  # apply itself: a loss is called every step
_cross_entropy = ops.TABLE["cross_entropy"].apply
_binary_cross_entropy = ops.TABLE["binary_cross_entropy"].apply
_log_softmax = ops.TABLE["log_softmax"].apply
_FLOAT = np.dtype(float)
_PROBABILITIES = (ops.TABLE["sigmoid"], ops.TABLE["softmax"])
_REARRANGING = {"index", "reshape", "ravel", "squeeze", "expand_dims", "transpose", "astype"}


def quadratic_cost(a: Any, y: Any) -> Any:
    """C = Σ(a − y)² over the outputs, averaged over the examples: the lesson's cost.

    `a` has shape (n, k), n examples of k outputs, or (k,) for one example; `y` has the same. For
    labels, see `one_hot`. The result has no axes, and the dtype of `a` and `y` together; whole
    numbers and truth values in `y` take the dtype of `a`. In pictures it is C.

    Raises ValueError, with both shapes, if they differ, and if there is no example.

    >>> a = Value([[0.5, 1.0], [0.0, 0.0]])
    >>> C = quadratic_cost(a, [[0, 1], [0, 2]])
    >>> C.backward()
    >>> C.item(), a.grad.tolist()
    (2.125, [[0.5, 0.0], [0.0, -2.0]])
    """
    C = _quadratic_cost(a, _target("quadratic_cost", a, y))
    if type(C) is Value:
        C.name = "C"
    return C


def mse_loss(a: Any, y: Any) -> Any:
    """Σ(a − y)² averaged over outputs and examples, as in PyTorch: `quadratic_cost` / outputs.

    Shapes, dtypes and errors are those of `quadratic_cost`.

    >>> mse_loss(Value([[0.5, 1.0], [0.0, 0.0]]), [[0, 1], [0, 2]]).item()
    1.0625
    """
    y = _target("mse_loss", a, y)
    outputs = (1, *_shape(y))[-1]
    return _quadratic_cost(a, y) * (1 / outputs)


def cross_entropy(logits: Any, target: Any) -> Any:
    """−ln(probability of the label), averaged over the examples; the probabilities are softmax.

    Of probabilities in place of labels, −Σ p ln softmax is summed over the classes.

    `logits` has shape (n, k), n examples of k classes, or (k,) for one example. `target` is
    whole-number labels from 0 to k - 1 of shape (n,), or (), or probabilities of the shape of the
    logits. As in PyTorch. The result has no axes, and the dtype of the logits. A label whose
    logit is -inf costs inf. Logits that are a sigmoid or softmax are warned of: their costs are
    never small.

    Raises ValueError for labels that are out of range, fractional or of another shape, for
    probabilities of another shape (both shapes named), and if there is no example.

    >>> logits = Value([[0.0, 0.0], [0.0, 1000.0]])
    >>> C = cross_entropy(logits, [1, 1])
    >>> C.backward()
    >>> round(C.item(), 3), logits.grad.tolist()
    (0.347, [[0.25, -0.25], [0.0, 0.0]])
    """
    if type(target) is not np.ndarray and not hasattr(target, "__array_function__"):
        target = np.asarray(target)
    if isinstance(logits, (list, tuple)):
        logits = np.asarray(logits, float)
    _warn_of_probabilities("cross_entropy", logits)
    shape, given = _shape(logits), target.shape
    if not 1 <= len(shape) <= 2 or 0 in shape:
        raise ValueError(f"cross_entropy needs logits of shape (n, k) or (k,), not {shape}")
    if given == shape:
        return _cross_entropy_of_probabilities(logits, target)
    if given != shape[:-1]:
        raise ValueError(
            f"cross_entropy of logits of shape {shape} needs labels of shape {shape[:-1]} or"
            f" probabilities of shape {shape}, not a target of shape {given}"
        )
    if target.dtype.kind not in "iu":
        raise ValueError(f"labels must be whole numbers, not {target.dtype}; {_cure(target)}")
    return _cross_entropy(logits, labels=target)


@np.errstate(invalid="ignore")
def _cross_entropy_of_probabilities(logits: Any, p: Any) -> Any:
    p = _target("cross_entropy", logits, p)
    log_q = _log_softmax(logits)
    needless = (p == 0) & (log_q == -np.inf)  # an impossible class of no weight costs nothing
    return -(p * np.where(needless, 0.0, log_q)).sum(axis=-1).mean()


def binary_cross_entropy(logits: Any, y: Any) -> Any:
    """−y ln σ(x) − (1 − y) ln(1 − σ(x)) averaged over outputs and examples; x are the logits.

    `y` has the shape of the logits and is 0 or 1, or a probability. The result has no axes, and
    the dtype of `logits` and `y` together; whole numbers and truth values in `y` take the dtype of
    the logits. PyTorch calls this binary_cross_entropy_with_logits. As for `cross_entropy`,
    logits that are a sigmoid or softmax are warned of.

    Raises ValueError, with both shapes, if they differ, and if there is no example.

    >>> logits = Value([0.0, 1000.0, -1000.0])
    >>> round(binary_cross_entropy(logits, [1, 1, 1]).item(), 3)
    333.564
    """
    _warn_of_probabilities("binary_cross_entropy", logits)
    return _binary_cross_entropy(logits, _target("binary_cross_entropy", logits, y))


def one_hot(labels: Any, n: int, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Rows of `n` zeros with a 1 at the label: shape (*labels.shape, n).

    The default dtype is exact, and widens neither float32 nor float64.

    Raises ValueError for labels that are not whole numbers from 0 to n - 1.

    >>> one_hot([2, 0], 3).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    labels = np.asarray(labels)
    hits = np.equal.outer(labels, np.arange(n))
    if labels.dtype.kind not in "iu" or np.count_nonzero(hits) != labels.size:
        raise ValueError(f"labels must be whole numbers from 0 to {n - 1}; {_text(labels)}")
    rows: NDArray[Any] = hits.astype(dtype)
    return rows


def _warn_of_probabilities(cost: str, logits: Any) -> None:
    """Warn if logits are a sigmoid or softmax, or entries of one: the cost takes it once more."""
    op = getattr(logits, "op", None)
    while op is not None and op.name in _REARRANGING:
        logits = logits.args[0]
        op = getattr(logits, "op", None)
    if op in _PROBABILITIES:
        warnings.warn(
            f"{cost} takes logits, and these are the result of a {op.name}, which it would take"
            " once more: build the network with output=None, or leave its last layer out",
            stacklevel=3,
        )


def _cure(labels: NDArray[Any]) -> str:
    if labels.dtype.kind in "fb":
        return "use labels.astype(int)"
    return "np.unique(labels, return_inverse=True)[1] numbers them"


def _text(labels: NDArray[Any]) -> str:
    if labels.dtype.kind not in "iu":
        return f"these are {labels.dtype}"
    return f"these go from {labels.min()} to {labels.max()}"


def _shape(x: Any) -> tuple[int, ...]:
    shape = getattr(x, "shape", None)
    return np.shape(x) if shape is None else shape


def _target(name: str, a: Any, y: Any) -> Any:
    """`y` as numbers that can be compared with `a`, element by element."""
    if isinstance(y, (list, tuple)):
        y = np.asarray(y)
    shape, given = _shape(a), _shape(y)
    if given != shape:
        hint = ""
        if len(shape) == 2 and given == shape[:1]:
            hint = f"; one_hot(labels, {shape[1]}) makes one from labels"
            if shape[1] == 1:
                hint = "; y[:, None] has it"
        raise ValueError(
            f"{name} needs a target of the shape of the output: the output has shape {shape}, the"
            f" target {given}{hint}"
        )
    if 0 in shape:
        raise ValueError(f"{name} needs at least one example, not an output of shape {shape}")
    if getattr(y, "dtype", _FLOAT).kind != "f":
        y = y.astype(getattr(a, "dtype", float))
    return y
