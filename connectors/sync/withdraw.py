"""What is withdrawn at the end of an account's complete run: what no item of the source says any more. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from connectors.sync.revisions import Logged, alike, mix
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
    """`moved` is said elsewhere within the source; `lost`: per stream, what no item says any more."""

    moved: list[Said]
    lost: dict[str, list[Said]]


def settle(dropped: Iterable[Said], living: Iterable[Said]) -> Settlement:
    """Part what moved from what is lost. `living`: what items still say of the same things."""
    alive = {one.thing for one in living}
    moved: list[Said] = []
    lost: dict[str, list[Said]] = {}
    for one in dropped:
        if one.thing in alive:
            moved.append(one)
        else:
            lost.setdefault(one.stream, []).append(one)
    return Settlement(moved, lost)


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
    rows: Iterable[Said], living: Iterable[Said], logged: Mapping[bytes, Sequence[Logged]], now_ms: int
) -> list[tuple[Said, NewEvent]]:
    """What an item that is left says, once more, where the last that the log holds was said by one that is gone.

    Two calendars of an account may show a meeting differently, and so may two copies of a mail stand.
    """
    left: dict[bytes, list[Said]] = {}
    for one in living:
        left.setdefault(one.thing, []).append(one)
    contents = {(one.thing, one.stored): one.content for one in (*rows, *living)}
    again: list[tuple[Said, NewEvent]] = []
    for thing in dict.fromkeys(row.thing for row in rows):
        words = {word.revision: word for word in logged.get(thing, ())}
        last = next(reversed(words.values()), None)
        sayer = next((one for one in left[thing] if one.stored in words), None)
        if last is None or sayer is None or _says(last, left[thing], words, contents.get((thing, last.revision))):
            continue
        word, revision = words[sayer.stored], mix(sayer.content, last.revision)
        again.append((sayer._replace(stored=revision), NewEvent(thing, revision, now_ms, Encoded(*word[1:]))))
    return again


def _says(last: Logged, left: Sequence[Said], words: Mapping[int, Logged], content: int | None) -> bool:
    """Whether an item that is left says the last word, as far as rows or payloads tell."""
    if content is not None and any(one.content == content for one in left):
        return True
    return any(one.stored in words and alike(words[one.stored], last) for one in left)


_WITHDRAWN = 0x776974686472  # any number: it stands where an observation has its content


def _withdrawn(payload: Payload, source: str) -> Payload | None:
    if isinstance(payload, MessageObserved):
        return MessageWithdrawn(source=source, message_id=payload.message_id)
    if isinstance(payload, MeetingObserved):
        return MeetingWithdrawn(
            source=source, uid=payload.uid, instance=payload.instance, instance_zone=payload.instance_zone
        )
    return ContactWithdrawn(source=source, uid=payload.uid) if isinstance(payload, ContactObserved) else None
