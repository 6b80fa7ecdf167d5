"""Write the tutorial and the guide to notebooks as notebooks: `python docs/notebooks.py`.

An example of a page becomes a cell that ends where the page shows what it gives; its results are
left out, as whoever runs the cell sees them. Pictures are put into the text, so that a notebook
needs no other file.
"""

import base64
import doctest
import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).parent
PAGES = [*sorted((DOCS / "tutorial" / "en").glob("[1-9]-*.md")), DOCS / "notebooks.md"]
FOLDER = DOCS / "tutorial" / "notebooks"
INSTALL = """\
try:
    import autograd_mini
except ImportError:
    %pip install -q "autograd-mini[mnist]"
"""
_BLOCK = re.compile(r"^```python\n(.*?)^```\n", re.M | re.S)
_PRINTED = re.compile(r"print\(((?:\w+\.)*(?:explain|listing|table|neuron|adding_up)\(.*\))\)")


def files() -> dict[Path, str]:
    """The text of each notebook."""
    return {FOLDER / f"{page.stem}.ipynb": notebook(page) for page in PAGES}


def notebook(page: Path) -> str:
    """A page as a notebook, in the format of version 4.5."""
    cells = [_cell("code", INSTALL, "install")]
    hidden = False  # the code of an answer is, until it is asked for
    for place, part in enumerate(_BLOCK.split(page.read_text(encoding="utf-8"))):
        if place % 2:
            for data in re.findall(r'"(examples/\w+\.csv)"', part):
                cells.append(_cell("code", _written(data), f"cell-{len(cells)}", hidden=True))
            for source in _examples(part):
                cells.append(_cell("code", source, f"cell-{len(cells)}", hidden=hidden))
            continue
        if "details>" in part:
            hidden = part.rfind("<details>") > part.rfind("</details>")
        if prose := _prose(part, page):
            cells.append(_cell("markdown", prose, f"cell-{len(cells)}"))
    about = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    whole = {"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _examples(block: str) -> Iterator[str]:
    """The code of a block, a cell for each result that the page shows."""
    lines: list[str] = []
    for example in doctest.DocTestParser().get_examples(block):
        source = re.sub(r"\s*# doctest: .*", "", example.source.rstrip())
        lines.append(_PRINTED.sub(r"\1", source))
        if example.want:
            yield "\n".join(lines)
            lines = []
    if lines:
        yield "\n".join(lines)


def _written(data: str) -> str:
    """Code that writes a file of the examples to where the page finds it."""
    folder, text = Path(data).parent, (DOCS.parent / data).read_text(encoding="utf-8")
    return f'''\
from pathlib import Path

Path("{folder}").mkdir(exist_ok=True)
Path("{data}").write_text("""\\
{text}""")'''


def _prose(text: str, page: Path) -> str:
    text = re.sub(r"!\[([^]]*)\]\(([^)]+\.svg)\)", lambda m: _picture(m, page), text)
    text = re.sub(r" ?\[По-русски\]\([^)]+\)\.?", "", text)
    text = re.sub(r"\[([^]]+)\]\((\d-[\w-]+)\.md\)", r"[\1](\2.ipynb)", text)
    text = re.sub(r"\[([^]]+)\]\((?!https?:|data:|\d-)[^)]+\)", r"\1", text)
    text = re.sub(r"<details><summary>\s*(.*?)\s*</summary>", r"**\1**", text, flags=re.S)
    return text.replace("</details>", "").strip()


def _picture(found: re.Match[str], page: Path) -> str:
    data = base64.b64encode((page.parent / found[2]).read_bytes()).decode()
    return f"![{found[1]}](data:image/svg+xml;base64,{data})"


def _cell(kind: str, source: str, name: str, *, hidden: bool = False) -> dict[str, object]:
    lines = textwrap.dedent(source).strip("\n").splitlines(keepends=True)
    metadata = {"jupyter": {"source_hidden": True}} if hidden else {}
    cell: dict[str, object] = {
        "cell_type": kind,
        "id": name,
        "metadata": metadata,
        "source": lines,
    }
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
