"""Write the table of ops from their declarations: `python docs/op_table.py` makes docs/ops.md."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from autograd_mini import Domain, Op, ops

HEAD = """# The table of ops

Made from the declarations by `python docs/op_table.py`; do not edit. `g` is the gradient of the
result, `out` the result. A rule stands as it is written in the source, where it fits a line.
{count} ops stand for {functions} NumPy functions.
"""


def declarations(family: ModuleType) -> Iterator[tuple[str, list[str]]]:
    """The name of each op of a family, and its rules as they are written."""
    tree = ast.parse(inspect.getsource(family))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            called = node.value.func
            if isinstance(target, ast.Name) and getattr(called, "id", "") in ("Op", "by_element"):
                yield target.id, [written(rule, functions) for rule in node.value.args[1:]]


def own_names(family: ModuleType) -> list[str]:
    """The names that a family defines, in order, without those that it imports."""
    tree = ast.parse(inspect.getsource(family))
    imported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return [name for name in vars(family) if name not in imported]


def written(rule: ast.expr, functions: dict[str, ast.FunctionDef]) -> str:
    """A rule as a formula, or the name of the function that states it."""
    if isinstance(rule, ast.Lambda):
        return f"`{ast.unparse(rule.body)}`"
    if isinstance(rule, ast.Name) and rule.id in functions:
        body = functions[rule.id].body
        last = body[-1]
        if len(body) == 1 and isinstance(last, ast.Return) and last.value is not None:
            return f"`{ast.unparse(last.value)}`"
    return "none" if ast.unparse(rule) == "None" else f"`{ast.unparse(rule)}`, in the source"


def domain_of(domain: Domain) -> str:
    """Where an argument is drawn when the rule is tested."""
    text = f"[{domain.low:g}, {domain.high:g}]"
    if domain.away_from:
        text += " away from " + ", ".join(f"{x:g}" for x in domain.away_from)
    return text + (", all different" if domain.distinct else "")


def numpy_name(function: object) -> str:
    """np.sum, np.linalg.inv, and the like."""
    module = getattr(function, "__module__", None) or "numpy"
    place = module.replace("numpy", "np").split("._")[0]
    return f"{place}.{getattr(function, '__name__', function)}"


def row(op: Op, rules: list[str]) -> str:
    """One line of the table."""
    kinks = "; ".join(
        f"at {', '.join(f'{x:g}' for x in args)}: {', '.join(f'{s:g}' for s in shares)}"
        for args, shares in op.kinks
    )
    if op.declared is not None:
        kinks = "declared: not the true derivative"
    cells = (
        op.name,
        ", ".join(numpy_name(f) for f in op.numpy),
        "<br>".join(rules) or "composed of other ops",
        "<br>".join(dict.fromkeys(map(domain_of, op.domain))),
        kinks,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def table() -> str:
    """The whole page."""
    functions = {numpy_name(f) for op in ops.TABLE.values() for f in op.numpy}
    parts = [HEAD.format(count=len(ops.TABLE), functions=len(functions))]
    for family in ops.FAMILIES:
        title = family.__name__.rpartition(".")[2].replace("_", " ").capitalize()
        parts.append(f"\n## {title}\n\n{(family.__doc__ or '').split('.')[0]}.\n")
        parts.append("| op | NumPy | rule of each argument | tested on | kinks |")
        parts.append("| --- | --- | --- | --- | --- |")
        rules = dict(declarations(family))
        for name in own_names(family):
            op = vars(family)[name]
            if isinstance(op, Op):
                parts.append(row(op, rules.get(name, ["in the source"] * len(op.rules))))
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("ops.md").write_text(table(), encoding="utf-8")
