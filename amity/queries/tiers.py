"""Which circle a person belongs to: the first tier of the settings that names an address or a label of theirs."""

from __future__ import annotations

import json
import sqlite3
from typing import Any


def tier_of(views: sqlite3.Connection, rules: dict[str, Any], people: list[int]) -> dict[int, str]:
    """person.id -> slug, for those who are in a tier. `rules` is the JSON of `projections.rules.Rules`."""
    tiers = rules.get("tiers", ())
    if not tiers:
        return {}
    wanted = json.dumps(people)
    marks: dict[int, set[str]] = {number: set() for number in people}
    for number, address in views.execute(
        "SELECT person, address FROM address WHERE person IN (SELECT value FROM json_each(?))", (wanted,)
    ):
        marks[number].add(address)
    for number, labels in views.execute(
        "SELECT id, labels FROM person WHERE id IN (SELECT value FROM json_each(?))", (wanted,)
    ):
        marks[number] |= {f"label:{label}".casefold() for label in json.loads(labels)}
    found: dict[int, str] = {}
    for tier in tiers:
        members = {member.casefold() for member in tier.get("members", ())}
        for number in people:
            if members & marks[number]:
                found.setdefault(number, tier["slug"])
    return found
