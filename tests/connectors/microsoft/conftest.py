from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.microsoft.scopes import Feature
from connectors.sync.provider import InMemory
from events.log import Log, open_log
from tests.connectors.microsoft.calendar_world import FIVE_YEARS, keeper
from tests.peers.graph import Graph, serving


@pytest.fixture
def graph() -> Iterator[Graph]:
    with serving() as made:
        yield made


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with open_log(f"sqlite:///{tmp_path}/log.db") as made:
        yield made


@pytest.fixture
def me(graph: Graph) -> InMemory:
    """Who signed in, whose calendar goes back five years."""
    graph.world.clock.advance(FIVE_YEARS)
    return keeper(graph, Feature.CALENDAR)
