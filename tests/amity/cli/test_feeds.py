"""Calendar feeds through the commands: connected, followed, taken back; and days off that scale what is wanted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.feed.server import Publisher, publisher
from tests.home import Home, guests, vevent

GOAL = """
[goals.launch]
weight = 1.0
weekly = "10h"
match = ["launch"]
"""


@pytest.fixture
def feed() -> Iterator[Publisher]:
    with publisher() as made:
        yield made


def test_holidays_are_days_off_so_that_targets_scale(tmp_path: Path, feed: Publisher) -> None:
    home = Home(tmp_path, more=GOAL)
    before = home.json("report", "2026-W40")
    alarm = ("BEGIN:VALARM", "DESCRIPTION:Observance", "END:VALARM", "TRANSP:TRANSPARENT")
    feed.entries = [
        vevent("h1", ";VALUE=DATE:20260928", ";VALUE=DATE:20260930", *alarm, title="Harvest Festival"),
        vevent("o1", ";VALUE=DATE:20261001", "", "DESCRIPTION:Observance\\nTo hide observances", title="Poetry Day"),
        vevent("o2", ";VALUE=DATE:20261002", "", "DESCRIPTION:Um sie auszublenden\\, Google Kalender …", title="Tag"),
        vevent("h2", ";VALUE=DATE:20261003", "", title="A Saturday"),
    ]
    home.json("connect", "holidays", "--url", feed.url, "--account", "days", as_of=None)
    home.json("sync", as_of=None)
    after = home.json("report", "2026-W40")
    assert (before["period"]["available_days"], after["period"]["available_days"]) == (5, 3)
    assert (before["goals"][0]["target_minutes"], after["goals"][0]["target_minutes"]) == (600, 360)
    assert after["period"]["work_days"] == 5


def test_a_feed_is_connected_followed_and_believed_only_within_its_window(tmp_path: Path, feed: Publisher) -> None:
    home = Home(tmp_path)
    home.as_of = "2027-04-01T00:00:00Z"
    with_ana = guests("ana@y.org")
    feed.entries = [
        vevent(f"m{day}", f"202703{day}T100000Z", f"202703{day}T110000Z", *with_ana) for day in (10, 11, 12)
    ]
    found = home.json("connect", "ics", "--url", feed.url, "--account", "team", as_of=None)["found"]
    assert found[0].startswith("The calendar 'Team' was found: 3 entries from 2027-03-10 to 2027-03-12, 3 of them")
    assert minutes(home) == 0
    synced(home, stored=3)
    assert minutes(home) == 180
    synced(home, stored=0)
    del feed.entries[1]
    synced(home, stored=0, withdrawn=1)
    assert minutes(home) == 120
    feed.raw = b"<html>Please sign in</html>"
    result = home.invoke("sync")
    assert result.exit_code == 1
    assert "a web page (a sign-in, or an error) instead of a calendar; nothing is withdrawn" in result.stderr
    assert minutes(home) == 120
    assert home.json("verify", as_of=None)["ok"]


@pytest.mark.parametrize("file_first", [True, False])
def test_a_meeting_that_a_file_and_a_feed_show_is_one_and_goes_with_the_feed(
    tmp_path: Path, feed: Publisher, *, file_first: bool
) -> None:
    home = Home(tmp_path)
    home.as_of = "2027-04-01T00:00:00Z"
    feed.entries = [
        vevent(f"m{day}", f"202703{day}T100000Z", f"202703{day}T110000Z", *guests("ana@y.org")) for day in (10, 11, 12)
    ]
    home.json("connect", "ics", "--url", feed.url, "--account", "team", as_of=None)
    for file in (file_first, not file_first):
        if file:
            home.calendar(*feed.entries)
        else:
            home.json("sync", as_of=None)
        assert minutes(home) == 180
    del feed.entries[1]
    synced(home, stored=0, withdrawn=1)
    assert minutes(home) == 120


def synced(home: Home, *, stored: int, withdrawn: int = 0) -> None:
    (account,) = home.json("sync", as_of=None)["accounts"]
    (stream,) = account["streams"]
    assert (account["error"], stream["stored"], stream["withdrawn"]) == (None, stored, withdrawn)


def minutes(home: Home) -> float:
    return home.minutes().get("ana@y.org", 0)


def test_a_feed_that_wants_to_be_left_alone_is(tmp_path: Path, feed: Publisher) -> None:
    home = Home(tmp_path)
    home.json("connect", "ics", "--url", feed.url, "--account", "team", as_of=None)
    feed.status, feed.etags, feed.headers = 429, False, {"Retry-After": "3600"}
    asked = len(feed.asked)
    for _ in range(3):
        (account,) = json.loads(home.invoke("sync", "--json").stdout)["accounts"]
        assert account["state"] == "waiting"
        assert "left alone until" in account["error"]
    assert len(feed.asked) == asked + 1


def test_the_address_of_a_feed_is_a_secret(tmp_path: Path, feed: Publisher) -> None:
    home = Home(tmp_path)
    feed.entries = [vevent("m", "20270310T100000Z")]
    secret = "private-0123456789abcdef"  # noqa: S105  the canary
    home.json("connect", "ics", "--url", f"{feed.url}?key={secret}", "--account", "team", as_of=None)
    feed.raw = b"<html>"
    for words in (("sync",), ("status",), ("accounts",), ("sync", "--json"), ("status", "--json"), ("log", "--json")):
        assert secret not in home.invoke(*words).output
