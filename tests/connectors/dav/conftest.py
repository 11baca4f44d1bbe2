"""Real servers, each started once for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers import cyrus as strict
from tests.peers.daemon import folder
from tests.peers.dav import DavServer
from tests.peers.radicale import radicale as start_radicale
from tests.peers.xandikos import xandikos as start_xandikos


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Pytest's, but in memory: each log waits for the disk at each commit."""
    with folder("dav") as path:
        yield path


@pytest.fixture(scope="module")
def radicale() -> Iterator[DavServer]:
    with start_radicale() as server:
        yield server


@pytest.fixture(scope="module")
def xandikos() -> Iterator[DavServer]:
    with start_xandikos() as server:
        yield server


@pytest.fixture(scope="module")
def cyrus() -> Iterator[DavServer]:
    if not strict.is_here():
        pytest.skip(f"no cyrus is unpacked in {strict.UNPACKED}; .ci/cyrus does it on Debian 12")
    with strict.cyrus() as server:
        yield server
