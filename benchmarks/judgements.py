"""How long neglected, over and fading take together on ten years of 10,000 people and 300,000 interactions.

Limit: 250 ms on an idle machine, when people are as uneven as they are (few have most of it). What merely fetching
(person, instant) of all interactions takes is printed beside it, since it tells how busy the machine is. The same
number spread evenly over all 10,000, who then all have a rhythm and a line of their own, is measured too.

    python -m benchmarks.judgements
"""

from __future__ import annotations

import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from projections.intervals import DAY_MS, EPOCH_DAY
from projections.judgements.carers import care, owe
from projections.judgements.chased import chasing
from projections.judgements.dwindling import fading
from projections.judgements.neglect import neglected
from projections.judgements.numbers import numbers
from projections.judgements.spending import over
from projections.rhythms import write_rhythms
from projections.rules import Budget, Goal, Rules, Tier
from projections.schema import INDICES, TABLES
from projections.standing import Standing
from projections.tallies import write_tallies

PEOPLE, TOUCHES, YEARS = 10_000, 300_000, 10
NOW = 1_789_000_000_000
LIMIT_MS = 250
RULES = Rules(
    goals=(Goal("launch", 1.0, people={f"p{n}@x.org": 0.1 for n in range(1, 11)}),),
    tiers=(Tier("close", 14, tuple(f"p{n}@x.org" for n in range(1, 100))),),
    budgets=(Budget("p3@x.org", max_minutes_week=60),),
)


def build(path: Path, pick: Callable[[random.Random], int]) -> None:
    rng = random.Random("judgements")  # noqa: S311  reproducible, not secret
    db = sqlite3.connect(path)
    db.executescript(TABLES)
    people = range(1, PEOPLE + 1)
    db.executemany(
        "INSERT INTO person(id, key, name, kind, promoted, first_ms, messages_in, messages_out, meetings) "
        "VALUES (?, ?, ?, 'person', 1, ?, 0, 0, 0)",
        [(n, f"p{n}", f"Person {n}", NOW - YEARS * 365 * DAY_MS) for n in people],
    )
    db.executemany("INSERT INTO address(id, address, person) VALUES (?, ?, ?)", [(n, f"p{n}@x.org", n) for n in people])
    touches, minutes = [], []
    for item in range(1, TOUCHES + 1):
        person, at_ms = pick(rng), NOW - rng.randrange(YEARS * 365 * DAY_MS)
        kind = rng.choice(("in", "out", "in", "out", "meeting"))
        touches.append((person, at_ms, item, kind, rng.randrange(1, 4), rng.random() < 0.7, item))
        day = at_ms // DAY_MS + EPOCH_DAY
        channel = "meeting" if kind == "meeting" else "mail"
        minutes.append((day, at_ms, at_ms, channel, item, person, rng.uniform(1, 30)))
    touches.sort()
    minutes.sort()
    db.executemany(
        "INSERT INTO touch(person, at_ms, item, kind, n, qualifying, opened, position, seconds, expects) "
        "VALUES (?, ?, ?, ?, ?, ?, '', ?, 60, 1)",
        touches,
    )
    db.executemany("INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, 'unassigned', ?, 0)", minutes)
    mails = [
        (item, NOW, "out" if kind == "out" else "in", position % 3 == 0)
        for _, _, item, kind, _, _, position in touches
        if kind != "meeting"
    ]
    columns = db.execute("SELECT name, type FROM pragma_table_info('message') WHERE \"notnull\" AND dflt_value IS NULL")
    empty = {name: "''" if kind == "TEXT" else "0" for name, kind in columns}
    empty |= {"id": "?1", "at_ms": "?2", "direction": "?3", "asks": "?4"}
    db.executemany(f"INSERT INTO message({', '.join(empty)}) VALUES ({', '.join(empty.values())})", mails)
    write_rhythms(db)
    write_tallies(db)
    db.executescript(f"{INDICES}{Standing.indices}; ANALYZE")
    db.commit()
    db.close()


def measure(path: Path) -> float:
    """Milliseconds of the three, opened afresh, the best of five; each one's time is printed."""
    best: dict[str, float] = {}
    rows: dict[str, int] = {}
    for _ in range(5):
        for name, ask in (("neglected", neglected), ("over", over), ("fading", fading)):
            db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            start = time.perf_counter()
            rows[name] = len(ask(db, RULES, NOW))
            best[name] = min(best.get(name, 1e9), 1000 * (time.perf_counter() - start))
            db.close()
    print("  " + ", ".join(f"{name} {best[name]:.0f} ms ({rows[name]} rows)" for name in best))
    return sum(best.values())


def fetch(path: Path) -> float:
    """Milliseconds to bring every interaction's person and instant into Python, the best of five."""
    best = 1e9
    for _ in range(5):
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        start = time.perf_counter()
        db.execute("SELECT person, at_ms FROM touch").fetchall()
        best = min(best, 1000 * (time.perf_counter() - start))
        db.close()
    return best


def others(path: Path) -> None:
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    for name, ask in (("care", care), ("owe", owe), ("chasing", chasing), ("numbers of everybody", numbers)):
        start = time.perf_counter()
        found = len(ask(db, RULES, NOW))
        print(f"  {name} {1000 * (time.perf_counter() - start):.0f} ms ({found})")
    db.close()


def main() -> int:
    def uneven(rng: random.Random) -> int:
        return int(PEOPLE ** rng.random())  # Zipf: the n-th in the list has a share of 1/n

    def evenly(rng: random.Random) -> int:
        return rng.randrange(1, PEOPLE + 1)

    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder) / "uneven.db", uneven)
        build(Path(folder) / "even.db", evenly)
        print(f"{PEOPLE} people, {TOUCHES} interactions, {YEARS} years, uneven:")
        took = measure(Path(folder) / "uneven.db")
        others(Path(folder) / "uneven.db")
        plain = fetch(Path(folder) / "uneven.db")
        print(f"together {took:.0f} ms, limit {LIMIT_MS} ms; {took / plain:.2f} of a plain fetch ({plain:.0f} ms)")
        print("the same, evenly:")
        print(f"together {measure(Path(folder) / 'even.db'):.0f} ms")
        others(Path(folder) / "even.db")
    return int(took > LIMIT_MS)


if __name__ == "__main__":
    sys.exit(main())
