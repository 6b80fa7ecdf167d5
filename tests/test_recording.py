"""Recording a program touches nobody else: other threads, interrupts, forks, failed attempts."""

import asyncio
import gc
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd_mini import CannotCompileError, Value, compile, debug, grad, no_grad, value_and_grad
from autograd_mini.engine.modes import Block, blocks, setting
from autograd_mini.program import compiled
from autograd_mini.program import recording as capture

SECONDS = 60.0 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 5.0


def plain(v: Value) -> bool:
    return all(type(x) in (float, np.ndarray, np.float64, type(None)) for x in (v._out, v._grad))


# ------------------------------------------------------------------------------------ threads
def test_threads_that_record_call_and_train_at_once_get_their_own_results() -> None:
    frozen = nn.MLP([4, 5, 3], seed=0)
    predict = compile(lambda x: frozen(x))
    ends = time.monotonic() + SECONDS
    wrong: list[str] = []
    calls = [0]

    def work(seed: int) -> None:
        rng = np.random.default_rng(seed)
        mine = nn.MLP([4, 5, 3], seed=seed)
        while time.monotonic() < ends and not wrong:
            x = rng.standard_normal((int(rng.integers(1, 40)), 4))
            expected = frozen(x)
            found = predict(x)
            if type(found) is not np.ndarray or not np.allclose(found, expected.data, rtol=1e-12):
                wrong.append(f"a result is {found!r}")
            fresh = compile(value_and_grad(lambda w, x: np.sum((x @ w) ** 2)))
            w = rng.standard_normal((4, 2))
            value, slope = fresh(w, x)
            if not np.allclose(slope, 2 * x.T @ (x @ w)) or not np.isclose(
                value, np.sum((x @ w) ** 2)
            ):
                wrong.append("a gradient of a thread's own is wrong")
            nn.fit(
                mine,
                nn.quadratic_cost,
                x,
                np.ones((len(x), 3)),
                optimizer=nn.SGD(mine.parameters(), 0.1),
                epochs=1,
                batch_size=len(x),
                progress=False,
            )
            parameters = (*frozen.parameters(), *mine.parameters())
            wrong.extend(f"a parameter is {p._out!r}" for p in parameters if not plain(p))
            calls[0] += 1

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(1, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []
    assert calls[0] > 4


def test_what_another_thread_sees_of_a_value_that_is_recorded() -> None:
    w = Value(np.ones(3))
    seen: list[Any] = []

    def look() -> None:
        seen.extend([w.data, (w * 2.0).data, w.peek()[0], w.grad])

    def f(x: Any) -> Any:
        y = w * x
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        return np.sum(y)

    assert compile(f)(np.arange(3.0)) == 3.0
    assert [type(x).__name__ for x in seen[:4]] == ["View", "View", "ndarray", "NoneType"]


# ----------------------------------------------------------------------- failures, interrupts
def test_a_failed_recording_leaves_everything_as_it_was() -> None:
    w = Value(np.ones(2), "w")
    w.grad = np.full(2, 3.0)

    @compile
    def step(x: Any) -> Any:
        ((w * x) ** 2).sum().backward()
        w.data -= w.grad
        w.grad = None
        raise KeyError("mine")

    for _ in range(2):
        with pytest.raises(KeyError, match="mine"):
            step(np.ones(2))
        assert w.data.tolist() == [1.0, 1.0]
        assert w.grad.tolist() == [3.0, 3.0]


@pytest.mark.parametrize(
    "optimizer", [nn.Adam, nn.AdamW, lambda ps, rate: nn.SGD(ps, rate, momentum=0.9)]
)
def test_an_optimizer_with_a_memory_says_that_it_stays_outside(optimizer: Any) -> None:
    w = Value(np.ones(2), "w")
    opt = optimizer([w], 0.1)

    def step(x: Any) -> Any:
        opt.zero_grad()
        C = ((w * x) ** 2).sum()
        C.backward()
        opt.step()
        return C

    with pytest.raises(CannotCompileError, match=r"optimizer\.step\(\) outside"):
        compile(step)(np.ones(2))
    assert plain(w)
    assert w.data.tolist() == [1.0, 1.0]
    step(np.ones(2))  # the fallback
    assert plain(w)
    assert np.all(w.data < 1)


def lines_of(*functions: Callable[..., Any]) -> list[tuple[Any, int]]:
    found = []
    for function in functions:
        code = function.__code__
        found += [(code, line) for _, _, line in code.co_lines() if line is not None]
    return sorted(set(found), key=lambda pair: (pair[0].co_name, pair[1]))


RECORDING = lines_of(
    capture._attempt,
    capture._gathered,
    capture._Names.__enter__,
    capture._Names.__exit__,
    capture._Watcher.hold,
    capture._Watcher.of,
    capture._Watcher.pull,
    capture.recorded,
    compiled.Compiled.__call__,
    Block.__init__,
)


@pytest.mark.parametrize(("code", "line"), RECORDING, ids=lambda x: getattr(x, "co_name", str(x)))
def test_an_interrupt_at_any_line_of_a_recording_leaves_everything_as_it_was(
    code: Any, line: int
) -> None:
    w = Value(np.ones(2), "w")
    w.grad = np.full(2, 3.0)

    def step(x: Any) -> Any:
        C = ((w * x) ** 2).sum()
        w.grad = None
        C.backward()
        w.data -= 0.1 * w.grad
        return C

    function = compile(step)
    pressed = [False]

    def local(frame: Any, event: str, arg: Any) -> Any:
        if event == "line" and frame.f_lineno == line and not pressed[0]:
            pressed[0] = True
            raise KeyboardInterrupt
        return local

    sys.settrace(lambda frame, event, arg: local if frame.f_code is code else None)
    try:
        function(np.ones(2))
        returned = True
    except KeyboardInterrupt:
        returned = False
    finally:
        sys.settrace(None)
    assert sys.getprofile() is None
    assert gc.isenabled()
    assert not setting("silenced")
    assert setting("watch") is None
    assert plain(w)
    if not returned:
        assert w.data.tolist() in ([1.0, 1.0], [0.8, 0.8])
        if w.data.tolist() == [1.0, 1.0]:
            assert w.grad.tolist() == [3.0, 3.0]
    w.data = np.ones(2)
    assert function(np.ones(2)) == 2.0
    assert w.data.tolist() == [0.8, 0.8]


@pytest.mark.parametrize("block", [no_grad, debug])
def test_an_interrupt_on_the_way_into_or_out_of_a_block_leaves_none_open(block: Any) -> None:
    """Whatever line of ours it comes at: the way out has none."""
    before = set(blocks)
    for place in range(12):
        steps = [0]

        def local(frame: Any, event: str, arg: Any, steps: Any = steps, place: int = place) -> Any:
            if event == "line":
                steps[0] += 1
                if steps[0] == place + 1:
                    raise KeyboardInterrupt
            return local

        def trace(frame: Any, event: str, arg: Any, local: Any = local) -> Any:
            return local if "autograd_mini" in frame.f_code.co_filename else None

        sys.settrace(trace)
        try:
            with block():
                pass
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(None)
        assert not setting("silenced")
        assert setting("watch") is None
        assert Value(2.0).__mul__(3.0).args
    assert blocks <= before


def test_a_block_is_open_inside_and_only_there() -> None:
    inner = no_grad()
    with debug(), no_grad():
        with inner, inner:
            assert (Value(2.0) * 3.0).args == ()
        assert (Value(2.0) * 3.0).args == ()
    assert (Value(2.0) * 3.0).args != ()
    with pytest.raises(ZeroDivisionError), no_grad():
        1 / 0
    assert (Value(2.0) * 3.0).args != ()


def test_no_grad_as_a_decorator() -> None:
    @no_grad()
    def f(x: Any) -> Any:
        return x * 2.0 if x.data > 0 else f(-x)

    assert f(Value(-2.0)).args == ()
    assert (Value(2.0) * 3.0).args != ()

    def pieces() -> Any:
        yield 1

    async def later() -> None:
        pass

    for function in (pieces, later):
        with pytest.raises(TypeError, match=r"runs in pieces.*write the with block inside"):
            no_grad()(function)


def test_no_grad_holds_for_one_task_of_asyncio() -> None:
    async def silent(start: asyncio.Event, done: asyncio.Event) -> bool:
        with no_grad():
            start.set()
            await done.wait()
            return (Value(1.0) * 2.0).args == ()

    async def recording(start: asyncio.Event, done: asyncio.Event) -> bool:
        await start.wait()
        recorded = (Value(1.0) * 2.0).args != ()
        done.set()
        return recorded

    async def both() -> list[bool]:
        events = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(silent(*events), recording(*events))

    assert asyncio.run(both()) == [True, True]


# --------------------------------------------------------------------------------------- fork
def _child(connection: Any) -> None:
    x = Value(3.0)
    (x * x).backward()
    connection.send(x.grad)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of forks in a program with threads
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_fork_while_another_thread_is_in_backward() -> None:
    context = multiprocessing.get_context("fork")
    stop = threading.Event()

    def loop() -> None:
        x = Value(np.ones(100))
        while not stop.is_set():
            (x * x).sum().backward()

    threads = [threading.Thread(target=loop) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(10):
            here, there = context.Pipe()
            process = context.Process(target=_child, args=(there,))
            process.start()
            assert here.poll(20)
            assert here.recv() == 6.0
            process.join(20)
    finally:
        stop.set()
        for thread in threads:
            thread.join()


# -------------------------------------------------------------------------- Values from outside
def test_a_gradient_into_a_value_computed_outside_is_refused() -> None:
    w = Value(np.ones(2), "w")
    h = w * 2.0
    assert compile(lambda x: np.sum(h * x))(np.ones(2)) == 4.0
    with pytest.raises(CannotCompileError, match=r"computed outside.*detach"):
        compile(lambda x: (np.sum(h * x).backward(), x)[1])(np.ones(2))
    assert w.grad is None
    assert h.grad is None


def test_second_order_through_a_value_from_outside() -> None:
    w = Value(np.array([1.0, 2.0]), "w")

    def f(x: Any) -> Any:
        return np.sum(grad(lambda w: np.sum(w**3 * x))(w) * x)

    compiled_f = compile(f)
    for x in (np.ones(2), np.array([2.0, -1.0])):
        assert compiled_f(x) == pytest.approx(f(x).item())


# ------------------------------------------------------------------------- what programs hold
class Half(nn.Module):
    def forward(self, x: Any) -> Any:
        return x * 0.5 if self.training else x


class Centred(nn.Module):
    def __init__(self) -> None:
        self.mean, self.scale = np.zeros(4), Value(np.ones(4))

    def forward(self, x: Any) -> Any:
        if self.training:
            self.mean = 0.5 * np.mean(x, axis=0)
        return (x - self.mean) * self.scale


def test_programs_see_the_mode_and_the_state_of_a_module() -> None:
    x = np.ones((3, 4))
    model = nn.Sequential(nn.Linear(4, 4, seed=0), Half(), Centred().eval())
    compiled_model = compile(lambda x: model(x))
    for change in (
        lambda: None,
        model.eval,
        lambda: model[1].train(),
        lambda: model.load_state_dict(
            {name: x + name.endswith("mean") for name, x in model.state_dict().items()}
        ),
    ):
        change()
        for _ in range(2):
            np.testing.assert_allclose(compiled_model(x), model(x).data)


def test_a_field_of_a_module_is_not_assigned_by_a_recording() -> None:
    model, x = Centred(), np.ones((3, 4))
    with pytest.raises(CannotCompileError, match=r"Centred\.mean is assigned inside"):
        compile(lambda x: model(x))(x)
    assert model.mean.tolist() == [0.0] * 4
    assert model(x).shape == (3, 4)


@pytest.mark.parametrize("argument", [np.ones(2) * 1j, memoryview(np.ones(3)), np.array(["a"])])
def test_arguments_that_no_program_can_have(argument: Any) -> None:
    function = compile(lambda p: np.ones(3))
    for _ in range(2):
        with pytest.raises(CannotCompileError, match="argument"):
            function(argument)


def _traces(connection: Any, function: Any) -> None:
    connection.send(function(np.ones(7)))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_fork_while_another_thread_records() -> None:
    context = multiprocessing.get_context("fork")
    stop = threading.Event()
    function = compile(lambda x: np.sum(np.tanh(x)))

    def loop() -> None:
        k = 1
        while not stop.is_set():
            k = k % 60 + 1
            function(np.ones(k))

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        for _ in range(8):
            here, there = context.Pipe()
            process = context.Process(target=_traces, args=(there, function))
            process.start()
            assert here.poll(20)
            assert here.recv() == pytest.approx(7 * np.tanh(1.0))
            process.join(20)
    finally:
        stop.set()
        thread.join()
