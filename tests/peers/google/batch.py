"""Gmail's batch endpoint: requests as parts, each answered with a status of its own, charged one by one
(https://developers.google.com/workspace/gmail/api/guides/batch)."""

from __future__ import annotations

import http
from email.message import Message
from email.parser import BytesParser

from tests.peers.google.dispatch import Request, api, json_answer
from tests.peers.google.failures import ApiError
from tests.peers.google.faults import Answer
from tests.peers.google.world import Asked, World

MOST = 100
_BOUNDARY = "batch_fake"


def batch(world: World, request: Request) -> Answer:
    head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n".encode()
    parsed = BytesParser().parsebytes(head + request.body)
    parts = parsed.get_payload()
    if not isinstance(parts, list):
        return _refused("Failed to parse batch request, error: 0 items.")
    if len(parts) > MOST:
        return _refused("The batch request contains too many items.")
    world.asked.append(Asked("gmail.batch", request.verb, request.target, world.clock.now(), 200))
    pieces = [_piece(world, part, request) for part in parts if isinstance(part, Message)]
    body = b"".join(b"--%s\r\n%s\r\n" % (_BOUNDARY.encode(), piece) for piece in pieces)
    body += b"--%s--\r\n" % _BOUNDARY.encode()
    return Answer(200, {"Content-Type": f"multipart/mixed; boundary={_BOUNDARY}"}, body)


def _piece(world: World, part: Message, outer: Request) -> bytes:
    content = part.get_payload(decode=True)
    first, _, rest = (content if isinstance(content, bytes) else b"").partition(b"\n")
    verb, target, *_ = first.decode().split()
    inner = BytesParser().parsebytes(rest)
    headers = {
        "authorization": outer.headers.get("authorization", ""),
        **{name.lower(): value for name, value in inner.items() if name.lower() != "accept-encoding"},
    }
    answer = api(world, Request(verb, target, headers, b""))
    lines = [
        "Content-Type: application/http", f"Content-ID: <response-{str(part.get('Content-ID', '')).strip('<>')}>", "",
        f"HTTP/1.1 {answer.status} {http.HTTPStatus(answer.status).phrase}",
        *(f"{name}: {value}" for name, value in answer.headers.items()), f"Content-Length: {len(answer.body)}", "", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode() + answer.body


def _refused(message: str) -> Answer:
    return json_answer(400, ApiError(400, "badRequest", message).body("gmail"))
