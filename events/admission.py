"""Which events of a batch are new, and the revisions that the log gives out itself. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

from events.envelope import NewEvent
from events.errors import Conflict
from events.vocabulary import DECISIONS


class Outcome(IntEnum):
    """What became of an event: a duplicate, a further revision of its stream, or the first of its stream."""

    KNOWN = 0
    NEW_REVISION = 1
    NEW_STREAM = 2


class Admission(NamedTuple):
    """Per event, in the order given: its outcome, and its revision (that of a KNOWN one means nothing)."""

    outcomes: list[Outcome]
    revisions: list[int]


def numbered_streams(events: Iterable[NewEvent]) -> set[bytes]:
    """The streams whose events the log numbers itself."""
    return {event.stream for event in events if event.revision is None}


def admit(
    events: Sequence[NewEvent], stored: Iterable[tuple[bytes, int]], last: Mapping[bytes, int]
) -> Admission:
    """Compare a batch with what is stored of its streams, and with itself.

    `stored`: the (stream, revision) pairs of the streams that name their own revisions; `last`: the highest revision
    of those that the log numbers. Raises Conflict for a decision whose revision is taken: it was made on an
    outdated view. An observation whose revision is taken is a duplicate.
    """
    pairs = set(stored)
    streams = {stream for stream, _ in pairs}
    streams.update(last)
    highest = dict(last)
    outcomes: list[Outcome] = []
    revisions: list[int] = []
    for stream, revision, _, payload in events:
        if revision is None:
            revision = highest[stream] = highest.get(stream, 0) + 1  # noqa: PLW2901  its number is given here
        elif (stream, revision) in pairs:
            if payload.wire in DECISIONS:
                raise Conflict("somebody decided on the same thing meanwhile: read again, then decide again.")
            outcomes.append(Outcome.KNOWN)
            revisions.append(revision)
            continue
        pairs.add((stream, revision))
        if stream in streams:
            outcomes.append(Outcome.NEW_REVISION)
        else:
            streams.add(stream)
            outcomes.append(Outcome.NEW_STREAM)
        revisions.append(revision)
    return Admission(outcomes, revisions)
