"""One stream's run: ask for the next page, whatever the source answers, and store it with the position behind it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing

from sqlalchemy import Connection

from connectors.errors import CursorExpired, StreamEnded, TryLater
from connectors.items import Problem
from connectors.sync import lease
from connectors.sync.asking import AccountStops, Asking, StreamFailed, Tools, respect
from connectors.sync.fold import Folded
from connectors.sync.known import HeldStream, read_known
from connectors.sync.port import Change, Page, Position, Stream
from connectors.sync.progress import SyncProgress
from connectors.sync.result import StreamResult
from connectors.sync.texts import shown, storable
from events import held, leases, positions
from events.admission import Outcome
from events.held import Scope
from events.positions import StreamRow

EMPTY_PAGES = 1_000  # in a row; a source that goes on like this never ends


class StreamRun:
    """A stream within one run of its account."""

    def __init__(self, tools: Tools, stream: Stream, row: StreamRow, token: int) -> None:
        self._tools, self._stream, self.row, self._token = tools, stream, row, token
        self.result = StreamResult(stream.name, stream.title, stream.kind.value)
        self.done = self._again = False
        self._what = f"{tools.connector.source}, {stream.title!r}"
        self._asking = Asking(tools, self._what)
        self._states = {row.page}
        self._empty = self._restarts = 0
        self._total: int | None = None
        self._began = tools.clock()

    def again(self) -> None:
        """Follow the stream once more from where it stands now; only what is new is added to the account."""
        self.row = self.row._replace(run=self.row.run + 1)
        self._states, self._empty, self.done, self._again = {""}, 0, False, True

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
                    if pages is None and not self.done and self._tools.enough():
                        raise AccountStops("", "waiting")  # nothing is wrong: the next run goes on here
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
            raise StreamFailed(f"{sentence.rstrip('.')}, for a full listing too; sync again later.")
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
        if not storable(page.state + (page.cursor or "")):
            raise StreamFailed(f"{self._what}: the source's mark for where to go on is no text; sync again later.")
        if not last and page.state in self._states:
            self._begin_anew(self.row.cursor)
            raise StreamFailed(f"{self._what}: the same page came twice, so it would never end; sync again later.")
        self._states.add(page.state)
        self._empty = 0 if page.changes else self._empty + 1
        if self._empty > EMPTY_PAGES and not last:
            self._begin_anew(self.row.cursor)
            raise StreamFailed(f"{self._what}: {EMPTY_PAGES} empty pages in a row; sync again later.")
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
        changes = self._storable(page.changes)
        known = read_known(place, row.stream, changes)
        folded = Folded(known, place.source, row, tools.now_ms())
        folded.take(changes)

        def along(connection: Connection, _: list[Outcome]) -> None:
            self._guard(connection)
            scope = Scope(connection, place.owner, place.source)
            held.put_items(scope, row.stream, folded.items.values())
            held.put_said(scope, folded.said.values())
            if page.listed and not page.state:
                held.miss(scope, row.stream, row.run)
            positions.put_stream(connection, place.owner, place.source, row)

        appended = place.log.append(folded.events, along=along)
        folded.count(appended.outcomes, self.result, again=self._again)

    def _storable(self, changes: Sequence[Change]) -> list[Change]:
        """Without the items whose own name cannot be kept: they are problems of each run that shows them."""
        kept: list[Change] = []
        for one in changes:
            if storable(one.item + getattr(one, "version", "")):
                kept.append(one)
            else:
                self.result.seen += 1
                self.result.problems.append(Problem(f"{self._what}: {shown(one.item)}", "its name is no text"))
        return kept

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
        except Exception as error:  # whatever a connector does, the other streams are read
            raise _Broken(error) from error
        if page is None:
            raise _Broken(TryLater("the source's list stopped before its end"))
        return page

    def close(self) -> None:
        """Let a generator end now, and not whenever it is collected."""
        if isinstance(self._pages, Generator):
            self._pages.close()
