"""A Google account through the commands: connected, read, signed in again, disconnected."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from amity.cli import connect as commands
from amity.connect import options_of
from connectors.google import GoogleConfig
from tests.connectors.google.test_sign_in import visit
from tests.connectors.google.worlds import mail
from tests.home import Home
from tests.peers.google import Clock, Google, World, serving


@pytest.fixture
def google() -> Iterator[Google]:
    """In real time: a program is given no clock."""
    with serving(World(Clock(ticking=True))) as made:
        yield made


@pytest.fixture
def home(tmp_path: Path, google: Google, monkeypatch: pytest.MonkeyPatch) -> Home:
    (tmp_path / "client.json").write_text(json.dumps(google.client_secrets()))
    phrase = tmp_path / "phrase"
    phrase.write_text("open sesame\n")
    phrase.chmod(0o600)
    monkeypatch.setenv("AMITY_PASSPHRASE_FILE", str(phrase))

    def browse(address: str) -> bool:
        threading.Thread(target=visit, args=(address,), daemon=True).start()
        return True

    monkeypatch.setattr(commands, "browse", browse)
    return Home(tmp_path)


def connect(home: Home, google: Google, *more: str) -> tuple[int, str, str]:
    file = str(home.folder.parent / "client.json")
    result = home.invoke("connect", "google", "--client-secrets", file, "--endpoint", google.url, *more)
    return result.exit_code, result.stdout, result.stderr


def test_from_connecting_to_forgetting(home: Home, google: Google) -> None:
    for number in range(3):
        google.world.mail().add(mail(f"c{number}"))
    code, shown, error = connect(home, google)
    assert (code, error) == (0, "")
    assert "signed in as me@example.com" in shown
    assert "Connected as me@example.com. Next: amity sync me@example.com" in shown
    (account,) = home.json("accounts", as_of=None)
    assert account["source"] == "google:me@example.com"
    secrets = [google.world.oauth.grants[0].refresh, "client-secret"]
    for path in home.folder.iterdir():
        if path.is_file():
            assert not any(one.encode() in path.read_bytes() for one in secrets), path
    synced = home.json("sync", as_of=None)["accounts"][0]
    assert synced["state"] == "ok"
    assert next(one for one in synced["streams"] if one["id"] == "mail")["stored"] == 3
    result = home.invoke("disconnect", "me@example.com")
    assert result.exit_code == 0
    assert google.world.oauth.grants[0].dead
    assert home.json("accounts", as_of=None) == []


def test_a_sign_in_that_ended_is_renewed_and_goes_on_where_it_stood(home: Home, google: Google) -> None:
    google.world.mail().add(mail("first"))
    assert connect(home, google, "--account", "work")[0] == 0
    home.json("sync", as_of=None)
    google.world.forget_refresh_token()
    google.world.oauth.access.clear()
    result = home.invoke("sync", "--json")
    assert json.loads(result.stdout)["accounts"][0]["state"] == "needs_sign_in"
    assert "amity connect google --account work" in home.invoke("status").stdout
    google.world.mail().add(mail("second"))
    before = len(google.world.asked)
    assert connect(home, google, "--account", "work")[0] == 0
    assert home.json("sync", as_of=None)["accounts"][0]["state"] == "ok"
    asked = [one.method for one in google.world.asked[before:]]
    assert asked.count("gmail.users.messages.get") == 1
    assert "gmail.users.messages.list" not in asked


def test_what_was_not_allowed_is_said_and_can_be_added_later(home: Home, google: Google) -> None:
    google.world.oauth.untick = frozenset({"calendar.events.readonly"})
    code, shown, _ = connect(home, google, "--account", "work")
    assert code == 0
    assert "not read: calendars; to add it, amity connect google --account NAME --calendar" in shown
    assert home.json("accounts", as_of=None)[0]["options"]["calendar"] is False
    google.world.oauth.untick = frozenset()
    assert connect(home, google, "--account", "work", "--calendar")[0] == 0
    assert home.json("accounts", as_of=None)[0]["options"]["calendar"] is True


def test_who_says_no_is_not_connected(home: Home, google: Google) -> None:
    google.world.oauth.denied = True
    code, _, error = connect(home, google)
    assert (code, len(error.splitlines())) == (1, 1)
    assert "you did not allow it" in error
    assert home.json("accounts", as_of=None) == []


def test_who_is_asked_is_asked_for_what_they_can_know(
    home: Home, google: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def prompt(words: str, **_named: object) -> str:
        asked.append(words)
        return str(home.folder.parent / "client.json") if "client" in words else ""

    monkeypatch.setattr(commands, "on_terminal", lambda: True)
    monkeypatch.setattr("click.prompt", prompt)
    assert home.invoke("connect", "google", "--endpoint", google.url).exit_code == 0
    assert [one.partition(" ")[0] for one in asked] == ["the", "your"]
    assert [option.name for option in options_of(GoogleConfig) if not option.asked] == ["endpoint"]
