"""To whom the owner reaches out in vain, as it is told (lessons, L2)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

from projections.intervals import DAY_MS
from projections.judgements.exchanges import MAIL_DAYS, Recent, read_exchanges, read_recent
from projections.judgements.persons import Person, hours, latest_positions, read_people
from projections.judgements.wants import Wants, read_wants
from projections.reciprocity import CHASING_EVENTS, is_chasing, is_unheard, shows_answers
from projections.rules import Rules

REACHES = 3  # (ours) mails that could be answered: one that was not, beside many meetings, is no chase
# A mail of theirs is in the ledger under the same channel: only mine are reaching.
_SPENT = """
SELECT l.person, total(l.minutes) FROM ledger l JOIN message m ON m.id = l.item AND m.direction = 'out'
WHERE l.person IN (SELECT value FROM json_each(:only)) AND l.channel = 'mail' AND l.at_ms > :since AND l.at_ms <= :as_of
GROUP BY l.person"""


class Chased(NamedTuple):
    """Somebody the owner reaches out to in vain: counts of the last two years, and the minutes of writing to them."""

    person: Person
    lately: Recent
    minutes: float

    @property
    def why(self) -> str:
        """In words that blame nobody."""
        lately = self.lately
        of = f"{lately.answered} of {lately.asked} answered"
        return f"you spent {hours(self.minutes)} reaching for {self.person.name}; {of}"


def chased(
    conn: sqlite3.Connection,
    wants: Wants,
    as_of_ms: int,
    only: Iterable[int] | None = None,
    recent: dict[int, Recent] | None = None,
) -> dict[int, Chased]:
    """By person.id, everybody or of `only` these: the owner begins, too few are answered, and no goal asks for it.

    Nobody where hardly anybody's answers are in these records. `recent`: of the same people, where it was read before.
    """
    if recent is None:
        recent = read_recent(conn, as_of_ms, only)
    latest = {
        person: one for person, one in recent.items()
        if one.asked >= REACHES and is_unheard(one.answered, one.asked)
    }  # fmt: skip
    found = [
        person
        for person, one in read_exchanges(conn, as_of_ms, latest).items()
        if is_chasing(one.initiative, latest[person].answered, latest[person].asked, has_goal=person in wants.goals)
    ]
    if found and not _shows_answers(recent if only is None else read_recent(conn, as_of_ms)):
        return {}
    about = {"only": json.dumps(found), "since": as_of_ms - round(MAIL_DAYS * DAY_MS), "as_of": as_of_ms}
    minutes = dict(conn.execute(_SPENT, about).fetchall())
    return {one.id: Chased(one, latest[one.id], minutes.get(one.id, 0.0)) for one in read_people(conn, found).values()}


def _shows_answers(recent: dict[int, Recent]) -> bool:
    often = [one for one in recent.values() if one.asked >= CHASING_EVENTS]
    return shows_answers([is_unheard(one.answered, one.asked) for one in often])


def chasing(
    conn: sqlite3.Connection,
    rules: Rules,
    as_of_ms: int,
    limit: int | None = None,
    recent: dict[int, Recent] | None = None,
) -> list[dict[str, Any]]:
    """The most time first, at most `limit`. `asked` and `answered` are of the last two years."""
    found = chased(conn, read_wants(conn, rules), as_of_ms, recent=recent).values()
    since = as_of_ms - round(MAIL_DAYS * DAY_MS)
    return [
        {
            "person": one.person.shown(),
            "state": "chasing",
            "why": one.why,
            "evidence": latest_positions(conn, one.person.id, since, as_of_ms),
            "minutes": round(one.minutes, 2),
            "asked": one.lately.asked,
            "answered": one.lately.answered,
        }
        for one in sorted(found, key=lambda one: (-one.minutes, one.person.key))[:limit]
    ]
