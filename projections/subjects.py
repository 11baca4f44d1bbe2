"""Subjects of mail without the prefixes that programs put before them."""

from __future__ import annotations

import re

# Reply and forward prefixes as mail programs of several languages write them, with an optional count: `Re[2]:`.
_REPLY = "re|aw|sv|vs|antw|ant|odp|res|ref|rif|回复|答复|回覆|ответ"
_FORWARD = "fw|fwd|wg|tr|rv|enc|vl|pd|i|vb|doorst|转发|轉寄"
_PREFIX = re.compile(rf"\s*(?:({_REPLY})|{_FORWARD})\s*(?:[\[(]\d+[\])])?\s*[:：]\s*", re.IGNORECASE)  # noqa: RUF001  the colon that Chinese programs write
_MARKED = frozenset(":：")  # noqa: RUF001  likewise


def bare(subject: str) -> tuple[str, bool]:
    """Give (the subject without prefixes, case and runs of white space; whether its first prefix says "reply")."""
    if _MARKED.isdisjoint(subject):
        return " ".join(subject.casefold().split()), False
    at, is_reply, first = 0, False, True
    while match := _PREFIX.match(subject, at):
        if first:
            is_reply, first = match.group(1) is not None, False
        at = match.end()
    return " ".join(subject[at:].casefold().split()), is_reply


def is_forward(subject: str) -> bool:
    """Whether the first prefix of a subject says that the mail was passed on."""
    match = _PREFIX.match(subject)
    return match is not None and match.group(1) is None
