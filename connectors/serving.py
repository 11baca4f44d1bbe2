"""A few read-only pages on a port, for a monitor: GET alone, and never a word of who asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from events.errors import UsageError

_HERE = "127.0.0.1"
_SECONDS = 5.0  # a client that is silent for so long is let go


def place_of(text: str) -> tuple[str, int]:
    """`9464` (on this machine only) or `HOST:PORT`. Raises UsageError for anything else."""
    host, _, port = text.rpartition(":")
    if not port.isdigit() or not int(port) < 1 << 16:
        raise UsageError(f'"{text}" is no place to listen at: write 9464, for this machine only, or HOST:9464.')
    return host.strip("[]") or _HERE, int(port)


@contextmanager
def serving(text: str, kind: str, answer: Callable[[str], tuple[int, str]]) -> Iterator[int]:
    """Answer GET at a place (`place_of`) until the end of the context; the port. "" serves nothing.

    `answer` gives status and text for a path; `kind` is its Content-Type. Raises OSError where the port is taken.
    """
    if not text:
        yield 0
        return

    class Handler(BaseHTTPRequestHandler):
        timeout = _SECONDS

        def do_GET(self) -> None:
            status, body = answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Nothing: who asks is nobody's business."""

    server = ThreadingHTTPServer(place_of(text), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
