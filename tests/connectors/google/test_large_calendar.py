"""Thousands of entries and contacts: what they cost in requests, interrupted too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.google.scopes import Feature
from events.log import Log, open_log
from tests.connectors.google import people_world
from tests.connectors.google.calendar_world import account
from tests.connectors.google.told import ME, run
from tests.contracts.connector import Interrupted, Killed
from tests.peers.google import Google
from tests.peers.google.calendars import Calendar
from tests.peers.google.sample import guests

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = datetime(2031, 1, 6, 9, tzinfo=BERLIN)
ENTRIES, SERIES, CONTACTS = 5000, 200, 3000


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    made = open_log(f"sqlite:///{tmp_path}/log.db")
    yield made
    made.close()


def filled(calendar: Calendar) -> None:
    for number in range(SERIES):
        begin = FIRST + timedelta(days=number % 30)
        rule = "RRULE:FREQ=WEEKLY;COUNT=50"
        series = calendar.put(summary=f"Series {number}", recurrence=[rule], **hour(begin))["id"]
        calendar.cancel_instance(series, (begin + timedelta(weeks=3)).isoformat())
        calendar.instance(series, (begin + timedelta(weeks=5)).isoformat(), **hour(begin + timedelta(weeks=5, hours=2)))
    for number in range(ENTRIES - 3 * SERIES):
        calendar.put(summary=f"Talk {number}", **hour(FIRST + timedelta(hours=3 * number)))


def hour(begin: datetime) -> dict[str, Any]:
    start, end = (
        {"dateTime": at.isoformat(), "timeZone": "Europe/Berlin"} for at in (begin, begin + timedelta(hours=1))
    )
    return {"start": start, "end": end, "attendees": guests(ME, "ana@example.org")}


def asked(google: Google, since: int = 0) -> Counter[str]:
    return Counter(one.method for one in google.world.asked[since:] if not one.method.startswith("oauth."))


def test_what_calendars_cost(google: Google, log: Log) -> None:
    mine, clock = google.world.calendar(), google.world.clock
    filled(mine)
    whole = {"calendar.calendarList.list": 1, "calendar.events.list": ENTRIES // 2500}
    nothing = {"calendar.calendarList.list": 1, "calendar.events.list": 1}
    assert run(account(google, 2500), log, clock).stored == ENTRIES
    assert asked(google) == whole
    for count in (0, 10):
        for number in range(count):
            mine.put(summary=f"New {number}", **hour(FIRST))
        before = len(google.world.asked)
        assert run(account(google, 2500), log, clock).stored == count
        assert asked(google, before) == nothing


def test_a_first_run_that_is_killed_again_and_again_asks_for_each_page_once(google: Google, log: Log) -> None:
    """But for the page that it was killed in."""
    filled(google.world.calendar())
    page, killed = 500, 0
    for pages in (3, 1, 4):
        connector = account(google, page)
        with pytest.raises(Killed):
            run(Interrupted(connector, pages), log, google.world.clock)
        connector.close()
        killed += 1
    assert run(account(google, page), log, google.world.clock).state == "ok"
    assert asked(google)["calendar.events.list"] == ENTRIES // page + killed


def test_what_contacts_cost(google: Google, log: Log) -> None:
    for number in range(CONTACTS):
        google.world.person(f"Ana {number}", f"ana{number}@y.org")
    whole = {"people.contactGroups.list": 1, "people.people.connections.list": CONTACTS // 1000}
    nothing = {"people.contactGroups.list": 1, "people.people.connections.list": 1}
    for stored, cost in ((CONTACTS, whole), (0, nothing)):
        before = len(google.world.asked)
        result = run(people_world.account(google, Feature.CONTACTS, page=1000), log, google.world.clock)
        assert (result.stored, asked(google, before)) == (stored, cost)
