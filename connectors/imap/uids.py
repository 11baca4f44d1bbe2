"""Sets of UIDs as IMAP writes them: `1:4,7,9:12` (RFC 3501, sequence-set)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

_DIGITS = 10
HIGHEST = 2**32 - 1  # a UID is an unsigned number of 32 bits, never 0


class Range(NamedTuple):
    """All UIDs in [low, high], both included, as servers write them."""

    low: int
    high: int


def written(uids: Iterable[int]) -> bytes:
    """The shortest set that names exactly these UIDs."""
    ranges: list[list[int]] = []
    for uid in sorted(uids):
        if ranges and uid <= ranges[-1][1] + 1:
            ranges[-1][1] = uid
        else:
            ranges.append([uid, uid])
    return b",".join(b"%d" % low if low == high else b"%d:%d" % (low, high) for low, high in ranges)


def read(text: bytes | None) -> list[Range]:
    """The ranges of a set; what is no range is left out."""
    found = []
    for piece in (text or b"").split(b","):
        low, colon, high = piece.partition(b":")
        first, last = _uid(low), _uid(high if colon else low)
        if first and last:
            found.append(Range(min(first, last), max(first, last)))
    return found


def _uid(text: bytes) -> int:
    value = int(text) if text.isdigit() and len(text) <= _DIGITS else 0
    return value if value <= HIGHEST else 0


def size(ranges: Iterable[Range]) -> int:
    return sum(high - low + 1 for low, high in ranges)


def listed(ranges: Sequence[Range], most: int) -> list[int] | None:
    """Every UID of the ranges, each once, highest first; None where there are more than `most`."""
    if size(ranges) > most:
        return None
    return sorted({uid for low, high in ranges for uid in range(low, high + 1)}, reverse=True)
