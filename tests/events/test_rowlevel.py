"""Row-level security: what one owner's transaction can see and write of another's, in every table, is nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, exc, inspect, text

from events import rowlevel
from events.envelope import NewEvent, stream_of
from events.log import Log, open_log
from events.schema import metadata
from events.vocabulary import NoteAdded
from tests.peers.postgres import Cluster

OWNED = sorted(name for name, table in metadata.tables.items() if "owner" in table.columns)


@pytest.fixture
def ana(postgres: Cluster) -> Iterator[Log]:
    with open_log(postgres.new_bound_database(), owner="ana") as log:
        yield log


def note(words: str) -> NewEvent:
    return NewEvent(stream_of(1, words), 1, 1, NoteAdded(addresses=("x@y.org",), text=words))


def counted(connection: Connection, table: str) -> int:
    """Without a condition, as somebody would who forgot it."""
    return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def fill(log: Log, table: str, owner: str = "ana") -> None:
    """One row of an owner, whatever the columns are."""
    samples = {bytes: b"x", int: 1, str: "x"}
    values = {column.name: samples[column.type.python_type] for column in metadata.tables[table].columns}
    with log.writing() as connection:
        connection.execute(metadata.tables[table].insert(), values | {"owner": owner})


@pytest.mark.parametrize("table", OWNED)
def test_each_table_shows_its_owner_and_nobody_else(ana: Log, table: str) -> None:
    fill(ana, table)
    with ana.reading() as connection:
        assert counted(connection, table) == 1
    with ana.of("bo").reading() as connection:
        assert counted(connection, table) == 0
    with ana.of("bo").writing() as connection:
        assert connection.execute(text(f"DELETE FROM {table}")).rowcount == 0
        assert connection.execute(text(f"UPDATE {table} SET owner = 'bo'")).rowcount == 0


@pytest.mark.parametrize("table", OWNED)
def test_nothing_is_shown_where_nobody_said_whose(ana: Log, table: str) -> None:
    fill(ana, table)
    with ana.engine.connect() as connection:  # the pool hands out the connection on which the owner was set before
        assert counted(connection, table) == 0


@pytest.mark.parametrize("table", OWNED)
def test_nothing_can_be_written_for_another_owner(ana: Log, table: str) -> None:
    with pytest.raises(exc.ProgrammingError, match="row-level security"):
        fill(ana, table, owner="bo")


def test_every_table_of_the_database_with_an_owner_is_protected(ana: Log) -> None:
    assert set(OWNED) <= set(inspect(ana.engine).get_table_names())
    with ana.engine.begin() as connection:
        assert rowlevel.is_bound(connection)
        forced = connection.scalars(text("SELECT relname FROM pg_class WHERE relforcerowsecurity")).all()
    assert set(OWNED) <= set(forced)


def test_a_superuser_is_not_bound_and_can_be_told_so(postgres: Cluster) -> None:
    with open_log(postgres.new_database()) as log, log.reading() as connection:
        assert not rowlevel.is_bound(connection)


def test_two_owners_write_the_same_thing_each_for_themselves(ana: Log) -> None:
    bo = ana.of("bo")
    ana.append([note("hello")])
    bo.append([note("hello"), note("again")])
    assert (ana.head(), bo.head()) == (1, 2)
    assert ana.hash_at(1) != bo.hash_at(1)
    assert (ana.verify().ok, bo.verify().ok) == (True, True)
