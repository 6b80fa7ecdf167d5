"""The page for readers of the code names functions that are there; its picture is of today."""

import re
import runpy
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parent.parent / "docs"
AGAIN = "run python docs/how_it_works.py, or make generated"


@pytest.fixture(scope="module")
def maker() -> dict[str, Any]:
    return runpy.run_path(str(DOCS / "how_it_works.py"))


def test_its_links_lead_to_the_lines_of_the_functions(maker: dict[str, Any]) -> None:
    page = (DOCS / "how_it_works.md").read_text(encoding="utf-8")
    assert maker["linked"](page) == page, AGAIN
    links = maker["LINK"].findall(page)
    assert len(links) > 10
    assert len(links) == page.count("](../autograd_mini"), "a link that names no function"


def test_a_link_follows_its_function_to_another_file(maker: dict[str, Any]) -> None:
    found = maker["linked"]("see [`fitted`](../autograd_mini/trees.py#L7).")
    assert re.fullmatch(r"see \[`fitted`\]\(\.\./autograd_mini/engine/\w+\.py#L\d+\)\.", found)


@pytest.mark.parametrize("name", ["no_such_function", "pull_back"])  # the second is in two files
def test_a_name_that_leads_nowhere_is_refused(name: str, maker: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=name):
        maker["linked"](f"[`{name}`](../autograd_mini/trees.py)")


def test_the_picture_has_the_rooms_and_arrows_of_today(maker: dict[str, Any]) -> None:
    today = said(ET.fromstring(maker["picture"]().pipe("svg")))
    assert said(ET.parse(DOCS / "floors.svg").getroot()) == today, AGAIN
    assert {"autograd_mini/ops->autograd_mini/engine", "nn/pictures->nn/lesson"} <= set(today)


def said(svg: ET.Element) -> list[str]:
    """Boxes, arrows and words, in no order: where they stand depends on Graphviz's version."""
    space = "{http://www.w3.org/2000/svg}"
    found = [" ".join("".join(t.itertext()).split()) for t in svg.iter(f"{space}text")]
    return sorted(found + [t.text or "" for t in svg.iter(f"{space}title")])


def test_arrows_that_follow_from_others_are_left_out(maker: dict[str, Any]) -> None:
    table = {"a": {"b", "c", "d"}, "b": {"c"}, "c": set(), "d": set()}
    assert maker["reduced"](table) == {"a": {"b", "d"}, "b": {"c"}, "c": set(), "d": set()}
