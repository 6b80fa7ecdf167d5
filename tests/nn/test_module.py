"""Tests of nn.module: which Values are a model's parameters, and how they are taken out and in."""

import collections
import copy
import dataclasses
import inspect
import pickle
import types
from collections.abc import Callable
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from autograd_mini import Value
from nn import MLP, SGD, Linear, Module, Sequential, Tanh, load, save


class Box(Module):
    """A model of whatever fields it is given; its result is its input."""

    def __init__(self, **fields: Any) -> None:
        vars(self).update(fields)

    def forward(self, x: Any) -> Any:
        return x


leaves = st.builds(lambda n: Value(np.full(n, float(n))), st.integers(0, 3))
keys = st.text("abc", min_size=1, max_size=3)
fields = st.recursive(
    leaves | st.integers() | st.none() | st.text("xyz"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(keys, inner, max_size=3)
        | st.dictionaries(keys, inner, max_size=3).map(lambda d: Box(**d))
    ),
    max_leaves=8,
)
models = st.dictionaries(keys, fields, max_size=4).map(lambda d: Box(**d))


def at(model: Module, path: str) -> Any:
    """What stands at a path such as `layers.0.W`."""
    found: Any = model
    for step in path.split("."):
        if isinstance(found, Module):
            found = getattr(found, step)
        else:
            found = found[step] if isinstance(found, dict) else found[int(step)]
    return found


# ----------------------------------------------------------------------------------- parameters
@hypothesis.given(models)
def test_a_name_is_the_path_to_its_value(model):
    named = model.named_parameters()
    assert all(at(model, name) is p for name, p in named)
    assert len({name for name, _ in named}) == len(named)
    assert model.parameters() == [p for _, p in named]


@hypothesis.given(st.lists(st.sampled_from("abcdef"), unique=True))
def test_parameters_come_in_the_order_of_the_fields(names):
    model = Box(**{name: Value(0.0) for name in names})
    assert [name for name, _ in model.named_parameters()] == names


def test_names_in_depth():
    model = Box(stack=[Linear(1, 1), {"head": (Linear(1, 1),)}], scale=Value(1.0))
    names = [name for name, _ in model.named_parameters()]
    inner = ["stack.0.W", "stack.0.b", "stack.1.head.0.W", "stack.1.head.0.b"]
    assert names == [*inner, "scale"]


def test_a_shared_parameter_is_yielded_once_under_its_first_name():
    w, layer = Value([1.0]), Linear(1, 1)
    model = Box(first=w, layers=[layer, layer], again=w)
    assert [name for name, _ in model.named_parameters()] == ["first", "layers.0.W", "layers.0.b"]


def test_what_is_no_parameter():
    w = Value([1.0])
    model = Box(w=w, seen=w * 2, constant=np.ones(3), number=1.5, function=np.sin)
    assert model.parameters() == [w]


def test_a_model_that_holds_itself():
    model = Box(w=Value(1.0))
    model.parent, model.friends = model, [model]
    assert [name for name, _ in model.named_parameters()] == ["w"]


def test_zero_grad():
    model = MLP([2, 3, 1], seed=0)
    model(np.ones((4, 2), np.float32)).sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())


# ---------------------------------------------------------------------------------------- state
@hypothesis.given(models)
def test_a_state_comes_back(model):
    state = model.state_dict()
    assert list(state) == [name for name, _ in model.named_parameters()]
    for p in model.parameters():
        p.data = p.data * 0 - 1
    model.load_state_dict(state)
    for name, p in model.named_parameters():
        np.testing.assert_array_equal(p.data, state[name])


def test_a_state_shares_no_memory_with_the_model():
    model = Linear(2, 2, seed=0)
    state, before = model.state_dict(), model.state_dict()
    state["W"][:] = 7
    np.testing.assert_array_equal(model.W.data, before["W"])
    model.load_state_dict(state)
    state["W"][:] = 8
    assert model.W.data.tolist() == [[7, 7], [7, 7]]


def test_a_state_takes_the_dtype_of_the_model():
    narrow, wide = Linear(3, 2, seed=0), Linear(3, 2, seed=1, dtype=np.float64)
    narrow.load_state_dict(wide.state_dict())
    assert narrow.W.dtype == np.float32
    np.testing.assert_array_equal(narrow.W.data, wide.W.data.astype(np.float32))
    wide.load_state_dict(narrow.state_dict())
    assert wide.W.dtype == np.float64


def test_numbers_that_are_not_finite_are_loaded():
    model = Linear(2, 1)
    model.load_state_dict({"W": np.array([[np.nan, np.inf]]), "b": np.zeros(1)})
    np.testing.assert_array_equal(model.W.data, [[np.nan, np.inf]])


def test_a_number_stays_a_python_number():
    model = Box(w=Value(2.0))
    model.load_state_dict({"w": np.array(3.0)})
    assert type(model.w.data) is float
    assert model.w.data == 3


def test_a_load_keeps_names_gradients_and_identity():
    model = Linear(2, 1, seed=0)
    model(np.ones(2, np.float32)).sum().backward()
    W, grad = model.W, model.W.grad
    model.load_state_dict(model.state_dict())
    assert model.W is W
    assert model.W.name == "W"
    assert model.W.grad is grad


WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["W is missing", "b is missing"]),
    ({"W": np.ones((2, 3))}, ["b is missing"]),
    (
        {"W": np.ones((3, 2)), "b": np.ones(2), "c": 1.0},
        ["W has shape (3, 2) in place of (2, 3)", "c is unexpected"],
    ),
    (
        {"W": np.ones((2, 3), int), "b": np.ones(2, complex)},
        ["W is of int64 in place of float32", "b is of complex128 in place of float32"],
    ),
    (
        {"W": np.full((2, 3), 1e300), "b": np.array(["a", "b"])},
        ["W has numbers too large for float32", "b is of <U1 in place of float32"],
    ),
]


@pytest.mark.parametrize(("state", "faults"), WRONG)
def test_one_error_names_all_differences_and_nothing_changes(state, faults):
    model = Linear(3, 2, seed=0)
    before = model.state_dict()
    with pytest.raises(ValueError, match="does not fit Linear") as caught:
        model.load_state_dict(state)
    assert str(caught.value).split(": ")[1].split("; ") == faults
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_names_of_others_reach_no_terminal_as_they_are():
    field, key = "\x1b[31mred", "\nforged: line\ud800\u202e"
    model = Box(**{field: Value(1.0), "d": {key: [Value(2.0)]}})
    with pytest.raises(ValueError, match="does not fit Box") as caught:
        model.load_state_dict({key + "0": 1.0, field: "x"})
    for text in (str(caught.value), repr(model).replace("\n  ", " ").replace("\n", " ")):
        assert text.isprintable()
        assert r"\x1b[31mred" in text
        assert r"\nforged: line\ud800" in text


def test_a_single_fault_leaves_the_good_parts_unloaded_too():
    model = Linear(3, 2, seed=0)
    with pytest.raises(ValueError, match="b has shape"):
        model.load_state_dict({"W": np.zeros((2, 3)), "b": np.zeros(3)})
    assert np.all(model.W.data != 0)


def test_two_parameters_of_one_name():
    with pytest.raises(ValueError, match=r"two parameters have the name 'd\.1'"):
        Box(d={1: Value(1.0), "1": Value(2.0)}).state_dict()


# -------------------------------------------------------------------------------------- calling
class Sum(Module):
    def forward(self, x: Any, y: Any, *, twice: bool = False) -> Any:
        return (x + y) * (1 + twice)


class SameSum(Sum):
    pass


class Difference(Sum):
    def forward(self, x: Any, y: Any, *, twice: bool = False) -> Any:
        return super().forward(x, -y, twice=twice)


def test_calling_a_model_is_its_forward():
    assert Sum()(1, 2) == 3
    assert Sum()(1, y=2, twice=True) == 6
    assert SameSum()(1, 2) == 3
    assert Difference()(1, 2, twice=True) == -2


def test_a_model_without_forward_says_so():
    class Empty(Module):
        pass

    with pytest.raises(NotImplementedError, match="Empty needs a method forward"):
        Empty()(1)


# --------------------------------------------------------------------------------- copies, text
def test_a_deep_copy_is_a_model_of_its_own():
    model = MLP([2, 3, 1], seed=0)
    twin = copy.deepcopy(model)
    twin.layers[0].W.data *= 2
    assert not set(model.parameters()) & set(twin.parameters())
    assert np.all(model.layers[0].W.data * 2 == twin.layers[0].W.data)


def test_a_model_can_be_pickled():
    model = MLP([2, 3, 1], "tanh", output=None, seed=0)
    x = np.ones((2, 2), np.float32)
    twin = pickle.loads(pickle.dumps(model))
    assert twin(x).data.tolist() == model(x).data.tolist()
    assert twin.layers[0].W.name == "W1"


def test_repr_of_a_model_of_fields():
    model = Box(
        w=Value(np.ones((2, 3), np.float32)),
        names=["a", "b"],
        heads={"left": [Linear(3, 1)]},
        body=Sequential(Linear(3, 3), Tanh()),
    )
    assert repr(model) == (
        "Box(\n"
        "  w: shape (2, 3), float32\n"
        "  names: ['a', 'b']\n"
        "  heads:\n"
        "    left:\n"
        "      0: Linear(3 -> 1)\n"
        "  body: Sequential(\n"
        "    layers:\n"
        "      0: Linear(3 -> 3)\n"
        "      1: Tanh()\n"
        "  )\n"
        ")"
    )
    assert repr(Box()) == "Box()"


# ------------------------------------------------------------------------------ forward, set later
class Doubling:
    def forward(self, x: Any) -> Any:
        return 2 * x


class Behind(Module, Doubling):
    pass


class Before(Doubling, Module):
    pass


class Calling(Module):
    def forward(self, x: Any) -> Any:
        return x

    def __call__(self, x: Any) -> Any:  # type: ignore[override]
        return -self.forward(x)


@pytest.mark.parametrize("model", [Behind(), Before(), Sequential(Behind())])
def test_a_forward_may_come_from_anywhere(model):
    assert model(3) == 6


def test_forward_is_looked_up_at_each_call(monkeypatch):
    model = Sequential(Linear(2, 1, seed=0), Tanh())
    assert Calling()(3) == -3
    model.layers[1].forward = lambda z: z * 0 + 5
    assert model(np.ones((1, 2), np.float32)).data.tolist() == [[5]]
    monkeypatch.setattr(Linear, "forward", lambda self, x: x + 1)
    model.layers[1:] = []
    assert model(1) == 2
    model.forward = np.negative
    assert model(1) == -1
    del model.forward
    assert model(1) == 2


def test_a_model_has_the_signature_of_its_forward():
    assert str(inspect.signature(Sum())) == "(x: Any, y: Any, *, twice: bool = False) -> Any"
    assert list(inspect.signature(Linear).parameters)[:2] == ["n_in", "n_out"]


# ------------------------------------------------------------------------------- training or not
def test_train_and_eval_reach_all_modules():
    model = Box(stack=[Linear(1, 1), {"head": (Linear(1, 1),)}], body=Sequential(Tanh()))
    every = [model, model.stack[0], model.stack[1]["head"][0], model.body, model.body[0]]
    assert all(m.training for m in every)
    assert model.eval() is model
    assert not any(m.training for m in every)
    assert "training" not in repr(model)
    assert not pickle.loads(pickle.dumps(model)).training
    assert not copy.deepcopy(model).body[0].training
    model.body.training = True
    assert [m.training for m in every] == [False] * 3 + [True, False]
    assert model.train() is model
    assert all(m.training for m in every)
    assert set(model.state_dict()) == {name for name, _ in model.named_parameters()}


@pytest.mark.parametrize("data", [np.ones(3), 1, None, "yes"])
def test_training_is_a_truth_value(data):
    with pytest.raises(TypeError, match=r"True or False, .* give the field another name"):
        Box().training = data


# ------------------------------------------------------------------------------- arrays are state
@dataclasses.dataclass
class Running:
    mean: Any
    scale: Value
    count: int = 3


@dataclasses.dataclass(frozen=True)
class Frozen:
    mean: Any


def normal() -> Box:
    return Box(
        running=Running(np.arange(3.0), Value(2.0)),
        seen=np.array(7),
        masks=[np.array([True, False]), {"names": np.array(["a", "bc"])}],
        fixed=(np.float32([1, 2]), Frozen(np.arange(2))),
        inner=Box(mean=np.ones((2, 1), np.float16)),
        number=1.5,
        scalar=np.float64(2),
    )


def test_arrays_are_saved_and_loaded_and_are_no_parameters(tmp_path):
    model, other = normal(), normal()
    names = ["running.mean", "seen", "masks.0", "masks.1.names", "fixed.0", "fixed.1.mean"]
    before = model.state_dict()
    assert list(before) == ["running.scale", *names, "inner.mean"]
    assert [name for name, _ in model.named_parameters()] == ["running.scale"]
    turned = {name: array[::-1] if array.ndim else array + 1 for name, array in before.items()}
    model.load_state_dict(turned)
    save(tmp_path / "m.npz", model)
    other.load_state_dict(load(tmp_path / "m.npz").state)
    for name, array in other.state_dict().items():
        np.testing.assert_array_equal(array, turned[name])
        assert array.dtype == before[name].dtype
        assert np.shares_memory(array, turned[name]) is False
    assert other.masks[1]["names"].tolist() == ["bc", "a"]


MISFITS: list[tuple[str, Any, str]] = [
    ("seen", np.array(7.5), "seen is of float64 in place of int64"),
    ("seen", np.array([7]), r"seen has shape \(1,\) in place of \(\)"),
    ("masks.0", np.ones(2), "masks.0 is of float64 in place of bool"),
    ("masks.1.names", np.array(["abc", "d"]), "masks.1.names has numbers too large for <U2"),
    ("inner.mean", np.full((2, 1), 1e9), "inner.mean has numbers too large for float16"),
    ("fixed.1.mean", np.array([1, 2]), "fixed.1.mean cannot be written"),
]


@pytest.mark.parametrize(("name", "array", "message"), MISFITS)
def test_arrays_that_do_not_fit_change_nothing(name, array, message):
    model = normal()
    model.fixed[1].mean.flags.writeable = False
    before = model.state_dict()
    with pytest.raises(ValueError, match=message):
        model.load_state_dict(before | {"running.mean": np.zeros(3), name: array})
    assert model.running.mean.tolist() == [0, 1, 2]


def test_a_masked_array_is_no_state():
    with pytest.raises(TypeError, match=r"the field inner.x is a masked array"):
        Box(inner=Box(x=np.ma.masked_array([1.0, 2.0], [True, False]))).state_dict()


# --------------------------------------------------------------------- where no parameters are
@dataclasses.dataclass(slots=True)
class Slotted:
    w: Any
    later: Any = dataclasses.field(init=False)


class Plain:
    def __init__(self, w: Any) -> None:
        self.w = w


def test_parameters_in_dataclasses():
    a, b, c = (Value(float(i)) for i in range(3))
    model = Box(one=Running([a], b), two=Slotted(Frozen(c)), of=Running)
    assert dict(model.named_parameters()) == {"one.mean.0": a, "one.scale": b, "two.w.mean": c}


def boxed(w: Any) -> Any:
    array = np.empty((1, 2), object)
    array[0, 1] = [w]
    return array


HIDING: dict[str, Callable[[Any], Any]] = {
    "deque": lambda w: collections.deque([1, w]),
    "set": lambda w: {w},
    "frozenset": lambda w: frozenset([w]),
    "UserList": lambda w: collections.UserList([w]),
    "UserDict": lambda w: collections.UserDict(a=w),
    "ChainMap": lambda w: collections.ChainMap({}, {"w": w}),
    "mappingproxy": lambda w: types.MappingProxyType({"w": w}),
    "ndarray": lambda w: boxed(w),
    "SimpleNamespace": lambda w: types.SimpleNamespace(w=w),
    "Plain": Plain,
    "deque ": lambda w: collections.deque([[{"deep": Box(w=w)}]]),
    "Plain ": lambda w: Plain(collections.deque([Running(w, Value(1.0))])),
}


@pytest.mark.parametrize(("kind", "hide"), HIDING.items(), ids=HIDING)
def test_values_where_no_parameters_are_looked_for_are_told(kind, hide):
    w = Value(np.ones(2))
    model = Box(part=Box(field=hide(w)))
    message = f"Box: the field part.field is a {kind.strip()} with Values in it"
    for ask in (model.parameters, model.zero_grad, model.state_dict):
        with pytest.raises(TypeError, match=message):
            ask()
    if kind != "Plain ":  # which has two
        assert Box(part=model.part, known=w).parameters() == [w]
        assert Box(field=hide(w * 2)).parameters() == []


def test_an_optimizer_may_be_a_field():
    model = Box(layer=Linear(1, 1))
    model.optimizer = SGD(model.parameters(), lr=0.1)
    assert len(model.parameters()) == 2


def test_repr_of_what_holds_itself():
    model = Box(child=Box(w=Value(1.0)), loop=[Value(2.0)])
    model.child.parent, model.friends = model, [model.child, model]
    model.loop.append(model.loop)
    assert "parent: ..." in repr(model)
    assert "0: ..." not in repr(model.child).split("friends")[0]
    assert "1: ..." in repr(model).split("loop")[1]
    with pytest.raises(ValueError, match="does not fit Box"):
        model.load_state_dict({})
