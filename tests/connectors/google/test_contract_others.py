"""The contract of connectors, held by calendars and contacts at the fake Google."""

from __future__ import annotations

import pytest

from connectors.google.scopes import Feature
from tests.connectors.google.calendar_world import CalendarWorld
from tests.connectors.google.people_world import PeopleWorld
from tests.contracts.connector import ConnectorContract, World
from tests.peers.google import Google


class TestCalendar(ConnectorContract):
    @pytest.fixture
    def world(self, google: Google) -> World:
        return CalendarWorld(google)


class TestContacts(ConnectorContract):
    @pytest.fixture
    def world(self, google: Google) -> World:
        return PeopleWorld(google)


class TestOtherContacts(ConnectorContract):
    @pytest.fixture
    def world(self, google: Google) -> World:
        return PeopleWorld(google, Feature.OTHER)


class TestDirectory(ConnectorContract):
    @pytest.fixture
    def world(self, google: Google) -> World:
        return PeopleWorld(google, Feature.DIRECTORY)
