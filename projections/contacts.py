"""Contact cards: the newest state of each, as each account shows it.

What a file showed is a snapshot: it gives way to an account that has the same card, and goes when that one lets it go.
"""

from __future__ import annotations

from typing import cast

import msgspec

from events import codec
from events.envelope import StoredEvent
from events.vocabulary import ContactObserved, ContactWithdrawn
from projections.projection import Projection
from projections.shown import is_snapshot

_FILES = "files:%"


class Contacts(Projection):
    """`card`."""

    name = "contacts"
    version = 2
    reads = frozenset({ContactObserved.wire, ContactWithdrawn.wire})
    tables = """
CREATE TABLE card(                              -- the contact cards that are there today; lists are JSON
    stream BLOB NOT NULL, source TEXT NOT NULL, uid TEXT NOT NULL, name TEXT NOT NULL, other_names TEXT NOT NULL,
    addresses TEXT NOT NULL, organization TEXT NOT NULL, labels TEXT NOT NULL, kind TEXT NOT NULL,
    position INTEGER NOT NULL, PRIMARY KEY(stream, source)) WITHOUT ROWID;
"""

    def fold(self, event: StoredEvent) -> None:
        self.store.dirty_people = True
        if event.type == ContactWithdrawn.wire:
            self._withdraw(event.stream, cast("ContactWithdrawn", codec.decode(event.type, event.data)).source)
            return
        card = cast("ContactObserved", codec.decode(event.type, event.data))
        addresses = [address for address in card.addresses if address]
        for address in addresses:
            for name in (card.name, *card.other_names):
                self.store.aliases.add(self.store.addresses[address].id, name, "contact", None)
        if is_snapshot(card.source) and self._is_live(event.stream):
            return
        lists = [msgspec.json.encode(some).decode() for some in (card.other_names, addresses, card.labels)]
        row = (event.stream, card.source, card.uid, card.name, *lists[:2], card.organization, lists[2], card.kind)
        self._drop_snapshots(event.stream)
        self.store.db.execute("REPLACE INTO card VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, event.position))

    def _withdraw(self, stream: bytes, source: str) -> None:
        self.store.db.execute("DELETE FROM card WHERE stream = ? AND source = ?", (stream, source))
        if not is_snapshot(source):
            self._drop_snapshots(stream)

    def _is_live(self, stream: bytes) -> bool:
        sql = "SELECT 1 FROM card WHERE stream = ? AND source NOT LIKE ?"
        return self.store.db.execute(sql, (stream, _FILES)).fetchone() is not None

    def _drop_snapshots(self, stream: bytes) -> None:
        self.store.db.execute("DELETE FROM card WHERE stream = ? AND source LIKE ?", (stream, _FILES))


PROJECTION = Contacts
