"""The contract of connectors, held by calendars at the fake Graph."""

from __future__ import annotations

import pytest

from tests.connectors.microsoft.calendar_world import CalendarWorld
from tests.contracts.connector import ConnectorContract, World
from tests.peers.graph import Graph


class TestCalendar(ConnectorContract):
    @pytest.fixture
    def world(self, graph: Graph) -> World:
        return CalendarWorld(graph)


class TestCalendarBehindTheTwist(ConnectorContract):
    """Rows repeat, tombstones come with the first round, ids say nothing of their calendar, nobody shows a uid."""

    @pytest.fixture
    def world(self, graph: Graph) -> World:
        fake = graph.world
        fake.replays = fake.removed_at_first = fake.links_with_parentheses = True
        fake.shows_uid = False
        fake.skip_token = "$skipToken"  # noqa: S105  a spelling
        return CalendarWorld(graph)
