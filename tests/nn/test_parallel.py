"""Ranks end where one process ends, differ in one clear sentence, and never wait for the dead.

Most tests run their ranks as threads with a communicator of our own; some run them under mpiexec.
"""
# ruff: noqa: N802, the names of MPI's methods

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import parallel_program as program
import pytest
from strict_python import STRICT

import nn
from autograd_mini import Value
from nn.training.ranks import Ranks, mpi_world

END = "at the end of mpi_world"
EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "mnist_mpi.py"
TOLERANCE = {"f8": 1e-12, "f4": 1e-5}


class AbortedError(Exception):
    """What Abort does to a thread in place of ending it."""


class Threads:
    """A communicator whose ranks are threads, with the methods that nn.parallel uses."""

    def __init__(self, rank: int, size: int, barrier: Any, slots: list[Any]) -> None:
        self.rank, self.size, self.barrier, self.slots = rank, size, barrier, slots
        self.reductions = 0

    def Get_rank(self) -> int:
        return self.rank

    def Get_size(self) -> int:
        return self.size

    def Is_inter(self) -> bool:
        return False

    def allgather(self, thing: Any) -> list[Any]:
        self.slots[self.rank] = thing
        self.barrier.wait()
        everyone = list(self.slots)
        self.barrier.wait()
        return everyone

    def Allreduce(self, own: Any, total: Any) -> None:
        self.reductions += 1
        total[...] = sum(self.allgather(own.copy()))

    def Abort(self, status: int) -> None:
        self.barrier.abort()
        raise AbortedError(status)


def on_ranks(size: int, work: Callable[[Any], Any]) -> list[Any]:
    """What `work(comm)` gives on each of `size` ranks."""
    results = outcomes(size, work)
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results


def outcomes(size: int, work: Callable[[Any], Any]) -> list[Any]:
    """What `work(comm)` gives, or the exception that it raises, on each of `size` ranks."""
    barrier, slots = threading.Barrier(size, timeout=30), [None] * size

    def guarded(rank: int) -> Any:
        try:
            return work(Threads(rank, size, barrier, slots))
        except Exception as error:
            return error

    with ThreadPoolExecutor(size) as pool:
        return list(pool.map(guarded, range(size)))


def fit(comm: Any, **changes: Any) -> Any:
    model = changes.pop("model", None) or program.network()
    settings: dict[str, Any] = {"epochs": 1, "progress": False} | changes
    if "optimizer" not in settings:
        settings["optimizer"] = nn.SGD(model.parameters(), lr=0.1)
    x, y = settings.pop("x", program.X), settings.pop("y", program.LABELS)
    cost = settings.pop("cost", nn.cross_entropy)
    return nn.fit(model, cost, x, y, comm=comm, **settings)


@cache
def alone(case: Any) -> Any:
    return program.train(case)


def assert_same(case: Any, weights: list[Any], told: Any) -> None:
    wanted, wanted_told = alone(case)
    tolerance = TOLERANCE[case[3]]
    for w, reference in zip(weights, wanted, strict=True):
        assert w.dtype == reference.dtype
        assert np.abs(w - reference).max() <= tolerance * np.abs(reference).max()
    np.testing.assert_allclose(told, wanted_told, rtol=tolerance)


# ------------------------------------------------------------------------------ the same weights


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("case", program.CASES, ids=lambda case: "-".join(map(str, case)))
def test_ranks_end_with_the_weights_of_one(case: Any, size: int) -> None:
    results = on_ranks(size, lambda comm: program.train(case, comm))
    for weights, told in results:
        assert_same(case, weights, told)
        assert all(map(np.array_equal, weights, results[0][0]))


def test_one_rank_is_the_same_to_the_last_bit() -> None:
    for case in program.CASES:
        ((weights, _),) = on_ranks(1, lambda comm, case=case: program.train(case, comm))
        if case[3] == "f8":
            assert all(map(np.array_equal, weights, alone(case)[0]))


def test_one_allreduce_a_step() -> None:
    def count(comm: Threads) -> int:
        fit(comm, batch_size=50)
        return comm.reductions

    assert (
        on_ranks(2, count) == [5 + 1] * 2
    )  # five steps, and whether a callback ends the training


def test_a_parameter_without_a_gradient_stays_without() -> None:
    def work(comm: Any) -> Any:
        used, unused, rare = Value(np.ones((9, 3))), Value(np.ones(2)), Value(1.0)

        def model(x: Any) -> Any:  # `rare` has a gradient only where the first example is
            return x @ used * rare if np.any(x == program.X[0]) else x @ used

        optimizer = nn.AdamW([used, unused, rare], lr=0.1)
        fit(comm, model=model, optimizer=optimizer, batch_size=203)
        return used.data, unused.data, unused.grad, rare.data, rare.grad

    for used, unused, grad, rare, rare_grad in on_ranks(3, work):
        assert np.all(unused == 1)
        assert grad is None
        assert rare != 1
        assert isinstance(rare_grad, float)
        assert used.shape == (9, 3)


def test_gradients_that_are_handed_out_keep_their_values() -> None:
    def work(comm: Any) -> Any:
        model, seen = program.network(), []

        def note(history: nn.History) -> None:
            seen.append((model.layers[0].W.grad, model.layers[0].W.grad.copy()))

        fit(comm, model=model, epochs=3, callback=note)
        return seen

    for seen in on_ranks(2, work):
        assert all(np.array_equal(kept, copy) for kept, copy in seen)
        assert not np.array_equal(seen[0][0], seen[1][0])


@pytest.mark.parametrize("n", [1, 2, 5, 2503])
def test_evaluation_is_shared_too(n: int) -> None:
    x, y = np.resize(program.X, (n, 9)), np.resize(program.LABELS, n)
    model = program.network()
    rows = []

    def watched(x: Any) -> Any:
        rows.append(len(x))
        return model(x)

    results = on_ranks(3, lambda comm: nn.evaluate(watched, x, y, nn.cross_entropy, comm=comm))
    assert sum(rows) == n
    assert results == [pytest.approx(nn.evaluate(model, x, y, nn.cross_entropy), rel=1e-12)] * 3


def test_a_callback_on_one_rank_ends_all() -> None:
    def stop(comm: Any) -> Any:
        return lambda history: comm.rank == 1 and len(history.epochs) == 2

    histories = on_ranks(3, lambda comm: fit(comm, epochs=9, callback=stop(comm)))
    assert [len(history.epochs) for history in histories] == [2, 2, 2]


def test_rank_0_shows_the_progress(capsys: pytest.CaptureFixture[str]) -> None:
    on_ranks(3, lambda comm: fit(comm, epochs=2, progress=True))
    assert capsys.readouterr().err.count("epoch ") == 2


# ------------------------------------------------------------------------------ what is refused

DIFFERENT: dict[str, tuple[Callable[[int], dict[str, Any]], str]] = {
    "seeds": (lambda rank: {"seed": 3 + rank}, r"seeds \(3; 4\)"),
    "batches": (lambda rank: {"batch_size": 50 - rank}, r"batch sizes \(50; 49\)"),
    "epochs": (lambda rank: {"epochs": 1 + rank}, r"numbers of epochs \(1; 2\)"),
    "data": (lambda rank: {"x": program.X + rank}, "training inputs;"),
    "shapes": (
        lambda rank: {"x": program.X[rank:], "y": program.LABELS[rank:]},
        r"training inputs \(shape \(203, 9\) of float64; shape \(202, 9\) of float64\)",
    ),
    "dtypes": (
        lambda rank: {"x": program.X.astype(f"f{8 - 4 * rank}")},
        r"training inputs \(.* of float64; .* of float32\)",
    ),
    "labels": (lambda rank: {"y": program.LABELS + rank}, "training targets;"),
    "validation": (
        lambda rank: {"validation": program.VALIDATION if rank else None},
        r"validation data \(None; shape \(41, 9\) of float64 and shape \(41,\) of int64\)",
    ),
    "weights": (lambda rank: {"model": program.network(seed=rank)}, "weights;"),
    "costs": (
        lambda rank: {"cost": [nn.cross_entropy, program.squares][rank]},
        r"costs \(<function cross_entropy>; <function squares>\)",
    ),
    "lambdas": (
        lambda rank: {"cost": [lambda a, y: (a**2).mean(), lambda a, y: (a**3).mean()][rank]},
        "costs;",
    ),
    "activations": (
        lambda rank: {"model": program.network(activation=["tanh", "relu"][rank])},
        r"models \(MLP\(9 -> 7 -> 3, Tanh\(\), .*; MLP\(9 -> 7 -> 3, ReLU\(\)",
    ),
    "functions": (
        lambda rank: {"model": program.network(activation=[np.tanh, np.sin][rank])},
        r"models \(.*'tanh'.*'sin'",
    ),
    "augmentation": (
        lambda rank: {"augment": [None, program.noisy][rank]},
        r"augmentations \(None; <function noisy>\)",
    ),
    "its settings": (
        lambda rank: {"augment": partial(program.noisy, scale=rank)},
        r"augmentations \(.*noisy>, scale=0\); .*noisy>, scale=1\)",
    ),
    "schedules": (
        lambda rank: {"schedule": [nn.cosine, nn.exponential][rank](0.5)},
        r"schedules \(<function cosine",
    ),
    "frozen": (lambda rank: program.with_a_frozen_layer(seed=rank), "states of the model;"),
    "rates": (lambda rank: {"lr": 0.1 + rank}, r"optimizers \(.*lr=0.1.*; .*lr=1.1"),
}


@pytest.mark.parametrize("what", DIFFERENT)
def test_ranks_that_differ_are_told_all_of_them(what: str) -> None:
    changes, sentence = DIFFERENT[what]

    def work(comm: Any) -> Any:
        settings = changes(comm.rank)
        if "lr" in settings:
            model = program.network()
            settings = {"model": model, "optimizer": nn.SGD(model.parameters(), settings["lr"])}
        return fit(comm, **settings)

    for error in outcomes(2, work):
        assert isinstance(error, nn.RanksError), error
        with pytest.raises(nn.RanksError, match=f"rank 0 and rank 1 have different {sentence}"):
            raise error


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (lambda rank: {"x": program.X + rank}, "inputs;"),
        (lambda rank: {"y": program.LABELS + rank}, "targets;"),
        (lambda rank: {"model": program.network(seed=rank)}, "states of the model;"),
        (lambda rank: {"model": program.network(activation=["tanh", "relu"][rank])}, "models"),
        (lambda rank: {"cost": [nn.cross_entropy, program.squares][rank]}, "costs"),
        (lambda rank: {"cost": [nn.cross_entropy, None][rank]}, "costs"),
    ],
)
def test_ranks_that_evaluate_different_things_are_told(changes: Any, sentence: str) -> None:
    def work(comm: Any) -> Any:
        things = {"model": program.network(), "x": program.X, "y": program.LABELS, "cost": None}
        things |= changes(comm.rank)
        return nn.evaluate(*things.values(), comm=comm)

    for error in outcomes(2, work):
        with pytest.raises(nn.RanksError, match=f"evaluate, rank 0 and rank 1 .*{sentence}"):
            raise error


def test_what_is_only_printed_or_placed_differently_is_the_same() -> None:
    class Named(nn.Module):
        def __init__(self, words: Any) -> None:
            self.words, self.layer = words, nn.Linear(9, 3, seed=0)

        def forward(self, x: Any) -> Any:
            return self.layer(x)

    class Printed:
        def __init__(self, text: str) -> None:
            self.text = text

        def __repr__(self) -> str:
            return self.text

    texts = ["{'a', 'b'} at 0x7f01", "{'b', 'a'} at 0x7f02"]  # as two processes print them
    for result in outcomes(2, lambda comm: fit(comm, model=Named(Printed(texts[comm.rank])))):
        assert isinstance(result, nn.History)


CALLS: dict[str, Callable[[Any], Any]] = {
    "at the start of the training": fit,
    "at the start of evaluate": lambda comm: nn.evaluate(
        program.network(), program.X, program.LABELS, comm=comm
    ),
    END: lambda comm: Ranks(comm).agree(END, {}),
}


@pytest.mark.parametrize("first", CALLS)
@pytest.mark.parametrize("second", CALLS)
def test_ranks_that_are_not_at_the_same_call_are_told(first: str, second: str) -> None:
    calls = [CALLS[first], CALLS[second], CALLS[first]]
    results = outcomes(3, lambda comm: calls[comm.rank](comm))
    if first == second:
        assert not any(isinstance(result, Exception) for result in results)
        return
    for error in results:
        with pytest.raises(
            nn.RanksError, match=f"rank 0 is {first}, and rank 1 is {second}; every rank has to"
        ):
            raise error


def test_weights_that_come_apart_are_found_after_the_epoch() -> None:
    def work(comm: Any) -> Any:
        model = program.network()
        optimizer = nn.SGD(model.parameters(), lr=0.1)

        def meddle(history: nn.History) -> None:
            optimizer.lr = 0.1 if comm.rank < 2 else 0.2

        return fit(comm, model=model, optimizer=optimizer, epochs=5, callback=meddle)

    for error in outcomes(3, work):
        with pytest.raises(
            nn.RanksError, match="after epoch 2, rank 0 and rank 2 have different weights;"
        ):
            raise error


def test_a_batch_smaller_than_the_number_of_ranks() -> None:
    for error in outcomes(4, lambda comm: fit(comm, batch_size=3)):
        with pytest.raises(nn.RanksError, match="a batch of 3 cannot be shared among 4 ranks"):
            raise error


@pytest.mark.parametrize("comm", [3, "COMM_WORLD", Threads, object(), np.ones(3)])
def test_a_communicator_of_the_wrong_kind(comm: Any) -> None:
    with pytest.raises(TypeError, match="comm is a communicator of one group of ranks, as mpi4py"):
        fit(comm)


def test_an_intercommunicator_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Threads, "Is_inter", lambda self: True)
    with pytest.raises(TypeError, match="a communicator of one group of ranks"):
        Ranks(Threads(0, 1, None, []))


def test_without_mpi4py(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    with pytest.raises(ImportError, match=r"pip install 'autograd-mini\[mpi\]'"), mpi_world():
        pass


def test_mpi4py_is_not_imported_unless_it_is_asked_for() -> None:
    code = "import sys, nn; raise SystemExit('mpi4py' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


# ------------------------------------------------------------------------------ failure and Ctrl-C


def test_an_exception_on_one_rank_ends_all(capsys: pytest.CaptureFixture[str]) -> None:
    def cost_on(rank: int) -> Any:
        return lambda a, y: 1 / 0 if rank == 1 else nn.cross_entropy(a, y)

    results = outcomes(3, lambda comm: fit(comm, cost=cost_on(comm.rank)))
    assert all(isinstance(error, AbortedError | threading.BrokenBarrierError) for error in results)
    told = capsys.readouterr().err
    assert "ZeroDivisionError: division by zero\nrank 1 of 3 failed, and all ranks end" in told


def test_leaving_in_the_middle_ends_all(capsys: pytest.CaptureFixture[str]) -> None:
    def leave(comm: Any) -> Any:
        return lambda history: sys.exit() if comm.rank == 1 else None

    for error in outcomes(2, lambda comm: fit(comm, epochs=9, callback=leave(comm))):
        assert isinstance(error, AbortedError | threading.BrokenBarrierError)
    assert "SystemExit\nrank 1 of 2 failed" in capsys.readouterr().err


def test_divergence_is_seen_by_all_ranks(capsys: pytest.CaptureFixture[str]) -> None:
    x = program.X.copy()
    x[-1] = np.nan  # one example: one rank's share
    for error in outcomes(2, lambda comm: fit(comm, x=x)):
        assert isinstance(error, AbortedError | threading.BrokenBarrierError)
    assert "FloatingPointError: the cost became nan in epoch 1" in capsys.readouterr().err


def test_one_rank_alone_raises_as_without_a_communicator() -> None:
    (error,) = outcomes(1, lambda comm: fit(comm, epochs=-1))
    assert isinstance(error, ValueError)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1])
def test_a_signal_stops_after_the_step_and_is_given_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    calls = 0

    def cost(a: Any, y: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 4:
            signal.raise_signal(number)
        return nn.cross_entropy(a, y)

    comm = Threads(0, 1, threading.Barrier(1), [None])
    history = fit(comm, cost=cost, epochs=9, batch_size=101)  # three steps to an epoch
    assert history.interrupted
    assert len(history.epochs) == 1
    assert calls == 4
    assert signal.getsignal(number) is before


def test_ctrl_c_after_the_last_step_is_not_lost() -> None:
    comm = Threads(0, 1, threading.Barrier(1), [None])
    history = fit(comm, epochs=1, callback=lambda history: signal.raise_signal(signal.SIGINT))
    assert history.interrupted
    assert len(history.epochs) == 1


# ------------------------------------------------------------------------------ under mpiexec

MPIEXEC = shutil.which("mpiexec", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")


def mpi(test: Any) -> Any:
    """A test that starts processes, and is not to run beside another that does."""
    lacking = MPIEXEC is None or importlib.util.find_spec("mpi4py") is None
    reason = "no mpiexec or no mpi4py; pip install 'autograd-mini[mpi]' brings both"
    return pytest.mark.xdist_group("mpi")(pytest.mark.skipif(lacking, reason=reason)(test))


ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",  # machines that test are often nobody's but root's
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",  # more ranks than cores
    "PRTE_MCA_hwloc_default_binding_policy": "none",
    "OMPI_MCA_mpi_yield_when_idle": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TMPDIR": "/tmp",  # for sockets, whose names may have 100 letters
}


def mpiexec(ranks: int, *arguments: object, seconds: float = 60) -> tuple[int, str]:
    """Status and output of a program on that many ranks; its whole group is killed if it hangs."""
    command = [str(MPIEXEC), "-n", str(ranks), *STRICT, *map(str, arguments)]
    with started(command) as run:
        output, _ = run.communicate(timeout=seconds)
    return run.returncode, output


@contextlib.contextmanager
def started(command: list[str]) -> Iterator[Any]:
    """The process of a command under mpiexec; with mpiexec gone, its ranks end too."""
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | ENVIRONMENT,
        start_new_session=True,
    ) as run:
        try:
            yield run
        except BaseException:
            os.killpg(run.pid, signal.SIGKILL)
            raise


def run_program(ranks: int, what: str, folder: Path) -> tuple[int, str]:
    return mpiexec(ranks, program.__file__, what, folder)


@mpi
@pytest.mark.parametrize("size", [2, 3, 4])
def test_processes_end_with_the_weights_of_one(size: int, tmp_path: Path) -> None:
    status, output = run_program(size, "trained", tmp_path)
    assert (status, output) == (0, "")
    for rank in range(size):
        with np.load(tmp_path / f"{size}-{rank}.npz") as results:
            for i, case in enumerate(program.CASES):
                weights = [results[f"{i}.{j}"] for j in range(4)]
                assert_same(case, weights, results[f"{i}.told"])


@mpi
@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("failing", "OSError: the disk of this rank is gone\nrank 2 of 3 failed, and all"),
        ("failing_outside", "SystemExit: no data here\nrank 1 of 3 failed, and all ranks end"),
        ("differing", "RanksError: at the start of the training, rank 0 and rank 1 have"),
        ("killed", "signal 9"),
        ("evaluating", "rank 0 is at the start of the training, and rank 1 is at the start of e"),
        *((f"leaving_by_{way}", f"and rank 1 is {END}") for way in ("exit", "zero", "return")),
        ("the_first_leaving", f"RanksError: rank 0 is {END}, and rank 1 is at the start of"),
        ("leaving_before_evaluate", f"rank 0 is at the start of evaluate, and rank 1 is {END}"),
    ],
)
def test_a_failure_ends_all_processes(what: str, sentence: str, tmp_path: Path) -> None:
    status, output = mpiexec(3, program.__file__, what, tmp_path, seconds=20)
    assert status != 0
    assert sentence in output
    if what in ("failing", "killed"):
        assert nn.load(tmp_path / "checkpoint.npz").metadata["epochs"] >= 3


@mpi
def test_ranks_that_all_leave_end_well_and_wait_for_the_last(tmp_path: Path) -> None:
    status, output = run_program(3, "leaving_together", tmp_path)
    assert (status, output) == (0, "the last has drawn its picture\n")


@mpi
def test_ctrl_c_on_one_rank_stops_all_and_another_number_resumes(tmp_path: Path) -> None:
    status, output = run_program(2, "told_to_stop", tmp_path)
    assert status == 0, output
    assert output.count("interrupted True after 3 epochs") == 2
    assert nn.load(tmp_path / "checkpoint.npz").metadata == {"epochs": 3}
    status, output = run_program(3, "endless", tmp_path)
    assert status == 0, output
    assert output.count("resumed after 3 epochs on 3 ranks") == 3
    resumed = nn.load(tmp_path / "checkpoint.npz")
    assert resumed.metadata == {"epochs": 6}

    comm, once = Threads(0, 1, threading.Barrier(1), [None]), tmp_path / "once"
    once.mkdir()
    for _ in range(2):  # the same on one rank
        program.told_to_stop(comm, once)
    for name, array in nn.load(once / "checkpoint.npz").state.items():
        np.testing.assert_allclose(resumed.state[name], array, rtol=1e-11)


@mpi
def test_sigusr1_to_mpiexec_stops_the_training(tmp_path: Path) -> None:
    command = [str(MPIEXEC), "-n", "2", sys.executable, program.__file__, "stopped", str(tmp_path)]
    with started(command) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "training\n"
        run.send_signal(signal.SIGUSR1)
        output, _ = run.communicate(timeout=60)
    assert run.returncode == 0, output
    assert output.count("interrupted True") == 2


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of IDX files: noise, darker with the label."""
    folder, rng = tmp_path_factory.mktemp("digits"), np.random.default_rng(0)
    for kind, n in (("train", 203), ("t10k", 50)):
        labels = rng.integers(0, 10, n).astype(np.uint8)
        images = (rng.random((n, 28, 28)) * 25 * labels[:, None, None]).astype(np.uint8)
        for name, array in (("images-idx3", images), ("labels-idx1", labels)):
            header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
            (folder / f"{kind}-{name}-ubyte").write_bytes(header + array.tobytes())
    return folder


@mpi
def test_the_example_resumes_on_another_number_of_ranks(digits: Path, tmp_path: Path) -> None:
    def run(ranks: int, epochs: int, name: str) -> str:
        options = ("--data", digits, "--epochs", epochs, "--checkpoint", tmp_path / name)
        status, output = mpiexec(ranks, EXAMPLE, *options)
        assert status == 0, output
        return output

    output = run(2, 3, "a.npz")
    assert "epoch 3/3: cost" in output
    assert output.count("of the 50 test digits read correctly") == 1
    assert "on 3 ranks, 3 of 5 epochs done" in run(3, 5, "a.npz")
    notes = nn.load(tmp_path / "a.npz").metadata
    assert notes == {"epochs": 5}


@mpi
def test_the_example_goes_on_exactly_and_obeys_its_rate(digits: Path, tmp_path: Path) -> None:
    def weights(name: str, epochs: int, *options: object) -> Any:
        settings = ("--data", digits, "--epochs", epochs, "--checkpoint", tmp_path / name)
        status, output = mpiexec(2, EXAMPLE, *settings, *options)
        assert status == 0, output
        state = nn.load(tmp_path / name).state
        return [x for name, x in state.items() if name.startswith("model/")]

    before = weights("a.npz", 1, "--lr", 0.02)
    after = weights("a.npz", 3, "--lr", 0)
    assert all(map(np.array_equal, before, after))
    assert nn.load(tmp_path / "a.npz").metadata == {"epochs": 3}


@mpi
@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--data", "nowhere"], "nowhere is not a folder"),
        (["--lr", "nan"], "lr is a finite number"),
        (["--epochs", "-1"], "epochs is a whole number of at least 0, not -1"),
        (["--batch-size", "1"], "a batch of 1 cannot be shared among 2 ranks"),
        (["--checkpoint", __file__], "is not a checkpoint"),
    ],
)
def test_mistakes_get_a_line_on_ranks_too(
    options: list[str], line: str, digits: Path, tmp_path: Path
) -> None:
    settings = ("--data", digits, "--checkpoint", tmp_path / "a.npz")
    status, output = mpiexec(2, EXAMPLE, *settings, *options)
    assert status != 0
    assert "mnist_mpi.py: " in output
    assert line in output
    assert "Traceback" not in output
