"""Google Contacts: one stream a list of persons, by sync tokens, which end a week after the listing they come from.

So everything is listed anew before that, and this is the normal case; the names of labels, which no token tells, are
compared with those of the last time.
https://developers.google.com/people/api/rest/v1/people.connections/list
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from connectors.contacts import contact_event
from connectors.errors import CursorExpired, ItemMalformed, StreamEnded
from connectors.google.client import Client
from connectors.google.gmail_listing import entries, token_in
from connectors.google.people_card import observed, person_in
from connectors.google.people_lists import PAGE, Book, ask_groups, asked, request
from connectors.google.refusals import Answered
from connectors.sync.port import Change, Gone, Held, Kind, Page, Poison, Position, Seen, Stream

READS = 1  # raised when more is read of a person: then every list is read once more
WEEK = 6 * 86_400.0  # seconds; Google's week, less a day in which nobody may have synced
EMPTY = "empty_contact"
_BAD, _FORBIDDEN = 400, 403
_NONE = "failedPrecondition", "FAILED_PRECONDITION"  # there is no directory: not an account of an organisation


class _State(msgspec.Struct, array_like=True, frozen=True):
    """A run in progress: the page that comes next, the sync token it began with ("" a listing).

    `listed`: when everything was listed from which the token descends, seconds since 1970; `mark`: see `_mark`.
    """

    page: str
    token: str
    listed: float
    mark: str


class _Cursor(msgspec.Struct, array_like=True, frozen=True):
    token: str
    listed: float
    mark: str


class People:
    """A `Part` for one list. `page`: persons that a page has at most."""

    def __init__(self, client: Client, source: str, book: Book, *, page: int = PAGE) -> None:
        self._client, self._source, self._book, self._size = client, source, book, page
        self._service = client.service("people")
        self.prefix = book.prefix

    def streams(self) -> Sequence[Stream]:
        return [Stream(self.prefix, self._book.title, Kind.CONTACTS)]

    def notes(self) -> Sequence[str]:
        return ()

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:  # noqa: ARG002  there is one
        """Raises CursorExpired, and StreamEnded for a directory that may not be read."""
        groups = ask_groups(self._service) if self._book.labelled else {}
        mark = _mark(self._book, groups)
        state = self._begun(at, mark)
        while True:
            document = self._page(state)
            changes = self._changes(entries(document, self._book.key), groups)
            page = token_in(document)
            if page is None:
                break
            state = msgspec.structs.replace(state, page=page)
            yield Page(changes, msgspec.json.encode(state).decode(), listed=not state.token)
        token = document.get("nextSyncToken")
        cursor = _Cursor(token, state.listed, mark) if isinstance(token, str) and token else None
        text = msgspec.json.encode(cursor).decode() if cursor else None
        yield Page(changes, cursor=text, listed=not state.token)

    def _begun(self, at: Position, mark: str) -> _State:
        if at.state:
            state = msgspec.json.decode(at.state, type=_State)
            if state.mark != mark:
                raise CursorExpired(f"{self._client.name}: labels were renamed meanwhile")
            return state
        now = self._client.now()
        if at.cursor:
            cursor = msgspec.json.decode(at.cursor, type=_Cursor)
            if cursor.mark == mark and now < cursor.listed + WEEK:
                return _State("", cursor.token, cursor.listed, mark)
        return _State("", "", now, mark)

    def _page(self, state: _State) -> dict[str, Any]:
        tokens = {"pageSize": self._size, "pageToken": state.page or None, "syncToken": state.token or None}
        try:
            return self._service.ask(request(self._service, self._book, **tokens))
        except Answered as refused:
            if refused.status == _BAD and (state.token or state.page):  # EXPIRED_SYNC_TOKEN and its like
                raise CursorExpired(str(refused)) from None
            if self._book.closed and (refused.status == _FORBIDDEN or refused.reasons.intersection(_NONE)):
                raise StreamEnded(f"{self._client.name}: {self._why_closed(refused)}") from None
            raise

    def _why_closed(self, refused: Answered) -> str:
        if refused.status == _FORBIDDEN:
            return "the administrator of your organisation does not let its directory be read; it is left out"
        return "the account is not one of an organisation, so there is no directory; it is left out"

    def _changes(self, documents: Iterable[dict[str, Any]], groups: Mapping[str, str]) -> list[Change]:
        found: list[Change] = []
        for document in documents:
            item = document.get("resourceName")
            if isinstance(item, str) and item:
                found += self._said(item, document, groups)
        return found

    def _said(self, item: str, document: dict[str, Any], groups: Mapping[str, str]) -> Iterator[Change]:
        try:
            person = person_in(document)
        except ItemMalformed as error:
            etag = document.get("etag")
            yield Poison(item, etag if isinstance(etag, str) else "", f"{self._source}/{item}", str(error))
            return
        if person.metadata.deleted:
            yield Gone(item)
            return
        yield from (Gone(former) for former in person.metadata.previous_resource_names if former != item)
        card = observed(person, groups, source=self._source)
        yield Seen(item, person.etag, (contact_event(card),)) if card else Seen(item, person.etag, skip=EMPTY)


def _mark(book: Book, groups: Mapping[str, str]) -> str:
    """The parameters of the listing, and what a card's payload depends on beside the card."""
    said = msgspec.json.encode([READS, asked(book), sorted(groups.items())])
    return hashlib.blake2b(said, digest_size=8).hexdigest()
