"""A meeting's UID in one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.uids import UID_CHARS, meeting_uid

CLASS = "040000008200E00074C5B7101A82E008"


def global_id(data: bytes, date: bytes = bytes(4)) -> str:
    """Outlook's id around some data."""
    return CLASS + (date + bytes(16) + len(data).to_bytes(4, "little") + data).hex().upper()


@pytest.mark.parametrize(
    ("text", "uid"),
    [
        (" abc@google.com ", "abc@google.com"),
        ("ABC-def@Example.ORG", "ABC-def@example.org"),
        ("no-host", "no-host"),
        ("abc_R20260921T080000@google.com", "abc_R20260921T080000@google.com"),
        (global_id(b"vCal-Uid\1\0\0\0abc@GOOGLE.com\0"), "abc@google.com"),
        (global_id(b"vCal-Uid\1\0\0\0{A-B}\0").lower(), "{A-B}"),
        (global_id(b"0123456789abcdef"), global_id(b"0123456789abcdef")),
        (global_id(b"0123456789abcdef", b"\x07\xea\x09\x15"), global_id(b"0123456789abcdef")),
        (CLASS, CLASS),
        ("", ""),
    ],
)
def test_the_uid(text: str, uid: str) -> None:
    assert meeting_uid(text) == uid


@given(st.text(max_size=2 * UID_CHARS))
def test_once_is_enough(text: str) -> None:
    uid = meeting_uid(text)
    assert meeting_uid(uid) == uid
    assert len(uid) <= UID_CHARS * 2
