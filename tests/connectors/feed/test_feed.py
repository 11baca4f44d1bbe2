"""A feed that changes, rolls, empties, renames its entries and breaks; and what the connector makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial

import pytest

from connectors.errors import Refused
from connectors.feed.connector import FeedConnector, Place, checked, opened
from connectors.feed.reading import read_feed
from connectors.ics_feed import FeedConfig, as_it_stands
from connectors.sync.port import Change, Gone, Page, Poison, Position, Same, Seen
from events.vocabulary import MeetingObserved
from tests.connectors.feed.server import BEGIN, END, Publisher, publisher, vevent

NOW = datetime(2027, 2, 1, tzinfo=UTC).timestamp()


class Memory:
    """What a loop holds: enough of `port.Held` for one stream."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {}
        self.cursor: str | None = None

    def versions(self, items: Iterator[str]) -> dict[str, str]:
        return {item: self.held[item] for item in items if item in self.held}

    def all(self) -> Iterator[tuple[str, str]]:
        return iter(sorted(self.held.items()))

    def sync(self, connector: FeedConnector) -> list[Change]:
        changes: list[Change] = []
        with closing(connector):
            for page in connector.pull(connector.streams()[0], Position(self.cursor), self):  # type: ignore[arg-type]  # by shape
                self._take(page)
                changes += page.changes
        return changes

    def _take(self, page: Page) -> None:
        for change in page.changes:
            if isinstance(change, Gone):
                del self.held[change.item]
            elif not isinstance(change, Same):
                self.held[change.item] = change.version
        self.cursor = page.cursor if not page.state else self.cursor


@pytest.fixture
def feed() -> Iterator[Publisher]:
    with publisher() as made:
        yield made


def connect(feed: Publisher, page: int = 500) -> FeedConnector:
    place = Place(feed.url, "team", ("127.0.0.1",))
    return FeedConnector(place, source="ics:team", reading=as_it_stands, page=page, now=lambda: NOW)


def days(*numbers: int, month: int = 3) -> list[str]:
    return [vevent(f"m{number}@x", f"2027{month:02}{number:02}") for number in numbers]


def news(changes: list[Change]) -> list[Change]:
    return [change for change in changes if not isinstance(change, Same)]


def items(changes: list[Change], kind: type) -> list[str]:
    return sorted(change.item for change in changes if isinstance(change, kind))


def test_every_entry_is_an_item_the_latest_first_in_pages_of_which_the_last_has_the_cursor(feed: Publisher) -> None:
    feed.entries = days(1, 3, 2, 5, 4)
    connector = connect(feed, page=2)
    pages = list(connector.pull(connector.streams()[0], Position(None), Memory()))  # type: ignore[arg-type]  # by shape
    connector.close()
    assert [[change.item for change in page.changes] for page in pages] == [
        ["m5@x", "m4@x"],
        ["m3@x", "m2@x"],
        ["m1@x"],
    ]
    assert [bool(page.state) for page in pages] == [True, True, False]
    assert [page.cursor is None for page in pages] == [True, True, False]
    assert {page.total for page in pages} == {5}
    assert not any(page.listed for page in pages)


def test_what_an_entry_says_is_what_the_file_import_says_of_it(feed: Publisher) -> None:
    feed.entries = [vevent("m@x", "20270301", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@x.org")]
    (change,) = Memory().sync(connect(feed))
    assert isinstance(change, Seen)
    (event,) = change.events
    assert isinstance(event.payload, MeetingObserved)
    assert (event.payload.source, event.payload.calendar) == ("ics:team", "Team")
    assert [guest.address for guest in event.payload.attendees] == ["ana@x.org"]


@pytest.mark.parametrize("etags", [True, False])
def test_nothing_new_costs_one_question_and_says_nothing(feed: Publisher, *, etags: bool) -> None:
    feed.entries, feed.etags, memory = days(1, 2, 3), etags, Memory()
    assert len(memory.sync(connect(feed))) == 3
    assert memory.sync(connect(feed)) == []
    assert [condition for _, condition in feed.asked] == ["", feed.etag if etags else ""]
    assert {verb for verb, _ in feed.asked} == {"GET"}


def test_stamps_that_are_made_anew_at_each_download_are_no_news(feed: Publisher) -> None:
    memory = Memory()
    for stamp in ("20270101T000000Z", "20270102T000000Z"):
        lines = (f"DTSTAMP:{stamp}", f"LAST-MODIFIED:{stamp}", f"SEQUENCE:{stamp[6:8]}")
        feed.entries = [vevent("m@x", "20270301", *lines)]
        changes = memory.sync(connect(feed))
        assert len(changes) == 1
    assert changes == [Same("m@x")]


def test_a_change_is_seen_and_so_is_the_way_back(feed: Publisher) -> None:
    memory = Memory()
    for hour in (10, 12, 10):
        feed.entries = [vevent("m@x", "20270301", hour=hour)]
        (change,) = memory.sync(connect(feed))
        assert isinstance(change, Seen)


def test_an_entry_that_is_taken_out_of_the_window_is_gone_and_what_left_the_window_is_not(feed: Publisher) -> None:
    feed.entries, memory = days(15, month=1) + days(1, 2, 3, 20, 21), Memory()
    memory.sync(connect(feed))
    feed.entries = days(2, 20)
    changes = memory.sync(connect(feed))
    assert items(changes, Gone) == ["m3@x"]  # inside; m1 and m21 lie outside, m15 is over
    assert items(changes, Same) == ["m20@x", "m2@x"]
    feed.entries = days(1, 2, 20, 21)
    assert news(memory.sync(connect(feed))) == []


def test_one_instance_of_a_series_comes_and_goes_by_itself(feed: Publisher) -> None:
    master = vevent("s@x", "20270301", "RRULE:FREQ=WEEKLY")
    moved = vevent("s@x", "20270309", "RECURRENCE-ID:20270308T100000Z")
    old = vevent("s@x", "20270112", "RECURRENCE-ID:20270111T100000Z")
    feed.entries, memory = [master, moved, old, *days(28)], Memory()
    assert items(memory.sync(connect(feed)), Seen) == [
        "m28@x", "s@x", "s@x 2027-01-11T10:00:00", "s@x 2027-03-08T10:00:00",
    ]  # fmt: skip
    feed.entries = [master, *days(28)]
    assert items(memory.sync(connect(feed)), Gone) == ["s@x 2027-03-08T10:00:00"]


@pytest.mark.parametrize(
    "raw",
    [
        b"<!DOCTYPE html><html><body>Please sign in</body></html>",
        b"{}",
        (BEGIN + END)[:-10].encode(),
        (BEGIN + vevent("m1@x", "20270301")).encode(),
        (BEGIN + vevent("m1@x", "20270301"))[:-8].encode(),
        b"",
        b"\r\n \r\n",
    ],
    ids=["html", "json", "cut", "no end", "cut in an entry", "nothing", "blank"],
)
def test_what_is_no_whole_calendar_withdraws_nothing_and_says_so(feed: Publisher, raw: bytes) -> None:
    feed.entries, memory = days(1, 2, 3), Memory()
    memory.sync(connect(feed))
    held = dict(memory.held)
    feed.raw = raw
    with pytest.raises(Refused, match="team: "):
        memory.sync(connect(feed))
    feed.raw = None
    assert memory.held == held
    assert news(memory.sync(connect(feed))) == []


def test_a_calendar_that_is_suddenly_empty_withdraws_nothing_and_says_so(feed: Publisher) -> None:
    feed.entries, memory = days(15, month=1) + days(1, 2, 3), Memory()
    memory.sync(connect(feed))
    feed.entries = []
    with pytest.raises(Refused, match="team: the feed is suddenly empty, though 3 of its entries were still to come"):
        memory.sync(connect(feed))
    assert len(memory.held) == 4


def test_a_calendar_whose_entries_are_over_may_be_empty(feed: Publisher) -> None:
    feed.entries, memory = days(14, 15, month=1), Memory()
    memory.sync(connect(feed))
    feed.entries = []
    assert memory.sync(connect(feed)) == []
    assert len(memory.held) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_an_address_that_no_longer_works_withdraws_nothing_and_says_what_to_do(feed: Publisher, status: int) -> None:
    feed.status, feed.etags = status, False
    with pytest.raises(Refused, match=f"HTTP {status}.*copy its address anew"):
        Memory().sync(connect(feed))


def test_uids_that_are_made_up_at_each_download_are_seen_through(feed: Publisher) -> None:
    memory = Memory()
    for salt in "abc":
        feed.entries = [
            vevent(f"{salt}{day}", f"202703{day}").replace(f"SUMMARY:{salt}", "SUMMARY:") for day in (10, 11)
        ]
        changes = memory.sync(connect(feed))
    assert items(changes, Same) == ["a10", "a11"]
    feed.entries = [vevent("d10", "20270310").replace("SUMMARY:d", "SUMMARY:")]
    assert news(memory.sync(connect(feed))) == []  # the other one may have left the window


def test_two_entries_that_say_the_same_stay_two(feed: Publisher) -> None:
    feed.entries = [vevent(uid, "20270310").replace(f"SUMMARY:{uid}", "SUMMARY:x") for uid in ("a", "b")]
    memory = Memory()
    assert items(memory.sync(connect(feed)), Seen) == ["a", "b"]
    feed.entries.append(feed.entries[0].replace("UID:a", "UID:c"))
    assert items(memory.sync(connect(feed)), Seen) == ["c"]


def test_of_two_entries_with_one_uid_the_higher_sequence_holds(feed: Publisher) -> None:
    feed.entries = [vevent("m", "20270310", "SEQUENCE:3"), vevent("m", "20270311", "SEQUENCE:1")]
    (change,) = Memory().sync(connect(feed))
    assert isinstance(change, Seen)
    assert isinstance(change.events[0].payload, MeetingObserved)
    assert change.events[0].payload.start == "2027-03-10T10:00:00"


def test_a_broken_entry_is_told_of_and_withdraws_nothing_until_it_is_whole_again(feed: Publisher) -> None:
    feed.entries, memory = days(1, 2, 3), Memory()
    memory.sync(connect(feed))
    feed.entries[1] = "BEGIN:VEVENT\r\nUID:m2@x\r\nDTSTART:soon\r\nEND:VEVENT\r\n"
    (poison,) = news(memory.sync(connect(feed)))
    assert isinstance(poison, Poison)
    assert (poison.where, "DTSTART" in poison.why) == ("m2@x", True)
    feed.entries = days(1, 2, 3)
    assert news(memory.sync(connect(feed))) == [Gone(poison.item)]
    assert len(memory.held) == 3


def test_what_is_no_meeting_is_skipped(feed: Publisher) -> None:
    feed.entries = ["BEGIN:VTODO\r\nUID:t\r\nSUMMARY:x\r\nEND:VTODO\r\n", *days(1)]
    changes = Memory().sync(connect(feed))
    assert [change.skip for change in changes if isinstance(change, Seen)] == ["", "not_a_meeting"]


def test_zones_may_follow_the_entries_that_use_them(feed: Publisher) -> None:
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:Ours\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0300\r\n"
        "TZOFFSETTO:+0300\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )
    entry = vevent("m", "20270310").replace("DTSTART:20270310T100000Z", "DTSTART;TZID=Ours:20270310T100000")
    feed.entries = [entry, zone]
    (change,) = Memory().sync(connect(feed))
    assert isinstance(change, Seen)
    assert isinstance(change.events[0].payload, MeetingObserved)
    assert change.events[0].payload.offsets[0][1] == 180


def test_a_new_reader_reads_everything_again(feed: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    feed.entries, memory = days(1), Memory()
    memory.sync(connect(feed))
    monkeypatch.setattr("connectors.feed.connector.READERS", 99)
    memory.sync(connect(feed))
    assert [condition for _, condition in feed.asked] == ["", ""]


def test_connecting_says_what_was_found_what_is_read_and_what_is_never_done(feed: Publisher) -> None:
    feed.entries = days(1, 2)
    said = checked(FeedConfig(url=feed.url), as_it_stands)
    assert said[0] == "The calendar 'Team' was found: 2 entries from 2027-03-01 to 2027-03-02, 0 of them with guests."
    assert "nothing is written" in said[2]
    assert "leave out who takes part" in said[3]
    assert len(said) == 4
    feed.raw = b"<html>"
    with pytest.raises(Refused, match="instead of a calendar"):
        checked(FeedConfig(url=feed.url), as_it_stands)


def test_a_public_name_that_leads_inside_is_refused_unless_the_person_allows_it(feed: Publisher) -> None:
    port = feed.url.split(":")[2]
    for allowed in (False, True):
        config = FeedConfig(url=f"http://localtest.example:{port}", allow_private=allowed)
        connector = opened(config, as_it_stands, source="ics:x", name="x")
        connector._http._resolver = lambda _host, _port: ["127.0.0.1"]
        feed.entries = days(1)
        if allowed:
            assert len(connector.look().entries) == 1
        else:
            with pytest.raises(Refused, match="inside a private network"):
                connector.look()
        connector.close()


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("webcal://x.org/a.ics", "https://x.org/a.ics"),
        ("WEBCAL://x.org/a.ics", "https://x.org/a.ics"),
        ("webcals://x.org/a.ics", "https://x.org/a.ics"),
        (" https://x.org/a.ics ", "https://x.org/a.ics"),
        ("http://x.org/a.ics", "http://x.org/a.ics"),
        ("webcal://127.0.0.1:80/a.ics", "http://127.0.0.1:80/a.ics"),
        ("webcal://localhost/a.ics", "http://localhost/a.ics"),
        ("webcal://192.168.1.1/a.ics", "https://192.168.1.1/a.ics"),
    ],
)
def test_webcal_is_https_and_http_is_only_what_was_written(url: str, address: str) -> None:
    config = FeedConfig(url=url)
    assert config.address == address
    assert config.is_bare == (url == "http://x.org/a.ics")


def test_a_public_address_without_encryption_is_warned_of(feed: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.ics_feed.FeedConfig.is_here", False)
    feed.entries = days(1)
    assert checked(FeedConfig(url=feed.url), as_it_stands)[-1].startswith("Warning: this address is http://")


def test_a_document_that_is_cut_anywhere_is_not_used() -> None:
    """Servers that close the connection at the end of a document give no other sign that it is whole."""
    whole = (BEGIN + "".join(days(1, 2, 3)) + END).encode()
    read = partial(read_feed, source="ics:team", account="team", name="team", reading=as_it_stands)
    for cut in range(len(whole.rstrip())):
        with pytest.raises(Refused, match="team: "):
            read(whole[:cut])
    assert len(read(whole.rstrip()).entries) == len(read(whole).entries) == 3


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "x.ics", "", "https://", "ftp://x/", "https://me:pw@x.org/", "http://x:99999/"]
)
def test_what_is_no_address_of_a_feed_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(ValueError, match="--url"):
        FeedConfig(url=url)
