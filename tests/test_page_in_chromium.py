"""The interactive page in a real browser: Debian's Chromium, without a window."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources, util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from page_graphs import HOSTILE, chain, hostile, layered, network, scalar_graphs, wrong

from autograd_mini import Op, Value, gradient_table
from autograd_mini.ops import TABLE
from autograd_mini.show.draw import draw
from autograd_mini.show.draw.picture import Picture
from autograd_mini.show.graph import Graph
from autograd_mini.show.graph.expression import expression
from autograd_mini.show.graph.text import number, plain, signed
from autograd_mini.show.layout import svg_of
from autograd_mini.show.page import to_html
from autograd_mini.testing.domains import domains_of, grid

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
MISSING = [
    what
    for what, there in (
        ("Chromium (apt-get install chromium)", CHROMIUM),
        ("playwright", util.find_spec("playwright")),
        ("axe-playwright-python", util.find_spec("axe_playwright_python")),
    )
    if not there
]
if MISSING:
    pytest.skip(
        f"the page is not tested in a browser: there is no {' and no '.join(MISSING)}",
        allow_module_level=True,
    )

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

pytestmark = pytest.mark.xdist_group("chromium")

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def opened(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Open:
    """Open the page of a graph, and see that it asks for nothing and complains of nothing.

    Windows are kept for the next page with the same settings, which takes half the time.
    """
    folder = tmp_path_factory.mktemp("pages")
    number = itertools.count()
    windows: dict[str, Page] = {}
    said: list[str] = []

    def window(settings: dict[str, Any]) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **settings})
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message) or dialog.dismiss())
        page.on("request", lambda request: said.append(request.url))
        return page

    @contextmanager
    def open_page(
        root: Value, address: str = "", budget: int = 300, check: Any = None, **settings: Any
    ) -> Iterator[Page]:
        path = to_html(root, folder / f"page{next(number)}.html", budget=budget, check=check)
        key = repr(settings)
        page = windows[key] = windows.get(key) or window(settings)
        said.clear()
        page.goto(f"{path.as_uri()}{address}")
        yield page
        assert said == [path.as_uri()], "a request, a message, an error or a dialog"

    return open_page


def cells(page: Page) -> list[list[str]]:
    """The texts of the table, row by row."""
    script = "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    return page.locator("tbody tr").evaluate_all(script)  # type: ignore[no-any-return]


def gradients(page: Page) -> list[float]:
    """What the player has added up for each node, exactly."""
    script = "rows => rows.map(row => row.cells[4].querySelector('data')?.value ?? 'nan')"
    return [float(x) for x in page.locator("tbody tr").evaluate_all(script)]


# ------------------------------------------------------------------------------------ stepping
@given(scalar_graphs())
@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow])
def test_stepping_to_the_end_shows_the_librarys_gradients(opened: Open, root: Value) -> None:
    graph = Graph(root)
    table = gradient_table(root)
    with opened(root, "#step=0") as page:
        last = int(page.locator("#step").get_attribute("max") or 0)
        known = [0]
        for _ in range(last):
            page.keyboard.press("ArrowRight")
            known.append(sum(row[4] not in ("not yet", "") for row in cells(page)))
        assert page.locator("#step").input_value() == str(last)
        assert known == sorted(known)
        assert known[0] == 0 < known[-1]
        for node, shown, row in zip(graph.nodes, gradients(page), cells(page), strict=True):
            assert shown == table[node] if node in table else row[4] == "none arrives"
            assert row[3] == number(node.item())
        assert "every gradient is complete" in page.locator("#says").inner_text()


def test_each_step_says_what_happens_in_symbols_and_in_numbers(opened: Open) -> None:
    with opened(chain(), "#step=0") as page:
        says = page.locator("#says")
        assert "3 leaves are given" in says.inner_text()
        told = []
        for _ in range(int(page.locator("#step").get_attribute("max") or 0)):
            page.get_by_role("button", name="Next").click()
            told.append(says.inner_text())
        assert any("In symbols: a = σ(z)" in text for text in told)
        assert any("In numbers: 1 + (−1.2) = −0.2" in text for text in told)
        assert any("z gets ∂C/∂a × ∂a/∂z = −1.1 × 0.248 = −0.272" in text for text in told)
        assert "All 3 paths into w add up" in "".join(told)
        assert says.get_attribute("aria-live") == "polite"
        page.get_by_role("button", name="Start").click()
        assert page.locator("#count").inner_text() == "Start"
        page.get_by_role("button", name="End").click()
        assert page.locator("#count").inner_text() == "Backward 7 of 7"
        page.locator("#step").focus()
        page.keyboard.press("ArrowLeft")
        assert page.locator("#count").inner_text() == "Backward 6 of 7"


def test_the_address_holds_the_step(opened: Open) -> None:
    with opened(chain(), "#step=3") as page:
        assert page.locator("#step").input_value() == "3"
        page.keyboard.press("ArrowRight")
        page.wait_for_url("**#step=4")
        page.evaluate("location.hash = '#step=6'")
        page.wait_for_function("document.getElementById('step').value === '6'")
    for nonsense in ("#step=999999", "#step=-1", "#step=<b>"):
        with opened(chain(), nonsense) as page:
            slider = page.locator("#step")
            assert slider.input_value() == slider.get_attribute("max")


def test_playing_goes_on_by_itself_and_stops_at_the_end(opened: Open) -> None:
    with opened(Value(2.0, name="w") * 3, reduced_motion="reduce") as page:
        page.clock.install()
        page.get_by_role("button", name="Play").click()
        assert page.locator("#count").inner_text() == "Start"
        page.clock.run_for(10_000)
        assert page.locator("#count").inner_text() == "Backward 1 of 1"
        assert page.get_by_role("button", name="Play").get_attribute("aria-pressed") == "false"


# ------------------------------------------------------------------------------------- picture
MEASURE = """() => {
  const box = (e) => {
    const { x, y, right, bottom } = e.getBoundingClientRect();
    return [x, y, right, bottom];
  };
  const svg = document.querySelector('#picture svg');
  return {
    svg: box(svg),
    nodes: [...svg.querySelectorAll('.node')].map((node) => ({
      border: box(node.querySelector('polygon, path')),
      texts: [...node.querySelectorAll('text')].map(box),
    })),
    texts: [...svg.querySelectorAll('text')].map(box),
  };
}"""


def inside(inner: list[float], outer: list[float], by: float = 1.0) -> bool:
    """Whether a rectangle lies in another, but for a pixel."""
    x, y, right, bottom = inner
    fits = x >= outer[0] - by and right <= outer[2] + by
    return fits and y >= outer[1] - by and bottom <= outer[3] + by


def apart(a: list[float], b: list[float]) -> bool:
    return a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


@pytest.mark.parametrize("graph", [chain, layered, network, hostile, wrong])
@pytest.mark.parametrize("width", [1280, 420])
def test_no_boxes_overlap_and_no_label_is_clipped(opened: Open, graph: Any, width: int) -> None:
    with opened(graph(), budget=100, viewport={"width": width, "height": 800}) as page:
        views = page.evaluate("facts.views.map(([opens]) => opens)")
        for opens in views[:3]:
            page.evaluate("opens => showView(opens)", opens)
            seen = page.evaluate(MEASURE)
            nodes = seen["nodes"]
            for k, node in enumerate(nodes):
                assert all(inside(text, node["border"]) for text in node["texts"])
                assert all(apart(node["border"], other["border"]) for other in nodes[:k])
            assert len(nodes) > 3
            assert all(inside(text, seen["svg"]) for text in seen["texts"])


def test_the_sign_is_seen_without_colour(opened: Open) -> None:
    script = """edges => edges.filter(e => e.querySelector('.sign')).map(e => [
        e.querySelector('.sign').textContent,
        getComputedStyle(e.querySelector('path')).strokeDasharray !== 'none',
    ])"""
    with opened(chain()) as page:
        seen = page.locator(".edge").evaluate_all(script)
        assert {(mark, dashed) for mark, dashed in seen} == {("+", False), ("−", True)}


def test_the_keyboard_moves_along_the_arrows(opened: Open) -> None:
    with opened(chain()) as page:
        page.locator("#picture").focus()
        page.keyboard.press("Tab")

        def focused() -> str:
            return page.evaluate("document.activeElement.getAttribute('aria-label')")  # type: ignore[no-any-return]

        assert focused().startswith("C = ")
        assert "gradient 1" in focused()
        page.keyboard.press("ArrowUp")
        first = focused()
        page.keyboard.press("ArrowRight")
        second = focused()
        assert first != second
        page.keyboard.press("ArrowRight")
        assert focused() == first
        page.keyboard.press("ArrowDown")
        assert focused().startswith("C = ")
        page.keyboard.press("Home")
        assert "a leaf" in focused()
        assert page.locator("#details dd").first.inner_text() == focused().split(",")[0]
        assert page.locator("[data-node][tabindex='0']").count() == 1
        slider = page.locator("#step")
        assert slider.input_value() == slider.get_attribute("max"), "these keys do not step"


def test_details_are_there_for_what_is_pointed_at(opened: Open) -> None:
    with opened(chain()) as page:
        page.locator(".value-node", has_text="σ(z)").hover()
        told = page.locator("#details").inner_text()
        assert "∂a/∂z" in told
        assert "0.450166" in told
        page.get_by_role("button", name="Start").click()
        page.locator(".value-node", has_text="σ(z)").hover()
        assert "not yet computed" in page.locator("#details").inner_text()


def test_groups_open_and_fold_again(opened: Open) -> None:
    with opened(network(), budget=100) as page:
        boxes = page.locator(".value-node")
        before = boxes.count()
        page.locator(".value-node[role='button']").first.click()
        assert boxes.count() > before
        page.locator("#groups summary").click()
        page.get_by_role("button", name="Fold again: the whole graph").click()
        assert boxes.count() == before
        page.locator(".value-node[role='button']").first.focus()
        page.keyboard.press("Enter")
        assert boxes.count() > before


def test_frames_fold_under_a_lid(opened: Open) -> None:
    with opened(layered()) as page:
        page.locator("#groups summary").click()
        fold = page.get_by_role("button", name="Fold layer 1")
        fold.click()
        lid = page.locator(".lid")
        assert "layer 1" in (lid.text_content() or "")
        assert not page.locator(".value-node", has_text="σ(z1)").is_visible()
        assert page.locator(".value-node", has_text="σ(z2)").is_visible()
        assert fold.get_attribute("aria-pressed") == "true"
        lit = []
        for name in ("z1", "z2"):
            page.evaluate("name => goTo(forwardStep[facts.name.indexOf(name)])", name)
            lit.append(page.locator(".lid.now").count())
        assert lit == [1, 0], "a lid stands out while the step is under it"
        lid.click()
        assert page.locator(".lid").count() == 0
        assert page.locator(".value-node", has_text="σ(z1)").is_visible()


# ----------------------------------------------------------------------------------- diagnosis
def test_what_is_wrong_is_said_and_brought_into_view(opened: Open) -> None:
    x = Value(0.0, name="x")
    root = x
    for _ in range(30):
        root = root * 1.0
    root = root.sqrt()
    with opened(root, color_scheme="dark") as page:
        said = page.locator("#wrong li").all_inner_texts()
        assert len(said) == 1
        assert said[0].startswith("#30: first gradient that is not finite; root = sqrt(#30)")
        marked = page.locator(".value-node", has=page.locator(".s-alarm"))
        assert marked.count() == 31  # what the gradient goes on to, too
        alarm = marked.filter(has_text="! first gradient")
        assert alarm.count() == 1
        shown, frame = alarm.bounding_box(), page.locator("#picture").bounding_box()
        assert shown is not None
        assert frame is not None
        assert frame["y"] <= shown["y"] < frame["y"] + frame["height"]
        alarm.hover()
        assert "first gradient that is not finite" in page.locator("#details").inner_text()
        assert "first gradient" in (alarm.get_attribute("aria-label") or "")
        assert violations(page) == []


# --------------------------------------------------------------------------------------- nudge
@pytest.mark.parametrize("passes", [0, 2])
def test_a_nudge_shows_what_is_predicted_and_what_happens(opened: Open, passes: int) -> None:
    def cost(w: float) -> float:
        z = w * 2.0 + -1.2
        return (1 / (1 + np.exp(-z)) - 1) ** 2 + w * w

    root = chain()
    w = next(node for node in Graph(root).nodes if node.name == "w")
    slope = gradient_table(root)[w]
    for _ in range(passes):
        root.backward()  # then the picture's gradients start from 2, and predict the same
    with opened(root) as page:
        handle = page.get_by_label("w", exact=True)
        handle.focus()
        for _ in range(20):
            page.keyboard.press("ArrowRight")
        shown = {
            what: page.get_by_label(f"{what} change of C").inner_text()
            for what in ("predicted", "actual")
        }
        assert shown == {
            "predicted": signed(slope * 0.2),
            "actual": signed(cost(0.7) - cost(0.5)),
        }
        page.get_by_role("button", name="Undo all nudges").click()
        assert page.get_by_label("actual change of C").inner_text() == "0"


def test_where_there_is_no_nudge_a_sentence_says_why(opened: Open) -> None:
    with opened(layered()) as page:
        assert "plain numbers; this one has arrays" in page.locator("#nudge").inner_text()
    unknown = np.nan_to_num(Value(1.0) * 2)
    with opened(unknown) as page:
        assert "cannot compute nan_to_num" in page.locator("#nudge").inner_text()
    long = Value(1.0)
    for _ in range(2_001):
        long = long + 1
    with opened(long) as page:
        assert "at most 2,000 ops; this one has 2,001 ops" in page.locator("#nudge").inner_text()


def test_the_pages_formulas_agree_with_the_forward_of_each_op(opened: Open) -> None:
    ops = {op.name: op for op in TABLE.values() if op.rules}
    with opened(chain()) as page:
        names = page.evaluate("Object.keys(FORMULAS)")
        assert set(names) <= set(ops)
        plain_ops = {name for name, op in ops.items() if not (op.wide or op.signature)}
        assert plain_ops <= set(names), "an op on single numbers has no formula in the page"
        points = {name: points_of(ops[name]) for name in names}
        script = """points => Object.entries(points).map(
            ([name, points]) => points.map((point) => FORMULAS[name](...point)))"""
        for name, actual in zip(names, page.evaluate(script, points), strict=True):
            expected = [recorded(ops[name], point) for point in points[name]]
            np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-15, err_msg=name)


def points_of(op: Op) -> list[list[float]]:
    """Points of the op's domain, and some at zero, where it is defined there."""
    columns = [grid(domain) for domain in domains_of(op, op.arity)]
    inner = [[c[(7 * k + 3 * j) % len(c)] for j, c in enumerate(columns)] for k in range(40)]
    return [[float(x) for x in point] for point in inner] + [[0.0] * op.arity]


def recorded(op: Op, point: list[float]) -> float:
    with np.errstate(all="ignore"):
        args = [Value(x) if rule else x for x, rule in zip(point, op.rules, strict=True)]
        return float(op(*args).item())


def test_numbers_are_written_as_in_the_picture(opened: Open) -> None:
    rng = np.random.default_rng(0)
    numbers = [
        *(0.0, -0.0, 1.125, 1.135, 2.5, 1000.5, 1001.5, 999.5, 999.4, 99.95, 999999.5, 1e6, 1e-4),
        *(9.995e-5, 1.2345e-4, 5e-324, 1.7e308, -1234567.0, 0.1 + 0.2, 2 / 3),
        *(rng.normal(size=300) * 10.0 ** rng.integers(-12, 12, 300)).tolist(),
    ]
    with opened(chain()) as page:
        shown = page.evaluate("numbers => numbers.map(number)", numbers)
    assert dict(zip(numbers, shown, strict=True)) == {x: number(x) for x in numbers}


# ------------------------------------------------------------------------- readers of all kinds
def violations(page: Page) -> list[str]:
    source = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    page.evaluate(source)
    found = page.evaluate("axe.run()")["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(opened: Open, scheme: str) -> None:
    with opened(chain(), color_scheme=scheme) as page:
        assert violations(page) == []
    with opened(layered(), "#step=14", color_scheme=scheme) as page:
        page.locator("#groups summary").click()
        page.get_by_role("button", name="Fold layer 1").click()
        page.get_by_role("button", name="Next").focus()
        assert violations(page) == []


def test_the_theme_can_be_chosen(opened: Open) -> None:
    script = "getComputedStyle(document.body).backgroundColor"
    with opened(chain(), color_scheme="dark") as page:
        dark = page.evaluate(script)
        page.get_by_role("button", name="Light").click()
        light = page.evaluate(script)
        assert light == "rgb(255, 255, 255)" != dark
        page.get_by_role("button", name="Dark").click()
        assert page.evaluate(script) == dark


def test_without_javascript_there_are_picture_and_table(opened: Open) -> None:
    root = chain()
    table = gradient_table(root)
    with opened(root, java_script_enabled=False) as page:
        assert page.get_by_role("img", name="Graph of C").is_visible()
        rows = page.locator("tbody tr").all_inner_texts()
        for node, row in zip(Graph(root).nodes, rows, strict=True):
            assert row.split("\t")[3:] == [number(node.item()), number(table[node])]
        assert "need JavaScript" in page.locator("noscript").inner_text()
        assert not page.locator("#player").is_visible()
        assert page.get_by_role("button").count() == 0
        assert "a negative gradient flows back" in page.locator("#signs").inner_text()


def test_on_paper_there_are_picture_and_the_whole_table(opened: Open) -> None:
    with opened(network(), budget=100, color_scheme="dark", locale="en") as page:
        page.emulate_media(media="print")
        assert not page.get_by_role("button", name="Play").is_visible()
        assert not page.locator("#nudge").is_visible()
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert colour == "rgb(255, 255, 255)"
        height = "e => e.scrollHeight - e.clientHeight"
        assert page.locator("#table").evaluate(height) <= 0
        assert page.locator("#picture").evaluate(height) <= 0
        width = "e => e.getBoundingClientRect().right - innerWidth"
        assert page.locator("#picture svg").evaluate(width) <= 0


def test_hostile_names_stay_text(opened: Open) -> None:
    with opened(hostile(), "#step=0") as page:
        for _ in range(int(page.locator("#step").get_attribute("max") or 0)):
            page.keyboard.press("ArrowRight")
        page.locator(".value-node").first.hover()
        assert page.locator("img, b, main script").count() == 0
        shown = page.locator("tbody th").all_inner_texts()
        assert {plain(name) for name in HOSTILE} <= set(shown)
        assert plain(HOSTILE[1], 24) in page.locator("#nudge").inner_text()


def test_a_script_that_is_not_the_pages_own_does_not_run(
    opened: Open, browser: Browser, tmp_path: Path
) -> None:
    path = to_html(chain(), tmp_path / "page.html")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("</main>", "<script>document.title='x'</script></main>"), "utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    assert page.title() == "C: its graph, forward and backward"
    page.close()


# ------------------------------------------------------------------ always in view, found, learnt
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("graph", [chain, layered])
def test_the_box_that_is_spoken_of_is_always_in_view(opened: Open, graph: Any, width: int) -> None:
    script = """() => {
        const box = document.querySelector(".node.now").getBoundingClientRect();
        const player = document.getElementById("player").getBoundingClientRect();
        const frame = document.getElementById("picture").getBoundingClientRect();
        return box.top >= player.bottom - 1 && box.bottom <= innerHeight + 1
            && box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1;
    }"""
    with opened(graph(), viewport={"width": width, "height": 844}) as page:
        page.evaluate("goTo(0)")
        for k in range(1, page.evaluate("LAST") + 1):
            page.evaluate("k => goTo(k)", k)
            assert page.evaluate(script), k


def test_a_nudge_repaints_every_value(opened: Open) -> None:
    with opened(chain()) as page:
        before = page.locator(".value-node .value text:last-child").all_text_contents()
        page.evaluate("nudges[0] = 0.5; show()")
        after = page.locator(".value-node .value text:last-child").all_text_contents()
        values = page.evaluate("evaluate().map(number)")
        numbers = page.locator(".value-node").evaluate_all("all => all.map(e => +e.dataset.node)")
        assert after == [values[i] for i in numbers]
        assert after != before
        page.get_by_role("button", name="Undo all nudges").click()
        assert page.locator(".value-node .value text:last-child").all_text_contents() == before


def test_steps_downhill_are_those_of_gradient_descent(opened: Open) -> None:
    root = chain()
    with opened(root) as page:
        page.locator("#rate").fill("0.5")
        for _ in range(3):
            page.get_by_role("button", name="Step downhill").click()
        told = page.locator(".curve").get_attribute("aria-label")
        assert page.locator(".leaf label").all_inner_texts() == ["b", "w", "x"]
    w, b, costs = 0.5, -1.2, []
    for _ in range(4):
        W, B = Value(w), Value(b)
        C = ((W * 2.0 + B).sigmoid() - 1) ** 2 + W * W
        C.backward()
        costs.append(C.item())
        w, b = w - 0.5 * W.grad, b - 0.5 * B.grad
    assert told == " → ".join(number(C) for C in costs)


def test_a_node_is_found_by_name_number_and_op(opened: Open) -> None:
    with opened(chain()) as page:
        for wanted, name in (("a", "a"), ("#4", "#4"), ("sigmoid", "a"), ("Z", "z")):
            page.locator("#find").fill(wanted)
            page.keyboard.press("Enter")
            assert page.locator("#details dd").first.inner_text() == name
        page.locator("#find").fill("nobody")
        page.keyboard.press("Enter")
        assert page.locator("#find").get_attribute("aria-invalid") == "true"
        assert "10 nodes; 3 leaves, which hold 3 numbers" in page.locator("#counts").inner_text()


def test_arrays_are_shown_as_bars_and_maps(opened: Open) -> None:
    image, v = Value(np.linspace(0, 1, 784), "image"), Value([0.5, -1.0, 0.25], "v")
    root = (image * 2.0).sum() + (v * v).sum()
    with opened(root) as page:
        page.locator("#find").fill("image")
        page.keyboard.press("Enter")
        sides = page.locator("#details canvas").evaluate_all(
            "all => all.map(c => [c.width, c.height])"
        )
        assert sides == [[168, 168], [168, 168]]
        page.locator("#find").fill("v")
        page.keyboard.press("Enter")
        assert page.locator("#details .bars > span").all_inner_texts() == [
            *("0", "0.5", "1", "−1", "2", "0.25"),
            *("0", "1", "1", "−2", "2", "0.5"),
        ]
        assert violations(page) == []


def test_a_large_page_tells_the_same_of_a_node(opened: Open) -> None:
    root: Any = Value(0.5, "x")
    for _ in range(3_000):
        root = (root + 0.001).sin()
    graph = Graph(root)
    with opened(root) as page:
        page.locator("#find").fill("#4001")
        page.keyboard.press("Enter")
        told = page.locator("#details").inner_text()
        assert expression(graph, 4001) in told
        assert page.evaluate("facts.share[4001][0]") == pytest.approx(
            graph.flows(4001)[0], rel=1e-3
        )


# ------------------------------------------------------------------------- without any Graphviz
OUTSIDE = """nodes => nodes.flatMap(node => {
    const border = node.querySelector("polygon, path")?.getBBox();
    return [...node.querySelectorAll("text")].filter(text => {
        const box = text.getBBox();
        return border && text.textContent.trim() && (
            box.x < border.x || box.x + box.width > border.x + border.width
            || box.y < border.y || box.y + box.height > border.y + border.height);
    }).map(text => text.textContent);
})"""


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("graph", [chain, layered, network, wrong, hostile])
def test_no_text_of_our_own_layout_is_wider_than_its_box(
    browser: Browser, graph: Callable[[], Value], language: str
) -> None:
    page = browser.new_page()
    for detail in ("full", "brief"):
        svg = svg_of(draw(graph(), detail=detail, language=language).source).decode()
        page.set_content(svg.partition("?>")[2])
        nodes = page.locator("g.node")
        assert nodes.count() > 0
        assert nodes.evaluate_all(OUTSIDE) == []
        larger = svg.replace('font-size="11.00"', 'font-size="16.00"')
        page.set_content(larger.partition("?>")[2])
        assert page.locator("g.node").evaluate_all(OUTSIDE), "what is too wide is not found"
    page.close()


@pytest.mark.parametrize("graph", [chain, layered, network])
def test_a_page_of_our_own_layout_plays(
    opened: Open, monkeypatch: pytest.MonkeyPatch, graph: Callable[[], Value]
) -> None:
    monkeypatch.setattr(Picture, "pipe", lambda self, *_, **__: svg_of(self.source).decode())
    root = graph()
    with opened(root, "#step=0") as page:
        for _ in range(int(page.locator("#step").get_attribute("max") or 0)):
            page.keyboard.press("ArrowRight")
        assert "every gradient is complete" in page.locator("#says").inner_text()
        assert page.locator("#picture .node.now").count() == 1
        assert page.locator("#picture .edge.now").count() > 0
        assert page.locator("#picture .node.waiting, #picture .node.unknown").count() == 0
        if not np.ndim(Graph(root).seen[0]):
            slider = page.get_by_role("slider").nth(1)
            slider.focus()
            for _ in range(5):
                slider.press("ArrowRight")
            assert page.locator("#picture .node.moved").count() > 0
