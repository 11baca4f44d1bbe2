"""Every answer cut at every byte: it is heard whole or not at all, and in the end nothing is missing."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.errors import TryLater
from connectors.sync.loop import sync
from events.log import Log, open_log
from events.vocabulary import MessageObserved
from tests.connectors.microsoft.worlds import MailWorld, client, mail
from tests.contracts.connector import Interrupted, Killed
from tests.contracts.living import living
from tests.peers.graph import Graph, serving
from tests.peers.graph.faults import Fault, cut, error, html, reset, truncated, wrong_length

ASKED = ["/me?$select=mail", "/me/mailFolders/inbox/messages/delta?$select=isRead", "/me/mailFolders/inbox?$select=id"]


def heard(world: MailWorld, path: str, fault: Fault | None) -> dict[str, Any] | None:
    world.fake.faults.clear()
    if fault:
        world.fake.faults.add("/me*", fault)
    asking = client(world.graph, world.keeper)
    try:
        document = asking.get(path)
    except TryLater:
        return None
    finally:
        asking.close()
    return {name: value for name, value in document.items() if not name.startswith("@")}


@pytest.mark.parametrize("path", ASKED)
def test_an_answer_is_heard_whole_or_not_at_all(graph: Graph, path: str) -> None:
    world = MailWorld(graph)
    world.add(1)
    whole = heard(world, path, None)
    assert whole
    for keep in range(0, 5_000, 7):
        found = heard(world, path, truncated(keep))
        if found == whole:
            break
        assert found is None, keep
    assert keep > 50
    for after in range(1, 5_000, 11):
        found = heard(world, path, cut(after))
        if found == whole:
            break
        assert found is None, after
    assert after > keep


FAULTS = st.one_of(
    st.integers(0, 400).map(cut), st.integers(0, 400).map(reset), st.integers(0, 300).map(truncated),
    st.integers(1, 99).map(wrong_length), st.just(html()), st.just(error(500, "InternalServerError")),
    st.just(error(429, "ApplicationThrottled", retry_after="3")), st.just(error(503, "ErrorServerBusy")),
    st.just(error(401, "InvalidAuthenticationToken")), st.just(error(410, "resyncRequired")),
)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.lists(st.tuples(FAULTS, st.integers(1, 40)), max_size=6))
def test_whatever_happens_in_the_end_the_log_holds_what_the_mailbox_holds(
    tmp_path_factory: pytest.TempPathFactory, chance: random.Random, accidents: list[tuple[Fault, int]]
) -> None:
    folder: Path = tmp_path_factory.mktemp("accidents")
    with serving() as graph:
        world = MailWorld(graph)
        world.box.returned_is_removed, world.box.sparse = chance.random() < 0.5, chance.random() < 0.5
        world.fake.replays = chance.random() < 0.3
        log = open_log(f"sqlite:///{folder}/log.db")
        for number in range(4):
            _live(world, chance)
            for fault, call in accidents[number::3]:
                world.fake.faults.add("/me*", fault, calls={call})
            _run(world, log, killed_behind=chance.choice([None, None, 0, 1, 2]))
            world.fake.faults.clear()
        for _ in range(3):
            world.fake.clock.advance(60)
            _run(world, log, killed_behind=None)
        found = [one.last for one in living(log, "microsoft:test").values()]
        log.close()
        held = {one.message_id: one for one in found if isinstance(one, MessageObserved)}
        assert set(held) == world.living()
        for name, one in held.items():
            message = world.items[name]
            assert one.seen == message.body["isRead"]
            assert (one.box == "trash") == (message.folder == world.box.folder("deleteditems").key)


def _live(world: MailWorld, chance: random.Random) -> None:
    """What a person does with a mailbox between two runs."""
    world.add(chance.randrange(8))
    for item in list(world.items):
        match chance.randrange(10):
            case 0:
                world.change(item)
            case 1 if len(world.living()) > 5:
                world.remove(item)
            case 2:
                world.box.move(world.items[item], chance.choice(["archive", "deleteditems", "inbox"]))
            case 3:
                for folder in ("archive", "inbox"):
                    world.box.move(world.items[item], folder)
    if chance.randrange(3) == 0:
        world.box.add("drafts", mail("draft"), isDraft=True)
    if chance.randrange(4) == 0:
        world.expire()


def _run(world: MailWorld, log: Log, *, killed_behind: int | None) -> None:
    connector = world.connector()
    clock = world.fake.clock
    source = connector if killed_behind is None else Interrupted(connector, killed_behind)
    try:
        sync(source, log, clock=clock.now, sleep=clock.advance, chance=lambda: 0.5)
    except Killed:
        pass
    finally:
        connector.close()
