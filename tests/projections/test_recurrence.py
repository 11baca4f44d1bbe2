"""The occurrences of series: exceptions, zones, lists, limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.clocks import CustomClock, ZoneClock, clock_of, wall_of
from events.vocabulary import MeetingObserved
from projections.recurrence import INSTANCES, Occurrence, expand
from tests.cliffs import no_cliff

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
UNTIL = 1_900_000_000_000  # in 2030


def meeting(start: str = "2026-03-23T10:00:00", zone: str = "Europe/Berlin", **said: Any) -> MeetingObserved:
    said.setdefault("seconds", 3600 if "T" in start else 0)
    return MeetingObserved(source="test", uid="u", start=start, zone=zone, **said)


def happen(*entries: MeetingObserved) -> list[Occurrence]:
    found = expand(entries, floating=NEW_YORK, until_ms=UNTIL)
    assert found.problems == []
    return found.occurrences


def starts(*entries: MeetingObserved, zone: ZoneInfo = BERLIN) -> list[str]:
    found = happen(*entries)
    return [datetime.fromtimestamp(at.start_ms / 1000, zone).strftime("%m-%d %H:%M") for at in found]


def test_a_single_meeting() -> None:
    (at,) = happen(meeting())
    assert (at.start_ms, at.end_ms - at.start_ms, at.all_day) == (1774256400000, 3_600_000, False)
    assert at.original_ms == at.start_ms


def test_a_weekly_meeting_keeps_its_hour_over_summer_time() -> None:
    rule = ("FREQ=WEEKLY;COUNT=3",)
    assert starts(meeting(rules=rule)) == ["03-23 10:00", "03-30 10:00", "04-06 10:00"]


def test_an_hour_that_is_left_out_is_shifted_and_one_that_is_double_is_the_first() -> None:
    daily = ("FREQ=DAILY;COUNT=2",)
    assert starts(meeting("2026-03-28T02:30:00", rules=daily)) == ["03-28 02:30", "03-29 03:30"]
    autumn = happen(meeting("2026-10-24T02:30:00", rules=daily))
    assert autumn[1].start_ms - autumn[0].start_ms == 24 * 3_600_000


def test_lengths_are_exact_over_a_change_of_clocks() -> None:
    nights = happen(meeting("2026-03-27T22:00:00", seconds=8 * 3600, rules=("FREQ=DAILY;COUNT=3",)))
    assert {at.end_ms - at.start_ms for at in nights} == {8 * 3_600_000}


def test_all_day_begins_at_the_owners_midnight() -> None:
    (at,) = happen(meeting("2026-03-07", "", days=2))
    assert at.all_day
    assert at.start_ms == datetime(2026, 3, 7, tzinfo=NEW_YORK).timestamp() * 1000
    assert at.end_ms - at.start_ms == 47 * 3_600_000  # the 8th has 23 hours in New York


def test_floating_time_is_the_owners() -> None:
    assert starts(meeting("2026-03-23T10:00:00", ""), zone=NEW_YORK) == ["03-23 10:00"]


def test_count_takes_in_a_start_that_does_not_fit() -> None:
    rule = ("FREQ=WEEKLY;BYDAY=TU;COUNT=3",)
    assert starts(meeting(rules=rule)) == ["03-23 10:00", "03-24 10:00", "03-31 10:00"]


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20260325T090000Z", "03-25"),  # 10:00 in Berlin, inclusive
        ("20260325T085959Z", "03-24"),
        ("20260325T100000", "03-25"),
        ("20260325", "03-24"),  # the standard forbids a date here; the engines take its midnight
    ],
)
def test_until(until: str, last: str) -> None:
    assert starts(meeting(rules=(f"FREQ=DAILY;UNTIL={until}",)))[-1] == f"{last} 10:00"


def test_until_of_an_all_day_series_is_a_day_however_it_is_written() -> None:
    for until in ("20260325", "20260325T000000Z", "20260325T235959Z"):
        assert len(happen(meeting("2026-03-23", "", days=1, rules=(f"FREQ=DAILY;UNTIL={until}",)))) == 3


def test_a_series_cut_before_its_start_is_gone() -> None:
    assert happen(meeting(rules=("FREQ=WEEKLY;UNTIL=20260322",))) == []


@pytest.mark.parametrize(("until", "left"), [("20260323T095959", 0), ("20260323T100000", 1), ("20260323T085959Z", 0),
                                             ("20260323T090000Z", 1), ("20260323", 1)])  # fmt: skip
def test_a_series_cut_at_its_very_first_meeting_ends_to_the_second(until: str, left: int) -> None:
    """Google ends the old half of a split series a second before the instance at which the new half begins."""
    assert len(happen(meeting(rules=(f"FREQ=WEEKLY;UNTIL={until}",)))) == left


def test_additions_and_exclusions() -> None:
    series = meeting(
        rules=("FREQ=DAILY;COUNT=4",),
        extra=("2026-04-01T15:00:00", "2026-04-02T13:00:00Z", "2026-04-03T10:00:00/2026-04-03T12:30:00", "2026-04-04"),
        skipped=("2026-03-24T10:00:00", "2026-03-25T09:00:00Z"),
    )
    days = ["03-23 10:00", "03-26 10:00", "04-01 15:00", "04-02 15:00", "04-03 10:00", "04-04 10:00"]
    assert starts(series) == days
    assert happen(series)[4].end_ms - happen(series)[4].start_ms == 9_000_000


def test_a_date_excludes_what_is_on_that_day() -> None:
    assert starts(meeting(rules=("FREQ=DAILY;COUNT=3",), skipped=("2026-03-24",))) == ["03-23 10:00", "03-25 10:00"]


def test_exclusion_rules() -> None:
    series = meeting(rules=("FREQ=DAILY;COUNT=7",), skip_rules=("FREQ=DAILY;BYDAY=TU,WE,SA,SU",))
    assert starts(series) == ["03-23 10:00", "03-26 10:00", "03-27 10:00"]


def changed(
    instance: str = "2026-03-24T10:00:00", start: str = "2026-05-01T12:00:00", **said: Any
) -> MeetingObserved:
    said.setdefault("instance_zone", "Europe/Berlin")
    return meeting(start, instance=instance, **said)


SERIES = meeting(rules=("FREQ=DAILY;COUNT=3",))


@pytest.mark.parametrize(("instance", "zone"), [
    ("2026-03-24T10:00:00", "Europe/Berlin"), ("2026-03-24T09:00:00", "UTC"),
    ("2026-03-24T05:00:00", "America/New_York"), ("2026-03-24", ""),
])  # fmt: skip
def test_a_moved_instance_is_found_in_any_zone(instance: str, zone: str) -> None:
    moved = changed(instance, instance_zone=zone)
    for order in ([SERIES, moved], [moved, SERIES]):
        assert starts(*order) == ["03-23 10:00", "03-25 10:00", "05-01 12:00"]
        assert happen(*order)[-1].payload is moved
        assert happen(*order)[-1].original_ms == wall_of("2026-03-24T09:00:00") * 1000


def test_a_changed_instance_without_its_series() -> None:
    assert starts(changed()) == ["05-01 12:00"]


def test_a_cancelled_instance_is_an_occurrence_that_says_so() -> None:
    found = happen(SERIES, changed(start="2026-03-24T10:00:00", status="cancelled"))
    assert [at.payload.status for at in found] == ["", "cancelled", ""]
    bare = MeetingObserved(source="t", uid="u", instance="2026-03-24T09:00:00", instance_zone="UTC", status="cancelled")
    assert [at.payload.status for at in happen(SERIES, bare)] == ["", "cancelled", ""]


def test_a_cancellation_without_a_start_cancels_what_was_known() -> None:
    cancel = MeetingObserved(source="t", uid="u", status="cancelled", sequence=1)
    assert [at.payload.status for at in happen(SERIES, cancel)] == ["cancelled"] * 3
    assert happen(cancel) == []


def test_this_and_future() -> None:
    later = changed(start="2026-03-24T14:30:00", this_and_future=True, seconds=1800, title="new")
    found = happen(SERIES, later)
    assert starts(SERIES, later) == ["03-23 10:00", "03-24 14:30", "03-25 14:30"]
    assert [(at.payload.title, at.end_ms - at.start_ms) for at in found[1:]] == [("new", 1_800_000)] * 2


def test_a_revised_series_drops_changes_of_instances_it_lost() -> None:
    shorter = meeting(rules=("FREQ=DAILY;COUNT=1",), sequence=2)
    assert starts(SERIES, changed(sequence=1), shorter) == ["03-23 10:00"]
    assert len(starts(shorter, changed(sequence=2))) == 2


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ({"sequence": 2}, {"sequence": 1}, "a"),
        ({"modified_ms": 2}, {"modified_ms": 1}, "a"),
        ({"sequence": 1, "modified_ms": 1}, {"modified_ms": 2}, "a"),
        ({}, {}, "b"),
    ],
)
def test_the_latest_version_counts(first: dict[str, Any], second: dict[str, Any], kept: str) -> None:
    (at,) = happen(meeting(title="a", **first), meeting(title="b", **second))
    assert at.payload.title == kept


def test_custom_zones() -> None:
    offsets = ((0, 60), (wall_of("2026-03-29T01:00:00") * 1000, 120))
    series = meeting(zone="custom", offsets=offsets, rules=("FREQ=WEEKLY;COUNT=2",))
    assert starts(series) == ["03-23 10:00", "03-30 10:00"]
    assert starts(meeting("2026-03-29T02:30:00", "custom", offsets=offsets)) == ["03-29 03:30"]


def test_the_horizon_bounds_rules_only() -> None:
    endless = meeting("2029-12-01T10:00:00", rules=("FREQ=WEEKLY",), extra=("2041-01-01T10:00:00",))
    found = happen(endless)
    (beyond,) = (at for at in found if at.start_ms >= UNTIL)
    assert beyond.start_ms > UNTIL + 10 * 365 * 86_400_000


@pytest.mark.parametrize(
    "rule",
    ["FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=HOURLY",
     "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=SECONDLY;COUNT=99999"],
)  # fmt: skip
def test_what_repeats_within_the_day_beyond_bounds_is_refused(rule: str) -> None:
    """H8 and H9: the start stays, the reason is told, and it is over in no time."""
    with no_cliff():
        found = expand([meeting("1970-01-01T00:00:00", "UTC", rules=(rule,))], floating=UTC, until_ms=UNTIL)
    assert len(found.occurrences) == 1
    assert len(found.problems) == (0 if "BYMONTH" in rule else 1)


def test_of_a_daily_series_without_end_the_last_occurrences_stay() -> None:
    with no_cliff():
        found = expand([meeting("1950-01-01T10:00:00", rules=("FREQ=DAILY",))], floating=UTC, until_ms=UNTIL)
    assert INSTANCES - 1 <= len(found.occurrences) <= INSTANCES + 1  # the start stays; a day may lie behind the horizon
    assert found.occurrences[-1].start_ms > UNTIL - 2 * 86_400_000
    assert "only the last" in found.problems[0]


def test_what_cannot_be_read_is_told() -> None:
    said: dict[str, Any] = {"rules": ("FREQ=NEVER", "FREQ=DAILY;UNTIL=soon"), "extra": ("x",), "skipped": ("y",)}
    found = expand([meeting(**said)], floating=UTC, until_ms=UNTIL)
    assert len(found.occurrences) == 1
    assert len(found.problems) == 4 - 1  # an exclusion that is no date excludes nothing


ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc", "SystemV")))


@given(st.sampled_from(ZONES), st.integers(0, 20 * 365), st.integers(0, 1439), st.sampled_from(["DAILY", "WEEKLY"]))
def test_every_zone_keeps_the_wall_time(name: str, days: int, minute: int, freq: str) -> None:
    """Whatever a zone does: the clock on the wall shows the same time, but where that time does not exist."""
    zone = ZoneInfo(name)
    start = datetime.fromisoformat("2005-01-01") + timedelta(days, minutes=minute)
    found = happen(meeting(start.isoformat(), name, rules=(f"FREQ={freq};COUNT=200",)))
    step = timedelta(7 if freq == "WEEKLY" else 1)
    for i, at in enumerate(found):
        wall = start + i * step
        shown = datetime.fromtimestamp(at.start_ms / 1000, zone).replace(tzinfo=None)
        exists = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall
        assert shown == wall or (not exists and wall < shown <= wall + timedelta(days=1))


@given(st.sampled_from(ZONES), st.integers(wall_of("1990-01-01"), wall_of("2030-01-01")))
def test_clocks_are_each_others_inverse_where_time_flows(name: str, wall: int) -> None:
    clock = ZoneClock(ZoneInfo(name))
    assert clock.to_wall(clock.to_ms(wall)) - wall in range(86_401)


@given(st.integers(wall_of("2026-01-01"), wall_of("2027-01-01")))
def test_a_custom_clock_is_the_zone_it_copies(wall: int) -> None:
    changes = ((0, 60), (wall_of("2026-03-29T01:00:00") * 1000, 120), (wall_of("2026-10-25T01:00:00") * 1000, 60))
    copy, original = CustomClock(changes), ZoneClock(BERLIN)
    assert copy.to_ms(wall) == original.to_ms(wall)
    assert copy.to_wall(wall * 1000) == original.to_wall(wall * 1000)


def test_a_zone_unknown_here_is_the_owners() -> None:
    assert clock_of("Mars/Olympus", (), NEW_YORK).to_ms(0) == 5 * 3_600_000
