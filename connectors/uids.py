"""The UID of a meeting in the one spelling under which every source shows it. Pure."""

from __future__ import annotations

import re
from datetime import date

UID_CHARS = 1000

# Outlook's GlobalObjectId (MS-OXOCAL 2.2.1.27) as hexadecimal digits: its class, then year, month and day of a changed
# instance, times and zeros, the length of the data; of meetings that Outlook did not make, the data is their UID.
_GLOBAL_ID = re.compile(r"040000008200E00074C5B7101A82E008(?:[0-9A-F]{2}){24,}", re.IGNORECASE)
_DATE, _DATA, _FOREIGN = slice(16, 20), 40, b"vCal-Uid\x01\x00\x00\x00"


def meeting_uid(text: str) -> str:
    """The UID, "" where it is missing: host names have no case, and Outlook wraps those of others in ids of its own.

    Google's `…_R20260921T080000@google.com` (what follows when a series was changed from some day on) stays a UID of
    its own, as Google and all invited see it: both parts have a rule, and one UID has only one.
    """
    uid = text.strip()[:UID_CHARS]
    if _GLOBAL_ID.fullmatch(uid):
        return _global_id(bytearray.fromhex(uid))
    local, at, host = uid.rpartition("@")
    return f"{local}@{host.lower()}" if at else uid


def _global_id(data: bytearray) -> str:
    foreign = data[_DATA:]
    if foreign.startswith(_FOREIGN):
        return meeting_uid(foreign.removeprefix(_FOREIGN).rstrip(b"\0").decode("utf-8", "replace"))
    data[_DATE] = bytes(4)
    return data.hex().upper()


def instance_day(text: str) -> str:
    """The day of the series on which an instance is that Outlook has by itself, `2026-09-22`; "" for anything else."""
    uid = text.strip()[:UID_CHARS]
    if not _GLOBAL_ID.fullmatch(uid):
        return ""
    year, month, day = int(uid[32:36], 16), int(uid[36:38], 16), int(uid[38:40], 16)
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""
