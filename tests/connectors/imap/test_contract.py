"""The contract of connectors, held against real servers: with QRESYNC, with CONDSTORE alone, with neither, with ids."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.imap.worlds import Cyrus, CyrusWorld, DovecotWorld, PymapWorld
from tests.contracts.connector import ConnectorContract, World
from tests.peers import pymap as pymap_peer
from tests.peers.dovecot import Dovecot
from tests.peers.proxy import Tap, tap


class TestDovecot(ConnectorContract):
    ignored: frozenset[str] = frozenset()

    @pytest.fixture
    def world(self, dovecot: Dovecot, tapped: Tap) -> Iterator[World]:
        world = DovecotWorld(dovecot, tapped, self.ignored)
        yield world
        world.close()


class TestDovecotWithoutQresync(TestDovecot):
    """As Gmail: flags since a modseq, but no word of what vanished."""

    ignored = frozenset({"QRESYNC", "LIST-STATUS", "ESEARCH", "UNSELECT", "AUTH=PLAIN"})


class TestDovecotWithoutModseq(TestDovecot):
    """As an old server: nothing but UIDs and flags."""

    ignored = frozenset({"QRESYNC", "CONDSTORE", "LIST-EXTENDED", "LIST-STATUS", "SASL-IR", "ENABLE"})


class TestPymap(ConnectorContract):
    @pytest.fixture
    def world(self, pymap: tuple[pymap_peer.Pymap, Tap]) -> Iterator[World]:
        server, tap = pymap
        world = PymapWorld(server.port, pymap_peer.USER, pymap_peer.PASSWORD, tap)
        yield world
        world.close()


class TestCyrus(ConnectorContract):
    @pytest.fixture
    def world(self, cyrus: Cyrus) -> Iterator[World]:
        with tap(cyrus.port) as tapped:
            world = CyrusWorld(cyrus, tapped)
            yield world
            world.close()
