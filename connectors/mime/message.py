"""One raw message to one observation: pure, bounded, and deaf to whatever else the bytes may say."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from connectors.errors import ItemMalformed
from connectors.mime.addresses import KEPT, mailboxes
from connectors.mime.asking import asks
from connectors.mime.boxes import Standing, box_of, standing
from connectors.mime.charsets import header_text
from connectors.mime.counting import CLOSER_WORDS, body_hash, count_words, squeezed
from connectors.mime.dates import to_ms
from connectors.mime.headers import Head, read_head
from connectors.mime.kinds import classify
from connectors.mime.parts import read_body
from connectors.mime.quotes import new_text
from connectors.mime.saying import says
from events.envelope import NewEvent, revision_of, stream_of
from events.vocabulary import Mailbox, MessageObserved

_SUBJECT = 1_000  # characters kept
_REFERENCES = 50  # the last ones; a thread's root is found through the others
_LONGEST_ID = 500
_HASHED = 4 * 1024 * 1024  # bytes of body that recognise a message; a longer one is known by its beginning
_AT_ONCE = 64 * 1024  # of which fresh pages of memory need not be asked for
_ID = re.compile(r"<([^<>]{1,998}+)>")
_PREFIX = re.compile(
    r"(?:(?:re|fw|fwd|aw|wg|sv|vs|vb|antw|tr|rv|enc|res|rif|i|ynt|ilt|odp|pd|vá|továbbítás|回复|答复|转发|回覆|轉寄)"
    r"(?:\[\d{1,4}\]|\(\d{1,4}\)|\d{1,3})?[ \t]*+[:\uff1a][ \t]*+)++",
    re.IGNORECASE,
)
# Apple Mail (.emlx) writes the length on a line before the message and a property list behind it.
_LENGTH_LINE = re.compile(rb"(\d{1,10})[ \t]*+\r?\n(?=[!-9;-~]{1,100}:)")
_NOTES_ENTRY = b"CALENDAR ENTRY:"
_ESCAPED_FROM = re.compile(rb"^>++From ", re.MULTILINE)
_ADDRESSED = frozenset({b"from", b"sender", b"to", b"cc", b"bcc", b"subject", b"date", b"message-id"})


class MessageItem(NamedTuple):
    """A message ready for the log, or the reason why it is none of ours (`skip`; then there is no payload)."""

    payload: MessageObserved | None
    fingerprint: str = ""
    skip: str = ""


def translate(
    raw: bytes,
    *,
    source: str,
    where: str,
    folder: str = "",
    seen: bool | None = None,
    extra_box: str = "",
    quoted: bool = True,
) -> MessageItem:
    """The observation of one message as it was stored or sent: header, empty line, body.

    `folder` is the name of its folder or file, `seen` the source's own mark, `extra_box` the box that a flag says;
    `quoted` is False where it is known that no `>From ` stands in it.
    Reasons to skip: `not_mail`, `draft`, `chat`, `empty`. Raises ItemMalformed where there is no message at all;
    a broken field never costs the message.
    """
    raw = _message_itself(raw)
    if not raw:
        return MessageItem(None, skip="empty")
    head = read_head(raw)
    if not head.fields:
        raise ItemMalformed(f"{where}: this is no mail message (it has no header field that mail has); it was left out")
    if _ADDRESSED.isdisjoint(head.fields):
        return MessageItem(None, skip="not_mail")
    if box_of(folder) == "not_mail" or raw.startswith(_NOTES_ENTRY, _first_ink(raw, head.body_at)):
        return MessageItem(None, skip="not_mail")
    mark = standing(head, folder, seen, extra_box)
    if mark.box in {"draft", "chat"}:
        return MessageItem(None, skip=mark.box)
    payload = _observe(raw, head, mark, source=source, where=where)
    return MessageItem(payload, fingerprint(payload, raw, head.body_at, quoted=quoted))


def _message_itself(raw: bytes) -> bytes:
    """Without what stands before a message in a file of its own: a byte order mark, an mbox separator, a length."""
    if raw[:1].isalpha() and not raw.startswith(b"From "):
        return raw
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    if found := _LENGTH_LINE.match(raw):
        raw = raw[found.end() : found.end() + int(found[1])]
    if raw.startswith((b"From ", b">From ")):
        raw = raw[raw.find(b"\n") + 1 or len(raw) :]
    return raw


def to_event(item: MessageItem) -> NewEvent:
    """The event for the log: one stream per message whatever its folder, one revision per standing of a copy."""
    if item.payload is None:
        raise ValueError(item.skip)
    payload = item.payload
    return NewEvent(
        stream_of(payload.sent_ms, "message", item.fingerprint),
        _revision(payload.box if payload.box in {"trash", "spam"} else "", payload.seen, payload.labels),
        payload.sent_ms or 0,
        payload,
    )


@lru_cache(maxsize=256)
def _revision(box: str, seen: bool | None, labels: tuple[str, ...]) -> int:  # noqa: FBT001  three states
    return revision_of(repr((box, seen, labels)).encode())


def fingerprint(payload: MessageObserved, raw: bytes, body_at: int, *, quoted: bool = True) -> str:
    """32 hex digits that copies of a message share: instant, sender, bare subject, recipients, body squeezed.

    `quoted` is False where it is known that no `>From ` stands in it.
    """
    end = min(len(raw), body_at + _HASHED)
    if quoted and raw.find(b">From ", body_at, end) >= 0:
        raw = _ESCAPED_FROM.sub(b"From ", raw[body_at:end])
        body_at, end = 0, len(raw)
    natural = (
        str(payload.sent_ms),
        payload.sender.address if payload.sender else "",
        base_subject(payload.subject),
        *sorted({box.address for box in (*payload.to, *payload.cc, *payload.bcc)}),
    )
    found = blake2b("\0".join(natural).encode("utf-8", "replace"), digest_size=16)
    for at in range(body_at, end, _AT_ONCE):
        found.update(squeezed(raw[at : min(end, at + _AT_ONCE)]))
    return found.hexdigest()


@lru_cache(maxsize=4_096)
def base_subject(subject: str) -> str:
    """A subject without its Re, Fw, AW, 回复 … prefixes, lower case, white space squeezed."""
    subject = subject.strip()
    if found := _PREFIX.match(subject):
        subject = subject[found.end() :]
    return " ".join(subject.lower().split())


def _asks_above(subject: str) -> bool:
    """Whether a subject of the writer's own, and not that of an answer, is a question: "Lunch on Friday?"."""
    return ("?" in subject or "\uff1f" in subject) and _PREFIX.match(subject.lstrip()) is None and asks(subject)


def _is_prefixed(subject: str) -> bool:
    """Whether it may begin with "Re:": what begins nothing else says nothing in a word."""
    return ":" in subject or "\uff1a" in subject


def _first_ink(raw: bytes, at: int) -> int:
    while raw[at : at + 1] in {b"\n", b"\r", b" ", b"\t"}:
        at += 1
    return at


def _observe(raw: bytes, head: Head, mark: Standing, *, source: str, where: str) -> MessageObserved:
    actor = _single(head, b"sender")
    sender = _single(head, b"from") or actor
    to, cc, bcc, unlisted = _recipients(head)
    subject = header_text(head.first(b"subject"))[:_SUBJECT]
    body = read_body(raw, head)
    text = new_text(body.text)
    words = count_words(text)
    mentioned = _references(head)
    asking = (bool(words) and asks(text)) or (not mentioned and _asks_above(subject))
    kind, why = classify(head, body, sender.address if sender else "", subject)
    return MessageObserved(
        source=source,
        where=where,
        message_id=_message_id(head),
        sent_ms=to_ms(head.first(b"date")),
        sender=sender,
        actor=actor if actor and sender and actor.address != sender.address else None,
        reply_to=_list(head, b"reply-to")[:_REFERENCES],
        to=to,
        cc=cc,
        bcc=bcc,
        unlisted=unlisted,
        subject=subject,
        references=mentioned,
        words=words,
        body=body_hash(text),
        kind=kind,
        why=why,
        list_id=header_text(head.first(b"list-id"))[:_LONGEST_ID] if b"list-id" in head.fields else "",
        seen=mark.seen,
        box=mark.box,
        labels=mark.labels,
        asks=asking,
        closer=bool(words) and words <= CLOSER_WORDS and not asking,
        says=says(text, words) if not asking and (mentioned or _is_prefixed(subject)) else "",
    )


def _list(head: Head, name: bytes) -> tuple[Mailbox, ...]:
    value = head.fields.get(name)
    return mailboxes(value) if value else ()


def _single(head: Head, name: bytes) -> Mailbox | None:
    found = _list(head, name)
    return found[0] if found else None


def _recipients(head: Head) -> tuple[tuple[Mailbox, ...], tuple[Mailbox, ...], tuple[Mailbox, ...], int]:
    """To, Cc and Bcc, at most `KEPT` mailboxes together, and the number of those that are not among them."""
    to, cc, bcc = _list(head, b"to"), _list(head, b"cc"), _list(head, b"bcc")
    found = len(to) + len(cc) + len(bcc)
    if found > KEPT:
        to = to[:KEPT]
        cc = cc[: KEPT - len(to)]
        bcc = bcc[: KEPT - len(to) - len(cc)]
    return to, cc, bcc, head.lost + max(0, found - KEPT)


def _message_id(head: Head) -> str:
    value = header_text(head.first(b"message-id"))
    found = _ID.search(value)
    return (found[1] if found else value.strip("<> "))[:_LONGEST_ID]


def _references(head: Head) -> tuple[str, ...]:
    """References, then In-Reply-To, oldest first, each once."""
    values = head.first(b"references"), head.first(b"in-reply-to")
    if not values[0] and not values[1]:
        return ()
    ids = _ID.findall(header_text(b" ".join(values)))
    return tuple(dict.fromkeys([one[:_LONGEST_ID] for one in ids[-4 * _REFERENCES :]]))[-_REFERENCES:]
