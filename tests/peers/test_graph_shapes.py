"""The fake's answers have the shape of Microsoft's: of events that were published, and of the documented types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.peers.graph import Graph, at, attendee, person, serving
from tests.peers.graph.asking import ALL, Asker
from tests.peers.graph.documented import problems
from tests.peers.graph.goid import goid
from tests.peers.graph.recurrence import NEVER, monthly, weekly
from tests.peers.graph.routes import ROUTES, Route

SAMPLES = ("appointment", "meeting", "monthly", "weekly", "yearly")
SPAN = "startDateTime=2026-09-01T00:00:00Z&endDateTime=2026-11-01T00:00:00Z"
_TYPES = {
    "mailFolders": "mailFolder", "childFolders": "mailFolder", "messages": "message", "calendars": "calendar",
    "calendar": "calendar", "events": "event", "calendarView": "event", "instances": "event", "contacts": "contact",
    "contactFolders": "contactFolder", "masterCategories": "outlookCategory",
}  # fmt: skip


@pytest.fixture
def graph() -> Iterator[Graph]:
    with serving() as made:
        yield made


def filled(graph: Graph) -> dict[str, str]:
    """Something of everything: the ids for the placeholders of paths."""
    world = graph.world
    folder = world.mail().new_folder("Projects")
    world.mail().new_folder("Deep", folder)
    message = world.mail().add(folder, ccRecipients=[person("bob@example.org")], categories=["Red"])
    world.mail().add(folder, meetingMessageType="meetingRequest")
    calendar = world.calendar()
    calendar.put("Single", at("2026-09-08T10:00"), onlineMeeting={"joinUrl": "https://teams.microsoft.com/l/1"})
    event = calendar.put("Series", at("2026-09-07T10:00"), repeat=weekly("monday"), attendees=["ann@example.org"])
    calendar.put("First", at("2026-09-07T12:00"), repeat=monthly("monday", "first", count=3))
    calendar.change_occurrence(event, "2026-09-14", subject="Differs")
    contacts = world.contacts()
    friends = contacts.new_folder("Friends")
    contacts.new_folder("Close", friends)
    contacts.put("Bob", "bob@example.org")
    contact = contacts.put("Ann", "ann@example.org", folder=friends)
    world.user().categories["Red"] = "preset0"
    return {
        "folder": folder, "message": world.mail().id(message, immutable=True), "calendar": calendar.id,
        "event": world.user().calendars.id(event, immutable=True), "contact": contacts.id(contact, immutable=True),
        "contactFolder": friends,
    }  # fmt: skip


def asked(route: Route, ids: dict[str, str]) -> str:
    """The path of a route with real ids."""
    names = {**ids, "folder": ids["contactFolder"]} if "contactFolders" in route.steps else ids
    steps = [names[step[1:-1]] if step.startswith("{") else step for step in route.steps]
    spanned = {"calendarView", "instances"} & set(route.steps)
    return "/".join(["/me", *steps]) + (f"?{SPAN}" if spanned else "")


def kind_of(route: Route) -> str:
    words = [step for step in route.steps if step[0] != "{" and step != "delta"]
    if "contactFolders" in words and words[-1] == "childFolders":
        return "contactFolder"
    return _TYPES[words[-1]] if words else "user"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: "/".join(route.steps) or "me")
def test_every_endpoint_answers_in_documented_types(graph: Graph, route: Route) -> None:
    ids = filled(graph)
    asker = Asker(graph, *ALL, "MailboxSettings.Read")
    if route.steps[-1:] == ("$value",):
        assert asker.get(asked(route, ids)).headers["content-type"] == "text/plain"
        return
    said = asker.get(asked(route, ids))
    assert said.status == 200, said.body
    rows = said.body.get("value", [said.body])
    assert rows
    assert [each for row in rows for each in problems(kind_of(route), row)] == []


def test_unknown_properties_and_wrong_kinds_are_noticed(graph: Graph) -> None:
    filled(graph)
    good = Asker(graph).get(f"/me/calendarView/delta?{SPAN}").rows[0]
    bad = {**good, "etag": "1", "showAs": "away", "start": {"dateTime": "2026-09-08T08:00:00Z", "timeZone": 1}}
    assert problems("event", bad) == [
        "showAs: 'away' is none of free|tentative|busy|oof|workingElsewhere|unknown",
        "start.dateTime: '2026-09-08T08:00:00Z' is no wall", "start.timeZone: 1 is no string",
        "etag: unknown property",
    ]  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_published_events_are_of_the_documented_types(shared_data: Path, name: str) -> None:
    assert problems("event", sample(shared_data, name)) == []


@pytest.mark.parametrize("name", SAMPLES)
def test_events_have_the_shape_of_published_ones(graph: Graph, shared_data: Path, name: str) -> None:
    """The published event is put into the fake's calendar; what comes out has all its properties, of the same kinds."""
    published = sample(shared_data, name)
    own = ("start", "end", "recurrence", "attendees", "originalStartTimeZone", "originalEndTimeZone", "iCalUId", "id",
           "changeKey", "type", "seriesMasterId", "webLink", "createdDateTime", "lastModifiedDateTime")  # fmt: skip
    rest = {key: value for key, value in published.items() if key not in own and "@" not in key}
    begin, end = (at(published[each]["dateTime"], "UTC") for each in ("start", "end"))
    zone = published["originalStartTimeZone"]
    event = graph.world.calendar().put("", begin, end, zone=zone, repeat=published["recurrence"])
    event.body.update(rest)
    event.body["attendees"] = published["attendees"]
    window = f"startDateTime={begin:%Y-%m-%d}T00:00:00Z&endDateTime={end:%Y-%m-%d}T23:59:59Z"
    (shown,) = [row for row in Asker(graph).get(f"/me/calendarView/delta?{window}").rows if row["type"] != "occurrence"]
    assert differences(published, shown) == []
    assert shown["start"] == published["start"]
    assert shown["iCalUId"].startswith(published["iCalUId"][:32])
    if published["recurrence"]:
        assert shown["recurrence"]["pattern"] == published["recurrence"]["pattern"]
        assert shown["recurrence"]["range"]["endDate"] == published["recurrence"]["range"]["endDate"]


def test_published_uids_are_made_the_same_way(shared_data: Path) -> None:
    """One of them holds another system's UID inside."""
    written = [sample(shared_data, name)["iCalUId"] for name in SAMPLES]
    foreign = [uid for uid in written if b"vCal-Uid" in bytes.fromhex(uid)]
    assert foreign
    for uid in foreign:
        inner = bytes.fromhex(uid)[52:].rstrip(b"\0").decode()
        assert goid(inner) == uid.upper()
    assert sample(shared_data, "weekly")["recurrence"]["range"]["endDate"] == NEVER


def sample(folder: Path, name: str) -> dict[str, Any]:
    (path,) = folder.rglob(f"testevent_personal.{name}.json")
    read: dict[str, Any] = json.loads(path.read_text())
    return read


def differences(wanted: Any, got: Any, where: str = "") -> list[str]:
    """Properties that are missing, or of another kind of JSON; null fits everything."""
    if wanted is None or got is None:
        return []
    if type(wanted) is not type(got):
        return [f"{where}: {type(got).__name__} instead of {type(wanted).__name__}"]
    if isinstance(wanted, list):
        return [each for a, b in zip(wanted, got, strict=False) for each in differences(a, b, f"{where}[]")]
    if not isinstance(wanted, dict):
        return []
    missing = [f"{where}.{name} is missing" for name in wanted.keys() - got.keys()]
    both = wanted.keys() & got.keys()
    return missing + [each for name in both for each in differences(wanted[name], got[name], name)]


def test_a_room_is_a_documented_attendee() -> None:
    assert problems("attendee", attendee("room@example.com", "accepted", "resource", "Room")) == []
