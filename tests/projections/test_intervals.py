from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.intervals import DAY_MS, Span, clip, cut_at_midnights, day_of, day_start, subtract, union, union_ms

SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12)
ZONES = ("UTC", "Europe/Helsinki", "America/Sao_Paulo", "America/Havana", "Pacific/Apia", "Asia/Kolkata")


def points(spans: list[Span]) -> set[int]:
    return {at for start, end in spans for at in range(start, end)}


@given(SPANS)
def test_union_covers_the_same_points_once(spans: list[Span]) -> None:
    joined = union(spans)
    assert points(joined) == points(spans)
    assert union_ms(spans) == len(points(spans))
    assert all(a[1] < b[0] for a, b in pairwise(joined))


@given(SPANS, SPANS)
def test_subtract_leaves_what_no_hole_covers(spans: list[Span], holes: list[Span]) -> None:
    left = subtract(spans, holes)
    assert points(left) == points(spans) - points(holes)
    assert left == union(left)


@given(SPANS, st.integers(0, 60), st.integers(0, 60))
def test_clip_keeps_what_lies_within(spans: list[Span], since: int, until: int) -> None:
    assert points(clip(spans, since, until)) == points(spans) & set(range(since, until))


@given(st.sampled_from(ZONES), st.integers(1_200_000_000, 1_700_000_000), st.integers(0, 4 * 86_400))
def test_pieces_of_days_add_up_and_lie_in_their_day(zone_name: str, start_s: int, seconds: int) -> None:
    zone = ZoneInfo(zone_name)
    start, end = start_s * 1000, (start_s + seconds) * 1000
    pieces = list(cut_at_midnights(start, end, zone))
    assert sum(piece[2] - piece[1] for piece in pieces) == end - start
    for day, since, until in pieces:
        assert day_of(since, zone) == day == day_of(until - 1, zone)
        assert day_start(day, zone) <= since < until <= day_start(day + 1, zone)


@pytest.mark.parametrize(
    ("zone_name", "day", "hours"),
    [
        ("Europe/Helsinki", date(2026, 3, 29), 23),
        ("Europe/Helsinki", date(2026, 10, 25), 25),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),  # midnight itself is skipped
        ("America/Havana", date(2026, 11, 1), 25),  # midnight comes twice
        ("Pacific/Apia", date(2011, 12, 30), 0),  # the day that never was
    ],
)
def test_days_with_a_clock_change_have_their_own_length(zone_name: str, day: date, hours: int) -> None:
    zone = ZoneInfo(zone_name)
    assert day_start(day.toordinal() + 1, zone) - day_start(day.toordinal(), zone) == hours * 3_600_000


def test_a_meeting_across_midnight_is_split_there() -> None:
    zone = ZoneInfo("Europe/Helsinki")
    start = round(datetime(2026, 9, 1, 20, 30, tzinfo=UTC).timestamp()) * 1000  # 23:30 in Helsinki
    first, second = cut_at_midnights(start, start + DAY_MS // 24, zone)
    assert (first[2] - first[1], second[2] - second[1]) == (1_800_000, 1_800_000)
    assert second[0] == first[0] + 1
