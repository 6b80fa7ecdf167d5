"""Mechanical mutants: every operator, constant and comparison of every rule, changed once.

`make mutants` runs it, or `python tests/mutants.py [NAME …]`, with names of functions
or ops, or none for all. It prints the mutants that neither `check_op` nor the tests of conventions
reject. Those that are right all the same are explained in REASONS; it fails on one that is not,
and, where all are tried, on an explanation that nothing needs any more.
"""

import ast
import collections
import contextlib
import copy
import functools
import inspect
import io
import multiprocessing
import sys
import types
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from equivalent_mutants import REASONS
from hypothesis import settings

from autograd_mini import Op, ops
from autograd_mini.ops import TABLE
from autograd_mini.testing import check_op

SWAPS: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


ROOT = Path(__file__).parent.parent
OTHER_TESTS = [
    *(
        str(next((ROOT / "tests").rglob(name)))
        for name in ("test_edges.py", "test_numpy_functions.py")
    ),
    str(ROOT / "docs/conventions.md"),
    "--doctest-glob=*.md",
    f"--rootdir={ROOT}",
]


class Mutant(NamedTuple):
    """One change of one function: its text before and after, and its new code or defaults."""

    function: Any
    line: int
    before: str
    after: str
    code: Any
    users: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str]:
        """What names it among the reasons: the function, and the change as `ast.unparse` has it.

        So line breaks, brackets and quotes of the source do not count.
        """
        return name_of(self.function, self.users), f"{self.before} → {self.after}"

    @property
    def told(self) -> tuple[str, tuple[str, str]]:
        """Where and what it is, and its key."""
        module = self.function.__module__.rpartition(".")[2]
        return f"{module}.py:{self.line}: {': '.join(self.key)}", self.key


def name_of(function: Any, users: Sequence[str]) -> str:
    """A function's own name, or that of the op that it is a rule of."""
    return users[0] if function.__name__ == "<lambda>" else str(function.__name__)


# ------------------------------------------------------------------------- functions of the rules
def reached(op: Op) -> dict[Any, None]:
    """The functions of the ops' package that the rules of `op` are made of."""
    found: dict[Any, None] = {}
    queue: list[Any] = [rule for rule in op.rules if rule is not None]
    while queue:
        function = queue.pop(0)
        if isinstance(function, functools.partial):
            function = function.func
        function = inspect.unwrap(function) if callable(function) else function
        ours = isinstance(function, types.FunctionType) and function not in found
        if not ours or not function.__module__.startswith(ops.__name__):
            continue
        found[function] = None
        names = [n for code in codes(function.__code__) for n in code.co_names]
        queue += [function.__globals__[n] for n in names if n in function.__globals__]
        queue += [cell.cell_contents for cell in function.__closure__ or ()]
    return found


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)


def users() -> dict[Any, list[str]]:
    """Every such function, with the names of the ops whose rules reach it."""
    table: dict[Any, list[str]] = collections.defaultdict(list)
    for name, op in TABLE.items():
        for function in reached(op):
            table[function].append(name)
    return table


# ------------------------------------------------------------------------------- changed sources
@functools.cache
def module_of(filename: str) -> ast.Module:
    with open(filename) as file:
        return ast.parse(file.read())


def located(function: Any) -> ast.AST:
    """The node of the function's module that defines it, lambdas of one line told apart."""
    code = function.__code__
    wanted = {(p[0], p[2]) for p in code.co_positions() if p[0] is not None}
    kinds = (ast.FunctionDef, ast.Lambda)
    candidates = [
        node
        for node in ast.walk(module_of(code.co_filename))
        if isinstance(node, kinds)
        and getattr(node, "name", "<lambda>") == code.co_name
        and {a.arg for a in node.args.args} >= set(code.co_varnames[: code.co_argcount])
    ]
    start = lambda node: min(
        [node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))]
    )
    nearest = [node for node in candidates if start(node) == code.co_firstlineno]
    if len(nearest) > 1:
        inside = lambda node: sum(
            (sub.lineno, sub.col_offset) in wanted
            for sub in ast.walk(node.body)
            if isinstance(sub, ast.expr)
        )
        nearest.sort(key=inside, reverse=True)
    return nearest[0]


def changes(node: ast.AST) -> Iterator[tuple[ast.AST, str, Any]]:
    """Places where one thing can be changed: the node, its field, the new value."""
    silent = {id(sub) for part in silent_parts(node) for sub in ast.walk(part)}
    for sub in ast.walk(node):
        if id(sub) in silent:
            continue
        if isinstance(sub, ast.BinOp | ast.BoolOp) and type(sub.op) in SWAPS:
            yield sub, "op", SWAPS[type(sub.op)]()
        elif isinstance(sub, ast.UnaryOp):
            yield sub, "", sub.operand
        elif isinstance(sub, ast.Compare):
            yield sub, "ops", [SWAPS[type(sub.ops[0])](), *sub.ops[1:]]
        elif isinstance(sub, ast.Constant):
            if isinstance(sub.value, bool):
                yield sub, "value", not sub.value
            elif isinstance(sub.value, int | float):
                yield sub, "value", sub.value + 1
            elif sub.value is None:
                yield sub, "value", 0
            elif isinstance(sub.value, str):
                yield sub, "value", sub.value + "?"


def silent_parts(node: ast.AST) -> Iterator[ast.AST]:
    """What is said, not computed; and parameters, whose defaults are changed in `defaults`."""
    for sub in ast.walk(node):
        if isinstance(sub, ast.arguments):
            yield sub
        elif isinstance(sub, ast.FunctionDef):
            yield from sub.decorator_list
            yield from [sub.returns] if sub.returns else []
            first = sub.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield first
        elif isinstance(sub, ast.Raise | ast.JoinedStr):
            yield sub
        elif isinstance(sub, ast.AnnAssign):
            yield sub.annotation


def mutants(function: Any, names: list[str], *, run: bool = True) -> Iterator[Mutant]:
    """All mutants of a function; without code, and much faster, if they will not be run."""
    node = located(function)
    tree = module_of(function.__code__.co_filename)
    for k, (sub, _, _) in enumerate(list(changes(node))):
        changed = copy.deepcopy(tree if run else node)
        twin = twin_of(tree, changed, node) if run else changed
        before, after = change(twin, k)
        code = recompiled(changed, twin, function.__code__) if run else None
        yield Mutant(function, sub.lineno, before, after, code, tuple(names))
    for field in ("__defaults__", "__kwdefaults__"):
        yield from defaults(function, field, names)


def change(definition: ast.AST, k: int) -> tuple[str, str]:
    """Make change number `k` in a definition, and tell the text at its place, before and after."""
    place, field, new = list(changes(definition))[k]
    before = ast.unparse(place)
    if field:
        setattr(place, field, new)
        return before, ast.unparse(place)
    replace(definition, place, new)
    return before, ast.unparse(new)


def recompiled(changed: ast.Module, twin: ast.AST, code: types.CodeType) -> types.CodeType:
    """The code of a changed definition in its module."""
    ast.fix_missing_locations(changed)
    with warnings.catch_warnings(action="ignore"):  # such as: "is" with a literal
        return matching(compile(changed, code.co_filename, "exec"), code, twin)


def stale_reasons() -> list[str]:
    """Explanations of mutants that do not exist (any more)."""
    keys = {
        mutant.key
        for function, names in users().items()
        if name_of(function, names) in REASONS
        for mutant in mutants(function, names, run=False)
    }
    return sorted(": ".join(key) for key in set(explained()) - keys)


def explained() -> dict[tuple[str, str], str]:
    """The reasons by key, with changes spelled as `ast.unparse` spells them."""
    return {
        (name, " → ".join(map(spelled, text.split(" → ")))): why
        for name, reasons in REASONS.items()
        for text, why in reasons.items()
    }


def spelled(text: str) -> str:
    return text if text.startswith("default ") else ast.unparse(ast.parse(text, mode="eval"))


def defaults(function: Any, field: str, names: list[str]) -> Iterator[Mutant]:
    values = getattr(function, field) or ()
    items = values.items() if isinstance(values, dict) else enumerate(values)
    for key, old in items:
        if isinstance(old, bool) or old is None or isinstance(old, int | float):
            new: Any = (not old) if isinstance(old, bool) else 0 if old is None else old + 1
            changed: Any = dict(values) if isinstance(values, dict) else list(values)
            changed[key] = new
            value = changed if isinstance(values, dict) else tuple(changed)
            line = function.__code__.co_firstlineno
            text = f"default {key} = {old}", f"default {key} = {new}"
            yield Mutant(function, line, *text, (field, value), tuple(names))


def twin_of(tree: ast.AST, changed: ast.AST, node: ast.AST) -> ast.AST:
    pairs = zip(ast.walk(tree), ast.walk(changed), strict=True)
    return next(twin for original, twin in pairs if original is node)


def replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
            elif isinstance(value, list) and any(item is old for item in value):
                setattr(parent, field, [new if item is old else item for item in value])


def matching(compiled: types.CodeType, code: types.CodeType, node: ast.AST) -> types.CodeType:
    """The code of the changed definition among all of its module."""
    same = [
        c
        for c in codes(compiled)
        if (c.co_name, c.co_firstlineno, c.co_varnames[: c.co_argcount], c.co_freevars)
        == (
            code.co_name,
            code.co_firstlineno,
            code.co_varnames[: code.co_argcount],
            code.co_freevars,
        )
    ]
    if len(same) == 1:
        return same[0]
    spots = {(s.lineno, s.col_offset) for s in ast.walk(node) if isinstance(s, ast.expr)}
    return max(same, key=lambda c: sum((p[0], p[2]) in spots for p in c.co_positions()))


# ------------------------------------------------------------------------------------- survivors
def survives(mutant: Mutant) -> bool:
    """Whether `check_op` accepts all ops that the changed function is in, and so do the others."""
    function = mutant.function
    field = "__code__" if isinstance(mutant.code, types.CodeType) else mutant.code[0]
    kept = getattr(function, field)
    setattr(function, field, mutant.code if field == "__code__" else mutant.code[1])
    try:
        for name in mutant.users:
            check_op(TABLE[name], shrink=False)
        return not rejected_by_other_tests()
    except Exception:
        return False
    finally:
        setattr(function, field, kept)


def rejected_by_other_tests() -> bool:
    """Whether the tests of conventions, at nan, infinity and ties, reject what the ops now are."""
    silent = io.StringIO()
    with (
        warnings.catch_warnings(action="default"),
        contextlib.redirect_stdout(silent),
        contextlib.redirect_stderr(silent),
    ):
        return (
            pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--assert=plain", *OTHER_TESTS])
            != 0
        )


def look(item: tuple[str, tuple[str, ...]]) -> tuple[int, list[tuple[str, tuple[str, str]]]]:
    """Try all mutants of one function, found again by its first user and name."""
    name, names = item
    settings.register_profile("mutants", derandomize=True, deadline=None, max_examples=100)
    settings.load_profile("mutants")
    warnings.simplefilter("error")
    function = next(f for f in reached(TABLE[names[0]]) if label(f) == name)
    tried, found = 0, []
    for mutant in mutants(function, list(names)):
        tried += 1
        if survives(mutant):
            found.append(mutant.told)
    return tried, found


def label(function: Any) -> str:
    code = function.__code__
    first = min(p[2] for p in code.co_positions() if p[2] is not None)
    return f"{function.__module__}:{code.co_firstlineno}:{first}:{function.__qualname__}"


def main(wanted: list[str]) -> int:
    jobs = [
        (label(function), tuple(names))
        for function, names in users().items()
        if not wanted or function.__name__ in wanted or set(names) & set(wanted)
    ]
    assert not rejected_by_other_tests(), "the other tests must pass before anything is changed"
    reasons = explained()
    total = accepted = unexplained = 0
    needed = set()
    with multiprocessing.get_context("fork").Pool() as pool:
        for tried, found in pool.imap_unordered(look, jobs):
            total += tried
            accepted += len(found)
            unexplained += sum(key not in reasons for _, key in found)
            needed.update(key for _, key in found)
            for where, key in found:
                print(f"{where}\n    {reasons.get(key, 'NO TEST REJECTS IT')}", flush=True)
    print(
        f"{total} mutants of {len(jobs)} functions: {total - accepted} rejected,"
        f" {accepted - unexplained} equivalent, {unexplained} unexplained"
    )
    idle = [] if wanted else [": ".join(key) for key in reasons if key not in needed]
    for key in idle:
        print(f"{key}\n    EXPLAINED, AND NOT NEEDED: tests reject it, or it does not exist")
    return int(bool(unexplained or idle))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
