"""One function knows which line is the user's, whatever the folders are called."""

import builtins
import subprocess
import sys
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


# ------------------------------------------------------------------ a NumPy without sources
WITHOUT_SOURCES = """
import importlib.machinery
import sys
import types
from pathlib import Path

def moved(code, base):
    inner = (moved(x, base) if isinstance(x, types.CodeType) else x for x in code.co_consts)
    name = Path(code.co_filename)
    name = str(name.relative_to(base)) if name.is_relative_to(base) else code.co_filename
    return code.replace(co_filename=name, co_consts=tuple(inner))

class Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, name):
        code = super().get_code(name)
        top = name.partition(".")[0]
        if top not in {packages}:
            return code
        return moved(code, Path(self.path.partition(f"/{{top}}/")[0]))

kinds = importlib.machinery
hook = kinds.FileFinder.path_hook(
    (kinds.ExtensionFileLoader, kinds.EXTENSION_SUFFIXES), (Loader, kinds.SOURCE_SUFFIXES)
)
sys.path_hooks.insert(0, hook)
sys.path_importer_cache.clear()
"""
PROGRAM = """
import numpy as np
from autograd_mini import CannotCompileError, Value, compile, debug, made_at

def hidden(images, weights):
    projected = images @ weights
    centred = projected - np.mean(projected, axis=0)
    rows = np.vstack([centred, np.flip(projected)])
    energy = np.linalg.norm(rows, axis=1)
    C = np.sum(energy)
    return C

rng = np.random.default_rng(0)
print(np.mean.__code__.co_filename if hasattr(np.mean, "__code__") else
      np.mean.__wrapped__.__code__.co_filename)
print(compile(hidden)(rng.random((3, 4)), rng.random((4, 2))).shape)
compiled = compile(hidden)
compiled(rng.random((3, 4)), rng.random((4, 2)))
print(compiled.source)
with debug():
    print(made_at(np.mean(Value([1.0, 2.0]))).rpartition(", ")[2])
try:
    compile(lambda x: np.mean(float(x)))(1.0)
except CannotCompileError as error:
    print(error)
"""


def run_program(tmp_path: Path, packages: tuple[str, ...], folder: str = "user") -> list[str]:
    """What `PROGRAM` says where these packages are installed without their sources."""
    file = tmp_path / folder / "program.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text(PROGRAM)
    start = WITHOUT_SOURCES.format(packages=packages) if packages else "import sys\n"
    start += (
        f"sys.path.insert(0, {str(PACKAGE.parent)!r})\nimport runpy\nrunpy.run_path({str(file)!r})"
    )
    done = subprocess.run(
        [sys.executable, "-c", start], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_names_are_the_users_beside_packages_without_sources(tmp_path: Path) -> None:
    place, *said = run_program(tmp_path, ())
    assert Path(place).is_absolute()
    assert "projected" in " ".join(said)
    for packages in (("numpy",), ("numpy", "autograd_mini")):
        place, *found = run_program(tmp_path, packages)
        assert not Path(place).is_absolute()
        assert found == said


def test_a_folder_of_the_users_called_as_ours_is_the_users(tmp_path: Path) -> None:
    said = run_program(tmp_path, ("numpy",))
    for folder in ("nn", "numpy", "autograd_mini"):
        found = run_program(tmp_path, ("numpy",), folder)
        assert [line.replace(f"/{folder}/", "/user/") for line in found] == said
