"""What an account costs its provider while nothing happens: requests, and units of quota, of a day.

    python -m benchmarks.idle_requests [--hours 6]

At the fakes of Google and Graph time is that of the fake: so many hours of looks, as often as the planner has them
(45 seconds, less an eighth on average), are counted and reckoned up to a day. At the real Dovecot and Radicale some
looks are counted. With notifications an account is looked at every ten minutes instead.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from connectors.google.account import GoogleAccount
from connectors.google.client import Client
from connectors.google.renewing import Renewing
from connectors.google.scopes import Feature, asked
from connectors.sync.loop import sync
from connectors.sync.provider import InMemory
from events.log import Log, open_log
from tests.connectors.google.crowd import Size, cost, fill
from tests.connectors.google.worlds import secret
from tests.connectors.imap.worlds import mail
from tests.connectors.microsoft.scale import Account, filled
from tests.peers import dovecot, google, graph
from tests.peers.dav import meeting
from tests.peers.proxy import Tap, tap
from tests.peers.radicale import radicale
from tests.workers.rig import Mailbox, Rig
from workers.plan import EVERY, EVERY_TOLD, SECOND

DAY = 86_400.0
CALENDARS, LOOKS = 3, 10
FEATURES = (Feature.WORDS, Feature.CALENDAR, Feature.CONTACTS)
_JITTER = 1 - 0.25 / 2  # of the longest pause, on average (workers.plan)


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.idle_requests")
    parser.add_argument("--hours", type=float, default=6.0)
    hours = parser.parse_args(given).hours
    for every, name in ((EVERY["google"], "polled"), (EVERY_TOLD, "told by notifications")):
        at_google(hours, every / SECOND * _JITTER, name)
        at_graph(hours, every / SECOND * _JITTER, name)
    over_the_wire()
    return 0


def at_google(hours: float, pause: float, name: str) -> None:
    world = google.World()
    world.checked = False
    fill(world, Size(200, 60, 5, 20))
    for number in range(1, CALENDARS):
        world.new_calendar(f"c{number}@group.calendar.google.com")
    with google.serving(world) as fake, new_log() as log:
        given = world.grant(*(scope.rpartition("/")[2] for scope in asked(FEATURES)))
        keeper, clock = InMemory(secret(fake, given)), world.clock

        def look() -> None:
            auth = Renewing(keeper, "bench", wall=clock.now)
            client = Client(auth, "bench", endpoint=fake.url, clock=clock.now, wall=clock.now, sleep=clock.advance)
            account = GoogleAccount(client, FEATURES, source="google:bench")
            result = sync(account, log, clock=clock.now, sleep=clock.advance)
            account.close()
            if result.state != "ok":
                raise SystemExit(f"{result.state} {result.error}")

        began = idle(look, clock.advance, lambda: len(world.asked), hours, pause)
        found = cost(world.asked[began:])
    whole = 24 / hours
    by_api = Counter[str]()
    for method, number in found.requests.items():
        by_api[method.partition(".")[0]] += number
    said = ", ".join(f"{api} {number * whole:,.0f}" for api, number in sorted(by_api.items()))
    units = found.of("gmail") * whole
    _say(f"Google, {CALENDARS} calendars, {name}: {said} requests a day; {units:,.0f} units of Gmail")


def at_graph(hours: float, pause: float, name: str) -> None:
    with graph.serving() as fake, new_log() as log:
        filled(fake.world, messages=200, folders=12, series=5, seed=5)
        account, clock = Account(fake), fake.world.clock

        def look() -> None:
            result = account.run(log)
            if result is None or result.state != "ok":
                raise SystemExit(f"{result}")

        began = idle(look, clock.advance, lambda: len(fake.world.asked), hours, pause)
        requests = len(fake.world.asked) - began
    _say(f"Graph, 12 folders, {name}: {requests * 24 / hours:,.0f} requests a day")


def idle(
    look: Callable[[], None], pass_: Callable[[float], None], count: Callable[[], int], hours: float, pause: float
) -> int:
    """Look until nothing is new, then so many hours long; how many requests there were before that."""
    for _ in range(3):
        look()
        pass_(pause)
    began = count()
    for _ in range(int(hours * 3600 / pause)):
        look()
        pass_(pause)
    return began


def over_the_wire() -> None:
    with tempfile.TemporaryDirectory() as folder, dovecot.running() as server, radicale() as calendar:
        rig, box = Rig(Path(folder)), Mailbox(server)
        for number in range(20):
            box.add(mail(f"{number}@x.example"))
        box.close()
        calendar.make("/alice/work/", ".ics")
        calendar.put("/alice/work/one.ics", meeting("one"))
        port = int(calendar.url.rpartition(":")[2])
        with tap(server.port) as mails, tap(port) as meetings:
            secret_ = ("--password-file", str(rig.password))
            rig.amity("connect", "imap", "--host", "127.0.0.1", "--port", str(mails.port), "--user", box.user, *secret_,
                      "--no-tls", "--account", "mail")  # fmt: skip
            rig.amity("connect", "caldav", "--url", f"http://127.0.0.1:{meetings.port}", "--user", "alice", *secret_,
                      "--account", "calendar")  # fmt: skip
            for wire, account, kind in ((mails, "mail", "imap"), (meetings, "calendar", "caldav")):
                said = looks(rig, wire, account)
                daily = DAY / (EVERY[kind] / SECOND * _JITTER)
                _say(f"{kind}: {said[1]:.1f} connections, {said[0]:.1f} requests a look; {said[0] * daily:,.0f} a day")


def looks(rig: Rig, wire: Tap, account: str) -> tuple[float, float]:
    """Requests and connections of a look at which nothing is new."""
    for _ in range(2):
        rig.amity("sync", account)
    commands, sessions = requests_of(wire), len(wire.sessions)
    for _ in range(LOOKS):
        rig.amity("sync", account)
    return (requests_of(wire) - commands) / LOOKS, (len(wire.sessions) - sessions) / LOOKS


def requests_of(wire: Tap) -> int:
    """Commands of IMAP, which begin with a tag; requests of HTTP."""
    lines = [line for session in wire.sessions for line in bytes(session.sent).split(b"\r\n")]
    http = sum(line.endswith(b" HTTP/1.1") for line in lines)
    return http or sum(bool(line) for line in lines)


@contextmanager
def new_log() -> Iterator[Log]:
    with tempfile.TemporaryDirectory() as folder, open_log(f"sqlite:///{Path(folder)}/log.db") as log:
        yield log


def _say(line: str) -> None:
    sys.stdout.write(f"{datetime.now(UTC):%H:%M} {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
