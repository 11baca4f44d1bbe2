"""The fake on a loopback port: HTTP/1.1, one thread a connection, answers written byte by byte as scripted."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.peers.google.batch import batch
from tests.peers.google.dispatch import Request, api, json_answer
from tests.peers.google.failures import ApiError
from tests.peers.google.faults import Answer, Fault
from tests.peers.google.oauth import OAuthError
from tests.peers.google.pushing import CERTS, signer
from tests.peers.google.world import Asked, World
from tests.peers.post import Letter, Postman

_RST = struct.pack("ii", 1, 0)  # SO_LINGER on, for no time: close() sends RST
_PATHS = {"/o/oauth2/v2/auth": "oauth.auth", "/token": "oauth.token", "/revoke": "oauth.revoke"}


class Google:
    """`url`: http://127.0.0.1:port. The APIs lie below it as below their own hosts: /gmail/v1, /calendar/v3, /v1."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.world = world
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.auth_uri, self.token_uri = f"{self.url}/o/oauth2/v2/auth", f"{self.url}/token"
        self.revoke_uri = f"{self.url}/revoke"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self._postman = Postman(self._letters, world.pushing.post.deliver)
        self.certs = f"{self.url}{CERTS}"

    def _letters(self) -> list[Letter]:
        with self.world.lock:
            return self.world.pushing.letters(self.world)

    def client_secrets(self) -> dict[str, Any]:
        """The file that the console gives for a desktop application."""
        client, secret = next(iter(self.world.oauth.clients.items()))
        return {
            "installed": {
                "client_id": client, "client_secret": secret, "project_id": "amity-test", "auth_uri": self.auth_uri,
                "token_uri": self.token_uri, "redirect_uris": ["http://localhost"],
            }
        }  # fmt: skip

    def close(self) -> None:
        self._postman.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


@contextmanager
def serving(world: World | None = None) -> Iterator[Google]:
    google = Google(world or World())
    try:
        yield google
    finally:
        google.close()


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
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, body)
        with self.server.world.lock:
            answer = answered(self.server.world, request)
        self._send(answer)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_GET  # noqa: N815  names of http.server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name of http.server
        """Nothing: the world keeps what was asked."""

    def _send(self, answer: Answer) -> None:
        length = len(answer.body) if answer.length is None else answer.length
        head = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
        head += [f"{name}: {value}" for name, value in {**answer.headers, "Content-Length": str(length)}.items()]
        data = "\r\n".join([*head, "", ""]).encode() + (b"" if self.command == "HEAD" else answer.body)
        if answer.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST)
        self.wfile.write(data[: answer.cut])
        self.close_connection = self.close_connection or answer.cut is not None


def answered(world: World, request: Request) -> Answer:
    url = urlsplit(request.target)
    if url.path == "/batch" or url.path.startswith("/batch/"):  # the discovery document has the first, the guide more
        return batch(world, request)
    if url.path == CERTS:
        world.fetched += 1
        published = {signer().name: signer().certificate, **world.certificates}
        return json_answer(200, published, {"Cache-Control": "public, max-age=19800"})
    if url.path not in _PATHS:
        return api(world, request)
    name = _PATHS[url.path]
    scripted = world.faults.of(name)
    try:
        for fault in scripted:
            if fault.before:
                fault.before()
        answer = _oauth(world, name, request)
    except OAuthError as error:
        answer = json_answer(error.status, error.body)
    except ApiError as error:
        answer = json_answer(error.status, {"error": error.reason, "error_description": error.message}, error.headers)
    answer = _scripted(answer, scripted)
    world.asked.append(Asked(name, request.verb, url.path, world.clock.now(), answer.status))
    return answer


def _oauth(world: World, name: str, request: Request) -> Answer:
    if name == "oauth.auth":
        status, where = world.oauth.consent(dict(parse_qsl(urlsplit(request.target).query)))
        if status == HTTPStatus.FOUND:
            return Answer(status, {"Location": where}, b"")
        return Answer(status, {"Content-Type": "text/html; charset=UTF-8"}, where.encode())
    if request.verb != "POST":
        return json_answer(405, {"error": "invalid_request", "error_description": "Method Not Allowed"})
    form = dict(parse_qsl(request.body.decode()))
    if name == "oauth.token":
        return json_answer(200, world.oauth.token(form))
    world.oauth.revoke(form.get("token") or dict(parse_qsl(urlsplit(request.target).query)).get("token", ""))
    return json_answer(200, {})


def _scripted(answer: Answer, faults: list[Fault]) -> Answer:
    for fault in faults:
        if fault.body and answer.body:
            answer = answer._replace(body=json.dumps(fault.body(json.loads(answer.body))).encode())
        answer = fault.wire(answer) if fault.wire else answer
    return answer
