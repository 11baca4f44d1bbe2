"""Bring a log's tables to the newest version, in one transaction: a killed migration leaves nothing half done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from events.errors import UsageError
from events.sqlite_file import File
from events.sqlite_tables import TABLES

if TYPE_CHECKING:  # a log in a file that is new, or as new as this code, needs no SQLAlchemy
    import sqlite3

    from sqlalchemy import Connection, Engine

VERSION = "0006"  # the newest migration: a log that says so is opened without loading alembic or the tables
_LOCK = 0x616D697479  # any number; all processes that migrate the same PostgreSQL database agree on it


def migrate_file(file: File) -> bool:
    """Make the tables of a SQLite file, where there are none; whether they are now as this code wants them."""
    with file.reading() as connection:
        if _file_version(connection) == VERSION:
            return True
    with file.writing() as connection:
        if not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            _make_file(connection)
        return _file_version(connection) == VERSION


def _file_version(connection: sqlite3.Connection) -> str | None:
    if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'").fetchone():
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def _make_file(connection: sqlite3.Connection) -> None:
    """As `_make`; a test holds the two equal."""
    for statement in TABLES:
        connection.execute(statement)
    connection.execute("INSERT INTO alembic_version VALUES (?)", (VERSION,))


def migrate(engine: Engine) -> None:
    """Make or upgrade the tables. Raises UsageError where the log was written by a newer Amity."""
    from sqlalchemy import inspect, text  # noqa: PLC0415  see above

    from events import rowlevel  # noqa: PLC0415  likewise

    with engine.execution_options(reads=True).connect() as connection:
        found = _version(connection)
    if found == VERSION:
        return
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if not inspect(connection).get_table_names():
            _make(connection)
        else:
            _upgrade(connection)
        if engine.dialect.name == "postgresql":
            rowlevel.protect(connection)


def _make(connection: Connection) -> None:
    """A new log is made as it is described: a test holds that equal to what the migrations make, step by step."""
    from sqlalchemy import text  # noqa: PLC0415  see above

    from events.schema import metadata  # noqa: PLC0415  needed once in the life of a log; it loads PostgreSQL's dialect

    metadata.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": VERSION})


def _version(connection: Connection) -> str | None:
    from sqlalchemy import inspect, text  # noqa: PLC0415  see above

    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def _upgrade(connection: Connection) -> None:
    # alembic is needed once in the life of a version, and takes a fifth of a second to load
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    found = _version(connection)
    if found is not None and found not in known:
        raise UsageError(f"this log was written by a newer Amity (its version is {found}): update Amity first.")
    command.upgrade(config, "head")
