"""The training loop: steps, epochs, and when it ends.

This file knows models as functions, costs as functions of their outputs, and batches. It must not
know layers, any particular cost or optimizer, or where the data come from.
"""

import contextlib
import functools
import itertools
import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd_mini import Value
from nn.data.batches import batches
from nn.model.init import generator
from nn.model.module import Array, Cost, Model, in_mode
from nn.training.blas import one_thread_if_small
from nn.training.compiled_step import Program, is_pure
from nn.training.evaluation import (
    check_functions,
    columns_needed,
    count_right,
    examples,
    is_finite,
    measure,
    no_cost,
)
from nn.training.history import Epoch, History
from nn.training.interrupts import Interrupts
from nn.training.optim import Optimizer
from nn.training.progress import Progress
from nn.training.ranks import Alone, LocalStep, Ranks, ranks_of


def fit(
    model: Model,
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
        x, y = examples(x, y)
        if validation is not None:
            validation = examples(*_pair(validation))
        plan = {"epochs": epochs, "start_epoch": start_epoch, "batch_size": batch_size}
        _check_ranks(ranks, x, y, validation, optimizer, seed, **plan)
        functions = {"costs": cost, "augmentations": augment, "schedules": schedule}
        check_functions(ranks, "at the start of the training", model, functions)
        dealt = _dealt(ranks, x, y, batch_size, seed, start_epoch, augment)
        program = None
        if compiled or (compiled is None and is_pure(model, cost)):
            program = Program(model, cost, optimizer.zero_grad, always=bool(compiled))
        step = ranks.shared_step(_local_step(model, cost, optimizer, y, program), optimizer.params)
        steps, last = -(-len(x) // batch_size), start_epoch + epochs
        with (
            one_thread_if_small(optimizer.params, -(-batch_size // ranks.size)),
            Progress(progress and ranks.rank == 0, start_epoch, last, steps) as report,
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
                        ahead = measure(model, cost, *validation, ranks, "validation ")
                history.epochs.append(Epoch(*seen, *ahead, time.perf_counter() - start))
                report.tell(history.epochs[-1])
                with interrupts.released():
                    if ranks.any(callback is not None and callback(history)):
                        break
    history.interrupted = interrupts.happened
    return history


def _local_step(
    model: Model, cost: Cost, optimizer: Optimizer, y: Array, program: Program | None
) -> LocalStep:
    """A step but for its last part, the move; it needs nothing of other processes.

    Programs do not look at numbers, so where a label of `y` is wrong the eager step runs, and says
    in one sentence what is.
    """
    columns = columns_needed(y)
    needed = columns if y.ndim == 1 and y.dtype.kind in "iu" else 0.0

    def eager(xs: Any, ys: Any) -> tuple[float, float, int]:
        outputs = model(xs)
        C = cost(outputs, ys)
        optimizer.zero_grad()
        if not isinstance(C, Value):
            raise TypeError(no_cost(C))
        C.backward()
        return C.item(), count_right(outputs, ys, columns), len(xs)

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
        return float(C), count_right(outputs, ys, columns), len(xs)

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


def _diverged(
    what: str, epoch: int, step: int, optimizer: Optimizer, batch: Sequence[Any]
) -> FloatingPointError:
    cause = (
        f", at the learning rate {optimizer.lr:g};"
        " a smaller learning rate, or inputs of a smaller scale, may cure it"
    )
    for name, array in zip(("inputs", "targets"), batch, strict=False):
        if not is_finite(array):
            cause = f": the {name} of this step hold nan or infinite numbers; leave them out"
    return FloatingPointError(f"{what} in epoch {epoch + 1}, step {step + 1}{cause}")


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
