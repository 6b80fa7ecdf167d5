"""The house is as its list says: imports go down, files say what they know, rooms keep their size.

The list is FLOORS in rooms.py.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rooms import (
    BUDGET,
    FLOORS,
    ROOT,
    file_of,
    floors,
    imports,
    lines_of,
    name_of,
    not_below,
    sizes,
    sources,
)

SOURCES = {name_of(path): path.read_text(encoding="utf-8") for path in sources()}


# --------------------------------------------------------------------------------------- floors
@pytest.mark.parametrize("file", SOURCES)
def test_a_file_stands_in_the_list(file: str) -> None:
    assert file in floors(), f"{file}.py is new: write it on its floor, in FLOORS of rooms.py"


def test_the_list_names_files_that_are_there_and_each_once() -> None:
    assert sorted(SOURCES) == sorted(
        f"{folder}/{file}"
        for folder, *files in (line.split() for line in FLOORS.splitlines() if line)
        for file in files
    )


@pytest.mark.parametrize("file", SOURCES)
def test_imports_only_go_down(file: str) -> None:
    assert not_below(file, SOURCES[file]) == []


UPWARD = [
    ("autograd_mini/trees", "def f():\n    from autograd_mini.show.draw import draw"),
    ("autograd_mini/trees", "def f():\n    import autograd_mini.show.draw.dot as dot"),
    ("autograd_mini/trees", "def f():\n    from autograd_mini import draw"),
    ("autograd_mini/trees", "def f():\n    from .show import draw"),
    ("autograd_mini/trees", "if TYPE_CHECKING:\n    from autograd_mini.show.draw.dot import draw"),
    ("autograd_mini/trees", 'import_module("autograd_mini.show.draw")'),
    ("autograd_mini/trees", 'importlib.import_module(".show.draw", __package__)'),
    ("autograd_mini/trees", '__import__("autograd_mini.functional")'),
    ("autograd_mini/trees", "import nn"),
    ("autograd_mini/show/graph/text", "from autograd_mini.show.page.views import views"),
    ("autograd_mini/show/graph/text", "from ..page import views"),
    ("autograd_mini/show/graph/text", "from autograd_mini.show.graph import reading"),  # beside it
    ("autograd_mini/engine/value", "from autograd_mini.engine.op import Op"),
    ("autograd_mini/ops/shape", "from . import TABLE"),
    ("autograd_mini/testing/checks", "from autograd_mini.show.graph import Graph"),
    ("autograd_mini/show/draw/dot", "from autograd_mini import Value"),
    ("nn/lesson/nudges", "def draw(self):\n    from nn.pictures.lesson import draw_nudges"),
    ("nn/model/module", "from nn import fit"),
]


@pytest.mark.parametrize(("file", "source"), UPWARD)
def test_an_import_that_does_not_go_down_is_found(file: str, source: str) -> None:
    assert file in SOURCES
    (said,) = not_below(file, source)
    line = len(source.splitlines())
    assert re.fullmatch(rf"{file}\.py, line {line}: \S+ stands (above|beside) it, not below", said)


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("autograd_mini/trees", "from autograd_mini.engine.value import Value"),
        ("autograd_mini/trees", "from .engine import value"),
        ("autograd_mini/trees", "import dataclasses, numpy as np"),
        ("autograd_mini/trees", "from autograd_mini import ops"),
        ("autograd_mini/show/draw/dot", 'import_module("autograd_mini.testing")'),
        ("nn/pictures/lesson", "from nn.lesson.nudges import Nudges"),
        ("nn/model/module", "from autograd_mini import Value"),
    ],
)
def test_an_import_that_goes_down_is_none_of_them(file: str, source: str) -> None:
    assert not_below(file, source) == []


def test_nn_uses_the_public_names_only() -> None:
    public = {
        f"autograd_mini/{file}" for file in ("__init__", "files", "colours", "notebook", "words")
    }
    public |= {f"autograd_mini/{room}/__init__" for room in ("ops", "testing")}
    for file in (file for file in SOURCES if file.startswith("nn/")):
        asked = {file_of(name, SOURCES) for _, name in imports(file, SOURCES[file])}
        inside = {name for name in asked if name.startswith("autograd_mini/")} - public
        assert not inside, f"{file}.py reaches inside autograd_mini: {inside}"
        private = re.search(r"(?<!self)(?<!cls)\._(?!_|repr_)\w+", SOURCES[file])
        assert not private, f"{file}.py uses a private name: {private}"


# ------------------------------------------------------------------------- what others bring along
LIBRARIES = {  # who may import what is neither Python's own nor NumPy
    "graphviz": "autograd_mini/show/draw/picture",
    "hypothesis": "autograd_mini/testing/",
    "matplotlib": "nn/pictures/",
    "mpi4py": "nn/training/ranks",
    "pooch": "nn/data/mnist",
    "pygraphviz": "autograd_mini/show/draw/picture",
    "safetensors": "nn/training/tensors",
    "threadpoolctl": "nn/training/blas",
    "tqdm": "nn/",
}


def test_a_library_is_known_in_one_place() -> None:
    ours = (*sys.stdlib_module_names, "numpy", "autograd_mini", "nn")
    strange = {
        (file, library)
        for file, source in SOURCES.items()
        for library in {name.split(".")[0] for _, name in imports(file, source)}
        if library not in ours and not file.startswith(LIBRARIES.get(library, "nowhere"))
    }
    assert not strange


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


# --------------------------------------------------------------------- what a file must not know
# The opening sentence of a file says it to people, this table to the test: words that its code
# may not have in any import or name. What lies above a file is out of its reach by FLOORS.
MUST_NOT_KNOW = """
autograd_mini/files                 numpy Value Op
autograd_mini/colours               Graph Value figure
autograd_mini/words                 Graph Value numpy
autograd_mini/console               numpy Value Op
autograd_mini/trees                 grad gradients vjp
autograd_mini/engine/backprop       numpy op raw data dtype
autograd_mini/engine/arrays         Value Op backprop
autograd_mini/engine/modes          Value Op numpy
autograd_mini/engine/numpy_calls    Value Op rules
autograd_mini/users_line     Value Op
autograd_mini/engine/declaration    Value Op numpy
autograd_mini/engine/pull           Value record forward
autograd_mini/engine/guard          Value record forward
autograd_mini/engine/unrolled       TABLE ops
autograd_mini/engine/backward       Value Op record
autograd_mini/functional/recorded    Op _grad
autograd_mini/engine/arguments      Value record
autograd_mini/engine/surface        Value Op record pulled
autograd_mini/engine/in_place       Op rules
autograd_mini/engine/install        rules record
autograd_mini/engine/value          Op forward
autograd_mini/functional/__init__   ops TABLE Op op
autograd_mini/functional/opaque     Value Op
autograd_mini/functional/call       grad jacobian hessian
autograd_mini/program/errors        Program Line
autograd_mini/program/foreign       Program Line lines
autograd_mini/program/identifiers   Program Line lines
autograd_mini/program/lines         passes tracer recording spelling dialects
autograd_mini/program/memory        Program StandIn Traced
autograd_mini/program/names         Tracer spelling recording
autograd_mini/program/passes        spelling spelled dialects readable
autograd_mini/program/recording     passes simplified spelling spelled
autograd_mini/program/spelling      tracer recording Program
autograd_mini/program/stand_in      Tracer Line Program spelling
autograd_mini/program/tables        Tracer Line Program spelling
autograd_mini/program/tracer        passes simplified dialects recording
autograd_mini/program/dialects/readable  tracer recording Tracer
autograd_mini/program/dialects/fast      tracer recording Tracer
autograd_mini/program/dialects/scalars   tracer recording Tracer
autograd_mini/program/dialects/writing   tracer recording Tracer
autograd_mini/program/entry         tracer spelling dialects passes
autograd_mini/testing/domains       hypothesis
autograd_mini/testing/kinds         hypothesis
autograd_mini/testing/numeric       Value Op
autograd_mini/testing/functions     hypothesis TABLE ops
autograd_mini/testing/derivatives   TABLE ops
autograd_mini/testing/laws          TABLE ops
autograd_mini/testing/strategies    laws derivatives checks
autograd_mini/show/graph/reading    draw _grad
autograd_mini/show/graph/text       Graph Value
autograd_mini/show/graph/diagnosis  draw page
autograd_mini/show/graph/layers     draw nn Linear MLP
autograd_mini/show/listing          draw page graphviz
autograd_mini/show/draw/formula     TABLE ops
autograd_mini/show/draw/folding     labels escape
autograd_mini/show/draw/legend      Graph Value
autograd_mini/show/draw/picture     Graph Value
autograd_mini/show/page/svg         Graph Value grad
nn/model/init                       Value layers Linear
nn/model/layers                     losses training data
nn/model/losses                     Module MLP layers
nn/model/module                     layers losses Linear open
nn/data/augment                     Value autograd_mini model training
nn/data/batches                     Value model training
nn/data/mnist                       Value model Module
nn/training/blas                    Module loop
nn/training/checkpoint              layers Linear loop fit
nn/training/compiled_step           data optim loop
nn/training/evaluation              layers losses optim loop
nn/training/history                 Value Module loop
nn/training/interrupts              Module Value
nn/training/loop                    layers losses SGD load_mnist
nn/training/optim                   Module losses batches
nn/training/progress                Value Module loop
nn/training/schedules               Value Module data optim
nn/lesson/descents                  layers losses Linear
nn/lesson/nudges                    Linear MLP losses
nn/lesson/sensitivity               Linear MLP losses
nn/lesson/text                      Value layers grad
nn/pictures/figure                  Nudges Descents History
nn/pictures/training                SGD optim fit
"""
FORBIDDEN = {
    file: set(words) for file, *words in map(str.split, MUST_NOT_KNOW.strip().splitlines())
}


def words_in(source: str) -> set[str]:
    """The names in the code of a source, those of imports taken apart at their dots."""
    tree = ast.parse(source)
    found = {name for node in ast.walk(tree) if isinstance(node, ast.Name) for name in [node.id]}
    found |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return found.union(*(name.split(".") for _, name in imports("", source)))


@pytest.mark.parametrize("file", FORBIDDEN)
def test_a_file_does_not_know_what_it_says_it_must_not(file: str) -> None:
    opening = ast.get_docstring(ast.parse(SOURCES[file])) or ""
    assert "must not know" in " ".join(opening.split())
    assert not FORBIDDEN[file] & words_in(SOURCES[file])


# Files that say what they are, and not what they must not know: their names leave no doubt.
SHORT = {
    *("arrays", "diagonals", "neural", "ordering", "plain", "reduction", "shape", "spectra"),
    *("replay", "zoom", "debug"),
}


def test_every_file_opens_by_saying_what_it_knows_and_what_it_must_not() -> None:
    short = set()
    for file, source in SOURCES.items():
        opening = ast.get_docstring(ast.parse(source))
        assert opening, f"{file}.py has no opening sentence"
        if not file.endswith("__init__") and "must not know" not in " ".join(opening.split()):
            short.add(Path(file).name)
    assert short == SHORT


# ---------------------------------------------------------------------------------------- size
@pytest.mark.parametrize("room", BUDGET)
def test_a_room_keeps_to_its_size(
    room: str, record_property: Callable[[str, object], None]
) -> None:
    lines = lines_of(room)
    record_property("lines", f"{room}: {lines:,} of {BUDGET[room]:,} lines")
    assert lines <= BUDGET[room], "\n".join(["too many lines (BUDGET in rooms.py):", *sizes()])
