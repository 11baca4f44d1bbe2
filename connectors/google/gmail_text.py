"""The bytes of a message from what Gmail gives: as they were sent, or its parts put together, or the header alone.

Of a large message the parts are read without attachments, which are empty then, as over IMAP: it is joined to its
copies by Message-ID and sender.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from connectors.mime.headers import parameters, read_head

_DEPTH, _PARTS = 50, 500  # of parts within parts; no honest mail has more
# Gmail decodes encoded words: what was one name, `=?utf-8?q?M=C3=BCller=2C_Jo?=`, then has a comma in it.
_ADDRESSED = frozenset({"from", "sender", "reply-to", "to", "cc", "bcc"})
_NAME_WITH_COMMA = re.compile(r"(^|,)[ ]*+([^\",<>@]++(?:,[^\",<>@]++)++)(?=<)")
_ENCODING = "content-transfer-encoding"
_CHARSET = re.compile(r"charset\s*+=\s*+(?:\"[^\"]*+\"|[^;\s]*+)", re.IGNORECASE)
_BREAKS = re.compile(r"[\r\n]+[ \t]*")


def raw_of(text: object) -> bytes | None:
    """The message from `raw`, base64url; None where it is none."""
    return _decoded(text) if isinstance(text, str) and text else None


def from_payload(payload: object) -> bytes | None:
    """The message from `payload` of the formats full and metadata; None where there is no header."""
    if not isinstance(payload, dict) or not _headers(payload):
        return None
    budget = [_PARTS]
    return _part(payload, _DEPTH, budget)


def _part(part: Mapping[str, Any], depth: int, budget: list[int]) -> bytes:
    budget[0] -= 1
    content = _content(part)
    lines = []
    for name, value in _headers(part):
        if name.lower() == _ENCODING:
            continue
        if name.lower() in _ADDRESSED:
            lines.append(f"{name}: {_NAME_WITH_COMMA.sub(_quoted, value)}\r\n".encode("utf-8", "replace"))
            continue
        said = _charset(value, content) if name.lower() == "content-type" and content is not None else value
        lines.append(f"{name}: {said}\r\n".encode("utf-8", "replace"))
    head = b"".join(lines)
    if content is not None:
        coded = base64.encodebytes(content).replace(b"\n", b"\r\n")
        return head + b"Content-Transfer-Encoding: base64\r\n\r\n" + coded
    return head + b"\r\n" + _inner(part, head, depth, budget)


def _inner(part: Mapping[str, Any], head: bytes, depth: int, budget: list[int]) -> bytes:
    """The parts within a part, between its own boundaries."""
    kind, named = parameters(read_head(head).first(b"content-type"))
    boundary = named.get(b"boundary", b"").rstrip() if kind.startswith(b"multipart/") else b""
    children = part.get("parts")
    if not isinstance(children, list) or depth == 0:
        return b""
    inner = [_part(one, depth - 1, budget) for one in children if isinstance(one, dict) and budget[0] > 0]
    if not boundary:
        return b"".join(inner[:1])  # message/rfc822
    return b"".join((*(b"--%s\r\n%s\r\n" % (boundary, one) for one in inner), b"--%s--\r\n" % boundary))


def _quoted(found: re.Match[str]) -> str:
    return f'{found[1]} "{found[2].strip()}" '


def _headers(part: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = part.get("headers")
    named = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return [(str(one.get("name", "")), _BREAKS.sub(" ", str(one.get("value", "")))) for one in named]


def _content(part: Mapping[str, Any]) -> bytes | None:
    body = part.get("body")
    data = body.get("data") if isinstance(body, dict) else None
    return _decoded(data) if isinstance(data, str) else None


def _charset(kind: str, content: bytes) -> str:
    """The type of a text, with UTF-8 where that is what Gmail made of it."""
    if content.isascii() or not kind.lower().startswith("text/"):
        return kind
    try:
        content.decode()
    except UnicodeDecodeError:
        return kind
    named, count = _CHARSET.subn("charset=utf-8", kind)
    return named if count else f"{kind}; charset=utf-8"


def _decoded(text: str) -> bytes | None:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
