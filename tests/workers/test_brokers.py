"""One feature matrix for all queues: whatever the setting says, messages behave the same."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import dramatiq
import pytest
from dramatiq import Broker, Worker, group, pipeline
from dramatiq.errors import BrokerConnectionError
from dramatiq.middleware import Shutdown, TimeLimitExceeded

from events.errors import AmityError, UsageError
from tests.workers.rig import until
from workers.broker import kind_of, make_broker
from workers.sqlite_broker import SqliteBroker

Declare = Callable[..., Any]


class Bench:
    """A broker with a queue of its own, and a worker that can be started and stopped."""

    def __init__(self, url: str, folder: Path, queue: str) -> None:
        self.url, self.folder, self.queue = url, folder, queue
        self.broker: Broker = make_broker(url, folder)
        self.seen: list[Any] = []
        self.worker: Worker | None = None

    def actor(self, function: Callable[..., Any], **options: Any) -> Any:
        return dramatiq.actor(broker=self.broker, queue_name=self.queue, **options)(function)

    def start(self, threads: int = 4) -> None:
        self.worker = Worker(self.broker, worker_threads=threads, worker_timeout=100)
        self.worker.start()
        self.broker.emit_after("process_boot")

    def stop(self) -> None:
        if self.worker is not None:
            self.worker.stop(timeout=5_000)
            self.worker = None

    def another(self) -> Bench:
        """As another process would see the same queue."""
        self.broker.close()
        return Bench(self.url, self.folder, self.queue)


@pytest.fixture
def bench(broker_url: str, folder: Path, new_queue: Callable[[], str]) -> Iterator[Bench]:
    with opened(Bench(broker_url, folder, new_queue())) as made:
        yield made


@contextmanager
def opened(made: Bench) -> Iterator[Bench]:
    try:
        yield made
    finally:
        made.stop()
        with suppress(Exception):
            made.broker.flush_all()
        made.broker.close()


def test_every_message_is_done_once(bench: Bench) -> None:
    add = bench.actor(bench.seen.append, actor_name="add")
    for number in range(50):
        add.send(number)
    bench.start()
    until(lambda: len(bench.seen) >= 50)
    time.sleep(0.2)
    assert sorted(bench.seen) == list(range(50))


def test_one_after_the_other(bench: Bench) -> None:
    add = bench.actor(bench.seen.append, actor_name="add")
    for number in range(20):
        add.send(number)
    bench.start(threads=1)
    until(lambda: len(bench.seen) == 20)
    assert bench.seen == list(range(20))


def test_what_matters_more_goes_first(bench: Bench) -> None:
    high = bench.actor(lambda: bench.seen.append("high"), actor_name="high", priority=0)
    low = bench.actor(lambda: bench.seen.append("low"), actor_name="low", priority=10)
    begun, go, last = threading.Semaphore(0), threading.Event(), threading.Event()

    def hold(which: str) -> None:
        begun.release()
        (go if which == "first" else last).wait(20)

    held = bench.actor(hold, actor_name="hold", priority=0)
    held.send("first")
    held.send("last")
    bench.start(threads=2)
    assert begun.acquire(timeout=20)
    assert begun.acquire(timeout=20)
    low.send()
    time.sleep(0.3)
    high.send()
    time.sleep(0.7)  # both are with the worker before it has time for one
    go.set()
    until(lambda: len(bench.seen) == 2)
    last.set()
    assert bench.seen == ["high", "low"]


def test_delays(bench: Bench) -> None:
    late = bench.actor(lambda began: bench.seen.append(time.monotonic() - began), actor_name="late")
    bench.start()
    late.send_with_options(args=(time.monotonic(),), delay=500)
    until(lambda: bench.seen)
    assert 0.45 <= bench.seen[0] < 3


def test_a_failure_ends_among_the_dead_and_the_others_go_on(bench: Bench) -> None:
    def fail(number: int) -> None:
        bench.seen.append(number)
        if number == 1:
            raise RuntimeError("no")

    do = bench.actor(fail, actor_name="fail")
    for number in range(3):
        do.send(number)
    bench.start()
    until(lambda: len(bench.seen) == 3)
    time.sleep(0.3)
    assert sorted(bench.seen) == [0, 1, 2], "the middleware of all brokers tries nothing twice"


def dead_letters(bench: Bench) -> int:
    """How many there are, as each broker keeps them for whoever wants to look."""
    broker: Any = bench.broker
    if isinstance(broker, SqliteBroker):
        return broker.count(dead=True)
    if bench.url == "stub://":
        return len(broker.dead_letters_by_queue[bench.queue])
    if bench.url.startswith("redis"):
        return int(broker.client.zcard(f"amity:{bench.queue}.XQ"))
    return int(broker.get_queue_message_counts(bench.queue)[2])


def test_what_failed_is_kept_among_the_dead_letters(bench: Bench) -> None:
    def fail(number: int) -> None:
        bench.seen.append(number)
        raise RuntimeError("no")

    do = bench.actor(fail, actor_name="fail")
    for number in range(3):
        do.send(number)
    bench.start()
    until(lambda: dead_letters(bench) == 3)
    assert sorted(bench.seen) == [0, 1, 2]


def test_several_at_once_and_no_more_than_there_are_threads(bench: Bench) -> None:
    begun, go, together, lock = threading.Semaphore(0), threading.Event(), Counter[str](), threading.Lock()

    def hold(number: int) -> None:
        with lock:
            together["now"] += 1
            together["most"] = max(together["most"], together["now"])
        begun.release()
        go.wait(60)
        with lock:
            together["now"] -= 1
            bench.seen.append(number)

    do = bench.actor(hold, actor_name="hold")
    for number in range(9):
        do.send(number)
    bench.start(threads=3)
    for _ in range(3):
        assert begun.acquire(timeout=60)
    go.set()
    until(lambda: len(bench.seen) == 9)
    assert together["most"] == 3


def test_a_group_is_done_by_all(bench: Bench) -> None:
    add = bench.actor(bench.seen.append, actor_name="add")
    group([add.message(number) for number in range(5)], broker=bench.broker).run()  # type: ignore[no-untyped-call]
    bench.start()
    until(lambda: len(bench.seen) == 5)
    assert sorted(bench.seen) == list(range(5))


def test_results_and_limits_are_refused_in_a_sentence_and_not_lost_in_silence(bench: Bench) -> None:
    """What happened stands in the database, and who may work on what does too: see docs/daemon.md."""
    with pytest.raises(ValueError, match="store_results"):
        bench.actor(lambda: 1, actor_name="asked", store_results=True)
    plain = bench.actor(lambda: 1, actor_name="plain")
    with pytest.raises(RuntimeError, match="results backend"):
        plain.send().get_result()
    some = group([plain.message()], broker=bench.broker)  # type: ignore[no-untyped-call]
    some.add_completion_callback(plain.message())  # type: ignore[no-untyped-call]
    with pytest.raises(RuntimeError, match="GroupCallbacks"):
        some.run()  # type: ignore[no-untyped-call]


def test_a_message_may_ask_for_retries(bench: Bench) -> None:
    def fail() -> None:
        bench.seen.append(time.monotonic())
        if len(bench.seen) < 3:
            raise RuntimeError("no")

    bench.actor(fail, actor_name="fail", max_retries=5, min_backoff=100, max_backoff=200).send()
    bench.start()
    until(lambda: len(bench.seen) == 3)


def test_what_an_actor_may_throw_is_not_retried(bench: Bench) -> None:
    def fail() -> None:
        bench.seen.append(1)
        raise KeyError

    bench.actor(fail, actor_name="fail", max_retries=5, min_backoff=10, throws=(KeyError,)).send()
    bench.start()
    until(lambda: bench.seen)
    time.sleep(0.5)
    assert bench.seen == [1]


def test_somebody_is_told_when_there_is_no_hope(bench: Bench) -> None:
    def fail() -> None:
        raise RuntimeError("no")

    bench.actor(lambda message, _: bench.seen.append(message["actor_name"]), actor_name="told")
    bench.actor(fail, actor_name="fail", on_retry_exhausted="told").send()
    bench.start()
    until(lambda: bench.seen)
    assert bench.seen == ["fail"]


def test_one_thing_leads_to_the_next(bench: Bench) -> None:
    one = bench.actor(lambda number: number + 1, actor_name="one")
    two = bench.actor(bench.seen.append, actor_name="two")
    pipeline([one.message(1), one.message(), two.message()], broker=bench.broker).run()  # type: ignore[no-untyped-call]
    bench.start()
    until(lambda: bench.seen)
    assert bench.seen == [3]


def test_what_is_too_old_is_left(bench: Bench) -> None:
    add = bench.actor(bench.seen.append, actor_name="add")
    add.send_with_options(args=("old",), max_age=50)
    time.sleep(0.2)
    add.send("new")
    bench.start()
    until(lambda: bench.seen)
    time.sleep(0.2)
    assert bench.seen == ["new"]


def test_time_limits_end_what_takes_too_long(bench: Bench) -> None:
    def long() -> None:
        try:
            while True:
                time.sleep(0.01)
        except TimeLimitExceeded:
            bench.seen.append("ended")

    bench.actor(long, actor_name="long", time_limit=300).send()
    bench.start()
    until(lambda: bench.seen, 10)
    assert bench.seen == ["ended"]


def test_a_worker_that_ends_interrupts_and_leaves_the_rest_to_the_next(bench: Bench) -> None:
    begun = threading.Event()

    def long() -> None:
        begun.set()
        try:
            while True:
                time.sleep(0.01)
        except Shutdown:
            bench.seen.append("interrupted")

    bench.actor(long, actor_name="long").send()
    bench.start(threads=1)
    assert begun.wait(20)
    add = bench.actor(bench.seen.append, actor_name="add")
    for number in range(5):
        add.send(number)
    began = time.monotonic()
    bench.stop()
    assert time.monotonic() - began < 3
    assert bench.seen == ["interrupted"]
    if bench.url == "stub://":
        return  # its messages live and die with their process: no setting for people
    with opened(bench.another()) as second:
        second.actor(bench.seen.append, actor_name="add")
        second.start()
        until(lambda: len(bench.seen) == 6)


def test_messages_of_unknown_kinds_stop_nobody(bench: Bench) -> None:
    add = bench.actor(bench.seen.append, actor_name="add")
    gone = bench.actor(bench.seen.append, actor_name="gone")
    gone.send("gone")
    add.send("here")
    del bench.broker.actors["gone"]
    bench.start()
    until(lambda: bench.seen)
    time.sleep(0.2)
    assert bench.seen == ["here"]


def test_the_middleware_is_the_same_everywhere(bench: Bench) -> None:
    names = [type(one).__name__ for one in bench.broker.middleware]
    assert names[:7] == [
        "AgeLimit", "TimeLimit", "ShutdownNotifications", "Callbacks", "Pipelines", "Retries", "CurrentMessage",
    ]  # fmt: skip


def test_confirms_are_on(rabbitmq: str, folder: Path) -> None:
    broker: Any = make_broker(rabbitmq, folder)
    assert broker.confirm_delivery
    broker.close()


@pytest.mark.parametrize("url", ["kafka://x", "sqlite:///q.db", "nonsense", "redis"])
def test_other_addresses_are_refused_without_being_shown(url: str, folder: Path) -> None:
    with pytest.raises(UsageError, match="AMITY_BROKER_URL") as told:
        make_broker(f"{url}secret@host", folder)
    assert "host" not in str(told.value).replace("host:port", "")


def test_a_missing_package_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "dramatiq.brokers.redis", None)
    with pytest.raises(AmityError, match=r"install amity\[redis\]"):
        make_broker("redis://localhost", folder)


def test_what_may_be_said_of_an_address() -> None:
    assert (kind_of(""), kind_of("amqp://me:secret@host")) == ("sqlite", "amqp")


def test_the_file_is_the_owners_alone_and_may_be_deleted(folder: Path) -> None:
    with opened(Bench("", folder, "q")) as bench:
        add = bench.actor(bench.seen.append, actor_name="add")
        bench.start()
        add.send(1)
        until(lambda: bench.seen == [1])
        assert {path.stat().st_mode & 0o777 for path in folder.glob("queue.db*")} == {0o600}
        for path in folder.glob("queue.db*"):
            path.unlink()
        add.send(2)
        until(lambda: bench.seen == [1, 2])


@pytest.mark.parametrize("rubbish", [b"no database at all" * 1_000, b""])
def test_a_file_that_is_broken_is_made_anew(folder: Path, rubbish: bytes) -> None:
    with opened(Bench("", folder, "q")) as bench:
        add = bench.actor(bench.seen.append, actor_name="add")
        bench.start()
        add.send(1)
        until(lambda: bench.seen == [1])
        for name in ("queue.db", "queue.db-wal"):
            (folder / name).write_bytes(rubbish)

        def sent() -> bool:
            with suppress(BrokerConnectionError):  # the planner tells of it, and sends again
                add.send(2)
            return 2 in bench.seen

        until(sent)


def test_what_a_dead_process_had_taken_is_given_out_again(folder: Path) -> None:
    first, second = (SqliteBroker(folder / "queue.db", held_seconds=0.5) for _ in range(2))
    for broker in (first, second):
        broker.declare_queue("q")
    dramatiq.actor(broker=first, queue_name="q", actor_name="do")(lambda _: None).send(1)
    taken = next(first.consume("q", timeout=100))
    assert taken is not None
    other = second.consume("q", timeout=100)
    assert next(other) is None, "it is held"
    found: list[Any] = []
    until(lambda: found.extend(one for one in [next(other)] if one) or found)  # type: ignore[func-returns-value]
    assert found[-1].args == (1,)
    first.close()
    second.close()


def test_rubbish_in_the_file_is_put_aside(folder: Path) -> None:
    broker = SqliteBroker(folder / "queue.db")
    broker.declare_queue("q")
    with broker.db() as db:
        db.execute("INSERT INTO message (queue, priority, due, until, dead, body) VALUES ('q', 0, 0, 0, 0, x'00')")
    assert next(broker.consume("q", timeout=50)) is None
    assert (broker.count(), broker.count(dead=True)) == (0, 1)
    broker.close()
