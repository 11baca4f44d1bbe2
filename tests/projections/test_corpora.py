"""Real mailboxes and calendars through the log into the read models: sums hold, counts are those of the oracles."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.base import import_paths
from events.log import open_log
from projections.base import catch_up
from projections.query import open_views
from projections.rules import Rules

LISTS = ("ralf@linux-mips.org", "ralf@uni-koblenz.de", "macro@linux-mips.org")


def views(folder: Path, path: Path, addresses: tuple[str, ...]) -> sqlite3.Connection:
    log = open_log(f"sqlite:///{folder / 'amity.db'}")
    import_paths([path], log)
    catch_up(log, folder / "views.db", Rules(timezone="America/Chicago", addresses=addresses, attendance="inclusive"))
    log.close()
    return open_views(folder / "views.db")


@pytest.fixture(scope="module", params=["lavorato-j", "white-s"])
def owner(request: pytest.FixtureRequest, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    oracle = json.loads((shared_data / "ORACLES.json").read_text())["enron"][request.param]
    folder = tmp_path_factory.mktemp(request.param)
    db = views(folder, shared_data / "email-enron-owners" / request.param, tuple(oracle["owner_addresses"]))
    yield db, oracle
    db.close()


def one(db: sqlite3.Connection, sql: str) -> Any:
    return db.execute(sql).fetchone()[0]


def test_distinct_sent_and_received_mail(owner: tuple[sqlite3.Connection, dict[str, Any]]) -> None:
    db, oracle = owner
    assert one(db, "SELECT count(*) FROM message") == oracle["distinct_mail"]
    assert one(db, "SELECT count(*) FROM message WHERE direction = 'out'") == oracle["sent_distinct"]
    assert (
        one(db, "SELECT count(*) FROM message WHERE direction = 'in' AND to_me")
        == oracle["received_with_owner_in_to_cc"]
    )


def test_top_correspondents(owner: tuple[sqlite3.Connection, dict[str, Any]]) -> None:
    db, oracle = owner
    counts = {
        address: (sent, got)
        for address, sent, got in db.execute("SELECT address, messages_out, messages_in FROM address")
    }
    assert {one["address"]: counts[one["address"]] for one in oracle["top20"]} == {
        one["address"]: (one["sent_to"], one["received_from"]) for one in oracle["top20"]
    }


def test_every_minute_is_somebodys(owner: tuple[sqlite3.Connection, dict[str, Any]]) -> None:
    """The ledger's rows, the messages' own minutes and the days' sums are the same hours, found on three ways."""
    db, _ = owner
    assert db.execute("SELECT * FROM trouble").fetchall() == []
    entered = one(db, "SELECT sum(minutes) FROM ledger")
    assert entered > 1000
    assert one(db, "SELECT sum(minutes) FROM message") == pytest.approx(entered)
    assert one(db, "SELECT sum(mail + solo) FROM daily") == pytest.approx(entered)
    assert one(db, "SELECT count(*) FROM ledger WHERE minutes < 0 OR (person > 0 AND face + 1e-9 < minutes)") == 0
    persons = (
        "SELECT count(*) FROM ledger WHERE person > 0 AND person NOT IN (SELECT id FROM person WHERE kind = 'person')"
    )
    assert one(db, persons) == 0


def test_a_list_archive_is_nobodys_time_but_the_dialogues(shared_data: Path, tmp_path: Path) -> None:
    db = views(tmp_path, shared_data / "email-list-linux-mips" / "linux-mips-1998.mbox", LISTS)
    assert db.execute("SELECT * FROM trouble").fetchall() == []
    assert one(db, "SELECT sum(minutes) FROM message") == pytest.approx(one(db, "SELECT sum(minutes) FROM ledger"))
    strangers = """SELECT count(*) FROM message m LEFT JOIN message p ON p.id = m.answers
        WHERE m.counted AND m.direction = 'in' AND m.kind = 'list' AND m.answered_ms IS NULL
        AND coalesce(p.direction, 'in') = 'in'"""
    assert one(db, strangers) == 0
    db.close()


@pytest.mark.parametrize("year", ["1998", "2000"])
def test_threads_by_references_are_connected_components(shared_data: Path, tmp_path: Path, year: str) -> None:
    """As many as the oracle finds, before answers without references are joined by their subject."""
    lists = json.loads((shared_data / "ORACLES.json").read_text())["lists"]
    db = views(tmp_path, shared_data / "email-list-linux-mips" / f"linux-mips-{year}.mbox", LISTS)
    into = dict(db.execute("SELECT thread, target FROM thread_into"))
    threads = {thread for (thread,) in db.execute("SELECT ref_thread FROM message")} - into.keys()
    assert len(threads) == lists[year]["threads_by_references"]
    assert one(db, "SELECT count(DISTINCT thread) FROM message") <= len(threads)
    loose = """SELECT count(*) FROM message m JOIN mail_key k ON k.key = m.parent_key JOIN message p ON p.id = k.message
        WHERE p.thread <> m.thread"""
    assert one(db, loose) == 0
    db.close()


def test_the_calendar_of_white_s(shared_data: Path, tmp_path: Path) -> None:
    """Of 49,742 timed minutes F1 leaves those with other people in them; the rest is listed with its reason."""
    calendar = shared_data / "email-enron-owners" / "calendar"
    truth = json.loads((calendar / "white-s.truth.json").read_text())
    db = views(tmp_path, calendar / "white-s.ics", ("stacey.white@enron.com", "w..white@enron.com"))
    timed = "SELECT sum(end_ms - start_ms) / 60000 FROM occurrence WHERE NOT all_day"
    assert one(db, timed) == truth["distinct_timed_minutes_excluding_repeat_parents"]
    assert one(db, "SELECT count(*) FROM occurrence") == truth["stats"]["vevents_clean"]
    assert one(db, "SELECT count(*) FROM occurrence WHERE all_day AND counted") == 0
    dates = (calendar / "white-s.ics").read_text().count("DTSTART;VALUE=DATE")
    assert one(db, "SELECT count(*) FROM occurrence WHERE all_day") == dates
    with_others = (
        "SELECT count(*) FROM occurrence o WHERE counted AND EXISTS (SELECT 1 FROM attendance WHERE occurrence = o.id)"
    )
    assert (
        one(db, "SELECT count(*) FROM occurrence WHERE counted")
        == one(db, with_others)
        <= truth["stats"]["with_attendees"]
    )
    assert one(db, "SELECT count(*) FROM occurrence WHERE NOT counted AND reason = ''") == 0
    assert one(db, "SELECT sum(meeting) FROM daily") == pytest.approx(one(db, "SELECT sum(minutes) FROM ledger"))
    assert one(db, "SELECT sum(clock) FROM occurrence") == pytest.approx(one(db, "SELECT sum(minutes) FROM ledger"))
    db.close()
