"""Of everything that changes something, only asking for notifications is let through: by verb and whole address."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.errors import Refused, TryLater
from connectors.http import READING, Http
from connectors.notified import changes
from tests.connectors.notified.answering import Told, answering

GOOD = [
    ("POST", "/gmail/v1/users/me/watch"), ("POST", "/gmail/v1/users/me/stop"),
    ("POST", "/calendar/v3/calendars/me%40example.com/events/watch"), ("POST", "/calendar/v3/channels/stop"),
    ("POST", "/v1.0/subscriptions"), ("PATCH", "/v1.0/subscriptions/7f105c7d-2dc5-4530-97cd-4e7ae6534c07"),
    ("DELETE", "/v1.0/subscriptions/7f105c7d-2dc5-4530-97cd-4e7ae6534c07"),
]  # fmt: skip
BAD = [
    ("POST", "/gmail/v1/users/me/messages/send"), ("POST", "/gmail/v1/users/me/messages/m1/trash"),
    ("POST", "/gmail/v1/users/me/messages/m1/modify"), ("POST", "/gmail/v1/users/you/watch"),
    ("POST", "/gmail/v1/users/me/watch/../messages/send"), ("POST", "/gmail/v1/users/me/watch?alt=json"),
    ("POST", "/gmail/v1/users/me/watch#x"), ("PATCH", "/gmail/v1/users/me/watch"),
    ("DELETE", "/gmail/v1/users/me/messages/m1"), ("PUT", "/gmail/v1/users/me/settings/vacation"),
    ("POST", "/calendar/v3/calendars/me/events"), ("POST", "/calendar/v3/calendars/me/acl/watch"),
    ("POST", "/calendar/v3/calendars/me/events/quickAdd"), ("POST", "/calendar/v3/calendars/a/b/events/watch"),
    ("DELETE", "/calendar/v3/calendars/me/events/e1"), ("POST", "/calendar/v3/calendars/me/clear"),
    ("POST", "/v1.0/me/sendMail"), ("POST", "/v1.0/me/events"), ("PATCH", "/v1.0/me/messages/m1"),
    ("DELETE", "/v1.0/me/messages/m1"), ("DELETE", "/v1.0/subscriptions"), ("PUT", "/v1.0/subscriptions/s1"),
    ("PATCH", "/v1.0/subscriptions/s1/../../me/messages/m1"), ("DELETE", "/v1.0/subscriptions/s1/x"),
    ("POST", "/v1.0/$batch"), ("POST", "/beta/subscriptions"),
]  # fmt: skip


@pytest.fixture
def told() -> Iterator[Told]:
    with answering() as made:
        yield made


def client(url: str) -> Http:
    allowed = (*changes.gmail(f"{url}/"), *changes.calendar(f"{url}/calendar/v3/"), *changes.graph(f"{url}/v1.0"))
    return Http("x", verbs=READING, changes=allowed, private=("127.0.0.1",))


@pytest.mark.parametrize(("verb", "path"), GOOD)
def test_what_asks_for_notifications_is_sent(told: Told, verb: str, path: str) -> None:
    assert client(told.url).ask(verb, told.url + path).status == 200
    assert told.asked == [(verb, path)]


@pytest.mark.parametrize(("verb", "path"), BAD)
def test_nothing_else_is_sent(told: Told, verb: str, path: str) -> None:
    with pytest.raises(Refused, match="only reads"):
        client(told.url).ask(verb, told.url + path)
    assert told.asked == []


def test_nowhere_else_either(told: Told) -> None:
    """The same path at another server, or where a redirect leads."""
    here = client("http://127.0.0.1:9")
    with pytest.raises(Refused, match="only reads"):
        here.ask("POST", f"{told.url}/v1.0/subscriptions")
    assert told.asked == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_does_not_lead_a_change_elsewhere(told: Told, status: int) -> None:
    told.redirect = (status, "/v1.0/me/sendMail")
    with pytest.raises(Refused, match="only reads"):
        client(told.url).ask("POST", f"{told.url}/v1.0/subscriptions")
    assert told.asked == [("POST", "/v1.0/subscriptions")]


def test_a_client_that_was_not_told_so_sends_no_change(told: Told) -> None:
    for verb, path in GOOD:
        with pytest.raises(Refused, match="only reads"):
            Http("x", private=("127.0.0.1",)).ask(verb, told.url + path)
    assert told.asked == []


def test_a_change_is_not_sent_twice_when_the_connection_breaks(told: Told) -> None:
    told.hang_up = True
    with pytest.raises(TryLater):
        client(told.url).ask("POST", f"{told.url}/v1.0/subscriptions")
    assert len(told.asked) == 1
