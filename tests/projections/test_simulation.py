"""The ledger against an independent simulation of F1 to F3, quarter by quarter, over clock changes in three zones."""

from __future__ import annotations

import random
import sqlite3
import tempfile
from collections import defaultdict
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.envelope import NewEvent, stream_of
from events.log import open_log
from events.vocabulary import Attendee, Mailbox, MeetingObserved
from projections.base import catch_up
from projections.rules import Rules

ME = "me@x.org"
QUARTER = timedelta(minutes=15)
YEARS = range(2001, 2021)  # one calendar each, around a clock change of that year
ZONES = ("Europe/Paris", "America/New_York", "Australia/Lord_Howe")  # the last one moves by half an hour
Booked = tuple[datetime, datetime, MeetingObserved]
Minutes = dict[tuple[str, str], float]


def clock_change(year: int, zone: ZoneInfo) -> datetime:
    """The first midnight (UTC) in the second half of the year before which the zone's offset changes."""
    day = datetime(year, 7, 1, tzinfo=UTC)
    while day.astimezone(zone).utcoffset() == (day + timedelta(days=1)).astimezone(zone).utcoffset():
        day += timedelta(days=1)
    return day


def calendar(dice: random.Random, year: int, zone: ZoneInfo) -> list[Booked]:
    """Up to eight entries in the two days around the clock change, crowded so that they overlap."""
    begin = clock_change(year, zone) - timedelta(hours=12)
    found: list[Booked] = []
    for number in range(dice.randrange(1, 9)):
        start = begin + QUARTER * dice.randrange(48 * 4)
        length = QUARTER * dice.choice((0, 1, 2, 4, 6, 12, 32, 33, 40))
        crowd = dice.choice((0, 1, 1, 2, 3, 8, 9, 18, 19))
        others = [Attendee(f"p{dice.randrange(30)}-{i}@y.org", "", dice.choice(ANSWERS)) for i in range(crowd)]
        mine = [Attendee(ME, "", dice.choice(ANSWERS))] if dice.random() < 0.8 else []
        meeting = MeetingObserved(
            source="t", uid=f"{year}-{number}", title=f"T{number}", start=f"{start:%Y-%m-%dT%H:%M:%S}", zone="UTC",
            seconds=int(length.total_seconds()), busy=dice.choice(("", "", "", "", "free", "oof")),
            status=dice.choice(("", "", "", "tentative", "cancelled")), attendees=(*others, *mine),
            organizer=dice.choice((None, Mailbox(ME), Mailbox("boss@y.org"))),
        )  # fmt: skip
        found.append((start, start + length, meeting))
    return found


ANSWERS = ("accepted", "accepted", "declined", "tentative", "needs-action")


def present(meeting: MeetingObserved) -> set[str]:
    """Who was there besides me."""
    others = [guest for guest in meeting.attendees if guest.address != ME]
    boss = meeting.organizer.address if meeting.organizer and meeting.organizer.address != ME else ""
    here = {one.address for one in others if one.answer != "declined" and (len(others) < 9 or one.answer == "accepted")}
    return here | ({boss} - {""})


def tier(meeting: MeetingObserved, length: timedelta, *, inclusive: bool) -> int:
    """1 to 3 by evidence where it counts, 0 where it does not, -1 for my own out-of-office."""
    mine = next((guest.answer for guest in meeting.attendees if guest.address == ME), "")
    organizer = meeting.organizer.address if meeting.organizer else ""
    strangers = bool(organizer or [one for one in meeting.attendees if one.address != ME])
    if meeting.status == "cancelled" or mine == "declined":
        return 0
    if meeting.busy == "oof":
        own = organizer == ME or (not organizer and all(one.address == ME for one in meeting.attendees))
        return -1 if own else 0
    answer = "tentative" if meeting.status == "tentative" and mine != "accepted" else mine
    if (organizer == ME and answer != "tentative") or not strangers:
        answer = "accepted"
    if organizer == ME and mine == "tentative" and meeting.status != "tentative":
        answer = "accepted"
    outsider = organizer != ME and not mine and strangers
    if outsider or meeting.busy == "free" or length > timedelta(hours=8) or not present(meeting):
        return 0
    return {"accepted": 1, "tentative": 2 * inclusive, "needs-action": 3 * inclusive}.get(answer, 0)


def simulate(entries: list[Booked], zone: ZoneInfo, *, inclusive: bool) -> Minutes:
    judged = [(start, end, one, tier(one, end - start, inclusive=inclusive)) for start, end, one in entries]
    spent: Minutes = defaultdict(float)
    at, last = min(start for start, *_ in entries), max(end for _, end, *_ in entries)
    while at < last:
        running = [(one, level) for start, end, one, level in judged if start <= at < end and level]
        if running and all(level > 0 for _, level in running):
            best = min(level for _, level in running)
            sharing = [one for one, level in running if level == best]
            day = at.astimezone(zone).date().isoformat()
            for one in sharing:
                here = present(one)
                for person in here if len(here) <= 18 else ["(broadcast)"]:
                    spent[day, person] += 15 / len(sharing) / (len(here) if len(here) <= 18 else 1)
        at += QUARTER
    return spent


@pytest.mark.parametrize("zone_name", ZONES)
@pytest.mark.parametrize("policy", ["strict", "inclusive"])
@settings(max_examples=9)
@given(seed=st.integers(0, 2**32))
def test_the_ledger_is_the_simulation(zone_name: str, policy: str, seed: int) -> None:
    zone, dice = ZoneInfo(zone_name), random.Random(seed)  # noqa: S311  reproducible, not secret
    calendars = [calendar(dice, year, zone) for year in YEARS]
    expected: Minutes = {}
    for entries in calendars:
        expected |= simulate(entries, zone, inclusive=policy == "inclusive")
    with tempfile.TemporaryDirectory() as folder:
        log = open_log(f"sqlite:///{folder}/amity.db")
        events = [one for entries in calendars for *_, one in entries]
        log.append([NewEvent(stream_of(0, one.uid), 1, 0, one) for one in events])
        rules = Rules(timezone=zone_name, addresses=(ME,), attendance=policy)
        catch_up(log, Path(folder) / "views.db", rules)
        log.close()
        found = ledger(Path(folder) / "views.db")
    assert found.keys() == {key for key, minutes in expected.items() if minutes}
    assert all(abs(found[key] - expected[key]) < 1e-6 for key in found)


def ledger(path: Path) -> Minutes:
    sql = """SELECT day, CASE l.person WHEN -1 THEN '(broadcast)' ELSE a.address END, sum(minutes)
        FROM ledger l LEFT JOIN address a ON a.person = l.person AND l.person > 0 GROUP BY 1, 2"""
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT * FROM trouble").fetchall() == []
        rows = db.execute(sql).fetchall()
    return {(datetime.fromordinal(day).date().isoformat(), person): minutes for day, person, minutes in rows}
