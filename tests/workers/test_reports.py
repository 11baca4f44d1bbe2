"""The weekly report by the daemon: once, whatever else it does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.home import ME, Home, mail


def once(folder: Path) -> str:
    """`amity daemon --once` as a process of its own; what it said."""
    program = "from amity.cli import main; main()"
    command = [sys.executable, "-c", program, "daemon", "--once", "--home", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=dict(os.environ))
    assert done.returncode in {0, 1}, done.stderr
    return done.stderr


def test_the_daemon_delivers_what_is_due_once(tmp_path: Path) -> None:
    out = tmp_path / "out"
    home = Home(tmp_path, more=f'[report]\nfolder = "{out}"\n')
    home.mbox(mail("ana@y.org", ME, "Tue, 15 Sep 2026 12:00:00 +0000"))
    said = once(home.folder)
    assert '"kind": "report"' in said
    assert str(out) not in said
    written = list(out.iterdir())
    assert [one.suffix for one in written] == [".html"]
    written[0].unlink()
    assert '"kind": "report"' not in once(home.folder)
    assert list(out.iterdir()) == []


def test_a_way_that_fails_is_tried_again_later_and_told(tmp_path: Path) -> None:
    home = Home(tmp_path, more='[report]\nwebhook = "http://127.0.0.1:1/private-word"\n')
    home.mbox(mail("ana@y.org", ME, "Tue, 15 Sep 2026 12:00:00 +0000"))
    said = once(home.folder)
    assert said.count('"kind": "report"') == 1
    assert '"state": "failed"' in said
    assert "private-word" not in said


def test_one_daemon_serves_all_owners_of_an_organisation_whatever_one_of_them_broke(tmp_path: Path) -> None:
    owners = tmp_path / "home" / "owners"
    for name in ("ana", "bo", "cy"):
        (owners / name).mkdir(parents=True)
        settings = f'[me]\naddresses = ["{ME}"]\n[report]\nfolder = "{tmp_path}/out-{name}"\nformat = "json"\n'
        (owners / name / "amity.toml").write_text(settings)
    (owners / "bo" / "accounts.toml").write_text("broken = [")
    said = once(tmp_path / "home")
    assert said.count('"kind": "report"') == 2
    assert all([one.suffix for one in (tmp_path / f"out-{name}").iterdir()] == [".json"] for name in ("ana", "cy"))
    assert not (tmp_path / "home" / "amity.db").exists()


def test_without_a_wish_there_is_no_job(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.mbox(mail("ana@y.org", ME, "Tue, 15 Sep 2026 12:00:00 +0000"))
    assert '"kind": "report"' not in once(home.folder)
