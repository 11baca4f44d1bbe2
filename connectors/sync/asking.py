"""Asking a source, and what to do when it does not answer: again, later, or not in this run."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from connectors.errors import Refused, SignInNeeded, TryLater
from connectors.sync import retry
from connectors.sync.known import Place
from connectors.sync.port import Connector
from connectors.sync.progress import SyncProgress
from events import positions
from events.errors import AmityError


class StreamFailed(AmityError):
    """The stream cannot go on in this run; it is resumed where it stands."""


class AccountStops(AmityError):
    """Nothing more is asked of this account in this run. `state` as in `SyncResult`."""

    def __init__(self, sentence: str, state: str) -> None:
        super().__init__(sentence)
        self.state = state


class Tools(NamedTuple):
    """What a run works with; clock in seconds since 1970."""

    connector: Connector
    place: Place
    holder: str
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    chance: Callable[[], float]
    progress: Callable[[SyncProgress], None] | None
    enough: Callable[[], bool] = bool
    budget: str = ""  # the row of `sync_accounts` for all accounts that are counted together with this one

    def now_ms(self) -> int:
        return int(self.clock() * 1000)


class Asking:
    """Asks the connector for one thing until it answers, within the patience of a run."""

    def __init__(self, tools: Tools, what: str) -> None:
        self._tools, self._what = tools, what
        self._failures, self._waited = 0, 0.0

    def answered(self) -> None:
        self._failures, self._waited = 0, 0.0

    def refused(self, error: Exception) -> None:
        """Return when it is time to ask again; otherwise raise StreamFailed or AccountStops."""
        if isinstance(error, SignInNeeded):
            raise AccountStops(str(error), "needs_sign_in") from error
        if isinstance(error, Refused):
            raise AccountStops(str(error), "failed") from error
        if isinstance(error, TryLater):
            self._later(str(error), error.after_seconds, everyone=error.everyone)
        elif isinstance(error, OSError):  # the connection broke where the connector did not expect it
            self._later(f"{self._what}: the connection failed ({type(error).__name__})", None)
        elif isinstance(error, AmityError):
            raise StreamFailed(str(error)) from error
        else:
            raise StreamFailed(f"{self._what}: {_own_mistake(error)}") from error

    def _later(self, sentence: str, asked: float | None, *, everyone: bool = False) -> None:
        self._failures += 1
        tools = self._tools
        plan = retry.after_failure(asked, failures=self._failures, waited=self._waited, chance=tools.chance())
        if asked is not None:  # stored before the wait: whoever is killed in it asks no earlier either
            keep_away(tools, min(max(asked, 0.0), retry.LONGEST), everyone=everyone)
        if isinstance(plan, retry.GiveUp):
            if asked is None:
                raise StreamFailed(f"{sentence.rstrip('.')}; sync again later.")
            until = moment(tools.clock() + plan.seconds)
            raise AccountStops(f"{sentence.rstrip('.')}; it is left alone until {until}.", "waiting")
        self._waited += plan.seconds
        tools.sleep(plan.seconds)


def keep_away(tools: Tools, seconds: float, *, everyone: bool = False) -> None:
    """Store that nothing may be asked of this account for so long; nor of `everyone` that is counted with it."""
    place, until = tools.place, -int(-(tools.clock() + seconds) * 1000 // 1)
    with place.log.writing() as connection:
        for source in (place.source, tools.budget) if everyone and tools.budget else (place.source,):
            row = positions.account(connection, place.owner, source)
            if until > row.not_before_ms:
                positions.put_account(connection, place.owner, source, row._replace(not_before_ms=until))


def respect(tools: Tools) -> None:
    """Wait until the account may be asked; raises AccountStops where that is too long for this run."""
    place = tools.place
    with place.log.reading() as connection:
        own = positions.account(connection, place.owner, place.source).not_before_ms
        shared = positions.account(connection, place.owner, tools.budget).not_before_ms if tools.budget else 0
    left = min(max(own, shared) / 1000 - tools.clock(), retry.LONGEST)
    if left > retry.PATIENCE:
        keep_away(tools, left)
        until, who = moment(tools.clock() + left), "the provider of" if shared > own else ""
        sentence = f"{who} {place.source} asked to be left alone until {until}; sync again then.".strip()
        raise AccountStops(sentence, "waiting")
    if left > 0:
        tools.sleep(left)


def moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def _own_mistake(error: Exception) -> str:
    """Never the error's own text: it may quote an address with a password in it."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(last.filename).name}:{last.lineno}"
    return f"a mistake of Amity's own stopped it ({type(error).__name__}, {place}); report it, the rest goes on."
