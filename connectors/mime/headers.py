"""The header block of a message: only the fields we use, each cut at a length that no honest mail needs."""

from __future__ import annotations

import re
from typing import NamedTuple

FIELD_CAP = 64 * 1024  # bytes of one field that are read (facts on hostile mail, H1)
_BLOCK = 1024 * 1024  # bytes of header that are split at once; longer headers are read block by block
_BLOCKS = 64

_USED = frozenset(
    b"from sender to cc bcc reply-to subject date message-id references in-reply-to return-path received "
    b"content-type content-transfer-encoding content-disposition content-class mime-version "
    b"list-id list-post list-unsubscribe list-unsubscribe-post list-archive mailing-list x-mailing-list x-beenthere "
    b"x-list x-loop precedence feedback-id x-campaign x-campaignid x-campaign-id x-mc-user x-mailgun-sid x-sg-eid "
    b"x-csa-complaints x-mailer x-report-abuse auto-submitted x-autoreply x-autorespond x-autoresponder "
    b"x-auto-response-suppress x-failed-recipients x-cron-env x-github-reason "
    b"status x-status x-mozilla-status x-gmail-labels x-keywords x-folder x-spam-flag "
    b"apparently-to resent-from".split()
)
_SPELLED = {name.title(): name for name in _USED} | {name: name for name in _USED} | {
    b"Message-ID": b"message-id", b"MIME-Version": b"mime-version", b"List-ID": b"list-id", b"CC": b"cc", b"X-list": b"x-list",
    b"List-post": b"list-post", b"List-unsubscribe": b"list-unsubscribe", b"List-archive": b"list-archive",
    b"Message-id": b"message-id", b"Content-type": b"content-type", b"X-BeenThere": b"x-beenthere",
}  # fmt: skip
_NEXT_FIELD = re.compile(rb"\n(?![ \t])")
_END = re.compile(rb"\r?\n\r?\n")
_LONGEST_NAME = max(map(len, _USED))


class Head(NamedTuple):
    """Fields by lower-case name, in order of appearance, unfolded; `lost`: commas in what was cut from To, Cc, Bcc."""

    fields: dict[bytes, list[bytes]]
    body_at: int
    lost: int
    names: int  # fields seen, used or not

    def first(self, name: bytes) -> bytes:
        """The first value of a field, stripped; b"" where there is none."""
        found = self.fields.get(name)
        return found[0].strip() if found else b""


def read_head(raw: bytes, start: int = 0, end: int | None = None) -> Head:
    """Scan the header block of raw[start:end]; the body begins at `body_at`, an offset into `raw`."""
    stop, body_at = _block_end(raw, start, len(raw) if end is None else end)
    fields: dict[bytes, list[bytes]] = {}
    lost = names = 0
    for _ in range(_BLOCKS):
        cut = min(stop, start + _BLOCK)
        following = cut
        if cut < stop:
            found = _NEXT_FIELD.search(raw, cut, stop)
            following = found.end() if found else stop
        last, count = _collect(raw[start:cut], fields)
        names += count
        if following > cut and last in {b"to", b"cc", b"bcc"}:
            lost += raw.count(b",", cut, following)
        start = following
        if start >= stop:
            break
    return _capped(fields, body_at, lost, names)


def _block_end(raw: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the header block stops and where the body begins."""
    if raw[start : start + 1] == b"\n":
        return start, start + 1
    if raw[start : start + 2] == b"\r\n":
        return start, start + 2
    at = raw.find(b"\n\n", start, end)
    if raw.find(b"\r", start, start + 1000) < 0 and at >= 0:
        return at, at + 2
    found = _END.search(raw, start, end)
    return (found.start(), found.end()) if found else (end, end)


def _collect(block: bytes, fields: dict[bytes, list[bytes]]) -> tuple[bytes, int]:
    """Add a block's fields to `fields`; the last field's name and how many lines looked like fields."""
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    block = block.replace(b"\n\t", b" ").replace(b"\n ", b" ")
    count, name, key = 0, b"", None
    for line in block.split(b"\n"):
        name, colon, value = line.partition(b":")
        if not colon:
            continue
        count += 1
        key = _SPELLED.get(name)
        if key is None and len(name) <= _LONGEST_NAME + 2:
            name = name.rstrip().lower()
            key = name if name in _USED else None
        if key is not None:
            if key in fields:
                fields[key].append(value)
            else:
                fields[key] = [value]
    return key or b"", count


def _capped(fields: dict[bytes, list[bytes]], body_at: int, lost: int, names: int) -> Head:
    for name, values in fields.items():
        for place, value in enumerate(values):
            if len(value) > FIELD_CAP:
                if name in {b"to", b"cc", b"bcc"}:
                    lost += value.count(b",", value.rfind(b",", 0, FIELD_CAP) + 1)
                    values[place] = value[: value.rfind(b",", 0, FIELD_CAP) + 1] or value[:FIELD_CAP]
                else:
                    values[place] = value[:FIELD_CAP]
    return Head(fields, body_at, lost, names)


_PARAMETER = re.compile(rb";\s*+([A-Za-z0-9*_-]{1,40}+)\s*+=\s*+(?:\"((?:[^\"\\]|\\.)*+)\"?|([^;\s]*+))", re.DOTALL)


def parameters(value: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """`text/plain; charset="x"` as (b"text/plain", {b"charset": b"x"}); the first of each name counts."""
    kind = value.partition(b";")[0].strip().lower()
    found: dict[bytes, bytes] = {}
    for match in _PARAMETER.finditer(value[:4096]):
        found.setdefault(match[1].lower(), match[3] if match[2] is None else match[2].replace(b"\\", b""))
    return kind, found
