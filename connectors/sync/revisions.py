"""Under which revision an observation is stored, so that nothing is stored twice and no change is lost. Pure.

The content revision alone does not do: a meeting that goes back to its former hour would be taken for known, and so
would one that comes back after a withdrawal. So a change is chained to the revision that it follows.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from events.codec import decode
from events.envelope import Encoded, NewEvent, revision_of
from events.errors import Damaged
from events.vocabulary import MessageObserved, Payload


class Logged(NamedTuple):
    """An event of this source that the log holds of a thing."""

    revision: int
    type: str
    data: bytes

    @property
    def withdrawal(self) -> bool:
        return ".withdrawn." in self.type


def mix(content: int, before: int) -> int:
    """The revision of a content that follows another revision."""
    return revision_of(struct.pack(">qq", content, before))


def first_revision(event: NewEvent, source: str) -> int:
    """The revision of what a source never showed before.

    A message is the same wherever it is shown. A meeting's or card's sighting by each live account is in the log: only
    so can one account withdraw what another still shows.
    """
    content = content_of(event)
    return content if event.payload.wire == MessageObserved.wire else mix(content, revision_of(source.encode()))


def next_revision(
    event: NewEvent, source: str, logged: Sequence[Logged], *, contents: dict[int, int], new: bool
) -> int:
    """The revision for what an item says now and did not say the last time.

    `logged`: what the log holds of the thing from this source, oldest first. `contents`: content revision by stored
    revision, as far as items of the source say it. `new`: no item of the source says the thing; what the log holds
    came from a time of which only the log is left, and any of it is known until it was withdrawn.
    """
    if not logged:
        return first_revision(event, source)
    last = logged[-1]
    known = [last]
    if new:
        ends = [place for place, one in enumerate(logged) if one.withdrawal]
        known = list(logged[ends[-1] + 1 if ends else 0 :])
    for one in reversed(known):
        if not one.withdrawal and _same(event, one, contents):
            return one.revision
    first = first_revision(event, source)
    message = event.payload.wire == MessageObserved.wire
    if message and not last.withdrawal and all(one.revision != first for one in logged):
        return first  # another copy that stands differently, which an import may have seen already
    return mix(content_of(event), last.revision)


def alike(one: Logged, other: Logged) -> bool:
    """Whether two observations say the same, wherever they were read."""
    return one.type == other.type and _said(Encoded(*one[1:])) == _said(Encoded(*other[1:]))


def content_of(event: NewEvent) -> int:
    """The revision that follows from the content; every observation names it."""
    if event.revision is None:
        raise ValueError(f"{event.payload.wire} is no observation")
    return event.revision


def _same(event: NewEvent, one: Logged, contents: dict[int, int]) -> bool:
    if one.revision in contents:
        return contents[one.revision] == event.revision
    return one.type == event.payload.wire and _said(event.payload) == _said(Encoded(one.type, one.data))


def _said(payload: Payload | Encoded) -> Payload | None:
    """A payload without the place where it was read."""
    if isinstance(payload, Encoded):
        try:
            payload = decode(payload.wire, payload.data)
        except Damaged:  # nothing is equal to what cannot be read
            return None
    return msgspec.structs.replace(payload, where="") if hasattr(payload, "where") else payload
