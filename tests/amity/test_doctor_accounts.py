from __future__ import annotations

import time
from pathlib import Path

import pytest

from amity import accounts, doctor_accounts
from amity.accounts import Account
from amity.home import Home as Place
from connectors import registry
from connectors.credentials.secret import Secret
from connectors.credentials.tokens import Tokens
from tests.amity import pretend
from tests.home import Home

WEEK_MS = 7 * 86_400_000


def said(home: Home, later_ms: int = 0) -> dict[str, tuple[bool, str]]:
    found = doctor_accounts.examine(Place(home.folder), int(time.time() * 1000) + later_ms)
    return {one.what: (one.ok, one.says) for one in found}


def test_no_account_is_no_finding(tmp_path: Path) -> None:
    assert said(Home(tmp_path)) == {}


def test_an_account_from_new_to_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path)
    with pretend.server(monkeypatch):
        home.json("connect", "memory", "--host", "memory.example.org", "--account", "work", as_of=None)
        assert said(home)["account work"] == (False, "was never read: amity sync work")
        home.json("sync", as_of=None)
        assert said(home)["account work"] == (True, "memory, read to its end today")
        ok, says = said(home, WEEK_MS)["account work"]
        assert (ok, "7 days ago: amity sync work" in says) == (False, True)
    monkeypatch.setattr(registry, "_found", dict)  # its package was taken away
    assert "no kind of account" in said(home)["account work"][1]


def test_files_and_options_that_are_not_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, place = Home(tmp_path), Place(tmp_path / "home")
    password = tmp_path / "password"
    password.write_text("x")
    password.chmod(0o644)
    with pretend.server(monkeypatch):
        options = {"host": "memory.example.org", "user": "ana"}
        accounts.write(place, [
            Account("a", "memory", options, secret=accounts.IN_FILE, password_file=str(password)),
            Account("b", "memory", options, secret=accounts.IN_FILE, password_file=str(tmp_path / "nowhere")),
            Account("c", "memory", {"host": 3}),
            Account("d", "memory", options, secret=accounts.STORED),
        ])  # fmt: skip
        found = said(home)
        assert "chmod 600" in found["account a"][1]
        assert "cannot be read" in found["account b"][1]
        assert "--host: Expected str" in found["account c"][1]
        assert found["passwords"] == (
            False, "none is kept here (an export holds none): `amity connect KIND --account NAME` asks for it again"
        )  # fmt: skip
        assert not any(ok for ok, _ in found.values())
        Tokens(place.folder / "tokens", lambda: None, lambda _new: Secret("open sesame")).put("d", Secret("x"))
        assert said(home)["passwords"][0]
        assert "AMITY_PASSPHRASE_FILE" in said(home)["passwords"][1]
        place.accounts.write_text("[")
        assert "cannot be read" in said(home)["accounts"][1]
