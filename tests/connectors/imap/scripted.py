"""A mail server that says what a test tells it to say, whatever that is, on a real socket of loopback."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from connectors.credentials.secret import Secret
from connectors.imap.account import ImapAccount
from connectors.imap.channel import Limits
from connectors.imap.sign_in import Address

QUICK = Limits(connect_seconds=2, read_seconds=0.4, command_seconds=0.4, bytes_per_second=1_000_000)
GREETING = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello\r\n"
Answer = Callable[[bytes, bytes], bytes | None]


class Last(bytes):
    """Behind this the server hangs up."""


class Server:
    """Sends a greeting, then to each command line what `answer(tag, rest)` gives; None hangs up."""

    def __init__(self, answer: Answer, greeting: bytes = GREETING, pause: float = 0) -> None:
        self._answer, self._greeting, self._pause = answer, greeting, pause
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.heard: list[bytes] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rb") as lines:
            connection.sendall(self._greeting)
            for line in lines:
                self.heard.append(line)
                tag, _, rest = line.strip().partition(b" ")
                data = self._answer(tag, rest)
                if data is None:
                    return
                self._say(connection, data)
                if isinstance(data, Last):
                    return

    def _say(self, connection: socket.socket, data: bytes) -> None:
        if not self._pause:
            connection.sendall(data)
            return
        for byte in data:
            connection.sendall(bytes((byte,)))
            time.sleep(self._pause)


class Box(NamedTuple):
    """A folder of an honest server. `uids` with their messages and flags."""

    messages: dict[int, bytes]
    flags: dict[int, bytes] = {}  # noqa: RUF012  never changed
    uidvalidity: int = 7

    def answer(self, tag: bytes, rest: bytes) -> bytes | None:
        """What it says to what we ask."""
        command = rest.upper()
        said = b""
        if command.startswith(b"LIST"):
            said = b'* LIST (\\HasNoChildren) "/" INBOX\r\n'
        elif command.startswith(b"EXAMINE"):
            uidnext = max(self.messages, default=0) + 1
            said = b"* %d EXISTS\r\n* OK [UIDVALIDITY %d] x\r\n* OK [UIDNEXT %d] x\r\n" % (
                len(self.messages), self.uidvalidity, uidnext,
            )  # fmt: skip
        elif command.startswith(b"UID SEARCH UID"):
            said = b"* SEARCH %s\r\n" % b" ".join(b"%d" % uid for uid in self.asked(command.split()[3]))
        elif command.startswith(b"UID SEARCH"):
            said = b"* SEARCH %s\r\n" % b" ".join(b"%d" % uid for uid in self.messages)
        elif command.startswith(b"UID FETCH"):
            uids = self.asked(command.split()[2])
            said = b"".join(self.fetched(uid, text=b"BODY.PEEK[]" in command) for uid in uids)
        elif command.startswith(b"LOGOUT"):
            return None
        return said + tag + b" OK done\r\n"

    def asked(self, uid_set: bytes) -> list[int]:
        found = []
        for piece in uid_set.split(b","):
            low, _, high = piece.partition(b":")
            found += [uid for uid in self.messages if int(low) <= uid <= int(high or low)]
        return found

    def fetched(self, uid: int, *, text: bool) -> bytes:
        raw = self.messages[uid]
        flags = self.flags.get(uid, b"")
        if text:
            return b"* 1 FETCH (UID %d FLAGS (%s) BODY[] {%d}\r\n%s)\r\n" % (uid, flags, len(raw), raw)
        return b"* 1 FETCH (UID %d FLAGS (%s) RFC822.SIZE %d)\r\n" % (uid, flags, len(raw))


@contextmanager
def serving(answer: Answer, greeting: bytes = GREETING, pause: float = 0) -> Iterator[Server]:
    server = Server(answer, greeting, pause)
    try:
        yield server
    finally:
        server.close()


def account(server: Server, *, encryption: str = "none", limits: Limits = QUICK, token: bool = False) -> ImapAccount:
    address = Address("127.0.0.1", server.port, "bob@example.org", encryption, token)
    return ImapAccount(address, Secret("open sesame"), source="imap:test", name="test", limits=limits, page=5)
