"""One contact of Outlook's to what it says for the log: as the same card in a file would. Pure.

https://learn.microsoft.com/graph/api/resources/contact
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from connectors.contacts import ADDRESSES, address_of, distinct, squeezed
from connectors.errors import ItemMalformed
from events.vocabulary import ContactObserved

FIELDS = (
    "id,changeKey,parentFolderId,displayName,fileAs,givenName,middleName,surname,nickName,companyName,emailAddresses,"
    "categories"
)


class _Email(msgspec.Struct, frozen=True):
    """`address` may be missing, or the internal name of somebody of the organisation: then there is only `name`."""

    address: str | None = None
    name: str | None = None


class Contact(msgspec.Struct, frozen=True, rename="camel"):
    """As much of a contact as we look at."""

    id: str
    change_key: str | None = None
    display_name: str | None = None
    file_as: str | None = None
    given_name: str | None = None
    middle_name: str | None = None
    surname: str | None = None
    nick_name: str | None = None
    company_name: str | None = None
    email_addresses: tuple[_Email | None, ...] | None = None
    categories: tuple[str | None, ...] | None = None


def contact_in(document: dict[str, Any]) -> Contact:
    """The contact of an answer. Raises ItemMalformed where it is none."""
    try:
        return msgspec.convert(document, Contact)
    except msgspec.ValidationError as error:
        raise ItemMalformed(f"Outlook shows this contact in a way that is not understood: {error}") from None


def observed(contact: Contact, folder: str, *, source: str) -> ContactObserved | None:
    """What a card says; None where it names nobody. `folder`: the name of a folder of the person's own, else ""."""
    whole = squeezed(" ".join(filter(None, (contact.given_name, contact.middle_name, contact.surname))))
    names = [squeezed(one or "") for one in (contact.display_name, whole, contact.file_as)]
    name, organization = next(filter(None, names), ""), squeezed(contact.company_name or "")
    emails = [one for one in contact.email_addresses or () if one is not None]
    addresses = distinct((_address(one) for one in emails), limit=ADDRESSES)
    kind = "org" if organization and name in {"", organization} and not whole else ""
    found = ContactObserved(
        source=source,
        where=f"{source}/{contact.id}",
        uid=contact.id,
        name=name or organization,
        other_names=distinct([squeezed(contact.nick_name or ""), *names, *_beside(emails)], without=name),
        addresses=addresses,
        organization=organization,
        labels=distinct(squeezed(one or "") for one in (*(contact.categories or ()), folder)),
        kind=kind,
    )
    return found if found.name or found.addresses or found.other_names else None


def _address(email: _Email) -> str:
    """The address; where it is an internal one, what Outlook shows in its place may be the real one."""
    return address_of(email.address or "") or address_of(email.name or "")


def _beside(emails: Iterable[_Email]) -> Iterator[str]:
    """The names that stand beside addresses, where they are names: `Ana Ruiz`, not `Ana Ruiz (ana@x.org)`."""
    for email in emails:
        name = squeezed(email.name or "")
        if name and "@" not in name:
            yield name
