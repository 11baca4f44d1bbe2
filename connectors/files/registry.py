"""Which module reads which kind of file, and the reading of one file, whatever it is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from typing import BinaryIO, Protocol, cast

from connectors.files import mail
from connectors.files.sniff import COMPRESSED, HEAD_BYTES, Kind, kind_of
from connectors.files.walk import Found, mbox_folder
from connectors.items import Item, Skipped


class Reader(Protocol):
    """What every module that reads a kind of file has: bytes to items, in the order of the file.

    `source` is `files:<name>`; `where` names the file and stands before every item's own place; `folder` is the name of
    the mail folder the items lie in. A reader bounds each item and yields a Problem for what it cannot read.
    """

    def __call__(self, stream: BinaryIO, *, source: str, where: str, folder: str) -> Iterator[Item]: ...


_READERS = {  # module of connectors.files, and its function
    Kind.MBOX: ("mail", "read_mbox"),
    Kind.MAILDIR: ("mail", "read_maildir"),
    Kind.MESSAGE: ("mail", "read_message"),
    Kind.CALENDAR: ("ics", "read"),
    Kind.CARDS: ("vcf", "read"),
    Kind.TABLE: ("table", "read"),
}


def reader_of(kind: Kind) -> Reader:
    """The reader of a kind, loaded when the first such file comes: a calendar needs no HTML parser."""
    module, function = _READERS[kind]
    return cast("Reader", getattr(import_module(f"connectors.files.{module}"), function))


def read_found(
    found: Found, stream: BinaryIO, *, source: str, begin: int = 0, end: int | None = None
) -> Iterator[Item]:
    """The items of one file, opened as `stream`; a file that is none of ours is one skipped item.

    With `begin` and `end` it is an mbox, of which only the messages are read that begin in [begin, end).
    """
    if end is not None:
        folder = mbox_folder(found.where, found.folder)
        yield from mail.read_mbox(stream, source=source, where=found.where, folder=folder, begin=begin, end=end)
        return
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    kind = Kind.MAILDIR if found.maildir else kind_of(head, os.path.basename(found.where))  # noqa: PTH119  a text
    read = partial(_read, source)
    if kind is None:
        yield Skipped(
            ("compressed" if head.startswith(COMPRESSED) else "not_recognised") if head else "empty"
        )
    elif kind is Kind.ZIP:
        from connectors.files import takeout  # noqa: PLC0415  a folder of mail is read without the readers of archives

        yield from takeout.members(stream, found.where, read)
    else:
        yield from read(kind, stream, found.where, found.folder)


def _read(source: str, kind: Kind, stream: BinaryIO, where: str, folder: str) -> Iterator[Item]:
    if kind is Kind.MBOX:
        folder = mbox_folder(where, folder)
    return reader_of(kind)(stream, source=source, where=where, folder=folder)
