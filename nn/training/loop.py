"""The training loop, and the measure of what it reached.

This file knows models as functions, costs as functions of their outputs, and batches. It must not
know layers, any particular cost or optimizer, or where the data come from.
"""

import contextlib
import functools
import itertools
import math
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from autograd_mini import Value, no_grad
from nn.data.batches import batches
from nn.model.init import generator
from nn.model.module import in_mode
from nn.training.blas import ONE_THREAD_BELOW as ONE_THREAD_BELOW
from nn.training.blas import one_thread_if_small, optional
from nn.training.compiled_step import Program, is_pure
from nn.training.interrupts import Interrupts
from nn.training.optim import Optimizer
from nn.training.ranks import Alone, LocalStep, Ranks, ranks_of

Array = NDArray[Any]
Function = Callable[[Any], Any]
Cost = Callable[[Any, Any], Any]

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
    start_epoch: int = 0,
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
    `seed` gives the same run. A Module's `training` is True in steps and False in validation.

    With `start_epoch`, the number of epochs that model and optimizer have behind them, `epochs`
    counts further ones, and a run goes on as if it had not ended: a fit of 2 epochs, and then one
    of 4 from epoch 2 with the same optimizer, seed and settings, is a fit of 6 to the last bit.

    Progress is a tqdm bar where stderr is a terminal and tqdm is installed, else a line for each
    epoch. If all layers are small (see `ONE_THREAD_BELOW`) and threadpoolctl is installed, BLAS
    has one thread for the time of the run.

    With `compiled`, the first batch of each shape writes forward and backward pass down as a
    program, which the others run (see `autograd_mini.compile`); the weights come out the same to
    the last bits. By default that is so for models of the layers of `nn` and costs of `nn`:
    attributes of others may change between the steps, and a program would not see it. (A layer,
    parameter or field of the model that is exchanged is seen, and the program written anew.)
    What cannot be written down, such as a branch on numbers, raises CannotCompileError.

    Ctrl-C ends the training without an exception, and between two steps: the model keeps what it
    has learnt, and `history.interrupted` is True.

    With `comm`, a communicator of mpi4py (see `mpi_world`), every rank calls `fit` with the same
    arguments and computes its share of each batch; the gradients are added up in one Allreduce a
    step, so that all ranks take the step that one would take alone. Rank 0 shows the progress.
    `augment` and `callback` are called on every rank, and a true result of the latter on one ends
    the training on all. An exception on one rank ends all of them; Ctrl-C, SIGTERM or SIGUSR1
    stops all after the same step.

    Raises ValueError for empty data, data of different lengths, `batch_size` below 1 or `epochs`
    below 0, and if no parameter of the optimizer gets a gradient; FloatingPointError when the cost
    or a parameter becomes nan or infinite, or an output of the validation nan; TypeError for data
    that are not numbers, costs that are not one Value, or if `comm` is not a communicator; and
    RanksError (a ValueError) if the ranks differ in data, seeds, settings or, after an epoch,
    weights, or are more than the examples of a batch.

    >>> from nn.training.optim import SGD
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
    ranks, history = ranks_of(comm), History()
    with Interrupts() as interrupts, ranks.guard(), ranks.stopping():
        _check_settings(optimizer, epochs, start_epoch, batch_size)
        x, y = _examples(x, y)
        if validation is not None:
            validation = _examples(*_pair(validation))
        plan = {"epochs": epochs, "start_epoch": start_epoch, "batch_size": batch_size}
        _check_ranks(ranks, x, y, validation, optimizer, seed, **plan)
        functions = {"costs": cost, "augmentations": augment, "schedules": schedule}
        _check_functions(ranks, "at the start of the training", model, functions)
        dealt = _dealt(ranks, x, y, batch_size, seed, start_epoch, augment)
        program = None
        if compiled or (compiled is None and is_pure(model, cost)):
            program = Program(model, cost, optimizer.zero_grad, always=bool(compiled))
        step = ranks.shared_step(_local_step(model, cost, optimizer, y, program), optimizer.params)
        steps, last = -(-len(x) // batch_size), start_epoch + epochs
        with (
            one_thread_if_small(optimizer.params, -(-batch_size // ranks.size)),
            _Progress(progress and ranks.rank == 0, start_epoch, last, steps) as report,
        ):
            for epoch in range(start_epoch, last):
                start, ahead = time.perf_counter(), (math.nan, math.nan)
                if program is not None:
                    strangers = bool(augment or schedule or compiled)  # whose code runs in a pass
                    program.begin(watch=strangers or threading.active_count() > 1)
                paced = _pace(schedule, optimizer, epoch, steps)
                with in_mode(model, True), paced as pace, interrupts.released():
                    shown = report.each(pace(next(dealt)))
                    seen = _pass(step, optimizer, shown, epoch, interrupts)
                with interrupts.released():
                    ranks.agree(f"after epoch {epoch + 1}", {"weights": optimizer.params})
                    if validation is not None:
                        ahead = _measure(model, cost, *validation, ranks, "validation ")
                history.epochs.append(Epoch(*seen, *ahead, time.perf_counter() - start))
                report.tell(history.epochs[-1])
                with interrupts.released():
                    if ranks.any(callback is not None and callback(history)):
                        break
    history.interrupted = interrupts.happened
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

    Raises TypeError or ValueError for data, and for targets, that `fit` would not train on, and
    what `fit` raises for `comm`; FloatingPointError for outputs that are nan.

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
    model: Function, cost: Cost | None, x: Array, y: Array, ranks: Alone | Ranks, kind: str = ""
) -> tuple[float, float]:
    total, right, own, classes = 0.0, 0.0, ranks.share(len(x)), _classes(y)
    with no_grad(), in_mode(model, False):
        for start in range(own.start, own.stop, CHUNK):
            rows = slice(start, min(start + CHUNK, own.stop))
            xs, ys = x[rows], y[rows]
            outputs = model(xs)
            number = math.nan if cost is None else _number(cost(outputs, ys))
            if math.isnan(number):
                _check_outputs(outputs, xs, start, kind)
            hits = _right(outputs, ys, classes)
            if cost is None and math.isnan(hits) and _has_columns(outputs):
                raise ValueError(_unclassed(outputs, y))
            total += number * len(xs)
            right += hits
    total, right = ranks.sum([total, right])
    return total / len(x), right / len(x)


def _local_step(
    model: Function, cost: Cost, optimizer: Optimizer, y: Array, program: Program | None
) -> LocalStep:
    """A step but for its last part, the move; it needs nothing of other processes.

    Programs do not look at numbers, so where a label of `y` is wrong the eager step runs, and says
    in one sentence what is.
    """
    classes = _classes(y)
    needed = classes if y.ndim == 1 and y.dtype.kind in "iu" else 0.0

    def eager(xs: Any, ys: Any) -> tuple[float, float, int]:
        outputs = model(xs)
        C = cost(outputs, ys)
        optimizer.zero_grad()
        if not isinstance(C, Value):
            raise TypeError(_no_cost(C))
        C.backward()
        return C.item(), _right(outputs, ys, classes), len(xs)

    if program is None:
        return eager

    def step(xs: Any, ys: Any) -> tuple[float, float, int]:
        run = program.look() if program.watching else program.run
        if run is None:
            return eager(xs, ys)
        try:
            C, outputs = run(xs, ys)
        except ValueError:
            return eager(xs, ys)
        if needed > outputs.shape[-1]:
            return eager(xs, ys)
        return float(C), _right(outputs, ys, classes), len(xs)

    return step


def _pass(
    step: Callable[..., tuple[float, float, int]],
    optimizer: Optimizer,
    dealt: Iterable[Any],
    epoch: int,
    interrupts: Interrupts,
) -> tuple[float, float]:
    """One step for each batch; the mean cost and accuracy on the way."""
    total, right, n = 0.0, 0.0, 0
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # told below, by name
        for i, batch in enumerate(dealt):
            number, hits, examples = step(*batch)
            if not math.isfinite(number):
                raise _diverged(f"the cost became {number}", epoch, i, optimizer, batch)
            if not i:
                _check_gradients(optimizer)
            interrupts.held = True
            optimizer.step()
            interrupts.release()
            total += number * examples
            right += hits
            n += examples
    for p in optimizer.params:
        if not np.isfinite(p.peek()[0]).all():
            what = f"a parameter {p.name} became infinite or nan"
            raise _diverged(what, epoch, i, optimizer, batch)
    return total / n, right / n


def _check_gradients(optimizer: Optimizer) -> None:
    if all(p.peek()[1] is None for p in optimizer.params):
        raise ValueError(
            "no parameter of the optimizer got a gradient, so nothing would be trained: give it"
            " the parameters of the model that is trained, and call fit outside of no_grad()"
        )


def _check_ranks(
    ranks: Alone | Ranks,
    x: Array,
    y: Array,
    validation: tuple[Array, Array] | None,
    optimizer: Optimizer,
    seed: Any,
    epochs: int,
    start_epoch: int,
    batch_size: int,
) -> None:
    ranks.agree(
        "at the start of the training",
        {
            "seeds": seed,
            "numbers of epochs": epochs,
            "start epochs": start_epoch,
            "batch sizes": batch_size,
            "training inputs": x,
            "training targets": y,
            "validation data": validation,
            "optimizers": (repr(optimizer), optimizer.state_dict()),
            "weights": optimizer.params,
        },
    )
    ranks.check_batch(batch_size)


def _dealt(
    ranks: Alone | Ranks,
    x: Array,
    y: Array,
    batch_size: int,
    seed: Any,
    start_epoch: int,
    augment: Callable[[Array, np.random.Generator], Array] | None,
) -> Iterator[Iterable[Any]]:
    """The batches of each epoch from `start_epoch` on; those before have had their chances."""
    orders, chances = generator(seed).spawn(2)
    for epoch in itertools.count():
        changed = None
        if augment is not None:
            changed = functools.partial(_augmented, augment, chances.spawn(1)[0])
        if epoch >= start_epoch:
            yield ranks.deal(x, y, batch_size, orders, changed)
        else:
            batches(x, size=batch_size, seed=orders)


def _augmented(augment: Any, chance: np.random.Generator, inputs: Array) -> Array:
    changed = np.asarray(augment(inputs, chance))
    if changed.shape[:1] != inputs.shape[:1]:
        raise ValueError(
            f"augment gives the {len(inputs)} inputs of a batch, changed, and not an array of"
            f" shape {changed.shape} and dtype {changed.dtype}"
        )
    return changed


@contextlib.contextmanager
def _pace(
    schedule: Callable[[float], float] | None, optimizer: Optimizer, epoch: int, steps: int
) -> Iterator[Callable[[Iterable[Any]], Iterable[Any]]]:
    """What sets the learning rate for each batch; in the end the optimizer has its own again."""
    lr = optimizer.lr

    def paced(dealt: Iterable[Any]) -> Iterator[Any]:
        for step, batch in enumerate(dealt):
            if schedule is not None:
                optimizer.lr = lr * schedule(epoch + step / steps)
            yield batch

    try:
        yield iter if schedule is None else paced
    finally:
        if schedule is not None:
            optimizer.lr = lr


def _has_columns(outputs: Any) -> bool:
    """Whether outputs are of classes: an axis of examples, and one of at least two columns."""
    return np.ndim(outputs) == 2 and np.shape(outputs)[1] > 1


def _classes(y: Array) -> float:
    """How many columns it takes for all targets to name a class; inf if they name none."""
    if y.ndim == 2:
        return float(y.shape[1])
    labels = y.ndim == 1 and y.dtype.kind in "iu" and y.min() >= 0
    return float(y.max()) + 1 if labels else math.inf


def _right(outputs: Any, y: Array, classes: float) -> float:
    """How many rows of `outputs` are largest at their class; nan where there are no classes."""
    if isinstance(outputs, Value):
        outputs = outputs.peek()[0]
    if np.ndim(outputs) != 2 or len(outputs) != len(y):
        return math.nan
    columns = outputs.shape[1]
    if columns < 2 or columns < classes or (y.ndim == 2 and columns > classes):
        return math.nan
    labels = y if y.ndim == 1 else y.argmax(1)
    return int(np.count_nonzero(outputs.argmax(1) == labels))


def _unclassed(outputs: Any, y: Array) -> str:
    """Why the targets name no classes of these outputs."""
    columns = np.shape(outputs)[1]
    told = f"of shape {y.shape} and dtype {y.dtype}"
    if y.ndim == 1 and y.dtype.kind in "iu":
        told = f"labels from {y.min()} to {y.max()}"
    return (
        f"{columns} outputs take labels, whole numbers from 0 to {columns - 1} of shape"
        f" ({len(y)},), or targets of shape ({len(y)}, {columns}); these are {told}"
    )


def _check_outputs(outputs: Any, xs: Array, start: int, kind: str) -> None:
    numbers = np.asarray(outputs.peek()[0] if isinstance(outputs, Value) else outputs)
    if numbers.ndim and len(numbers) == len(xs) and np.isnan(numbers).any():
        row = int(np.argwhere(np.isnan(numbers))[0][0])
        cause = "; its inputs hold nan or infinite numbers" * (not _is_finite(xs[row]))
        raise FloatingPointError(f"the output for {kind}example {start + row} is nan{cause}")


def _number(C: Any) -> float:
    if C is None or np.ndim(C):
        raise TypeError(_no_cost(C))
    return C.item() if isinstance(C, Value) else float(C)


def _no_cost(C: Any) -> str:
    given = "None" if C is None else f"a {type(C).__name__} of shape {np.shape(C)}"
    return (
        f"a cost gives one number, as a Value computed from the model's outputs, and not {given};"
        " nn.cross_entropy is one"
    )


def _is_finite(array: Any) -> bool:
    array = np.asarray(array)
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())


def _diverged(
    what: str, epoch: int, step: int, optimizer: Optimizer, batch: Sequence[Any]
) -> FloatingPointError:
    cause = (
        f", at the learning rate {optimizer.lr:g};"
        " a smaller learning rate, or inputs of a smaller scale, may cure it"
    )
    for name, array in zip(("inputs", "targets"), batch, strict=False):
        if not _is_finite(array):
            cause = f": the {name} of this step hold nan or infinite numbers; leave them out"
    return FloatingPointError(f"{what} in epoch {epoch + 1}, step {step + 1}{cause}")


def _examples(x: Any, y: Any) -> tuple[Array, Array]:
    for name, data in (("inputs", x), ("targets", y)):
        if isinstance(data, np.ma.MaskedArray):
            raise TypeError(
                f"the {name} are a masked array, and its mask would be lost; fill it, or take"
                " those examples that have no gaps"
            )
    x, y = np.asarray(x), np.asarray(y)
    if not (x.ndim and len(x)):
        raise ValueError(f"there are no examples in inputs of shape {x.shape}")
    if not y.ndim or len(x) != len(y):
        count = len(y) if y.ndim else "no"
        raise ValueError(f"there are {len(x)} inputs and {count} targets; give one for each")
    for name, array in (("inputs", x), ("targets", y)):
        if array.dtype.kind not in "fiub":
            raise TypeError(
                f"the {name} are numbers, and not {array.dtype};"
                " np.unique(names, return_inverse=True)[1] makes numbers of names"
            )
    return x, y


def _pair(validation: Any) -> tuple[Any, Any]:
    if not isinstance(validation, tuple | list) or len(validation) != 2:
        given = type(validation).__name__
        if isinstance(validation, tuple | list):
            given = f"{len(validation)} things"
        raise TypeError(f"validation is a pair of inputs and targets, and not {given}")
    return validation[0], validation[1]


def _check_settings(optimizer: Any, epochs: Any, start_epoch: Any, batch_size: Any) -> None:
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            "the optimizer is one such as nn.SGD(model.parameters(), lr=0.1), and not"
            f" {optimizer!r}"
        )
    _check_count("epochs", epochs, 0)
    _check_count("start_epoch", start_epoch, 0)
    _check_count("batch_size", batch_size, 1)


def _check_count(name: str, number: Any, least: int) -> None:
    if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < least:
        raise ValueError(f"{name} is a whole number of at least {least}, not {number!r}")


class _Progress:
    """Tells how far the training is: in a bar, in lines, or, if not `wanted`, not at all."""

    def __init__(self, wanted: bool, done: int, epochs: int, steps: int) -> None:
        self.wanted, self.epochs, self.done = wanted and sys.stderr is not None, epochs, done
        tqdm = optional("tqdm") if self.wanted and sys.stderr.isatty() else None
        look = "{desc}: {percentage:3.0f}%|{bar}| {remaining} left"
        self.bar = tqdm and tqdm.tqdm(
            initial=done * steps, total=epochs * steps, bar_format=look, dynamic_ncols=True
        )

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
            with contextlib.suppress(OSError, ValueError):  # closed: no reason to end a training
                print(f"{text}: {epoch}", file=sys.stderr, flush=True)


def _counted(dealt: Iterable[Any], bar: Any) -> Iterator[Any]:
    for batch in dealt:
        yield batch
        bar.update()
