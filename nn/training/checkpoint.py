"""Knows how arrays and notes become the bytes of a file, and what bytes are not of that kind.

A checkpoint is an `.npz` archive that `np.load` can read too: one `.npy` entry for each array, one
JSON entry for the notes, and, as the comment of the archive, the SHA-256 of all bytes before it.
Or it is a safetensors file: see tensors.py.
This file must not know layers or training.
"""

import contextlib
import hashlib
import io
import json
import math
import os
import struct
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd_mini.files import expanded, write_whole
from nn.model.module import Module, State
from nn.training.tensors import looks_like_tensors, pack, unpack

_NOTES = "checkpoint.json"
_DIGEST = hashlib.sha256().digest_size * 2  # in hexadecimal digits
_MOST_NOTES = 2**24  # bytes; read as JSON they take some twenty times as much memory


class CheckpointError(ValueError):
    """A file is not a checkpoint, or not a whole one."""


class Checkpoint(NamedTuple):
    """What `load` gives: arrays by name, and the keywords that `save` was given."""

    state: State
    metadata: dict[str, Any]


def save(
    path: str | os.PathLike[str],
    model: Module | Mapping[str, Any],
    /,
    *,
    format: Literal["npz", "safetensors"] | None = None,
    **metadata: Any,
) -> None:
    """Write the parameters of a model, or arrays by name, and notes about them, to a file.

    A full disk, a crash or a kill leaves the old file whole: see `files.write_whole`, which also
    says what becomes of links, modes and pipes. `metadata` is what JSON can hold; of NumPy's
    numbers and arrays it keeps numbers and lists. `format` is "npz", or, also where the path
    ends so, "safetensors", which PyTorch, JAX and others read: that one has no checksum, and of
    dtypes only floats, integers and bool. See https://github.com/huggingface/safetensors.

    Raises TypeError or ValueError for metadata or arrays that cannot be kept without pickle, or
    without a mask, ImportError for "safetensors" without the extra of that name, and OSError if
    the file cannot be written; the old file is then as it was.

    >>> import tempfile
    >>> from nn import Linear
    >>> model = Linear(3, 2, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(f"{folder}/line.npz", model, epochs=30)
    ...     state, metadata = load(f"{folder}/line.npz")
    >>> model.load_state_dict(state)
    >>> sorted(state), metadata
    (['W', 'b'], {'epochs': 30})
    """
    state = model.state_dict() if isinstance(model, Module) else model
    if not isinstance(state, Mapping):
        raise TypeError(
            "save takes a Module, or arrays by name as state_dict() gives them, not"
            f" {type(model).__name__}"
        )
    if format is None:
        format = "safetensors" if expanded(path).suffix == ".safetensors" else "npz"
    if format not in ("npz", "safetensors"):
        raise ValueError(f"format is 'npz' or 'safetensors', not {format!r}")
    write = _pack if format == "npz" else _pack_tensors
    write_whole(path, write(state, metadata))


def load(path: str | os.PathLike[str]) -> Checkpoint:
    """Read what `save` wrote: new arrays in their old order, dtype and shape, and the notes.

    A safetensors file may also come from elsewhere; its notes are then texts by name. Nothing in
    a file is run or unpickled, and it takes no more memory than its size promises. Raises
    FileNotFoundError if there is no file, ImportError for safetensors without the extra of that
    name, and CheckpointError (a ValueError) if the file is none of both, or not whole; of an npz,
    if a single byte is not as `save` wrote it.
    """
    with open(expanded(path), "rb") as file:
        start = file.peek(9)[:9]
        tensors = looks_like_tensors(start)
        if not start.startswith(b"PK") and not tensors:
            raise CheckpointError(
                f"{path} is not a checkpoint: save writes zip archives (.npz) and safetensors"
            )
        content = file.read()
    if tensors:  # whose length may begin with PK
        return _unpack_tensors(path, content)
    body, digest = content[:-_DIGEST], content[-_DIGEST:]
    if digest != _digest(body):
        raise CheckpointError(
            f"{path} is damaged, truncated or not from save: its bytes do not have the SHA-256"
            " that should stand at its end"
        )
    try:
        return _unpack(content)
    except Exception as fault:  # whatever a foreign archive makes its readers raise
        raise CheckpointError(f"{path} is not a checkpoint: {fault}") from fault


def save_run(
    path: str | os.PathLike[str], model: Module, optimizer: Any, /, **metadata: Any
) -> None:
    """Write down all that a training run needs to go on: model, optimizer, and notes as in `save`.

    In the callback of `fit`, after each epoch, it keeps the last whole one; see `resume`.
    """
    parts = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    state = {f"{part}/{name}": x for part, own in parts.items() for name, x in own.items()}
    save(path, state, **metadata)


def resume(path: str | os.PathLike[str], model: Module, optimizer: Any) -> dict[str, Any]:
    """Give model and optimizer what `save_run` kept, and return its notes.

    Raises what `load` raises, and ValueError if the file is not from `save_run` or of another
    model or optimizer; both are then as they were.

    >>> import tempfile
    >>> from nn import SGD, Linear
    >>> model, twin = Linear(3, 2, seed=0), Linear(3, 2, seed=1)
    >>> other = SGD(twin.parameters(), lr=0.1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_run(f"{folder}/run.npz", model, SGD(model.parameters(), lr=1.0), epochs=3)
    ...     resume(f"{folder}/run.npz", twin, other)
    {'epochs': 3}
    >>> bool((twin.W.data == model.W.data).all()), other.lr
    (True, 1.0)
    """
    state, metadata = load(path)
    parts: dict[str, State] = {"model": {}, "optimizer": {}}
    for name, array in state.items():
        part, _, own = name.partition("/")
        if part not in parts:
            raise ValueError(f"{path} is not from save_run: it has {name!r} and no parts of a run")
        parts[part][own] = array
    before = model.state_dict()
    model.load_state_dict(parts["model"])
    try:
        optimizer.load_state_dict(parts["optimizer"])
    except Exception:
        model.load_state_dict(before)
        raise
    return metadata


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()


def _notes(metadata: dict[str, Any]) -> bytes:
    notes = json.dumps({"format": 1, "metadata": metadata}, default=_plain).encode()
    if len(notes) > _MOST_NOTES:
        raise ValueError(
            f"notes of {len(notes):,} bytes, and {_MOST_NOTES:,} are room for; save large arrays"
            " beside the parameters, by names of their own"
        )
    return notes


def _arrays(state: Mapping[str, Any]) -> Iterator[tuple[str, NDArray[Any]]]:
    for name, array in state.items():
        if not isinstance(name, str) or "\0" in name:
            raise ValueError(f"the name of an array is text without zero bytes, not {name!r}")
        if isinstance(array, np.ma.MaskedArray):
            raise TypeError(f"{name}: a mask would be lost; fill it, or save it by its own name")
        yield name, np.asarray(array)


def _pack_tensors(state: Mapping[str, Any], metadata: dict[str, Any]) -> bytes:
    return pack(dict(_arrays(state)), _notes(metadata).decode())


def _unpack_tensors(path: str | os.PathLike[str], content: bytes) -> Checkpoint:
    try:
        state, notes, texts = unpack(content)
        return Checkpoint(state, _metadata(json.loads(notes)) if notes else {**texts})
    except ImportError:
        raise
    except Exception as fault:  # whatever the package raises
        raise CheckpointError(
            f"{path} is damaged, truncated or no safetensors file for NumPy: {fault}"
        ) from fault


def _metadata(notes: Any) -> dict[str, Any]:
    if notes["format"] != 1 or not isinstance(notes["metadata"], dict):
        raise ValueError(f"its notes are not of format 1, but {notes['format']!r}")
    return dict(notes["metadata"])


def _pack(state: Mapping[str, Any], metadata: dict[str, Any]) -> bytes:
    notes = _notes(metadata)
    buffer = io.BytesIO()
    archive = zipfile.ZipFile(buffer, "w")
    entry: Any = None
    try:
        with archive.open(zipfile.ZipInfo(_NOTES), "w") as entry:
            entry.write(notes)
        for name, array in _arrays(state):
            # the date of a ZipInfo is fixed: equal states give equal bytes
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)
        archive.comment = bytes(_DIGEST)
        archive.close()
    except BaseException:
        # half written, as after Ctrl-C: both would complain when they are closed
        archive.fp = io.BytesIO()
        with contextlib.suppress(Exception):
            entry.close()
        archive.fp = None
        raise
    body = buffer.getvalue()[:-_DIGEST]
    return body + _digest(body)


def _plain(item: Any) -> Any:
    if isinstance(item, np.generic | np.ndarray):
        return item.tolist()
    raise TypeError(f"metadata holds what JSON can hold, not {type(item).__name__}")


def _unpack(content: bytes) -> Checkpoint:
    state: State = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = dict(_entries(archive, content))
        size = entries.pop(_NOTES).file_size
        if size > _MOST_NOTES:
            raise ValueError(f"its notes have {size:,} bytes, and {_MOST_NOTES:,} are the most")
        notes = json.loads(archive.read(_NOTES))
        for name, info in entries.items():
            with archive.open(info) as entry:
                state[name.removesuffix(".npy")] = _read_array(entry, name, info.file_size)
    return Checkpoint(state, _metadata(notes))


def _entries(archive: zipfile.ZipFile, content: bytes) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """The entries by name, after a look at what `save` never does and memory could be lost by.

    Each byte before the list of entries at the end belongs to one of them, and to no other; none
    is packed. So all of them together are no larger than the file.
    """
    end, seen = 0, set()
    for info in archive.infolist():
        name = info.filename
        if name in seen:
            raise ValueError(f"it has two entries {name!r}")
        if name != _NOTES and not name.endswith(".npy"):
            raise ValueError(f"it has an entry {name!r}, which is no array")
        if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
            raise ValueError(f"its entry {name!r} is compressed")
        if info.header_offset != end:
            raise ValueError(f"its entry {name!r} does not begin where the one before it ends")
        lengths = struct.unpack_from("<HH", content, end + 26)  # of the name and of more fields
        end += 30 + sum(lengths) + info.file_size
        seen.add(name)
        yield name, info
    if end != archive.start_dir:
        raise ValueError("it has bytes that belong to none of its entries")


def _read_array(entry: Any, name: str, size: int) -> NDArray[Any]:
    """An array whose header promises just the bytes that follow it."""
    old = np.lib.format.read_magic(entry) == (1, 0)
    read = np.lib.format.read_array_header_1_0 if old else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(entry)
    if min(shape, default=1) < 0 or math.prod(shape) * dtype.itemsize != size - entry.tell():
        raise ValueError(f"{name} promises {shape} of {dtype}, which is not what it holds")
    entry.seek(0)
    array: NDArray[Any] = np.lib.format.read_array(entry, allow_pickle=False)
    return array
