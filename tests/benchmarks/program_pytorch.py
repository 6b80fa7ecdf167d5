"""The lesson's training run from beginning to end, in PyTorch; prints the test accuracy.

Knows the recipe; `program_ours.py` is the same program with nn. The digits are held in memory and
dealt by index, which is several times faster than a DataLoader.
"""

import argparse
import gzip
from pathlib import Path

import numpy as np
import torch

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", required=True, help="the folder of MNIST's IDX files")
parser.add_argument("--epochs", type=int, default=30)
parser.add_argument("--lr", type=float, default=3.0)
options = parser.parse_args()


def read(name: str, header: int) -> torch.Tensor:
    """The bytes of an IDX file behind its header."""
    path = Path(options.data, name)
    content = (
        path.read_bytes() if path.exists() else gzip.decompress(Path(f"{path}.gz").read_bytes())
    )
    return torch.from_numpy(np.frombuffer(content, np.uint8, offset=header).copy())


def load(part: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Images of shape (n, 784) from 0 to 1, and labels of shape (n,)."""
    images = read(f"{part}-images-idx3-ubyte", 16).view(-1, 784)
    return images.float() / 255, read(f"{part}-labels-idx1-ubyte", 8).long()


def layer(n_in: int, n_out: int) -> list[torch.nn.Module]:
    """Sigmoid neurons that start as those of nn do."""
    linear = torch.nn.Linear(n_in, n_out)
    torch.nn.init.xavier_uniform_(linear.weight)
    torch.nn.init.zeros_(linear.bias)
    return [linear, torch.nn.Sigmoid()]


torch.manual_seed(0)
train_images, train_labels = load("train")
test_images, test_labels = load("t10k")
targets = torch.nn.functional.one_hot(train_labels, 10).float()
model = torch.nn.Sequential(*layer(784, 16), *layer(16, 16), *layer(16, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=options.lr)
for _ in range(options.epochs):
    for batch in torch.randperm(len(targets)).split(100):
        cost = (model(train_images[batch]) - targets[batch]).square().sum(1).mean()
        optimizer.zero_grad()
        cost.backward()
        optimizer.step()
with torch.no_grad():
    right = model(test_images).argmax(1) == test_labels
print(right.float().mean().item())
