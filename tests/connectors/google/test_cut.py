"""Every answer cut at every byte: it is heard whole or not at all, and in the end nothing is missing."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.errors import TryLater
from connectors.google.client import Client, Service
from connectors.sync.loop import sync
from events.log import open_log
from tests.connectors.google.worlds import GmailWorld, client, mail, quiet
from tests.contracts.connector import Interrupted, Killed
from tests.contracts.living import living
from tests.peers.google import serving
from tests.peers.google.faults import Fault, cut, error, html, reset, truncated, wrong_length

Make = Callable[[Any, str], Any]
REQUESTS: dict[str, Make] = {
    "getProfile": lambda users, _: users.getProfile(userId="me"),
    "messages.list": lambda users, _: users.messages().list(userId="me", maxResults=2),
    "messages.get": lambda users, item: users.messages().get(userId="me", id=item, format="raw"),
    "history.list": lambda users, _: users.history().list(userId="me", startHistoryId=str(2**63 + 1001)),
}


def heard(
    asking: Client, gmail: Service, request: Any, fault: Fault | None, world: GmailWorld
) -> dict[str, Any] | None:
    world.fake.faults.clear()
    if fault:
        world.fake.faults.add("gmail.*", fault)
    try:
        return gmail.ask(request, 0)
    except TryLater:
        return None
    finally:
        asking.close()


@pytest.mark.parametrize("name", REQUESTS)
def test_an_answer_is_heard_whole_or_not_at_all(name: str) -> None:
    with serving() as google:
        quiet(google.world)
        world = GmailWorld(google)
        items = world.add(3)
        asking = client(google, world.keeper)
        gmail = asking.service("gmail")

        def make() -> Any:
            return REQUESTS[name](gmail.methods.users(), world.identity(items[0]))

        whole = heard(asking, gmail, make(), None, world)
        assert whole
        for keep in range(2_000):
            found = heard(asking, gmail, make(), truncated(keep), world)
            if found == whole:
                break
            assert found is None, keep
        assert keep > 50
        for after in range(1, 2_000, 3):
            found = heard(asking, gmail, make(), cut(after), world)
            if found == whole:
                break
            assert found is None, after
        assert after > keep


FAULTS = st.one_of(
    st.integers(0, 400).map(cut), st.integers(0, 400).map(reset), st.integers(0, 300).map(truncated),
    st.integers(1, 99).map(wrong_length), st.just(html()), st.just(error(500, "backendError")),
    st.just(error(429, "rateLimitExceeded", retry_after="3")), st.just(error(403, "userRateLimitExceeded")),
    st.just(error(401, "authError")),
)  # fmt: skip


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.lists(st.tuples(FAULTS, st.integers(1, 30)), max_size=6))
def test_whatever_happens_in_the_end_the_log_holds_what_the_mailbox_holds(
    tmp_path_factory: pytest.TempPathFactory, chance: random.Random, accidents: list[tuple[Fault, int]]
) -> None:
    folder: Path = tmp_path_factory.mktemp("accidents")
    with serving() as google:
        quiet(google.world)
        world = GmailWorld(google)
        log = open_log(f"sqlite:///{folder}/log.db")
        for number in range(4):
            _live(world, chance)
            for fault, call in accidents[number::3]:
                google.world.faults.add("gmail.*", fault, calls={call})
            _run(world, log, killed_behind=chance.choice([None, None, 0, 1, 2]))
            google.world.faults.clear()
        for _ in range(2):
            google.world.clock.advance(60)
            _run(world, log, killed_behind=None, full=False)
        found = living(log, "google:test")
        log.close()
        assert {one.key for one in found.values()} == world.living()
        for one in found.values():
            message = one.last
            labels = world.box.get(world.identity(one.key)).labels
            assert getattr(message, "seen") == ("UNREAD" not in labels)  # noqa: B009  a union of payloads


def _live(world: GmailWorld, chance: random.Random) -> None:
    """What a person does with a mailbox between two runs."""
    items = world.add(chance.randrange(8))
    for item in sorted(world.living()):
        match chance.randrange(8):
            case 0:
                world.change(item)
            case 1 if len(world.living()) > 5:
                world.remove(item)
            case 2:
                world.box.label(world.identity(item), remove={"INBOX"})
    if items and chance.randrange(3) == 0:
        world.put(mail("draft"), "draft", ("DRAFT",))
        world.remove("draft")
    if chance.randrange(4) == 0:
        world.expire()


def _run(world: GmailWorld, log: Any, *, killed_behind: int | None, full: bool = False) -> None:
    connector = world.connector()
    clock = world.fake.clock
    source = connector if killed_behind is None else Interrupted(connector, killed_behind)
    try:
        sync(source, log, clock=clock.now, sleep=clock.advance, full=full)
    except Killed:
        pass
    finally:
        connector.close()
