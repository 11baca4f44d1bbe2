"""A server that writes down what it is asked, whatever it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Told:
    """`redirect`: (status, path) of the answer to what is asked first; `hang_up`: no answer at all."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[tuple[str, str]] = []
        self.redirect: tuple[int, str] | None = None
        self.hang_up = False


@contextmanager
def answering() -> Iterator[Told]:
    told = Told()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append((self.command, self.path))
            if told.hang_up:
                self.close_connection = True
                return
            status, place = told.redirect if told.redirect and len(told.asked) == 1 else (200, "")
            self.send_response(status)
            if place:
                self.send_header("Location", place)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815  names of http.server

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name of http.server
            """Nothing: `asked` has it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
