"""Accounts that are signed in to with a browser, as far as the commands go; the sign-in itself is the connector's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Annotated, Any

import jsonschema
import msgspec
import pytest

from amity import schemas
from connectors import registry
from connectors.credentials.secret import Secret
from connectors.errors import SignInNeeded
from connectors.memory import Entry, MemoryConnector, MemoryServer
from connectors.sync.port import Connector, Kind
from connectors.sync.provider import Config, Keeper, OAuth, Provider, SignedIn, Talk
from tests.home import Home

SERVER = MemoryServer()
GIVEN: list[str] = []  # the tokens that are good, the last one newest
REVOKED: list[str] = []


class BrowserConfig(Config, frozen=True, kw_only=True):
    client: Annotated[str, msgspec.Meta(description="the client")]
    words: bool = True


def _sign_in(config: BrowserConfig, talk: Talk) -> SignedIn:
    assert not talk.browse(f"https://sign-in.example.org/?client={config.client}")
    if talk.ask("The code"):
        raise SignInNeeded("that is no code.")
    GIVEN.append(f"token-{len(GIVEN)}-{config.client}")
    return SignedIn(Secret(GIVEN[-1]), "ana@x.org")


def _check(config: BrowserConfig, secret: Secret | None) -> Sequence[str]:
    assert config.client
    assert secret is not None
    if secret.reveal() not in GIVEN:
        raise SignInNeeded("sign in again.")
    return ["a box will be read"]


def _open(config: BrowserConfig, secret: Secret | None, *, source: str, name: str) -> Connector:
    raise AssertionError((config, secret, source, name))  # whoever has a keeper is opened with it


def _open_renewing(
    config: BrowserConfig, secret: Secret | None, *, source: str, name: str, keeper: Keeper
) -> Connector:
    """Each opening rotates the token: the one before is worthless."""
    _check(config, secret)
    assert source == f"memory:{name}"
    with keeper.alone():
        GIVEN.remove(keeper.get().reveal())
        GIVEN.append(f"token-{name}-renewed-{config.words}")
        keeper.put(Secret(GIVEN[-1]))
    return MemoryConnector(SERVER, name)


def _revoke(_config: BrowserConfig, secret: Secret) -> Sequence[str]:
    REVOKED.append(secret.reveal())
    return ["it may take an hour"]


PROVIDER = Provider(
    "memory", "a server with a browser", BrowserConfig, _open, _check, OAuth(_sign_in, _open_renewing, _revoke)
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    point = EntryPoint("memory", f"{__name__}:PROVIDER", registry.GROUP)
    monkeypatch.setattr(registry, "_found", lambda: {"memory": point})
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("open sesame")
    passphrase.chmod(0o600)
    monkeypatch.setenv("AMITY_PASSPHRASE_FILE", str(passphrase))
    SERVER.make("box", Kind.CONTACTS)
    SERVER.put("box", Entry("ana", "Ana"))
    yield Home(tmp_path)
    for held in (GIVEN, REVOKED):
        held.clear()


def connect(home: Home, *more: str) -> Any:
    found = home.json("connect", "memory", "--client", "c1", *more, as_of=None)
    jsonschema.validate(found, schemas.document("connect"))
    return found


def test_from_signing_in_to_taking_it_back(home: Home) -> None:
    result = home.invoke("connect", "memory", "--client", "c1")
    assert result.exit_code == 0, result.stderr
    assert "https://sign-in.example.org/?client=c1" in result.stderr
    assert "Connected as ana@x.org" in result.stdout
    assert home.json("accounts", as_of=None)[0]["secret"] == "stored"  # noqa: S105  where it is
    for _ in range(2):  # the second time with the token that the first one was given
        assert home.json("sync", as_of=None)["accounts"][0]["state"] == "ok"
    gone = home.json("disconnect", "ana@x.org", as_of=None)
    jsonschema.validate(gone, schemas.document("disconnect"))
    assert gone["notes"] == ["it may take an hour"]
    assert REVOKED == GIVEN
    assert not (home.folder / "tokens").exists()


def test_signing_in_again_keeps_the_account_and_its_options(home: Home) -> None:
    connect(home, "--account", "work", "--no-words")
    home.json("sync", as_of=None)
    GIVEN.clear()  # the password was changed: all tokens are dead
    assert home.invoke("sync").exit_code == 1
    home.json("connect", "memory", "--account", "work", as_of=None)
    (one,) = home.json("accounts", as_of=None)
    assert one["options"] == {"client": "c1", "words": False}
    (again,) = home.json("sync", as_of=None)["accounts"]
    assert [stream["seen"] for stream in again["streams"]] == [0]
    home.json("connect", "memory", "--account", "work", "--client", "c2", as_of=None)
    assert home.json("accounts", as_of=None)[0]["options"]["client"] == "c2"


def test_no_password_file_and_no_place_to_keep_it(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "--password-file" not in home.invoke("connect", "memory", "--help").stdout
    monkeypatch.delenv("AMITY_PASSPHRASE_FILE")
    result = home.invoke("connect", "memory", "--client", "c1")
    assert result.exit_code == 1
    assert "no place to keep a password" in result.stderr
    assert GIVEN == []


def test_what_cannot_be_taken_back_is_said_and_the_account_is_forgotten(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(home, "--account", "work")
    monkeypatch.delenv("AMITY_PASSPHRASE_FILE")
    result = home.invoke("disconnect", "work")
    assert result.exit_code == 0
    assert "Nothing was taken back at the provider" in result.stdout
    assert home.json("accounts", as_of=None) == []
