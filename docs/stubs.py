"""Write what editors and help() show of the ops, from their declarations: `python docs/stubs.py`.

It makes autograd_mini/ops/__init__.pyi, autograd_mini/engine/methods.pyi and
autograd_mini/ops/docstrings.txt.
"""

import ast
import inspect
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from conf import as_restructured_text
from op_table import declarations, numpy_name, own_names

from autograd_mini import Op, Value, ops
from autograd_mini.ops.plain import PLAIN
from autograd_mini.testing.domains import domains_of, grid

PACKAGE = Path(__file__).parents[1] / "autograd_mini"
HEAD = "# Made from the declarations by `python docs/stubs.py`; do not edit.\n"
OPERAND = "Value | ArrayLike"


# ------------------------------------------------------------------------------------ docstrings
def sentences() -> dict[str, str]:
    """What stands below each declaration: one line of what the op does."""
    found = {}
    for family in ops.FAMILIES:
        body = ast.parse(inspect.getsource(family)).body
        for node, below in itertools.pairwise(body):
            target = getattr(node, "target", None) or getattr(node, "targets", [None])[0]
            if isinstance(target, ast.Name) and isinstance(below, ast.Expr):
                found[target.id.rstrip("_")] = str(ast.literal_eval(below.value))
    return found


def docstring(name: str, op: Op, says: str, rules: list[str]) -> str:
    """What help() says of an op: what it does, shapes, rules, kinks, and an example."""
    lines = [says, ""]
    if op.numpy:
        lines.append(f"It is {', '.join(dict.fromkeys(map(numpy_name, op.numpy)))} of Values.")
    lines.append(shapes(op))
    if not op.rules:
        lines.append("It is composed of other ops.")
    for parameter, rule in zip(parameters(op), rules if op.rules else [], strict=False):
        if rule != "none":
            lines.append(f"Share of {parameter.name}, for the gradient g of the result: {rule}.")
    for args, shares in op.kinks:
        at, share = (", ".join(f"{x:g}" for x in np.ravel(each)) for each in (args, shares))
        lines.append(f"At {at} the derivative is taken as {share}.")
    if op.declared is not None:
        lines.append("The derivative is a declared one, not the true one.")
    return "\n".join([*lines, "", *example(name, op)])


def formula(rule: str, family: ModuleType) -> str:
    """A rule as it is written; of one that takes several lines, what it says of itself."""
    name, source, _ = rule.partition("`, in the source")
    if not source:
        return rule
    says = str(inspect.getdoc(getattr(family, name[1:]))).partition("\n")[0].rstrip(".")
    return says[0].lower() + says[1:] if says[1].islower() else says


def shapes(op: Op) -> str:
    """Which shapes go in and come out."""
    if op.sequence:
        return "It takes a list of arrays."
    if op.signature:
        return f"Shapes {op.signature.replace('->', ' -> ')}."
    many = "Numbers and arrays of any shapes that broadcast"
    return f"{many if op.arity > 1 else 'A number or an array of any shape'}."


def example(name: str, op: Op) -> Iterator[str]:
    """A call with simple numbers, and its result to four digits."""
    case = next((c for c in op.cases if c.shapes), op.cases[0])
    args = []
    n = len(case.shapes) if op.sequence else op.arity
    for i, domain in enumerate(domains_of(op, n)):
        shape = case.shapes[i] if case.shapes else ()
        size = int(np.prod(shape))
        numbers = np.resize(grid(domain, at_least=size + i)[i:], size).reshape(shape)
        if domain.diagonal and len(shape) > 1:
            k = min(shape[-2:])
            numbers[..., range(k), range(k)] += domain.diagonal * np.arange(1, k + 1)
        if op.rules and not op.sequence and op.rules[i] is None:
            numbers = np.resize([True, False], size).reshape(shape)
        args.append(numbers if shape else numbers.item())
    given = [args] if op.sequence else args
    texts = [literal(x) for x in given] + [f"{k}={literal(x)}" for k, x in case.keywords.items()]
    with np.errstate(all="ignore"):
        out = np.round(ops.TABLE[name](*given, **case.keywords), 4) + 0.0
    yield ">>> import numpy as np"
    yield ">>> from autograd_mini import ops"
    call = f"np.round(ops.{name}({', '.join(texts)}), 4) + 0.0"
    deep = out.ndim > 2  # whose text has empty lines
    yield f">>> ({call}).tolist()" if deep else f">>> {call}"
    yield repr(out.tolist() if deep else out)


def literal(x: Any) -> str:
    """A number, an array, or containers of them, as one types them."""
    if isinstance(x, np.ndarray):
        return (
            f"np.array({json.dumps(x.tolist()).replace('true', 'True').replace('false', 'False')})"
        )
    if isinstance(x, list | tuple):
        inner = ", ".join(map(literal, x))
        return f"[{inner}]" if isinstance(x, list) else f"({inner}{',' * (len(x) == 1)})"
    return f"np.{x.__name__}" if isinstance(x, type) else repr(x)


def docstrings() -> dict[str, str]:
    """All of them, by the name of the op."""
    says, found = sentences(), {}
    for family in ops.FAMILIES:
        rules = dict(declarations(family))
        for key in own_names(family):
            name, op = key.rstrip("_"), vars(family)[key]
            if ops.TABLE.get(name) is op:
                each = [formula(rule, family) for rule in rules.get(key, [])]
                found[name] = docstring(name, op, says[name], each)
    return found


# ----------------------------------------------------------------------------------------- stubs
def parameters(op: Op) -> list[inspect.Parameter]:
    """Arrays, then keywords, as one calls the op."""
    return list(ops.signature_of(op).parameters.values())


def typed(parameter: inspect.Parameter, operand: str) -> str:
    """A parameter with its type, as in a stub."""
    kind = parameter.annotation
    text = "Any" if kind in (parameter.empty, Any) else inspect.formatannotation(kind)
    text = operand or text.replace("collections.abc.", "")
    default = "" if parameter.default is parameter.empty else " = ..."
    return f"{parameter.name}: {text}{default}"


def listed(op: Op, operands: list[str], skip: int = 0) -> str:
    """The parameters of an op, `operands` being the types of its arrays."""
    found, starred = [], False
    for i, parameter in enumerate(parameters(op)):
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            found.append("*")
            starred = True
        if op.packs and i == len(operands):
            found.append(f"*{parameter.name}: Any")
            starred = True
        elif i >= skip:
            found.append(typed(parameter, operands[i] if i < len(operands) else ""))
    return ", ".join(found)


def op_stub(name: str, op: Op, text: str) -> Iterator[str]:
    """A class with a typed call, and the op as one of it."""
    n = 1 if op.sequence else op.arity
    yield f"class _{name}(Op):"
    body = text.replace("\\", "\\\\").replace("\n", "\n    ")
    yield f'    """{body}\n    """\n'
    if op.sequence:
        for some, result in (("Sequence[Value]", "Value"), ("Sequence[Any]", "Any")):
            yield "    @overload"
            yield f"    def __call__(self, {listed(op, [some])}) -> {result}: ..."
    else:
        for i in range(n):
            types = [("Value" if j == i else OPERAND) for j in range(n)]
            if op.rules and op.rules[i] is None:
                continue
            yield "    @overload"
            yield f"    def __call__(self, {listed(op, types)}) -> Value: ..."
        yield "    @overload"
        yield f"    def __call__(self, {listed(op, ['ArrayLike'] * n)}) -> Any: ..."
    yield f"\n{name}: _{name}\n"


OPS_HEAD = """from collections.abc import Sequence
from types import ModuleType
from typing import Any, overload
from inspect import Signature

from numpy.typing import ArrayLike

from autograd_mini.engine.op import Op
from autograd_mini.engine.value import Value
from autograd_mini.ops import plain as plain

__all__ = ALL
FAMILIES: tuple[ModuleType, ...]
TABLE: dict[str, Op]

def signature_of(op: Op) -> Signature: ...

"""
METHODS_HEAD = '''from typing import Any, Self

from numpy.typing import ArrayLike

from autograd_mini.engine.value import Value
from autograd_mini.ops.shape import At

class Methods:
    """The operators and methods that the ops give to a Value."""

    __slots__ = ()
    @property
    def T(self) -> Value: ...
    @property
    def mT(self) -> Value: ...
    @property
    def real(self) -> Value: ...
    @property
    def at(self) -> At: ...
    def astype(self, dtype: Any, copy: bool = ...) -> Any: ...
    def copy(self) -> Value: ...
    def flatten(self) -> Value: ...
    def conj(self) -> Value: ...
    def conjugate(self) -> Value: ...
    def __divmod__(self, other: Value | ArrayLike) -> tuple[Value, Value]: ...
    def __rdivmod__(self, other: Value | ArrayLike) -> tuple[Value, Value]: ...
'''


def ops_stub(texts: dict[str, str]) -> str:
    """The stub of autograd_mini.ops."""
    each = (line for name, op in ops.TABLE.items() for line in op_stub(name, op, texts[name]))
    return HEAD + OPS_HEAD.replace("ALL", repr(ops.__all__)) + "\n".join(each)


def methods_stub(texts: dict[str, str]) -> str:
    """The stub of what Value has of the ops."""
    lines = [HEAD + METHODS_HEAD.rstrip("\n")]
    for name, op in ops.TABLE.items():
        for method in op.method:
            types = ["Self"] + [OPERAND] * (op.arity - 1)
            rest = (
                listed(op, types, skip=1) if op.arity == 1 or not method.startswith("__") else ""
            )
            rest = rest or (f"other: {OPERAND}, /" if op.arity > 1 else "")
            lines.append(f"    def {method}(self{', ' * bool(rest)}{rest}) -> Value:")
            body = texts[name].replace("\\", "\\\\").replace("\n", "\n        ")
            lines.append(f'        """{body}\n        """')
            if f"__i{method[2:]}" in vars(Value):
                lines.append(f"    __i{method[2:]} = {method}")
    for _, method in PLAIN:
        if method.startswith("__"):
            lines.append(f"    def {method}(self, other: Any, /) -> Any: ...")
        elif method:
            lines.append(f"    def {method}(self, axis: Any = ..., **keywords: Any) -> Any: ...")
    return "\n".join(lines) + "\n"


# ------------------------------------------------------------------------------------- reference
OPS_PAGE = """# autograd_mini.ops

<!-- Made from the declarations by `python docs/stubs.py`; do not edit. -->

Each op is called by its name in `autograd_mini.ops`, by the NumPy function that it stands for,
and, where there is one, by a method or an operator of {py:class}`~autograd_mini.Value`. Their
rules stand side by side in [the table of ops](../ops.md). What an op is made of stands at
{py:class}`~autograd_mini.Op`; how to declare one, in [An op of your own](../own_op.md).

```python
>>> import numpy as np
>>> from autograd_mini import Value, ops
>>> x = Value([0.0, 1.0])
>>> ops.tanh(x).data.tolist() == np.tanh(x).data.tolist() == x.tanh().data.tolist()
True
>>> ops.TABLE["tanh"] is ops.tanh
True

```
"""


def reference(texts: dict[str, str]) -> str:
    """The page of all ops, by topic."""
    parts = [OPS_PAGE]
    for family in ops.FAMILIES:
        title = family.__name__.rpartition(".")[2].replace("_", " ").capitalize()
        parts.append(f"## {title}\n\n```{{eval-rst}}")
        for key in own_names(family):
            name = key.rstrip("_")
            op = vars(family)[key]
            if ops.TABLE.get(name) is op:
                called = str(inspect.signature(op)).replace(", /", "").replace("'", "")
                lines = texts[name].splitlines()
                as_restructured_text(None, "", "", None, None, lines)
                methods = [f"``{m}``" for m in op.method]
                lines += ["", f"Methods of Value: {', '.join(methods)}."] if methods else []
                parts.append(f".. py:function:: autograd_mini.ops.{name}{called}\n")
                parts.append("\n".join(f"   {x}".rstrip() for x in paragraphs(lines)) + "\n")
        parts.append("```\n")
    return "\n".join(parts)


def paragraphs(lines: list[str]) -> Iterator[str]:
    """The lines of a docstring, each fact a line of its own."""
    for i, line in enumerate(lines):
        plain = not i or not line or line.startswith((">>>", "array", "np.float", " ", "["))
        yield line if plain else f"| {line}"


def files() -> dict[Path, str]:
    """What each file is to hold."""
    texts = docstrings()
    return {
        PACKAGE / "ops" / "docstrings.txt": HEAD
        + "".join(f"\n@ {name}\n{text}\n" for name, text in texts.items()),
        PACKAGE / "ops" / "__init__.pyi": ops_stub(texts),
        PACKAGE.parent / "docs" / "api" / "ops.md": reference(texts),
        PACKAGE / "engine" / "methods.pyi": methods_stub(texts),
    }


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
