"""A server that says what it was told to say, byte for byte, and keeps what it was asked."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple


class Script(NamedTuple):
    """What one connection answers to one request. `slow`: seconds between single bytes; `hang`: stay silent behind it.

    `stay`: leave the connection open for another request; else it is closed.
    """

    data: bytes
    slow: float = 0.0
    hang: bool = False
    stay: bool = False


class Scripted:
    """Answers one script after the other, the last one again and again. `asked`: the requests as they came."""

    def __init__(self, scripts: Sequence[Script]) -> None:
        self._scripts = list(scripts)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.asked: list[bytes] = []
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._run(self._accept)

    def close(self) -> None:
        self._stop.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _run(self, work: object, *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)  # type: ignore[arg-type]  # bound methods
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._run(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(5)
            try:
                while self._answer(connection):
                    pass
            except OSError:
                return

    def _answer(self, connection: socket.socket) -> bool:
        request = b""
        while not _is_whole(request):
            piece = connection.recv(65536)
            if not piece:
                return False
            request += piece
        self.asked.append(request)
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        if script.slow:
            for byte in script.data:
                if self._stop.wait(script.slow):
                    return False
                connection.sendall(bytes([byte]))
        else:
            connection.sendall(script.data)
        if script.hang:
            self._stop.wait()
        return script.stay


def _is_whole(request: bytes) -> bool:
    head, end, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\nContent-Length: *(\d+)", head)
    return bool(end) and len(body) >= (int(length[1]) if length else 0)


@contextmanager
def scripted(*scripts: Script | bytes) -> Iterator[Scripted]:
    """A scripted server on loopback."""
    server = Scripted([one if isinstance(one, Script) else Script(one) for one in scripts])
    try:
        yield server
    finally:
        server.close()


def answer(body: bytes = b"", status: str = "200 OK", *headers: str) -> bytes:
    """A whole answer with its Content-Length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
