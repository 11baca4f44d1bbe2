"""The three lists of persons that Google keeps, and the names of their labels."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from connectors.errors import TryLater
from connectors.google.client import Service
from connectors.google.gmail_listing import entries, token_in

PAGE = 1000  # the most that a page may have


class Book(NamedTuple):
    """A list of persons. `key`: where they stand in an answer; `mask`: the parameter that names the fields.

    `closed`: whether an administrator may forbid it.
    """

    prefix: str
    title: str
    key: str
    mask: str
    fields: str
    extra: Mapping[str, Any] = MappingProxyType({})
    closed: bool = False

    @property
    def labelled(self) -> bool:
        return "memberships" in self.fields


MINE = Book(
    "contacts", "Contacts", "connections", "personFields",
    "names,nicknames,emailAddresses,organizations,memberships,metadata",
    MappingProxyType({"resourceName": "people/me"}),
)  # fmt: skip
OTHER = Book("other-contacts", "Other contacts", "otherContacts", "readMask", "names,emailAddresses,metadata")
DIRECTORY = Book(
    "directory", "Directory", "people", "readMask", "names,emailAddresses,organizations,metadata",
    MappingProxyType(
        {"sources": ["DIRECTORY_SOURCE_TYPE_DOMAIN_CONTACT", "DIRECTORY_SOURCE_TYPE_DOMAIN_PROFILE"]}
    ),
    closed=True,
)  # fmt: skip


def asked(book: Book) -> dict[str, Any]:
    """The parameters of every request of a listing but for its tokens and the size of its pages."""
    return {book.mask: book.fields, "requestSyncToken": True, **book.extra}


def request(service: Service, book: Book, **tokens: Any) -> Any:
    """A request of Google's library for one page."""
    people = service.methods.people()
    listing = {
        MINE.prefix: people.connections().list,
        OTHER.prefix: service.methods.otherContacts().list,
        DIRECTORY.prefix: people.listDirectoryPeople,
    }[book.prefix]
    return listing(**asked(book), **tokens)


def ask_groups(service: Service) -> dict[str, str]:
    """The names of the labels, by resource name."""
    found: dict[str, str] = {}
    token: str | None = None
    known: set[str] = set()
    while True:
        listing = service.methods.contactGroups().list(pageSize=PAGE, pageToken=token, groupFields="name,groupType")
        document = service.ask(listing)
        for one in entries(document, "contactGroups"):
            found[str(one.get("resourceName", ""))] = str(one.get("name", ""))
        token = token_in(document)
        if token is None:
            return found
        if token in known:
            raise TryLater("Google Contacts lists the same labels again and again; it is tried again later")
        known.add(token)
