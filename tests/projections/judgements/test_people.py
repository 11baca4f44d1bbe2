"""Care, owe, and the numbers beside a name."""

from __future__ import annotations

from typing import Any

import pytest

from projections.intervals import DAY_MS
from projections.judgements.carers import care, owe
from projections.judgements.numbers import nobody_numbers, numbers, person_numbers
from projections.rules import Budget, Goal, Rules
from tests.projections.judgements.world import NOW, World, ago


@pytest.fixture
def world() -> World:
    return World()


def carer(
    world: World, name: str, theirs: int = 7, mine: int = 3, *, answered: int = 3, words: tuple[int, int] = (200, 20)
) -> int:
    """Opens `theirs` conversations, answers some of my `mine`; `words` of theirs and mine."""
    their_words, my_words = words
    person = world.person(name)
    for number in range(theirs):
        world.touch(person, 100 - 10 * number, "in", opened="theirs", asks=1, words=their_words, answered_ms=ago(1))
    for number in range(mine):
        mail = world.touch(person, 90 - 20 * number, "out", opened="mine", asks=1, words=my_words)
        if number < answered:
            world.touch(person, 89 - 20 * number, "in", answers=mail, reply_ms=DAY_MS // 10, words=their_words)
    return person


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["person"]["name"] for row in rows]


def test_who_opens_and_answers_cares(world: World) -> None:
    carer(world, "lena")
    (row,) = care(world.conn, Rules(), NOW)
    facts = {key: row[key] for key in ("opened", "openings", "answered", "asked", "usual_answer_hours")}
    assert facts == {"opened": 7, "openings": 10, "answered": 3, "asked": 3, "usual_answer_hours": 2.4}
    assert row["why"].startswith("opened 7 of 10 conversations and answered 3 of 3 of your mails")
    assert len(row["evidence"]) == 12


def test_fewer_than_five_events_tell_nothing(world: World) -> None:
    carer(world, "lena", theirs=3, mine=0)
    assert care(world.conn, Rules(), NOW) == []


def test_who_only_writes_and_was_never_answered_is_no_carer(world: World) -> None:
    carer(world, "seller", theirs=30, mine=0)
    assert care(world.conn, Rules(), NOW) == []


def test_carers_are_listed_best_first_and_those_i_chase_not(world: World) -> None:
    carer(world, "good", theirs=8, mine=4, answered=3)
    carer(world, "best", theirs=30, mine=4, answered=4)
    carer(world, "star", theirs=0, mine=9, answered=1)
    assert names(care(world.conn, Rules(), NOW)) == ["Best", "Good"]


def test_who_gives_more_than_they_get_is_owed(world: World) -> None:
    carer(world, "lena")
    carer(world, "even", words=(10, 900))
    (row,) = owe(world.conn, Rules(), NOW)
    assert row["person"]["name"] == "Lena"
    assert (row["their_asked"], row["i_answered"]) == (7, 7)
    assert row["my_minutes"] < row["their_minutes"]


def test_who_has_more_than_their_budget_is_not_owed(world: World) -> None:
    lena = carer(world, "lena")
    rules = Rules(budgets=(Budget("lena@x.org", max_minutes_week=60),))
    world.spend(lena, 5, 200)
    world.spend(lena, 4, 60, channel="mail", from_ms=NOW + DAY_MS)  # a mail that is answered tomorrow
    assert names(owe(world.conn, rules, NOW)) == ["Lena"]
    world.spend(lena, 6, 60)
    assert owe(world.conn, rules, NOW) == []
    assert names(care(world.conn, rules, NOW)) == names(owe(world.conn, rules, ago(7))) == ["Lena"]


def test_care_and_numbers_end_at_the_instant_asked_for(world: World) -> None:
    person = carer(world, "lena")
    assert care(world.conn, Rules(), ago(95)) == []
    assert person_numbers(world.conn, Rules(), person, ago(95))["initiative"]["theirs"] == 1
    assert person_numbers(world.conn, Rules(), person, ago(101)) == nobody_numbers()


def test_initiative_needs_evidence(world: World) -> None:
    for name, mine, theirs in (("chased", 9, 1), ("unsure", 3, 1), ("chasing", 1, 9)):
        person = world.person(name)
        for number in range(mine + theirs):
            world.touch(person, 10 * number + 1, opened="mine" if number < mine else "theirs")
    found = {one["initiative"]["verdict"] for one in numbers(world.conn, Rules(), NOW).values()}
    assert found == {"i-chase", "unclear", "they-chase"}
    assert person_numbers(world.conn, Rules(), 1, NOW)["initiative"] == {
        "mine": 9, "theirs": 1, "b": 0.833, "verdict": "i-chase",
    }  # fmt: skip


def test_reaching_out_in_vain_without_a_goal_is_chasing(world: World) -> None:
    person = carer(world, "star", theirs=0, mine=9, answered=1)
    assert person_numbers(world.conn, Rules(), person, NOW)["chasing"] is True
    goal = Rules(goals=(Goal("g", 1.0, people={"star@x.org": 1.0}),))
    assert person_numbers(world.conn, goal, person, NOW)["chasing"] is False


def test_who_comes_to_meetings_is_not_reached_in_vain(world: World) -> None:
    person = world.person("standup")
    for number in range(9):
        world.touch(person, 28 * number + 2, kind="meeting", n=9, opened="mine")
    world.touch(person, 10, kind="out", expects=True, opened="mine")
    assert person_numbers(world.conn, Rules(), person, NOW)["initiative"]["verdict"] == "i-chase"
    assert person_numbers(world.conn, Rules(), person, NOW)["chasing"] is False


def thread(world: World, person: int, turns: int, days: float) -> None:
    first = world.items + 1
    for turn in range(turns):
        world.touch(person, days - turn * 0.1, "out", thread=first, opened="" if turn else "mine")
        world.touch(person, days - turn * 0.1 - 0.05, "in", thread=first, opened="" if turn else "theirs")


def test_collaborators_score_and_celebrities_and_newsletters_do_not(world: World) -> None:
    partner = world.person("partner")
    world.meet(partner, 90, goal="launch", n=3)
    world.meet(partner, 10, n=3)  # on no goal
    thread(world, partner, 2, 0.2)
    thread(world, partner, 1, 5)
    celebrity = world.person("celebrity")
    for days in range(1, 100, 10):
        world.meet(celebrity, days, goal="launch", n=18, qualifying=0)
        world.touch(celebrity, days + 3, "out", opened="mine")
    letter = world.person("letter", kind="robot")
    for days in range(100):
        world.touch(letter, days, "in", qualifying=0, opened="theirs")
    found = numbers(world.conn, Rules(), NOW)
    assert found[partner]["collaboration"] == pytest.approx(1.5 * 1.25 + 0.1 * 5 / 6, abs=0.01)
    assert 0 < found[celebrity]["collaboration"] < 0.1
    assert letter not in found
    assert person_numbers(world.conn, Rules(), letter, NOW) == nobody_numbers()
    assert found[partner]["tie"] > found[celebrity]["tie"] > 0


def test_the_gate_keeps_out_who_was_never_written_to_nor_met(world: World) -> None:
    person = world.person("writer")
    for days in range(1, 50):
        world.touch(person, days, "in", qualifying=0, opened="theirs")
    assert person_numbers(world.conn, Rules(), person, NOW)["tie"] == 0
    world.touch(person, 0.5, "out")
    assert person_numbers(world.conn, Rules(), person, NOW)["tie"] > 0


def test_tie_parts_add_up(world: World) -> None:
    person = carer(world, "lena")
    one = person_numbers(world.conn, Rules(), person, NOW)
    assert sum(one["tie_parts"].values()) == pytest.approx(one["tie"], abs=0.3)
    assert numbers(world.conn, Rules(), NOW)[person] == one


def test_who_writes_to_everybody_does_not_care_by_that(world: World) -> None:
    person = carer(world, "lena", theirs=0, mine=1, answered=1)
    for days in range(1, 40):
        world.touch(person, days, "in", opened="theirs", n=9, qualifying=0)
    assert care(world.conn, Rules(), NOW) == []
