"""The fake as Google's own client library for Python sees it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build, build_from_document
from googleapiclient.errors import HttpError
from requests import Session

from tests.peers.google import Google, serving
from tests.peers.google.discovery import document
from tests.peers.google.sample import world

_CREDENTIALS: Any = Credentials  # google-auth's signatures have no types
SCOPES = ("gmail.readonly", "calendar.readonly", "contacts.readonly")


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """No request may leave the machine, whatever the library makes of its addresses."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        assert address[0] == "127.0.0.1", address
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def google() -> Iterator[Google]:
    with serving(world()) as made:
        yield made


def service(google: Google, api: str, version: str, path: str = "") -> Any:
    credentials = _CREDENTIALS(google.world.grant(*SCOPES).access)
    return build(
        api, version, credentials=credentials, static_discovery=True, cache_discovery=False,
        client_options={"api_endpoint": google.url + path},
    )  # fmt: skip


def test_gmail(google: Google) -> None:
    with service(google, "gmail", "v1") as gmail:
        users = gmail.users()
        before = users.getProfile(userId="me").execute()["historyId"]
        first = users.messages().list(userId="me", maxResults=1).execute()
        second = users.messages().list_next(users.messages().list(userId="me", maxResults=1), first).execute()
        assert [len(page["messages"]) for page in (first, second)] == [1, 1]
        assert "nextPageToken" not in second
        got = users.messages().get(userId="me", id=second["messages"][0]["id"], format="full").execute()
        assert got["payload"]["parts"][1]["filename"] == "a.pdf"
        google.world.mail().label(got["id"], add=["TRASH"])
        (record,) = users.history().list(userId="me", startHistoryId=before).execute()["history"]
        assert record["labelsAdded"][0]["labelIds"] == ["TRASH"]
        google.world.expire_history()
        with pytest.raises(HttpError, match="Requested entity was not found") as caught:
            users.history().list(userId="me", startHistoryId=before).execute()
        assert caught.value.status_code == 404


def test_calendar(google: Google) -> None:
    with service(google, "calendar", "v3", "/calendar/v3") as calendar:
        events = calendar.events()
        request, shown = events.list(calendarId="primary", maxResults=2), []
        while request is not None:
            answer = request.execute()
            shown += answer["items"]
            request = events.list_next(request, answer)
        assert {e["summary"] for e in shown if e["status"] == "confirmed"} >= {
            "Lunch",
            "Weekly",
            "Weekly, new",
            "Day off",
        }
        google.world.calendar().put(id=shown[0]["id"], summary="Changed")
        token = answer["nextSyncToken"]
        synced = events.list(calendarId="primary", syncToken=token).execute()
        assert [event["summary"] for event in synced["items"]] == ["Changed"]
        with pytest.raises(HttpError, match="Sync token cannot be used") as caught:
            events.list(calendarId="primary", syncToken=token, timeMin="2026-01-01T00:00:00Z").execute()
        assert caught.value.status_code == 400


def test_people(google: Google) -> None:
    google.world.oauth.lifetime = 30 * 86_400
    asked = {"resourceName": "people/me", "personFields": "names,emailAddresses", "requestSyncToken": True}
    with service(google, "people", "v1") as people:
        connections = people.people().connections()
        answer = connections.list(**asked).execute()
        assert [each["names"][0]["displayName"] for each in answer["connections"]] == ["Anne Moe"]
        google.world.clock.advance(8 * 86_400)
        with pytest.raises(HttpError) as caught:
            connections.list(**asked, syncToken=answer["nextSyncToken"]).execute()
    assert caught.value.status_code == 400
    assert caught.value.error_details[0]["reason"] == "EXPIRED_SYNC_TOKEN"


def test_batch_has_a_status_for_each_item(google: Google) -> None:
    """A batch ignores `api_endpoint`: only a patched document keeps it on the machine."""
    patched = json.loads(json.dumps(document("gmail")))
    patched["rootUrl"] = f"{google.url}/"
    credentials = _CREDENTIALS(google.world.grant(*SCOPES).access)
    known = next(iter(google.world.mail().messages))
    said: dict[str, Any] = {}
    with closing(build_from_document(patched, credentials=credentials)) as gmail:
        batch = gmail.new_batch_http_request(callback=lambda name, body, error: said.update({name: body or error}))
        for name in (known, "0000000000000000"):
            batch.add(gmail.users().messages().get(userId="me", id=name, format="minimal"), request_id=name)
        batch.execute()
    assert said[known]["id"] == known
    assert said["0000000000000000"].status_code == 404
    assert google.world.quota.total["me@example.com"] == 40


def test_a_token_is_renewed_until_it_is_revoked(google: Google) -> None:
    client, secret = next(iter(google.world.oauth.clients.items()))
    grant = google.world.grant(*SCOPES)
    credentials = _CREDENTIALS(
        None, refresh_token=grant.refresh, token_uri=google.token_uri, client_id=client, client_secret=secret
    )
    with Session() as session:
        credentials.refresh(Request(session))
        assert credentials.token == grant.access
        google.world.forget_refresh_token()
        with pytest.raises(RefreshError, match="invalid_grant"):
            credentials.refresh(Request(session))
