"""A real web server on loopback that publishes one calendar, as the test wants it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BEGIN = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\nX-WR-CALNAME:Team\r\n"
END = "END:VCALENDAR\r\n"


def vevent(uid: str, day: str, *lines: str, hour: int = 10) -> str:
    """One entry of an hour on `day` (20270301), with further lines."""
    start, end = f"DTSTART:{day}T{hour:02}0000Z", f"DTEND:{day}T{hour + 1:02}0000Z"
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", start, end, f"SUMMARY:{uid}", *lines, "END:VEVENT", ""])


class Publisher:
    """`text` is what it publishes; `asked` the methods and conditions it was asked with."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.raw: bytes | None = None
        self.entries: list[str] = []
        self.status = 200
        self.etags = True
        self.headers: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []

    @property
    def body(self) -> bytes:
        return self.raw if self.raw is not None else (BEGIN + "".join(self.entries) + END).encode()

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'


@contextmanager
def publisher() -> Iterator[Publisher]:
    """A running server; its calendar stands at `url`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            condition = self.headers.get("If-None-Match", "")
            made.asked.append((self.command, condition))
            same = made.etags and condition == made.etag
            body = b"" if same else made.body
            self.send_response(304 if same else made.status)
            self.send_header("Content-Length", str(len(body)))
            for name, value in made.headers.items():
                self.send_header(name, value)
            if made.etags:
                self.send_header("ETag", made.etag)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made = Publisher(f"http://127.0.0.1:{server.server_address[1]}/team.ics")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
