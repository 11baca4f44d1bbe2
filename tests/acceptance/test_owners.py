"""Two real mailbox owners and one real calendar, through the command line, against independent counts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.home import Home

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["lavorato-j", "white-s"])
def owner(request: pytest.FixtureRequest, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """(home with the owner's mail imported, what the import said, the oracle)"""
    oracle = json.loads((shared_data / "ORACLES.json").read_text())["enron"][request.param]
    home = Home(tmp_path_factory.mktemp("owner"), zone="America/Chicago", addresses=oracle["owner_addresses"])
    home.as_of = "2002-06-01T00:00:00Z"
    said = home.json("import", str(shared_data / "email-enron-owners" / request.param), as_of=None)
    return home, said, oracle


def test_every_item_is_accounted_for(owner: Any) -> None:
    _, said, oracle = owner
    assert said["seen"] == oracle["instances"]
    assert said["seen"] == said["stored"] + said["duplicates"] + sum(said["skipped"].values()) + len(said["problems"])
    assert said["stored"] == oracle["distinct_mail"]
    assert said["problems"] == []


def test_distinct_sent_and_received(owner: Any) -> None:
    home, _, oracle = owner
    rows = home.json("query", "select direction, count(*) as n from v_messages group by 1", as_of=None)
    assert {row["direction"]: row["n"] for row in rows} == {
        "out": oracle["sent_distinct"],
        "in": oracle["received_distinct"],
    }


def test_top_correspondents(owner: Any) -> None:
    """Counts are by address: a person of one address must agree exactly; joined addresses can only add."""
    home, _, oracle = owner
    people = home.people(everyone=True)
    for expected in oracle["top20"]:
        found = people[expected["address"]]
        if len(found["addresses"]) == 1:
            assert (found["messages_out"], found["messages_in"]) == (expected["sent_to"], expected["received_from"])
        else:
            assert found["messages_out"] >= expected["sent_to"]
            assert found["messages_in"] >= expected["received_from"]


def test_a_second_import_stores_nothing_and_changes_no_number(owner: Any, shared_data: Path, tmp_path: Path) -> None:
    """Not the same folder: a copy under another name, so that no memory of files helps."""
    home, _, oracle = owner
    copy = tmp_path / "elsewhere"
    shutil.copytree(shared_data / "email-enron-owners" / oracle["owner"], copy)
    before = home.json("time", "all", "--by", "person,goal,channel")
    again = home.json("import", str(copy), as_of=None)
    assert again["stored"] == 0
    assert home.json("time", "all", "--by", "person,goal,channel") == before


def test_conservation(owner: Any) -> None:
    home, _, _ = owner
    check_sums(home)


def test_rebuild_changes_no_byte_of_the_report(owner: Any) -> None:
    home, _, _ = owner
    arguments = ("report", "2001-W40", "--as-of", home.as_of)
    before = home.invoke(*arguments).stdout
    assert home.invoke("rebuild").exit_code == 0
    assert home.invoke(*arguments).stdout == before


def check_sums(home: Home) -> None:
    """clock = meetings + mail + solo; attributed + broadcast = meetings + mail; rows add up to the totals."""
    totals = home.totals()
    near = pytest.approx
    assert totals["clock_minutes"] == near(
        totals["meeting_minutes"] + totals["mail_minutes"] + totals["solo_minutes"], abs=1e-6
    )
    assert totals["attributed_minutes"] + totals["broadcast_minutes"] == near(
        totals["meeting_minutes"] + totals["mail_minutes"], abs=1e-6
    )
    goals = home.json("time", "all", "--by", "goal", "--measure", "clock")["rows"]
    assert sum(row["minutes"] for row in goals) == near(totals["clock_minutes"], abs=1e-6)
    persons = home.json("time", "all", "--by", "person")["rows"]
    assert sum(row["minutes"] for row in persons) == near(
        totals["attributed_minutes"] + totals["broadcast_minutes"], abs=1e-6
    )
    by_day = home.json("time", "all", "--by", "day", "--measure", "clock")["rows"]
    assert sum(row["minutes"] for row in by_day) == near(totals["clock_minutes"], abs=1e-6)


def test_the_calendar_of_white_s(shared_data: Path, tmp_path: Path) -> None:
    """Every timed minute of the truth file is either in the clock or listed with the reason why it is not."""
    calendars = shared_data / "email-enron-owners" / "calendar"
    home = Home(tmp_path, zone="America/Chicago", addresses=("stacey.white@enron.com", "w..white@enron.com"))
    home.as_of = "2002-06-01T00:00:00Z"
    said = home.json("import", str(calendars / "white-s.ics"), as_of=None)
    assert (said["seen"], said["stored"]) == (635, 635)
    rows = home.json("query", "select all_day, count(*) as n from v_meetings group by 1", as_of=None)
    dated = (calendars / "white-s.ics").read_text().count("DTSTART;VALUE=DATE:")
    assert {row["all_day"]: row["n"] for row in rows} == {0: 635 - dated, 1: dated}
    minutes = home.json(
        "query", "select sum((julianday(end_utc)-julianday(start_utc))*1440) m from v_meetings where all_day=0",
        as_of=None,
    )
    assert minutes[0]["m"] == pytest.approx(49742, abs=0.5)
    check_sums(home)
