"""Run engine, ops, programs and nn on the oldest and the newest Python and NumPy at hand.

python tests/versions.py [oldest|newest ...]

Pythons are looked for by name, `python3.11`, on the PATH and among those of pyenv. What ran, and
which version is not here, is printed. Each pair has an environment of its own, .versions/…
"""

import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT, GROUP = SETTINGS["project"], SETTINGS["dependency-groups"]["versions"]
LOWEST = int(PROJECT["requires-python"].removeprefix(">=3."))
HIGHEST = 14
OLDEST = next(need.partition(">=")[2] for need in PROJECT["dependencies"] if "numpy" in need)
TESTS = [
    *("test_backprop.py", "test_value.py", "test_ops.py", "test_numpy_functions.py"),
    *("test_operands.py", "test_edges.py", "test_zero_and_infinity.py", "test_functional.py"),
    *("test_program.py", "test_program_foreign.py", "test_program_passes.py"),
    *("test_program_memory.py", "nn"),
]
HOW = {
    "oldest": {"HYPOTHESIS_PROFILE": "brief"},
    # on this NumPy `make test` takes the second derivatives, on whichever Python it runs
    "newest": {"HYPOTHESIS_PROFILE": "brief", "ORDER_OF_DERIVATIVES": "1"},
}
LEFT_OUT = "not test_networks and not test_parallel and not goes_on_to_the_last_bit"
"""What takes long and tests no more of NumPy or Python than the others."""


def pythons() -> dict[int, Path]:
    """The Pythons 3.x that are here, by x."""
    found: dict[int, Path] = {}
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for minor in range(LOWEST, HIGHEST + 1):
        name = f"python3.{minor}"
        kept = sorted(pyenv.glob(f"3.{minor}.*/bin/{name}"), key=lambda path: numbers(str(path)))
        for python in (shutil.which(name), *map(str, reversed(kept))):
            if python and answers(python, minor):
                found[minor] = Path(python)
                break
    return found


def answers(python: str, minor: int) -> bool:
    """Whether it runs and is what its name says: pyenv leaves names of versions it has not."""
    ask = "import sys, venv; print(sys.version_info.minor)"
    told = subprocess.run([python, "-c", ask], capture_output=True)
    return told.returncode == 0 and told.stdout.split() == [str(minor).encode()]


def numbers(version: str) -> list[int]:
    """What is compared of a version."""
    return list(map(int, re.findall(r"\d+", version)))


def run(python: Path, name: str, numpy: str) -> bool:
    """Make the environment, run the tests in it, and say what ran."""
    folder, start = ROOT / ".versions" / name, time.monotonic()
    subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
    inside = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    needs = [numpy, "-e", ".[testing]", *GROUP]
    subprocess.run([inside, "-m", "pip", "install", "--quiet", *needs], check=True, cwd=ROOT)
    ask = "import sys, numpy; print('Python', sys.version.split()[0], 'NumPy', numpy.__version__)"
    told = subprocess.run([inside, "-c", ask], check=True, capture_output=True, text=True)
    print(f"== {name}: {told.stdout.strip()}", flush=True)
    tests = [f"tests/{test}" for test in TESTS]
    how = ["-n", "auto", "--dist", "loadgroup", "-p", "no:cacheprovider", "-k", LEFT_OUT]
    environment = os.environ | HOW[name]
    done = subprocess.run([inside, "-m", "pytest", *how, *tests], cwd=ROOT, env=environment)
    verdict = "passed" if done.returncode == 0 else "FAILED"
    print(f"== {name}: {verdict}, {time.monotonic() - start:.0f} s", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    here = pythons()
    for minor in range(LOWEST, HIGHEST + 1):
        print(f"Python 3.{minor}: {here.get(minor, 'not here, so nothing ran on it')}", flush=True)
    if not here:
        sys.exit("no Python that this project supports is here")
    pairs = {
        "oldest": (here[min(here)], f"numpy=={OLDEST}"),
        "newest": (here[max(here)], f"numpy>={OLDEST}"),
    }
    passed = [run(pairs[name][0], name, pairs[name][1]) for name in sys.argv[1:] or pairs]
    sys.exit(not all(passed))
