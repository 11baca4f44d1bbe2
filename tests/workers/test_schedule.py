"""Planner, queue and workers of one process, with a clock that the test turns."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from dramatiq.middleware import Shutdown, TimeLimitExceeded

from amity import wiring
from amity.home import Home as Folder
from connectors.errors import TryLater
from connectors.memory import Entry, MemoryServer
from events import jobs
from events.errors import AmityError
from events.jobs import JobRow
from tests.amity import pretend
from tests.amity.pretend import PASSWORD
from tests.home import Home
from workers import duties
from workers.plan import DAY, HOUR, MINUTE, PULL, SECOND, SEND_AGAIN, TRIES, Job
from workers.runner import Outcome, Runner, Work
from workers.schedule import Scheduler

HOST = "memory.example.org"
START = 1_790_000_000_000


class Machine:
    """A home, a planner whose queue is a list, and a runner that is called by hand."""

    def __init__(self, home: Home) -> None:
        self.home, self.folder, self.now = home, Folder(home.folder), START
        self.queue: list[Job] = []
        self.runner = Runner(self.folder, {}, clock=lambda: self.now / 1000)
        self.scheduler = Scheduler(lambda: [self.folder], self.queue.append, room=8)

    def tick(self, seconds: float = 0) -> list[str]:
        self.now += int(seconds * 1000)
        before = len(self.queue)
        self.scheduler.tick(self.now)
        return [job.row.kind for job in self.queue[before:]]

    def work(self, duty: Any = None) -> None:
        """Do all that is in the queue."""
        known = {"pull": duties.pull, "project": duties.project}
        while self.queue:
            job = self.queue.pop(0)
            does = duty if duty is not None and job.row.kind == PULL else known[job.row.kind]
            self.runner.run(job.owner, job.row.id, job.row.turn, job.row.attempts, does, limit_ms=60_000)

    def pull(self) -> JobRow:
        with closing(wiring.open_home(self.folder)) as log, log.reading() as connection:
            return jobs.rows(connection, log.owner)[PULL, "memory:work"]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryServer]:
    with pretend.server(monkeypatch, HOST) as made:
        yield made


@pytest.fixture
def machine(tmp_path: Path, server: MemoryServer) -> Iterator[Machine]:
    assert server.boxes
    home = Home(tmp_path)
    password = tmp_path / "password"
    password.write_text(PASSWORD)
    password.chmod(0o600)
    options = ("--host", HOST, "--user", "ana", "--password-file", str(password))
    home.json("connect", "memory", *options, "--account", "work", as_of=None)
    made = Machine(home)
    yield made
    made.scheduler.close()


def meetings(machine: Machine) -> int:
    return int(machine.home.json("query", "SELECT count(*) AS n FROM v_meetings", as_of=None)[0]["n"])


def test_read_folded_and_then_nothing_until_it_is_time(machine: Machine) -> None:
    assert sorted(machine.tick()) == ["project", "pull"]
    machine.work()
    machine.tick(1)
    machine.work()
    assert machine.tick(1) == []
    assert meetings(machine) == 3
    assert machine.tick(10 * 60) == ["pull"]


@pytest.mark.parametrize("loss", ["before it was taken", "while it was worked on"])
def test_whatever_the_queue_loses_is_planned_again_within_a_minute(machine: Machine, loss: str) -> None:
    machine.tick()
    if loss == "while it was worked on":
        machine.work(duty=killed)
    machine.queue.clear()
    again = [kind for _ in range(12) for kind in machine.tick(5)]
    assert "pull" in again
    machine.work()
    assert machine.pull().turn == 1


def killed(work: Work) -> Outcome:
    """As if the process had gone: nothing is brought to an end."""
    with work.log.writing() as connection:
        connection.exec_driver_sql("UPDATE jobs SET holder = 'elsewhere/1/a', until_ms = 0")
    raise AmityError("gone")


def test_a_job_that_is_always_fatal_stands_aside_and_is_told_of(machine: Machine, server: MemoryServer) -> None:
    begun = 0
    for _ in range(30):
        machine.tick(1)
        begun += sum(job.row.kind == PULL for job in machine.queue)
        machine.work(duty=killed)
    assert begun == TRIES
    assert machine.pull().attempts == TRIES
    said = machine.home.json("status", as_of=None)["accounts"][0]
    assert "stands aside: 5 times" in said["error"]
    assert machine.home.invoke("status", "--check").exit_code == 4
    server.put("work", Entry("new", "Talk"))
    machine.home.json("sync", "work", as_of=None)
    assert machine.home.json("status", as_of=None)["accounts"][0]["error"] is None


def test_a_machine_that_slept_does_it_once(machine: Machine) -> None:
    machine.tick()
    machine.work()
    assert machine.tick(9 * 24 * 3600).count("pull") == 1
    machine.work()
    assert "pull" not in machine.tick(1)


def test_a_clock_that_jumps_back_or_forth(machine: Machine) -> None:
    for jump in (DAY, -HOUR, -9 * DAY, 400 * DAY, -400 * DAY):
        machine.now += jump
        read = []
        for _ in range(14):
            read += machine.tick(30)
            machine.work()
        assert 1 <= read.count("pull") <= 4, jump


def test_an_error_of_ours_is_kept_and_repeated_ever_more_rarely(machine: Machine) -> None:
    def broken(_: Work) -> Outcome:
        raise ZeroDivisionError("CANARY of ana@example.org")

    machine.tick()
    machine.work(duty=broken)
    assert "ZeroDivisionError" in machine.pull().error
    assert "CANARY" not in machine.pull().error
    assert "pull" not in machine.tick(50)
    assert "pull" in machine.tick(15)


def test_what_takes_too_long_is_a_failure_and_an_end_in_order_is_none(machine: Machine) -> None:
    def long(_: Work) -> Outcome:
        raise TimeLimitExceeded

    machine.tick()
    machine.work(duty=long)
    assert (machine.pull().failures, machine.pull().turn) == (1, 1)

    def stopped(work: Work) -> Outcome:
        work.runner.stopping.set()
        work.runner.sleep(60)
        raise AssertionError

    machine.tick(90)
    machine.work(duty=stopped)
    assert (machine.pull().failures, machine.pull().turn, machine.pull().attempts) == (1, 1, 0)


def test_an_end_in_order_that_is_cut_off_itself_is_no_attempt_either(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dramatiq ends a thread wherever it is, also while it lets go of its turn."""

    def stopped(work: Work) -> Outcome:
        work.runner.stopping.set()
        work.runner.sleep(60)
        raise AssertionError

    def cut_off(*_: object) -> None:
        raise Shutdown

    machine.tick()
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "let_go", cut_off)
        machine.work(duty=stopped)
    assert machine.pull().attempts == 1
    machine.runner.let_go()
    assert (machine.pull().attempts, machine.pull().holder) == (0, "")


def test_what_one_account_was_told_of_a_shared_budget_holds_for_the_others(
    machine: Machine, server: MemoryServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pretend.MemoryConfig, "budget", lambda _: "project 1")
    machine.home.json("connect", "memory", "--host", HOST, "--account", "other", as_of=None)
    machine.tick()
    machine.work()
    assert machine.tick(10 * 60).count("pull") == 2
    asked = server.requests

    def spent(_: str) -> None:
        raise TryLater("The project's quota is used up", 3_600, everyone=True)

    server.on_request = spent
    machine.work()
    server.on_request = lambda _: None
    assert server.requests == asked + 1, "the second one is not even begun"
    assert not [kind for _ in range(100) for kind in machine.tick(35) if kind == "pull"]
    for _ in range(20):
        machine.tick(10)
        machine.work()
    assert [one["error"] for one in machine.home.json("status", as_of=None)["accounts"]] == [None, None]
    assert server.requests > asked + 2


def test_a_worker_that_was_stopped_past_its_lease_commits_nothing(machine: Machine, server: MemoryServer) -> None:
    """SIGSTOP, seen from inside: another takes over between two pages, and then the first one wakes."""
    other, gone = Runner(machine.folder, {}, clock=lambda: machine.now / 1000), threading.Event()

    def asleep(request: str) -> None:
        if request != "streams" and not gone.is_set():
            gone.set()
            with closing(wiring.open_home(machine.folder)) as log, log.writing() as connection:
                connection.exec_driver_sql("UPDATE jobs SET until_ms = 0")
                connection.exec_driver_sql("UPDATE leases SET until_ms = 0")
            row = machine.pull()
            other.run("me", row.id, row.turn, row.attempts, duties.pull, limit_ms=60_000)

    server.on_request = asleep
    machine.tick()
    job = next(job for job in machine.queue if job.row.kind == PULL)
    machine.queue.remove(job)
    machine.runner.run("me", job.row.id, job.row.turn, job.row.attempts, duties.pull, limit_ms=60_000)
    assert machine.pull().turn == 1, "the end of the first one did not count"
    assert (other.failed, machine.runner.failed) == (0, 1)
    machine.work()
    assert meetings(machine) == 3
    found = [one["payload"] for one in machine.home.json("log") if one["type"].endswith("observed.v1")]
    assert len(found) == len({str(one) for one in found}) == 4


def test_a_disconnected_account_is_read_no_more(machine: Machine) -> None:
    machine.tick()
    machine.home.invoke("disconnect", "work")
    machine.work()
    assert machine.tick(SEND_AGAIN / SECOND) == []
    assert machine.tick(30 * MINUTE / SECOND) == []


def test_a_hint_reads_at_once(machine: Machine) -> None:
    machine.tick()
    machine.work()
    machine.tick(5)
    machine.work()
    with closing(wiring.open_home(machine.folder)) as log, log.writing() as connection:
        jobs.hint(connection, log.owner, PULL, "memory:work", machine.now)
    assert machine.tick(1) == ["pull"]
    machine.work()
    assert "pull" not in machine.tick(1)


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_clock_that_jumps_between_the_plan_and_the_run_does_nothing_twice(machine: Machine, jump: int) -> None:
    machine.tick()
    sent = list(machine.queue)
    machine.now += jump
    machine.tick()  # as if it had been lost, or had not been sent yet
    machine.queue += sent  # and a queue that gives it out a second time
    machine.work()
    assert machine.pull().turn == 1
    read = [kind for _ in range(12) for kind in machine.tick(5) if kind == "pull"]
    machine.work()
    assert len(read) <= 1
    assert meetings(machine) == 3
    found = [one["payload"] for one in machine.home.json("log") if one["type"].endswith("observed.v1")]
    assert len(found) == len({str(one) for one in found}) == 4


def test_who_hears_of_no_end_looks_soon_for_room_while_there_is_none(machine: Machine) -> None:
    unheard = Scheduler(lambda: [machine.folder], machine.queue.append, room=1, unheard=True)
    try:
        assert unheard.tick(machine.now) <= SECOND // 4
        assert machine.queue
        assert machine.scheduler.tick(machine.now) > SECOND  # it is rung for
        while machine.queue:
            machine.work()
            unheard.tick(machine.now)
        assert unheard.tick(machine.now) > SECOND
    finally:
        unheard.close()


@pytest.mark.parametrize("apart", [0, HOUR, -HOUR])
def test_two_planners_send_each_turn_once_and_do_it_once_whatever_their_clocks_say(
    machine: Machine, server: MemoryServer, apart: int
) -> None:
    other: list[Job] = []
    second = Scheduler(lambda: [machine.folder], other.append, room=8)
    sent = []
    try:
        for _ in range(30):
            machine.now += 12_000
            both = [
                threading.Thread(target=machine.scheduler.tick, args=(machine.now,)),
                threading.Thread(target=second.tick, args=(machine.now + apart,)),
            ]
            for one in both:
                one.start()
            for one in both:
                one.join()
            sent += [(job.row.id, job.row.turn, job.row.attempts) for job in machine.queue + other]
            machine.queue += other
            other.clear()
            turn, asked = machine.pull().turn, server.requests
            machine.work()
            assert machine.pull().turn <= turn + 1
            if machine.pull().turn == turn:
                assert server.requests == asked
    finally:
        second.close()
    if not apart:
        assert len(sent) == len(set(sent))
    assert meetings(machine) == 3
    found = [one["payload"] for one in machine.home.json("log") if one["type"].endswith("observed.v1")]
    assert len(found) == len({str(one) for one in found}) == 4
