"""The graph as text: a line for each node, in any terminal."""

import numpy as np
import pytest

from autograd_mini import Op, Value, ops
from autograd_mini.show.listing import listing


def test_a_line_for_each_node_with_value_and_gradient() -> None:
    w, b = Value(0.5, name="w"), Value(-1.0, name="b")
    z = w * 3 + b
    z.name = "z"
    C = np.maximum(z, 0.0).step()
    C.name = "C"
    expected = [
        "#  name  computed as                  value  gradient",
        "0  b     leaf                            -1         1",
        "1  w     leaf                           0.5         3",
        "2        multiply(w, 3)                 1.5         1",
        "3  z     add(#2, b)                     0.5         1",
        "4        maximum(z, 0)                  0.5         1",
        "5  C     step(#4) (declared derivative)   1         1",
    ]
    found = listing(C).splitlines()
    assert [line.split() for line in found] == [line.split() for line in expected]
    assert len({line.index("leaf") for line in found if "leaf" in line}) == 1
    assert all(len(line) == len(found[0]) for line in found)


def test_arrays_and_keywords() -> None:
    text = listing(Value(np.arange(6.0).reshape(2, 3), name="x").sum(axis=0)[1])
    assert "2x3 mean 2.5 in [0, 5]" in text
    assert "sum(x, axis=0)" in text
    assert "index(#1, index=1)" in text
    assert "array 2x3 float64" in listing(Value(1.0) * np.ones((2, 3)))


def test_letters_that_any_terminal_has() -> None:
    x = Value([0.5, 0.25], name="x")
    for op in ops.TABLE.values():
        if op.rules and op.arity == 1 and not (op.keywords or op.signature):
            with np.errstate(all="ignore"):
                assert listing(op(x)).isascii(), op.name
    assert listing(Value(-1e-9, name="y") * -2).isascii()


def test_a_long_graph_is_cut_in_the_middle() -> None:
    v = Value(0.5, name="x")
    for _ in range(100_000):
        v = v + 0.5
    found = listing(v, limit=10).splitlines()
    assert len(found) == 12
    assert found[6] == "... 99,991 more ..."
    assert found[1].split()[:2] == ["0", "x"]
    assert found[-1].split()[0] == "100000"
    assert len(listing(v).splitlines()) == 102


def test_listing_changes_nothing_and_shows_what_does_not_arrive() -> None:
    x = Value([1.0, 2.0], name="x")
    y = np.where(x.data > 0, x, 0.0)
    listing(y)
    assert x.grad is None


@pytest.mark.parametrize("name", ["a\nb", "x" * 500, "\x1b[31mred", "\ud800"])
def test_names_stay_on_their_line(name: str) -> None:
    found = listing(Value(1.0, name=name) + 1)
    assert len(found.splitlines()) == 3
    assert "\x1b" not in found
    found.encode()


def test_a_root_that_is_no_value() -> None:
    with pytest.raises(TypeError, match="a graph has a Value as its root, not int"):
        listing(3)  # type: ignore[arg-type]


def test_no_address_of_an_object_is_shown() -> None:
    half = Op(lambda x, by: x / 2, lambda g, out, x, by: g / 2, name="half")
    text = listing(half(Value(3.0), by=object()))
    assert "half(#0, by=<object object>)" in text
