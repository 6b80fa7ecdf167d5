"""Knows the layers of networks and their notation: W, b, z and a, as in the lesson.

It must not know losses, training or data.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import DTypeLike

from autograd_mini import Value, ops
from nn.model.init import Initialiser, generator, start
from nn.model.module import Module

_affine, _sigmoid, _relu, _tanh, _softmax = (  # apply itself: a layer is called often
    cast("Callable[..., Value]", ops.TABLE[name].apply)
    for name in ("affine", "sigmoid", "relu", "tanh", "softmax")
)
Seed = int | np.random.Generator | None


class Linear(Module):
    """z = x Wᵀ + b: `W` has shape (n_out, n_in), `b` has shape (n_out,), x (..., n_in).

    `W[j, k]` leads from neuron k to neuron j. `init` is "glorot", "he", "standard_normal" or an
    `Initialiser`; the numbers depend on `seed` alone, and each call without one draws others.
    With `bias=False`, b is None. The result has the dtype that NumPy gives x and W together.

    Raises ValueError for sizes below 1, an unknown `init` or a dtype that is not of
    floating-point numbers, and, naming all the shapes, when x does not fit W.

    >>> layer = Linear(3, 2, seed=0)
    >>> layer(np.ones((5, 3), np.float32)).shape
    (5, 2)
    >>> layer.W.name, layer.b.name, layer
    ('W', 'b', Linear(3 -> 2))
    """

    b: Value | None

    def __init__(
        self,
        n_in: int,
        n_out: int,
        *,
        bias: bool = True,
        init: str | Initialiser = "glorot",
        seed: Seed = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        _check_sizes((n_in, n_out))
        W, b = start(init, n_in, n_out, seed, dtype)
        self.W = Value(W, name="W")
        self.b = Value(b, name="b") if bias else None

    def forward(self, x: Any) -> Value:
        """The weighted sums z, shape (..., n_out)."""
        try:
            z: Value = x @ self.W.T if self.b is None else _affine(x, self.W, self.b)
            return z
        except ValueError as error:
            n, image = self.W.shape[1], np.shape(x)[-2:]
            if len(image) == 2 and image[0] * image[1] == n:
                size = f"{image[0]} × {image[1]}"
                hint = f"an image of {size} goes in as {n} numbers: x.reshape(-1, {n})"
                error.args = (f"{error}; {hint}",)
            raise

    def __repr__(self) -> str:
        n_out, n_in = self.W.shape
        return f"Linear({n_in} -> {n_out}{', no bias' * (self.b is None)})"


class Sigmoid(Module):
    """a = 1/(1 + e⁻ᶻ), element by element.

    >>> Sigmoid()(np.array([0.0, 1000.0])).tolist()
    [0.5, 1.0]
    """

    def forward(self, z: Any) -> Value:
        """The activations, in the shape and dtype of z."""
        return _sigmoid(z)


class ReLU(Module):
    """a = max(z, 0), element by element; the derivative at 0 is 0.

    >>> ReLU()(np.array([-2.0, 3.0])).tolist()
    [0.0, 3.0]
    """

    def forward(self, z: Any) -> Value:
        """The activations, in the shape and dtype of z."""
        return _relu(z)


class Tanh(Module):
    """a = tanh(z), element by element.

    >>> Tanh()(np.array([0.0, 1000.0])).tolist()
    [0.0, 1.0]
    """

    def forward(self, z: Any) -> Value:
        """The activations, in the shape and dtype of z."""
        return _tanh(z)


class Softmax(Module):
    """Positive numbers that sum to 1 along `axis`, by default the last: probabilities of classes.

    `cross_entropy` takes logits, so a network that it trains ends without this.

    >>> Softmax()(np.array([[0.0, 0.0], [0.0, 1000.0]])).tolist()
    [[0.5, 0.5], [0.0, 1.0]]
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, z: Any) -> Value:
        """The probabilities, in the shape and dtype of z."""
        return _softmax(z, axis=self.axis)

    def __repr__(self) -> str:
        return "Softmax()" if self.axis == -1 else f"Softmax(axis={self.axis})"


ACTIVATIONS: dict[str, type[Module]] = {
    "sigmoid": Sigmoid,
    "relu": ReLU,
    "tanh": Tanh,
    "softmax": Softmax,
}
Activation = str | Callable[[Any], Any]


class Sequential(Module):
    """Layers that feed each other: Modules, or functions such as `np.sin`.

    >>> rng = np.random.default_rng(0)
    >>> model = Sequential(Linear(2, 8, seed=rng), Tanh(), Linear(8, 1, seed=rng))
    >>> model(np.ones((4, 2), np.float32)).shape
    (4, 1)
    >>> [name for name, _ in model.named_parameters()]
    ['layers.0.W', 'layers.0.b', 'layers.2.W', 'layers.2.b']
    >>> len(model), model[1]
    (3, Tanh())
    """

    def __init__(self, *layers: Callable[[Any], Any]) -> None:
        for layer in layers:
            if not callable(layer):
                raise TypeError(f"Sequential takes Modules and functions, not {layer!r}")
        self.layers = list(layers)

    def forward(self, x: Any) -> Value:
        """The result of the last layer."""
        a: Value = x
        for layer in self.layers:
            a = layer(a)
        return a

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, i: int) -> Callable[[Any], Any]:
        return self.layers[i]


class MLP(Module):
    """The lesson's network: layers of neurons, each connected to all of the layer before.

    `sizes` counts the neurons of each layer, the input's first. `activation` follows every layer
    but the last, and `output` the last: by default the same, and None for logits (what
    `cross_entropy` takes). Both are "sigmoid", "relu", "tanh", "softmax", another elementwise
    op of the table by its name, such as "step", a Module, or a function of Values. `init`,
    `seed` and `dtype` are as for `Linear`; one generator fills all layers in order.

    In pictures the parameters are W1, b1, W2, …, the weighted sums z1, …, the activations a1, ….
    Input of shape (..., sizes[0]) gives output of shape (..., sizes[-1]); it should have the
    dtype of the model, for NumPy computes in the wider of the two.

    Raises ValueError for fewer than two sizes, sizes below 1, an unknown activation or `init`.

    >>> model = MLP([784, 16, 16, 10], seed=0)
    >>> model
    MLP(784 -> 16 -> 16 -> 10, Sigmoid(), 13,002 parameters)
    >>> a = model(np.zeros((100, 784), np.float32))
    >>> a.shape, a.dtype, a.name
    ((100, 10), dtype('float32'), 'a3')
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: Activation = "sigmoid",
        *,
        output: Activation | None = "same",
        init: str | Initialiser = "glorot",
        seed: Seed = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        if len(sizes) < 2:
            raise ValueError(f"an MLP needs the sizes of at least two layers, not {sizes!r}")
        rng = generator(seed)
        self.layers = [
            Linear(n_in, n_out, init=init, seed=rng, dtype=dtype)
            for n_in, n_out in itertools.pairwise(sizes)
        ]
        hidden = _activation(activation)
        last = hidden if output == "same" else None if output is None else _activation(output)
        self.activations = [*[hidden] * (len(self.layers) - 1), last]
        self._names = [(f"z{i}", f"a{i}") for i in range(1, len(sizes))]
        for i, layer in enumerate(self.layers, 1):
            layer.W.name = f"W{i}"
            if layer.b is not None:
                layer.b.name = f"b{i}"

    def forward(self, x: Any) -> Value:
        """The activations of the last layer, or its weighted sums if it has no activation."""
        a: Value = x
        for layer, activation, names in zip(
            self.layers, self.activations, self._names, strict=True
        ):
            a = layer(a)
            a.name = names[0]
            if activation is not None:
                a = activation(a)
                a.name = names[1]
        return a

    def __repr__(self) -> str:
        sizes = [self.layers[0].W.shape[1], *(layer.W.shape[0] for layer in self.layers)]
        hidden, last = self.activations[0], self.activations[-1]
        output = f", output={last!r}" if last is not hidden else ""
        count = sum(p.size for p in self.parameters())
        return f"MLP({' -> '.join(map(str, sizes))}, {hidden!r}{output}, {count:,} parameters)"


def _activation(activation: Activation) -> Callable[[Any], Any]:
    if callable(activation):
        return activation
    if activation in ACTIVATIONS:
        return ACTIVATIONS[activation]()
    op = ops.TABLE.get(activation)
    if op is None or op.arity != 1 or not op.elementwise:
        raise ValueError(
            f"an activation is one of {', '.join(ACTIVATIONS)}, another op that works element by"
            f" element, such as step, or callable, not {activation!r}"
        )
    return op


def _check_sizes(sizes: Sequence[int]) -> None:
    for n in sizes:
        if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
            raise ValueError(f"a layer has a whole number of neurons, at least 1, not {n!r}")
