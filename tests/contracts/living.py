"""What a log says is living at a source: read from its events alone, without the tables of synchronising."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from events.codec import decode
from events.log import Log
from events.vocabulary import (
    ContactObserved,
    ContactWithdrawn,
    MeetingObserved,
    MeetingWithdrawn,
    MessageObserved,
    MessageWithdrawn,
    Payload,
)

_OBSERVED = (MessageObserved, MeetingObserved, ContactObserved)
_WITHDRAWN = (MessageWithdrawn, MeetingWithdrawn, ContactWithdrawn)
RUNS = frozenset({"sync.completed.v1", "sync.failed.v1"})


class Living(NamedTuple):
    """A thing that was not withdrawn since it was last observed. `said`: all that was said of it in between."""

    key: str
    last: Payload
    said: tuple[Payload, ...]


def living(log: Log, source: str) -> dict[bytes, Living]:
    """By stream of events. A payload is given without the place where it was read."""
    found: dict[bytes, Living] = {}
    for page in log.read():
        for event in page:
            payload = decode(event.type, event.data)
            if getattr(payload, "source", source) != source:
                continue
            if isinstance(payload, _WITHDRAWN):
                found.pop(event.stream, None)
            elif isinstance(payload, _OBSERVED):
                bare = msgspec.structs.replace(payload, where="")
                before = found[event.stream].said if event.stream in found else ()
                found[event.stream] = Living(key_of(payload), bare, (*before, bare))
    return found


def key_of(payload: MessageObserved | MeetingObserved | ContactObserved) -> str:
    """What a world calls the item."""
    return payload.message_id if isinstance(payload, MessageObserved) else payload.uid


def content(payload: Payload) -> object:
    """What must be equal in a log that followed the changes and in one that began today.

    A mail that was moved keeps the folder of its first sighting.
    """
    if isinstance(payload, MessageObserved):
        box = payload.box if payload.box in {"trash", "spam"} else ""
        return msgspec.structs.replace(payload, box=box, labels=tuple(sorted(payload.labels)))
    return payload


def facts(log: Log) -> int:
    """How many events the log holds that are no runs."""
    return sum(event.type not in RUNS for page in log.read() for event in page)
