"""`kill -9` of the daemon at random instants, as often as one likes: `python -m tests.workers.kill 1000`.

The account grows meanwhile. After each hundredth kill, and at the end, an undisturbed run must bring home exactly what
is there: nothing lost, nothing twice, the chain whole, and the views as if they had been built anew.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

from amity.home import Home
from events.log import open_log
from tests.workers import provider
from tests.workers.rig import Rig, until
from workers import duties, plan
from workers.main import run

OFTEN = 100  # kills between two examinations


def daemon_child(rig: Rig) -> int:
    """A daemon in a forked child: nothing is imported again, so that most of its life is work."""
    child = os.fork()
    if child:
        return child
    with suppress(BaseException):
        for name in [name for name in os.environ if name.startswith("AMITY_")]:
            del os.environ[name]
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        run(Home(rig.home), {}, None)
    os._exit(0)


def kill_often(rig: Rig, times: int, seed: int, longest: float = 0.25) -> dict[str, float]:
    """Kill it so often; what was seen. The seed is that of the instants."""
    chance, size, began, working = random.Random(seed), 10, time.monotonic(), 0  # noqa: S311  a test's own
    for number in range(1, times + 1):
        size += chance.randint(0, 3)
        rig.pretend("work", meetings=size, slow=chance.choice([0, 0, 0.01]))
        child = daemon_child(rig)
        if number % 2:  # every other time not before it is at work
            with suppress(AssertionError):
                until(lambda: any(row["holder"] for row in rig.jobs()), 1)
        time.sleep(chance.uniform(0.005, longest))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        working += any(row["holder"] for row in rig.jobs())
        if number % OFTEN == 0 or number == times:
            rig.pretend("work", meetings=size)
            examine(rig, size)
    return {"kills": times, "while working": working, "seconds": round(time.monotonic() - began, 1)}


def examine(rig: Rig, size: int) -> None:
    rig.attempted("work", 0)  # so many kills from outside are not the account's fault
    with closing(sqlite3.connect(rig.home / "amity.db", timeout=30)) as db, db:
        db.execute("UPDATE sync_accounts SET ended_ms = 0")  # due at once
        db.execute("UPDATE jobs SET ended_ms = 0")
    rig.amity("daemon", "--once")
    with open_log(f"sqlite:///{rig.home}/amity.db") as log:
        assert log.verify().ok
        found = [one.data for page in log.read() for one in page if one.type == "meeting.observed.v1"]
    assert len(found) == len(set(found)) == size, f"{len(found)} facts, {len(set(found))} different, {size} there"
    assert rig.meetings() == size
    before = rig.amity("time", "all", "--as-of", "2026-11-01T00:00:00Z")
    rig.amity("rebuild")
    assert rig.amity("time", "all", "--as-of", "2026-11-01T00:00:00Z") == before


def prepare(folder: Path) -> Rig:
    provider.install()
    plan.EVERY_OTHER = 20
    assert duties  # and all that it loads, before anything is forked
    rig = Rig(folder)
    rig.connect_pretended("work", meetings=10)
    rig.amity("daemon", "--once")
    return rig


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(2**32)  # noqa: S311  as above
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(f"{kill_often(prepare(Path(folder)), times, seed)}, seed {seed}\n")


if __name__ == "__main__":
    main()
