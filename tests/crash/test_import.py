"""`kill -9` at every call of an import that changes a file; then the import once more: as if nothing had happened."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from amity.cli import main
from events.log import open_log
from tests.crash import import_program
from tests.crash.harness import crasher, fast_folder
from tests.home import ME, SETTINGS, guests, mail, vevent

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # on a busy machine all its points take long
FACTS = {"message.observed.v1", "meeting.observed.v1", "contact.observed.v1", "item.quarantined.v1"}


class Outcome(NamedTuple):
    """What an import leaves: the facts in order, and the report without the lines on when files were read."""

    facts: list[tuple[str, bytes]]
    report: Any


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    folder = fast_folder(tmp_path)
    yield folder
    shutil.rmtree(folder)


def write_files(folder: Path) -> Path:
    files = folder / "files"
    files.mkdir()
    mails = [
        mail("Ana <ana@y.org>", ME, f"Tue, 01 Sep 2026 10:{minute:02d}:00 +0000", f"Hello {minute}", "Status: RO")
        for minute in range(7)
    ]
    (files / "inbox.mbox").write_text("".join(mails))
    meeting = vevent("a", "20260901T100000Z", "20260901T110000Z", *guests("ana@y.org", organizer=ME))
    broken = "BEGIN:VEVENT\r\nUID:broken\r\nDTSTART:never\r\nEND:VEVENT\r\n"
    (files / "cal.ics").write_text(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{meeting}{broken}END:VCALENDAR\r\n")
    return files


def new_home(home: Path) -> Path:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(mode=0o700)
    (home / "amity.toml").write_text(SETTINGS.format(zone="UTC", addresses=f'"{ME}"'))
    return home


def outcome(home: Path) -> Outcome:
    with open_log(f"sqlite:///{home}/amity.db") as log:
        assert log.verify().ok
        facts = [(one.type, one.data) for page in log.read() for one in page if one.type in FACTS]
    arguments = ["report", "2026-W36", "--as-of", "2026-10-01T00:00:00Z", "--json", "--home", str(home)]
    shown = CliRunner().invoke(main, arguments)
    assert shown.exit_code == 0, shown.output
    report = json.loads(shown.stdout)
    del report["sources"]
    return Outcome(facts, report)


def test_killed_at_every_call_and_imported_again(shim: Path, folder: Path) -> None:
    files = write_files(folder)
    assert import_program.import_files(str(new_home(folder / "whole")), str(files)) == 0
    whole = outcome(folder / "whole")
    assert whole.report["totals"]["meeting_minutes"] == 60
    home, at = folder / "home", 0
    with crasher("tests.crash.import_program:import_files", shim) as target:
        while True:
            at += 1
            new_home(home)
            end = target.run(str(home), str(files), below=home, at=at)
            if not end.killed:
                break
            assert import_program.import_files(str(home), str(files)) == 0, f"killed at call {at}"
            assert outcome(home) == whole, f"killed at call {at}"
    assert end.code == 0, end.error
    assert at > 60, "the crash points are not seen: is the shim loaded?"
