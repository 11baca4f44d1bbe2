from __future__ import annotations

import json
import multiprocessing
import os
from pathlib import Path

import keyring.errors
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null

from connectors.credentials import ring, sealing
from connectors.credentials.ring import Ring, find_ring
from connectors.credentials.secret import Secret
from connectors.credentials.tokens import Tokens
from events.errors import AmityError, Damaged


class Memory(KeyringBackend):
    """A keyring of the system, in memory."""

    priority = 1

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.held.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError("nothing by that name")


def with_ring(path: Path, memory: Memory) -> Tokens:
    return Tokens(path, lambda: Ring(memory), lambda _new: pytest.fail("nobody is asked where there is a keyring"))


def with_passphrase(path: Path, passphrase: str | None) -> Tokens:
    return Tokens(path, lambda: None, lambda _new: None if passphrase is None else Secret(passphrase))


@pytest.fixture(params=["keyring", "passphrase"])
def tokens(request: pytest.FixtureRequest, tmp_path: Path) -> Tokens:
    path = tmp_path / "tokens"
    return with_ring(path, Memory()) if request.param == "keyring" else with_passphrase(path, "open sesame")


def test_what_is_kept_comes_back_and_is_nowhere_in_the_file(tokens: Tokens, tmp_path: Path) -> None:
    assert tokens.get("work") is None
    tokens.put("work", Secret("hunter2-hunter2"))
    tokens.put("home", Secret("ünïcode"))
    tokens.put("work", Secret("another-hunter"))
    assert (tokens.get("work"), tokens.get("home")) == (Secret("another-hunter"), Secret("ünïcode"))
    path = tmp_path / "tokens"
    assert path.stat().st_mode & 0o777 == 0o600
    for file in tmp_path.iterdir():
        assert b"hunter" not in file.read_bytes()
    assert not (tmp_path / ".tokens.new").exists()


def test_another_process_opens_it_with_the_same_key(tmp_path: Path) -> None:
    memory, path = Memory(), tmp_path / "tokens"
    with_ring(path, memory).put("work", Secret("a"))
    assert with_ring(path, memory).get("work") == Secret("a")
    assert with_ring(path, memory).place() == "keyring"
    assert len(memory.held) == 1
    other = tmp_path / "other"
    with_passphrase(other, "open sesame").put("work", Secret("b"))
    assert with_passphrase(other, "open sesame").get("work") == Secret("b")
    assert with_passphrase(other, None).place() == "passphrase"


def test_the_last_one_takes_file_and_key_with_it(tmp_path: Path) -> None:
    memory, path = Memory(), tmp_path / "tokens"
    tokens = with_ring(path, memory)
    tokens.put("a", Secret("1"))
    tokens.put("b", Secret("2"))
    assert (tokens.drop("a"), tokens.drop("a"), tokens.get("a"), tokens.get("b")) == (True, False, None, Secret("2"))
    assert tokens.drop("b")
    assert not path.exists()
    assert memory.held == {}
    assert not tokens.drop("b")
    tokens.put("c", Secret("3"))
    assert with_ring(path, memory).get("c") == Secret("3")


def test_forgetting_needs_no_key(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    with_passphrase(path, "open sesame").put("work", Secret("a"))
    assert with_passphrase(path, None).drop("work")
    assert not path.exists()


def test_no_keyring_and_no_passphrase_is_a_sentence_and_no_file(tmp_path: Path) -> None:
    tokens = with_passphrase(tmp_path / "tokens", None)
    for refused in (tokens.ready, lambda: tokens.put("work", Secret("hunter2"))):
        with pytest.raises(AmityError, match=r"--password-file.*AMITY_PASSPHRASE_FILE"):
            refused()
    assert not (tmp_path / "tokens").exists()


def test_a_wrong_passphrase_is_told_from_a_changed_entry(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    with_passphrase(path, "open sesame").put("work", Secret("a"))
    with pytest.raises(AmityError, match="not its passphrase"):
        with_passphrase(path, "open barley").get("work")
    with pytest.raises(AmityError, match="not its passphrase"):
        with_passphrase(path, "open barley").put("home", Secret("b"))
    with pytest.raises(AmityError, match="locked by a passphrase"):
        with_passphrase(path, None).get("work")


def test_an_entry_moved_to_another_account_does_not_open(tokens: Tokens, tmp_path: Path) -> None:
    tokens.put("mine", Secret("a"))
    tokens.put("theirs", Secret("b"))
    path = tmp_path / "tokens"
    content = json.loads(path.read_text())
    content["entries"]["theirs"] = content["entries"]["mine"]
    path.write_text(json.dumps(content))
    with pytest.raises(Damaged, match="theirs"):
        tokens.get("theirs")
    assert tokens.get("mine") == Secret("a")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1, "entries": {"a": 3}}'])
def test_a_damaged_file_is_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "tokens").write_text(text)
    with pytest.raises(Damaged, match="connect the accounts again"):
        with_passphrase(tmp_path / "tokens", "x").get("work")


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text('{"format": 2}')
    with pytest.raises(AmityError, match="newer Amity"):
        with_passphrase(tmp_path / "tokens", "x").put("work", Secret("a"))


def test_a_keyring_that_lost_the_key_or_went_away(tmp_path: Path) -> None:
    memory, path = Memory(), tmp_path / "tokens"
    with_ring(path, memory).put("work", Secret("a"))
    with pytest.raises(AmityError, match="which is not here"):
        with_passphrase(path, "x").get("work")
    memory.held = dict.fromkeys(memory.held, "bm90IHRoZSBrZXksIGJ1dCAzMiBieXRlcyBsb25nISE=")
    with pytest.raises(AmityError, match="another key"):
        with_ring(path, memory).get("work")
    memory.held = {}
    with pytest.raises(AmityError, match="no longer holds it"):
        with_ring(path, memory).get("work")


class Locked(Memory):
    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringLocked(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise keyring.errors.KeyringLocked(f"{service} {username} {password}")


def test_a_locked_keyring_says_so_and_nothing_it_was_given(tmp_path: Path) -> None:
    with pytest.raises(AmityError, match="unlock it") as caught:
        with_ring(tmp_path / "tokens", Locked()).put("work", Secret("a"))
    assert caught.value.__suppress_context__
    assert not (tmp_path / "tokens").exists()


def test_a_keyring_that_forgets_is_no_store(tmp_path: Path) -> None:
    class Forgets(Memory):
        def set_password(self, service: str, username: str, password: str) -> None:
            pass

    with pytest.raises(AmityError, match="does not keep"):
        with_ring(tmp_path / "tokens", Forgets()).put("work", Secret("a"))


def in_module(name: str) -> Memory:
    """A backend that says it comes from that module."""
    made: Memory = type("Keyring", (Memory,), {"__module__": name})()
    return made


def chained(*backends: object) -> object:
    return type("Chain", (), {"__module__": chainer.__name__, "backends": backends})()


def test_only_backends_that_keep_secrets_are_trusted() -> None:
    system = [in_module(f"keyring.backends.{name}") for name in ring.TRUSTED]
    plain = in_module("keyrings.alt.file")
    foreign = in_module("keyring_extra.backends.macOS")
    no_backend, nothing = in_module(fail.__name__), in_module(null.__name__)
    for refused in (no_backend, nothing, plain, foreign, chained(), chained(system[0], plain)):
        assert find_ring([refused].pop) is None
    for trusted in (*system, chained(*system)):
        assert find_ring([trusted].pop) is not None


def _put(path: Path, number: int) -> None:
    with_passphrase(path, "open sesame").put(f"account-{number}", Secret(str(number)))


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    _put(path, 0)
    context = multiprocessing.get_context("fork")  # a new interpreter would not find the tests, which no wheel holds
    writers = [context.Process(target=_put, args=(path, number)) for number in range(1, 5)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    tokens = with_passphrase(path, "open sesame")
    assert [tokens.get(f"account-{number}") for number in range(5)] == [Secret(str(number)) for number in range(5)]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "tokens"
    tokens = with_passphrase(path, "open sesame")
    tokens.put("work", Secret("old"))
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", lambda _file: (_ for _ in ()).throw(OSError(5, "no more")))
        with pytest.raises(OSError, match="no more"):
            tokens.put("work", Secret("new"))
    assert with_passphrase(path, "open sesame").get("work") == Secret("old")


def test_sealed_twice_is_not_the_same_bytes() -> None:
    key = sealing.new_key()
    assert sealing.seal(key, b"a", b"text") != sealing.seal(key, b"a", b"text")
    assert sealing.unseal(key, b"a", sealing.seal(key, b"a", b"text")) == b"text"
    with pytest.raises(sealing.WrongKey):
        sealing.unseal(key, b"a", b"short")
