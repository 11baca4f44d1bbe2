"""The program that is crashed: what `amity daemon` does, one job after the other: plan, read an account, fold."""

from __future__ import annotations

import time
from pathlib import Path

from amity.home import Home
from tests.workers import provider
from workers import duties
from workers.plan import Job
from workers.runner import Runner
from workers.schedule import Scheduler

_KINDS = {"pull": duties.pull, "project": duties.project}
_LOOKS = 6  # more than there ever is to do


def work(folder: str, later: str = "0") -> int:
    """Do all that is due `later` seconds from now; 0 where it went well and nothing is left."""
    provider.install()
    home, queue = Home(Path(folder)), list[Job]()
    runner = Runner(home, {}, clock=lambda: time.time() + float(later))
    scheduler = Scheduler(lambda: [home], queue.append, room=4)
    try:
        for _ in range(_LOOKS):
            scheduler.tick(runner.now_ms())
            if not queue:
                return 1 if runner.failed or scheduler.due else 0
            while queue:
                job = queue.pop(0)
                runner.run(job.owner, job.row.id, job.row.turn, job.row.attempts, _KINDS[job.row.kind], limit_ms=60_000)
    finally:
        scheduler.close()
    return 2
