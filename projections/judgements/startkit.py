"""A goal's start kit (L1): who of the people already known has to do with it, warm ones first."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from projections.cadence import layer_days
from projections.decay import warmth
from projections.fulltext import Hits
from projections.intervals import DAY_MS
from projections.judgements.helpers import Knowledge, knowledge
from projections.judgements.persons import EVIDENCE, days, latest_positions, read_people
from projections.judgements.silence import silences
from projections.judgements.wants import read_wants
from projections.rules import Rules

UNKNOWN_TAU = layer_days(50)  # of whom too little is known for a rhythm: the 50-layer (F6)
SHOWN = 20

_LAST = """
SELECT person, max(at_ms) FROM touch WHERE at_ms <= ? AND person IN (SELECT value FROM json_each(?)) GROUP BY person"""


def start_kit(
    conn: sqlite3.Connection, rules: Rules, hits: Mapping[str, Hits], as_of_ms: int, goal: str = ""
) -> list[dict[str, Any]]:
    """At most twenty, best first: relevance (BM25 over what one wrote and met about) x warmth (F9).

    `hits` are those of the goal's or topic's words; `goal` is "" for a topic that is none yet.
    Keys: person, score, relevance, warmth, last_days, key (already key to the goal), why, evidence.
    """
    known = knowledge(conn, rules, hits, as_of_ms)
    people = read_people(conn, known)
    wants = read_wants(conn, rules)
    tau = {one.person: one.tau for one in silences(conn, wants, as_of_ms, list(people))}
    last = dict(conn.execute(_LAST, (as_of_ms, json.dumps(list(people)))).fetchall())
    rows: list[dict[str, Any]] = []
    for person, one in people.items():
        of = known[person]
        elapsed = (as_of_ms - last[person]) / DAY_MS if person in last else None
        warm = 0.0 if elapsed is None else warmth(elapsed, tau.get(person, UNKNOWN_TAU))
        evidence = sorted({mention.position for mention in of.mentions if mention.position})[-EVIDENCE:]
        rows.append({
            "person": one.shown(),
            "score": round(of.score * warm, 4),
            "relevance": round(of.score, 4),
            "warmth": round(warm, 3),
            "last_days": None if elapsed is None else round(elapsed, 1),
            "key": bool(goal) and goal in wants.goals.get(person, ()),
            "why": _why(of, elapsed),
            "evidence": evidence or latest_positions(conn, person, 0, as_of_ms),
        })  # fmt: skip
    return sorted(rows, key=lambda row: (-row["score"], row["person"]["id"]))[:SHOWN]


def _why(of: Knowledge, elapsed: float | None) -> str:
    count = len({mention.position for mention in of.mentions if mention.position})
    about = f"{count} text{'' if count == 1 else 's'} about it" if count else "you wrote it down"
    return about if elapsed is None else f"{about}; last {days(elapsed)} ago"
