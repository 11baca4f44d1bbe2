"""A wire tap for tests: whoever connects to it talks to a real server, and every byte of both sides is kept."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple


class Session(NamedTuple):
    """One connection, as it went over the wire."""

    sent: bytearray
    received: bytearray

    def commands(self) -> list[bytes]:
        """The lines of the client, without tags."""
        return [line.partition(b" ")[2] for line in bytes(self.sent).split(b"\r\n") if line]


class Tap:
    """Listens at `port`; `sessions` grow while they last."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.sessions: list[Session] = []
        self._open: list[socket.socket] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        for one in (self._listener, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def commands(self) -> list[bytes]:
        """What all clients have said."""
        return [line for session in self.sessions for line in session.commands()]

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                session = Session(bytearray(), bytearray())
                self.sessions.append(session)
                self._open += [client, server]
                for source, sink, kept in ((client, server, session.sent), (server, client, session.received)):
                    source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    threading.Thread(target=_pump, args=(source, sink, kept), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket, kept: bytearray) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            kept += data
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def tap(target: int) -> Iterator[Tap]:
    """Listen before the server at a port of loopback."""
    found = Tap(target)
    try:
        yield found
    finally:
        found.close()
