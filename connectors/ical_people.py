"""ORGANIZER and ATTENDEE (RFC 5545, 3.8.4) to mailboxes and guests. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import unquote

from connectors.contacts import address_of, squeezed
from connectors.content_lines import ContentLine, content_line
from events.vocabulary import Attendee, Mailbox

GUESTS = 2000  # of one meeting that are kept; above 18 it is a broadcast whatever their number
CACHED = 4096  # lines: a calendar has the same people again and again

_ANSWERS = frozenset({"accepted", "declined", "tentative", "needs-action", "delegated"})
_OPEN = frozenset({"", "needs-action"})
_KINDS = frozenset({"room", "resource", "group", "unknown"})
# Google writes rooms as individuals and calendars as people; their addresses say what they are.
_ROOM = "@resource.calendar.google.com"
_CALENDARS = ("calendar.google.com", "@group.calendar.google.com", "@import.calendar.google.com")


@lru_cache(maxsize=CACHED)
def organizer_of(text: str) -> Mailbox | None:
    """Who organises, by the logical line; None for nobody, for a calendar and for a room: they are not people."""
    line = content_line(text)
    if line is None:
        return None
    address, name = _address(line), squeezed(line.param("CN"))
    if _is_calendar(address) or address.endswith(_ROOM):
        return None
    return Mailbox(address, "" if name.lower() == address else name) if address or name else None


def attendees_of(texts: Sequence[str]) -> tuple[Attendee, ...]:
    """The guests, by their logical lines, each address once: its first line that carries an answer counts."""
    guests: dict[str, Attendee] = {}
    for text in texts[:GUESTS]:
        guest = _attendee(text)
        if guest is None:
            continue
        key = guest.address or f" {guest.name}"
        before = guests.get(key)
        if key.strip() and (before is None or (before.answer in _OPEN and guest.answer not in _OPEN)):
            guests[key] = guest
    return tuple(guests.values())


@lru_cache(maxsize=CACHED)
def _attendee(text: str) -> Attendee | None:
    line = content_line(text)
    if line is None:
        return None
    address, name = _address(line), squeezed(line.param("CN"))
    answer, kind = line.param("PARTSTAT").lower(), line.param("CUTYPE").lower()
    if address.endswith(_ROOM):
        kind = "room"
    elif _is_calendar(address):
        kind = "resource"
    return Attendee(
        address,
        "" if name.lower() == address else name,
        answer if answer in _ANSWERS else "",
        kind if kind in _KINDS else "",
    )


def _is_calendar(address: str) -> bool:
    return address.endswith(_CALENDARS) and not address.endswith(_ROOM)


def _address(line: ContentLine) -> str:
    """The mail address of a `mailto:` value, else of the EMAIL parameter (RFC 7986), else of a CN that is one."""
    value = line.value.strip()
    plain = address_of(unquote(value) if "%" in value else value)
    return plain or address_of(line.param("EMAIL")) or address_of(line.param("CN"))
