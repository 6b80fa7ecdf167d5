"""What each training example wishes of every bias, weight and activation: the lesson's table.

This file knows layers z = a Wᵀ + b as they stand in the graph of a cost. It must not know any
particular activation, cost or model, nor how pictures are drawn.
"""

import functools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd_mini import Value, gradient_table
from autograd_mini.notebook import Table, Tabled
from autograd_mini.words import in_language
from nn.lesson.text import entry_name, figures, locate

Array = NDArray[Any]
_SHOWN = 6  # examples that a printed table has room for
_HEAD = (
    "What each of {n} examples{some} wishes: −∂C/∂(entry) of its own cost; + is up, − is down.\n"
    "Their average is the negative gradient. Of each layer, those {rows} of the biases, the"
    " weights\nand the activations before it whose average is largest in size."
)


class Wishes(NamedTuple):
    """One number for each weight (out, in), bias (out,) and activation before them (in,)."""

    W: Array
    b: Array | None
    a_prev: Array


@dataclass(frozen=True, eq=False)
class LayerNudges:
    """What n examples wish of one layer z = a_prev Wᵀ + b, of `out` neurons fed by `in`.

    All arrays are in the dtype of the gradient, −∂C_k/∂(entry) for example k along the first axis.

    - `z`, shape (n, out): of the weighted sums. Every other wish is made of these.
    - `b`, shape (n, out): of the biases; None if the layer has none.
    - `W`, shape (n, out, in): of the weights. Row j is z[k, j] times the activations.
    - `a_prev`, shape (n, in): of the activations that came in, through this layer.
    - `shares`, shape (n, out, in): the part of `a_prev` that each neuron of this layer asks for,
      z[k, j] times its row of weights. Their sum over the neurons is `a_prev`.
    - `average`: the means of W, b and a_prev over the examples.

    `activations` (n, in), `weights` (out, in) and `biases` (out,) are the numbers that the layer
    computed with; `parameters` has the Values "W" and "b", or None for what is no parameter. The
    arrays W and shares are large, and made when asked for.
    """

    number: int
    z: Array
    activations: Array
    weights: Array
    biases: Array | None
    parameters: Mapping[str, Value | None]

    @property
    def b(self) -> Array | None:
        """−∂C_k/∂b, shape (n, out), which is −∂C_k/∂z because ∂z/∂b is 1."""
        return None if self.biases is None else self.z

    @functools.cached_property
    def W(self) -> Array:  # noqa: N802
        """−∂C_k/∂W, shape (n, out, in): proportional to the activations they hang on."""
        wishes: Array = self.z[:, :, None] * self.activations[:, None, :]
        return wishes

    @functools.cached_property
    def a_prev(self) -> Array:
        """−∂C_k/∂a_prev, shape (n, in): the neurons' wishes, weighed by W and added up."""
        wishes: Array = self.z @ self.weights
        return wishes

    @functools.cached_property
    def shares(self) -> Array:
        """What each neuron adds to `a_prev`, shape (n, out, in): proportional to its weights."""
        shares: Array = self.z[:, :, None] * self.weights
        return shares

    @functools.cached_property
    def average(self) -> Wishes:
        """The last column of the table: for W and b the negative gradient of the batch's cost."""
        n = len(self.z)
        b = None if self.b is None else self.z.sum(0) / n
        return Wishes(np.dot(self.z.T, self.activations) / n, b, self.a_prev.sum(0) / n)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the parameters by their names in the table, such as W1 and b1."""
        shapes = {f"W{self.number}": self.weights.shape}
        if self.biases is not None:
            shapes[f"b{self.number}"] = self.biases.shape
        return shapes

    def entry(self, letter: str, index: Sequence[int]) -> Array:
        """The wishes of all examples, shape (n,), for one entry of "W", "b" or "a" (a_prev)."""
        if letter == "W":
            j, k = index
            wishes: Array = self.z[:, j] * self.activations[:, k]
            return wishes
        return self.z[:, index[0]] if letter == "b" else self.z @ self.weights[:, index[0]]


@dataclass(frozen=True, eq=False)
class Nudges(Tabled):
    """The wishes of n examples, layer by layer: what `nudges` returns.

    `layers` are counted from 1 in the table (W1, b1, …), so that `layers[0]` has W1. `costs` (n,)
    are the examples' own costs C_k, whose mean is `cost`. `outputs` (n, k) is what the model gave,
    and `output_wishes` (n, k) are −∂C_k/∂(output): how the k outputs should change.
    """

    x: Array
    y: Array
    cost: float
    costs: Array
    outputs: Array
    output_wishes: Array
    layers: tuple[LayerNudges, ...]

    def __len__(self) -> int:
        return len(self.costs)

    def __repr__(self) -> str:
        return f"Nudges({len(self)} examples, {len(self.layers)} layers)"

    @property
    def labels(self) -> Array | None:
        """The class of each example, shape (n,): from labels or one-hot rows; else None."""
        if self.y.ndim == 1 and self.y.dtype.kind in "iu":
            return self.y
        if self.y.ndim == 2 and self.y.shape[1] > 1 and np.all(self.y.sum(1) == 1):
            return np.asarray(self.y.argmax(1))
        return None

    def row(self, name: str) -> Array:
        """One row of the table: the wish of every example, and the average last; shape (n + 1,).

        Names are `W1[7, 402]` (the weight of layer 1 to neuron 7 from input 402), `b2[3]` and
        `a1[3]` (the activation of neuron 3 of layer 1, as layer 2 wishes it; a0 is the input).

        Raises ValueError for an entry that does not exist.
        """
        shapes: dict[str, tuple[int, ...]] = {}
        for layer in self.layers:
            shapes |= layer.shapes | {f"a{layer.number - 1}": layer.weights.shape[1:]}
        array, index = locate(name, shapes)
        number = int(array[1:]) - (array[0] != "a")
        wishes = self.layers[number].entry(array[0], index)
        return np.append(wishes, wishes.mean())

    def table(self, rows: int = 3, columns: int = _SHOWN, *, language: str = "en") -> Table:
        """The lesson's table as text: a column for each example, the average last.

        Shows the first `columns` examples and, of the weights, biases and activations of each
        layer, the `rows` whose average is largest in size.
        """
        say, shown = in_language(language), min(columns, len(self))
        omitted = ["…"] * (shown < len(self))

        def line(name: str, numbers: Array, sign: str = "+") -> list[str]:
            cells = figures([*numbers[:shown], numbers[-1]], sign)
            return [name, *cells[:-1], *omitted, cells[-1]]

        lines = [["", *(f"#{k}" for k in range(shown)), *omitted, say("average")]]
        if self.labels is not None:
            lines.append([say("class"), *map(str, self.labels[:shown]), *omitted, ""])
        lines.append(line(say("cost"), np.append(self.costs, self.cost), sign=""))
        for layer in reversed(self.layers):
            n_out, n_in = layer.weights.shape
            lines.append([f"{say('layer')} {layer.number}: {n_in} → {n_out}"])
            lines += [line(f"  {name}", self.row(name)) for name in _strongest(layer, rows)]
        n = len(self)
        some = say(" ({n} shown)").format(n=shown) if shown < n else ""
        head = say(_HEAD).format(n=n, some=some, rows=rows)
        return Table(f"{head}\n\n", lines)

    def neuron(self, k: int, name: str, *, rows: int = 16, language: str = "en") -> Table:
        """What example k wishes for one neuron, such as `a3[2]`: bias, weights, activations.

        A line for each neuron before it, the brightest first: how bright it is and the wish for
        its weight, which is in proportion; its weight and the wish for its activation, which is
        in proportion to that. Of more than `rows`, the brightest.

        Raises ValueError for an example or a neuron that does not exist.
        """
        say = in_language(language)
        shapes = {f"a{layer.number}": layer.weights.shape[:1] for layer in self.layers}
        array, (j,) = locate(name, shapes)
        layer = self.layers[int(array[1:]) - 1]
        k = self._example(k)
        bright = np.argsort(-np.abs(layer.activations[k]), kind="stable")
        columns = [
            figures(numbers[bright], sign)
            for numbers, sign in (
                (layer.activations[k], ""),
                (layer.z[k, j] * layer.activations[k], "+"),
                (layer.weights[j], "+"),
                (layer.z[k, j] * layer.weights[j], "+"),
            )
        ]
        heads = ("neuron", "activation", "wish for weight", "weight", "wish for activation")
        names = [f"a{layer.number - 1}[{i}]" for i in bright]
        lines = [list(map(say, heads)), *map(list, zip(names, *columns, strict=True))]
        rest = len(names) - rows
        if rest > 0:
            lines[rows + 1 :] = [[say("… and {n} less bright").format(n=rest)]]
        wish = figures([float(layer.z[k, j])])[0]
        head = say("Example {k} wishes the bias b{i}[{j}] by {wish}, and the neurons before it:")
        return Table(f"{head.format(k=k, i=layer.number, j=j, wish=wish)}\n", lines)

    def adding_up(self, k: int, layer: int | None = None, *, language: str = "en") -> Table:
        """What each neuron of a layer, by default the last, asks of each before it, and the sum.

        A line for each neuron before, a column for each that asks. The sum is the wish for that
        activation, which the layer before has to go on.

        Raises ValueError for an example or a layer that does not exist.
        """
        say, number = in_language(language), len(self.layers) if layer is None else layer
        if not 1 <= number <= len(self.layers):
            raise ValueError(f"there is no layer {number} among {len(self.layers)}, from 1")
        asks, k = self.layers[number - 1], self._example(k)
        shares = asks.shares[k]
        lines = [["", *(f"a{number}[{j}]" for j in range(len(shares))), say("sum")]]
        for i in range(shares.shape[1]):
            cells = figures([*shares[:, i].tolist(), float(asks.a_prev[k, i])])
            lines.append([f"a{number - 1}[{i}]", *cells])
        head = say("What each neuron of layer {i} asks of each before it, for example {k}:")
        return Table(f"{head.format(i=number, k=k)}\n", lines)

    def _example(self, k: int) -> int:
        if not 0 <= k < len(self):
            raise ValueError(f"there is no example {k} among {len(self)}, counted from 0")
        return k


def nudges(model: Callable[[Any], Any], cost: Callable[[Any, Any], Any], x: Any, y: Any) -> Nudges:
    """What each example of a batch wishes of every layer of `model`, so that its cost falls.

    `x` has shape (n, inputs), and `y` whatever `cost(outputs, y)` takes, with n rows. The cost is
    the mean over the examples of C_k, as all costs of nn are, so that the average of the wishes
    −∂C_k/∂W is the negative gradient of the cost. Layers are `Linear`, or anything that records
    z = a Wᵀ + b; between them may stand functions of each example alone: activations element by
    element, softmax along the last axis. Nothing in the model changes, `.grad` included.

    Raises ValueError, in one sentence, for no examples, targets that do not fit, a model without
    layers, layers that share parameters, functions that mix examples, and a cost that is not a
    mean over the examples.

    >>> from nn import MLP, quadratic_cost
    >>> model = MLP([3, 2, 1], seed=0)
    >>> wishes = nudges(model, quadratic_cost, np.eye(3, dtype=np.float32)[:2], [[1], [0]])
    >>> wishes.layers[0].W.shape, wishes.layers[0].shares.shape, wishes.layers[1].a_prev.shape
    ((2, 2, 3), (2, 2, 3), (2, 2))
    >>> [round(wish, 3) for wish in wishes.row("b2[0]").tolist()]  # up, says 0; down, says 1
    [0.202, -0.294, -0.046]
    """
    x, y = np.asarray(x), np.asarray(y)
    if x.ndim < 2:
        raise ValueError(f"x is a batch of shape (n, inputs), not {x.shape}; x[None] makes one")
    if not len(x):
        raise ValueError("nudges needs at least one example, and x has none")
    if not y.ndim or len(y) != len(x):
        raise ValueError(f"x has {len(x)} examples, and y of shape {y.shape} has not one for each")
    X = Value(x, name="a0")
    outputs = model(X)
    if not isinstance(outputs, Value) or outputs.ndim < 2 or len(outputs) != len(x):
        raise ValueError(
            f"for x of shape {x.shape} the model should give a Value of shape (n, outputs), not"
            f" {outputs.shape if isinstance(outputs, Value) else type(outputs).__name__}"
        )
    C = cost(outputs, y)
    if not isinstance(C, Value) or C.shape:
        raise ValueError("the cost should be a Value of one number, computed from the outputs")
    found = _layers(C, outputs, X)
    gradients = gradient_table(C, seed=float(len(x)))  # of the sum of all C_k: row k is C_k's own
    layers = tuple(
        LayerNudges(i, -gradients[z], z.raw[0], *_parameters(z)) for i, z in enumerate(found, 1)
    )
    a = outputs.peek()[0]
    return Nudges(x, y, C.item(), _costs(cost, a, y, C.item()), a, -gradients[outputs], layers)


def _costs(cost: Callable[[Any, Any], Any], a: Array, y: Array, C: float) -> Array:
    """The cost of each example alone; ValueError if `C` is not their mean."""
    costs = np.array([float(cost(a[k : k + 1], y[k : k + 1])) for k in range(len(a))])
    mean = costs.mean()
    if abs(mean - C) > 1e-3 * abs(costs).max():
        raise ValueError(
            f"the cost should be the mean of the examples' own costs, which is {mean:.4g}, and not"
            f" {C:.4g}; divide a sum over examples by their number"
        )
    return costs


# ------------------------------------------------------------------------- layers in the graph
def _layers(C: Value, outputs: Value, X: Value) -> list[Value]:
    """The weighted sums z of all layers between `X` and `outputs`, each after those it needs."""
    layers, fed = [], {X}
    for node in _in_order(outputs):
        if any(arg in fed for arg in node.args):
            fed.add(node)
            if _is_layer(node, fed):
                layers.append(node)
            elif not _of_each_example(node, len(X)):
                raise ValueError(
                    f"nudges cannot tell the examples apart behind {node.op.name} of shape"
                    f" {node.shape}; it follows layers z = a Wᵀ + b, and functions element by"
                    " element between them (an Op of your own says so: elementwise=True)"
                )
    if not layers:
        raise ValueError(
            "the model has no layer z = a Wᵀ + b, so there is nothing to nudge; give a model of"
            " nn.Linear layers, and not inside no_grad()"
        )
    uses = Counter(arg for node in _in_order(C) for arg in node.args)
    for z in layers:
        for letter, p in _parameters(z)[2].items():
            if p is not None and uses[p] > 1:
                raise ValueError(
                    f"{p.name or letter} is used in more than one place, so its gradient is more"
                    " than the wishes of one layer; give each layer its own, and keep them out of"
                    " the cost"
                )
    return layers


def _in_order(root: Value) -> list[Value]:
    """Every Value behind `root`, each after those it was computed from."""
    order: dict[Value, None] = {}
    stack = [root]
    while stack:
        waiting = [arg for arg in stack[-1].args if arg is not None and arg not in order]
        if waiting:
            stack += waiting
        else:
            order[stack.pop()] = None
    return list(order)


def _is_layer(node: Value, fed: set[Value]) -> bool:
    """Whether `node` is a Wᵀ + b for rows a that come from the input, and W that does not."""
    if len(node.args) < 2 or node.args[0] not in fed or any(p in fed for p in node.args[1:]):
        return False
    if np.ndim(node.raw[0]) != 2 or np.ndim(node.raw[1]) != 2:
        return False
    plain = len(node.raw) == 2 or np.shape(node.raw[2]) == node.shape[1:]
    return bool(node.op.weights) and plain


def _parameters(z: Value) -> tuple[Array, Array | None, dict[str, Value | None]]:
    """The weights (out, in) and biases of a layer, and their Values; None for a constant."""
    if z.op.weights == "out,in":
        return z.raw[1], z.raw[2], {"W": z.args[1], "b": z.args[2]}
    W = z.args[1]  # a layer without biases: a @ W.T
    return z.raw[1].T, None, {"W": W.args[0] if W is not None and W.args else W, "b": None}


def _of_each_example(node: Value, n: int) -> bool:
    """Whether row k of the result depends on row k of the arguments alone."""
    op = node.op
    if node.ndim < 2 or len(node) != n or op.sequence:
        return False
    if op.name in ("softmax", "log_softmax"):
        return bool(node.keywords.get("axis", -1) % node.ndim)
    return bool(op.name == "reshape" or op.elementwise)


def _strongest(layer: LayerNudges, rows: int) -> Iterator[str]:
    """Names of the entries with the largest averages: biases, weights, activations before."""
    average, i = layer.average, layer.number
    wishes = [(f"b{i}", average.b), (f"W{i}", average.W), (f"a{i - 1}", average.a_prev)]
    for name, array in wishes if i > 1 else wishes[:2]:  # nobody can change the input
        if array is not None:
            order = np.argsort(-np.abs(array), axis=None, kind="stable")[:rows]
            for index in zip(*np.unravel_index(order, array.shape), strict=True):
                yield entry_name(name, index)
