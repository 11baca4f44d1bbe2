"""The hash chain: each event's hash covers all that is stored of it, and its predecessor's hash.

The chain is the guard of the log. There are no triggers that refuse UPDATE or DELETE: whoever can write the file can
drop a trigger too, while a chain shows what was changed, and any outside program can check it.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from events.envelope import NewEvent

GENESIS = bytes(32)  # what stands before the first event
_NUMBERS = struct.Struct(">qqqqHHH")  # lengths make the encoding unambiguous: no text can pass for another field


# A row of the table `events`: owner, position, stream, revision, type, happened_ms, recorded_ms, payload, hash.
Row = tuple[str, int, bytes, int, str, int, int, str, bytes]


class Head(NamedTuple):
    """The end of one owner's log: what the next event is chained to."""

    position: int = 0
    hash: bytes = GENESIS
    recorded_ms: int = 0


class Verification(NamedTuple):
    """`first_bad`: the first position whose event is changed or missing, or was added behind the log's back."""

    events: int
    ok: bool
    first_bad: int | None


def link(  # noqa: PLR0917  as many as the hash covers; the hottest call of the log
    previous: bytes, owner: bytes, position: int, stream: bytes, revision: int,
    type: bytes, happened_ms: int, recorded_ms: int, payload: bytes,  # noqa: A002  the column's name
) -> bytes:  # fmt: skip
    """The hash of one event: SHA-256."""
    numbers = _NUMBERS.pack(position, revision, happened_ms, recorded_ms, len(owner), len(type), len(stream))
    return hashlib.sha256(b"".join((previous, numbers, owner, type, stream, payload))).digest()


def forge(
    admitted: Iterable[tuple[NewEvent, bytes, int]], head: Head, *, owner: str, recorded_ms: int
) -> Iterator[Row]:
    """Number and chain events from the head on: (event, its encoded payload, its revision) become rows."""
    owned, position, previous = owner.encode(), head.position, head.hash
    for (stream, _, happened_ms, payload), data, revision in admitted:
        position += 1
        wire = payload.wire
        previous = link(
            previous, owned, position, stream, revision, wire.encode(), happened_ms, recorded_ms, data
        )
        yield owner, position, stream, revision, wire, happened_ms, recorded_ms, data.decode(), previous


def renamed(rows: Iterable[Row], owner: str, previous: bytes) -> list[Row]:
    """The same events as another owner's, chained anew behind `previous`."""
    owned, found = owner.encode(), []
    for _, position, stream, revision, wire, happened, recorded, payload, _ in rows:
        previous = link(
            previous, owned, position, stream, revision, wire.encode(), happened, recorded, payload.encode()
        )
        found.append((owner, position, stream, revision, wire, happened, recorded, payload, previous))
    return found


class Checker:
    """Walks one owner's rows in the order of positions, and finds the first that is not what was written.

    The rows have the columns of `Row` with every text as bytes: what was tampered with may be neither UTF-8 nor JSON.
    """

    def __init__(self, head: Head) -> None:
        self._head = head
        self._position = 0
        self._previous: object = GENESIS
        self._bad: int | None = None

    def accepts(self, row: tuple[Any, ...]) -> bool:
        """Whether this row follows the one before it; after the first that does not, nothing is accepted."""
        expected = self._position + 1
        if self._bad is None and (row[1] != expected or _hash_of(self._previous, row) != row[8]):
            self._bad = expected
        self._position, self._previous = expected, row[8]
        return self._bad is None

    def first_bad(self) -> int | None:
        """The first bad position once all rows up to the head were offered: the missing tail counts too."""
        if self._bad is not None:
            return self._bad
        if self._position < self._head.position:
            return self._position + 1
        return None if (self._position, self._previous) == self._head[:2] else self._position


def _hash_of(previous: Any, row: tuple[Any, ...]) -> bytes | None:
    try:
        return link(previous, *row[:8])
    except (TypeError, struct.error):  # a changed row may hold any type in any column
        return None
