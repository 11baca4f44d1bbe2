"""Exchange's UIDs: global object ids in hexadecimal ([MS-OXOCAL] 2.2.1.27)."""

from __future__ import annotations

import hashlib
from datetime import date

_CLASS = bytes.fromhex("040000008200E00074C5B7101A82E008")
_FOREIGN = b"vCal-Uid\x01\0\0\0"


def goid(uid: str, day: date | None = None) -> str:
    """`uid`: of another calendar system, kept inside; "own:…" is Exchange's own. `day`: of one occurrence."""
    data = hashlib.sha256(uid.encode()).digest()[:16] if uid.startswith("own:") else _FOREIGN + uid.encode() + b"\0"
    when = day.year.to_bytes(2, "big") + bytes([day.month, day.day]) if day else b"\0\0\0\0"
    return (_CLASS + when + b"\0" * 16 + len(data).to_bytes(4, "little") + data).hex().upper()
