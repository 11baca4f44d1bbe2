"""A document says as a feed what it says as a file; and whatever a stranger's document holds, it is read or refused."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from connectors.feed.reading import read_feed
from connectors.files import ics
from connectors.ics_feed import as_it_stands
from connectors.sync.port import Poison
from events.envelope import NewEvent
from events.errors import AmityError
from events.vocabulary import MeetingObserved
from tests.connectors.feed.server import BEGIN, END, vevent

WHOLE = (
    BEGIN + vevent("a@x", "20270301", "RRULE:FREQ=WEEKLY", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@y.org")
    + vevent("a@x", "20270309", "RECURRENCE-ID:20270308T100000Z") + vevent("b@x", "20270302", "SEQUENCE:3") + END
).encode()  # fmt: skip


def as_feed(body: bytes) -> dict[bytes, list[tuple[int | None, object]]]:
    feed = read_feed(body, source="s", account="x", name="calendar", reading=as_it_stands)
    return by_stream(event for one in feed.entries if not isinstance(one.change, Poison) for event in one.change.events)


def as_file(body: bytes) -> dict[bytes, list[tuple[int | None, object]]]:
    return by_stream(
        item for item in ics.read(BytesIO(body), source="s", where="calendar.ics") if isinstance(item, NewEvent)
    )


def by_stream(events: object) -> dict[bytes, list[tuple[int | None, object]]]:
    found: dict[bytes, list[tuple[int | None, object]]] = {}
    for event in events:  # type: ignore[attr-defined]  # any iterable of events
        assert isinstance(event.payload, MeetingObserved)
        found.setdefault(event.stream, []).append((event.revision, replace(event.payload, where="")))
    return found


def test_real_calendars_say_the_same_as_feeds(shared_data: Path) -> None:
    read = 0
    for path in sorted(shared_data.rglob("*.ics")):
        body = path.read_bytes()
        try:
            fed = as_feed(body)
        except AmityError:
            continue
        filed = as_file(body)
        assert fed.keys() == filed.keys(), path.name
        for stream, [only] in fed.items():
            assert only in filed[stream], path.name
        read += 1
    assert read > 100


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=6), st.integers(0, 9)), min_size=1, max_size=5))
def test_whatever_is_damaged_the_document_is_read_or_refused(damages: list[tuple[int, bytes, int]]) -> None:
    body = WHOLE
    for at, piece, length in damages:
        place = at % len(body)
        body = body[:place] + piece + body[place + length :]
    try:
        feed = read_feed(body, source="s", account="x", name="calendar", reading=as_it_stands)
    except AmityError as error:
        assert str(error).startswith("x: ")  # noqa: PT017  either may be
    else:
        assert len({one.item for one in feed.entries}) == len(feed.entries)
