"""One function knows which line is the user's, whatever the folders are called."""

import builtins
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_mini
from autograd_mini import CannotCompileError, NotFiniteError, Value, compile, debug, made_at

PACKAGE = Path(autograd_mini.__file__).parent
NUMPY = Path(np.__file__).parent
SOURCE = """
import numpy as np

def f(x):
    return np.log(x - x)

def g(x):
    return float(x)
"""
USERS = [
    "/home/ann/numpy/x.py",
    "/home/ann/learn_numpy.py",
    "/home/ann/nn/x.py",
    f"{PACKAGE}_course/x.py",
    f"{PACKAGE}.py",
    f"{PACKAGE.parent}/nn_course/x.py",
    f"{NUMPY}_course/x.py",
    "<stdin>",
    "<ipython-input-1>",
    "<string>",
]
NOT_USERS = [
    f"{PACKAGE}/x.py",
    f"{PACKAGE}/ops/x.py",
    f"{PACKAGE.parent}/nn/x.py",
    f"{NUMPY}/lib/x.py",
    "<compiled f 3>",
    "<frozen importlib._bootstrap>",
]


def at(path: str) -> dict[str, Any]:
    """The functions of `SOURCE`, as if they stood in the file `path`."""
    space: dict[str, Any] = {}
    exec(builtins.compile(SOURCE, path, "exec"), space)
    return space


@pytest.mark.parametrize("path", USERS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_debug_and_compile_name_the_users_line(path: str) -> None:
    found = at(path)
    with debug(), pytest.raises(NotFiniteError) as caught:
        found["f"](Value(1.0))
    assert str(caught.value).endswith(f"called at {path}, line 5")
    assert made_at(caught.value.node) == f"{path}, line 5"
    with pytest.raises(CannotCompileError) as refused:
        compile(found["g"])(1.0)
    assert str(refused.value).endswith(f"({path}, line 8, in g)")


@pytest.mark.parametrize("path", NOT_USERS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_is_ours_or_numpys_is_passed_over(path: str) -> None:
    f = at(path)["f"]
    with debug(), pytest.raises(NotFiniteError, match=r"called at .*test_users_line\.py, line"):
        f(Value(1.0))
