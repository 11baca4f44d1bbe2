"""Ties from everything two people did together, chasing as it is told, and who is seldom answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from projections.judgements.carers import quiet
from projections.judgements.chased import chasing
from projections.judgements.numbers import numbers, person_numbers
from projections.rules import Goal, Rules
from projections.tie import Bond, decayed, mails_worth, meeting_worth
from tests.projections.judgements.test_people import carer, thread
from tests.projections.judgements.world import NOW, World, ago


@pytest.fixture
def world() -> World:
    return World()


def circle(world: World, days: float, sender: int, *others: int, to_me: int = 1) -> None:
    """A mail of somebody to me and others."""
    world.items += 1
    row = {"id": world.items, "thread": world.items, "circle": world.items, "at_ms": ago(days), "day": 800_000}
    more = {"direction": "in", "to_me": to_me, "sender": sender + 1000, "recipients": len(others), "boxes": 2}
    world.put("message", **row, **more)
    world.put("circle", id=world.items, others=json.dumps([[one + 1000 for one in others], []]))
    for one in others:
        world.put("member", address_id=one + 1000, circle=world.items, is_to=1)


def ties(world: World) -> dict[int, float]:
    return {person: one["tie"] for person, one in numbers(world.conn, Rules(), NOW).items()}


def test_the_parts_of_a_bond() -> None:
    assert decayed(0) == 1
    assert decayed(180) == 0.5
    assert [meeting_worth(n) for n in (1, 4)] == [4, 1]
    assert mails_worth(3, 3) == mails_worth(0, 6) == 6
    assert mails_worth(9, 3) == 9  # three each way, and half of the six beyond
    bond = Bond(mails=60, shared=30, meetings=10)
    assert bond.strength == 50
    assert bond.parts() == {"mails": 30, "shared": 15, "meetings": 5}
    assert Bond().strength == 0
    assert Bond().parts() == {}


def test_more_together_and_later_is_stronger(world: World) -> None:
    often, seldom, before = (world.person(name) for name in ("often", "seldom", "before"))
    for person, count, since in ((often, 8, 1), (seldom, 4, 1), (before, 8, 181)):
        for number in range(count):
            world.touch(person, since + number, "out" if number % 2 else "in")
    found = ties(world)
    assert found[often] > found[seldom] > 0
    assert found[often] > found[before] > 0


def test_who_stands_on_the_same_mails_is_closer(world: World) -> None:
    beside, apart, other = (world.person(name) for name in ("beside", "apart", "other"))
    for person in (beside, apart, other):
        world.touch(person, 3, "out")
    for days in range(5):
        circle(world, days + 1, other, beside)
    found = numbers(world.conn, Rules(), NOW)
    assert found[beside]["tie"] > found[apart]["tie"]
    assert found[beside]["tie_parts"]["shared"] > 0 == found[apart]["tie_parts"]["shared"]
    assert found[beside] == person_numbers(world.conn, Rules(), beside, NOW)


def test_a_mail_to_others_whom_i_write_to_opens_the_gate_and_nothing_else_does(world: World) -> None:
    boss, colleague, stranger, crowd = (world.person(name) for name in ("boss", "colleague", "stranger", "crowd"))
    world.touch(colleague, 3, "out")
    for person in (boss, stranger, crowd):
        world.touch(person, 2, "in", qualifying=0)
    circle(world, 1, boss, colleague)
    circle(world, 1, stranger, crowd)
    found = ties(world)
    assert found[boss] > 0
    assert found[stranger] == found[crowd] == 0


def test_nine_mails_today_and_none_of_mine_are_no_tie(world: World) -> None:
    person = world.person("writer")
    for number in range(9):
        world.touch(person, 0.01 * number, "in", qualifying=0)
    assert ties(world)[person] == 0


def test_a_walk_that_only_a_note_tells_of_is_a_tie(world: World) -> None:
    person = world.person("walker")
    world.touch(person, 3, "note")
    assert ties(world)[person] > 3


def test_mails_of_mine_that_nobody_returns_are_worth_half(world: World) -> None:
    answering, silent = world.person("answering"), world.person("silent")
    for number in range(10):
        world.touch(answering, number, "in" if number % 2 else "out")
        world.touch(silent, number, "out")
    found = ties(world)
    assert found[answering] > 1.5 * found[silent] > 0


def test_collaborator_celebrity_and_newsletter_stand_in_this_order(world: World) -> None:
    partner, celebrity = world.person("partner"), world.person("celebrity")
    letter, robot = world.person("letter"), world.person("robot", kind="robot")
    thread(world, partner, 2, 100)
    for days in range(1, 60, 6):
        world.meet(celebrity, days, n=18, qualifying=0)
        world.touch(celebrity, days + 3, "out", opened="mine", asks=1)
    for days in range(100):
        world.touch(letter, days, "in", qualifying=0, opened="theirs")
        world.touch(robot, days, "in", qualifying=0, opened="theirs")
    found = numbers(world.conn, Rules(), NOW)
    order = [
        found.get(person, {"collaboration": 0.0})["collaboration"] for person in (partner, celebrity, letter, robot)
    ]
    assert order[0] > order[1] > order[2] == order[3] == 0
    assert found[celebrity]["chasing"]


def reach(world: World, mine: int, theirs: int, answered: int, name: str = "star") -> int:
    """Somebody to whom I begin `mine` talks, the first `answered` of which they answer, and who begins `theirs`."""
    star = world.person(name)
    for number in range(mine):
        mail = world.touch(star, 300 - 10 * number, "out", opened="mine", asks=1)
        if number < answered:
            world.touch(star, 299 - 10 * number, "in", answers=mail, reply_ms=3_600_000)
    for number in range(theirs):
        world.touch(star, 95 - 10 * number, "in", opened="theirs")
    return star


def test_reaching_in_vain_is_told_with_its_hours_and_counts(world: World) -> None:
    star = reach(world, 9, 0, 2)
    mail = world.touch(star, 30, "out", opened="mine", asks=1)
    world.spend(star, 30, 114.0, channel="mail", item=mail)
    world.spend(star, 20, 60.0)  # a meeting is no reaching
    (row,) = chasing(world.conn, Rules(), NOW)
    assert row["why"] == "you spent 1.9 h reaching for Star; 2 of 10 answered"
    assert (row["asked"], row["answered"], row["minutes"], row["state"]) == (10, 2, 114, "chasing")
    assert len(row["evidence"]) == 12
    assert person_numbers(world.conn, Rules(), star, NOW)["chasing_why"] == row["why"]
    goal = Rules(goals=(Goal("g", 1.0, people={"star@x.org": 1.0}),))
    assert chasing(world.conn, goal, NOW) == []
    assert person_numbers(world.conn, goal, star, NOW)["chasing_why"] == ""


@pytest.mark.parametrize(
    ("mine", "theirs", "answered", "fires"),
    [(9, 1, 2, True), (4, 0, 0, False), (3, 1, 0, False), (10, 1, 3, False), (9, 9, 0, False), (5, 0, 0, True)],
)
def test_chasing_needs_five_a_sure_initiative_and_few_answers(
    world: World, mine: int, theirs: int, answered: int, *, fires: bool
) -> None:
    reach(world, mine, theirs, answered)
    assert bool(chasing(world.conn, Rules(), NOW)) is fires


def test_where_hardly_any_answer_is_in_the_records_silence_tells_nothing(world: World) -> None:
    star = reach(world, 9, 0, 0)
    for number in range(6):
        reach(world, 6, 0, 0, f"p{number}")
    assert len(chasing(world.conn, Rules(), NOW)) == 7
    reach(world, 6, 0, 6, "answering")
    assert chasing(world.conn, Rules(), NOW) == []
    assert not person_numbers(world.conn, Rules(), star, NOW)["chasing"]
    for number in range(6):
        reach(world, 6, 0, 6, f"q{number}")
    assert len(chasing(world.conn, Rules(), NOW)) == 7


def quiet_names(world: World) -> list[Any]:
    return [(row["person"]["name"], row["their_asked"], row["i_answered"]) for row in quiet(world.conn, Rules(), NOW)]


def test_who_cares_and_is_seldom_answered_is_quiet_until_all_is_answered(world: World) -> None:
    person = world.person("lena")
    mails = [world.touch(person, 100 - 10 * n, "in", opened="theirs", asks=1, words=90) for n in range(8)]
    asked = world.touch(person, 5, "out", opened="mine", asks=1)
    world.touch(person, 4, "in", answers=asked, reply_ms=3_600_000)
    assert quiet_names(world) == [("Lena", 8, 0)]
    (row,) = quiet(world.conn, Rules(), NOW)
    assert row["evidence"] == mails
    assert row["why"] == "wrote 8 mails to you that ask or begin something; you answered 0"
    for number, mail in enumerate(mails):  # in the same thread, as a mail program without references does
        world.touch(person, 3 - number * 0.1, "out", thread=mail)
    assert quiet_names(world) == []


def test_half_answered_is_answered(world: World) -> None:
    carer(world, "lena")
    assert quiet_names(world) == []
