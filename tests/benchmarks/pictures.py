"""How large the type is in pictures of twelve kinds of graphs, and how long they and pages take.

python tests/benchmarks/pictures.py [--pages] [WORDS OF THE NAMES]

"Slide" is the height of the picture's 11-point type, in px, when the whole picture is fitted into
1280 x 720, "column" when it is fitted into a width of 700 and not enlarged; below 6 nobody reads.
"""

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from twelve_graphs import GRAPHS, in_column, on_slide, size_of

from autograd_mini import draw, to_html
from autograd_mini.show.graph import Graph


def main() -> None:
    """Print a row for each graph."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", help="only graphs whose names have one of these")
    parser.add_argument("--pages", action="store_true", help="make pages too")
    parser.add_argument("--detail", help="as for draw")
    parser.add_argument("--to", type=Path, help="a folder to write the pictures into")
    options = parser.parse_args()
    how: dict[str, Any] = {"detail": options.detail} if options.detail else {}
    print(f"{'graph':20} {'nodes':>7} {'boxes':>6} {'draw':>6} {'dot':>6} {'kB':>6} {'px':>12}"
          f" {'slide':>6} {'column':>6} {'page s':>7} {'MB':>5}")  # fmt: skip
    for name, make in GRAPHS.items():
        if options.words and not any(word in name for word in options.words):
            continue
        root = make()
        start = time.perf_counter()
        picture = draw(root, **how)
        drawn = time.perf_counter()
        svg = picture.pipe("svg", encoding="utf-8")
        laid_out = time.perf_counter()
        boxes = len(re.findall(r'class="node"', svg))
        width, height = size_of(svg)
        page = ""
        if options.pages:
            with tempfile.TemporaryDirectory() as folder:
                begin = time.perf_counter()
                path = to_html(root, f"{folder}/page.html")
                page = f"{time.perf_counter() - begin:7.1f} {path.stat().st_size / 1e6:5.2f}"
        if options.to:
            options.to.mkdir(parents=True, exist_ok=True)
            name_of = re.sub(r"\W+", "-", name)
            (options.to / f"{name_of}.svg").write_text(svg, encoding="utf-8")
        nodes = len(Graph(root))
        print(f"{name:20} {nodes:7,} {boxes:6} {drawn - start:6.2f} {laid_out - drawn:6.2f}"
              f" {len(svg) / 1000:6.0f} {width:5.0f}x{height:<6.0f} {on_slide(svg):6.1f}"
              f" {in_column(svg):6.1f} {page}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
