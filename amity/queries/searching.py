"""`search`: what is kept, by its words; and the index that other questions about words ask too."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import Any

from amity import freshness, resolve
from amity.period import Period, day_start, iso
from amity.session import Session
from projections import fulltext
from projections.fulltext import Hits

INDEX = "search.db"
Rows = list[dict[str, Any]]

_BETWEEN = "{at} >= :since AND {at} < :until"
_MAILS = f"""
SELECT m.at_ms, m.position, CASE m.direction WHEN 'out' THEN 'sent' ELSE 'mail' END, m.subject,
    CASE m.direction WHEN 'out' THEN coalesce((
        SELECT a.person FROM circle c, json_each(c.others) side, json_each(side.value) one
        CROSS JOIN address a ON a.id = one.value
        WHERE c.id = m.circle AND a.person > 0 ORDER BY side.key, one.key LIMIT 1), 0)
    ELSE coalesce((SELECT person FROM address WHERE id = m.sender), 0) END, m.recipients, 1
FROM (SELECT * FROM message m WHERE m.id IN (SELECT value FROM json_each(:ids)) AND m.at_ms <= :as_of
    AND {_BETWEEN.format(at="m.at_ms")} {{only}} ORDER BY m.at_ms DESC, m.id DESC LIMIT :limit) m"""
_BY_MAIL = """
AND (m.sender IN (SELECT id FROM address WHERE person = :person) OR m.circle IN (
    SELECT circle FROM member WHERE address_id IN (SELECT id FROM address WHERE person = :person)))"""
# Of a series the last occurrence and the next one.
_MEETINGS = f"""
SELECT o.start_ms, o.position, o.kind, o.title,
    coalesce((SELECT a.person FROM attendance t JOIN address a ON a.id = t.address_id
        WHERE t.occurrence = o.id AND a.person > 0 ORDER BY t.takes_part DESC, a.address LIMIT 1), 0), o.n, o.times
FROM (SELECT *, count(*) OVER (PARTITION BY uid, title, kind) AS times, row_number() OVER (
        PARTITION BY uid, title, kind ORDER BY CASE kind WHEN 'plan' THEN start_ms ELSE -start_ms END) AS place
    FROM (SELECT id, uid, start_ms, position, title, n, CASE WHEN start_ms > :as_of THEN 'plan' ELSE 'meeting' END kind
        FROM occurrence o WHERE title IN (SELECT value FROM json_each(:texts)) AND private = 0
        AND reason <> 'cancelled' AND {_BETWEEN.format(at="start_ms")} {{only}})) o
WHERE o.place = 1 ORDER BY o.start_ms DESC, o.id DESC LIMIT :limit"""
_BY_MEETING = """
AND o.id IN (SELECT occurrence FROM attendance JOIN address ON address.id = attendance.address_id
    WHERE address.person = :person)"""
_NOTES = f"""
SELECT at_ms, id, 'note', text, person, 1, 1 FROM note
WHERE text IN (SELECT value FROM json_each(:texts)) AND at_ms <= :as_of AND {_BETWEEN.format(at="at_ms")} {{only}}
ORDER BY at_ms DESC, id DESC LIMIT :limit"""
_PEOPLE = f"""
SELECT t.at_ms, t.position, 'person', p.name, p.id, 0, 1 FROM (
    SELECT person AS id FROM address WHERE address IN (SELECT value FROM json_each(:texts)) AND person > 0
    UNION SELECT a.person FROM alias l JOIN address a ON a.id = l.address_id
        WHERE l.name IN (SELECT value FROM json_each(:texts)) AND a.person > 0
    UNION SELECT id FROM person WHERE name IN (SELECT value FROM json_each(:texts))
    UNION SELECT person.id FROM person, json_each(person.labels) l
        WHERE labels <> '[]' AND l.value IN (SELECT value FROM json_each(:texts))) found
JOIN person p ON p.id = found.id
JOIN touch t ON t.person = p.id AND t.at_ms = (
    SELECT max(at_ms) FROM touch WHERE person = p.id AND at_ms <= :as_of AND {_BETWEEN.format(at="at_ms")})
WHERE 1 {{only}} GROUP BY p.id ORDER BY t.at_ms DESC, p.id LIMIT :limit"""
_BY = {_MAILS: _BY_MAIL, _MEETINGS: _BY_MEETING, _NOTES: "AND person = :person", _PEOPLE: "AND p.id = :person"}


def open_index(session: Session) -> sqlite3.Connection:
    """The index over the words of this home, up to date with its views; to be closed by who asked for it."""
    views = session.home.views
    with closing(freshness.open_readonly(views) or sqlite3.connect(":memory:")) as current:
        seen = freshness.seen(current)
    return fulltext.open_index(views.with_name(INDEX), views, seen.log if seen else "")


def find(session: Session, topics: Iterable[str]) -> list[Mapping[str, Hits]]:
    """Of each topic: its words, and where each stands."""
    with closing(open_index(session)) as index:
        return [{term: fulltext.search(index, fulltext.about(term)) for term in fulltext.terms(one)} for one in topics]


def search(session: Session, text: str, *, who: str | None, period: Period, limit: int) -> Rows:
    """What holds all the words, newest first: mails by subject, meetings by title, notes, and people by name or label.

    People stand at their last interaction. Later meetings are plans;
    a series stands there at most twice, `times` counts it. Mail in drafts, spam and trash is found too.
    """
    asked = fulltext.query(text)
    if not asked:
        return []
    with closing(open_index(session)) as index:
        hits = fulltext.search(index, asked)
    about: dict[str, Any] = {
        "ids": json.dumps(hits.mails), "texts": json.dumps(hits.phrases), "as_of": session.as_of_ms, "limit": limit,
        "since": day_start(period.since, session.zone), "until": day_start(period.until, session.zone),
        "person": resolve.person(session.views, who).id if who else 0,
    }  # fmt: skip
    found = [
        row
        for sql, only in _BY.items()
        for row in session.views.execute(sql.format(only=only if who else ""), about).fetchall()
    ]
    found.sort(key=lambda row: (-row[0], -row[1], row[2], row[4]))
    return _shown(session, found[:limit])


def _shown(session: Session, found: list[tuple[Any, ...]]) -> Rows:
    people = resolve.everybody(session.views, sorted({row[4] for row in found if row[4] > 0}))
    return [
        {"position": position, "at": iso(at_ms, session.zone), "kind": kind, "title": title,
         "person": resolve.shape(people[person]) if person in people else None, "others": others,
         "times": times}
        for at_ms, position, kind, title, person, others, times in found
    ]  # fmt: skip
