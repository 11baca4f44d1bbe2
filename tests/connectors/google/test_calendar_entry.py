"""One entry of Google Calendar, field by field."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.errors import ItemMalformed
from connectors.google.calendar_entry import Around, Entry, Point, cancelled, entry_in, observed
from connectors.zones import Zone
from events.vocabulary import Attendee, Mailbox, MeetingObserved

BERLIN = Zone("Europe/Berlin")
AROUND = Around("Product", BERLIN, "google:me")
HOUR = {
    "start": {"dateTime": "2026-09-22T10:00:00+02:00", "timeZone": "Europe/Berlin"},
    "end": {"dateTime": "2026-09-22T11:00:00+02:00", "timeZone": "Europe/Berlin"},
}


def said(**fields: Any) -> MeetingObserved:
    return observed(entry_in({"id": "e1", "iCalUID": "u@google.com", **HOUR, **fields}), AROUND, "google:me/c/e1")


def test_the_usual_entry() -> None:
    people = [
        {"email": "Me@X.org", "self": True, "responseStatus": "accepted"},
        {"email": "ana@y.org", "displayName": "Ana", "responseStatus": "needsAction", "optional": True},
        {"email": "c_1@resource.calendar.google.com", "resource": True, "responseStatus": "accepted"},
        {"email": "beamer@y.org", "resource": True},
        {"displayName": "Somebody", "responseStatus": "tentative", "additionalGuests": 2},
    ]
    assert said(
        summary="Plan\tB", attendees=people, organizer={"email": "ana@y.org", "displayName": "Ana"}, sequence=3,
        created="2026-09-01T08:00:00.000Z", updated="2026-09-02T08:00:00.987Z", status="confirmed",
        location="Room", hangoutLink="https://meet.google.com/x", reminders={"useDefault": True},
    ) == MeetingObserved(
        source="google:me", where="google:me/c/e1", uid="u@google.com", calendar="Product",
        start="2026-09-22T10:00:00", zone="Europe/Berlin", seconds=3600, title="Plan B", status="confirmed",
        organizer=Mailbox("ana@y.org", "Ana"), sequence=3, created_ms=1_788_249_600_000, modified_ms=1_788_336_000_000,
        attendees=(
            Attendee("me@x.org", "", "accepted"), Attendee("ana@y.org", "Ana", "needs-action"),
            Attendee("c_1@resource.calendar.google.com", "", "accepted", "room"),
            Attendee("beamer@y.org", "", "", "resource"), Attendee("", "Somebody", "tentative"),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ({"date": "2026-10-01"}, {"date": "2026-10-02"}, ("2026-10-01", "", 0, 1)),
        ({"date": "2026-10-01"}, {"date": "2026-10-04"}, ("2026-10-01", "", 0, 3)),
        ({"date": "2026-10-01"}, {"date": "2026-10-01"}, ("2026-10-01", "", 0, 1)),  # exclusive, and yet the same
        (  # no zone: the instant is what counts
            {"dateTime": "2026-09-22T10:00:00+02:00"}, {"dateTime": "2026-09-22T10:30:00+02:00"},
            ("2026-09-22T08:00:00", "UTC", 1800, 0),
        ),
        (  # a wall in a zone
            {"dateTime": "2026-09-22T10:00:00", "timeZone": "Europe/Berlin"}, {"dateTime": "2026-09-22T09:00:00Z"},
            ("2026-09-22T10:00:00", "Europe/Berlin", 3600, 0),
        ),
        (  # the zone is another than that of the offset
            {"dateTime": "2026-09-22T10:00:00+02:00", "timeZone": "America/New_York"},
            {"dateTime": "2026-09-22T11:00:00+02:00", "timeZone": "Europe/Berlin"},
            ("2026-09-22T04:00:00", "America/New_York", 3600, 0),
        ),
        (  # from one zone to another, over the ocean
            {"dateTime": "2026-09-22T10:00:00+02:00", "timeZone": "Europe/Berlin"},
            {"dateTime": "2026-09-22T12:00:00-04:00", "timeZone": "America/New_York"},
            ("2026-09-22T10:00:00", "Europe/Berlin", 8 * 3600, 0),
        ),
        (  # the hour that happens twice, the second time
            {"dateTime": "2026-10-25T02:30:00+01:00", "timeZone": "Europe/Berlin"},
            {"dateTime": "2026-10-25T03:00:00+01:00", "timeZone": "Europe/Berlin"},
            ("2026-10-25T01:30:00", "UTC", 1800, 0),
        ),
        (  # and the first time
            {"dateTime": "2026-10-25T02:30:00+02:00", "timeZone": "Europe/Berlin"},
            {"dateTime": "2026-10-25T03:00:00+01:00", "timeZone": "Europe/Berlin"},
            ("2026-10-25T02:30:00", "Europe/Berlin", 5400, 0),
        ),
        (
            {"dateTime": "2026-09-22T10:00:00+05:30", "timeZone": "GMT+05:30"}, {"dateTime": "2026-09-22T04:45:00Z"},
            ("2026-09-22T10:00:00", "custom", 900, 0),
        ),
        (
            {"dateTime": "2026-09-22T10:00:00+02:00", "timeZone": "Nowhere/Land"},
            {"dateTime": "2026-09-22T10:15:00+02:00"}, ("2026-09-22T08:00:00", "UTC", 900, 0),
        ),
        ({"dateTime": "2026-09-22T10:00:00Z"}, {"dateTime": "2026-09-22T09:00:00Z"},
         ("2026-09-22T10:00:00", "UTC", 0, 0)),  # it ends before it begins
        ({"dateTime": "2026-09-22T10:00:00Z"}, {}, ("2026-09-22T10:00:00", "UTC", 0, 0)),
    ],
)  # fmt: skip
def test_times(start: dict[str, str], end: dict[str, str], expected: tuple[str, str, int, int]) -> None:
    found = said(start=start, end=end)
    assert (found.start, found.zone, found.seconds, found.days) == expected


def test_an_end_that_nobody_gave_is_no_length() -> None:
    assert said(endTimeUnspecified=True).seconds == 0
    assert said(start={"date": "2026-10-01"}, end={"date": "2026-10-02"}, endTimeUnspecified=True).days == 1


def test_a_series_is_on_the_wall_of_its_zone_and_of_its_calendar_where_it_names_none() -> None:
    lines = [
        "RRULE:FREQ=WEEKLY;UNTIL=20261018T220000Z", "EXDATE;TZID=Europe/Berlin:20260929T100000,20261006T100000",
        "RDATE:20261007T080000Z", "EXRULE:FREQ=MONTHLY", "DTSTART:20200101T000000Z", "no line at all",
    ]  # fmt: skip
    found = said(recurrence=lines)
    assert found.rules == ("FREQ=WEEKLY;UNTIL=20261018T220000Z",)
    assert found.skipped == ("2026-09-29T10:00:00", "2026-10-06T10:00:00")
    assert (found.extra, found.skip_rules) == (("2026-10-07T08:00:00Z",), ("FREQ=MONTHLY",))
    bare = {"start": {"dateTime": "2026-09-22T10:00:00+02:00"}, "end": {"dateTime": "2026-09-22T11:00:00+02:00"}}
    assert said(recurrence=lines[:1], **bare).zone == "Europe/Berlin"
    days = said(
        recurrence=["RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20271001"], start={"date": "2026-10-01"},
        end={"date": "2026-10-02"},
    )  # fmt: skip
    assert (days.rules, days.skipped, days.zone) == (("FREQ=YEARLY",), ("2027-10-01",), "")


def test_an_instance_is_known_by_where_the_series_had_it() -> None:
    original = {"dateTime": "2026-09-29T10:00:00+02:00", "timeZone": "Europe/Berlin"}
    found = said(recurringEventId="m1", originalStartTime=original)
    assert (found.instance, found.instance_zone) == ("2026-09-29T10:00:00", "Europe/Berlin")
    found = said(recurringEventId="m1", originalStartTime={"date": "2026-09-29"})
    assert (found.instance, found.instance_zone) == ("2026-09-29", "")
    tombstone = Entry("e2", recurring_event_id="m1", original_start_time=Point(date_time=original["dateTime"]))
    told = cancelled(tombstone, AROUND, "w", uid="u", sequence=2, modified_ms=5)
    assert (told.instance, told.instance_zone, told.status) == ("2026-09-29T08:00:00", "UTC", "cancelled")
    assert (told.uid, told.sequence, told.modified_ms, told.start) == ("u", 2, 5, "")


@pytest.mark.parametrize(
    ("event_type", "kind"),
    [("focusTime", "focus"), ("outOfOffice", "out_of_office"), ("workingLocation", "working_location"),
     ("birthday", "birthday"), ("fromGmail", "from_mail"), ("default", ""), ("somethingNew", ""), ("", "")],
)  # fmt: skip
def test_kinds(event_type: str, kind: str) -> None:
    assert said(eventType=event_type).kind == kind


def test_how_it_is_shown() -> None:
    assert said(transparency="transparent").busy == "free"
    assert said(transparency="opaque").busy == ""
    assert [said(visibility=one).private for one in ("private", "confidential", "public", "default")] == [
        True, True, False, False,
    ]  # fmt: skip
    assert [said(status=one).status for one in ("confirmed", "tentative", "whatever")] == ["confirmed", "tentative", ""]


def test_guests_that_are_kept_back_are_said_to_be() -> None:
    me, ana = {"email": "me@x.org", "self": True}, {"email": "ana@y.org"}
    assert said(attendees=[me], attendeesOmitted=True).hidden
    assert said(attendees=[me], guestsCanSeeOtherGuests=False, organizer=ana).hidden
    assert not said(attendees=[me, ana], guestsCanSeeOtherGuests=False, organizer=me).hidden
    assert not said(attendees=[me, ana], guestsCanSeeOtherGuests=True, organizer=ana).hidden


def test_calendars_and_rooms_are_nobody() -> None:
    assert said(organizer={"email": "x@group.calendar.google.com", "displayName": "Team"}).organizer is None
    assert said(organizer={"email": "c_1@resource.calendar.google.com"}).organizer is None
    assert said(organizer={"displayName": "Ana"}).organizer == Mailbox("", "Ana")


def test_of_the_description_nothing_is_kept_but_whether_it_was_booked() -> None:
    found = said(description="<b>Booked by</b> Ana, secret words")
    assert found.booked
    assert "secret" not in repr(found)
    assert not said(description="Agenda: budget").booked


def test_the_uid_is_in_one_spelling() -> None:
    assert said(iCalUID="AbC@Mail.Example.COM").uid == "AbC@mail.example.com"
    assert said(iCalUID="abc_R20260921T080000@google.com").uid == "abc_R20260921T080000@google.com"
    assert said(iCalUID="").uid.startswith("no-uid:")
    assert said(iCalUID="").uid == said(iCalUID="", summary="another title").uid


@pytest.mark.parametrize("text", ["", "0000-12-31T00:00:00.000Z", "1900-01-01T12:00:00.000Z", "yesterday"])
def test_instants_before_there_were_any_are_unknown(text: str) -> None:
    assert said(created=text).created_ms is None


@pytest.mark.parametrize(
    "fields",
    [{"start": None}, {"start": {}}, {"start": {"dateTime": "soon"}}, {"start": {"date": "2026-02-30"}},
     {"summary": 5}, {"attendees": "nobody"}, {"recurrence": [1]}, {"start": {"dateTime": "0001-01-01T00:00:00Z"}}],
)  # fmt: skip
def test_what_makes_no_sense_is_malformed(fields: dict[str, Any]) -> None:
    with pytest.raises(ItemMalformed):
        said(**fields)
