"""What a person may let Amity read, and the delegated permissions for it; none of them can change anything."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import Enum

from connectors.microsoft.clouds import CLOUDS, GLOBAL


class Feature(Enum):
    """A part of the account that may be read."""

    WORDS = "mail with word counts"
    METADATA = "mail without its text"
    CALENDAR = "calendars"
    SHARED = "calendars of others"
    SHARED_WORDS = "mail of other mailboxes with word counts"
    SHARED_METADATA = "mail of other mailboxes without its text"
    CONTACTS = "contacts"


PROFILE = "User.Read"  # who signed in, and under which addresses
# https://learn.microsoft.com/graph/permissions-reference: the narrowest that is enough for each feature.
_ASKED = {
    Feature.WORDS: "Mail.Read",
    Feature.METADATA: "Mail.ReadBasic",
    Feature.CALENDAR: "Calendars.Read",
    Feature.SHARED: "Calendars.Read.Shared",
    Feature.SHARED_WORDS: "Mail.Read.Shared",
    Feature.SHARED_METADATA: "Mail.ReadBasic.Shared",
    Feature.CONTACTS: "Contacts.Read",
}
# What includes a permission that we ask for: an organisation may have consented to more.
_WIDER = {
    "Mail.ReadBasic": ("Mail.Read", "Mail.ReadWrite"),
    "Mail.Read": ("Mail.ReadWrite",),
    "Mail.ReadBasic.Shared": ("Mail.Read.Shared", "Mail.ReadWrite.Shared"),
    "Mail.Read.Shared": ("Mail.ReadWrite.Shared",),
    "Calendars.Read": ("Calendars.ReadWrite",),
    "Calendars.Read.Shared": ("Calendars.ReadWrite.Shared",),
    "Contacts.Read": ("Contacts.ReadWrite",),
}


def asked(features: Iterable[Feature], cloud: str = GLOBAL) -> list[str]:
    """The scopes that a sign-in asks for, sorted; `offline_access` and who it is are added by msal.

    Only the global cloud knows whose permission a bare name is.
    """
    names = sorted({_ASKED[feature] for feature in features} | {PROFILE})
    return names if cloud == GLOBAL else [f"{CLOUDS[cloud].graph}/{name}" for name in names]


def needed(features: Iterable[Feature], scopes: Iterable[str]) -> tuple[str, ...]:
    """Of the scopes that were asked for those that these features need."""
    names = {_ASKED[feature] for feature in features} | {PROFILE}
    return tuple(scope for scope in scopes if scope.rpartition("/")[2] in names)


def granted(features: Iterable[Feature], scopes: Collection[str]) -> list[Feature]:
    """Of the features those whose scope was granted, in whichever of its spellings."""
    names = {scope.rpartition("/")[2].lower() for scope in scopes}
    return [feature for feature in features if _covered(_ASKED[feature], names)]


def _covered(name: str, names: Collection[str]) -> bool:
    return any(one.lower() in names for one in (name, *_WIDER.get(name, ())))
