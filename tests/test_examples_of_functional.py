"""The examples that minimise with SciPy reach the minimum, and say it if SciPy is missing."""

import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"


def run(name: str) -> Any:
    return runpy.run_path(str(EXAMPLES / name))["main"]()


def test_rosenbrock_reaches_the_lowest_point(capsys: pytest.CaptureFixture[str]) -> None:
    point = run("rosenbrock.py")
    assert type(point["head"]) is float
    np.testing.assert_allclose(np.append(point["tail"], point["head"]), 1, atol=1e-6)
    assert capsys.readouterr().out.count("steps") == 2


def test_logistic_regression_learns_the_classes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("logistic_regression.py") > 0.9
    assert "cost 1.0986 at the start" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["rosenbrock.py", "logistic_regression.py"])
def test_one_sentence_where_scipy_is_missing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(SystemExit, match=r"needs SciPy: pip install .autograd-mini\[scipy\]"):
        run(name)
