"""Jobs a second of worker processes: `dramatiq workers.actors --processes N`, as organisations run it.

    python -m benchmarks.throughput [--owners 64] [--seconds 30] [--processes 1 2 4] [--broker redis|rabbitmq]

Real are PostgreSQL, the queue's server, the planner and the workers, each as a process of its own; each owner's account
is invented, holds three meetings that never change, and answers at once. So this is what a look costs us, whatever it
costs the provider. Every account is due all the time; jobs that came to their end are counted in the database.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from amity import accounts, organisation
from amity.accounts import Account
from amity.home import Home
from benchmarks import processes
from tests.peers import postgres, rabbitmq, valkey
from tests.workers.rig import Rig, daemon, dramatiq_worker

EVERY_MS = "200"
TURNS = 4  # of each account before it is counted: the first ones store, and fold
PATIENCE = 200.0  # seconds
SETTINGS = '[me]\ntimezone = "Europe/Helsinki"\naddresses = ["me@x.org"]\n'


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.throughput")
    parser.add_argument("--owners", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--processes", type=int, nargs="*", default=[1, 2, 4])
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--broker", choices=["redis", "rabbitmq"], default="redis")
    said = parser.parse_args(given)
    programs = postgres.binaries()
    if programs is None:
        raise SystemExit("no PostgreSQL here")
    with postgres.cluster(programs) as cluster, queue(said.broker) as broker, tempfile.TemporaryDirectory() as folder:
        rig, counter = Rig(Path(folder)), Counter(cluster)
        settle(rig, counter.url, said.owners)
        for number in said.processes:
            measure(rig, counter, broker, number, said)
    return 0


class Counter:
    """Counts what came to its end, in a database of all owners."""

    def __init__(self, cluster: postgres.Cluster) -> None:
        self.url = cluster.new_bound_database()
        self.server = cluster.pid()
        name = make_url(self.url).database
        self._connection = psycopg.connect(host=str(cluster.folder), user="postgres", dbname=name, autocommit=True)

    def ended(self) -> int:
        row = self._connection.execute("SELECT coalesce(sum(turn), 0)::int8 FROM jobs WHERE kind = 'pull'").fetchone()
        return int(row[0]) if row else 0

    def ended_if_any(self) -> int:
        return self.ended() if self._is_made() else 0

    def wait(self, jobs: int) -> None:
        """Until so many have come to their end."""
        until = time.monotonic() + PATIENCE
        while self.ended_if_any() < jobs:
            if time.monotonic() > until:
                raise SystemExit("nothing came to its end")
            time.sleep(0.2)

    def _is_made(self) -> bool:
        row = self._connection.execute("SELECT to_regclass('jobs') IS NOT NULL").fetchone()
        return bool(row and row[0])


def settle(rig: Rig, url: str, owners: int) -> None:
    """Owners, each with an account of tests.workers.provider."""
    (rig.folder / "account").mkdir()
    rig.pretend("account", meetings=3)
    office = Home(rig.home, url)
    for number in range(owners):
        home = organisation.add(office, f"owner{number}", SETTINGS)
        accounts.write(home, [Account("work", "pretended", {"folder": str(rig.folder / "account")})])


def measure(rig: Rig, counter: Counter, broker: str, number: int, said: argparse.Namespace) -> None:
    options = ("--processes", str(number), "--threads", str(said.threads))
    more = {"AMITY_DATABASE_URL": counter.url, "TEST_EVERY_MS": EVERY_MS, "AMITY_BROKER_URL": broker}
    with (
        dramatiq_worker(rig, broker, *options, more=more) as worker,
        daemon(rig, "--threads", "0", more=more) as planner,
    ):
        pids = (worker.pid, planner.process.pid, counter.server)
        counter.wait(counter.ended_if_any() + TURNS * said.owners)
        before, spent, began = counter.ended(), [processes.seconds(pid) for pid in pids], time.monotonic()
        time.sleep(said.seconds)
        jobs, seconds = counter.ended() - before, time.monotonic() - began
        workers, planners, servers = (processes.seconds(pid) - old for pid, old in zip(pids, spent, strict=True))
    each = 1000 / max(jobs, 1)
    sys.stdout.write(
        f"{number} processes of {said.threads} threads: {jobs / seconds:,.0f} jobs/s; each takes processors"
        f" {workers * each + servers * each + planners * each:.1f} ms: {workers * each:.1f} the workers',"
        f" {servers * each:.1f} the database's, {planners * each:.1f} the planner's\n"
    )
    sys.stdout.flush()


@contextmanager
def queue(broker: str) -> Iterator[str]:
    """A server for the queue; its address."""
    peer = valkey if broker == "redis" else rabbitmq
    program = peer.program()
    if program is None:
        raise SystemExit(f"no server for {broker} here")
    with peer.running(program) as url:
        yield url


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
