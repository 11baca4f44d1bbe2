"""The files below a path, in an order that is the same every time. Nothing is opened here."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

MAILDIR = frozenset({"cur", "new", "tmp"})
_MAIL_ENDINGS = (".mbox", ".mbx")
_INBOXES = frozenset({"maildir", ".maildir", "mail"})  # a Maildir's own messages are its inbox


class Stamp(NamedTuple):
    """What changes when a file changes: bytes, modified and changed (ns since 1970), number on its device."""

    size: int
    modified_ns: int
    changed_ns: int
    inode: int


class Found(NamedTuple):
    """A regular file. `where` is its path below the given one, `folder` the mail folder that it lies in."""

    path: str
    where: str
    folder: str
    maildir: bool
    stamp: Stamp


class Left(NamedTuple):
    """Something that is not read, and why, in a short word."""

    where: str
    reason: str


def walk(root: Path) -> Iterator[Found | Left]:
    """Everything at or below `root`, by name. Links are followed, a folder never twice; hidden names are left."""
    here = root.stat()
    if not stat.S_ISDIR(here.st_mode):
        yield _entry(str(root), shown(root.name), _stem(root.absolute().parent.name), here)
        return
    yield from _walk(str(root), "", root.absolute().name, {(here.st_dev, here.st_ino)})


def shown(name: str) -> str:
    """A file name as text: bytes that are not UTF-8 become escapes, so that it can be stored and printed."""
    if name.isascii():
        return name
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def mbox_folder(where: str, parent: str) -> str:
    """The mail folder that the mbox at `where` is: itself, or in Apple's `Work.mbox/mbox` the folder around it."""
    name = PurePosixPath(where).name
    return parent if name == "mbox" else _stem(name)


def maildir_folder(name: str) -> str:
    """The mail folder of a Maildir called `name`; in Maildir++ `.Archive.2020` lies below `Archive`."""
    return "INBOX" if name.lower() in _INBOXES else name.removeprefix(".").replace(".", "/")


def _stem(name: str) -> str:
    path = PurePosixPath(shown(name))
    return path.stem if path.suffix.lower() in _MAIL_ENDINGS else path.name


def _walk(path: str, where: str, name: str, visited: set[tuple[int, int]]) -> Iterator[Found | Left]:
    try:
        with os.scandir(path) as listing:
            entries = sorted(listing, key=lambda entry: os.fsencode(entry.name))
    except OSError:
        yield Left(where or shown(name), "unreadable")
        return
    is_maildir, folder = _is_maildir(name, entries), _stem(name)
    for entry in entries:
        below = f"{where}/{shown(entry.name)}" if where else shown(entry.name)
        try:
            found = entry.stat()
        except OSError:
            yield Left(below, "broken_link" if entry.is_symlink() else "unreadable")
            continue
        if not stat.S_ISDIR(found.st_mode):
            hidden = entry.name[0] == "."
            yield Left(below, "hidden") if hidden else _entry(entry.path, below, folder, found)
        elif (found.st_dev, found.st_ino) in visited:
            yield Left(below, "already_read")
        elif entry.name[0] == "." and not _may_be_maildir(entry.path):
            yield Left(below, "hidden")
        else:
            visited.add((found.st_dev, found.st_ino))
            if is_maildir and entry.name in MAILDIR:
                yield from _messages(entry.path, below, maildir_folder(name))
            else:
                yield from _walk(entry.path, below, entry.name, visited)


def _is_maildir(name: str, entries: list[os.DirEntry[str]]) -> bool:
    """`cur` alone is enough, in a folder of Maildir++ `new` too: copies and archives lose folders that are empty."""
    names = {entry.name for entry in entries if entry.name in MAILDIR and entry.is_dir()}
    return "cur" in names or names == {"new", "tmp"} or ("new" in names and name[0] == ".")


def _may_be_maildir(path: str) -> bool:
    """Whether a hidden folder is one of Maildir++ (`.Sent`)."""
    return Path(path, "cur").is_dir() or Path(path, "new").is_dir()


def _messages(path: str, where: str, folder: str) -> Iterator[Found | Left]:
    """The messages of `cur` or `new`; what lies in `tmp` is still being delivered."""
    delivered = not where.endswith("tmp")
    try:
        with os.scandir(path) as listing:
            entries = sorted(listing, key=lambda entry: os.fsencode(entry.name))
    except OSError:
        yield Left(where, "unreadable")
        return
    for entry in entries:
        below = f"{where}/{shown(entry.name)}"
        try:
            found = entry.stat()
        except OSError:
            yield Left(below, "unreadable")
            continue
        if stat.S_ISDIR(found.st_mode) or entry.name[0] == ".":
            yield Left(below, "hidden" if entry.name[0] == "." else "not_recognised")
        elif not delivered:
            yield Left(below, "unfinished")
        else:
            yield _entry(entry.path, below, folder, found, maildir=True)


def _entry(
    path: str, where: str, folder: str, found: os.stat_result, *, maildir: bool = False
) -> Found | Left:
    """A regular file as it is; pipes, sockets and devices are left, since opening one may wait for ever."""
    if not stat.S_ISREG(found.st_mode):
        return Left(where, "special_file")
    stamp = Stamp(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
    return Found(path, where, folder, maildir, stamp)
