"""As much of HTTP/1.1 as a notification needs (RFC 9112): one request, whole and small, or none. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

HEAD, BODY = 16_384, 262_144  # bytes: a token of a few thousand letters, and some hundred notifications in one
_HEADERS = 64  # lines
_FIRST = re.compile(rb"([A-Z]{3,10}) (/[!-~]{0,8000}) HTTP/1\.[01]")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}):[ \t]*([\t -~\x80-\xff]*)")
_ONCE = frozenset({"host", "authorization", "content-length", "transfer-encoding"})
_LENGTH = re.compile(r"[0-9]{1,10}")


class Request(NamedTuple):
    """`path` and `query` as they came; `headers` by names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""


class Answer(NamedTuple):
    """What is said, in plain text."""

    status: int
    text: str = ""


class Bad(Exception):
    """No request that is answered: the status says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def head_of(data: bytes) -> Request:
    """What stands before the body, up to the empty line. Raises Bad."""
    first, *lines = data.removesuffix(b"\r\n\r\n").split(b"\r\n")
    found = _FIRST.fullmatch(first)
    if found is None:
        raise Bad(400)
    if len(lines) > _HEADERS:
        raise Bad(431)
    headers: dict[str, str] = {}
    for line in lines:
        field = _FIELD.fullmatch(line)
        if field is None:
            raise Bad(400)
        name, value = field[1].decode().lower(), field[2].decode("latin-1").strip()
        if name in headers and (name in _ONCE or name.startswith("x-goog-")):
            raise Bad(400)  # what two readers could read in two ways is read by none (RFC 9112, 11.2)
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    path, _, query = found[2].decode().partition("?")
    return Request(found[1].decode(), path, query, headers)


def length_of(request: Request) -> int:
    """How long the body is. Raises Bad where that is not said, or it is too long."""
    said = request.headers.get("content-length", "")
    if "transfer-encoding" in request.headers or (said and not _LENGTH.fullmatch(said)):
        raise Bad(411)
    length = int(said or 0)
    if length > BODY:
        raise Bad(413)
    return length


_WORDS = {
    200: "OK", 202: "Accepted", 204: "No Content", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
    408: "Request Timeout", 411: "Length Required", 413: "Content Too Large", 431: "Request Header Fields Too Large",
    500: "Internal Server Error", 503: "Service Unavailable",
}  # fmt: skip


_HARMLESS = (
    "X-Content-Type-Options: nosniff", "Cache-Control: no-store", "Content-Security-Policy: default-src 'none'",
)  # fmt: skip


def written(answer: Answer) -> bytes:
    """An answer on the wire; nothing in it is more than text, whatever a browser may think."""
    body = answer.text.encode()
    head = [f"HTTP/1.1 {answer.status} {_WORDS[answer.status]}", "Connection: close"]
    if answer.status != 204:  # noqa: PLR2004  RFC 9110, 8.6
        head += ["Content-Type: text/plain; charset=utf-8", f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, *_HARMLESS, "", ""]).encode() + body
