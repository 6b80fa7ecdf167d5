"""Knows how to get MNIST and what its files look like; must not know Values or models."""

import contextlib
import gzip
import hashlib
import importlib
import io
import math
import os
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_mini.files import expanded, write_whole

# The official files, their sizes in bytes and their md5. They bind the download and the cache
# only: a folder that the reader names may hold other digits in the same format.
OFFICIAL = {
    "train-images-idx3-ubyte.gz": (9_912_422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
    "train-labels-idx1-ubyte.gz": (28_881, "d53e105ee54ea40749a09fcbcd1e9432"),
    "t10k-images-idx3-ubyte.gz": (1_648_877, "9fb629c4189551a2d022fa330f9573f3"),
    "t10k-labels-idx1-ubyte.gz": (4_542, "ec29112dd5afa0611ce80d1b7f02629c"),
}
MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)
PATIENCE = 4.0  # seconds for the mirrors to answer, and for the next piece of a file to come
PIECE = 2**12  # bytes
LONGEST = 600.0  # seconds for a whole file
LARGEST = 2**31  # bytes that the header of an IDX file may promise
# What gzip has packed may promise as much as MNIST's largest file, or this many times its own
# bytes: digits are packed to a fourth or fifth, a bomb to a thousandth.
UNPACKED, TIMES = 60_000 * 28 * 28, 50
SAMPLE = Path(__file__).with_name("sample")


@dataclass(frozen=True, eq=False)
class MNIST:
    """Handwritten digits to train on and to test on, and one line that says where they come from.

    Images are float32 in [0, 1], shape (n, 784), row by row from the top left, 0 for the paper
    and 1 for the ink; labels are int64 from 0 to 9, shape (n,).

    >>> images, labels = np.zeros((2, 784), np.float32), np.array([3, 1])
    >>> MNIST(images, labels, images[:1], labels[:1], source="two blank pages").test_labels
    array([3])
    """

    train_images: NDArray[np.float32]
    train_labels: NDArray[np.int64]
    test_images: NDArray[np.float32]
    test_labels: NDArray[np.int64]
    source: str


def load_mnist(
    directory: str | os.PathLike[str] | None = None,
    *,
    cache: str | os.PathLike[str] | None = None,
    download: bool = True,
    report: Callable[[str], object] = print,
) -> MNIST:
    """Load MNIST from the first of four sources, and hand `report` one line that says which.

    1. The folder `directory`, or else the one that the environment variable MNIST_DIR names: four
       IDX files, plain or gzip, named as in `OFFICIAL` or with a dot (`train-images.idx3-ubyte`).
    2. The folder `cache` (by default the user's own), if all its files have the official md5.
    3. A download into the cache, from the first of `MIRRORS` that has the official files.
    4. With `download=False`, without a network or without the extra `data`, the 5,000 digits that
       come along: the first 500 of every class, each fifth of them to test and the others to
       train, the classes taking turns (NOTICE says where they come from).

    Raises FileNotFoundError if a given folder or one of its files is missing, and ValueError if a
    file is damaged or its digits are not MNIST's (see `read_idx`).

    >>> load_mnist("nowhere")
    Traceback (most recent call last):
    FileNotFoundError: nowhere is not a folder, so it has no MNIST files
    """
    given = directory if directory is not None else os.environ.get("MNIST_DIR") or None
    if given is not None:
        arrays, source = _folder(expanded(given)), f"the folder {given}"
    else:
        found, source = _official(cache, download)
        if found:
            read = [_read(io.BytesIO(content), path, len(content)) for path, content in found]
            arrays = _digits([path for path, _ in found], read)
        else:
            arrays, source = _folder(SAMPLE), f"the sample that comes along, as {source}"
    counts = f"{len(arrays[0]):,} digits to train and {len(arrays[2]):,} to test"
    data = MNIST(*arrays, source=f"MNIST: {counts}, from {source}")
    report(data.source)
    return data


def read_idx(path: str | os.PathLike[str]) -> NDArray[np.uint8]:
    r"""Read an IDX file of unsigned bytes, plain or gzip, into a new uint8 array of its shape.

    Raises ValueError, naming the file and the fault, unless the file is exactly what its header
    promises; the header is believed no further than the bytes that follow, so a false one costs
    no memory. What gzip has packed to less than a fiftieth is no more than the 47 MB of MNIST.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "two-by-three")
    ...     _ = path.write_bytes(b"\0\0\x08\2" b"\0\0\0\2" b"\0\0\0\3" b"digits")
    ...     read_idx(path)
    array([[100, 105, 103],
           [105, 116, 115]], dtype=uint8)
    """
    with open(expanded(path), "rb") as file:
        return _read(file, path, os.fstat(file.fileno()).st_size)


def _read(file: Any, path: object, size: int) -> NDArray[np.uint8]:
    """The array of an open file, whose `path` an error names."""
    zipped = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    try:
        if zipped:
            return _parse_idx(gzip.GzipFile(fileobj=file), max(UNPACKED, TIMES * size))
        return _parse_idx(file, LARGEST)
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise ValueError(f"{path}: truncated or corrupt gzip ({fault})") from fault
    except ValueError as fault:
        raise ValueError(f"{path}: {fault}") from None


def _parse_idx(file: Any, largest: int) -> NDArray[np.uint8]:
    """Read what LeCun's MNIST page defines: 0, 0, type, number of axes, big-endian sizes, data."""
    magic = file.read(4)
    if len(magic) == 4 and (magic[:3] != b"\0\0\x08" or not 1 <= magic[3] <= 8):
        wanted = "unsigned bytes have 0x000008 and the number of axes, 1 to 8"
        raise ValueError(f"wrong magic number 0x{magic.hex()}; {wanted}")
    header = file.read(4 * magic[3]) if len(magic) == 4 else b""
    if not header or len(header) < 4 * magic[3]:
        raise ValueError("truncated inside its header")
    shape = tuple(np.frombuffer(header, ">u4").tolist())
    promised = math.prod(shape)
    if not 0 < promised <= min(largest, LARGEST):
        raise ValueError(f"absurd dimensions {shape}: no IDX file of 1 to {largest:,} bytes")
    data = bytearray()
    while chunk := file.read(min(2**20, promised + 1 - len(data))):
        data += chunk
    if len(data) != promised:
        fault = "truncated" if len(data) < promised else "trailing bytes"
        raise ValueError(f"{fault}: the header says shape {shape}, which is {promised:,} bytes")
    return np.frombuffer(data, np.uint8).reshape(shape)


def _find(folder: Path, official: str) -> Path:
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder, so it has no MNIST files")
    name = official.removesuffix(".gz")
    for spelling in (name, name.replace("-idx", ".idx")):
        for path in (folder / spelling, folder / f"{spelling}.gz"):
            if path.is_file():
                return path
    raise FileNotFoundError(f"{folder} lacks the MNIST file {name}, plain or .gz")


def _folder(folder: Path) -> tuple[Any, Any, Any, Any]:
    paths = [_find(folder, name) for name in OFFICIAL]
    return _digits(paths, [read_idx(path) for path in paths])


def _digits(paths: list[Path], arrays: list[NDArray[np.uint8]]) -> tuple[Any, Any, Any, Any]:
    train, test = zip(paths[:2], arrays[:2], strict=True), zip(paths[2:], arrays[2:], strict=True)
    return *_pair(*train), *_pair(*test)


def _pair(
    with_images: tuple[Path, NDArray[np.uint8]], with_labels: tuple[Path, NDArray[np.uint8]]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    (images_path, images), (labels_path, labels) = with_images, with_labels
    if images.shape[1:] != (28, 28):
        raise ValueError(f"{images_path}: shape {images.shape} in place of (n, 28, 28)")
    if labels.ndim != 1:
        raise ValueError(f"{labels_path}: shape {labels.shape} in place of (n,)")
    if len(images) != len(labels):
        counts = f"{len(images):,} images, but {labels_path} has {len(labels):,} labels"
        raise ValueError(f"{images_path} has {counts}")
    if labels.max() > 9:
        raise ValueError(f"{labels_path}: label {labels.max()}, where the digits end at 9")
    pixels = np.divide(images.reshape(-1, 784), np.float32(255))  # float32
    return pixels, labels.astype(np.int64)


def _official(
    cache: str | os.PathLike[str] | None, download: bool
) -> tuple[list[tuple[Path, bytes]], str]:
    """The official files and where they come from, or nothing and why not."""
    try:
        folder = expanded(cache or _pooch().os_cache("autograd-mini") / "mnist")
    except ImportError as missing:
        return [], str(missing) if download else "no download was asked for"
    found = {name: _kept(folder / name) for name in OFFICIAL}
    lacking, source = [name for name in OFFICIAL if not found[name]], f"the cache {folder}"
    if lacking and not download:
        return [], "no download was asked for"
    if lacking:
        try:
            found |= _download(lacking, folder)
        except (OSError, ImportError) as error:
            return [], f"the download failed ({_one_line(str(error))})"
        source = f"a download, now in the cache {folder}"
    return [(folder / name, content) for name, content in found.items()], source


def _kept(path: Path) -> bytes:
    """The content of an official file, or nothing if it is not the one of that name."""
    if not path.is_file():
        return b""
    with open(path, "rb") as file:
        content = file.read(OFFICIAL[path.name][0] + 1)
    return content if _is_official(path.name, content) else b""


def _download(names: list[str], folder: Path) -> dict[str, bytes]:
    """Fetch official files, and keep them in the folder; ConnectionError says why not."""
    http, bar = _pooch().HTTPDownloader, False
    with contextlib.suppress(ImportError):
        bar = bool(importlib.import_module("tqdm"))
    fetch = http(timeout=PATIENCE, progressbar=bar, chunk_size=PIECE)
    lacking, found, faults = list(names), {}, []
    for mirror in _answering(lambda mirror: fetch(mirror + names[0], None, None, check_only=True)):
        try:
            while lacking:
                name = lacking[0]
                content = _fetched(fetch, mirror + name, OFFICIAL[name][0])
                if not _is_official(name, content):
                    raise ValueError(f"{mirror}{name} has another checksum than the official file")
                # a link in a folder that others can write to would lead to a file of the user's
                write_whole(folder / name, content, folders=True, links=False)
                found[lacking.pop(0)] = content
            return found
        except (OSError, ValueError) as fault:
            faults.append(_one_line(str(fault)))
    raise ConnectionError("; ".join(faults) or "no mirror answered")


def _answering(ask: Callable[[str], object]) -> Iterator[str]:
    """Ask all mirrors at once, and yield in order those that answer within PATIENCE.

    Threads, because no timeout ends a look-up of a name that hangs; daemons, so that one that
    still hangs does not hold up the end of the program.
    """
    answered = set()

    def note(mirror: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            ask(mirror)
            answered.add(mirror)

    threads = {m: threading.Thread(target=note, args=(m,), daemon=True) for m in MIRRORS}
    for thread in threads.values():
        thread.start()
    deadline = time.monotonic() + PATIENCE
    for mirror, thread in threads.items():
        thread.join(max(0.0, deadline - time.monotonic()))
        if mirror in answered:
            yield mirror


class _Body(io.BytesIO):
    """A download in memory, so that an interruption leaves no file; of no more than `size`."""

    def __init__(self, url: str, size: int) -> None:
        super().__init__()
        self.url, self.size = url, size

    def write(self, piece: Any) -> int:
        """Take the next piece."""
        if self.tell() + len(piece) > self.size:
            raise ValueError(
                f"{self.url} has more than the {self.size:,} bytes of the official file"
            )
        return super().write(piece)


def _fetched(fetch: Callable[..., object], url: str, size: int) -> bytes:
    """What is at the address, if a piece of it comes within each PATIENCE, and all in time.

    In a thread, because a reader waits for its piece as long as a byte comes now and then.
    """
    body, faults = _Body(url, size), list[str]()

    def work() -> None:
        try:
            fetch(url, body, None)
        except (OSError, ValueError) as fault:
            faults.append(str(fault))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    deadline, before = time.monotonic() + LONGEST, -1
    try:
        while thread.is_alive():
            if body.tell() == before or time.monotonic() > deadline:
                raise TimeoutError(
                    f"{url} stopped, or became too slow, after {body.tell():,} bytes"
                )
            before = body.tell()
            thread.join(PATIENCE)
        content = body.getvalue()
    finally:
        body.close()  # what still comes finds it closed, which ends the thread
    if faults:
        raise ConnectionError(faults[0])
    return content


def _one_line(text: str) -> str:
    """What a stranger says, without what a terminal would obey, and in few words."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return shown if len(shown) <= 300 else f"{shown[:300]}…"


def _is_official(name: str, data: bytes) -> bool:
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return (len(data), digest) == OFFICIAL[name]


def _pooch() -> Any:
    try:
        return importlib.import_module("pooch")
    except ImportError as missing:
        raise ImportError("all 70,000 need pooch: pip install 'autograd-mini[data]'") from missing
