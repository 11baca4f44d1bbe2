"""Importing files: the loop between readers and the log. Every item is accounted for, and nothing is stored twice.

The log ignores what it knows, so that a crash, a second import, a longer file or a renamed one need no care here.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeGuard, cast

from connectors.ahead import Ahead, Piece
from connectors.files.registry import read_found
from connectors.files.unchanged import Account, Unchanged
from connectors.files.walk import Found, Left, Stamp, shown, walk
from connectors.items import Item, Problem, Skipped
from connectors.pages import ImportResult, Pages, now_ms
from connectors.progress import Progress, Watch
from events.envelope import NewEvent, stream_of
from events.errors import AmityError
from events.vocabulary import SyncCompleted

if TYPE_CHECKING:  # files can be read ahead before the database's modules are loaded
    from events.log import Log

PAGE = 1000  # items in one transaction
_HOPELESS = {
    "unreadable": "this file cannot be opened; check its permissions",
    "special_file": "this is no regular file; give the file or folder that holds the mail, calendar or contacts",
    "compressed": "this file is packed in a way that is not read; unpack it and import what was in it",
    "empty": "this file is empty; export it again",
    "not_recognised": "this is none of the files that can be imported (mail: mbox, Maildir, .eml; calendars: .ics; "
    "contacts: .vcf, .csv; Google Takeout: .zip or folder)",
}
_UNCHANGED = "unchanged files"  # the log's cursor that holds `Unchanged`, one per path


def import_paths(
    paths: Sequence[Path | str],
    log: Log,
    *,
    progress: Callable[[Progress], None] | None = None,
    page: int = PAGE,
    ahead: Ahead | None = None,
    stored: Callable[[int], None] | None = None,
) -> ImportResult:
    """Read files and folders into the log; their content is never changed. See `ImportResult` for the account.

    `ahead`: what `read_ahead` began of the first path, while the log was still being opened. `stored` is called after
    each page with the last position of the log.

    Raises AmityError where a path does not exist (then nothing was read), or where the only path is a single file of
    which nothing can be read (then nothing is stored of it).
    """
    given = [Path(path) for path in paths]
    for path in given:
        if not _exists(path):
            raise AmityError(
                f"{shown(str(path))}: there is no such file or folder; check the path and import again"
            )
    result = ImportResult()
    for number, path in enumerate(given):
        begun = None if number else ahead
        result.add(_Import(path, log, page, stored).run(progress, begun, alone=len(given) == 1))
    return result


def read_ahead(path: Path) -> Ahead:
    """Begin to read a path of which no log holds anything yet."""
    found = [entry for entry in walk(path) if isinstance(entry, Found)] if _exists(path) else []
    return Ahead(found, _source(path))


class _Import:
    """The import of one path."""

    def __init__(self, path: Path, log: Log, page: int, stored: Callable[[int], None] | None) -> None:
        self._path = path
        absolute = path.absolute()
        self._source = _source(path)
        self._cursor = (self._source, f"{_UNCHANGED}: {shown(str(absolute))}")
        self._result = ImportResult()
        self._pages = Pages(log, self._source, page, self._result, stored)
        self._unchanged = Unchanged(log.cursor(*self._cursor))
        self._read_anew = False

    def run(
        self, progress: Callable[[Progress], None] | None, ahead: Ahead | None, *, alone: bool
    ) -> ImportResult:
        changed = [entry for entry in walk(self._path) if self._must_read(entry)]
        watch = Watch(progress, str(self._path), len(changed), sum(entry.stamp.size for entry in changed))
        with ahead or Ahead(changed, self._source) as reading:
            for found in changed:
                self._file(found, watch, reading)
                watch.file_done(found.stamp.size)
        if alone and not (self._path.is_dir() and os.access(self._path, os.R_OK | os.X_OK)):
            self._refuse_hopeless()
        self._finish()
        watch.tick(0)
        return self._result

    def _must_read(self, entry: Found | Left) -> TypeGuard[Found]:
        """False where an entry is accounted for without being read."""
        if isinstance(entry, Left):
            self._result.skip(entry.reason)
            return False
        known = self._unchanged.account(entry.where, entry.stamp)
        if known is not None:
            self._count(known)
        return known is None

    def _file(self, found: Found, watch: Watch, ahead: Ahead) -> None:
        read_ns = time.time_ns()
        try:
            stream = open(found.path, "rb")  # noqa: PTH123, SIM115  a Path costs more than the opening; closed below
        except OSError:
            self._result.skip("unreadable")
            return
        with stream:
            account = Account(0, {}, [])
            whole = _same(stream, found.stamp)
            for items in self._all_items(found, stream, ahead):
                self._take(items, account)
                whole &= not isinstance(items[-1], _Died)
                watch.items += len(items)
                if watch.due():
                    watch.tick(stream.tell())
            whole &= _same(stream, found.stamp)
        if whole:
            self._unchanged.remember(found.where, found.stamp, account, read_ns=read_ns)
        self._read_anew |= bool(account.items or account.problems)

    def _all_items(self, found: Found, stream: BinaryIO, ahead: Ahead) -> Iterator[Sequence[Item]]:
        """The items of a file: those that were read ahead many at once, the others one by one as they are read."""
        for piece in ahead.pieces(found):
            items = ahead.items(piece)
            if items is not None:
                stream.seek(piece.end or found.stamp.size)  # for the progress
                if items:
                    yield items
                continue
            stream.seek(0)
            for item in self._items(piece, stream):
                yield (item,)
                if isinstance(item, _Died):
                    ahead.close()
                    return

    def _items(self, piece: Piece, stream: BinaryIO) -> Iterator[Item]:
        """The items of a piece; whatever ends its reading early is one problem more."""
        found = piece.found
        items = read_found(found, stream, source=self._source, begin=piece.begin, end=piece.end)
        while True:
            try:
                item = next(items, None)
            except AmityError as error:
                yield Problem(found.where, str(error).removeprefix(f"{found.where}: "))
                return
            except Exception as error:  # noqa: BLE001  whatever one file does, the others are read
                at = f"{found.where}:{stream.tell()}"
                item = _Died(at, f"reading stopped here ({error!r}); what stood before was read")
            if item is None:
                return
            yield item
            if isinstance(item, _Died):
                return

    def _take(self, items: Sequence[Item], account: Account) -> None:
        for kind, run in groupby(items, type):
            if kind is NewEvent:
                events = cast("list[NewEvent]", list(run))
                self._pages.extend(events)
                account.items += len(events)
                continue
            for item in cast("Iterator[Skipped | Problem]", run):
                self._leave(item, account)

    def _leave(self, item: Skipped | Problem, account: Account) -> None:
        if isinstance(item, Skipped):
            self._result.skip(item.reason)
            account.skipped[item.reason] = account.skipped.get(item.reason, 0) + 1
        else:
            self._pages.quarantine(item)
            account.problems.append(item)

    def _count(self, known: Account) -> None:
        """A file that is as it was: all its items are in the log."""
        self._result.seen += known.items
        self._result.duplicates += known.items
        for reason, count in known.skipped.items():
            self._result.skip(reason, count)
        for problem in known.problems:
            self._result.fail(problem)

    def _refuse_hopeless(self) -> None:
        """A single file of which not one item can be used is an error, not a result."""
        result, path = self._result, shown(str(self._path))
        hopeless = {reason: why for reason, why in _HOPELESS.items() if reason in result.skipped}
        if result.seen > len(result.problems) + sum(result.skipped[reason] for reason in hopeless):
            return
        if result.problems:
            where, why = result.problems[0]
            raise AmityError(f"{path}: nothing can be read from this file: {where}: {why}")
        for why in hopeless.values():
            raise AmityError(f"{path}: {why}")

    def _finish(self) -> None:
        """Store what is gathered; record the run, unless every file was as it was the last time."""
        self._pages.flush()
        if not self._read_anew and not self._pages.appended:
            return
        result = self._result
        run = SyncCompleted(
            source=self._source,
            seen=result.seen,
            stored=result.stored,
            duplicates=result.duplicates,
            skipped=dict(sorted(result.skipped.items())),
            problems=len(result.problems),
        )
        event = NewEvent(stream_of(None, "sync", self._source), None, now_ms(), run)
        self._pages.flush(event, cursor=(*self._cursor, self._unchanged.cursor()))


def _source(path: Path) -> str:
    return f"files:{shown(os.path.normpath(path.absolute()).rsplit(os.sep, 1)[-1])}"


class _Died(Problem):
    """The problem that ended the reading of a file: it is read again the next time."""


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder above it may not be entered
        return False


def _same(stream: BinaryIO, stamp: Stamp) -> bool:
    """Whether the open file is still the one that was found."""
    found = os.fstat(stream.fileno())
    return stamp == (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
