"""The contract of connectors, held by both protocols on three servers that disagree in details."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.dav.worlds import DavWorld, worlds
from tests.contracts.connector import ConnectorContract
from tests.peers.dav import DavServer


class TestCalendarsOfRadicale(ConnectorContract):
    @pytest.fixture
    def world(self, radicale: DavServer) -> Iterator[DavWorld]:
        yield from worlds(radicale, ".ics")


class TestCardsOfRadicale(ConnectorContract):
    @pytest.fixture
    def world(self, radicale: DavServer) -> Iterator[DavWorld]:
        yield from worlds(radicale, ".vcf")


class TestCalendarsOfXandikos(ConnectorContract):
    @pytest.fixture
    def world(self, xandikos: DavServer) -> Iterator[DavWorld]:
        yield from worlds(xandikos, ".ics")


class TestCardsOfXandikos(ConnectorContract):
    @pytest.fixture
    def world(self, xandikos: DavServer) -> Iterator[DavWorld]:
        yield from worlds(xandikos, ".vcf")


class TestCalendarsOfCyrus(ConnectorContract):
    @pytest.fixture
    def world(self, cyrus: DavServer) -> Iterator[DavWorld]:
        yield from worlds(cyrus, ".ics")


class TestCardsOfCyrus(ConnectorContract):
    @pytest.fixture
    def world(self, cyrus: DavServer) -> Iterator[DavWorld]:
        yield from worlds(cyrus, ".vcf")
