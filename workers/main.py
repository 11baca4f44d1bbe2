"""`amity daemon`: the planner and the workers in one process, until a signal ends it."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial

from dramatiq import Broker, Worker

from amity import accounts
from amity.connect import Ask
from amity.home import Home, all_homes, prepare
from connectors import serving
from events.errors import AmityError
from workers import actors, broker, metrics, telling
from workers import notified as receiver
from workers.listening import Listeners
from workers.runner import Runner
from workers.schedule import Scheduler
from workers.telling import tell, where

THREADS = 8  # mostly they wait for servers
ELSEWHERE = 64  # jobs under way at once where this process has no workers: other machines have
_WORKER_MS = 400  # how soon dramatiq's threads see that they are to end
_STOP_SECONDS = 1.0  # of the two that stopping may take; whoever still waits for a server then is left waiting
_SOONEST = 0.05  # seconds between two looks at the database, however much there is to do
_REST = 3.0  # times as long as a look took, until the next: of a thousand owners somebody always ends something
_LOCK = "daemon.lock"


def run(
    home: Home,
    environment: Mapping[str, str],
    ask: Ask | None,
    *,
    once: bool = False,
    threads: int = THREADS,
    watched: str = "",
    notified: str = "",
) -> int:
    """Plan and work until SIGTERM or SIGINT; 0, or 1 where `once` met a job that failed.

    `once`: do what is due, and end. `threads`: 0 plans only, the work is done by `dramatiq workers.actors`.
    `watched`: where metrics are served, see `connectors.serving.place_of`; "" for nowhere; `notified`: where
    providers' notifications come in, likewise. Raises AmityError where another daemon serves this home, the broker's
    address is wrong, or nobody can listen there.
    """
    prepare(home)
    url = broker.url_of(environment)
    with ExitStack() as stack:
        stack.enter_context(_alone(home))
        bell = Bell()
        runner = Runner(home, environment, ask=ask, on_end=bell.ring)
        _unlock(runner)
        place = receiver.place_of(runner, "" if once else notified)
        bound = actors.bind(runner, url)
        handler = telling.to()
        stack.callback(handler.close)
        tell("started", {"pid": os.getpid(), "threads": threads, "broker": broker.kind_of(url)})
        stack.enter_context(_signals(bell))
        worker = _started(bound, threads)
        scheduler = Scheduler(
            lambda: all_homes(home), actors.send, room=threads or ELSEWHERE, place=place, unheard=not threads
        )
        answer = partial(_watched, scheduler, runner)
        stack.enter_context(serving.serving(watched, metrics.TYPE, answer))
        stack.enter_context(receiver.open_to(notified if place else "", runner, lambda: scheduler.told, bell.ring))
        listeners = Listeners(runner, bell.ring) if threads and not once else None
        try:
            _loop(runner, scheduler, bell, listeners, once=once)
        finally:
            runner.stopping.set()
            scheduler.close()
            _stop(runner, bound, worker)
    return 1 if once and runner.failed else 0


def _watched(scheduler: Scheduler, runner: Runner, path: str) -> tuple[int, str]:
    return metrics.answer(path, scheduler.seen, runner.now_ms())


def _started(bound: Broker, threads: int) -> Worker | None:
    if not threads:
        return None
    worker = Worker(bound, worker_threads=threads, worker_timeout=_WORKER_MS)
    worker.start()
    bound.emit_after("process_boot")  # without it no time limit is kept
    return worker


class Bell:
    """Wakes the planner. It may be rung from a signal handler, where no lock may be taken.

    It is never closed: a thread that ends late would ring whatever file has its number by then.
    """

    def __init__(self) -> None:
        self._reads, self._writes = os.pipe()
        os.set_blocking(self._reads, False)
        os.set_blocking(self._writes, False)
        self.signal = 0  # the one that asked for the end

    def ring(self) -> None:
        with suppress(BlockingIOError):  # it is full of rings that were not heard yet
            os.write(self._writes, b".")

    def wait(self, seconds: float, rest: float = 0.0) -> None:
        """Until it rings, but for `rest` at least, unless that was a signal; or so long."""
        until = time.monotonic() + rest
        if select.select([self._reads], [], [], seconds)[0]:
            while not self.signal and (left := until - time.monotonic()) > 0:
                time.sleep(min(left, _SOONEST))
            os.read(self._reads, 65_536)


def _loop(runner: Runner, scheduler: Scheduler, bell: Bell, listeners: Listeners | None, *, once: bool) -> None:
    while not bell.signal:
        runner.clock.agree()
        began = time.monotonic()
        pause = scheduler.tick(runner.now_ms())
        rest = _REST * (time.monotonic() - began)
        if once and not scheduler.out and not scheduler.due and not runner.busy():
            return
        if listeners is not None:
            listeners.keep(scheduler.known_accounts())
        bell.wait(max(pause / 1000, _SOONEST, rest), rest)
    tell("stopping", {"signal": signal.Signals(bell.signal).name})


def _stop(runner: Runner, bound: Broker, worker: Worker | None) -> None:
    """End in two seconds. What cannot be interrupted goes on when somebody else takes it, as after a kill."""
    began = time.monotonic()
    if worker is not None:
        stopping = threading.Thread(target=_quietly(worker.stop), daemon=True)
        stopping.start()
        stopping.join(_STOP_SECONDS)
    left = runner.busy()
    runner.let_go()
    tell("stopped", {"pid": os.getpid(), "jobs": left, "seconds": round(time.monotonic() - began, 3)})
    if not left:
        _quietly(bound.close)()


def _quietly(do: Callable[[], None]) -> Callable[[], None]:
    """A queue's server that is away is no reason to stay."""

    def done() -> None:
        with suppress(Exception):
            do()

    return done


@contextmanager
def _signals(bell: Bell) -> Iterator[None]:
    """SIGTERM, SIGINT and SIGHUP ask for an end in order."""

    def stop(number: int, _frame: object) -> None:
        bell.signal = number
        bell.ring()

    if threading.current_thread() is not threading.main_thread():
        yield  # only there can a signal be received
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """One daemon for each home: a second would only ask the same accounts for the same leases."""
    handle = os.open(home.folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.read(handle, 20).decode("ascii", "replace").strip() or "unknown"
            raise AmityError(
                f"A daemon (process {pid}) serves {home.folder} already: it is enough. Stop it first to start another."
            ) from None
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)


def _unlock(runner: Runner) -> None:
    """Ask for a passphrase while somebody is at the terminal, and not in the middle of the night."""
    homes = all_homes(runner.home)
    for home in homes:
        try:
            stored = [account for account in accounts.read(home) if account.secret == accounts.STORED]
            if stored:
                runner.access_to(home).tokens.get(stored[0].name)
        except AmityError as error:
            if len(homes) == 1:
                raise
            tell("unfit", {"error": type(error).__name__, "where": where(error)})  # one owner's; the others go on
