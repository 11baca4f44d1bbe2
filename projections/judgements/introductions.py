"""Introductions that are worth making, and how those that were begun stand (F12; lessons, L2 and L5)."""

from __future__ import annotations

import json
import shlex
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from projections.cadence import LAYERS
from projections.decay import warmth
from projections.fulltext import Hits
from projections.intervals import DAY_MS
from projections.introductions import INFERRED, Match, complement, intro_score, jaccard, key_words, matching
from projections.judgements.acquainted import Acquainted, Contact, Pair, circle_of, pair, read_acquainted
from projections.judgements.helpers import Knowledge, knowledge
from projections.judgements.persons import Person, latest_positions, read_people
from projections.judgements.silence import silences
from projections.judgements.wants import persons_of, read_wants
from projections.rules import Rules

MARKED = "introduction.marked.v1"
TAU_DAYS = LAYERS[2][1]  # (ours) of who has no rhythm yet: the circle of fifty
RECENT_DAYS = 365.0  # of what subjects say
THREADS_NEEDED = 2  # that say it, where only one side is written down
ASK_AFTER_DAYS = 14  # (ours) from then on the owner is asked whether they met
NEW, SUGGESTED, OPTED_IN, SENT, MET, DECLINED = "new", "suggested", "opted-in", "sent", "met", "declined"
CITED = 4  # positions of each person

Find = Callable[[str], Mapping[str, Hits]]  # the terms of a topic, and where they stand


class Course(NamedTuple):
    """How far one introduction has come. `opted`: who of the two agreed."""

    state: str
    at_ms: int
    opted: frozenset[int]
    positions: tuple[int, ...]


class _Wish(NamedTuple):
    needy: int
    giving: int
    match: Match
    evidence: tuple[int, ...]  # of what was read from subjects; empty where both sides are written down


class _About(NamedTuple):
    """The people of all introductions, how warm each tie is, and who knows whom."""

    people: dict[int, Person]
    warmth: dict[int, float]
    known: Acquainted


def courses(conn: sqlite3.Connection, as_of_ms: int) -> dict[Pair, Course]:
    """By pair: what the owner has said of their introduction until then, in order of the days it was said for."""
    rows = conn.execute(
        "SELECT position, at_ms, payload FROM decision WHERE type = ? AND at_ms <= ? AND undone_by = 0 "
        "ORDER BY at_ms, position",
        (MARKED, as_of_ms),
    ).fetchall()
    said = [(position, at_ms, json.loads(payload)) for position, at_ms, payload in rows]
    keys = ("first", "second", "by")
    person_of = persons_of(conn, {address for _, _, one in said for key in keys for address in one.get(key, ())})

    def people(one: dict[str, Any], key: str) -> set[int]:
        return {person_of[address.lower()] for address in one.get(key, ()) if address.lower() in person_of}

    found: dict[Pair, Course] = {}
    for position, at_ms, one in said:
        first, second = people(one, "first"), people(one, "second")
        if not first or not second or min(first) == min(second):
            continue
        two = pair(min(first), min(second))
        before = found.get(two, Course(NEW, at_ms, frozenset(), ()))
        found[two] = _after(before, one["word"], at_ms, people(one, "by") & set(two) or set(two), position)
    return found


def _after(before: Course, word: str, at_ms: int, by: set[int], position: int) -> Course:
    opted = before.opted | by if word == OPTED_IN else before.opted
    state = SUGGESTED if word == OPTED_IN and len(opted) < 2 else word  # noqa: PLR2004  both of them
    return Course(state, at_ms, frozenset(opted), (*before.positions, position))


class _Side(NamedTuple):
    needs: tuple[str, ...]
    offers: tuple[str, ...]


def _sides(conn: sqlite3.Connection, rules: Rules) -> dict[int, _Side]:
    person_of = persons_of(conn, [budget.address for budget in rules.budgets])
    found: dict[int, _Side] = {}
    for budget in rules.budgets:
        if (person := person_of.get(budget.address.lower())) and (budget.needs or budget.offers):
            before = found.get(person, _Side((), ()))
            found[person] = _Side((*before.needs, *budget.needs), (*before.offers, *budget.offers))
    return found


def topic_of(conn: sqlite3.Connection, rules: Rules, first: int, second: int) -> tuple[int, int, str]:
    """(who looks for something, who offers it, what): as it is written down of these two; "" where it is not."""
    sides = _sides(conn, rules)
    nothing = _Side((), ())
    best = (0.0, first, second, "")
    for needy, giving in ((first, second), (second, first)):
        needs, offers = sides.get(needy, nothing).needs, sides.get(giving, nothing).offers
        match = complement(needs, offers)
        if match.complement > best[0]:
            best = (match.complement, needy, giving, match.need)
    if not best[3]:  # one side alone is written down
        for needy, giving in ((first, second), (second, first)):
            told = [*sides.get(needy, nothing).needs[:1], *sides.get(giving, nothing).offers[:1]]
            if told:
                return needy, giving, told[0]
    return best[1:]


def wishes(conn: sqlite3.Connection, rules: Rules, find: Find, as_of_ms: int) -> list[_Wish]:
    """Who looks for what somebody offers: as it is written down; what nobody wrote an answer to, from subjects."""
    sides = _sides(conn, rules)
    found = [
        _Wish(needy, giving, match, ())
        for needy, one in sides.items()
        for giving, other in sides.items()
        if needy != giving and (match := complement(one.needs, other.offers)).complement > 0
    ]
    since_ms = as_of_ms - round(RECENT_DAYS * DAY_MS)
    for person, side in sides.items():
        for need in side.needs:
            if not any(matching(need, offer) for one in sides.values() for offer in one.offers):
                found += _read(conn, rules, find, (person, need, since_ms, as_of_ms), asks=False)
        for offer in side.offers:
            if not any(matching(need, offer) for one in sides.values() for need in one.needs):
                found += _read(conn, rules, find, (person, offer, since_ms, as_of_ms), asks=True)
    return found


def _read(
    conn: sqlite3.Connection, rules: Rules, find: Find, what: tuple[int, str, int, int], *, asks: bool
) -> list[_Wish]:
    """The one person whose own mails say most of a topic: who knows of it, or, with `asks`, who asks about it."""
    person, topic, since_ms, as_of_ms = what
    hits = find(" ".join(key_words(topic)))
    if not hits:
        return []
    best: tuple[float, int, list[int]] | None = None
    for other, of in knowledge(conn, rules, hits, as_of_ms).items():
        said = _said(conn, of, since_ms, asks=asks)
        if other != person and said and (best is None or (of.score, -other) > (best[0], -best[1])):
            best = of.score, other, said
    if best is None:
        return []
    _, other, said = best
    needy, giving = (other, person) if asks else (person, other)
    return [_Wish(needy, giving, Match(INFERRED, topic, topic), tuple(said))]


def _said(conn: sqlite3.Connection, of: Knowledge, since_ms: int, *, asks: bool) -> list[int]:
    """The positions of their own mails on at least two threads that hold every word of the topic; else nothing."""
    own = {one.position: one.thread for one in of.mentions if one.kind == "in" and one.at_ms > since_ms}
    said = own.keys() & of.whole
    if asks:
        sql = "SELECT position FROM message WHERE asks AND position IN (SELECT value FROM json_each(?))"
        said = {row for (row,) in conn.execute(sql, (json.dumps(sorted(said)),))}
    return sorted(said) if len({own[position] for position in said}) >= THREADS_NEEDED else []


def _warmth(conn: sqlite3.Connection, rules: Rules, only: Iterable[int], as_of_ms: int) -> dict[int, float]:
    """Of those who are in touch: how warm the tie is; whom the owner has left waiting is left out."""
    asked = sorted(only)
    rows = conn.execute(
        "SELECT person, max(at_ms) FROM touch WHERE qualifying = 1 AND at_ms <= ? "
        "AND person IN (SELECT value FROM json_each(?)) GROUP BY person",
        (as_of_ms, json.dumps(asked)),
    )
    found = {person: warmth((as_of_ms - at_ms) / DAY_MS, TAU_DAYS) for person, at_ms in rows}
    for one in silences(conn, read_wants(conn, rules), as_of_ms, asked):
        if one.person in found:
            found[one.person] = warmth(max(0.0, one.now.elapsed), one.tau)
            if one.is_long:
                del found[one.person]
    return found


def introductions(
    conn: sqlite3.Connection, rules: Rules, find: Find, as_of_ms: int, *, everything: bool = False
) -> list[dict[str, Any]]:
    """The entries of `amity intros`, best first: `a` looks for what `b` offers, and they have never met.

    Those that were sent, came about or were declined are told with `everything` alone, after the others.
    """
    begun = courses(conn, as_of_ms)
    best: dict[Pair, _Wish] = {}
    for wish in wishes(conn, rules, find, as_of_ms):
        two = pair(wish.needy, wish.giving)
        if two not in best or wish.match.complement > best[two].match.complement:
            best[two] = wish
    involved = {person for two in [*best, *begun] for person in two}
    people = read_people(conn, involved)
    known = read_acquainted(conn, involved, as_of_ms)
    warm = _warmth(conn, rules, involved, as_of_ms)
    rows = []
    for two, wish in best.items():
        course = begun.get(two)
        closed = course is not None and course.state in {SENT, MET, DECLINED}
        if closed or two in known.together or not (people.keys() & warm.keys()).issuperset(two):
            continue
        rows.append(_row(conn, wish, _About(people, warm, known), course, as_of_ms))
    rows.sort(key=lambda row: (-row["score"], row["a"]["id"], row["b"]["id"]))
    if everything:
        rows += [
            _tracked(people, two, course, known.together.get(two, []), as_of_ms)
            for two, course in sorted(begun.items(), key=lambda item: -item[1].at_ms)
            if people.keys() >= set(two) and not any(set(two) == {row["a_id"], row["b_id"]} for row in rows)
        ]
    return [{key: value for key, value in row.items() if key not in {"a_id", "b_id"}} for row in rows]


def _row(conn: sqlite3.Connection, wish: _Wish, about: _About, course: Course | None, as_of_ms: int) -> dict[str, Any]:
    people, warm, known = about
    a, b = wish.needy, wish.giving
    overlap = jaccard(circle_of(conn, known, a, as_of_ms), circle_of(conn, known, b, as_of_ms))
    recent = [*latest_positions(conn, a, 0, as_of_ms)[-CITED:], *latest_positions(conn, b, 0, as_of_ms)[-CITED:]]
    return {
        "a": people[a].shown(), "b": people[b].shown(), "a_id": a, "b_id": b,
        "score": round(intro_score(wish.match.complement, warm[a], warm[b], overlap), 4),
        "state": course.state if course else NEW,
        "why": _why(wish, people),
        "evidence": sorted({*recent, *wish.evidence, *(course.positions if course else ())}),
        "topic": wish.match.need,
        "complement": round(wish.match.complement, 3), "warmth": [round(warm[a], 3), round(warm[b], 3)],
        "overlap": round(overlap, 3),
        "next": _next(people[a], people[b], course),
    }  # fmt: skip


def _why(wish: _Wish, people: dict[int, Person]) -> str:
    a, b = people[wish.needy].name, people[wish.giving].name
    if not wish.evidence:
        return (
            f"{a} looks for {wish.match.need}, {b} offers {wish.match.offer}; they have never shared a thread or event"
        )
    mails = f"{len(wish.evidence)} mails of theirs say"
    return f"{a} and {b}: {wish.match.need} is written down of one, {mails} so of the other; they have never met"


def _next(a: Person, b: Person, course: Course | None) -> str:
    """The command that takes the introduction one step further."""
    who = " ".join(shlex.quote(one.addresses[0]) for one in (a, b))
    if course is None or course.state != OPTED_IN:
        return f"amity intros mark {who} {OPTED_IN}"
    return f"amity intros draft {who}"


def _tracked(
    people: dict[int, Person], two: Pair, course: Course, together: list[Contact], as_of_ms: int
) -> dict[str, Any]:
    a, b = people[two[0]], people[two[1]]
    met = sorted(one for one in together if one.between and course.at_ms < one.at_ms <= as_of_ms)
    state = MET if course.state == SENT and met else course.state
    ago = round((as_of_ms - course.at_ms) / DAY_MS)
    who = " ".join(shlex.quote(one.addresses[0]) for one in (a, b))
    next_step = f"amity intros mark {who} {MET}" if state == SENT and ago >= ASK_AFTER_DAYS else ""
    why = f"{state} {ago} days ago" + ("; did they meet? Nothing here shows it" if next_step else "")
    if course.state == SENT and met:
        why = f"sent {ago} days ago; since then they wrote or met with you"
    return {
        "a": a.shown(), "b": b.shown(), "a_id": a.id, "b_id": b.id, "score": 0.0, "state": state, "why": why,
        "evidence": sorted({*course.positions, *(one.position for one in met[:CITED])}), "next": next_step,
    }  # fmt: skip
