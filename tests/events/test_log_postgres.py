"""The log's contract on a real PostgreSQL, as a superuser and as a role that row-level security binds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.contracts.log import LogContract
from tests.peers.postgres import Cluster


class TestPostgreSQL(LogContract):
    @pytest.fixture
    def new_url(self, postgres: Cluster) -> Callable[[], str]:
        return postgres.new_database


class TestPostgreSQLBound(LogContract):
    @pytest.fixture
    def new_url(self, postgres: Cluster) -> Callable[[], str]:
        return postgres.new_bound_database
