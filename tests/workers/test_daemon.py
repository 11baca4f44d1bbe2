"""`amity daemon` as people run it: a process of its own, real servers, and every way to end it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from tests.conftest import ROOT, absent
from tests.connectors.imap.worlds import mail
from tests.peers import valkey as valkey_peer
from tests.peers.daemon import free_port
from tests.peers.dovecot import Dovecot
from tests.peers.radicale import radicale
from tests.workers.rig import Daemon, Mailbox, Rig, daemon, dramatiq_worker, until

pytestmark = pytest.mark.slow
SOON = {"TEST_EVERY_MS": "700"}


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_what_is_new_at_real_servers_is_in_the_answers(rig: Rig, dovecot: Dovecot) -> None:
    box, other = Mailbox(dovecot), Mailbox(dovecot)
    for number in range(5):
        box.add(mail(f"one{number}@x.example"))
    other.add(mail("other@x.example"))
    rig.connect_imap(box, "one")
    rig.connect_imap(other, "two")
    with radicale() as calendar:
        calendar.make("/alice/work/", ".ics")
        rig.amity("connect", "caldav", "--url", calendar.url, "--user", "alice", "--password-file", str(rig.password),
                  "--account", "cal")  # fmt: skip
        with daemon(rig, more=SOON) as running:
            until(lambda: rig.messages() == 6)
            box.add(mail("later@x.example"))
            until(lambda: rig.messages() == 7)
            said = {one["account"]: one for one in rig.amity("status")["accounts"]}
            assert all(one["next_run"] and not one["error"] for one in said.values())
            assert {one["job"] for one in said.values()} == {line["job"] for line in running.runs("pull")}
            assert all(one["lag"] == 0 for one in rig.amity("status")["projections"])
            assert running.stop()[0] == 0
    assert not [line for line in dovecot.log().splitlines() if "save" not in line and "Mailbox created" not in line]
    box.close()
    other.close()
    told = "".join(running.raw)
    for secret in (box.user, "alice", "127.0.0.1", "secret", "example", str(rig.folder)):
        assert secret not in told


def test_a_server_that_tells_is_read_in_seconds(rig: Rig, dovecot: Dovecot) -> None:
    """Far earlier than its interval of 45 seconds."""
    box = Mailbox(dovecot)
    box.add(mail("first@x.example"))
    rig.connect_imap(box, "one")
    with daemon(rig) as running:
        until(lambda: rig.turns("one") == 1)
        time.sleep(2)  # until it idles
        began = time.monotonic()
        box.add(mail("second@x.example"))
        until(lambda: rig.turns("one") >= 2, 25)
        until(lambda: rig.messages() == 2)
        assert time.monotonic() - began < 25
        assert running.stop()[0] == 0
    box.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_two_seconds_also_while_a_server_does_not_answer(rig: Rig, number: int) -> None:
    rig.connect_pretended("stuck", block=True)
    rig.connect_pretended("slow", meetings=200, slow=0.2)
    with daemon(rig) as running:
        until(lambda: sum(row["attempts"] for row in rig.jobs()) >= 2)
        code, took = running.stop(number)
    assert code == 0
    assert took < 2
    jobs = [row for row in rig.jobs() if row["kind"] == "pull"]
    assert [(row["attempts"], row["holder"]) for row in jobs] == [(0, ""), (0, "")], "an end in order is no attempt"


def test_a_second_daemon_says_so_and_ends(rig: Rig) -> None:
    with daemon(rig) as running:
        until(lambda: running.lines)
        second = Daemon(rig)
        assert second.process.wait(20) == 1
        second.close()
        assert f"process {running.process.pid}" in "".join(second.raw)
        assert running.stop()[0] == 0


def test_once_does_what_is_due_and_ends(rig: Rig) -> None:
    rig.connect_pretended("work", meetings=45)
    for _ in range(2):
        with daemon(rig, "--once") as running:
            assert running.process.wait(30) == 0
        assert rig.meetings() == 45
    rig.pretend("work", fail=True)
    rig.connect_pretended("other", fail=True)
    with daemon(rig, "--once") as running:
        assert running.process.wait(60) in {0, 1}


def test_a_job_that_kills_its_worker_stands_aside_and_the_others_go_on(rig: Rig) -> None:
    rig.connect_pretended("bad", poison=True)
    killed = 0
    with daemon(rig, more=SOON) as running:
        assert running.process.wait(30) == -signal.SIGKILL
    assert [row["attempts"] for row in rig.jobs() if row["kind"] == "pull"] == [1], "it was counted before"
    rig.attempted("bad", 3)  # two more would show nothing else, and take their time
    rig.connect_pretended("good", meetings=3)
    for _ in range(8):
        with daemon(rig, more=SOON) as running:
            process, before = running.process, rig.turns("good")
            until(lambda process=process, before=before: process.poll() is not None or rig.turns("good") > before + 1)  # type: ignore[misc]
            if process.poll() is None:
                break
            killed += 1
    assert killed == 2
    assert rig.meetings() == 3
    bad = rig.account("bad")
    assert "stands aside" in bad["error"]
    assert rig.account("good")["error"] is None
    assert "sync bad" in bad["says"]
    rig.pretend("bad", meetings=2)
    rig.amity("sync", "bad")
    assert rig.account("bad")["error"] is None


def test_killed_and_started_again_it_goes_on_where_it_stood(rig: Rig) -> None:
    rig.connect_pretended("work", meetings=200, slow=0.05)
    for wait in (0.1, 0.3):
        with daemon(rig) as running:
            until(lambda: any(row["attempts"] for row in rig.jobs()))
            time.sleep(wait)
            os.kill(running.process.pid, signal.SIGKILL)
            running.process.wait()
    with daemon(rig, "--once") as running:
        assert running.process.wait(30) == 0
    assert len(rig.facts()) == len(set(rig.facts())) >= 200
    assert rig.meetings() == 200


def test_a_daemon_that_slept_past_its_lease_stores_nothing_that_another_stored(rig: Rig) -> None:
    rig.connect_pretended("work", meetings=100, slow=0.4)
    with daemon(rig) as running:
        until(lambda: running.runs("project") and any(kind == "meeting.observed.v1" for kind, _ in rig.facts()))
        until(lambda: not any(row["holder"] for row in rig.jobs() if row["kind"] == "project"))
        rig.stop_between(running.process.send_signal)
        rig.lapse()
        rig.pretend("work", meetings=100)
        (done,) = rig.amity("sync")["accounts"]
        assert done["state"] == "ok"
        os.kill(running.process.pid, signal.SIGCONT)
        until(lambda: running.runs("pull"))
        assert running.stop()[0] == 0
    assert running.runs("pull")[0]["state"] != "ok"
    meetings = [one for one in rig.facts() if one[0] == "meeting.observed.v1"]
    assert len(meetings) == len(set(meetings)) == 100


def test_killed_at_random_again_and_again() -> None:
    """A few; `python -m tests.workers.kill 1000` for more."""
    command = [sys.executable, "-m", "tests.workers.kill", "12", "7"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("how", ["deleted", "broken"])
def test_a_queue_that_is_gone_is_made_anew_with_all_that_is_due(rig: Rig, how: str) -> None:
    rig.connect_pretended("work", meetings=1)
    with daemon(rig, more=SOON) as running:
        until(lambda: rig.meetings() == 1)
        for path in rig.home.glob("queue.db*"):
            if how == "deleted":
                path.unlink()
            elif not path.name.endswith("-shm"):
                path.write_bytes(b"no database at all" * 1_000)
        rig.pretend("work", meetings=2)
        until(lambda: rig.meetings() == 2, 90)
        assert running.stop()[0] == 0


def test_a_planner_and_workers_apart_lose_nothing_when_the_queue_is_wiped(rig: Rig, valkey: str) -> None:
    rig.connect_pretended("work", meetings=1)
    more = {**SOON, "AMITY_BROKER_URL": valkey}
    with daemon(rig, "--threads", "0", more=more) as planner, dramatiq_worker(rig, valkey):
        until(lambda: rig.meetings() == 1)
        redis.Redis.from_url(valkey).flushall()
        rig.pretend("work", meetings=2)
        until(lambda: rig.meetings() == 2, 60)
        assert not planner.runs("pull")
        assert planner.stop()[0] == 0
    said = (rig.folder / "worker.log").read_text()
    assert '"event": "run"' in said
    assert "CANARY" not in said


@pytest.mark.timeout(900)
@pytest.mark.parametrize("queue", ["sqlite", "redis", "rabbitmq"])
def test_processes_and_threads_are_as_many_as_dramatiq_is_told(
    rig: Rig, queue: str, request: pytest.FixtureRequest
) -> None:
    url = {"sqlite": "", "redis": "valkey", "rabbitmq": "rabbitmq"}[queue]
    url = request.getfixturevalue(url) if url else ""
    names = [f"a{number}" for number in range(10)]  # more than one process of two threads asks for in advance
    for name in names:
        rig.connect_pretended(name, meetings=400, slow=0.3)
    with daemon(rig, "--threads", "0", more={**SOON, "AMITY_BROKER_URL": url}) as planner:
        with dramatiq_worker(rig, url, "--processes", "2", "--threads", "2"):
            until(lambda: len(holders(rig)) == 4 and len(set(holders(rig))) == 2, 120)
            for name in names:
                rig.pretend(name, meetings=3)
            until(lambda: all(rig.turns(name) for name in names), 180)
        assert planner.stop()[0] == 0
    facts = rig.facts()
    assert len(facts) == len(set(facts))


def holders(rig: Rig) -> list[str]:
    """The process of each account that is being read."""
    return [row["holder"].split("/")[1] for row in rig.jobs() if row["kind"] == "pull" and row["holder"]]


def test_a_queue_whose_server_goes_away_and_comes_back(rig: Rig) -> None:
    program, port = valkey_peer.program(), free_port()
    if program is None:
        absent("no Valkey here: install the development dependencies")
        return
    rig.connect_pretended("work", meetings=1)
    more = {**SOON, "AMITY_BROKER_URL": f"redis://127.0.0.1:{port}/0"}
    with valkey_peer.running(program, port):
        running = Daemon(rig, more=more)
        until(lambda: rig.turns("work") > 1)
    try:
        until(lambda: any(line["event"] == "unsent" for line in running.lines))
        with valkey_peer.running(program, port):
            before = rig.turns("work")
            until(lambda: rig.turns("work") > before + 1, 60)
        code, took = running.stop()  # its server is away again
        assert code == 0
        assert took < 2
    finally:
        running.process.kill()
        running.process.wait()
        running.close()


def test_nothing_of_what_is_read_or_refused_is_told(rig: Rig) -> None:
    rig.connect_pretended("nobody@canary.example", meetings=3)
    rig.connect_pretended("angry@canary.example", fail=True)
    with daemon(rig, more=SOON) as running:
        until(lambda: len(running.runs("pull")) > 2)
        running.stop()
    assert "canary" not in "".join(running.raw).lower()
    queue = b"".join(path.read_bytes() for path in rig.home.glob("queue.db*"))
    assert b"canary" not in queue.lower()
