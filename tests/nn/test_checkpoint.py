"""Tests of nn.checkpoint: what comes back, and what faults, kills and full disks leave behind."""

import copy
import errno
import hashlib
import io
import json
import math
import os
import pickle
import signal
import stat
import subprocess
import sys
import textwrap
import time
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import strategies as st

from nn import MLP, SGD, CheckpointError, Linear, load, save

State = dict[str, Any]
unhurried = hypothesis.settings(deadline=None)  # a busy disk is no failure
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
arrays = hnp.arrays(
    st.sampled_from(["f4", ">f8", "f2", "i8", "u1", "?", "<U3"]),
    hnp.array_shapes(min_dims=0, min_side=0, max_side=4),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | names,
    lambda inner: st.lists(inner) | st.dictionaries(names, inner),
    max_leaves=5,
)


def assert_equal(state: State, expected: State) -> None:
    assert list(state) == list(expected)
    for name, array in state.items():
        assert array.dtype == expected[name].dtype
        np.testing.assert_array_equal(array, expected[name], strict=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("checkpoints")


# ---------------------------------------------------------------------------------- there and back
@unhurried
@hypothesis.given(
    state=st.dictionaries(names, arrays, max_size=4), metadata=st.dictionaries(names, json_values)
)
def test_everything_comes_back(folder, state, metadata):
    save(folder / "any.npz", state, **metadata)
    loaded = load(folder / "any.npz")
    assert_equal(loaded.state, state)
    assert loaded.metadata == metadata


def test_a_model_comes_back(tmp_path):
    model, twin = MLP([784, 16, 16, 10], seed=0), MLP([784, 16, 16, 10], seed=1)
    save(tmp_path / "model.npz", model, epochs=30, accuracy=np.float32(0.5), sizes=(784, 16))
    state, metadata = load(str(tmp_path / "model.npz"))
    assert metadata == {"epochs": 30, "accuracy": 0.5, "sizes": [784, 16]}
    twin.load_state_dict(state)
    assert_equal(twin.state_dict(), model.state_dict())
    state["layers.0.b"][:] = 0  # what was loaded is the caller's to write


def test_numpy_can_read_it_too(tmp_path):
    model = Linear(3, 2, seed=0)
    save(tmp_path / "m.npz", model)
    with np.load(tmp_path / "m.npz") as archive:
        np.testing.assert_array_equal(archive["W"], model.W.data)


def test_equal_states_give_equal_bytes(tmp_path):
    save(tmp_path / "a", Linear(3, 2, seed=0), n=1)
    save(tmp_path / "b", Linear(3, 2, seed=0), n=1)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_numbers_that_json_lacks_come_back(tmp_path):
    save(tmp_path / "m", {}, low=-math.inf, path="x", model="y", worst=np.float64("nan"))
    metadata = load(tmp_path / "m").metadata
    assert math.isnan(metadata.pop("worst"))
    assert metadata == {"low": -math.inf, "path": "x", "model": "y"}


# ------------------------------------------------------------------------------ what save refuses
REFUSED: list[tuple[Any, dict[str, Any], type[Exception], str]] = [
    ({"a": np.array([None])}, {}, ValueError, "[Oo]bject arrays cannot be saved"),
    ({1: np.ones(1)}, {}, ValueError, "the name of an array is text"),
    ({"a\0b": np.ones(1)}, {}, ValueError, "the name of an array is text without zero bytes"),
    ({"a": np.ma.masked_equal([1, 2], 1)}, {}, TypeError, "a: a mask would be lost"),
    ({}, {"notes": "x" * 2**24}, ValueError, "notes of 16,777,2.* bytes"),
    ([np.ones(1)], {}, TypeError, "save takes a Module, or arrays by name .*, not list"),
    (
        SGD(Linear(2, 1, seed=0).parameters(), 0.1),
        {},
        TypeError,
        "save takes a Module, .* state_dict.*, not SGD",
    ),
    ({}, {"function": math.sin}, TypeError, "metadata holds what JSON can hold, not builtin"),
]


@pytest.mark.parametrize(("state", "metadata", "kind", "sentence"), REFUSED)
def test_what_cannot_be_kept_leaves_the_old_file(tmp_path, state, metadata, kind, sentence):
    save(tmp_path / "m", {"old": np.ones(1)})
    with pytest.raises(kind, match=sentence):
        save(tmp_path / "m", state, **metadata)
    assert list(load(tmp_path / "m").state) == ["old"]
    assert os.listdir(tmp_path) == ["m"]


# --------------------------------------------------------------------------------------- damage
WHOLE = {"W": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.ones(2)}


@pytest.fixture(scope="module")
def whole(folder: Path) -> bytes:
    save(folder / "whole", WHOLE, epochs=3)
    return (folder / "whole").read_bytes()


def load_bytes(folder: Path, content: bytes) -> Any:
    (folder / "damaged").write_bytes(content)
    return load(folder / "damaged")


@unhurried
@hypothesis.given(st.data(), st.integers(1, 255))
def test_a_flip_of_any_byte_is_noticed(folder, whole, data, mask):
    i = data.draw(st.integers(0, len(whole) - 1))
    flipped = whole[:i] + bytes([whole[i] ^ mask]) + whole[i + 1 :]
    with pytest.raises(CheckpointError, match=r"damaged (is|,)"):
        load_bytes(folder, flipped)


@unhurried
@hypothesis.given(st.data())
def test_a_cut_anywhere_is_noticed(folder, whole, data):
    end = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(CheckpointError):
        load_bytes(folder, whole[:end])


@unhurried
@hypothesis.given(st.binary(min_size=1))
def test_bytes_behind_the_end_are_noticed(folder, whole, more):
    with pytest.raises(CheckpointError):
        load_bytes(folder, whole + more)


@unhurried
@hypothesis.given(st.binary() | st.binary().map(lambda b: b"PK" + b))
def test_any_bytes_are_no_checkpoint(folder, content):
    with pytest.raises(CheckpointError) as caught:
        load_bytes(folder, content)
    assert "\n" not in str(caught.value)


def signed(content: bytes) -> bytes:
    """A zip archive with the checksum in its comment, as `save` writes it."""
    buffer = io.BytesIO(content)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = bytes(64)
    body = buffer.getvalue()[:-64]
    return body + hashlib.sha256(body).hexdigest().encode()


def archive_of(**entries: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("_", "."), content)
    return signed(buffer.getvalue())


def written(entries: list[tuple[str, bytes]], compression: int = zipfile.ZIP_STORED) -> bytes:
    """As `save` would write it, with entries of any name and any content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in entries:
            with archive.open(zipfile.ZipInfo(name), "w") as entry:
                entry.write(content)
            archive.infolist()[-1].compress_type = compression
    return buffer.getvalue()


def npy(array: np.ndarray, shape: str = "") -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    told = f"'shape': {array.shape}"
    return buffer.getvalue().replace(
        f"{told}, }}".ljust(len(told) + 30).encode(),
        f"'shape': {shape or array.shape}, }}".ljust(len(told) + 30).encode(),
    )


def packed(*entries: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return signed(buffer.getvalue())


def twice_listed(content: bytes) -> bytes:
    """The last entry of an archive stands in its list under many names."""
    buffer = io.BytesIO(content)
    with zipfile.ZipFile(buffer, "a") as archive:
        for i in range(200):
            info = copy.copy(archive.infolist()[1])
            info.filename = info.orig_filename = f"{i}.npy"
            archive.filelist.append(info)
            archive.NameToInfo[info.filename] = info
        archive._didModify = True
    return signed(buffer.getvalue())


NOTES = ("checkpoint.json", b'{"format": 1, "metadata": {}}')
ONES = ("W.npy", npy(np.ones(3)))
PLAIN = written([NOTES, ONES])
HOSTILE = {
    "notes only, of a newer format": (
        signed(written([("checkpoint.json", b'{"format": 2, "metadata": {}}')])),
        "not of format 1, but 2",
    ),
    "notes that are no dictionary": (
        signed(written([("checkpoint.json", b'{"format": 1, "metadata": []}')])),
        "not of format 1",
    ),
    "an array packed small": (packed(NOTES, ("W.npy", npy(np.zeros(10**6)))), "is compressed"),
    "notes packed small": (packed((NOTES[0], b"[" + b"[]," * 10**6 + b"]")), "is compressed"),
    "notes without end": (signed(written([(NOTES[0], b" " * 2**24 + b"{}")])), "the most"),
    "a header that lies": (
        signed(written([NOTES, ("W.npy", npy(np.ones(3), "(2000000000,)"))])),
        "promises (2000000000,) of float64",
    ),
    "a negative shape": (
        signed(written([NOTES, ("W.npy", npy(np.ones(6), "(-2, -3)"))])),
        "promises (-2, -3)",
    ),
    "bytes after an array": (
        signed(written([NOTES, ("W.npy", npy(np.ones(3)) + b"more")])),
        "which is not what it holds",
    ),
    "a folder": (signed(written([NOTES, ("W/", b""), ONES])), "which is no array"),
    "an entry of another kind": (signed(written([NOTES, ("W.txt", b"x")])), "which is no array"),
    "bytes before the first entry": (signed(PLAIN[:0] + b"PK" + bytes(30) + PLAIN), "begin"),
    "many names for one array": (twice_listed(PLAIN), "does not begin where"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_one_name_twice(folder):
    with pytest.raises(CheckpointError, match=r"two entries 'W\.npy'"):
        load_bytes(folder, signed(written([NOTES, ONES, ONES])))


@pytest.mark.parametrize("what", HOSTILE)
def test_what_save_never_writes_is_refused_before_it_takes_memory(folder, what):
    content, sentence = HOSTILE[what]
    assert list(load_bytes(folder, signed(PLAIN)).state) == ["W"]  # the twin that is well made
    tracemalloc.start()
    try:
        with pytest.raises(CheckpointError, match=r"is not a checkpoint: ") as caught:
            load_bytes(folder, content)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sentence in str(caught.value)
    assert peak < 5 * len(content) + 2**17


class Bomb:
    def __reduce__(self) -> Any:
        return (Path.touch, (Path("exploded"),))


def test_a_pickle_with_a_right_checksum_is_not_loaded(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    buffer = io.BytesIO()
    np.save(buffer, np.array([Bomb()], object), allow_pickle=True)
    notes = json.dumps({"format": 1, "metadata": {}}).encode()
    for bomb in (buffer.getvalue(), pickle.dumps(Bomb())):
        with pytest.raises(CheckpointError, match="is not a checkpoint"):
            load_bytes(folder, archive_of(checkpoint_json=notes, bomb_npy=bomb))
    assert os.listdir(tmp_path) == []


FOREIGN = [
    archive_of(),
    archive_of(checkpoint_json=b"not json"),
    archive_of(checkpoint_json=b"[]"),
    archive_of(checkpoint_json=b"{}"),
    archive_of(checkpoint_json=b'{"metadata": {}}', W_npy=b"not an array"),
]


@pytest.mark.parametrize("content", FOREIGN)
def test_a_foreign_archive_with_a_right_checksum(folder, content):
    with pytest.raises(CheckpointError, match="is not a checkpoint"):
        load_bytes(folder, content)


def test_an_archive_of_numpys_own_is_told_apart(tmp_path):
    np.savez(tmp_path / "plain.npz", W=np.ones(2))
    with pytest.raises(CheckpointError, match=r"plain\.npz is damaged.* not from save"):
        load(tmp_path / "plain.npz")


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none")


def test_the_error_is_a_value_error():
    assert issubclass(CheckpointError, ValueError)


# --------------------------------------------------------------------------- kills and full disks
def program(code: str, *args: Any) -> list[str]:
    imports = "import os, signal, sys, nn\nimport numpy as np\nfrom autograd_mini import files\n"
    return [sys.executable, "-c", imports + textwrap.dedent(code), *map(str, args)]


KILLED_AT = {
    "half of the bytes written": """
        class Half:
            def __init__(self, file): self.file = file
            def __enter__(self): return self
            def __exit__(self, *raised): pass
            def close(self): self.file.close()
            def write(self, content):
                self.file.write(content[: len(content) // 2])
                self.file.flush()
                os.kill(os.getpid(), signal.SIGKILL)
        files.open = lambda *args, **more: Half(open(*args, **more))
    """,
    "all bytes written, not yet synced": """
        os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
    """,
    "synced, not yet renamed": """
        import pathlib; pathlib.Path.replace = lambda *args: os.kill(os.getpid(), signal.SIGKILL)
    """,
}


@pytest.mark.parametrize("moment", KILLED_AT)
def test_a_kill_leaves_the_old_file_whole(tmp_path, moment):
    target = tmp_path / "m.npz"
    save(target, WHOLE, epochs=1)
    saving = "nn.save(sys.argv[1], {'new': np.ones(100_000)})"
    child = subprocess.run(program(textwrap.dedent(KILLED_AT[moment]) + saving, target))
    assert child.returncode == -signal.SIGKILL
    assert len(os.listdir(tmp_path)) == 2  # the kill was in mid-write: the new file is there too
    assert_equal(load(target).state, WHOLE)
    save(target, {"next": np.ones(1)})
    assert list(load(target).state) == ["next"]


def test_a_kill_at_any_time_leaves_one_whole_file(tmp_path):
    target = tmp_path / "m.npz"
    endless = program(
        """
        for i in range(1_000_000):
            nn.save(sys.argv[1], {"a": np.full(50_000, float(i))}, i=i)
            if i == 0:
                print("saved", flush=True)
        """,
        target,
    )
    with subprocess.Popen(endless, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        child.stdout.readline()
        seen = [self_consistent(target) for _ in range(20)]
        time.sleep(0.05)
        child.kill()
    assert child.returncode == -signal.SIGKILL
    assert seen == sorted(seen)
    assert self_consistent(target) >= seen[-1]


def self_consistent(path: Path) -> int:
    """The number of the save that wrote the file, if all of the file is from that save."""
    state, metadata = load(path)
    assert np.all(state["a"] == metadata["i"])
    return int(metadata["i"])


def test_a_disk_that_fills_up_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "m.npz"
    save(target, WHOLE)
    limited = program(
        """
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        try:
            nn.save(sys.argv[1], {"new": np.ones(100_000)})
        except OSError as error:
            print(error.errno)
        """,
        target,
    )
    child = subprocess.run(limited, stdout=subprocess.PIPE, text=True, check=True)
    assert int(child.stdout) == errno.EFBIG
    assert os.listdir(tmp_path) == ["m.npz"]
    assert_equal(load(target).state, WHOLE)


def test_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(FileNotFoundError):
        save(tmp_path / "none" / "m.npz", WHOLE)
    assert os.listdir(tmp_path) == []


def test_the_bytes_and_the_name_are_synced_in_this_order(tmp_path, monkeypatch):
    events = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(handle: int) -> None:
        events.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "bytes")
        fsync(handle)

    def noted_replace(self: Path, target: Path) -> Path:
        events.append("name")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    save(tmp_path / "m", WHOLE)
    assert events == ["bytes", "name", "folder"]


@pytest.mark.parametrize("line", range(1, 8))
def test_an_interrupt_anywhere_in_a_save_is_an_interrupt(tmp_path, monkeypatch, line):
    lines = iter(range(1, 99))

    def looked(frame, event, arg):
        if event == "line" and next(lines) == line:
            raise KeyboardInterrupt
        return looked

    def entered(frame, event, arg):
        return looked if frame.f_code is zipfile._ZipWriteFile.close.__code__ else None

    before = sys.gettrace()
    try:
        sys.settrace(entered)
        with pytest.raises(KeyboardInterrupt):
            save(tmp_path / "m.npz", WHOLE)
    finally:
        sys.settrace(before)
    assert not list(tmp_path.iterdir())
