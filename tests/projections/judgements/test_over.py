from __future__ import annotations

from typing import Any

import pytest

from projections.judgements.spending import over
from projections.rules import Budget, Goal, Rules, Tier
from projections.schema import BROADCAST, GROUP, NOBODY
from tests.projections.judgements.world import NOW, World

TIGHT = Rules(budgets=(Budget("ana@x.org", max_minutes_week=30),))


@pytest.fixture
def world() -> World:
    return World()


def spend(world: World, name: str, *weeks: float) -> int:
    """Minutes in each of the last weeks, the newest first."""
    person = world.person(name)
    for number, minutes in enumerate(weeks):
        if minutes:
            world.meet(person, 7 * number + 3, minutes)
    return person


def states(world: World, rules: Rules) -> dict[str, str]:
    return {row["person"]["name"]: row["state"] for row in over(world.conn, rules, NOW)}


def only(world: World, rules: Rules) -> dict[str, Any]:
    (row,) = over(world.conn, rules, NOW)
    return row


def test_a_budget_that_is_exceeded_in_two_weeks(world: World) -> None:
    spend(world, "ana", 50, 40, 50, 50, 500)
    row = only(world, TIGHT)
    expected = {"state": "over", "minutes": 190, "max_minutes": 120, "ratio": 1.583, "time_share": 1.0, "weeks": 4}
    assert {key: row[key] for key in expected} == expected
    assert row["fine"] == "amity fine over ana@x.org"
    assert row["why"] == "3.2 h in four weeks, 2.0 h planned; more than planned in 4 of 4 weeks"
    assert row["evidence"] == [1, 2, 3, 4]


def test_one_heavy_week_is_no_flag(world: World) -> None:
    spend(world, "ana", 30, 120, 30, 20)
    assert over(world.conn, Rules(goals=(Goal("g", 1.0, people={"ana@x.org": 1.0}),), budgets=TIGHT.budgets), NOW) == []


def test_time_beside_value(world: World) -> None:
    for name, minutes in (("a", 75), ("b", 30), ("c", 15)):
        spend(world, name, *[minutes] * 4)
    rules = Rules(
        goals=(Goal("g", 1.0, people={"b@x.org": 0.6, "c@x.org": 0.4}),),
        tiers=(Tier("t", members=("a@x.org",)),),
    )
    rows = {row["person"]["name"]: row for row in over(world.conn, rules, NOW)}
    assert {name: (row["state"], round(row["value_ratio"], 2)) for name, row in rows.items()} == {
        "A": ("over", 13.5), "B": ("under", 0.46), "C": ("under", 0.39),
    }  # fmt: skip
    assert (rows["A"]["time_share"], rows["B"]["value_share"]) == (0.625, 0.6)
    assert rows["A"]["max_minutes"] is None


def test_the_first_run_asks_about_everybody_and_accuses_nobody(world: World) -> None:
    spend(world, "a", 60, 60, 60, 60)
    spend(world, "b", 5, 5, 5, 5)
    assert states(world, Rules()) == {"A": "to-decide"}
    others = Rules(goals=(Goal("g", 1.0, people={"b@x.org": 1.0}),))
    assert states(world, others) == {"A": "to-decide", "B": "under"}
    assert states(world, Rules(tiers=(Tier("t", members=("a@x.org",)),))) == {}


def test_protected_people_are_never_named(world: World) -> None:
    spend(world, "ana", 500, 500, 500, 500)
    assert over(world.conn, Rules(budgets=(Budget("ana@x.org", 10, protected=True),)), NOW) == []


def test_broadcast_and_groups_are_time_but_nobody(world: World) -> None:
    spend(world, "ana", 50, 50, 50, 50)
    for pseudo in (BROADCAST, GROUP):
        for week in range(4):
            world.spend(pseudo, 7 * week + 3, 75)
    world.spend(NOBODY, 3, 900, channel="solo")
    assert only(world, TIGHT)["time_share"] == 0.25


def test_only_what_was_known_to_count_by_then(world: World) -> None:
    person = spend(world, "ana", 50, 40, 50, 50)
    world.spend(person, 2, 600, from_ms=NOW + 1)
    world.spend(person, -1, 600)
    world.spend(person, 28, 600)
    assert only(world, TIGHT)["minutes"] == 190


def test_what_was_called_fine_stays_fine_until_it_is_a_fifth_more(world: World) -> None:
    person = spend(world, "ana", 50, 40, 50, 50)
    world.decide("person.accepted.v1", 0, "ana", alert="neglected", level=9999)
    assert states(world, TIGHT) == {"Ana": "over"}
    world.decide("person.accepted.v1", 0, "ana", alert="over", level=only(world, TIGHT)["level"])
    assert states(world, TIGHT) == {}
    world.spend(person, 1, 60)
    assert states(world, TIGHT) == {"Ana": "over"}


def test_a_spike_is_told_from_a_habit(world: World) -> None:
    spend(world, "ana", 240, 60, 45, 75, 60, 90, 60, 50, 70, 60, 45, 75, 60)
    assert only(world, TIGHT)["unusual"] > 5
    assert only(world, TIGHT)["state"] == "over"
