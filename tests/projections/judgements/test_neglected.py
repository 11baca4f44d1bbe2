from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from projections.cadence import episode_starts, gaps
from projections.intervals import DAY_MS
from projections.judgements.contact import recent_gaps
from projections.judgements.neglect import neglected, silent, told
from projections.rules import Budget, Goal, Rules, Tier
from tests.projections.judgements.world import NOW, World, ago

REGULAR = (14, 15, 13, 16, 14)  # the gaps of F6's first example


@pytest.fixture
def world() -> World:
    return World()


def regular(world: World, name: str = "ana", elapsed: float = 25, kind: str = "meeting", **last: Any) -> int:
    """In touch with the gaps of the example, the last time so many days ago."""
    person = world.person(name)
    days = elapsed
    world.touch(person, days, kind, **last)
    for gap in reversed(REGULAR):
        days += gap
        world.touch(person, days)
    return person


def only(world: World, rules: Rules | None = None, as_of_ms: int = NOW) -> dict[str, Any]:
    (row,) = neglected(world.conn, rules or Rules(), as_of_ms)
    return row


def test_the_regular_friend_of_the_example_is_overdue(world: World) -> None:
    regular(world)
    row = only(world)
    assert row["person"] == {"id": "pana", "name": "Ana", "addresses": ["ana@x.org"]}
    numbers = {key: row[key] for key in ("state", "elapsed_days", "usual_days", "ratio", "z", "p", "fine")}
    assert numbers == {
        "state": "overdue", "elapsed_days": 25, "usual_days": 14, "ratio": 1.786, "z": 3.143, "p": 0.167,
        "fine": "amity fine neglected ana@x.org",
    }  # fmt: skip
    assert row["why"] == "usually in touch every 14 days; now 25 days without contact, 0 of the last 5 gaps as long"
    assert row["evidence"] == [1, 2, 3, 4, 5]


def test_a_letter_that_was_not_answered_is_told_and_is_no_contact(world: World) -> None:
    """F6: who only wrote is not in touch, but nobody is told that nothing was heard of them."""
    person = regular(world)
    world.touch(person, 20, "in", qualifying=0)
    letter = world.touch(person, 6, "in", qualifying=0)
    row = only(world)
    assert (row["state"], row["elapsed_days"], row["they_wrote"]) == ("overdue", 25, "2026-09-04")
    assert "now 25 days since the last contact, they wrote on 2026-09-04, not answered" in row["why"]
    assert letter in row["evidence"]
    earlier = only(world, as_of_ms=ago(10))
    assert (earlier["they_wrote"], letter in earlier["evidence"]) == ("2026-08-21", False)


def test_what_was_answered_is_not_told_as_waiting(world: World) -> None:
    person = regular(world, elapsed=60)
    world.touch(person, 20, "in", qualifying=0, answered_ms=ago(18))
    assert (only(world)["they_wrote"], only(world, as_of_ms=ago(19))["they_wrote"]) == (None, "2026-08-21")


def test_the_irregular_friend_is_due_and_no_flag(world: World) -> None:
    person, days = world.person("sam"), 25.0
    world.touch(person, days)
    for gap in (9, 45, 12, 60, 7, 30, 3):
        days += gap
        world.touch(person, days)
    assert (only(world)["state"], only(world)["ratio"], only(world)["z"]) == ("due", 2.083, 0.974)


@pytest.mark.parametrize(("elapsed", "state"), [(3, "ok"), (15, "due"), (25, "overdue"), (43, "dormant")])
def test_states_follow_the_silence(world: World, elapsed: float, state: str) -> None:
    regular(world, elapsed=elapsed)
    assert only(world)["state"] == state


def test_who_writes_on_without_asking_does_not_wait_for_an_answer_to_the_first_mail(world: World) -> None:
    person = world.person("ana")
    world.touch(person, 60, "out", asks=0, closer=0)
    assert neglected(world.conn, Rules(budgets=(Budget("ana@x.org", every_days=14),)), NOW)[0]["state"] == "waiting"
    for days in (50, 40, 30):
        world.touch(person, days, "out", asks=0, closer=0)
    assert neglected(world.conn, Rules(budgets=(Budget("ana@x.org", every_days=14),)), NOW)[0]["state"] == "overdue"


def test_what_is_dated_after_now_has_not_happened(world: World) -> None:
    regular(world, elapsed=0)
    assert only(world, as_of_ms=NOW - 1)["elapsed_days"] == 14
    assert only(world)["elapsed_days"] == 0


def test_three_gaps_without_a_wish_are_no_rhythm(world: World) -> None:
    person = world.person("bo")
    for days in (90, 100, 110, 120):
        world.touch(person, days)
    assert neglected(world.conn, Rules(), NOW) == []


def test_contacts_that_do_not_qualify_keep_nobody_in_touch(world: World) -> None:
    person = regular(world)
    world.touch(person, 1, "in", qualifying=0)
    world.touch(person, 2, n=12, qualifying=0)
    assert only(world)["elapsed_days"] == 25


def test_lists_and_robots_have_no_rhythm(world: World) -> None:
    regular(world)
    world.conn.execute("UPDATE person SET kind = 'robot'")
    assert neglected(world.conn, Rules(tiers=(Tier("t", 7, ("ana@x.org",)),)), NOW) == []


def test_a_tier_of_small_history_draws_towards_its_default(world: World) -> None:
    person = world.person("bo")
    others = [world.person(f"other{i}") for i in range(6)]
    for days in (40, 60, 70):
        world.touch(person, days)
    members = ("bo@x.org", *(f"other{i}@x.org" for i in range(len(others))))
    rows = neglected(world.conn, Rules(tiers=(Tier("close", members=members),)), NOW)
    row = next(row for row in rows if row["person"]["name"] == "Bo")
    assert (row["usual_days"], row["ratio"], row["z"], row["state"]) == (24, 1.667, 2.667, "overdue")
    assert row["why"].startswith("the circle close suggests every 24 days")


def test_an_explicit_target_of_a_tier_reaches_members_by_label(world: World) -> None:
    person = world.person("bo", labels=("Family",))
    world.touch(person, 22)
    rules = Rules(tiers=(Tier("close", 14, ("label:family",)),))
    row = only(world, rules)
    assert (row["state"], row["usual_days"], row["explicit"]) == ("overdue", 14, True)


def test_a_persons_own_target_outranks_that_of_the_tier(world: World) -> None:
    world.touch(world.person("bo"), 22)
    rules = Rules(
        tiers=(Tier("close", 14, ("bo@x.org",)),), budgets=(Budget("Bo@x.org", every_days=42),)
    )
    assert (only(world, rules)["usual_days"], only(world, rules)["state"]) == (42, "ok")


def test_whom_one_named_and_never_met_counts_from_the_first_sign_of_them(world: World) -> None:
    world.person("bo", first=30)
    row = only(world, Rules(budgets=(Budget("bo@x.org", every_days=14),)))
    assert (row["state"], row["elapsed_days"], row["evidence"]) == ("overdue", 30, [])
    assert "no contact in your mail and calendar" in row["why"]


def test_days_away_of_either_side_do_not_count(world: World) -> None:
    person = regular(world)
    world.away(20, 15)
    world.away(16, 13, person)
    row = only(world)
    assert (row["elapsed_days"], row["ratio"], row["z"], row["state"]) == (18, 1.286, 1.143, "due")


def test_days_away_before_the_last_contact_or_after_now_change_nothing(world: World) -> None:
    regular(world)
    world.away(40, 30)
    world.away(-1, -5)
    assert only(world)["elapsed_days"] == 25


def test_days_away_that_began_before_the_last_contact_count_from_it(world: World) -> None:
    regular(world)
    world.away(30, 18)
    assert only(world)["elapsed_days"] == 18


def test_snoozed_for_a_while_and_flagged_again_afterwards(world: World) -> None:
    regular(world)
    world.decide("person.snoozed.v1", 1, "ana", days=14)
    assert (only(world)["state"], only(world)["elapsed_days"]) == ("snoozed", 24)
    assert (only(world, as_of_ms=NOW + 14 * DAY_MS)["state"]) == "overdue"


def test_a_decision_that_was_undone_or_is_still_to_come_changes_nothing(world: World) -> None:
    regular(world)
    world.decide("person.snoozed.v1", 1, "ana", days=14, undone=9)
    world.decide("person.snoozed.v1", -1, "ana", days=14)
    assert only(world)["state"] == "overdue"


def test_a_qualifying_meeting_within_half_the_rhythm_is_booked(world: World) -> None:
    person = regular(world)
    world.touch(person, -8)
    assert only(world)["state"] == "overdue"
    world.touch(person, -6, n=12, qualifying=0)
    assert only(world)["state"] == "overdue"
    world.touch(person, -6.5)
    assert only(world)["state"] == "booked"


def test_my_question_that_waits_for_an_answer_pauses(world: World) -> None:
    regular(world, kind="out", asks=1)
    row = only(world)
    assert (row["state"], row["elapsed_days"]) == ("waiting", 0)


def test_a_closing_word_a_copy_or_an_answer_do_not_wait(world: World) -> None:
    person = regular(world, kind="out", asks=0)
    assert only(world)["state"] == "overdue"
    world.conn.execute("UPDATE message SET asks = 1, closer = 1")
    assert only(world)["state"] == "overdue"
    world.conn.execute("UPDATE message SET asks = 1, closer = 0")
    assert only(world)["state"] == "waiting"
    world.conn.execute("UPDATE member SET is_to = 0")
    assert only(world)["state"] == "overdue"
    world.conn.execute("UPDATE member SET is_to = 1")
    world.touch(person, 20, "in", qualifying=0)
    assert only(world)["state"] == "overdue"


def test_what_was_called_fine_is_the_rhythm_from_then_on(world: World) -> None:
    regular(world)
    level = only(world)["level"]
    world.decide("person.accepted.v1", 0, "ana", alert="over", level=999)
    assert only(world)["state"] == "overdue"
    world.decide("person.accepted.v1", 0, "ana", alert="neglected", level=level)
    assert (only(world)["state"], only(world)["usual_days"]) == ("due", 25)
    later = only(world, as_of_ms=NOW + 20 * DAY_MS)
    assert later["state"] == "overdue"
    world.decide("person.accepted.v1", -20, "ana", alert="neglected", level=later["level"])
    assert only(world, as_of_ms=NOW + 20 * DAY_MS)["state"] == "due"


def test_flags_come_first_and_key_people_before_others(world: World) -> None:
    regular(world, "ok", 3)
    regular(world, "zoe", 30)
    regular(world, "key", 28)
    rows = neglected(world.conn, Rules(goals=(Goal("g", 1.0, people={"key@x.org": 1.0}),)), NOW)
    assert [row["person"]["name"] for row in rows] == ["Key", "Zoe", "Ok"]


def test_an_address_that_is_not_shell_safe_is_quoted(world: World) -> None:
    regular(world)
    world.conn.execute("UPDATE address SET address = 'a;rm b@x.org'")
    assert only(world)["fine"] == "amity fine neglected 'a;rm b@x.org'"


@given(st.integers(1, 12), st.lists(st.integers(1, 30), max_size=40))
def test_the_end_of_a_history_has_the_gaps_of_the_whole(burst: int, days: list[int]) -> None:
    episodes = [sum(days[:number]) * DAY_MS for number in range(len(days))]
    instants = [start + minute for start in episodes for minute in range(burst)]
    assert recent_gaps(",".join(map(str, instants))) == gaps(episode_starts(instants))


@pytest.mark.parametrize("burst", range(1, 9))
def test_a_long_history_of_bursts_has_its_last_twelve_gaps(burst: int) -> None:
    instants = [number * 10 * DAY_MS + minute for number in range(40) for minute in range(burst)]
    assert recent_gaps(",".join(map(str, instants))) == [10 * DAY_MS] * 12


def test_who_was_never_promoted_to_a_person_of_note_has_no_line_unless_wanted(world: World) -> None:
    regular(world)
    world.conn.execute("UPDATE person SET promoted = 0")
    assert neglected(world.conn, Rules(), NOW) == []
    assert only(world, Rules(goals=(Goal("g", 1.0, people={"ana@x.org": 1.0}),)))["state"] == "overdue"


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(-20, 90), st.sampled_from(["in", "out", "note"])), max_size=60),
    st.integers(-25, 60),
    st.sampled_from([0.5, 2.0, 2.5, 14.0]),
)
@example([(2, 5, "in"), (2, -3, "in")], 4, 0.5)
@example([(2, 6, "in"), (2, -3, "in")], 4, 2.0)
@settings(max_examples=60, deadline=None)
def test_what_is_later_is_not_known_yet(touches: list[tuple[int, int, str]], back: int, every: float) -> None:
    """The rhythms kept over all time answer for an earlier instant as if nothing later had been recorded."""
    whole, until = World(), World()
    for name in ("ana", "bo", "cy"):
        whole.person(name)
        until.person(name)
    for person, days, kind in sorted(touches, key=lambda touch: -touch[1]):
        whole.touch(person, days, kind)
        if days >= back:
            until.touch(person, days, kind)
    rules = Rules(tiers=(Tier("close", members=("cy@x.org",)),), budgets=(Budget("bo@x.org", every_days=every),))
    found = neglected(whole.conn, rules, ago(back))
    assert found == neglected(until.conn, rules, ago(back))
    loud = [row for row in found if row["state"] != "ok"]
    assert told(whole.conn, rules, silent(whole.conn, rules, ago(back)), ago(back)) == loud
