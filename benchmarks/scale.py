"""An organisation on one PostgreSQL: how fast logs fill, what an event weighs, and who waits while others sync.

    python -m benchmarks.scale [--owners 1000] [--events 1000] [--busy 50]

Beside the filling stands a raw limit of the same run: the same rows by COPY into a table without index or chain.
The report of one owner is timed as a whole process with nobody else there, and while `busy` owners append all the time.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from itertools import islice
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from amity import organisation
from amity.home import Home, of_owner
from benchmarks import processes
from benchmarks.lives import SETTINGS, Life, live
from benchmarks.ten_years import AMITY, AS_OF, Run, middle, run
from events.codec import encode
from events.envelope import NewEvent
from events.log import open_log
from tests.peers import postgres

PAGE, ROUNDS = 500, 7
FILLERS = (1, 2, 4)  # processes
_RAW = "CREATE UNLOGGED TABLE raw (stream bytea, revision int8, happened int8, type text, payload text)"


def a_life(wanted: int) -> list[NewEvent]:
    """So many events of an invented life."""
    return list(islice(live(Life(messages=wanted, meetings=wanted // 10, people=wanted // 20)), wanted))


def fill(url: str, owners: list[str], wanted: int, spent: Any = None) -> None:
    """As a worker does it, with connections that are kept. `spent`: a queue for the processor time that it took."""
    events = a_life(wanted)
    began = time.process_time()
    with open_log(url) as log:
        for owner in owners:
            for first in range(0, len(events), PAGE):
                log.of(owner).append(events[first : first + PAGE])
    if spent is not None:
        spent.put(time.process_time() - began)


def disturb(url: str, owners: list[str], ended: Event) -> None:
    """Append small pages for one owner after the other, as syncs do, until it is enough."""
    events = a_life(20_000)
    number = 0
    while not ended.is_set():
        owner = owners[number % len(owners)]
        with open_log(url, owner=f"{owner}-{number // 400}") as log:
            log.append(events[(number * 20) % 19_000 :][:20])
        number += 1


class Filled(NamedTuple):
    """Events a second, and what each took of our processors and of the server's, in microseconds."""

    rate: float
    ours: float
    servers: float


def fill_with(url: str, owners: list[str], wanted: int, number: int, server: int) -> Filled:
    context = multiprocessing.get_context("spawn")
    spent = context.Queue()
    shares = [owners[one::number] for one in range(number)]
    workers = [context.Process(target=fill, args=(url, share, wanted, spent)) for share in shares if share]
    before, began = processes.seconds(server), time.perf_counter()
    for one in workers:
        one.start()
    ours = sum(spent.get() for _ in workers)
    for one in workers:
        one.join()
    events, seconds = len(owners) * wanted, time.perf_counter() - began
    time.sleep(1)  # until the server has seen its own processes end
    return Filled(events / seconds, ours / events * 1e6, (processes.seconds(server) - before) / events * 1e6)


def raw(url: str, wanted: int, times: int) -> float:
    """Events a second by COPY of rows that are ready."""
    rows = [(one.stream, one.revision, one.happened_ms, "x", _payload(one)) for one in a_life(wanted)]
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(_RAW)
        began = time.perf_counter()
        for _ in range(times):
            with connection.cursor() as cursor, cursor.copy("COPY raw FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["bytea", "int8", "int8", "text", "text"])
                for row in rows:
                    copy.write_row(row)
            connection.commit()
        seconds = time.perf_counter() - began
        connection.execute("DROP TABLE raw")
    return wanted * times / seconds


def _payload(event: NewEvent) -> str:
    return encode(event.payload).decode()


def weight(url: str) -> tuple[int, float]:
    """Events in all, and bytes of table and indexes for each."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("SELECT set_config('amity.owner', '', false)")
        row = connection.execute("SELECT pg_total_relation_size('events'), sum(position) FROM heads").fetchone()
        if row is None or row[1] is None:  # the policy hides them: the planner's estimate will do
            row = connection.execute(
                "SELECT pg_total_relation_size('events'), reltuples FROM pg_class WHERE relname = 'events'"
            ).fetchone()
    return (int(row[1]), row[0] / max(float(row[1]), 1)) if row else (0, 0.0)


def report_of(home: Home) -> Run:
    return middle([run(AMITY, "report", "2026-W38", *AS_OF, "--home", str(home.folder)) for _ in range(ROUNDS)])


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale")
    for name, number in (("owners", 1000), ("events", 1000), ("busy", 50)):
        parser.add_argument(f"--{name}", type=int, default=number)
    said = parser.parse_args(given)
    programs = postgres.binaries()
    if programs is None:
        raise SystemExit("no PostgreSQL here")
    with postgres.cluster(programs) as cluster, tempfile.TemporaryDirectory() as folder:
        _measure(cluster, Path(folder), said)
    return 0


def _measure(cluster: postgres.Cluster, folder: Path, said: Any) -> None:
    url = cluster.new_bound_database()
    open_log(url).close()
    limit = raw(url, said.events, max(20_000 // said.events, 1))
    _say(f"raw COPY: {limit:,.0f} events/s")
    third = said.owners // len(FILLERS)
    for turn, number in enumerate(FILLERS):
        owners = [f"owner{one}" for one in range(turn * third, (turn + 1) * third)]
        rate, ours, servers = fill_with(url, owners, said.events, number, cluster.pid())
        _say(
            f"{number} process(es): {rate:,.0f} events/s ({rate / limit:.2f} of raw), {len(owners)} owners;"
            f" processors for an event: {ours:.1f} us ours, {servers:.1f} us the server's"
        )
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("ANALYZE events")
    events, each = weight(url)
    _say(f"{events:,} events, {each:,.0f} bytes each with indexes")
    os.environ["AMITY_DATABASE_URL"] = url
    office = Home(folder, url)
    organisation.add(office, "asker", SETTINGS)
    fill(url, ["asker"], 20 * said.events)
    os.environ["AMITY_OWNER"] = "asker"
    asker = of_owner(office, "asker")
    first = run(AMITY, "report", "2026-W38", *AS_OF, "--home", str(folder))
    alone = report_of(office)
    context = multiprocessing.get_context("spawn")
    ended = context.Event()
    names = [f"owner{number}" for number in range(said.busy)]
    others = [context.Process(target=disturb, args=(url, names[one::2], ended)) for one in range(2)]
    for one in others:
        one.start()
    time.sleep(3)
    crowded = report_of(office)
    ended.set()
    for one in others:
        one.join()
    _say(f"report of {asker.owner} ({20 * said.events:,} events): first, with its views made, {first.wall:.2f} s;")
    _say(f"  alone {alone.wall * 1000:.0f} ms ({alone.cpu * 1000:.0f} ms of processor time);")
    _say(f"  while {said.busy} owners sync {crowded.wall * 1000:.0f} ms ({crowded.cpu * 1000:.0f}): "
         f"{crowded.wall / alone.wall:.2f} of that")  # fmt: skip


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
