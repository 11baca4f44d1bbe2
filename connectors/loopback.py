"""Where the browser comes back to (RFC 8252, 7.3): one page on 127.0.0.1, shown once, then nothing listens any more."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_HERE = "127.0.0.1"
_PATH = "/"
_READ_SECONDS = 10.0
_PAGE = (
    "<!doctype html><meta charset=utf-8><title>Amity</title><p>{} has answered. You can close this window and go back"
    " to the terminal."
)


class Landing:
    """Listens on a free port until `close`; the first answer counts.

    `provider` is whom the page names; `host`: how the provider wants this machine to be called.
    """

    def __init__(self, provider: str, host: str = _HERE) -> None:
        self._page, self._host = _PAGE.format(provider).encode(), host
        self._came = threading.Event()
        self._query = ""
        self._server = ThreadingHTTPServer((_HERE, 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://{self._host}:{self._server.server_address[1]}{_PATH}"

    def wait(self, seconds: float) -> str | None:
        """The query of the redirect; None where none came in time."""
        return self._query if self._came.wait(seconds) else None

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _take(self, query: str) -> bool:
        if self._came.is_set():
            return False
        self._query = query
        self._came.set()
        return True

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        landing = self

        class Handler(BaseHTTPRequestHandler):
            timeout = _READ_SECONDS

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                ours = parts.path == _PATH and bool(parts.query) and landing._take(parts.query)
                body = landing._page if ours else b""
                self.send_response(200 if ours else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.send_header("Referrer-Policy", "no-referrer")
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's; it would show the code
                pass

        return Handler
