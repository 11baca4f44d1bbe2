"""The same life with its log on PostgreSQL: the same numbers, from the same commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.home import ME, Home, guests, mail, vevent
from tests.peers.postgres import Cluster


def test_a_log_on_postgres_gives_the_same_numbers(
    postgres: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def live(folder: Path) -> Home:
        home = Home(folder)
        home.calendar(vevent("a", "20260901T100000Z", "20260901T110000Z", *guests("ana@y.org", organizer=ME)))
        home.mbox(mail("Bo <bo@y.org>", ME, "Tue, 01 Sep 2026 12:00:00 +0000", "Hello there", "Status: RO"))
        home.json("note", "ana@y.org", "coffee", "--minutes", "20")
        return home

    here = live(tmp_path / "sqlite").json("time", "all", "--by", "person,channel")
    monkeypatch.setenv("AMITY_DATABASE_URL", postgres.new_database())
    there = live(tmp_path / "postgres")
    assert there.json("time", "all", "--by", "person,channel") == here
    assert there.json("verify", as_of=None)["ok"] is True
    assert there.json("status", as_of=None)["log"]["events"] == 6
    there.json("undo")
    assert there.totals()["meeting_minutes"] == 60
