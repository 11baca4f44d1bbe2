"""What may be read of a Google account, feature by feature. Every scope here reads; none writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import Enum

_PREFIX = "https://www.googleapis.com/auth/"


class Feature(Enum):
    """A part of the account that is consented to by itself."""

    WORDS = "mail with word counts"
    METADATA = "mail without its text"
    CALENDAR = "calendars"
    CONTACTS = "contacts"
    OTHER = "other contacts"
    DIRECTORY = "the directory of your organisation"


# https://developers.google.com/identity/protocols/oauth2/scopes: the narrowest that is enough for each feature.
_ASKED = {
    Feature.WORDS: (f"{_PREFIX}gmail.readonly",),
    Feature.METADATA: (f"{_PREFIX}gmail.metadata",),
    Feature.CALENDAR: (f"{_PREFIX}calendar.calendarlist.readonly", f"{_PREFIX}calendar.events.readonly"),
    Feature.CONTACTS: (f"{_PREFIX}contacts.readonly",),
    Feature.OTHER: (f"{_PREFIX}contacts.other.readonly",),
    Feature.DIRECTORY: (f"{_PREFIX}directory.readonly",),
}
# What includes a scope that we ask for: a client that was consented to before may have been given more.
_WIDER = {
    f"{_PREFIX}gmail.metadata": (f"{_PREFIX}gmail.readonly",),
    f"{_PREFIX}calendar.calendarlist.readonly": (f"{_PREFIX}calendar.readonly",),
    f"{_PREFIX}calendar.events.readonly": (f"{_PREFIX}calendar.readonly",),
}


def asked(features: Iterable[Feature]) -> list[str]:
    """The scopes that a sign-in asks for, sorted."""
    return sorted({scope for feature in features for scope in _ASKED[feature]})


def granted(features: Iterable[Feature], scopes: Collection[str]) -> list[Feature]:
    """Of the features those whose scopes were all granted: on Google's page each box may be left empty."""
    return [feature for feature in features if all(_covered(scope, scopes) for scope in _ASKED[feature])]


def _covered(scope: str, scopes: Collection[str]) -> bool:
    return any(one in scopes for one in (scope, *_WIDER.get(scope, ())))
