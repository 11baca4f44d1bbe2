"""One turn of one job: taken and counted in the database, done, and brought to its end there. One line tells of it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from typing import NamedTuple, Protocol

from dramatiq.middleware import Shutdown, TimeLimitExceeded

from amity import wiring
from amity.connect import Access, Ask, access_to
from amity.home import Home, of_owner, prepare
from amity.subscribing import place_of
from connectors.notified.port import Place
from connectors.sync import lease
from events import jobs
from events.errors import AmityError
from events.jobs import JobRow
from events.log import Log, open_log
from workers.clock import agreed
from workers.telling import Value, tell, where

_MARGIN = 60.0  # seconds that a holder is believed beyond its time limit
_LAST_WORD = 0.8  # seconds that a stopping process waits for the database: whoever ends beside it may be writing


class Outcome(NamedTuple):
    """What became of it: `error` in words for the person ("": it went well), `fields` for the line."""

    error: str = ""
    fields: Mapping[str, Value] = {}


class Work(NamedTuple):
    """What a job has to work with."""

    runner: Runner
    home: Home
    log: Log
    row: JobRow


class Duty(Protocol):
    """Does one turn of a kind of job. Whatever it raises is the job's error, and nobody else's."""

    def __call__(self, work: Work) -> Outcome: ...


class Runner:
    """What the jobs of one process have in common. `homes` are an organisation's, or the one."""

    def __init__(
        self, home: Home, environment: Mapping[str, str], *, ask: Ask | None = None,
        clock: Callable[[], float] = time.time, on_end: Callable[[], object] = bool,
    ) -> None:  # fmt: skip
        self.home, self._environment, self._ask = home, environment, ask
        self.holder = lease.new_holder()
        self.stopping = threading.Event()
        self.failed = 0
        self._on_end = on_end  # called whenever a turn has come to its end
        self.clock = agreed(home, clock)
        self._accesses: dict[str, Access] = {}
        self._busy: dict[int, Home] = {}
        self._torn: set[Home] = set()  # owners of turns that were cut off between their beginning and their end
        self._lock = threading.Lock()
        self._server: Log | None = None
        self._place: tuple[Place, str] | None = None

    def home_of(self, owner: str) -> Home:
        return self.home if owner == self.home.owner else of_owner(self.home, owner)

    def access_to(self, home: Home) -> Access:
        """The secrets of an owner; a passphrase is asked for once."""
        with self._lock:
            if home.owner not in self._accesses:
                self._accesses[home.owner] = access_to(home, self._environment, self._ask, _warned)
            return self._accesses[home.owner]

    def place(self) -> Place:
        """Where providers send their notifications; an organisation's is the same for all of its owners."""
        return self._told_at()[0]

    def sender(self) -> str:
        """Who signs what Pub/Sub sends."""
        return self._told_at()[1]

    def _told_at(self) -> tuple[Place, str]:
        with self._lock:
            if self._place is None:
                self._place = place_of(self.home)
            return self._place

    def now_ms(self) -> int:
        return int(self.clock() * 1000)

    def sleep(self, seconds: float) -> None:
        """Wait, but end at once where the process is to end."""
        if self.stopping.wait(seconds):
            raise Shutdown

    def run(self, owner: str, job: str, turn: int, attempts: int, duty: Duty, *, limit_ms: int) -> None:
        """Do one turn, if nobody else is at it and it is not over. Raises nothing: the planner decides what is next."""
        if self.stopping.is_set():
            return
        home = self.home_of(owner)
        self.clock.agree()
        try:
            with self._opened(home) as log:
                row = self._begin(log, job, (turn, attempts), limit_ms / 1000 + _MARGIN)
                if row is not None:
                    self._do(Work(self, home, log, row), duty)
        except (Shutdown, TimeLimitExceeded):
            self._torn.add(home)  # the turn is still ours: let go of at the end, or planned again when the hold ends
        except Exception as error:  # noqa: BLE001  a broker that is given it back can do nothing better with it
            tell("unfit", {"job": job, "error": type(error).__name__, "where": where(error)}, logging.ERROR)
        finally:
            self._busy.pop(threading.get_ident(), None)
            self._on_end()

    @contextmanager
    def _opened(self, home: Home) -> Iterator[Log]:
        """A file is opened for each turn; connections to a server are kept: making one takes longer than most turns."""
        if not home.log_url:
            with closing(wiring.open_home(home)) as log:
                yield log
            return
        prepare(home)
        with self._lock:
            if self._server is None:
                self._server = open_log(home.log_url)
        yield self._server.of(home.owner)

    def _begin(self, log: Log, job: str, sent: tuple[int, int], seconds: float) -> JobRow | None:
        with log.writing() as connection:
            return jobs.begin(
                connection, log.owner, job, *sent, holder=self.holder, seconds=seconds, is_dead=lease.is_dead,
                now_ms=self.now_ms(),
            )  # fmt: skip

    def _do(self, work: Work, duty: Duty) -> None:
        self._busy[threading.get_ident()] = work.home
        began = time.monotonic()
        try:
            outcome = duty(work)
        except Shutdown:
            self._let_go_of(work)
            outcome = Outcome("", {"state": "stopped"})
        except TimeLimitExceeded as error:
            outcome = _bad("it took longer than it may, and is tried again", "too_long", error)
        except AmityError as error:
            outcome = _bad(str(error), "failed", error)
        except Exception as error:  # noqa: BLE001  whatever one job does, the others go on
            sentence = f"a mistake of Amity's own ({type(error).__name__}, {where(error)}): report it"
            outcome = _bad(sentence, "failed", error)
        fields: dict[str, Value] = {"state": "ok", **outcome.fields}
        if fields["state"] != "stopped" and not self._end(work, outcome.error):
            fields["state"] = "taken_over"
        row, seconds = work.row, round(time.monotonic() - began, 3)
        told: dict[str, Value] = {
            "kind": row.kind,
            "job": row.id,
            "turn": row.turn,
            "attempt": row.attempts,
            "seconds": seconds,
        }
        tell("run", told | fields)

    def _end(self, work: Work, error: str) -> bool:
        self.failed += bool(error)
        with work.log.writing() as connection:
            return jobs.end(
                connection, work.log.owner, work.row.id, work.row.turn, holder=self.holder, error=error,
                now_ms=self.now_ms(),
            )  # fmt: skip

    def _let_go_of(self, work: Work) -> None:
        with work.log.writing() as connection:
            jobs.let_go(connection, work.log.owner, self.holder, work.row.id)

    def let_go(self) -> None:
        """What this process is still at, and cannot be interrupted in, was not its jobs' fault to leave."""
        for home in self._torn.union(self._busy.values()):
            with (
                suppress(AmityError),
                closing(open_log(home.url(), owner=home.owner, busy_seconds=_LAST_WORD)) as log,
                log.writing() as connection,
            ):
                jobs.let_go(connection, home.owner, self.holder)
        if self._server is not None:
            self._server.close()

    def busy(self) -> int:
        return len(self._busy)


def _bad(sentence: str, state: str, error: BaseException) -> Outcome:
    return Outcome(sentence, {"state": state, "error": type(error).__name__, "where": where(error)})


def _warned(_sentence: str) -> None:
    """What a person at a terminal is told of a password file names its path, which a log line may not."""
    tell("warned", {}, logging.WARNING)
