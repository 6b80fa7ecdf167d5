"""Backpropagation you can read in an afternoon: Values over NumPy, every derivative checked."""

from typing import TYPE_CHECKING, Any

from autograd_mini import files as files
from autograd_mini import ops as ops
from autograd_mini.engine.declaration import Case as Case
from autograd_mini.engine.declaration import Domain as Domain
from autograd_mini.engine.declaration import case as case
from autograd_mini.engine.modes import recompile as recompile
from autograd_mini.engine.op import Op as Op
from autograd_mini.engine.value import Value as Value
from autograd_mini.engine.value import no_grad as no_grad
from autograd_mini.functional import grad as grad
from autograd_mini.functional import hessian as hessian
from autograd_mini.functional import hvp as hvp
from autograd_mini.functional import jacobian as jacobian
from autograd_mini.functional import jvp as jvp
from autograd_mini.functional import value_and_grad as value_and_grad
from autograd_mini.functional import vjp as vjp
from autograd_mini.functional.per_example import per_example as per_example
from autograd_mini.functional.recorded import gradient_table as gradient_table
from autograd_mini.functional.recorded import gradients as gradients
from autograd_mini.trees import flatten as flatten

if TYPE_CHECKING:
    import nn as nn
    from autograd_mini.program import CannotCompileError as CannotCompileError
    from autograd_mini.program import compile as compile
    from autograd_mini.show.debug import ChangedConstantError as ChangedConstantError
    from autograd_mini.show.debug import NotFiniteError as NotFiniteError
    from autograd_mini.show.debug import debug as debug
    from autograd_mini.show.debug import made_at as made_at
    from autograd_mini.show.draw import draw as draw
    from autograd_mini.show.draw import path as path
    from autograd_mini.show.explain import explain as explain
    from autograd_mini.show.graph.health import layer_sizes as layer_sizes
    from autograd_mini.show.listing import listing as listing
    from autograd_mini.show.page import to_html as to_html

__version__ = "0.1.0"


__all__ = [
    "CannotCompileError", "Case", "ChangedConstantError", "Domain", "NotFiniteError", "Op",
    "Value", "case", "compile", "debug", "draw", "explain", "files", "flatten", "grad",
    "gradient_table", "gradients", "hessian", "hvp", "jacobian", "jvp", "layer_sizes",
    "listing", "made_at", "no_grad", "ops", "path", "per_example", "recompile", "to_html",
    "value_and_grad", "vjp",
]  # fmt: skip
_LATER = {  # what a gradient does not need waits until it is asked for
    **dict.fromkeys(("compile", "CannotCompileError"), "program"),
    **dict.fromkeys(("ChangedConstantError", "NotFiniteError", "debug", "made_at"), "show.debug"),
    **dict.fromkeys(("draw", "path"), "show.draw"),
    **{"explain": "show.explain", "listing": "show.listing", "to_html": "show.page"},
    "layer_sizes": "show.graph.health",
}


def __getattr__(name: str) -> Any:
    if name in ("nn", "testing"):
        import importlib

        found = _our_nn() if name == "nn" else importlib.import_module("autograd_mini.testing")
        globals()[name] = found
        return found
    if name not in _LATER:
        raise AttributeError(f"autograd_mini has no {name}")
    import importlib

    found = getattr(importlib.import_module(f"autograd_mini.{_LATER[name]}"), name)
    globals()[name] = found
    return found


def _our_nn() -> Any:
    """The package `nn` beside this one: others install, or write, something of that name too."""
    import importlib.util
    import os

    try:
        spec = importlib.util.find_spec("nn")
    except ValueError:  # in sys.modules without a spec
        spec = None
    stands = (spec and (spec.origin or next(iter(spec.submodule_search_locations or [])))) or "nn"
    ours = os.path.join(os.path.dirname(os.path.dirname(__file__)), "nn", "__init__.py")
    try:
        found, why = importlib.import_module("nn"), ""
    except Exception as error:  # of whatever stands there
        found, why = None, f" and fails: {error}"
    if not (hasattr(found, "MLP") and os.path.realpath(stands) == os.path.realpath(ours)):
        raise ImportError(
            f"{stands} stands in the way of autograd_mini's nn{why}. Rename it if it is yours; if"
            " it is the package nn of PyPI: pip uninstall nn, then pip install --force-reinstall"
            " --no-deps autograd-mini",
            name="nn",
            path=stands,
        )
    return found


def __dir__() -> list[str]:
    return [*__all__, "nn", "testing"]  # `import *` needs neither, nor meets another nn
