"""Accounts as a stranger uses them: the program as its own process, real servers, one password that must not leak."""

from __future__ import annotations

import imaplib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from amity import schemas
from tests.conftest import absent
from tests.home import SETTINGS, mail, vevent
from tests.peers import dovecot
from tests.peers.dav import DavServer, meeting
from tests.peers.radicale import radicale

WRONG = "not-the-password-hunter2"


class Program:
    """`amity` in one home; keeps everything that it ever printed."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        self.printed: list[str] = []
        (self.home / "amity.toml").write_text(SETTINGS.format(zone="UTC", addresses='"me@x.org"'))

    def run(self, *arguments: str, code: int = 0) -> str:
        program = "import sys; from amity.cli import main; main(sys.argv[1:])"
        command = [sys.executable, "-c", program, *arguments, "--home", str(self.home), "--debug"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        self.printed += [done.stdout, done.stderr]
        assert done.returncode == code, f"{arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def json(self, *arguments: str, code: int = 0) -> Any:
        found = json.loads(self.run(*arguments, "--json", code=code))
        jsonschema.validate(found, schemas.document(arguments[0]))
        return found


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.fixture(scope="module")
def mail_server() -> Iterator[dovecot.Dovecot]:
    if not dovecot.is_here():
        absent("no Dovecot here: install the system package dovecot-imapd")
    with dovecot.running() as server:
        yield server


@pytest.fixture(scope="module")
def dav_server() -> Iterator[DavServer]:
    with radicale() as server:
        yield server


@pytest.fixture
def feed(tmp_path: Path) -> Iterator[str]:
    """A calendar feed; its address."""
    folder = tmp_path / "published"
    folder.mkdir()
    vevents = vevent("feed-1", "20260903T100000Z", "20260903T110000Z")
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{vevents}END:VCALENDAR\r\n"
    (folder / "team-8f3a.ics").write_bytes(text.encode())
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/team-8f3a.ics"
        server.shutdown()
        thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """The test's output is for the test."""


def password_file(folder: Path, text: str) -> Path:
    path = folder / "password"
    path.write_text(f"{text}\n")
    path.chmod(0o600)
    return path


def fill(server: dovecot.Dovecot, user: str, count: int) -> None:
    with imaplib.IMAP4("127.0.0.1", server.port) as client:
        client.login(user, dovecot.PASSWORD)
        for number in range(count):
            text = mail(f"p{number}@y.org", "me@x.org", f"Tue, 01 Sep 2026 10:{number:02}:00 +0000", "Hello there")
            body = text.partition("\n")[2].replace("\n", "\r\n").encode()
            client.append("INBOX", "", imaplib.Time2Internaldate(0), body)


def test_a_mailbox_from_connecting_to_disconnecting(
    program: Program, mail_server: dovecot.Dovecot, tmp_path: Path
) -> None:
    user, password = mail_server.new_user(), password_file(tmp_path, WRONG)
    fill(mail_server, user, 4)
    asked = ("connect", "imap", "--host", "127.0.0.1", "--port", str(mail_server.port), "--user", user, "--no-tls",
             "--password-file", str(password), "--account", "work")  # fmt: skip
    program.run(*asked, code=1)
    assert program.json("accounts") == []
    password.write_text(f"{dovecot.PASSWORD}\n")
    found = program.json(*asked)
    assert found["account"] == "work"
    assert any("INBOX" in sentence for sentence in found["found"])
    program.run(*asked, code=2)
    (one,) = program.json("sync", "work")["accounts"]
    assert sum(stream["stored"] for stream in one["streams"]) == 4
    (again,) = program.json("sync")["accounts"]
    assert sum(stream["seen"] for stream in again["streams"]) == 0
    assert len([one for one in program.json("people", "--all") if one["messages_in"]]) == 4
    password.write_text(WRONG)
    (refused,) = program.json("sync", "work", code=1)["accounts"]
    assert refused["state"] == "needs_sign_in"
    shown = program.json("status")["accounts"][0]
    assert "password" in shown["error"]
    assert shown["last_success"] is not None
    program.run("status", "--check", code=4)
    program.run("doctor", code=1)
    program.run("disconnect", "work")
    assert program.json("accounts") == []
    assert len([one for one in program.json("people", "--all") if one["messages_in"]]) == 4
    _nothing_leaked(program, tmp_path)
    assert mail_server.log().count("flag_change") == 0


def test_calendars_cards_and_feeds(program: Program, dav_server: DavServer, feed: str, tmp_path: Path) -> None:
    dav_server.make("/alice/work/", ".ics", "Work")
    dav_server.put("/alice/work/a.ics", meeting("a", start="20260901T100000Z"))
    dav_server.make("/alice/friends/", ".vcf", "Friends")
    dav_server.put("/alice/friends/a.vcf", "BEGIN:VCARD\nVERSION:3.0\nUID:c1\nFN:Ana\nEMAIL:ana@y.org\nEND:VCARD\n")
    password = password_file(tmp_path, WRONG)
    options = ("--url", dav_server.url, "--user", dav_server.user, "--password-file", str(password))
    program.run("connect", "caldav", *options, "--account", "calendars")
    program.run("connect", "carddav", *options, "--account", "cards")
    program.run("connect", "ics", "--url", feed, "--account", "team")
    found = {one["account"]: one for one in program.json("sync")["accounts"]}
    assert [found[name]["state"] for name in ("calendars", "cards", "team")] == ["ok", "ok", "ok"]
    assert sum(stream["stored"] for stream in found["calendars"]["streams"]) == 1
    assert sum(stream["stored"] for stream in found["cards"]["streams"]) == 1
    assert sum(stream["stored"] for stream in found["team"]["streams"]) == 1
    program.run("export", str(tmp_path / "export"))
    for path in (tmp_path / "export").iterdir():
        if path.name == "accounts.toml":
            assert "team-8f3a" not in path.read_text()
    _nothing_leaked(program, tmp_path)


def _nothing_leaked(program: Program, folder: Path) -> None:
    """The password stands in its own file, and nowhere else."""
    assert all(WRONG not in text and WRONG.encode().hex() not in text for text in program.printed)
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "password":
            assert WRONG.encode() not in path.read_bytes(), path
