"""Checks of gradients, and Hypothesis strategies: for this project's ops, and for yours.

`check_gradients` needs NumPy alone. The rest needs Hypothesis and is imported when it is asked
for: `pip install 'autograd-mini[testing]'`.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from autograd_mini.testing.compare import GradientCheckError as GradientCheckError
from autograd_mini.testing.compare import InconclusiveCheckError as InconclusiveCheckError
from autograd_mini.testing.functions import check_backward as check_backward
from autograd_mini.testing.functions import check_gradients as check_gradients
from autograd_mini.testing.functions import check_jvp as check_jvp
from autograd_mini.testing.functions import check_layer as check_layer

if TYPE_CHECKING:
    from autograd_mini.testing.checks import Ledger as Ledger
    from autograd_mini.testing.checks import check_op as check_op
    from autograd_mini.testing.graphs import Program as Program
    from autograd_mini.testing.graphs import programs as programs
    from autograd_mini.testing.strategies import arrays_in as arrays_in
    from autograd_mini.testing.strategies import broadcastable as broadcastable
    from autograd_mini.testing.strategies import indices as indices
    from autograd_mini.testing.strategies import numbers as numbers
    from autograd_mini.testing.strategies import parameters as parameters
    from autograd_mini.testing.strategies import values as values

_HOMES = {
    "Ledger": "checks",
    "check_op": "checks",
    "Program": "graphs",
    "programs": "graphs",
    "arrays_in": "strategies",
    "broadcastable": "strategies",
    "indices": "strategies",
    "numbers": "strategies",
    "parameters": "strategies",
    "values": "strategies",
}

__all__ = [
    "GradientCheckError", "InconclusiveCheckError", "Ledger", "Program", "arrays_in",
    "broadcastable", "check_backward", "check_gradients", "check_jvp", "check_layer",
    "check_op", "indices", "numbers", "parameters", "programs", "values",
]  # fmt: skip
if not find_spec("hypothesis"):
    for _name in _HOMES:
        __all__.remove(_name)  # so that * and help() give the others


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"autograd_mini.testing has no {name}")
    try:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        raise ModuleNotFoundError(
            f"{name} needs Hypothesis: pip install 'autograd-mini[testing]'", name="hypothesis"
        ) from None
