"""A message as the resource type `message` has it, made from its bytes
(https://learn.microsoft.com/graph/api/resources/message)."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, getaddresses
from typing import Any, NamedTuple

from tests.peers.graph.counter import stamp

Json = dict[str, Any]
_PREFIX = re.compile(r"^\s*(?:re|fwd?|aw|wg)\s*:\s*", re.IGNORECASE)
ONLY_SELECTED = ("internetMessageHeaders", "uniqueBody")
BODIES = ("body", "bodyPreview", "uniqueBody", "attachments", "extensions")
PREVIEW = 255


class Sample(NamedTuple):
    raw: bytes
    body: Json


def sample(key: int, to: str, when: datetime) -> Sample:
    """A short mail, when a test does not care; not parsed, so that a mailbox of 50,000 is made in seconds."""
    headers = {
        "From": f"Sender {key} <sender{key % 7}@example.org>", "To": to, "Subject": f"Message {key}",
        "Date": format_datetime(when), "Message-ID": f"<message-{key}@example.org>",
    }  # fmt: skip
    text = f"This is message {key}.\r\n"
    raw = "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + f"\r\n{text}"
    author = person(f"sender{key % 7}@example.org", f"Sender {key}")
    body = _whole(headers, when, stamp(when), text) | {
        "from": author, "sender": author, "toRecipients": [person(to)], "subject": headers["Subject"],
        "internetMessageId": headers["Message-ID"],
    }  # fmt: skip
    return Sample(raw.encode(), body)


def person(address: str, name: str = "") -> Json:
    """A recipient."""
    return {"emailAddress": {"name": name or address, "address": address}}


def x500(name: str) -> Json:
    """A recipient of the same organisation, or who left it, without an SMTP address."""
    group = "/O=EXCHANGELABS/OU=EXCHANGE ADMINISTRATIVE GROUP (FYDIBOHF23SPDLT)/CN=RECIPIENTS"
    return person(f"{group}/CN={hashlib.md5(name.encode(), usedforsecurity=False).hexdigest().upper()}-{name}", name)


def message_of(raw: bytes, received: datetime) -> Json:
    mail = BytesParser(policy=policy.default).parsebytes(raw)
    text, kind = _text(mail)
    who = {name: _people(mail, name) for name in ("From", "Sender", "To", "Cc", "Bcc", "Reply-To")}
    author = who["From"][:1]
    written = {"sender": (who["Sender"] or author)[0], "from": author[0]} if author else {}  # drafts may have none
    return {
        **_whole({name: str(value) for name, value in mail.items()}, received, _sent(mail, received), text, kind),
        "hasAttachments": any(True for _ in mail.iter_attachments()) if mail.is_multipart() else False,
        "internetMessageId": str(mail.get("Message-ID", "")).strip(), "subject": str(mail.get("Subject", "")),
        **written, "toRecipients": who["To"], "ccRecipients": who["Cc"], "bccRecipients": who["Bcc"],
        "replyTo": who["Reply-To"],
        "internetMessageHeaders": [{"name": name, "value": str(value)} for name, value in mail.items()],
    }  # fmt: skip


def _whole(headers: Mapping[str, str], received: datetime, sent: str, text: str, kind: str = "text") -> Json:
    """Every property, empty where the people and the subject come."""
    thread = _thread(headers)
    return {
        "createdDateTime": stamp(received), "lastModifiedDateTime": stamp(received), "categories": [],
        "receivedDateTime": stamp(received), "sentDateTime": sent, "hasAttachments": False,
        "bodyPreview": re.sub(r"<[^>]+>|\s+", " ", text).strip()[:PREVIEW], "importance": "normal",
        "conversationId": "AQQkADAwATNiZmYAZC1kNWUyLTM3YWMtMDACLTAwCgAQA" + b64encode(thread).decode(),
        "conversationIndex": b64encode(b"\x01\x01" + thread).decode(), "isDeliveryReceiptRequested": None,
        "isReadReceiptRequested": False, "isRead": False, "isDraft": False, "inferenceClassification": "focused",
        "body": {"contentType": kind, "content": text}, "uniqueBody": {"contentType": kind, "content": text},
        "toRecipients": [], "ccRecipients": [], "bccRecipients": [], "replyTo": [],
        "flag": {"flagStatus": "notFlagged"},
        "internetMessageHeaders": [{"name": name, "value": value} for name, value in headers.items()],
    }  # fmt: skip


def meeting_type(kind: str) -> str:
    """The derived type of a message with this meetingMessageType."""
    if kind in ("", "none"):
        return "#microsoft.graph.message"
    if kind in ("meetingAccepted", "meetingTenativelyAccepted", "meetingDeclined"):
        return "#microsoft.graph.eventMessageResponse"
    return "#microsoft.graph.eventMessageRequest" if kind == "meetingRequest" else "#microsoft.graph.eventMessage"


def _text(mail: EmailMessage) -> tuple[str, str]:
    part = mail.get_body(("html", "plain"))
    if part is None:
        return "", "text"
    try:
        content = str(part.get_content())
    except (LookupError, KeyError):
        return "", "text"
    return content, "html" if part.get_content_subtype() == "html" else "text"


def _people(mail: EmailMessage, header: str) -> list[Json]:
    found = getaddresses([str(each) for each in mail.get_all(header, [])])
    return [person(address, name) for name, address in found if address]


def _sent(mail: EmailMessage, received: datetime) -> str:
    written = getattr(mail.get("Date"), "datetime", None)
    return stamp(written if isinstance(written, datetime) and written.tzinfo else received)


def _thread(headers: Mapping[str, str]) -> bytes:
    """A conversation is what shares its first message, or else its subject."""
    first = re.findall(r"<[^<>\s]+>", f"{headers.get('References', '')} {headers.get('In-Reply-To', '')}")
    subject = headers.get("Subject", "")
    while match := _PREFIX.match(subject):
        subject = subject[match.end() :]
    name = first[0] if first else headers.get("Message-ID", "").strip() or subject
    return hashlib.sha256(name.encode()).digest()[:18]
