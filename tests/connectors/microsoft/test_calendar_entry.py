"""One entry of Outlook's calendar, field by field."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.errors import ItemMalformed
from connectors.microsoft.calendar_entry import (
    Around,
    Instance,
    alone,
    entry_in,
    instant_ms,
    observed,
    start_of,
    zone_of,
)
from connectors.microsoft.calendar_series import Shown
from connectors.microsoft.calendar_series import said as series_said
from connectors.uids import instance_day, meeting_uid
from connectors.zones import Zone
from events.vocabulary import Attendee, Mailbox, MeetingObserved

AROUND = Around("Work", "microsoft:me", ("me@x.org", "alias@x.org"))
HOUR = {
    "start": {"dateTime": "2026-09-22T08:00:00.0000000", "timeZone": "UTC"},
    "end": {"dateTime": "2026-09-22T09:00:00.0000000", "timeZone": "UTC"},
    "originalStartTimeZone": "W. Europe Standard Time",
}
NEVER = "0001-01-01T00:00:00Z"


def person(address: str | None, name: str | None = None) -> dict[str, Any]:
    return {"emailAddress": {"address": address, "name": name}}


def guest(address: str | None, response: str = "none", kind: str = "required", name: str = "") -> dict[str, Any]:
    return {"type": kind, "status": {"response": response, "time": NEVER}, **person(address, name)}


def said(**fields: Any) -> MeetingObserved:
    return observed(entry_in({"id": "e1", "uid": "u@x.org", **HOUR, **fields}), AROUND, "w")


def test_the_usual_entry() -> None:
    people = [
        guest("Me@X.org"), guest("ana@y.org", "tentativelyAccepted", name="Ana"),
        guest("room@y.org", "accepted", "resource"),
        guest("/O=EXCHANGELABS/OU=X/CN=RECIPIENTS/CN=1", "declined", name="Bob"), guest(None, name="Eve"),
    ]  # fmt: skip
    assert said(
        subject="Plan\tB", attendees=people, organizer=person("ana@y.org", "Ana"), showAs="busy",
        categories=["Q4", None],
        responseStatus={"response": "accepted", "time": NEVER}, isOnlineMeeting=True, importance="high", location=None,
        createdDateTime="2026-09-01T08:00:00.1234567Z", lastModifiedDateTime="2026-09-02T08:00:00.9876543Z",
        hideAttendees=None, recurrence=None, seriesMasterId=None,
    ) == MeetingObserved(
        source="microsoft:me", where="w", uid="u@x.org", calendar="Work", start="2026-09-22T10:00:00",
        zone="Europe/Berlin", seconds=3600, title="Plan B", organizer=Mailbox("ana@y.org", "Ana"), labels=("Q4",),
        created_ms=1_788_249_600_000, modified_ms=1_788_336_000_000,
        attendees=(
            Attendee("me@x.org", "", "accepted"), Attendee("ana@y.org", "Ana", "tentative"),
            Attendee("room@y.org", "", "accepted", "room"), Attendee("", "Bob", "declined"),
            Attendee("", "Eve", "needs-action"),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "start", "expected"),
    [
        ("Eastern Standard Time", "2026-09-22T08:00:00.0000000", ("2026-09-22T04:00:00", "America/New_York")),
        ("Europe/Berlin", "2026-09-22T08:00:00.0000000", ("2026-09-22T10:00:00", "Europe/Berlin")),
        ("UTC", "2026-09-22T08:00:00.0000000", ("2026-09-22T08:00:00", "UTC")),
        ("tzone://Microsoft/Utc", "2026-09-22T08:00:00", ("2026-09-22T08:00:00", "UTC")),
        ("tzone://Microsoft/Custom", "2026-09-22T08:00:00", ("2026-09-22T08:00:00", "UTC")),
        ("", "2026-09-22T08:00:00", ("2026-09-22T08:00:00", "UTC")),
        ("W. Europe Standard Time", "2026-10-25T00:30:00", ("2026-10-25T02:30:00", "Europe/Berlin")),
        ("W. Europe Standard Time", "2026-10-25T01:30:00", ("2026-10-25T01:30:00", "UTC")),  # the second time
    ],
)
def test_zones(name: str, start: str, expected: tuple[str, str]) -> None:
    found = said(start={"dateTime": start, "timeZone": "UTC"}, originalStartTimeZone=name)
    assert (found.start, found.zone) == expected


def test_a_server_that_does_not_care_what_zone_is_preferred() -> None:
    wall = {"dateTime": "2026-09-22T10:00:00.0000000", "timeZone": "W. Europe Standard Time"}
    end = {"dateTime": "2026-09-22T10:30:00.0000000", "timeZone": "W. Europe Standard Time"}
    found = said(start=wall, end=end)
    assert (found.start, found.zone, found.seconds) == ("2026-09-22T10:00:00", "Europe/Berlin", 1800)


@pytest.mark.parametrize("name", ["W. Europe Standard Time", "Eastern Standard Time", "New Zealand Standard Time"])
def test_all_day_is_from_midnight_to_midnight_wherever(name: str) -> None:
    days = {
        "start": {"dateTime": "2026-09-22T00:00:00.0000000", "timeZone": "UTC"},
        "end": {"dateTime": "2026-09-24T00:00:00.0000000", "timeZone": "UTC"},
    }
    found = said(isAllDay=True, originalStartTimeZone=name, **days)
    assert (found.start, found.zone, found.days, found.seconds) == ("2026-09-22", "", 2, 0)


@pytest.mark.parametrize(
    ("shown", "busy"),
    [("free", "free"), ("tentative", "tentative"), ("busy", ""), ("oof", "oof"), ("workingElsewhere", "elsewhere"),
     ("unknown", ""), (None, "")],
)  # fmt: skip
def test_how_it_is_shown(shown: str | None, busy: str) -> None:
    assert said(showAs=shown).busy == busy


def test_private_and_cancelled() -> None:
    assert [said(sensitivity=one).private for one in ("normal", "personal", "private", "confidential")] == [
        False, True, True, True,
    ]  # fmt: skip
    assert [said(isCancelled=one).status for one in (True, False, None)] == ["cancelled", "", ""]


@pytest.mark.parametrize(
    ("response", "answer"),
    [("accepted", "accepted"), ("tentativelyAccepted", "tentative"), ("declined", "declined"),
     ("notResponded", "needs-action"), ("none", "accepted")],
)  # fmt: skip
def test_of_my_answers_that_beside_the_list_counts(response: str, answer: str) -> None:
    mine = guest("alias@x.org", "accepted")
    found = said(attendees=[mine, guest("ana@y.org")], responseStatus={"response": response, "time": NEVER})
    assert [one.answer for one in found.attendees] == [answer, "needs-action"]


def test_invited_by_a_list_i_am_a_guest_by_my_main_address() -> None:
    found = said(attendees=[guest("all@x.org")], responseStatus={"response": "declined"}, organizer=person("ana@y.org"))
    assert found.attendees == (Attendee("all@x.org", "", "needs-action"), Attendee("me@x.org", "", "declined"))
    own = said(attendees=[guest("all@x.org")], responseStatus={"response": "accepted"}, isOrganizer=True)
    assert len(own.attendees) == 1


def test_guests_are_hidden_from_guests_alone() -> None:
    assert said(attendees=[guest("me@x.org")], hideAttendees=True).hidden
    assert not said(attendees=[guest("me@x.org")], hideAttendees=True, isOrganizer=True).hidden


def test_a_body_only_tells_whether_it_was_booked() -> None:
    found = said(body={"contentType": "html", "content": "<b>Booked by</b> Ana, secret words"})
    assert found.booked
    assert "secret" not in repr(found)


def test_the_year_one_is_no_time() -> None:
    assert [instant_ms(text) for text in (NEVER, "", "soon")] == [None, None, None]
    assert said(createdDateTime=NEVER, lastModifiedDateTime=NEVER).modified_ms is None


@pytest.mark.parametrize("start", [{"dateTime": "soon"}, {}, {"dateTime": "0001-01-01T00:00:00.0000000"}])
def test_without_a_start_it_is_malformed(start: dict[str, str]) -> None:
    with pytest.raises(ItemMalformed, match="look at it in Outlook"):
        said(start=start)
    with pytest.raises(ItemMalformed, match="not understood"):
        entry_in({"id": 5})


class TestUids:
    OWN = "040000008200E00074C5B7101A82E008" + "00000000" + "B0A1C2D3E4F5D601" + "00" * 8 + "10000000" + "AB" * 16

    def test_of_another_system_within_outlooks(self) -> None:
        data = b"vCal-Uid\1\0\0\0" + b"abc@Google.com" + b"\0"
        uid = "040000008200E00074C5B7101A82E008" + (bytes(20) + len(data).to_bytes(4, "little") + data).hex()
        assert said(uid=None, iCalUId=uid).uid == "abc@google.com"

    def test_that_of_an_instance_is_that_of_its_series(self) -> None:
        dated = self.OWN[:32] + "07EA0916" + self.OWN[40:]
        assert said(uid=None, iCalUId=dated).uid == said(uid=self.OWN.lower()).uid == meeting_uid(self.OWN)
        assert (instance_day(dated), instance_day(self.OWN), instance_day("x@y")) == ("2026-09-22", "", "")

    def test_none_at_all(self) -> None:
        assert said(uid=None, iCalUId=None).uid.startswith("no-uid:")

    def test_an_instance_by_itself(self) -> None:
        dated = self.OWN[:32] + "07EA0916" + self.OWN[40:]
        found = alone(entry_in({"id": "e1", "iCalUId": dated, **HOUR}))
        assert found is not None
        assert (found.original.text, found.original.zone.name) == ("2026-09-22T10:00:00", "Europe/Berlin")
        assert alone(entry_in({"id": "e1", "iCalUId": self.OWN, **HOUR})) is None


def of_series(kind: str, **fields: Any) -> dict[str, Any]:
    return {"id": f"{kind}1", "type": kind, "seriesMasterId": "e1", **HOUR, **fields}


WEEKLY = {
    "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"], "firstDayOfWeek": "sunday"},
    "range": {
        "type": "noEnd", "startDate": "2026-09-22", "endDate": "0001-01-01", "numberOfOccurrences": 0,
        "recurrenceTimeZone": "W. Europe Standard Time",
    },
}  # fmt: skip


class TestInstances:
    def shown(self, *instances: dict[str, Any], **master: Any) -> list[MeetingObserved]:
        whole = {"id": "e1", "type": "seriesMaster", "uid": "u@x.org", **HOUR, "recurrence": WEEKLY, **master}
        until = datetime(2026, 10, 1, tzinfo=UTC)
        return series_said(Shown(entry_in(whole), [entry_in(one) for one in instances], until), AROUND, "w")

    def test_what_outlook_does_not_show_is_skipped(self) -> None:
        (whole,) = self.shown(of_series("occurrence"))
        assert (whole.rules, whole.skipped) == (("FREQ=WEEKLY;BYDAY=TU;WKST=SU",), ("2026-09-29T10:00:00",))
        assert self.shown()[0].skipped == ("2026-09-22T10:00:00", "2026-09-29T10:00:00")

    def test_what_the_rule_does_not_give_is_added(self) -> None:
        extra = {"start": {"dateTime": "2026-09-24T08:00:00"}, "end": {"dateTime": "2026-09-24T09:00:00"}}
        whole = self.shown(of_series("occurrence"), of_series("occurrence", id="o2", **extra))[0]
        assert whole.extra == ("2026-09-24T10:00:00",)

    def test_one_that_lasts_longer_than_the_series(self) -> None:
        """As over the change of the clocks."""
        whole = self.shown(of_series("occurrence", end={"dateTime": "2026-09-22T10:00:00"}))[0]
        assert whole.extra == ("2026-09-22T08:00:00Z/2026-09-22T10:00:00Z",)
        assert whole.skipped == ("2026-09-29T10:00:00",)

    @pytest.mark.parametrize(
        "which",
        [{"originalStart": "2026-09-29T08:00:00Z"}, {"occurrenceId": "OID.AAMk.2026-09-29", "originalStart": None}],
    )
    def test_a_changed_one_by_where_the_series_had_it(self, which: dict[str, Any]) -> None:
        moved = {"start": {"dateTime": "2026-09-30T12:00:00"}, "end": {"dateTime": "2026-09-30T13:00:00"}}
        whole, changed = self.shown(of_series("occurrence"), of_series("exception", uid="other", **moved, **which))
        assert (whole.skipped, changed.uid) == ((), "u@x.org")
        assert (changed.instance, changed.instance_zone) == ("2026-09-29T10:00:00", "Europe/Berlin")
        assert changed.start == "2026-09-30T14:00:00"

    def test_a_changed_one_that_does_not_say_which_is_the_nearest_that_is_not_there(self) -> None:
        moved = {"start": {"dateTime": "2026-09-30T12:00:00"}, "end": {"dateTime": "2026-09-30T13:00:00"}}
        nothing: dict[str, Any] = {"originalStart": None, "occurrenceId": None}
        whole, changed = self.shown(of_series("occurrence"), of_series("exception", id="x2", **nothing, **moved))
        assert (whole.skipped, changed.instance, changed.start) == ((), "2026-09-29T10:00:00", "2026-09-30T14:00:00")
        both = (of_series("exception", id=f"x{number}", **nothing, **moved) for number in range(2))
        whole, *changes = self.shown(*both)
        assert (whole.skipped, [one.instance[:10] for one in changes]) == ((), ["2026-09-29", "2026-09-22"])
        with pytest.raises(ItemMalformed, match="does not say which it is"):
            self.shown(*(of_series("exception", id=f"x{number}", **nothing, **moved) for number in range(3)))

    def test_a_pattern_that_nobody_knows_leaves_the_dates(self) -> None:
        pattern = {"pattern": {"type": "lunar", "interval": 1}, "range": {"type": "noEnd"}}
        later = {"start": {"dateTime": "2026-09-28T08:00:00"}, "end": {"dateTime": "2026-09-28T09:00:00"}}
        whole = self.shown(of_series("occurrence"), of_series("occurrence", id="o2", **later), recurrence=pattern)[0]
        assert (whole.rules, whole.extra) == ((), ("2026-09-28T10:00:00",))

    def test_an_all_day_one_told_by_midnight_somewhere(self) -> None:
        day = {
            "isAllDay": True, "start": {"dateTime": "2026-09-22T00:00:00"}, "end": {"dateTime": "2026-09-23T00:00:00"},
        }  # fmt: skip
        for told in ("2026-09-29T00:00:00Z", "2026-09-28T22:00:00Z"):
            found = self.shown(of_series("occurrence", **day), of_series("exception", originalStart=told, **day), **day)
            assert [(one.instance, one.skipped) for one in found] == [("", ()), ("2026-09-29", ())]

    def test_an_instance_is_on_the_wall_of_its_series(self) -> None:
        entry = entry_in(of_series("exception", originalStartTimeZone="Eastern Standard Time"))
        berlin = start_of(entry_in({"id": "e1", **HOUR}), Zone("Europe/Berlin"))
        assert observed(entry, AROUND, "w", Instance(berlin, "u")).zone == "Europe/Berlin"
        assert zone_of(entry) == Zone("America/New_York")
