"""Tests of nn.descents: both paths, the cosine, the plane, its surface and the picture."""

import numpy as np
import pytest

from nn import MLP, Module
from nn.data.batches import batches
from nn.lesson.descents import two_descents
from nn.model.losses import quadratic_cost
from nn.pictures.lesson import draw_descents

RNG = np.random.default_rng(0)
X, Y = RNG.random((30, 4)), RNG.random((30, 2))


def model(seed=0) -> MLP:
    return MLP([4, 3, 2], seed=seed, dtype=np.float64)


def run(net=None, **options):
    settings = {"lr": 0.5, "batch_size": 10, "epochs": 4, "seed": 1}
    return two_descents(net or model(), quadratic_cost, X, Y, **(settings | options))


def flat(arrays) -> np.ndarray:
    return np.concatenate([np.ravel(a) for a in arrays])


def gradient(net, x, y) -> np.ndarray:
    net.zero_grad()
    quadratic_cost(net(x), y).backward()
    return flat(p.grad for p in net.parameters())


def by_hand(deals, lr=0.5):
    """Weights and full gradients before each step of plain gradient descent, and the end."""
    net = model()
    weights, cosines = [flat(p.data for p in net.parameters())], []
    for x, y in deals:
        full, own = gradient(net, X, Y), gradient(net, x, y)
        cosines.append(full @ own / np.linalg.norm(full) / np.linalg.norm(own))
        for p in net.parameters():
            p.data -= lr * p.grad
        weights.append(flat(p.data for p in net.parameters()))
    return np.array(weights), np.array(cosines)


# ----------------------------------------------------------------------------------------- paths
def test_the_model_has_its_weights_and_gradients_back():
    net = model()
    for own in (None, np.ones((3, 4))):
        net.zero_grad()
        net.layers[0].W.grad = own
        before = [p.data for p in net.parameters()]
        run(net)
        assert all(
            np.array_equal(p.data, w) for p, w in zip(net.parameters(), before, strict=True)
        )
        assert net.layers[0].W.grad is own or np.array_equal(net.layers[0].W.grad, own)
        assert [p.grad for p in net.parameters()[1:]] == [None] * 3


def test_the_paths_costs_and_cosines_are_those_of_a_loop_by_hand():
    both = run()
    rng = np.random.default_rng(1)
    deals = [deal for _ in range(4) for deal in batches(X, Y, size=10, seed=rng)]
    weights, cosines = by_hand(deals)
    assert both.mini.weights == pytest.approx(weights, rel=1e-12)
    assert both.cosines == pytest.approx(cosines, rel=1e-10)
    assert both.full.weights == pytest.approx(by_hand([(X, Y)] * 12)[0], rel=1e-12)
    net = model()
    for descent in (both.mini, both.full):
        assert descent.steps.tolist() == list(range(13))
        assert (np.diff(descent.seconds) > 0).all()
        for w, cost in zip(descent.weights, descent.costs, strict=True):
            ends = np.cumsum([p.size for p in net.parameters()])
            for p, part in zip(net.parameters(), np.split(w, ends[:-1]), strict=True):
                p.data = part.reshape(p.shape)
            assert quadratic_cost(net(X), Y).item() == pytest.approx(cost, rel=1e-12)


def test_with_all_examples_in_a_batch_both_are_one_path():
    both = run(batch_size=30)
    assert both.mini.weights == pytest.approx(both.full.weights, rel=1e-12)
    assert both.cosines == pytest.approx(1)


def test_smaller_batches_point_less_where_all_examples_point():
    means = [run(batch_size=size, lr=0.01).cosines.mean() for size in (1, 5, 15)]
    assert means == sorted(means)
    assert means[0] < 0.9 < means[-1]


def test_records_can_be_sparse_and_full_steps_fewer():
    often, seldom = run(), run(every=5, full_steps=7)
    assert seldom.mini.steps.tolist() == [0, 5, 10, 12]
    assert seldom.full.steps.tolist() == [0, 5, 7]
    assert np.array_equal(seldom.mini.weights, often.mini.weights[[0, 5, 10, 12]])
    assert np.array_equal(seldom.full.costs, often.full.costs[[0, 5, 7]])
    assert np.array_equal(seldom.cosines, often.cosines[[0, 5, 10]])


def test_the_model_ends_as_it_began():
    net = model()
    before = [np.array(p.data) for p in net.parameters()]
    both = run(net)
    both.surface(points=5)
    assert all(map(np.array_equal, before, [p.data for p in net.parameters()]))


def test_float32_models_stay_float32():
    net = MLP([4, 2], seed=0)
    both = two_descents(net, quadratic_cost, X.astype("f"), Y.astype("f"), lr=0.1, batch_size=10)
    assert both.mini.weights.dtype == both.full.weights.dtype == np.float32


# ----------------------------------------------------------------------------------------- plane
def test_the_plane_goes_through_the_start_and_both_ends():
    both = run()
    origin, u, v = both.plane
    assert [u @ u, u @ v, v @ v] == pytest.approx([1, 0, 1], abs=1e-12)
    for descent in (both.mini, both.full):
        points, off = both.on_plane(descent), both.off_plane(descent)
        assert off[[0, -1]] == pytest.approx([0, 0], abs=1e-12)
        assert (off[1:-1] > 1e-6).all()
        back = origin + points @ np.stack([u, v])
        assert np.linalg.norm(back - descent.weights, axis=1) == pytest.approx(off, abs=1e-12)
    assert both.on_plane(both.mini)[-1, 1] == pytest.approx(0, abs=1e-12)


def test_where_both_paths_are_one_the_plane_is_still_a_plane():
    both = run(batch_size=30)
    _, u, v = both.plane
    assert [u @ u, u @ v, v @ v] == pytest.approx([1, 0, 1], abs=1e-9)
    assert np.isfinite(both.surface(points=4).costs).all()


def test_the_surface_is_the_cost_at_its_points_around_both_paths():
    both = run()
    u, v, costs, examples = both.surface(points=9, examples=7)
    assert examples == 7
    assert costs.shape == (len(v), len(u))
    assert max(costs.shape) == 9
    chosen = np.linspace(0, 29, 7).astype(int)
    net = model()
    for i, j in ((0, 0), (1, 5), (len(v) - 1, 2)):
        at = both.plane.origin + u[j] * both.plane.u + v[i] * both.plane.v
        ends = np.cumsum([p.size for p in net.parameters()])
        for p, part in zip(net.parameters(), np.split(at, ends[:-1]), strict=True):
            p.data = part.reshape(p.shape)
        assert costs[i, j] == pytest.approx(quadratic_cost(net(X[chosen]), Y[chosen]).item())
    for descent in (both.mini, both.full):
        a, b = both.on_plane(descent).T
        assert u[0] < a.min()
        assert a.max() < u[-1]
        assert v[0] < b.min()
        assert b.max() < v[-1]


# --------------------------------------------------------------------------------- text, picture
def test_the_text_tells_costs_times_and_cosine():
    both = run()
    text = str(both)
    for number in (
        f"{both.mini.costs[-1]:.4f}",
        f"{both.full.costs[-1]:.4f}",
        f"{both.cosines[0]:.3f} at the start",
        f"{both.full.seconds[-1]:.3f}",
        f"{both.full.seconds_a_step / both.mini.seconds_a_step:.0f} mini-batch steps; a pass has",
    ):
        assert number in text


def test_the_picture_has_both_paths_on_the_plane_the_cosine_and_the_costs():
    both = run()
    figure = draw_descents(both)
    plane, cosines, costs = (
        next(axes for axes in figure.axes if word in axes.get_title())
        for word in ("plane", "Cosine", "Cost after")
    )
    drawn = [np.stack(line.get_data(), axis=1) for line in plane.get_lines()]
    for descent in (both.mini, both.full):
        path = both.on_plane(descent)
        assert any(d.shape == path.shape and np.allclose(d, path) for d in drawn)
    assert np.array_equal(cosines.get_lines()[0].get_ydata(), both.cosines)
    assert np.array_equal(costs.get_lines()[1].get_xdata(), both.full.seconds[1:])


# ---------------------------------------------------------------------------------------- errors
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"batch_size": 0}, "batch_size is a whole number of at least 1, not 0"),
        ({"epochs": 0}, "epochs is"),
        ({"every": 0}, "every is"),
        ({"full_steps": 0}, "full_steps is"),
        ({"full_steps": 1.5}, "full_steps is"),
        ({"lr": -1.0}, "lr is"),
    ],
)
def test_bad_settings_are_told(options, words):
    with pytest.raises(ValueError, match=words):
        run(**options)


@pytest.mark.parametrize(("x", "y"), [(X[:0], Y[:0]), (X, Y[:5]), (X, 1.0), (1.0, Y)])
def test_bad_data_are_told(x, y):
    with pytest.raises(ValueError, match="needs examples, and a target for each"):
        two_descents(model(), quadratic_cost, x, y, lr=0.1)


def test_a_model_without_parameters_is_told():
    with pytest.raises(ValueError, match="at least one parameter"):
        two_descents(Module(), quadratic_cost, X, Y, lr=0.1)


def test_a_descent_that_diverges_is_told_and_undone():
    net = MLP([4, 2], "relu", output=None, seed=0, dtype=np.float64)
    before = [np.array(p.data) for p in net.parameters()]
    with pytest.raises(FloatingPointError, match="a smaller one may cure it"):
        run(net, lr=1e200)
    assert all(map(np.array_equal, before, [p.data for p in net.parameters()]))
