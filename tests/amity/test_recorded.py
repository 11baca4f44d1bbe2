from __future__ import annotations

from amity import recorded
from events.envelope import NewEvent
from events.vocabulary import GoalDropped, GoalSet, Payload, ProfileSet
from projections.rules import Budget, Goal, Rules, Tier

RULES = Rules(
    timezone="Europe/Helsinki",
    addresses=("me@x.org",),
    goals=(Goal("launch", 0.4, 600.0, ("launch",), {"ana@x.org": 0.5}, public=True), Goal("growth", solo=True)),
    tiers=(Tier("close", 14.0, ("ana@x.org", "label:Family"), {"length": "45m"}),),
    budgets=(Budget("victor@y.org", 60.0, 42.0, needs=("pricing",)),),
    attendance="strict",
)


def said(events: list[NewEvent]) -> list[Payload]:
    return [event.payload for event in events if isinstance(event.payload, Payload)]


def test_the_facts_of_the_log_make_the_same_rules_again() -> None:
    assert recorded.rules_of(recorded.facts_of(RULES, "never")) == RULES


def test_what_is_recorded_is_not_recorded_again() -> None:
    facts = recorded.facts_of(RULES, "never")
    payloads = said(recorded.changes({}, facts, 1))
    assert len(payloads) == 5
    assert recorded.standing(payloads) == facts
    assert recorded.changes(facts, facts, 2) == []


def test_a_goal_that_is_gone_is_dropped_and_a_changed_one_set_anew() -> None:
    before = recorded.facts_of(RULES, "never")
    after = recorded.facts_of(Rules(timezone="UTC", goals=(Goal("launch", 0.6),)), "never")
    payloads = said(recorded.changes(before, after, 3))
    assert GoalDropped(goal="growth") in payloads
    assert GoalSet(goal="launch", weight=0.6) in payloads
    assert ProfileSet(timezone="UTC") in payloads
    assert len(payloads) == 5
    assert recorded.rules_of(recorded.standing([*before.values(), *payloads])).goals == (Goal("launch", 0.6),)
