"""Keep how_it_works.md true: `python docs/how_it_works.py` draws its picture and sets its links.

The picture, docs/floors.svg, is drawn from the list of rooms in tests/rooms.py and from what the
files import. A link of the page names a function, `[`record`](../autograd_mini/…#L…)`; the file
and the line are looked up.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT / "tests"))

from rooms import floors, name_of, room_imports, room_of, sources  # noqa: E402

from autograd_mini.colours import BLUE, ORANGE  # noqa: E402
from autograd_mini.show.draw.picture import Picture  # noqa: E402

PAGE, SVG = HERE / "how_it_works.md", HERE / "floors.svg"
LINK = re.compile(r"\[`([\w.]+)`\]\(\.\./([\w/]+\.py)(?:#L\d+)?\)")
GROUND = "autograd_mini/files"  # drawn with what stands beside it as one box
ONE = dict.fromkeys(("autograd_mini/console", "autograd_mini/users_line"), GROUND)
GREY = "#5A5A5A"


# --------------------------------------------------------------------------- the picture
def picture() -> Picture:
    """The rooms, what stands in them, and the arrows that do not follow from other arrows."""
    files: dict[str, list[str]] = {}
    for file in floors():
        files.setdefault(box(file), []).append(file.split("/")[2 if file.count("/") > 1 else 1])
    found = Picture("floors", node_attr={"shape": "box", "style": "filled", "fontsize": "11"})
    found.attr(rankdir="TB", ranksep="0.35", nodesep="0.3", fontname="Helvetica")
    found.attr("node", fontname="Helvetica", fillcolor="#F4F6F8", color=GREY)
    found.attr("edge", color=GREY, arrowsize="0.6")
    for room, names in files.items():
        colour = BLUE if room.endswith("/engine") else ORANGE if room.endswith("/ops") else GREY
        found.node(room, label_of(room, names), color=colour, penwidth="1.6")
    for room, below in sorted(reduced(arrows()).items()):
        for other in sorted(below):
            found.edge(room, other)
    return found


def box(file: str) -> str:
    """The box that a file is drawn in."""
    return ONE.get(file, room_of(file))


def label_of(room: str, names: list[str]) -> str:
    """The name of a room in bold, and what a reader finds there, a few names a line."""
    title = room.removesuffix("/__init__").removeprefix("autograd_mini/").replace("/", ".")
    shown = [n for n in names if n != "__init__"]
    if [title] == shown or room == "autograd_mini/files":
        return f"<<B>{', '.join(shown)}</B>>"
    lines = [""]
    for name in dict.fromkeys(shown):
        if len(lines[-1]) + len(name) > 44:
            lines.append("")
        lines[-1] += f"{' ' * bool(lines[-1])}{name}"
    what = "".join(f"<BR/>{line}" for line in lines if line) or "<BR/>the public names"
    return f"<<B>{title}</B>{what}>"


def arrows() -> dict[str, set[str]]:
    """From which boxes each box imports, of those below it."""
    order = list(dict.fromkeys(map(box, floors())))
    table: dict[str, set[str]] = {room: set() for room in order}
    for room, below in room_imports().items():
        table[box(room)].update(map(box, below))
    return {room: below & set(order[: order.index(room)]) for room, below in table.items()}


def reduced(table: dict[str, set[str]]) -> dict[str, set[str]]:
    """The same arrows without those that a longer way stands for."""

    def reached(room: str, seen: set[str]) -> set[str]:
        for other in table[room] - seen:
            seen.add(other)
            reached(other, seen)
        return seen

    return {
        room: {b for b in below if not any(b in reached(a, set()) for a in below - {b})}
        for room, below in table.items()
    }


# --------------------------------------------------------------------------- the links
def definitions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The names that a module defines, and those of its classes, with their lines."""
    for node in tree.body:
        for name in names_in(node):
            yield name, node.lineno
        if isinstance(node, ast.ClassDef):
            for part in node.body:
                yield from ((f"{node.name}.{name}", part.lineno) for name in names_in(part))


def names_in(node: ast.stmt) -> list[str]:
    """What a statement gives a name to."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets: list[Any] = getattr(node, "targets", [getattr(node, "target", None)])
    return [target.id for target in targets if isinstance(target, ast.Name)]


def linked(page: str) -> str:
    """The page with the file and the line of each function that it links to by name.

    Raises ValueError for a name that is defined nowhere, or in several files, none of them the
    one that the link has.
    """
    homes: dict[str, dict[str, int]] = {}
    for path in sources():
        for name, line in definitions(ast.parse(path.read_text(encoding="utf-8"))):
            homes.setdefault(name, {})[f"{name_of(path)}.py"] = line

    def link(match: re.Match[str]) -> str:
        name, file = match.groups()
        found = homes.get(name, {})
        if file not in found:
            if len(found) != 1:
                raise ValueError(f"{PAGE.name} links to {name} in {file}, found in {set(found)}")
            (file,) = found
        return f"[`{name}`](../{file}#L{found[file]})"

    return LINK.sub(link, page)


if __name__ == "__main__":
    PAGE.write_text(linked(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    picture().render(outfile=SVG, cleanup=True)
