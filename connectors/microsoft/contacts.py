"""Outlook's contacts: each folder a stream that follows its delta.

https://learn.microsoft.com/graph/api/contact-delta
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from connectors.contacts import contact_event
from connectors.errors import CursorExpired, ItemMalformed, StreamEnded, TryLater
from connectors.microsoft.contacts_card import FIELDS, contact_in, observed
from connectors.microsoft.contacts_folders import DEFAULT, Folder, ask_folders
from connectors.microsoft.graph import DELTA, NEXT, Graph, link_in, rows
from connectors.microsoft.refusals import Answered
from connectors.sync.port import Change, Gone, Held, Kind, Page, Poison, Position, Seen, Stream

PAGE = 200  # rows
READS = 1  # raised when more is read of a card: then every folder is listed once more
EMPTY = "empty_contact"
_REMOVED, _NAME, _FOLDER = "@removed", "displayName", "parentFolderId"


class _Place(msgspec.Struct, array_like=True, frozen=True):
    """The link that comes next; between runs it is the cursor. `whole`: the run is a listing; `mark`: see `_mark`."""

    link: str
    mark: str
    whole: bool = False


class Contacts:
    """A `Part`. `page`: rows that a page has about."""

    prefix = "contacts"

    def __init__(self, graph: Graph, source: str, *, page: int = PAGE) -> None:
        self._graph, self._source = graph, source
        self._prefer = f"odata.maxpagesize={page}"
        self._folders: list[Folder] | None = None

    def streams(self) -> Sequence[Stream]:
        self._folders = found = ask_folders(self._graph)
        return [Stream(self._name(one), one.title, Kind.CONTACTS) for one in found]

    def notes(self) -> Sequence[str]:
        return []

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:  # noqa: ARG002  one shape
        """Raises CursorExpired and StreamEnded (the folder is not there any more)."""
        folder = self._folder(stream)
        mark = _mark(folder)
        place = self._begun(at, mark)
        while True:
            document = self._page(folder, place)
            changes = self._changes(folder, rows(document))
            page, link = link_in(document, NEXT), link_in(document, DELTA)
            if not page:
                break
            place = msgspec.structs.replace(place, link=page)
            yield Page(changes, _text(place), listed=place.whole)
        if not link:
            raise TryLater(f"{self._graph.name}: Microsoft Graph says neither what comes next nor that it is the end")
        yield Page(changes, cursor=_text(_Place(link, mark)), listed=place.whole)

    def _name(self, folder: Folder) -> str:
        return f"{self.prefix}:{folder.id}" if folder.id else self.prefix

    def _folder(self, stream: Stream) -> Folder:
        if self._folders is None:
            self._folders = ask_folders(self._graph)
        found = next((one for one in self._folders if self._name(one) == stream.name), None)
        if found is None:
            raise StreamEnded(f"{self._graph.name}: {stream.title}: this folder of contacts is not there any more")
        return found

    def _begun(self, at: Position, mark: str) -> _Place:
        if at.state:
            place = msgspec.json.decode(at.state, type=_Place)
            if place.mark != mark:
                raise CursorExpired(f"{self._graph.name}: the folder of contacts changed its name or its reader")
            return place
        cursor = msgspec.json.decode(at.cursor, type=_Place) if at.cursor else None
        return cursor if cursor is not None and cursor.mark == mark else _Place("", mark, whole=True)

    def _page(self, folder: Folder, place: _Place) -> dict[str, Any]:
        try:
            if place.link:
                return self._graph.follow(place.link, prefer=self._prefer)
            return self._graph.get(f"{folder.path}/contacts/delta?$select={FIELDS}", prefer=self._prefer)
        except Answered as refused:
            if refused.missing and folder is not DEFAULT:
                raise StreamEnded(f"{self._graph.name}: {folder.title}: it is not there any more") from None
            raise

    def _changes(self, folder: Folder, found: Iterable[dict[str, Any]]) -> list[Change]:
        """A row may come twice in a page, with a tombstone too: then the contact is asked for."""
        removed: dict[str, None] = {}
        told: dict[str, dict[str, Any]] = {}
        for row in found:
            item = row.get("id")
            if isinstance(item, str) and item and _REMOVED in row:
                removed[item] = None
            elif isinstance(item, str) and item:
                told[item] = row
        changes: list[Change] = [Gone(item) for item in removed if item not in told]
        for item, row in told.items():
            torn = item in removed or _NAME not in row
            changes.append(self._asked(folder, item, row.get(_FOLDER)) if torn else self._said(folder, item, row))
        return changes

    def _asked(self, folder: Folder, item: str, place: object) -> Change:
        """A contact as it is now: an update need not show more than what changed. `place`: the folder's id."""
        try:
            row = self._graph.get(f"/me/contacts/{quote(item, safe='')}?$select={FIELDS}")
        except Answered as refused:
            if refused.missing:
                return Gone(item)
            raise
        elsewhere = place is not None and row.get(_FOLDER) not in (None, place)
        return Gone(item) if elsewhere else self._said(folder, item, row)

    def _said(self, folder: Folder, item: str, row: dict[str, Any]) -> Change:
        version = str(row.get("changeKey") or row.get("@odata.etag") or "")
        try:
            card = observed(contact_in(row), folder.name, source=self._source)
        except ItemMalformed as error:
            return Poison(item, version, f"{self._source}/{item}", str(error))
        return Seen(item, version, (contact_event(card),)) if card else Seen(item, version, skip=EMPTY)


def _mark(folder: Folder) -> str:
    """The parameters of the listing, and what a card's payload depends on beside the card."""
    return hashlib.blake2b(msgspec.json.encode([READS, FIELDS, folder.name]), digest_size=8).hexdigest()


def _text(place: _Place) -> str:
    return msgspec.json.encode(place).decode()
