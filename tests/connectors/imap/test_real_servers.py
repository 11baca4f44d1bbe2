"""What is beyond the contract, at real servers: names, renames, encryption, tokens, waiting, and that nobody writes."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.credentials.secret import Secret
from connectors.errors import Refused, SignInNeeded, StreamEnded, TryLater
from connectors.imap import PROVIDER, ImapConfig
from connectors.imap.account import ImapAccount
from connectors.imap.sign_in import Address
from connectors.sync.port import Position, Stream
from events.log import Log, open_log
from tests.connectors.imap.test_same_as_files import Nothing, fill
from tests.connectors.imap.worlds import DovecotWorld, PymapWorld, mail
from tests.contracts.connector import succeed
from tests.contracts.living import facts, living
from tests.peers import pymap as pymap_peer
from tests.peers.dovecot import PASSWORD, Dovecot
from tests.peers.proxy import Tap

READING = {
    b"CAPABILITY", b"NOOP", b"LOGOUT", b"ID", b"ENABLE", b"AUTHENTICATE", b"LIST", b"STATUS", b"EXAMINE", b"UNSELECT",
    b"IDLE", b"DONE", b"UID FETCH", b"UID SEARCH",
}  # fmt: skip


@pytest.fixture
def world(dovecot: Dovecot, tapped: Tap) -> Iterator[DovecotWorld]:
    found = DovecotWorld(dovecot, tapped)
    yield found
    found.close()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with open_log(f"sqlite:///{tmp_path}/amity.db") as found:
        yield found


def titles(world: DovecotWorld) -> list[str]:
    connector = world.connector()
    try:
        return [stream.title for stream in connector.streams()]
    finally:
        connector.close()


def test_folders_are_found_by_what_they_are_for_and_called_as_people_call_them(world: DovecotWorld) -> None:
    for name in ("Sent", "Drafts", "Trash", "&ZeVnLIqe-", "Lists", "Lists/&AMQ-rger", '"a \\"b\\""', "&-"):
        world.admin.create(name if name.startswith('"') else f'"{name}"')
    assert titles(world) == ["INBOX", "Sent", "&", "Archive", "Lists", "Lists/Ärger", "Trash", 'a "b"', "日本語"]


def test_nothing_is_ever_written(world: DovecotWorld, dovecot: Dovecot, log: Log) -> None:
    """By the commands on the wire, and by the server's own log of changes."""
    fill(world)
    items = world.add(12)
    before = dovecot.log()
    succeed(world, log)
    assert dovecot.log() == before
    world.change(items[0])
    world.remove(items[1])
    world.move(items[2])
    before = dovecot.log()
    succeed(world, log)
    succeed(world, log, full=True)
    connector = world.connector()
    connector.wait(connector.streams()[0], 0.1)
    connector.close()
    assert dovecot.log() == before
    said = [line.upper() for line in world.tap.commands()]
    words = {b" ".join(line.split()[:2]) if line.startswith(b"UID") else line.split()[0] for line in said if line}
    assert words - {b""} <= READING
    assert not any(b"BODY[" in line for line in said)
    world.append(mail("m1@x.example"), "m1@x.example")
    assert dovecot.log() != before  # the server does tell


def test_a_renamed_folder_withdraws_nothing(world: DovecotWorld, log: Log) -> None:
    items = world.add(4)
    world.move(items[0])
    world.move(items[1])
    succeed(world, log)
    before = facts(log)
    world.admin.rename("Archive", "&ZeVnLIqe-")
    for _ in range(2):
        assert succeed(world, log).withdrawn == 0
    assert facts(log) == before
    assert {one.key for one in living(log, "imap:test").values()} == set(items)


def test_a_renamed_folder_is_the_same_one_where_the_server_has_ids(
    pymap: tuple[pymap_peer.Pymap, Tap], log: Log
) -> None:
    server, tap = pymap
    world = PymapWorld(server.port, pymap_peer.USER, pymap_peer.PASSWORD, tap)
    items = world.add(4)
    world.move(items[0])
    first = succeed(world, log)
    world.admin.rename("Archive", "Old")
    second = succeed(world, log)
    assert {one.stream for one in first.streams} == {one.stream for one in second.streams}
    assert (second.stored, second.withdrawn) == (0, 0)
    world.close()


def test_a_folder_made_again_under_its_name(world: DovecotWorld, log: Log) -> None:
    old = [world.append(mail(name), name, "Archive") for name in ("m1@x.example", "m2@x.example")]
    succeed(world, log)
    time.sleep(1.1)  # Dovecot takes UIDVALIDITY from the clock
    world.admin.delete("Archive")
    world.admin.create("Archive")
    new = [world.append(mail(name), name, "Archive") for name in ("m2@x.example", "m3@x.example")]
    result = succeed(world, log)
    assert (result.stored, result.withdrawn) == (1, 1)
    assert {one.key for one in living(log, "imap:test").values()} == set(new)
    assert old[1] == new[0]


def test_a_folder_that_went_away_while_we_looked(world: DovecotWorld) -> None:
    connector = world.connector()
    streams = {stream.title: stream for stream in connector.streams()}
    world.admin.delete("Archive")
    with pytest.raises(StreamEnded, match="Archive"):
        list(connector.pull(streams["Archive"], Position("[1,1,1,1]"), Nothing()))
    with pytest.raises(StreamEnded):
        list(connector.pull(Stream("other", "Other", streams["Archive"].kind), Position(None), Nothing()))
    connector.close()


def test_a_connection_that_is_kept_sees_what_others_did(world: DovecotWorld) -> None:
    """Of the folder that it has opened a server may tell how it was then."""
    connector = world.connector()
    cursor: str | None = None
    for number in range(1, 4):
        world.add(number)
        (inbox,) = [stream for stream in connector.streams() if stream.title == "INBOX"]
        pages = list(connector.pull(inbox, Position(cursor), Nothing()))
        assert sum(len(page.changes) for page in pages) == number
        cursor = pages[-1].cursor
    connector.close()


def test_news_end_the_waiting(world: DovecotWorld) -> None:
    connector = world.connector()
    (inbox,) = [stream for stream in connector.streams() if stream.title == "INBOX"]
    list(connector.pull(inbox, Position(None), Nothing()))
    assert not connector.wait(inbox, 0.05)
    timer = threading.Timer(0.2, world.add)
    timer.start()
    began = time.monotonic()
    assert connector.wait(inbox, 20)
    assert time.monotonic() - began < 10
    timer.join()
    assert connector.wait(inbox, 20)  # what came between is not slept over
    list(connector.pull(inbox, Position(None), Nothing()))
    assert not connector.wait(inbox, 0.05)
    connector.close()


def test_without_idle_one_looks_when_the_time_is_over(dovecot: Dovecot, tapped: Tap) -> None:
    world = DovecotWorld(dovecot, tapped, frozenset({"IDLE"}))
    connector = world.connector()
    began = time.monotonic()
    assert connector.wait(connector.streams()[0], 0.3)
    assert time.monotonic() - began >= 0.3
    connector.close()
    world.close()


@pytest.fixture
def trusted(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> Dovecot:
    """The server's certificate is one that this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.certificate))
    return dovecot


@pytest.mark.parametrize("encryption", ["tls", "starttls"])
def test_encrypted_as_it_is_meant_to_be(world: DovecotWorld, trusted: Dovecot, encryption: str) -> None:
    port = trusted.tls_port if encryption == "tls" else world.tap.port
    world.add(2)
    connector = account(Address("localhost", port, world.user, encryption))
    (stream, *_) = connector.streams()
    (page,) = connector.pull(stream, Position(None), Nothing())
    assert len(page.changes) == 2
    connector.close()
    if encryption == "starttls":
        assert b"AUTHENTICATE" not in b"".join(bytes(one.sent) for one in world.tap.sessions)


def test_a_certificate_that_nobody_vouches_for(dovecot: Dovecot) -> None:
    for encryption, port in (("tls", dovecot.tls_port), ("starttls", dovecot.port)):
        with pytest.raises(Refused, match=r"certificate .* is not valid"):
            account(Address("localhost", port, "bob", encryption)).streams()


def test_a_certificate_of_another_server(trusted: Dovecot) -> None:
    with pytest.raises(Refused, match="certificate"):
        account(Address("127.0.0.1", trusted.tls_port, "bob", "tls")).streams()


def test_encryption_where_there_is_none(dovecot: Dovecot) -> None:
    with pytest.raises(TryLater, match="encrypted"):
        account(Address("localhost", dovecot.port, "bob", "tls")).streams()


def test_a_wrong_password(world: DovecotWorld) -> None:
    connector = account(Address("127.0.0.1", world.tap.port, world.user, "none"), "not it")
    with pytest.raises(SignInNeeded, match="connect the account again") as raised:
        connector.streams()
    assert "not it" not in str(raised.value)


@pytest.mark.parametrize("password", ['quo"te\\', "Zürich ☂", "{5}", " ", "two\nlines", "%41&-", "x" * 900])
@pytest.mark.parametrize("command", ["AUTHENTICATE", "LOGIN"])
def test_any_password_arrives_as_it_is(world: DovecotWorld, password: str, command: str) -> None:
    ignored = frozenset({"AUTH=PLAIN"} if command == "LOGIN" else ())
    address = Address("127.0.0.1", world.tap.port, world.user, "none")
    connector = ImapAccount(address, Secret(password), source="imap:t", name="t", ignored=ignored)
    with pytest.raises((SignInNeeded, Refused)):
        connector.streams()
    sent = bytes(world.tap.sessions[-1].sent)
    assert command.encode() in sent
    if command == "LOGIN":
        quoted = password.replace("\\", "\\\\").replace('"', '\\"').encode()
        assert quoted in sent or password.encode() in sent


@pytest.fixture
def tokens(dovecot: Dovecot) -> Iterator[None]:
    """Who a token is for, as an identity provider tells the mail server."""

    class Introspection(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            user = {"Bearer good": "ann"}.get(self.headers["Authorization"], "")
            body = b'{"user": "%s", "active": "%s"}' % (user.encode(), b"yes" if user else b"no")
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", dovecot.token_port), Introspection)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield
    server.shutdown()
    server.server_close()


@pytest.mark.usefixtures("tokens")
@pytest.mark.parametrize("ignored", ["AUTH=OAUTHBEARER", "AUTH=XOAUTH2", "SASL-IR"])
def test_an_access_token_instead_of_a_password(dovecot: Dovecot, ignored: str) -> None:
    address = Address("127.0.0.1", dovecot.port, "ann", "none", token=True)

    def streams(token: str) -> list[str]:
        names = frozenset({ignored})
        connector = ImapAccount(address, Secret(token), source="imap:t", name="t", ignored=names)
        try:
            return [stream.title for stream in connector.streams()]
        finally:
            connector.close()

    assert streams("good") == ["INBOX"]
    with pytest.raises(SignInNeeded):
        streams("stolen")


def test_what_connecting_an_account_says(world: DovecotWorld) -> None:
    config = ImapConfig(host="127.0.0.1", user=world.user, port=world.tap.port, tls=False)
    said = PROVIDER.check(config, Secret(PASSWORD))
    assert "2 folders will be read: INBOX, Archive" in said
    assert any("never its attachments" in sentence for sentence in said)


def test_options_that_cannot_be_right() -> None:
    for options in ({"host": ""}, {"host": "https://x"}, {"user": ""}, {"user": "a\nb"}):
        with pytest.raises(ValueError, match="--"):
            ImapConfig(**{"host": "mail.example.org", "user": "bob", **options})  # type: ignore[arg-type]


def account(address: Address, password: str = PASSWORD) -> ImapAccount:
    return ImapAccount(address, Secret(password), source="imap:test", name="test")


