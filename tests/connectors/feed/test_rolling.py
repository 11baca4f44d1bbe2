"""A calendar that is edited while its feed shows a moving window of it: nothing that is still there is withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import Refused
from connectors.feed.connector import FeedConnector, Place
from connectors.feed.reading import Entry, read_feed
from connectors.ics_feed import as_it_stands
from connectors.sync.port import Gone, Poison, Same
from tests.connectors.feed.server import BEGIN, END, vevent

FIRST = date(2027, 1, 1)
DAYS = 60


class Calendar:
    """Entries by UID, each on a day; the feed shows those of [today - back, today + ahead]."""

    def __init__(self) -> None:
        self.days: dict[str, int] = {}
        self.number = 0

    def edit(self, kind: str, which: int, day: int) -> None:
        uids = sorted(self.days)
        if kind == "add":
            self.number += 1
            self.days[f"u{self.number:03}"] = day
        elif uids and kind == "move":
            self.days[uids[which % len(uids)]] = day
        elif uids:
            del self.days[uids[which % len(uids)]]

    def feed(self, today: int, back: int, ahead: int, salt: str) -> bytes:
        shown = [
            vevent(f"{salt}{uid}", f"{FIRST + timedelta(days=day):%Y%m%d}").replace(f"SUMMARY:{salt}", "SUMMARY:")
            for uid, day in self.days.items()
            if today - back <= day <= today + ahead
        ]
        return (BEGIN + "".join(shown) + END).encode()


edits = st.tuples(st.sampled_from(["add", "add", "add", "move", "remove"]), st.integers(0, 50), st.integers(0, DAYS))
runs = st.lists(st.tuples(st.lists(edits, max_size=5), st.integers(0, 9), st.integers(1, 30)), min_size=1, max_size=8)


@settings(max_examples=150)
@given(runs, st.integers(0, 10), st.booleans())
def test_only_what_was_deleted_or_moved_is_gone_and_nothing_of_the_past(
    steps: list[tuple[list[tuple[str, int, int]], int, int]],
    back: int,
    renames: bool,  # noqa: FBT001  hypothesis
) -> None:
    calendar, held, today = Calendar(), dict[str, str](), 0
    days: dict[str, int] = {}  # of what is held
    for number, (changes, later, ahead) in enumerate(steps):
        for change in changes:
            calendar.edit(*change)
        today += later
        body = calendar.feed(today, back, ahead, f"{number}-" if renames else "")
        now = datetime.combine(FIRST + timedelta(days=today), datetime.min.time(), UTC).timestamp()
        connector = FeedConnector(
            Place("http://x.example/", "x"), source="ics:x", reading=as_it_stands, now=partial(float, now)
        )
        feed = read_feed(body, source="ics:x", account="x", name="x", reading=as_it_stands)
        before = dict(held)
        try:
            changed = list(connector._changes(feed, before))
        except Refused:
            assert not feed.entries
            continue
        for news in changed:
            assert not isinstance(news, Poison)
            if isinstance(news, Gone):
                uid, day = news.item.rpartition("-")[2], days[news.item]
                assert calendar.days.get(uid) != day, "it is still in the calendar"
                assert day >= today, "it is over"
                del held[news.item]
            elif not isinstance(news, Same):
                held[news.item] = news.version
                days[news.item] = calendar.days[news.item.rpartition("-")[2]]
        _holds_what_is_shown(held, feed.entries)


def _holds_what_is_shown(held: dict[str, str], entries: Sequence[Entry]) -> None:
    shown = sorted(entry.change.version for entry in entries)
    versions = list(held.values())
    for version in shown:
        assert version in versions
        versions.remove(version)
