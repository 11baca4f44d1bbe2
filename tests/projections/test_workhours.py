from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from projections.intervals import DAY_MS, MINUTE_MS, Span
from projections.workhours import Hours, WorkingTime

HOUR_MS = 60 * MINUTE_MS
WEEKDAYS: Hours = dict.fromkeys(range(5), (8 * 60, 17 * 60))
NINE: Hours = dict.fromkeys(range(5), (9 * 60, 17 * 60))


def at(text: str, zone: str = "UTC") -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def clock(hours: Hours, zone: str = "UTC", away: tuple[Span, ...] = ()) -> WorkingTime:
    return WorkingTime(hours, ZoneInfo(zone), at("2026-08-01T00:00"), at("2026-12-01T00:00"), away)


def minutes(hours: Hours, since: str, until: str, *pauses: Span) -> float:
    return clock(hours).between(at(since), at(until), pauses) / MINUTE_MS


def test_what_came_before_work_waits_for_its_beginning() -> None:
    assert minutes(WEEKDAYS, "2026-09-14T07:00", "2026-09-14T08:05") == 5


def test_what_is_answered_after_work_waited_until_its_end() -> None:
    assert minutes(WEEKDAYS, "2026-09-14T16:00", "2026-09-14T18:27") == 60


def test_what_came_and_was_answered_after_work_did_not_wait() -> None:
    assert minutes(WEEKDAYS, "2026-09-14T18:00", "2026-09-14T18:27") == 0


def test_a_weekend_is_no_time() -> None:
    assert minutes(NINE, "2026-09-11T16:00", "2026-09-14T10:00") == 120


def test_days_off_of_either_side_are_no_time() -> None:
    monday = (at("2026-09-14T00:00"), at("2026-09-15T00:00"))
    assert minutes(NINE, "2026-09-11T16:00", "2026-09-15T10:00", monday) == 120
    mine = clock(NINE, away=(monday,))
    assert mine.between(at("2026-09-11T16:00"), at("2026-09-15T10:00")) == 2 * HOUR_MS


def test_a_day_with_a_change_of_clocks_has_its_own_hours() -> None:
    night: Hours = {6: (0, 6 * 60)}
    new_york = clock(night, "America/New_York")
    since, until = at("2026-11-01T00:00", "America/New_York"), at("2026-11-01T12:00", "America/New_York")
    assert new_york.between(since, until) == 7 * HOUR_MS


def test_so_much_work_after_friday_is_on_monday() -> None:
    assert clock(NINE).after(at("2026-09-11T16:00"), 2 * HOUR_MS) == at("2026-09-14T10:00")
    monday = (at("2026-09-14T00:00"), at("2026-09-15T00:00"))
    assert clock(NINE).after(at("2026-09-11T16:00"), 2 * HOUR_MS, [monday]) == at("2026-09-15T10:00")


def test_work_done_exactly_at_the_end_of_a_day_is_done_then() -> None:
    assert clock(NINE).after(at("2026-09-14T09:00"), 8 * HOUR_MS) == at("2026-09-14T17:00")


def test_beyond_the_clock_nothing_is_expected() -> None:
    known = clock(NINE)
    assert known.after(at("2026-11-30T09:00"), 80 * HOUR_MS) == known.until_ms
    assert clock({}).after(at("2026-09-14T09:00"), HOUR_MS) == known.until_ms


BEGIN = round(datetime(2026, 8, 3, tzinfo=UTC).timestamp() * 1000)
instants = st.integers(0, 100 * DAY_MS).map(lambda ms: BEGIN + ms)
pauses = st.lists(st.tuples(instants, st.integers(0, 9 * DAY_MS)).map(lambda s: (s[0], s[0] + s[1])), max_size=4)


@given(since=instants, work=st.integers(1, 100 * HOUR_MS), away=pauses)
def test_after_so_much_work_so_much_has_passed(since: int, work: int, away: list[Span]) -> None:
    """`after` is the inverse of `between`, and the earliest instant that is."""
    known = clock(NINE)
    until = known.after(since, work, away)
    if until < known.until_ms:
        assert known.between(since, until, away) == work
        assert known.between(since, until - 1, away) < work
    else:
        assert known.between(since, until, away) <= work


@given(edges=st.lists(instants, min_size=3, max_size=3).map(sorted), away=pauses)
def test_stretches_add_up(edges: list[int], away: list[Span]) -> None:
    known = clock(NINE)
    first, second, third = edges
    parts = known.between(first, second, away) + known.between(second, third, away)
    assert parts == known.between(first, third, away)
