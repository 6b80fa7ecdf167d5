"""A file is written whole or not at all.

This file knows paths and the operating system. It must not know what the bytes mean.
"""

import contextlib
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["expanded", "write_whole"]


def __dir__() -> list[str]:
    return __all__


def expanded(path: str | os.PathLike[str]) -> "Path":
    """The path with a first `~` or `~name` replaced by that home, where there is one.

    >>> expanded("weights/~.npz").as_posix()
    'weights/~.npz'
    """
    from pathlib import Path  # which takes longer to load than most of our files

    return Path(os.path.expanduser(path))


def write_whole(
    path: str | os.PathLike[str], data: bytes, *, folders: bool = False, links: bool = True
) -> None:
    """Make `data` the content of the file at `path`, or, if anything fails, leave what was there.

    The bytes go to a new file beside it, which takes its name only when they are on the disk. A
    file that is there keeps its mode and, where the system lets us, its owner; a new one gets what
    the umask allows. Links are followed, or with `links=False` replaced; of a file with several
    names (hard links) only this one has the new content. What is no file, such as a pipe or
    /dev/null, is written to and never replaced. With `folders`, those that lack are made. A kill
    can leave a file `.….part` beside it, which nobody reads: delete it.

    Raises OSError, with the path as it was given, if that cannot be done: among others where the
    file may not be written, and where no new one can be made beside it.

    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_whole(f"{folder}/new/digits", b"314", folders=True)
    ...     Path(folder, "new", "digits").read_text(), os.listdir(f"{folder}/new")
    ('314', ['digits'])
    """
    target = expanded(path)
    try:
        if links:
            _write(target, data, folders)
        else:
            _replace(target, data, None, folders)
    except OSError as error:
        raise OSError(error.errno, f"cannot write {path}: {error.strerror or error}") from error


def _write(target: "Path", data: bytes, folders: bool) -> None:
    """Replace what is there, or write into it if it is no file."""
    old = None
    with contextlib.suppress(FileNotFoundError):
        old = target.stat()
    if old is None or stat.S_ISREG(old.st_mode):
        _replace(expanded(os.path.realpath(target)), data, old, folders)
    else:
        with open(target, "wb") as file:
            file.write(data)


def _replace(target: "Path", data: bytes, old: os.stat_result | None, folders: bool) -> None:
    if old is not None:
        open(target, "r+b").close()  # what may not be written is not to be replaced either
    if folders:
        target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name[:40]}.{os.urandom(8).hex()}.part")
    mode = 0o666 if old is None else 0o600  # the old mode comes when the owner is right
    try:
        with open(part, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if old is not None:
            _take_after(part, old)
        part.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    _sync_folder(target.parent)


def _take_after(part: "Path", old: os.stat_result) -> None:
    """Give the new file the group, the owner and the mode of the old one."""
    if hasattr(os, "chown"):
        for owner, group in ((-1, old.st_gid), (old.st_uid, -1)):
            with contextlib.suppress(OSError):  # only root may give files away
                os.chown(part, owner, group)
    os.chmod(part, stat.S_IMODE(old.st_mode))


def _sync_folder(folder: "Path") -> None:
    """Put the new name on the disk too, where the system lets folders be opened."""
    if hasattr(os, "O_DIRECTORY"):
        with contextlib.suppress(OSError):  # the file is whole and has its name
            handle = os.open(folder, os.O_DIRECTORY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
