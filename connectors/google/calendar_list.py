"""The calendars in a person's list, and whose time they show. Pure but for asking.

A shared or subscribed calendar is the time of others: of it only those entries count in which the person takes part.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from connectors.errors import TryLater
from connectors.google.client import Service
from connectors.google.gmail_listing import entries, token_in

FIELDS = "items(id,summary,summaryOverride,timeZone,accessRole,primary,dataOwner,deleted),nextPageToken"
_PAGE = 250  # the most that a page may have
_SECONDARY = "@group.calendar.google.com"
# Calendars that nobody keeps: holidays, weeks, birthdays of contacts, and copies of what is published elsewhere.
_VIRTUAL, _IMPORTED = "@group.v.calendar.google.com", "@import.calendar.google.com"
_READABLE = frozenset({"owner", "writer", "writerWithoutPrivateAccess", "reader"})


class Listed(msgspec.Struct, frozen=True, rename="camel"):
    """An entry of the list. `accessRole`: what the person may do with the calendar."""

    id: str
    summary: str = ""
    summary_override: str = ""
    time_zone: str = ""
    access_role: str = ""
    primary: bool = False
    data_owner: str = ""
    deleted: bool = False

    @property
    def title(self) -> str:
        """As the person calls it."""
        return self.summary_override or self.summary or self.id


class Calendars(NamedTuple):
    """`own` are read as they are, of `shared` only what the person takes part in; `left_out` says why the others not.

    `address`: that of the person, "" where Google does not say it.
    """

    own: list[Listed]
    shared: list[Listed]
    left_out: list[str]
    address: str


def ask_calendars(service: Service) -> Calendars:
    """What Google lists now, hidden ones too."""
    found: list[dict[str, Any]] = []
    token: str | None = None
    known: set[str] = set()
    while True:
        request = service.methods.calendarList().list(
            maxResults=_PAGE, showHidden=True, pageToken=token, fields=FIELDS
        )
        document = service.ask(request)
        found += entries(document, "items")
        token = token_in(document)
        if token is None:
            return calendars_of(found)
        if token in known:
            raise TryLater("Google Calendar lists the same calendars again and again; it is tried again later")
        known.add(token)


def calendars_of(documents: list[dict[str, Any]]) -> Calendars:
    """The calendars, sorted out; an entry that makes no sense is left out with a sentence."""
    listed: dict[str, Listed] = {}
    left_out: list[str] = []
    for document in documents:
        try:
            one = msgspec.convert(document, Listed)
        except msgspec.ValidationError as error:
            left_out.append(f"a calendar is not read, Google describes it in a way that is not understood: {error}")
            continue
        if not one.deleted:
            listed[one.id] = one
    address = next((one.id for one in listed.values() if one.primary), "")
    own = [one for one in listed.values() if _is_own(one, address)]
    others = [one for one in listed.values() if not _is_own(one, address)]
    shared = [one for one in others if not _why_not(one)]
    left_out += [f"{one.title} is not read: {_why_not(one)}" for one in others if _why_not(one)]
    return Calendars(sorted(own, key=lambda one: not one.primary), shared, left_out, address.lower())


def _is_own(one: Listed, address: str) -> bool:
    """The person's main calendar, and those that they made; to keep somebody else's makes it not one's own."""
    mine = one.data_owner.lower() == address.lower() if one.data_owner else one.access_role == "owner"
    return one.primary or (mine and one.id.endswith(_SECONDARY) and one.access_role in _READABLE)


def _why_not(one: Listed) -> str:
    if one.id.endswith(_VIRTUAL):
        return "Google makes it, it is nobody's time"
    if one.id.endswith(_IMPORTED):
        return "it is a copy of a calendar elsewhere; if that is yours, connect it: amity connect ics"
    if one.access_role not in _READABLE:
        return "its owner shows you only when they are busy"
    return ""
