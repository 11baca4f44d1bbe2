"""The contract of connectors, held against the fake Google."""

from __future__ import annotations

import pytest

from tests.connectors.google.worlds import GmailWorld
from tests.contracts.connector import ConnectorContract, World
from tests.peers.google import Google


class TestGmail(ConnectorContract):
    @pytest.fixture
    def world(self, google: Google) -> World:
        return GmailWorld(google)


class TestGmailHeaders(ConnectorContract):
    """With no more than headers."""

    @pytest.fixture
    def world(self, google: Google) -> World:
        return GmailWorld(google, words=False)
