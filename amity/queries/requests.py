"""`inbox`, `waiting` and `asks` for a session: requests as they are printed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from amity import freshness, resolve
from amity.period import day_start, iso
from amity.session import Session, hash_at

if TYPE_CHECKING:
    from projections.judgements.giving import Side
    from projections.judgements.request_cards import Card
    from projections.judgements.requests import Requests, Row
    from projections.requests import Asked

Entries = list[dict[str, Any]]
HOUR_MS = 3_600_000
LATELY_MS = 28 * 24 * HOUR_MS  # (ours) what is older is listed behind, and not in the week's sums
UNKNOWN = "unknown"
CARDED = 200  # (ours) nobody reads further before an answer
WAITS = ("open", "undelivered")  # as projections.judgements.requests, which not every command loads
BEHIND = 200  # (ours) older ones in a report; the lists themselves have all
INDEX = "requests.db"


def _utc(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(session: Session) -> Requests:
    """Everything that was asked, either way, in the two years until the session's now."""
    from amity import grammar  # noqa: PLC0415  each command pays for its own formula
    from projections.judgements.requests import Requests  # noqa: PLC0415  likewise

    hours = grammar.hours(session.rules.get("hours", "Mon-Fri 09:00-17:30"))
    asked = (session.views, hours, session.zone, session.as_of_ms)
    try:
        with _index(session) as index:
            return Requests(*asked, index=index)
    except (sqlite3.DatabaseError, UnicodeDecodeError):  # damage in its middle, or in the views: then it is met again
        session.home.views.with_name(INDEX).unlink(missing_ok=True)
        return Requests(*asked)


@contextmanager
def _index(session: Session) -> Iterator[sqlite3.Connection | None]:
    """What was found in the mail before, as far as these views are not temporary ones."""
    from projections.judgements.request_index import Made, open_index  # noqa: PLC0415  as above

    seen, home = freshness.seen(session.views), session.home
    index = None
    if seen is not None and seen.log:
        by = session.views.execute("SELECT value FROM meta WHERE key = 'fingerprint'").fetchone()[0]
        made = Made(f"{by} {seen.code}", seen.position, seen.log)
        path = home.views.with_name(INDEX)
        index = open_index(path, session.views, made, session.as_of_ms, lambda position: hash_at(home, position))
    try:
        yield index
    finally:
        if index is not None:
            index.close()


def inbox(
    session: Session, *, everything: bool = False, carded: bool = False, found: Requests | None = None
) -> Entries:
    """What waits for the owner's answer, the most urgent of the last four weeks first; or all, settled ones too.

    `carded`: the first of what waits have a card each, of what is known of who asks.
    """
    known = found or read(session)
    rows = known.inbox() if everything else _waits(known, to_me=True)
    shown = _shown(session, rows)
    cards = _cards(session, known, [row for row in rows if row.state in WAITS][:CARDED]) if carded else {}
    return [entry | {"card": cards[id(row)]} if id(row) in cards else entry for row, entry in shown]


def waiting(session: Session, found: Requests | None = None) -> Entries:
    """What the owner waits for, in the same order."""
    return [entry for _, entry in _shown(session, _waits(found or read(session), to_me=False))]


def _waits(found: Requests, *, to_me: bool) -> list[Row]:
    rows = found.rows(found.waits(to_me=to_me))
    return rows + _invited(found) if to_me else rows


def _invited(found: Requests) -> list[Row]:
    return [row for row in found.invitations if row.state in WAITS]


def newest(session: Session, found: Requests, *, to_me: bool) -> tuple[Entries, int]:
    """What waits, as the lists begin: all of the last four weeks, and some behind; and how many wait."""
    since_ms = session.as_of_ms - LATELY_MS
    waits = found.waits(to_me=to_me)
    rows = _invited(found) if to_me else []
    count = len(waits) + len(rows)
    rows += found.rows([one for one in waits if one.since_ms >= since_ms] + _behind(waits, since_ms))
    rows.sort(key=lambda row: order(row, session.as_of_ms))
    lately = sum(row.since_ms >= since_ms for row in rows)
    return [entry for _, entry in _shown(session, rows[: lately + BEHIND])], count


def _behind(waits: list[Asked], since_ms: int) -> list[Asked]:
    """Of what is older than four weeks, the newest, with all that are as old as the last of these."""
    older = [one for one in waits if one.since_ms < since_ms]
    least = older[-BEHIND].since_ms if len(older) > BEHIND else 0
    return [one for one in older if one.since_ms >= least]


def asks(session: Session, found: Requests | None = None) -> Entries:
    """What the owner asked of others and what came of it, the newest first."""
    from projections.judgements.asks import read_asks  # noqa: PLC0415  each command pays for its own formula

    ledger = read_asks(session.views, found or read(session), session.as_of_ms)
    people = resolve.everybody(session.views, list({one.person for one in ledger}))
    return [
        {
            "person": resolve.shape(people[one.person]),
            "subject": one.subject,
            "at": iso(one.at_ms, session.zone),
            "state": one.state,
            "position": one.position,
            "evidence": one.evidence,
            "why": one.why,
        }
        for one in ledger
    ]


def rate(session: Session, found: Requests) -> dict[str, Any]:
    """How the people who asked in the last four weeks were answered."""
    from projections.judgements.answering import answered  # noqa: PLC0415  each command pays for its own formula

    since_ms = session.as_of_ms - LATELY_MS
    rows = found.rows([one for one in found.mails(to_me=True) if one.since_ms >= since_ms]) + found.invitations
    sums = answered(found, rows, since_ms)
    return sums._asdict() | {"share": None if sums.share is None else round(sums.share, 3)}


def order(row: Row, as_of_ms: int) -> tuple[bool, bool, int, int, int]:
    """Open before settled; of the last four weeks, the first due first; then the newest first; equals by person."""
    lately = as_of_ms - row.since_ms <= LATELY_MS
    due = row.expected_ms if lately and row.expected_ms is not None else -row.since_ms
    return row.state not in WAITS, not lately, due, row.person, row.evidence[0]


def _shown(session: Session, rows: list[Row]) -> list[tuple[Row, dict[str, Any]]]:
    rows.sort(key=lambda row: order(row, session.as_of_ms))
    people = resolve.everybody(session.views, list({row.person for row in rows}))
    return [(row, _entry(session, row, resolve.shape(people[row.person]))) for row in rows]


def _cards(session: Session, found: Requests, rows: list[Row]) -> dict[int, dict[str, Any]]:
    """By id() of the row: first seen, mutual people, give and take, cost beside what is left of the week, goals."""
    from projections.judgements.request_cards import Cards, key_goals  # noqa: PLC0415  only --json asks for them

    week = session.period("this-week")
    span = (day_start(week.since, session.zone), day_start(week.until, session.zone))
    goals = [(goal["slug"], list(goal.get("people", ()))) for goal in session.rules.get("goals", ())]
    maker = Cards(session.views, found, (week.since, week.until, span), key_goals(session.views, goals))
    cards = {id(row): maker.card(row) for row in rows}
    names = resolve.everybody(session.views, list({one for card in cards.values() for one in card.mutual}))
    return {key: _card(session, card, names) for key, card in cards.items()}


def _card(session: Session, card: Card, names: dict[int, resolve.Found]) -> dict[str, Any]:
    first, cost = card.first_seen, card.cost
    return {
        "first_seen": UNKNOWN if first is None
        else {"at": iso(round(first.value), session.zone), "evidence": first.evidence},
        "mutual": {"people": [resolve.shape(names[one]) for one in card.mutual], "evidence": card.mutual_evidence}
        if card.mutual else UNKNOWN,
        "given": _side(session, card.given),
        "taken": _side(session, card.taken),
        "cost_hours": UNKNOWN if cost is None else {"hours": round(cost.value, 3), "evidence": cost.evidence},
        "left_hours": {"hours": round(card.left.value, 2), "evidence": card.left.evidence},
        "goals": card.goals or UNKNOWN,
    }  # fmt: skip


def _side(session: Session, side: Side) -> Any:
    """Requests of one side, and how many were answered; a share from five on."""
    if not side.asked:
        return UNKNOWN
    last = iso(side.answered_ms[-1], session.zone) if side.answered_ms else None
    share = None if side.share is None else round(side.share, 2)
    return {"asked": side.asked, "answered": side.answered, "last": last, "share": share, "evidence": side.positions}


def _entry(session: Session, row: Row, person: dict[str, Any]) -> dict[str, Any]:
    return {
        "person": person,
        "subject": row.subject,
        "since": iso(row.since_ms, session.zone),
        "expected_by": None if row.expected_ms is None else iso(row.expected_ms, session.zone),
        "late": row.late,
        "evidence": row.evidence,
        "state": row.state,
        "why": row.why,
        "kind": row.kind,
        "minutes": None if row.invitation is None else row.invitation.minutes,
        "position": _position(row),
    }


def _position(row: Row) -> int:
    """Where what was asked stands: what `mark` takes."""
    return row.request.first if row.request else row.evidence[0]


def numbers(session: Session) -> list[tuple[Any, ...]]:
    """The rows of `v_requests`: what waits either way, with what is usual of who is waited for (F8)."""
    found = read(session)
    rows = [("in", row) for row in _waits(found, to_me=True)] + [("out", row) for row in _waits(found, to_me=False)]
    waits = sorted((row.since_ms, row.person, row.evidence[0], way, row) for way, row in rows)
    people = resolve.everybody(session.views, list({row.person for *_, row in waits}))
    return [_numbers(found, people[row.person], way, row) for *_, way, row in waits]


def _numbers(found: Requests, person: resolve.Found, way: str, row: Row) -> tuple[Any, ...]:
    usual = found.usual(row.person, to_me=way == "in")
    due = None if row.expected_ms is None else _utc(row.expected_ms)
    return (
        person.key, person.name, row.subject, _utc(row.since_ms), _position(row), way, row.kind, row.state, due,
        int(row.late), round(usual.median_ms / HOUR_MS, 2), round(usual.likely_ms / HOUR_MS, 2), usual.asked,
        usual.answered,
    )  # fmt: skip
