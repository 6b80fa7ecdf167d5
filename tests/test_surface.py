"""What help(), editors and type checkers show of the ops follows from their declarations."""

import builtins
import doctest
import importlib
import importlib.util
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import autograd_mini
import nn
from autograd_mini import Value, ops, testing

ROOT = Path(__file__).parents[1]
METHODS = [(method, name) for name, op in ops.TABLE.items() for method in op.method]


@pytest.fixture(scope="module")
def stubs() -> ModuleType:
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        spec = importlib.util.spec_from_file_location("stubs", ROOT / "docs" / "stubs.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(ROOT / "docs"))
    return module


def test_what_is_made_from_the_declarations_is_up_to_date(stubs: Any) -> None:
    for path, text in stubs.files().items():
        assert path.read_text(encoding="utf-8") == text, "run python docs/stubs.py"


@pytest.mark.parametrize("name", ops.TABLE)
def test_every_op_says_what_it_is(name: str) -> None:
    op: Any = ops.TABLE[name]
    first, blank, *rest = inspect.getdoc(op).splitlines()
    assert first.endswith(".")
    assert not blank
    assert any(line.startswith(">>> ") for line in rest)
    assert op.__name__ == name
    assert "Share of " in op.__doc__ or "It is composed of other ops." in op.__doc__
    parameters = inspect.signature(op).parameters
    assert set(op.keywords) <= set(parameters)
    test = doctest.DocTestParser().get_doctest(op.__doc__, {}, name, None, None)
    assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.parametrize(("method", "name"), METHODS)
def test_every_method_says_what_it_is(method: str, name: str) -> None:
    function: Any = getattr(Value, method)
    assert function.__name__ == method
    assert function.__qualname__ == f"Value.{method}"
    assert function.__doc__ == ops.TABLE[name].__doc__
    assert inspect.signature(function).return_annotation == "Value"
    assert set(ops.TABLE[name].keywords) <= set(inspect.signature(function).parameters)


def test_what_no_op_gives_to_a_value_has_its_name_and_says_what_it_is_too() -> None:
    inherited = {"__iter__", "__len__", "__setitem__", "__bool__", "__copy__", "__deepcopy__"}
    of_python = {"__float__", "__int__", "__index__", "__complex__", "__dir__", "__array__"}
    quiet = {*inherited, *of_python, "__array_function__", "__array_ufunc__"}
    for name, found in ((name, inspect.getattr_static(Value, name)) for name in dir(Value)):
        if inspect.isfunction(found) and name not in {*quiet, *dir(object)}:
            assert found.__name__ == name
            if name in vars(Value) and not name.startswith("_make"):
                assert found.__qualname__ == f"Value.{name}"
                assert found.__doc__, name
                assert "keywords" not in str(inspect.signature(found)), name


def test_help_shows_it() -> None:
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            "import autograd_mini as a; help(a.Value.sum); help(a.ops.sigmoid)",
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert "axis: int | tuple[int, ...] | None = None" in ran.stdout
    assert "The sum of all elements, or of those along axes." in ran.stdout
    assert "1 / (1 + exp(−x)), a number from 0 to 1." in ran.stdout


# ---------------------------------------------------------------------------------- type checkers
RIGHT = """
from collections.abc import Callable
import numpy as np
import nn
from autograd_mini import (
    Value, compile, draw, explain, grad, gradients, hessian, jacobian, jvp, listing, no_grad, ops,
    per_example, to_html, value_and_grad, vjp,
)

def f(a: Value) -> Value:
    return (a * a).sum()

@no_grad()
def second(a: Value) -> Value:
    rows = [row.tanh() for row in a]
    return divmod(rows[0], 2.0)[1]

def h(x: float) -> float:
    return x * x

def cost(w: Value, b: Value) -> Value:
    z = (2 * w + b - 1) / 3
    a = (z @ z.T).sigmoid().mean(axis=0, keepdims=True)
    return ops.maximum(a, 0.0).sum() ** 2

slope: Callable[[float], float] = grad(h)
both: Callable[[float], tuple[float, float]] = value_and_grad(h)
curve: Callable[[float], float] = hessian(h)
table: Callable[[float], float] = jacobian(h)
fast = compile(h)
number: float = fast(2.0)
w = Value(np.ones((2, 3)), name="w")
x = Value([1.0, 2.0])
each: list[Value] = [
    x + 1, 2 * w, w @ w.T, w[0], x**2, -x, abs(x), 1 / x, 1 - x, x % 2, w.T, w.mT, x.sum(),
    w.sum(axis=0, keepdims=True), x.sigmoid(), w.reshape(3, 2), w.reshape((3, 2)), x.relu(),
    w.max(axis=1), w.std(ddof=1), x.softmax(axis=-1), w.transpose(1, 0), x.clip(0, 1),
    ops.sigmoid(x), ops.sum(x, axis=0), ops.maximum(x, 1.0), ops.maximum(1.0, x),
    ops.stack([x, x]), ops.concatenate([x, x], axis=0), ops.where(True, x, 0.0),
    x.at[0].set(1.0), x.at[1:].add(x), f(x), second(w), cost(w, x), *gradients(f(x), [x]),
]
class Line(nn.Module):
    def __init__(self) -> None:
        self.slope = Value(1.0)
    def forward(self, x: Value, shift: float = 0.0) -> Value:
        return self.slope * x + shift

model = nn.MLP([2, 3, 1])
logits: Value = model(x)
line: Value = Line()(x, shift=1.0)
layer: Value = nn.Sequential(nn.Linear(2, 3), nn.ReLU())(np.ones(2))
history: nn.History = nn.fit(
    model, nn.quadratic_cost, np.ones((2, 2)), np.ones((2, 1)),
    optimizer=nn.SGD(model.parameters(), lr=1.0), epochs=1,
)
costs: list[float] = [epoch.cost for epoch in history.epochs]
rows = per_example(h)(2.0)
weights: list[Value] = model.parameters()
names: list[str] = [name for name, _ in model.named_parameters()]
saved: dict[str, np.ndarray] = model.state_dict()
model.load_state_dict(saved)
price = Value(0.0)
optimizer = nn.Adam(model.parameters(), lr=1e-3)
for images, targets in nn.batches(np.ones((4, 2)), np.ones((4, 1)), size=2, seed=0):
    optimizer.zero_grad()
    price = nn.quadratic_cost(model(images), targets)
    price.backward()
    optimizer.step()
with no_grad():
    accuracy: float = nn.evaluate(model, np.ones((4, 2)), np.zeros(4, int))
nn.save("model.npz", model)
picture: str = draw(price).source
table_of_steps: str = listing(price)
page: str = str(to_html(price))
words: str = str(explain(price, weights[0]))
joined: Value = ops.concatenate([x, x], 0)
stacked: Value = ops.stack([x, x, x], axis=1)
total: Value = sum([x, x], Value(0.0))
first, *others = x
for row in w:
    squared: Value = row**2
wishes = nn.nudges(model, nn.quadratic_cost, np.ones((4, 2)), np.ones((4, 1)))
table_of_wishes: str = wishes.table()
nn.draw_training(history, np.ones((2, 4))).savefig("run.png")
result, pull = vjp(h, 2.0)
value, change = jvp(h, (2.0,), (1.0,))
text: str = x.name
shape: tuple[int, ...] = w.shape
size: int = x.size
x.backward(np.ones(2))
x.detach().item()
"""
WRONG = """
x.sigmoidd()
x.sum(axs=0)
x.meen()
x.sum(axis="0")
x.reshape(3, ordr="C")
x.std(dof=1)
x.softmax(axes=0)
x.tanh(1)
x.backwards()
x.shape = (2,)
x.size = 3
x.swapaxes(0)
x.detach(1)
x.at(0).put(1)
ops.sigmoidd(x)
ops.sum(x, axs=0)
ops.softmax(x, ax=1)
Line()(x, 1.0, 2.0)
grad(f)("a")
fast("a", 2)
"""


def mypy(folder: Path) -> str:
    config = folder / "mypy.ini"
    config.write_text("[mypy]\nstrict = true\nfollow_untyped_imports = true\n")
    return ran("mypy", "--config-file", str(config), ".", folder=folder)


def pyright(folder: Path) -> str:
    config = {"extraPaths": [str(ROOT)], "include": ["user.py"]}
    (folder / "pyrightconfig.json").write_text(json.dumps(config))
    told = ran("pyright", folder=folder)
    if "errors," not in told:
        pytest.skip(f"pyright could not be fetched from npm: {told.strip()[-200:]}")
    return told


def ran(module: str, *args: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *args],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(ROOT)},
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_a_users_program_is_typed(tmp_path: Path, checker: Any) -> None:
    """Of 20 wrong lines below a right program, each is an error, and nothing else is.

    Beside it stand programs that import * and write each name: mypy reads plain lists alone.
    """
    pytest.importorskip(checker.__name__, reason="types are checked by mypy and pyright")
    above, lines = RIGHT.count("\n"), WRONG.strip().splitlines()
    assert len(lines) == 20
    (tmp_path / "user.py").write_text(RIGHT + WRONG.lstrip())
    for name in ("autograd_mini", "autograd_mini.ops", "autograd_mini.testing", "nn"):
        names = importlib.import_module(name).__all__
        text = "\n".join([f"from {name} import *", *names])
        (tmp_path / f"star_{name.replace('.', '_')}.py").write_text(f"{text}\n")
    told = checker(tmp_path)
    assert "star_" not in told, told
    errors = {int(line) for line in re.findall(r"user\.py:(\d+):.*error", told)}
    assert errors == set(range(above + 1, above + 21)), told


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("from autograd_mini import Value\nValue(1.0).s", {"sum", "sigmoid", "shape", "std"}),
        ("from autograd_mini import Value\n(Value(1.0) * 2).mean().rel", {"relu"}),
        ("from autograd_mini import ops\nops.sig", {"sigmoid", "sign"}),
        ("import autograd_mini\nautograd_mini.to_", {"to_html"}),
        ("import autograd_mini\nautograd_mini.comp", {"compile"}),
    ],
)
@pytest.mark.xdist_group("jedi")
def test_editors_complete_it(
    needed: Any, code: str, names: set[str],
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    jedi = needed("jedi")
    folder = tmp_path_factory.getbasetemp() / "jedi"  # others may be writing into the user's
    monkeypatch.setattr("jedi.settings.cache_directory", str(folder))
    script = jedi.Script(code, project=jedi.Project(str(ROOT)))
    assert names <= {found.name for found in script.complete()}


# --------------------------------------------------------------------------- nn, at the front door
def test_nn_is_offered_by_autograd_mini_too() -> None:
    from autograd_mini import nn as offered

    assert offered is nn


def test_an_nn_in_the_way_takes_nothing_but_itself(tmp_path: Path) -> None:
    (tmp_path / "nn.py").write_text("1 / 0\n")
    program = """
import sys, pydoc, autograd_mini
autograd_mini.testing.check_gradients
for there in (None, type(sys)("nn")):
    if there:
        sys.modules["nn"] = there
        there.__spec__ = None
    try:
        autograd_mini.nn
    except ImportError as error:
        assert "stands in the way" in str(error), error
    else:
        raise AssertionError
"""
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr


def test_the_package_runs_from_a_zip(tmp_path: Path) -> None:
    whole = shutil.make_archive(str(tmp_path / "whole"), "zip", ROOT, "autograd_mini")
    program = "import autograd_mini as a; print(a.__file__, a.ops.tanh.__doc__[:10])"
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": whole},
    )  # fmt: skip
    assert whole in ran.stdout, ran.stderr


@pytest.mark.parametrize("mine", ["nn.py", "nn/__init__.py", "nn/my_file.txt"])
@pytest.mark.parametrize("text", ["class Mine: pass\n", "import tensorflow_that_is_not_there\n"])
def test_an_nn_in_the_way_is_named(tmp_path: Path, mine: str, text: str) -> None:
    (tmp_path / "nn").mkdir()
    (tmp_path / mine).write_text(text)
    program = f"import sys; sys.path[:0] = [{str(tmp_path)!r}]; from autograd_mini import *"
    for ask in ("from autograd_mini import nn", "import autograd_mini; autograd_mini.nn"):
        ran = subprocess.run(
            [sys.executable, "-c", f"{program}\n{ask}"], capture_output=True, text=True, cwd=ROOT
        )
        said = ran.stderr.strip().splitlines()[-1:] or [""]
        if mine == "nn/my_file.txt":  # ours comes first before a folder without an __init__
            assert said == [""]
        else:
            assert said[0].startswith(f"ImportError: {tmp_path / mine} stands in the way"), said
            assert ("and fails: No module" in said[0]) == ("tensorflow" in text)


def test_an_nn_over_ours_is_named(tmp_path: Path) -> None:
    """Two packages of one name, unpacked one over the other: the files of the second are there."""
    for package in ("autograd_mini", "nn"):
        shutil.copytree(ROOT / package, tmp_path / package)
    (tmp_path / "nn" / "__init__.py").write_text("class Layer: pass\n")
    ran = subprocess.run(
        [sys.executable, "-c", "from autograd_mini import nn"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert f"{tmp_path / 'nn' / '__init__.py'} stands in the way" in ran.stderr
    assert "--force-reinstall" in ran.stderr


# ------------------------------------------------------------------------ names and the reference
PAGES = {
    page.stem: page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "api").glob("*.md")
}
ENTRIES = set(
    re.findall(r"^ *\.\. (?:auto\w+|py:function):: ([\w.]+)", "\n".join(PAGES.values()), re.M)
)


@pytest.mark.parametrize("module", [autograd_mini, testing, nn], ids=lambda m: m.__name__)
def test_what_is_public_is_named_and_nothing_else(module: Any) -> None:
    offered = ["nn", "testing"] * (module is autograd_mini)
    assert dir(module) == sorted([*module.__all__, *offered])
    assert len(set(module.__all__)) == len(module.__all__)
    for name in module.__all__:
        found = getattr(module, name)
        assert inspect.getdoc(found) or name == "Initialiser", name  # an alias of types
        assert not inspect.ismodule(found) or name in ("files", "ops")


@pytest.mark.parametrize("module", ["ops", "functional", "files", "console", "notebook"])
def test_what_a_module_offers_is_its_own(module: str) -> None:
    found = importlib.import_module(f"autograd_mini.{module}")
    for name in dir(found):
        each = getattr(found, name)
        home = found.__name__ if module != "ops" else type(each).__module__
        assert name == "TABLE" or getattr(each, "__module__", home).startswith("autograd_mini")
        assert not inspect.ismodule(each)
    star: dict[str, Any] = {}
    exec(f"from {found.__name__} import *", star)
    star.pop("__builtins__")
    assert set(star) <= set(dir(found))
    assert not set(star) & set(dir(builtins))


def test_no_function_hides_a_module() -> None:
    """Whatever has been imported before, `import a.b.c as m` gives the module a.b.c."""
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for package in ("autograd_mini", "nn")
        for path in sorted((ROOT / package).rglob("*.py"))
    ]
    assert len(names) > 100
    program = (
        "import inspect, autograd_mini, nn\n"
        "[getattr(autograd_mini, name) for name in dir(autograd_mini)]\n"
        + "".join(f"import {name} as m; assert inspect.ismodule(m), {name!r}\n" for name in names)
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert not ran.stderr


def test_every_public_name_has_an_entry_in_the_reference() -> None:
    last = {entry.rpartition(".")[2] for entry in ENTRIES}
    whole = set(dir(autograd_mini.functional)) | {"files", "ops"}  # pages with all members
    assert set(autograd_mini.__all__) - last - whole == set()
    assert set(testing.__all__) <= last
    assert {f"autograd_mini.ops.{name}" for name in ops.TABLE} <= ENTRIES
    assert ":imported-members:" in PAGES["nn"]
    assert {name for name in dir(Value(1.0)) if not name.startswith("_")} <= ENTRIES
    assert not {"born", "twin", "peek"} & (ENTRIES | set(dir(Value(1.0))))


def test_every_member_of_a_value_says_what_it_is() -> None:
    slots = {"name", "op"}  # said in the source, where the reference finds it
    for name in dir(Value):
        if not name.startswith("_") and name not in slots:
            assert inspect.getdoc(getattr(Value, name)), name


# ------------------------------------------------------------------------------ around the code
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_install_page_has_every_extra() -> None:
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    table = page.partition("| extra |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.M) == [*PROJECT["optional-dependencies"]]


def test_what_the_code_tells_to_install_is_an_extra() -> None:
    told = set()
    for path in [*(ROOT / "autograd_mini").rglob("*.py"), *(ROOT / "nn").rglob("*.py")]:
        told |= set(re.findall(r"autograd-mini\[(\w+)\]", path.read_text(encoding="utf-8")))
    assert {"plot", "data", "threads", "dot", "testing", "mpi", "safetensors"} == told
    assert told <= set(PROJECT["optional-dependencies"])


def test_the_version_is_one() -> None:
    version = autograd_mini.__version__
    assert PROJECT["version"] == version
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    (date,) = re.findall(r'^date-released: "(.*)"$', cited, re.M)
    assert f"\nversion: {version}\n" in cited
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{version}] - {date}\n" in changes


def test_names_in_the_guides_lead_to_entries_that_are_there() -> None:
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        links: Any = importlib.import_module("links")
    finally:
        sys.path.remove(str(ROOT / "docs"))
    whole = ("autograd_mini.functional.", "nn.", "autograd_mini.Value.")  # all members have one
    for entry in set(links.ENTRIES.values()):
        last = entry.rpartition(".")[2]
        assert entry.startswith(whole) or last in {e.rpartition(".")[2] for e in ENTRIES}, entry
    assert links.meant("`draw`".strip("`")) == "autograd_mini.draw"
    assert links.meant("nn.fit(model, cost)") == "nn.fit"
    assert links.meant("grad") == links.meant("x") == links.meant("draw + 1") == ""
