"""A large Outlook account at the fake Graph: a first sync, whole and killed at random; then nothing new.

    .venv/bin/python -m benchmarks.sync_microsoft [MESSAGES [FOLDERS [SERIES]]]

50,000 messages in 40 folders and 200 weekly series over five years, unless told otherwise. The fake runs in the same
process, so that seconds are those of both; requests are what counts. Its limits are Outlook's: four requests at once,
10,000 in ten minutes, and waiting takes no time.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.sync.result import SyncResult
from events.log import Log, open_log
from tests.connectors.microsoft.scale import Account, filled, kinds
from tests.contracts.living import facts, living
from tests.peers.graph import serving

MESSAGES, FOLDERS, SERIES = 50_000, 40, 200
KILLS = 12
DAY = 86_400.0


@contextmanager
def new_log() -> Iterator[Log]:
    with tempfile.TemporaryDirectory() as folder, open_log(f"sqlite:///{Path(folder)}/log.db") as log:
        yield log


def told(account: Account, name: str, log: Log, requests: int = -1) -> SyncResult | None:
    """One run, and what it was."""
    world = account.world
    asked, virtual, began = len(world.asked), world.clock.now(), time.perf_counter()
    result = account.run(log, requests=requests)
    seconds, new = time.perf_counter() - began, world.asked[asked:]
    state = "killed" if result is None else f"{result.state} {result.error}".strip()
    print(f"{name}: {state}; {seconds:.1f} s, waited {world.clock.now() - virtual:.0f} s; {len(new)} requests")
    print("   ", ", ".join(f"{kind} {count}" for kind, count in kinds(new).most_common()))
    return result


def to_the_end(account: Account, name: str, log: Log) -> None:
    """Run after run, each when the account may be asked again."""
    for _ in range(100):
        result = told(account, name, log)
        if result is not None and result.state == "ok":
            return
        account.world.clock.advance(60)
    raise SystemExit(f"{name}: it does not come to an end")


def main(messages: int, folders: int, series: int) -> None:
    chance = random.Random(5)  # noqa: S311  seeded
    with serving() as graph:
        began = time.perf_counter()
        filled(graph.world, messages=messages, folders=folders, series=series, seed=5)
        print(f"{messages} messages, {folders} folders, {series} series: {time.perf_counter() - began:.1f} s to make")
        with new_log() as log:
            to_the_end(Account(graph), "first sync", log)
            whole = living(log, "microsoft:test")
        with new_log() as log:
            account = Account(graph)
            for number in range(KILLS):
                told(account, f"killed, {number + 1}", log, chance.randrange(50, 300))
            to_the_end(account, "the rest", log)
            print(f"pages asked for again that were stored: {len(account.repeated)}")
            print(
                f"the same as the sync that nobody killed: {living(log, 'microsoft:test') == whole}, {facts(log)} facts"
            )
            told(account, "nothing new", log)
            account.world.clock.advance(DAY)
            told(account, "nothing new, a day later", log)
        peak = graph.world.throttle.peak[graph.world.me]
        refused = sum(one.status == 429 for one in graph.world.asked)
        print(f"{peak} request in flight at most; {refused} times told to slow down")
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB, the fake with its mailbox among them")


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    main(*(given + [MESSAGES, FOLDERS, SERIES][len(given) :]))
