"""The migrations make what events.schema describes, completely or not at all."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect, text

from events import log as logging
from events import migrate as migrating
from events.errors import UsageError
from events.log import open_log
from events.schema import metadata
from events.sqlite_tables import TABLES
from tests.conftest import ROOT
from tests.peers.postgres import Cluster


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))


def shape(engine: Engine) -> object:
    """Columns, keys and indexes of all tables, as the database tells them."""
    look = inspect(engine)
    return {
        name: (
            [(one["name"], str(one["type"]), one["nullable"]) for one in look.get_columns(name)],
            look.get_pk_constraint(name)["constrained_columns"],
            [(one["name"], one["column_names"], one["unique"]) for one in look.get_indexes(name)],
        )
        for name in sorted(look.get_table_names())
        if name != "alembic_version"
    }


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres")
        return cluster.new_database
    names = iter("abc")
    return lambda: f"sqlite:///{tmp_path}/{next(names)}.db"


def test_the_migrations_make_what_the_schema_describes(new_url: Callable[[], str]) -> None:
    described = create_engine(new_url())
    metadata.create_all(described)
    migrated = migrate_step_by_step(new_url())
    assert differences(migrated) == []
    assert shape(migrated) == shape(described)
    described.dispose()
    migrated.dispose()


def test_a_new_log_is_what_the_migrations_make(new_url: Callable[[], str]) -> None:
    migrated = migrate_step_by_step(new_url())
    with open_log(new_url()) as log:
        assert shape(log.engine) == shape(migrated)
        with log.engine.connect() as connection:
            assert connection.scalar(text("SELECT version_num FROM alembic_version")) == migrating.VERSION
    migrated.dispose()


def test_the_tables_of_a_new_file_are_written_as_they_are_described(tmp_path: Path) -> None:
    """To the letter: `shape` does not see the condition of an index."""

    def made(path: Path) -> list[str]:
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("SELECT sql FROM sqlite_schema WHERE sql NOT NULL AND name <> 'alembic_version'")
            return sorted("".join(sql.split()) for (sql,) in rows)

    described = create_engine(f"sqlite:///{tmp_path}/described.db")
    metadata.create_all(described)
    described.dispose()
    open_log(f"sqlite:///{tmp_path}/made.db").close()
    assert made(tmp_path / "made.db") == made(tmp_path / "described.db")


def test_a_log_in_a_file_is_made_read_and_written_without_sqlalchemy(tmp_path: Path) -> None:
    program = (
        "import sys; from events.log import open_log; from events.envelope import NewEvent;"
        " from events.vocabulary import SyncFailed\n"
        "with open_log(sys.argv[1]) as log:\n"
        "    log.append([NewEvent(bytes(16), None, 1, SyncFailed(source='s'))], cursor=('s', 't', 'c'))\n"
        "    assert log.cursor('s', 't') == 'c' and log.head() == 1 and log.verify().ok and list(log.read())\n"
        "assert 'sqlalchemy' not in sys.modules"
    )
    url = f"sqlite:///{tmp_path}/a.db"
    subprocess.run([sys.executable, "-c", program, url], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})


def migrate_step_by_step(url: str) -> Engine:
    """A database that all migrations went over, the first included."""
    engine = create_engine(url)
    with engine.begin() as connection:
        migrating._upgrade(connection)
    return engine


def test_the_newest_version_is_the_one_that_opening_looks_for() -> None:
    script = ScriptDirectory(str(files("events") / "migrations"))
    assert script.get_current_head() == migrating.VERSION


def test_opening_does_not_load_alembic(new_url: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    url = new_url()
    monkeypatch.setattr(migrating, "_upgrade", _killed)
    open_log(url).close()
    open_log(url).close()


@pytest.mark.parametrize("step", ["_make", "_upgrade"])
def test_tables_made_half_way_leave_nothing_and_are_made_the_next_time(
    new_url: Callable[[], str], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    url = new_url()
    with monkeypatch.context() as patch:
        if step == "_upgrade":  # a new file never goes this way: as if its tables had been made by an older Amity
            patch.setattr(logging, "migrate_file", lambda _: False)
        patch.setattr(migrating, "_make", migrating._upgrade if step == "_upgrade" else _make_and_die)
        patch.setattr(migrating, "_make_file", _make_file_and_die)
        patch.setattr(op, "create_index", _killed)  # the table `events` is made by then
        with pytest.raises(RuntimeError):
            open_log(url)
    engine = create_engine(url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
    with open_log(url) as log:
        assert differences(log.engine) == []


def test_a_newer_log_is_left_alone_in_one_sentence(new_url: Callable[[], str]) -> None:
    url = new_url()
    with open_log(url) as log, log.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UsageError, match=r"newer Amity .*9999.*update Amity"):
        open_log(url)


def test_payloads_are_json_text_that_any_program_can_read(tmp_path: Path) -> None:
    open_log(f"sqlite:///{tmp_path}/a.db").close()
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        columns = {row[1]: row[2] for row in connection.execute("PRAGMA table_info(events)")}
    assert columns["payload"] == "TEXT"


def _make_and_die(connection: Connection) -> None:
    metadata.create_all(connection)
    raise RuntimeError("killed")


def _make_file_and_die(connection: sqlite3.Connection) -> None:
    connection.execute(TABLES[0])
    raise RuntimeError("killed")


def _killed(*_: object, **__: object) -> None:
    raise RuntimeError("killed")
