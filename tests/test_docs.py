"""Pages that are made from the code agree with it."""

import ast
import doctest
import importlib.util
import re
import runpy
import tomllib
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import autograd_mini
from autograd_mini import ops

DOCS = Path(__file__).parent.parent / "docs"


def test_the_table_of_ops_is_up_to_date_and_whole() -> None:
    spec = importlib.util.spec_from_file_location("op_table", DOCS / "op_table.py")
    assert spec is not None
    assert spec.loader is not None
    op_table = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(op_table)
    page = op_table.table()
    assert (DOCS / "ops.md").read_text(encoding="utf-8") == page, "run python docs/op_table.py"
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    names = {line.split(" | ")[0].removeprefix("| ") for line in rows}
    assert {op.name for op in ops.TABLE.values()} <= names


PAGES = sorted(page.name for page in (DOCS / "tutorial" / "en").glob("*.md"))


def test_the_tutorial_has_the_same_pages_in_both_languages() -> None:
    assert len(PAGES) == 10  # nine and the contents
    assert sorted(page.name for page in (DOCS / "tutorial" / "ru").glob("*.md")) == PAGES


@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs_the_same_program_in_both_languages(page: str) -> None:
    english, russian = (program(DOCS / "tutorial" / language / page) for language in ("en", "ru"))
    assert english == russian


def program(page: Path) -> list[str]:
    """The statements of a page, without what they say to the reader."""
    examples = doctest.DocTestParser().get_examples(page.read_text(encoding="utf-8"))
    return [ast.dump(WithoutSpeech().visit(ast.parse(example.source))) for example in examples]


class WithoutSpeech(ast.NodeTransformer):
    """Drops what is printed around numbers, how these are written, and the language of tables."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node.keywords = [word for word in node.keywords if word.arg != "language"]
        return self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        spoken = [part for part in node.values if isinstance(part, ast.FormattedValue)]
        return ast.JoinedStr(values=[self.visit(part.value) for part in spoken])


def test_the_site_gets_the_page_of_a_neuron_that_the_tutorial_links_to(tmp_path: Path) -> None:
    conf = runpy.run_path(str(DOCS / "conf.py"))
    conf["with_the_page_of_a_neuron"](SimpleNamespace(outdir=tmp_path), None)
    for language, name in {"en": "neuron.html", "ru": "neuron-ru.html"}.items():
        page = (tmp_path / name).read_text(encoding="utf-8")
        assert f'<html lang="{language}">' in page
        text = (DOCS / "tutorial" / language / "6-chain.md").read_text(encoding="utf-8")
        assert f'href="../../{name}"' in text  # from a page two folders down


# ------------------------------------------------------------------------- the tutorial's pages
CHAPTERS = [page for page in PAGES if page != "index.md"]


def prose(page: Path) -> str:
    return re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("page", CHAPTERS)
def test_a_page_says_where_it_stands_and_asks_three_questions(page: str, language: str) -> None:
    text = (DOCS / "tutorial" / language / page).read_text(encoding="utf-8")
    words = prose(DOCS / "tutorial" / language / page)
    assert re.search(r"^\*(In the lesson|В уроке): ", text, re.MULTILINE)
    assert re.search(r"^\*\*(People ask|Спрашивают):\*\*", text, re.MULTILINE)
    answers = re.findall(r"<details><summary>(.*?)</details>", text, re.DOTALL)
    assert len(answers) == 3
    assert all(">>>" in answer for answer in answers)  # and pytest runs what stands there
    agreed = [answer for answer in answers if re.search(r"^(Yes|Да)\b", answer, re.MULTILINE)]
    assert not any(re.search(r"^False$", answer, re.MULTILINE) for answer in agreed)
    assert len(words.split()) <= 900
    numbered = [int(name.split("-")[0]) for name in CHAPTERS]
    following = f"({numbered.index(int(page[0])) + 2}-"
    assert following in words or page == CHAPTERS[-1]


def test_the_contents_are_links_that_every_reader_has() -> None:
    for language in ("en", "ru"):
        words = prose(DOCS / "tutorial" / language / "index.md")
        assert re.findall(r"\]\((\d-[\w-]+\.md)\)", words) == CHAPTERS


def test_the_pictures_of_the_tutorial_are_up_to_date() -> None:
    """Their words and numbers; where Graphviz puts them, each version decides for itself."""
    pictures = runpy.run_path(str(DOCS / "tutorial" / "make_pictures.py"))
    made = {
        (pictures["HERE"] / ("" if language == "en" else language) / f"{name}.svg"): svg
        for language, name, svg in pictures["pictures"]()
    }
    for path, svg in made.items():
        assert "prefers-color-scheme: dark" in svg
        if path.stem != "descents":  # which tells how long the steps took
            kept = path.read_text(encoding="utf-8")
            assert words_of(kept) == words_of(svg), "run python docs/tutorial/make_pictures.py"
    assert set((DOCS / "tutorial" / "pictures").rglob("*.svg")) == set(made)


def words_of(svg: str) -> list[str]:
    found = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    return sorted(text.strip() for text in found if text.strip())


GUIDE = [page for page in DOCS.rglob("*.md") if page.parent != DOCS / "api"]
LATE = {"compile", "to_html", "CannotCompileError"}  # imported when they are asked for


def test_every_public_name_stands_on_a_page_of_the_guide() -> None:
    guide = "\n".join(page.read_text(encoding="utf-8") for page in GUIDE)
    own = {n for n, x in vars(autograd_mini).items() if not isinstance(x, ModuleType | dict)}
    public = LATE | {n for n in own - {"Any", "TYPE_CHECKING"} if not n.startswith("_")}
    assert {name for name in public if not re.search(rf"\b{name}\b", guide)} == set()


@pytest.mark.parametrize("page", [DOCS.parent / "README.md", *DOCS.rglob("*.md")], ids=str)
def test_what_a_page_links_to_is_in_the_repository(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in re.findall(r"""(?:\]\(|href=")([^)"#\s]+)""", text):
        if "://" not in link and not re.search(
            r"/neuron(-ru)?\.html$", link
        ):  # made with the site
            assert (page.parent / link).exists(), f"{page.name} links to {link}"


# ------------------------------------------------------------------------------------ the README
README = (DOCS.parent / "README.md").read_text(encoding="utf-8")


def test_each_line_of_code_in_the_readmes_table_runs() -> None:
    names: dict[str, Any] = {}
    example: list[str] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    for part in doctest.DocTestParser().get_examples(example[0]):
        exec(part.source, names)
    rows = re.findall(r"^\| [^|]+ \| `([^`]+)` \| \[", README, re.MULTILINE)
    assert len(rows) == 11
    for line in rows:
        if line.startswith("python "):  # an example: test_examples runs it
            assert (DOCS.parent / line.split()[1]).exists()
        else:
            exec(line, names)


def test_the_readme_names_every_example() -> None:
    table = README[README.index("## The examples") :]
    named = set(re.findall(r"`(\w+)`", table[: table.index("## What")]))
    examples = {path.stem for path in (DOCS.parent / "examples").glob("*.py")}
    assert examples <= named


def test_the_readme_of_the_package_has_no_link_that_leads_nowhere() -> None:
    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))
    hook = project["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]
    text = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    for each in hook["substitutions"]:
        text = re.sub(each["pattern"], each["replacement"], text)
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert links
    assert all(link.startswith("https://") for link in links)
    assert "| the network, 13,002 weights and biases | `nn.draw_network(" in text
