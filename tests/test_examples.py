"""The programs that a reader runs first, run as the reader does, on files made from the sample."""

import os
import re
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from strict_python import STRICT

import nn
from nn.data.mnist import OFFICIAL

Captured = pytest.CaptureFixture[str]
EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.fixture(scope="module")
def digits() -> nn.MNIST:
    return nn.load_mnist(cache="", download=False, report=lambda line: None)


@pytest.fixture(scope="module")
def folder(digits: nn.MNIST, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample as a folder of IDX files."""
    folder = tmp_path_factory.mktemp("mnist")
    images = [
        np.round(255 * x).reshape(-1, 28, 28) for x in (digits.train_images, digits.test_images)
    ]
    arrays: list[Any] = [images[0], digits.train_labels, images[1], digits.test_labels]
    for name, array in zip(OFFICIAL, arrays, strict=True):
        header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
        (folder / name.removesuffix(".gz")).write_bytes(header + array.astype(np.uint8).tobytes())
    return folder


def command(name: str, *arguments: object) -> list[str]:
    return [*STRICT, str(EXAMPLES / name), *map(str, arguments)]


def run(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(name, *arguments), capture_output=True, text=True, timeout=240)


def is_picture(path: Path) -> bool:
    content = path.read_bytes()
    return content.startswith(b"\x89PNG") and len(content) > 10_000


@pytest.mark.parametrize(
    ("recipe", "activation", "lr"), [("best", "relu", 0.01), ("lesson", "sigmoid", 5.0)]
)
def test_mnist_learns_and_keeps_what_it_learnt(
    recipe: str, activation: str, lr: float, digits: nn.MNIST, folder: Path, tmp_path: Path
) -> None:
    output = tmp_path / "new" / "run"
    options = ("--recipe", recipe, "--lr", lr, "--epochs", 12, "--output", output)
    done = run("mnist.py", "--data", folder, *options)
    assert done.returncode == 0, done.stderr
    assert "epoch 12/12" in done.stderr
    told = re.search(r"([\d.]+)% of the 1,000 test digits read correctly by 13,002", done.stdout)
    assert told
    accuracy = float(told[1]) / 100
    assert accuracy > 0.85

    state, notes = nn.load(output / "model.npz")
    model = nn.MLP([784, 16, 16, 10], activation=activation)
    model.load_state_dict(state)
    assert nn.evaluate(model, digits.test_images, digits.test_labels) == pytest.approx(accuracy)
    assert notes == {"recipe": recipe, "accuracy": pytest.approx(accuracy)}
    assert is_picture(output / "picture.png")


def here(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    """Run mnist.py in this process, which saves the imports."""
    path = str(EXAMPLES / "mnist.py")
    monkeypatch.setattr(sys, "argv", [path, *map(str, arguments)])
    runpy.run_path(path, run_name="__main__")


def test_mnist_obeys_its_options(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nn.pictures.training.draw_training", lambda *_, **__: None)
    monkeypatch.setattr("nn.pictures.figure.save_figure", lambda *_, **__: None)

    def weights(*options: object) -> Any:
        here(monkeypatch, "--data", folder, "--epochs", 1, "--output", tmp_path, *options)
        return nn.load(tmp_path / "model.npz").state["layers.0.W"]

    plain = weights()
    np.testing.assert_array_equal(plain, weights("--seed", 0, "--recipe", "best"))
    for option in (("--seed", 1), ("--lr", 0.02), ("--batch-size", 50), ("--recipe", "lesson")):
        assert not np.array_equal(plain, weights(*option))


def test_mnist_without_training_still_draws(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    here(monkeypatch, "--data", folder, "--epochs", 0, "--output", tmp_path)
    assert "after 0 epochs" in capsys.readouterr().out
    assert is_picture(tmp_path / "picture.png")


def test_ctrl_c_keeps_what_was_learnt_and_says_where(folder: Path, tmp_path: Path) -> None:
    endless = command("mnist.py", "--data", folder, "--epochs", 10**6, "--output", tmp_path)
    pipe = subprocess.PIPE
    with subprocess.Popen(endless, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            assert process.stderr is not None
            while "epoch       2/" not in (line := process.stderr.readline()):
                assert line
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=120)
        finally:
            process.kill()
    assert process.returncode == 0, err
    assert re.search(r"read correctly by 13,002 .*, interrupted after \d+ epochs", out)
    assert f"in {tmp_path}/model.npz" in out
    assert f"in {tmp_path}/picture.png" in out
    assert nn.load(tmp_path / "model.npz").metadata["recipe"] == "best"
    assert is_picture(tmp_path / "picture.png")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--lr", "nan"], "lr is a finite number of at least 0, not nan"),
        (["--epochs", "-1"], "epochs is a whole number of at least 0, not -1"),
        (["--batch-size", "0"], "batch_size is a whole number of at least 1, not 0"),
        (["--data", "nowhere"], "nowhere is not a folder"),
        (["--resume", "nowhere.npz"], "[Errno 2] No such file or directory: 'nowhere.npz'"),
        (["--resume", __file__], f"{__file__} is not a checkpoint"),
    ],
)
def test_mistakes_get_one_sentence(
    options: list[str],
    message: str,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(SystemExit) as end:
        here(monkeypatch, "--data", folder, "--output", tmp_path, *options)
    assert str(end.value).startswith(f"mnist.py: {message}")


# ------------------------------------------------------------------------ any terminal, few extras

SMALL: dict[str, list[str]] = {
    "draw_diagnosis.py": ["{out}", "svg"],
    "draw_lesson.py": ["{out}", "svg"],
    "formulas.py": [],
    "grade.py": [str(EXAMPLES / "submissions" / "hypatia.py")],
    "logistic_regression.py": [],
    "mnist.py": ["--data", "{data}", "--epochs", "1", "--output", "{out}"],
    "neuron_view.py": ["--data", "{data}", "--epochs", "1", "--picture", "{out}/n.png"],
    "nudges.py": ["--data", "{data}", "--examples", "9", "--picture", "{out}/n.png"],
    "perceptron.py": [],
    "rosenbrock.py": [],
    "scalars.py": [],
    "two_descents.py": [
        "--data",
        "{data}",
        "--examples=200",
        "--epochs=1",
        "--picture={out}/d.png",
    ],
    "wheat_seeds.py": [],
}
TERMINALS = {
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""},
}
WITHOUT = """
import runpy, sys
sys.argv = sys.argv[1:]
for extra in ("threadpoolctl", "tqdm", "tqdm.auto", "matplotlib", "matplotlib.figure"):
    sys.modules[extra] = None
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run_small(
    name: str, data: Path, out: Path, environment: dict[str, str], start: list[str]
) -> subprocess.CompletedProcess[bytes]:
    arguments = [text.format(data=data, out=out) for text in SMALL[name]]
    program = [*STRICT, *start, str(EXAMPLES / name), *arguments]
    return subprocess.run(program, capture_output=True, env=os.environ | environment, timeout=240)


def lines_but_epochs(text: bytes) -> list[str]:
    own = r"epoch +\d+/\d+: cost|Fontconfig"  # the latter says what it thinks of the machine
    return [line for line in text.decode().splitlines() if not re.match(own, line)]


def test_every_example_is_tried() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == {*SMALL, "mnist_mpi.py"}


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("terminal", TERMINALS)
def test_every_example_prints_on_any_terminal(
    name: str, terminal: str, folder: Path, tmp_path: Path
) -> None:
    done = run_small(name, folder, tmp_path, TERMINALS[terminal], [])
    assert done.returncode == 0, done.stderr
    assert lines_but_epochs(done.stderr) == []
    text = done.stdout.decode("cp1252" if terminal == "cp1252" else "ascii")
    assert "?" not in text  # every sign has letters that stand for it


@pytest.mark.parametrize("name", SMALL)
def test_every_example_does_without_extras(name: str, folder: Path, tmp_path: Path) -> None:
    environment = {"PYTHONIOENCODING": "ascii", "OPENBLAS_NUM_THREADS": "1"}
    done = run_small(name, folder, tmp_path, environment, ["-c", WITHOUT])
    lacking = "pictures need Matplotlib: pip install 'autograd-mini[plot]'"
    if name == "neuron_view.py":  # whose picture is all that it is for
        assert done.returncode == 1
        assert lines_but_epochs(done.stderr) == [f"{name}: {lacking}"]
        return
    assert done.returncode == 0, done.stderr
    assert lines_but_epochs(done.stderr) == []
    if "{out}/" in "".join(SMALL[name]) or name == "mnist.py":
        assert lacking in done.stdout.decode()


# ---------------------------------------------------------------------------- going on with a run


def test_mnist_goes_on_with_a_run_exactly(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nn.pictures.training.draw_training", lambda *_, **__: None)
    monkeypatch.setattr("nn.pictures.figure.save_figure", lambda *_, **__: None)

    def run_of(name: str, *options: object) -> dict[str, Any]:
        here(monkeypatch, "--data", folder, "--output", tmp_path / name, *options)
        return nn.load(tmp_path / name / "run.npz").state

    def equal(one: dict[str, Any], other: dict[str, Any], part: str = "") -> bool:
        names = [name for name in one if name.startswith(part)]
        return all(np.array_equal(one[name], other[name]) for name in names)

    start = ("--recipe", "lesson", "--seed", 3, "--batch-size", 50, "--lr", 2, "--epochs")
    whole = run_of("whole", *start, 6)
    run_of("half", *start, 2)
    half = ("--resume", tmp_path / "half" / "run.npz")
    assert equal(run_of("rest", *half, "--epochs", 6), whole)
    standing = run_of("standing", *half, "--epochs", 3, "--lr", 0)
    assert equal(standing, nn.load(tmp_path / "half" / "run.npz").state, "model/")
    assert not equal(run_of("slow", *half, "--epochs", 6, "--lr", 1), whole, "model/")

    stopped = nn.fit  # the schedule is that of all epochs, so the run is to be stopped half-way

    def stop_early(*arguments: Any, epochs: int, callback: Any, **settings: Any) -> Any:
        def last(history: nn.History) -> bool:
            return callback(history) or len(history.epochs) == 2

        return stopped(*arguments, epochs=epochs, callback=last, **settings)

    start = ("--recipe", "best", "--epochs", 5)
    whole = run_of("whole", *start)
    with monkeypatch.context() as patch:
        patch.setattr(nn, "fit", stop_early)
        run_of("half", *start)
    assert nn.load(tmp_path / "half" / "run.npz").metadata["done"] == 2
    assert equal(run_of("rest", *half), whole)


@pytest.mark.parametrize("wait", [0.0, 0.01, 0.1])
def test_ctrl_c_pressed_twice_keeps_the_model(folder: Path, tmp_path: Path, wait: float) -> None:
    endless = command("mnist.py", "--data", folder, "--epochs", 10**6, "--output", tmp_path)
    with subprocess.Popen(endless, stderr=subprocess.PIPE, stdout=-3, text=True) as process:
        try:
            assert process.stderr is not None
            while "epoch       2/" not in (line := process.stderr.readline()):
                assert line
            process.send_signal(signal.SIGINT)
            time.sleep(wait)
            process.send_signal(signal.SIGINT)
            err = process.communicate(timeout=120)[1]
        finally:
            process.kill()
    assert process.returncode in (0, 130), err
    assert "Traceback" not in err
    nn.MLP([784, 16, 16, 10]).load_state_dict(nn.load(tmp_path / "model.npz").state)
    assert nn.load(tmp_path / "run.npz").metadata["done"] >= 1


def test_scalars_learn() -> None:
    done = run("scalars.py")
    assert done.returncode == 0, done.stderr
    costs = [float(C) for C in re.findall(r"C = ([\d.]+)", done.stdout)]
    assert len(costs) == 6
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < 1e-3


def test_a_file_that_cannot_be_graded_stops_no_other(tmp_path: Path) -> None:
    for name, text in {
        "a": "import sys; sys.exit(3)",
        "b": "def (",
        "c": "x = 1",
        "d": "import numpy as np\ndef softmax_backward(g, x): raise KeyError('k')",
    }.items():
        (tmp_path / f"{name}.py").write_text(text)
    lines = run("grade.py", *sorted(tmp_path.glob("*.py"))).stdout.splitlines()
    assert [line[:25].split()[-1] for line in lines if line[:1].strip()][:2] == ["a", "b"]
    told = dict(zip("abcd", [line for line in lines if line[:1].strip()], strict=True))
    for name, says in {
        "a": "3",
        "b": "SyntaxError",
        "c": "nothing to grade",
        "d": "KeyError",
    }.items():
        assert says in told[name]


def test_ten_submissions_are_graded() -> None:
    paths = sorted((EXAMPLES / "submissions").glob("*.py"))
    ran = run("grade.py", *paths)
    assert not ran.stderr
    table = [line for line in ran.stdout.splitlines() if not line.startswith(" ")]
    told = {line.split()[0]: line for line in table}
    for name, says in {
        "ada": "layer_norm     right",
        "blaise": "wrong        the term through the variance is missing",
        "carl": "wrong        is eps where the forward has it, inside the root?",
        "daniel": "wrong        the sum over the axis in softmax is missing",
        "emmy": "softmax        right",
        "fermat": "wrong        1/3 missing: a sum in place of a mean",
        "grace": "wrong        g is left out, or clipped",
        "hypatia": "wrong        a repeated index overwrites",
        "isaac": "wrong        1/3 too many: a mean in place of a sum over axis 0",
        "johann": "dense          crashes      ValueError: matmul",
    }.items():
        assert says in told[name]
    assert len(told) == len(paths) == 10
    assert "argument 1 = array([0, 0, 0])  # int64" in ran.stdout  # the smallest example
