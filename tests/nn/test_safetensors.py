"""Tests of checkpoints in the safetensors format, read and written byte by byte beside ours."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import strategies as st

import nn

pytest.importorskip("safetensors", reason="pip install 'autograd-mini[safetensors]'")
State = dict[str, Any]
CODES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "U8": "u1", "BOOL": "?"}
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
arrays = hnp.arrays(
    st.sampled_from(["f4", ">f8", "f2", "i8", ">i8", "u1", "?"]),
    hnp.array_shapes(min_dims=0, min_side=0, max_side=4),
)


def read(path: Path) -> tuple[State, dict[str, str]]:
    """The file by the description of its format alone."""
    content = path.read_bytes()
    begin = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:begin])
    texts = header.pop("__metadata__", {})
    state = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        data = np.frombuffer(content[begin + first : begin + last], CODES[entry["dtype"]])
        state[name] = data.reshape(entry["shape"])
    return state, texts


def written(path: Path, state: State, texts: dict[str, str]) -> None:
    """A file of somebody else's, by the description of the format."""
    header: dict[str, Any] = {"__metadata__": texts} if texts else {}
    data = b""
    for name, x in state.items():
        code = next(code for code, kind in CODES.items() if np.dtype(kind) == x.dtype)
        offsets = [len(data), len(data) + x.nbytes]
        header[name] = {"dtype": code, "shape": x.shape, "data_offsets": offsets}
        data += x.tobytes()
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    path.write_bytes(len(head).to_bytes(8, "little") + head + data)


@hypothesis.settings(deadline=None)
@hypothesis.given(
    state=st.dictionaries(names.filter(lambda name: name != "__metadata__"), arrays, max_size=4),
    turned=st.booleans(),
)
def test_what_is_saved_is_what_the_format_says(
    tmp_path_factory: pytest.TempPathFactory, state: State, turned: bool
) -> None:
    path = tmp_path_factory.mktemp("saved") / "any.safetensors"
    given = {name: x.T[..., ::-1] if turned and x.ndim else x for name, x in state.items()}
    nn.save(path, given, format="safetensors", epochs=3, note="ü")
    read_by_us, _ = read(path)
    loaded, metadata = nn.load(path)
    assert metadata == {"epochs": 3, "note": "ü"}
    assert list(loaded) == list(given)
    assert set(read_by_us) == set(given)
    for name, x in given.items():
        for found in (loaded[name], read_by_us[name]):
            assert found.dtype == x.dtype.newbyteorder("=")
            np.testing.assert_array_equal(found, x, strict=found.dtype == x.dtype)
        assert loaded[name].flags.writeable
        assert loaded[name].flags.owndata


def test_a_model_and_a_run_come_back(tmp_path: Path) -> None:
    model, twin = nn.MLP([3, 4, 2], seed=0), nn.MLP([3, 4, 2], seed=1)
    nn.save(tmp_path / "model.safetensors", model, format="safetensors")
    twin.load_state_dict(nn.load(tmp_path / "model.safetensors").state)
    for ours, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        np.testing.assert_array_equal(ours.data, theirs.data, strict=True)
    optimizer = nn.Adam(model.parameters(), lr=0.01)
    nn.quadratic_cost(model(np.ones((1, 3), np.float32)), np.ones((1, 2))).backward()
    optimizer.step()
    nn.save_run(tmp_path / "run", model, optimizer, format="safetensors", epochs=7)
    other = nn.Adam(twin.parameters(), lr=1.0)
    assert nn.resume(tmp_path / "run", twin, other) == {"epochs": 7}
    assert other.lr == 0.01
    np.testing.assert_array_equal(twin.layers[0].W.data, model.layers[0].W.data)


def test_a_file_from_elsewhere_is_read(tmp_path: Path) -> None:
    state = {"0.weight": np.arange(6.0).reshape(2, 3), "0.bias": np.float32([1, 2])}
    written(tmp_path / "theirs", state, {"format": "pt"})
    loaded, metadata = nn.load(tmp_path / "theirs")
    assert metadata == {"format": "pt"}
    for name, x in state.items():
        np.testing.assert_array_equal(loaded[name], x, strict=True)
    written(tmp_path / "bare", state, {})
    assert nn.load(tmp_path / "bare").metadata == {}


def test_arrays_that_another_program_adds_or_takes_out_are_as_it_left_them(tmp_path: Path) -> None:
    path = tmp_path / "edited"
    nn.save(path, {"b": np.zeros(2), "a": np.ones(3)}, format="safetensors", epochs=3)
    state, texts = read(path)
    written(path, {"c": np.ones(1), **state}, texts)
    assert list(nn.load(path).state) == ["b", "a", "c"]
    written(path, {"a": state["a"]}, texts)
    loaded, metadata = nn.load(path)
    assert list(loaded) == ["a"]
    assert metadata == {"epochs": 3}


def test_a_path_that_ends_so_is_of_that_format(tmp_path: Path) -> None:
    for ending in (".safetensors", ".npz"):
        path = tmp_path / f"model{ending}"
        nn.save(path, {"a": np.ones(1)})
        assert path.read_bytes().startswith(b"PK") == (ending == ".npz")


def test_a_length_that_looks_like_an_npz_is_none(tmp_path: Path) -> None:
    path = tmp_path / "long"
    nn.save(path, {"a": np.ones(1)}, format="safetensors", note="")
    missing = int.from_bytes(b"PK", "little") - int.from_bytes(path.read_bytes()[:8], "little")
    nn.save(path, {"a": np.ones(1)}, format="safetensors", note="x" * missing)
    assert path.read_bytes().startswith(b"PK")
    assert nn.load(path).state["a"] == 1


@pytest.mark.parametrize("keep", [0, 5, 9, 40, -1])
def test_what_is_not_whole_is_refused_by_name(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "cut.safetensors"
    nn.save(path, {"a": np.ones(3)}, format="safetensors")
    path.write_bytes(path.read_bytes()[:keep])
    refused = r"cut\.safetensors is (damaged, truncated|not a checkpoint)"
    with pytest.raises(nn.CheckpointError, match=refused):
        nn.load(path)


def test_foreign_dtypes_and_notes_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "theirs"
    head = b'{"w":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}'
    path.write_bytes(len(head).to_bytes(8, "little") + head + b"\0\0")
    with pytest.raises(nn.CheckpointError, match=r"theirs is .* no dtype BF16; write it"):
        nn.load(path)
    written(path, {"a": np.ones(1)}, {"autograd_mini": "no JSON"})
    with pytest.raises(nn.CheckpointError, match="theirs is damaged, truncated or"):
        nn.load(path)


@pytest.mark.parametrize("x", [np.ones(2, "c16"), np.array(["text"]), np.ones(2, "O")])
def test_a_dtype_without_a_place_is_refused_and_the_old_file_stays(tmp_path: Path, x: Any) -> None:
    path = tmp_path / "old.safetensors"
    nn.save(path, {"a": np.ones(1)}, format="safetensors")
    before = path.read_bytes()
    with pytest.raises(TypeError, match="w: safetensors has no dtype"):
        nn.save(path, {"w": x}, format="safetensors")
    with pytest.raises(ValueError, match="__metadata__ is the name of the notes"):
        nn.save(path, {"__metadata__": np.ones(1)}, format="safetensors")
    with pytest.raises(ValueError, match="format is 'npz' or 'safetensors', not 'pt'"):
        nn.save(path, {"w": np.ones(1)}, format="pt")
    assert path.read_bytes() == before


def test_without_the_package_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nn.save(tmp_path / "model", {"a": np.ones(1)}, format="safetensors")
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    cure = r"pip install 'autograd-mini\[safetensors\]'"
    with pytest.raises(ImportError, match=cure):
        nn.save(tmp_path / "other", {"a": np.ones(1)}, format="safetensors")
    with pytest.raises(ImportError, match=cure):
        nn.load(tmp_path / "model")
    assert not (tmp_path / "other").exists()


def test_the_package_is_loaded_only_when_it_is_needed() -> None:
    program = "import sys, nn; sys.exit('safetensors' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_torch_reads_equal_weights(tmp_path: Path) -> None:
    torch = pytest.importorskip(
        "torch", reason="PyTorch is not needed; the bytes are tested above"
    )
    from safetensors.torch import load_file

    model = nn.MLP([3, 4, 2], seed=0)
    nn.save(tmp_path / "model.safetensors", model, format="safetensors")
    theirs = torch.nn.Sequential(
        torch.nn.Linear(3, 4), torch.nn.Sigmoid(), torch.nn.Linear(4, 2), torch.nn.Sigmoid()
    )
    places = {"layers.0.W": "0.weight", "layers.0.b": "0.bias"}
    places |= {"layers.1.W": "2.weight", "layers.1.b": "2.bias"}
    state = load_file(tmp_path / "model.safetensors")
    theirs.load_state_dict({places[name]: x for name, x in state.items()})
    for name, x in model.state_dict().items():
        assert torch.equal(state[name], torch.from_numpy(x))
    x = np.random.default_rng(0).random((5, 3), np.float32)
    np.testing.assert_allclose(theirs(torch.from_numpy(x)).detach(), model(x).data, rtol=1e-6)
