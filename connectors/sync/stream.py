"""One stream's run: ask for the next page, whatever the source answers, and store it with the position behind it."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from connectors.errors import CursorExpired, Refused, SignInNeeded, StreamEnded, TryLater
from connectors.sync import lease, retry
from connectors.sync.fold import Folded
from connectors.sync.known import HeldStream, Place, read_known
from connectors.sync.port import Connector, Page, Position, Stream
from connectors.sync.progress import SyncProgress
from connectors.sync.result import StreamResult
from events import held, leases, positions
from events.admission import Outcome
from events.errors import AmityError
from events.held import Scope
from events.positions import StreamRow

EMPTY_PAGES = 1_000  # in a row; a source that goes on like this never ends


class StreamFailed(AmityError):
    """This stream cannot go on in this run; it is resumed where it stands."""


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
            self._later(str(error), error.after_seconds)
        elif isinstance(error, OSError):  # the connection broke where the connector did not expect it
            self._later(f"{self._what}: the connection failed ({type(error).__name__})", None)
        elif isinstance(error, AmityError):
            raise StreamFailed(str(error)) from error
        else:
            raise StreamFailed(f"{self._what}: {_own_mistake(error)}") from error

    def _later(self, sentence: str, asked: float | None) -> None:
        self._failures += 1
        tools = self._tools
        plan = retry.after_failure(asked, failures=self._failures, waited=self._waited, chance=tools.chance())
        if asked is not None:  # stored before the wait: whoever is killed in it asks no earlier either
            keep_away(tools, min(max(asked, 0.0), retry.LONGEST))
        if isinstance(plan, retry.GiveUp):
            if asked is None:
                raise StreamFailed(f"{sentence}; sync again later.")
            until = moment(tools.clock() + plan.seconds)
            raise AccountStops(f"{sentence}; it is left alone until {until}.", "waiting")
        self._waited += plan.seconds
        tools.sleep(plan.seconds)


class StreamRun:
    """A stream within one run of its account."""

    def __init__(self, tools: Tools, stream: Stream, row: StreamRow, token: int) -> None:
        self._tools, self._stream, self.row, self._token = tools, stream, row, token
        self.result = StreamResult(stream.name, stream.title, stream.kind.value)
        self.done = False
        self._asking = Asking(tools, f"{tools.connector.source}, {stream.title!r}")
        self._states = {row.page}
        self._empty = self._restarts = 0
        self._total: int | None = None
        self._began = tools.clock()

    def pull(self, pages: int | None = None) -> None:
        """Read and store so many pages, or all that are left. Raises StreamFailed, AccountStops, LeaseLost."""
        while not self.done and pages != 0:
            pages = self._some(pages)

    def _some(self, pages: int | None) -> int | None:
        """Pages until the end, the limit or an error after which one may ask again; the limit that is left."""
        try:
            with closing(_Pages(self._ask())) as source:
                while not self.done and pages != 0:
                    respect(self._tools)
                    page = source.next()
                    self._asking.answered()
                    self._store(page)
                    pages = None if pages is None else pages - 1
        except _Broken as broken:
            self._recover(broken.error)
        return pages

    def _ask(self) -> Callable[[], Iterator[Page]]:
        place = self._tools.place
        at = Position(self.row.cursor, self.row.page)
        return lambda: iter(self._tools.connector.pull(self._stream, at, HeldStream(place, self._stream.name)))

    def _recover(self, error: Exception) -> None:
        if isinstance(error, StreamEnded):
            self._ended(str(error))
        elif isinstance(error, CursorExpired):
            self._restart(str(error))
        else:
            self._asking.refused(error)

    def _restart(self, sentence: str) -> None:
        """First the page is given up for the cursor, then the cursor for a full listing; then there is nothing left."""
        self._restarts += 1
        again = self.row.page or self.row.cursor is not None
        if not again or self._restarts > 2:  # noqa: PLR2004  one for the page, one for the cursor
            raise StreamFailed(f"{sentence} It did so for a full listing too; sync again later.")
        cursor = self.row.cursor if self.row.page else None
        self._begin_anew(cursor)

    def _begin_anew(self, cursor: str | None) -> None:
        row = self.row._replace(cursor=cursor, page="", run=self.row.run + 1)
        self._commit(row)
        self._states, self._empty = {""}, 0

    def _ended(self, sentence: str) -> None:
        """The stream is not there any more: what it held is gone, behind the guard."""
        row = self.row._replace(cursor=None, page="", run=self.row.run + 1, state="ended", error=sentence)
        self._commit(row, miss=True)
        self.result.state, self.result.error, self.done = "ended", sentence, True

    def _store(self, page: Page) -> None:
        last = not page.state
        if not last and page.state in self._states:
            self._begin_anew(self.row.cursor)
            raise StreamFailed(f"{self._what()}: the same page came twice, so its list would never end; sync again later.")
        self._states.add(page.state)
        self._empty = 0 if page.changes else self._empty + 1
        if self._empty > EMPTY_PAGES and not last:
            self._begin_anew(self.row.cursor)
            raise StreamFailed(f"{self._what()}: {EMPTY_PAGES} empty pages in a row; sync again later.")
        row = self.row._replace(page=page.state)
        if last:
            row = row._replace(
                cursor=page.cursor, completed_ms=self._tools.now_ms(), state="ok", error="", warning=row.warning
            )
        self.done = last
        if page.changes or page.listed or not last:
            self._append(page, row)
        self.row = row  # a last page that shows nothing is stored with the end of the account's run
        self._tell(page)

    def _append(self, page: Page, row: StreamRow) -> None:
        tools, place = self._tools, self._tools.place
        known = read_known(place, row.stream, page.changes)
        folded = Folded(known, place.source, row, tools.now_ms())
        folded.take(page.changes)

        def along(connection: Connection, _: list[Outcome]) -> None:
            self._guard(connection)
            scope = Scope(connection, place.owner, place.source)
            held.put_items(scope, row.stream, folded.items.values())
            held.put_said(scope, folded.said.values())
            if page.listed and not page.state:
                held.miss(scope, row.stream, row.run)
            positions.put_stream(connection, place.owner, place.source, row)

        appended = place.log.append(folded.events, owner=place.owner, along=along)
        folded.count(appended.outcomes, self.result)

    def _commit(self, row: StreamRow, *, miss: bool = False) -> None:
        place = self._tools.place
        with place.log.writing() as connection:
            self._guard(connection)
            if miss:
                held.miss(Scope(connection, place.owner, place.source), row.stream, row.run)
            positions.put_stream(connection, place.owner, place.source, row)
        self.row = row

    def _guard(self, connection: Connection) -> None:
        place = self._tools.place
        leases.check(connection, place.owner, place.source, {self.row.stream: self._token})
        leases.renew(connection, place.owner, place.source, self._tools.holder, lease.SECONDS)

    def _tell(self, page: Page) -> None:
        self._total = page.total if page.total is not None else self._total
        if self._tools.progress is not None:
            seconds = self._tools.clock() - self._began
            now = SyncProgress(
                self._tools.place.source, self._stream.title, self.result.seen, self._total, seconds
            )
            self._tools.progress(now)

    def _what(self) -> str:
        return f"{self._tools.place.source}, {self._stream.title!r}"


class _Broken(Exception):
    """An error of the connector, apart from those of the log."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class _Pages:
    """A connector's pages, begun when the first is asked for."""

    def __init__(self, begin: Callable[[], Iterator[Page]]) -> None:
        self._begin = begin
        self._pages: Iterator[Page] | None = None

    def next(self) -> Page:
        try:
            if self._pages is None:
                self._pages = self._begin()
            page = next(self._pages, None)
        except Exception as error:  # noqa: BLE001  whatever a connector does, the other streams are read
            raise _Broken(error) from error
        if page is None:
            raise _Broken(TryLater("the source's list stopped before its end"))
        return page

    def close(self) -> None:
        """Let a generator end now, and not whenever it is collected."""
        if isinstance(self._pages, Generator):
            self._pages.close()


def keep_away(tools: Tools, seconds: float) -> None:
    """Store that nothing may be asked of this account for so long."""
    place, until = tools.place, -int(-(tools.clock() + seconds) * 1000 // 1)
    with place.log.writing() as connection:
        row = positions.account(connection, place.owner, place.source)
        if until > row.not_before_ms:
            positions.put_account(connection, place.owner, place.source, row._replace(not_before_ms=until))


def respect(tools: Tools) -> None:
    """Wait until the account may be asked; raises AccountStops where that is too long for this run."""
    place = tools.place
    with place.log.reading() as connection:
        row = positions.account(connection, place.owner, place.source)
    left = min(row.not_before_ms / 1000 - tools.clock(), retry.LONGEST)
    if left > retry.PATIENCE:
        until = moment(tools.clock() + left)
        raise AccountStops(f"{place.source} asked to be left alone until {until}; sync again then.", "waiting")
    if left > 0:
        tools.sleep(left)


def moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def _own_mistake(error: Exception) -> str:
    """Never the error's own text: it may quote an address with a password in it."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(last.filename).name}:{last.lineno}"
    return f"reading stopped by a mistake of Amity's own ({type(error).__name__}, {place}); report it, the rest goes on."
