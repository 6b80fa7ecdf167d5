"""The training loop, and the measure of what it reached.

This file knows models as functions, costs as functions of their outputs, and batches. It must not
know layers, any particular cost or optimizer, or where the data come from.
"""

import contextlib
import importlib
import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from autograd_mini import Value, no_grad
from nn.compiled_step import compiled_gradients, is_pure
from nn.optim import Optimizer
from nn.parallel import Alone, LocalStep, Ranks, ranks_of

Array = NDArray[Any]
Function = Callable[[Any], Any]
Cost = Callable[[Any, Any], Any]

ONE_THREAD_BELOW = 5_000_000
"""Multiply-adds in the largest product of a step below which a second BLAS thread gains at most a
tenth on an idle machine, and costs several times the step on a busy one."""
CHUNK = 1000  # examples that evaluate computes at a time


class Epoch(NamedTuple):
    """What one pass over the training data gave.

    `cost` and `accuracy` are means over the batches as they came, so of weights on the move;
    `validation_cost` and `validation_accuracy` are of the weights at the end of the pass.
    Accuracies are fractions from 0 to 1. Where there is nothing to measure, a number is nan.
    """

    cost: float
    accuracy: float
    validation_cost: float
    validation_accuracy: float
    seconds: float

    def brief(self) -> str:
        """The cost and one accuracy, of the validation set if there is one: room for a bar."""
        kind, accuracy = "validation accuracy", self.validation_accuracy
        if math.isnan(accuracy):
            kind, accuracy = "accuracy", self.accuracy
        return f"cost {self.cost:.4f}" + f", {kind} {accuracy:.2%}" * (not math.isnan(accuracy))

    def __str__(self) -> str:
        text = f"cost {self.cost:.4f}"
        if not math.isnan(self.accuracy):
            text += f", accuracy {self.accuracy:.2%}"
        if not math.isnan(self.validation_cost):
            text += f"; validation cost {self.validation_cost:.4f}"
        if not math.isnan(self.validation_accuracy):
            text += f", accuracy {self.validation_accuracy:.2%}"
        return text


@dataclass
class History:
    """The completed epochs of a training run, and whether Ctrl-C ended it.

    >>> history = History([Epoch(0.9, 0.5, 0.8, 0.6, 1.2), Epoch(0.4, 0.8, 0.5, 0.7, 1.1)])
    >>> history.column("cost"), str(history.epochs[-1])
    ([0.9, 0.4], 'cost 0.4000, accuracy 80.00%; validation cost 0.5000, accuracy 70.00%')
    """

    epochs: list[Epoch] = field(default_factory=list)
    interrupted: bool = False

    def column(self, name: str) -> list[float]:
        """One number of all epochs, such as "cost" or "validation_accuracy"."""
        return [getattr(epoch, name) for epoch in self.epochs]


def fit(
    model: Function,
    cost: Cost,
    x: Array,
    y: Array,
    *,
    optimizer: Optimizer,
    epochs: int,
    batch_size: int = 100,
    schedule: Callable[[float], float] | None = None,
    validation: tuple[Array, Array] | None = None,
    augment: Callable[[Array, np.random.Generator], Array] | None = None,
    callback: Callable[[History], object] | None = None,
    seed: int = 0,
    progress: bool = True,
    comm: Any = None,
    compiled: bool | None = None,
) -> History:
    """Train `model` to lower `cost(model(x), y)`, in shuffled mini-batches.

    `cost` gives a Value of one number: the mean over the examples of a batch. `y` holds labels,
    shape (n,), or target outputs, shape (n, outputs). The learning rate of each step is the
    optimizer's own times `schedule(epoch)`, where 2.5 is the middle of the third epoch; in the
    end the optimizer has its own again. `augment(inputs, rng)` changes the inputs of each batch.
    `callback(history)` is called after each epoch, and a true result ends the training. The same
    `seed` gives the same run.

    Progress is a tqdm bar where stderr is a terminal and tqdm is installed, else a line for each
    epoch. If all layers are small (see `ONE_THREAD_BELOW`) and threadpoolctl is installed, BLAS
    has one thread for the time of the run.

    With `compiled`, the first batch of each shape writes forward and backward pass down as a
    program, which the others run (see `autograd_mini.compile`); the weights come out the same to
    the last bits. By default that is so for models of the layers of `nn` and costs of `nn`:
    attributes of others may change between the steps, and a program would not see it. What cannot
    be written down, such as a branch on numbers, raises CannotCompileError.

    Ctrl-C ends the training without an exception: the model keeps what it has learnt, and
    `history.interrupted` is True.

    With `comm`, a communicator of mpi4py (see `mpi_world`), every rank calls `fit` with the same
    arguments and computes its share of each batch; the gradients are added up in one Allreduce a
    step, so that all ranks take the step that one would take alone. Rank 0 shows the progress.
    `augment` and `callback` are called on every rank, and a true result of the latter on one ends
    the training on all. An exception on one rank ends all of them; Ctrl-C, SIGTERM or SIGUSR1
    stops all after the same step.

    Raises ValueError for empty data, data of different lengths, `batch_size` below 1 or `epochs`
    below 0, and FloatingPointError when the cost or a parameter becomes nan or infinite; TypeError
    if `comm` is not a communicator, and RanksError (a ValueError) if the ranks differ in data,
    seeds, settings or, after an epoch, weights, or are more than the examples of a batch.

    >>> from nn.optim import SGD
    >>> x, slope = np.array([[1.0], [2.0], [3.0]]), Value([[0.0]])
    >>> def cost(a, y):
    ...     return ((a - y) ** 2).mean()
    >>> history = fit(
    ...     lambda x: x @ slope, cost, x, 2 * x, optimizer=SGD([slope], lr=0.05), epochs=20,
    ...     progress=False,
    ... )
    >>> round(slope.item(), 4), len(history.epochs)
    (2.0, 20)
    """
    ranks, history, own_lr = ranks_of(comm), History(), optimizer.lr
    orders, chances = np.random.default_rng(seed).spawn(2)
    changed = None if augment is None else lambda inputs: augment(inputs, chances)
    try:
        with ranks.guard(), ranks.stopping():
            x, y = _examples(x, y)
            if validation is not None:
                validation = _examples(*validation)
            _check_count("epochs", epochs, 0)
            _check_count("batch_size", batch_size, 1)
            _check_ranks(ranks, x, y, validation, optimizer, epochs, batch_size, seed)
            functions = {"costs": cost, "augmentations": augment, "schedules": schedule}
            _check_functions(ranks, "at the start of the training", model, functions)
            steps = -(-len(x) // batch_size)
            if compiled is None:
                compiled = is_pure(model, cost)
            local = (
                _compiled_step(model, cost, optimizer, y)
                if compiled
                else _local_step(model, cost, optimizer)
            )
            step = ranks.shared_step(local, optimizer.params)
            with (
                one_thread_if_small(optimizer, -(-batch_size // ranks.size)),
                _Progress(progress and ranks.rank == 0, epochs, steps) as report,
            ):
                for epoch in range(epochs):
                    start = time.perf_counter()
                    dealt = ranks.deal(x, y, batch_size, orders, changed)
                    if schedule is not None:
                        dealt = _paced(dealt, schedule, optimizer, own_lr, epoch, steps)
                    seen = _pass(step, optimizer, report.each(dealt), epoch)
                    ranks.agree(f"after epoch {epoch + 1}", {"weights": optimizer.params})
                    ahead = (math.nan, math.nan)
                    if validation is not None:
                        ahead = _measure(model, cost, *validation, ranks)
                    history.epochs.append(Epoch(*seen, *ahead, time.perf_counter() - start))
                    report.tell(history.epochs[-1])
                    if ranks.any(callback is not None and callback(history)):
                        break
    except KeyboardInterrupt:
        history.interrupted = True
    finally:
        if schedule is not None:
            optimizer.lr = own_lr
    return history


@overload
def evaluate(model: Function, x: Array, y: Array, *, comm: Any = None) -> float: ...
@overload
def evaluate(
    model: Function, x: Array, y: Array, cost: Cost, *, comm: Any = None
) -> tuple[float, float]: ...
def evaluate(
    model: Function, x: Array, y: Array, cost: Cost | None = None, *, comm: Any = None
) -> float | tuple[float, float]:
    """Share of the examples whose largest output is that of their class, from 0 to 1.

    With `cost`, a pair of that share and the mean cost. `y` holds labels, shape (n,), or target
    outputs, shape (n, outputs), of which the largest marks the class. Nothing is recorded, and
    `CHUNK` examples are computed at a time. Outputs of one column name no class: the share is nan.
    With `comm`, every rank calls `evaluate` with the same arguments, computes its share of the
    examples, and has the result of all.

    Raises ValueError for empty data and for data of different lengths, and what `fit` raises for
    `comm`.

    >>> x = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.6, 0.4]])
    >>> evaluate(lambda x: x, x, np.array([0, 1, 1, 0]))
    0.75
    """
    ranks = ranks_of(comm)
    with ranks.guard():
        x, y = _examples(x, y)
        ranks.agree("at the start of evaluate", {"inputs": x, "targets": y})
        _check_functions(ranks, "at the start of evaluate", model, {"costs": cost})
        mean_cost, accuracy = _measure(model, cost, x, y, ranks)
    return accuracy if cost is None else (accuracy, mean_cost)


def _check_functions(
    ranks: Alone | Ranks, when: str, model: Function, functions: dict[str, Any]
) -> None:
    if ranks.size > 1:  # a state is copied to be compared
        state: dict[str, Any] = getattr(model, "state_dict", dict)()
        ranks.agree(when, {"models": model, **functions, "states of the model": state})


def _measure(
    model: Function, cost: Cost | None, x: Array, y: Array, ranks: Alone | Ranks
) -> tuple[float, float]:
    total, right, own = 0.0, 0.0, ranks.share(len(x))
    with no_grad():
        for start in range(own.start, own.stop, CHUNK):
            rows = slice(start, min(start + CHUNK, own.stop))
            xs, ys = x[rows], y[rows]
            outputs = model(xs)
            right += _right(outputs, ys)
            total += math.nan if cost is None else _number(cost(outputs, ys)) * len(xs)
    total, right = ranks.sum([total, right])
    return total / len(x), right / len(x)


def _local_step(model: Function, cost: Cost, optimizer: Optimizer) -> LocalStep:
    """A step but for its last part, the move; it needs nothing of other processes."""

    def step(xs: Any, ys: Any) -> tuple[float, float, int]:
        outputs = model(xs)
        C = cost(outputs, ys)
        optimizer.zero_grad()
        C.backward()
        return C.item(), _right(outputs, ys), len(xs)

    return step


def _compiled_step(model: Function, cost: Cost, optimizer: Optimizer, y: Array) -> LocalStep:
    """As `_local_step`, by a program.

    Programs do not look at numbers, so where a label of `y` is wrong the eager step runs, and says
    in one sentence what is.
    """
    run, eager = (
        compiled_gradients(model, cost, optimizer.params),
        _local_step(model, cost, optimizer),
    )
    classes = 0.0
    if y.ndim == 1 and y.dtype.kind in "iu":
        classes = math.inf if y.min() < 0 else float(y.max()) + 1

    def step(xs: Any, ys: Any) -> tuple[float, float, int]:
        try:
            C, outputs = run(xs, ys)
        except ValueError:
            return eager(xs, ys)
        if classes > outputs.shape[-1]:
            return eager(xs, ys)
        return float(C), _right(outputs, ys), len(xs)

    return step


def _pass(
    step: Callable[..., tuple[float, float, int]],
    optimizer: Optimizer,
    dealt: Iterable[Any],
    epoch: int,
) -> tuple[float, float]:
    """One step for each batch; the mean cost and accuracy on the way."""
    total, right, n = 0.0, 0.0, 0
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # told below, by name
        for i, batch in enumerate(dealt):
            number, hits, examples = step(*batch)
            if not math.isfinite(number):
                raise _diverged(f"the cost became {number}", epoch, i, optimizer)
            optimizer.step()
            total += number * examples
            right += hits
            n += examples
    for p in optimizer.params:
        if not np.isfinite(p.peek()[0]).all():
            raise _diverged(f"a parameter {p.name} became infinite or nan", epoch, i, optimizer)
    return total / n, right / n


def _check_ranks(
    ranks: Alone | Ranks,
    x: Array,
    y: Array,
    validation: tuple[Array, Array] | None,
    optimizer: Optimizer,
    epochs: int,
    batch_size: int,
    seed: int,
) -> None:
    ranks.agree(
        "at the start of the training",
        {
            "seeds": seed,
            "numbers of epochs": epochs,
            "batch sizes": batch_size,
            "training inputs": x,
            "training targets": y,
            "validation data": validation,
            "optimizers": (repr(optimizer), optimizer.state_dict()),
            "weights": optimizer.params,
        },
    )
    ranks.check_batch(batch_size)


def _paced(
    dealt: Iterable[Any],
    schedule: Callable[[float], float],
    optimizer: Optimizer,
    lr: float,
    epoch: int,
    steps: int,
) -> Iterator[Any]:
    """The same batches, with the learning rate set for each."""
    for step, batch in enumerate(dealt):
        optimizer.lr = lr * schedule(epoch + step / steps)
        yield batch


def _right(outputs: Any, y: Array) -> float:
    """How many rows of `outputs` are largest at their class; nan where there are no classes."""
    if isinstance(outputs, Value):
        outputs = outputs.peek()[0]
    if np.ndim(outputs) != 2 or outputs.shape[1] < 2:
        return math.nan
    classes = y if y.ndim == 1 else y.argmax(1)
    return int(np.count_nonzero(outputs.argmax(1) == classes))


def _number(C: Any) -> float:
    return C.item() if isinstance(C, Value) else float(C)


def _diverged(what: str, epoch: int, step: int, optimizer: Optimizer) -> FloatingPointError:
    return FloatingPointError(
        f"{what} in epoch {epoch + 1}, step {step + 1}, at the learning rate {optimizer.lr:g};"
        " a smaller learning rate, or inputs of a smaller scale, may cure it"
    )


def _examples(x: Array, y: Array) -> tuple[Array, Array]:
    x, y = np.asarray(x), np.asarray(y)
    if not (x.ndim and y.ndim and len(x)):
        raise ValueError(f"there are no examples in inputs of shape {x.shape}")
    if len(x) != len(y):
        raise ValueError(f"there are {len(x)} inputs and {len(y)} targets; give one for each")
    return x, y


def _check_count(name: str, number: Any, least: int) -> None:
    if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < least:
        raise ValueError(f"{name} is a whole number of at least {least}, not {number!r}")


def one_thread_if_small(
    optimizer: Optimizer, batch_size: int
) -> contextlib.AbstractContextManager[Any]:
    """One BLAS thread for the time of the context, if the products are small."""
    pool = _optional("threadpoolctl")
    largest = max(p.size for p in optimizer.params) * batch_size
    if pool is None or largest >= ONE_THREAD_BELOW:
        return contextlib.nullcontext()
    return pool.threadpool_limits(1, user_api="blas")  # type: ignore[no-any-return]


def _optional(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


class _Progress:
    """Tells how far the training is: in a bar, in lines, or, if not `wanted`, not at all."""

    def __init__(self, wanted: bool, epochs: int, steps: int) -> None:
        self.wanted, self.epochs, self.done = wanted, epochs, 0
        tqdm = _optional("tqdm") if wanted and sys.stderr.isatty() else None
        look = "{desc}: {percentage:3.0f}%|{bar}| {remaining} left"
        self.bar = tqdm and tqdm.tqdm(total=epochs * steps, bar_format=look, dynamic_ncols=True)

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def each(self, dealt: Iterable[Any]) -> Iterable[Any]:
        """The same batches, each counted when it is done."""
        return dealt if self.bar is None else _counted(dealt, self.bar)

    def tell(self, epoch: Epoch) -> None:
        """Say what the epoch that is over gave."""
        self.done += 1
        text = f"epoch {self.done:>{len(str(self.epochs))}}/{self.epochs}"
        if self.bar is not None:
            self.bar.set_description_str(f"{text}: {epoch.brief()}")
        elif self.wanted:
            print(f"{text}: {epoch}", file=sys.stderr, flush=True)


def _counted(dealt: Iterable[Any], bar: Any) -> Iterator[Any]:
    for batch in dealt:
        yield batch
        bar.update()
