"""Modified UTF-7, in which IMAP writes the names of mailboxes (RFC 3501, section 5.1.3)."""

from __future__ import annotations

import binascii
import re

_SHIFTED = re.compile(rb"&([A-Za-z0-9+,]*+)-")
_CONTROLS = dict.fromkeys((*range(32), *range(127, 160)), "\ufffd")
_SURROGATES = re.compile("[\ud800-\udfff]")


def decoded(name: bytes) -> str:
    """What people call the mailbox. Garbage stays as it stands: a name is never a reason to leave mail unread."""
    try:
        text = "".join(_pieces(name))
    except UnicodeDecodeError:
        text = name.decode("utf-8", "replace")  # servers with UTF-8 names, which they should not have here
    return _SURROGATES.sub("\ufffd", text.translate(_CONTROLS))


def _pieces(name: bytes) -> list[str]:
    found, at = [], 0
    for match in _SHIFTED.finditer(name):
        found += [name[at : match.start()].decode(), _shifted(match[1]) if match[1] else "&"]
        at = match.end()
    return [*found, name[at:].decode()]


def _shifted(data: bytes) -> str:
    try:
        raw = binascii.a2b_base64(data.replace(b",", b"/") + b"=" * (-len(data) % 4))
        return raw.decode("utf-16-be")
    except (binascii.Error, UnicodeDecodeError):
        return f"&{data.decode()}-"
