"""Servers that say by themselves when there is news (IMAP IDLE). A hint moves a due time forward, and nothing else.

Whatever is said or not said, every account is read as often as workers.plan says: connections that idle are cut by
routers without a word.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from typing import Protocol, cast

from amity import wiring
from amity.accounts import Account
from amity.home import Home
from amity.sync import connector_of
from connectors.errors import SignInNeeded
from connectors.sync.port import Connector, Stream
from events import jobs
from events.errors import AmityError
from workers.plan import PULL
from workers.runner import Runner
from workers.telling import tell, where

KINDS = frozenset({"imap"})
MOST = 64  # accounts that one process listens to: each is a connection and a thread
_TURN = 300.0  # seconds of one wait; a server that cannot tell lets them pass
_PAUSES = (60.0, 1_800.0)  # seconds after a failure, doubled until the longest
_CALM = 2.0  # seconds between two hints of an account

Key = tuple[str, str]  # owner, source


class Telling(Connector, Protocol):
    """A connector whose server tells."""

    def wait(self, stream: Stream, seconds: float) -> bool:
        """Whether there may be news of a stream, within so many seconds."""


class Listeners:
    """One thread for each account that can be listened to, as long as it is connected as it was."""

    def __init__(self, runner: Runner, on_news: Callable[[], object]) -> None:
        self._runner, self._on_news = runner, on_news
        self._wanted: dict[Key, Account] = {}
        self._threads: dict[Key, threading.Thread] = {}

    def keep(self, homes: Iterable[tuple[Home, Iterable[Account]]]) -> None:
        """Listen to these accounts, and to no others."""
        able = [(home, one) for home, accounts in homes for one in accounts if one.kind in KINDS][:MOST]
        self._wanted = {(home.owner, one.source): one for home, one in able}
        for home, account in able:
            key = (home.owner, account.source)
            if key not in self._threads or not self._threads[key].is_alive():
                thread = threading.Thread(target=self._listen, args=(home, account), daemon=True)
                self._threads[key] = thread
                thread.start()

    def _listen(self, home: Home, account: Account) -> None:
        failures = 0
        while self._is_wanted(home, account):
            try:
                with closing(connector_of(account, self._runner.access_to(home))) as connector:
                    self._hear(home, account, cast("Telling", connector))
                failures = 0
            except Exception as error:  # noqa: BLE001  a server that cannot be listened to is read all the same
                failures = 10 if isinstance(error, SignInNeeded) else failures + 1  # who guesses is locked out
                tell("deaf", {"provider": account.kind, "error": type(error).__name__, "where": where(error)})
            first, longest = _PAUSES
            self._runner.stopping.wait(min(first * 2 ** min(failures, 10), longest))

    def _is_wanted(self, home: Home, account: Account) -> bool:
        return not self._runner.stopping.is_set() and self._wanted.get((home.owner, account.source)) == account

    def _hear(self, home: Home, account: Account, connector: Telling) -> None:
        """Until nobody wants to know any more. The stream that matters most is the one that is listened to."""
        stream = connector.streams()[0]
        while self._is_wanted(home, account):
            began = time.monotonic()
            if connector.wait(stream, _TURN) and time.monotonic() - began < _TURN:
                self._hint(home, account)
                self._runner.stopping.wait(_CALM)

    def _hint(self, home: Home, account: Account) -> None:
        with suppress(AmityError), closing(wiring.open_home(home)) as log, log.writing() as connection:
            jobs.hint(connection, log.owner, PULL, account.source, self._runner.now_ms())
        self._on_news()
