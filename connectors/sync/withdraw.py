"""What is withdrawn at the end of an account's complete run: what no item of the source says any more. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from connectors.sync.revisions import Logged, mix
from events.codec import decode
from events.envelope import Encoded, NewEvent
from events.held import Said
from events.vocabulary import (
    ContactObserved,
    ContactWithdrawn,
    MeetingObserved,
    MeetingWithdrawn,
    MessageObserved,
    MessageWithdrawn,
    Payload,
)


class Settlement(NamedTuple):
    """`rows` are decided and go; `lost` per stream: the things of which only withdrawn events would be left."""

    rows: list[Said]
    lost: dict[str, list[Said]]


def settle(dropped: Iterable[Said], living: Iterable[Said]) -> Settlement:
    """Part what moved elsewhere within the source from what is lost. `living`: what items still say of the same."""
    alive = {one.thing for one in living}
    rows: list[Said] = []
    lost: dict[str, list[Said]] = {}
    for one in dropped:
        if one.thing in alive:
            rows.append(one)
        else:
            lost.setdefault(one.stream, []).append(one)
    return Settlement(rows, lost)


def withdrawals(
    lost: Iterable[Said], logged: Mapping[bytes, Sequence[Logged]], observed: Mapping[tuple[bytes, int], Logged],
    *, source: str, now_ms: int,
) -> list[NewEvent]:  # fmt: skip
    """One event for each thing, however many items said it. `observed`: the stored observations themselves."""
    events: dict[bytes, NewEvent] = {}
    for one in lost:
        seen = observed.get((one.thing, one.stored))
        payload = _withdrawn(decode(seen.type, seen.data), source) if seen else None
        if payload is not None:
            words = logged.get(one.thing)
            last = words[-1].revision if words else one.stored
            events[one.thing] = NewEvent(one.thing, mix(_WITHDRAWN, last), now_ms, payload)
    return list(events.values())


def last_words(
    rows: Iterable[Said], living: Iterable[Said], logged: Mapping[bytes, Sequence[Logged]],
    observed: Mapping[tuple[bytes, int], Logged], now_ms: int,
) -> list[tuple[Said, NewEvent]]:  # fmt: skip
    """What an item that is left says, once more, where the last that the log holds was said by one that is gone.

    Two calendars of an account may show a meeting differently. Copies of a message are not told apart like this.
    """
    left: dict[bytes, list[Said]] = {}
    for one in living:
        left.setdefault(one.thing, []).append(one)
    again: list[tuple[Said, NewEvent]] = []
    for thing in {row.thing for row in rows}:
        words = logged.get(thing)
        if not words or any(one.stored == words[-1].revision for one in left.get(thing, ())):
            continue
        one = left[thing][0]
        said = observed.get((thing, one.stored))
        if said is None or said.type == MessageObserved.wire:
            continue
        revision = mix(one.content, words[-1].revision)
        event = NewEvent(thing, revision, now_ms, Encoded(said.type, said.data))
        again.append((one._replace(stored=revision), event))
    return again


def per_stream(lost: Mapping[str, Sequence[Said]]) -> Counter[str]:
    return Counter({stream: len(rows) for stream, rows in lost.items()})


_WITHDRAWN = 0x776974686472  # any number: it stands where an observation has its content


def _withdrawn(payload: Payload, source: str) -> Payload | None:
    if isinstance(payload, MessageObserved):
        return MessageWithdrawn(source=source, message_id=payload.message_id)
    if isinstance(payload, MeetingObserved):
        return MeetingWithdrawn(
            source=source, uid=payload.uid, instance=payload.instance, instance_zone=payload.instance_zone
        )
    return ContactWithdrawn(source=source, uid=payload.uid) if isinstance(payload, ContactObserved) else None
