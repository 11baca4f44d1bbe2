"""What sources showed of meetings, kept as it was: what counts today depends on what was known when."""

from __future__ import annotations

from typing import cast

from events import codec
from events.envelope import StoredEvent
from events.vocabulary import MeetingObserved, MeetingWithdrawn
from projections.projection import Projection
from projections.store import Store, insert_rows


class Sightings(Projection):
    """`meeting_sighting` and `meeting_guest`."""

    name = "sightings"
    reads = frozenset({MeetingObserved.wire, MeetingWithdrawn.wire})
    tables = """
CREATE TABLE meeting_sighting(
    uid TEXT NOT NULL, position INTEGER NOT NULL, recorded_ms INTEGER NOT NULL, type TEXT NOT NULL,
    payload TEXT NOT NULL, PRIMARY KEY(uid, position)) WITHOUT ROWID;
CREATE TABLE meeting_guest(                     -- who stood beside whom on a guest list
    address_id INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY(address_id, position)) WITHOUT ROWID;
"""
    indices = "CREATE INDEX meeting_sighting_position ON meeting_sighting(position);\n"

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._rows: list[tuple[str, int, int, str, str]] = []
        self._guests: set[tuple[int, int]] = set()

    def fold(self, event: StoredEvent) -> None:
        payload = codec.decode(event.type, event.data)
        uid = cast("MeetingObserved | MeetingWithdrawn", payload).uid
        self._rows.append((uid, event.position, event.recorded_ms, event.type, event.data.decode()))
        if not self.store.fresh:
            self.store.dirty_uids.add(uid)
        if event.type == MeetingObserved.wire:
            self._see(event, cast("MeetingObserved", payload))

    def _see(self, event: StoredEvent, meeting: MeetingObserved) -> None:
        addresses, aliases = self.store.addresses, self.store.aliases
        at_ms = meeting.created_ms
        if meeting.organizer and meeting.organizer.address:
            aliases.add(addresses[meeting.organizer.address].id, meeting.organizer.name, "meeting", at_ms)
        for guest in meeting.attendees:
            if guest.address:
                one = addresses[guest.address]
                one.room |= guest.kind in ("room", "resource")
                one.listed |= guest.kind == "group"
                aliases.add(one.id, guest.name, "meeting", at_ms)
                self._guests.add((one.id, event.position))

    def flush(self) -> None:
        insert_rows(self.store.db, "meeting_sighting", sorted(self._rows))
        insert_rows(self.store.db, "meeting_guest", sorted(self._guests))
        self._rows.clear()
        self._guests.clear()


PROJECTION = Sightings
