"""Draw four graphs here and with others, and write what was measured into beside_others.md.

python docs/beside_others.py [--peers PYTHON]

PYTHON is an interpreter that has torch, torchviz, torchview and micrograd; without it, only our
own pictures are made anew, and all seconds stay as they were. The pictures go into docs/beside/.
Sizes are those of the SVG; "slide" is the height of the picture's main type, in px, when the whole
picture is fitted into 1280 x 720.
"""

import argparse
import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FOLDER, PAGE = HERE / "beside", HERE / "beside_others.md"
GRAPHS = {
    "neuron": "one neuron of single numbers",
    "network": "784-16-16-10, 100 images at once",
    "rnn": "a recurrent cell, eight steps, a cost at each",
    "attention": "layer norm, attention, layer norm, two layers",
}
TABLE = re.compile(r"(?<=<!-- measured -->\n).*?(?=\n<!-- end -->)", re.DOTALL)


def main() -> None:
    """Draw all pictures, and set the table of the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", help="an interpreter that has the others")
    options = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    before = json.loads((FOLDER / "measured.json").read_text()) if options.peers is None else {}
    known = before | ours()
    for name in before:
        known[name][1] = before[name][1]  # seconds are those of the run that had the others
    if options.peers:
        done = subprocess.run(
            [options.peers, HERE / "beside_peers.py", FOLDER],
            check=True,
            capture_output=True,
            text=True,
        )
        known |= json.loads(done.stdout.splitlines()[-1])
    (FOLDER / "measured.json").write_text(json.dumps(known, indent=1) + "\n")
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(TABLE.sub(lambda _: table(known), text), encoding="utf-8")


def ours() -> dict[str, Any]:
    """The four graphs as `draw` shows them by itself."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from draw_graphs import neuron
    from twelve_graphs import attention, lesson, rnn

    from autograd_mini import draw

    found = {}
    for name, make in {
        "neuron": neuron,
        "network": lesson,
        "rnn": rnn,
        "attention": attention,
    }.items():
        root = make()
        start = time.perf_counter()
        svg = draw(root).pipe("svg", encoding="utf-8")
        found[f"autograd_mini {name}"] = [svg_size(svg), time.perf_counter() - start, 11]
        (FOLDER / f"autograd_mini-{name}.svg").write_text(svg, encoding="utf-8")
    return found


def svg_size(svg: str) -> tuple[int, int]:
    """Width and height in px."""
    size = re.search(r'<svg width="(\d+)pt" height="(\d+)pt"', svg)
    assert size
    return round(int(size[1]) * 4 / 3), round(int(size[2]) * 4 / 3)


def contents(svg: str) -> tuple[int, int, int]:
    """Boxes, arrows, and numbers that are written in a picture, other than shapes."""
    boxes, arrows = (len(re.findall(f'class="{kind}', svg)) for kind in ("node", "edge"))
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    number = r"(?<![\w.#×\[(])[-−]?\d+\.\d+(?:e[-−+]?\d+)?"
    return boxes, arrows, sum(len(re.findall(number, text)) for text in texts)


def table(measured: dict[str, Any]) -> str:
    """What was measured, a row for each program and graph."""
    heads = ("graph", "drawn by", "px", "type on a slide, px", "s", "boxes", "arrows", "numbers")
    lines = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    for name, what in GRAPHS.items():
        for program in ("autograd_mini", "torchviz", "torchview", "micrograd"):
            if f"{program} {name}" in measured:
                (width, height), seconds, points = measured[f"{program} {name}"]
                kind = points * 4 / 3 * min(1280 / width, 720 / height)
                picture = f"[{program}](beside/{program}-{name}.svg)"
                svg = (FOLDER / f"{program}-{name}.svg").read_text(encoding="utf-8")
                cells = [what, picture, f"{width} × {height}", f"{kind:.1f}", f"{seconds:.2f}"]
                lines.append(f"| {' | '.join([*cells, *map(str, contents(svg))])} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
