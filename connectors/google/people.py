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
from connectors.google.client import Client, Service
from connectors.google.people_card import observed, person_in
from connectors.google.people_lists import PAGE, Book, ask_groups, asked, request
from connectors.google.refusals import Answered
from connectors.google.synced import Shown, pages
from connectors.sync.port import Change, Gone, Held, Kind, Page, Poison, Position, Seen, Stream

READS = 1  # raised when more is read of a person: then every list is read once more
WEEK = 6 * 86_400.0  # seconds; Google's week, less a day in which nobody may have synced
EMPTY = "empty_contact"
_BAD, _FORBIDDEN = 400, 403
_NONE = "failedPrecondition", "FAILED_PRECONDITION"  # there is no directory: not an account of an organisation


class People:
    """A `Part` for one list. `page`: persons that a page has at most."""

    def __init__(self, client: Client, source: str, book: Book, *, page: int = PAGE) -> None:
        self._client, self._source, self._book, self._size = client, source, book, page
        self._service = client.service("people")
        self._shown = Shown()
        self.prefix = book.prefix

    def streams(self) -> Sequence[Stream]:
        return [Stream(self.prefix, self._book.title, Kind.CONTACTS)]

    def notes(self) -> Sequence[str]:
        return ()

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:  # noqa: ARG002  there is one
        """Raises CursorExpired, and StreamEnded for a directory that may not be read."""
        groups = ask_groups(self._service) if self._book.labelled else {}
        persons = _Persons(self._service, self._source, self._book, groups, size=self._size)
        yield from pages(persons, at, held, self._shown, self._client.now())


class _Persons:
    """The persons of one list; see `connectors.google.synced.Source`."""

    name, lasts = "resourceName", WEEK

    def __init__(self, service: Service, source: str, book: Book, groups: Mapping[str, str], *, size: int) -> None:
        self._service, self._source, self._book, self._groups, self._size = service, source, book, groups, size
        self.key = book.key
        self.mark = _mark(book, groups)

    def page(self, page: str, token: str) -> dict[str, Any]:
        tokens = {"pageSize": self._size, "pageToken": page or None, "syncToken": token or None}
        try:
            return self._service.ask(request(self._service, self._book, **tokens))
        except Answered as refused:
            if refused.status == _BAD and (token or page):  # EXPIRED_SYNC_TOKEN and its like
                raise CursorExpired(str(refused)) from None
            if self._book.closed and (refused.status == _FORBIDDEN or refused.reasons.intersection(_NONE)):
                raise StreamEnded(f"{refused}; {_why_closed(refused)}") from None
            raise

    def changes(self, documents: Iterable[dict[str, Any]]) -> list[Change]:
        return [change for document in documents for change in self._said(document)]

    def _said(self, document: dict[str, Any]) -> Iterator[Change]:
        item = document.get(self.name)
        if not isinstance(item, str) or not item:
            return
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
        card = observed(person, self._groups, source=self._source)
        yield Seen(item, person.etag, (contact_event(card),)) if card else Seen(item, person.etag, skip=EMPTY)


def _mark(book: Book, groups: Mapping[str, str]) -> str:
    """The parameters of the listing, and what a card's payload depends on beside the card."""
    said = msgspec.json.encode([READS, asked(book), sorted(groups.items())])
    return hashlib.blake2b(said, digest_size=8).hexdigest()


def _why_closed(refused: Answered) -> str:
    if refused.status == _FORBIDDEN:
        return "the administrator of your organisation does not let its directory be read, so it is left out"
    return "the account is not one of an organisation, so there is no directory, and it is left out"
