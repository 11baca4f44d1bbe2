"""Titles of private meetings (CLASS:PRIVATE) in what the log itself shows: they stay in the log and appear nowhere."""

from __future__ import annotations

import json
import sqlite3

PRIVATE = "(private)"
_MEETING = "meeting.observed.v1"
_MARK = '"private":true'


def uids(views: sqlite3.Connection) -> frozenset[str]:
    """The meetings that any source ever called private: what showed one of them before or elsewhere told its title."""
    rows = views.execute("SELECT DISTINCT uid FROM meeting_sighting WHERE instr(payload, ?)", (_MARK,))
    return frozenset(uid for (uid,) in rows)


def shown(wire: str, payload: str, hidden: frozenset[str]) -> str:
    """A payload of the log as it may be printed."""
    if wire != _MEETING or not (hidden or _MARK in payload):
        return payload
    try:
        said = json.loads(payload)
    except ValueError:  # damaged: nobody can tell whose title is in it
        return PRIVATE
    if said.get("uid") not in hidden and not said.get("private"):
        return payload
    return json.dumps(said | {"title": PRIVATE}, ensure_ascii=False, separators=(",", ":"))
