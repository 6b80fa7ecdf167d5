"""Draw the graphs of beside_others.py with torchviz, torchview and micrograd's draw_dot.

python docs/beside_peers.py FOLDER, in an environment that has them. The last line printed is JSON.
micrograd has its `draw_dot` in a notebook; the function below does what that one does.
"""

import json
import re
import sys
import time
from pathlib import Path

import torch
from micrograd.engine import Value as Micro
from torch import nn

torch.manual_seed(0)


class Network(nn.Module):
    """784-16-16-10."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.Linear(784, 16), nn.Sigmoid(), nn.Linear(16, 16)),
            *(nn.Sigmoid(), nn.Linear(16, 10), nn.Sigmoid()),
        )

    def forward(self, x):
        """The cost of a batch."""
        return ((self.layers(x) - 0.1) ** 2).sum(1).mean()


class Recurrent(nn.Module):
    """Eight steps of one cell, and a cost at each."""

    def __init__(self):
        super().__init__()
        self.Wxh, self.Whh, self.Why = (
            nn.Linear(3, 4),
            nn.Linear(4, 4, bias=False),
            nn.Linear(4, 2),
        )

    def forward(self, x):
        """The cost of a sequence."""
        h, loss = torch.zeros(4), 0.0
        for step in x:
            h = torch.tanh(self.Wxh(step) + self.Whh(h))
            loss = loss + (self.Why(h) ** 2).sum()
        return loss


class Attention(nn.Module):
    """A block as in a transformer, and a cost."""

    def __init__(self):
        super().__init__()
        self.one, self.two = nn.LayerNorm(16), nn.LayerNorm(16)
        self.q, self.k, self.v, self.o = (nn.Linear(16, 16, bias=False) for _ in range(4))
        self.up, self.down = nn.Linear(16, 32), nn.Linear(32, 16)

    def forward(self, x):
        """The mean square of what comes out."""
        y = self.one(x)
        weights = torch.softmax(self.q(y) @ self.k(y).T / 4.0, -1)
        x = x + self.o(weights @ self.v(y))
        x = x + self.down(torch.relu(self.up(self.two(x))))
        return (x**2).mean()


MODELS = {
    "network": (Network, torch.rand(100, 784)),
    "rnn": (Recurrent, torch.rand(8, 3)),
    "attention": (Attention, torch.rand(6, 16)),
}


def size_of(svg):
    """Width and height in px."""
    found = re.search(r'<svg width="(\d+)pt" height="(\d+)pt"', svg)
    return round(int(found[1]) * 4 / 3), round(int(found[2]) * 4 / 3)


def measured(draw, folder, name, points):
    """Size, seconds and size of type of a picture, which is kept."""
    start = time.perf_counter()
    svg = draw().pipe("svg", encoding="utf-8")
    seconds = time.perf_counter() - start
    (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
    return [size_of(svg), seconds, points]


def torchviz_of(model, x):
    """The graph of the backward pass."""
    from torchviz import make_dot

    return make_dot(model(x), params=dict(model.named_parameters()))


def torchview_of(model, x):
    """Modules and tensors."""
    from torchview import draw_graph

    return draw_graph(model, input_data=x, roll=True, expand_nested=True).visual_graph


def draw_dot(root):
    """As micrograd's notebook has it: boxes with value and gradient, and the ops between."""
    from graphviz import Digraph

    nodes, edges, waiting = {}, set(), [root]
    while waiting:
        v = waiting.pop()
        if id(v) not in nodes:
            nodes[id(v)] = v
            for child in v._prev:
                edges.add((id(child), id(v)))
                waiting.append(child)
    dot = Digraph(graph_attr={"rankdir": "LR"})
    for key, v in nodes.items():
        label = f"{{ data {v.data:.4f} | grad {v.grad:.4f} }}"
        dot.node(str(key), label=label, shape="record")
        if v._op:
            dot.node(f"{key}{v._op}", label=v._op)
            dot.edge(f"{key}{v._op}", str(key))
    for one, other in edges:
        dot.edge(str(one), f"{other}{nodes[other]._op}")
    return dot


def neuron():
    """The chain w, a0, b to C; micrograd has ReLU in the place of the sigmoid."""
    w, a0, b, y = Micro(0.9), Micro(0.5), Micro(-0.2), Micro(1.0)
    C = ((w * a0 + b).relu() - y) ** 2
    C.backward()
    return C


def main():
    """Draw what can be drawn, and print what was measured."""
    folder, found = Path(sys.argv[1]), {}
    found["micrograd neuron"] = measured(
        lambda: draw_dot(neuron()), folder, "micrograd-neuron", 14
    )
    for name, (make, x) in MODELS.items():
        model = make()
        for program, draw, points in (
            ("torchviz", torchviz_of, 10),
            ("torchview", torchview_of, 10),
        ):
            found[f"{program} {name}"] = measured(
                lambda d=draw, m=model, x=x: d(m, x), folder, f"{program}-{name}", points
            )
    print(json.dumps(found))


if __name__ == "__main__":
    main()
