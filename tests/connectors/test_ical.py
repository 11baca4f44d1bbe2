"""One VEVENT to what we observe of it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.content_lines import Component, ContentLine
from connectors.errors import ItemMalformed
from connectors.ical import Calendar, meeting_event, observed
from connectors.ical_hints import is_booked
from events.vocabulary import Attendee, Mailbox, MeetingObserved

START = "DTSTART;TZID=Europe/Berlin:20260901T100000"


def entry(*lines: str, calendar: Calendar | None = None) -> MeetingObserved:
    raw = ["BEGIN:VEVENT", "UID:u", *lines, "END:VEVENT"]
    component = Component("VEVENT", 1, [line.encode() for line in raw])
    around = calendar or Calendar("Work")
    around.complete = True
    return observed(component, around, source="files:test", where="a.ics:1")


def test_a_whole_entry() -> None:
    assert entry(
        START, "DTEND;TZID=Europe/Berlin:20260901T113000", r"SUMMARY:Launch\, part 2\nagain", "STATUS:CONFIRMED",
        "CLASS:PRIVATE", "CATEGORIES:v2,Launch", "CATEGORIES:v2", "SEQUENCE:3", "LAST-MODIFIED:20260801T000000Z",
        "CREATED:20260701T000000Z", "RRULE:FREQ=WEEKLY", "RRULE:FREQ=WEEKLY",
        "EXDATE;TZID=Europe/Berlin:20260908T100000",
        'ORGANIZER;CN="Ruiz, Ana":MAILTO:Ana@X.org', "ATTENDEE;PARTSTAT=ACCEPTED;CN=bo@x.org:mailto:bo@x.org",
        "BEGIN:VALARM", "SUMMARY:alarm", "DTSTART:20200101T000000Z", "END:VALARM",
    ) == MeetingObserved(
        source="files:test", where="a.ics:1", uid="u", calendar="Work", start="2026-09-01T10:00:00",
        zone="Europe/Berlin", seconds=5400, rules=("FREQ=WEEKLY",), skipped=("2026-09-08T10:00:00",),
        title="Launch, part 2 again",
        status="confirmed", private=True, organizer=Mailbox("ana@x.org", "Ruiz, Ana"),
        attendees=(Attendee("bo@x.org", "", "accepted"),), labels=("v2", "Launch"), sequence=3,
        modified_ms=1785542400000, created_ms=1782864000000,
    )  # fmt: skip


@pytest.mark.parametrize("start", ["99991231T235959Z", "00010101T000000Z", "9999-12-31"])
def test_a_start_at_the_end_of_the_calendar_is_a_slip(start: str) -> None:
    with pytest.raises(ItemMalformed, match="is no date"):
        entry(f"DTSTART:{start}", "DURATION:P9W")


@pytest.mark.parametrize(
    ("lines", "length"),
    [
        ([START, "DTEND;TZID=Europe/London:20260901T100000"], (3600, 0)),
        ([START, "DURATION:PT1H30M"], (5400, 0)),
        ([START], (0, 0)),
        ([START, "DTEND;TZID=Europe/Berlin:20260901T090000"], (0, 0)),
        ([START, "DTEND:nonsense", "DURATION:P1W"], (7 * 86400, 0)),
        ([START, "DURATION:P99999999999999"], (0, 0)),
        (["DTSTART:10000101T000000Z", "DTEND:97001231T000000Z"], (36_500 * 86400, 0)),
        ([START, "DTEND:99991231T235959Z"], (0, 0)),
        ([START, "DURATION:-PT1H"], (0, 0)),
        (["DTSTART;TZID=Europe/Berlin:20261024T220000", "DTEND;TZID=Europe/Berlin:20261025T060000"], (9 * 3600, 0)),
        (["DTSTART;TZID=Europe/Berlin:20261024T220000", "DURATION:P1D"], (25 * 3600, 0)),
        (["DTSTART:20260901T220000", "DTEND;VALUE=DATE:20260902"], (7200, 0)),
        (["DTSTART;VALUE=DATE:20260901"], (0, 1)),
        (["DTSTART;VALUE=DATE:20260901", "DTEND;VALUE=DATE:20260901"], (0, 1)),
        (["DTSTART;VALUE=DATE:20260901", "DTEND;VALUE=DATE:20260903"], (0, 2)),
        (["DTSTART;VALUE=DATE:20260901", "DURATION:P3D"], (0, 3)),
        (["DTSTART:20260901", "DTEND:20260902T120000"], (0, 2)),
        (["DTSTART:20260901T000000", "DTEND:20260902T000000", "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE"], (0, 1)),
    ],
)
def test_lengths(lines: list[str], length: tuple[int, int]) -> None:
    meeting = entry(*lines)
    assert (meeting.seconds, meeting.days) == length
    assert ("T" in meeting.start) == (meeting.days == 0)


@pytest.mark.parametrize(
    ("value", "start", "zone"),
    [
        ("DTSTART:20260901T100000Z", "2026-09-01T10:00:00", "UTC"),
        ("DTSTART;TZID=Europe/Berlin:20260901T100000Z", "2026-09-01T10:00:00", "UTC"),
        ("DTSTART:20260901T100000", "2026-09-01T10:00:00", ""),
        ("DTSTART:20260901T1000", "2026-09-01T10:00:00", ""),
        ("DTSTART:2026-09-01T10:00:00+02:00", "2026-09-01T08:00:00", "UTC"),
        ("DTSTART:20260901T240000", "2026-09-02T00:00:00", ""),
        ("DTSTART;TZID=Nowhere:20260901T100000", "2026-09-01T10:00:00", ""),
        ("DTSTART;TZID=UTC+2:20260901T100000", "2026-09-01T10:00:00", "custom"),
    ],
)
def test_starts(value: str, start: str, zone: str) -> None:
    meeting = entry(value)
    assert (meeting.start, meeting.zone) == (start, zone)


def test_google_means_floating_times_by_x_wr_timezone() -> None:
    calendar = Calendar()
    for name, value in (("X-WR-TIMEZONE", "Europe/Paris"), ("X-WR-CALNAME", "Product"), ("METHOD", "PUBLISH")):
        calendar.take(ContentLine(name, {}, value))
    meeting = entry("DTSTART:20260901T100000", calendar=calendar)
    assert (meeting.zone, meeting.calendar, meeting.method) == ("Europe/Paris", "Product", "publish")
    assert entry("DTSTART:20260901T100000Z", calendar=calendar).zone == "UTC"


@pytest.mark.parametrize("line", ["SUMMARY:x", "DTSTART:INVALID", "DTSTART:20261399", "DTSTART:20260230T1000"])
def test_without_a_start_there_is_nothing(line: str) -> None:
    with pytest.raises(ItemMalformed, match="DTSTART"):
        entry(line)


def test_lists_of_dates() -> None:
    meeting = entry(
        START, "RDATE;TZID=Europe/Berlin:20260902T100000,junk,20260903T100000", "RDATE:20260904T080000Z",
        "RDATE;VALUE=PERIOD;TZID=Europe/Berlin:20260905T100000/PT2H,20260906T080000Z/20260906T090000Z",
        "RDATE;VALUE=DATE:20260907", "EXDATE;TZID=America/New_York:20260902T040000", "EXDATE:20260903T100000",
    )  # fmt: skip
    assert meeting.extra == (
        "2026-09-02T10:00:00", "2026-09-03T10:00:00", "2026-09-04T08:00:00Z", "2026-09-05T10:00:00/2026-09-05T12:00:00",
        "2026-09-06T08:00:00Z/2026-09-06T09:00:00Z", "2026-09-07",
    )  # fmt: skip
    assert meeting.skipped == ("2026-09-02T08:00:00Z", "2026-09-03T10:00:00")


def test_changed_instances() -> None:
    moved = entry(START, "RECURRENCE-ID;TZID=Europe/Berlin;RANGE=THISANDFUTURE:20260908T100000")
    assert (moved.instance, moved.instance_zone) == ("2026-09-08T10:00:00", "Europe/Berlin")
    assert moved.this_and_future
    assert entry(START, "RECURRENCE-ID;VALUE=DATE:20260908").instance == "2026-09-08"
    assert entry("RECURRENCE-ID:20260908T080000Z", "STATUS:CANCELLED").start == "2026-09-08T08:00:00"


def test_cancellations() -> None:
    calendar = Calendar()
    calendar.method = "cancel"
    assert entry(START, calendar=calendar).status == "cancelled"
    assert entry("STATUS:CANCELLED") == MeetingObserved(
        source="files:test", where="a.ics:1", uid="u", calendar="Work", status="cancelled"
    )


@pytest.mark.parametrize(
    ("lines", "busy"),
    [
        (["TRANSP:TRANSPARENT"], "free"),
        (["TRANSP:OPAQUE"], ""),
        (["X-MICROSOFT-CDO-BUSYSTATUS:OOF"], "oof"),
        (["X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE", "TRANSP:TRANSPARENT"], "elsewhere"),
        (["X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE", "X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY"], "tentative"),
        (["X-MICROSOFT-CDO-INTENDEDSTATUS:FREE"], "free"),
    ],
)
def test_show_as(lines: list[str], busy: str) -> None:
    assert entry(START, *lines).busy == busy


@pytest.mark.parametrize(
    ("line", "guest"),
    [
        ("ATTENDEE;CUTYPE=ROOM:mailto:room@x.org", Attendee("room@x.org", "", "", "room")),
        ("ATTENDEE:mailto:c_1@resource.calendar.google.com", Attendee("c_1@resource.calendar.google.com", kind="room")),
        ("ATTENDEE:mailto:c@group.calendar.google.com", Attendee("c@group.calendar.google.com", kind="resource")),
        ("ATTENDEE;CN=Bo;EMAIL=bo@x.org:urn:uuid:1", Attendee("bo@x.org", "Bo")),
        ("ATTENDEE;PARTSTAT=Declined;CN=Bo:bo@x.org", Attendee("bo@x.org", "Bo", "declined")),
        ("ATTENDEE;CN=Bo Only:invalid:nomail", Attendee("", "Bo Only")),
        ("ATTENDEE:mailto:bo%2Bx@x.org", Attendee("bo+x@x.org")),
    ],
)
def test_guests(line: str, guest: Attendee) -> None:
    assert entry(START, line).attendees == (guest,)


def test_a_guest_twice_is_one_with_the_answer() -> None:
    meeting = entry(START, "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:a@x.org", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:A@x.org")
    assert meeting.attendees == (Attendee("a@x.org", "", "accepted"),)


def test_a_calendar_organises_nothing() -> None:
    assert entry(START, "ORGANIZER;CN=Team:mailto:abc@group.calendar.google.com").organizer is None
    assert entry(START, "ORGANIZER;CN=Stacey White:invalid:nomail").organizer == Mailbox("", "Stacey White")


def test_a_million_guests_are_bounded() -> None:
    meeting = entry(START, *(f"ATTENDEE:mailto:p{i}@x.org" for i in range(3000)))
    assert len(meeting.attendees) == 2000
    assert meeting.hidden


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (["SUMMARY:Focus time"], "focus"),
        (["SUMMARY:Focus time", "ATTENDEE:mailto:bo@x.org"], ""),
        (["SUMMARY:Out of office"], "out_of_office"),
        (["SUMMARY:x", "X-GOOGLE-EVENT-TYPE:focusTime", "ATTENDEE:mailto:bo@x.org"], "focus"),
        (["SUMMARY:WFH"], "working_location"),
        (["SUMMARY:Focus on the launch"], ""),
    ],
)
def test_kinds(lines: list[str], kind: str) -> None:
    assert entry(START, *lines).kind == kind


def test_birthdays_are_days() -> None:
    for line in ("SUMMARY:Ana’s birthday", "CATEGORIES:Birthday"):
        assert entry("DTSTART;VALUE=DATE:20260901", line).kind == "birthday"
        assert entry(START, line).kind == ""


def test_bookings() -> None:
    assert entry(START, "DESCRIPTION:Cancel: https://calendly.com/cancellations/AB").booked
    assert not entry(START, "DESCRIPTION:Ana\\nbook me: https://calendly.com/ana").booked
    assert is_booked("<b>Booked by</b> Bo")


def test_an_entry_without_uid_is_known_again_by_what_it_says() -> None:
    raws = ([b"BEGIN:VEVENT", START.encode(), b"SUMMARY:" + title, b"END:VEVENT"] for title in (b"a", b"a", b"b"))
    components = (Component("VEVENT", 1, raw) for raw in raws)
    one, same, other = (observed(raw, Calendar(), source="s", where="w").uid for raw in components)
    assert one.startswith("no-uid:")
    assert one == same != other


def test_the_same_entry_elsewhere_is_the_same_event() -> None:
    meeting = entry(START, "CREATED:20260701T000000Z")
    copy = msgspec.structs.replace(meeting, source="files:other", where="b.ics:9", calendar="b")
    assert meeting_event(meeting, named=False)[:3] == meeting_event(copy, named=False)[:3]
    assert meeting_event(meeting).revision != meeting_event(copy).revision
    assert meeting_event(meeting).happened_ms == meeting.created_ms
    assert meeting_event(entry(START)).happened_ms == 1788249600000


NAMES = st.sampled_from(["DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "SEQUENCE", "ATTENDEE"])
PARAMS = st.sampled_from(["", ";VALUE=DATE", ";TZID=Europe/Berlin", ";TZID=?"])
VALUES = st.one_of(st.text(max_size=20), st.text(alphabet="0123456789TZPDHW/,-+:;", max_size=24))


@given(st.lists(st.tuples(NAMES, PARAMS, VALUES), max_size=6))
def test_any_entry_is_read_or_malformed(lines: list[tuple[str, str, str]]) -> None:
    texts = ["".join(line[:2]) + ":" + line[2].replace("\n", "").replace("\r", "") for line in lines]
    try:
        meeting = entry(START, *texts)
    except ItemMalformed as error:
        assert "correct it" in str(error)  # noqa: PT017  either is right
    else:
        assert meeting.seconds >= 0
        assert meeting.days >= 0
        meeting_event(meeting)
