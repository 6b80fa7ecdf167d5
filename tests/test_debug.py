"""Debug mode: lines, the first number that is not finite, constants that changed."""

import sys
import threading

import numpy as np
import pytest

from autograd_mini import ChangedConstantError, NotFiniteError, Op, Value, debug, made_at
from autograd_mini.engine.modes import setting


def here() -> str:
    return f"{__file__}, line {sys._getframe(1).f_lineno}"


def test_a_node_knows_the_line_that_made_it() -> None:
    x = Value(2.0)
    with debug():
        y, line = x * 3, here()
        z = np.mean(np.stack([y, x]))
    assert made_at(y) == line
    assert __file__ in made_at(z)
    assert made_at(x * 3) == ""


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_first_value_that_is_not_finite_raises() -> None:
    x = Value([[1.0, 2.0], [4.0, -1.0]], name="x")
    with debug():
        y = x * 2
        with pytest.raises(NotFiniteError, match=r"log gave nan at entry \(1, 1\).*test_debug"):
            np.log(y)
        with pytest.raises(NotFiniteError, match="divide gave inf"):
            Value(1.0) / 0.0
        poisoned = Value([np.nan, 1.0]) + 1  # the argument was not finite before
        assert np.isnan(poisoned.data[0])


def test_the_first_gradient_that_is_not_finite_raises() -> None:
    x = Value([4.0, 0.0])
    with debug():
        y = np.sqrt(x).sum()
        with pytest.raises(
            NotFiniteError, match=r"sqrt passes.*argument 0 has inf at entry \(1,\)"
        ):
            y.backward()
    assert x.grad is None


def test_a_constant_that_was_written_to_is_found() -> None:
    mask, index = np.array([1.0, 2.0]), np.array([0, 1])
    x = Value([3.0, 4.0])
    with debug():
        y, z = (x * mask).sum(), x[index].sum()
        mask[0] = 5
        with pytest.raises(ChangedConstantError, match=r"multiply.*test_debug"):
            y.backward()
        index[0] = 1
        with pytest.raises(ChangedConstantError, match="index"):
            z.backward()
        (x * mask).sum().backward()
    assert x.grad.tolist() == [5, 2]


def test_gradients_are_the_same_with_and_without() -> None:
    x, w = Value(np.linspace(0.5, 1, 6).reshape(2, 3)), Value(np.ones((4, 3)))
    grads = []
    for block in (debug(), debug()):
        with block:
            (x @ w.T).tanh().sum().backward()
        grads.append(x.grad.copy())
        x.grad = None
    (x @ w.T).tanh().sum().backward()
    assert grads[0].tobytes() == grads[1].tobytes() == x.grad.tobytes()


def test_the_block_ends_on_exceptions_and_is_this_threads_own() -> None:
    with pytest.raises(KeyError), debug():
        raise KeyError
    assert setting("watch") is None
    lines: list[str] = []
    with debug():
        thread = threading.Thread(target=lambda: lines.append(made_at(Value(1.0) * 2)))
        thread.start()
        thread.join()
    assert lines == [""]


def test_a_rule_of_ones_own_is_watched_too() -> None:
    bad = Op(lambda x: x * 1.0, lambda g, out, x: g * np.nan, name="mine")
    with debug():
        y = bad(Value([1.0])).sum()
        with pytest.raises(NotFiniteError, match="mine passes"):
            y.backward()
