"""Outlook's contacts: each folder a stream that follows its delta.

https://learn.microsoft.com/graph/api/contact-delta
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from connectors.contacts import contact_event
from connectors.errors import CursorExpired, ItemMalformed, StreamEnded, TryLater
from connectors.microsoft.contacts_card import FIELDS, contact_in, observed
from connectors.microsoft.contacts_folders import Folder, ask_folders, recognised
from connectors.microsoft.contacts_known import Uids, version_text
from connectors.microsoft.graph import DELTA, NEXT, Graph, link_in, rows
from connectors.microsoft.refusals import Answered, Failing
from connectors.microsoft.stuck import REFUSED, Failures, Stuck, sick_behind
from connectors.sync.port import Change, Gone, Held, Kind, Page, Poison, Position, Seen, Stream
from events.vocabulary import ContactObserved

PAGE = 200  # rows
READS = 2  # raised when more is read of a card: then every folder is listed once more
EMPTY = "empty_contact"
_REMOVED, _NAME, _FOLDER = "@removed", "displayName", "parentFolderId"


class _Place(msgspec.Struct, array_like=True, frozen=True):
    """The link that comes next; between runs it is the cursor. `whole`: the run is a listing; `mark`: see `_mark`.

    `folder`: its id, of the default one too; `name`: "" for the default one. `failed`: the runs in a row that failed at
    the link; `sick`: the contacts that Graph did not show when they were asked for.
    """

    link: str
    mark: str
    whole: bool = False
    folder: str = ""
    name: str = ""
    failed: int = 0
    sick: tuple[str, ...] = ()


class _Reading(NamedTuple):
    """A folder in a run; `whole`: it is a listing."""

    folder: Folder
    uids: Uids
    whole: bool


class Contacts:
    """A `Part`. `page`: rows that a page has about."""

    prefix = "contacts"

    def __init__(self, graph: Graph, source: str, *, page: int = PAGE) -> None:
        self._graph, self._source = graph, source
        self._prefer = f"odata.maxpagesize={page}"
        self._folders: list[Folder] | None = None
        self._known: dict[str, tuple[str, str]] = {}
        self._default = ""
        self._stuck = Stuck()

    def recall(self, cursors: Mapping[str, str]) -> None:
        """Which folder was which."""
        begin = f"{self.prefix}:"
        places = {name: _place(text) for name, text in cursors.items() if name.startswith(begin)}
        found = {name.removeprefix(begin): (one.folder, one.name) for name, one in places.items() if one.folder}
        self._known.update(found)
        self._default = _place(cursors.get(self.prefix, "")).folder or self._default

    def streams(self) -> Sequence[Stream]:
        self._folders = found = self._asked_folders()
        return [Stream(self._name(one), one.title, Kind.CONTACTS) for one in found]

    def notes(self) -> Sequence[str]:
        return []

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:
        """Raises CursorExpired and StreamEnded (the folder is not there any more)."""
        folder = self._folder(stream)
        mark = _mark(folder)
        place = self._begun(at, mark)
        reading = _Reading(folder, Uids(held, self._is_gone), place.whole)
        sick, failures = () if at.state else place.sick, Failures(self._stuck, stream.name)
        while True:
            try:
                document = self._page(folder, place)
            except (Failing, Answered) as error:
                place = msgspec.structs.replace(place, failed=failures.behind(place.failed, error))
                yield Page((), _text(place), listed=place.whole)
                raise
            changes = self._changes(reading, [*_torn(sick, place), *rows(document)])
            place, sick = msgspec.structs.replace(place, failed=0, sick=sick_behind(place.sick, changes)), ()
            page, link = link_in(document, NEXT), link_in(document, DELTA)
            if not page:
                break
            place = msgspec.structs.replace(place, link=page)
            yield Page(changes, _text(place), listed=place.whole)
        if not link:
            raise TryLater(f"{self._graph.name}: Microsoft Graph says neither what comes next nor that it is the end")
        behind = _Place(link, mark, folder=folder.id or self._default, name=folder.name, sick=place.sick)
        yield Page(changes, cursor=_text(behind), listed=place.whole)

    def _name(self, folder: Folder) -> str:
        return f"{self.prefix}:{folder.was}" if folder.id else self.prefix

    def _asked_folders(self) -> list[Folder]:
        there = [last for last, _ in self._known.values()]
        found, self._default = ask_folders(self._graph, there, self._default)
        return recognised(found, self._known)

    def _folder(self, stream: Stream) -> Folder:
        if self._folders is None:
            self._folders = self._asked_folders()
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
            if not refused.missing or not (folder.id or place.link):
                raise
            if folder.id and self._graph.lacks(folder.path):
                raise StreamEnded(f"{self._graph.name}: {folder.title}: it is not there any more") from None
            raise CursorExpired(f"{self._graph.name}: {folder.title}: this page is not there any more") from None

    def _changes(self, reading: _Reading, found: Iterable[dict[str, Any]]) -> list[Change]:
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
        uids = reading.uids.of(told)
        for item, row in told.items():
            torn = item in removed or _NAME not in row
            try:
                now = self._asked(item, row.get(_FOLDER)) if torn else row
            except Failing as error:
                if error.after_seconds is not None:
                    raise
                changes.append(Poison(item, REFUSED, f"{self._source}/{item}", str(error)))
                continue
            changes.append(Gone(item) if now is None else self._said(reading, item, now, uids.get(item, "")))
        return changes

    def _asked(self, item: str, place: object) -> dict[str, Any] | None:
        """A contact as it is now: an update need not show more than what changed. `place`: the folder's id."""
        try:
            row = self._graph.get(f"{_contact(item)}?$select={FIELDS}")
        except Answered as refused:
            if refused.missing:
                return None
            raise
        return None if place is not None and row.get(_FOLDER) not in (None, place) else row

    def _is_gone(self, item: str) -> bool:
        """What is not said to be missing is there."""
        return self._graph.lacks(_contact(item))

    def _said(self, reading: _Reading, item: str, row: dict[str, Any], uid: str) -> Change:
        """`uid`: "" for one that is not held."""
        try:
            card = observed(contact_in(row), reading.folder.name, source=self._source)
        except ItemMalformed as error:
            return Poison(item, version_text(row), f"{self._source}/{item}", str(error))
        if card is None:
            return Seen(item, version_text(row), skip=EMPTY)
        digest = _digest(card)
        if not uid and reading.whole:
            uid = reading.uids.adopted(digest)
        uid = uid or item
        version = version_text(row, digest, uid if uid != item else "")
        return Seen(item, version, (contact_event(msgspec.structs.replace(card, uid=uid)),))


def _torn(sick: Iterable[str], place: _Place) -> Iterator[dict[str, Any]]:
    """Rows that say nothing but that somebody was here: they are asked for."""
    return ({"id": item, _FOLDER: place.folder or None} for item in sick)


def _contact(item: str) -> str:
    return f"/me/contacts/{quote(item, safe='')}"


def _digest(card: ContactObserved) -> str:
    """Of what a card says, but for its id."""
    said = msgspec.structs.replace(card, source="", where="", uid="")
    return hashlib.blake2b(msgspec.json.encode(said), digest_size=8).hexdigest()


def _mark(folder: Folder) -> str:
    """The parameters of the listing, and what a card's payload depends on beside the card."""
    return hashlib.blake2b(msgspec.json.encode([READS, FIELDS, folder.name, folder.id]), digest_size=8).hexdigest()


def _text(place: _Place) -> str:
    return msgspec.json.encode(place).decode()


def _place(text: str) -> _Place:
    try:
        return msgspec.json.decode(text, type=_Place)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return _Place("", "")
