from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from projections.intervals import MINUTE_MS
from projections.load import Load, Spent, load, outside
from projections.workhours import working_spans

HELSINKI = ZoneInfo("Europe/Helsinki")
HOURS = dict.fromkeys(range(5), (9 * 60, 17 * 60))


def ms(text: str, zone: ZoneInfo = HELSINKI) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def week(*spent: Spent, monday: str = "2026-09-14", zone: ZoneInfo = HELSINKI) -> Load:
    since = ms(f"{monday}T00:00", zone)
    until = ms(str(datetime.fromisoformat(monday) + timedelta(days=7)), zone)
    work = working_spans(HOURS, zone, since, until)
    return load(spent, work, [one[:2] for one in spent if one.start_ms < one.end_ms], HOURS, zone)


def meeting(start: str, end: str, minutes: float, zone: ZoneInfo = HELSINKI) -> Spent:
    return Spent(ms(start, zone), ms(end, zone), minutes, 1)


def test_the_part_after_hours_and_a_free_day() -> None:
    found = week(
        meeting("2026-09-15T16:30", "2026-09-15T18:00", 90), meeting("2026-09-20T17:00", "2026-09-20T17:40", 40)
    )
    assert list(found[:2]) == pytest.approx([60, 40])


def test_what_shares_its_time_counts_in_proportion() -> None:
    assert week(meeting("2026-09-15T16:00", "2026-09-15T18:00", 60)).after_hours == pytest.approx(30)


def test_a_mail_is_where_it_was_sent() -> None:
    late, sunday, noon = (ms(text) for text in ("2026-09-15T17:00", "2026-09-20T10:00", "2026-09-15T12:00"))
    assert week(Spent(late, late, 4, 1), Spent(sunday, sunday, 3, 2), Spent(noon, noon, 9, 3))[:2] == (4, 3)


def test_the_longest_stretch_left_alone() -> None:
    days = [f"2026-09-{day}" for day in range(14, 19)]
    every = [meeting(f"{day}T11:00", f"{day}T12:00", 60) for day in days]
    assert week(*every).longest_free == 300
    assert week().longest_free == 480


@pytest.mark.parametrize(("monday", "sunday"), [("2026-03-23", "2026-03-29"), ("2026-10-19", "2026-10-25")])
def test_the_week_in_which_clocks_change(monday: str, sunday: str) -> None:
    """A Sunday of 23 or 25 hours: from 02:00 to 05:00 by the walls are two hours, or four, and all are weekend."""
    start, end = ms(f"{sunday}T02:00"), ms(f"{sunday}T05:00")
    minutes = (end - start) / MINUTE_MS
    found = week(Spent(start, end, minutes, 1), monday=monday)
    assert minutes in {120, 240}
    assert list(found) == pytest.approx([0, minutes, 480])


def test_working_hours_are_by_the_walls_on_both_sides_of_the_change() -> None:
    before, after = (meeting(f"{day}T08:00", f"{day}T10:00", 120) for day in ("2026-03-27", "2026-03-30"))
    for one in (before, after):
        since = one.start_ms - 40 * 3_600_000
        work = working_spans(HOURS, HELSINKI, since, one.end_ms + 40 * 3_600_000)
        assert list(outside(one, work, HOURS, HELSINKI)) == pytest.approx([60, 0])


def test_a_week_of_travel_is_judged_by_the_walls_at_home() -> None:
    """Two in the afternoon in New York is nine in the evening in Helsinki."""
    found = week(meeting("2026-09-15T14:00", "2026-09-15T15:00", 60, ZoneInfo("America/New_York")))
    assert found.after_hours == pytest.approx(60)
    home = week(
        meeting("2026-09-15T14:00", "2026-09-15T15:00", 60, ZoneInfo("America/New_York")),
        zone=ZoneInfo("America/New_York"),
    )
    assert home.after_hours == 0


def test_one_s_own_usual_is_the_median_of_each() -> None:
    assert Load.usual([Load(0, 10, 100), Load(60, 0, 300), Load(30, 20, 200)]) == (30, 10, 200)
