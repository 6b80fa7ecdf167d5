"""A file is whole or as it was; links, pipes, devices, modes and the umask stay what they are."""

import errno
import os
import socket
import stat
import subprocess
import sys
import tempfile
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd_mini import Value, draw, to_html
from autograd_mini.files import expanded, write_whole
from nn.pictures.figure import save_figure

Writer = Callable[[Any], object]


def picture() -> Any:
    return draw(Value(2.0, name="x").tanh())


def run_picture(path: Any) -> None:
    history = nn.History([nn.Epoch(1.0, 0.5, 1.0, 0.5, 0.1)])
    save_figure(nn.draw_training(history, np.ones((2, 4))), path)


WRITERS: dict[str, Writer] = {
    "write_whole": lambda path: write_whole(path, b"new"),
    "save": lambda path: nn.save(path, {"a": np.ones(1)}),
    "source": lambda path: picture().save(path),
    "picture": lambda path: picture().render(outfile=path, format="svg", cleanup=True),
    "page": lambda path: to_html(Value(2.0, name="x").tanh(), path),
    "training": run_picture,
}
every_writer = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# ------------------------------------------------------------------------ what is there, stays so


@every_writer
def test_a_link_is_followed_and_the_file_keeps_its_mode(write: Writer, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    file, link = tmp_path / "there" / "file.svg", tmp_path / "link.svg"
    file.write_bytes(b"old")
    file.chmod(0o640)
    link.symlink_to(Path("there", "file.svg"))
    (tmp_path / "second.svg").symlink_to(link)
    write(tmp_path / "second.svg")
    assert link.is_symlink()
    assert file.read_bytes() != b"old"
    assert mode(file) == 0o640
    assert os.listdir(tmp_path / "there") == ["file.svg"]


@every_writer
def test_a_link_to_nothing_yet_makes_what_it_names(write: Writer, tmp_path: Path) -> None:
    link = tmp_path / "link.svg"
    link.symlink_to("file.svg")
    write(link)
    assert link.is_symlink()
    assert (tmp_path / "file.svg").stat().st_size > 0


@every_writer
def test_a_pipe_is_written_to(write: Writer, tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe.svg", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write(pipe)
    reader.join(30)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert len(read[0]) > 0
    assert os.listdir(tmp_path) == ["pipe.svg"]


@every_writer
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="devices of Linux")
def test_devices_stay_what_they_are(write: Writer, tmp_path: Path) -> None:
    null, full = tmp_path / "null.svg", tmp_path / "full.svg"
    null.symlink_to("/dev/null")  # through a link, so that a fault costs no device
    full.symlink_to("/dev/full")
    write(null)
    with pytest.raises(OSError, match=r"cannot write .*full\.svg: No space left"):
        write(full)
    assert null.is_symlink()
    assert full.is_symlink()
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@every_writer
def test_a_home_is_found_where_its_sign_stands(
    write: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "here")
    write("~/file.svg")
    write(Path("~") / "other.svg")
    assert sorted(os.listdir(tmp_path / "home")) == ["file.svg", "other.svg"]
    assert os.listdir(tmp_path / "here") == []


def test_paths_come_back_as_they_can_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    paths: list[Any] = [
        to_html(Value(2.0).tanh(), "~/page.html"),
        picture().save("source.gv", "~/new"),
        picture().render("lesson", "~/new", format="svg"),
        picture().render("~/named.gv", outfile="~/other.svg"),
        picture().render(outfile="third.svg", directory="~", cleanup=True),
    ]
    assert all(Path(path).is_file() and Path(path).is_relative_to(tmp_path) for path in paths)
    nn.save("~/weights.npz", {"a": np.ones(1)})
    assert list(nn.load("~/weights.npz").state) == ["a"]
    (tmp_path / "idx").write_bytes(b"\0\0\x08\1\0\0\0\1x")
    assert nn.read_idx("~/idx").tolist() == [ord("x")]
    with pytest.raises(FileNotFoundError, match=f"{tmp_path}/digits is not a folder"):
        nn.load_mnist("~/digits")
    monkeypatch.setenv("MNIST_DIR", "~/digits")
    with pytest.raises(FileNotFoundError, match=f"{tmp_path}/digits is not a folder"):
        nn.load_mnist()
    assert expanded("a/~") == Path("a/~")
    assert expanded("~nobody-of-this-name/a") == Path("~nobody-of-this-name/a")


@pytest.mark.parametrize(("mask", "allowed"), [(0o077, 0o600), (0o022, 0o644), (0, 0o666)])
def test_a_new_file_has_what_the_umask_allows(mask: int, allowed: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        for name, write in WRITERS.items():
            write(tmp_path / f"{name}.svg")
            assert mode(tmp_path / f"{name}.svg") == allowed
            assert os.umask(mask) == mask
    finally:
        os.umask(before)


def test_the_umask_is_never_touched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def touched(mask: int) -> int:
        raise AssertionError("other threads make files too")

    monkeypatch.setattr(os, "umask", touched)
    for name, write in WRITERS.items():
        write(tmp_path / f"{name}.svg")


def test_a_private_file_is_private_at_every_moment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"old")
    secret.chmod(0o600)
    seen = []
    fsync = os.fsync

    def look(handle: int) -> None:
        seen.extend(mode(path) for path in tmp_path.iterdir())
        fsync(handle)

    monkeypatch.setattr(os, "fsync", look)
    write_whole(secret, b"new")
    assert set(seen) == {0o600}


def test_owner_and_group_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[int, int]] = []
    file = tmp_path / "file"
    file.write_bytes(b"old")
    monkeypatch.setattr(os, "chown", lambda path, *ids: given.append(ids))
    write_whole(file, b"new")
    assert given == [(-1, file.stat().st_gid), (file.stat().st_uid, -1)]


# ------------------------------------------------------------------------------ what cannot be


def unprivileged(code: str, *arguments: object) -> str:
    """What a program prints that is nobody's, for root may write everywhere."""
    start = "import os, pathlib, sys; from autograd_mini.files import write_whole\n"
    start += "os.geteuid() or (os.setgroups([]), os.setgid(65534), os.setuid(65534))\n"
    program = start + textwrap.dedent(code)
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_what_may_not_be_written_is_not_replaced() -> None:
    with tempfile.TemporaryDirectory() as name:  # tmp_path stands in folders of root's own
        root = Path(name)
        for folder, rights, own in (("closed", 0o555, 0o666), ("open", 0o777, 0o444)):
            (root / folder).mkdir()
            (root / folder / "file").write_bytes(b"old")
            (root / folder / "file").chmod(own)
            (root / folder).chmod(rights)
        (root / "unseen").mkdir()
        (root / "unseen").chmod(0o733)
        root.chmod(0o755)
        said = unprivileged(
            """
            os.chdir(sys.argv[1])
            for name in ("closed/file", "closed/new", "open/file", "unseen/new"):
                try:
                    write_whole(name, b"new")
                    print("written", name)
                except PermissionError as error:
                    print(error)
            """,
            root,
        )
        refused = ["closed/file", "closed/new", "open/file"]
        wanted = [f"[Errno 13] cannot write {path}: Permission denied" for path in refused]
        assert said.splitlines() == [*wanted, "written unseen/new"]
        assert [os.listdir(root / folder) for folder in ("closed", "open")] == [["file"]] * 2
        assert (root / "open" / "file").read_bytes() == b"old"


def loop(folder: Path) -> Path:
    (folder / "a").symlink_to(folder / "b")
    (folder / "b").symlink_to(folder / "a")
    return folder / "a"


def socket_file(folder: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "s"))
    return folder / "s"


IMPOSSIBLE: dict[str, tuple[Callable[[Path], Path], int]] = {
    "a folder": (lambda folder: folder, errno.EISDIR),
    "a loop of links": (loop, errno.ELOOP),
    "a socket": (socket_file, errno.ENXIO),
    "no folder": (lambda folder: folder / "none" / "file", errno.ENOENT),
    "a name too long": (lambda folder: folder / ("n" * 300), errno.ENAMETOOLONG),
}


@pytest.mark.parametrize("what", IMPOSSIBLE)
def test_what_is_impossible_names_the_path_that_was_given(what: str, tmp_path: Path) -> None:
    make, number = IMPOSSIBLE[what]
    path = make(tmp_path)
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(OSError, match="cannot write ") as caught:
        write_whole(path, b"new")
    assert caught.value.errno == number
    assert str(path) in str(caught.value)
    assert "part" not in str(caught.value)
    assert sorted(os.listdir(tmp_path)) == before


@pytest.mark.parametrize("name", ["n" * 255, "é" * 127, "a b%\n", "-rf", "~"])
def test_any_name_that_the_system_takes(name: str, tmp_path: Path) -> None:
    for content in (b"old", b"new"):
        write_whole(tmp_path / name, content)
    assert (tmp_path / name).read_bytes() == b"new"
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("step", ["os.fsync", "os.chmod", "pathlib.Path.replace"])
@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_a_fault_at_any_step_leaves_the_old_file_and_nothing_else(
    step: str, fault: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise fault

    file = tmp_path / "file"
    file.write_bytes(b"old")
    monkeypatch.setattr(step, fail)
    with pytest.raises(type(fault)) as caught:
        write_whole(file, b"new")
    monkeypatch.undo()
    assert isinstance(fault, KeyboardInterrupt) or f"cannot write {file}: No" in str(caught.value)
    assert file.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_a_part_that_somebody_laid_out_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "urandom", bytes)
    victim = tmp_path / "victim"
    victim.write_bytes(b"old")
    (tmp_path / f".file.{bytes(8).hex()}.part").symlink_to(victim)
    with pytest.raises(FileExistsError):
        write_whole(tmp_path / "file", b"new")
    assert victim.read_bytes() == b"old"


def test_a_link_can_be_replaced_too(tmp_path: Path) -> None:
    victim, link = tmp_path / "victim", tmp_path / "link"
    victim.write_bytes(b"old")
    link.symlink_to(victim)
    write_whole(link, b"new", links=False)
    assert (victim.read_bytes(), link.read_bytes()) == (b"old", b"new")
    assert not link.is_symlink()
