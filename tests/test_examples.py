"""The programs that a reader runs first, run as the reader does, on files made from the sample."""

import re
import runpy
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from nn.data import OFFICIAL

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
    return [sys.executable, "-W", "error", str(EXAMPLES / name), *map(str, arguments)]


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
    monkeypatch.setattr("nn.pictures.draw_training", lambda *_, **__: None)

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


def test_scalars_learn() -> None:
    done = run("scalars.py")
    assert done.returncode == 0, done.stderr
    costs = [float(C) for C in re.findall(r"C = ([\d.]+)", done.stdout)]
    assert len(costs) == 6
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < 1e-3
