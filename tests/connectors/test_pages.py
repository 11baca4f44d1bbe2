"""Pages of items: many at once are stored as one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import pages
from connectors.pages import ImportResult, Pages
from events.admission import Outcome
from events.envelope import Encoded, NewEvent
from events.log import Appended

if TYPE_CHECKING:
    from events.log import Log

SIZE = 10


class Stored:
    """A log that keeps each page."""

    def __init__(self) -> None:
        self.pages: list[list[NewEvent]] = []

    def append(self, events: Sequence[NewEvent], *, cursor: object) -> Appended:  # noqa: ARG002  that of a log
        self.pages.append(list(events))
        return Appended([Outcome.NEW_STREAM] * len(events), sum(map(len, self.pages)))


def event(number: int, people: int) -> NewEvent:
    return NewEvent(b"%d" % number, 0, 0, Encoded("message.observed.v1", b"{}", people))


@given(pieces=st.lists(st.lists(st.sampled_from([0, 1, 50]), max_size=2 * SIZE), max_size=6))
def test_many_at_once_make_the_pages_of_one_by_one(pieces: list[list[int]]) -> None:
    logs, results = (Stored(), Stored()), (ImportResult(), ImportResult())
    at_once, singly = (
        Pages(cast("Log", log), "files:x", SIZE, result) for log, result in zip(logs, results, strict=True)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "PEOPLE", 100)
        for number, piece in enumerate(pieces):
            events = [event(number, people) for people in piece]
            at_once.extend(events)
            for one in events:
                singly.add(one)
        at_once.flush()
        singly.flush()
    assert logs[0].pages == logs[1].pages
    assert results[0] == results[1]
