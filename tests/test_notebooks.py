"""The notebooks are the pages they are made from, run as they are, and show what they should."""

import copy
import importlib.util
import io
import json
import pickle
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import nn
from autograd_mini import Value, compile, draw, listing, to_html
from autograd_mini.notebook import Table, curves, is_notebook, width
from nn.training.progress import Progress

ROOT = Path(__file__).parents[1]


def made() -> ModuleType:
    spec = importlib.util.spec_from_file_location("notebooks", ROOT / "docs" / "notebooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FILES: dict[Path, str] = made().files()


def outputs(path: Path, folder: Path) -> list[dict[str, Any]]:
    """Run a notebook in a folder of its own, and give what its cells show."""
    nbformat = pytest.importorskip("nbformat", reason="pip install nbclient ipykernel")
    nbclient = pytest.importorskip("nbclient", reason="pip install nbclient ipykernel")
    pytest.importorskip("ipykernel", reason="pip install nbclient ipykernel")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    nbclient.NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(folder)}}
    ).execute()
    return [out for cell in notebook.cells for out in cell.get("outputs", [])]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_notebook_is_its_page_and_runs_alone(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert path.read_text(encoding="utf-8") == FILES[path], "run python docs/notebooks.py"
    cells = json.loads(FILES[path])["cells"]
    assert "%pip install" in "".join(cells[0]["source"])
    text = "".join("".join(cell["source"]) for cell in cells)
    assert ">>>" not in text
    assert "](../" not in text
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    shown = outputs(path, tmp_path)
    assert shown
    assert not [out for out in shown if out["output_type"] == "error"]
    kinds = {kind for out in shown for kind in out.get("data", {})}
    if path.stem == "notebooks":
        assert {"image/svg+xml", "text/latex", "text/html"} <= kinds
        pages = [out["data"].get("text/html", "") for out in shown if "data" in out]
        assert sum("<iframe srcdoc=" in page for page in pages) == 1
        assert sum("def gradient" in page for page in pages) == 1
        assert sum("<polyline" in page for page in pages) == 1


def test_there_are_five_notebooks_of_the_tutorial_at_least() -> None:
    pages = {path.stem for path in (ROOT / "docs" / "tutorial" / "en").glob("[1-9]*.md")}
    assert pages <= {path.stem for path in FILES}
    assert len(pages) >= 5
    assert {path.name for path in FILES} == {
        path.name for path in (ROOT / "docs" / "tutorial" / "notebooks").glob("*.ipynb")
    }


# ------------------------------------------------------------------------- what shows itself
def test_lines_and_tables_show_themselves() -> None:
    w = Value(2.0, name="w")
    shown = listing(w * w)
    assert repr(shown) == str(shown)
    assert shown.splitlines()[1].split() == ["0", "w", "leaf", "2", "4"]
    table = Table("", [["", "<a>"], ["all of it"], ["C", "1"]])
    page = table._repr_html_()
    assert "&lt;a&gt;" in page
    assert 'colspan="2"' in page
    assert "<a>" not in page
    for text in (table, shown):
        for again in (copy.copy(text), copy.deepcopy(text), pickle.loads(pickle.dumps(text))):
            assert (type(again), again) == (type(text), text)
    assert pickle.loads(pickle.dumps(table))._repr_html_() == page


def test_what_the_lesson_gives_shows_itself() -> None:
    model = nn.MLP([4, 3, 2], seed=0, dtype=np.float64)
    x, y = np.random.default_rng(0).random((6, 4)), np.eye(2)[[0, 1, 0, 1, 0, 1]]
    wishes = nn.nudges(model, nn.quadratic_cost, x, y)
    steep = nn.sensitivities(model, nn.quadratic_cost, x, y)
    both = nn.two_descents(model, nn.quadratic_cost, x, y, lr=1.0, epochs=1, batch_size=2)
    for found in (wishes, steep, both, wishes.neuron(0, "a2[1]"), wishes.adding_up(0)):
        text, page = str(found), found._repr_html_()
        for cell in text.splitlines()[-3].split():
            assert cell in page
        assert page.count("<table>") == page.count("</table>") == 1
        assert "overflow-x: auto" in page
    assert len(repr(both)) < 100


def test_a_history_shows_a_line_an_epoch_and_its_curve() -> None:
    epochs = [nn.Epoch(0.9, 0.5, np.nan, np.nan, 1.0), nn.Epoch(0.41, 0.75, np.nan, np.nan, 1.0)]
    history = nn.History(epochs, interrupted=True)
    assert repr(history) == str(history)
    page = history._repr_html_()
    assert page.count("<tr>") == 3
    assert "0.4100" in page
    assert "75.00%" in page
    assert "validation" not in page.partition("<svg")[0]
    assert page.count("<polyline") == 1
    assert "interrupted" in page
    assert repr(epochs[0]) == "<Epoch: cost 0.9000, accuracy 50.00%>"
    assert nn.History()._repr_html_().count("<tr>") == 1


def test_curves_leave_out_what_is_no_number() -> None:
    svg = curves({"a & b": [1.0, np.nan, np.inf, 3.0], "flat": [2.0] * 4, "none": [np.nan] * 4})
    assert svg.count("<polyline") == 2
    assert "a &amp; b" in svg
    assert "nan" not in svg
    assert "inf" not in svg
    assert curves({}) == curves({"one": [1.0]}) == curves({"none": [np.nan, np.nan]}) == ""


def test_a_compiled_function_shows_its_source() -> None:
    @compile
    def square(x: float) -> float:
        return x * x

    assert "not yet called" in square._repr_html_()
    assert square(3.0) == 9.0
    assert "x * x" in square._repr_html_()


def test_a_wide_picture_scrolls_and_takes_no_colours_from_a_dark_page() -> None:
    x = Value(1.0, name="x")
    narrow = draw(x * 2)._repr_mimebundle_()
    assert "text/html" not in narrow
    assert "prefers-color-scheme" not in narrow["image/svg+xml"]
    bundle = draw(wide_graph(), detail="full", budget=200)._repr_mimebundle_()
    assert width(bundle["image/svg+xml"]) > 900
    assert bundle["text/html"].startswith(
        '<div style="overflow-x: auto"><svg style="max-width: none"'
    )


def wide_graph() -> Value:
    total = Value(0.0)
    for i in range(12):
        total = total + Value(float(i), name=f"w{i}").sin()
    return total


def test_a_figure_shows_itself_whatever_the_backend_is(needed: Any) -> None:
    needed("matplotlib")
    figure: Any = nn.draw_activations()
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert pickle.loads(pickle.dumps(figure))._repr_png_().startswith(b"\x89PNG")


def test_a_page_shows_itself_and_needs_nothing_else() -> None:
    page = to_html(wide_graph())._repr_html_()
    assert page.startswith("<iframe srcdoc=")
    assert 'src="http' not in page


# ------------------------------------------------------------------------------ bars
class Stream(io.StringIO):
    pass


@pytest.mark.parametrize("with_bar", [True, False])
def test_a_notebook_has_a_bar_or_lines_that_are_not_red(
    with_bar: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if with_bar:
        pytest.importorskip("tqdm", reason="pip install 'autograd-mini[progress]'")
    else:
        monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    assert not is_notebook()
    red = type("OutStream", (Stream,), {"__module__": "ipykernel.iostream"})()
    monkeypatch.setattr(sys, "stderr", red)
    assert is_notebook()
    with Progress(True, 0, 1, 2) as progress:
        for _ in progress.each([1, 2]):
            pass
        progress.tell(nn.Epoch(0.5, 0.9, np.nan, np.nan, 1.0))
    said = capsys.readouterr().out
    assert "epoch 1/1: cost 0.5000" in said
    assert ("100%" in said) is with_bar
    assert not red.getvalue()
