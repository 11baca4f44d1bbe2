"""An account that lets others in: a run ends between two pages, and the next one goes on there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.memory import Entry, MemoryConnector, MemoryServer
from connectors.sync.loop import FIRST_PAGES, sync
from connectors.sync.port import Kind
from events import positions
from events.log import Log, open_log

MANY = 60  # items; pages of three


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with open_log(f"sqlite:///{tmp_path}/a.db") as made:
        yield made


@pytest.fixture
def server() -> MemoryServer:
    made = MemoryServer(page=3)
    for box in ("old", "new"):
        made.make(box, Kind.MAIL)
    for number in range(MANY):
        made.put("old", Entry(f"old {number}", "one"))
    made.put("new", Entry("new", "one"))
    return made


def test_every_stream_shows_its_newest_before_a_run_may_end(log: Log, server: MemoryServer) -> None:
    found = sync(MemoryConnector(server), log, enough=lambda: True)
    assert (found.state, found.error) == ("waiting", "")
    seen = {one.title: (one.seen, one.state) for one in found.streams}
    assert seen == {"Old": (3 * (FIRST_PAGES + 1), "waiting"), "New": (1, "ok")}


def test_slices_come_to_the_same_as_one_run_and_decide_nothing_before_the_last(log: Log, server: MemoryServer) -> None:
    stored, runs = 0, 0
    gone = min(server.boxes["old"].entries)  # the last one that a listing shows
    while True:
        found = sync(MemoryConnector(server), log, enough=lambda: True)
        stored, runs = stored + found.stored, runs + 1
        with log.reading() as connection:
            assert positions.account(connection, log.owner, "memory:test").state == found.state
        if found.state == "ok":
            break
        assert found.withdrawn == 0
        if runs == 2:
            server.remove("old", gone)
    assert runs == 1 + (MANY // 3 - FIRST_PAGES - 1) // (FIRST_PAGES + 1) + 1
    assert stored == MANY
    assert sync(MemoryConnector(server), log).seen <= 1
