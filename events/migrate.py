"""Bring a log's tables to the newest version, in one transaction: a killed migration leaves nothing half done."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from events import rowlevel
from events.errors import UsageError

VERSION = "0006"  # the newest migration: a log that says so is opened without loading alembic or the tables
_LOCK = 0x616D697479  # any number; all processes that migrate the same PostgreSQL database agree on it


def migrate(engine: Engine) -> None:
    """Make or upgrade the tables. Raises UsageError where the log was written by a newer Amity."""
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
    from events.schema import metadata  # noqa: PLC0415  needed once in the life of a log; it loads PostgreSQL's dialect

    metadata.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": VERSION})


def _version(connection: Connection) -> str | None:
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
