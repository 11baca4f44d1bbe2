"""Jobs on both databases: each turn is done by one, and every attempt is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from events import jobs
from events.jobs import JobRow
from events.log import Log, open_log
from tests.peers.postgres import Cluster

KEY = ("pull", "imap:ana@example.org")


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres")
        url = cluster.new_database()
    else:
        url = f"sqlite:///{tmp_path}/a.db"
    with open_log(url) as made, made.writing() as connection:
        jobs.add(connection, made.owner, [KEY])
    with open_log(url) as made:
        yield made


def row(log: Log) -> JobRow:
    with log.reading() as connection:
        return jobs.rows(connection, log.owner)[KEY]


def begin(
    log: Log, turn: int = 0, attempts: int = 0, *, holder: str = "one",
    dead: Callable[[str], bool] = lambda _: False, seconds: float = 60,
) -> JobRow | None:  # fmt: skip
    with log.writing() as connection:
        return jobs.begin(
            connection, log.owner, row(log).id, turn, attempts, holder=holder, seconds=seconds, is_dead=dead, now_ms=5
        )  # fmt: skip


def end(log: Log, turn: int = 0, holder: str = "one", error: str = "") -> bool:
    with log.writing() as connection:
        return jobs.end(connection, log.owner, row(log).id, turn, holder=holder, error=error, now_ms=9)


def test_its_number_tells_nothing_and_stays(log: Log) -> None:
    before = row(log).id
    with log.writing() as connection:
        jobs.add(connection, log.owner, [KEY])
    assert row(log).id == before
    assert "ana" not in before


def test_an_attempt_is_counted_before_its_work(log: Log) -> None:
    found = begin(log)
    assert found is not None
    assert (found.attempts, found.holder, found.held, found.started_ms) == (1, "one", True, 5)
    assert row(log) == found


def test_somebody_is_at_it(log: Log) -> None:
    assert begin(log)
    assert begin(log, attempts=1, holder="two") is None
    assert begin(log, attempts=1) is None, "not twice in one process either"


def test_whoever_is_dead_or_too_late_is_not_believed(log: Log) -> None:
    assert begin(log, seconds=60)
    assert begin(log, attempts=1, holder="two", dead=lambda holder: holder == "one", seconds=-1)
    assert begin(log, attempts=2, holder="three")
    assert not end(log, holder="one")
    assert not end(log, holder="two")
    assert end(log, holder="three")
    assert (row(log).turn, row(log).attempts) == (1, 0)


def test_messages_of_earlier_turns_and_attempts_do_nothing(log: Log) -> None:
    assert begin(log)
    assert end(log)
    assert begin(log) is None
    assert begin(log, turn=1, seconds=-1)
    assert begin(log, turn=1) is None, "a queue gave it out again"
    assert begin(log, turn=1, attempts=1)


def test_what_went_wrong_is_counted_until_it_goes_well(log: Log) -> None:
    for turn in range(3):
        assert begin(log, turn)
        assert end(log, turn, error="no")
    assert (row(log).failures, row(log).error) == (3, "no")
    assert begin(log, 3)
    assert end(log, 3)
    assert (row(log).failures, row(log).error, row(log).ended_ms) == (0, "", 9)


def test_what_is_left_for_reasons_of_the_holder_was_no_attempt(log: Log) -> None:
    assert begin(log)
    with log.writing() as connection:
        jobs.let_go(connection, log.owner, "two")
        jobs.let_go(connection, log.owner, "one", "another")
    assert row(log).held
    with log.writing() as connection:
        jobs.let_go(connection, log.owner, "one")
    assert (row(log).attempts, row(log).held) == (0, False)


def test_a_turn_is_sent_by_one_planner(log: Log) -> None:
    before = row(log)
    with log.writing() as connection:
        assert jobs.send(connection, log.owner, before, 7)
    with log.writing() as connection:
        assert not jobs.send(connection, log.owner, before, 8)
    assert row(log).sent_ms == 7


def test_a_hint_stays_when_it_came_while_the_job_was_done(log: Log) -> None:
    for moment, left in ((4, 0), (6, 6)):
        with log.writing() as connection:
            jobs.hint(connection, log.owner, *KEY, moment)
        turn = row(log).turn
        assert begin(log, turn)
        assert end(log, turn)
        assert row(log).hint_ms == left


def test_what_is_planned_and_what_is_dropped(log: Log) -> None:
    with log.writing() as connection:
        jobs.plan(connection, log.owner, [(row(log).id, 77)])
    assert row(log).due_ms == 77
    job = row(log).id
    with log.writing() as connection:
        jobs.drop(connection, log.owner, [KEY])
        assert jobs.begin(
            connection, log.owner, job, 0, 0, holder="x", seconds=1, is_dead=lambda _: False, now_ms=1
        ) is None  # fmt: skip
