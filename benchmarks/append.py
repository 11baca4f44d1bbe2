"""Durable append into a growing store: ours, SQLite's own limit, and the `eventsourcing` library, in one run.

    python -m benchmarks.append [--rounds 5] [--events 100000]

All write batches of 1,000 with synchronous=FULL, interleaved batch by batch, into stores that keep growing from round
to round; a round is long enough for every store to write its log back several times. All start from payloads and
encode them to the same JSON. The limit is `executemany` into a table without any index, in pages of SQLite's default
size (with our 16 KB pages it is a fifth faster still), also shown with its rows packed outside the clock. Ours adds
the hash chain, the duplicate look-up and two unique indexes. In the library each mail is an aggregate with a random
UUID, as its users have them.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate
from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from events.codec import encode
from events.envelope import NewEvent, revision_of, stream_of
from events.log import open_log
from events.vocabulary import Mailbox, MessageObserved

BATCH = 1000
START_MS = 1_100_000_000_000
WORDS = ["budget", "draft", "review", "please", "agenda", "call", "notes", "offer", "plan", "question", "figures"]
STORES = ("ours", "raw heap", "raw heap, packed before", "eventsourcing recorder", "eventsourcing application")
Append = Callable[[list[NewEvent]], None]


def batches(events: int) -> Iterator[list[NewEvent]]:
    """Invented mail, an hour apart on average, in about the order of its dates, as folders and servers give it."""
    dice = random.Random(1)  # noqa: S311  the same mail in every run
    for start in range(0, events, BATCH):
        yield [_mail(dice, START_MS + (start + i) * 3_600_000) for i in range(BATCH)]


def _mail(dice: random.Random, about_ms: int) -> NewEvent:
    sent_ms = about_ms + dice.randrange(86_400_000)
    people = [Mailbox(f"person{dice.randrange(3000)}@example.org", f"Person {dice.randrange(99)}") for _ in range(4)]
    payload = MessageObserved(
        source="files:mail", where=f"archive.mbox:{about_ms}", message_id=f"{dice.getrandbits(96):x}@example.org",
        sent_ms=sent_ms, sender=people[0], to=tuple(people[1:]), subject=" ".join(dice.choices(WORDS, k=6)),
        references=(f"{dice.getrandbits(96):x}@example.org",), words=dice.randrange(300),
        body=f"{dice.getrandbits(64):016x}",
    )  # fmt: skip
    return NewEvent(stream_of(sent_ms, payload.message_id), revision_of(payload.body.encode()), sent_ms, payload)


def ours(folder: Path) -> Append:
    log = open_log(f"sqlite:///{folder / 'ours.db'}")
    return lambda events: (log.append(events), None)[1]


def raw_heap(folder: Path) -> Append:
    connection = sqlite3.connect(folder / "heap.db", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=16384", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE heap(owner, position, stream, revision, type, happened, recorded, payload, hash)")

    def append(rows: list[tuple[object, ...]]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO heap VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")

    return append  # type: ignore[return-value]  # takes packed rows


def pack_heap(events: list[NewEvent]) -> list[tuple[object, ...]]:
    """Whole rows of the same columns and sizes as ours, outside the clock."""
    return [
        (
            "me", n, e.stream, e.revision, e.payload.wire, e.happened_ms, START_MS,
            encode(e.payload).decode(), 2 * e.stream,
        )
        for n, e in enumerate(events, 100_000)
    ]


class Mail(Aggregate):
    """What a user of the library would keep a mail in: one event when it is made."""

    def __init__(self, document: str) -> None:
        self.document = document


def peer_application(folder: Path) -> Append:
    """The library as its users call it."""
    settings = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(folder / "application.db")}
    application: Application[UUID] = Application(env=settings)
    return lambda events: (application.save(*[Mail(encode(e.payload).decode()) for e in events]), None)[1]


def peer_recorder(folder: Path) -> Append:
    """Its lowest layer, without its aggregates, mapper and transcoder."""
    recorder = SQLiteApplicationRecorder(SQLiteDatastore(str(folder / "peer.db")))  # its defaults: synchronous=FULL
    recorder.create_table()

    def append(events: list[NewEvent]) -> None:
        recorder.insert_events([
            StoredEvent(originator_id=uuid4(), originator_version=1, topic=e.payload.wire, state=encode(e.payload))
            for e in events
        ])

    return append


def timed(append: Append, page: list[NewEvent]) -> float:
    began = time.perf_counter()
    append(page)
    return time.perf_counter() - began


def one_round(stores: tuple[Append, ...], pages: Iterable[list[NewEvent]]) -> dict[str, float]:
    """Seconds of each store for the same mail; batch by batch in turn, so that a busy machine slows all alike."""
    ours_, heap, recorder, application = stores
    spent = dict.fromkeys(STORES, 0.0)
    for page in pages:
        packed = pack_heap(page)
        spent["ours"] += timed(ours_, page)
        spent["raw heap, packed before"] += timed(heap, packed)  # type: ignore[arg-type]
        spent["eventsourcing recorder"] += timed(recorder, page)
        spent["eventsourcing application"] += timed(application, page)
        began = time.perf_counter()
        for event in page:
            encode(event.payload)
        spent["raw heap"] += time.perf_counter() - began
    spent["raw heap"] += spent["raw heap, packed before"]
    return spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, default=100_000, help="per round")
    parser.add_argument("--folder", default=None, help="where the stores are made: a real disk, not a RAM disk")
    arguments = parser.parse_args()
    rounds = []
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        stores = tuple(make(Path(folder)) for make in (ours, raw_heap, peer_recorder, peer_application))
        pages = batches(arguments.rounds * arguments.events)
        for number in range(arguments.rounds):
            spent = one_round(stores, islice(pages, arguments.events // BATCH))
            rounds.append(spent)
            rates = {name: round(arguments.events / seconds) for name, seconds in spent.items()}
            print(json.dumps({"stored_before": number * arguments.events, "events_per_second": rates}), flush=True)
    print(json.dumps({f"times the speed of: {other}": ratio(rounds, other) for other in STORES[1:]}))


def ratio(rounds: list[dict[str, float]], other: str) -> dict[str, float]:
    """How many times as fast as `other` we are: the median of the rounds, and their range."""
    ratios = sorted(spent[other] / spent["ours"] for spent in rounds)
    return {"median": round(statistics.median(ratios), 2), "low": round(ratios[0], 2), "high": round(ratios[-1], 2)}


if __name__ == "__main__":
    main()
