"""Settings with the owner's later decisions in them: who belongs to what, how much, how often. Pure, on plain JSON.

The newest word of the owner holds. A decision keeps what the settings said at that moment: as long as they still say
it, the decision is the newer word; once they say something else, they are.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

PLACED, RHYTHM = "person.placed.v1", "rhythm.set.v1"
# Words that are read when one asks: no other table than `decision` holds anything of them.
READ_LATE = ("person.snoozed.v1", "person.accepted.v1", RHYTHM, "request.marked.v1", "introduction.marked.v1")
WHOLE = 1.0  # the part of somebody placed in a goal without key people

Json = dict[str, Any]


def decided(rules: Json, decisions: Iterable[tuple[str, Mapping[str, Any]]]) -> Json:
    """`rules` (the JSON of `projections.rules.Rules`) after the decisions (wire, payload), oldest first."""
    latest: dict[tuple[str, frozenset[str]], Mapping[str, Any]] = {}
    for wire, payload in decisions:
        own = frozenset(payload["addresses"])
        for key in [key for key in latest if key[0] == wire and key[1] & own]:
            del latest[key]
        latest[wire, own] = payload
    for (wire, _), payload in latest.items():
        rules = _with_rhythm(rules, payload) if wire == RHYTHM else _placed(rules, payload)
    return rules


def said(rules: Json, addresses: Iterable[str], key: str) -> float | None:
    """What `[people]` says of somebody: `every_days` or `max_minutes_week`; None where it says nothing."""
    own = {address.lower() for address in addresses}
    found = (one.get(key) for one in rules.get("budgets", ()) if one["address"].lower() in own)
    return next((value for value in found if value is not None), None)


def _with_rhythm(rules: Json, payload: Mapping[str, Any]) -> Json:
    if said(rules, payload["addresses"], "every_days") != payload.get("instead_of"):
        return rules
    return _before_budgets(rules, payload, every_days=payload["every_days"])


def _placed(rules: Json, payload: Mapping[str, Any]) -> Json:
    if payload["place"] == "own-sake":
        return _before_budgets(rules, payload, protected=True)
    if payload["place"] == "goal":
        return rules | {"goals": [_with_member(goal, payload) for goal in rules.get("goals", ())]}
    if said(rules, payload["addresses"], "max_minutes_week") != payload.get("instead_of"):
        return rules
    return _before_budgets(rules, payload, max_minutes_week=payload["max_minutes_week"])


def _before_budgets(rules: Json, payload: Mapping[str, Any], **word: object) -> Json:
    """Of several words on a person the first in the list holds."""
    return rules | {"budgets": [{"address": payload["addresses"][0], **word}, *rules.get("budgets", ())]}


def _with_member(goal: Json, payload: Mapping[str, Any]) -> Json:
    """The goal with one member more, who counts as much as its others do on average."""
    people = goal.get("people", {})
    if goal["slug"] != payload["goal"] or goal.get("solo") or any(one in people for one in payload["addresses"]):
        return goal
    part = sum(people.values()) / len(people) if people else WHOLE
    return goal | {"people": people | {payload["addresses"][0]: part}}


def read_decisions(conn: sqlite3.Connection, as_of_ms: int = 2**62) -> list[tuple[str, Json]]:
    """(wire, payload) of the decisions that change what the settings say and stand at `as_of_ms`, oldest first."""
    rows = conn.execute(
        "SELECT type, payload FROM decision WHERE type IN (?, ?) AND at_ms <= ? AND undone_by = 0"
        " ORDER BY at_ms, position",
        (PLACED, RHYTHM, as_of_ms),
    )
    return [(wire, json.loads(payload)) for wire, payload in rows]
