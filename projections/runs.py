"""Runs of sources, as they told of themselves: what was seen, stored, skipped, and what went wrong."""

from __future__ import annotations

from typing import cast

import msgspec

from events import codec
from events.envelope import StoredEvent
from events.vocabulary import ItemQuarantined, SyncCompleted, SyncFailed
from projections.projection import Projection


class Runs(Projection):
    """`run` and `quarantine`."""

    name = "runs"
    reads = frozenset({SyncCompleted.wire, SyncFailed.wire, ItemQuarantined.wire})
    tables = """
CREATE TABLE quarantine(                        -- items that could not be read: where they stand and why
    position INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, source TEXT NOT NULL, place TEXT NOT NULL, why TEXT NOT NULL);
"""

    def fold(self, event: StoredEvent) -> None:
        payload = codec.decode(event.type, event.data)
        db, key = self.store.db, (event.position, event.happened_ms)
        if event.type == ItemQuarantined.wire:
            item = cast("ItemQuarantined", payload)
            db.execute("INSERT INTO quarantine VALUES (?, ?, ?, ?, ?)", (*key, item.source, item.where, item.why))
        elif event.type == SyncFailed.wire:
            failed = cast("SyncFailed", payload)
            row = (*key, failed.source, failed.stream, 0, 0, 0, "{}", 0, failed.error)
            db.execute("INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        else:
            done = cast("SyncCompleted", payload)
            skipped = msgspec.json.encode(done.skipped, order="deterministic").decode()
            counts = (done.seen, done.stored, done.duplicates, skipped, done.problems, "")
            row_done = (*key, done.source, done.stream, *counts)
            db.execute("INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row_done)


PROJECTION = Runs
