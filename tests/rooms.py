"""The rooms of the house, floor by floor, and how many lines each may have.

`python tests/rooms.py` prints the lines. A new file is written into FLOORS: on the line of files
like it, or on a new line just above all that it imports.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent

# From the ground up: a folder, and files in it that do not need each other. A file may import
# what stands on the lines above its own here, which are the floors below it, and nothing else.
FLOORS = """
autograd_mini                   colours console files users_line words
autograd_mini                   notebook

autograd_mini/engine            __init__ arrays backprop declaration modes
autograd_mini/engine            arguments
autograd_mini/engine            numpy_calls
autograd_mini/engine            pull
autograd_mini/engine            guard
autograd_mini/engine            unrolled
autograd_mini/engine            backward methods
autograd_mini/engine            surface
autograd_mini/engine            value
autograd_mini/engine            in_place op
autograd_mini/engine            install

autograd_mini/ops               arrays elementwise plain
autograd_mini/ops               choices linear_algebra neural reduction running shape signals
autograd_mini/ops               trigonometry
autograd_mini/ops               arrangement decompositions diagonals ordering products
autograd_mini/ops               spectra
autograd_mini/ops               norms several
autograd_mini/ops               __init__

autograd_mini                   trees

autograd_mini/functional        opaque recorded
autograd_mini/functional        call
autograd_mini/functional        __init__ replay
autograd_mini/functional        per_example

autograd_mini/program           errors identifiers memory
autograd_mini/program           foreign
autograd_mini/program           lines
autograd_mini/program           names passes spelling
autograd_mini/program           stand_in
autograd_mini/program           tables tracer
autograd_mini/program           recording
autograd_mini/program/dialects  writing
autograd_mini/program/dialects  fast readable scalars
autograd_mini/program/dialects  __init__
autograd_mini/program           entry
autograd_mini/program           compiled
autograd_mini/program           __init__

autograd_mini/testing           domains numeric points
autograd_mini/testing           kinds laws report slips
autograd_mini/testing           compare
autograd_mini/testing           derivatives functions strategies
autograd_mini/testing           checks graphs
autograd_mini/testing           __init__

autograd_mini/show              __init__ debug
autograd_mini/show/graph        reading text
autograd_mini/show/graph        __init__ expression layers
autograd_mini/show/graph        health
autograd_mini/show/graph        diagnosis
autograd_mini/show              listing
autograd_mini/show/explain      paths zoom
autograd_mini/show/explain      chain_rule
autograd_mini/show/explain      __init__
autograd_mini/show/layout       places ranks source type
autograd_mini/show/layout       layered
autograd_mini/show/layout       svg
autograd_mini/show/layout       __init__
autograd_mini/show/draw         composed formula picture sketch steps
autograd_mini/show/draw         brief
autograd_mini/show/draw         folding
autograd_mini/show/draw         labels
autograd_mini/show/draw         legend names
autograd_mini/show/draw         drawing
autograd_mini/show/draw         dot
autograd_mini/show/draw         __init__
autograd_mini/show/page         svg
autograd_mini/show/page         views
autograd_mini/show/page         facts
autograd_mini/show/page         __init__

autograd_mini                   __init__

nn/model                        __init__ init losses module
nn/model                        layers
nn/data                         __init__ augment batches mnist
nn/training                     __init__ blas compiled_step history interrupts optim ranks
nn/training                     schedules tensors
nn/training                     checkpoint evaluation progress
nn/training                     loop
nn/lesson                       __init__ text
nn/lesson                       descents nudges
nn/lesson                       sensitivity
nn/pictures                     __init__ figure network
nn/pictures                     lesson training
nn                              __init__
"""

# The front door offers what stands above it, to those who ask for it by that name.
OFFERED = {("autograd_mini/__init__", "nn/__init__")}

# The most lines of Python that a room and a package may have. Who needs more makes room first.
BUDGET = {
    "autograd_mini/engine": 2_184,
    "autograd_mini": 22_786,
    "nn": 5_464,
}


def floors() -> dict[str, int]:
    """The floor of each file that is listed, by its path without the ending."""
    lines = [line.split() for line in FLOORS.splitlines() if line]
    return {f"{folder}/{file}": i for i, (folder, *files) in enumerate(lines) for file in files}


def sources() -> list[Path]:
    """All Python files of both packages."""
    return sorted(p for package in ("autograd_mini", "nn") for p in (ROOT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    """What a file is called in FLOORS: `autograd_mini/engine/value`."""
    return path.relative_to(ROOT).with_suffix("").as_posix()


def room_of(file: str) -> str:
    """The room that a file stands in: a folder of the second level, or the file, at the first."""
    parts = file.split("/")
    return "/".join(parts[:2])


# ------------------------------------------------------------------------------------- imports
class Import(NamedTuple):
    """A line that imports, and a module, or a name in one, that it asks for."""

    line: int
    name: str


def imports(file: str, source: str) -> Iterator[Import]:
    """All that a source imports: at the top or inside a function, for types alone, by a string."""
    package = file.split("/")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield from (Import(node.lineno, f"{module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func
            called = called.id if isinstance(called, ast.Name) else called
            name = node.args[0]
            if called in ("import_module", "__import__") and isinstance(name, ast.Constant):
                dots = len(str(name.value)) - len(str(name.value).lstrip("."))
                above = package[: len(package) - dots + 1] if dots else []
                yield Import(node.lineno, ".".join([*above, str(name.value)[dots:]]))


def file_of(name: str, known: Iterable[str]) -> str:
    """The file of ours that a dotted name leads to, or "" for what is not ours.

    The name of a file that nobody has listed leads to the package that it would stand in.
    """
    parts = name.split(".")
    while parts:
        for file in ("/".join(parts), "/".join([*parts, "__init__"])):
            if file in known:
                return file
        parts.pop()
    return ""


def not_below(file: str, source: str) -> list[str]:
    """What a source imports that does not stand on a floor below it, a sentence each."""
    floor = floors()
    found = []
    for line, name in imports(file, source):
        asked = file_of(name, floor)
        if (
            asked
            and asked != file
            and (file, asked) not in OFFERED
            and floor[asked] >= floor[file]
        ):
            where = "beside" if floor[asked] == floor[file] else "above"
            found.append(f"{file}.py, line {line}: {name} stands {where} it, not below")
    return found


def room_imports() -> dict[str, set[str]]:
    """Which rooms each room imports from."""
    known = floors()
    table: dict[str, set[str]] = {room_of(file): set() for file in known}
    for path in sources():
        room = room_of(name_of(path))
        asked = {file_of(name, known) for _, name in imports(name_of(path), path.read_text())}
        table[room] |= {room_of(file) for file in asked if file} - {room}
    return table


# ---------------------------------------------------------------------------------------- lines
def lines_of(folder: str) -> int:
    """The lines of Python in a folder, or in a file that is named without its ending."""
    files = [p for p in sources() if f"{name_of(p)}/".startswith(f"{folder}/")]
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)


def sizes() -> list[str]:
    """The lines of each room, and of what has a budget beside it."""
    rooms = [room for package in ("autograd_mini", "nn") for room in (package, *of(package))]
    return [
        f"{lines_of(room):7,} {f'of {BUDGET[room]:,}' if room in BUDGET else '':10}  {room}"
        for room in rooms
    ]


def of(package: str) -> list[str]:
    """The folders of a package, from the ground up."""
    rooms = dict.fromkeys(map(room_of, floors()))
    return [room for room in rooms if room.startswith(package) and (ROOT / room).is_dir()]


if __name__ == "__main__":
    print("\n".join(sizes()))
    sys.exit(any(lines_of(room) > most for room, most in BUDGET.items()))
