"""The bytes of a message from what Graph says of it, so that it is read as the same message in a file would be. Pure.

Where Graph gives the header as it came, that counts; what was sent from this mailbox has none, and Graph's own
properties take its place. https://learn.microsoft.com/graph/api/resources/message
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from connectors.mime.addresses import mailboxes
from connectors.mime.headers import USED, parameters

_BOUNDARY = "=_amity"  # "_" is no sign of base64
# What the source says of its copy, and how its text is packed: here Graph says it, and not whoever sent the message.
_OURS = frozenset({
    b"content-type", b"content-transfer-encoding", b"content-disposition", b"status", b"x-status", b"x-mozilla-status",
    b"x-gmail-labels",
})  # fmt: skip
_PEOPLE = {
    b"from": "from", b"sender": "sender", b"to": "toRecipients", b"cc": "ccRecipients", b"bcc": "bccRecipients",
    b"reply-to": "replyTo",
}  # fmt: skip
# MS-OXPROPS: PidTagInternetReferences, PidTagInReplyToId.
THREAD = {b"references": "String 0x1039", b"in-reply-to": "String 0x1042"}
_NOBODY = "?@?"  # stands for an address that there is not; whose it is only the name beside it tells
_BREAKS = re.compile(r"[\r\n\0]+[ \t]*")
_METHODS = {
    "meetingrequest": "REQUEST", "meetingcancelled": "CANCEL", "meetingaccepted": "REPLY",
    "meetingtenativelyaccepted": "REPLY", "meetingtentativelyaccepted": "REPLY", "meetingdeclined": "REPLY",
}  # fmt: skip
_TYPES = {"eventmessagerequest": "REQUEST", "eventmessageresponse": "REPLY", "eventmessage": "CANCEL"}
_YEAR = 1971  # before it no mail was sent: year 1 is Microsoft's "never"


def raw_of(message: Mapping[str, Any]) -> bytes:
    """The message as RFC 5322 has it, in UTF-8."""
    given = dict(_given(message))
    lines = [
        f"{name.decode().title()}: {value}\r\n"
        for name in sorted(USED - _OURS)
        for value in _values(name, given, message)
    ]
    head = "".join(lines).encode("utf-8", "replace")
    return head + _body(message, given.get(b"content-type", []))


def received(row: Mapping[str, Any]) -> datetime | None:
    """When a message came, in whole seconds; None where Graph does not say so."""
    return _moment(row.get("receivedDateTime"))


def _given(message: Mapping[str, Any]) -> Iterator[tuple[bytes, list[str]]]:
    """The header as it came, by lower-case name; names that stand there twice with both values."""
    found: dict[bytes, list[str]] = {}
    entries = message.get("internetMessageHeaders")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("value"), str):
            name = str(entry.get("name", "")).strip().lower().encode("utf-8", "replace")
            found.setdefault(name, []).append(_BREAKS.sub(" ", entry["value"]))
    yield from found.items()


def _values(name: bytes, given: Mapping[bytes, list[str]], message: Mapping[str, Any]) -> list[str]:
    if name in _PEOPLE:
        values = [value for value in given.get(name, ()) if mailboxes(value.encode("utf-8", "replace"))]
        return values or _people(message.get(_PEOPLE[name]))
    if name in given:
        return given[name]
    if name == b"date":
        moment = _moment(message.get("sentDateTime")) or _moment(message.get("receivedDateTime"))
        return [format_datetime(moment)] if moment else []
    ours = _own(name, message)
    return [_BREAKS.sub(" ", ours)] if isinstance(ours, str) and ours else []


def _own(name: bytes, message: Mapping[str, Any]) -> object:
    """A property of Graph's that is a field of the header."""
    if name in THREAD:
        found = message.get("singleValueExtendedProperties")
        entries = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
        return next((one.get("value") for one in entries if str(one.get("id")).lower() == THREAD[name].lower()), None)
    return {b"subject": message.get("subject"), b"message-id": message.get("internetMessageId")}.get(name)


def _people(value: object) -> list[str]:
    """An address list; one line, or none where there is nobody."""
    entries = value if isinstance(value, list) else [value]
    told = [one for one in map(_person, entries) if one]
    return [", ".join(told)] if told else []


def _person(entry: object) -> str:
    """`"Name" <address>`; of a name without an address of mail (X500 of a colleague who left, nothing) the name."""
    box = entry.get("emailAddress") if isinstance(entry, dict) else None
    if not isinstance(box, dict):
        return ""
    address = _BREAKS.sub("", str(box.get("address") or "")).strip(" <>")
    name = _BREAKS.sub(" ", str(box.get("name") or "")).strip()
    if "@" not in address or address.startswith("/"):
        name, address = name or address.rpartition("=")[2], _NOBODY
    if not name:
        return "" if address == _NOBODY else f"<{address}>"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{address}>'


def _body(message: Mapping[str, Any], came: list[str]) -> bytes:
    """The text, and the marks that the structure of the message had: an invitation, a report."""
    parts = [_text(message)]
    method = _method(message)
    if method:
        parts.append(f"Content-Type: text/calendar; method={method}\r\n\r\n\r\n".encode())
    kind, named = parameters((came[0] if came else "").encode("utf-8", "replace"))
    report = named.get(b"report-type", b"").decode("ascii", "replace") if kind == b"multipart/report" else ""
    outer = f"multipart/report; report-type={report}" if report.replace("-", "").isalnum() else "multipart/mixed"
    head = f'Content-Type: {outer}; boundary="{_BOUNDARY}"\r\n\r\n'.encode()
    inner = b"".join(b"--%s\r\n%s\r\n" % (_BOUNDARY.encode(), part) for part in parts)
    return head + inner + b"--%s--\r\n" % _BOUNDARY.encode()


def _text(message: Mapping[str, Any]) -> bytes:
    body = message.get("body")
    content, kind = (body.get("content"), body.get("contentType")) if isinstance(body, dict) else ("", "")
    text = content if isinstance(content, str) else ""
    named = "html" if str(kind).lower() == "html" else "plain"
    coded = base64.encodebytes(text.encode("utf-8", "replace"))
    return f"Content-Type: text/{named}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + coded


def _method(message: Mapping[str, Any]) -> str:
    """What a message says of a meeting, as iCalendar's METHOD; "" for a mail of its own."""
    said = str(message.get("meetingMessageType") or "").lower()
    if said in _METHODS:
        return _METHODS[said]
    return _TYPES.get(str(message.get("@odata.type", "")).rpartition(".")[2].lower(), "")


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    if found is None or found.year < _YEAR:
        return None
    whole = found if found.tzinfo else found.replace(tzinfo=UTC)
    return whole.astimezone(UTC).replace(microsecond=0)
