"""Pages that are made from the code agree with it."""

import ast
import doctest
import importlib.util
import re
from pathlib import Path

import pytest

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
    assert len(PAGES) == 8  # seven and the contents
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
    """Drops what is printed around numbers, and how these are written."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        spoken = [part for part in node.values if isinstance(part, ast.FormattedValue)]
        return ast.JoinedStr(values=[self.visit(part.value) for part in spoken])


@pytest.mark.parametrize("page", [DOCS.parent / "README.md", *DOCS.rglob("*.md")], ids=str)
def test_what_a_page_links_to_is_in_the_repository(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in re.findall(r"""(?:\]\(|href=")([^)"#\s]+)""", text):
        if "://" not in link:
            assert (page.parent / link).exists(), f"{page.name} links to {link}"
