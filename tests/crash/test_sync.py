"""`kill -9` at every call of a sync that changes a file; then the sync once more: as if nothing had happened."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from events.log import open_log
from tests.contracts.living import RUNS
from tests.crash import sync_program
from tests.crash.harness import crasher, fast_folder

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    folder = fast_folder(tmp_path)
    yield folder
    shutil.rmtree(folder)


def facts(home: Path) -> list[tuple[str, bytes]]:
    with open_log(f"sqlite:///{home}/amity.db") as log:
        assert log.verify().ok
        return [(one.type, one.data) for page in log.read() for one in page if one.type not in RUNS]


@pytest.mark.parametrize("moment", ["first", "second"])
def test_killed_at_every_call_and_synced_again(shim: Path, folder: Path, moment: str) -> None:
    start, whole = folder / "start", folder / "whole"
    start.mkdir()
    open_log(f"sqlite:///{start}/amity.db").close()
    if moment == "second":
        assert sync_program.sync_account(str(start), "first") == 0
    shutil.copytree(start, whole)
    assert sync_program.sync_account(str(whole), moment) == 0
    home, at = folder / "home", 0
    with crasher("tests.crash.sync_program:sync_account", shim) as target:
        while True:
            at += 1
            shutil.rmtree(home, ignore_errors=True)
            shutil.copytree(start, home)
            end = target.run(str(home), moment, below=home, at=at)
            if not end.killed:
                break
            assert sync_program.sync_account(str(home), moment) == 0, f"killed at call {at}"
            # in another order: after an interruption the stream that got least far goes first
            assert sorted(facts(home)) == sorted(facts(whole)), f"killed at call {at}"
    assert end.code == 0, end.error
    assert at > 40, "the crash points are not seen: is the shim loaded?"
