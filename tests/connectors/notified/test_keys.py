"""Google's keys: asked for when one is needed, kept while they hold, and never more often than once a minute."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.errors import TryLater
from connectors.notified.keys import Keys
from tests.connectors.notified.answering import Told, answering
from tests.peers.google.clock import Clock
from tests.peers.google.pushing import signer
from tests.peers.google.server import Google, serving


@pytest.fixture
def google() -> Iterator[Google]:
    with serving() as made:
        yield made


def test_they_are_fetched_once_and_kept_while_they_hold(google: Google) -> None:
    clock = Clock()
    keys = Keys(google.certs, clock.now)
    assert {keys.get(signer().name) for _ in range(20)} == {signer().certificate}
    assert google.world.fetched == 1
    clock.advance(19_000)  # less than max-age says
    assert keys.get(signer().name)
    assert google.world.fetched == 1
    clock.advance(1_000)
    assert keys.get(signer().name)
    assert google.world.fetched == 2


def test_whoever_names_keys_that_there_are_not_makes_nobody_ask_more_often(google: Google) -> None:
    clock = Clock()
    keys = Keys(google.certs, clock.now)
    for second in range(600):
        assert keys.get(f"none {second}") is None
        clock.advance(1)
    assert google.world.fetched <= 11
    assert keys.get(signer().name) == signer().certificate


def test_a_new_key_is_found_within_a_minute(google: Google) -> None:
    clock = Clock()
    keys = Keys(google.certs, clock.now)
    assert keys.get("key2") is None
    google.world.certificates["key2"] = signer("key2").certificate
    assert keys.get("key2") is None
    clock.advance(61)
    assert keys.get("key2") == signer("key2").certificate


def test_without_an_answer_nobody_can_tell() -> None:
    clock = Clock()
    keys = Keys("http://127.0.0.1:9/certs", clock.now)
    for _ in range(2):
        with pytest.raises(TryLater):
            keys.get("key1")


@pytest.fixture
def told() -> Iterator[Told]:
    with answering() as made:
        yield made


def test_an_answer_that_is_none_is_not_kept(told: Told) -> None:
    clock = Clock()
    keys = Keys(f"{told.url}/certs", clock.now)
    with pytest.raises(TryLater, match="not Google answers"):
        keys.get("key1")
    with pytest.raises(TryLater):  # within the minute it is not asked again
        keys.get("key1")
    assert len(told.asked) == 1
