from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.peers.graph import Graph, serving


@pytest.fixture
def graph() -> Iterator[Graph]:
    with serving() as made:
        yield made
