"""What the owner asked of others and what came of it: read off the threads, corrected by the owner's word (L6)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from projections.asks import ASKED, state_after
from projections.judgements.requests import Mark, Requests, read_marks
from projections.latency import MOST_DAYS
from projections.requests import ANSWERED, ME, NOTHING, OPEN, Asked

_HOW = {
    "asked": "no answer yet",
    "yes": "they answered",
    "no": "they could not",
    "silence": "no answer within five working days",
    "thanked": "you thanked them",
}


class Ask(NamedTuple):
    """One line of the ledger. `position`: where it was asked, what `mark` takes."""

    person: int
    subject: str
    at_ms: int
    state: str
    why: str
    position: int
    evidence: list[int]


def read_asks(conn: sqlite3.Connection, found: Requests, as_of_ms: int) -> list[Ask]:
    """The asks of the last two years and those that the owner marked, the newest first."""
    marks = read_marks(conn, as_of_ms, asks=True)
    asks = [_ask(found, one, marks) for one in found.requests if _is_ask(one)]
    told = {position for ask in asks for position in ask.evidence}
    asks += _named(conn, {position: mark for position, mark in marks.items() if position not in told}, as_of_ms)
    return sorted(asks, key=lambda one: (-one.at_ms, one.person, one.position))


def _is_ask(one: Asked) -> bool:
    """Whether the owner asked in words, and nobody else of those asked answered in this person's stead."""
    by_another = one.state == NOTHING and one.by is not None and one.by_sender != ME
    return one.asker == ME and one.question and not by_another


def _ask(found: Requests, one: Asked, marks: dict[int, Mark]) -> Ask:
    evidence = [*one.positions(), *([] if one.thanks is None else [one.thanks])]
    said = [marks[mail] for mail in one.mail_ids() if mail in marks]
    mark = max(said, key=lambda mark: (mark.at_ms, mark.position), default=None)
    if mark is not None:
        state, why = mark.word.removeprefix("ask="), "by your word"
        evidence.append(mark.position)
    else:
        state = state_after(_happened(found, one))
        why = _HOW[state]
    return Ask(one.asked, one.subject, one.since_ms, state, why, one.first, sorted({*evidence}))


def _happened(found: Requests, one: Asked) -> Iterator[str]:
    if one.state == ANSWERED and one.by is not None:
        yield "refusal" if one.by_says == "no" else "answer"
    elif one.state == NOTHING:
        yield "thanks"
    elif one.state == OPEN:
        waited = found.effective_ms(one.asked, one.since_ms, found.as_of_ms)
        if waited > MOST_DAYS * found.clock.day_ms:
            yield "time"
    if one.thanks is not None:
        yield "thanks"


_MARKED_MAIL = """
SELECT a.person, m.subject, m.at_ms FROM message m JOIN member w ON w.circle = m.circle AND w.is_to
JOIN address a ON a.id = w.address_id JOIN person p ON p.id = a.person AND p.kind = 'person'
WHERE m.id = ? AND m.direction = 'out' AND m.at_ms <= ? ORDER BY a.person LIMIT 1"""
_MARKED_NOTE = "SELECT person, text, at_ms FROM note WHERE id = ? AND at_ms <= ? AND person > 0"


def _named(conn: sqlite3.Connection, marks: dict[int, Mark], as_of_ms: int) -> Iterator[Ask]:
    """What the owner calls an ask although no question was seen in it: a mail of mine, or a note."""
    for position, mark in marks.items():
        for sql in (_MARKED_MAIL, _MARKED_NOTE):
            row = conn.execute(sql, (position, as_of_ms)).fetchone()
            if row is not None:
                state = mark.word.removeprefix("ask=") or ASKED
                yield Ask(row[0], row[1], row[2], state, "by your word", position, sorted({position, mark.position}))
                break
