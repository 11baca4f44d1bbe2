from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.peers.google import Google, serving
from tests.peers.loopback import only_loopback


@pytest.fixture(autouse=True)
def _nothing_leaves_the_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with only_loopback(monkeypatch) as tried:
        yield
    assert tried == []


@pytest.fixture
def google() -> Iterator[Google]:
    with serving() as made:
        yield made
