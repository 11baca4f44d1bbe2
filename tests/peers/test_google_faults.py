"""What goes wrong on purpose: quotas, errors in Google's shapes, and answers that break off."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, IncompleteRead

import pytest

from tests.peers.google import Clock, Google, World, serving
from tests.peers.google import faults as f
from tests.peers.google.asking import CALENDAR, CONTACTS, MAIL, Asker
from tests.peers.google.sample import mail


@pytest.fixture
def google() -> Iterator[Google]:
    with serving() as made:
        yield made


@pytest.fixture
def asker(google: Google) -> Asker:
    return Asker(google, "gmail.readonly", "calendar.readonly", "contacts.readonly")


def test_a_minute_has_three_hundred_mails(google: Google, asker: Asker) -> None:
    name = google.world.mail().add(mail(1)).id
    google.world.quota.limits["gmail"] = 60
    get = f"{MAIL}/messages/{name}"
    assert [asker.get(get).status for _ in range(4)] == [200, 200, 200, 403]
    said = asker.get(get)
    assert (said.reason, said.body["error"]["errors"][0]["domain"]) == ("rateLimitExceeded", "usageLimits")
    assert asker.get(CALENDAR).status == 200
    google.world.clock.advance(60)
    assert asker.get(get).status == 200
    assert google.world.quota.total["me@example.com"] == 81
    assert [each.units for each in google.world.asked if each.status == 200] == [20, 20, 20, 1, 20]
    assert World().quota.limits["gmail"] // 20 == 300


@pytest.mark.parametrize(("status", "reason"), [(403, "userRateLimitExceeded"), (429, "rateLimitExceeded")])
@pytest.mark.parametrize("form", ["", "seconds", "date"])
def test_throttled_with_and_without_a_time(google: Google, asker: Asker, status: int, reason: str, form: str) -> None:
    quota = google.world.quota
    quota.limits["calendar"], quota.status, quota.reason, quota.retry_after = 1, status, reason, form
    asker.get(CALENDAR)
    google.world.clock.advance(20)
    said = asker.get(CALENDAR)
    assert (said.status, said.reason) == (status, reason)
    told = said.headers.get("retry-after", "")
    if form == "date":
        assert 40 <= parsedate_to_datetime(told).timestamp() - google.world.clock.now() <= 42
    else:
        assert told == ("41" if form else "")


def test_errors_have_the_shape_of_their_api(google: Google, asker: Asker) -> None:
    google.world.faults.add("*", f.error(503, "backendError", "Backend Error", retry_after="7"))
    shapes = {path: asker.get(path) for path in (f"{MAIL}/profile", CALENDAR, CONTACTS)}
    assert {said.headers["retry-after"] for said in shapes.values()} == {"7"}
    assert [sorted(said.body["error"]) for said in shapes.values()] == [
        ["code", "errors", "message", "status"], ["code", "errors", "message"], ["code", "message", "status"],
    ]  # fmt: skip


def test_only_the_calls_that_were_named_go_wrong(google: Google, asker: Asker) -> None:
    google.world.faults.add("calendar.events.*", f.error(500, "backendError"), calls={2, 3})
    assert [asker.get(CALENDAR).status for _ in range(4)] == [200, 500, 500, 200]
    assert asker.get(f"{MAIL}/profile").status == 200
    assert [(each.method, each.verb, each.status) for each in google.world.asked[-2:]] == [
        ("calendar.events.list", "GET", 200), ("gmail.users.getProfile", "GET", 200),
    ]  # fmt: skip
    assert google.world.verbs() == {"GET"}


def test_answers_that_break_off(google: Google, asker: Asker) -> None:
    rules = google.world.faults
    whole = len(json.dumps(asker.get(CALENDAR).body))
    rules.add("calendar.events.list", f.cut(200 + whole // 2))
    with pytest.raises(IncompleteRead):
        asker.get(CALENDAR)
    rules.clear()
    rules.add("calendar.events.list", f.cut(5))
    with pytest.raises(HTTPException):
        asker.get(CALENDAR)
    rules.clear()
    rules.add("calendar.events.list", f.reset(10))
    with pytest.raises(ConnectionResetError):
        asker.get(CALENDAR)
    rules.clear()
    rules.add("calendar.events.list", f.wrong_length(1))
    with pytest.raises(IncompleteRead):
        asker.get(CALENDAR)


def test_bodies_that_are_no_json(google: Google, asker: Asker) -> None:
    google.world.faults.add("gmail.*", f.html(502))
    said = asker.get(f"{MAIL}/profile")
    assert (said.status, said.headers["content-type"]) == (502, "text/html; charset=UTF-8")
    google.world.faults.add("calendar.*", f.truncated(30))
    with pytest.raises(json.JSONDecodeError):
        asker.get(CALENDAR)


def test_who_reads_gzip_is_answered_in_gzip(google: Google, asker: Asker) -> None:
    connection = HTTPConnection("127.0.0.1", google.port, timeout=10)
    headers = {"Authorization": f"Bearer {asker.grant.access}", "Accept-Encoding": "gzip"}
    connection.request("GET", CALENDAR, headers=headers)
    answer = connection.getresponse()
    assert answer.getheader("Content-Encoding") == "gzip"
    assert json.loads(gzip.decompress(answer.read())) == asker.get(CALENDAR).body
    connection.close()


def test_what_google_would_not_say_is_said_only_on_purpose(google: Google, asker: Asker) -> None:
    google.world.calendar().put(summary=7)
    said = asker.get(CALENDAR)
    assert (said.status, said.reason) == (500, "notGoogle")
    assert "items[0].summary: int instead of string" in said.body["error"]["message"]
    google.world.checked = False
    assert asker.get(CALENDAR).body["items"][0]["summary"] == 7


def test_the_token_endpoint_fails_too(google: Google, asker: Asker) -> None:
    google.world.faults.add("oauth.token", f.error(503, "temporarily_unavailable"), calls={1})
    assert asker.ask("POST", "/token").status == 503
    assert asker.ask("POST", "/token").status == 401
    google.world.faults.add("oauth.token", f.changed(lambda _: {"token_type": "Bearer"}))
    assert asker.ask("POST", "/token").body == {"token_type": "Bearer"}


def test_the_clock_may_run() -> None:
    clock = Clock(ticking=True)
    began = clock.now()
    while clock.now() == began:
        pass
    clock.advance(3600)
    assert clock.now() > began + 3600
