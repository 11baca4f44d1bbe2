"""A collection since the last time: by sync token (RFC 6578), else by its ctag and the etags of everything in it.

The first run takes a ctag and a plain listing: for a first token some servers work far longer. The token is taken when
something has changed for the first time, with a listing that finds all that happened since, before the ctag or behind.
Whatever is unclear becomes a listing of all: it fetches only what is not held in the version listed, and so is cheap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

import msgspec

from connectors.dav import names
from connectors.dav.around import Around, around, named
from connectors.dav.client import Answered, Client
from connectors.dav.fetch import Fetcher
from connectors.dav.flavour import Flavour
from connectors.dav.found import Found
from connectors.dav.reading import Reading, part_of, whole_of
from connectors.dav.rows import Listed, listed
from connectors.dav.state import RETRIED, Cursor, State, read, written
from connectors.errors import CursorExpired, Refused, StreamEnded, TryLater
from connectors.sync.port import Change, Gone, Held, Kind, Page, Position

BATCH = 200  # items that one question asks for, and that one page brings
_KNOWN = 5_000  # items of which a page says that they are as they were, or gone
_ROUNDS = 3  # answers in a row that show nothing new: then a server is going in circles
_QUIET = 12  # runs in a row that believe a ctag where tokens can be had: some count in seconds, and miss a change
_AWAY = frozenset({404, 410})  # of the collection itself
_FORBIDDEN = 403
# How servers spell "I do not know this token": 403 as the RFC, others 400, 409, 410, 412 or even 500; the sure sign is
# the element DAV:valid-sync-token. A listing that follows costs little and finds out what is really the matter.
_EXPIRED = frozenset({400, 403, 409, 410, 412, 500})

T = TypeVar("T")


class _Work(NamedTuple):
    """`batches`: item and address of what must be fetched; `known`: pages of what needs no fetching."""

    reading: Reading
    batches: Sequence[Mapping[str, str]]
    known: Sequence[Sequence[Change]]
    etags: Mapping[str, str]
    held: Mapping[str, str]


class Sync:
    """The pages of one collection from one position on. `source` is that of the account."""

    def __init__(
        self, client: Client, flavour: Flavour, collection: Found, *, source: str, held: Held, batch: int = BATCH
    ) -> None:
        self._client, self._flavour, self._collection = client, flavour, collection
        self._source, self._held, self._batch = source, held, batch
        self._fetcher = Fetcher(client, flavour, collection.url)
        self._failing: dict[str, None] = {}
        self._shown: set[str] = set()
        self._idle = self._page = 0
        self._resumed = False

    def pages(self, at: Position) -> Iterator[Page]:
        """Raises CursorExpired, StreamEnded (the collection is away, or may not be read) and what the client raises."""
        cursor = read(at.cursor, Cursor) if at.cursor else Cursor()
        state = read(at.state, State) if at.state else State()
        self._failing, self._page = dict.fromkeys(state.retry), state.page
        self._resumed = state.listing and not state.token
        if state.plain or (at.cursor is None and not state.listing):
            yield from self._first()
        elif state.listing:
            yield from self._all(state.token)
        elif cursor.token and self._collection.syncs and self._is_titled(cursor):
            yield from self._changes(cursor, state.token or cursor.token)
        elif cursor.ctag and self._is_as_it_was(cursor):
            yield Page((), cursor=written(msgspec.structs.replace(cursor, quiet=cursor.quiet + 1)))
        else:
            yield from self._all("")

    def _is_titled(self, cursor: Cursor) -> bool:
        """Whether a calendar has still the name under which its entries were read."""
        return self._flavour.kind is not Kind.CALENDAR or named(self._collection.title).mark == cursor.around

    def _is_as_it_was(self, cursor: Cursor) -> bool:
        """Whether a collection says by its ctag that nothing happened since."""
        due = self._collection.syncs and cursor.quiet >= _QUIET
        if due or cursor.retry or not self._is_titled(cursor):
            return False
        try:
            return self._ctag() == cursor.ctag
        except Answered:  # the listing that follows finds out what is the matter
            return False

    def _changes(self, cursor: Cursor, token: str) -> Iterator[Page]:
        """What changed since a token; answers that were cut short follow each other."""
        more, retry = True, cursor.retry
        while more:
            rows, following = self._since(token)
            more = rows.more
            work = None
            if rows.hrefs or rows.gone or retry:
                now = self._around()
                if now.mark != cursor.around:
                    yield from self._all("")
                    return
                wanted = {item: item for item in retry if item not in rows.gone} | rows.hrefs
                work = self._work(self._reading(now), rows._replace(hrefs=wanted))
            behind = None if more else Cursor(following, "", cursor.around)
            yield from self._run(work, State(token=token), State(token=following), behind)
            token, retry = following, ()

    def _all(self, token: str) -> Iterator[Page]:
        """Every item. `token`: behind the part that was shown already."""
        self._shown.clear()
        marks: set[str] = set()
        more = self._collection.syncs
        while more:
            try:
                rows, following = self._since(token)
            except Answered:
                break
            if not following:  # RFC 6578 wants one: who leaves it out is not to be relied on
                break
            more = rows.more
            now = self._around()
            marks.add(now.mark)
            state = State(listing=True, token=token)
            # Under two marks in one listing nothing is known for sure: the next run lists again.
            behind = Cursor(following, "", now.mark) if len(marks) == 1 else Cursor()
            total = None if more or token else len(rows.hrefs)
            work = self._work(self._reading(now), rows if more else self._complete(rows))
            yield from self._run(work, state, State(listing=True, token=following), None if more else behind, total)
            if not more:
                return
            token = following
        yield from self._all_etags()

    def _all_etags(self) -> Iterator[Page]:
        """Every item, by a listing of the collection (RFC 4918)."""
        try:
            ctag, rows = self._ctag(), self._etags()
        except Answered as error:
            raise self._ended(error) from error
        if rows is None:
            raise TryLater(f"{self._at()}: the server lists nothing, not even this {self._flavour.noun}")
        if rows.more:
            raise Refused(f"{self._at()}: the server lists only a part of it; tell those who run it, and try later")
        yield from self._plain(rows, ctag)

    def _first(self) -> Iterator[Page]:
        """Every item, with a ctag. Whatever is doubtful about that, a token is taken at once."""
        ctag, rows = "", None
        try:
            ctag = self._ctag()
            rows = self._etags() if ctag else None
        except Answered as error:
            if error.status in _AWAY:
                raise self._ended(error) from error
        if rows is None or rows.more or not rows.hrefs:
            yield from self._all("")
        else:
            yield from self._plain(rows, ctag)

    def _plain(self, rows: Listed, ctag: str) -> Iterator[Page]:
        """Every item, as listed after the ctag was taken: what changed meanwhile is seen under the next ctag."""
        self._shown.update(rows.hrefs)
        rows = self._complete(rows)
        now = self._around()
        state, behind = State(listing=True, plain=True), Cursor("", ctag, now.mark)
        yield from self._run(self._work(self._reading(now), rows), state, state, behind, total=len(rows.hrefs))

    def _ctag(self) -> str:
        """The collection's ctag; "" where it has none. Raises Answered."""
        answer, _ = self._client.propfind(self._collection.url, 0, (names.CTAG,))
        return next(filter(None, (row.text(names.CTAG) for row in answer.rows)), "")

    def _etags(self) -> Listed | None:
        """A plain listing; None where not even the collection itself is in it. Raises Answered."""
        props = (names.ETAG, names.MODIFIED, names.RESOURCE_TYPE)
        answer, _ = self._client.propfind(self._collection.url, 1, props)
        return listed(answer.rows, self._collection.url) if answer.rows else None

    def _complete(self, rows: Listed) -> Listed:
        """The last rows of a listing; where it began anew within a run, also what went since it began at first.

        What was shown before the interruption counts as shown in this run; if it is not shown again, it is gone.
        """
        if not self._resumed:
            return rows
        gone = [item for item, _ in self._held.all() if whole_of(item) not in self._shown]
        return rows._replace(gone=[*rows.gone, *gone])

    def _since(self, token: str) -> tuple[Listed, str]:
        """The rows since a token, and the token behind them. Raises Answered where all were asked for."""
        try:
            answer = self._client.changes(self._collection.url, token)
        except Answered as error:
            if token and (error.status in _EXPIRED or names.VALID_TOKEN in error.named):
                raise CursorExpired(f"{self._at()}: the server no longer knows where we were") from error
            if error.status in _AWAY:
                raise self._ended(error) from error
            raise
        rows = listed(answer.rows, self._collection.url)
        if token and not answer.token:
            raise CursorExpired(f"{self._at()}: the server does not say how to go on")
        self._guard(rows, answer.token, token)
        return rows, answer.token

    def _guard(self, rows: Listed, following: str, token: str) -> None:
        """A server that always has more, and never anything new, is left."""
        before = len(self._shown)
        self._shown.update(rows.hrefs, rows.gone)
        self._idle = 0 if len(self._shown) > before else self._idle + 1
        if rows.more and (following == token or self._idle >= _ROUNDS):
            raise Refused(
                f"{self._at()}: the server shows the same part again and again; tell those who run it, and try later"
            )

    def _ended(self, error: Answered) -> StreamEnded | TryLater:
        if error.status in _AWAY:
            return StreamEnded(f"{self._at()}: this {self._flavour.noun} is not there any more")
        if error.status < 500:  # noqa: PLR2004  4xx: it is we who are wrong
            return StreamEnded(f"{self._at()}: this {self._flavour.noun} may not be read (HTTP {error.status})")
        return TryLater(f"{error.sentence}; it is tried again later")

    def _work(self, reading: Reading, rows: Listed) -> _Work:
        """What one answer leaves to do: what must be fetched, newest first; and what is known already, or gone."""
        wanted: list[str] = []
        rest: list[Change] = list(map(Gone, rows.gone))
        held: dict[str, str] = {}
        for some in _blocks(list(rows.hrefs), _KNOWN):
            versions = self._held.versions([*some, *map(part_of, some)])
            same, missing = reading.split(some, rows.etags, versions)
            rest += same
            wanted += missing
            held.update((item, versions[item]) for one in missing for item in (one, part_of(one)) if item in versions)
        batches = [{item: rows.hrefs[item] for item in some} for some in _blocks(wanted, self._batch)]
        return _Work(reading, batches, list(_blocks(rest, _KNOWN)), rows.etags, held)

    def _changes_of(self, work: _Work) -> Iterator[Sequence[Change]]:
        """The pages' changes. What is fetched comes first: each page of a run that is broken off brings something."""
        for found in work.reading.fetcher.ahead(work.batches):
            changes, failing = work.reading.read(found, work.etags, work.held)
            self._failing = dict(islice((self._failing | dict.fromkeys(failing)).items(), RETRIED))
            yield changes
        yield from work.known

    def _run(
        self, work: _Work | None, within: State, following: State, behind: Cursor | None, total: int | None = None
    ) -> Iterator[Page]:
        """The pages of one answer, `within` it and `following` it; `behind` ends the run, None: there is more."""
        count = len(work.batches) + len(work.known) if work else 0
        for number, changes in enumerate(self._changes_of(work) if work and count else [()], 1):
            page = Page(changes, total=total, listed=within.listing)
            if number < count:
                yield page._replace(state=self._state(within))
            elif behind is None:
                yield page._replace(state=self._state(following))
            else:
                yield page._replace(cursor=written(msgspec.structs.replace(behind, retry=tuple(self._failing))))

    def _state(self, state: State) -> str:
        self._page += 1
        return written(msgspec.structs.replace(state, retry=tuple(self._failing), page=self._page))

    def _around(self) -> Around:
        return around(self._client, self._flavour, self._collection.url, self._collection.title)

    def _reading(self, now: Around) -> Reading:
        return Reading(self._source, now, self._fetcher)

    def _at(self) -> str:
        return f"{self._client.account}: {self._collection.title}"


def _blocks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[at : at + size] for at in range(0, len(items), size))
