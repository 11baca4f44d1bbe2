"""Rhythms: each person's last contact and the gaps before it, so that a question need not read all contacts again."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from projections.judgements.contact import from_touches
from projections.projection import Projection
from projections.store import NEVER_MS


def write_rhythms(db: sqlite3.Connection, only: Collection[int] | None = None) -> None:
    """Put in the rows of everybody with a qualifying contact, at whatever time, or of `only` these."""
    db.executemany("INSERT INTO rhythm VALUES (?, ?, ?, ?, ?, ?, ?)", from_touches(db, NEVER_MS, only))


class Rhythms(Projection):
    """`rhythm`."""

    name = "rhythms"
    after = ("touches",)

    def settle(self) -> None:
        store = self.store
        only = None if store.fresh else store.dirty_persons
        if only is not None:
            store.select_in("DELETE FROM rhythm WHERE person IN (SELECT value FROM json_each(?))", only)
        write_rhythms(store.db, only)


PROJECTION = Rhythms
