"""What is not known to be read-only never leaves the process."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.imap.channel import USUAL, Channel
from connectors.imap.client import Client
from connectors.imap.commands import Argument, Literal, NotAllowed, check
from connectors.imap.sign_in import _encrypt

WRITING = [
    "SELECT", "CLOSE", "EXPUNGE", "STORE", "APPEND", "COPY", "MOVE", "CREATE", "DELETE", "RENAME", "SUBSCRIBE",
    "REPLACE", "UNSUBSCRIBE", "SETACL", "SETMETADATA", "SETQUOTA", "FETCH", "SEARCH", "UNAUTHENTICATE", "NOTIFY", "UID",
    "uid fetch", "UID STORE", "UID COPY", "UID MOVE", "UID EXPUNGE", "UID REPLACE", "NOOP\r\nA2 EXPUNGE",
]  # fmt: skip


class Silent(Channel):
    """A connection on which nothing may be said."""

    def __init__(self) -> None:
        self.name, self.host, self.limits = "test", "mail.example.org", USUAL
        self._lines = [b"* OK hello"]
        self.said: list[bytes] = []

    def begin(self) -> None:
        """Nothing takes time here."""

    def line(self) -> bytes:
        return self._lines.pop()

    def send(self, data: bytes) -> None:
        self.said.append(data)


class Changing(Silent):
    """A connection on which somebody listens until it is encrypted."""

    encrypted = False

    def line(self) -> bytes:
        said = {1: [b"A1 OK", b"* CAPABILITY STARTTLS AUTH=PLAIN X-EVIL"], 2: [b"A2 OK [CAPABILITY X-EVIL]"]}
        self._lines = self._lines or said[len(self.said)]
        return self._lines.pop()

    def encrypt(self) -> None:
        self.encrypted = True


def test_what_was_said_before_the_encryption_is_forgotten() -> None:
    channel = Changing()
    client = Client(channel)
    _encrypt(client)
    assert channel.encrypted
    assert channel.said == [b"A1 CAPABILITY\r\n", b"A2 STARTTLS\r\n"]
    assert client.capabilities == frozenset()


@pytest.mark.parametrize("command", WRITING)
def test_a_command_that_writes_is_not_sent(command: str) -> None:
    channel = Silent()
    with pytest.raises(NotAllowed):
        Client(channel).send(command.encode(), b"1:*", b"(FLAGS)")
    assert channel.said == []


@pytest.mark.parametrize(
    "items",
    [
        b"(BODY[])", b"(BODY[TEXT])", b"(RFC822)", b"(RFC822.TEXT)", b"(UID BODY[HEADER] FLAGS)", b"BODY.PEEK[]",
        b"(BINARY[1])", b"(body[])", b"(FLAGS) (CHANGEDSINCE 1) +FLAGS", b"(BODY.PEEK[] BODY[])", b"FULL",
    ],
)  # fmt: skip
def test_nothing_is_marked_as_read(items: bytes) -> None:
    with pytest.raises(NotAllowed):
        check(b"UID FETCH", (b"1:*", items))


def test_what_we_do_ask() -> None:
    check(b"UID FETCH", (b"1:4,7", b"(UID FLAGS X-GM-LABELS RFC822.SIZE)"))
    check(b"UID FETCH", (b"1:*", b"(UID FLAGS)", b"(CHANGEDSINCE 7 VANISHED)"))
    check(b"UID FETCH", (b"1", b"(UID FLAGS BODY.PEEK[1.2.MIME] BODY.PEEK[1]<0.1048576>)"))
    check(b"EXAMINE", (Literal(b"a\r\nA2 EXPUNGE\r\n"),))


@given(st.lists(st.binary(max_size=20), max_size=4))
@settings(max_examples=200)
def test_no_argument_begins_another_command(pieces: list[bytes]) -> None:
    arguments: tuple[Argument, ...] = tuple(pieces)
    try:
        check(b"LIST", arguments)
    except NotAllowed:
        return
    assert not any(byte in piece for piece in pieces for byte in (b"\r", b"\n", b"\0"))
