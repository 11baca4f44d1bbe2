"""With whom the owner's time is running dry, and who is quieter than usual, as it is told (F6.7; lessons, L8)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from math import log
from typing import Any

from projections.cadence import episodes, median
from projections.fading import FLOOR, LONG_DAYS, WINDOW_DAYS, Rates, is_fading, is_less, is_quieter, rates
from projections.intervals import DAY_MS, Span, earliest_day
from projections.judgements.contact import maybe_silent
from projections.judgements.persons import Person, days, latest_positions, read_people
from projections.judgements.silence import Silence, silences
from projections.judgements.wants import Accepted, accepted, read_wants
from projections.rules import Rules

# Who has less than this in 360 days cannot reach the floor of rate_180, whenever the minutes were.
LEAST_MINUTES = FLOOR * LONG_DAYS / log(2) * (1 - 2 ** (-WINDOW_DAYS / LONG_DAYS))
SIGNAL_DAYS = 120.0  # four half-lives: older signals are forgotten
REPLIES_NEEDED = 5
QUIETER = "answers later, or meets less, than is usual for them"
LATE_TIMES, LATE_FLOOR_MS = 3.0, DAY_MS  # (ours) an answer is late beyond three times the usual, and a day

# A day's minutes stand at their mean instant: the error is less than a hundred-thousandth. The plus keeps SQLite on the
# days asked for, which are few, where the index by person would lead it through all years.
_MINUTES = """
WITH spent AS MATERIALIZED (
    SELECT person, day, sum(minutes) AS minutes, sum(minutes * (:as_of - at_ms)) AS moment FROM ledger
    WHERE day >= :day AND at_ms > :since AND at_ms <= :as_of AND from_ms <= :as_of
    AND +person IN (SELECT value FROM json_each(:only)) GROUP BY +person, day)
SELECT person, moment / minutes / 86400000, minutes FROM spent WHERE minutes > 0
AND person IN (SELECT person FROM spent GROUP BY person HAVING sum(minutes) > :least)"""

# Only of those who answered often enough, and lately slower than anybody may: these are found first, from each person
# straight to the last days. CROSS JOIN keeps SQLite from reading all years of everybody.
_ANSWERS = """
WITH late AS MATERIALIZED (SELECT DISTINCT k.person FROM tally k CROSS JOIN touch t
    ON t.person = k.person AND t.at_ms > :recent AND t.at_ms <= :as_of
    WHERE k.newest_ms > :recent AND t.kind = 'in' AND t.reply_ms > :floor)
SELECT t.person, group_concat(t.at_ms), group_concat(t.reply_ms) FROM late k CROSS JOIN touch t
ON t.person = k.person AND t.at_ms > :since AND t.at_ms <= :as_of WHERE t.kind = 'in' AND t.reply_ms IS NOT NULL
GROUP BY k.person HAVING count(*) >= :needed"""

# Meetings of two that the other declined, cancelled, or did not come to; in an order that is always the same.
_MISSED = """
SELECT a.person, o.start_ms FROM occurrence o
JOIN attendance t ON t.occurrence = o.id JOIN address a ON a.id = t.address_id
WHERE o.day >= :day AND o.start_ms > :since AND o.start_ms <= :as_of AND a.person > 0 AND o.n <= 1
AND (t.answer = 'declined' OR o.answer = 'no-show' OR (o.reason = 'cancelled' AND o.mine = 0))
ORDER BY o.id, t.address_id"""


def _rates(conn: sqlite3.Connection, as_of_ms: int, only: Iterable[int]) -> dict[int, Rates]:
    since = as_of_ms - round(WINDOW_DAYS * DAY_MS)
    about = {"as_of": as_of_ms, "since": since, "day": earliest_day(since), "least": LEAST_MINUTES}
    rows = conn.execute(_MINUTES, about | {"only": json.dumps(list(only))})
    history: dict[int, list[tuple[float, float]]] = {}
    for person, days_ago, minutes in rows:
        history.setdefault(person, []).append((days_ago, minutes))
    return {person: rates(past) for person, past in history.items()}


def _absences(conn: sqlite3.Connection) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = {}
    for person, since, until in conn.execute("SELECT person, since_ms, until_ms FROM absence"):
        found.setdefault(person, []).append((since, until))
    return found


def _overlaps(spans: Iterable[Span], since: int, until: int) -> bool:
    return any(start < until and since < end for start, end in spans)


def _late_answers(conn: sqlite3.Connection, as_of_ms: int, away: dict[int, list[Span]]) -> dict[int, list[int]]:
    """By person: when they answered late by their own measure, days away of either side left out."""
    recent = as_of_ms - round(SIGNAL_DAYS * DAY_MS)
    about = {"since": as_of_ms - round(2 * WINDOW_DAYS * DAY_MS), "recent": recent, "as_of": as_of_ms}
    about |= {"needed": REPLIES_NEEDED, "floor": LATE_FLOOR_MS}
    late: dict[int, list[int]] = {}
    for person, instants, replies in conn.execute(_ANSWERS, about):
        given = [*zip(map(int, instants.split(",")), map(int, replies.split(",")), strict=True)]
        limit = max(LATE_FLOOR_MS, LATE_TIMES * median([reply for _, reply in given]))
        for at_ms, reply in given:
            if at_ms <= recent or reply <= limit:
                continue
            spans = [*away.get(0, ()), *away.get(person, ())]
            if not _overlaps(spans, at_ms - reply, at_ms):
                late.setdefault(person, []).append(at_ms)
    return late


def _signals(conn: sqlite3.Connection, as_of_ms: int) -> dict[int, list[int]]:
    """By person: instants of negative signals: late answers, and meetings of two that did not take place."""
    away = _absences(conn)
    found = _late_answers(conn, as_of_ms, away)
    since = as_of_ms - round(SIGNAL_DAYS * DAY_MS)
    about = {"since": since, "as_of": as_of_ms, "day": earliest_day(since)}
    for person, at_ms in conn.execute(_MISSED, about):
        if not _overlaps([*away.get(0, ()), *away.get(person, ())], at_ms, at_ms + 1):
            found.setdefault(person, []).append(at_ms)
    return found


def _quieter(conn: sqlite3.Connection, as_of_ms: int, fine: dict[int, Accepted]) -> set[int]:
    """Whose last four episodes hold signals in at least two; signals from before an acceptance are forgiven.

    An episode here is one that they took part in: the mail of mine that they answered late is no better one beside it.
    """
    found = set()
    since = as_of_ms - round(WINDOW_DAYS * DAY_MS)
    for person, signals in _signals(conn, as_of_ms).items():
        after = fine[person].at_ms if person in fine else since
        bad = [at_ms for at_ms in signals if at_ms > after]
        if len(bad) < 2:  # noqa: PLR2004  two episodes need two signals
            continue
        contacts = conn.execute(
            "SELECT at_ms FROM touch WHERE person = ? AND qualifying AND kind <> 'out' AND at_ms > ? AND at_ms <= ?",
            (person, since, as_of_ms),
        )
        occasions = episodes(at_ms / DAY_MS for at_ms in [*bad, *(row[0] for row in contacts)])
        marks = [
            next(((as_of_ms - at) / DAY_MS for at in bad if first <= at / DAY_MS <= last), None)
            for first, last in occasions
        ]
        if is_quieter(marks):
            found.add(person)
    return found


def _row(person: Person, state: str, now: Rates, why: str, level: float) -> dict[str, Any]:
    return {
        "person": person.shown(),
        "state": state,
        "why": why,
        "rate_30": round(now.rate_30, 2),
        "rate_180": round(now.rate_180, 2),
        "ratio": round(now.ratio, 3),
        "level": level,
        "fine": person.fine("fading"),
    }


def _why(silence: Silence, now: Rates) -> str:
    since = f"{days(silence.now.elapsed)} since the last contact where {days(silence.tau)} is usual"
    return f"{now.rate_30:.1f} minutes a day lately, {now.rate_180:.1f} over half a year; {since}"


def fading(conn: sqlite3.Connection, rules: Rules, as_of_ms: int) -> list[dict[str, Any]]:
    """With whom less than half of the usual time is left (`fading`), by how much is lost; then who is `quieter`.

    `quieter`: late answers or missed meetings of two in at least two of the last four episodes, never one bad week.
    `level` is what an acceptance must store: of who is `quieter` what was accepted before, since no time is judged.
    """
    fine = accepted(conn, "fading", as_of_ms)
    wants = read_wants(conn, rules)
    quieter = _quieter(conn, as_of_ms, fine)
    measured = _rates(conn, as_of_ms, maybe_silent(conn, as_of_ms, wants.known) | quieter)
    falling = {
        person for person, now in measured.items() if is_less(now, fine[person].level if person in fine else 1.0)
    }
    silent = silences(conn, wants, as_of_ms, falling, long=True)
    dwindling = {one.person: one for one in silent if is_fading(measured[one.person], one.plain)}
    quieter -= dwindling.keys()
    people = read_people(conn, {*dwindling, *quieter})
    nothing = Rates(0.0, 0.0, 1.0)
    rows = [
        _row(one, "fading", measured[one.id], _why(dwindling[one.id], measured[one.id]), measured[one.id].ratio)
        if one.id in dwindling
        else _row(one, "quieter", measured.get(one.id, nothing), QUIETER, fine[one.id].level if one.id in fine else 1.0)
        for one in people.values()
    ]
    since = as_of_ms - round(WINDOW_DAYS * DAY_MS)
    for one, row in zip(people.values(), rows, strict=True):
        row["evidence"] = latest_positions(conn, one.id, since, as_of_ms)
    return sorted(rows, key=lambda row: (row["state"], row["rate_30"] - row["rate_180"], row["person"]["id"]))
