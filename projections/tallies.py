"""Tallies: what passed between the owner and each person, counted over all time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection

from projections.judgements.exchanges import COUNTS, ONLY
from projections.projection import Projection
from projections.store import NEVER_MS

_TALLIES = f"""
INSERT INTO tally SELECT c.*, (SELECT max(at_ms) FROM touch WHERE touch.person = c.person)
FROM ({COUNTS}) c"""


def write_tallies(db: sqlite3.Connection, only: Collection[int] | None = None) -> None:
    """Put in the rows of everybody with a touch, at whatever time, or of `only` these."""
    about = {"as_of": NEVER_MS, "only": json.dumps(None if only is None else sorted(only))}
    db.execute(_TALLIES.format(only="" if only is None else ONLY), about)


class Tallies(Projection):
    """`tally`."""

    name = "tallies"
    after = ("touches",)

    def settle(self) -> None:
        store = self.store
        only = None if store.fresh else store.dirty_persons
        if only is not None:
            store.select_in("DELETE FROM tally WHERE person IN (SELECT value FROM json_each(?))", only)
        write_tallies(store.db, only)


PROJECTION = Tallies
