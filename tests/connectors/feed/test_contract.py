"""The contract of connectors, held by calendar feeds with and without marks of change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest

from connectors.feed.connector import FeedConnector, Place
from connectors.ics_feed import as_it_stands
from tests.connectors.feed.server import Publisher, publisher, vevent
from tests.contracts.connector import ConnectorContract, World

NOW = datetime(2027, 2, 1, tzinfo=UTC).timestamp()


class FeedWorld(World):
    """A calendar to which entries are added in the order of their days."""

    def __init__(self, feed: Publisher) -> None:
        self._feed = feed
        self._number = count(1)
        self._entries: dict[str, str] = {}

    def connector(self) -> FeedConnector:
        place = Place(self._feed.url, "team", ("127.0.0.1",))
        return FeedConnector(place, source="ics:team", reading=as_it_stands, page=5, now=lambda: NOW)

    def add(self, count: int = 1) -> list[str]:
        uids = []
        for number in (next(self._number) for _ in range(count)):
            day = date(2027, 3, 1) + timedelta(days=number)
            uids.append(f"item-{number}")
            self._entries[uids[-1]] = vevent(uids[-1], f"{day:%Y%m%d}")
        self._publish()
        return uids

    def change(self, item: str) -> None:
        hour = int(re.search(r"DTSTART:\d{8}T(\d\d)", self._entries[item])[1])  # type: ignore[index]  # every entry has one
        day = re.search(r"DTSTART:(\d{8})", self._entries[item])[1]  # type: ignore[index]  # likewise
        self._entries[item] = vevent(item, day, hour=22 - hour)
        self._publish()

    def remove(self, item: str) -> None:
        del self._entries[item]
        self._publish()

    def living(self) -> set[str]:
        return set(self._entries)

    def requests(self) -> int:
        return len(self._feed.asked)

    def _publish(self) -> None:
        self._feed.entries = list(self._entries.values())


class TestFeed(ConnectorContract):
    @pytest.fixture(params=[True, False], ids=["etags", "no etags"])
    def world(self, request: pytest.FixtureRequest) -> Iterator[FeedWorld]:
        with publisher() as feed:
            feed.etags = request.param
            yield FeedWorld(feed)
