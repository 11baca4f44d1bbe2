from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from amity import schemas
from connectors.errors import SignInNeeded, TryLater
from connectors.memory import Entry, MemoryServer
from connectors.sync.port import Kind
from tests.amity import pretend
from tests.amity.pretend import PASSWORD
from tests.home import Home, mail
from tests.peers.postgres import Cluster

HOST = "memory.example.org"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryServer]:
    with pretend.server(monkeypatch, HOST) as made:
        yield made


@pytest.fixture
def home(tmp_path: Path, server: MemoryServer) -> Home:  # noqa: ARG001  there is nothing to connect to without it
    home = Home(tmp_path)
    password = tmp_path / "password"
    password.write_text(PASSWORD)
    password.chmod(0o600)
    options = ("--host", HOST, "--user", "ana", "--password-file", str(password))
    home.json("connect", "memory", *options, "--account", "work", as_of=None)
    return home


def connect(home: Home, name: str, server: MemoryServer) -> None:
    pretend.SERVERS[f"{name}.example.org"] = server
    home.json("connect", "memory", "--host", f"{name}.example.org", "--account", name, as_of=None)


def sync(home: Home, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
    result = home.invoke("sync", *arguments, "--json")
    assert result.exit_code == code, result.output
    found = json.loads(result.stdout)
    jsonschema.validate(found, schemas.document("sync"))
    for account in found["accounts"]:
        for one in account["streams"]:
            skipped = sum(one["skipped"].values())
            assert one["seen"] == one["stored"] + one["duplicates"] + skipped + len(one["problems"])
    accounts: list[dict[str, Any]] = found["accounts"]
    return accounts


def status(home: Home) -> dict[str, dict[str, Any]]:
    found = home.json("status")
    jsonschema.validate(found, schemas.document("status"))
    assert all(one["lag"] == 0 for one in found["projections"])
    return {one["account"]: one for one in found["accounts"]}


def refuse(error: Exception) -> Any:
    def asked(*_: str) -> None:
        raise error

    return asked


def test_a_first_sync_a_second_one_and_a_full_one(home: Home) -> None:
    (one,) = sync(home)
    assert (one["account"], one["state"], one["error"]) == ("work", "ok", None)
    assert {s["stream"]: (s["seen"], s["stored"]) for s in one["streams"]} == {"Work": (3, 3), "Cards": (1, 1)}
    assert all(s["cursor_age_seconds"] < 60 and s["state"] == "ok" for s in one["streams"])
    (again,) = sync(home, "work")
    assert [s["seen"] for s in again["streams"]] == [0, 0]
    (full,) = sync(home, "work", "--full")
    assert {s["stream"]: (s["seen"], s["duplicates"]) for s in full["streams"]} == {"Work": (3, 3), "Cards": (1, 1)}
    assert home.json("log")[-1]["payload"]["source"] == "memory:work"
    assert home.json("verify", as_of=None)["ok"]


def test_the_text_says_what_became_of_everything(home: Home, server: MemoryServer) -> None:
    server.put("work", Entry("bad", "x", broken=True))
    server.put("work", Entry("none", "x", skip="not_mine"))
    shown = home.invoke("sync").stdout
    assert "work: 6 seen = 4 stored + 0 known before + 1 skipped (1 not_mine) + 1 problems" in shown
    assert "ends in the middle of a word" in shown
    assert "ends in the middle of a word" in home.invoke("status").stdout
    home.invoke("sync")
    assert "ends in the middle of a word" in home.invoke("status").stdout


def test_no_account_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    result = Home(tmp_path).invoke("sync")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert "amity connect" in result.stderr


def test_an_account_that_fails_lets_the_next_one_go_on(home: Home, server: MemoryServer) -> None:
    other = MemoryServer()
    other.boxes = dict(server.boxes)
    connect(home, "other", other)
    other.on_request = refuse(SignInNeeded("other.example.org refuses this password: connect it again."))
    found = {one["account"]: one for one in sync(home, code=1)}
    assert (found["work"]["state"], found["other"]["state"]) == ("ok", "needs_sign_in")
    assert sum(s["stored"] for s in found["work"]["streams"]) == 4
    result = home.invoke("sync")
    assert [line for line in result.stderr.splitlines() if "refuses" in line]
    assert "Traceback" not in result.stderr
    shown = status(home)
    assert shown["work"]["error"] is None
    assert "refuses this password" in shown["other"]["error"]
    assert shown["other"]["last_success"] is None
    assert home.invoke("status", "--check").exit_code == 4
    assert "other: other.example.org refuses" in home.invoke("status").stdout


def test_a_mistake_in_one_connector_costs_no_other_account(
    home: Home, server: MemoryServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(home, "other", server)
    opened = pretend.PROVIDER.open

    def broken(config: Any, secret: Any, *, source: str, name: str) -> Any:
        if name == "other":
            raise ValueError(PASSWORD)
        connector = opened(config, secret, source=source, name=name)
        monkeypatch.setattr(connector, "close", refuse(OSError("gone")), raising=True)
        return connector

    monkeypatch.setattr(pretend, "PROVIDER", pretend.PROVIDER._replace(open=broken))
    found = {one["account"]: one for one in sync(home, code=1)}
    assert "ValueError" in found["other"]["error"]
    assert PASSWORD not in found["other"]["error"]
    assert [s["stored"] for s in found["work"]["streams"]] == [3, 1]


def test_status_before_and_after_the_first_sync(home: Home) -> None:
    before = status(home)["work"]
    assert (before["streams"], before["last_success"], before["error"]) == ([], None, None)
    assert "amity sync work" in before["says"]
    assert home.invoke("status", "--check").exit_code == 4
    sync(home)
    after = status(home)["work"]
    assert datetime.fromisoformat(after["last_success"]).tzinfo is not None
    assert (after["says"], after["next_run"], [s["stream"] for s in after["streams"]]) == ("", None, ["Cards", "Work"])
    assert [s["stored"] for s in after["streams"]] == [1, 3]
    assert home.invoke("status", "--check").exit_code == 0


def test_a_source_that_wants_to_be_left_alone_says_when_it_is_asked_again(home: Home, server: MemoryServer) -> None:
    server.on_request = refuse(TryLater("memory.example.org is busy", after_seconds=4000))
    (one,) = sync(home, code=1)
    assert one["state"] == "waiting"
    assert status(home)["work"]["next_run"] is not None
    asked = server.requests
    sync(home, code=1)
    assert server.requests == asked


def test_files_and_accounts_stand_side_by_side(home: Home) -> None:
    home.mbox(mail("a@y.org", "me@x.org", "Tue, 01 Sep 2026 10:00:00 +0000"))
    sync(home)
    shown = status(home)
    assert (shown["files:inbox.mbox"]["connected"], shown["work"]["connected"]) == (False, True)
    sources = {one["source"]: one for one in home.json("report", "2026-W36")["sources"]}
    assert sources["memory:work"]["seen"] == 4
    assert sources["memory:work"]["error"] is None


def test_a_password_file_that_went_away_is_told_everywhere(home: Home, tmp_path: Path) -> None:
    sync(home)
    (tmp_path / "password").unlink()
    (one,) = sync(home, code=1)
    assert one["streams"] == []
    assert str(tmp_path / "password") in one["error"]
    shown = status(home)["work"]
    assert "cannot be read" in shown["error"]
    assert shown["last_success"] is not None
    found = {one["what"]: one for one in json.loads(home.invoke("doctor", "--json").stdout)}
    assert not found["account work"]["ok"]
    source = next(one for one in home.json("report", "2026-W36")["sources"] if one["source"] == "memory:work")
    assert "cannot be read" in source["error"]
    assert source["last_success"] is not None
    (tmp_path / "password").write_text(PASSWORD)
    sync(home)
    assert status(home)["work"]["error"] is None
    source = next(one for one in home.json("report", "2026-W36")["sources"] if one["source"] == "memory:work")
    assert source["error"] is None


def test_a_disconnected_account_keeps_its_facts_and_fails_nobody(home: Home, server: MemoryServer) -> None:
    server.on_request = refuse(SignInNeeded("no."))
    sync(home, code=1)
    server.on_request = lambda _: None
    sync(home)
    head = home.json("status")["log"]["last_position"]
    home.json("disconnect", "work", as_of=None)
    shown = home.json("status")
    assert shown["log"]["last_position"] == head
    (one,) = shown["accounts"]
    assert (one["account"], one["error"], one["connected"]) == ("memory:work", None, False)
    assert {s["state"] for s in one["streams"]} == {"disconnected"}
    assert home.invoke("status", "--check").exit_code == 0


def test_connected_again_to_another_server_nothing_is_withdrawn(home: Home) -> None:
    sync(home)
    home.json("disconnect", "work", as_of=None)
    empty = MemoryServer()
    empty.boxes = {}
    connect(home, "work", empty)
    (one,) = sync(home)
    assert one["streams"] == []
    assert not [event for event in home.json("log") if "withdrawn" in event["type"]]


def test_nothing_that_is_written_or_printed_holds_the_password(
    home: Home, server: MemoryServer, tmp_path: Path
) -> None:
    for error in (SignInNeeded("no."), RuntimeError("a mistake"), None):
        server.on_request = refuse(error) if error else lambda _: None
        for command in (
            ["sync"],
            ["sync", "--json"],
            ["sync", "--full"],
            ["status"],
            ["accounts"],
            ["doctor"],
            ["log"],
        ):
            result = home.invoke(*command, "--debug")
            assert PASSWORD not in result.output + result.stderr
    home.json("export", str(tmp_path / "export"), as_of=None)
    for folder in (home.folder, tmp_path / "export"):
        for path in folder.rglob("*"):
            assert not path.is_file() or PASSWORD.encode() not in path.read_bytes()


def test_a_log_on_postgres_knows_the_accounts_too(
    home: Home, postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMITY_DATABASE_URL", postgres.new_database())
    assert status(home)["work"]["last_success"] is None
    (one,) = sync(home)
    assert sum(s["stored"] for s in one["streams"]) == 4
    shown = status(home)["work"]
    assert (shown["error"], [s["stored"] for s in shown["streams"]]) == (None, [1, 3])
    home.json("disconnect", "work", as_of=None)
    assert status(home)["memory:work"]["connected"] is False


def test_two_streams_of_one_name_are_told_apart(home: Home, server: MemoryServer) -> None:
    server.make("WORK", Kind.CALENDAR)
    (one,) = sync(home)
    assert sorted(s["stream"] for s in one["streams"]) == ["Cards", "Work WORK", "Work work"]


_SLOW = """
import sys, time
import pytest
from tests.amity import pretend
from amity.cli import main
def wait(request):
    if request == "pull cards":
        print("asked", flush=True)
        time.sleep(60)
with pytest.MonkeyPatch.context() as patch, pretend.server(patch) as server:
    server.on_request = wait
    main(sys.argv[1:])
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_sync_in_order_and_the_next_one_completes_it(home: Home, number: signal.Signals) -> None:
    command = [sys.executable, "-c", _SLOW, "sync", "--home", str(home.folder)]
    root = Path(__file__).parents[3]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "asked\n"
        process.send_signal(number)
        assert process.stderr.read().splitlines()[-1] == "amity: Stopped; what was stored before stays stored."
        assert process.wait() == 128 + number
    (one,) = sync(home)
    assert {s["stream"]: s["stored"] for s in one["streams"]} == {"Work": 0, "Cards": 1}
    assert home.json("status")["projections"][0]["lag"] == 0
