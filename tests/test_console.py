"""Programs print on any terminal, and tell a mistake in one line."""

import io
import subprocess
import sys
from typing import Any

import pytest

from autograd_mini.console import MISTAKES, run


def raising(error: BaseException) -> Any:
    def main() -> None:
        raise error

    return main


@pytest.mark.parametrize("kind", [*MISTAKES, FileNotFoundError, ModuleNotFoundError])
def test_a_mistake_is_told_in_one_line(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/some/where/program.py"])
    with pytest.raises(SystemExit) as end:
        run(raising(kind("this is\n  wrong")))
    assert end.value.code == "program.py: this is wrong"


def test_ctrl_c_needs_no_words() -> None:
    with pytest.raises(SystemExit) as end:
        run(raising(KeyboardInterrupt()))
    assert end.value.code == 130


@pytest.mark.parametrize("kind", [ZeroDivisionError, TypeError, KeyError, SystemExit])
def test_anything_else_stays_what_it_is(kind: Any) -> None:
    error, hook = kind("a fault of the program"), sys.excepthook
    with pytest.raises(kind) as caught:
        run(raising(error))
    assert caught.value is error
    assert sys.excepthook is hook


def test_what_asks_the_hook_has_a_line_for_mistakes_and_a_traceback_for_faults(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def main() -> None:
        for error in (OSError("no disk"), ZeroDivisionError("a fault")):
            sys.excepthook(type(error), error, None)

    run(main)
    mistake, fault = capsys.readouterr().err.splitlines()
    assert mistake.endswith(": no disk")
    assert fault == "ZeroDivisionError: a fault"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "cp437", "koi8-r", "utf-8"])
def test_signs_that_an_encoding_lacks_become_letters(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    buffer = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(buffer, encoding, write_through=True))
    run(lambda: print("∂C/∂w = −0.2 → σ′(z) · x² ± 1 … 日"))
    text = buffer.getvalue().decode(encoding)
    if encoding == "ascii":
        assert text.rstrip() == "dC/dw = -0.2 -> sigma'(z) * x^2 +- 1 ... ?"
    assert ("∂" in text) == (encoding == "utf-8")


def test_a_notebook_has_no_encoding_to_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    run(lambda: print("→"))
    assert sys.stdout.getvalue() == "→\n"


def test_ctrl_c_waits_for_the_end_of_a_block() -> None:
    program = (
        "import signal\nfrom autograd_mini.console import uninterrupted\n"
        "with uninterrupted():\n    signal.raise_signal(signal.SIGINT)\n    print('kept')\n"
        "try:\n    signal.raise_signal(signal.SIGINT)\n"
        "except KeyboardInterrupt:\n    print('as before')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.split("\n") == ["kept", "as before", ""]


def test_ctrl_c_while_python_ends_or_tidies_up_is_no_traceback() -> None:
    program = """
import signal
from autograd_mini.console import run

class Pressed:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

def main():
    Pressed()
    print("goes on")
    __builtins__.kept_to_the_end = Pressed()

run(main)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "goes on\n"
    assert done.stderr == "Ctrl-C came too late for what ends here; again, to end more\n"
