"""A meeting is the same through Graph, in a file that Outlook writes, and at Google, whoever organised it.

The file is written here, by the rules of RFC 5545 alone, from what is in the calendar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from connectors.base import import_paths
from connectors.ical import meeting_event
from connectors.sync.provider import InMemory
from events.log import Log, open_log
from events.vocabulary import MeetingObserved
from tests.connectors.google.calendar_world import account as at_google
from tests.connectors.google.told import ME, Shown, meetings, occurrences, run
from tests.connectors.microsoft.calendar_world import account
from tests.peers.google import Google
from tests.peers.google import serving as serving_google
from tests.peers.graph import Graph, at, attendee
from tests.peers.graph.calendars import Event, Exceptional
from tests.peers.graph.diary import Diary
from tests.peers.graph.goid import goid
from tests.peers.graph.recurrence import daily, monthly, weekly

BOSS = "boss@example.com"
_PARTSTAT = {"none": "NEEDS-ACTION", "accepted": "ACCEPTED", "tentativelyAccepted": "TENTATIVE"}
_SHOWN = {"free": "FREE", "tentative": "TENTATIVE", "oof": "OOF", "workingElsewhere": "WORKINGELSEWHERE"}


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[list[Log]]:
    made = [open_log(f"sqlite:///{tmp_path}/{name}.db") for name in ("api", "file", "both")]
    yield made
    for one in made:
        one.close()


@pytest.fixture
def google() -> Iterator[Google]:
    with serving_google() as made:
        yield made


def synced(graph: Graph, me: InMemory, log: Log) -> set[Shown]:
    result = run(account(graph, me), log, graph.world.clock)
    assert (result.state, result.error) == ("ok", ""), result
    return occurrences(log)


class Filled:
    """Meetings of every kind, with the rules that a file has of the series."""

    def __init__(self, mine: Diary) -> None:
        self.rules: dict[int, str] = {}
        noon = at("2031-10-07T12:00")
        mine.put("Lunch, late", noon, organizer=BOSS, attendees=[ME, BOSS], uid="Ab1@Mail.Example.com")
        weekly_one = self.repeat(
            mine.put("Weekly", at("2031-10-06T10:00"), attendees=[BOSS], repeat=weekly("monday", count=6)),
            "FREQ=WEEKLY;COUNT=6;BYDAY=MO",
        )
        mine.change_occurrence(weekly_one, "2031-10-13", start=at("2031-10-14T15:00"), subject="Moved")
        mine.delete_occurrence(weekly_one, "2031-10-20")
        mine.cancel_occurrence(weekly_one, "2031-11-03")
        self.repeat(
            mine.put("Far", at("2031-10-01T18:00", "America/New_York"), repeat=weekly("wednesday", interval=2)),
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE;WKST=SU",
        )
        self.repeat(
            mine.put("Month", at("2031-10-31T09:00"), uid="month@google.com", organizer=BOSS, attendees=[ME, BOSS],
                     repeat=monthly("friday", "last", until=datetime(2032, 3, 1, tzinfo=UTC).date())),
            "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20320301T080000Z",
        )  # fmt: skip
        standup = self.repeat(
            mine.put("Stand-up", at("2031-10-20T08:00", "Europe/London"), repeat=daily(count=12), attendees=[BOSS]),
            "FREQ=DAILY;COUNT=12",
        )
        mine.delete_occurrence(standup, "2031-10-26")
        off = at("2031-10-08T00:00")
        mine.put("Off", off, off + timedelta(days=2), isAllDay=True, showAs="oof")
        mine.put("Secret", at("2031-10-09T14:00"), sensitivity="private", showAs="tentative")
        mine.put("Gone", at("2031-10-09T16:00"), isCancelled=True, showAs="free", organizer=BOSS, attendees=[ME])
        room = attendee("room@example.com", "accepted", "resource")
        mine.put("Plan", at("2031-10-10T09:00"), categories=["Q4", "Goal"]).body["attendees"] = [attendee(BOSS), room]

    def repeat(self, event: Event, rule: str) -> Event:
        self.rules[event.key] = rule
        return event


def test_the_same_meetings_with_the_same_words(graph: Graph, me: InMemory, logs: list[Log], tmp_path: Path) -> None:
    mine = graph.world.calendar()
    filled = Filled(mine)
    api, file, both = logs
    path = tmp_path / "calendar.ics"
    path.write_bytes(written(mine, filled.rules))
    synced(graph, me, api)
    import_paths([path], file)
    assert {meeting_event(one).stream for one in meetings(file)} == {meeting_event(one).stream for one in meetings(api)}
    by_name = {(one.uid, one.instance): said(one) for one in meetings(api)}
    for one in meetings(file):
        assert said(one) == by_name[one.uid, one.instance]
    near = horizon(occurrences(file))
    assert horizon(occurrences(api)) == near
    assert len(near) > 25
    import_paths([path], both)
    assert horizon(synced(graph, me, both)) == near
    mine.delete(next(one for one in mine.book.events.values() if one.body["subject"] == "Plan"))
    assert len(horizon(synced(graph, me, both))) == len(near) - 1, "the account takes back what the file only showed"


def test_a_week_in_which_everything_happens(graph: Graph, me: InMemory, logs: list[Log], tmp_path: Path) -> None:
    mine, (api, file, _) = graph.world.calendar(), logs
    club = graph.world.new_calendar("Calendar")
    filled = Filled(mine)
    held = {one.body["subject"]: one for one in mine.book.events.values()}
    synced(graph, me, api)
    mine.change(held["Weekly"], start=at("2031-10-06T11:00"), subject="Weekly, later")
    mine.delete_occurrence(held["Weekly"], "2031-10-13")
    synced(graph, me, api)
    mine.decline(held["Lunch, late"])
    mine.change_occurrence(held["Stand-up"], "2031-10-21", start=at("2032-04-01T09:00", "Europe/London"))
    graph.world.clock.advance(3 * 86_400)
    synced(graph, me, api)
    mine.accept_after_all(held["Lunch, late"])
    mine.move(held["Month"], club.id)
    mine.cancel(held["Secret"])
    synced(graph, me, api)
    graph.world.expire_deltas("event")
    mine.delete(held["Plan"])
    mine.change(held["Far"], start=at("2031-10-02T18:00", "America/New_York"), recurrence=weekly("thursday", count=3))
    filled.rules[held["Far"].key] = "FREQ=WEEKLY;BYDAY=TH;COUNT=3"
    graph.world.clock.advance(5 * 86_400)
    now = synced(graph, me, api)
    graph.world.clock.advance(5 * 86_400)
    assert synced(graph, me, api) == now
    path = tmp_path / "calendar.ics"
    path.write_bytes(written(mine, filled.rules))
    import_paths([path], file)
    later = {one for one in occurrences(file) if one.start > graph.world.clock.now() + 90 * 86_400}
    assert {one for one in now if one not in later} == {one for one in occurrences(file) if one not in later}
    assert len(now) > 15


@pytest.mark.parametrize("google_first", [True, False])
def test_a_meeting_of_googles_in_outlook(
    graph: Graph, me: InMemory, google: Google, logs: list[Log], *, google_first: bool
) -> None:
    """Outlook knows it by an id of its own, in which Google's is wrapped."""
    hour = {
        end: {"dateTime": f"2031-10-06T{clock}:00:00+02:00", "timeZone": "Europe/Berlin"}
        for end, clock in (("start", 10), ("end", 11))
    }
    people = [{"email": ME, "responseStatus": "accepted"}, {"email": BOSS, "responseStatus": "accepted"}]
    theirs = google.world.calendar()
    made = theirs.put(summary="Call", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"], attendees=people, **hour)
    moved = {end: {**point, "dateTime": point["dateTime"].replace("-06T1", "-14T1")} for end, point in hour.items()}
    theirs.instance(made["id"], "2031-10-13T10:00:00+02:00", attendees=people, **moved)
    mine = graph.world.calendar()
    event = mine.put(
        "Call", at("2031-10-06T10:00"), organizer=BOSS, attendees=[ME, BOSS], uid=made["iCalUID"],
        repeat=weekly("monday", count=4), responseStatus={"response": "accepted", "time": "2031-09-21T14:13:20Z"},
    )  # fmt: skip
    mine.change_occurrence(event, "2031-10-13", start=at("2031-10-14T10:00"))
    log = logs[0]
    if not google_first:
        synced(graph, me, log)
    run(at_google(google), log, google.world.clock)
    synced(graph, me, log)
    days = ("2031-10-06", "2031-10-14", "2031-10-20", "2031-10-27")
    assert sorted(one.start for one in occurrences(log)) == [int(at(f"{day}T10:00").timestamp()) for day in days]
    assert {one.answer for one in occurrences(log)} == {"accepted"}
    assert len({meeting_event(one).stream for one in meetings(log)}) == 2, "the series and its changed instance"


def test_a_meeting_of_outlooks_at_google(graph: Graph, me: InMemory, google: Google, logs: list[Log]) -> None:
    mine = graph.world.calendar()
    event = mine.put("Plan", at("2031-10-06T10:00"), attendees=[BOSS])
    point = {"timeZone": "Europe/Berlin"}
    google.world.calendar().put(
        iCalUID=goid(event.uid), summary="Plan", attendees=[{"email": ME}, {"email": BOSS}],
        start={"dateTime": "2031-10-06T10:00:00+02:00", **point},
        end={"dateTime": "2031-10-06T11:00:00+02:00", **point},
    )  # fmt: skip
    log = logs[0]
    run(at_google(google), log, google.world.clock)
    assert len(synced(graph, me, log)) == 1
    assert len(meetings(log)) == 2, "two sightings"


def horizon(found: set[Shown]) -> set[Shown]:
    """As far as Outlook is read."""
    return {one for one in found if one.start < at("2031-12-15T00:00").timestamp()}


def said(one: MeetingObserved) -> MeetingObserved:
    """Without where it was read, and what only one of them tells."""
    rules = tuple(rule.partition(";UNTIL=")[0] for rule in one.rules)
    plain = tuple(";".join(sorted(part for part in rule.split(";") if part != "WKST=SU")) for rule in rules)
    return replace(one, source="", where="", rules=plain, sequence=0, modified_ms=None, created_ms=None)


def written(calendar: Diary, rules: Mapping[int, str]) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"X-WR-CALNAME:{calendar.calendar.name}"]
    for event in calendar.book.events.values():
        lines += ["BEGIN:VEVENT", *_entry(event, "", event.body, rules), "END:VEVENT"]
        for day, held in event.exceptions.items():
            lines += ["BEGIN:VEVENT", *_entry(event, day, {**event.body, **held.body}, {}, held), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def _entry(
    event: Event, day: str, body: dict[str, Any], rules: Mapping[int, str], held: Exceptional | None = None
) -> Iterator[str]:
    yield f"UID:{goid(event.uid) if event.uid.startswith('own:') else event.uid}"
    all_day = bool(body.get("isAllDay"))
    yield f"DTSTART{_point(event, held.start if held else event.start, all_day=all_day)}"
    yield f"DTEND{_point(event, held.end if held else event.end, all_day=all_day)}"
    if day:
        yield f"RECURRENCE-ID{_original(event, day)}"
    elif event.key in rules:
        yield f"RRULE:{rules[event.key]}"
        yield from (f"EXDATE{_original(event, gone)}" for gone in sorted(event.deleted))
    yield f"SUMMARY:{body['subject'].replace(',', chr(92) + ',')}"
    yield f"STATUS:{'CANCELLED' if body.get('isCancelled') else ''}"
    yield f"CLASS:{'PRIVATE' if body.get('sensitivity') == 'private' else 'PUBLIC'}"
    yield f"CATEGORIES:{','.join(body.get('categories', []))}"
    yield f"X-MICROSOFT-CDO-BUSYSTATUS:{_SHOWN.get(body.get('showAs', 'busy'), 'BUSY')}"
    organizer = body["organizer"]["emailAddress"]
    yield f"ORGANIZER;CN={organizer['name']}:mailto:{organizer['address']}"
    for one in body["attendees"]:
        person, answer = one["emailAddress"], one["status"]["response"]
        mine = body["responseStatus"]["response"]
        answer = _PARTSTAT.get(mine if person["address"] == ME else answer, "NEEDS-ACTION")
        kind = "ROOM" if one["type"] == "resource" else "INDIVIDUAL"
        yield f"ATTENDEE;CUTYPE={kind};PARTSTAT={answer};CN={person['name']}:mailto:{person['address']}"


def _original(event: Event, day: str) -> str:
    return f";TZID={event.zone}:{day.replace('-', '')}T{event.start:%H%M%S}"


def _point(event: Event, when: datetime, *, all_day: bool) -> str:
    return f";VALUE=DATE:{when:%Y%m%d}" if all_day else f";TZID={event.zone}:{when:%Y%m%dT%H%M%S}"
