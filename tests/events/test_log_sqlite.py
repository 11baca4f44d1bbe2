"""The log's contract on SQLite, and what only SQLite can get wrong."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tests.contracts.log import LogContract


@pytest.fixture
def new_url(tmp_path: Path) -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"sqlite:///{tmp_path}/log-{next(numbers)}.db"


class TestSQLite(LogContract):
    pass
