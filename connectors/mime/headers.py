"""The header block of a message: only the fields we use, each cut at a length that no honest mail needs."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product

import msgspec

FIELD_CAP = 64 * 1024  # bytes of one field that are read (facts on hostile mail, H1)
_BLOCK = 512 * 1024  # bytes of header that are split at once; longer headers are read block by block
_BLOCKS = 4

_START = 4
USED = frozenset(
    b"from sender to cc bcc reply-to subject date message-id references in-reply-to return-path "
    b"content-type content-transfer-encoding content-disposition content-class "
    b"list-id list-post list-unsubscribe list-unsubscribe-post mailing-list x-mailing-list x-beenthere x-list "
    b"list-subscribe list-archive list-owner "
    b"precedence feedback-id x-campaign x-campaignid x-campaign-id x-mc-user x-csa-complaints x-report-abuse "
    b"auto-submitted x-autoreply x-autorespond x-autoresponder x-failed-recipients x-cron-env "
    b"status x-status x-mozilla-status x-gmail-labels".split()
)
# The first four bytes of the used fields in every case: most lines of a header are none of ours, and go by these.
_ANY_BYTE = [bytes((byte,)) for byte in range(256)]
_MARKS = (b":", b" :", b"\t:", b"  ", b" \t", b"\t ", b"\t\t")  # RFC 5322, 4.5: blanks may stand before the colon
_STARTS = frozenset(
    bytes(letters) + rest
    for start in {(name + mark)[:_START] for name in USED for mark in _MARKS}
    for letters in product(*map(set, zip(start, start.upper(), strict=True)))
    for rest in (_ANY_BYTE if len(start) < _START else (b"",))
) | {b"To:", b"Cc:", b"to:", b"cc:"}
_JOINED = frozenset({b"to", b"cc", b"bcc", b"references", b"x-gmail-labels"})  # what may stand there more than once
RECIPIENTS = (b"to", b"cc", b"bcc")
_NEXT_FIELD = re.compile(rb"\n(?![ \t])")
_FOLD = re.compile(rb"\n[ \t]")
_LONGEST_NAME = max(map(len, USED)) + 2


class Head(msgspec.Struct, frozen=True):
    """Used fields by lower-case name, unfolded and stripped, the first of each; several To, Cc … are joined by commas.

    The body begins at `body_at`; `lost` is the number of addresses that were cut from To, Cc and Bcc.
    """

    fields: dict[bytes, bytes]
    body_at: int
    lost: int = 0

    def first(self, name: bytes) -> bytes:
        """The value of a field; b"" where there is none."""
        return self.fields.get(name, b"")


def read_head(raw: bytes, start: int = 0, end: int | None = None) -> Head:
    """Scan the header block of raw[start:end]."""
    stop, body_at = _block_end(raw, start, len(raw) if end is None else end)
    fields: dict[bytes, bytes] = {}
    if stop - start <= FIELD_CAP:
        block = raw[start:stop]
        _collect(_mended(block) if b"\r" in block else _FOLD.sub(b" ", block), fields)
        return Head(fields, body_at)
    lost = 0
    for _ in range(_BLOCKS):
        cut = min(stop, start + _BLOCK)
        found = _NEXT_FIELD.search(raw, cut, stop)
        following = found.end() if found and cut < stop else stop
        last = _canonical(_collect(_mended(raw[start:cut]), fields).partition(b":")[0])
        lost += _shortened(fields)
        if last in RECIPIENTS:
            lost += raw.count(b",", cut, following)
        start = following
        if start >= stop:
            break
    return Head(fields, body_at, lost)


def _block_end(raw: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the header block stops and where the body begins."""
    if raw.startswith((b"\n", b"\r\n"), start, end):
        return start, raw.find(b"\n", start) + 1
    first_line = raw.find(b"\n", start, end)
    if raw[first_line - 1 : first_line] == b"\r":
        at = raw.find(b"\n\r\n", start, end)
        return (at + 1, at + 3) if at >= 0 else (end, end)
    at = raw.find(b"\n\n", start, end)
    return (at, at + 2) if at >= 0 else (end, end)


@lru_cache(maxsize=4096)
def _canonical(name: bytes) -> bytes:
    """The used name that `name` spells; b"" for any other."""
    name = name.rstrip().lower() if len(name) <= _LONGEST_NAME else b""
    return name if name in USED else b""


def _mended(block: bytes) -> bytes:
    """A block with LF alone, unfolded; CR and LF by turns make empty lines in it, behind which a tab folds too."""
    block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return block.replace(b"\n\t", b" ").replace(b"\n ", b" ")


def _collect(block: bytes, fields: dict[bytes, bytes]) -> bytes:
    """Add an unfolded block's used fields to `fields`; the line of its last field, used or not."""
    lines = block.split(b"\n")
    repeated: list[tuple[bytes, bytes]] = []
    for name, colon, value in [line.partition(b":") for line in lines if line[:_START] in _STARTS]:
        used = _canonical(name)
        if used and colon:
            if used not in fields:
                fields[used] = value.strip()
            elif used in _JOINED:
                repeated.append((used, value.strip()))
    for used in {used for used, _ in repeated}:
        fields[used] = b", ".join((fields[used], *(value for name, value in repeated if name == used)))
    return lines[-1]


def _shortened(fields: dict[bytes, bytes]) -> int:
    """Cut every field at `FIELD_CAP`, address lists at a comma; the number of addresses cut from To, Cc and Bcc."""
    lost = 0
    for name, value in fields.items():
        if len(value) > FIELD_CAP:
            end = value.rfind(b",", 0, FIELD_CAP) + 1 if name in RECIPIENTS else 0
            end = end or FIELD_CAP
            fields[name] = value[:end]
            lost += value.count(b",", end) + 1 if name in RECIPIENTS else 0
    return lost


_PARAMETER = re.compile(rb";\s*+([A-Za-z0-9*_-]{1,40}+)\s*+=\s*+(?:\"((?:[^\"\\]|\\.)*+)\"?|([^;\s]*+))", re.DOTALL)


@lru_cache(maxsize=1024)
def parameters(value: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """`text/plain; charset="x"` as (b"text/plain", {b"charset": b"x"}); the first of each name counts. Read only."""
    kind = value.partition(b";")[0].strip().lower()
    found: dict[bytes, bytes] = {}
    for match in _PARAMETER.finditer(value[:4096]):
        found.setdefault(match[1].lower(), match[3] if match[2] is None else match[2].replace(b"\\", b""))
    return kind, found
