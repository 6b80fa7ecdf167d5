"""What a program prints, and how it ends, on any terminal.

This file knows standard output and exceptions. It must not know what is printed.
"""

import atexit
import codecs
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from types import TracebackType

MISTAKES = (ValueError, FloatingPointError, ImportError, OSError)  # told without a traceback

_PLAIN = {
    **{"→": "->", "−": "-", "×": "x", "·": "*", "±": "+-", "…": "...", "–": "-", "√": "sqrt "},
    **{"∂": "d", "σ": "sigma", "Σ": "sum", "²": "^2", "ᵀ": "^T", "′": "'", "≤": "<=", "≥": ">="},
}

__all__ = ["run", "uninterrupted"]


def __dir__() -> list[str]:
    return __all__


def run(main: Callable[[], object]) -> None:
    """Run a program on whatever terminal there is; the examples end with `run(main)`.

    What standard output cannot encode is printed in plain letters, such as -> for →, in place of
    an exception. Mistakes such as a missing file or extra are told in one line, and Ctrl-C in
    none; all else keeps its traceback.

    >>> run(lambda: print("∂C/∂w = −0.199"))
    ∂C/∂w = −0.199
    """
    codecs.register_error("plain letters", _in_plain_letters)
    if reconfigure := getattr(sys.stdout, "reconfigure", None):  # a notebook's has none
        reconfigure(errors="plain letters")
    atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)  # it could crash Python's end
    hooks = sys.excepthook, sys.unraisablehook
    sys.excepthook, sys.unraisablehook = _tell, _tell_lost
    try:
        main()
    except MISTAKES as error:
        sys.exit(_in_one_line(error))
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        sys.excepthook, sys.unraisablehook = hooks


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C has no effect in the block, so that a second one does not lose what the first left.

    >>> with uninterrupted():
    ...     signal.raise_signal(signal.SIGINT)
    """
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _in_plain_letters(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    lacking = error.object[error.start : error.end]
    return "".join(_PLAIN.get(c, "?") for c in lacking), error.end


def _in_one_line(error: BaseException) -> str:
    return f"{os.path.basename(sys.argv[0])}: {' '.join(str(error).split())}"


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Take the place of `sys.excepthook`, which `nn.mpi_world` asks before it ends all ranks."""
    if isinstance(error, MISTAKES):
        print(_in_one_line(error), file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


def _tell_lost(lost: "sys.UnraisableHookArgs") -> None:
    """Python cannot raise what a `__del__` or the callback of a weak reference raises."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        print("Ctrl-C came too late for what ends here; again, to end more", file=sys.stderr)
    else:
        sys.__unraisablehook__(lost)
