"""The lesson's training run from beginning to end, with nn; prints the test accuracy.

Knows the recipe; `program_pytorch.py` is the same program in PyTorch.
"""

import argparse

import nn

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", required=True, help="the folder of MNIST's IDX files")
parser.add_argument("--epochs", type=int, default=30)
parser.add_argument("--lr", type=float, default=3.0)
options = parser.parse_args()

data = nn.load_mnist(options.data, report=lambda line: None)
model = nn.MLP([784, 16, 16, 10], activation="sigmoid", seed=0)
nn.fit(
    model,
    nn.quadratic_cost,
    data.train_images,
    nn.one_hot(data.train_labels, 10),
    optimizer=nn.SGD(model.parameters(), lr=options.lr),
    epochs=options.epochs,
    batch_size=100,
    progress=False,
)
print(nn.evaluate(model, data.test_images, data.test_labels))
