"""Rows written fifty to a statement are the rows written one by one."""

from __future__ import annotations

import sqlite3

import pytest

from projections.store import insert_rows


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 130])
@pytest.mark.parametrize("values", ["", "nullif(?, 3), FALSE, ?"])
def test_rows_are_whole_and_in_order(count: int, values: str) -> None:
    together, single = (sqlite3.connect(":memory:") for _ in range(2))
    width = 2 if values else 3
    rows = [tuple(range(at, at + width)) for at in range(count)]
    for db in (together, single):
        db.execute("CREATE TABLE t(a, b, c)")
    insert_rows(together, "t", rows, values)
    single.executemany(f"INSERT INTO t VALUES ({values or '?, ?, ?'})", rows)
    found, wanted = (db.execute("SELECT rowid, * FROM t").fetchall() for db in (together, single))
    assert found == wanted
    assert len(found) == count
    together.close()
    single.close()


def test_a_row_takes_the_place_of_one_with_its_key() -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE t(key INTEGER PRIMARY KEY, value)")
    insert_rows(db, "t", [(key, "old") for key in range(60)])
    insert_rows(db, "t", [(key, "new") for key in range(55)], replace=True)
    assert db.execute("SELECT value, count(*) FROM t GROUP BY value ORDER BY 1").fetchall() == [("new", 55), ("old", 5)]
    db.close()
