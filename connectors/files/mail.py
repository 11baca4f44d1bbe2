"""Mail as it lies on disks: mbox files, messages of a Maildir, single messages. One item a message."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO

from connectors.errors import ItemMalformed
from connectors.files.mbox import KEPT, messages
from connectors.items import Item, Problem, Skipped
from connectors.mime.message import to_event, translate

_USUAL_BYTES = 128 << 10
# Apple Mail's .emlx: the message's length on a line before it, a property list behind it.
_LENGTH_LINE = re.compile(rb"(\d{1,10})[ \t]*\r?\n(?=[!-9;-~]{1,100}:)")
_FLAGS_BEHIND = (
    ":2,"  # of a Maildir name: `1204680122.27c448.host:2,RS`; other systems write ; or ! for the colon
)
_BOXES = {"T": "trash", "D": "draft"}


def read_mbox(
    stream: BinaryIO, *, source: str, where: str, folder: str, begin: int = 0, end: int | None = None
) -> Iterator[Item]:
    """The messages of an mbox that begin in [begin, end); each stands at `where:byte offset`."""
    for message in messages(stream, where, begin, end):
        yield _item(message.raw, source, f"{where}:{message.offset}", folder, quoted=message.quoted)


def read_message(stream: BinaryIO, *, source: str, where: str, folder: str) -> Iterator[Item]:
    """One message in a file of its own: .eml, or Apple's .emlx."""
    yield _item(message_in(_whole(stream)), source, where, folder)


def _whole(stream: BinaryIO) -> bytes:
    """All of a file, at most `KEPT` bytes; asked for at once, so many would be allocated for every small one."""
    data = stream.read(_USUAL_BYTES)
    return data if len(data) < _USUAL_BYTES else data + stream.read(KEPT - _USUAL_BYTES)


def message_in(data: bytes) -> bytes:
    """The message that a file holds, without byte order mark, blank lines, and what Apple Mail writes around it."""
    data = data.removeprefix(codecs.BOM_UTF8).lstrip(b"\r\n")
    length = _LENGTH_LINE.match(data)
    return data[length.end() : length.end() + int(length[1])] if length else data


def read_maildir(stream: BinaryIO, *, source: str, where: str, folder: str) -> Iterator[Item]:
    """One message of a Maildir; the flags stand in its name, and what lies in `new` nobody has seen."""
    path = PurePosixPath(where)
    flags = path.name.replace(";2,", ":2,").replace("!2,", ":2,").partition(_FLAGS_BEHIND)[2]
    box = next((_BOXES[flag] for flag in flags if flag in _BOXES), "")
    yield _item(_whole(stream), source, where, folder, seen="S" in flags, box=box)


def _item(
    raw: bytes, source: str, where: str, folder: str, *, seen: bool | None = None, box: str = "", quoted: bool = True
) -> Item:
    try:
        item = translate(raw, source=source, where=where, folder=folder, seen=seen, extra_box=box, quoted=quoted)
        return Skipped(item.skip) if item.payload is None else to_event(item)
    except ItemMalformed as error:
        return Problem(where, str(error).removeprefix(f"{where}: "))
    except Exception as error:  # noqa: BLE001  one message must never cost the others
        return Problem(where, f"this message cannot be read ({error!r}); nothing was read from it")
