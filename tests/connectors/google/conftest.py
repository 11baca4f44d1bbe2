from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.peers.google import Google, serving


@pytest.fixture
def google() -> Iterator[Google]:
    with serving() as made:
        yield made
