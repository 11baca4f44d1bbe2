"""What `person` and `brief` tell beyond the numbers: how it began, shared people, topics, open loops, last contacts.

Every item names the log positions behind it; nothing in it is later than the session's now.
"""

from __future__ import annotations

from typing import Any

from amity import grammar, resolve
from amity.period import iso
from amity.session import Session

PRIVATE = "(private)"  # as amity.queries.counted, which this does not load
LAST = 3  # contacts
LOOPS = 5  # open ones, either way
LOOP_DAYS = 180
OPEN = ("open", "undelivered")
_TOUCHES = """
    SELECT touch.at_ms, touch.kind, touch.position, touch.n, touch.opened, occurrence.title, occurrence.private,
        message.subject, note.text, (occurrence.end_ms - occurrence.start_ms) / 60000.0
    FROM touch
    LEFT JOIN occurrence ON touch.kind = 'meeting' AND occurrence.id = touch.item
    LEFT JOIN message ON touch.kind IN ('in', 'out') AND message.id = touch.item
    LEFT JOIN note ON touch.kind = 'note' AND note.id = touch.item
    WHERE touch.person = :person AND touch.at_ms <= :as_of {only}
    ORDER BY touch.at_ms DESC, touch.position DESC LIMIT :limit
"""
Found = dict[str, Any]


def touches(
    session: Session, number: int, limit: int, *, qualifying: bool = False, since: int = 0, until: int = 1 << 62
) -> list[Found]:
    """The newest interactions with a person, in [since, until) milliseconds; `opened`: who began there, "" nobody."""
    only = "AND touch.at_ms >= :since AND touch.at_ms < :until" + (" AND qualifying = 1" if qualifying else "")
    about = {"person": number, "as_of": session.as_of_ms, "limit": limit, "since": since, "until": until}
    rows = session.views.execute(_TOUCHES.format(only=only), about).fetchall()
    return [
        {"position": position, "at": iso(at, session.zone), "kind": kind, "others": n, "opened": opened,
         "title": PRIVATE if private else title or subject or text or "", "minutes": length}
        for at, kind, position, n, opened, title, private, subject, text, length in rows
    ]  # fmt: skip


def dossier(session: Session, number: int) -> Found:
    """Keys: began, shared_people, topics, open_loops, last_contacts, give_and_take."""
    from projections.judgements import dossier as told  # noqa: PLC0415  each command pays for its own formula

    shared = told.shared_people(session.views, number, session.as_of_ms)
    known = resolve.everybody(session.views, [one.person for one in shared])
    names = [known[one.person].name for one in shared]
    return {
        "began": began(session, number),
        "shared_people": [
            {"person": resolve.shape(known[one.person]), "meetings": one.meetings, "mails": one.circles,
             "evidence": [one.position]}
            for one in shared
        ],
        "topics": told.topics(session.views, number, session.as_of_ms, session.zone, names),
        "open_loops": open_loops(session, [number])[number],
        "last_contacts": touches(session, number, LAST, qualifying=True),
        "give_and_take": told.given_and_taken(session.views, number, session.as_of_ms, session.zone),
    }  # fmt: skip


def began(session: Session, number: int) -> Found | None:
    from projections.judgements.beginnings import beginning  # noqa: PLC0415  likewise

    first = beginning(session.views, number, session.as_of_ms)
    if first is None:
        return None
    introducer = resolve.everybody(session.views, [first.introducer])[first.introducer] if first.introducer else None
    return {
        "at": iso(first.at_ms, session.zone), "kind": first.kind,
        "title": PRIVATE if first.private else first.title, "others": first.others,
        "introducer": resolve.shape(introducer) if introducer else None, "evidence": [first.position],
    }  # fmt: skip


def open_loops(session: Session, people: list[int]) -> dict[int, list[Found]]:
    """By person, what waits of the last half year, the newest first; `who`: `you` or `them` have the turn."""
    from projections.judgements.requests import Requests  # noqa: PLC0415  likewise

    hours = grammar.hours(session.rules.get("hours", "Mon-Fri 09:00-17:30"))
    asked = Requests(session.views, hours, session.zone, session.as_of_ms, only=people)
    since_ms = session.as_of_ms - LOOP_DAYS * 86_400_000
    found: dict[int, list[Found]] = {number: [] for number in people}
    for who, rows in (("you", asked.inbox()), ("them", asked.waiting())):
        for row in sorted(rows, key=lambda one: (-one.since_ms, one.evidence)):
            mine = found.get(row.person)
            if mine is None or row.state not in OPEN or row.since_ms < since_ms:
                continue
            if sum(loop["who"] == who for loop in mine) < LOOPS:
                mine.append(
                    {"who": who, "subject": row.subject, "since": iso(row.since_ms, session.zone), "kind": row.kind,
                     "state": row.state, "evidence": row.evidence}
                )  # fmt: skip
    return found
