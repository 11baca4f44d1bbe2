"""The mail of an account: each folder a stream that follows its own delta.

Everything is listed thus: the round that leads to the delta's cursor names what there is, in many short rows, so that
the cursor is older than whatever is read afterwards; then the messages that are not held are got in pages, newest
first, by the time that they came. Neither is bound to the 5,000 messages that a filtered delta shows at most.
https://learn.microsoft.com/graph/api/message-delta
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import msgspec

from connectors.errors import CursorExpired, StreamEnded, TryLater
from connectors.http import TooLarge
from connectors.microsoft.graph import DELTA, NEXT, Graph, link_in, rows
from connectors.microsoft.mail_fetch import Fetcher, Refusals
from connectors.microsoft.mail_folders import OWN, PREFIX, Folder, Uses, Whose, folders
from connectors.microsoft.mail_reader import DRAFT, ROW, Reader, asked, is_said, is_whole, version
from connectors.microsoft.mail_state import Following, Listing, Rest, rest_in
from connectors.microsoft.mail_text import received
from connectors.microsoft.refusals import Answered, Failing
from connectors.microsoft.stuck import Failures, Stuck, sick_behind
from connectors.sync.port import Change, Held, Page, Position, Same, Seen, Stream

PAGE = 50  # messages with their text
NAMED = 500  # short rows
_REMOVED = "@removed"
_ROWS = f"$select={','.join(ROW)}"
Rows: TypeAlias = dict[str, dict[str, Any]]


class Told(NamedTuple):
    """Of a page of a delta the messages, and who is said to have left; rows repeat, in any order: some are in both."""

    there: Rows
    gone: set[str]


class PagesLack(CursorExpired):
    """Pages of messages do not show all that were named, or are refused: each is got by itself, behind a new round."""


class _Asking(NamedTuple):
    """How messages are asked for: the options, and how many to a page, with their texts and without."""

    graph: Graph
    asked: str
    page: int
    named: int


class Mail:
    """A `Part`. `words`: whether texts are read, or headers alone; `page`, `named`: messages of a page."""

    prefix = PREFIX

    def __init__(
        self, graph: Graph, source: str, *, words: bool, page: int = PAGE, named: int = NAMED, whose: Whose = OWN
    ) -> None:
        self._graph, self._source, self._whose = graph, source, whose
        self._asking = _Asking(graph, asked(words=words), page, named)
        self._folders: dict[str, Folder] = {}
        self._uses: Uses | None = None
        self._answers: dict[str, str] = {}
        self._stuck = Stuck()
        self._refusals: Refusals = {}
        self._alone: set[str] = set()

    def recall(self, cursors: Mapping[str, str]) -> None:
        """What the folders are for is asked of Graph one by one, so it is remembered; it changes with the folders."""
        rests = (rest_in(cursor) for name, cursor in cursors.items() if name.startswith(self._whose.prefix))
        self._uses = next((rest.uses for rest in rests if rest.uses is not None), self._uses)

    def streams(self) -> Sequence[Stream]:
        self._folders, self._uses = folders(self._graph, self._uses, self._answers, self._whose)
        return [one.stream for one in self._folders.values() if one.box is not None]

    def notes(self) -> Sequence[str]:
        return []

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:
        name = stream.name.removeprefix(self._whose.prefix)
        folder = self._folders.get(name) or Folder(name, stream.title, "", self._whose)
        reader = Reader(self._source, folder)
        fetcher = Fetcher(self._graph, reader, self._asking.asked, self._folders, self._refusals)
        reading = _Reading(self._asking, reader, fetcher, held, Failures(self._stuck, stream.name))
        try:
            if at.cursor is None:
                begin = Listing(alone=stream.name in self._alone)
                pages = reading.everything(msgspec.json.decode(at.state, type=Listing) if at.state else begin)
            elif at.state:
                pages = reading.since(msgspec.json.decode(at.state, type=Following))
            else:
                rest = rest_in(at.cursor)
                pages = reading.since(Following(rest.link, sick=rest.sick), begun=False)
            yield from (self._remembered(page, folder) for page in pages)
        except PagesLack:
            self._alone.add(stream.name)
            raise
        except Answered as refused:
            if not refused.missing:
                raise
            if not self._graph.lacks(folder.path):
                raise CursorExpired(f"{self._graph.name}, {folder.title}: this page is not there any more") from None
            raise StreamEnded(f"{self._graph.name}, {folder.title}: this folder is not there any more") from None

    def _remembered(self, page: Page, folder: Folder) -> Page:
        """The inbox keeps what all folders are for."""
        if page.cursor is None or self._uses is None or self._uses.boxes.get(folder.id) != "inbox":
            return page
        return page._replace(cursor=msgspec.structs.replace(rest_in(page.cursor), uses=self._uses).text)


class _Reading:
    """One folder's run."""

    def __init__(self, asking: _Asking, reader: Reader, fetcher: Fetcher, held: Held, failures: Failures) -> None:
        self._graph, self._asked, self._page, self._named = asking
        self._reader, self._fetcher, self._held, self._failures = reader, fetcher, held, failures
        self._path = f"{reader.folder.path}/messages"

    def everything(self, state: Listing) -> Iterator[Page]:
        while True:
            self._fetcher.bold = self._failures.are_too_many(state.failed)
            try:
                changes, state, ended = self._page_of(state)
            except (Failing, Answered) as error:
                yield Page((), _encoded(self._failed(state, error)), listed=True)
                raise
            state = msgspec.structs.replace(state, failed=0, sick=sick_behind(state.sick, changes))
            if ended:
                break
            yield Page(changes, _encoded(state), listed=True)
        yield Page(changes, cursor=Rest(state.cursor, sick=state.sick).text, listed=True)

    def since(self, state: Following, *, begun: bool = True) -> Iterator[Page]:
        """`begun`: the round has; at its beginning those are asked for that were not shown before."""
        while True:
            self._fetcher.bold = self._failures.are_too_many(state.failed)
            try:
                document = self._graph.follow(state.link, prefer=_size(self._page))
                told = _told(document)
                changes = self._changed(told)
            except (Failing, Answered) as error:
                state = msgspec.structs.replace(state, failed=self._failures.behind(state.failed, error))
                yield Page((), _encoded(state))
                raise
            if not begun:
                changes += self._fetcher.again(one for one in state.sick if one not in told.there.keys() | told.gone)
            begun = True
            link, cursor = _links(document)
            state = Following(link, sick=sick_behind(state.sick, changes))
            if cursor:
                break
            yield Page(changes, _encoded(state))
        yield Page(changes, cursor=Rest(cursor, sick=state.sick).text)

    def _failed(self, state: Listing, error: Failing | Answered) -> Listing:
        try:
            return msgspec.structs.replace(state, failed=self._failures.behind(state.failed, error))
        except CursorExpired as expired:
            raise PagesLack(str(expired)) if state.cursor else expired from None

    def _page_of(self, state: Listing) -> tuple[list[Change], Listing, bool]:
        """A page of the round, or behind it of the messages that it named; and whether it was the last."""
        if not state.cursor:
            document = self._round(state.link)
            changes, state = self._compared(document, state)
            link, cursor = _links(document)
            state = msgspec.structs.replace(state, link=link, cursor=cursor)
            return changes, state, bool(cursor) and state.newest is None
        document = self._window(state)
        found = rows(document)
        new = self._new(found)
        link = link_in(document, NEXT)
        behind = state.behind(received(found[-1]) if found else None, link) if link else state
        behind = behind.without(new)
        if not link and behind.open:
            raise PagesLack("Microsoft Graph does not show all messages in pages that it names")
        return self._read(new), behind, not link

    def _round(self, link: str) -> dict[str, Any]:
        prefer = _size(self._named)
        if link:
            return self._graph.follow(link, prefer=prefer)
        return self._graph.get(f"{self._path}/delta?{_ROWS}", prefer=prefer)

    def _compared(self, document: Mapping[str, Any], state: Listing) -> tuple[list[Change], Listing]:
        """What is told of the rows of a listing, and the state with what is to be got in pages.

        Few among many that are held are got at once.
        """
        told = _told(document)
        versions = self._held.versions(told.there.keys() | told.gone)
        changes, missing = self._known(told, versions)
        whole = {item: at for item, row in missing.items() if is_whole(row) and (at := received(row))}
        if state.alone or len(missing) * self._page <= len(told.there) or len(whole) < len(missing):
            changes += self._fetcher.changes(missing)
        else:
            state = state.with_missing(whole)
        left = sorted(item for item in told.gone if item in versions or item in told.there)
        return [*changes, *self._fetcher.left(left)], state

    def _window(self, state: Listing) -> dict[str, Any]:
        """Messages with their texts; where they are too large together, without, and each is got by itself."""
        try:
            if state.more:
                return self._graph.follow(state.more, prefer=_size(self._page))
            return self._graph.get(f"{self._path}?{state.query(self._asked, self._page)}")
        except TooLarge:
            return self._graph.get(f"{self._path}?{state.query(_ROWS, self._page)}")
        except Answered as refused:
            raise PagesLack(str(refused)) from None

    def _new(self, found: Sequence[dict[str, Any]]) -> Rows:
        """Of the messages of a page those that are not held as they are."""
        there = {str(row["id"]): row for row in found if row.get("id")}
        versions = self._held.versions(there)
        return {item: row for item, row in there.items() if versions.get(item) != version(row)}

    def _read(self, new: Rows) -> list[Change]:
        without = {item: row for item, row in new.items() if "subject" not in row and not is_said(row, "isDraft")}
        read: list[Change] = [self._reader.read(row) for item, row in new.items() if item not in without]
        return [*read, *self._fetcher.changes(without)]

    def _changed(self, told: Told) -> list[Change]:
        """What is told of the rows of a round of changes; "removed" decides nothing by itself."""
        changes, missing = self._known(told, self._held.versions(told.there))
        changes += self._fetcher.changes(missing)
        return [*changes, *self._fetcher.left(sorted(told.gone))]

    def _known(self, told: Told, versions: Mapping[str, str]) -> tuple[list[Change], Rows]:
        """What is told without getting anything, and the rows that must be got."""
        changes: list[Change] = []
        missing: Rows = {}
        for item, row in told.there.items():
            whole = is_whole(row)
            if item in told.gone:
                continue
            if whole and versions.get(item) == version(row):
                changes.append(Same(item))
            elif whole and is_said(row, "isDraft"):
                changes.append(Seen(item, version(row), skip=DRAFT))
            else:
                missing[item] = row
        return changes, missing


def _told(document: Mapping[str, Any]) -> Told:
    found = [row for row in rows(document) if isinstance(row.get("id"), str)]
    there: Rows = {}
    for row in found:
        if _REMOVED not in row:
            there[row["id"]] = {**there.get(row["id"], {}), **row}
    return Told(there, {row["id"] for row in found if _REMOVED in row})


def _links(document: Mapping[str, Any]) -> tuple[str, str]:
    """The next page, or where the round led. Raises TryLater where a page says neither."""
    link, cursor = link_in(document, NEXT), link_in(document, DELTA)
    if not link and not cursor:
        raise TryLater("Microsoft Graph does not say how it goes on; it is tried again later")
    return link, "" if link else cursor


def _size(count: int) -> str:
    return f"odata.maxpagesize={count}"


def _encoded(state: Listing | Following) -> str:
    return msgspec.json.encode(state).decode()
