"""Real IMAP servers, each started once for a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import absent
from tests.connectors.imap.worlds import Cyrus
from tests.peers import cyrus as cyrus_peer
from tests.peers import dovecot as dovecot_peer
from tests.peers import pymap as pymap_peer
from tests.peers.proxy import Tap, tap


@pytest.fixture(scope="session")
def dovecot() -> Iterator[dovecot_peer.Dovecot]:
    if not dovecot_peer.is_here():
        absent("no Dovecot here: install the system package dovecot-imapd")
    with dovecot_peer.running() as server:
        yield server


@pytest.fixture
def tapped(dovecot: dovecot_peer.Dovecot) -> Iterator[Tap]:
    """A way to Dovecot on which every byte is kept."""
    with tap(dovecot.port) as found:
        yield found


@pytest.fixture
def pymap() -> Iterator[tuple[pymap_peer.Pymap, Tap]]:
    """An empty pymap, and the tap before it."""
    program = pymap_peer.program()
    if program is None:
        absent("no pymap here: install the development dependencies")
    else:
        with pymap_peer.running(program) as server, tap(server.port) as found:
            yield server, found


@pytest.fixture(scope="session")
def cyrus() -> Iterator[Cyrus]:
    if not cyrus_peer.is_here():
        pytest.skip(f"no cyrus is unpacked in {cyrus_peer.UNPACKED}; .ci/cyrus does it on Debian 12")
    with cyrus_peer.cyrus() as server:
        yield Cyrus(server.log.parent)
