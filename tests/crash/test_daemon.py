"""`kill -9` of the daemon's work at its calls that change a file, then the work once more: as if nothing had happened.

The suite looks at every `STRIDE`th call; `TEST_STRIDE=1` looks at all.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from events.log import open_log
from tests.contracts.living import RUNS
from tests.crash import daemon_program
from tests.crash.harness import crasher, fast_folder

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]  # with TEST_STRIDE=1 it takes ten minutes
STRIDE = int(os.environ.get("TEST_STRIDE", "23"))
LATER = "40"  # seconds: what was sent before the kill, and went with the process, is planned again


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    folder = fast_folder(tmp_path)
    yield folder
    shutil.rmtree(folder)


def prepared(home: Path, world: Path) -> None:
    home.mkdir()
    (home / "amity.toml").write_text('[me]\ntimezone = "UTC"\naddresses = ["me@x.org"]\n')
    (home / "accounts.toml").write_text(
        f'[work]\nkind = "pretended"\nsecret = "none"\n\n[work.options]\nfolder = "{world}"\n'
    )
    open_log(f"sqlite:///{home}/amity.db").close()


def facts(home: Path) -> tuple[list[tuple[str, bytes]], list[tuple[object, ...]]]:
    """What the log holds of the source, and what the views made of it."""
    with open_log(f"sqlite:///{home}/amity.db") as log:
        assert log.verify().ok
        head = log.head()
        found = [(one.type, one.data) for page in log.read() for one in page if one.type not in RUNS]
    with closing(sqlite3.connect(home / "views.db")) as views:
        assert views.execute("SELECT min(position) FROM checkpoint").fetchone() == (head,)
        meetings = views.execute("SELECT uid, title, start_ms, end_ms FROM occurrence ORDER BY uid").fetchall()
    return found, meetings


def test_killed_anywhere_and_worked_again(shim: Path, folder: Path) -> None:
    start, whole, world = folder / "start", folder / "whole", folder / "world"
    world.mkdir()
    (world / "world.json").write_text(json.dumps({"meetings": 45}))
    prepared(start, world)
    shutil.copytree(start, whole)
    assert daemon_program.work(str(whole)) == 0
    expected = facts(whole)
    assert len(expected[1]) == 45
    home, at = folder / "home", 1
    with crasher("tests.crash.daemon_program:work", shim) as target:
        while True:
            shutil.rmtree(home, ignore_errors=True)
            shutil.copytree(start, home)
            end = target.run(str(home), below=home, at=at)
            if not end.killed:
                break
            assert daemon_program.work(str(home), LATER) == 0, f"killed at call {at}"
            assert facts(home) == expected, f"killed at call {at}"
            at += STRIDE
    assert end.code == 0, end.error
    assert at > 60, "the crash points are not seen: is the shim loaded?"
