"""The token file on the disk: sealed entries by account, replaced as a whole, by one process at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from events.errors import AmityError, Damaged

FORMAT = 1
_PRIVATE = 0o600


class Sealed(msgspec.Struct, kw_only=True):
    """What stands in the file. Bytes are base64 in JSON.

    The key lies in the system's keyring under `ring`, or is made from a passphrase with `salt`; one of them is empty.
    `check` seals nothing under no name: it tells a wrong passphrase from a damaged entry.
    """

    format: int = FORMAT
    ring: str = ""
    salt: bytes = b""
    check: bytes = b""
    entries: dict[str, bytes] = {}


def read(path: Path) -> Sealed | None:
    """What the file holds; None where there is none. Raises Damaged, or AmityError where it cannot be read."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AmityError(f"{path} cannot be read ({error.strerror}): make it readable for you.") from error
    try:
        found = msgspec.json.decode(data, type=Sealed)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Damaged(f"{path} is damaged: delete it, and connect the accounts again.") from None
    if found.format != FORMAT:
        raise AmityError(f"{path} was written by a newer Amity (format {found.format}): update Amity.")
    return found


def write(path: Path, content: Sealed) -> None:
    """Replace the file, or take it away where nothing is left in it: durably, so that no old secret comes back."""
    if not content.entries:
        path.unlink(missing_ok=True)
    else:
        beside = path.with_name(f".{path.name}.new")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE), "wb") as file:
            os.fchmod(file.fileno(), _PRIVATE)  # a file left there by a crash keeps its own mode otherwise
            file.write(msgspec.json.encode(content))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Until the end of the block no other process changes the file: each would lose what the other wrote."""
    lock = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, _PRIVATE)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
