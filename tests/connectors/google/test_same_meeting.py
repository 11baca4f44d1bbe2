"""A meeting is the same through Google's API, a file that Google exports, a feed of it, and another calendar server.

The file is written here, by the rules of RFC 5545 alone, from the same entries that the API shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from connectors.base import import_paths
from connectors.ical import meeting_event
from events.log import Log, open_log
from events.vocabulary import MeetingObserved
from tests.connectors.google.calendar_world import account
from tests.connectors.google.told import ME, meetings, occurrences, run
from tests.peers.google import Google
from tests.peers.google.calendars import Calendar
from tests.peers.google.sample import ROOM

Json = dict[str, Any]
ANA = {"email": "ana@example.org", "displayName": "Ana", "responseStatus": "needsAction"}
ORGANIZER = {"email": "ana@example.org", "displayName": "Ana"}
MINE = {"email": ME, "responseStatus": "accepted"}
_PARTSTAT = {"needsAction": "NEEDS-ACTION", "accepted": "ACCEPTED", "declined": "DECLINED", "tentative": "TENTATIVE"}


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[list[Log]]:
    made = [open_log(f"sqlite:///{tmp_path}/{name}.db") for name in ("api", "file", "both")]
    yield made
    for one in made:
        one.close()


def hour(day: str, begin: int) -> Json:
    return {
        name: {"dateTime": f"{day}T{hour:02}:00:00+02:00", "timeZone": "Europe/Berlin"}
        for name, hour in (("start", begin), ("end", begin + 1))
    }


def filled(calendar: Calendar) -> Calendar:
    """Entries of every kind that a file can say as well."""
    calendar.put(summary="Lunch, late", attendees=[MINE, ANA, ROOM], organizer=ORGANIZER, **hour("2031-09-02", 12))
    weekly = calendar.put(
        summary="Weekly", recurrence=["RRULE:FREQ=WEEKLY;COUNT=6"], attendees=[MINE, ANA], **hour("2031-09-01", 10)
    )["id"]
    calendar.instance(weekly, "2031-09-08T10:00:00+02:00", summary="Moved", **hour("2031-09-09", 15))
    calendar.cancel_instance(weekly, "2031-09-15T10:00:00+02:00")
    calendar.split(weekly, "2031-09-29T10:00:00+02:00", "20310929T075959Z", summary="Weekly, new")
    calendar.put(id=weekly, recurrence=["RRULE:FREQ=WEEKLY;UNTIL=20310929T075959Z"])
    calendar.put(summary="Off", start={"date": "2031-09-03"}, end={"date": "2031-09-05"}, eventType="outOfOffice")
    calendar.put(summary="Focus", eventType="focusTime", transparency="transparent", **hour("2031-09-04", 9))
    calendar.put(summary="Booked", description="Powered by Calendly", attendees=[MINE, ANA], **hour("2031-09-10", 9))
    calendar.put(summary="Secret", visibility="private", status="tentative", **hour("2031-09-10", 14))
    calendar.put(summary="Call", iCalUID="AbC@Mail.EXAMPLE.com", attendees=[MINE, ANA], **hour("2031-09-11", 9))
    return calendar


def test_the_same_meetings_with_the_same_words(google: Google, logs: list[Log], tmp_path: Path) -> None:
    calendar = filled(google.world.calendar())
    calendar.summary = "Work"
    api, file, both = logs
    path = tmp_path / "work.ics"
    path.write_bytes(written(calendar))
    assert run(account(google), api, google.world.clock).state == "ok"
    import_paths([path], file)
    assert {meeting_event(one).stream for one in told(file)} <= {meeting_event(one).stream for one in told(api)}
    by_name = {(one.uid, one.instance, one.instance_zone): said(one) for one in told(api)}
    for one in told(file):
        assert said(one) == by_name[one.uid, one.instance, one.instance_zone]
    assert occurrences(api) == occurrences(file)
    import_paths([path], both)
    run(account(google), both, google.world.clock)
    assert occurrences(both) == occurrences(api)
    calendar.cancel(next(one["id"] for one in calendar.events.values() if one["summary"] == "Call"))
    run(account(google), both, google.world.clock)
    assert len(occurrences(both)) == len(occurrences(file)) - 1, "the account takes back what the file only showed"


def test_a_meeting_by_google_in_an_invitation_that_outlook_wrote(
    google: Google, logs: list[Log], tmp_path: Path
) -> None:
    made = google.world.calendar().put(summary="Call", attendees=[MINE, ANA], **hour("2031-09-02", 12))
    data = b"vCal-Uid\1\0\0\0" + made["iCalUID"].encode() + b"\0"
    uid = "040000008200E00074C5B7101A82E008" + (bytes(20) + len(data).to_bytes(4, "little") + data).hex().upper()
    path = tmp_path / "outlook.ics"
    path.write_bytes(written(google.world.calendar()).replace(made["iCalUID"].encode(), uid.encode()))
    log = logs[0]
    import_paths([path], log)
    run(account(google), log, google.world.clock)
    assert len(occurrences(log)) == 1


def test_two_accounts_of_one_person_that_share_calendars(google: Google, logs: list[Log]) -> None:
    """Each shows the other's calendar too, and both were invited: an hour is one hour."""
    other, log = "me.too@example.com", logs[0]
    google.world.account(other)
    google.world.share(other, "owner")
    google.world.share(ME, "writer", other)
    both = [MINE, ANA, {"email": other, "responseStatus": "accepted"}]
    made = google.world.calendar().put(summary="Talk", attendees=both, **hour("2031-09-02", 12))
    google.world.calendar(other).put({**made, "attendees": both})
    google.world.calendar(other).put(summary="Hers", attendees=[*both[1:]], **hour("2031-09-03", 12))
    for address, source in ((ME, "google:one"), (other, "google:two")):
        result = run(account(google, address=address, source=source), log, google.world.clock)
        assert result.state == "ok"
    assert len(meetings(log)) >= 3
    assert len(occurrences(log)) == 2
    google.world.calendar().cancel(made["id"])
    run(account(google, source="google:one"), log, google.world.clock)
    assert len(occurrences(log)) == 2, "the other account shows it still"
    google.world.calendar(other).cancel(made["id"])
    for address, source in ((ME, "google:one"), (other, "google:two")):
        run(account(google, address=address, source=source), log, google.world.clock)
    assert len(occurrences(log)) == 1


def told(log: Log) -> list[MeetingObserved]:
    return [one for one in meetings(log) if not (one.instance and one.status == "cancelled")]


def said(one: MeetingObserved) -> MeetingObserved:
    """Without where it was read, and the dates that a file leaves out and the API tells one by one."""
    return replace(one, source="", where="", skipped=())


def written(calendar: Calendar) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"X-WR-CALNAME:{calendar.summary}"]
    for event in calendar.events.values():
        if event["status"] != "cancelled":
            lines += ["BEGIN:VEVENT", *_entry(event, calendar), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def _entry(event: Json, calendar: Calendar) -> Iterator[str]:
    yield f"UID:{event['iCalUID']}"
    for name, point in (("DTSTART", event["start"]), ("DTEND", event["end"])):
        yield f"{name}{_point(point)}"
    if "originalStartTime" in event:
        yield f"RECURRENCE-ID{_point(event['originalStartTime'])}"
    yield from event.get("recurrence", ())
    for other in calendar.events.values():
        if other.get("recurringEventId") == event["id"] and other["status"] == "cancelled":
            yield f"EXDATE{_point(other['originalStartTime'])}"
    yield f"SUMMARY:{event['summary'].replace(',', chr(92) + ',')}"
    yield f"STATUS:{event['status'].upper()}"
    yield f"TRANSP:{event.get('transparency', 'opaque').upper()}"
    yield f"CLASS:{event.get('visibility', 'public').upper()}"
    yield f"X-GOOGLE-EVENT-TYPE:{event['eventType'].upper()}"
    yield f"SEQUENCE:{event['sequence']}"
    yield f"CREATED:{_instant(event['created'])}"
    yield f"LAST-MODIFIED:{_instant(event['updated'])}"
    yield f"DESCRIPTION:{event.get('description', '')}"
    organizer = event["organizer"]
    yield f"ORGANIZER;CN={organizer.get('displayName', organizer['email'])}:mailto:{organizer['email']}"
    for one in event.get("attendees", ()):
        name, answer = one.get("displayName", one["email"]), _PARTSTAT[one.get("responseStatus", "needsAction")]
        answer = f";PARTSTAT={answer}" if "responseStatus" in one else ""
        kind = "RESOURCE" if one.get("resource") else "INDIVIDUAL"
        yield f"ATTENDEE;CUTYPE={kind}{answer};CN={name}:mailto:{one['email']}"


def _point(point: Json) -> str:
    if "date" in point:
        return f";VALUE=DATE:{point['date'].replace('-', '')}"
    wall = datetime.fromisoformat(point["dateTime"]).astimezone(ZoneInfo(point["timeZone"]))
    return f";TZID={point['timeZone']}:{wall:%Y%m%dT%H%M%S}"


def _instant(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y%m%dT%H%M%SZ}"
