from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.intervals import DAY_MS
from projections.judgements import dwindling
from projections.judgements.dwindling import fading
from projections.rules import Budget, Rules
from tests.projections.judgements.world import NOW, World, ago


@pytest.fixture
def world() -> World:
    return World()


def weekly(world: World, name: str, silent: float, minutes: float = 60) -> int:
    person = world.person(name)
    for week in range(52):
        world.meet(person, silent + 7 * week, minutes)
    return person


def rows(world: World, as_of_ms: int = NOW) -> list[dict[str, Any]]:
    return fading(world.conn, Rules(), as_of_ms)


def test_a_weekly_hour_that_stopped_eight_weeks_ago_is_fading(world: World) -> None:
    weekly(world, "ana", 56)
    (row,) = rows(world)
    assert (row["state"], row["rate_30"], row["rate_180"], round(row["ratio"], 2)) == ("fading", 2.54, 6.48, 0.39)
    since = "56 days since the last contact where 7 days is usual"
    assert row["why"] == f"2.5 minutes a day lately, 6.5 over half a year; {since}"
    assert row["fine"] == "amity fine fading ana@x.org"
    assert row["evidence"] == sorted(row["evidence"])
    assert row["evidence"]


def test_an_uninterrupted_friend_is_not(world: World) -> None:
    weekly(world, "ana", 0)
    assert rows(world) == []


def test_little_time_does_not_fade(world: World) -> None:
    weekly(world, "ana", 56, minutes=15)
    assert rows(world) == []


def test_an_irregular_friend_in_a_normal_gap_is_left_alone(world: World) -> None:
    person, days = world.person("sam"), 60.0
    for gap in (70, 10, 80, 9, 75, 20):
        world.meet(person, days, 600)
        days += gap
    assert rows(world) == []


def test_days_away_explain_a_silence(world: World) -> None:
    weekly(world, "ana", 56)
    world.away(55, 0)
    assert rows(world) == []


def test_what_was_called_fine_must_halve_again(world: World) -> None:
    weekly(world, "ana", 56)
    (row,) = rows(world)
    world.decide("person.accepted.v1", 0, "ana", alert="fading", level=row["level"])
    assert rows(world) == []
    assert rows(world, NOW + 45 * DAY_MS)[0]["state"] == "fading"


def bad_weeks(world: World, *weeks: int) -> int:
    person = world.person("lena")
    for week in range(30):
        slow = week in weeks
        world.touch(person, 7 * week + 1, "in", reply_ms=(5 if slow else 0.1) * DAY_MS)
    return person


def test_one_bad_week_is_nothing(world: World) -> None:
    person = bad_weeks(world, 0)
    world.declined(person, 2)
    assert rows(world) == []


def test_four_bad_weeks_are_quieter_and_nothing_stronger(world: World) -> None:
    bad_weeks(world, 0, 1, 2, 3)
    (row,) = rows(world)
    assert row["state"] == "quieter"


def test_my_mail_that_was_answered_late_is_no_good_episode_beside_the_answer(world: World) -> None:
    person = bad_weeks(world, 2, 3)
    for week in range(30):
        world.touch(person, 7 * week + (4 if week in {2, 3} else 1.1), "out")
    assert [row["state"] for row in rows(world)] == ["quieter"]


def test_declined_meetings_of_two_are_a_signal_and_days_away_are_not(world: World) -> None:
    person = bad_weeks(world)
    for week in range(4):
        world.declined(person, 7 * week + 1)
    assert [row["state"] for row in rows(world)] == ["quieter"]
    world.away(40, 0, person)
    assert rows(world) == []


def test_quieter_that_was_called_fine_needs_new_signs(world: World) -> None:
    bad_weeks(world, 0, 1, 2, 3)
    world.decide("person.accepted.v1", 0.5, "lena", alert="fading", level=1.0)
    assert rows(world) == []


@given(
    st.lists(st.tuples(st.integers(1, 2), st.integers(-10, 200), st.sampled_from([60, 300])), max_size=40),
    st.integers(0, 90),
)
@settings(max_examples=60, deadline=None)
def test_who_cannot_be_told_of_need_not_be_looked_at(meetings: list[tuple[int, int, int]], back: int) -> None:
    world = World()
    weekly(world, "ana", back + 56)
    weekly(world, "bo", back + 1)
    for person, days, minutes in meetings:
        world.meet(person, days, minutes)
    rules = Rules(budgets=(Budget("bo@x.org", every_days=3),))
    found = fading(world.conn, rules, ago(back))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dwindling, "maybe_silent", lambda *_: {1, 2})
        assert fading(world.conn, rules, ago(back)) == found
