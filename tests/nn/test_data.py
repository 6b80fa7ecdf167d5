"""Tests of nn.data: every file is made here, and every mirror is a server of this machine."""

import contextlib
import gzip
import hashlib
import importlib
import math
import os
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import strategies as st

from nn.data import mnist as data
from nn.data.batches import batches
from nn.data.mnist import MNIST, load_mnist, read_idx

NAMES = list(data.OFFICIAL)
unhurried = hypothesis.settings(deadline=None)  # a busy disk is no failure
Files = dict[str, bytes]


def pack(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def idx(array: np.ndarray, *, zipped: bool = False) -> bytes:
    plain = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    plain += array.astype(np.uint8).tobytes()
    return pack(plain) if zipped else plain


def pixels(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, 28, 28), dtype=np.uint8)


TRAIN, TEST = pixels(6), pixels(3, seed=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("idx")


@pytest.fixture
def files() -> Files:
    arrays = [TRAIN, np.array([5, 0, 4, 1, 9, 2]), TEST, np.array([7, 2, 1])]
    return {name: idx(a, zipped=True) for name, a in zip(NAMES, arrays, strict=True)}


@pytest.fixture
def official(files: Files, monkeypatch: pytest.MonkeyPatch) -> Files:
    """Let the small files pass for the official ones."""
    for name, content in files.items():
        told = len(content), hashlib.md5(content).hexdigest()
        monkeypatch.setitem(data.OFFICIAL, name, told)
    return files


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder, proxy or mirror of the outside world reaches a test."""
    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(data, "MIRRORS", ())


@pytest.fixture
def sample(files: Files, tmp_path_factory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sample of a few digits, where memory is measured or only its turn matters."""
    monkeypatch.setattr(data, "SAMPLE", store(tmp_path_factory.mktemp("sample"), files))


def store(folder: Path, files: Files) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def load(*args: Any, **options: Any) -> tuple[MNIST, str]:
    lines: list[str] = []
    digits = load_mnist(*args, report=lines.append, **options)
    assert lines == [digits.source]
    assert "\n" not in digits.source
    return digits, digits.source


def check_small(digits: MNIST) -> None:
    assert digits.train_images.dtype == digits.test_images.dtype == np.float32
    assert digits.train_labels.dtype == digits.test_labels.dtype == np.int64
    np.testing.assert_array_equal(digits.train_images, TRAIN.reshape(6, 784) / np.float32(255))
    np.testing.assert_array_equal(digits.test_images, TEST.reshape(3, 784) / np.float32(255))
    assert digits.train_labels.tolist() == [5, 0, 4, 1, 9, 2]
    assert digits.test_labels.tolist() == [7, 2, 1]


# --- the reader -------------------------------------------------------------------------------


def read_bytes(folder: Path, content: bytes) -> np.ndarray:
    (folder / "file").write_bytes(content)
    return read_idx(folder / "file")


def refusal(folder: Path, content: bytes) -> str:
    """Return the fault that read_idx names, once it has named the file."""
    with pytest.raises(ValueError, match="file: ") as caught:
        read_bytes(folder, content)
    name, _, fault = str(caught.value).partition(": ")
    assert name == str(folder / "file")
    assert "\n" not in fault
    return fault


SMALL_ARRAYS = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=1, max_dims=4, max_side=5))


@unhurried
@hypothesis.given(array=SMALL_ARRAYS, zipped=st.booleans())
def test_what_is_written_reads_back(folder: Path, array: np.ndarray, zipped: bool) -> None:
    got = read_bytes(folder, idx(array, zipped=zipped))
    assert got.dtype == np.uint8
    assert got.flags.writeable
    np.testing.assert_array_equal(got, array, strict=True)


@unhurried
@hypothesis.given(array=SMALL_ARRAYS, zipped=st.booleans(), draw=st.data())
def test_a_truncated_file_is_refused(
    folder: Path, array: np.ndarray, zipped: bool, draw: st.DataObject
) -> None:
    whole = idx(array, zipped=zipped)
    cut = draw.draw(st.integers(0, len(whole) - 1))
    assert "truncated" in refusal(folder, whole[:cut])


@unhurried
@hypothesis.given(array=SMALL_ARRAYS, draw=st.data())
def test_a_flipped_byte_of_the_header_is_refused(
    folder: Path, array: np.ndarray, draw: st.DataObject
) -> None:
    damaged = bytearray(idx(array))
    place = draw.draw(st.integers(0, 4 + 4 * array.ndim - 1))
    damaged[place] ^= draw.draw(st.integers(1, 255))
    refusal(folder, bytes(damaged))


def test_every_flipped_bit_of_a_plain_file_shows(folder: Path) -> None:
    array = np.arange(12).reshape(3, 4)
    whole = idx(array)
    for bit in range(8 * len(whole)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        if bit < 8 * 12:
            refusal(folder, bytes(damaged))
        else:
            got = read_bytes(folder, bytes(damaged))
            assert got.shape == (3, 4)
            assert np.count_nonzero(got != array) == 1


def test_a_flipped_bit_of_a_gzip_file_is_refused_or_harmless(folder: Path) -> None:
    array = pixels(1)
    whole = idx(array, zipped=True)
    start, end = 8 * 60, 8 * (len(whole) - 20)  # the middle of the stream: every 97th bit will do
    for bit in [*range(start), *range(start, end, 97), *range(end, 8 * len(whole))]:
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        try:
            got = read_bytes(folder, bytes(damaged))
        except ValueError:
            refusal(folder, bytes(damaged))
        else:
            np.testing.assert_array_equal(got, array)


@unhurried
@hypothesis.given(content=st.binary(max_size=60), start=st.sampled_from([b"", b"\0\0\x08"]))
def test_any_bytes_are_an_array_or_a_value_error(
    folder: Path, content: bytes, start: bytes
) -> None:
    for whole in (start + content, pack(start + content), b"\x1f\x8b" + content):
        try:
            got = read_bytes(folder, whole)
        except ValueError:
            continue
        assert whole in (idx(got), idx(got, zipped=True)) or gzip.decompress(whole) == idx(got)


PLAIN = idx(np.arange(6))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "truncated inside its header"),
        (PLAIN[:7], "truncated inside its header"),
        (b"\x89PNG" + PLAIN, "wrong magic number 0x89504e47"),
        (b"\0\0\x0d\1" + PLAIN[4:], "wrong magic number 0x00000d01"),
        (b"\0\0\x08\0x", "wrong magic number 0x00000800"),
        (b"\0\0\x08\x09" + b"\0\0\0\1" * 9 + b"x", "wrong magic number 0x00000809"),
        (PLAIN[:-1], "truncated: the header says shape (6,), which is 6 bytes"),
        (PLAIN + b"\0", "trailing bytes: the header says shape (6,), which is 6 bytes"),
        (pack(PLAIN + b"\0"), "trailing bytes"),
        (pack(PLAIN) + pack(b"more"), "trailing bytes"),
        (pack(PLAIN) + b"more", "truncated or corrupt gzip (Not a gzipped file"),
        (pack(PLAIN)[:-8] + bytes(8), "truncated or corrupt gzip (CRC check failed"),
        (pack(PLAIN)[:-3], "truncated or corrupt gzip (Compressed file ended"),
        (pack(PLAIN[:-1]), "truncated: the header says"),
        (pack(b"{}"), "truncated inside its header"),
        (b"\0\0\x08\1" + bytes(4), "absurd dimensions (0,)"),
        (b"\0\0\x08\3" + b"\xff" * 12 + b"x", "absurd dimensions (4294967295, 4294967295, 42"),
        (b"\0\0\x08\2" + b"\xff" * 4 + bytes(4), "absurd dimensions (4294967295, 0)"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_damaged_file_is_refused_by_name_and_fault(
    folder: Path, content: bytes, fault: str
) -> None:
    assert refusal(folder, content).startswith(fault)


def peak_of(action: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("count", [2**32 - 1, 2_739_137])  # 28 * 28 * 2,739,137 is just legal
def test_a_header_that_lies_costs_no_memory(folder: Path, count: int, zipped: bool) -> None:
    header = b"\0\0\x08\3" + np.array([count, 28, 28], ">u4").tobytes()
    content = header + bytes(28 * 28)
    content = pack(content) if zipped else content
    assert peak_of(lambda: refusal(folder, content)) < 2**22


def test_a_gzip_bomb_is_left_packed(folder: Path) -> None:
    content = pack(PLAIN + bytes(2**25))
    assert len(content) < 2**16
    assert peak_of(lambda: refusal(folder, content)) < 2**20


def test_what_gzip_packs_like_no_digits_is_left_packed(tmp_path: Path, files: Files) -> None:
    blank = b"\0\0\x08\3" + np.array([100_000, 28, 28], ">u4").tobytes() + bytes(784 * 100_000)
    files[NAMES[0]] = gzip.compress(blank, 1)
    del blank
    store(tmp_path, files)
    fault = (
        r"train-images\S*: absurd dimensions \(100000, 28, 28\): no IDX file of 1 to 47,040,000"
    )

    def refused() -> None:
        with pytest.raises(ValueError, match=fault):
            load(tmp_path)

    assert peak_of(refused) < 2**22


def test_blank_digits_are_unpacked_up_to_as_many_as_mnist_has(tmp_path: Path) -> None:
    array = np.zeros((100, 28, 28))
    np.testing.assert_array_equal(read_bytes(tmp_path, idx(array, zipped=True)), array)


def test_a_file_that_is_not_there_keeps_its_own_error(folder: Path) -> None:
    with pytest.raises(FileNotFoundError, match="absent"):
        read_idx(folder / "absent")


# --- a given folder ---------------------------------------------------------------------------


@pytest.mark.parametrize("dotted", [False, True])
@pytest.mark.parametrize("zipped", [False, True])
def test_a_given_folder_in_each_spelling(
    tmp_path: Path, files: Files, dotted: bool, zipped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for extra in ("pooch", "tqdm"):  # none is needed here
        monkeypatch.setitem(sys.modules, extra, None)
    for name, content in files.items():
        name = name if zipped else name.removesuffix(".gz")
        name = name.replace("-idx", ".idx") if dotted else name
        (tmp_path / name).write_bytes(content if zipped else gzip.decompress(content))
    digits, source = load(str(tmp_path))
    check_small(digits)
    assert source == f"MNIST: 6 digits to train and 3 to test, from the folder {tmp_path}"


def test_the_argument_goes_before_the_variable(
    tmp_path: Path, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNIST_DIR", str(store(tmp_path / "named", files)))
    assert "named" in load()[1]
    assert "given" in load(store(tmp_path / "given", files))[1]


def test_report_prints_by_default(
    tmp_path: Path, files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    digits = load_mnist(store(tmp_path, files))
    assert capsys.readouterr().out == digits.source + "\n"


@pytest.mark.parametrize("name", NAMES)
def test_an_incomplete_folder_is_an_error_that_names_the_file(
    tmp_path: Path, official: Files, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNIST_DIR", str(store(tmp_path / "named", official)))
    (tmp_path / "named" / name).unlink()
    with pytest.raises(FileNotFoundError, match=name.removesuffix(".gz")):
        load(cache=store(tmp_path / "cache", official))


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="absent is not a folder"):
        load(tmp_path / "absent")


@pytest.mark.parametrize(
    ("number", "array", "fault"),
    [
        (0, pixels(7), r"train-images\S* has 7 images, but \S*train-labels\S* has 6 labels"),
        (3, np.arange(2), r"t10k-images\S* has 3 images, but \S*t10k-labels\S* has 2 labels"),
        (1, np.array([0, 1, 2, 10, 3, 4]), r"train-labels\S* label 10, where the digits end at 9"),
        (3, np.array([255, 1, 2]), r"t10k-labels\S* label 255, where"),
        (0, np.zeros((6, 28, 27)), r"train-images\S* shape \(6, 28, 27\) in place of"),
        (2, np.zeros((3, 784)), r"t10k-images\S* shape \(3, 784\) in place of \(n, 28, 28\)"),
        (1, np.zeros((6, 1)), r"train-labels\S* shape \(6, 1\) in place of \(n,\)"),
    ],
)
def test_digits_that_are_not_mnist_are_refused(
    tmp_path: Path, files: Files, number: int, array: np.ndarray, fault: str
) -> None:
    files[NAMES[number]] = idx(array)
    with pytest.raises(ValueError, match=fault):
        load(store(tmp_path, files))


# --- cache, download, sample ------------------------------------------------------------------


class Mirror:
    """A server of this machine that holds files, notes what it is asked, and can misbehave."""

    def __init__(
        self,
        files: Files,
        *,
        cut: int | None = None,
        endless: bool = False,
        slow: float = 0,
        reason: str = "no",
    ) -> None:
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self.answer()

            def do_GET(self) -> None:
                asked.append(self.path[1:])
                body = self.answer()
                with contextlib.suppress(OSError):  # who asked may have gone
                    while endless:
                        self.wfile.write(bytes(2**16))
                    for byte in body if slow else b"":
                        self.wfile.write(bytes([byte]))
                        time.sleep(slow)
                    self.wfile.write(body if cut is None else body[:cut])

            def answer(self) -> bytes:
                body = files.get(self.path[1:])
                self.send_response(404 if body is None else 200, reason)
                if not endless:
                    self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                return body or b""

            def log_message(self, *_: object) -> None:
                pass

        self.asked = asked
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


Serve = Callable[..., list[Mirror]]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Give a function that starts mirrors and names them, in order, as the project's own."""
    started: list[Mirror] = []

    def start(*holdings: Files, **behaviour: Any) -> list[Mirror]:
        started.extend(Mirror(files, **behaviour) for files in holdings)
        monkeypatch.setattr(data, "MIRRORS", tuple(mirror.url for mirror in started))
        return started

    yield start
    for mirror in started:
        mirror.close()


def contents(folder: Path) -> Files:
    return {p.name: p.read_bytes() for p in folder.iterdir()} if folder.exists() else {}


def test_a_download_fills_the_cache_and_the_cache_then_serves(
    tmp_path: Path, official: Files, serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    cache = tmp_path / "new" / "cache"
    first, second = serve(official, official)
    digits, source = load(cache=cache)
    check_small(digits)
    assert f"from a download, now in the cache {cache}" in source
    assert "100%" in capsys.readouterr().err  # the progress bar
    assert contents(cache) == official
    assert (first.asked, second.asked) == (NAMES, [])

    digits, source = load(cache=cache)
    check_small(digits)
    assert source.endswith(f"from the cache {cache}")
    assert first.asked == NAMES


def test_only_what_the_cache_lacks_is_fetched(
    tmp_path: Path, official: Files, serve: Serve
) -> None:
    store(tmp_path, official | {NAMES[0]: official[NAMES[0]][:-5], NAMES[3]: b""})
    (tmp_path / NAMES[2]).unlink()
    [mirror] = serve(official)
    check_small(load(cache=tmp_path)[0])
    assert mirror.asked == [NAMES[0], NAMES[2], NAMES[3]]
    assert contents(tmp_path) == official


def test_the_cache_is_read_only_where_its_checksums_are_official(
    tmp_path: Path, files: Files
) -> None:
    store(tmp_path, files)
    assert "sample" in load(cache=tmp_path)[1]
    assert contents(tmp_path) == files


def test_the_user_s_own_cache_is_the_default(
    tmp_path: Path, official: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    pooch = importlib.import_module("pooch")
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / project)
    cache = tmp_path / "autograd-mini" / "mnist"
    cache.parent.mkdir()
    store(cache, official)
    assert load()[1].endswith(f"from the cache {cache}")


def test_a_wrong_checksum_goes_to_the_next_mirror(
    tmp_path: Path, official: Files, serve: Serve
) -> None:
    wrong = official | {NAMES[1]: idx(np.arange(6), zipped=True)}
    first, second = serve(wrong, official)
    check_small(load(cache=tmp_path)[0])
    assert (first.asked, second.asked) == (NAMES[:2], NAMES[1:])
    assert contents(tmp_path) == official


def test_a_body_that_breaks_off_leaves_nothing(
    tmp_path: Path, official: Files, serve: Serve
) -> None:
    serve(official, cut=20)
    source = load(cache=tmp_path)[1]
    assert "the sample that comes along, as the download failed (" in source
    assert contents(tmp_path) == {}
    serve(official)
    check_small(load(cache=tmp_path)[0])


def test_mirrors_that_all_lie_are_named_and_leave_nothing(
    tmp_path: Path, official: Files, serve: Serve
) -> None:
    lying, empty = serve(dict.fromkeys(NAMES, b"<html>log in</html>"), {})
    source = load(cache=tmp_path)[1]
    assert f"{lying.url}{NAMES[0]} has another checksum than the official file; 404" in source
    assert empty.url in source
    assert contents(tmp_path) == {}


def test_a_body_without_an_end_is_left_at_the_size_of_the_file(
    tmp_path: Path, official: Files, serve: Serve, sample: None
) -> None:
    serve(official, endless=True)
    assert peak_of(lambda: load(cache=tmp_path)) < 2**22
    source = load(cache=tmp_path)[1]
    assert f"has more than the {len(official[NAMES[0]]):,} bytes of the official file" in source
    assert contents(tmp_path) == {}


@pytest.mark.parametrize(("patience", "longest"), [(0.3, 600), (60, 0.0)])
def test_a_byte_now_and_then_is_no_download(
    patience: float,
    longest: float,
    tmp_path: Path,
    official: Files,
    serve: Serve,
    sample: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(data, "PATIENCE", patience)
    monkeypatch.setattr(data, "LONGEST", longest)
    serve(official, slow=0.05)
    source = load(cache=tmp_path)[1]
    assert "stopped, or became too slow, after 0 bytes" in source
    assert contents(tmp_path) == {}


def test_a_reason_phrase_does_nothing_to_a_terminal(
    tmp_path: Path, official: Files, serve: Serve
) -> None:
    reason = "\x1b[31mred\x07\x9b2J" + "long" * 1000
    serve(dict.fromkeys(NAMES[1:], b""), reason=reason)
    source = load(cache=tmp_path)[1]
    assert r"404 Client Error: \x1b[31mred\x07\x9b2Jlonglong" in source
    assert source.isprintable()
    assert len(source) < 800


def test_links_in_a_cache_of_strangers_lead_nowhere(
    tmp_path: Path, official: Files, serve: Serve
) -> None:
    victim, cache = tmp_path / "victim", tmp_path / "cache"
    victim.write_bytes(b"the user's own")
    cache.mkdir()
    for name in NAMES:
        (cache / name).symlink_to(victim)
    os.mkfifo(cache / "pipe")
    (cache / NAMES[2]).unlink()
    (cache / "pipe").rename(cache / NAMES[2])  # would wait for a reader
    serve(official)
    check_small(load(cache=cache)[0])
    assert victim.read_bytes() == b"the user's own"
    assert not any(path.is_symlink() for path in cache.iterdir())
    assert contents(cache) == official


@pytest.mark.parametrize("downloaded", [False, True])
def test_the_digits_are_of_the_bytes_that_were_checked(
    downloaded: bool,
    tmp_path: Path,
    official: Files,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cache = store(tmp_path / "cache", {} if downloaded else official)
    serve(official)
    is_official = data._is_official

    def checked(name: str, content: bytes) -> bool:
        answer = is_official(name, content)
        (cache / name).write_bytes(idx(pixels(9, seed=7)))  # by somebody else, just after
        return answer

    monkeypatch.setattr(data, "_is_official", checked)
    check_small(load(cache=cache)[0])


def test_of_a_large_file_in_the_cache_no_more_is_read_than_the_official_one_has(
    tmp_path: Path, official: Files, sample: None
) -> None:
    store(tmp_path, official)
    with open(tmp_path / NAMES[0], "r+b") as file:
        file.truncate(2**28)
    assert peak_of(lambda: load(cache=tmp_path, download=False)) < 2**22


def test_a_cache_that_cannot_be_made_is_no_obstacle(
    tmp_path: Path, official: Files, serve: Serve
) -> None:
    serve(official)
    (tmp_path / "file").touch()
    source = load(cache=tmp_path / "file" / "cache")[1]
    assert "the sample that comes along, as the download failed" in source


def test_an_interruption_while_writing_leaves_nothing(
    tmp_path: Path, official: Files, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    serve(official)
    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        load(cache=tmp_path)
    assert contents(tmp_path) == {}


def test_a_kill_in_the_middle_of_a_download_leaves_nothing(tmp_path: Path) -> None:
    program = (
        "import sys; from nn.data import mnist as data\n"
        "data.MIRRORS = (sys.argv[1],); data.PATIENCE = 60\n"
        "data.load_mnist(cache=sys.argv[2])"
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with subprocess.Popen([sys.executable, "-c", program, url, str(tmp_path)]) as process:
            try:
                for part in (b"", b"half"):  # the answer to HEAD, and a body that never ends
                    connection, _ = server.accept()
                    with connection:
                        connection.recv(4096)
                        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 8\r\n\r\n" + part)
                        if part:
                            time.sleep(0.1)
                            process.kill()
            finally:
                process.kill()
    assert contents(tmp_path) == {}


def test_servers_that_never_answer_are_left_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        monkeypatch.setattr(data, "MIRRORS", tuple(f"{url}{i}/" for i in range(12)))
        start = time.monotonic()
        source = load(cache=tmp_path)[1]
        assert time.monotonic() - start < 12 * 0.5  # asked together, not one after another
        assert source.endswith(
            "the sample that comes along, as the download failed (no mirror answered)"
        )


def test_a_look_up_of_names_that_hangs_is_left_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()

    def hang(*_: object, **__: object) -> None:
        release.wait(30)
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    monkeypatch.setattr(data, "PATIENCE", 0.5)
    monkeypatch.setattr(data, "MIRRORS", tuple(f"http://{i}.invalid/" for i in range(12)))
    before = set(threading.enumerate())
    start = time.monotonic()
    try:
        source = load(cache=tmp_path)[1]
        seconds = time.monotonic() - start
        hanging = set(threading.enumerate()) - before
    finally:
        release.set()
    assert "no mirror answered" in source
    assert seconds < 12 * 0.5
    assert len(hanging) == 12
    assert all(thread.daemon for thread in hanging)
    for thread in hanging:
        thread.join()


def test_a_mirror_that_refuses_is_passed_over(
    tmp_path: Path, official: Files, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = f"http://127.0.0.1:{server.getsockname()[1]}/"
    serve(official)
    monkeypatch.setattr(data, "MIRRORS", (closed, *data.MIRRORS))
    check_small(load(cache=tmp_path)[0])


def test_no_download_unless_allowed(tmp_path: Path, official: Files, serve: Serve) -> None:
    [mirror] = serve(official)
    source = load(cache=tmp_path, download=False)[1]
    assert source.endswith("from the sample that comes along, as no download was asked for")
    assert mirror.asked == []


def test_the_sample_has_as_many_of_every_class(tmp_path: Path) -> None:
    digits, source = load(cache=tmp_path)
    assert source.startswith("MNIST: 4,000 digits to train and 1,000 to test, from the sample")
    assert digits.train_images.dtype == digits.test_images.dtype == np.float32
    assert digits.train_labels.dtype == digits.test_labels.dtype == np.int64
    assert digits.train_labels.tolist() == [*range(10)] * 400
    assert digits.test_labels.tolist() == [*range(10)] * 100
    assert (digits.train_images.min(), digits.train_images.max()) == (0, 1)
    ours = [*map(bytes, digits.train_images), *map(bytes, digits.test_images)]
    assert len(set(ours)) == 5_000  # no digit twice, so none both to train and to test


@pytest.mark.parametrize("cached", [False, True])
def test_without_pooch_the_sample_says_what_to_install(
    tmp_path: Path, cached: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    digits, source = load(cache=tmp_path if cached else None)
    assert len(digits.train_labels) == 4_000
    assert "all 70,000 need pooch: pip install 'autograd-mini[data]'" in source
    source = load(cache=tmp_path if cached else None, download=False)[1]
    assert source.endswith("as no download was asked for")


def test_a_download_can_do_without_a_bar(
    tmp_path: Path, official: Files, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    serve(official)
    check_small(load(cache=tmp_path)[0])


def test_the_extras_are_imported_only_when_needed() -> None:
    program = (
        "import sys, nn.data.mnist\n"
        "sys.exit(str({'pooch', 'tqdm', 'requests'} & set(sys.modules) or ''))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr.strip() == ""


# --- batches ----------------------------------------------------------------------------------


@hypothesis.given(
    n=st.integers(1, 40), size=st.integers(1, 50), seed=st.integers(0, 9), shuffle=st.booleans()
)
def test_every_row_comes_once_beside_its_own_label(
    n: int, size: int, seed: int, shuffle: bool
) -> None:
    x, y = np.arange(2 * n, dtype=np.float32).reshape(n, 2), np.arange(n)
    dealt = list(batches(x, y, size=size, seed=seed, shuffle=shuffle))
    assert [len(ys) for _, ys in dealt[:-1]] == [size] * (math.ceil(n / size) - 1)
    assert 1 <= len(dealt[-1][0]) <= size
    order = np.concatenate([ys for _, ys in dealt])
    assert sorted(order.tolist()) == list(range(n))
    np.testing.assert_array_equal(np.concatenate([xs for xs, _ in dealt]), x[order], strict=True)
    if not shuffle:
        assert order.tolist() == list(range(n))


def order_of(seed: int | np.random.Generator) -> list[int]:
    return [int(i) for (part,) in batches(np.arange(100), size=7, seed=seed) for i in part]


def test_the_order_depends_on_the_seed_alone() -> None:
    assert order_of(3) == order_of(3) != order_of(4)
    assert order_of(3) != list(range(100))
    np.random.seed(0)  # noqa: NPY002 - the global state must not matter
    assert order_of(3) == order_of(np.random.default_rng(3))


def test_a_generator_gives_the_next_order_at_each_call() -> None:
    rng, again = np.random.default_rng(5), np.random.default_rng(5)
    epochs = [order_of(rng) for _ in range(3)]
    assert epochs == [order_of(again) for _ in range(3)]
    assert len({tuple(epoch) for epoch in epochs}) == 3


def test_shuffled_batches_are_copies_and_others_are_views() -> None:
    x = np.arange(10.0)
    assert not any(np.shares_memory(x, part) for (part,) in batches(x, size=3, seed=0))
    assert all(np.shares_memory(x, part) for (part,) in batches(x, size=3, shuffle=False))


@pytest.mark.parametrize("size", [0, -1, 2.0, 1.5, math.nan, True, None, "3"])
def test_a_size_that_is_no_count_is_refused(size: Any) -> None:
    with pytest.raises(ValueError, match="whole number of at least 1, not "):
        batches(np.arange(3), size=size, seed=0)


def test_a_numpy_integer_is_a_size() -> None:
    assert len(list(batches(np.arange(5), size=np.int64(2), seed=0))) == 3  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arrays", "fault"),
    [
        ([], "at least one array"),
        ([np.zeros((0, 784))], "at least one row"),
        ([np.zeros(3), np.zeros(0)], "at least one row"),
        ([np.float32(1)], "at least one row"),
        ([np.zeros((5, 2)), np.zeros(4)], r"arrays of one length, not \[5, 4\]"),
    ],
)
def test_arrays_that_cannot_be_dealt_are_refused(arrays: list[Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        batches(*arrays, size=2, seed=0)


def test_shuffling_needs_a_seed() -> None:
    with pytest.raises(ValueError, match="batches needs a seed"):
        batches(np.arange(3), size=2)
