from __future__ import annotations

import pytest

from tests.connectors.microsoft.worlds import MailWorld
from tests.contracts.connector import ConnectorContract, World
from tests.peers.graph import Graph


class TestMail(ConnectorContract):
    @pytest.fixture
    def world(self, graph: Graph) -> World:
        return MailWorld(graph)


class TestBehindTheTwist(ConnectorContract):
    """Rows repeat, changes are told alone, tombstones come with the first round, links are spelled otherwise."""

    @pytest.fixture
    def world(self, graph: Graph) -> World:
        fake = graph.world
        fake.replays = fake.removed_at_first = fake.links_with_parentheses = True
        fake.mail().sparse = fake.mail().returned_is_removed = True
        return MailWorld(graph)
