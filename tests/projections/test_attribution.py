from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.attribution import Slot, conflict_minutes, share_clock, split
from projections.intervals import MINUTE_MS, Span, union_ms

NINE = 9 * 60


def at(minute: float) -> int:
    return round(minute * MINUTE_MS)


def minute_by_minute(slots: list[Slot], ooo: list[Span]) -> tuple[dict[int, Fraction], int]:
    """The rule said in the plainest way, one minute at a time: who shares it, and is there a conflict?"""
    earned = {slot.key: Fraction(0) for slot in slots}
    conflicts = 0
    for minute in range(24 * 60):
        now = minute * MINUTE_MS
        if any(start <= now < end for start, end in ooo):
            continue
        here = [slot for slot in slots if slot.start_ms <= now < slot.end_ms]
        conflicts += len(here) > 1
        best = [slot for slot in here if slot.tier == min(one.tier for one in here)]
        for slot in best:
            earned[slot.key] += Fraction(1, len(best))
    return earned, conflicts


def calendar(rng: random.Random, *, inclusive: bool) -> tuple[list[Slot], list[Span]]:
    """A random day in minutes: nested, identical, touching and empty meetings; strict leaves only good evidence."""
    grid = rng.choice((1, 15, 30))
    slots = []
    for key in range(rng.randrange(12)):
        start = rng.randrange(0, 1440 // grid) * grid
        end = min(1440, start + rng.choice((0, grid, 2 * grid, 60, 90, 240)))
        slots.append(Slot(key, start * MINUTE_MS, end * MINUTE_MS, rng.randrange(4)))
    if not inclusive:
        slots = [slot for slot in slots if slot.tier <= 1]
    ooo = [
        (start * MINUTE_MS, (start + rng.randrange(0, 300)) * MINUTE_MS)
        for start in (rng.randrange(1440) for _ in range(rng.choice((0, 0, 1, 3))))
    ]
    return slots, ooo


@pytest.mark.parametrize("inclusive", [False, True])
def test_shares_equal_a_minute_by_minute_simulation_and_add_up_to_the_union(inclusive: bool) -> None:  # noqa: FBT001  a policy
    rng = random.Random(f"calendars {inclusive}")  # noqa: S311  reproducible, not secret
    for _ in range(1500):
        slots, ooo = calendar(rng, inclusive=inclusive)
        expected, conflicts = minute_by_minute(slots, ooo)
        got = share_clock(slots, ooo)
        assert got == pytest.approx({key: float(value) for key, value in expected.items()}, abs=1e-6)
        covered = union_ms([slot[1:3] for slot in slots] + ooo) - union_ms(ooo)
        assert sum(got.values()) == pytest.approx(covered / MINUTE_MS, abs=1e-6)
        assert conflict_minutes(slots, ooo) == conflicts


SLOTS = st.lists(
    st.builds(
        lambda key, start, length, tier: Slot(key, start, start + length, tier),
        st.integers(0, 5), st.integers(0, 10**12), st.integers(0, 10**8), st.integers(0, 3),
    ),
    max_size=15,
)  # fmt: skip


@given(SLOTS, st.randoms())
def test_the_order_of_arrival_changes_nothing(slots: list[Slot], rng: random.Random) -> None:
    shuffled = slots.copy()
    rng.shuffle(shuffled)
    one, other = share_clock(slots, []), share_clock(shuffled, [])
    assert one == pytest.approx(other)
    assert sum(one.values()) == pytest.approx(union_ms(slot[1:3] for slot in slots) / MINUTE_MS)


def test_ten_thousand_meetings_at_once_take_no_time() -> None:
    slots = [Slot(key, at(key / 100), at(NINE + key / 100), 1) for key in range(10_000)]
    assert sum(share_clock(slots, []).values()) == pytest.approx(NINE + 9999 / 100, abs=0.01)


def test_double_booking_at_identical_times() -> None:
    slots = [Slot(1, at(NINE), at(NINE + 60), 1), Slot(2, at(NINE), at(NINE + 60), 1)]
    assert share_clock(slots, []) == {1: 30.0, 2: 30.0}
    assert conflict_minutes(slots, []) == 60


def test_nested_meeting() -> None:
    slots = [Slot(1, at(NINE), at(NINE + 120), 1), Slot(2, at(NINE + 30), at(NINE + 60), 1)]
    assert share_clock(slots, []) == {1: 105.0, 2: 15.0}


def test_zero_length_event() -> None:
    assert share_clock([Slot(1, at(NINE), at(NINE), 1)], []) == {1: 0.0}


@given(st.floats(0, 1e5), st.integers(1, 60))
def test_a_split_conserves_the_minutes(minutes: float, n: int) -> None:
    each, broadcast = split(minutes, n)
    assert each * n + broadcast == pytest.approx(minutes)
    assert bool(broadcast) == (n > 18 and minutes > 0)
