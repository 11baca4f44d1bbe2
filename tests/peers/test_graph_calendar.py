"""The rules of the fake's calendars: frozen windows, thin occurrences, tombstones that lie, ids of meetings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.peers.graph import Graph, at, attendee, serving
from tests.peers.graph.asking import Asker
from tests.peers.graph.diary import CUSTOM
from tests.peers.graph.recurrence import daily, monthly, weekly

DELTA = "/me/calendarView/delta"
AUTUMN = {"startDateTime": "2026-09-01T00:00:00Z", "endDateTime": "2026-11-01T00:00:00Z"}


@pytest.fixture
def graph() -> Iterator[Graph]:
    with serving() as made:
        yield made


@pytest.fixture
def asker(graph: Graph) -> Asker:
    return Asker(graph)


def told(rows: list[dict[str, Any]]) -> list[str]:
    return [row["@removed"]["reason"] if "@removed" in row else str(row["type"]) for row in rows]


def starts(rows: list[dict[str, Any]]) -> list[str]:
    return [row["start"]["dateTime"][:16] for row in rows if "start" in row]


@pytest.mark.parametrize("spelling", [DELTA, "/users/me/calendarView/delta()", "/me/calendar/calendarView/delta"])
def test_the_window_is_frozen_in_the_token(graph: Graph, asker: Asker, spelling: str) -> None:
    calendar = graph.world.calendar()
    for day in range(1, 26):
        calendar.put(f"{day}", at(f"2026-09-{day:02}T10:00"))
    calendar.put("before", at("2026-08-31T10:00"))
    calendar.put("after", at("2026-11-01T01:00", "UTC"))
    rows, link = asker.round(spelling, AUTUMN)
    assert (len(rows), "startDateTime" in link) == (25, False)
    calendar.put("more", at("2026-10-01T10:00"))
    assert [row["subject"] for row in asker.round(link)[0]] == ["more"]


def test_what_calendar_deltas_refuse(asker: Asker) -> None:
    for name in ("$select", "$filter", "$orderby", "$expand", "$search", "$top"):
        assert asker.get(DELTA, {**AUTUMN, name: "subject"}).code == "ErrorInvalidUrlQuery"
    assert asker.get(DELTA).code == "ErrorInvalidParameter"
    assert asker.get(DELTA, {**AUTUMN, "startDateTime": "yesterday"}).status == 400
    assert asker.get(DELTA, {**AUTUMN, "endDateTime": "2031-12-01T00:00:00Z"}).code == "ErrorCalendarViewRangeTooBig"
    assert asker.get(f"{DELTA}?$deltatoken=nonsense").status == 400


def test_a_series_is_a_master_and_thin_occurrences_on_one_page(graph: Graph, asker: Asker) -> None:
    calendar = graph.world.calendar()
    event = calendar.put("Series", at("2026-09-07T10:00"), repeat=weekly("monday"), attendees=["ann@example.org"])
    calendar.change_occurrence(event, "2026-09-14", start=at("2026-09-15T11:00"), subject="Moved")
    calendar.delete_occurrence(event, "2026-09-28")
    for day in range(9):
        calendar.put(f"{day}", at(f"2026-09-{day + 1:02}T15:00"))
    first = asker.get(DELTA, AUTUMN, Prefer="odata.maxpagesize=3")
    assert told(first.rows) == ["seriesMaster", *["occurrence"] * 6, "exception"]
    master, occurrence, exception = first.rows[0], first.rows[1], first.rows[-1]
    assert sorted(occurrence) == ["@odata.type", "end", "id", "seriesMasterId", "start", "type"]
    assert occurrence["seriesMasterId"] == exception["seriesMasterId"] == master["id"]
    assert (exception["subject"], exception["originalStart"]) == ("Moved", "2026-09-14T08:00:00Z")
    assert exception["attendees"] == master["attendees"]
    assert starts(first.rows)[-3:] == ["2026-10-19T08:00", "2026-10-26T09:00", "2026-09-15T09:00"]  # summer time ends
    book = graph.world.user().calendars
    book.masters_last = True
    assert told(asker.get(DELTA, AUTUMN).rows)[7] == "seriesMaster"
    book.masters, book.thin = False, False
    rows, _ = asker.round(DELTA, AUTUMN)
    assert "seriesMaster" not in told(rows)
    assert {row["subject"] for row in rows if row["type"] == "occurrence"} == {"Series"}
    assert asker.get(f"/me/events/{master['id']}").body["recurrence"]["range"] == {
        "type": "noEnd", "startDate": "2026-09-07", "endDate": "0001-01-01", "numberOfOccurrences": 0,
        "recurrenceTimeZone": "W. Europe Standard Time",
    }  # fmt: skip


def test_a_deleted_occurrence_has_no_tombstone_but_a_changed_master(graph: Graph, asker: Asker) -> None:
    calendar, book = graph.world.calendar(), graph.world.user().calendars
    event = calendar.put("Series", at("2026-09-07T10:00"), repeat=weekly("monday", count=6))
    rows, link = asker.round(DELTA, AUTUMN)
    calendar.delete_occurrence(event, "2026-09-21")
    changed, after = asker.round(link)
    assert told(changed) == ["seriesMaster"]
    master = changed[0]["id"]
    instances = asker.round(f"/me/events/{master}/instances", AUTUMN)[0]
    gone = {row["id"] for row in rows} - {row["id"] for row in instances} - {master}
    assert len(gone) == 1
    assert asker.get(f"/me/events/{gone.pop()}").status == 404
    chosen = asker.get(f"/me/events/{master}", {"$select": "cancelledOccurrences"}).body
    assert chosen["cancelledOccurrences"] == [f"OID.{master}.2026-09-21"]
    book.occurrence_tombstones = True
    calendar.delete_occurrence(event, "2026-10-05")
    assert told(asker.round(after)[0]) == ["seriesMaster", "deleted"]


def test_a_series_tells_its_changed_instances_only_to_who_selects_and_expands_them(graph: Graph, asker: Asker) -> None:
    """https://learn.microsoft.com/graph/api/event-get; some of Graph's versions do not know of them."""
    calendar, book = graph.world.calendar(), graph.world.user().calendars
    event = calendar.put("Series", at("2026-09-07T10:00"), repeat=weekly("monday", count=3))
    calendar.change_occurrence(event, "2026-09-14", start=at("2024-02-01T10:00"), subject="Far")
    master = f"/me/events/{book.id(event, immutable=True)}"
    both = {"$select": "subject,exceptionOccurrences", "$expand": "exceptionOccurrences"}
    assert [one["subject"] for one in asker.get(master, both).body["exceptionOccurrences"]] == ["Far"]
    for some, value in both.items():
        assert "exceptionOccurrences" not in asker.get(master, {some: value}).body
    assert "exceptionOccurrences" not in asker.get(master).body
    book.exceptions_refused = 400
    assert asker.get(master, both).status == 400


def test_a_view_may_be_more_than_comes_to_an_end_in_time(graph: Graph, asker: Asker) -> None:
    """https://github.com/microsoftgraph/microsoft-graph-docs/issues/6499"""
    graph.world.slow_window = 30
    assert asker.get(DELTA, AUTUMN).status == 504
    assert asker.get(DELTA, {**AUTUMN, "endDateTime": "2026-10-01T00:00:00Z"}).status == 200


def test_a_moved_series_keeps_days_and_forgets_others(graph: Graph, asker: Asker) -> None:
    calendar, book = graph.world.calendar(), graph.world.user().calendars
    event = calendar.put("Series", at("2026-09-07T10:00"), repeat=weekly("monday", count=3))
    _, link = asker.round(DELTA, AUTUMN)
    calendar.change(event, start=at("2026-09-08T10:00"), recurrence=weekly("tuesday", count=3))
    assert starts(asker.round(link)[0])[1:] == ["2026-09-08T08:00", "2026-09-15T08:00", "2026-09-22T08:00"]
    book.occurrence_tombstones = True
    assert told(asker.round(link)[0]).count("deleted") == 3


def test_what_changes_outside_the_window_is_removed(graph: Graph, asker: Asker) -> None:
    calendar = graph.world.calendar()
    far = calendar.put("Far", at("2027-03-01T10:00"))
    near = calendar.put("Near", at("2026-09-10T10:00"))
    series = calendar.put("Series", at("2026-09-07T10:00"), repeat=weekly("monday", count=2))
    rows, link = asker.round(DELTA, AUTUMN)
    calendar.change(far, subject="Further")
    calendar.move_out_of_window(near)
    calendar.change_occurrence(series, "2026-09-14", start=at("2026-12-14T10:00"))
    removed, _ = asker.round(link)
    assert told(removed) == ["deleted"] * 3
    known = {row["id"] for row in rows}
    assert [row["id"] in known for row in removed] == [False, True, True]
    assert [asker.get(f"/me/events/{row['id']}").status for row in removed] == [200] * 3


def test_deleted_declined_and_cancelled(graph: Graph, asker: Asker) -> None:
    calendar = graph.world.calendar()
    names = ("deleted", "declined", "cancelled", "answered")
    one, two, three, four = (
        calendar.put(name, at(f"2026-09-1{n}T10:00"), organizer="ann@example.org", uid=f"{name}@example.org")
        for n, name in enumerate(names)
    )
    series = calendar.put("Series", at("2026-09-07T10:00"), repeat=weekly("monday", count=2))
    _, link = asker.round(DELTA, AUTUMN)
    calendar.delete(one)
    calendar.decline(two)
    calendar.cancel(three)
    calendar.respond(four, "tentativelyAccepted")
    calendar.delete(series)
    rows, after = asker.round(link)
    assert told(rows) == ["deleted", "deleted", "singleInstance", "singleInstance", *["deleted"] * 3]
    cancelled, answered = rows[2], rows[3]
    assert (cancelled["subject"], cancelled["isCancelled"], cancelled["showAs"]) == (
        "Canceled: cancelled", True, "free",
    )  # fmt: skip
    assert (answered["responseStatus"]["response"], answered["showAs"]) == ("tentativelyAccepted", "tentative")
    assert cancelled["responseStatus"] == {"response": "notResponded", "time": "0001-01-01T00:00:00Z"}
    again = calendar.accept_after_all(two)
    (row,) = asker.round(after)[0]
    assert (again.uid, row["responseStatus"]["response"]) == (two.uid, "accepted")
    graph.world.user().calendars.series_tombstones = False
    assert told(asker.round(link)[0]).count("deleted") == 3


def test_times_zones_and_days(graph: Graph, asker: Asker) -> None:
    calendar = graph.world.calendar()
    calendar.put("Berlin", at("2026-09-10T10:00"))
    calendar.put("Custom", at("2026-09-11T10:00"), zone=CUSTOM)
    calendar.put("Day", at("2026-09-12T00:00"), at("2026-09-13T00:00"), isAllDay=True)
    by_name = {row["subject"]: row for row in asker.round(DELTA, AUTUMN)[0]}
    assert by_name["Berlin"]["start"] == {"dateTime": "2026-09-10T08:00:00.0000000", "timeZone": "UTC"}
    assert by_name["Berlin"]["originalStartTimeZone"] == "W. Europe Standard Time"
    assert by_name["Custom"]["originalEndTimeZone"] == CUSTOM
    assert by_name["Day"]["start"]["dateTime"] == "2026-09-12T00:00:00.0000000"
    for zone, hour in (("Eastern Standard Time", "04"), ("Asia/Kolkata", "13")):
        preferred = asker.get(DELTA, AUTUMN, Prefer=f'outlook.timezone="{zone}"').rows[0]
        assert (preferred["start"]["dateTime"][11:13], preferred["start"]["timeZone"]) == (hour, zone)
    assert asker.get(DELTA, AUTUMN, Prefer='outlook.timezone="Mars"').code == "TimeZoneNotSupportedException"


def test_uids_of_other_systems_are_kept_inside(graph: Graph, asker: Asker) -> None:
    calendar = graph.world.calendar()
    calendar.put("Google", at("2026-09-07T10:00"), uid="abc@google.com", repeat=daily(count=2))
    calendar.put("Plain", at("2026-09-07T10:00"), uid="uid:def@google.com")
    graph.world.user().calendars.thin, graph.world.shows_uid = False, True
    rows, _ = asker.round(DELTA, AUTUMN)
    master, one, two, plain = rows
    inner = bytes.fromhex(master["iCalUId"])
    assert (inner[16:20], inner[40:]) == (b"\0\0\0\0", b"vCal-Uid\x01\0\0\0abc@google.com\0")
    assert int.from_bytes(inner[36:40], "little") == len(inner[40:])
    assert bytes.fromhex(two["iCalUId"])[16:20] == bytes([7, 234, 9, 8])
    assert one["uid"] == two["uid"] == master["uid"] == master["iCalUId"] != one["iCalUId"]
    assert plain["iCalUId"] == "def@google.com"
    graph.world.shows_uid = False
    assert "uid" not in asker.round(DELTA, AUTUMN)[0][0]


def test_views_events_and_instances(graph: Graph, asker: Asker) -> None:
    calendar = graph.world.calendar()
    repeat = monthly("monday", "first", until=datetime(2026, 12, 31, tzinfo=UTC).date())
    series = calendar.put("Monthly", at("2026-09-07T10:00"), repeat=repeat, showAs="oof", categories=["Red"])
    calendar.cancel_occurrence(series, "2026-10-05")
    calendar.put("Single", at("2026-09-08T10:00"))
    rows, _ = asker.round("/me/calendarView", {**AUTUMN, "$select": "subject,type,start,isCancelled"})
    assert [(row["type"], row["isCancelled"]) for row in rows] == [
        ("occurrence", False), ("singleInstance", False), ("exception", True),
    ]  # fmt: skip
    assert [row["type"] for row in asker.round("/me/events")[0]] == ["seriesMaster", "singleInstance"]
    master = asker.get("/me/events", {"$filter": "subject eq 'Monthly'"}).rows[0]["id"]
    year = {"startDateTime": "2026-01-01T00:00:00Z", "endDateTime": "2027-01-01T00:00:00Z"}
    shown = asker.round(f"/me/calendar/events/{master}/instances", year)[0]
    assert starts(shown) == ["2026-09-07T08:00", "2026-10-05T08:00", "2026-11-02T09:00", "2026-12-07T09:00"]
    assert [asker.get(f"/me/events/{row['id']}").body["start"] for row in shown] == [row["start"] for row in shown]


def test_calendars_and_who_owns_them(graph: Graph, asker: Asker) -> None:
    world = graph.world
    other = world.new_calendar("Ann", owner=("Ann", "ann@example.org"))
    other.put("Secret", at("2026-09-10T10:00"), sensitivity="private", attendees=["bob@example.org"])
    rows = asker.get("/me/calendars").rows
    assert [(row["name"], row["isDefaultCalendar"], row["canEdit"]) for row in rows] == [
        ("Calendar", True, True), ("Ann", False, False),
    ]  # fmt: skip
    assert rows[1]["owner"] == {"name": "Ann", "address": "ann@example.org"}
    (hidden,) = asker.round(f"/me/calendars/{other.id}/calendarView/delta", AUTUMN)[0]
    assert (hidden["subject"], hidden["attendees"]) == ("Private Appointment", [])
    assert asker.round(DELTA, AUTUMN)[0] == []


def test_a_meeting_moves_to_another_calendar(graph: Graph, asker: Asker) -> None:
    calendar, second = graph.world.calendar(), graph.world.new_calendar("Second")
    event = calendar.put("Moves", at("2026-09-10T10:00"))
    plain = Asker(graph, prefer="")
    (rows, link), (old, _) = asker.round(DELTA, AUTUMN), plain.round(DELTA, AUTUMN)
    calendar.move(event, second.id)
    assert told(asker.round(link)[0]) == ["deleted"]
    there = f"/me/calendars/{second.id}/calendarView/delta"
    assert [row["id"] for row in asker.round(there, AUTUMN)[0]] == [rows[0]["id"]]
    assert plain.round(there, AUTUMN)[0][0]["id"] != old[0]["id"]


def test_scopes_hide_bodies(graph: Graph, asker: Asker) -> None:
    room = attendee("room@example.com", "accepted", "resource", "Room 1")
    body = {"contentType": "html", "content": "<p>Agenda</p>"}
    link = {"joinUrl": "https://teams.microsoft.com/l/meetup-join/1"}
    graph.world.calendar().put(
        "Plan", at("2026-09-10T10:00"), body=body, isOnlineMeeting=True, onlineMeeting=link,
        onlineMeetingProvider="teamsForBusiness",
    ).body["attendees"].append(room)  # fmt: skip
    basic = Asker(graph, "Calendars.ReadBasic").get(DELTA, AUTUMN).rows[0]
    whole = asker.get(DELTA, AUTUMN).rows[0]
    assert whole.keys() - basic.keys() == {"body", "bodyPreview"}
    assert (whole["bodyPreview"], whole["onlineMeeting"], whole["attendees"]) == ("Agenda", link, [room])
