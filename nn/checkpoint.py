"""Knows how arrays and notes are kept in a file that is whole or not there at all.

A checkpoint is an `.npz` archive that `np.load` can read too: one `.npy` entry for each array, one
JSON entry for the notes, and, as the comment of the archive, the SHA-256 of all bytes before it.
This file must not know layers or training.
"""

import contextlib
import hashlib
import io
import json
import os
import secrets
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nn.module import Module, State

_NOTES = "checkpoint.json"
_DIGEST = hashlib.sha256().digest_size * 2  # in hexadecimal digits


class CheckpointError(ValueError):
    """A file is not a checkpoint, or not a whole one."""


class Checkpoint(NamedTuple):
    """What `load` gives: arrays by name, and the keywords that `save` was given."""

    state: State
    metadata: dict[str, Any]


def save(
    path: str | os.PathLike[str], model: Module | Mapping[str, Any], /, **metadata: Any
) -> None:
    """Write the parameters of a model, or arrays by name, and notes about them, to a file.

    The bytes go to a new file beside `path`, which takes its name only when they are on the disk:
    a full disk, a crash or a kill leaves the old file whole (a kill can leave a file `.….part`).
    `metadata` is what JSON can hold; of NumPy's numbers and arrays it keeps numbers and lists.

    Raises TypeError or ValueError for metadata or arrays that cannot be kept without pickle, and
    OSError if the file cannot be written; the old file is then as it was.

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
    _write_whole(Path(os.path.realpath(path)), _pack(state, metadata))


def load(path: str | os.PathLike[str]) -> Checkpoint:
    """Read what `save` wrote: new arrays in their old order, dtype and shape, and the notes.

    Nothing in the file is run or unpickled. Raises FileNotFoundError if there is no file, and
    CheckpointError (a ValueError) if a single byte of it is not as `save` wrote it.
    """
    content = Path(path).read_bytes()
    if not content.startswith(b"PK"):
        raise CheckpointError(f"{path} is not a checkpoint: save writes zip archives (.npz)")
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


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()


def _pack(state: Mapping[str, Any], metadata: dict[str, Any]) -> bytes:
    notes = json.dumps({"format": 1, "metadata": metadata}, default=_plain)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo(_NOTES), notes)
        for name, array in state.items():
            if not isinstance(name, str) or "\0" in name:
                raise ValueError(f"the name of an array is text without zero bytes, not {name!r}")
            # the date of a ZipInfo is fixed: equal states give equal bytes
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.asarray(array), allow_pickle=False)
        archive.comment = bytes(_DIGEST)
    body = buffer.getvalue()[:-_DIGEST]
    return body + _digest(body)


def _plain(item: Any) -> Any:
    if isinstance(item, np.generic | np.ndarray):
        return item.tolist()
    raise TypeError(f"metadata holds what JSON can hold, not {type(item).__name__}")


def _unpack(content: bytes) -> Checkpoint:
    state: State = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        notes = json.loads(archive.read(_NOTES))
        for name in archive.namelist():
            if name != _NOTES:
                with archive.open(name) as entry:
                    array = np.lib.format.read_array(entry, allow_pickle=False)
                state[name.removesuffix(".npy")] = array
    return Checkpoint(state, notes["metadata"])


def _write_whole(target: Path, content: bytes) -> None:
    """Put `content` on the disk under a name of its own, then give it the name `target`."""
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with open(part, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, part)
        part.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Put the new name on the disk too, where the system lets folders be opened."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
