"""Gradient descent and its kin: from the gradients of parameters to their new data.

This file knows Values as pairs of data and gradient; it must not know models, costs or batches.
"""

import math
import numbers
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from autograd_mini import Value

_BELOW = {"beta1": 1.0, "beta2": 1.0}  # every other setting may be any finite number from 0


class Optimizer:
    """What all optimizers share: parameters, checked settings, and memory that can be saved.

    A step gives every parameter that has a gradient a new array, and never writes into an old
    one, which graphs may still hold. Parameters without a gradient (`grad` is None) stay as they
    are, and so does what is remembered of them. `lr` and the other settings can be changed at any
    time by assignment.

    Raises TypeError or ValueError for parameters that are not distinct leaf Values, for no
    parameters, and for settings that are not finite numbers in their range.
    """

    lr: float
    settings: ClassVar[tuple[str, ...]]
    """Names of the attributes that are settings."""
    memory: ClassVar[tuple[str, ...]]
    """Names of what is remembered for each parameter: counts, and arrays of its shape."""

    def __init__(self, params: Iterable[Value]) -> None:
        self.params = _distinct_leaves(params)
        self._memory: list[dict[str, Any]] = [{} for _ in self.params]

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, _checked(name, value) if name in self.settings else value)

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={getattr(self, name)}" for name in self.settings)
        return f"{type(self).__name__}({len(self.params)} parameters, {settings})"

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters: `grad` becomes None."""
        for p in self.params:
            p.grad = None

    def step(self) -> None:
        """Move every parameter that has a gradient."""
        moved = self._moved
        for p, memory in zip(self.params, self._memory, strict=True):
            data, grad = p.peek()
            if grad is not None:
                if not issubclass(type(grad), np.ndarray | np.generic | float):
                    self._refuse_recording()
                new = moved(data, grad, memory)
                if type(new) is np.ndarray and new.dtype is data.dtype:
                    p.replace(new)
                else:  # a number, or an array whose gradient was set in another dtype
                    p.data = new

    def _refuse_recording(self) -> None:
        """Raise CannotCompileError for a step with a memory, which no program can keep."""
        if getattr(self, "momentum", True):
            from autograd_mini import CannotCompileError

            raise CannotCompileError(
                f"compile: {type(self).__name__} remembers earlier steps, and a program cannot;"
                " keep optimizer.step() outside the compiled function"
            )

    def _moved(self, data: Any, grad: Any, memory: dict[str, Any]) -> Any:
        """New data for one parameter, in a new array; what it remembers goes to `memory`."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it moves a parameter")

    def state_dict(self) -> dict[str, Any]:
        """Everything that a resumed run needs: settings by name, memory as "index.name".

        Arrays are copies. The dictionary is flat, so `np.savez(path, **state)` stores it and
        `load_state_dict(np.load(path))` resumes.

        >>> p = Value([1.0, 2.0])
        >>> p.grad = np.array([0.5, 0.5])
        >>> optimizer = SGD([p], lr=0.1, momentum=0.9)
        >>> optimizer.step()
        >>> optimizer.state_dict()["0.velocity"]
        array([0.5, 0.5])
        """
        state: dict[str, Any] = {name: getattr(self, name) for name in self.settings}
        for i, memory in enumerate(self._memory):
            state.update({f"{i}.{name}": np.array(x)[()] for name, x in memory.items()})
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over settings and memory from `state_dict()` of an optimizer of the same kind.

        Raises ValueError that names every difference in keys, shapes and kinds, and what no
        training can have left, such as nan; then it changes nothing.
        """
        settings: dict[str, Any] = {}
        memories: list[dict[str, Any]] = [{} for _ in self.params]
        faults = [f"{name} is missing" for name in self.settings if name not in state]
        for key in state:
            index, _, name = key.partition(".")
            value = np.array(state[key])
            if key in self.settings:
                settings[key] = _checked(key, value[()])
                continue
            if not (name in self.memory and index in map(str, range(len(self.params)))):
                faults.append(f"{key} is unknown")
                continue
            fault = _misfit(name, value, self.params[int(index)].shape)
            if fault:
                faults.append(f"{key} {fault}")
            memories[int(index)][name] = value[()]
        for i, memory in enumerate(memories):
            if memory:
                faults += [f"{i}.{name} is missing" for name in self.memory if name not in memory]
        if faults:
            raise ValueError(f"this is not the state of {self!r}: {'; '.join(faults)}")
        for name, value in settings.items():
            setattr(self, name, value)
        self._memory = memories


class SGD(Optimizer):
    """Stochastic gradient descent: down the slope, with momentum if wanted.

    With the gradient g, to which `weight_decay` times the parameter is added, velocity becomes
    momentum * velocity + g, and the parameter loses lr * velocity; with `nesterov` it loses
    lr * (g + momentum * velocity). Conventions are PyTorch's (Sutskever et al. 2013, with the
    learning rate outside the velocity).

    >>> p = Value(1.0)
    >>> optimizer = SGD([p], lr=0.1)
    >>> for _ in range(3):
    ...     optimizer.zero_grad()
    ...     (p * p).backward()
    ...     optimizer.step()
    >>> round(p.item(), 3)  # 0.8 ** 3
    0.512
    """

    settings = ("lr", "momentum", "nesterov", "weight_decay")
    memory = ("velocity",)

    def __init__(
        self,
        params: Iterable[Value],
        lr: float,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params)
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.nesterov = nesterov
        if nesterov and not momentum:
            raise ValueError("nesterov looks ahead along the momentum: give momentum, such as 0.9")

    def step(self) -> None:
        """Move every parameter that has a gradient."""
        if self.momentum or self.weight_decay:
            super().step()
            return
        rate = -self.lr
        for p in self.params:  # the same without the calls between: an eighth less time
            data, grad = p.peek()
            if grad is not None:
                new = grad * rate
                new += data
                if type(new) is np.ndarray and new.dtype is data.dtype:
                    p.replace(new)
                else:
                    p.data = new

    def _moved(self, data: Any, grad: Any, memory: dict[str, Any]) -> Any:
        if self.weight_decay:
            grad = grad + self.weight_decay * data
        if self.momentum:
            velocity = memory.get("velocity", 0.0)
            velocity *= self.momentum  # in place: nobody else has this array
            velocity += grad
            memory["velocity"] = velocity
            grad = grad + self.momentum * velocity if self.nesterov else velocity
        new = grad * -self.lr
        new += data
        return new


class Adam(Optimizer):
    """Adam (Kingma and Ba 2015): each entry moves by about `lr`, whatever its gradient's scale.

    m and v are running means of the gradient and of its square, with weights `beta1` and `beta2`
    on the past, divided by 1 - beta**step because they start at 0; an entry loses
    lr * m / (sqrt(v) + eps). `weight_decay` times the parameter is added to the gradient.
    Conventions and defaults are PyTorch's. For parameters in float16, m and v are in float32.
    """

    settings = ("lr", "beta1", "beta2", "eps", "weight_decay")
    memory = ("step", "m", "v")
    decoupled: ClassVar[bool] = False
    """Whether weight decay shrinks the parameter itself and leaves m and v alone."""

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params)
        if not isinstance(betas, tuple | list) or len(betas) != 2:
            raise ValueError(f"betas is a pair of numbers such as (0.9, 0.999), not {betas!r}")
        self.lr, self.eps, self.weight_decay = lr, eps, weight_decay
        self.beta1, self.beta2 = betas
        self._has_halves = any(p.dtype == np.float16 for p in self.params)

    def _moved(self, data: Any, grad: Any, memory: dict[str, Any]) -> Any:
        if self._has_halves and getattr(data, "dtype", None) == np.float16:
            data, grad = np.float32(data), np.float32(grad)  # squares of small ones vanish in half
        decay = 1.0
        if self.decoupled:
            decay -= self.lr * self.weight_decay
        elif self.weight_decay:
            grad = grad + self.weight_decay * data
        step = int(memory.get("step", 0)) + 1
        m, v = memory.get("m", 0.0), memory.get("v", 0.0)
        m *= self.beta1  # in place: nobody else has this array
        m += (1 - self.beta1) * grad
        v *= self.beta2
        square = grad * grad
        square *= 1 - self.beta2
        v += square
        memory.update(step=step, m=m, v=v)

        # m and v start at 0, so they fall short by these factors; multiplied out, they cost less
        correct_m, correct_root = 1 - self.beta1**step, math.sqrt(1 - self.beta2**step)
        root = np.sqrt(v)
        root += self.eps * correct_root
        new = m / root
        new *= -self.lr * correct_root / correct_m
        new += data if decay == 1.0 else data * decay
        return new


class AdamW(Adam):
    """Adam whose weight decay is decoupled (Loshchilov and Hutter 2019).

    A step shrinks the parameter by the factor 1 - lr * weight_decay and then moves it as Adam
    without weight decay does. Conventions and defaults are PyTorch's.
    """

    decoupled = True

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)


def _checked(name: str, value: Any) -> Any:
    if name == "nesterov":
        return bool(value)
    if not isinstance(value, numbers.Real):
        raise TypeError(f"{name} is a number, not {type(value).__name__}")
    number, below = float(value), _BELOW.get(name, math.inf)
    if not 0 <= number < below:
        upper = "" if below == math.inf else f" and below {below:g}"
        raise ValueError(f"{name} is a finite number of at least 0{upper}, not {number}")
    return number


def _misfit(name: str, value: Any, shape: tuple[int, ...]) -> str:
    """What keeps an array from being remembered under that name; empty if nothing does."""
    wanted = () if name == "step" else shape
    if value.shape != wanted:
        return f"has shape {value.shape} in place of {wanted}"
    if value.dtype.kind not in ("iuf" if name == "step" else "f"):
        return f"is of {value.dtype}, and not a {'count' * (name == 'step') or 'float'}"
    if not np.isfinite(value).all():
        return "holds nan or infinite numbers"
    if name == "step" and (value < 1 or value % 1):
        return f"is {value}, and not a whole number of at least 1"
    return "holds numbers below 0" if name == "v" and (value < 0).any() else ""


def _distinct_leaves(params: Iterable[Value]) -> tuple[Value, ...]:
    if isinstance(params, Value):
        raise TypeError("an optimizer takes several parameters; give [p] for a single one")
    if not isinstance(params, Iterable):
        raise TypeError(
            f"an optimizer takes Values, not {type(params).__name__}; give model.parameters()"
        )
    leaves = tuple(params)
    if not leaves:
        raise ValueError("an optimizer needs at least one parameter, and got none")
    seen: dict[Value, int] = {}
    for i, p in enumerate(leaves):
        if not isinstance(p, Value):
            raise TypeError(
                f"parameter {i} is not a Value but {type(p).__name__}; give model.parameters()"
            )
        if p.op is not None:
            raise ValueError(
                f"parameter {i} is computed ({p.op.name}); only leaves can be moved, and"
                " v.detach() gives one"
            )
        if p in seen:
            raise ValueError(f"parameters {seen[p]} and {i} are the same Value; give it once")
        seen[p] = i
    return leaves
