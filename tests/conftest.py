"""Hypothesis profiles, Ctrl-C for tests that press it, and the count of what the table tests."""

import os
import random
import signal
from typing import Any

import pytest
from hypothesis import settings

from autograd_mini.ops import TABLE

settings.register_profile("default", deadline=None, derandomize=True)
settings.register_profile(
    "thorough", deadline=None, max_examples=1000, derandomize=False, print_blob=True
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# Programs in the background ignore Ctrl-C, and so do their children; some tests press it.
signal.signal(signal.SIGINT, signal.default_int_handler)

DECLARATIONS = "test_ops.py::test_declaration["
PLANTED = "test_planted_errors.py::test_planted_error_is_rejected["


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
        terminalreporter.write_line(
            f"tested from their declarations, at first and second order: {len(passed)} of"
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
