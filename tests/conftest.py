"""Hypothesis profiles, Ctrl-C for tests that press it, and the count of what the table tests."""

import importlib.util
import os
import random
import re
import shutil
import signal
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from autograd_mini.ops import TABLE

settings.register_profile("default", deadline=None, derandomize=True)
settings.register_profile(
    "thorough", deadline=None, max_examples=1000, derandomize=False, print_blob=True
)
settings.register_profile("brief", deadline=None, derandomize=True, max_examples=20)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# Programs in the background ignore Ctrl-C, and so do their children; some tests press it.
signal.signal(signal.SIGINT, signal.default_int_handler)

DECLARATIONS = "test_ops.py::test_declaration["
PLANTED = "test_planted_errors.py::test_planted_error_is_rejected["


# What tests need beyond NumPy and the extra `testing`: by words in their names, or by a fixture.
NEEDS = {
    "matplotlib": r"::test_(the_picture_(shows|has_both)|inputs_that_fill|each_activation_is)"
    r"|test_nudges.py::test_the_model_is_left|test_examples.py::test_(mnist_(learns|without)|ctrl_c)"
    r"|example_prints.*(mnist|neuron_view|nudges|two_descents)\.py|test_the_neuron_view_trains"
    r"|::test_(nudges|two_descents)_prints|test_the_perceptron_learns|test_files.py.*\[training\]"
    r"|test_files.py::test_(a_new_file_has|the_umask)|test_docs.py::test_(the_pictures|each_line)"
    r"|pictures/lesson.py::nn.pictures.lesson.draw_activations",
    "scipy": r"(rosenbrock|logistic_regression)(\.py\]|_reaches|_learns)",
    "pygraphviz": r"test_picture_files.py::test_(pygraphviz|a_picture_says_the_same)",
    "pooch": r"test_data.py::test_(a_look_up|servers_that|the_user_s_own|an_interruption|a_kill)",
    "safetensors": r"^docs/training\.md",
}
# And what takes Graphviz's own layout, by its program `dot` or, without it, by pygraphviz.
GRAPHVIZ = r"|test_the_examples_draw_the_pictures_of_the_docs|can_be_read_on_a_slide\[1 neuron\]"
FIXTURES = {"serve": "pooch"}
PROJECT = Path(__file__).parent.parent / "pyproject.toml"
EXTRAS = {
    need.partition(">")[0]: f"autograd-mini[{extra}]"
    for extra, (need, *_) in tomllib.loads(PROJECT.read_text("utf-8"))["project"][
        "optional-dependencies"
    ].items()
}


def lacking(name: str) -> str:
    """What to say of a test that a package is missing for."""
    return f"it needs {name}: pip install '{EXTRAS.get(name, name)}'"


@pytest.fixture(scope="session")
def needed() -> Callable[[str], Any]:
    """A module that only some tests of a file need, by name; without it the test is skipped."""
    return lambda name: pytest.importorskip(name, reason=lacking(name.partition(".")[0]))


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Skip, and say so, what an extra is missing for."""
    missing = {name: ids for name, ids in NEEDS.items() if not importlib.util.find_spec(name)}
    if "pygraphviz" in missing and not shutil.which("dot"):
        missing["pygraphviz"] += GRAPHVIZ
    for item in items:
        fixtures = [FIXTURES.get(name) for name in getattr(item, "fixturenames", ())]
        for name, ids in missing.items():
            if name in fixtures or re.search(ids, item.nodeid):
                item.add_marker(pytest.mark.skip(reason=lacking(name)))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: Any) -> None:
    """Draw a seed for the session where examples are fresh; xdist hands it to its workers."""
    if not settings().derandomize and config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(random.SystemRandom().getrandbits(64))


def pytest_terminal_summary(terminalreporter: Any, config: Any) -> None:
    if seed := config.option.hypothesis_seed:
        terminalreporter.write_line(f"the same examples again: --hypothesis-seed={seed}")
    reports = terminalreporter.getreports("passed")
    ids = [report.nodeid for report in reports if DECLARATIONS in report.nodeid]
    if ids:
        passed = {id_.partition("[")[2].rstrip("]") for id_ in ids}
        functions = {f for name in passed for f in TABLE[name].numpy}
        second = os.environ.get("ORDER_OF_DERIVATIVES", "2") == "2"
        orders = "first and second" if second else "first"
        terminalreporter.write_line(
            f"tested from their declarations, at {orders} order: {len(passed)} of"
            f" {len(TABLE)} ops, which stand for {len(functions)} NumPy functions"
        )
    calls = [n for r in reports for what, n in r.user_properties if what == "compiled calls"]
    if calls:
        terminalreporter.write_line(f"compiled calls compared with eager ones: {sum(calls):,}")
    lines = [said for r in reports for what, said in r.user_properties if what == "lines"]
    if lines:
        terminalreporter.write_line(", ".join(lines))
    planted = [
        sum(PLANTED in report.nodeid for report in terminalreporter.getreports(outcome))
        for outcome in ("passed", "failed")
    ]
    if any(planted):
        terminalreporter.write_line(
            f"wrong rules planted into good ops: {planted[0]} of {sum(planted)} rejected"
        )
