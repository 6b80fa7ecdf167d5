"""Pictures with and without a `dot` program, and the files and notebooks that they end in."""

import html
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import graphviz
import pytest
from draw_graphs import network, neuron, scalar_mlp, texts

import autograd_mini
from autograd_mini import Value, to_html
from autograd_mini.show.draw import draw


@pytest.fixture
def no_dot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def no_graphviz(monkeypatch: pytest.MonkeyPatch, no_dot: None) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.mark.usefixtures("no_dot")
def test_pygraphviz_takes_the_place_of_dot(tmp_path: Path) -> None:
    picture = draw(neuron())
    assert picture.pipe("png").startswith(b"\x89PNG")
    assert picture.pipe("svg", encoding="utf-8").startswith("<?xml")
    assert picture.pipe(format="svg", engine="neato").startswith(b"<?xml")
    written = picture.render(tmp_path / "lesson", format="svg")
    assert Path(written).read_bytes().startswith(b"<?xml")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["lesson", "lesson.svg"]
    assert picture.render(outfile=tmp_path / "other.png", cleanup=True).endswith("other.png")
    assert not (tmp_path / "other.gv").exists()
    assert picture._repr_mimebundle_()["image/svg+xml"].startswith("<?xml")


@pytest.mark.usefixtures("no_graphviz")
def test_without_any_graphviz_svg_is_there_and_other_formats_say_how_to_get_them(
    tmp_path: Path,
) -> None:
    picture = draw(neuron())
    with pytest.raises(graphviz.ExecutableNotFound, match=r"pip install 'autograd-mini\[dot\]'"):
        picture.pipe("png")
    with pytest.raises(graphviz.ExecutableNotFound, match='SVG needs no program, format="svg"'):
        picture.render(tmp_path / "lesson", format="pdf")
    with pytest.raises(graphviz.ExecutableNotFound):
        picture.pipe("svg", engine="neato")
    assert list(tmp_path.iterdir()) == []
    assert picture.pipe("svg").startswith(b"<?xml")
    assert picture._repr_mimebundle_()["image/svg+xml"].startswith("<?xml")
    written = picture.render(tmp_path / "lesson", format="svg")
    assert Path(written).read_bytes() == picture.pipe("svg")
    to_html(neuron(), tmp_path / "new" / "page.html")
    assert (tmp_path / "new" / "page.html").exists()


def test_where_no_process_can_be_started_no_picture_fails_with_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise OSError(138, "emscripten does not support processes")

    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setattr(subprocess, "Popen", refused)
    picture = draw(neuron())
    assert picture.pipe("svg", encoding="utf-8").startswith("<?xml")
    assert "image/svg+xml" in picture._repr_mimebundle_()
    assert "<svg" in str(to_html(neuron()))
    with pytest.raises(graphviz.ExecutableNotFound, match="SVG needs no program"):
        picture.pipe("png")


@pytest.mark.parametrize("make", [neuron, network, scalar_mlp])
def test_a_picture_says_the_same_however_it_is_laid_out(
    make: Callable[[], Value], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    picture = draw(make())
    laid_out = sorted(texts(picture))  # by the dot program, if there is one
    monkeypatch.setenv("PATH", str(tmp_path))
    assert sorted(texts(picture)) == laid_out
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    assert sorted(texts(picture)) == laid_out


def test_a_layout_that_fails_leaves_no_file_and_a_notebook_shows_text(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "dot"
    program.write_text(
        f"#!{sys.executable}\nprint('half of a pic', flush=True)\nraise SystemExit(1)\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    picture = draw(neuron())
    with pytest.raises(subprocess.CalledProcessError):
        picture.render(tmp_path / "lesson", format="svg")
    assert [p.name for p in tmp_path.iterdir()] == ["dot"]
    assert "sigmoid(z)" in picture._repr_mimebundle_()["text/plain"]


def test_an_interrupted_write_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    picture = draw(neuron())
    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        picture.save(tmp_path / "lesson.gv")
    assert list(tmp_path.iterdir()) == []


def test_a_dot_program_is_used_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "dot"
    program.write_text(
        f"#!{sys.executable}\nimport sys\n"
        "text = sys.stdin.buffer.read()\n"
        "words = ['laid out', *sys.argv[1:]]\n"
        "sys.stdout.buffer.write(' '.join(words).encode() + text)\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    picture = draw(neuron())
    data = picture.pipe("svg")
    assert data.startswith(b"laid out -Kdot -Tsvg")
    assert data.endswith(picture.source.encode())


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_what_cannot_be_written_is_said_in_one_sentence(tmp_path: Path) -> None:
    picture = draw(neuron())
    (tmp_path / "file").write_text("old")
    with pytest.raises(OSError, match=r"cannot write .*file/lesson\.svg: ") as caught:
        picture.render(tmp_path / "file" / "lesson", format="svg")
    assert "\n" not in str(caught.value)
    with pytest.raises(OSError, match="cannot write"):
        picture.save(tmp_path / "file" / "lesson")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match=r"cannot write .*folder: "):
        picture.render(outfile=tmp_path / "folder", format="svg")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]
    assert (tmp_path / "file").read_text() == "old"


# --------------------------------------------------------------------------------- in a notebook
def test_a_page_without_a_path_shows_itself_and_saves_itself(tmp_path: Path) -> None:
    page = to_html(neuron())
    assert str(page) == to_html(neuron(), tmp_path / "page.html").read_text(encoding="utf-8")
    shown = page._repr_html_()
    inside = html.unescape(shown.partition('srcdoc="')[2].partition('"')[0])
    assert inside == str(page)
    assert page.save(tmp_path / "new" / "again.html").read_text(encoding="utf-8") == str(page)
    assert len(repr(page)) < 80


def test_star_gives_all_that_is_public_and_no_module_of_pythons() -> None:
    names: dict[str, Any] = {}
    exec("from autograd_mini import *", names)
    assert {"draw", "explain", "listing", "to_html", "compile", "Value"} <= names.keys()
    assert not {"Any", "TYPE_CHECKING", "annotations"} & names.keys()
    assert all(hasattr(autograd_mini, name) for name in autograd_mini.__all__)
