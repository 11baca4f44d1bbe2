from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from projections.intervals import MINUTE_MS, day_of, union, union_ms
from projections.offering import SHORTEST_MS, STEP_MS, length_for, slots, spread, within
from projections.workhours import working_spans

HOURS = {0: (9 * 60, 17 * 60), 5: (0, 24 * 60), 6: (0, 24 * 60)}
# Weeks in which clocks change, forwards and back, at odd hours and by half an hour.
WEEKS = [
    ("Europe/Helsinki", date(2026, 3, 23)),
    ("America/New_York", date(2026, 10, 26)),
    ("Australia/Lord_Howe", date(2026, 3, 30)),
    ("America/Santiago", date(2026, 8, 31)),
    ("UTC", date(2026, 9, 14)),
]


def minutes(*pairs: tuple[int, int]) -> list[tuple[int, int]]:
    return [(start * MINUTE_MS, end * MINUTE_MS) for start, end in pairs]


def test_slots_follow_each_other_around_what_is_busy() -> None:
    assert slots(minutes((0, 120)), minutes((30, 50)), 30 * MINUTE_MS) == minutes((0, 30), (60, 90), (90, 120))


def test_within_is_what_both_have() -> None:
    assert within(minutes((0, 60), (90, 120)), minutes((30, 100))) == minutes((30, 60), (90, 100))


def test_one_a_day_comes_first_where_the_budget_does_not_hold_all() -> None:
    by_day = {1: minutes((0, 30), (30, 60)), 2: minutes((1440, 1470), (1470, 1500))}
    assert spread(by_day, 60 * MINUTE_MS) == minutes((0, 30), (1440, 1470))
    assert spread(by_day, 90 * MINUTE_MS) == minutes((0, 30), (30, 60), (1440, 1470))
    assert spread(by_day, None) == minutes((0, 30), (30, 60), (1440, 1470), (1470, 1500))
    assert spread(by_day, 0) == []


def test_a_slot_shrinks_to_what_is_left_and_never_below_a_quarter() -> None:
    length = 45 * MINUTE_MS
    assert [length_for(length, left and left * MINUTE_MS) for left in (None, 60, 45, 40, 15, 14, 0)] == [
        length, length, length, 30 * MINUTE_MS, 15 * MINUTE_MS, 0, 0,
    ]  # fmt: skip


@given(
    st.sampled_from(WEEKS),
    st.lists(st.tuples(st.integers(0, 10_080), st.integers(1, 600)), max_size=25),
    st.integers(1, 16).map(lambda quarters: quarters * 15),
    st.one_of(st.none(), st.integers(0, 600)),
)
def test_no_slot_is_busy_or_outside_the_hours_and_all_together_fit(
    week: tuple[str, date], taken: list[tuple[int, int]], length: int, left: int | None
) -> None:
    zone = ZoneInfo(week[0])
    since = round(datetime(week[1].year, week[1].month, week[1].day, tzinfo=zone).timestamp()) * 1000
    until = since + 7 * 24 * 60 * MINUTE_MS
    busy = [(since + at * MINUTE_MS, since + (at + long) * MINUTE_MS) for at, long in taken]
    windows = working_spans(HOURS, zone, since, until)
    left_ms = None if left is None else left * MINUTE_MS
    length_ms = length_for(length * MINUTE_MS, left_ms)
    found = slots(windows, busy, length_ms) if length_ms else []
    by_day: dict[int, list[tuple[int, int]]] = {}
    for span in found:
        by_day.setdefault(day_of(span[0], zone), []).append(span)
    chosen = spread(by_day, left_ms)
    assert within(chosen, busy) == []
    assert within(chosen, windows) == union(chosen)
    assert union_ms(chosen) == sum(end - start for start, end in chosen)  # they do not overlap
    assert all(end - start == length_ms and start % STEP_MS == 0 for start, end in chosen)
    assert left_ms is None or union_ms(chosen) <= left_ms
    assert length_ms == 0 or length_ms >= min(SHORTEST_MS, length * MINUTE_MS)
    for start, end in chosen:  # by the owner's walls
        first, last = (datetime.fromtimestamp(at / 1000, zone) for at in (start, end - 1))
        assert first.weekday() in HOURS
        assert first.weekday() != 0 or 9 <= first.hour <= last.hour < 17
