"""Marks of standing that are written into a message: only what keeps a message writes them, never who sent it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from connectors.mime.headers import read_head

# What `connectors.mime.boxes` believes: Takeout's labels, and the flags of mbox files.
_MARKS = re.compile(rb"^(?=(?:x-gmail-labels|status|x-status|x-mozilla-status)[ \t]*:)", re.IGNORECASE | re.MULTILINE)


def from_server(raw: bytes, labels: Iterable[str] | None = None) -> bytes:
    """A message as a server sent it, without what its sender wrote in the place of such marks.

    With `labels` it begins with the header field that stands in a Takeout of the same account.
    """
    end = read_head(raw).body_at
    head = raw[:end]
    if _MARKS.search(head):
        raw = _MARKS.sub(b"X-Sent-", head) + raw[end:]
    return raw if labels is None else b"X-Gmail-Labels: %s\r\n%s" % (", ".join(labels).encode(), raw)
