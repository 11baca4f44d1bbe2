"""Writers and a reader on one PostgreSQL, while backends are ended and the server crashes: is everything read, once?

`python -m tests.stress.following --events 1000000 --kills 500 --crashes 5`. Beside the log stands a control: a reader
that follows a sequence, as one would without thinking. It must miss some, or nothing would be proved.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import time
from collections import Counter
from contextlib import suppress
from multiprocessing.synchronize import Event
from typing import Any, NamedTuple

import psycopg
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from events.envelope import NewEvent, stream_of
from events.errors import AmityError
from events.log import Log, open_log
from events.vocabulary import NoteAdded
from tests.peers import postgres

WRITERS, PAGE = 8, 20
_LOST = (AmityError, SQLAlchemyError, psycopg.Error, OSError)
_CONTROL = "CREATE TABLE control (id bigserial PRIMARY KEY, name text)"


class Result(NamedTuple):
    events: int
    missed: int
    doubled: int
    out_of_order: int
    control_events: int
    control_missed: int
    kills: int
    seconds: float


def _note(writer: int, number: int) -> NewEvent:
    name = f"{writer}:{number}"
    return NewEvent(stream_of(number, "note", name), 1, number, NoteAdded(addresses=("x@y.org",), text=name))


def _again(url: str) -> Log:
    while True:
        with suppress(*_LOST):
            return open_log(url)
        time.sleep(0.05)


def write(url: str, writer: int, events: int) -> None:
    """Append pages until each is known to be stored; a page whose answer got lost is simply sent again."""
    log = _again(url)
    for first in range(0, events, PAGE):
        page = [_note(writer, number) for number in range(first, min(first + PAGE, events))]
        while True:
            try:
                log.append(page)
                break
            except _LOST:
                log.close()
                log = _again(url)
    log.close()


def write_control(url: str, writer: int, ended: Event) -> None:
    """The same into a table whose rows are numbered by a sequence, in transactions that take their time."""
    chance, number = random.Random(writer), 0  # noqa: S311  no secret
    while not ended.is_set():
        with suppress(*_LOST), psycopg.connect(_plain(url)) as connection:
            while not ended.is_set():
                with connection.transaction():
                    connection.execute("INSERT INTO control (name) VALUES (%s)", (f"{writer}:{number}",))
                    time.sleep(chance.random() / 200)
                number += 1


def follow(url: str, ended: Event, results: Any) -> None:
    """Read the log behind the writers, page by page, as a projection does."""
    log, position, order, seen = _again(url), 0, 0, Counter[bytes]()
    while True:
        last_look = ended.is_set()
        try:
            for page in log.read(position):
                for event in page:
                    order += event.position != position + 1
                    position = event.position
                    seen[event.stream] += 1
        except _LOST:
            log.close()
            log = _again(url)
            continue
        if last_look:
            break
        time.sleep(0.005)
    results.put(("log", len(seen), sum(seen.values()) - len(seen), order))


def follow_control(url: str, ended: Event, results: Any) -> None:
    """Read what has a higher number than the last one read."""
    last, seen = 0, set[int]()
    while True:
        last_look = ended.is_set()
        with suppress(*_LOST), psycopg.connect(_plain(url), autocommit=True) as connection:
            found = connection.execute("SELECT id FROM control WHERE id > %s ORDER BY id", (last,)).fetchall()
            seen.update(number for (number,) in found)
            last = max(seen, default=0)
        if last_look:
            break
        time.sleep(0.002)
    results.put(("control", len(seen)))


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql")


def _terminate(cluster: postgres.Cluster, database: str, chance: random.Random) -> bool:
    """End one of the database's backends, as an administrator would."""
    sql = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
    with psycopg.connect(host=str(cluster.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
        found = [pid for (pid,) in connection.execute(sql, (database,))]
        if found:
            connection.execute("SELECT pg_terminate_backend(%s)", (chance.choice(found),))
    return bool(found)


def play(cluster: postgres.Cluster, *, events: int, kills: int, crashes: int, seed: int = 1) -> Result:
    """Run it whole; the numbers of what was read against what was written."""
    url = cluster.new_bound_database()
    open_log(url).close()
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute(_CONTROL)
    context = multiprocessing.get_context("spawn")
    ended, results, each = context.Event(), context.Queue(), events // WRITERS
    writers = [context.Process(target=write, args=(url, writer, each)) for writer in range(WRITERS)]
    others = [context.Process(target=write_control, args=(url, writer, ended)) for writer in range(WRITERS)]
    readers = [context.Process(target=reader, args=(url, ended, results)) for reader in (follow, follow_control)]
    began = time.monotonic()
    for process in (*writers, *others, *readers):
        process.start()
    killed = _disturb(cluster, str(make_url(url).database), writers, kills=kills, crashes=crashes, seed=seed)
    for process in writers:
        process.join()
    ended.set()
    found = {name: numbers for name, *numbers in (results.get(timeout=600) for _ in readers)}
    seconds = time.monotonic() - began
    for process in (*others, *readers):
        process.join()
    with psycopg.connect(_plain(url)) as connection:
        row = connection.execute("SELECT count(*) FROM control").fetchone()
        written = int(row[0]) if row else 0
    distinct, doubled, order = found["log"]
    missed = each * WRITERS - distinct, written - found["control"][0]
    return Result(each * WRITERS, missed[0], doubled, order, written, missed[1], killed, seconds)


def _disturb(
    cluster: postgres.Cluster, database: str, writers: list[Any], *, kills: int, crashes: int, seed: int
) -> int:
    chance, killed = random.Random(seed), 0  # noqa: S311  no secret
    at_crash = {(one + 1) * kills // (crashes + 1) for one in range(crashes)}
    while killed < kills and any(process.is_alive() for process in writers):
        time.sleep(chance.random() / 20)
        with suppress(psycopg.Error):
            killed += _terminate(cluster, database, chance)
        if killed in at_crash:
            at_crash.discard(killed)
            cluster.crash()
    return killed


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.stress.following", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--crashes", type=int, default=5)
    said = parser.parse_args(given)
    programs = postgres.binaries()
    if programs is None:
        sys.stderr.write("no PostgreSQL here\n")
        return 1
    with postgres.cluster(programs) as cluster:
        result = play(cluster, events=said.events, kills=said.kills, crashes=said.crashes)
    sys.stdout.write(f"{result}\n")
    return int(bool(result.missed or result.doubled or result.out_of_order or not result.control_missed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
