"""ORGANIZER and ATTENDEE (RFC 5545, 3.8.4) to mailboxes and guests. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    """Who organises, by the logical line."""
    line = content_line(text)
    return host(_address(line), squeezed(line.param("CN"))) if line is not None else None


def host(address: str, name: str) -> Mailbox | None:
    """Who organises; None for nobody, for a calendar and for a room: they are not people."""
    if _is_calendar(address) or address.endswith(_ROOM):
        return None
    return Mailbox(address, _apart(name, address)) if address or name else None


def attendees_of(texts: Sequence[str]) -> tuple[Attendee, ...]:
    """The guests, by their logical lines, each address once: its first line that carries an answer counts."""
    return distinct_guests(one for one in map(_attendee, texts[:GUESTS]) if one is not None)


def distinct_guests(found: Iterable[Attendee]) -> tuple[Attendee, ...]:
    """Each address once: the first that carries an answer counts."""
    guests: dict[str, Attendee] = {}
    for one in found:
        key = one.address or f" {one.name}"
        before = guests.get(key)
        if key.strip() and (before is None or (before.answer in _OPEN and one.answer not in _OPEN)):
            guests[key] = one
    return tuple(guests.values())


@lru_cache(maxsize=CACHED)
def _attendee(text: str) -> Attendee | None:
    line = content_line(text)
    if line is None:
        return None
    name, answer, kind = squeezed(line.param("CN")), line.param("PARTSTAT").lower(), line.param("CUTYPE").lower()
    return guest(_address(line), name, answer, kind)


def guest(address: str, name: str, answer: str, kind: str) -> Attendee:
    """A guest. `answer` and `kind` as PARTSTAT and CUTYPE, lower case, whatever they may be."""
    if address.endswith(_ROOM):
        kind = "room"
    elif _is_calendar(address):
        kind = "resource"
    return Attendee(
        address,
        _apart(name, address),
        answer if answer in _ANSWERS else "",
        kind if kind in _KINDS else "",
    )


def _apart(name: str, address: str) -> str:
    """The name where it says more than the address."""
    return "" if name.lower() == address else name


def _is_calendar(address: str) -> bool:
    return address.endswith(_CALENDARS) and not address.endswith(_ROOM)


def _address(line: ContentLine) -> str:
    """The mail address of a `mailto:` value, else of the EMAIL parameter (RFC 7986), else of a CN that is one."""
    value = line.value.strip()
    plain = address_of(unquote(value) if "%" in value else value)
    return plain or address_of(line.param("EMAIL")) or address_of(line.param("CN"))
