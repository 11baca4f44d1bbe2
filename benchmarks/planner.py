"""What a look of the planner costs: owners with three accounts, on one PostgreSQL or each with a file of its own.

    python -m benchmarks.planner [--owners 1 100 1000] [--database postgresql sqlite]

Processor time of the planner and of the database's servers together, for: the first look of a new planner, looks at
which nothing is due or changed (the middle of many), and one at which everything is due, of which it sends what has
room. Nothing is sent anywhere.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import make_url, text

from amity import accounts, due, wiring
from amity.accounts import Account
from amity.due import Wish
from amity.home import Home, all_homes, of_owner, prepare, write_private
from benchmarks import processes
from tests.peers import postgres
from workers.main import ELSEWHERE
from workers.plan import HOUR, Job
from workers.schedule import Scheduler

SETTINGS = """\
[me]
timezone = "Europe/Helsinki"
addresses = ["me@x.org"]

[report]
folder = "reports"
at = "Mon 07:00"
"""
ACCOUNTS = [
    Account("mail", "imap", {"host": "mail.x.org", "user": "me@x.org"}, {}, accounts.STORED),
    Account("calendar", "caldav", {"url": "https://dav.x.org", "user": "me"}, {}, accounts.STORED),
    Account("google", "google", {"user": "me@x.org"}, {}, accounts.STORED),
]
LOOKS = 15
_READ = (
    "UPDATE jobs SET turn = 1, sent_ms = 0, started_ms = {now}, ended_ms = {now}",
    "DELETE FROM sync_accounts",
    "INSERT INTO sync_accounts SELECT owner, name, 'ok', '', 0, {now} FROM jobs WHERE kind = 'pull'",
    "DELETE FROM deliveries",
    "INSERT INTO deliveries SELECT owner, '{week}', 'file', 'sent', 1, {now}, '' FROM jobs WHERE kind = 'report'",
)


class Cost(NamedTuple):
    """Seconds: of processors, of a clock."""

    cpu: float
    wall: float


class Office:
    """Owners with read models that are up to date, and accounts that were read just now."""

    def __init__(self, home: Home, names: list[str], server: int, superuser: str) -> None:
        self.home, self._server, self._superuser = home, server, superuser
        prepare(home)
        self.homes = [of_owner(home, name) for name in names]
        for one in self.homes:
            prepare(one)
            write_private(one.settings, SETTINGS)
            accounts.write(one, ACCOUNTS)
            (one.folder / "tokens").touch(mode=0o600)
            self._fill(one)
        self.out: list[Job] = []

    def _fill(self, home: Home) -> None:
        """An event, and views that hold it: those of the first owner, said to be this one's."""
        pattern = self.homes[0].views
        if not pattern.exists():
            wiring.bring_up(self.homes[0], 0)
        elif home.views != pattern:
            with closing(wiring.open_home(home)) as log:
                wiring.recorded_rules(log, home, 0)
                digest = log.hash_at(log.head())
            shutil.copy(pattern, home.views)
            with closing(sqlite3.connect(home.views)) as views, views:
                views.execute("UPDATE meta SET value = ? WHERE key = 'amity.log'", (digest,))

    def read_at(self, now: int) -> None:
        """As if all jobs had come to their end."""
        week = due.period_of(now, Wish(("file",), "Mon 07:00", "", ZoneInfo("Europe/Helsinki")))
        statements = [one.format(now=now, week=week) for one in _READ]
        if self._superuser:
            with psycopg.connect(self._superuser, autocommit=True) as connection:
                for statement in statements:
                    connection.execute(statement.encode())
            return
        for home in self.homes:
            with closing(wiring.open_home(home)) as log, log.writing() as connection:
                for statement in statements:
                    connection.execute(text(statement))

    def planner(self) -> Scheduler:
        return Scheduler(lambda: all_homes(self.home), self.out.append, room=ELSEWHERE)

    def cost(self, do: Callable[[], object]) -> Cost:
        before, began = self._cpu(), time.perf_counter()
        do()
        return Cost(self._cpu() - before, time.perf_counter() - began)

    def _cpu(self) -> float:
        own = os.times()
        return own.user + own.system + (processes.seconds(self._server) if self._server else 0.0)


@contextmanager
def office(database: str, owners: int) -> Iterator[Office]:
    names = [f"owner{number}" for number in range(owners)]
    with tempfile.TemporaryDirectory() as folder:
        if database == "sqlite":
            yield Office(Home(Path(folder)), names, 0, "")
            return
        programs = postgres.binaries()
        if programs is None:
            raise SystemExit("no PostgreSQL here")
        with postgres.cluster(programs) as cluster:
            url = cluster.new_bound_database()
            superuser = f"host={cluster.folder} user=postgres dbname={make_url(url).database}"
            server = cluster.pid()
            yield Office(Home(Path(folder), url), names, server, superuser)


def measure(database: str, owners: int) -> None:
    with office(database, owners) as held:
        now = int(time.time() * 1000)
        planner = held.planner()
        _say(database, owners, "owners that were never seen", held.cost(lambda: planner.tick(now)))
        held.read_at(now)
        for _ in range(3):  # until what was noted is known, and all files are old
            planner.tick(now)
            time.sleep(0.2)
        idle = [held.cost(lambda: planner.tick(now)) for _ in range(LOOKS)]
        whole = held.cost(lambda: [planner.tick(now) for _ in range(LOOKS)])
        _say(database, owners, "idle", Cost(whole.cpu / LOOKS, statistics.median(one.wall for one in idle)))
        planner.close()
        held.out.clear()
        planner = held.planner()
        _say(database, owners, "first of a planner", held.cost(lambda: planner.tick(now)))
        assert not held.out, held.out
        _say(database, owners, "all due", held.cost(lambda: planner.tick(now + 2 * HOUR)))
        _say(database, owners, f"then ({len(held.out)} sent)", held.cost(lambda: planner.tick(now + 2 * HOUR + 100)))
        planner.close()


def _say(database: str, owners: int, what: str, cost: Cost) -> None:
    line = f"{database}, {owners:,} owners, {what}: {cost.cpu * 1000:.0f} ms of processors, {cost.wall * 1000:.0f} ms"
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planner")
    parser.add_argument("--owners", type=int, nargs="*", default=[1, 100, 1000])
    parser.add_argument("--database", nargs="*", default=["postgresql", "sqlite"])
    said = parser.parse_args(given)
    for database in said.database:
        for owners in said.owners:
            measure(database, owners)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
