from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.feed.window import Span, is_deleted, span_of, window_of
from events.vocabulary import MeetingObserved

HOUR, DAY = 3_600_000, 86_400_000


def ms(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)


def meeting(start: str, *rules: str, seconds: int = 3600) -> MeetingObserved:
    return MeetingObserved(source="ics:x", uid="u", start=start, zone="UTC", seconds=seconds, rules=rules)


WINDOW = (ms("2027-01-01"), ms("2027-06-30"))
NOW = ms("2027-02-01")


@pytest.mark.parametrize(
    ("start", "rules", "deleted"),
    [
        ("2027-03-01T10:00:00", (), True),
        ("2027-01-15T10:00:00", (), False),  # over
        ("2026-12-15T10:00:00", (), False),  # before the window, and over
        ("2027-06-30T10:00:00", (), False),  # behind the window
        ("2027-06-29T23:30:00", (), False),  # across its end
        ("2020-01-06T10:00:00", ("FREQ=WEEKLY",), True),
        ("2020-01-06T10:00:00", ("FREQ=YEARLY",), False),  # the window need not show one
        ("2020-01-06T10:00:00", ("FREQ=MONTHLY",), True),
        ("2020-01-06T10:00:00", ("FREQ=MONTHLY;INTERVAL=3",), False),
        ("2020-01-06T10:00:00", ("FREQ=WEEKLY;UNTIL=20270130T235959Z",), False),  # over
        ("2020-01-06T10:00:00", ("FREQ=WEEKLY;UNTIL=20270601T000000Z",), True),
        ("2020-01-06T10:00:00", ("FREQ=WEEKLY;COUNT=10",), False),  # over
        ("2027-01-04T10:00:00", ("FREQ=WEEKLY;BYDAY=MO,TU,WE;COUNT=9",), False),  # over, perhaps
        ("2027-06-01T10:00:00", ("FREQ=WEEKLY",), True),
        ("2027-06-08T10:00:00", ("FREQ=WEEKLY",), False),  # its first four weeks reach behind the window
    ],
)
def test_only_what_the_feed_would_show_is_deleted_when_it_does_not(
    start: str, rules: tuple[str, ...], *, deleted: bool
) -> None:
    span = span_of(meeting(start, *rules))
    assert span is not None
    assert is_deleted(span, WINDOW, NOW) is deleted
    assert not is_deleted(span, None, NOW)


def test_a_span_survives_being_written_down() -> None:
    for span in (Span(1, 2, None, 3), Span(-5, 0, 7, 0)):
        assert Span.read(span.text()) == span
    for text in ("", "1/2", "a/b/c/d", "1/2/3/4/5"):
        assert Span.read(text) is None


def test_a_window_reaches_from_the_earliest_start_to_the_latest_end() -> None:
    spans = [Span(5, 6, None, 9), Span(1, 3, 3, 0), Span(2, 8, 8, 0)]
    assert window_of(spans) == (1, 8)
    assert window_of([]) is None


def test_an_entry_without_a_start_has_no_span() -> None:
    assert span_of(MeetingObserved(source="ics:x", uid="u", status="cancelled")) is None
