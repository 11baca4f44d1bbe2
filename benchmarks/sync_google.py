"""What a whole life at Google costs: units of quota, requests and time, to the unit.

    .venv/bin/python -m benchmarks.sync_google [MESSAGES MEETINGS SERIES CONTACTS] [KILLS]

The fake Google counts and enforces the quota of a new project; its time passes only where Amity waits, so days of it
take minutes. The program is killed (SIGKILL) while requests at random are under way, begun anew each time, and at last
left to finish. Then nothing is new, and then ten messages are. Whatever was stored must never be got again.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import signal
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.import_mail import ARCHIVE, messages
from connectors.credentials.secret import Secret
from connectors.files.unchanged import READERS
from connectors.google.account import GoogleAccount
from connectors.google.client import Client
from connectors.google.endpoints import APIS, GMAIL_QUOTA
from connectors.google.renewing import Renewing
from connectors.google.scopes import Feature, asked
from connectors.sync.loop import sync
from connectors.sync.provider import InMemory
from events import held
from events.envelope import OWNER
from events.held import Scope
from events.log import Log, open_log
from tests.connectors.google.crowd import Cost, Size, busiest, cost, fetched, fill, first_units
from tests.connectors.google.worlds import mail, secret
from tests.peers.google import Clock, Google, World, serving
from tests.peers.google.clock import START
from tests.peers.google.faults import meanwhile

LIFE = Size(50_000, 5_000, 200, 3_000)
KILLS = 20
FEATURES = (Feature.WORDS, Feature.CALENDAR, Feature.CONTACTS)
SOURCE = "google:bench"
_TIME = struct.Struct("d")


class SharedClock(Clock):
    """One time for the fake and for the program, which are two processes; only the program moves it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        if not path.exists():
            path.write_bytes(_TIME.pack(START))
        with path.open("r+b") as file:
            self._now = mmap.mmap(file.fileno(), _TIME.size)

    def now(self) -> float:
        found: float = _TIME.unpack(self._now[:])[0]
        return found

    def advance(self, seconds: float) -> None:
        self._now[:] = _TIME.pack(self.now() + max(0.0, seconds))


def program(folder: Path, url: str) -> None:
    """One sync of the account, in a process of its own."""
    clock = SharedClock(folder / "clock")
    auth = Renewing(InMemory(Secret((folder / "secret").read_text())), "bench", wall=clock.now)
    asking = Client(auth, "bench", endpoint=url, clock=clock.now, wall=clock.now, sleep=clock.advance)
    account = GoogleAccount(asking, FEATURES, source=SOURCE)
    with opened(folder) as log:
        result = sync(account, log, clock=clock.now, sleep=clock.advance)
    account.close()
    print(json.dumps({"state": result.state, "stored": result.stored, "error": result.error}))


@contextmanager
def opened(folder: Path) -> Iterator[Log]:
    log = open_log(f"sqlite:///{folder}/log.db")
    try:
        yield log
    finally:
        log.close()


class Bench:
    def __init__(self, folder: Path, google: Google, size: Size) -> None:
        self.folder, self.google, self.world, self.size = folder, google, google.world, size
        self.lost = self.again = 0

    def begin(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "benchmarks.sync_google", "--program", str(self.folder), self.google.url]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def finish(self) -> tuple[dict[str, Any], Cost]:
        begun = len(self.world.asked)
        said, _ = self.begin().communicate()
        return json.loads(said), cost(self.world.asked[begun:])

    def stored(self) -> set[str]:
        """Messages that the log holds."""
        found: list[tuple[str, str]] = []
        with opened(self.folder) as log, log.reading() as connection:
            scope = Scope(connection, OWNER, SOURCE)
            while rows := held.after(scope, "mail", found[-1][0] if found else "", READERS):
                found += rows
        return {item for item, _ in found}

    def kill(self, at: int) -> None:
        """Begin, and kill the program while its request `at` is under way."""
        before, begun = self.stored(), len(self.world.asked)
        running: list[subprocess.Popen[str]] = []

        def die() -> None:
            os.kill(running[0].pid, signal.SIGKILL)

        self.world.faults.clear()
        self.world.faults.add("*.*", meanwhile(die), calls={at})
        running.append(self.begin())
        running[0].communicate()
        self.world.faults.clear()
        got = fetched(self.world.asked[begun:])
        self.again += len(before & set(got))
        self.lost += len(got) - len(self.stored() - before)


def report(name: str, value: object) -> None:
    print(f"{name:62} {value}", flush=True)


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.monotonic()
    return work(), time.monotonic() - begun


def measured(bench: Bench, kills: int) -> None:
    world, size, chance = bench.world, bench.size, random.Random(1)  # noqa: S311  no secret
    begun, between = world.clock.now(), 2 * size.messages // (kills + 5)
    for _ in range(kills):
        bench.kill(chance.randrange(1, between))
        print(f"killed; {len(bench.stored())} messages are stored", file=sys.stderr, flush=True)
    (last, _), seconds = timed(bench.finish)
    total, most = cost(world.asked), busiest(world.asked)
    report("state, in the end", last["state"])
    report("messages stored", f"{len(bench.stored())} of {size.messages}")
    report("messages.get of what was stored already, after kills", bench.again)
    report("messages.get whose page was not stored yet when it was killed", bench.lost)
    report("units of Gmail in all", total.of("gmail"))
    report("of these at least needed, without any kill", first_units(size.messages))
    lists = {method.rpartition(".")[0]: units for method, units in total.units.items() if method.endswith(".list")}
    report("units of listings, all runs together", lists)
    report("requests of events.list and connections.list, all runs", [
        total.requests["calendar.events.list"], total.requests["people.people.connections.list"],
    ])  # fmt: skip
    report("most units within any minute (quota: 6000, 600, 90)", most)
    report("refused or failed requests", sum(one.status != 200 for one in world.asked))
    report("hours of Google's time", round((world.clock.now() - begun) / 3600, 2))
    report("seconds of ours, last run alone", round(seconds, 1))


def afterwards(bench: Bench) -> None:
    (_, quiet), seconds = timed(bench.finish)
    report("nothing new: requests", dict(quiet.requests))
    report("nothing new: units of Gmail; seconds", f"{quiet.of('gmail')}; {seconds:.2f}")
    for number in range(10):
        bench.world.mail().add(mail(f"new{number}@x.example"))
    said, busy = bench.finish()
    report("ten new messages: stored; units of Gmail", f"{said['stored']}; {busy.of('gmail')} (10 of 20, and 3)")


def real(folder: Path) -> Callable[[int], bytes]:
    """Real messages of a list; the later ones once more under other ids."""
    with tarfile.open(ARCHIVE) as tar:
        tar.extractall(folder, filter="data")
    raws = list(messages(folder / "email-list-linux-mips"))

    def of(number: int) -> bytes:
        copy, index = divmod(number, len(raws))
        return raws[index].replace(b"Message-ID: <", b"Message-ID: <x%d." % copy, 1) if copy else raws[index]

    return of


def main(numbers: list[int]) -> None:
    size = Size(*numbers[:4]) if len(numbers) >= 4 else LIFE
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        world = World(SharedClock(folder / "clock"))
        world.checked = False  # tests hold its answers against Google's discovery documents
        fill(world, size, real(folder))
        world.clock.advance(3_600)
        world.quota.limits = {"gmail": GMAIL_QUOTA, **{api: APIS[api].quota for api in ("calendar", "people")}}
        with serving(world) as google:
            given = world.grant(*(scope.rpartition("/")[2] for scope in asked(FEATURES)))
            (folder / "secret").write_text(secret(google, given).reveal())
            bench = Bench(folder, google, size)
            measured(bench, numbers[4] if len(numbers) > 4 else KILLS)
            afterwards(bench)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--program"]:
        program(Path(sys.argv[2]), sys.argv[3])
    else:
        main([int(number) for number in sys.argv[1:]])
