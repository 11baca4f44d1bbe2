"""The bytes of one connection: buffered reading under limits of time and size, and TLS. No IMAP is known here."""

from __future__ import annotations

import contextlib
import select
import socket
import time
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from connectors.errors import Refused, TryLater

if TYPE_CHECKING:
    import ssl

_RECEIVE = 256 << 10


class Limits(NamedTuple):
    """What a server may take of our time and memory. Seconds and bytes.

    A command may keep us waiting `command_seconds`, and longer only while it brings `bytes_per_second`: who sends one
    byte a second is never silent, and would otherwise hold us for ever.
    """

    connect_seconds: float = 20
    read_seconds: float = 60
    command_seconds: float = 120
    bytes_per_second: int = 4_096
    line_bytes: int = 16 << 20  # the UIDs of a million messages stand in one line
    command_bytes: int = 256 << 20  # of answers to one command
    literal_bytes: int = 64 << 20  # as much of a message as files are read (`connectors.files.mbox.KEPT`)


USUAL = Limits()


class Channel:
    """One connection to `host`; `name` is the account as sentences call it.

    Raises TryLater where the server is away, slow, or speaks nonsense, Refused where its certificate is not valid.
    """

    def __init__(self, host: str, port: int, name: str, limits: Limits = USUAL) -> None:
        self.name, self.host, self.limits = name, host, limits
        self._buffer, self._at = b"", 0
        self._waited, self._received = 0.0, 0
        self.closed = False
        self._socket = self._connected(port)

    def _connected(self, port: int) -> socket.socket:
        try:
            found = socket.create_connection((self.host, port), self.limits.connect_seconds)
        except (OSError, UnicodeError) as error:
            raise TryLater(
                f"{self.name}: the mail server {self.host}:{port} cannot be reached ({error}); check the network, the "
                "server's name and its port"
            ) from None
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return found

    def encrypt(self) -> None:
        """Begin TLS with a verified certificate."""
        import ssl  # noqa: PLC0415  a program that syncs nothing never loads it

        if self._at < len(self._buffer):
            raise Refused(
                f"{self.name}: the mail server {self.host}, or somebody on the way to it, sent more before the "
                "encryption than a server does; nothing was sent, and no password; use another network or port 993"
            )
        try:
            self._socket.settimeout(self.limits.connect_seconds)
            self._socket = ssl.create_default_context().wrap_socket(self._socket, server_hostname=self.host)
        except ssl.SSLCertVerificationError as error:
            self._refuse_certificate(error)
        except (OSError, ValueError) as error:
            self.fail(f"no encrypted connection could be made ({error}); check the port")

    def _refuse_certificate(self, error: ssl.SSLCertVerificationError) -> NoReturn:
        self.close()
        raise Refused(
            f"{self.name}: the certificate of the mail server {self.host} is not valid ({error.verify_message}); no "
            "password was sent; check the server's name, or ask who runs it"
        ) from None

    def fail(self, why: str) -> NoReturn:
        """Give the connection up: what the server does makes no sense, or it is gone."""
        self.close()
        raise TryLater(f"{self.name}: the mail server {self.host}: {why}") from None

    def begin(self) -> None:
        """A new command: its time counts from here."""
        self._waited, self._received = 0.0, 0

    def send(self, data: bytes) -> None:
        try:
            self._socket.settimeout(self.limits.read_seconds)
            self._socket.sendall(data)
        except OSError as error:
            self.fail(f"the connection broke ({error})")

    def line(self) -> bytes:
        """The next line, without its end."""
        found = self._buffer.find(b"\n", self._at)
        while found < 0:
            old = len(self._buffer) - self._at
            if old > self.limits.line_bytes:
                self.fail(f"it sends a line of more than {self.limits.line_bytes:,} bytes, as no mail server does")
            self._more()
            found = self._buffer.find(b"\n", self._at + old)
        line = self._buffer[self._at : found]
        self._at = found + 1
        return line[:-1] if line.endswith(b"\r") else line

    def exactly(self, count: int) -> bytes:
        """The next `count` bytes. Whoever asks has checked the count."""
        if len(self._buffer) - self._at < count:
            pieces = [self._buffer[self._at :]]
            missing = count - len(pieces[0])
            while missing > 0:
                self._buffer, self._at = b"", 0
                self._more()
                pieces.append(self._buffer[:missing])
                self._at = len(pieces[-1])
                missing -= self._at
            return b"".join(pieces)
        self._at += count
        return self._buffer[self._at - count : self._at]

    def ready(self, seconds: float) -> bool:
        """Whether there is something to read within so many seconds."""
        pending = getattr(self._socket, "pending", int)()
        if self._at < len(self._buffer) or pending:
            return True
        return bool(select.select([self._socket], [], [], max(0.0, seconds))[0])

    def close(self) -> None:
        self.closed = True
        with contextlib.suppress(OSError):
            self._socket.close()

    def _more(self) -> None:
        limits = self.limits
        spare = limits.command_seconds + self._received / limits.bytes_per_second - self._waited
        if self._received > limits.command_bytes:
            self.fail(f"it sends more than {limits.command_bytes:,} bytes at once; it will be asked again later")
        if spare <= 0:
            self.fail("it answers too slowly; nothing that was read so far is lost, try again later")
        began = time.monotonic()
        try:
            self._socket.settimeout(min(limits.read_seconds, spare))
            data = self._socket.recv(_RECEIVE)
        except TimeoutError:
            self.fail("it stopped answering; nothing that was read so far is lost, try again later")
        except OSError as error:
            self.fail(f"the connection broke ({error}); nothing that was read so far is lost, try again later")
        if not data:
            self.fail("it closed the connection; nothing that was read so far is lost, try again later")
        self._waited += time.monotonic() - began
        self._received += len(data)
        self._buffer = self._buffer[self._at :] + data if self._at < len(self._buffer) else data
        self._at = 0
