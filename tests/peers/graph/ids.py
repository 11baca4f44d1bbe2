"""Ids as Exchange makes them: opaque, case-sensitive, long. Those of messages, events and contacts change when the item
moves, unless the request asks for immutable ones."""

from __future__ import annotations

import hashlib
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode

_DEFAULT = "AQMkADAwATNiZmYAZC1kNWUyLTM3YWMtMDACLTAwCgBGAAADzP-6Ram7CE_Oe1kNz0jifwcA"
_IMMUTABLE = "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A"
_OCCURRENCE = "AAMkAGI1AAAoZDOFAVEA"


def default(kind: str, key: int, place: str, epoch: int) -> str:
    """`place`: where the item lies and how often it came there; `epoch`: how often the mailbox moved."""
    return _DEFAULT + _hash(f"{kind} {key} {place} {epoch}") + "AAAA="


def immutable(kind: str, key: int, epoch: int) -> str:
    return _IMMUTABLE + _hash(f"{kind} {key} {epoch} for good") + "AAAA="


def container(kind: str, key: int, epoch: int) -> str:
    return _DEFAULT + _hash(f"container {kind} {key} {epoch}") + "="


def occurrence(master: str, day: str) -> str:
    """Holds the id of its series and its day, so that it can be found again."""
    return _OCCURRENCE + urlsafe_b64encode(f"{master} {day}".encode()).decode()


def series_of(identity: str) -> tuple[str, str] | None:
    """(the id of the series, the day) of an occurrence."""
    if not identity.startswith(_OCCURRENCE):
        return None
    try:
        master, _, day = urlsafe_b64decode(identity.removeprefix(_OCCURRENCE)).decode().partition(" ")
    except ValueError:
        return None
    return master, day


def change_key(kind: str, key: int, number: int) -> str:
    return b64encode(hashlib.sha256(f"{kind} {key} {number}".encode()).digest()[:20]).decode()


def _hash(text: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:30]).decode()
