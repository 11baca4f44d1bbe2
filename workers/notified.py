"""What comes of notifications: hints, which move due times forward. Of whatever comes, and however often, no more.

Notifications are answered from memory. What they said is stored by a thread of its own, for each account only so often:
a flood of them costs what a few do.
"""

from __future__ import annotations

import hmac
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import NamedTuple

from amity import wiring
from amity.home import Home
from amity.subscribing import mark_of
from connectors.notified import keys
from connectors.notified.door import Door
from connectors.notified.gmail import Expected
from connectors.notified.notice import Notice, Said
from connectors.notified.port import GMAIL
from connectors.notified.server import receiving
from events import jobs, subscriptions
from events.errors import AmityError, UsageError
from events.subscriptions import LAPSING, REMOVED, Subscription
from workers.plan import PULL, PUSH
from workers.runner import Runner
from workers.telling import tell, where

CALM = 10.0  # seconds between two hints of an account, however many notifications there are
_TURN = 0.5  # seconds between two looks at what came
_LATE, _LATE_TURNS = 256, 20  # notifications that came before their subscription was known here, and how long they wait
_STATES = {Said.LAPSING: LAPSING, Said.REMOVED: REMOVED}

Told = Mapping[str, Sequence[Subscription]]  # by owner
Key = tuple[str, str]  # owner, source


class Found(NamedTuple):
    """A notification that is genuine, and whose."""

    owner: str
    row: Subscription
    said: Said


class Receiver:
    """Takes notifications (`take`, from any thread) and stores hints. `told`: the subscriptions there are.

    `on_hint` is called when one was stored; `clock` is monotonic.
    """

    def __init__(
        self, runner: Runner, told: Callable[[], Told], on_hint: Callable[[], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._runner, self._told, self._on_hint, self._clock = runner, told, on_hint, clock
        self._lock = threading.Lock()
        self._known: dict[str, list[tuple[str, Subscription]]] = {}
        self._seen: dict[str, Sequence[Subscription]] = {}
        self._waiting: dict[Key, set[Found]] = {}
        self._late: deque[tuple[int, Notice]] = deque(maxlen=_LATE)
        self._hinted: dict[Key, float] = {}
        self.taken = 0  # notifications that were genuine

    def take(self, notices: Sequence[Notice]) -> None:
        """Quick, and the same for whom we know and whom we do not."""
        with self._lock:
            for notice in notices:
                if not self._keep(notice):
                    self._late.append((_LATE_TURNS, notice))

    def run(self) -> None:
        """Until the process stops."""
        while not self._runner.stopping.wait(_TURN):
            self.turn()

    def turn(self) -> None:
        """Store what may be stored by now."""
        self._learn()
        with self._lock:
            again, self._late = self._late, deque(maxlen=_LATE)
            for left, notice in again:
                if not self._keep(notice) and left > 0:
                    self._late.append((left - 1, notice))
            now = self._clock()
            ready = [key for key in self._waiting if now - self._hinted.get(key, -CALM) >= CALM]
            found = [one for key in ready for one in self._waiting.pop(key)]
            self._hinted.update(dict.fromkeys(ready, now))
        for owner in {one.owner for one in found}:
            self._store(self._runner.home_of(owner), [one for one in found if one.owner == owner])
        if found:
            self._on_hint()

    def _learn(self) -> None:
        """What is subscribed to by now; made anew only where that changed."""
        told = dict(self._told())
        if told == self._seen:
            return
        known: dict[str, list[tuple[str, Subscription]]] = {}
        for owner, rows in told.items():
            for row in rows:
                if row.id:
                    known.setdefault(row.id, []).append((owner, row))
        with self._lock:
            self._seen, self._known = told, known
            sources = {(owner, row.source) for owner, rows in told.items() for row in rows}
            self._hinted = {key: at for key, at in self._hinted.items() if key in sources}

    def _keep(self, notice: Notice) -> bool:
        """Whether it is one of a subscription of ours; it shows its secret, or its sender signed it."""
        found = False
        for owner, row in self._known.get(notice.key, ()):
            if hmac.compare_digest(row.proof, notice.proof):
                found = True
                self.taken += 1
                self._waiting.setdefault((owner, row.source), set()).add(Found(owner, row, notice.said))
        return found

    def _store(self, home: Home, found: Sequence[Found]) -> None:
        if not home.folder.is_dir():
            return  # an owner who was removed meanwhile: opening the log would make another home
        now = self._runner.now_ms()
        try:
            with closing(wiring.open_home(home)) as log, log.writing() as connection:
                for one in found:
                    subscriptions.heard(connection, log.owner, one.row.id, now)
                    jobs.hint(connection, log.owner, PULL, one.row.source, now)
                    if one.said in _STATES:
                        subscriptions.mark(connection, log.owner, one.row.id, _STATES[one.said])
                        jobs.hint(connection, log.owner, PUSH, one.row.source, now)
        except AmityError as error:  # the regular look finds what nobody was told of
            tell("unfit", {"error": type(error).__name__, "where": where(error)}, logging.ERROR)
        else:
            by = sorted({one.row.id.partition(":")[0] for one in found})
            tell("told", {"by": " ".join(by), "jobs": len({one.row.source for one in found})})


def place_of(runner: Runner, notified: str) -> str:
    """Where providers are asked to send to, as the planner wants it; "" where nobody receives (`notified` is "").

    Raises UsageError where the settings do not say what the door is called outside.
    """
    if not notified:
        return ""
    place = runner.place()
    if not place.url:
        raise UsageError("--notified needs [push] url in amity.toml, or AMITY_PUSH__URL: how providers reach it.")
    return mark_of(place)


@contextmanager
def open_to(notified: str, runner: Runner, told: Callable[[], Told], on_hint: Callable[[], object]) -> Iterator[int]:
    """Receive at a place until the end of the context; the port, 0 where nothing is received."""
    if not notified:
        yield 0
        return
    receiver = Receiver(runner, told, on_hint)
    expected = Expected(runner.place().of(GMAIL), runner.sender())
    threading.Thread(target=receiver.run, daemon=True).start()
    with receiving(notified, Door(expected, keys.Keys(keys.URL), receiver.take)) as port:
        yield port
