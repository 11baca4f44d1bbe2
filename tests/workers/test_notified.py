"""What comes of notifications: hints for those they are of, however many there are, and a regular look without them."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from amity import subscribing, wiring
from amity.home import Home as Folder
from amity.home import of_owner
from connectors.memory import Entry, MemoryServer
from connectors.notified.notice import Notice, Said
from connectors.notified.port import Made, Place, proof_of
from events import jobs, subscriptions
from events.errors import UsageError
from events.jobs import JobRow
from events.subscriptions import LAPSING, OK, REMOVED, Subscription
from tests.amity import pretend
from tests.amity.pretend import PASSWORD
from tests.home import Home
from workers import duties, notified
from workers.notified import CALM, Receiver
from workers.plan import DAY, EVERY_TOLD, HOUR, PULL, PUSH, SECOND, Job
from workers.runner import Runner
from workers.schedule import Scheduler

HOST = "memory.example.org"
START = 1_790_000_000_000
PLACE = Place("https://push.example.net", "projects/p/topics/news")
SOURCE = "memory:work"
KEY, SECRET = "graph:s1", "a secret"


class Provider:
    """Makes the one subscription; `ends`: it has forgotten it."""

    def __init__(self) -> None:
        self.made, self.ends = 0, False
        self.clock: Callable[[], float] = time.time

    def names(self, _: object) -> list[str]:
        return ["mail"]

    def make(self, _: str, __: Place) -> Made:
        self.made += 1
        now = int(self.clock() * 1000)
        return Made(f"graph:s{self.made}", "", proof_of(SECRET), now + DAY, now + DAY // 2, heard=True)

    def renew(self, _: str, held: Made, __: Place) -> Made | None:
        now = int(self.clock() * 1000)
        return None if self.ends else held._replace(expires_ms=now + DAY, renew_ms=now + DAY // 2)

    def end(self, _: str, __: Made) -> None: ...

    def close(self) -> None: ...


class Machine:
    """A home, a planner whose queue is a list, a runner that is called by hand, and a receiver; one clock for all."""

    def __init__(self, home: Home, provider: Provider) -> None:
        self.folder, self.now, self.provider = Folder(home.folder), START, provider
        provider.clock = lambda: self.now / 1000
        self.queue: list[Job] = []
        self.runner = Runner(self.folder, {}, clock=lambda: self.now / 1000)
        place = notified.place_of(self.runner, "1")
        self.scheduler = Scheduler(lambda: [self.folder], self.queue.append, room=8, place=place)
        self.rung = 0
        self.receiver = Receiver(self.runner, lambda: self.scheduler.told, self.ring, lambda: self.now / 1000)

    def ring(self) -> None:
        self.rung += 1

    def tick(self, seconds: float = 0) -> list[str]:
        """What is sent after some seconds, and done at once."""
        self.now += int(seconds * 1000)
        self.receiver.turn()
        self.scheduler.tick(self.now)
        kinds, known = [], {PULL: duties.pull, PUSH: duties.push, "project": duties.project}
        while self.queue:
            job = self.queue.pop(0)
            kinds.append(job.row.kind)
            duty = known[job.row.kind]
            self.runner.run(job.owner, job.row.id, job.row.turn, job.row.attempts, duty, limit_ms=60_000)
        return kinds

    def settle(self) -> None:
        """Until nothing is due: the account is read, and its provider tells."""
        for _ in range(8):
            self.tick(5)

    def until(self, kind: str, step: float, longest: float) -> float:
        """The seconds until a kind of job is done."""
        passed = 0.0
        while passed < longest:
            passed += step
            if kind in self.tick(step):
                return passed
        raise AssertionError(kind)

    def row(self, kind: str = PULL) -> JobRow:
        with closing(wiring.open_home(self.folder)) as log, log.reading() as connection:
            return jobs.rows(connection, log.owner)[kind, SOURCE]

    def head(self) -> int:
        with closing(wiring.open_home(self.folder)) as log:
            return log.head()

    def held(self) -> Subscription:
        with closing(wiring.open_home(self.folder)) as log, log.reading() as connection:
            (found,) = subscriptions.rows(connection, log.owner)
        return found


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryServer]:
    with pretend.server(monkeypatch, HOST) as made:
        yield made


@pytest.fixture
def machine(tmp_path: Path, server: MemoryServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    assert server.boxes
    provider = Provider()
    monkeypatch.setattr(subscribing, "KINDS", frozenset({"memory"}))
    monkeypatch.setattr(subscribing, "_subscriber", lambda *_: provider)
    monkeypatch.setenv("AMITY_PUSH__URL", PLACE.url)
    monkeypatch.setenv("AMITY_PUSH__TOPIC", PLACE.topic)
    home = Home(tmp_path)
    password = tmp_path / "password"
    password.write_text(PASSWORD)
    password.chmod(0o600)
    options = ("--host", HOST, "--user", "ana", "--password-file", str(password))
    home.json("connect", "memory", *options, "--account", "work", as_of=None)
    made = Machine(home, provider)
    made.settle()
    yield made
    made.scheduler.close()


def notice(said: Said = Said.NEWS, key: str = KEY, secret: str = SECRET) -> Notice:
    return Notice(key, proof_of(secret), said)


def test_once_it_was_read_its_provider_is_asked_to_tell(machine: Machine) -> None:
    assert (machine.provider.made, machine.held().state) == (1, OK)
    assert machine.held().place == subscribing.mark_of(PLACE)


def test_what_is_told_of_is_read_at_once_and_else_as_seldom_as_is_safe(machine: Machine) -> None:
    assert machine.tick(60) == []
    assert machine.tick(5 * 60) == [], "longer than it is asked without push"
    machine.receiver.take([notice()])
    assert PULL in machine.tick(1)


def test_a_lost_notification_costs_its_interval_at_most(machine: Machine, server: MemoryServer) -> None:
    before, head = machine.row().turn, machine.head()
    server.put("work", Entry("lost", "Talk"))
    passed = machine.until(PULL, 10, EVERY_TOLD / 1000 + 60)
    assert passed * 1000 <= EVERY_TOLD + 10 * SECOND
    assert machine.row().turn == before + 1
    assert machine.head() > head


def test_a_subscription_that_does_not_hold_lengthens_nothing(machine: Machine) -> None:
    with closing(wiring.open_home(machine.folder)) as log, log.writing() as connection:
        subscriptions.put(connection, log.owner, machine.held()._replace(state="waiting", renew_ms=machine.now + DAY))
    assert machine.until(PULL, 10, 6 * 60) <= 5 * 60


@pytest.mark.parametrize("other", [{"secret": "another"}, {"secret": ""}, {"key": "graph:s2"}, {"key": "gmail:s1"}])
def test_forged_ones_do_nothing(machine: Machine, other: dict[str, str]) -> None:
    before = machine.row()
    for said in Said:
        machine.receiver.take([notice(said, **other)] * 50)
    for _ in range(30):
        assert machine.tick(1) == []
    assert (machine.row().turn, machine.row().hint_ms, machine.rung) == (before.turn, before.hint_ms, 0)
    assert machine.held().state == OK


def test_a_flood_is_what_a_few_are(machine: Machine) -> None:
    """Two minutes of a thousand genuine ones a second: a look in ten seconds, and no more."""
    before = machine.row().turn
    for _ in range(120):
        machine.receiver.take([notice()] * 1_000)
        machine.tick(1)
    turns = machine.row().turn - before
    assert 10 <= turns <= 120 / CALM + 1
    assert machine.rung <= 120 / CALM + 1


def test_one_that_comes_in_the_calm_is_not_lost(machine: Machine) -> None:
    machine.receiver.take([notice()])
    assert PULL in machine.tick(1)
    machine.receiver.take([notice()])
    assert PULL not in machine.tick(1)
    assert machine.until(PULL, 1, 60) <= CALM


def test_one_that_comes_before_its_subscription_is_known_is_kept_for_a_while(machine: Machine) -> None:
    held = machine.held()
    machine.scheduler.told = {}
    machine.receiver.turn()
    machine.receiver.take([notice()])
    machine.receiver.turn()
    assert machine.rung == 0
    machine.scheduler.told = {"me": [held]}
    machine.receiver.turn()
    assert machine.rung == 1


def test_those_that_nobody_knows_are_forgotten(machine: Machine) -> None:
    machine.receiver.take([notice(key=f"graph:{number}") for number in range(100_000)])
    for _ in range(30):
        machine.receiver.turn()
    assert not machine.receiver._late


def test_what_was_heard_is_noted(machine: Machine) -> None:
    before = machine.held().heard_ms
    machine.receiver.take([notice()])
    machine.tick(30)
    assert machine.held().heard_ms > before


def test_missed_is_looked_for_and_the_subscription_stays(machine: Machine) -> None:
    machine.receiver.take([notice(Said.MISSED)])
    assert PULL in machine.tick(1)
    assert (machine.held().state, machine.provider.made) == (OK, 1)


def test_one_that_lapses_is_prolonged(machine: Machine) -> None:
    machine.tick(200)
    ends = machine.held().expires_ms
    machine.receiver.take([notice(Said.LAPSING)])
    machine.receiver.turn()
    assert machine.held().state == LAPSING
    machine.until(PUSH, 5, 120)
    assert machine.held().state == OK
    assert machine.held().expires_ms > ends
    assert machine.provider.made == 1


def test_one_that_was_removed_is_made_anew_and_what_it_missed_is_looked_for(machine: Machine) -> None:
    machine.tick(200)
    machine.receiver.take([notice(Said.REMOVED)])
    machine.receiver.turn()
    assert machine.held().state == REMOVED
    machine.until(PUSH, 5, 120)
    assert (machine.provider.made, machine.held().id) == (2, "graph:s2")
    assert PULL in machine.tick(5)


def test_removed_again_and_again_it_is_made_once_a_minute(machine: Machine) -> None:
    """Whoever has the secret of a subscription can do no more than that."""
    before = machine.provider.made
    for _ in range(100):
        machine.receiver.take([notice(Said.REMOVED, machine.held().id)])
        machine.tick(2)
    assert 2 <= machine.provider.made - before <= 4


@pytest.mark.parametrize("off", [0, -HOUR, HOUR])
def test_it_is_renewed_before_it_ends_also_when_the_clock_jumps(machine: Machine, off: int) -> None:
    ends = machine.held().expires_ms
    machine.now += off
    lived = 0
    while machine.held().expires_ms == ends:
        machine.tick(1_800)
        lived += 1_800_000
        assert lived < DAY - HOUR, "by the provider's clock"


def test_where_the_door_is_called_otherwise_all_are_made_anew(machine: Machine) -> None:
    machine.scheduler.close()
    other = Place("https://other.example.net")
    machine.runner._place = (other, "")
    machine.scheduler = Scheduler(
        lambda: [machine.folder], machine.queue.append, room=8, place=subscribing.mark_of(other)
    )
    machine.until(PUSH, 10, 120)
    assert (machine.provider.made, machine.held().place) == (2, "https://other.example.net")


def test_a_planner_without_a_door_asks_nobody_to_tell(machine: Machine) -> None:
    machine.scheduler.close()
    machine.scheduler = Scheduler(lambda: [machine.folder], machine.queue.append, room=8)
    done = {kind for _ in range(50) for kind in machine.tick(60)}
    assert PUSH not in done
    assert PULL in done


def test_an_owner_who_was_removed_gets_no_new_home(machine: Machine) -> None:
    machine.receiver.turn()
    machine.receiver.take([notice()])
    machine.scheduler.close()
    shutil.rmtree(machine.folder.folder)
    machine.receiver.turn()
    assert not machine.folder.folder.exists()


def test_one_mailbox_of_two_owners_is_read_for_both_and_for_nobody_else(tmp_path: Path) -> None:
    """An organisation: whom a notification is for follows from what was asked for, and from nothing in it."""
    organisation = Folder(tmp_path)
    told = {
        "ana": [Subscription("google:g", "mail", "gmail:shared@corp.example")],
        "bo": [Subscription("google:x", "mail", "gmail:shared@corp.example")],
        "cy": [Subscription("google:g", "mail", "gmail:cy@corp.example"), Subscription("google:g", "calendar:a")],
    }
    for name in told:
        with closing(wiring.open_home(of_owner(organisation, name))) as log, log.writing() as connection:
            jobs.add(connection, name, [(PULL, told[name][0].source)])
    receiver = Receiver(Runner(organisation, {}), lambda: told, bool)
    receiver.turn()
    receiver.take([Notice("gmail:shared@corp.example", ""), Notice("", "")])
    receiver.turn()
    hinted = {}
    for name in told:
        with closing(wiring.open_home(of_owner(organisation, name))) as log, log.reading() as connection:
            hinted[name] = [bool(row.hint_ms) for row in jobs.rows(connection, name).values()]
    assert hinted == {"ana": [True], "bo": [True], "cy": [False]}


def test_notices_from_many_threads_are_all_kept(machine: Machine) -> None:
    machine.receiver.turn()
    threads = [threading.Thread(target=machine.receiver.take, args=([notice()] * 100,)) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert machine.receiver.taken == 800
    assert PULL in machine.tick(1)


def test_a_door_needs_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AMITY_PUSH__URL", raising=False)
    runner = Runner(Folder(tmp_path), {})
    with pytest.raises(UsageError, match="AMITY_PUSH__URL"):
        notified.place_of(runner, "8440")
    assert notified.place_of(runner, "") == ""
