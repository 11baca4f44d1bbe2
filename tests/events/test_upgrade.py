"""A log from before synchronising is opened: what it holds stays, and an account can be followed in it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from connectors.memory import Entry, MemoryConnector, MemoryServer
from connectors.sync.loop import sync
from connectors.sync.port import Kind
from events.log import open_log
from tests.peers.postgres import Cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres")
        return cluster.new_database
    return lambda: f"sqlite:///{tmp_path}/old.db"


def test_an_old_log_is_upgraded_with_what_it_holds(new_url: Callable[[], str]) -> None:
    url = new_url()
    engine = create_engine(url)
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(files("events") / "migrations"))
        config.set_main_option("path_separator", "os")
        command.upgrade(config, "0001")
        connection.execute(text("INSERT INTO cursors VALUES ('me', 'files:a', 'all', 'kept')"))
    engine.dispose()
    server = MemoryServer()
    server.make("inbox", Kind.MAIL)
    server.put("inbox", Entry("one", "text"))
    with open_log(url) as log:
        assert log.cursor("files:a", "all") == "kept"
        assert sync(MemoryConnector(server), log).stored == 1
