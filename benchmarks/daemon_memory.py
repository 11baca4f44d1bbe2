"""Does a process that works for years grow? 100,000 jobs, one in ten of which fails, one after the other.

    python -m benchmarks.daemon_memory [JOBS]

Each is what the daemon does: planned rows of the database, a message through the queue in its file, an attempt counted,
a duty, an end written. Beside it the same through dramatiq's own in-memory broker with its own middleware.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import dramatiq
from dramatiq import Broker, Worker
from dramatiq.brokers.stub import StubBroker

from amity import wiring
from amity.home import Home
from events import jobs
from workers import plan
from workers.broker import make_broker
from workers.runner import Outcome, Runner, Work

FAILS = 10  # one in so many
OUT = 200  # messages in the queue at once


def resident_mb() -> float:
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("VmRSS"))


def duty(work: Work) -> Outcome:
    weight = "x" * 200_000  # what a traceback would keep
    if work.row.turn % FAILS == 0:
        raise RuntimeError(weight[:10])
    return Outcome()


def ours(total: int, folder: Path) -> None:
    home = Home(folder)
    runner = Runner(home, {})
    broker = make_broker("", folder)

    @dramatiq.actor(broker=broker, queue_name="amity")
    def do(owner: str, job: str, turn: int, attempts: int) -> None:
        runner.run(owner, job, turn, attempts, duty, limit_ms=60_000)

    with closing(wiring.open_home(home)) as log:
        names = [(plan.PULL, f"bench:{number}") for number in range(OUT)]
        with log.writing() as connection:
            jobs.add(connection, log.owner, names)
        worker = Worker(broker, worker_threads=2, worker_timeout=200)
        worker.start()
        broker.emit_after("process_boot")
        done = 0
        shown("ours", 0, time.monotonic())
        began = time.monotonic()
        while done < total:
            with log.reading() as connection:
                rows = jobs.rows(connection, log.owner)
            for row in rows.values():
                do.send(log.owner, row.id, row.turn, row.attempts)
            broker.join("amity", timeout=120_000)
            done += len(rows)
            if done % (total // 10) < len(rows):
                shown("ours", done, began)
        worker.stop(timeout=5_000)
        with log.reading() as connection:
            rows = jobs.rows(connection, log.owner)
        print(f"turns {sum(row.turn for row in rows.values()):,} of {done:,}")
    broker.close()


def theirs(total: int) -> None:
    broker: Broker = StubBroker()

    @dramatiq.actor(broker=broker, queue_name="theirs", max_retries=0)
    def do(number: int) -> None:
        weight = "x" * 200_000
        if number % FAILS == 0:
            raise RuntimeError(weight[:10])

    worker = Worker(broker, worker_threads=2, worker_timeout=200)
    worker.start()
    began = time.monotonic()
    for number in range(total):
        do.send(number)
        if number % (total // 10) == 0:
            shown("dramatiq's stub", number, began)
    while broker.queues["theirs"].unfinished_tasks:
        time.sleep(0.05)
    shown("dramatiq's stub", total, began)
    worker.stop(timeout=5_000)


def shown(who: str, done: int, began: float) -> None:
    print(f"{who}: {done:,} jobs, {resident_mb():.0f} MB, {time.monotonic() - began:.0f} s", flush=True)


def main() -> None:
    logging.disable(logging.CRITICAL)
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:  # noqa: S108  ours
        ours(total, Path(folder))
    theirs(min(total, 5_000))


if __name__ == "__main__":
    main()
