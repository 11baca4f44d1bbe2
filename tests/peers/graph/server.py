"""The fake on a loopback port: HTTP/1.1, one thread a connection, answers written byte by byte as scripted."""

from __future__ import annotations

import socket
import struct
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.peers.graph import dispatch, sign_in
from tests.peers.graph.call import Request
from tests.peers.graph.faults import Answer
from tests.peers.graph.world import World
from tests.peers.post import Letter, Postman

_RST = struct.pack("ii", 1, 0)  # SO_LINGER on, for no time: close() sends RST


class Graph:
    """`url`: http://127.0.0.1:port; Graph lies below /v1.0, the authority below /{tenant}."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.world = world
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self._postman = Postman(self._letters, world.pushing.post.deliver)

    def _letters(self) -> list[Letter]:
        with self.world.lock:
            return self.world.pushing.letters()

    def close(self) -> None:
        self._postman.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


@contextmanager
def serving(world: World | None = None) -> Iterator[Graph]:
    """A mistake of the fake itself fails the test at the end."""
    graph = Graph(world or World())
    try:
        yield graph
    finally:
        graph.close()
    if graph.world.crashes:
        raise RuntimeError("\n".join(graph.world.crashes))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    world: World

    def shutdown_request(self, request: Any) -> None:
        """A connection that is to end with RST says no FIN before."""
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(_RST)) == _RST:
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        names = {name.lower() for name in self.headers}
        headers = {name: ", ".join(self.headers.get_all(name, [])) for name in names}
        self._send(self._answer(Request(self.command, self.path, headers, body)))

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_GET  # noqa: N815  names of http.server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name of http.server
        """Nothing: the world keeps what was asked."""

    def _answer(self, request: Request) -> Answer:
        """The lock is not held while the answer is late: so requests are in flight together."""
        world = self.server.world
        ours = sign_in.is_ours(request)
        with world.lock:
            mailbox = "" if ours else dispatch.mailbox_of(world, request)
            faults = world.faults.of(request.verb, sign_in.path_of(request) if ours else dispatch.path_of(request))
            world.throttle.enter(mailbox)
        try:
            if delay := world.latency + sum(fault.delay for fault in faults):
                time.sleep(delay)
            with world.lock:
                answer = sign_in.answered if ours else dispatch.answered
                return answer(world, request, faults)
        except Exception:
            world.crashes.append(f"{request.verb} {request.target}\n{traceback.format_exc()}")
            raise
        finally:
            with world.lock:
                world.throttle.leave(mailbox)

    def _send(self, answer: Answer) -> None:
        length = len(answer.body) if answer.length is None else answer.length
        head = [f"HTTP/1.1 {answer.status} {_phrase(answer.status)}"]
        head += [f"{name}: {value}" for name, value in {**answer.headers, "Content-Length": str(length)}.items()]
        data = "\r\n".join([*head, "", ""]).encode() + (b"" if self.command == "HEAD" else answer.body)
        if answer.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST)
        self.wfile.write(data[: answer.cut])
        self.close_connection = self.close_connection or answer.cut is not None


def _phrase(status: int) -> str:
    """509 is not in the standard library's list."""
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Bandwidth Limit Exceeded"
