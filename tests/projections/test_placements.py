from __future__ import annotations

from typing import Any

import msgspec

from projections.placements import PLACED, RHYTHM, decided, said
from projections.rules import Rules

RULES: dict[str, Any] = {
    "goals": [{"slug": "launch", "people": {"bo@x.org": 0.6, "cy@x.org": 0.2}}, {"slug": "solo", "solo": True}],
    "budgets": [{"address": "ana@x.org", "every_days": 30.0, "max_minutes_week": 60.0}],
}
ANA = ["ana@x.org", "ana@home.org"]


def rules(*decisions: tuple[str, dict[str, Any]], of: dict[str, Any] = RULES) -> Rules:
    return msgspec.convert(decided(of, decisions), Rules)


def test_what_the_owner_decided_stands_before_the_settings_that_it_was_said_beside() -> None:
    word = {"addresses": ANA, "every_days": 42.0, "instead_of": 30.0}
    assert [one.every_days for one in rules((RHYTHM, word)).budgets] == [42.0, 30.0]


def test_settings_that_changed_since_are_the_newer_word() -> None:
    word = {"addresses": ANA, "every_days": 42.0, "instead_of": 14.0}
    assert [one.every_days for one in rules((RHYTHM, word)).budgets] == [30.0]


def test_a_later_word_takes_the_place_of_an_earlier_one_even_after_a_merge() -> None:
    first = {"addresses": ["ana@home.org"], "every_days": 7.0}
    second = {"addresses": ANA, "every_days": 42.0, "instead_of": 30.0}
    assert [one.every_days for one in rules((RHYTHM, first), (RHYTHM, second)).budgets] == [42.0, 30.0]


def test_who_is_placed_in_a_goal_counts_as_much_as_its_others() -> None:
    word = {"addresses": ANA, "place": "goal", "goal": "launch"}
    assert rules((PLACED, word)).goals[0].people == {"bo@x.org": 0.6, "cy@x.org": 0.2, "ana@x.org": 0.4}
    assert rules((PLACED, word), (PLACED, word)).goals[0].people["ana@x.org"] == 0.4
    assert "ana@x.org" not in rules((PLACED, word | {"goal": "solo"})).goals[1].people
    assert rules((PLACED, word | {"goal": "gone"})).goals == rules().goals


def test_own_sake_protects_and_a_limit_limits() -> None:
    assert rules((PLACED, {"addresses": ANA, "place": "own-sake"})).budgets[0].protected
    limit = {"addresses": ANA, "place": "max", "max_minutes_week": 30.0, "instead_of": 60.0}
    assert [one.max_minutes_week for one in rules((PLACED, limit)).budgets] == [30.0, 60.0]
    assert [one.max_minutes_week for one in rules((PLACED, limit | {"instead_of": None})).budgets] == [60.0]


def test_the_settings_themselves_are_not_changed() -> None:
    before = msgspec.json.encode(RULES)
    decided(RULES, [(PLACED, {"addresses": ANA, "place": "goal", "goal": "launch"})])
    assert msgspec.json.encode(RULES) == before


def test_what_the_settings_say_of_somebody() -> None:
    assert said(RULES, ANA, "every_days") == 30.0
    assert said(RULES, ["bo@x.org"], "every_days") is None
