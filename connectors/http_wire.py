"""Below HTTP: connections to judged addresses only, and every byte that comes in counted, against the clock too.

A time limit on one read says little against a server that sends a byte now and then: the whole answer has one as well.
"""

from __future__ import annotations

import io
import select
import socket
import ssl
from collections.abc import Callable, Collection
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any, cast

from connectors.errors import Refused
from connectors.net import Resolve, allowed, connect


class Watch:
    """What one exchange may cost; the connections of one `Http` share it.

    `begun`: some of an answer came; `ended`: the other side closed while it was read; `surplus`: bytes came behind its
    end.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until = self._pause = 0.0
        self._head = 0
        self.in_head = self.begun = self.ended = self.surplus = False

    def begin(self, seconds: float, pause: float, head: int) -> None:
        """Start an exchange that may take `seconds`, each read `pause` seconds, all heads of answers `head` bytes."""
        self._until, self._pause, self._head = self._clock() + seconds, pause, head
        self.answer()

    def answer(self) -> None:
        """Expect an answer."""
        self.in_head = True
        self.begun = self.ended = self.surplus = False

    def head_came(self) -> None:
        """Expect the body. Raises HTTPException where the other side closed before the head was whole."""
        if self.ended:
            raise HTTPException
        self.in_head = False

    def patience(self) -> float:
        """Seconds that the next step may take. Raises TimeoutError when the time for the whole is over."""
        left = self._until - self._clock()
        if left <= 0:
            raise TimeoutError("the whole answer takes too long")
        return min(self._pause, left)

    def came(self, count: int) -> None:
        """Count bytes that were read; raises Refused where the head of an answer does not end."""
        self.ended |= not count
        self.begun |= bool(count)
        if self.in_head:
            self._head -= count
            if self._head < 0:
                raise Refused("the server sends more header lines than any honest one; check the address")


class _Counted(io.RawIOBase):
    """A socket's bytes under a watch."""

    def __init__(self, sock: socket.socket, watch: Watch) -> None:
        self._sock, self._watch = sock, watch
        self._raw = sock.makefile("rb", buffering=0)
        self.over = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """See `io.RawIOBase`. Raises TimeoutError, Refused."""
        if self.over:
            return 0
        self._sock.settimeout(self._watch.patience())
        count = self._raw.readinto(buffer) or 0
        self._watch.came(count)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Reader(io.BufferedReader):
    """Notes what was read ahead and belongs to no answer: then a length was told wrong."""

    def __init__(self, sock: socket.socket, watch: Watch) -> None:
        self._counted = _Counted(sock, watch)
        self._watch = watch
        super().__init__(self._counted)

    def close(self) -> None:
        if not self.closed:
            self._counted.over = True
            self._watch.surplus |= bool(self.peek(1))
        super().close()


class _Answer(HTTPResponse):
    """An answer that is read through a watch."""

    def __init__(self, sock: socket.socket, watch: Watch, method: str | None) -> None:
        super().__init__(cast("socket.socket", _Opened(sock, watch)), method=method)


class _Opened:
    """What `HTTPResponse` wants of a socket."""

    def __init__(self, sock: socket.socket, watch: Watch) -> None:
        self._sock, self._watch = sock, watch

    def makefile(self, _mode: str) -> _Reader:
        return _Reader(self._sock, self._watch)


class Plain(HTTPConnection):
    """A connection without TLS."""

    def __init__(
        self, host: str, port: int, *, watch: Watch, private: Collection[str], resolver: Resolve, seconds: float
    ) -> None:
        super().__init__(host, port)
        self.watch, self._private, self._resolver, self._seconds = watch, private, resolver, seconds
        self.response_class = self._answer  # type: ignore[assignment]  # called like a class, with `method` by name

    def connect(self) -> None:
        """Connect to an address that was judged. Raises OSError, and the errors of `connectors.net.allowed`."""
        addresses = allowed(self.host, self.port, self._private, self._resolver)
        self.sock = connect(addresses, self.port, min(self._seconds, self.watch.patience()))
        self.sock.settimeout(self.watch.patience())

    def drop_if_stale(self) -> None:
        """Close where the server has closed, or has sent what nobody asked for."""
        if self.sock is None:
            return
        waiting = select.poll()
        waiting.register(self.sock, select.POLLIN)
        if waiting.poll(0):
            self.close()

    def _answer(self, sock: socket.socket, method: str | None = None) -> _Answer:
        return _Answer(sock, self.watch, method)


class Secure(Plain):
    """A connection with TLS, the certificate checked against the host's name."""

    default_port = HTTPSConnection.default_port

    def connect(self) -> None:
        super().connect()
        bare = self.sock
        try:
            self.sock = _context().wrap_socket(bare, server_hostname=self.host)
        except BaseException:
            bare.close()
            self.sock = None  # http.client's own mark of "not connected"
            raise


def _context() -> ssl.SSLContext:
    """The system's certificate authorities; where there are none (a bare container), those of `certifi`."""
    context = ssl.create_default_context()
    folder = ssl.get_default_verify_paths().capath  # one that is read only when a server is met
    if not context.cert_store_stats()["x509_ca"] and not (folder and any(Path(folder).iterdir())):
        import certifi  # noqa: PLC0415  seldom needed

        context.load_verify_locations(certifi.where())
    return context
