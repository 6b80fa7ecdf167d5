"""Train the lesson's network, 784-16-16-10, on handwritten digits, and picture what it learnt.

`make mnist` runs this; options go in ARGS: `make mnist ARGS="--recipe lesson --seed 1"`.
"""

import argparse
import contextlib

import nn
from autograd_mini.console import run, uninterrupted
from autograd_mini.files import expanded
from nn.pictures.figure import save_figure
from nn.pictures.training import draw_training

RECIPES = {
    "lesson": {  # sigmoid, the sum of squares over the ten outputs, plain gradient descent
        "network": {"activation": "sigmoid"},
        "cost": (nn.quadratic_cost, lambda labels: nn.one_hot(labels, 10)),
        "optimizer": nn.SGD,
        "warm_up": None,  # one learning rate from beginning to end
        "augment": None,
        "defaults": {"lr": 1.0, "epochs": 30},
    },
    "best": {  # the same 13,002 numbers, trained as well as we know how
        "network": {"activation": "relu", "output": None, "init": "he"},
        "cost": (nn.cross_entropy, lambda labels: labels),
        "optimizer": nn.AdamW,
        "warm_up": 0.05,  # of the epochs; then it falls on a cosine
        "augment": nn.shift_images,
        "defaults": {"lr": 0.01, "epochs": 60},
    },
}
KEPT = ("recipe", "lr", "epochs", "batch_size", "seed")  # options that a resumed run has again


def read_options() -> argparse.Namespace:
    """What the command line says; the run to go on with, or the recipe, fills in the rest."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="folder of MNIST's four files (else: cache, download)")
    parser.add_argument("--recipe", choices=RECIPES, default="best", help="default: %(default)s")
    parser.add_argument("--epochs", type=int, help="passes over the training digits, in all")
    parser.add_argument("--batch-size", type=int, default=100, help="default: %(default)s")
    parser.add_argument("--lr", type=float, help="learning rate at its highest")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--output", type=expanded, default="mnist-run", help="%(default)s")
    parser.add_argument("--resume", metavar="FILE", help="the run.npz of a run, to go on with it")
    known = parser.parse_known_args()[0]
    before = nn.load(known.resume).metadata if known.resume else {}
    recipe = RECIPES[before.get("recipe", known.recipe)]
    parser.set_defaults(**recipe["defaults"] | {k: before[k] for k in KEPT if k in before})
    return parser.parse_args()


def main() -> None:
    """Load, train, measure, keep."""
    options = read_options()
    recipe, epochs, output = RECIPES[options.recipe], options.epochs, options.output
    output.mkdir(parents=True, exist_ok=True)
    digits = nn.load_mnist(options.data)
    cost, targets = recipe["cost"]
    paced = recipe["warm_up"] is not None and epochs > 0
    test = digits.test_images, targets(digits.test_labels)
    model = nn.MLP([784, 16, 16, 10], seed=options.seed, **recipe["network"])
    optimizer, history = recipe["optimizer"](model.parameters(), options.lr), nn.History()
    done = nn.resume(options.resume, model, optimizer)["done"] if options.resume else 0
    optimizer.lr = options.lr

    def keep(so_far: nn.History) -> None:
        history.epochs = so_far.epochs
        notes = {name: getattr(options, name) for name in KEPT}
        nn.save_run(output / "run.npz", model, optimizer, done=done + len(so_far.epochs), **notes)

    print(f"Training {model}; Ctrl-C ends it early and keeps what it has learnt", flush=True)
    with contextlib.suppress(KeyboardInterrupt):  # a second Ctrl-C, while fit is ending
        history.interrupted = True
        history = nn.fit(
            model, cost, digits.train_images, targets(digits.train_labels), optimizer=optimizer,
            epochs=max(epochs - done, min(epochs, 0)), start_epoch=done,
            schedule=nn.cosine(epochs, recipe["warm_up"] * epochs) if paced else None,
            batch_size=options.batch_size,
            validation=test, augment=recipe["augment"], seed=options.seed, callback=keep,
        )  # fmt: skip
    with uninterrupted():
        nn.save(output / "model.npz", model, recipe=options.recipe)
    accuracy, count = nn.evaluate(model, *test), sum(p.size for p in model.parameters())
    result = f"{accuracy:.2%} of the {len(test[0]):,} test digits read correctly"
    seconds = f"{sum(history.column('seconds')):.1f} s"
    when = f"{'interrupted ' * history.interrupted}after {len(history.epochs)} epochs, {seconds}"
    print(f"{result} by {count:,} weights and biases, {when}")
    nn.save(output / "model.npz", model, recipe=options.recipe, accuracy=accuracy)
    try:
        title = f"784-16-16-10: {result}"
        picture = draw_training(history, model.layers[0].W.data, title=title)
        save_figure(picture, output / "picture.png")
        picture = f"and a picture of it in {output}/picture.png"
    except ImportError as lacking:
        picture = f"but {lacking}"
    print(f"What it learnt is in {output}/model.npz, {picture}")


if __name__ == "__main__":
    run(main)
