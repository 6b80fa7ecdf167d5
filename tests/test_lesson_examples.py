"""The examples of the lesson run, and reach what they claim."""

import gzip
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import nn

EXAMPLES = Path(__file__).parent.parent / "examples"
NAMES = ["nudges", "two_descents", "perceptron", "formulas", "wheat_seeds", "neuron_view"]
PNG = b"\x89PNG"


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def digits(tmp_path_factory) -> Path:
    """A folder of few made-up digits: bars whose height is their class."""
    folder = tmp_path_factory.mktemp("digits")
    rng = np.random.default_rng(0)
    for part, n in (("train", 400), ("t10k", 100)):
        labels = rng.integers(10, size=n).astype(np.uint8)
        images = rng.integers(60, size=(n, 28, 28)).astype(np.uint8)
        for image, label in zip(images, labels, strict=True):
            image[2 + 2 * label : 6 + 2 * label, 4:24] = 255
        head = bytes([0, 0, 8, 3]) + b"".join(k.to_bytes(4, "big") for k in images.shape)
        whole = {"images-idx3": head + images.tobytes()}
        whole["labels-idx1"] = bytes([0, 0, 8, 1]) + n.to_bytes(4, "big") + labels.tobytes()
        for name, body in whole.items():
            (folder / f"{part}-{name}-ubyte.gz").write_bytes(gzip.compress(body, 1))
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_short_and_says_how_it_is_run(name):
    text = (EXAMPLES / f"{name}.py").read_text()
    assert len(text.splitlines()) < 80
    assert f"python examples/{name}.py" in text


def test_nudges_prints_the_table_and_draws(digits, tmp_path, capsys):
    picture = tmp_path / "nudges.png"
    arguments = ["--data", str(digits), "--examples", "20", "--picture", str(picture)]
    example("nudges").main(arguments)
    text = capsys.readouterr().out
    gap = re.search(r"is −∂C/∂W1, to (\S+) of its largest entry", text)
    assert gap is not None
    assert float(gap[1]) < 1e-5
    assert "layer 3: 16 → 10" in text
    assert "13,002 weights and biases" in text
    assert picture.read_bytes().startswith(PNG)


def test_two_descents_prints_its_measures_and_draws(digits, tmp_path, capsys):
    picture = tmp_path / "descents.png"
    options = {"--data": digits, "--examples": 200, "--epochs": 2, "--batch-size": 20}
    options["--picture"] = picture
    example("two_descents").main([str(word) for pair in options.items() for word in pair])
    text = capsys.readouterr().out
    assert "on 200 examples" in text
    assert "mini-batches of 20" in text
    assert picture.read_bytes().startswith(PNG)


def test_the_perceptron_learns_and_and_or_only_and_two_layers_learn_xor(tmp_path, capsys):
    picture = tmp_path / "activations.png"
    example("perceptron").main(["--picture", str(picture)])
    text = capsys.readouterr().out
    right = re.findall(r"^  (AND|OR|XOR) +(\d) of 4 right", text, re.MULTILINE)
    (first, second, third), last = right[:3], right[3]
    assert (first, second, last) == (("AND", "4"), ("OR", "4"), ("XOR", "4"))
    assert third[0] == "XOR"
    assert int(third[1]) < 4
    starts = dict(re.findall(r"XOR learnt with (\w+) +from +(\d+) of 12", text))
    assert int(starts["step"]) < 7 < 10 < int(starts["sigmoid"])
    judged = re.findall(r"∂C/∂z = (\S+) = 2\(a − y\) w, with w = (\S+)", text)
    blames, weights = np.array(judged, float).T
    assert blames == pytest.approx(2 * weights, abs=0.02)
    assert picture.read_bytes().startswith(PNG)


def test_formulas_and_backward_agree_on_every_derivative(capsys):
    example("formulas").main()
    text = capsys.readouterr().out
    pairs = re.findall(r"formula (\S+) +backward (\S+)", text)
    assert len(pairs) == 9 + 8 + 3 + 9 + 2
    for formula, backward in pairs:
        assert float(formula) == pytest.approx(float(backward), abs=2e-12)
        assert float(formula) != 0
    assert float(text.split()[-1]) < 1e-15


def test_the_linked_program_agrees_with_plain_numpy(capsys):
    difference, accuracy = example("wheat_seeds").main([])
    assert difference <= 1e-10
    assert accuracy > 0.9
    text = capsys.readouterr().out
    assert "on 42 kernels after 100 passes over 98" in text
    costs = [float(cost) for cost in re.findall(r"cost (\S+),", text)]
    assert len(costs) == 20
    assert costs[0] > 0.6 > 0.2 > costs[-1]  # a guess costs ln 2


def test_the_linked_program_begins_as_it_was_written():
    W, b = example("wheat_seeds").small(700, 200, np.random.default_rng(0), float)
    assert W.std() == pytest.approx(0.01, rel=0.02)
    assert b.tolist() == [1.0] * 200


def test_the_linked_program_would_show_a_difference(monkeypatch):
    program = example("wheat_seeds")
    ours = program.train_ours

    def once_more(model: nn.MLP, x: np.ndarray, y: np.ndarray) -> None:
        ours(model, x, y)
        model.layers[0].W.data -= 1e-6

    monkeypatch.setattr(program, "train_ours", once_more)
    assert program.main([])[0] > 1e-7


@pytest.mark.parametrize("body", ["a,b\n1,2\n", "", "names\n" + "1,2,3,4,5,6,7,8\n" * 3])
@pytest.mark.filterwarnings("ignore:loadtxt. input contained no data")
def test_the_linked_program_tells_what_a_file_lacks(body, tmp_path, capsys):
    path = tmp_path / "wrong.csv"
    path.write_text(body)
    with pytest.raises(SystemExit):
        example("wheat_seeds").main(["--data", str(path)])
    assert "each line needs seven numbers and a class, 1 or 2" in capsys.readouterr().err


def test_the_neuron_view_trains_and_draws(digits, tmp_path, capsys):
    picture = tmp_path / "neurons.png"
    options = ["--data", str(digits), "--epochs", "40", "--lr", "5", "--picture", str(picture)]
    example("neuron_view").main(options)
    share = re.search(r"([\d.]+)% of 100 test digits", capsys.readouterr().out)
    assert share is not None
    assert float(share[1]) > 50
    assert picture.read_bytes().startswith(PNG)


@pytest.mark.parametrize(
    ("sizes", "more", "lr", "least", "most"),
    [
        ([784, 10], {}, 1.0, 0.88, 0.94),
        ([784, 10], {}, 3.0, 0.05, 0.3),
        ([784, 100, 10], {}, 1.0, 0.88, 0.95),
        ([784, 100, 10], {}, 3.0, 0.05, 0.3),
        ([784, 16, 16, 10], {"activation": "relu", "output": None}, 0.3, 0.9, 0.95),
        ([784, 16, 16, 10], {"activation": "relu", "output": None}, 3.0, 0.05, 0.3),
        ([784, 16, 16, 10], {}, 3.0, 0.88, 0.95),
        ([784, 16, 16, 10], {}, 30.0, 0.05, 0.3),
    ],
)
def test_the_exercises_of_the_last_page_come_out_as_it_says(sizes, more, lr, least, most):
    data = nn.load_mnist(cache="", download=False, report=lambda line: None)
    model = nn.MLP(sizes, seed=0, **more)
    cost, y = nn.cross_entropy, data.train_labels
    if not more:
        cost, y = nn.quadratic_cost, nn.one_hot(y, 10)
    optimizer = nn.SGD(model.parameters(), lr=lr)
    nn.fit(model, cost, data.train_images, y, optimizer=optimizer, epochs=20, progress=False)
    assert least < nn.evaluate(model, data.test_images, data.test_labels) < most
