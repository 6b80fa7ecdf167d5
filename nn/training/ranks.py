"""Knows how a mini-batch is shared among the ranks of an MPI communicator, exactly.

A communicator is used through the methods that mpi4py gives it; mpi4py itself is imported by
`mpi_world` alone. This file must not know models, costs or layers, nor how the loop goes.
"""

import contextlib
import hashlib
import importlib
import io
import re
import signal
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_mini import Value
from nn.data.batches import batches

Array = NDArray[Any]
Augment = Callable[[Array], Array]
LocalStep = Callable[[Any, Any], tuple[float, float, int]]
"""Leaves the gradients of the mean cost of a batch in the parameters, and gives that cost, the
number of examples of which the largest output is right, and the number of examples."""

_END = "at the end of mpi_world"
_METHODS = ("Get_rank", "Get_size", "Is_inter", "Allreduce", "allgather", "Abort")


class RanksError(ValueError):
    """What keeps ranks from training together, such as different data; raised on all of them."""


class _AllStop(KeyboardInterrupt):
    """One rank was told to stop; raised on all of them."""


@contextlib.contextmanager
def mpi_world() -> Iterator[Any]:
    """The communicator of all ranks that mpiexec or srun started, for `fit(..., comm=comm)`.

    An exception that leaves the block on one rank ends all of them, told by `sys.excepthook` as
    ever and with a status other than 0, so that no rank waits for one that is gone. (`RanksError`,
    which all ranks raise, ends each in the ordinary way.) At its end the ranks wait for each
    other. A program that was started without mpiexec is a world of one rank.

    Raises ImportError if mpi4py is missing or finds no MPI, and RanksError, on all ranks, if one
    has come to the end, or to `sys.exit(0)`, while another is in `fit` or `evaluate`.

        with nn.mpi_world() as comm:
            nn.fit(model, cost, x, y, optimizer=optimizer, epochs=30, comm=comm)
    """
    try:
        comm = importlib.import_module("mpi4py.MPI").COMM_WORLD
    except (ImportError, RuntimeError) as missing:
        raise ImportError(
            "training on several ranks needs mpi4py and an MPI library:"
            f" pip install 'autograd-mini[mpi]' ({missing})"
        ) from missing
    with ending_together(comm, may_exit=True):
        try:
            yield comm
        except SystemExit as end:
            if end.code in (None, 0):
                Ranks(comm).agree(_END, {})
            raise
        Ranks(comm).agree(_END, {})


@contextlib.contextmanager
def ending_together(comm: Any, may_exit: bool = False) -> Iterator[None]:
    """Let an exception on one of several ranks end all of them, unless all of them raise it.

    With `may_exit`, a rank may leave by `sys.exit()` with the status 0.
    """
    try:
        yield
    except BaseException as error:
        fine = may_exit and isinstance(error, SystemExit) and error.code in (None, 0)
        if fine or isinstance(error, RanksError | _AllStop) or comm.Get_size() == 1:
            raise
        with contextlib.redirect_stderr(io.StringIO()) as told:
            sys.excepthook(type(error), error, error.__traceback__)
        ending = f"rank {comm.Get_rank()} of {comm.Get_size()} failed, and all ranks end with it"
        print(f"{told.getvalue()}{ending}", file=sys.stderr, flush=True)
        comm.Abort(1)
        raise


class Alone:
    """One process without a communicator: what `Ranks` does for several, done for one."""

    rank, size = 0, 1

    def guard(self) -> contextlib.AbstractContextManager[None]:
        """Nobody waits for this process."""
        return contextlib.nullcontext()

    stopping = guard

    def agree(self, when: str, things: Mapping[str, Any]) -> None:
        """One process agrees with itself."""

    def check_batch(self, size: int) -> None:
        """Any batch will do."""

    def share(self, n: int) -> slice:
        """All of `n` examples."""
        return slice(0, n)

    def deal(
        self, x: Array, y: Array, size: int, order: np.random.Generator, augment: Augment | None
    ) -> Iterator[tuple[Any, ...]]:
        """The batches in their order, augmented."""
        dealt = batches(x, y, size=size, seed=order)
        return dealt if augment is None else ((augment(xs), ys) for xs, ys in dealt)

    def sum(self, numbers: Sequence[float]) -> list[float]:
        """The numbers themselves."""
        return list(numbers)

    def shared_step(self, local: LocalStep, params: Sequence[Value]) -> LocalStep:
        """The local step itself."""
        return local

    def any(self, flag: object) -> bool:
        """Whether the flag is true."""
        return bool(flag)


class Ranks:
    """The ranks of a communicator, of which this process is one, sharing each batch.

    Of n examples, rank r of R has those from n * r // R to n * (r + 1) // R: shares differ by at
    most one example. Whoever has no share of a small last batch adds zeros.

    Raises TypeError if `comm` is not a communicator with the methods of mpi4py's.
    """

    def __init__(self, comm: Any) -> None:
        methods = all(callable(getattr(comm, name, None)) for name in _METHODS)
        if isinstance(comm, type) or not (methods and comm) or comm.Is_inter():
            raise TypeError(
                "comm is a communicator of one group of ranks, as mpi4py's MPI.COMM_WORLD is,"
                f" not {comm!r}"
            )
        self.comm, self.rank, self.size = comm, int(comm.Get_rank()), int(comm.Get_size())
        self._stop = False

    def guard(self) -> contextlib.AbstractContextManager[None]:
        """Let an exception on one of several ranks end all of them."""
        return ending_together(self.comm)

    # -- the same start, the same weights
    def agree(self, when: str, things: Mapping[str, Any]) -> None:
        """Raise RanksError, on every rank, if ranks are elsewhere or have not the same `things`.

        A thing is a number, an array, a Value, None, or a list, tuple or dict of things; of a
        function or a model, name and code or what it is printed as are compared.
        """
        mine = {name: (_text(thing), _digest(thing)) for name, thing in things.items()}
        everyone = self.comm.allgather((when, mine))
        for rank, (their_when, theirs) in enumerate(everyone):
            if their_when != everyone[0][0]:
                raise RanksError(
                    f"rank 0 is {everyone[0][0]}, and rank {rank} is {their_when}; every rank has"
                    " to call fit and evaluate as often and in the same order as the others"
                )
            for name, (told, digest) in theirs.items():
                first, first_digest = everyone[0][1][name]
                if digest != first_digest:
                    both = f" ({first}; {told})" if told != first else ""
                    raise RanksError(
                        f"{when}, rank 0 and rank {rank} have different {name}{both}; every rank"
                        " needs the same seeds, data and settings"
                    )

    def check_batch(self, size: int) -> None:
        """Raise RanksError if a batch of `size` is too small for every rank to have a share."""
        if size < self.size:
            raise RanksError(
                f"a batch of {size} cannot be shared among {self.size} ranks; give a batch_size of"
                f" at least {self.size}, or start fewer ranks"
            )

    # -- shares
    def share(self, n: int) -> slice:
        """Which of `n` examples are this rank's."""
        return slice(n * self.rank // self.size, n * (self.rank + 1) // self.size)

    def deal(
        self, x: Array, y: Array, size: int, order: np.random.Generator, augment: Augment | None
    ) -> Iterator[tuple[Any, ...]]:
        """Yield this rank's share of each batch that `batches(x, y, size=size, seed=order)` deals.

        The third of each triple is the size of the whole batch. `augment` is given all inputs of
        the batch, on every rank, so that its chances do not depend on the number of ranks; it
        costs each rank as much as it would cost one.
        """
        for (rows,) in batches(np.arange(len(x)), size=size, seed=order):
            own = self.share(len(rows))
            if augment is None:
                xs = x.take(rows[own], axis=0)
            else:
                xs = augment(x.take(rows, axis=0))[own]
            yield xs, y.take(rows[own], axis=0), len(rows)

    # -- sums over the ranks
    def sum(self, numbers: Sequence[float]) -> list[float]:
        """The sums over all ranks, the same on each."""
        own = np.array(numbers, float)
        total = np.empty_like(own)
        self.comm.Allreduce(own, total)
        return [float(number) for number in total]

    def shared_step(
        self, local: LocalStep, params: Sequence[Value]
    ) -> Callable[[Any, Any, int], tuple[float, float, int]]:
        """The step on a whole batch, made of local steps on its shares and one Allreduce.

        What travels: each gradient times the share's part of the batch; for each parameter
        whether it has a gradient; the cost times that part; the number right; whether to stop.
        """
        dtype = np.result_type(np.float32, *(p.dtype for p in params))
        own = np.zeros(sum(p.size for p in params) + len(params) + 3, dtype)
        total = np.empty_like(own)
        mine, own_rest = _unpacked(own, params)
        sums, rest = _unpacked(total, params)

        def step(x: Any, y: Any, n: int) -> tuple[float, float, int]:
            cost = right = 0.0
            part = len(x) / n
            if len(x):
                cost, right, _ = local(x, y)
            else:
                for p in params:
                    p.grad = None
            for i, (p, out) in enumerate(zip(params, mine, strict=True)):
                grad = p.peek()[1]
                own_rest[i] = grad is not None
                np.multiply(0.0 if grad is None else grad, part, out=out, casting="same_kind")
            own_rest[-3:] = cost * part, right, self._stop
            self.comm.Allreduce(own, total)
            if rest[-1]:
                raise _AllStop
            for i, (p, grad) in enumerate(zip(params, sums, strict=True)):
                p.grad = grad[()] if rest[i] else None  # a copy: the buffer is written again
            return float(rest[-3]), float(rest[-2]), n

        return step

    def any(self, flag: object) -> bool:
        """Whether the flag is true on some rank; between steps, this too hears of Ctrl-C."""
        flags, stops = self.sum([bool(flag), self._stop])
        if stops:
            raise _AllStop
        return flags > 0

    # -- Ctrl-C
    @contextlib.contextmanager
    def stopping(self) -> Iterator[None]:
        """Let Ctrl-C, SIGTERM or SIGUSR1 on one rank stop all of them after the same step.

        mpiexec answers Ctrl-C by sending its ranks SIGTERM, and passes SIGUSR1 on; Slurm can send
        either some time before it ends a job. A second signal acts as it did before.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before: dict[int, Any] = {}

        def note(number: int, frame: Any) -> None:
            self._stop = True
            signal.signal(number, before[number])

        self._stop = False
        names = ("SIGINT", "SIGTERM", "SIGUSR1")
        numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
        try:
            for number in numbers:
                before[number] = signal.getsignal(number)
                signal.signal(number, note)
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def ranks_of(comm: Any) -> Alone | Ranks:
    """The ranks of a communicator, or this process alone if there is none."""
    return Alone() if comm is None else Ranks(comm)


def _unpacked(flat: Array, params: Sequence[Value]) -> tuple[list[Array], Array]:
    """Views of a buffer in the shapes of the parameters, and what is left at its end."""
    *parts, rest = np.split(flat, np.cumsum([p.size for p in params]))
    return [part.reshape(p.shape) for part, p in zip(parts, params, strict=True)], rest


def _text(thing: Any) -> str:
    """A thing in a few words."""
    if isinstance(thing, Value):
        thing = thing.peek()[0]
    if isinstance(thing, np.ndarray):
        return f"shape {thing.shape} of {thing.dtype}"
    if isinstance(thing, dict | list | tuple):
        return f"{len(thing)} entries" if len(thing) != 2 else " and ".join(map(_text, thing))
    return textwrap.shorten(_printed(thing), 200, placeholder=" …")


def _printed(thing: Any) -> str:
    """A thing as it is printed, but for addresses and the order of sets, each process's own."""
    text = re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(thing))
    return re.sub(r"\{[^{}]*\}", lambda braced: "".join(sorted(braced[0])), text)


def _digest(thing: Any) -> str:
    """A checksum of all bits of a thing; equal things have equal ones."""
    state = hashlib.sha256()
    _feed(state, thing)
    return state.hexdigest()


def _feed(state: Any, thing: Any) -> None:
    if isinstance(thing, Value):
        thing = thing.peek()[0]
    if isinstance(thing, dict):
        thing = list(thing.items())
    if isinstance(thing, list | tuple):
        state.update(f"{len(thing)} entries;".encode())
        for item in thing:
            _feed(state, item)
    elif isinstance(thing, np.ndarray):
        state.update(f"{thing.shape} {thing.dtype.str};".encode())
        state.update(np.ascontiguousarray(thing).reshape(-1).view(np.uint8))
    else:
        state.update(f"{_printed(thing)};".encode())
        if code := getattr(thing, "__code__", None):  # every lambda is printed alike
            plain = [item for item in code.co_consts if isinstance(item, int | float | str)]
            state.update(f"{code.co_code.hex()} {code.co_names} {plain};".encode())
