from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from amity import connect as use_cases
from amity import doctor_accounts, schemas
from amity.cli import connect as commands
from connectors.credentials.ring import Ring
from connectors.memory import MemoryServer
from tests.amity import pretend
from tests.amity.pretend import PASSWORD
from tests.connectors.credentials.test_tokens import Memory
from tests.home import Home

HOST = "memory.example.org"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryServer]:
    with pretend.server(monkeypatch, HOST) as made:
        yield made


@pytest.fixture
def home(tmp_path: Path, server: MemoryServer) -> Home:  # noqa: ARG001  there is nothing to connect to without it
    return Home(tmp_path)


@pytest.fixture
def password(tmp_path: Path) -> Path:
    return write_password(tmp_path / "password", PASSWORD)


def write_password(path: Path, text: str) -> Path:
    path.write_text(f"{text}\n")
    path.chmod(0o600)
    return path


def connect(home: Home, *more: str) -> tuple[int, str, str]:
    result = home.invoke("connect", "memory", "--host", HOST, *more)
    return result.exit_code, result.stdout, result.stderr


def listed(home: Home) -> list[dict[str, object]]:
    found: list[dict[str, object]] = home.json("accounts", as_of=None)
    jsonschema.validate(found, schemas.document("accounts"))
    return found


def test_an_account_from_connecting_to_forgetting_it(home: Home, password: Path) -> None:
    code, shown, _ = connect(home, "--user", "ana", "--password-file", str(password), "--account", "work")
    assert code == 0
    assert "2 boxes will be read: work, cards" in shown
    assert "nothing is ever changed" in shown
    assert "amity sync work" in shown
    (one,) = listed(home)
    assert (one["account"], one["kind"], one["source"], one["secret"]) == ("work", "memory", "memory:work", "file")
    assert one["password_file"] == str(password)
    assert "work" in home.invoke("accounts").stdout
    result = home.invoke("disconnect", "work")
    assert result.exit_code == 0
    assert "stays in the log" in result.stdout
    assert str(password) in result.stdout
    assert password.exists()
    assert listed(home) == []


def test_what_connect_prints_is_what_its_schema_says(home: Home, password: Path) -> None:
    found = home.json(
        "connect", "memory", "--host", HOST, "--user", "ana", "--password-file", str(password), as_of=None
    )
    jsonschema.validate(found, schemas.document("connect"))
    assert found["account"] == f"ana@{HOST}"
    gone = home.json("disconnect", found["account"], as_of=None)
    jsonschema.validate(gone, schemas.document("disconnect"))


def test_a_variable_may_name_the_password_file(home: Home, password: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMITY_PASSWORD_FILE", str(password))
    assert connect(home, "--user", "ana")[0] == 0
    assert [one["password_file"] for one in listed(home)] == [str(password)]


def test_no_password_is_needed_where_the_options_need_none(home: Home) -> None:
    assert connect(home)[0] == 0
    assert [one["secret"] for one in listed(home)] == ["none"]


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        (("--user", "ana"), 2, "needs a password: name a file"),
        (("--user", "ana", "--password-file", "nowhere"), 1, "cannot be read"),
        (("--password-file", "nowhere"), 2, "needs a password; with these options none is"),
        (("--host", "a/b"), 2, "--host is a name such as"),
        (("--host", "other.example.org"), 1, "other.example.org is not there"),
        (("--port", "x"), 2, "is not a valid integer"),
        (("--account", "a b"), 2, "cannot be the name"),
        (("--nonsense",), 2, "No such option"),
    ],
)
def test_what_cannot_be_connected_is_one_sentence_and_nothing_is_stored(
    home: Home, more: tuple[str, ...], code: int, says: str
) -> None:
    found, _, error = connect(home, *more)
    assert (found, len(error.splitlines())) == (code, 1)
    assert says in error
    assert listed(home) == []


def test_a_wrong_password_stores_nothing(home: Home, tmp_path: Path) -> None:
    wrong = write_password(tmp_path / "wrong", "hunter2")
    code, _, error = connect(home, "--user", "ana", "--password-file", str(wrong))
    assert (code, "hunter2" in error) == (1, False)
    assert "refuses ana" in error
    assert listed(home) == []


def test_a_name_is_taken_once(home: Home) -> None:
    assert connect(home, "--account", "work")[0] == 0
    code, _, error = connect(home, "--account", "work")
    assert code == 2
    assert "amity disconnect work" in error
    assert connect(home)[0] == 0
    assert connect(home)[0] == 0
    assert [one["account"] for one in listed(home)] == [HOST, f"{HOST}-memory", "work"]


def test_kinds_are_listed_and_an_unknown_one_names_them(home: Home) -> None:
    result = home.invoke("connect", "--help")
    assert "memory" in result.stdout
    assert "a server in memory" in result.stdout
    assert "allow-private" in home.invoke("connect", "memory", "--help").stdout
    assert "--tls / --no-tls" in home.invoke("connect", "memory", "--help").stdout
    result = home.invoke("connect", "telepathy")
    assert result.exit_code == 2
    assert 'no kind of account "telepathy"; there are: memory' in result.stderr


def test_options_of_every_command_may_stand_before_the_kind(home: Home) -> None:
    result = home.invoke("connect", "--json", "memory", "--host", HOST)
    assert json.loads(result.stdout)["account"] == HOST


def test_a_password_file_that_others_may_read_is_a_warning(home: Home, password: Path) -> None:
    password.chmod(0o644)
    code, _, error = connect(home, "--user", "ana", "--password-file", str(password))
    assert code == 0
    assert "chmod 600" in error


def test_unknown_accounts_name_those_there_are(home: Home) -> None:
    assert "none is connected" in home.invoke("disconnect", "work").stderr
    connect(home, "--account", "work")
    for command in ("disconnect", "sync"):
        result = home.invoke(command, "home")
        assert result.exit_code == 2
        assert 'no account "home"; there are: work' in result.stderr


def test_without_a_keyring_a_typed_password_needs_a_passphrase(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "on_terminal", lambda: True)
    monkeypatch.setattr(commands, "ask_unseen", lambda: lambda _question: PASSWORD)
    monkeypatch.setenv("AMITY_PASSPHRASE_FILE", str(tmp_path / "nowhere"))
    code, _, error = connect(home, "--user", "ana")
    assert code == 1
    assert "The passphrase file" in error
    assert listed(home) == []
    monkeypatch.setenv("AMITY_PASSPHRASE_FILE", str(write_password(tmp_path / "phrase", "open sesame")))
    assert connect(home, "--user", "ana", "--account", "work")[0] == 0
    assert [one["secret"] for one in listed(home)] == ["stored"]
    tokens = home.folder / "tokens"
    assert tokens.stat().st_mode & 0o777 == 0o600
    assert PASSWORD.encode() not in tokens.read_bytes()
    assert home.json("sync", as_of=None)["accounts"][0]["state"] == "ok"
    monkeypatch.delenv("AMITY_PASSPHRASE_FILE")
    assert home.invoke("disconnect", "work").exit_code == 0
    assert not tokens.exists()


_PROGRAM = """
import sys
from contextlib import ExitStack
import pytest
from tests.amity import pretend
from amity.cli import main
with pytest.MonkeyPatch.context() as patch, pretend.server(patch):
    main(sys.argv[1:])
"""


def test_on_a_terminal_it_asks_and_the_password_is_never_seen(tmp_path: Path) -> None:
    home = Home(tmp_path)
    parent, child = pty.openpty()
    command = [sys.executable, "-c", _PROGRAM, "connect", "memory", "--user", "ana", "--home", str(home.folder)]
    with subprocess.Popen(
        command, stdin=child, stdout=child, stderr=child, start_new_session=True, cwd=Path(__file__).parents[3]
    ) as process:
        os.close(child)
        answers = {"the server in memory": HOST, "who knows it": "", "The password of": PASSWORD}
        shown = _talk(parent, answers | {"A new passphrase": "open sesame", "same once more": "open sesame"})
        assert process.wait(30) == 0, shown
    os.close(parent)
    assert "boxes will be read" in shown
    assert PASSWORD not in shown
    assert "open sesame" not in shown
    assert f'["ana@{HOST}"]' in (home.folder / "accounts.toml").read_text()
    assert (home.folder / "tokens").exists()


def _talk(terminal: int, answers: dict[str, str]) -> str:
    """Answer each question when it is asked; all that was shown."""
    shown, answered, until = "", 0, time.monotonic() + 60
    waiting = dict(answers)
    while time.monotonic() < until:
        try:
            piece = os.read(terminal, 4096).decode(errors="replace")
        except OSError:  # Linux says so when the other side is closed
            break
        if not piece:
            break
        shown += piece
        for question in [one for one in waiting if one in shown[answered:]]:
            answered = len(shown)
            time.sleep(0.2)  # getpass throws away what was typed before it asked
            os.write(terminal, f"{waiting.pop(question)}\n".encode())
    assert waiting == {}, shown
    return shown


def test_a_typed_password_that_changed_is_typed_again_and_nothing_is_read_anew(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory, typed = Memory(), [PASSWORD]
    monkeypatch.setattr(use_cases, "find_ring", lambda: Ring(memory))
    monkeypatch.setattr(commands, "on_terminal", lambda: True)
    monkeypatch.setattr(commands, "ask_unseen", lambda: lambda _question: typed[-1])
    options = ("--user", "ana", "--account", "work", "--path", "p", "--no-tls")
    assert connect(home, *options)[0] == 0
    home.json("sync", as_of=None)
    monkeypatch.setattr(pretend, "PASSWORD", "the-new-one")
    assert home.invoke("sync").exit_code == 1
    assert home.invoke("connect", "memory", "--account", "work").exit_code == 1
    typed.append("the-new-one")
    assert home.invoke("connect", "memory", "--account", "work").exit_code == 0
    (one,) = home.json("sync", as_of=None)["accounts"]
    assert (one["state"], [stream["seen"] for stream in one["streams"]]) == ("ok", [0, 0])
    for other in (("--host", "other.example.org"), ("--user", "bo"), ("--tls",)):
        result = home.invoke("connect", "memory", "--account", "work", *other)
        assert result.exit_code == 2
        assert 'an account "work" already' in result.stderr
    assert len(listed(home)) == 1


def test_a_keyring_keeps_the_key_and_nobody_is_asked_for_it(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory()
    monkeypatch.setattr(use_cases, "find_ring", lambda: Ring(memory))
    monkeypatch.setattr(doctor_accounts, "find_ring", lambda: Ring(memory))
    with monkeypatch.context() as terminal:
        terminal.setattr(commands, "on_terminal", lambda: True)
        terminal.setattr(commands, "ask_unseen", lambda: lambda _question: PASSWORD)
        assert connect(home, "--user", "ana", "--account", "work")[0] == 0
    assert home.json("sync", as_of=None)["accounts"][0]["state"] == "ok"
    assert PASSWORD not in str(memory.held)
    assert "keyring" in home.invoke("doctor").stdout
    memory.held.clear()
    result = home.invoke("sync")
    assert result.exit_code == 1
    assert "no longer holds it" in result.stderr
    assert home.invoke("disconnect", "work").exit_code == 0


def test_an_export_brings_the_accounts_but_nothing_secret(home: Home, password: Path, tmp_path: Path) -> None:
    connect(home, "--user", "ana", "--password-file", str(password), "--account", "work", "--path", "hidden-path")
    home.json("sync", as_of=None)
    home.json("export", str(tmp_path / "export"), as_of=None)
    for path in (tmp_path / "export").iterdir():
        assert b"hidden-path" not in path.read_bytes()
        assert PASSWORD.encode() not in path.read_bytes()
    other = Home(tmp_path / "other")
    (other.folder / "amity.toml").unlink()
    other.json("restore", str(tmp_path / "export"), as_of=None)
    assert listed(other) == listed(home)
    again = other.json("sync", "work", as_of=None)["accounts"][0]
    assert (again["state"], sum(one["stored"] for one in again["streams"])) == ("ok", 0)


def test_a_private_option_is_never_shown(home: Home) -> None:
    connect(home, "--path", "hidden-path", "--account", "work")
    home.invoke("sync")
    for command in (["accounts"], ["accounts", "--json"], ["status"], ["status", "--json"], ["sync"], ["doctor"]):
        assert "hidden-path" not in home.invoke(*command, "--debug").output
