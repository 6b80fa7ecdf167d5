"""Compiled functions as objects: copies, pickles, threads, interrupts, and what is left."""

import copy
import decimal
import dis
import functools
import gc
import inspect
import itertools
import linecache
import pickle
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import nn
from autograd_mini import Value, compile, value_and_grad

X = np.array([0.25, 0.5])


def double(x: Any, k: Any = 2) -> Any:
    """Twice, or more."""
    return np.exp(x) * k


doubled = compile(double, cache=3)


@compile(mode="readable", strict=True)
def decorated(x: Any) -> Any:
    return np.sin(x)


class Inner:
    @staticmethod
    @compile
    def decorated(x: Any) -> Any:
        return np.cos(x)


class Net(nn.Module):
    def __init__(self, scale: float = 1.0) -> None:
        self.W = Value(X * scale, name="W")
        self.slope = compile(self.loss)

    def loss(self, x: Any) -> Any:
        return np.sum(self.W * x)


def settings_of(c: Any) -> Any:
    return c._f, c._mode, c._strict, c._limit


# ----------------------------------------------------------------------------- copies and pickles
COPIES: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda c: pickle.loads(pickle.dumps(c)),
    "oldest pickle": lambda c: pickle.loads(pickle.dumps(c, protocol=0)),
}


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize(
    "compiled", [doubled, decorated, Inner.decorated, compile(functools.partial(double, k=3))]
)
def test_a_copy_computes_the_same(compiled: Any, copied: Callable[[Any], Any]) -> None:
    wanted = compiled(X)  # so that it has a program, with buffers and permits
    twin = copied(compiled)
    assert (twin(X) == wanted).all()
    assert str(settings_of(twin)).split(" at ")[0] == str(settings_of(compiled)).split(" at ")[0]
    assert inspect.signature(twin) == inspect.signature(compiled)


def test_what_cannot_be_pickled_says_so() -> None:
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(compile(lambda x: x))


def test_a_copied_model_has_a_compiled_function_of_its_own() -> None:
    net = Net()
    assert net.slope(X) == np.sum(X * X)
    twin = copy.deepcopy(net)
    twin.W.data = 4 * X
    assert (twin.slope(X), net.slope(X)) == (4 * np.sum(X * X), np.sum(X * X))


def test_who_sends_functions_by_value_gets_the_function() -> None:
    assert decorated.__reduce__() == "decorated"
    sender: dict[str, Any] = {"__name__": "cloudpickle.cloudpickle"}
    exec("def reduced(x): return x.__reduce__()", sender)
    assert sender["reduced"](decorated) == (type(decorated), settings_of(decorated))


# --------------------------------------------------------------------------- what is left behind
def functions(k: int) -> None:
    f = compile(value_and_grad(lambda x: np.sum(np.exp(x) * x)))
    for _ in range(2):
        f(X)


def numbers(k: int) -> None:
    compile(value_and_grad(lambda x: np.exp(x) * x))(0.5)


def fits(k: int) -> None:
    model = nn.MLP([2, 2], output=None, seed=0)
    nn.fit(
        model,
        nn.cross_entropy,
        np.ones((3, 2)),
        np.array([0, 1, 1]),
        optimizer=nn.SGD(model.parameters(), lr=0.1),
        epochs=1,
        batch_size=2,
        compiled=True,
        progress=False,
    )


counting = compile(double)
USES: dict[str, tuple[Callable[[int], Any], int]] = {
    "functions": (functions, 60),
    "functions of numbers": (numbers, 60),
    "a whole number that counts up": (lambda k: counting(X, k), 60),
    "and with a number": (lambda k: counting(0.5, k), 60),
    "fits": (fits, 40),
}


@pytest.mark.parametrize(("use", "times"), USES.values(), ids=USES)
def test_nothing_is_left_of_compiled_functions_that_are_gone(
    use: Callable[[int], Any], times: int
) -> None:
    def held(start: int) -> tuple[int, int]:
        for k in range(start, start + times):
            use(k)
        gc.collect()
        return sys.getallocatedblocks(), len(linecache.cache)

    rounds = [held(k * times) for k in range(4)]  # the first fills the caches, ours and Python's
    grown = [after[0] - before[0] for before, after in itertools.pairwise(rounds)]
    assert rounds[-1][1] <= rounds[0][1]
    assert min(grown) < 5 * times, grown  # what is kept is kept each time; a text alone has more


def test_tracebacks_show_the_lines_of_a_program_that_lives() -> None:
    compiled = compile(lambda x: np.linalg.inv(x) * 2.0)
    compiled(np.eye(2))
    with pytest.raises(np.linalg.LinAlgError) as caught:
        compiled(np.zeros((2, 2)))
    assert any("inv(x)" in line for line in traceback.format_exception(caught.value)[2:])


# ---------------------------------------------------------------------------------------- threads
@pytest.fixture
def restless() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def f(x: Any, y: Any = 2.0) -> Any:
    return np.sum(np.exp(np.sin(x * y)) * x)


CALLS: tuple[Callable[[Any, Any, Any], Any], ...] = (
    lambda g, x, y: g(x),
    lambda g, x, y: g(x, y),
    lambda g, x, y: g(x, y=y),
    lambda g, x, y: g(y=x, x=x),
)


@pytest.mark.usefixtures("restless")
def test_threads_that_call_in_many_ways_get_each_their_own_result() -> None:
    wrong: list[Any] = []

    def work(compiled: Any, seed: int) -> None:
        rng = np.random.default_rng(seed)
        for _ in range(60):
            call = CALLS[rng.integers(len(CALLS))]
            x, y = rng.random(rng.integers(1, 5)), float(rng.random())
            try:
                found, wanted = call(compiled, x, y), call(f, x, y)
                if not np.isclose(found, wanted, rtol=1e-12):
                    wrong.append((found, wanted))
            except Exception as error:
                wrong.append(error)

    for mode in ("fast", "readable"):
        for trial in range(10):
            compiled = compile(f, mode=mode)
            threads = [
                threading.Thread(target=work, args=(compiled, 10 * trial + k)) for k in range(4)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    assert not wrong


def test_two_doors_into_one_program_share_its_buffers_permit() -> None:
    compiled = compile(f)
    compiled(X)
    (entry,) = compiled._entries.values()
    entry._doors.clear()
    first = compiled._last[1]
    compiled._entries.move_to_end(next(iter(compiled._entries)))
    second = entry.door((X,))
    assert first is not second
    permit = entry._permits.pop()
    assert compiled(X) == f(X)  # nobody has the permit: the readable program runs
    assert not entry._permits
    entry._permits.append(permit)


# ------------------------------------------------------------------------------------- interrupts
def interrupted_after(function: Callable[..., Any], offset: int, call: Callable[[], Any]) -> bool:
    """Call, with a KeyboardInterrupt before the instruction at `offset` of the function."""
    code, hit = function.__code__, False

    def inside(frame: Any, event: str, _: Any) -> Any:
        nonlocal hit
        if event == "opcode" and frame.f_lasti == offset and not hit:
            hit = True
            raise KeyboardInterrupt
        return inside

    def outside(frame: Any, event: str, _: Any) -> Any:
        if frame.f_code is code:
            frame.f_trace = inside  # Python 3.13 wants it first
            frame.f_trace_opcodes = True
            return inside
        return None

    before = sys.gettrace()
    sys.settrace(outside)
    try:
        call()
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)
    return hit


def test_an_interrupt_at_any_instruction_leaves_the_buffers_free() -> None:
    compiled = compile(lambda p: {"y": np.exp(p["x"]) * 2.0})
    compiled({"x": X})
    (entry,) = compiled._entries.values()
    door = compiled._last[1]
    offsets = [instruction.offset for instruction in dis.get_instructions(door)]
    hits = 0
    for offset in offsets:
        hits += interrupted_after(door, offset, lambda: compiled({"x": X}))
        assert len(entry._permits) == 1
        assert (compiled({"x": X})["y"] == np.exp(X) * 2.0).all()
    assert hits > len(offsets) / 2


def test_an_interrupt_while_tracing_leaves_the_collector_on() -> None:
    def stop(x: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compile(stop)(X)
    assert gc.isenabled()


# ------------------------------------------------------------------------------ one and the same
def product(p: Any, q: Any) -> Any:
    p.grad = q.grad = None
    C = np.sum(p * q * q)
    C.backward()
    return C


@pytest.mark.parametrize("order", ["aa ab", "ab aa", "ab ba aa bb ab", "aa bb ab aa"])
@pytest.mark.parametrize("mode", ["fast", "readable"])
def test_a_value_that_is_given_twice_is_one_value(order: str, mode: str) -> None:
    ours, theirs = ({name: Value(X + k) for k, name in enumerate("ab")} for _ in range(2))
    compiled = compile(product, mode=mode)
    for names in order.split() * 2:
        found = compiled(*(ours[name] for name in names))
        assert found == pytest.approx(product(*(theirs[name] for name in names)).data, rel=1e-12)
        for name in "ab":
            np.testing.assert_array_equal(ours[name].data, theirs[name].data)
            if theirs[name].grad is not None:
                np.testing.assert_allclose(ours[name].grad, theirs[name].grad, rtol=1e-12)


def test_arguments_that_are_equal_in_an_unusual_way_find_their_program() -> None:
    told = np.dtype(float, metadata={"unit": "m"})
    kinds = (np.dtype(float), told, np.dtype("longlong"), np.dtype(int), np.dtype(">f8"))
    compiled = compile(lambda x, y: x * 2)
    nothing = decimal.Decimal("nan")  # equal to nothing, itself included
    for kind in (*kinds, *kinds):
        for x in (np.arange(3).astype(kind), np.arange(3).astype(kind.newbyteorder("="))):
            found = compiled(x, nothing)
            assert found.tolist() == [0, 2, 4]
