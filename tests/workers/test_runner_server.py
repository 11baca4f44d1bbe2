"""Turns of many owners on one PostgreSQL: connections are kept, and the end of one is nobody's trouble."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from amity import wiring
from amity.home import Home, of_owner, prepare
from events import jobs
from events.jobs import JobRow
from tests.peers.postgres import Cluster
from workers.plan import PROJECT
from workers.runner import Outcome, Runner, Work

OWNERS = ("ana", "bo")


@pytest.fixture
def office(postgres: Cluster, tmp_path: Path) -> Home:
    home = Home(tmp_path, postgres.new_bound_database())
    for name in OWNERS:
        prepare(of_owner(home, name))
        with closing(wiring.open_home(of_owner(home, name))) as log, log.writing() as connection:
            jobs.add(connection, name, [(PROJECT, "")])
    return home


def row(home: Home, owner: str) -> JobRow:
    with closing(wiring.open_home(of_owner(home, owner))) as log, log.reading() as connection:
        return jobs.rows(connection, owner)[PROJECT, ""]


def do(runner: Runner, owner: str) -> int:
    """One turn; the number of the server's process that served it."""
    served: list[int] = []

    def duty(work: Work) -> Outcome:
        assert (work.home.owner, work.log.owner, work.row.id) == (owner, owner, before.id)
        with work.log.reading() as connection:
            served.append(connection.scalar(text("SELECT pg_backend_pid()")) or 0)
        return Outcome()

    before = row(runner.home, owner)
    runner.run(owner, before.id, before.turn, before.attempts, duty, limit_ms=60_000)
    assert row(runner.home, owner).turn == before.turn + 1
    return served[0]


@pytest.fixture
def runner(office: Home) -> Iterator[Runner]:
    made = Runner(office, {})
    yield made
    made.let_go()


def test_connections_are_kept_for_all_owners(runner: Runner) -> None:
    assert len({do(runner, owner) for owner in (*OWNERS, *OWNERS)}) == 1


def test_a_connection_that_was_ended_is_made_anew(runner: Runner, postgres: Cluster) -> None:
    first = do(runner, "ana")
    with psycopg.connect(host=str(postgres.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", (first,))
    assert do(runner, "bo") != first
    assert runner.failed == 0
