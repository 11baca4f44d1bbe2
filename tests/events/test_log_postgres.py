"""The log's contract on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.contracts.log import LogContract
from tests.peers.postgres import Cluster


@pytest.fixture
def new_url(postgres: Cluster) -> Callable[[], str]:
    return postgres.new_database


class TestPostgreSQL(LogContract):
    pass
