"""The hash chain: each event's hash covers all that is stored of it, and its predecessor's hash.

The chain is the guard of the log. There are no triggers that refuse UPDATE or DELETE: whoever can write the file can
drop a trigger too, while a chain shows what was changed, and any outside program can check it.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable
from typing import NamedTuple

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
) -> list[Row]:
    """Number and chain events from the head on: (event, its encoded payload, its revision) become rows."""
    owned, position, previous = owner.encode(), head.position, head.hash
    rows: list[Row] = []
    for (stream, _, happened_ms, payload), data, revision in admitted:
        position += 1
        wire = payload.wire
        previous = link(
            previous, owned, position, stream, revision, wire.encode(), happened_ms, recorded_ms, data
        )
        rows.append(
            (owner, position, stream, revision, wire, happened_ms, recorded_ms, data.decode(), previous)
        )
    return rows


def verify(rows: Iterable[tuple[object, ...]], head: Head) -> int | None:
    """The first bad position of one owner's rows, sorted by position, or None.

    `rows` has the columns of `Row` with every text as bytes: what was tampered with may be neither UTF-8 nor JSON.
    """
    position = 0
    previous: object = GENESIS
    for row in rows:
        if row[1] != position + 1:
            return position + 1
        position += 1
        if position > head.position or _hash_of(previous, row) != row[8]:
            return position
        previous = row[8]
    if position < head.position:
        return position + 1
    return None if previous == head.hash else position


def _hash_of(previous: object, row: tuple[object, ...]) -> bytes | None:
    try:
        return link(previous, *row[:8])  # type: ignore[arg-type]  # a changed row may hold anything
    except (TypeError, struct.error):
        return None
