"""The interactive page as far as its text shows: what is in it, and how it is written."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from draw_graphs import chain as long_chain
from hypothesis import given, settings
from hypothesis import strategies as st
from page_graphs import HOSTILE, chain, hostile, layered, network, scalar_graphs, wrong
from twelve_graphs import GRAPHS as TWELVE

from autograd_mini import Value, gradient_table
from autograd_mini.show.graph import Graph
from autograd_mini.show.graph.expression import expression
from autograd_mini.show.graph.text import plain
from autograd_mini.show.page import SCRIPTS, page_of, to_html
from autograd_mini.show.page.facts import as_json, facts_of
from autograd_mini.show.page.views import views_of
from autograd_mini.words import phrases

GRAPHS = [chain, layered, network, hostile, wrong]


class Parsed(HTMLParser):
    """Elements with their attributes and text, as a browser would find them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "input"):
            self.open.append(tag)
            self.text.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if self.open:
            self.text[self.open[-1]][-1] += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def facts_in(page: str) -> Any:
    return json.loads(Parsed(page).text["script"][0])


# ------------------------------------------------------------------------------------- safety
@pytest.mark.parametrize("graph", GRAPHS)
def test_nothing_is_loaded_and_only_what_the_policy_names_runs(graph: Any) -> None:
    page = Parsed(page_of(Graph(graph())))
    loading = {"src", "href", "xlink:href", "srcset", "action", "data", "poster", "style"}
    for tag, attributes in page.elements:
        assert not loading & set(attributes), f"<{tag}> has {loading & set(attributes)}"
        assert not [key for key in attributes if key.startswith("on")]
    policy = next(m["content"] for m in page.of("meta") if "http-equiv" in m) or ""
    assert policy.startswith("default-src 'none'; base-uri 'none'; form-action 'none';")
    assert "unsafe" not in policy
    assert "http" not in policy

    def hashes(texts: list[str]) -> list[str]:
        digests = (hashlib.sha256(text.encode()).digest() for text in texts)
        return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]

    assert f"style-src {' '.join(hashes(page.text['style']))};" in policy
    assert policy.endswith(f"script-src {' '.join(hashes(page.text['script'][1:]))}")
    assert len(page.of("script")) == 1 + len(SCRIPTS)


SKELETON = Parsed(page_of(Graph(Value(1.0, name="w") * 2)))


@given(st.text(max_size=40), st.sampled_from(HOSTILE))
@settings(max_examples=15)
def test_names_stay_text(drawn: str, hostile_name: str) -> None:
    for name in (drawn, hostile_name + drawn):
        text = page_of(Graph(Value(1.0, name=name) * 2))
        page = Parsed(text)
        assert {tag for tag, _ in page.elements} <= {tag for tag, _ in SKELETON.elements}
        assert len(page.of("script")) == len(SKELETON.of("script"))
        assert len(page.of("tr")) == len(SKELETON.of("tr"))
        assert facts_in(text)["name"][0] == (plain(name, 24) or "#0")
        shown = "".join(page.text["th"])
        assert (plain(name) or "#0") in shown


@given(st.recursive(st.text() | st.floats() | st.integers(), st.lists, max_leaves=8))
def test_json_comes_back_and_holds_no_markup(found: Any) -> None:
    text = as_json(found)
    assert not re.search("[<>&\u2028\u2029]", text)
    assert text.isascii()

    def back(x: Any) -> Any:
        if isinstance(x, dict):
            return float(x["x"].replace("Infinity", "inf"))
        return [back(y) for y in x] if isinstance(x, list) else x

    np.testing.assert_equal(back(json.loads(text)), found)


# --------------------------------------------------------------------------------------- data
@given(scalar_graphs())
def test_shares_add_up_to_the_librarys_gradients_to_the_last_bit(root: Value) -> None:
    graph = Graph(root)
    found = facts_of(graph, [])
    table = gradient_table(root)
    sums: dict[int, float] = {len(graph) - 1: found["seed"]}
    for i in reversed(range(len(graph))):
        for arg, share in zip(found["args"][i], found["share"][i], strict=True):
            if share is not None:
                sums[arg] = sums[arg] + share if arg in sums else share
    assert [sums.get(i) for i in range(len(graph))] == [table.get(node) for node in graph.nodes]
    assert found["value"] == [node.item() for node in graph.nodes]


def test_formulas_are_told_in_symbols_and_in_numbers() -> None:
    found = facts_of(Graph(chain()), [])
    z = found["name"].index("z")
    assert found["formula"][z].endswith("+ b")
    assert found["numbers"][z] == "1 + (−1.2)"
    a = found["name"].index("a")
    assert (found["formula"][a], found["numbers"][a]) == ("σ(z)", "σ(−0.2)")


def test_arrays_are_told_by_shape_and_summary_and_rules() -> None:
    found = facts_of(Graph(layered()), [])
    i = found["name"].index("W1")
    assert not found["plain"]
    assert found["shape"][i] == "3×4 float64"
    assert found["gradient"][i].startswith("mean ")
    product = next(k for k, args in enumerate(found["args"]) if i in args)
    assert found["local"][product] == ["g @ W1ᵀ", "xᵀ @ g"]


def test_every_node_has_its_box_in_each_picture() -> None:
    graph = Graph(network())
    found = views_of(graph, budget=100)
    assert [view.opens for view in found][:1] == [""]
    assert len(found) > 3
    for view in found:
        drawn = {int(n) for n in re.findall(r'data-node="(\d+)"', view.svg)}
        assert drawn == {box.top for box in view.folding.boxes}, f"view {view.opens!r}"
        assert sorted(view.folding.place) == list(range(len(graph)))
    opened = found[1]
    top = int(opened.opens.removeprefix("#"))
    assert len(opened.folding.boxes) > len(found[0].folding.boxes)
    assert opened.folding.boxes[opened.folding.place[top]].kind == "node"


def test_the_sign_of_a_gradient_is_told_by_dashes_and_a_sign() -> None:
    graph = Graph(chain())
    svg = views_of(graph)[0].svg
    seen = set()
    for edge in re.findall(
        r'<g class="edge[^"]*" data-from="\d+".*?(?=<g class="(?:edge|node))', svg
    ):
        start, end = map(int, re.search(r'from="(\d+)" data-to="(\d+)"', edge).groups())  # type: ignore[union-attr]
        flow = graph.flows(end)[graph.args[end].index(start)]
        mark = re.search(r'<g class="sign">.*>(.)</text>', edge)
        assert mark
        assert mark[1] == ("+" if flow > 0 else "−")
        assert ("stroke-dasharray" in edge) == (flow < 0)
        seen.add(mark[1])
    assert seen == {"+", "−"}


def test_the_table_has_every_value_and_gradient() -> None:
    root = chain()
    graph = Graph(root)
    page = Parsed(page_of(graph))
    numbers = [float(data["value"] or "") for data in page.of("data")]
    table = gradient_table(root)
    assert numbers == [x for node in graph.nodes for x in (node.item(), table[node])]


def test_of_a_long_chain_the_table_has_both_ends() -> None:
    x = root = Value(1.0, name="x")
    for _ in range(6_000):
        root = root + 1
    page = page_of(Graph(root))
    assert "… 4,001 more …" in page
    assert 'data-row="0"' in page
    assert 'data-row="6000"' in page
    assert 'data-row="3000"' not in page
    assert x.grad is None


# --------------------------------------------------------------------------------------- file
@pytest.mark.parametrize("graph", GRAPHS)
def test_the_page_is_at_most_60_kb_beside_the_graphs_own_data(graph: Any) -> None:
    page = page_of(Graph(graph()))
    own = re.findall(r"<svg.*?</svg>|<tbody>.*?</tbody>|<script type=.*?</script>", page, re.S)
    rest = len(page.encode()) - sum(len(part.encode()) for part in own)
    assert 20_000 < rest <= 60_000


PROGRAM = """
import sys
sys.path.insert(0, "tests")
from page_graphs import {name}
from autograd_mini.show.graph import Graph
from autograd_mini.show.page import page_of
sys.stdout.buffer.write(page_of(Graph({name}()), budget=100).encode())
"""


@pytest.mark.parametrize("name", ["layered", "network"])
def test_the_same_graph_gives_the_same_bytes_in_every_process(name: str) -> None:
    root = Path(__file__).parent.parent
    pages = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM.format(name=name)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=root,
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(pages) == 1


def test_the_path_comes_back_and_no_gradient_is_touched(tmp_path: Path) -> None:
    root = chain()
    path = to_html(root, str(tmp_path / "new" / "page.html"))
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert root.grad is None
    assert os.listdir(path.parent) == ["page.html"]


def test_a_file_that_cannot_be_written_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match=r"cannot write .*taken"):
        to_html(chain(), tmp_path / "taken")
    (tmp_path / "file").write_text("kept")
    with pytest.raises(OSError, match=r"cannot write .*page\.html"):
        to_html(chain(), tmp_path / "file" / "page.html")
    assert (tmp_path / "file").read_text() == "kept"
    assert sorted(os.listdir(tmp_path)) == ["file", "taken"]
    assert os.listdir(tmp_path / "taken") == []


def test_an_old_page_stays_whole_where_the_new_one_fails(tmp_path: Path) -> None:
    path = to_html(chain(), tmp_path / "page.html")
    before = path.read_bytes()
    with pytest.raises(ValueError, match="direction"):
        to_html(layered(), path, direction="diagonal")
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["page.html"]


def test_a_root_that_is_no_value(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="a Value as its root, not float"):
        to_html(3.0, tmp_path / "page.html")  # type: ignore[arg-type]
    assert os.listdir(tmp_path) == []


# --------------------------------------------------------------------------------- in Russian
FOLDER = Path(to_html.__code__.co_filename).parent


def asked_for() -> list[str]:
    """Every phrase that the parts of the page ask for in the language of the page."""
    template = (FOLDER / "template.html").read_text(encoding="utf-8")
    found = re.findall(r"\[\[(.*?)\]\]", template)
    for name in SCRIPTS:
        script = (FOLDER / name).read_text(encoding="utf-8")
        script = re.sub(r'" \+\s+"', "", script)  # a string in two lines
        found += re.findall(r'\bword\(\s*"(.*?)"', script)
        found += re.findall(r'\b(?:rows\.push\(|rows = \[)\["(.*?)"', script)
        counted = re.findall(r'\bplural\([^"`;]*?, "(.*?)"\)', script)
        found += ["leaves" if what == "leaf" else f"{what}s" for what in counted]
        found += re.findall(r'"([A-Z][^"]* [^"]*\.)"', script)
    found += re.findall(r'\bsay\("(.*?)"\)', (FOLDER / "__init__.py").read_text(encoding="utf-8"))
    return [phrase for phrase in found if re.search("[a-z]{2}", phrase)]


def test_every_phrase_of_the_page_has_its_words_in_russian() -> None:
    asked = asked_for()
    assert len(asked) > 80
    assert {phrase for phrase in asked if phrase not in phrases("ru")} == set()


def test_a_russian_page_is_russian_and_an_english_one_is_not() -> None:
    russian, english = (page_of(Graph(network()), language=language) for language in ("ru", "en"))
    assert '<html lang="ru">' in russian
    assert '<html lang="en">' in english
    assert "[[" not in re.sub("<script.*?</script>", "", russian, flags=re.DOTALL)
    assert not re.search("[а-я]", english)
    assert json.loads(russian.split('id="facts">')[1].split("<")[0])["words"] == phrases("ru")
    assert json.loads(english.split('id="facts">')[1].split("<")[0])["words"] == {}
    with pytest.raises(ValueError, match="language"):
        page_of(Graph(network()), language="xx")


# ---------------------------------------------------------------------------------- large graphs
@pytest.mark.parametrize("name", ["6 RK4, 5 steps", "11 tangle, 4,650", "5 used 50 times"])
def test_views_are_as_many_as_there_is_time_for(name: str) -> None:
    found = views_of(Graph(TWELVE[name]()), budget=100)
    arrows = found[0].svg.count('class="edge')
    assert len(found) - 1 <= max(60_000 // arrows**2, 0)
    assert len(found) <= 41


def test_a_large_page_is_small_and_says_what_it_leaves_out() -> None:
    page = page_of(Graph(long_chain(20_000)))
    assert len(page.encode()) < 1_500_000
    assert "18,001 more" in page
    told = json.loads(page.split('id="facts">')[1].split("<")[0])
    assert told["compact"] is True
    assert len(told["templates"]) < 10
    graph = Graph(long_chain(20_000))
    for i in (1, 77, 19_999):
        text = told["templates"][told["formula"][i]]
        args = [i - arg if isinstance(arg, int) else arg for arg in told["args"][i]]
        spelled = re.sub(r"@(\d)", lambda m, args=args: f"#{args[int(m[1])]}", text)
        assert spelled == expression(graph, i)
        assert told["value"][i] == pytest.approx(graph.seen[i], rel=1e-4)
