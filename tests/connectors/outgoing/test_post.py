"""One POST at a real HTTP server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from connectors.outgoing import NotSent
from connectors.outgoing.post import post


class Hook:
    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes, str]] = []
        self.status: int | None = 200
        self.location = ""
        self.url = ""


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.taken.append((self.path, body, self.headers.get("Title", "")))
            if hook.status is None:
                self.connection.close()
                return
            self.send_response(hook.status)
            if hook.location:
                self.send_header("Location", hook.location)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hook.url = f"http://127.0.0.1:{server.server_port}/topic"
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()


def test_it_is_posted_once(hook: Hook) -> None:
    begun: list[int] = []
    post(hook.url, b"words", {"Title": "Week"}, lambda: begun.append(len(hook.taken)))
    assert (begun, hook.taken) == ([0], [("/topic", b"words", "Week")])


@pytest.mark.parametrize("status", [302, 400, 500])
def test_an_answer_that_is_no_yes_was_surely_no_delivery(hook: Hook, status: int) -> None:
    hook.status, hook.location = status, "http://127.0.0.1:1/elsewhere"
    with pytest.raises(NotSent, match=f"answered {status}"):
        post(hook.url, b"words", {}, lambda: None)
    assert len(hook.taken) == 1


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_that_got_no_answer_leaves_it_open(hook: Hook, status: int) -> None:
    hook.status = status
    with pytest.raises(OSError, match="not known"):
        post(hook.url, b"words", {}, lambda: None)


def test_no_answer_leaves_it_open(hook: Hook) -> None:
    hook.status = None
    with pytest.raises(requests.ConnectionError):
        post(hook.url, b"words", {}, lambda: None)


def test_nobody_there_was_surely_no_delivery() -> None:
    with pytest.raises(NotSent, match="cannot be reached"):
        post("http://127.0.0.1:1/", b"words", {}, lambda: None)


def test_nothing_leaves_this_machine_in_the_clear() -> None:
    with pytest.raises(NotSent, match="https"):
        post("http://ntfy.example.org/x", b"words", {}, lambda: pytest.fail("it was begun"))


def test_a_header_cannot_be_broken_into_two(hook: Hook) -> None:
    with pytest.raises(requests.exceptions.InvalidHeader):
        post(hook.url, b"words", {"Title": "a\r\nX-Other: b"}, lambda: None)
    assert hook.taken == []
