"""What surrounds a payload: whose it is, which thing it speaks of, when it happened and when the log learned it."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from events.vocabulary import Payload

OWNER = "me"  # a single-person install has one owner; every row carries it all the same


class Encoded(NamedTuple):
    """A payload that another process has encoded already (`events.codec.encode`)."""

    wire: str
    data: bytes
    people: int = 0  # guests or recipients in it


class NewEvent(NamedTuple):
    """An event on its way into the log.

    `stream` (16 bytes, `stream_of`) names the thing at its source; `revision` (signed 64 bits) the state of it:
    for observations derived from content (`revision_of`), for decisions None: the log numbers them itself.
    A known (stream, revision) is a duplicate and stores nothing.
    """

    stream: bytes
    revision: int | None
    happened_ms: int
    payload: Payload | Encoded


class StoredEvent(NamedTuple):
    """An event as the log returns it; `data` is the JSON document, decoded with `events.codec.decode`."""

    position: int
    stream: bytes
    revision: int
    type: str
    happened_ms: int
    recorded_ms: int
    data: bytes


def stream_of(created_ms: int | None, *natural_key: str) -> bytes:
    """6 bytes of creation time, then 10 bytes of hash: ids that arrive in time order keep a unique index local.

    A unique index on random ids is 3 to 7 times slower. `created_ms` must be immutable at the source.
    """
    time = min(max(created_ms or 0, 0), 2**48 - 1)
    digest = hashlib.blake2b("\0".join(natural_key).encode("utf-8", "surrogatepass"), digest_size=10).digest()
    return time.to_bytes(6, "big") + digest


def revision_of(content: bytes) -> int:
    """A signed 64-bit hash of what an observation says."""
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "big", signed=True)
