"""A stored mail as Gmail shows it: headers unfolded and decoded, parts with ids, attachments by reference."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Collection
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from typing import Any

from tests.peers.google.mailbox import Stored

_SNIPPET = 200


def message(stored: Stored, form: str, names: Collection[str], *, snippet: bool) -> dict[str, Any]:
    """`form`: minimal, metadata, full or raw. `names`: metadataHeaders, in any case; none: all."""
    shown: dict[str, Any] = {
        "id": stored.id,
        "threadId": stored.thread,
        "sizeEstimate": len(stored.raw),
        "historyId": str(stored.history),
        "internalDate": str(stored.received),
    }
    if stored.labels:
        shown["labelIds"] = sorted(stored.labels)
    if snippet:
        shown["snippet"] = _snippet(stored.raw)
    if form == "raw":
        shown["raw"] = urlsafe_b64encode(stored.raw).decode()
    elif form == "metadata":
        wanted = {name.lower() for name in names}
        kept = [each for each in headers(stored.headers) if not wanted or each["name"].lower() in wanted]
        shown["payload"] = {"mimeType": stored.headers.get_content_type(), **({"headers": kept} if kept else {})}
    elif form == "full":
        shown["payload"] = part(BytesParser().parsebytes(stored.raw), "")
    return shown


def headers(parsed: Message) -> list[dict[str, str]]:
    return [{"name": name, "value": _decoded(str(value))} for name, value in parsed.items()]


def part(parsed: Message, number: str) -> dict[str, Any]:
    """MessagePart. Ids are the place in the tree: "", "0", "0.1"."""
    shown: dict[str, Any] = {
        "partId": number,
        "mimeType": parsed.get_content_type(),
        "filename": parsed.get_filename() or "",
        "headers": headers(parsed),
    }
    inner = parsed.get_payload()
    if isinstance(inner, list):
        shown["body"] = {"size": 0}
        shown["parts"] = [
            part(each, f"{number}.{index}".lstrip(".")) for index, each in enumerate(inner) if isinstance(each, Message)
        ]
        return shown
    content = _content(parsed)
    shown["body"] = {"size": len(content)}
    if shown["filename"]:
        shown["body"]["attachmentId"] = f"ANGjdJ{number}"
    elif content:
        shown["body"]["data"] = urlsafe_b64encode(content).decode()
    return shown


def attachment(stored: Stored, identity: str) -> bytes | None:
    found = _find(BytesParser().parsebytes(stored.raw), "", identity.removeprefix("ANGjdJ"))
    return None if found is None else _content(found)


def _find(parsed: Message, number: str, wanted: str) -> Message | None:
    if number == wanted and not parsed.is_multipart():
        return parsed
    inner = parsed.get_payload()
    for index, each in enumerate(inner if isinstance(inner, list) else []):
        if isinstance(each, Message) and (found := _find(each, f"{number}.{index}".lstrip("."), wanted)):
            return found
    return None


def _content(parsed: Message) -> bytes:
    content = parsed.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _decoded(value: str) -> str:
    unfolded = " ".join(value.replace("\r", "\n").split("\n")).strip()
    try:
        return str(make_header(decode_header(unfolded)))
    except (ValueError, LookupError):
        return unfolded


def _snippet(raw: bytes) -> str:
    for each in BytesParser().parsebytes(raw).walk():
        if each.get_content_type() == "text/plain":
            return " ".join(_content(each).decode("utf-8", "replace").split())[:_SNIPPET]
    return ""
