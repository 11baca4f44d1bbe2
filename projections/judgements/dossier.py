"""What there is to know about one person before one meets them (L5): each item with the log positions behind it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from projections.attribution import MEANINGFUL
from projections.intervals import DAY_MS, earliest_day
from projections.judgements.exchanges import FEW
from projections.topics import name_words, standing_out

SHARED = 5  # people that are named
NEWEST = 500  # meetings, and circles of mail, in which they are looked for
TOPICS = 3  # words of a period
PERIODS = 4  # the last ones that are told
TEXTS = 2_000  # of the person, the newest; of everybody, spread over the years
SAMPLE_DAYS, SAMPLE_A_DAY = 100, 6
YEARLY_DAYS = 730  # below, topics are told by quarter
RATIO_NEEDED = 5  # a share is told from so many cases on
CITED = 4

_EVENTS = f"""
SELECT b.person, count(DISTINCT o.id), max(o.position) FROM (SELECT item FROM touch
    WHERE person = :person AND kind = 'meeting' AND at_ms <= :as_of AND n BETWEEN 2 AND {MEANINGFUL}
    ORDER BY at_ms DESC LIMIT {NEWEST}) t JOIN occurrence o ON o.id = t.item
JOIN attendance u ON u.occurrence = o.id AND u.takes_part JOIN address b ON b.id = u.address_id
WHERE b.person > 0 AND b.person <> :person GROUP BY b.person"""
# A circle is named after its first mail; the mails of one circle are one acquaintance.
_CIRCLES = f"""
WITH shared AS MATERIALIZED (SELECT DISTINCT b.circle, m.sender, m.position FROM address a
    JOIN member b ON b.address_id = a.id JOIN message m ON m.id = b.circle
    WHERE a.person = :person AND m.at_ms <= :as_of AND m.recipients BETWEEN 1 AND {MEANINGFUL} AND m.kind = ''
    ORDER BY m.at_ms DESC LIMIT {NEWEST}),
sent AS MATERIALIZED (SELECT m.circle, m.sender, min(m.position) AS position FROM (SELECT item FROM touch
        WHERE person = :person AND kind = 'in' AND at_ms <= :as_of ORDER BY at_ms DESC LIMIT {NEWEST}) t
    JOIN message m ON m.id = t.item AND m.recipients BETWEEN 1 AND {MEANINGFUL} AND m.kind = '' GROUP BY m.circle),
beside AS (SELECT one.value AS address, s.circle, s.position
    FROM (SELECT * FROM shared UNION SELECT * FROM sent) s
    CROSS JOIN circle c ON c.id = s.circle, json_each(c.others) side, json_each(side.value) one
    UNION SELECT sender, circle, position FROM shared)
SELECT a.person, count(DISTINCT b.circle), max(b.position) FROM beside b CROSS JOIN address a ON a.id = b.address
WHERE a.person > 0 AND a.person <> :person GROUP BY a.person"""
_TEXTS = f"""
SELECT t.at_ms, t.position, coalesce(o.title, m.subject, '') FROM touch t
LEFT JOIN occurrence o ON t.kind = 'meeting' AND o.id = t.item AND o.private = 0
LEFT JOIN message m ON t.kind IN ('in', 'out') AND m.id = t.item
WHERE t.person = :person AND t.at_ms <= :as_of AND t.n <= {MEANINGFUL} AND t.kind <> 'note'
ORDER BY t.at_ms DESC, t.position DESC LIMIT {TEXTS}"""
_ANYBODY = f"""
SELECT m.subject FROM json_each(:days) d JOIN message m ON m.id IN (SELECT id FROM message
    WHERE day = d.value AND at_ms <= :as_of AND kind = '' ORDER BY at_ms, id LIMIT {SAMPLE_A_DAY})
UNION ALL
SELECT title FROM occurrence WHERE day IN (SELECT value FROM json_each(:days)) AND private = 0 AND start_ms <= :as_of"""
_OWNER = """
SELECT l.name, a.address FROM address a LEFT JOIN alias l ON l.address_id = a.id WHERE a.mine = 1 OR a.person = ?"""
_GIVEN = f"""
SELECT kind, at_ms, coalesce(answered_ms <= :as_of, 0), position FROM touch
WHERE person = :person AND at_ms <= :as_of AND expects AND kind IN ('in', 'out') AND n <= {FEW} ORDER BY at_ms"""


class SharedPerson(NamedTuple):
    """Somebody who stands beside a person: in so many meetings and circles of mail; `position`: the latest."""

    person: int
    meetings: int
    circles: int
    position: int


def shared_people(conn: sqlite3.Connection, person: int, as_of_ms: int) -> list[SharedPerson]:
    """Who most often stands beside them in meetings and mails of at most 18 others, people only."""
    about = {"person": person, "as_of": as_of_ms}
    found: dict[int, SharedPerson] = {}
    for other, n, position in conn.execute(_EVENTS, about):
        found[other] = SharedPerson(other, n, 0, position)
    for other, n, position in conn.execute(_CIRCLES, about):
        before = found.get(other, SharedPerson(other, 0, 0, 0))
        found[other] = before._replace(circles=n, position=max(before.position, position))
    rows = conn.execute(
        "SELECT id FROM person WHERE kind = 'person' AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(found)),),
    )
    people = [found[one] for (one,) in rows]
    return sorted(people, key=lambda one: (-(one.meetings + one.circles), one.person))[:SHARED]


def topics(
    conn: sqlite3.Connection, person: int, as_of_ms: int, zone: ZoneInfo, others: Iterable[str] = ()
) -> list[dict[str, Any]]:
    """Of each of the last periods, the newest first: words of subjects and titles that stand out.

    A period is a year, or a quarter where all is younger than two years. `others`: names that are no topics either.
    """
    texts = conn.execute(_TEXTS, {"person": person, "as_of": as_of_ms}).fetchall()
    if not texts:
        return []
    yearly = as_of_ms - texts[-1][0] > YEARLY_DAYS * DAY_MS
    periods: dict[str, list[tuple[int, str]]] = {}
    for at_ms, position, text in texts:
        periods.setdefault(_period(at_ms, zone, yearly=yearly), []).append((position, text))
    names = conn.execute(_OWNER, (person,)).fetchall()
    unwanted = name_words([*(name or "" for name, _ in names), *others], [address for _, address in names])
    anybody = _anybody(conn, as_of_ms)
    found = []
    for period, some in list(periods.items())[:PERIODS]:
        spoken = standing_out([text for _, text in some], anybody, unwanted, TOPICS)
        if spoken:
            cited = {some[place][0] for topic in spoken for place in topic.places}
            words = [topic.text for topic in spoken]
            found.append({"period": period, "words": words, "evidence": sorted(cited)[-CITED:]})
    return found


def _period(at_ms: int, zone: ZoneInfo, *, yearly: bool) -> str:
    day = datetime.fromtimestamp(at_ms / 1000, zone)
    return f"{day.year}" if yearly else f"{day.year}-Q{(day.month + 2) // 3}"


def _anybody(conn: sqlite3.Connection, as_of_ms: int) -> list[str]:
    """Subjects and titles of some days, spread evenly: what one speaks of with anybody."""
    first = conn.execute("SELECT min(day) FROM message WHERE day > 0").fetchone()[0]
    last = earliest_day(as_of_ms) + 1
    first = last - 1 if first is None or first > last else first
    step = max(1, (last - first) // SAMPLE_DAYS)
    about = {"days": json.dumps(list(range(first, last + 1, step))), "as_of": as_of_ms}
    return [text for (text,) in conn.execute(_ANYBODY, about)]


def given_and_taken(conn: sqlite3.Connection, person: int, as_of_ms: int, zone: ZoneInfo) -> list[dict[str, Any]]:
    """By year, the newest first: what each asked the other in mail and how much was answered; counts, with dates.

    `i_answered_share` and `they_answered_share` are null below five cases.
    """
    years: dict[int, dict[str, list[tuple[int, int, bool]]]] = {}
    for kind, at_ms, answered, position in conn.execute(_GIVEN, {"person": person, "as_of": as_of_ms}):
        year = datetime.fromtimestamp(at_ms / 1000, zone).year
        years.setdefault(year, {"in": [], "out": []})[kind].append((at_ms, position, bool(answered)))
    return [
        {"year": year, **_side("they_asked", "i_answered", of["in"], zone),
         **_side("i_asked", "they_answered", of["out"], zone),
         "evidence": sorted(position for _, position, _ in (*of["in"], *of["out"]))[-2 * CITED:]}
        for year, of in sorted(years.items(), reverse=True)
    ]  # fmt: skip


def _side(asked: str, answered: str, some: list[tuple[int, int, bool]], zone: ZoneInfo) -> dict[str, Any]:
    done = sum(was for *_, was in some)
    return {
        asked: len(some), answered: done,
        f"{answered}_share": round(done / len(some), 3) if len(some) >= RATIO_NEEDED else None,
        f"{asked}_last": datetime.fromtimestamp(some[-1][0] / 1000, zone).date().isoformat() if some else None,
    }  # fmt: skip
