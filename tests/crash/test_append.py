"""Making a log, and appending pages with cursors, crashed at every single call that changes a file, in every way."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from events.log import Log, open_log
from tests.crash import programs
from tests.crash.harness import MODES, Crasher, crasher, fast_folder

Whole = list[tuple[int, bytes, int, bytes]]


class After(NamedTuple):
    """What a crash left behind."""

    at: int
    home: Path
    acks: Path
    code: int
    error: str


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    folder = fast_folder(tmp_path)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def empty(folder: Path) -> Path:
    """A home with an empty log in it."""
    home = folder / "empty"
    home.mkdir()
    assert programs.open_only(str(home), "") == 0
    return home


@pytest.fixture
def whole(folder: Path, empty: Path) -> Whole:
    """What an undisturbed run gives."""
    home = shutil.copytree(empty, folder / "undisturbed")
    assert programs.append_pages(str(home), str(folder / "undisturbed-acks")) == 0
    with open_log(f"sqlite:///{home}/amity.db") as log:
        return content(log)


def content(log: Log) -> Whole:
    return [(one.position, one.stream, one.revision, one.data) for page in log.read() for one in page]


def faults(after: After, whole: Whole, program: Callable[[str, str], int]) -> str:
    """What is wrong after a crash, or after the program was run again; "" where nothing is."""
    lines = after.acks.read_text().split() if after.acks.exists() else []
    acknowledged = int(lines[-1]) if lines else 0
    with open_log(f"sqlite:///{after.home}/amity.db") as log:
        if not log.verify().ok:
            return f"the chain is broken at {log.verify().first_bad}"
        stored = content(log)
    if len(stored) < acknowledged * programs.SIZE:
        return f"page {acknowledged} was acknowledged, {len(stored)} events are there"
    if stored != whole[: len(stored)] or len(stored) % programs.SIZE:
        return "what is there is not the first pages of the whole"
    if program(str(after.home), str(after.acks)) != 0:
        return "it cannot be resumed"
    with open_log(f"sqlite:///{after.home}/amity.db") as log:
        return "" if content(log) == whole else "resumed, it is not what an undisturbed run gives"


def crashes(target: Crasher, folder: Path, mode: str, start: Path | None = None) -> Iterator[After]:
    """Every crash point of a program, from a copy of the home `start` (None: an empty folder)."""
    at = 0
    while True:
        at += 1
        home, acks = folder / "home", folder / "acks"
        shutil.rmtree(home, ignore_errors=True)
        acks.unlink(missing_ok=True)
        if start is None:
            home.mkdir()
        else:
            shutil.copytree(start, home)
        end = target.run(str(home), str(acks), below=home, at=at, mode=mode)
        if not end.killed and at > end.calls:
            return
        yield After(at, home, acks, end.code, end.error)


@pytest.mark.parametrize("mode", MODES)
def test_no_crash_loses_doubles_or_tears_a_page(
    shim: Path, folder: Path, empty: Path, whole: Whole, mode: str
) -> None:
    points = 0
    with crasher("tests.crash.programs:append_pages", shim) as target:
        for after in crashes(target, folder, mode, start=empty):
            points += 1
            assert after.error == "", f"{mode} at call {after.at}: {after.error}"
            assert after.code in {-1, 0, 1}
            assert faults(after, whole, programs.append_pages) == "", f"{mode} at call {after.at}"
    assert points > 40, "the crash points are not seen: is the shim loaded?"


@pytest.mark.parametrize("mode", ["kill", "enospc"])
def test_no_crash_leaves_a_log_half_made(shim: Path, folder: Path, mode: str) -> None:
    points = 0
    with crasher("tests.crash.programs:open_only", shim) as target:
        for after in crashes(target, folder, mode):
            points += 1
            assert after.error == "", f"{mode} at call {after.at}: {after.error}"
            with open_log(f"sqlite:///{after.home}/amity.db") as log:
                assert log.verify() == (0, True, None)
    assert points > 10


@pytest.mark.parametrize("broken", ["cursor_first", "acknowledged_first"])
def test_a_broken_order_is_caught(shim: Path, folder: Path, empty: Path, whole: Whole, broken: str) -> None:
    program = getattr(programs, broken)
    with crasher(f"tests.crash.programs:{broken}", shim) as target:
        assert any(faults(after, whole, program) for after in crashes(target, folder, "kill", start=empty))
