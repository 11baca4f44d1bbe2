"""One person of Google Contacts to what it says for the log: as the same card in a file would. Pure.

https://developers.google.com/people/api/rest/v1/people#Person
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from connectors.contacts import ADDRESSES, address_of, distinct, squeezed
from connectors.errors import ItemMalformed
from events.vocabulary import ContactObserved

# The sources of a person in the order in which one of them is the card; a profile's may be that of another account.
_CARDS = ("CONTACT", "OTHER_CONTACT", "DOMAIN_CONTACT", "DOMAIN_PROFILE", "PROFILE")


class _Source(msgspec.Struct, frozen=True):
    type: str = ""
    id: str = ""


class _About(msgspec.Struct, frozen=True, rename="camel"):
    sources: tuple[_Source, ...] = ()
    deleted: bool = False
    previous_resource_names: tuple[str, ...] = ()


class _Whence(msgspec.Struct, frozen=True):
    primary: bool = False


class _Name(msgspec.Struct, frozen=True, rename="camel"):
    display_name: str = ""
    metadata: _Whence = _Whence()


class _Value(msgspec.Struct, frozen=True):
    """A mail address or a nick name."""

    value: str = ""


class _Organization(msgspec.Struct, frozen=True):
    name: str = ""


class _Group(msgspec.Struct, frozen=True, rename="camel"):
    contact_group_resource_name: str = ""


class _Membership(msgspec.Struct, frozen=True, rename="camel"):
    contact_group_membership: _Group = _Group()


class Person(msgspec.Struct, frozen=True, rename="camel"):
    """As much of a person as we look at."""

    resource_name: str
    etag: str = ""
    metadata: _About = _About()
    names: tuple[_Name, ...] = ()
    nicknames: tuple[_Value, ...] = ()
    email_addresses: tuple[_Value, ...] = ()
    organizations: tuple[_Organization, ...] = ()
    memberships: tuple[_Membership, ...] = ()


def person_in(document: dict[str, Any]) -> Person:
    """The person of an answer. Raises ItemMalformed where it is none."""
    try:
        return msgspec.convert(document, Person)
    except msgspec.ValidationError as error:
        raise ItemMalformed(f"Google shows this contact in a way that is not understood: {error}") from None


def observed(person: Person, groups: Mapping[str, str], *, source: str) -> ContactObserved | None:
    """What a card says; None where it names nobody. `groups`: the names of labels by their resource names."""
    names = [squeezed(one.display_name) for one in sorted(person.names, key=lambda one: not one.metadata.primary)]
    organization = next(filter(None, (squeezed(one.name) for one in person.organizations)), "")
    addresses = distinct((address_of(one.value) for one in person.email_addresses), limit=ADDRESSES)
    name = next(filter(None, names), "")
    kind = "" if name or addresses or not organization else "org"
    found = ContactObserved(
        source=source,
        where=f"{source}/{person.resource_name}",
        uid=uid_of(person),
        name=name or (organization if kind else ""),
        other_names=distinct([*_values(person.nicknames), *names], without=name),
        addresses=addresses,
        organization=organization,
        labels=distinct(_labels(person, groups)),
        kind=kind,
    )
    return found if found.name or found.addresses or found.other_names else None


def uid_of(person: Person) -> str:
    """The id of the card itself: a person's resource name changes when the card is linked with a profile."""
    by_type = {one.type: one.id for one in reversed(person.metadata.sources)}
    return next(filter(None, (by_type.get(one) for one in _CARDS)), person.resource_name)


def _values(found: Iterable[_Value]) -> Iterable[str]:
    return (squeezed(one.value) for one in found)


def _labels(person: Person, groups: Mapping[str, str]) -> Iterable[str]:
    names = (one.contact_group_membership.contact_group_resource_name for one in person.memberships)
    return (squeezed(groups.get(name, "")) for name in names)
