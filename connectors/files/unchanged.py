"""Files that were read completely before and have not changed since: they are counted again without being opened.

One JSON document per imported path, kept as the cursor of its source in the log itself and written in the transaction
that ends the import: it can never speak of items that another log, or no log, holds.
"""

from __future__ import annotations

import msgspec

from connectors.files.walk import Stamp
from connectors.items import Problem

READERS = 1  # raised when a reader or translator sees more in the same bytes: then everything is read again
PROBLEMS = 100  # of one file; a file with more is read again each time

# A change within one tick of the file system's clock may leave the stamp as it is, so a file is believed only when it
# was read later than that. Linux ticks every 10 ms at most; FAT and old servers count whole seconds, two by two.
_TICK_NS = 100_000_000
_COARSE_TICK_NS = 2_000_000_000
_COARSE = 1_000_000


class Account(msgspec.Struct, array_like=True, omit_defaults=True):
    """What one file held: `items` in the log, the others by their fate. Sum of all = items seen."""

    items: int = 0
    skipped: dict[str, int] = {}
    problems: list[Problem] = []


class _Line(msgspec.Struct, array_like=True):
    stamp: Stamp
    account: Account


class _Document(msgspec.Struct):
    readers: int
    files: dict[str, _Line]


class Unchanged:
    """The files of one imported path, as they were when the log got their items."""

    def __init__(self, cursor: str | None) -> None:
        self._known = _decoded(cursor)
        self._now: dict[str, _Line] = {}

    def account(self, where: str, stamp: Stamp) -> Account | None:
        """What the file holds; None where it is new or changed and must be read."""
        line = self._known.get(where)
        if line is None or line.stamp != stamp:
            return None
        self._now[where] = line
        return line.account

    def remember(self, where: str, stamp: Stamp, account: Account, *, read_ns: int) -> None:
        """Note a file that was read to its end; `read_ns` is when its reading began, ns since 1970."""
        coarse = stamp.modified_ns % _COARSE == 0
        settled = stamp.modified_ns + (_COARSE_TICK_NS if coarse else _TICK_NS) < read_ns
        if settled and len(account.problems) <= PROBLEMS:
            self._now[where] = _Line(stamp, account)

    def cursor(self) -> str:
        """The document for the next time: only what was met this time, so that removed files leave it."""
        return msgspec.json.encode(_Document(READERS, self._now)).decode()


def _decoded(cursor: str | None) -> dict[str, _Line]:
    if cursor is None:
        return {}
    try:
        document = msgspec.json.decode(cursor, type=_Document)
    except msgspec.MsgspecError:  # written by another version: reading again is always right
        return {}
    return document.files if document.readers == READERS else {}
