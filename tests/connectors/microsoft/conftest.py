from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from events.log import Log, open_log
from tests.peers.graph import Graph, serving


@pytest.fixture
def graph() -> Iterator[Graph]:
    with serving() as made:
        yield made


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with open_log(f"sqlite:///{tmp_path}/log.db") as made:
        yield made
