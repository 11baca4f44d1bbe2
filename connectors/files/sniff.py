"""What a file is: by its first bytes, then by its name. Names are translated and endings get lost; bytes are not."""

from __future__ import annotations

import codecs
import re
from enum import Enum
from pathlib import PurePath

from connectors.files.mbox import is_mbox

HEAD_BYTES = 32 << 10
MBOX_BYTES = 4 << 10


class Kind(Enum):
    """The kinds of files that are read."""

    MBOX = "mbox"
    MAILDIR = "maildir"  # one message of a Maildir: known by its folder, never by its bytes
    MESSAGE = "eml"
    CALENDAR = "ics"
    CARDS = "vcf"
    TABLE = "table"
    ZIP = "takeout"


# gzip, bzip2, xz, 7z, rar: unpacking them is the person's, who knows what is in them
COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07")
_BY_ENDING = {
    ".mbox": Kind.MBOX, ".mbx": Kind.MBOX, ".eml": Kind.MESSAGE, ".emlx": Kind.MESSAGE, ".ics": Kind.CALENDAR,
    ".ical": Kind.CALENDAR, ".icalendar": Kind.CALENDAR, ".vcf": Kind.CARDS, ".vcard": Kind.CARDS,
}  # fmt: skip
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # with members; without any
_BEGIN = re.compile(rb"BEGIN:(VCALENDAR|VCARD)[ \t]*(?:\r|\n|$)", re.IGNORECASE)
_BEGIN_LINE = re.compile(rb"(?:^|[\r\n])BEGIN:(VCALENDAR|VCARD)[ \t]*[\r\n]", re.IGNORECASE)
_EMLX_LENGTH = re.compile(rb"\A\d{1,10}[ \t]*\r?\n")  # Apple Mail writes it before a message
_HEADER = re.compile(rb"([!-9;-~]{1,60})[ \t]*:[^\r\n]*(?:\r\n|\n|\r|$)(?:[ \t][^\r\n]*(?:\r\n|\n|\r|$))*")
_DECIDES = frozenset(
    {b"received", b"return-path", b"message-id", b"delivered-to", b"mime-version", b"dkim-signature"}
)
_SPEAKS_FOR = frozenset({b"from", b"to", b"cc", b"subject", b"date", b"sender", b"reply-to", b"content-type"})
_HEADERS_READ = 30
_TEXT_BYTES = bytes(range(32, 256)) + b"\t\r\n"


def kind_of(head: bytes, name: str) -> Kind | None:
    """The kind of the file that begins with `head` (`HEAD_BYTES`, or all of it); None for none of ours."""
    text = _plain(head)
    return _by_content(head, text) or _by_name(head, text, PurePath(name).suffix.lower())


def _by_content(head: bytes, text: bytes) -> Kind | None:
    if head.startswith(_ZIP):
        return Kind.ZIP
    begun = _BEGIN.match(text)
    if begun:
        return _begun(begun)
    if is_mbox(text[:MBOX_BYTES]):
        return Kind.MBOX
    if _is_message(_EMLX_LENGTH.sub(b"", text, count=1)):
        return Kind.MESSAGE
    return Kind.TABLE if _is_text(head) and _is_table(head) else None


def _is_table(head: bytes) -> bool:
    from connectors.contacts_csv import table_of  # noqa: PLC0415  a folder of mail is read without it

    return table_of(head) is not None


def _by_name(head: bytes, text: bytes, ending: str) -> Kind | None:
    if ending == ".msg" and head and _is_text(head):  # Outlook's own .msg is binary
        return Kind.MESSAGE
    inside = _BEGIN_LINE.search(text)  # behind lines that do not belong there
    by_name = _BY_ENDING.get(ending)
    if by_name is Kind.CALENDAR and head and b"BEGIN:" not in text.upper():
        return None  # a log-in page that was saved as a calendar
    return by_name or (_begun(inside) if inside else None)


def _begun(found: re.Match[bytes]) -> Kind:
    return Kind.CARDS if found[1].upper() == b"VCARD" else Kind.CALENDAR


def _plain(head: bytes) -> bytes:
    """The text without byte order mark, UTF-16 and leading blank lines."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.decode("utf-16", "replace").encode("utf-8", "replace")
    return head.removeprefix(codecs.BOM_UTF8).lstrip(b"\r\n\t ")


def _is_message(text: bytes) -> bool:
    """Whether it begins with mail headers: one that only mail has, or two that mail always has."""
    speaking: set[bytes] = set()
    at = 0
    for _ in range(_HEADERS_READ):
        header = _HEADER.match(text, at)
        if header is None:
            return False
        name = header[1].lower()
        if name in _DECIDES:
            return True
        speaking |= {name} & _SPEAKS_FOR
        if len(speaking) > 1:
            return True
        at = header.end()
    return False


def _is_text(head: bytes) -> bool:
    """Whether the head holds no control bytes; zeros are allowed, since UTF-16 has them in every other place."""
    sample = head[:512]
    return len(sample.translate(None, _TEXT_BYTES)) <= sample.count(0) <= len(sample) * 0.6
