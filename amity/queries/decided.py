"""Decisions of the owner in words: what `undo` says that it took back."""

from __future__ import annotations

import json
from typing import Any

from amity import resolve
from amity.queries.private import PRIVATE
from amity.session import Session

_ON_MEETING = "SELECT title, private FROM occurrence WHERE position = ? ORDER BY start_ms LIMIT 1"
_ON_OTHER = "SELECT subject FROM message WHERE position = ? UNION SELECT text FROM note WHERE id = ?"
_PERSON = "SELECT person FROM address WHERE address = ? AND person <> 0"
_PLACES = {"goal": "{name} belongs to {goal}", "own-sake": "time with {name} is for its own sake"}


def words(session: Session, wire: str, payload: str) -> str:
    """One decision as a sentence without its end; `payload` is the JSON document of the log."""
    said = json.loads(payload)
    kind = wire.rsplit(".", 1)[0]
    if kind in ("meeting.marked", "request.marked"):
        return f'"{_title(session, said["position"])}" is marked {said["word"]}'
    if kind == "people.split":
        return f"{said['address']} is not {_name(session, said['others'])}"
    if kind in ("people.merged", "introduction.marked"):
        both = f"{_name(session, said['first'])} and {_name(session, said['second'])}"
        if kind == "people.merged":
            both = f"{', '.join(said['first'])} and {', '.join(said['second'])}"
            return f"{both} are one person"
        return f"the introduction of {both} is marked {said['word']}"
    return _on_person(kind, said, _name(session, said["addresses"]))


def _on_person(kind: str, said: dict[str, Any], name: str) -> str:
    match kind:
        case "person.snoozed":
            return f"{name} is snoozed for {said['days']:g} days"
        case "person.accepted":
            return f"{said['alert']} is fine for {name} as it is"
        case "rhythm.set":
            return f"in touch with {name} every {said['every_days']:g} days"
        case "note.added":
            return f"noted with {name}: {said['text']}"
        case "person.placed" if said["place"] == "max":
            return f"at most {said['max_minutes_week'] / 60:g} h a week with {name}"
        case _:
            return _PLACES[said["place"]].format(name=name, goal=said.get("goal", ""))


def _title(session: Session, position: int) -> str:
    found = session.views.execute(_ON_MEETING, (position,)).fetchone()
    if found is not None:
        return PRIVATE if found[1] else str(found[0])
    other = session.views.execute(_ON_OTHER, (position, position)).fetchone()
    return str(other[0]) if other else f"#{position}"


def _name(session: Session, addresses: list[str]) -> str:
    for address in addresses:
        row = session.views.execute(_PERSON, (address,)).fetchone()
        if row is not None:
            return resolve.found(session.views, row[0]).name
    return addresses[0]
