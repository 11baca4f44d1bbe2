"""Who can help with something, from the owner's own history (F12): BM25 x how lately x how likely an answer is.

A person is a document of what they wrote about, were asked about and met about, were noted, labelled and said to offer.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain
from math import exp2, log
from typing import Any, NamedTuple

from projections.attribution import MEANINGFUL
from projections.care import smoothed
from projections.counting import DRAFT, SPAM, TRASH
from projections.fulltext import Hits
from projections.intervals import DAY_MS
from projections.judgements.exchanges import FEW, Recent, read_recent, written_to_or_met
from projections.judgements.persons import EVIDENCE, days, latest_positions, read_people
from projections.relevance import Document, bm25, found
from projections.rules import Rules

HALF_LIFE_DAYS = 180.0
ASKS, ASKS_DAYS = 2, 30.0  # so many asks in so many days rest a helper
RESTING = "resting"
CONSIDERED, SHOWN = 400, 50  # by relevance alone; and with how lately and how willingly
MAILS_READ = 3_000  # of one word, the newest: who knows shows long before
# (ours) What one text says of a person's knowledge, divided by the number of others it is shared with.
WROTE, ASKED, MET, SAID = 1.0, 0.5, 1.0, 2.0

_MAILS = f"""
SELECT m.id, m.thread, m.at_ms, m.direction, m.recipients, coalesce(a.person, 0), m.circle, m.position
FROM message m LEFT JOIN address a ON a.id = m.sender
WHERE m.id IN (SELECT value FROM json_each(:ids)) AND m.at_ms <= :as_of AND m.kind = '' AND m.boxes <> {DRAFT}
AND (m.direction = 'out' OR m.boxes & ~{SPAM | TRASH}) ORDER BY m.at_ms DESC, m.id LIMIT {MAILS_READ}"""
_TO = """
SELECT c.id, a.person FROM circle c, json_each(c.others, '$[0]') one CROSS JOIN address a ON a.id = one.value
WHERE a.person > 0 AND c.id IN (SELECT value FROM json_each(?))"""
# CROSS JOIN: from the few meetings with that title to their people, not from everybody to all their meetings.
_MEETINGS = f"""
SELECT o.id, o.start_ms, o.n, a.person, o.position FROM occurrence o
CROSS JOIN attendance t ON t.occurrence = o.id AND t.takes_part
CROSS JOIN address a ON a.id = t.address_id AND a.person > 0
WHERE o.title IN (SELECT value FROM json_each(:texts)) AND o.private = 0 AND o.counted AND o.start_ms <= :as_of
AND o.n BETWEEN 1 AND {MEANINGFUL}"""
_NOTES = """
SELECT id, at_ms, person FROM note
WHERE person > 0 AND at_ms <= :as_of AND text IN (SELECT value FROM json_each(:texts))"""
_LABELLED = """
SELECT id FROM person WHERE labels <> '[]'
AND EXISTS (SELECT 1 FROM json_each(labels) WHERE value IN (SELECT value FROM json_each(:texts)))"""
_ASKED = f"""
SELECT t.person, count(*), group_concat(t.position) FROM touch t JOIN message m ON m.id = t.item
WHERE t.person IN (SELECT value FROM json_each(:only)) AND t.at_ms > :since AND t.at_ms <= :as_of
AND t.kind = 'out' AND t.opened = 'mine' AND t.n <= {FEW} AND m.asks GROUP BY t.person"""
_TEXTS = """
SELECT person, count(*), max(at_ms) FROM touch
WHERE person IN (SELECT value FROM json_each(:only)) AND at_ms <= :as_of GROUP BY person"""


class Mention(NamedTuple):
    """One text in which a person stands beside a word. `thread`: what the text is one of; `at_ms` 0: undated."""

    person: int
    kind: str  # in, out, meeting, note, said
    thread: int
    at_ms: int
    weight: float
    position: int


class Knowledge(NamedTuple):
    """What somebody has to do with a topic. `score`: BM25 alone; `last_ms`: of the last text, 0 for undated ones.

    `whole`: the positions of texts that hold every word of the topic.
    """

    score: float
    last_ms: int
    mentions: list[Mention]
    whole: set[int]


def mentions(conn: sqlite3.Connection, hits: Hits, as_of_ms: int) -> list[Mention]:
    """Everybody beside the texts that hold one word, until `as_of_ms`."""
    about = {"as_of": as_of_ms, "ids": json.dumps(hits.mails), "texts": json.dumps(hits.phrases)}
    mails = conn.execute(_MAILS, about).fetchall()
    to: dict[int, set[int]] = {}
    sent = sorted({circle for *_, direction, _, _, circle, _ in mails if direction == "out"})
    for circle, person in conn.execute(_TO, (json.dumps(sent),)):
        to.setdefault(circle, set()).add(person)
    said = [
        Mention(person, direction, thread, at_ms, weight / max(n, 1), position)
        for _, thread, at_ms, direction, n, sender, circle, position in mails
        for person, weight in _beside(direction, sender, to.get(circle, set()))
        if n <= MEANINGFUL
    ]
    for item, at_ms, n, person, position in conn.execute(_MEETINGS, about):
        said.append(Mention(person, "meeting", item, at_ms, MET / n, position))
    for position, at_ms, person in conn.execute(_NOTES, about):
        said.append(Mention(person, "note", position, at_ms, SAID, position))
    said += [Mention(person, "said", 0, 0, SAID, 0) for (person,) in conn.execute(_LABELLED, about)]
    return said


def _beside(direction: str, sender: int, to: set[int]) -> list[tuple[int, float]]:
    if direction == "out":
        return [(person, ASKED) for person in to]
    return [(sender, WROTE)] if sender > 0 else []


def _offered(conn: sqlite3.Connection, rules: Rules, term: str) -> list[Mention]:
    offering = [one.address for one in rules.budgets if any(_speaks_of(offer, term) for offer in one.offers)]
    sql = "SELECT DISTINCT person FROM address WHERE person > 0 AND address IN (SELECT value FROM json_each(?))"
    return [Mention(person, "said", 0, 0, SAID, 0) for (person,) in conn.execute(sql, (json.dumps(offering),))]


def _speaks_of(text: str, term: str) -> bool:
    return len(found(term.split(), text)) == len(term.split())


def knowledge(conn: sqlite3.Connection, rules: Rules, hits: Mapping[str, Hits], as_of_ms: int) -> dict[int, Knowledge]:
    """By person.id: whoever stands beside one of the terms, is a person, and was ever written to, met or described."""
    of: dict[int, dict[str, list[Mention]]] = {}
    for term, found_in in hits.items():
        for one in [*mentions(conn, found_in, as_of_ms), *_offered(conn, rules, term)]:
            of.setdefault(one.person, {}).setdefault(term, []).append(one)
    described = {
        person for person, by in of.items() if any(m.kind in {"note", "said"} for ms in by.values() for m in ms)
    }
    of = {person: of[person] for person in (written_to_or_met(conn, as_of_ms, of) | described) & of.keys()}
    texts, _ = _texts(conn, of, as_of_ms)
    count, total = conn.execute(
        "SELECT (SELECT count(*) FROM tally WHERE first_ms <= ?1), (SELECT count(*) FROM touch WHERE at_ms <= ?1)",
        (as_of_ms,),
    ).fetchone()
    documents = {
        person: Document({term: _spoken(some) for term, some in by.items()}, float(texts.get(person, 1)))
        for person, by in of.items()
    }
    scores = bm25(tuple(hits), documents, count=max(count, len(of)), mean_texts=max(1.0, total / max(count, 1)))
    return {person: _known(scores[person], by, len(hits)) for person, by in of.items()}


def _spoken(some: Iterable[Mention]) -> float:
    """How much is said: a long thread is one conversation, not many."""
    threads: dict[tuple[bool, int], float] = {}
    for one in some:
        key = (one.kind in {"in", "out"}, one.thread)
        threads[key] = threads.get(key, 0.0) + one.weight
    return sum(weight if weight <= 1 else 1 + log(weight) for weight in threads.values())


def _known(score: float, by: Mapping[str, list[Mention]], terms: int) -> Knowledge:
    told = sorted(set(chain.from_iterable(by.values())), key=lambda one: (one.at_ms, one.position, one.kind))
    holding = [{one.position for one in some} for some in by.values()]
    whole = set.intersection(*holding) if len(by) == terms else set()
    return Knowledge(score, max(one.at_ms for one in told), told, whole)


def _texts(conn: sqlite3.Connection, only: Iterable[int], as_of_ms: int) -> tuple[dict[int, int], dict[int, int]]:
    """By person: how many interactions, and when the last was."""
    rows = conn.execute(_TEXTS, {"only": json.dumps(list(only)), "as_of": as_of_ms}).fetchall()
    return {person: n for person, n, _ in rows}, {person: last for person, _, last in rows}


def asked_lately(conn: sqlite3.Connection, only: Iterable[int], as_of_ms: int) -> dict[int, list[int]]:
    """By person: the positions of what the owner opened with a question to them in the last thirty days."""
    since = as_of_ms - round(ASKS_DAYS * DAY_MS)
    rows = conn.execute(_ASKED, {"only": json.dumps(list(only)), "since": since, "as_of": as_of_ms})
    return {person: sorted(map(int, positions.split(","))) for person, _, positions in rows}


def who(conn: sqlite3.Connection, rules: Rules, hits: Mapping[str, Hits], as_of_ms: int) -> list[dict[str, Any]]:
    """The entries of `amity who`, best first; those who were asked twice in thirty days come last, as resting."""
    known = knowledge(conn, rules, hits, as_of_ms)
    best = sorted(known, key=lambda person: (-known[person].score, person))[:CONSIDERED]
    people = read_people(conn, best)
    recent = read_recent(conn, as_of_ms, people)
    _, last = _texts(conn, people, as_of_ms)
    asked = asked_lately(conn, people, as_of_ms)
    rows: list[dict[str, Any]] = []
    for person, one in people.items():
        of = known[person]
        lately = recent.get(person, Recent(0, 0))
        since_ms = of.last_ms or last.get(person, 0)
        ago = max(0.0, (as_of_ms - since_ms) / DAY_MS) if since_ms else None
        willing = smoothed(lately.answered, lately.asked)
        rests = len(asked.get(person, ())) >= ASKS
        evidence = sorted({mention.position for mention in of.mentions if mention.position})[-EVIDENCE:]
        rows.append({
            "person": one.shown(),
            "score": round(of.score * (exp2(-ago / HALF_LIFE_DAYS) if ago is not None else 0.0) * willing, 4),
            "state": RESTING if rests else "free",
            "why": _why(of, ago, lately, asked.get(person, []) if rests else []),
            "evidence": evidence or latest_positions(conn, person, 0, as_of_ms),
            "relevance": round(of.score, 4),
            "last_days": None if ago is None else round(ago, 1),
            "willingness": round(willing, 3),
        })  # fmt: skip
    rows.sort(key=lambda row: (row["state"] == RESTING, -row["score"], row["person"]["id"]))
    return rows[:SHOWN]


def _why(of: Knowledge, ago: float | None, lately: Recent, asks: list[int]) -> str:
    told_in = {(one.kind, one.position, one.at_ms) for one in of.mentions}
    kinds = Counter(kind for kind, _, _ in told_in)
    parts = [
        f"{n} {one if n == 1 else one + 's'}{rest}"
        for n, one, rest in (
            (kinds["in"], "mail", " from them"),
            (kinds["out"], "mail", " to them"),
            (kinds["meeting"], "meeting", ""),
            (kinds["note"], "note", ""),
        )
        if n
    ]
    parts += ["you wrote it down of them"] if any(m.kind == "said" for m in of.mentions) else []
    told = [f"{', '.join(parts)} about it" if of.last_ms else ", ".join(parts)]
    told += [f"the last {days(ago)} ago" if of.last_ms else f"last in touch {days(ago)} ago"] if ago is not None else []
    told += [f"answered {lately.answered} of {lately.asked} of your mails"] if lately.asked else []
    told += [f"asked {len(asks)} times in 30 days: let them rest"] if asks else []
    return "; ".join(told)
