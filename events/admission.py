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


def split_streams(events: Iterable[NewEvent]) -> tuple[set[bytes], list[bytes]]:
    """The streams of a batch whose events the log numbers itself, and those whose events name their revision."""
    numbered = {stream for stream, revision, _, _ in events if revision is None}
    return numbered, [stream for stream, revision, _, _ in events if revision is not None]


def admit(
    events: Sequence[NewEvent], stored: Iterable[tuple[bytes, int]], last: Mapping[bytes, int]
) -> Admission:
    """Compare a batch with what is stored of its streams, and with itself.

    `stored`: the (stream, revision) pairs of the streams whose events name their revision; `last`: the highest revision
    of those whose events the log numbers. Raises Conflict for a decision whose revision is taken: it was made on an
    outdated view. An observation whose revision is taken is a duplicate.
    """
    pairs = set(stored)
    if not pairs and not last and len({event.stream for event in events}) == len(events):
        # nothing is known and nothing repeats: the usual page of a first import
        revisions = [1 if event.revision is None else event.revision for event in events]
        return Admission([Outcome.NEW_STREAM] * len(events), revisions)
    streams = {stream for stream, _ in pairs}
    streams.update(last)
    highest = {stream: max(0, revision) for stream, revision in last.items()}
    outcomes: list[Outcome] = []
    revisions = []
    for stream, revision, _, payload in events:
        if revision is None:
            revision = highest[stream] = highest.get(stream, 0) + 1  # noqa: PLW2901  this gives it
        elif (stream, revision) in pairs:
            if payload.wire in DECISIONS:
                raise Conflict("somebody decided on the same thing meanwhile: read again, then decide again.")
            outcomes.append(Outcome.KNOWN)
            revisions.append(revision)
            continue
        else:
            highest[stream] = max(highest.get(stream, 0), revision)
        pairs.add((stream, revision))
        if stream in streams:
            outcomes.append(Outcome.NEW_REVISION)
        else:
            streams.add(stream)
            outcomes.append(Outcome.NEW_STREAM)
        revisions.append(revision)
    return Admission(outcomes, revisions)
