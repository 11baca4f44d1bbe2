"""Everything the fake says is what Google's discovery documents describe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.peers.google import Google, serving
from tests.peers.google.asking import CALENDAR, CONTACTS, MAIL, Asker
from tests.peers.google.discovery import APIS, document, methods
from tests.peers.google.dispatch import HANDLERS
from tests.peers.google.pushing import Push
from tests.peers.google.sample import TEAM, world
from tests.peers.google.validate import problems
from tests.peers.post import OUTSIDE

SCOPES = ("gmail.readonly", "calendar.readonly", "contacts.readonly", "contacts.other.readonly", "directory.readonly")
PERSON = "names,emailAddresses,memberships,metadata"


@pytest.fixture
def google() -> Iterator[Google]:
    with serving(world()) as made:
        yield made


@pytest.fixture(scope="session")
def documents(shared_data: Path) -> dict[str, Any]:
    folder = shared_data / "api" / "google-discovery"
    return {api: json.loads((folder / f"{name}.json").read_text()) for api, name in APIS.items()}


def requests(google: Google) -> list[tuple[str, dict[str, Any]]]:
    message = next(iter(google.world.mail().messages.values()))
    series = next(e["id"] for e in google.world.calendar().events.values() if e.get("recurrence"))
    history = google.world.mail().horizon
    forms = [{"format": form} for form in ("minimal", "full", "raw")]
    return [
        (f"{MAIL}/profile", {}),
        (f"{MAIL}/labels", {}),
        (f"{MAIL}/settings/sendAs", {}),
        (f"{MAIL}/messages", {"maxResults": 1, "includeSpamTrash": "true"}),
        *((f"{MAIL}/messages/{message.id}", form) for form in forms),
        (f"{MAIL}/messages/{message.id}", {"format": "metadata", "metadataHeaders": ["From", "To"]}),
        (f"{MAIL}/messages/{message.id}/attachments/ANGjdJ1", {}),
        (f"{MAIL}/threads", {}),
        (f"{MAIL}/threads/{message.thread}", {"format": "metadata"}),
        (f"{MAIL}/history", {"startHistoryId": history}),
        (f"{MAIL}/history", {"startHistoryId": history, "maxResults": 1, "historyTypes": ["labelAdded"]}),
        ("/calendar/v3/users/me/calendarList", {"showHidden": "true"}),
        (CALENDAR, {}),
        (CALENDAR, {"singleEvents": "true", "maxAttendees": 1, "showDeleted": "true"}),
        (f"/calendar/v3/calendars/{TEAM}/events", {}),
        (f"{CALENDAR}/{series}", {}),
        (f"{CALENDAR}/{series}/instances", {"maxResults": 2}),
        (CONTACTS, {"personFields": PERSON, "requestSyncToken": "true"}),
        ("/v1/otherContacts", {"readMask": "names,emailAddresses,metadata", "requestSyncToken": "true"}),
        ("/v1/people:listDirectoryPeople", {"readMask": PERSON, "sources": "DIRECTORY_SOURCE_TYPE_DOMAIN_PROFILE"}),
        ("/v1/contactGroups", {}),
    ]


def test_every_method_answers_by_its_schema(google: Google, documents: dict[str, Any]) -> None:
    asker = Asker(google, *SCOPES)
    schemas = {method.id: method for method in methods()}
    for path, query in requests(google):
        for body in asker.pages(path, **query):
            method = schemas[google.world.asked[-1].method]
            assert problems(documents[method.api], method.response, body) == [], path
    google.world.pushing.topics["projects/p/topics/t"] = Push(f"{OUTSIDE}/gmail")
    channel = {"id": "c1", "type": "web_hook", "address": f"{OUTSIDE}/calendar", "token": "x", "params": {"ttl": "60"}}
    posts: list[tuple[str, dict[str, Any]]] = [
        (f"{MAIL}/watch", {"topicName": "projects/p/topics/t"}), (f"{MAIL}/stop", {}),
        (f"{CALENDAR}/watch", channel),
    ]  # fmt: skip
    for path, told in posts:
        said = asker.ask("POST", path, json.dumps(told), "application/json")
        method = schemas[google.world.asked[-1].method]
        assert not told or problems(documents[method.api], method.request, told) == [], path
        assert said.status == (200 if method.response else 204)
        assert not method.response or problems(documents[method.api], method.response, said.body) == [], path
        channel = said.body if "resourceId" in said.body else channel
    stopped = {"id": channel["id"], "resourceId": channel["resourceId"]}
    assert asker.ask("POST", "/calendar/v3/channels/stop", json.dumps(stopped), "application/json").status == 204
    assert set(google.world.methods()) == set(HANDLERS)


def test_a_sync_answers_by_its_schema_too(google: Google, documents: dict[str, Any]) -> None:
    asker = Asker(google, *SCOPES)
    runs = [(CALENDAR, {}, "calendar", "Events"),
            ("/calendar/v3/users/me/calendarList", {}, "calendar", "CalendarList"),
            (CONTACTS, {"personFields": PERSON, "requestSyncToken": "true"}, "people", "ListConnectionsResponse"),
            ("/v1/contactGroups", {}, "people", "ListContactGroupsResponse")]  # fmt: skip
    tokens = [asker.pages(path, **query)[-1]["nextSyncToken"] for path, query, _, _ in runs]
    google.world.unshare(TEAM)
    for event in list(google.world.calendar().events):
        google.world.calendar().cancel(event)
    contacts = google.world.contacts()
    contacts.connections.rename(next(iter(contacts.connections.kept)), "people/c9")
    contacts.connections.remove(google.world.person("New Person", "new@example.org")["resourceName"])
    contacts.groups.remove(contacts.group("Short-lived"))
    for (path, query, api, schema), token in zip(runs, tokens, strict=True):
        (body,) = asker.pages(path, **query, syncToken=token)
        assert problems(documents[api], schema, body) == []
        assert any(isinstance(rows, list) and rows for rows in body.values()), path


def test_the_documents_of_the_library_are_the_published_ones(documents: dict[str, Any]) -> None:
    """The fake takes paths, parameters and scopes from the library's copy. A newer library may know more."""
    for api in APIS:
        ours, published = document(api), documents[api]
        if ours["revision"] == published["revision"]:
            assert ours == published


@pytest.mark.parametrize(
    ("schema", "body", "place"),
    [
        ("Message", {"historyId": 7}, "historyId"),
        ("Message", {"historyId": str(2**64)}, "historyId"),
        ("Message", {"internalDate": "yesterday"}, "internalDate"),
        ("Message", {"raw": "a+b/"}, "raw"),
        ("Message", {"labels": []}, "labels"),
        ("Message", {"sizeEstimate": True}, "sizeEstimate"),
        ("Message", {"payload": {"parts": [{"body": {"size": "1"}}]}}, "payload.parts[0].body.size"),
        ("Label", {"type": "own"}, "type"),
    ],
)
def test_the_checker_sees_what_is_wrong(
    documents: dict[str, Any], schema: str, body: dict[str, Any], place: str
) -> None:
    (found,) = problems(documents["gmail"], schema, body)
    assert found.startswith(f"{place}:")


def test_the_checker_knows_times(documents: dict[str, Any]) -> None:
    good, bad = {"start": {"dateTime": "2026-09-21T10:00:00Z"}}, {"start": {"dateTime": "2026-09-21T10:00:00"}}
    assert problems(documents["calendar"], "Event", good) == []
    assert problems(documents["calendar"], "Event", bad) != []
    assert problems(documents["calendar"], "Event", {"start": {"date": "21.9.2026"}}) != []
