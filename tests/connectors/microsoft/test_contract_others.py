"""The contract of connectors, held by calendars and contacts at the fake Graph."""

from __future__ import annotations

import pytest

from tests.connectors.microsoft.calendar_world import CalendarWorld
from tests.connectors.microsoft.contacts_world import ContactsWorld
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


class TestContacts(ConnectorContract):
    @pytest.fixture
    def world(self, graph: Graph) -> World:
        return ContactsWorld(graph)


class TestContactsBehindTheTwist(ConnectorContract):
    @pytest.fixture
    def world(self, graph: Graph) -> World:
        graph.world.replays = graph.world.removed_at_first = graph.world.links_with_parentheses = True
        return ContactsWorld(graph)
