"""What results are called: by the user's variables, and gradients and new parameters after those.

This file knows the notation of the lesson: W, b, z, a, C, and dC_dW for a gradient. It must not
know how a program is traced or spelled.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from autograd_mini.program.lines import Line, Ref
from autograd_mini.users_line import is_engine

READ = 2000
"""Lines of the longest program whose results get names: longer ones are not read"""
_BIAS = re.compile(r"(?:.*_)?[bB](_?\d*)")


def named(tracer: Any, outputs: Sequence[Any]) -> dict[int, str]:
    """The names of inputs and results, by number; several results may bear one name."""
    names = {n: str(name) for n, name in {**tracer.places, **tracer.names}.items()}
    if len(tracer.lines) > READ:
        return names
    by_number: dict[int, Line] = {line.number: line for line in tracer.lines}
    for line in tracer.lines:
        if line.number not in names and (name := _weighted_sum(line, by_number, names)):
            names[line.number] = name
    inputs = {number for number, _ in tracer.inputs}
    for number, (root, by) in tracer.gradients.items():
        if by in names and number not in inputs and number != root:
            names[number] = f"d{names.get(root, 'C')}_d{names[by]}"
    for x in outputs:
        if type(x) is Ref and x.number not in names and x.number in by_number:
            line = by_number[x.number]
            old = line.args[0] if line.args else None
            if line.part == "update" and type(old) is Ref and old.number in inputs:
                names[x.number] = f"new_{names[old.number]}"
    return names


def outside(f: Any) -> Iterator[tuple[str, Any]]:
    """The arrays that a function finds outside its arguments, and what it calls them.

    So do the functions that it finds there, such as the one whose gradient it computes.
    """
    functions, seen = [f], set()
    for f in functions:
        code = getattr(f, "__code__", None)
        if code is None or code in seen:
            continue
        seen.add(code)
        ours = is_engine(code.co_filename, f.__globals__)
        found = [] if ours else [(n, f.__globals__.get(n)) for n in code.co_names]
        for name, cell in zip(code.co_freevars, f.__closure__ or (), strict=True):
            with suppress(ValueError):  # a variable without a value yet
                found.append((name, cell.cell_contents))
        for name, x in found:
            if isinstance(x, np.ndarray):
                yield name, x
            elif callable(x):
                functions.append(x)


def _weighted_sum(line: Line, lines: dict[int, Line], names: dict[int, str]) -> str:
    """z1 for a product to which b1 is added."""
    if line.function is not np.add or not all(type(x) is Ref for x in line.args):
        return ""
    product, bias = (x.number for x in line.args)
    match = _BIAS.fullmatch(names.get(bias, ""))
    multiplies = product in lines and lines[product].function in (np.dot, np.matmul)
    return f"z{match[1]}" if match and multiplies else ""
