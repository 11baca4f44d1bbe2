"""The owner's decisions, with those that were undone; and what their words on single things come to."""

from __future__ import annotations

from typing import NamedTuple, cast

from events import codec
from events.envelope import StoredEvent
from events.vocabulary import (
    DECISIONS,
    DecisionUndone,
    MeetingMarked,
    NoteAdded,
    PeopleMerged,
    PeopleSplit,
    PersonPlaced,
)
from projections.projection import Projection
from projections.store import Store


class Mark(NamedTuple):
    """A word on the thing at a log position; `start_ms` names one occurrence of a series."""

    position: int
    word: str
    start_ms: int | None


class Decisions(Projection):
    """`decision` and `note`."""

    name = "decisions"
    reads = DECISIONS

    def fold(self, event: StoredEvent) -> None:
        if event.happened_ms > self.store.as_of_ms:
            return
        db = self.store.db
        row = (event.position, event.happened_ms, event.type, event.data.decode())
        db.execute("INSERT INTO decision(position, at_ms, type, payload) VALUES (?, ?, ?, ?)", row)
        self._mark_dirty(event.type, event.data)
        if event.type == NoteAdded.wire:
            self._note(event, cast("NoteAdded", codec.decode(event.type, event.data)))
        if event.type == DecisionUndone.wire:
            self._undo(event.position, cast("DecisionUndone", codec.decode(event.type, event.data)).position)

    def _note(self, event: StoredEvent, note: NoteAdded) -> None:
        if not note.addresses:
            return
        day = self.store.day(event.happened_ms)
        known = self.store.addresses.get(note.addresses[0])
        address = (known or self.store.addresses[note.addresses[0]]).id
        if known is None:  # somebody whom no source has shown is a person all the same
            self.store.aliases.add(address, "", "note", event.happened_ms)
        self.store.db.execute(
            "INSERT OR REPLACE INTO note VALUES (?, ?, ?, 0, ?, ?, ?, ?)",  # two undos of it may both be undone
            (event.position, event.happened_ms, day, note.text, note.minutes, note.goal, address),
        )
        self.store.dirty_days.add(day)

    def _undo(self, by: int, position: int) -> None:
        db = self.store.db
        found = db.execute("SELECT type, payload FROM decision WHERE position = ?", (position,)).fetchone()
        if found is None:
            return
        db.execute("UPDATE decision SET undone_by = ? WHERE position = ? AND undone_by = 0", (by, position))
        self._mark_dirty(found[0], found[1].encode())
        if found[0] == NoteAdded.wire:
            for (day,) in db.execute("SELECT day FROM note WHERE id = ?", (position,)).fetchall():
                self.store.dirty_days.add(day)
            db.execute("DELETE FROM note WHERE id = ?", (position,))
        if found[0] == DecisionUndone.wire:
            self._redo(position, cast("DecisionUndone", codec.decode(found[0], found[1].encode())).position)

    def _redo(self, by: int, position: int) -> None:
        """An undone undo: what it, and no other one, had taken away holds again."""
        db = self.store.db
        sql = "UPDATE decision SET undone_by = 0 WHERE position = ? AND undone_by = ?"
        if not db.execute(sql, (position, by)).rowcount:
            return
        found = db.execute("SELECT type, payload, at_ms FROM decision WHERE position = ?", (position,)).fetchone()
        self._mark_dirty(found[0], found[1].encode())
        if found[0] == NoteAdded.wire:
            event = StoredEvent(position, b"", 0, found[0], found[2], 0, found[1].encode())
            self._note(event, cast("NoteAdded", codec.decode(event.type, event.data)))

    def _mark_dirty(self, wire: str, data: bytes) -> None:
        if wire in (PeopleMerged.wire, PeopleSplit.wire):
            self.store.dirty_people = True
        if wire == PersonPlaced.wire:
            self.store.placed.update(cast("PersonPlaced", codec.decode(wire, data)).addresses)
        if wire == MeetingMarked.wire:
            self.store.marked.add(cast("MeetingMarked", codec.decode(wire, data)).position)


def marks(store: Store) -> list[Mark]:
    """The words of the owner that hold, earliest first: a later word on the same thing outranks an earlier one."""
    sql = "SELECT payload FROM decision WHERE type = ? AND undone_by = 0 ORDER BY at_ms, position"
    found = (
        cast("MeetingMarked", codec.decode(MeetingMarked.wire, payload.encode()))
        for (payload,) in store.db.execute(sql, (MeetingMarked.wire,))
    )
    return [Mark(mark.position, mark.word, mark.start_ms) for mark in found]


PROJECTION = Decisions
