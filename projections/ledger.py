"""The ledger: every minute by local day, thing, person and goal; each touched day is computed anew, whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec
from msgspec.structs import astuple

from projections import days as computed
from projections.conservation import broken
from projections.day_mails import FROM, OPEN
from projections.ledger_halves import TOGETHER, halves, write_halves
from projections.projection import Projection
from projections.store import insert_rows
from projections.work import NO_REPLY, Day, open_work

_TABLES = ("ledger", "daily", "encounter", "trouble")
_OCCURRENCE = "UPDATE occurrence SET counted=?, reason=?, clock=?, goal=?, goal_source=? WHERE id=?"
_MESSAGE = "UPDATE message SET counted=?, reason=?, minutes=?, multitasking=?, goal=? WHERE id=?"


class Ledger(Projection):
    """`ledger`, `daily`, `encounter` and `trouble`; and what each message and occurrence earned."""

    name = "ledger"
    after = ("messages", "threads", "identity", "meetings", "decisions")
    tables = """
CREATE TABLE encounter(                         -- interactions by day; `touch` sets them among the others of the person
    person INTEGER NOT NULL, day INTEGER NOT NULL, at_ms INTEGER NOT NULL, item INTEGER NOT NULL, kind TEXT NOT NULL,
    n INTEGER NOT NULL, qualifying INTEGER NOT NULL, starts TEXT NOT NULL, reply_ms INTEGER, position INTEGER NOT NULL,
    PRIMARY KEY(day, person, item, kind)) WITHOUT ROWID;
CREATE TABLE trouble(                           -- days whose parts do not add up to the whole, and how
    day INTEGER NOT NULL, sentence TEXT NOT NULL, PRIMARY KEY(day, sentence)) WITHOUT ROWID;
"""
    indices = "CREATE INDEX occurrence_away ON occurrence(start_ms) WHERE away;\n"
    late_indices = "CREATE INDEX encounter_person ON encounter(person);\n"

    def settle(self) -> None:
        store = self.store
        store.dirty_days.update(self._marked_days())
        if store.fresh:
            sql = f"SELECT DISTINCT m.day {FROM} WHERE m.day IS NOT NULL AND {OPEN}"
            found = {day for (day,) in store.db.execute(sql)}
            store.dirty_days |= found | {day - 1 for day in found}
        self._name_notes()
        days = sorted(store.dirty_days)
        if store.fresh and (both := halves(store, days)):
            write_halves(store, both, _TABLES, _write_days)
            return
        results = computed.compute(open_work(store.db, store.rules), days)
        while together := list(islice(results, TOGETHER)):
            self._write(together)

    def _marked_days(self) -> Iterator[int]:
        """Days of the messages and notes that the owner has said a word on; of their whole threads."""
        sql = (
            "SELECT DISTINCT day FROM message WHERE thread IN "
            "(SELECT thread FROM message WHERE id IN (SELECT value FROM json_each(?1))) AND day IS NOT NULL "
            "UNION SELECT day FROM note WHERE id IN (SELECT value FROM json_each(?1))"
        )
        for (day,) in self.store.select_in(sql, self.store.marked):
            yield from (day - 1, day, day + 1)

    def _name_notes(self) -> None:
        self.store.db.execute(
            "UPDATE note SET person = a.person FROM address a WHERE a.id = note.address_id AND note.person <> a.person"
        )

    def _write(self, days: list[Day]) -> None:
        db, store = self.store.db, self.store
        if not store.fresh:
            numbers = [(day.day,) for day in days]
            among = (msgspec.json.encode([day.day for day in days]).decode(),)
            sql = "SELECT DISTINCT person FROM encounter WHERE day IN (SELECT value FROM json_each(?))"
            store.dirty_persons.update(person for (person,) in db.execute(sql, among))
            for table in _TABLES:
                db.executemany(f"DELETE FROM {table} WHERE day = ?", numbers)
            store.dirty_persons.update(key[0] for day in days for key in day.encounters)
        _write_days(db, days)
        db.executemany(_OCCURRENCE, _last(update for day in days for update in day.occurrences))
        db.executemany(_MESSAGE, (update for day in days for update in day.messages))


def _write_days(db: sqlite3.Connection, days: list[Day]) -> None:
    """The rows of days that have none."""
    insert_rows(db, "ledger", sorted(entry for day in days for entry in day.entries.values()))
    sums = [(day.day, *astuple(day.sums)) for day in days if any(astuple(day.sums))]
    db.executemany("INSERT INTO daily VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", sums)
    met = [one for day in days for one in sorted(day.encounters.values())]  # nearly in the order of the table
    insert_rows(db, "encounter", met, f"?, ?, ?, ?, ?, ?, ?, ?, nullif(?, {NO_REPLY}), ?")
    troubles = [(day.day, sentence) for day in days for sentence in broken(day)]
    db.executemany("INSERT INTO trouble VALUES (?, ?)", sorted(troubles))


def _last(updates: Iterable[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """One update of each: an occurrence across midnight comes with both its days."""
    return list({update[-1]: update for update in updates}.values())


PROJECTION = Ledger
