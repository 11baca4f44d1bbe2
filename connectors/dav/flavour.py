"""What differs between calendars and address books; the rest of the two protocols is one."""

from __future__ import annotations

from typing import NamedTuple

from connectors.dav import names
from connectors.dav.multistatus import Row
from connectors.sync.port import Kind

_NEVER = ("schedule-inbox", "schedule-outbox", "deleted-calendar", "trash-bin")  # RFC 6638, 2; Nextcloud


class Flavour(NamedTuple):
    """The names of one of the two protocols, as XML and as people know them."""

    kind: Kind
    protocol: str
    noun: str
    entry: str
    well_known: str  # RFC 6764, 5
    type: str
    home: str
    data: str
    multiget: str
    media: str

    def holds(self, row: Row) -> bool:
        """Whether a row is a collection of ours."""
        if not row.has(names.RESOURCE_TYPE, self.type):
            return False
        types = {child.tag.rpartition("}")[2] for child in row.props[names.RESOURCE_TYPE]}
        return types.isdisjoint(_NEVER) and self._of_meetings(row)

    def _of_meetings(self, row: Row) -> bool:
        """Whether a calendar may hold meetings; one that does not say what it holds may hold all (RFC 4791, 5.2.3)."""
        listed = row.props.get(names.COMPONENTS)
        kinds = [comp.get("name", "").upper() for comp in listed.iter(names.COMPONENT)] if listed is not None else []
        return not kinds or "VEVENT" in kinds


CALDAV = Flavour(
    kind=Kind.CALENDAR,
    protocol="CalDAV",
    noun="calendar",
    entry="meeting",
    well_known="/.well-known/caldav",
    type=names.CALENDAR,
    home=names.CALENDAR_HOME,
    data=names.CALENDAR_DATA,
    multiget=names.CALENDAR_MULTIGET,
    media="text/calendar",
)
CARDDAV = Flavour(
    kind=Kind.CONTACTS,
    protocol="CardDAV",
    noun="address book",
    entry="card",
    well_known="/.well-known/carddav",
    type=names.BOOK,
    home=names.BOOK_HOME,
    data=names.CARD_DATA,
    multiget=names.BOOK_MULTIGET,
    media="text/vcard",
)
