"""Leases and their fencing tokens, on both databases: one holder at a time, and no commit of one that was overtaken."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from events import leases
from events.admission import Outcome
from events.envelope import NewEvent, stream_of
from events.leases import LeaseLost
from events.log import Log, open_log
from events.vocabulary import NoteAdded
from tests.peers.postgres import Cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    url = f"sqlite:///{tmp_path}/amity.db"
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres")
        url = cluster.new_database()
    with open_log(url) as log:
        yield log


def take(log: Log, holder: str, *streams: str, seconds: float = 60, dead: str = "") -> dict[str, int]:
    with log.writing() as connection:
        return leases.acquire(
            connection, "me", "s", streams, holder=holder, seconds=seconds, is_dead=lambda one: one == dead
        )


def note(number: int) -> NewEvent:
    payload = NoteAdded(addresses=("a",), text=str(number))
    return NewEvent(stream_of(None, "note", str(number)), None, 0, payload)


def guarded(tokens: dict[str, int]) -> Callable[[Connection, list[Outcome]], None]:
    return lambda connection, _: leases.check(connection, "me", "s", tokens)


def test_what_one_holds_another_does_not_get(log: Log) -> None:
    assert take(log, "a", "x", "y") == {"x": 1, "y": 1}
    assert take(log, "b", "x", "z") == {"z": 1}
    assert take(log, "a", "x") == {}, "not even the same holder gets it twice"


def test_what_has_ended_is_free_and_its_token_rises(log: Log) -> None:
    assert take(log, "a", "x", seconds=-1) == {"x": 1}
    assert take(log, "b", "x") == {"x": 2}


def test_what_was_let_go_is_free_and_its_token_rises(log: Log) -> None:
    take(log, "a", "x", "y")
    with log.writing() as connection:
        leases.release(connection, "me", "s", "a")
    assert take(log, "b", "x") == {"x": 2}
    assert take(log, "a", "y") == {"y": 2}


def test_renewed_it_lasts(log: Log) -> None:
    take(log, "a", "x", seconds=-1)
    with log.writing() as connection:
        leases.renew(connection, "me", "s", "a", 60)
    assert take(log, "b", "x") == {}


def test_a_dead_holders_lease_is_free_at_once(log: Log) -> None:
    take(log, "a", "x")
    assert take(log, "b", "x", dead="c") == {}
    assert take(log, "b", "x", dead="a") == {"x": 2}


def test_sources_and_owners_have_leases_of_their_own(log: Log) -> None:
    take(log, "a", "x")
    with log.writing() as connection:
        for owner, source in (("me", "other"), ("you", "s")):
            found = leases.acquire(
                connection, owner, source, ["x"], holder="b", seconds=60, is_dead=lambda _: False
            )
            assert found == {"x": 1}


def test_a_commit_with_an_old_token_is_refused_and_stores_nothing(log: Log) -> None:
    old = take(log, "a", "x", seconds=-1)
    log.append([note(1)], along=guarded(old))
    new = take(log, "b", "x")
    with pytest.raises(LeaseLost, match="another process has taken over"):
        log.append([note(2)], cursor=("s", "x", "moved"), along=guarded(old))
    assert (log.head(), log.cursor("s", "x")) == (1, None)
    log.append([note(2)], along=guarded(new))


def test_a_lease_that_ended_and_that_nobody_took_is_still_good(log: Log) -> None:
    tokens = take(log, "a", "x", seconds=-1)
    log.append([note(1)], along=guarded(tokens))
    assert log.head() == 1


def test_nobody_takes_over_between_the_check_and_the_commit(log: Log) -> None:
    tokens = take(log, "a", "x", seconds=-1)
    taken: list[int] = []
    other = threading.Thread(target=lambda: taken.append(take(log, "b", "x")["x"]))

    def along(connection: Connection, outcomes: list[Outcome]) -> None:
        guarded(tokens)(connection, outcomes)
        other.start()
        other.join(0.3)
        assert taken == [], "the taker waits until this commit is done"

    log.append([note(1)], along=along)
    other.join(10)
    assert (taken, log.head()) == ([2], 1)


def test_of_many_takers_at_once_one_gets_it(log: Log) -> None:
    take(log, "a", "x", seconds=-1)
    barrier = threading.Barrier(6)
    got: list[tuple[str, int]] = []

    def grab(number: int) -> None:
        barrier.wait()
        got.extend(take(log, f"taker {number}", "x", "y").items())

    threads = [threading.Thread(target=grab, args=(number,)) for number in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(got) == [("x", 2), ("y", 1)]


def test_whatever_is_written_along_is_stored_with_the_page_or_not_at_all(log: Log) -> None:
    def along(connection: Connection, outcomes: list[Outcome]) -> None:
        assert outcomes == [Outcome.NEW_STREAM]
        leases.acquire(connection, "me", "s", ["x"], holder="a", seconds=60, is_dead=lambda _: False)
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        log.append([note(1)], along=along)
    assert log.head() == 0
    assert take(log, "b", "x") == {"x": 1}
