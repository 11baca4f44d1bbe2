"""The fake's Calendar: listings, sync tokens and their rules, series, and what whom is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.peers.google import Google, serving
from tests.peers.google.asking import CALENDAR, Asker
from tests.peers.google.calendars import Calendar
from tests.peers.google.faults import empty_page, meanwhile
from tests.peers.google.sample import ROOM, at, guests, hour

ME, ANNE = "me@example.com", "anne@example.org"
TEAM = "team@group.calendar.google.com"
OF_TEAM = f"/calendar/v3/calendars/{TEAM}/events"
LISTS = "/calendar/v3/users/me/calendarList"


@pytest.fixture
def google() -> Iterator[Google]:
    with serving() as made:
        yield made


@pytest.fixture
def asker(google: Google) -> Asker:
    return Asker(google, "calendar.readonly")


@pytest.fixture
def calendar(google: Google) -> Calendar:
    return google.world.calendar()


def weekly(calendar: Calendar, rule: str = "RRULE:FREQ=WEEKLY;COUNT=4") -> str:
    return str(calendar.put(summary="W", **hour("2026-09-21", 10), recurrence=[rule])["id"])


def items(pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for page in pages for event in page["items"]]


def token(asker: Asker, **query: object) -> str:
    return str(asker.pages(CALENDAR, **query)[-1]["nextSyncToken"])


def test_the_token_comes_with_the_last_page_only(asker: Asker, calendar: Calendar) -> None:
    for day in range(1, 6):
        calendar.put(**hour(f"2026-10-0{day}", 9))
    pages = asker.pages(CALENDAR, maxResults=2)
    assert [("nextSyncToken" in page, "nextPageToken" in page) for page in pages] == [
        (False, True), (False, True), (True, False),
    ]  # fmt: skip
    assert asker.get(CALENDAR, syncToken=pages[-1]["nextSyncToken"]).body["items"] == []


def test_a_sync_shows_what_changed_and_tombstones(asker: Asker, calendar: Calendar) -> None:
    kept, gone = calendar.put(**hour("2026-10-01", 9))["id"], calendar.put(**hour("2026-10-02", 9))["id"]
    series = weekly(calendar)
    first = token(asker)
    calendar.put(id=kept, summary="New title")
    calendar.cancel(gone)
    calendar.cancel_instance(series, "2026-09-28T10:00:00+02:00")
    changed, dead, off = asker.get(CALENDAR, syncToken=first).body["items"]
    assert changed["summary"] == "New title"
    assert dead.keys() == {"kind", "etag", "id", "status"}
    assert off.keys() == {"kind", "etag", "id", "status", "recurringEventId", "originalStartTime"}
    assert off["originalStartTime"] == at("2026-09-28T10:00:00+02:00")
    assert [e["id"] for e in items(asker.pages(CALENDAR))] == [series, kept, off["id"]]


@pytest.mark.parametrize(
    "query", [{"timeMin": "2026-01-01T00:00:00Z"}, {"q": "x"}, {"orderBy": "updated"}, {"showDeleted": "false"},
              {"iCalUID": "x"}, {"singleEvents": "true"}, {"eventTypes": ["default"]}]
)  # fmt: skip
def test_parameters_that_a_token_does_not_bear(asker: Asker, query: dict[str, object]) -> None:
    assert asker.get(CALENDAR, syncToken=token(asker), **query).status == 400
    assert asker.get(CALENDAR, syncToken=token(asker), maxResults=3).status == 200


def test_what_it_does_not_know_it_refuses(asker: Asker) -> None:
    for name, value in (("q", "x"), ("orderBy", "updated"), ("updatedMin", "2026-01-01T00:00:00Z")):
        assert asker.get(CALENDAR, **{name: value}).status == 501


def test_a_token_remembers_where_its_full_listing_began(asker: Asker, calendar: Calendar) -> None:
    old = calendar.put(**hour("2025-10-01", 9))["id"]
    calendar.put(**hour("2026-10-01", 9))
    pages = asker.pages(CALENDAR, timeMin="2026-01-01T00:00:00Z")
    assert len(items(pages)) == 1
    calendar.put(id=old, summary="Still long ago")
    assert asker.get(CALENDAR, syncToken=pages[-1]["nextSyncToken"]).body["items"] == []
    calendar.cancel(old)
    assert len(asker.get(CALENDAR, syncToken=pages[-1]["nextSyncToken"]).body["items"]) == 1


def test_tokens_die(google: Google, asker: Asker) -> None:
    google.world.new_calendar(TEAM, owner="boss@example.com")
    google.world.share(TEAM, "reader")
    first, team = token(asker), asker.get(OF_TEAM).body["nextSyncToken"]
    google.world.share(TEAM, "writer")
    for path, dead in ((CALENDAR, "bogus"), (OF_TEAM, team), (OF_TEAM, first)):
        said = asker.get(path, syncToken=dead)
        assert (said.status, said.reason) == (410, "fullSyncRequired")
    assert asker.get(CALENDAR, syncToken=first).status == 200
    team = asker.get(OF_TEAM).body["nextSyncToken"]
    google.world.share(TEAM, "reader", "you@example.com")
    assert asker.get(OF_TEAM, syncToken=team).status == 410
    google.world.expire_sync_tokens()
    assert asker.get(CALENDAR, syncToken=first).status == 410


def test_what_changes_between_pages_is_in_the_next_sync(google: Google, asker: Asker, calendar: Calendar) -> None:
    made = [calendar.put(**hour(f"2026-10-0{day}", 9))["id"] for day in range(1, 6)]
    act = meanwhile(lambda: calendar.put(id=made[0], summary="Changed"))
    google.world.faults.add("calendar.events.list", act, calls={2})
    pages = asker.pages(CALENDAR, maxResults=2)
    assert {event["id"] for event in items(pages)} == set(made)
    synced = asker.get(CALENDAR, syncToken=pages[-1]["nextSyncToken"]).body["items"]
    assert [event["id"] for event in synced] == [made[0]]


def test_an_empty_page_names_another(google: Google, asker: Asker, calendar: Calendar) -> None:
    calendar.put(**hour("2026-10-01", 9))
    google.world.faults.add("calendar.events.list", empty_page(), calls={1})
    pages = asker.pages(CALENDAR)
    assert [len(page.get("items", [])) for page in pages] == [0, 1]
    assert "nextSyncToken" not in pages[0]


def test_exceptions_may_come_before_their_series(asker: Asker, calendar: Calendar) -> None:
    series = weekly(calendar)
    changed = calendar.instance(series, "2026-09-28T10:00:00+02:00", **hour("2026-09-29", 15))
    calendar.exceptions_first = True
    assert [event["id"] for event in items(asker.pages(CALENDAR, maxResults=1))] == [changed["id"], series]
    assert changed["id"] == f"{series}_20260928T080000Z"
    assert changed["iCalUID"] == calendar.events[series]["iCalUID"]


def test_single_events_are_expanded_over_the_change_of_the_clocks(asker: Asker, calendar: Calendar) -> None:
    series = calendar.put(**hour("2026-10-12", 10), recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])["id"]
    calendar.instance(series, "2026-10-19T10:00:00+02:00", **hour("2026-10-19", 16))
    calendar.cancel_instance(series, "2026-10-26T10:00:00+01:00")
    shown = {event["id"]: event["start"]["dateTime"] for event in items(asker.pages(CALENDAR, singleEvents="true"))}
    assert shown == {
        f"{series}_20261012T080000Z": "2026-10-12T10:00:00+02:00",
        f"{series}_20261019T080000Z": "2026-10-19T16:00:00+02:00",
        f"{series}_20261102T090000Z": "2026-11-02T10:00:00+01:00",
    }
    instances = asker.pages(f"{CALENDAR}/{series}/instances", maxResults=1, showDeleted="true")
    assert len(instances) == 4
    assert asker.get(f"{CALENDAR}/{series}_20261102T090000Z").body["recurringEventId"] == series


def test_this_and_following_is_a_new_series(asker: Asker, calendar: Calendar) -> None:
    series = weekly(calendar, "RRULE:FREQ=WEEKLY")
    new = calendar.split(series, "2026-10-12T10:00:00+02:00", "20261011T215959Z", summary="New")
    assert new["iCalUID"] != calendar.events[series]["iCalUID"]
    shown = asker.get(CALENDAR, singleEvents="true", timeMax="2026-10-20T00:00:00Z").body["items"]
    assert sorted((e["start"]["dateTime"][:10], e["summary"]) for e in shown) == [
        ("2026-09-21", "W"), ("2026-09-28", "W"), ("2026-10-05", "W"), ("2026-10-12", "New"), ("2026-10-19", "New"),
    ]  # fmt: skip


def test_a_whole_day_series(asker: Asker, calendar: Calendar) -> None:
    days = {"start": {"date": "2026-10-01"}, "end": {"date": "2026-10-02"}}
    series = calendar.put(**days, recurrence=["RRULE:FREQ=DAILY;COUNT=2", "EXDATE;VALUE=DATE:20261001"])["id"]
    assert [e["id"] for e in asker.get(CALENDAR, singleEvents="true").body["items"]] == [f"{series}_20261002"]
    assert calendar.instance(series, "2026-10-02")["id"] == f"{series}_20261002"


def test_a_series_that_is_deleted(asker: Asker, calendar: Calendar) -> None:
    series = weekly(calendar)
    calendar.instance(series, "2026-09-28T10:00:00+02:00", summary="X")
    first = token(asker)
    calendar.cancel(series, exceptions=False)
    assert [e["id"] for e in asker.get(CALENDAR, syncToken=first).body["items"]] == [series]
    assert asker.get(f"{CALENDAR}/{series}").body["status"] == "cancelled"
    calendar.forget(series)
    assert asker.get(CALENDAR, syncToken=first).body["items"] == []
    assert asker.get(f"{CALENDAR}/{series}").reason == "deleted"
    assert asker.get(f"{CALENDAR}/never").reason == "notFound"


def test_moved_to_another_calendar(google: Google, asker: Asker, calendar: Calendar) -> None:
    team = google.world.new_calendar(TEAM)
    moved = calendar.put(**hour("2026-10-01", 9))["id"]
    first, other = token(asker), asker.get(OF_TEAM).body["nextSyncToken"]
    calendar.move(moved, team)
    (dead,) = asker.get(CALENDAR, syncToken=first).body["items"]
    (living,) = asker.get(OF_TEAM, syncToken=other).body["items"]
    assert (dead["id"], dead["status"]) == (living["id"], "cancelled") == (moved, "cancelled")
    assert living["organizer"] == {"email": TEAM, "self": True}


def test_what_a_reader_of_anothers_calendar_sees(google: Google, asker: Asker) -> None:
    team = google.world.new_calendar(TEAM, owner="boss@example.com")
    team.put(summary="Secret", **hour("2026-10-01", 9), visibility="private", attendees=guests(ANNE))
    team.put(summary="Open", **hour("2026-10-01", 10), attendees=guests(ANNE))
    google.world.share(TEAM, "reader")
    secret, open_ = asker.get(OF_TEAM).body["items"]
    assert "summary" not in secret
    assert "attendees" not in secret
    assert open_["summary"] == "Open"
    google.world.share(TEAM, "freeBusyReader")
    assert all("attendees" not in e and "summary" not in e for e in asker.get(OF_TEAM).body["items"])
    google.world.unshare(TEAM)
    assert asker.get(OF_TEAM).status == 404


def test_guests_that_are_left_out(asker: Asker, calendar: Calendar) -> None:
    everyone = [*guests(ME, ANNE), ROOM]
    calendar.put(**hour("2026-10-01", 9), attendees=everyone, guestsCanSeeOtherGuests=False, organizer={"email": ANNE})
    calendar.put(**hour("2026-10-01", 10), attendees=everyone)
    hidden, own = asker.get(CALENDAR, maxAttendees=2).body["items"]
    assert [each["email"] for each in hidden["attendees"]] == [ME]
    assert "attendeesOmitted" not in hidden
    assert own["attendeesOmitted"]
    assert own["attendees"] == [{**guests(ME)[0], "self": True}]
    assert ROOM in asker.get(CALENDAR).body["items"][1]["attendees"]


def test_the_list_of_calendars(google: Google, asker: Asker) -> None:
    google.world.new_calendar(TEAM, owner="boss@example.com", summary="Team")
    google.world.share(TEAM, "freeBusyReader")
    pages = asker.pages(LISTS, maxResults=1)
    assert [(e["id"], e["accessRole"], e.get("primary", False)) for page in pages for e in page["items"]] == [
        (ME, "owner", True), (TEAM, "freeBusyReader", False),
    ]  # fmt: skip
    first = asker.get(LISTS).body["nextSyncToken"]
    google.world.unshare(TEAM)
    (entry,) = asker.get(LISTS, syncToken=first).body["items"]
    assert (entry["id"], entry["deleted"]) == (TEAM, True)
    assert len(asker.get(LISTS).body["items"]) == 1
    google.world.share(TEAM, "reader")
    google.world.account().calendars.remove(TEAM)
    assert len(asker.get(LISTS).body["items"]) == 1
    assert asker.get(OF_TEAM).status == 200
    assert asker.get(LISTS, syncToken=first, minAccessRole="owner").status == 400
    assert asker.get(LISTS, syncToken="bogus").reason == "fullSyncRequired"


def test_a_scope_for_owned_calendars_only(google: Google) -> None:
    google.world.new_calendar(TEAM, owner="boss@example.com")
    google.world.share(TEAM, "reader")
    owned = Asker(google, "calendar.events.owned.readonly")
    assert (owned.get(CALENDAR).status, owned.get(OF_TEAM).status) == (200, 404)


def test_types_of_events(asker: Asker, calendar: Calendar) -> None:
    for kind in ("default", "focusTime", "outOfOffice"):
        calendar.put(**hour("2026-10-01", 9), eventType=kind)
    shown = asker.get(CALENDAR, eventTypes=["default", "outOfOffice"]).body["items"]
    assert [event["eventType"] for event in shown] == ["default", "outOfOffice"]
