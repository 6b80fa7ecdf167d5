"""Names, keys, fields and constants of any kind: compiled functions take them as eager ones do.

A text that we write never holds what somebody else called a thing: a saved module, which says
what it computes, runs nothing but that.
"""

import builtins
import enum
import importlib.util
import inspect
import keyword
import math
import pickle
import string
import unicodedata
from collections import OrderedDict, defaultdict, namedtuple
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, make_dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from autograd_mini import CannotCompileError, Value, compile, grad, listing, value_and_grad
from autograd_mini.program.compiled import MODES
from autograd_mini.program.identifiers import Namespace, identifier

X = np.array([[1.0, 2.0], [3.0, 4.0]])
RUN = "ran_code_of_a_name"
HOSTILE = (
    f'"""\n{RUN}.append(1)\n"""',
    f'""";{RUN}.append(1)#',
    f"\\\n{RUN}.append(1)",
    f"x={RUN}.append(1)",
    f"x){RUN}.append(1)",
    f"\r{RUN}.append(1)",
)
NASTY = (
    *HOSTILE,
    *("C:\\Users", "\\N{", "\0", "\ud800", "\ufffe", "\u202e", "\x1b[31m", "", "_", "__x", "½"),
    *(
        "φ",
        "ϕ",
        "ε",
        "ϵ",
        "μ",
        "µ",
        "x",
        "𝐱",
        "ｘ",
        "ｎｐ",
        "ﬁ",
        "fi",
        "σ²",
        "x²",
        "①",
        "x̂",
        "\u0308",
    ),
    *("class", "None", "match", "__debug__", "np", "math", "guarded", "float", "isinstance"),
    *("space", "part", "found", "_found", "dict", "map", "type", "globals", "PARTS", "permit"),
    *("ArithmeticError", "f", "f_2", "f_in_python", "f_1", "x0", "x1", "t1", "g1", "u1", "v3"),
    *("K1", "ones", "buffer1", "number", "exp", "run", "enter", "known4", "r0", "a" * 500),
)
names = st.sampled_from(NASTY) | st.text() | st.sampled_from(keyword.kwlist + dir(builtins))


@pytest.fixture(autouse=True)
def nothing_else_runs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    ran: list[int] = []
    monkeypatch.setattr(builtins, RUN, ran, raising=False)
    yield
    assert not ran


def imported(compiled: Any, folder: Path) -> Any:
    """The function of the saved module."""
    path = folder / "saved.py"
    compiled.save(path)
    spec = importlib.util.spec_from_file_location("saved", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    functions = [f for f in vars(module).values() if getattr(f, "__module__", "") == "saved"]
    return functions[-1]


def same(a: Any, b: Any) -> bool:
    """Alike to the types of keys, containers and leaves; numbers to 1e-12."""
    b = b.peek()[0] if isinstance(b, Value) else b
    if type(a) is not type(b) and not (isinstance(a, float) and isinstance(b, float)):
        return False
    if isinstance(a, dict):
        return list(map(type, a)) == list(map(type, b)) and all(
            (k is m or k == m) and same(x, y)
            for (k, x), (m, y) in zip(a.items(), b.items(), strict=True)
        )
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if is_dataclass(a):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    if isinstance(a, np.ndarray | float | np.floating):
        plain = np.allclose(a, b, rtol=1e-12, atol=0, equal_nan=True)
        return plain and np.asarray(a).dtype == np.asarray(b).dtype
    return bool(a == b)


def check(f: Callable[..., Any], *arguments: Any, folder: Path | None = None) -> None:
    """Compiled is eager, in both modes and at three calls; so is the saved module, if asked."""
    wanted = f(*arguments)
    for mode in MODES:
        compiled = compile(f, mode=mode)
        for _ in range(3):
            found = compiled(*arguments)
            assert same(found, wanted), (found, wanted, compiled.source)
        if folder is not None:
            assert same(imported(compiled, folder)(*arguments), wanted), compiled.source


# --------------------------------------------------------------------------------- identifiers
def is_free(name: str) -> bool:
    return (
        name.isidentifier()
        and unicodedata.normalize("NFKC", name) == name
        and not name.startswith("_")
    )


@given(st.lists(names, max_size=30))
@example(list(NASTY) * 2)
def test_identifiers_are_pythons_and_differ(wanted: list[str]) -> None:
    space = Namespace("f")
    found = [space.unique(name) for name in wanted]
    assert len({*found, "f"}) == len(wanted) + 1
    for name in found:
        assert is_free(name)
        assert not keyword.iskeyword(name)
        assert not hasattr(builtins, name)


@given(st.characters(), st.sampled_from(["", "a", "x_"]), st.sampled_from(["", "b", "_1"]))
def test_an_identifier_is_one_wherever_a_letter_stands(c: str, before: str, after: str) -> None:
    assert is_free(identifier(before + c + after))


@given(st.from_regex(r"[^\W_](\w*[^\W_])?", fullmatch=True, alphabet=string.printable))
def test_an_identifier_stays_what_it_is(name: str) -> None:
    assert identifier(name) == (name if name.isidentifier() else f"x{name}")


def test_many_of_one_name_are_numbered_in_one_pass() -> None:
    space = Namespace()
    found = [space.unique("t") for _ in range(100_000)]
    assert found[-1] == "t_100000"


# --------------------------------------------------------------------------------------- names
SCOPES = (X[0] / 4, 0.3)  # a program of arrays, and one of Python's numbers


@pytest.mark.parametrize("data", SCOPES, ids=["array", "number"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(wanted=st.lists(names, min_size=1, max_size=6), own=names)
@example(wanted=list(NASTY), own="f")
def test_values_may_have_any_names(
    tmp_path_factory: Any, data: Any, wanted: list[str], own: str
) -> None:
    def total(x: Any) -> Any:
        found = x * 1.5
        for name in wanted:
            h = np.exp(x) * 0.25
            h.name = name
            found = found + h * h + h + 1 / (h + 0.5)
        return np.sum(found)

    f = value_and_grad(total)
    if "\0" not in own and not any("\ud800" <= c <= "\udfff" for c in own):
        f.__name__ = own
    check(f, data, folder=tmp_path_factory.mktemp("names"))


@pytest.mark.parametrize("data", SCOPES, ids=["array", "number"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(wanted=st.lists(names, min_size=1, max_size=6, unique=True))
@example(wanted=list(NASTY))
def test_arguments_and_values_outside_may_have_any_names(
    tmp_path_factory: Any, data: Any, wanted: list[str]
) -> None:
    outside = [Value(data * (k + 1), name=name) for k, name in enumerate(wanted)]
    inside = {name: data * (k + 2) for k, name in enumerate(wanted)}

    def f(p: Any) -> Any:
        terms = [np.sum(x * p[v.name] + 1 / v) for v, x in zip(outside, p.values(), strict=True)]
        return sum(terms[1:], terms[0])

    found = grad(f)(inside)
    for mode in MODES:
        compiled = compile(grad(f), mode=mode)
        assert all(same(compiled(inside), found) for _ in range(3))
    folder = tmp_path_factory.mktemp("names")
    saved = imported(compiled, folder)
    takes = len(inspect.signature(saved).parameters)
    again = saved(*[*inside.values(), *(v.data for v in outside)][:takes])
    assert same(list(again) if len(wanted) > 1 else [again], [*found.values()])


@pytest.mark.parametrize("name", [*NASTY, "sum", "<lambda>"])
def test_a_function_may_have_any_name(name: str, tmp_path: Path) -> None:
    def f(x: Any) -> Any:
        return np.sum(x * x) / 2.0

    f.__name__ = name if name.isprintable() else "\x1b[31m"
    for data in SCOPES:
        check(f, data, folder=tmp_path)
        assert repr(compile(f)).isprintable()


def test_python_raises_where_an_argument_has_a_name_of_the_text() -> None:
    for name in ("space", "dict", "map", "type", "globals", "PARTS", "isinstance", "f_in_python"):
        scope: dict[str, Any] = {}
        exec(f"def f({name}): return 1 / {name}", scope)
        compiled = compile(scope["f"])
        assert compiled(2.0) == 0.5
        assert compiled(0.0) == math.inf


def test_greek_letters_that_python_takes_for_one_stay_two() -> None:
    def g(φ: Any) -> Any:
        def inner(t: Any) -> Any:
            h = np.exp(t)
            h.name = "ϕ"
            return np.sum(h * t + h)

        return value_and_grad(inner)(φ)

    for data in SCOPES:
        check(g, data)


@pytest.mark.parametrize("name", [5, None, b"w", ["w"]])
def test_a_value_is_named_in_text(name: Any) -> None:
    with pytest.raises(TypeError, match=f"name of a Value is text, not {type(name).__name__}"):
        Value(1.0, name=name)
    v = Value(X)
    v.name = name  # set later, it is read as text
    assert same(compile(grad(lambda w: np.sum(np.exp(w) * v)))(X), np.exp(X) * X)
    assert str(name) in listing(v * 2.0) or not name
    assert pickle.loads(pickle.dumps(v)).name == str(name or "")


# --------------------------------------------------------------------------- keys and containers
class Row(enum.IntEnum):
    FIRST = 0


class Word(enum.StrEnum):
    QUOTED = 'a"\n'


class Half(float, enum.Enum):
    HALF = 0.5


class Loud(str):
    def __repr__(self) -> str:
        return f"{RUN}.append(1)"

    __str__ = __repr__


class LoudInt(int):
    __repr__ = __str__ = Loud.__repr__  # type: ignore[assignment]


class LoudFloat(float):
    __repr__ = __str__ = Loud.__repr__  # type: ignore[assignment]


KEYS = (
    *(("a", 1), 1.5, -0.0, math.nan, math.inf, None, True, False, 0, -1, 2**2000, 1j, ..., int),
    *(np.int64(3), np.float32(0.1), np.str_("k"), np.bool(True), np.float32, b"x", Fraction(1, 2)),
    *(frozenset({1, "b"}), Row.FIRST, Word.QUOTED, Half.HALF, Loud("e"), LoudInt(3), Fraction),
    *NASTY[:20],
)


@pytest.mark.parametrize("data", SCOPES, ids=["array", "number"])
@pytest.mark.parametrize("key", KEYS, ids=lambda key: type(key).__name__)
def test_dicts_may_have_any_keys(key: Any, data: Any) -> None:
    check(lambda x: {key: x * 2.0}, data)
    check(lambda p: p[key] * 2.0, {key: data})
    check(lambda p: {k: x * 2.0 for k, x in p.items()}, {key: data, "other": data})


def test_equal_keys_of_other_types_make_other_programs() -> None:
    for kinds in ((1, True, 1.0), ("a", np.str_("a"), Loud("a"))):
        for mode in MODES:
            f = compile(lambda p: {key: x + 1.0 for key, x in p.items()}, mode=mode)
            for _ in range(2):
                for key in kinds:
                    assert [*map(type, f({key: X}))] == [type(key)]


@dataclass
class Clash:
    W: list[Any]
    W_0: Any
    W_0_data: Any
    shared: ClassVar[Any] = np.ones(3)


@dataclass
class Nested:
    b: Clash
    b_w: Any


Pair = namedtuple("Pair", "first second")
Ours = make_dataclass("Ours", ["x0", "known4", "r0", "permit"])


def clash(scale: float) -> Clash:
    return Clash([X * scale, 2.0], X + scale, scale)


def numbers_in(p: Any) -> Any:
    return p.W[0] * 10 + p.W_0 * 3 + p.W[1] * p.W_0_data


def nested(x: Any, depth: int, kind: Any = list) -> Any:
    x = x * 2.0
    for _ in range(depth):
        x = kind([x])
    return x


CONTAINERS: dict[str, tuple[Any, ...]] = {
    "a field like an element's place": (numbers_in, clash(2.0)),
    "a field like an inner one": (lambda n: numbers_in(n.b) + n.b_w, Nested(clash(3.0), X)),
    "fields with names of our texts": (
        lambda p: p.x0 * p.known4 + p.r0 / p.permit,
        Ours(X, X + 1, X + 2, X + 3),
    ),
    "dataclasses as results": (lambda p: Clash([p.W_0], p.W[0] * 2, 1.0), clash(1.0)),
    "a dict like a list": (lambda p: p["x"]["0"] + p["x_0"], {"x": {"0": X}, "x_0": X * 2}),
    "namedtuples": (lambda p: Pair(p.second * 2, [p.first]), Pair(X, 3.0)),
    "a defaultdict": (lambda p: p, defaultdict(list, a=X)),
    "an OrderedDict": (lambda p: OrderedDict(reversed(p.items())), OrderedDict(a=X, b=2.0)),
    "deep lists": (lambda x: nested(x, 150), X),
    "deep tuples of numbers": (lambda x: nested(x, 150, tuple), 2.0),
    "a deep argument": (lambda p: 2.0 * p[0][0], nested(X, 2)),
    "empty ones": (lambda p: [{}, [], (), None, p["x"]], {"x": 1.5, "y": [], "z": {}, "n": None}),
    "constants of any type": (
        lambda x: (x, Row.FIRST, Word.QUOTED, Half.HALF, np.str_("b"), Loud("e"), LoudInt(3)),
        X,
    ),
    "constants among numbers": (lambda x: [x * 2, LoudFloat(0.5), True, 10**400, "\ud800"], 2.0),
    "very long numbers": (lambda x: (x, 10**5000, -(10**5000)), X),
}


@pytest.mark.parametrize("case", CONTAINERS.values(), ids=CONTAINERS)
def test_containers(case: tuple[Any, ...]) -> None:
    check(*case)


def trees(leaf: Any) -> Any:
    key = st.one_of(names, st.integers(), st.booleans(), st.none(), st.floats(), st.tuples(names))
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(key, inner, max_size=3),
            st.tuples(inner, inner).map(lambda pair: Pair(*pair)),
            st.tuples(inner, inner, inner).map(lambda three: Clash([three[0]], *three[1:])),
        ),
        max_leaves=6,
    )


@settings(max_examples=60)
@given(trees(st.sampled_from([X, 2.0, 3, None, "word", Row.FIRST, True, np.float32(0.5)])))
def test_any_tree_goes_in_and_comes_out(tree: Any) -> None:
    def doubled(x: Any) -> Any:
        if isinstance(x, dict):
            return {key: doubled(part) for key, part in x.items()}
        if isinstance(x, Pair):
            return Pair(*map(doubled, x))
        if isinstance(x, Clash):
            return Clash(*(doubled(getattr(x, f.name)) for f in fields(x)))
        if isinstance(x, list):
            return [doubled(part) for part in x]
        return x if x is None or isinstance(x, str | int) else x * 2.0

    check(doubled, tree)


def test_a_result_is_not_changed_by_who_keeps_its_containers() -> None:
    kept: list[Any] = []

    def f(x: Any) -> Any:
        kept[:] = [[x * 2.0, "end"]]
        return kept[0]

    compiled = compile(f)
    compiled(X)
    kept[0].append("more")
    for _ in range(2):
        assert same(compiled(X), [X * 2.0, "end"])


# ------------------------------------------------------------------------------------- constants
FACTORS = (
    *(
        Row.FIRST,
        LoudInt(2),
        LoudFloat(2.5),
        Half.HALF,
        True,
        np.bool(True),
        3,
        -3,
        2**63,
        -(2**64),
    ),
    *(-0.0, math.nan, -math.inf, 5e-324, np.float32(0.1), np.float16(0.1), np.longdouble("0.1")),
    *(np.float64(-0.0), np.uint8(200), np.array([0.0, -0.0]), np.array([-0.0, -0.0])),
    *(np.array([math.nan] * 2), np.arange(2, dtype=">f8"), np.arange(2, dtype=">i4"), [0.5, 2]),
    *(np.array([True, False]), np.linspace(0, 1, 2400, dtype=">f4").reshape(-1, 1, 2), (1, 2)),
)


@pytest.mark.parametrize("factor", FACTORS, ids=lambda x: f"{type(x).__name__}{np.shape(x)}")
def test_constants_are_those_of_eager_calls_to_the_sign_of_zero(factor: Any) -> None:
    with np.errstate(all="ignore"):
        for data in (X, X.astype(np.float32), 0.75):
            wanted = np.divide(data, factor)
            for mode in MODES:
                compiled = compile(lambda x: np.divide(x, factor), mode=mode)
                for _ in range(2):
                    found = compiled(data)
                    assert np.asarray(found).dtype == np.asarray(wanted).dtype
                    assert np.array_equal(found, wanted, equal_nan=True), compiled.source


AXES = (Row.FIRST, LoudInt(0), np.int64(0), (Row.FIRST,), (np.int8(1), 0), None)


@pytest.mark.parametrize("axis", AXES, ids=repr)
def test_axes_of_any_type(axis: Any) -> None:
    check(lambda x: np.sum(np.exp(x), axis=axis), X)
    check(grad(lambda x: np.sum(np.exp(np.sum(x * x / 9, axis=axis)))), X)


@pytest.mark.parametrize("dtype", ["f4", ">f4", ">f8", "i8", ">i2", "?", "f2", "g"])
def test_dtypes_of_any_order(dtype: str) -> None:
    check(lambda x: np.exp(x).astype(dtype), X)


def added(a: Any, b: Any) -> Any:
    return a + b


own = np.frompyfunc(added, 2, 1)


UNSAYABLE: dict[str, Callable[[Any], Any]] = {
    "a ufunc's outer": lambda x: own.outer(x, x),
    "a Fraction": lambda x: np.multiply(x, Fraction(1, 2)),
    "an array of objects": lambda x: np.multiply(x, np.array([1, None])[:1]),
}


@pytest.mark.parametrize("f", UNSAYABLE.values(), ids=UNSAYABLE)
def test_what_has_no_text_is_refused_or_right(f: Callable[[Any], Any]) -> None:
    for data in SCOPES:
        for mode in MODES:
            try:
                found = compile(f, mode=mode)(data)
            except CannotCompileError:
                continue
            np.testing.assert_array_equal(found, f(data))


def test_a_ufunc_is_numpys_only_where_numpy_has_it_under_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    others = np.hypot  # as if it were of another package, and NumPy's were the following
    monkeypatch.setattr(np, "hypot", np.add)
    calls: tuple[Callable[[Any], Any], ...] = (
        lambda x: others(x, x),
        lambda x: others.outer(x, x),
        lambda x: others.accumulate(x),
        lambda x: others.reduce(x),
    )
    for call in calls:
        for mode in MODES:
            compiled = compile(call, mode=mode)
            try:  # a call of somebody else's function, or nothing
                compiled(X[0])
            except CannotCompileError:
                continue
            np.testing.assert_array_equal(compiled(X[0]), call(X[0]))
    check(lambda x: np.add.outer(x, x) + np.multiply.accumulate(x), X[0])


@pytest.mark.parametrize("argument", [{1}, [np.array(["a"]), {2}], bytearray(b"x")], ids=repr)
def test_what_can_change_is_no_constant(argument: Any) -> None:
    with pytest.raises(CannotCompileError, match="can be no constant, because it can change"):
        compile(lambda x, y: x)(X, argument)


def test_equal_constants_are_written_once() -> None:
    def f(x: Any) -> Any:
        for _ in range(5):
            x = np.matmul(np.array([[0.25, 0.5], [1.0, 2.0]]), x) + np.array([0.0, 3.0])
        return x + np.array([-0.0, 3.0])

    for mode in MODES:
        compiled = compile(f, mode=mode)
        assert same(compiled(X), f(X))
        assert compiled.source.count("np.array([") == 3  # one has a zero of another sign


M = np.array([[0.5, -1.0], [2.0, 0.25]])


def test_constants_are_called_as_the_function_calls_them() -> None:
    def made(shift: Any, __np__: Any) -> Any:
        def cost(x: Any) -> Any:
            return np.sum(np.matmul(M, x) * shift + __np__)

        return value_and_grad(cost)

    f = made(np.array([3.0, 4.0]), np.array([5.0, 6.0]))
    check(f, X)
    compiled = compile(f)
    compiled(X)
    for name in ("M", "shift", "np"):  # the last is taken by NumPy
        assert f"\n{name + '_2' * (name == 'np')} = np.array([" in compiled.source
