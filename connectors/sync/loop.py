"""Synchronising one account: its streams, one after the other, and what is withdrawn at the end.

The log and what stands beside it move together, page by page, so that a run may be killed at any instant and goes on
where it stood. Nothing is withdrawn before every stream of the account was read to its end in one run.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable

from sqlalchemy import Connection

from connectors.sync import ending, lease
from connectors.sync.asking import AccountStops, Asking, StreamFailed, Tools, respect
from connectors.sync.known import Place
from connectors.sync.port import Connector, Recalling, Stream
from connectors.sync.progress import SyncProgress
from connectors.sync.result import StreamResult, SyncResult
from connectors.sync.stream import StreamRun
from connectors.sync.texts import shown, storable
from events import held, leases, positions
from events.held import Scope
from events.leases import LeaseLost
from events.log import Log
from events.positions import StreamRow

FIRST_PAGES = 5  # of each stream before the rest of any: the newest of everything comes first


def sync(
    connector: Connector,
    log: Log,
    *,
    full: bool = False,
    progress: Callable[[SyncProgress], None] | None = None,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    chance: Callable[[], float] = random.random,
    enough: Callable[[], bool] = bool,
    budget: str = "",
) -> SyncResult:
    """Bring the log into step with one account. `full`: list everything again, whatever the cursors say.

    `budget`: the row of `sync_accounts` that tells how long all accounts of one project have to wait; "": it is counted
    for itself alone. `enough` is asked between pages, once every stream has shown its newest: True leaves the rest to
    the next run.

    What goes wrong at the source stands in the result; only errors of the log are raised. An interrupted run goes on
    where it was the next time. The caller closes the connector.
    """
    place = Place(log, connector.source)
    tools = Tools(connector, place, lease.new_holder(), clock, sleep, chance, progress, enough, budget)
    account = _Account(tools, full=full)
    try:
        return account.run()
    finally:
        if not account.ended:
            with log.writing() as connection:
                leases.release(connection, log.owner, connector.source, tools.holder)


class _Account:
    def __init__(self, tools: Tools, *, full: bool) -> None:
        self._tools, self._full = tools, full
        self._result = SyncResult(tools.connector.source)
        self._tokens: dict[str, int] = {}
        self._vanished: dict[str, StreamRow] = {}  # streams that are not listed any more
        self._runs: list[StreamRun] = []
        self._all_ours = self.ended = False
        self._listed: set[str] = set()
        self._lost: frozenset[ending.Key] | None = None

    def run(self) -> SyncResult:
        try:
            streams = self._streams()
            self._begin(streams)
            several = len(self._runs) > 1
            self._pull(FIRST_PAGES if several else None)
            if several:
                self._pull(None)
            self._look_again()
        except AccountStops as stop:
            self._stop(stop.state, str(stop))
        except StreamFailed as failed:  # of `streams()`
            self._stop("failed", str(failed))
        except LeaseLost as lost:
            self._stop("busy", str(lost))
            return self._result
        self._end()
        return self._result

    def _streams(self) -> list[Stream]:
        self._recall()
        asking = Asking(self._tools, self._tools.place.source)
        while True:
            respect(self._tools)
            try:
                found = self._tools.connector.streams()
            except Exception as error:  # noqa: BLE001  whatever one account does, the others are read
                asking.refused(error)
            else:
                return self._named(found)

    def _recall(self) -> None:
        connector, place = self._tools.connector, self._tools.place
        if isinstance(connector, Recalling):
            with place.log.reading() as connection:
                rows = positions.streams(connection, place.owner, place.source)
            connector.recall({name: row.cursor for name, row in rows.items() if row.cursor is not None})

    def _named(self, found: Iterable[Stream]) -> list[Stream]:
        """Each stream once; one whose own name cannot be kept is told as failed, and the others are read."""
        streams = {stream.name: stream._replace(title=shown(stream.title)) for stream in found}
        for name in [name for name in streams if not storable(name)]:
            bad, sentence = streams.pop(name), f"{self._tools.place.source}, {shown(name)!r}: its name is no text."
            failed = StreamResult(shown(name), bad.title, bad.kind.value, state="failed", error=sentence)
            if failed not in self._result.streams:
                self._result.streams.append(failed)
        return list(streams.values())

    def _begin(self, streams: list[Stream]) -> None:
        """Take the leases and begin a run of each stream, or go on with the one that was interrupted."""
        place = self._tools.place
        with place.log.writing() as connection:
            rows = positions.streams(connection, place.owner, place.source)
            names = dict.fromkeys([*(stream.name for stream in streams), *rows])
            self._tokens = leases.acquire(
                connection, place.owner, place.source, sorted(names),
                holder=self._tools.holder, seconds=lease.SECONDS, is_dead=lease.is_dead,
            )  # fmt: skip
            for stream in streams:
                self._open(connection, stream, rows.get(stream.name))
            self._order(connection)
            self._listed = {stream.name for stream in streams}
            self._vanished = {
                name: self._end_stream(connection, row)
                for name, row in rows.items()
                if name not in self._listed and name in self._tokens
            }
        self._all_ours = len(self._tokens) == len(names)

    def _open(self, connection: Connection, stream: Stream, before: StreamRow | None) -> None:
        if stream.name not in self._tokens:
            where = f"{self._tools.place.source}, {stream.title!r}"
            sentence = f"{where}: another process is reading it; wait until it ends."
            busy = StreamResult(stream.name, stream.title, stream.kind.value, state="busy", error=sentence)
            self._result.streams.append(busy)
            return
        row = before or StreamRow(stream.name, stream.title, stream.kind.value)
        row = row._replace(title=stream.title, kind=stream.kind.value)
        if self._full:
            row = row._replace(cursor=None, page="")
        if not row.page:
            row = row._replace(run=row.run + 1)
        positions.put_stream(connection, self._tools.place.owner, self._tools.place.source, row)
        run = StreamRun(self._tools, stream, row, self._tokens[stream.name])
        self._runs.append(run)
        self._result.streams.append(run.result)

    def _order(self, connection: Connection) -> None:
        """Those first that were never read to their end, and of them the one that got least far.

        Else an account that is stopped early in each run would always read the same streams and never reach the last.
        """
        unfinished = [run.row for run in self._runs if run.row.cursor is None]
        if any(row.page for row in unfinished):
            place = self._tools.place
            counts = held.counts(Scope(connection, place.owner, place.source))
            far = {row.stream: (1, counts.get(row.stream, (0, 0))[0]) for row in unfinished if row.page}
            far |= {row.stream: (0, 0) for row in unfinished if not row.page}
            self._runs.sort(key=lambda run: far.get(run.row.stream, (2, 0)))

    def _end_stream(self, connection: Connection, row: StreamRow) -> StreamRow:
        """A stream that the source lists no more: what it held is gone, behind the guard."""
        place = self._tools.place
        sentence = f"{place.source}, {row.title!r}: it is not there any more."
        row = row._replace(cursor=None, page="", run=row.run + 1, state="ended", error=sentence)
        held.miss(Scope(connection, place.owner, place.source), row.stream, row.run)
        positions.put_stream(connection, place.owner, place.source, row)
        self._result.streams.append(StreamResult(row.stream, row.title, row.kind, state="ended", error=sentence))
        return row

    def _pull(self, pages: int | None) -> None:
        for run in self._runs:
            if run.result.state == "ok":
                try:
                    run.pull(pages)
                except StreamFailed as failed:
                    run.result.state, run.result.error = "failed", str(failed)

    def _stop(self, state: str, sentence: str) -> None:
        """Nothing more is asked in this run; what was not read to its end says so."""
        self._result.state, self._result.error = state, sentence
        for run in self._runs:
            if not run.done and run.result.state == "ok":
                run.result.state, run.result.error = "waiting" if state == "waiting" else "failed", sentence

    def _end(self) -> None:
        result = self._result
        if result.state == "ok":
            bad = next((one for one in result.streams if one.state not in {"ok", "ended"}), None)
            if bad is not None:
                result.state, result.error = ("busy" if bad.state == "busy" else "failed"), bad.error
        try:
            ending.end(self._tools, result, self._runs, self._vanished, self._tokens, lost=self._lost)
            self.ended = True
        except LeaseLost as lost:
            result.state, result.error = "busy", str(lost)

    def _look_again(self) -> None:
        """Before anything is withdrawn, ask every stream once more: meanwhile it may have gone from one to another."""
        if not self._complete():
            return
        lost = ending.lost_now(self._tools.place)
        if lost:
            listed = {stream.name for stream in self._streams()}
            for run in self._runs:
                if run.result.state == "ok":
                    run.again()
            self._pull(None)
            if not self._complete() or listed != self._listed:
                return
        self._lost = lost  # not before: a second look that fails decides nothing

    def _complete(self) -> bool:
        """Whether every stream was read to its end, by us, in this run."""
        read = all(one.state in {"ok", "ended"} for one in self._result.streams)
        return read and self._all_ours and all(run.done for run in self._runs)
