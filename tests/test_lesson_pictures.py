"""The pictures in the docs are those that the examples draw, and the page shows all of them."""

import json
import re
import runpy
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
EXAMPLES = {
    "draw_lesson": ("branching", "network", "one_layer_more", "one_neuron"),
    "draw_diagnosis": ("dead", "not_finite", "wrong_rule"),
}


def words(svg: Path) -> list[str]:
    """What is written in a picture, in no order: where it stands depends on Graphviz's version.

    Of the large network only what is no number: its last digits depend on the machine.
    """
    root = ET.fromstring(svg.read_bytes())
    found = ("".join(t.itertext()) for t in root.iter("{http://www.w3.org/2000/svg}text"))
    texts = [" ".join(text.split()) for text in found]
    if svg.stem == "network":
        texts = [re.sub(r"(?<!\w)−?\d[\d.e−]*|[▁-█]+", "", text) for text in texts]
    return sorted(texts)


@pytest.mark.parametrize(
    ("example", "printed"),
    [
        (
            "draw_lesson",
            (
                "∂C/∂a · ∂a/∂z · ∂z/∂w\n= −1.07 × 0.249 × 0.5\n= −0.134",
                "the sum over 16,000 paths",
            ),
        ),
        (
            "draw_diagnosis",
            ("first gradient that is not finite", "11 of 16 ReLUs dead", "fails here"),
        ),
    ],
)
def test_the_examples_draw_the_pictures_of_the_docs(
    example: str, printed: tuple[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runpy.run_path(str(ROOT / "examples" / f"{example}.py"))["main"](str(tmp_path))
    names = [f"{name}.{kind}" for name in EXAMPLES[example] for kind in ("png", "svg")]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    for path in tmp_path.glob("*.svg"):
        again = f"run python examples/{example}.py docs/pictures svg"
        assert words(path) == words(PICTURES / path.name), again
    told = capsys.readouterr().out
    for said in printed:
        assert said in told


def test_the_page_shows_every_picture_and_describes_it() -> None:
    page = (ROOT / "docs" / "pictures.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"!\[([^\]]+)\]\((pictures/\w+\.svg)\)", page))
    assert sorted(shown.values()) == sorted(f"pictures/{p.name}" for p in PICTURES.iterdir())
    assert all(len(description) > 30 for description in shown)


def test_our_pictures_beside_others_are_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = runpy.run_path(str(ROOT / "docs" / "beside_others.py"))
    monkeypatch.setitem(beside["ours"].__globals__, "FOLDER", tmp_path)
    beside["ours"]()
    made = sorted(tmp_path.glob("*.svg"))
    assert len(made) == 4
    for path in made:
        kept = ROOT / "docs" / "beside" / path.name
        letters = [re.sub(r"[\d.e−]+|[▁-█]+", "", word) for word in words(kept)]
        assert sorted(letters) == sorted(
            re.sub(r"[\d.e−]+|[▁-█]+", "", word) for word in words(path)
        ), "run python docs/beside_others.py"


def test_the_table_beside_others_is_what_was_measured() -> None:
    beside = runpy.run_path(str(ROOT / "docs" / "beside_others.py"))
    page = (ROOT / "docs" / "beside_others.md").read_text(encoding="utf-8")
    measured = json.loads((ROOT / "docs" / "beside" / "measured.json").read_text())
    found = beside["TABLE"].search(page)
    assert found[0] == beside["table"](measured)
