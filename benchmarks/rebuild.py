"""How long all read models take to build anew, beside plain reading of the same log and beside `eventsourcing`.

    python -m benchmarks.rebuild [--rounds 3] [--messages 300000] [--meetings 30000] [--log amity.db --me ADDRESS]

Two logs: the 9,355 list messages, imported, and an invented life of ten years; or one that stands there already.
`scan` reads every event in order through the log's own `read` and decodes its payload with the log's own codec, and
does nothing with it. `sqlite3 + json` is the same from the tables with the standard library alone. `eventsourcing` is
that library's process application, which follows a log of the same payloads and takes them one by one, as it does
for its users: each is decoded, counted with its sender, and the position is stored durably. It is given a sample, and
nothing else to write; the result is per event. `… these views` is the same with our read models: after each event they
are as they would be after all, which is what its users get; a sample of the last events, on views that hold the rest.
All take turns in every round. Beside reading what counts is processor time, since a busy machine changes it little;
beside the library also the time that passes, since it waits for the disk. Processor time includes that of processes
which a contestant started: of a long log two rebuild the days.

What no program in Python can go below is measured too. `the rows alone` binds the finished rows, which nobody had to
compute, to the same tables and makes their indexes; `the rows copied` has SQLite do that by itself.

Limits: 6 times the scan, the aim is 3; 50 times the speed of `eventsourcing`. Peak memory is that of this process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sqlite3
import statistics
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from eventsourcing.application import Application, ProcessingEvent
from eventsourcing.domain import Aggregate
from eventsourcing.system import ProcessApplication

from benchmarks import lives
from benchmarks.import_mail import ARCHIVE
from connectors.base import import_paths
from events.codec import decode
from events.envelope import Encoded, NewEvent, StoredEvent
from events.log import Log, open_log
from projections.base import catch_up, rebuild
from projections.rules import Goal, Rules
from projections.store import insert_rows

LISTS_ME = ("ralf@linux-mips.org", "macro@mips.com")
SAMPLE, LAST = 1_000, 20
VIEWS = "eventsourcing, these views"
ROWS, COPY = "the rows alone", "the rows copied"
LIMIT, PEER_LIMIT = 6, 50


class Kept(Aggregate):
    """What a user of the library would keep an observation in."""

    def __init__(self, wire: str, document: str) -> None:
        self.wire = wire
        self.document = document


class Counting(ProcessApplication[UUID]):
    """A read model in the library: how many mails and words by sender."""

    def __init__(self, env: dict[str, str]) -> None:
        super().__init__(env=env)
        self.counts: Counter[str] = Counter()

    def policy(self, domain_event: Any, processing_event: ProcessingEvent[UUID]) -> None:  # noqa: ARG002  its signature
        payload: Any = decode(domain_event.wire, domain_event.document.encode())
        if getattr(payload, "sender", None):
            self.counts[payload.sender.address] += payload.words


class Folding(ProcessApplication[UUID]):
    """Our read models in the library: up to date after each event."""

    def __init__(self, env: dict[str, str], folder: Path, log: Log, rules: Rules) -> None:
        super().__init__(env=env)
        self.own = open_log(f"sqlite:///{folder}/begun.db")
        self.views, self.rules = folder / "begun-views.db", rules
        for batch in log.read(until=log.head() - LAST):
            self.own.append([_again(event) for event in batch])
        catch_up(self.own, self.views, rules)
        self.waiting = [_again(event) for batch in log.read(after=log.head() - LAST) for event in batch]

    def policy(self, domain_event: Any, processing_event: ProcessingEvent[UUID]) -> None:  # noqa: ARG002  its signature
        decode(domain_event.wire, domain_event.document.encode())
        self.own.append([self.waiting.pop(0)])
        catch_up(self.own, self.views, self.rules)


def _again(event: StoredEvent) -> NewEvent:
    return NewEvent(event.stream, event.revision, event.happened_ms, Encoded(event.type, bytes(event.data)))


def scan(log: Log) -> int:
    """Read and decode every event, and do nothing with it; tell how many."""
    count = 0
    for batch in log.read():
        for event in batch:
            decode(event.type, event.data)
        count += len(batch)
    return count


def plain(path: Path) -> None:
    """The same with the standard library."""
    with sqlite3.connect(path) as db:
        for _, payload in db.execute("SELECT type, payload FROM events ORDER BY position"):
            json.loads(payload)
    db.close()


def peer(folder: Path, sample: list[StoredEvent], follower: ProcessApplication[UUID]) -> Callable[[], None]:
    """One by one through the library's process application; what was followed is written outside the clock."""
    folder.mkdir()
    leader: Application[UUID] = Application(env=_settings(folder / "leader.db"))
    leader.save(*[Kept(event.type, event.data.decode()) for event in sample])
    follower.follow("leader", leader.notification_log)

    def run() -> None:
        follower.pull_and_process("leader")
        assert leader.recorder  # a leader that nobody holds closes its database

    return run


def _settings(path: Path) -> dict[str, str]:
    return {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)}


class Cost(NamedTuple):
    """Microseconds an event: of processor, and on the wall."""

    cpu: float
    wall: float


class Clock:
    """What passes while it is entered, of processor (of ended children too) and on the wall."""

    def __init__(self) -> None:
        self.cpu = self.wall = 0.0

    def __enter__(self) -> None:
        self.cpu -= _cpu()
        self.wall -= time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.cpu += _cpu()
        self.wall += time.perf_counter()

    def cost(self, events: int) -> Cost:
        return Cost(1e6 * self.cpu / events, 1e6 * self.wall / events)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + used.ru_utime + used.ru_stime


def timed(work: Callable[[], object], events: int) -> Cost:
    clock = Clock()
    with clock:
        work()
    return clock.cost(events)


def rows_alone(views: Path, events: int) -> Cost:
    """Every row of finished views into empty tables, and the indexes: only that is on the clock."""
    clock = Clock()
    with closing(sqlite3.connect(views)) as source, closing(_empty(views, "alone")) as target:
        for table in _made(source, target):
            rows = source.execute(f"SELECT * FROM {table}")
            while some := rows.fetchmany(5_000):
                with clock:
                    insert_rows(target, table, some)
        with clock:
            _index(source, target)
            target.execute("COMMIT")
    return clock.cost(events)


def rows_copied(views: Path, events: int) -> Cost:
    """The same without Python: `INSERT … SELECT`."""
    clock = Clock()
    with closing(sqlite3.connect(views)) as source, closing(_empty(views, "copied")) as target:
        target.execute("ATTACH ? AS old", (str(views),))
        tables = _made(source, target)
        with clock:
            for table in tables:
                target.execute(f"INSERT INTO main.{table} SELECT * FROM old.{table}")
            _index(source, target)
            target.execute("COMMIT")
    return clock.cost(events)


def _empty(views: Path, name: str) -> sqlite3.Connection:
    db = sqlite3.connect(views.with_name(f"{name}.db"), isolation_level=None, cached_statements=512)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -8192"):
        db.execute(f"PRAGMA {pragma}")
    return db


def _made(source: sqlite3.Connection, target: sqlite3.Connection) -> list[str]:
    """The tables of the one, made in the other, in which a transaction is begun."""
    found = source.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall()
    target.execute("BEGIN")
    for _, sql in found:
        target.execute(sql)
    return [name for name, _ in found]


def _index(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    for (sql,) in source.execute("SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql NOT NULL"):
        target.execute(sql)


def compare(name: str, path: Path, rules: Rules, rounds: int) -> bool:
    """Measure one log and print what came out; tell whether the limits hold."""
    log = open_log(f"sqlite:///{path}")
    count, before = scan(log), _peak_mb()
    sample = list(islice((event for batch in log.read(batch=SAMPLE) for event in batch), SAMPLE))
    last = [event for batch in log.read(after=log.head() - LAST) for event in batch]
    contestants = ("scan", "sqlite3 + json", "rebuild", ROWS, COPY, "eventsourcing", VIEWS)
    found: dict[str, list[Cost]] = {contestant: [] for contestant in contestants}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as temporary:
            views = Path(temporary) / "views.db"
            found["scan"].append(timed(lambda: scan(log), count))
            found["sqlite3 + json"].append(timed(lambda: plain(path), count))
            found["rebuild"].append(timed(lambda: rebuild(log, views, rules), count))  # noqa: B023  called at once
            found[ROWS].append(rows_alone(views, count))
            found[COPY].append(rows_copied(views, count))
            counting = Counting(_settings(Path(temporary) / "counting.db"))
            found["eventsourcing"].append(timed(peer(Path(temporary) / "c", sample, counting), len(sample)))
            folding = Folding(_settings(Path(temporary) / "folding.db"), Path(temporary), log, rules)
            found[VIEWS].append(timed(peer(Path(temporary) / "f", last, folding), len(last)))
            size = views.stat().st_size / 1e6
    log.close()
    print(f"{name}: {count} events, load {os.getloadavg()[0]:.1f}")
    for contestant, each in found.items():
        cpu, wall = (statistics.median(costs) for costs in zip(*each, strict=True))
        rate = 1e6 / wall
        print(f"  {contestant:26} {cpu:7.1f} us of processor, {wall:7.1f} us on the wall: {rate:7.0f} events a second")
    plainly, briefly = (_ratio(found["rebuild"], found[other]).cpu for other in ("scan", "sqlite3 + json"))
    peers, same = (_ratio(found[other], found["rebuild"]) for other in ("eventsourcing", VIEWS))
    print(f"  rebuild: {plainly:.1f} times the scan (limit {LIMIT}), {briefly:.1f} times sqlite3 + json")
    passed = _ratio(found["rebuild"], found["scan"]).wall
    floors = [_ratio(found[other], found["scan"]).cpu for other in (ROWS, COPY)]
    print(f"  on the wall {passed:.1f} times; the rows alone {floors[0]:.1f}, copied {floors[1]:.1f} times the scan")
    print(f"  eventsourcing: {peers.wall:.1f} times the rebuild (limit {PEER_LIMIT}), {peers.cpu:.1f} of processor")
    print(f"  {VIEWS}: {same.wall:.0f} times the rebuild, {same.cpu:.0f} of processor")
    print(f"  peak memory {before:.0f} MB before, {_peak_mb():.0f} MB after; views {size:.0f} MB", flush=True)
    return plainly <= LIMIT and same.wall >= PEER_LIMIT


def _ratio(ours: list[Cost], others: list[Cost]) -> Cost:
    """The medians of the rounds."""
    ratios = [(one.cpu / other.cpu, one.wall / other.wall) for one, other in zip(ours, others, strict=True)]
    return Cost(*(statistics.median(each) for each in zip(*ratios, strict=True)))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def lists(folder: Path) -> Path:
    """A log of the list messages."""
    with tarfile.open(ARCHIVE) as tar:
        tar.extractall(folder, filter="data")
    path = folder / "lists.db"
    log = open_log(f"sqlite:///{path}")
    import_paths([folder / "email-list-linux-mips"], log)
    log.close()
    return path


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--messages", type=int, default=300_000)
    options.add_argument("--meetings", type=int, default=30_000)
    options.add_argument("--log", type=Path)
    options.add_argument("--me", default=lives.ME)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    goals = (
        Goal("launch", 0.6, match=("launch",), people={"p1@y1.org": 1.0}),
        Goal("growth", solo=True, match=("trip",)),
    )
    rules = Rules(timezone="Europe/Helsinki", addresses=(chosen.me,), goals=goals)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if chosen.log:
            return int(not compare(str(chosen.log), chosen.log, rules, chosen.rounds))
        small = compare("list messages", lists(folder), Rules(timezone="UTC", addresses=LISTS_ME), chosen.rounds)
        life = lives.Life(messages=chosen.messages, meetings=chosen.meetings)
        large = compare("ten years", lives.home(folder, life) / "amity.db", rules, chosen.rounds)
    return int(not (small and large))


if __name__ == "__main__":
    raise SystemExit(main())
