"""Contact cards: the newest state of each."""

from __future__ import annotations

from typing import cast

import msgspec

from events import codec
from events.envelope import StoredEvent
from events.vocabulary import ContactObserved, ContactWithdrawn
from projections.projection import Projection


class Contacts(Projection):
    """`card`."""

    name = "contacts"
    reads = frozenset({ContactObserved.wire, ContactWithdrawn.wire})
    tables = """
CREATE TABLE card(                              -- the contact cards that are there today; lists are JSON
    stream BLOB PRIMARY KEY, source TEXT NOT NULL, uid TEXT NOT NULL, name TEXT NOT NULL, other_names TEXT NOT NULL,
    addresses TEXT NOT NULL, organization TEXT NOT NULL, labels TEXT NOT NULL, kind TEXT NOT NULL,
    position INTEGER NOT NULL) WITHOUT ROWID;
"""

    def fold(self, event: StoredEvent) -> None:
        db = self.store.db
        self.store.dirty_people = True
        if event.type == ContactWithdrawn.wire:
            gone = cast("ContactWithdrawn", codec.decode(event.type, event.data))
            db.execute("DELETE FROM card WHERE source = ? AND uid = ?", (gone.source, gone.uid))
            return
        card = cast("ContactObserved", codec.decode(event.type, event.data))
        addresses = [address for address in card.addresses if address]
        for address in addresses:
            for name in (card.name, *card.other_names):
                self.store.aliases.add(self.store.addresses[address].id, name, "contact", None)
        lists = [msgspec.json.encode(some).decode() for some in (card.other_names, addresses, card.labels)]
        row = (event.stream, card.source, card.uid, card.name, *lists[:2], card.organization, lists[2], card.kind)
        db.execute("REPLACE INTO card VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, event.position))


PROJECTION = Contacts
