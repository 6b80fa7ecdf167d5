"""Imports only go down a floor, and the engine needs NumPy alone."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = [  # each module may import those on the lines above its own, and its own package
    {
        f"autograd_mini.{name}"
        for name in ("backprop", "console", "data", "dispatch", "files", "modes", "users_line")
    },
    {"autograd_mini.pull"},
    {"autograd_mini.unrolled"},
    {"autograd_mini.value"},
    {"autograd_mini.core"},
    {"autograd_mini.ops"},
]
TOOLS, PUBLIC, NN = range(len(FLOORS), len(FLOORS) + 3)  # tools: all else in autograd_mini
SOURCES = sorted((ROOT / "autograd_mini").rglob("*.py")) + sorted((ROOT / "nn").rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def floor(module: str) -> int:
    for i, names in enumerate(FLOORS):
        if any(module == name or module.startswith(f"{name}.") for name in names):
            return i
    if module.split(".")[0] == "nn":
        return NN
    return PUBLIC if module == "autograd_mini" else TOOLS


def package(module: str) -> str:
    """The part of a floor within which modules may import each other."""
    return (
        "tools"
        if floor(module) == TOOLS
        else ".".join(module.split(".")[: 2 - (floor(module) == NN)])
    )


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules = {module_name(p) for p in SOURCES}
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in modules else node.module)
    return {name for name in found if name.split(".")[0] in ("autograd_mini", "nn")}


@pytest.mark.parametrize("path", SOURCES, ids=module_name)
def test_imports_only_go_down(path: Path) -> None:
    own = module_name(path)
    for name in imports(path):
        lower = floor(name) < floor(own) or package(name) == package(own)
        assert lower, f"{own} imports {name}, which does not stand below it"


def test_nn_uses_the_public_names_only() -> None:
    public = {f"autograd_mini{part}" for part in ("", ".ops", ".testing", ".files")}
    for path in SOURCES:
        if module_name(path).startswith("nn"):
            ours = {name for name in imports(path) if name.startswith("autograd_mini")}
            assert ours <= public, f"{path.name} reaches inside autograd_mini: {ours - public}"
            private = re.search(r"(?<!self)(?<!cls)\._(?!_)\w+", path.read_text())
            assert not private, f"{path.name} uses a private name: {private}"


def test_the_engine_needs_numpy_alone() -> None:
    program = (
        "import sys, numpy; before = set(sys.modules); import autograd_mini;"
        "new = {m.split('.')[0] for m in set(sys.modules) - before};"
        "print(sorted(new - set(sys.stdlib_module_names) - {'autograd_mini', 'numpy'}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert run.stdout.strip() == "[]"


def test_no_file_opens_without_saying_what_it_knows() -> None:
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        assert ast.get_docstring(tree) or not tree.body, f"{path} has no opening sentence"


def test_the_floors_are_told_apart() -> None:
    going_up = ["backprop", "pull", "value", "core", "ops.shape", "draw.dot", ""]
    floors = [floor(f"autograd_mini.{name}".rstrip(".")) for name in going_up] + [
        floor("nn.layers")
    ]
    assert floors == sorted(set(floors))
    assert package("nn.layers") == package("nn.optim") != package("autograd_mini.debug")
    assert package("autograd_mini.data") != package("autograd_mini.backprop")
